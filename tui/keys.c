#include "tui/keys.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct {
	const char *bytes; /* after ESC */
	enum key_code code;
} sequences[] = {
	{ "[A", KEY_UP_ARROW }, { "[B", KEY_DOWN_ARROW }, { "[C", KEY_RIGHT_ARROW }, { "[D", KEY_LEFT_ARROW },
	{ "OA", KEY_UP_ARROW }, { "OB", KEY_DOWN_ARROW }, { "OC", KEY_RIGHT_ARROW }, { "OD", KEY_LEFT_ARROW },
	{ "[H", KEY_HOME_ },    { "[F", KEY_END_ },       { "OH", KEY_HOME_ },       { "OF", KEY_END_ },
	{ "[1~", KEY_HOME_ },   { "[4~", KEY_END_ },      { "[7~", KEY_HOME_ },      { "[8~", KEY_END_ },
	{ "[5~", KEY_PAGE_UP }, { "[6~", KEY_PAGE_DOWN }, { "[3~", KEY_DELETE },     { "OM", KEY_ENTER },
};

#define CTRL_C 3

static const char paste_begin[] = "[200~", paste_end[] = "\033[201~";

void keys_init(struct keys *k)
{
	*k = (struct keys){ 0 };
}

/* `bytes` is what the key itself took: one key of several bytes is no burst. */
static void emit_sized(struct keys *k, enum key_code code, const char *text, size_t n, size_t bytes,
		       key_fn fn, void *ctx)
{
	struct key_event ev = { .code = code, .pasted = k->pasting, .burst = 1 };
	if (k->burst > bytes)
		ev.burst = k->burst - bytes + 1;
	memcpy(ev.text, text, n < sizeof(ev.text) ? n : sizeof(ev.text) - 1);
	fn(ctx, &ev);
}

static void emit(struct keys *k, enum key_code code, const char *text, size_t n, key_fn fn, void *ctx)
{
	emit_sized(k, code, text, n, n ? n : 1, fn, ctx);
}

static void control(struct keys *k, unsigned char c, key_fn fn, void *ctx)
{
	char letter = (char)(c + 'a' - 1);
	if (c == '\r' || c == '\n')
		emit(k, KEY_ENTER, "", 0, fn, ctx);
	else if (c == '\t')
		emit(k, KEY_TAB, "", 0, fn, ctx);
	else if (c == 0x7f || c == 0x08)
		emit(k, KEY_BACKSPACE, "", 0, fn, ctx);
	else if (c >= 1 && c <= 26)
		emit(k, KEY_CTRL, &letter, 1, fn, ctx);
}

/*
 * Length of what begins with ESC [, 0 when more bytes are needed. ECMA-48: it ends with 0x40..0x7e. Two old forms end
 * later, and what they leave over would be keys: the Linux console's function keys (ESC [ [ A) and the mouse of X10
 * (ESC [ M and three bytes). An ESC inside breaks it off: a new one begins there.
 */
static size_t control_length(const char *s, size_t n)
{
	if (n >= 3 && s[2] == '[')
		return n < 4 ? 0 : 4;
	if (n >= 3 && s[2] == 'M')
		return n < 6 ? 0 : 6;
	for (size_t i = 2; i < n; i++) {
		if (s[i] >= 0x40 && s[i] <= 0x7e)
			return i + 1;
		if (s[i] == '\033' || (unsigned char)s[i] >= 0x80)
			return i;
	}
	return n >= 32 ? n : 0;
}

/* Length of the escape sequence at the start of s, 0 when more bytes are needed. Of OSC, DCS and friends it is what begins
 * them: decode_string() does the rest. */
static size_t sequence_length(const char *s, size_t n)
{
	if (n < 2)
		return 0;
	if (s[1] == 'O')
		return n < 3 ? 0 : 3;
	if (s[1] == '[')
		return control_length(s, n);
	return s[1] == '\033' ? 1 : 2;
}

static void sequence(struct keys *k, const char *s, size_t n, key_fn fn, void *ctx)
{
	k->in_string = n == 2 && strchr("]P_^X", s[1]);
	if (n == 1) {
		emit(k, KEY_ESC, "", 0, fn, ctx);
		return;
	}
	if (n == sizeof(paste_begin) && !memcmp(s + 1, paste_begin, n - 1)) {
		k->pasting = true;
		emit(k, KEY_PASTE, "", 0, fn, ctx);
		return;
	}
	for (size_t i = 0; i < countof(sequences); i++)
		if (strlen(sequences[i].bytes) == n - 1 && !memcmp(sequences[i].bytes, s + 1, n - 1)) {
			emit_sized(k, sequences[i].code, "", 0, n, fn, ctx);
			return;
		}
}

static size_t utf8_length(unsigned char c)
{
	return c < 0x80 ? 1 : c < 0xc2 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 1;
}

