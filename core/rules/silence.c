#include "core/rules/silence.h"

#include "base/text.h"

#include <string.h>

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define SLACK  (2 * MINUTE) /* between records of one forge: a newcomer and whom it displaced */
#define RECENT DAY          /* what became of a displaced run is not asked for longer */

/* A job that nobody approves within 30 days fails (GitHub reference, environments): three days are left to do it. The push
 * has issue 4's five minutes. Runs of a schedule begin late when the forge is busy, by up to an hour. */
static const struct silence_detector detectors[SILENCE_KINDS] = {
	[SILENCE_PUSH] = { "push", "a push to the branch starts a run of it", 5 * MINUTE, "no run", "",
			   "look whether the workflow is disabled or its file broken, then start it by "
			   "hand" },
	[SILENCE_EVICTED] = { "evicted", "a queued run comes to its turn", 1, "", "",
			      "ask who queued it whether it still must run" },
	[SILENCE_DISPATCH] = { "dispatch", "a dispatch that was sent has a run", 5 * MINUTE, "no run", "",
			       "`pilothouse reconcile`; nothing is sent twice meanwhile" },
	[SILENCE_STEP] = { "step", "the end of one run starts the next", 0, "no run", "",
			   "look at the job that starts it, then start it by hand" },
	[SILENCE_QUEUED] = { "queued", "a queued job begins", 15 * MINUTE, "no job", "",
			     "look whether a runner of its label is there" },
	[SILENCE_APPROVAL] = { "approval", "somebody decides before the forge gives up", 27 * DAY,
			       "no decision", "; after 30d the forge fails it", "approve or reject it" },
	[SILENCE_SCHEDULE] = { "schedule", "its schedule starts a run", HOUR, "no scheduled run", "",
			       "look whether the workflow is disabled: a forge stops schedules of a "
			       "repository "
			       "that nobody pushes to" },
	[SILENCE_FRESH] = { "fresh", "what an act needs to be recent is made again", 0, "no newer success",
			    "", "start it by hand" },
	[SILENCE_SAMPLE] = { "sample", "a sample of the canary has a number", 0, "canary sample missing", "",
			     "look whether the metrics source answers, and whether the canary has traffic" },
	[SILENCE_PROOF] = { "proof", "what a lane must prove is looked at again in time", 0,
			    "no newer look at", "",
			    "look why on PROOF: `pilothouse proof LANE`; then `pilothouse sync --once`" },
	[SILENCE_POLLER] = { "poller", "something reads the forge", 10 * MINUTE, "nothing reads the forge",
			     "", "`pilothouse sync` on the account that holds the token" },
};

const struct silence_detector *silence_detector(enum silence_kind kind)
{
	return &detectors[kind];
}

static int64_t limit_of(const struct silence *s)
{
	return s->limit_ms ? s->limit_ms : detectors[s->kind].limit_ms;
}

enum silence_says silence_judge(const struct silence *s, struct when *until)
{
	int64_t limit = limit_of(s);

	if (s->unknown)
		return SILENCE_DOUBTS;
	if (s->came || !when_known(s->since) || !when_known(s->known))
		return SILENCE_QUIET;
	if (when_diff(s->known, s->since) >= limit)
		return SILENCE_ALARMS;
	if (until)
		*until = (struct when){ s->since.ms + limit };
	return SILENCE_WAITS;
}

const char *silence_subject(const struct silence *s, struct arena *a)
{
	return arena_printf(a, "%s %s %s", detectors[s->kind].word, s->lane, s->item);
}

bool silence_is_subject(const char *subject)
{
	for (size_t i = 0; i < SILENCE_KINDS; i++) {
		size_t n = strlen(detectors[i].word);

		if (text_starts(subject, detectors[i].word) && subject[n] == ' ')
			return true;
	}
	return false;
}

/* A limit as it was set: 27d is not "3w". */
static const char *span_words(int64_t ms, struct arena *a)
{
	if (ms % DAY == 0)
		return arena_printf(a, "%" PRId64 "d", ms / DAY);
	if (ms % HOUR == 0)
		return arena_printf(a, "%" PRId64 "h", ms / HOUR);
	if (ms % MINUTE)
		return arena_printf(a, "%" PRId64 "s", ms / 1000);
	return arena_printf(a, "%" PRId64 "m", ms / MINUTE);
}

