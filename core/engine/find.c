#include "core/engine/act.h"

#include "base/text.h"

#include <string.h>

const char *plan_file_of(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "";
}

/* How well a lane fits a run: its workflow, then the environment asked for, then what the cache said before. */
static int lane_fit(const struct profile_lane *l, const struct run *r, const char *environment)
{
	int fit = 0;

	if (!profile_is_workflow(l, r->path))
		return 0;
	fit = 1;
	if (environment && (text_eq(l->gate, environment) || text_eq(l->environment, environment)))
		fit += 2;
	if (r->lane && text_eq(l->name, r->lane))
		fit += 1;
	return fit;
}

const struct profile_lane *plan_lane_of_run(struct ask *k, const struct run *r, const char *environment)
{
	const struct profiles *set = k->acts->en->o.profiles;
	const struct profile_lane *best = NULL;
	int best_fit = 0;

	for (size_t i = 0; i < set->n; i++) {
		const struct profile *pr = &set->items[i];

		if (!text_eq(pr->repo, k->plan.repo))
			continue;
		for (size_t j = 0; j < pr->lanes.n; j++) {
			int fit = 2 * lane_fit(&pr->lanes.items[j], r, environment);

			if (fit && pr->lanes.items[j].production)
				fit++; /* of two that fit alike, the one to be careful with */

			if (fit <= best_fit)
				continue;
			best_fit = fit;
			best = &pr->lanes.items[j];
			k->plan.profile = pr;
		}
	}
	return best;
}

bool plan_cached_run(struct ask *k, int64_t id, struct run *out)
{
	struct key key = { .id = id };
	struct store *cache = k->acts->en->o.cache;

	return cache && store_one(cache, Q_run_by_id, &rec_key, &key, &rec_run, out, &k->arena, NULL) == 0;
}

/* The n-th repository to look in: where the cache has seen the run, then those of the profiles. */
static const char *repo_nth(struct ask *k, size_t n)
{
	const struct profiles *set = k->acts->en->o.profiles;
	VEC(const char *) list = { 0 };
	struct run seen;
	int64_t id = 0;

	if (text_int64(&id, k->subject, 1, INT64_MAX) == 0 && plan_cached_run(k, id, &seen) && seen.repo &&
	    *seen.repo)
		*vec_push(&list, &k->arena) = seen.repo;
	for (size_t i = 0; i < set->n; i++) {
		bool known = !set->items[i].repo;

		for (size_t j = 0; j < list.n; j++)
			known = known || text_eq(list.items[j], set->items[i].repo);
		if (!known)
			*vec_push(&list, &k->arena) = set->items[i].repo;
	}
	return n < list.n ? list.items[n] : NULL;
}

static void find_next(struct ask *k);

static void find_answer(struct ask *k)
{
	const struct fact *f = facts_find(&k->plan.facts, "run");

	if (f->state == FACT_OK) {
		k->found(k);
	} else if (f->state == FACT_ABSENT) {
		k->repo_at++;
		find_next(k);
	} else {
		ask_fail_err(k, &k->plan.first_error);
	}
}

static void find_next(struct ask *k)
{
	const char *repo = repo_nth(k, k->repo_at);
	struct forge_read r = { .kind = FORGE_RUN, .repo = repo };

	if (text_int64(&r.id, k->subject, 1, INT64_MAX) < 0) {
		ask_fail(k, 2, "invalid", arena_printf(&k->arena, "%s is no run id", k->subject),
			 "see `pilothouse runs`");
		return;
	}
	if (!repo) {
		ask_fail(k, 1, "missing",
			 arena_printf(&k->arena, "there is no run %s, or no access to it", k->subject),
			 "see `pilothouse runs`");
		return;
	}
	k->plan.repo = repo;
	k->plan.facts.n = 0;
	ask_read(k, "run", true, &r, take_run);
	ask_then(k, find_answer);
}

void plan_find_run(struct ask *k, ask_step found)
{
	k->found = found;
	k->subject = k->cmd.args[0];
	k->repo_at = 0;
	find_next(k);
}

/* The commit of a replay's run is not the one that it delivers. */
bool lane_is_replay(const struct profile_lane *l, const char *path)
{
	const char *file = plan_file_of(path);

	if (!l->replay || text_eq(l->workflow, file))
		return false;
	for (const char *const *a = l->replay->aliases; a && *a; a++)
		if (text_eq(*a, file))
			return true;
	return text_eq(l->replay->workflow, file);
}
