/*
 * The documents that the five systems write down: assets, artifacts, pins, tags, states. Each is found by the name the
 * profile gives it and judged by the words the profile has for it; what the job that wrote it looked like is never asked.
 */
#include "unit/profile/systems.h"

#include "base/yaml.h"
#include "core/rules/drift.h"
#include "core/rules/evidence.h"

#define SHA    "7f3c9a1be02d4458c6f2c1f0a9b1d2e3f4a5b6c7"
#define NOW_AT INT64_C(1767866400000) /* 2026-01-08T10:00:00Z */
#define LATER  (NOW_AT + INT64_C(400) * 86400000)

static const struct profile_words words = {
	.release = "v0.1.12", .sha = SHA, .nonce = "", .ref = "main", .version = "0.1.12", .repo = "o/n"
};

static enum verdict judge_values(const struct profile_need *n, const struct json *doc, const char *release,
				 const char **why)
{
	struct expected *x = arena_array(&arena, struct expected, n->values.n + 1);
	struct profile_words w = words;

	w.release = release;
	for (size_t i = 0; i < n->values.n; i++) {
		const struct profile_value *v = &n->values.items[i];

		x[i] = (struct expected){ v->pointer, v->is, profile_expand(&arena, v->equals, &w),
					  v->optional };
	}
	return evidence_values(doc, x, n->values.n, why, &arena);
}

/* ---- release assets ------------------------------------------------------------------------------------------------------ */

static const struct profile_need *need_of_asset(const struct profile_lane *l, const char *file)
{
	vec_each (n, &l->needs)
		for (const char *const *f = n->kind == NEED_ASSET ? n->files : NULL; f && *f; f++)
			if (text_eq(profile_expand(&arena, *f, &words), file))
				return n;
	return NULL;
}

static void assets_have_needs(void **state)
{
	static const struct {
		const char *file, *need;
	} cases[] = {
		{ "trusted_values.v0.1.12.json", "trusted_values" },
		{ "trusted_values.json", "trusted_values" },
		{ "trusted_values.release.json", "trusted_values" },
		{ "gcp-image.v0.1.12.json", "gcp-image" },
		{ "gcp-image.json", "gcp-image" },
		{ "gcp-image.release.json", "gcp-image" },
		{ "example-images.v0.1.12.json", "example-images" },
		{ "example-images.json", "example-images" },
		{ "example-images.release.json", NULL },
		{ "trusted_values.v0.1.11.json", NULL },
		{ "report.json", NULL },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		const struct profile_need *n = need_of_asset(lane("easy/prod"), cases[i].file);

		if (!text_eq(n ? n->name : NULL, cases[i].need))
			fail_msg("%s is %s", cases[i].file, n ? n->name : "(none)");
	}
}

static void recorded_assets_are_good(void **state)
{
	static const struct {
		const char *file, *release;
		enum verdict verdict;
	} cases[] = {
		{ "trusted_values.v0.1.12.json", "v0.1.12", CHECK_OK },
		{ "gcp-image.v0.1.12.json", "v0.1.12", CHECK_OK },
		{ "example-images.v0.1.12.json", "v0.1.12", CHECK_OK },
		{ "trusted_values.v0.1.12.json", "v0.1.13", CHECK_BAD },
		{ "gcp-image.v0.1.12.json", "v0.1.13", CHECK_BAD },
		{ "example-images.v0.1.12.json", "v0.1.13", CHECK_BAD },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		const struct profile_need *n = need_of_asset(lane("easy/prod"), cases[i].file);
		autofree(json) struct json *doc =
			vector_json(arena_printf(&arena, "easyenclave/%s", cases[i].file));
		const char *why;

		if (judge_values(n, doc, cases[i].release, &why) != cases[i].verdict)
			fail_msg("%s for %s: %s", cases[i].file, cases[i].release, why);
	}
}

/* Real jobs let a document pass that says nothing of its tag; it is missing here. */
static void documents_without_a_tag_are_not_good(void **state)
{
	static const char *const names[] = { "trusted_values.json", "gcp-image.json", "example-images.json" };

	(void)state;
	for (size_t i = 0; i < countof(names); i++) {
		autofree(json) struct json *doc = NULL;
		const char *why;

		assert_int_equal(json_parse(&doc, "{}", 2, 16, NULL), 0);
		assert_int_equal(judge_values(need_of_asset(lane("easy/prod"), names[i]), doc, "v1", &why),
				 CHECK_MISSING);
		assert_non_null(strstr(why, "/release_tag"));
	}
}

