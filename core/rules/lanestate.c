#include "core/rules/lanestate.h"

#include "base/json.h"
#include "base/text.h"

#include <string.h>

/* A proven default where a profile names no limit: a lane nobody looked at for a quarter of an hour is not known. */
#define STALE_AFTER_DEFAULT INT64_C(900000)

/* What a run says about its lane once it is over. */
enum verdict_of_run {
	RUN_GOOD,
	RUN_BAD,
	RUN_ASKS,      /* needs a person on the forge */
	RUN_UNCLEAR,   /* finished, with a word we do not know */
	RUN_NO_MATTER, /* changed nothing: look at the one before */
	RUN_OPEN,      /* not finished */
};

/* Cancelled is not here: it depends on what had begun. */
static const enum verdict_of_run by_conclusion[] = {
	[CONCLUSION_OTHER] = RUN_UNCLEAR,     [CONCLUSION_SUCCESS] = RUN_GOOD,
	[CONCLUSION_FAILURE] = RUN_BAD,       [CONCLUSION_CANCELLED] = RUN_BAD,
	[CONCLUSION_SKIPPED] = RUN_NO_MATTER, [CONCLUSION_NEUTRAL] = RUN_NO_MATTER,
	[CONCLUSION_TIMED_OUT] = RUN_BAD,     [CONCLUSION_ACTION_REQUIRED] = RUN_ASKS,
	[CONCLUSION_STALE] = RUN_BAD,         [CONCLUSION_STARTUP_FAILURE] = RUN_BAD,
};

struct reasons {
	struct jw w;
	struct buf text;
};

/* One judgement under way. */
struct judge {
	struct lane *out;
	const struct lane_facts *f;
	struct arena *a;
	const struct run *decides; /* newest run that counts; NULL none */
	const struct run *live;    /* newest run that is good */
	const struct run *newest_open;
	const struct run *waits; /* oldest open run that waits at a gate */
	const char *words[16];
	size_t words_n;
};

static void say(struct judge *j, const char *words)
{
	if (words && words[0] && j->words_n < countof(j->words))
		j->words[j->words_n++] = words;
}

static void say_first(struct judge *j, const char *words)
{
	if (j->words_n == countof(j->words))
		j->words_n--;
	for (size_t i = j->words_n++; i > 0; i--)
		j->words[i] = j->words[i - 1];
	j->words[0] = words;
}

static bool job_ran(const struct job *job)
{
	return job->conclusion == CONCLUSION_SUCCESS || job->conclusion == CONCLUSION_FAILURE ||
	       when_known(job->started);
}

/* True when the jobs are known and none had begun: cancelled in the queue, nothing was touched. */
static bool cancelled_untouched(const struct lane_facts *f, const struct run *run)
{
	if (run != f->runs || !f->jobs_n)
		return false;
	for (size_t i = 0; i < f->jobs_n; i++)
		if (job_ran(&f->jobs[i]))
			return false;
	return true;
}

/* A green run whose jobs mean that it did nothing deployed nothing. */
static bool green_but_idle(const struct lane_facts *f, const struct run *run)
{
	return f->no_work && run == f->runs && run->conclusion == CONCLUSION_SUCCESS;
}

static enum verdict_of_run run_verdict(const struct lane_facts *f, const struct run *run)
{
	if (run->status != RUN_COMPLETED)
		return RUN_OPEN;
	if (run->conclusion < 0 || (size_t)run->conclusion >= countof(by_conclusion))
		return RUN_UNCLEAR;
	if (run->conclusion == CONCLUSION_CANCELLED && (!f->production || cancelled_untouched(f, run)))
		return RUN_NO_MATTER;
	if (green_but_idle(f, run))
		return RUN_NO_MATTER;
	return by_conclusion[run->conclusion];
}

static bool run_waits(const struct lane_facts *f, const struct run *run)
{
	if (run->status == RUN_WAITING)
		return true;
	for (size_t i = 0; i < f->gates_n; i++)
		if (f->gates[i].run_id == run->id)
			return true;
	return false;
}

