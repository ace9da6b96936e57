#include "contract/metrics.h"

#include <signal.h>
#include <sys/wait.h>

enum {
	PATIENCE = 90000, /* ms that a condition may take on a machine that is busy with other things */
	AGAIN = 50,       /* ms between looks */
	PER_SCRAPE = 1000,
};

#define LIVE_BAD "increase(live_requests_total{code=\"500\"}[5s])"
#define LIVE_ALL "sum(increase(live_requests_total[5s]))"
#define ANA      "Basic YW5hOndvcmQ="

static struct {
	const char *dir;
	pid_t server;
	struct desk desk;

	/* the target that it scrapes */
	struct wire target;
	bool target_up;
	int64_t good, bad, scrapes;
	int percent; /* of its requests that fail; -1: there are none */
	struct move move;
	struct buf page;
} it;

/* ---- a target ------------------------------------------------------------------------------------------------------------ */

static const struct move *serve_page(void *ctx maybe_unused, const char *request)
{
	struct buf body = BUF_INIT(4096);

	assert_true(text_starts(request, "GET /metrics "));
	it.scrapes++;
	if (it.percent >= 0) {
		it.bad += PER_SCRAPE * it.percent / 100;
		it.good += PER_SCRAPE * (100 - it.percent) / 100;
	}
	buf_fmt(&body,
		"live_requests_total{code=\"200\"} %" PRId64 "\nlive_requests_total{code=\"500\"} %" PRId64
		"\n",
		it.good, it.bad);
	buf_reset(&it.page);
	buf_fmt(&it.page,
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: %zu\r\n\r\n%s",
		body.n, body.s);
	buf_done(&body);
	it.move = (struct move){ it.page.s, THEN_KEEP, it.page.n };
	return &it.move;
}

static void target_dies(void)
{
	wire_close(&it.target);
	it.target_up = false;
}

/* ---- the server ---------------------------------------------------------------------------------------------------------- */

static const char *in_dir(const char *name)
{
	static char paths[4][512];
	static int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", it.dir, name);
	return path;
}

/* Beside the target: what is asked of {from="elsewhere"} would have to come from where nobody is. */
static void write_config(void)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "scrape_configs:\n- job_name: live\n  static_configs: [{ targets: [\"127.0.0.1:%d\"] }]\n"
		 "remote_read:\n- { url: \"http://127.0.0.1:1/read\", read_recent: true, required_matchers: "
		 "{ from: "
		 "elsewhere } }\n",
		 it.target.port);
	server_config(it.dir, text);
}

static void show_log(void)
{
	char line[1024];
	FILE *f = fopen(in_dir("log"), "r");

	while (f && fgets(line, sizeof(line), f))
		print_error("%s", line);
	if (f)
		fclose(f);
}

static void give_up(const char *what)
{
	show_log();
	fail_msg("%s", what);
}

/* Between looks the target serves; a server that has ended is not waited for. */
static void look_again(msec since, const char *what)
{
	int status;

	if (clock_mono(&it.desk.clock) - since > PATIENCE)
		give_up(what);
	if (waitpid(it.server, &status, WNOHANG) == it.server) {
		it.server = 0;
		give_up("the server has ended");
	}
	desk_pause(&it.desk, AGAIN);
}

static void stop_server(void)
{
	server_stop(it.server);
	it.server = 0;
}

/* Before it is ready it may be silent, or refuse: an answer is nothing but an error then. */
static void wait_until_ready(void)
{
	static const struct metrics_query q = { .expression = "vector(1)" };
	msec since = clock_mono(&it.desk.clock);
	struct told t;

	for (;;) {
		desk_read(&it.desk, it.desk.metrics, &t, &q);
		if (t.state == SAMPLE_OK)
			return;
		if (t.state != SAMPLE_ERROR || t.n)
			fail_msg("not ready is %s", names_word(&sample_state_names, (int)t.state));
		look_again(since, t.why);
	}
}

static char base[64];

static int set_up(void **state maybe_unused)
{
	FILE *f = fopen(in_dir("end"), "r");
	msec since;
	int port;

	desk_open(&it.desk);
	assert_true(f && fscanf(f, "%" SCNd64, &it.desk.end_s) == 1);
	fclose(f);
	buf_init(&it.page, 4096);
	wire_open(&it.target, it.desk.loop, NULL, 0);
	it.target.decide = serve_page;
	it.target_up = true;
	write_config();
	it.server = server_start(it.dir, in_dir("web.yml"));
	since = clock_mono(&it.desk.clock);
	while (!(port = server_port(it.dir)))
		look_again(since, "the server does not listen");
	snprintf(base, sizeof(base), "https://127.0.0.1:%d", port);
	desk_connect(&it.desk, base, in_dir("ca.pem"), ANA);
	wait_until_ready();
	return 0;
}

static int tear_down(void **state maybe_unused)
{
	stop_server();
	desk_hang_up(&it.desk);
	if (it.target_up)
		wire_close(&it.target);
	desk_close(&it.desk);
	buf_done(&it.page);
	return 0;
}

/* ---- the table ----------------------------------------------------------------------------------------------------------- */

static void test_questions(void **state maybe_unused)
{
	for (size_t i = 0; i < questions_n; i++) {
		struct told t;

		desk_ask(&it.desk, &questions[i], &t);
		desk_check(&questions[i], &t);
	}
}

static void test_most_points(void **state maybe_unused)
{
	const struct question q = { .expression = "vector(1)", .span_s = 10999, .step_s = 1 };
	struct told t;

	desk_ask(&it.desk, &q, &t);
	assert_int_equal(t.state, SAMPLE_OK);
	assert_int_equal(t.n, 11000);
	assert_int_equal(t.first.at.ms, (it.desk.end_s - 10999) * 1000);
	assert_int_equal(t.last.at.ms, it.desk.end_s * 1000);
}

