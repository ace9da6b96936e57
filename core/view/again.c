/* An act of ours may be younger than what was read: an age alone would call the reading before it fresh. */
#include "base/text.h"
#include "core/view/rows.h"
#include "core/view/words.h"

#define ACTS_SEEN 20 /* newest acts that a reading may not know yet */
#define AGAIN_AT_MOST \
	INT64_C(120000) /* ms: a round of readings takes seconds; after this their own ages speak */

struct young {
	struct young_acts *out;
	struct when now;
	struct arena *a;
};

static int keep_young(void *ctx, const void *record)
{
	struct young *y = ctx;
	const struct intent *in = record;
	int64_t age = view_age_ms(in->settled, y->now);

	if (*in->request && (in->state == INTENT_DONE || in->state == INTENT_LINKED) && age >= 0 &&
	    age <= AGAIN_AT_MOST)
		*vec_push(y->out, y->a) = *in;
	return 0;
}

int young_acts_read(struct young_acts *out, struct store *s, struct when now, struct arena *a, struct err *e)
{
	struct young y = { out, now, a };
	struct key key = { .limit = ACTS_SEEN };

	return store_each(s, Q_intents_recent, &rec_key, &key, &rec_intent, a, keep_young, &y, e);
}

/* A run of ours is seen with the lane's runs; what was done without one is seen by its own readings. */
const char *again_words(const struct young_acts *acts, const struct lane *l, struct when looks,
			struct when now, struct arena *a)
{
	vec_each (in, acts) {
		struct when read = in->state == INTENT_LINKED ? l->checked : looks;

		if (!text_eq(in->lane, l->name) && !text_eq(in->lane, l->system))
			continue;
		if (when_diff(read, in->settled) < 0)
			return arena_printf(a, "read before the %s of %s ago, and not since",
					    view_safe(a, in->act), view_age(a, in->settled, now));
	}
	return "";
}
