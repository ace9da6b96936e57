#include "tui/filter.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static bool word_matches(const char *word, const struct filter_field *fields, size_t n, const char *text)
{
	size_t key = strcspn(word, ":");

	for (size_t i = 0; word[key] && i < n; i++)
		if (strlen(fields[i].key) == key && !strncmp(fields[i].key, word, key))
			return text_has(fields[i].value, word + key + 1);
	return text_has(text, word) || (n && text_has(fields[0].value, word));
}

bool filter_matches(const char *filter, const struct filter_field *fields, size_t n, const char *text)
{
	char words[FILTER_MAX];
	char *save = NULL;

	snprintf(words, sizeof(words), "%s", filter);
	for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		bool inverse = w[0] == '!' && w[1];

		if (word_matches(w + inverse, fields, n, text) == inverse)
			return false;
	}
	return true;
}
