#include "core/engine/silence.h"

#include "base/cron.h"
#include "base/text.h"
#include "core/engine/alarms.h"
#include "core/engine/proofs.h"
#include "core/engine/survey_fleet.h"
#include "core/engine/sync.h"
#include "core/model/canary.h"
#include "core/rules/after.h"
#include "core/rules/silence.h"
#include "store/holds.h"

#define NEWEST_MAX   300 /* of all runs: what is no lane's is looked for among them */
#define LANE_MAX     30  /* of a lane's: its newest page */
#define OWN_MAX      50  /* acts whose runs core/rules/after.h looks after */
#define MINUTE_MS    INT64_C(60000)
#define HORIZON      (24 * 60 * MINUTE_MS) /* who missed it for a day waits for it no more: as AFTER_MS */
#define SAMPLE_SLACK INT64_C(5000)         /* answers take their time */
#define RUN_WITHIN   10                    /* minutes from the end of a run to the next */

struct rows VEC_OF(struct run);

struct quiet {
	struct engine *en;
	const struct profile *p;
	const struct profile_lane *l;
	struct arena a;
	struct when known; /* server time of the list of runs */
	struct when until; /* the next limit, server time */
	struct alarms now, open;
	struct rows lane, found;
	struct when reach; /* runs of the repository before it were not looked at */
	bool has_reach;
	struct VEC_OF(struct gate) gates;
	struct VEC_OF(struct intent) own, intents;
	struct VEC_OF(struct job) jobs;
};

const char *silence_head_name(const char *repo, const char *branch, struct arena *a)
{
	return arena_printf(a, "head %s %s", repo, branch);
}

/* ---- one expectation ------------------------------------------------------------------------------------------------- */

static const struct alarm *open_of(const struct quiet *q, const char *subject)
{
	vec_each (it, &q->open)
		if (it->kind != ALARM_DOUBT && text_eq(it->subject, subject))
			return it;
	return NULL;
}

static void weigh(struct quiet *q, struct silence *s)
{
	struct when until = { INT64_MAX };
	enum silence_says says;
	const struct alarm *was;

	s->lane = q->l->name;
	s->known = when_known(s->known) ? s->known : q->known;
	says = silence_judge(s, &until);
	if (when_diff(until, q->until) < 0)
		q->until = until;
	was = says == SILENCE_DOUBTS ? open_of(q, silence_subject(s, &q->a)) : NULL;
	if (was)
		*(struct alarm *)vec_push(&q->now, &q->a) = *was;
	if (says == SILENCE_ALARMS || says == SILENCE_DOUBTS)
		*(struct alarm *)vec_push(&q->now, &q->a) = silence_alarm(s, says, engine_now(q->en), &q->a);
}

/* ---- runs of a workflow ------------------------------------------------------------------------------------------------ */

static int read_reach(struct quiet *q, struct err *e)
{
	struct key key = { .repo = q->p->repo, .limit = NEWEST_MAX }, oldest = { 0 };
	int r = 0;

	if (!q->has_reach)
		r = store_one(q->en->o.cache, Q_runs_reach, &rec_key, &key, &rec_key, &oldest, &q->a, e);
	if (!q->has_reach && r >= 0)
		q->reach = oldest.at;
	q->has_reach = true;
	return r;
}

/* A lane's own are the newest page of it; of other files those among the newest of all. */
static int read_found(struct quiet *q, const char *workflow, struct err *e)
{
	struct key key = { .repo = q->p->repo, .limit = NEWEST_MAX, .text = workflow };

	q->found = (struct rows){ 0 };
	if (!workflow)
		q->found = q->lane;
	return workflow ? store_list(q->en->o.cache, Q_runs_of_file, &rec_key, &key, &rec_run, &q->found,
				     &q->a, e)
			: 0;
}

/* Runs of that file (NULL: the lane's). A cache that was made today has none of last week: from. */
static int runs_of(struct quiet *q, const char *workflow, struct silence_runs *out, struct err *e)
{
	int r = read_reach(q, e);

	if (r >= 0)
		r = read_found(q, workflow, e);
	*out = (struct silence_runs){ .from = q->reach };
	if (r < 0)
		return r;
	out->n = 0;
	vec_each (run, &q->found)
		if (!workflow || profile_is_file(workflow, run->path))
			q->found.items[out->n++] = *run;
	out->items = q->found.items;
	if (!workflow && out->n == LANE_MAX)
		out->from = out->items[out->n - 1].created;
	return 0;
}

