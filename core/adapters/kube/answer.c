#include "core/adapters/kube/internal.h"

#include <string.h>

#include "base/text.h"
#include "core/port/http_status.h"

enum { MAX_ERROR_BODY = 1 << 16, MINUTE = 60000 };

/* ---- names ------------------------------------------------------------------------------------------------------------ */

static const struct kube_dialect *const dialects[] = {
	[ROLLOUT_OTHER] = NULL,
	[ROLLOUT_ARGO] = &kube_argo,
	[ROLLOUT_FLAGGER] = &kube_flagger,
};

const struct kube_dialect *kube_dialect(enum rollout_kind kind)
{
	return (size_t)kind < countof(dialects) ? dialects[kind] : NULL;
}

/* RFC 1123 as the API server checks names: a namespace is one label, an object's name may have dots. */
static bool name_is_plain(const char *name, size_t max, bool dots)
{
	size_t n = name ? strlen(name) : 0;

	if (!n || n > max ||
	    strspn(name, dots ? "abcdefghijklmnopqrstuvwxyz0123456789-."
			      : "abcdefghijklmnopqrstuvwxyz0123456789-") != n)
		return false;
	return !strchr("-.", name[0]) && !strchr("-.", name[n - 1]) && !strstr(name, "..");
}

int kube_name_check(const struct rollout_name *n, struct err *e)
{
	if (!kube_dialect(n->kind))
		return err_set(e, ERR_INVALID, "there is no kind of rollout %d", (int)n->kind);
	if (!name_is_plain(n->namespace_, 63, false))
		return err_set(e, ERR_INVALID, "\"%s\" is no namespace", n->namespace_ ? n->namespace_ : "");
	if (!name_is_plain(n->name, 253, true))
		return err_set(e, ERR_INVALID, "\"%s\" is no name of a %s", n->name ? n->name : "",
			       kube_dialect(n->kind)->kind);
	return 0;
}

const char *kube_path(const struct rollout_name *n, struct arena *a)
{
	const struct kube_dialect *d = kube_dialect(n->kind);

	return arena_printf(a, "/apis/%s/namespaces/%s/%s/%s", d->version, n->namespace_, d->plural, n->name);
}

/* ---- members ---------------------------------------------------------------------------------------------------------- */

int kube_types(const struct json *j, const struct kube_type *types, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		enum json_type is = json_type(json_get(j, types[i].path));

		if (is != types[i].type && is != JSON_ABSENT && is != JSON_NULL)
			return err_set(e, ERR_CORRUPT, "%s of %s is of another type than it should be",
				       types[i].path, json_str(j, "kind"));
	}
	return 0;
}

const char *kube_text(const struct json *j, const char *path, struct arena *a)
{
	const char *s = json_str(j, path);

	return s ? text_head(a, s, KUBE_MAX_TEXT) : "";
}

struct when kube_when(const struct json *j, const char *path)
{
	const char *s = json_str(j, path);
	struct when w = WHEN_NONE;

	return s && when_parse(&w, s) == 0 ? w : WHEN_NONE;
}

int64_t kube_share(const struct json *j, const char *path, int64_t all)
{
	int64_t n = json_int(j, path, -1);

	return n < 0 || all <= 0 || all > INT32_MAX || n > all ? -1 : n * KUBE_ALL / all;
}

/* ---- one object ------------------------------------------------------------------------------------------------------- */

/* What answers is the object that was asked for, and no other one that a proxy may have at hand. */
static int check_object(const struct json *j, const struct rollout_name *n, struct err *e)
{
	const struct kube_dialect *d = kube_dialect(n->kind);

	if (!text_eq(json_str(j, "kind"), d->kind) || !text_eq(json_str(j, "apiVersion"), d->version))
		return err_set(e, ERR_CORRUPT, "the cluster answers %s %s, and not a %s %s",
			       json_str(j, "apiVersion") ? json_str(j, "apiVersion") : "something",
			       json_str(j, "kind") ? json_str(j, "kind") : "without a kind", d->version,
			       d->kind);
	if (!text_eq(json_str(j, "metadata.name"), n->name) ||
	    !text_eq(json_str(j, "metadata.namespace"), n->namespace_))
		return err_set(e, ERR_CORRUPT, "the cluster answers another %s than %s/%s", d->kind,
			       n->namespace_, n->name);
	return 0;
}

static struct when answer_date(const struct http_answer *h)
{
	const char *value = http_header(h, "date");
	struct when w = WHEN_NONE;

	return value && when_parse_http(&w, value) >= 0 ? w : WHEN_NONE;
}

int kube_decode(struct rollout_answer *out, const struct http_answer *h, const struct rollout_name *n,
		struct arena *a, struct err *e)
{
	autofree(json) struct json *j = NULL;
	struct rollout_answer answer = {
		.step = -1,
		.set_bp = -1,
		.seen_bp = -1,
		.failed_checks = -1,
		.set_from = "",
		.set_why = "",
		.seen_why = "",
		.pause_reason = "",
		.analysis = "",
		.gate_why = "",
	};
	int r = json_parse(&j, h->body, h->body_n, KUBE_MAX_OBJECT, e);

	if (r >= 0)
		r = check_object(j, n, e);
	if (r < 0)
		return r;
	answer.version = kube_text(j, "metadata.resourceVersion", a);
	answer.word = kube_text(j, "status.phase", a);
	answer.date = answer_date(h);
	r = kube_dialect(n->kind)->decode(&answer, j, a, e);
	if (r >= 0)
		*out = answer;
	return r;
}

/* ---- errors ----------------------------------------------------------------------------------------------------------- */

/* {kind: "Status", status: "Failure", reason, message, code}; gates answer a word. */
static void add_words(struct buf *out, const struct http_answer *h)
{
	autofree(json) struct json *j = NULL;
	const char *message, *reason;

	if (json_parse(&j, h->body, h->body_n, MAX_ERROR_BODY, NULL) < 0 ||
	    !text_eq(json_str(j, "kind"), "Status")) {
		buf_fmt(out, "status %d", h->status);
		return;
	}
	message = json_str(j, "message");
	reason = json_str(j, "reason");
	buf_fmt(out, "%.300s", message && *message ? message : "no reason given");
	buf_fmt(out, " (%d%s%.60s)", h->status, reason && *reason ? " " : "", reason ? reason : "");
}

static const struct {
	int status;
	const char *hint;
} hints[] = {
	{ 401, "the token has ended, or is of another cluster" },
	{ 403, "the account needs get and patch of the object and of its /status" },
	{ 409, "it has changed since it was read: plan again" },
	{ 410, "it has changed since it was read: plan again" },
};

int kube_error(const struct http_answer *h, bool act, const char *what, const struct clock *clock,
	       struct err *e)
{
	enum err_kind kind = http_error_kind(h->status, act);
	int64_t wait = http_retry_after(h, clock_wall(clock));
	struct buf words = BUF_INIT(512);

	add_words(&words, h);
	err_set(e, kind, kind == ERR_UNKNOWN ? "%s may have happened: %s" : "%s is refused: %s", what,
		words.s);
	buf_done(&words);
	for (size_t i = 0; e && i < countof(hints); i++)
		if (hints[i].status == h->status)
			err_hint(e, "%s", hints[i].hint);
	if (e) {
		e->status = h->status;
		e->retry_ms = kind != ERR_RATE ? 0 : wait >= 0 ? wait : MINUTE;
	}
	return -(int)kind;
}
