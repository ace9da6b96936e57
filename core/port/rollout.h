/*
 * rollout.h - port: a controller in a cluster that moves traffic by itself, and what it may be told. adapters/kube speaks
 * the Kubernetes API to Argo Rollouts and to Flagger (and the gates of Flagger's load tester); tests and drills have a
 * simulated API server.
 *
 * What a controller says is read, never inferred from what was sent: an act is done when a later read shows it. A read may
 * be repeated freely. done() and acted() are called exactly once, from the loop, never from inside the call, and what they
 * are given is borrowed for its duration.
 *
 * An act is one request or two, in order, each sent once on a fresh connection. A 4xx refuses it; a 5xx, a timeout and a
 * reset leave it unknown (ERR_UNKNOWN). What the kind has no means for is ERR_INVALID with the reason in words.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"
#include "core/model/rollout.h"

typedef void (*rollout_done)(void *ctx, const struct rollout_answer *answer, const struct err *err);

struct rollout_act {
	enum rollout_act_kind kind;
	struct rollout_name name;
	struct rollout_answer now; /* that the act was planned on; strings of the caller */
	int step;                  /* which of its requests */
};
/* status: of the answer, 0 none. err NULL: the request was taken; what becomes of it a read shows. */
typedef void (*rollout_acted)(void *ctx, int status, const struct err *err);

struct rollout;
struct rollout_ops {
	int (*read)(struct rollout *r, const struct rollout_name *n, rollout_done done, void *ctx,
		    struct err *e);
	int (*act)(struct rollout *r, const struct rollout_act *a, rollout_acted done, void *ctx,
		   struct err *e);
	/* How many requests the act is, 1 or 2; -ERR_INVALID: there is no means for it, and e says why. No I/O. */
	int (*requests)(struct rollout *r, const struct rollout_act *a, struct err *e);
	/* "PATCH /apis/.../rollouts/NAME/status" and the exact body. No I/O. */
	int (*describe)(struct rollout *r, const struct rollout_act *a, struct buf *request, struct buf *body,
			struct err *e);
	/* What is under way is told ERR_CANCELLED (reads) or ERR_UNKNOWN (acts) before it returns. */
	void (*free)(struct rollout *r);
};
struct rollout {
	const struct rollout_ops *ops;
};

static inline int rollout_read(struct rollout *r, const struct rollout_name *n, rollout_done done, void *ctx,
			       struct err *e)
{
	return r->ops->read(r, n, done, ctx, e);
}
static inline int rollout_act(struct rollout *r, const struct rollout_act *a, rollout_acted done, void *ctx,
			      struct err *e)
{
	return r->ops->act(r, a, done, ctx, e);
}
static inline int rollout_requests(struct rollout *r, const struct rollout_act *a, struct err *e)
{
	return r->ops->requests(r, a, e);
}
static inline int rollout_describe(struct rollout *r, const struct rollout_act *a, struct buf *request,
				   struct buf *body, struct err *e)
{
	return r->ops->describe(r, a, request, body, e);
}
static inline void rollout_free(struct rollout *r)
{
	if (r)
		r->ops->free(r);
}
