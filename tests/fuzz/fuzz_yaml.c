/* links: base */
/* A tree that was read keeps its promises (counts, keys, places, no twins); a refusal names the place. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct item {
	int64_t id;
	int state;
	bool good;
	const char *title;
	struct when at;
};

static const char *const state_words[] = { "other", "on", "off" };
static const struct names states = NAMES(state_words);
static const struct field item_fields[] = {
	FIELD_REQ(item, id), FIELD_ENUM(item, state, &states), FIELD(item, good), FIELD(item, title),
	FIELD(item, at),
};
static const struct rec rec_item = REC(struct item, item_fields, "item");

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static void check(const struct yaml *y, int depth)
{
	int n = 0;

	demand(depth <= 64 && y->line > 0 && y->column > 0);
	demand((y->kind == YAML_SCALAR) == (y->scalar != NULL));
	yaml_each(it, y)
	{
		demand((y->kind == YAML_MAP) == (it->key != NULL));
		demand(!it->key || yaml_get(y, it->key) == it);
		check(it, depth + 1);
		n++;
	}
	demand(n == y->n);
}

static void fill(const struct yaml *y, struct arena *a)
{
	static const char *const others[] = { "steps", "with", NULL };
	struct item item = { 0 };
	struct err e = ERR_INIT;
	int r = yaml_rec(y, &rec_item, &item, others, a, &e);

	demand(r == 0 ? e.kind == ERR_NONE : strncmp(e.message, "f:", 2) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct yaml *y = NULL;

	if (yaml_parse(&y, "f", (const char *)data, size, &a, &e) == 0) {
		check(y, 0);
		fill(y, &a);
	} else {
		demand(!y && e.kind == ERR_INVALID && strncmp(e.message, "f:", 2) == 0);
	}
	arena_done(&a);
	return 0;
}
