#include "core/adapters/sim/sim.h"

#include "core/adapters/authority/authority.h"
#include "core/adapters/sim/canary.h"
#include "core/adapters/sim/fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Real run ids stand near 2^35 (reference github 0.4). */
#define FIRST_ID INT64_C(35531727338)

const struct sim_user sim_users[] = {
	{ .login = "captain", .name = "Cap Tain", .token = "", .id = 4410021 },
	{ .login = "kim", .name = "Kim Adeyemi", .token = "kim", .id = 5120394 },
	{ .login = "reader", .name = "Read Er", .token = "reader", .id = 6023321, .read_only = true },
	{ .login = "outsider", .name = "Out Sider", .token = "outsider", .id = 7124523, .outsider = true },
	{ .login = "ana-ruiz", .name = "Ana Ruiz", .token = "ana-ruiz", .id = 3310872 },
	{ .login = "tomasz-w", .name = "Tomasz W", .token = "tomasz-w", .id = 2908113 },
	{ .login = "mirei", .name = "Mirei Sato", .token = "mirei", .id = 8090215 },
	{ .login = "github-actions[bot]",
	  .name = "github-actions[bot]",
	  .token = "bot",
	  .id = 41898282,
	  .bot = true },
	{ .login = "pin-bot", .name = "pin-bot", .token = "pin-bot", .id = 91002117, .bot = true },
};
const size_t sim_users_n = countof(sim_users);

static const char *const status_words[] = {
	[SIM_REQUESTED] = "requested", [SIM_QUEUED] = "queued",           [SIM_PENDING] = "pending",
	[SIM_WAITING] = "waiting",     [SIM_IN_PROGRESS] = "in_progress", [SIM_COMPLETED] = "completed",
};
static const char *const conclusion_words[] = {
	[SIM_NONE] = "",
	[SIM_SUCCESS] = "success",
	[SIM_FAILURE] = "failure",
	[SIM_CANCELLED] = "cancelled",
	[SIM_SKIPPED] = "skipped",
	[SIM_STARTUP_FAILURE] = "startup_failure",
	[SIM_UNHEARD] = "superseded_by_policy", /* a word that no client knows yet */
};
const struct names sim_status_names = NAMES(status_words);
const struct names sim_conclusion_names = NAMES(conclusion_words);

