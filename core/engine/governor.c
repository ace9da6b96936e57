#include "core/engine/governor.h"

#define POINT         INT64_C(1000)  /* credit is counted in thousandths */
#define CREDIT_MAX    (60 * POINT)   /* a burst that may follow a pause */
#define ACTIVE_DEBT   (-20 * POINT)  /* how far active readings may run ahead of the budget */
#define RESERVE_MIN   500            /* GitHub reference 4 */
#define MINUTE_MAX    600            /* of 900: the rest is for acts and for the captain's other tools */
#define REFUSED_FIRST INT64_C(60000) /* rest/best-practices: at least one minute, then exponential */
#define SPARE_PERCENT 60

void governor_init(struct governor *g, msec mono)
{
	*g = (struct governor){ .limit = -1, .remaining = -1, .credit = CREDIT_MAX, .credited = mono };
	g->second = mono / 1000;
}

void governor_rate(struct governor *g, const struct forge_rate *rate)
{
	if (rate->limit >= 0)
		g->limit = rate->limit;
	if (rate->remaining >= 0)
		g->remaining = rate->remaining;
	if (when_known(rate->reset))
		g->reset = rate->reset;
}

void governor_hold(struct governor *g, int64_t wait, msec mono)
{
	if (wait > 0 && mono + wait > g->hold_until)
		g->hold_until = mono + wait;
}

void governor_refused(struct governor *g, int64_t retry_ms, msec mono)
{
	int64_t wait = retry_ms;

	if (wait <= 0) {
		wait = REFUSED_FIRST;
		for (int i = 0; i < g->refusals && wait < GOVERNOR_HOLD_MAX; i++)
			wait *= 2;
		if (wait > GOVERNOR_HOLD_MAX)
			wait = GOVERNOR_HOLD_MAX;
	}
	g->refusals++;
	governor_hold(g, wait, mono);
}

void governor_answered(struct governor *g)
{
	g->refusals = 0;
}

int64_t governor_reserve(const struct governor *g)
{
	int64_t tenth = g->limit / 10;

	return g->limit < 0 ? 0 : tenth > RESERVE_MIN ? tenth : RESERVE_MIN < g->limit ? RESERVE_MIN : tenth;
}

/* Points left as of now: after the reset the whole limit is there again. */
static int64_t points_left(const struct governor *g, struct when server_now)
{
	if (g->remaining < 0 || (when_known(g->reset) && when_diff(server_now, g->reset) >= 0))
		return g->limit;
	return g->remaining;
}

/* Thousandths of a point that accrue in `span` milliseconds. */
static int64_t accrual(const struct governor *g, msec span, struct when server_now)
{
	int64_t left = points_left(g, server_now), spare = left - governor_reserve(g), until;

	if (left < 0)
		return CREDIT_MAX;
	if (spare <= 0)
		return 0;
	until = when_known(g->reset) ? when_diff(g->reset, server_now) : 0;
	if (until <= 0)
		until = INT64_C(3600000);
	if (span > until)
		span = until;
	return spare * SPARE_PERCENT * (POINT / 100) * span / until;
}

static void credit_now(struct governor *g, msec mono, struct when server_now)
{
	int64_t more = accrual(g, mono - g->credited, server_now);

	/* A span too short to earn anything stays uncounted, so that slow budgets are not rounded away. */
	if (!more && mono - g->credited < INT64_C(60000))
		return;
	g->credited = mono;
	g->credit = g->credit + more > CREDIT_MAX ? CREDIT_MAX : g->credit + more;
}

static void ring_turn(struct governor *g, msec mono)
{
	int64_t now = mono / 1000;

	if (now - g->second >= GOVERNOR_MINUTE)
		g->second = now - GOVERNOR_MINUTE;
	while (g->second < now)
		g->sent[++g->second % GOVERNOR_MINUTE] = 0;
}

static int sent_in_minute(const struct governor *g)
{
	int n = 0;

	for (int i = 0; i < GOVERNOR_MINUTE; i++)
		n += g->sent[i];
	return n;
}

void governor_sent(struct governor *g, msec mono)
{
	ring_turn(g, mono);
	g->sent[g->second % GOVERNOR_MINUTE]++;
	g->credit -= POINT;
	if (g->remaining > 0)
		g->remaining--;
}

void governor_refund(struct governor *g, bool told)
{
	g->credit += POINT;
	if (!told && g->remaining >= 0 && g->remaining < g->limit)
		g->remaining++;
}

static int64_t until_reset(const struct governor *g, struct when server_now)
{
	int64_t wait = when_known(g->reset) ? when_diff(g->reset, server_now) : INT64_C(60000);

	return wait > 0 ? wait : 1000;
}

static int64_t hold_left(const struct governor *g, msec mono)
{
	return g->hold_until > mono ? g->hold_until - mono : 0;
}

int64_t governor_wait_act(struct governor *g, msec mono, struct when server_now)
{
	if (hold_left(g, mono))
		return hold_left(g, mono);
	return points_left(g, server_now) == 0 ? until_reset(g, server_now) : 0;
}

int64_t governor_wait(struct governor *g, enum governor_level level, msec mono, struct when server_now)
{
	static const int64_t floor[] = {
		[LEVEL_SCREEN] = INT64_MIN, [LEVEL_ACTIVE] = ACTIVE_DEBT, [LEVEL_IDLE] = POINT
	};
	int64_t left = points_left(g, server_now), a_minute;

	if (hold_left(g, mono))
		return hold_left(g, mono);
	if (left >= 0 && left <= governor_reserve(g))
		return until_reset(g, server_now);
	ring_turn(g, mono);
	if (sent_in_minute(g) >= MINUTE_MAX)
		return 1000;
	credit_now(g, mono, server_now);
	if (g->credit >= floor[level])
		return 0;
	/* As long as the missing credit takes to accrue, but looked at again within the minute: rates move. */
	a_minute = accrual(g, INT64_C(60000), server_now);
	if (a_minute <= 0 || a_minute <= floor[level] - g->credit)
		return INT64_C(60000);
	return 1 + (floor[level] - g->credit) * INT64_C(60000) / a_minute;
}
