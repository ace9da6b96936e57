/* Acts that are more than a dispatch: what each reads, refuses and sends. */
#include "shop.h"

/* ---- release pull request --------------------------------------------------------------------------------------------- */

static void a_validated_commit_is_released(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "plan release-pr shop/main"), 0);
	assert_string_equal(rig_str(r, "confirm"), "shop/main");
	assert_non_null(strstr(rig_check(r, "validated"), "ok 3333333, by run 10 of shop/staging"));
	assert_int_equal(r->g.sent_n, 0);
	assert_int_equal(rig_ask(r, "release-pr shop/main --confirm shop/main"), 0);
	assert_string_equal(rig_str(r, "state"), "done");
	assert_int_equal(r->g.sent_n, 1);
	assert_string_equal(r->g.pulls[1].title, "Promote @ 3333333");
	assert_string_equal(r->g.pulls[1].head, "staging");
	assert_string_equal(r->g.pulls[1].base, "main");
}

static void foreign_commit(struct rig *r)
{
	static const struct history with[] = { { SHA("9"), "quick fix", "mallory", { 0 } },
					       { PINNED, "pin: digests (staging)", "pin-bot", { 0 } },
					       { STAGED, "Merge dev", "ana", { 0 } } };

	r->g.lines[0].list = shop_dated(r, with, 3);
	ground_set_ref(&r->g, "heads/staging", SHA("9"));
}
static void foreign_words(struct rig *r)
{
	static const struct history with[] = { { SHA("9"), "fix typing", "mallory", { 0 } },
					       { PINNED, "pin: digests (staging)", "pin-bot", { 0 } },
					       { STAGED, "Merge dev", "ana", { 0 } } };

	r->g.lines[0].list = shop_dated(r, with, 3);
	ground_set_ref(&r->g, "heads/staging", SHA("9"));
}
static void failed_run(struct rig *r)
{
	r->g.runs[0].conclusion = CONCLUSION_FAILURE;
}
static void other_branch(struct rig *r)
{
	r->g.runs[0].branch = "dev";
}
/* From a fork whose branch has the same name, at the very tip: its run deployed nothing. */
static void of_a_pull_request(struct rig *r)
{
	r->g.runs[0].event = "pull_request";
}
static void old_success(struct rig *r)
{
	r->g.runs[0].head_sha = SHA("0");
}
static void open_already(struct rig *r)
{
	r->g.pulls[r->g.pulls_n++] = (struct pull){ .number = 8,
						    .title = "Promote",
						    .state = "open",
						    .head = "staging",
						    .head_sha = PINNED,
						    .base = "main",
						    .author = "ben",
						    .labels = "",
						    .mergeable = "clean" };
}
static void nothing_new(struct rig *r)
{
	r->g.ahead = 0;
}
static void tree_unread(struct rig *r)
{
	r->g.fail[FORGE_TREE] = ERR_SERVER;
}
static void runs_unread(struct rig *r)
{
	r->g.fail[FORGE_RUNS] = ERR_SERVER;
}

static void what_was_not_validated_stays(void **state)
{
	static const struct {
		void (*make)(struct rig *r);
		const char *check, *says;
		int exit_status;
	} cases[] = {
		{ foreign_commit, "validated",
		  "bad 9999999 \"quick fix\" of mallory is on staging, and no run of shop/staging has "
		  "validated it",
		  1 },
		{ foreign_words, "validated",
		  "bad 9999999 \"fix typing\" of mallory is on staging, and no run of shop/staging has "
		  "validated it",
		  1 },
		{ tree_unread, "validated", "unchecked the branch or its runs were not read", 5 },
		{ failed_run, "validated", "missing no run of shop/staging on staging has succeeded", 1 },
		{ other_branch, "validated", "missing no run of shop/staging on staging has succeeded", 1 },
		{ of_a_pull_request, "validated", "missing no run of shop/staging on staging has succeeded",
		  1 },
		{ old_success, "validated",
		  "unchecked the commit 0000000 of the newest success is not among the newest 100 of staging",
		  5 },
		{ open_already, "pull_request", "bad it is open already: #8 at 3333333", 1 },
		{ nothing_new, "changes", "bad main has all that staging has", 1 },
		{ runs_unread, "validated", "unchecked the branch or its runs were not read", 5 },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r;

		rig_teardown(state);
		shop_setup(state);
		r = *state;
		cases[i].make(r);
		if (rig_ask(r, "release-pr shop/main --confirm shop/main") != cases[i].exit_status ||
		    strcmp(rig_check(r, cases[i].check), cases[i].says) != 0)
			fail_msg("case %zu: exit %d, %s", i, r->status, rig_check(r, cases[i].check));
		assert_int_equal(r->g.sent_n, 0);
	}
}

