#include "core/adapters/sim/moves.h"

#include <string.h>

const struct sim_environment *sim_environment_find(const struct sim_repo *r, const char *name)
{
	vec_each (it, &r->environments) {
		if (strcmp(it->name, name) == 0)
			return it;
	}
	return NULL;
}

bool sim_gate_waits(const struct world *w, const struct sim_job *job)
{
	return job->env && ((job->env->reviewers_n && !job->approved) || w->now < job->until);
}

bool sim_gate_may(const struct sim_run *run, const struct sim_environment *env, const struct sim_user *u)
{
	if (env->no_self_review && run->attempts.n &&
	    run->attempts.items[run->attempts.n - 1].triggering == u)
		return false;
	for (int i = 0; i < env->reviewers_n; i++)
		if (env->reviewers[i] == u)
			return true;
	return false;
}

static struct sim_deployment *deployment_find(const struct sim_repo *r, int64_t id)
{
	vec_each (it, &r->deployments) {
		if ((*it)->id == id)
			return *it;
	}
	return NULL;
}

static void state_add(struct world *w, struct sim_deployment *d, const char *state, const char *description)
{
	char at[WHEN_TEXT];

	*vec_push(&d->states, &w->arena) = (struct sim_deployment_status){
		state, arena_strdup(&w->arena, when_iso((struct when){ w->now }, at)), description
	};
}

/* A new success makes the older ones of its environment inactive; of one named production it does not, because such
 * deployments are production deployments by default (github reference 1.3). */
static void retire_others(struct world *w, const struct sim_repo *r, const struct sim_deployment *newest)
{
	if (strcmp(newest->environment, "production") == 0)
		return;
	vec_each (it, &r->deployments) {
		struct sim_deployment *d = *it;

		if (d != newest && strcmp(d->environment, newest->environment) == 0 && d->states.n &&
		    strcmp(d->states.items[d->states.n - 1].state, "success") == 0)
			state_add(w, d, "inactive", "");
	}
}

void sim_deployment_say(struct world *w, struct sim_deployment *d, const char *state, const char *description)
{
	state_add(w, d, state, description);
	if (strcmp(state, "success") == 0)
		retire_others(w, d->run->workflow->repo, d);
}

void sim_deployment_state(struct world *w, struct sim_deployment *d, const char *state)
{
	sim_deployment_say(w, d, state, "");
}

void sim_deployment_note(struct world *w, struct sim_run *run, const struct sim_job *job, const char *state)
{
	struct sim_deployment *d = deployment_find(run->workflow->repo, job->deployment);

	if (d)
		sim_deployment_state(w, d, state);
}

void sim_gate_answer(struct world *w, struct sim_run *run, int index, bool yes, const struct sim_user *by,
		     const char *comment)
{
	struct sim_job *job = &sim_run_last(run)->jobs[index];

	*vec_push(&run->reviews, &w->arena) = (struct sim_review){
		.state = yes ? "approved" : "rejected",
		.comment = comment,
		.user = by,
		.environment = job->env,
	};
	job->approved = yes;
	if (!yes)
		sim_job_end(w, run, index, SIM_FAILURE);
	else if (!sim_gate_waits(w, job))
		sim_job_approved(w, run, index);
}

/* others: {by: kim, repo: R, approve: production, after: 40s}: whoever it is looks at each gate so long after it opened. */
static void call_reviewers(struct world *w, const struct sim_run *run, const char *environment)
{
	struct sim_repo *r = run->workflow->repo;
	int64_t after;

	yaml_each(it, yaml_get(w->script, "others"))
	{
		if (!yaml_get(it, "after") || strcmp(yaml_str(it, "repo", ""), r->full) != 0 ||
		    strcmp(yaml_str(it, "approve", ""), environment) != 0 ||
		    sim_span_of(&after, it, "after", 0, NULL) < 0)
			continue;
		sim_event_add(w, &(struct sim_event){
					 .at = w->now + after, .kind = EVENT_OTHER, .repo = r, .what = it });
	}
}

/* The forge mints a deployment when a job reaches its environment; it waits there when a rule holds it. */
void sim_gate_open(struct world *w, struct sim_run *run, int index)
{
	struct sim_job *job = &sim_run_last(run)->jobs[index];
	struct sim_repo *r = run->workflow->repo;

	job->env = sim_environment_find(r, job->spec->environment);
	if (!job->env)
		return;
	job->deployment = sim_deployment_add(w, run, job->env->name)->id;
	job->until = job->env->wait_minutes ? w->now + job->env->wait_minutes * MINUTE : 0;
	if (job->until)
		sim_event_add(w, &(struct sim_event){ .at = job->until,
						      .kind = EVENT_TIMER,
						      .repo = r,
						      .run = run,
						      .attempt = run->attempt,
						      .job = index });
	if (sim_gate_waits(w, job)) {
		job->status = SIM_WAITING;
		sim_deployment_note(w, run, job, "waiting");
		call_reviewers(w, run, job->env->name);
	}
}
