#include "core/command/command.h"

#include "core/command/internal.h"

#include "base/text.h"

#include <string.h>

/* One reading of an argv: where we are, and what has been found. */
struct reader {
	struct command *out;
	int argc;
	const char *const *argv;
	int at;
	bool words_only; /* after -- */
	struct err *e;
};

/* The usage, whole or without its options: half of a line tells nobody what to type. */
static int fail_usage(struct reader *r)
{
	autofree(buf) struct buf usage = BUF_INIT(4096);
	const struct command_info *c = r->out->info;

	command_usage(&usage, c);
	if (usage.n < sizeof(r->e->hint))
		return err_hint(r->e, "%s", usage.s);
	return err_hint(r->e, "usage: pilothouse %s %s [OPTION...]; pilothouse %s --help names the options",
			c->name, c->args, c->name);
}

/* ---- lengths ---- */

#define WORD_MAX \
	4096 /* bytes: a path, or a reason that a commit message has room for when each byte is escaped */

/* `of` and `name` say which it is: "a word of " and a verb, or "" and an option. */
static int check_length(struct reader *r, const char *of, const char *name, const char *word)
{
	size_t n = strlen(word);

	if (n <= WORD_MAX)
		return 0;
	err_set(r->e, ERR_INVALID, "%s%s is too long: it has %zu bytes", of, name, n);
	return err_hint(r->e, "shorten it to %d bytes or fewer", WORD_MAX);
}

/* ---- numbers ---- */

/* Options whose value is a number, with what is sensible. Whole numbers, or thousandths where scale is 1000. */
static const struct number {
	enum option_id id;
	int scale;
	int64_t min, max;
} numbers[] = {
	{ OPT_LIMIT, 1, 1, 1000000 },
	{ OPT_ACCEPT, 1, 1, INT64_MAX },
	{ OPT_AT, 1, 1, INT64_C(253402300799) },
	{ OPT_PORT, 1, 0, 65535 },
	{ OPT_INTERVAL, 1000, 1, INT64_C(86400000) },
	{ OPT_SPEED, 1000, 1, INT64_C(1000000000) },
};

static const struct number *number_of(enum option_id id)
{
	for (size_t i = 0; i < countof(numbers); i++)
		if (numbers[i].id == id)
			return &numbers[i];
	return NULL;
}

/* "1.5" as 1500: at most three digits after the point, no sign, no exponent. */
static int read_milli(int64_t *out, const char *s, int64_t max)
{
	size_t whole = strspn(s, "0123456789"), part = 0;
	int64_t v = 0;

	if (whole == 0 || whole > 9)
		return -ERR_INVALID;
	for (size_t i = 0; i < whole; i++)
		v = v * 10 + (s[i] - '0');
	if (s[whole] == '.') {
		part = strspn(s + whole + 1, "0123456789");
		if (part == 0 || part > 3)
			return -ERR_INVALID;
	}
	if (s[whole + (part ? part + 1 : 0)])
		return -ERR_INVALID;
	for (size_t i = 0; i < 3; i++)
		v = v * 10 + (i < part ? s[whole + 1 + i] - '0' : 0);
	*out = v;
	return v <= max ? 0 : -ERR_INVALID;
}

static int read_number(int64_t *out, const struct number *n, const char *s)
{
	int r = n->scale == 1 ? text_int64(out, s, n->min, n->max) : read_milli(out, s, n->max);

	return r == 0 && *out >= n->min ? 0 : -ERR_INVALID;
}

int64_t command_number(const struct command *c, enum option_id id, int64_t fallback)
{
	const struct number *n = number_of(id);
	int64_t v;

	BUG_IF(!n || n->scale != 1);
	return c->opt[id] && read_number(&v, n, c->opt[id]) == 0 ? v : fallback;
}

/* ---- options ---- */

static int fail_unknown_option(struct reader *r, const char *name, size_t n)
{
	size_t count;
	const struct option_info *table = option_table(&count);
	struct guess g = { 0 };
	char typed[64];

	if (n >= sizeof(typed))
		n = sizeof(typed) - 1;
	memcpy(typed, name, n);
	typed[n] = 0;
	for (size_t i = 0; i < count; i++)
		if (!r->out->info || option_applies(&table[i], r->out->info))
			guess_try(&g, typed, table[i].name);
	if (r->out->info)
		err_set(r->e, ERR_INVALID, "%s has no option %s", r->out->info->name, typed);
	else
		err_set(r->e, ERR_INVALID, "there is no option %s", typed);
	return g.word ? err_hint(r->e, "did you mean %s?", g.word) : fail_usage(r);
}

