/* A canary as a captain reads it: what is known, what is not, and what was known once and is struck. */
#include "tests/golden/world_canaries.h"
#include "tests/golden/world_evidence.h"
#include "tests/golden/world_fill.h"

#include "base/text.h"
#include "core/view/canary.h"

static const struct when now = { WORLD_NOW };
static const struct canary_wish all_samples = { .metric = 0, .samples = CANARY_SAMPLES };

static int setup(void **state)
{
	struct world *w = x_alloc(sizeof(*w));
	world_open(w);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	world_close(w);
	free(w);
	return 0;
}

static void fill(struct world *w, enum world_kind kind, int64_t age)
{
	world_fill(w, kind, 4000);
	world_evidence(w, kind, 4000);
	world_canary(w, kind, age);
}

static void numbers_are_never_cut(void **state)
{
	static const struct {
		int64_t millionths;
		const char *words;
	} cases[] = {
		{ CANARY_NONE_VALUE, "-" },
		{ 0, "0" },
		{ 1, "0.000001" },
		{ 310000, "0.31" },
		{ 999400, "1.00" },
		{ 2310000, "2.31" },
		{ 41040000, "41.0" },
		{ -41040000, "-41.0" },
		{ 99960000, "100" },
		{ 250000000, "250" },
		{ 41220 * CANARY_SCALE, "41220" },
		{ 999999 * CANARY_SCALE, "999999" },
		{ 1234567 * CANARY_SCALE, "1.23M" },
		{ INT64_C(9223372036854) * CANARY_SCALE, "inf" },
		{ INT64_MAX, "inf" },
		{ INT64_MIN + 1, "-inf" },
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		char text[CANARY_NUMBER];
		assert_string_equal(canary_number(cases[i].millionths, text), cases[i].words);
	}
}

static void shares_keep_their_digits(void **state)
{
	static const struct {
		int64_t bp;
		const char *words;
	} cases[] = {
		{ -1, "?" },       { 0, "0%" },        { 2500, "25%" },
		{ 2460, "24.6%" }, { 2461, "24.61%" }, { 10000, "100%" },
	};
	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		char text[CANARY_PERCENT];
		assert_string_equal(canary_percent(cases[i].bp, text), cases[i].words);
	}
}

static void one_that_fails(void **state)
{
	struct world *w = *state;
	struct canary_view v;
	fill(w, WORLD_NORMAL, 4000);
	assert_int_equal(view_canary(&v, w->store, "gov/prod", &all_samples, now, &w->a, &w->e), 0);
	assert_string_equal(v.release, "v2.15.0");
	assert_true(v.live && v.ticks && !v.stale && v.can_hold);
	assert_string_equal(v.set, "25%");
	assert_string_equal(v.seen, "24.6%");
	assert_string_equal(v.set_from, "deployment payload");
	assert_int_equal(v.rungs_n, 4);
	assert_int_equal(v.rung_now, 1);
	assert_string_equal(v.rungs[0].clock, "10:20");
	assert_string_equal(v.rungs[1].clock, "03:24 of 15:00");
	assert_string_equal(v.rungs[2].clock, "");
	assert_string_equal(v.verdict_word, "FAIL");
	assert_int_equal(v.metrics.n, 4);
	assert_string_equal(v.metrics.items[0].canary, "2.31");
	assert_string_equal(v.metrics.items[0].verdict, "FAIL 3/5");
	assert_string_equal(v.metrics.items[1].verdict, "ok 5/5");
	assert_string_equal(v.metrics.items[3].verdict, "unsure");
	assert_int_equal(v.metrics.items[0].points_n, 28);
	assert_true(when_diff(v.metrics.items[0].points[1].at, v.metrics.items[0].points[0].at) > 0);
	assert_string_equal(v.cost, "exposed 13480 requests, ~270 extra errors, 0.90% of the error budget");
	assert_string_equal(v.back, "back v2.14.0 ok");
	assert_string_equal(v.back_took, "p50 5m, at most 9m, of 12 runs");
	assert_int_equal(v.notes.n, 3);
}

