/*
 * screen.h - what a terminal shows after so many bytes: libvterm as the eye, and its screen as a value that can be kept
 * and compared. Blanks that look alike are alike: a space in bold or in green is a space.
 *
 * libvterm knows no faint letters; they pass through it as a font that nobody uses.
 * Letters are repeated here, one byte each, as terminfo has it.
 */
#pragma once

#include "base/base.h"

enum look_bits {
	LOOK_BOLD = 1 << 0,
	LOOK_FAINT = 1 << 1,
	LOOK_ITALIC = 1 << 2,
	LOOK_UNDERLINE = 1 << 3,
	LOOK_BLINK = 1 << 4,
	LOOK_REVERSE = 1 << 5,
	LOOK_STRIKE = 1 << 6
};

#define LOOK_DEFAULT (-1)
/* No padding: compared as memory. Colours: LOOK_DEFAULT, a number of the palette, or LOOK_RGB and the three bytes. */
#define LOOK_RGB 0x1000000
struct look {
	uint32_t bits;
	int32_t fg, bg;
};

#define SPOT_BYTES 28
struct spot {
	char s[SPOT_BYTES]; /* UTF-8, zeros behind it; empty: the right half of a wide one */
	struct look look;
};

struct picture {
	int rows, cols;
	int row, col;    /* the cursor */
	struct look pen; /* what would be written next looks so */
	bool cursor;     /* is seen */
	struct spot *spots;
};

struct screen;

struct screen *screen_new(int rows, int cols) must_check;
void screen_free(struct screen *s);
void screen_feed(struct screen *s, const char *bytes, size_t n);
void screen_take(struct screen *s, struct picture *out); /* out is zeroed or was taken before */
void picture_done(struct picture *p);
bool picture_same(const struct picture *a, const struct picture *b); /* cells; not the cursor, not the pen */
bool look_same(const struct look *a, const struct look *b);
bool look_is_plain_blank(const struct spot *s); /* a space with no bar, line or background */
static inline const struct spot *picture_at(const struct picture *p, int row, int col)
{
	return &p->spots[(size_t)row * (size_t)p->cols + (size_t)col];
}
