/*
 * docgen.c - prints what the tables know: the generated parts of the man pages, and the shell's completion.
 *
 *	docgen page TEMPLATE OUT     a line that is @NAME@ or @NAME WORD@ becomes that section; @VERSION@ anywhere
 *	docgen bash OUT              completion of pilothouse for bash
 *
 * Runs at build time on the machine that builds. A marker that is not known ends the build.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "core/command/command.h"
#include "core/profile/keys.h"
#include "core/profile/profile.h"

enum { PAGE_MAX = 1 << 20 };

noreturn_fn static void die(const char *what, const char *which)
{
	fprintf(stderr, "docgen: %s %s\n", what, which);
	exit(1);
}

/* ---- mdoc text -------------------------------------------------------------------------------------------------- */

enum { TEXT_COLUMNS = 78 };

/* Text as it is: no letter of it is a request. Input lines are broken at blanks, as a person would. */
static void mdoc_text(struct buf *out, const char *s)
{
	size_t column = 0;

	while (*s) {
		size_t n = strcspn(s, " \n");

		if (column && column + 1 + n > TEXT_COLUMNS) {
			buf_chr(out, '\n');
			column = 0;
		} else if (column) {
			buf_chr(out, ' ');
		}
		if (column == 0 && (*s == '.' || *s == '\''))
			buf_str(out, "\\&");
		column += n + 1;
		for (; n; n--, s++)
			buf_str(out, *s == '\\' ? "\\e" : (const char[]){ *s, 0 });
		s += strspn(s, " \n");
	}
}

/* Sentences end their input line, so that the formatter sees where they end. */
static void mdoc_prose(struct buf *out, const char *s)
{
	autofree(buf) struct buf line = BUF_INIT(PAGE_MAX);

	for (; *s; s++) {
		bool end = *s == '.' && (s[1] == ' ' || s[1] == '\n' || !s[1]);

		buf_chr(&line, *s);
		if (!end && s[1])
			continue;
		mdoc_text(out, line.s);
		buf_str(out, end ? "\n" : ".\n");
		buf_reset(&line);
		s += strspn(s + 1, " \n");
	}
}

/* A word on a macro line: quoted, and shielded, since Ar and the like read their arguments as macros. */
static void mdoc_word(struct buf *out, const char *s, size_t n)
{
	buf_str(out, " \"\\&");
	for (; n; s++, n--) {
		if (*s == '\\')
			buf_str(out, "\\e");
		else if (*s == '"')
			buf_str(out, "\\(dq");
		else if (*s == '-')
			buf_str(out, "\\-");
		else
			buf_chr(out, *s);
	}
	buf_chr(out, '"');
}

/* "[export] LANE" as: Oo Ar export Oc Ar LANE; Op would take the rest of the line. */
static void mdoc_synopsis(struct buf *out, const char *args)
{
	while (*args) {
		size_t n = strcspn(args, " ");
		bool optional = *args == '[' && args[n - 1] == ']';

		buf_str(out, optional ? " Oo Ar" : " Ar");
		mdoc_word(out, args + optional, n - 2 * optional);
		buf_str(out, optional ? " Oc" : "");
		args += n;
		args += strspn(args, " ");
	}
}

static void mdoc_option(struct buf *out, const struct option_info *o)
{
	buf_fmt(out, "Fl \\-%s", o->name + 2);
	if (o->arg) {
		buf_str(out, " Ar");
		mdoc_word(out, o->arg, strlen(o->arg));
	}
}

static void mdoc_summary(struct buf *out, const char *s)
{
	mdoc_text(out, s);
	buf_str(out, ".\n");
}

/* ---- sections --------------------------------------------------------------------------------------------------- */

/* Whose options a list is of: those of one verb, or without one all that some verb has; else the global ones. */
struct options_of {
	bool global;
	const struct command_info *verb;
};

static bool is_of(const struct option_info *o, struct options_of of)
{
	if (of.global)
		return option_is_global(o);
	return !option_is_global(o) && (!of.verb || option_applies(o, of.verb));
}

