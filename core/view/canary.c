#include "core/view/canary.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/view/events.h"
#include "core/view/guard.h"
#include "core/view/rows.h"
#include "core/view/words.h"

#define NOTES_READ 400 /* newest events, of all lanes, among which those of this one are */
#define NOTES_KEPT 60
#define ACTS_READ  100

struct maker {
	struct canary_view *v;
	struct canary row;
	struct store *store;
	struct when now;
	struct arena *a;
	struct err *e;
	int64_t limit_ms; /* without a sample */
	bool kept;        /* as it ended: what was measured afterwards is not its own */
	bool blind;       /* nobody looked for that long: not even what is set is known */
};

/* ---- weights and clocks ---- */

/* "25%", or why not. The source's words may already begin with "unknown". */
static const char *weight_words(struct maker *m, int64_t bp, const char *why)
{
	char text[CANARY_PERCENT];
	const char *safe = view_safe(m->a, why);

	if (bp >= 0)
		return arena_strdup(m->a, canary_percent(bp, text));
	if (text_starts(safe, "unknown"))
		return safe;
	return *safe ? arena_printf(m->a, "unknown (%s)", safe) : "unknown";
}

static const char *clock_words(struct arena *a, int64_t s)
{
	s = s < 0 ? 0 : s;
	if (s >= 3600)
		return arena_printf(a, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60), (int)(s % 60));
	return arena_printf(a, "%02d:%02d", (int)(s / 60), (int)(s % 60));
}

/* The window of the step that is watched: as the canary itself dates it, else as the ladder says. */
static void now_clock(struct maker *m, struct canary_rung_row *rung, const struct canary_rung *r)
{
	const struct canary *c = &m->row;
	struct when from = when_known(c->started) ? c->started : r->entered;

	if (when_known(c->started) && when_known(c->ends))
		rung->window_s = when_diff(c->ends, c->started) / 1000;
	if (m->blind)
		rung->clock = CANARY_STRUCK;
	if (m->blind || !when_known(from) || !canary_is_live(c->phase))
		return;
	rung->spent_s = when_diff(m->now, from) / 1000;
	rung->spent_s = rung->spent_s < 0 ? 0 : rung->spent_s;
	m->v->ticks = true;
	rung->clock = clock_words(m->a, rung->spent_s);
	if (rung->window_s > 0 && c->phase == CANARY_WATCHING) /* what is held or waits has no end */
		rung->clock = arena_printf(m->a, "%s of %s%s", rung->clock, clock_words(m->a, rung->window_s),
					   rung->spent_s > rung->window_s ? " LATE" : "");
}

static enum rung_state rung_state(const struct canary *c, const struct canary_rung *r)
{
	if (c->phase == CANARY_DONE || (c->step > 0 && r->ordinal < c->step))
		return RUNG_DONE;
	return r->ordinal == c->step ? RUNG_NOW : when_known(r->left) ? RUNG_DONE : RUNG_AHEAD;
}

static void add_rung(struct maker *m, struct canary_rung_row *out, const struct canary_rung *r)
{
	char text[CANARY_PERCENT];

	*out = (struct canary_rung_row){ .weight = arena_strdup(m->a, canary_percent(r->weight_bp, text)),
					 .weight_bp = r->weight_bp,
					 .clock = "",
					 .by = view_safe(m->a, r->by),
					 .state = rung_state(&m->row, r),
					 .verdict = r->verdict,
					 .window_s = r->window_s,
					 .spent_s = -1,
					 .entered = r->entered };
	if (out->state == RUNG_NOW)
		now_clock(m, out, r);
	else if (when_known(r->entered) && when_known(r->left))
		out->clock = clock_words(m->a, when_diff(r->left, r->entered) / 1000);
}

