#include "tui/form.h"

#include <string.h>

#include "base/text.h"
#include "core/command/command.h"

static const char *const switches[] = { "true", "false" };

static void copy_row(struct form *f, const struct input_row *from)
{
	struct form_field *field = &f->fields[f->n++];
	struct input_row *in = &field->in;
	const char **members[] = { &in->name,        &in->type,  &in->fallback,
				   &in->description, &in->value, &in->note };
	*in = *from;
	for (size_t i = 0; i < countof(members); i++)
		*members[i] = arena_strdup(&f->arena, *members[i]);
	const char **options = arena_array(&f->arena, const char *, (size_t)from->options_n + 1);
	for (int i = 0; i < from->options_n; i++)
		options[i] = arena_strdup(&f->arena, from->options[i]);
	in->options = options;
	if (!in->options_n && !strcmp(in->type, "boolean")) {
		in->options = switches;
		in->options_n = (int)countof(switches);
	}
	field->fixed = in->fixed || strlen(in->value) >= FORM_VALUE;
	if (!field->fixed)
		memcpy(field->value, in->value, strlen(in->value) + 1);
}

static void step(struct form *f, int by)
{
	for (int i = 0; i < f->n; i++) {
		f->at = (f->at + by + f->n) % f->n;
		if (!f->fields[f->at].fixed)
			return;
	}
}

void form_open(struct form *f, const struct plan_view *p, const char *const *words, int words_n)
{
	form_done(f);
	for (int i = 0; i < p->inputs_n && i < FORM_FIELDS; i++)
		copy_row(f, &p->inputs[i]);
	f->title = arena_printf(&f->arena, "%s %s %s", p->act, p->lane, p->release);
	const char **copy = arena_array(&f->arena, const char *, (size_t)words_n + 1);
	for (int i = 0; i < words_n; i++)
		copy[i] = arena_strdup(&f->arena, words[i]);
	f->words = copy;
	f->words_n = words_n;
	if (f->n && f->fields[0].fixed)
		step(f, 1);
}

void form_done(struct form *f)
{
	arena_done(&f->arena);
	*f = (struct form){ .hint = "", .title = "" };
}

bool form_is_changed(const struct form *f, int field)
{
	const struct form_field *x = &f->fields[field];
	return !x->fixed && strcmp(x->value, x->in.value) != 0;
}

/* ---- one field ---- */

static void choose(struct form *f, struct form_field *x, int by)
{
	int at = -1, n = x->in.options_n;
	if (!n) {
		f->hint = "it has no choices: type the value";
		return;
	}
	for (int i = 0; i < n; i++)
		if (!strcmp(x->in.options[i], x->value))
			at = i;
	at = at < 0 ? 0 : (at + by + n) % n;
	if (strlen(x->in.options[at]) < FORM_VALUE)
		memcpy(x->value, x->in.options[at], strlen(x->in.options[at]) + 1);
}

static void type(struct form *f, struct form_field *x, const char *text)
{
	size_t n = strlen(x->value), more = strlen(text);
	if (x->in.options_n)
		f->hint = "Left and Right choose";
	else if (*text == '\n')
		f->hint = "";
	else if (n + more >= FORM_VALUE)
		f->hint = "a value of this length is given on the command line: --input";
	else
		memcpy(x->value + n, text, more + 1);
}

static void backspace(struct form_field *x)
{
	size_t n = strlen(x->value);
	while (n && ((unsigned char)x->value[n - 1] & 0xc0) == 0x80)
		n--;
	x->value[n ? n - 1 : 0] = 0;
}

static void edit(struct form *f, const struct key_event *ev)
{
	struct form_field *x = &f->fields[f->at];
	if (!f->n || x->fixed)
		f->hint = "nothing here is for you to set";
	else if (ev->code == KEY_LEFT_ARROW || ev->code == KEY_RIGHT_ARROW)
		choose(f, x, ev->code == KEY_LEFT_ARROW ? -1 : 1);
	else if (ev->code == KEY_CHAR)
		type(f, x, ev->text);
	else if (ev->code == KEY_BACKSPACE && !x->in.options_n)
		backspace(x);
	else if (ev->code == KEY_CTRL && !strcmp(ev->text, "u") && !x->in.options_n)
		x->value[0] = 0;
	else if (ev->code == KEY_DELETE) /* as it was planned */
		memcpy(x->value, x->in.value, strlen(x->in.value) + 1);
}

enum form_outcome form_key(struct form *f, const struct key_event *ev)
{
	f->hint = "";
	if (ev->code == KEY_ESC || (ev->code == KEY_CTRL && !strcmp(ev->text, "c")))
		return FORM_LEAVE;
	if (ev->code == KEY_ENTER)
		return FORM_PLAN;
	if (ev->code == KEY_UP_ARROW)
		step(f, -1);
	else if (ev->code == KEY_DOWN_ARROW || ev->code == KEY_TAB)
		step(f, 1);
	else
		edit(f, ev);
	return FORM_OPEN;
}

/* ---- what comes out ---- */

/* The field that "--input NAME=VALUE" is about, when its value was changed here. */
static bool is_replaced(const struct form *f, const char *pair)
{
	for (int i = 0; i < f->n; i++) {
		size_t n = strlen(f->fields[i].in.name);
		if (form_is_changed(f, i) && !strncmp(pair, f->fields[i].in.name, n) && pair[n] == '=')
			return true;
	}
	return false;
}

static const char option[] = "--input";

static void add_word(struct buf *out, const char *word)
{
	if (out->n)
		buf_chr(out, ' ');
	command_quote(out, word);
}

/* "--input K=V" is two words, "--input=K=V" is one. */
static void add_words(const struct form *f, struct buf *out)
{
	for (int i = 0; i < f->words_n; i++) {
		const char *word = f->words[i], *next = i + 1 < f->words_n ? f->words[i + 1] : NULL;
		size_t n = sizeof(option) - 1;
		if (!strcmp(word, option) && next) {
			i++;
			if (is_replaced(f, next))
				continue;
			add_word(out, word);
			add_word(out, next);
		} else if (strncmp(word, option, n) != 0 || word[n] != '=' || !is_replaced(f, word + n + 1)) {
			add_word(out, word);
		}
	}
}

void form_line(const struct form *f, struct buf *out)
{
	add_words(f, out);
	for (int i = 0; i < f->n; i++) {
		if (!form_is_changed(f, i))
			continue;
		char pair[FORM_VALUE + 256];
		snprintf(pair, sizeof(pair), "%.240s=%s", f->fields[i].in.name, f->fields[i].value);
		add_word(out, option);
		add_word(out, pair);
	}
}
