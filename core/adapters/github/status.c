#include "core/adapters/github/internal.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/port/http_status.h"

enum {
	SECOND = 1000,
	MINUTE = 60 * SECOND, /* without a word from the forge: at least one minute (github.md 1.6) */
	MAX_ERROR_BODY = 1 << 20,
};

/* ---- facts in headers ----------------------------------------------------------------------------------------------- */

static int64_t header_number(const struct http_answer *h, const char *name)
{
	const char *value = http_header(h, name);
	int64_t n;

	return value && !text_int64(&n, value, 0, INT64_MAX / 1000) ? n : -1;
}

static struct when header_date(const struct http_answer *h)
{
	const char *value = http_header(h, "date");
	struct when w = WHEN_NONE;

	if (value && when_parse_http(&w, value) < 0)
		return WHEN_NONE;
	return w;
}

/* "2026-12-01 10:00:00 UTC", or with "+0200" for the zone. */
static struct when token_end(const char *s)
{
	struct when w = WHEN_NONE;
	char iso[40];
	int n;

	if (!s || strlen(s) < 20 || s[10] != ' ')
		return WHEN_NONE;
	if (!strcmp(s + 19, " UTC"))
		n = snprintf(iso, sizeof(iso), "%.10sT%.8sZ", s, s + 11);
	else if (strlen(s) == 25)
		n = snprintf(iso, sizeof(iso), "%.10sT%.8s%.3s:%s", s, s + 11, s + 20, s + 23);
	else
		return WHEN_NONE;
	return n > 0 && !when_parse(&w, iso) ? w : WHEN_NONE;
}

void status_facts(const struct http_answer *h, struct forge_answer *out, struct arena *a)
{
	int64_t reset = header_number(h, "x-ratelimit-reset");

	out->rate.limit = header_number(h, "x-ratelimit-limit");
	out->rate.remaining = header_number(h, "x-ratelimit-remaining");
	out->rate.reset.ms = reset > 0 ? reset * SECOND : 0;
	out->date = header_date(h);
	out->token_expires = token_end(http_header(h, "github-authentication-token-expiration"));
	out->drill = arena_strdup(a, http_header(h, "x-pilothouse-drill"));
}

bool status_is_json(const struct http_answer *h)
{
	const char *type = http_header(h, "content-type");
	size_t n = type ? strcspn(type, "; ") : 0;

	if (!type || !text_starts(type, "application/"))
		return false;
	return n == strlen("application/json") ? text_starts(type, "application/json")
					       : n > 5 && !memcmp(type + n - 5, "+json", 5);
}

/* ---- what the forge says in words ----------------------------------------------------------------------------------- */

static void add_detail(struct buf *out, const struct json *detail)
{
	const char *message =
		json_type(detail) == JSON_STRING ? json_str(detail, "") : json_str(detail, "message");

	if (message)
		buf_fmt(out, "; %s", message);
	else if (json_str(detail, "field"))
		buf_fmt(out, "; %s %s", json_str(detail, "field"),
			json_str(detail, "code") ? json_str(detail, "code") : "");
}

/* {message, errors: [text or {message} or {field, code}]}. */
static void add_message(struct buf *out, const struct http_answer *h)
{
	autofree(json) struct json *j = NULL;
	const struct json *errors;

	if (json_parse(&j, h->body, h->body_n, MAX_ERROR_BODY, NULL) < 0)
		return;
	buf_str(out, json_str(j, "message"));
	errors = json_get(j, "errors");
	if (json_type(errors) == JSON_STRING)
		add_detail(out, errors);
	for (size_t i = 0; json_type(errors) == JSON_ARRAY && i < json_size(errors); i++)
		add_detail(out, json_at(errors, i));
}

/* ---- rate limits ------------------------------------------------------------------------------------------------------ */

static bool is_rate(const struct http_answer *h, const char *message)
{
	if (h->status == 429)
		return true;
	if (h->status != 403)
		return false;
	return header_number(h, "x-ratelimit-remaining") == 0 || http_header(h, "retry-after") ||
	       text_has(message, "rate limit") || text_has(message, "abuse detection");
}