static int push_rung(void *ctx, const void *record)
{
	struct maker *m = ctx;
	struct canary_view *v = m->v;
	struct VEC_OF(struct canary_rung_row) rungs = { v->rungs, (size_t)v->rungs_n, (size_t)v->rungs_n };

	add_rung(m, vec_push(&rungs, m->a), record);
	v->rungs = rungs.items;
	v->rungs_n = (int)rungs.n;
	if (v->rungs[v->rungs_n - 1].state == RUNG_NOW)
		v->rung_now = v->rungs_n - 1;
	return 0;
}

/* ---- metrics and their samples ---- */

static const char *number(struct maker *m, int64_t value)
{
	char text[CANARY_NUMBER];

	return arena_strdup(m->a, canary_number(value, text));
}

/* Under way, a number that is old or was not given is struck; afterwards it stands as it was in the end. */
static const char *measured(struct maker *m, int64_t value)
{
	bool struck = m->v->stale || (m->v->live && value == CANARY_NONE_VALUE);

	return struck ? CANARY_STRUCK : number(m, value);
}

static const char *verdict_words(struct maker *m, const struct canary_metric *k)
{
	bool counted = k->of > 0 && k->bad >= 0 && k->bad <= k->of;
	int64_t n = counted && k->verdict == VERDICT_PASS ? k->of - k->bad : k->bad;

	if (m->v->stale)
		return CANARY_STRUCK;
	/* a judgement by counts may fail what no single sample had over the limit: then they say nothing */
	if (!counted || (k->verdict != VERDICT_PASS && (k->verdict != VERDICT_FAIL || !n)))
		return canary_verdict_words(k->verdict);
	return arena_printf(m->a, "%s %" PRId64 "/%" PRId64, canary_verdict_words(k->verdict), n, k->of);
}

static int push_metric(void *ctx, const void *record)
{
	struct maker *m = ctx;
	const struct canary_metric *k = record;

	*vec_push(&m->v->metrics, m->a) = (struct canary_metric_row){
		.name = view_safe(m->a, k->name),
		.unit = view_safe(m->a, k->unit),
		.control = measured(m, k->control),
		.canary = measured(m, k->canary),
		.limit = number(m, k->limit),
		.verdict = verdict_words(m, k),
		.reason = view_safe(m->a, k->reason),
		.verdict_value = m->v->stale ? VERDICT_UNKNOWN : k->verdict,
		.control_value = m->v->stale ? CANARY_NONE_VALUE : k->control,
		.canary_value = m->v->stale ? CANARY_NONE_VALUE : k->canary,
		.limit_value = k->limit,
		.control_n = -1,
		.canary_n = -1,
	};
	return 0;
}

struct points {
	struct canary_metric_row *row;
	struct canary_point *newest; /* first, as they are read */
	int n, most;
	struct when since; /* of the rung */
};

static void count(int64_t *sum, int64_t n)
{
	if (n >= 0)
		*sum = (*sum < 0 ? 0 : *sum) + n;
}

static int push_point(void *ctx, const void *record)
{
	struct points *p = ctx;
	const struct canary_sample *one = record;

	if (p->n == p->most)
		return 1;
	p->newest[p->n++] = (struct canary_point){ one->at, one->control, one->canary, one->state };
	if (when_diff(one->at, p->since) >= 0) {
		count(&p->row->control_n, one->control_n);
		count(&p->row->canary_n, one->canary_n);
	}
	return 0;
}

static void turn(struct canary_point *p, int n)
{
	for (int i = 0; i < n / 2; i++) {
		struct canary_point one = p[i];
		p[i] = p[n - 1 - i];
		p[n - 1 - i] = one;
	}
}

/* The words of a sample are of no use here: its state says it. They live no longer than their row. */
static int read_points(struct maker *m, int metric, int64_t most)
{
	struct canary_metric_row *row = &m->v->metrics.items[metric];
	struct points p = { .row = row, .most = (int)most, .since = m->row.started };
	const struct key key = { .name = m->row.lane, .number = metric, .limit = most };
	struct arena words = ARENA_INIT;

	p.newest = arena_array(m->a, struct canary_point, (size_t)most);
	int r = store_each(m->store, Q_canary_samples_newest, &rec_key, &key, &rec_canary_sample, &words,
			   push_point, &p, m->e);
	arena_done(&words);
	turn(p.newest, p.n);
	row->points = p.newest;
	row->points_n = p.n;
	return r < 0 ? r : 0;
}

