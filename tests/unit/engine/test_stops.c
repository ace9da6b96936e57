/* Taking a pin back, and stopping the line: several requests, one act. */
#include "shop.h"

static bool was_sent(const struct rig *r, size_t at, const char *begins)
{
	return at < r->g.sent_n && text_starts(r->g.sent[at], begins);
}

/* ---- pins ------------------------------------------------------------------------------------------------------------------ */

static void a_pin_is_taken_back_by_a_pull_request(void **state)
{
	struct rig *r = *state;
	const char *branch;

	assert_int_equal(rig_ask(r, "plan revert-pin shop/main"), 0);
	assert_int_equal(json_size(json_get(r->json, "requests")), 3);
	assert_non_null(strstr(rig_check(r, "pins"), "ok 4444444 \"pin: digests (a)\" of pin-bot"));
	assert_string_equal(rig_check(r, "note:llm@1 amd64"),
			    "ok sha256:aaaaaaaaaaaa becomes sha256:bbbbbbbbbbbb again");
	assert_string_equal(rig_check(r, "note:llm@1 arm64"), "ok stays sha256:cccccccccccc");
	assert_string_equal(rig_check(r, "note:back"), "unchecked code that was merged with the pin stays");
	assert_int_equal(rig_ask(r, "revert-pin shop/main --reason 'answers are cut' --confirm shop/main"),
			 0);
	assert_string_equal(rig_str(r, "note"), "pull request #101");
	branch = r->g.pulls[1].head;
	assert_true(text_starts(branch, "pilothouse/revert-pin-"));
	assert_memory_equal(branch + strlen("pilothouse/revert-pin-"), rig_str(r, "nonce"), 8);
	assert_string_equal(ground_file(&r->g, branch, REGISTRY)->text, PINS(DIGEST("b"), DIGEST("c")));
	assert_string_equal(ground_file(&r->g, "main", REGISTRY)->text, PINS(DIGEST("a"), DIGEST("c")));
	assert_string_equal(r->g.pulls[1].title, "revert pin of llm@1 (4444444)");
	assert_int_equal(r->g.sent_n, 3);
	assert_int_equal(rig_intent(r)->steps, 3);
	assert_int_equal(rig_intent(r)->done, 3);
}

static void the_revert_is_merged_by_an_act_of_its_own(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "revert-pin shop/main --confirm shop/main"), 0);
	assert_int_equal(rig_ask(r, "revert-pin shop/main --confirm shop/main"), 1);
	assert_true(text_starts(rig_check(r, "pull_request"), "bad one is open already: #101"));
	ground_set_ref(&r->g, "tags/frozen/all", MAIN); /* a way back is never stopped by a freeze */
	assert_int_equal(rig_ask(r, "revert-pin shop/main --merge --confirm shop/main"), 0);
	assert_true(ground_pull(&r->g, 101)->merged);
}

static void edited_since(struct rig *r)
{
	static const struct history list[] = { { SHA("9"), "tidy the file", "ana", { 0 } },
					       { PIN_A, "pin: digests (a)", "pin-bot", { 0 } },
					       { PIN_B, "pin: digests (b)", "pin-bot", { 0 } } };

	r->g.lines[1] = (struct ground_line){ "main", REGISTRY, shop_dated(r, list, 3), 3 };
}
static void no_pins(struct rig *r)
{
	static const struct history list[] = { { SHA("9"), "tidy the file", "ana", { 0 } } };

	r->g.lines[1] = (struct ground_line){ "main", REGISTRY, shop_dated(r, list, 1), 1 };
}
static void first_pin(struct rig *r)
{
	r->g.lines[1].n = 1;
}
static void same_text(struct rig *r)
{
	ground_set_file(&r->g, PIN_B, REGISTRY, PINS(DIGEST("a"), DIGEST("c")));
}
static void newest_is_a_revert(struct rig *r)
{
	static const struct history list[] = { { PIN_A, "revert pin of tool (3333333)", "ana", { 0 } },
					       { PIN_B, "pin: digests (b)", "pin-bot", { 0 } } };

	r->g.lines[1] = (struct ground_line){ "main", REGISTRY, shop_dated(r, list, 2), 2 };
}
static void tree_unread(struct rig *r)
{
	r->g.fail[FORGE_TREE] = ERR_SERVER;
}
static void text_unread(struct rig *r)
{
	r->g.fail[FORGE_FILE] = ERR_SERVER;
}

