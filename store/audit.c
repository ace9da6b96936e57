#include "store/audit.h"

#include "store/private.h"

static const struct field line_fields[] = {
	FIELD(audit_line, seq),
	FIELD(audit_line, log),
	FIELD(audit_line, line),
	FIELD(audit_line, hash),
};
const struct rec rec_audit_line = REC(struct audit_line, line_fields, "audit_line");

static const struct field anchor_fields[] = {
	FIELD(audit_anchor, id),      FIELD(audit_anchor, seq),   FIELD(audit_anchor, hash),
	FIELD(audit_anchor, witness), FIELD(audit_anchor, place), FIELD(audit_anchor, at),
};
const struct rec rec_audit_anchor = REC(struct audit_anchor, anchor_fields, "audit_anchor");

static int seal(struct journal *j, struct audit_event *ev, struct arena *a, struct err *e)
{
	const struct journal_sealer *s = journal_sealer(j);
	struct audit_line line = { 0 };
	int r;

	if (!s->fn)
		return err_set(e, ERR_BUG, "nobody writes the audit chain, so nothing is entered");
	r = s->fn(s->ctx, ev, &line, a, e);
	line.seq = ev->last.seq + 1;
	line.log = ev->log;
	return r < 0 ? r : store_run(journal_store(j), Q_audit_insert, &rec_audit_line, &line, e);
}

/* The intent as it stands in the journal now, whatever the caller holds: line and row can only differ when one of them was
 * changed later. */
static int append(struct journal *j, struct audit_event *ev, int64_t id, struct arena *a, struct err *e)
{
	struct intent in;
	int r = audit_last(j, &ev->last, a, e);

	if (r > 0)
		return err_set(e, ERR_CORRUPT, "the audit chain has no first line");
	if (!r && (ev->last.seq < 1 || ev->last.seq == INT64_MAX))
		r = err_set(e, ERR_CORRUPT, "the audit chain ends at line %" PRId64 ", which none can follow",
			    ev->last.seq);
	if (!r)
		r = journal_get(j, id, &in, a, e);
	if (r > 0)
		return err_set(e, ERR_BUG, "a move of an intent that is not there");
	ev->in = &in;
	return r ? r : seal(j, ev, a, e);
}

int audit_append(struct journal *j, int64_t intent, int64_t log, struct when at, struct err *e)
{
	struct audit_event ev = { .log = log, .at = at };
	struct arena a = ARENA_INIT;
	int r = append(j, &ev, intent, &a, e);

	arena_done(&a);
	return r;
}

static int begin_locked(struct journal *j, struct when at, struct arena *a, struct err *e)
{
	struct audit_event ev = { .at = at };
	int64_t made = 0;
	int r = audit_last(j, &ev.last, a, e);

	if (r <= 0)
		return r;
	r = audit_made(j, &made, e);
	if (!r && made)
		r = err_set(e, ERR_CORRUPT, "the audit chain is gone: it had %" PRId64 " lines", made);
	return r ? r : seal(j, &ev, a, e);
}

int audit_begin(struct journal *j, struct when at, struct err *e)
{
	struct arena a = ARENA_INIT;
	int r = store_begin(journal_store(j), e);

	if (r)
		return r;
	r = begin_locked(j, at, &a, e);
	arena_done(&a);
	if (!r)
		return store_end(journal_store(j), e);
	store_undo(journal_store(j));
	return r;
}

int audit_last(struct journal *j, struct audit_line *out, struct arena *a, struct err *e)
{
	return store_one(journal_store(j), Q_audit_last, NULL, NULL, &rec_audit_line, out, a, e);
}

int audit_by_seq(struct journal *j, int64_t seq, struct audit_line *out, struct arena *a, struct err *e)
{
	const struct key key = { .id = seq };

	return store_one(journal_store(j), Q_audit_by_seq, &rec_key, &key, &rec_audit_line, out, a, e);
}

int audit_log(struct journal *j, int64_t id, struct journal_log *out, struct arena *a, struct err *e)
{
	const struct key key = { .id = id };

	return store_one(journal_store(j), Q_journal_log_by_id, &rec_key, &key, &rec_journal_log, out, a, e);
}

int audit_made(struct journal *j, int64_t *out, struct err *e)
{
	struct key row = { 0 };
	struct arena a = ARENA_INIT;
	int r = store_one(journal_store(j), Q_audit_made, NULL, NULL, &rec_key, &row, &a, e);

	arena_done(&a);
	*out = row.number;
	return r < 0 ? r : 0;
}

/* One row's strings at a time: a history of years is not held in memory. */
struct walk {
	store_row_fn fn;
	void *ctx;
	struct arena a;
};

static int walk_row(void *ctx, const void *row)
{
	struct walk *w = ctx;
	int r = w->fn(w->ctx, row);

	arena_reset(&w->a);
	return r;
}

static int walk(struct journal *j, enum query q, const struct rec *rec, store_row_fn fn, void *ctx,
		struct err *e)
{
	struct walk w = { .fn = fn, .ctx = ctx };
	int r = store_each(journal_store(j), q, NULL, NULL, rec, &w.a, walk_row, &w, e);

	arena_done(&w.a);
	return r;
}

int audit_each(struct journal *j, store_row_fn fn, void *ctx, struct err *e)
{
	return walk(j, Q_audit_all, &rec_audit_line, fn, ctx, e);
}

int audit_each_intent(struct journal *j, store_row_fn fn, void *ctx, struct err *e)
{
	return walk(j, Q_journal_all, &rec_journal_intent, fn, ctx, e);
}

int audit_each_log(struct journal *j, store_row_fn fn, void *ctx, struct err *e)
{
	return walk(j, Q_journal_logs, &rec_journal_log, fn, ctx, e);
}

int audit_anchor_add(struct journal *j, const struct audit_anchor *an, struct err *e)
{
	return store_run(journal_store(j), Q_audit_anchor_add, &rec_audit_anchor, an, e);
}

int audit_each_anchor(struct journal *j, store_row_fn fn, void *ctx, struct err *e)
{
	return walk(j, Q_audit_anchors, &rec_audit_anchor, fn, ctx, e);
}
