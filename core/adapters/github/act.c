#include "core/adapters/github/internal.h"

#include <string.h>

#include "base/text.h"

enum {
	MAX_BODY = 2 << 20, /* a file of 1 MiB in base64, and what goes with it */
	MAX_PATH = 4096,
};

/* ---- the table -------------------------------------------------------------------------------------------------------- */

#define REPO  "/repos/{repo}"
#define OF(m) offsetof(struct forge_act, m)

/* `name` is the member that stands for {name} and {+name}; the record's beginning (kind) when there is none. */
static const struct act_row {
	enum forge_act_kind kind;
	bool variant; /* force, failed_only */
	const char *method, *path;
	size_t name;
	body_fn body; /* NULL: none */
} rows[] = {
	{ FORGE_DISPATCH, false, "POST", REPO "/actions/workflows/{workflow}/dispatches", 0, body_dispatch },
	{ FORGE_REVIEW, false, "POST", REPO "/actions/runs/{id}/pending_deployments", 0, body_review },
	{ FORGE_CANCEL, false, "POST", REPO "/actions/runs/{id}/cancel", 0, NULL },
	{ FORGE_CANCEL, true, "POST", REPO "/actions/runs/{id}/force-cancel", 0, NULL },
	{ FORGE_RERUN, false, "POST", REPO "/actions/runs/{id}/rerun", 0, NULL },
	{ FORGE_RERUN, true, "POST", REPO "/actions/runs/{id}/rerun-failed-jobs", 0, NULL },
	{ FORGE_REF_CREATE, false, "POST", REPO "/git/refs", 0, body_ref },
	{ FORGE_REF_DELETE, false, "DELETE", REPO "/git/refs/{+name}", OF(ref), body_no_ref },
	{ FORGE_FILE_PUT, false, "PUT", REPO "/contents/{+name}", OF(path), body_file },
	{ FORGE_PULL_OPEN, false, "POST", REPO "/pulls", 0, body_pull },
	{ FORGE_PULL_MERGE, false, "PUT", REPO "/pulls/{number}/merge", 0, body_merge },
	{ FORGE_LABEL_ADD, false, "POST", REPO "/issues/{number}/labels", 0, body_label },
	{ FORGE_LABEL_REMOVE, false, "DELETE", REPO "/issues/{number}/labels/{name}", OF(label), NULL },
	{ FORGE_BLOB_CREATE, false, "POST", REPO "/git/blobs", 0, body_blob },
	{ FORGE_TREE_CREATE, false, "POST", REPO "/git/trees", 0, body_tree },
	{ FORGE_COMMIT_CREATE, false, "POST", REPO "/git/commits", 0, body_commit },
	{ FORGE_REF_UPDATE, false, "PATCH", REPO "/git/refs/{+name}", OF(ref), body_forward },
	{ FORGE_VARIABLE_CREATE, false, "POST", REPO "/actions/variables", 0, body_variable },
	{ FORGE_VARIABLE_UPDATE, false, "PATCH", REPO "/actions/variables/{name}", OF(path), body_variable },
	{ FORGE_VARIABLE_DELETE, false, "DELETE", REPO "/actions/variables/{name}", OF(path), NULL },
};

static const char *const act_words[] = {
	"dispatch",    "review",        "cancel",     "rerun",           "ref_create",      "ref_delete",
	"file_put",    "pull_open",     "pull_merge", "label_add",       "label_remove",    "blob_create",
	"tree_create", "commit_create", "ref_update", "variable_create", "variable_update", "variable_delete"
};
const struct names forge_act_names = NAMES(act_words);

static const struct act_row *row_of(const struct forge_act *a)
{
	bool variant = (a->kind == FORGE_CANCEL && a->force) || (a->kind == FORGE_RERUN && a->failed_only);

	for (size_t i = 0; i < countof(rows); i++)
		if (rows[i].kind == a->kind && rows[i].variant == variant)
			return &rows[i];
	return NULL;
}

static const char *name_of(const struct act_row *row, const struct forge_act *a)
{
	const char *name = NULL;

	if (row->name)
		memcpy(&name, (const char *)a + row->name, sizeof(name));
	return name;
}

static int put_path(struct buf *out, const struct act_row *row, const struct forge_act *a, struct err *e)
{
	struct slots s = { .repo = a->repo, .workflow = a->workflow, .id = a->run, .number = a->number };

	if (row)
		s.name = name_of(row, a);
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

	buf_fmt(request, "%s ", row ? row->method : "?");
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
	struct http_request rq = { .method = c->method, .target = c->target, .body = c->body };

	return http_send(c->g->http, &rq, on_acted, c, e);
}