/* ---- decisions ------------------------------------------------------------------------------------------------------------ */

/* By the name of the artifact and of the file in it, as a run has them. */
static const struct profile_decision *decision_of(const struct profile_lane *l, const char *artifact,
						  const char *entry)
{
	vec_each (d, &l->decisions)
		if (d->artifact && text_eq(profile_expand(&arena, d->artifact, &words), artifact) &&
		    text_glob(d->entry, entry))
			return d;
	return NULL;
}

static const struct decision_row {
	const char *file, *lane, *artifact, *entry, *decision;
	enum decision_verdict verdict;
	const char *reason;
} decisions[] = {
	{ "compass/acceptance-YES.json", "cloud/accept", "acceptance-stage-" SHA, "result.json", "acceptance",
	  DECISION_YES, "" },
	{ "compass/acceptance-NO.json", "cloud/accept", "acceptance-stage-" SHA,
	  ".artifacts/acceptance/" SHA "/result.json", "acceptance", DECISION_NO,
	  "REQUIRED_CHECK_SKIPPED_UNEXPECTEDLY" },
	{ "compass/acceptance-docs-only.json", "cloud/accept", "acceptance-stage-" SHA, "result.json",
	  "acceptance", DECISION_YES, "DOCS_ONLY_CHANGE" },
	{ "compass/production-YES.json", "cloud/prod", "production-stage-" SHA, "result.json", "production",
	  DECISION_YES, "" },
	{ "compass/production-NO.json", "cloud/prod", "production-stage-" SHA, "result.json", "production",
	  DECISION_NO, "" },
	{ "compass/decision-YES.json", "cloud/prod", "release-decision-" SHA, "decision.json", "release",
	  DECISION_YES, "" },
	{ "compass/decision-REPLAY-NO.json", "cloud/prod", "release-decision-" SHA, "decision.json",
	  "release", DECISION_NO, "PRODUCTION_BLACKBOX_VERIFY_FAILED" },
	{ "compass/timing.json", "cloud/prod", "cloud-delivery-pipeline-timing-" SHA, "timing.json",
	  "time target", DECISION_YES, "" },
	{ "compass/commit-stage-evidence.json", "cloud/accept", "commit-stage-evidence-" SHA, "evidence.json",
	  "commit stage", DECISION_YES, "" },
	{ "compass/auth-canary-freshness.pass.json", "cloud/prod", "production-blackbox-verify-" SHA,
	  "deploy/" SHA "/auth-canary-freshness.json", "canary freshness", DECISION_YES, "" },
	{ "compass/auth-canary-freshness.stale.json", "cloud/prod", "production-blackbox-verify-" SHA,
	  "deploy/" SHA "/auth-canary-freshness.json", "canary freshness", DECISION_NO, "" },
	{ "compass/delegated-smoke-freshness.pass.json", "cloud/prod", "production-blackbox-verify-" SHA,
	  "deploy/" SHA "/delegated-smoke-freshness.json", "probe freshness", DECISION_YES, "" },
	{ "compass/delegated-smoke-freshness.artifact-missing.json", "cloud/prod",
	  "production-blackbox-verify-" SHA, "deploy/" SHA "/delegated-smoke-freshness.json",
	  "probe freshness", DECISION_NO, "" },
	{ "summit/canary-decision.rollback-20251229T221611Z.json", "gov/prod", "canary-decision-" SHA,
	  "rollback-20251229T221611Z.json", "canary", DECISION_NO, "error_rate_above_absolute" },
};

static void artifacts_have_decisions(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(decisions); i++) {
		const struct decision_row *row = &decisions[i];
		const struct profile_decision *d = decision_of(lane(row->lane), row->artifact, row->entry);

		if (!text_eq(d ? d->name : NULL, row->decision))
			fail_msg("%s %s is %s", row->artifact, row->entry, d ? d->name : "(none)");
	}
	assert_null(decision_of(lane("cloud/prod"), "release-decision-0000000", "decision.json"));
	assert_null(decision_of(lane("cloud/prod"), "production-blackbox-verify-" SHA, "api-smoke.json"));
}

