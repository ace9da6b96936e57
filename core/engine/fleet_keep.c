/* fleet_keep.c - the bytes that a machine's verdict rests on: kept by their SHA-256, and gone with the next. */
#include "core/engine/fleets.h"

#include "base/path.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define FOLDER_N 16 /* hex digits of the lane's name */

static const char *const kind_words[] = { "quote",           "token", "events",    "collateral",
					  "collateral-root", "keys",  "keys-root", "values" };
const struct names fleet_kept_kinds = NAMES(kind_words);

const char *fleet_kept_dir(const char *evidence_dir, const char *lane, sha256_fn sha256, struct arena *a)
{
	char hex[DIGEST_HEX];

	if (!evidence_dir)
		return NULL;
	sha256(lane, strlen(lane), hex);
	return path_join(a, evidence_dir, arena_printf(a, FLEET_FOLDER "%.*s", FOLDER_N, hex));
}

void fleet_keep_bytes(const struct evidence_box *box, const void *bytes, size_t n)
{
	struct err e = ERR_INIT;
	char hex[DIGEST_HEX];

	if (box->dir)
		(void)!evidence_keep(box, n ? bytes : "", n, hex, &e);
}

void fleet_keep_files(const struct evidence_box *box, const struct fleet_rules *rules)
{
	for (size_t i = 0; i < rules->trust->files_n; i++)
		fleet_keep_bytes(box, rules->trust->files[i].bytes, rules->trust->files[i].n);
	if (rules->values_text)
		fleet_keep_bytes(box, rules->values_text, rules->values_n);
}

/* ---- forgetting --------------------------------------------------------------------------------------------------------- */

struct trimming {
	struct evidence_box box;
	char (*names)[DIGEST_HEX];
	size_t n;
	struct arena arena;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool is_named(void *ctx, const char *hex)
{
	const struct trimming *t = ctx;

	return t->n && bsearch(hex, t->names, t->n, DIGEST_HEX, by_name);
}

static void trim_work(void *ctx)
{
	struct trimming *t = ctx;
	struct err e = ERR_INIT;
	int64_t n;

	if (t->n)
		qsort(t->names, t->n, DIGEST_HEX, by_name);
	(void)!evidence_trim(&t->box, (struct when){ INT64_MAX }, is_named, t, &n, &e);
}

static void trim_done(void *ctx, bool ran maybe_unused)
{
	struct trimming *t = ctx;

	arena_done(&t->arena);
	free(t);
}

void fleet_trim_in(struct jobs *jobs, const struct evidence_box *box, char (*names)[DIGEST_HEX], size_t n)
{
	struct trimming *t = x_alloc(sizeof(*t));

	*t = (struct trimming){ .box = *box, .n = n };
	t->names = arena_alloc_array(&t->arena, n + 1, DIGEST_HEX);
	memcpy(t->names, names, n * DIGEST_HEX);
	t->box.dir = arena_strdup(&t->arena, box->dir);
	if (!box->dir || !jobs_add(jobs, trim_work, trim_done, t))
		trim_done(t, false);
}
