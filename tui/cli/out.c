#include "tui/cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "core/view/view.h"

#define NEVER_READ "nothing was ever read from the forge here"

static void in_ascii(struct buf *to, const char *s, size_t n, bool json)
{
	if (json)
		json_ascii(to, s, n);
	else
		text_safe(to, s, n, TEXT_KEEP_NEWLINES | TEXT_ASCII);
}

int cli_print(const struct buf *out, bool json)
{
	struct buf ascii = BUF_INIT(12 * out->n + 64);
	const struct buf *from = out;

	if (out->n && !text_in_utf8()) {
		in_ascii(&ascii, out->s, out->n, json);
		from = &ascii;
	}
	fwrite(from->s, 1, from->n, stdout);
	if (!from->n || from->s[from->n - 1] != '\n')
		putchar('\n');
	buf_done(&ascii);
	return cli_flush();
}

int cli_flush(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	/* Told once: what is not written now is not written later either. */
	static bool told;
	if (!told)
		fprintf(stderr, "pilothouse: the output could not be written: %s\n", strerror(errno));
	told = true;
	return err_exit_status(ERR_STORE);
}

void cli_note(const char *sentence)
{
	struct buf line = BUF_INIT(12 * strlen(sentence) + 64);

	if (!text_in_utf8())
		in_ascii(&line, sentence, strlen(sentence), false); /* keeps line ends */
	else
		buf_str(&line, sentence);
	fprintf(stderr, "%s\n", line.n ? line.s : "");
	buf_done(&line);
}

int cli_fail_status(const struct cli *c, int status, const char *code, const char *message, const char *fix)
{
	struct buf out = BUF_INIT(64 * 1024);
	if (c->json) {
		struct jw w;
		jw_init(&w, &out);
		jw_open(&w, '{');
		jw_kerror(&w, code, message, fix);
		jw_close(&w, '}');
		cli_print(&out, true);
	} else {
		buf_fmt(&out, "pilothouse: %s", message);
		if (fix && *fix)
			buf_fmt(&out, "\n  %s", fix);
		cli_note(out.s);
	}
	buf_done(&out);
	return status;
}

int cli_fail(const struct cli *c, const struct err *e)
{
	return cli_fail_status(c, err_exit_status(e->kind), err_word(e->kind), e->message, e->hint);
}

int cli_no_lane(const char *word, struct err *e)
{
	err_set(e, ERR_MISSING, "there is no lane %s", word);
	return err_hint(e, "see `pilothouse lanes`");
}

int cli_never_read(const struct cli *c)
{
	struct err e = ERR_INIT;
	uint64_t room;

	if (places_writable(c->places, &room, &e) < 0) /* a sync could keep nothing */
		return cli_fail_status(c, err_exit_status(e.kind), err_word(e.kind),
				       arena_printf(c->arena, "%s, and %s", NEVER_READ, e.message), e.hint);
	return cli_fail_status(c, 5, "stale", NEVER_READ, "pilothouse --profile NAME sync --once");
}

int cli_cache(const struct cli *c, struct store **out, int *status)
{
	struct err e = ERR_INIT;
	int r = store_open(out, c->places->cache_path, STORE_READ, &e);
	if (r == 0)
		return 0;
	*status = r == STORE_ABSENT ? cli_never_read(c) : cli_fail(c, &e);
	return -1;
}

static const char *age_words(const struct cli *c, const struct view_header *h)
{
	char words[WHEN_TEXT];

	if (!h->lanes_read)
		return NEVER_READ;
	if (h->age_ms < 0)
		return "some lanes were never read from the forge";
	return arena_printf(c->arena, "facts are %s old", when_age(h->age_ms, words));
}

const char *cli_age(const struct cli *c, int64_t *age_ms)
{
	autofree(store) struct store *store = NULL;
	struct view_header h;

	*age_ms = -1;
	if (store_open(&store, c->places->cache_path, STORE_READ, NULL) < 0 || !store ||
	    view_header(&h, store, clock_wall(c->clock), c->arena, NULL) < 0)
		return NEVER_READ;
	*age_ms = h.age_ms;
	return age_words(c, &h);
}
