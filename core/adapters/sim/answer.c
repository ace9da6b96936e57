#include "core/adapters/sim/face.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	TARGET_MAX = 8192,
	BODY_MAX = 1 << 20,
	ANSWER_MAX = 128 << 20,
	TOKEN_DAYS = 83, /* until the token ends: near enough to be shown, far enough not to warn */
};

/* ---- what handlers use -------------------------------------------------------------------------------------------- */

void call_header(struct call *c, const char *name, const char *value)
{
	*vec_push(&c->headers, c->a) = (struct http_header){ name, value };
}

void call_error(struct call *c, int status, const char *fmt, ...)
{
	va_list ap;
	const char *message;

	va_start(ap, fmt);
	message = arena_vprintf(c->a, fmt, ap);
	va_end(ap);
	buf_reset(&c->out);
	jw_init(&c->j, &c->out);
	jw_open(&c->j, '{');
	put_str(&c->j, "message", message);
	put_str(&c->j, "documentation_url", "https://docs.github.com/rest");
	put_str(&c->j, "status", arena_printf(c->a, "%d", status));
	jw_close(&c->j, '}');
	c->status = status;
}

void call_missing(struct call *c)
{
	call_error(c, 404, "Not Found");
}

static int hex_digit(char x)
{
	const char *digits = "0123456789abcdef", *at = x ? strchr(digits, x | 0x20) : NULL;

	if (x >= '0' && x <= '9')
		return x - '0';
	return at && at - digits > 9 ? (int)(at - digits) : -1;
}

/* %XX. A NUL, and a % that is none, stay as they are. */
const char *call_decode(struct arena *a, const char *s, size_t n)
{
	char *out = arena_alloc(a, n + 1);
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		int hi = s[i] == '%' && i + 2 < n ? hex_digit(s[i + 1]) : -1;
		int lo = hi >= 0 ? hex_digit(s[i + 2]) : -1;

		if (lo >= 0 && hi * 16 + lo != 0) {
			out[m++] = (char)(hi * 16 + lo);
			i += 2;
		} else {
			out[m++] = s[i];
		}
	}
	out[m] = '\0';
	return out;
}

const char *call_query(struct call *c, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = c->query; *at;) {
		size_t len = strcspn(at, "&");

		if (len > n && strncmp(at, name, n) == 0 && at[n] == '=')
			return call_decode(c->a, at + n + 1, len - n - 1);
		at += len + (at[len] == '&');
	}
	return NULL;
}

int64_t call_query_int(struct call *c, const char *name, int64_t fallback, int64_t min, int64_t max)
{
	const char *s = call_query(c, name);
	int64_t v;

	return s && text_int64(&v, s, min, max) == 0 ? v : fallback;
}

int64_t call_param_int(const struct call *c, int i)
{
	int64_t v;

	return c->param[i] && text_int64(&v, c->param[i], 1, INT64_MAX) == 0 ? v : 0;
}

struct call_page call_page(struct call *c, int64_t size_default, int64_t size_max)
{
	int64_t size = call_query_int(c, "per_page", size_default, 1, INT32_MAX);
	int64_t page = call_query_int(c, "page", 1, 1, INT32_MAX);

	if (size > size_max)
		size = size_max;
	return (struct call_page){ (size_t)(page - 1) * (size_t)size, (size_t)size, (size_t)page };
}

/* The query again, without its page. */
static const char *other_query(struct call *c)
{
	autofree(buf) struct buf b = BUF_INIT(TARGET_MAX);

	for (const char *at = c->query; *at;) {
		size_t len = strcspn(at, "&");

		if (len && !text_starts(at, "page=")) {
			buf_add(&b, at, len);
			buf_chr(&b, '&');
		}
		at += len + (at[len] == '&');
	}
	return arena_strdup(c->a, b.s);
}

/* `next` goes through /repositories/ID, as the forge's own does (github reference 1). */
void call_link(struct call *c, const struct call_page *p, size_t total)
{
	size_t last = total ? (total + p->size - 1) / p->size : 1;
	const struct {
		const char *rel;
		size_t page;
		bool there;
	} links[] = {
		{ "prev", p->page - 1, p->page > 1 },
		{ "next", p->page + 1, p->page < last },
		{ "last", last, p->page < last },
		{ "first", 1, p->page > 1 },
	};
	autofree(buf) struct buf b = BUF_INIT(4 * TARGET_MAX);
	const char *query = other_query(c);

	for (size_t i = 0; i < countof(links); i++)
		if (links[i].there)
			buf_fmt(&b, "%s<%s/repositories/%" PRId64 "%s?%spage=%zu>; rel=\"%s\"",
				b.n ? ", " : "", c->base, c->repo->id, c->rest, query, links[i].page,
				links[i].rel);
	if (b.n && !b.over)
		call_header(c, "link", arena_strdup(c->a, b.s));
}

