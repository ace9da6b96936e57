/*
 * canary_ladder.c - from what was told to phase, step and rungs. What is not known stays so: a green run whose weight nobody
 * told has not sent all of the traffic there, and a run that was cancelled at 25 % has left it at 25 %.
 */
#include "core/engine/canary.h"
#include "core/engine/steer.h"

#include "base/text.h"
#include "core/view/canary.h"
#include "store/holds.h"

#define ALL_BP 10000

bool canary_is_on(const struct canary *c)
{
	return canary_is_live(c->phase);
}

bool canary_is_alone(const struct canary *c)
{
	return c->set_bp >= ALL_BP;
}

static const struct ladder *ladder_of(const struct look *k)
{
	return k->own;
}

static bool is_open(const struct run *r)
{
	return r && r->status != RUN_COMPLETED;
}

/* ---- whether one is under way --------------------------------------------------------------------------------------------- */

bool stage_has_begun(const struct look *k)
{
	const struct ladder *l = ladder_of(k);

	vec_each (job, &l->jobs)
		if (*profile_stage_of(k->lane, job->name) &&
		    (job->status == RUN_IN_PROGRESS ||
		     (job->status == RUN_COMPLETED && job->conclusion != CONCLUSION_SKIPPED)))
			return true;
	return false;
}

/* Another run than the row's, or another attempt of it. */
static bool is_another(const struct look *k, const struct canary *row)
{
	const struct run *run = ladder_of(k)->run;

	return row->run != run->id ||
	       (!canary_is_on(row) && when_diff(canary_local(k, run->started), row->at) > 0);
}

static bool begins(const struct look *k, const struct canary *row)
{
	const struct ladder *l = ladder_of(k);
	bool moves = l->told.phase == CANARY_WATCHING || l->told.phase == CANARY_HELD;

	if (is_open(l->run) && (l->told.bp > 0 || stage_has_begun(k)))
		return is_another(k, row);
	return moves && !canary_is_on(row);
}

/* -1: there is none, or where it stands is not known. */
static int64_t next_bp(const struct canary_book *book)
{
	int64_t step = book->row.step;
	bool known = step > 0 || (step == 0 && book->row.set_bp == 0);

	return known && step < (int64_t)book->rungs.n ? book->rungs.items[step].weight_bp : -1;
}

void ladder_new(struct look *k, struct canary_book *book)
{
	const struct ladder *l = ladder_of(k);

	*book = (struct canary_book){ .row = { .lane = k->lane->name,
					       .set_bp = -1,
					       .seen_bp = -1,
					       .exposed = -1,
					       .extra_errors = -1,
					       .budget_ppm = -1,
					       .phase = CANARY_ABSENT,
					       .set_why = "nothing is under way",
					       .interval_s = l->c->interval_s,
					       .at = look_now(k) } };
	for (const char *const *step = l->c->steps; *step; step++) {
		int64_t percent = 0;

		(void)text_int64(&percent, *step, 0, 100);
		*vec_push(&book->rungs, &k->arena) = (struct canary_rung){ .weight_bp = percent * 100,
									   .window_s = l->c->window_s,
									   .by = "" };
	}
	book->row.steps = (int64_t)book->rungs.n;
	book->row.mechanism = steer_mechanism(l->c, next_bp(book), &k->arena);
	book->row.can_hold = steer_can(l->c, ROLLOUT_HOLD);
}

/* ---- rungs ------------------------------------------------------------------------------------------------------------------ */

/* The highest that the weight has reached; NULL: none, or it is not known. */
static struct canary_rung *rung_of(struct canary_book *book, int64_t bp)
{
	struct canary_rung *at = NULL;

	vec_each (r, &book->rungs)
		if (bp > 0 && r->weight_bp <= bp)
			at = r;
	return at;
}

static void enter(struct canary_book *book, int64_t bp, struct when at)
{
	struct canary_rung *rung = rung_of(book, bp);

	if (rung && rung->weight_bp == bp && when_known(at) && !when_known(rung->entered))
		rung->entered = at;
}

