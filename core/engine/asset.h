/*
 * asset.h - a file of a release, as a look reads it: found in the release's list by the names that the profile has for it, then
 * its SHA-256, and its bytes where they are wanted.
 *
 * The forge serves an asset by its id from storage, which knows no conditional answers: each reading costs a point of the
 * rate limit and all of the bytes. But what an id holds does not change. Who replaces a file deletes the asset and uploads
 * another, and that has another id ("Update a release asset" of GitHub's REST API changes its name and label only); so a
 * look that the clock brought takes what an earlier one read, as long as the list still tells the same of it. What a person
 * waits for is read anew, and so is what a plan relies on (needs.c).
 */
#pragma once

#include "core/engine/survey.h"

struct asset {
	const char *hex;  /* SHA-256, 64 lower-case digits */
	const char *text; /* its bytes, NUL behind them; NULL: they were not wanted */
	size_t n;
};
/* Exactly one of the two is not NULL; both and what they point to live until it returns. */
typedef void (*asset_take)(struct look *k, void *ctx, const struct asset *a, const struct err *err);

/* The asset of that name in a release's list (struct release's assets, parsed), or NULL. */
const struct json *asset_named(const struct json *assets, const char *name);

/* The lane's need for a file, by its name in the profile; NULL: it has none. */
const struct profile_need *asset_need(const struct profile_lane *l, const char *name);

/* The first of the need's files that the list of the release `tag` has, or NULL. *name: that file, else the first that it
 * could have been, NULL when that cannot be said either. need may be NULL. */
const struct json *asset_find(struct look *k, const struct json *assets, const struct profile_need *need,
			      const char *tag, const char **name);

/* Without bytes, the digest that the forge lists is enough. `taken` is called at once when nothing has to be read, else
 * before the look's next step. */
void asset_read(struct look *k, const struct json *listed, bool bytes, asset_take taken, void *ctx);
