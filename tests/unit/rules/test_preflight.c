/* Rules over facts: each fact that is bad, absent or unread stops the act in its own way; facts are compared one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/rules/preflight.h"

struct bench {
	struct arena a;
	struct facts facts;
	struct preflight p;
	struct release rel;
	struct run run;
	struct gate gate;
	struct intent twin;
	struct run flights[3];
};

static void fact(struct bench *b, const char *name, enum fact_state state, const char *value)
{
	for (size_t i = 0; i < b->facts.n; i++) {
		if (!strcmp(b->facts.items[i].name, name)) {
			b->facts.items[i].state = state;
			b->facts.items[i].value = value;
			return;
		}
	}
	*vec_push(&b->facts, &b->a) =
		(struct fact){ .name = name, .state = state, .value = value, .at = { 1000 }, .pinned = true };
}

/* Everything as it should be, for any act. */
static void fresh(struct bench *b, const char *act)
{
	static const char *const names[] = {
		"user",    "workflow",    "tag", "release", "in_flight", "live",
		"compare", "environment", "run", "gate",    "journal",   "reason"
	};

	arena_done(&b->a);
	*b = (struct bench){ 0 };
	for (size_t i = 0; i < countof(names); i++)
		fact(b, names[i], FACT_OK, "x");
	fact(b, "twin", FACT_ABSENT, NULL);
	b->rel = (struct release){ .id = 1, .tag = "v2", .assets = "[{\"name\":\"a.json\"}]" };
	b->run = (struct run){
		.id = 9, .attempt = 1, .head_sha = "abc", .actor = "kim", .status = RUN_WAITING
	};
	if (!strcmp(act, "rerun"))
		b->run.status = RUN_COMPLETED;
	b->gate = (struct gate){ .environment = "production", .environment_id = 4, .can_approve = true };
	b->p = (struct preflight){ .act = act,
				   .production = true,
				   .lane = "a/prod",
				   .release = "v2",
				   .who_login = "ana",
				   .now = { 1000 },
				   .facts = &b->facts,
				   .can_start = true,
				   .workflow = "w.yml",
				   .workflow_state = "active",
				   .tag_sha = "abc",
				   .rel = &b->rel,
				   .gate = "production",
				   .environment = "{\"reviewers\":[\"ben\"],\"prevent_self_review\":false}",
				   .live = "v1",
				   .rollback_ok = true,
				   .run = &b->run,
				   .gate_row = &b->gate };
	if (!strcmp(act, "dispatch") || !strcmp(act, "rollback"))
		b->p.run = NULL;
	b->p.back = !strcmp(act, "rollback");
	if (b->p.back)
		b->p.behind = 2;
}

static enum plan_verdict judge(struct bench *b, struct checks *out)
{
	*out = (struct checks){ 0 };
	preflight_run(out, &b->p, &b->a);
	return preflight_verdict(out);
}

static const struct check *named(const struct checks *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++) {
		if (!strcmp(c->items[i].name, name))
			return &c->items[i];
	}
	return NULL;
}

static const char *const verbs[] = { "dispatch", "rollback", "approve", "reject", "cancel", "rerun" };

static void a_good_world_goes(void **state)
{
	struct bench b = { 0 };
	struct checks c;

	(void)state;
	for (size_t i = 0; i < countof(verbs); i++) {
		fresh(&b, verbs[i]);
		if (judge(&b, &c) != PLAN_GO) {
			for (size_t j = 0; j < c.n; j++)
				print_message("%s %s: %s\n", names_word(&verdict_names, c.items[j].status),
					      c.items[j].name, c.items[j].detail);
			fail_msg("%s does not go", verbs[i]);
		}
	}
	arena_done(&b.a);
}

/* No request can be made of such a name, so its fact fails; that must not read as "try again". */
static void a_tag_that_hides_is_refused_unread(void **state)
{
	static const char *const tags[] = { "\x1b[31mv2", "v2/", "/v2", "v2\n", "" };
	struct bench b = { 0 };
	struct checks c;

	(void)state;
	for (size_t i = 0; i < countof(tags); i++) {
		fresh(&b, "dispatch");
		fact(&b, "tag", FACT_FAILED, NULL);
		b.p.release = tags[i];
		assert_int_equal(judge(&b, &c), PLAN_REFUSED);
		assert_int_equal(named(&c, "tag")->status, CHECK_BAD);
	}
	arena_done(&b.a);
}