static void the_merge_names_the_head(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "release-pr shop/main --merge --confirm shop/main"), 1);
	assert_string_equal(rig_check(r, "pull_request"),
			    "missing no pull request from staging into main is open");
	open_already(r);
	assert_int_equal(rig_ask(r, "release-pr shop/main --merge --confirm shop/main"), 0);
	assert_true(ground_pull(&r->g, 8)->merged);
	assert_int_equal(r->g.sent_n, 1);
}

static void words_of_the_forge(void **state)
{
	static const struct {
		const char *word, *status;
		int plain, with_reason;
	} cases[] = {
		{ "clean", "ok", 0, 0 },     { "has_hooks", "ok", 0, 0 },
		{ "unstable", "bad", 1, 0 }, { "blocked", "bad", 1, 1 },
		{ "behind", "bad", 1, 1 },   { "dirty", "bad", 1, 1 },
		{ "draft", "bad", 1, 1 },    { "unknown", "unchecked", 5, 5 },
		{ "", "unchecked", 5, 5 },   { "a word of tomorrow", "unchecked", 5, 5 },
	};
	struct rig *r = *state;

	open_already(r);
	for (size_t i = 0; i < countof(cases); i++) {
		ground_pull(&r->g, 8)->mergeable = cases[i].word;
		assert_int_equal(rig_ask(r, "plan release-pr shop/main --merge"), cases[i].plain);
		assert_true(text_starts(rig_check(r, "mergeable"), cases[i].status));
		assert_int_equal(rig_ask(r, "plan release-pr shop/main --merge --reason known"),
				 cases[i].with_reason);
	}
}

static void another_head_is_not_merged(void **state)
{
	struct rig *r = *state;

	open_already(r);
	ground_pull(&r->g, 8)->head_sha = SHA("9");
	assert_int_equal(rig_ask(r, "release-pr shop/main --merge --confirm shop/main"), 1);
	assert_string_equal(rig_check(r, "head"), "bad #8 is at 9999999, and 3333333 was validated");
	assert_int_equal(r->g.sent_n, 0);
}

/* Whether another one is open is not on the page that was read. */
static void a_list_that_was_cut_is_not_known(void **state)
{
	struct rig *r = *state;

	open_already(r);
	r->g.pulls_cut = true;
	assert_int_equal(rig_ask(r, "release-pr shop/main --merge --confirm shop/main"), 5);
	assert_true(text_starts(rig_check(r, "pull_request"), "unchecked more than "));
	assert_int_equal(r->g.sent_n, 0);
}

static void a_frozen_line_merges_nothing(void **state)
{
	struct rig *r = *state;

	open_already(r);
	ground_set_ref(&r->g, "tags/frozen/all", MAIN);
	assert_int_equal(rig_ask(r, "release-pr shop/main --merge --confirm shop/main"), 1);
	assert_true(text_starts(rig_check(r, "freeze:tag"), "bad shop is frozen by tag frozen/all"));
	assert_int_equal(r->g.sent_n, 0);
}

/* ---- label ----------------------------------------------------------------------------------------------------------------- */

