#include "fixture.h"

#include <sys/wait.h>

static void put_lane(struct fixture *f, struct store *s, const char *name)
{
	check_ok(f, store_run(s, Q_lane_put, &rec_lane, &(struct lane){ .name = name }, &f->e));
}

static int lane_count(struct fixture *f, struct store *s)
{
	int n = 0;

	check_ok(f, store_each(s, Q_lanes, NULL, NULL, &rec_lane, &f->a, row_count, &n, &f->e));
	return n;
}

static int64_t pragma(struct fixture *f, struct store *s, const char *sql)
{
	int64_t v = 0;

	check_ok(f, store_number(s, sql, &v, &f->e));
	return v;
}

static void a_missing_or_empty_cache_is_absent_to_a_reader(void **state)
{
	struct fixture *f = *state;
	struct store *s = (struct store *)f;

	assert_int_equal(store_open(&s, f->path, STORE_READ, &f->e), STORE_ABSENT);
	assert_null(s);
	assert_int_equal(store_open(&s, "/nowhere/at/all/cache.db", STORE_READ, &f->e), STORE_ABSENT);
	assert_null(s);
	assert_int_equal(f->e.kind, ERR_NONE);
	close(open(f->path, O_CREAT | O_RDWR | O_CLOEXEC, 0600));
	assert_int_equal(store_open(&s, f->path, STORE_READ, &f->e), STORE_ABSENT);
	assert_null(s);
}

static void files_are_0600_whatever_the_umask(void **state)
{
	struct fixture *f = *state;
	mode_t old = umask(0);
	struct store *s = store_writer(f);

	put_lane(f, s, "a");
	assert_int_equal(file_mode(f->path, ""), 0600);
	assert_int_equal(file_mode(f->path, "-wal"), 0600);
	assert_int_equal(file_mode(f->path, "-shm"), 0600);
	store_close(s);
	umask(old);
}

static void settings_are_in_force(void **state)
{
	struct fixture *f = *state;
	struct store *w = store_writer(f), *r = store_reader(f);
	struct store *both[] = { w, r };

	for (size_t i = 0; i < countof(both); i++) {
		assert_int_equal(pragma(f, both[i], "PRAGMA trusted_schema"), 0);
		assert_int_equal(pragma(f, both[i], "PRAGMA mmap_size"), 0);
		assert_int_equal(pragma(f, both[i], "PRAGMA cell_size_check"), 1);
		assert_int_equal(pragma(f, both[i], "SELECT journal_mode = 'wal' FROM pragma_journal_mode"),
				 1);
	}
	assert_int_equal(pragma(f, w, "PRAGMA synchronous"), 1);
	store_close(r);
	store_close(w);
}

static void a_reader_sees_one_snapshot_and_notices_news(void **state)
{
	struct fixture *f = *state;
	struct store *w = store_writer(f), *r = store_reader(f);
	int64_t before = store_version(r);

	put_lane(f, w, "a");
	check_ok(f, store_begin(r, &f->e));
	assert_int_equal(lane_count(f, r), 1);
	put_lane(f, w, "b");
	assert_int_equal(lane_count(f, r), 1);
	check_ok(f, store_end(r, &f->e));
	assert_int_equal(lane_count(f, r), 2);
	assert_int_not_equal(store_version(r), before);
	assert_int_equal(store_version(r), store_version(r));
	store_close(r);
	store_close(w);
}

static void a_reader_cannot_write(void **state)
{
	struct fixture *f = *state;
	struct store *w = store_writer(f), *r = store_reader(f);

	assert_int_equal(store_run(r, Q_lane_put, &rec_lane, &(struct lane){ .name = "a" }, &f->e),
			 -ERR_STORE);
	assert_int_equal(lane_count(f, w), 0);
	store_close(r);
	store_close(w);
}

static void a_transaction_is_undone_whole(void **state)
{
	struct fixture *f = *state;
	struct store *w = store_writer(f);

	check_ok(f, store_begin(w, &f->e));
	put_lane(f, w, "a");
	store_undo(w);
	store_undo(w);
	assert_int_equal(lane_count(f, w), 0);
	store_close(w);
}

/* Reads as an account that owns nothing here; the result is the number of lanes, or 100, and 101 where it is told `says`. */
static int told_as_stranger(struct fixture *f, gid_t group, const char *says)
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct store *s = NULL;
		int n = 100;

		if (!setgid(group) && !setuid(65534) && !store_open(&s, f->path, STORE_READ, &f->e)) {
			n = 0;
			if (store_each(s, Q_lanes, NULL, NULL, &rec_lane, &f->a, row_count, &n, &f->e))
				n = 100;
		}
		if (n == 100 && says && strstr(f->e.message, says) && strstr(f->e.hint, "engine"))
			n = 101;
		store_close(s);
		arena_done(&f->a);
		_exit(n);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int read_as_stranger(struct fixture *f, gid_t group)
{
	return told_as_stranger(f, group, NULL);
}

