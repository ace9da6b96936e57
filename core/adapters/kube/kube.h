/*
 * kube.h - the rollout port over the Kubernetes API: Argo Rollouts and Flagger.
 *
 * Two origins and one token: the API server's, and the load tester's (Flagger's gates), which is sent no token ever. Reads
 * are one GET, and for Flagger with a gate two questions more (POST /gate/check and /rollback/check change nothing). The
 * token is read from its file when it is first needed, again after a minute (the kubelet replaces it before it ends) and
 * after a 401.
 *
 * Fields and patches: argoproj/argo-rollouts 9f8d111d and fluxcd/flagger 15bd6ad5 (github reference 6).
 */
#pragma once

#include "base/secret.h"
#include "core/port/http.h"
#include "core/port/rollout.h"

struct kube_options {
	struct http *api; /* borrowed, bare, without a token of its own */
	const char *
		base; /* the cluster as a person named it: of api's origin, maybe with more path. NULL: api's own */
	struct http
		*gate; /* borrowed, as api; NULL: no gate is named. A rollout's gate must be of its origin */
	const struct clock *clock;
	const char *token_file; /* copied; NULL: requests name nobody */
};
/* ERR_INVALID: base is elsewhere than api. */
int kube_open(struct rollout **out, const struct kube_options *o, struct err *e) must_check;
