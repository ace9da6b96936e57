/*
 * attestations.c - what the forge says of attestations: where bundles are, and for which digests. Since 2026-07 bundles no
 * longer come along with the list (reference github.md 0.5); where one does, it is taken.
 */
#include "core/adapters/github/internal.h"

#include <string.h>

#include "base/text.h"

enum { MAX_BUNDLE = 4 << 20 };

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
