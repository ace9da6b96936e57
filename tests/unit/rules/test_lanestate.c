/* From facts to the state of a lane, one row a case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/rules/lanestate.h"

#define DONE(c)  RUN_COMPLETED, CONCLUSION_##c
#define OPEN(s)  RUN_##s, CONCLUSION_OTHER
#define NOW      120000 /* ms */
#define RUNS_MAX 4
#define JOBS_MAX 4

struct job_row {
	const char *name, *stage;
	int status, conclusion;
};

struct row {
	const char *what;
	struct {
		int64_t id;
		int status, conclusion;
		const char *release;
	} runs[RUNS_MAX]; /* newest first, id 0 ends */
	struct job_row jobs[JOBS_MAX];
	int64_t gate_of; /* run with a pending gate, 0 none */
	int intent;      /* enum intent_state, 0 none */
	const char *act; /* of it; NULL: dispatch */
	bool staging;    /* not a production lane */
	const char *poll_error;
	struct hold hold; /* kind 0: none */
	const char *alarm;
	int freeze;           /* enum freeze_state + 1; 0: the system has none */
	struct canary canary; /* phase 0: none is under way */
	/* what is expected */
	enum lane_state state;
	int64_t run_id, live_run;
	const char *live, *next, *progress, *reason; /* reason: part of reasons; NULL not looked at */
	const char * not ;                           /* no part of reasons; NULL not looked at */
};

static const char *const stages[] = { "build", "deploy", "verify" };

