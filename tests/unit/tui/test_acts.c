/* An act from its words to its end, while other answers and sheets come between: what is sent is what was planned. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/text.h"
#include "core/model/model.h"
#include "tests/folder.h"
#include "tui/app.h"

/* ---- a client that keeps what it is asked ---------------------------------------------------------------------- */

static struct asked {
	char words[1024], plan[16];
	client_reply reply;
	void *ctx;
} asked[8];
static int asked_n;

int client_ask(struct client *c, int argc, const char *const *argv, const char *plan, client_reply fn,
	       void *ctx, struct err *e)
{
	struct asked *a = &asked[asked_n++];
	struct buf words = BUF_INIT(sizeof(a->words) - 1);

	(void)c;
	(void)e;
	for (int i = 0; i < argc; i++)
		buf_fmt(&words, "%s%s", i ? "|" : "", argv[i]);
	memcpy(a->words, words.s, words.n + 1);
	buf_done(&words);
	(void)snprintf(a->plan, sizeof(a->plan), "%s", plan ? plan : "");
	a->reply = fn;
	a->ctx = ctx;
	return 0;
}

int client_open(struct client **out, struct loop *loop, const struct client_options *o, client_event fn,
		void *ctx, struct err *e)
{
	(void)loop;
	(void)o;
	(void)fn;
	(void)ctx;
	(void)e;
	*out = NULL;
	return 0;
}

void client_close(struct client *c)
{
	(void)c;
}

int client_attach(struct client *c, struct err *e)
{
	(void)c;
	(void)e;
	return 0;
}

void client_focus(struct client *c, const char *lane, int64_t run)
{
	(void)c;
	(void)lane;
	(void)run;
}

void client_revive(struct client *c)
{
	(void)c;
}

static void answer(int i, const char *text)
{
	struct json *doc = NULL;

	if (text)
		assert_int_equal(json_parse(&doc, text, strlen(text), 65536, NULL), 0);
	asked[i].reply(asked[i].ctx, doc);
	json_free(doc);
}

/* ---- a console without a terminal ------------------------------------------------------------------------------ */

static void nothing(void *ctx)
{
	(void)ctx;
}

static struct tui_options options;

static int setup(void **state)
{
	struct app *app = x_alloc(sizeof(*app));

	*state = app;
	*app = (struct app){ .o = &options, .limit = 200 };
	clock_manual(&app->clock, (struct when){ INT64_C(1795244889000) });
	app->loop = loop_new(&app->clock);
	app->confirm_timer = timer_new(app->loop, nothing, NULL);
	app->quiet = timer_new(app->loop, act_on_quiet, app);
	keys_init(&app->keys);
	grid_resize(&app->grid, 24, 80);
	asked_n = 0;
	return 0;
}

static int teardown(void **state)
{
	struct app *app = *state;

	timer_free(app->confirm_timer);
	timer_free(app->quiet);
	loop_free(app->loop);
	grid_done(&app->grid);
	arena_done(&app->arena);
	arena_done(&app->pane_arena);
	arena_done(&app->sheet_arena);
	arena_done(&app->act_arena);
	arena_done(&app->kept);
	form_done(&app->form);
	free(app);
	return 0;
}

static void type(struct app *app, const char *text)
{
	for (; *text; text++) {
		clock_advance(&app->clock, 100);
		keys_feed(&app->keys, text, 1, app_key, app);
		app_draw_to(app, &app->grid);
	}
}

#define PLAN(confirm)                                                                                     \
	"{\"exit\":0,\"result\":{\"plan_id\":\"7c1e93f0\",\"act\":\"dispatch\",\"lane\":\"easy/"          \
	"prod\",\"release\":\"v0.9.4\","                                                                  \
	"\"production\":true,\"verdict\":\"go\",\"confirm\":\"" confirm                                   \
	"\",\"requests\":[],\"checks\":[{\"name\":\"tag\",\"status\":\"ok\",\"detail\":\"fine\",\"fix\":" \
	"\"\"}]}}"