/* Who made and signed the tag is told by its object alone: unread, it could have been made anew since. */
static void a_tag_object_that_was_not_read_stops(void **state)
{
	struct bench b = { 0 };
	struct checks c;

	(void)state;
	fresh(&b, "dispatch");
	fact(&b, "tag_object", FACT_OK, "tag 5555555");
	assert_int_equal(judge(&b, &c), PLAN_GO);
	fresh(&b, "dispatch");
	fact(&b, "tag_object", FACT_FAILED, NULL);
	assert_int_not_equal(judge(&b, &c), PLAN_GO);
	assert_int_equal(named(&c, "tag_object")->status, CHECK_UNCHECKED);
	assert_true(preflight_is_required("tag_object"));
	arena_done(&b.a);
}

/* Absence of proof is not proof: any fact that could not be read makes the plan stale, never go. */
static void what_was_not_read_never_goes(void **state)
{
	static const enum fact_state bad[] = { FACT_FAILED, FACT_UNREAD };
	struct bench b = { 0 };
	struct checks c;
	int stale = 0;

	(void)state;
	for (size_t v = 0; v < countof(verbs); v++) {
		fresh(&b, verbs[v]);
		for (size_t i = 0; i < b.facts.n; i++) {
			for (size_t k = 0; k < countof(bad); k++) {
				bool used = false;

				fresh(&b, verbs[v]);
				judge(&b, &c);
				for (size_t j = 0; j < c.n; j++)
					used = used || (!strcmp(c.items[j].source, b.facts.items[i].name) &&
							preflight_is_required(c.items[j].name));
				b.facts.items[i].state = bad[k];
				if (!used)
					continue;
				assert_int_not_equal(judge(&b, &c), PLAN_GO);
				stale += preflight_verdict(&c) == PLAN_STALE;
			}
		}
	}
	assert_true(stale > 40);
	arena_done(&b.a);
}

static void unknown_act_is_refused(void **state)
{
	struct bench b = { 0 };
	struct checks c;

	(void)state;
	fresh(&b, "dispatch");
	b.p.act = "launch";
	assert_int_equal(judge(&b, &c), PLAN_REFUSED);
	assert_int_equal(c.n, 0);
	arena_done(&b.a);
}

static void flights_are_told(void **state)
{
	struct bench b = { 0 };
	struct checks c;

	(void)state;
	fresh(&b, "dispatch");
	b.p.in_flight = b.flights;
	b.p.in_flight_n = 2;
	b.flights[0] =
		(struct run){ .id = 50, .path = "x/w.yml", .status = RUN_IN_PROGRESS, .release = "v1.5" };
	b.flights[1] = (struct run){ .id = 51, .path = "x/w.yml", .status = RUN_PENDING };
	assert_int_equal(judge(&b, &c), PLAN_REFUSED);
	assert_string_equal(named(&c, "in_flight")->detail,
			    "run 51 pending would be evicted, behind run 50 in_progress v1.5");
	b.p.act = "rollback";
	b.p.back = true;
	b.p.behind = 2;
	assert_int_equal(judge(&b, &c), PLAN_GO);
	assert_string_equal(named(&c, "in_flight")->detail,
			    "it would wait behind run 50 in_progress v1.5 and evict run 51 pending");
	b.flights[1].path = "x/other.yml";
	fact(&b, "exclusive", FACT_OK, "51");
	assert_int_equal(judge(&b, &c), PLAN_REFUSED);
	assert_int_equal(named(&c, "exclusive")->status, CHECK_BAD);
	arena_done(&b.a);
}

static void self_review(void **state)
{
	static const struct {
		const char *actor, *asked, *rules;
		enum plan_verdict verdict;
	} cases[] = {
		{ "ana", "ana, ben", "{\"prevent_self_review\":false}", PLAN_REFUSED }, /* also then */
		{ "ana", "ana, ben", "{\"prevent_self_review\":true}", PLAN_REFUSED },
		{ "ana", NULL, "{\"prevent_self_review\":false}",
		  PLAN_REFUSED }, /* who is asked is not known */
		{ "ana", "anabel", "{\"prevent_self_review\":false}", PLAN_REFUSED },
		{ "ana", "ana", "{\"prevent_self_review\":false}", PLAN_GO }, /* nobody else could */
		{ "ana", "ana", "{\"prevent_self_review\":true}", PLAN_REFUSED },
		{ "ana", "ana", "{}", PLAN_REFUSED }, /* not said is not allowed */
		{ "ana", "ana", "{", PLAN_REFUSED },
		{ "ben", "ana", "{\"prevent_self_review\":true}", PLAN_GO },
	};
	struct bench b = { 0 };
	struct checks c;

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		fresh(&b, "approve");
		b.run.actor = cases[i].actor;
		b.gate.reviewers = cases[i].asked;
		b.p.environment = cases[i].rules;
		assert_int_equal(judge(&b, &c), cases[i].verdict);
	}
	/* A run that is over waits for nobody: another could not approve it either. */
	fresh(&b, "approve");
	b.run.actor = "ana";
	b.run.status = RUN_COMPLETED;
	assert_int_equal(judge(&b, &c), PLAN_REFUSED);
	assert_int_equal(named(&c, "run")->status, CHECK_BAD);
	vec_each (row, &c)
		assert_string_not_equal(row->name, "self_review");
	arena_done(&b.a);
}

