#include "tui/cli/drill.h"

#include "base/json.h"
#include "base/path.h"
#include "base/standard.h"
#include "base/text.h"
#include "core/adapters/sim/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* The program pilothouse-drill: the simulated forge for any client, or a scenario that plays itself. */

#define PROGRAM "pilothouse-drill"
#define USAGE                                                                                      \
	"usage: pilothouse-drill --list | --version | --help\n"                                    \
	"       pilothouse-drill SCENARIO --headless [--json]\n"                                   \
	"       pilothouse-drill SCENARIO --serve (--port N [--portfile F] | --unix PATH)\n"       \
	"                        [--speed N] [--size LANESxRUNS] [--scorefile F] [--rootfile F]\n" \
	"                        [--rootsdir D]\n"

enum { EXIT_STATE = 6, OUT_MAX = 1 << 20, SIZE_MAX_RUNS = 1000000 };

struct words {
	const char *scenario, *unix_path, *portfile, *scorefile, *rootfile, *rootsdir;
	const char *port, *speed, *size;
	bool list, headless, json, serve, version, help;
};

struct server {
	struct clock clock;
	struct loop *loop;
	struct world *world;
	struct serve *serve;
	struct arena arena;
	int signals;
};

/* ---- words -------------------------------------------------------------------------------------------------------- */

static const char **value_place(struct words *w, const char *option)
{
	const struct {
		const char *name;
		const char **place;
	} values[] = {
		{ "--port", &w->port },         { "--portfile", &w->portfile },
		{ "--unix", &w->unix_path },    { "--speed", &w->speed },
		{ "--size", &w->size },         { "--scorefile", &w->scorefile },
		{ "--rootfile", &w->rootfile }, { "--rootsdir", &w->rootsdir },
	};

	for (size_t i = 0; i < countof(values); i++)
		if (strcmp(values[i].name, option) == 0)
			return values[i].place;
	return NULL;
}

static bool *flag_place(struct words *w, const char *option)
{
	const struct {
		const char *name;
		bool *place;
	} flags[] = {
		{ "--list", &w->list },   { "--headless", &w->headless }, { "--json", &w->json },
		{ "--serve", &w->serve }, { "--version", &w->version },   { "--help", &w->help },
	};

	for (size_t i = 0; i < countof(flags); i++)
		if (strcmp(flags[i].name, option) == 0)
			return flags[i].place;
	return NULL;
}

static int read_words(struct words *w, int argc, char **argv, struct err *e)
{
	for (int i = 1; i < argc; i++) {
		const char **value = value_place(w, argv[i]);
		bool *flag = flag_place(w, argv[i]);

		if (flag) {
			*flag = true;
		} else if (value) {
			if (i + 1 == argc)
				return err_set(e, ERR_INVALID, "%s needs a value", argv[i]);
			*value = argv[++i];
		} else if (argv[i][0] == '-') {
			return err_set(e, ERR_INVALID, "there is no option %s", argv[i]);
		} else if (w->scenario) {
			return err_set(e, ERR_INVALID, "one scenario at a time: %s or %s", w->scenario,
				       argv[i]);
		} else {
			w->scenario = argv[i];
		}
	}
	return 0;
}

/* One thing to do, and no word that belongs to another: what is played by itself knows no speed, and takes it. */
static int check_words(const struct words *w, struct err *e)
{
	const struct {
		const char *name, *value;
	} served[] = {
		{ "--port", w->port },         { "--portfile", w->portfile },   { "--unix", w->unix_path },
		{ "--size", w->size },         { "--scorefile", w->scorefile }, { "--rootfile", w->rootfile },
		{ "--rootsdir", w->rootsdir },
	};

	for (size_t i = 0; !w->serve && i < countof(served); i++)
		if (served[i].value)
			return err_set(e, ERR_INVALID, "%s belongs to --serve", served[i].name);
	if (w->list + w->headless + w->serve > 1)
		return err_set(e, ERR_INVALID, "--list, --headless and --serve are one at a time");
	if (!w->list && !w->headless && !w->serve)
		return err_set(e, ERR_INVALID,
			       "there is nothing to do without --list, --headless or --serve");
	return w->list && w->scenario ? err_set(e, ERR_INVALID, "--list takes no scenario") : 0;
}