static int read_all_points(struct maker *m, const struct canary_wish *wish)
{
	int r = 0;

	for (int i = 0; i < (int)m->v->metrics.n && r >= 0; i++) {
		int64_t most = i == wish->metric ? CANARY_SAMPLES : wish->samples;
		most = most > CANARY_SAMPLES ? CANARY_SAMPLES : most;
		r = most > 0 ? read_points(m, i, most) : 0;
	}
	return r;
}

/* ---- what it cost, who did what, the way back ---- */

#define LEAST_SHARE_PPM 100 /* below it a share of the budget is not told apart */

static const char *cost_words(struct maker *m)
{
	const struct canary *c = &m->row;
	char share[CANARY_NUMBER];
	const char *exposed, *extra, *budget;

	if (m->v->stale)
		return "exposed " CANARY_STRUCK " requests, " CANARY_STRUCK " extra errors";
	exposed = c->exposed < 0 ? "requests are not counted"
				 : arena_printf(m->a, "exposed %" PRId64 " requests", c->exposed);
	extra = c->extra_errors < 0 ? "extra errors not known"
				    : arena_printf(m->a, "~%" PRId64 " extra errors", c->extra_errors);
	/* ppm * 100 is the percent in millionths */
	if (c->budget_ppm > 0 && c->budget_ppm < LEAST_SHARE_PPM)
		return arena_printf(m->a, "%s, %s, under 0.01%% of the error budget", exposed, extra);
	budget = c->budget_ppm < 0 || c->budget_ppm > INT64_MAX / 100
			 ? "budget not known"
			 : arena_printf(m->a, "%s%% of the error budget",
					canary_number(c->budget_ppm * 100, share));
	return arena_printf(m->a, "%s, %s, %s", exposed, extra, budget);
}

static int push_note(void *ctx, const void *record)
{
	struct maker *m = ctx;
	const struct event *ev = record;
	char at[WHEN_TEXT];

	if (!text_eq(ev->lane, m->row.lane))
		return 0;
	*vec_push(&m->v->notes, m->a) = (struct canary_note){
		.at = arena_strdup(m->a, when_hms(ev->at, at)),
		.text = view_event_words(m->a, ev->text),
		.when = ev->at,
	};
	return m->v->notes.n == NOTES_KEPT;
}

static int read_notes(struct maker *m)
{
	const struct key key = { .limit = NOTES_READ };
	int r = store_each(m->store, Q_events_recent, &rec_key, &key, &rec_event, m->a, push_note, m, m->e);

	return r < 0 ? r : 0;
}

static int first_act(void *ctx, const void *record)
{
	struct maker *m = ctx;
	const struct intent *in = record;
	const char *reason = view_safe(m->a, in->reason);

	if (!text_eq(in->lane, m->row.lane))
		return 0;
	m->v->last = arena_printf(m->a, "%s by %s %s ago: %s%s%s%s", view_safe(m->a, in->act),
				  view_safe(m->a, in->who), view_age_minutes(m->a, in->created, m->now),
				  names_word(&intent_state_names, in->state), *reason ? " \"" : "", reason,
				  *reason ? "\"" : "");
	return 1;
}

/* An act from here, else what the source tells of who promoted last. */
static int read_last(struct maker *m)
{
	const struct key key = { .limit = ACTS_READ };
	char at[WHEN_TEXT];

	for (int i = 0; i < m->v->rungs_n; i++) {
		const struct canary_rung_row *r = &m->v->rungs[i];
		if (*r->by)
			m->v->last = arena_printf(m->a, "%s promoted to %s%s%s", r->by, r->weight,
						  when_known(r->entered) ? " at " : "",
						  when_known(r->entered) ? when_hms(r->entered, at) : "");
	}
	int r = store_each(m->store, Q_intents_recent, &rec_key, &key, &rec_intent, m->a, first_act, m, m->e);
	return r < 0 ? r : 0;
}