/* ---- admission ---------------------------------------------------------------------------------------------------- */

static const char *token_of(const struct world_request *rq)
{
	const char *s = rq->authorization;

	if (!s)
		return NULL;
	if (strncasecmp(s, "bearer ", 7) == 0)
		return s + 7;
	return strncasecmp(s, "token ", 6) == 0 || strncasecmp(s, "basic ", 6) == 0 ? s + 6 : s;
}

/* Whose token it is says its beginning; all others are the captain's. */
static const struct sim_user *user_of(const char *token)
{
	for (size_t i = 1; i < sim_users_n; i++)
		if (text_starts(token, sim_users[i].token))
			return &sim_users[i];
	return &sim_users[0];
}

static struct sim_quota *quota_of(struct world *w, const struct sim_user *u)
{
	struct sim_quota *q = &w->quotas[(size_t)(u - sim_users)];

	if (w->now >= q->reset)
		*q = (struct sim_quota){ .reset = w->now + HOUR };
	return q;
}

/* Answers by itself what may not go further. */
static bool admit(struct call *c)
{
	const struct world_request *rq = c->rq;

	if (!rq->user_agent || !*rq->user_agent) {
		call_error(c, 403,
			   "Missing or invalid User Agent string. See "
			   "http://developer.github.com/v3/#user-agent-required");
		return false;
	}
	c->token = token_of(rq);
	if (!c->token || !*c->token || text_starts(c->token, "revoked")) {
		call_error(c, 401, c->token && *c->token ? "Bad credentials" : "Requires authentication");
		return false;
	}
	c->user = user_of(c->token);
	if (quota_of(c->w, c->user)->used >= c->w->rate_limit && strcmp(c->path, "/rate_limit") != 0) {
		call_error(c, 403, "API rate limit exceeded for user ID %" PRId64 ".", c->user->id);
		return false;
	}
	if (rq->body_n > BODY_MAX) {
		call_error(c, 413, "Payload Too Large");
		return false;
	}
	if (rq->body_n && json_parse(&c->body, rq->body, rq->body_n, BODY_MAX, NULL) < 0) {
		call_error(c, 400, "Problems parsing JSON");
		return false;
	}
	return true;
}

/* ---- headers ------------------------------------------------------------------------------------------------------ */

/* 64 digits that depend on the body, the token and the form asked for. */
static const char *etag_of(struct call *c)
{
	struct hash h = HASH_INIT;
	char one[33], two[33];

	hash_add(&h, c->out.s, c->out.n);
	hash_str(&h, c->token);
	hash_str(&h, c->rq->accept ? c->rq->accept : "");
	hash_str(&h, c->path);
	hash_str(&h, c->query);
	hash_hex(&h, one);
	hash_str(&h, one);
	return arena_printf(c->a, "\"%s%s\"", one, hash_hex(&h, two));
}

/* Weakly, over a list: W/ does not count. */
static bool etag_listed(const char *list, const char *etag)
{
	return list && (strstr(list, etag) != NULL || strcmp(list, "*") == 0);
}

/* The 304 names the tag without W/ (recorded so). */
static void conditional(struct call *c)
{
	const char *etag = etag_of(c);

	call_header(c, "cache-control", "private, max-age=60, s-maxage=60");
	call_header(c, "vary",
		    "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With");
	if (!etag_listed(c->rq->if_none_match, etag)) {
		call_header(c, "etag", arena_printf(c->a, "W/%s", etag));
		return;
	}
	c->status = 304;
	buf_reset(&c->out);
	call_header(c, "etag", etag);
}

static void quota_headers(struct call *c)
{
	struct sim_quota *q = quota_of(c->w, c->user);
	int64_t limit = c->w->rate_limit;

	if (c->status != 304 && q->used < limit && strcmp(c->path, "/rate_limit") != 0)
		q->used++;
	call_header(c, "x-ratelimit-limit", arena_printf(c->a, "%" PRId64, limit));
	call_header(c, "x-ratelimit-remaining", arena_printf(c->a, "%" PRId64, limit - q->used));
	call_header(c, "x-ratelimit-used", arena_printf(c->a, "%d", q->used));
	call_header(c, "x-ratelimit-reset", arena_printf(c->a, "%" PRId64, q->reset / SECOND));
	call_header(c, "x-ratelimit-resource", strcmp(c->path, "/graphql") == 0 ? "graphql" : "core");
	call_header(c, "github-authentication-token-expiration",
		    arena_printf(c->a, "%.10s 00:00:00 UTC",
				 when_iso((struct when){ c->w->start + (int64_t)TOKEN_DAYS * DAY },
					  arena_alloc(c->a, WHEN_TEXT))));
}

