/*
 * Decisions, packages and live answers that real systems wrote, judged by the built-in profiles: what each lane asks of
 * them, and what it must hear. PILOTHOUSE_VECTORS names their folder; without it nothing is judged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/path.h"
#include "base/text.h"
#include "core/profile/profile.h"
#include "core/rules/evidence.h"

static struct profiles profiles;
static struct arena kept;

static bool without_recordings(void)
{
	if (getenv("PILOTHOUSE_VECTORS"))
		return false;
	print_message("[  SKIP  ] PILOTHOUSE_VECTORS is not set\n");
	return true;
}

static struct json *recorded(const char *name)
{
	struct buf text = BUF_INIT(1 << 20);
	struct json *doc = NULL;
	struct err e = ERR_INIT;
	char path[512];

	snprintf(path, sizeof(path), "%s/systems/%s", getenv("PILOTHOUSE_VECTORS"), name);
	if (path_read(&text, path, &e) < 0 || json_parse(&doc, text.s, text.n, 1 << 20, &e) < 0)
		fail_msg("%s: %s", name, e.message);
	buf_done(&text);
	return doc;
}

static const struct profile_lane *lane_named(const char *name)
{
	const struct profile_lane *l = profiles_lane(&profiles, name, NULL);

	if (!l)
		fail_msg("there is no lane %s", name);
	return l;
}

static void decisions_that_runs_wrote(void **state)
{
	static const struct {
		const char *file, *lane, *decision;
		int verdict;
		const char *reasons; /* a beginning */
	} rows[] = {
		{ "compass/acceptance-YES.json", "cloud/accept", "acceptance", DECISION_YES, "" },
		{ "compass/acceptance-NO.json", "cloud/accept", "acceptance", DECISION_NO, "CHECK_RUNTIME" },
		{ "compass/acceptance-docs-only.json", "cloud/accept", "acceptance", DECISION_YES,
		  "DOCS_ONLY_CHANGE" },
		{ "compass/commit-stage-evidence.json", "cloud/accept", "commit stage", DECISION_YES, "" },
		{ "compass/production-YES.json", "cloud/prod", "production", DECISION_YES, "" },
		{ "compass/production-NO.json", "cloud/prod", "production", DECISION_NO,
		  "PRODUCTION_BLACKBOX_VERIFY_FAILED" },
		{ "compass/decision-YES.json", "cloud/prod", "release", DECISION_YES, "" },
		{ "compass/decision-REPLAY-NO.json", "cloud/prod", "release", DECISION_NO,
		  "PRODUCTION_BLACKBOX_VERIFY_FAILED" },
		{ "compass/auth-canary-freshness.pass.json", "cloud/prod", "canary freshness", DECISION_YES,
		  "" },
		{ "compass/auth-canary-freshness.stale.json", "cloud/prod", "canary freshness", DECISION_NO,
		  "" },
		{ "compass/delegated-smoke-freshness.pass.json", "cloud/prod", "probe freshness",
		  DECISION_YES, "" },
		{ "compass/delegated-smoke-freshness.artifact-missing.json", "cloud/prod", "probe freshness",
		  DECISION_NO, "" },
		/* another document under the name of one says nothing */
		{ "compass/production-YES.json", "cloud/prod", "canary freshness", DECISION_UNKNOWN, "" },
		{ "compass/acceptance-YES.json", "cloud/prod", "production", DECISION_UNKNOWN, "" },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows) && !without_recordings(); i++) {
		const struct profile_lane *l = lane_named(rows[i].lane);
		struct json *doc = recorded(rows[i].file);
		struct decision d = { 0 };
		bool asked = false;

		vec_each (p, &l->decisions) {
			const struct decision_terms t = { p->pointers, p->yes, p->no, p->na, p->reasons };

			if (!text_eq(p->name, rows[i].decision))
				continue;
			asked = true;
			evidence_decision(&d, doc, &t, &kept);
		}
		if (!asked || d.verdict != rows[i].verdict || !text_starts(d.reasons, rows[i].reasons))
			fail_msg("%s for %s: %s, %s", rows[i].file, rows[i].decision,
				 names_word(&decision_verdict_names, d.verdict), d.reasons);
		json_free(doc);
	}
}

