/*
 * lanes.c - the state of each lane, judged from the cache after every answer that changed it.
 */
#include "core/engine/after.h"
#include "core/engine/silence.h"
#include "core/engine/sync.h"

#include "base/text.h"
#include "core/model/evidence.h"
#include "core/rules/lanestate.h"
#include "core/view/canary.h"
#include "store/agents.h"
#include "store/canaries.h"
#include "store/holds.h"
#include "store/proofs.h"

#include <string.h>

#define RUNS_LOOKED_AT 20
#define GATES_MAX      16
#define SKIPS_MAX      5

struct runs VEC_OF(struct run);
struct jobs VEC_OF(struct job);
struct gates VEC_OF(struct gate);
struct intents_found VEC_OF(struct intent);

/* One lane being judged. */
struct judging {
	struct engine *en;
	const struct profile *profile;
	const struct profile_lane *lane;
	const struct profile_lane *owner; /* the lane that the workflow's runs are stored under */
	struct arena a;
	struct runs runs;
	struct jobs jobs;
	struct gates gates;
	struct intents_found intents;
	struct holds holds;
	struct alarms alarms;
	struct VEC_OF(struct freeze) freezes;
	struct canary canary;
	bool has_canary;
};

/* ---- which lane a workflow belongs to ----------------------------------------------------------------------------- */

const struct profile_lane *lanes_owner(const struct engine *en, const char *repo, const struct run *run)
{
	const struct profile_run what = { run->path, run->branch, run->event };

	vec_each (p, en->o.profiles) {
		const struct profile_lane *lane =
			text_eq(p->repo, repo) ? profile_lane_of_run(p, &what) : NULL;

		if (lane)
			return lane;
	}
	return NULL;
}

/* ---- facts from the cache ------------------------------------------------------------------------------------------- */

static int push_gate(void *ctx, const void *row)
{
	struct judging *j = ctx;
	const struct gate *g = row;

	if (text_eq(g->lane, j->lane->name))
		*vec_push(&j->gates, &j->a) = *g;
	return 0;
}

static int read_jobs(struct judging *j, const struct run *run, struct err *e)
{
	struct key key = { .id = run->id, .number = run->attempt };

	j->jobs.n = 0;
	return store_list(j->en->o.cache, Q_jobs_by_run, &rec_key, &key, &rec_job, &j->jobs, &j->a, e);
}