static int read_back(struct maker *m)
{
	struct readiness_row back;
	struct canary_view *v = m->v;
	int r = readiness_row_read(&back, m->store, m->row.lane, m->now, m->a, m->e);

	if (r < 0)
		return r;
	v->back = back.back;
	v->back_ok = back.ok;
	for (int i = 0; i < back.checks_n; i++) {
		const struct check_row *c = &back.checks[i];
		if (!strcmp(c->name, "duration") && c->status == CHECK_OK)
			v->back_took = c->detail;
		if (!strcmp(c->name, "migrations"))
			v->back_more = arena_printf(m->a, "migrations: %s", c->detail);
	}
	return 0;
}

/* ---- the whole ---- */

static void judge_age(struct maker *m)
{
	struct canary_view *v = m->v;
	const struct canary *c = &m->row;
	struct when first = when_known(c->sampled) ? c->sampled : c->started;
	char at[WHEN_TEXT];

	m->limit_ms = canary_limit_ms(c);
	v->age_ms = view_age_ms(c->sampled, m->now);
	v->live = canary_is_live(c->phase);
	m->blind = canary_is_blind(c, m->now);
	v->stale = m->blind || (v->live && view_age_ms(first, m->now) > m->limit_ms);
	v->sampled = when_known(c->sampled) ? arena_printf(m->a, "newest sample %s", when_hms(c->sampled, at))
					    : "no sample yet";
	v->freshness = arena_printf(m->a, v->stale ? "STALE: no sample for %s" : "stale after %s without one",
				    v->stale ? view_age_minutes(m->a, m->blind ? c->at : first, m->now)
					     : clock_words(m->a, m->limit_ms / 1000));
}

static void say_weights(struct maker *m)
{
	struct canary_view *v = m->v;
	const struct canary *c = &m->row;

	v->set_bp = m->blind ? -1 : c->set_bp;
	v->seen_bp = v->stale ? -1 : c->seen_bp;
	v->set = m->blind ? CANARY_STRUCK : weight_words(m, c->set_bp, c->set_why);
	v->seen = v->stale ? CANARY_STRUCK : weight_words(m, c->seen_bp, c->seen_why);
	v->set_from = view_safe(m->a, c->set_from);
	v->seen_from = view_safe(m->a, c->seen_from);
}

static void say_row(struct maker *m)
{
	struct canary_view *v = m->v;
	const struct canary *c = &m->row;

	v->release = view_short(m->a, c->release);
	v->run = c->run;
	v->phase = c->phase;
	v->phase_word = names_word(&canary_phase_names, c->phase);
	v->step = c->step;
	v->steps = c->steps;
	v->started = c->started;
	v->ends = c->ends;
	v->sampled_at = c->sampled;
	judge_age(m);
	say_weights(m);
	v->verdict = v->stale ? VERDICT_UNKNOWN : c->verdict;
	v->verdict_word = v->stale ? CANARY_STRUCK : canary_verdict_words(c->verdict);
	v->reason = view_safe(m->a, c->reason);
	v->cost = cost_words(m);
	v->mechanism = view_safe(m->a, c->mechanism);
	v->can_hold = c->can_hold;
}

static int read_rows(struct maker *m)
{
	const struct key key = { .name = m->row.lane };
	enum query rungs = m->kept ? Q_canary_past_rungs_by_lane : Q_canary_rungs_by_lane;
	enum query metrics = m->kept ? Q_canary_past_metrics_by_lane : Q_canary_metrics_by_lane;
	int r = store_each(m->store, rungs, &rec_key, &key, &rec_canary_rung, m->a, push_rung, m, m->e);

	return r < 0 ? r
		     : store_each(m->store, metrics, &rec_key, &key, &rec_canary_metric, m->a, push_metric, m,
				  m->e);
}

