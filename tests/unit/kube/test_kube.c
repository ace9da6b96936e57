#include "unit/kube/told.h"
#include "tests/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATUS(reason, code, message)                                                                    \
	"{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\",\"message\":" \
	"\"" message "\",\"reason\":\"" reason "\",\"code\":" code "}"
#define OBJECT                                                                                          \
	"{\"apiVersion\":\"argoproj.io/v1alpha1\",\"kind\":\"Rollout\",\"metadata\":{\"name\":\"web\"," \
	"\"namespace\":\"prod\"},\"spec\":{\"strategy\":{\"canary\":{}}},\"status\":{\"phase\":\"Paused\"}}"

static struct rollout_act abort_web(void)
{
	return (struct rollout_act){ .kind = ROLLOUT_ABORT,
				     .name = argo_web,
				     .now = { .word = "", .version = "" } };
}

static struct rollout_act close_web(void)
{
	return (struct rollout_act){ .kind = ROLLOUT_HOLD,
				     .name = flagger_web,
				     .now = {
					     .word = "Progressing", .phase = CANARY_WATCHING, .hooks = 15 } };
}

/* ---- what the other side says --------------------------------------------------------------------------------------- */

static void test_errors(void **state maybe_unused)
{
	static const struct {
		struct reply reply;
		enum err_kind read, act;
		const char *says;
	} cases[] = {
		{ { 401, .body = STATUS("Unauthorized", "401", "Unauthorized") },
		  ERR_AUTH,
		  ERR_AUTH,
		  "Unauthorized" },
		{ { 403, .body = STATUS("Forbidden", "403", "rollouts.argoproj.io is forbidden") },
		  ERR_FORBIDDEN,
		  ERR_FORBIDDEN,
		  "rollouts.argoproj.io is forbidden (403 Forbidden)" },
		{ { 404, .body = STATUS("NotFound", "404", "not found") },
		  ERR_MISSING,
		  ERR_MISSING,
		  "(404 NotFound)" },
		{ { 409, .body = STATUS("Conflict", "409", "the object has been modified") },
		  ERR_CONFLICT,
		  ERR_CONFLICT,
		  "the object has been modified" },
		{ { 410, .body = STATUS("Expired", "410", "too old") },
		  ERR_CONFLICT,
		  ERR_CONFLICT,
		  "too old" },
		{ { 422, .body = STATUS("Invalid", "422", "is invalid") },
		  ERR_CONFLICT,
		  ERR_CONFLICT,
		  "is invalid" },
		{ { 429, .headers = "retry-after: 7", .body = "" }, ERR_RATE, ERR_RATE, "status 429" },
		{ { 408, .body = "" }, ERR_SERVER, ERR_UNKNOWN, "status 408" },
		{ { 500, .body = STATUS("InternalError", "500", "etcd") }, ERR_SERVER, ERR_UNKNOWN, "etcd" },
		{ { 504, .body = STATUS("Timeout", "504", "timeout") }, ERR_SERVER, ERR_UNKNOWN, "timeout" },
		{ { 502, .body = "<html>" }, ERR_SERVER, ERR_UNKNOWN, "status 502" },
		{ { 302, .body = "" }, ERR_SERVER, ERR_UNKNOWN, "status 302" },
		{ { 200, .body = "<html>" }, ERR_CORRUPT, ERR_UNKNOWN, "" },
		{ { 201, .body = OBJECT }, ERR_SERVER, ERR_UNKNOWN, "" },
		{ { 0, .error = ERR_OFFLINE }, ERR_OFFLINE, ERR_OFFLINE, "the wire is cut" },
		{ { 0, .error = ERR_UNKNOWN }, ERR_UNKNOWN, ERR_UNKNOWN, "the wire is cut" },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		const struct reply api[] = { cases[i].reply, cases[i].reply };
		struct rollout_act act = abort_web();
		struct told t, u = { 0 };
		struct stand s;

		stand_open(&s, api, 2, NULL, 0);
		stand_read(&s, &t, &argo_web);
		assert_false(t.ok);
		assert_int_equal(t.err.kind, cases[i].read);
		assert_has(t.err.message, cases[i].says);
		assert_int_equal(rollout_act(s.r, &act, told_act, &u, NULL), 0);
		canned_pump(&s.api);
		assert_false(u.ok);
		assert_int_equal(u.err.kind, cases[i].act);
		assert_has(u.err.message, cases[i].says);
		assert_int_equal(u.status, cases[i].reply.status);
		assert_int_equal(u.err.status, cases[i].reply.status);
		if (cases[i].reply.status == 429)
			assert_int_equal(u.err.retry_ms, 7000);
		assert_int_equal(s.api.asked_n, 2); /* once each */
		stand_close(&s);
	}
}