/* A rung is left when a later one is entered, or when the weight goes below it; what was the verdict then stays. step: of
 * the rung that stands, 0 none. */
static void leave(struct canary_book *book, size_t step, struct when at)
{
	struct when next = WHEN_NONE;

	for (size_t i = book->rungs.n; i-- > 0;) {
		struct canary_rung *r = &book->rungs.items[i];
		bool below = i + 1 < step;

		if (i + 1 != step && when_known(r->entered) && !when_known(r->left)) {
			r->left = below && when_known(next) ? next : at;
			r->verdict = book->row.verdict;
		}
		next = when_known(r->entered) ? r->entered : next;
	}
}

static void name_captains(struct look *k, struct canary_book *book)
{
	vec_each (r, &book->rungs)
		if (when_known(r->entered) && !*r->by)
			r->by = lever_approved_by(k, r->weight_bp);
}

/* What was judged until now was the rung before. */
static void judge_anew(struct canary_book *book)
{
	book->row.verdict = VERDICT_UNKNOWN;
	book->row.reason = "this rung was not judged yet";
	vec_each (m, &book->metrics) {
		m->verdict = VERDICT_UNKNOWN;
		m->reason = "";
		m->bad = m->of = 0;
	}
}

static void climb(struct look *k, struct canary_book *book)
{
	const struct weight *w = &ladder_of(k)->told;
	int64_t step = book->row.step;
	struct when now = look_now(k);
	struct canary_rung *rung;

	vec_each (t, &w->rungs)
		enter(book, t->bp, t->at);
	rung = rung_of(book, w->bp);
	if (w->bp < 0)
		return;
	if (rung && (!when_known(rung->entered) || when_known(rung->left))) {
		rung->entered = when_known(w->at) && !when_known(rung->left) ? w->at : now;
		rung->left = WHEN_NONE;
	}
	book->row.step = rung ? rung - book->rungs.items + 1 : 0;
	leave(book, (size_t)book->row.step, now);
	name_captains(k, book);
	if (!rung)
		return;
	if (book->row.step != step && book->row.verdict != VERDICT_UNKNOWN)
		judge_anew(book);
	book->row.started = rung->entered;
	book->row.ends = (struct when){ rung->entered.ms + rung->window_s * 1000 };
}

/* ---- phases ------------------------------------------------------------------------------------------------------------------ */

/* Somebody's hold that the workflow itself looks for: the tag that the profile names. */
static bool is_tagged(struct look *k)
{
	struct holds holds = { 0 };

	if (store_holds_read(&holds, look_cache(k), k->lane->name, &k->arena, NULL) < 0)
		return false;
	vec_each (c, &ladder_of(k)->c->control)
		vec_each (h, &holds)
			if (c->by == CONTROL_TAG && hold_is_active(h, look_now(k)) &&
			    text_eq(h->source, arena_printf(&k->arena, "tag %s", c->name)))
				return true;
	return false;
}

/* By a variable, or by a hold of our own journal that sends nothing: the next gate is left alone. */
static bool is_held(struct look *k, const struct canary *row)
{
	struct intent in;

	return ladder_of(k)->held || steer_held(k->s->en, k->lane->name, row->run, &in, &k->arena, NULL) == 0;
}

static int push_gate(void *ctx, const void *row)
{
	(void)row;
	*(bool *)ctx = true;
	return 1;
}

static bool has_gate(const struct look *k)
{
	const struct ladder *l = ladder_of(k);
	const struct key key = { .id = l->run->id };
	struct arena a = ARENA_INIT;
	bool any = false;

	(void)!store_each(look_cache(k), Q_gates_by_run, &rec_key, &key, &rec_gate, &a, push_gate, &any,
			  NULL);
	arena_done(&a);
	return any;
}

static bool was_up(const struct canary_book *book)
{
	vec_each (r, &book->rungs)
		if (when_known(r->entered))
			return true;
	return false;
}

