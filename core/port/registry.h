/*
 * registry.h - port: images in a registry, by digest. adapters/registry speaks the OCI distribution API over the http
 * port; drills and tests have the simulated world or a real registry on loopback.
 *
 * A tag is a name that anybody may move; what is compared and kept is the digest of the manifest, computed from its
 * bytes and not believed from a header alone: where both are there and differ the read is ERR_CORRUPT.
 * Contract of done() and of acts as in forge.h.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/when.h"

enum registry_read_kind {
	REGISTRY_TAGS,     /* image: tags, at most 1000; cut says when there are more */
	REGISTRY_MANIFEST, /* image ref (tag or sha256:..): digest, type, bytes; children of an index */
	REGISTRY_REFERRERS, /* image ref=digest [type=artifactType]: manifests that name it as their subject, at most 1000; cut says
			     * when there are more. Of a registry without that API the index under the tag sha256-HEX, and
			     * fallback says so. None of either is an empty list */
	REGISTRY_BLOB, /* image ref=digest: bytes, hashed; above 4 MiB: ERR_SERVER. One redirect to storage, without credential */
};
struct registry_read {
	enum registry_read_kind kind;
	const char *image; /* owner/name as below /v2/ */
	const char *ref;
	const char *type; /* REGISTRY_REFERRERS: only those, or NULL */
};
struct registry_child {
	const char *platform; /* linux/amd64 */
	const char *digest;
};
struct registry_referrer {
	const char *digest, *type; /* artifactType; "" not told */
	int64_t size;
};
struct registry_answer {
	const char *const *tags;
	size_t tags_n;
	bool cut;
	const char *digest; /* sha256:64 hex */
	const char *type;   /* media type */
	const char *bytes;
	size_t bytes_n;
	const struct registry_child *children;
	size_t children_n;
	const struct registry_referrer *referrers;
	size_t referrers_n;
	bool fallback;
	struct when date;
};
typedef void (*registry_done)(void *ctx, const struct registry_answer *answer, const struct err *err);

/* Put the manifest `bytes` (of digest) under `tag`: the tag moves. Sent once; the answer's digest must be ours. */
struct registry_act {
	const char *image, *tag, *digest, *type, *bytes;
	size_t bytes_n;
};
typedef void (*registry_acted)(void *ctx, int status, const struct err *err);

struct registry;
struct registry_ops {
	int (*read)(struct registry *r, const struct registry_read *q, registry_done done, void *ctx,
		    struct err *e);
	int (*act)(struct registry *r, const struct registry_act *a, registry_acted done, void *ctx,
		   struct err *e);
	/* "PUT /v2/.../manifests/tag" and the digest that would stand there. */
	int (*describe)(struct registry *r, const struct registry_act *a, struct buf *request,
			struct buf *body, struct err *e);
	void (*free)(struct registry *r);
};
struct registry {
	const struct registry_ops *ops;
};