static void a_label_of_the_profile_is_set(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "label 7 deploy-now --confirm shop/main"), 0);
	assert_string_equal(ground_pull(&r->g, 7)->labels, "deploy-now");
	assert_int_equal(rig_ask(r, "label 7 deploy-now --confirm shop/main"), 1);
	assert_string_equal(rig_check(r, "label"), "bad it bears deploy-now already");
	assert_int_equal(rig_ask(r, "label 7 other --confirm shop/main"), 1);
	assert_string_equal(rig_str(r, "error.message"), "no profile says what other does");
	assert_string_equal(rig_str(r, "state"), "refused");
	assert_int_equal(rig_ask(r, "label 99 deploy-now --confirm shop/main"), 1);
	assert_int_equal(rig_ask(r, "label x deploy-now --confirm shop/main"), 2);
	ground_pull(&r->g, 7)->labels = "";
	ground_pull(&r->g, 7)->state = "closed";
	assert_int_equal(rig_ask(r, "label #7 deploy-now --confirm shop/main"), 1);
	assert_string_equal(rig_check(r, "pull_request"), "bad #7 is closed");
	assert_int_equal(r->g.sent_n, 1);
}

/* A word of 70 kB is quoted by its beginning, whole characters only. */
static void a_long_word_is_not_echoed(void **state)
{
	static const struct {
		const char *unit, *argv[3], *begins;
		int argc;
		int kept; /* bytes of the word */
	} cases[] = {
		{ "x", { "label", "7" }, "no profile says what xxx", 2, 200 },
		{ "\xe2\x82\xac", { "label", "7" }, "no profile says what \xe2\x82\xac", 2, 198 },
		{ "x", { "dispatch" }, "there is no lane xxx", 1, 200 },
	};
	struct rig *r = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		autofree(buf) struct buf word = BUF_INIT(1 << 17);
		const char *argv[4], *message;

		while (word.n < 4000)
			buf_str(&word, cases[i].unit);
		memcpy(argv, cases[i].argv, sizeof(cases[i].argv));
		argv[cases[i].argc] = word.s;
		r->answers = 0;
		engine_ask(r->en, cases[i].argc + 1, argv, NULL, rig_reply, r);
		for (int t = 0; t < 100 && !r->answers; t++)
			loop_advance(r->loop, 20);
		assert_int_equal(r->status, 1);
		message = rig_str(r, "error.message");
		assert_true(text_starts(message, cases[i].begins));
		assert_true(text_is_utf8(message, strlen(message)));
		assert_non_null(strstr(message, arena_printf(&r->a, "%.*s..", cases[i].kept, word.s)));
		assert_null(strstr(message, arena_printf(&r->a, "%.*s", cases[i].kept + 3, word.s)));
	}
}

/* ---- images ---------------------------------------------------------------------------------------------------------------- */

static void a_tag_moves_to_a_digest(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "plan retag shop/image " DIGEST("b")), 0);
	assert_string_equal(rig_check(r, "image_tag"), "ok 0.10.0 is " DIGEST("a") " now");
	assert_int_equal(rig_ask(r, "retag shop/image " DIGEST("b") " --confirm shop/image"), 0);
	assert_string_equal(rig_str(r, "state"), "done");
	assert_string_equal(find_image(&r->images, "0.10.0")->digest, DIGEST("b"));
	assert_string_equal(find_image(&r->images, "0.9.1")->digest, DIGEST("9"));
	assert_int_equal(rig_ask(r, "retag shop/image " DIGEST("b") " --confirm shop/image"), 1);
	assert_string_equal(rig_check(r, "image_tag"), "bad 0.10.0 is that already");
	assert_int_equal(r->images.puts, 1);
}

static void another_tag_is_resolved_in_the_plan(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "plan retag shop/image staging-v0.10-20251014-120000-1234567"), 0);
	assert_string_equal(rig_str(r, "release"), DIGEST("b"));
	assert_int_equal(rig_ask(r, "plan retag shop/image nothing"), 1);
	assert_true(text_starts(rig_check(r, "manifest"), "missing"));
}

static void other_platforms_are_said(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "retag shop/image wide --confirm shop/image"), 1);
	assert_string_equal(rig_check(r, "platforms"),
			    "bad it is for linux/amd64, linux/arm64, and 0.10.0 now is for linux/amd64");
	assert_int_equal(r->images.puts, 0);
	assert_int_equal(rig_ask(r, "retag shop/image wide --reason wanted --confirm shop/image"), 0);
	assert_int_equal(r->images.puts, 1);
}

