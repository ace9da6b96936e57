/* One engine for each state directory, however the other one ended. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/path.h"
#include "core/engine/lock.h"
#include "tests/folder.h"

struct place {
	char dir[64], file[128];
};

static int setup(void **state)
{
	struct place *p = x_alloc(sizeof(*p));

	folder_new(p->dir);
	snprintf(p->file, sizeof(p->file), "%s/engine.lock", p->dir);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	unlink(p->file);
	free(p);
	return 0;
}

static void one_polls_a_forge(void **state)
{
	struct place *p = *state;
	struct lock one, two, other;
	struct err e = ERR_INIT;
	char path[256];

	assert_int_equal(lock_lease(&one, p->dir, "https://forge.test", &e), 0);
	assert_int_equal(lock_lease(&two, p->dir, "https://forge.test", &e), 1);
	assert_int_equal(two.fd, -1);
	assert_int_equal(lock_lease(&other, p->dir, "https://another.test", &e), 0);
	lock_release(&one);
	assert_int_equal(lock_lease(&two, p->dir, "https://forge.test", &e), 0);
	snprintf(path, sizeof(path), "%s/pollers.lease", p->dir);
	unlink(path);
	lock_release(&two);
	lock_release(&other);
}

/* As a kernel that has no more locks: this process gets none from here on. */
static bool take_no_more_locks(void)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fcntl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_OFD_SETLK, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOLCK),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog filter = { .len = countof(rules), .filter = rules };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

/* That nobody polls must not come of a lock that cannot be had. */
static void a_lease_that_fails_is_nobodys(void **state)
{
	enum { AS_TOLD = 3, NO_FILTER };
	struct place *p = *state;
	char path[256];
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		struct lock one;
		struct err e = ERR_INIT;

		if (!take_no_more_locks())
			_exit(NO_FILTER);
		_exit(lock_lease(&one, p->dir, "https://forge.test", &e) == -ERR_STORE && one.fd == -1 &&
				      strstr(e.message, "cannot be locked")
			      ? AS_TOLD
			      : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	snprintf(path, sizeof(path), "%s/pollers.lease", p->dir);
	unlink(path);
	if (WEXITSTATUS(status) == NO_FILTER)
		skip();
	assert_int_equal(WEXITSTATUS(status), AS_TOLD);
}

static void the_second_is_told_who(void **state)
{
	struct place *p = *state;
	struct lock one, two;
	struct err e = ERR_INIT;
	struct stat st;
	pid_t pid = 0;

	assert_int_equal(lock_take(&one, p->dir, &pid, &e), 0);
	assert_int_equal(lock_take(&two, p->dir, &pid, &e), 1);
	assert_int_equal(pid, getpid());
	assert_int_equal(two.fd, -1);
	assert_int_equal(stat(p->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	lock_release(&one);
	assert_int_equal(lock_take(&two, p->dir, &pid, &e), 0);
	lock_release(&two);
}

static void it_says_where_to_connect(void **state)
{
	struct place *p = *state;
	struct lock l;
	struct err e = ERR_INIT;
	struct buf text = BUF_INIT(1000);
	char expect[200];
	pid_t pid;

	assert_int_equal(lock_take(&l, p->dir, &pid, &e), 0);
	assert_int_equal(lock_announce(&l, "/run/user/1000/pilothouse/engine-with-a-long-name.sock", &e), 0);
	assert_int_equal(lock_announce(&l, "/run/e.sock", &e), 0);
	assert_int_equal(path_read(&text, p->file, &e), 0);
	snprintf(expect, sizeof(expect), "%d\n/run/e.sock\n", (int)getpid());
	assert_string_equal(text.s, expect);
	buf_done(&text);
	lock_release(&l);
}

/* The kernel lets go of a lock however its holder ends; what the file says is then history. */
static void a_killed_holder_does_not_lock_out(void **state)
{
	struct place *p = *state;
	struct lock l;
	struct err e = ERR_INIT;
	int ready[2];
	char c;
	pid_t pid, child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (!child) {
		if (lock_take(&l, p->dir, &pid, &e) == 0 && write(ready[1], "x", 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(lock_take(&l, p->dir, &pid, &e), 1);
	assert_int_equal(pid, child);
	kill(child, 9);
	waitpid(child, NULL, 0);
	assert_int_equal(lock_take(&l, p->dir, &pid, &e), 0);
	lock_release(&l);
	close(ready[0]);
	close(ready[1]);
}

static void a_link_in_its_place_is_refused(void **state)
{
	struct place *p = *state;
	struct lock l;
	struct err e = ERR_INIT;
	pid_t pid;

	assert_int_equal(symlink("/etc/passwd", p->file), 0);
	assert_true(lock_take(&l, p->dir, &pid, &e) < 0);
	assert_int_equal(l.fd, -1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_polls_a_forge),
		TEST(a_lease_that_fails_is_nobodys),
		TEST(the_second_is_told_who),
		TEST(it_says_where_to_connect),
		TEST(a_killed_holder_does_not_lock_out),
		TEST(a_link_in_its_place_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
