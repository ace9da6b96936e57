/*
 * view.h - cache -> what the captain sees, as plain rows of safe text. No terminal, no clock of its own.
 *
 * Every string here passed text_safe() and may be printed anywhere. Each view is read inside one snapshot of the cache
 * and carries the age of its facts. Screens, text verbs and JSON output all come from the same views; JSON writers are
 * beside them (view_*_json) with the keys of the command-line contract.
 */
#pragma once

#include "base/json.h"
#include "core/model/model.h"
#include "core/view/why.h"
#include "store/store.h"

struct view_header {
	const char *drill;                /* scenario, NULL: the real thing */
	const char *login;                /* token's login, "" unknown */
	const char *con;                  /* who is captain now, "" nobody or not known */
	int64_t age_ms;                   /* oldest lane fact; -1 never synced */
	int64_t api_remaining, api_limit; /* -1 unknown */
	int counts[LANE_OK + 1];
	int lanes;
	int lanes_read;     /* ever */
	const char *banner; /* last trouble of the poller, or FOLLOWS_WORDS; "" none */
	int needs_me;       /* gates the captain can approve */
	int open_intents;
	int frozen;         /* systems whose line is stopped */
	bool silent;        /* nobody polls: an alarm among them */
	int guards, alarms; /* of canaries, up; open ones, a poller that stands still among them: alarms.h */
};
int view_header(struct view_header *out, struct store *s, struct when now, struct arena *a,
		struct err *e) must_check;

struct proof_count;
struct lane_row {
	const char *name, *system, *environment, *repo;
	enum lane_state state;   /* as shown: STALE counted in */
	enum lane_state judged;  /* as judged when fresh */
	bool production, locked; /* locked: by us */
	const char *starts;      /* word of its profile: none, auto, dispatch, merge; "" not known */
	const char *live, *next, *progress;
	const char *since;      /* age words */
	int64_t age_ms, run_id; /* age: -1 never */
	const char *reasons[6];
	int reasons_n;
	const char *unsettled; /* words for open intents, "" none */
	const char *back; /* "back v0.9.3 ok", "back ? not checked"; "" it has no way back by its profile */
	enum verdict back_ok;               /* as readiness_judge() */
	const char *back_target, *back_why; /* for a column, "" not known; of no target, why there is none */
	const char *back_took;              /* "p50 5m, at most 9m, of 12 runs"; "" not known */
	const char *freeze; /* production: "frozen: tag frozen/rollback", "freeze ?"; "" not frozen */
	const char *lock, *lock_reason; /* "ana until 17:08Z: why", and the reason that says the same; "" */
	const char *alarm, *alarm_kind; /* the oldest that is open; "" none */
	const char *drift;              /* "1 other, 14 equal", what is wrong first; "" nothing is compared */
	int drift_worst;                /* enum drift_verdict; -1 nothing is compared */
	const struct proof_count
		*proof; /* required proofs; NULL nothing is required by its profile, or known */
	const struct guard_row *guard; /* of its canary, that is up: guard.h; NULL none */
	const char *again;           /* read before an act of ours: "read before the retag of 4s ago.."; "" */
	const struct canary *canary; /* under way; NULL none */
	int place;                   /* in the order of the cache */
	struct when checked, since_at; /* what its ages are counted from, by this clock */
	struct when since_told;        /* the same by the forge's; 0 it told none */
	int64_t stale_after;
	struct when until; /* from then on time alone may change more than ages, STALE apart; 0 never */
};
struct lane_rows VEC_OF(struct lane_row);
int view_lanes(struct lane_rows *out, struct store *s, struct when now, struct arena *a,
	       struct err *e) must_check;
/* Brings all rows, as view_lanes() made them, and the header's age to what they are now: with a store from what it has
 * while its generation is that one, NULL when nothing was committed. 0: *words tells whether a row is worded anew; 1: more
 * changed than ages, and all is to be read again. */
int view_lanes_age(struct lane_rows *v, struct view_header *h, struct store *s, int64_t generation,
		   struct when now, bool *words, struct arena *a, struct err *e) must_check;
/* Of the snapshot; -1 not known: there is no lane. */
int view_generation(int64_t *out, struct store *s, struct arena *a, struct err *e) must_check;
void view_lanes_json(struct jw *w, const struct lane_rows *v, struct when now);