/* On every answer, also on a fault's: who this is can never be mistaken. */
static void common_headers(struct call *c)
{
	call_header(c, "server", "pilothouse-drill");
	call_header(c, "date", when_http((struct when){ c->w->now }, arena_alloc(c->a, WHEN_TEXT)));
	call_header(c, "x-pilothouse-drill", c->w->scenario.name);
	call_header(c, "x-github-request-id", arena_printf(c->a, "DR11:%06" PRIX64, c->w->requests));
	call_header(c, "x-github-media-type", "github.v3; format=json");
	call_header(c, "x-github-api-version-selected", "2022-11-28");
	if (c->out.n || c->status == 200)
		call_header(c, "content-type", c->type);
}

static void call_close(struct call *c, struct world_answer *out)
{
	char *body;

	if (c->out.over)
		call_error(c, 500, "the answer is too large");
	common_headers(c);
	body = arena_alloc(c->a, c->out.n + 1); /* may hold NUL bytes: archives */
	memcpy(body, c->out.s, c->out.n);
	out->http = (struct http_answer){
		.status = c->status,
		.headers = c->headers.items,
		.headers_n = c->headers.n,
		.body = body,
		.body_n = c->out.n,
	};
}

/* ---- faults ------------------------------------------------------------------------------------------------------- */

#define HTML_PAGE                                                \
	"<!DOCTYPE html>\n<html><head><title>Unicorn! &middot; " \
	"GitHub</title></head>\n<body><h1>502</h1><p>This "      \
	"page is taking too long to load.</p></body></html>\n"

static void misbehave(struct call *c, const struct world_fault_rule *f)
{
	buf_reset(&c->out);
	c->headers.n = 0;
	c->status = f->status;
	c->type =
		f->body && f->body[0] == '{' ? "application/json; charset=utf-8" : "text/html; charset=utf-8";
	buf_str(&c->out, f->body ? f->body : HTML_PAGE);
	if (f->retry_after)
		call_header(c, "retry-after", arena_printf(c->a, "%d", f->retry_after));
	if (c->user)
		quota_headers(c);
}

/* ---- the door ----------------------------------------------------------------------------------------------------- */

static void split_target(struct call *c)
{
	const char *target = c->rq->target, *mark;

	if (text_starts(target, "/api/v3"))
		target += strlen("/api/v3");
	else if (strcmp(target, "/api/graphql") == 0)
		target += strlen("/api");
	mark = strchr(target, '?');
	c->path = arena_strndup(c->a, target, mark ? (size_t)(mark - target) : strlen(target));
	c->query = mark ? mark + 1 : "";
	if (!*c->path)
		c->path = "/";
}

/* What is no forge asks nobody who they are. */
static bool elsewhere(struct call *c)
{
	if (text_starts(c->path, "/_logs/"))
		log_serve(c);
	else if (text_starts(c->path, "/v2/") || strcmp(c->path, "/v2") == 0)
		registry_serve(c);
	else if (text_starts(c->path, "/_bundles/"))
		bundle_serve(c);
	else if (text_starts(c->path, "/probe/"))
		probe_serve(c);
	else if (text_starts(c->path, "/prometheus/"))
		metrics_serve(c);
	else if (text_starts(c->path, "/kube/"))
		kube_serve(c);
	else if (strcmp(c->path, "/_heard") == 0)
		heard_serve(c);
	else
		return false;
	return true;
}

static void act(struct call *c)
{
	if (elsewhere(c))
		return;
	if (admit(c)) {
		call_route(c);
		if (c->status == 200 && strcmp(c->rq->method, "GET") == 0)
			conditional(c);
	}
	if (c->user)
		quota_headers(c);
}

void world_answer(struct world *w, const struct world_request *rq, struct world_answer *out, struct arena *a)
{
	struct call c = {
		.w = w, .rq = rq, .a = a, .status = 200, .type = "application/json; charset=utf-8"
	};
	struct world_fault_rule *fault;
	const char *key;

	*out = (struct world_answer){ .latency = sim_about(w, w->latency) };
	w->requests++;
	buf_init(&c.out, ANSWER_MAX);
	jw_init(&c.j, &c.out);
	c.base = rq->host ? arena_printf(a, "http://%s", rq->host) : "https://drill.invalid";
	c.path = c.query = "";
	if (strlen(rq->target) > TARGET_MAX) {
		call_error(&c, 414, "URI Too Long");
		call_close(&c, out);
		buf_done(&c.out);
		return;
	}
	split_target(&c);
	key = arena_printf(a, "%.16s %.512s", rq->method, c.path);
	sim_seen_add(w, key);
	fault = sim_fault_find(w, key);
	if (!fault || fault->act_first)
		act(&c);
	if (fault && fault->status)
		misbehave(&c, fault);
	if (fault)
		out->how = fault->how;
	call_close(&c, out);
	json_free(c.body);
	buf_done(&c.out);
}
