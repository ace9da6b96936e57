/*
 * sentry.h - guards of canaries, kept by the engine: they need no console, no terminal, and survive this process.
 *
 * A guard (core/model/canary_guard.h) hears each judgement of its lane's canary. On a breach it enters that into the journal
 * and then asks for its act by the one door of acts: the same plan, the same rules, the same intent as a captain's, under the
 * nonce that stands in its row since it was armed. The journal takes a nonce once. So there is one rollback, whoever dies
 * when:
 *	- killed before the intent: the row says that it acts, no intent has the nonce, and the next engine asks again;
 *	- killed after it: that intent is settled as any other (reconcile.h), and the guard only follows it;
 *	- the outcome is not known: nothing is sent while it is looked for. What was looked for and not found (ten minutes, all
 *	  lists whole) may be repeated under the same nonce, as a person may, while the canary still fails;
 *	- refused by a rule: it is asked again with the next judgement that fails, and a rule reads anew what it refused;
 *	- refused by the forge: the next try has a new nonce, and waits until the plan is another one than the refused.
 * A guard never acts on what is old or missing, unless silence was declared a breach; never after its deadline (the forge's
 * clock); never for another release than its own; and it does not roll back what a rollback brought.
 *
 * Whatever ends it is said: in the journal, as a move of the intent that armed it; to screens, by the cache's row and an
 * event; and where a person is wanted, by an alarm.
 */
#pragma once

#include "core/engine/internal.h"
#include "core/model/canary.h"
#include "core/model/canary_guard.h"

#define GUARD_DEFAULT_MS INT64_C(7200000)  /* without --until */
#define GUARD_LONGEST_MS INT64_C(86400000) /* a guard that nobody remembers guards nothing */
#define GUARD_SILENT_MAX 3                 /* looks in a row without a number: silence */
#define GUARD_VOTES_MAX  20

/* Those that the journal has as armed or acting go on. After acts_new(): it has settled what a dead engine left. */
int sentry_new(struct sentry **out, struct engine *en, struct err *e) must_check;
/* Nothing is asked any more. Before acts_free(), whose asks still answer; sentry_free() after it. */
void sentry_stop(struct sentry *s);
void sentry_free(struct sentry *s);

/* A judgement was made and is in the cache. silent: no metric brought a number. Not inside a transaction of the cache. */
void sentry_heard(struct engine *en, const struct canary *c, bool silent);
/* The ladder was looked at: the canary may be over, or another's. That is no judgement. */
void sentry_seen(struct engine *en, const struct canary *c);
/* An intent has moved, its own or a captain's. */
void sentry_told(struct engine *en, const struct intent *in);
/* A guard is up: the engine stays, and polls without a console. s may be NULL. */
bool sentry_is_up(const struct sentry *s);
/* The act under this nonce is still what the lane's guard wants: it was not disarmed while that was planned. */
bool sentry_wants(const struct engine *en, const char *lane, const char *nonce);
/* Of the lane, whatever its state; NULL none. */
const struct canary_guard *sentry_of(const struct engine *en, const char *lane);

/* ---- sentry_ask.c: the verb ---- */
struct ask;
void sentry_ask(struct ask *k);
