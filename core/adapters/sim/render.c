#include "core/adapters/sim/face.h"

#include "core/adapters/sim/sha256.h"

#include <string.h>

void put_str(struct jw *j, const char *key, const char *s)
{
	jw_key(j, key);
	jw_raw_str(j, s);
}

void put_time(struct jw *j, const char *key, int64_t ms)
{
	jw_kwhen(j, key, (struct when){ ms });
}

static const char *format_printf(3, 0)
	path_of(struct call *c, const struct sim_repo *r, const char *fmt, va_list ap)
{
	return arena_printf(c->a, "/%s%s", r->full, arena_vprintf(c->a, fmt, ap));
}

void put_url(struct call *c, const char *key, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_str(&c->j, key, arena_printf(c->a, "%s/repos%s", c->base, path_of(c, c->repo, fmt, ap)));
	va_end(ap);
}

void put_web(struct call *c, const char *key, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_str(&c->j, key, arena_printf(c->a, "%s%s", c->base, path_of(c, c->repo, fmt, ap)));
	va_end(ap);
}

/* Opaque, and another name space than ids: nothing may be read from it. */
const char *put_node(struct call *c, const char *prefix, int64_t id)
{
	struct hash h = HASH_INIT;
	char hex[33];

	hash_str(&h, prefix);
	hash_add(&h, &id, sizeof(id));
	return arena_printf(c->a, "%s_kwDO%.12s", prefix, hash_hex(&h, hex));
}

void put_user(struct call *c, const char *key, const struct sim_user *u)
{
	if (key)
		jw_key(&c->j, key);
	jw_open(&c->j, '{');
	put_str(&c->j, "login", u->login);
	jw_kint(&c->j, "id", u->id);
	put_str(&c->j, "node_id", put_node(c, u->bot ? "BOT" : "U", u->id));
	put_str(&c->j, "url", arena_printf(c->a, "%s/users/%s", c->base, u->login));
	put_str(&c->j, "html_url", arena_printf(c->a, "%s/%s", c->base, u->login));
	put_str(&c->j, "type", u->bot ? "Bot" : "User");
	jw_kbool(&c->j, "site_admin", false);
	jw_close(&c->j, '}');
}

void put_repo(struct call *c, const char *key, const struct sim_repo *r, bool brief)
{
	struct sim_user owner = { .login = r->owner, .id = r->id / 3 };

	if (key)
		jw_key(&c->j, key);
	jw_open(&c->j, '{');
	jw_kint(&c->j, "id", r->id);
	put_str(&c->j, "node_id", put_node(c, "R", r->id));
	put_str(&c->j, "name", r->name);
	put_str(&c->j, "full_name", r->full);
	jw_kbool(&c->j, "private", true);
	put_user(c, "owner", &owner);
	put_web(c, "html_url", "%s", "");
	put_url(c, "url", "%s", "");
	put_str(&c->j, "description", r->about);
	jw_kbool(&c->j, "fork", false);
	if (!brief) {
		put_str(&c->j, "default_branch", r->branch);
		put_str(&c->j, "visibility", "private");
		jw_kbool(&c->j, "archived", false);
		jw_kbool(&c->j, "disabled", false);
		put_time(&c->j, "pushed_at", r->commits.items[r->commits.n - 1].at);
		jw_kopen(&c->j, "permissions", '{');
		jw_kbool(&c->j, "admin", false);
		jw_kbool(&c->j, "push", !c->user->read_only);
		jw_kbool(&c->j, "pull", true);
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, '}');
}

/* ---- runs and jobs ------------------------------------------------------------------------------------------------ */

static void put_head_commit(struct call *c, const struct sim_run *run)
{
	long i = sim_commit_index(c->repo, run->sha);
	const struct sim_commit *commit = i < 0 ? &c->repo->commits.items[0] : &c->repo->commits.items[i];

	jw_kopen(&c->j, "head_commit", '{');
	put_str(&c->j, "id", run->sha);
	put_str(&c->j, "message", commit->subject);
	put_time(&c->j, "timestamp", commit->at);
	jw_kopen(&c->j, "author", '{');
	put_str(&c->j, "name", commit->author->name);
	put_str(&c->j, "email", arena_printf(c->a, "%s@example.org", commit->author->login));
	jw_close(&c->j, '}');
	jw_close(&c->j, '}');
}

