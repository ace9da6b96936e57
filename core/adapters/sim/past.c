#include "core/adapters/sim/moves.h"

/* Runs of the past: their jobs are made when somebody looks, and some did at their time what their files say. */

/* All green up to the one that broke, then skipped. */
void sim_past_make(struct world *w, struct sim_run *run)
{
	struct sim_attempt *att = sim_attempt_add(w, run, run->actor);
	int64_t each = (run->updated - run->started) / (att->jobs_n + 1);
	enum sim_conclusion c = SIM_SUCCESS;

	att->started = run->started;
	att->updated = run->updated;
	att->status = SIM_COMPLETED;
	att->conclusion = run->conclusion;
	for (int i = 0; i < att->jobs_n; i++) {
		struct sim_job *job = &att->jobs[i];

		job->visible = true;
		job->status = SIM_COMPLETED;
		job->created = job->started = run->started + i * each;
		job->completed = job->started + each;
		job->conclusion = job->spec == run->broke ? SIM_FAILURE : c;
		if (job->conclusion == SIM_FAILURE)
			c = SIM_SKIPPED;
		for (int s = 0; s < job->steps_n; s++)
			job->steps[s] = (struct sim_step){ .status = SIM_COMPLETED,
							   .conclusion = job->conclusion,
							   .started = job->started,
							   .completed = job->completed };
	}
}

static enum sim_conclusion job_play(struct world *w, struct sim_run *run, const struct sim_attempt *att,
				    struct sim_job *job)
{
	struct sim_doing d = { .run = run, .job = job, .past = true };

	job->conclusion = SIM_NONE;
	if (!sim_job_goes(w, run, att, job))
		return SIM_SKIPPED;
	if (job->spec == run->broke)
		return SIM_FAILURE;
	for (int s = 0; s < job->steps_n; s++)
		if (sim_step_do(w, &d, s))
			return SIM_FAILURE;
	return SIM_SUCCESS;
}

/* The forge makes a deployment for each job that has an environment. */
static void deployment_leave(struct world *w, struct sim_run *run, const struct sim_job *job)
{
	const struct sim_environment *env =
		job->spec->environment ? sim_environment_find(run->workflow->repo, job->spec->environment)
				       : NULL;

	if (env && job->conclusion != SIM_SKIPPED)
		sim_deployment_state(w, sim_deployment_add(w, run, env->name),
				     job->conclusion == SIM_SUCCESS ? "success" : "failure");
}

void sim_run_play(struct world *w, struct sim_run *run)
{
	struct sim_attempt *att = sim_run_attempt(w, run, 0);
	int64_t now = w->now;

	for (int i = 0; i < att->jobs_n; i++) {
		struct sim_job *job = &att->jobs[i];

		w->now = job->completed;
		job->conclusion = job_play(w, run, att, job);
		for (int s = 0; s < job->steps_n; s++)
			job->steps[s].conclusion = job->conclusion;
		if (job->conclusion == SIM_FAILURE)
			run->conclusion = att->conclusion = SIM_FAILURE;
		deployment_leave(w, run, job);
	}
	w->now = now;
}