#define INPUTS(confirm)                                                                                     \
	"{\"exit\":0,\"result\":{\"plan_id\":\"7c1e93f0\",\"act\":\"dispatch\",\"lane\":\"easy/"            \
	"prod\",\"release\":\"v0.9.4\",\"production\":true,\"verdict\":\"go\",\"confirm\":\"" confirm       \
	"\",\"requests\":[],\"checks\":[],\"inputs\":[{\"name\":\"dry\",\"type\":\"boolean\",\"required\":" \
	"false,"                                                                                            \
	"\"default\":\"\",\"value\":\"false\",\"fixed\":false}]}}"
#define LOG                                                                                              \
	"{\"exit\":0,\"result\":{\"name\":\"job\",\"steps\":[],\"lines\":[{\"step\":1,\"n\":1,\"text\":" \
	"\"x\",\"error\":false}]}}"
#define SENT "dispatch|easy/prod|v0.9.4|--confirm=easy/prod v0.9.4"

static void confirm(struct app *app)
{
	app_draw_to(app, &app->grid);
	clock_advance(&app->clock, CONFIRM_ARMING_MS);
	type(app, "easy/prod v0.9.4\r");
}

/* The forge lets an environment have any name. Two whose names are shown alike are two. */
static void a_review_names_the_gate_as_the_forge_does(void **state)
{
	struct gate_row gate = { .run_id = 77,
				 .lane = "easy/prod",
				 .environment = "prod<U+202E> EU",
				 .key = "prod\u202e EU",
				 .reviewers = "",
				 .why_not = "",
				 .since = "-",
				 .wait_until = "",
				 .title = "",
				 .release = "" };
	struct app *app = *state;

	*app_place(app) = (struct place){ .screen = SCREEN_GATES };
	app->shown.gates = (struct gate_rows){ .items = &gate, .n = 1 };
	type(app, "A");
	assert_string_equal(app->pending_what, "approve prod<U+202E> EU of easy/prod: comment, or Enter:");
	type(app, "\r");
	assert_int_equal(asked_n, 1);
	assert_string_equal(asked[0].words, "plan|approve|77|prod\u202e EU|--comment|approved");
}

static void what_is_sent_is_what_was_planned(void **state)
{
	struct app *app = *state;

	app_line(app, "dispatch easy/prod v0.9.4");
	assert_string_equal(asked[0].words, "plan|dispatch|easy/prod|v0.9.4");
	answer(0, PLAN("easy/prod v0.9.4"));
	confirm(app);
	assert_int_equal(asked_n, 2);
	assert_string_equal(asked[1].words, SENT);
	assert_string_equal(asked[1].plan, "7c1e93f0");
}

/* The key of the other face is no letter of the phrase, and what was typed before it stays. */
static void a_plan_is_turned_while_it_is_confirmed(void **state)
{
	struct app *app = *state;

	app_line(app, "dispatch easy/prod v0.9.4");
	answer(0, PLAN("easy/prod v0.9.4"));
	app_draw_to(app, &app->grid);
	type(app, "w"); /* before it is armed nothing counts */
	assert_false(app->plan_tree);
	clock_advance(&app->clock, CONFIRM_ARMING_MS);
	type(app, "w");
	assert_true(app->plan_tree);
	assert_string_equal(app->confirm.typed, "");
	assert_non_null(strstr(app->lines.items[0].text, "v0.9.4 may be sent"));
	type(app, "easy\027");
	assert_false(app->plan_tree);
	assert_string_equal(app->confirm.typed, "easy");
	type(app, "w");
	assert_string_equal(app->confirm.typed, "easyw");
	type(app, "\177/prod v0.9.4\r");
	assert_int_equal(asked_n, 2);
	assert_string_equal(asked[1].words, SENT);
}

/* A lane whose name begins with the key keeps its first letter. */
static void a_phrase_may_begin_with_the_key(void **state)
{
	struct app *app = *state;

	app_line(app, "dispatch web/prod v1");
	answer(0, PLAN("web/prod v1"));
	app_draw_to(app, &app->grid);
	clock_advance(&app->clock, CONFIRM_ARMING_MS);
	type(app, "w");
	assert_string_equal(app->confirm.typed, "w");
	type(app, "\027");
	assert_true(app->plan_tree);
	type(app, "eb/prod v1\r");
	assert_int_equal(asked_n, 2);
}

