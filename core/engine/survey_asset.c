/*
 * survey_asset.c - files of releases, read once.
 */
#include "core/engine/asset.h"

#include "base/json.h"
#include "base/text.h"
#include "core/port/digest.h"

#include <string.h>

struct reading_asset {
	asset_take taken;
	void *ctx;
	const char *of; /* what the list tells of it; NULL: not enough to know it again */
	bool bytes;
};

const struct json *asset_named(const struct json *assets, const char *name)
{
	for (size_t i = 0; i < json_size(assets); i++)
		if (text_eq(json_str(json_at(assets, i), "name"), name))
			return json_at(assets, i);
	return NULL;
}

const struct profile_need *asset_need(const struct profile_lane *l, const char *name)
{
	vec_each (need, &l->needs)
		if (need->kind == NEED_ASSET && text_eq(need->name, name))
			return need;
	return NULL;
}

const struct json *asset_find(struct look *k, const struct json *assets, const struct profile_need *need,
			      const char *tag, const char **name)
{
	const char *first = NULL;

	for (const char *const *f = need ? need->files : NULL; f && *f; f++) {
		const char *file = look_expand(k, *f, tag, NULL);
		const struct json *one = file ? asset_named(assets, file) : NULL;

		first = first ? first : file;
		if (one) {
			*name = file;
			return one;
		}
	}
	*name = first;
	return NULL;
}

/* ---- what is remembered ---------------------------------------------------------------------------------------------- */

/* A list without times could tell of two files in the same words: then nothing is remembered. */
static const char *told_of(struct look *k, const struct json *listed)
{
	const char *at = json_str(listed, "updated_at"), *digest = json_str(listed, "digest");
	int64_t id = json_int(listed, "id", 0);

	if (!id || !at || !*at)
		return NULL;
	return arena_printf(&k->arena, "%s %" PRId64 " %" PRId64 " %s %s", k->profile->repo, id,
			    json_int(listed, "size", -1), at, digest ? digest : "");
}

static const char *memo_of(struct look *k, const struct reading_asset *r)
{
	return arena_printf(&k->arena, "%s %s", r->bytes ? "asset" : "digest of asset", r->of);
}

static void remember(struct look *k, const struct reading_asset *r, const struct asset *a)
{
	if (!r->of)
		return;
	if (r->bytes)
		survey_remember(k->s, memo_of(k, r), a->text, a->n);
	else
		survey_remember(k->s, memo_of(k, r), a->hex, strlen(a->hex));
}

static const char *recall(struct look *k, const struct reading_asset *r)
{
	return r->of && !k->asked ? survey_recall(k->s, memo_of(k, r)) : NULL;
}

/* ---- reading it ---------------------------------------------------------------------------------------------------------- */

static void hand_on(struct look *k, const struct reading_asset *r, const char *text, size_t n)
{
	sha256_fn sha256 = k->s->en->o.sha256;
	char hex[DIGEST_HEX];
	struct err e = ERR_INIT;

	if (!sha256) {
		err_set(&e, ERR_MISSING, "nothing here can make a digest");
		r->taken(k, r->ctx, NULL, &e);
		return;
	}
	sha256(text, n, hex);
	remember(k, r, &(struct asset){ hex, text, n });
	r->taken(k, r->ctx, &(struct asset){ hex, r->bytes ? text : NULL, n }, NULL);
}

static void take_asset(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	const struct reading_asset *r = ctx;

	if (err)
		r->taken(k, r->ctx, NULL, err);
	else
		hand_on(k, r, a->text ? a->text : "", a->number > 0 ? (size_t)a->number : 0);
}

/* The SHA-256 that the forge lists, or NULL. */
static const char *listed_digest(const struct json *listed)
{
	const char *digest = json_str(listed, "digest");

	return text_is_sha256(digest) ? digest + 7 : NULL;
}

void asset_read(struct look *k, const struct json *listed, bool bytes, asset_take taken, void *ctx)
{
	struct reading_asset *r = arena_new(&k->arena, struct reading_asset);
	const char *digest = bytes ? NULL : listed_digest(listed), *known;

	*r = (struct reading_asset){ taken, ctx, told_of(k, listed), bytes };
	known = digest ? digest : recall(k, r);
	if (known && bytes)
		hand_on(k, r, known, strlen(known));
	else if (known)
		taken(k, ctx, &(struct asset){ .hex = known }, NULL);
	else
		look_read(k,
			  &(struct forge_read){ .kind = FORGE_ASSET,
						.repo = k->profile->repo,
						.id = json_int(listed, "id", 0) },
			  take_asset, r);
}
