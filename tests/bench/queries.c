/* queries.c - what the screens ask of the cache, timed in this process at both sizes. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "core/model/model.h"
#include "store/store.h"
#include "tests/bench/bench.h"

#define TIMES 600

static const struct probe {
	const char *name;
	enum query query;
	const struct rec *row;
	bool lane, id;
	int64_t limit;
} probes[] = {
	{ "newest 50 runs", Q_runs_newest, &rec_run, false, false, 50 },
	{ "newest 50 of a lane", Q_runs_by_lane, &rec_run, true, false, 50 },
	{ "unfinished runs", Q_runs_live, &rec_run, false, false, 20 },
	{ "all lanes", Q_lanes, &rec_lane, false, false, 0 },
	{ "one run", Q_run_by_id, &rec_run, false, true, 0 },
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
				   .id = p->id ? 30000000000 + (int64_t)(mix % (uint64_t)runs) : 0 };
		bool plain = !p->lane && !p->id && !p->limit;
		int64_t at = cpu_ns();
		if (store_each(s, p->query, plain ? NULL : &rec_key, plain ? NULL : &key, p->row, &a,
			       count_row, &rows, &e) < 0)
			bench_die("%s: %s", p->name, e.message);
		us[i] = (double)(cpu_ns() - at) / 1e3;
		arena_reset(&a);
	}
	arena_done(&a);
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
	static double few[TIMES], many[TIMES];

	rivals(b, all); /* makes the caches */
	struct store *small = open_cache(b, "small"), *large = open_cache(b, "large");
	buf_fmt(&b->report,
		"\n| query, us of CPU | %ld runs p50 / p99 | %ld runs p50 / p99 | p99 x |\n| --- | --- | --- "
		"| --- "
		"|\n",
		b->runs_small, b->runs_large);
	for (size_t i = 0; i < countof(probes); i++) {
		char t[5][32];

		probe(small, &probes[i], b->runs_small, few); /* once for the disk */
		probe(large, &probes[i], b->runs_large, many);
		probe(small, &probes[i], b->runs_small, few);
		probe(large, &probes[i], b->runs_large, many);
		double v[5] = { median(few, TIMES), percentile(few, TIMES, 0.99), median(many, TIMES),
				percentile(many, TIMES, 0.99), 0 };
		v[4] = v[3] / v[1];
		for (int k = 0; k < 5; k++)
			number(v[k], t[k], sizeof(t[k]));
		buf_fmt(&b->report, "| %s | %s / %s | %s / %s | %s |\n", probes[i].name, t[0], t[1], t[2],
			t[3], t[4]);
	}
	store_close(small);
	store_close(large);
}
