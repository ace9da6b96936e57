/* The Prometheus of a drill: the expressions that profiles use, the server's own refusals, and each outage of a scenario. */
#include "drive.h"

#include "base/text.h"

#define SUMMIT  "/repos/summit/summit"
#define MINUTES INT64_C(60000)

static int ask(struct drive *d, const char *query)
{
	struct buf b = BUF_INIT(8192);

	text_percent(&b, query);
	d->token = NULL; /* nobody asks who is asking */
	(void)drive_get(d, drive_path(d, "/prometheus/api/v1/query?query=%s", b.s));
	buf_done(&b);
	return d->last.http.status;
}

static const struct json *result(struct drive *d)
{
	return json_get(json_get(d->body, "data"), "result");
}

/* The one number of an instant vector; text of what there is instead of a number. */
static double number(struct drive *d, const char *query)
{
	const char *s;

	assert_int_equal(ask(d, query), 200);
	assert_string_equal(json_str(d->body, "data.resultType"), "vector");
	assert_int_equal(json_size(result(d)), 1);
	s = json_str(json_at(json_get(json_at(result(d), 0), "value"), 1), "");
	assert_non_null(s);
	return strtod(s, NULL);
}

/* At 5 percent for two minutes. */
static void open_at_five(struct drive *d, const char *scenario)
{
	const char *gates;

	drive_open(d, scenario);
	assert_int_equal(
		drive_send(d, "POST", SUMMIT "/actions/workflows/release-train.yml/dispatches",
			   "{\"ref\":\"main\",\"return_run_details\":true,\"inputs\":{\"ref\":\"v2.15.0\"}}"),
		200);
	gates = drive_path(d, SUMMIT "/actions/runs/%" PRId64 "/pending_deployments",
			   json_int(d->body, "workflow_run_id", 0));
	drive_pass(d, MINUTES);
	drive_get(d, gates);
	assert_int_equal(drive_send(d, "POST", gates,
				    drive_path(d,
					       "{\"environment_ids\":[%" PRId64
					       "],\"state\":\"approved\",\"comment\":\"ok\"}",
					       json_int(json_at(d->body, 0), "environment.id", 0))),
			 200);
	drive_pass(d, 2 * MINUTES);
}

