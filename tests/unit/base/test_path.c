#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/path.h"
#include "tests/folder.h"

/* A directory of our own for each test; it is left to the system to clean what a failed test leaves. */
struct place {
	struct arena arena;
	char dir[64];
};

static int place_open(void **state)
{
	struct place *p = x_alloc(sizeof(*p));

	folder_new(p->dir);
	*state = p;
	return 0;
}

static int place_close(void **state)
{
	struct place *p = *state;
	static const char *const files[] = { "a/b/c/file", "file", "other", "link", "fifo",
					     "a/b/c",      "a/b",  "a",     "sub" };

	for (size_t i = 0; i < countof(files); i++)
		(void)remove(path_join(&p->arena, p->dir, files[i]));
	assert_int_equal(rmdir(p->dir), 0);
	arena_done(&p->arena);
	free(p);
	umask(022);
	return 0;
}

static const char *at(struct place *p, const char *name)
{
	return path_join(&p->arena, p->dir, name);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void names_are_joined_with_one_slash(void **state)
{
	struct place *p = *state;

	assert_string_equal(path_join(&p->arena, "/a", "b"), "/a/b");
	assert_string_equal(path_join(&p->arena, "/a//", "b"), "/a/b");
	assert_string_equal(path_join(&p->arena, "/", "b"), "/b");
}

static void places_follow_the_environment(void **state)
{
	static const struct {
		const char *variable, *value, *home, *state, *cache, *runtime;
	} cases[] = {
		{ NULL, NULL, "/home/c", "/home/c/.local/state/pilothouse", "/home/c/.cache/pilothouse",
		  "/home/c/.local/state/pilothouse" },
		{ "XDG_STATE_HOME", "/s/", "/home/c", "/s/pilothouse", "/home/c/.cache/pilothouse",
		  "/s/pilothouse" },
		{ "XDG_CACHE_HOME", "/k", "/home/c", "/home/c/.local/state/pilothouse", "/k/pilothouse",
		  "/home/c/.local/state/pilothouse" },
		{ "XDG_RUNTIME_DIR", "/run/user/7", "/home/c", "/home/c/.local/state/pilothouse",
		  "/home/c/.cache/pilothouse", "/run/user/7/pilothouse" },
		{ "XDG_STATE_HOME", "relative", "/home/c", "/home/c/.local/state/pilothouse",
		  "/home/c/.cache/pilothouse", "/home/c/.local/state/pilothouse" },
		{ "XDG_STATE_HOME", "", "/home/c", "/home/c/.local/state/pilothouse",
		  "/home/c/.cache/pilothouse", "/home/c/.local/state/pilothouse" },
	};
	struct place *p = *state;
	const char *out;

	for (size_t i = 0; i < countof(cases); i++) {
		struct err e = ERR_INIT;

		unsetenv("XDG_STATE_HOME");
		unsetenv("XDG_CACHE_HOME");
		unsetenv("XDG_RUNTIME_DIR");
		setenv("HOME", cases[i].home, 1);
		if (cases[i].variable)
			setenv(cases[i].variable, cases[i].value, 1);
		assert_int_equal(path_state(&out, &p->arena, &e), 0);
		assert_string_equal(out, cases[i].state);
		assert_int_equal(path_cache(&out, &p->arena, &e), 0);
		assert_string_equal(out, cases[i].cache);
		assert_int_equal(path_runtime(&out, NULL, &p->arena, &e), 0);
		assert_string_equal(out, cases[i].runtime);
	}
}

/* The specification: it must be the user's own, and its mode 0700. Who may write there could put a folder in the place of ours. */
static void a_runtime_directory_that_is_not_ours_alone_is_not_used(void **state)
{
	static const struct {
		mode_t mode;
		bool is_file, is_foreign;
		const char *why; /* "" it is used */
	} cases[] = {
		{ 0700, false, false, "" },
		{ 0750, false, false, "sub is open to others (mode 0750)" },
		{ 0722, false, false, "sub is open to others (mode 0722)" },
		{ 01777, false, false, "sub is open to others (mode 0777)" },
		{ 0700, false, true, " belongs to user " },
		{ 0700, true, false, "sub is no directory" },
	};
	struct place *p = *state;
	const char *sub = at(p, "sub"), *out, *why;
	struct err e = ERR_INIT;

	setenv("HOME", "/home/c", 1);
	unsetenv("XDG_STATE_HOME");
	for (size_t i = 0; i < countof(cases); i++) {
		bool root = geteuid() == 0, used = !*cases[i].why;

		if (cases[i].is_file)
			write_file(sub, "", cases[i].mode);
		else
			assert_int_equal(mkdir(sub, 0700), 0);
		assert_int_equal(chmod(sub, cases[i].mode), 0);
		if (cases[i].is_foreign && root)
			assert_int_equal(chown(sub, 1, 1), 0);
		setenv("XDG_RUNTIME_DIR", cases[i].is_foreign && !root ? "/" : sub, 1);
		assert_int_equal(path_runtime(&out, &why, &p->arena, &e), 0);
		assert_string_equal(out, used ? at(p, "sub/pilothouse") : "/home/c/.local/state/pilothouse");
		assert_true(used ? !why : why && strstr(why, cases[i].why));
		assert_int_equal(remove(sub), 0);
	}
	setenv("XDG_RUNTIME_DIR", sub, 1); /* missing: it is made when it is wanted */
	assert_int_equal(path_runtime(&out, &why, &p->arena, &e), 0);
	assert_string_equal(out, at(p, "sub/pilothouse"));
	assert_null(why);
	unsetenv("XDG_RUNTIME_DIR");
}

static void without_a_home_there_is_no_place(void **state)
{
	static const char *const homes[] = { NULL, "", "relative" };
	struct place *p = *state;
	const char *out;

	unsetenv("XDG_STATE_HOME");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("XDG_RUNTIME_DIR");
	for (size_t i = 0; i < countof(homes); i++) {
		struct err e = ERR_INIT;

		unsetenv("HOME");
		if (homes[i])
			setenv("HOME", homes[i], 1);
		assert_int_equal(path_state(&out, &p->arena, &e), -ERR_STORE);
		assert_int_equal(path_cache(&out, &p->arena, &e), -ERR_STORE);
		assert_int_equal(path_runtime(&out, NULL, &p->arena, NULL), -ERR_STORE);
		assert_true(e.hint[0] != '\0');
	}
}

static void directories_are_private_whatever_the_umask(void **state)
{
	struct place *p = *state;
	struct err e = ERR_INIT;

	umask(0);
	assert_int_equal(path_private_dir(at(p, "a/b/c//"), 0750, &e), 0);
	assert_int_equal(mode_of(at(p, "a")), 0700);
	assert_int_equal(mode_of(at(p, "a/b")), 0700);
	assert_int_equal(mode_of(at(p, "a/b/c")), 0750);
	umask(0777);
	assert_int_equal(path_private_dir(at(p, "sub"), 0700, &e), 0);
	assert_int_equal(mode_of(at(p, "sub")), 0700);
	/* Found, not made: the mode is checked and stays. */
	assert_int_equal(path_private_dir(at(p, "sub"), 0750, &e), 0);
	assert_int_equal(mode_of(at(p, "sub")), 0700);
}

static void directories_of_others_are_refused(void **state)
{
	static const mode_t modes[] = { 0770, 0707, 0777, 01777, 0720 };
	struct place *p = *state;
	struct err e = ERR_INIT;

	assert_int_equal(mkdir(at(p, "sub"), 0700), 0);
	for (size_t i = 0; i < countof(modes); i++) {
		assert_int_equal(chmod(at(p, "sub"), modes[i]), 0);
		assert_int_equal(path_private_dir(at(p, "sub"), 0700, &e), -ERR_STORE);
		assert_non_null(strstr(e.message, "written by others"));
	}
	assert_int_equal(chmod(at(p, "sub"), 0700), 0);
	assert_int_equal(symlink(at(p, "sub"), at(p, "link")), 0);
	assert_int_equal(path_private_dir(at(p, "link"), 0700, &e), -ERR_STORE);
	assert_non_null(strstr(e.message, "symbolic link"));
	write_file(at(p, "file"), "", 0600);
	assert_int_equal(path_private_dir(at(p, "file"), 0700, &e), -ERR_STORE);
	assert_int_equal(path_private_dir(at(p, "file/below"), 0700, &e), -ERR_STORE);
	assert_int_equal(path_private_dir("", 0700, &e), -ERR_STORE);
	if (geteuid() != 0) {
		assert_int_equal(path_private_dir("/usr", 0700, &e), -ERR_STORE);
		assert_non_null(strstr(e.message, "belongs to user"));
	}
}

static void what_belongs_to_another_user_is_refused(void **state)
{
	struct place *p = *state;
	struct err e = ERR_INIT;

	if (geteuid() != 0) {
		print_message("only root can give a file away: skipped\n");
		skip();
	}
	assert_int_equal(mkdir(at(p, "sub"), 0700), 0);
	assert_int_equal(chown(at(p, "sub"), 12345, 12345), 0);
	assert_int_equal(path_private_dir(at(p, "sub"), 0700, &e), -ERR_STORE);
	assert_non_null(strstr(e.message, "belongs to user 12345"));
	write_file(at(p, "file"), "kept", 0600);
	assert_int_equal(chown(at(p, "file"), 12345, 12345), 0);
	assert_int_equal(path_private_open(at(p, "file"), O_RDWR | O_CREAT | O_TRUNC, 0600, &e), -ERR_STORE);
	assert_non_null(strstr(e.message, "belongs to user 12345"));
}

static void assert_text_of(const char *path, const char *expected)
{
	autofree(buf) struct buf text = BUF_INIT(1000);

	assert_int_equal(path_read(&text, path, NULL), 0);
	assert_string_equal(text.s, expected);
}

static void files_are_private_whatever_the_umask(void **state)
{
	static const mode_t umasks[] = { 0, 022, 0777 };
	struct place *p = *state;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < countof(umasks); i++) {
		int fd;

		umask(umasks[i]);
		fd = path_private_open(at(p, "file"), O_RDWR | O_CREAT | O_EXCL, 0600, &e);
		assert_true(fd >= 0);
		assert_int_equal(mode_of(at(p, "file")), 0600);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		close(fd);
		assert_int_equal(unlink(at(p, "file")), 0);
	}
}