/* The newest version may be among the tags that were not read: an older one would be moved for it. */
static void a_cut_list_names_no_live_tag(void **state)
{
	struct rig *r = *state;

	r->images.cut = true;
	assert_int_equal(rig_ask(r, "retag shop/image " DIGEST("b") " --confirm shop/image"), 1);
	assert_non_null(strstr(rig_str(r, "error.message"), "more tags than are read"));
	assert_int_equal(r->images.puts, 0);
}

/* Back is what our own journal says stood there; without it, the dated tag before the live one. */
static void an_image_goes_back(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "plan rollback shop/image --reason why"), 0);
	assert_string_equal(rig_str(r, "release"), DIGEST("b"));
	assert_non_null(strstr(rig_check(r, "manifest"), "the tag before"));
	assert_int_equal(rig_ask(r, "retag shop/image " DIGEST("9") " --confirm shop/image"), 0);
	assert_int_equal(rig_ask(r, "rollback shop/image --confirm shop/image"), 1);
	assert_true(text_starts(rig_check(r, "reason"), "missing"));
	assert_int_equal(rig_ask(r, "rollback shop/image --reason why --confirm shop/image"), 0);
	assert_string_equal(rig_intent(r)->subject,
			    DIGEST("a")); /* what it went back to stands in the journal */
	assert_string_equal(find_image(&r->images, "0.10.0")->digest, DIGEST("a"));
	assert_int_equal(rig_ask(r, "plan rollback shop/image --reason again"), 0);
	assert_string_equal(rig_str(r, "release"), DIGEST("b")); /* older still, and never what was left */
}

/* By hand as well: a retag to what was there before takes back, and what it took back is not what to go back to. */
static void back_and_back_again_is_not_forward(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "retag shop/image " DIGEST("b") " --confirm shop/image"), 0);
	assert_int_equal(rig_ask(r, "retag shop/image " DIGEST("9") " --confirm shop/image"), 0);
	assert_int_equal(rig_ask(r, "retag shop/image " DIGEST("b") " --confirm shop/image"), 0);
	assert_int_equal(rig_ask(r, "plan rollback shop/image --reason why"), 0);
	assert_string_equal(rig_str(r, "release"), DIGEST("a"));
}

static void what_is_no_digest_is_usage(void **state)
{
	static const char *const words[] = { "sha256:abc", "'a b'", "a/../b", "-- -x", "a?b" };
	struct rig *r = *state;

	for (size_t i = 0; i < countof(words); i++)
		assert_int_equal(rig_ask(r, arena_printf(&r->a, "retag shop/image %s", words[i])), 2);
}

/* ---- packages -------------------------------------------------------------------------------------------------------------- */

static void a_package_is_delivered_again(void **state)
{
	struct rig *r = *state;

	r->g.behind = 4;
	assert_int_equal(rig_ask(r, "plan replay shop/pack bbbbbbb"), 1);
	assert_string_equal(rig_check(r, "order"),
			    "bad it lacks 4 commits of " PACK_A ": going back. A rollback?");
	assert_string_equal(rig_check(r, "note:decision:accepted"), "bad no: SLOW");
	assert_int_equal(rig_ask(r, "replay shop/pack bbbbbbb --reason why --confirm 'shop/pack bbbbbbb'"),
			 0);
	assert_string_equal(rig_str(r, "state"), "linked");
	assert_string_equal(r->g.sent[0], "act 0 replay.ymlmain #0");
	assert_string_equal(rig_intent(r)->subject, PACK_B);
}

