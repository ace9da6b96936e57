/* A guard in words, wherever its lane is named; nothing foreign of it reaches a screen as it came. */
#include "tests/golden/world_canaries.h"
#include "tests/golden/world_evidence.h"
#include "tests/golden/world_fill.h"

#include "base/text.h"
#include "core/view/canary.h"
#include "core/view/guard.h"
#include "store/guards.h"

#define HOURS_MS INT64_C(3600000)

static const struct when now = { WORLD_NOW };

static int setup(void **state)
{
	struct world *w = x_alloc(sizeof(*w));
	world_open(w);
	world_fill(w, WORLD_NORMAL, 4000);
	world_evidence(w, WORLD_NORMAL, 4000);
	world_canary(w, WORLD_NORMAL, 4000);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	world_close(w);
	free(w);
	return 0;
}

static struct canary_guard guard_of(enum guard_state state)
{
	return (struct canary_guard){ .lane = "gov/prod",
				      .release = "v2.15.0",
				      .may = GUARD_MAY_ROLLBACK,
				      .armed_by = "ana@bastion (octo-ana)",
				      .armed = { WORLD_NOW - HOURS_MS },
				      .deadline = { WORLD_NOW + HOURS_MS },
				      .needed = 1,
				      .of = 1,
				      .state = (int)state,
				      .reason = "err_rate 2.31 over 1.00",
				      .would = "rollback to v2.14.0",
				      .nonce = "n" };
}

static void put(struct world *w, const struct canary_guard *g)
{
	struct err e = ERR_INIT;
	if (store_guards_put(w->store, g, 1, &e) < 0)
		fail_msg("%s", e.message);
}

static struct guard_row the_row(struct world *w)
{
	struct guard_rows rows = { 0 };
	struct err e = ERR_INIT;
	assert_int_equal(view_guards(&rows, w->store, "gov/prod", now, &w->a, &e), 0);
	assert_int_equal(rows.n, 1);
	return rows.items[0];
}

static void every_state_has_its_words(void **state)
{
	static const struct {
		enum guard_state state;
		const char *words, *brief;
		bool up;
	} cases[] = {
		{ GUARD_ARMED, "guard of ana until 15:02Z: rolls back when a judgement fails", "guard ana",
		  true },
		{ GUARD_ACTING, "guard of ana acts: err_rate 2.31 over 1.00", "guard acts", true },
		{ GUARD_ACTED, "guard of ana acted: err_rate 2.31 over 1.00", "guard acted", false },
		{ GUARD_STOOD_DOWN, "guard of ana stood down: err_rate 2.31 over 1.00", "guard stood-down",
		  false },
		{ GUARD_EXPIRED, "guard of ana expired: err_rate 2.31 over 1.00", "guard expired", false },
		{ GUARD_OVERTAKEN, "guard of ana is overtaken: err_rate 2.31 over 1.00", "guard overtaken",
		  false },
		{ GUARD_OTHER, "guard of ana is in a state that is not known", "guard other", false },
	};
	for (size_t i = 0; i < countof(cases); i++) {
		struct canary_guard g = guard_of(cases[i].state);
		put(*state, &g);
		struct guard_row row = the_row(*state);
		assert_string_equal(row.words, cases[i].words);
		assert_string_equal(row.brief, cases[i].brief);
		assert_int_equal(row.up, cases[i].up);
	}
}

static void what_it_may_and_when_is_said(void **state)
{
	struct canary_guard g = guard_of(GUARD_ARMED);
	g.may = GUARD_MAY_ABORT;
	g.needed = 3;
	g.of = 5;
	g.silence = true;
	put(*state, &g);
	assert_non_null(strstr(the_row(*state).words, "aborts the canary when 3 of 5 judgements fail or "
						      "three looks bring nothing"));
	g.may = GUARD_MAY_ALARM;
	put(*state, &g);
	assert_non_null(strstr(the_row(*state).words, "only says so"));
}

