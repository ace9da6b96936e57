/* The socket: who may speak, how long a line may be, what an answer looks like, and who is dropped. */
#include "simrig.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "core/engine/peer.h"

struct stand {
	struct simrig *r;
	struct server *server;
	char path[128];
	int fd; /* our end of a peer */
	struct buf got;
};

static void stand_event(void *ctx, const char *event, const char *text)
{
	server_event(((struct stand *)ctx)->server, event, text);
}

static int setup(void **state)
{
	struct stand *t = x_alloc(sizeof(*t));
	struct err e = ERR_INIT;
	int pair[2];

	*t = (struct stand){ .r = sim_rig_new(NULL, NULL), .got = BUF_INIT(8 << 20) };
	must(server_new(&t->server, t->r->en, t->r->loop, &e), &e);
	engine_on_event(t->r->en, stand_event, t);
	snprintf(t->path, sizeof(t->path), "%s/engine.sock", t->r->dir);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
	t->fd = pair[0];
	must(server_adopt(t->server, pair[1], &e), &e);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct stand *t = *state;

	engine_free(t->r->en);
	t->r->en = NULL;
	server_engine_gone(t->server);
	server_free(t->server);
	close(t->fd);
	buf_done(&t->got);
	unlink(t->path);
	sim_rig_free(t->r);
	free(t);
	return 0;
}

static void turn(struct stand *t)
{
	for (int i = 0; i < 40; i++)
		loop_advance(t->r->loop, 100);
}

/* Everything that has arrived; false when the other end is closed. */
static bool take_all(struct stand *t)
{
	char chunk[65536];

	for (;;) {
		ssize_t n = recv(t->fd, chunk, sizeof(chunk), MSG_DONTWAIT);

		if (n <= 0)
			return n < 0 && errno == EAGAIN;
		buf_add(&t->got, chunk, (size_t)n);
	}
}