static void what_cannot_be_taken_back_is_left(void **state)
{
	static const struct {
		void (*make)(struct rig *r);
		const char *check, *says;
		int exit_status;
	} cases[] = {
		{ edited_since, "file:" REGISTRY, "bad 9999999 \"tidy the file\" changed it after the pin",
		  1 },
		{ no_pins, "pins", "missing none of the newest commits of main is a pin", 1 },
		{ first_pin, "file:" REGISTRY, "bad there was no such file before the pin", 1 },
		{ same_text, "file:" REGISTRY, "bad it is as it was before the pin", 1 },
		{ tree_unread, "pins", "unchecked the branch or its files were not read", 5 },
		{ text_unread, "file:" REGISTRY, "unchecked its texts were not read", 5 },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r;

		rig_teardown(state);
		shop_setup(state);
		r = *state;
		cases[i].make(r);
		if (rig_ask(r, "revert-pin shop/main --confirm shop/main") != cases[i].exit_status ||
		    strcmp(rig_check(r, cases[i].check), cases[i].says) != 0)
			fail_msg("case %zu: exit %d, %s", i, r->status, rig_check(r, cases[i].check));
		assert_int_equal(r->g.sent_n, 0);
	}
}

static void a_lane_of_pins_goes_back(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "rollback shop/main --confirm shop/main"), 1);
	assert_true(text_starts(rig_check(r, "reason"), "missing going back needs a reason"));
	assert_int_equal(rig_ask(r, "rollback shop/main v1 --reason why --confirm shop/main"), 1);
	assert_int_equal(rig_ask(r, "rollback shop/main --reason why --confirm shop/main"), 0);
	assert_int_equal(r->g.sent_n, 3);
}

/* The newest pin may be one that went back: what it left is reached by a verb that says so. */
static void pins_do_not_go_back_to_what_was_left(void **state)
{
	struct rig *r = *state;

	newest_is_a_revert(r);
	assert_int_equal(rig_ask(r, "rollback shop/main --reason why --confirm shop/main"), 1);
	assert_true(text_starts(rig_check(r, "pins"), "bad the newest, 4444444"));
	assert_int_equal(rig_ask(r, "plan revert-pin shop/main --reason why"), 0);
}

/* ---- freeze ---------------------------------------------------------------------------------------------------------------- */

static void the_line_is_stopped_by_each_source(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "freeze shop --confirm shop"), 1);
	assert_true(text_starts(rig_check(r, "reason"), "missing freeze needs a reason"));
	assert_int_equal(rig_ask(r, "freeze shop --reason red --confirm shop"), 0);
	assert_string_equal(ground_ref(&r->g, "tags/frozen/all")->sha, MAIN);
	assert_int_equal(rig_ask(r, "freeze shop --reason red --confirm shop"), 1);
	assert_true(text_starts(rig_check(r, "freeze:tag"), "bad frozen already by tag frozen/all"));
	assert_int_equal(rig_ask(r, "freeze shop --by label --reason red --confirm shop"), 0);
	assert_string_equal(ground_pull(&r->g, 7)->labels, "red");
	assert_int_equal(rig_ask(r, "freeze shop --by file --reason red --confirm shop"), 0);
	assert_non_null(
		strstr(ground_file(&r->g, "main", "state/freeze.json")->text, "\"freeze_mode\": true"));
	assert_non_null(strstr(ground_file(&r->g, "main", "state/freeze.json")->text, "\"reason\": \"red\""));
	assert_int_equal(r->g.sent_n, 3);
	assert_int_equal(rig_ask(r, "freeze shop --by moon --reason red --confirm shop"), 2);
	assert_int_equal(rig_ask(r, "freeze nowhere --reason red --confirm nowhere"), 1);
}

