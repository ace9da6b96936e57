#include "tui/app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "core/view/events.h"

#define EVENTS_SHOWN 40

static bool matches(const char *filter, const char *state, const char *text)
{
	const struct filter_field field = { "state", state };
	return filter_matches(filter, &field, 1, text);
}

static void filter_lanes(struct app *app)
{
	struct lane_rows *v = &app->shown.lanes;
	size_t n = 0;
	for (size_t i = 0; i < v->n; i++) {
		const struct lane_row *r = &v->items[i];
		const char *text =
			arena_printf(&app->arena, "%s %s %s %s", r->name, r->live, r->next, r->progress);
		if (matches(app->filter, names_word(&lane_state_names, r->state), text))
			v->items[n++] = *r;
	}
	v->n = n;
}

static void filter_runs(struct app *app)
{
	struct run_rows *v = &app->shown.runs;
	size_t n = 0;
	for (size_t i = 0; i < v->n; i++) {
		const struct run_row *r = &v->items[i];
		const char *text = arena_printf(&app->arena, "%s %s %s %s %s", r->lane, r->title, r->workflow,
						r->actor, r->branch);
		const char *state = arena_printf(&app->arena, "%s %s", r->status, r->conclusion);
		if (matches(app->filter, state, text))
			v->items[n++] = *r;
	}
	v->n = n;
}

static void filter_gates(struct app *app)
{
	struct gate_rows *v = &app->shown.gates;
	size_t n = 0;
	for (size_t i = 0; i < v->n; i++) {
		const struct gate_row *r = &v->items[i];
		const char *text = arena_printf(&app->arena, "%s %s %s", r->lane, r->environment, r->title);
		if (matches(app->filter, r->can_approve ? "mine" : "others", text))
			v->items[n++] = *r;
	}
	v->n = n;
}

static void filter_intents(struct app *app)
{
	struct intent_rows *v = &app->shown.intents;
	size_t n = 0;
	for (size_t i = 0; i < v->n; i++) {
		const struct intent_row *r = &v->items[i];
		const char *text = arena_printf(&app->arena, "%s %s %s %s %s", r->act, r->lane, r->subject,
						r->reason, r->note);
		if (matches(app->filter, r->state, text))
			v->items[n++] = *r;
	}
	v->n = n;
}

static void filter_drift(struct app *app)
{
	struct drift_rows *v = &app->shown.drift;
	size_t n = 0;
	for (size_t i = 0; i < v->n; i++) {
		const struct drift_row *r = &v->items[i];
		const char *text = arena_printf(&app->arena, "%s %s %s %s %s %s", r->lane, r->component,
						r->platform, r->declared, r->live, r->reason);
		if (matches(app->filter, r->verdict, text))
			v->items[n++] = *r;
	}
	v->n = n;
}

static void filter_backs(struct app *app)
{
	struct back_lines *v = &app->shown.backs;
	size_t n = 0;
	for (size_t i = 0; i < v->n; i++) {
		const struct check_row *c = v->items[i].check;
		const char *text = arena_printf(&app->arena, "%s %s %s %s", v->items[i].lane->lane, c->name,
						c->detail, c->source);
		if (matches(app->filter, names_word(&verdict_names, (int)c->status), text))
			v->items[n++] = v->items[i];
	}
	v->n = n;
}

/* ---- reading ---- */

static int load_lanes(struct app *app, struct when now, struct err *e)
{
	int r = view_lanes(&app->shown.lanes, app->store, now, &app->arena, e);
	if (r == 0 && app_here(app)->screen == SCREEN_LANES && *app->filter)
		filter_lanes(app);
	return r;
}

static int load_runs(struct app *app, struct when now, struct err *e)
{
	const struct place *p = app_here(app);
	int r = view_runs(&app->shown.runs, app->store, p->lane[0] ? p->lane : NULL, 0, app->limit, now,
			  &app->arena, e);
	if (r == 0 && *app->filter)
		filter_runs(app);
	return r;
}