static int read_number(int *out, const char *word, const char *what, int max, struct err *e)
{
	int64_t n = 0;

	if (word && text_int64(&n, word, 0, max) != 0)
		return err_set(e, ERR_INVALID, "%s is not %s between 0 and %d", word, what, max);
	*out = (int)n;
	return 0;
}

/* LANESxRUNS */
static int read_size(struct world_options *o, const char *word, struct err *e)
{
	const char *x = word ? strchr(word, 'x') : NULL;
	struct arena a = ARENA_INIT;
	int r = 0;

	if (!word)
		return 0;
	if (!x)
		return err_set(e, ERR_INVALID, "%s is not LANESxRUNS, such as 20x5000", word);
	r = read_number(&o->lanes, arena_strndup(&a, word, (size_t)(x - word)), "a number of lanes", 10000,
			e);
	if (r == 0)
		r = read_number(&o->runs, x + 1, "a number of runs", SIZE_MAX_RUNS, e);
	if (r == 0 && (int64_t)o->lanes * o->runs > SIZE_MAX_RUNS)
		r = err_set(e, ERR_INVALID, "%s is more than %d runs", word, SIZE_MAX_RUNS);
	arena_done(&a);
	return r;
}

static int read_options(struct world_options *o, struct serve_options *so, const struct words *w,
			struct err *e)
{
	char *end = NULL;
	int r = read_number(&so->port, w->port, "a port", 65535, e);

	o->scenario = w->scenario;
	so->unix_path = w->unix_path;
	o->speed = w->speed ? strtod(w->speed, &end) : 1;
	if (r == 0 && (!(o->speed > 0) || o->speed > 1e6 || (end && *end)))
		r = err_set(e, ERR_INVALID, "%s is no speed, such as 10", w->speed);
	if (r == 0 && !w->port == !w->unix_path)
		r = err_set(e, ERR_INVALID, "--serve takes either --port or --unix");
	return r == 0 ? read_size(o, w->size, e) : r;
}

/* ---- output ------------------------------------------------------------------------------------------------------- */

static int written(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	(void)fprintf(stderr, "pilothouse-drill: the output could not be written: %s\n", strerror(errno));
	return EXIT_STATE;
}

static int list(bool json)
{
	struct arena a = ARENA_INIT;
	const struct scenario_title *all;
	size_t n = world_list(&all, &a), widest = 0;
	struct buf out = BUF_INIT(OUT_MAX);
	struct jw j;

	for (size_t i = 0; i < n; i++)
		if (strlen(all[i].name) > widest)
			widest = strlen(all[i].name);
	jw_init(&j, &out);
	jw_open(&j, '{');
	jw_kopen(&j, "items", '[');
	for (size_t i = 0; i < n; i++) {
		if (!json)
			(void)printf("%-*s  %s\n", (int)widest, all[i].name, all[i].title);
		jw_open(&j, '{');
		jw_kstr(&j, "name", all[i].name);
		jw_kstr(&j, "title", all[i].title);
		jw_close(&j, '}');
	}
	jw_close(&j, ']');
	jw_close(&j, '}');
	if (json)
		(void)puts(out.s);
	buf_done(&out);
	arena_done(&a);
	return written();
}

/* "PROFILE=REPO" or "LANE=PATH" each, as objects of those two names. */
static void put_pairs(struct jw *j, const char *key, const char *const *all, size_t n, const char *left,
		      const char *right, struct arena *a)
{
	jw_kopen(j, key, '[');
	for (size_t i = 0; i < n; i++) {
		const char *eq = strchr(all[i], '=');

		jw_open(j, '{');
		jw_kstr(j, left, arena_strndup(a, all[i], (size_t)(eq - all[i])));
		jw_kstr(j, right, eq + 1);
		jw_close(j, '}');
	}
	jw_close(j, ']');
}

