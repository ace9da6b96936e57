#include "core/adapters/kube/kube.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/text.h"
#include "core/adapters/kube/internal.h"

enum {
	TOKEN_MS = 60000, /* how long a token is used before its file is read again: as client-go does */
	GATE_MAX = 1 << 16,
};

struct kube {
	struct rollout rollout;
	struct http *api, *gate;
	const struct clock *clock;
	char *prefix;                     /* of the cluster's paths, behind api's own */
	char *token_file, *authorization; /* "Bearer ..." */
	msec token_at;
	LIST_HEAD(, call) live;
};

enum stage { STAGE_OBJECT, STAGE_GATE, STAGE_ROLLBACK };

struct call {
	LIST_ENTRY(call) link;
	struct kube *k; /* NULL: the adapter is gone, and done() was called */
	struct arena arena;
	void *ctx;
	struct rollout_name name;
	const char *gate;  /* prefix of the gates' paths, once it was found */
	rollout_done done; /* of a read */
	rollout_acted acted;
	struct kube_request request; /* of an act */
	enum stage stage;
	struct rollout_answer answer;
};

/* ---- the token -------------------------------------------------------------------------------------------------------- */

static void forget_token(struct kube *k)
{
	if (k->authorization)
		explicit_bzero(k->authorization, strlen(k->authorization));
	free(k->authorization);
	k->authorization = NULL;
}

static int need_token(struct kube *k, struct err *e)
{
	struct secret s = SECRET_INIT;
	int r;

	if (!k->token_file || (k->authorization && clock_mono(k->clock) - k->token_at < TOKEN_MS))
		return 0;
	r = secret_read_mounted(&s, k->token_file, e);
	forget_token(k);
	if (r >= 0) {
		k->authorization = x_alloc(strlen("Bearer ") + s.n + 1);
		memcpy(k->authorization, "Bearer ", strlen("Bearer "));
		memcpy(k->authorization + strlen("Bearer "), s.bytes, s.n);
		k->token_at = clock_mono(k->clock);
	}
	secret_done(&s);
	return r;
}

/* A proxy may say back what it was sent. */
static void without_token(const struct kube *k, struct err *e)
{
	struct buf clean = BUF_INIT(sizeof(e->message));
	struct secret s = SECRET_INIT;

	if (!k->authorization || secret_set(&s, k->authorization + strlen("Bearer "), NULL) < 0)
		return;
	secret_redact(&clean, e->message, &s);
	snprintf(e->message, sizeof(e->message), "%s", clean.s);
	buf_done(&clean);
	secret_done(&s);
}

/* ---- calls ------------------------------------------------------------------------------------------------------------ */

static struct call *call_new(struct kube *k, const struct rollout_name *n, void *ctx)
{
	struct call *c = x_alloc(sizeof(*c));

	c->k = k;
	c->ctx = ctx;
	c->name = (struct rollout_name){ n->kind, arena_strdup(&c->arena, n->namespace_),
					 arena_strdup(&c->arena, n->name), arena_strdup(&c->arena, n->gate) };
	LIST_INSERT_HEAD(&k->live, c, link);
	return c;
}

static void unlink_call(struct call *c)
{
	LIST_REMOVE(c, link);
	c->k = NULL;
}

static void call_free(struct call *c)
{
	if (c->k)
		unlink_call(c);
	arena_done(&c->arena);
	free(c);
}

static void call_end(struct call *c, int r, int status, const struct err *e)
{
	unlink_call(c);
	if (c->done)
		c->done(c->ctx, r < 0 ? NULL : &c->answer, r < 0 ? e : NULL);
	else
		c->acted(c->ctx, status, r < 0 ? e : NULL);
	call_free(c);
}

/* ---- requests --------------------------------------------------------------------------------------------------------- */

static void on_answer(void *ctx, const struct http_answer *h, const struct err *err);

