#include "tests/bench/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vterm.h>

#define HELD_MAX 64

struct screen {
	VTerm *vt;
	VTermScreen *cells;
	int rows, cols;
	bool cursor;
	char held[HELD_MAX]; /* the beginning of a control sequence */
	size_t held_n;
	char letter; /* written last */
};

static int on_prop(VTermProp prop, VTermValue *val, void *user)
{
	struct screen *s = user;

	if (prop == VTERM_PROP_CURSORVISIBLE)
		s->cursor = val->boolean;
	return 1;
}

static const VTermScreenCallbacks callbacks = { .settermprop = on_prop };

struct screen *screen_new(int rows, int cols)
{
	struct screen *s = x_alloc(sizeof(*s));

	*s = (struct screen){ .vt = vterm_new(rows, cols), .rows = rows, .cols = cols, .cursor = true };
	vterm_set_utf8(s->vt, 1);
	s->cells = vterm_obtain_screen(s->vt);
	vterm_screen_set_callbacks(s->cells, &callbacks, s);
	vterm_screen_enable_altscreen(s->cells, 1);
	vterm_screen_reset(s->cells, 1);
	return s;
}

void screen_free(struct screen *s)
{
	vterm_free(s->vt);
	free(s);
}

/* ---- in ------------------------------------------------------------------------------------------------------------- */

/* How many numbers a colour takes after its 38 or 48: ;5;N or ;2;R;G;B. */
static int colour_rest(long colour, const char *rest)
{
	if (colour != 38 && colour != 48)
		return 0;
	return rest[0] == ';' && rest[1] == '2' ? 4 : 2;
}

/* The sequence that is held is one of SGR: 2 becomes font 1, and 22 ends that too. */
static void feed_look(struct screen *s)
{
	char out[3 * HELD_MAX] = "\033[", *at = s->held + 2;
	size_t n = 2;
	int copied = 0;

	s->held[s->held_n] = '\0';
	for (bool more = true; more;) {
		long v = strtol(at, &at, 10);
		const char *word = copied ? NULL : v == 2 ? "11" : v == 22 ? "22;10" : NULL;

		if (word)
			n += (size_t)snprintf(out + n, sizeof(out) - n, "%s", word);
		else
			n += (size_t)snprintf(out + n, sizeof(out) - n, "%ld", v);
		copied = copied ? copied - 1 : colour_rest(v, at);
		more = *at == ';';
		at += more;
		out[n++] = more ? ';' : 'm';
	}
	vterm_input_write(s->vt, out, n);
}

/* Typed as often, as xterm does: libvterm takes the last column but one for the last. */
static void feed_repeated(struct screen *s)
{
	s->held[s->held_n] = '\0';
	for (long n = s->held_n > 2 ? strtol(s->held + 2, NULL, 10) : 1; n > 0; n--)
		vterm_input_write(s->vt, &s->letter, 1);
}

static void feed_byte(struct screen *s, char c)
{
	bool first = s->held_n == 0 && c == '\033', second = s->held_n == 1 && c == '[',
	     number = s->held_n > 1 && s->held_n < HELD_MAX - 1 && ((c >= '0' && c <= '9') || c == ';');

	if (first || second || number) {
		s->held[s->held_n++] = c;
		return;
	}
	if (s->held_n > 1 && c == 'm') {
		feed_look(s);
	} else if (s->held_n > 1 && c == 'b') {
		feed_repeated(s);
	} else {
		s->letter = s->held_n == 0 && c >= ' ' ? c : s->letter;
		vterm_input_write(s->vt, s->held, s->held_n);
		vterm_input_write(s->vt, &c, 1);
	}
	s->held_n = 0;
}

void screen_feed(struct screen *s, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		feed_byte(s, bytes[i]);
}

/* ---- out ------------------------------------------------------------------------------------------------------------ */

static size_t put_utf8(char *out, uint32_t c)
{
	static const struct {
		uint32_t below;
		unsigned char lead;
	} forms[] = { { 0x80, 0 }, { 0x800, 0xc0 }, { 0x10000, 0xe0 }, { 0x110000, 0xf0 } };
	size_t more = 0;

	while (more < 3 && c >= forms[more].below)
		more++;
	out[0] = (char)(forms[more].lead | c >> (6 * more));
	for (size_t i = 1; i <= more; i++)
		out[i] = (char)(0x80 | (c >> (6 * (more - i)) & 0x3f));
	return more + 1;
}

static int32_t colour(const VTermColor *c)
{
	if (VTERM_COLOR_IS_DEFAULT_FG(c) || VTERM_COLOR_IS_DEFAULT_BG(c))
		return LOOK_DEFAULT;
	if (VTERM_COLOR_IS_INDEXED(c))
		return c->indexed.idx;
	return LOOK_RGB | c->rgb.red << 16 | c->rgb.green << 8 | c->rgb.blue;
}

