#include "core/adapters/github/internal.h"

#include <string.h>

#include "base/text.h"

enum {
	MAX_BODY = 65536 + 4096, /* the forge takes 65,535 characters of inputs */
	MAX_INPUTS = 25,         /* github.md 1.1 */
	MAX_PATH = 4096,
};

/* ---- bodies ----------------------------------------------------------------------------------------------------------- */

static int put_inputs(struct jw *w, const char *inputs, struct err *e)
{
	autofree(json) struct json *j = NULL;
	const char *key;
	size_t n = inputs ? strlen(inputs) : 2;
	int r;

	if (n > MAX_BODY)
		return err_set(e, ERR_INVALID, "the inputs take %zu bytes, the forge accepts 65535", n);
	r = json_parse(&j, inputs ? inputs : "{}", n, MAX_BODY, e);
	if (r < 0)
		return r;
	if (json_type(j) != JSON_OBJECT || json_size(j) > MAX_INPUTS)
		return err_set(e, ERR_INVALID, "the inputs are no object of at most %d strings",
			       (int)MAX_INPUTS);
	jw_key(w, "inputs");
	jw_open(w, '{');
	for (size_t i = 0; i < json_size(j); i++) {
		const struct json *value = json_member(j, i, &key);

		if (json_type(value) != JSON_STRING)
			return err_set(e, ERR_INVALID, "the input %s is no string", key);
		jw_key(w, key);
		jw_raw_str(w, json_str(value, ""));
	}
	jw_close(w, '}');
	return 0;
}

static int dispatch_body(struct jw *w, const struct forge_act *a, bool plain, struct err *e)
{
	int r;

	if (!a->ref || !*a->ref || !text_is_safe(a->ref))
		return err_set(e, ERR_INVALID, "a dispatch needs a plain branch or tag");
	jw_open(w, '{');
	jw_key(w, "ref");
	jw_raw_str(w, a->ref);
	r = put_inputs(w, a->inputs, e);
	if (r < 0)
		return r;
	if (!plain)
		jw_kbool(w, "return_run_details", true);
	jw_close(w, '}');
	return 0;
}

static int review_body(struct jw *w, const struct forge_act *a, bool plain maybe_unused, struct err *e)
{
	if (!a->environment_ids_n)
		return err_set(e, ERR_INVALID, "a review names no environment");
	jw_open(w, '{');
	jw_key(w, "environment_ids");
	jw_open(w, '[');
	for (size_t i = 0; i < a->environment_ids_n; i++) {
		if (a->environment_ids[i] <= 0)
			return err_set(e, ERR_INVALID, "a review names an environment without id");
		jw_int(w, a->environment_ids[i]);
	}
	jw_close(w, ']');
	jw_key(w, "state");
	jw_raw_str(w, a->approve ? "approved" : "rejected");
	jw_key(w, "comment");
	jw_raw_str(w, a->comment ? a->comment : "");
	jw_close(w, '}');
	return 0;
}

/* ---- the table -------------------------------------------------------------------------------------------------------- */

static const struct act_row {
	enum forge_act_kind kind;
	bool variant; /* force, failed_only */
	const char *path;
	int (*body)(struct jw *w, const struct forge_act *a, bool plain, struct err *e); /* NULL: none */
} rows[] = {
	{ FORGE_DISPATCH, false, "/repos/{repo}/actions/workflows/{workflow}/dispatches", dispatch_body },
	{ FORGE_REVIEW, false, "/repos/{repo}/actions/runs/{id}/pending_deployments", review_body },
	{ FORGE_CANCEL, false, "/repos/{repo}/actions/runs/{id}/cancel", NULL },
	{ FORGE_CANCEL, true, "/repos/{repo}/actions/runs/{id}/force-cancel", NULL },
	{ FORGE_RERUN, false, "/repos/{repo}/actions/runs/{id}/rerun", NULL },
	{ FORGE_RERUN, true, "/repos/{repo}/actions/runs/{id}/rerun-failed-jobs", NULL },
};

static const struct act_row *row_of(const struct forge_act *a)
{
	bool variant = (a->kind == FORGE_CANCEL && a->force) || (a->kind == FORGE_RERUN && a->failed_only);

	for (size_t i = 0; i < countof(rows); i++)
		if (rows[i].kind == a->kind && rows[i].variant == variant)
			return &rows[i];
	return NULL;
}

static int put_path(struct buf *out, const struct act_row *row, const struct forge_act *a, struct err *e)
{
	struct slots s = { .repo = a->repo, .workflow = a->workflow, .id = a->run };

	if (!row || !path_fits(row->path, &s))
		return err_set(e, ERR_INVALID, "an act on the forge lacks what it acts on");
	return path_expand(out, row->path, &s, e);
}

static int put_body(struct buf *out, const struct act_row *row, const struct forge_act *a, bool plain,
		    struct err *e)
{
	struct jw w;
	int r;

