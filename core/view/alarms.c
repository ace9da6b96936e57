#include "core/view/alarms.h"

#include "core/rules/silence.h"
#include "core/view/rows.h"
#include "core/view/words.h"
#include "store/holds.h"

void poll_seen(struct poll_age *p, const struct lane *l)
{
	if (when_known(l->checked) && when_diff(l->checked, p->newest) > 0)
		p->newest = l->checked;
	if (l->stale_after > 0 && (!p->stale_after || l->stale_after < p->stale_after))
		p->stale_after = l->stale_after;
}

/* Two thirds of the way to STALE where a profile lets its lanes grow old: said before every lane is. */
bool poll_is_silent(const struct poll_age *p, struct when now, struct alarm *out, struct arena *a)
{
	int64_t limit = silence_detector(SILENCE_POLLER)->limit_ms, late = p->stale_after / 3 * 2;
	struct silence s = { .kind = SILENCE_POLLER,
			     .lane = "",
			     .item = "",
			     .awaited = "",
			     .what = "last read",
			     .since = p->newest,
			     .known = now };

	s.limit_ms = (late > limit ? late : limit) / 60000 * 60000;
	if (silence_judge(&s, NULL) != SILENCE_ALARMS)
		return false;
	if (out)
		*out = silence_alarm(&s, SILENCE_ALARMS, p->newest, a);
	return true;
}

static int note_lane(void *ctx, const void *record)
{
	poll_seen(ctx, record);
	return 0;
}

static void push_row(struct alarm_rows *out, const struct alarm *one, struct when now, struct arena *a)
{
	*vec_push(out, a) = (struct alarm_row){
		.kind = names_word(&alarm_kind_names, one->kind),
		.lane = view_safe(a, one->lane),
		.text = view_safe(a, one->text),
		.fix = view_safe(a, one->fix),
		.age = view_age_minutes(a, one->since, now),
	};
}

int view_alarms(struct alarm_rows *out, struct store *s, struct when now, struct arena *a, struct err *e)
{
	struct poll_age age = { 0 };
	struct alarms list = { 0 };
	struct alarm silent;
	int r = store_each(s, Q_lanes, NULL, NULL, &rec_lane, a, note_lane, &age, e);

	if (r >= 0)
		r = store_alarms_read(&list, s, NULL, a, e);
	if (r < 0)
		return r;
	if (poll_is_silent(&age, now, &silent, a))
		push_row(out, &silent, now, a);
	vec_each (one, &list)
		if (one->kind != ALARM_DOUBT)
			push_row(out, one, now, a);
	return 0;
}
