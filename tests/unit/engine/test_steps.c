/* An act of several requests, cut anywhere: each request leaves once, nothing is forgotten, and a person takes it up again. */
#include "shop.h"

#include <signal.h>
#include <sys/resource.h>

#define REVERT "revert-pin shop/main --reason why --confirm shop/main"

static size_t times_sent(const struct rig *r, const char *line)
{
	size_t n = 0;

	for (size_t i = 0; i < r->g.sent_n; i++)
		n += !strcmp(r->g.sent[i], line);
	return n;
}

/* One branch, one file on it, one pull request; and no request that happened was sent a second time. */
static void check_world(struct rig *r, const char *what)
{
	size_t branches = 0;

	for (size_t i = 0; i < r->g.refs_n; i++)
		branches += text_starts(r->g.refs[i].name, "heads/pilothouse/");
	if (branches != 1 || r->g.pulls_n != 2)
		fail_msg("%s: %zu branches, %zu pull requests", what, branches, r->g.pulls_n);
	assert_string_equal(ground_file(&r->g, r->g.pulls[1].head, REGISTRY)->text,
			    PINS(DIGEST("b"), DIGEST("c")));
}

/* The request that was cut happened or not; the second try goes on from where the forge stands. */
static void cut(void **state, size_t at, bool happens, bool dies)
{
	struct rig *r;
	const char *what;
	bool last = at == 3;

	rig_teardown(state);
	shop_setup(state);
	r = *state;
	what = arena_printf(&r->a, "step %zu %s, %s", at, happens ? "happened" : "did not happen",
			    dies ? "engine dead" : "answer lost");
	r->g.fault_at = at;
	r->g.fault = ERR_UNKNOWN;
	r->g.fault_after = happens;
	r->g.dead = dies;
	rig_begin(r, REVERT);
	for (int i = 0; i < 1000 && r->g.sent_n < at; i++)
		loop_advance(r->loop, 20);
	if (dies)
		rig_crash(r);
	r->g.dead = false;
	assert_true(intent_is_open(rig_intent(r)->state));
	rig_pass(r, 800);
	assert_int_equal(r->g.sent_n, at); /* a look sends nothing */
	if (happens && last) {
		if (rig_intent(r)->state != INTENT_DONE)
			fail_msg("%s: %s", what, rig_intent(r)->note);
		check_world(r, what);
		return;
	}
	if (rig_intent(r)->state != INTENT_NOT_FOUND)
		fail_msg("%s: state %d, %s", what, rig_intent(r)->state, rig_intent(r)->note);
	assert_int_equal(rig_intent(r)->done, happens ? at : at - 1);
	assert_int_equal(rig_ask(r, "release-pr shop/main --confirm shop/main"), 1); /* no twin meanwhile */
	assert_string_equal(rig_str(r, "error.code"), "twin");
	if (rig_ask(r, REVERT) != 0)
		fail_msg("%s: the repeat: %s", what, r->text);
	check_world(r, what);
	for (size_t i = 0; i < r->g.sent_n; i++)
		if (times_sent(r, r->g.sent[i]) >
		    (!happens && !strcmp(r->g.sent[i], r->g.sent[at - 1]) ? 2u : 1u))
			fail_msg("%s: %s was sent %zu times", what, r->g.sent[i],
				 times_sent(r, r->g.sent[i]));
	assert_int_equal(rig_intent(r)->state, INTENT_DONE);
	assert_int_equal(rig_intent(r)->sends, 2);
}

static void cut_anywhere(void **state)
{
	for (size_t at = 1; at <= 3; at++) {
		cut(state, at, false, false);
		cut(state, at, true, false);
		cut(state, at, false, true);
		cut(state, at, true, true);
	}
}

static void a_refusal_half_way_is_said(void **state)
{
	struct rig *r = *state;

	r->g.fault_at = 2;
	r->g.fault = ERR_FORBIDDEN;
	assert_int_equal(rig_ask(r, REVERT), 3);
	assert_string_equal(rig_str(r, "state"), "not_found");
	assert_non_null(strstr(rig_str(r, "note"), "request 2 of 3 was refused"));
	assert_int_equal(rig_ask(r, REVERT), 0);
	check_world(r, "refused");
}

/* ... and the journal does not take it at that moment: it is written when the disk has room again. */
static void a_refusal_half_way_is_written_in_the_end(void **state)
{
	struct rig *r = *state;
	struct rlimit was, full;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	full = (struct rlimit){ .rlim_cur = 0, .rlim_max = was.rlim_max };
	r->g.fault_at = 2;
	r->g.fault = ERR_FORBIDDEN;
	rig_begin(r, REVERT);
	for (int i = 0; i < 1000 && r->g.sent_n < 2; i++)
		loop_advance(r->loop, 20);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	for (int i = 0; i < 1000 && !r->answers; i++)
		loop_advance(r->loop, 20);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(r->status, 3);
	rig_pass(r, 10);
	assert_int_equal(rig_intent(r)->state, INTENT_NOT_FOUND);
	assert_false(acts_busy(r->en->acts));
	assert_int_equal(rig_ask(r, REVERT), 0);
	check_world(r, "refused, and the disk full");
}

