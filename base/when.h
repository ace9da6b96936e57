/*
 * when.h - the only place that asks what time it is. Everything else is given a clock.
 *
 * Two kinds of time that never mix: struct when is wall time (milliseconds since 1970 UTC), for people, for
 * facts and for the forge's records; msec is monotonic milliseconds, for timers and timeouts. A manual clock
 * stands still until clock_advance(), so a day of timers runs in milliseconds in a test or a headless drill.
 */
#pragma once

#include "base/base.h"

typedef int64_t msec; /* monotonic milliseconds */

struct when {
	int64_t ms; /* since the epoch, UTC; 0 means not known */
};

struct clock {
	bool manual;
	msec mono;        /* manual: the present */
	struct when wall; /* manual: the present */
};

#define WHEN_NONE ((struct when){ 0 })
#define WHEN_TEXT 32 /* room for any when_* text */

void clock_real(struct clock *c);
void clock_manual(struct clock *c, struct when wall);
void clock_advance(struct clock *c, msec by); /* manual only */
msec clock_mono(const struct clock *c);
struct when clock_wall(const struct clock *c);

static inline bool when_known(struct when w)
{
	return w.ms != 0;
}
/* a - b in milliseconds. */
static inline int64_t when_diff(struct when a, struct when b)
{
	return a.ms - b.ms;
}

/* ISO 8601 as the forge writes it: 2026-11-21T07:08:09Z, with optional fraction and offset. 0, or
 * -ERR_INVALID. */
int when_parse(struct when *out, const char *s);
/* HTTP dates (RFC 9110 5.6.7, IMF-fixdate only). */
int when_parse_http(struct when *out, const char *s);
/* "90s", "30m", "2h", "1d": milliseconds, above 0 and at most a year. ERR_INVALID: anything else; *ms is untouched. */
int when_span(int64_t *ms, const char *s);
const char *when_iso(struct when w, char out[WHEN_TEXT]);  /* 2026-11-21T07:08:09Z, "-" when not known */
const char *when_http(struct when w, char out[WHEN_TEXT]); /* Sat, 21 Nov 2026 07:08:09 GMT */
const char *when_hhmm(struct when w, char out[WHEN_TEXT]); /* 07:08Z */
const char *when_hms(struct when w, char out[WHEN_TEXT]);  /* 07:08:09Z */
/* An age or duration for people, one unit, never longer than 4 cells: 4s 12m 2h 1d 3w 2y; "-" when negative <
 * -1 s. */
const char *when_age(int64_t ms, char out[WHEN_TEXT]);
const char *when_age_minutes(int64_t ms, char out[WHEN_TEXT]); /* the same but never in seconds: <1m 12m 2h */