static void test_gate_answers(void **state maybe_unused)
{
	static const struct {
		int status;
		enum err_kind kind;
	} cases[] = { { 202, ERR_NONE },      { 200, ERR_UNKNOWN }, { 204, ERR_UNKNOWN },
		      { 403, ERR_FORBIDDEN }, { 404, ERR_MISSING }, { 400, ERR_CONFLICT },
		      { 500, ERR_UNKNOWN } };

	for (size_t i = 0; i < countof(cases); i++) {
		const struct reply gate[] = { { cases[i].status, .body = "" } };
		struct rollout_act act = close_web();
		struct told t = { 0 };
		struct stand s;

		stand_open(&s, NULL, 0, gate, 1);
		assert_int_equal(rollout_act(s.r, &act, told_act, &t, NULL), 0);
		canned_pump(&s.gate);
		assert_int_equal(t.calls, 1);
		assert_int_equal(t.err.kind, cases[i].kind);
		assert_int_equal(s.api.asked_n, 0);
		assert_string_equal(s.gate.asked[0].target, "/gate/close");
		assert_string_equal(s.gate.asked[0].content_type, "application/json");
		stand_close(&s);
	}
}

static void test_names(void **state maybe_unused)
{
	static const struct rollout_name bad[] = {
		{ ROLLOUT_OTHER, "prod", "web", NULL },  { ROLLOUT_ARGO, "", "web", NULL },
		{ ROLLOUT_ARGO, NULL, "web", NULL },     { ROLLOUT_ARGO, "prod", "../x", NULL },
		{ ROLLOUT_ARGO, "prod", "a/b", NULL },   { ROLLOUT_ARGO, "prod", "Web", NULL },
		{ ROLLOUT_ARGO, "prod", "web?x", NULL }, { ROLLOUT_ARGO, "prod.x", "web", NULL },
		{ ROLLOUT_ARGO, "prod", "-web", NULL },  { ROLLOUT_ARGO, "prod", "a..b", NULL },
		{ ROLLOUT_ARGO, "prod", "we\"b", NULL }, { (enum rollout_kind)9, "prod", "web", NULL },
	};
	struct stand s;

	stand_open(&s, NULL, 0, NULL, 0);
	for (size_t i = 0; i < countof(bad); i++) {
		struct rollout_act act = abort_web();
		struct told t = { 0 };

		act.name = bad[i];
		assert_int_equal(rollout_read(s.r, &bad[i], told_read, &t, NULL), -ERR_INVALID);
		assert_int_equal(rollout_act(s.r, &act, told_act, &t, NULL), -ERR_INVALID);
		assert_int_equal(rollout_requests(s.r, &act, NULL), -ERR_INVALID);
		assert_int_equal(t.calls, 0);
	}
	assert_int_equal(s.api.asked_n, 0);
	stand_close(&s);
}

/* Whoever waits when the adapter goes is told at once: an act may have happened, a read did not. */
static void test_closed(void **state maybe_unused)
{
	struct rollout_act act = abort_web();
	struct told t = { 0 }, u = { 0 };
	struct stand s;

	stand_open(&s, NULL, 0, NULL, 0);
	assert_int_equal(rollout_read(s.r, &argo_web, told_read, &t, NULL), 0);
	assert_int_equal(rollout_act(s.r, &act, told_act, &u, NULL), 0);
	stand_close(&s);
	assert_int_equal(t.calls, 1);
	assert_int_equal(t.err.kind, ERR_CANCELLED);
	assert_int_equal(u.calls, 1);
	assert_int_equal(u.err.kind, ERR_UNKNOWN);
}

