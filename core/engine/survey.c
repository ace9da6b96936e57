/*
 * survey.c - when to look for evidence, and the readings of all looks. One timer, like polling.
 */
#include "core/engine/survey.h"
#include "core/engine/canary.h"
#include "core/engine/survey_fleet.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define BASE_INTERVAL INT64_C(15000) /* as polling */

enum { PHASE_NONE, PHASE_JOBS, PHASE_FIRST, PHASE_REST, PHASE_PROOFS, PHASE_BACK };

/* One reading of a look, waiting or under way. When the look's engine is gone first, k is NULL. */
struct reading {
	struct reading *next;
	struct survey *s;
	struct look *k;
	struct forge_read forge;
	struct registry_read registry;
	look_take taken;
	look_tags tags; /* not NULL: of the registry */
	void *ctx;
};
struct survey_wait {
	struct survey_wait *next;
	survey_done done;
	void *ctx;
};

static void survey_schedule(struct survey *s);

static msec mono(const struct survey *s)
{
	return clock_mono(loop_clock(s->en->o.loop));
}

struct when look_now(const struct look *k)
{
	return engine_now(k->s->en);
}

struct store *look_cache(const struct look *k)
{
	return k->s->en->o.cache;
}

/* ---- readings ------------------------------------------------------------------------------------------------------- */

static struct reading *reading_add(struct look *k, void *ctx)
{
	struct reading *r = x_alloc(sizeof(*r)), **at = &k->s->queue;

	*r = (struct reading){ .s = k->s, .k = k, .ctx = ctx };
	while (*at)
		at = &(*at)->next;
	*at = r;
	k->pending++;
	return r;
}

void look_read(struct look *k, const struct forge_read *q, look_take taken, void *ctx)
{
	struct reading *r = reading_add(k, ctx);

	r->forge = *q;
	r->forge.keep = true; /* a round asks what the one before it asked */
	r->taken = taken;
}

void look_registry(struct look *k, const struct registry_read *q, look_tags tags, void *ctx)
{
	struct reading *r = reading_add(k, ctx);

	r->registry = *q;
	r->tags = tags;
}

/* What lies elsewhere counts for nobody's rate limit. */
static bool asks_forge(const struct reading *r)
{
	return !r->tags && r->forge.kind != FORGE_PROBE && r->forge.kind != FORGE_ATTESTATION_BUNDLE;
}

static void unlink_reading(struct reading **list, const struct reading *r)
{
	for (; *list; list = &(*list)->next)
		if (*list == r) {
			*list = r->next;
			return;
		}
}

/* The look it belongs to, or NULL when nobody waits for it any more; then it is freed. */
static struct look *reading_landed(struct reading *r, bool replayed)
{
	struct survey *s = r->s;

	if (!s) {
		free(r);
		return NULL;
	}
	unlink_reading(&s->flying, r);
	s->flights--;
	r->k->pending--;
	r->k->heard |= !replayed;
	return r->k;
}

static void note_reading(struct survey *s, const struct forge_answer *a, const struct err *err)
{
	engine_note_answer(s->en, a, err);
	if (a && a->replayed) {
		governor_refund(&s->en->sync->gov, a->rate.remaining >= 0);
		s->unchanged++;
	}
}

static void forge_landed(void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct reading *r = ctx;
	struct look *k = reading_landed(r, a && a->replayed);
	struct err damaged = ERR_INIT;

	if (!k)
		return;
	if (asks_forge(r))
		note_reading(k->s, a, err);
	if (a && a->damaged) {
		err_set(&damaged, ERR_SERVER, "damaged answer: %s",
			a->first_damage ? a->first_damage : "unreadable record");
		a = NULL;
		err = &damaged;
	}
	r->taken(k, r->ctx, a, err);
	survey_schedule(k->s);
	free(r);
}

static void registry_landed(void *ctx, const struct registry_answer *a, const struct err *err)
{
	struct reading *r = ctx;
	struct look *k = reading_landed(r, false);

	if (!k)
		return;
	r->tags(k, r->ctx, a, err);
	survey_schedule(k->s);
	free(r);
}

static int start_forge(struct survey *s, struct reading *r, struct err *e)
{
	if (asks_forge(r))
		governor_sent(&s->en->sync->gov, mono(s));
	return forge_read(s->en->o.forge, &r->forge, forge_landed, r, e);
}

static int start_registry(struct survey *s, struct reading *r, struct err *e)
{
	struct registry *reg = s->en->o.registry;

	if (!reg)
		return err_set(e, ERR_MISSING, "no registry is known here");
	return reg->ops->read(reg, &r->registry, registry_landed, r, e);
}