static void put_run_urls(struct call *c, const struct sim_run *run, int attempt)
{
	static const char *const names[] = { "jobs", "logs", "artifacts", "cancel", "rerun" };

	put_url(c, "url", "/actions/runs/%" PRId64, run->id);
	put_web(c, "html_url", "/actions/runs/%" PRId64, run->id);
	for (size_t i = 0; i < countof(names); i++)
		put_url(c, arena_printf(c->a, "%s_url", names[i]), "/actions/runs/%" PRId64 "/%s", run->id,
			names[i]);
	put_url(c, "check_suite_url", "/check-suites/%" PRId64, run->id + 7);
	put_url(c, "workflow_url", "/actions/workflows/%" PRId64, run->workflow->id);
	if (attempt > 1)
		put_url(c, "previous_attempt_url", "/actions/runs/%" PRId64 "/attempts/%d", run->id,
			attempt - 1);
	else
		put_str(&c->j, "previous_attempt_url", NULL);
}

static void put_state(struct call *c, enum sim_status status, enum sim_conclusion conclusion)
{
	put_str(&c->j, "status", names_word(&sim_status_names, (int)status));
	put_str(&c->j, "conclusion",
		conclusion == SIM_NONE ? NULL : names_word(&sim_conclusion_names, (int)conclusion));
}

static void put_run_facts(struct call *c, const struct sim_run *run)
{
	jw_kint(&c->j, "id", run->id);
	put_str(&c->j, "name", run->workflow->name);
	put_str(&c->j, "node_id", put_node(c, "WFR", run->id));
	put_str(&c->j, "head_branch", run->ref);
	put_str(&c->j, "head_sha", run->sha);
	put_str(&c->j, "path", run->workflow->path);
	put_str(&c->j, "display_title", run->title);
	jw_kint(&c->j, "run_number", run->number);
	put_str(&c->j, "event", run->event);
	jw_kint(&c->j, "workflow_id", run->workflow->id);
	jw_kint(&c->j, "check_suite_id", run->id + 7);
	jw_key(&c->j, "pull_requests");
	jw_json(&c->j, "[]");
	jw_key(&c->j, "referenced_workflows");
	jw_json(&c->j, "[]");
}

/* attempt 0: the run as it is now. */
void put_run(struct call *c, struct sim_run *run, int attempt)
{
	const struct sim_attempt *att = attempt ? sim_run_attempt(c->w, run, attempt) : sim_run_last(run);
	int number = attempt ? attempt : run->attempt;

	jw_open(&c->j, '{');
	put_run_facts(c, run);
	put_state(c, att ? att->status : run->status, att ? att->conclusion : run->conclusion);
	put_time(&c->j, "created_at", run->created);
	put_time(&c->j, "updated_at", att ? att->updated : run->updated);
	put_time(&c->j, "run_started_at", att ? att->started : run->started);
	jw_kint(&c->j, "run_attempt", number);
	put_user(c, "actor", run->actor);
	put_user(c, "triggering_actor", att ? att->triggering : run->actor);
	put_run_urls(c, run, number);
	put_head_commit(c, run);
	put_repo(c, "repository", c->repo, true);
	put_repo(c, "head_repository", c->repo, true);
	jw_close(&c->j, '}');
}

const char *step_name(const struct sim_job *job, int s)
{
	if (s == 0)
		return "Set up job";
	return (size_t)s <= job->spec->steps.n ? job->spec->steps.items[s - 1].name : "Complete job";
}

static void put_steps(struct call *c, const struct sim_job *job)
{
	jw_kopen(&c->j, "steps", '[');
	for (int s = 0; s < job->steps_n && job->started; s++) {
		const struct sim_step *step = &job->steps[s];

		jw_open(&c->j, '{');
		put_str(&c->j, "name", step_name(job, s));
		put_state(c, step->status, step->conclusion);
		jw_kint(&c->j, "number", s + 1);
		put_time(&c->j, "started_at", step->started);
		put_time(&c->j, "completed_at", step->completed);
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, ']');
}

void put_job(struct call *c, struct sim_run *run, int attempt, int index)
{
	const struct sim_job *job = &sim_run_attempt(c->w, run, attempt)->jobs[index];
	int64_t id = sim_job_id(run, attempt, index);

	jw_open(&c->j, '{');
	jw_kint(&c->j, "id", id);
	jw_kint(&c->j, "run_id", run->id);
	put_str(&c->j, "workflow_name", run->workflow->name);
	put_str(&c->j, "head_branch", run->ref);
	put_url(c, "run_url", "/actions/runs/%" PRId64, run->id);
	jw_kint(&c->j, "run_attempt", attempt);
	put_str(&c->j, "node_id", put_node(c, "CR", id));
	put_str(&c->j, "head_sha", run->sha);
	put_url(c, "url", "/actions/jobs/%" PRId64, id);
	put_web(c, "html_url", "/actions/runs/%" PRId64 "/job/%" PRId64, run->id, id);
	put_state(c, job->status, job->conclusion);
	put_time(&c->j, "created_at", job->created);
	put_time(&c->j, "started_at", job->started ? job->started : job->created);
	put_time(&c->j, "completed_at", job->completed);
	put_str(&c->j, "name", job->spec->name);
	put_steps(c, job);
	put_url(c, "check_run_url", "/check-runs/%" PRId64, id);
	jw_key(&c->j, "labels");
	jw_json(&c->j, "[\"ubuntu-latest\"]");
	put_str(&c->j, "runner_name", job->started ? "drill-runner-1" : NULL);
	put_str(&c->j, "runner_group_name", job->started ? "Default" : NULL);
	jw_close(&c->j, '}');
}

