/*
 * terminal.h - a terminal as its description (terminfo) has it, and where it stands: cursor, and look of what comes next.
 *
 * All of it appends to a buffer, and writes nothing itself. Of the ways to a place or to a look that the description offers
 * the shortest is taken; the description is read and expanded by libtinfo. Whoever draws says what stands where, and in
 * which order: see redraw.h.
 *
 * What is not known is never counted on: after a letter whose width terminals do not agree on, and behind the last column,
 * the next move is absolute.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "tui/theme.h"

struct terminal;

/* What of a look is seen where nothing is written. */
#define SEEN_ON_BLANKS (STYLE_UNDERLINE | STYLE_REVERSE)

/* NAME as in TERM. ERR_INVALID: nothing is known about it, or it cannot move its cursor. `to` must outlive it. One at a
 * time: libtinfo knows one terminal. */
int terminal_open(struct terminal **out, const char *name, struct buf *to, struct err *e) must_check;
void terminal_close(struct terminal *t); /* NULL is fine; writes nothing */
/* The size that the description tells, 0 where it tells none. */
void terminal_told_size(const struct terminal *t, int *rows, int *cols);

void terminal_enter(struct terminal *t); /* the other screen, no cursor; then terminal_clear() */
/* All of it back, of a terminal that has so many rows now, wherever what it took of the frame before left it. */
void terminal_leave(struct terminal *t, int rows);
/* Pastes come in brackets from now on; of a terminal that is not of ECMA-48's kind it is not asked. */
void terminal_bracket_pastes(struct terminal *t, bool on);
/* Empty, of this size, in a plain look, with the cursor at home, whatever was there before. */
void terminal_clear(struct terminal *t, int rows, int cols);

/* As the terminal can show it: colours it has none of are left out, and attributes that colours forbid. */
struct style terminal_style(const struct terminal *t, const struct style *s);
void terminal_look(struct terminal *t, const struct style *s); /* as terminal_style() gave it */
void terminal_move(struct terminal *t, int row, int col);
/* n bytes that take so many cells. `sure`: every terminal agrees on that. */
void terminal_text(struct terminal *t, const char *s, size_t n, int cells, bool sure);
/* So many of a letter of ASCII, by their number where that is shorter. */
void terminal_repeat(struct terminal *t, char c, int cells);
/* From the cursor, which stays: so many cells, or to the row's end. What each takes; 0: the terminal cannot. */
void terminal_erase(struct terminal *t, int cells);
void terminal_erase_line(struct terminal *t);
int terminal_erase_bytes(const struct terminal *t, int cells);
int terminal_erase_line_bytes(const struct terminal *t);
/* Where the cursor is in this row; -1: not there, or not known. */
int terminal_col_in(const struct terminal *t, int row);
/* A letter in the last cell of all would move everything up. */
bool terminal_scrolls_at_end(const struct terminal *t);

/* Rows top to bottom move up by so many rows (down where it is negative), and empty ones follow. terminal_can_scroll(). */
void terminal_scroll(struct terminal *t, int top, int bottom, int up);
bool terminal_can_scroll(const struct terminal *t); /* and all it moves is as it was written */

/* To try two ways and keep the shorter: what was appended since, and where the terminal stood, are taken back. */
struct terminal_mark {
	size_t n;
	int row, col;
	struct style look;
};
struct terminal_mark terminal_mark(const struct terminal *t);
size_t terminal_bytes_since(const struct terminal *t, const struct terminal_mark *m);
void terminal_back_to(struct terminal *t, const struct terminal_mark *m);
