/* What is worth a line to whoever follows: one sentence a change, for ears as well as for eyes. */
#include <string.h>

#include "base/text.h"
#include "core/view/canary.h"
#include "core/view/words.h"

/* "25 percent": read aloud, a sign would be lost. */
static const char *share_words(int64_t bp, struct arena *a)
{
	char text[CANARY_PERCENT];

	canary_percent(bp, text);
	text[strcspn(text, "%")] = 0;
	return bp < 0 ? "unknown weight" : arena_printf(a, "%s percent", text);
}

static const char *spoken(const char *name, struct arena *a)
{
	char *words = arena_strdup(a, view_safe(a, name));

	for (char *p = words; *p; p++)
		*p = (char)(*p == '_' ? ' ' : *p);
	return words;
}

/* The first metric that fails, in the profile's order: "error rate 2.31 over 1.00". */
static const char *breach_words(const struct canary *is, const struct canary_metrics *metrics,
				struct arena *a)
{
	char canary[CANARY_NUMBER], limit[CANARY_NUMBER];

	vec_each (m, metrics) {
		if (m->verdict != VERDICT_FAIL)
			continue;
		if (m->limit == CANARY_NONE_VALUE || m->canary == CANARY_NONE_VALUE)
			return arena_printf(a, "%s: %s", spoken(m->name, a), view_safe(a, m->reason));
		return arena_printf(a, "%s %s over %s", spoken(m->name, a), canary_number(m->canary, canary),
				    canary_number(m->limit, limit));
	}
	return view_safe(a, is->reason);
}

static const char *verdict_news(const struct canary *was, const struct canary *is,
				const struct canary_metrics *metrics, struct arena *a)
{
	const char *share = share_words(is->set_bp, a);

	if (is->verdict == VERDICT_FAIL)
		return arena_printf(a, "FAIL canary %s, %s", share, breach_words(is, metrics, a));
	if (is->verdict == VERDICT_PASS)
		return was && was->verdict != VERDICT_UNKNOWN
			       ? arena_printf(a, "OK canary %s, nothing stands against it", share)
			       : "";
	if (is->verdict == VERDICT_INCONCLUSIVE && was && was->verdict != VERDICT_UNKNOWN)
		return arena_printf(a, "WAIT canary %s, not to be judged: %s", share,
				    view_safe(a, is->reason));
	return "";
}

static const char *phase_news(const struct canary *is, struct arena *a)
{
	const char *share = share_words(is->set_bp, a), *release = view_short(a, is->release);

	switch ((enum canary_phase)is->phase) {
	case CANARY_WATCHING:
		return arena_printf(a, "RUN canary of %s, %s", release, share);
	case CANARY_HELD:
		return arena_printf(a, "HOLD canary of %s, held at %s", release, share);
	case CANARY_WAITING:
		return arena_printf(a, "WAIT canary of %s, %s, and a gate waits", release, share);
	case CANARY_DONE:
		return arena_printf(a, "OK canary of %s has all of the traffic", release);
	case CANARY_ABORTED:
		return arena_printf(a, "FAIL canary of %s was aborted", release);
	case CANARY_FAILED:
		return arena_printf(a, "FAIL canary of %s failed", release);
	case CANARY_ABSENT:
	case CANARY_OTHER:
		break;
	}
	return "";
}

/* The same one, as far as a row tells: a release may come back. */
static bool is_other(const struct canary *was, const struct canary *is)
{
	return !was || was->run != is->run || !text_eq(was->release, is->release);
}

const char *canary_news(const struct canary *was, const struct canary *is,
			const struct canary_metrics *metrics, struct arena *a)
{
	bool other = is_other(was, is), live = canary_is_live(is->phase);

	if (live && (other || was->verdict != is->verdict)) {
		const char *news = verdict_news(other ? NULL : was, is, metrics, a);
		if (*news)
			return news;
	}
	if (other || was->phase != is->phase)
		return phase_news(is, a);
	if (live && was->set_bp != is->set_bp && is->set_bp >= 0 && was->set_bp >= 0)
		return arena_printf(a, "RUN canary %s, it was %s", share_words(is->set_bp, a),
				    share_words(was->set_bp, a));
	return "";
}