void put_workflow(struct call *c, const struct sim_workflow *wf)
{
	jw_open(&c->j, '{');
	jw_kint(&c->j, "id", wf->id);
	put_str(&c->j, "node_id", put_node(c, "W", wf->id));
	put_str(&c->j, "name", wf->name);
	put_str(&c->j, "path", wf->path);
	put_str(&c->j, "state", wf->disabled ? "disabled_manually" : "active");
	put_time(&c->j, "created_at", c->repo->commits.items[0].at);
	put_time(&c->j, "updated_at", c->repo->commits.items[0].at);
	put_url(c, "url", "/actions/workflows/%" PRId64, wf->id);
	put_web(c, "html_url", "/blob/%s/%s", c->repo->branch, wf->path);
	put_web(c, "badge_url", "/workflows/%" PRId64 "/badge.svg", wf->id);
	jw_close(&c->j, '}');
}

/* ---- environments and deployments --------------------------------------------------------------------------------- */

static void put_rules(struct call *c, const struct sim_environment *env)
{
	jw_kopen(&c->j, "protection_rules", '[');
	if (env->wait_minutes) {
		jw_open(&c->j, '{');
		jw_kint(&c->j, "id", env->id + 1);
		put_str(&c->j, "type", "wait_timer");
		jw_kint(&c->j, "wait_timer", env->wait_minutes);
		jw_close(&c->j, '}');
	}
	if (env->reviewers_n) {
		jw_open(&c->j, '{');
		jw_kint(&c->j, "id", env->id + 2);
		put_str(&c->j, "node_id", put_node(c, "GA", env->id + 2));
		put_str(&c->j, "type", "required_reviewers");
		jw_kbool(&c->j, "prevent_self_review", env->no_self_review);
		jw_kopen(&c->j, "reviewers", '[');
		for (int i = 0; i < env->reviewers_n; i++) {
			jw_open(&c->j, '{');
			put_str(&c->j, "type", "User");
			put_user(c, "reviewer", env->reviewers[i]);
			jw_close(&c->j, '}');
		}
		jw_close(&c->j, ']');
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, ']');
}

void put_environment(struct call *c, const struct sim_environment *env, bool brief)
{
	jw_open(&c->j, '{');
	jw_kint(&c->j, "id", env->id);
	put_str(&c->j, "node_id", put_node(c, "EN", env->id));
	put_str(&c->j, "name", env->name);
	put_url(c, "url", "/environments/%s", env->name);
	put_web(c, "html_url", "/deployments/activity_log?environments_filter=%s", env->name);
	if (!brief) {
		put_time(&c->j, "created_at", c->repo->commits.items[0].at);
		put_time(&c->j, "updated_at", c->repo->commits.items[0].at);
		jw_kbool(&c->j, "can_admins_bypass", true);
		put_rules(c, env);
		jw_key(&c->j, "deployment_branch_policy");
		jw_null(&c->j);
	}
	jw_close(&c->j, '}');
}

void put_deployment(struct call *c, const struct sim_deployment *d)
{
	jw_open(&c->j, '{');
	jw_kint(&c->j, "id", d->id);
	put_str(&c->j, "node_id", put_node(c, "DE", d->id));
	put_url(c, "url", "/deployments/%" PRId64, d->id);
	put_str(&c->j, "sha", d->run->sha);
	put_str(&c->j, "ref", d->run->ref);
	put_str(&c->j, "task", "deploy");
	jw_key(&c->j, "payload");
	if (d->payload_text)
		jw_str(&c->j, d->payload);
	else
		jw_json(&c->j, d->payload);
	put_str(&c->j, "original_environment", d->environment);
	put_str(&c->j, "environment", d->environment);
	put_str(&c->j, "description", d->description);
	put_user(c, "creator", d->run->actor);
	put_time(&c->j, "created_at", d->created);
	put_time(&c->j, "updated_at", d->created);
	put_url(c, "statuses_url", "/deployments/%" PRId64 "/statuses", d->id);
	put_url(c, "repository_url", "%s", "");
	jw_close(&c->j, '}');
}

