/* A system that nobody built in: a file is all it takes. */
#include "unit/profile/systems.h"

#include "core/rules/evidence.h"

static int load_sixth(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	if (profile_load(&set, PH_SOURCE_DIR "/tests/data/profiles/sixth.yml", &arena, &e) != 0)
		fail_msg("%s", e.message);
	return 0;
}

/* Beside the built-in ones: nothing of theirs is in its way. */
static void it_stands_beside_the_others(void **state)
{
	struct profiles all = set;

	(void)state;
	load_all(NULL);
	assert_int_equal(set.n, 6);
	assert_non_null(lane("easy/prod"));
	assert_non_null(lane("lib/eu"));
	set = all;
}

static void runs_have_lanes(void **state)
{
	static const struct {
		const char *path, *branch, *lane, *release;
	} cases[] = {
		{ ".github/workflows/test.yaml", "topic", "lib/check", "abc" },
		{ ".github/workflows/matrix.yml@refs/heads/a", "topic", "lib/check", "abc" },
		{ ".github/workflows/publish.yml@refs/tags/v1.4", "v1.4", "lib/eu", "v1.4" },
		{ ".github/workflows/nightly.yml", "main", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		const struct profile_lane *l = profile_lane_of_run(
			&set.items[0], &(struct profile_run){ cases[i].path, cases[i].branch, "push" });

		if (!text_eq(l ? l->name : NULL, cases[i].lane))
			fail_msg("%s: %s", cases[i].path, l ? l->name : "(none)");
		if (l)
			assert_string_equal(profile_release_of(l, "t", cases[i].branch, "abc", &arena),
					    cases[i].release);
	}
	/* two productions of one run, each judged by its own stages */
	assert_true(profile_is_shared(&set.items[0], lane("lib/us")));
	assert_ptr_equal(profile_owner(&set.items[0], lane("lib/us")), lane("lib/eu"));
	assert_false(profile_is_shared(&set.items[0], lane("lib/check")));
}

static void a_matrix_has_stages(void **state)
{
	static const struct {
		const char *lane, *job, *stage;
	} cases[] = {
		{ "lib/check", "build (linux)", "build" },
		{ "lib/check", "test (linux, 3.12)", "test" },
		{ "lib/check", "test (linux)", "" },
		{ "lib/check", "nightly / fuzz-json", "fuzz" },
		{ "lib/eu", "package (wheel)", "package" },
		{ "lib/eu", "publish (eu, wheel)", "publish" },
		{ "lib/eu", "publish (us, wheel)", "" },
		{ "lib/us", "publish (us, wheel)", "publish" },
		{ "lib/us", "publish (us)", "publish" },
		{ "lib/us", "verify / install (us, 3.12)", "verify" },
		{ "lib/us", "verify / install (eu, 3.12)", "" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		assert_string_equal(profile_stage_of(lane(cases[i].lane), cases[i].job), cases[i].stage);
}

static void ends_have_meanings(void **state)
{
	static const struct {
		const char *lane, *job;
		int conclusion, means;
	} cases[] = {
		{ "lib/check", "test (linux, preview)", CONCLUSION_FAILURE, MEANS_WARNED },
		{ "lib/check", "test (linux, 3.12)", CONCLUSION_FAILURE, 0 },
		{ "lib/check", "nightly / fuzz-json", CONCLUSION_SKIPPED, MEANS_NOT_REQUIRED },
		{ "lib/eu", "publish (eu, wheel)", CONCLUSION_SKIPPED, MEANS_SKIPPED },
		{ "lib/eu", "publish (us, wheel)", CONCLUSION_SKIPPED, 0 },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		const struct profile_meaning *m =
			profile_meaning_of(lane(cases[i].lane), cases[i].job, cases[i].conclusion);

		assert_int_equal(m ? m->means : 0, cases[i].means);
	}
	/* of runs that lanes share, the owner's or else another's */
	assert_non_null(profile_meaning_shared(&set.items[0], lane("lib/eu"), "publish (eu, wheel)",
					       CONCLUSION_SKIPPED));
	assert_non_null(profile_meaning_shared(&set.items[0], lane("lib/eu"), "publish (us, wheel)",
					       CONCLUSION_SKIPPED));
	assert_null(profile_meaning_shared(&set.items[0], lane("lib/check"), "publish (us, wheel)",
					   CONCLUSION_SKIPPED));
}

static void documents_decide(void **state)
{
	static const struct {
		const char *text;
		enum decision_verdict verdict;
	} cases[] = {
		{ "{\"outcome\":{\"state\":\"published\",\"codes\":[]}}", DECISION_YES },
		{ "{\"outcome\":{\"state\":\"partial\",\"codes\":[\"WHEEL_ONLY\"]}}", DECISION_NO },
		{ "{\"state\":\"already-there\"}", DECISION_YES },
		{ "{\"state\":\"dry-run\"}", DECISION_NA },
		{ "{\"state\":\"ok\"}", DECISION_UNKNOWN },
		{ "{}", DECISION_UNKNOWN },
	};
	const struct profile_decision *d = &lane("lib/us")->decisions.items[0];
	const struct profile_words w = { .release = "v1.4", .version = "1.4" };

	(void)state;
	assert_string_equal(profile_expand(&arena, d->artifact, &w), "publish-us-v1.4");
	for (size_t i = 0; i < countof(cases); i++) {
		const struct decision_terms t = { d->pointers, d->yes, d->no, d->na, d->reasons };
		autofree(json) struct json *doc = NULL;
		struct decision out = { 0 };

		assert_int_equal(json_parse(&doc, cases[i].text, strlen(cases[i].text), 4096, NULL), 0);
		evidence_decision(&out, doc, &t, &arena);
		if (out.verdict != (int)cases[i].verdict)
			fail_msg("%s: %s", cases[i].text, names_word(&decision_verdict_names, out.verdict));
	}
}

static void the_way_back_is_shown(void **state)
{
	const struct profile_words w = { .release = "v1.4", .version = "1.4" };
	const struct profile_lane *l = lane("lib/eu");
	struct profile_tag t;

	(void)state;
	assert_int_equal(l->rollback, BACK_EXTERNAL);
	assert_string_equal(profile_expand(&arena, l->back_command, &w),
			    "indexctl yank parser 1.4 --index eu");
	assert_string_equal(profile_expand(&arena, l->needs.items[2].files[0], &w), "changes/1.4.md");
	assert_true(profile_grammar_parse(l->grammar, "parser-1.4-0123456789ab", &t, &arena));
	assert_string_equal(t.version, "1.4");
	assert_string_equal(t.sha, "0123456789ab");
	assert_int_equal(l->locks.items[0].queue, 10);
	assert_int_equal(l->approvals.items[0].wanted, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_stands_beside_the_others),
		cmocka_unit_test(runs_have_lanes),
		cmocka_unit_test(a_matrix_has_stages),
		cmocka_unit_test(ends_have_meanings),
		cmocka_unit_test(documents_decide),
		cmocka_unit_test(the_way_back_is_shown),
	};

	return cmocka_run_group_tests(tests, load_sixth, forget_all);
}
