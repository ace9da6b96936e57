#include <string.h>

#include "core/model/evidence.h"
#include "core/view/rows.h"
#include "core/view/words.h"

/* Steps as the forge spells them; kept as JSON text in the cache. */
static const struct jmap step_map[] = {
	{ "number", "number", 0 },         { "name", "name", 0 },          { "status", "status", 0 },
	{ "conclusion", "conclusion", 0 }, { "started_at", "started", 0 }, { "completed_at", "completed", 0 },
};

static void step_row_from(struct step_row *row, const struct json *j, struct when now, struct arena *a)
{
	struct step s = { 0 };
	struct err e = ERR_INIT;
	if (json_map(j, step_map, countof(step_map), &rec_step, &s, a, &e) < 0) {
		*row = (struct step_row){ .name = arena_printf(a, "damaged step: %s", e.message),
					  .status = "other",
					  .conclusion = "",
					  .duration = "" };
		return;
	}
	bool done = s.status == RUN_COMPLETED;
	*row = (struct step_row){
		.number = s.number,
		.name = view_safe(a, s.name),
		.status = names_word(&run_status_names, s.status),
		.conclusion = done ? names_word(&conclusion_names, s.conclusion) : "",
		.duration = s.status == RUN_QUEUED ? "" : view_duration(a, s.started, s.completed, now),
		.status_value = s.status,
		.conclusion_value = s.conclusion,
	};
}

static void read_steps(struct job_row *row, const char *text, struct when now, struct arena *a)
{
	autofree(json) struct json *list = NULL;
	struct err e = ERR_INIT;
	if (!text || !*text || json_parse(&list, text, strlen(text), 1048576, &e) < 0)
		return;
	size_t n = json_size(list);
	row->steps = arena_array(a, struct step_row, n ? n : 1);
	for (size_t i = 0; i < n; i++)
		step_row_from(&row->steps[row->steps_n++], json_at(list, i), now, a);
}

struct gather {
	struct VEC_OF(struct job_row) jobs;
	struct VEC_OF(struct gate) gates;
	struct VEC_OF(struct decision_row) decisions;
	struct when now, forge, seen; /* forge: what it dated is aged by its clock */
	struct arena *a;
	const char *intent;
};

static int add_job(void *ctx, const void *record)
{
	struct gather *g = ctx;
	const struct job *j = record;
	struct job_row *row = vec_push(&g->jobs, g->a);
	bool done = j->status == RUN_COMPLETED;
	*row = (struct job_row){
		.id = j->id,
		.name = view_safe(g->a, j->name),
		.stage = view_safe(g->a, j->stage),
		.status = names_word(&run_status_names, j->status),
		.conclusion = done ? names_word(&conclusion_names, j->conclusion) : "",
		.duration = j->status == RUN_QUEUED || j->status == RUN_WAITING
				    ? ""
				    : view_duration(g->a, j->started, j->completed, g->forge),
		.meaning = view_safe(g->a, j->meaning),
		.status_value = j->status,
		.conclusion_value = j->conclusion,
		.means = j->means,
	};
	read_steps(row, j->steps, g->forge, g->a);
	return 0;
}

static int add_decision(void *ctx, const void *record)
{
	struct gather *g = ctx;
	const struct decision *d = record;
	*vec_push(&g->decisions, g->a) = (struct decision_row){
		.name = view_safe(g->a, d->name),
		.verdict = names_word(&decision_verdict_names, d->verdict),
		.word = view_safe(g->a, d->word),
		.reasons = view_safe(g->a, d->reasons),
		.detail = view_safe(g->a, d->detail),
		.source = view_safe(g->a, d->source),
		.age = view_age(g->a, d->at, g->now),
		.verdict_value = d->verdict,
		.age_ms = view_age_ms(d->at, g->now),
	};
	return 0;
}

#define RUN_INTENTS 4 /* acts on one run that are told */

struct intent_search {
	int64_t run;
	int found;
	struct gather *g;
};

static int match_intent(void *ctx, const void *record)
{
	struct intent_search *s = ctx;
	const struct intent *in = record;
	if (in->run_id != s->run)
		return 0;
	/* newest first in the cache; told in the order they happened */
	s->g->intent = arena_printf(s->g->a, "%s by %s%s%s%s%s", view_safe(s->g->a, in->act),
				    view_safe(s->g->a, in->who), in->reason && *in->reason ? ": " : "",
				    view_safe(s->g->a, in->reason), *s->g->intent ? "; " : "", s->g->intent);
	return ++s->found == RUN_INTENTS;
}