static const struct option_info *find_option(const char *name, size_t n)
{
	size_t count;
	const struct option_info *table = option_table(&count);

	for (size_t i = 0; i < count; i++)
		if (strlen(table[i].name) == n && memcmp(table[i].name, name, n) == 0)
			return &table[i];
	return NULL;
}

static int check_applies(struct reader *r, const struct option_info *o)
{
	const struct command_info *verb = r->out->info;

	if (verb ? option_applies(o, verb) : option_is_global(o))
		return 0;
	if (!verb) {
		err_set(r->e, ERR_INVALID, "%s belongs to a verb and stands after it", o->name);
		return err_hint(r->e, "pilothouse --help names the verbs");
	}
	err_set(r->e, ERR_INVALID, "%s takes no %s", verb->name, o->name);
	return fail_usage(r);
}

/* The text after '=', or the next word. A word that begins with -- is a forgotten value, not a value. */
static int take_value(struct reader *r, const struct option_info *o, const char *equals, const char **value)
{
	const char *next = r->at < r->argc ? r->argv[r->at] : NULL;

	if (equals) {
		*value = equals + 1;
		return 0;
	}
	if (next && !text_starts(next, "--")) {
		*value = next;
		r->at++;
		return 0;
	}
	err_set(r->e, ERR_INVALID, "%s needs %s", o->name, option_at(o, r->out->info).arg);
	if (next)
		return err_hint(r->e, "a value that begins with -- is written %s=VALUE", o->name);
	return fail_usage(r);
}

static int check_value(struct reader *r, const struct option_info *o, const char *value)
{
	const struct number *n = number_of(o->id);
	int64_t ignored;

	if (!*value && o->id != OPT_COMMENT && o->id != OPT_REASON && o->id != OPT_REPORT_DATA)
		return err_set(r->e, ERR_INVALID, "%s needs %s, and it is empty", o->name,
			       option_at(o, r->out->info).arg);
	if (n && read_number(&ignored, n, value) != 0)
		return err_set(r->e, ERR_INVALID, "%s %s is no number between %s and %" PRId64, o->name,
			       value, n->scale == 1 ? (n->min ? "1" : "0") : "0.001", n->max / n->scale);
	/* the forge has a limit of its own for inputs, and it is told by name */
	return o->id == OPT_INPUT ? 0 : check_length(r, "", o->name, value);
}

/* --input KEY=VALUE: each key once, as the forge would take the last and show only that. */
static int add_input(struct reader *r, const char *value)
{
	struct command *c = r->out;
	const char *equals = strchr(value, '=');
	size_t n = equals ? (size_t)(equals - value) + 1 : 0;

	if (n < 2)
		return err_set(r->e, ERR_INVALID, "--input %s is not KEY=VALUE", value);
	for (int i = 0; i < c->inputs_n; i++)
		if (strncmp(c->inputs[i], value, n) == 0)
			return err_set(r->e, ERR_INVALID, "--input %.*s is given twice", (int)n - 1, value);
	if (c->inputs_n == COMMAND_INPUTS_MAX)
		return err_set(r->e, ERR_INVALID, "more than %d inputs", COMMAND_INPUTS_MAX);
	c->inputs[c->inputs_n++] = value;
	return 0;
}

static int add_profile(struct command *c, const char *value, struct err *e)
{
	if (c->profiles_n == COMMAND_PROFILES_MAX)
		return err_set(e, ERR_INVALID, "more than %d profiles", COMMAND_PROFILES_MAX);
	c->profiles[c->profiles_n++] = value;
	return 0;
}

/* --site LANE=URL: a lane has one. */
static int add_site(struct command *c, const char *value, struct err *e)
{
	const char *equals = strchr(value, '=');
	size_t n = equals ? (size_t)(equals - value) + 1 : 0;

	if (n < 2 || !equals[1])
		return err_set(e, ERR_INVALID, "--site %s is not LANE=URL", value);
	for (int i = 0; i < c->sites_n; i++)
		if (strncmp(c->sites[i], value, n) == 0)
			return err_set(e, ERR_INVALID, "--site %.*s is given twice", (int)n - 1, value);
	if (c->sites_n == COMMAND_SITES_MAX)
		return err_set(e, ERR_INVALID, "more than %d sites", COMMAND_SITES_MAX);
	c->sites[c->sites_n++] = value;
	return 0;
}

