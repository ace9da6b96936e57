#include "core/rules/verify.h"

#include "base/text.h"

static const struct verify_signal *worst(const struct verify_facts *f)
{
	const struct verify_signal *found = NULL;

	for (size_t i = 0; i < f->signals_n; i++) {
		const struct verify_signal *s = &f->signals[i];

		if (s->status != CHECK_OK && (!found || s->status == CHECK_BAD))
			found = s;
	}
	return found;
}

/* The time runs from the end of the run, and again from each moment at which a signal was not normal. */
static struct when begins(const struct verify_facts *f)
{
	struct when from = f->run->updated;

	for (size_t i = 0; i < f->signals_n; i++)
		if (when_known(f->signals[i].bad) && when_diff(f->signals[i].bad, from) > 0)
			from = f->signals[i].bad;
	return from;
}

static const char *names(const struct verify_facts *f, struct arena *a)
{
	const char *out = "";

	for (size_t i = 0; i < f->signals_n; i++)
		out = arena_printf(a, "%s%s%s", out, i ? ", " : "", f->signals[i].name);
	return out;
}

static struct verify_verdict ended(const struct verify_facts *f, struct arena *a)
{
	const struct verify_signal *bad = worst(f);
	int64_t minutes = f->dwell_ms / 60000;
	struct when until = { begins(f).ms + f->dwell_ms };
	struct when first = { f->run->updated.ms + f->dwell_ms };
	char at[WHEN_TEXT];

	if (when_diff(f->now, first) < 0)
		return (struct verify_verdict){
			VERIFY_DWELLS,
			arena_printf(a, "back at %s; verified at %s if its signals stay normal%s%s",
				     f->release, when_iso(until, at), bad ? ": now " : "",
				     bad ? bad->why : ""),
			until
		};
	if (!f->signals_n)
		return (struct verify_verdict){ VERIFY_NOT,
						arena_printf(a,
							     "not verified after %" PRId64
							     " min: nothing tells what runs or how it does",
							     minutes),
						WHEN_NONE };
	if (bad)
		return (struct verify_verdict){ VERIFY_NOT,
						arena_printf(a, "not verified after %" PRId64 " min: %s: %s",
							     minutes, bad->name, bad->why),
						WHEN_NONE };
	if (when_diff(f->now, until) < 0)
		return (struct verify_verdict){
			VERIFY_NOT,
			arena_printf(a,
				     "not verified after %" PRId64
				     " min: it was not normal all the time; at %s if it stays so",
				     minutes, when_iso(until, at)),
			until
		};
	return (struct verify_verdict){ VERIFY_DONE,
					arena_printf(a, VERIFY_DONE_WORDS "%" PRId64 " min at %s: %s normal",
						     minutes, f->release, names(f, a)),
					WHEN_NONE };
}

struct verify_verdict verify_judge(const struct verify_facts *f, struct arena *a)
{
	if (f->run->status != RUN_COMPLETED)
		return (struct verify_verdict){ VERIFY_WAITS, "", WHEN_NONE };
	if (f->run->conclusion != CONCLUSION_SUCCESS)
		return (struct verify_verdict){
			VERIFY_FAILED,
			arena_printf(a, "the way back to %s failed: run %" PRId64 " %s", f->release,
				     f->run->id, names_word(&conclusion_names, f->run->conclusion)),
			WHEN_NONE
		};
	return ended(f, a);
}