/* The help is opened and closed while the plan is made: its words are not the act's. */
static void a_sheet_between_changes_nothing(void **state)
{
	struct app *app = *state;

	app_line(app, "dispatch easy/prod v0.9.4");
	app_line(app, "help");
	answer(0, PLAN("easy/prod v0.9.4"));
	confirm(app);
	assert_int_equal(asked_n, 2);
	assert_string_equal(asked[1].words, SENT);
}

/* A log that was asked for before arrives while the phrase is typed: the plan stays, and so does the field. */
static void a_late_log_does_not_take_the_plan_away(void **state)
{
	struct app *app = *state;

	act_ask(app, "log 1001");
	app_line(app, "dispatch easy/prod v0.9.4");
	answer(1, PLAN("easy/prod v0.9.4"));
	answer(0, LOG);
	assert_int_equal(app->sheet, SHEET_PLAN);
	confirm(app);
	assert_int_equal(asked_n, 3);
	assert_string_equal(asked[2].words, SENT);
}

/* One plan at a time: the field never confirms another act than the one whose plan stands above it. */
static void a_second_plan_waits(void **state)
{
	struct app *app = *state;

	app_line(app, "dispatch easy/prod v0.9.4");
	app_line(app, "cancel 1001");
	assert_int_equal(asked_n, 1);
	answer(0, NULL);
	app_line(app, "cancel 1001");
	assert_int_equal(asked_n, 2);
	assert_string_equal(asked[1].words, "plan|cancel|1001");
}

/* A plan that was refused stands there, and the palette was open when it came. */
static void a_refused_plan_goes_when_the_next_begins(void **state)
{
	struct app *app = *state;

	app_line(app, "dispatch easy/prod v0.9.4");
	prompt_open(app, PROMPT_COMMAND, "");
	answer(0, PLAN(""));
	assert_int_equal(app->sheet, SHEET_PLAN);
	type(app, "cancel 1001\r");
	assert_int_equal(asked_n, 2);
	app_draw_to(app, &app->grid);
	assert_int_equal(app->sheet, SHEET_NONE);
}

/* Tab leaves the field for the inputs; what is confirmed in the end is the plan that was made with them. */
static void inputs_are_changed_by_another_plan(void **state)
{
	struct app *app = *state;

	app_line(app, "dispatch easy/prod v0.9.4");
	answer(0, INPUTS("easy/prod v0.9.4"));
	type(app, "\t");
	assert_int_equal(app->sheet, SHEET_FORM);
	assert_int_equal(app->prompt, PROMPT_NONE);
	keys_feed(&app->keys, "\033[C", 3, app_key, app);
	type(app, "\r");
	assert_int_equal(asked_n, 2);
	assert_string_equal(asked[1].words, "plan|dispatch|easy/prod|v0.9.4|--input|dry=true");
	app_draw_to(app, &app->grid); /* the form stays, and has its words */
	assert_int_equal(app->sheet, SHEET_FORM);
	answer(1, INPUTS("easy/prod v0.9.4"));
	assert_int_equal(app->sheet, SHEET_PLAN);
	confirm(app);
	assert_int_equal(asked_n, 3);
	assert_string_equal(asked[2].words,
			    "dispatch|easy/prod|v0.9.4|--input|dry=true|--confirm=easy/prod v0.9.4");
}

/* A plan that cannot be made leaves the form to be mended; a log that comes late does not take it away. */
static void a_form_outlives_trouble(void **state)
{
	struct app *app = *state;

	act_ask(app, "log 1001");
	app_line(app, "dispatch easy/prod v0.9.4");
	answer(1, INPUTS(""));
	type(app, "i");
	type(app, "\r");
	answer(2, "{\"exit\":4,\"error\":{\"message\":\"the forge did not answer\"}}");
	answer(0, LOG);
	assert_int_equal(app->sheet, SHEET_FORM);
	app_draw_to(app, &app->grid);
	type(app, "\r");
	assert_int_equal(asked_n, 4);
	assert_string_equal(asked[3].words, "plan|dispatch|easy/prod|v0.9.4");
	keys_feed(&app->keys, "\033", 1, app_key, app);
	keys_flush(&app->keys, app_key, app);
	assert_int_equal(app->sheet, SHEET_NONE);
	answer(3, NULL);
}

