/* From runs to lanes, from jobs to meanings, from tags to their parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/model/model.h"
#include "core/profile/profile.h"

static const char text[] =
	"name: n\nsystem: s\nlanes:\n"
	"  - {environment: pr, workflow: ci.yml}\n"
	"  - {environment: rel, production: true, workflow: ci.yml, branches: ['release/*']}\n"
	"  - {environment: stage, workflow: train.yml, aliases: [old.yml, older.yaml]}\n"
	"  - environment: prod\n    production: true\n    workflow: train.yml\n"
	"    replay: {workflow: again.yml, aliases: [re.yml], ref: main, input: i, package: 'p-{release}'}\n"
	"    meanings:\n"
	"      - {job: 'Scan*', conclusion: success, means: warned, words: findings do not stop it}\n"
	"      - {job: 'Gate / *', means: vacuous}\n"
	"      - {job: 'Gate*', conclusion: skipped, means: skipped, whole: true}\n"
	"  - {environment: live, production: true, workflow: both.yml, events: [push, workflow_dispatch]}\n"
	"  - {environment: check, workflow: both.yml, events: [pull_request]}\n";

static void parse(struct profile *p, struct arena *a)
{
	struct err e = ERR_INIT;

	if (profile_parse(p, "f.yml", text, sizeof(text) - 1, a, &e) != 0)
		fail_msg("%s", e.message);
}

static void runs_have_lanes(void **state)
{
	static const struct {
		const char *path, *branch, *lane, *event;
	} cases[] = {
		{ "ci.yml", "release/1.0", "s/pr", "pull_request" }, /* the branch is theirs */
		{ "ci.yml", "release/1.0", "s/rel", "push" },
		{ "train.yml", "main", "s/stage", "pull_request" }, /* never production, by itself */
		{ "train.yml", "main", "s/stage", "pull_request_target" },
		{ "train.yml", "main", "s/prod", "workflow_dispatch" },
		{ "both.yml", "main", "s/check", "pull_request" },
		{ "both.yml", "main", "s/live", "push" },
		{ "both.yml", "main", NULL, "schedule" },
		{ "both.yml", "main", NULL, NULL }, /* not known to be one of them */
		{ ".github/workflows/ci.yml", "feature/x", "s/pr" },
		{ ".github/workflows/ci.yml", "release/1.0", "s/rel" },
		{ "ci.yml", NULL, "s/pr" },
		{ ".github/workflows/ci.yml@refs/heads/a/b.yml", "main", "s/pr" },
		{ ".github/workflows/train.yml", "main", "s/prod" },
		{ ".github/workflows/again.yml", "main", "s/prod" },
		{ ".github/workflows/re.yml@refs/heads/main", "main", "s/prod" },
		{ ".github/workflows/old.yml", "main", "s/stage" },
		{ ".github/workflows/older.yaml", "main", "s/stage" },
		{ ".github/workflows/older.yml", "main", NULL },
		{ ".github/workflows/xci.yml", "main", NULL },
		{ ".github/workflows/", "main", NULL },
		{ "@ci.yml", "main", NULL },
		{ "", "main", NULL },
		{ NULL, "main", NULL },
	};
	autofree(arena) struct arena a = ARENA_INIT;
	struct profile p;

	(void)state;
	parse(&p, &a);
	for (size_t i = 0; i < countof(cases); i++) {
		const struct profile_run what = { cases[i].path, cases[i].branch, cases[i].event };
		const struct profile_lane *l = profile_lane_of_run(&p, &what);

		if (!text_eq(l ? l->name : NULL, cases[i].lane))
			fail_msg("%s on %s: %s", cases[i].path, cases[i].branch, l ? l->name : "(none)");
	}
}

/* Runs are kept under one lane; lanes that share them are judged by their stages, lanes with branches have their own. */
static void lanes_share_runs(void **state)
{
	static const struct {
		int lane, owner;
		bool shared;
	} cases[] = { { 0, 0, false }, { 1, 1, false }, { 2, 3, true },
		      { 3, 3, true },  { 4, 4, false }, { 5, 5, false } };
	autofree(arena) struct arena a = ARENA_INIT;
	struct profile p;

	(void)state;
	parse(&p, &a);
	for (size_t i = 0; i < countof(cases); i++) {
		const struct profile_lane *l = &p.lanes.items[cases[i].lane];

		assert_ptr_equal(profile_owner(&p, l), &p.lanes.items[cases[i].owner]);
		assert_true(profile_is_shared(&p, l) == cases[i].shared);
	}
}