static const char *not_reached(struct quiet *q, const struct silence_runs *runs, struct when since)
{
	char at[WHEN_TEXT];

	if (!when_known(runs->from))
		return "no runs were read";
	return when_diff(runs->from, since) <= 0
		       ? NULL
		       : arena_printf(&q->a, "runs before %s were not read", when_iso(runs->from, at));
}

/* ---- what the profile expects ----------------------------------------------------------------------------------------- */

static const char *file_of(const struct quiet *q, const struct profile_expect *x)
{
	return x->workflow ? x->workflow : q->l->workflow;
}

static int expect_push(struct quiet *q, const struct profile_expect *x, struct err *e)
{
	struct key key = { .name = silence_head_name(q->p->repo, x->branch, &q->a) };
	struct silence s = { .kind = SILENCE_PUSH, .limit_ms = x->within_min * MINUTE_MS };
	struct silence_runs runs;
	struct poll head = { 0 };
	int r = store_one(q->en->o.cache, Q_poll_by_name, &rec_key, &key, &rec_poll, &head, &q->a, e);

	if (r == 0)
		r = runs_of(q, x->workflow, &runs, e);
	if (r)
		return r < 0 ? r : 0;
	s.item = arena_printf(&q->a, "%s %s", file_of(q, x), x->branch);
	s.awaited = arena_printf(&q->a, "of %s", file_of(q, x));
	s.what = arena_printf(&q->a, "%.7s reached %s", head.etag, x->branch);
	s.since = head.changed;
	s.came = silence_find(&runs, &(struct silence_want){ .branch = x->branch, .head_sha = head.etag });
	if (*head.error)
		s.unknown = arena_printf(&q->a, "%s %s", x->branch, head.error);
	else if (!s.came && when_known(s.since))
		s.unknown = not_reached(q, &runs, s.since);
	weigh(q, &s);
	return 0;
}

static int expect_schedule(struct quiet *q, const struct profile_expect *x, struct err *e)
{
	int64_t limit =
		x->within_min ? x->within_min * MINUTE_MS : silence_detector(SILENCE_SCHEDULE)->limit_ms;
	struct silence s = { .kind = SILENCE_SCHEDULE, .limit_ms = limit, .what = "it was due" };
	struct silence_runs runs;
	struct when next = { q->known.ms - limit };
	int r = runs_of(q, x->workflow, &runs, e);

	if (r < 0 || !when_known(q->known) || cron_last(&s.since, x->cron, next) < 0)
		return r;
	s.item = arena_printf(&q->a, "%s %s", file_of(q, x), x->cron);
	s.awaited = arena_printf(&q->a, "of %s", file_of(q, x));
	s.came = silence_find(&runs, &(struct silence_want){ .event = "schedule", .from = s.since });
	s.unknown = s.came ? NULL : not_reached(q, &runs, s.since);
	weigh(q, &s);
	/* The one that is due by now becomes late while nothing new is read. */
	if (cron_last(&next, x->cron, q->known) == 0 && when_diff(next, s.since) > 0 &&
	    next.ms + limit < q->until.ms)
		q->until.ms = next.ms + limit;
	return 0;
}

/* The run of `parent` ended well: one of `workflow` begins, or began while it ran. */
static int step_after(struct quiet *q, const struct run *parent, struct silence *s, const char *workflow,
		      const struct silence_want *want, struct err *e)
{
	struct silence_runs runs;
	int r = runs_of(q, workflow, &runs, e);

	if (r < 0 || when_diff(q->known, parent->updated) > HORIZON + s->limit_ms)
		return r;
	s->kind = SILENCE_STEP;
	s->what = arena_printf(&q->a, "run %" PRId64 " ended well", parent->id);
	s->since = parent->updated;
	s->came = silence_find(&runs, want);
	s->unknown = s->came ? NULL : not_reached(q, &runs, parent->created);
	weigh(q, s);
	return 0;
}

static int expect_run(struct quiet *q, const struct profile_expect *x, struct err *e)
{
	struct silence s = { .limit_ms = (x->within_min ? x->within_min : RUN_WITHIN) * MINUTE_MS };
	struct silence_runs runs;
	const struct run *from;
	int r = runs_of(q, x->from, &runs, e);

	from = r < 0 ? NULL
		     : silence_find(&runs, &(struct silence_want){ .branch = x->branch, .success = true });
	if (!from)
		return r;
	s.item = arena_printf(&q->a, "%s after %s", file_of(q, x), x->from);
	s.awaited = arena_printf(&q->a, "of %s after %s", file_of(q, x), x->from);
	return step_after(q, from, &s, x->workflow, &(struct silence_want){ .from = from->created }, e);
}