/* It says since when and not for how long: the same alarm reads the same tomorrow. */
static const char *text_of(const struct silence *s, struct arena *a)
{
	const struct silence_detector *d = &detectors[s->kind];
	char at[WHEN_TEXT];

	if (s->text)
		return s->text;
	return arena_printf(a, "%s%s%s: %s %s, limit %s%s", d->lead, *s->awaited ? " " : "", s->awaited,
			    s->what, when_iso(s->since, at), span_words(limit_of(s), a), d->tail);
}

struct alarm silence_alarm(const struct silence *s, enum silence_says says, struct when now, struct arena *a)
{
	bool doubt = says == SILENCE_DOUBTS;

	return (struct alarm){
		.kind = doubt                        ? ALARM_DOUBT
			: s->kind == SILENCE_EVICTED ? ALARM_EVICTED
						     : ALARM_SILENCE,
		.subject = silence_subject(s, a),
		.lane = s->lane,
		.text = doubt ? arena_printf(a, "whether %s is not known: %s", detectors[s->kind].expects,
					     s->unknown)
			      : text_of(s, a),
		.fix = doubt ? "" : detectors[s->kind].fix,
		.since = now,
		.at = now,
	};
}

/* ---- what is read out of rows --------------------------------------------------------------------------------------- */

static bool fits(const struct run *r, const struct silence_want *w)
{
	return (!w->event || text_eq(r->event, w->event)) &&
	       (!w->head_sha || text_eq(r->head_sha, w->head_sha)) &&
	       (!w->branch || text_eq(r->branch, w->branch)) &&
	       (!w->success || (r->status == RUN_COMPLETED && r->conclusion == CONCLUSION_SUCCESS)) &&
	       (!when_known(w->from) || when_diff(r->created, w->from) >= 0);
}

const struct run *silence_find(const struct silence_runs *runs, const struct silence_want *want)
{
	for (size_t i = 0; i < runs->n; i++)
		if (fits(&runs->items[i], want))
			return &runs->items[i];
	return NULL;
}

const struct run *silence_evictor(const struct run *run, bool began, const struct silence_runs *runs)
{
	const struct run *by = NULL;

	if (run->status != RUN_COMPLETED || run->conclusion != CONCLUSION_CANCELLED || began)
		return NULL;
	for (size_t i = 0; i < runs->n; i++) {
		const struct run *r = &runs->items[i];
		int64_t apart = when_diff(run->updated, r->created);

		if (r->id <= run->id)
			continue;
		/* Something was delivered since, or it is long ago: nobody waits for it any more. */
		if (when_diff(r->created, run->updated) > RECENT ||
		    (r->status == RUN_COMPLETED && r->conclusion == CONCLUSION_SUCCESS))
			return NULL;
		if (apart >= -SLACK && apart <= SLACK)
			by = r;
	}
	return by;
}

static struct when later(struct when a, struct when b)
{
	return when_diff(a, b) > 0 ? a : b;
}

struct when silence_idle(const struct run *run, const struct job *jobs, size_t n)
{
	struct when last = later(run->created, run->started);
	bool begins = run->status == RUN_QUEUED || run->status == RUN_REQUESTED;

	if (!begins && (run->status != RUN_IN_PROGRESS || !n))
		return WHEN_NONE;
	for (size_t i = 0; i < n; i++) {
		if (jobs[i].status != RUN_COMPLETED && jobs[i].status != RUN_QUEUED)
			return WHEN_NONE;
		last = later(last, jobs[i].completed);
	}
	return last;
}

bool silence_is_skipped(const char *message)
{
	/* GitHub's documentation, "Skipping workflow runs". */
	static const char *const marks[] = { "[skip ci]", "[ci skip]", "[no ci]", "[skip actions]",
					     "[actions skip]" };

	for (size_t i = 0; message && i < countof(marks); i++)
		if (strstr(message, marks[i]))
			return true;
	return false;
}
