#include "core/adapters/sim/moves.h"

#include "base/text.h"

#include <string.h>

enum { PLAIN_STEP_MS = 900, SETUP_MS = 700 };

static const struct sim_step_spec *spec_of(const struct sim_job *job, int step)
{
	return step > 0 && (size_t)step <= job->spec->steps.n ? &job->spec->steps.items[step - 1] : NULL;
}

static int64_t span_of(const char *s)
{
	struct yaml at = { .kind = YAML_SCALAR, .scalar = s, .file = "" };
	int64_t ms;

	return sim_span(&ms, &at, NULL) == 0 ? ms : PLAIN_STEP_MS;
}

int64_t sim_step_span(struct world *w, const struct sim_run *run, const struct sim_job *job, int step)
{
	const struct sim_step_spec *s = spec_of(job, step);
	int64_t ms = 0;

	(void)run;
	if (!s)
		return sim_about(w, SETUP_MS);
	vec_each (c, &s->commands) {
		if (c->verb == DO_WORK)
			ms += span_of(c->arg);
	}
	return sim_about(w, ms ? ms : PLAIN_STEP_MS);
}

static const char *do_release(struct world *w, const struct sim_doing *d, const char *arg)
{
	const struct sim_release *rel = sim_release_find(d->run->workflow->repo, arg);

	return rel && !rel->draft ? NULL : arena_printf(&w->arena, "release %s not found", arg);
}

/* KIND.TAG.json, then KIND.json (delivery-systems reference 1.2). */
static const char *do_asset(struct world *w, const struct sim_doing *d, const char *arg)
{
	const char *kind = sim_word(&w->arena, &arg), *tag = arg;
	const struct sim_release *rel = sim_release_find(d->run->workflow->repo, tag);

	if (!rel)
		return arena_printf(&w->arena, "release %s not found", tag);
	if (sim_asset_find(rel, arena_printf(&w->arena, "%s.%s.json", kind, tag)) ||
	    sim_asset_find(rel, arena_printf(&w->arena, "%s.json", kind)))
		return NULL;
	return arena_printf(&w->arena, "release %s has no asset %s.%s.json", tag, kind, tag);
}

/* TAG SHA: the commit that the captain read must be the one that the tag is on. */
static const char *do_expect(struct world *w, const struct sim_doing *d, const char *arg)
{
	const char *tag = sim_word(&w->arena, &arg), *sha = arg;
	const struct sim_release *rel = sim_release_find(d->run->workflow->repo, tag);

	if (!*sha || (rel && strncmp(sha, rel->sha, strlen(sha)) == 0))
		return NULL;
	return arena_printf(&w->arena, "expected commit %s but %s is at %s", sha, tag,
			    rel ? rel->sha : "none");
}

/* The contract of `pilothouse profile contract`: one nonce, one run. */
static const char *do_nonce(struct world *w, const struct sim_doing *d, const char *arg)
{
	vec_each (it, &d->run->workflow->runs) {
		const struct sim_run *run = *it;

		if (*arg && run->id < d->run->id && run->title && strstr(run->title, arg))
			return arena_printf(&w->arena, "run %" PRId64 " carries the same intent", run->id);
	}
	return NULL;
}

/* What the newest commit of the lane's lock says; 0 without one, or when it says nothing. */
static int64_t lock_epoch(const struct sim_repo *r, const char *lane, struct arena *a)
{
	autofree(json) struct json *said = NULL;
	const char *name = arena_printf(a, "pilothouse/lock/%s", lane);

	vec_each (ref, &r->refs) {
		long i = strcmp(ref->name, name) == 0 ? sim_commit_index(r, ref->sha) : -1;
		const char *text = i >= 0 ? r->commits.items[i].message : NULL;

		if (text && json_parse(&said, text, strlen(text), 65536, NULL) == 0)
			return json_int(said, "epoch", 0);
	}
	return 0;
}

static const char *do_epoch(struct world *w, const struct sim_doing *d, const char *arg)
{
	const char *lane = sim_word(&w->arena, &arg);
	int64_t now = lock_epoch(d->run->workflow->repo, lane, &w->arena);

	if (!*arg || strcmp(arg, arena_printf(&w->arena, "%" PRId64, now)) == 0)
		return NULL;
	return arena_printf(&w->arena, "the lock of %s is at epoch %" PRId64 ", not %s", lane, now, arg);
}

