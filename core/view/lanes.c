#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/rules/lanestate.h"
#include "core/view/canary.h"
#include "core/view/guard.h"
#include "core/view/proof.h"
#include "core/view/rows.h"
#include "core/view/words.h"
#include "store/canaries.h"
#include "store/holds.h"

struct gather {
	struct lane_rows *out;
	struct store *store;
	struct when now, forge; /* forge: by its clock, for what it dated */
	struct arena *a;
	struct err *e;
	struct VEC_OF(struct lane) lanes; /* as the cache spells them, beside the rows */
};

static void read_reasons(struct lane_row *row, const char *json, struct arena *a)
{
	autofree(json) struct json *list = NULL;
	struct err e = ERR_INIT;
	if (!json || !*json)
		return;
	if (json_parse(&list, json, strlen(json), 65536, &e) < 0)
		row->reasons[row->reasons_n++] = arena_printf(a, "its reasons are damaged: %s", e.message);
	for (size_t i = 0; i < json_size(list) && row->reasons_n < (int)countof(row->reasons); i++)
		row->reasons[row->reasons_n++] = view_safe(a, json_str(json_at(list, i), ""));
}

static void push_reason_first(struct lane_row *row, const char *text)
{
	int keep =
		row->reasons_n < (int)countof(row->reasons) ? row->reasons_n : (int)countof(row->reasons) - 1;
	memmove(row->reasons + 1, row->reasons, (size_t)keep * sizeof(*row->reasons));
	row->reasons[0] = text;
	row->reasons_n = keep + 1;
}

static void say_stale(struct lane_row *row, const struct lane *l, struct gather *g)
{
	if (row->state != LANE_STALE)
		return;
	if (row->age_ms < 0) {
		push_reason_first(row, "never read from the forge");
		return;
	}
	push_reason_first(row, arena_printf(g->a, "the newest facts are %s old; was %s",
					    view_age(g->a, l->checked, g->now),
					    names_word(&lane_state_names, l->state)));
}

static void set_starts(struct gather *g, const char *lane, const char *word)
{
	for (size_t i = 0; lane && i < g->lanes.n; i++)
		if (text_eq(g->lanes.items[i].name, lane))
			g->out->items[i].starts = view_safe(g->a, word);
}

/* Lanes are named raw there, as in the cache. */
static int find_starts(struct gather *g)
{
	autofree(json) struct json *words = NULL;
	struct key key = { .name = "starts" };
	struct setting row;
	int r = store_one(g->store, Q_setting_by_name, &rec_key, &key, &rec_setting, &row, g->a, g->e);

	if (r || !row.value || json_parse(&words, row.value, strlen(row.value), 65536, NULL) < 0)
		return r < 0 ? r : 0;
	for (size_t i = 0; i < json_size(words); i++) {
		const char *lane = NULL;
		const struct json *word = json_member(words, i, &lane);
		set_starts(g, lane, json_str(word, ""));
	}
	return 0;
}

/* In a narrow column a digest is known by its digits. */
static const char *without_kind(const char *value)
{
	return text_starts(value, "sha256:") ? value + strlen("sha256:") : value;
}

static void add_lane(struct gather *g, const struct lane *l)
{
	struct lane_row *row = vec_push(g->out, g->a);
	/* What holds a lane was dated by this clock. */
	int64_t skew = l->state == LANE_HOLD ? 0 : when_diff(g->forge, g->now);
	struct when since = { when_known(l->since) ? l->since.ms - skew : 0 };
	*row = (struct lane_row){
		.name = view_safe(g->a, l->name),
		.system = view_safe(g->a, l->system),
		.environment = view_safe(g->a, l->environment),
		.repo = view_safe(g->a, l->repo),
		.state = lane_shown(l, g->now),
		.judged = l->state,
		.production = l->production,
		.live = without_kind(view_value(g->a, l->live)),
		.next = without_kind(view_value(g->a, l->next)),
		.progress = view_safe(g->a, l->progress),
		.since = view_age(g->a, since, g->now),
		.age_ms = when_known(l->checked) ? when_diff(g->now, l->checked) : -1,
		.run_id = l->run_id,
		.unsettled = "",
		.back = "",
		.back_target = "",
		.back_why = "",
		.back_took = "",
		.freeze = "",
		.lock = "",
		.lock_reason = "",
		.alarm = "",
		.alarm_kind = "",
		.starts = "",
		.drift = "",
		.drift_worst = -1,
		.again = "",
		.place = (int)g->out->n - 1,
		.checked = l->checked,
		.since_at = since,
		.since_told = l->state == LANE_HOLD ? WHEN_NONE : l->since,
		.stale_after = l->stale_after,
	};
	if (row->age_ms < -1)
		row->age_ms = 0;
	read_reasons(row, l->reasons, g->a);
	say_stale(row, l, g);
}

