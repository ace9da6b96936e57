/* Promotion of all rungs by gates: each is opened when it comes, and what happens meanwhile decides whether. */
#include "canaries.h"
#include "store/holds.h"
#include "store/proofs.h"

#define PHRASE " --confirm shop/prod"
#define ONWARD " --confirm 'shop/prod v2'"

static const char by_gate[] = CANARY_LANE(LEVERS(BY_GATE BY_CANCEL), GOES_BACK);

/* The canary came to its third rung, and that was judged. */
static void third_rung(struct rig *r, enum canary_verdict verdict, const char *reason)
{
	struct canary row = canary_now(r);

	row.step = 3;
	row.set_bp = 5000;
	row.verdict = verdict;
	row.reason = reason;
	canary_row(r, &row);
}

/* All gates, the first of which is open; the last waits now. */
static struct rig *at_the_last_gate(void **state, const char *line)
{
	struct rig *r = canary_open(state, by_gate);

	rig_begin(r, line);
	rig_pass(r, 40);
	assert_int_equal(r->answers, 0);
	assert_int_equal(r->g.sent_n, 1);
	canary_gate(r, 50, "prod-100"); /* every environment of this forge has one id */
	return r;
}

static void pass_until_answered(struct rig *r, int seconds)
{
	for (int i = 0; i < seconds && !r->answers; i++)
		rig_pass(r, 1);
}

/* Each gate comes some time after the one before it was opened. */
static void all_gates_are_approved_as_they_come(void **state)
{
	struct rig *r = canary_open(state, by_gate);

	assert_int_equal(rig_ask(r, "plan promote shop/prod --full"), 0);
	assert_int_equal(json_size(json_get(r->json, "requests")), 2);
	assert_non_null(strstr(rig_check(r, "note:gates"), "nobody holds it and the rung before it passes"));
	r = at_the_last_gate(state, "promote shop/prod --full" ONWARD);
	assert_int_equal(rig_intent(r)->state, INTENT_SENT);
	assert_non_null(strstr(rig_intent(r)->note, "the next leaves when gate prod-100 of run 21 waits"));
	third_rung(r, VERDICT_PASS, "");
	pass_until_answered(r, 60);
	assert_int_equal(r->status, 0);
	assert_int_equal(r->g.reviews_n, 2);
	assert_string_equal(r->g.reviews[1].environments, "prod-100");
	assert_int_equal(rig_intent(r)->done, 2);
}

static const char *half_done(struct rig *r)
{
	struct alarms list = { 0 };
	struct err e = ERR_INIT;

	if (lanes_judge(r->en, GROUND_REPO, &e) < 0 ||
	    store_alarms_read(&list, r->cache, NULL, &r->a, &e) < 0)
		fail_msg("%s", e.message);
	vec_each (it, &list)
		if (it->kind == ALARM_HALF)
			return it->text;
	return "";
}

/* The gate of a later rung waits: what was measured meanwhile opens it, stops the act, or is waited for. */
static void a_later_rung_is_judged(void **state)
{
	static const struct {
		enum canary_verdict verdict;
		const char *line, *reason, *says;
		int status; /* -1: goes on waiting */
	} cases[] = {
		{ VERDICT_FAIL, "promote shop/prod --full" ONWARD, "errors 2.3 over 1",
		  "gate prod-100 waits, and the verdict is fail: errors 2.3 over 1", 3 },
		{ VERDICT_INCONCLUSIVE, "promote shop/prod --full" ONWARD, "6 more minutes", "", -1 },
		{ VERDICT_UNKNOWN, "promote shop/prod --full" ONWARD, "", "", -1 },
		{ VERDICT_FAIL, "promote shop/prod --full --reason 'seen before'" ONWARD, "errors 2.3", "",
		  0 },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r = at_the_last_gate(state, cases[i].line);

		third_rung(r, cases[i].verdict, cases[i].reason);
		pass_until_answered(r, 20);
		assert_int_equal(r->answers ? r->status : -1, cases[i].status);
		assert_int_equal(r->g.sent_n, cases[i].status == 0 ? 2 : 1);
		if (*cases[i].says) {
			assert_non_null(strstr(rig_intent(r)->note, cases[i].says));
			assert_int_equal(rig_intent(r)->state, INTENT_NOT_FOUND);
			assert_non_null(strstr(half_done(r), cases[i].says));
		}
	}
}

