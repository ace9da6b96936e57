/* Break-glass: one plan, once, within a quarter of an hour, for what is missing and never for what failed. */
#include "core/rules/after.h"
#include "core/rules/glass.h"
#include "rig.h"

#include <signal.h>
#include <sys/resource.h>

#define MINUTE  60000
#define WHY     "'incident 4411, nobody else is here'"
#define APPROVE "approve 1001 production --confirm 'easy/prod v0.9.3'"

static const struct intent *nth(struct rig *r, size_t n)
{
	static struct intents in;

	assert_true(rig_intents(r, &in) > (int)n);
	return &in.items[n];
}

/* A gate that waits, of a run of our own: the refused plan's name. */
static const char *refused(struct rig *r)
{
	r->fake.runs[1].status = RUN_WAITING;
	r->fake.runs[1].conclusion = CONCLUSION_OTHER;
	r->fake.gates[0] =
		(struct gate){ .environment_id = 99, .environment = "production", .can_approve = true };
	r->fake.gates_n = 1;
	assert_int_equal(rig_ask(r, APPROVE), 1);
	assert_string_equal(rig_check(r, "self_review"), "bad");
	return arena_strdup(&r->a, rig_str(r, "plan_id"));
}

static int override(struct rig *r, const char *id, const char *reason)
{
	return rig_ask(r, arena_printf(&r->a, "override %s --reason %s --confirm %s", id, reason, id));
}

static void it_lets_one_plan_go_once(void **state)
{
	struct rig *r = *state;
	const char *id = refused(r);

	assert_int_equal(rig_ask(r, arena_printf(&r->a, "override %s --reason " WHY, id)), 1);
	assert_string_equal(rig_str(r, "verdict"), "go");
	assert_int_equal(strlen(rig_str(r, "confirm")), 8);
	assert_int_equal(override(r, id, WHY), 0);
	assert_string_equal(nth(r, 0)->act, "override");
	assert_string_equal(nth(r, 0)->plan_id, id);
	assert_int_equal(r->fake.sends, 0);
	assert_int_equal(rig_ask(r, "plan "
				    "approve 1001 production"),
			 0);
	assert_string_equal(rig_check(r, "break-glass"), "bad"); /* red, though it goes */
	assert_string_equal(rig_check(r, "self_review"), "bad");
	assert_int_equal(rig_ask(r, APPROVE), 0);
	assert_string_equal(nth(r, 0)->act, "approve");
	assert_true(text_starts(nth(r, 0)->reason, BREAK_GLASS "incident 4411"));
	r->fake.reviews_n = 0; /* the same world once more */
	refused(r);
	assert_int_equal(r->fake.sends, 1);
}

static void it_needs_a_reason_a_phrase_and_a_plan(void **state)
{
	struct rig *r = *state;
	const char *id = refused(r);

	assert_int_equal(override(r, id, "'nineteen characters'"), 1);
	assert_string_equal(rig_str(r, "error.code"), "refused");
	assert_int_equal(rig_ask(r, arena_printf(&r->a, "override %s --confirm %s", id, id)), 1);
	assert_int_equal(
		rig_ask(r, arena_printf(&r->a, "override %s --reason " WHY " --confirm easy/prod", id)), 1);
	assert_string_equal(rig_str(r, "error.code"), "confirm");
	assert_int_equal(override(r, "0123456789", WHY), 1);
	assert_string_equal(rig_str(r, "error.code"), "missing");
	assert_int_equal(rig_ask(r, APPROVE), 1);
	assert_int_equal(override(r, id, WHY), 0);
	assert_int_equal(override(r, id, WHY), 1); /* it is there already */
}

/* A disk that fills while it is written: there is an override, or there is none; nothing half written stays open. */
static void on_a_full_disk_it_is_or_is_not(void **state)
{
	struct rlimit was;
	int made = 0, failed = 0;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	for (rlim_t room = 0; room < 200000; room += 4000) {
		struct rlimit full = { .rlim_cur = room, .rlim_max = was.rlim_max };
		struct intents in;
		const char *id;
		struct rig *r;

		rig_teardown(state);
		rig_setup(state);
		r = *state;
		id = refused(r);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
		override(r, id, WHY);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
		made += r->status == 0;
		failed += r->status != 0;
		loop_advance(r->loop, 10000);
		for (int i = rig_intents(r, &in); i-- > 0;)
			assert_int_equal(in.items[i].state, made ? INTENT_DONE : INTENT_NOT_SENT);
	}
	assert_true(made > 0 && failed > 0);
}