/* The cluster and the gates below a path, as drills have them. */
static void test_below(void **state maybe_unused)
{
	static const struct reply api[] = { { 404, .body = "" } };
	static const struct reply gate[] = { { 202, .body = "" } };
	struct rollout_act act = close_web();
	struct kube_options o;
	struct told t = { 0 };
	struct err e = ERR_INIT;
	struct stand s;

	stand_open(&s, api, 1, gate, 1);
	rollout_free(s.r);
	o = (struct kube_options){ .api = &s.api.http,
				   .gate = &s.gate.http,
				   .clock = &s.clock,
				   .base = "https://api.example.test.evil/kube" };
	assert_int_equal(kube_open(&s.r, &o, &e), -ERR_INVALID);
	assert_has(e.message, "is not of https://api.example.test");
	o.base = "https://api.example.test/kube/";
	assert_int_equal(kube_open(&s.r, &o, NULL), 0);
	stand_read(&s, &t, &argo_web);
	assert_string_equal(s.api.asked[0].target,
			    "/kube/apis/argoproj.io/v1alpha1/namespaces/prod/rollouts/web");
	act.name.gate = GATE "/tester";
	assert_int_equal(rollout_act(s.r, &act, told_act, &t, NULL), 0);
	assert_string_equal(s.gate.asked[0].target, "/tester/gate/close");
	canned_pump(&s.gate);
	s.gate.http.base = NULL; /* no network behind it: any host is the other side itself */
	assert_int_equal(rollout_act(s.r, &act, told_act, &t, NULL), 0);
	assert_string_equal(s.gate.asked[1].target, "/tester/gate/close");
	stand_close(&s);
}

/* ---- the token ------------------------------------------------------------------------------------------------------ */

static char place[FOLDER_PATH];

static const char *path_of(const char *name)
{
	static char paths[8][256];
	static int next;
	char *p = paths[next++ % 8];

	snprintf(p, 256, "%s/%s", place, name);
	return p;
}

static void put(const char *name, const char *text, mode_t mode)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void make_folder(const char *name, mode_t mode)
{
	assert_int_equal(mkdir(path_of(name), 0700), 0);
	assert_int_equal(chmod(path_of(name), mode), 0);
}

static void test_token_goes_to_one(void **state maybe_unused)
{
	static const struct reply api[] = {
		{ 200, .body = "{\"apiVersion\":\"flagger.app/v1beta1\",\"kind\":\"Canary\","
			       "\"metadata\":{\"name\":\"web\",\"namespace\":\"prod\"},\"spec\":"
			       "{\"analysis\":{\"webhooks\":[{\"type\":\"rollback\",\"url\":"
			       "\"http://l/rollback/check\"}]}},\"status\":{\"phase\":\"Failed\"}}" },
		{ 401, .body = STATUS("Unauthorized", "401", "first is no token") },
		{ 404, .body = "" },
		{ 404, .body = "" }
	};
	static const struct reply gate[] = { { 403, .body = "" }, { 202, .body = "" } };
	struct rollout_act act = close_web();
	struct kube_options o;
	struct told t = { 0 };
	struct stand s;

	put("mine", "first\n", 0600);
	stand_open(&s, api, 4, gate, 2);
	rollout_free(s.r);
	o = (struct kube_options){
		.api = &s.api.http, .gate = &s.gate.http, .clock = &s.clock, .token_file = path_of("mine")
	};
	assert_int_equal(kube_open(&s.r, &o, NULL), 0);
	stand_read(&s, &t, &flagger_web);
	assert_true(t.ok);
	assert_string_equal(s.api.asked[0].authorization, "Bearer first");
	assert_int_equal(rollout_act(s.r, &act, told_act, &t, NULL), 0);
	canned_pump(&s.gate);
	assert_int_equal(s.gate.asked_n, 2);
	assert_string_equal(s.gate.asked[0].authorization, "");
	assert_string_equal(s.gate.asked[1].authorization, "");

	put("mine", "second", 0600); /* the old one serves until it is a minute old or refused */
	stand_read(&s, &t, &argo_web);
	assert_string_equal(s.api.asked[1].authorization, "Bearer first");
	assert_has(t.err.message, "[redacted] is no token");
	stand_read(&s, &t, &argo_web);
	assert_string_equal(s.api.asked[2].authorization, "Bearer second");
	put("mine", "third", 0600);
	clock_advance(&s.clock, 60000);
	stand_read(&s, &t, &argo_web);
	assert_string_equal(s.api.asked[3].authorization, "Bearer third");

	put("mine", "fourth", 0644); /* open to others: nothing is sent */
	clock_advance(&s.clock, 60000);
	assert_int_equal(rollout_read(s.r, &argo_web, told_read, &t, NULL), -ERR_INVALID);
	assert_int_equal(s.api.asked_n, 4);
	stand_close(&s);
}

