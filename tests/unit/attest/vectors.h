/*
 * vectors.h - bundles of other projects with the verdict that is expected. They are not in the project: PILOTHOUSE_VECTORS
 * names the folder, and without it what needs them says that it was skipped.
 */
#pragma once

#include "base/path.h"
#include "core/adapters/attest/internal.h"
#include "core/rules/proof.h"

#include <stdlib.h>
#include <string.h>

enum {
	COL_ID,
	COL_BUNDLE,
	COL_ARTIFACT,
	COL_IDENTITY,
	COL_ISSUER,
	COL_ROOT,
	COL_KEY,
	COL_PROFILE,
	COL_POLICY,
	COL_EXPECT,
	COL_CLASS,
	COL_WHY,
	COL_SOURCE,
	COLS
};

/* Below vectors/attest/sigstore; NULL: there are no vectors. */
static inline const char *vector_path(struct arena *a, const char *name)
{
	const char *root = getenv("PILOTHOUSE_VECTORS");

	return root ? arena_printf(a, "%s/attest/sigstore/%s", root, name) : NULL;
}

static inline const char *vector_file(struct arena *a, const char *name, size_t *n)
{
	autofree(buf) struct buf text = BUF_INIT((size_t)8 << 20);
	const char *path = vector_path(a, name);
	char *out;

	if (!path || path_read(&text, path, NULL) < 0)
		return NULL;
	out = arena_alloc(a, text.n + 1);
	memcpy(out, text.s, text.n);
	*n = text.n;
	return out;
}

/* Cuts a line at its tabs; missing columns are "". */
static inline char *vector_row(char *line, const char *cols[COLS])
{
	char *end = line + strcspn(line, "\n"), *at = line;
	char *next = *end ? end + 1 : end;

	*end = 0;
	for (int i = 0; i < COLS; i++) {
		size_t n = strcspn(at, "\t");

		cols[i] = at;
		at += n;
		if (*at)
			*at++ = 0;
	}
	return next;
}

struct vector_outcome {
	enum proof_status status;
	enum proof_reason reason;
	const char *detail;
};

/* "k=v;..." as the command line has it. */
static inline void vector_policy(struct proof_policy *p, const char *words, struct arena *a)
{
	static const struct {
		const char *key;
		size_t at;
	} keys[] = {
#define KEY(word, member) { word, offsetof(struct proof_policy, member) }
		KEY("predicate", predicate), KEY("srcrepo", repo),  KEY("ref", ref),
		KEY("signer", signer),       KEY("runner", runner), KEY("trigger", trigger),
		KEY("env", environment),
#undef KEY
	};

	while (*words) {
		size_t n = strcspn(words, ";"), k = strcspn(words, "=");

		for (size_t i = 0; i < countof(keys); i++)
			if (strlen(keys[i].key) == k && memcmp(keys[i].key, words, k) == 0)
				*(const char **)((char *)p + keys[i].at) =
					arena_strndup(a, words + k + 1, n - k - 1);
		words += n + (words[n] == ';');
	}
}

/* false: there is no such file. */
static inline bool vector_artifact(struct attest_question *q, const char *artifact, struct arena *a)
{
	const char *colon = strchr(artifact, ':');

	if (strncmp(artifact, "sha", 3) == 0 && colon) {
		q->digest_algorithm = arena_strndup(a, artifact, (size_t)(colon - artifact));
		q->digest = colon + 1;
		return true;
	}
	q->artifact = vector_file(a, artifact, &q->artifact_n);
	return q->artifact != NULL;
}

/* A row of a manifest as the tool would judge it. */
static inline struct vector_outcome vector_judge(const char *const cols[COLS], struct arena *a)
{
	struct vector_outcome o = { PROOF_FAILED, PROOF_ATT_PARSE, "" };
	struct proof_policy p = { .strict = true, .any_provenance = true };
	struct attest_question q = { 0 };
	struct proof_subject subject;
	struct proof_checks checks;
	struct attest_facts f;
	struct attest_root *root = NULL;
	struct err e = ERR_INIT;
	size_t n;
	const char *json = vector_file(a, cols[COL_ROOT], &n);

	p.kind = names_value(&proof_kind_names, cols[COL_PROFILE]);
	p.identity = *cols[COL_IDENTITY] ? cols[COL_IDENTITY] : NULL;
	p.issuer = *cols[COL_ISSUER] ? cols[COL_ISSUER] : NULL;
	p.any_identity = !p.identity && !p.issuer;
	vector_policy(&p, cols[COL_POLICY], a);
	if (!json || attest_root_parse(&root, json, n, &e) < 0) {
		o.detail = arena_strdup(a, e.message);
		return o;
	}
	q.root = root;
	q.bundle = vector_file(a, cols[COL_BUNDLE], &q.bundle_n);
	if (*cols[COL_KEY])
		q.key = vector_file(a, cols[COL_KEY], &n);
	if (q.bundle && vector_artifact(&q, cols[COL_ARTIFACT], a) && attest_verify(&f, &q, a, &e) == 0) {
		subject = proof_subject_of(&f);
		o.status = proof_judge(&f, &subject, &p, &checks, &o.reason, &o.detail, a);
	}
	attest_root_free(root);
	return o;
}
