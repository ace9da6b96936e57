/*
 * Where the token may be: in its file and in the header of a request, and nowhere else; and what another account of this
 * machine gets to see (reliability reference S1, S3, S4, P8, 5.1 to 5.5). The token is a word that nothing else holds, and
 * it is looked for in everything that the programs wrote, said, sent and show of themselves in /proc.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/fault/record.h"
#include "tests/fault/stand.h"

#define CANARY "ghp_CanaryThatSitsInAFile0123456789"
#define BIRD   "ghp_BirdThatSitsInTheEnvironment012"
#define HEADER "Authorization: Bearer "
#define PHRASE "easy/prod v0.9.4"

static struct stand stand;
static char diary[128];

static void put(const char *name, const char *text)
{
	char path[160];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", stand.dir, name);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int enter(void **state maybe_unused)
{
	stand_open(&stand, "first-rollout", "20");
	snprintf(diary, sizeof(diary), "%s/diary", stand.dir);
	put("token", CANARY "\n");
	setenv("GH_ENTERPRISE_TOKEN", BIRD, 1);
	return 0;
}

static int leave(void **state maybe_unused)
{
	unsetenv("GH_ENTERPRISE_TOKEN");
	umask(022);
	stand_close(&stand);
	return 0;
}

/* ---- looking for it ------------------------------------------------------------------------------------------------ */