static void put_repos(struct jw *j, const struct world *w, struct arena *a)
{
	const char *const *all;
	size_t n = world_repos(w, &all, a);

	put_pairs(j, "repos", all, n, "profile", "repo", a);
}

/* Where running systems can be asked, below the address of the forge. */
static void put_sites(struct jw *j, const struct world *w, struct arena *a)
{
	const char *const *all;
	size_t n = world_sites(w, &all, a);

	put_pairs(j, "sites", all, n, "lane", "path", a);
}

/* The first line: all that a client needs. */
static void announce(struct server *s, const char *unix_path)
{
	struct buf out = BUF_INIT(64 << 20);
	struct jw j;

	jw_init(&j, &out);
	jw_open(&j, '{');
	jw_kstr(&j, "url",
		unix_path ? NULL : arena_printf(&s->arena, "http://127.0.0.1:%d", serve_port(s->serve)));
	jw_kstr(&j, "unix", unix_path);
	jw_kstr(&j, "registry", /* images stand at the same address, below /v2/ */
		unix_path ? NULL : arena_printf(&s->arena, "http://127.0.0.1:%d", serve_port(s->serve)));
	jw_kstr(&j, "metrics", /* where a Prometheus has counted, of a drill that has one */
		unix_path || !world_metrics(s->world)
			? NULL
			: arena_printf(&s->arena, "http://127.0.0.1:%d%s", serve_port(s->serve),
				       world_metrics(s->world)));
	jw_kstr(&j,
		"cluster", /* of a drill that has one: its API; gates of Flagger are below /loadtester of it */
		unix_path || !world_has_kube(s->world)
			? NULL
			: arena_printf(&s->arena, "http://127.0.0.1:%d/kube", serve_port(s->serve)));
	put_repos(&j, s->world, &s->arena);
	put_sites(&j, s->world, &s->arena);
	jw_kstr(&j, "scenario", world_scenario(s->world)->name);
	jw_kstr(&j, "title", world_scenario(s->world)->title);
	jw_kstr(&j, "brief", world_scenario(s->world)->brief);
	jw_close(&j, '}');
	(void)puts(out.s);
	(void)fflush(stdout);
	buf_done(&out);
}

/* Whole or not at all: a reader waits for the file to appear. */
static int write_file(struct arena *a, const char *path, const char *text, struct err *e)
{
	const char *temporary = arena_printf(a, "%s.%d", path, (int)getpid());
	FILE *f = fopen(temporary, "wxe");
	bool good = f && fputs(text, f) >= 0;

	if (f && fclose(f) != 0)
		good = false;
	if (good && rename(temporary, path) == 0)
		return 0;
	err_set(e, ERR_STORE, "cannot write %s: %s", path, strerror(errno));
	if (f)
		(void)unlink(temporary);
	return -ERR_STORE;
}

static int write_score(struct server *s, const char *path, struct err *e)
{
	struct goals goals = { 0 };
	struct buf out = BUF_INIT(OUT_MAX);
	struct jw j;
	bool passed = true;
	int r;

	world_advance(s->world, clock_wall(&s->clock));
	world_score(s->world, &goals, &s->arena);
	jw_init(&j, &out);
	jw_open(&j, '{');
	jw_kstr(&j, "scenario", world_scenario(s->world)->name);
	jw_kopen(&j, "goals", '[');
	vec_each (g, &goals) {
		jw_open(&j, '{');
		jw_kstr(&j, "text", g->text);
		jw_kbool(&j, "met", g->met);
		jw_close(&j, '}');
		passed &= g->met;
	}
	jw_close(&j, ']');
	jw_kbool(&j, "passed", passed);
	jw_close(&j, '}');
	buf_chr(&out, '\n');
	r = write_file(&s->arena, path, out.s, e);
	buf_done(&out);
	return r;
}

