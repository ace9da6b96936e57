#include "unit/sim/drive.h"

struct seen {
	int calls, status;
	enum err_kind kind;
	char body[64];
};

static void done(void *ctx, const struct http_answer *answer, const struct err *err)
{
	struct seen *s = ctx;

	s->calls++;
	s->status = answer ? answer->status : 0;
	s->kind = err ? err->kind : ERR_NONE;
	snprintf(s->body, sizeof(s->body), "%s", answer ? answer->body : "");
}

struct rig {
	struct clock clock;
	struct loop *loop;
	struct world *w;
	struct http *http;
};

static void rig_open(struct rig *r)
{
	struct world_options o = { .speed = 1 };

	clock_manual(&r->clock, (struct when){ START_MS });
	r->loop = loop_new(&r->clock);
	assert_int_equal(world_new(&r->w, &o, (struct when){ START_MS }, NULL), 0);
	assert_int_equal(sim_http(&r->http, r->w, r->loop, NULL), 0);
}

static void rig_close(struct rig *r)
{
	http_free(r->http);
	world_free(r->w);
	loop_free(r->loop);
}

static void send(struct rig *r, const char *method, const char *target, const char *body, struct seen *out)
{
	struct http_request rq = { .method = method, .target = target, .body = body };

	*out = (struct seen){ 0 };
	assert_int_equal(http_send(r->http, &rq, done, out, NULL), 0);
	assert_int_equal(out->calls, 0); /* never from inside the call */
	loop_advance(r->loop, 60000);
	assert_int_equal(out->calls, 1);
}

#define GOOD "{\"ref\":\"main\",\"inputs\":{\"release_tag\":\"v0.9.4\"}}"

static void each_fault_is_classified(void **state)
{
	static const struct {
		enum world_fault how;
		int status;
		bool act_first;
		int read_status, write_status;
		enum err_kind read, write;
		int runs; /* begun by the write */
	} rows[] = {
		{ WORLD_RESET, 0, true, 0, 0, ERR_OFFLINE, ERR_UNKNOWN, 1 },
		{ WORLD_RESET, 0, false, 0, 0, ERR_OFFLINE, ERR_UNKNOWN, 0 },
		{ WORLD_TIMEOUT, 0, true, 0, 0, ERR_OFFLINE, ERR_UNKNOWN, 1 },
		{ WORLD_TRUNCATE, 0, true, 0, 0, ERR_SERVER, ERR_UNKNOWN, 1 },
		{ WORLD_REFUSE, 0, false, 0, 0, ERR_OFFLINE, ERR_OFFLINE, 0 },
		{ WORLD_OK, 502, true, 502, 502, ERR_NONE, ERR_NONE, 1 },
		{ WORLD_OK, 503, false, 503, 503, ERR_NONE, ERR_NONE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct world_fault_rule rule = { .match = "*",
						 .how = rows[i].how,
						 .status = rows[i].status,
						 .act_first = rows[i].act_first,
						 .count = 2 };
		struct rig r;
		struct seen s;

		rig_open(&r);
		world_arm(r.w, &rule);
		send(&r, "GET", EASY "/releases", NULL, &s);
		assert_int_equal(s.status, rows[i].read_status);
		assert_int_equal(s.kind, rows[i].read);
		send(&r, "POST", PROD "/dispatches", GOOD, &s);
		assert_int_equal(s.status, rows[i].write_status);
		assert_int_equal(s.kind, rows[i].write);
		assert_int_equal(
			world_count_runs(r.w, "easyenclave/easyenclave", "production-rollout.yml", NULL),
			rows[i].runs);
		send(&r, "GET", EASY "/releases", NULL, &s); /* the rule is used up */
		assert_int_equal(s.status, 200);
		rig_close(&r);
	}
}

static void a_rule_says_what_is_answered(void **state)
{
	struct world_fault_rule rule = { .match = "GET */releases",
					 .status = 403,
					 .body = "{\"message\":\"secondary rate limit\"}",
					 .retry_after = 7,
					 .count = -1 };
	struct drive d;

	(void)state;
	drive_open(&d, NULL);
	world_arm(d.w, &rule);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(drive_get(&d, EASY "/releases"), 403);
		assert_string_equal(json_str(d.body, "message"), "secondary rate limit");
		assert_string_equal(http_header(&d.last.http, "retry-after"), "7");
	}
	assert_int_equal(drive_get(&d, EASY "/releases/latest"), 200);
	assert_int_equal(world_count_requests(d.w, "GET *releases*"), 4);
	drive_close(&d);
}

static void what_is_under_way_ends_with_the_port(void **state)
{
	static const struct {
		const char *method;
		enum err_kind kind;
	} rows[] = { { "GET", ERR_CANCELLED }, { "POST", ERR_UNKNOWN } };

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct http_request rq = { .method = rows[i].method, .target = EASY };
		struct seen s = { 0 };
		struct rig r;

		rig_open(&r);
		assert_int_equal(http_send(r.http, &rq, done, &s, NULL), 0);
		http_free(r.http);
		r.http = NULL;
		assert_int_equal(s.calls, 1);
		assert_int_equal(s.kind, rows[i].kind);
		rig_close(&r);
	}
}

