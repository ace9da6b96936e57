/* forge.c - what reading the forge costs: a page into the cache, and an answer that nothing changed. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench.h"
#include "tests/bench/term.h"
#include "tests/fault/stand.h"

#define RUNS  "/repos/easyenclave/easyenclave/actions/runs?per_page=100"
#define PAGES "3"

/* ---- ingest ---------------------------------------------------------------------------------------------------------- */

static size_t save_page(const char *path)
{
	struct stand s;
	struct buf text = BUF_INIT(16 << 20);

	stand_open(&s, "first-rollout", "1");
	struct json *doc = stand_get(&s, RUNS);
	json_dump(&text, doc);
	json_free(doc);
	stand_close(&s);
	FILE *f = fopen(path, "we");
	size_t n = text.n;
	if (!f || fwrite(text.s, 1, n, f) != n || fclose(f))
		bench_die("%s: %s", path, strerror(errno));
	buf_done(&text);
	return n;
}

/* Instructions, by callgrind; rows by what the program says. */
static double count(struct bench *b, const char *mode, const char *page, double *rows)
{
	char program[600], db[160];
	const char *argv[] = { "valgrind",
			       "--tool=callgrind",
			       "--callgrind-out-file=/dev/null",
			       program,
			       mode,
			       page,
			       db,
			       PAGES,
			       NULL };
	struct buf out = BUF_INIT(1 << 20);
	const char *at;

	snprintf(program, sizeof(program), "%s/ingest", b->tools);
	snprintf(db, sizeof(db), "%s/ingest-%s.db", b->dir, mode);
	if (run_words(argv, &out) != 0)
		bench_die("%s under valgrind: %s", mode, out.s);
	at = strstr(out.s, "rows ");
	*rows = at ? atof(at + 5) : 0;
	at = strstr(out.s, "Collected : ");
	double n = at ? atof(at + 12) : 0;
	buf_done(&out);
	return n;
}

void section_ingest(struct bench *b)
{
	char page[160], t[4][32];
	double rows = 0, none_rows;
	const char *version[] = { "valgrind", "--version", NULL };
	struct buf out = BUF_INIT(4096);

	if (run_words(version, &out) != 0) {
		buf_done(&out);
		return;
	}
	buf_done(&out);
	snprintf(page, sizeof(page), "%s/page.json", b->dir);
	size_t bytes = save_page(page);
	double none = count(b, "none", page, &none_rows);
	double stream = (count(b, "stream", page, &rows) - none) / rows;
	double tree = (count(b, "tree", page, &rows) - none) / rows;
	number(stream, t[0], sizeof(t[0]));
	number(tree, t[1], sizeof(t[1]));
	number(stream / tree, t[2], sizeof(t[2]));
	number((double)bytes / (rows / atof(PAGES)), t[3], sizeof(t[3]));
	buf_fmt(&b->report,
		"\n| ingest of runs (%s bytes of JSON a run) | instructions a row | x tree |\n| --- | --- | "
		"--- |\n"
		"| tree (jansson) and upsert | %s | 1 |\n| pilothouse: stream and the same upsert | %s | %s "
		"|\n",
		t[3], t[1], t[0], t[2]);
}

/* ---- polls ----------------------------------------------------------------------------------------------------------- */