/* The window's clock runs past its end, and stands while it is held. */
static void a_window_that_is_late_or_held(void **state)
{
	struct world *w = *state;
	struct canary_view v;
	struct canary_book b = { 0 };
	fill(w, WORLD_NORMAL, 4000);
	assert_int_equal(store_canary_read(&b, w->store, "gov/prod", &w->a, &w->e), 0);
	b.row.ends = world_ago(60 * CANARY_SECONDS);
	assert_int_equal(store_canary_put(w->store, &b, &w->e), 0);
	assert_int_equal(view_canary(&v, w->store, "gov/prod", &all_samples, now, &w->a, &w->e), 0);
	assert_string_equal(v.rungs[1].clock, "03:24 of 02:24 LATE");
	b.row.phase = CANARY_HELD;
	assert_int_equal(store_canary_put(w->store, &b, &w->e), 0);
	assert_int_equal(view_canary(&v, w->store, "gov/prod", &all_samples, now, &w->a, &w->e), 0);
	assert_string_equal(v.rungs[1].clock, "03:24");
	b.row.phase = CANARY_ABORTED;
	assert_int_equal(store_canary_put(w->store, &b, &w->e), 0);
	assert_int_equal(view_canary(&v, w->store, "gov/prod", &all_samples, now, &w->a, &w->e), 0);
	assert_false(v.live || v.ticks || v.stale);
	assert_string_equal(v.metrics.items[0].canary, "2.31"); /* as it was in the end */
}

/* Two intervals without a sample strike what was measured; two without a look strike what was set as well. */
static void old_numbers_are_struck(void **state)
{
	struct world *w = *state;
	struct canary_view v;
	struct canary_book b = { 0 };
	fill(w, WORLD_NORMAL, 4000);
	assert_int_equal(store_canary_read(&b, w->store, "gov/prod", &w->a, &w->e), 0);
	b.row.sampled = world_ago(61 * CANARY_SECONDS);
	assert_int_equal(store_canary_put(w->store, &b, &w->e), 0);
	assert_int_equal(view_canary(&v, w->store, "gov/prod", &all_samples, now, &w->a, &w->e), 0);
	assert_true(v.stale);
	assert_string_equal(v.freshness, "STALE: no sample for 1m");
	assert_string_equal(v.metrics.items[0].canary, CANARY_STRUCK);
	assert_string_equal(v.metrics.items[0].verdict, CANARY_STRUCK);
	assert_string_equal(v.metrics.items[0].limit, "1.00");
	assert_string_equal(v.seen, CANARY_STRUCK);
	assert_string_equal(v.set, "25%");
	assert_int_equal(v.verdict, VERDICT_UNKNOWN);
	b.row.at = world_ago(61 * CANARY_SECONDS);
	assert_int_equal(store_canary_put(w->store, &b, &w->e), 0);
	assert_int_equal(view_canary(&v, w->store, "gov/prod", &all_samples, now, &w->a, &w->e), 0);
	assert_string_equal(v.set, CANARY_STRUCK);
	assert_string_equal(v.rungs[1].clock, CANARY_STRUCK);
	assert_false(v.ticks);
}

static void what_nothing_tells_says_why(void **state)
{
	struct world *w = *state;
	struct canary_view v;
	fill(w, WORLD_NORMAL, 4000);
	assert_int_equal(view_canary(&v, w->store, "theory/main", &all_samples, now, &w->a, &w->e), 0);
	assert_string_equal(v.set, "unknown (job running)");
	assert_string_equal(v.seen, "unknown (no metrics source is named)");
	assert_string_equal(v.metrics.items[0].canary, CANARY_STRUCK);
	assert_string_equal(v.cost, "requests are not counted, extra errors not known, budget not known");
	assert_int_equal(v.rung_now, -1);
	assert_int_equal(view_canary(&v, w->store, "easy/prod", &all_samples, now, &w->a, &w->e),
			 CANARY_NEVER);
	assert_int_equal(view_canary(&v, w->store, "no/lane", &all_samples, now, &w->a, &w->e),
			 CANARY_NO_LANE);
}

static void the_list_begins_with_what_fails(void **state)
{
	static const char *const order[] = { "gov/prod", "theory/main", "mcp/prod" };
	struct world *w = *state;
	struct canary_list v = { 0 };
	fill(w, WORLD_NORMAL, 4000);
	assert_int_equal(view_canaries(&v, w->store, now, &w->a, &w->e), 0);
	assert_int_equal(v.n, countof(order));
	for (size_t i = 0; i < v.n; i++)
		assert_string_equal(v.items[i].lane, order[i]);
	assert_true(v.items[0].live && !v.items[2].live);
}