#define REFUSED(fix)                                                                                    \
	"{\"exit\":2,\"result\":{\"act\":\"promote\",\"lane\":\"easy/prod\",\"plan_id\":\"0a1b2c3d\","  \
	"\"verdict\":\"refused\",\"requests\":[],\"checks\":[{\"name\":\"verdict\",\"status\":\"bad\"," \
	"\"detail\":\"the verdict is fail\",\"fix\":\"" fix "\",\"source\":\"canary\"}]}}"

/* What only lacks a reason is offered the field for it; what lacks more is not. */
static void a_reason_that_is_wanted_is_asked_for(void **state)
{
	struct app *app = *state;

	app_line(app, "promote easy/prod");
	answer(0, REFUSED("wait for a verdict that passes, or add --reason \\\"why\\\" to go on knowingly"));
	assert_int_equal(app->sheet, SHEET_PLAN);
	assert_int_equal(app->prompt, PROMPT_REASON);
	type(app, "the limit is wrong\r");
	assert_int_equal(asked_n, 2);
	assert_string_equal(asked[1].words, "plan|promote|easy/prod|--reason|the limit is wrong");
	answer(1, REFUSED("wait for a verdict that passes, or add --reason \\\"why\\\" to go on knowingly"));
	assert_int_equal(app->prompt, PROMPT_NONE); /* it was given */
	app_line(app, "promote easy/prod");
	answer(2, REFUSED("wait"));
	assert_int_equal(app->prompt, PROMPT_NONE);
}

static void nothing_is_sent_without_the_phrase(void **state)
{
	struct app *app = *state;

	app_line(app, "dispatch easy/prod v0.9.4");
	answer(0, PLAN("easy/prod v0.9.4"));
	app_draw_to(app, &app->grid);
	clock_advance(&app->clock, CONFIRM_ARMING_MS);
	type(app, "\r");
	type(app, "easy/prod v0.9.3\r");
	act_close(app, "left");
	type(app, "\r");
	assert_int_equal(asked_n, 1);
}

/* Into the phrase, the plan is void: no key of the rest reaches the screen below, also while it is planned again. */
static void the_rest_of_a_phrase_is_no_command(void **state)
{
	struct app *app = *state;

	app_line(app, "dispatch easy/prod v0.9.4");
	answer(0, PLAN("easy/prod v0.9.4"));
	app_draw_to(app, &app->grid);
	clock_advance(&app->clock, CONFIRM_TIMEOUT_MS - 500);
	type(app, "easy/prod v0.9.4 q7:DXBKR/w\t?");
	assert_int_equal(app->sheet, SHEET_PLAN);
	assert_int_equal(app->prompt, PROMPT_CONFIRM);
	assert_int_equal(app_place(app)->screen, SCREEN_LANES);
	assert_false(app->quit);
	assert_int_equal(asked_n, 1);
	type(app, "\r");
	assert_int_equal(asked_n, 2);
	assert_string_equal(asked[1].words, "plan|dispatch|easy/prod|v0.9.4");
	type(app, "q7:D\r"); /* while it is made */
	assert_int_equal(asked_n, 2);
	assert_int_equal(app->prompt, PROMPT_CONFIRM);
	answer(1, "{\"exit\":4,\"error\":{\"message\":\"the forge did not answer\"}}");
	type(app, "q7\r");
	assert_int_equal(asked_n, 3);
	assert_string_equal(asked[2].words, "plan|dispatch|easy/prod|v0.9.4");
	answer(2, PLAN("easy/prod v0.9.4"));
	confirm(app);
	assert_int_equal(asked_n, 4);
	assert_string_equal(asked[3].words, SENT);
}

