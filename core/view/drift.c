#include "core/rules/drift.h"
#include "core/view/rows.h"
#include "core/view/words.h"

struct gather {
	struct drift_rows *out;
	struct when now;
	struct arena *a;
};

static int add_drift(void *ctx, const void *record)
{
	struct gather *g = ctx;
	struct drift d = *(const struct drift *)record;

	drift_aged(&d, g->now, g->a);
	*vec_push(g->out, g->a) = (struct drift_row){
		.lane = view_safe(g->a, d.lane),
		.component = view_safe(g->a, d.component),
		.platform = view_safe(g->a, d.platform),
		.declared = view_safe(g->a, d.declared),
		.live = view_safe(g->a, d.live),
		.declared_short = view_value(g->a, d.declared),
		.live_short = view_value(g->a, d.live),
		.verdict = names_word(&drift_verdict_names, d.verdict),
		.reason = view_safe(g->a, d.reason),
		.source = view_safe(g->a, d.source),
		.age = view_age_minutes(g->a, d.at, g->now),
		.verdict_value = d.verdict,
		.age_ms = view_age_ms(d.at, g->now),
	};
	return 0;
}

/* What runs and nobody declared before what merely waits to run. */
static const enum drift_verdict urgent[] = { DRIFT_OTHER, DRIFT_BEHIND, DRIFT_AHEAD, DRIFT_UNKNOWN,
					     DRIFT_EQUAL };

static size_t urgency(int verdict)
{
	for (size_t i = 0; i < countof(urgent); i++)
		if ((int)urgent[i] == verdict)
			return i;
	return 0;
}

/* A stable sort in one pass a verdict: rows of the same one keep the order of lanes and probes. */
static void sort_rows(struct drift_rows *rows, struct arena *a)
{
	struct drift_row *sorted = arena_array(a, struct drift_row, rows->n ? rows->n : 1);
	size_t n = 0;

	for (size_t u = 0; u < countof(urgent); u++)
		vec_each (row, rows)
			if (urgency(row->verdict_value) == u)
				sorted[n++] = *row;
	rows->items = sorted;
}

static int read_lane(struct gather *g, struct store *s, const char *lane, struct err *e)
{
	struct key key = { .name = lane };

	return store_each(s, Q_drifts_by_lane, &rec_key, &key, &rec_drift, g->a, add_drift, g, e);
}

static int read_rows(struct gather *g, struct store *s, const char *lane, struct err *e)
{
	struct key key = { .name = lane };
	struct lane known;

	if (!lane)
		return store_each(s, Q_drifts, NULL, NULL, &rec_drift, g->a, add_drift, g, e);
	int r = store_one(s, Q_lane_by_name, &rec_key, &key, &rec_lane, &known, g->a, e);
	return r ? r : read_lane(g, s, lane, e);
}

int view_drift(struct drift_rows *out, struct store *s, const char *lane, struct when now, struct arena *a,
	       struct err *e)
{
	struct gather g = { out, now, a };
	int r = read_rows(&g, s, lane, e);

	if (r == 0)
		sort_rows(out, a);
	return r;
}

const char *drift_words(const struct drift_rows *v, struct arena *a)
{
	const char *words = "";

	for (size_t i = 0, n; i < v->n; i += n) { /* rows of one verdict stand together */
		for (n = 1; i + n < v->n && v->items[i + n].verdict_value == v->items[i].verdict_value;)
			n++;
		words = arena_printf(a, "%s%s%zu %s", words, *words ? ", " : "", n, v->items[i].verdict);
	}
	return words;
}

struct tally {
	size_t counts[countof(urgent)];
	struct when now, newest, until;
	struct arena *a;
};

static int count_drift(void *ctx, const void *record)
{
	struct tally *t = ctx;
	struct drift d = *(const struct drift *)record;
	struct when at = when_diff(d.at, t->now) > 0 ? t->now : d.at;

	drift_aged(&d, t->now, t->a);
	t->counts[urgency(d.verdict)]++;
	if (when_known(at) && when_diff(at, t->newest) > 0)
		t->newest = at;
	if (d.verdict != DRIFT_UNKNOWN)
		view_sooner(&t->until, view_age_ends(d.at, DRIFT_MAX_AGE, t->now));
	return 0;
}

int drift_tally_read(struct drift_tally *out, struct store *s, const char *lane, struct when now,
		     struct arena *a, struct err *e)
{
	struct tally t = { .now = now, .a = a };
	struct key key = { .name = lane };
	int r = store_each(s, Q_drifts_by_lane, &rec_key, &key, &rec_drift, a, count_drift, &t, e);

	*out = (struct drift_tally){ .words = "", .worst = -1, .newest = t.newest, .until = t.until };
	for (size_t u = countof(urgent); u-- > 0;) {
		if (!t.counts[u])
			continue;
		out->worst = (int)urgent[u];
		out->words = arena_printf(a, "%zu %s%s%s", t.counts[u],
					  names_word(&drift_verdict_names, (int)urgent[u]),
					  *out->words ? ", " : "", out->words);
	}
	return r;
}

static const char *or_null(const char *s)
{
	return *s ? s : NULL;
}

void view_drift_json(struct jw *w, const struct drift_rows *v, struct when now)
{
	view_items_open(w, now);
	vec_each (row, v) {
		jw_open(w, '{');
		jw_kstr(w, "lane", row->lane);
		jw_kstr(w, "component", row->component);
		jw_kstr(w, "platform", or_null(row->platform));
		jw_kstr(w, "declared", or_null(row->declared));
		jw_kstr(w, "live", or_null(row->live));
		jw_kstr(w, "verdict", row->verdict);
		jw_kstr(w, "reason", row->reason);
		jw_kstr(w, "source", row->source);
		view_age_json(w, row->age_ms);
		jw_close(w, '}');
	}
	view_items_close(w);
}
