#include "core/command/command.h"

#include "core/command/internal.h"

#include <string.h>

enum { COLUMNS = 80, LEFT = 2, GAP = 2, LABEL_MAX = 27 };

/* Words of a paragraph, wrapped; `column` is where the pen stands, `indent` where a new line begins. */
static void wrap(struct buf *out, const char *text, int column, int indent)
{
	for (bool first = true; *text; first = false) {
		int n = (int)strcspn(text, " ");

		if (!first && column + 1 + n > COLUMNS) {
			buf_chr(out, '\n');
			buf_fill(out, ' ', (size_t)indent);
			column = indent;
		} else if (!first) {
			buf_chr(out, ' ');
			column++;
		}
		buf_add(out, text, (size_t)n);
		column += n;
		text += n;
		text += strspn(text, " ");
	}
	buf_chr(out, '\n');
}

static void row(struct buf *out, const char *label, const char *text)
{
	int n = (int)strlen(label), indent = LEFT + LABEL_MAX + GAP;

	buf_fill(out, ' ', LEFT);
	buf_str(out, label);
	if (n > LABEL_MAX) {
		buf_chr(out, '\n');
		n = -LEFT;
	}
	buf_fill(out, ' ', (size_t)(indent - LEFT - n));
	wrap(out, text, indent, indent);
}

static void option_label(struct buf *out, const struct option_info *o)
{
	buf_str(out, o->name);
	if (o->arg)
		buf_fmt(out, " %s", o->arg);
}

static void option_row(struct buf *out, const struct option_info *o)
{
	autofree(buf) struct buf label = BUF_INIT(128);

	option_label(&label, o);
	row(out, label.s, o->summary);
}

static void own_options(struct buf *out, const struct command_info *c)
{
	size_t n, shown = 0;
	const struct option_info *table = option_table(&n);

	for (size_t i = 0; i < n; i++) {
		const struct option_info at = option_at(&table[i], c);

		if (option_is_global(&table[i]) || !option_applies(&table[i], c))
			continue;
		if (shown++ == 0)
			buf_str(out, "\nOptions:\n");
		option_row(out, &at);
	}
}

static void global_options(struct buf *out)
{
	size_t n;
	const struct option_info *table = option_table(&n);

	buf_str(out, "\nGlobal options, before the verb or after it:\n");
	for (size_t i = 0; i < n; i++)
		if (option_is_global(&table[i]))
			option_row(out, &table[i]);
}

static void exits(struct buf *out)
{
	size_t n;
	const struct command_exit *table = command_exits(&n);

	buf_str(out, "\nExit status:\n");
	for (size_t i = 0; i < n; i++) {
		buf_fmt(out, "  %3d  ", table[i].status);
		wrap(out, table[i].meaning, 7, 7);
	}
}

static void examples(struct buf *out, const struct command_info *c)
{
	size_t n, shown = 0;
	const struct command_example *table = command_examples(&n);

	for (size_t i = 0; i < n; i++) {
		if (c && table[i].id != c->id)
			continue;
		if (shown++ == 0)
			buf_str(out, "\nExamples:\n");
		buf_fmt(out, "  pilothouse %s\n        %s\n", table[i].line, table[i].words);
	}
}

static const struct kind_words {
	enum command_kind kind;
	const char *title, *rule;
} kinds[] = {
	{ COMMAND_QUERY, "Queries", "It reads the cache only; before the first sync it exits with 5." },
	{ COMMAND_ENGINE, "Engine", "It asks the engine and changes nothing on the forge." },
	{ COMMAND_ACT, "Acts",
	  "Without --confirm the plan is printed and nothing is sent; the plan names the phrase to confirm "
	  "with." },
	{ COMMAND_TOOL, "Tools", "It changes nothing on the forge." },
};

/* Of verbs that are not like the others of their kind. */
static const struct own_rule {
	enum command_id id;
	const char *rule;
} own_rules[] = {
	{ CMD_PROOF, "It reads the cache only, and before the first sync it exits with 5; import-root and "
		     "update-root change who is believed here. See PROVING in pilothouse(1)." },
	{ CMD_CON, "It goes at once, without a phrase; show changes nothing." },
};

static const char *kind_rule(const struct command_info *c)
{
	for (size_t i = 0; i < countof(own_rules); i++)
		if (own_rules[i].id == c->id)
			return own_rules[i].rule;
	for (size_t i = 0; i < countof(kinds); i++)
		if (kinds[i].kind == c->kind)
			return kinds[i].rule;
	return "It exists in the console only.";
}

static void verbs(struct buf *out, const struct kind_words *k)
{
	size_t n;
	const struct command_info *table = command_table(&n);

	buf_fmt(out, "\n%s:\n", k->title);
	for (size_t i = 0; i < n; i++) {
		autofree(buf) struct buf label = BUF_INIT(128);

		if (table[i].kind != k->kind)
			continue;
		buf_fmt(&label, "%s%s%s", table[i].name, *table[i].args ? " " : "", table[i].args);
		row(out, label.s, table[i].summary);
	}
}

void command_usage(struct buf *out, const struct command_info *c)
{
	size_t n;
	const struct option_info *table = option_table(&n);

	if (!c) {
		buf_str(out, "usage: pilothouse [OPTION...] [SCREEN:ADDRESS | VERB [WORD...]]");
		return;
	}
	buf_fmt(out, "usage: pilothouse %s%s%s", c->name, *c->args ? " " : "", c->args);
	for (size_t i = 0; i < n; i++) {
		const struct option_info o = option_at(&table[i], c);

		if (option_is_global(&o) || !option_applies(&o, c))
			continue;
		buf_fmt(out, " [%s%s%s]%s", o.name, o.arg ? " " : "", o.arg ? o.arg : "",
			option_repeats(&o) ? "..." : "");
	}
}

static void program_help(struct buf *out)
{
	command_usage(out, NULL);
	buf_str(out, "\n\n");
	wrap(out,
	     "The console a release captain steers from. Without a verb it opens the console, at a place if "
	     "one "
	     "is given (lane:easy/prod). An act without --confirm is a plan: nothing is sent.",
	     0, 0);
	for (size_t i = 0; i < countof(kinds); i++)
		verbs(out, &kinds[i]);
	global_options(out);
	exits(out);
	examples(out, NULL);
	buf_str(out, "\npilothouse VERB --help tells more of a verb; pilothouse(1) tells all.\n");
}

void command_help(struct buf *out, const struct command_info *c)
{
	autofree(buf) struct buf usage = BUF_INIT(1024);

	if (!c) {
		program_help(out);
		return;
	}
	command_usage(&usage, c);
	wrap(out, usage.s, 0, (int)strlen("usage: pilothouse "));
	buf_chr(out, '\n');
	buf_fmt(out, "%s.\n", c->summary);
	wrap(out, kind_rule(c), 0, 0);
	own_options(out, c);
	global_options(out);
	exits(out);
	examples(out, c);
}
