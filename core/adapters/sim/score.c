#include "core/adapters/sim/canary.h"

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
 *	running: LANE, image: I, key: K                the system there says it runs that image's amd64
 *	image: I, tag: T, key: K                       that tag stands on that image
 *	merged: BASE, min: N, max: N                   pull requests that were merged into BASE since the drill began
 *	ref: tags/frozen/rollback, there: true         a tag or branch is there, or is not
 *	reached: LANE, min: N, max: N                  the most percent of the traffic that its canary ever had
 *	carries: LANE, min: N, max: N                  what it has now
 *	blind: LANE, max: 0                            rungs that it was promoted to while nothing could be measured
 *	defied: LANE, max: 0                           and while a tag or a variable held it
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

/* The digest that a key would have: a throw-away world of one image finds it out. */
static const char *digest_of(const struct yaml *g, const char *platform, struct world *scratch)
{
	struct sim_image *im = sim_image_find(scratch, yaml_str(g, "image", ""));
	const char *key = yaml_str(g, "key", "");

	return platform ? sim_image_child(scratch, im, key, platform) : sim_image_push(scratch, im, key);
}

static bool runs_image(const struct world *w, const struct yaml *g)
{
	struct world *scratch = x_alloc(sizeof(*scratch));
	const char *wanted = digest_of(g, "amd64", scratch);
	bool met = false;

	vec_each (r, &w->repos) {
		vec_each (it, &(*r)->lanes)
			met |= strcmp(it->name, yaml_str(g, "running", "")) == 0 &&
			       strcmp(it->running, wanted) == 0;
	}
	world_free(scratch);
	return met;
}

static bool tag_stands(const struct world *w, const struct yaml *g)
{
	struct world *scratch = x_alloc(sizeof(*scratch));
	const char *wanted = digest_of(g, NULL, scratch);
	bool met = false;

	vec_each (im, &w->images) {
		vec_each (it, &(*im)->tags)
			met |= strcmp((*im)->name, yaml_str(g, "image", "")) == 0 &&
			       strcmp(it->name, yaml_str(g, "tag", "")) == 0 &&
			       strcmp(it->digest, wanted) == 0;
	}
	world_free(scratch);
	return met;
}

static bool merged_within(const struct world *w, const struct yaml *g)
{
	int64_t n = 0;

	vec_each (r, &w->repos) {
		vec_each (it, &(*r)->pulls)
			n += (*it)->merged && (*it)->closed >= w->start &&
			     strcmp((*it)->base, yaml_str(g, "merged", "")) == 0;
	}
	return within(g, n);
}

static bool ref_as_wanted(const struct world *w, const struct yaml *g)
{
	bool there = false, tag;

	vec_each (r, &w->repos)
		there |= sim_ref_sha(*r, yaml_str(g, "ref", ""), &tag) != NULL;
	return there == (strcmp(yaml_str(g, "there", "true"), "true") == 0);
}

/* Of the rungs that the scenario's release has had, the highest; or the one that stands. */
static bool share_within(const struct world *w, const struct yaml *g, bool ever)
{
	int64_t most = 0;

	if (!w->canary || strcmp(w->canary->lane->name, yaml_str(g, ever ? "reached" : "carries", "")) != 0)
		return false;
	vec_each (it, &w->canary->shifts) {
		int64_t percent = it->percent > 0 && (it->marked || !ever) ? it->percent : 0;

		most = percent > most || !ever ? percent : most;
	}
	return within(g, most);
}

/* No metrics, or no traffic. */
static bool is_blind(const struct sim_canary *c, int64_t at)
{
	int64_t since;

	return sim_outage_at(c, at, &since) != OUTAGE_NONE || sim_measure_at(c, M_TRAFFIC, true, at) == 0;
}

static bool rungs_within(const struct world *w, const struct yaml *g, const char *how)
{
	bool defied = strcmp(how, "defied") == 0;
	int64_t n = 0;

	if (!w->canary || strcmp(w->canary->lane->name, yaml_str(g, how, "")) != 0)
		return false;
	vec_each (it, &w->canary->shifts)
		n += it->percent > 0 && (defied ? it->held : is_blind(w->canary, it->at));
	return within(g, n);
}

static bool judge(const struct world *w, const struct yaml *g)
{
	if (yaml_get(g, "running"))
		return runs_image(w, g);
	if (yaml_get(g, "tag"))
		return tag_stands(w, g);
	if (yaml_get(g, "merged"))
		return merged_within(w, g);
	if (yaml_get(g, "ref"))
		return ref_as_wanted(w, g);
	if (yaml_get(g, "reached") || yaml_get(g, "carries"))
		return share_within(w, g, yaml_get(g, "reached") != NULL);
	if (yaml_get(g, "blind") || yaml_get(g, "defied"))
		return rungs_within(w, g, yaml_get(g, "blind") ? "blind" : "defied");
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
	if (w->leaks)
		*vec_push(out, a) = (struct goal){ "no token was brought to the storage of bundles", false };
}