static void a_shared_cache_is_read_by_the_group_only(void **state)
{
	enum { GROUP = 54321, OTHER = 54322 };
	struct fixture *f = *state;
	struct store *w;

	if (geteuid() != 0) {
		print_message("skipped: needs root to be another account\n");
		skip();
	}
	w = store_writer(f);
	put_lane(f, w, "a");
	check_ok(f, store_share(w, GROUP, &f->e));
	assert_int_equal(file_mode(f->dir, ""), 0750);
	assert_int_equal(file_mode(f->path, "-wal"), 0640);
	assert_int_equal(read_as_stranger(f, GROUP), 1);
	assert_int_equal(read_as_stranger(f, OTHER), 100);
	store_close(w);
	/* The log and its index stay after the last close, or the group could read no more. */
	assert_int_equal(file_mode(f->path, "-shm"), 0640);
	assert_int_equal(read_as_stranger(f, GROUP), 1);
	w = store_writer(f);
	put_lane(f, w, "b");
	store_close(w);
	assert_int_equal(read_as_stranger(f, GROUP), 2);
}

/* A wall on another account cannot make them, and wants to write nothing. */
static void a_reader_says_which_file_beside_it_is_gone(void **state)
{
	enum { GROUP = 54321 };
	static const char *const gone[] = { "-wal", "-shm" };
	struct fixture *f = *state;

	if (geteuid() != 0) {
		print_message("skipped: needs root to be another account\n");
		skip();
	}
	for (size_t i = 0; i < countof(gone); i++) {
		struct store *w = store_writer(f);

		put_lane(f, w, "a");
		check_ok(f, store_share(w, GROUP, &f->e));
		store_close(w);
		assert_int_equal(read_as_stranger(f, GROUP), 1);
		assert_int_equal(unlink(arena_printf(&f->a, "%s%s", f->path, gone[i])), 0);
		assert_int_equal(told_as_stranger(f, GROUP,
						  arena_printf(&f->a, "cannot be read: %s%s is gone", f->path,
							       gone[i])),
				 101);
	}
}

/* ---- files that are refused ---- */

static void make_link(const struct fixture *f, const char *other)
{
	assert_int_equal(rename(f->path, other), 0);
	assert_int_equal(symlink(other, f->path), 0);
}

static void make_hard_link(const struct fixture *f, const char *other)
{
	assert_int_equal(link(f->path, other), 0);
}

static void make_readable(const struct fixture *f, const char *other)
{
	(void)other;
	assert_int_equal(chmod(f->path, 0644), 0);
}

static void make_writable(const struct fixture *f, const char *other)
{
	(void)other;
	assert_int_equal(chmod(f->path, 0660), 0);
}

static void make_fifo(const struct fixture *f, const char *other)
{
	(void)other;
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(mkfifo(f->path, 0600), 0);
}

static void make_foreign(const struct fixture *f, const char *other)
{
	(void)other;
	assert_int_equal(chown(f->path, 12345, (gid_t)-1), 0);
}

static void make_folder(const struct fixture *f, const char *other)
{
	(void)other;
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(mkdir(f->path, 0700), 0);
}

static void a_strange_file_is_refused_with_its_mode(void **state)
{
	static const struct {
		void (*make)(const struct fixture *f, const char *other);
		const char *says;
		bool root;
	} cases[] = {
		{ make_link, "not a regular file", false },
		{ make_hard_link, "more than one name", false },
		{ make_readable, "mode 0644", false },
		{ make_writable, "mode 0660", false },
		{ make_fifo, "not a regular file", false },
		{ make_foreign, "belongs to someone else", true },
		{ make_folder, "not a regular file", false },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		char other[128];
		struct store *s = NULL;

		if (cases[i].root && geteuid() != 0)
			continue;
		snprintf(f->path, sizeof(f->path), "%s/%zu.db", f->dir, i);
		snprintf(other, sizeof(other), "%s/%zu.other", f->dir, i);
		store_close(store_writer(f));
		cases[i].make(f, other);
		err_clear(&f->e);
		assert_int_equal(store_open(&s, f->path, STORE_WRITE, &f->e), -ERR_STORE);
		assert_null(s);
		if (!strstr(f->e.message, cases[i].says))
			fail_msg("case %zu says: %s", i, f->e.message);
	}
}