static void check_token(const char *name, const char *want)
{
	struct secret s = SECRET_INIT;
	struct err e = ERR_INIT;
	int r = secret_read_mounted(&s, path_of(name), &e);

	if (want && (r < 0 || strcmp(s.bytes, want) != 0))
		fail_msg("%s: %s", name, e.message);
	if (!want && r != -ERR_INVALID)
		fail_msg("%s is read", name);
	secret_done(&s);
}

static void lead(const char *name, const char *to)
{
	(void)unlink(path_of(name));
	assert_int_equal(symlink(to, path_of(name)), 0);
}

static void test_token_files(void **state maybe_unused)
{
	put("plain", "word\n", 0600);
	put("open", "word\n", 0644);
	lead("link", "plain");
	make_folder("pod", 0755);
	make_folder("pod/..2026_11_21", 0755);
	put("pod/..2026_11_21/token", "projected\n", 0644);
	lead("pod/..data", "..2026_11_21");
	lead("pod/token", "..data/token");

	check_token("plain", "word");
	check_token("open", NULL);
	check_token("link", NULL);
	check_token("none", NULL);
	check_token("pod/token", "projected");
	lead("pod/token", "..data/other"); /* another name */
	check_token("pod/token", NULL);
	lead("pod/token", "../plain");
	check_token("pod/token", NULL);
	lead("pod/token", "..data/token");
	lead("pod/..data", "../pod/..2026_11_21"); /* out of the folder and back */
	check_token("pod/token", NULL);
	lead("pod/..data", "..");
	check_token("pod/token", NULL);
	lead("pod/..data", "..2026_11_21");
	assert_int_equal(chmod(path_of("pod/..2026_11_21/token"), 0666), 0);
	check_token("pod/token", NULL);
	assert_int_equal(chmod(path_of("pod/..2026_11_21/token"), 0644), 0);
	assert_int_equal(chmod(path_of("pod/..2026_11_21"), 0777), 0);
	check_token("pod/token", NULL);
	assert_int_equal(chmod(path_of("pod/..2026_11_21"), 0755), 0);
	assert_int_equal(chmod(path_of("pod"), 0777), 0);
	check_token("pod/token", NULL);
	assert_int_equal(chmod(path_of("pod"), geteuid() == 0 ? 01777 : 0755),
			 0); /* the kubelet's own mount */
	check_token("pod/token", "projected");
	lead("pod/..2026_11_21/token", "../../plain");
	check_token("pod/token", NULL);
}

static int make_place(void **state maybe_unused)
{
	folder_new(place);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),      cmocka_unit_test(test_gate_answers),
		cmocka_unit_test(test_names),       cmocka_unit_test(test_closed),
		cmocka_unit_test(test_below),       cmocka_unit_test(test_token_goes_to_one),
		cmocka_unit_test(test_token_files),
	};

	return cmocka_run_group_tests(tests, make_place, NULL);
}
