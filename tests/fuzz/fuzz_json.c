/* links: base */
/*
 * Whatever json_parse() takes, json_dump() writes so that it is read again as the same; any string the writer is given
 * comes back. Paths and maps over any tree only read. The canonical form of what has one is the same when it is read again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/json_canonical.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct item {
	int64_t id;
	const char *title;
	bool good;
	struct when at;
};

static const struct field item_fields[] = { FIELD(item, id), FIELD(item, title), FIELD(item, good),
					    FIELD(item, at) };
static const struct rec rec_item = REC(struct item, item_fields, "item");
static const struct jmap item_map[] = {
	{ "id", "id", JMAP_REQUIRED },
	{ "title", "title", 0 },
	{ "a.b.c.d", "good", 0 },
	{ "at", "at", 0 },
};

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static void read_again(const struct json *j)
{
	autofree(buf) struct buf first = BUF_INIT(1 << 24), second = BUF_INIT(1 << 24);
	autofree(json) struct json *again = NULL;

	json_dump(&first, j);
	demand(json_parse(&again, first.s, first.n, 1 << 24, NULL) == 0);
	json_dump(&second, again);
	demand(strcmp(first.s, second.s) == 0);
}

static void one_form(const struct json *j)
{
	autofree(buf) struct buf form = BUF_INIT(1 << 24);

	if (json_canonical(&form, j, NULL) == 0)
		demand(json_is_canonical(form.s, form.n));
}

static void map_it(const struct json *j)
{
	struct arena a = ARENA_INIT;
	struct item item = { 0 };
	struct err e = ERR_INIT;
	int r = json_map(j, item_map, countof(item_map), &rec_item, &item, &a, &e);

	demand(r == 0 ? e.kind == ERR_NONE : e.message[0] != '\0');
	demand(r != 0 || json_type(json_get(j, "id")) == JSON_INT);
	arena_done(&a);
}

static void write_string(const uint8_t *data, size_t size)
{
	autofree(buf) struct buf text = BUF_INIT(1 << 20), out = BUF_INIT(1 << 24), safe = BUF_INIT(1 << 24);
	autofree(json) struct json *j = NULL, *k = NULL;
	struct jw w;

	buf_add(&text, data, size);
	jw_init(&w, &out);
	jw_raw_str(&w, text.s);
	demand(json_parse(&j, out.s, out.n, 1 << 24, NULL) == 0);
	if (text_is_utf8(text.s, strlen(text.s)))
		demand(strcmp(json_str(j, ""), text.s) == 0);
	jw_init(&w, &safe);
	jw_str(&w, text.s);
	demand(json_parse(&k, safe.s, safe.n, 1 << 24, NULL) == 0);
	demand(text_is_safe(json_str(k, "")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree(json) struct json *j = NULL;
	struct err e = ERR_INIT;

	if (json_parse(&j, (const char *)data, size, 1 << 20, &e) == 0) {
		read_again(j);
		map_it(j);
		one_form(j);
	} else {
		demand(!j && e.kind == ERR_CORRUPT && e.message[0]);
	}
	write_string(data, size);
	return 0;
}
