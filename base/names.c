#include "base/names.h"

#include <string.h>

const char *names_word(const struct names *t, int value)
{
	return t->words[value > 0 && value < t->n ? value : 0];
}

int names_value(const struct names *t, const char *word)
{
	if (!word)
		return 0;
	for (int i = 0; i < t->n; i++) {
		if (!strcmp(t->words[i], word))
			return i;
	}
	return 0;
}
