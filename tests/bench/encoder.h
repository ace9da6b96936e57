/*
 * encoder.h - what a good encoder needs to make one screen of another: the measure of what programs write.
 *
 * It sees both screens whole and is in no hurry. A row is a path through states (cells before a column are right; the
 * cursor stands at it, or lags behind), found by dynamic programming over writing, skipping, repeating and erasing, with the
 * shortest move of the cursor and the shortest change of attributes at each step. Whether to scroll first, to clear
 * first, or to erase what is below, is tried. It is not the least possible (rows go from the top down), and it says the
 * truth: what it writes makes the second screen of the first, which whoever uses it checks with an emulator.
 */
#pragma once

#include "base/buf.h"
#include "tests/bench/screen.h"

enum encoder_has {
	HAS_REP = 1 << 0,    /* repeat the letter before */
	HAS_ECH = 1 << 1,    /* erase so many, the cursor stands */
	HAS_SCROLL = 1 << 2, /* regions, and scrolling them */
	HAS_COLUMN = 1 << 3  /* a column, or a row, by its number alone */
};
/* What terminfo says of xterm-256color, which the measured programs are told they have. */
#define HAS_XTERM (HAS_REP | HAS_ECH | HAS_SCROLL | HAS_COLUMN)

/* Appended to out. Both pictures have one size; `from` says where the cursor is and how it writes. Where the cursor of `to`
 * is seen it is left there, else anywhere. */
void encode(const struct picture *from, const struct picture *to, unsigned has, struct buf *out);
