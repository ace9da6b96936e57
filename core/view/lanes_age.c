/* Most of the time nothing but ages changes: one narrow query instead of all of a screen. */
#include "core/rules/lanestate.h"
#include "core/view/rows.h"
#include "core/view/words.h"

#include <string.h>

struct reading {
	struct VEC_OF(struct when) checked; /* in the order of the cache */
	int64_t generation, skew;
	struct arena *a;
};

static int add_age(void *ctx, const void *record)
{
	struct reading *d = ctx;
	const struct key *row = record;

	*vec_push(&d->checked, d->a) = row->at;
	d->generation = row->number;
	d->skew = view_skew_ms(row->text);
	return 0;
}

int view_generation(int64_t *out, struct store *s, struct arena *a, struct err *e)
{
	struct key row;
	int r = store_one(s, Q_lane_ages, NULL, NULL, &rec_key, &row, a, e);

	*out = r == 0 ? row.number : -1;
	return r < 0 ? r : 0;
}

/* 1: other lanes, or more than their ages. */
static int take_ages(struct lane_rows *v, struct store *s, int64_t generation, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct reading d = { .generation = -1, .a = &a };
	int r = store_each(s, Q_lane_ages, NULL, NULL, &rec_key, &a, add_age, &d, e);

	if (r == 0 && (generation < 0 || d.generation != generation || d.checked.n != v->n))
		r = 1;
	for (size_t i = 0; r == 0 && i < v->n; i++) {
		struct lane_row *row = &v->items[i];

		row->checked = d.checked.items[row->place];
		if (when_known(row->since_told))
			row->since_at = (struct when){ row->since_told.ms - d.skew };
	}
	arena_done(&a);
	return r;
}

/* A row is worded anew when one of its two ages is. */
static bool age_row(struct lane_row *row, struct when now, struct arena *a)
{
	char was[WHEN_TEXT], is[WHEN_TEXT];
	int64_t age = view_age_ms(row->checked, now);
	bool other = strcmp(when_age_minutes(row->age_ms, was), when_age_minutes(age, is)) != 0;

	row->age_ms = age;
	if (!when_known(row->since_at))
		return other;
	age = when_diff(now, row->since_at);
	if (!strcmp(row->since, when_age(age < 0 ? 0 : age, is)))
		return other;
	row->since = arena_strdup(a, is);
	return true;
}

static bool still_holds(const struct lane_row *row, struct when now)
{
	const struct lane lane = { .state = (int)row->judged,
				   .checked = row->checked,
				   .stale_after = row->stale_after };

	return (!when_known(row->until) || when_diff(row->until, now) > 0) &&
	       lane_shown(&lane, now) == row->state;
}

static void age_header(struct view_header *h, struct poll_age *poll, const struct lane_row *row)
{
	const struct lane lane = { .checked = row->checked, .stale_after = row->stale_after };

	poll_seen(poll, &lane);
	if (row->age_ms > h->age_ms)
		h->age_ms = row->age_ms;
}

int view_lanes_age(struct lane_rows *v, struct view_header *h, struct store *s, int64_t generation,
		   struct when now, bool *words, struct arena *a, struct err *e)
{
	struct poll_age poll = { 0 };
	int r = s ? take_ages(v, s, generation, e) : 0;

	*words = false;
	if (r)
		return r;
	vec_each (row, v)
		if (!still_holds(row, now))
			return 1;
	h->age_ms = -1;
	vec_each (row, v) {
		*words |= age_row(row, now, a);
		age_header(h, &poll, row);
	}
	return poll_is_silent(&poll, now, NULL, a) != h->silent;
}
