#include "core/model/evidence.h"
#include "core/rules/drift.h"
#include "core/view/rows.h"
#include "core/view/words.h"

struct gather {
	struct freeze_rows *out;
	const char *environment; /* those that stop it; NULL: all */
	struct when now;
	struct arena *a;
};

/* That the line was open says nothing once it is old; that it was stopped still does. */
static struct freeze aged(const struct freeze *row, struct when now, struct arena *a)
{
	struct freeze f = *row;
	int64_t age = view_age_ms(f.at, now);

	if (f.state != FREEZE_OPEN || (age >= 0 && age <= DRIFT_MAX_AGE))
		return f;
	f.state = FREEZE_UNKNOWN;
	f.detail = arena_printf(a, "it was open %s ago, which is too old", view_age(a, f.at, now));
	return f;
}

static int add_freeze(void *ctx, const void *record)
{
	struct gather *g = ctx;
	const struct freeze one = aged(record, g->now, g->a), *f = &one;
	if (g->environment && freeze_exempts(f, g->environment))
		return 0;
	*vec_push(g->out, g->a) = (struct freeze_row){
		.system = view_safe(g->a, f->system),
		.source = view_safe(g->a, f->source),
		.state = names_word(&freeze_state_names, f->state),
		.detail = view_safe(g->a, f->detail),
		.age = view_age_minutes(g->a, f->at, g->now),
		.state_value = f->state,
		.age_ms = view_age_ms(f->at, g->now),
		.until = f->state == FREEZE_OPEN ? view_age_ends(f->at, DRIFT_MAX_AGE, g->now) : WHEN_NONE,
	};
	return 0;
}

int freeze_rows_read(struct freeze_rows *out, struct store *s, const struct lane *lane, struct when now,
		     struct arena *a, struct err *e)
{
	struct gather g = { out, lane->environment, now, a };
	struct key key = { .name = lane->system };
	return store_each(s, Q_freezes_by_system, &rec_key, &key, &rec_freeze, a, add_freeze, &g, e);
}

int view_freeze(struct freeze_rows *out, struct store *s, const char *system, struct when now,
		struct arena *a, struct err *e)
{
	struct gather g = { out, NULL, now, a };
	struct key key = { .name = system };
	if (!system)
		return store_each(s, Q_freezes, NULL, NULL, &rec_freeze, a, add_freeze, &g, e);
	return store_each(s, Q_freezes_by_system, &rec_key, &key, &rec_freeze, a, add_freeze, &g, e);
}

const char *freeze_words(const struct freeze_rows *v, struct arena *a)
{
	const char *words = "";

	vec_each (row, v) {
		if (row->state_value == FREEZE_FROZEN)
			return arena_printf(a, "frozen: %s", row->source);
		if (row->state_value == FREEZE_UNKNOWN)
			words = "freeze ?";
	}
	return words;
}
