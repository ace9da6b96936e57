#include <string.h>

#include "base/text.h"
#include "core/model/evidence.h"
#include "core/rules/lanestate.h"
#include "core/view/plan.h"
#include "core/view/rows.h"
#include "core/view/words.h"
#include "store/holds.h"

struct tree {
	struct why_rows *out;
	struct store *store;
	struct when now;
	struct arena *a;
	struct err *e;
	const struct lane *lane;
	struct holds holds;
	struct alarms alarms;
};

static struct why_row *add(struct tree *t, int depth, const char *text, const char *source, struct when at)
{
	struct why_row *row = vec_push(t->out, t->a);
	*row = (struct why_row){
		.text = text,
		.source = source,
		.age = view_age(t->a, at, t->now),
		.fix = "",
		.depth = depth,
		.status = -1,
	};
	return row;
}

static void say_state(struct tree *t)
{
	enum lane_state shown = lane_shown(t->lane, t->now);
	struct why_row *row = add(t, 0,
				  arena_printf(t->a, "%s is %s", view_safe(t->a, t->lane->name),
					       names_word(&lane_state_names, shown)),
				  "cache", t->lane->checked);
	if (shown != LANE_STALE)
		return;
	row->fix = "pilothouse sync --once, or Ctrl-r";
	add(t, 1,
	    when_known(t->lane->checked) ? arena_printf(t->a,
							"facts older than %" PRId64
							" minutes are not decided on; when fresh it was %s",
							t->lane->stale_after / 60000,
							names_word(&lane_state_names, t->lane->state))
					 : "it was never read from the forge",
	    "cache", t->lane->checked);
}

/* What lifts it; a lock of somebody else is his to give back. */
static const char *hold_fix(struct tree *t, const struct hold *h)
{
	const char *const fixes[] = {
		[HOLD_FREEZE] = arena_printf(t->a, "U, or pilothouse thaw %s; a way back stays open",
					     view_safe(t->a, t->lane->system)),
		[HOLD_LOCK] =
			arena_printf(t->a, "yours: pilothouse unlock %s", view_safe(t->a, t->lane->name)),
		[HOLD_FOREIGN] = arena_printf(
			t->a, "his to give back, or L with force: pilothouse lock %s --force --reason WHY",
			view_safe(t->a, t->lane->name)),
	};
	return h->kind >= 0 && (size_t)h->kind < countof(fixes) && fixes[h->kind] ? fixes[h->kind] : "";
}

/* A reason that is a hold or an alarm has a place of its own, an age, and something that lifts it. */
static void tell_source(struct tree *t, struct why_row *row, const char *reason)
{
	vec_each (h, &t->holds) {
		if (strcmp(reason, hold_words(h, t->a)) != 0)
			continue;
		row->source = view_safe(t->a, h->source);
		row->age = view_age(t->a, h->at, t->now);
		row->fix = hold_fix(t, h);
	}
	vec_each (one, &t->alarms) {
		if (strcmp(reason, alarm_words(one, t->a)) != 0)
			continue;
		row->age = view_age(t->a, one->since, t->now);
		row->fix = view_safe(t->a, one->fix);
	}
}

static void say_reasons(struct tree *t)
{
	autofree(json) struct json *list = NULL;
	struct err e = ERR_INIT;
	const char *text = t->lane->reasons;
	if (!text || !*text)
		return;
	if (json_parse(&list, text, strlen(text), 65536, &e) < 0)
		add(t, 1, arena_printf(t->a, "its reasons are damaged: %s", e.message), "cache",
		    t->lane->checked);
	for (size_t i = 0; i < json_size(list); i++) {
		const char *reason = json_str(json_at(list, i), "");
		tell_source(t, add(t, 1, view_safe(t->a, reason), "rules", t->lane->checked), reason);
	}
}

static bool is_said(const struct tree *t, const char *words)
{
	vec_each (row, t->out)
		if (strstr(row->text, words))
			return true;
	return false;
}

/* What stops the line, or may, as far as no reason of the lane says so: what was read long ago, a lane not judged since. */
static int say_freeze(struct tree *t)
{
	struct freeze_rows rows = { 0 };
	int r = t->lane->production ? freeze_rows_read(&rows, t->store, t->lane, t->now, t->a, t->e) : 0;
	vec_each (f, &rows) {
		bool frozen = f->state_value == FREEZE_FROZEN;
		struct why_row *row;
		if ((!frozen && f->state_value != FREEZE_UNKNOWN) || is_said(t, f->source))
			continue;
		row = add(t, 1,
			  arena_printf(t->a, "%s %s%s%s",
				       frozen ? "the line is stopped by"
					      : "whether the line is stopped is not known:",
				       f->source, *f->detail ? ": " : "", f->detail),
			  "forge", WHEN_NONE);
		row->age = f->age;
		row->fix = frozen ? hold_fix(t, &(struct hold){ .kind = HOLD_FREEZE }) : "";
	}
	return r;
}

