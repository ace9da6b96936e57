/*
 * outlet.h - the way out to a terminal that may not read: nothing here ever waits in write(2).
 *
 * Who draws writes into a buffer; from there the bytes go to the terminal as far as it takes them, through a
 * descriptor of our own that does not block (the shell's is left as it is). What is left over stays there until
 * the loop sees that the terminal takes more. Only one frame may lie there: while outlet_busy(), paint nothing, and
 * paint once when told that it is over. A terminal that is gone takes everything.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"

struct outlet;

/* For the terminal on standard output. ERR_STORE: it cannot be written to. */
int outlet_open(struct outlet **out, struct err *e) must_check;
void outlet_close(struct outlet *o); /* what was not taken is dropped; NULL is fine */
/* Where to write to, then outlet_push(). Owned by the outlet. */
struct buf *outlet_buf(struct outlet *o);
/* Hands on what was written. False: the terminal does not take all of it now, the loop goes on with it. */
bool outlet_push(struct outlet *o);
bool outlet_busy(const struct outlet *o);
/* From now on the loop does the rest; fn is called each time when all is taken after it was busy. */
void outlet_attach(struct outlet *o, struct loop *l, void (*fn)(void *ctx), void *ctx);
/* The last words before the terminal is given back: what is written from the mark on. They are to reach it, so when it
 * takes nothing for a moment, what it did not take until then is thrown away to make room for them. */
size_t outlet_mark(const struct outlet *o);
void outlet_finish(struct outlet *o, size_t mark);
/* Async-signal-safe: to the terminal at once, in place of what it has not taken yet. */
void outlet_crash(const char *s, size_t n);
