/*
 * main.c - pilothouse: options, then a verb that prints, or the console that stays.
 */
#include <locale.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/standard.h"
#include "base/text.h"
#include "tui/cli/cli.h"
#include "tui/tui.h"

#define GLOBALS_MAX (COMMAND_PROFILES_MAX + COMMAND_SITES_MAX + 24)

static const char *who_am_i(struct arena *a)
{
	char host[256] = "";
	const struct passwd *pw = getpwuid(getuid());
	gethostname(host, sizeof(host) - 1);
	return arena_printf(a, "%s@%s", pw ? pw->pw_name : "?", host);
}

/* The global options again as words, to start an engine with. The theme and --json are ours alone. */
static const char *const *globals_of(const struct command *c, struct arena *a)
{
	static const enum option_id passed[] = { OPT_REPO,       OPT_API,
						 OPT_CA_FILE,    OPT_UNIX_SOCKET,
						 OPT_TOKEN_FILE, OPT_STATE_DIR,
						 OPT_CACHE_DIR,  OPT_CONFIG,
						 OPT_INTERVAL,   OPT_SHARE_GROUP,
						 OPT_REGISTRY,   OPT_REGISTRY_TOKEN_FILE,
						 OPT_CLUSTER,    OPT_CLUSTER_TOKEN_FILE,
						 OPT_METRICS,    OPT_METRICS_TOKEN_FILE,
						 OPT_LEDGER,     OPT_ALLOWED_SIGNERS,
						 OPT_TRUST,      OPT_MIRROR };
	const char **argv = arena_array(a, const char *, GLOBALS_MAX);
	size_t n, used = 0;
	const struct option_info *options = option_table(&n);
	for (int i = 0; i < c->profiles_n; i++)
		argv[used++] = arena_printf(a, "--profile=%s", c->profiles[i]);
	for (int i = 0; i < c->sites_n; i++)
		argv[used++] = arena_printf(a, "--site=%s", c->sites[i]);
	for (size_t i = 0; i < countof(passed); i++)
		if (c->opt[passed[i]])
			argv[used++] = arena_printf(a, "%s=%s", options[passed[i]].name, c->opt[passed[i]]);
	if (c->opt[OPT_READ_ONLY])
		argv[used++] = "--read-only";
	argv[used] = NULL;
	return argv;
}

static int console(const struct command *g, const struct places *p, const char *address, struct arena *a)
{
	struct err e = ERR_INIT;
	struct tui_options o = {
		.cache_path = p->cache_path,
		.state_dir = p->state_dir,
		.socket_path = p->socket_path,
		.globals = globals_of(g, a),
		.address = address,
		.theme = g->opt[OPT_THEME],
		.ascii = g->opt[OPT_ASCII] != NULL,
		.mono = g->opt[OPT_MONO] != NULL,
		.read_only = g->opt[OPT_READ_ONLY] != NULL,
		.who = who_am_i(a),
	};
	int r = tui_run(&o, &e);
	if (r < 0) {
		struct cli c = { .arena = a, .json = g->opt[OPT_JSON] != NULL };
		return cli_fail(&c, &e);
	}
	return r;
}

static int verb(struct command *c, const struct places *p, struct arena *a)
{
	struct clock clock;
	clock_real(&clock);
	struct cli cli = { .command = c,
			   .places = p,
			   .globals = globals_of(c, a),
			   .arena = a,
			   .clock = &clock,
			   .json = c->opt[OPT_JSON] != NULL };
	return cli_run(&cli);
}

static int show_help(const struct command_info *info)
{
	struct buf out = BUF_INIT(262144);
	command_help(&out, info);
	int r = cli_print(&out, false);
	buf_done(&out);
	return r;
}

/* Parses argv into *c: 0, or fills *e. *has_verb tells whether there is one, *address a screen's address. */
static int read_words(struct command *c, int argc, const char *const *argv, bool *has_verb,
		      const char **address, struct err *e)
{
	struct command globals;
	int at = command_globals(&globals, argc, argv, NULL, NULL, e);
	*has_verb = false;
	*address = NULL;
	*c = globals;
	if (at < 0)
		return at;
	if (at == argc)
		return 0;
	if (command_is_address(argv[at])) {
		*address = argv[at];
		if (at + 1 < argc)
			return err_set(e, ERR_INVALID, "nothing may follow the address %s, and %s does",
				       argv[at], argv[at + 1]);
		return 0;
	}
	*has_verb = true;
	int r = command_parse(c, argc - at, argv + at, e);
	return r < 0 ? r : command_merge(c, &globals, e);
}

/* A script that lost its verb would else take the terminal and wait. */
static int needs_verb(struct err *e)
{
	err_set(e, ERR_INVALID, "--json needs a verb");
	return err_hint(e, "pilothouse lanes --json prints the lanes");
}

static bool wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (!strcmp(argv[i], "--json"))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	struct command c;
	struct places places;
	struct arena arena = ARENA_INIT;
	struct err e = ERR_INIT;
	const char *address;
	bool has_verb;
	standard_keep();
	umask(077);
	setlocale(LC_ALL, "");
	struct cli bare = { .arena = &arena, .json = wants_json(argc, argv) };
	int r = read_words(&c, argc - 1, (const char *const *)argv + 1, &has_verb, &address, &e);
	if (r < 0)
		r = cli_fail(&bare, &e);
	else if (c.opt[OPT_HELP])
		r = show_help(has_verb ? c.info : NULL);
	else if (c.opt[OPT_VERSION])
		r = printf("pilothouse %s\n", PH_VERSION) < 0 ? 6 : cli_flush();
	else if (c.opt[OPT_JSON] && !has_verb && needs_verb(&e) < 0)
		r = cli_fail(&bare, &e);
	else if (places_find(&places, c.opt[OPT_STATE_DIR], c.opt[OPT_CACHE_DIR], &arena, &e) < 0)
		r = cli_fail(&bare, &e);
	else
		r = has_verb ? verb(&c, &places, &arena) : console(&c, &places, address, &arena);
	arena_done(&arena);
	return r;
}