/* Finds the runs that matter: newest that counts, newest good one, those that are open. */
static void look_at_runs(struct judge *j)
{
	for (size_t i = 0; i < j->f->runs_n; i++) {
		const struct run *run = &j->f->runs[i];
		enum verdict_of_run v = run_verdict(j->f, run);

		if (v == RUN_OPEN && !j->newest_open)
			j->newest_open = run;
		if (v == RUN_OPEN && run_waits(j->f, run))
			j->waits = run;
		if (v != RUN_OPEN && v != RUN_NO_MATTER && !j->decides)
			j->decides = run;
		if (v == RUN_GOOD && !j->live)
			j->live = run;
	}
}

static const char *run_words(struct judge *j, const struct run *run, const char *what)
{
	return arena_printf(j->a, "run %" PRId64 "%s%s %s", run->id,
			    run->release && run->release[0] ? " of " : "", run->release ? run->release : "",
			    what);
}

/* ---- progress -------------------------------------------------------------------------------------------------- */

static int stage_index(const struct lane_facts *f, const char *stage)
{
	for (int i = 0; stage && i < f->stages_n; i++)
		if (text_eq(f->stage_names[i], stage))
			return i;
	return -1;
}

static bool job_is_bad(const struct job *job)
{
	return job->status == RUN_COMPLETED && job->conclusion != CONCLUSION_SUCCESS &&
	       job->conclusion != CONCLUSION_SKIPPED && job->conclusion != CONCLUSION_NEUTRAL;
}

/* The stage to name: the first with a failed job, else the first that is at work, else after the last finished. */
static int current_stage(const struct lane_facts *f)
{
	int failed = -1, open = -1, done = -1;

	for (size_t i = 0; i < f->jobs_n; i++) {
		int at = stage_index(f, f->jobs[i].stage);

		if (at < 0)
			continue;
		if (job_is_bad(&f->jobs[i]) && (failed < 0 || at < failed))
			failed = at;
		if (f->jobs[i].status != RUN_COMPLETED && (open < 0 || at < open))
			open = at;
		if (at > done)
			done = at;
	}
	return failed >= 0 ? failed : open >= 0 ? open : done;
}

static const char *progress_words(struct judge *j)
{
	int at = current_stage(j->f);
	size_t done = 0;

	if (at >= 0)
		return arena_printf(j->a, "%d/%d %s", at + 1, j->f->stages_n, j->f->stage_names[at]);
	if (!j->f->jobs_n)
		return "";
	for (size_t i = 0; i < j->f->jobs_n; i++)
		done += j->f->jobs[i].status == RUN_COMPLETED;
	return arena_printf(j->a, "%zu/%zu jobs", done, j->f->jobs_n);
}

static const char *bad_job(const struct lane_facts *f)
{
	for (size_t i = 0; i < f->jobs_n; i++)
		if (job_is_bad(&f->jobs[i]))
			return f->jobs[i].name;
	return NULL;
}

/* ---- one function a state ---------------------------------------------------------------------------------------- */

static void set_state(struct judge *j, enum lane_state state, const struct run *run, struct when since)
{
	j->out->state = (int)state;
	j->out->run_id = run ? run->id : 0;
	j->out->since = since;
}

static struct when first_known(struct when a, struct when b)
{
	return when_known(a) ? a : b;
}

static void state_waits(struct judge *j)
{
	const struct gate *gate = NULL;

	for (size_t i = 0; i < j->f->gates_n; i++)
		if (j->f->gates[i].run_id == j->waits->id &&
		    (!gate || j->f->gates[i].since.ms < gate->since.ms))
			gate = &j->f->gates[i];
	set_state(j, LANE_WAIT, j->waits,
		  gate ? first_known(gate->since, j->waits->updated) : j->waits->updated);
	if (!gate) {
		j->out->progress = "gate";
		say(j, run_words(j, j->waits, "waits for a protection rule"));
		return;
	}
	j->out->progress = arena_printf(j->a, "gate:%s", gate->environment);
	say(j, run_words(j, j->waits, arena_printf(j->a, "waits at gate %s", gate->environment)));
	if (!gate->can_approve)
		say(j, gate->why_not);
}

