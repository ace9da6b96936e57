#include "store/store.h"

#include <limits.h>
#include <stdlib.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/vec.h"
#include "store/private.h"

/* ---- records of the store itself ---- */

static const struct field key_fields[] = {
	FIELD(key, id),   FIELD(key, number), FIELD(key, limit), FIELD(key, name),
	FIELD(key, repo), FIELD(key, text),   FIELD(key, at),
};
const struct rec rec_key = REC(struct key, key_fields, "key");

static const struct field poll_fields[] = {
	FIELD(poll, name),    FIELD(poll, etag),     FIELD(poll, checked),
	FIELD(poll, changed), FIELD(poll, failures), FIELD(poll, error),
};
const struct rec rec_poll = REC(struct poll, poll_fields, "poll");

static const struct field setting_fields[] = {
	FIELD(setting, name),
	FIELD(setting, value),
	FIELD(setting, at),
};
const struct rec rec_setting = REC(struct setting, setting_fields, "setting");

/* ---- errors ---- */

/* SQLITE_ERROR: every statement was proven against the schema when we were built, so it is the file that differs. */
static const struct fault {
	int rc;
	enum err_kind kind;
	const char *why;
} faults[] = {
	{ SQLITE_ERROR, ERR_CORRUPT, "lacks what a statement needs" },
	{ SQLITE_CORRUPT, ERR_CORRUPT, "is damaged" },
	{ SQLITE_NOTADB, ERR_CORRUPT, "is not a database" },
	{ SQLITE_FULL, ERR_STORE, "cannot grow: the disk or the quota is full" },
	{ SQLITE_READONLY, ERR_STORE, "cannot be written" },
	{ SQLITE_BUSY, ERR_STORE, "is locked by another process" },
	{ SQLITE_LOCKED, ERR_STORE, "is locked by another statement" },
	{ SQLITE_CANTOPEN, ERR_STORE, "cannot be opened" },
	{ SQLITE_PERM, ERR_STORE, "is not permitted" },
	{ SQLITE_IOERR, ERR_STORE, "cannot be read or written" },
	{ SQLITE_NOMEM, ERR_STORE, "needs more memory than there is" },
	{ SQLITE_TOOBIG, ERR_INVALID, "refuses a value that is too large" },
};

static const struct fault *fault_find(int rc)
{
	static const struct fault other = { SQLITE_MISUSE, ERR_BUG, "refuses a statement" };

	for (size_t i = 0; i < countof(faults); i++)
		if (faults[i].rc == (rc & 0xff))
			return &faults[i];
	return &other;
}

/* A log of the kind that is written before a file is a log at all: only a writer can finish or take back what it says. */
static int half_written(struct store *s, struct err *e)
{
	int r = err_set(e, ERR_STORE, "%s %s was left in the middle of a write by a process that died",
			s->flavour->word, s->path);

	err_hint(e, "start an engine (`pilothouse doctor`): it finishes that, or takes it back");
	return r;
}

/* What lies beside a file that has a log, and is not there; NULL: all of it is, or the file itself is another. */
static const char *gone_beside(const struct store *s)
{
	static const char *const beside[] = { "-wal", "-shm" };
	char path[PATH_MAX];

	for (size_t i = 0; i < countof(beside) && store_in_place(s) && !access(s->path, R_OK); i++) {
		snprintf(path, sizeof(path), "%s%s", s->path, beside[i]);
		if (access(path, F_OK) && errno == ENOENT)
			return beside[i];
	}
	return NULL;
}

/* SQLite has a reader make them, and where it may not says that it cannot write: that is not what a wall wants. */
static int lacks_file(struct store *s, const char *gone, struct err *e)
{
	int r = err_set(e, ERR_STORE, "%s %s cannot be read: %s%s is gone, and a reader may not make it",
			s->flavour->word, s->path, s->path, gone);

	err_hint(e, "end its engine and start one again: it makes the file anew");
	return r;
}

