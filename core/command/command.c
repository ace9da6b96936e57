#include "core/command/command.h"

#include "core/command/internal.h"

#include "base/text.h"

#include <string.h>

static const struct command_info commands[] = {
#define COMMAND(id, name, kind, key, args, min, max, summary) \
	{ CMD_##id, kind, name, key, args, min, max, summary },
#include "core/command/commands.def"
#undef COMMAND
};

static const struct option_info options[] = {
#define OPTION(id, name, arg, verbs, summary) { OPT_##id, name, arg, verbs, summary },
#define SENSE(id, arg, verbs, summary)
#include "core/command/options.def"
#undef OPTION
#undef SENSE
};

static const struct option_info senses[] = {
#define OPTION(id, name, arg, verbs, summary)
#define SENSE(id, arg, verbs, summary) { OPT_##id, NULL, arg, verbs, summary },
#include "core/command/options.def"
#undef OPTION
#undef SENSE
};

static const struct command_exit exits[] = {
#define EXIT(status, meaning) { status, meaning },
#include "core/command/exits.def"
#undef EXIT
};

static const struct command_example examples[] = {
#define EXAMPLE(id, line, words) { CMD_##id, line, words },
#include "core/command/examples.def"
#undef EXAMPLE
};

const struct command_info *command_table(size_t *n)
{
	*n = countof(commands);
	return commands;
}

const struct option_info *option_table(size_t *n)
{
	*n = countof(options);
	return options;
}

const struct command_exit *command_exits(size_t *n)
{
	*n = countof(exits);
	return exits;
}

const struct command_example *command_examples(size_t *n)
{
	*n = countof(examples);
	return examples;
}

const struct command_info *command_find(const char *name)
{
	for (size_t i = 0; name && i < countof(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

const struct option_info *option_find(const char *name)
{
	for (size_t i = 0; name && i < countof(options); i++)
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

bool option_is_global(const struct option_info *o)
{
	return strcmp(o->verbs, "*") == 0;
}

bool option_repeats(const struct option_info *o)
{
	return o->id == OPT_INPUT || o->id == OPT_PROFILE || o->id == OPT_SITE;
}

bool command_takes_act(const struct command_info *c)
{
	return c->id == CMD_PLAN || c->id == CMD_WHAT_IF;
}

/* It stands in the list as a whole word: blanks around it are part of the table. */
static bool has_verb(const char *verbs, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = verbs; (at = strstr(at, name)) != NULL; at += n)
		if (at > verbs && at[-1] == ' ' && at[n] == ' ')
			return true;
	return false;
}

static bool names_verb(const struct option_info *o, const struct command_info *c)
{
	return has_verb(o->verbs, c->name) || (command_takes_act(c) && has_verb(o->verbs, "ACT"));
}

bool option_applies(const struct option_info *o, const struct command_info *c)
{
	return option_is_global(o) || names_verb(o, c);
}

struct option_info option_at(const struct option_info *o, const struct command_info *c)
{
	struct option_info at = *o;

	for (size_t i = 0; c && i < countof(senses); i++)
		if (senses[i].id == o->id && names_verb(&senses[i], c)) {
			at.arg = senses[i].arg;
			at.summary = senses[i].summary;
		}
	return at;
}

bool command_is_verb(const struct command_info *c)
{
	return c->kind != COMMAND_SCREEN && c->kind != COMMAND_LOCAL;
}

bool command_is_address(const char *word)
{
	return word && strchr(word, ':') != NULL;
}

/* ---- guesses ---- */

enum { WORD_MAX = 40 };

static int smaller(int a, int b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: swapped neighbours are one slip, as fingers see it. */
static int slips(const char *a, const char *b)
{
	int rows[3][WORD_MAX + 1];
	size_t n = strlen(a), m = strlen(b);

	if (n > WORD_MAX || m > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= m; j++)
		rows[0][j] = (int)j;
	for (size_t i = 1; i <= n; i++) {
		int *row = rows[i % 3], *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];

		row[0] = (int)i;
		for (size_t j = 1; j <= m; j++) {
			row[j] = smaller(smaller(up[j], row[j - 1]) + 1, up[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = smaller(row[j], up2[j - 2] + 1);
		}
	}
	return rows[n % 3][m];
}

void guess_try(struct guess *g, const char *typed, const char *known)
{
	bool begins = strlen(typed) >= 2 && text_starts(known, typed);
	int d = begins ? 1 : slips(typed, known);

	if (d <= 2 && d < (int)strlen(typed) && (!g->word || d < g->slips))
		*g = (struct guess){ .word = known, .slips = d };
}

bool command_changes(const struct command *c)
{
	if (c->info->id == CMD_CON || c->info->id == CMD_GUARD)
		return c->n < 1 || strcmp(c->args[0], "show") != 0;
	return c->info->kind == COMMAND_ACT || c->info->id == CMD_NOTE;
}

/* ---- the phrase ---- */

/* Acts that name what goes out; the rest names the place only (command-line reference, Acts). */
static bool names_release(enum command_id id)
{
	return id == CMD_DISPATCH || id == CMD_APPROVE || id == CMD_REPLAY || id == CMD_PROMOTE;
}

const char *command_phrase(const struct command *c, bool production, const char *lane, const char *release,
			   struct arena *a)
{
	if (c->info->kind != COMMAND_ACT || !lane)
		return NULL;
	if (c->info->id == CMD_CON)
		return ""; /* goes at once: it stops nobody */
	if (!production || !names_release(c->info->id) || !release || !*release)
		return arena_strdup(a, lane);
	return arena_printf(a, "%s %.*s", lane, text_is_hex(release, 40) ? 7 : (int)strnlen(release, 1024),
			    release);
}