static int say_drift(struct tree *t)
{
	struct drift_rows rows = { 0 };
	int r = view_drift(&rows, t->store, t->lane->name, t->now, t->a, t->e);
	vec_each (d, &rows) {
		struct why_row *row;
		if (d->verdict_value == DRIFT_EQUAL || d->verdict_value == DRIFT_UNKNOWN)
			continue;
		row = add(t, 1,
			  arena_printf(t->a, "%s%s%s runs %s, declared is %s: %s", d->component,
				       *d->platform ? " " : "", d->platform, d->live_short, d->declared_short,
				       d->verdict),
			  "forge", WHEN_NONE);
		row->age = d->age;
		row->fix = arena_printf(t->a, "pilothouse drift %s says where both stand",
					view_safe(t->a, t->lane->name));
	}
	return r < 0 ? r : 0;
}

static int say_intent(void *ctx, const void *record)
{
	struct tree *t = ctx;
	const struct intent *in = record;
	struct why_row *row =
		add(t, 1,
		    arena_printf(t->a, "intent %" PRId64 ": %s%s%s is %s; no twin may be sent", in->id,
				 view_safe(t->a, in->act), in->subject && *in->subject ? " " : "",
				 view_safe(t->a, in->subject), names_word(&intent_state_names, in->state)),
		    "journal", when_known(in->sent) ? in->sent : in->created);
	row->fix = arena_printf(t->a, "pilothouse reconcile %" PRId64, in->id);
	return 0;
}

/* What was done from here after the lane was read is not in what was read: a captain who has just stopped the line is not
 * told that all is well. */
static int say_done_since(void *ctx, const void *record)
{
	struct tree *t = ctx;
	const struct intent *in = record;
	bool here = in->lane && (text_eq(in->lane, t->lane->name) || text_eq(in->lane, t->lane->system));
	bool done = in->state == INTENT_DONE || in->state == INTENT_LINKED;

	if (!here || !done || text_eq(in->act, "note") || !when_known(in->settled) ||
	    (when_known(t->lane->checked) && when_diff(t->lane->checked, in->settled) >= 0))
		return 0;
	add(t, 1,
	    arena_printf(t->a, "intent %" PRId64 ": %s %s is %s, and the lane was not read since", in->id,
			 view_safe(t->a, in->act), view_safe(t->a, in->lane),
			 names_word(&intent_state_names, in->state)),
	    "journal", in->settled)
		->fix = "pilothouse sync --once, or Ctrl-r";
	return 0;
}

/* The engine says it of each repository that the token may not write to. */
static int say_advisory(struct tree *t)
{
	const char *repo = t->lane->repo ? t->lane->repo : "";
	struct key key = { .name = arena_printf(t->a, "advisory %s", repo) };
	struct setting row;
	int r = store_one(t->store, Q_setting_by_name, &rec_key, &key, &rec_setting, &row, t->a, t->e);
	if (r == 0 && row.value && *row.value)
		add(t, 1, view_safe(t->a, row.value), "forge", row.at)->fix =
			"use a token of somebody who may write contents";
	return r < 0 ? r : 0;
}

static int say_gate(void *ctx, const void *record)
{
	struct tree *t = ctx;
	const struct gate *g = record;
	if (!t->lane->name || !g->lane || strcmp(g->lane, t->lane->name) != 0)
		return 0;
	const char *environment = view_safe(t->a, g->environment), *why_not = view_safe(t->a, g->why_not);
	struct why_row *row =
		add(t, 1,
		    arena_printf(t->a, "run %" PRId64 " waits at %s for %s%s%s", g->run_id, environment,
				 view_list(t->a, g->reviewers), *why_not ? "; " : "", why_not),
		    "forge", g->seen);
	if (g->can_approve)
		row->fix =
			arena_printf(t->a, "A, or pilothouse approve %" PRId64 " %s", g->run_id, environment);
	return 0;
}

static int say_run(struct tree *t)
{
	struct key key = { .id = t->lane->run_id };
	struct run run;
	if (!t->lane->run_id)
		return 0;
	int r = store_one(t->store, Q_run_by_id, &rec_key, &key, &rec_run, &run, t->a, t->e);
	if (r)
		return r < 0 ? r : 0;
	add(t, 1,
	    arena_printf(t->a, "run %" PRId64 " \"%s\": %s", run.id, view_safe(t->a, run.title),
			 run.status == RUN_COMPLETED ? names_word(&conclusion_names, run.conclusion)
						     : names_word(&run_status_names, run.status)),
	    "forge", run.seen);
	return 0;
}