static int store_value(struct reader *r, const struct option_info *o, const char *value)
{
	const char **slot = &r->out->opt[o->id];
	int result = 0;

	if (*slot && o->arg && !option_repeats(o))
		return err_set(r->e, ERR_INVALID, "%s is given twice", o->name);
	if (o->id == OPT_INPUT)
		result = add_input(r, value);
	if (o->id == OPT_PROFILE)
		result = add_profile(r->out, value, r->e);
	if (o->id == OPT_SITE)
		result = add_site(r->out, value, r->e);
	if (result == 0)
		*slot = value;
	return result;
}

static int read_option(struct reader *r)
{
	const char *word = r->argv[r->at++];
	const char *equals = strchr(word, '='), *value = "";
	size_t n = equals ? (size_t)(equals - word) : strlen(word);
	const struct option_info *o = find_option(word, n);
	int result;

	if (!o)
		return fail_unknown_option(r, word, n);
	result = check_applies(r, o);
	if (result == 0 && o->arg)
		result = take_value(r, o, equals, &value);
	else if (result == 0 && equals)
		result = err_set(r->e, ERR_INVALID, "%s takes no value", o->name);
	if (result == 0 && o->arg)
		result = check_value(r, o, value);
	return result == 0 ? store_value(r, o, value) : result;
}

/* "-" alone is a word; -x is a mistyped option, as no word of ours begins so. */
static bool is_option(const struct reader *r)
{
	const char *word = r->argv[r->at];

	return !r->words_only && word[0] == '-' && word[1];
}

static bool ends_options(const struct reader *r)
{
	return !r->words_only && strcmp(r->argv[r->at], "--") == 0;
}

int command_globals(struct command *out, int argc, const char *const *argv, const char **profiles,
		    int *profiles_n, struct err *e)
{
	struct reader r = { .out = out, .argc = argc, .argv = argv, .e = e };

	memset(out, 0, sizeof(*out));
	while (r.at < argc && is_option(&r)) {
		int result;

		if (ends_options(&r)) {
			r.at++;
			break;
		}
		result = read_option(&r);
		if (result != 0)
			return result;
	}
	for (int i = 0; profiles && i < out->profiles_n; i++) {
		if (*profiles_n == COMMAND_PROFILES_MAX)
			return err_set(e, ERR_INVALID, "more than %d profiles", COMMAND_PROFILES_MAX);
		profiles[(*profiles_n)++] = out->profiles[i];
	}
	return r.at;
}

int command_merge(struct command *verb, const struct command *globals, struct err *e)
{
	size_t n;
	const struct option_info *table = option_table(&n);

	for (size_t i = 0; i < n; i++) {
		const char *value = globals->opt[table[i].id], **slot = &verb->opt[table[i].id];

		if (value && *slot && table[i].arg && !option_repeats(&table[i]))
			return err_set(e, ERR_INVALID, "%s is given twice", table[i].name);
		if (value && !*slot)
			*slot = value;
	}
	for (int i = 0; i < globals->profiles_n; i++) {
		int r = add_profile(verb, globals->profiles[i], e);

		if (r != 0)
			return r;
	}
	for (int i = 0; i < globals->sites_n; i++) {
		int r = add_site(verb, globals->sites[i], e);

		if (r != 0)
			return r;
	}
	return 0;
}

/* ---- words ---- */

static void fail_unknown_verb(const char *name, bool acts_only, struct err *e)
{
	size_t n;
	const struct command_info *table = command_table(&n);
	struct guess g = { 0 };

	for (size_t i = 0; i < n; i++)
		if (!acts_only || table[i].kind == COMMAND_ACT)
			guess_try(&g, name, table[i].name);
	err_set(e, ERR_INVALID, acts_only ? "%s is no act" : "there is no verb %s", name);
	if (g.word)
		err_hint(e, "did you mean %s?", g.word);
	else
		err_hint(e, "pilothouse --help names the %s", acts_only ? "acts" : "verbs");
}

/* The n-th word of the synopsis that must be there, or "": what stands in brackets may be left out. */
static const char *needed_word(const char *synopsis, int n)
{
	for (const char *at = synopsis; *at; at += strspn(at, " ")) {
		if (*at != '[' && n-- == 0)
			return at;
		at += strcspn(at, " ");
	}
	return "";
}

/* What is missing, in the synopsis' own word. */
static const char *missing_word(const struct command_info *c, int n, char out[32])
{
	const char *at = needed_word(c->args, n);
	size_t length = strcspn(at, " ");

	if (length == 0 || length >= 32)
		return "a word";
	memcpy(out, at, length);
	out[length] = 0;
	return out;
}

/* "take|give|show" as "take, give or show". */
static void choices_in_words(struct buf *out, const char *choices, size_t n)
{
	for (const char *at = choices, *end = choices + n; at < end;) {
		size_t one = strcspn(at, "| ");
		bool last = at + one == end;

		if (at > choices)
			buf_str(out, last ? " or " : ", ");
		buf_add(out, at, one);
		at += one + !last;
	}
}