/* clang-format off */
static const struct row rows[] = {
	{ .what = "green", .runs = { { 5, DONE(SUCCESS), "v2" }, { 4, DONE(SUCCESS), "v1" } },
	  .state = LANE_OK, .run_id = 5, .live_run = 5, .live = "v2", .next = "" },
	{ .what = "failed", .runs = { { 5, DONE(FAILURE), "v2" }, { 4, DONE(SUCCESS), "v1" } },
	  .state = LANE_FAIL, .run_id = 5, .live_run = 4, .live = "v1", .reason = "run 5 of v2 ended: failure" },
	{ .what = "timed out", .runs = { { 5, DONE(TIMED_OUT), "v2" } },
	  .state = LANE_FAIL, .run_id = 5, .live_run = 0, .live = "" },
	{ .what = "startup failure", .runs = { { 5, DONE(STARTUP_FAILURE), "v2" } },
	  .state = LANE_FAIL, .run_id = 5, .live = "" },
	{ .what = "given up by the forge", .runs = { { 5, DONE(STALE), "v2" } },
	  .state = LANE_FAIL, .run_id = 5, .live = "" },
	{ .what = "needs an action", .runs = { { 5, DONE(ACTION_REQUIRED), "v2" } },
	  .state = LANE_WAIT, .run_id = 5, .live = "" },
	{ .what = "a conclusion nobody knows", .runs = { { 5, DONE(OTHER), "v2" }, { 4, DONE(SUCCESS), "v1" } },
	  .state = LANE_UNKN, .run_id = 5, .live_run = 4, .live = "v1", .reason = "conclusion we do not know" },
	{ .what = "a conclusion out of range", .runs = { { 5, RUN_COMPLETED, 99, "v2" } },
	  .state = LANE_UNKN, .run_id = 5, .live = "" },
	{ .what = "skipped says nothing", .runs = { { 5, DONE(SKIPPED), "v2" }, { 4, DONE(SUCCESS), "v1" } },
	  .state = LANE_OK, .run_id = 4, .live_run = 4, .live = "v1" },
	{ .what = "cancelled in production", .runs = { { 5, DONE(CANCELLED), "v2" }, { 4, DONE(SUCCESS), "v1" } },
	  .state = LANE_FAIL, .run_id = 5, .live_run = 4, .live = "v1" },
	{ .what = "cancelled before it began", .runs = { { 5, DONE(CANCELLED), "v2" }, { 4, DONE(SUCCESS), "v1" } },
	  .jobs = { { "build", "build", DONE(CANCELLED) } },
	  .state = LANE_OK, .run_id = 4, .live_run = 4, .live = "v1" },
	{ .what = "cancelled half way", .runs = { { 5, DONE(CANCELLED), "v2" }, { 4, DONE(SUCCESS), "v1" } },
	  .jobs = { { "build", "build", DONE(SUCCESS) }, { "deploy", "deploy", DONE(CANCELLED) } },
	  .state = LANE_FAIL, .run_id = 5, .live_run = 4, .live = "v1", .progress = "2/3 deploy" },
	{ .what = "cancelled in staging", .runs = { { 5, DONE(CANCELLED), "v2" }, { 4, DONE(SUCCESS), "v1" } },
	  .staging = true, .state = LANE_OK, .run_id = 4, .live_run = 4, .live = "v1" },
	{ .what = "green, but the work was skipped", .runs = { { 5, DONE(SUCCESS), "v2" }, { 4, DONE(SUCCESS), "v1" } },
	  .jobs = { { "idle / deploy", "deploy", DONE(SKIPPED) } },
	  .state = LANE_OK, .run_id = 4, .live_run = 4, .live = "v1", .reason = "skipped: production active" },
	{ .what = "runs", .runs = { { 5, OPEN(IN_PROGRESS), "v2" }, { 4, DONE(SUCCESS), "v1" } },
	  .jobs = { { "build", "build", DONE(SUCCESS) }, { "deploy", "deploy", OPEN(IN_PROGRESS) } },
	  .state = LANE_RUN, .run_id = 5, .live_run = 4, .live = "v1", .next = "v2", .progress = "2/3 deploy" },
	{ .what = "runs, no stages known", .runs = { { 5, OPEN(IN_PROGRESS), "v2" } },
	  .jobs = { { "a", "", DONE(SUCCESS) }, { "b", "", OPEN(QUEUED) } },
	  .state = LANE_RUN, .run_id = 5, .live = "", .next = "v2", .progress = "1/2 jobs" },
	{ .what = "a job failed, the run goes on", .runs = { { 5, OPEN(IN_PROGRESS), "v2" } },
	  .jobs = { { "build", "build", DONE(FAILURE) }, { "deploy", "deploy", OPEN(IN_PROGRESS) } },
	  .state = LANE_RUN, .run_id = 5, .live = "", .progress = "1/3 build", .reason = "job build failed" },
	{ .what = "queued", .runs = { { 5, OPEN(QUEUED), "v2" } },
	  .state = LANE_RUN, .run_id = 5, .live = "", .progress = "queued" },
	{ .what = "held by a lock", .runs = { { 6, OPEN(PENDING), "v3" }, { 5, OPEN(IN_PROGRESS), "v2" } },
	  .state = LANE_RUN, .run_id = 6, .live = "", .next = "v3", .progress = "pending" },
	{ .what = "a status nobody knows", .runs = { { 5, OPEN(OTHER), "v2" }, { 4, DONE(SUCCESS), "v1" } },
	  .state = LANE_UNKN, .run_id = 5, .live_run = 4, .live = "v1" },
	{ .what = "a status out of range", .runs = { { 5, 77, 0, "v2" } },
	  .state = LANE_UNKN, .run_id = 5, .live = "" },
	{ .what = "waits at a gate", .runs = { { 5, OPEN(WAITING), "v2" }, { 4, DONE(SUCCESS), "v1" } }, .gate_of = 5,
	  .state = LANE_WAIT, .run_id = 5, .live_run = 4, .live = "v1", .next = "v2", .progress = "gate:production",
	  .reason = "waits at gate production" },
	{ .what = "a gate while other jobs run", .runs = { { 5, OPEN(IN_PROGRESS), "v2" } }, .gate_of = 5,
	  .state = LANE_WAIT, .run_id = 5, .live = "", .progress = "gate:production" },
	{ .what = "waits, gate not read yet", .runs = { { 5, OPEN(WAITING), "v2" } },
	  .state = LANE_WAIT, .run_id = 5, .live = "", .progress = "gate" },
	{ .what = "the older one waits", .runs = { { 6, OPEN(PENDING), "v3" }, { 5, OPEN(WAITING), "v2" } }, .gate_of = 5,
	  .state = LANE_WAIT, .run_id = 5, .live = "", .next = "v3" },
	{ .what = "runs after a failure", .runs = { { 6, OPEN(IN_PROGRESS), "v3" }, { 5, DONE(FAILURE), "v2" } },
	  .state = LANE_RUN, .run_id = 6, .live = "", .reason = "run 5 of v2 failed before" },
	{ .what = "an act is not settled", .runs = { { 5, DONE(SUCCESS), "v2" } }, .intent = INTENT_UNKNOWN,
	  .state = LANE_UNKN, .run_id = 5, .live_run = 5, .live = "v2", .reason = "outcome of dispatch v3 is not settled" },
	{ .what = "armed counts as open", .runs = { { 5, DONE(SUCCESS), "v2" } }, .intent = INTENT_ARMED,
	  .state = LANE_UNKN, .run_id = 5, .live_run = 5, .live = "v2" },
	{ .what = "a lock on its way says nothing of what is live", .runs = { { 5, DONE(SUCCESS), "v2" } },
	  .intent = INTENT_ARMED, .act = "lock", .state = LANE_OK, .run_id = 5, .live_run = 5, .live = "v2",
	  .reason = "lock v3 is not settled: armed" },
	{ .what = "nor does one that was sent, where a run goes on", .runs = { { 5, OPEN(IN_PROGRESS), "v2" } },
	  .intent = INTENT_SENT, .act = "lock", .state = LANE_RUN, .run_id = 5, .live = "",
	  .reason = "lock v3 is not settled: sent" },
	{ .what = "an unlock on its way neither", .runs = { { 5, DONE(SUCCESS), "v2" } },
	  .intent = INTENT_SENT, .act = "unlock", .state = LANE_OK, .run_id = 5, .live_run = 5, .live = "v2" },
	{ .what = "a lock that nobody knows of may hold the lane", .runs = { { 5, DONE(SUCCESS), "v2" } },
	  .intent = INTENT_UNKNOWN, .act = "lock", .state = LANE_UNKN, .run_id = 5, .live_run = 5, .live = "v2" },
	{ .what = "nor is one well that was not found", .runs = { { 5, DONE(SUCCESS), "v2" } },
	  .intent = INTENT_NOT_FOUND, .act = "lock", .state = LANE_UNKN, .run_id = 5, .live_run = 5, .live = "v2" },
	{ .what = "a settled act does not", .runs = { { 5, DONE(SUCCESS), "v2" } }, .intent = INTENT_LINKED,
	  .state = LANE_OK, .run_id = 5, .live_run = 5, .live = "v2" },
	{ .what = "failure outranks an open act", .runs = { { 5, DONE(FAILURE), "v2" } }, .intent = INTENT_UNKNOWN,
	  .state = LANE_FAIL, .run_id = 5, .live = "", .reason = "not settled" },
	{ .what = "waiting outranks an open act", .runs = { { 5, OPEN(WAITING), "v2" } }, .intent = INTENT_UNKNOWN,
	  .state = LANE_WAIT, .run_id = 5, .live = "" },
	{ .what = "nothing was ever seen", .state = LANE_UNKN, .run_id = 0, .live = "", .next = "",
	  .reason = "no finished run that counts was seen" },
	{ .what = "only skipped ones were seen", .runs = { { 5, DONE(SKIPPED), "v2" } }, .state = LANE_UNKN, .live = "" },
	{ .what = "the last reading failed", .runs = { { 5, DONE(SUCCESS), "v2" } }, .poll_error = "connection refused",
	  .state = LANE_OK, .run_id = 5, .live_run = 5, .live = "v2", .reason = "last reading: connection refused" },
	{ .what = "held", .runs = { { 5, DONE(SUCCESS), "v2" } },
	  .hold = { .kind = HOLD_LOCK, .owner = "ana", .reason = "network change", .since = { 60000 } },
	  .state = LANE_HOLD, .run_id = 5, .live_run = 5, .live = "v2", .progress = "lock",
	  .reason = "[\"held: network change (ana, since 1970-01-01T00:01:00Z)" },
	{ .what = "held for a while", .runs = { { 5, DONE(SUCCESS), "v2" } },
	  .hold = { .kind = HOLD_FREEZE, .reason = "tag frozen/rollback", .until = { 3600000 } },
	  .state = LANE_HOLD, .run_id = 5, .live_run = 5, .live = "v2", .progress = "freeze until 01:00Z",
	  .reason = "held: tag frozen/rollback (until 1970-01-01T01:00:00Z)" },
	{ .what = "a hold without words", .runs = { { 5, DONE(SUCCESS), "v2" } }, .hold = { .kind = HOLD_CON_FREEZE },
	  .state = LANE_HOLD, .run_id = 5, .live_run = 5, .live = "v2", .reason = "held: con-freeze\"" },
	{ .what = "a lock that nothing enforces", .runs = { { 5, DONE(SUCCESS), "v2" } },
	  .hold = { .kind = HOLD_FOREIGN, .owner = "bo", .reason = "mine", .advisory = true },
	  .state = LANE_HOLD, .run_id = 5, .live_run = 5, .live = "v2", .reason = "held: mine (bo, advisory only)" },
	{ .what = "a hold ends on the second", .runs = { { 5, DONE(SUCCESS), "v2" } },
	  .hold = { .kind = HOLD_LOCK, .reason = "x", .until = { NOW } },
	  .state = LANE_OK, .run_id = 5, .live_run = 5, .live = "v2", .not = "held" },
	{ .what = "a hold of a kind nobody knows", .runs = { { 5, DONE(SUCCESS), "v2" } }, .hold = { .kind = 77 },
	  .state = LANE_HOLD, .run_id = 5, .live_run = 5, .live = "v2", .reason = "held: other" },
	{ .what = "failure outranks a hold, which is told", .runs = { { 5, DONE(FAILURE), "v2" } },
	  .hold = { .kind = HOLD_LOCK, .reason = "x" }, .state = LANE_FAIL, .run_id = 5, .live = "", .reason = "held: x" },
	{ .what = "so does a run", .runs = { { 5, OPEN(IN_PROGRESS), "v2" } },
	  .hold = { .kind = HOLD_LOCK, .reason = "x" }, .state = LANE_RUN, .run_id = 5, .live = "", .reason = "held: x" },
	{ .what = "so does an act that is not settled", .runs = { { 5, DONE(SUCCESS), "v2" } }, .intent = INTENT_SENT,
	  .hold = { .kind = HOLD_LOCK, .reason = "x" }, .state = LANE_UNKN, .run_id = 5, .live_run = 5, .live = "v2",
	  .reason = "held: x" },
	{ .what = "so does that nothing was seen", .hold = { .kind = HOLD_LOCK, .reason = "x" },
	  .state = LANE_UNKN, .live = "", .reason = "held: x" },
	{ .what = "an alarm is told and changes nothing", .runs = { { 5, DONE(SUCCESS), "v2" } }, .alarm = "nothing came",
	  .state = LANE_OK, .run_id = 5, .live_run = 5, .live = "v2", .reason = "alarm: nothing came" },
	{ .what = "a freeze that could not be read is a doubt", .runs = { { 5, DONE(SUCCESS), "v2" } },
	  .freeze = FREEZE_UNKNOWN + 1, .state = LANE_OK, .run_id = 5, .live_run = 5, .live = "v2",
	  .reason = "whether tag frozen stops it is not known: not read" },
	{ .what = "one that was read open is none", .runs = { { 5, DONE(SUCCESS), "v2" } }, .freeze = FREEZE_OPEN + 1,
	  .state = LANE_OK, .run_id = 5, .live_run = 5, .live = "v2", .not = "tag frozen" },
	{ .what = "nor for a lane that it exempts", .runs = { { 5, DONE(SUCCESS), "v2" } }, .staging = true,
	  .freeze = FREEZE_UNKNOWN + 1, .state = LANE_OK, .run_id = 5, .live_run = 5, .live = "v2", .not = "tag frozen" },
	{ .what = "a canary that is watched", .runs = { { 5, OPEN(IN_PROGRESS), "v2" } },
	  .canary = { .phase = CANARY_WATCHING, .verdict = VERDICT_PASS }, .state = LANE_RUN, .run_id = 5, .live = "",
	  .progress = "canary 25%" },
	{ .what = "a canary that fails", .runs = { { 5, OPEN(IN_PROGRESS), "v2" } },
	  .canary = { .phase = CANARY_WATCHING, .verdict = VERDICT_FAIL, .reason = "errors 3%" }, .state = LANE_FAIL,
	  .run_id = 5, .live = "", .progress = "canary 25%", .reason = "canary 25% fails: errors 3%" },
	{ .what = "a canary that fails at a gate", .runs = { { 5, OPEN(WAITING), "v2" } }, .gate_of = 5,
	  .canary = { .phase = CANARY_HELD, .verdict = VERDICT_FAIL, .reason = "errors 3%" }, .state = LANE_FAIL,
	  .run_id = 5, .live = "", .reason = "waits at gate production" },
	{ .what = "a canary that is held", .runs = { { 5, OPEN(IN_PROGRESS), "v2" } },
	  .canary = { .phase = CANARY_HELD, .verdict = VERDICT_PASS }, .state = LANE_WAIT, .run_id = 5, .live = "",
	  .reason = "until somebody promotes or aborts it" },
	{ .what = "a canary that nobody can judge", .runs = { { 5, OPEN(IN_PROGRESS), "v2" } },
	  .canary = { .phase = CANARY_WATCHING, .verdict = VERDICT_INCONCLUSIVE, .reason = "no traffic" },
	  .state = LANE_RUN, .run_id = 5, .live = "", .reason = "canary 25% is not decided: no traffic" },
	{ .what = "a canary without a run", .runs = { { 5, DONE(SUCCESS), "v2" } },
	  .canary = { .phase = CANARY_WATCHING, .verdict = VERDICT_PASS }, .state = LANE_RUN, .run_id = 5, .live_run = 5,
	  .live = "v2" },
	{ .what = "a failed run is worse than its canary", .runs = { { 5, DONE(FAILURE), "v2" } },
	  .canary = { .phase = CANARY_HELD, .verdict = VERDICT_PASS }, .state = LANE_FAIL, .run_id = 5, .live = "" },
	{ .what = "a failed canary that got all of the traffic", .runs = { { 5, DONE(SUCCESS), "v2" } },
	  .canary = { .phase = CANARY_DONE, .verdict = VERDICT_FAIL, .release = "v2", .reason = "errors 3%" },
	  .state = LANE_FAIL, .run_id = 5, .live_run = 5, .live = "v2",
	  .reason = "the canary of v2 failed, and it has all of the traffic: errors 3%" },
	{ .what = "another release is live since", .runs = { { 5, DONE(SUCCESS), "v2" } },
	  .canary = { .phase = CANARY_DONE, .verdict = VERDICT_FAIL, .release = "v1", .reason = "errors 3%" },
	  .state = LANE_OK, .run_id = 5, .live_run = 5, .live = "v2", .not = "canary" },
	{ .what = "release not known", .runs = { { 5, DONE(SUCCESS), NULL } },
	  .state = LANE_OK, .run_id = 5, .live_run = 5, .live = "", .next = "" },
};
/* clang-format on */