static void thaw_undoes_all_that_is_frozen(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "thaw shop --confirm shop"), 1);
	assert_true(text_starts(rig_check(r, "frozen"), "bad nothing that could be read is frozen"));
	ground_set_ref(&r->g, "tags/frozen/all", MAIN);
	ground_pull(&r->g, 7)->labels = "red";
	ground_set_file(&r->g, "main", "state/freeze.json", "{\"freeze_mode\": true}");
	assert_int_equal(rig_ask(r, "thaw shop --by tag --confirm shop"), 0);
	assert_null(ground_ref(&r->g, "tags/frozen/all"));
	assert_int_equal(rig_ask(r, "thaw shop --confirm shop"), 0);
	assert_string_equal(ground_pull(&r->g, 7)->labels, "");
	assert_non_null(
		strstr(ground_file(&r->g, "main", "state/freeze.json")->text, "\"freeze_mode\": false"));
	assert_int_equal(r->g.sent_n, 3);
}

/* Somebody took it off in the moment before: what was wanted holds. */
static void what_stands_already_is_done(void **state)
{
	struct rig *r = *state;

	ground_set_ref(&r->g, "tags/frozen/all", MAIN);
	r->g.fault_at = 1;
	r->g.fault = ERR_MISSING;
	r->g.stands = true;
	assert_int_equal(rig_ask(r, "thaw shop --confirm shop"), 0);
	assert_string_equal(rig_str(r, "state"), "done");
}

/* A token that may not write reads 404, and a rule of the repository 422: neither means that it is done. */
static void a_refusal_is_no_standing(void **state)
{
	static const struct {
		const char *line;
		enum err_kind fault;
	} cases[] = { { "freeze shop --reason red --confirm shop", ERR_MISSING },
		      { "freeze shop --reason red --confirm shop", ERR_CONFLICT },
		      { "thaw shop --confirm shop", ERR_MISSING },
		      { "thaw shop --confirm shop", ERR_CONFLICT } };

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r;

		rig_teardown(state);
		shop_setup(state);
		r = *state;
		if (text_starts(cases[i].line, "thaw"))
			ground_set_ref(&r->g, "tags/frozen/all", MAIN);
		r->g.fault_at = 1;
		r->g.fault = cases[i].fault;
		assert_int_equal(rig_ask(r, cases[i].line), 1);
		assert_string_equal(rig_str(r, "state"), "refused");
	}
}

static void a_lost_state_file_is_made_again(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < r->g.files_n; i++)
		if (!strcmp(r->g.files[i].path, "state/freeze.json"))
			r->g.files[i].ref = "nowhere";
	assert_int_equal(rig_ask(r, "plan thaw shop"), 1); /* unknown is not frozen, and not open */
	assert_true(text_starts(rig_check(r, "note:freeze:file"), "unchecked"));
	assert_int_equal(rig_ask(r, "freeze shop --by file --reason red --confirm shop"), 0);
	assert_non_null(
		strstr(ground_file(&r->g, "main", "state/freeze.json")->text, "\"freeze_mode\": true"));
}

static void too_many_are_too_many(void **state)
{
	struct rig *r = *state;

	for (int64_t i = 0; i < 21; i++)
		r->g.pulls[r->g.pulls_n++] = (struct pull){ .number = 50 + i,
							    .title = "t",
							    .state = "open",
							    .head = "x",
							    .head_sha = MAIN,
							    .base = "main",
							    .author = "b",
							    .labels = "" };
	assert_int_equal(rig_ask(r, "freeze shop --by label --reason red --confirm shop"), 1);
	assert_true(text_starts(rig_check(r, "many"), "bad more than 20"));
	assert_int_equal(r->g.sent_n, 0);
	r->g.pulls_n -= 2;
	assert_int_equal(rig_ask(r, "freeze shop --by label --reason red --confirm shop"), 0);
	assert_int_equal(r->g.sent_n, 20);
	for (size_t i = 0; i < 20; i++)
		assert_true(was_sent(r, i, "act 9 "));
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, shop_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(a_pin_is_taken_back_by_a_pull_request),
		T(the_revert_is_merged_by_an_act_of_its_own),
		T(what_cannot_be_taken_back_is_left),
		T(a_lane_of_pins_goes_back),
		T(pins_do_not_go_back_to_what_was_left),
		T(the_line_is_stopped_by_each_source),
		T(thaw_undoes_all_that_is_frozen),
		T(what_stands_already_is_done),
		T(a_refusal_is_no_standing),
		T(a_lost_state_file_is_made_again),
		T(too_many_are_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
