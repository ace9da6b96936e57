/* A log comes by step, bounded, with nothing in it that a terminal would obey. */
#include "rig.h"

static const char small[] = "\xef\xbb\xbf"
			    "2026-11-21T07:00:01.1000000Z Current runner version\r\n"
			    "2026-11-21T07:00:02.0000000Z ##[group]Run make\n"
			    "2026-11-21T07:00:02.5000000Z \033[36;1mmake all\033[0m\n"
			    "2026-11-21T07:00:02.6000000Z ##[endgroup]\n"
			    "2026-11-21T07:00:05.0000000Z red \033]0;title\007 \xe2\x80\xae end\n"
			    "2026-11-21T07:00:09.0000000Z ##[error]Process completed with exit code 2.\n"
			    "no time here\n";

static int setup(void **state)
{
	struct rig *r;

	rig_setup(state);
	r = *state;
	r->fake.jobs[0] = (struct job){ .id = 70,
					.run_id = 1001,
					.name = "build",
					.status = RUN_COMPLETED,
					.conclusion = CONCLUSION_SUCCESS };
	r->fake.jobs[1] = (struct job){
		.id = 71,
		.run_id = 1001,
		.name = "deploy",
		.status = RUN_COMPLETED,
		.conclusion = CONCLUSION_FAILURE,
		.steps = "[{\"number\":1,\"name\":\"Set up "
			 "job\",\"status\":\"completed\",\"started_at\":\"2026-11-21T07:00:01Z\","
			 "\"completed_at\":\"2026-11-21T07:00:02Z\"},{\"number\":2,\"name\":\"Make\","
			 "\"status\":\"completed\","
			 "\"started_at\":\"2026-11-21T07:00:02Z\",\"completed_at\":\"2026-11-21T07:00:09Z\"}]"
	};
	r->fake.jobs_n = 2;
	r->fake.log = small;
	return 0;
}

static const struct json *line(struct rig *r, size_t i)
{
	return json_at(json_get(r->json, "lines"), i);
}

static void the_failed_job_is_meant(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "log 1001"), 0);
	assert_int_equal(json_int(r->json, "job", 0), 71);
	assert_string_equal(rig_str(r, "name"), "deploy");
	assert_int_equal(json_size(json_get(r->json, "lines")), 6);
	assert_int_equal(json_size(json_get(r->json, "steps")), 2);
	assert_int_equal(json_int(json_at(json_get(r->json, "steps"), 1), "first_line", 0), 2);
	assert_int_equal(json_int(line(r, 0), "step", 0), 1);
	assert_int_equal(json_int(line(r, 1), "step", 0), 2);
	assert_string_equal(json_str(line(r, 0), "text"), "Current runner version");
	assert_string_equal(json_str(line(r, 1), "text"), "Run make");
	assert_string_equal(json_str(line(r, 2), "text"), "make all");
	assert_string_equal(json_str(line(r, 0), "time"), "2026-11-21T07:00:01Z");
	assert_true(json_bool(line(r, 4), "error", false));
	assert_string_equal(json_str(line(r, 4), "text"), "Process completed with exit code 2.");
	assert_string_equal(json_str(line(r, 5), "text"), "no time here");
}

static void escapes_are_inert(void **state)
{
	struct rig *r = *state;
	const char *text;

	rig_ask(r, "log 1001");
	text = json_str(line(r, 3), "text");
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\007'));
	assert_non_null(strstr(text, "<U+202E>"));
	assert_true(text_is_safe(r->text));
}

static void jobs_by_name_and_id(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "log 1001 build"), 0);
	assert_int_equal(json_int(r->json, "job", 0), 70);
	assert_int_equal(rig_ask(r, "log 1001 70"), 0);
	assert_int_equal(rig_ask(r, "log 1001 nothing"), 1);
	assert_int_equal(rig_ask(r, "log 9999"), 1);
	assert_int_equal(rig_ask(r, "log 1001 --errors"), 0);
	assert_int_equal(json_size(json_get(r->json, "lines")), 1);
}

static void a_running_job_has_no_log_yet(void **state)
{
	struct rig *r = *state;

	r->fake.log = NULL;
	r->fake.jobs[1].status = RUN_IN_PROGRESS;
	r->fake.jobs[1].conclusion = CONCLUSION_OTHER;
	assert_int_equal(rig_ask(r, "log 1001 deploy"), 1);
	assert_non_null(strstr(r->text, "has not finished"));
	r->fake.fail[FORGE_LOG] = ERR_OFFLINE;
	assert_int_equal(rig_ask(r, "log 1001 deploy"), 4);
	r->fake.jobs_n = 0;
	assert_int_equal(rig_ask(r, "log 1001"), 1);
}

/* The end is what matters, and the answer must fit a line of the socket. */
static void a_huge_log_keeps_its_end(void **state)
{
	struct rig *r = *state;
	struct buf big = BUF_INIT((size_t)8 << 20);
	size_t n;

	for (int i = 0; i < 60000; i++)
		buf_fmt(&big, "2026-11-21T07:00:03.0000000Z line %d\n", i);
	buf_str(&big, "2026-11-21T07:00:03.0000000Z ");
	for (int i = 0; i < 500000; i++)
		buf_chr(&big, '\001');
	r->fake.log = big.s;
	assert_int_equal(rig_ask(r, "log 1001"), 0);
	n = json_size(json_get(r->json, "lines"));
	assert_in_range(n, 1000, 20000);
	assert_string_equal(json_str(line(r, n - 2), "text"), "line 59999");
	assert_true(strlen(r->text) < ((size_t)1 << 20));
	assert_true(json_bool(r->json, "cut", false));
	buf_done(&big);
}

static void a_log_of_nothing_but_escapes_fits_too(void **state)
{
	struct rig *r = *state;
	struct buf big = BUF_INIT((size_t)8 << 20);

	for (int i = 0; i < 2000; i++) {
		buf_str(&big, "2026-11-21T07:00:03.0000000Z ");
		buf_fill(&big, i % 2 ? '\002' : '"', 1500);
		buf_chr(&big, '\n');
	}
	r->fake.log = big.s;
	assert_int_equal(rig_ask(r, "log 1001"), 0);
	assert_true(json_size(json_get(r->json, "lines")) > 50);
	assert_true(strlen(r->text) < ((size_t)1 << 20));
	buf_done(&big);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(the_failed_job_is_meant),  T(escapes_are_inert),
		T(jobs_by_name_and_id),      T(a_running_job_has_no_log_yet),
		T(a_huge_log_keeps_its_end), T(a_log_of_nothing_but_escapes_fits_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