struct case_facts {
	struct run runs[RUNS_MAX];
	struct job jobs[JOBS_MAX];
	struct gate gate;
	struct intent intent;
	struct hold hold;
	struct alarm alarm;
	struct freeze freeze;
	struct lane_facts f;
};

static void fill_holds(struct case_facts *c, const struct row *row)
{
	c->hold = row->hold;
	c->f.holds = &c->hold;
	c->f.holds_n = row->hold.kind != HOLD_OTHER;
	c->alarm = (struct alarm){ .kind = ALARM_SILENCE, .text = row->alarm };
	c->f.alarms = &c->alarm;
	c->f.alarms_n = row->alarm != NULL;
	c->freeze = (struct freeze){
		.source = "tag frozen", .state = row->freeze - 1, .detail = "not read", .exempt = "pr,staging"
	};
	c->f.freezes = &c->freeze;
	c->f.freezes_n = row->freeze != 0;
	c->f.canary = &row->canary;
	c->f.canary_words =
		row->canary.phase == CANARY_OTHER || row->canary.phase == CANARY_DONE ? "" : "canary 25%";
	c->f.environment = row->staging ? "staging" : "prod";
	c->f.now = (struct when){ NOW };
}

static void fill(struct case_facts *c, const struct row *row)
{
	c->f = (struct lane_facts){ .lane = "easy/prod",
				    .production = !row->staging,
				    .runs = c->runs,
				    .jobs = c->jobs,
				    .stages_n = 3,
				    .stage_names = stages,
				    .poll_error = row->poll_error };
	for (size_t i = 0; i < RUNS_MAX && row->runs[i].id; i++, c->f.runs_n++)
		c->runs[i] = (struct run){ .id = row->runs[i].id,
					   .status = row->runs[i].status,
					   .conclusion = row->runs[i].conclusion,
					   .release = row->runs[i].release,
					   .head_sha = "abc",
					   .updated = { 1000 + row->runs[i].id } };
	for (size_t i = 0; i < JOBS_MAX && row->jobs[i].name; i++, c->f.jobs_n++)
		c->jobs[i] = (struct job){ .id = (int64_t)i + 1,
					   .run_id = row->runs[0].id,
					   .name = row->jobs[i].name,
					   .stage = row->jobs[i].stage,
					   .status = row->jobs[i].status,
					   .conclusion = row->jobs[i].conclusion };
	if (c->f.jobs_n && c->jobs[0].conclusion == CONCLUSION_SKIPPED &&
	    text_starts(c->jobs[0].name, "idle / "))
		c->f.no_work = "skipped: production active";
	c->gate = (struct gate){ .run_id = row->gate_of, .environment = "production", .since = { 77 } };
	c->f.gates = &c->gate;
	c->f.gates_n = row->gate_of != 0;
	c->intent = (struct intent){ .act = row->act ? row->act : "dispatch",
				     .subject = "v3",
				     .state = row->intent };
	c->f.open = &c->intent;
	c->f.open_n = row->intent != 0;
	fill_holds(c, row);
}

