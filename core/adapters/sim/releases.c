#include "core/adapters/sim/moves.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { SHORT_SHA = 7 };

struct sim_release *sim_release_find(const struct sim_repo *r, const char *tag)
{
	vec_each (it, &r->releases) {
		if (strcmp(it->tag, tag) == 0)
			return it;
	}
	return NULL;
}

const struct sim_asset *sim_asset_find(const struct sim_release *rel, const char *name)
{
	vec_each (it, &rel->assets) {
		if (!it->dropped && strcmp(it->name, name) == 0)
			return it;
	}
	return NULL;
}

const struct sim_release *sim_release_latest(const struct sim_repo *r)
{
	const struct sim_release *best = NULL;

	vec_each (it, &r->releases) {
		if (!it->draft && !it->prerelease && (!best || it->published >= best->published))
			best = it;
	}
	return best;
}

long sim_commit_index(const struct sim_repo *r, const char *sha)
{
	size_t n = strlen(sha);

	if (n < SHORT_SHA)
		return -1;
	for (size_t i = r->commits.n; i-- > 0;)
		if (strncmp(r->commits.items[i].sha, sha, n) == 0)
			return (long)i;
	return -1;
}

/* name: tags/x, heads/x or another place. Refs that clients made come last, so they cannot hide a release's tag. */
static const char *full_ref_sha(const struct sim_repo *r, const char *name)
{
	const struct sim_release *rel = NULL;

	if (text_starts(name, "tags/"))
		rel = sim_release_find(r, name + strlen("tags/"));
	if (rel && !rel->draft)
		return rel->sha;
	vec_each (it, &r->refs) {
		if (it->sha && strcmp(it->name, name) == 0)
			return it->sha;
	}
	return NULL;
}

static const char *prefixed(const struct sim_repo *r, const char *prefix, const char *ref)
{
	char name[256];
	int n = snprintf(name, sizeof(name), "%s%s", prefix, ref);

	if (n < 0 || (size_t)n >= sizeof(name))
		return NULL;
	return full_ref_sha(r, name);
}

const char *sim_ref_sha(const struct sim_repo *r, const char *ref, bool *tag)
{
	const char *sha;
	long i;

	bool full = text_starts(ref, "refs/");

	if (full)
		ref += strlen("refs/");
	*tag = text_starts(ref, "tags/");
	if (full || *tag || text_starts(ref, "heads/"))
		return full_ref_sha(r, ref);
	sha = prefixed(r, "heads/", ref);
	if (sha)
		return sha;
	sha = prefixed(r, "tags/", ref);
	*tag = sha != NULL;
	if (sha)
		return sha;
	i = sim_commit_index(r, ref);
	return i < 0 ? NULL : r->commits.items[i].sha;
}