static void recorded_decisions_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(decisions); i++) {
		const struct decision_row *row = &decisions[i];
		const struct profile_decision *d = decision_of(lane(row->lane), row->artifact, row->entry);
		const struct decision_terms t = { d->pointers, d->yes, d->no, d->na, d->reasons };
		autofree(json) struct json *doc = vector_json(row->file);
		struct decision out = { 0 };

		evidence_decision(&out, doc, &t, &arena);
		if (out.verdict != (int)row->verdict)
			fail_msg("%s: %s (%s)", row->file, names_word(&decision_verdict_names, out.verdict),
				 out.detail);
		if (!strstr(out.reasons ? out.reasons : "", row->reason))
			fail_msg("%s: %s", row->file, out.reasons);
	}
}

/* A line of the log that says no is no, whatever else was said; that OK is said of names only is a meaning of its job. */
static void drift_lines_decide(void **state)
{
	static const struct {
		const char *line;
		bool yes, no;
	} cases[] = {
		{ "[drift] OK: llm/litellm@1 => llm-litellm-v1.fastapi_app", true, false },
		{ "[drift] MISSING: llm/litellm@1 => llm-litellm-v1-main.run", false, true },
		{ "drift audit done", false, false },
	};
	const struct profile_decision *d = &lane("theory/main")->decisions.items[0];

	(void)state;
	assert_true(text_glob(d->job, "Drift Audit"));
	for (size_t i = 0; i < countof(cases); i++) {
		assert_true(text_glob(d->yes[0], cases[i].line) == cases[i].yes);
		assert_true(text_glob(d->no[0], cases[i].line) == cases[i].no);
	}
}

/* ---- packages ------------------------------------------------------------------------------------------------------------- */

static void the_package_is_what_replay_needs(void **state)
{
	const struct profile_lane *l = lane("cloud/prod");
	const struct profile_need *n = &l->needs.items[0];
	autofree(json) struct json *doc = vector_json("compass/release-package-manifest.json");
	struct profile_words w = words;
	const char *why;

	(void)state;
	w.release = SHA;
	assert_string_equal(profile_expand(&arena, n->artifact, &w), "release-package-" SHA);
	assert_string_equal(profile_expand(&arena, l->replay->package, &w), "release-package-" SHA);
	assert_true(n->replay && text_glob(n->entry, ".artifacts/release-package/" SHA "/manifest.json"));
	assert_int_equal(judge_values(n, doc, SHA, &why), CHECK_OK);
	assert_int_equal(judge_values(n, doc, "0000000000000000000000000000000000000000", &why), CHECK_BAD);
	vec_each (c, &l->probes.items[0].declared) {
		if (!text_starts(drift_digest(evidence_word(evidence_at(doc, c->pointer), &arena)),
				 "sha256:"))
			fail_msg("%s names no digest", c->pointer);
	}
}

/* ---- pins ------------------------------------------------------------------------------------------------------------------ */

static const struct profile_probe *probe_of(const char *name, int kind)
{
	vec_each (p, &lane(name)->probes)
		if (p->kind == kind)
			return p;
	fail_msg("%s has no such probe", name);
	return NULL;
}

static bool is_pin_file(const struct profile_probe *p, const char *path)
{
	for (const char *const *f = p->files; *f; f++)
		if (text_glob(*f, path))
			return true;
	return false;
}

static const char *pin_of(const struct profile_probe *p, const char *file, const char *platform)
{
	const char *text = vector(file);
	struct yaml *doc = NULL;
	struct err e = ERR_INIT;

	if (yaml_parse(&doc, file, text, strlen(text), &arena, &e) != 0)
		fail_msg("%s", e.message);
	assert_string_equal(p->pointers[0], "/image/platforms");
	return yaml_str(yaml_get(yaml_get(doc, "image"), "platforms"), platform, "");
}