static void files_that_exist_are_tightened_and_cut(void **state)
{
	struct place *p = *state;
	struct err e = ERR_INIT;
	int fd;

	write_file(at(p, "file"), "old text", 0644);
	fd = path_private_open(at(p, "file"), O_RDWR, 0600, &e); /* not ours to create: only checked */
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(mode_of(at(p, "file")), 0644);
	assert_text_of(at(p, "file"), "old text");
	fd = path_private_open(at(p, "file"), O_RDWR | O_CREAT | O_TRUNC, 0600, &e);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(mode_of(at(p, "file")), 0600);
	assert_text_of(at(p, "file"), "");
	assert_int_equal(path_private_open(at(p, "other"), O_RDWR, 0600, &e), -ERR_MISSING);
}

/* Each would let someone else choose where our bytes go. None may be cut, either. */
static void squatted_names_are_refused(void **state)
{
	struct place *p = *state;
	struct err e = ERR_INIT;
	int flags = O_RDWR | O_CREAT | O_TRUNC;

	write_file(at(p, "file"), "kept", 0600);
	assert_int_equal(symlink(at(p, "file"), at(p, "link")), 0);
	assert_int_equal(path_private_open(at(p, "link"), flags, 0600, &e), -ERR_STORE);
	assert_non_null(strstr(e.message, "symbolic link"));
	assert_int_equal(link(at(p, "file"), at(p, "other")), 0);
	assert_int_equal(path_private_open(at(p, "other"), flags, 0600, &e), -ERR_STORE);
	assert_non_null(strstr(e.message, "hard links"));
	assert_int_equal(unlink(at(p, "other")), 0);
	assert_int_equal(mkfifo(at(p, "fifo"), 0600), 0);
	assert_int_equal(path_private_open(at(p, "fifo"), flags, 0600, &e), -ERR_STORE);
	assert_non_null(strstr(e.message, "regular"));
	assert_int_equal(path_private_open(p->dir, O_RDONLY, 0600, &e), -ERR_STORE);
	assert_int_equal(chmod(at(p, "file"), 0620), 0);
	assert_int_equal(path_private_open(at(p, "file"), flags, 0600, &e), -ERR_STORE);
	assert_non_null(strstr(e.message, "0620"));
	assert_text_of(at(p, "file"), "kept");
}

