#include "core/view/rows.h"

#include "core/view/words.h"

void gate_row_from(struct gate_row *row, const struct gate *g, const struct run *run, struct when now,
		   struct arena *a)
{
	char until[WHEN_TEXT];
	*row = (struct gate_row){
		.run_id = g->run_id,
		.attempt = g->attempt,
		.environment_id = g->environment_id,
		.lane = view_safe(a, g->lane),
		.environment = view_safe(a, g->environment),
		.key = arena_strdup(a, g->environment),
		.reviewers = view_list(a, g->reviewers),
		.why_not = view_safe(a, g->why_not),
		.since = view_age(a, g->since, now),
		.wait_until =
			when_known(g->wait_until) ? arena_strdup(a, when_hhmm(g->wait_until, until)) : "",
		.can_approve = g->can_approve,
		.since_at = g->since,
		.wait_until_at = g->wait_until,
		.title = run ? view_safe(a, run->title) : "",
		.release = run ? view_short(a, run->release) : "",
	};
}

struct gather {
	struct gate_rows *out;
	struct store *store;
	bool mine;
	struct when now;
	struct arena *a;
	struct err *e;
	struct VEC_OF(struct gate) gates;
};

static int keep_gate(void *ctx, const void *record)
{
	struct gather *g = ctx;
	const struct gate *gate = record;
	if (!g->mine || gate->can_approve)
		*vec_push(&g->gates, g->a) = *gate;
	return 0;
}

int view_gates(struct gate_rows *out, struct store *s, bool mine, struct when now, struct arena *a,
	       struct err *e)
{
	struct gather g = { .out = out, .store = s, .mine = mine, .now = now, .a = a, .e = e };
	int r = store_each(s, Q_gates, NULL, NULL, &rec_gate, a, keep_gate, &g, e);
	if (r >= 0)
		r = view_forge_now(&g.now, s, now, a, e);
	if (r < 0)
		return r;
	vec_each (gate, &g.gates) {
		struct key key = { .id = gate->run_id };
		struct run run;
		r = store_one(s, Q_run_by_id, &rec_key, &key, &rec_run, &run, a, e);
		if (r < 0)
			return r;
		gate_row_from(vec_push(out, a), gate, r == 0 ? &run : NULL, g.now, a);
	}
	return 0;
}

void gate_row_json(struct jw *w, const struct gate_row *g)
{
	jw_open(w, '{');
	jw_kint(w, "run_id", g->run_id);
	jw_kint(w, "attempt", g->attempt);
	jw_kstr(w, "lane", g->lane);
	jw_kstr(w, "environment", g->environment);
	jw_kint(w, "environment_id", g->environment_id);
	jw_kwhen(w, "since", g->since_at);
	jw_kwhen(w, "wait_until", g->wait_until_at);
	jw_kopen(w, "reviewers", '[');
	for (const char *p = g->reviewers; *p;) {
		char one[256];
		size_t n = 0;
		for (; *p && *p != ','; p++)
			if (n + 1 < sizeof(one))
				one[n++] = *p;
		one[n] = 0;
		jw_str(w, one);
		while (*p == ',' || *p == ' ')
			p++;
	}
	jw_close(w, ']');
	jw_kbool(w, "can_approve", g->can_approve);
	jw_kstr(w, "why_not", g->can_approve ? NULL : g->why_not);
	jw_close(w, '}');
}

void view_gates_json(struct jw *w, const struct gate_rows *v, struct when now)
{
	view_items_open(w, now);
	vec_each (row, v)
		gate_row_json(w, row);
	view_items_close(w);
}