static int load_gates(struct app *app, struct when now, struct err *e)
{
	int r = view_gates(&app->shown.gates, app->store, false, now, &app->arena, e);
	if (r == 0 && *app->filter && app_here(app)->screen == SCREEN_GATES)
		filter_gates(app);
	return r;
}

static int load_journal(struct app *app, struct when now, struct err *e)
{
	bool open_only = app_here(app)->screen == SCREEN_OUTBOX;
	int r = view_journal(&app->shown.intents, app->store, 200, open_only, now, &app->arena, e);
	if (r == 0 && *app->filter)
		filter_intents(app);
	return r;
}

/* Of one lane or of all; a lane that is gone has none. */
static const char *lane_wanted(const struct app *app)
{
	const struct place *p = app_here(app);
	return p->lane[0] ? p->lane : NULL;
}

static int load_drift(struct app *app, struct when now, struct err *e)
{
	int r = view_drift(&app->shown.drift, app->store, lane_wanted(app), now, &app->arena, e);
	if (r == 0 && *app->filter)
		filter_drift(app);
	return r < 0 ? r : 0;
}

static void filter_proofs(struct app *app)
{
	struct proof_rows *v = &app->shown.proofs;
	size_t n = 0;
	for (size_t i = 0; i < v->n; i++) {
		const struct proof_subject_row *r = &v->items[i];
		const char *text =
			arena_printf(&app->arena, "%s %s %s %s %s %s %s", r->lane, r->release, r->subject,
				     r->digest, r->builder_short, r->reason, r->commit_short);
		if (matches(app->filter, r->status, text))
			v->items[n++] = *r;
	}
	v->n = n;
}

/* Of a lane or a release; the steps of what the cursor is on are read when it is known what that is. */
static int load_proof(struct app *app, struct when now, struct err *e)
{
	int r = view_proofs(&app->shown.proofs, app->store, lane_wanted(app), now, &app->arena, e);
	app->shown.no_proof = "";
	if (r == 0 && !app->shown.proofs.n)
		app->shown.no_proof = view_proof_none(app->store, lane_wanted(app), &app->arena);
	else if (r == 0 && *app->filter)
		filter_proofs(app);
	return r < 0 ? r : 0;
}

static int load_readiness(struct app *app, struct when now, struct err *e)
{
	struct readiness_rows *v = &app->shown.ways;
	int r = view_readiness(v, app->store, lane_wanted(app), now, &app->arena, e);
	vec_each (lane, v)
		for (int i = 0; i < lane->checks_n; i++)
			*vec_push(&app->shown.backs, &app->arena) =
				(struct back_line){ lane, &lane->checks[i] };
	if (r == 0 && *app->filter)
		filter_backs(app);
	return r < 0 ? r : 0;
}

/* Under this width of the cursor's metric all samples are read, of the others what their lines show. */
static int load_one_canary(struct app *app, const char *lane, struct when now, struct err *e)
{
	const struct canary_wish wish = { .metric = app_here(app)->list.cursor,
					  .samples = canary_samples_shown(app->grid.cols) };
	struct canary_view *v = arena_new(&app->arena, struct canary_view);
	int r = view_canary(v, app->store, lane, &wish, now, &app->arena, e);
	if (r == 0)
		app->shown.canary = v;
	return r;
}

/* Of the place's lane; without one the only canary there is, else all of them. */
static int load_canary(struct app *app, struct when now, struct err *e)
{
	struct canary_list *all = &app->shown.canaries;
	const char *lane = lane_wanted(app);
	int r = view_canaries(all, app->store, now, &app->arena, e);
	if (!lane && r == 0 && all->n == 1)
		lane = all->items->lane;
	if (lane && r == 0)
		r = load_one_canary(app, lane, now, e);
	if (lane && !app->shown.canary) /* it has none */
		*all = (struct canary_list){ 0 };
	return r < 0 ? r : 0;
}

