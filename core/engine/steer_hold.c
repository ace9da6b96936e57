#include "core/engine/steer.h"

#include "base/json.h"
#include "base/text.h"

#include <string.h>

/*
 * A hold by a gate is an intention: nothing is sent, and the gate waits as it did. It stands in the journal as an act of its
 * own that is done, and ends with the resume that comes after it, or with the run that it is about.
 */

#define HOLDS_LOOKED_AT 2000 /* acts: more than a console sends while one canary lives */

static bool sent_nothing(const struct intent *in)
{
	return in->state == INTENT_DONE && in->step && strstr(in->step, "\"local\"");
}

static int64_t run_of(const struct intent *in)
{
	autofree(json) struct json *target = NULL;
	const char *text = in->target ? in->target : "";

	if (json_parse(&target, text, strlen(text), (size_t)1 << 20, NULL) < 0)
		return 0;
	return json_int(target, "run", 0);
}

int steer_held(const struct engine *en, const char *lane, int64_t run, struct intent *out, struct arena *a,
	       struct err *e)
{
	struct intents recent = { 0 };
	int r = en->o.journal ? journal_recent(en->o.journal, HOLDS_LOOKED_AT, &recent, a, e) : 0;

	if (r < 0)
		return r;
	vec_each (in, &recent) {
		bool hold = text_eq(in->act, "hold");

		if (!text_eq(in->lane, lane) || (!hold && !text_eq(in->act, "resume")) || !sent_nothing(in) ||
		    run_of(in) != run)
			continue;
		if (!hold)
			return 1;
		*out = *in;
		return 0;
	}
	return 1;
}