static int read_parts(struct maker *m, const struct canary_wish *wish)
{
	int r = read_rows(m);

	if (r >= 0)
		r = read_all_points(m, wish);
	if (r >= 0)
		r = read_notes(m);
	if (r >= 0)
		r = read_last(m);
	return r < 0 ? r : read_back(m);
}

static struct canary_view nothing(const char *lane)
{
	return (struct canary_view){ .lane = lane,
				     .release = "",
				     .phase_word = "",
				     .set = "",
				     .seen = "",
				     .set_from = "",
				     .seen_from = "",
				     .set_bp = -1,
				     .seen_bp = -1,
				     .rung_now = -1,
				     .verdict_word = "",
				     .reason = "",
				     .cost = "",
				     .sampled = "",
				     .freshness = "",
				     .mechanism = "",
				     .guard = "",
				     .last = "",
				     .back = "",
				     .back_took = "",
				     .back_more = "",
				     .past_line = "",
				     .ahead = "",
				     .age_ms = -1 };
}

/* ---- the one that is on its way to the ladder ---- */

static int first_running(void *ctx, const void *record)
{
	const char **name = ctx;
	const struct job *job = record;

	if (job->status != RUN_IN_PROGRESS)
		return 0;
	*name = job->name;
	return 1;
}

/* Before the first rung nothing is under way that could be judged, and yet a release comes. */
static int read_ahead(struct maker *m)
{
	const struct key lane_key = { .name = m->row.lane };
	struct lane lane = { 0 };
	struct run run = { 0 };
	const char *job = NULL;
	int r;

	if (m->v->live && (m->row.step > 0 || m->row.set_bp != 0))
		return 0;
	r = store_one(m->store, Q_lane_by_name, &rec_key, &lane_key, &rec_lane, &lane, m->a, m->e);
	if (r == 0)
		r = store_one(m->store, Q_run_by_id, &rec_key, &(struct key){ .id = lane.run_id }, &rec_run,
			      &run, m->a, m->e);
	if (r || run.status == RUN_COMPLETED || (!m->v->live && run.id == m->row.run))
		return r < 0 ? r : 0;
	r = store_each(m->store, Q_jobs_by_run, &rec_key,
		       &(struct key){ .id = run.id, .number = run.attempt }, &rec_job, m->a, first_running,
		       &job, m->e);
	m->v->ahead = arena_printf(m->a, "%s is not at the first rung yet (%s%s)",
				   *run.release ? view_short(m->a, run.release) : "the next release",
				   job ? "job " : "no job of it runs", job ? view_safe(m->a, job) : "");
	return r < 0 ? r : 0;
}

/* ---- the one that went back ---- */

/* The highest rung that it stood on: what is set now may be nought. */
static const char *reached_words(const struct canary_view *v)
{
	const char *at = NULL;

	for (int i = 0; i < v->rungs_n; i++)
		at = when_known(v->rungs[i].entered) ? v->rungs[i].weight : at;
	return at;
}

static const char *past_words(struct maker *m, const struct canary_view *past)
{
	const struct canary_view *v = m->v;
	const char *lead = v->live ? "going back" : v->phase == CANARY_DONE ? "went back" : "before it";
	const char *end = past->phase == CANARY_ABORTED   ? "was aborted"
			  : past->verdict == VERDICT_FAIL ? "failed"
							  : "stopped";
	const char *at = reached_words(past);

	return arena_printf(m->a, "%s: %s %s %s%s%s%s", lead, *past->release ? past->release : "a release",
			    end, at ? "at " : "before its first rung", at ? at : "",
			    *past->reason ? ": " : "", past->reason);
}

/* Also tells whether the row is the one that is kept, only that its metrics were measured again since it ended. */
static int read_past(struct maker *m)
{
	const struct key key = { .name = m->row.lane };
	struct canary_view *past = arena_new(m->a, struct canary_view);
	struct maker old = {
		.v = past, .store = m->store, .now = m->now, .a = m->a, .e = m->e, .kept = true
	};
	int r = store_one(m->store, Q_canary_past_by_lane, &rec_key, &key, &rec_canary, &old.row, m->a, m->e);

	if (r != 0)
		return r < 0 ? r : 0;
	if (old.row.run == m->row.run && text_eq(old.row.release, m->row.release)) {
		m->kept = !m->v->live;
		return 0;
	}
	*past = nothing(m->v->lane);
	say_row(&old);
	r = read_rows(&old);
	m->v->past = past;
	m->v->past_line = past_words(m, past);
	return r;
}

