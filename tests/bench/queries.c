/*
 * queries.c - what the screens ask of the cache, timed in this process at both sizes, in turns.
 *
 * A run is opened from a list, so "one run" is one of the newest that the list of runs holds: its page was read with the
 * list. The run of an old address is the other case: of a million runs its page is in no cache of this process, of a
 * thousand every page is, and that is all the difference between the two figures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "core/model/model.h"
#include "store/store.h"
#include "tests/bench/bench.h"

#define TIMES  600
#define ROUNDS 5
#define LISTED 200 /* runs that the screen of runs reads at once */

enum which { NO_ID, LISTED_ID, ANY_ID };

static const struct probe {
	const char *name;
	enum query query;
	const struct rec *row;
	bool lane;
	enum which id;
	int64_t limit;
} probes[] = {
	{ "newest 50 runs", Q_runs_newest, &rec_run, false, NO_ID, 50 },
	{ "newest 50 of a lane", Q_runs_by_lane, &rec_run, true, NO_ID, 50 },
	{ "unfinished runs", Q_runs_live, &rec_run, false, NO_ID, 20 },
	{ "all lanes", Q_lanes, &rec_lane, false, NO_ID, 0 },
	{ "one run of the list", Q_run_by_id, &rec_run, false, LISTED_ID, 0 },
	{ "one run of all", Q_run_by_id, &rec_run, false, ANY_ID, 0 },
};

/* Of this thread alone: a neighbour that takes the processor away is no fault of a query. */
static int64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int count_row(void *ctx, const void *row)
{
	(void)row;
	++*(long *)ctx;
	return 0;
}

static int64_t an_id(enum which which, long runs, uint64_t mix)
{
	int64_t newest = 30000000000 + runs - 1, of = which == LISTED_ID ? LISTED : runs;

	return which == NO_ID ? 0 : newest - (int64_t)(mix % (uint64_t)of);
}

static void probe(struct store *s, const struct probe *p, long runs, double *us)
{
	static const char *const lanes[] = { "easy/prod", "gov/dev", "mcp/stage", "theory/pr" };
	struct arena a = { 0 };
	struct err e = ERR_INIT;
	uint64_t mix = 88172645463325252u;

	for (int i = 0; i < TIMES; i++) {
		long rows = 0;

		mix ^= mix << 13, mix ^= mix >> 7, mix ^= mix << 17;
		struct key key = { .limit = p->limit,
				   .name = p->lane ? lanes[mix % 4] : NULL,
				   .id = an_id(p->id, runs, mix) };
		bool plain = !p->lane && p->id == NO_ID && !p->limit;
		int64_t at = cpu_ns();
		if (store_each(s, p->query, plain ? NULL : &rec_key, plain ? NULL : &key, p->row, &a,
			       count_row, &rows, &e) < 0)
			bench_die("%s: %s", p->name, e.message);
		us[i] = (double)(cpu_ns() - at) / 1e3;
		arena_reset(&a);
	}
	arena_done(&a);
}

struct sides {
	struct store *few, *many;
};

/* Medians over the rounds, so that one visit of a neighbour does not decide a percentile. */
static void probe_row(struct bench *b, const struct sides *s, const struct probe *p)
{
	double v[4][ROUNDS], m[5];
	static double us[TIMES];
	char t[5][32];

	probe(s->few, p, b->runs_small, us); /* once for the disk */
	probe(s->many, p, b->runs_large, us);
	for (int i = 0; i < ROUNDS; i++) {
		probe(s->few, p, b->runs_small, us);
		v[0][i] = median(us, TIMES);
		v[1][i] = percentile(us, TIMES, 0.99);
		probe(s->many, p, b->runs_large, us);
		v[2][i] = median(us, TIMES);
		v[3][i] = percentile(us, TIMES, 0.99);
	}
	for (int k = 0; k < 4; k++)
		m[k] = median(v[k], ROUNDS);
	m[4] = m[3] / m[1];
	for (int k = 0; k < 5; k++)
		number(m[k], t[k], sizeof(t[k]));
	buf_fmt(&b->report, "| %s | %s / %s | %s / %s | %s |\n", p->name, t[0], t[1], t[2], t[3], t[4]);
}

static struct store *open_cache(struct bench *b, const char *which)
{
	char path[160];
	struct store *s = NULL;
	struct err e = ERR_INIT;

	snprintf(path, sizeof(path), "%s/%s/cache.db", b->dir, which);
	if (store_open(&s, path, STORE_READ, &e) != 0)
		bench_die("%s: %s", path, e.message);
	return s;
}

void section_queries(struct bench *b)
{
	struct rival all[RIVALS_MAX];

	rivals(b, all); /* makes the caches */
	struct sides s = { open_cache(b, "small"), open_cache(b, "large") };
	buf_fmt(&b->report,
		"\n| query, us of CPU | %ld runs p50 / p99 | %ld runs p50 / p99 | p99 x |\n| --- | --- | --- "
		"| --- |\n",
		b->runs_small, b->runs_large);
	for (size_t i = 0; i < countof(probes); i++)
		probe_row(b, &s, &probes[i]);
	store_close(s.few);
	store_close(s.many);
}