static void judge_row(const struct row *row, struct lane *out, struct arena *a)
{
	struct case_facts c = { 0 };

	fill(&c, row);
	lane_judge(out, &c.f, a);
}

static void each_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		const struct row *row = &rows[i];
		struct arena a = ARENA_INIT;
		struct lane l = { 0 };

		judge_row(row, &l, &a);
		if (l.state != (int)row->state || l.run_id != row->run_id || l.live_run != row->live_run ||
		    strcmp(l.live, row->live))
			fail_msg("%s: state %s run %d live %d %s, reasons %s", row->what,
				 names_word(&lane_state_names, l.state), (int)l.run_id, (int)l.live_run,
				 l.live, l.reasons);
		if (row->next && strcmp(l.next, row->next))
			fail_msg("%s: next %s", row->what, l.next);
		if (row->progress && strcmp(l.progress, row->progress))
			fail_msg("%s: progress %s", row->what, l.progress);
		if (row->reason && !strstr(l.reasons, row->reason))
			fail_msg("%s: reasons %s", row->what, l.reasons);
		if (row->not &&strstr(l.reasons, row->not ))
			fail_msg("%s: reasons %s", row->what, l.reasons);
		assert_int_equal(l.reasons[0], '[');
		arena_done(&a);
	}
}

/* Whatever status and conclusion are: only a success is OK, and only when nothing newer is open. */
static void only_success_is_ok(void **state)
{
	(void)state;
	for (int status = -1; status <= RUN_COMPLETED + 1; status++) {
		for (int conclusion = -1; conclusion <= CONCLUSION_STARTUP_FAILURE + 1; conclusion++) {
			struct row row = { .runs = { { 5, status, conclusion, "v2" } } };
			struct arena a = ARENA_INIT;
			struct lane l = { 0 };
			bool good = status == RUN_COMPLETED && conclusion == CONCLUSION_SUCCESS;

			judge_row(&row, &l, &a);
			assert_int_equal(l.state == LANE_OK, good);
			assert_int_equal(l.live_run != 0, good);
			arena_done(&a);
		}
	}
}

static void age_decides_what_is_shown(void **state)
{
	static const struct {
		int state;
		int64_t checked, stale_after, now;
		enum lane_state shown;
	} cases[] = {
		{ LANE_OK, 0, 60000, 1000000, LANE_STALE },
		{ LANE_OK, 1000000, 60000, 1060000, LANE_OK },
		{ LANE_OK, 1000000, 60000, 1060001, LANE_STALE },
		{ LANE_FAIL, 1000000, 60000, 1060001, LANE_STALE },
		{ LANE_FAIL, 1000000, 60000, 1000001, LANE_FAIL },
		{ LANE_OK, 1000000, 0, 1000000 + 15 * 60 * 1000, LANE_OK },
		{ LANE_OK, 1000000, 0, 1000001 + 15 * 60 * 1000, LANE_STALE },
		{ 42, 1000000, 60000, 1000001, LANE_UNKN },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct lane l = { .state = cases[i].state,
				  .checked = { cases[i].checked },
				  .stale_after = cases[i].stale_after };

		assert_int_equal(lane_shown(&l, (struct when){ cases[i].now }), cases[i].shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case),
		cmocka_unit_test(only_success_is_ok),
		cmocka_unit_test(age_decides_what_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