static int look_at_expects(struct quiet *q, struct err *e)
{
	static int (*const looks[])(struct quiet *, const struct profile_expect *, struct err *) = {
		[EXPECT_PUSH] = expect_push,
		[EXPECT_SCHEDULE] = expect_schedule,
		[EXPECT_RUN] = expect_run,
	};
	int r = 0;

	vec_each (x, &q->l->expects)
		if (r >= 0)
			r = looks[x->kind](q, x, e);
	return r;
}

/* ---- what a run of the lane begins -------------------------------------------------------------------------------------- */

static const struct run *newest_good(const struct quiet *q)
{
	const struct silence_runs runs = { .items = q->lane.items, .n = q->lane.n };

	return silence_find(&runs, &(struct silence_want){ .success = true });
}

static int look_at_follows(struct quiet *q, struct err *e)
{
	const struct run *parent = newest_good(q);
	int r = 0;

	vec_each (f, &q->l->follows) {
		const struct profile_words words = { .release = parent ? parent->release : NULL,
						     .repo = q->p->repo };
		struct silence s = { .item = f->workflow, .limit_ms = f->window_min * MINUTE_MS };
		const char *ref =
			f->ref && parent && *parent->release ? profile_expand(&q->a, f->ref, &words) : NULL;

		s.awaited = arena_printf(&q->a, "of %s", f->workflow);
		if (r >= 0 && parent)
			r = step_after(q, parent, &s, f->workflow,
				       &(struct silence_want){ .branch = ref, .from = parent->created }, e);
	}
	return r;
}

/* ---- needs that are to be recent --------------------------------------------------------------------------------------- */

/* What belongs to one release is made when somebody wants it, and nobody misses it before. */
static int look_at_fresh(struct quiet *q, struct err *e)
{
	int r = 0;

	vec_each (n, &q->l->needs) {
		struct silence s = { .kind = SILENCE_FRESH, .item = n->name };
		struct silence_runs runs;
		const struct run *good;

		if (n->kind != NEED_FRESH || n->artifact || !n->workflow || r < 0)
			continue;
		r = runs_of(q, n->workflow, &runs, e);
		good = silence_find(&runs, &(struct silence_want){ .branch = n->branch, .success = true });
		s.limit_ms = n->max_age_h * 60 * MINUTE_MS;
		s.awaited = arena_printf(&q->a, "of %s", n->workflow);
		s.what = arena_printf(&q->a, "%s was last good", n->name);
		s.since = good ? good->updated : WHEN_NONE;
		if (!good)
			s.unknown = arena_printf(&q->a, "no success of %s is among the runs that were read",
						 n->workflow);
		if (r >= 0)
			weigh(q, &s);
	}
	return r;
}

/* ---- what waits ------------------------------------------------------------------------------------------------------------ */

static void look_at_gates(struct quiet *q)
{
	vec_each (g, &q->gates) {
		struct silence s = { .kind = SILENCE_APPROVAL, .since = g->since };

		if (!text_eq(g->lane, q->l->name))
			continue;
		s.item = arena_printf(&q->a, "%" PRId64 " %s", g->run_id, g->environment);
		s.awaited = arena_printf(&q->a, "on %s", g->environment);
		s.what = arena_printf(&q->a, "run %" PRId64 " waits since", g->run_id);
		weigh(q, &s);
	}
}

static int look_at_intents(struct quiet *q, struct err *e)
{
	struct key key = { .name = q->l->name };
	int r;

	q->intents.n = 0;
	r = store_list(q->en->o.cache, Q_intents_by_lane_open, &rec_key, &key, &rec_intent, &q->intents,
		       &q->a, e);
	vec_each (in, &q->intents) {
		struct silence s = { .kind = SILENCE_DISPATCH, .came = in->run_id != 0 };

		if (!after_is_start(in) || !when_known(in->sent))
			continue;
		s.item = arena_printf(&q->a, "%" PRId64, in->id);
		s.awaited = arena_printf(&q->a, "of intent %" PRId64, in->id);
		s.what = arena_printf(&q->a, "%s %s was sent", in->act, in->subject);
		s.since = (struct when){ in->sent.ms + q->en->skew_ms };
		weigh(q, &s);
	}
	return r < 0 ? r : 0;
}

static int read_jobs(struct quiet *q, const struct run *run, struct err *e)
{
	struct key key = { .id = run->id, .number = run->attempt };

	q->jobs.n = 0;
	return store_list(q->en->o.cache, Q_jobs_by_run, &rec_key, &key, &rec_job, &q->jobs, &q->a, e);
}

