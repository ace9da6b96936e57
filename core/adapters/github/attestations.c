/*
 * attestations.c - what the forge says of attestations: where bundles are, and for which digests. Since 2026-07 bundles no
 * longer come along with the list (reference github.md 0.5); where one does, it is taken.
 */
#include "core/adapters/github/internal.h"

#include <string.h>

#include "base/text.h"

enum {
	MAX_BUNDLE = 4 << 20,
	MAX_DIGESTS = 100, /* of one question; the forge takes 1,024 */
};

static const char *text_or_none(const struct json *j, const char *path, struct arena *a)
{
	const char *s = json_str(j, path);

	return s ? arena_strdup(a, s) : "";
}

static int bundle_text(const char **out, const struct json *bundle, struct arena *a, struct err *e)
{
	struct buf text = BUF_INIT(MAX_BUNDLE);

	json_dump(&text, bundle);
	*out = arena_strndup(a, text.s, text.n);
	if (text.over)
		err_set(e, ERR_CORRUPT, "a bundle is larger than %d bytes", (int)MAX_BUNDLE);
	buf_done(&text);
	return text.over ? -ERR_CORRUPT : 0;
}

int complete_attestation(const struct json *j, void *record, struct arena *a, struct err *e)
{
	struct attestation_ref *ref = record;
	const struct json *bundle = json_get(j, "bundle");

	if (json_type(bundle) == JSON_OBJECT)
		return bundle_text(&ref->bundle, bundle, a, e);
	if (json_type(bundle) != JSON_NULL && json_type(bundle) != JSON_ABSENT)
		return err_set(e, ERR_CORRUPT, "attestation: its bundle is no object");
	if (!ref->url || !*ref->url)
		return err_set(e, ERR_CORRUPT, "attestation: neither a bundle nor where it is");
	return 0;
}

/* ---- of many digests at once ------------------------------------------------------------------------------------------- */

int body_attestations(struct jw *w, const struct forge_read *r, struct err *e)
{
	if (!r->names_n || r->names_n > MAX_DIGESTS)
		return err_set(e, ERR_INVALID, "attestations are asked for 1 to %d digests at once",
			       (int)MAX_DIGESTS);
	jw_open(w, '{');
	jw_key(w, "subject_digests");
	jw_open(w, '[');
	for (size_t i = 0; i < r->names_n; i++)
		jw_raw_str(w, r->names[i]);
	jw_close(w, ']');
	jw_close(w, '}');
	return 0;
}

/* What one page adds. */
struct added {
	struct VEC_OF(struct attestation_ref) refs;
	size_t damaged;
	const char *first_damage;
	struct arena *a;
};

static void add_ref(struct added *to, const char *digest, const struct json *item)
{
	struct attestation_ref ref = {
		.digest = arena_strdup(to->a, digest),
		.bundle = "",
		.url = text_or_none(item, "bundle_url", to->a),
		.repository_id = json_int(item, "repository_id", 0),
		.initiator = text_or_none(item, "initiator", to->a),
	};
	struct err e = ERR_INIT;

	if (complete_attestation(item, &ref, to->a, &e) >= 0)
		*vec_push(&to->refs, to->a) = ref;
	else if (!to->damaged++)
		to->first_damage = arena_strdup(to->a, e.message);
}

/* {"sha256:..": [attestation, ..] or null} */
static int add_digests(struct added *to, const struct json *by_digest, struct err *e)
{
	const char *digest;

	if (json_type(by_digest) != JSON_OBJECT)
		return err_set(e, ERR_CORRUPT, "attestations_subject_digests is no object");
	for (size_t i = 0; i < json_size(by_digest); i++) {
		const struct json *list = json_member(by_digest, i, &digest);

		if (json_type(list) == JSON_NULL)
			continue;
		if (json_type(list) != JSON_ARRAY)
			return err_set(e, ERR_CORRUPT, "the attestations of a digest are no array");
		for (size_t n = 0; n < json_size(list); n++)
			add_ref(to, digest, json_at(list, n));
	}
	return 0;
}

/* The forge's description says an object, its own example has an array of such. */
static int add_page(struct added *to, const struct json *all, struct err *e)
{
	int r = 0;

	if (json_type(all) != JSON_ARRAY)
		return add_digests(to, all, e);
	for (size_t i = 0; r >= 0 && i < json_size(all); i++)
		r = add_digests(to, json_at(all, i), e);
	return r;
}

int document_attestations(const struct json *j, struct forge_answer *out, struct arena *a, struct err *e)
{
	struct added to = { .a = a, .damaged = out->damaged, .first_damage = out->first_damage };
	const struct attestation_ref *before = out->items;
	int r;

	for (size_t i = 0; i < out->n; i++)
		*vec_push(&to.refs, a) = before[i];
	r = add_page(&to, json_get(j, "attestations_subject_digests"), e);
	if (r < 0)
		return r;
	out->items = to.refs.items;
	out->n = to.refs.n;
	out->damaged = to.damaged;
	out->first_damage = to.first_damage;
	out->text2 = NULL;
	if (!json_bool(j, "page_info.has_next", false))
		return 0;
	out->text2 = arena_strdup(a, json_str(j, "page_info.next"));
	out->cut = !out->text2; /* there is more, and no way to it */
	return 0;
}
