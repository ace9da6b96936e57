/*
 * play.c - the verb `drill`: a simulated organisation, steered with the real console over real HTTP.
 *
 * Played by hand, three programs run: pilothouse-drill serves the forge on loopback, the console is this process, and
 * the engine is started by the console as always, in a state directory of the drill's own that is removed afterwards.
 * The drill's token is a word of no value; a real one is never read. --headless, --serve and --list are pilothouse-drill.
 */
#include "tui/cli/cli.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/path.h"
#include "base/text.h"
#include "tui/tui.h"

extern char **environ;

struct play {
	struct cli *cli;
	const char *dir;
	const char *score_path, *root_path;
	pid_t pid;
	FILE *from; /* stdout of pilothouse-drill */
	struct json *hello;
};

static const char *program(struct arena *a)
{
	return path_join(a, path_program_dir(a), "pilothouse-drill");
}

/* What the console of a drill does itself; every other word of the verb is for the other program. */
static bool is_played(const struct command *c)
{
	size_t n;
	const struct option_info *options = option_table(&n);
	for (size_t i = 0; i < n; i++)
		if (c->opt[options[i].id] && !option_is_global(&options[i]) && options[i].id != OPT_SPEED)
			return false;
	return true;
}

/* --list, --headless and --serve: the other program does it all, with the same words. */
static int become_drill(struct cli *c)
{
	const char *argv[2 * OPT_MAX_ + 4] = { "pilothouse-drill" };
	size_t n, used = 1;
	const struct option_info *options = option_table(&n);
	if (c->command->n)
		argv[used++] = c->command->args[0];
	for (size_t i = 0; i < n; i++) {
		const char *value = c->command->opt[options[i].id];
		if (!value || option_is_global(&options[i]))
			continue;
		argv[used++] = options[i].name;
		if (options[i].arg)
			argv[used++] = value;
	}
	if (c->json)
		argv[used++] = "--json";
	argv[used] = NULL;
	execv(program(c->arena), (char *const *)argv);
	return cli_fail_status(c, 6, "missing", "pilothouse-drill is not beside this program",
			       "install it, or build it");
}

/* A directory of the drill's own under the runtime directory. */
static int make_dir(struct play *p, struct err *e)
{
	const char *parent = p->cli->places->runtime_dir;
	int r = path_private_dir(parent, 0700, e);
	if (r < 0)
		return r;
	char *dir = arena_printf(p->cli->arena, "%s/drill-XXXXXX", parent);
	if (!mkdtemp(dir))
		return err_set(e, ERR_STORE, "cannot make %s: %s", dir, strerror(errno));
	p->dir = dir;
	p->score_path = path_join(p->cli->arena, dir, "score.json");
	p->root_path = path_join(p->cli->arena, dir, "trusted_root.json");
	return 0;
}

static int write_token(const char *path, struct err *e)
{
	static const char token[] = "drill\n";
	int fd = path_private_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600, e);
	if (fd < 0)
		return fd;
	ssize_t n = write(fd, token, sizeof(token) - 1);
	close(fd);
	if (n != (ssize_t)sizeof(token) - 1)
		return err_set(e, ERR_STORE, "cannot write %s", path);
	return 0;
}