static void files_are_read_whole_or_not(void **state)
{
	struct place *p = *state;
	struct err e = ERR_INIT;
	struct buf text = BUF_INIT(8);

	write_file(at(p, "file"), "12345678", 0644);
	assert_int_equal(path_read(&text, at(p, "file"), &e), 0);
	assert_string_equal(text.s, "12345678");
	write_file(at(p, "file"), "123456789", 0644);
	buf_reset(&text);
	assert_int_equal(path_read(&text, at(p, "file"), &e), -ERR_INVALID);
	assert_non_null(strstr(e.message, "larger than 8 bytes"));
	buf_reset(&text);
	assert_int_equal(path_read(&text, at(p, "other"), &e), -ERR_MISSING);
	assert_int_equal(path_read(&text, p->dir, &e), -ERR_STORE);
	buf_done(&text);
}

static void a_pipe_is_read_and_never_waited_for(void **state)
{
	struct place *p = *state;
	struct err e = ERR_INIT;
	struct buf text = BUF_INIT(64);
	int ends[2];
	char name[32];

	assert_int_equal(mkfifo(at(p, "fifo"), 0600), 0);
	assert_int_equal(path_read(&text, at(p, "fifo"), &e), -ERR_STORE);
	assert_non_null(strstr(e.message, "nobody writes to it"));
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "text", 4), 4);
	close(ends[1]);
	snprintf(name, sizeof(name), "/dev/fd/%d", ends[0]);
	assert_int_equal(path_read(&text, name, &e), 0);
	assert_string_equal(text.s, "text");
	close(ends[0]);
	buf_done(&text);
}

