/* What the console found out for itself, as it is shown: never good without an age, never hostile. */
#include "store/holds.h"
#include "tests/golden/world_fill.h"

#include "base/text.h"
#include "core/model/evidence.h"
#include "core/view/view.h"

#define DIGEST_A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIGEST_B "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const struct when now = { WORLD_NOW };

static int setup(void **state)
{
	struct world *w = x_alloc(sizeof(*w));
	world_open(w);
	world_fill(w, WORLD_NORMAL, 4000);
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

static void put_drift(struct world *w, const char *lane, const char *component, int verdict, int64_t age)
{
	struct drift d = { .lane = lane,
			   .component = component,
			   .platform = "linux/amd64",
			   .declared = "ghcr.io/o/n@" DIGEST_A,
			   .live = DIGEST_B,
			   .verdict = verdict,
			   .reason = "behind by 1 pin",
			   .source = "pins",
			   .at = world_ago(age) };
	world_put(w, Q_drift_put, &rec_drift, &d);
}

static void put_condition(struct world *w, const char *lane, int64_t ordinal, const char *name, int status,
			  const char *detail, int64_t age)
{
	struct readiness r = { .lane = lane,
			       .ordinal = ordinal,
			       .name = name,
			       .status = status,
			       .detail = detail,
			       .fix = status == CHECK_OK ? "" : "do it",
			       .source = "forge",
			       .at = world_ago(age) };
	world_put(w, Q_readiness_put, &rec_readiness, &r);
}

static void drift_is_aged(void **state)
{
	struct world *w = *state;
	struct drift_rows all = { 0 }, one = { 0 }, none = { 0 };
	put_drift(w, "theory/main", "llm/litellm", DRIFT_BEHIND, 10 * MINUTES);
	put_drift(w, "theory/staging", "llm/litellm", DRIFT_EQUAL, 2 * HOURS);
	assert_int_equal(view_drift(&all, w->store, NULL, now, &w->a, &w->e), 0);
	assert_int_equal(all.n, 2);
	assert_string_equal(all.items[0].verdict, "behind");
	assert_string_equal(all.items[0].declared_short, "sha256:aaaaaaaaaaaa");
	assert_string_equal(all.items[0].live, DIGEST_B);
	assert_string_equal(all.items[0].age, "10m");
	assert_int_equal(all.items[1].verdict_value, DRIFT_UNKNOWN);
	assert_non_null(strstr(all.items[1].reason, "it was equal 2h ago"));
	assert_int_equal(view_drift(&one, w->store, "theory/main", now, &w->a, &w->e), 0);
	assert_int_equal(one.n, 1);
	assert_int_equal(view_drift(&none, w->store, "no/lane", now, &w->a, &w->e), 1);
	assert_int_equal(view_drift(&none, w->store, "gov/prod", now, &w->a, &w->e), 0);
	assert_int_equal(none.n, 0);
}

static const struct lane_row *lane_named(const struct lane_rows *v, const char *name)
{
	vec_each (l, v)
		if (!strcmp(l->name, name))
			return l;
	fail_msg("no lane %s", name);
	return NULL;
}

static void a_lane_says_what_drifts(void **state)
{
	struct world *w = *state;
	struct lane_rows v = { 0 };
	put_drift(w, "theory/main", "llm/litellm", DRIFT_BEHIND, 10 * MINUTES);
	put_drift(w, "theory/main", "tts/piper", DRIFT_OTHER, 10 * MINUTES);
	put_drift(w, "theory/main", "stt/whisper", DRIFT_OTHER, 10 * MINUTES);
	put_drift(w, "theory/staging", "llm/litellm", DRIFT_EQUAL, 2 * HOURS);
	assert_int_equal(view_lanes(&v, w->store, now, &w->a, &w->e), 0);
	assert_string_equal(lane_named(&v, "theory/main")->drift, "2 other, 1 behind");
	assert_int_equal(lane_named(&v, "theory/main")->drift_worst, DRIFT_OTHER);
	assert_int_equal(lane_named(&v, "theory/staging")->drift_worst, DRIFT_UNKNOWN);
	assert_int_equal(lane_named(&v, "gov/prod")->drift_worst, -1);
	assert_string_equal(lane_named(&v, "gov/prod")->drift, "");
}

/* An age alone would call a reading from before our own act fresh. */
static void a_row_older_than_our_act_says_so(void **state)
{
	struct world *w = *state;
	struct lane_rows v = { 0 };
	put_drift(w, "mcp/prod", "server", DRIFT_EQUAL, 30000);
	world_intent(w, 91, "retag", "mcp/prod", "x", INTENT_DONE, "", "",
		     3000); /* its pieces were read before */
	world_intent(w, 92, "dispatch", "gov/prod", "x", INTENT_LINKED, "", "",
		     10000); /* its runs after it */
	world_intent(w, 93, "approve", "easy/prod", "x", INTENT_REFUSED, "", "", 2000); /* nothing happened */
	world_intent(w, 94, "retag", "cloud/prod", "x", INTENT_DONE, "", "", 5 * MINUTES);
	assert_int_equal(view_lanes(&v, w->store, now, &w->a, &w->e), 0);
	assert_string_equal(lane_named(&v, "mcp/prod")->again,
			    "read before the retag of 2s ago, and not since");
	assert_string_equal(lane_named(&v, "gov/prod")->again, "");
	assert_string_equal(lane_named(&v, "easy/prod")->again, "");
	assert_string_equal(lane_named(&v, "cloud/prod")->again, "");
}

static void the_way_back_is_said_in_one_line(void **state)
{
	static const struct {
		const char *lane, *back;
		int ok;
	} wanted[] = {
		{ "easy/prod", "back v0.9.3 ok", CHECK_OK },
		{ "gov/prod", "back v2.13.0 no: asset:x", CHECK_BAD },
		{ "cloud/prod", "back 9f31c02 ? start", CHECK_UNCHECKED },
		{ "theory/main", "back ? not checked", CHECK_UNCHECKED },
		{ "mcp/prod", "back no: nothing to go to", CHECK_BAD },
		{ "mcp/staging", "back no: run 7 goes back to v1 already", CHECK_BAD },
		{ "theory/staging", "back v1 ? target", CHECK_UNCHECKED },
		{ "easy/staging", "", CHECK_UNCHECKED },
	};
	struct world *w = *state;
	struct lane_rows v = { 0 };
	put_condition(w, "easy/prod", 0, "target", CHECK_OK, "v0.9.3", MINUTES);
	put_condition(w, "easy/prod", 1, "attested", CHECK_UNCHECKED, "", MINUTES);
	put_condition(w, "gov/prod", 0, "target", CHECK_OK, "v2.13.0", MINUTES);
	put_condition(w, "gov/prod", 1, "asset:x", CHECK_MISSING, "not in the release", MINUTES);
	put_condition(w, "cloud/prod", 0, "target", CHECK_OK, "9f31c029f31c029f31c029f31c029f31c029f31c",
		      MINUTES);
	put_condition(w, "cloud/prod", 1, "start", CHECK_UNCHECKED, "", MINUTES);
	put_condition(w, "theory/main", 0, "target", CHECK_UNCHECKED, "", MINUTES);
	put_condition(w, "mcp/prod", 0, "target", CHECK_MISSING, "", MINUTES);
	put_condition(w, "mcp/staging", 0, "target", CHECK_MISSING, "run 7 goes back to v1 already", MINUTES);
	put_condition(w, "theory/staging", 0, "target", CHECK_OK, "v1", 2 * HOURS);
	assert_int_equal(view_lanes(&v, w->store, now, &w->a, &w->e), 0);
	for (size_t i = 0; i < countof(wanted); i++) {
		const struct lane_row *row = NULL;
		vec_each (l, &v)
			if (!strcmp(l->name, wanted[i].lane))
				row = l;
		assert_non_null(row);
		assert_string_equal(row->back, wanted[i].back);
		assert_int_equal(row->back_ok, wanted[i].ok);
		assert_string_equal(row->back_why, !strcmp(wanted[i].lane, "mcp/staging")
							   ? "run 7 goes back to v1 already"
							   : "");
	}
}

static void readiness_has_its_conditions(void **state)
{
	struct world *w = *state;
	struct readiness_rows all = { 0 }, one = { 0 };
	struct buf out = BUF_INIT(65536);
	struct jw j;
	put_condition(w, "easy/prod", 0, "target", CHECK_OK, "v0.9.3", MINUTES);
	put_condition(w, "easy/prod", 1, "start", CHECK_UNCHECKED, "not read", 3 * MINUTES);
	assert_int_equal(view_readiness(&all, w->store, NULL, now, &w->a, &w->e), 0);
	assert_int_equal(all.n, 1); /* lanes that were never checked have no item */
	assert_int_equal(all.items[0].checks_n, 2);
	assert_int_equal(all.items[0].age_ms, 3 * MINUTES);
	assert_int_equal(view_readiness(&one, w->store, "no/lane", now, &w->a, &w->e), 1);
	jw_init(&j, &out);
	view_readiness_json(&j, &all, now);
	assert_non_null(strstr(out.s, "\"target\":\"v0.9.3\",\"ok\":null"));
	assert_non_null(strstr(out.s, "\"name\":\"start\",\"status\":\"unchecked\""));
	buf_done(&out);
}

static void a_freeze_marks_production(void **state)
{
	static const struct freeze rows[] = {
		{ .system = "easy", .source = "label freeze/main-red", .state = FREEZE_UNKNOWN },
		{ .system = "gov", .ordinal = 0, .source = "label freeze/main-red", .state = FREEZE_UNKNOWN },
		{ .system = "gov", .ordinal = 1, .source = "tag frozen/rollback", .state = FREEZE_FROZEN },
		{ .system = "mcp",
		  .source = "tag frozen/rollback",
		  .state = FREEZE_OPEN,
		  .at = { WORLD_NOW - MINUTES } },
		{ .system = "theory",
		  .source = "tag frozen/rollback",
		  .state = FREEZE_OPEN,
		  .at = { WORLD_NOW - 2 * HOURS } },
	};
	static const struct {
		const char *lane, *words;
	} wanted[] = {
		{ "gov/prod", "frozen: tag frozen/rollback" },
		{ "easy/prod", "freeze ?" },
		{ "mcp/prod", "" },
		{ "theory/main", "freeze ?" }, /* what was open is not known any more */
		{ "easy/staging", "" },        /* no production */
		{ "cloud/prod", "" },
	};
	struct world *w = *state;
	struct lane_rows v = { 0 };
	for (size_t i = 0; i < countof(rows); i++)
		world_put(w, Q_freeze_put, &rec_freeze, &rows[i]);
	assert_int_equal(view_lanes(&v, w->store, now, &w->a, &w->e), 0);
	for (size_t i = 0; i < countof(wanted); i++)
		vec_each (l, &v)
			if (!strcmp(l->name, wanted[i].lane))
				assert_string_equal(l->freeze, wanted[i].words);
}

/* The row that begins so; NULL none. */
static const struct why_row *why_of(struct world *w, const char *lane, const char *text)
{
	struct why_rows v = { 0 };
	assert_int_equal(view_why(&v, w->store, lane, now, &w->a, &w->e), 0);
	vec_each (row, &v)
		if (text_starts(row->text, text))
			return row;
	return NULL;
}

/* A lane whose last run was green may be stopped, and may run something else: its why says both. */
static void why_says_what_stops_and_what_drifts(void **state)
{
	static const struct freeze frozen = { .system = "gov",
					      .source = "tag frozen/rollback",
					      .detail = "it is at dca4be6",
					      .state = FREEZE_FROZEN,
					      .at = { WORLD_NOW - MINUTES } };
	static const struct drift other = { .lane = "gov/prod",
					    .component = "server",
					    .platform = "amd64",
					    .declared = "aaaa",
					    .live = "bbbb",
					    .verdict = DRIFT_OTHER,
					    .source = "x",
					    .at = { WORLD_NOW - MINUTES } };
	struct world *w = *state;
	const struct why_row *row;
	assert_null(why_of(w, "gov/prod", "the line is stopped"));
	world_put(w, Q_freeze_put, &rec_freeze, &frozen);
	world_put(w, Q_drift_put, &rec_drift, &other);
	row = why_of(w, "gov/prod", "the line is stopped");
	assert_non_null(row);
	assert_string_equal(row->text, "the line is stopped by tag frozen/rollback: it is at dca4be6");
	assert_string_equal(row->age, "1m");
	assert_non_null(strstr(row->fix, "pilothouse thaw gov"));
	row = why_of(w, "gov/prod", "server amd64 runs");
	assert_non_null(row);
	assert_string_equal(row->text, "server amd64 runs bbbb, declared is aaaa: other");
}

/* A hold says who lifts it and an alarm what to do; neither is said twice. */
static void why_says_what_holds_and_what_is_silent(void **state)
{
	struct world *w = *state;
	const struct freeze frozen = { .system = "easy",
				       .source = "tag frozen",
				       .state = FREEZE_FROZEN,
				       .exempt = "prod",
				       .at = { WORLD_NOW - MINUTES } };
	const struct hold hold = { .reason = "tag frozen/x",
				   .source = "tag frozen/x",
				   .at = { WORLD_NOW - 2 * MINUTES } };
	const struct alarm alarm = { ALARM_SILENCE,       "7",
				     "easy/prod",         "no run came",
				     "look at the queue", { WORLD_NOW - 3 * MINUTES },
				     { WORLD_NOW } };
	struct lane lane = { .name = "easy/prod",
			     .system = "easy",
			     .environment = "prod",
			     .production = true,
			     .state = LANE_HOLD,
			     .checked = { WORLD_NOW },
			     .stale_after = 60000,
			     .reasons = "[\"held: tag frozen/x\",\"alarm: no run came\"]" };
	const struct why_row *row;

	assert_int_equal(store_holds_put(w->store, "easy/prod", HOLD_FREEZE, &hold, 1, &w->e), 0);
	assert_int_equal(store_alarm_put(w->store, &alarm, &w->e), 0);
	world_put(w, Q_lane_put, &rec_lane, &lane);
	world_put(w, Q_freeze_put, &rec_freeze, &frozen);
	row = why_of(w, "easy/prod", "held: ");
	assert_string_equal(row->source, "tag frozen/x");
	assert_string_equal(row->age, "2m");
	assert_non_null(strstr(row->fix, "pilothouse thaw easy"));
	row = why_of(w, "easy/prod", "alarm: ");
	assert_string_equal(row->age, "3m");
	assert_string_equal(row->fix, "look at the queue");
	assert_null(why_of(w, "easy/prod", "the line is stopped")); /* it exempts this lane */
	lane.environment = "other";
	world_put(w, Q_lane_put, &rec_lane, &lane);
	assert_null(why_of(w, "easy/prod", "the line is stopped")); /* the hold says it */
}

/* Who holds it and what went wrong are told beside the reasons; a lock that ran out and a doubt are not. */
static void a_lane_shows_its_lock_and_its_alarm(void **state)
{
	struct world *w = *state;
	struct lane lane = { .name = "easy/locked", .reasons = "[]", .state = LANE_OK };
	struct hold hold = { .owner = "ben",
			     .reason = "canary",
			     .source = "ref",
			     .until = { WORLD_NOW - MINUTES },
			     .at = { WORLD_NOW } };
	struct alarm alarm = { ALARM_DOUBT, "7", "easy/locked", "a doubt", "", { WORLD_NOW }, { WORLD_NOW } };

	for (int turn = 0; turn < 2; turn++) {
		struct lane_rows rows = { 0 };
		const struct lane_row *row = NULL;
		world_put(w, Q_lane_put, &rec_lane, &lane);
		assert_int_equal(store_holds_put(w->store, lane.name, HOLD_FOREIGN, &hold, 1, &w->e), 0);
		assert_int_equal(store_alarm_put(w->store, &alarm, &w->e), 0);
		assert_int_equal(view_lanes(&rows, w->store, now, &w->a, &w->e), 0);
		vec_each (l, &rows)
			if (!strcmp(l->name, lane.name))
				row = l;
		assert_non_null(row);
		assert_string_equal(row->lock, turn ? "ben until 16:02Z: canary" : "");
		assert_string_equal(row->alarm, turn ? "no run came" : "");
		hold.until.ms = WORLD_NOW + 2 * HOURS;
		alarm.kind = ALARM_SILENCE;
		alarm.text = "no run came";
	}
}

static void a_run_shows_what_it_decided(void **state)
{
	static const struct decision d = { .run_id = 35531727001,
					   .name = "acceptance",
					   .verdict = DECISION_NO,
					   .word = "false",
					   .reasons = "A_FAILED, B_FAILED",
					   .detail = "",
					   .source = "acceptance-stage-1: result.json",
					   .at = { WORLD_NOW - MINUTES } };
	struct world *w = *state;
	struct run_view v;
	struct buf out = BUF_INIT(65536);
	struct jw j;
	world_put(w, Q_decision_put, &rec_decision, &d);
	assert_int_equal(view_run(&v, w->store, 35531727001, now, &w->a, &w->e), 0);
	assert_int_equal(v.decisions_n, 1);
	assert_string_equal(v.decisions[0].verdict, "no");
	jw_init(&j, &out);
	view_run_json(&j, &v, now);
	assert_non_null(strstr(out.s, "\"reasons\":[\"A_FAILED\",\"B_FAILED\"]"));
	assert_non_null(strstr(out.s, "\"age_s\":60"));
	buf_done(&out);
}

static void check_safe(const char *what, const char *s)
{
	if (!s || !text_is_safe(s))
		fail_msg("%s is not safe: %s", what, s ? s : "NULL");
}
#define SAFE(row, member) check_safe(#member, (row)->member)

static void hostile_evidence_is_made_safe(void **state)
{
	struct world *w = *state;
	struct drift_rows drift = { 0 };
	struct readiness_row *back;
	struct readiness_rows ready = { 0 };
	struct freeze_rows freeze = { 0 };
	struct run_view run;
	struct lane l = { .name = HOSTILE, .system = HOSTILE, .production = true };
	put_drift(w, HOSTILE, HOSTILE, DRIFT_OTHER, 2 * HOURS);
	world_put(w, Q_lane_put, &rec_lane, &l);
	put_condition(w, HOSTILE, 0, "target", CHECK_OK, HOSTILE, 0);
	put_condition(w, HOSTILE, 1, HOSTILE, CHECK_BAD, HOSTILE, 0);
	world_put(w, Q_freeze_put, &rec_freeze,
		  &(struct freeze){
			  .system = HOSTILE, .source = HOSTILE, .state = FREEZE_FROZEN, .detail = HOSTILE });
	world_put(w, Q_decision_put, &rec_decision,
		  &(struct decision){ .run_id = 35531727001,
				      .name = HOSTILE,
				      .word = HOSTILE,
				      .reasons = HOSTILE,
				      .detail = HOSTILE,
				      .source = HOSTILE });
	assert_int_equal(view_drift(&drift, w->store, HOSTILE, now, &w->a, &w->e), 0);
	assert_int_equal(drift.n, 1);
	SAFE(&drift.items[0], lane), SAFE(&drift.items[0], component), SAFE(&drift.items[0], reason);
	assert_int_equal(view_readiness(&ready, w->store, HOSTILE, now, &w->a, &w->e), 0);
	back = &ready.items[0];
	SAFE(back, lane), SAFE(back, target), SAFE(back, back), SAFE(&back->checks[1], name);
	SAFE(&back->checks[1], detail);
	assert_int_equal(view_freeze(&freeze, w->store, HOSTILE, now, &w->a, &w->e), 0);
	SAFE(&freeze.items[0], system), SAFE(&freeze.items[0], source), SAFE(&freeze.items[0], detail);
	assert_int_equal(view_run(&run, w->store, 35531727001, now, &w->a, &w->e), 0);
	SAFE(&run.decisions[0], name), SAFE(&run.decisions[0], word), SAFE(&run.decisions[0], reasons);
	SAFE(&run.decisions[0], detail), SAFE(&run.decisions[0], source);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(drift_is_aged),
		TEST(a_lane_says_what_drifts),
		TEST(a_row_older_than_our_act_says_so),
		TEST(the_way_back_is_said_in_one_line),
		TEST(readiness_has_its_conditions),
		TEST(a_freeze_marks_production),
		TEST(why_says_what_stops_and_what_drifts),
		TEST(why_says_what_holds_and_what_is_silent),
		TEST(a_lane_shows_its_lock_and_its_alarm),
		TEST(a_run_shows_what_it_decided),
		TEST(hostile_evidence_is_made_safe),
	};
	return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