/* Planned again it is refused: nothing is left that could be confirmed. */
static void a_void_plan_may_be_refused(void **state)
{
	struct app *app = *state;

	app_line(app, "dispatch easy/prod v0.9.4");
	answer(0, PLAN("easy/prod v0.9.4"));
	clock_advance(&app->clock, CONFIRM_TIMEOUT_MS);
	type(app, "\r");
	answer(1, PLAN(""));
	assert_int_equal(app->sheet, SHEET_PLAN);
	assert_int_equal(app->prompt, PROMPT_NONE);
	assert_int_equal(asked_n, 2);
}

/* Scrolling is no decision: the plan is as old as it is. Esc leaves it. */
static void scrolling_does_not_make_a_plan_younger(void **state)
{
	struct app *app = *state;

	app_line(app, "dispatch easy/prod v0.9.4");
	answer(0, PLAN("easy/prod v0.9.4"));
	app_draw_to(app, &app->grid);
	clock_advance(&app->clock, CONFIRM_TIMEOUT_MS - 1);
	keys_feed(&app->keys, "\033[6~", 4, app_key, app);
	clock_advance(&app->clock, 1);
	assert_true(confirm_void(&app->confirm, clock_mono(&app->clock)));
	keys_feed(&app->keys, "\033", 1, app_key, app);
	keys_flush(&app->keys, app_key, app);
	assert_int_equal(app->sheet, SHEET_NONE);
	assert_int_equal(app->prompt, PROMPT_NONE);
}

/* Opening a pull request is half an act, and the outcome names the other half; only when it was opened. */
static void the_outcome_names_the_next_step(void **state)
{
	static const struct {
		const char *line, *state, *next;
	} rows[] = {
		{ "release-pr easy/prod", "done", ":release-pr easy/prod --merge" },
		{ "revert-pin easy/prod --reason why", "done", ":revert-pin easy/prod --merge" },
		{ "release-pr easy/prod --merge", "done", NULL },
		{ "release-pr easy/prod", "unknown", NULL },
		{ "revert-pin easy/prod --reason why", "refused", NULL },
		{ "dispatch easy/prod v0.9.4", "done", NULL },
	};
	struct app *app = *state;

	for (size_t i = 0; i < countof(rows); i++) {
		char text[256];
		const char *found = NULL;
		asked_n = 0;
		app_line(app, rows[i].line);
		answer(0, PLAN("easy/prod v0.9.4"));
		confirm(app);
		assert_int_equal(asked_n, 2);
		(void)snprintf(text, sizeof(text),
			       "{\"exit\":0,\"result\":{\"intent\":7,\"act\":\"x\",\"lane\":\"easy/prod\","
			       "\"state\":\"%s\",\"note\":\"\",\"nonce\":\"n\"}}",
			       rows[i].state);
		answer(1, text);
		assert_int_equal(app->sheet, SHEET_OUTCOME);
		vec_each (l, &app->lines)
			if (strstr(l->text, "--merge"))
				found = l->text;
		if (!found != !rows[i].next || (found && strcmp(found, rows[i].next) != 0))
			fail_msg("%s, %s: next is %s", rows[i].line, rows[i].state,
				 found ? found : "nothing");
		sheet_close(app);
	}
}

/* What is held is let go by the key that took it; a note is asked for its words and confirmed by nothing. */
static void the_key_of_a_lock_turns_it(void **state)
{
	struct app *app = *state;
	struct lane_row lane = { .name = "easy/prod",
				 .system = "easy",
				 .environment = "prod",
				 .repo = "o/r",
				 .starts = "dispatch",
				 .live = "v0.9.3",
				 .next = "v0.9.4",
				 .progress = "",
				 .since = "2m",
				 .unsettled = "",
				 .back = "",
				 .back_target = "",
				 .back_took = "",
				 .freeze = "",
				 .lock = "",
				 .lock_reason = "",
				 .alarm = "",
				 .alarm_kind = "",
				 .drift = "",
				 .drift_worst = -1,
				 .again = "",
				 .state = LANE_HOLD };

	app->shown.lanes = (struct lane_rows){ .items = &lane, .n = 1 };
	app_line(app, "lock");
	assert_int_equal(app->prompt, PROMPT_REASON);
	assert_string_equal(app->pending_line, "lock easy/prod");
	app->prompt = PROMPT_NONE;
	lane.locked = true;
	app_line(app, "lock");
	assert_string_equal(asked[0].words, "plan|unlock|easy/prod");
	answer(0, PLAN("easy/prod"));
	sheet_close(app);
	app->prompt = PROMPT_NONE;
	app_line(app, "note");
	assert_int_equal(app->prompt, PROMPT_REASON);
	type(app, "it's the vendor, who rings at nine\r");
	assert_string_equal(asked[1].words, "note|easy/prod|it's the vendor, who rings at nine");
}

