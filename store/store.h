/*
 * store.h - two SQLite databases: the cache, which may be thrown away, and the journal, which may not.
 *
 * cache.db (WAL, synchronous=NORMAL, disposable): everything read from the forge, with its age, and a mirror of the
 * intents for screens. One writer (the engine), any number of read-only readers (console, wall); readers see one
 * consistent snapshot between store_begin() and store_end(). journal.db (WAL, synchronous=FULL): intents; store/journal.h.
 *
 * Every statement has a name in queries.sql; store/sqlgen.c prepared and plan-checked it at build time and made enum
 * query. Parameters and columns are bound by name through field tables (base/rec.h): no SQL and no sqlite3 type leaves
 * this folder. At every open: mode 0600, owner, link count, application_id, user_version, quick_check of what is small,
 * trusted_schema off. A damaged cache is moved aside to FILE.damaged and made new (condition 1); when a statement of the
 * writer meets damage later (ERR_CORRUPT), store_close() moves it aside. A newer schema is refused, and so is, for a
 * reader, an older one. A full disk is ERR_STORE at the statement or the commit, and nothing of the transaction remains.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/rec.h"
#include "queries.gen.h" /* enum query: Q_lanes, Q_runs_by_lane, ... */

struct store;

enum store_mode { STORE_READ, STORE_WRITE };
enum { STORE_REBUILT = 1, STORE_ABSENT = 2 }; /* conditions of store_open */

/* path: the database file. STORE_READ of a file that does not exist is STORE_ABSENT (2) and *out is NULL. */
int store_open(struct store **out, const char *path, enum store_mode mode, struct err *e) must_check;
void store_close(struct store *s);
DEFINE_FREEP(struct store *, store, store_close)

/* Read: a snapshot, from its first query; write: IMMEDIATE. */
int store_begin(struct store *s, struct err *e) must_check;
int store_end(struct store *s, struct err *e) must_check; /* commit; when that fails it is rolled back */
void store_undo(struct store *s);                         /* roll back, if open */

/* Changes whenever another connection commits (PRAGMA data_version); cheap. -1: the file is not the one at its path any
 * more (the engine made it new): close it and open again. */
int64_t store_version(struct store *s);

/* True while the file that is open is still the one at its path. What is written into one without a name is lost. */
bool store_in_place(const struct store *s);

/* --share-group: the folder becomes 0750, the files 0640, for a wall on another account. Writer of the cache only, after
 * every open: files made since have our own group. */
int store_share(struct store *s, gid_t group, struct err *e) must_check;

/* A cache has a generation, which Q_lane_ages tells: a transaction that changes more than ages moves it (queries.sql says
 * which statements write those). The same number twice: what is shown is the same but for its ages. It is moved once a
 * transaction; a statement outside of one has its own. */

/* Runs a statement with parameters taken by name from a record; either may be NULL. */
int store_run(struct store *s, enum query q, const struct rec *rec, const void *args,
	      struct err *e) must_check;

typedef int (*store_row_fn)(void *ctx, const void *row); /* nonzero stops */
/* Each row is decoded into a zeroed record of `row`, whose strings live in a until the callback returns if a is reset by
 * the caller, else for the arena's life. args/args_rec give the parameters (NULL: none). */
int store_each(struct store *s, enum query q, const struct rec *args_rec, const void *args,
	       const struct rec *row, struct arena *a, store_row_fn fn, void *ctx, struct err *e) must_check;
/* Appends every row to a vec of the struct that `row` describes; its strings and its items live in a. */
#define store_list(s, q, args_rec, args, row, list, a, e) \
	store_list_((s), (q), (args_rec), (args), (row), (list), sizeof(*(list)->items), (a), (e))
int store_list_(struct store *s, enum query q, const struct rec *args_rec, const void *args,
		const struct rec *row, void *list, size_t item, struct arena *a, struct err *e) must_check;
/* First row into out: 0 found, 1 there is none. */
int store_one(struct store *s, enum query q, const struct rec *args_rec, const void *args,
	      const struct rec *row, void *out, struct arena *a, struct err *e) must_check;

/* The usual parameters: a key of each kind. Statements name them :id :name :repo :number :limit :at :text. */
struct key {
	int64_t id, number, limit;
	const char *name, *repo, *text;
	struct when at;
};
extern const struct rec rec_key;

/* Row of `poll`: what is remembered of one conditional read. */
struct poll {
	const char *name; /* our own logical name: "runs easyenclave/easyenclave" */
	const char *etag;
	struct when checked; /* local: last answer of any kind, 200 or 304 */
	struct when changed; /* local: last 200 */
	int64_t failures;    /* in a row */
	const char *error;   /* last error in words, "" none */
};
extern const struct rec rec_poll;

/* Row of `setting`: facts of the engine for screens: api_remaining, api_limit, api_reset, drill, login, skew_ms, banner. */
struct setting {
	const char *name;
	const char *value;
	struct when at;
};
extern const struct rec rec_setting;