static void read_file(const char *path, struct buf *out)
{
	char chunk[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	while (fd >= 0 && (n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(out, chunk, (size_t)n);
	if (fd >= 0)
		close(fd);
}

static bool holds(const char *s, size_t n, const char *what)
{
	return memmem(s, n, what, strlen(what)) != NULL;
}

static void must_not_hold(const char *where, const char *s, size_t n)
{
	if (holds(s, n, CANARY) || holds(s, n, BIRD))
		fail_msg("%s holds the token", where);
}

typedef void (*file_check)(const char *path, const struct stat *st);

static int walk(const char *dir, file_check check)
{
	DIR *d = opendir(dir);
	struct dirent *de;
	char path[512];
	struct stat st;
	int n = 0;

	while (d && (de = readdir(d))) {
		if (!strcmp(de->d_name, ".") || !strcmp(de->d_name, ".."))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, de->d_name);
		assert_int_equal(lstat(path, &st), 0);
		check(path, &st);
		n += 1 + (S_ISDIR(st.st_mode) ? walk(path, check) : 0);
	}
	if (d)
		closedir(d);
	return n;
}

static void look_into(const char *path, const struct stat *st)
{
	struct buf b = BUF_INIT(64 << 20);

	/* the shim's own diary is looked at by itself: the header is in it */
	if (!S_ISREG(st->st_mode) || text_starts(strrchr(path, '/'), "/token") || !strcmp(path, diary))
		return;
	read_file(path, &b);
	must_not_hold(path, b.s, b.n);
	buf_done(&b);
}

/* What went over sockets: after its header the token may stand, and nowhere else. */
static int look_into_diary(void)
{
	struct buf b = BUF_INIT(64 << 20);
	int sent = 0;

	read_file(diary, &b);
	for (size_t at = 0; at + sizeof(struct record) <= b.n;) {
		struct record r;
		char *data;

		memcpy(&r, b.s + at, sizeof(r));
		data = b.s + at + sizeof(r) + r.path_n;
		at += sizeof(r) + r.path_n + r.n;
		char *word =
			r.what == RECORD_NET ? memmem(data, r.n, HEADER CANARY, strlen(HEADER CANARY)) : NULL;
		if (word) {
			sent++;
			memset(word, '.', strlen(HEADER CANARY));
		}
		must_not_hold(r.what == RECORD_NET ? "a request" : "what was written or told", data, r.n);
	}
	buf_done(&b);
	return sent;
}

static void run_verb(const struct fault *fault, const char *const *words, int status)
{
	struct ran r;

	stand_run(&stand, &r, fault, words);
	if (r.status != status)
		fail_msg("%s: exit %d: %s%s", words[0], r.status, r.out.s, r.err.s);
	must_not_hold("stdout", r.out.s, r.out.n);
	must_not_hold("stderr", r.err.s, r.err.n);
	ran_done(&r);
}

static const char *const sync_once[] = { "sync", "--once", NULL };
static const char *const dispatch[] = { "dispatch", "easy/prod", "v0.9.4", "--confirm", PHRASE, NULL };

static void test_token_is_nowhere(void **state maybe_unused)
{
	static const char *const verbs[][5] = {
		{ "lanes" },          { "journal" }, { "outbox" },
		{ "runs" },           { "gates" },   { "why", "easy/prod" },
		{ "doctor" },         { "drift" },   { "plan", "rollback", "easy/prod" },
		{ "lanes", "--json" }
	};
	const struct fault fault = { .at = "0", .diary = diary };

	run_verb(&fault, sync_once, 0);
	run_verb(&fault, dispatch, 0);
	for (size_t i = 0; i < countof(verbs); i++) {
		struct ran r;

		stand_run(&stand, &r, &fault, verbs[i]);
		must_not_hold(verbs[i][0], r.out.s, r.out.n);
		must_not_hold(verbs[i][0], r.err.s, r.err.n);
		ran_done(&r);
	}
	assert_true(walk(stand.dir, look_into) > 5);
	int sent = look_into_diary();
	print_message("the token left %d times, in its header\n", sent);
	assert_true(sent > 10);
}

/* ---- an engine that runs --------------------------------------------------------------------------------------------- */

static pid_t poll_beside(void)
{
	static const char *const words[] = { "sync", NULL };
	struct ran r;
	pid_t pid = fork();

	if (pid)
		return pid;
	stand_run(&stand, &r, NULL, words);
	_exit(0);
}

/* Its log says that it is up. */
static bool has_started(pid_t engine)
{
	char log[160], word[64];
	struct buf b = BUF_INIT(1 << 20);
	bool up;

	snprintf(log, sizeof(log), "%s/state/engine.log", stand.dir);
	snprintf(word, sizeof(word), "pid %d, api", (int)engine);
	read_file(log, &b);
	up = b.n && holds(b.s, b.n, word);
	buf_done(&b);
	return up;
}

static pid_t wait_for_engine(void)
{
	for (int i = 0; i < 3000; i++) {
		pid_t engine = stand_engine(&stand);

		if (engine && has_started(engine))
			return engine;
		poll(NULL, 0, 10);
	}
	fail_msg("no engine came");
	return 0;
}

static void look_at_process(pid_t pid)
{
	static const char *const places[] = { "cmdline", "environ", "comm", "limits" };
	char path[64];

	for (size_t i = 0; i < countof(places); i++) {
		struct buf b = BUF_INIT(1 << 20);

		snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, places[i]);
		read_file(path, &b);
		if (b.n)
			must_not_hold(path, b.s, b.n);
		if (!strcmp(places[i], "limits")) {
			const char *line = strstr(b.s, "Max core file size");

			assert_non_null(line);
			assert_int_equal(strtol(line + strlen("Max core file size"), NULL, 10), 0);
		}
		buf_done(&b);
	}
}

/* What may not be dumped may not be looked at by another process of the same account either. */
static void must_be_closed_to_others(pid_t pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 0);
	if (getuid() == 0) {
		puts("# as root every process may be looked at: that no other may is shown to ordinary "
		     "accounts only");
		return;
	}
	assert_int_equal(open(path, O_RDONLY | O_CLOEXEC), -1);
}

static void must_be_no_core(const char *path, const struct stat *st maybe_unused)
{
	assert_false(text_starts(strrchr(path, '/'), "/core"));
}

static void test_a_running_engine_shows_nothing(void **state maybe_unused)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	pid_t asker, engine;

	setrlimit(RLIMIT_CORE, &all); /* whatever the machine's default is */
	asker = poll_beside();
	engine = wait_for_engine();
	look_at_process(engine);
	must_be_closed_to_others(engine);
	kill(engine, SIGSEGV);
	for (int i = 0; i < 3000 && stand_engine(&stand) == engine; i++)
		poll(NULL, 0, 10);
	kill(asker, SIGTERM);
	waitpid(asker, NULL, 0);
	assert_int_not_equal(access("core", F_OK), 0);
	walk(stand.dir, must_be_no_core);
	walk(stand.dir, look_into);
}

/* ---- other accounts ---------------------------------------------------------------------------------------------------- */

static int not_ours_alone;