int store_fault(struct store *s, int rc, struct err *e)
{
	bool refused = (rc & 0xff) == SQLITE_READONLY || (rc & 0xff) == SQLITE_CANTOPEN;
	const char *gone = refused && s->mode == STORE_READ ? gone_beside(s) : NULL;

	if (gone)
		return lacks_file(s, gone, e);

	if (s->db && sqlite3_extended_errcode(s->db) == SQLITE_READONLY_ROLLBACK)
		return half_written(s, e);
	const struct fault *f = fault_find(rc);
	int system_errno = s->db ? sqlite3_system_errno(s->db) : 0;
	bool full = system_errno == ENOSPC || system_errno == EDQUOT;

	if (f->rc == SQLITE_IOERR && full)
		f = fault_find(
			SQLITE_FULL); /* where it cannot grow the shared memory it says so in other words */
	bool system_says = f->rc == SQLITE_IOERR || f->rc == SQLITE_CANTOPEN || f->rc == SQLITE_FULL;
	const char *detail =
		system_says && system_errno ? strerrordesc_np(system_errno) : sqlite3_errmsg(s->db);
	int r = err_set(e, f->kind, "%s %s %s (%s)", s->flavour->word, s->path, f->why,
			detail ? detail : "?");

	return f->kind == ERR_CORRUPT ? store_note_damage(s, e) : r;
}

int store_note_damage(struct store *s, struct err *e)
{
	s->damaged = true;
	if (s->flavour->disposable)
		err_hint(e, "the engine makes it new at its next start");
	else
		err_hint(e, "nothing is sent until it is recovered: sqlite3 %s .recover", s->path);
	return -ERR_CORRUPT;
}

/* ---- statements: prepared once, bound and read by name ---- */

void store_stmt_free(struct stmt *t)
{
	sqlite3_finalize(t->st);
	free(t->args);
	free(t->row);
	free(t);
}

/* A statement in use is taken out of its slot, so a callback may run the same query again. NULL when it cannot be had. */
static int stmt_take(struct store *s, enum query q, struct stmt **out, struct err *e)
{
	struct stmt *t = s->stmts[q];
	int rc;

	s->stmts[q] = NULL;
	*out = t;
	if (t)
		return 0;
	t = x_alloc(sizeof(*t));
	rc = sqlite3_prepare_v3(s->db, query_texts[q].sql, -1, SQLITE_PREPARE_PERSISTENT, &t->st, NULL);
	if (!rc) {
		*out = t;
		return 0;
	}
	store_stmt_free(t);
	return store_fault(s, rc, e);
}

static void stmt_give(struct store *s, enum query q, struct stmt *t)
{
	sqlite3_reset(t->st);
	sqlite3_clear_bindings(t->st);
	if (s->stmts[q])
		store_stmt_free(t);
	else
		s->stmts[q] = t;
}

static int no_member(enum query q, const struct rec *rec, const char *name, struct err *e)
{
	err_set(e, ERR_BUG, "query %s names %s, which %s has not", query_texts[q].name, name ? name : "?",
		rec ? rec->name : "no record");
	return -ERR_BUG;
}

static int stmt_map_args(struct stmt *t, enum query q, const struct rec *rec, struct err *e)
{
	int n = sqlite3_bind_parameter_count(t->st);

	if (t->args_rec == rec && t->args)
		return 0;
	t->args = x_realloc(t->args, (size_t)(n + 1) * sizeof(const struct field *));
	t->args_rec = NULL;
	for (int i = 0; i < n; i++) {
		const char *name = sqlite3_bind_parameter_name(t->st, i + 1);
		t->args[i] = rec && name ? rec_field(rec, name + 1) : NULL;
		if (!t->args[i] || t->args[i]->flags & FIELD_SECRET)
			return no_member(q, rec, name, e);
	}
	t->args_n = n;
	t->args_rec = rec;
	return 0;
}

/* Columns may change under a prepared statement (another program migrated): the count is looked at each time. */
static int stmt_map_row(struct stmt *t, enum query q, const struct rec *rec, struct err *e)
{
	int n = sqlite3_column_count(t->st);

	if (t->row_rec == rec && t->row_n == n)
		return 0;
	t->row = x_realloc(t->row, (size_t)(n + 1) * sizeof(const struct field *));
	t->row_rec = NULL;
	for (int i = 0; i < n; i++) {
		const char *name = sqlite3_column_name(t->st, i);
		t->row[i] = rec_field(rec, name);
		if (!t->row[i])
			return no_member(q, rec, name, e);
	}
	t->row_n = n;
	t->row_rec = rec;
	return 0;
}

static int bind_field(sqlite3_stmt *st, int i, const struct field *f, const void *object, bool keep)
{
	const void *p = rec_at(object, f);
	const char *text;

	switch (f->type) {
	case FIELD_INT64:
		return sqlite3_bind_int64(st, i, *(const int64_t *)p);
	case FIELD_INT:
		return sqlite3_bind_int(st, i, *(const int *)p);
	case FIELD_BOOL:
		return sqlite3_bind_int(st, i, *(const bool *)p);
	case FIELD_WHEN:
		return sqlite3_bind_int64(st, i, ((const struct when *)p)->ms);
	case FIELD_STRING:
		text = *(const char *const *)p;
		return sqlite3_bind_text(st, i, text ? text : "", -1,
					 keep ? SQLITE_TRANSIENT : SQLITE_STATIC);
	}
	return SQLITE_MISUSE;
}

