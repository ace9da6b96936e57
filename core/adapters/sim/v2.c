#include "core/adapters/sim/face.h"
#include "core/adapters/sim/proofs.h"

#include "base/text.h"
#include "core/adapters/sim/sha256.h"

#include <stdlib.h>
#include <string.h>

/* The registry: OCI distribution 1.1 below /v2/, as far as tags and manifests go. Like a registry that was just
 * installed it asks nobody who they are. */

enum { MANIFEST_MAX = 4 << 20, TAGS_MAX = 1000 };

static void refuse(struct call *c, int status, const char *code, const char *message)
{
	c->status = status;
	jw_open(&c->j, '{');
	jw_kopen(&c->j, "errors", '[');
	jw_open(&c->j, '{');
	put_str(&c->j, "code", code);
	put_str(&c->j, "message", message);
	jw_close(&c->j, '}');
	jw_close(&c->j, ']');
	jw_close(&c->j, '}');
}

static struct sim_image *image_of(struct call *c, const char *name)
{
	vec_each (it, &c->w->images) {
		if (strcmp((*it)->name, name) == 0)
			return *it;
	}
	refuse(c, 404, "NAME_UNKNOWN", "repository name not known to registry");
	return NULL;
}

/* ---- tags --------------------------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void tags_list(struct call *c, const char *name)
{
	const struct sim_image *im = image_of(c, name);
	size_t limit = (size_t)call_query_int(c, "n", TAGS_MAX, 1, TAGS_MAX), n = 0, put = 0;
	const char *after = call_query(c, "last"), **all;

	if (!im)
		return;
	all = arena_array(c->a, const char *, im->tags.n + 1);
	vec_each (it, &im->tags)
		if (!after || strcmp(it->name, after) > 0)
			all[n++] = it->name;
	qsort(all, n, sizeof(*all), by_name);
	jw_open(&c->j, '{');
	put_str(&c->j, "name", name);
	jw_kopen(&c->j, "tags", '[');
	for (; put < n && put < limit; put++)
		jw_raw_str(&c->j, all[put]);
	jw_close(&c->j, ']');
	jw_close(&c->j, '}');
	if (put < n)
		call_header(c, "link",
			    arena_printf(c->a, "</v2/%s/tags/list?last=%s&n=%zu>; rel=\"next\"", name,
					 all[put - 1], limit));
}

/* ---- manifests ---------------------------------------------------------------------------------------------------- */

static void manifest_get(struct call *c, const char *name, const char *ref)
{
	const struct sim_image *im = image_of(c, name);
	const struct sim_manifest *m = im ? sim_image_manifest(im, ref) : NULL;

	if (!im)
		return;
	if (!m) {
		refuse(c, 404, "MANIFEST_UNKNOWN", "manifest unknown");
		return;
	}
	c->type = m->type;
	call_header(c, "docker-content-digest", m->digest);
	call_header(c, "etag", arena_printf(c->a, "\"%s\"", m->digest));
	buf_str(&c->out, m->bytes);
}

/* Bytes that this image has already; nobody uploads layers here. */
static void manifest_put(struct call *c, const char *name, const char *ref)
{
	struct sim_image *im = image_of(c, name);
	const char *digest = sim_digest(c->a, c->rq->body ? c->rq->body : "", c->rq->body_n);
	const struct sim_manifest *m = im ? sim_image_manifest(im, digest) : NULL;

	if (!im)
		return;
	if (text_starts(ref, "sha256:") && strcmp(ref, digest) != 0) {
		refuse(c, 400, "DIGEST_INVALID", "provided digest did not match uploaded content");
	} else if (!m) {
		refuse(c, 400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry");
	} else {
		if (!text_starts(ref, "sha256:"))
			(void)sim_image_tag(c->w, im, ref, digest);
		c->status = 201;
		call_header(c, "location", arena_printf(c->a, "/v2/%s/manifests/%s", name, digest));
		call_header(c, "docker-content-digest", digest);
	}
}

static void manifest(struct call *c, const char *name, const char *ref)
{
	const char *method = c->rq->method;

	sim_evidence_tag(c->w, name, ref, c->a);
	if (strcmp(method, "PUT") == 0)
		manifest_put(c, name, ref);
	else if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
		manifest_get(c, name, ref);
	else
		refuse(c, 405, "UNSUPPORTED", "the operation is unsupported");
}

/* NAME/WHAT/REF below /v2/; false: it is none of these. */
static bool below_name(struct call *c, const char *rest)
{
	static const struct {
		const char *what;
		void (*fn)(struct call *c, const char *name, const char *ref);
	} rows[] = { { "/manifests/", manifest },
		     { "/referrers/", registry_referrers },
		     { "/blobs/", registry_blob } };

	for (size_t i = 0; i < countof(rows); i++) {
		const char *at = strstr(rest, rows[i].what), *ref = at ? at + strlen(rows[i].what) : NULL;

		if (!at)
			continue;
		rows[i].fn(c, call_decode(c->a, rest, (size_t)(at - rest)),
			   call_decode(c->a, ref, strlen(ref)));
		return true;
	}
	return false;
}

void registry_serve(struct call *c)
{
	const char *rest = c->path + strlen("/v2");
	size_t n;

	call_header(c, "docker-distribution-api-version", "registry/2.0");
	if (strcmp(rest, "") == 0 || strcmp(rest, "/") == 0) {
		jw_json(&c->j, "{}");
		return;
	}
	rest++;
	n = strlen(rest);
	if (below_name(c, rest))
		return;
	if (n > strlen("/tags/list") && strcmp(rest + n - strlen("/tags/list"), "/tags/list") == 0)
		tags_list(c, call_decode(c->a, rest, n - strlen("/tags/list")));
	else
		refuse(c, 404, "NAME_UNKNOWN", "repository name not known to registry");
}
