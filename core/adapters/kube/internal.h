/*
 * internal.h - files of this folder: kube.c the port and its calls · argo.c and flagger.c what the two kinds of object say
 * and which requests an act on them is · answer.c what both have in common, and errors.
 */
#pragma once

#include "base/arena.h"
#include "base/json.h"
#include "core/adapters/kube/kube.h"

enum {
	KUBE_MAX_OBJECT = 2 << 20, /* a cluster's store takes 1.5 MiB */
	KUBE_MAX_STEPS = 100,
	KUBE_MAX_TEXT = 1000, /* of a message */
	KUBE_ALL = 10000,     /* all of the traffic, in hundredths of a percent */
	KUBE_REQUESTS = 2,
};

struct kube_request {
	bool gate; /* to the load tester; else to the API */
	const char *target, *body;
};
struct kube_plan {
	struct kube_request requests[KUBE_REQUESTS];
	int n;
};

/* How one kind is read and told. */
struct kube_dialect {
	const char *kind, *version; /* "Rollout", "argoproj.io/v1alpha1" */
	const char *plural;
	/* Fills what this kind alone says. ERR_CORRUPT: a member is of another type, or too long. */
	int (*decode)(struct rollout_answer *out, const struct json *j, struct arena *a, struct err *e);
	/* Fills the plan; -ERR_INVALID: there is no means, and e says why. */
	int (*plan)(struct kube_plan *out, const struct rollout_act *act, struct arena *a, struct err *e);
};
extern const struct kube_dialect kube_argo, kube_flagger;
/* flagger.c: what the gates add to what the object said. */
void flagger_judge_gates(struct rollout_answer *out);

/* ---- answer.c ---- */
const struct kube_dialect *kube_dialect(enum rollout_kind kind); /* NULL none */
int kube_name_check(const struct rollout_name *n, struct err *e) must_check;
/* "/apis/argoproj.io/v1alpha1/namespaces/NS/rollouts/NAME" */
const char *kube_path(const struct rollout_name *n, struct arena *a);
/* A whole answer of a GET; everything in a. */
int kube_decode(struct rollout_answer *out, const struct http_answer *h, const struct rollout_name *n,
		struct arena *a, struct err *e) must_check;
/* The error of a status that is no success. `act`: something may have happened. */
int kube_error(const struct http_answer *h, bool act, const char *what, const struct clock *clock,
	       struct err *e) must_check;
/* A member that is there is of its type, or the answer is damaged: a misread "abort" must not pass for false. */
struct kube_type {
	const char *path;
	enum json_type type;
};
int kube_types(const struct json *j, const struct kube_type *types, size_t n, struct err *e) must_check;
const char *kube_text(const struct json *j, const char *path, struct arena *a); /* bounded; "" absent */
struct when kube_when(const struct json *j, const char *path);
/* A share of `all` as hundredths of a percent; -1: there is no such number. */
int64_t kube_share(const struct json *j, const char *path, int64_t all);
