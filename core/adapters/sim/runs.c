#include "core/adapters/sim/canary.h"

#include "base/text.h"

#include <string.h>

/*
 * The life of a run: queued, perhaps pending behind its concurrency group, in progress while jobs work, waiting while
 * only gates are left, completed. Jobs appear when what they need is done. Each move is an event at a time.
 */

enum {
	QUEUE_MS = 1200, /* until a run leaves the queue */
	RUNNER_MS = 800, /* until a runner takes a job */
	FINISH_MS = 700, /* the run object lags its jobs */
	CANCEL_MS =
		2500, /* SIGINT, then SIGTERM (github reference 1.1: 7.5 s and 2.5 s; shortened for drills) */
};

struct sim_attempt *sim_run_last(struct sim_run *run)
{
	return run->attempts.n ? &run->attempts.items[run->attempts.n - 1] : NULL;
}

int64_t sim_job_id(const struct sim_run *run, int attempt, int index)
{
	return (run->id * ATTEMPT_SLOTS + attempt) * JOB_SLOTS + index;
}

struct sim_run *sim_run_find(struct sim_repo *r, int64_t id)
{
	for (size_t lo = 0, hi = r->runs.n; lo < hi;) {
		size_t mid = (lo + hi) / 2;
		struct sim_run *run = r->runs.items[mid];

		if (run->id == id)
			return run;
		if (run->id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

bool sim_run_active(struct sim_repo *r, const char *file)
{
	const struct sim_workflow *wf = sim_workflow_find(r, file);

	/* Only the newest can be under way: older ones ended long ago or stand in the same queue. */
	for (size_t n = 0; wf && n < wf->runs.n && n < 500; n++)
		if (wf->runs.items[wf->runs.n - 1 - n]->status != SIM_COMPLETED)
			return true;
	return false;
}

static void event_in(struct world *w, enum sim_event_kind kind, struct sim_run *run, int64_t after, int job,
		     int step)
{
	sim_event_add(w, &(struct sim_event){
				 .at = w->now + after,
				 .kind = kind,
				 .repo = run->workflow->repo,
				 .run = run,
				 .attempt = run->attempt,
				 .job = job,
				 .step = step,
			 });
}

/* ---- beginning ---------------------------------------------------------------------------------------------------- */

struct sim_run *sim_run_add(struct world *w, const struct sim_start *s)
{
	struct sim_workflow *wf = s->workflow;
	struct sim_run *run;
	struct sim_context c;

	if (w->runs_n == RUNS_MAX)
		return NULL;
	w->runs_n++;
	run = arena_new(&w->arena, struct sim_run);
	c = (struct sim_context){ .w = w, .run = run };
	*run = (struct sim_run){
		.id = sim_id(w),
		.workflow = wf,
		.plan = s->plan ? s->plan : wf,
		.pull = s->pull,
		.event = s->event,
		.ref = s->ref,
		.sha = s->sha,
		.tag = s->tag,
		.actor = s->actor,
		.created = w->now,
		.updated = w->now,
		.started = w->now,
		.listed = w->now + w->list_delay,
		.status = SIM_QUEUED,
		.number = ++wf->runs_n,
		.attempt = 1,
	};
	if (s->inputs)
		vec_each (p, s->inputs)
			*vec_push(&run->inputs, &w->arena) = *p;
	run->title = s->title              ? s->title
		     : run->plan->run_name ? sim_expand(&w->arena, run->plan->run_name, &c)
					   : wf->name;
	if (run->plan->group)
		run->group = sim_expand(&w->arena, run->plan->group, &c);
	*vec_push(&wf->repo->runs, &w->arena) = run;
	*vec_push(&wf->runs, &w->arena) = run;
	return run;
}

static void jobs_make(struct world *w, struct sim_run *run, struct sim_attempt *att)
{
	const struct sim_job_specs *specs = &run->plan->jobs;

	att->jobs_n = (int)specs->n;
	att->jobs = arena_array(&w->arena, struct sim_job, specs->n + 1);
	for (int i = 0; i < att->jobs_n; i++) {
		struct sim_job *job = &att->jobs[i];

		*job = (struct sim_job){ .spec = &specs->items[i], .status = SIM_QUEUED };
		job->steps_n = (int)job->spec->steps.n + 2;
		job->steps = arena_array(&w->arena, struct sim_step, (size_t)job->steps_n);
		for (int s = 0; s < job->steps_n; s++)
			job->steps[s] = (struct sim_step){ .status = SIM_QUEUED };
	}
}

struct sim_attempt *sim_attempt_add(struct world *w, struct sim_run *run, const struct sim_user *by)
{
	struct sim_attempt *att = vec_push(&run->attempts, &w->arena);

	*att = (struct sim_attempt){
		.started = w->now, .updated = w->now, .status = SIM_QUEUED, .triggering = by
	};
	jobs_make(w, run, att);
	return att;
}

static void run_set(struct world *w, struct sim_run *run, enum sim_status status)
{
	struct sim_attempt *att = sim_run_last(run);

	run->status = att->status = status;
	run->updated = att->updated = w->now;
}

/* The group is free now: or always was. */
void sim_run_release(struct world *w, struct sim_run *run)
{
	run_set(w, run, SIM_QUEUED);
	event_in(w, EVENT_START, run, sim_about(w, QUEUE_MS), 0, 0);
}

static struct sim_member whole(struct sim_run *run)
{
	return (struct sim_member){ run, run->attempt, -1 };
}

static void enter(struct world *w, struct sim_run *run)
{
	struct sim_member me = whole(run);

	run_set(w, run, SIM_PENDING);
	if (sim_group_enter(w, &me))
		sim_run_release(w, run);
}

struct sim_run *sim_run_start(struct world *w, const struct sim_start *s)
{
	struct sim_run *run = sim_run_add(w, s);

	if (!run)
		return NULL;
	sim_attempt_add(w, run, s->actor);
	enter(w, run);
	return run;
}

/* ---- ending ------------------------------------------------------------------------------------------------------- */

static enum sim_conclusion verdict(const struct sim_run *run, const struct sim_attempt *att)
{
	bool ran = false, failed = false, cancelled = run->cancelling;

	for (int i = 0; i < att->jobs_n; i++) {
		ran |= att->jobs[i].conclusion != SIM_SKIPPED;
		failed |= att->jobs[i].conclusion == SIM_FAILURE;
		cancelled |= att->jobs[i].conclusion == SIM_CANCELLED;
	}
	if (run->cancelling || (cancelled && !failed))
		return SIM_CANCELLED;
	return failed ? SIM_FAILURE : ran ? SIM_SUCCESS : SIM_SKIPPED;
}

static void run_finish(struct world *w, struct sim_run *run, enum sim_conclusion c)
{
	struct sim_member me = whole(run);

	run_set(w, run, SIM_COMPLETED);
	run->conclusion = sim_run_last(run)->conclusion = c;
	sim_group_leave(w, &me);
	sim_activity_after(w, run);
	sim_canary_after(w, run);
}

/* In progress while something runs or soon will; waiting when only gates are left, pending when only a group is; done
 * when nothing is. */
static void run_look(struct world *w, struct sim_run *run)
{
	struct sim_attempt *att = sim_run_last(run);
	bool busy = false, gated = false, held = false, open = false;

	for (int i = 0; i < att->jobs_n; i++) {
		const struct sim_job *job = &att->jobs[i];

		open |= job->status != SIM_COMPLETED;
		gated |= job->status == SIM_WAITING;
		held |= job->status == SIM_PENDING;
		busy |= job->status == SIM_IN_PROGRESS || (job->visible && job->status == SIM_QUEUED);
	}
	if (!open)
		event_in(w, EVENT_DONE, run, FINISH_MS, 0, 0);
	else if (gated && !busy && run->status != SIM_WAITING)
		run_set(w, run, SIM_WAITING);
	else if (held && !gated && !busy && run->status != SIM_PENDING)
		run_set(w, run, SIM_PENDING);
	else if (busy && run->status != SIM_IN_PROGRESS)
		run_set(w, run, SIM_IN_PROGRESS);
}

/* ---- jobs --------------------------------------------------------------------------------------------------------- */

enum readiness { NOT_YET, GO, SKIP };

static bool allowed(const struct world *w, const struct sim_run *run, const struct sim_job *job)
{
	struct sim_context c = { .w = w, .run = run, .with = &job->spec->with, .job = job->spec };

	return !job->spec->when || sim_holds(job->spec->when, &c);
}

static enum readiness job_ready(const struct world *w, const struct sim_run *run,
				const struct sim_attempt *att, const struct sim_job *job)
{
	bool good = true;

	for (int i = 0; i < att->jobs_n; i++) {
		if (!(job->spec->needs >> i & 1))
			continue;
		if (att->jobs[i].status != SIM_COMPLETED)
			return NOT_YET;
		good &= att->jobs[i].conclusion == SIM_SUCCESS;
	}
	if (job->spec->whatever ? run->forced : !good || run->cancelling)
		return SKIP;
	return allowed(w, run, job) ? GO : SKIP;
}

bool sim_job_goes(const struct world *w, const struct sim_run *run, const struct sim_attempt *att,
		  const struct sim_job *job)
{
	return job_ready(w, run, att, job) == GO;
}

/* Its own group is free now: or always was. */
void sim_job_release(struct world *w, struct sim_run *run, int index)
{
	sim_run_last(run)->jobs[index].status = SIM_QUEUED;
	event_in(w, EVENT_JOB, run, sim_about(w, RUNNER_MS), index, 0);
	run_look(w, run);
}

/* Past its gate: behind its group, then to a runner. */
static void job_enter(struct world *w, struct sim_run *run, int index)
{
	struct sim_job *job = &sim_run_last(run)->jobs[index];
	struct sim_context c = { .w = w, .run = run, .with = &job->spec->with };
	struct sim_member me = { run, run->attempt, index };

	if (job->spec->group)
		job->group = sim_expand(&w->arena, job->spec->group, &c);
	job->status = SIM_PENDING;
	if (sim_group_enter(w, &me))
		sim_job_release(w, run, index);
	else
		run_look(w, run);
}

static void job_queue(struct world *w, struct sim_run *run, int index)
{
	struct sim_job *job = &sim_run_last(run)->jobs[index];

	job->visible = true;
	job->created = w->now;
	if (job->spec->environment && !job->approved) {
		sim_gate_open(w, run, index);
		if (sim_gate_waits(w, job))
			return;
	}
	job_enter(w, run, index);
}

static void job_skip(struct world *w, struct sim_job *job)
{
	job->visible = true;
	job->status = SIM_COMPLETED;
	job->conclusion = SIM_SKIPPED;
	job->created = job->started = job->completed = w->now;
}

/* A skipped job lets others be skipped, so once more until nothing moves. */
static void jobs_look(struct world *w, struct sim_run *run)
{
	struct sim_attempt *att = sim_run_last(run);

	for (bool moved = true; moved;) {
		moved = false;
		for (int i = 0; i < att->jobs_n; i++) {
			struct sim_job *job = &att->jobs[i];
			enum readiness ready = job->visible ? NOT_YET : job_ready(w, run, att, job);

			if (ready == GO)
				job_queue(w, run, i);
			if (ready == SKIP)
				job_skip(w, job);
			moved |= ready == SKIP;
		}
	}
	run_look(w, run);
}

void sim_job_approved(struct world *w, struct sim_run *run, int index)
{
	job_enter(w, run, index);
}

void sim_job_end(struct world *w, struct sim_run *run, int index, enum sim_conclusion c)
{
	struct sim_job *job = &sim_run_last(run)->jobs[index];
	struct sim_member me = { run, run->attempt, index };

	for (int s = 0; s < job->steps_n; s++)
		if (job->steps[s].status != SIM_COMPLETED && c != SIM_SUCCESS)
			job->steps[s] = (struct sim_step){
				.status = SIM_COMPLETED,
				.conclusion = s == job->step && job->started ? c : SIM_SKIPPED,
				.started = job->steps[s].started ? job->steps[s].started : w->now,
				.completed = w->now,
				.why = job->steps[s].why,
				.said = job->steps[s].said,
			};
	job->status = SIM_COMPLETED;
	job->conclusion = c;
	job->completed = w->now;
	if (!job->started)
		job->started = w->now;
	if (job->deployment)
		sim_deployment_note(w, run, job, c == SIM_SUCCESS ? "success" : "failure");
	sim_group_leave(w, &me);
	jobs_look(w, run);
}

static void step_begin(struct world *w, struct sim_run *run, int index)
{
	struct sim_job *job = &sim_run_last(run)->jobs[index];
	struct sim_step *step = &job->steps[job->step];

	step->status = SIM_IN_PROGRESS;
	step->started = w->now;
	event_in(w, EVENT_STEP, run, sim_step_span(w, run, job, job->step), index, job->step);
}

static void job_begin(struct world *w, struct sim_run *run, int index)
{
	struct sim_job *job = &sim_run_last(run)->jobs[index];

	if (job->status != SIM_QUEUED)
		return;
	job->status = SIM_IN_PROGRESS;
	job->started = w->now;
	if (job->deployment)
		sim_deployment_note(w, run, job, "in_progress");
	step_begin(w, run, index);
	run_look(w, run);
}

static void step_end(struct world *w, struct sim_run *run, const struct sim_event *ev)
{
	struct sim_job *job = &sim_run_last(run)->jobs[ev->job];
	struct sim_step *step = &job->steps[ev->step];
	int64_t again = 0;

	if (job->status != SIM_IN_PROGRESS || job->step != ev->step)
		return;
	step->why = sim_step_do(w, &(struct sim_doing){ .run = run, .job = job, .again = &again }, ev->step);
	if (again) {
		event_in(w, EVENT_STEP, run, again, ev->job, ev->step);
		return;
	}
	if (step->why) {
		sim_job_end(w, run, ev->job, SIM_FAILURE);
		return;
	}
	step->status = SIM_COMPLETED;
	step->conclusion = SIM_SUCCESS;
	step->completed = w->now;
	if (++job->step < job->steps_n)
		step_begin(w, run, ev->job);
	else
		sim_job_end(w, run, ev->job, SIM_SUCCESS);
}

/* ---- people's acts ------------------------------------------------------------------------------------------------ */

/* always() jobs go on unless forced; a job that runs gets its signals first. */
static void cancel_now(struct world *w, struct sim_run *run)
{
	struct sim_attempt *att = sim_run_last(run);

	for (int i = 0; i < att->jobs_n; i++) {
		struct sim_job *job = &att->jobs[i];

		if (job->status == SIM_COMPLETED || (job->spec->whatever && !run->forced))
			continue;
		if (job->visible)
			sim_job_end(w, run, i, SIM_CANCELLED);
	}
	jobs_look(w, run);
}

/* Runs that have not begun end at once. */
static bool not_begun(const struct sim_run *run)
{
	const struct sim_attempt *att = &run->attempts.items[run->attempts.n - 1];

	for (int i = 0; i < att->jobs_n; i++)
		if (att->jobs[i].visible)
			return false;
	return true;
}

bool sim_run_cancel(struct world *w, struct sim_run *run, bool force)
{
	if (run->status == SIM_COMPLETED)
		return false;
	run->cancelling = true;
	run->forced |= force;
	if (not_begun(run))
		run_finish(w, run, SIM_CANCELLED);
	else
		event_in(w, EVENT_CANCELLED, run, force ? 200 : sim_about(w, CANCEL_MS), 0, 0);
	return true;
}

void sim_run_again(struct world *w, struct sim_run *run, bool failed_only, const struct sim_user *by)
{
	struct sim_attempt *now, *before;

	sim_run_attempt(w, run, 0);
	run->attempt++;
	run->cancelling = run->forced = false;
	run->outputs.n = 0;
	run->conclusion = SIM_NONE;
	run->started = w->now;
	now = sim_attempt_add(w, run, by);
	before = now - 1;
	for (int i = 0; failed_only && i < now->jobs_n; i++)
		if (before->jobs[i].conclusion == SIM_SUCCESS)
			now->jobs[i] = before->jobs[i];
	enter(w, run);
}

struct sim_attempt *sim_run_attempt(struct world *w, struct sim_run *run, int number)
{
	if (run->attempts.n == 0)
		sim_past_make(w, run);
	if (number == 0)
		return sim_run_last(run);
	return number > 0 && (size_t)number <= run->attempts.n ? &run->attempts.items[number - 1] : NULL;
}

/* ---- time --------------------------------------------------------------------------------------------------------- */

static void timer_over(struct world *w, struct sim_run *run, int index)
{
	const struct sim_job *job = &sim_run_last(run)->jobs[index];

	if (job->status == SIM_WAITING && !sim_gate_waits(w, job))
		sim_job_approved(w, run, index);
}

void sim_run_happen(struct world *w, const struct sim_event *ev)
{
	struct sim_run *run = ev->run;

	if (ev->kind == EVENT_PUSH || ev->kind == EVENT_OTHER) {
		(ev->kind == EVENT_PUSH ? sim_activity_push : sim_activity_other)(w, ev);
		return;
	}
	if (run->attempt != ev->attempt || run->status == SIM_COMPLETED)
		return;
	switch (ev->kind) {
	case EVENT_START:
		run_set(w, run, SIM_IN_PROGRESS);
		jobs_look(w, run);
		break;
	case EVENT_JOB:
		job_begin(w, run, ev->job);
		break;
	case EVENT_STEP:
		step_end(w, run, ev);
		break;
	case EVENT_TIMER:
		timer_over(w, run, ev->job);
		break;
	case EVENT_DONE:
		run_finish(w, run, verdict(run, sim_run_last(run)));
		break;
	case EVENT_CANCELLED:
		cancel_now(w, run);
		break;
	case EVENT_PUSH:
	case EVENT_OTHER:
		break;
	}
}