static void put(struct stand *t, const char *text)
{
	assert_int_equal(send(t->fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static bool ask(struct stand *t, const char *text)
{
	put(t, text);
	turn(t);
	return take_all(t);
}

static void hello_comes_first(void **state)
{
	struct stand *t = *state;

	assert_true(take_all(t));
	assert_string_equal(t->got.s, "{\"event\":\"hello\"}\n");
	assert_int_equal(server_peers(t->server), 1);
}

static void a_sync_is_answered_with_its_id(void **state)
{
	struct stand *t = *state;

	assert_true(ask(t, "{\"id\":41,\"argv\":[\"sync\",\"--once\"]}\n"));
	assert_non_null(strstr(t->got.s, "{\"id\":41,\"exit\":0,\"result\":{"));
	assert_non_null(strstr(t->got.s, "\"not_modified\":"));
}

static void lines_may_come_in_pieces_and_in_bunches(void **state)
{
	struct stand *t = *state;

	put(t, "{\"id\":1,\"argv\":[\"la");
	turn(t);
	assert_true(ask(t, "nes\"]}\n{\"id\":2,\"argv\":[\"runs\"]}\n"));
	assert_non_null(strstr(t->got.s, "{\"id\":1,\"exit\":2,"));
	assert_non_null(strstr(t->got.s, "{\"id\":2,\"exit\":2,"));
}

static void refusals_carry_the_error_twice(void **state)
{
	struct stand *t = *state;

	assert_true(ask(t, "{\"id\":7,\"argv\":[\"no-such-verb\"]}\n"));
	assert_non_null(strstr(t->got.s, "{\"id\":7,\"exit\":2,\"error\":{\"code\":"));
	assert_non_null(strstr(t->got.s, "\"result\":{\"error\":{"));
}

static void attach_keeps_polling_and_tells(void **state)
{
	struct stand *t = *state;

	assert_false(engine_is_needed(t->r->en));
	assert_true(ask(t, "{\"id\":3,\"attach\":true}\n"));
	assert_true(engine_is_needed(t->r->en));
	assert_non_null(strstr(t->got.s, "{\"id\":3,\"exit\":0"));
	assert_non_null(strstr(t->got.s, "{\"event\":\"changed\"}"));
	close(t->fd);
	turn(t);
	assert_int_equal(server_peers(t->server), 0);
	assert_int_equal(t->r->en->attached, 0);
	t->fd = -1;
}

/* A console that does not look has at most one of these waiting for it. */
static void changes_are_told_once_until_read(void **state)
{
	struct stand *t = *state;
	const char *p;
	int n = 0, size = 4096;

	setsockopt(t->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	ask(t, "{\"id\":3,\"attach\":true}\n");
	buf_reset(&t->got);
	for (int i = 0; i < 100000; i++)
		server_event(t->server, "changed", "");
	take_all(t);
	turn(t);
	take_all(t);
	for (p = t->got.s; (p = strstr(p, "changed")); p++)
		n++;
	assert_in_range(n, 1, 20000);
	assert_int_equal(server_peers(t->server), 1);
}

static void who_does_not_read_is_dropped(void **state)
{
	struct stand *t = *state;
	char *text = x_alloc(64 * 1024 + 1);

	ask(t, "{\"id\":3,\"attach\":true}\n");
	memset(text, 'x', 64 * 1024);
	for (int i = 0; i < 200 && server_peers(t->server); i++)
		server_event(t->server, "notice", text);
	assert_int_equal(server_peers(t->server), 0);
	assert_int_equal(t->r->en->attached, 0);
	free(text);
}

static void a_line_without_end_is_dropped(void **state)
{
	struct stand *t = *state;
	char *text = x_alloc(65537);

	memset(text, 'x', 65536);
	for (int i = 0; i < 40 && server_peers(t->server); i++) {
		send(t->fd, text, 65536, MSG_NOSIGNAL);
		turn(t);
	}
	assert_int_equal(server_peers(t->server), 0);
	assert_false(take_all(t));
	free(text);
}

static void nonsense_is_answered_and_ends_the_link(void **state)
{
	static const char *const lines[] = { "hello\n", "[]\n", "{\"id\":1,\"argv\":[]}\n",
					     "{\"id\":1,\"argv\":[1]}\n",
					     "{\"id\":1,\"id\":2,\"attach\":true}\n" };
	struct stand *t = *state;

	for (size_t i = 0; i < countof(lines); i++) {
		int pair[2];
		struct err e = ERR_INIT;

		close(t->fd);
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
		t->fd = pair[0];
		must(server_adopt(t->server, pair[1], &e), &e);
		buf_reset(&t->got);
		assert_false(ask(t, lines[i]));
		assert_non_null(strstr(t->got.s, "\"exit\":2"));
		turn(t);
	}
	assert_int_equal(server_peers(t->server), 0);
}

static void an_answer_for_one_who_left_is_dropped(void **state)
{
	struct stand *t = *state;

	put(t, "{\"id\":41,\"argv\":[\"sync\",\"--once\"]}\n");
	loop_advance(t->r->loop, 10);
	close(t->fd);
	t->fd = -1;
	assert_true(server_owes(t->server));
	turn(t);
	assert_int_equal(server_peers(t->server), 0);
	assert_false(server_owes(t->server));
}

#define ACT "\"argv\":[\"dispatch\",\"easy/prod\",\"v0.9.4\",\"--confirm\",\"easy/prod v0.9.4\"]"

/* An act whose captain thinks better of it, or is gone, before it is sent is not sent. */
static void an_act_is_not_sent_for_one_who_left(void **state)
{
	struct stand *t = *state;
	bool says_so;

	for (int i = 0; i < 2; i++) {
		says_so = i == 0;
		put(t, "{\"id\":51," ACT "}\n");
		loop_advance(t->r->loop, 1);
		if (says_so) {
			assert_true(ask(t, "{\"id\":52,\"cancel\":51}\n"));
			assert_non_null(
				strstr(t->got.s, "{\"id\":52,\"exit\":0,\"result\":{\"stopped\":true}}"));
			assert_non_null(strstr(t->got.s, "\"id\":51,\"exit\":130"));
			assert_true(ask(t, "{\"id\":53,\"cancel\":51}\n"));
			assert_non_null(strstr(t->got.s, "\"stopped\":false"));
		} else {
			close(t->fd);
			t->fd = -1;
			turn(t);
		}
		assert_false(server_owes(t->server));
		assert_int_equal(sim_count(t->r, "POST *dispatches"), 0);
	}
}

/* `sync` without --once: polling lives as long as the one who asked. */
static void polling_ends_with_who_asked(void **state)
{
	struct stand *t = *state;

	assert_true(ask(t, "{\"id\":1,\"argv\":[\"sync\"]}\n"));
	assert_null(strstr(t->got.s, "\"id\":1"));
	assert_true(engine_is_needed(t->r->en));
	close(t->fd);
	t->fd = -1;
	turn(t);
	assert_false(engine_is_needed(t->r->en));
}

static int dial(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(un.sun_path, path, strlen(path) + 1);
	assert_int_equal(connect(fd, (const struct sockaddr *)&un, sizeof(un)), 0);
	return fd;
}

static void the_socket_is_ours_alone(void **state)
{
	struct stand *t = *state;
	struct err e = ERR_INIT;
	struct stat st;
	int fd;

	must(server_listen(t->server, t->path, &e), &e);
	assert_int_equal(stat(t->path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0600);
	fd = dial(t->path);
	turn(t);
	assert_int_equal(server_peers(t->server), 2);
	close(fd);
	turn(t);
	assert_int_equal(server_peers(t->server), 1);
}

static void a_dead_socket_is_replaced(void **state)
{
	struct stand *t = *state;
	struct err e = ERR_INIT;
	int fd = open(t->path, O_CREAT | O_RDWR | O_CLOEXEC, 0644);

	close(fd);
	must(server_listen(t->server, t->path, &e), &e);
	close(dial(t->path));
}

static void a_long_path_works_too(void **state)
{
	struct stand *t = *state;
	struct err e = ERR_INIT;
	char dir[200];
	struct server *other = NULL;

	snprintf(dir, sizeof(dir), "%s/%0100d", t->r->dir, 7);
	assert_int_equal(mkdir(dir, 0700), 0);
	must(server_new(&other, t->r->en, t->r->loop, &e), &e);
	char path[300];

	snprintf(path, sizeof(path), "%s/engine.sock", dir);
	must(server_listen(other, path, &e), &e);
	assert_int_equal(access(path, F_OK), 0);
	server_free(other);
	assert_int_equal(access(path, F_OK), -1);
	rmdir(dir);
}

static void sixteen_are_enough(void **state)
{
	struct stand *t = *state;
	struct err e = ERR_INIT;
	int fds[SERVER_PEERS_MAX + 4];
	size_t n = 0;

	must(server_listen(t->server, t->path, &e), &e);
	for (; n < countof(fds); n++) {
		fds[n] = dial(t->path);
		turn(t);
	}
	assert_int_equal(server_peers(t->server), SERVER_PEERS_MAX);
	while (n)
		close(fds[--n]);
	turn(t);
	assert_int_equal(server_peers(t->server), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static bool can_connect(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool can;

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	can = connect(fd, (const struct sockaddr *)&un, sizeof(un)) == 0;
	close(fd);
	return can;
}

/* The end of a session removes its runtime directory, and an engine with a guard goes on. */
static void a_socket_that_was_removed_is_made_again(void **state)
{
	struct stand *t = *state;
	struct err e = ERR_INIT;
	struct arena a = ARENA_INIT;
	const char *dir = arena_printf(&a, "%s/run", t->r->dir);
	const char *path = arena_printf(&a, "%s/engine.sock", dir);

	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(server_listen_again(t->server, &e), 0); /* it never listened */
	must(server_listen(t->server, path, &e), &e);
	assert_int_equal(server_listen_again(t->server, &e), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	assert_false(can_connect(path));
	assert_int_equal(server_listen_again(t->server, &e), 1);
	assert_true(can_connect(path));
	assert_int_equal(unlink(path), 0);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)); /* another file in its place */
	assert_int_equal(server_listen_again(t->server, &e), 1);
	assert_true(can_connect(path));
	assert_int_equal(server_listen_again(t->server, &e), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	close(open(dir, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)); /* no room for it: tried again later */
	assert_true(server_listen_again(t->server, &e) < 0);
	assert_int_equal(unlink(dir), 0);
	assert_int_equal(server_listen_again(t->server, &e), 1);
	assert_true(can_connect(path));
	unlink(path);
	rmdir(dir);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hello_comes_first),
		TEST(a_sync_is_answered_with_its_id),
		TEST(lines_may_come_in_pieces_and_in_bunches),
		TEST(refusals_carry_the_error_twice),
		TEST(attach_keeps_polling_and_tells),
		TEST(changes_are_told_once_until_read),
		TEST(who_does_not_read_is_dropped),
		TEST(a_line_without_end_is_dropped),
		TEST(nonsense_is_answered_and_ends_the_link),
		TEST(an_answer_for_one_who_left_is_dropped),
		TEST(an_act_is_not_sent_for_one_who_left),
		TEST(polling_ends_with_who_asked),
		TEST(the_socket_is_ours_alone),
		TEST(a_dead_socket_is_replaced),
		TEST(a_socket_that_was_removed_is_made_again),
		TEST(a_long_path_works_too),
		TEST(sixteen_are_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
