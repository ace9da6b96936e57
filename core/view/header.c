#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/model/evidence.h"
#include "core/rules/lanestate.h"
#include "core/view/rows.h"
#include "core/view/words.h"
#include "store/guards.h"

struct count {
	struct view_header *h;
	struct when now;
	struct poll_age age;
};

static int count_lane(void *ctx, const void *record)
{
	struct count *c = ctx;
	const struct lane *l = record;
	int64_t age = when_known(l->checked) ? when_diff(c->now, l->checked) : -1;
	c->h->counts[lane_shown(l, c->now)]++;
	c->h->lanes++;
	poll_seen(&c->age, l);
	c->h->lanes_read += when_known(l->checked);
	if (age < 0 && when_known(l->checked))
		age = 0;
	if (c->h->lanes == 1 || age < 0 || (c->h->age_ms >= 0 && age > c->h->age_ms))
		c->h->age_ms = age;
	return 0;
}

static int count_gate(void *ctx, const void *record)
{
	struct count *c = ctx;
	const struct gate *g = record;
	c->h->needs_me += g->can_approve;
	return 0;
}

static int count_intent(void *ctx, const void *record)
{
	struct count *c = ctx;
	(void)record;
	c->h->open_intents++;
	return 0;
}

static int count_alarm(void *ctx, const void *record)
{
	struct count *c = ctx;
	const struct alarm *one = record;
	c->h->alarms += one->kind != ALARM_DOUBT;
	return 0;
}

struct wanted {
	const char *name, *value; /* value NULL: not there, or empty */
	struct arena *a;
};
enum { DRILL, LOGIN, BANNER, REMAINING, LIMIT, CON, WANTED };

static int take_setting(void *ctx, const void *record)
{
	struct wanted *w = ctx;
	const struct setting *row = record;
	for (int i = 0; i < WANTED; i++)
		if (text_eq(row->name, w[i].name) && row->value && *row->value)
			w[i].value = view_safe(w[i].a, row->value);
	return 0;
}

static int64_t number_or(const char *s, int64_t fallback)
{
	char *end;
	if (!s)
		return fallback;
	int64_t v = strtoll(s, &end, 10);
	return *end || end == s ? fallback : v;
}

static int read_settings(struct view_header *out, struct store *s, struct arena *a, struct err *e)
{
	struct wanted w[WANTED] = {
		[DRILL] = { "drill", NULL, a },     [LOGIN] = { "login", NULL, a },
		[BANNER] = { "banner", NULL, a },   [REMAINING] = { "api_remaining", NULL, a },
		[LIMIT] = { "api_limit", NULL, a }, [CON] = { "con", NULL, a },
	};
	int r = store_each(s, Q_settings, NULL, NULL, &rec_setting, a, take_setting, w, e);
	out->drill = w[DRILL].value;
	out->login = w[LOGIN].value ? w[LOGIN].value : "";
	out->con = w[CON].value ? w[CON].value : "";
	out->banner = w[BANNER].value ? w[BANNER].value : "";
	out->api_remaining = number_or(w[REMAINING].value, -1);
	out->api_limit = number_or(w[LIMIT].value, -1);
	return r;
}

static int count_guards(struct view_header *out, struct store *s, struct arena *a, struct err *e)
{
	struct canary_guards all = { 0 };
	int r = store_guards_read(&all, s, a, e);
	vec_each (g, &all)
		out->guards += guard_is_up(g);
	return r;
}

struct frozen {
	struct view_header *h;
	const char *system; /* counted last: a system may be stopped by several sources */
};

static int count_frozen(void *ctx, const void *record)
{
	struct frozen *f = ctx;
	const struct freeze *row = record;
	if (row->state != FREEZE_FROZEN || (f->system && text_eq(f->system, row->system)))
		return 0;
	f->system = row->system;
	f->h->frozen++;
	return 0;
}

int view_header(struct view_header *out, struct store *s, struct when now, struct arena *a, struct err *e)
{
	struct count c = { .h = out, .now = now };
	struct frozen frozen = { .h = out };
	*out = (struct view_header){ .age_ms = -1 };
	int r = read_settings(out, s, a, e);
	if (r < 0)
		return r;
	r = store_each(s, Q_lanes, NULL, NULL, &rec_lane, a, count_lane, &c, e);
	if (r < 0)
		return r;
	r = store_each(s, Q_gates, NULL, NULL, &rec_gate, a, count_gate, &c, e);
	if (r < 0)
		return r;
	r = store_each(s, Q_intents_open, NULL, NULL, &rec_intent, a, count_intent, &c, e);
	if (r < 0)
		return r;
	r = count_guards(out, s, a, e);
	if (r < 0)
		return r;
	out->silent = poll_is_silent(&c.age, now, NULL, a);
	out->alarms = out->silent;
	r = store_each(s, Q_alarms, NULL, NULL, &rec_alarm, a, count_alarm, &c, e);
	if (r < 0)
		return r;
	return store_each(s, Q_freezes, NULL, NULL, &rec_freeze, a, count_frozen, &frozen, e);
}