static void test_profiles(void **state maybe_unused)
{
	check_profiles(&it.desk);
}

/* ---- what happens now ---------------------------------------------------------------------------------------------------- */

static void until(const char *expression, enum sample_state state, int64_t low, int64_t high)
{
	const struct metrics_query q = { .expression = expression, .stale_after_s = 1 };
	msec since = clock_mono(&it.desk.clock);
	char what[768];
	struct told t;

	for (;;) {
		desk_read(&it.desk, it.desk.metrics, &t, &q);
		if (t.state == state && (!t.n || (t.last.value >= low && t.last.value <= high)))
			return;
		snprintf(what, sizeof(what), "%s is %s \"%s\" %" PRId64, expression,
			 names_word(&sample_state_names, (int)t.state), t.why, t.n ? t.last.value : 0);
		look_again(since, what);
	}
}

static void test_breach(void **state maybe_unused)
{
	static const char share[] = "sum(" LIVE_BAD ") / " LIVE_ALL;

	it.percent = 0;
	until("up", SAMPLE_OK, 1000000, 1000000);
	until(share, SAMPLE_OK, 0, 0);
	it.percent = 20;
	until(share, SAMPLE_OK, 150000, 250000);
	it.percent = 0;
	until(share, SAMPLE_OK, 0, 0);
}

static void test_no_traffic(void **state maybe_unused)
{
	it.percent = -1;
	until("sum(" LIVE_BAD ") / " LIVE_ALL, SAMPLE_NAN, INT64_MIN, INT64_MAX);
	it.percent = 0;
	until("sum(" LIVE_BAD ") / " LIVE_ALL, SAMPLE_OK, 0, 0);
}

/* Its series end with the first scrape that fails: they have no number now, and had one, unlike one that never was. */
static void test_target_down(void **state maybe_unused)
{
	until("sum(live_requests_total)", SAMPLE_OK, 1, INT64_MAX);
	target_dies();
	until("up", SAMPLE_OK, 0, 0);
	until("sum(live_requests_total)", SAMPLE_STALE, 1, INT64_MAX);
	until("sum(" LIVE_BAD ") / " LIVE_ALL, SAMPLE_STALE, INT64_MIN, INT64_MAX);
	until("sum(dead_requests_total)", SAMPLE_EMPTY, 0, 0);
}

/* ---- who may ask, and whether it hears us -------------------------------------------------------------------------------- */

static void test_strangers(void **state maybe_unused)
{
	static const struct {
		const char *ca, *authorization, *why;
	} cases[] = {
		{ "ca.pem", NULL, "HTTP 401: Unauthorized" },
		{ "ca.pem", "Bearer none-of-yours", "HTTP 401: Unauthorized" },
		{ "stranger.pem", ANA, "cannot reach 127.0.0.1: " },
	};
	const struct metrics_query q = { .expression = "vector(1)" };

	for (size_t i = 0; i < countof(cases); i++) {
		struct desk d = { .clock = it.desk.clock, .loop = it.desk.loop };
		struct told t;

		desk_connect(&d, base, in_dir(cases[i].ca), cases[i].authorization);
		desk_read(&d, d.metrics, &t, &q);
		assert_int_equal(t.state, SAMPLE_ERROR);
		if (!text_starts(t.why, cases[i].why))
			fail_msg("%s: %s", cases[i].why, t.why);
		desk_hang_up(&d);
	}
}

static void test_halted(void **state maybe_unused)
{
	const struct prometheus_options o = { .base = base, .timeout = 1000 };
	const struct metrics_query q = { .expression = "vector(1)" };
	struct metrics *hasty;
	struct told t;

	assert_int_equal(prometheus_open(&hasty, &it.desk.tap.http, &o, NULL), 0);
	kill(it.server, SIGSTOP);
	desk_read(&it.desk, hasty, &t, &q);
	kill(it.server, SIGCONT);
	assert_int_equal(t.state, SAMPLE_ERROR);
	if (!strstr(t.why, "127.0.0.1: it stalled for 1 s") &&
	    !strstr(t.why, "127.0.0.1: not complete after 1 s"))
		fail_msg("halted: %s", t.why);
	assert_false(when_known(t.date));
	metrics_free(hasty);
	until("vector(1)", SAMPLE_OK, 1000000, 1000000);
}

/* The last one. */
static void test_gone(void **state maybe_unused)
{
	const struct metrics_query q = { .expression = "vector(1)" };
	msec since = clock_mono(&it.desk.clock);
	struct told t = { 0 };

	kill(it.server, SIGSTOP);
	assert_int_equal(metrics_read(it.desk.metrics, &q, told_read, &t, NULL), 0);
	stop_server();
	desk_wait(&it.desk, &t);
	assert_int_equal(t.state, SAMPLE_ERROR);
	do {
		assert_true(clock_mono(&it.desk.clock) - since < PATIENCE);
		desk_read(&it.desk, it.desk.metrics, &t, &q);
		assert_int_equal(t.state, SAMPLE_ERROR);
	} while (strcmp(t.why, "cannot reach 127.0.0.1: Connection refused") != 0);
}

int real_main(const char *dir)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_questions),  cmocka_unit_test(test_most_points),
		cmocka_unit_test(test_profiles),   cmocka_unit_test(test_breach),
		cmocka_unit_test(test_no_traffic), cmocka_unit_test(test_target_down),
		cmocka_unit_test(test_strangers),  cmocka_unit_test(test_halted),
		cmocka_unit_test(test_gone),
	};

	it.dir = dir;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