/* A plan that moved was never shown to the forge: it is void, and the forge refused nothing. */
static void a_moved_plan_is_void(void **state)
{
	static const char text[] =
		"{\"exit\":1,\"result\":{\"error\":{\"code\":\"changed\",\"message\":\"changed: ref moved\","
		"\"fix\":\"read the plan again\"},\"intent\":null,\"nonce\":null,\"state\":\"refused\","
		"\"act\":\"dispatch\",\"lane\":\"easy/prod\",\"note\":\"changed: ref moved\"}}";
	struct app *app = *state;
	bool is_void = false, says_what = false;

	app_line(app, "dispatch easy/prod v0.9.4");
	answer(0, PLAN("easy/prod v0.9.4"));
	confirm(app);
	answer(1, text);
	assert_int_equal(app->sheet, SHEET_OUTCOME);
	vec_each (l, &app->lines) {
		is_void |= l->mark && !strcmp(l->mark, "VOID");
		says_what |= !strcmp(l->text, "changed: ref moved");
		assert_null(strstr(l->text, "the forge said no"));
		assert_null(strstr(l->text, "intent 0"));
	}
	assert_true(is_void);
	assert_true(says_what);
	type(app, "\r"); /* as it would be now */
	assert_int_equal(asked_n, 3);
	assert_string_equal(asked[2].words, "plan|dispatch|easy/prod|v0.9.4");
	answer(2, PLAN("easy/prod v0.9.4"));
	confirm(app);
	assert_int_equal(asked_n, 4);
	assert_string_equal(asked[3].words, SENT);
}

static void time_passes(struct app *app, msec ms)
{
	clock_advance(&app->clock, ms);
	(void)loop_step(app->loop, 0);
}

/* It may be stopped: that is said of a plan and of an act, after every key too, and nothing is asked for twice. */
static void an_engine_that_stands_still_is_said(void **state)
{
	struct app *app = *state;

	app_line(app, "dispatch easy/prod v0.9.4");
	time_passes(app, CLIENT_QUIET_MS - 1);
	assert_null(strstr(app->message, "has not answered"));
	time_passes(app, 1);
	assert_non_null(strstr(app->message, "has not answered for 15 s: the plan is not made"));
	answer(0, PLAN("easy/prod v0.9.4"));
	confirm(app);
	time_passes(app, CLIENT_QUIET_MS - 1);
	assert_null(strstr(app->message, "has not answered"));
	time_passes(app, 1);
	assert_non_null(strstr(app->message, "is with the engine, which has not answered for 15 s"));
	type(app, "j");
	assert_non_null(strstr(app->message, "which has not answered for 15 s"));
	app_line(app, "dispatch easy/prod v0.9.4");
	assert_int_equal(asked_n, 2);
	answer(1, "{\"exit\":0,\"result\":{\"intent\":1,\"state\":\"linked\"}}");
	time_passes(app, 2 * CLIENT_QUIET_MS);
	assert_string_equal(app->message, "");
}

/* Whoever looks elsewhere while an act is with the engine is reminded of it by every key, until its outcome comes. */
static void an_act_under_way_is_not_forgotten(void **state)
{
	const struct key_event left = { .code = KEY_ESC, .burst = 1 };
	struct app *app = *state;

	app_line(app, "dispatch easy/prod v0.9.4");
	answer(0, PLAN("easy/prod v0.9.4"));
	confirm(app);
	app_key(app, &left);
	assert_int_equal(app->sheet, SHEET_NONE);
	assert_non_null(strstr(app->message, "dispatch easy/prod is with the engine"));
	answer(1, NULL);
	app_key(app, &left);
	assert_string_equal(app->message, "");
}

