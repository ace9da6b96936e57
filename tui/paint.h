/*
 * paint.h - a grid becomes output. Two implementations: the terminal, and text for golden screens.
 *
 * The terminal's painter keeps the last grid and says what differs: redraw.h finds out what, terminal.h how, and outlet.h
 * hands it on. Input does not pass through it: bytes are read and decoded by keys.c.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"
#include "tui/grid.h"
#include "tui/theme.h"

struct painter;

/* Takes the terminal: alternate screen, no echo, bracketed paste on. ERR_INVALID when the terminal cannot do it. */
int painter_open(struct painter **out, const struct theme *t, struct err *e) must_check;
void painter_close(struct painter *p);                      /* gives everything back; NULL is fine */
void painter_size(struct painter *p, int *rows, int *cols); /* asks the terminal */
/* False: the terminal does not take all of it now. Nothing waits for it: the painter's loop hands on the rest, and while
 * it does, paints are left out; then on_missed asks for the one that shows what became of the screen meanwhile. */
bool painter_paint(struct painter *p, const struct grid *g);
bool painter_paint_top(struct painter *p,
		       const struct grid *g); /* only the first row differs from the last paint */
void painter_attach(struct painter *p, struct loop *l, void (*on_missed)(void *ctx), void *ctx);
void painter_redraw(struct painter *p); /* forget what the terminal shows */
/* Gives the terminal back and stops this process; painter_resume() at SIGCONT takes it again and forgets what it shows.
 * Between the two nothing is painted. With `group`, as by a key of the terminal, so does everybody who was started with
 * us, or a shell script around us would wait for ever. */
void painter_suspend(struct painter *p, bool group);
void painter_resume(struct painter *p);
void painter_theme(struct painter *p, const struct theme *t);
void painter_catch_crashes(void); /* a crash gives the terminal back before it ends the process */

/* Every row between bars, then the roles: see tests/golden. */
void paint_text(struct buf *out, const struct grid *g, bool with_roles);
