/*
 * names.h - one table per enum: value <-> word, the same for JSON, SQL, screens and files.
 *
 * The table's index is the value. Entry 0 is by convention the unknown value ("other"), so that an unknown
 * word from outside becomes something visible and never something good.
 */
#pragma once

#include "base/base.h"

struct names {
	const char *const *words;
	int n;
};

#define NAMES(array)                                       \
	{                                                  \
		.words = (array), .n = (int)countof(array) \
	}

const char *names_word(const struct names *t, int value); /* out of range: words[0] */
int names_value(const struct names *t, const char *word); /* unknown or NULL: 0 */