static void progress_is_one_line(void **state)
{
	struct world *w = *state;
	struct canary c = { .phase = CANARY_WATCHING, .step = 2, .steps = 4, .set_bp = 2500 };
	assert_string_equal(canary_progress(&c, &w->a), "canary 25% ##--");
	c.phase = CANARY_HELD;
	c.set_bp = -1;
	assert_string_equal(canary_progress(&c, &w->a), "canary ? held ##--");
	c.steps = INT64_MAX;
	c.step = INT64_MAX;
	assert_string_equal(canary_progress(&c, &w->a), "canary ? held ####");
	c.steps = 0;
	assert_string_equal(canary_progress(&c, &w->a), "canary ? held");
	c = (struct canary){ .phase = CANARY_WATCHING, .step = 2, .steps = 4, .set_bp = 2500 };
	assert_string_equal(canary_progress(&c, &w->a), "canary 25% ##--");
	c.phase = CANARY_DONE;
	assert_string_equal(canary_progress(&c, &w->a), "");
}

static struct canary row_of(int phase, int64_t set_bp, int verdict)
{
	return (struct canary){ .release = "v2.15.0",
				.run = 7,
				.phase = phase,
				.set_bp = set_bp,
				.verdict = verdict,
				.reason = "no traffic" };
}

static void each_change_is_one_plain_line(void **state)
{
	struct world *w = *state;
	struct canary_metric failing[] = { { .name = "p95", .verdict = VERDICT_PASS },
					   { .name = "error_rate",
					     .verdict = VERDICT_FAIL,
					     .canary = CANARY_VALUE(2.31),
					     .limit = CANARY_VALUE(1) } };
	const struct canary_metrics metrics = { .items = failing, .n = countof(failing) };
	const struct {
		struct canary was, is;
		const char *line;
	} cases[] = {
		{ { 0 }, row_of(CANARY_WATCHING, 500, VERDICT_UNKNOWN), "RUN canary of v2.15.0, 5 percent" },
		{ row_of(CANARY_WATCHING, 500, VERDICT_PASS), row_of(CANARY_WATCHING, 2500, VERDICT_PASS),
		  "RUN canary 25 percent, it was 5 percent" },
		{ row_of(CANARY_WATCHING, 2500, VERDICT_PASS), row_of(CANARY_WATCHING, 2500, VERDICT_FAIL),
		  "FAIL canary 25 percent, error rate 2.31 over 1.00" },
		{ row_of(CANARY_WATCHING, 2500, VERDICT_FAIL), row_of(CANARY_WATCHING, 2500, VERDICT_FAIL),
		  "" },
		{ row_of(CANARY_WATCHING, 2500, VERDICT_PASS),
		  row_of(CANARY_WATCHING, 2500, VERDICT_INCONCLUSIVE),
		  "WAIT canary 25 percent, not to be judged: no traffic" },
		{ row_of(CANARY_WATCHING, 2500, VERDICT_UNKNOWN),
		  row_of(CANARY_WATCHING, 2500, VERDICT_INCONCLUSIVE), "" },
		{ row_of(CANARY_WATCHING, -1, VERDICT_PASS), row_of(CANARY_HELD, -1, VERDICT_PASS),
		  "HOLD canary of v2.15.0, held at unknown weight" },
		{ row_of(CANARY_HELD, 2500, VERDICT_FAIL), row_of(CANARY_ABORTED, 0, VERDICT_FAIL),
		  "FAIL canary of v2.15.0 was aborted" },
		{ row_of(CANARY_WATCHING, 5000, VERDICT_PASS), row_of(CANARY_DONE, 10000, VERDICT_PASS),
		  "OK canary of v2.15.0 has all of the traffic" },
		{ { 0 }, row_of(CANARY_ABSENT, -1, VERDICT_UNKNOWN), "" },
	};
	for (size_t i = 0; i < countof(cases); i++)
		assert_string_equal(canary_news(cases[i].was.release ? &cases[i].was : NULL, &cases[i].is,
						&metrics, &w->a),
				    cases[i].line);
}