static int phase_open(struct look *k, const struct canary_book *book)
{
	const struct canary *row = &book->row;

	if (canary_is_alone(row) && when_diff(look_now(k), row->ends) >= 0)
		return CANARY_DONE;
	if (row->set_bp == 0 && was_up(book))
		return CANARY_ABORTED;
	if (is_tagged(k) || is_held(k, row))
		return CANARY_HELD;
	if (when_known(row->ends) && when_diff(look_now(k), row->ends) >= 0 && has_gate(k))
		return CANARY_WAITING;
	return CANARY_WATCHING;
}

static int phase_over(const struct canary_book *book, const struct run *run)
{
	const struct canary *row = &book->row;
	int64_t last = book->rungs.n ? book->rungs.items[book->rungs.n - 1].weight_bp : ALL_BP;

	if (row->set_bp == 0)
		return CANARY_ABORTED;
	if (run->conclusion != CONCLUSION_SUCCESS)
		return CANARY_FAILED;
	if (row->set_bp < 0)
		return CANARY_OTHER;
	return row->set_bp >= last ? CANARY_DONE : CANARY_HELD;
}

static int phase_of(struct look *k, const struct canary_book *book)
{
	const struct ladder *l = ladder_of(k);

	/* A word that nobody knows ends nothing: what is under way is watched on. */
	if (l->told.phase == CANARY_OTHER && canary_is_on(&book->row))
		return book->row.phase;
	if (l->told.phase >= 0)
		return l->told.phase;
	if (!l->run || book->row.run != l->run->id)
		return book->row.phase;
	return is_open(l->run) ? phase_open(k, book) : phase_over(book, l->run);
}

/* A controller goes on without any run, and one that cannot be read has left nothing. */
static bool has_controller(const struct profile_canary *c)
{
	vec_each (w, &c->weight)
		if (w->from == WEIGHT_ARGO || w->from == WEIGHT_FLAGGER)
			return true;
	return false;
}

/* A run that is over tells no more: what was known of its weight when it ended is what it left. */
static void take_weight(struct look *k, struct canary *row)
{
	const struct weight *w = &ladder_of(k)->told;
	bool over = !has_controller(ladder_of(k)->c) && !is_open(ladder_of(k)->run);

	if (w->bp < 0 && over && row->set_bp >= 0)
		return;
	row->set_bp = w->bp;
	row->set_from = w->from;
	row->set_why = w->why ? w->why : "";
	if (w->seen_bp >= 0 && !ladder_of(k)->c->seen) {
		row->seen_bp = w->seen_bp;
		row->seen_from = w->from;
		row->seen_why = "";
	} else if (!row->seen_from || !*row->seen_from) {
		const char *why = w->seen_why && *w->seen_why ? w->seen_why : "nothing counts it";

		row->seen_why = row->seen_why && *row->seen_why ? row->seen_why : why;
	}
}

/* Of its run; or nobody's run carries it, and a controller alone moves it. */
static bool is_same(const struct look *k, const struct canary *row)
{
	const struct ladder *l = ladder_of(k);

	return (l->run && row->run == l->run->id) || (canary_is_on(row) && (!row->run || l->told.phase >= 0));
}

enum ladder_found ladder_step(struct look *k, struct canary_book *book)
{
	const struct ladder *l = ladder_of(k);
	bool new = begins(k, &book->row);

	if (!new && !is_same(k, &book->row))
		return LADDER_NONE;
	if (new)
		ladder_new(k, book);
	if (new &&is_open(l->run))
		book->row.run = l->run->id;
	if (l->run && *l->run->release)
		book->row.release = l->run->release;
	take_weight(k, &book->row);
	climb(k, book);
	if (!when_known(book->row.started))
		book->row.started = look_now(k);
	book->row.phase = phase_of(k, book);
	book->row.interval_s = l->c->interval_s;
	book->row.mechanism = steer_mechanism(l->c, next_bp(book), &k->arena);
	book->row.can_hold = steer_can(l->c, ROLLOUT_HOLD);
	book->row.at = look_now(k);
	return new ? LADDER_NEW : LADDER_SAME;
}
