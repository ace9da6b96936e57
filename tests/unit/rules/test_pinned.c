/*
 * Pins of both shapes, and what runs held against them. PILOTHOUSE_VECTORS names a folder of recordings: the files and the
 * history of a system that pins; without it only what stands here is tested.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/path.h"
#include "base/text.h"
#include "core/rules/drift.h"
#include "core/rules/evidence.h"
#include "core/rules/pinned.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const char *const pointers[] = { "/image/platforms", "/image/oci", NULL };

static void both_shapes_are_read(void **state)
{
	static const struct {
		const char *text;
		size_t n; /* 0: refused */
		const char *component, *platform;
	} rows[] = {
		{ "ref: llm/x@1\nimage:\n  platforms:\n    amd64: g/x@sha256:" A64
		  "\n    arm64: g/x@sha256:" A64 "\n",
		  2, "llm/x@1", "amd64" },
		{ "image:\n  oci: g/x@sha256:" A64 "\n", 1, "a/registry.yaml", "" },
		/* the newer shape wins where both are */
		{ "ref: n\nimage:\n  platforms:\n    arm64: g/x@sha256:" A64 "\n  oci: g/y@sha256:" A64 "\n",
		  1, "n", "arm64" },
		/* a place that waits for its first pin is none */
		{ "ref: n\nimage:\n  platforms:\n    amd64: g/x@sha256:" A64 "\n    arm64: later\n", 1, "n",
		  "amd64" },
		{ "image:\n  platforms:\n    amd64: later\n", 0, NULL, NULL },
		{ "image: {}\n", 0, NULL, NULL },
		{ "image:\n  platforms: [x]\n", 0, NULL, NULL },
		{ "", 0, NULL, NULL },
		{ "{", 0, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct arena a = ARENA_INIT;
		struct pinned p = { 0 };
		struct err e = ERR_INIT;
		int r = pinned_parse(&p, "a/registry.yaml", rows[i].text, strlen(rows[i].text), pointers, &a,
				     &e);

		if ((r == 0) != (rows[i].n != 0) || (r == 0 && p.n != rows[i].n))
			fail_msg("row %zu: %d, %zu pins", i, r, p.n);
		if (r == 0) {
			assert_string_equal(p.items[0].component, rows[i].component);
			assert_string_equal(p.items[0].platform, rows[i].platform);
			assert_non_null(pinned_image(&p, rows[i].component, rows[i].platform));
			assert_null(pinned_image(&p, rows[i].component, "riscv64"));
		} else {
			assert_true(e.kind != ERR_NONE);
		}
		arena_done(&a);
	}
}

/* ---- recordings ---------------------------------------------------------------------------------------------------------- */

static char *recorded(const char *name)
{
	struct buf text = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	char path[512];

	snprintf(path, sizeof(path), "%s/systems/theory-api/%s", getenv("PILOTHOUSE_VECTORS"), name);
	if (path_read(&text, path, &e) < 0)
		fail_msg("%s", e.message);
	return buf_detach(&text);
}

static bool without_recordings(void)
{
	if (getenv("PILOTHOUSE_VECTORS"))
		return false;
	print_message("[  SKIP  ] PILOTHOUSE_VECTORS is not set\n");
	return true;
}

static const char *recorded_pin(const char *file, const char *component, const char *platform,
				struct arena *a)
{
	char *text = recorded(file);
	struct pinned p = { 0 };
	struct err e = ERR_INIT;

	if (pinned_parse(&p, file, text, strlen(text), pointers, a, &e) < 0)
		fail_msg("%s: %s", file, e.message);
	free(text);
	if (!pinned_image(&p, component, platform))
		fail_msg("%s pins no %s for %s", file, component, platform);
	return pinned_image(&p, component, platform);
}

static const char *recorded_live(const char *file, struct arena *a)
{
	char *text = recorded(file);
	struct json *doc = NULL;
	struct err e = ERR_INIT;
	const char *word;

	assert_int_equal(json_parse(&doc, text, strlen(text), 1 << 20, &e), 0);
	word = evidence_word(evidence_at(doc, "/meta/image_digest"), a);
	json_free(doc);
	free(text);
	assert_non_null(word);
	return word;
}

/* Digests of one platform on one branch, newest first. */
static size_t recorded_order(const char *branch, const char *platform, const char **order, size_t max,
			     struct arena *a)
{
	char *text = recorded("pin-history.ndjson");
	size_t n = 0;

	for (char *line = text, *end; *line && n < max; line = end) {
		struct json *doc = NULL;
		struct err e = ERR_INIT;

		end = line + strcspn(line, "\n");
		end += *end == '\n';
		assert_int_equal(json_parse(&doc, line, (size_t)(end - line), 1 << 20, &e), 0);
		if (text_eq(json_str(doc, "branch"), branch) && json_str(doc, platform))
			order[n++] = arena_strdup(a, json_str(doc, platform));
		json_free(doc);
	}
	free(text);
	return n;
}

static void recorded_files_and_envelopes(void **state)
{
	static const struct {
		const char *file, *component, *platform, *envelope, *branch;
		int verdict;
		const char *says;
	} rows[] = {
		{ "registry.llm_litellm.fe5de4a.yaml", "llm/litellm@1", "amd64", "envelope.success.json",
		  "main", DRIFT_EQUAL, "" },
		{ "registry.llm_litellm.fe5de4a.yaml", "llm/litellm@1", "amd64",
		  "envelope.negative-probe.json", "main", DRIFT_EQUAL, "" },
		{ "registry.llm_litellm.fe5de4a.yaml", "llm/litellm@1", "arm64", "envelope.success.json",
		  "main", DRIFT_OTHER, "is not among" },
		{ "registry.llm_litellm.main-4a5386b.yaml", "llm/litellm@1", "amd64", "envelope.drifted.json",
		  "main", DRIFT_EQUAL, "" },
		{ "registry.llm_litellm.fe5de4a.yaml", "llm/litellm@1", "amd64", "envelope.drifted.json",
		  NULL, DRIFT_OTHER, "" },
		{ "registry.llm_litellm.staging-2885cae.yaml", "llm/litellm@1", "amd64",
		  "envelope.drifted.json", "staging", DRIFT_BEHIND, "behind by 19 pins" },
		{ "registry.llm_litellm.dev-7a0c572.yaml", "llm/litellm@1", "amd64", "envelope.drifted.json",
		  "dev", DRIFT_BEHIND, "behind by 20 pins" },
		{ "registry.llm_litellm.main-4a5386b.yaml", "llm/litellm@1", "amd64", "envelope.success.json",
		  "main", DRIFT_OTHER, "what runs is not among the newest 25 pins" },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows) && !without_recordings(); i++) {
		struct arena a = ARENA_INIT;
		const char *order[64];
		size_t n = rows[i].branch ? recorded_order(rows[i].branch, rows[i].platform, order,
							   countof(order), &a)
					  : 0;
		struct drift d = { .declared = recorded_pin(rows[i].file, rows[i].component, rows[i].platform,
							    &a),
				   .live = recorded_live(rows[i].envelope, &a) };

		drift_judge(&d, order, n, "pin", &a);
		if (d.verdict != rows[i].verdict || !strstr(d.reason, rows[i].says))
			fail_msg("row %zu: %s, %s", i, names_word(&drift_verdict_names, d.verdict), d.reason);
		arena_done(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_shapes_are_read),
		cmocka_unit_test(recorded_files_and_envelopes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