static void fail_reading(struct reading *r, const struct err *err)
{
	if (r->tags)
		registry_landed(r, NULL, err);
	else
		forge_landed(r, NULL, err);
}

static void take_off(struct survey *s, struct reading *r)
{
	unlink_reading(&s->queue, r);
	r->next = s->flying;
	s->flying = r;
	s->flights++;
}

static void reading_start(struct survey *s, struct reading *r)
{
	struct err e = ERR_INIT;
	int rc;

	take_off(s, r);
	rc = r->tags ? start_registry(s, r, &e) : start_forge(s, r, &e);
	if (rc < 0)
		fail_reading(r, &e);
}

/* Milliseconds until this reading may leave. */
static int64_t reading_wait(struct survey *s, const struct reading *r)
{
	struct sync *sync = s->en->sync;
	enum governor_level level = r->k->subject->owed ? LEVEL_SCREEN : LEVEL_IDLE;

	if (!asks_forge(r))
		return 0;
	if (r->k->asked) /* a plan of the captain's: what it relies on may use the reserve, as its other readings do */
		return governor_wait_act(&sync->gov, mono(s), sync_server_now(sync));
	return governor_wait(&sync->gov, level, mono(s), sync_server_now(sync));
}

/* What a person waits for is answered with the rate limit, not kept for an hour. */
static bool is_stuck(const struct survey *s, const struct reading *r, int64_t wait)
{
	return (r->k->asked || (s->serving && r->k->subject->owed)) && wait > SURVEY_STUCK;
}

static void reading_stuck(struct survey *s, struct reading *r, int64_t wait)
{
	struct err e = ERR_INIT;
	char age[WHEN_TEXT];

	err_set(&e, ERR_RATE, "the forge's rate limit allows no request for %s", when_age(wait, age));
	take_off(s, r);
	fail_reading(r, &e);
}

/* Starts what may leave now. Milliseconds until the first of the rest, -1: none waits for the clock. */
static int64_t readings_pump(struct survey *s)
{
	while (s->queue && s->flights < SURVEY_FLIGHTS) {
		struct reading *r = s->queue;
		int64_t wait = reading_wait(s, r);

		if (is_stuck(s, r, wait))
			reading_stuck(s, r, wait);
		else if (wait > 0)
			return wait;
		else
			reading_start(s, r);
	}
	return -1;
}

/* ---- looks ---------------------------------------------------------------------------------------------------------- */

static struct look *look_add(struct survey *s, struct subject *u, look_step first)
{
	struct look *k = x_alloc(sizeof(*k));

	*k = (struct look){
		.next = s->looks, .s = s, .subject = u, .profile = u->profile, .lane = u->lane, .step = first
	};
	s->looks = k;
	u->looks++;
	return k;
}

void look_then(struct look *k, look_step step)
{
	k->step = step;
}

void look_end(struct look *k)
{
	for (struct look **at = &k->s->looks; *at; at = &(*at)->next)
		if (*at == k) {
			*at = k->next;
			break;
		}
	k->subject->looks--;
	arena_done(&k->arena);
	free(k);
}

/* The first that can go on; NULL none. */
static struct look *look_ready(const struct survey *s)
{
	for (struct look *k = s->looks; k; k = k->next)
		if (!k->pending && k->step)
			return k;
	return NULL;
}

const char *look_failed(struct look *k, const struct err *err)
{
	return arena_printf(&k->arena, "not read: %s", err->message);
}

const char *look_expand(struct look *k, const char *template, const char *release, const char *sha)
{
	const struct profile_words w = { .release = release && *release ? release : NULL,
					 .sha = sha && *sha ? sha : NULL,
					 .ref = NULL,
					 .nonce = NULL,
					 .repo = k->profile->repo };

	return template ? profile_expand(&k->arena, template, &w) : NULL;
}

/* Words of strangers may be of any length; a row is for a line of a screen. */
#define ROW_TEXT 600

int look_put(struct look *k, enum query q, const struct rec *rec, void *row, struct err *e)
{
	for (int i = 0; i < rec->n; i++) {
		const struct field *f = &rec->fields[i];
		const char **s = f->type == FIELD_STRING ? (const char **)rec_at_mut(row, f) : NULL;

		if (s && *s && strlen(*s) > ROW_TEXT)
			*s = arena_printf(&k->arena, "%.*s..", ROW_TEXT, *s);
	}
	return store_run(look_cache(k), q, rec, row, e);
}

