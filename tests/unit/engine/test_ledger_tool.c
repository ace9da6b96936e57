/* `audit ledger`: what strangers have written is shown as theirs, and what is not understood is counted. */
#include "oracle.h"

#include "diverted.h"

#include "core/engine/ledger.h"
#include "core/engine/tool.h"
#include "tests/folder.h"

#define COMMITS 60

struct stand {
	struct arena a;
	struct clock clock;
	struct loop *loop;
	struct oracle oracle;
	struct oracle_row rows[COMMITS + 1];
	struct git_commit commits[COMMITS];
	struct git_ref ref;
	const char *dir;
	bool nameless; /* no ledger is named */
	int status;
	const char *out, *err;
};

static int up(void **state)
{
	struct stand *s = x_alloc(sizeof(*s));
	char dir[FOLDER_PATH];

	s->dir = arena_strdup(&s->a, folder_new(dir));
	clock_manual(&s->clock, (struct when){ INT64_C(1795244889000) });
	s->loop = loop_new(&s->clock);
	oracle_up(&s->oracle, s->loop, s->rows, 0);
	*state = s;
	return 0;
}

static int down(void **state)
{
	struct stand *s = *state;

	assert_int_equal(rmdir(s->dir), 0);
	timer_free(s->oracle.timer);
	loop_free(s->loop);
	arena_done(&s->a);
	free(s);
	return 0;
}

static const char *name_of(struct stand *s, size_t i)
{
	return arena_printf(&s->a, "c%zu", i);
}

/* Newest first; NULL: a commit that says nothing at all. */
static void lay(struct stand *s, const char *const *messages, size_t n)
{
	s->ref = (struct git_ref){ .name = LEDGER_REF, .sha = "c0", .type = "commit" };
	s->rows[0] = (struct oracle_row){ .kind = FORGE_REF, .name = LEDGER_REF, .items = &s->ref, .n = 1 };
	for (size_t i = 0; i < n; i++) {
		s->commits[i] = (struct git_commit){ .sha = name_of(s, i),
						     .message = messages[i],
						     .parent = i + 1 < n ? name_of(s, i + 1) : "" };
		s->rows[i + 1] = (struct oracle_row){
			.kind = FORGE_GIT_COMMIT, .name = s->commits[i].sha, .items = &s->commits[i], .n = 1
		};
	}
	s->oracle.rows_n = n + 1;
}

static void show(struct stand *s, bool json)
{
	static const char *const words[] = { "audit", "ledger" };
	struct tool t = { .words = words,
			  .words_n = 2,
			  .json = json,
			  .ledger = s->nameless ? NULL : REPO,
			  .loop = s->loop,
			  .open = oracle_open,
			  .ctx = &s->oracle,
			  .arena = &s->a };
	const char *one = path_join(&s->a, s->dir, "1"), *two = path_join(&s->a, s->dir, "2");
	int out = divert(stdout, one), err = divert(stderr, two);

	s->status = tool_run(&t);
	s->err = give_back(stderr, two, err, &s->a);
	s->out = give_back(stdout, one, out, &s->a);
}

#define ACT(at, state)                                                                                       \
	"{\"at\":\"" at "\",\"act\":\"dispatch\",\"lane\":\"easy/prod\",\"subject\":\"v1\",\"who\":\"kim\"," \
	"\"reason\":\"why\",\"state\":\"" state "\",\"run\":77}"
#define TOLD(host, acts)      "{\"host\":\"" host "\",\"acts\":[" acts "]}"
#define LINE(at, state, host) at "  dispatch easy/prod v1: " state ", by kim on " host ": why\n"

static const struct {
	const char *what, *messages[3];
	size_t n;
	const char *text;
	int damaged;
} chains[] = {
	{ "one", { TOLD("a", ACT("1", "sent")) }, 1, LINE("1", "sent", "a"), 0 },
	{ "newest first, also in a commit",
	  { TOLD("b", ACT("3", "done")), TOLD("a", ACT("1", "sent") "," ACT("2", "linked")) },
	  2,
	  LINE("3", "done", "b") LINE("2", "linked", "a") LINE("1", "sent", "a"),
	  0 },
	{ "no acts", { TOLD("a", "") }, 1, "no act was told to the ledger of " REPO " yet", 0 },
	{ "what is left out is not shown",
	  { "{\"acts\":[{\"at\":\"1\",\"act\":\"note\"},{}]}" },
	  1,
	  "\n1  note\n",
	  0 },
	{ "no JSON", { "take it", TOLD("a", ACT("1", "sent")) }, 2, LINE("1", "sent", "a"), 1 },
	{ "no words", { NULL, TOLD("a", ACT("1", "sent")) }, 2, LINE("1", "sent", "a"), 1 },
	{ "acts that are none", { "{\"acts\":{}}", "{\"acts\":\"x\"}", "{}" }, 3, "", 3 },
	{ "acts of another kind",
	  { "{\"host\":\"a\",\"acts\":[1,\"x\",null]}" },
	  1,
	  " on a\n on a\n on a\n",
	  0 },
	{ "a stranger's line",
	  { "{\"host\":\"a\\n9  freeze gov: done\",\"acts\":[{\"at\":\"1\\u001b[2J\",\"who\":\"k\\rm\"}]}" },
	  1,
	  NULL,
	  0 },
};