/* Where the synopsis begins with words to choose from, the first word is one of them. */
static int check_choice(struct reader *r, const struct command_info *c, const char *word)
{
	size_t n = strcspn(c->args, " "), length = strlen(word);
	autofree(buf) struct buf words = BUF_INIT(256);

	if (!memchr(c->args, '|', n))
		return 0;
	for (const char *at = c->args; at < c->args + n; at += strcspn(at, "| ") + 1)
		if (strcspn(at, "| ") == length && memcmp(at, word, length) == 0)
			return 0;
	choices_in_words(&words, c->args, n);
	err_set(r->e, ERR_INVALID, "%s %s is not %s", c->name, word, words.s);
	return fail_usage(r);
}

static int check_count(struct reader *r, const struct command_info *c, int n)
{
	char word[32];

	if (n < c->min) {
		err_set(r->e, ERR_INVALID, "%s needs %s", c->name, missing_word(c, n, word));
		return fail_usage(r);
	}
	if (n > c->max) {
		if (c->max == 0)
			err_set(r->e, ERR_INVALID, "%s takes no words", c->name);
		else
			err_set(r->e, ERR_INVALID, "%s takes at most %d word%s", c->name, c->max,
				c->max == 1 ? "" : "s");
		return fail_usage(r);
	}
	return 0;
}

static int check_words(struct reader *r, const struct command_info *c)
{
	int result = check_count(r, c, r->out->n);

	return result == 0 && r->out->n > 0 ? check_choice(r, c, r->out->args[0]) : result;
}

static const struct {
	const char *word, *args;
	int n; /* words with it; 0: an act's */
} plan_words[] = {
	[PLAN_ACT] = { "", "", 0 },
	[PLAN_SAVE] = { "save", "ACT ARGS...", 0 },
	[PLAN_SHOW] = { "show", "PLAN", 2 },
	[PLAN_DIFF] = { "diff", "PLAN PLAN", 3 },
	[PLAN_SIGN] = { "sign", "PLAN [--key KEY]", 2 },
	[PLAN_VERIFY] = { "verify", "PLAN [--allowed-signers FILE]", 2 },
};

const char *plan_word_name(enum plan_word w)
{
	return plan_words[w].word;
}

enum plan_word command_plan_word(const struct command *plan)
{
	for (size_t i = PLAN_SAVE; plan->info->id == CMD_PLAN && plan->n && i < countof(plan_words); i++)
		if (strcmp(plan->args[0], plan_words[i].word) == 0)
			return (enum plan_word)i;
	return PLAN_ACT;
}

/* What is done with a plan that is kept takes its own words, and of the options --key when it signs. */
static int check_kept(struct reader *r, enum plan_word word)
{
	size_t n;
	const struct option_info *table = option_table(&n);
	const struct command *c = r->out;

	for (size_t i = 0; i < n; i++)
		if (c->opt[table[i].id] && !option_is_global(&table[i]) &&
		    !(word == PLAN_SIGN && table[i].id == OPT_KEY))
			return err_set(r->e, ERR_INVALID, "plan %s takes no %s", c->args[0], table[i].name);
	if (c->n == plan_words[word].n)
		return 0;
	err_set(r->e, ERR_INVALID, "plan %s: %s", c->args[0],
		c->n < plan_words[word].n ? "a word is missing" : "a word too many");
	err_hint(r->e, "usage: pilothouse plan %s %s", plan_words[word].word, plan_words[word].args);
	return -ERR_INVALID;
}

/* A plan is of an act: the act's words, and only options that the act has as well. */
static int check_plan(struct reader *r)
{
	struct command act = { 0 };
	struct reader inner = { .out = &act, .e = r->e };
	enum plan_word word = command_plan_word(r->out);
	int result;

	if (word > PLAN_SAVE)
		return check_kept(r, word);
	result = command_planned(&act, r->out, r->e);
	return result == 0 ? check_words(&inner, act.info) : result;
}