static void state_runs(struct judge *j)
{
	static const char *const words[] = {
		[RUN_OTHER] = "is in a state we do not know",
		[RUN_REQUESTED] = "was requested",
		[RUN_QUEUED] = "is queued",
		[RUN_PENDING] = "is held by a concurrency group",
		[RUN_WAITING] = "waits",
		[RUN_IN_PROGRESS] = "runs",
		[RUN_COMPLETED] = "is completed",
	};
	const struct run *run = j->newest_open;
	int status = run->status < 0 || (size_t)run->status >= countof(words) ? RUN_OTHER : run->status;
	const char *bad = run == j->f->runs ? bad_job(j->f) : NULL;

	/* A status nobody knows may mean anything: it is not finished, and not known to run. */
	set_state(j, status == RUN_OTHER ? LANE_UNKN : LANE_RUN, run,
		  first_known(run->started, run->created));
	j->out->progress = run == j->f->runs ? progress_words(j) : "";
	if (status == RUN_PENDING || !j->out->progress[0])
		j->out->progress = names_word(&run_status_names, status);
	if (bad)
		say(j, arena_printf(j->a, "job %s failed, the run goes on", bad));
	say(j, run_words(j, run, words[status]));
}

static void state_failed(struct judge *j)
{
	const char *how = names_word(&conclusion_names, j->decides->conclusion);
	const char *bad = j->decides == j->f->runs ? bad_job(j->f) : NULL;

	set_state(j, LANE_FAIL, j->decides, j->decides->updated);
	j->out->progress = j->decides == j->f->runs ? progress_words(j) : "";
	say(j, run_words(j, j->decides, arena_printf(j->a, "ended: %s", how)));
	if (bad)
		say(j, arena_printf(j->a, "job %s", bad));
	if (j->live && j->f->production)
		say(j, arena_printf(j->a, "what is live may be a mix: last good was %s",
				    j->live->release && j->live->release[0] ? j->live->release
									    : j->live->head_sha));
}

static void state_of_finished(struct judge *j)
{
	enum verdict_of_run v = j->decides ? run_verdict(j->f, j->decides) : RUN_NO_MATTER;

	switch (v) {
	case RUN_BAD:
		state_failed(j);
		return;
	case RUN_ASKS:
		set_state(j, LANE_WAIT, j->decides, j->decides->updated);
		j->out->progress = "action required";
		say(j, run_words(j, j->decides, "needs an action on the forge"));
		return;
	case RUN_GOOD:
		set_state(j, LANE_OK, j->decides, j->decides->updated);
		return;
	case RUN_UNCLEAR:
		set_state(j, LANE_UNKN, j->decides, j->decides->updated);
		say(j, run_words(j, j->decides, "ended with a conclusion we do not know"));
		return;
	case RUN_OPEN:
	case RUN_NO_MATTER:
		/* Nothing that counts was ever seen: absence is not health. */
		set_state(j, LANE_UNKN, NULL, WHEN_NONE);
		say(j, "no finished run that counts was seen");
		return;
	}
}

static void name_releases(struct judge *j)
{
	j->out->live = j->live && j->live->release ? j->live->release : "";
	j->out->live_sha = j->live && j->live->head_sha ? j->live->head_sha : "";
	j->out->live_run = j->live ? j->live->id : 0;
	j->out->next = j->newest_open && j->newest_open->release ? j->newest_open->release : "";
}

/* ---- a canary that is under way --------------------------------------------------------------------------------- */

static void canary_sets(struct judge *j, enum lane_state state, struct when since)
{
	j->out->state = (int)state;
	j->out->since = first_known(since, j->out->since);
}

