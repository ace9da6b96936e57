/* start.c - from exec to the last byte of the first complete paint; and what two hundred keys and a quiet minute cost. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/bench/bench.h"
#include "tests/bench/term.h"
#include "tests/fault/stand.h"

#define ROUNDS_MAX 64
#define KEYS       15  /* within one page of 24 rows */
#define BURST      200 /* keys in one write */

struct figures {
	double ms[ROUNDS_MAX], cpu[ROUNDS_MAX], private_kb[ROUNDS_MAX];
	size_t n;
	size_t bytes;
};

static void paint_once(const struct rival *r, struct figures *f)
{
	struct term t;
	struct cost c;

	term_start(&t, r->argv, r->cwd, 24, 80);
	if (term_until(&t, r->marker, 15, 5000) && f->n < ROUNDS_MAX) {
		term_cost(t.pid, &c);
		f->ms[f->n] = (double)(t.last - t.began) / 1e6;
		f->private_kb[f->n] = (double)c.private_kb;
		f->cpu[f->n++] = (double)c.cpu_ns / 1e6;
		f->bytes = t.bytes;
	}
	term_end(&t, r->quit);
}

static void time_words(const char *const *argv, struct figures *f)
{
	struct buf out = BUF_INIT(1 << 20);
	int64_t began = now_ns();

	if (run_words(argv, &out) == 0 && f->n < ROUNDS_MAX)
		f->ms[f->n++] = (double)(now_ns() - began) / 1e6;
	buf_done(&out);
}

/* gh asks the drill over its Unix socket: no network, no TLS in its figure. */
static bool gh_ready(struct bench *b, struct stand *s)
{
	char path[128];
	const char *version[] = { "gh", "--version", NULL };
	const char *words[] = { "gh", "config", "set", "http_unix_socket", path, NULL };
	struct buf out = BUF_INIT(1 << 20);

	if (run_words(version, &out) != 0)
		return false;
	stand_open_unix(s, "first-rollout", "1");
	snprintf(path, sizeof(path), "%s/gh", b->dir);
	setenv("GH_CONFIG_DIR", path, 1);
	setenv("GH_TOKEN", "x", 1);
	setenv("GH_NO_UPDATE_NOTIFIER", "1", 1);
	snprintf(path, sizeof(path), "%s/s", s->dir);
	bool ok = run_words(words, &out) == 0;
	buf_done(&out);
	if (!ok)
		stand_close(s);
	return ok;
}

static void row(struct bench *b, const char *name, struct figures *f, struct figures *limit)
{
	double v[3][2] = {
		{ median(f->ms, f->n), median(limit->ms, limit->n) },
		{ median(f->cpu, f->n), median(limit->cpu, limit->n) },
		{ median(f->private_kb, f->n) / 1024, median(limit->private_kb, limit->n) / 1024 },
	};
	char t[32], ratio[32];

	if (f->n == 0)
		return;
	buf_fmt(&b->report, "| %s |", name);
	for (int i = 0; i < 3; i++)
		if (i == 0 || f->bytes)
			buf_fmt(&b->report, " %s | %s |", number(v[i][0], t, sizeof(t)),
				number(v[i][0] / v[i][1], ratio, sizeof(ratio)));
		else
			buf_str(&b->report, " - | - |");
	if (f->bytes)
		buf_fmt(&b->report, " %zu |\n", f->bytes);
	else
		buf_str(&b->report, " - |\n");
}

void section_start(struct bench *b)
{
	static const char *const gh_words[] = {
		"gh", "run", "list", "-L", "20", "-R", "easyenclave/easyenclave", NULL
	};
	struct rival all[RIVALS_MAX];
	static struct figures f[RIVALS_MAX], gh;
	size_t n = rivals(b, all);
	struct stand s;
	bool has_gh = gh_ready(b, &s);

	for (int round = 0; round < b->rounds && round < ROUNDS_MAX; round++) {
		for (size_t i = 0; i < n; i++)
			paint_once(&all[i], &f[i]);
		if (has_gh)
			time_words(gh_words, &gh);
	}
	if (has_gh)
		stand_close(&s);
	buf_str(&b->report, "\n| exec to complete first paint, 80x24 | ms | x limit | CPU ms | x limit | "
			    "private MB | x limit "
			    "| bytes |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n");
	for (size_t i = 0; i < n; i++)
		row(b, all[i].name, &f[i], &f[0]);
	row(b, "`gh run list -L 20`, local socket", &gh, &f[0]);
}