/* What Retry-After asks for, else until the limit resets when it is used up, else a minute. */
static int64_t wait_for(const struct github *g, const struct http_answer *h)
{
	int64_t reset = header_number(h, "x-ratelimit-reset"), asked;
	struct when now = header_date(h);

	if (!when_known(now))
		now = clock_wall(g->clock);
	asked = http_retry_after(h, now);
	if (asked >= 0)
		return asked;
	if (reset > 0 && header_number(h, "x-ratelimit-remaining") == 0)
		return http_wait_within(reset * SECOND - now.ms);
	return MINUTE;
}

static int rate_error(const struct github *g, const struct http_answer *h, const char *host,
		      const char *message, struct err *e)
{
	int64_t ms = wait_for(g, h);
	char age[WHEN_TEXT];

	err_set(e, ERR_RATE, "%s asks to wait %s: %s", host, when_age(ms, age),
		message[0] ? message : "rate limit");
	if (e)
		e->retry_ms = ms;
	return -ERR_RATE;
}

/* ---- refusals --------------------------------------------------------------------------------------------------------- */

static int forbidden(const struct http_answer *h, const char *host, const char *message, struct err *e)
{
	const char *needs = http_header(h, "x-accepted-github-permissions");
	const char *sso = http_header(h, "x-github-sso");

	if (sso) {
		err_set(e, ERR_FORBIDDEN,
			"SSO authorisation needed: the organisation wants this token authorised first");
		return err_hint(e, "authorise the token for the organisation where it was made");
	}
	if (needs && *needs)
		return err_set(e, ERR_FORBIDDEN, "%s refuses (the call needs the permission %s): %s", host,
			       needs, message);
	return err_set(e, ERR_FORBIDDEN, "%s refuses: %s", host, message);
}

static int refusal(const struct http_answer *h, const char *host, const char *what, const char *message,
		   struct err *e)
{
	switch (h->status) {
	case 401:
		err_set(e, ERR_AUTH, "%s wants a valid token: %s", host, message);
		return err_hint(
			e, "give a valid one, by --token-file FILE for example; what is on screen stays");
	case 403:
		return forbidden(h, host, message, e);
	case 404:
		return err_set(e, ERR_MISSING, "not found, or no access: %s", what);
	case 410:
		return err_set(e, ERR_MISSING, "no longer kept by %s: %s", host, what);
	default:
		return err_set(e, ERR_CONFLICT, "%s refuses (%d): %s", host, h->status, message);
	}
}

/* 408 is a 4xx that does not say whether the request was read. */
static bool is_refusal(int status)
{
	return status >= 400 && status < 500 && status != 408;
}

int status_error(const struct github *g, const struct http_answer *h, bool act, const char *what,
		 struct err *e)
{
	struct buf message = BUF_INIT(512);
	struct arena a = ARENA_INIT;
	const char *host = path_host(g, &a);
	int r;

	add_message(&message, h);
	const char *colon = message.n ? ": " : "", *words = message.n ? message.s : "";
	if (!message.n)
		buf_fmt(&message, "status %d", h->status);
	if (is_rate(h, message.s))
		r = rate_error(g, h, host, message.s, e);
	else if (is_refusal(h->status))
		r = refusal(h, host, what, message.s, e);
	else if (act)
		r = err_set(e, ERR_UNKNOWN, "%s answered %d and may have acted%s%s", host, h->status, colon,
			    words);
	else if (h->status >= 500)
		r = err_set(e, ERR_SERVER, "%s answered %d%s%s", host, h->status, colon, words);
	else
		r = err_set(e, ERR_SERVER, "unexpected answer from %s: status %d", host, h->status);
	if (e)
		e->status = h->status;
	buf_done(&message);
	arena_done(&a);
	return r;
}

int status_foreign(const struct http_answer *h, const char *host, struct err *e)
{
	if (h->status == 404 || h->status == 410)
		return err_set(e, ERR_MISSING, "%s has no such thing (%d)", host, h->status);
	return err_set(e, ERR_SERVER, "%s answered %d", host, h->status);
}