/* Parameters of a query are copied: its callback may reset the arena they live in. */
static int stmt_bind(struct store *s, struct stmt *t, enum query q, const struct rec *rec, const void *args,
		     struct err *e)
{
	int r = stmt_map_args(t, q, rec, e);

	if (r)
		return r;
	for (int i = 0; i < t->args_n; i++) {
		int rc = bind_field(t->st, i + 1, t->args[i], args, query_texts[q].row != NULL);
		if (rc)
			return store_fault(s, rc, e);
	}
	return 0;
}

/* A number outside an enum's words becomes 0, the unknown value; an int that is no enum saturates. */
static int int_value(const struct field *f, int64_t v)
{
	if (f->names)
		return v >= 0 && v < f->names->n ? (int)v : 0;
	return v > INT_MAX ? INT_MAX : v < INT_MIN ? INT_MIN : (int)v;
}

static void read_field(sqlite3_stmt *st, int i, const struct field *f, void *object, struct arena *a)
{
	void *p = rec_at_mut(object, f);
	const char *text;

	switch (f->type) {
	case FIELD_INT64:
		*(int64_t *)p = sqlite3_column_int64(st, i);
		break;
	case FIELD_INT:
		*(int *)p = int_value(f, sqlite3_column_int64(st, i));
		break;
	case FIELD_BOOL:
		*(bool *)p = sqlite3_column_int64(st, i) != 0;
		break;
	case FIELD_WHEN:
		((struct when *)p)->ms = sqlite3_column_int64(st, i);
		break;
	case FIELD_STRING:
		text = (const char *)sqlite3_column_text(st, i);
		*(const char **)p = text && *text ? arena_strdup(a, text) : "";
		break;
	}
}

static void stmt_read(struct stmt *t, const struct rec *row, void *out, struct arena *a)
{
	memset(out, 0, row->size);
	for (int i = 0; i < t->row_n; i++)
		read_field(t->st, i, t->row[i], out, a);
}

/* 0 a row stands there, 1 the end. */
static int stmt_step(struct store *s, struct stmt *t, struct err *e)
{
	int rc = sqlite3_step(t->st);

	if (rc == SQLITE_ROW)
		return 0;
	return rc == SQLITE_DONE ? 1 : store_fault(s, rc, e);
}

static int run_one(struct store *s, enum query q, const struct rec *rec, const void *args, struct err *e)
{
	struct stmt *t;
	int r = stmt_take(s, q, &t, e);

	if (!t)
		return r;
	r = stmt_bind(s, t, q, rec, args, e);
	while (!r)
		r = stmt_step(s, t, e);
	stmt_give(s, q, t);
	if (r > 0 && query_texts[q].moves && sqlite3_changes(s->db))
		s->moved = true;
	return r < 0 ? r : 0;
}

/* What moves the generation does so in its transaction; without one it gets its own. */
int store_run(struct store *s, enum query q, const struct rec *rec, const void *args, struct err *e)
{
	if (!query_texts[q].moves || !sqlite3_get_autocommit(s->db))
		return run_one(s, q, rec, args, e);
	int r = store_begin(s, e);
	if (!r)
		r = run_one(s, q, rec, args, e);
	if (!r)
		return store_end(s, e);
	store_undo(s);
	return r;
}

static int each_row(struct store *s, struct stmt *t, enum query q, const struct rec *row, void *out,
		    struct arena *a, store_row_fn fn, void *ctx, struct err *e)
{
	for (;;) {
		int r = stmt_step(s, t, e);
		if (r)
			return r < 0 ? r : 0;
		r = stmt_map_row(t, q, row, e);
		if (r)
			return r;
		stmt_read(t, row, out, a);
		if (fn(ctx, out))
			return 0;
	}
}

