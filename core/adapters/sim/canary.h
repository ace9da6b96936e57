/*
 * canary.h - one lane whose new release gets the traffic by rungs, and the requests that both releases answer. Private to
 * this folder.
 *
 * canary.c is what the pipeline does (`drill rung`, `drill window`) and what it tells of it, traffic.c what the users do,
 * promql.c and metrics.c the Prometheus that has counted them. Requests are drawn by scrape: what happened in the five
 * seconds before it depends on the seed, on that moment and on the weight at that moment alone, so asking changes nothing
 * and the same drill counts the same requests, whenever somebody looks. Only whole numbers are drawn: the same everywhere.
 */
#pragma once

#include "core/adapters/sim/moves.h"

enum {
	SCRAPE_MS = 5 * SECOND,
	BUCKETS = 10,         /* of latency, the last is all */
	BEFORE_MS = 2 * HOUR, /* that were counted when the drill begins */
	KEPT = 8640,          /* scrapes: half a day */
};

/* What changes over time, of a release or of the users. */
enum sim_measure {
	M_ERRORS,     /* parts in a million */
	M_LATENCY,    /* percent of the usual */
	M_SATURATION, /* thousandths */
	M_TRAFFIC,    /* percent of the usual, of everybody */
	M_NOISE,      /* percent by which the errors of a minute swing, in both tracks alike */
	MEASURES,
};
struct sim_mood { /* from `at` on, reached after `over`; -1: as it was */
	int64_t at, over, value[MEASURES];
};
enum sim_outage { OUTAGE_NONE, OUTAGE_EMPTY, OUTAGE_NAN, OUTAGE_STALE, OUTAGE_ERROR, OUTAGE_PARTIAL };
struct sim_dark { /* of the metrics */
	int64_t at, until;
	enum sim_outage how;
};
struct sim_shift { /* of traffic */
	int64_t at;
	int percent;       /* that go to the canary; -1: there is none */
	bool marked, live; /* the canary, and what is live: has the scenario's moods */
	bool held;         /* something said that it should stay where it was */
};

enum { TRACK_STABLE, TRACK_CANARY, TRACKS };
extern const char *const sim_tracks[TRACKS];
extern const int64_t sim_bounds_ms[BUCKETS]; /* of latency; INT64_MAX at last */
struct sim_scrape {                          /* counters, as they stand */
	int64_t at;
	bool there[TRACKS], lost;                                   /* lost: nothing could be read */
	int64_t good[TRACKS], bad[TRACKS], bucket[TRACKS][BUCKETS]; /* bucket: up to that bound */
	int64_t saturation[TRACKS];                                 /* thousandths */
	int64_t share[TRACKS]; /* of this scrape's requests, in a million; -1 there were none */
};

struct sim_canary {
	/* of the scenario */
	struct sim_repo *repo;
	struct sim_lane *lane;
	const char *marked; /* release that has the moods */
	int64_t rps, stuck; /* stuck: the rung that never gets its traffic nor ends; 0 none */
	int64_t usual[MEASURES];
	VEC(struct sim_mood) moods;
	VEC(struct sim_dark) darks;
	bool tells_deployment, tells_status, tells_artifact, hears_variables, hears_tag, payload_text;
	/* of the drill */
	struct sim_run *run; /* that carries it, NULL nobody */
	const char *release;
	struct sim_deployment *deployment; /* that tells of this rung, of those who tell by one */
	int percent, step;
	int64_t entered, first; /* this rung; the first one of the marked release, 0 not yet */
	VEC(struct sim_shift) shifts;
	struct sim_scrape *scrapes; /* oldest first, malloc */
	size_t scrapes_n, scrapes_cap;
};

/* ---- canary.c ---- */
int sim_canary_load(struct world *w, struct err *e) must_check; /* `canary:` of the scenario */
void sim_canary_free(struct sim_canary *c);
void sim_canary_after(struct world *w, const struct sim_run *run); /* a run has ended */
int64_t sim_measure_at(const struct sim_canary *c, enum sim_measure m, bool marked, int64_t at);
enum sim_outage sim_outage_at(const struct sim_canary *c, int64_t at, int64_t *since);

/* ---- traffic.c ---- */
/* All scrapes up to now. */
void sim_traffic(struct world *w);
/* Index of the newest at or before `at`, -1 none. */
long sim_scrape_at(const struct sim_canary *c, int64_t at);

/* ---- promql.c: one expression at one moment ---- */
struct prom_label {
	const char *name, *value;
};
enum { PROM_LABELS = 4 };
struct prom_point {
	int64_t at;
	double value;
};
struct prom_series {
	struct prom_label labels[PROM_LABELS]; /* by name; __name__ first */
	int labels_n;
	double value;
	struct prom_point *points; /* of a range */
	size_t points_n;
};
enum prom_kind { PROM_SCALAR, PROM_VECTOR, PROM_MATRIX };
struct prom_value {
	enum prom_kind kind;
	double scalar;
	VEC(struct prom_series) series;
};
struct prom_trouble {
	int status; /* 0 none, 400 the expression is wrong, 422 it cannot be evaluated */
	const char *words;
	size_t samples; /* looked at so far, of all steps of a range: kept from one evaluation to the next */
};
struct prom_value prom_eval(const struct sim_canary *c, const char *expression, int64_t at,
			    struct prom_trouble *trouble, struct arena *a);
const char *prom_number(struct arena *a,
			double v); /* as the server writes it: shortest, never with an exponent */