/* An enterprise server that does not know return_run_details refuses the whole request with a 4xx that names it:
 * nothing was processed, so the request without it is not a repetition (github.md 0.1). */
static bool refuses_details(const struct call *c, const struct http_answer *h)
{
	return c->retry_body && h->status >= 400 && h->status < 500 && status_is_json(h) &&
	       text_has(h->body, "return_run_details");
}

/* What an act's answer tells of what it made, and where. Absent members leave 0 and NULL. */
static const struct made {
	enum forge_act_kind kind;
	const char *id, *url, *sha;
} made[] = {
	{ FORGE_DISPATCH, "workflow_run_id", "html_url", NULL },
	{ FORGE_REF_CREATE, NULL, NULL, "object.sha" },
	{ FORGE_REF_UPDATE, NULL, NULL, "object.sha" },
	{ FORGE_BLOB_CREATE, NULL, NULL, "sha" },
	{ FORGE_TREE_CREATE, NULL, NULL, "sha" },
	{ FORGE_COMMIT_CREATE, NULL, NULL, "sha" },
	{ FORGE_FILE_PUT, NULL, "commit.html_url", "commit.sha" },
	{ FORGE_PULL_OPEN, "number", "html_url", "head.sha" },
	{ FORGE_PULL_MERGE, NULL, NULL, "sha" },
};

static void keep_made(struct call *c, const struct json *j, struct forge_result *out)
{
	for (size_t i = 0; i < countof(made); i++) {
		if (made[i].kind != c->act)
			continue;
		out->run_id = made[i].id ? json_int(j, made[i].id, 0) : 0;
		if (out->run_id < 0)
			out->run_id = 0;
		if (made[i].url)
			out->run_url = arena_strdup(&c->arena, json_str(j, made[i].url));
		if (made[i].sha)
			out->sha = arena_strdup(&c->arena, json_str(j, made[i].sha));
	}
}

/* 200 with the run's id, or 204 and nothing (github.md 0.1: never test for exactly one of them). */
static int read_details(struct call *c, const struct http_answer *h, struct forge_result *out, struct err *e)
{
	autofree(json) struct json *j = NULL;
	int r;

	if (!h->body_n)
		return 0;
	r = status_is_json(h) ? json_parse(&j, h->body, h->body_n, MAX_BODY, NULL) : -1;
	if (r < 0)
		return err_set(e, ERR_UNKNOWN, "%s may have acted, its answer makes no sense",
			       path_host(c->g, &c->arena));
	if (c->act == FORGE_PULL_MERGE && !json_bool(j, "merged", true))
		return err_set(e, ERR_UNKNOWN, "%s accepted the merge and says that it is not merged",
			       path_host(c->g, &c->arena));
	keep_made(c, j, out);
	return 0;
}

static bool is_accepted(int status)
{
	return status == 200 || status == 201 || status == 202 || status == 204;
}

/* What is wanted is so already, told by the forge's words: its rules say 422 too (github.md 1.4), and a token that may not
 * write reads 404. */
static const struct standing {
	enum forge_act_kind kind;
	int status;
	const char *words;
} standing[] = {
	{ FORGE_REF_CREATE, 422, "Reference already exists" },
	{ FORGE_REF_DELETE, 422, "Reference does not exist" },
	{ FORGE_LABEL_REMOVE, 404, "Label does not exist" },
};

static bool stands(const struct call *c, const struct http_answer *h)
{
	for (size_t i = 0; i < countof(standing); i++)
		if (standing[i].kind == c->act && standing[i].status == h->status && status_is_json(h) &&
		    text_has(h->body, standing[i].words))
			return true;
	return false;
}

static int refused(struct call *c, const struct http_answer *h, struct err *e)
{
	bool so = stands(c, h);
	int r = so && c->act == FORGE_REF_DELETE
			? err_set(e, ERR_MISSING, "there is no such ref: %s", c->target)
			: status_error(c->g, h, true, c->target, e);

	if (e)
		e->stands = so;
	return r;
}

static int take_result(struct call *c, const struct http_answer *h, struct forge_result *out, struct err *e)
{
	struct forge_answer facts = { 0 };

	if (!is_accepted(h->status))
		return refused(c, h, e);
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
	if (r < 0)
		e.status = h->status;
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
	const struct act_row *row = row_of(a);
	int r = put_path(&path, row, a, e);

	c->method = row ? row->method : NULL;
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