static void what_does_not_pass_in_its_time_stops_it(void **state)
{
	struct rig *r = at_the_last_gate(state, "promote shop/prod --full" ONWARD);

	for (int i = 0; i < 700 && !r->answers; i++) {
		third_rung(r, VERDICT_INCONCLUSIVE, "too few requests");
		rig_pass(r, 1);
	}
	assert_int_equal(r->answers, 1);
	assert_int_equal(r->status, 3);
	assert_int_equal(r->g.sent_n, 1);
	assert_non_null(strstr(rig_intent(r)->note, "the verdict is inconclusive: too few requests"));
	assert_non_null(strstr(half_done(r), "promote shop/prod stopped half done"));
	assert_int_equal(rig_ask(r, "abandon 1" PHRASE), 0);
	assert_string_equal(half_done(r), "");
}

static void gates_that_ask_others_stop_all_of_it(void **state)
{
	struct rig *r = canary_open(state, by_gate);

	r->g.environment = "{\"id\":50,\"reviewers\":[\"octo-ben\"],\"prevent_self_review\":true}";
	assert_int_equal(rig_ask(r, "promote shop/prod --full" ONWARD), 1);
	assert_string_equal(rig_check(r, "gate:prod-100"),
			    "bad cannot promote fully: prod-100: it asks others than you");
}

/* It goes on by itself for a whole ladder: who holds it must not wait for its end. */
static void a_hold_stops_what_goes_on_by_itself(void **state)
{
	struct rig *r = canary_open(state, by_gate);

	rig_begin(r, "promote shop/prod --full" ONWARD);
	rig_pass(r, 10);
	assert_int_equal(r->answers, 0);
	assert_int_equal(rig_ask(r, "hold shop/prod --reason 'errors look odd'" PHRASE), 0);
	assert_int_equal(r->answers, 1);
	canary_gate(r, 50, "prod-100");
	for (int i = 0; i < 60 && r->answers < 2; i++)
		rig_pass(r, 1);
	assert_int_equal(r->answers, 2);
	assert_int_equal(r->status, 3);
	assert_non_null(strstr(r->text, "held by ana@bastion (octo-ana): errors look odd"));
	assert_int_equal(r->g.sent_n, 1);
	/* what is open is a person's to say first */
	assert_int_equal(rig_ask(r, "resume shop/prod" PHRASE), 1);
	assert_string_equal(rig_str(r, "error.code"), "twin");
}

static void a_run_that_starts_again_ends_the_wait(void **state)
{
	struct rig *r = canary_open(state, by_gate);

	rig_begin(r, "promote shop/prod --full" ONWARD);
	rig_pass(r, 10);
	ground_run(&r->g, CARRIER)->attempt = 2;
	canary_gate(r, 50, "prod-100");
	rig_pass(r, 10);
	assert_int_equal(r->answers, 1);
	assert_int_equal(r->status, 3);
	assert_int_equal(r->g.sent_n, 1);
	assert_int_equal(rig_intent(r)->state, INTENT_NOT_FOUND);
	assert_non_null(strstr(rig_intent(r)->note, "attempt 2"));
}

/* What is remembered of the machines that run v1. */
static void put_machines(struct rig *r, int status)
{
	const struct proof_book book = { .row = { .release = "v1",
						  .subject = "machines",
						  .digest = "",
						  .check = "quote",
						  .required = true,
						  .strict = true,
						  .status = status,
						  .detail = "vm-1 drifted",
						  .source = "/api/v1/agents",
						  .evidence = "",
						  .root = "",
						  .builder = "",
						  .commit = "",
						  .at = clock_wall(&r->clock) } };
	struct err e = ERR_INIT;

	assert_int_equal(store_proofs_put(r->cache, "shop/prod", &book, 1, &e), 0);
}