/* Somebody let it on all the same: green runs do not mend that, another release does. */
static bool is_live_and_failed(const struct judge *j, const struct canary *c)
{
	return c->phase == CANARY_DONE && c->verdict == VERDICT_FAIL && j->out->live &&
	       text_eq(c->release, j->out->live);
}

/* While it fails the lane has failed, whatever its run still does; it is held until a person says otherwise. A lane that is
 * worse by itself stays so. */
static void weigh_canary(struct judge *j)
{
	const struct canary *c = j->f->canary;
	const char *words = j->f->canary_words;
	bool waits = c && (c->phase == CANARY_HELD || c->phase == CANARY_WAITING);

	if (c && is_live_and_failed(j, c)) {
		say_first(j, arena_printf(j->a, "the canary of %s failed, and it has all of the traffic: %s",
					  c->release, c->reason));
		canary_sets(j, LANE_FAIL, c->ends);
	}
	if (!c || !words || !*words)
		return;
	j->out->progress = words;
	if (c->verdict == VERDICT_INCONCLUSIVE)
		say(j, arena_printf(j->a, "%s is not decided: %s", words, c->reason));
	if (waits)
		say_first(j, arena_printf(j->a, "%s until somebody promotes or aborts it", words));
	if (c->verdict == VERDICT_FAIL) {
		say_first(j, arena_printf(j->a, "%s fails: %s", words, c->reason));
		canary_sets(j, LANE_FAIL, c->started);
	} else if (waits && j->out->state > LANE_WAIT) {
		canary_sets(j, LANE_WAIT, c->started);
	} else if (j->out->state == LANE_OK) {
		canary_sets(j, LANE_RUN, c->started);
	}
}

/* On its way it changes nothing of what is live. One that was looked for and not seen may hold the lane. */
static bool is_lock_on_its_way(const struct intent *in)
{
	return (in->state == INTENT_ARMED || in->state == INTENT_SENT) &&
	       (text_eq(in->act, "lock") || text_eq(in->act, "unlock"));
}

/* What says most of the lane. */
static const struct intent *unsettled(const struct lane_facts *f)
{
	const struct intent *found = NULL;

	for (size_t i = 0; i < f->open_n; i++)
		if (intent_is_open(f->open[i].state) && (!found || is_lock_on_its_way(found)))
			found = &f->open[i];
	return found;
}

static const char *intent_words(struct judge *j, const struct intent *in)
{
	return arena_printf(j->a, "outcome of %s %s is not settled: %s", in->act,
			    in->subject ? in->subject : "", names_word(&intent_state_names, in->state));
}

/* An act whose outcome is open outranks a lane that runs or is well, never one that failed or waits for a person. */
static void weigh_intents(struct judge *j)
{
	const struct intent *in = unsettled(j->f);

	if (!in)
		return;
	if (j->out->state > LANE_UNKN && !is_lock_on_its_way(in)) {
		j->out->state = LANE_UNKN;
		j->out->since = first_known(in->sent, in->created);
	}
	say_first(j, intent_words(j, in));
}

/* ---- holds, alarms, doubts --------------------------------------------------------------------------------------- */

static void add_part(struct buf *b, bool *any, const char *before, const char *words)
{
	buf_fmt(b, "%s%s%s", *any ? ", " : " (", before, words);
	*any = true;
}

const char *hold_words(const struct hold *h, struct arena *a)
{
	struct buf b = BUF_INIT(4096);
	bool any = false;
	char text[WHEN_TEXT];
	const char *out;

	buf_fmt(&b, "held: %s", h->reason && *h->reason ? h->reason : names_word(&hold_kind_names, h->kind));
	if (h->owner && *h->owner)
		add_part(&b, &any, "", h->owner);
	if (when_known(h->since))
		add_part(&b, &any, "since ", when_iso(h->since, text));
	if (when_known(h->until))
		add_part(&b, &any, "until ", when_iso(h->until, text));
	if (h->advisory)
		add_part(&b, &any, "", "advisory only");
	if (any)
		buf_str(&b, ")");
	out = b.over ? "held: its words are too long to keep" : arena_strdup(a, b.s);
	buf_done(&b);
	return out;
}

