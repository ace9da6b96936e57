#include "core/engine/alarms.h"

#include "base/text.h"
#include "core/engine/sync.h"
#include "store/holds.h"

static const struct alarm *among(const struct alarms *list, const struct alarm *one)
{
	vec_each (it, list)
		if (it->kind == one->kind && text_eq(it->subject, one->subject))
			return it;
	return NULL;
}

static int tell(struct engine *en, const struct alarm *one, struct arena *a, struct err *e)
{
	if (one->kind == ALARM_DOUBT)
		return 0;
	engine_emit(en, "notice", arena_printf(a, ALARM_TOLD "%s: %s", one->text, one->fix));
	return note_event(en, one->lane, arena_printf(a, ALARM_TOLD "%s", one->text), e);
}

/* What reads as it did is not written: a look that finds nothing new costs no page of the log. */
static bool is_same(const struct alarm *was, const struct alarm *one)
{
	return was && text_eq(was->text, one->text) && text_eq(was->lane, one->lane) &&
	       text_eq(was->fix, one->fix);
}

static int clear(struct engine *en, const struct alarm *was, struct arena *a, struct err *e)
{
	int r = store_alarm_clear(en->o.cache, (enum alarm_kind)was->kind, was->subject, e);

	if (r < 0 || was->kind == ALARM_DOUBT)
		return r;
	return note_event(en, was->lane, arena_printf(a, ALARM_OVER "%s", was->text), e);
}

static bool is_of(const struct engine *en, const struct alarm *one, const char *repo)
{
	const struct profile *p = NULL;

	(void)profiles_lane(en->o.profiles, one->lane, &p);
	return !repo || !p || text_eq(p->repo, repo);
}

int alarms_settle(struct engine *en, const char *repo, const struct alarms *now, alarm_claim claims,
		  struct err *e)
{
	struct arena a = ARENA_INIT;
	struct alarms open = { 0 };
	int r = store_alarms_read(&open, en->o.cache, NULL, &a, e);

	vec_each (it, now) {
		const struct alarm *was = among(&open, it);

		if (r < 0 || is_same(was, it))
			continue;
		r = store_alarm_put(en->o.cache, it, e);
		if (r >= 0 && !was)
			r = tell(en, it, &a, e);
	}
	vec_each (was, &open)
		if (r >= 0 && claims(was->subject) && !among(now, was) && is_of(en, was, repo))
			r = clear(en, was, &a, e);
	arena_done(&a);
	return r < 0 ? r : 0;
}
