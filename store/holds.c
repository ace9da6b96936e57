#include "store/holds.h"

int store_holds_put(struct store *s, const char *lane, enum hold_kind kind, const struct hold *rows, size_t n,
		    struct err *e)
{
	const struct key key = { .name = lane, .number = kind };
	int r;

	if (n > HOLDS_A_KIND)
		return err_set(e, ERR_INVALID, "%s has %zu holds of one kind, %d are kept", lane, n,
			       HOLDS_A_KIND);
	r = store_run(s, Q_hold_forget, &rec_key, &key, e);
	for (size_t i = 0; i < n && r >= 0; i++) {
		struct hold row = rows[i];

		row.lane = lane;
		row.kind = (int)kind;
		row.ordinal = (int64_t)kind * HOLDS_A_KIND + (int64_t)i;
		r = store_run(s, Q_hold_put, &rec_hold, &row, e);
	}
	return r;
}

int store_holds_trim(struct store *s, struct err *e)
{
	return store_run(s, Q_holds_trim, NULL, NULL, e);
}

int store_holds_read(struct holds *out, struct store *s, const char *lane, struct arena *a, struct err *e)
{
	const struct key key = { .name = lane };

	return store_list(s, lane ? Q_holds_by_lane : Q_holds, lane ? &rec_key : NULL, &key, &rec_hold, out,
			  a, e);
}

int store_alarm_put(struct store *s, const struct alarm *one, struct err *e)
{
	return store_run(s, Q_alarm_put, &rec_alarm, one, e);
}

int store_alarm_clear(struct store *s, enum alarm_kind kind, const char *subject, struct err *e)
{
	const struct key key = { .number = kind, .text = subject };

	return store_run(s, Q_alarm_clear, &rec_key, &key, e);
}

int store_alarms_read(struct alarms *out, struct store *s, const char *lane, struct arena *a, struct err *e)
{
	const struct key key = { .name = lane };

	return store_list(s, lane ? Q_alarms_by_lane : Q_alarms, lane ? &rec_key : NULL, &key, &rec_alarm,
			  out, a, e);
}
