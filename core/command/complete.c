#include "core/command/command.h"

#include "core/command/internal.h"

#include "base/text.h"

#include <string.h>

/* A line cut for completion: whole words, then the one that is being typed. */
struct typed {
	const struct command_info *verb; /* NULL while the verb itself is typed, or is not known */
	const struct option_info *value_of;
	const char *words[COMMAND_ARGS_MAX + 1];
	int n;      /* positional words behind the verb */
	bool first; /* the verb is being typed */
	bool options_end;
	const char *last;
};

static void offer(struct words *out, const char *last, const char *word, struct arena *a)
{
	if (text_starts(word, last))
		*vec_push(out, a) = arena_strdup(a, word);
}

static void offer_all(struct words *out, const char *last, const struct words *from, struct arena *a)
{
	for (size_t i = 0; from && i < from->n; i++)
		offer(out, last, from->items[i], a);
}

static void offer_commands(struct words *out, const struct typed *t, bool acts_only, struct arena *a)
{
	size_t n;
	const struct command_info *table = command_table(&n);

	for (size_t i = 0; i < n; i++)
		if (acts_only ? table[i].kind == COMMAND_ACT : table[i].kind != COMMAND_TOOL)
			offer(out, t->last, table[i].name, a);
}

static void offer_options(struct words *out, const struct typed *t, struct arena *a)
{
	size_t n;
	const struct option_info *table = option_table(&n);

	for (size_t i = 0; t->verb && i < n; i++)
		if (!option_is_global(&table[i]) && option_applies(&table[i], t->verb))
			offer(out, t->last, table[i].name, a);
}

static void read_whole(struct typed *t, const char *word)
{
	const struct option_info *o = option_find(word);

	if (t->value_of) {
		t->value_of = NULL;
	} else if (t->first) {
		t->first = false;
		t->verb = command_find(word);
	} else if (!t->options_end && strcmp(word, "--") == 0) {
		t->options_end = true;
	} else if (!t->options_end && word[0] == '-') {
		t->value_of = o && o->arg ? o : NULL;
	} else if (t->n < COMMAND_ARGS_MAX) {
		t->words[t->n++] = word;
	}
}

static void drop_word(struct typed *t)
{
	t->n--;
	memmove(t->words, t->words + 1, (size_t)t->n * sizeof(t->words[0]));
}

/* `plan dispatch LANE`: what is typed behind the act completes as the act's. */
static void enter_plan(struct typed *t)
{
	if (!t->verb || !command_takes_act(t->verb) || t->n == 0)
		return;
	if (t->verb->id == CMD_PLAN && strcmp(t->words[0], plan_word_name(PLAN_SAVE)) == 0)
		drop_word(t);
	if (t->n) {
		t->verb = command_find(t->words[0]);
		drop_word(t);
	}
}

static void enter_proof(struct typed *t)
{
	const struct command proof = { .info = t->verb, .args = { t->words[0] }, .n = t->n };

	if (t->verb && t->verb->id == CMD_PROOF && command_proof_word(&proof) == PROOF_EXPORT)
		drop_word(t);
}

/* The synopsis says what stands at a place: its n-th word. */
static bool wants(const struct typed *t, const char *what)
{
	const char *at = t->verb->args;

	for (int i = 0; i < t->n && *at; i++) {
		at += strcspn(at, " ");
		at += strspn(at, " ");
	}
	at += *at == '[';
	return text_starts(at, what) && strchr(" ]", at[strlen(what)]) != NULL;
}

static void offer_planned(struct words *out, const struct typed *t, struct arena *a)
{
	offer_commands(out, t, true, a);
	for (int w = t->verb->id == CMD_PLAN ? PLAN_SAVE : PLAN_VERIFY + 1; w <= PLAN_VERIFY; w++)
		offer(out, t->last, plan_word_name((enum plan_word)w), a);
}

static void offer_word(struct words *out, const struct typed *t, const struct words *lanes,
		       const struct words *releases, struct arena *a)
{
	if (!t->verb || t->value_of)
		return;
	if (t->verb->id == CMD_PROOF && t->n == 0) {
		offer_all(out, t->last, lanes, a);
		offer_all(out, t->last, releases, a);
		for (int w = PROOF_EXPORT; w <= PROOF_UPDATE; w++)
			offer(out, t->last, proof_word_name((enum proof_word)w), a);
	} else if (wants(t, "LANE"))
		offer_all(out, t->last, lanes, a);
	else if (wants(t, "RELEASE"))
		offer_all(out, t->last, releases, a);
	else if (wants(t, "ACT"))
		offer_planned(out, t, a);
	else if (t->verb->id == CMD_THEME && t->n == 0)
		for (size_t i = 0; i < 3; i++)
			offer(out, t->last, (const char *const[]){ "dark", "light", "mono" }[i], a);
}

void command_complete(const char *line, const struct words *lanes, const struct words *releases,
		      struct words *out, struct arena *a)
{
	struct typed t = { .first = true, .last = "" };
	autofree(buf) struct buf word = BUF_INIT(4096);
	char quote = 0;

	*out = (struct words){ 0 };
	while (split_word(&line, &word, &quote)) {
		const char *text = arena_strndup(a, word.s, word.n);

		buf_reset(&word);
		if (!*line) {
			t.last = text;
			break;
		}
		read_whole(&t, text);
	}
	if (t.first) {
		offer_commands(out, &t, false, a);
		return;
	}
	enter_plan(&t);
	enter_proof(&t);
	if (t.last[0] == '-' && !t.options_end && !t.value_of)
		offer_options(out, &t, a);
	else
		offer_word(out, &t, lanes, releases, a);
}
