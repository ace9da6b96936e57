#include "core/adapters/registry/internal.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "core/adapters/digest/digest.h"
#include "core/port/http_status.h"

enum {
	MAX_MANIFEST = 4 << 20, /* what a registry must take at least, and nobody passes */
	MAX_LIST = 4 << 20,
	MAX_TAGS = 1000,
	MAX_CHILDREN = 100,
	MAX_IMAGE = 255,
	MAX_ERROR_BODY = 1 << 16,
	MINUTE = 60000, /* without a word from the registry */
};

/* ---- words of the specification --------------------------------------------------------------------------------------- */

#define LOWER  "abcdefghijklmnopqrstuvwxyz0123456789"
#define LETTER LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* A little looser about separators than the grammar, and never another path. */
bool image_is_plain(const char *image)
{
	size_t n = image ? strlen(image) : 0;

	if (!n || n > MAX_IMAGE || strspn(image, LOWER "._-/") != n)
		return false;
	for (const char *p = image;; p += strcspn(p, "/") + 1) {
		if (!strchr(LOWER, *p) || !*p)
			return false;
		if (!p[strcspn(p, "/")])
			return !strstr(image, "..");
	}
}

bool tag_is_plain(const char *tag)
{
	size_t n = tag ? strlen(tag) : 0;

	return n && n <= 128 && strspn(tag, LETTER "_.-") == n && tag[0] != '.' && tag[0] != '-';
}

static const char *const types[] = {
	"application/vnd.oci.image.index.v1+json",
	"application/vnd.oci.image.manifest.v1+json",
	"application/vnd.docker.distribution.manifest.list.v2+json",
	"application/vnd.docker.distribution.manifest.v2+json",
};

bool manifest_type_known(const char *type)
{
	for (size_t i = 0; i < countof(types); i++)
		if (text_eq(type, types[i]))
			return true;
	return false;
}

const char *manifest_types(struct arena *a)
{
	return arena_printf(a, "%s, %s, %s, %s", types[0], types[1], types[2], types[3]);
}

void manifest_digest(const void *bytes, size_t n, char out[80])
{
	memcpy(out, "sha256:", 7);
	digest_sha256(bytes, n, out + 7);
}

struct when answer_date(const struct http_answer *h)
{
	const char *value = http_header(h, "date");
	struct when w = WHEN_NONE;

	return value && when_parse_http(&w, value) >= 0 ? w : WHEN_NONE;
}

/* ---- manifests ------------------------------------------------------------------------------------------------------ */

/* os/architecture[/variant]. 64-bit ARM has one variant, which some builders name and others do not. */
static const char *platform_of(const struct json *item, struct arena *a)
{
	const char *os = json_str(item, "platform.os"), *cpu = json_str(item, "platform.architecture");
	const char *variant = json_str(item, "platform.variant");

	if (!os || !cpu)
		return "";
	if (!variant || !*variant || (!strcmp(cpu, "arm64") && !strcmp(variant, "v8")))
		return arena_printf(a, "%s/%s", os, cpu);
	return arena_printf(a, "%s/%s/%s", os, cpu, variant);
}

/* What is no image (builders put attestations beside them, for a platform "unknown/unknown") is no child. */
static int read_children(struct registry_answer *out, const struct json *list, struct arena *a, struct err *e)
{
	struct registry_child *children;
	size_t n = json_type(list) == JSON_ARRAY ? json_size(list) : 0;

	if (json_type(list) != JSON_ARRAY || n > MAX_CHILDREN)
		return err_set(e, ERR_CORRUPT, "the index has no list of manifests, or one that is too long");
	children = arena_array(a, struct registry_child, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct json *item = json_at(list, i);
		const char *digest = json_str(item, "digest");

		if (!text_is_sha256(digest))
			return err_set(e, ERR_CORRUPT, "the index names a manifest by no sha256 digest");
		if (text_eq(json_str(item, "platform.os"), "unknown"))
			continue;
		children[out->children_n++] =
			(struct registry_child){ platform_of(item, a), arena_strdup(a, digest) };
	}
	out->children = children;
	return 0;
}

static bool is_index(const char *type)
{
	return text_has(type, "image.index") || text_has(type, "manifest.list");
}

/* The type is said by the header and, as a rule, by the document; one who believes either sees another image than one
 * who believes the other. */
static int read_document(struct registry_answer *out, struct arena *a, struct err *e)
{
	autofree(json) struct json *j = NULL;
	const char *type;
	int r = json_parse(&j, out->bytes, out->bytes_n, MAX_MANIFEST, e);

	if (r < 0)
		return r;
	type = json_str(j, "mediaType");
	if (type && strcmp(type, out->type) != 0)
		return err_set(e, ERR_CORRUPT, "the manifest is %s by its header and %s by itself", out->type,
			       type);
	if (json_int(j, "schemaVersion", 0) != 2)
		return err_set(e, ERR_CORRUPT, "the manifest is of another schema than 2");
	if (is_index(out->type))
		return read_children(out, json_get(j, "manifests"), a, e);
	if (json_get(j, "manifests") || !json_get(j, "config"))
		return err_set(e, ERR_CORRUPT, "the manifest is none of one image");
	return 0;
}

static int check_digest(const struct registry_answer *out, const struct http_answer *h, const char *ref,
			struct err *e)
{
	const char *said = http_header(h, "docker-content-digest");

