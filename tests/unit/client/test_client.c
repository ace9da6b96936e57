/*
 * The console's end of the socket against engines of the test's own: this program under the name pilothouse-engine is one,
 * and behaves as its first option says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/json.h"
#include "base/path.h"
#include "core/client/private.h"
#include "tests/folder.h"

/* ---- the engine that is spawned ------------------------------------------------------------------------------------ */

static void say(const char *line)
{
	if (write(3, line, strlen(line)) < 0)
		_exit(9);
}

static bool read_line(char *line, size_t max)
{
	size_t n = 0;

	while (n + 1 < max && read(3, line + n, 1) == 1) {
		if (line[n++] == '\n') {
			line[n] = 0;
			return true;
		}
	}
	return false;
}

static void serve(bool answers)
{
	char line[4096], out[128];

	say("{\"event\":\"hello\"}\n");
	while (read_line(line, sizeof(line))) {
		struct json *doc = NULL;

		if (!answers)
			_exit(0);
		if (json_parse(&doc, line, strlen(line), sizeof(line), NULL) < 0)
			_exit(8);
		snprintf(out, sizeof(out), "{\"id\":%d,\"exit\":0,\"result\":{\"n\":%d}}\n",
			 (int)json_int(doc, "id", 0), (int)json_size(json_get(doc, "argv")));
		say(out);
		if (json_bool(doc, "attach", false))
			say("{\"event\":\"notice\",\"text\":\"attached\"}\n");
		json_free(doc);
	}
}

static int engine_main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";

	if (!strcmp(how, "--read-only"))
		serve(true);
	else if (!strcmp(how, "--repo=mute"))
		serve(false);
	else if (!strcmp(how, "--repo=fatal"))
		say("{\"fatal\":{\"exit\":6,\"error\":{\"code\":\"store\",\"message\":\"no "
		    "room\",\"fix\":null}}}\n");
	else if (!strcmp(how, "--repo=locked"))
		say("{\"fatal\":{\"exit\":75,\"error\":{\"code\":\"conflict\",\"message\":\"taken\",\"fix\":"
		    "\"\"}}}\n");
	return 0;
}

/* ---- the stand ------------------------------------------------------------------------------------------------------- */

struct stand {
	struct clock clock;
	struct loop *loop;
	struct client *client;
	char dir[64], socket[128], lock[128];
	int listener, peer; /* an engine that stands: ours */
	/* what came */
	int answers, lost, status;
	int64_t n;
	char message[128], events[256];
	bool leaves; /* closes the client in its next event */
};

static void on_event(void *ctx, const char *event, const char *text)
{
	struct stand *t = ctx;
	size_t used = strlen(t->events);

	(void)text;
	snprintf(t->events + used, sizeof(t->events) - used, "%s ", event);
	if (t->leaves) {
		client_close(t->client);
		t->client = NULL;
	}
}

static void on_reply(void *ctx, const struct json *answer)
{
	struct stand *t = ctx;
	const char *message = json_str(answer, "error.message");

	t->answers++;
	t->lost += !answer;
	t->status = (int)json_int(answer, "exit", -1);
	t->n = json_int(answer, "result.n", -1);
	snprintf(t->message, sizeof(t->message), "%s", message ? message : "");
}

static int setup(void **state)
{
	struct stand *t = x_alloc(sizeof(*t));

	*t = (struct stand){ .listener = -1, .peer = -1 };
	clock_real(&t->clock);
	t->loop = loop_new(&t->clock);
	folder_new(t->dir);
	snprintf(t->socket, sizeof(t->socket), "%s/engine.sock", t->dir);
	snprintf(t->lock, sizeof(t->lock), "%s/engine.lock", t->dir);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct stand *t = *state;

	client_close(t->client);
	if (t->listener >= 0)
		close(t->listener);
	if (t->peer >= 0)
		close(t->peer);
	loop_free(t->loop);
	free(t);
	return 0;
}

static void open_client(struct stand *t, const char *how, bool own)
{
	const char *const globals[] = { how, NULL };
	const struct client_options o = {
		.state_dir = t->dir, .socket_path = t->socket, .globals = globals, .own = own
	};
	struct err e = ERR_INIT;

	assert_int_equal(client_open(&t->client, t->loop, &o, on_event, t, &e), 0);
}

static int ask(struct stand *t)
{
	const char *const argv[] = { "dispatch", "easy/prod", "v1" };
	struct err e = ERR_INIT;

	return client_ask(t->client, 3, argv, NULL, on_reply, t, &e);
}