static int ask_api(struct call *c, const char *method, const char *target, const char *body, struct err *e)
{
	struct http_request rq = { .method = method,
				   .target = arena_printf(&c->arena, "%s%s", c->k->prefix, target),
				   .accept = "application/json",
				   .body = body,
				   .content_type = body ? "application/merge-patch+json" : NULL,
				   .max_body = KUBE_MAX_OBJECT };
	int r = need_token(c->k, e);

	if (r < 0)
		return r;
	rq.authorization = c->k->authorization;
	return http_send(c->k->api, &rq, on_answer, c, e);
}

/* Its checks are questions: they may share a connection, and be asked again. */
static int ask_gate(struct call *c, const char *target, const char *body, struct err *e)
{
	struct http_request rq = { .method = "POST",
				   .question = c->done != NULL,
				   .target = arena_printf(&c->arena, "%s%s", c->gate, target),
				   .accept = "*/*",
				   .body = body,
				   .content_type = "application/json",
				   .max_body = GATE_MAX };

	return http_send(c->k->gate, &rq, on_answer, c, e);
}

/* The rest of an address behind an origin (behind the host, where there is no network), without a last '/'; in a. NULL: it
 * is elsewhere. */
static const char *rest_of(const char *address, const struct http *http, struct arena *a)
{
	const char *host = strstr(address, "://"), *base = http->base, *rest;
	size_t n = base ? strlen(base) : 0;

	if (!host || (base && (strncasecmp(address, base, n) != 0 || (address[n] && address[n] != '/'))))
		return NULL;
	rest = base ? address + n : host + 3 + strcspn(host + 3, "/");
	for (n = strlen(rest); n && rest[n - 1] == '/';)
		n--;
	return arena_strndup(a, rest, n);
}

/* The gate that is named is where we were given the way to: an act meant for one must not open another. */
static int find_gate(const struct kube *k, const struct rollout_name *n, const char **prefix, struct arena *a,
		     struct err *e)
{
	if (!k->gate)
		return err_set(e, ERR_INVALID, "there is no way to the gate %s", n->gate);
	*prefix = rest_of(n->gate, k->gate, a);
	return *prefix ? 0
		       : err_set(e, ERR_INVALID, "the gate %s is elsewhere than %s", n->gate,
				 k->gate->base ? k->gate->base : "any host");
}

/* ---- reads ------------------------------------------------------------------------------------------------------------ */

static const char *gate_body(struct call *c)
{
	return arena_printf(&c->arena, "{\"name\":\"%s\",\"namespace\":\"%s\"}", c->name.name,
			    c->name.namespace_);
}

/* 1: a gate was asked; 0: there is none left. One that cannot be asked is unknown, and the object was still read. */
static int go_on(struct call *c)
{
	static const struct {
		const char *target;
		unsigned hooks;
	} doors[] = {
		[STAGE_OBJECT] = { NULL, 0 },
		[STAGE_GATE] = { "/gate/check",
				 ROLLOUT_ASKS_ROLLOUT | ROLLOUT_ASKS_INCREASE | ROLLOUT_ASKS_PROMOTION },
		[STAGE_ROLLBACK] = { "/rollback/check", ROLLOUT_ASKS_ROLLBACK },
	};
	struct err e = ERR_INIT;

	while (c->stage < STAGE_ROLLBACK) {
		c->stage++;
		if (!c->name.gate || !(c->answer.hooks & doors[c->stage].hooks))
			continue;
		if (find_gate(c->k, &c->name, &c->gate, &c->arena, &e) >= 0 &&
		    ask_gate(c, doors[c->stage].target, gate_body(c), &e) >= 0)
			return 1;
		c->answer.gate_why = arena_strdup(&c->arena, e.message);
	}
	flagger_judge_gates(&c->answer);
	return 0;
}