/* `sync` polling fast over a world that stands still, until it is told to end. */
static pid_t start_sync(struct bench *b, struct stand *s, const char *interval, int *from)
{
	char program[600], state[128], token[128];
	const char *argv[] = { program, "--json",     "--state-dir",
			       state,   "--profile",  "easyenclave=easyenclave/easyenclave",
			       "--api", s->api,       "--token-file",
			       token,   "--interval", interval,
			       "sync",  NULL };
	int fds[2];

	snprintf(program, sizeof(program), "%s/pilothouse", b->bin);
	snprintf(state, sizeof(state), "%s/state", s->dir);
	snprintf(token, sizeof(token), "%s/token", s->dir);
	if (pipe2(fds, O_CLOEXEC) < 0)
		bench_die("pipe: %s", strerror(errno));
	pid_t pid = fork();
	if (pid == 0) {
		dup2(fds[1], 1);
		execv(program, (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(fds[1]);
	*from = fds[0];
	return pid;
}

/* Microseconds of so many bare 304s, with so long between two. Its first answer is whole, and costs a point. */
static double bare_curl(struct bench *b, struct stand *s, int n, int pause)
{
	char program[600], url[256], count[16], ms[16], good[32];
	const char *argv[] = { program, url, count, ms, NULL };
	struct buf out = BUF_INIT(4096);

	snprintf(program, sizeof(program), "%s/curl304", b->tools);
	snprintf(url, sizeof(url), "%s%s", s->api, RUNS);
	snprintf(count, sizeof(count), "%d", n);
	snprintf(ms, sizeof(ms), "%d", pause);
	snprintf(good, sizeof(good), "unchanged %d ", n);
	int r = run_words(argv, &out);
	double us = r == 0 && strstr(out.s, good) ? atof(out.s + 3) : 0;
	if (us <= 0)
		bench_die("curl304: exit %d: %s", r, out.s);
	buf_done(&out);
	return us;
}

/* The forge's own count of what was spent: conditional answers cost nothing. */
static int64_t spent(const struct stand *s)
{
	struct json *doc = stand_get(s, "/rate_limit");
	int64_t n = json_int(doc, "resources.core.used", -1);

	json_free(doc);
	return n;
}

struct polling {
	const char *as_of;
	const char *interval; /* of the engine, s; it reads an idle repository four times more rarely */
	int pause;            /* ms between two, about */
	double polls, us, bare_us, rss_mb;
	int64_t used;
};

/* The engine and a bare client of the same pace at the same time: what is slow then is slow for both. */
static void watch_sync(struct bench *b, struct polling *p)
{
	static const char *const once[] = { "sync", "--once", NULL };
	struct cost before, after;
	struct stand s;
	int from, status, n = b->idle_seconds * 1000 / p->pause + 5;

	stand_open(&s, "first-rollout", "0.001");
	json_free(stand_ask(&s, &status, once));
	pid_t sync = start_sync(b, &s, p->interval, &from);
	poll(NULL, 0, 6000 + 2 * p->pause); /* its first pass, and the last looks at what ended lately */
	pid_t engine = stand_engine(&s);
	int64_t used = spent(&s), requests = stand_requests(&s);
	term_cost(engine, &before);
	p->bare_us = bare_curl(b, &s, n, p->pause);
	term_cost(engine, &after);
	p->polls = (double)(stand_requests(&s) - requests - 1 - n - 1);
	p->used = spent(&s) - used - 1;
	p->us = p->polls > 0 ? (double)(after.cpu_ns - before.cpu_ns) / 1e3 / p->polls : 0;
	p->rss_mb = (double)after.rss_kb / 1024;
	kill(sync, SIGTERM);
	waitpid(sync, NULL, 0);
	close(from);
	stand_close(&s);
}

static void second_pass(struct bench *b)
{
	static const char *const once[] = { "sync", "--once", NULL };
	struct stand s;
	char t[32];
	int status;

	stand_open(&s, "first-rollout", "0.001");
	json_free(stand_ask(&s, &status, once));
	struct json *again = stand_ask(&s, &status, once);
	buf_fmt(&b->report,
		"\n| nothing changed | |\n| --- | --- |\n| a second pass, of a new process that has kept no "
		"evidence: 304 of requests | %lld of %lld |\n",
		(long long)json_int(again, "not_modified", 0), (long long)json_int(again, "requests", 0));
	json_free(again);
	number(bare_curl(b, &s, 2000, 0), t, sizeof(t));
	buf_fmt(&b->report, "| a bare libcurl 304 in a tight loop, us | %s |\n", t);
	stand_close(&s);
}

void section_polls(struct bench *b)
{
	struct polling all[] = {
		{ "twenty repositories read once a minute", .interval = "0.75", .pause = 3000 },
		{ "a few, each poll with a commit of its own", .interval = "3", .pause = 12000 },
	};

	second_pass(b);
	for (size_t i = 0; i < countof(all); i++) {
		struct polling *p = &all[i];
		char t[4][32];

		watch_sync(b, p);
		number(p->us, t[0], sizeof(t[0]));
		number(p->bare_us, t[1], sizeof(t[1]));
		number(p->us / p->bare_us, t[2], sizeof(t[2]));
		number(p->rss_mb, t[3], sizeof(t[3]));
		buf_fmt(&b->report,
			"| engine CPU a poll, one every %d s (%s) / a bare libcurl 304 at that pace | %s / "
			"%s us, %s "
			"x |\n",
			p->pause / 1000, p->as_of, t[0], t[1], t[2]);
		buf_fmt(&b->report, "| rate limit spent by %.0f such polls; engine RSS, MB | %lld; %s |\n",
			p->polls, (long long)p->used, t[3]);
	}
}
