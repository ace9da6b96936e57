/*
 * model.h - the nouns of the product as plain structs, each with one field table (base/rec.h).
 *
 * Foreign strings are raw here. Times are the forge's (server) times unless the member says otherwise. Ids are 64-bit:
 * run, job and environment ids exceed 2^31 (GitHub reference, 0.4). Enumerator 0 is always "other": a word we do not
 * know, or nothing; it never counts as good.
 */
#pragma once

#include "base/rec.h"
#include "base/vec.h"

enum run_status {
	RUN_OTHER,
	RUN_REQUESTED,
	RUN_QUEUED,
	RUN_PENDING, /* held by a concurrency group */
	RUN_WAITING, /* held by a protection rule: needs a person or a clock */
	RUN_IN_PROGRESS,
	RUN_COMPLETED,
};
enum conclusion {
	CONCLUSION_OTHER, /* none yet, or a word we do not know */
	CONCLUSION_SUCCESS,
	CONCLUSION_FAILURE,
	CONCLUSION_CANCELLED,
	CONCLUSION_SKIPPED,
	CONCLUSION_NEUTRAL,
	CONCLUSION_TIMED_OUT,
	CONCLUSION_ACTION_REQUIRED,
	CONCLUSION_STALE,
	CONCLUSION_STARTUP_FAILURE,
};
extern const struct names run_status_names, conclusion_names;

struct run {
	int64_t id;
	const char *repo; /* owner/name; set by us, not decoded */
	const char *lane; /* system/environment; set by us */
	int64_t attempt;
	int64_t number;
	int64_t workflow_id;
	const char *workflow; /* its name, as the forge says it */
	const char *path;     /* .github/workflows/x.yml */
	const char *title;    /* display_title */
	const char *event;
	const char *branch; /* head_branch: branch or tag */
	const char *head_sha;
	int status;     /* enum run_status */
	int conclusion; /* enum conclusion */
	const char *actor;
	const char *triggering_actor;
	struct when created;
	struct when started;
	struct when updated;
	const char *url; /* html_url; shown, never fetched */
	const char *
		release; /* tag or sha this run is about; "" unknown; set by us from intent or branch/title */
	struct when seen; /* local time of the answer this row comes from */
};
extern const struct rec rec_run;

struct job {
	int64_t id;
	int64_t run_id;
	int64_t attempt;
	const char *name;
	const char *stage; /* set by us from the profile's patterns; "" none */
	int status;
	int conclusion;
	struct when started;
	struct when completed;
	const char *
		steps; /* JSON text of the steps array: [{number,name,status,conclusion,started_at,completed_at}] */
	struct when seen;
	int means;           /* enum meaning_kind, set by us from the profile's meanings */
	const char *meaning; /* the profile's words for it; "" none */
};
extern const struct rec rec_job;

struct step {
	int64_t number;
	const char *name;
	int status;
	int conclusion;
	struct when started;
	struct when completed;
};
extern const struct rec rec_step;

/* One environment of one run that waits for a person or a clock. */
struct gate {
	int64_t run_id;
	int64_t attempt;
	const char *lane;
	int64_t environment_id;
	const char *environment;
	struct when since;      /* first seen waiting: the run's updated_at then */
	int64_t wait_timer;     /* minutes */
	struct when wait_until; /* not known: no timer */
	const char *reviewers;  /* comma-separated logins and team slugs */
	bool can_approve;       /* current_user_can_approve */
	const char *why_not;    /* "" when can_approve */
	struct when seen;
};
extern const struct rec rec_gate;

struct release {
	const char *repo;
	int64_t id;
	const char *tag;
	const char *name;
	bool draft;
	bool prerelease;
	bool immutable;
	struct when published;
	const char *target; /* target_commitish */
	const char *assets; /* JSON text: [{name,size,digest,id,updated_at}] */
	struct when seen;
};
extern const struct rec rec_release;

/* Who reviewed a run's gate, from GET /runs/{id}/approvals. */
struct review {
	const char *state; /* approved, rejected */
	const char *user;
	const char *comment;
	const char *environments; /* comma-separated names */
};
extern const struct rec rec_review;

enum lane_state {
	LANE_FAIL,
	LANE_WAIT,
	LANE_UNKN,
	LANE_RUN,
	LANE_HOLD,
	LANE_STALE,
	LANE_OK
};                                          /* by urgency */
extern const struct names lane_state_names; /* FAIL WAIT UNKN RUN HOLD STALE OK */
char lane_state_glyph(enum lane_state s);   /* ! ? ~ > = - . ; OK is a blank on screens */

