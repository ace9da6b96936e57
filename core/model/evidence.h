/*
 * evidence.h - what the console found out for itself: decisions that runs wrote down, what runs against what was
 * declared, whether a lane can go back, whether the line is stopped. Rows of the cache; made by core/engine/survey.c and
 * never by believing a colour. The unknown value is the first of every enum.
 */
#pragma once

#include "base/rec.h"
#include "base/vec.h"

/* What a run wrote down about itself, read from its artifact. */
enum decision_verdict { DECISION_UNKNOWN, DECISION_YES, DECISION_NO, DECISION_NA };
extern const struct names decision_verdict_names; /* unknown yes no n/a */
struct decision {
	int64_t run_id;
	int64_t ordinal; /* the profile's order */
	const char *name;
	int verdict;         /* enum decision_verdict */
	const char *word;    /* as it stands there; "" none */
	const char *reasons; /* comma-separated codes */
	const char *detail;  /* why it is unknown; "" */
	const char *source;  /* artifact and entry */
	struct when at;      /* local time it was read */
};
extern const struct rec rec_decision;

/* What the end of a job means when it is not what its colour says; OTHER: what it says. */
enum meaning_kind { MEANS_OTHER, MEANS_SKIPPED, MEANS_NOT_REQUIRED, MEANS_WARNED, MEANS_VACUOUS };

/* Declared against running, one row a component and platform of a lane. Never equal without both read. */
enum drift_verdict { DRIFT_UNKNOWN, DRIFT_EQUAL, DRIFT_AHEAD, DRIFT_BEHIND, DRIFT_OTHER };
extern const struct names drift_verdict_names; /* unknown equal ahead behind other */
struct drift {
	const char *lane;
	int64_t probe; /* the profile's order */
	const char *component, *platform;
	const char *declared, *live; /* digests, shas; "" not known */
	int verdict;                 /* enum drift_verdict */
	const char *reason;          /* one line: why unknown, how far behind */
	const char *source;          /* where both stand */
	struct when at;              /* local time of the older of the two */
};
extern const struct rec rec_drift;

/* One condition of going back, in order; the first is `target`, whose detail is the release to go back to. */
struct readiness {
	const char *lane;
	int64_t ordinal;
	const char *name;
	int status; /* enum verdict */
	const char *detail, *fix, *source;
	struct when at;
};
extern const struct rec rec_readiness;

/* Whether the line is stopped, one row a source. */
enum freeze_state { FREEZE_UNKNOWN, FREEZE_FROZEN, FREEZE_OPEN };
extern const struct names freeze_state_names; /* unknown frozen open */
struct freeze {
	const char *system;
	int64_t ordinal;
	const char *source; /* tag frozen/rollback */
	int state;          /* enum freeze_state */
	const char *detail; /* who, why, until; one line */
	struct when at;
	const char *exempt; /* environments it does not stop, comma-separated */
};
extern const struct rec rec_freeze;
/* It does not stop that environment of the system. */
bool freeze_exempts(const struct freeze *f, const char *environment);

/* What a value in a document must be. */
enum value_kind {
	VALUE_ANY,
	VALUE_TEXT, /* a text that is not empty */
	VALUE_OBJECT,
	VALUE_LIST,
	VALUE_BOOL,
	VALUE_TIME,         /* ISO 8601 */
	VALUE_COMMIT,       /* 40 hex digits */
	VALUE_SHA256,       /* 64 hex digits */
	VALUE_IMAGE,        /* NAME@sha256:64 hex digits */
	VALUE_MEASUREMENTS, /* comma list of 96 hex digits each */
};
extern const struct names
	value_kind_names; /* any text object list true-false time commit sha256 image measurements */