static int load_run(struct app *app, struct when now, struct err *e)
{
	int r = view_run(&app->shown.run, app->store, app_here(app)->run, now, &app->arena, e);
	app->shown.has_run = r == 0;
	struct list *l = &app_place(app)->list;
	if (r == 0 && !l->moved) { /* what runs or waits now, until the captain looks elsewhere */
		l->id[0] = 0;
		l->cursor = screen_run_focus(&app->shown.run);
	}
	return r < 0 ? r : 0;
}

static int (*const loaders[SCREEN_MAX_])(struct app *app, struct when now, struct err *e) = {
	[SCREEN_LANES] = load_lanes,         [SCREEN_RUNS] = load_runs,      [SCREEN_GATES] = load_gates,
	[SCREEN_JOURNAL] = load_journal,     [SCREEN_OUTBOX] = load_journal, [SCREEN_DRIFT] = load_drift,
	[SCREEN_READINESS] = load_readiness, [SCREEN_RUN] = load_run,        [SCREEN_CANARY] = load_canary,
	[SCREEN_PROOF] = load_proof,         [SCREEN_ATTEST] = attest_load,
};

static int add_event(void *ctx, const void *record)
{
	struct app *app = ctx;
	const struct event *ev = record;
	char at[WHEN_TEXT];
	*vec_push(&app->shown.events, &app->arena) = (struct event_row){
		.at = arena_strdup(&app->arena, when_hms(ev->at, at)),
		.lane = text_safe_dup(&app->arena, ev->lane, 0),
		.text = view_event_words(&app->arena, ev->text),
	};
	return 0;
}

/* The wide layout shows runs of the lane under the cursor and the newest events beside the lanes. */
static int load_wide(struct app *app, struct when now, struct err *e)
{
	struct key key = { .limit = EVENTS_SHOWN };
	const struct lane_row *lane = app_lane(app); /* the pane's too, from here on */
	int r = store_each(app->store, Q_events_recent, &rec_key, &key, &rec_event, &app->arena, add_event,
			   app, e);
	if (r < 0 || !lane)
		return r;
	return view_runs(&app->shown.runs, app->store, lane->name, 0, 20, now, &app->arena, e);
}

static int read_all(struct app *app, struct err *e)
{
	struct when now = app->read;
	enum screen_id screen = app_here(app)->screen;
	int r = view_header(&app->shown.header, app->store, now, &app->arena, e);
	if (r == 0 && screen != SCREEN_LANES)
		r = load_lanes(app, now, e);
	if (r == 0 && screen != SCREEN_GATES)
		r = load_gates(app, now, e);
	if (r == 0)
		r = loaders[screen](app, now, e);
	if (r == 0) {
		struct place *p = app_place(app);
		list_follow(&p->list, app_list_rows(app), app_rows(app), app_list_id(app));
		app->pane_at = p->list.cursor;
	}
	if (r == 0 && screen == SCREEN_PROOF && app->pane_at < app_rows(app))
		r = view_proof_steps(&app->shown.proofs.items[app->pane_at], app->store, &app->arena, e);
	if (r == 0 && screen == SCREEN_ATTEST)
		r = attest_pane(app, e);
	if (r == 0 && app_is_wide(app))
		r = load_wide(app, now, e);
	if (r == 0)
		r = act_outcome_load(app, e);
	return r;
}

/* The cache may not be there yet, or may have been moved aside: that is looked at again at every change. */
static bool open_cache(struct app *app, struct err *e)
{
	if (!app->store && store_open(&app->store, app->o->cache_path, STORE_READ, e) != 0)
		app->store = NULL;
	return app->store != NULL;
}

#define TICK_MS 5000 /* of a window's clock: the clock policy of the experience reference, 1.5 */