/* The load tester answers 200 or 403, and nothing else of it is an answer. */
static void take_gate(struct call *c, const struct http_answer *h, const struct err *err)
{
	enum rollout_gate *gate = c->stage == STAGE_GATE ? &c->answer.gate : &c->answer.rollback;

	if (h && h->status == 200)
		*gate = ROLLOUT_GATE_OPEN;
	else if (h && h->status == 403)
		*gate = ROLLOUT_GATE_SHUT;
	else
		c->answer.gate_why = h ? arena_printf(&c->arena, "the load tester answers %d", h->status)
				       : arena_strdup(&c->arena, err->message);
}

static const char *what_of(struct call *c, const char *verb)
{
	return arena_printf(&c->arena, "%s %s %s/%s", verb, kube_dialect(c->name.kind)->kind,
			    c->name.namespace_, c->name.name);
}

/* 1: the call goes on. */
static int take_read(struct call *c, const struct http_answer *h, const struct err *err, struct err *e)
{
	int r;

	if (c->stage != STAGE_OBJECT) {
		take_gate(c, h, err);
		return go_on(c);
	}
	if (err) {
		*e = *err;
		return -(int)err->kind;
	}
	r = h->status == 200 ? kube_decode(&c->answer, h, &c->name, &c->arena, e)
			     : kube_error(h, false, what_of(c, "reading"), c->k->clock, e);
	return r < 0 ? r : go_on(c);
}

/* ---- acts ------------------------------------------------------------------------------------------------------------- */

/* A patch answers the object, a gate 202. Any other success is somebody else's: a proxy's page, another program. */
static bool is_taken(struct call *c, const struct http_answer *h)
{
	struct rollout_answer now;

	if (c->request.gate)
		return h->status == 202;
	return h->status == 200 && kube_decode(&now, h, &c->name, &c->arena, NULL) >= 0;
}

static int take_act(struct call *c, const struct http_answer *h, const struct err *err, struct err *e)
{
	const char *what = what_of(c, c->request.gate ? "moving the gate of" : "patching");

	if (err) {
		*e = *err;
		return -(int)err->kind;
	}
	if (h->status < 200 || h->status > 299)
		return kube_error(h, true, what, c->k->clock, e);
	if (is_taken(c, h))
		return 0;
	return err_set(e, ERR_UNKNOWN, "%s may have happened: the answer (%d) is not what it should be", what,
		       h->status);
}

static void on_answer(void *ctx, const struct http_answer *h, const struct err *err)
{
	struct call *c = ctx;
	struct err e = ERR_INIT;
	int r;

	if (!c->k) { /* the adapter was closed meanwhile, and done() told so */
		call_free(c);
		return;
	}
	r = c->done ? take_read(c, h, err, &e) : take_act(c, h, err, &e);
	if (r > 0)
		return;
	if (r < 0 && h)
		e.status = h->status;
	if (r < 0)
		without_token(c->k, &e);
	if (h && h->status == 401)
		forget_token(c->k);
	call_end(c, r, h ? h->status : 0, &e);
}

/* ---- the port --------------------------------------------------------------------------------------------------------- */

static int read_it(struct rollout *ro, const struct rollout_name *n, rollout_done done, void *ctx,
		   struct err *e)
{
	struct call *c;
	int r = kube_name_check(n, e);

	if (r < 0)
		return r;
	c = call_new((struct kube *)ro, n, ctx);
	c->done = done;
	r = ask_api(c, "GET", kube_path(&c->name, &c->arena), NULL, e);
	if (r < 0)
		call_free(c);
	return r;
}

/* The act's requests, in a; the number of them. */
static int plan(const struct kube *k, const struct rollout_act *act, struct kube_plan *out, struct arena *a,
		struct err *e)
{
	const char *prefix;
	int r = kube_name_check(&act->name, e);

	*out = (struct kube_plan){ 0 };
	if (r >= 0)
		r = kube_dialect(act->name.kind)->plan(out, act, a, e);
	for (int i = 0; r >= 0 && i < out->n; i++)
		if (out->requests[i].gate)
			r = find_gate(k, &act->name, &prefix, a, e);
	return r < 0 ? r : out->n;
}

