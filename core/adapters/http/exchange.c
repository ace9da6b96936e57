#include "core/adapters/http/exchange.h"

#include <stdlib.h>
#include <string.h>

enum {
	MAX_BODY = 16 << 20,      /* port/http.h */
	MAX_HEADER_BYTES = 65536, /* real answers have about 2 KiB */
	MAX_TARGET = 8192,
	CONNECT_MS = 10000,
	STALL_MS = 15000, /* at most: the forge answers within 10 s or gives up itself */
	STALL_BYTES = 32, /* per second; less is a peer that holds us (N8) */
};

/* ---- what must not go on a wire -------------------------------------------------------------------------------- */

static bool header_ok(const char *value)
{
	if (value && strlen(value) > SECRET_MAX)
		return false;
	for (const char *c = value; c && *c; c++)
		if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
			return false;
	return true;
}

static bool target_ok(const char *target)
{
	if (strlen(target) > MAX_TARGET)
		return false;
	for (const char *c = target; *c; c++)
		if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f || *c == '\\' || *c == '#')
			return false;
	return true;
}

bool request_is_read(const struct http_request *rq)
{
	return !strcmp(rq->method, "GET") || (rq->question && !strcmp(rq->method, "POST"));
}

static bool may_be_plain(const struct origin *o, const struct http_request *rq, const char *host)
{
	return (o->plain && !strcmp(host, o->host)) ||
	       (rq->local && (host_is_loopback(host) || !strcmp(host, "localhost")));
}

/* A foreign target is https anywhere; beside a plain loopback origin also http on the same loopback address. */
static int check_foreign(struct exchange *x, const struct origin *o, const struct http_request *rq,
			 struct err *e)
{
	CURLU *url = curl_url();
	char *scheme = NULL, *host = NULL;
	int r = 0;

	if (!url || curl_url_set(url, CURLUPART_URL, rq->target, CURLU_DISALLOW_USER) ||
	    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) || curl_url_get(url, CURLUPART_HOST, &host, 0))
		r = err_set(e, ERR_INVALID, "the address of the download is no URL");
	else if (strcmp(scheme, "https") && !(!strcmp(scheme, "http") && may_be_plain(o, rq, host)))
		r = err_set(e, ERR_INVALID, "a download from %s must use https", host);
	else
		x->host = arena_strdup(&x->arena, host);
	x->plain = !r && !strcmp(scheme, "http");
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(url);
	return r;
}

static int check_request(struct exchange *x, const struct origin *o, const struct http_request *rq,
			 struct err *e)
{
	if (!rq->target || !target_ok(rq->target) || (!rq->foreign && rq->target[0] != '/'))
		return err_set(e, ERR_INVALID, "the request's target is not a plain path");
	if (!header_ok(rq->accept) || !header_ok(rq->if_none_match) || !header_ok(rq->content_type) ||
	    !header_ok(rq->authorization))
		return err_set(e, ERR_INVALID, "a request header is too long or has control characters");
	if (rq->foreign && (x->mutating || rq->question || rq->body))
		return err_set(e, ERR_INVALID, "a foreign address is only ever read");
	if (rq->foreign)
		return check_foreign(x, o, rq, e);
	x->host = arena_strdup(&x->arena, o->host);
	x->plain = o->plain;
	return 0;
}

/* ---- request ------------------------------------------------------------------------------------------------------ */

/* A list that could not grow is not sent without what it lacks: the token is in it. */
static void add_line(struct exchange *x, const char *line)
{
	struct curl_slist *longer = curl_slist_append(x->request_headers, line);

	BUG_IF(!longer);
	x->request_headers = longer;
}

static void add_header(struct exchange *x, const char *name, const char *value)
{
	struct buf line = BUF_INIT(SECRET_MAX + 256);

	buf_str(&line, name);
	buf_str(&line, ": ");
	buf_str(&line, value);
	add_line(x, line.s);
	explicit_bzero(line.s, line.n);
	buf_done(&line);
}

static void add_token(struct exchange *x, const struct secret *token)
{
	struct buf value = BUF_INIT(SECRET_MAX + 16);

	buf_str(&value, "Bearer ");
	buf_add(&value, token->bytes, token->n);
	add_header(x, "Authorization", value.s);
	explicit_bzero(value.s, value.n);
	buf_done(&value);
}