/* Lets the loop run until something came; a test that hangs is ended by its harness. */
static void until_answers(struct stand *t, int n)
{
	while (t->answers < n && loop_step(t->loop, 5000) >= 0)
		;
	assert_int_equal(t->answers, n);
}

static void until_event(struct stand *t, const char *event)
{
	while (!strstr(t->events, event) && loop_step(t->loop, 5000) >= 0)
		;
	assert_non_null(strstr(t->events, event));
}

static void stand_up(struct stand *t, const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	memcpy(un.sun_path, path, strlen(path) + 1);
	t->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(t->listener, (const struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(listen(t->listener, 4), 0);
}

/* Takes the next client of ours and reads its line about options. */
static void receive(struct stand *t, const char *verdict)
{
	char line[512] = "";
	ssize_t n;

	while ((t->peer = accept4(t->listener, NULL, NULL, SOCK_CLOEXEC)) < 0)
		loop_step(t->loop, 5000);
	assert_int_equal(write(t->peer, "{\"event\":\"hello\"}\n", 18), 18);
	while (!strchr(line, '\n')) {
		loop_step(t->loop, 5000);
		n = recv(t->peer, line, sizeof(line) - 1, MSG_DONTWAIT);
		if (n > 0)
			line[n] = 0;
	}
	assert_non_null(strstr(line, "\"globals\":["));
	/* Nothing but options before the engine agreed to them. */
	assert_null(strstr(line, "dispatch"));
	assert_int_equal(write(t->peer, verdict, strlen(verdict)), (ssize_t)strlen(verdict));
}

static void answer_one(struct stand *t)
{
	char line[512] = "", out[128];
	struct json *doc = NULL;
	ssize_t n;

	while (!strchr(line, '\n')) {
		loop_step(t->loop, 5000);
		n = recv(t->peer, line, sizeof(line) - 1, MSG_DONTWAIT);
		if (n > 0)
			line[n] = 0;
	}
	assert_int_equal(json_parse(&doc, line, strlen(line), sizeof(line), NULL), 0);
	snprintf(out, sizeof(out), "{\"id\":%d,\"exit\":0,\"result\":{\"n\":42}}\n",
		 (int)json_int(doc, "id", 0));
	json_free(doc);
	assert_true(write(t->peer, out, strlen(out)) > 0);
}

/* ---- tests ------------------------------------------------------------------------------------------------------------- */

static void an_engine_is_started_and_answers(void **state)
{
	struct stand *t = *state;

	open_client(t, "--read-only", true);
	assert_int_equal(t->client->state, CLIENT_STARTING);
	assert_int_equal(ask(t), 0);
	assert_int_equal(ask(t), 0);
	until_answers(t, 2);
	assert_int_equal(t->status, 0);
	assert_int_equal(t->n, 3);
	assert_int_equal(t->client->state, CLIENT_UP);
	assert_string_equal(t->events, "up ");
}

static void attaching_brings_events(void **state)
{
	struct stand *t = *state;
	struct err e = ERR_INIT;

	open_client(t, "--read-only", false);
	assert_int_equal(client_attach(t->client, &e), 0);
	client_focus(t->client, "easy/prod", 7);
	until_event(t, "notice");
}

static void an_engine_that_stands_is_used(void **state)
{
	struct stand *t = *state;

	stand_up(t, t->socket);
	open_client(t, "--repo=fatal", true);
	ask(t);
	receive(t, "{\"event\":\"same\"}\n");
	answer_one(t);
	until_answers(t, 1);
	assert_int_equal(t->n, 42);
}

/* The lock says where: another XDG_RUNTIME_DIR must not hide the engine. */
static void the_lock_leads_to_the_engine(void **state)
{
	struct stand *t = *state;
	char other[128], text[160];
	int fd = open(t->lock, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	snprintf(other, sizeof(other), "%s/other.sock", t->dir);
	snprintf(text, sizeof(text), "1\n%s\n", other);
	assert_true(write(fd, text, strlen(text)) > 0);
	close(fd);
	stand_up(t, other);
	open_client(t, "--repo=fatal", true);
	ask(t);
	receive(t, "{\"event\":\"same\"}\n");
	answer_one(t);
	until_answers(t, 1);
	unlink(other);
}

static void another_forge_is_refused(void **state)
{
	struct stand *t = *state;

	stand_up(t, t->socket);
	open_client(t, "--repo=fatal", true);
	ask(t);
	receive(t, "{\"fatal\":{\"exit\":1,\"error\":{\"code\":\"conflict\",\"message\":\"another "
		   "--api\",\"fix\":null}}}\n");
	until_answers(t, 1);
	assert_int_equal(t->status, 1);
	assert_string_equal(t->message, "another --api");
	assert_int_equal(t->lost, 0);
}

/* It made room: the request goes to an engine of our own, and once only. */
static void an_engine_that_leaves_is_replaced(void **state)
{
	struct stand *t = *state;

	stand_up(t, t->socket);
	open_client(t, "--read-only", true);
	ask(t);
	receive(t, "{\"fatal\":{\"exit\":75,\"error\":{\"code\":\"conflict\",\"message\":\"room\",\"fix\":"
		   "\"\"}}}\n");
	close(t->listener);
	close(t->peer);
	t->listener = t->peer = -1;
	unlink(t->socket);
	until_answers(t, 1);
	assert_int_equal(t->status, 0);
	assert_int_equal(t->n, 3);
}

static void the_end_before_hello_loses_nothing(void **state)
{
	struct stand *t = *state;

	stand_up(t, t->socket);
	open_client(t, "--read-only", true);
	ask(t);
	t->peer = accept4(t->listener, NULL, NULL, SOCK_CLOEXEC);
	close(t->peer);
	close(t->listener);
	t->listener = t->peer = -1;
	unlink(t->socket);
	until_answers(t, 1);
	assert_int_equal(t->lost, 0);
	assert_int_equal(t->n, 3);
}

static void death_after_reading_is_not_known(void **state)
{
	struct stand *t = *state;

	open_client(t, "--repo=mute", true);
	ask(t);
	until_answers(t, 1);
	assert_int_equal(t->lost, 1);
	until_event(t, "down");
	assert_int_equal(t->client->state, CLIENT_DOWN);
	assert_int_equal(ask(t), -ERR_STORE);
}

static void a_start_that_fails_says_why(void **state)
{
	struct stand *t = *state;

	open_client(t, "--repo=fatal", true);
	ask(t);
	until_answers(t, 1);
	assert_int_equal(t->lost, 0);
	assert_int_equal(t->status, 6);
	assert_string_equal(t->message, "no room");
}

static void a_start_without_a_word_is_given_up(void **state)
{
	struct stand *t = *state;

	open_client(t, "--repo=silent", true);
	ask(t);
	until_answers(t, 1);
	assert_int_equal(t->lost, 0);
	assert_int_equal(t->status, 6);
}

/* Nobody was faster, so there is nobody to wait for: a captain who asks is told before the hand leaves the key. */
static void who_ended_without_a_word_is_not_waited_for(void **state)
{
	struct stand *t = *state;

	loop_free(t->loop);
	clock_manual(&t->clock, (struct when){ INT64_C(1795244889000) });
	t->loop = loop_new(&t->clock);
	msec from = clock_mono(&t->clock);

	open_client(t, "--repo=silent", true);
	ask(t);
	while (!t->answers && loop_step(t->loop, -1) >= 0) /* what has no timer is really waited for */
		;
	assert_int_equal(t->status, 6);
	assert_in_range(clock_mono(&t->clock) - from, 0, 400);
}

/* Another was faster: it is waited for, and then asked. */
static void who_was_faster_serves(void **state)
{
	struct stand *t = *state;

	open_client(t, "--repo=locked", true);
	ask(t);
	stand_up(t, t->socket);
	receive(t, "{\"event\":\"same\"}\n");
	answer_one(t);
	until_answers(t, 1);
	assert_int_equal(t->n, 42);
}

static void a_console_comes_back_by_itself(void **state)
{
	struct stand *t = *state;
	struct err e = ERR_INIT;

	stand_up(t, t->socket);
	open_client(t, "--read-only", false);
	assert_int_equal(client_attach(t->client, &e), 0);
	receive(t, "{\"event\":\"same\"}\n");
	until_event(t, "up");
	close(t->peer);
	close(t->listener);
	t->listener = t->peer = -1;
	unlink(t->socket);
	until_event(t, "down");
	t->events[0] = 0;
	client_revive(t->client);
	until_event(t, "notice"); /* attached again */
}

/*
 * No engine can be had. A step of the loop is a wake-up: on the manual clock it ends at a timer, or, when there is none,
 * waits for the engine that was started. The first minutes are for those who fix it; then it is what idling may cost
 * besides the console's own minute.
 */
static void nobody_to_serve_costs_little(void **state)
{
	static const char *const how[] = { "--repo=fatal", "--repo=silent", "--repo=locked" };

	for (size_t i = 0; i < countof(how); i++) {
		struct stand *t;
		int wakes = 0;

		setup((void **)&t);
		clock_manual(&t->clock, (struct when){ INT64_C(1795244889000) });
		open_client(t, how[i], false);
		while (clock_mono(&t->clock) < 5 * 60000)
			assert_true(loop_step(t->loop, -1) >= 0);
		for (; clock_mono(&t->clock) < 15 * 60000; wakes++)
			assert_true(loop_step(t->loop, -1) >= 0);
		assert_in_range(wakes, 5, 20);
		assert_string_equal(t->events, "down "); /* once, not at every try */
		teardown((void **)&t);
	}
	(void)state;
}

static void asking_for_it_says_again(void **state)
{
	struct stand *t = *state;

	open_client(t, "--repo=fatal", false);
	until_event(t, "down");
	t->events[0] = 0;
	client_revive(t->client);
	until_event(t, "down");
}

/* Ctrl-r and acts say that they start it: they do, and are answered by the engine that came. */
static void asking_starts_what_ended(void **state)
{
	struct stand *t = *state;

	stand_up(t, t->socket);
	open_client(t, "--read-only", false);
	receive(t, "{\"event\":\"same\"}\n");
	until_event(t, "up");
	close(t->peer);
	close(t->listener);
	t->listener = t->peer = -1;
	unlink(t->socket);
	until_event(t, "down");
	ask(t);
	until_answers(t, 1);
	assert_int_equal(t->status, 0);
}

static void asking_says_why_none_starts(void **state)
{
	struct stand *t = *state;

	open_client(t, "--repo=fatal", false);
	until_event(t, "down");
	t->events[0] = 0;
	ask(t);
	until_answers(t, 1);
	assert_int_equal(t->status, 6);
	assert_string_equal(t->message, "no room");
	assert_string_equal(t->events, "down ");
}

static void close_in_reply(void *ctx, const struct json *answer)
{
	struct stand *t = ctx;

	(void)answer;
	t->answers++;
	client_close(t->client);
	t->client = NULL;
}

static void closing_in_the_reply_is_fine(void **state)
{
	struct stand *t = *state;
	const char *const argv[] = { "sync" };
	struct err e = ERR_INIT;

	open_client(t, "--read-only", true);
	assert_int_equal(client_ask(t->client, 1, argv, NULL, close_in_reply, t, &e), 0);
	until_answers(t, 1);
}

static int link_engine(void **state);
static int unlink_engine(void **state);

/* No engine can be started, and who asked for one hears so before the asking is over. */
static void closing_while_asking_is_fine(void **state)
{
	struct stand *t = *state;

	unlink_engine(state);
	open_client(t, "--read-only", false);
	until_event(t, "down");
	t->leaves = true;
	assert_int_equal(ask(t), -ERR_STORE);
	assert_null(t->client);
	assert_int_equal(link_engine(state), 0);
}

/* ---- main ---------------------------------------------------------------------------------------------------------------- */

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* The client starts what lies beside the running program. */
static int link_engine(void **state)
{
	struct arena a = ARENA_INIT;
	const char *dir = path_program_dir(&a), *name = path_join(&a, dir, "pilothouse-engine");
	int r;

	(void)state;
	unlink(name);
	r = link("/proc/self/exe", name) == 0 ? 0 : symlink(path_join(&a, dir, "client_test_client"), name);
	arena_done(&a);
	return r;
}

static int unlink_engine(void **state)
{
	struct arena a = ARENA_INIT;

	(void)state;
	unlink(path_join(&a, path_program_dir(&a), "pilothouse-engine"));
	arena_done(&a);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(an_engine_is_started_and_answers),
		TEST(attaching_brings_events),
		TEST(an_engine_that_stands_is_used),
		TEST(the_lock_leads_to_the_engine),
		TEST(another_forge_is_refused),
		TEST(an_engine_that_leaves_is_replaced),
		TEST(the_end_before_hello_loses_nothing),
		TEST(death_after_reading_is_not_known),
		TEST(a_start_that_fails_says_why),
		TEST(a_start_without_a_word_is_given_up),
		TEST(who_ended_without_a_word_is_not_waited_for),
		TEST(who_was_faster_serves),
		TEST(a_console_comes_back_by_itself),
		cmocka_unit_test(nobody_to_serve_costs_little),
		TEST(asking_for_it_says_again),
		TEST(asking_starts_what_ended),
		TEST(asking_says_why_none_starts),
		TEST(closing_in_the_reply_is_fine),
		TEST(closing_while_asking_is_fine),
	};
	const char *base = strrchr(argv[0], '/');

	if (base && !strcmp(base, "/pilothouse-engine"))
		return engine_main(argc, argv);
	return cmocka_run_group_tests(tests, link_engine, unlink_engine);
}