static void recorded_pins_are_found(void **state)
{
	static const struct {
		const char *file, *path, *lane, *amd64;
	} cases[] = {
		{ "theory-api/registry.llm_litellm.fe5de4a.yaml",
		  "code/apps/core/processors/llm_litellm/registry.yaml", "theory/main", "sha256:793b7430" },
		{ "theory-api/registry.llm_litellm.main-4a5386b.yaml", "tools/llm/litellm/1/registry.yaml",
		  "theory/main", "sha256:ed242f2f" },
		{ "theory-api/registry.llm_litellm.staging-2885cae.yaml", "tools/llm/litellm/1/registry.yaml",
		  "theory/staging", "sha256:cbd1f005" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		const struct profile_probe *p = probe_of(cases[i].lane, PROBE_PINS);

		assert_true(is_pin_file(p, cases[i].path));
		assert_false(is_pin_file(p, "docs/registry.yaml"));
		assert_true(text_starts(drift_digest(pin_of(p, cases[i].file, "amd64")), cases[i].amd64));
		assert_true(text_starts(drift_digest(pin_of(p, cases[i].file, "arm64")), "sha256:"));
	}
}

/* One JSON document a line: who pinned, where, and under which subject. */
static void recorded_pin_commits_are_told_from_others(void **state)
{
	const char *text = vector("theory-api/pin-history.ndjson");
	const struct profile_probe *p = probe_of("theory/main", PROBE_PINS);
	size_t bot = 0, hand = 0;

	(void)state;
	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");
		autofree(json) struct json *doc = NULL;
		bool is_bot;

		assert_int_equal(json_parse(&doc, line, n, VECTOR_MAX, NULL), 0);
		is_bot = text_eq(json_str(doc, "author"), "pin-bot");
		assert_true(is_pin_file(p, json_str(doc, "path")));
		if (text_glob(p->subject, json_str(doc, "subject")) != is_bot)
			fail_msg("%s by %s", json_str(doc, "subject"), json_str(doc, "author"));
		bot += is_bot, hand += !is_bot;
		line += n + (line[n] == '\n');
	}
	assert_true(bot > 60 && hand > 0);
	assert_true(text_glob(p->subject, "ci(staging): pin processor images"));
}

static void envelopes_tell_what_runs(void **state)
{
	static const struct {
		const char *file;
		enum drift_verdict verdict;
	} cases[] = { { "theory-api/envelope.success.json", DRIFT_EQUAL },
		      { "theory-api/envelope.drifted.json", DRIFT_OTHER } };
	const struct profile_probe *url = probe_of("theory/main", PROBE_URL);

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(json) struct json *doc = vector_json(cases[i].file);
		struct drift d = { .declared = pin_of(probe_of("theory/main", PROBE_PINS),
						      "theory-api/registry.llm_litellm.fe5de4a.yaml",
						      url->platform),
				   .live = evidence_word(evidence_at(doc, url->pointer), &arena),
				   .reason = "" };

		drift_judge(&d, NULL, 0, "pin", &arena);
		if (d.verdict != (int)cases[i].verdict)
			fail_msg("%s: %s", cases[i].file, names_word(&drift_verdict_names, d.verdict));
	}
}

/* ---- the running system ------------------------------------------------------------------------------------------------------ */

static void health_names_the_run(void **state)
{
	autofree(json) struct json *doc = vector_json("easyenclave/health.json");
	const struct profile_probe *p = probe_of("easy/prod", PROBE_URL);

	(void)state;
	assert_string_equal(evidence_word(evidence_at(doc, p->pointer), &arena),
			    "4f1c0de2a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4");
	assert_int_equal(profile_run_in(p, evidence_word(evidence_at(doc, p->run_pointer), &arena)),
			 22354297415);
}

/* Every knob that can be read live is a setting that the answer has, and some of them differ from what was declared. */
static void settings_are_read_by_key(void **state)
{
	autofree(json) struct json *doc = vector_json("easyenclave/admin-settings.operational.json");
	const struct json *list = json_get(doc, "settings");
	size_t found = 0, relaxed = 0, keys = 0;

	(void)state;
	vec_each (k, &lane("easy/prod")->knobs) {
		keys += k->key != NULL;
		for (size_t i = 0; k->key && i < json_size(list); i++) {
			if (!text_eq(json_str(json_at(list, i), "key"), k->key))
				continue;
			found++;
			relaxed += !text_eq(json_str(json_at(list, i), "value"), k->declared);
		}
	}
	assert_int_equal(found, keys);
	assert_int_equal(relaxed, 3); /* nonce, rtmr, billing simulation */
}

/* Agents that the server calls verified, two of them falsely: no part of the profile reads that word, and the tokens in
 * the same answer are never kept. */
