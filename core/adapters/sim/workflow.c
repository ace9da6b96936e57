#include "core/adapters/sim/moves.h"

#include "base/text.h"

#include <string.h>

/*
 * Reads a workflow file into what the simulator can play. Of a step's `run` only the lines that begin with "drill" act:
 *
 *	drill work 6s                     takes that long, give or take a tenth
 *	drill release TAG                 fails unless the release is published
 *	drill asset KIND TAG              fails unless the release has KIND.TAG.json or KIND.json
 *	drill expect TAG SHA              fails when SHA is given and the tag is on another commit
 *	drill nonce NONCE                 fails when an earlier run of the workflow shows it in its title
 *	drill epoch LANE EPOCH            fails when EPOCH is given and the lane's lock is at another
 *	drill yield FILE                  its output should_run is true unless FILE has a run under way
 *	drill dispatch FILE               starts FILE at the run's release tag, as the forge's own bot
 *	drill live LANE RELEASE           from now on RELEASE is live there
 *	drill slo LANE RELEASE            fails when the scenario calls the release bad there
 *	drill fail TEXT, drill say TEXT   fails when there is text; a line in the log
 *	drill output NAME VALUE           an output of this job
 *	drill need NAME                   fails without an artifact of that name that has not expired
 *	drill fresh FILE NAME INTO ENTRY  is the newest success of FILE younger than a day, with artifact NAME in it (- none)?
 *	                                  The record goes into artifact INTO as ENTRY; fails when not
 *	drill artifact NAME ENTRY TEXT    a file in an artifact
 *	drill deployment NAME TEXT        a successful deployment to an environment, with a payload of its own
 *	drill pin PATH PLATFORM DIGEST SUBJECT  a commit of the bot's on the run's branch
 *	drill push IMAGE KEY TAG...       an image made of KEY is in the registry under these tags; output digest
 *	drill tag IMAGE FROM TAG...       these tags move to where FROM is
 *	drill runs LANE DIGEST            what the system there says it runs
 *	drill pull HEAD BASE TITLE        opens a pull request unless one is open
 *	drill publish TAG                 a release
 *	drill rung LANE RELEASE PERCENT   from now on so much of the traffic is the canary's; fails under another's, unless it goes back
 *	drill window LANE SPAN            is over when the rung is so old and nothing holds it (canary.c)
 */

static const struct {
	const char *word;
	enum sim_verb verb;
} verbs[] = {
	{ "work", DO_WORK },         { "release", DO_RELEASE },
	{ "asset", DO_ASSET },       { "expect", DO_EXPECT },
	{ "nonce", DO_NONCE },       { "epoch", DO_EPOCH },
	{ "yield", DO_YIELD },       { "dispatch", DO_DISPATCH },
	{ "live", DO_LIVE },         { "slo", DO_SLO },
	{ "fail", DO_FAIL },         { "say", DO_SAY },
	{ "need", DO_NEED },         { "fresh", DO_FRESH },
	{ "artifact", DO_ARTIFACT }, { "deployment", DO_DEPLOYMENT },
	{ "pin", DO_PIN },           { "push", DO_PUSH },
	{ "tag", DO_TAG },           { "runs", DO_RUNS },
	{ "output", DO_OUTPUT },     { "pull", DO_PULL },
	{ "publish", DO_PUBLISH },   { "rung", DO_RUNG },
	{ "window", DO_WINDOW },
};

static int command_add(struct world *w, struct sim_step_spec *s, const char *line, const struct yaml *at,
		       struct err *e)
{
	const char *word = line + strcspn(line, " "), *arg;
	size_t n;

	word += strspn(word, " ");
	n = strcspn(word, " ");
	arg = word + n + strspn(word + n, " ");
	for (size_t i = 0; i < countof(verbs); i++)
		if (strlen(verbs[i].word) == n && strncmp(word, verbs[i].word, n) == 0) {
			*vec_push(&s->commands, &w->arena) =
				(struct sim_command){ verbs[i].verb, arena_strdup(&w->arena, arg) };
			return 0;
		}
	return yaml_error(e, at, "drill has no command %.*s", (int)n, word);
}

static int commands_load(struct world *w, struct sim_step_spec *s, const struct yaml *run, struct err *e)
{
	const char *at = s->run;
	int r = 0;

	while (*at && r == 0) {
		size_t n = strcspn(at, "\n");
		const char *line = arena_strndup(&w->arena, at, n);

		line += strspn(line, " \t");
		if (text_starts(line, "drill "))
			r = command_add(w, s, line, run, e);
		at += n + (at[n] == '\n');
	}
	return r;
}

