/*
 * survey_canary.c - the two looks at a canary. The ladder says whether one is under way, at which weight and since when; the
 * samples say what its metrics tell of it. While one is under way both keep the pace of its samples, and the second waits
 * for no forge: what a guard acts on is no older than one interval.
 */
#include "core/engine/canary.h"

#include "base/text.h"
#include "core/engine/sentry.h"
#include "core/engine/verify.h"
#include "core/view/canary.h"

#define EARLY_PART \
	10 /* of an interval: a sample that much too soon is none, for its counts were counted before */

/* Also after a way back, until its lane is verified: then they are of what is live again, and nobody judges a canary. */
static bool wants_samples(const struct look *k, const struct canary *row)
{
	return canary_is_on(row) || verify_wants(k->s->en, k->lane->name);
}

static void tell_pace(struct look *k, const struct canary *row)
{
	msec every = k->lane->canary->interval_s * 1000;
	bool on = wants_samples(k, row), open = k->known && k->known->open;
	struct canary_pace pace = { .ladder = on || open ? every : 0, .samples = on ? every : 0 };
	struct when last = when_diff(row->sampled, row->started) > 0 ? row->sampled : row->started;

	if (when_diff(last, look_now(k)) > 0) /* our clock was set back */
		last = look_now(k);
	if (on)
		pace.sample = (struct when){ last.ms + every };
	if (on && when_diff(pace.sample, look_now(k)) < 0)
		pace.sample = look_now(k);
	survey_pace(k, &pace);
}

/* Lane and screens say the same as the row, in one transaction; the copy of the row that is told about outlives it. */
static int put_book(struct look *k, const struct canary_book *book, struct err *e)
{
	int r = store_canary_put(look_cache(k), book, e);

	return r < 0 ? r : lanes_judge(k->s->en, k->profile->repo, e);
}

static int read_book(struct look *k, struct canary_book *book, struct err *e)
{
	int r = store_canary_read(book, look_cache(k), k->lane->name, &k->arena, e);

	if (r == 1)
		*book = (struct canary_book){ .row = { .lane = k->lane->name, .release = "" } };
	return r;
}

/* Whoever follows hears of a change in one line; was NULL: nothing was known of it. */
static int tell_news(struct look *k, const struct canary *was, const struct canary_book *book, struct err *e)
{
	const char *news = canary_news(was, &book->row, &book->metrics, &k->arena);

	return *news ? note_event(k->s->en, k->lane->name, news, e) : 0;
}

/* ---- the ladder --------------------------------------------------------------------------------------------------------- */

/* Screens are told of what they would show: that it was looked at again is none of it. */
static bool is_news(const struct canary *was, const struct canary *now)
{
	struct canary same_time = *now;

	same_time.at = was->at;
	return !rec_equal(&rec_canary, was, &same_time, NULL);
}

static bool has_failed(const struct canary *c)
{
	return c->phase == CANARY_FAILED || c->phase == CANARY_ABORTED;
}

/* What begins brings back what is live: it ends no story. Where that is not known, the first after a failure does. */
static bool goes_back(const struct look *k, const struct canary *next, const struct canary *was)
{
	const char *live = k->known->row.live;

	if (k->known->undoing && k->known->undoing->id == next->run)
		return true;
	if (!live || !*live || !next->release || !*next->release)
		return has_failed(was) || canary_is_on(was);
	return text_eq(next->release, live) && !text_eq(next->release, was->release);
}

/* What took its place began before anybody saw how it ended. */
static int end_unseen(struct look *k, const struct canary_book *was, struct err *e)
{
	const struct ladder *l = k->own;
	struct canary_book ended = *was;

	ended.row.phase = CANARY_ABORTED;
	vec_each (run, &l->runs)
		if (run->id == was->row.run && run->conclusion == CONCLUSION_FAILURE)
			ended.row.phase = CANARY_FAILED;
	return store_canary_put(look_cache(k), &ended, e);
}