static int read_parts(struct gather *g, struct store *s, int64_t id, struct err *e)
{
	struct key key = { .id = id, .limit = 200 };
	struct intent_search search = { .run = id, .g = g };
	int r = store_each(s, Q_jobs_by_run, &rec_key, &key, &rec_job, g->a, add_job, g, e);
	if (r < 0)
		return r;
	r = store_list(s, Q_gates_by_run, &rec_key, &key, &rec_gate, &g->gates, g->a, e);
	if (r < 0)
		return r;
	r = store_each(s, Q_decisions_by_run, &rec_key, &key, &rec_decision, g->a, add_decision, g, e);
	if (r < 0)
		return r;
	return store_each(s, Q_intents_recent, &rec_key, &key, &rec_intent, g->a, match_intent, &search, e);
}

int view_run(struct run_view *out, struct store *s, int64_t id, struct when now, struct arena *a,
	     struct err *e)
{
	struct key key = { .id = id };
	struct run run;
	struct gather g = { .now = now, .a = a, .intent = "" };
	int r = store_one(s, Q_run_by_id, &rec_key, &key, &rec_run, &run, a, e);
	if (r)
		return r;
	r = view_forge_now(&g.forge, s, now, a, e);
	if (r >= 0)
		r = read_parts(&g, s, id, e);
	if (r < 0)
		return r;
	*out = (struct run_view){ .jobs = g.jobs.items, .jobs_n = (int)g.jobs.n, .intent = g.intent };
	out->decisions = g.decisions.items;
	out->decisions_n = (int)g.decisions.n;
	run_row_from(&out->run, &run, g.forge, a);
	out->age_ms = when_known(run.seen) ? when_diff(now, run.seen) : -1;
	vec_each (gate, &g.gates)
		gate_row_from(vec_push(&out->gates, a), gate, &run, g.forge, a);
	return 0;
}

static void job_json(struct jw *w, const struct job_row *j)
{
	jw_open(w, '{');
	jw_kint(w, "id", j->id);
	jw_kstr(w, "name", j->name);
	jw_ktext(w, "stage", j->stage);
	jw_kstr(w, "status", j->status);
	jw_ktext(w, "conclusion", j->conclusion);
	jw_ktext(w, "meaning", j->meaning);
	jw_kstr(w, "duration", j->duration);
	jw_kopen(w, "steps", '[');
	for (int i = 0; i < j->steps_n; i++) {
		jw_open(w, '{');
		jw_kint(w, "number", j->steps[i].number);
		jw_kstr(w, "name", j->steps[i].name);
		jw_kstr(w, "status", j->steps[i].status);
		jw_ktext(w, "conclusion", j->steps[i].conclusion);
		jw_close(w, '}');
	}
	jw_close(w, ']');
	jw_close(w, '}');
}

/* "A, B" as two strings: codes hold no commas. */
static void reasons_json(struct jw *w, const char *reasons)
{
	autofree(buf) struct buf one = BUF_INIT(65536);
	jw_open(w, '[');
	while (*reasons) {
		size_t n = strcspn(reasons, ",");
		buf_reset(&one);
		buf_add(&one, reasons, n);
		jw_str(w, one.s);
		reasons += n + (reasons[n] == ',');
		reasons += strspn(reasons, " ");
	}
	jw_close(w, ']');
}

static void decision_json(struct jw *w, const struct decision_row *d)
{
	jw_open(w, '{');
	jw_kstr(w, "name", d->name);
	jw_kstr(w, "verdict", d->verdict);
	jw_ktext(w, "word", d->word);
	jw_key(w, "reasons");
	reasons_json(w, d->reasons);
	jw_ktext(w, "detail", d->detail);
	jw_kstr(w, "source", d->source);
	view_age_json(w, d->age_ms);
	jw_close(w, '}');
}

void view_run_json(struct jw *w, const struct run_view *v, struct when now)
{
	jw_open(w, '{');
	jw_kwhen(w, "as_of", now);
	run_row_json(w, &v->run);
	jw_ktext(w, "intent", v->intent);
	jw_kopen(w, "jobs", '[');
	for (int i = 0; i < v->jobs_n; i++)
		job_json(w, &v->jobs[i]);
	jw_close(w, ']');
	jw_kopen(w, "decisions", '[');
	for (int i = 0; i < v->decisions_n; i++)
		decision_json(w, &v->decisions[i]);
	jw_close(w, ']');
	jw_kopen(w, "gates", '[');
	vec_each (gate, &v->gates)
		gate_row_json(w, gate);
	jw_close(w, ']');
	jw_close(w, '}');
}