static void foreign_places_are_read_without_a_token(void **state)
{
	struct http_request plain = { .method = "GET", .target = "http://x/_logs/1", .foreign = true };
	struct http_request log = { .method = "GET",
				    .target = "https://drill.invalid/_logs/job-1?x",
				    .foreign = true };
	struct seen s = { 0 };
	struct rig r;

	(void)state;
	rig_open(&r);
	assert_int_equal(http_send(r.http, &plain, done, &s, NULL), -ERR_INVALID);
	assert_int_equal(http_send(r.http, &log, done, &s, NULL), 0);
	loop_advance(r.loop, 1000);
	assert_int_equal(s.status, 403); /* not 400: no token came with it */
	rig_close(&r);
}

/* Two worlds of one seed, asked the same at the same times, answer the same to the last byte. */
static void one_seed_is_one_world(void **state)
{
	struct drive a, b;
	struct drive *both[] = { &a, &b };

	(void)state;
	drive_open(&a, NULL);
	drive_open(&b, NULL);
	for (int i = 0; i < 40; i++) {
		for (size_t k = 0; k < countof(both); k++) {
			if (i == 3)
				drive_dispatch(both[k], "v0.9.4");
			drive_pass(both[k], 7300);
			assert_int_equal(drive_get(both[k], EASY "/actions/runs?per_page=10"), 200);
		}
		assert_string_equal(a.last.http.body, b.last.http.body);
		assert_int_equal(a.last.latency, b.last.latency);
	}
	drive_close(&a);
	drive_close(&b);
}

static void a_fast_world_lives_faster(void **state)
{
	struct world_options o = { .scenario = "easy-and-back", .speed = 60 };
	struct world *w;
	struct when next;

	(void)state;
	assert_int_equal(world_new(&w, &o, (struct when){ START_MS }, NULL), 0);
	next = world_next(w);
	assert_true(next.ms > START_MS);
	world_advance(w, (struct when){ START_MS + 1000 });
	assert_int_equal(world_now(w).ms, START_MS + 60000);
	world_advance(w, (struct when){ START_MS });
	assert_int_equal(world_now(w).ms, START_MS + 60000);
	world_free(w);
}

static void a_large_world_has_what_was_asked_for(void **state)
{
	struct world_options o = { .lanes = 8, .runs = 500, .speed = 1 };
	struct drive d = { .now = START_MS, .token = "Bearer x" };
	const char *const *repos;

	(void)state;
	assert_int_equal(world_new(&d.w, &o, (struct when){ START_MS }, NULL), 0);
	assert_int_equal(world_repos(d.w, &repos, &d.a), 4);
	assert_string_equal(repos[3], "easyenclave=easyenclave/easyenclave-002");
	drive_get(&d, "/repos/easyenclave/easyenclave-001/actions/runs?per_page=100&page=8");
	assert_true(json_int(d.body, "total_count", 0) > 1000);
	assert_int_equal(json_size(json_get(d.body, "workflow_runs")), 100);
	drive_get(&d, "/repos/easyenclave/easyenclave-001/actions/runs?per_page=100&branch=main");
	assert_int_equal(json_int(d.body, "total_count", 0), 1000);
	drive_close(&d);
}

static void every_drill_loads(void **state)
{
	struct arena a = ARENA_INIT;
	const struct scenario_title *all;
	size_t n = world_list(&all, &a);
	struct err e = ERR_INIT;
	struct world_options none = { .scenario = "no such" };
	struct world *w;

	(void)state;
	assert_true(n >= 4);
	for (size_t i = 0; i < n; i++) {
		struct drive d;

		drive_open(&d, all[i].name);
		assert_true(strlen(world_scenario(d.w)->brief) > 40);
		assert_true(world_scenario(d.w)->play_n > 0);
		assert_true(world_scenario(d.w)->profiles_n > 0);
		drive_close(&d);
	}
	assert_int_equal(world_new(&w, &none, (struct when){ START_MS }, &e), -ERR_INVALID);
	arena_done(&a);
}

static void a_fault_for_ever_does_not_end(void **state)
{
	struct drive d;

	(void)state;
	drive_open(&d, "proof-log-outage");
	for (int i = 0; i < 3; i++)
		assert_int_equal(drive_get(&d, "/_bundles/1/00/0"), 503);
	drive_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_classified),
		cmocka_unit_test(a_rule_says_what_is_answered),
		cmocka_unit_test(what_is_under_way_ends_with_the_port),
		cmocka_unit_test(foreign_places_are_read_without_a_token),
		cmocka_unit_test(one_seed_is_one_world),
		cmocka_unit_test(a_fast_world_lives_faster),
		cmocka_unit_test(a_large_world_has_what_was_asked_for),
		cmocka_unit_test(every_drill_loads),
		cmocka_unit_test(a_fault_for_ever_does_not_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
