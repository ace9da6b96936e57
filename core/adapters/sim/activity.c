#include "core/adapters/sim/fleet.h"

#include "base/text.h"

#include <string.h>

/* Colleagues push to the default branch now and then: a commit, a run of the CI workflow, and when that is green the
 * workflow that follows it, as `on: workflow_run` does. */

static const struct sim_file *touched(struct world *w, const struct sim_repo *r, long tip,
				      const char *subject)
{
	const struct sim_file *files = sim_files_at(r, tip);
	const char *path = r->activity.touch;

	return path ? sim_file_add(w, files, path,
				   arena_printf(&w->arena, "# %s, %zu\n", subject, r->commits.n))
		    : files;
}

void sim_activity_push(struct world *w, const struct sim_event *ev)
{
	struct sim_repo *r = ev->repo;
	struct sim_activity *act = &r->activity;
	const struct yaml *at = r->subjects ? r->subjects->child : NULL;
	const struct sim_user *by = &sim_users[4 + (r->commits.n + 1) % 3];
	long before = sim_branch_tip(r, act->branch), after;
	const char *subject;

	for (size_t i = r->subjects ? r->commits.n % (size_t)r->subjects->n : 0; i && at->next; i--)
		at = at->next;
	subject = at && at->scalar ? at->scalar : "Tidy up";
	after = sim_commit_add(w, r,
			       &(struct sim_change){ .branch = act->branch,
						     .subject = subject,
						     .author = by,
						     .at = w->now,
						     .merged = -1,
						     .files = touched(w, r, before, subject) });
	sim_pushed(w, &(struct sim_push){ r, act->branch, before, after, by });
	if (--act->left > 0)
		sim_event_add(w, &(struct sim_event){ .at = w->now + sim_about(w, act->every),
						      .kind = EVENT_PUSH,
						      .repo = r });
}

void sim_activity_after(struct world *w, struct sim_run *run)
{
	const struct sim_activity *act = &run->workflow->repo->activity;

	if (!act->then || act->then->deaf || run->workflow != act->workflow || run->conclusion != SIM_SUCCESS)
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
	const char *ref = yaml_str(what, "ref", r->branch);
	const char *sha;
	bool tag;

	yaml_each(it, yaml_get(what, "inputs"))
	{
		if (it->scalar)
			*vec_push(&inputs, &w->arena) = (struct sim_pair){ it->key, it->scalar };
	}
	sha = sim_ref_sha(r, ref, &tag);
	if (wf && sha)
		sim_run_start(
			w, &(struct sim_start){
				   .workflow = wf,
				   .plan = sim_workflow_at(w, wf, sim_files_at(r, sim_commit_index(r, sha))),
				   .event = "workflow_dispatch",
				   .ref = ref,
				   .tag = tag,
				   .sha = sha,
				   .actor = sim_user_find(yaml_str(what, "by", "kim")),
				   .inputs = &inputs,
			   });
}

/* - {at: 40s, by: kim, repo: R, approve: production, comment: mine}: every gate of that name; with after: in place of at:
 * each of them so long after it opened, unless it is of a run of his own */
static void other_review(struct world *w, struct sim_repo *r, const struct yaml *what, bool yes)
{
	const char *environment = yaml_str(what, yes ? "approve" : "reject", "");
	const struct sim_user *by = sim_user_find(yaml_str(what, "by", "kim"));

	for (size_t i = r->runs.n; i-- > 0 && r->runs.items[i]->created >= w->start;) {
		struct sim_run *run = r->runs.items[i];

		for (int j = 0; j < sim_run_last(run)->jobs_n; j++) {
			const struct sim_job *job = &sim_run_last(run)->jobs[j];

			if (job->status == SIM_WAITING && strcmp(job->env->name, environment) == 0 &&
			    (!yaml_get(what, "after") || run->actor != by))
				sim_gate_answer(w, run, j, yes, by, yaml_str(what, "comment", ""));
		}
	}
}

/* - {at: 40s, repo: R, replace_asset: {release: v1, name: N, from: A, to: B}}: uploaded again, as --clobber does it */
static void other_asset(struct world *w, struct sim_repo *r, const struct yaml *what)
{
	const struct yaml *map = yaml_get(what, "replace_asset");
	const struct sim_release *rel = sim_release_find(r, yaml_str(map, "release", ""));
	struct sim_asset *asset =
		rel ? (struct sim_asset *)sim_asset_find(rel, yaml_str(map, "name", "")) : NULL;
	const char *from = yaml_str(map, "from", ""), *at = asset ? strstr(asset->content, from) : NULL;

	if (!at)
		return;
	asset->content = arena_printf(&w->arena, "%.*s%s%s", (int)(at - asset->content), asset->content,
				      yaml_str(map, "to", ""), at + strlen(from));
	asset->id = sim_id(w);
	asset->digest = NULL; /* that of what it is now */
	asset->replaced = true;
}

