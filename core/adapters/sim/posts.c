#include "core/adapters/sim/face.h"

#include "base/text.h"

#include <string.h>

enum { INPUTS_MAX = 25, INPUTS_BYTES = 65535, COMMENT_MAX = 4096 };

/* ---- dispatch ----------------------------------------------------------------------------------------------------- */

static const struct sim_input *input_find(const struct sim_workflow *wf, const char *name)
{
	vec_each (it, &wf->inputs) {
		if (strcmp(it->name, name) == 0)
			return it;
	}
	return NULL;
}

/* A given value as text: the forge takes strings, and booleans and numbers for their words. */
static const char *value_of(struct call *c, const struct json *v)
{
	autofree(buf) struct buf b = BUF_INIT(INPUTS_BYTES);

	if (json_type(v) == JSON_STRING)
		return arena_strdup(c->a, json_str(v, ""));
	json_dump(&b, v);
	return arena_strdup(c->a, b.s);
}

static bool value_fits(struct call *c, const struct sim_input *in, const char *value)
{
	const char *choice = arena_printf(c->a, "|%s|", value);

	if (in->options && !strstr(in->options, choice)) {
		call_error(c, 422, "Provided value '%s' for input '%s' not in the list of allowed values",
			   value, in->name);
		return false;
	}
	if (strcmp(in->type, "boolean") == 0 && strcmp(value, "true") != 0 && strcmp(value, "false") != 0) {
		call_error(c, 422, "Provided value '%s' for input '%s' is not a boolean", value, in->name);
		return false;
	}
	return true;
}

/* All that were given are declared. */
static bool inputs_known(struct call *c, const struct sim_workflow *wf, const struct json *given)
{
	const char *name;

	if (json_size(given) > INPUTS_MAX) {
		call_error(
			c, 422,
			"you may only define up to %d `inputs` when triggering a `workflow_dispatch` event",
			INPUTS_MAX);
		return false;
	}
	for (size_t i = 0; json_member(given, i, &name); i++)
		if (!input_find(wf, name)) {
			call_error(c, 422, "Unexpected inputs provided: [\"%s\"]", name);
			return false;
		}
	return true;
}

static bool inputs_take(struct call *c, const struct sim_workflow *wf, const struct json *given,
			struct sim_pairs *out)
{
	size_t bytes = 0;

	if (!inputs_known(c, wf, given))
		return false;
	vec_each (in, &wf->inputs) {
		const struct json *v = json_get(given, in->name);
		const char *value = v ? value_of(c, v) : in->fallback;

		if (in->required && !*value) {
			call_error(c, 422, "Required input '%s' not provided", in->name);
			return false;
		}
		if (*value && !value_fits(c, in, value))
			return false;
		bytes += strlen(value);
		*vec_push(out, c->a) = (struct sim_pair){ in->name, value };
	}
	if (bytes > INPUTS_BYTES)
		call_error(c, 422, "inputs are too large.");
	return bytes <= INPUTS_BYTES;
}

/* The short name that a run shows of a branch or tag. */
static const char *short_ref(const char *ref)
{
	static const char *const prefixes[] = { "refs/heads/", "refs/tags/", "heads/", "tags/" };

	for (size_t i = 0; i < countof(prefixes); i++)
		if (text_starts(ref, prefixes[i]))
			return ref + strlen(prefixes[i]);
	return ref;
}

static void dispatch_answer(struct call *c, const struct sim_run *run)
{
	c->status = 204;
	if (!json_bool(c->body, "return_run_details", false))
		return;
	c->status = 200;
	jw_open(&c->j, '{');
	jw_kint(&c->j, "workflow_run_id", run->id);
	put_url(c, "run_url", "/actions/runs/%" PRId64, run->id);
	put_web(c, "html_url", "/actions/runs/%" PRId64, run->id);
	jw_close(&c->j, '}');
}

