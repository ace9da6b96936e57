/*
 * moves.h - what the files of the simulated forge ask of each other. Private to this folder.
 *
 * world.c clock, events, numbers · org.c and workflow.c read the organisations · history.c the past · runs.c the life
 * of runs · steps.c what a step does · gates.c people's approvals · expand.c templates · routes.c and get_*.c,
 * post_*.c the REST face · render.c JSON. No function here fails: the world is ours, and hostile requests are
 * answered, not obeyed.
 */
#pragma once

#include "core/adapters/sim/world.h"

/* ---- world.c ---- */
uint64_t sim_random(struct world *w);
int64_t sim_id(struct world *w);                /* ascending, above 2^31 */
int64_t sim_about(struct world *w, int64_t ms); /* the duration, give or take a tenth */
void sim_event_add(struct world *w, const struct sim_event *ev);
const char *sim_sha(struct world *w, const char *what, int64_t n); /* 40 hex digits */
struct sim_repo *sim_repo_find(const struct world *w, const char *full);
const struct sim_user *sim_user_find(const char *login); /* never NULL: the first when there is none */

/* ---- org.c, workflow.c, history.c, scenario.c ---- */
int sim_org_load(struct world *w, const char *name, const char *full, struct sim_repo **out,
		 struct err *e) must_check;
void sim_environments_change(struct world *w, struct sim_repo *r, const struct yaml *list);
int sim_workflow_load(struct world *w, struct sim_workflow *wf, struct err *e) must_check;
int sim_history_load(struct world *w, struct sim_repo *r, const struct yaml *list, struct err *e) must_check;
void sim_history_many(struct world *w, struct sim_repo *r, int n);
void sim_history_settle(struct world *w, struct sim_repo *r); /* puts the past in order and numbers it */
struct sim_workflow *sim_workflow_find(const struct sim_repo *r, const char *file_or_id); /* NULL none */
int sim_scenario_load(struct world *w, const char *name, struct err *e) must_check;
int sim_scenario_apply(struct world *w,
		       struct err *e) must_check; /* its repositories, and what is special in them */
/* `runs` of history for each of `lanes` lanes: those that are there, then copies of the first repository. */
int sim_size_apply(struct world *w, int lanes, int runs, struct err *e) must_check;
/* "90s", "4m", "3h", "12d": milliseconds. */
int sim_span(int64_t *ms, const struct yaml *at, struct err *e) must_check;
int sim_span_of(int64_t *ms, const struct yaml *map, const char *key, int64_t fallback,
		struct err *e) must_check;

/* ---- expand.c ---- */
struct sim_context {
	const struct sim_run *run;
	const struct sim_pairs *with;
};
const char *sim_expand(struct arena *a, const char *template, const struct sim_context *c);
const char *sim_pair(const struct sim_pairs *p, const char *name); /* NULL when absent */

/* ---- runs.c ---- */
struct sim_start {
	struct sim_workflow *workflow;
	const char *event, *ref, *sha, *title; /* title NULL: run-name */
	bool tag;
	const struct sim_user *actor;
	const struct sim_pairs *inputs; /* copied */
};
struct sim_run *sim_run_add(struct world *w, const struct sim_start *s);   /* NULL: the world is full */
struct sim_run *sim_run_start(struct world *w, const struct sim_start *s); /* the same, and it will go */
void sim_run_happen(struct world *w, const struct sim_event *ev);
bool sim_run_cancel(struct world *w, struct sim_run *run, bool force); /* false: it is over */
void sim_run_again(struct world *w, struct sim_run *run, bool failed_only, const struct sim_user *by);
struct sim_attempt *sim_run_attempt(struct world *w, struct sim_run *run,
				    int number); /* 0 the last; NULL none */
struct sim_attempt *sim_run_last(struct sim_run *run);
struct sim_run *sim_run_find(struct sim_repo *r, int64_t id);
int64_t sim_job_id(const struct sim_run *run, int attempt, int index);
void sim_job_approved(struct world *w, struct sim_run *run, int index);
void sim_job_end(struct world *w, struct sim_run *run, int index, enum sim_conclusion c);
bool sim_run_active(struct sim_repo *r, const char *file);

void sim_run_release(struct world *w, struct sim_run *run); /* its group is free now */

/* ---- activity.c: what others do ---- */
void sim_activity_push(struct world *w, const struct sim_event *ev);
void sim_activity_other(struct world *w, const struct sim_event *ev); /* what a scenario's `others` do */
void sim_activity_after(struct world *w, struct sim_run *run);        /* a run has ended */

/* ---- groups.c: concurrency ---- */
bool sim_group_enter(struct world *w, struct sim_run *run); /* false: it waits, or stands back */
void sim_group_leave(struct world *w, struct sim_run *run);
const struct sim_group *sim_group_find(const struct sim_repo *r, const char *name);

/* ---- steps.c: NULL when it went well, else why not ---- */
int64_t sim_step_span(struct world *w, const struct sim_run *run, const struct sim_job *job, int step);
const char *sim_step_do(struct world *w, struct sim_run *run, struct sim_job *job, int step);

/* ---- gates.c ---- */
const struct sim_environment *sim_environment_find(const struct sim_repo *r, const char *name);
void sim_gate_open(struct world *w, struct sim_run *run, int job); /* the job waits from now */
bool sim_gate_may(const struct sim_run *run, const struct sim_environment *env, const struct sim_user *u);
void sim_gate_answer(struct world *w, struct sim_run *run, int job, bool yes, const struct sim_user *by,
		     const char *comment);
bool sim_gate_waits(const struct world *w, const struct sim_job *job);
void sim_deployment_note(struct world *w, struct sim_run *run, const struct sim_job *job, const char *state);

/* ---- releases.c ---- */
struct sim_release *sim_release_find(const struct sim_repo *r, const char *tag);
const struct sim_asset *sim_asset_find(const struct sim_release *rel, const char *name);
const struct sim_release *sim_release_latest(const struct sim_repo *r);
/* A tag, branch, tags/x, heads/x, refs/..., or sha (7 digits or more) to a commit; NULL none. */
const char *sim_ref_sha(const struct sim_repo *r, const char *ref, bool *tag);
long sim_commit_index(const struct sim_repo *r, const char *sha); /* -1 none */

/* ---- fault.c ---- */
void sim_seen_add(struct world *w, const char *key);
struct world_fault_rule *sim_fault_find(struct world *w, const char *key);