/* splitmix64: small, and the same on every machine. */
uint64_t sim_random(struct world *w)
{
	uint64_t x = w->random += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

int64_t sim_id(struct world *w)
{
	w->last_id += 1 + (int64_t)(sim_random(w) % 97);
	return w->last_id;
}

int64_t sim_about(struct world *w, int64_t ms)
{
	int64_t tenth = ms / 10;

	return tenth ? ms - tenth + (int64_t)(sim_random(w) % (uint64_t)(2 * tenth)) : ms;
}

const char *sim_sha(struct world *w, const char *what, int64_t n)
{
	struct hash h = HASH_INIT;
	char one[33], two[33];

	hash_add(&h, &w->seed, sizeof(w->seed));
	hash_str(&h, what);
	hash_add(&h, &n, sizeof(n));
	hash_hex(&h, one);
	hash_str(&h, one);
	return arena_printf(&w->arena, "%s%.8s", one, hash_hex(&h, two));
}

struct sim_repo *sim_repo_find(const struct world *w, const char *full)
{
	vec_each (r, &w->repos)
		if (strcmp((*r)->full, full) == 0)
			return *r;
	return NULL;
}

const struct sim_user *sim_user_find(const char *login)
{
	for (size_t i = 0; i < sim_users_n; i++)
		if (strcmp(sim_users[i].login, login) == 0)
			return &sim_users[i];
	return &sim_users[0];
}

/* ---- the heap of events ------------------------------------------------------------------------------------------ */

static bool earlier(const struct sim_event *a, const struct sim_event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap(struct sim_event *a, struct sim_event *b)
{
	struct sim_event t = *a;

	*a = *b;
	*b = t;
}

void sim_event_add(struct world *w, const struct sim_event *ev)
{
	size_t i = w->heap_n++;

	if (i == w->heap_cap) {
		w->heap_cap = w->heap_cap ? w->heap_cap * 2 : 64;
		w->heap = x_realloc(w->heap, w->heap_cap * sizeof(*w->heap));
	}
	w->heap[i] = *ev;
	w->heap[i].order = w->order++;
	for (; i && earlier(&w->heap[i], &w->heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&w->heap[i], &w->heap[(i - 1) / 2]);
}

static struct sim_event event_take(struct world *w)
{
	struct sim_event first = w->heap[0];
	size_t i = 0;

	w->heap[0] = w->heap[--w->heap_n];
	for (;;) {
		size_t least = i, left = 2 * i + 1;

		for (size_t c = left; c < left + 2 && c < w->heap_n; c++)
			if (earlier(&w->heap[c], &w->heap[least]))
				least = c;
		if (least == i)
			return first;
		swap(&w->heap[i], &w->heap[least]);
		i = least;
	}
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

static int load(struct world *w, const struct world_options *o, struct err *e)
{
	int r = sim_scenario_load(w, o->scenario ? o->scenario : "first-rollout", e);

	if (r == 0)
		r = sim_scenario_apply(w, e);
	if (r == 0 && o->runs > 0)
		r = sim_size_apply(w, o->lanes, o->runs, e);
	vec_each (it, &w->repos)
		sim_history_settle(w, *it);
	sim_scenario_finish(w);
	return r;
}

int world_new(struct world **out, const struct world_options *o, struct when start, struct err *e)
{
	struct world *w = x_alloc(sizeof(*w));
	int r;

	w->clock_start = w->clock_now = w->start = w->now = start.ms;
	w->speed = o->speed > 0 ? o->speed : 1;
	w->calm = o->calm;
	w->last_id = FIRST_ID;
	w->rate_limit = 5000;
	r = load(w, o, e);
	w->loaded = w->arena.used;
	if (r < 0)
		world_free(w);
	else
		*out = w;
	return r;
}

void world_free(struct world *w)
{
	if (!w)
		return;
	sim_canary_free(w->canary);
	authority_free(w->authority);
	foundry_free(w->foundry);
	vec_each (r, &w->repos)
		sim_fleet_free((*r)->fleet);
	free(w->heap);
	arena_done(&w->arena);
	free(w);
}

void world_advance(struct world *w, struct when now)
{
	int64_t until;

	if (now.ms < w->clock_now)
		return;
	w->clock_now = now.ms;
	until = w->start + (int64_t)((double)(now.ms - w->clock_start) * w->speed);
	while (w->heap_n && w->heap[0].at <= until) {
		struct sim_event ev = event_take(w);

		if (ev.at > w->now)
			w->now = ev.at;
		sim_run_happen(w, &ev);
	}
	if (until > w->now)
		w->now = until;
}

void world_resume(struct world *w, struct when now)
{
	w->clock_now = now.ms;
	w->clock_start = now.ms - (int64_t)((double)(w->now - w->start) / w->speed);
}

struct when world_now(const struct world *w)
{
	return (struct when){ w->now };
}

struct when world_next(const struct world *w)
{
	if (w->heap_n == 0)
		return WHEN_NONE;
	/* One millisecond more: rounding must not end just before it. */
	return (struct when){ w->clock_start + (int64_t)((double)(w->heap[0].at - w->start) / w->speed) +
			      (w->speed != 1) };
}

const struct scenario *world_scenario(const struct world *w)
{
	return &w->scenario;
}

const char *world_live(const struct world *w, const char *lane)
{
	vec_each (r, &w->repos)
		vec_each (l, &(*r)->lanes)
			if (strcmp(l->name, lane) == 0)
				return l->live;
	return "";
}

int world_count_runs(const struct world *w, const char *repo, const char *workflow, const char *event)
{
	struct sim_repo *r = sim_repo_find(w, repo);
	int n = 0;

	if (!r)
		return 0;
	vec_each (run, &r->runs) {
		if ((*run)->created < w->start)
			continue;
		if ((!workflow || strcmp((*run)->workflow->file, workflow) == 0) &&
		    (!event || strcmp((*run)->event, event) == 0))
			n++;
	}
	return n;
}

size_t world_repos(const struct world *w, const char *const **out, struct arena *a)
{
	const char **all = arena_array(a, const char *, w->repos.n + 1);

	for (size_t i = 0; i < w->repos.n; i++)
		all[i] = arena_printf(a, "%s=%s", w->repos.items[i]->profile, w->repos.items[i]->full);
	*out = all;
	return w->repos.n;
}

const char *world_metrics(const struct world *w)
{
	return w->canary ? "/prometheus" : NULL;
}

size_t world_sites(const struct world *w, const char *const **out, struct arena *a)
{
	VEC(const char *) sites = { 0 };

	vec_each (r, &w->repos) {
		vec_each (it, &(*r)->lanes) {
			if (it->site)
				*vec_push(&sites, a) = arena_printf(a, "%s=%s", it->name, it->site);
		}
	}
	*out = sites.items;
	return sites.n;
}