/* Seconds are shown of the canary's window alone, and only while somebody looks at it. */
static void tick(struct app *app)
{
	const struct canary_view *v = app->shown.canary;
	if (v && v->ticks && app->tick)
		timer_in(app->tick, TICK_MS - clock_wall(&app->clock).ms % TICK_MS);
	else if (app->tick)
		timer_stop(app->tick);
}

/* Said once, and in the place of every screen that would be empty: nothing known is not nothing there. */
static void load_failed(struct app *app, const struct err *e)
{
	app_say(app, ROLE_FAIL, "%s", e->message);
	app->shown =
		(struct shown){ .unread = arena_printf(&app->arena,
						       "The cache cannot be read, so nothing is known here: "
						       "%s",
						       e->message) };
}

void app_load(struct app *app)
{
	struct err e = ERR_INIT;
	app->must_load = app->must_look = app->other_rows = false;
	app->must_draw = true;
	app->generation = -1;
	app->read = clock_wall(&app->clock);
	arena_reset(&app->arena);
	app->shown = (struct shown){ 0 };
	if (!open_cache(app, &e)) {
		if (e.kind)
			load_failed(app, &e);
		return;
	}
	int r = store_begin(app->store, &e);
	if (r == 0)
		r = read_all(app, &e);
	if (r == 0 && app->client) /* the first paint does not wait for it */
		r = view_generation(&app->generation, app->store, &app->arena, &e);
	app->version = store_version(app->store); /* of this snapshot */
	store_undo(app->store);
	app->shown.has_header = r == 0;
	tick(app);
	if (r < 0)
		load_failed(app, &e);
	if (r < 0 ||
	    app->version < 0) { /* or it is not the file at its path any more: the next is opened then */
		store_close(app->store);
		app->store = NULL;
	}
}

bool app_is_wide(const struct app *app)
{
	return app_here(app)->screen == SCREEN_LANES && app->grid.cols >= 160 && app->grid.rows >= 40;
}

void app_settle(void *ctx)
{
	struct app *app = ctx;
	int at = app_here(app)->list.cursor;
	if (app->pane_at == at)
		return;
	app->pane_at = at;
	app->must_draw = true;
	if (app_here(app)->screen == SCREEN_ATTEST)
		attest_settle(app);
	app->must_load |= app_is_wide(app) || app->shown.canary || /* another metric's samples */
			  app_here(app)->screen == SCREEN_PROOF;   /* another subject's steps */
}

/* ---- what the cursor is on ---- */

static const char *lane_id(const void *rows, int i, char out[160])
{
	(void)out;
	return ((const struct lane_row *)rows)[i].name;
}
static const char *run_id(const void *rows, int i, char out[160])
{
	snprintf(out, 160, "%" PRId64, ((const struct run_row *)rows)[i].id);
	return out;
}
static const char *gate_id(const void *rows, int i, char out[160])
{
	const struct gate_row *g = &((const struct gate_row *)rows)[i];
	snprintf(out, 160, "%" PRId64 "/%" PRId64, g->run_id, g->environment_id);
	return out;
}
static const char *intent_id(const void *rows, int i, char out[160])
{
	snprintf(out, 160, "%" PRId64, ((const struct intent_row *)rows)[i].id);
	return out;
}
static const char *line_id(const void *rows, int i, char out[160])
{
	int step;
	int64_t job = screen_run_line(rows, i, &step);
	snprintf(out, 160, "%" PRId64 "/%d", job, step);
	return out;
}