static void a_fix_that_is_empty_leaves_no_trace(void **state)
{
	struct app *app = *state;

	app_line(app, "dispatch easy/prod v0.9.4");
	answer(0,
	       "{\"exit\":6,\"error\":{\"code\":\"store\",\"message\":\"the disk is full\",\"fix\":\"\"}}");
	assert_string_equal(app->message, "the disk is full");
}

/* A reason of nothing but apostrophes is quoted whole, two lines of a paste stay two words, and what was cut is refused. */
static void a_reason_is_taken_whole_or_not_at_all(void **state)
{
	const struct key_event one = { .code = KEY_CHAR, .text = "'", .burst = 1 };
	const struct key_event newline = { .code = KEY_CHAR, .text = "\n", .pasted = true };
	struct app *app = *state;

	app_ask_reason(app, "lock easy/prod", "lock easy/prod: why?");
	for (int i = 0; i < 400; i++)
		app_key(app, &one);
	type(app, "\r");
	assert_int_equal(asked_n, 1);
	assert_int_equal(strlen(asked[0].words), strlen("plan|lock|easy/prod|--reason|") + 400);
	answer(0, NULL);
	app_ask_reason(app, "lock easy/prod", "lock easy/prod: why?");
	type(app, "a");
	app_key(app, &newline);
	app_key(app, &newline);
	type(app, "b\r");
	assert_string_equal(asked[1].words, "plan|lock|easy/prod|--reason|a b");
	answer(1, NULL);
	app_ask_reason(app, "lock easy/prod", "lock easy/prod: why?");
	for (int i = 0; i < 600; i++)
		app_key(app, &one);
	type(app, "\r");
	assert_int_equal(asked_n, 2);
	assert_non_null(strstr(app->message, "its end is missing"));
}

/* The end of a long log is not taken for all of it. */
static void a_log_says_what_it_lacks(void **state)
{
	struct app *app = *state;

	app_line(app, "log 1");
	answer(0, LOG);
	assert_null(strstr(app->lines.items[1].text, "left out"));
	app_line(app, "log 1");
	answer(1, "{\"exit\":0,\"result\":{\"name\":\"job\",\"steps\":[],\"lines\":[],\"cut\":true}}");
	assert_non_null(strstr(app->lines.items[1].text, "left out"));
}

static void put_intent(struct store *s, int64_t id, int state, const char *nonce, const char *note)
{
	const struct intent in = { .id = id,
				   .nonce = nonce,
				   .plan_id = "7c1e93f0",
				   .act = "dispatch",
				   .lane = "easy/prod",
				   .repo = "acme/easy",
				   .subject = "v0.9.4",
				   .line = "",
				   .request = "",
				   .body = "",
				   .who = "",
				   .reason = "",
				   .relies_on = "",
				   .state = state,
				   .run_id = state == INTENT_LINKED ? 77 : 0,
				   .run_url = "",
				   .note = note,
				   .step = "" };
	struct err e = ERR_INIT;

	assert_int_equal(store_run(s, Q_intent_mirror_put, &rec_intent, &in, &e), 0);
}

static bool sheet_says(const struct app *app, const char *words)
{
	vec_each (l, &app->lines)
		if (strstr(l->text, words) || (l->mark && strstr(l->mark, words)))
			return true;
	return false;
}