struct run_row {
	int64_t id, attempt;
	const char *lane, *workflow, *title, *event, *branch, *sha, *actor, *url;
	const char *status, *conclusion; /* words */
	const char *age;                 /* since created */
	const char *duration;
	int status_value, conclusion_value;
	struct when created;
	const char *release;
};
struct run_rows VEC_OF(struct run_row);
/* lane NULL: all. before 0: newest. */
int view_runs(struct run_rows *out, struct store *s, const char *lane, int64_t before, int64_t limit,
	      struct when now, struct arena *a, struct err *e) must_check;
void view_runs_json(struct jw *w, const struct run_rows *v, struct when now);

struct step_row {
	int64_t number;
	const char *name, *status, *conclusion, *duration;
	int status_value, conclusion_value;
};
struct job_row {
	int64_t id;
	const char *name, *stage, *status, *conclusion, *duration;
	const char *meaning; /* what its end really means, where that is not its conclusion; "" */
	int status_value, conclusion_value;
	int means; /* enum meaning_kind */
	struct step_row *steps;
	int steps_n;
};
struct gate_row {
	int64_t run_id, attempt, environment_id;
	const char *lane, *environment, *reviewers, *why_not;
	const char *key;                /* raw: the environment as a review must name it; never shown */
	const char *since, *wait_until; /* words */
	bool can_approve;
	struct when since_at, wait_until_at;
	const char *title, *release; /* of the run */
};
struct gate_rows VEC_OF(struct gate_row);
/* What the run wrote down about itself, as it was read from its artifact. */
struct decision_row {
	const char *name, *verdict, *word, *reasons, *detail, *source, *age;
	int verdict_value; /* enum decision_verdict */
	int64_t age_ms;
};
struct run_view {
	struct run_row run;
	struct job_row *jobs;
	int jobs_n;
	struct decision_row *decisions;
	int decisions_n;
	struct gate_rows gates;
	int64_t age_ms;
	const char *intent; /* "dispatch by ana, reason ..", "" none */
};
int view_run(struct run_view *out, struct store *s, int64_t id, struct when now, struct arena *a,
	     struct err *e) must_check; /* 1: no such run */
void view_run_json(struct jw *w, const struct run_view *v, struct when now);
int view_gates(struct gate_rows *out, struct store *s, bool mine, struct when now, struct arena *a,
	       struct err *e) must_check;
void view_gates_json(struct jw *w, const struct gate_rows *v, struct when now);

/* One condition of a plan or of a way back. */
struct check_row {
	const char *name, *detail, *fix, *source, *age;
	enum verdict status;
};

/* Declared against running. Values in full; *_short is what fits in a column: 12 digits of a digest, 7 of a commit. */
struct drift_row {
	const char *lane, *component, *platform;
	const char *declared, *live, *declared_short, *live_short;
	const char *verdict, *reason, *source, *age;
	int verdict_value; /* enum drift_verdict, as drift_aged() */
	int64_t age_ms;    /* -1 never read */
};
struct drift_rows VEC_OF(struct drift_row);
/* lane NULL: all. 1: no such lane. What is wrong comes first, then what is not known, then what is equal. */
int view_drift(struct drift_rows *out, struct store *s, const char *lane, struct when now, struct arena *a,
	       struct err *e) must_check;
/* "1 other, 2 behind, 14 equal", what is wrong first; "" no rows. */
const char *drift_words(const struct drift_rows *v, struct arena *a);
void view_drift_json(struct jw *w, const struct drift_rows *v, struct when now);

/* Whether a lane can go back, and each condition of it. */
struct readiness_row {
	const char *lane, *target; /* target "" not known */
	enum verdict ok;
	const char *back, *took, *why; /* as in lane_row; how long others took, "" not known; why no target */
	struct check_row *checks;
	int checks_n;
	int64_t age_ms;    /* of the oldest condition; -1 never looked at */
	struct when until; /* then the next of them is too old; 0 none will be */
};
struct readiness_rows VEC_OF(struct readiness_row);
/* lane NULL: all that were looked at. 1: no such lane. */
int view_readiness(struct readiness_rows *out, struct store *s, const char *lane, struct when now,
		   struct arena *a, struct err *e) must_check;
void view_readiness_json(struct jw *w, const struct readiness_rows *v, struct when now);

/* Sources that may stop the line. */
struct freeze_row {
	const char *system, *source, *state, *detail, *age;
	int state_value; /* enum freeze_state */
	int64_t age_ms;
	struct when until; /* then it is too old; 0 it is, or never */
};
struct freeze_rows VEC_OF(struct freeze_row);
/* system NULL: all. */
int view_freeze(struct freeze_rows *out, struct store *s, const char *system, struct when now,
		struct arena *a, struct err *e) must_check;