/* A lane, a component and a platform may be compared in several places. */
static const char *id_of(const char *const *words, size_t n, char out[160])
{
	struct hash h = HASH_INIT;
	for (size_t i = 0; i < n; i++)
		hash_str(&h, words[i]);
	return hash_hex(&h, out);
}
static const char *drift_id(const void *rows, int i, char out[160])
{
	const struct drift_row *r = &((const struct drift_row *)rows)[i];
	const char *const words[] = { r->lane, r->component, r->platform, r->source };
	return id_of(words, countof(words), out);
}
static const char *proof_id(const void *rows, int i, char out[160])
{
	const struct proof_subject_row *r = &((const struct proof_subject_row *)rows)[i];
	const char *const words[] = { r->lane, r->release, r->subject, r->digest };
	return id_of(words, countof(words), out);
}
static const char *machine_id(const void *rows, int i, char out[160])
{
	return id_of(&((const struct agent *)rows)[i].id, 1, out);
}
static const char *back_id(const void *rows, int i, char out[160])
{
	const struct back_line *b = &((const struct back_line *)rows)[i];
	const char *const words[] = { b->lane->lane, b->check->name, b->check->source };
	return id_of(words, countof(words), out);
}

static const char *metric_id(const void *rows, int i, char out[160])
{
	(void)out;
	return ((const struct canary_metric_row *)rows)[i].name;
}
static const char *canary_id(const void *rows, int i, char out[160])
{
	(void)out;
	return ((const struct canary_row *)rows)[i].lane;
}

list_id app_list_id(const struct app *app)
{
	const list_id ids[SCREEN_MAX_] = {
		[SCREEN_LANES] = lane_id,
		[SCREEN_RUNS] = run_id,
		[SCREEN_GATES] = gate_id,
		[SCREEN_JOURNAL] = intent_id,
		[SCREEN_OUTBOX] = intent_id,
		[SCREEN_RUN] = line_id,
		[SCREEN_DRIFT] = drift_id,
		[SCREEN_READINESS] = back_id,
		[SCREEN_ATTEST] = machine_id,
		[SCREEN_PROOF] = proof_id,
		[SCREEN_CANARY] = app->shown.canary ? metric_id : canary_id,
	};
	return ids[app_here(app)->screen];
}

const void *app_list_rows(const struct app *app)
{
	const void *const rows[SCREEN_MAX_] = {
		[SCREEN_LANES] = app->shown.lanes.items,
		[SCREEN_RUNS] = app->shown.runs.items,
		[SCREEN_GATES] = app->shown.gates.items,
		[SCREEN_JOURNAL] = app->shown.intents.items,
		[SCREEN_OUTBOX] = app->shown.intents.items,
		[SCREEN_RUN] = &app->shown.run,
		[SCREEN_DRIFT] = app->shown.drift.items,
		[SCREEN_READINESS] = app->shown.backs.items,
		[SCREEN_PROOF] = app->shown.proofs.items,
		[SCREEN_ATTEST] = app->shown.fleet.machines.items,
		[SCREEN_CANARY] = app->shown.canary ? (const void *)app->shown.canary->metrics.items
						    : app->shown.canaries.items,
	};
	return rows[app_here(app)->screen];
}

int app_rows(const struct app *app)
{
	const int n[SCREEN_MAX_] = {
		[SCREEN_LANES] = (int)app->shown.lanes.n,
		[SCREEN_RUNS] = (int)app->shown.runs.n,
		[SCREEN_GATES] = (int)app->shown.gates.n,
		[SCREEN_JOURNAL] = (int)app->shown.intents.n,
		[SCREEN_OUTBOX] = (int)app->shown.intents.n,
		[SCREEN_DRIFT] = (int)app->shown.drift.n,
		[SCREEN_READINESS] = (int)app->shown.backs.n,
		[SCREEN_PROOF] = (int)app->shown.proofs.n,
		[SCREEN_ATTEST] = (int)app->shown.fleet.machines.n,
		[SCREEN_CANARY] =
			(int)(app->shown.canary ? app->shown.canary->metrics.n : app->shown.canaries.n),
		[SCREEN_RUN] = app->shown.has_run ? screen_run_lines(&app->shown.run) : 0,
	};
	return n[app_here(app)->screen];
}

static const struct lane_row *lane_named(const struct app *app, const char *name)
{
	vec_each (l, &app->shown.lanes)
		if (!strcmp(l->name, name))
			return l;
	return NULL;
}