static void dispatch_start(struct call *c, struct sim_workflow *wf, const char *ref)
{
	struct sim_pairs inputs = { 0 };
	struct sim_run *run;
	bool tag;
	const char *sha = sim_ref_sha(c->repo, ref, &tag);
	const struct sim_workflow *plan;

	if (!sha || sim_commit_index(c->repo, ref) >= 0) {
		call_error(c, 422, "No ref found for: %s", ref);
		return;
	}
	plan = sim_workflow_at(c->w, wf, sim_files_at(c->repo, sim_commit_index(c->repo, sha)));
	if (!plan || !plan->dispatchable) {
		call_error(c, 422, "Workflow does not have 'workflow_dispatch' trigger");
		return;
	}
	if (!inputs_take(c, plan, json_get(c->body, "inputs"), &inputs))
		return;
	vec_each (p, &inputs)
		p->value = arena_strdup(&c->w->arena, p->value); /* the run keeps them */
	run = sim_run_start(c->w, &(struct sim_start){
					  .workflow = wf,
					  .plan = plan,
					  .event = "workflow_dispatch",
					  .ref = arena_strdup(&c->w->arena, short_ref(ref)),
					  .tag = tag,
					  .sha = sha,
					  .actor = c->user,
					  .inputs = &inputs,
				  });
	if (run)
		dispatch_answer(c, run);
	else
		call_error(c, 403,
			   "You have exceeded a secondary rate limit. Please wait a few minutes before you "
			   "try again.");
}