static void the_lane_the_header_and_the_canary_tell_of_it(void **state)
{
	static const struct canary_wish none = { .metric = -1 };
	struct world *w = *state;
	struct canary_guard g = guard_of(GUARD_ARMED);
	struct lane_rows lanes = { 0 };
	struct view_header h;
	struct canary_view v;
	struct err e = ERR_INIT;
	int told = 0;
	put(w, &g);
	assert_int_equal(view_lanes(&lanes, w->store, now, &w->a, &e), 0);
	vec_each (l, &lanes) {
		assert_int_equal(l->guard != NULL, !strcmp(l->name, "gov/prod"));
		told += l->guard != NULL;
	}
	assert_int_equal(told, 1);
	assert_int_equal(view_header(&h, w->store, now, &w->a, &e), 0);
	assert_int_equal(h.guards, 1);
	assert_int_equal(view_canary(&v, w->store, "gov/prod", &none, now, &w->a, &e), 0);
	assert_true(text_starts(v.guard, "guard of ana until"));
	g.state = GUARD_EXPIRED;
	put(w, &g);
	assert_int_equal(view_header(&h, w->store, now, &w->a, &e), 0);
	assert_int_equal(h.guards, 0);
	assert_int_equal(view_canary(&v, w->store, "gov/prod", &none, now, &w->a, &e), 0);
	assert_string_equal(v.guard, "");
}

/* `why` of the lane: what would stop it, and that it was overtaken. */
static void why_tells_of_it(void **state)
{
	struct world *w = *state;
	static const struct {
		enum guard_state state;
		const char *words; /* NULL: no line */
		int status;
	} cases[] = {
		{ GUARD_ARMED, "guard of ana until", CHECK_OK },
		{ GUARD_ACTING, "guard of ana acts", CHECK_UNCHECKED },
		{ GUARD_OVERTAKEN, "guard of ana is overtaken", CHECK_BAD },
		{ GUARD_EXPIRED, NULL, 0 },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct canary_guard g = guard_of(cases[i].state);
		struct why_rows rows = { 0 };
		const struct why_row *line = NULL;
		struct err e = ERR_INIT;

		put(w, &g);
		assert_int_equal(view_why(&rows, w->store, "gov/prod", now, &w->a, &e), 0);
		vec_each (row, &rows)
			if (text_starts(row->text, "guard of "))
				line = row;
		assert_int_equal(line != NULL, cases[i].words != NULL);
		if (!line)
			continue;
		assert_true(text_starts(line->text, cases[i].words));
		assert_int_equal(line->status, cases[i].status);
		assert_string_equal(line->fix, "pilothouse guard disarm gov/prod takes it away");
	}
}

static void hostile_words_are_made_safe(void **state)
{
	struct world *w = *state;
	struct canary_guard g = guard_of(GUARD_ACTING);
	struct buf out = BUF_INIT(65536);
	struct guard_rows rows = { 0 };
	struct err e = ERR_INIT;
	struct jw jw;
	g.reason = "\033]0;pwned\007 \xe2\x80\xae gnorw";
	g.armed_by = "\033[31mana\r";
	g.release = g.would = g.reason;
	put(w, &g);
	assert_int_equal(view_guards(&rows, w->store, NULL, now, &w->a, &e), 0);
	jw_init(&jw, &out);
	view_guards_json(&jw, &rows, now);
	for (size_t i = 0; i < out.n; i++)
		assert_true((unsigned char)out.s[i] >= 0x20);
	assert_null(strstr(out.s, "\xe2\x80\xae"));
	assert_true(text_is_safe(rows.items[0].words));
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_state_has_its_words, setup, teardown),
		cmocka_unit_test_setup_teardown(what_it_may_and_when_is_said, setup, teardown),
		cmocka_unit_test_setup_teardown(the_lane_the_header_and_the_canary_tell_of_it, setup,
						teardown),
		cmocka_unit_test_setup_teardown(why_tells_of_it, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile_words_are_made_safe, setup, teardown),
	};
	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