static void it_is_void_after_a_quarter_of_an_hour(void **state)
{
	struct rig *r = *state;
	const char *id = refused(r);

	assert_int_equal(override(r, id, WHY), 0);
	loop_advance(r->loop, GLASS_MS + MINUTE);
	assert_int_equal(rig_ask(r, APPROVE), 1);
	assert_int_equal(r->fake.sends, 0);
}

/* The local clock is set back: the monotonic one and the forge's are not fooled. */
static void a_clock_that_goes_back_prolongs_nothing(void **state)
{
	struct rig *r = *state;
	const char *id = refused(r);

	assert_int_equal(override(r, id, WHY), 0);
	loop_advance(r->loop, GLASS_MS + MINUTE);
	r->clock.wall.ms -= GLASS_MS;
	r->fake.ahead_ms = GLASS_MS;
	assert_int_equal(rig_ask(r, APPROVE), 1);
}

static void it_dies_with_what_it_was_for(void **state)
{
	struct rig *r = *state;
	const char *id = refused(r);

	assert_int_equal(override(r, id, WHY), 0);
	r->fake.runs[1].attempt = 2; /* another attempt is another plan */
	assert_int_equal(rig_ask(r, APPROVE), 1);
	assert_int_equal(r->fake.sends, 0);
}

static void it_survives_a_restart(void **state)
{
	struct rig *r = *state;
	const char *id = refused(r);

	assert_int_equal(override(r, id, WHY), 0);
	rig_crash(r);
	assert_int_equal(rig_ask(r, APPROVE), 0);
	rig_crash(r);
	r->fake.reviews_n = 0;
	refused(r); /* ... and so does its use */
}

/* Missing proof may be overridden; a check that failed, a wrong tag and an open twin may not. */
static void what_failed_is_never_overridden(void **state)
{
	static const struct {
		const char *name;
		int status;
		bool may;
	} cases[] = {
		{ "asset:trusted_values", CHECK_MISSING, true },
		{ "asset:trusted_values", CHECK_UNCHECKED, true },
		{ "asset:trusted_values", CHECK_BAD, false },
		{ "fresh:soak", CHECK_MISSING, true },
		{ "fresh", CHECK_UNCHECKED, true },
		{ "order", CHECK_UNCHECKED, true },
		{ "order", CHECK_BAD, false },
		{ "in_flight", CHECK_BAD, false },
		{ "self_review", CHECK_BAD, true },
		{ "tag", CHECK_MISSING, false },
		{ "inputs", CHECK_MISSING, false },
		{ "token", CHECK_UNCHECKED, false },
		{ "twin", CHECK_BAD, false },
		{ "journal", CHECK_UNCHECKED, false },
		{ "nonce", CHECK_UNCHECKED, true }, /* it stops nothing */
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct check one = { .name = cases[i].name, .status = cases[i].status };
		struct checks c = { .items = &one, .n = 1, .cap = 1 };

		if ((glass_refuses(&c) == NULL) != cases[i].may)
			fail_msg("case %zu: %s", i, cases[i].name);
	}
}

static void a_missing_proof_goes_by_break_glass(void **state)
{
	struct rig *r = *state;
	const char *id;

	r->fake.release.assets = "[{\"name\":\"trusted_values.v0.9.4.json\",\"updated_at\":\"aa\"},"
				 "{\"name\":\"gcp-image.v0.9.4.json\"}]";
	assert_int_equal(rig_ask(r, DISPATCH), 1);
	assert_string_equal(rig_check(r, "asset:example-images"), "missing");
	id = arena_strdup(&r->a, rig_str(r, "plan_id"));
	assert_int_equal(override(r, id, WHY), 0);
	assert_int_equal(rig_ask(r, DISPATCH), 0);
	assert_true(text_starts(nth(r, 0)->reason, BREAK_GLASS));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(it_lets_one_plan_go_once),
		T(it_needs_a_reason_a_phrase_and_a_plan),
		T(on_a_full_disk_it_is_or_is_not),
		T(it_is_void_after_a_quarter_of_an_hour),
		T(a_clock_that_goes_back_prolongs_nothing),
		T(it_dies_with_what_it_was_for),
		T(it_survives_a_restart),
		T(what_failed_is_never_overridden),
		T(a_missing_proof_goes_by_break_glass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