/* ---- releases and commits ----------------------------------------------------------------------------------------- */

void put_asset(struct call *c, const struct sim_release *rel, const struct sim_asset *asset)
{
	jw_open(&c->j, '{');
	jw_kint(&c->j, "id", asset->id);
	put_str(&c->j, "node_id", put_node(c, "RA", asset->id));
	put_url(c, "url", "/releases/assets/%" PRId64, asset->id);
	put_str(&c->j, "name", asset->name);
	put_str(&c->j, "label", "");
	put_user(c, "uploader", sim_user_find("github-actions[bot]"));
	put_str(&c->j, "content_type", "application/json");
	put_str(&c->j, "state", "uploaded");
	jw_kint(&c->j, "size", (int64_t)strlen(asset->content));
	put_str(&c->j, "digest",
		asset->digest ? asset->digest : sim_digest(c->a, asset->content, strlen(asset->content)));
	jw_kint(&c->j, "download_count", 3);
	put_time(&c->j, "created_at", rel->published + MINUTE);
	put_time(&c->j, "updated_at", rel->published + MINUTE);
	put_web(c, "browser_download_url", "/releases/download/%s/%s", rel->tag, asset->name);
	jw_close(&c->j, '}');
}

void put_release(struct call *c, const struct sim_release *rel)
{
	jw_open(&c->j, '{');
	put_url(c, "url", "/releases/%" PRId64, rel->id);
	put_url(c, "assets_url", "/releases/%" PRId64 "/assets", rel->id);
	put_web(c, "html_url", "/releases/tag/%s", rel->tag);
	jw_kint(&c->j, "id", rel->id);
	put_user(c, "author", sim_user_find("ana-ruiz"));
	put_str(&c->j, "node_id", put_node(c, "RE", rel->id));
	put_str(&c->j, "tag_name", rel->tag);
	put_str(&c->j, "target_commitish", c->repo->branch);
	put_str(&c->j, "name", rel->title);
	jw_kbool(&c->j, "draft", rel->draft);
	jw_kbool(&c->j, "immutable", rel->immutable);
	jw_kbool(&c->j, "prerelease", rel->prerelease);
	put_time(&c->j, "created_at", rel->published - 4 * MINUTE);
	put_time(&c->j, "published_at", rel->draft ? 0 : rel->published);
	jw_kopen(&c->j, "assets", '[');
	vec_each (it, &rel->assets) {
		if (!it->dropped)
			put_asset(c, rel, it);
	}
	jw_close(&c->j, ']');
	put_str(&c->j, "body", arena_printf(c->a, "Changes of %s.", rel->tag));
	jw_close(&c->j, '}');
}

void put_person(struct call *c, const char *key, const struct sim_commit *commit)
{
	jw_kopen(&c->j, key, '{');
	put_str(&c->j, "name", commit->author->name);
	put_str(&c->j, "email", arena_printf(c->a, "%s@example.org", commit->author->login));
	put_time(&c->j, "date", commit->at);
	jw_close(&c->j, '}');
}

void put_parents(struct call *c, const struct sim_commit *commit)
{
	const long parents[] = { commit->parent, commit->merged };

	jw_kopen(&c->j, "parents", '[');
	for (size_t i = 0; i < countof(parents); i++) {
		if (parents[i] < 0)
			continue;
		jw_open(&c->j, '{');
		put_str(&c->j, "sha", c->repo->commits.items[parents[i]].sha);
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, ']');
}

void put_commit(struct call *c, const struct sim_commit *commit)
{
	jw_open(&c->j, '{');
	put_str(&c->j, "sha", commit->sha);
	put_str(&c->j, "node_id", put_node(c, "C", commit->at));
	put_url(c, "url", "/commits/%s", commit->sha);
	put_web(c, "html_url", "/commit/%s", commit->sha);
	jw_kopen(&c->j, "commit", '{');
	put_person(c, "author", commit);
	put_person(c, "committer", commit);
	put_str(&c->j, "message", commit->message ? commit->message : commit->subject);
	jw_key(&c->j, "verification");
	jw_json(&c->j, "{\"verified\":false,\"reason\":\"unsigned\",\"signature\":null,\"payload\":null}");
	jw_close(&c->j, '}');
	put_user(c, "author", commit->author);
	put_user(c, "committer", commit->author);
	put_parents(c, commit);
	jw_close(&c->j, '}');
}