/* Rows are large, so they are counted first: a list that grows leaves as much again behind. */
static int read_lanes(struct gather *g)
{
	int r = store_list(g->store, Q_lanes, NULL, NULL, &rec_lane, &g->lanes, g->a, g->e);
	vec_reserve(g->out, g->a, g->lanes.n);
	vec_each (l, &g->lanes)
		add_lane(g, l);
	return r;
}

/* The oldest of a lane is the one to be told. */
static int add_unsettled(void *ctx, const void *record)
{
	struct gather *g = ctx;
	const struct intent *in = record;
	for (size_t i = 0; i < g->lanes.n; i++) {
		struct lane_row *row = &g->out->items[i];
		if (*row->unsettled || !text_eq(in->lane, g->lanes.items[i].name))
			continue;
		row->unsettled =
			arena_printf(g->a, "%s%s%s: %s for %s", view_safe(g->a, in->act),
				     in->subject && *in->subject ? " " : "", view_safe(g->a, in->subject),
				     names_word(&intent_state_names, in->state),
				     view_age(g->a, when_known(in->sent) ? in->sent : in->created, g->now));
	}
	return 0;
}

/* Open intents are few: all of them once, not each lane's. */
static int find_unsettled(struct gather *g)
{
	return store_each(g->store, Q_intents_open, NULL, NULL, &rec_intent, g->a, add_unsettled, g, g->e);
}

static struct lane_row *row_of(struct gather *g, const char *lane)
{
	for (size_t i = 0; i < g->lanes.n; i++)
		if (text_eq(lane, g->lanes.items[i].name))
			return &g->out->items[i];
	return NULL;
}

static void say_lock(struct gather *g, const struct hold *h)
{
	char until[WHEN_TEXT];
	bool ends = when_known(h->until);
	struct lane_row *row = row_of(g, h->lane);
	if (row && hold_is_active(h, g->now))
		view_sooner(&row->until, h->until);
	if (row && h->kind == HOLD_LOCK && h->epoch && hold_is_active(h, g->now))
		row->locked = true;
	if (!row || *row->lock || (h->kind != HOLD_LOCK && h->kind != HOLD_FOREIGN) ||
	    !hold_is_active(h, g->now))
		return;
	row->lock = arena_printf(g->a, "%s%s%s: %s%s",
				 h->owner && *h->owner ? view_safe(g->a, h->owner) : "somebody",
				 ends ? " until " : "", ends ? when_hhmm(h->until, until) : "",
				 h->reason && *h->reason ? view_safe(g->a, h->reason) : "no reason given",
				 h->advisory ? " (advisory only)" : "");
	row->lock_reason = view_safe(g->a, hold_words(h, g->a));
}

/* The same of canaries. What the lane's run does is told by the canary: it is where the release is. */
static int find_canaries(struct gather *g)
{
	struct canaries all = { 0 };
	int r = store_canaries_read(&all, g->store, g->a, g->e);

	vec_each (c, &all) {
		struct lane_row *row = row_of(g, c->lane);

		if (!row || !canary_is_live(c->phase))
			continue;
		if (canary_is_blind(c, g->now)) {
			c->set_bp = c->seen_bp = -1;
			c->verdict = VERDICT_UNKNOWN;
		}
		row->canary = c;
		row->progress = canary_progress(c, g->a);
	}
	return r < 0 ? r : 0;
}

