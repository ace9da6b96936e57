#include "core/adapters/sim/moves.h"

/* Colleagues push to the default branch now and then: a commit, a run of the CI workflow, and when that is green the
 * workflow that follows it, as `on: workflow_run` does. */

void sim_activity_push(struct world *w, struct sim_repo *r)
{
	struct sim_activity *act = &r->activity;
	const struct yaml *subject = r->subjects ? r->subjects->child : NULL;
	struct sim_commit *c;

	for (size_t i = r->subjects ? r->commits.n % (size_t)r->subjects->n : 0; i && subject->next; i--)
		subject = subject->next;
	c = vec_push(&r->commits, &w->arena);
	*c = (struct sim_commit){
		.sha = sim_sha(w, r->full, (int64_t)r->commits.n),
		.subject = subject && subject->scalar ? subject->scalar : "Tidy up",
		.author = &sim_users[4 + r->commits.n % 3],
		.at = w->now,
	};
	sim_run_start(w, &(struct sim_start){
				 .workflow = act->workflow,
				 .event = "push",
				 .ref = r->branch,
				 .sha = c->sha,
				 .title = c->subject,
				 .actor = c->author,
			 });
	if (--act->left > 0)
		sim_event_add(w, &(struct sim_event){ .at = w->now + sim_about(w, act->every),
						      .kind = EVENT_PUSH,
						      .repo = r });
}

void sim_activity_after(struct world *w, struct sim_run *run)
{
	const struct sim_activity *act = &run->workflow->repo->activity;

	if (!act->then || run->workflow != act->workflow || run->conclusion != SIM_SUCCESS)
		return;
	sim_run_start(w, &(struct sim_start){
				 .workflow = act->then,
				 .event = "workflow_run",
				 .ref = run->ref,
				 .sha = run->sha,
				 .title = act->then->name,
				 .actor = run->actor,
			 });
}