/* Another begins: the way back of one that failed, which is kept as it ended, or the canary of another release. */
static int replace_past(struct look *k, const struct canary_book *was, const struct canary *next,
			struct err *e)
{
	int r;

	if (!goes_back(k, next, &was->row))
		return store_canary_past_forget(look_cache(k), k->lane->name, e);
	if (!canary_is_on(&was->row)) /* it was kept when it ended */
		return 0;
	r = end_unseen(k, was, e);
	return r < 0 ? r : store_canary_past_keep(look_cache(k), k->lane->name, e);
}

static int write_ladder(struct look *k, struct canary_book *book, bool first, struct err *e)
{
	const struct canary_book before = *book;
	struct canary was = book->row;
	enum ladder_found found = ladder_step(k, book);
	int r = 0;

	if (found == LADDER_NONE && !first)
		return 0;
	if (found == LADDER_NONE)
		ladder_new(k, book);
	k->heard |= is_news(&was, &book->row);
	if (found == LADDER_NEW)
		r = replace_past(k, &before, &book->row, e);
	if (r >= 0 && found == LADDER_NEW)
		r = store_canary_samples_forget(look_cache(k), k->lane->name, e);
	if (r >= 0)
		r = put_book(k, book, e);
	/* before samples of what is live again replace its own */
	if (r >= 0 && found == LADDER_SAME && canary_is_on(&was) && has_failed(&book->row))
		r = store_canary_past_keep(look_cache(k), k->lane->name, e);
	return r < 0 ? r : tell_news(k, first ? NULL : &was, book, e);
}

static void ladder_write(struct look *k)
{
	struct canary_book book = { 0 };
	struct err e = ERR_INIT;
	int r = look_write(k, &e) ? 0 : -1;

	if (r >= 0)
		r = read_book(k, &book, &e);
	if (r >= 0)
		r = write_ladder(k, &book, r == 1, &e);
	look_written(k, r, &e);
	if (r >= 0) {
		tell_pace(k, &book.row);
		sentry_seen(k->s->en, &book.row);
	}
	look_end(k);
}

static void ladder_limited(struct look *k)
{
	levers_read(k, ladder_write);
}

static void ladder_weighed(struct look *k)
{
	limits_read(k, ladder_limited);
}

/* ---- the run that carries it ----------------------------------------------------------------------------------------------- */

#define CARRIERS 20 /* newest runs among which it is looked for: trains wait for each other */

static int carry(struct look *k, const struct run *run, struct err *e)
{
	struct ladder *l = k->own;
	const struct key key = { .id = run->id, .number = run->attempt };

	l->run = run;
	l->jobs.n = 0;
	return store_list(look_cache(k), Q_jobs_by_run, &rec_key, &key, &rec_job, &l->jobs, &k->arena, e);
}

/* One that is under way is carried by its run until that ends. Else it is the newest open run whose own stages have begun:
 * another may be queued behind it. Where none has, the one that carried the last is asked how it ended, or the newest. */
static int find_carrier(struct look *k, const struct canary *row, struct err *e)
{
	struct ladder *l = k->own;
	const struct run *last = NULL, *newest = NULL;
	int r = 0;

	vec_each (run, &l->runs)
		if (canary_is_on(row) && run->id == row->run)
			last = run;
	if (last && last->status != RUN_COMPLETED)
		return carry(k, last, e);
	for (size_t i = 0; i < l->runs.n && r >= 0; i++) {
		if (l->runs.items[i].status == RUN_COMPLETED)
			continue;
		newest = newest ? newest : &l->runs.items[i];
		r = carry(k, &l->runs.items[i], e);
		if (r >= 0 && stage_has_begun(k))
			return r;
	}
	l->run = NULL;
	l->jobs.n = 0;
	last = last ? last : newest;
	return r < 0 || !last ? r : carry(k, last, e);
}

static int read_carrier(struct look *k, const struct canary *row, struct err *e)
{
	struct ladder *l = k->own;
	const struct key key = { .name = profile_owner(k->profile, k->lane)->name, .limit = CARRIERS };
	int r = store_list(look_cache(k), Q_runs_by_lane, &rec_key, &key, &rec_run, &l->runs, &k->arena, e);

	return r < 0 ? r : find_carrier(k, row, e);
}

