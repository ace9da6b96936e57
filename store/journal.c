#include "store/journal.h"

#include <stdlib.h>

#include "store/audit.h"
#include "store/private.h"

struct journal {
	struct store *store;
	struct journal_sealer sealer;
};

static const struct field log_fields[] = {
	FIELD(journal_log, id),     FIELD(journal_log, intent),
	FIELD(journal_log, at),     FIELD_ENUM(journal_log, state, &intent_state_names),
	FIELD(journal_log, run_id), FIELD(journal_log, run_url),
	FIELD(journal_log, note),   FIELD(journal_log, sends),
};
const struct rec rec_journal_log = REC(struct journal_log, log_fields, "log");

static int open_as(struct journal **out, const char *path, enum store_mode mode, struct err *e)
{
	struct store *s = NULL;
	int r = store_open_as(&s, path, mode, &store_journal, e);

	*out = NULL;
	if (r)
		return r;
	*out = x_alloc(sizeof(**out));
	(*out)->store = s;
	return 0;
}

int journal_open(struct journal **out, const char *path, struct err *e)
{
	return open_as(out, path, STORE_WRITE, e);
}

int journal_open_reader(struct journal **out, const char *path, struct err *e)
{
	return open_as(out, path, STORE_READ, e);
}

int journal_snapshot(struct journal *j, struct err *e)
{
	return store_begin(j->store, e);
}

void journal_snapshot_end(struct journal *j)
{
	store_undo(j->store);
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	store_close(j->store);
	free(j);
}

struct store *journal_store(struct journal *j)
{
	return j->store;
}

struct journal_sealer *journal_sealer(struct journal *j)
{
	return &j->sealer;
}

void audit_seal_with(struct journal *j, audit_sealer fn, void *ctx)
{
	j->sealer = (struct journal_sealer){ fn, ctx };
}

static int log_add(struct journal *j, const struct intent *in, struct when at, struct err *e)
{
	const struct journal_log row = {
		.intent = in->id,
		.at = at,
		.state = in->state,
		.run_id = in->run_id,
		.run_url = in->run_url,
		.note = in->note,
		.sends = in->sends,
	};

	int r = store_run(j->store, Q_journal_log, &rec_journal_log, &row, e);

	return r ? r : audit_append(j, in->id, sqlite3_last_insert_rowid(j->store->db), at, e);
}

/* Inside the transaction: nobody can add a twin between the look and the writing. */
static int add_locked(struct journal *j, struct intent *in, struct intent *twin, struct arena *a,
		      struct err *e)
{
	int r = store_one(j->store, Q_journal_twin, &rec_journal_intent, in, &rec_journal_intent, twin, a, e);

	if (r <= 0)
		return r ? r : 1;
	r = store_run(j->store, Q_journal_insert, &rec_journal_intent, in, e);
	if (r)
		return r;
	in->id = sqlite3_last_insert_rowid(j->store->db);
	return log_add(j, in, in->created, e);
}

int journal_add(struct journal *j, struct intent *in, struct intent *twin, struct arena *a, struct err *e)
{
	int r;

	if (!in->nonce || !*in->nonce || !in->act || !*in->act)
		return err_set(e, ERR_BUG, "an intent needs an act and a nonce");
	if (!journal_in_place(j)) {
		err_set(e, ERR_STORE, "the journal's file was replaced or removed");
		return err_hint(e, "see `pilothouse doctor`");
	}
	r = store_begin(j->store, e);
	if (r)
		return r;
	in->state = INTENT_ARMED;
	r = add_locked(j, in, twin, a, e);
	if (r)
		store_undo(j->store);
	else
		r = store_end(j->store, e);
	if (r)
		in->id = 0;
	return r;
}

int journal_advance_locked(struct journal *j, const struct intent *in, struct when at, struct arena *a,
			   struct err *e)
{
	struct intent old;
	int r = journal_get(j, in->id, &old, a, e);

	if (r)
		return r < 0 ? r : err_set(e, ERR_MISSING, "there is no intent %" PRId64, in->id);
	/* A twin may have been sent since it was closed. */
	if (!intent_is_open(old.state) && intent_is_open(in->state))
		return err_set(e, ERR_CONFLICT, "intent %" PRId64 " is closed (%s) and cannot become %s",
			       in->id, names_word(&intent_state_names, old.state),
			       names_word(&intent_state_names, in->state));
	r = store_run(j->store, Q_journal_move, &rec_journal_intent, in, e);
	return r ? r : log_add(j, in, at, e);
}