int view_why(struct why_rows *out, struct store *s, const char *name, struct when now, struct arena *a,
	     struct err *e)
{
	struct lane lane;
	struct key key = { .name = name, .limit = 20 };
	struct tree t = { .out = out, .store = s, .now = now, .a = a, .e = e, .lane = &lane };
	int r = store_one(s, Q_lane_by_name, &rec_key, &key, &rec_lane, &lane, a, e);
	if (r)
		return r;
	r = store_holds_read(&t.holds, s, name, a, e);
	if (r >= 0)
		r = store_alarms_read(&t.alarms, s, name, a, e);
	if (r < 0)
		return r;
	say_state(&t);
	say_reasons(&t);
	r = store_each(s, Q_intents_recent, &rec_key, &key, &rec_intent, a, say_done_since, &t, e);
	if (r >= 0)
		r = say_freeze(&t);
	if (r >= 0)
		r = why_canary(out, s, lane.name, now, a, e);
	if (r >= 0)
		r = why_proof(out, s, lane.name, now, a, e);
	if (r >= 0)
		r = say_drift(&t);
	if (r >= 0)
		r = say_advisory(&t);
	if (r < 0)
		return r;
	r = store_each(s, Q_intents_by_lane_open, &rec_key, &key, &rec_intent, a, say_intent, &t, e);
	if (r < 0)
		return r;
	r = store_each(s, Q_gates, NULL, NULL, &rec_gate, a, say_gate, &t, e);
	if (r < 0)
		return r;
	return say_run(&t);
}

enum check_rank check_rank(const struct check_row *c)
{
	if (c->status == CHECK_OK)
		return strstr(c->detail, "; accepted: ") ? RANK_ACCEPTED : RANK_OK;
	return text_starts(c->name, "note:") ? RANK_NOTE : RANK_AGAINST;
}

static const char *plan_head(const struct plan_view *p, struct arena *a)
{
	const char *act =
		arena_printf(a, "%s %s%s%s", p->act, p->lane, *p->release ? " " : "", p->release_short);
	int against = 0;

	for (int i = 0; i < p->checks_n; i++)
		against += check_rank(&p->checks[i]) == RANK_AGAINST;
	if (p->go && against)
		return arena_printf(a,
				    "%s may be sent: none of its conditions (%d) is against it, %d in doubt",
				    act, p->checks_n, against);
	if (p->go)
		return arena_printf(a, "%s may be sent: %d condition%s, none against it", act, p->checks_n,
				    p->checks_n == 1 ? "" : "s");
	return arena_printf(a, "%s is %s: of its conditions (%d) %d stand%s against it", act, p->verdict,
			    p->checks_n, against, against == 1 ? "s" : "");
}

void view_why_plan(struct why_rows *out, const struct plan_view *p, struct arena *a)
{
	*vec_push(out, a) = (struct why_row){ .text = plan_head(p, a),
					      .source = arena_printf(a, "plan %.8s", p->plan_id),
					      .age = p->age,
					      .fix = "",
					      .status = -1 };
	for (int rank = 0; rank < RANKS; rank++)
		for (int i = 0; i < p->checks_n; i++) {
			const struct check_row *c = &p->checks[i];
			if ((int)check_rank(c) != rank)
				continue;
			*vec_push(out, a) =
				(struct why_row){ .text = arena_printf(a, "%s: %s", c->name,
								       *c->detail ? c->detail : "-"),
						  .source = *c->source ? c->source : "rules",
						  .age = c->age,
						  .fix = c->status == CHECK_OK ? "" : c->fix,
						  .depth = 1,
						  .status = (int)c->status };
		}
	if (*p->note)
		*vec_push(out, a) = (struct why_row){
			.text = p->note, .source = "profile", .age = "", .fix = "", .depth = 1, .status = -1
		};
}

void view_why_json(struct jw *w, const struct why_rows *v, struct when now)
{
	view_items_open(w, now);
	vec_each (row, v) {
		jw_open(w, '{');
		jw_kint(w, "depth", row->depth);
		jw_kstr(w, "text", row->text);
		jw_kstr(w, "source", row->source);
		jw_kstr(w, "age", row->age);
		jw_ktext(w, "fix", row->fix);
		jw_kstr(w, "status", row->status < 0 ? NULL : names_word(&verdict_names, row->status));
		jw_close(w, '}');
	}
	view_items_close(w);
}
