/*
 * fixture.h - a folder of its own for each test of the store, and a second pair of hands on the file.
 *
 * raw_*() opens the database by SQLite directly, as another program would: to plant, to damage, to look.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/model/model.h"
#include "store/private.h"
#include "store/store.h"
#include "tests/folder.h"

struct fixture {
	char dir[64];
	char path[96];
	struct arena a;
	struct err e;
};

static inline int fixture_setup(void **state)
{
	struct fixture *f = x_alloc(sizeof(*f));

	folder_new(f->dir);
	snprintf(f->path, sizeof(f->path), "%s/x.db", f->dir);
	*state = f;
	return 0;
}

static inline int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	arena_done(&f->a);
	folder_drop(f->dir);
	free(f);
	return 0;
}

#define check_ok(f, call)                                                                   \
	do {                                                                                \
		int r_ = (call);                                                            \
		if (r_)                                                                     \
			fail_msg("%s: %d %s [%s]", #call, r_, (f)->e.message, (f)->e.hint); \
	} while (0)

static inline maybe_unused struct store *store_writer(struct fixture *f)
{
	struct store *s = NULL;

	check_ok(f, store_open(&s, f->path, STORE_WRITE, &f->e));
	return s;
}

static inline maybe_unused struct store *store_reader(struct fixture *f)
{
	struct store *s = NULL;

	check_ok(f, store_open(&s, f->path, STORE_READ, &f->e));
	return s;
}

static inline maybe_unused void raw_exec(const char *path, const char *sql)
{
	sqlite3 *db = NULL;
	char *message = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 1000);
	if (sqlite3_exec(db, sql, NULL, NULL, &message))
		fail_msg("%s: %s", sql, message);
	sqlite3_close(db);
}

static inline maybe_unused int64_t raw_number(const char *path, const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL))
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	int64_t n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

/* Overwrites bytes in the middle of a file, or cuts it there. */
static inline maybe_unused void file_spoil(const char *path, off_t at, bool cut)
{
	char junk[512];
	int fd = open(path, O_RDWR | O_CLOEXEC);

	memset(junk, 0xA5, sizeof(junk));
	assert_true(fd >= 0);
	if (cut)
		assert_int_equal(ftruncate(fd, at), 0);
	else
		assert_int_equal(pwrite(fd, junk, sizeof(junk), at), sizeof(junk));
	close(fd);
}

static inline maybe_unused mode_t file_mode(const char *path, const char *suffix)
{
	char name[128];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return lstat(name, &st) ? 0 : st.st_mode & 07777;
}

static inline maybe_unused int row_count(void *ctx, const void *row)
{
	(void)row;
	++*(int *)ctx;
	return 0;
}