static const struct lane_row *lane_at(const struct app *app, int i)
{
	const struct place *p = app_here(app);
	bool has = i >= 0 && i < app_rows(app);
	switch (p->screen) {
	case SCREEN_LANES:
		return has ? &app->shown.lanes.items[i] : NULL;
	case SCREEN_RUNS:
		return lane_named(app, has ? app->shown.runs.items[i].lane : p->lane);
	case SCREEN_GATES:
		return has ? lane_named(app, app->shown.gates.items[i].lane) : NULL;
	case SCREEN_JOURNAL:
	case SCREEN_OUTBOX:
		return has ? lane_named(app, app->shown.intents.items[i].lane) : NULL;
	case SCREEN_DRIFT:
		return lane_named(app, has ? app->shown.drift.items[i].lane : p->lane);
	case SCREEN_PROOF:
		return lane_named(app, has ? app->shown.proofs.items[i].lane : p->lane);
	case SCREEN_ATTEST:
		return lane_named(app, p->lane);
	case SCREEN_READINESS:
		return lane_named(app, has ? app->shown.backs.items[i].lane->lane : p->lane);
	case SCREEN_CANARY:
		return app->shown.canary ? lane_named(app, app->shown.canary->lane)
		       : has             ? lane_named(app, app->shown.canaries.items[i].lane)
					 : lane_named(app, p->lane);
	case SCREEN_RUN:
		return app->shown.has_run ? lane_named(app, app->shown.run.run.lane) : NULL;
	case SCREEN_MAX_:
		break;
	}
	return NULL;
}

const struct lane_row *app_lane(const struct app *app)
{
	return lane_at(app, app_here(app)->list.cursor);
}

const struct lane_row *app_lane_rested(const struct app *app)
{
	return lane_at(app, app->pane_at);
}

int64_t app_run_id(const struct app *app)
{
	const struct place *p = app_here(app);
	int i = p->list.cursor;
	bool has = i >= 0 && i < app_rows(app);
	switch (p->screen) {
	case SCREEN_LANES:
		return has ? app->shown.lanes.items[i].run_id : 0;
	case SCREEN_RUNS:
		return has ? app->shown.runs.items[i].id : 0;
	case SCREEN_GATES:
		return has ? app->shown.gates.items[i].run_id : 0;
	case SCREEN_JOURNAL:
	case SCREEN_OUTBOX:
		return has ? app->shown.intents.items[i].run_id : 0;
	case SCREEN_CANARY:
		if (app->shown.canary && app->shown.canary->run)
			return app->shown.canary->run;
		return app_lane(app) ? app_lane(app)->run_id : 0;
	case SCREEN_DRIFT:
	case SCREEN_READINESS:
	case SCREEN_PROOF:
	case SCREEN_ATTEST:
		return app_lane(app) ? app_lane(app)->run_id : 0;
	case SCREEN_RUN:
		return p->run;
	case SCREEN_MAX_:
		break;
	}
	return 0;
}

const struct gate_row *app_gate(const struct app *app)
{
	int64_t run = app_run_id(app);
	const struct place *p = app_here(app);
	if (p->screen == SCREEN_GATES)
		return p->list.cursor < app_rows(app) ? &app->shown.gates.items[p->list.cursor] : NULL;
	vec_each (g, &app->shown.gates)
		if (run && g->run_id == run)
			return g;
	return NULL;
}

const struct proof_subject_row *app_proof(struct app *app)
{
	int i = app_here(app)->list.cursor;
	struct err e = ERR_INIT;
	if (app_here(app)->screen != SCREEN_PROOF || i < 0 || i >= app_rows(app))
		return NULL;
	struct proof_subject_row *row = &app->shown.proofs.items[i];
	if (app->store && view_proof_steps(row, app->store, &app->arena, &e) < 0)
		app_say(app, ROLE_FAIL, "%s", e.message);
	return row;
}