static const char *hold_progress(struct judge *j, const struct hold *h)
{
	char text[WHEN_TEXT];
	const char *kind = names_word(&hold_kind_names, h->kind);

	return when_known(h->until) ? arena_printf(j->a, "%s until %s", kind, when_hhmm(h->until, text))
				    : kind;
}

/* A hold makes no lane worse than it is: one that failed, waits or runs is told to be held too, and stays what it is. */
static void weigh_holds(struct judge *j)
{
	for (size_t i = 0; i < j->f->holds_n; i++) {
		const struct hold *h = &j->f->holds[i];

		if (!hold_is_active(h, j->f->now))
			continue;
		if (j->out->state == LANE_OK) {
			j->out->state = LANE_HOLD;
			j->out->since = first_known(h->since, h->at);
			j->out->progress = hold_progress(j, h);
			say_first(j, hold_words(h, j->a));
		} else {
			say(j, hold_words(h, j->a));
		}
	}
}

const char *alarm_words(const struct alarm *one, struct arena *a)
{
	return one->kind == ALARM_DOUBT ? one->text : arena_printf(a, "alarm: %s", one->text);
}

static void say_alarms(struct judge *j)
{
	for (size_t i = 0; i < j->f->alarms_n; i++)
		say(j, alarm_words(&j->f->alarms[i], j->a));
}

static void say_doubts(struct judge *j)
{
	for (size_t i = 0; i < j->f->freezes_n; i++) {
		const struct freeze *z = &j->f->freezes[i];

		if (z->state == FREEZE_UNKNOWN && !freeze_exempts(z, j->f->environment))
			say(j,
			    arena_printf(j->a, "whether %s stops it is not known: %s", z->source, z->detail));
	}
}

static const char *reasons_json(struct judge *j)
{
	struct buf text = BUF_INIT(65536);
	struct jw w;
	const char *out;

	jw_init(&w, &text);
	jw_open(&w, '[');
	for (size_t i = 0; i < j->words_n; i++)
		jw_raw_str(&w, j->words[i]);
	jw_close(&w, ']');
	out = text.over ? "[\"reasons are too long to keep\"]" : arena_strdup(j->a, text.s);
	buf_done(&text);
	return out;
}

void lane_judge(struct lane *out, const struct lane_facts *f, struct arena *a)
{
	struct judge j = { .out = out, .f = f, .a = a };

	out->progress = "";
	look_at_runs(&j);
	if (j.waits)
		state_waits(&j);
	else if (j.newest_open)
		state_runs(&j);
	else
		state_of_finished(&j);
	if (j.newest_open && j.decides && run_verdict(f, j.decides) == RUN_BAD)
		say(&j, run_words(&j, j.decides, "failed before"));
	if (f->runs_n && f->runs[0].status == RUN_COMPLETED && green_but_idle(f, &f->runs[0]))
		say(&j, f->no_work[0] ? f->no_work : "newest run did no work");
	name_releases(&j);
	weigh_canary(&j);
	weigh_intents(&j);
	weigh_holds(&j);
	say_alarms(&j);
	say_doubts(&j);
	if (f->poll_error && f->poll_error[0])
		say(&j, arena_printf(a, "last reading: %s", f->poll_error));
	out->reasons = reasons_json(&j);
}

enum lane_state lane_shown(const struct lane *l, struct when now)
{
	int64_t limit = l->stale_after > 0 ? l->stale_after : STALE_AFTER_DEFAULT;

	if (!when_known(l->checked) || when_diff(now, l->checked) > limit)
		return LANE_STALE;
	return l->state < LANE_FAIL || l->state > LANE_OK ? LANE_UNKN : (enum lane_state)l->state;
}
