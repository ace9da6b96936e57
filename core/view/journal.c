#include "core/view/journal.h"

#include <string.h>

#include "base/text.h"
#include "core/rules/after.h"
#include "core/view/words.h"

struct gather {
	struct intent_rows *out;
	struct when now;
	struct arena *a;
};

/* In a column a digest is known by its digits. */
static const char *without_kind(const char *value)
{
	return text_starts(value, "sha256:") ? value + strlen("sha256:") : value;
}

static int add_intent(void *ctx, const void *record)
{
	struct gather *g = ctx;
	const struct intent *in = record;
	*vec_push(g->out, g->a) = (struct intent_row){
		.id = in->id,
		.run_id = in->run_id,
		.act = view_safe(g->a, in->act),
		.lane = view_safe(g->a, in->lane),
		.subject = view_safe(g->a, in->subject),
		.subject_short = without_kind(view_value(g->a, in->subject)),
		.who = view_safe(g->a, in->who),
		.reason = view_safe(g->a, in->reason),
		.broke_glass = text_starts(in->reason ? in->reason : "", BREAK_GLASS) ||
			       text_eq(in->act, "override"),
		.state = names_word(&intent_state_names, in->state),
		.note = view_safe(g->a, in->note),
		.when = view_age(g->a, in->created, g->now),
		.plan_id = view_safe(g->a, in->plan_id),
		.nonce = view_safe(g->a, in->nonce),
		.run_url = view_safe(g->a, in->run_url),
		.state_value = in->state,
		.created = in->created,
	};
	return 0;
}

int view_journal(struct intent_rows *out, struct store *s, int64_t limit, bool open_only, struct when now,
		 struct arena *a, struct err *e)
{
	struct gather g = { out, now, a };
	struct key key = { .limit = limit };
	if (open_only)
		return store_each(s, Q_intents_open, NULL, NULL, &rec_intent, a, add_intent, &g, e);
	return store_each(s, Q_intents_recent, &rec_key, &key, &rec_intent, a, add_intent, &g, e);
}

void view_intents(struct intent_rows *out, const struct intents *v, struct when now, struct arena *a)
{
	struct gather g = { out, now, a };
	vec_each (in, v)
		add_intent(&g, in);
}

void view_journal_json(struct jw *w, const struct intent_rows *v, struct when now)
{
	view_items_open(w, now);
	vec_each (row, v) {
		jw_open(w, '{');
		jw_kint(w, "intent", row->id);
		jw_kstr(w, "nonce", row->nonce);
		jw_kstr(w, "plan_id", row->plan_id);
		jw_kstr(w, "act", row->act);
		jw_kstr(w, "lane", row->lane);
		jw_kstr(w, "subject", row->subject);
		jw_kstr(w, "who", row->who);
		jw_kstr(w, "why", row->reason);
		jw_kwhen(w, "when", row->created);
		jw_kstr(w, "state", row->state);
		jw_kstr(w, "note", row->note);
		jw_key(w, "run_id");
		if (row->run_id)
			jw_int(w, row->run_id);
		else
			jw_null(w);
		jw_ktext(w, "run_url", row->run_url);
		jw_close(w, '}');
	}
	view_items_close(w);
}
