/*
 * moves.h - what the files of the simulated forge ask of each other. Private to this folder.
 *
 * world.c clock, events, numbers · org.c, ground.c and workflow.c read the organisations · history.c and past.c the
 * past · runs.c the life of runs · steps.c and effects.c what a step does · trigger.c what begins by itself · tree.c
 * commits and files · pulls.c, releases.c, registry.c · gates.c people's approvals · expand.c templates and conditions ·
 * canary.h rollouts by rungs and what was measured of them · proofs.h what is attested · routes.c, get_*.c and posts.c the
 * REST face · v2*.c and probe.c what is no forge · render.c JSON. No function here fails: the world is ours, and hostile
 * requests are answered, not obeyed.
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
/* ground.c: files, branches with their commits, pull requests and images of an organisation, or of a scenario. */
int sim_ground_load(struct world *w, struct sim_repo *r, const struct yaml *map, struct err *e) must_check;
int sim_ground_add(struct world *w, struct sim_repo *r, const struct yaml *map, struct err *e) must_check;
int sim_ground_commit(struct world *w, struct sim_repo *r, const struct yaml *it, const struct sim_user *by,
		      int64_t at, struct err *e) must_check;
int sim_ground_running(struct world *w, struct sim_repo *r, const struct yaml *list,
		       struct err *e) must_check;
int sim_history_load(struct world *w, struct sim_repo *r, const struct yaml *list, struct err *e) must_check;
void sim_history_many(struct world *w, struct sim_repo *r, int n);
void sim_history_settle(struct world *w, struct sim_repo *r); /* puts the past in order and numbers it */
struct sim_workflow *sim_workflow_find(const struct sim_repo *r, const char *file_or_id); /* NULL none */
/* The workflow as it stands among these files; NULL: it is not there, or broken. */
const struct sim_workflow *sim_workflow_at(struct world *w, struct sim_workflow *wf,
					   const struct sim_file *files);
int sim_scenario_load(struct world *w, const char *name, struct err *e) must_check;
int sim_scenario_apply(struct world *w,
		       struct err *e) must_check; /* its repositories, and what is special in them */
void sim_scenario_finish(struct world *w);        /* what changes when the past is in order */
/* `runs` of history for each of `lanes` lanes: those that are there, then copies of the first repository. */
int sim_size_apply(struct world *w, int lanes, int runs, struct err *e) must_check;
/* "90s", "4m", "3h", "12d": milliseconds. */
int sim_span(int64_t *ms, const struct yaml *at, struct err *e) must_check;
int sim_span_of(int64_t *ms, const struct yaml *map, const char *key, int64_t fallback,
		struct err *e) must_check;

/* ---- expand.c ---- */
struct sim_context {
	const struct world *w;
	const struct sim_run *run;
	const struct sim_pairs *with;
	const struct sim_job_spec *job; /* or NULL */
};
const char *sim_expand(struct arena *a, const char *template, const struct sim_context *c);
bool sim_holds(const char *expression, const struct sim_context *c);
const char *sim_pair(const struct sim_pairs *p, const char *name); /* NULL when absent */