/* What an option does: a sentence, which begins with a capital. */
static void option_summary(struct buf *out, const char *s)
{
	const char first[] = { (char)(*s >= 'a' && *s <= 'z' ? *s - 'a' + 'A' : *s), 0 };

	buf_str(out, first);
	mdoc_summary(out, s + 1);
}

static void one_option(struct buf *out, const struct option_info *o, const char *verbs)
{
	buf_str(out, ".It ");
	mdoc_option(out, o);
	buf_chr(out, '\n');
	if (!*verbs) {
		option_summary(out, o->summary);
		return;
	}
	mdoc_text(out, verbs);
	buf_str(out, ": ");
	mdoc_summary(out, o->summary);
}

/* Once, or once for each sense with the verbs that have it. */
static void list_senses(struct buf *out, const struct option_info *o)
{
	const char *said[8] = { NULL };
	size_t n, senses = 0;
	const struct command_info *c = command_table(&n);

	for (size_t i = 0; i < n; i++) {
		const struct option_info at = option_at(o, &c[i]);
		autofree(buf) struct buf verbs = BUF_INIT(4096);
		size_t seen = 0, others = 0;

		while (seen < senses && strcmp(said[seen], at.summary) != 0)
			seen++;
		if (!option_applies(o, &c[i]) || seen < senses)
			continue;
		BUG_IF(senses == countof(said));
		said[senses++] = at.summary;
		for (size_t k = 0; k < n; k++) {
			bool same =
				option_applies(o, &c[k]) && !strcmp(option_at(o, &c[k]).summary, at.summary);

			others += option_applies(o, &c[k]) && !same;
			if (same)
				buf_fmt(&verbs, "%s%s", verbs.n ? ", " : "", c[k].name);
		}
		one_option(out, &at, others ? verbs.s : "");
	}
}

static void list_options(struct buf *out, struct options_of of)
{
	size_t n;
	const struct option_info *t = option_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (!is_of(&t[i], of))
			continue;
		if (of.global || of.verb) {
			const struct option_info at = option_at(&t[i], of.verb);

			one_option(out, &at, "");
		} else {
			list_senses(out, &t[i]);
		}
	}
}

/* Which options a verb has: what each of them does stands once, in the list of all. */
static void name_options(struct buf *out, const struct command_info *c)
{
	size_t n, named = 0;
	const struct option_info *t = option_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (!is_of(&t[i], (struct options_of){ .verb = c }))
			continue;
		const struct option_info at = option_at(&t[i], c);

		buf_str(out, named++ ? " ,\n." : "Options:\n.");
		mdoc_option(out, &at);
	}
	buf_str(out, named ? " .\n" : "");
}

/* @OPTIONS@: the global ones; @OPTIONS drill@: those of one verb; @OPTIONS verbs@: those of all verbs. */
static void section_options(struct buf *out, const char *word)
{
	struct options_of of = { .global = !*word, .verb = *word ? command_find(word) : NULL };

	if (*word && !of.verb && strcmp(word, "verbs") != 0)
		die("there is no verb", word);
	buf_str(out, ".Bl -tag -width Ds\n");
	list_options(out, of);
	buf_str(out, ".El\n");
}

static void one_command(struct buf *out, const struct command_info *c)
{
	buf_fmt(out, ".It Ic %s", c->name);
	mdoc_synopsis(out, c->args);
	buf_chr(out, '\n');
	mdoc_summary(out, c->summary);
	name_options(out, c);
}

static enum command_kind kind_of(const char *word)
{
	static const struct {
		const char *word;
		enum command_kind kind;
	} kinds[] = { { "query", COMMAND_QUERY },   { "engine", COMMAND_ENGINE }, { "act", COMMAND_ACT },
		      { "screen", COMMAND_SCREEN }, { "local", COMMAND_LOCAL },   { "tool", COMMAND_TOOL } };

	for (size_t i = 0; i < countof(kinds); i++)
		if (strcmp(kinds[i].word, word) == 0)
			return kinds[i].kind;
	die("there is no kind of commands", word);
}