static int start_drill(struct play *p, struct err *e)
{
	const struct command *c = p->cli->command;
	const char *path = program(p->cli->arena);
	const char *argv[] = { "pilothouse-drill",
			       c->n ? c->args[0] : "first-rollout",
			       "--serve",
			       "--port",
			       "0",
			       "--scorefile",
			       p->score_path,
			       "--rootfile",
			       p->root_path,
			       "--rootsdir",
			       path_join(p->cli->arena, p->dir, "roots"), /* of the engine's state */
			       "--speed",
			       c->opt[OPT_SPEED] ? c->opt[OPT_SPEED] : "1",
			       "--json",
			       NULL };
	posix_spawn_file_actions_t actions;
	int fds[2];
	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(e, ERR_STORE, "cannot make a pipe: %s", strerror(errno));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
	int r = posix_spawn(&p->pid, path, &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	p->from = fdopen(fds[0], "r");
	if (r)
		return err_set(e, ERR_MISSING, "cannot start %s: %s", path, strerror(r));
	return 0;
}

/* The first line tells where it serves, or why it does not. */
static int read_hello(struct play *p, struct err *e)
{
	char line[16384];
	if (!fgets(line, sizeof(line), p->from))
		return err_set(e, ERR_STORE, "pilothouse-drill ended before it served");
	int r = json_parse(&p->hello, line, strlen(line), sizeof(line), e);
	const struct json *error = r < 0 ? NULL : json_get(p->hello, "error");
	const char *code = json_str(error, "code");
	if (!error || json_type(error) == JSON_ABSENT)
		return r;
	err_set(e, text_eq(code, err_word(ERR_INVALID)) ? ERR_INVALID : ERR_STORE, "%s",
		json_str(error, "message"));
	return err_hint(e, "%s", json_str(error, "fix") ? json_str(error, "fix") : "");
}

static const char *const *drill_globals(struct play *p, const char *token_path)
{
	struct arena *a = p->cli->arena;
	const struct json *repos = json_get(p->hello, "repos"), *sites = json_get(p->hello, "sites");
	size_t n = json_size(repos), used = 0;
	const char **g = arena_array(a, const char *, n + json_size(sites) + 14);
	g[used++] = arena_printf(a, "--api=%s", json_str(p->hello, "url"));
	g[used++] = arena_printf(a, "--token-file=%s", token_path);
	g[used++] = arena_printf(a, "--state-dir=%s", p->dir);
	g[used++] = arena_printf(a, "--registry=%s", json_str(p->hello, "registry"));
	g[used++] = arena_printf(a, "--registry-token-file=%s", token_path);
	g[used++] = arena_printf(a, "--trust=%s", p->root_path);
	if (json_str(p->hello, "metrics"))
		g[used++] = arena_printf(a, "--metrics=%s", json_str(p->hello, "metrics"));
	if (json_str(p->hello, "cluster")) {
		g[used++] = arena_printf(a, "--cluster=%s", json_str(p->hello, "cluster"));
		g[used++] = arena_printf(a, "--cluster-token-file=%s", token_path);
	}
	g[used++] = "--interval=2";
	for (size_t i = 0; i < n; i++)
		g[used++] = arena_printf(a, "--profile=%s=%s", json_str(json_at(repos, i), "profile"),
					 json_str(json_at(repos, i), "repo"));
	for (size_t i = 0; i < json_size(sites); i++)
		g[used++] = arena_printf(a, "--site=%s=%s%s", json_str(json_at(sites, i), "lane"),
					 json_str(p->hello, "url"), json_str(json_at(sites, i), "path"));
	g[used] = NULL;
	return g;
}

static int play_console(struct play *p, struct err *e)
{
	struct places places;
	const char *token = path_join(p->cli->arena, p->dir, "token");
	int r = write_token(token, e);
	if (r < 0)
		return r;
	r = places_find(&places, p->dir, NULL, p->cli->arena, e);
	if (r < 0)
		return r;
	struct tui_options o = {
		.cache_path = places.cache_path,
		.state_dir = places.state_dir,
		.socket_path = places.socket_path,
		.globals = drill_globals(p, token),
		.theme = p->cli->command->opt[OPT_THEME],
		.ascii = p->cli->command->opt[OPT_ASCII] != NULL,
		.mono = p->cli->command->opt[OPT_MONO] != NULL,
		.drill = text_safe_dup(p->cli->arena, json_str(p->hello, "scenario"), 0),
		.brief = text_safe_dup(p->cli->arena, json_str(p->hello, "brief"), 0),
		.who = "captain@drill",
	};
	return tui_run(&o, e);
}

static void print_score(struct play *p)
{
	struct buf text = BUF_INIT(256 * 1024);
	struct err e = ERR_INIT;
	autofree(json) struct json *score = NULL;
	if (path_read(&text, p->score_path, &e) == 0 &&
	    json_parse(&score, text.s, text.n, text.max, &e) == 0) {
		const struct json *goals = json_get(score, "goals");
		for (size_t i = 0; i < json_size(goals); i++)
			printf("%s  %s\n", json_bool(json_at(goals, i), "met", false) ? "met " : "open",
			       text_safe_dup(p->cli->arena, json_str(json_at(goals, i), "text"), 0));
		printf("%s\n", json_bool(score, "passed", false) ? "drill passed"
								 : "drill left before all goals were met");
	}
	buf_done(&text);
}

/* Only files and what the engine made, evidence in a directory of its own: nothing is followed. */
static void remove_dir(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *de;
	char below[PATH_MAX];
	while (d && (de = readdir(d)))
		if (strcmp(de->d_name, ".") && strcmp(de->d_name, "..") &&
		    unlinkat(dirfd(d), de->d_name, 0) < 0 && errno == EISDIR &&
		    snprintf(below, sizeof(below), "%s/%s", path, de->d_name) < (int)sizeof(below))
			remove_dir(below);
	if (d)
		closedir(d);
	rmdir(path);
}

/* Ends the drill's engine and waits until it let go of its lock, so that nothing writes in a directory that goes. */
static void end_engine(struct play *p)
{
	struct err e = ERR_INIT;
	char pid[32] = "";
	int fd = path_private_open(path_join(p->cli->arena, p->dir, "engine.lock"), O_RDWR, 0600, &e);
	if (fd < 0)
		return;
	bool running = flock(fd, LOCK_EX | LOCK_NB) < 0;
	if (running && read(fd, pid, sizeof(pid) - 1) > 0 && strtol(pid, NULL, 10) > 1)
		kill((pid_t)strtol(pid, NULL, 10), SIGTERM);
	for (int i = 0; running && i < 100; i++) {
		poll(NULL, 0, 20);
		running = flock(fd, LOCK_EX | LOCK_NB) < 0;
	}
	close(fd);
}

static void end_drill(struct play *p, bool played)
{
	if (p->pid > 0) {
		kill(p->pid, SIGTERM);
		waitpid(p->pid, NULL, 0);
	}
	if (p->from)
		fclose(p->from);
	json_free(p->hello);
	if (!p->dir)
		return;
	end_engine(p);
	if (played)
		print_score(p);
	remove_dir(p->dir);
}

int cli_drill(struct cli *c)
{
	struct play p = { .cli = c };
	struct err e = ERR_INIT;
	if (!is_played(c->command))
		return become_drill(c);
	int r = make_dir(&p, &e);
	if (r == 0)
		r = start_drill(&p, &e);
	if (r == 0)
		r = read_hello(&p, &e);
	if (r == 0)
		r = play_console(&p, &e);
	end_drill(&p, r >= 0);
	return r < 0 ? cli_fail(c, &e) : r;
}