/* What the profile release-train asks, in its shapes, and what a healthy canary at 5 percent of 350 a second answers. */
static void the_expressions_of_profiles_have_numbers(void **state)
{
	static const struct {
		const char *query;
		double least, most;
	} shapes[] = {
		/* as the profile release-train has them, {interval} and {limit} filled in */
		{ "sum(rate(http_requests_total{track=\"canary\"}[30s])) / "
		  "sum(rate(http_requests_total[30s]))",
		  0.03, 0.07 },
		{ "sum(increase(http_requests_total{track=\"stable\",code=~\"5..\"}[30s])) / "
		  "sum(increase(http_requests_total{track=\"stable\"}[30s]))",
		  0.001, 0.006 },
		{ "sum(increase(http_requests_total{track=\"canary\",code=~\"5..\"}[30s])) / "
		  "sum(increase(http_requests_total{track=\"canary\"}[30s]))",
		  0, 0.02 },
		{ "sum(increase(http_requests_total{track=\"stable\"}[30s]))", 9000, 11500 },
		{ "sum(increase(http_requests_total{track=\"stable\",code=~\"5..\"}[30s]))", 10, 60 },
		{ "sum(increase(http_requests_total{track=\"stable\",code=~\"[1-4]..\"}[30s]))", 8950,
		  11490 },
		{ "sum(increase(http_requests_total{track=\"canary\",code=~\"[1-4]..\"}[30s]))", 370, 680 },
		{ "sum(increase(http_requests_total{track=\"canary\"}[30s]))", 380, 680 },
		{ "sum(increase(http_requests_total{track=\"canary\",code=~\"5..\"}[30s]))", 0, 12 },
		{ "histogram_quantile(0.95, "
		  "sum(rate(http_request_duration_seconds_bucket{track=\"stable\"}[30s])) by (le))",
		  0.7, 1.1 },
		{ "histogram_quantile(0.95, "
		  "sum(rate(http_request_duration_seconds_bucket{track=\"canary\"}[30s])) by (le))",
		  0.6, 1.4 },
		{ "sum(increase(http_request_duration_seconds_bucket{track=\"stable\",le=\"+Inf\"}[30s]))",
		  9000, 11500 },
		{ "sum(increase(http_request_duration_seconds_bucket{track=\"stable\",le=\"1.5\"}[30s]))",
		  8800, 11400 },
		{ "sum(increase(http_request_duration_seconds_bucket{track=\"canary\",le=\"+Inf\"}[30s]))",
		  380, 680 },
		{ "sum(increase(http_request_duration_seconds_bucket{track=\"canary\",le=\"1.5\"}[30s]))",
		  360, 680 },
		{ "process_saturation{track=\"stable\"}", 0.39, 0.43 },
		{ "process_saturation{track=\"canary\"}", 0.39, 0.43 },
		/* and other forms that profiles may have */
		{ "sum(increase(http_request_duration_seconds_bucket{track=\"canary\",le=\"+Inf\"}[30s])) - "
		  "sum(increase(http_request_duration_seconds_bucket{track=\"canary\",le=\"1.5\"}[30s]))",
		  0, 30 },
		{ "sum(increase(http_request_duration_seconds_count{track=\"stable\"}[30s]))", 9000, 11500 },
		{ "100 * sum(rate(http_requests_total{track=\"canary\"}[1m])) / "
		  "sum(rate(http_requests_total[1m]))",
		  4, 6 },
		{ "histogram_quantile(0.95, sum by (le) "
		  "(rate(http_request_duration_seconds_bucket{track=\"stable\"}[1m])))",
		  0.7, 1.1 },
		{ "max(process_saturation{track!=\"canary\"})", 0.39, 0.43 },
		{ "http_traffic_share{track=\"canary\"}", 0.03, 0.07 },
		{ "sum(increase(http_requests_total{track=\"nobody\"}[30s])) or vector(0)", 0, 0 },
	};
	struct drive d;

	(void)state;
	open_at_five(&d, "canary-happy");
	for (size_t i = 0; i < countof(shapes); i++) {
		double v = number(&d, shapes[i].query);

		if (!(v >= shapes[i].least && v <= shapes[i].most))
			fail_msg("%s is %g", shapes[i].query, v);
	}
	drive_close(&d);
}

static void it_refuses_as_the_real_one(void **state)
{
	static const struct {
		const char *target;
		int status;
		const char *type, *words; /* type NULL: no JSON */
	} all[] = {
		{ "query", 400, "bad_data", "no expression found in input" },
		{ "query?query=sum(", 400, "bad_data", "parse error: unexpected end of input" },
		{ "query?query=up%20)", 400, "bad_data",
		  "1:5: parse error: unexpected right parenthesis ')'" },
		{ "query?query=absent(x)", 400, "bad_data", "unknown function with name \"absent\"" },
		{ "query?query=rate(http_requests_total)", 400, "bad_data", "expected type range vector" },
		{ "query?query=sum(http_requests_total[30s])", 400, "bad_data",
		  "expected type instant vector" },
		{ "query?query=x[30y]", 400, "bad_data", "bad duration syntax" },
		{ "query?query=1&time=noon", 400, "bad_data", "cannot parse \"noon\" to a valid timestamp" },
		{ "query_range?query=1&start=1&end=0&step=1", 400, "bad_data",
		  "end timestamp must not be before" },
		{ "query_range?query=1&start=0&end=100&step=0", 400, "bad_data",
		  "zero or negative query resolution" },
		{ "query_range?query=1&start=0&end=100&step=x", 400, "bad_data", "to a valid duration" },
		{ "query_range?query=1&start=0&end=100000&step=1", 400, "bad_data",
		  "maximum resolution of 11,000" },
		{ "query_range?query=sum(rate(http_request_duration_seconds_bucket[2h]))&start=1795240000&"
		  "end=1795244400&step=1",
		  422, "execution", "too many samples" },
		{ "query_range?query=x[5m]&start=0&end=1&step=1", 400, "bad_data",
		  "must be Scalar or instant Vector" },
		{ "query?query=http_requests_total/http_requests_total{code=\"200\"}%2Bsum(up)/"
		  "process_saturation",
		  200, NULL, "" },
		{ "label/x/values", 404, NULL, "404 page not found" },
	};
	struct drive d;

	(void)state;
	open_at_five(&d, "canary-happy");
	d.token = NULL;
	for (size_t i = 0; i < countof(all); i++) {
		int status = drive_get(&d, drive_path(&d, "/prometheus/api/v1/%s", all[i].target));

		if (status != all[i].status ||
		    !strstr(d.last.http.body, all[i].type ? "\"status\":\"error\"" : ""))
			fail_msg("%s: %d %s", all[i].target, status, d.last.http.body);
		if (all[i].type) {
			assert_string_equal(json_str(d.body, "errorType"), all[i].type);
			assert_non_null(strstr(json_str(d.body, "error"), all[i].words));
		}
	}
	drive_close(&d);
	drive_open(&d, "first-rollout");
	assert_int_equal(drive_get(&d, "/prometheus/api/v1/query?query=1"), 404);
	drive_close(&d);
}