static void nothing_believes_verified(void **state)
{
	static const char *const secrets[] = { "tunnel_token", "intel_ta_token", "agent_api_secret" };
	autofree(json) struct json *doc = vector_json("easyenclave/agents.json");
	const struct json *agents = json_get(doc, "agents");
	const struct profile_lane *l = lane("easy/prod");
	size_t claimed = 0;

	(void)state;
	for (size_t i = 0; i < json_size(agents); i++)
		claimed += json_bool(json_at(agents, i), "verified", false);
	assert_true(claimed >= 3);
	vec_each (p, &l->probes)
		assert_true(!p->pointer || !strstr(p->pointer, "verif"));
	assert_string_equal(l->attestation->list, "/api/v1/agents");
	assert_non_null(evidence_at(json_at(agents, 0), l->attestation->size_pointer));
	for (size_t i = 0; i < countof(secrets); i++) {
		bool never = false;

		for (const char *const *f = system_named("easy")->redact; *f; f++)
			never |= strcmp(*f, secrets[i]) == 0;
		assert_true(never);
	}
}

/* The pins of the machines are where the profile says they are. */
static void measurements_are_pinned_by_the_asset(void **state)
{
	autofree(json) struct json *doc = vector_json("easyenclave/trusted_values.v0.1.12.json");
	const struct profile_attestation *t = lane("easy/prod")->attestation;

	(void)state;
	assert_string_equal(t->pins, "trusted_values");
	assert_true(strlen(evidence_word(evidence_at(doc, t->pins_pointer), &arena)) > 96);
	assert_int_equal(json_type(evidence_at(doc, t->by_size)), JSON_OBJECT);
	assert_int_equal(json_size(evidence_at(doc, t->by_size)), 3);
}

/* ---- tags --------------------------------------------------------------------------------------------------------------------- */

static const struct tag_row {
	const char *tag, *staging, *prod; /* version|date|time|sha, NULL: it does not read so */
} tags[] = {
	{ "staging-v0.1.0-20251015-abc123d", "0.1.0|20251015||abc123d", NULL },
	{ "staging-v0.1.0-20251015-143052-abc123d", "0.1.0|20251015|143052|abc123d", NULL },
	{ "staging-latest", NULL, NULL },
	{ "latest", NULL, NULL },
	{ "0.1.0", NULL, "0.1.0|||" },
	{ "v0.1.0", NULL, "0.1.0|||" },
	{ "abc123def456789", NULL, NULL },
};

static const char *tag_parts(const char *name, const char *tag)
{
	struct profile_tag t;

	if (!profile_grammar_parse(lane(name)->grammar, tag, &t, &arena))
		return NULL;
	return arena_printf(&arena, "%s|%s|%s|%s", t.version, t.date, t.time, t.sha);
}

static void tags_come_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(tags); i++) {
		if (!text_eq(tag_parts("mcp/staging", tags[i].tag), tags[i].staging))
			fail_msg("staging: %s", tags[i].tag);
		if (!text_eq(tag_parts("mcp/prod", tags[i].tag), tags[i].prod))
			fail_msg("prod: %s", tags[i].tag);
	}
	assert_string_equal(probe_of("mcp/staging", PROBE_IMAGE)->tag, "staging-latest");
}

static void recorded_tags_are_known(void **state)
{
	const char *text = vector("mcp/image-tags.examples.txt");

	(void)state;
	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n"), i = 0;
		const char *tag = arena_strndup(&arena, line, n);

		while (i < countof(tags) && strcmp(tags[i].tag, tag) != 0)
			i++;
		/* the rest are remarks and OCI labels */
		if (*tag && *tag != '#' && !strchr(tag, '=') && i == countof(tags))
			fail_msg("nothing is said of the tag %s", tag);
		line += n + (line[n] == '\n');
	}
}

/* ---- the train ------------------------------------------------------------------------------------------------------------------ */

static const struct profile_freeze *freeze_file(void)
{
	vec_each (f, &system_named("gov")->freezes)
		if (f->kind == FREEZE_FILE)
			return f;
	return NULL;
}

static void recorded_freezes_stop_the_line(void **state)
{
	static const struct {
		const char *file;
		enum freeze_state state;
	} cases[] = { { "summit/freeze_mode.active.json", FREEZE_FROZEN },
		      { "summit/freeze_mode.real.json", FREEZE_OPEN },
		      { "summit/release_override.json", FREEZE_UNKNOWN } };
	const struct profile_freeze *f = freeze_file();

	(void)state;
	assert_non_null(f);
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(json) struct json *doc = vector_json(cases[i].file);
		struct freeze out = { 0 };

		evidence_freeze(&out, doc, f->pointer, f->expires, (struct when){ NOW_AT }, &arena);
		if (out.state != (int)cases[i].state)
			fail_msg("%s: %s", cases[i].file, names_word(&freeze_state_names, out.state));
	}
}