int journal_advance(struct journal *j, const struct intent *in, struct when at, struct err *e)
{
	struct arena a = ARENA_INIT;
	int r = store_begin(j->store, e);

	if (r)
		return r;
	r = journal_advance_locked(j, in, at, &a, e);
	arena_done(&a);
	if (!r)
		return store_end(j->store, e);
	store_undo(j->store);
	return r;
}

int journal_open_intents(struct journal *j, struct intents *out, struct arena *a, struct err *e)
{

	return store_list(j->store, Q_journal_open, NULL, NULL, &rec_journal_intent, out, a, e);
}

int journal_recent(struct journal *j, int limit, struct intents *out, struct arena *a, struct err *e)
{
	const struct key key = { .limit = limit };

	return store_list(j->store, Q_journal_recent, &rec_key, &key, &rec_journal_intent, out, a, e);
}

int journal_of_plan(struct journal *j, const char *plan_id, struct intents *out, struct arena *a,
		    struct err *e)
{
	const struct key key = { .text = plan_id };

	return store_list(j->store, Q_journal_of_plan, &rec_key, &key, &rec_journal_intent, out, a, e);
}

int journal_of_run(struct journal *j, int64_t run, struct intents *out, struct arena *a, struct err *e)
{
	const struct key key = { .id = run };

	return store_list(j->store, Q_journal_of_run, &rec_key, &key, &rec_journal_intent, out, a, e);
}

int journal_get(struct journal *j, int64_t id, struct intent *out, struct arena *a, struct err *e)
{
	const struct key key = { .id = id };

	return store_one(j->store, Q_journal_by_id, &rec_key, &key, &rec_journal_intent, out, a, e);
}

bool journal_in_place(struct journal *j)
{
	return store_in_place(j->store);
}

/* ---- what a cache knows of it --------------------------------------------------------------------------------------- */

struct known {
	struct journal *j;
	const char *path, *cache;
	int r;
	struct arena arena;
	struct err *e;
};

static int must_hold(void *ctx, const void *row)
{
	struct known *k = ctx;
	const struct intent *in = row;
	const struct key key = { .text = in->nonce };
	struct intent mine;

	k->r = k->j ? store_one(k->j->store, Q_journal_by_nonce, &rec_key, &key, &rec_journal_intent, &mine,
				&k->arena, k->e)
		    : 1;
	if (k->r <= 0)
		return k->r;
	k->r = err_set(k->e, ERR_CORRUPT,
		       "journal %s is not the one of the cache, which knows of intent %" PRId64
		       ": the file was removed, emptied or replaced",
		       k->path, in->id);
	err_hint(k->e,
		 "put it back; to begin without it, see at the forge what its last acts did, and move "
		 "%s away",
		 k->cache);
	return 1;
}

int journal_holds_known(struct journal *j, const char *path, struct store *cache, struct err *e)
{
	struct known k = { .j = j, .path = path, .cache = cache->path, .e = e };
	const struct key newest = { .limit = 1 };
	int r = store_each(cache, Q_intents_open, NULL, NULL, &rec_intent, &k.arena, must_hold, &k, e);

	if (!r && !k.r)
		r = store_each(cache, Q_intents_recent, &rec_key, &newest, &rec_intent, &k.arena, must_hold,
			       &k, e);
	arena_done(&k.arena);
	return r ? r : k.r;
}

int journal_open_beside(struct journal **out, const char *path, struct store *cache, struct err *e)
{
	int r = journal_open_reader(out, path, NULL);

	/* One that must be brought up to date, or is damaged, is for the writer to say. */
	r = r == STORE_ABSENT ? journal_holds_known(NULL, path, cache, e) : 0;
	journal_close(*out);
	*out = NULL;
	if (r >= 0)
		r = journal_open(out, path, e);
	if (!r)
		r = journal_holds_known(*out, path, cache, e);
	if (r < 0) {
		journal_close(*out);
		*out = NULL;
	}
	return r;
}

static const struct field asset_seen_fields[] = {
	FIELD(asset_seen, repo),   FIELD(asset_seen, tag),        FIELD(asset_seen, name),
	FIELD(asset_seen, sha256), FIELD(asset_seen, first_seen),
};
const struct rec rec_asset_seen = REC(struct asset_seen, asset_seen_fields, "asset_seen");

int journal_asset_seen(struct journal *j, const struct asset_seen *seen, struct asset_seen *first,
		       struct arena *a, struct err *e)
{
	int r = store_one(j->store, Q_asset_seen_get, &rec_asset_seen, seen, &rec_asset_seen, first, a, e);

	if (r <= 0)
		return r;
	*first = *seen;
	return store_run(j->store, Q_asset_seen_add, &rec_asset_seen, seen, e);
}