static void a_package_that_is_gone_stays(void **state)
{
	struct rig *r = *state;

	r->g.behind = 4;
	assert_int_equal(rig_ask(r, "replay shop/pack ccccccc --reason why --confirm 'shop/pack ccccccc'"),
			 1);
	assert_int_equal(rig_ask(r, "plan replay shop/pack nothex"), 1);
	r->g.artifacts[0].expired = true;
	assert_int_equal(rig_ask(r, "plan replay shop/pack " PACK_B " --reason why"), 1);
	assert_string_equal(rig_check(r, "package"), "bad package-" PACK_B " has expired");
	r->g.artifacts[0].expired = false;
	r->g.artifacts[0].foreign = true;
	assert_int_equal(rig_ask(r, "plan replay shop/pack " PACK_B " --reason why"), 1);
	assert_string_equal(rig_check(r, "package"), "missing there is no artifact package-" PACK_B);
	r->g.artifacts[0].foreign = false;
	r->g.artifacts[0].head_sha = "";
	assert_int_equal(rig_ask(r, "plan replay shop/pack " PACK_B " --reason why"), 5);
	assert_true(text_starts(rig_check(r, "package"), "unchecked which commit's run made"));
	r->g.artifacts[0].head_sha = PACK_A;
	assert_int_equal(rig_ask(r, "plan replay shop/pack " PACK_B " --reason why"), 1);
	assert_string_equal(rig_check(r, "package"), "bad package-" PACK_B " was made by a run of aaaaaaa");
	assert_int_equal(r->g.sent_n, 0);
}

static void a_lane_of_packages_goes_back(void **state)
{
	struct rig *r = *state;

	r->g.behind = 4;
	assert_int_equal(rig_ask(r, "rollback shop/pack --reason why --confirm shop/pack"), 0);
	assert_string_equal(rig_intent(r)->subject, PACK_B);
	assert_string_equal(rig_intent(r)->act, "rollback");
}

static void a_command_outside_is_printed(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "rollback shop/helm --reason why --confirm shop/helm"), 1);
	assert_non_null(strstr(rig_str(r, "error.fix"), "`helm rollback shop v1`"));
	assert_string_equal(rig_str(r, "state"), "refused");
	assert_string_equal(rig_str(r, "command"), "helm rollback shop v1");
	assert_int_equal(json_size(json_get(r->json, "requests")), 0);
	assert_int_equal(r->g.sent_n, 0);
}

/* No plan of a request that the lane does not take, and no advice that leads to one. */
static void what_the_lane_cannot_do_is_no_plan(void **state)
{
	static const struct {
		const char *line, *message;
	} cases[] = {
		{ "rollback shop/staging --reason why", "shop/staging has no way back" },
		{ "rollback shop/staging " PACK_A " --reason why", "shop/staging has no way back" },
		{ "plan rollback shop/staging", "shop/staging has no way back" },
		{ "dispatch shop/staging", "shop/staging does not start by dispatch" },
		{ "dispatch shop/image v1", "shop/image does not start by dispatch" },
		{ "plan dispatch shop/pack", "shop/pack does not start by dispatch" },
	};
	struct rig *r = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		assert_int_equal(rig_ask(r, cases[i].line), 1);
		assert_string_equal(rig_str(r, "error.code"), "policy");
		assert_string_equal(rig_str(r, "error.message"), cases[i].message);
		assert_true(*rig_str(r, "error.fix"));
		assert_null(strstr(rig_str(r, "error.fix"), "pilothouse "));
		assert_int_equal(json_size(json_get(r->json, "requests")), 0);
	}
	assert_int_equal(rig_ask(r, "rollback shop/nowhere --reason why"), 1);
	assert_string_equal(rig_str(r, "error.code"), "missing");
	assert_int_equal(r->g.sent_n, 0);
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, shop_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(a_validated_commit_is_released),
		T(what_was_not_validated_stays),
		T(the_merge_names_the_head),
		T(words_of_the_forge),
		T(another_head_is_not_merged),
		T(a_list_that_was_cut_is_not_known),
		T(a_frozen_line_merges_nothing),
		T(a_label_of_the_profile_is_set),
		T(a_long_word_is_not_echoed),
		T(a_tag_moves_to_a_digest),
		T(another_tag_is_resolved_in_the_plan),
		T(other_platforms_are_said),
		T(a_cut_list_names_no_live_tag),
		T(an_image_goes_back),
		T(back_and_back_again_is_not_forward),
		T(what_is_no_digest_is_usage),
		T(a_package_is_delivered_again),
		T(a_package_that_is_gone_stays),
		T(a_lane_of_packages_goes_back),
		T(a_command_outside_is_printed),
		T(what_the_lane_cannot_do_is_no_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