/* What lifts a freeze is read by the same words, and is over by itself. */
static void recorded_overrides_end(void **state)
{
	autofree(json) struct json *doc = vector_json("summit/release_override.json");
	const struct profile_freeze *f = freeze_file();
	struct freeze out = { 0 };

	(void)state;
	evidence_freeze(&out, doc, f->override_pointer, f->override_expires, (struct when){ NOW_AT }, &arena);
	assert_int_equal(out.state, FREEZE_FROZEN); /* true, and not over */
	evidence_freeze(&out, doc, f->override_pointer, f->override_expires, (struct when){ LATER }, &arena);
	assert_int_equal(out.state, FREEZE_OPEN);
}

/* The percent of a line by the profile's templates, or -1. */
static int64_t percent_of(const char *line)
{
	vec_each (w, &lane("gov/prod")->canary->weight)
		for (const char *const *t = w->lines; t && *t; t++)
			if (profile_percent_in(*t, line, &arena) >= 0)
				return profile_percent_in(*t, line, &arena) / 100;
	return -1;
}

static void recorded_log_lines_name_the_percent(void **state)
{
	const char *text = vector("summit/log-markers.txt");
	size_t named = 0;

	(void)state;
	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");

		named += *line != '#' && percent_of(arena_strndup(&arena, line, n)) >= 0;
		line += n + (line[n] == '\n');
	}
	assert_int_equal(named, 6);
	assert_int_equal(percent_of("Promote canary to 25% and wait 300s"), 25);
	assert_int_equal(percent_of("OK: rollback not required"), -1);
}

/* The document's own files say the same as the profile. */
static void recorded_settings_are_as_declared(void **state)
{
	const struct profile_lane *l = lane("gov/prod");
	const char *slo = vector("summit/slo.yml"), *release = vector("summit/release.yml");
	const struct yaml *steps;
	struct yaml *doc = NULL;
	size_t i = 0;

	(void)state;
	assert_int_equal(yaml_parse(&doc, "slo.yml", slo, strlen(slo), &arena, NULL), 0);
	vec_each (k, &l->knobs)
		assert_string_equal(yaml_str(yaml_get(doc, "slo"), k->pointer + strlen("/slo/"), ""),
				    k->declared);
	assert_int_equal(yaml_parse(&doc, "release.yml", release, strlen(release), &arena, NULL), 0);
	steps = yaml_get(yaml_get(doc, "canary"), "steps");
	yaml_each(it, steps) assert_string_equal(it->scalar, l->canary->steps[i++]);
	assert_null(l->canary->steps[i]);
	assert_string_equal(yaml_str(yaml_get(doc, "canary"), "window_secs", ""),
			    arena_printf(&arena, "%" PRId64, l->canary->window_s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(assets_have_needs),
		cmocka_unit_test(recorded_assets_are_good),
		cmocka_unit_test(documents_without_a_tag_are_not_good),
		cmocka_unit_test(artifacts_have_decisions),
		cmocka_unit_test(recorded_decisions_are_read),
		cmocka_unit_test(drift_lines_decide),
		cmocka_unit_test(the_package_is_what_replay_needs),
		cmocka_unit_test(recorded_pins_are_found),
		cmocka_unit_test(recorded_pin_commits_are_told_from_others),
		cmocka_unit_test(envelopes_tell_what_runs),
		cmocka_unit_test(health_names_the_run),
		cmocka_unit_test(settings_are_read_by_key),
		cmocka_unit_test(nothing_believes_verified),
		cmocka_unit_test(measurements_are_pinned_by_the_asset),
		cmocka_unit_test(tags_come_apart),
		cmocka_unit_test(recorded_tags_are_known),
		cmocka_unit_test(recorded_freezes_stop_the_line),
		cmocka_unit_test(recorded_overrides_end),
		cmocka_unit_test(recorded_log_lines_name_the_percent),
		cmocka_unit_test(recorded_settings_are_as_declared),
	};

	return cmocka_run_group_tests(tests, load_all, forget_all);
}
