/*
 * governor.h - how much of the forge's patience polling may use. Pure arithmetic on clocks that are passed in.
 *
 * Three limits hold at once (GitHub reference 1.6 and 4): after a refusal nothing is asked before Retry-After; of the
 * hourly points at most 60 % of what is left above the reserve is spent until the reset, and the reserve (500 points or
 * a tenth, whichever is more) belongs to the captain's acts; and no more than 600 requests a minute leave, 304s among
 * them, of the 900 that the secondary limit allows. A point that was not charged (304) is given back. When credit runs
 * short, slow and idle readings wait first, then active ones; what is on screen only stops at the reserve.
 */
#pragma once

#include "base/when.h"
#include "core/port/forge.h"

enum governor_level { LEVEL_SCREEN, LEVEL_ACTIVE, LEVEL_IDLE }; /* by urgency */

#define GOVERNOR_MINUTE   60
#define GOVERNOR_HOLD_MAX INT64_C(900000) /* ms we wait unasked, at most */

struct governor {
	int64_t limit, remaining;       /* -1 unknown */
	struct when reset;              /* the forge's clock */
	msec hold_until;                /* no request before; 0 none */
	int refusals;                   /* in a row: doubles the wait when the forge names none */
	int64_t credit;                 /* thousandths of a point that may be spent now */
	msec credited;                  /* up to when credit was counted */
	uint16_t sent[GOVERNOR_MINUTE]; /* requests a second, a ring */
	int64_t second;                 /* the second that sent[second % 60] counts */
};

void governor_init(struct governor *g, msec mono);
/* What an answer said. Unknown (-1) members change nothing. */
void governor_rate(struct governor *g, const struct forge_rate *rate);
/* The forge refused for the rate: wait retry_ms, or 60 s doubling up to 15 min when it names no time (0). */
void governor_refused(struct governor *g, int64_t retry_ms, msec mono);
/* No request for so long, whoever said it; a wait that is over (<= 0) changes nothing. */
void governor_hold(struct governor *g, int64_t wait, msec mono);
void governor_answered(struct governor *g); /* an answer that was no refusal */
void governor_sent(struct governor *g, msec mono);
/* That request cost nothing: 304. told: its answer said how many points are left. */
void governor_refund(struct governor *g, bool told);
/* Milliseconds until a request of this level may leave, 0 now. server_now: the forge's clock as far as we know it. */
int64_t governor_wait(struct governor *g, enum governor_level level, msec mono, struct when server_now);
/* The same for an act or a reading that an act needs: it may use the reserve. */
int64_t governor_wait_act(struct governor *g, msec mono, struct when server_now);
/* Points that belong to acts. */
int64_t governor_reserve(const struct governor *g);
