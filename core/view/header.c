#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/model/evidence.h"
#include "core/rules/lanestate.h"
#include "core/view/words.h"

struct count {
	struct view_header *h;
	struct when now;
};

static int count_lane(void *ctx, const void *record)
{
	struct count *c = ctx;
	const struct lane *l = record;
	int64_t age = when_known(l->checked) ? when_diff(c->now, l->checked) : -1;
	c->h->counts[lane_shown(l, c->now)]++;
	c->h->lanes++;
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

/* The text of a setting, or NULL. */
static int setting_text(const char **out, struct store *s, const char *name, struct arena *a, struct err *e)
{
	struct key key = { .name = name };
	struct setting row;
	int r = store_one(s, Q_setting_by_name, &rec_key, &key, &rec_setting, &row, a, e);
	*out = r == 0 && row.value && *row.value ? view_safe(a, row.value) : NULL;
	return r < 0 ? r : 0;
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
	const char *remaining, *limit, *login, *banner;
	const struct {
		const char *name;
		const char **to;
	} wanted[] = { { "drill", &out->drill },
		       { "login", &login },
		       { "banner", &banner },
		       { "api_remaining", &remaining },
		       { "api_limit", &limit } };
	for (size_t i = 0; i < countof(wanted); i++) {
		int r = setting_text(wanted[i].to, s, wanted[i].name, a, e);
		if (r < 0)
			return r;
	}
	out->login = login ? login : "";
	out->banner = banner ? banner : "";
	out->api_remaining = number_or(remaining, -1);
	out->api_limit = number_or(limit, -1);
	return 0;
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
	struct count c = { out, now };
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
	return store_each(s, Q_freezes, NULL, NULL, &rec_freeze, a, count_frozen, &frozen, e);
}
