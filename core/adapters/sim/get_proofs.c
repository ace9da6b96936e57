#include "core/adapters/sim/face.h"

#include "base/text.h"
#include "core/adapters/sim/proofs.h"
#include "core/adapters/snappy/snappy.h"

#include <string.h>
#include <strings.h>

/* Attestations as the forge lists them (reference github.md 0.5): the bundle itself is null, and stands packed at a place
 * of its own, for which a signed address is enough. */

enum { PAGE = 30, PAGE_MAX = 100, DIGESTS_MAX = 1024, ADDRESS_MS = 5 * MINUTE };

/* ---- lists --------------------------------------------------------------------------------------------------------- */

static bool is_of_type(const struct sim_proof *p, const char *filter)
{
	const char *uri = authority_predicate_uri(p->predicate);

	if (!filter)
		return true;
	if (!uri)
		return false;
	if (strcmp(filter, "provenance") == 0)
		return p->predicate == AUTHORITY_PROVENANCE;
	if (strcmp(filter, "sbom") == 0)
		return p->predicate == AUTHORITY_SPDX || p->predicate == AUTHORITY_CYCLONEDX;
	return strcmp(filter, uri) == 0;
}

static void put_attestation(struct call *c, const struct sim_proof *p, size_t number)
{
	const char *hex = p->digest + strlen("sha256:"), *base = c->base;
	const char *kind = arena_printf(c->a, "bundle-%" PRId64 "-%s-", p->repo->id, hex);
	int64_t until = c->w->now / MINUTE * MINUTE + ADDRESS_MS;

	if (c->rq->storage)
		base = arena_printf(c->a, "http://%s", c->rq->storage);
	jw_open(&c->j, '{');
	jw_key(&c->j, "bundle");
	jw_null(&c->j);
	jw_kint(&c->j, "repository_id", p->repo->id);
	put_str(&c->j, "bundle_url",
		arena_printf(c->a, "%s/_bundles/%" PRId64 "/%s/%zu?exp=%" PRId64 "&sig=%s", base, p->repo->id,
			     hex, number, until, log_signature(c, kind, (int64_t)number + 1, until)));
	put_str(&c->j, "initiator", p->predicate == AUTHORITY_RELEASE ? "github" : "user");
	jw_close(&c->j, '}');
}

/* Where the next page goes on: after the attestation of that number. */
static void put_next(struct call *c, size_t number)
{
	const char *per = call_query(c, "per_page"), *type = call_query(c, "predicate_type");

	call_header(c, "link",
		    arena_printf(c->a, "<%s%s?per_page=%s%s%s&after=%zu>; rel=\"next\"", c->base, c->path,
				 per ? per : "30", type ? "&predicate_type=" : "", type ? type : "", number));
}

/* Newest first: rules stand in the order in which they came. */
static void put_list(struct call *c, const struct sim_proofs *all)
{
	size_t size = (size_t)call_query_int(c, "per_page", PAGE, 1, PAGE_MAX), put = 0;
	size_t from = (size_t)call_query_int(c, "after", (int64_t)all->n, 0, (int64_t)all->n);
	const char *type = call_query(c, "predicate_type");

	jw_open(&c->j, '{');
	jw_kopen(&c->j, "attestations", '[');
	for (size_t i = from; i-- > 0;) {
		if (!is_of_type(&all->items[i], type))
			continue;
		if (put++ == size) {
			put_next(c, i + 1);
			break;
		}
		put_attestation(c, &all->items[i], i);
	}
	jw_close(&c->j, ']');
	jw_close(&c->j, '}');
}

void get_attestations(struct call *c)
{
	struct sim_proofs all = { 0 };

	if (text_is_sha256(c->param[0]))
		sim_proofs_forge(c->w, c->repo, c->param[0], &all, c->a);
	if (all.n)
		put_list(c, &all);
	else
		call_missing(c);
}

/* Of all repositories of an owner; numbers count within a repository, so they are put one by one. */
static size_t put_owned(struct call *c, const char *owner, const char *digest, const char *type)
{
	size_t n = 0;

	vec_each (r, &c->w->repos) {
		struct sim_proofs all = { 0 };

		if (strcasecmp((*r)->owner, owner) != 0 || c->user->outsider || !text_is_sha256(digest))
			continue;
		sim_proofs_forge(c->w, *r, digest, &all, c->a);
		for (size_t i = all.n; i-- > 0;) {
			if (!is_of_type(&all.items[i], type))
				continue;
			put_attestation(c, &all.items[i], i);
			n++;
		}
	}
	return n;
}

