#include "store/journal.h"

#include <stdlib.h>

#include "store/private.h"

struct journal {
	struct store *store;
};

/* Row of intent_log. */
struct log_row {
	int64_t id;
	int64_t intent;
	struct when at;
	int state;
	int64_t run_id;
	const char *run_url;
	const char *note;
	int64_t sends;
};
static const struct field log_fields[] = {
	FIELD(log_row, id),     FIELD(log_row, intent),
	FIELD(log_row, at),     FIELD_ENUM(log_row, state, &intent_state_names),
	FIELD(log_row, run_id), FIELD(log_row, run_url),
	FIELD(log_row, note),   FIELD(log_row, sends),
};
static const struct rec rec_log = REC(struct log_row, log_fields, "log");

int journal_open(struct journal **out, const char *path, struct err *e)
{
	struct store *s = NULL;
	int r = store_open_as(&s, path, STORE_WRITE, &store_journal, e);

	*out = NULL;
	if (r)
		return r;
	*out = x_alloc(sizeof(**out));
	(*out)->store = s;
	return 0;
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

static int log_add(struct journal *j, const struct intent *in, struct when at, struct err *e)
{
	const struct log_row row = {
		.intent = in->id,
		.at = at,
		.state = in->state,
		.run_id = in->run_id,
		.run_url = in->run_url,
		.note = in->note,
		.sends = in->sends,
	};

	return store_run(j->store, Q_journal_log, &rec_log, &row, e);
}

/* Inside the transaction: nobody can add a twin between the look and the writing. */
static int add_locked(struct journal *j, struct intent *in, struct intent *twin, struct arena *a,
		      struct err *e)
{
	int r = store_one(j->store, Q_journal_twin, &rec_intent, in, &rec_intent, twin, a, e);

	if (r <= 0)
		return r ? r : 1;
	r = store_run(j->store, Q_journal_insert, &rec_intent, in, e);
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

static int advance_locked(struct journal *j, const struct intent *in, struct when at, struct arena *a,
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
	r = store_run(j->store, Q_journal_move, &rec_intent, in, e);
	return r ? r : log_add(j, in, at, e);
}

int journal_advance(struct journal *j, const struct intent *in, struct when at, struct err *e)
{
	struct arena a = ARENA_INIT;
	int r = store_begin(j->store, e);

	if (r)
		return r;
	r = advance_locked(j, in, at, &a, e);
	arena_done(&a);
	if (!r)
		return store_end(j->store, e);
	store_undo(j->store);
	return r;
}

struct collect {
	struct intents *out;
	struct arena *a;
};

static int collect_intent(void *ctx, const void *row)
{
	struct collect *c = ctx;
	struct intent *in = vec_push(c->out, c->a);

	*in = *(const struct intent *)row;
	return 0;
}

int journal_open_intents(struct journal *j, struct intents *out, struct arena *a, struct err *e)
{
	struct collect c = { .out = out, .a = a };

	return store_each(j->store, Q_journal_open, NULL, NULL, &rec_intent, a, collect_intent, &c, e);
}

int journal_recent(struct journal *j, int limit, struct intents *out, struct arena *a, struct err *e)
{
	const struct key key = { .limit = limit };
	struct collect c = { .out = out, .a = a };

	return store_each(j->store, Q_journal_recent, &rec_key, &key, &rec_intent, a, collect_intent, &c, e);
}

int journal_get(struct journal *j, int64_t id, struct intent *out, struct arena *a, struct err *e)
{
	const struct key key = { .id = id };

	return store_one(j->store, Q_journal_by_id, &rec_key, &key, &rec_intent, out, a, e);
}

bool journal_in_place(struct journal *j)
{
	return store_in_place(j->store);
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