bool look_write(struct look *k, struct err *e)
{
	return store_begin(look_cache(k), e) >= 0;
}

void look_written(struct look *k, int r, const struct err *e)
{
	struct engine *en = k->s->en;
	struct err end = ERR_INIT;

	if (r >= 0) {
		e = &end;
		r = store_end(en->o.cache, &end);
	}
	if (r < 0) {
		store_undo(en->o.cache);
		if (en->o.log)
			log_line(en->o.log, "cache", "evidence of %s is not kept: %s",
				 k->lane ? k->lane->name : k->profile->system, e->message);
		return;
	}
	if (k->heard || !k->subject->quiet)
		engine_emit(en, "changed", "");
}

/* ---- rounds ---------------------------------------------------------------------------------------------------------- */

static void look_at_probe(struct survey *s, struct subject *u, size_t i)
{
	static const look_step kinds[] = { [PROBE_OTHER] = NULL,
					   [PROBE_DEPLOYMENTS] = look_at_deployments,
					   [PROBE_URL] = look_at_url,
					   [PROBE_PINS] = look_at_pins,
					   [PROBE_IMAGE] = look_at_image };
	const struct profile_probe *probe = &u->lane->probes.items[i];
	look_step step = (size_t)probe->kind < countof(kinds) ? kinds[probe->kind] : NULL;
	struct look *k;

	if (!step)
		return;
	k = look_add(s, u, step);
	k->probe = probe;
	k->ordinal = (int64_t)i;
}

/* What is live may hang on it. */
static void phase_jobs(struct survey *s, struct subject *u)
{
	u->phase = PHASE_JOBS;
	if (u->lane && jobs_matter(u->profile, u->lane))
		look_add(s, u, look_at_jobs);
}

/* What captains hold is looked at more often than what files say. */
#define LOCK_TURNS 4

static bool expects_pushes(const struct profile *p)
{
	vec_each (l, &p->lanes)
		vec_each (x, &l->expects)
			if (x->kind == EXPECT_PUSH)
				return true;
	return false;
}

/* Decisions first: a way back that a run said no to is none. */
static void phase_first(struct survey *s, struct subject *u)
{
	bool all = u->owed || u->turns % LOCK_TURNS == 0;

	u->phase = PHASE_FIRST;
	if (u->lane && u->lane->decisions.n)
		look_add(s, u, look_at_decisions);
	if (u->lane)
		return;
	look_add(s, u, look_at_locks);
	if (expects_pushes(u->profile))
		look_add(s, u, look_at_heads);
	if (all && u->profile->freezes.n)
		look_add(s, u, look_at_freezes);
	u->turns = all ? 1 : u->turns + 1;
}

static bool goes_back(const struct profile_lane *l)
{
	return l->production || l->rollback != BACK_NONE;
}

/* One look is its whole round. */
static void phase_canary(struct survey *s, struct subject *u)
{
	u->phase = PHASE_REST;
	look_add(s, u, u->of == OF_LADDER ? look_at_ladder : look_at_samples);
}

static void phase_rest(struct survey *s, struct subject *u)
{
	u->phase = PHASE_REST;
	if (!u->lane)
		return;
	for (size_t i = 0; i < u->lane->probes.n; i++)
		look_at_probe(s, u, i);
	if (u->lane->knobs.n)
		look_add(s, u, look_at_policies);
}

/* Of what runs and what was released, which the probes have told. */
static void phase_proofs(struct survey *s, struct subject *u)
{
	u->phase = PHASE_PROOFS;
	if (u->of == OF_EVIDENCE && u->lane && lane_terms(u->lane))
		look_add(s, u, look_at_proofs);
}

/* Whether what it goes back to is proved is known by now, and so is whether the pins of machines are. */
static void phase_back(struct survey *s, struct subject *u)
{
	const struct profile_lane *l = u->of == OF_EVIDENCE ? u->lane : NULL;

	u->phase = PHASE_BACK;
	if (l && goes_back(l))
		look_add(s, u, look_at_way_back);
	if (l && l->attestation && s->en->fleets)
		look_add(s, u, look_at_machines);
}

static msec interval(const struct survey *s)
{
	msec base = s->en->o.interval > 0 ? s->en->o.interval : BASE_INTERVAL;

	return base * SURVEY_PACE * (s->en->follows ? 4 : 1);
}

