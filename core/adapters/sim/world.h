/*
 * world.h - inside of the simulated forge: the nouns of the world and who changes them. Private to this folder.
 *
 * A world owns one arena; everything in it lives as long as the world. Time is milliseconds since 1970 of the world's
 * own clock. What will happen by itself is an event in one heap, ordered by time and then by the order of its making, so
 * the same seed and the same requests at the same times give the same world. Workflows are real workflow files (org/
 * *.yml); the simulator runs the lines of their steps that begin with "drill" (see workflow.c) and nothing else.
 */
#pragma once

#include "base/hash.h"
#include "base/vec.h"
#include "core/adapters/sim/sim.h"
#include "core/adapters/sim/workflow.h"

enum {
	SECOND = 1000,
	MINUTE = 60 * SECOND,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR,
	JOB_SLOTS = 32,     /* jobs of one attempt */
	ATTEMPT_SLOTS = 64, /* attempts of one run; the forge stops at 50 */
	MAX_RERUNS = 50,    /* reference github 1.1 */
	RUNS_MAX = 1000000, /* of all repositories together */
	REFS_MAX = 1000,
	SEEN_MAX = 8192, /* different requests that are counted; a power of two */
};

enum sim_status { SIM_REQUESTED, SIM_QUEUED, SIM_PENDING, SIM_WAITING, SIM_IN_PROGRESS, SIM_COMPLETED };
enum sim_conclusion {
	SIM_NONE,
	SIM_SUCCESS,
	SIM_FAILURE,
	SIM_CANCELLED,
	SIM_SKIPPED,
	SIM_STARTUP_FAILURE,
	SIM_UNHEARD
};
extern const struct names sim_status_names, sim_conclusion_names;

/* A person or a bot; `token` is the beginning of the tokens that are theirs. */
struct sim_user {
	const char *login, *name, *token;
	int64_t id;
	bool bot, read_only, outsider;
};
extern const struct sim_user sim_users[];
extern const size_t sim_users_n;

/* ---- what happened ---------------------------------------------------------------------------------------------- */

struct sim_step {
	enum sim_status status;
	enum sim_conclusion conclusion;
	int64_t started, completed;
	const char *why; /* of a failure */
};
struct sim_job {
	const struct sim_job_spec *spec;
	enum sim_status status;
	enum sim_conclusion conclusion;
	bool visible;                      /* jobs appear when what they need is done */
	const struct sim_environment *env; /* that gates it, once it was reached */
	int64_t until;                     /* of env's wait timer */
	bool approved;
	int64_t created, started, completed; /* 0 not yet */
	struct sim_step *steps;              /* "Set up job", the file's, "Complete job" */
	int steps_n, step;                   /* the one that runs */
	int64_t deployment;                  /* id, 0 none */
};
struct sim_attempt {
	int64_t started, updated;
	enum sim_status status;
	enum sim_conclusion conclusion;
	const struct sim_user *triggering;
	struct sim_job *jobs;
	int jobs_n;
};
struct sim_attempts VEC_OF(struct sim_attempt);
struct sim_review {
	const char *state, *comment;
	const struct sim_user *user;
	const struct sim_environment *environment;
};
struct sim_reviews VEC_OF(struct sim_review);
/* Runs of the past have no attempts until somebody asks for their jobs: sim_run_attempt() makes them. */
struct sim_run {
	int64_t id, created, listed, started, updated;
	struct sim_workflow *workflow;
	const char *event, *ref, *sha, *title, *group;
	const struct sim_user *actor;
	struct sim_pairs inputs;
	struct sim_attempts attempts;
	struct sim_reviews reviews;
	const struct sim_job_spec *broke; /* past runs: the job that failed */
	enum sim_status status;
	enum sim_conclusion conclusion;
	int number, attempt;
	bool tag, cancelling, forced, yielded;
};
struct sim_runs VEC_OF(struct sim_run *);

struct sim_environment {
	int64_t id;
	const char *name;
	const struct sim_user *reviewers[6];
	int reviewers_n;
	bool no_self_review;
	int64_t wait_minutes;
};
struct sim_deployment {
	int64_t id, created;
	struct sim_run *run;
	const struct sim_environment *environment;
	VEC(struct sim_pair) states; /* name: state, value: ISO time */
};
struct sim_asset {
	int64_t id;
	const char *name, *content, *digest;
	bool dropped;
};
struct sim_release {
	int64_t id, published;
	const char *tag, *title, *sha;
	bool draft, prerelease, immutable;
	VEC(struct sim_asset) assets;
};
struct sim_commit {
	const char *sha, *subject;
	const struct sim_user *author;
	int64_t at;
};
struct sim_ref {
	const char *name, *sha; /* name: tags/x, heads/x */
};
struct sim_lane {
	const char *name, *live, *workflow;
};
struct sim_group {
	const char *name; /* lower case */
	struct sim_run *holder, *pending;
};
struct sim_activity {
	int64_t every;
	int left; /* pushes still to come: a served drill that is forgotten must not grow for ever */
	struct sim_workflow *workflow, *then;
};
struct sim_repo {
	int64_t id;
	const char *owner, *name, *full, *profile, *branch, *about;
	const struct yaml *subjects;
	VEC(struct sim_workflow *) workflows;
	VEC(struct sim_environment) environments;
	VEC(struct sim_release) releases; /* oldest first */
	VEC(struct sim_commit) commits;   /* oldest first, one line of history */
	VEC(struct sim_ref) refs;         /* branches, and tags that are no releases */
	VEC(struct sim_lane) lanes;
	VEC(struct sim_group) groups;
	VEC(struct sim_deployment *) deployments;
	struct sim_runs runs; /* ascending by creation and id */
	struct sim_activity activity;
};

/* ---- the world -------------------------------------------------------------------------------------------------- */

enum sim_event_kind {
	EVENT_START,
	EVENT_JOB,
	EVENT_STEP,
	EVENT_TIMER,
	EVENT_DONE,
	EVENT_CANCELLED,
	EVENT_PUSH,
	EVENT_OTHER
};
struct sim_event {
	int64_t at;
	uint64_t order;
	enum sim_event_kind kind;
	struct sim_repo *repo;
	struct sim_run *run;
	int attempt, job, step;
	const struct yaml *what; /* EVENT_OTHER */
};
struct sim_quota {
	int64_t reset;
	int used;
};
struct sim_seen {
	const char *key; /* "METHOD path" */
	int count;
};

struct world {
	struct arena arena;
	struct scenario scenario;
	const struct yaml *script; /* the scenario's file */
	int64_t start, now;        /* world time */
	int64_t clock_start, clock_now;
	double speed;
	uint64_t seed, random, order;
	int64_t last_id; /* of everything that is numbered */
	int64_t list_delay, latency, rate_limit;
	size_t runs_n;
	VEC(struct sim_repo *) repos;
	VEC(struct world_fault_rule) faults;
	struct sim_seen seen[SEEN_MAX]; /* a hash table with open addressing */
	size_t seen_n;
	struct sim_quota quotas[8]; /* by user */
	struct sim_event *heap;
	size_t heap_n, heap_cap;
	uint64_t requests;
};
