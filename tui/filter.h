/*
 * filter.h - what `/` understands: words that must all be there, in any case; `!word` must not be. `key:text` asks one
 * field of the row alone (state:wait, size:tiny); a key that the rows of a screen do not have is a word like any other.
 */
#pragma once

#include "base/base.h"

#define FILTER_MAX 128

struct filter_field {
	const char *key,
		*value; /* the first is what a row is shown as: its words are found without a key too */
};

bool filter_matches(const char *filter, const struct filter_field *fields, size_t n, const char *text);