/* ---- serving ------------------------------------------------------------------------------------------------------ */

static void on_signal(void *ctx, int fd, unsigned events)
{
	struct server *s = ctx;

	(void)fd, (void)events;
	loop_stop(s->loop);
}

/* Ends asked for by a signal go through the loop, so that the score is still written. */
static int catch_signals(struct server *s, struct err *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	s->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (s->signals < 0)
		return err_set(e, ERR_STORE, "no signal descriptor: %s", strerror(errno));
	watch_new(s->loop, s->signals, WATCH_READ, on_signal, s);
	return 0;
}

static int server_open(struct server *s, const struct world_options *o, const struct serve_options *so,
		       struct err *e)
{
	int r;

	clock_real(&s->clock);
	s->loop = loop_new(&s->clock);
	r = catch_signals(s, e);
	if (r == 0)
		r = world_new(&s->world, o, clock_wall(&s->clock), e);
	return r == 0 ? serve_open(&s->serve, s->world, s->loop, so, e) : r;
}

/* What is believed of machines; of a world that has none, nothing. */
static int write_roots(struct server *s, const char *dir, struct err *e)
{
	const struct world_file *all;
	size_t n = world_evidence_files(s->world, &all, &s->arena);
	int r = path_private_dir(dir, 0700, e);

	for (size_t i = 0; i < n && r >= 0; i++)
		r = write_file(&s->arena, path_join(&s->arena, dir, all[i].name), all[i].text, e);
	return r;
}

static int server_run(struct server *s, const struct words *w, struct err *e)
{
	int r = 0;

	if (w->rootfile)
		r = write_file(&s->arena, w->rootfile, world_trusted_root(s->world, &s->arena), e);
	if (r >= 0 && w->rootsdir)
		r = write_roots(s, w->rootsdir, e);
	if (r >= 0 && w->portfile) /* the last: who waits for it finds the others */
		r = write_file(&s->arena, w->portfile, arena_printf(&s->arena, "%d\n", serve_port(s->serve)),
			       e);
	if (r < 0)
		return r;
	announce(s, w->unix_path);
	loop_run(s->loop);
	return w->scorefile ? write_score(s, w->scorefile, e) : 0;
}

static void server_close(struct server *s)
{
	serve_close(s->serve);
	world_free(s->world);
	loop_free(s->loop);
	if (s->signals > 0)
		close(s->signals);
	arena_done(&s->arena);
}

static int serve_drill(const struct words *w)
{
	struct world_options o = { 0 };
	struct serve_options so = { 0 };
	struct server s = { .arena = ARENA_INIT };
	struct err e = ERR_INIT;
	int r = read_options(&o, &so, w, &e);

	if (r == 0)
		r = server_open(&s, &o, &so, &e);
	if (r == 0)
		r = server_run(&s, w, &e);
	server_close(&s);
	return r < 0 ? standard_fail(PROGRAM, &e, w->json) : 0;
}

static bool wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--json"))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	struct words w = { 0 };
	struct err e = ERR_INIT;

	standard_keep();
	if (read_words(&w, argc, argv, &e) < 0 || (!w.help && !w.version && check_words(&w, &e) < 0)) {
		err_hint(&e, "pilothouse-drill --help tells the words");
		return standard_fail(PROGRAM, &e, wants_json(argc, argv));
	}
	if (w.help)
		return (void)fputs(USAGE, stdout), written();
	if (w.version)
		return (void)printf(PROGRAM " %s\n", PH_VERSION), written();
	if (w.list)
		return list(w.json);
	if (w.headless)
		return drill_headless(w.scenario ? w.scenario : "first-rollout", w.json);
	return serve_drill(&w);
}
