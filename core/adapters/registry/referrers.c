/*
 * referrers.c - which manifests name another one as their subject: an index, from the API or under the tag sha256-HEX where
 * a registry has no such API (OCI distribution 1.1, "Listing Referrers" and "Unavailable Referrers API").
 */
#include "core/adapters/registry/internal.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"

#define INDEX_TYPE "application/vnd.oci.image.index.v1+json"

enum { MAX_INDEX = 4 << 20, MAX_REFERRERS = 1000 };

static bool is_index(const struct http_answer *h)
{
	const char *type = http_header(h, "content-type");

	return type && text_starts(type, INDEX_TYPE) && strchr("; ", type[strlen(INDEX_TYPE)]);
}

/* Those without the API say so in many ways; one that answers with something else has not understood. */
bool referrers_unknown(const struct http_answer *h)
{
	static const int statuses[] = { 400, 404, 405, 406 };

	for (size_t i = 0; i < countof(statuses); i++)
		if (h->status == statuses[i])
			return true;
	return h->status == 200 && !is_index(h);
}

const char *referrers_tag(const char *digest, struct arena *a)
{
	return arena_printf(a, "sha256-%s", digest + strlen("sha256:"));
}

/* What is not told may be it. */
static bool is_wanted(const struct json *item, const char *type)
{
	const char *is = json_str(item, "artifactType");

	return !type || !is || !*is || !strcmp(is, type);
}

static int add_item(struct referrers *out, const struct json *item, const char *type, struct arena *a,
		    struct err *e)
{
	const char *digest = json_str(item, "digest"), *is = json_str(item, "artifactType");
	int64_t size = json_int(item, "size", -1);

	if (!text_is_sha256(digest))
		return err_set(e, ERR_CORRUPT, "the list of referrers names a manifest by no sha256 digest");
	if (size < 0)
		return err_set(e, ERR_CORRUPT, "the list of referrers has a manifest without size");
	if (is_wanted(item, type))
		*vec_push(out, a) = (struct registry_referrer){ arena_strdup(a, digest),
								is ? arena_strdup(a, is) : "", size };
	return 0;
}

static int add_items(struct referrers *out, const struct json *list, const char *type, struct arena *a,
		     struct err *e)
{
	if (json_type(list) != JSON_ARRAY)
		return err_set(e, ERR_CORRUPT, "the list of referrers is none");
	for (size_t i = 0; i < json_size(list); i++) {
		int r;

		if (out->n == MAX_REFERRERS)
			return 1;
		r = add_item(out, json_at(list, i), type, a, e);
		if (r < 0)
			return r;
	}
	return 0;
}

int answer_referrers(struct referrers *out, const struct http_answer *h, const char *type, struct arena *a,
		     struct err *e)
{
	autofree(json) struct json *j = NULL;
	const char *said;
	int r;

	if (!is_index(h))
		return err_set(e, ERR_CORRUPT, "what stands for the list of referrers is no index");
	r = json_parse(&j, h->body, h->body_n, MAX_INDEX, e);
	if (r < 0)
		return r;
	said = json_str(j, "mediaType");
	if (json_int(j, "schemaVersion", 0) != 2 || (said && strcmp(said, INDEX_TYPE) != 0))
		return err_set(e, ERR_CORRUPT, "the list of referrers is no index by its own words");
	return add_items(out, json_get(j, "manifests"), type, a, e);
}