static int requests(struct rollout *ro, const struct rollout_act *act, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct kube_plan p;
	int r = plan((struct kube *)ro, act, &p, &a, e);

	arena_done(&a);
	return r;
}

static int one_of(const struct kube *k, const struct rollout_act *act, struct kube_request *out,
		  struct arena *a, struct err *e)
{
	struct kube_plan p;
	int r = plan(k, act, &p, a, e);

	if (r >= 0 && (act->step < 0 || act->step >= p.n))
		r = err_set(e, ERR_BUG, "the act has %d requests, and %d is none of them", p.n, act->step);
	if (r >= 0)
		*out = p.requests[act->step];
	return r < 0 ? r : 0;
}

static int describe(struct rollout *ro, const struct rollout_act *act, struct buf *request, struct buf *body,
		    struct err *e)
{
	struct arena a = ARENA_INIT;
	struct kube_request rq;
	int r = one_of((struct kube *)ro, act, &rq, &a, e);

	if (r >= 0) {
		const char *gate = rq.gate ? act->name.gate : "";
		size_t n = strlen(gate);

		while (n && gate[n - 1] == '/')
			n--;
		buf_fmt(request, "%s %.*s%s", rq.gate ? "POST" : "PATCH", (int)n, gate, rq.target);
		buf_str(body, rq.body);
	}
	arena_done(&a);
	return r;
}

static int act_it(struct rollout *ro, const struct rollout_act *act, rollout_acted done, void *ctx,
		  struct err *e)
{
	struct kube *k = (struct kube *)ro;
	struct call *c;
	int r = kube_name_check(&act->name, e);

	if (r < 0)
		return r;
	c = call_new(k, &act->name, ctx);
	c->acted = done;
	r = one_of(k, act, &c->request, &c->arena, e);
	if (r >= 0 && c->request.gate)
		r = find_gate(k, &c->name, &c->gate, &c->arena, e);
	if (r >= 0)
		r = c->request.gate ? ask_gate(c, c->request.target, c->request.body, e)
				    : ask_api(c, "PATCH", c->request.target, c->request.body, e);
	if (r < 0)
		call_free(c);
	return r;
}

/* Calls under way are told now; what the http port says about them later finds nobody. */
static void free_it(struct rollout *ro)
{
	struct kube *k = (struct kube *)ro;

	while (!LIST_EMPTY(&k->live)) {
		struct call *c = LIST_FIRST(&k->live);
		struct err e = ERR_INIT;
		int r maybe_unused;

		unlink_call(c);
		if (c->acted)
			r = err_set(&e, ERR_UNKNOWN,
				    "we stopped before the answer arrived; the cluster may have acted");
		else
			r = err_set(&e, ERR_CANCELLED, "given up before an answer came");
		if (c->done)
			c->done(c->ctx, NULL, &e);
		else
			c->acted(c->ctx, 0, &e);
	}
	forget_token(k);
	free(k->prefix);
	free(k->token_file);
	free(k);
}

static const struct rollout_ops ops = {
	.read = read_it,
	.act = act_it,
	.requests = requests,
	.describe = describe,
	.free = free_it,
};

int kube_open(struct rollout **out, const struct kube_options *o, struct err *e)
{
	struct arena a = ARENA_INIT;
	const char *prefix = o->base ? rest_of(o->base, o->api, &a) : "";
	struct kube *k;

	if (!prefix) {
		arena_done(&a);
		return err_set(e, ERR_INVALID, "the cluster's address %s is not of %s", o->base,
			       o->api->base ? o->api->base : "any host");
	}
	k = x_alloc(sizeof(*k));
	k->rollout.ops = &ops;
	k->api = o->api;
	k->gate = o->gate;
	k->clock = o->clock;
	k->prefix = x_strdup(prefix);
	k->token_file = o->token_file ? x_strdup(o->token_file) : NULL;
	arena_done(&a);
	*out = &k->rollout;
	return 0;
}