static const struct profile_probe *probe_of(const char *lane, int kind)
{
	vec_each (p, &lane_named(lane)->probes)
		if (p->kind == kind)
			return p;
	fail_msg("%s has no such probe", lane);
	return NULL;
}

/* What the profile points at is there, in documents that it never saw. */
static void what_is_declared_and_what_runs(void **state)
{
	static const struct {
		const char *file, *lane;
		int kind;
		const char *datum; /* a beginning */
	} rows[] = {
		{ "easyenclave/health.json", "easy/prod", PROBE_URL, "" },
		{ "theory-api/envelope.success.json", "theory/main", PROBE_URL, "sha256:793b7430" },
		{ "theory-api/envelope.drifted.json", "theory/main", PROBE_URL, "sha256:ed242f2f" },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows) && !without_recordings(); i++) {
		const struct profile_probe *p = probe_of(rows[i].lane, rows[i].kind);
		struct json *doc = recorded(rows[i].file);
		const char *word = evidence_word(evidence_at(doc, p->pointer), &kept);

		if (!word || !text_starts(word, rows[i].datum))
			fail_msg("%s has no %s", rows[i].file, p->pointer);
		if (p->run_pointer) {
			const char *run = evidence_word(evidence_at(doc, p->run_pointer), &kept);

			assert_non_null(run);
			assert_true(profile_run_in(p, run) > 0);
		}
		json_free(doc);
	}
}

static void the_manifest_declares_each_component(void **state)
{
	const struct profile_probe *p = probe_of("cloud/prod", PROBE_DEPLOYMENTS);
	struct json *doc;

	(void)state;
	if (without_recordings())
		return;
	doc = recorded("compass/release-package-manifest.json");
	assert_int_equal(p->declared.n, p->components.n);
	vec_each (c, &p->declared) {
		const char *word = evidence_word(evidence_at(doc, c->pointer), &kept);

		if (!word || !strstr(word, "@sha256:"))
			fail_msg("the manifest declares no %s", c->name);
	}
	json_free(doc);
}

/* Two shapes of a candidate's tag in one document; no other tag is one. */
static void candidates_are_told_from_live_tags(void **state)
{
	static const struct {
		const char *tag;
		const char *version, *date, *time;
	} rows[] = {
		{ "staging-v0.1.0-20251015-abc123d", "0.1.0", "20251015", "" },
		{ "staging-v0.1.0-20251015-143052-abc123d", "0.1.0", "20251015", "143052" },
		{ "staging-latest", NULL, NULL, NULL },
		{ "latest", NULL, NULL, NULL },
		{ "0.1.0", NULL, NULL, NULL },
		{ "abc123def456789", NULL, NULL, NULL },
	};
	const struct profile_grammar *g = lane_named("mcp/staging")->grammar;

	(void)state;
	assert_non_null(g);
	for (size_t i = 0; i < countof(rows); i++) {
		struct profile_tag t;

		if (profile_grammar_parse(g, rows[i].tag, &t, &kept) != (rows[i].version != NULL))
			fail_msg("%s", rows[i].tag);
		if (!rows[i].version)
			continue;
		assert_string_equal(t.version, rows[i].version);
		assert_string_equal(t.date, rows[i].date);
		assert_string_equal(t.time, rows[i].time);
	}
}

static int setup(void **state)
{
	static const char *const names[] = { "easyenclave", "theory-api", "mcp-server", "cloud-delivery",
					     "release-train" };
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < countof(names); i++)
		if (profile_load(&profiles, names[i], &kept, &e) < 0)
			fail_msg("%s: %s", names[i], e.message);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_done(&kept);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decisions_that_runs_wrote),
		cmocka_unit_test(what_is_declared_and_what_runs),
		cmocka_unit_test(the_manifest_declares_each_component),
		cmocka_unit_test(candidates_are_told_from_live_tags),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
