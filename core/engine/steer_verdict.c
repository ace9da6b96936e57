#include "core/engine/steer.h"

#include "base/text.h"

/* What was measured at the rung before a gate, and whether it may open that gate. */

static const struct profile_canary *canary_of(const struct ask *k)
{
	return k->plan.lane->canary;
}

static bool is_alive(const struct canary *row)
{
	return canary_is_live(row->phase) || row->phase == CANARY_OTHER;
}

void steer_read_row(struct ask *k)
{
	struct steer *s = k->plan.steer;
	struct key key = { .name = k->plan.lane->name };
	struct store *cache = k->acts->en->o.cache;

	s->known = cache &&
		   store_one(cache, Q_canary_by_lane, &rec_key, &key, &rec_canary, &s->row, &k->arena,
			     NULL) == 0 &&
		   is_alive(&s->row);
}

int64_t steer_bp(const char *percent)
{
	int64_t n = 0;

	return text_int64(&n, percent, 1, 100) == 0 ? n * 100 : -1;
}

void steer_said_held(struct ask *k, enum verdict v, const struct intent *in, const char *fix)
{
	plan_said(k, "held", v,
		  arena_printf(&k->arena, "held by %s: %s", in->who ? in->who : "?",
			       in->reason && *in->reason ? in->reason : "no reason was given"),
		  fix, "held");
}

#define SAMPLES_MISSED \
	2 /* intervals without one, as rules/judge.h has it: what the verdict rests on is history */

static bool is_history(struct ask *k)
{
	const struct canary *row = &k->plan.steer->row;
	int64_t every = row->interval_s > 0 ? row->interval_s : 30;
	int64_t age = when_diff(engine_now(k->acts->en), row->sampled);

	return !when_known(row->sampled) || age < 0 || age > SAMPLES_MISSED * every * 1000;
}

/* The rung behind the gate that waits follows the one that was judged: else the cache has not seen that one begin. NULL: it
 * does, or nobody tells. */
static const char *other_rung(struct ask *k)
{
	const struct steer *s = k->plan.steer;
	const char *const *steps = canary_of(k)->steps;
	int64_t n = 0, after;

	while (steps && steps[n])
		n++;
	if (!s->by || s->by->c->by != CONTROL_GATE || s->row.step < 1 || s->row.step >= n)
		return NULL;
	after = steer_bp(steps[s->row.step]);
	if (after < 0 || s->next_bp < 0 || after == s->next_bp)
		return NULL;
	return arena_printf(&k->arena,
			    "the rung before that of %" PRId64
			    "%% was judged, and the gate of that of %" PRId64 "%% waits",
			    after / 100, s->next_bp / 100);
}

/* A verdict is of one run and one rung. NULL: it is of those. */
static const char *judged_other(struct ask *k)
{
	const struct steer *s = k->plan.steer;
	const struct canary *row = &s->row;

	if (s->run && row->run && s->run != row->run)
		return arena_printf(&k->arena, "run %" PRId64 " was judged, and run %" PRId64 " carries it",
				    row->run, s->run);
	if (when_known(row->started) && when_diff(row->sampled, row->started) <= 0)
		return "this rung was not judged yet";
	return other_rung(k);
}

static const char *verdict_words(struct ask *k)
{
	const struct steer *s = k->plan.steer;
	const char *other, *reason = s->row.reason && *s->row.reason ? s->row.reason : "no reason is given";

	if (!s->known)
		return "nothing is known of this canary: its metrics were not judged";
	if (is_history(k))
		return "no sample is new enough to rely on";
	other = judged_other(k);
	if (other)
		return other;
	if (s->row.verdict == VERDICT_PASS)
		return NULL;
	return arena_printf(&k->arena, "the verdict is %s: %s",
			    names_word(&canary_verdict_names, s->row.verdict), reason);
}

void steer_judge_verdict(struct ask *k)
{
	const char *why = verdict_words(k);

	if (why)
		plan_said_unless_accepted(k, "verdict", why, "wait for a verdict that passes", "canary");
	else
		plan_said(k, "verdict", CHECK_OK, "all metrics of this rung pass", "", "canary");
}

/* As a promotion by this gate would read it. */
static struct steer by_gate(struct ask *k, const struct lever *gate, int64_t run, int64_t bp)
{
	struct steer promotion = { .by = gate, .run = run, .next_bp = bp > 0 ? bp : -1 };
	struct steer *was = k->plan.steer;

	k->plan.steer = &promotion;
	steer_read_row(k);
	k->plan.steer = was;
	return promotion;
}

const char *steer_stops(struct ask *k, const char *environment, int64_t run, bool *for_good)
{
	static const struct profile_control gate = { .by = CONTROL_GATE };
	static const struct lever by = { .c = &gate };
	struct steer promotion = by_gate(k, &by, run, steer_rung_of(canary_of(k), environment, &k->arena));
	struct steer *was = k->plan.steer;
	const char *why;

	*for_good = false;
	if (plan_reason(k))
		return NULL;
	k->plan.steer = &promotion;
	why = verdict_words(k);
	*for_good = why && promotion.known && promotion.row.verdict == VERDICT_FAIL && !is_history(k) &&
		    !judged_other(k);
	k->plan.steer = was;
	return why;
}

static bool is_later(const struct profile_canary *c, int64_t bp)
{
	return bp > 0 && !(c->steps && *c->steps && bp == steer_bp(*c->steps));
}

bool steer_gate_promotes(struct ask *k)
{
	const struct plan *p = &k->plan;
	const struct profile_canary *c = p->lane ? p->lane->canary : NULL;

	return act_is(k, CMD_APPROVE) && c && p->pf.run && p->environment &&
	       is_later(c, steer_rung_of(c, p->environment, &k->arena));
}

/* The gate of a rung that comes after one with traffic: what was measured there holds it. Before the first there is none.
 * The verdict is read as a promotion by this gate would read it. */
static void judge_rung_gate(struct ask *k)
{
	static const struct profile_control gate = { .by = CONTROL_GATE };
	static const struct lever by = { .c = &gate };
	const struct profile_canary *c = canary_of(k);
	int64_t bp = steer_rung_of(c, k->plan.environment, &k->arena);
	struct steer promotion = by_gate(k, &by, k->plan.pf.run->id, bp);
	struct steer *was = k->plan.steer;

	k->plan.steer = &promotion;
	if (promotion.known ? promotion.row.step > 0 : is_later(c, bp))
		steer_judge_verdict(k);
	k->plan.steer = was;
}

/* Of approve: the same gate must not be opened by the other door. */
void steer_judge_gate(struct ask *k)
{
	const struct plan *p = &k->plan;
	struct intent in;
	struct err e = ERR_INIT;
	int r;

	if (!act_is(k, CMD_APPROVE) || !p->lane->canary || !p->pf.run || !p->environment ||
	    steer_rung_of(p->lane->canary, p->environment, &k->arena) < 0)
		return;
	judge_rung_gate(k);
	r = steer_held(k->acts->en, p->lane->name, p->pf.run->id, &in, &k->arena, &e);
	if (r < 0)
		plan_said(k, "held", CHECK_UNCHECKED, arena_strdup(&k->arena, e.message),
			  "see `pilothouse doctor`", "profile");
	else if (r == 0)
		steer_said_held(k, CHECK_BAD, &in,
				arena_printf(&k->arena, "`pilothouse resume %s`", p->lane->name));
}