static void the_tree_names_each_metric(void **state)
{
	struct world *w = *state;
	struct why_rows v = { 0 };
	int bad = 0, metrics = 0;
	fill(w, WORLD_NORMAL, 4000);
	assert_int_equal(view_why(&v, w->store, "gov/prod", now, &w->a, &w->e), 0);
	vec_each (row, &v) {
		metrics += strstr(row->text, ", control ") != NULL;
		bad += row->status == CHECK_BAD;
	}
	assert_int_equal(metrics, 4);
	assert_int_equal(bad, 3); /* the canary and two of them */
}

static void a_lane_says_how_far_it_is(void **state)
{
	struct world *w = *state;
	struct lane_rows v = { 0 };
	fill(w, WORLD_NORMAL, 4000);
	assert_int_equal(view_lanes(&v, w->store, now, &w->a, &w->e), 0);
	assert_string_equal(v.items[0].name, "gov/prod");
	assert_string_equal(v.items[0].progress, "canary 25% ##--");
	assert_int_equal(v.items[0].canary->seen_bp, 2460);
	assert_null(v.items[1].canary);
}

static const char *written; /* the document as it was written: a reader rounds decimals */

static struct json *json_of(struct world *w, const char *lane, struct when at)
{
	struct canary_view v;
	struct jw j;
	struct json *doc = NULL;
	struct buf out = BUF_INIT(1 << 20);
	assert_int_equal(view_canary(&v, w->store, lane, &all_samples, at, &w->a, &w->e), 0);
	jw_init(&j, &out);
	view_canary_json(&j, &v, at);
	assert_false(out.over);
	assert_int_equal(json_parse(&doc, out.s, out.n, 1 << 20, &w->e), 0);
	assert_true(text_is_safe(out.s));
	written = arena_strdup(&w->a, out.s);
	buf_done(&out);
	return doc;
}

/* A release that is on its way to the ladder is under way, though nothing can be judged. */
static void before_the_first_rung_a_run_is_named(void **state)
{
	struct world *w = *state;
	struct canary_view v;
	struct canary_list all = { 0 };
	fill(w, WORLD_NORMAL, 4000);
	struct canary_book b = { .row = { .lane = "theory/staging",
					  .release = "",
					  .phase = CANARY_ABSENT,
					  .set_bp = -1,
					  .seen_bp = -1,
					  .set_why = "nothing is under way",
					  .at = now } };
	struct lane lane = { .name = "theory/staging", .run_id = 35531726990 };
	world_put(w, Q_lane_put, &rec_lane, &lane);
	world_job(w, lane.run_id, 901, "verify", "verify", RUN_COMPLETED, CONCLUSION_SUCCESS, "[]");
	world_job(w, lane.run_id, 902, "build", "build", RUN_IN_PROGRESS, 0, "[]");
	assert_int_equal(store_canary_put(w->store, &b, &w->e), 0);
	assert_int_equal(view_canary(&v, w->store, "theory/staging", &all_samples, now, &w->a, &w->e), 0);
	assert_string_equal(v.ahead, "v0.9.4 is not at the first rung yet (job build)");
	assert_int_equal(view_canaries(&all, w->store, now, &w->a, &w->e), 0);
	vec_each (c, &all)
		assert_int_equal(*c->ahead != 0, !strcmp(c->lane, "theory/staging"));
	assert_int_equal(view_canary(&v, w->store, "mcp/prod", &all_samples, now, &w->a, &w->e), 0);
	assert_string_equal(v.ahead, "");
}

