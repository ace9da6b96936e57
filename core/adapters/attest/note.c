#include "core/adapters/attest/bundle.h"

#include <string.h>

#include "base/text.h"

#define LEAD     "\xe2\x80\x94 " /* an em dash and a blank begin a signature line */
#define OWN_MOST 4               /* lines of one log: two algorithms at most are seen */

static int refuse(struct err *why, const char *what)
{
	(void)err_set(why, ERR_CORRUPT, "the checkpoint %s", what);
	return PROOF_TLOG_CHECKPOINT;
}

/* "- name base64(id, signature)". */
static bool read_line(struct note_line *out, const char *line, size_t n, struct arena *a)
{
	const char *blank;
	struct span raw;

	if (n < strlen(LEAD) || memcmp(line, LEAD, strlen(LEAD)) != 0)
		return false;
	line += strlen(LEAD);
	n -= strlen(LEAD);
	blank = memchr(line, ' ', n);
	if (!blank || blank == line)
		return false;
	if (!span_base64(&raw, arena_strndup(a, blank + 1, n - (size_t)(blank + 1 - line)), a) || raw.n < 5)
		return false;
	out->name = arena_strndup(a, line, (size_t)(blank - line));
	memcpy(out->id, raw.p, sizeof(out->id));
	out->signature = (struct span){ raw.p + 4, raw.n - 4 };
	return true;
}

static int read_signatures(struct note *out, const char *at, struct arena *a, struct err *why)
{
	while (*at) {
		size_t n = strcspn(at, "\n");

		if (!at[n])
			return refuse(why, "does not end with a line");
		if (out->lines_n == NOTE_LINES_MAX)
			return refuse(why, "has too many signatures");
		if (!read_line(&out->lines[out->lines_n++], at, n, a))
			return refuse(why, "has a signature line that is none");
		at += n + 1;
	}
	return out->lines_n ? 0 : refuse(why, "has no signature");
}

/* The next line of the text, or NULL. */
static const char *take_line(const char **at, const char *end, struct arena *a)
{
	const char *from = *at, *stop = from < end ? memchr(from, '\n', (size_t)(end - from)) : NULL;

	if (!stop)
		return NULL;
	*at = stop + 1;
	return arena_strndup(a, from, (size_t)(stop - from));
}

int note_read(struct note *out, const char *text, struct arena *a, struct err *why)
{
	const char *blank = NULL, *at = text, *size, *root;

	*out = (struct note){ 0 };
	if (strlen(text) > BUNDLE_NOTE_MAX)
		return refuse(why, "is too long");
	/* the last blank line divides: a text may have some of its own */
	for (const char *s = strstr(text, "\n\n"); s; s = strstr(s + 1, "\n\n"))
		blank = s;
	if (!blank)
		return refuse(why, "has no signatures");
	out->text = (struct span){ (const unsigned char *)text, (size_t)(blank + 1 - text) };
	out->origin = take_line(&at, blank + 1, a);
	size = take_line(&at, blank + 1, a);
	root = take_line(&at, blank + 1, a);
	if (!out->origin || !*out->origin || !size || !root)
		return refuse(why, "has not the three lines that it must have");
	if (text_int64(&out->size, size, 0, INT64_MAX) < 0 || (size[0] == '0' && size[1]))
		return refuse(why, "has no size in its second line");
	if (!span_base64(&out->root, root, a) || out->root.n != MERKLE_HASH)
		return refuse(why, "has no root in its third line");
	return read_signatures(out, blank + 2, a, why);
}

/* Names are compared as they are written; nothing is ever made a pattern (sigstore-js 4.1.1). */
int note_verify(const struct note *n, const struct attest_log *log, struct err *why)
{
	size_t own = 0;

	for (size_t i = 0; i < n->lines_n; i++) {
		const struct note_line *l = &n->lines[i];

		if (strcmp(l->name, log->host) != 0 || log->note_id.n < sizeof(l->id) ||
		    memcmp(l->id, log->note_id.p, sizeof(l->id)) != 0)
			continue;
		if (++own > OWN_MOST)
			return refuse(why, "has too many signatures of its log");
		if (!log->key || attest_key_verify(log->key, l->signature, n->text, why) != 0)
			return PROOF_TLOG_CHECKPOINT;
	}
	return own ? 0 : refuse(why, "is not signed by its log");
}
