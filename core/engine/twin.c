#include "core/engine/reconcile.h"
#include "core/engine/steer.h"

#include "base/text.h"

#include <string.h>

/* Acts that must not be open beside each other on a lane, whatever verb each of them is. */
static const char *const starts[] = { "dispatch", "rollback",   "rerun",      "replay",
				      "retag",    "release-pr", "revert-pin", "label" };
static const char *const reviews[] = { "approve", "reject" };
static const char *const stops[] = { "freeze", "thaw" };
static const char *const locks[] = { "lock", "unlock" };
static const char *const onward[] = { "promote", "hold", "resume" };

static bool both(const char *const *list, size_t n, const char *a, const char *b)
{
	bool first = false, second = false;

	for (size_t i = 0; i < n; i++) {
		first = first || text_eq(list[i], a);
		second = second || text_eq(list[i], b);
	}
	return first && second;
}

static bool is_start(const char *act)
{
	return both(starts, countof(starts), act, act);
}

/* An abort with --rollback ends in a start, which may not have left yet. */
static bool shall_go_back(const struct intent *in)
{
	return text_eq(in->act, "abort") && in->line && strstr(in->line, "--rollback");
}

/* A promotion may go on by itself for a whole ladder, or nobody knows what became of it: a hold waits for neither. */
static bool may_stop(const struct plan *p, const struct intent *in)
{
	return text_eq(p->act, "hold") && text_eq(in->act, "promote");
}

/* A plain abort that was looked for through the whole wait: none of it can arrive any more, and if it did it would end what
 * the abort that goes back has ended by its own first step. A guard waits for nobody to say so. */
static bool is_outdone(const struct ask *k, const struct intent *in)
{
	return in->state == INTENT_NOT_FOUND && text_eq(in->act, "abort") && !shall_go_back(in) &&
	       in->steps == 1 && text_eq(k->plan.act, "abort") && steer_goes_back(k);
}

static bool is_twin(const struct ask *k, const struct intent *in)
{
	const struct plan *p = &k->plan;

	if (!text_eq(in->lane, p->lane->name) || may_stop(p, in) || is_outdone(k, in))
		return false;
	if (text_eq(in->act, p->act) || both(starts, countof(starts), in->act, p->act) ||
	    both(stops, countof(stops), in->act, p->act) || both(locks, countof(locks), in->act, p->act) ||
	    both(onward, countof(onward), in->act, p->act))
		return true;
	if (text_eq(in->act, "abort") && text_eq(p->act, "promote")) /* what is being ended is not let on */
		return true;
	if ((steer_goes_back(k) && is_start(in->act)) || (shall_go_back(in) && is_start(p->act)))
		return true;
	return both(reviews, countof(reviews), in->act, p->act) && text_eq(in->subject, k->subject);
}

/* The record too: the same words about another attempt, or about a tag that has moved, are another act. What a controller
 * is told names its object and, where that matters, its version; its record is about what stood before. */
static bool same_request(const struct plan_step *s, const struct intent *in)
{
	return text_eq(s->request, in->request) && text_eq(s->body, in->body) &&
	       (s->moves || text_eq(s->record, in->step));
}

/* NOT_FOUND and the very same request: the person repeats it, so the nonce stays (reliability 5.8). Of several steps the
 * last that left, or the one before those that are left to do. */
static bool is_repeat(struct ask *k, const struct intent *in)
{
	struct plan_steps steps = { 0 };
	size_t done = (size_t)in->done;

	if (in->state != INTENT_NOT_FOUND || (in->sends > 1 && !k->continues) ||
	    !text_eq(in->act, k->plan.act) || in->done < 0 || reconcile_knows_more(k->acts, in->id))
		return false;
	if (steps_make(k, in->nonce, &steps, NULL) < 0 || (int64_t)steps.n != in->steps || done >= steps.n)
		return false;
	return same_request(&steps.items[done], in) || (done && same_request(&steps.items[done - 1], in));
}

static void fact_unwritable(struct ask *k, const struct err *e)
{
	fact_local(k, "journal", FACT_FAILED, NULL, arena_strdup(&k->arena, e->message));
	fact_fix(k, "journal", *e->hint ? arena_strdup(&k->arena, e->hint) : NULL);
}

void twin_find(struct ask *k)
{
	struct journal *j = k->acts->en->o.journal;
	struct intents open = { 0 };
	struct err e = ERR_INIT;
	struct plan *p = &k->plan;
	int twins = 0;

	if (engine_journal(k->acts->en, &e) < 0 || journal_open_intents(j, &open, &k->arena, &e) < 0) {
		fact_unwritable(k, &e);
		return;
	}
	fact_local(k, "journal", FACT_OK, "writable", NULL);
	for (size_t i = 0; i < open.n; i++) {
		if (!is_twin(k, &open.items[i]))
			continue;
		twins++;
		if (!p->twin || open.items[i].state != INTENT_NOT_FOUND)
			p->twin = &open.items[i];
	}
	p->repeats = twins == 1 && is_repeat(k, p->twin);
	fact_local(k, "twin", p->repeats ? FACT_OK : FACT_ABSENT, NULL, NULL);
}

int twin_claim(struct ask *k, struct intent *twin, struct err *e)
{
	const struct intent *mine = k->plan.repeats ? &k->intent : NULL;
	struct intents open = { 0 };
	int r = journal_open_intents(k->acts->en->o.journal, &open, &k->arena, e);
	bool found = false;

	if (r < 0)
		return r;
	vec_each (in, &open) {
		bool same = mine && in->id == mine->id && in->state == INTENT_NOT_FOUND &&
			    in->sends == mine->sends && !reconcile_knows_more(k->acts, in->id);

		found = found || same;
		if (same || !is_twin(k, in))
			continue;
		*twin = *in;
		return 1;
	}
	if (!mine || found)
		return 0;
	r = journal_get(k->acts->en->o.journal, mine->id, twin, &k->arena, e);
	return r > 0   ? err_set(e, ERR_STORE, "intent %" PRId64 " is not in the journal any more", mine->id)
	       : r < 0 ? r
		       : 1;
}