static void a_home_behind_a_link_is_fine(void **state)
{
	struct fixture *f = *state;
	char real[96];

	snprintf(real, sizeof(real), "%s/real", f->dir);
	assert_int_equal(mkdir(real, 0700), 0);
	snprintf(f->path, sizeof(f->path), "%s/home", f->dir);
	assert_int_equal(symlink(real, f->path), 0);
	snprintf(f->path, sizeof(f->path), "%s/home/x.db", f->dir);
	store_close(store_writer(f));
	store_close(store_reader(f));
}

/* ---- what is inside ---- */

static void spoil_header(const struct fixture *f)
{
	file_spoil(f->path, 0, false);
}

static void spoil_page(const struct fixture *f)
{
	file_spoil(f->path, 4096, false);
}

static void spoil_length(const struct fixture *f)
{
	file_spoil(f->path, 6000, true);
}

static void spoil_owner(const struct fixture *f)
{
	raw_exec(f->path, "PRAGMA application_id=7");
}

static void spoil_trigger(const struct fixture *f)
{
	raw_exec(f->path, "CREATE TRIGGER t AFTER INSERT ON lane BEGIN DELETE FROM lane; END");
}

static void spoil_view(const struct fixture *f)
{
	raw_exec(f->path, "CREATE VIEW v AS SELECT * FROM lane");
}

static void a_damaged_cache_is_moved_aside_and_made_new(void **state)
{
	static void (*const spoils[])(const struct fixture *f) = { spoil_header, spoil_page,    spoil_length,
								   spoil_owner,  spoil_trigger, spoil_view };
	struct fixture *f = *state;

	for (size_t i = 0; i < countof(spoils); i++) {
		struct store *s;

		snprintf(f->path, sizeof(f->path), "%s/%zu.db", f->dir, i);
		s = store_writer(f);
		put_lane(f, s, "a");
		store_close(s);
		raw_exec(f->path, "PRAGMA wal_checkpoint(TRUNCATE)");
		spoils[i](f);
		if (store_open(&s, f->path, STORE_WRITE, &f->e) != STORE_REBUILT)
			fail_msg("damage %zu was not seen: %s", i, f->e.message);
		assert_int_equal(lane_count(f, s), 0);
		put_lane(f, s, "b");
		store_close(s);
		assert_int_equal(file_mode(f->path, ".damaged"), 0600);
		assert_int_equal(file_mode(f->path, ""), 0600);
		s = store_writer(f);
		assert_int_equal(lane_count(f, s), 1);
		store_close(s);
	}
}

static void a_reader_reports_damage_and_leaves_it(void **state)
{
	struct fixture *f = *state;
	struct store *s = NULL;

	store_close(store_writer(f));
	raw_exec(f->path, "PRAGMA wal_checkpoint(TRUNCATE)");
	file_spoil(f->path, 0, false);
	assert_int_equal(store_open(&s, f->path, STORE_READ, &f->e), -ERR_CORRUPT);
	assert_non_null(strstr(f->e.message, f->path));
	assert_int_equal(file_mode(f->path, ".damaged"), 0);
}

static void damage_met_later_is_moved_aside_at_close(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f), *r;

	put_lane(f, s, "a");
	r = store_reader(f);
	assert_int_equal(lane_count(f, r), 1);
	raw_exec(f->path, "DROP TABLE lane");
	assert_int_equal(store_run(s, Q_lane_forget, &rec_key, &(struct key){ .name = "x" }, &f->e),
			 -ERR_CORRUPT);
	store_close(s);
	assert_int_equal(file_mode(f->path, ".damaged"), 0600);
	assert_int_equal(store_version(r), -1);
	store_close(r);
	check_ok(f, store_open(&s, f->path, STORE_WRITE, &f->e));
	assert_int_equal(store_version(s) >= 0, 1);
	store_close(s);
}

/* Planted while we have the file open: the check at open is over, so it must be switched off. */
static void planted_triggers_do_not_run(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);

	raw_exec(f->path,
		 "CREATE TRIGGER t AFTER INSERT ON lane BEGIN DELETE FROM lane; END;"
		 "CREATE TRIGGER u BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'planted'); END");
	put_lane(f, s, "a");
	check_ok(f, store_run(s, Q_event_put, &rec_key, &(struct key){ .at.ms = 1, .name = "l", .text = "t" },
			      &f->e));
	assert_int_equal(lane_count(f, s), 1);
	store_close(s);
	assert_int_equal(raw_number(f->path, "SELECT count(*) FROM lane"), 1);
}

