/*
 * Every case of the manifests, of the Merkle trees and of the checkpoints comes to what is expected. VERBOSE=1 tells the reason
 * of each refusal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "core/adapters/attest/bundle.h"
#include "tests/unit/attest/vectors.h"

static const char *skipped_or(struct arena *a, const char *name, size_t *n)
{
	const char *text = vector_file(a, name, n);

	if (!text)
		print_message("[  SKIP  ] %s: %s\n", name,
			      getenv("PILOTHOUSE_VECTORS") ? "cannot be read"
							   : "PILOTHOUSE_VECTORS is not set");
	return text;
}

static void run_manifest(const char *name)
{
	struct arena a = ARENA_INIT;
	size_t n, cases = 0, wrong = 0;
	char *at = (char *)(uintptr_t)skipped_or(&a, name, &n);
	const char *cols[COLS];

	if (at)
		at = vector_row(at, cols);
	while (at && *at) {
		struct arena row = ARENA_INIT;
		struct vector_outcome o;

		at = vector_row(at, cols);
		o = vector_judge(cols, &row);
		cases++;
		if ((o.status == PROOF_VERIFIED) != (strcmp(cols[COL_EXPECT], "pass") == 0)) {
			wrong++;
			print_error("%s: %s %s %s, expected %s (%s)\n", cols[COL_ID],
				    names_word(&proof_status_names, (int)o.status),
				    names_word(&proof_reason_names, (int)o.reason), o.detail,
				    cols[COL_EXPECT], cols[COL_WHY]);
		} else if (getenv("VERBOSE")) {
			print_message("%-60s %s %s\n", cols[COL_ID],
				      names_word(&proof_reason_names, (int)o.reason), o.detail);
		}
		arena_done(&row);
	}
	if (cases)
		print_message("%s: %zu of %zu as expected\n", name, cases - wrong, cases);
	arena_done(&a);
	assert_int_equal(wrong, 0);
}

static void bundles(void **state)
{
	(void)state;
	run_manifest("manifest.tsv");
}

static void derived_bundles(void **state)
{
	(void)state;
	run_manifest("manifest_derived.tsv");
}

/* ---- Merkle trees --------------------------------------------------------------------------------------------------------- */

static struct span digits(const struct json *j, const char *path, struct arena *a)
{
	const char *s = json_str(j, path);
	struct span out = { 0 };

	if (s && *s)
		assert_true(span_base64(&out, s, a));
	return out;
}

static bool is_included(const struct json *j, struct arena *a)
{
	const struct json *proof = json_get(j, "proof");
	struct span path[BUNDLE_PATH_MAX], leaf = digits(j, "leafHash", a), root = digits(j, "root", a);
	unsigned char out[MERKLE_HASH];
	size_t n = json_size(proof);

	assert_true(n <= BUNDLE_PATH_MAX);
	for (size_t i = 0; i < n; i++)
		path[i] = digits(json_at(proof, i), "", a);
	return leaf.n == MERKLE_HASH &&
	       merkle_root(out, leaf.p, (uint64_t)json_int(j, "leafIdx", -1),
			   (uint64_t)json_int(j, "treeSize", 0), path, n) &&
	       span_eq(root, (struct span){ out, sizeof(out) });
}

static void merkle_trees(void **state)
{
	autofree(json) struct json *all = NULL;
	struct arena a = ARENA_INIT;
	size_t n;
	char *text = (char *)(uintptr_t)skipped_or(&a, "merkle/inclusion.json", &n);

	(void)state;
	/* 2^64-1 is no number of JSON's readers; -1 is the same 64 bits */
	for (char *at = text; at && (at = strstr(at, "18446744073709551615"));)
		memcpy(at, "-1                  ", 20);
	if (text)
		assert_int_equal(json_parse(&all, text, n, n, NULL), 0);
	for (size_t i = 0; i < json_size(all); i++) {
		const struct json *j = json_at(all, i);

		if (is_included(j, &a) == json_bool(j, "wantErr", false))
			fail_msg("%s", json_str(j, "file"));
	}
	print_message("merkle/inclusion.json: %zu as expected\n", json_size(all));
	arena_done(&a);
}

/* ---- checkpoints ------------------------------------------------------------------------------------------------------------ */

static void checkpoints(void **state)
{
	struct arena a = ARENA_INIT;
	size_t n;
	char *at = (char *)(uintptr_t)skipped_or(&a, "checkpoints/manifest.tsv", &n);
	const char *cols[COLS];

	(void)state;
	if (at)
		at = vector_row(at, cols);
	while (at && *at) {
		struct note note;
		struct err e = ERR_INIT;

		at = vector_row(at, cols);
		const char *text = vector_file(&a, arena_printf(&a, "checkpoints/%s", cols[0]), &n);
		assert_non_null(text);
		if ((note_read(&note, text, &a, &e) == 0) != (strcmp(cols[1], "ok") == 0))
			fail_msg("%s: %s", cols[0], e.message);
	}
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bundles),
		cmocka_unit_test(derived_bundles),
		cmocka_unit_test(merkle_trees),
		cmocka_unit_test(checkpoints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
