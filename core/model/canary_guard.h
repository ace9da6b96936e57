/*
 * canary_guard.h - what a captain left on a lane to stop one canary: what it may do, until when, and what became of it.
 *
 * One guard a lane. The row is kept in the journal, where it survives the engine, and mirrored into the cache for screens
 * that hold no journal. It is armed for one release; whatever ends it, it is never armed again by itself: a new one is a
 * captain's act. Each change of it is a move of the intent that armed it, and so a line of the audit chain. The one act that
 * it may make goes out under a nonce that is drawn before and kept here: the journal takes a nonce once, so there is one.
 */
#pragma once

#include "base/rec.h"
#include "base/vec.h"

enum guard_may {
	GUARD_MAY_OTHER,
	GUARD_MAY_ALARM, /* nothing that is ours to send changes this lane: it only says so */
	GUARD_MAY_ABORT, /* helm or a cloud command alone can go back: it takes the traffic from the canary */
	GUARD_MAY_ROLLBACK, /* it goes back, as the verb would */
};
extern const struct names guard_may_names; /* other alarm abort rollback */

enum guard_state {
	GUARD_OTHER,
	GUARD_ARMED,
	GUARD_ACTING, /* a breach was judged; what it may do is under way, refused so far, or of unknown outcome */
	GUARD_ACTED,
	GUARD_STOOD_DOWN, /* there is nothing left for it to do, or a captain took over */
	GUARD_EXPIRED,
	GUARD_OVERTAKEN, /* its canary failed by another hand, and what it served may still be served: it says so */
};
extern const struct names guard_state_names; /* other armed acting acted stood-down expired overtaken */

struct canary_guard {
	const char *lane;     /* system/environment */
	const char *release;  /* the canary it is armed for: no other */
	int64_t run;          /* that carries it, 0 none */
	int may;              /* enum guard_may */
	const char *armed_by; /* as intent.who: ana@bastion (octo-ana) */
	int64_t uid;
	const char *client;   /* SSH_CONNECTION of who armed it, "" none */
	struct when armed;    /* local */
	struct when deadline; /* by the forge's clock */
	bool silence;         /* looks that bring no number count as a breach */
	int64_t needed, of;   /* judgements that must fail, of the newest so many */
	int state;            /* enum guard_state */
	const char *reason;   /* why it is in that state, one line */
	const char *would;    /* what it does on a breach, and whether that could go now: one line */
	struct when breached; /* local; not known: no breach */
	const char *nonce;    /* of the intent that it makes */
	int64_t intent;       /* that it made, 0 none yet */
	int64_t arming;       /* intent that armed it */
	const char *refused;  /* plan that the forge refused, "" none: the same one is not sent again */
	struct when at;       /* local time of the last change */
};
extern const struct rec rec_canary_guard;
struct canary_guards VEC_OF(struct canary_guard);

/* It watches, or is about what it does: it keeps an engine alive. */
bool guard_is_up(const struct canary_guard *g);
/* All that it can is to say so, as all that it may, or because its canary was taken from it: its alarm stands until another
 * canary begins, somebody goes back, or takes it away. */
bool guard_still_says(const struct canary_guard *g);
