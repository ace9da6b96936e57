/* Every schema that was ever released becomes the present one, in one transaction. */
#include "fixture.h"

#include "base/buf.h"

/* The shape of a database as text: columns with their types, and the indexes with theirs. */
static char *shape_of(sqlite3 *db)
{
	static const char sql[] =
		"SELECT m.name || ' ' || c.cid || ' ' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || "
		"' ' || c.pk "
		"FROM sqlite_schema m, pragma_table_xinfo(m.name) c WHERE m.type = 'table' "
		"UNION ALL SELECT m.name || ' ' || i.name || ' ' || i.\"unique\" || ' ' || i.partial || ' ' "
		"|| "
		"x.seqno || ' ' || coalesce(x.name, '') FROM sqlite_schema m, pragma_index_list(m.name) i, "
		"pragma_index_info(i.name) x WHERE m.type = 'table' ORDER BY 1";
	struct buf b = BUF_INIT(1 << 20);
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL))
		fail_msg("%s", sqlite3_errmsg(db));
	while (sqlite3_step(st) == SQLITE_ROW)
		buf_fmt(&b, "%s\n", (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	assert_true(b.n > 100);
	return buf_detach(&b);
}

static char *shape_of_file(const char *path)
{
	sqlite3 *db = NULL;
	char *shape;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	shape = shape_of(db);
	sqlite3_close(db);
	return shape;
}

static char *file_text(const char *path)
{
	char *text = x_alloc(1 << 16);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail_msg("%s is missing: the text of every released schema is kept", path);
	assert_true(read(fd, text, (1 << 16) - 1) > 0);
	close(fd);
	return text;
}

/* A database as version `v` of the program left it. */
static void make_version(const struct fixture *f, const struct flavour *flavour, const char *prefix, int v)
{
	char path[256], sql[128], *text;

	snprintf(path, sizeof(path), "%s/tests/data/schema/%sv%d.sql", PH_SOURCE_DIR, prefix, v);
	text = file_text(path);
	close(open(f->path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
	raw_exec(f->path, text);
	snprintf(sql, sizeof(sql),
		 "PRAGMA application_id=%d; PRAGMA user_version=%d; PRAGMA journal_mode=WAL",
		 flavour->application_id, v);
	raw_exec(f->path, sql);
	free(text);
}

static void every_version_becomes_the_present_one(void **state)
{
	static const struct {
		const struct flavour *flavour;
		const char *prefix;
	} kinds[] = { { &store_cache, "" }, { &store_journal, "journal-" } };
	struct fixture *f = *state;

	for (size_t k = 0; k < countof(kinds); k++) {
		struct store *s = NULL;
		char *fresh, *migrated;

		snprintf(f->path, sizeof(f->path), "%s/%zu-fresh.db", f->dir, k);
		check_ok(f, store_open_as(&s, f->path, STORE_WRITE, kinds[k].flavour, &f->e));
		store_close(s);
		fresh = shape_of_file(f->path);
		for (int v = 1; v <= store_latest(kinds[k].flavour, store_steps); v++) {
			snprintf(f->path, sizeof(f->path), "%s/%zu-%d.db", f->dir, k, v);
			make_version(f, kinds[k].flavour, kinds[k].prefix, v);
			check_ok(f, store_open_as(&s, f->path, STORE_WRITE, kinds[k].flavour, &f->e));
			store_close(s);
			migrated = shape_of_file(f->path);
			assert_string_equal(migrated, fresh);
			free(migrated);
		}
		free(fresh);
	}
}

/* Steps that no program ever had, far behind those that are. */
static const struct store_step good_steps[] = {
	{ "cache 92",
	  "ALTER TABLE poll ADD COLUMN more TEXT NOT NULL DEFAULT ''; CREATE TABLE two (a INTEGER) STRICT" },
	{ "journal 92", "DROP TABLE intent" },
	{ "cache 93", "ALTER TABLE two ADD COLUMN b INTEGER" },
	{ NULL, NULL },
};
static const struct store_step bad_steps[] = {
	{ "cache 92", "CREATE TABLE two (a INTEGER) STRICT" },
	{ "cache 93", "ALTER TABLE nowhere ADD COLUMN b INTEGER" },
	{ NULL, NULL },
};

static void steps_run_in_order_and_only_our_own(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);

	assert_int_equal(store_latest(&store_cache, good_steps), 93);
	assert_int_equal(store_latest(&store_journal, good_steps), 92);
	check_ok(f, store_run(s, Q_poll_put, &rec_poll, &(struct poll){ .name = "kept" }, &f->e));
	check_ok(f, store_migrate(s, good_steps, &f->e));
	check_ok(f, store_migrate(s, good_steps, &f->e)); /* nothing left to do */
	store_close(s);
	assert_int_equal(raw_number(f->path, "PRAGMA user_version"), 93);
	assert_int_equal(raw_number(f->path, "SELECT count(*) FROM pragma_table_info('two')"), 2);
	assert_int_equal(raw_number(f->path, "SELECT count(*) FROM poll WHERE name = 'kept' AND more = ''"),
			 1);
}

static void a_step_that_fails_leaves_the_old_version_whole(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);

	assert_true(store_migrate(s, bad_steps, &f->e) < 0);
	assert_int_equal(raw_number(f->path, "PRAGMA user_version"), store_latest(&store_cache, store_steps));
	assert_int_equal(raw_number(f->path, "SELECT count(*) FROM sqlite_schema WHERE name = 'two'"), 0);
	store_close(s);
}

static void a_newer_schema_is_refused_and_kept(void **state)
{
	static const enum store_mode modes[] = { STORE_READ, STORE_WRITE };
	struct fixture *f = *state;
	struct store *s = store_writer(f);

	store_close(s);
	raw_exec(f->path, "PRAGMA user_version=99");
	for (size_t i = 0; i < countof(modes); i++) {
		err_clear(&f->e);
		assert_int_equal(store_open(&s, f->path, modes[i], &f->e), -ERR_STORE);
		assert_non_null(strstr(f->e.message, "schema 99"));
		assert_non_null(strstr(f->e.hint, "newer"));
	}
	assert_int_equal(raw_number(f->path, "PRAGMA user_version"), 99);
	assert_int_equal(file_mode(f->path, ".damaged"), 0);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(every_version_becomes_the_present_one),
		TEST(steps_run_in_order_and_only_our_own),
		TEST(a_step_that_fails_leaves_the_old_version_whole),
		TEST(a_newer_schema_is_refused_and_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