	if (said && text_starts(said, "sha256:") && strcmp(said, out->digest) != 0)
		return err_set(e, ERR_CORRUPT, "the registry calls a manifest %s, and its bytes are %s", said,
			       out->digest);
	if (text_is_sha256(ref) && strcmp(ref, out->digest) != 0)
		return err_set(e, ERR_CORRUPT, "the registry gives %s for %s", out->digest, ref);
	return 0;
}

int answer_manifest(struct registry_answer *out, const struct http_answer *h, const char *ref,
		    struct arena *a, struct err *e)
{
	const char *type = http_header(h, "content-type");
	char *bytes = arena_alloc(a, h->body_n + 1), digest[80];
	int r;

	memcpy(bytes, h->body, h->body_n);
	manifest_digest(bytes, h->body_n, digest);
	out->bytes = bytes;
	out->bytes_n = h->body_n;
	out->digest = arena_strdup(a, digest);
	out->type = arena_strndup(a, type ? type : "", type ? strcspn(type, "; ") : 0);
	if (!manifest_type_known(out->type))
		return err_set(e, ERR_SERVER, "the registry gives %s for a manifest",
			       *out->type ? out->type : "something without a type");
	r = check_digest(out, h, ref, e);
	return r < 0 ? r : read_document(out, a, e);
}

int answer_blob(struct registry_answer *out, const struct http_answer *h, const char *ref, struct arena *a,
		struct err *e)
{
	char *bytes = arena_alloc(a, h->body_n + 1), digest[80];

	memcpy(bytes, h->body, h->body_n);
	manifest_digest(bytes, h->body_n, digest);
	out->bytes = bytes;
	out->bytes_n = h->body_n;
	out->digest = arena_strdup(a, digest);
	if (strcmp(ref, digest) != 0)
		return err_set(e, ERR_CORRUPT, "the registry gives %s for %s", digest, ref);
	return 0;
}

/* ---- tags ----------------------------------------------------------------------------------------------------------- */

/* <LIST...>; rel="next", or absolute at the same origin. Only our own list is gone on with. */
const char *answer_next(const struct http_answer *h, const char *list, const char *base, struct arena *a)
{
	const char *link = http_header(h, "link"), *end = link ? strchr(link, '>') : NULL;
	const char *target;

	if (!end || link[0] != '<' || !strstr(end, "rel=\"next\""))
		return NULL;
	target = arena_strndup(a, link + 1, (size_t)(end - link - 1));
	if (base && text_starts(target, base))
		target += strlen(base);
	return text_starts(target, list) ? target : NULL;
}

int answer_tags(struct tags *out, const struct http_answer *h, const char *image, const char *base,
		const char **next, struct arena *a, struct err *e)
{
	autofree(json) struct json *j = NULL;
	const struct json *list;
	int r = json_parse(&j, h->body, h->body_n, MAX_LIST, e);

	*next = NULL;
	if (r < 0)
		return r;
	list = json_get(j, "tags");
	if (!text_eq(json_str(j, "name"), image))
		return err_set(e, ERR_CORRUPT, "the registry lists tags of another image than %s", image);
	if (json_type(list) != JSON_ARRAY && json_type(list) != JSON_NULL)
		return err_set(e, ERR_CORRUPT, "the registry lists no tags of %s", image);
	for (size_t i = 0; json_type(list) == JSON_ARRAY && i < json_size(list); i++) {
		const char *tag = json_str(json_at(list, i), "");

		if (!tag_is_plain(tag))
			return err_set(e, ERR_CORRUPT, "a tag of %s is none", image);
		if (out->n == MAX_TAGS)
			return 1;
		*vec_push(out, a) = arena_strdup(a, tag);
	}
	*next = answer_next(h, arena_printf(a, "/v2/%s/tags/list?", image), base, a);
	return http_header(h, "link") ? 1 : 0;
}

/* ---- errors --------------------------------------------------------------------------------------------------------- */

/* {errors: [{code, message}]} */
static void add_words(struct buf *out, const struct http_answer *h)
{
	autofree(json) struct json *j = NULL;
	const struct json *list;

	if (json_parse(&j, h->body, h->body_n, MAX_ERROR_BODY, NULL) >= 0) {
		list = json_get(j, "errors");
		for (size_t i = 0; json_type(list) == JSON_ARRAY && i < json_size(list); i++) {
			const char *code = json_str(json_at(list, i), "code");
			const char *message = json_str(json_at(list, i), "message");

			buf_fmt(out, "%s%s%s%s", out->n ? "; " : "", code ? code : "", code ? " " : "",
				message ? message : "");
		}
	}
	if (!out->n)
		buf_fmt(out, "status %d", h->status);
}

int answer_error(const struct http_answer *h, bool act, const char *what, const struct clock *clock,
		 struct err *e)
{
	enum err_kind kind = http_error_kind(h->status, act);
	int64_t wait = http_retry_after(h, clock_wall(clock));
	struct buf words = BUF_INIT(512);

	add_words(&words, h);
	err_set(e, kind,
		kind == ERR_UNKNOWN ? "the registry may have acted on %s: %s" : "the registry refuses %s: %s",
		what, words.s);
	buf_done(&words);
	if (e) {
		e->status = h->status;
		e->retry_ms = kind != ERR_RATE ? 0 : wait >= 0 ? wait : MINUTE;
	}
	return -(int)kind;
}
