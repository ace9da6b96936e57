/* An act of ours may be younger than what was read: an age alone would call the reading before it fresh. */
#include "base/text.h"
#include "core/view/rows.h"
#include "core/view/words.h"

#define ACTS_SEEN 20 /* newest acts that a reading may not know yet */
#define AGAIN_AT_MOST \
	INT64_C(120000) /* ms: a round of readings takes seconds; after this their own ages speak */

struct again {
	const char **words;
	const char *lane, *system;
	struct when runs, looks, now;
	struct arena *a;
};

/* A run of ours is seen with the lane's runs; what was done without one is seen by its own readings. */
static int look(void *ctx, const void *record)
{
	struct again *g = ctx;
	const struct intent *in = record;
	int64_t age = view_age_ms(in->settled, g->now);
	struct when read = in->state == INTENT_LINKED ? g->runs : g->looks;

	if ((in->state != INTENT_DONE && in->state != INTENT_LINKED) || age < 0 || age > AGAIN_AT_MOST)
		return 0;
	if (!text_eq(in->lane, g->lane) && !text_eq(in->lane, g->system))
		return 0;
	if (when_diff(read, in->settled) >= 0)
		return 0;
	*g->words = arena_printf(g->a, "read before the %s of %s ago; it is read again now",
				 view_safe(g->a, in->act), view_age(g->a, in->settled, g->now));
	return 1;
}

int again_words_read(const char **out, struct store *s, const struct lane *l, struct when looks,
		     struct when now, struct arena *a, struct err *e)
{
	struct again g = { out, l->name, l->system, l->checked, looks, now, a };
	struct key key = { .limit = ACTS_SEEN };

	*out = "";
	int r = store_each(s, Q_intents_recent, &rec_key, &key, &rec_intent, a, look, &g, e);
	return r < 0 ? r : 0;
}