static void section_commands(struct buf *out, const char *word)
{
	enum command_kind kind = kind_of(word);
	size_t n;
	const struct command_info *t = command_table(&n);

	buf_str(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < n; i++)
		if (t[i].kind == kind)
			one_command(out, &t[i]);
	buf_str(out, ".El\n");
}

static void section_keys(struct buf *out, const char *word)
{
	size_t n;
	const struct command_info *t = command_table(&n);

	(void)word;
	buf_str(out, ".Bl -tag -width \"Ctrl-r\" -compact\n");
	for (size_t i = 0; i < n; i++) {
		if (!*t[i].key)
			continue;
		buf_str(out, ".It Cm");
		mdoc_word(out, t[i].key, strlen(t[i].key));
		buf_fmt(out, "\n.Ic %s :\n", t[i].name);
		mdoc_summary(out, t[i].summary);
	}
	buf_str(out, ".El\n");
}

static void section_exits(struct buf *out, const char *word)
{
	size_t n;
	const struct command_exit *t = command_exits(&n);

	(void)word;
	buf_str(out, ".Bl -tag -width 130 -compact\n");
	for (size_t i = 0; i < n; i++) {
		buf_fmt(out, ".It %d\n", t[i].status);
		mdoc_prose(out, t[i].meaning);
	}
	buf_str(out, ".El\n");
}

static void section_examples(struct buf *out, const char *word)
{
	size_t n;
	const struct command_example *t = command_examples(&n);

	(void)word;
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_str(out, ".Pp\n");
		mdoc_prose(out, t[i].words);
		buf_fmt(out, ".Bd -literal -offset indent\n$ pilothouse %s\n.Ed\n", t[i].line);
	}
}

static void one_key(struct buf *out, const struct profile_key *k)
{
	buf_fmt(out, ".It Ic %s : Ar", k->field.name);
	mdoc_word(out, k->value, strlen(k->value));
	buf_chr(out, '\n');
	mdoc_prose(out, k->doc);
	if (k->field.flags & FIELD_REQUIRED)
		buf_str(out, "Required.\n");
}

/* Lines as they stand. */
static void mdoc_literal(struct buf *out, const char *s)
{
	bool begins = true;

	buf_str(out, ".Bd -literal -offset indent\n");
	for (; *s; s++) {
		if (begins && (*s == '.' || *s == '\''))
			buf_str(out, "\\&");
		begins = *s == '\n';
		buf_str(out, *s == '\\' ? "\\e" : (const char[]){ *s, 0 });
	}
	buf_str(out, ".Ed\n");
}

static void section_profile_keys(struct buf *out, const char *word)
{
	size_t n;
	const struct profile_section *const *s = profile_sections(&n);

	(void)word;
	for (size_t i = 0; i < n; i++) {
		const char *article = i == 0 ? "the" : strchr("aeiou", s[i]->name[0]) ? "an" : "a";

		buf_fmt(out, ".Ss Keys of %s %s\n", article, s[i]->name);
		mdoc_prose(out, s[i]->doc);
		buf_str(out, ".Bl -tag -width Ds\n");
		for (int k = 0; k < s[i]->n; k++)
			one_key(out, &s[i]->keys[k]);
		buf_str(out, ".El\n");
		if (!s[i]->example)
			continue;
		buf_str(out, ".Pp\nFor example:\n");
		mdoc_literal(out, s[i]->example);
	}
}

static void load(struct profile *p, const struct embedded *f, struct arena *a)
{
	struct err e = ERR_INIT;

	if (profile_parse(p, f->name, f->data, f->size, a, &e) != 0)
		die("a built-in profile is broken:", e.message);
}

static void section_profiles(struct buf *out, const char *word)
{
	(void)word;
	buf_str(out, ".Bl -tag -width Ds\n");
	for (const struct embedded *f = profile_files; f->name; f++) {
		autofree(arena) struct arena a = ARENA_INIT;
		struct profile p;

		load(&p, f, &a);
		buf_fmt(out, ".It Ic %s\n", f->name);
		mdoc_prose(out, p.title);
		buf_str(out, "Lanes:\n");
		vec_each (l, &p.lanes) {
			buf_fmt(out, "%s%s", l == p.lanes.items ? "" : ",\n", l->name);
		}
		buf_str(out, ".\n");
		mdoc_prose(out, p.note ? p.note : "");
	}
	buf_str(out, ".El\n");
}

