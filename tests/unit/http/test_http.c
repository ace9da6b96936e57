#include "unit/http/wire.h"
#include "tests/folder.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <sys/stat.h>

#define OK_JSON "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
#define TOKEN   "ghp_0123456789secret"

/* What done() gave. */
struct told {
	int calls, status;
	struct err err;
	char body[256], etag[64], type[64];
	size_t body_n;
	struct http **close; /* the port to close inside done() */
};

struct bench {
	struct clock clock;
	struct loop *loop;
	struct wire wire;
	struct http *http;
	struct secret token;
};

static void copy(char *to, size_t n, const char *from)
{
	snprintf(to, n, "%s", from ? from : "");
}

static void on_done(void *ctx, const struct http_answer *a, const struct err *err)
{
	struct told *t = ctx;

	t->calls++;
	assert_true((a == NULL) != (err == NULL));
	if (err)
		t->err = *err;
	if (a) {
		t->status = a->status;
		t->body_n = a->body_n;
		copy(t->body, sizeof(t->body), a->body);
		copy(t->etag, sizeof(t->etag), http_header(a, "etag"));
		copy(t->type, sizeof(t->type), http_header(a, "content-type"));
	}
	if (t->close) {
		http_free(*t->close);
		*t->close = NULL;
	}
}

static void open_http(struct bench *b, const char *base, const char *unix_socket)
{
	struct http_options o = {
		.base = base, .user_agent = "pilothouse/test", .token = &b->token, .unix_socket = unix_socket
	};
	struct err e = ERR_INIT;

	if (http_open(&b->http, b->loop, &o, &e) < 0)
		fail_msg("%s", e.message);
}

static void open_bench(struct bench *b, const struct move *moves, size_t n)
{
	char base[64];

	*b = (struct bench){ 0 };
	clock_real(&b->clock);
	b->loop = loop_new(&b->clock);
	assert_int_equal(secret_set(&b->token, TOKEN, NULL), 0);
	wire_open(&b->wire, b->loop, moves, n);
	snprintf(base, sizeof(base), "http://127.0.0.1:%d/api/v3", b->wire.port);
	open_http(b, base, NULL);
}

static void close_bench(struct bench *b)
{
	http_free(b->http);
	wire_close(&b->wire);
	loop_free(b->loop);
	secret_done(&b->token);
}

static void until(struct bench *b, const struct told *t)
{
	while (!t->calls)
		assert_true(loop_step(b->loop, -1) >= 0);
}

static void ask(struct bench *b, struct told *t, struct http_request rq)
{
	struct err e = ERR_INIT;

	*t = (struct told){ 0 };
	if (http_send(b->http, &rq, on_done, t, &e) < 0)
		fail_msg("%s", e.message);
	assert_int_equal(t->calls, 0);
	until(b, t);
	assert_int_equal(t->calls, 1);
}

#define GET(path)  ((struct http_request){ .method = "GET", .target = (path) })
#define POST(path) ((struct http_request){ .method = "POST", .target = (path), .body = "{\"ref\":\"v1\"}" })

/* ---- reads ------------------------------------------------------------------------------------------------------- */

static void test_reads_share_a_connection(void **state maybe_unused)
{
	static const struct move moves[] = {
		{ "HTTP/1.1 200 OK\r\nETag: W/\"abc\"\r\nCONTENT-type:  application/json \r\nContent-Length: "
		  "7\r\n\r\n{\"a\":1}",
		  THEN_KEEP, 0 },
		{ "HTTP/1.1 304 Not Modified\r\nETag: \"abc\"\r\n\r\n", THEN_KEEP, 0 },
		{ "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
		  THEN_KEEP, 0 },
	};
	struct http_request conditional = GET("/b?c=d%20e");
	struct bench b;
	struct told t;

	open_bench(&b, moves, countof(moves));
	ask(&b, &t, GET("/a"));
	assert_int_equal(t.status, 200);
	assert_string_equal(t.body, "{\"a\":1}");
	assert_string_equal(t.etag, "W/\"abc\"");
	assert_string_equal(t.type, "application/json");
	conditional.if_none_match = "W/\"abc\"";
	ask(&b, &t, conditional);
	assert_int_equal(t.status, 304);
	assert_int_equal(t.body_n, 0);
	ask(&b, &t, GET("/c"));
	assert_int_equal(t.status, 404);
	assert_int_equal(b.wire.connections_n, 1);
	assert_int_equal(b.wire.heard_n, 3);
	assert_int_equal(b.http->requests, 3);
	assert_true(b.http->bytes >= 9);
	assert_true(wire_heard(&b.wire, 0, "GET /api/v3/a HTTP/1.1\r\n"));
	assert_true(wire_heard(&b.wire, 0, "\r\nAuthorization: Bearer " TOKEN "\r\n"));
	assert_true(wire_heard(&b.wire, 0, "\r\nX-GitHub-Api-Version: 2022-11-28\r\n"));
	assert_true(wire_heard(&b.wire, 0, "\r\nUser-Agent: pilothouse/test\r\n"));
	assert_true(wire_heard(&b.wire, 0, "\r\nAccept: application/vnd.github+json\r\n"));
	assert_true(wire_heard(&b.wire, 0, "\r\nAccept-Encoding: gzip\r\n"));
	assert_false(wire_heard(&b.wire, 0, "If-None-Match"));
	assert_true(wire_heard(&b.wire, 1, "GET /api/v3/b?c=d%20e HTTP/1.1"));
	assert_true(wire_heard(&b.wire, 1, "\r\nIf-None-Match: W/\"abc\"\r\n"));
	close_bench(&b);
}