/* ---- runs.c ---- */
struct sim_start {
	struct sim_workflow *workflow;
	const struct sim_workflow *plan; /* NULL: the workflow itself */
	const struct sim_pull *pull;
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
void sim_job_release(struct world *w, struct sim_run *run, int index);
struct sim_attempt *sim_attempt_add(struct world *w, struct sim_run *run, const struct sim_user *by);
bool sim_job_goes(const struct world *w, const struct sim_run *run, const struct sim_attempt *att,
		  const struct sim_job *job);

/* ---- past.c ---- */
void sim_past_make(struct world *w, struct sim_run *run);
void sim_run_play(struct world *w, struct sim_run *run); /* leaves behind what its file says */

/* ---- activity.c: what others do ---- */
void sim_activity_push(struct world *w, const struct sim_event *ev);
void sim_activity_other(struct world *w, const struct sim_event *ev); /* what a scenario's `others` do */
void sim_activity_after(struct world *w, struct sim_run *run);        /* a run has ended */

/* ---- groups.c: concurrency ---- */
bool sim_group_enter(struct world *w, const struct sim_member *m); /* false: it waits, or stands back */
void sim_group_leave(struct world *w, const struct sim_member *m);
const struct sim_group *sim_group_find(const struct sim_repo *r, const char *name);

/* ---- steps.c: NULL when it went well, else why not ---- */
int64_t sim_step_span(struct world *w, const struct sim_run *run, const struct sim_job *job, int step);
struct sim_doing {
	struct sim_run *run;
	const struct sim_job *job;
	bool past; /* a run of the past: it leaves things behind and starts nothing */
	int64_t *
		again; /* set to more than 0: not over, look again in so many milliseconds; NULL in the past */
};
const char *sim_step_do(struct world *w, const struct sim_doing *d, int step);

/* ---- effects.c, registry.c: commands of steps, as sim_step_do() ---- */
const char *sim_word(struct arena *a, const char **at);
const char *sim_do_artifact(struct world *w, const struct sim_doing *d, const char *arg);
const char *sim_do_need(struct world *w, const struct sim_doing *d, const char *arg);
const char *sim_do_fresh(struct world *w, const struct sim_doing *d, const char *arg);
const char *sim_do_deployment(struct world *w, const struct sim_doing *d, const char *arg);
const char *sim_do_pin(struct world *w, const struct sim_doing *d, const char *arg);
const char *sim_do_output(struct world *w, const struct sim_doing *d, const char *arg);
const char *sim_do_runs(struct world *w, const struct sim_doing *d, const char *arg);
const char *sim_do_pull(struct world *w, const struct sim_doing *d, const char *arg);
const char *sim_do_publish(struct world *w, const struct sim_doing *d, const char *arg);
const char *sim_do_push(struct world *w, const struct sim_doing *d, const char *arg);
const char *sim_do_tag(struct world *w, const struct sim_doing *d, const char *arg);
void sim_output(struct world *w, struct sim_run *run, const struct sim_job_spec *job, const char *name,
		const char *value);
struct sim_artifact *sim_artifact_find(const struct sim_repo *r, const char *name);
const char *sim_pin_read(struct arena *a, const char *text, const char *platform); /* "" none */
const char *sim_pin_write(struct arena *a, const char *text, const char *platform,
			  const char *digest); /* NULL none */
void sim_artifact_replace(struct world *w, struct sim_run *run, const char *name, const char *entry,
			  const char *text);
struct sim_deployment *sim_deployment_add(struct world *w, struct sim_run *run, const char *environment);

/* ---- canary.c ---- */
const char *sim_do_rung(struct world *w, const struct sim_doing *d, const char *arg);
const char *sim_do_window(struct world *w, const struct sim_doing *d, const char *arg);

/* ---- registry.c ---- */
struct sim_image *sim_image_find(struct world *w, const char *name); /* made when there is none */
const char *sim_image_push(struct world *w, struct sim_image *im, const char *key); /* its digest */
const char *sim_image_child(struct world *w, struct sim_image *im, const char *key, const char *platform);
bool sim_image_tag(struct world *w, struct sim_image *im, const char *tag, const char *digest);
const struct sim_manifest *sim_image_manifest(const struct sim_image *im, const char *ref); /* NULL none */
const struct sim_manifest *sim_image_add(struct world *w, struct sim_image *im, const char *type,
					 const char *bytes);

/* ---- tree.c: -1 is no commit; list answers newest first, in a ---- */
const struct sim_file *sim_file_find(const struct sim_file *files, const char *path); /* NULL none */
const struct sim_file *sim_file_add(struct world *w, const struct sim_file *files, const char *path,
				    const char *content);
void sim_files_list(const struct sim_file *files, struct sim_files *out, struct arena *a); /* by path */
const struct sim_file *sim_files_at(const struct sim_repo *r, long commit);
bool sim_files_differ(const struct sim_file *before, const struct sim_file *after, const struct yaml *paths,
		      const struct yaml *ignored);
/* ---- objects.c: by their content ---- */
const struct sim_object *sim_object_find(const struct sim_repo *r, const char *type, const char *sha);
const struct sim_object *sim_tree_of(struct world *w, struct sim_repo *r, long commit);

/* ---- tree.c ---- */
struct sim_ref *sim_branch_find(const struct sim_repo *r, const char *branch);
long sim_branch_tip(const struct sim_repo *r, const char *branch);
long sim_commit_add(struct world *w, struct sim_repo *r, const struct sim_change *ch);
bool sim_commit_reaches(const struct sim_repo *r, long top, long below, struct arena *a);
size_t sim_commits_list(const struct sim_repo *r, long top, long without, long **out, struct arena *a);
long sim_merge_base(const struct sim_repo *r, long one, long other, struct arena *a);
bool sim_merge(struct world *w, const struct sim_repo *r, long base, long head, const struct sim_file **out);

/* ---- trigger.c, pulls.c ---- */
struct sim_push {
	struct sim_repo *repo;
	const char *branch;
	long before, after;
	const struct sim_user *by;
};
void sim_pushed(struct world *w, const struct sim_push *p);
void sim_pull_event(struct world *w, struct sim_repo *r, struct sim_pull *pull, const char *type,
		    const struct sim_user *by);
struct sim_pull *sim_pull_find(const struct sim_repo *r, int64_t number);
struct sim_pull *sim_pull_between(const struct sim_repo *r, const char *head, const char *base); /* open */
/* Copies what is given; NULL: the world is full. Workflows see it. */
struct sim_pull *sim_pull_open(struct world *w, struct sim_repo *r, const struct sim_pull *given);
const char *sim_pull_head(const struct sim_repo *r, const struct sim_pull *pull); /* its sha */
void sim_pull_label(struct world *w, struct sim_repo *r, struct sim_pull *pull, const char *label,
		    const struct sim_user *by);
bool sim_pull_unlabel(struct sim_pull *pull, const char *label);
/* The commit it became, -1: it cannot be merged. */
long sim_pull_merge(struct world *w, struct sim_repo *r, struct sim_pull *pull, const char *method,
		    const char *title, const struct sim_user *by);

/* ---- gates.c ---- */
const struct sim_environment *sim_environment_find(const struct sim_repo *r, const char *name);
void sim_gate_open(struct world *w, struct sim_run *run, int job); /* the job waits from now */
bool sim_gate_may(const struct sim_run *run, const struct sim_environment *env, const struct sim_user *u);
void sim_gate_answer(struct world *w, struct sim_run *run, int job, bool yes, const struct sim_user *by,
		     const char *comment);
bool sim_gate_waits(const struct world *w, const struct sim_job *job);
void sim_deployment_note(struct world *w, struct sim_run *run, const struct sim_job *job, const char *state);
void sim_deployment_state(struct world *w, struct sim_deployment *d, const char *state);
void sim_deployment_say(struct world *w, struct sim_deployment *d, const char *state,
			const char *description);

/* ---- variables.c ---- */
const char *sim_variable(const struct sim_repo *r, const char *name); /* its value; NULL: there is none */

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