/* What stands in ${{ }}, or the text itself. */
static const char *condition(struct world *w, const char *s)
{
	const char *open = s ? strstr(s, "${{") : NULL, *close = open ? strstr(open, "}}") : NULL;

	return close ? arena_strndup(&w->arena, open + 3, (size_t)(close - open - 3)) : s;
}

static int steps_load(struct world *w, struct sim_job_spec *job, const struct yaml *map, struct err *e)
{
	yaml_each(it, yaml_get(map, "steps"))
	{
		struct sim_step_spec *s = vec_push(&job->steps, &w->arena);
		int r;

		s->run = yaml_str(it, "run", "");
		s->when = condition(w, yaml_str(it, "if", NULL));
		s->name = yaml_str(it, "name", NULL);
		if (!s->name)
			s->name = yaml_str(it, "uses", NULL)
					  ? arena_printf(&w->arena, "Run %s", yaml_str(it, "uses", ""))
					  : arena_printf(&w->arena, "Run %s", s->run);
		r = commands_load(w, s, it, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static void pairs_load(struct world *w, struct sim_pairs *out, const struct yaml *map)
{
	yaml_each(it, map)
	{
		if (it->scalar)
			*vec_push(out, &w->arena) = (struct sim_pair){ it->key, it->scalar };
	}
}

/* One of several spellings: `needs: a`, `needs: [a, b]`. Jobs stand in the order of their needs, as ours do. */
static uint32_t needs_load(const struct sim_workflow *wf, const struct yaml *needs)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < wf->jobs.n; i++) {
		const char *key = wf->jobs.items[i].key;

		if (needs && needs->scalar && strcmp(needs->scalar, key) == 0)
			bits |= UINT32_C(1) << i;
		yaml_each(it, needs)
		{
			if (it->scalar && strcmp(it->scalar, key) == 0)
				bits |= UINT32_C(1) << i;
		}
	}
	return bits;
}

/* The jobs of a reusable workflow stand here as "CALLER / ITS NAME"; what needs the caller needs them all. */
static int reusable_load(struct world *w, struct sim_workflow *wf, struct sim_job_spec caller,
			 const struct yaml *map, struct err *e)
{
	const char *uses = yaml_str(map, "uses", ""), *slash = strrchr(uses, '/');
	const struct sim_workflow *callee = NULL;
	size_t first = wf->jobs.n - 1;

	vec_each (it, &wf->repo->workflows) {
		if (slash && strcmp((*it)->file, slash + 1) == 0)
			callee = *it;
	}
	if (!callee || callee->jobs.n == 0 || first + callee->jobs.n > JOB_SLOTS)
		return yaml_error(e, map, "%s is no workflow that stands before this one", uses);
	pairs_load(w, &caller.with, yaml_get(map, "with"));
	wf->jobs.n = first;
	vec_each (it, &callee->jobs) {
		struct sim_job_spec *job = vec_push(&wf->jobs, &w->arena);

		*job = caller;
		job->name = arena_printf(&w->arena, "%s / %s", caller.name, it->name);
		job->steps = it->steps;
		job->needs |= it->needs << first;
		job->environment = caller.environment ? caller.environment : it->environment;
		if (callee->group) { /* a called workflow's lock is that of its jobs */
			job->group = callee->group;
			job->cancel_in_progress = callee->cancel_in_progress;
		}
	}
	return 0;
}

/* One dimension, which is all that ours have: NAME (VALUE). */
static void matrix_load(struct world *w, struct sim_workflow *wf, const struct yaml *matrix)
{
	struct sim_job_spec job = wf->jobs.items[wf->jobs.n - 1];

	if (!matrix || !matrix->child || !matrix->child->child)
		return;
	wf->jobs.n--;
	yaml_each(it, matrix->child)
	{
		struct sim_job_spec *one;

		if (wf->jobs.n == JOB_SLOTS)
			return;
		one = vec_push(&wf->jobs, &w->arena);
		*one = job;
		one->name = arena_printf(&w->arena, "%s (%s)", job.name, it->scalar ? it->scalar : "");
		*vec_push(&one->with, &w->arena) =
			(struct sim_pair){ matrix->child->key, it->scalar ? it->scalar : "" };
	}
}

static bool has_status_function(const char *when)
{
	static const char *const words[] = { "always()", "failure()", "cancelled()", "success()" };

	for (size_t i = 0; when && i < countof(words); i++)
		if (strstr(when, words[i]))
			return true;
	return false;
}

static const char *group_of(const struct yaml *lock)
{
	return lock && lock->scalar ? lock->scalar : yaml_str(lock, "group", NULL);
}

static bool cancels(const struct yaml *lock)
{
	return strcmp(yaml_str(lock, "cancel-in-progress", "false"), "true") == 0;
}

static int job_load(struct world *w, struct sim_workflow *wf, const struct yaml *map, struct err *e)
{
	const struct yaml *environment = yaml_get(map, "environment");
	const struct yaml *lock = yaml_get(map, "concurrency");
	struct sim_job_spec *job;
	int r;

	if (wf->jobs.n == JOB_SLOTS)
		return yaml_error(e, map, "more than %d jobs", JOB_SLOTS);
	job = vec_push(&wf->jobs, &w->arena);
	*job = (struct sim_job_spec){
		.key = map->key,
		.name = yaml_str(map, "name", map->key),
		.environment = environment && environment->scalar ? environment->scalar
								  : yaml_str(environment, "name", NULL),
		.when = condition(w, yaml_str(map, "if", NULL)),
		.group = group_of(lock),
		.cancel_in_progress = cancels(lock),
	};
	job->whatever = has_status_function(job->when);
	job->needs = needs_load(wf, yaml_get(map, "needs"));
	if (yaml_get(map, "uses"))
		return reusable_load(w, wf, *job, map, e);
	r = steps_load(w, job, map, e);
	if (r == 0)
		matrix_load(w, wf, yaml_get(yaml_get(map, "strategy"), "matrix"));
	return r;
}

static void input_load(struct world *w, struct sim_workflow *wf, const struct yaml *map)
{
	struct sim_input *in = vec_push(&wf->inputs, &w->arena);

	*in = (struct sim_input){
		.name = map->key,
		.type = yaml_str(map, "type", "string"),
		.fallback = yaml_str(map, "default", ""),
		.required = strcmp(yaml_str(map, "required", "false"), "true") == 0,
	};
	yaml_each(it, yaml_get(map, "options")) in->options = arena_printf(
		&w->arena, "%s%s|", in->options ? in->options : "|", it->scalar ? it->scalar : "");
}

static bool dispatchable(const struct yaml *on)
{
	if (on && on->kind == YAML_MAP)
		return yaml_get(on, "workflow_dispatch") != NULL;
	yaml_each(it, on)
	{
		if (it->scalar && strcmp(it->scalar, "workflow_dispatch") == 0)
			return true;
	}
	return on && on->scalar && strcmp(on->scalar, "workflow_dispatch") == 0;
}

int sim_workflow_load(struct world *w, struct sim_workflow *wf, struct err *e)
{
	struct yaml *root;
	const struct yaml *on, *lock;
	int r = yaml_parse(&root, wf->path, wf->text, strlen(wf->text), &w->arena, e);

	if (r < 0)
		return r;
	on = yaml_get(root, "on");
	lock = yaml_get(root, "concurrency");
	wf->name = yaml_str(root, "name", wf->path);
	wf->run_name = yaml_str(root, "run-name", NULL);
	wf->on = on;
	wf->dispatchable = dispatchable(on);
	wf->group = group_of(lock);
	wf->cancel_in_progress = cancels(lock);
	if (on && on->kind == YAML_MAP)
		yaml_each(it, yaml_get(yaml_get(on, "workflow_dispatch"), "inputs")) input_load(w, wf, it);
	yaml_each(it, yaml_get(root, "jobs"))
	{
		r = job_load(w, wf, it, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static struct sim_workflow *variant_add(struct world *w, struct sim_workflow *wf, const char *text)
{
	struct sim_workflow *v = arena_new(&w->arena, struct sim_workflow);
	struct err e = ERR_INIT;

	*v = (struct sim_workflow){
		.id = wf->id, .repo = wf->repo, .file = wf->file, .path = wf->path, .text = text
	};
	if (sim_workflow_load(w, v, &e) < 0)
		*v = (struct sim_workflow){ .text = text };
	*vec_push(&wf->variants, &w->arena) = v;
	return v;
}

const struct sim_workflow *sim_workflow_at(struct world *w, struct sim_workflow *wf,
					   const struct sim_file *files)
{
	const struct sim_file *f = sim_file_find(files, wf->path);
	struct sim_workflow *v = NULL;

	if (!f || strcmp(f->content, wf->text) == 0)
		return f ? wf : NULL;
	vec_each (it, &wf->variants) {
		if (strcmp((*it)->text, f->content) == 0)
			v = *it;
	}
	if (!v)
		v = variant_add(w, wf, f->content);
	return v->path ? v : NULL;
}