static void look_at_queued(struct quiet *q, const struct run *run)
{
	struct silence s = { .kind = SILENCE_QUEUED,
			     .what = "it is queued, and nothing else of it ran after" };
	struct when age = sync_facts_age(q->en->sync, q->p->repo, run->id);

	s.since = silence_idle(run, q->jobs.items, q->jobs.n);
	s.known = when_known(age) ? (struct when){ age.ms + q->en->skew_ms } : WHEN_NONE;
	s.item = arena_printf(&q->a, "%" PRId64, run->id);
	s.awaited = arena_printf(&q->a, "of run %" PRId64 " begins", run->id);
	weigh(q, &s);
}

static bool is_own(const struct quiet *q, int64_t run)
{
	vec_each (in, &q->own)
		if (in->run_id == run)
			return true;
	return false;
}

/* Where a newcomer is meant to cancel nobody is missed. */
static bool displaces(const struct profile_lane *l)
{
	vec_each (lock, &l->locks)
		if (lock->cancels)
			return true;
	return false;
}

static void look_at_evicted(struct quiet *q, const struct run *run)
{
	const struct silence_runs runs = { .items = q->lane.items, .n = q->lane.n };
	struct silence s = { .kind = SILENCE_EVICTED, .since = run->updated };
	const struct run *by;
	bool began = false;

	vec_each (job, &q->jobs)
		began = began || when_known(job->started) || job->conclusion == CONCLUSION_SUCCESS;
	by = silence_evictor(run, began, &runs);
	if (!by || when_diff(q->known, run->updated) > HORIZON)
		return;
	s.item = arena_printf(&q->a, "%" PRId64, run->id);
	s.text = arena_printf(&q->a, "queued run %" PRId64 " of %s was replaced by run %" PRId64 " of %s",
			      run->id, *run->actor ? run->actor : "?", by->id, *by->actor ? by->actor : "?");
	weigh(q, &s);
}

static int look_at_runs(struct quiet *q, struct err *e)
{
	bool evicts = !displaces(q->l);
	int r = 0;

	vec_each (run, &q->lane) {
		bool open = run->status != RUN_COMPLETED;
		bool lost = evicts && run->conclusion == CONCLUSION_CANCELLED && !is_own(q, run->id);

		if (r < 0 || !(open || lost))
			continue;
		r = read_jobs(q, run, e);
		if (r >= 0 && open)
			look_at_queued(q, run);
		else if (r >= 0)
			look_at_evicted(q, run);
	}
	return r;
}

/* ---- samples of a canary -------------------------------------------------------------------------------------------------- */

#define INTERVALS_MISSED 2

/* These are looks of our own: what is late is late by our clock, whatever the forge says. */
static int look_at_a_sample(struct quiet *q, struct err *e)
{
	struct key key = { .name = q->l->name }, newest = { 0 };
	struct silence s = { .kind = SILENCE_SAMPLE, .awaited = "", .known = sync_server_now(q->en->sync) };
	struct canary row = { 0 };
	int r = 1;

	if (q->l->canary)
		r = store_one(q->en->o.cache, Q_canary_by_lane, &rec_key, &key, &rec_canary, &row, &q->a, e);
	if (r == 0)
		r = store_one(q->en->o.cache, Q_canary_numbered_last, &rec_key, &key, &rec_key, &newest,
			      &q->a, e);
	if (r || !canary_is_live(row.phase))
		return r < 0 ? r : 0;
	s.what = when_known(newest.at) ? "the newest with a number was at" : "none came since it began at";
	s.since = (struct when){ (when_known(newest.at) ? newest.at : row.started).ms + q->en->skew_ms };
	s.item = row.release;
	s.limit_ms = INTERVALS_MISSED * row.interval_s * 1000 + SAMPLE_SLACK;
	weigh(q, &s);
	return 0;
}

/* ---- proofs ---------------------------------------------------------------------------------------------------------------- */

#define FIRST_LOOK_MS (10 * MINUTE_MS) /* an engine that began has looked by then, or it cannot */

/* The one that was looked at longest ago of those that the lane counts (proof_counts in store/queries.sql). */
static const struct proof *oldest_proof(const struct proofs *rows, const struct lane *lane)
{
	const struct proof *oldest = NULL;

	vec_each (row, rows) {
		bool counts = text_eq(row->release, lane->live) || text_eq(row->release, lane->next);

		if (row->required && counts && when_known(row->at) && !is_of_machines(row) &&
		    (!oldest || when_diff(row->at, oldest->at) < 0))
			oldest = row;
	}
	return oldest;
}

