/*
 * kube.h - the cluster of the simulated world, below /kube: an API server with Rollouts of Argo and Canaries of Flagger,
 * their controllers, and Flagger's load tester (below /kube/loadtester). Private to this folder.
 *
 * kube.c is the API server and what both kinds have in common, kube_argo.c and kube_flagger.c the controllers. They look
 * when the world's clock says so, a second after something was declared as the real ones do about it, and never otherwise:
 * what was patched and was not looked at yet is there to be read. Nothing of it moves the world's own traffic.
 */
#pragma once

#include "core/adapters/sim/face.h"

enum { KUBE_STEPS = 32, KUBE_LOOK_MS = 1000, KUBE_SCALE_MS = 2000 };

enum sim_hooks { ASKS_ROLLOUT = 1, ASKS_INCREASE = 2, ASKS_PROMOTION = 4, ASKS_ROLLBACK = 8 };

struct sim_rollout_step {     /* exactly one of them */
	int64_t weight;       /* -1 none */
	int64_t pause_ms;     /* 0 none, -1 until somebody promotes */
	const char *analysis; /* what becomes of it, NULL none */
	int64_t takes_ms;     /* the analysis */
};
struct sim_rollout {
	bool flagger;
	const char *namespace, *name;
	int64_t generation, observed, version;
	int64_t begins; /* when the new revision is declared */
	int64_t due;    /* when the controller looks next; 0: when something is declared */
	bool begun;
	const char *phase, *message;
	int64_t changed; /* since when it is in that phase */

	/* argo */
	struct sim_rollout_step steps[KUBE_STEPS];
	int steps_n, step, entered; /* entered: the step that the controller is at, -1 none */
	int64_t since;              /* when it came there */
	bool routed, spec_paused, abort, promote_full, controller_pause;
	const char *pause, *analysis, *stable, *current; /* pause NULL none */
	int64_t pause_since, aborted_at, weight;

	/* flagger */
	int64_t interval, step_weight, max_weight, threshold, breach_from; /* breach_from: 0 never */
	int64_t told_weight, failed;
	unsigned hooks;
	bool gate_open, rollback_open, suspend;
};
struct sim_kube {
	VEC(struct sim_rollout) rollouts;
};

/* `kube:` of a scenario. */
int sim_kube_load(struct world *w, const struct yaml *list, struct err *e) must_check;
void sim_argo_look(struct sim_rollout *ro, int64_t now);
void sim_argo_put(struct call *c, const struct sim_rollout *ro);
/* Members of the patch that the controller knows; `status`: of the subresource. */
void sim_argo_patch(struct sim_rollout *ro, const struct json *patch, bool status);
void sim_flagger_look(struct sim_rollout *ro, int64_t now);
void sim_flagger_put(struct call *c, const struct sim_rollout *ro);
void sim_flagger_patch(struct sim_rollout *ro, const struct json *patch, bool status);
/* Says so in the object: another version of it. */
void sim_rollout_phase(struct sim_rollout *ro, const char *phase, const char *message, int64_t at);