/* A lost answer is UNKNOWN until its run is found; from then on the sheet that still stands there says so too. */
static void an_outcome_says_what_it_is_now(void **state)
{
	struct app *app = *state;
	struct store *s = NULL;
	struct err e = ERR_INIT;
	char dir[64], path[96];

	folder_new(dir);
	(void)snprintf(path, sizeof(path), "%s/cache.db", dir);
	assert_int_equal(store_open(&s, path, STORE_WRITE, &e), 0);
	put_intent(s, 7, INTENT_SENT, "n", "");
	options.cache_path = path;
	app_line(app, "dispatch easy/prod v0.9.4");
	answer(0, PLAN("easy/prod v0.9.4"));
	confirm(app);
	answer(1, "{\"exit\":3,\"error\":{\"message\":\"no answer\",\"fix\":\"\"},\"result\":{\"intent\":7,"
		  "\"act\":\"dispatch\",\"lane\":\"easy/prod\",\"state\":\"unknown\",\"note\":\"no answer\","
		  "\"nonce\":\"n\"}}");
	app_load(app);
	assert_true(sheet_says(app, "UNKNOWN")); /* the cache is behind */
	assert_non_null(strstr(app->message, "no answer"));
	put_intent(s, 7, INTENT_LINKED, "n", "found by its nonce");
	app_load(app);
	assert_true(sheet_says(app, "FOUND"));
	assert_true(sheet_says(app, "run 77: Enter opens it"));
	assert_true(sheet_says(app, "found by its nonce"));
	assert_false(sheet_says(app, "no answer"));
	assert_string_equal(app->message, "");
	/* Nothing takes it back, and another act under its number is another's. */
	put_intent(s, 7, INTENT_SENT, "n", "late");
	app_load(app);
	assert_true(sheet_says(app, "FOUND"));
	put_intent(s, 7, INTENT_REFUSED, "other", "late");
	app_load(app);
	assert_true(sheet_says(app, "FOUND"));
	type(app, "\r");
	assert_int_equal(app_here(app)->screen, SCREEN_RUN);
	assert_int_equal(app_here(app)->run, 77);
	store_close(app->store);
	app->store = NULL;
	options.cache_path = NULL;
	store_close(s);
	folder_drop(dir);
}

/* Arming a guard writes a row: no screen may say that something left for it. */
static void what_is_written_down_is_not_called_sent(void **state maybe_unused)
{
	static const struct {
		const char *act, *note;
		bool sent;
	} cases[] = { { "guard", "armed for v2", false },
		      { "note", "", false },
		      { "hold", "nothing was sent", false },
		      { "freeze", "", true } };
	struct arena a = ARENA_INIT;

	for (size_t i = 0; i < countof(cases); i++) {
		const char *text = arena_printf(
			&a,
			"{\"intent\":3,\"act\":\"%s\",\"lane\":\"a/b\",\"state\":\"done\",\"note\":\"%s\"}",
			cases[i].act, cases[i].note);
		struct json *doc = NULL;
		struct outcome outcome;
		struct lines out = { 0 };
		bool sent = false;

		assert_int_equal(json_parse(&doc, text, strlen(text), 4096, NULL), 0);
		outcome_from(&outcome, doc, &a);
		sheet_outcome(&out, &outcome, NULL, "", 80, &a);
		vec_each (l, &out)
			sent |= strstr(l->text, "sent once") != NULL;
		assert_int_equal(sent, cases[i].sent);
		json_free(doc);
	}
	arena_done(&a);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(an_engine_that_stands_still_is_said),
		T(a_plan_is_turned_while_it_is_confirmed),
		T(a_phrase_may_begin_with_the_key),
		T(what_is_sent_is_what_was_planned),
		T(a_review_names_the_gate_as_the_forge_does),
		T(a_sheet_between_changes_nothing),
		T(a_late_log_does_not_take_the_plan_away),
		T(a_second_plan_waits),
		T(a_refused_plan_goes_when_the_next_begins),
		T(a_reason_that_is_wanted_is_asked_for),
		T(nothing_is_sent_without_the_phrase),
		T(inputs_are_changed_by_another_plan),
		T(a_form_outlives_trouble),
		T(the_rest_of_a_phrase_is_no_command),
		T(a_void_plan_may_be_refused),
		T(scrolling_does_not_make_a_plan_younger),
		T(the_outcome_names_the_next_step),
		T(what_is_written_down_is_not_called_sent),
		T(an_outcome_says_what_it_is_now),
		T(the_key_of_a_lock_turns_it),
		T(a_moved_plan_is_void),
		T(an_act_under_way_is_not_forgotten),
		T(a_reason_is_taken_whole_or_not_at_all),
		T(a_log_says_what_it_lacks),
		T(a_fix_that_is_empty_leaves_no_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