void get_org_attestations(struct call *c)
{
	size_t n;

	jw_open(&c->j, '{');
	jw_kopen(&c->j, "attestations", '[');
	n = put_owned(c, c->param[0], c->param[1], call_query(c, "predicate_type"));
	jw_close(&c->j, ']');
	jw_close(&c->j, '}');
	if (!n)
		call_missing(c);
}

static void put_page_info(struct call *c, size_t from, size_t end, size_t n)
{
	jw_kopen(&c->j, "page_info", '{');
	jw_kbool(&c->j, "has_next", end < n);
	jw_kbool(&c->j, "has_previous", from > 0);
	put_str(&c->j, "next", end < n ? arena_printf(c->a, "%zu", end) : NULL);
	put_str(&c->j, "previous", from > 0 ? arena_printf(c->a, "%zu", from) : NULL);
	jw_close(&c->j, '}');
}

/* A page is so many digests; one that nobody attested has null. */
void post_attestations(struct call *c)
{
	const struct json *list = json_get(c->body, "subject_digests");
	size_t n = json_size(list), size = (size_t)call_query_int(c, "per_page", PAGE, 1, PAGE_MAX);
	size_t from = (size_t)call_query_int(c, "after", 0, 0, (int64_t)n),
	       end = from + size < n ? from + size : n;

	if (json_type(list) != JSON_ARRAY || n == 0 || n > DIGESTS_MAX) {
		call_error(c, 422, "Invalid request. subject_digests takes 1 to 1024 digests.");
		return;
	}
	jw_open(&c->j, '{');
	jw_kopen(&c->j, "attestations_subject_digests", '{');
	for (size_t i = from; i < end; i++) {
		const char *digest = json_str(json_at(list, i), "");

		jw_kopen(&c->j, digest ? digest : "", '[');
		(void)put_owned(c, c->param[0], digest ? digest : "", json_str(c->body, "predicate_type"));
		jw_close(&c->j, ']');
	}
	jw_close(&c->j, '}');
	put_page_info(c, from, end, n);
	jw_close(&c->j, '}');
}

/* ---- bytes --------------------------------------------------------------------------------------------------------- */

struct address {
	int64_t repo, number;
	const char *digest;
};

/* /_bundles/REPO/HEX/NUMBER */
static bool read_address(struct call *c, struct address *out)
{
	const char *repo = c->path + strlen("/_bundles/"), *hex = strchr(repo, '/'),
		   *number = hex ? strchr(hex + 1, '/') : NULL;

	if (!number ||
	    text_int64(&out->repo, arena_strndup(c->a, repo, (size_t)(hex - repo)), 1, INT64_MAX) != 0 ||
	    text_int64(&out->number, number + 1, 0, INT32_MAX) != 0)
		return false;
	out->digest = arena_printf(c->a, "sha256:%.*s", (int)(number - hex - 1), hex + 1);
	return text_is_sha256(out->digest);
}

static bool is_signed(struct call *c, const struct address *at)
{
	int64_t until = call_query_int(c, "exp", 0, 0, INT64_MAX);
	const char *sig = call_query(c, "sig");
	const char *kind =
		arena_printf(c->a, "bundle-%" PRId64 "-%s-", at->repo, at->digest + strlen("sha256:"));

	return sig && until >= c->w->now && strcmp(sig, log_signature(c, kind, at->number + 1, until)) == 0;
}

static const char *bundle_at(struct call *c, const struct address *at, size_t *n)
{
	vec_each (r, &c->w->repos) {
		struct sim_proofs all = { 0 };

		if ((*r)->id != at->repo)
			continue;
		sim_proofs_forge(c->w, *r, at->digest, &all, c->a);
		if ((size_t)at->number < all.n)
			return sim_proof_bundle(c->w, &all.items[at->number], n, c->a);
	}
	return NULL;
}

void bundle_serve(struct call *c)
{
	struct address at;
	const char *bundle;
	size_t n = 0;

	c->type = "application/xml";
	c->status = 403;
	if (c->rq->authorization) {
		c->w->leaks++;
		c->status = 400;
		buf_str(&c->out, "<Error><Code>InvalidAuthenticationInfo</Code></Error>");
		return;
	}
	bundle = read_address(c, &at) && is_signed(c, &at) ? bundle_at(c, &at, &n) : NULL;
	if (!bundle) {
		buf_str(&c->out, "<Error><Code>AuthenticationFailed</Code></Error>");
		return;
	}
	c->status = 200;
	c->type = "application/x-snappy";
	snappy_pack(&c->out, bundle, n);
}