static void a_refusal_at_once_is_a_refusal(void **state)
{
	struct rig *r = *state;

	r->g.fault_at = 1;
	r->g.fault = ERR_FORBIDDEN;
	assert_int_equal(rig_ask(r, REVERT), 1);
	assert_string_equal(rig_str(r, "state"), "refused");
	assert_int_equal(rig_intent(r)->done, 0);
}

/* The world moved on between the cut and the repeat: that is another act, and the first must be closed by a person. */
static void what_is_not_the_same_is_no_repeat(void **state)
{
	struct rig *r = *state;

	r->g.fault_at = 1;
	r->g.fault = ERR_UNKNOWN;
	assert_int_equal(rig_ask(r, REVERT), 3);
	rig_pass(r, 800);
	ground_set_ref(&r->g, "heads/main", SHA("e"));
	ground_set_file(&r->g, SHA("e"), REGISTRY, PINS(DIGEST("a"), DIGEST("c")));
	assert_int_equal(rig_ask(r, REVERT), 1);
	assert_string_equal(rig_str(r, "error.code"), "twin");
	assert_int_equal(r->g.sent_n, 1);
	assert_int_equal(rig_ask(r, "abandon 1 --confirm shop/main"), 0);
	assert_int_equal(rig_ask(r, REVERT), 0);
}

/* ---- one request each -------------------------------------------------------------------------------------------------------- */

struct lost {
	const char *line;
	void (*make)(struct rig *r);
};

static void frozen_by_tag(struct rig *r)
{
	ground_set_ref(&r->g, "tags/frozen/all", MAIN);
}
static void frozen_by_label(struct rig *r)
{
	ground_pull(&r->g, 7)->labels = "red";
}
static void frozen_by_file(struct rig *r)
{
	ground_set_file(&r->g, "main", "state/freeze.json", "{\"freeze_mode\": true}");
}
static void release_open(struct rig *r)
{
	r->g.pulls[r->g.pulls_n++] = (struct pull){ .number = 8,
						    .title = "Promote",
						    .state = "open",
						    .head = "staging",
						    .head_sha = PINNED,
						    .base = "main",
						    .author = "ben",
						    .labels = "",
						    .mergeable = "clean" };
}
static void going_back(struct rig *r)
{
	r->g.behind = 1;
}

static const struct lost lost[] = {
	{ "release-pr shop/main --confirm shop/main", NULL },
	{ "release-pr shop/main --merge --confirm shop/main", release_open },
	{ "label 7 deploy-now --confirm shop/main", NULL },
	{ "freeze shop --reason red --confirm shop", NULL },
	{ "freeze shop --by label --reason red --confirm shop", NULL },
	{ "freeze shop --by file --reason red --confirm shop", NULL },
	{ "thaw shop --confirm shop", frozen_by_tag },
	{ "thaw shop --confirm shop", frozen_by_label },
	{ "thaw shop --confirm shop", frozen_by_file },
	{ "rollback shop/pack --reason why --confirm shop/pack", going_back },
};

/* It happened and the answer was lost: the look finds it. It did not happen: the look says so, and the repeat does it. */
static void a_lost_answer_is_found_out(void **state)
{
	for (size_t i = 0; i < 2 * countof(lost); i++) {
		const struct lost *l = &lost[i / 2];
		bool happens = i % 2;
		struct rig *r;
		int want;

		rig_teardown(state);
		shop_setup(state);
		r = *state;
		if (l->make)
			l->make(r);
		r->g.fault_at = 1;
		r->g.fault = ERR_UNKNOWN;
		r->g.fault_after = happens;
		if (rig_ask(r, l->line) != 3)
			fail_msg("%s: exit %d", l->line, r->status);
		rig_pass(r, 800);
		if (happens && text_starts(l->line, "rollback")) /* its run shows no nonce */
			assert_int_equal(rig_ask(r, "reconcile 1 --accept 9006"), 0);
		if (!happens && text_starts(l->line, "label")) { /* or it was set, and taken away again */
			assert_int_equal(rig_intent(r)->state, INTENT_UNKNOWN);
			assert_non_null(strstr(rig_intent(r)->note, "may have taken it away"));
			assert_int_equal(rig_ask(r, l->line), 3); /* no twin */
			assert_int_equal(r->g.sent_n, 1);
			assert_int_equal(rig_ask(r, "reconcile 1 --none"), 3);
		}
		want = !happens                           ? INTENT_NOT_FOUND
		       : text_starts(l->line, "rollback") ? INTENT_LINKED
							  : INTENT_DONE;
		if (rig_intent(r)->state != want)
			fail_msg("%s, %s: state %d, %s", l->line, happens ? "happened" : "did not happen",
				 rig_intent(r)->state, rig_intent(r)->note);
		assert_int_equal(r->g.sent_n, 1);
		if (!happens && rig_ask(r, l->line) != 0)
			fail_msg("%s again: %s", l->line, r->text);
		assert_int_equal(r->g.sent_n, happens ? 1 : 2);
	}
}

