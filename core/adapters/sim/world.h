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
#include "core/adapters/sim/content.h"
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
	COMMITS_MAX = 100000, /* what clients may make */
	PULLS_MAX = 10000,
	WRITTEN_MAX = 256 << 20, /* bytes that clients may write into a world */
	SEEN_MAX = 8192,         /* different requests that are counted; a power of two */
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

struct sim_said { /* a line of its log that its file does not name */
	int64_t at;
	const char *text;
};
struct sim_step {
	enum sim_status status;
	enum sim_conclusion conclusion;
	int64_t started, completed;
	const char *why; /* of a failure */
	size_t done;     /* commands of it that are over */
	VEC(struct sim_said) said;
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
	const char *group;                   /* of its own, once it was reached; NULL none */
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
	const struct sim_workflow *plan;  /* the workflow file as it stood at its commit */
	const struct sim_pull *pull;      /* that began it, or NULL */
	struct sim_pairs outputs;         /* JOB.NAME */
	enum sim_status status;
	enum sim_conclusion conclusion;
	int number, attempt;
	bool tag, cancelling, forced, played; /* played: a past run that did what its file says */
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
struct sim_asset {
	int64_t id;
	const char *name, *content, *digest;
	bool dropped, replaced; /* replaced: since it was published, by hand */
};
struct sim_release {
	int64_t id, published;
	const char *tag, *title, *sha;
	bool draft, prerelease, immutable;
	VEC(struct sim_asset) assets;
};
struct sim_lane {
	const char *name, *live, *workflow;
	const char *site;         /* path where it can be asked, NULL none */
	const char *running;      /* digest that the system itself names; "" none */
	const struct sim_run *by; /* that made it live, NULL not known */
	bool down;                /* its probes answer 503 */
};
struct sim_member { /* a run, or one job of it */
	struct sim_run *run;
	int attempt, job; /* job -1: the whole run */
};
struct sim_group {
	const char *name;                  /* compared without case */
	struct sim_member holder, pending; /* run NULL: nobody */
};
struct sim_activity {
	int64_t every;
	const char *branch, *touch; /* touch: the file that changes, NULL none */
	int left; /* pushes still to come: a served drill that is forgotten must not grow for ever */
	struct sim_workflow *workflow, *then; /* then: when that of a push ends well */
};
struct sim_variable {
	const char *name, *value;
	int64_t created, updated;
};
struct sim_variables VEC_OF(struct sim_variable);
struct sim_repo {
	int64_t id;
	const char *owner, *name, *full, *profile, *branch, *about;
	const struct yaml *subjects;
	VEC(struct sim_workflow *) workflows;
	VEC(struct sim_environment) environments;
	VEC(struct sim_release) releases; /* oldest first */
	VEC(struct sim_commit) commits;   /* parents before children; first the default branch as it began */
	size_t line;                      /* how many those are */
	VEC(struct sim_ref) refs;         /* branches, the default first, and tags that are no releases */
	VEC(struct sim_object *) objects; /* trees and blobs that somebody made or asked for */
	VEC(struct sim_pull *) pulls;     /* ascending by number; issues among them */
	VEC(struct sim_lane) lanes;
	VEC(struct sim_group) groups;
	VEC(struct sim_deployment *) deployments;
	VEC(struct sim_artifact *) artifacts; /* oldest first */
	struct sim_variables variables;       /* of Actions */
	struct sim_runs runs;                 /* ascending by creation and id */
	struct sim_activity activity;
	const struct yaml *attestations; /* proofs.h; NULL: nobody attests anything */
	VEC(const struct yaml *) marks;  /* what is wrong with them in this scenario */
	struct sim_fleet *fleet;         /* machines of a lane: fleet.h; NULL none */
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
	EVENT_OTHER,
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
	bool calm;
	uint64_t seed, random, order;
	int64_t last_id; /* of everything that is numbered */
	int64_t list_delay, latency, rate_limit;
	size_t runs_n, loaded; /* loaded: bytes of the arena when it began */
	VEC(struct sim_repo *) repos;
	VEC(struct sim_image *) images;
	VEC(struct world_fault_rule) faults;
	struct sim_canary *canary;      /* NULL none: canary.h */
	struct sim_kube *kube;          /* NULL none: kube.h */
	struct sim_seen seen[SEEN_MAX]; /* a hash table with open addressing */
	size_t seen_n;
	struct sim_quota quotas[16]; /* by user */
	struct sim_event *heap;
	size_t heap_n, heap_cap;
	uint64_t requests;
	struct authority *authority; /* made when it is asked for: proofs.h */
	struct foundry *foundry;     /* the same: fleet.h */
	int leaks;                   /* requests to the storage of bundles that brought a token along */
};
