/*
 * squeeze.h - the same picture in fewer bytes: what ncurses writes for the looks of words, without what changes nothing.
 *
 * Terminal descriptions end every look with a return to the plain character set, which a program needs that draws lines in
 * another one; ours never leaves it. And looks are written one by one, before and after each move of the cursor. Here a look
 * waits until something is drawn in it, and is said only where it differs from what the terminal stands at. On a slow line
 * that is a quarter of a frame and more.
 */
#pragma once

#include "base/base.h"

/* Of n bytes that begin a frame, in place: how many are left. It knows nothing of the frame before, nor of what it does not
 * know by name: that stays as it is. */
size_t squeeze(char *s, size_t n);