static uint32_t bit(bool on, uint32_t b)
{
	return on ? b : 0;
}

static struct look look_of(const VTermScreenCell *c)
{
	return (struct look){
		.bits = bit(c->attrs.bold, LOOK_BOLD) | bit(c->attrs.font == 1, LOOK_FAINT) |
			bit(c->attrs.italic, LOOK_ITALIC) | bit(c->attrs.underline, LOOK_UNDERLINE) |
			bit(c->attrs.blink, LOOK_BLINK) | bit(c->attrs.reverse, LOOK_REVERSE) |
			bit(c->attrs.strike, LOOK_STRIKE),
		.fg = colour(&c->fg),
		.bg = colour(&c->bg),
	};
}

static struct spot spot_at(struct screen *s, int row, int col)
{
	struct spot out = { .s = " " };
	VTermScreenCell c;
	size_t n = 0;

	if (!vterm_screen_get_cell(s->cells, (VTermPos){ .row = row, .col = col }, &c))
		return (struct spot){ .s = " ", .look = { 0, LOOK_DEFAULT, LOOK_DEFAULT } };
	out.look = look_of(&c);
	if (c.chars[0] == (uint32_t)-1) /* the left half says how it looks */
		out = (struct spot){ .look = { 0, LOOK_DEFAULT, LOOK_DEFAULT } };
	for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && c.chars[i] && c.chars[i] != (uint32_t)-1; i++)
		n += put_utf8(out.s + n, c.chars[i]);
	if (strcmp(out.s, " ") == 0 && !(out.look.bits & (LOOK_REVERSE | LOOK_UNDERLINE | LOOK_STRIKE)))
		out.look = (struct look){ 0, LOOK_DEFAULT, out.look.bg };
	return out;
}

static uint32_t pen_bit(VTermState *st, VTermAttr a, uint32_t b)
{
	VTermValue v = { 0 };

	vterm_state_get_penattr(st, a, &v);
	if (vterm_get_attr_type(a) == VTERM_VALUETYPE_BOOL)
		return bit(v.boolean, b);
	return bit(v.number != 0, b);
}

static int32_t pen_colour(VTermState *st, VTermAttr a)
{
	VTermValue v = { 0 };

	vterm_state_get_penattr(st, a, &v);
	return colour(&v.color);
}

static struct look pen_of(struct screen *s)
{
	VTermState *st = vterm_obtain_state(s->vt);

	return (struct look){
		.bits = pen_bit(st, VTERM_ATTR_BOLD, LOOK_BOLD) | pen_bit(st, VTERM_ATTR_FONT, LOOK_FAINT) |
			pen_bit(st, VTERM_ATTR_ITALIC, LOOK_ITALIC) |
			pen_bit(st, VTERM_ATTR_UNDERLINE, LOOK_UNDERLINE) |
			pen_bit(st, VTERM_ATTR_BLINK, LOOK_BLINK) |
			pen_bit(st, VTERM_ATTR_REVERSE, LOOK_REVERSE) |
			pen_bit(st, VTERM_ATTR_STRIKE, LOOK_STRIKE),
		.fg = pen_colour(st, VTERM_ATTR_FOREGROUND),
		.bg = pen_colour(st, VTERM_ATTR_BACKGROUND),
	};
}

void screen_take(struct screen *s, struct picture *out)
{
	VTermPos at;

	vterm_state_get_cursorpos(vterm_obtain_state(s->vt), &at);
	out->spots = x_realloc(out->spots, (size_t)s->rows * (size_t)s->cols * sizeof(*out->spots));
	out->rows = s->rows;
	out->cols = s->cols;
	out->row = at.row;
	out->col = at.col;
	out->cursor = s->cursor;
	out->pen = pen_of(s);
	for (int i = 0; i < s->rows * s->cols; i++)
		out->spots[i] = spot_at(s, i / s->cols, i % s->cols);
}

void picture_done(struct picture *p)
{
	free(p->spots);
	*p = (struct picture){ 0 };
}

bool look_same(const struct look *a, const struct look *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool picture_same(const struct picture *a, const struct picture *b)
{
	return a->rows == b->rows && a->cols == b->cols &&
	       memcmp(a->spots, b->spots, (size_t)a->rows * (size_t)a->cols * sizeof(*a->spots)) == 0;
}

bool look_is_plain_blank(const struct spot *s)
{
	return strcmp(s->s, " ") == 0 && s->look.bits == 0;
}