static void add_headers(struct exchange *x, const struct origin *o, const struct http_request *rq)
{
	add_header(x, "Accept", rq->accept ? rq->accept : "application/vnd.github+json");
	if (rq->if_none_match)
		add_header(x, "If-None-Match", rq->if_none_match);
	if (rq->authorization)
		add_header(x, "Authorization", rq->authorization);
	if (rq->foreign)
		return;
	if (!o->bare)
		add_header(x, "X-GitHub-Api-Version", "2022-11-28");
	if (!rq->authorization && o->token && o->token->n)
		add_token(x, o->token);
	if (x->mutating || rq->question) {
		add_header(x, "Content-Type", rq->content_type ? rq->content_type : "application/json");
		/* 100-continue would be one more way for a request to be half sent. */
		add_line(x, "Expect:");
	}
}

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
	struct exchange *x = ctx;

	buf_add(&x->body, data, size * n);
	x->too_large = x->body.over;
	return x->too_large ? 0 : size * n;
}

static void trim(const char **s, size_t *n)
{
	while (*n && ((*s)[0] == ' ' || (*s)[0] == '\t'))
		(*s)++, (*n)--;
	while (*n && strchr(" \t\r\n", (*s)[*n - 1]))
		(*n)--;
}

static void keep_header(struct exchange *x, const char *line, size_t n)
{
	const char *colon = memchr(line, ':', n);
	struct http_header *h;
	const char *value;
	size_t value_n;
	char *name;

	if (!colon || colon == line)
		return;
	name = arena_strndup(&x->arena, line, (size_t)(colon - line));
	for (char *c = name; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	value = colon + 1;
	value_n = n - (size_t)(value - line);
	trim(&value, &value_n);
	h = vec_push(&x->headers, &x->arena);
	h->name = name;
	h->value = arena_strndup(&x->arena, value, value_n);
}

static size_t on_header(char *line, size_t size, size_t n, void *ctx)
{
	struct exchange *x = ctx;

	n *= size;
	x->header_bytes += n;
	if (x->header_bytes > MAX_HEADER_BYTES) {
		x->bad_headers = true;
		return 0;
	}
	if (n >= 5 && !memcmp(line, "HTTP/", 5))
		x->headers.n = 0; /* the final answer follows an interim one */
	else
		keep_header(x, line, n);
	return n;
}

static void set_transport(struct exchange *x, const struct origin *o, const struct http_request *rq)
{
	curl_easy_setopt(x->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(x->easy, CURLOPT_PROTOCOLS_STR, x->plain ? "http" : "https");
	curl_easy_setopt(x->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(x->easy, CURLOPT_UNRESTRICTED_AUTH, 0L);
	curl_easy_setopt(x->easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(x->easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(x->easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(x->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(x->easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(x->easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(x->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(x->easy, CURLOPT_TIMEOUT_MS, (long)x->timeout);
	curl_easy_setopt(x->easy, CURLOPT_CONNECTTIMEOUT_MS,
			 (long)(x->timeout < CONNECT_MS ? x->timeout : CONNECT_MS));
	if (o->ca_file)
		curl_easy_setopt(x->easy, CURLOPT_CAINFO, o->ca_file);
	if (x->plain) /* a proxy in the environment is for https only (N23) */
		curl_easy_setopt(x->easy, CURLOPT_PROXY, "");
	if (o->unix_socket && !rq->foreign)
		curl_easy_setopt(x->easy, CURLOPT_UNIX_SOCKET_PATH, o->unix_socket);
}

static void set_body(struct exchange *x, const struct http_request *rq)
{
	const char *body = rq->body ? rq->body : "";

	curl_easy_setopt(x->easy, CURLOPT_POST, 1L);
	curl_easy_setopt(x->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
	curl_easy_setopt(x->easy, CURLOPT_COPYPOSTFIELDS, body);
}

/* libcurl sends a POST again by itself when a reused connection closes without an answer (measured, reliability
 * reference 0.1): so an act goes out on a connection of its own, in HTTP/1.1, which has no refused streams to resend. */
static void set_mutation(struct exchange *x, const struct http_request *rq)
{
	curl_easy_setopt(x->easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(x->easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(x->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	set_body(x, rq);
	curl_easy_setopt(x->easy, CURLOPT_CUSTOMREQUEST, rq->method);
}

/* Half of the time for all of it, so that what waits behind a stalled read has the other half. */
static long stall_seconds(const struct exchange *x)
{
	msec half = x->timeout / 2;

	return half < 1000 ? 1 : (long)((half < STALL_MS ? half : STALL_MS) / 1000);
}

/* Over TLS the handshake says whether the connection can be shared; waiting for that saves opening another. In plain
 * HTTP only an answer says it, and a peer that stalls would hold all reads. Only a read is given up when
 * it stalls: an act that is given up is an act whose outcome nobody knows. */
static void set_read(struct exchange *x, const struct http_request *rq, bool plain)
{
	curl_easy_setopt(x->easy, CURLOPT_HTTPGET, 1L);
	if (rq->question)
		set_body(x, rq);
	curl_easy_setopt(x->easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(x->easy, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_BYTES);
	curl_easy_setopt(x->easy, CURLOPT_LOW_SPEED_TIME, stall_seconds(x));
	curl_easy_setopt(x->easy, CURLOPT_PIPEWAIT, plain ? 0L : 1L);
}

static void set_callbacks(struct exchange *x)
{
	curl_easy_setopt(x->easy, CURLOPT_PRIVATE, x);
	curl_easy_setopt(x->easy, CURLOPT_ERRORBUFFER, x->error);
	curl_easy_setopt(x->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(x->easy, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(x->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(x->easy, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->request_headers);
}

int exchange_prepare(struct exchange *x, const struct origin *o, const struct http_request *rq, struct err *e)
{
	struct buf url = BUF_INIT(2 * MAX_TARGET);
	int r;

	x->mutating = !request_is_read(rq);
	x->timeout = rq->timeout ? rq->timeout : o->timeout;
	buf_init(&x->body, rq->max_body ? rq->max_body : MAX_BODY);
	r = check_request(x, o, rq, e);
	if (r < 0)
		return r;
	add_headers(x, o, rq);
	set_transport(x, o, rq);
	set_callbacks(x);
	if (x->mutating)
		set_mutation(x, rq);
	else
		set_read(x, rq, x->plain);
	if (!rq->foreign)
		buf_str(&url, o->base);
	buf_str(&url, rq->target);
	curl_easy_setopt(x->easy, CURLOPT_URL, url.s);
	curl_easy_setopt(x->easy, CURLOPT_USERAGENT, o->user_agent);
	buf_done(&url);
	return 0;
}

/* ---- result ------------------------------------------------------------------------------------------------------- */

/* True only if it is certain that no byte of the request left: the connection, or the TLS session that the request
 * would have travelled in, never came up. Whatever else went wrong, the request may have been read. */
static bool nothing_left(struct exchange *x)
{
	curl_off_t connected = 0, secured = 0;
	const char *scheme = NULL;
	long sent = 0, tunnel = 0;

	/* a proxy that opens no tunnel has heard the name of the host, and nothing of the request */
	curl_easy_getinfo(x->easy, CURLINFO_HTTP_CONNECTCODE, &tunnel);
	if (tunnel && tunnel / 100 != 2)
		return true;
	curl_easy_getinfo(x->easy, CURLINFO_REQUEST_SIZE, &sent);
	curl_easy_getinfo(x->easy, CURLINFO_CONNECT_TIME_T, &connected);
	curl_easy_getinfo(x->easy, CURLINFO_APPCONNECT_TIME_T, &secured);
	curl_easy_getinfo(x->easy, CURLINFO_SCHEME, &scheme);
	if (sent)
		return false;
	return !connected || (scheme && !strcasecmp(scheme, "https") && !secured);
}

static const char *why_late(struct exchange *x)
{
	bool stalled = strstr(x->error, "too slow") != NULL;

	return arena_printf(&x->arena, stalled ? "it stalled for %ld s" : "not complete after %ld s",
			    stalled ? stall_seconds(x) : (long)(x->timeout + 999) / 1000);
}

/* OpenSSL's "error:0A00042E:SSL routines::tlsv1 alert protocol version" without what only its authors can read. */
static const char *why_handshake(const struct exchange *x)
{
	const char *last = strstr(x->error, "::");

	if (strstr(x->error, "protocol version") || strstr(x->error, "unsupported protocol"))
		return "it speaks no TLS 1.2 or newer";
	return last ? last + 2 : x->error[0] ? x->error : "no TLS";
}

/* The system's word where there is one, ours where libcurl's is for programmers, else libcurl's, which names the check
 * of a certificate that failed. */
static const char *reason(struct exchange *x, CURLcode code)
{
	long number = 0;

	curl_easy_getinfo(x->easy, CURLINFO_OS_ERRNO, &number);
	if (code == CURLE_COULDNT_CONNECT && number)
		return strerror((int)number);
	if (code == CURLE_COULDNT_RESOLVE_HOST)
		return "its name cannot be resolved";
	if (code == CURLE_OPERATION_TIMEDOUT)
		return why_late(x);
	if (code == CURLE_SSL_CONNECT_ERROR)
		return why_handshake(x);
	return x->error[0] ? x->error : curl_easy_strerror(code);
}

static bool is_tls(CURLcode code)
{
	static const CURLcode codes[] = { CURLE_SSL_CONNECT_ERROR,     CURLE_PEER_FAILED_VERIFICATION,
					  CURLE_SSL_CERTPROBLEM,       CURLE_SSL_CIPHER,
					  CURLE_SSL_CACERT_BADFILE,    CURLE_SSL_ISSUER_ERROR,
					  CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT };

	for (size_t i = 0; i < countof(codes); i++)
		if (codes[i] == code)
			return true;
	return false;
}

/* What came is no whole answer, as opposed to: nobody could be heard. */
static bool is_nonsense(const struct exchange *x, CURLcode code)
{
	static const CURLcode codes[] = { CURLE_PARTIAL_FILE,         CURLE_WRITE_ERROR,
					  CURLE_BAD_CONTENT_ENCODING, CURLE_WEIRD_SERVER_REPLY,
					  CURLE_UNSUPPORTED_PROTOCOL, CURLE_HTTP2,
					  CURLE_HTTP2_STREAM,         CURLE_HTTP_RETURNED_ERROR };

	long status = 0;

	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	if (x->too_large || x->bad_headers || (status && code != CURLE_OPERATION_TIMEDOUT))
		return true;
	for (size_t i = 0; i < countof(codes); i++)
		if (codes[i] == code)
			return true;
	return false;
}

static int set_read_error(struct exchange *x, CURLcode code, struct err *e)
{
	if (x->too_large)
		return err_set(e, ERR_SERVER, "the answer of %s is larger than %zu bytes", x->host,
			       x->body.max);
	if (x->bad_headers)
		return err_set(e, ERR_SERVER, "the answer of %s has more than %d bytes of headers", x->host,
			       (int)MAX_HEADER_BYTES);
	if (is_nonsense(x, code))
		return err_set(e, ERR_SERVER, "the answer of %s is not whole: %s", x->host, reason(x, code));
	if (nothing_left(x))
		return err_set(e, ERR_OFFLINE, "cannot reach %s: %s", x->host, reason(x, code));
	return err_set(e, ERR_OFFLINE, "no answer from %s: %s", x->host, reason(x, code));
}

static int set_act_error(struct exchange *x, CURLcode code, struct err *e)
{
	if (nothing_left(x))
		return err_set(e, ERR_OFFLINE, "cannot reach %s, nothing was sent: %s", x->host,
			       reason(x, code));
	err_set(e, ERR_UNKNOWN, "%s may have acted, its answer did not arrive: %s", x->host, reason(x, code));
	return err_hint(e, "do not repeat it; look whether it happened");
}

int exchange_result(struct exchange *x, CURLcode code, struct http_answer *out, struct err *e)
{
	long status = 0;
	int r;

	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	if (code) {
		r = x->mutating ? set_act_error(x, code, e) : set_read_error(x, code, e);
		if (e)
			e->status = (int)status;
		if (is_tls(code))
			err_hint(e, "a private authority is named with --ca-file; there is no way around "
				    "the check");
		return r;
	}
	*out = (struct http_answer){
		.status = (int)status,
		.headers = x->headers.items,
		.headers_n = x->headers.n,
		.body = x->body.s,
		.body_n = x->body.n,
	};
	return 0;
}

int exchange_cancelled(struct exchange *x, struct err *e)
{
	if (!x->mutating || nothing_left(x))
		return err_set(e, ERR_CANCELLED, "given up before an answer came from %s", x->host);
	return err_set(e, ERR_UNKNOWN, "%s may have acted, we stopped before its answer arrived", x->host);
}

static void wipe(struct curl_slist *list)
{
	for (struct curl_slist *l = list; l; l = l->next)
		explicit_bzero(l->data, strlen(l->data));
	curl_slist_free_all(list);
}

void exchange_free(struct exchange *x)
{
	timer_free(x->limit);
	wipe(x->request_headers);
	buf_done(&x->body);
	arena_done(&x->arena);
	free(x);
}