/* They run what was there before, and a canary is let up on top of it: by a promotion, or by the gate's own approval. */
static void machines_that_do_not_hold_stop_both_doors(void **state)
{
	static const char *const doors[] = { "plan promote shop/prod",
					     "plan approve 21 prod-50 --comment ok" };
	static const struct profile_attestation wanted = { .policy = PROOFS_STRICT };
	struct rig *r = canary_open(state, by_gate);
	struct err e = ERR_INIT;

	r->profiles.items[0].lanes.items[0].attestation = &wanted;
	for (size_t i = 0; i < countof(doors); i++) {
		assert_int_equal(store_proofs_put(r->cache, "shop/prod", NULL, 0, &e), 0);
		assert_int_equal(rig_ask(r, doors[i]), 5);
		assert_true(begins(rig_check(r, "proof:machines"), "unchecked nothing is known"));
		put_machines(r, PROOF_FAILED);
		assert_int_equal(rig_ask(r, doors[i]), 1);
		assert_true(begins(rig_check(r, "proof:machines quote"), "bad what runs now is failed"));
		put_machines(r, PROOF_VERIFIED);
		assert_int_equal(rig_ask(r, doors[i]), 0);
	}
}

#define TEST(f) cmocka_unit_test_teardown(f, canary_teardown)

/* ---- an abort that goes back, and is cut between its two acts ---------------------------------------------------------- */

#define BACK "abort shop/prod --rollback --reason 'errors doubled'" PHRASE

/* The second request did not happen, and the engine dies while its repeat waits for the run to have ended: the first stands,
 * and the repeat of the repeat is not said to be the first's. */
static void dying_in_the_wait_of_a_repeat(void **state)
{
	struct rig *r = canary_open(state, by_gate);

	r->g.fault_at = 2;
	r->g.fault = ERR_UNKNOWN;
	assert_int_equal(rig_ask(r, BACK), 3);
	rig_pass(r, 800);
	assert_int_equal(rig_intent(r)->state, INTENT_NOT_FOUND);
	assert_int_equal(rig_intent(r)->done, 1);
	rig_begin(r, BACK);
	for (int i = 0; i < 3000 && !strstr(rig_intent(r)->note, "the next leaves when"); i++)
		loop_advance(r->loop, 10);
	assert_int_equal(r->answers, 0);
	rig_crash(r);
	rig_pass(r, 800);
	assert_int_equal(r->g.sent_n, 2);
	assert_int_equal(rig_intent(r)->state, INTENT_NOT_FOUND);
	assert_int_equal(rig_intent(r)->done, 1);
	if (rig_ask(r, BACK) != 0)
		fail_msg("%s", r->text);
	assert_int_equal(r->g.sent_n, 3);
}

/* Abandoned while the rest was planned on facts of then: nothing more is sent, and nothing is written for ever after. */
static void abandoned_while_it_goes_on(void **state)
{
	struct rig *r = canary_open(state, by_gate);

	rig_begin(r, BACK);
	for (int i = 0; i < 3000 && !(r->g.sent_n && strstr(rig_intent(r)->note, "planned on what")); i++)
		loop_advance(r->loop, 10);
	rig_begin(r, "abandon 1" PHRASE);
	for (int i = 0; i < 60 && r->answers < 2; i++)
		rig_pass(r, 1);
	assert_int_equal(r->answers, 2);
	assert_int_equal(r->g.sent_n, 1);
	rig_pass(r, 10);
	assert_int_equal(rig_intent(r)->state, INTENT_ABANDONED);
	assert_false(acts_busy(r->en->acts));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_gates_are_approved_as_they_come),
		TEST(a_later_rung_is_judged),
		TEST(what_does_not_pass_in_its_time_stops_it),
		TEST(gates_that_ask_others_stop_all_of_it),
		TEST(machines_that_do_not_hold_stop_both_doors),
		TEST(a_hold_stops_what_goes_on_by_itself),
		TEST(a_run_that_starts_again_ends_the_wait),
		TEST(dying_in_the_wait_of_a_repeat),
		TEST(abandoned_while_it_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