/* What is known of a lane after the last look; staleness is judged when it is shown. */
struct lane {
	const char *name; /* system/environment */
	const char *system;
	const char *environment;
	const char *repo;
	bool production;
	int64_t ordinal;  /* profile order */
	int state;        /* enum lane_state, without STALE */
	const char *live; /* release; "" unknown */
	const char *live_sha;
	int64_t live_run;
	const char *next;     /* release under way or newest candidate; "" none */
	int64_t run_id;       /* run that decides the state; 0 none */
	const char *progress; /* short words: "3/4 deploy", "gate:production" */
	const char *reasons;  /* JSON array of strings, most important first */
	struct when since;    /* when this state began */
	struct when checked;  /* local time of the oldest fact the state rests on; not known: never synced */
	int64_t stale_after;  /* ms; older than this is STALE */
};
extern const struct rec rec_lane;

/* States of reliability reference 5.8. PREPARED is a plan a person committed but that is not durable yet: never stored. */
enum intent_state {
	INTENT_OTHER,
	INTENT_ARMED,     /* durable, not sent as far as we know */
	INTENT_SENT,      /* the request is about to leave or has left; no outcome recorded */
	INTENT_LINKED,    /* run id known */
	INTENT_DONE,      /* an act without a run of its own has happened (approve, cancel, ...) */
	INTENT_REFUSED,   /* the forge answered 4xx: nothing happened */
	INTENT_NOT_SENT,  /* connecting failed, 0 bytes left */
	INTENT_UNKNOWN,   /* sent, and no trustworthy answer */
	INTENT_NOT_FOUND, /* looked for during the whole wait and not there: a person decides */
	INTENT_ABANDONED, /* a person closed it */
};
extern const struct names
	intent_state_names;     /* armed sent linked done refused not_sent unknown not_found abandoned */
bool intent_is_open(int state); /* armed, sent, unknown, not_found, and what we do not know: no twin */

struct intent {
	int64_t id;
	const char *nonce;   /* 32 hex; goes out as rc_intent where the profile has that input */
	const char *plan_id; /* 8 hex shown to people */
	const char *act;     /* verb name: dispatch, approve, ... */
	const char *lane;
	const char *repo;
	const char *subject; /* release, or run id as text */
	const char *line;    /* canonical command line */
	const char *request; /* "POST /repos/..."; of several, the last that left */
	const char *body;    /* JSON sent with it */
	const char *who;     /* local user, and token login where known: ana@bastion (octo-ana) */
	const char *reason;
	const char *relies_on; /* JSON of the facts it relied on */
	int state;
	int64_t run_id;
	const char *run_url;
	const char *note; /* outcome in words */
	int64_t sends; /* attempts that may have left: 0 or 1; 2 only for a settled repeat with the same nonce */
	int64_t exclude_run;                /* newest run of that workflow known before sending; 0 none */
	struct when created, sent, settled; /* local */
	int64_t steps,
		done;     /* requests that the act takes, and how many of them are known to have happened */
	const char *step; /* JSON of the last that left: its kind, and by what it is found on the forge */
	/* The journal alone keeps these, for the audit chain. */
	const char *client; /* SSH_CONNECTION of whoever asked, "" none */
	const char *target; /* JSON of what it aims at: workflow, tag, sha, environments, attempt */
};
extern const struct rec rec_intent, rec_journal_intent;
/* What a person does with one that was looked for and not found, or not to its end. Static. */
const char *intent_ways_on(const struct intent *in);

/* ok, bad, missing, not checked (DESIGN 3.7). */
enum verdict { CHECK_UNCHECKED, CHECK_OK, CHECK_BAD, CHECK_MISSING };
extern const struct names verdict_names; /* unchecked ok bad missing */

struct check {
	const char *name;   /* short and stable: release, asset:trusted_values, in_flight */
	int status;         /* enum verdict */
	const char *detail; /* one line: the datum */
	const char *fix;    /* what would clear it; "" */
	const char *source; /* where the datum comes from */
	struct when at;     /* age of the datum, local */
};
extern const struct rec rec_check;
struct checks VEC_OF(struct check);

/* One line of what happened, for `follow`: ids grow and are never used twice. */
struct event {
	int64_t id;
	struct when at;   /* local */
	const char *lane; /* "" not about one lane */
	const char *text; /* one line, foreign parts raw */
};
extern const struct rec rec_event;