/* Looks of our own too. Whoever was away for days is told of nothing before it could look. */
static int look_at_proofs_age(struct quiet *q, struct err *e)
{
	struct key key = { .name = q->l->name };
	struct silence s = { .kind = SILENCE_PROOF, .known = sync_server_now(q->en->sync) };
	struct when began = { q->en->began.ms + q->en->skew_ms };
	struct proofs rows = { 0 };
	const struct proof *oldest;
	struct lane lane = { 0 };
	int r = 1;

	if (lane_terms(q->l))
		r = store_one(q->en->o.cache, Q_lane_by_name, &rec_key, &key, &rec_lane, &lane, &q->a, e);
	if (r == 0)
		r = store_proofs_read(&rows, q->en->o.cache, q->l->name, NULL, &q->a, e);
	oldest = r == 0 ? oldest_proof(&rows, &lane) : NULL;
	if (!oldest)
		return r < 0 ? r : 0;
	s.item = oldest->release;
	s.awaited = arena_printf(&q->a, "the proofs of %s", oldest->release);
	s.what = arena_printf(&q->a, "%s %s is of", oldest->subject, oldest->check);
	s.since = (struct when){ oldest->at.ms + q->en->skew_ms };
	s.limit_ms = proof_max_age(q->l->proof);
	if (when_diff(s.known, s.since) >= s.limit_ms && when_diff(s.known, began) < FIRST_LOOK_MS) {
		s.unknown = "the engine began a moment ago";
		q->until.ms =
			when_diff(q->until, began) > FIRST_LOOK_MS ? began.ms + FIRST_LOOK_MS : q->until.ms;
	}
	weigh(q, &s);
	return 0;
}

/* ---- a look ---------------------------------------------------------------------------------------------------------------- */

static int look_at_lane(struct quiet *q, struct err *e)
{
	const struct profile_lane *owner = profile_owner(q->p, q->l);
	struct key key = { .name = owner->name, .limit = LANE_MAX };
	int r;

	q->lane = (struct rows){ 0 };
	r = store_list(q->en->o.cache, Q_runs_by_lane, &rec_key, &key, &rec_run, &q->lane, &q->a, e);
	if (r >= 0)
		r = look_at_expects(q, e);
	if (r >= 0)
		r = look_at_follows(q, e);
	if (r >= 0)
		r = look_at_fresh(q, e);
	if (r >= 0)
		r = look_at_intents(q, e);
	if (r >= 0)
		r = look_at_a_sample(q, e);
	if (r >= 0)
		r = look_at_proofs_age(q, e);
	if (r >= 0 && owner == q->l)
		r = look_at_runs(q, e);
	look_at_gates(q);
	return r;
}

static int look_at_repo(struct quiet *q, const struct profile *p, struct err *e)
{
	struct when age = sync_facts_age(q->en->sync, p->repo, 0);
	int r = 0;

	q->p = p;
	q->known = when_known(age) ? (struct when){ age.ms + q->en->skew_ms } : WHEN_NONE;
	q->reach = WHEN_NONE;
	q->has_reach = false;
	vec_each (l, &p->lanes) {
		q->l = l;
		if (r >= 0)
			r = look_at_lane(q, e);
	}
	return r;
}

static int read_all(struct quiet *q, struct err *e)
{
	const struct key key = { .limit = OWN_MAX };
	int r = store_alarms_read(&q->open, q->en->o.cache, NULL, &q->a, e);

	if (r >= 0)
		r = store_list(q->en->o.cache, Q_gates, NULL, NULL, &rec_gate, &q->gates, &q->a, e);
	if (r >= 0)
		r = store_list(q->en->o.cache, Q_intents_recent, &rec_key, &key, &rec_intent, &q->own, &q->a,
			       e);
	return r;
}

int silence_look(struct engine *en, const char *repo, struct err *e)
{
	struct quiet q = { .en = en, .until = { INT64_MAX } };
	int r = read_all(&q, e);

	vec_each (p, en->o.profiles)
		if (r >= 0 && p->repo && (!repo || text_eq(p->repo, repo)))
			r = look_at_repo(&q, p, e);
	if (r >= 0)
		r = alarms_settle(en, repo, &q.now, silence_is_subject, e);
	if (q.until.ms != INT64_MAX && q.until.ms - en->skew_ms < en->silence_end.ms)
		en->silence_end.ms = q.until.ms - en->skew_ms;
	arena_done(&q.a);
	return r < 0 ? r : 0;
}
