#include "core/adapters/sim/canary.h"

#include <string.h>

const char *const sim_tracks[TRACKS] = { [TRACK_STABLE] = "stable", [TRACK_CANARY] = "canary" };
const int64_t sim_bounds_ms[BUCKETS] = { 50, 100, 250, 500, 1000, 1500, 2500, 5000, 10000, INT64_MAX };

#define MILLION INT64_C(1000000)

/* Share of the requests that a healthy release answers within each bound, in a million. */
static const int64_t usual_within[BUCKETS] = { 80000,  260000, 610000, 850000, 962000,
					       984000, 995500, 999200, 999950, MILLION };

/* Percent of the mean, each hour of a day in UTC: people sleep. */
static const int64_t day_shape[24] = { 58,  52,  48,  46,  48,  56,  70,  88,  104, 118, 126, 130,
				       128, 130, 134, 136, 132, 126, 120, 116, 110, 98,  80,  66 };

/* ---- chance ------------------------------------------------------------------------------------------------------- */

/* splitmix64 again, but of its own: who asks for numbers must not move the world. */
struct chance {
	uint64_t s;
};

static uint64_t draw(struct chance *c)
{
	uint64_t x = c->s += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

enum { CHANCE_BITS = 24 };

/* 64 coins at once, each shows one with probability p / 2^24: from the last digit of p to its first, a coin more decides. */
static uint64_t coins(struct chance *c, uint32_t p)
{
	uint64_t r = 0;

	for (int bit = 0; bit < CHANCE_BITS; bit++) {
		if (p >> bit & 1)
			r |= draw(c);
		else if (r)
			r &= draw(c);
	}
	return r;
}

/* How many of n, with probability num / of. */
static int64_t some_of(struct chance *c, int64_t n, int64_t num, int64_t of)
{
	uint32_t p;
	int64_t k = 0;

	if (n <= 0 || num <= 0 || of <= 0)
		return 0;
	if (num >= of)
		return n;
	p = (uint32_t)((num << CHANCE_BITS) / of);
	for (; n >= 64; n -= 64)
		k += __builtin_popcountll(coins(c, p));
	return n ? k + __builtin_popcountll(coins(c, p) & ((UINT64_C(1) << n) - 1)) : k;
}

/* About `mean`, as arrivals that know nothing of each other are: very many chances, each a small one. */
static int64_t arrivals(struct chance *c, int64_t mean)
{
	return some_of(c, mean * 16, 1, 16);
}

/* ---- one scrape --------------------------------------------------------------------------------------------------- */

static int64_t day_percent(int64_t at)
{
	int64_t in = at % DAY, hour = in / HOUR, part = in % HOUR;

	return day_shape[hour] + (day_shape[(hour + 1) % 24] - day_shape[hour]) * part / HOUR;
}

/* Errors of a minute are more or fewer for both: what they share has hiccups, not the release. */
static int64_t swing(const struct world *w, int64_t at, int64_t noise)
{
	struct chance c = { w->seed ^ (uint64_t)(at / MINUTE) * UINT64_C(0xff51afd7ed558ccd) };

	return noise > 0 ? 100 - noise + (int64_t)(draw(&c) % (uint64_t)(2 * noise + 1)) : 100;
}

/* Slower by a factor is the same curve, read at a shorter bound. */
static int64_t within(int64_t bound, int64_t percent)
{
	int64_t ms = bound == INT64_MAX ? bound : bound * 100 / (percent > 0 ? percent : 1), low = 0,
		below = 0;

	for (int i = 0; i < BUCKETS - 1; i++) {
		if (ms <= sim_bounds_ms[i])
			return below + (usual_within[i] - below) * (ms - low) / (sim_bounds_ms[i] - low);
		low = sim_bounds_ms[i];
		below = usual_within[i];
	}
	return MILLION;
}

struct answering { /* what a release is like at one time */
	int64_t errors, latency, saturation;
};

static struct answering answering(const struct sim_canary *c, bool marked, int64_t at)
{
	return (struct answering){ sim_measure_at(c, M_ERRORS, marked, at),
				   sim_measure_at(c, M_LATENCY, marked, at),
				   sim_measure_at(c, M_SATURATION, marked, at) };
}

static void track_count(const struct world *w, struct sim_scrape *s, int t, struct chance *c, int64_t n,
			bool marked)
{
	struct answering is = answering(w->canary, marked, s->at);
	int64_t noise = sim_measure_at(w->canary, M_NOISE, true, s->at);
	int64_t bad = some_of(c, n, is.errors * swing(w, s->at, noise) / 100, MILLION);
	int64_t left = n, share = MILLION, below = 0, within_it = 0;

	s->there[t] = true;
	s->good[t] += n - bad;
	s->bad[t] += bad;
	for (int i = 0; i < BUCKETS; i++) {
		int64_t upto = within(sim_bounds_ms[i], is.latency);
		int64_t here = some_of(c, left, upto - below, share);

		left -= here;
		share -= upto - below;
		below = upto;
		within_it += here;
		s->bucket[t][i] += within_it;
	}
	s->saturation[t] = is.saturation - 10 + (int64_t)(draw(c) % 21);
}

static void track_gone(struct sim_scrape *s, int t)
{
	s->there[t] = false;
	s->good[t] = s->bad[t] = s->saturation[t] = 0;
	memset(s->bucket[t], 0, sizeof(s->bucket[t]));
}

static const struct sim_shift *shift_at(const struct sim_canary *c, int64_t at)
{
	size_t last = 0;

	for (size_t i = 1; i < c->shifts.n; i++)
		if (c->shifts.items[i].at <= at)
			last = i;
	return &c->shifts.items[last];
}

static void scrape(const struct world *w, struct sim_scrape *s)
{
	const struct sim_canary *c = w->canary;
	const struct sim_shift *is = shift_at(c, s->at);
	struct chance chance = { w->seed ^ (uint64_t)s->at * UINT64_C(0xc4ceb9fe1a85ec53) };
	int64_t mean = c->rps * SCRAPE_MS / SECOND * day_percent(s->at) / 100, since;
	int64_t all = arrivals(&chance, mean * sim_measure_at(c, M_TRAFFIC, true, s->at) / 100);
	int64_t canary = is->percent > 0 ? some_of(&chance, all, is->percent, 100) : 0;

	track_count(w, s, TRACK_STABLE, &chance, all - canary, is->live);
	if (is->percent >= 0)
		track_count(w, s, TRACK_CANARY, &chance, canary, is->marked);
	else
		track_gone(s, TRACK_CANARY);
	s->share[TRACK_STABLE] = all ? (all - canary) * MILLION / all : -1;
	s->share[TRACK_CANARY] = all ? canary * MILLION / all : -1;
	s->lost = sim_outage_at(c, s->at, &since) == OUTAGE_EMPTY;
}

/* ---- all of them -------------------------------------------------------------------------------------------------- */

static struct sim_scrape *scrape_add(struct sim_canary *c)
{
	if (c->scrapes_n == c->scrapes_cap) {
		c->scrapes_cap = c->scrapes_cap ? c->scrapes_cap * 2 : 1024;
		c->scrapes = x_realloc(c->scrapes, c->scrapes_cap * sizeof(*c->scrapes));
	}
	return &c->scrapes[c->scrapes_n++];
}

/* A Prometheus forgets, too. */
static void scrapes_trim(struct sim_canary *c)
{
	if (c->scrapes_n < 2 * KEPT)
		return;
	c->scrapes_n = KEPT;
	memmove(c->scrapes, c->scrapes + KEPT, KEPT * sizeof(*c->scrapes));
}

void sim_traffic(struct world *w)
{
	struct sim_canary *c = w->canary;
	int64_t at = c->scrapes_n ? c->scrapes[c->scrapes_n - 1].at
				  : (w->start - BEFORE_MS) / SCRAPE_MS * SCRAPE_MS;

	for (at += SCRAPE_MS; at <= w->now; at += SCRAPE_MS) {
		struct sim_scrape s = { 0 };

		if (c->scrapes_n)
			s = c->scrapes[c->scrapes_n - 1];
		s.at = at;
		scrape(w, &s);
		scrapes_trim(c);
		*scrape_add(c) = s;
	}
}

long sim_scrape_at(const struct sim_canary *c, int64_t at)
{
	long lo = 0, hi = (long)c->scrapes_n;

	while (lo < hi) {
		long mid = (lo + hi) / 2;

		if (c->scrapes[mid].at <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo - 1;
}