int command_planned(struct command *out, const struct command *plan, struct err *e)
{
	size_t n;
	const struct option_info *table = option_table(&n);
	int skip = command_plan_word(plan) == PLAN_SAVE ? 2 : 1;
	const struct command_info *act = plan->n >= skip ? command_find(plan->args[skip - 1]) : NULL;

	BUG_IF(!command_takes_act(plan->info) || plan->n < 1);
	if (plan->n < skip) {
		err_set(e, ERR_INVALID, "plan save needs an act");
		return err_hint(e, "usage: pilothouse plan save %s", plan_words[PLAN_SAVE].args);
	}
	if (!act || act->kind != COMMAND_ACT) {
		fail_unknown_verb(plan->args[skip - 1], true, e);
		return -ERR_INVALID;
	}
	for (size_t i = 0; i < n; i++) {
		if (plan->opt[table[i].id] && !option_applies(&table[i], act)) {
			err_set(e, ERR_INVALID, "%s takes no %s", act->name, table[i].name);
			err_hint(e, "pilothouse %s --help", act->name);
			return -ERR_INVALID;
		}
	}
	*out = *plan;
	out->info = act;
	out->n = plan->n - skip;
	memmove(out->args, out->args + skip, (size_t)out->n * sizeof(out->args[0]));
	out->args[out->n] = NULL;
	return 0;
}

/* ---- proof ---- */

static const char *const proof_words[] = { [PROOF_SHOW] = "",
					   [PROOF_EXPORT] = "export",
					   [PROOF_IMPORT] = "import-root",
					   [PROOF_UPDATE] = "update-root" };

const char *proof_word_name(enum proof_word w)
{
	return proof_words[w];
}

enum proof_word command_proof_word(const struct command *proof)
{
	for (size_t i = PROOF_EXPORT; proof->n > 0 && i < countof(proof_words); i++)
		if (strcmp(proof->args[0], proof_words[i]) == 0)
			return (enum proof_word)i;
	return PROOF_SHOW;
}

static int check_proof(struct reader *r)
{
	const struct command *c = r->out;
	enum proof_word word = command_proof_word(c);

	if (c->opt[OPT_PATH] && word != PROOF_EXPORT)
		return err_set(r->e, ERR_INVALID, "only proof export takes --path");
	if (c->opt[OPT_MACHINES] && word == PROOF_EXPORT)
		return err_set(r->e, ERR_INVALID, "proof export takes one machine: --machine NAME");
	if ((c->opt[OPT_MACHINES] || c->opt[OPT_MACHINE]) && word != PROOF_SHOW && word != PROOF_EXPORT)
		return err_set(r->e, ERR_INVALID, "proof %s takes no machines: it is asked of a lane",
			       c->args[0]);
	if (c->opt[OPT_MACHINES] && c->opt[OPT_MACHINE])
		return err_set(r->e, ERR_INVALID,
			       "--machines lists them all, --machine NAME is one: not both");
	if (c->opt[OPT_ROOT] && word != PROOF_UPDATE)
		return err_set(r->e, ERR_INVALID, "only proof update-root takes --root");
	if (c->n == (word == PROOF_SHOW ? 1 : 2))
		return 0;
	err_set(r->e, ERR_INVALID, c->n == 1 ? "proof %s: a word is missing" : "proof %s: a word too many",
		c->args[0]);
	return fail_usage(r);
}

static int read_word(struct reader *r)
{
	struct command *c = r->out;
	const char *word = r->argv[r->at++];

	if (c->n == c->info->max || c->n == COMMAND_ARGS_MAX)
		return check_count(r, c->info, c->n + 1 + (r->argc - r->at));
	if (!*word) {
		err_set(r->e, ERR_INVALID, "%s: a word is empty", c->info->name);
		return fail_usage(r);
	}
	if (check_length(r, "a word of ", c->info->name, word) < 0)
		return -ERR_INVALID;
	c->args[c->n++] = word;
	return 0;
}

static int check_whole(struct reader *r)
{
	struct command *c = r->out;
	int result;

	if (c->opt[OPT_HELP])
		return 0;
	result = check_words(r, c->info);
	if (result == 0 && command_takes_act(c->info))
		result = check_plan(r);
	if (result == 0 && c->info->id == CMD_PROOF)
		result = check_proof(r);
	return result;
}

int command_parse(struct command *out, int argc, const char *const *argv, struct err *e)
{
	struct reader r = { .out = out, .argc = argc, .argv = argv, .at = 1, .e = e };

	memset(out, 0, sizeof(*out));
	if (argc < 1) {
		err_set(e, ERR_INVALID, "no verb is given");
		return fail_usage(&r);
	}
	out->info = command_find(argv[0]);
	if (!out->info) {
		fail_unknown_verb(argv[0], false, e);
		return -ERR_INVALID;
	}
	while (r.at < argc) {
		int result;

		if (ends_options(&r)) {
			r.words_only = true;
			r.at++;
			continue;
		}
		result = is_option(&r) ? read_option(&r) : read_word(&r);
		if (result != 0)
			return result;
	}
	return check_whole(&r);
}
