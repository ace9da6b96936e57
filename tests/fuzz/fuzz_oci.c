/* links: engine */
/*
 * Any bytes as what lies beside an image: a manifest, a layer's annotations, a signed document, an envelope.
 * What is made of them is JSON of the form of a bundle, or there is a reason.
 *
 * The first byte chooses what the rest is.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "core/engine/attestations.h"
#include "core/engine/cosign.h"

#define DIGEST "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_NESTED = 40 }; /* far below what JSON may be nested here: a bundle is deeper than what is in it */

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static void check_err(int r, const struct err *e)
{
	demand(r == 0 || (r == -ERR_CORRUPT && e->kind == ERR_CORRUPT && e->message[0]));
}

static void check_bundle(int r, const char *bundle, const struct err *e)
{
	autofree(json) struct json *j = NULL;

	check_err(r, e);
	demand((r == 0) == (bundle != NULL));
	if (!bundle)
		return;
	demand(json_parse(&j, bundle, strlen(bundle), (size_t)16 << 20, NULL) == 0);
	demand(json_str(j, "mediaType") && json_get(j, "verificationMaterial.tlogEntries"));
	demand(!json_get(j, "messageSignature") != !json_get(j, "dsseEnvelope"));
}

static void make_bundles(const struct oci_layer *l, struct arena *a)
{
	static const char envelope[] = "{\"payload\":\"\"}";
	const char *bundle = NULL;
	struct err e = ERR_INIT;
	int r = cosign_signature(&bundle, l, a, &e);

	demand(r < 0 || l->signature);
	check_bundle(r, bundle, &e);
	e = (struct err)ERR_INIT;
	bundle = NULL;
	r = cosign_envelope(&bundle, l, envelope, sizeof(envelope) - 1, a, &e);
	check_bundle(r, bundle, &e);
}

static void as_manifest(const char *s, size_t n, struct arena *a)
{
	struct oci_manifest m;
	struct err e = ERR_INIT;
	int r = oci_manifest_read(&m, s, n, a, &e);

	check_err(r, &e);
	demand(r < 0 || (m.artifact && (!m.subject || strlen(m.subject) == 71)));
	if (r < 0)
		return;
	demand(m.layers.n <= OCI_LAYERS_MAX);
	vec_each (l, &m.layers) {
		demand(strlen(l->digest) == 71 && l->size >= 0);
		make_bundles(l, a);
	}
}

/* Three texts, with a zero between them. */
static void as_annotations(const char *s, size_t n, struct arena *a)
{
	const char *log;
	char *copy = arena_alloc(a, n + 2);
	struct oci_layer l = { .digest = DIGEST, .signature = "AAEC", .certificate = copy };

	memcpy(copy, s, n);
	log = copy + strlen(copy) + 1;
	if (log < copy + n) {
		l.log = log;
		log += strlen(log) + 1;
		l.timestamp = log < copy + n ? log : NULL;
	}
	make_bundles(&l, a);
}

static void as_payload(const char *s, size_t n)
{
	struct err e = ERR_INIT;
	int r = cosign_payload_check(s, n, DIGEST, &e);

	check_err(r, &e);
	demand(r < 0 || memmem(s, n, "cccc", 4) || memmem(s, n, "\\u", 2));
}

static void as_envelope(const char *s, size_t n, struct arena *a)
{
	const struct oci_layer l = { .digest = DIGEST };
	const char *bundle = NULL;
	struct err e = ERR_INIT;
	size_t nested = 0;
	int r;

	for (size_t i = 0; i < n; i++)
		nested += s[i] == '[' || s[i] == '{';
	r = cosign_envelope(&bundle, &l, s, n, a, &e);
	if (nested <= MAX_NESTED)
		check_bundle(r, bundle, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	const char *s = (const char *)data + 1;
	size_t n = size ? size - 1 : 0;

	if (!size)
		return 0;
	switch (data[0] % 4) {
	case 0:
		as_manifest(s, n, &a);
		break;
	case 1:
		as_annotations(s, n, &a);
		break;
	case 2:
		as_payload(s, n);
		break;
	case 3:
		as_envelope(s, n, &a);
		break;
	}
	arena_done(&a);
	return 0;
}