static void an_image_is_seen_before_it_counts(void **state)
{
	struct rig *r = *state;

	r->images.lost = true; /* accepted, and nothing moves */
	assert_int_equal(rig_ask(r, "retag shop/image " DIGEST("b") " --confirm shop/image"), 3);
	assert_string_equal(rig_str(r, "state"), "unknown");
	rig_pass(r, 800);
	assert_int_equal(rig_intent(r)->state, INTENT_NOT_FOUND);
	r->images.lost = false;
	assert_int_equal(rig_ask(r, "retag shop/image " DIGEST("b") " --confirm shop/image"), 0);
	assert_int_equal(r->images.puts, 2);
}

static void an_engine_that_died_finds_the_image(void **state)
{
	struct rig *r = *state;

	r->images.silent = true;
	rig_begin(r, "retag shop/image " DIGEST("b") " --confirm shop/image");
	for (int i = 0; i < 1000 && !r->images.puts; i++)
		loop_advance(r->loop, 20);
	r->images.silent = false;
	rig_crash(r);
	rig_pass(r, 5);
	assert_int_equal(rig_intent(r)->state, INTENT_DONE);
	assert_int_equal(r->images.puts, 1);
}

/* Another captain's pull request of the same branches: ours was none. */
static void anothers_is_not_ours(void **state)
{
	struct rig *r = *state;

	r->g.fault_at = 1;
	r->g.fault = ERR_UNKNOWN;
	assert_int_equal(rig_ask(r, "release-pr shop/main --confirm shop/main"), 3);
	release_open(r);
	r->g.pulls[1].created = clock_wall(&r->clock);
	rig_pass(r, 60);
	assert_int_equal(rig_intent(r)->state, INTENT_REFUSED);
	assert_non_null(strstr(rig_intent(r)->note, "#8 of ben was first"));
}

/* Somebody pushed to it and merged that: what was planned did not happen. */
static void anothers_head_is_not_ours(void **state)
{
	struct rig *r = *state;

	release_open(r);
	r->g.fault_at = 1;
	r->g.fault = ERR_UNKNOWN;
	assert_int_equal(rig_ask(r, "release-pr shop/main --merge --confirm shop/main"), 3);
	r->g.pulls[1].head_sha = SHA("9");
	r->g.pulls[1].merged = true;
	r->g.pulls[1].state = "closed";
	rig_pass(r, 60);
	assert_int_equal(rig_intent(r)->state, INTENT_REFUSED);
	assert_non_null(strstr(rig_intent(r)->note, "#8 was merged at 9999999"));
}

/* A request that no journal on disk knows of is not sent, also when others were sent before it. */
static void nothing_leaves_without_a_journal(void **state)
{
	struct rig *r = *state;

	rig_begin(r, REVERT);
	for (int i = 0; i < 1000 && r->g.sent_n < 1; i++)
		loop_advance(r->loop, 20);
	assert_int_equal(unlink(rig_path(r, "journal.db")), 0);
	for (int i = 0; i < 6000 && !r->answers; i++)
		loop_advance(r->loop, 20);
	assert_int_equal(r->status, 3);
	assert_string_equal(rig_str(r, "state"), "not_found");
	assert_non_null(
		strstr(rig_str(r, "error.message"), "request 2 of 3 was not sent: the journal's file"));
	assert_non_null(strstr(rig_str(r, "error.message"), "what came before it stands"));
	assert_int_equal(r->g.sent_n, 1);
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, shop_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(cut_anywhere),
		T(a_refusal_half_way_is_said),
		T(a_refusal_half_way_is_written_in_the_end),
		T(a_refusal_at_once_is_a_refusal),
		T(what_is_not_the_same_is_no_repeat),
		T(a_lost_answer_is_found_out),
		T(an_image_is_seen_before_it_counts),
		T(an_engine_that_died_finds_the_image),
		T(anothers_is_not_ours),
		T(anothers_head_is_not_ours),
		T(nothing_leaves_without_a_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