static const char *subject_name(const struct subject *u, struct arena *a)
{
	static const char *const words[] = {
		[OF_EVIDENCE] = "survey", [OF_LADDER] = "survey ladder", [OF_SAMPLES] = "survey samples"
	};

	return arena_printf(a, "%s %s", words[u->of], u->lane ? u->lane->name : u->profile->system);
}

/* So that the next engine knows when this was looked at. */
static void keep_round(struct survey *s, const struct subject *u)
{
	struct arena a = ARENA_INIT;
	struct when now = engine_now(s->en);
	const struct poll row = {
		.name = subject_name(u, &a), .etag = "", .checked = now, .changed = now, .error = ""
	};

	(void)!store_run(s->en->o.cache, Q_poll_put, &rec_poll, &row, NULL);
	arena_done(&a);
}

/* What watches a canary keeps time: windows are counted in its samples. */
static msec next_due(struct survey *s, const struct subject *u)
{
	if (u->again)
		return mono(s);
	if (u->pace)
		return u->due + u->pace > mono(s) ? u->due + u->pace : mono(s) + u->pace;
	return mono(s) + sync_jitter(s->en->sync, u->lane ? interval(s) : interval(s) / LOCK_TURNS);
}

static void round_end(struct survey *s, struct subject *u)
{
	u->phase = PHASE_NONE;
	if (!u->set)
		u->due = next_due(s, u);
	u->set = false;
	u->owed = u->owed && u->again;
	u->paced = !u->again;
	u->again = false;
	s->rounds -= u->of == OF_EVIDENCE;
	keep_round(s, u);
}

void survey_pace(struct look *k, const struct canary_pace *pace)
{
	struct survey *s = k->s;

	for (struct subject *u = s->subjects; u; u = u->next) {
		if (u->lane != k->lane || u->of == OF_EVIDENCE)
			continue;
		u->pace = u->of == OF_LADDER ? pace->ladder : pace->samples;
		if (u->of == OF_SAMPLES && when_known(pace->sample)) {
			u->due = mono(s) + when_diff(pace->sample, engine_now(s->en));
			u->set = u->phase != PHASE_NONE;
		}
	}
}

static void round_go_on(struct survey *s, struct subject *u)
{
	if (u->phase == PHASE_JOBS && !u->looks)
		phase_first(s, u);
	if (u->phase == PHASE_FIRST && !u->looks)
		phase_rest(s, u);
	if (u->phase == PHASE_REST && !u->looks)
		phase_proofs(s, u);
	if (u->phase == PHASE_PROOFS && !u->looks)
		phase_back(s, u);
	if (u->phase == PHASE_BACK && !u->looks)
		round_end(s, u);
}

/* A refused token is the forge's: metrics are asked without it. */
static bool is_barred(const struct survey *s, const struct subject *u)
{
	return s->en->sync->refused && u->of != OF_SAMPLES;
}

static bool has_room(const struct survey *s, const struct subject *u)
{
	return u->of != OF_EVIDENCE || s->rounds < SURVEY_ROUNDS;
}

static bool is_due(const struct survey *s, const struct subject *u, bool watched)
{
	return !u->phase && has_room(s, u) && (u->owed || (watched && u->due <= mono(s) && !is_barred(s, u)));
}

static bool is_watched(const struct survey *s)
{
	return engine_is_watched(s->en);
}

static void round_begin(struct survey *s, struct subject *u)
{
	u->quiet = u->paced && !u->owed;
	if (u->of != OF_EVIDENCE) {
		phase_canary(s, u);
		return;
	}
	s->rounds++;
	phase_jobs(s, u);
}

/* A round at a time until all that can be done now is done. */
static bool rounds_go_on(struct survey *s)
{
	bool went = false;
	struct look *k = look_ready(s);

	for (struct subject *u = s->subjects; u; u = u->next) {
		if (u->phase && !u->looks) {
			round_go_on(s, u);
			went = true;
		}
		if (is_due(s, u, is_watched(s))) {
			round_begin(s, u);
			went = true;
		}
	}
	if (k) {
		look_step step = k->step;

		k->step = NULL;
		step(k);
	}
	return went || k;
}

/* ---- passes ---------------------------------------------------------------------------------------------------------- */

static void waits_end(struct survey_wait *list)
{
	struct survey_wait *next;

	for (; list; list = next) {
		next = list->next;
		list->done(list->ctx);
		free(list);
	}
}

static bool is_owed(const struct survey *s)
{
	for (const struct subject *u = s->subjects; u; u = u->next)
		if (u->owed)
			return true;
	return false;
}

