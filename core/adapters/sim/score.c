#include "core/adapters/sim/moves.h"

#include "base/text.h"

#include <string.h>

/*
 * Goals of a scenario, judged at any moment. One condition each:
 *
 *	live: LANE, release: TAG                       that release is live there
 *	runs: FILE, event: E, repo: R, min: N, max: N  runs since the drill began
 *	requests: GLOB, min: N, max: N                 requests seen, by "METHOD path"
 *	approved_by: LOGIN, environment: E             somebody's yes is in the history
 *	conclusion: success, runs: FILE                how the newest such run ended
 */

static int64_t integer(const struct yaml *map, const char *key, int64_t fallback)
{
	int64_t n;

	return text_int64(&n, yaml_str(map, key, ""), 0, INT32_MAX) == 0 ? n : fallback;
}

static bool within(const struct yaml *g, int64_t n)
{
	return n >= integer(g, "min", 0) && n <= integer(g, "max", INT32_MAX);
}

static bool run_approved(const struct sim_run *run, const char *login, const char *environment)
{
	vec_each (it, &run->reviews) {
		if (strcmp(it->state, "approved") == 0 && strcmp(it->user->login, login) == 0 &&
		    text_glob(environment, it->environment->name))
			return true;
	}
	return false;
}

static bool approved(const struct world *w, const struct yaml *g)
{
	vec_each (r, &w->repos) {
		vec_each (run, &(*r)->runs) {
			if (run_approved(*run, yaml_str(g, "approved_by", ""),
					 yaml_str(g, "environment", "*")))
				return true;
		}
	}
	return false;
}

static bool ended(const struct world *w, const struct yaml *g)
{
	const char *word = yaml_str(g, "conclusion", "");

	vec_each (r, &w->repos) {
		const struct sim_workflow *wf = sim_workflow_find(*r, yaml_str(g, "runs", ""));
		const struct sim_run *last = wf && wf->runs.n ? wf->runs.items[wf->runs.n - 1] : NULL;

		if (last && last->created >= w->start &&
		    strcmp(names_word(&sim_conclusion_names, (int)last->conclusion), word) == 0)
			return true;
	}
	return false;
}

static bool runs_within(const struct world *w, const struct yaml *g)
{
	int64_t n = 0;

	vec_each (r, &w->repos)
		n += world_count_runs(w, (*r)->full, yaml_str(g, "runs", ""), yaml_str(g, "event", NULL));
	return within(g, n);
}

static bool judge(const struct world *w, const struct yaml *g)
{
	if (yaml_get(g, "live"))
		return strcmp(world_live(w, yaml_str(g, "live", "")), yaml_str(g, "release", "-")) == 0;
	if (yaml_get(g, "conclusion"))
		return ended(w, g);
	if (yaml_get(g, "runs"))
		return runs_within(w, g);
	if (yaml_get(g, "requests"))
		return within(g, world_count_requests(w, yaml_str(g, "requests", "")));
	if (yaml_get(g, "approved_by"))
		return approved(w, g);
	return false;
}

void world_score(const struct world *w, struct goals *out, struct arena *a)
{
	yaml_each(it, yaml_get(w->script, "goals"))
	{
		*vec_push(out, a) = (struct goal){ yaml_str(it, "text", ""), judge(w, it) };
	}
}