/* - {at: 1m, by: kim, repo: R, commit: {branch: staging, subject: S, files: [...]}}: as in ground.c, and it is pushed */
static void other_commit(struct world *w, struct sim_repo *r, const struct yaml *what)
{
	const struct yaml *map = yaml_get(what, "commit");
	const char *branch = yaml_str(map, "branch", r->branch);
	const struct sim_user *by = sim_user_find(yaml_str(what, "by", "kim"));
	long before = sim_branch_tip(r, branch);
	struct err e = ERR_INIT;

	if (sim_ground_commit(w, r, map, by, w->now, &e) == 0)
		sim_pushed(w, &(struct sim_push){ r, branch, before, sim_branch_tip(r, branch), by });
}

/* - {at: 1m, by: kim, repo: R, label: N, name: TEXT} */
static void other_label(struct world *w, struct sim_repo *r, const struct yaml *what)
{
	int64_t n = 0;
	struct sim_pull *pull;

	if (text_int64(&n, yaml_str(what, "label", ""), 1, INT32_MAX) < 0)
		return;
	pull = sim_pull_find(r, n);
	if (pull)
		sim_pull_label(w, r, pull, yaml_str(what, "name", ""),
			       sim_user_find(yaml_str(what, "by", "kim")));
}

/* - {at: 90s, by: mirei, repo: R, pull: {head: staging, base: main, title: T}} */
static void other_pull(struct world *w, struct sim_repo *r, const struct yaml *what)
{
	const struct yaml *map = yaml_get(what, "pull");

	sim_pull_open(w, r,
		      &(struct sim_pull){ .head = yaml_str(map, "head", ""),
					  .base = yaml_str(map, "base", r->branch),
					  .title = yaml_str(map, "title", ""),
					  .body = "",
					  .author = sim_user_find(yaml_str(what, "by", "kim")) });
}

/* - {at: 3m, by: kim, repo: R, cancel: FILE}: the newest run of it that is under way */
static void other_cancel(struct world *w, struct sim_repo *r, const struct yaml *what)
{
	const struct sim_workflow *wf = sim_workflow_find(r, yaml_str(what, "cancel", ""));

	for (size_t i = wf ? wf->runs.n : 0; i-- > 0;)
		if (sim_run_cancel(w, wf->runs.items[i], false))
			return;
}

/* - {at: 3m, by: kim, repo: R, tag: NAME}, and untag: NAME: on the newest commit, as in ground.c */
static void other_tag(struct world *w, struct sim_repo *r, const struct yaml *what)
{
	const char *untag = yaml_str(what, "untag", NULL);
	const char *name = arena_printf(&w->arena, "tags/%s", untag ? untag : yaml_str(what, "tag", ""));
	size_t kept = 0;

	for (size_t i = 0; i < r->refs.n; i++)
		if (strcmp(r->refs.items[i].name, name) != 0)
			r->refs.items[kept++] = r->refs.items[i];
	r->refs.n = kept;
	if (!untag)
		*vec_push(&r->refs, &w->arena) =
			(struct sim_ref){ name, r->commits.items[sim_branch_tip(r, r->branch)].sha };
}

/* - {at: 2m, repo: R, fleet: {trusts: [TEXT], settings: [...], faults: [...]}}: what an administrator does, in the database, and what
 * becomes of machines */
void sim_activity_other(struct world *w, const struct sim_event *ev)
{
	struct err e = ERR_INIT;

	if (yaml_get(ev->what, "dispatch"))
		other_dispatch(w, ev->repo, ev->what);
	if (yaml_get(ev->what, "approve"))
		other_review(w, ev->repo, ev->what, true);
	if (yaml_get(ev->what, "reject"))
		other_review(w, ev->repo, ev->what, false);
	if (yaml_get(ev->what, "replace_asset"))
		other_asset(w, ev->repo, ev->what);
	if (yaml_get(ev->what, "commit"))
		other_commit(w, ev->repo, ev->what);
	if (yaml_get(ev->what, "pull"))
		other_pull(w, ev->repo, ev->what);
	if (yaml_get(ev->what, "cancel"))
		other_cancel(w, ev->repo, ev->what);
	if (yaml_get(ev->what, "tag") || yaml_get(ev->what, "untag"))
		other_tag(w, ev->repo, ev->what);
	if (yaml_get(ev->what, "label"))
		other_label(w, ev->repo, ev->what);
	if (sim_fleet_change(w, ev->repo, yaml_get(ev->what, "fleet"), "db", &e) < 0 ||
	    sim_ground_running(w, ev->repo, yaml_get(ev->what, "running"), &e) < 0)
		return; /* the file was wrong; a drill under way has nobody to tell */
}
