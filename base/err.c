#include "base/err.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct {
	const char *word;
	int exit_status;
} kinds[ERR_MAX_] = {
	[ERR_NONE] = { "none", 0 },           [ERR_OFFLINE] = { "offline", 4 },
	[ERR_UNKNOWN] = { "unknown", 3 },     [ERR_SERVER] = { "server", 4 },
	[ERR_AUTH] = { "auth", 4 },           [ERR_FORBIDDEN] = { "forbidden", 1 },
	[ERR_RATE] = { "rate", 4 },           [ERR_CONFLICT] = { "conflict", 1 },
	[ERR_MISSING] = { "missing", 1 },     [ERR_INVALID] = { "invalid", 2 },
	[ERR_CORRUPT] = { "corrupt", 6 },     [ERR_STORE] = { "store", 6 },
	[ERR_STALE] = { "stale", 5 },         [ERR_POLICY] = { "policy", 1 },
	[ERR_CANCELLED] = { "cancelled", 1 }, [ERR_BUG] = { "bug", 6 },
};

static bool kind_known(enum err_kind kind)
{
	return kind >= ERR_NONE && kind < ERR_MAX_;
}

/* A byte that begins a character of UTF-8. */
static bool is_first(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

/* Neutralises into a fixed array, whole characters only. What does not fit loses its middle, where ".." stands: there
 * is what a person or a stranger wrote, and what is said of it stands at the ends. The working copy holds two of the
 * longest words that a command line takes. */
static format_printf(3, 0) void fill(char *out, size_t size, const char *fmt, va_list ap)
{
	char raw[8192 + 512];
	autofree(buf) struct buf safe = BUF_INIT(sizeof(raw) * 12);
	int n = vsnprintf(raw, sizeof(raw), fmt, ap);
	size_t head = size / 2, tail;

	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof(raw))
		n = sizeof(raw) - 1;
	text_safe(&safe, raw, (size_t)n, TEXT_ONE_LINE);
	if (safe.n < size) {
		memcpy(out, safe.s, safe.n + 1);
		return;
	}
	tail = safe.n - (size - head - 3);
	while (!is_first(safe.s[head]))
		head--;
	while (!is_first(safe.s[tail]))
		tail++;
	memcpy(out, safe.s, head);
	memcpy(out + head, "..", 2);
	memcpy(out + head + 2, safe.s + tail, safe.n - tail + 1);
}

int err_vset(struct err *e, enum err_kind kind, const char *fmt, va_list ap)
{
	BUG_IF(!kind_known(kind) || kind == ERR_NONE);
	if (!e)
		return -(int)kind;
	err_clear(e);
	e->kind = kind;
	fill(e->message, sizeof(e->message), fmt, ap);
	return -(int)kind;
}

int err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = err_vset(e, kind, fmt, ap);
	va_end(ap);
	return r;
}

int err_hint(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -(int)ERR_BUG;
	if (!e->hint[0]) {
		va_start(ap, fmt);
		fill(e->hint, sizeof(e->hint), fmt, ap);
		va_end(ap);
	}
	return -(int)e->kind;
}

void err_clear(struct err *e)
{
	if (e)
		*e = (struct err)ERR_INIT;
}

const char *err_word(enum err_kind kind)
{
	return kind_known(kind) ? kinds[kind].word : kinds[ERR_BUG].word;
}

int err_exit_status(enum err_kind kind)
{
	return kind_known(kind) ? kinds[kind].exit_status : kinds[ERR_BUG].exit_status;
}