	if (!row->body)
		return 0;
	jw_init(&w, out);
	r = row->body(&w, a, plain, e);
	if (r >= 0 && out->over)
		return err_set(e, ERR_INVALID, "the request is too large");
	return r;
}

int act_describe(struct forge *f maybe_unused, const struct forge_act *a, struct buf *request,
		 struct buf *body, struct err *e)
{
	const struct act_row *row = row_of(a);
	int r;

	buf_str(request, "POST ");
	r = put_path(request, row, a, e);
	return r < 0 ? r : put_body(body, row, a, false, e);
}

/* ---- sending ---------------------------------------------------------------------------------------------------------- */

static void act_end(struct call *c, int r, const struct forge_result *result, const struct err *e)
{
	c->acted(c->ctx, r < 0 ? NULL : result, r < 0 ? e : NULL);
	call_free(c);
}

static void on_acted(void *ctx, const struct http_answer *h, const struct err *err);

static int send_act(struct call *c, struct err *e)
{
	struct http_request rq = { .method = "POST", .target = c->target, .body = c->body };

	return http_send(c->g->http, &rq, on_acted, c, e);
}

/* An enterprise server that does not know return_run_details refuses the whole request with a 4xx that names it:
 * nothing was processed, so the request without it is not a repetition (github.md 0.1). */
static bool refuses_details(const struct call *c, const struct http_answer *h)
{
	return c->retry_body && h->status >= 400 && h->status < 500 && status_is_json(h) &&
	       text_has(h->body, "return_run_details");
}

/* 200 with the run's id, or 204 and nothing (github.md 0.1: never test for exactly one of them). */
static int read_details(struct call *c, const struct http_answer *h, struct forge_result *out, struct err *e)
{
	autofree(json) struct json *j = NULL;
	int r;

	if (!h->body_n)
		return 0;
	r = status_is_json(h) ? json_parse(&j, h->body, h->body_n, 1 << 20, NULL) : -1;
	if (r < 0)
		return err_set(e, ERR_UNKNOWN, "%s may have acted, its answer makes no sense",
			       path_host(c->g, &c->arena));
	if (c->act != FORGE_DISPATCH)
		return 0;
	out->run_id = json_int(j, "workflow_run_id", 0);
	if (out->run_id < 0)
		out->run_id = 0;
	out->run_url = arena_strdup(&c->arena, json_str(j, "html_url"));
	return 0;
}

static bool is_accepted(int status)
{
	return status == 200 || status == 201 || status == 202 || status == 204;
}

static int take_result(struct call *c, const struct http_answer *h, struct forge_result *out, struct err *e)
{
	struct forge_answer facts = { 0 };

	if (!is_accepted(h->status))
		return status_error(c->g, h, true, c->target, e);
	status_facts(h, &facts, &c->arena);
	out->status = h->status;
	out->date = facts.date;
	return read_details(c, h, out, e);
}

static void on_acted(void *ctx, const struct http_answer *h, const struct err *err)
{
	struct call *c = ctx;
	struct forge_result result = { 0 };
	struct err e = ERR_INIT;
	int r;

	if (!c->g) { /* the adapter was closed meanwhile, and acted() told so */
		call_free(c);
		return;
	}
	if (err) {
		act_end(c, -1, NULL, err);
		return;
	}
	if (refuses_details(c, h)) {
		c->body = take(c->retry_body);
		r = send_act(c, &e);
		if (r >= 0)
			return;
	} else {
		r = take_result(c, h, &result, &e);
	}
	act_end(c, r, &result, &e);
}

static int keep_body(const char **out, struct call *c, const struct forge_act *a, bool plain, struct err *e)
{
	struct buf body = BUF_INIT(MAX_BODY);
	int r = put_body(&body, row_of(a), a, plain, e);

	*out = body.n ? arena_strndup(&c->arena, body.s, body.n) : NULL;
	buf_done(&body);
	return r;
}

static int prepare(struct call *c, const struct forge_act *a, struct err *e)
{
	struct buf path = BUF_INIT(MAX_PATH);
	int r = put_path(&path, row_of(a), a, e);

	c->target = arena_strdup(&c->arena, path.s);
	buf_done(&path);
	if (r >= 0)
		r = keep_body(&c->body, c, a, false, e);
	if (r >= 0 && a->kind == FORGE_DISPATCH)
		r = keep_body(&c->retry_body, c, a, true, e);
	return r;
}

int act_start(struct forge *f, const struct forge_act *a, forge_acted done, void *ctx, struct err *e)
{
	struct call *c = call_new((struct github *)f, ctx);
	int r;

	c->acted = done;
	c->act = a->kind;
	r = prepare(c, a, e);
	if (r >= 0)
		r = send_act(c, e);
	if (r < 0)
		call_free(c);
	return r;
}