static int read_gates(struct judging *j, struct err *e)
{
	vec_each (run, &j->runs) {
		struct key key = { .id = run->id };
		int r = 0;

		if (run->status != RUN_COMPLETED && j->gates.n < GATES_MAX)
			r = store_each(j->en->o.cache, Q_gates_by_run, &rec_key, &key, &rec_gate, &j->a,
				       push_gate, j, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Words for it when the jobs mean that the whole run did nothing, else NULL. */
static const char *no_work(const struct judging *j)
{
	vec_each (job, &j->jobs) {
		const struct profile_meaning *m = profile_meaning_of(j->lane, job->name, job->conclusion);

		if (m && m->whole)
			return m->words;
	}
	return NULL;
}

/* A green run that skipped its work is no release. Older runs than the newest are told so here, from their own jobs. */
static int mark_skipped(struct judging *j, struct err *e)
{
	int looked = 0;

	for (size_t i = 1; j->lane->meanings.n && i < j->runs.n && looked < SKIPS_MAX; i++) {
		struct run *run = &j->runs.items[i];
		int r;

		if (run->status != RUN_COMPLETED || run->conclusion != CONCLUSION_SUCCESS)
			continue;
		looked++;
		r = read_jobs(j, run, e);
		if (r < 0)
			return r;
		if (!no_work(j))
			return 0;
		run->conclusion = CONCLUSION_SKIPPED;
	}
	return 0;
}

/* ---- a lane that shares its workflow is judged by its own stages ------------------------------------------------------ */

struct tally {
	uint64_t stages; /* a bit for each stage that has a job */
	int jobs, done, waiting, going, bad, cancelled, good;
};

static void tally_job(struct tally *t, const struct profile_lane *lane, const struct job *job)
{
	const char *stage = profile_stage_of(lane, job->name);

	if (!stage[0])
		return;
	for (size_t i = 0; i < lane->stages.n && i < 64; i++)
		if (text_eq(lane->stages.items[i].name, stage))
			t->stages |= UINT64_C(1) << i;
	t->jobs++;
	t->waiting += job->status == RUN_WAITING;
	t->going += job->status == RUN_IN_PROGRESS;
	if (job->status != RUN_COMPLETED)
		return;
	t->done++;
	t->good += job->conclusion == CONCLUSION_SUCCESS;
	t->cancelled += job->conclusion == CONCLUSION_CANCELLED;
	t->bad += job->conclusion != CONCLUSION_SUCCESS && job->conclusion != CONCLUSION_SKIPPED &&
		  job->conclusion != CONCLUSION_NEUTRAL && job->conclusion != CONCLUSION_CANCELLED;
}

static bool gate_is_ours(const struct judging *j, const struct run *run)
{
	vec_each (g, &j->gates)
		if (g->run_id == run->id)
			return true;
	return false;
}

/* None of the run's jobs is of this lane's stages. */
static void narrow_foreign(const struct judging *j, struct run *run)
{
	/* Jobs were never read, or there are none: the run as a whole speaks for the lane it is stored under. */
	if (!j->jobs.n && (j->owner == j->lane || run->conclusion == CONCLUSION_SUCCESS))
		return;
	if (run->status == RUN_COMPLETED)
		run->conclusion = CONCLUSION_SKIPPED;
	else if (run->status == RUN_WAITING && !gate_is_ours(j, run))
		run->status = RUN_IN_PROGRESS;
}

static size_t stages_begun(const struct tally *t)
{
	return (size_t)__builtin_popcountll(t->stages);
}

/* The part of a run that is this lane's, as a run of its own. */
static void narrow_run(const struct judging *j, struct run *run, const struct tally *t)
{
	if (!t->jobs) {
		narrow_foreign(j, run);
		return;
	}
	if (t->done < t->jobs) {
		run->status = t->waiting ? RUN_WAITING : t->going || t->done ? RUN_IN_PROGRESS : RUN_QUEUED;
		return;
	}
	/* Later stages get their jobs when they begin: not over yet. */
	if (run->status != RUN_COMPLETED && !t->bad && stages_begun(t) < j->lane->stages.n) {
		run->status = RUN_IN_PROGRESS;
		return;
	}
	run->status = RUN_COMPLETED;
	run->conclusion = CONCLUSION_SKIPPED;
	if (t->bad)
		run->conclusion = CONCLUSION_FAILURE;
	else if (t->cancelled)
		run->conclusion = CONCLUSION_CANCELLED;
	else if (t->good)
		run->conclusion = CONCLUSION_SUCCESS;
}

static int narrow_runs(struct judging *j, struct err *e)
{
	vec_each (run, &j->runs) {
		struct tally t = { 0 };
		int r = read_jobs(j, run, e);

		if (r < 0)
			return r;
		vec_each (job, &j->jobs)
			tally_job(&t, j->lane, job);
		narrow_run(j, run, &t);
		if (run->conclusion == CONCLUSION_SUCCESS && run->status == RUN_COMPLETED && no_work(j))
			run->conclusion = CONCLUSION_SKIPPED;
	}
	return 0;
}

static void keep_own_jobs(struct judging *j)
{
	size_t n = 0;

	vec_each (job, &j->jobs) {
		job->stage = profile_stage_of(j->lane, job->name);
		if (job->stage[0])
			j->jobs.items[n++] = *job;
	}
	j->jobs.n = n;
}

/* When the next hold runs out the lane is another, though nothing was read: lanes_touch() looks at it. */
static void note_end(struct judging *j)
{
	struct when *end = &j->en->holds_end;

	vec_each (h, &j->holds)
		if (when_known(h->until) && hold_is_active(h, engine_now(j->en)) &&
		    when_diff(*end, h->until) > 0)
			*end = h->until;
}

static int read_holds(struct judging *j, struct err *e)
{
	struct key system = { .name = j->profile->system };
	int r = store_holds_read(&j->holds, j->en->o.cache, j->lane->name, &j->a, e);

	if (r >= 0)
		r = store_alarms_read(&j->alarms, j->en->o.cache, j->lane->name, &j->a, e);
	if (r >= 0)
		r = store_list(j->en->o.cache, Q_freezes_by_system, &rec_key, &system, &rec_freeze,
			       &j->freezes, &j->a, e);
	note_end(j);
	return r;
}

static int read_canary(struct judging *j, struct err *e)
{
	const struct key key = { .name = j->lane->name };
	int r = 1;

	if (j->lane->canary)
		r = store_one(j->en->o.cache, Q_canary_by_lane, &rec_key, &key, &rec_canary, &j->canary,
			      &j->a, e);
	j->has_canary = r == 0;
	return r < 0 ? r : 0;
}

/* ---- judging -------------------------------------------------------------------------------------------------------- */

static int read_facts(struct judging *j, struct err *e)
{
	struct key runs = { .name = j->owner->name, .limit = RUNS_LOOKED_AT },
		   lane = { .name = j->lane->name };
	bool shared = profile_is_shared(j->profile, j->lane);
	int r = store_list(j->en->o.cache, Q_runs_by_lane, &rec_key, &runs, &rec_run, &j->runs, &j->a, e);

	if (r >= 0)
		r = store_list(j->en->o.cache, Q_intents_by_lane_open, &rec_key, &lane, &rec_intent,
			       &j->intents, &j->a, e);
	if (r >= 0)
		r = read_holds(j, e);
	if (r >= 0)
		r = read_canary(j, e);
	if (r >= 0)
		r = read_gates(j, e);
	if (r >= 0)
		r = shared ? narrow_runs(j, e) : mark_skipped(j, e);
	j->jobs.n = 0;
	if (r >= 0 && j->runs.n)
		r = read_jobs(j, j->runs.items, e);
	if (r >= 0 && shared)
		keep_own_jobs(j);
	return r < 0 ? r : 0;
}

static const char *const *stage_names(struct judging *j)
{
	const char **names = arena_array(&j->a, const char *, j->lane->stages.n + 1);

	for (size_t i = 0; i < j->lane->stages.n; i++)
		names[i] = j->lane->stages.items[i].name;
	return names;
}

static int newest_release(void *ctx, const void *row)
{
	const struct release *rel = row;
	struct lane *lane = ctx;

	if (rel->draft || rel->prerelease)
		return 0;
	if (!text_eq(rel->tag, lane->live))
		lane->next = rel->tag;
	return 1;
}

/* What could be dispatched next: the newest published release that is not live. */
static int name_candidate(struct judging *j, struct lane *out, struct err *e)
{
	struct key key = { .repo = j->profile->repo, .limit = 10 };
	int r;

	if (out->next[0] || j->lane->start != START_DISPATCH || !j->lane->release_input)
		return 0;
	r = store_each(j->en->o.cache, Q_releases_by_repo, &rec_key, &key, &rec_release, &j->a,
		       newest_release, out, e);
	return r < 0 ? r : 0;
}

struct running {
	int64_t probe;
	struct lane *out;
};

static int take_running(void *ctx, const void *row)
{
	struct running *w = ctx;
	const struct drift *d = row;

	if (d->probe == w->probe && d->live[0])
		w->out->live = d->live;
	return 0;
}

/* Where a tag in a registry says what is live, no run does: a run has built an image and moved nothing. */
static int name_image(struct judging *j, struct lane *out, struct err *e)
{
	struct key key = { .name = j->lane->name };
	struct running w = { .out = out };
	const struct profile_probes *list = &j->lane->probes;

	while (w.probe < (int64_t)list->n && list->items[w.probe].kind != PROBE_IMAGE)
		w.probe++;
	if (w.probe == (int64_t)list->n)
		return 0;
	out->live = out->live_sha = "";
	return store_each(j->en->o.cache, Q_drifts_by_lane, &rec_key, &key, &rec_drift, &j->a, take_running,
			  &w, e);
}

static void put_identity(struct lane *out, const struct profile *p, const struct profile_lane *pl,
			 int64_t ordinal)
{
	out->name = pl->name;
	out->system = p->system;
	out->environment = pl->environment;
	out->repo = p->repo;
	out->production = pl->production;
	out->ordinal = ordinal;
	out->stale_after = pl->stale_ms;
}

static int tell_changes(struct judging *j, const struct lane *old, const struct lane *new, struct err *e)
{
	const char *text;
	int r = 0;

	if (!when_known(old->checked))
		return 0;
	if (old->state != new->state || !text_eq(old->progress, new->progress)) {
		text = arena_printf(&j->a, "%s -> %s%s%s%s%s", names_word(&lane_state_names, old->state),
				    names_word(&lane_state_names, new->state), new->next[0] ? " " : "",
				    new->next, new->progress[0] ? " " : "", new->progress);
		r = note_event(j->en, new->name, text, e);
	}
	if (r >= 0 && !text_eq(old->live, new->live)) {
		text = arena_printf(&j->a, "live %s -> %s", old->live[0] ? old->live : "-",
				    new->live[0] ? new->live : "-");
		r = note_event(j->en, new->name, text, e);
	}
	return r;
}

static const char *last_error(struct judging *j)
{
	struct key key = { .name = arena_printf(&j->a, "runs %s", j->profile->repo) };
	struct poll poll = { 0 };

	if (store_one(j->en->o.cache, Q_poll_by_name, &rec_key, &key, &rec_poll, &poll, &j->a, NULL) != 0)
		return NULL;
	return poll.error;
}

static int judge_lane(struct judging *j, int64_t ordinal, struct err *e)
{
	struct key key = { .name = j->lane->name };
	struct lane old = { 0 }, new = { 0 };
	struct lane_facts f = { .lane = j->lane->name, .production = j->lane->production };
	int r = store_one(j->en->o.cache, Q_lane_by_name, &rec_key, &key, &rec_lane, &old, &j->a, e);
	bool known = r == 0;

	if (r >= 0)
		r = read_facts(j, e);
	if (r < 0)
		return r;
	put_identity(&new, j->profile, j->lane, ordinal);
	f.runs = j->runs.items, f.runs_n = j->runs.n;
	f.jobs = j->jobs.items, f.jobs_n = j->jobs.n;
	f.gates = j->gates.items, f.gates_n = j->gates.n;
	f.open = j->intents.items, f.open_n = j->intents.n;
	f.stages_n = (int)j->lane->stages.n, f.stage_names = stage_names(j);
	f.holds = j->holds.items, f.holds_n = j->holds.n;
	f.alarms = j->alarms.items, f.alarms_n = j->alarms.n;
	f.freezes = j->freezes.items, f.freezes_n = j->freezes.n;
	f.canary = j->has_canary ? &j->canary : NULL;
	f.canary_words = j->has_canary ? canary_progress(&j->canary, &j->a) : "";
	f.environment = j->lane->environment, f.now = engine_now(j->en);
	f.no_work = no_work(j);
	f.poll_error = last_error(j);
	lane_judge(&new, &f, &j->a);
	r = name_image(j, &new, e);
	if (r >= 0)
		r = name_candidate(j, &new, e);
	if (r < 0)
		return r;
	new.checked = sync_facts_age(j->en->sync, j->profile->repo, new.run_id);
	if (known && rec_equal(&rec_lane, &old, &new, NULL))
		return 0;
	r = known ? tell_changes(j, &old, &new, e) : 0;
	return r < 0 ? r : store_run(j->en->o.cache, Q_lane_put, &rec_lane, &new, e);
}

/* Calls fn for every lane of a repository (NULL: of all), with its place in the profiles. */
typedef int (*lane_fn)(struct engine *en, const struct profile *p, const struct profile_lane *pl,
		       int64_t ordinal, struct err *e);

static int each_lane(struct engine *en, const char *repo, lane_fn fn, struct err *e)
{
	int64_t ordinal = 0;

	vec_each (p, en->o.profiles) {
		vec_each (pl, &p->lanes) {
			int r = 0;

			ordinal++;
			if (!repo || text_eq(p->repo, repo))
				r = fn(en, p, pl, ordinal, e);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int judge_one(struct engine *en, const struct profile *p, const struct profile_lane *pl,
		     int64_t ordinal, struct err *e)
{
	struct judging j = { .en = en, .profile = p, .lane = pl, .owner = profile_owner(p, pl) };
	int r = judge_lane(&j, ordinal, e);

	arena_done(&j.a);
	return r;
}

int lanes_judge(struct engine *en, const char *repo, struct err *e)
{
	int r = repo ? after_look(en, repo, e) : 0;

	if (r >= 0)
		r = silence_look(en, repo, e);

	return r < 0 ? r : each_lane(en, repo, judge_one, e);
}

static int touch_one(struct engine *en, const struct profile *p, const struct profile_lane *pl,
		     int64_t ordinal, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct key key = { .name = pl->name };
	struct lane lane = { 0 };
	int r = store_one(en->o.cache, Q_lane_by_name, &rec_key, &key, &rec_lane, &lane, &a, e);
	struct when checked = sync_facts_age(en->sync, p->repo, lane.run_id);

	(void)ordinal;
	if (r == 0 && lane.checked.ms != checked.ms) {
		key.at = checked;
		r = store_run(en->o.cache, Q_lane_checked, &rec_key, &key, e);
	}
	arena_done(&a);
	return r < 0 ? r : 0;
}

int lanes_touch(struct engine *en, const char *repo, struct err *e)
{
	struct key key = { .repo = repo, .at = sync_facts_age(en->sync, repo, 0) };

	if (when_diff(engine_now(en), en->holds_end) >= 0 || when_diff(key.at, en->silence_end) >= 0) {
		en->holds_end = en->silence_end = (struct when){ INT64_MAX };
		return lanes_judge(en, NULL, e);
	}
	/* Without an open run all lanes rest on the list of runs. */
	if (!sync_follows_runs(en->sync, repo))
		return store_run(en->o.cache, Q_lanes_checked, &rec_key, &key, e);
	return each_lane(en, repo, touch_one, e);
}

/* ---- before anything is known --------------------------------------------------------------------------------------- */

struct old_lanes VEC_OF(struct lane);

static const struct lane *known_lane(const struct old_lanes *old, const char *name)
{
	vec_each (lane, old)
		if (text_eq(lane->name, name))
			return lane;
	return NULL;
}

static int declare_lane(struct engine *en, const struct profile *p, const struct profile_lane *pl,
			int64_t ordinal, const struct lane *old, struct err *e)
{
	struct lane lane = old && text_eq(old->repo, p->repo) ? *old
							      : (struct lane){
									.state = LANE_UNKN,
									.live = "",
									.live_sha = "",
									.next = "",
									.progress = "",
									.reasons = "[\"never read\"]",
								};

	put_identity(&lane, p, pl, ordinal);
	return store_run(en->o.cache, Q_lane_put, &rec_lane, &lane, e);
}

/* Lanes that no profile names any more would stay on the board and grow stale: they go. */
static int forget_lanes(struct engine *en, const struct old_lanes *old, struct err *e)
{
	vec_each (lane, old) {
		struct key key = { .name = lane->system };
		int r = store_run(en->o.cache, Q_lane_forget, &rec_key, &key, e);

		if (r < 0)
			return r;
	}
	return 0;
}

int lanes_declare(struct engine *en, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct old_lanes old = { 0 };
	int64_t ordinal = 0;
	int r = store_list(en->o.cache, Q_lanes, NULL, NULL, &rec_lane, &old, &a, e);

	if (r >= 0)
		r = forget_lanes(en, &old, e);
	vec_each (p, en->o.profiles)
		vec_each (pl, &p->lanes)
			if (r >= 0)
				r = declare_lane(en, p, pl, ++ordinal, known_lane(&old, pl->name), e);
	if (r >= 0)
		r = store_holds_trim(en->o.cache, e);
	if (r >= 0)
		r = store_canaries_trim(en->o.cache, e);
	if (r >= 0)
		r = store_proofs_trim(en->o.cache, e);
	if (r >= 0)
		r = store_agents_trim(en->o.cache, e);
	arena_done(&a);
	return r < 0 ? r : 0;
}
