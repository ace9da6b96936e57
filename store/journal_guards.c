#include "store/guards.h"

#include "store/private.h"

/* 0: *out is the lane's guard, 1: it has none. */
static int guard_of(struct journal *j, const char *lane, struct canary_guard *out, struct arena *a,
		    struct err *e)
{
	const struct key key = { .name = lane };

	return store_one(journal_store(j), Q_journal_guard_by_lane, &rec_key, &key, &rec_canary_guard, out, a,
			 e);
}

static int end(struct journal *j, int r, struct err *e)
{
	if (!r)
		return store_end(journal_store(j), e);
	store_undo(journal_store(j));
	return r;
}

/* Inside the transaction: nobody arms another between the look and the writing. */
static int arm_locked(struct journal *j, const struct canary_guard *g, const struct intent *in,
		      struct canary_guard *there, struct when at, struct arena *a, struct err *e)
{
	int r = guard_of(j, g->lane, there, a, e);

	if (r < 0 || (!r && guard_is_up(there)))
		return r < 0 ? r : 1;
	r = store_run(journal_store(j), Q_journal_guard_put, &rec_canary_guard, g, e);
	return r ? r : journal_advance_locked(j, in, at, a, e);
}

int journal_guard_arm(struct journal *j, struct canary_guard *g, const struct intent *in,
		      struct canary_guard *there, struct when at, struct arena *a, struct err *e)
{
	int r = store_begin(journal_store(j), e);

	g->arming = in->id;
	return r ? r : end(j, arm_locked(j, g, in, there, at, a, e), e);
}

static int move_locked(struct journal *j, const struct canary_guard *g, const struct intent *by,
		       struct intent *told, struct when at, struct arena *a, struct err *e)
{
	struct canary_guard there;
	int r = guard_of(j, g->lane, &there, a, e);

	if (r || there.arming != g->arming)
		return r < 0 ? r : 1;
	r = store_run(journal_store(j), Q_journal_guard_put, &rec_canary_guard, g, e);
	if (!r)
		r = journal_get(j, g->arming, told, a, e);
	if (r)
		return r < 0 ? r : err_set(e, ERR_BUG, "a guard without the intent that armed it");
	told->note = arena_strdup(a, g->reason); /* the guard may go before it */
	r = journal_advance_locked(j, told, at, a, e);
	return r || !by ? r : journal_advance_locked(j, by, at, a, e);
}

int journal_guard_move(struct journal *j, const struct canary_guard *g, const struct intent *by,
		       struct intent *told, struct when at, struct arena *a, struct err *e)
{
	int r = store_begin(journal_store(j), e);

	return r ? r : end(j, move_locked(j, g, by, told, at, a, e), e);
}

int journal_guards(struct journal *j, struct canary_guards *out, struct arena *a, struct err *e)
{

	return store_list(journal_store(j), Q_journal_guards, NULL, NULL, &rec_canary_guard, out, a, e);
}

int journal_by_nonce(struct journal *j, const char *nonce, struct intent *out, struct arena *a, struct err *e)
{
	const struct key key = { .text = nonce };

	return store_one(journal_store(j), Q_journal_by_nonce, &rec_key, &key, &rec_journal_intent, out, a,
			 e);
}
