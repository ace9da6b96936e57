#include "core/adapters/sim/moves.h"

#include <string.h>

/* Colleagues push to the default branch now and then: a commit, a run of the CI workflow, and when that is green the
 * workflow that follows it, as `on: workflow_run` does. */

void sim_activity_push(struct world *w, const struct sim_event *ev)
{
	struct sim_repo *r = ev->repo;
	struct sim_activity *act = &r->activity;
	const struct yaml *subject = r->subjects ? r->subjects->child : NULL;
	const struct sim_user *by = &sim_users[4 + (r->commits.n + 1) % 3];
	long before = sim_branch_tip(r, act->branch), after;

	for (size_t i = r->subjects ? r->commits.n % (size_t)r->subjects->n : 0; i && subject->next; i--)
		subject = subject->next;
	after = sim_commit_add(
		w, r,
		&(struct sim_change){ .branch = act->branch,
				      .subject = subject && subject->scalar ? subject->scalar : "Tidy up",
				      .author = by,
				      .at = w->now,
				      .merged = -1,
				      .files = sim_files_at(r, before) });
	sim_pushed(w, &(struct sim_push){ r, act->branch, before, after, by });
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

/* - {at: 5s, by: kim, repo: R, dispatch: FILE, inputs: {release_tag: v0.9.4}} */
static void other_dispatch(struct world *w, struct sim_repo *r, const struct yaml *what)
{
	struct sim_workflow *wf = sim_workflow_find(r, yaml_str(what, "dispatch", ""));
	struct sim_pairs inputs = { 0 };
	bool tag;

	yaml_each(it, yaml_get(what, "inputs"))
	{
		if (it->scalar)
			*vec_push(&inputs, &w->arena) = (struct sim_pair){ it->key, it->scalar };
	}
	if (wf)
		sim_run_start(w, &(struct sim_start){
					 .workflow = wf,
					 .event = "workflow_dispatch",
					 .ref = r->branch,
					 .sha = sim_ref_sha(r, r->branch, &tag),
					 .actor = sim_user_find(yaml_str(what, "by", "kim")),
					 .inputs = &inputs,
				 });
}

/* - {at: 40s, by: kim, repo: R, approve: production, comment: mine}: every gate of that name */
static void other_review(struct world *w, struct sim_repo *r, const struct yaml *what, bool yes)
{
	const char *environment = yaml_str(what, yes ? "approve" : "reject", "");

	for (size_t i = r->runs.n; i-- > 0 && r->runs.items[i]->created >= w->start;) {
		struct sim_run *run = r->runs.items[i];

		for (int j = 0; j < sim_run_last(run)->jobs_n; j++) {
			const struct sim_job *job = &sim_run_last(run)->jobs[j];

			if (job->status == SIM_WAITING && strcmp(job->env->name, environment) == 0)
				sim_gate_answer(w, run, j, yes, sim_user_find(yaml_str(what, "by", "kim")),
						yaml_str(what, "comment", ""));
		}
	}
}

void sim_activity_other(struct world *w, const struct sim_event *ev)
{
	if (yaml_get(ev->what, "dispatch"))
		other_dispatch(w, ev->repo, ev->what);
	if (yaml_get(ev->what, "approve"))
		other_review(w, ev->repo, ev->what, true);
	if (yaml_get(ev->what, "reject"))
		other_review(w, ev->repo, ev->what, false);
}