/* Has the statement no row, and is that known before it is prepared? Asked once in a snapshot that cannot change. */
static bool is_empty(struct store *s, enum query q)
{
	sqlite3_stmt *st = s->sparse;

	if (query_texts[q].sparse < 0 || s->mode == STORE_WRITE || sqlite3_get_autocommit(s->db))
		return false;
	if (s->rows < 0) {
		if (!st &&
		    sqlite3_prepare_v3(s->db, store_sparse, -1, SQLITE_PREPARE_PERSISTENT, &s->sparse, NULL))
			return false; /* what is wrong is said of the statement itself */
		st = s->sparse;
		if (sqlite3_step(st) == SQLITE_ROW)
			s->rows = sqlite3_column_int64(st, 0);
		sqlite3_reset(st);
	}
	return s->rows >= 0 && !(s->rows >> query_texts[q].sparse & 1);
}

int store_each(struct store *s, enum query q, const struct rec *args_rec, const void *args,
	       const struct rec *row, struct arena *a, store_row_fn fn, void *ctx, struct err *e)
{
	struct stmt *t;
	void *out;

	if (is_empty(s, q))
		return 0;
	int r = stmt_take(s, q, &t, e);
	if (!t)
		return r;
	out = x_alloc(row->size); /* not in a: the caller may reset it in fn */
	r = stmt_bind(s, t, q, args_rec, args, e);
	if (!r)
		r = each_row(s, t, q, row, out, a, fn, ctx, e);
	free(out);
	stmt_give(s, q, t);
	return r;
}

struct gather {
	void *list;
	size_t item;
	struct arena *a;
};

static int push_row(void *ctx, const void *row)
{
	struct gather *g = ctx;

	memcpy(vec_push_raw(g->list, g->item, g->a), row, g->item);
	return 0;
}

int store_list_(struct store *s, enum query q, const struct rec *args_rec, const void *args,
		const struct rec *row, void *list, size_t item, struct arena *a, struct err *e)
{
	struct gather g = { list, item, a };

	BUG_IF(item != row->size);
	return store_each(s, q, args_rec, args, row, a, push_row, &g, e);
}

int store_one(struct store *s, enum query q, const struct rec *args_rec, const void *args,
	      const struct rec *row, void *out, struct arena *a, struct err *e)
{
	struct stmt *t;

	if (is_empty(s, q))
		return 1;
	int r = stmt_take(s, q, &t, e);
	if (!t)
		return r;
	r = stmt_bind(s, t, q, args_rec, args, e);
	if (!r)
		r = stmt_step(s, t, e);
	if (!r)
		r = stmt_map_row(t, q, row, e);
	if (!r)
		stmt_read(t, row, out, a);
	stmt_give(s, q, t);
	return r;
}

/* ---- texts without parameters ---- */

int store_exec(struct store *s, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return rc ? store_fault(s, rc, e) : 0;
}

int store_number(struct store *s, const char *sql, int64_t *out, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);

	*out = 0;
	if (!rc)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(st, 0);
	rc = rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : store_fault(s, rc, e);
	sqlite3_finalize(st);
	return rc;
}

/* Every poll begins and commits: the texts are parsed once. */
static int run_kept(struct store *s, sqlite3_stmt **kept, const char *sql, struct err *e)
{
	int rc =
		*kept ? SQLITE_OK : sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, kept, NULL);

	if (!rc)
		sqlite3_step(*kept);
	rc = rc ? rc : sqlite3_reset(*kept);
	return rc ? store_fault(s, rc, e) : 0;
}

int store_begin(struct store *s, struct err *e)
{
	if (!sqlite3_get_autocommit(s->db))
		return err_set(e, ERR_BUG, "a transaction is open already");
	s->rows = -1;
	s->moved = false;
	return run_kept(s, &s->begin, s->mode == STORE_WRITE ? "BEGIN IMMEDIATE" : "BEGIN", e);
}

int store_end(struct store *s, struct err *e)
{
	if (sqlite3_get_autocommit(s->db))
		return err_set(e, ERR_BUG, "no transaction is open");
	int r = s->moved ? run_one(s, Q_content_moves, NULL, NULL, e) : 0;
	if (!r)
		r = run_kept(s, &s->commit, "COMMIT", e);
	if (r)
		store_undo(s);
	return r;
}

void store_undo(struct store *s)
{
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

int64_t store_version(struct store *s)
{
	int64_t version = -1;

	if (!store_in_place(s))
		return -1;
	if (!s->version && sqlite3_prepare_v3(s->db, "PRAGMA data_version", -1, SQLITE_PREPARE_PERSISTENT,
					      &s->version, NULL))
		return -1;
	if (sqlite3_step(s->version) == SQLITE_ROW)
		version = sqlite3_column_int64(s->version, 0);
	sqlite3_reset(s->version);
	return version;
}