static void jobs_have_meanings(void **state)
{
	static const struct {
		const char *job;
		int conclusion, means;
		const char *words;
	} cases[] = {
		{ "Scan image", CONCLUSION_SUCCESS, MEANS_WARNED, "findings do not stop it" },
		{ "Scan image", CONCLUSION_FAILURE, 0, NULL },
		{ "Scan image", CONCLUSION_OTHER, 0, NULL },
		{ "Gate / slo", CONCLUSION_FAILURE, MEANS_VACUOUS, "vacuous" },
		{ "Gate / slo", CONCLUSION_SKIPPED, MEANS_VACUOUS, "vacuous" },
		{ "Gate / slo", CONCLUSION_OTHER, 0, NULL },
		{ "Gate", CONCLUSION_SKIPPED, MEANS_SKIPPED, "skipped" },
		{ "deploy", CONCLUSION_SUCCESS, 0, NULL },
	};
	autofree(arena) struct arena a = ARENA_INIT;
	struct profile p;

	(void)state;
	parse(&p, &a);
	for (size_t i = 0; i < countof(cases); i++) {
		const struct profile_meaning *m =
			profile_meaning_of(&p.lanes.items[3], cases[i].job, cases[i].conclusion);

		if ((m ? m->means : 0) != cases[i].means || !text_eq(m ? m->words : NULL, cases[i].words))
			fail_msg("%s %d: %s", cases[i].job, cases[i].conclusion, m ? m->words : "(none)");
	}
}

static void answers_name_runs(void **state)
{
	static const struct {
		const char *like, *text;
		int64_t run;
	} cases[] = {
		{ "bootstrap-{run}-*", "bootstrap-123456789012-1", 123456789012 },
		{ "bootstrap-{run}-*", "bootstrap-12", 0 },
		{ "bootstrap-{run}-*", "boot-12-1", 0 },
		{ "bootstrap-{run}-*", "bootstrap--1", 0 },
		{ "bootstrap-{run}-*", "bootstrap-0-1", 0 },
		{ "bootstrap-{run}-*", "bootstrap-99999999999999999999-1", 0 },
		{ "bootstrap-{run}-*", "bootstrap-9999999999999999999-1", 0 },
		{ "bootstrap-{run}-*", NULL, 0 },
		{ NULL, "77", 77 },
		{ NULL, "77x", 0 },
		{ "run {run}", "run 5", 5 },
		{ "run {run}", "run 5 of 6", 0 },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		const struct profile_probe p = { .run_like = cases[i].like };

		if (profile_run_in(&p, cases[i].text) != cases[i].run)
			fail_msg("%s in %s", cases[i].like, cases[i].text);
	}
}

static void tags_come_apart(void **state)
{
	static const char *const groups[] = { "version", "date", "skip", "time", "sha", NULL };
	static const struct profile_grammar g = {
		.tag = "staging-v(.+)-([0-9]{8})(-([0-9]{6}))?-([0-9a-f]{7,40})", .groups = groups
	};
	static const struct {
		const char *tag, *parts;
	} cases[] = {
		{ "staging-v0.1.0-20251015-abc123d", "0.1.0|20251015||abc123d" },
		{ "staging-v0.1.0-20251015-142530-abc123d", "0.1.0|20251015|142530|abc123d" },
		{ "staging-v1.2.3-rc.1-20251015-142530-abc123d", "1.2.3-rc.1|20251015|142530|abc123d" },
		{ "staging-latest", NULL },
		{ "latest", NULL },
		{ "staging-v0.1.0-20251015-abc12", NULL },
		{ "staging-v0.1.0-20251015-ABC123D", NULL },
		{ "xstaging-v0.1.0-20251015-abc123d", NULL },
		{ "staging-v0.1.0-20251015-abc123d ", NULL },
		{ "", NULL },
		{ NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		struct profile_tag t;
		bool fits = profile_grammar_parse(&g, cases[i].tag, &t, &a);
		const char *parts =
			fits ? arena_printf(&a, "%s|%s|%s|%s", t.version, t.date, t.time, t.sha) : NULL;

		if (!text_eq(parts, cases[i].parts))
			fail_msg("%s: %s", cases[i].tag, parts ? parts : "(none)");
	}
}

/* What does not read so is empty, and a tag of any length or kind ends at once. */
static void odd_tags_are_refused(void **state)
{
	static const char *const groups[] = { "version", NULL };
	static const struct profile_grammar nested = { .tag = "v((a*)*)*b", .groups = groups },
					    broken = { .tag = "v(", .groups = groups };
	autofree(arena) struct arena a = ARENA_INIT;
	struct profile_tag t;
	char tag[4096];

	(void)state;
	memset(tag, 'a', sizeof(tag));
	tag[0] = 'v';
	tag[sizeof(tag) - 1] = 0;
	assert_false(profile_grammar_parse(&nested, tag, &t, &a));
	tag[100] = 0;
	assert_false(profile_grammar_parse(&nested, tag, &t, &a));
	assert_false(profile_grammar_parse(&broken, "v(", &t, &a));
	assert_string_equal(t.version, "");
	assert_string_equal(t.sha, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_have_lanes),    cmocka_unit_test(lanes_share_runs),
		cmocka_unit_test(jobs_have_meanings), cmocka_unit_test(answers_name_runs),
		cmocka_unit_test(tags_come_apart),    cmocka_unit_test(odd_tags_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