static void a_view_in_place_of_a_table_is_not_read(void **state)
{
	struct fixture *f = *state;
	struct store *s;
	int n = 0;

	store_close(store_writer(f));
	raw_exec(f->path,
		 "DROP TABLE setting; CREATE VIEW setting AS SELECT 'drill' AS name, 'no' AS value, 1 AS at");
	s = store_reader(f);
	assert_int_equal(store_each(s, Q_settings, NULL, NULL, &rec_setting, &f->a, row_count, &n, &f->e),
			 -ERR_CORRUPT);
	assert_int_equal(n, 0);
	store_close(s);
}

static void an_interrupted_creation_is_finished(void **state)
{
	struct fixture *f = *state;

	close(open(f->path, O_CREAT | O_RDWR | O_CLOEXEC, 0600));
	store_close(store_writer(f));
	unlink(f->path);
	close(open(f->path, O_CREAT | O_RDWR | O_CLOEXEC, 0600));
	raw_exec(f->path, "PRAGMA journal_mode=WAL");
	store_close(store_writer(f));
	assert_int_equal(file_mode(f->path, ".damaged"), 0);
}

/* ---- a full disk ---- */

static void a_full_disk_is_said_and_nothing_remains(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	char *big = x_alloc(200001);
	int64_t pages = pragma(f, s, "PRAGMA page_count");
	char sql[64];

	memset(big, 'x', 200000);
	snprintf(sql, sizeof(sql), "PRAGMA max_page_count=%d", (int)pages + 2);
	(void)pragma(f, s, sql);
	check_ok(f, store_begin(s, &f->e));
	put_lane(f, s, "a");
	assert_int_equal(store_run(s, Q_setting_put, &rec_setting,
				   &(struct setting){ .name = "n", .value = big }, &f->e),
			 -ERR_STORE);
	assert_non_null(strstr(f->e.message, "full"));
	store_undo(s);
	assert_int_equal(lane_count(f, s), 0);
	put_lane(f, s, "b");
	store_close(s);
	free(big);
}

static void remote_file_systems_are_known(void **state)
{
	static const struct {
		long type;
		bool remote;
	} cases[] = {
		{ 0x6969, true },
		{ 0x65735546, true },
		{ (long)0xff534d42, true },
		{ (int)0xfe534d42, true },
		{ 0xef53 /* ext4 */, false },
		{ 0x01021994 /* tmpfs */, false },
		{ 0x58465342 /* xfs */, false },
		{ (long)0x9123683e /* btrfs */, false },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		assert_int_equal(store_fs_is_remote(cases[i].type), cases[i].remote);
}

static long says_nfs(const char *path maybe_unused)
{
	return 0x6969;
}

/* A journal is not kept there; a cache is, without the shared memory that such a place cannot give. */
static void a_journal_on_nfs_is_refused(void **state)
{
	struct fixture *f = *state;
	struct flavour journal = store_journal, cache = store_cache;
	struct store *s = NULL;
	int64_t wal = 1;

	journal.fs_type = cache.fs_type = says_nfs;
	assert_int_equal(store_open_as(&s, f->path, STORE_WRITE, &journal, &f->e), -ERR_STORE);
	assert_non_null(strstr(f->e.message, "network or FUSE"));
	assert_non_null(strstr(f->e.message, f->path));
	assert_non_null(strstr(f->e.hint, "XDG_STATE_HOME"));
	err_clear(&f->e);
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(store_open_as(&s, f->path, STORE_WRITE, &cache, &f->e), 0);
	check_ok(f, store_number(s, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &wal, &f->e));
	assert_int_equal(wal, 0);
	store_close(s);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_missing_or_empty_cache_is_absent_to_a_reader),
		TEST(files_are_0600_whatever_the_umask),
		TEST(settings_are_in_force),
		TEST(a_reader_sees_one_snapshot_and_notices_news),
		TEST(a_reader_cannot_write),
		TEST(a_transaction_is_undone_whole),
		TEST(a_shared_cache_is_read_by_the_group_only),
		TEST(a_reader_says_which_file_beside_it_is_gone),
		TEST(a_strange_file_is_refused_with_its_mode),
		TEST(a_home_behind_a_link_is_fine),
		TEST(a_damaged_cache_is_moved_aside_and_made_new),
		TEST(a_reader_reports_damage_and_leaves_it),
		TEST(damage_met_later_is_moved_aside_at_close),
		TEST(planted_triggers_do_not_run),
		TEST(a_view_in_place_of_a_table_is_not_read),
		TEST(an_interrupted_creation_is_finished),
		TEST(a_full_disk_is_said_and_nothing_remains),
		TEST(remote_file_systems_are_known),
		TEST(a_journal_on_nfs_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
