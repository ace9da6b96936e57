#include "core/adapters/sim/moves.h"

#include "base/text.h"

#include <string.h>

/* Workflows that begin by themselves: pushes and pull requests, by the triggers of the file as it stands there. */

/* `on: push`, `on: [push]` and `on: {push: ...}`. *map is what stands below it, NULL when nothing does. */
static bool triggered_by(const struct sim_workflow *plan, const char *event, const struct yaml **map)
{
	const struct yaml *on = plan->on;

	*map = on && on->kind == YAML_MAP ? yaml_get(on, event) : NULL;
	if (*map)
		return true;
	if (on && on->scalar)
		return strcmp(on->scalar, event) == 0;
	yaml_each(it, on)
	{
		if (on->kind == YAML_LIST && it->scalar && strcmp(it->scalar, event) == 0)
			return true;
	}
	return false;
}

static bool listed(const struct yaml *globs, const char *word)
{
	yaml_each(it, globs)
	{
		if (it->scalar && text_glob(it->scalar, word))
			return true;
	}
	return false;
}

static bool branch_fits(const struct yaml *map, const char *branch)
{
	const struct yaml *branches = yaml_get(map, "branches");

	return branches ? listed(branches, branch) : !yaml_get(map, "tags");
}

static void push_starts(struct world *w, const struct sim_push *p, struct sim_workflow *wf)
{
	const struct sim_commit *after = &p->repo->commits.items[p->after];
	const struct sim_workflow *plan = sim_workflow_at(w, wf, after->files);
	const struct yaml *map;

	if (!plan || wf->disabled || wf->deaf || !triggered_by(plan, "push", &map) ||
	    !branch_fits(map, p->branch) ||
	    !sim_files_differ(sim_files_at(p->repo, p->before), after->files, yaml_get(map, "paths"),
			      yaml_get(map, "paths-ignore")))
		return;
	sim_run_start(w, &(struct sim_start){
				 .workflow = wf,
				 .plan = plan,
				 .event = "push",
				 .ref = p->branch,
				 .sha = after->sha,
				 .title = after->subject,
				 .actor = p->by,
			 });
}

void sim_pushed(struct world *w, const struct sim_push *p)
{
	if (p->after < 0)
		return;
	for (size_t i = 0; i < p->repo->workflows.n; i++)
		push_starts(w, p, p->repo->workflows.items[i]);
	vec_each (it, &p->repo->pulls) {
		struct sim_pull *pull = *it;

		if (pull->open && !pull->issue && strcmp(pull->head, p->branch) == 0) {
			pull->updated = w->now;
			sim_pull_event(w, p->repo, pull, "synchronize", p->by);
		}
	}
}

/* The forge's own default when a file names no types. */
static bool type_fits(const struct yaml *map, const char *type)
{
	const struct yaml *types = yaml_get(map, "types");

	return types ? listed(types, type) : strcmp(type, "labeled") != 0 && strcmp(type, "closed") != 0;
}

void sim_pull_event(struct world *w, struct sim_repo *r, struct sim_pull *pull, const char *type,
		    const struct sim_user *by)
{
	long head = sim_branch_tip(r, pull->head);

	for (size_t i = 0; head >= 0 && !pull->issue && i < r->workflows.n; i++) {
		struct sim_workflow *wf = r->workflows.items[i];
		const struct sim_workflow *plan = sim_workflow_at(w, wf, r->commits.items[head].files);
		const struct yaml *map;

		if (!plan || wf->disabled || !triggered_by(plan, "pull_request", &map) ||
		    !branch_fits(map, pull->base) || !type_fits(map, type))
			continue;
		sim_run_start(w, &(struct sim_start){
					 .workflow = wf,
					 .plan = plan,
					 .event = "pull_request",
					 .ref = pull->head,
					 .sha = r->commits.items[head].sha,
					 .title = pull->title,
					 .actor = by,
					 .pull = pull,
				 });
	}
}