/* An interim answer's headers are not the answer's. */
/* A POST that only asks shares a connection with reads, and what becomes of it is told as of a read. */
static void test_questions(void **state maybe_unused)
{
	static const struct move moves[] = { { OK_JSON, THEN_KEEP, 0 },
					     { OK_JSON, THEN_KEEP, 0 },
					     { OK_JSON, THEN_KEEP, 0 },
					     { "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", THEN_CLOSE,
					       0 } };
	struct http_request question = { .method = "POST",
					 .target = "/query",
					 .question = true,
					 .content_type = "application/x-www-form-urlencoded",
					 .body = "query=up" };
	struct bench b;
	struct told t;

	open_bench(&b, moves, countof(moves));
	ask(&b, &t, question);
	assert_int_equal(t.status, 200);
	ask(&b, &t, GET("/a"));
	ask(&b, &t, question);
	assert_string_equal(t.body, "{}");
	assert_int_equal(b.wire.connections_n, 1);
	assert_true(wire_heard(&b.wire, 0, "POST /api/v3/query HTTP/1.1\r\n"));
	assert_true(wire_heard(&b.wire, 0, "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
	assert_true(wire_heard(&b.wire, 0, "\r\nContent-Length: 8\r\n"));
	assert_true(wire_heard(&b.wire, 0, "\r\n\r\nquery=up"));
	assert_false(wire_heard(&b.wire, 0, "Expect"));
	assert_true(wire_heard(&b.wire, 1, "GET /api/v3/a HTTP/1.1"));
	assert_false(wire_heard(&b.wire, 1, "query=up"));
	ask(&b, &t, question);
	assert_int_equal(t.err.kind, ERR_SERVER);
	question.foreign = true;
	question.target = "https://elsewhere.example/query";
	assert_int_equal(http_send(b.http, &question, on_done, &t, NULL), -ERR_INVALID);
	close_bench(&b);
}

static void test_interim(void **state maybe_unused)
{
	static const struct move moves[] = { { "HTTP/1.1 103 Early Hints\r\nETag: \"wrong\"\r\n\r\n" OK_JSON,
					       THEN_KEEP, 0 } };
	struct bench b;
	struct told t;

	open_bench(&b, moves, countof(moves));
	ask(&b, &t, GET("/a"));
	assert_int_equal(t.status, 200);
	assert_string_equal(t.etag, "");
	close_bench(&b);
}

static const unsigned char zipped[] = { /* 100,000 times 'a', gzip -9 */
					0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xed,
					0xc1, 0x31, 0x01, 0x00, 0x00, 0x00, 0xc2, 0xa0, 0xac, 0xeb, 0x5f,
					0xc2, 0x1a, 0x1e, 0x40, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
					0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
					0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
					0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
					0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
					0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
					0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
					0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
					0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
					0x00, 0x00, 0xaf, 0x06, 0x87, 0xfa, 0xe2, 0x1b, 0xa0, 0x86, 0x01,
					0x00
};

/* What is no whole answer is no answer: the caller never sees its beginning. */
static void test_broken_answers(void **state maybe_unused)
{
	static const struct {
		struct move move;
		enum err_kind read;
		bool as_it_is; /* an act takes it: it did not ask for compression, and judges what it got */
	} cases[] = {
		{ { NULL, THEN_CLOSE, 0 }, ERR_OFFLINE },
		{ { NULL, THEN_RESET, 0 }, ERR_OFFLINE },
		{ { NULL, THEN_HOLD, 0 }, ERR_OFFLINE },
		{ { "HTTP/1.1 200 OK\r\nContent-Le", THEN_HOLD, 0 }, ERR_OFFLINE },
		{ { "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}", THEN_HOLD, 0 }, ERR_OFFLINE },
		{ { "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}", THEN_CLOSE, 0 }, ERR_SERVER },
		{ { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}", THEN_CLOSE, 0 },
		  ERR_SERVER },
		{ { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", THEN_CLOSE,
		    0 },
		  ERR_SERVER },
		{ { "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n", THEN_CLOSE, 0 }, ERR_SERVER },
		{ { "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", THEN_CLOSE,
		    0 },
		  ERR_SERVER,
		  true },
		{ { "ICY 200 OK\r\n\r\n", THEN_CLOSE, 0 }, ERR_SERVER },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct http_request read = GET("/a"), act = POST("/b");
		struct move moves[] = { cases[i].move, cases[i].move };
		struct bench b;
		struct told t;

		read.timeout = act.timeout = 80;
		open_bench(&b, moves, 2);
		/* a read that finds its connection closed may go again; here it is the first on its connection */
		ask(&b, &t, read);
		if (t.err.kind != cases[i].read)
			fail_msg("case %zu: read is %s: %s", i, err_word(t.err.kind), t.err.message);
		ask(&b, &t, act);
		if (t.err.kind != (cases[i].as_it_is ? ERR_NONE : ERR_UNKNOWN))
			fail_msg("case %zu: act is %s: %s", i, err_word(t.err.kind), t.err.message);
		assert_int_equal(b.wire.heard_n, 2);
		close_bench(&b);
	}
}

static void test_limits(void **state maybe_unused)
{
	static char bomb[512], headers[80000];
	int head = snprintf(bomb, sizeof(bomb),
			    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
			    sizeof(zipped));
	struct move moves[3] = { { bomb, THEN_KEEP, 0 }, { bomb, THEN_KEEP, 0 }, { headers, THEN_KEEP, 0 } };
	struct http_request small = GET("/a"), fits = GET("/b");
	size_t n;
	struct bench b;
	struct told t;

	memcpy(bomb + head, zipped, sizeof(zipped));
	moves[0].n = moves[1].n = (size_t)head + sizeof(zipped);
	n = (size_t)snprintf(headers, sizeof(headers), "HTTP/1.1 200 OK\r\n");
	while (n < 70000)
		n += (size_t)snprintf(headers + n, sizeof(headers) - n, "x-filler: %0100d\r\n", 7);
	snprintf(headers + n, sizeof(headers) - n, "Content-Length: 0\r\n\r\n");
	open_bench(&b, moves, countof(moves));
	small.max_body = 99999;
	fits.max_body = 100000;
	ask(&b, &t, small);
	assert_int_equal(t.err.kind, ERR_SERVER);
	assert_non_null(strstr(t.err.message, "larger than 99999 bytes"));
	ask(&b, &t, fits);
	assert_int_equal(t.status, 200);
	assert_int_equal(t.body_n, 100000);
	ask(&b, &t, GET("/c"));
	assert_int_equal(t.err.kind, ERR_SERVER);
	assert_non_null(strstr(t.err.message, "headers"));
	close_bench(&b);
}

/* A stalled read leaves room for another, and nothing opens connections without end. */
static void test_stall(void **state maybe_unused)
{
	static const struct move moves[] = { { NULL, THEN_HOLD, 0 },
					     { OK_JSON, THEN_KEEP, 0 },
					     { OK_JSON, THEN_KEEP, 0 } };
	struct http_request slow = GET("/slow");
	struct told stalled = { 0 }, first = { 0 }, second = { 0 };
	struct bench b;

	open_bench(&b, moves, countof(moves));
	assert_int_equal(http_send(b.http, &slow, on_done, &stalled, NULL), 0);
	while (!b.wire.heard_n)
		loop_step(b.loop, -1);
	assert_int_equal(http_send(b.http, &GET("/1"), on_done, &first, NULL), 0);
	assert_int_equal(http_send(b.http, &GET("/2"), on_done, &second, NULL), 0);
	until(&b, &first);
	until(&b, &second);
	assert_int_equal(stalled.calls, 0);
	assert_int_equal(b.wire.connections_n, 2);
	http_free(b.http);
	b.http = NULL;
	assert_int_equal(stalled.calls, 1);
	assert_int_equal(stalled.err.kind, ERR_CANCELLED);
	close_bench(&b);
}

/* Stands before the library's: one that is in trouble of its own leaves an exchange without socket and timer. */
static bool library_deaf;

CURLMcode curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int events, int *running)
{
	CURLMcode (*real)(CURLM *, curl_socket_t, int, int *);
	void *found = dlsym(RTLD_NEXT, "curl_multi_socket_action");

	if (library_deaf)
		return CURLM_OUT_OF_MEMORY;
	memcpy(&real, &found, sizeof(real));
	return real(multi, fd, events, running);
}

/* Found by the sweep of memory: the engine waited for ten minutes for an answer that nobody read. Our own limit ends the
 * exchange, and says of an act what is known of it. */
static void test_library_deaf(void **state maybe_unused)
{
	static const struct move moves[] = { { NULL, THEN_HOLD, 0 } };
	static const struct {
		bool act, heard;
		enum err_kind kind;
	} cases[] = {
		{ false, false, ERR_OFFLINE },
		{ false, true, ERR_OFFLINE },
		{ true, false, ERR_OFFLINE },
		{ true, true, ERR_UNKNOWN },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct http_request rq = cases[i].act ? POST("/act") : GET("/read");
		struct told t = { 0 };
		struct bench b;

		rq.timeout = 200;
		open_bench(&b, moves, countof(moves));
		assert_int_equal(http_send(b.http, &rq, on_done, &t, NULL), 0);
		while (cases[i].heard && !b.wire.heard_n)
			loop_step(b.loop, -1);
		if (i % 2)
			t.close = &b.http;
		library_deaf = true;
		until(&b, &t);
		library_deaf = false;
		assert_int_equal(t.calls, 1);
		assert_int_equal(t.err.kind, cases[i].kind);
		close_bench(&b);
	}
}

/* ---- acts -------------------------------------------------------------------------------------------------------- */

/* Measured with plain libcurl: a POST on a connection that the peer closes without an answer goes out twice. Here the
 * peer acts, then closes, resets, answers 502 or redirects, after reads have warmed a connection. Once is once. */
static void test_an_act_goes_once(void **state maybe_unused)
{
	static const struct {
		struct move move;
		int status;
		enum err_kind kind;
	} cases[] = {
		{ { NULL, THEN_CLOSE, 0 }, 0, ERR_UNKNOWN },
		{ { NULL, THEN_RESET, 0 }, 0, ERR_UNKNOWN },
		{ { NULL, THEN_HOLD, 0 }, 0, ERR_UNKNOWN },
		{ { "HTTP/1.1 2", THEN_CLOSE, 0 }, 0, ERR_UNKNOWN },
		{ { "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", THEN_RESET, 0 }, 0, ERR_UNKNOWN },
		{ { "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", THEN_KEEP, 0 }, 502, ERR_NONE },
		{ { "HTTP/1.1 503 No\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n", THEN_KEEP, 0 },
		  503,
		  ERR_NONE },
		{ { "HTTP/1.1 307 Moved\r\nLocation: /api/v3/else\r\nContent-Length: 0\r\n\r\n", THEN_KEEP,
		    0 },
		  307,
		  ERR_NONE },
		{ { "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", THEN_KEEP, 0 },
		  401,
		  ERR_NONE },
		{ { "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n", THEN_KEEP, 0 },
		  417,
		  ERR_NONE },
		{ { "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n", THEN_CLOSE, 0 },
		  408,
		  ERR_NONE },
		{ { "HTTP/1.1 204 No Content\r\n\r\n", THEN_KEEP, 0 }, 204, ERR_NONE },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct move moves[] = { { OK_JSON, THEN_KEEP, 0 }, cases[i].move, { OK_JSON, THEN_KEEP, 0 } };
		struct http_request act = POST("/dispatches");
		struct bench b;
		struct told t;

		act.timeout = 80;
		open_bench(&b, moves, countof(moves));
		ask(&b, &t, GET("/warm"));
		ask(&b, &t, act);
		assert_int_equal(t.status, cases[i].status);
		if (t.err.kind != cases[i].kind)
			fail_msg("case %zu: %s: %s", i, err_word(t.err.kind), t.err.message);
		for (int k = 0; k < 20; k++) /* whatever would still want to happen */
			loop_step(b.loop, 0);
		assert_int_equal(b.wire.heard_n, 2);
		assert_int_equal(b.wire.on[1], 1); /* a connection of its own */
		assert_true(wire_heard(&b.wire, 1, "POST /api/v3/dispatches HTTP/1.1\r\n"));
		assert_true(wire_heard(&b.wire, 1, "\r\n\r\n{\"ref\":\"v1\"}"));
		assert_true(wire_heard(&b.wire, 1, "\r\nContent-Type: application/json\r\n"));
		assert_false(wire_heard(&b.wire, 1, "Expect:"));
		ask(&b, &t, GET("/after"));
		assert_int_equal(b.wire.on[2], 0); /* and the reads kept theirs */
		close_bench(&b);
	}
}

static void test_acts_do_not_share(void **state maybe_unused)
{
	static const struct move moves[] = { { OK_JSON, THEN_KEEP, 0 }, { OK_JSON, THEN_KEEP, 0 } };
	struct http_request bare = { .method = "POST", .target = "/cancel" };
	struct bench b;
	struct told t;

	open_bench(&b, moves, countof(moves));
	ask(&b, &t, POST("/1"));
	ask(&b, &t, bare);
	assert_int_equal(t.status, 200);
	assert_int_equal(b.wire.connections_n, 2);
	assert_true(wire_heard(&b.wire, 1, "\r\nContent-Length: 0\r\n"));
	close_bench(&b);
}

/* Certain that nothing left: the connection or the TLS session never came up. */
static void test_nothing_left(void **state maybe_unused)
{
	static const struct {
		const char *base; /* %d: the port */
		bool listens, answers;
	} cases[] = {
		{ "http://127.0.0.1:%d", false, false },
		{ "https://127.0.0.1:%d", false, false },
		{ "https://127.0.0.1:%d", true, false },
		{ "https://127.0.0.1:%d", true, true },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct bench b;
		struct told t;
		char base[64];
		int r;

		open_bench(&b, NULL, 0);
		http_free(b.http);
		snprintf(base, sizeof(base), cases[i].base, b.wire.port);
		b.wire.deaf = true;
		if (!cases[i].listens) {
			watch_free(b.wire.watch);
			close(b.wire.fd);
			b.wire.watch = NULL;
			b.wire.fd = -1;
		}
		open_http(&b, base, NULL);
		ask(&b, &t, POST("/dispatches"));
		if (t.err.kind != ERR_OFFLINE)
			fail_msg("case %zu: %s: %s", i, err_word(t.err.kind), t.err.message);
		assert_non_null(strstr(t.err.message, "nothing was sent"));
		assert_null(strstr(t.err.message, TOKEN));
		for (size_t k = 0; k < b.wire.connections_n; k++)
			r = memmem(b.wire.connections[k].in.s, b.wire.connections[k].in.n, TOKEN,
				   strlen(TOKEN)) != NULL,
			assert_int_equal(r, 0);
		ask(&b, &t, GET("/a"));
		assert_int_equal(t.err.kind, ERR_OFFLINE);
		close_bench(&b);
	}
}

/* A peer that accepts, and lets the TLS handshake hang, has heard no request. */
static void test_tls_hangs(void **state maybe_unused)
{
	struct http_request act = POST("/dispatches");
	struct bench b;
	struct told t;
	char base[64];

	open_bench(&b, NULL, 0);
	http_free(b.http);
	watch_set(b.wire.watch, 0); /* the kernel accepts, nobody reads */
	snprintf(base, sizeof(base), "https://127.0.0.1:%d", b.wire.port);
	open_http(&b, base, NULL);
	act.timeout = 80;
	ask(&b, &t, act);
	assert_int_equal(t.err.kind, ERR_OFFLINE);
	close_bench(&b);
}

/* ---- where the token goes ------------------------------------------------------------------------------------------ */

static void test_foreign(void **state maybe_unused)
{
	static const struct move moves[] = { { OK_JSON, THEN_KEEP, 0 } };
	struct http_request rq = { .method = "GET", .foreign = true };
	struct bench b;
	struct told t;
	char url[64];

	open_bench(&b, moves, countof(moves));
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/signed?sig=1", b.wire.port);
	rq.target = url;
	ask(&b, &t, rq);
	assert_int_equal(t.status, 200);
	assert_true(wire_heard(&b.wire, 0, "GET /signed?sig=1 HTTP/1.1"));
	assert_false(wire_heard(&b.wire, 0, TOKEN));
	assert_false(wire_heard(&b.wire, 0, "authorization"));
	close_bench(&b);
}

/* What the caller says instead of the token and of the usual type, and nothing of a forge where there is none. */
static void test_bare(void **state maybe_unused)
{
	static const struct move moves[] = { { OK_JSON, THEN_CLOSE, 0 } };
	struct secret token = SECRET_INIT;
	struct err e = ERR_INIT;
	struct told t = { 0 };
	struct http *http = NULL;
	struct bench b;
	char url[64];
	const struct http_options o = { .base = url, .token = &token, .bare = true };
	const struct http_request rq = { .method = "PUT",
					 .target = "/v2/x/manifests/t",
					 .authorization = "Basic dTpw",
					 .content_type = "application/vnd.oci.image.index.v1+json",
					 .body = "{}" };

	open_bench(&b, moves, countof(moves));
	snprintf(url, sizeof(url), "http://127.0.0.1:%d", b.wire.port);
	assert_int_equal(secret_set(&token, TOKEN, &e), 0);
	assert_int_equal(http_open(&http, b.loop, &o, &e), 0);
	assert_int_equal(http_send(http, &rq, on_done, &t, &e), 0);
	until(&b, &t);
	assert_int_equal(t.status, 200);
	assert_true(wire_heard(&b.wire, 0, "PUT /v2/x/manifests/t HTTP/1.1"));
	assert_true(wire_heard(&b.wire, 0, "Authorization: Basic dTpw"));
	assert_true(wire_heard(&b.wire, 0, "Content-Type: application/vnd.oci.image.index.v1+json"));
	assert_false(wire_heard(&b.wire, 0, TOKEN));
	assert_false(wire_heard(&b.wire, 0, "X-GitHub"));
	http_free(http);
	secret_done(&token);
	close_bench(&b);
}

/* http to this machine beside an https origin: only where a person gave the address. */
static void test_local(void **state maybe_unused)
{
	static const struct move moves[] = { { OK_JSON, THEN_KEEP, 0 } };
	struct http_request rq = { .method = "GET", .foreign = true };
	const struct http_options o = { .base = "https://forge.test" };
	struct http *https = NULL;
	struct err e = ERR_INIT;
	struct told t = { 0 };
	struct bench b;
	char url[64];

	open_bench(&b, moves, countof(moves));
	assert_int_equal(http_open(&https, b.loop, &o, &e), 0);
	snprintf(url, sizeof(url), "http://localhost:%d/health", b.wire.port);
	rq.target = url;
	assert_int_equal(http_send(https, &rq, on_done, &t, &e), -ERR_INVALID);
	rq.local = true;
	assert_int_equal(http_send(https, &rq, on_done, &t, &e), 0);
	until(&b, &t);
	assert_int_equal(t.status, 200);
	rq.target = "http://evil.test/";
	assert_int_equal(http_send(https, &rq, on_done, &t, &e), -ERR_INVALID);
	http_free(https);
	close_bench(&b);
}

static void test_refused(void **state maybe_unused)
{
	static const struct http_request bad[] = {
		{ .method = "GET", .target = NULL },
		{ .method = "GET", .target = "a" },
		{ .method = "GET", .target = "https://evil.test/" },
		{ .method = "GET", .target = "@evil.test/" },
		{ .method = "GET", .target = "/a b" },
		{ .method = "GET", .target = "/a\r\nX: y" },
		{ .method = "GET", .target = "/a#b" },
		{ .method = "GET", .target = "/a\\b" },
		{ .method = "GET", .target = "/\xc3\xa9" },
		{ .method = "GET", .target = "/a", .if_none_match = "x\r\nAuthorization: y" },
		{ .method = "GET", .target = "/a", .if_none_match = "\x7f" },
		{ .method = "POST", .target = "/a", .accept = "x\nHost: y" },
		{ .method = "GET", .target = "/a", .authorization = "x\nHost: y" },
		{ .method = "PUT", .target = "/a", .content_type = "x\nHost: y" },
		{ .method = "POST", .target = "https://storage.test/", .foreign = true },
		{ .method = "GET", .target = "http://storage.test/", .foreign = true },
		{ .method = "GET", .target = "http://127.0.0.2/", .foreign = true },
		{ .method = "GET", .target = "http://[::1]/", .foreign = true },
		{ .method = "GET", .target = "file:///etc/passwd", .foreign = true },
		{ .method = "GET", .target = "https://u:p@storage.test/", .foreign = true },
		{ .method = "GET", .target = "//storage.test/", .foreign = true },
		{ .method = "GET", .target = "", .foreign = true },
	};
	struct told t = { 0 };
	struct bench b;

	open_bench(&b, NULL, 0);
	for (size_t i = 0; i < countof(bad); i++) {
		struct err e = ERR_INIT;

		if (http_send(b.http, &bad[i], on_done, &t, &e) != -ERR_INVALID)
			fail_msg("case %zu was taken", i);
		assert_true(e.message[0]);
	}
	for (int k = 0; k < 5; k++)
		loop_step(b.loop, 0);
	assert_int_equal(t.calls, 0);
	assert_int_equal(b.wire.connections_n, 0);
	close_bench(&b);
}

static void test_origins(void **state maybe_unused)
{
	static const struct {
		const char *base, *socket, *becomes; /* NULL: refused */
	} cases[] = {
		{ "https://api.github.com", NULL, "https://api.github.com" },
		{ "https://API.GitHub.com/", NULL, "https://api.github.com" },
		{ "https://ghe.example.test:8443/api/v3/", NULL, "https://ghe.example.test:8443/api/v3" },
		{ "http://127.0.0.1:4711/api/v3", NULL, "http://127.0.0.1:4711/api/v3" },
		{ "http://[::1]:4711", NULL, "http://[::1]:4711" },
		{ "http://drill", "/run/drill.sock", "http://drill" },
		{ "http://api.github.com", NULL, NULL },
		{ "http://localhost:80", NULL, NULL },
		{ "http://127.0.0.1.evil.test", NULL, NULL },
		{ "http://127.0.0.1@evil.test", NULL, NULL },
		{ "https://u:p@api.github.com", NULL, NULL },
		{ "https://api.github.com.", NULL, NULL },
		{ "https://api.github.com?x", NULL, NULL },
		{ "https://api.github.com/#x", NULL, NULL },
		{ "ftp://api.github.com", NULL, NULL },
		{ "api.github.com", NULL, NULL },
		{ "https://", NULL, NULL },
		{ "", NULL, NULL },
		{ NULL, NULL, NULL },
	};
	struct clock clock;
	struct loop *loop;

	clock_real(&clock);
	loop = loop_new(&clock);
	for (size_t i = 0; i < countof(cases); i++) {
		struct http_options o = { .base = cases[i].base, .unix_socket = cases[i].socket };
		struct http *http = NULL;
		struct err e = ERR_INIT;
		int r = http_open(&http, loop, &o, &e);

		if (cases[i].becomes) {
			assert_int_equal(r, 0);
			assert_string_equal(http->base, cases[i].becomes);
			http_free(http);
		} else if (r != -ERR_INVALID) {
			fail_msg("case %zu: %s was taken", i, cases[i].base);
		}
	}
	loop_free(loop);
}

/* A proxy in the environment is for https only, and ~/.netrc is nobody's business here. */
static void test_environment(void **state maybe_unused)
{
	static const struct move moves[] = { { OK_JSON, THEN_KEEP, 0 } };
	char home[FOLDER_PATH], netrc[FOLDER_PATH + 16];
	FILE *f;
	struct bench b;
	struct told t;

	folder_new(home);
	snprintf(netrc, sizeof(netrc), "%s/.netrc", home);
	f = fopen(netrc, "w");
	assert_non_null(f);
	fputs("machine 127.0.0.1 login eve password hunter2\n", f);
	fclose(f);
	setenv("HOME", home, 1);
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("all_proxy", "http://127.0.0.1:1", 1);
	open_bench(&b, moves, countof(moves));
	secret_done(&b.token);
	ask(&b, &t, GET("/a"));
	assert_int_equal(t.status, 200);
	assert_false(wire_heard(&b.wire, 0, "authorization"));
	close_bench(&b);
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	unlink(netrc);
}

/* For https it is asked to connect, and sees neither the token nor a request; its password goes to it alone, and into no
 * message. */
static void test_proxy(void **state maybe_unused)
{
	static const struct move moves[] = { { "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
					       THEN_KEEP, 0 } };
	struct bench b;
	struct told t;
	char proxy[96];

	open_bench(&b, moves, countof(moves));
	http_free(b.http);
	snprintf(proxy, sizeof(proxy), "http://eve:hunter2@127.0.0.1:%d", b.wire.port);
	setenv("https_proxy", proxy, 1);
	open_http(&b, "https://api.example.test", NULL);
	ask(&b, &t, POST("/repos/dispatches"));
	unsetenv("https_proxy");
	assert_int_equal(t.err.kind, ERR_OFFLINE); /* certain that nothing was sent */
	assert_true(wire_heard(&b.wire, 0, "CONNECT api.example.test:443 HTTP/1.1\r\n"));
	assert_true(wire_heard(&b.wire, 0, "\r\nProxy-Authorization: Basic ZXZlOmh1bnRlcjI=\r\n"));
	assert_false(wire_heard(&b.wire, 0, TOKEN));
	assert_false(wire_heard(&b.wire, 0, "dispatches"));
	assert_null(strstr(t.err.message, "hunter2"));
	assert_null(strstr(t.err.message, "eve"));
	assert_null(strstr(t.err.hint, "hunter2"));
	close_bench(&b);
}

static void test_unix_socket(void **state maybe_unused)
{
	static const struct move moves[] = { { OK_JSON, THEN_KEEP, 0 } };
	char dir[FOLDER_PATH], path[FOLDER_PATH + 16];
	struct bench b = { 0 };
	struct told t;

	folder_new(dir);
	snprintf(path, sizeof(path), "%s/s", dir);
	clock_real(&b.clock);
	b.loop = loop_new(&b.clock);
	wire_open_unix(&b.wire, b.loop, path, moves, countof(moves));
	open_http(&b, "http://drill", path);
	ask(&b, &t, GET("/a"));
	assert_int_equal(t.status, 200);
	assert_true(wire_heard(&b.wire, 0, "GET /a HTTP/1.1"));
	close_bench(&b);
	unlink(path);
}

/* ---- ends ------------------------------------------------------------------------------------------------------------ */

static void test_close_outstanding(void **state maybe_unused)
{
	static const struct move moves[] = { { NULL, THEN_HOLD, 0 }, { NULL, THEN_HOLD, 0 } };
	struct told read = { 0 }, sent = { 0 }, unsent = { 0 };
	struct bench b;

	open_bench(&b, moves, countof(moves));
	assert_int_equal(http_send(b.http, &GET("/a"), on_done, &read, NULL), 0);
	assert_int_equal(http_send(b.http, &POST("/b"), on_done, &sent, NULL), 0);
	while (b.wire.heard_n < 2)
		loop_step(b.loop, -1);
	assert_int_equal(http_send(b.http, &POST("/c"), on_done, &unsent, NULL), 0);
	http_free(b.http);
	b.http = NULL;
	assert_int_equal(read.calls + sent.calls + unsent.calls, 3);
	assert_int_equal(read.err.kind, ERR_CANCELLED);
	assert_int_equal(sent.err.kind, ERR_UNKNOWN);
	assert_int_equal(unsent.err.kind, ERR_CANCELLED);
	close_bench(&b);
}

static void test_close_inside_done(void **state maybe_unused)
{
	static const struct move moves[] = { { OK_JSON, THEN_KEEP, 0 } };
	struct bench b;
	struct told t = { .close = &b.http };

	open_bench(&b, moves, countof(moves));
	assert_int_equal(http_send(b.http, &GET("/a"), on_done, &t, NULL), 0);
	until(&b, &t);
	assert_null(b.http);
	assert_int_equal(t.status, 200);
	close_bench(&b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_share_a_connection),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_interim),
		cmocka_unit_test(test_broken_answers),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_stall),
		cmocka_unit_test(test_library_deaf),
		cmocka_unit_test(test_an_act_goes_once),
		cmocka_unit_test(test_acts_do_not_share),
		cmocka_unit_test(test_nothing_left),
		cmocka_unit_test(test_tls_hangs),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_local),
		cmocka_unit_test(test_bare),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_origins),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_proxy),
		cmocka_unit_test(test_unix_socket),
		cmocka_unit_test(test_close_outstanding),
		cmocka_unit_test(test_close_inside_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