static void twins_and_attempts(void **state)
{
	struct bench b = { 0 };
	struct checks c;

	(void)state;
	fresh(&b, "dispatch");
	b.twin = (struct intent){
		.id = 7, .act = "dispatch", .subject = "v2", .who = "ben", .state = INTENT_UNKNOWN
	};
	b.p.twin = &b.twin;
	assert_int_equal(judge(&b, &c), PLAN_REFUSED);
	assert_non_null(strstr(named(&c, "twin")->detail, "intent 7"));
	fact(&b, "twin", FACT_OK, NULL); /* the engine says: this repeats it under its nonce */
	assert_int_equal(judge(&b, &c), PLAN_GO);
	fresh(&b, "approve");
	b.p.expected_attempt_sha = "1 abc";
	assert_int_equal(judge(&b, &c), PLAN_GO);
	b.run.attempt = 2;
	assert_int_equal(judge(&b, &c), PLAN_REFUSED);
	fresh(&b, "rerun");
	b.run.attempt = 50;
	assert_int_equal(judge(&b, &c), PLAN_REFUSED);
	arena_done(&b.a);
}

static void force_warns_and_does_not_stop(void **state)
{
	struct bench b = { 0 };
	struct checks c;

	(void)state;
	fresh(&b, "cancel");
	fact(&b, "force", FACT_OK, "asked");
	assert_int_equal(judge(&b, &c), PLAN_GO);
	assert_int_equal(named(&c, "force")->status, CHECK_BAD);
	arena_done(&b.a);
}

static void directions(void **state)
{
	static const struct {
		const char *act, *live, *status; /* of "order" */
		int64_t behind;
	} cases[] = {
		{ "dispatch", "v1", "ok", 0 },         { "dispatch", "v1", "bad", 3 },
		{ "dispatch", "v1", "unchecked", -1 }, { "rollback", "v1", "ok", 3 },
		{ "rollback", "v1", "bad", 0 },        { "rollback", "v1", "unchecked", -1 },
		{ "dispatch", "", "none", -1 },
	};
	struct bench b = { 0 };
	struct checks c;

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		fresh(&b, cases[i].act);
		b.p.live = cases[i].live;
		b.p.behind = cases[i].behind;
		judge(&b, &c);
		const struct check *order = named(&c, "order");

		assert_string_equal(order ? names_word(&verdict_names, order->status) : "none",
				    cases[i].status);
	}
	fresh(&b, "rollback");
	b.p.live = "v2"; /* the very release */
	assert_int_equal(judge(&b, &c), PLAN_REFUSED);
	fact(&b, "broken", FACT_OK, "run 9 v3 failure");
	assert_int_equal(judge(&b, &c), PLAN_GO);
	arena_done(&b.a);
}

static void facts_are_found(void **state)
{
	struct arena a = ARENA_INIT;
	struct facts now = { 0 };

	(void)state;
	*vec_push(&now, &a) = (struct fact){ .name = "compare", .state = FACT_OK, .value = "9 ahead" };
	assert_ptr_equal(facts_find(&now, "compare"), &now.items[0]);
	assert_null(facts_find(&now, "tag"));
	assert_null(facts_find(NULL, "tag"));
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_world_goes),
		cmocka_unit_test(a_tag_that_hides_is_refused_unread),
		cmocka_unit_test(a_tag_object_that_was_not_read_stops),
		cmocka_unit_test(what_was_not_read_never_goes),
		cmocka_unit_test(unknown_act_is_refused),
		cmocka_unit_test(flights_are_told),
		cmocka_unit_test(self_review),
		cmocka_unit_test(twins_and_attempts),
		cmocka_unit_test(force_warns_and_does_not_stop),
		cmocka_unit_test(facts_are_found),
		cmocka_unit_test(directions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
