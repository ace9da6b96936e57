/* links: base */
/*
 * What json_parse() takes for JSON, and for which value, is what jansson's own reader takes: only a number that is written
 * with more bytes than anybody needs is refused beside.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

/* base/json.h has names of jansson's; its struct json is one of jansson's values. */
struct json;
int json_parse(struct json **out, const char *text, size_t n, size_t max, struct err *e);
void json_free(struct json *root);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool has_long_number(const char *text, size_t n)
{
	size_t run = 0;

	for (size_t i = 0; i < n && run <= 1024; i++)
		run = strchr("0123456789.eE+-", text[i]) ? run + 1 : 0;
	return run > 1024;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = ERR_INIT;
	struct json *ours = NULL;
	json_t *theirs;
	json_error_t bad;
	const char *text = (const char *)data;
	int r;

	if (!size || memchr(data, 0, size))
		return 0;
	r = json_parse(&ours, text, size, (size_t)1 << 20, &e);
	theirs = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &bad);
	if (r && theirs && !strstr(e.message, "nested deeper") && !has_long_number(text, size))
		abort();
	if (!r && (!theirs || !json_equal((json_t *)ours, theirs)))
		abort();
	if (ours)
		json_free(ours);
	json_decref(theirs);
	return 0;
}