/* True when something was settled: whoever was answered may have asked again. */
static bool passes_settle(struct survey *s)
{
	struct survey_wait *list = s->serving;

	if (list && !is_owed(s)) {
		s->serving = NULL;
		waits_end(list);
		return true;
	}
	if (s->serving || !s->waiting)
		return false;
	s->serving = s->waiting;
	s->waiting = NULL;
	for (struct subject *u = s->subjects; u; u = u->next) {
		u->owed = true;
		u->again = u->phase != PHASE_NONE;
	}
	return true;
}

void survey_now(struct survey *s, survey_done done, void *ctx)
{
	struct survey_wait *w = x_alloc(sizeof(*w));

	*w = (struct survey_wait){ .next = s->waiting, .done = done, .ctx = ctx };
	s->waiting = w;
	survey_schedule(s);
}

uint64_t survey_unchanged(const struct survey *s)
{
	return s->unchanged;
}

bool survey_busy(const struct survey *s)
{
	return s && (s->serving || s->waiting);
}

/* ---- the tick -------------------------------------------------------------------------------------------------------- */

static void survey_tick(void *ctx)
{
	struct survey *s = ctx;

	while (rounds_go_on(s) || passes_settle(s))
		;
	survey_schedule(s);
}

/* Milliseconds until the next round, -1: none while nobody watches. */
static int64_t next_round(const struct survey *s)
{
	int64_t least = -1;

	for (const struct subject *u = s->subjects; u && is_watched(s); u = u->next) {
		int64_t wait = u->due - mono(s);

		if (u->phase || !has_room(s, u) || is_barred(s, u))
			continue;
		wait = wait < 0 ? 0 : wait;
		least = least < 0 || wait < least ? wait : least;
	}
	return least;
}

static void survey_schedule(struct survey *s)
{
	int64_t line, round;

	if (look_ready(s) || s->waiting || (s->serving && !s->looks)) {
		timer_in(s->timer, 0);
		return;
	}
	line = readings_pump(s);
	round = next_round(s);
	for (struct subject *u = s->subjects; u; u = u->next)
		if (u->phase && !u->looks)
			round = 0;
	if (look_ready(s))
		round = 0;
	if (line < 0 || (round >= 0 && round < line))
		line = round;
	if (line >= 0)
		timer_in(s->timer, line);
	else
		timer_stop(s->timer);
}

void survey_wake(struct survey *s)
{
	survey_schedule(s);
}

/* ---- what happened elsewhere ------------------------------------------------------------------------------------------ */

static int notice_lane(void *ctx, const void *row)
{
	struct survey *s = ctx;
	const struct lane *l = row;

	for (struct subject *u = s->subjects; u; u = u->next) {
		if (!u->lane || !text_eq(u->lane->name, l->name))
			continue;
		if (u->of != OF_SAMPLES &&
		    (u->live_run != l->live_run || (u->state != l->state && u->state == LANE_RUN))) {
			u->due = mono(s) + SURVEY_SOON;
			u->paced = false;
			u->again = u->phase != PHASE_NONE;
		}
		if (u->of == OF_LADDER && (u->run != l->run_id || u->state != l->state))
			u->due = u->due < mono(s) + SURVEY_SOON ? u->due : mono(s) + SURVEY_SOON;
		u->live_run = l->live_run;
		u->state = l->state;
		u->run = l->run_id;
	}
	return 0;
}

void survey_notice(struct survey *s)
{
	struct arena a = ARENA_INIT;

	if (!s || s->looks)
		return; /* it notices when the looks are over: a round writes more often than lanes change */
	(void)!store_each(s->en->o.cache, Q_lanes, NULL, NULL, &rec_lane, &a, notice_lane, s, NULL);
	arena_done(&a);
	survey_schedule(s);
}

void survey_soon(struct survey *s, const char *repo)
{
	for (struct subject *u = s ? s->subjects : NULL; u; u = u->next) {
		if (!text_eq(u->profile->repo, repo) || u->of == OF_SAMPLES)
			continue;
		u->due = mono(s) + SURVEY_SOON;
		u->paced = false;
		u->turns = 0;
		u->again = u->phase != PHASE_NONE;
	}
	if (s)
		survey_schedule(s);
}

bool survey_prove(struct survey *s, const struct profile_lane *lane, const char *release, survey_done done,
		  void *ctx)
{
	for (struct subject *u = s ? s->subjects : NULL; u; u = u->next) {
		if (u->of != OF_EVIDENCE || u->lane != lane)
			continue;
		look_at_release(look_add(s, u, NULL), release, done, ctx);
		survey_schedule(s);
		return true;
	}
	return false;
}