void post_dispatch(struct call *c)
{
	struct sim_workflow *wf = sim_workflow_find(c->repo, c->param[0]);
	const char *ref = json_str(c->body, "ref");

	if (!wf)
		call_missing(c);
	else if (!ref)
		call_error(c, 422, "Invalid request.\n\n\"ref\" wasn't supplied.");
	else if (wf->disabled)
		call_error(c, 422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow");
	else
		dispatch_start(c, wf, ref);
}

/* ---- gates -------------------------------------------------------------------------------------------------------- */

static bool id_listed(const struct json *ids, int64_t id)
{
	for (size_t i = 0; i < json_size(ids); i++)
		if (json_int(json_at(ids, i), "", -1) == id)
			return true;
	return false;
}

static void gate_answer(struct call *c, struct sim_run *run, int index, bool yes, const char *comment)
{
	int64_t id = sim_run_last(run)->jobs[index].deployment;

	sim_gate_answer(c->w, run, index, yes, c->user, comment);
	vec_each (d, &c->repo->deployments) {
		if ((*d)->id == id)
			put_deployment(c, *d);
	}
}

static bool gates_checked(struct call *c, const struct sim_run *run, const struct json *ids)
{
	const char *state = json_str(c->body, "state");
	bool any = false;

	if (json_type(ids) != JSON_ARRAY || !json_str(c->body, "comment") || !state ||
	    (strcmp(state, "approved") != 0 && strcmp(state, "rejected") != 0)) {
		call_error(
			c, 422,
			"Invalid request.\n\n\"environment_ids\", \"state\", \"comment\" weren't supplied.");
		return false;
	}
	for (size_t j = 0; run->attempts.n && j < run->plan->jobs.n; j++) {
		const struct sim_job *job = &run->attempts.items[run->attempts.n - 1].jobs[j];

		if (job->status != SIM_WAITING || !id_listed(ids, job->env->id))
			continue;
		any = true;
		if (!sim_gate_may(run, job->env, c->user)) {
			call_error(c, 422, "User is not allowed to review this deployment");
			return false;
		}
	}
	if (!any)
		call_error(c, 422, "No pending deployment requests to approve or reject");
	return any;
}

void post_gates(struct call *c)
{
	struct sim_run *run = sim_run_find(c->repo, call_param_int(c, 0));
	const struct json *ids = json_get(c->body, "environment_ids");
	const char *comment;
	bool yes;

	if (!run) {
		call_missing(c);
		return;
	}
	if (!gates_checked(c, run, ids))
		return;
	yes = strcmp(json_str(c->body, "state"), "approved") == 0;
	comment = arena_strndup(&c->w->arena, json_str(c->body, "comment"), COMMENT_MAX);
	jw_open(&c->j, '[');
	for (int i = 0; i < sim_run_last(run)->jobs_n; i++) {
		const struct sim_job *job = &sim_run_last(run)->jobs[i];

		if (job->status == SIM_WAITING && id_listed(ids, job->env->id))
			gate_answer(c, run, i, yes, comment);
	}
	jw_close(&c->j, ']');
}

/* ---- cancel, rerun ------------------------------------------------------------------------------------------------ */

static void accept(struct call *c, int status)
{
	jw_json(&c->j, "{}");
	c->status = status;
}

static void cancel(struct call *c, bool force)
{
	struct sim_run *run = sim_run_find(c->repo, call_param_int(c, 0));

	if (!run)
		call_missing(c);
	else if (sim_run_cancel(c->w, run, force))
		accept(c, 202);
	else
		call_error(c, 409, "Cannot cancel a workflow run that is completed.");
}

void post_cancel(struct call *c)
{
	cancel(c, false);
}

void post_force_cancel(struct call *c)
{
	cancel(c, true);
}

static void rerun(struct call *c, bool failed_only)
{
	struct sim_run *run = sim_run_find(c->repo, call_param_int(c, 0));

	if (!run) {
		call_missing(c);
	} else if (run->status != SIM_COMPLETED) {
		call_error(c, 403, "This workflow is already running");
	} else if (c->w->now - run->created > INT64_C(30) * DAY) {
		call_error(c, 403,
			   "Unable to retry this workflow run because it was created over a month ago");
	} else if (run->attempt > MAX_RERUNS) {
		call_error(c, 403, "Unable to retry this workflow run because it was retried too often");
	} else {
		sim_run_again(c->w, run, failed_only, c->user);
		accept(c, 201);
	}
}

void post_rerun(struct call *c)
{
	rerun(c, false);
}

void post_rerun_failed(struct call *c)
{
	rerun(c, true);
}

/* ---- refs --------------------------------------------------------------------------------------------------------- */

static struct sim_ref *ref_find(struct call *c, const char *name)
{
	vec_each (it, &c->repo->refs) {
		if (it->sha && strcmp(it->name, name) == 0)
			return it;
	}
	return NULL;
}

static void put_ref(struct call *c, const char *name, const char *sha)
{
	jw_open(&c->j, '{');
	put_str(&c->j, "ref", arena_printf(c->a, "refs/%s", name));
	put_url(c, "url", "/git/refs/%s", name);
	jw_kopen(&c->j, "object", '{');
	put_str(&c->j, "sha", sha);
	put_str(&c->j, "type", "commit");
	jw_close(&c->j, '}');
	jw_close(&c->j, '}');
}

/* Create if absent: the forge's one lock. */
void post_ref(struct call *c)
{
	const char *ref = json_str(c->body, "ref"), *sha = json_str(c->body, "sha");
	bool tag;

	if (!ref || !text_is_hex(sha, 40) || !text_starts(ref, "refs/") || !text_is_plain_ref(ref)) {
		call_error(c, 422, "Reference name must start with 'refs/' and have at least two slashes.");
	} else if (sim_ref_sha(c->repo, ref, &tag)) {
		call_error(c, 422, "Reference already exists");
	} else if (sim_commit_index(c->repo, sha) < 0) {
		call_error(c, 422, "Object does not exist");
	} else if (c->repo->refs.n >= REFS_MAX) {
		call_error(c, 422, "too many references");
	} else {
		struct sim_ref *r = vec_push(&c->repo->refs, &c->w->arena);

		r->name = arena_strdup(&c->w->arena, ref + strlen("refs/"));
		r->sha = arena_strdup(&c->w->arena, sha);
		c->status = 201;
		put_ref(c, r->name, r->sha);
	}
}

/* A branch that moves is a push. */
static void moved(struct call *c, const struct sim_ref *r, long before)
{
	if (text_starts(r->name, "heads/"))
		sim_pushed(c->w, &(struct sim_push){ c->repo, r->name + strlen("heads/"), before,
						     sim_commit_index(c->repo, r->sha), c->user });
}

/* Fast-forward only, unless forced. */
void patch_ref(struct call *c)
{
	struct sim_ref *r = ref_find(c, c->param[0]);
	const char *sha = json_str(c->body, "sha");
	long before = r ? sim_commit_index(c->repo, r->sha) : -1;

	if (!r) {
		call_error(c, 422, "Reference does not exist");
	} else if (!text_is_hex(sha, 40) || sim_commit_index(c->repo, sha) < 0) {
		call_error(c, 422, "Object does not exist");
	} else if (!json_bool(c->body, "force", false) &&
		   !sim_commit_reaches(c->repo, sim_commit_index(c->repo, sha), before, c->a)) {
		call_error(c, 422, "Update is not a fast forward");
	} else {
		r->sha = arena_strdup(&c->w->arena, sha);
		put_ref(c, r->name, r->sha);
		moved(c, r, before);
	}
}

void delete_ref(struct call *c)
{
	struct sim_ref *r = ref_find(c, c->param[0]);

	if (!r) {
		call_error(c, 422, "Reference does not exist");
		return;
	}
	if (r == c->repo->refs.items) {
		call_error(c, 422, "Cannot delete the default branch");
		return;
	}
	*r = c->repo->refs.items[--c->repo->refs.n];
	c->status = 204;
}
