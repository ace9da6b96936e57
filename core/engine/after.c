#include "core/engine/after.h"

#include "base/text.h"
#include "core/engine/act_reply.h"
#include "core/engine/alarms.h"
#include "core/engine/reconcile.h"
#include "core/engine/sync.h"
#include "core/engine/ways.h"
#include "core/rules/after.h"
#include "store/holds.h"

#include <string.h>

/* ---- over what the cache has ------------------------------------------------------------------------------------------ */

#define AFTER_RECENT 20 /* acts that are looked after; a day has fewer */
#define AFTER_RUNS   20

struct looking {
	struct engine *en;
	const char *repo;
	struct arena a;
	struct intents recent; /* newest first */
	struct alarms now;
	struct VEC_OF(struct run) runs;
	bool began;
};

static int note_job(void *ctx, const void *row)
{
	struct looking *l = ctx;
	const struct job *job = row;

	l->began = l->began || when_known(job->started) || job->conclusion == CONCLUSION_SUCCESS;
	return 0;
}

static bool settled_well(const struct intent *in)
{
	return in->state == INTENT_LINKED || in->state == INTENT_DONE;
}

static bool is_superseded(const struct looking *l, const struct intent *in)
{
	vec_each (later, &l->recent)
		if (later->id > in->id && settled_well(later) && after_is_start(later) &&
		    text_eq(later->lane, in->lane))
			return true;
	return false;
}

static bool was_cancelled_by_us(const struct looking *l, int64_t run)
{
	vec_each (it, &l->recent)
		if (it->run_id == run && text_eq(it->act, "cancel") && it->state != INTENT_REFUSED)
			return true;
	return false;
}

static int read_around(struct looking *l, const struct intent *in, struct after *f, struct err *e)
{
	struct run *run = arena_new(&l->a, struct run);
	struct key key = { .id = in->run_id, .limit = AFTER_RUNS, .name = in->lane };
	int r = 0;

	l->runs.n = 0;
	l->began = false;
	if (in->run_id && after_is_start(in))
		r = store_one(l->en->o.cache, Q_run_by_id, &rec_key, &key, &rec_run, run, &l->a, e);
	if (r < 0 || r > 0 || !in->run_id || !after_is_start(in))
		return r < 0 ? r : 0;
	f->run = run;
	key.name = run->lane && *run->lane ? run->lane : in->lane;
	r = store_list(l->en->o.cache, Q_runs_by_lane, &rec_key, &key, &rec_run, &l->runs, &l->a, e);
	key.number = run->attempt;
	if (r >= 0 && run->conclusion == CONCLUSION_CANCELLED)
		r = store_each(l->en->o.cache, Q_jobs_by_run, &rec_key, &key, &rec_job, &l->a, note_job, l,
			       e);
	f->runs = l->runs.items;
	f->runs_n = l->runs.n;
	f->began = l->began;
	return r;
}

static int look_at(struct looking *l, const struct intent *in, struct err *e)
{
	struct after f = { .intent = in, .now = engine_now(l->en) };
	int r;

	if (!text_eq(in->repo, l->repo) || !(settled_well(in) || after_is_half(in)) ||
	    when_diff(f.now, in->created) > AFTER_MS)
		return 0;
	f.superseded = is_superseded(l, in);
	f.we_cancelled = was_cancelled_by_us(l, in->run_id);
	r = f.superseded ? 0 : read_around(l, in, &f, e);
	if (r >= 0)
		after_judge(&l->now, &f, &l->a);
	return r;
}

static bool is_ours(const char *subject)
{
	return text_starts(subject, AFTER_SUBJECT);
}

int after_look(struct engine *en, const char *repo, struct err *e)
{
	struct looking l = { .en = en, .repo = repo };
	const struct key key = { .limit = AFTER_RECENT };
	int r = store_list(en->o.cache, Q_intents_recent, &rec_key, &key, &rec_intent, &l.recent, &l.a, e);

	vec_each (in, &l.recent)
		if (r >= 0)
			r = look_at(&l, in, e);
	if (r >= 0)
		r = alarms_settle(en, repo, &l.now, is_ours, e);
	arena_done(&l.a);
	return r < 0 ? r : 0;
}

/* ---- at once, for who waits ------------------------------------------------------------------------------------------- */

#define APPEARS_MS    1500 /* a new run may be readable a moment after its id was given */
#define APPEARS_TRIES 4

static void look_once(struct ask *k);

static void keep_run(struct ask *k, const struct run *seen)
{
	struct engine *en = k->acts->en;
	struct run row = *seen;
	struct err e = ERR_INIT;

	row.repo = k->intent.repo;
	row.lane = k->intent.lane;
	row.release = k->plan.release ? k->plan.release : "";
	row.seen = engine_now(en);
	if (en->o.cache && store_run(en->o.cache, Q_run_put, &rec_run, &row, &e) < 0 && en->o.log)
		log_line(en->o.log, "cache", "run %" PRId64 " is not kept: %s", row.id, e.message);
}

static void run_seen(struct ask *k, const struct run *r)
{
	struct intent *in = &k->intent;
	const char *why = after_wrong_head(in, r->id, r->head_sha, &k->arena);
	struct err e = ERR_INIT;

	keep_run(k, r);
	if (why) {
		in->note = arena_printf(&k->arena, AFTER_ALARM "%s: `pilothouse cancel %" PRId64 "`", why,
					r->id);
		reconcile_forget(k->acts,
				 in->id); /* what the journal did not take before is not the last word */
		if (act_record(k->acts, in, &e) < 0) {
			in->note = arena_printf(&k->arena, "%s; the journal does not know it: %s", in->note,
						e.message);
			reconcile_unrecorded(k->acts, in);
		}
	}
	act_settled(k, in);
}

static void run_read(void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct ask *k = ctx;

	k->pending--;
	if (!k->acts) {
		ask_then(k, NULL);
		return;
	}
	engine_note_answer(k->acts->en, a, err);
	if (!err && a->n && !a->damaged) {
		run_seen(k, a->items);
	} else if (err && err->kind == ERR_MISSING && k->appears++ < APPEARS_TRIES) {
		ask_in(k, APPEARS_MS, look_once);
	} else {
		k->intent.note = "its commit could not be read yet";
		act_settled(k, &k->intent);
	}
}

static void look_once(struct ask *k)
{
	struct forge_read r = { .kind = FORGE_RUN, .repo = k->intent.repo, .id = k->intent.run_id };
	struct err e = ERR_INIT;

	k->pending++;
	if (engine_read(k->acts->en, &r, run_read, k, &e) >= 0)
		return;
	k->pending--;
	act_settled(k, &k->intent);
}

void after_linked(struct ask *k)
{
	ask_in(k, 0, look_once);
}