void look_at_ladder(struct look *k)
{
	struct ladder *l = arena_new(&k->arena, struct ladder);
	struct canary_book book = { 0 };
	struct err e = ERR_INIT;
	int r = survey_known(k, &e);

	l->c = k->lane->canary;
	k->own = l;
	if (r == 0)
		r = read_book(k, &book, &e);
	if (r >= 0 && k->known)
		r = read_carrier(k, &book.row, &e);
	if (r < 0 || !k->known)
		look_end(k);
	else
		weight_read(k, ladder_weighed);
}

/* ---- samples ------------------------------------------------------------------------------------------------------------ */

static void take_seen(struct canary *row, const struct sampler *s)
{
	if (!s->c->seen)
		return;
	row->seen_bp = s->seen_bp;
	row->seen_from = "metric";
	row->seen_why = s->seen_why;
}

static void take_metrics(struct look *k, struct canary_book *book)
{
	const struct sampler *s = k->own;

	book->metrics = (struct canary_metrics){ 0 };
	vec_each (one, &s->all) {
		*vec_push(&book->metrics, &k->arena) = (struct canary_metric){
			.name = one->m->name,
			.unit = one->m->unit,
			.kind = names_word(&canary_metric_kind_names, one->m->kind),
			.control = one->row.control,
			.canary = one->row.canary,
			.limit = one->limit,
			.reason = "",
			.at = one->row.at,
		};
		*vec_push(&book->samples, &k->arena) = one->row;
	}
}

static int write_samples(struct look *k, struct canary_book *book, struct err *e)
{
	struct sampler *s = k->own;
	struct canary_sample *rows = arena_array(&k->arena, struct canary_sample, s->all.n + 1);
	const struct canary was = book->row;
	size_t n = 0;
	int r;

	vec_each (one, &s->all)
		rows[n++] = one->row;
	take_metrics(k, book);
	take_seen(&book->row, s);
	book->row.sampled = book->row.at = look_now(k);
	k->heard = true;
	if (canary_is_on(&book->row))
		s->silent = canary_judge(book, s->c, look_now(k), &k->arena);
	r = store_canary_samples_add(look_cache(k), k->lane->name, rows, n, e);
	if (r >= 0)
		r = put_book(k, book, e);
	return r < 0 ? r : tell_news(k, &was, book, e);
}

/* Another canary may have begun, or this one ended, while the metrics were asked. */
static void samples_write(struct look *k)
{
	const struct sampler *s = k->own;
	struct canary_book book = { 0 };
	struct err e = ERR_INIT;
	int r = look_write(k, &e) ? 0 : -1;
	bool same, judged;

	samples_make(k);
	if (r >= 0)
		r = read_book(k, &book, &e);
	same = r == 0 && book.row.run == s->book.row.run;
	judged = same && canary_is_on(&book.row);
	if (judged || (same && wants_samples(k, &book.row)))
		r = write_samples(k, &book, &e);
	look_written(k, r, &e);
	/* a guard goes by what was judged, whether the cache could keep it or not */
	if (judged)
		sentry_heard(k->s->en, &book.row, s->silent);
	look_end(k);
}

static bool is_early(const struct look *k, const struct canary *row)
{
	int64_t every = k->lane->canary->interval_s * 1000, since = when_diff(look_now(k), row->sampled);

	return when_known(row->sampled) && when_diff(row->sampled, row->started) >= 0 && since >= 0 &&
	       since < every - every / EARLY_PART;
}

void look_at_samples(struct look *k)
{
	struct sampler *s = arena_new(&k->arena, struct sampler);
	struct err e = ERR_INIT;

	s->c = k->lane->canary;
	k->own = s;
	if (read_book(k, &s->book, &e) != 0 || !wants_samples(k, &s->book.row) || is_early(k, &s->book.row))
		look_end(k);
	else
		samples_ask(k, samples_write);
}
