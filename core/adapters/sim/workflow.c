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
 *	drill yield FILE                  jobs with `if: needs...should_run` are skipped while FILE has a run under way
 *	drill dispatch FILE               starts FILE at the run's release tag, as the forge's own bot
 *	drill live LANE RELEASE           from now on RELEASE is live there
 *	drill slo LANE RELEASE            fails when the scenario calls the release bad there
 *	drill fail TEXT, drill say TEXT   fails; a line in the log
 */

static const struct {
	const char *word;
	enum sim_verb verb;
} verbs[] = {
	{ "work", DO_WORK },   { "release", DO_RELEASE },   { "asset", DO_ASSET }, { "expect", DO_EXPECT },
	{ "yield", DO_YIELD }, { "dispatch", DO_DISPATCH }, { "live", DO_LIVE },   { "slo", DO_SLO },
	{ "fail", DO_FAIL },   { "say", DO_SAY },
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

static int steps_load(struct world *w, struct sim_job_spec *job, const struct yaml *map, struct err *e)
{
	yaml_each(it, yaml_get(map, "steps"))
	{
		struct sim_step_spec *s = vec_push(&job->steps, &w->arena);
		int r;

		s->run = yaml_str(it, "run", "");
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

/* A reusable workflow's one job becomes this one, and is called "CALLER / ITS NAME". */
static int reusable_load(struct world *w, struct sim_workflow *wf, struct sim_job_spec *job,
			 const struct yaml *map, struct err *e)
{
	const char *uses = yaml_str(map, "uses", ""), *slash = strrchr(uses, '/');
	const struct sim_workflow *callee = NULL;

	vec_each (it, &wf->repo->workflows) {
		if (slash && strcmp((*it)->file, slash + 1) == 0)
			callee = *it;
	}
	if (!callee || callee->jobs.n != 1)
		return yaml_error(e, map, "%s is no workflow of one job that stands before this one", uses);
	job->name = arena_printf(&w->arena, "%s / %s", job->name, callee->jobs.items[0].name);
	job->steps = callee->jobs.items[0].steps;
	if (!job->environment)
		job->environment = callee->jobs.items[0].environment;
	pairs_load(w, &job->with, yaml_get(map, "with"));
	return 0;
}

static int job_load(struct world *w, struct sim_workflow *wf, const struct yaml *map, struct err *e)
{
	const struct yaml *environment = yaml_get(map, "environment");
	const char *when = yaml_str(map, "if", "");
	struct sim_job_spec *job;

	if (wf->jobs.n == JOB_SLOTS)
		return yaml_error(e, map, "more than %d jobs", JOB_SLOTS);
	job = vec_push(&wf->jobs, &w->arena);
	*job = (struct sim_job_spec){
		.key = map->key,
		.name = yaml_str(map, "name", map->key),
		.environment = environment && environment->scalar ? environment->scalar
								  : yaml_str(environment, "name", NULL),
		.always = strstr(when, "always()") != NULL,
		.unless_yielded = strstr(when, "should_run") != NULL,
	};
	job->needs = needs_load(wf, yaml_get(map, "needs"));
	return yaml_get(map, "uses") ? reusable_load(w, wf, job, map, e) : steps_load(w, job, map, e);
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
	wf->dispatchable = yaml_get(on, "workflow_dispatch") != NULL;
	wf->group = lock && lock->scalar ? lock->scalar : yaml_str(lock, "group", NULL);
	wf->cancel_in_progress = strcmp(yaml_str(lock, "cancel-in-progress", "false"), "true") == 0;
	yaml_each(it, yaml_get(yaml_get(on, "workflow_dispatch"), "inputs")) input_load(w, wf, it);
	yaml_each(it, yaml_get(root, "jobs"))
	{
		r = job_load(w, wf, it, e);
		if (r < 0)
			return r;
	}
	return 0;
}