/* ---- pages ------------------------------------------------------------------------------------------------------ */

static const struct marker {
	const char *name;
	void (*print)(struct buf *out, const char *word);
} markers[] = {
	{ "OPTIONS", section_options },   { "COMMANDS", section_commands },
	{ "KEYS", section_keys },         { "EXITS", section_exits },
	{ "EXAMPLES", section_examples }, { "PROFILE_KEYS", section_profile_keys },
	{ "PROFILES", section_profiles },
};

/* "@NAME WORD@" */
static void expand(struct buf *out, const char *line, size_t n)
{
	char text[64] = "";
	char *word;

	if (n - 2 < sizeof(text))
		memcpy(text, line + 1, n - 2);
	word = strchr(text, ' ');
	if (word)
		*word++ = 0;
	for (size_t i = 0; i < countof(markers); i++) {
		if (strcmp(markers[i].name, text) == 0) {
			markers[i].print(out, word ? word : "");
			return;
		}
	}
	die("there is no section", text);
}

static void copy_line(struct buf *out, const char *line, size_t n)
{
	static const char version[] = "@VERSION@";
	const char *at = memmem(line, n, version, strlen(version));

	if (at) {
		buf_add(out, line, (size_t)(at - line));
		buf_str(out, PH_VERSION);
		n -= (size_t)(at - line) + strlen(version);
		line = at + strlen(version);
	}
	buf_add(out, line, n);
	buf_chr(out, '\n');
}

static void make_page(struct buf *out, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		if (n > 2 && text[0] == '@' && text[n - 1] == '@')
			expand(out, text, n);
		else
			copy_line(out, text, n);
		text += n + (text[n] != 0);
	}
}

/* ---- bash ------------------------------------------------------------------------------------------------------- */

static void bash_verbs(struct buf *out, bool acts_only)
{
	size_t n;
	const struct command_info *t = command_table(&n);

	for (size_t i = 0; i < n; i++)
		if (acts_only ? t[i].kind == COMMAND_ACT : command_is_verb(&t[i]))
			buf_fmt(out, "%s ", t[i].name);
}

/* NULL: the global options. */
static void bash_options(struct buf *out, const struct command_info *c)
{
	size_t n;
	const struct option_info *t = option_table(&n);

	for (size_t i = 0; i < n; i++)
		if (c ? !option_is_global(&t[i]) && option_applies(&t[i], c) : option_is_global(&t[i]))
			buf_fmt(out, "%s ", t[i].name);
}

static void bash_valued(struct buf *out)
{
	size_t n;
	const struct option_info *t = option_table(&n);
	bool first = true;

	for (size_t i = 0; i < n; i++) {
		if (!t[i].arg)
			continue;
		buf_fmt(out, "%s%s", first ? "" : "|", t[i].name);
		first = false;
	}
}

static void bash_lanes(struct buf *out, bool profiles)
{
	for (const struct embedded *f = profile_files; f->name; f++) {
		autofree(arena) struct arena a = ARENA_INIT;
		struct profile p;

		load(&p, f, &a);
		if (profiles)
			buf_fmt(out, "%s ", f->name);
		vec_each (l, &p.lanes) {
			if (!profiles)
				buf_fmt(out, "%s ", l->name);
		}
	}
}

static void bash_by_verb(struct buf *out)
{
	size_t n;
	const struct command_info *t = command_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (!command_is_verb(&t[i]))
			continue;
		buf_fmt(out, "\t%s) own='", t[i].name);
		bash_options(out, &t[i]);
		buf_fmt(out, "'; synopsis='%s' ;;\n", t[i].args);
	}
}

