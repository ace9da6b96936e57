/* The first job of a workflow that carries the contract refuses what only it can see: before anything else begins. */
#include "drive.h"

static int64_t dispatch(struct drive *d, const char *inputs)
{
	assert_int_equal(drive_send(d, "POST", PROD "/dispatches",
				    drive_path(d,
					       "{\"ref\":\"main\",\"return_run_details\":true,\"inputs\":{"
					       "\"release_tag\":\"v0.9.4\"%s}}",
					       inputs)),
			 200);
	return json_int(d->body, "workflow_run_id", 0);
}

/* Half a minute later: "waiting" at its gate, or "failure" of the first job, and nothing after it has run. */
static const char *became(struct drive *d, int64_t run)
{
	const struct json *jobs;

	drive_pass(d, 30000);
	drive_get(d, drive_path(d, EASY "/actions/runs/%" PRId64 "/jobs", run));
	jobs = json_get(d->body, "jobs");
	if (strcmp(json_str(json_at(jobs, 0), "status"), "completed") != 0 ||
	    strcmp(json_str(json_at(jobs, 0), "conclusion"), "failure") != 0)
		return "goes on";
	for (size_t i = 1; i < json_size(jobs); i++)
		assert_string_equal(json_str(json_at(jobs, i), "conclusion"), "skipped");
	return "refused";
}

static void a_moved_tag_is_refused(void **state)
{
	struct drive d;

	(void)state;
	drive_open(&d, "break-glass");
	assert_string_equal(
		became(&d, dispatch(&d, ",\"expected_sha\":\"77ab31c0000000000000000000000000000000ff\"")),
		"refused");
	assert_string_equal(
		became(&d, dispatch(&d, ",\"expected_sha\":\"5ca9ea7c5feb2ec58fe2fca8a21c8bee8b51d6eb\"")),
		"goes on");
	drive_close(&d);
}

static void a_used_nonce_is_refused(void **state)
{
	struct drive d;
	int64_t first;

	(void)state;
	drive_open(&d, "break-glass");
	first = dispatch(&d, ",\"rc_intent\":\"0123456789abcdef0123456789abcdef\"");
	assert_string_equal(became(&d, first), "goes on");
	drive_send(&d, "POST", drive_path(&d, EASY "/actions/runs/%" PRId64 "/cancel", first), NULL);
	drive_pass(&d, 20000);
	assert_string_equal(became(&d, dispatch(&d, ",\"rc_intent\":\"0123456789abcdef0123456789abcdef\"")),
			    "refused");
	drive_close(&d);
}

/* Somebody has taken the lock over: who still holds the old epoch is too late (K3). */
static void an_old_epoch_is_refused(void **state)
{
	struct drive d;
	const char *tree, *commit;

	(void)state;
	drive_open(&d, "break-glass");
	assert_int_equal(drive_send(&d, "POST", EASY "/git/trees",
				    "{\"tree\":[{\"path\":\"a\",\"mode\":\"100644\",\"type\":\"blob\","
				    "\"content\":\"a\"}]}"),
			 201);
	tree = drive_path(&d, "%s", json_str(d.body, "sha"));
	assert_int_equal(drive_send(&d, "POST", EASY "/git/commits",
				    drive_path(&d,
					       "{\"message\":\"{\\\"epoch\\\":4}\",\"tree\":\"%s\","
					       "\"parents\":[]}",
					       tree)),
			 201);
	commit = drive_path(&d, "%s", json_str(d.body, "sha"));
	assert_int_equal(
		drive_send(&d, "POST", EASY "/git/refs",
			   drive_path(&d, "{\"ref\":\"refs/pilothouse/lock/easy/prod\",\"sha\":\"%s\"}",
				      commit)),
		201);
	assert_string_equal(became(&d, dispatch(&d, ",\"lock_epoch\":\"3\"")), "refused");
	assert_string_equal(became(&d, dispatch(&d, ",\"lock_epoch\":\"4\"")), "goes on");
	drive_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_moved_tag_is_refused),
		cmocka_unit_test(a_used_nonce_is_refused),
		cmocka_unit_test(an_old_epoch_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
