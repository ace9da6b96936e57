/*
 * Each string of the hostile corpus at every way out that is no screen: what the verbs print as text and as JSON, what they
 * say on stderr, the engine's log, and messages of errors. Nothing of it may reach a terminal that obeys it.
 *
 *	fault_corpus [--every N]
 */
#include "base/log.h"
#include "base/text.h"
#include "tests/fault/hostile.h"
#include "tests/golden/world_evidence.h"
#include "tests/golden/world_fill.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static int every = 1;

/* ---- what a terminal would get -------------------------------------------------------------------------------------- */

static void must_be_inert(const char *where, const char *class, const char *s, size_t n)
{
	for (size_t at = 0; at < n;) {
		const char *end = memchr(s + at, '\n', n - at);
		size_t len = end ? (size_t)(end - s) - at : n - at;
		char *line = strndup(s + at, len);

		if (strlen(line) != len || !text_is_safe(line))
			fail_msg("%s, %s: %.300s", where, class, line);
		free(line);
		at += len + 1;
	}
}

static void run_to(const char *const *argv, int fd)
{
	pid_t pid = fork();

	if (!pid) {
		dup2(open("/dev/null", O_RDONLY), 0);
		dup2(fd, 1);
		dup2(fd, 2);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

/* stdout and stderr together, read back from a file: nothing can block. */
static void run_verb(const struct world *w, const char *class, const char *const *words)
{
	const char *argv[16] = { PH_BIN_DIR "/pilothouse", "--state-dir", w->dir, "--cache-dir", w->dir };
	char path[128];
	struct buf b = BUF_INIT(16 << 20);
	char chunk[65536];
	ssize_t n;

	for (size_t i = 0; words[i]; i++)
		argv[5 + i] = words[i];
	snprintf(path, sizeof(path), "%s.out", w->dir);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	run_to(argv, fd);
	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(&b, chunk, (size_t)n);
	close(fd);
	unlink(path);
	assert_false(b.over);
	assert_true(b.n > 0);
	must_be_inert(words[0], class, b.s, b.n);
	buf_done(&b);
}

/* ---- tests ------------------------------------------------------------------------------------------------------------ */

static void verbs_of(const struct world *w, const char *class, const char *text)
{
	const char *const verbs[][4] = {
		{ "lanes" },
		{ "runs" },
		{ "run", "7" },
		{ "gates" },
		{ "journal" },
		{ "outbox" },
		{ "drift" },
		{ "readiness" },
		{ "why", "gov/prod" },
		{ "lanes", "--json" },
		{ "runs", "--json" },
		{ "run", "7", "--json" },
		{ "gates", "--json" },
		{ "journal", "--json" },
		{ "drift", "--json" },
		{ "doctor" },
		{ "why", text },
		{ "runs", text },
		{ "run", text },
		{ text },
		{ "dispatch", text, text },
		{ "lanes", text },
		{ "runs", text, "--json" },
	};

	for (size_t i = 0; i < countof(verbs); i++)
		run_verb(w, class, verbs[i]);
}

static void test_verbs(void **state maybe_unused)
{
	struct buf text = BUF_INIT(1 << 20);
	int tried = 0;

	for (int n = 0; n < hostile_count(); n += every, tried++) {
		const char *class = hostile_make(&text, n);
		struct world w;

		if (text.n > 100000)
			continue; /* no system takes such an argument */
		world_open(&w);
		world_hostile_text = text.s;
		world_fill(&w, WORLD_HOSTILE, 4000);
		world_evidence(&w, WORLD_HOSTILE, 4000);
		verbs_of(&w, class, text.s);
		world_close(&w);
	}
	print_message("%d strings of %d\n", tried, hostile_count());
	buf_done(&text);
}

static void test_log_and_errors(void **state maybe_unused)
{
	struct buf text = BUF_INIT(1 << 20);
	struct clock clock;

	clock_manual(&clock, (struct when){ WORLD_NOW });
	for (int n = 0; n < hostile_count(); n++) {
		const char *class = hostile_make(&text, n);
		struct err e = ERR_INIT;
		char got[1 << 17];
		int ends[2];

		assert_int_equal(err_set(&e, ERR_SERVER, "%s", text.s), -ERR_SERVER);
		err_hint(&e, "%s", text.s);
		must_be_inert("message", class, e.message, strlen(e.message));
		must_be_inert("hint", class, e.hint, strlen(e.hint));
		assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
		fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
		log_line(&(struct log){ .fd = ends[1], .clock = &clock }, "corpus", "%s", text.s);
		ssize_t len = read(ends[0], got, sizeof(got));

		assert_true(len > 0);
		must_be_inert("log", class, got, (size_t)len);
		close(ends[0]);
		close(ends[1]);
	}
	buf_done(&text);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_verbs),
					    cmocka_unit_test(test_log_and_errors) };

	if (argc > 2 && !strcmp(argv[1], "--every"))
		every = atoi(argv[2]);
	setenv("LC_ALL", "C.UTF-8", 1);
	return cmocka_run_group_tests_name("corpus", tests, NULL, NULL);
}
