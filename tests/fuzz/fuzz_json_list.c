/* links: base_stream base */
/*
 * The stream and the tree must agree: in a document that the tree takes, the stream finds the same elements, calls the
 * same ones damaged, and reads the same records. (The reverse does not hold: the stream goes on where the tree gives
 * up, in strings and duplicate keys that nobody asked for.)
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct item {
	int64_t id;
	int n;
	int state;
	bool good;
	const char *title;
	const char *name;
	struct when at;
};

static const char *const state_words[] = { "other", "on", "off" };
static const struct names states = NAMES(state_words);
static const struct field item_fields[] = {
	FIELD(item, id),   FIELD(item, n),     FIELD_ENUM(item, state, &states),
	FIELD(item, good), FIELD(item, title), FIELD(item, name),
	FIELD(item, at),
};
static const struct rec rec_item = REC(struct item, item_fields, "item");
static const struct jmap item_map[] = {
	{ "id", "id", JMAP_REQUIRED }, { "n", "n", 0 },      { "state", "state", 0 }, { "a.good", "good", 0 },
	{ "title", "title", 0 },       { "a.b", "name", 0 }, { "at", "at", 0 },
};

static void demand(bool ok)
{
	if (!ok)
		abort();
}

struct compare {
	const struct json *list; /* NULL: the tree refused */
	size_t n, damaged;
};

static int each(void *ctx, void *record, const struct err *damaged)
{
	struct compare *c = ctx;
	struct arena a = ARENA_INIT;
	struct item want = { 0 };

	demand(!damaged || damaged->message[0]);
	if (c->list) {
		int r = json_map(json_at(c->list, c->n), item_map, countof(item_map), &rec_item, &want, &a,
				 NULL);

		demand((r != 0) == (damaged != NULL));
		demand(damaged || rec_equal(&rec_item, record, &want, NULL));
	}
	c->n++;
	c->damaged += damaged != NULL;
	arena_done(&a);
	return 0;
}

static void both(const char *text, size_t n, const char *path)
{
	autofree(json) struct json *j = NULL;
	struct compare c = { 0 };
	struct err e = ERR_INIT;
	size_t damaged = 0;
	bool tree = json_parse(&j, text, n, 1 << 20, NULL) == 0;
	int r;

	if (json_type(json_get(j, path)) == JSON_ARRAY)
		c.list = json_get(j, path);
	r = json_list(text, n, path, item_map, countof(item_map), &rec_item, NULL, each, &c, &damaged, &e);
	demand(damaged == c.damaged);
	demand(r == 0 ? e.kind == ERR_NONE : e.message[0] != '\0');
	if (tree)
		demand((r == 0) == (c.list != NULL));
	if (c.list)
		demand(c.n == json_size(c.list));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	both((const char *)data, size, "");
	both((const char *)data, size, "runs");
	both((const char *)data, size, "data.runs");
	return 0;
}
