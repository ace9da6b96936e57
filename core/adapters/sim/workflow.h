/*
 * workflow.h - what a workflow file says, as far as the simulator plays it. Private to this folder; workflow.c reads it.
 */
#pragma once

#include "base/vec.h"

struct sim_repo;
struct sim_run;

struct sim_pair {
	const char *name, *value;
};
struct sim_pairs VEC_OF(struct sim_pair);

enum sim_verb {
	DO_WORK,
	DO_RELEASE,
	DO_ASSET,
	DO_EXPECT,
	DO_NONCE,
	DO_EPOCH,
	DO_YIELD,
	DO_DISPATCH,
	DO_LIVE,
	DO_SLO,
	DO_FAIL,
	DO_SAY,
	DO_NEED,
	DO_FRESH,
	DO_ARTIFACT,
	DO_DEPLOYMENT,
	DO_PIN,
	DO_PUSH,
	DO_TAG,
	DO_RUNS,
	DO_OUTPUT,
	DO_PULL,
	DO_PUBLISH,
	DO_RUNG,
	DO_WINDOW,
};
struct sim_command {
	enum sim_verb verb;
	const char *arg; /* template, "" none */
};
struct sim_commands VEC_OF(struct sim_command);
struct sim_step_spec {
	const char *name, *run;
	const char *when; /* its `if`, NULL none: otherwise it is passed over */
	struct sim_commands commands;
};
struct sim_step_specs VEC_OF(struct sim_step_spec);
struct sim_job_spec {
	const char *key, *name;
	const char *environment; /* NULL none */
	uint32_t needs;          /* bit per job of the workflow */
	const char *when;        /* its `if`, without the braces; NULL none */
	bool whatever;     /* `if` has a function of its own over what happened: always() and the like */
	const char *group; /* concurrency of this job alone, or NULL */
	bool cancel_in_progress;
	struct sim_pairs with; /* of a reusable workflow */
	struct sim_step_specs steps;
};
struct sim_job_specs VEC_OF(struct sim_job_spec);
struct sim_input {
	const char *name, *type, *fallback, *options; /* options: "|a|b|" or NULL */
	bool required;
};
struct sim_inputs VEC_OF(struct sim_input);
struct yaml;
struct sim_workflow {
	int64_t id;
	const struct yaml *on;
	struct sim_repo *repo;
	const char *file, *path, *name, *text, *run_name, *group;
	bool dispatchable, cancel_in_progress, disabled;
	bool deaf; /* nothing but a person begins it, though it looks as ever: scenario.c */
	struct sim_inputs inputs;
	struct sim_job_specs jobs;
	int runs_n; /* run_number of the newest */
	VEC(struct sim_run *) runs;
	VEC(struct sim_workflow *)
	variants; /* the file as it stands elsewhere; without runs; text only: it is broken */
};