static void an_answer_has_the_server_s_form(void **state)
{
	struct drive d;
	const struct json *one;

	(void)state;
	open_at_five(&d, "canary-happy");
	assert_int_equal(ask(&d, "process_saturation{track=\"canary\"}"), 200);
	one = json_at(result(&d), 0);
	assert_string_equal(json_str(one, "metric.__name__"), "process_saturation");
	assert_string_equal(json_str(one, "metric.track"), "canary");
	assert_int_equal(json_size(json_get(one, "value")), 2);
	assert_int_equal(json_type(json_at(json_get(one, "value"), 1)), JSON_STRING);
	assert_int_equal(drive_send(&d, "POST", "/prometheus/api/v1/query",
				    "query=sum(http_requests_total)+%2B+0*1&time=1795244460"),
			 200);
	assert_int_equal(json_size(result(&d)), 1);
	assert_non_null(strstr(d.last.http.body, "\"value\":[1795244460,\""));
	assert_int_equal(ask(&d, "process_saturation{track=\"stable\"}[15s]"), 200);
	assert_string_equal(json_str(d.body, "data.resultType"), "matrix");
	assert_int_equal(json_size(json_get(json_at(result(&d), 0), "values")), 4);
	assert_int_equal(
		drive_get(&d, "/prometheus/api/v1/query_range?query=sum(rate(http_requests_total%5B30s%5D))&"
			      "start=1795244400&end=1795244520&step=30"),
		200);
	assert_string_equal(json_str(d.body, "data.resultType"), "matrix");
	assert_int_equal(json_size(json_get(json_at(result(&d), 0), "values")), 5);
	drive_close(&d);
}

/* The canary's series begin with its first rung and end when its traffic is taken back. */
static void no_canary_no_series(void **state)
{
	struct drive d;

	(void)state;
	drive_open(&d, "canary-happy");
	drive_pass(&d, MINUTES);
	assert_int_equal(ask(&d, "sum(rate(http_requests_total{track=\"canary\"}[1m]))"), 200);
	assert_int_equal(json_size(result(&d)), 0);
	assert_true(number(&d, "sum(increase(http_requests_total{track=\"stable\"}[1h]))") > 1000000);
	drive_close(&d);
}

/* Who asks often, and who asks once, is told the same. */
static void asking_changes_nothing(void **state)
{
	static const char query[] = "sum(increase(http_requests_total[2m]))";
	struct drive once, often;
	double v;

	(void)state;
	open_at_five(&once, "canary-happy");
	open_at_five(&often, "canary-happy");
	for (int i = 0; i < 30; i++) {
		(void)number(&often, query);
		drive_pass(&often, 7000);
	}
	drive_pass(&once, 210000);
	v = number(&once, query);
	assert_memory_equal(&v, &(double){ number(&often, query) }, sizeof(v));
	drive_close(&once);
	drive_close(&often);
}

