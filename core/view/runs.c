#include "core/view/rows.h"

#include <string.h>

#include "core/view/words.h"

void run_row_from(struct run_row *row, const struct run *r, struct when now, struct arena *a)
{
	bool done = r->status == RUN_COMPLETED;
	*row = (struct run_row){
		.id = r->id,
		.attempt = r->attempt,
		.lane = view_safe(a, r->lane),
		.workflow = view_safe(a, r->workflow),
		.title = view_safe(a, r->title),
		.event = view_safe(a, r->event),
		.branch = view_safe(a, r->branch),
		.sha = view_safe(a, r->head_sha),
		.actor = view_safe(a, r->triggering_actor && *r->triggering_actor ? r->triggering_actor
										  : r->actor),
		.url = view_safe(a, r->url),
		.status = names_word(&run_status_names, r->status),
		.conclusion = done ? names_word(&conclusion_names, r->conclusion) : "",
		.age = view_age(a, r->created, now),
		.duration = view_duration(a, when_known(r->started) ? r->started : r->created,
					  done ? r->updated : WHEN_NONE, now),
		.status_value = r->status,
		.conclusion_value = r->conclusion,
		.created = r->created,
		.release = view_short(a, r->release),
	};
}

struct gather {
	struct run_rows *out;
	struct when now;
	struct arena *a;
};

static int add_run(void *ctx, const void *record)
{
	struct gather *g = ctx;
	run_row_from(vec_push(g->out, g->a), record, g->now, g->a);
	return 0;
}

int view_runs(struct run_rows *out, struct store *s, const char *lane, int64_t before, int64_t limit,
	      struct when now, struct arena *a, struct err *e)
{
	static const enum query which[2][2] = { { Q_runs_newest, Q_runs_before },
						{ Q_runs_by_lane, Q_runs_by_lane_before } };
	struct gather g = { out, now, a };
	int told = view_forge_now(&g.now, s, now, a, e);

	if (told < 0)
		return told;
	struct key key = { .id = before, .name = lane, .limit = limit };
	return store_each(s, which[lane != NULL][before != 0], &rec_key, &key, &rec_run, a, add_run, &g, e);
}

void run_row_json(struct jw *w, const struct run_row *r)
{
	jw_kint(w, "id", r->id);
	jw_kint(w, "attempt", r->attempt);
	jw_ktext(w, "lane", r->lane);
	jw_kstr(w, "workflow", r->workflow);
	jw_kstr(w, "title", r->title);
	jw_kstr(w, "event", r->event);
	jw_kstr(w, "branch", r->branch);
	jw_kstr(w, "head_sha", r->sha);
	jw_ktext(w, "release", r->release);
	jw_kstr(w, "status", r->status);
	jw_ktext(w, "conclusion", r->conclusion);
	jw_kstr(w, "actor", r->actor);
	jw_kwhen(w, "created_at", r->created);
	jw_kstr(w, "url", r->url);
}

void view_runs_json(struct jw *w, const struct run_rows *v, struct when now)
{
	view_items_open(w, now);
	vec_each (row, v) {
		jw_open(w, '{');
		run_row_json(w, row);
		jw_close(w, '}');
	}
	view_items_close(w);
}