static const char bash_head[] =
	"# Completion of pilothouse for bash; made from the command tables.\n"
	"_pilothouse()\n{\n"
	"\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
	"\tlocal verb= own= synopsis= word i place=0 skip= words=\n";

/* Finds the verb and the place of the word among its own words; `plan` gives way to the act it plans. */
static const char bash_walk[] =
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tif [[ $skip ]]; then skip=; continue; fi\n"
	"\t\tcase $word in\n"
	"\t\t--*=*) ;;\n"
	"\t\t-*) [[ \"|$valued|\" == *\"|$word|\"* ]] && skip=1 ;;\n"
	"\t\t*) if [[ -z $verb || $verb == plan ]]; then verb=$word; else place=$((place + 1)); fi ;;\n"
	"\t\tesac\n"
	"\tdone\n";

static const char bash_tail[] =
	"\tesac\n"
	"\tcase $previous in\n"
	"\t--profile) words=$profiles ;;\n"
	"\t--theme) words='dark light mono' ;;\n"
	"\t--config|--token-file|--registry-token-file|--cluster-token-file|"
	"--metrics-token-file|--ca-file|--trust|--trusted-root|--unix-socket|--portfile|--rootfile|--unix) "
	"COMPREPLY=($(compgen -f -- "
	"\"$current\")); return ;;\n"
	"\t--state-dir|--cache-dir|--rootsdir) COMPREPLY=($(compgen -d -- \"$current\")); return ;;\n"
	"\t*)\n"
	"\t\tif [[ $skip ]]; then return\n"
	"\t\telif [[ $current == -* ]]; then words=\"$own$globals\"\n"
	"\t\telif [[ -z $verb ]]; then words=$verbs\n"
	"\t\telse\n"
	"\t\t\tread -ra synopsis <<<\"$synopsis\"\n"
	"\t\t\tcase ${synopsis[place]} in\n"
	"\t\t\tLANE|'[LANE]') words=$lanes ;;\n"
	"\t\t\tACT|'[ACT]') words=$acts ;;\n"
	"\t\t\tesac\n"
	"\t\tfi ;;\n"
	"\tesac\n"
	"\tCOMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
	"}\n"
	"complete -F _pilothouse pilothouse\n";

static void make_bash(struct buf *out)
{
	buf_str(out, bash_head);
	buf_str(out, "\tlocal verbs='");
	bash_verbs(out, false);
	buf_str(out, "'\n\tlocal acts='");
	bash_verbs(out, true);
	buf_str(out, "'\n\tlocal globals='");
	bash_options(out, NULL);
	buf_str(out, "'\n\tlocal valued='");
	bash_valued(out);
	buf_str(out, "'\n\tlocal lanes='");
	bash_lanes(out, false);
	buf_str(out, "'\n\tlocal profiles='");
	bash_lanes(out, true);
	buf_str(out, "'\n");
	buf_str(out, bash_walk);
	buf_str(out, "\tcase $verb in\n");
	bash_by_verb(out);
	buf_str(out, bash_tail);
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

static void read_file(struct buf *out, const char *path)
{
	char block[4096];
	size_t n;
	FILE *f = fopen(path, "re");

	if (!f)
		die("cannot read", path);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_add(out, block, n);
	if (ferror(f) || out->over)
		die("cannot read", path);
	fclose(f);
}

static void write_file(const struct buf *text, const char *path)
{
	FILE *f = fopen(path, "we");

	if (!f || text->over || fwrite(text->s, 1, text->n, f) != text->n || fclose(f) != 0)
		die("cannot write", path);
}

int main(int argc, char **argv)
{
	autofree(buf) struct buf in = BUF_INIT(PAGE_MAX), out = BUF_INIT(PAGE_MAX);

	if (argc == 4 && strcmp(argv[1], "page") == 0) {
		read_file(&in, argv[2]);
		make_page(&out, in.s);
	} else if (argc == 3 && strcmp(argv[1], "bash") == 0) {
		make_bash(&out);
	} else {
		die("usage:", "docgen page TEMPLATE OUT | docgen bash OUT");
	}
	write_file(&out, argv[argc - 1]);
	return 0;
}
