/*
 * wall_main.c - pilothouse-wall: the read-only wall. No engine, no socket and no token in this program,
 * and where the kernel knows Landlock nothing but reading is left to it.
 */
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/confine.h"
#include "base/places.h"
#include "base/standard.h"
#include "base/text.h"
#include "core/command/command.h"
#include "tui/tui.h"

#define SEE_HELP "pilothouse-wall --help tells the words"

struct words_of_wall {
	const char **argv; /* the global options that stay */
	int argc;
	bool once, kiosk, json;
};

static const char help[] =
	"usage: pilothouse-wall [OPTION ...] [--once] [--kiosk]\n"
	"\n"
	"The read-only wall: what failed, what waits and for whom, what runs. It reads the cache and\n"
	"nothing else; pilothouse sync, on the account that holds the token, fills it.\n"
	"\n"
	"  --once            print the wall as plain text and exit\n"
	"  --kiosk           take no key at all; otherwise q leaves\n"
	"  --state-dir DIR   journal and engine state\n"
	"  --cache-dir DIR   the cache\n"
	"  --theme NAME      dark, light, mono, or a theme file\n"
	"  --ascii, --mono   nothing but ASCII; no colours\n"
	"  --version, --help\n"
	"\n"
	"Options that name a token or a forge are refused: nothing here could use them.\n";

/* Takes the wall's own words out; an option's value is never one of them. */
static void split_words(struct words_of_wall *out, int argc, char **argv, struct arena *a)
{
	out->argv = arena_array(a, const char *, (size_t)argc + 1);
	for (int i = 1; i < argc; i++) {
		const struct option_info *o = option_find(argv[i]);
		out->json |= !strcmp(argv[i], "--json"); /* also of words that are not understood */
		if (!strcmp(argv[i], "--once"))
			out->once = true;
		else if (!strcmp(argv[i], "--kiosk"))
			out->kiosk = true;
		else
			out->argv[out->argc++] = argv[i];
		if (o && o->arg && i + 1 < argc)
			out->argv[out->argc++] = argv[++i];
	}
}

static int check_words(struct command *c, const struct words_of_wall *w, struct err *e)
{
	static const enum option_id refused[] = { OPT_TOKEN_FILE,  OPT_API,
						  OPT_UNIX_SOCKET, OPT_CA_FILE,
						  OPT_REGISTRY,    OPT_REGISTRY_TOKEN_FILE,
						  OPT_CLUSTER,     OPT_CLUSTER_TOKEN_FILE,
						  OPT_METRICS,     OPT_METRICS_TOKEN_FILE,
						  OPT_TRUST,       OPT_MIRROR };
	size_t n;
	const struct option_info *options = option_table(&n);
	int at = command_globals(c, w->argc, w->argv, NULL, NULL, e);
	if (at < 0 && text_starts(e->hint, "usage:"))
		e->hint[0] = 0; /* the console's */
	if (at < 0)
		return err_hint(e, SEE_HELP);
	if (at < w->argc) {
		err_set(e, ERR_INVALID, "the wall has no verbs: %s", w->argv[at]);
		return err_hint(e, SEE_HELP);
	}
	if (c->opt[OPT_JSON]) {
		err_set(e, ERR_INVALID, "the wall takes no --json: it is for people");
		return err_hint(e, "pilothouse lanes --json");
	}
	for (size_t i = 0; i < countof(refused); i++)
		if (c->opt[refused[i]]) {
			err_set(e, ERR_INVALID, "the wall takes no %s: it never talks to a forge",
				options[refused[i]].name);
			return err_hint(e, "give it to pilothouse sync, which fills the cache");
		}
	return 0;
}

static int show(const struct command *c, const struct words_of_wall *w, struct arena *a, struct err *e)
{
	struct places p;
	int r = places_find(&p, c->opt[OPT_STATE_DIR], c->opt[OPT_CACHE_DIR], a, e);
	if (r < 0)
		return r;
	(void)confine_to_reading(); /* where the kernel can; doctor says whether it does */
	struct tui_options o = {
		.cache_path = p.cache_path,
		.theme = c->opt[OPT_THEME],
		.ascii = c->opt[OPT_ASCII] != NULL,
		.mono = c->opt[OPT_MONO] != NULL,
		.kiosk = w->kiosk,
		.once = w->once,
	};
	return wall_run(&o, e);
}

int main(int argc, char **argv)
{
	struct arena arena = ARENA_INIT;
	struct words_of_wall words = { 0 };
	struct command c;
	struct err e = ERR_INIT;
	standard_keep();
	umask(077);
	setlocale(LC_ALL, "");
	split_words(&words, argc, argv, &arena);
	int r = check_words(&c, &words, &e);
	if (r == 0 && c.opt[OPT_HELP])
		fputs(help, stdout);
	else if (r == 0 && c.opt[OPT_VERSION])
		printf("pilothouse-wall %s\n", PH_VERSION);
	else if (r == 0)
		r = show(&c, &words, &arena, &e);
	r = r < 0 ? standard_fail("pilothouse-wall", &e, words.json) : 0;
	arena_done(&arena);
	return r;
}
