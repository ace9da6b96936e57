#include "core/view/guard.h"

#include <string.h>

#include "base/text.h"
#include "core/view/words.h"
#include "store/guards.h"

/* "ana@bastion (octo-ana)": on a screen the name is enough. */
static const char *name_of(const char *who, struct arena *a)
{
	return view_safe(a, arena_strndup(a, who, strcspn(who, "@ ")));
}

static const char *does(int may)
{
	static const char *const list[] = { [GUARD_MAY_OTHER] = "may do what is not known",
					    [GUARD_MAY_ALARM] = "only says so",
					    [GUARD_MAY_ABORT] = "aborts the canary",
					    [GUARD_MAY_ROLLBACK] = "rolls back" };

	return may >= 0 && may < (int)countof(list) ? list[may] : list[GUARD_MAY_OTHER];
}

static const char *when_it_does(const struct canary_guard *g, struct arena *a)
{
	const char *silence = g->silence ? " or three looks bring nothing" : "";

	if (g->of <= 1)
		return arena_printf(a, "when a judgement fails%s", silence);
	return arena_printf(a, "when %" PRId64 " of %" PRId64 " judgements fail%s", g->needed, g->of,
			    silence);
}

static const char *words_of(const struct canary_guard *g, struct arena *a)
{
	char until[WHEN_TEXT];
	const char *by = name_of(g->armed_by, a), *reason = view_safe(a, g->reason);

	switch ((enum guard_state)g->state) {
	case GUARD_ARMED:
		return arena_printf(a, "guard of %s until %s: %s %s", by, when_hhmm(g->deadline, until),
				    does(g->may), when_it_does(g, a));
	case GUARD_ACTING:
		return arena_printf(a, "guard of %s acts: %s", by, reason);
	case GUARD_ACTED:
		return arena_printf(a, "guard of %s acted: %s", by, reason);
	case GUARD_STOOD_DOWN:
		return arena_printf(a, "guard of %s stood down: %s", by, reason);
	case GUARD_EXPIRED:
		return arena_printf(a, "guard of %s expired: %s", by, reason);
	case GUARD_OVERTAKEN:
		return arena_printf(a, "guard of %s is overtaken: %s", by, reason);
	case GUARD_OTHER:
		break;
	}
	return arena_printf(a, "guard of %s is in a state that is not known", by);
}

static const char *brief_of(const struct canary_guard *g, struct arena *a)
{
	if (g->state == GUARD_ARMED)
		return arena_printf(a, "guard %s", name_of(g->armed_by, a));
	return arena_printf(a, "guard %s",
			    g->state == GUARD_ACTING ? "acts" : names_word(&guard_state_names, g->state));
}

static const char *iso_or_null(struct when at, struct arena *a)
{
	char iso[WHEN_TEXT];

	return when_known(at) ? arena_strdup(a, when_iso(at, iso)) : NULL;
}

static struct guard_row row_of(const struct canary_guard *g, struct arena *a)
{
	return (struct guard_row){
		.lane = view_safe(a, g->lane),
		.release = view_safe(a, g->release),
		.state = names_word(&guard_state_names, g->state),
		.may = names_word(&guard_may_names, g->may),
		.armed_by = view_safe(a, g->armed_by),
		.reason = view_safe(a, g->reason),
		.would = view_safe(a, g->would),
		.words = words_of(g, a),
		.brief = brief_of(g, a),
		.armed_iso = iso_or_null(g->armed, a),
		.until_iso = iso_or_null(g->deadline, a),
		.breached_iso = iso_or_null(g->breached, a),
		.state_value = g->state,
		.up = guard_is_up(g),
		.acts = g->state == GUARD_ACTING,
		.silence = g->silence,
		.needed = g->needed,
		.of = g->of,
		.intent = g->intent,
	};
}

int view_guards(struct guard_rows *out, struct store *s, const char *lane, struct when now maybe_unused,
		struct arena *a, struct err *e)
{
	const struct key key = { .name = lane };
	struct canary_guards all = { 0 };
	struct lane known;
	int r = lane ? store_one(s, Q_lane_by_name, &rec_key, &key, &rec_lane, &known, a, e) : 0;

	if (!r)
		r = store_guards_read(&all, s, a, e);
	if (r)
		return r;
	vec_each (g, &all)
		if (!lane || text_eq(g->lane, lane))
			*vec_push(out, a) = row_of(g, a);
	return 0;
}

void view_guards_json(struct jw *w, const struct guard_rows *v, struct when now)
{
	view_items_open(w, now);
	vec_each (row, v) {
		jw_open(w, '{');
		jw_kstr(w, "lane", row->lane);
		jw_kstr(w, "release", row->release);
		jw_kstr(w, "state", row->state);
		jw_kstr(w, "may", row->may);
		jw_kstr(w, "armed_by", row->armed_by);
		jw_kstr(w, "armed_at", row->armed_iso);
		jw_kstr(w, "until", row->until_iso);
		jw_kint(w, "needed", row->needed);
		jw_kint(w, "of", row->of);
		jw_kbool(w, "silence_is_breach", row->silence);
		jw_kstr(w, "would", row->would);
		jw_kstr(w, "reason", row->reason);
		jw_kstr(w, "breached_at", row->breached_iso);
		jw_key(w, "intent");
		if (row->intent)
			jw_int(w, row->intent);
		else
			jw_null(w);
		jw_kstr(w, "words", row->words);
		jw_close(w, '}');
	}
	view_items_close(w);
}

int view_guard_words(const char **out, struct store *s, const char *lane, struct when now maybe_unused,
		     struct arena *a, struct err *e)
{
	struct canary_guards all = { 0 };
	int r = store_guards_read(&all, s, a, e);

	*out = "";
	vec_each (g, &all)
		if (text_eq(g->lane, lane) && guard_is_up(g))
			*out = words_of(g, a);
	return r;
}
