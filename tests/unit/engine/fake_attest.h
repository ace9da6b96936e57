/*
 * fake_attest.h - a verifier that believes what it is told: evidence is a small JSON of facts, a root is one of dates. What the
 * engine does with facts can be tested without cryptography, which has its own tests.
 *
 *	bundle {"predicate": URI, "digest": HEX, "san": TEXT, "repo": URI, "ref": TEXT, "message": BOOL, "broken": REASON,
 *		"release": TAG, "of": REPO}
 *	root   {"certificateAuthorities": [{"uri": HOST, "validFor": {"start": TIME, "end": TIME}}]}
 */
#pragma once

#include "base/json.h"
#include "core/adapters/digest/digest.h"
#include "core/engine/prover.h"

struct attest_root {
	char sha[DIGEST_HEX];
	struct when since, until;
};

static int fake_attest_verified;

static inline int fake_root_parse(struct attest_root **out, const void *json, size_t n, struct err *e)
{
	struct json *doc = NULL;
	struct attest_root *r;
	int rc = json_parse(&doc, json, n, ATTEST_ROOT_MAX, e);

	if (rc < 0)
		return rc;
	r = x_alloc(sizeof(*r));
	digest_sha256(json, n, r->sha);
	for (size_t i = 0; i < json_size(json_get(doc, "certificateAuthorities")); i++) {
		const struct json *window =
			json_get(json_at(json_get(doc, "certificateAuthorities"), i), "validFor");
		const char *start = json_str(window, "start"), *end = json_str(window, "end");

		r->until = WHEN_NONE;
		if (!start || when_parse(&r->since, start) < 0)
			rc = err_set(e, ERR_CORRUPT, "a start is missing");
		if (end && when_parse(&r->until, end) < 0)
			rc = err_set(e, ERR_CORRUPT, "an end is no time");
	}
	json_free(doc);
	if (rc < 0)
		free(r);
	else
		*out = r;
	return rc;
}

static inline void fake_root_free(struct attest_root *r)
{
	free(r);
}
static inline const char *fake_root_sha(const struct attest_root *r)
{
	return r->sha;
}
static inline struct when fake_root_until(const struct attest_root *r)
{
	return r->until;
}
static inline struct when fake_root_since(const struct attest_root *r)
{
	return r->since;
}

static inline void fake_checks(struct attest_facts *f, struct arena *a)
{
	static const char *const ids[] = { "S0.parse", "S1.key", "S3.chain", "S3.identity", "S7.signature" };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		*vec_push(&f->checks, a) = (struct proof_check){
			.evidence = f->bundle_sha, .id = ids[i], .name = "said so", .result = CHECKED_PASS
		};
	if (f->broken != PROOF_OK) {
		f->checks.items[4].result = CHECKED_FAIL;
		f->checks.items[4].reason = (int)f->broken;
	}
}

static inline void fake_facts(struct attest_facts *f, const struct json *doc, struct arena *a)
{
	struct attest_subject *s = arena_new(a, struct attest_subject);
	struct attest_time *t = arena_new(a, struct attest_time);
	struct attest_entry *x = arena_new(a, struct attest_entry);

	f->message = json_bool(doc, "message", false);
	f->digest_algorithm = "sha256";
	f->digest = arena_strdup(a, json_str(doc, "digest"));
	f->id.san = arena_strdup(a, json_str(doc, "san"));
	f->id.issuer = "https://token.actions.githubusercontent.com";
	f->id.oid[ATTEST_OID_REPO] = arena_strdup(a, json_str(doc, "repo"));
	f->id.oid[ATTEST_OID_REF] = arena_strdup(a, json_str(doc, "ref"));
	f->id.oid[ATTEST_OID_COMMIT] = "0123456789012345678901234567890123456789";
	*s = (struct attest_subject){ "it", "sha256", f->digest };
	*t = (struct attest_time){ "a clock", false, { 1790000000000 } };
	*x = (struct attest_entry){ "a log", 7, "dsse 0.0.1", { 1790000001000 } };
	f->times = t;
	f->entries = x;
	f->times_n = f->entries_n = 1;
	f->scts = 1;
	if (f->message)
		return;
	f->statement.predicate = arena_strdup(a, json_str(doc, "predicate"));
	f->statement.release_tag = arena_strdup(a, json_str(doc, "release"));
	f->statement.release_repo = arena_strdup(a, json_str(doc, "of"));
	f->statement.subjects = s;
	f->statement.subjects_n = 1;
}

static inline int fake_verify(struct attest_facts *out, const struct attest_question *q, struct arena *a,
			      struct err *e)
{
	struct json *doc = NULL;
	char hex[DIGEST_HEX];

	(void)e;
	fake_attest_verified++;
	digest_sha256(q->bundle, q->bundle_n, hex);
	out->bundle_sha = arena_strdup(a, hex);
	out->root_sha = q->root ? arena_strdup(a, q->root->sha) : NULL;
	if (json_parse(&doc, q->bundle, q->bundle_n, ATTEST_BUNDLE_MAX, NULL) < 0)
		out->broken = PROOF_ATT_PARSE;
	else if (json_str(doc, "broken"))
		out->broken = (enum proof_reason)names_value(&proof_reason_names, json_str(doc, "broken"));
	if (out->broken == PROOF_OK)
		fake_facts(out, doc, a);
	fake_checks(out, a);
	json_free(doc);
	return 0;
}

static inline const char *fake_floor(void)
{
	return "this OpenSSL is of yesterday";
}

static const struct attest_ops fake_attest = { fake_root_parse, fake_root_free,  fake_root_sha,
					       fake_root_until, fake_root_since, fake_verify,
					       fake_floor };
