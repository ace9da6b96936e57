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
static int urgency(const struct drift_row *row)
{
	static const int order[] = {
		[DRIFT_OTHER] = 0,   [DRIFT_BEHIND] = 1, [DRIFT_AHEAD] = 2,
		[DRIFT_UNKNOWN] = 3, [DRIFT_EQUAL] = 4,
	};
	return (size_t)row->verdict_value < countof(order) ? order[row->verdict_value] : 0;
}

enum { URGENCIES = 5 };

/* A stable sort in one pass a verdict: rows of the same one keep the order of lanes and probes. */
static void sort_rows(struct drift_rows *rows, struct arena *a)
{
	struct drift_row *sorted = arena_array(a, struct drift_row, rows->n ? rows->n : 1);
	size_t n = 0;

	for (int u = 0; u < URGENCIES; u++)
		vec_each (row, rows)
			if (urgency(row) == u)
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

int drift_rows_read(struct drift_rows *out, struct store *s, const char *lane, struct when now,
		    struct arena *a, struct err *e)
{
	struct gather g = { out, now, a };
	int r = read_lane(&g, s, lane, e);

	if (r == 0)
		sort_rows(out, a);
	return r;
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
