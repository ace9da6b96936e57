/*
 * internal.h - what the parts of the registry share. Nothing outside core/command/ includes it.
 */
#pragma once

#include "core/command/command.h"

/* The nearest known word: at most two slips, or a beginning. Zeroed: none yet. */
struct guess {
	const char *word;
	int slips;
};
void guess_try(struct guess *g, const char *typed, const char *known);

/* "save"; "" for an act. */
const char *plan_word_name(enum plan_word w);

/* Appends the next word of the line to word, quotes taken off, and moves *line behind it. *quote is the quote that the
 * line's end left open, or 0. False: nothing but blanks was left. */
bool split_word(const char **line, struct buf *word, char *quote);