static void must_be_ours_alone(const char *path, const struct stat *st)
{
	mode_t open_to = st->st_mode & 0077;

	if (S_ISLNK(st->st_mode) || !open_to)
		return;
	print_message("%s has mode %04o\n", path, (unsigned)st->st_mode & 07777);
	not_ours_alone++;
}

static void walk_part(const char *name, file_check check, int least)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", stand.dir, name);
	int n = walk(path, check);

	if (n < least)
		fail_msg("%s holds %d files", path, n);
}

static void test_modes_whatever_the_umask(void **state maybe_unused)
{
	pid_t asker;

	umask(0);
	asker = poll_beside();
	wait_for_engine();
	not_ours_alone = 0;
	walk_part("state", must_be_ours_alone, 5);
	walk_part("pilothouse", must_be_ours_alone, 1);
	kill(asker, SIGTERM);
	waitpid(asker, NULL, 0);
	assert_int_equal(not_ours_alone, 0);
}

#define NOBODY  65534
#define NOT_RUN 102

static int as_nobody(int (*what)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		if (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
			_exit(100);
		_exit(what());
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 101;
}

static int opened;

static void try_to_open(const char *path, const struct stat *st)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd;

	if (S_ISSOCK(st->st_mode)) {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
		if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
			opened++;
	} else if (S_ISREG(st->st_mode) || S_ISDIR(st->st_mode)) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		opened += fd >= 0;
	} else {
		return;
	}
	if (fd >= 0)
		close(fd);
}

/* By name: the folders cannot be listed. */
static int open_what_is_known(void)
{
	static const char *const names[] = { "state/journal.db",   "state/journal.db-wal",
					     "state/engine.log",   "state/engine.lock",
					     "state/cache.db",     "token",
					     "state/cache.db-wal", "state",
					     "pilothouse" };
	char path[256];

	for (size_t i = 0; i < countof(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", stand.dir, names[i]);
		const struct stat file = { .st_mode = S_IFREG };

		try_to_open(path, &file);
	}
	return opened;
}

/* The folder above is open, so that it is ours that must not be. */
static void test_another_account_sees_nothing(void **state maybe_unused)
{
	pid_t asker;

	if (getuid() != 0) {
		puts("# skipped: another account takes root");
		skip();
	}
	asker = poll_beside();
	wait_for_engine();
	chmod(stand.dir, 0755);
	int n = as_nobody(open_what_is_known);
	kill(asker, SIGTERM);
	waitpid(asker, NULL, 0);
	chmod(stand.dir, 0700);
	assert_int_equal(n, 0);
}

static int show_wall(void)
{
	char cache[160];

	snprintf(cache, sizeof(cache), "%s/shared", stand.dir);
	execl(PH_BIN_DIR "/pilothouse-wall", "pilothouse-wall", "--once", "--cache-dir", cache, NULL);
	return NOT_RUN;
}

/* The wall of another account reads the shared cache and gets nothing else. */
static void test_a_shared_cache_serves_the_wall(void **state maybe_unused)
{
	char cache[160];
	const char *words[] = { "--cache-dir", cache, "--share-group", "nogroup", "sync", "--once", NULL };

	if (getuid() != 0 || !getgrnam("nogroup") || getgrnam("nogroup")->gr_gid != NOBODY) {
		puts("# skipped: another account takes root and the group nogroup");
		skip();
	}
	snprintf(cache, sizeof(cache), "%s/shared", stand.dir);
	run_verb(NULL, words, 0);
	chmod(stand.dir, 0755);
	int wall = as_nobody(show_wall), n = as_nobody(open_what_is_known);
	chmod(stand.dir, 0700);
	assert_int_equal(n, 0);
	if (wall == NOT_RUN) {
		puts("# skipped: another account may not run what was built here");
		skip();
	}
	assert_int_equal(wall, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(int argc maybe_unused, char **argv maybe_unused)
{
	const struct CMUnitTest tests[] = {
		CASE(test_token_is_nowhere),
		CASE(test_a_running_engine_shows_nothing),
		CASE(test_modes_whatever_the_umask),
		CASE(test_another_account_sees_nothing),
		CASE(test_a_shared_cache_serves_the_wall),
	};

	stand_place(PH_BIN_DIR, PH_SHIM);
	return cmocka_run_group_tests_name("secrets", tests, NULL, NULL);
}