/* Locks and alarms are few: all of them once, as open intents. */
static int find_holds(struct gather *g)
{
	struct holds holds = { 0 };
	struct alarms alarms = { 0 };
	int r = store_holds_read(&holds, g->store, NULL, g->a, g->e);
	if (r >= 0)
		r = store_alarms_read(&alarms, g->store, NULL, g->a, g->e);
	if (r < 0)
		return r;
	vec_each (h, &holds)
		say_lock(g, h);
	vec_each (one, &alarms) {
		struct lane_row *row = row_of(g, one->lane);
		if (!row || *row->alarm || one->kind == ALARM_DOUBT)
			continue;
		row->alarm = view_safe(g->a, one->text);
		row->alarm_kind = names_word(&alarm_kind_names, one->kind);
	}
	return 0;
}

/* A lane that wants proofs and that nobody has looked at is not one that wants none. */
static int find_unlooked(struct gather *g)
{
	static const struct proof_count nobody = { .lane = "", .worst = PROOF_UNCHECKED };
	struct proof_terms terms = { 0 };
	int r = view_proof_terms(&terms, g->store, g->a, g->e);

	for (size_t i = 0; r >= 0 && i < g->lanes.n; i++)
		if (!g->out->items[i].proof && proof_terms_has(&terms, g->lanes.items[i].name))
			g->out->items[i].proof = &nobody;
	json_free(terms.json);
	return r;
}

/* Of all lanes at once: counted by the store. */
static int find_proofs(struct gather *g)
{
	struct proof_counts all = { 0 };
	int r = store_proof_counts_read(&all, g->store, g->a, g->e);

	vec_each (c, &all) {
		struct lane_row *row = row_of(g, c->lane);
		if (row && c->required > 0)
			row->proof = c;
	}
	return r < 0 ? r : find_unlooked(g);
}

/* At most one a lane: all of them once. */
static int find_guards(struct gather *g)
{
	struct guard_rows all = { 0 };
	int r = view_guards(&all, g->store, NULL, g->now, g->a, g->e);
	vec_each (one, &all)
		for (size_t i = 0; r >= 0 && one->up && i < g->lanes.n; i++) {
			struct lane_row *row = &g->out->items[i];
			if (!text_eq(one->lane, row->name))
				continue;
			row->guard = one;
		}
	return r;
}

static int find_back(struct gather *g, const struct lane *l, struct lane_row *row)
{
	struct readiness_row back;
	int r = readiness_back_read(&back, g->store, l->name, g->now, g->a, g->e);
	if (r < 0)
		return r;
	row->back = back.back;
	row->back_ok = back.ok;
	row->back_target = view_value(g->a, back.target);
	row->back_why = back.why;
	row->back_took = back.took;
	view_sooner(&row->until, back.until);
	return r;
}

static struct when later(struct when at, int64_t age_ms, struct when now)
{
	struct when one = { now.ms - age_ms };
	return age_ms >= 0 && when_diff(one, at) > 0 ? one : at;
}

static int find_drift(struct gather *g, const struct lane *l, struct lane_row *row, struct when *looked)
{
	struct drift_tally tally;
	int r = drift_tally_read(&tally, g->store, l->name, g->now, g->a, g->e);
	if (r < 0 || tally.worst < 0)
		return r;
	row->drift = tally.words;
	row->drift_worst = tally.worst;
	view_sooner(&row->until, tally.until);
	*looked = tally.newest;
	return 0;
}

static int find_freeze(struct gather *g, const struct lane *l, struct lane_row *row, struct when *looked)
{
	struct freeze_rows rows = { 0 };
	int r = l->production ? freeze_rows_read(&rows, g->store, l, g->now, g->a, g->e) : 0;
	if (r < 0 || !rows.n)
		return r;
	row->freeze = freeze_words(&rows, g->a);
	*looked = WHEN_NONE;
	vec_each (f, &rows)
		*looked = later(*looked, f->age_ms, g->now);
	vec_each (f, &rows)
		view_sooner(&row->until, f->until);
	return 0;
}