static void each_chain_is_shown(void **state)
{
	struct stand *s = *state;

	for (size_t i = 0; i < countof(chains); i++) {
		lay(s, chains[i].messages, chains[i].n);
		show(s, false);
		assert_int_equal(s->status, 0);
		assert_true(*s->out != '\n' || chains[i].text);
		if (!chains[i].text) /* one line, whatever he wrote, and nothing that a terminal acts on */
			assert_true(strchr(s->out, '\n') == s->out + strlen(s->out) - 1 &&
				    !strchr(s->out, '\x1b') && !strchr(s->out, '\r'));
		else if (!strstr(s->out, chains[i].text))
			fail_msg("%s: %s", chains[i].what, s->out);
		assert_int_equal(strstr(s->out, "say nothing that is understood") != NULL,
				 chains[i].damaged != 0);
		if (chains[i].damaged)
			assert_non_null(
				strstr(s->out, arena_printf(&s->a, "%d commits say", chains[i].damaged)));
	}
}

static void the_same_as_one_document(void **state)
{
	static const char *const messages[] = { "no JSON", TOLD("a", ACT("1", "sent")) };
	struct stand *s = *state;
	struct json *j = NULL;

	lay(s, messages, 2);
	show(s, true);
	assert_int_equal(s->status, 0);
	assert_int_equal(json_parse(&j, s->out, strlen(s->out), 1 << 20, NULL), 0);
	assert_int_equal(json_size(json_get(j, "items")), 1);
	assert_int_equal(json_int(j, "damaged", -1), 1);
	assert_false(json_bool(j, "more", true));
	const struct json *item = json_at(json_get(j, "items"), 0);

	assert_string_equal(json_str(item, "host"), "a");
	assert_string_equal(json_str(item, "state"), "sent");
	assert_int_equal(json_int(item, "run", 0), 77);
	json_free(j);
}

/* A ledger of years is not read to its beginning; that there is more is said. */
static void a_long_chain_is_cut(void **state)
{
	const char *messages[COMMITS];
	struct stand *s = *state;
	struct json *j = NULL;

	for (size_t i = 0; i < COMMITS; i++)
		messages[i] = TOLD("a", ACT("1", "sent"));
	lay(s, messages, COMMITS);
	show(s, true);
	assert_int_equal(s->oracle.asked, 51);
	assert_int_equal(json_parse(&j, s->out, strlen(s->out), 1 << 20, NULL), 0);
	assert_int_equal(json_size(json_get(j, "items")), 50);
	assert_true(json_bool(j, "more", false));
	json_free(j);
}

/* ---- what goes wrong --------------------------------------------------------------------------------------------------- */

static const struct {
	const char *what;
	bool nameless;
	enum err_kind shut, head, link, bars;
	int status;
	const char *words;
} faults[] = {
	{ "no name", true, 0, 0, 0, 0, 2, "no ledger is named" },
	{ "no token", false, ERR_AUTH, 0, 0, 0, 4, "there is no token" },
	{ "no ledger yet", false, 0, ERR_MISSING, 0, 0, 1, "nothing was told to the ledger of " REPO " yet" },
	{ "no forge", false, 0, ERR_OFFLINE, 0, 0, 4, "the forge answers so" },
	{ "a head that is not asked for", false, 0, 0, 0, ERR_RATE, 4, "it is not asked" },
	{ "a link that is gone", false, 0, 0, ERR_MISSING, 0, 1, "the forge answers so" },
	{ "a link that fails", false, 0, 0, ERR_SERVER, 0, 4, "the forge answers so" },
};

static void what_goes_wrong_is_said(void **state)
{
	static const char *const messages[] = { TOLD("a", ACT("1", "sent")), TOLD("a", ACT("2", "sent")) };
	struct stand *s = *state;

	for (size_t i = 0; i < countof(faults); i++) {
		lay(s, messages, 2);
		s->nameless = faults[i].nameless;
		s->oracle.shut = faults[i].shut;
		s->rows[0].fails = faults[i].head;
		s->rows[0].bars = faults[i].bars;
		s->rows[2].fails = faults[i].link;
		show(s, false);
		if (s->status != faults[i].status || !strstr(s->err, faults[i].words) || *s->out)
			fail_msg("%s: exit %d, %s%s", faults[i].what, s->status, s->err, s->out);
	}
}

/* A ref without a commit, and a commit that is not there: nothing to show, and no endless walk. */
static void an_empty_answer_ends_it(void **state)
{
	static const char *const messages[] = { TOLD("a", ACT("1", "sent")), TOLD("a", ACT("2", "sent")) };
	struct stand *s = *state;

	lay(s, messages, 2);
	s->rows[2].n = 0;
	show(s, false);
	assert_int_equal(s->status, 0);
	assert_string_equal(s->out, LINE("1", "sent", "a"));
	s->rows[0].n = 0;
	show(s, false);
	assert_int_equal(s->status, 0);
	assert_non_null(strstr(s->out, "no act was told to the ledger of " REPO " yet"));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, up, down)
	const struct CMUnitTest tests[] = {
		TEST(each_chain_is_shown),     TEST(the_same_as_one_document), TEST(a_long_chain_is_cut),
		TEST(what_goes_wrong_is_said), TEST(an_empty_answer_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
