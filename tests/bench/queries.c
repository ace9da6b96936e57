/*
 * queries.c - what the screens ask of the cache, timed in this process at both sizes, in turns.
 *
 * What a captain waits for is a screen: the screen of a run asks for the run, its jobs, gates, decisions and intents. A run
 * is mostly opened from a list, so "of the list" is one of the newest, whose page was read with the list; "of all" is any,
 * as by an old address. One run alone, at random and again and again, is what no screen asks; it shows what the depth of
 * the tree costs, a page more at a million runs than at a thousand. The last row is what no reader of the file can be
 * below: its pages at random by a bare pread, of which a thousand runs' stay in the processor's cache.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "core/model/model.h"
#include "core/view/view.h"
#include "store/store.h"
#include "tests/bench/bench.h"

#define TIMES  600
#define ROUNDS 5
#define LISTED 200                /* runs that the screen of runs reads at once */
#define MIX    88172645463325252u /* where the random choices begin, for each row the same */
#define PAGE   4096               /* store/open.c leaves SQLite's own */

enum which { NO_ID, LISTED_ID, ANY_ID };

struct side {
	struct store *cache;
	int fd; /* of the cache's file */
	long runs;
};

struct probe {
	const char *name;
	void (*times)(const struct side *s, const struct probe *p, double us[TIMES]);
	enum query query;
	const struct rec *row;
	bool lane;
	enum which id;
	int64_t limit;
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

static uint64_t mixed(uint64_t *mix)
{
	*mix ^= *mix << 13, *mix ^= *mix >> 7, *mix ^= *mix << 17;
	return *mix;
}

static void query_times(const struct side *s, const struct probe *p, double us[TIMES])
{
	static const char *const lanes[] = { "easy/prod", "gov/dev", "mcp/stage", "theory/pr" };
	struct arena a = { 0 };
	struct err e = ERR_INIT;
	uint64_t mix = MIX;

	for (int i = 0; i < TIMES; i++) {
		long rows = 0;
		uint64_t any = mixed(&mix);
		struct key key = { .limit = p->limit,
				   .name = p->lane ? lanes[any % 4] : NULL,
				   .id = an_id(p->id, s->runs, any) };
		bool plain = !p->lane && p->id == NO_ID && !p->limit;
		int64_t at = cpu_ns();
		if (store_each(s->cache, p->query, plain ? NULL : &rec_key, plain ? NULL : &key, p->row, &a,
			       count_row, &rows, &e) < 0)
			bench_die("%s: %s", p->name, e.message);
		us[i] = (double)(cpu_ns() - at) / 1e3;
		arena_reset(&a);
	}
	arena_done(&a);
}

/* The least that any reader of the file pays for a row it has not in memory. */
static void page_times(const struct side *s, const struct probe *p, double us[TIMES])
{
	uint64_t mix = MIX;
	struct stat st;
	char page[PAGE];

	if (fstat(s->fd, &st) != 0 || st.st_size < PAGE)
		bench_die("%s: the cache has no page", p->name);
	for (int i = 0; i < TIMES; i++) {
		off_t at_page = (off_t)(mixed(&mix) % (uint64_t)(st.st_size / PAGE));
		int64_t at = cpu_ns();
		if (pread(s->fd, page, PAGE, at_page * PAGE) != PAGE)
			bench_die("%s: cannot be read", p->name);
		us[i] = (double)(cpu_ns() - at) / 1e3;
	}
}

/* What the screen of a run asks when it is opened: the run and all that is known of it. */
static void screen_times(const struct side *s, const struct probe *p, double us[TIMES])
{
	struct arena a = { 0 };
	struct err e = ERR_INIT;
	uint64_t mix = MIX;
	struct when now = { (int64_t)time(NULL) * 1000 };

	for (int i = 0; i < TIMES; i++) {
		struct run_view v;
		int64_t id = an_id(p->id, s->runs, mixed(&mix)), at = cpu_ns();
		if (view_run(&v, s->cache, id, now, &a, &e) != 0)
			bench_die("%s: %s", p->name, e.message);
		us[i] = (double)(cpu_ns() - at) / 1e3;
		arena_reset(&a);
	}
	arena_done(&a);
}

static const struct probe probes[] = {
	{ "newest 50 runs", query_times, Q_runs_newest, &rec_run, false, NO_ID, 50 },
	{ "newest 50 of a lane", query_times, Q_runs_by_lane, &rec_run, true, NO_ID, 50 },
	{ "all lanes", query_times, Q_lanes, &rec_lane, false, NO_ID, 0 },
	{ "one run of the list", query_times, Q_run_by_id, &rec_run, false, LISTED_ID, 0 },
	{ "screen RUN, of the list", screen_times, .id = LISTED_ID },
	{ "screen RUN, of all", screen_times, .id = ANY_ID },
	{ "one run of all, each at random", query_times, Q_run_by_id, &rec_run, false, ANY_ID, 0 },
	{ "limit: a bare page of the file, at random", page_times, .id = ANY_ID },
};

/* Medians over the rounds, so that one visit of a neighbour does not decide a percentile. */
static void probe_row(struct bench *b, const struct side *few, const struct side *many, const struct probe *p)
{
	double v[4][ROUNDS], m[5];
	static double us[TIMES];
	char t[5][32];

	p->times(few, p, us); /* once for the disk */
	p->times(many, p, us);
	for (int i = 0; i < ROUNDS; i++) {
		p->times(few, p, us);
		v[0][i] = median(us, TIMES);
		v[1][i] = percentile(us, TIMES, 0.99);
		p->times(many, p, us);
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

static struct side open_side(struct bench *b, const char *which, long runs)
{
	char path[160];
	struct side s = { .runs = runs };
	struct err e = ERR_INIT;

	snprintf(path, sizeof(path), "%s/%s/cache.db", b->dir, which);
	if (store_open(&s.cache, path, STORE_READ, &e) != 0)
		bench_die("%s: %s", path, e.message);
	s.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s.fd < 0)
		bench_die("%s cannot be opened", path);
	return s;
}

static void close_side(struct side *s)
{
	store_close(s->cache);
	close(s->fd);
}

void section_queries(struct bench *b)
{
	struct rival all[RIVALS_MAX];

	rivals(b, all); /* makes the caches */
	struct side few = open_side(b, "small", b->runs_small);
	struct side many = open_side(b, "large", b->runs_large);
	buf_fmt(&b->report,
		"\n| query, us of CPU | %ld runs p50 / p99 | %ld runs p50 / p99 | p99 x |\n| --- | --- | --- "
		"| --- |\n",
		b->runs_small, b->runs_large);
	for (size_t i = 0; i < countof(probes); i++)
		probe_row(b, &few, &many, &probes[i]);
	close_side(&few);
	close_side(&many);
}
