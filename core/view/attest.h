/*
 * attest.h - the machines that run a lane, as a captain reads them: how many of what, a line a machine, and below it what
 * four sources say of it and each step of its verification.
 *
 * Our status stands beside the control plane's word and is never made of it: that word is shown as one that somebody says.
 * A fleet has thousands of machines and a screen a few dozen rows, so struct fleet_view keeps them as they stand in the
 * cache, raw and in order, and view_agent_row() makes the row of one that is to be seen. Rows, groups and facts are safe
 * text, as in view.h; `machines` is not, and is for counting, filtering and naming only.
 *
 * What stands in evidence (token_until, taken, heard) is aged by the forge's clock, what we did by ours.
 */
#pragma once

#include "core/view/proof.h"
#include "store/agents.h"

#define FLEET_NEWS_MS \
	INT64_C(600000) /* a status is marked as changed so long: two looks of a fleet, and a coffee */

/* How many are of which status. */
struct fleet_counts {
	int64_t total, of[PROOF_FAILED + 1]; /* by enum proof_status */
};
/* All machines of one size, or of one datacenter. */
struct fleet_group {
	const char *name; /* "" they do not say */
	struct fleet_counts counts;
	const char *raw;
};
struct fleet_groups VEC_OF(struct fleet_group);

struct fleet_fact_row {
	const char *kind, *name, *declared, *effective, *source, *verdict, *detail, *age;
	int verdict_value; /* enum drift_verdict */
	bool extra;        /* a measurement that is trusted there, and that no release has pinned */
	int64_t age_ms;
};
struct fleet_fact_rows VEC_OF(struct fleet_fact_row);

struct fleet_view {
	const char *lane;
	struct agents machines;              /* raw; the worst first, then by name and id */
	struct fleet_counts counts;          /* of all, whatever a filter leaves of `machines` */
	struct fleet_groups sizes, places;   /* the one with the worst machines first */
	struct fleet_fact_rows policy, list; /* what is in force; whom it trusts: what is wrong first */
	int relaxed, extras;  /* rows of those that are not as declared; that nobody declared */
	int unread, unpinned; /* of which it is not known what is in force; what is pinned */
	int64_t news;         /* changed within FLEET_NEWS_MS */
	int64_t belied;       /* the control plane says verified, and we say failed or missing */
	int64_t differing;    /* two sources contradict each other */
	int64_t age_ms;       /* of the oldest look; -1 there is none, or one was never looked at */
	const char *age;
	const char *collateral;     /* SHA-256 of what quotes are verified with; "" none */
	const char *collateral_age; /* since it was taken; "" not told */
	int64_t collateral_age_ms;  /* -1 */
	struct when now, forge_now;
};
/* 1: no such lane. A lane without machines has none in its view. */
int view_fleet(struct fleet_view *out, struct store *s, const char *lane, struct when now, struct arena *a,
	       struct err *e) must_check;

/* Leaves those of that name or id; several may have one name. ERR_MISSING: there is none. */
int fleet_view_named(struct fleet_view *v, const char *name, struct err *e) must_check;
/* Leaves one. ERR_INVALID: several have that name, and one must be meant by its id. */
int fleet_view_only(struct fleet_view *v, const char *name, struct err *e) must_check;

struct agent_row {
	const char *id, *name, *size, *datacenter;
	const char *status, *reason, *meaning, *detail; /* ours */
	const char *says; /* "says verified", "says no": the control plane, and nobody else */
	const char *word, *complaint;
	const char *differs, *tcb;
	const char *quote, *quote_reason, *token, *token_reason;
	const char *token_words; /* "12m left", "over 2h"; "" there is none, or it does not say */
	const char *quote_sha, *token_sha;
	const char *taken, *heard, *changed; /* ages */
	const char *age;                     /* since we looked */
	int status_value, quote_value, token_value;
	bool said_verified;
	bool is_new; /* its status changed within FLEET_NEWS_MS */
	int64_t age_ms;
	struct when token_until, heard_at, changed_at, taken_at;
};
/* Of machines.items[i]. */
void view_agent_row(struct agent_row *out, const struct fleet_view *v, size_t i, struct arena *a);

/* One measured field, and what each source says of it. */
struct agent_field_row {
	const char *name;
	const char *value[AGENT_SOURCES]; /* whole; NULL: it does not tell */
	bool differs;                     /* two of them contradict each other */
};
/* What another verifier is given to come to the same verdict; bytes lie in the engine's evidence by their SHA-256. */
#define AGENT_KEPT_MAX 16
struct agent_evidence {
	struct when at; /* as of when it was judged; not known: nothing was kept */
	const char *policy, *size, *release, *challenge, *report_data; /* "" none */
	struct agent_kept {
		const char *kind, *hex;
	} kept[AGENT_KEPT_MAX];
	int kept_n;
};
struct agent_tree_rows {
	struct agent_field_row *fields;
	int fields_n;
	struct proof_step_row *steps;
	int steps_n;
	struct agent_evidence evidence;
	const char *damage; /* why it cannot be shown; "" it can */
	const char *age;
};
/* 1: nobody has written one. What is damaged is said, and is no error. */
int view_agent_tree(struct agent_tree_rows *out, struct store *s, const char *lane, const char *id,
		    struct when now, struct arena *a, struct err *e) must_check;

/* JSON of `proof LANE --machines`: what is in v.machines, and the whole fleet's counts and facts. trees: one of each, or
 * NULL. */
void view_fleet_json(struct jw *w, const struct fleet_view *v, const struct agent_tree_rows *trees);

/* ---- words that screens share ---- */

/* "X1 ~2 +4997", the worst first; "" nothing is there. */
const char *fleet_counts_words(const struct fleet_counts *c, bool ascii, struct arena *a);
/* The worst status that is there. */
int fleet_worst(const struct fleet_counts *c);
/* "collateral 3h old; settings: 2 of 7 not as declared, 1 not known; trust list: 3 as pinned": NULL where nothing is known of
 * any. What is shortest and never said elsewhere comes first. */
const char *fleet_facts_words(const struct fleet_view *v, struct arena *a);
/* What a good quote does not say, in one line. */
extern const char fleet_limits[];