/* ---- keys ------------------------------------------------------------------------------------------------------------ */

struct pressing {
	double bytes, mean_bytes, cpu_us, ms, burst_bytes, burst_cpu_ms;
};
#define FIGURES 6

static bool press(const struct rival *r, int rows, int cols, struct pressing *out)
{
	struct term t;
	struct cost before, after;
	double ms[KEYS], bytes[KEYS];
	char burst[BURST * 8];
	size_t n = 0;

	term_start(&t, r->argv, r->cwd, rows, cols);
	if (!term_until(&t, r->marker, 60, 5000)) {
		term_end(&t, r->quit);
		return false;
	}
	term_type(&t, r->to_list, strlen(r->to_list));
	term_settle(&t, 60);
	term_reset(&t);
	term_cost(t.pid, &before);
	for (int i = 0; i < KEYS; i++) {
		int64_t at = now_ns();
		size_t had = t.bytes;

		term_type(&t, r->down, strlen(r->down));
		term_answer(&t, 200, 8);
		bytes[i] = (double)(t.bytes - had);
		ms[i] = t.last > at ? (double)(t.last - at) / 1e6 : 0;
	}
	term_cost(t.pid, &after);
	*out = (struct pressing){ median(bytes, KEYS),
				  (double)t.bytes / KEYS,
				  (double)(after.cpu_ns - before.cpu_ns) / 1e3 / KEYS,
				  median(ms, KEYS),
				  0,
				  0 };
	for (int i = 0; i < BURST; i++, n += strlen(r->down))
		memcpy(burst + n, r->down, strlen(r->down));
	term_reset(&t);
	term_type(&t, burst, n);
	term_settle(&t, 100);
	term_cost(t.pid, &before);
	out->burst_bytes = (double)t.bytes;
	out->burst_cpu_ms = (double)(before.cpu_ns - after.cpu_ns) / 1e6;
	term_end(&t, r->quit);
	return true;
}

static void keys_row(struct bench *b, const struct rival *r, int rows, int cols, double *limit_us)
{
	double v[FIGURES][5], m[FIGURES];
	char t[FIGURES][32], share[32], ratio[32];
	size_t got = 0;

	for (int round = 0; round < 5; round++) {
		struct pressing p;

		if (!press(r, rows, cols, &p))
			continue;
		double one[FIGURES] = {
			p.bytes, p.mean_bytes, p.cpu_us, p.ms, p.burst_bytes, p.burst_cpu_ms
		};
		for (int k = 0; k < FIGURES; k++)
			v[k][got] = one[k];
		got++;
	}
	if (!got)
		return;
	for (int k = 0; k < FIGURES; k++)
		number(m[k] = median(v[k], got), t[k], sizeof(t[k]));
	if (*limit_us <= 0)
		*limit_us = m[2];
	number(m[5] * 1000 / (m[2] * BURST), share, sizeof(share));
	number(m[2] / *limit_us, ratio, sizeof(ratio));
	buf_fmt(&b->report, "| %s | %.0f | %.0f | %s | %s | %s | %.0f | %s | %s |\n", r->name, m[0], m[1],
		t[2], ratio, t[3], m[4], t[5], share);
}

static void keys_at(struct bench *b, const struct rival *all, size_t n, int rows, int cols)
{
	double limit_us = 0;

	buf_fmt(&b->report,
		"\n| keys, %dx%d | bytes a cursor-down, median | mean | CPU us | x limit | ms to its last "
		"byte | 200 keys "
		"typed ahead: bytes | CPU ms | of painting each |\n"
		"| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
		cols, rows);
	for (size_t i = 0; i < n; i++)
		keys_row(b, &all[i], rows, cols, &limit_us);
}

void section_keys(struct bench *b)
{
	struct rival all[RIVALS_MAX];
	size_t n = rivals(b, all);

	keys_at(b, all, n, 24, 80);
	keys_at(b, all, n, 60, 200);
}

/* ---- idle ------------------------------------------------------------------------------------------------------------ */