static int find_evidence(struct gather *g)
{
	struct young_acts acts = { 0 };
	int r = young_acts_read(&acts, g->store, g->now, g->a, g->e);
	for (size_t i = 0; i < g->lanes.n && r >= 0; i++) {
		const struct lane *l = &g->lanes.items[i];
		struct lane_row *row = &g->out->items[i];
		struct when drift = l->checked, freeze = l->checked;
		r = find_back(g, l, row);
		if (r >= 0)
			r = find_drift(g, l, row, &drift);
		if (r >= 0)
			r = find_freeze(g, l, row, &freeze);
		if (r >= 0)
			row->again = again_words(&acts, l, when_diff(drift, freeze) < 0 ? drift : freeze,
						 g->now, g->a);
	}
	/* what tells its age in its words, or is judged by the second, holds for no time at all */
	vec_each (row, g->out)
		if (acts.n || row->canary || *row->unsettled || row->state == LANE_STALE)
			row->until = g->now;
	return r;
}

/* Urgency first, stale ones by what they were; lanes of the same state keep the order of their profiles. */
static int by_urgency(const void *x, const void *y)
{
	const struct lane_row *a = x, *b = y;
	if (a->state != b->state)
		return a->state < b->state ? -1 : 1;
	return a->judged < b->judged ? -1 : a->judged > b->judged;
}

/* qsort is not stable: an insertion sort of at most a few hundred rows is. */
static void sort_rows(struct lane_rows *rows)
{
	for (size_t i = 1; i < rows->n; i++) {
		struct lane_row row = rows->items[i];
		size_t k = i;
		for (; k > 0 && by_urgency(&rows->items[k - 1], &row) > 0; k--)
			rows->items[k] = rows->items[k - 1];
		rows->items[k] = row;
	}
}

int view_lanes(struct lane_rows *out, struct store *s, struct when now, struct arena *a, struct err *e)
{
	struct gather g = { .out = out, .store = s, .now = now, .a = a, .e = e };
	int r = view_forge_now(&g.forge, s, now, a, e);
	if (r >= 0)
		r = read_lanes(&g);
	if (r < 0)
		return r;
	r = find_starts(&g);
	if (r >= 0)
		r = find_canaries(&g);
	if (r >= 0)
		r = find_unsettled(&g);
	if (r >= 0)
		r = find_holds(&g);
	if (r >= 0)
		r = find_guards(&g);
	if (r >= 0)
		r = find_proofs(&g);
	if (r < 0)
		return r;
	r = find_evidence(&g);
	if (r < 0)
		return r;
	sort_rows(out);
	return 0;
}

static void lane_json(struct jw *w, const struct lane_row *row)
{
	jw_open(w, '{');
	jw_kstr(w, "lane", row->name);
	jw_kstr(w, "system", row->system);
	jw_kstr(w, "environment", row->environment);
	jw_kstr(w, "state", names_word(&lane_state_names, row->state));
	jw_ktext(w, "live", row->live);
	jw_ktext(w, "next", row->next);
	jw_kstr(w, "progress", row->progress);
	canary_lane_json(w, row->canary);
	proof_count_json(w, row->proof);
	jw_kstr(w, "since", row->since);
	jw_kopen(w, "reasons", '[');
	for (int i = 0; i < row->reasons_n; i++)
		jw_str(w, row->reasons[i]);
	jw_close(w, ']');
	jw_ktext(w, "unsettled", row->unsettled);
	jw_ktext(w, "back", row->back);
	jw_ktext(w, "freeze", row->freeze);
	jw_ktext(w, "lock", row->lock);
	jw_ktext(w, "alarm", row->alarm);
	jw_ktext(w, "drift", row->drift);
	jw_kstr(w, "guard", row->guard ? row->guard->words : NULL);
	jw_ktext(w, "again", row->again);
	jw_key(w, "run_id");
	if (row->run_id)
		jw_int(w, row->run_id);
	else
		jw_null(w);
	jw_key(w, "age_s");
	if (row->age_ms >= 0)
		jw_int(w, row->age_ms / 1000);
	else
		jw_null(w);
	jw_close(w, '}');
}

void view_lanes_json(struct jw *w, const struct lane_rows *v, struct when now)
{
	view_items_open(w, now);
	vec_each (row, v)
		lane_json(w, row);
	view_items_close(w);
}
