#include "core/command/command.h"

#include "core/command/internal.h"

#include "base/text.h"

#include <string.h>

enum { LINE_MAX_BYTES = 8192, LINE_MAX_WORDS = 128 };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* One character, outside or inside quotes, into word. Inside '...' a backslash is itself; inside "..." it quotes " and
 * itself only. Returns what follows, NULL at the end of the line. */
static const char *split_char(const char *at, char *quote, struct buf *word)
{
	if (*quote == 0 && (*at == '\'' || *at == '"')) {
		*quote = *at;
		return at + 1;
	}
	if (*quote && *at == *quote) {
		*quote = 0;
		return at + 1;
	}
	if (*at == '\\' && *quote != '\'' && at[1] && (*quote == 0 || at[1] == '"' || at[1] == '\\'))
		at++;
	buf_chr(word, *at);
	return at + 1;
}

bool split_word(const char **line, struct buf *word, char *quote)
{
	const char *at = *line;

	while (is_blank(*at))
		at++;
	*quote = 0;
	*line = at;
	if (!*at)
		return false;
	while (*at && (*quote || !is_blank(*at)))
		at = split_char(at, quote, word);
	*line = at;
	return true;
}

int command_split(const char ***argv, int *argc, const char *line, struct arena *a, struct err *e)
{
	const char **words = arena_array(a, const char *, LINE_MAX_WORDS + 1);
	autofree(buf) struct buf word = BUF_INIT(LINE_MAX_BYTES);
	char quote;
	int n = 0;

	*argv = words;
	*argc = 0;
	if (strlen(line) > LINE_MAX_BYTES)
		return err_set(e, ERR_INVALID, "the line is longer than %d bytes", LINE_MAX_BYTES);
	while (split_word(&line, &word, &quote)) {
		if (quote) {
			err_set(e, ERR_INVALID, "a quote %c is not closed", quote);
			return err_hint(e, "a quote inside a word is written \\%c", quote);
		}
		if (n == LINE_MAX_WORDS)
			return err_set(e, ERR_INVALID, "more than %d words", LINE_MAX_WORDS);
		words[n++] = arena_strdup(a, word.s);
		buf_reset(&word);
	}
	*argc = n;
	return 0;
}

/* What needs no quoting in any shell either, so that a line may be copied to one. */
static bool is_bare(const char *s)
{
	static const char bare[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+/:@%=,-";

	return *s && strspn(s, bare) == strlen(s);
}

void command_quote(struct buf *out, const char *word)
{
	if (is_bare(word)) {
		buf_str(out, word);
		return;
	}
	buf_chr(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			buf_str(out, "'\\''");
		else
			buf_chr(out, *word);
	}
	buf_chr(out, '\'');
}

static void add_option(struct buf *out, const struct option_info *o, const char *value)
{
	buf_chr(out, ' ');
	buf_str(out, o->name);
	if (!o->arg)
		return;
	if (text_starts(value, "--"))
		buf_chr(out, '=');
	else
		buf_chr(out, ' ');
	command_quote(out, value);
}

static void add_options(struct buf *out, const struct command *c)
{
	size_t n;
	const struct option_info *table = option_table(&n);

	for (size_t i = 0; i < n; i++) {
		const struct option_info *o = &table[i];

		if (option_is_global(o) || o->id == OPT_CONFIRM || o->id == OPT_PLAN || !c->opt[o->id])
			continue;
		if (o->id != OPT_INPUT)
			add_option(out, o, c->opt[o->id]);
		for (int k = 0; o->id == OPT_INPUT && k < c->inputs_n; k++)
			add_option(out, o, c->inputs[k]);
	}
}

static bool looks_like_option(const struct command *c)
{
	for (int i = 0; i < c->n; i++)
		if (c->args[i][0] == '-')
			return true;
	return false;
}

const char *command_line(const struct command *c, struct arena *a)
{
	autofree(buf) struct buf out = BUF_INIT(65536);

	buf_str(&out, c->info->name);
	if (looks_like_option(c)) {
		add_options(&out, c);
		buf_str(&out, " --");
	}
	for (int i = 0; i < c->n; i++) {
		buf_chr(&out, ' ');
		command_quote(&out, c->args[i]);
	}
	if (!looks_like_option(c))
		add_options(&out, c);
	return arena_strndup(a, out.s, out.n);
}