static void idle_row(struct bench *b, const char *name, pid_t pid, const struct cost *before, double bytes,
		     double limit_kb)
{
	struct cost c;
	double scale = 60.0 / b->idle_seconds;
	char cpu[32], size[32], ratio[32];

	term_cost(pid, &c);
	number((double)(c.cpu_ns - before->cpu_ns) / 1e6 * scale, cpu, sizeof(cpu));
	number((double)c.private_kb / 1024, size, sizeof(size));
	number((double)c.private_kb / limit_kb, ratio, sizeof(ratio));
	buf_fmt(&b->report, "| %s | %.0f | %.0f | %s | %s | %s | %.1f |\n", name, bytes * scale,
		(double)(c.wakes - before->wakes) * scale, cpu, size, ratio, (double)c.rss_kb / 1024);
}

/* Reads all of them for so long, so that nobody is blocked by a full terminal. */
static void watch(struct term *t, size_t n, int seconds)
{
	int64_t end = now_ns() + (int64_t)seconds * 1000000000;

	while (now_ns() < end) {
		struct pollfd p[RIVALS_MAX + 2];
		int64_t left = (end - now_ns()) / 1000000;

		for (size_t i = 0; i < n; i++)
			p[i] = (struct pollfd){ t[i].ended ? -1 : t[i].fd, POLLIN, 0 };
		if (poll(p, n, left > 0 ? (int)left : 0) <= 0)
			continue;
		for (size_t i = 0; i < n; i++)
			if (p[i].revents)
				term_settle(&t[i], 0);
	}
}

/* Seconds until the window may begin, in so many from now: far from the minute at which every clock is painted, so that
 * none is counted twice or not at all. */
static int until_quiet(int from_now)
{
	int second = (int)((time(NULL) + from_now) % 60);

	return second < 10 ? 10 - second : second > 45 ? 70 - second : 0;
}

/* One more: the console with its engine, polling a drill whose world stands still. */
static struct rival with_engine(struct bench *b, struct stand *s)
{
	static char state[128], program[700], token[128];
	static const char *const sync[] = { "sync", "--once", NULL };
	struct ran r;

	stand_open(s, "first-rollout", "0.001");
	stand_run(s, &r, NULL, sync);
	ran_done(&r);
	snprintf(state, sizeof(state), "%s/state", s->dir);
	snprintf(token, sizeof(token), "%s/token", s->dir);
	snprintf(program, sizeof(program), "%s/pilothouse", b->bin);
	return (struct rival){ .name = "pilothouse, engine polling",
			       .argv = { program, "--state-dir", state, "--profile",
					 "easyenclave=easyenclave/easyenclave", "--api", s->api,
					 "--token-file", token },
			       .marker = "help", /* the key line ends so */
			       .quit = "q" };
}

void section_idle(struct bench *b)
{
	struct rival all[RIVALS_MAX + 2];
	struct term t[RIVALS_MAX + 2];
	struct cost before[RIVALS_MAX + 2], engine_before;
	struct stand s;
	size_t n = rivals(b, all);
	pid_t engine;

	/* a console that finds no engine keeps looking for one: no idling; with one takes their place */
	all[1] = with_engine(b, &s);
	all[2] = all[--n];
	all[n] = all[0];
	all[n].name = "ncurses limit with a clock";
	all[n++].argv[1] = "clock";
	for (size_t i = 0; i < n; i++) {
		term_start(&t[i], all[i].argv, all[i].cwd, 24, 80);
		term_until(&t[i], all[i].marker, 300, 5000);
	}
	watch(t, n, 5 + until_quiet(5)); /* the engine's first pass is no idling */
	engine = stand_engine(&s);
	term_cost(engine, &engine_before);
	for (size_t i = 0; i < n; i++) {
		term_reset(&t[i]);
		term_cost(t[i].pid, &before[i]);
	}
	watch(t, n, b->idle_seconds);
	struct cost limit;
	term_cost(t[0].pid, &limit);
	buf_str(&b->report,
		"\n| idle, 80x24, a minute | bytes | wake-ups | CPU ms | private MB | x limit | RSS MB |\n"
		"| --- | --- | --- | --- | --- | --- | --- |\n");
	for (size_t i = 0; i < n; i++)
		idle_row(b, all[i].name, t[i].pid, &before[i], (double)t[i].bytes, (double)limit.private_kb);
	if (engine)
		idle_row(b, "its engine", engine, &engine_before, 0, (double)limit.private_kb);
	for (size_t i = 0; i < n; i++)
		term_end(&t[i], all[i].quit);
	stand_close(&s);
}