/* Its story stays beside the ladder of the way back, and its own metrics while nothing has replaced it. */
static void the_one_that_went_back_is_told(void **state)
{
	struct world *w = *state;
	struct canary_view v;
	struct canary_book b = { 0 };
	fill(w, WORLD_NORMAL, 4000);
	assert_int_equal(store_canary_read(&b, w->store, "gov/prod", &w->a, &w->e), 0);
	b.row.phase = CANARY_FAILED;
	assert_int_equal(store_canary_put(w->store, &b, &w->e), 0);
	assert_int_equal(store_canary_past_keep(w->store, "gov/prod", &w->e), 0);
	b.metrics.items[0].verdict = VERDICT_UNKNOWN; /* measured again */
	assert_int_equal(store_canary_put(w->store, &b, &w->e), 0);
	assert_int_equal(view_canary(&v, w->store, "gov/prod", &all_samples, now, &w->a, &w->e), 0);
	assert_null(v.past);
	assert_string_equal(v.past_line, "");
	assert_string_equal(v.metrics.items[0].verdict, "FAIL 3/5");
	b.row.run++;
	b.row.release = "v2.14.0";
	b.row.phase = CANARY_WATCHING;
	b.row.verdict = VERDICT_PASS;
	assert_int_equal(store_canary_put(w->store, &b, &w->e), 0);
	assert_int_equal(view_canary(&v, w->store, "gov/prod", &all_samples, now, &w->a, &w->e), 0);
	assert_string_equal(
		v.past_line,
		"going back: v2.15.0 failed at 25%: err_rate 2.31 over 1.00 in 3 of 5 samples at 25%");
	assert_int_equal(v.past->metrics.n, 4);
	assert_string_equal(v.past->metrics.items[0].verdict, "FAIL 3/5");
	assert_string_equal(v.metrics.items[0].verdict, "not judged");
	b.row.phase = CANARY_DONE;
	assert_int_equal(store_canary_put(w->store, &b, &w->e), 0);
	struct json *j = json_of(w, "gov/prod", now);
	assert_true(text_starts(json_str(j, "past.summary"), "went back: v2.15.0 failed at 25%: "));
	assert_string_equal(json_str(j, "past.verdict"), "fail");
	assert_int_equal(json_size(json_at(json_get(json_get(j, "past"), "metrics"), 0)) > 0, 1);
	assert_int_equal(json_size(json_get(json_get(j, "past"), "rungs")), 4);
	json_free(j);
}

static void json_has_the_contract(void **state)
{
	static const char *const keys[] = { "lane",       "release",     "steps",    "step",
					    "set_weight", "seen_weight", "window",   "metrics",
					    "verdict",    "can_hold",    "mechanism" };
	struct world *w = *state;
	fill(w, WORLD_NORMAL, 4000);
	struct json *j = json_of(w, "gov/prod", now);
	for (size_t i = 0; i < countof(keys); i++)
		assert_int_not_equal(json_type(json_get(j, keys[i])), JSON_ABSENT);
	assert_non_null(strstr(written, "\"steps\":[5,25,50,100]"));
	assert_non_null(strstr(written, "\"set_weight\":25,\"seen_weight\":24.6,"));
	assert_non_null(json_str(j, "window.started"));
	const struct json *m = json_at(json_get(j, "metrics"), 0);
	assert_string_equal(json_str(m, "name"), "err_rate");
	assert_non_null(strstr(written, "\"control\":0.31,\"canary\":2.31,\"limit\":1,"));
	assert_string_equal(json_str(m, "verdict"), "fail");
	assert_int_equal(json_size(json_get(m, "samples")), 28);
	assert_int_equal(json_type(json_get(json_at(json_get(m, "samples"), 11), "canary")), JSON_NULL);
	json_free(j);
	j = json_of(w, "gov/prod", (struct when){ WORLD_NOW + HOURS });
	assert_true(json_bool(j, "stale", false));
	assert_int_equal(json_type(json_get(j, "set_weight")), JSON_NULL);
	assert_string_equal(json_str(j, "verdict"), "unknown");
	json_free(j);
}

static void nothing_hostile_comes_out(void **state)
{
	struct world *w = *state;
	struct canary_list v = { 0 };
	fill(w, WORLD_HOSTILE, 4000);
	assert_int_equal(view_canaries(&v, w->store, now, &w->a, &w->e), 0);
	assert_int_equal(v.n, 1);
	assert_true(text_is_safe(v.items->lane) && text_is_safe(v.items->reason));
	json_free(json_of(w, v.items->lane, now));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_never_cut),
		cmocka_unit_test(shares_keep_their_digits),
		cmocka_unit_test_setup_teardown(one_that_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(a_window_that_is_late_or_held, setup, teardown),
		cmocka_unit_test_setup_teardown(old_numbers_are_struck, setup, teardown),
		cmocka_unit_test_setup_teardown(what_nothing_tells_says_why, setup, teardown),
		cmocka_unit_test_setup_teardown(the_list_begins_with_what_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(progress_is_one_line, setup, teardown),
		cmocka_unit_test_setup_teardown(each_change_is_one_plain_line, setup, teardown),
		cmocka_unit_test_setup_teardown(the_tree_names_each_metric, setup, teardown),
		cmocka_unit_test_setup_teardown(a_lane_says_how_far_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(the_one_that_went_back_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(before_the_first_rung_a_run_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(json_has_the_contract, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_hostile_comes_out, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
