#include "contract/metrics.h"

#include "base/embed.h"
#include "core/profile/profile.h"

extern const struct embedded profile_files[];

/* As it is sent for samples each 30 s, and a limit that is a bucket of the recorded hour. */
static const char *filled(const char *template, struct arena *a)
{
	static const char *const holes[][2] = { { "{interval}", "30s" }, { "{limit}", "0.5" } };

	for (size_t i = 0; i < countof(holes); i++)
		for (const char *at; (at = strstr(template, holes[i][0]));)
			template = arena_printf(a, "%.*s%s%s", (int)(at - template), template, holes[i][1],
						at + strlen(holes[i][0]));
	return template;
}

static int64_t value_of(struct desk *d, const char *lane, const char *template, struct arena *a)
{
	struct question q = { .expression = filled(template, a), .stale_after_s = 60 };
	struct told t;

	desk_ask(d, &q, &t);
	if (t.state != SAMPLE_OK || t.n != 1)
		fail_msg("%s: %s is %s \"%s\"", lane, q.expression,
			 names_word(&sample_state_names, (int)t.state), t.why);
	return t.last.value;
}

static size_t check_metric(struct desk *d, const char *lane, const struct profile_metric *m, struct arena *a)
{
	const char *const templates[] = { m->control,     m->canary,     m->control_total, m->canary_total,
					  m->control_bad, m->canary_bad, m->control_good,  m->canary_good };
	int64_t values[countof(templates)];
	size_t asked = 0;

	for (size_t i = 0; i < countof(templates); i++) {
		values[i] = templates[i] ? value_of(d, lane, templates[i], a) : 0;
		asked += templates[i] != NULL;
	}
	for (size_t i = 2; i < 4; i++)
		if (templates[i] && (values[i + 2] > values[i] || values[i + 4] > values[i]))
			fail_msg("%s: %s counts more in a part than in all", lane, m->name);
	return asked;
}

static size_t check_lane(struct desk *d, const struct profile_lane *l, struct arena *a)
{
	size_t asked = 0;
	int64_t seen;

	vec_each (m, &l->canary->metrics)
		asked += check_metric(d, l->name, m, a);
	vec_each (w, &l->canary->weight)
		if (w->query)
			asked += value_of(d, l->name, w->query, a) >= 0;
	if (!l->canary->seen)
		return asked;
	seen = value_of(d, l->name, l->canary->seen->query, a);
	assert_in_range(seen, 49000, 51000);
	return asked + 1;
}

/* What the built-in profiles ask is what a real one understands, and each of it is one number. */
void check_profiles(struct desk *d)
{
	struct arena a = ARENA_INIT;
	size_t asked = 0;

	for (const struct embedded *f = profile_files; f->name; f++) {
		struct profiles set = { 0 };
		struct err e = ERR_INIT;

		if (profile_load(&set, arena_printf(&a, "%s=o/r", f->name), &a, &e) < 0)
			fail_msg("%s", e.message);
		vec_each (l, &set.items[0].lanes)
			if (l->canary)
				asked += check_lane(d, l, &a);
	}
	assert_true(asked >= 10);
	arena_done(&a);
}