/* ---- life ------------------------------------------------------------------------------------------------------------- */

/* Until it was looked at, that is what the screen says. */
static void declare_back(struct survey *s, const struct profile_lane *l)
{
	const struct readiness row = { .lane = l->name,
				       .name = "target",
				       .status = CHECK_UNCHECKED,
				       .detail = "not checked yet",
				       .fix = "pilothouse sync --once",
				       .source = "none" };

	(void)!store_run(s->en->o.cache, Q_readiness_put, &rec_readiness, &row, NULL);
}

static void subject_add(struct survey *s, const struct profile *p, const struct profile_lane *l,
			enum subject_of of)
{
	struct arena a = ARENA_INIT;
	struct subject *u = x_alloc(sizeof(*u));
	struct store *cache = s->en->o.cache;
	struct poll row = { 0 };
	struct lane known = { .state = LANE_UNKN };
	struct key key;
	int64_t age = -1;

	*u = (struct subject){ .next = s->subjects, .profile = p, .lane = l, .of = of };
	s->subjects = u;
	key = (struct key){ .name = subject_name(u, &a) };
	if (store_one(cache, Q_poll_by_name, &rec_key, &key, &rec_poll, &row, &a, NULL) == 0)
		age = when_diff(engine_now(s->en), row.checked);
	key.name = l ? l->name : "";
	if (store_one(cache, Q_lane_by_name, &rec_key, &key, &rec_lane, &known, &a, NULL) == 0)
		u->live_run = known.live_run;
	u->state = known.state;
	u->due = mono(s) + SURVEY_FIRST;
	if (of == OF_EVIDENCE && age >= 0 && interval(s) - age > SURVEY_FIRST)
		u->due = mono(s) + interval(s) - age;
	if (of == OF_EVIDENCE && age < 0 && l && l->rollback != BACK_NONE)
		declare_back(s, l);
	arena_done(&a);
}

static int forget_drift(void *ctx, const void *row)
{
	struct survey *s = ctx;
	const struct drift *d = row;
	const struct profile_lane *l = profiles_lane(s->en->o.profiles, d->lane, NULL);
	struct key key = { .name = d->lane, .number = d->probe };

	if (!l || d->probe >= (int64_t)l->probes.n + (l->knobs.n > 0))
		(void)!store_run(s->en->o.cache, Q_drift_forget, &rec_key, &key, NULL);
	return 0;
}

/* What no profile asks for any more would stay for ever. */
static void forget_strangers(struct survey *s)
{
	struct arena a = ARENA_INIT;

	(void)!store_each(s->en->o.cache, Q_drifts, NULL, NULL, &rec_drift, &a, forget_drift, s, NULL);
	arena_done(&a);
}

struct survey *survey_new(struct engine *en)
{
	struct survey *s = x_alloc(sizeof(*s));

	*s = (struct survey){ .en = en };
	s->timer = timer_new(en->o.loop, survey_tick, s);
	forget_strangers(s);
	vec_each (p, en->o.profiles) {
		if (!p->repo || !*p->repo)
			continue;
		vec_each (l, &p->lanes)
			if (l->decisions.n || l->probes.n || l->knobs.n || goes_back(l) || jobs_matter(p, l))
				subject_add(s, p, l, OF_EVIDENCE);
		vec_each (l, &p->lanes) {
			if (l->canary)
				subject_add(s, p, l, OF_LADDER);
			if (l->canary)
				subject_add(s, p, l, OF_SAMPLES);
		}
		subject_add(s, p, NULL, OF_EVIDENCE);
	}
	return s;
}

static void readings_drop(struct survey *s)
{
	struct reading *next;

	for (struct reading *r = s->queue; r; r = next) {
		next = r->next;
		free(r);
	}
	for (struct reading *r = s->flying; r; r = next) {
		next = r->next;
		r->s = NULL; /* its answer finds nobody */
	}
	ports_orphan(s);
}

void survey_free(struct survey *s)
{
	struct subject *next;

	if (!s)
		return;
	readings_drop(s);
	for (struct look *k = s->looks, *after; k; k = after) {
		after = k->next;
		proofs_orphan(k);
		arena_done(&k->arena);
		free(k);
	}
	timer_free(s->timer);
	waits_end(s->serving);
	waits_end(s->waiting);
	for (struct subject *u = s->subjects; u; u = next) {
		next = u->next;
		free(u);
	}
	arena_done(&s->memo_arena);
	free(s);
}