static void the_program_knows_its_folder(void **state)
{
	struct place *p = *state;
	const char *dir = path_program_dir(&p->arena);

	assert_int_equal(dir[0], '/');
	assert_int_equal(access(dir, R_OK | X_OK), 0);
}

#define place_test(f) cmocka_unit_test_setup_teardown(f, place_open, place_close)

/* What the first sync would meet, told before it; as root every mode may be written, so modes are asked of check_dir. */
static void a_directory_is_asked_before_it_is_made(void **state)
{
	static const struct {
		const char *dir, *message;
		mode_t mode;
	} bad[] = {
		{ "file", "file: Not a directory", 0 },   { "file/below", "file is no directory", 0 },
		{ "link", "link is a symbolic link", 0 }, { "sub", "may be written by others", 0777 },
		{ "", "empty or too long", 0 },
	};
	struct place *p = *state;
	struct err e = ERR_INIT;
	uint64_t room = 1;
	struct stat st;

	write_file(at(p, "file"), "x", 0600);
	assert_int_equal(symlink(at(p, "sub"), at(p, "link")), 0);
	assert_int_equal(mkdir(at(p, "sub"), 0700), 0);
	assert_int_equal(path_writable_dir(at(p, "sub"), &room, &e), 0);
	assert_int_equal(path_writable_dir(at(p, "a/b/c"), &room, &e), 0);
	assert_true(lstat(at(p, "a"), &st) < 0);
	for (size_t i = 0; i < countof(bad); i++) {
		struct err why = ERR_INIT;

		if (bad[i].mode)
			assert_int_equal(chmod(at(p, bad[i].dir), bad[i].mode), 0);
		room = 1;
		assert_int_equal(path_writable_dir(*bad[i].dir ? at(p, bad[i].dir) : "", &room, &why),
				 -ERR_STORE);
		if (!strstr(why.message, bad[i].message))
			fail_msg("%s: %s", bad[i].dir, why.message);
		assert_int_equal(strstr(why.hint, "--cache-dir") != NULL, *bad[i].dir && !bad[i].mode);
	}
}

static void a_full_disk_is_said(void **state)
{
	struct place *p = *state;
	struct err e = ERR_INIT;
	uint64_t room = UINT64_MAX;

	assert_int_equal(path_writable_dir(p->dir, &room, &e), -ERR_STORE);
	assert_non_null(strstr(e.message, "there is no room left on the disk of"));
	assert_non_null(strstr(e.hint, "make room"));
	assert_true(room < UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(names_are_joined_with_one_slash),
		place_test(places_follow_the_environment),
		place_test(a_runtime_directory_that_is_not_ours_alone_is_not_used),
		place_test(without_a_home_there_is_no_place),
		place_test(directories_are_private_whatever_the_umask),
		place_test(directories_of_others_are_refused),
		place_test(what_belongs_to_another_user_is_refused),
		place_test(a_directory_is_asked_before_it_is_made),
		place_test(a_full_disk_is_said),
		place_test(files_are_private_whatever_the_umask),
		place_test(files_that_exist_are_tightened_and_cut),
		place_test(squatted_names_are_refused),
		place_test(files_are_read_whole_or_not),
		place_test(a_pipe_is_read_and_never_waited_for),
		place_test(the_program_knows_its_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