/* One key from the start of pending: bytes used, 0 when more are needed. */
static size_t decode(struct keys *k, key_fn fn, void *ctx)
{
	const char *s = k->pending;
	unsigned char c = (unsigned char)s[0];
	size_t need = utf8_length(c);
	if (c == '\033') {
		size_t n = sequence_length(s, k->n);
		if (n)
			sequence(k, s, n, fn, ctx);
		return n;
	}
	if (c < 0x20 || c == 0x7f) {
		control(k, c, fn, ctx);
		return 1;
	}
	if (k->n < need)
		return 0;
	if (text_is_utf8(s, need) && c != 0x80) {
		char one[8] = "";
		memcpy(one, s, need);
		if (text_is_safe(one))
			emit(k, KEY_CHAR, s, need, fn, ctx);
		return need;
	}
	return 1;
}

static void drop(struct keys *k, size_t n)
{
	memmove(k->pending, k->pending + n, k->n - n);
	k->n -= n;
}

/* A string of any length ends with BEL or ST; an ESC that is no ST breaks it off, and begins what comes next. */
static size_t decode_string(struct keys *k, key_fn fn, void *ctx)
{
	bool escape = k->pending[0] == '\033';
	if (escape && k->n < 2)
		return 0;
	k->in_string = !escape && k->pending[0] != '\a';
	return escape ? decode(k, fn, ctx) : 1;
}

/* What is between words stays between them; all other control characters are dropped. */
static void control_in_paste(struct keys *k, char c, key_fn fn, void *ctx)
{
	if (c == '\r' || c == '\n')
		emit(k, KEY_CHAR, "\n", 1, fn, ctx);
	else if (c == '\t')
		emit(k, KEY_CHAR, " ", 1, fn, ctx);
}

/* Inside a paste nothing is a sequence but its end. */
static size_t decode_paste(struct keys *k, key_fn fn, void *ctx)
{
	size_t end = sizeof(paste_end) - 1;
	size_t n = k->n < end ? k->n : end;
	if (k->pending[0] == '\033') {
		if (memcmp(k->pending, paste_end, n) != 0)
			return 1;
		if (k->n < end)
			return 0;
		k->pasting = false;
		return end;
	}
	if ((unsigned char)k->pending[0] < 0x20 || k->pending[0] == 0x7f) {
		control_in_paste(k, k->pending[0], fn, ctx);
		return 1;
	}
	return decode(k, fn, ctx);
}

void keys_feed(struct keys *k, const char *bytes, size_t n, key_fn fn, void *ctx)
{
	k->burst = n;
	if (k->pasting && n == 1 && bytes[0] == CTRL_C)
		keys_init(k); /* a paste whose end was lost: a way out for the person */
	while (n || k->n) {
		size_t room = sizeof(k->pending) - k->n, more = n < room ? n : room;
		memcpy(k->pending + k->n, bytes, more);
		k->n += more;
		bytes += more;
		n -= more;
		size_t used = k->pasting     ? decode_paste(k, fn, ctx)
			      : k->in_string ? decode_string(k, fn, ctx)
					     : decode(k, fn, ctx);
		if (!used && !n)
			return;
		drop(k, used ? used : 1);
	}
}

bool keys_waiting(const struct keys *k)
{
	return (k->n > 0 || k->in_string) && !k->pasting;
}

void keys_flush(struct keys *k, key_fn fn, void *ctx)
{
	bool lone = k->n == 1 && k->pending[0] == '\033' && !k->in_string;
	k->n = 0;
	k->in_string = false;
	if (lone)
		emit(k, KEY_ESC, "", 0, fn, ctx);
}

static const char *const code_names[] = {
	[KEY_ESC] = "Esc",         [KEY_ENTER] = "Enter",
	[KEY_TAB] = "Tab",         [KEY_BACKSPACE] = "Backspace",
	[KEY_UP_ARROW] = "Up",     [KEY_DOWN_ARROW] = "Down",
	[KEY_LEFT_ARROW] = "Left", [KEY_RIGHT_ARROW] = "Right",
	[KEY_HOME_] = "Home",      [KEY_END_] = "End",
	[KEY_PAGE_UP] = "PgUp",    [KEY_PAGE_DOWN] = "PgDn",
	[KEY_DELETE] = "Delete",   [KEY_PASTE] = "(paste)",
};

const char *key_name(const struct key_event *ev, char out[16])
{
	if (ev->code == KEY_CHAR)
		snprintf(out, 16, "%s", strcmp(ev->text, " ") ? ev->text : "Space");
	else if (ev->code == KEY_CTRL)
		snprintf(out, 16, "Ctrl-%s", ev->text);
	else if ((size_t)ev->code < countof(code_names) && code_names[ev->code])
		snprintf(out, 16, "%s", code_names[ev->code]);
	else
		out[0] = 0;
	return out;
}