static void each_outage_has_its_own_answer(void **state)
{
	static const char query[] = "sum(rate(http_requests_total{track=\"canary\"}[30s]))";
	struct drive d;
	double at;

	(void)state;
	open_at_five(&d, "metrics-outage"); /* two minutes old */
	assert_true(number(&d, query) > 0);
	drive_pass(&d, 5 * MINUTES);
	assert_int_equal(ask(&d, query), 200);
	assert_int_equal(json_size(result(&d)), 0);
	drive_pass(&d, 3 * MINUTES);
	assert_int_equal(ask(&d, query), 200);
	assert_string_equal(json_str(json_at(json_get(json_at(result(&d), 0), "value"), 1), ""), "NaN");
	drive_pass(&d, 4 * MINUTES);
	assert_int_equal(ask(&d, query), 200);
	assert_int_equal(json_size(result(&d)), 1);
	at = strtod(strchr(strstr(d.last.http.body, "\"value\""), '[') + 1, NULL);
	assert_true((double)d.now / 1000 - at > 60);
	drive_pass(&d, 3 * MINUTES);
	assert_int_equal(ask(&d, query), 503);
	assert_string_equal(json_str(d.body, "errorType"), "timeout");
	drive_pass(&d, 2 * MINUTES);
	assert_int_equal(ask(&d, query), 200);
	assert_int_equal(json_size(json_get(d.body, "warnings")), 1);
	drive_pass(&d, 2 * MINUTES);
	assert_true(number(&d, query) > 0);
	drive_close(&d);
}

#define RATIO(track)                                                                   \
	"sum(increase(http_requests_total{track=\"" track "\",code=~\"5..\"}[4m])) / " \
	"sum(increase(http_requests_total{track=\"" track "\"}[4m]))"
#define SEEN "sum(rate(http_requests_total{track=\"canary\"}[1m])) / sum(rate(http_requests_total[1m]))"

/* What each drill is about, as the meter has it so many minutes after the first rung. */
static void each_drill_shows_what_it_is_about(void **state)
{
	static const struct {
		const char *drill;
		int minutes;
		const char *query;
		double least, most;
	} all[] = {
		{ "canary-breach", 4, RATIO("canary"), 0.0005, 0.006 },
		{ "canary-breach", 11, RATIO("canary"), 0.02, 0.03 },
		{ "canary-breach", 11, RATIO("stable"), 0.002, 0.004 },
		{ "slow-burn", 2, RATIO("canary"), 0.0005, 0.006 },
		{ "slow-burn", 14, RATIO("canary"), 0.008, 0.0099 },
		{ "slow-burn", 14, RATIO("stable"), 0.002, 0.004 },
		{ "stuck-rung", 12, SEEN, 0.045, 0.055 },
		{ "noisy-but-fine", 5, RATIO("stable"), 0.003, 0.012 },
	};

	(void)state;
	for (size_t i = 0; i < countof(all); i++) {
		struct drive d;
		double v;

		open_at_five(&d, all[i].drill);
		drive_pass(&d, (all[i].minutes - 2) * MINUTES);
		v = number(&d, all[i].query);
		if (!(v >= all[i].least && v <= all[i].most))
			fail_msg("%s after %d minutes: %s is %g", all[i].drill, all[i].minutes, all[i].query,
				 v);
		drive_close(&d);
	}
}

static void without_traffic_a_ratio_is_no_number(void **state)
{
	struct drive d;

	(void)state;
	open_at_five(&d, "no-traffic");
	drive_pass(&d, 5 * MINUTES);
	assert_true(number(&d, "sum(increase(http_requests_total{track=\"canary\"}[1m]))") < 1);
	assert_int_equal(ask(&d, RATIO("canary")), 200);
	assert_string_equal(json_str(json_at(json_get(json_at(result(&d), 0), "value"), 1), ""), "NaN");
	drive_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_drill_shows_what_it_is_about),
		cmocka_unit_test(without_traffic_a_ratio_is_no_number),
		cmocka_unit_test(the_expressions_of_profiles_have_numbers),
		cmocka_unit_test(it_refuses_as_the_real_one),
		cmocka_unit_test(an_answer_has_the_server_s_form),
		cmocka_unit_test(no_canary_no_series),
		cmocka_unit_test(asking_changes_nothing),
		cmocka_unit_test(each_outage_has_its_own_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