static const char *do_yield(struct world *w, const struct sim_doing *d, const char *arg)
{
	bool busy = sim_run_active(d->run->workflow->repo, arg);

	sim_output(w, d->run, d->job->spec, "should_run", busy ? "false" : "true");
	return NULL;
}

/* As the forge's bot does with a job's token: on the tag that this run is about. */
static const char *do_dispatch(struct world *w, const struct sim_doing *d, const char *arg)
{
	const struct sim_run *run = d->run;
	struct sim_workflow *wf = sim_workflow_find(run->workflow->repo, arg);

	if (!wf)
		return arena_printf(&w->arena, "could not find workflow %s", arg);
	if (!d->past)
		sim_run_start(w, &(struct sim_start){
					 .workflow = wf,
					 .event = "workflow_dispatch",
					 .ref = run->inputs.n ? run->inputs.items[0].value : run->ref,
					 .tag = true,
					 .sha = run->sha,
					 .actor = sim_user_find("github-actions[bot]"),
				 });
	return NULL;
}

static const char *do_live(struct world *w, const struct sim_doing *d, const char *arg)
{
	const char *lane = sim_word(&w->arena, &arg);

	vec_each (it, &d->run->workflow->repo->lanes) {
		if (strcmp(it->name, lane) != 0)
			continue;
		it->by = d->run;
		if (!d->past)
			it->live = arena_strdup(&w->arena, arg);
	}
	return NULL;
}

static const char *do_slo(struct world *w, const struct sim_doing *d, const char *arg)
{
	const struct yaml *bad = d->past ? NULL : yaml_get(w->script, "bad");

	yaml_each(it, bad)
	{
		if (it->scalar && strcmp(it->scalar, arg) == 0)
			return arena_printf(&w->arena, "error rate 0.0504 over limit 0.01 (%s)", arg);
	}
	return NULL;
}

static const char *do_fail(struct world *w, const struct sim_doing *d, const char *arg)
{
	(void)w, (void)d;
	return *arg ? arg : NULL;
}

static const char *do_nothing(struct world *w, const struct sim_doing *d, const char *arg)
{
	(void)w, (void)d, (void)arg;
	return NULL;
}

static const char *(*const doers[])(struct world *w, const struct sim_doing *d, const char *arg) = {
	[DO_WORK] = do_nothing,
	[DO_RELEASE] = do_release,
	[DO_ASSET] = do_asset,
	[DO_EXPECT] = do_expect,
	[DO_NONCE] = do_nonce,
	[DO_EPOCH] = do_epoch,
	[DO_YIELD] = do_yield,
	[DO_DISPATCH] = do_dispatch,
	[DO_LIVE] = do_live,
	[DO_SLO] = do_slo,
	[DO_FAIL] = do_fail,
	[DO_SAY] = do_nothing,
	[DO_NEED] = sim_do_need,
	[DO_FRESH] = sim_do_fresh,
	[DO_ARTIFACT] = sim_do_artifact,
	[DO_DEPLOYMENT] = sim_do_deployment,
	[DO_PIN] = sim_do_pin,
	[DO_PUSH] = sim_do_push,
	[DO_TAG] = sim_do_tag,
	[DO_RUNS] = sim_do_runs,
	[DO_OUTPUT] = sim_do_output,
	[DO_PULL] = sim_do_pull,
	[DO_PUBLISH] = sim_do_publish,
	[DO_RUNG] = sim_do_rung,
	[DO_WINDOW] = sim_do_window,
};

const char *sim_step_do(struct world *w, const struct sim_doing *d, int step)
{
	const struct sim_step_spec *s = spec_of(d->job, step);
	struct sim_context c = { .w = w, .run = d->run, .with = &d->job->spec->with, .job = d->job->spec };

	if (!s || (s->when && !sim_holds(s->when, &c)))
		return NULL;
	for (size_t *i = &d->job->steps[step].done; *i < s->commands.n; ++*i) {
		const struct sim_command *cmd = &s->commands.items[*i];
		const char *why = doers[cmd->verb](w, d, sim_expand(&w->arena, cmd->arg, &c));

		if (why || (d->again && *d->again))
			return why;
	}
	return NULL;
}
