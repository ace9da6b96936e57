/* The verdict of a canary as a tree: what is set, each metric against its limit, what can stop it. */
#include "core/model/canary_guard.h"
#include "core/view/canary.h"
#include "core/view/guard.h"
#include "core/view/rows.h"
#include "core/view/words.h"

/* Anything but a pass stands against it; what could not be judged is not checked. */
static int status_of(int verdict)
{
	static const int of[] = { [VERDICT_UNKNOWN] = CHECK_UNCHECKED,
				  [VERDICT_PASS] = CHECK_OK,
				  [VERDICT_FAIL] = CHECK_BAD,
				  [VERDICT_INCONCLUSIVE] = CHECK_UNCHECKED };

	return verdict >= 0 && (size_t)verdict < countof(of) ? of[verdict] : CHECK_UNCHECKED;
}

static struct why_row *add(struct why_rows *out, int depth, const char *text, int status,
			   const struct canary_view *v, struct arena *a)
{
	char age[WHEN_TEXT];
	struct why_row *row = vec_push(out, a);

	*row = (struct why_row){
		.text = text,
		.source = v->seen_from && *v->seen_from ? v->seen_from : "samples",
		.age = v->age_ms < 0 ? "-" : arena_strdup(a, when_age_minutes(v->age_ms, age)),
		.fix = "",
		.depth = depth,
		.status = status,
	};
	return row;
}

static void say_metric(struct why_rows *out, const struct canary_metric_row *m, const struct canary_view *v,
		       struct arena *a)
{
	const char *text = arena_printf(a, "%s%s%s: canary %s, control %s, limit %s: %s%s%s", m->name,
					*m->unit ? " " : "", m->unit, m->canary, m->control, m->limit,
					m->verdict, *m->reason ? "; " : "", m->reason);

	add(out, 2, text, status_of(m->verdict_value), v, a);
}

static const char *head(const struct canary_view *v, struct arena *a)
{
	return arena_printf(a, "canary of %s, %s: %s set, %s seen: %s%s%s", *v->release ? v->release : "?",
			    v->phase_word, v->set, v->seen, v->verdict_word, *v->reason ? ": " : "",
			    v->reason);
}

static void say_canary(struct why_rows *out, const struct canary_view *v, struct arena *a)
{
	add(out, 1, head(v, a), status_of(v->verdict), v, a);
	if (v->stale)
		add(out, 2, v->freshness, CHECK_UNCHECKED, v, a)->fix =
			"pilothouse sync keeps looking; Ctrl-r looks once";
	vec_each (m, &v->metrics)
		say_metric(out, m, v, a);
	if (*v->mechanism)
		add(out, 2, v->mechanism, v->can_hold ? CHECK_OK : CHECK_MISSING, v, a)->source = "profile";
}

/* What was left on the lane to stop it, as long as that is up, or says that it was overtaken. */
static int say_guard(struct why_rows *out, struct store *s, const struct canary_view *v, struct when now,
		     struct arena *a, struct err *e)
{
	struct guard_rows rows = { 0 };
	int r = view_guards(&rows, s, v->lane, now, a, e);

	vec_each (g, &rows) {
		bool overtaken = g->state_value == GUARD_OVERTAKEN;
		struct why_row *row;

		if (!g->up && !overtaken)
			continue;
		row = add(out, 1, g->words,
			  overtaken ? CHECK_BAD
			  : g->acts ? CHECK_UNCHECKED
				    : CHECK_OK,
			  v, a);
		row->source = "journal";
		row->age = "-";
		row->fix = arena_printf(a, "pilothouse guard disarm %s takes it away", g->lane);
		if (*g->would)
			add(out, 2, arena_printf(a, "it would: %s", g->would), CHECK_OK, v, a)->source =
				"journal";
	}
	return r < 0 ? r : 0;
}

int why_canary(struct why_rows *out, struct store *s, const char *lane, struct when now, struct arena *a,
	       struct err *e)
{
	const struct canary_wish none = { .metric = -1 };
	struct canary_view v;
	int r = view_canary(&v, s, lane, &none, now, a, e);

	if (r < 0)
		return r;
	if (!r && v.phase != CANARY_ABSENT && v.phase != CANARY_DONE)
		say_canary(out, &v, a);
	return r == CANARY_NO_LANE ? 0 : say_guard(out, s, &v, now, a, e);
}