/* The lane as it is known in the cache, or as it is shown: a name that is not safe text has no other spelling here. */
static int find_row(struct maker *m, const char *lane)
{
	const struct key key = { .name = lane };
	struct canaries all = { 0 };
	struct lane known;
	int r = store_canaries_read(&all, m->store, m->a, m->e);

	if (r < 0)
		return r;
	vec_each (c, &all)
		if (text_eq(c->lane, lane) || text_eq(view_safe(m->a, c->lane), lane)) {
			m->row = *c;
			return 0;
		}
	r = store_one(m->store, Q_lane_by_name, &rec_key, &key, &rec_lane, &known, m->a, m->e);
	return r < 0 ? r : r ? CANARY_NO_LANE : CANARY_NEVER;
}

int view_canary(struct canary_view *out, struct store *s, const char *lane, const struct canary_wish *wish,
		struct when now, struct arena *a, struct err *e)
{
	struct maker m = { .v = out, .store = s, .now = now, .a = a, .e = e };
	int r = find_row(&m, lane);

	*out = nothing(view_safe(a, lane));
	if (r)
		return r;
	out->lane = view_safe(a, m.row.lane);
	say_row(&m);
	r = read_past(&m);
	if (r >= 0)
		r = read_ahead(&m);
	if (r < 0)
		return r;
	r = view_guard_words(&out->guard, s, m.row.lane, now, a, e);
	return r < 0 ? r : read_parts(&m, wish);
}

/* ---- all of them ---- */

static int urgency(const struct canary_row *r)
{
	static const int of_verdict[] = { 2, 3, 0, 1 }; /* unknown pass fail inconclusive */

	if (!r->live)
		return 4;
	return r->verdict_value >= 0 && (size_t)r->verdict_value < countof(of_verdict)
		       ? of_verdict[r->verdict_value]
		       : 0;
}

/* A handful; those of the same urgency stay by name. */
static void sort_rows(struct canary_list *v)
{
	for (size_t i = 1; i < v->n; i++) {
		struct canary_row row = v->items[i];
		size_t k = i;
		for (; k > 0 && urgency(&v->items[k - 1]) > urgency(&row); k--)
			v->items[k] = v->items[k - 1];
		v->items[k] = row;
	}
}

static int add_row(struct maker *m, struct canary_list *out, const struct canary *c)
{
	struct canary_view v = nothing("");
	int r;

	m->v = &v;
	m->row = *c;
	say_row(m);
	r = read_ahead(m);
	*vec_push(out, m->a) = (struct canary_row){
		.lane = view_safe(m->a, c->lane),
		.release = v.release,
		.phase = v.phase_word,
		.weights = arena_printf(m->a, "%s set / %s seen", v.set, v.seen),
		.step = c->steps > 0 ? arena_printf(m->a, "%" PRId64 " of %" PRId64, c->step, c->steps) : "-",
		.verdict = v.verdict_word,
		.reason = v.reason,
		.age = view_age_minutes(m->a, c->sampled, m->now),
		.phase_value = c->phase,
		.verdict_value = v.verdict,
		.live = v.live,
		.ahead = v.ahead,
	};
	return r;
}

int view_canaries(struct canary_list *out, struct store *s, struct when now, struct arena *a, struct err *e)
{
	struct maker m = { .store = s, .now = now, .a = a, .e = e };
	struct canaries all = { 0 };
	int r = store_canaries_read(&all, s, a, e);

	vec_each (c, &all)
		r = r < 0 ? r : add_row(&m, out, c);
	sort_rows(out);
	return r < 0 ? r : 0;
}
