#include "contract/metrics.h"
#include "tests/folder.h"

#include <sys/stat.h>

#define END   INT64_C(1795262400)
#define TOKEN "s3cret-of-this-minute"
#define JSON  "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define GOOD                                                                                       \
	JSON "Content-Length: "                                                                    \
	     "107\r\n\r\n{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[" \
	     "{\"metric\":{},\"value\":[1795262400.502,\"0.5\"]}]}}"

/* ---- the table ---------------------------------------------------------------------------------------------------------- */

struct script {
	struct desk desk;
	struct wire wire;
	const struct question *now;
	size_t asked;
	struct move move;
	struct buf answer;
};

/* '@' and a number stand for so many seconds from the question's time. */
static void put_body(struct buf *out, const char *body, int64_t at_s)
{
	while (*body) {
		char *end = NULL;
		long offset = *body == '@' ? strtol(body + 1, &end, 10) : 0;

		if (end && end > body + 1) {
			buf_fmt(out, "%" PRId64, at_s + offset);
			body = end;
		} else {
			buf_chr(out, *body++);
		}
	}
}

static const struct move *next_move(void *ctx, const char *request)
{
	struct script *s = ctx;
	const struct canned *c = &s->now->canned[s->asked++];
	struct buf body = BUF_INIT(1 << 20);

	assert_true(s->asked <= countof(s->now->canned) && c->body);
	assert_true(text_starts(request, s->now->lost ? "POST /nowhere/api/v1/query" : "POST /api/v1/query"));
	put_body(&body, c->body, s->desk.end_s + s->now->after_s);
	buf_reset(&s->answer);
	buf_fmt(&s->answer,
		"HTTP/1.1 %d It\r\nContent-Type: %s\r\nDate: Sat, 21 Nov 2026 12:00:01 GMT\r\n"
		"Content-Length: %zu\r\n\r\n%s",
		c->status ? c->status : 200, c->type ? c->type : "application/json", body.n, body.s);
	buf_done(&body);
	s->move = (struct move){ s->answer.s, THEN_KEEP, s->answer.n };
	return &s->move;
}

static void test_questions(void **state maybe_unused)
{
	struct script s = { .answer = BUF_INIT(1 << 20) };
	char base[64];

	desk_open(&s.desk);
	s.desk.end_s = END;
	wire_open(&s.wire, s.desk.loop, NULL, 0);
	s.wire.decide = next_move;
	s.wire.ctx = &s;
	snprintf(base, sizeof(base), "http://127.0.0.1:%d", s.wire.port);
	desk_connect(&s.desk, base, NULL, NULL);
	for (size_t i = 0; i < questions_n; i++) {
		struct told t;

		s.now = &questions[i];
		s.asked = 0;
		desk_ask(&s.desk, s.now, &t);
		desk_check(s.now, &t);
		assert_true(s.asked == 1 || s.now->canned[1].body);
	}
	desk_hang_up(&s.desk);
	wire_close(&s.wire);
	desk_close(&s.desk);
	buf_done(&s.answer);
}

/* ---- what a real one cannot be brought to ------------------------------------------------------------------------------- */

static const struct {
	const char *what;
	struct move move;
	enum sample_state state;
	const char *why;
} rare[] = {
	/* a proxy or a sign-in before it */
	{ "a page for people",
	  { "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>", THEN_KEEP, 0 },
	  SAMPLE_ERROR,
	  "text/html where JSON" },
	{ "no upstream",
	  { "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
	    THEN_KEEP, 0 },
	  SAMPLE_ERROR,
	  "HTTP 502: a page for people" },
	/* the first half second of its life, and a shutdown */
	{ "not ready",
	  { "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
	    "20\r\n\r\n"
	    "Service Unavailable\n",
	    THEN_KEEP, 0 },
	  SAMPLE_ERROR,
	  "HTTP 503: Service Unavailable" },
	/* a line that breaks in the middle */
	{ "reset before a word", { NULL, THEN_RESET, 0 }, SAMPLE_ERROR, "no answer from 127.0.0.1" },
	{ "closed before a word", { NULL, THEN_CLOSE, 0 }, SAMPLE_ERROR, "no answer from 127.0.0.1" },
	{ "closed in the document",
	  { JSON "Content-Length: 107\r\n\r\n{\"status\":\"success\",", THEN_CLOSE, 0 },
	  SAMPLE_ERROR,
	  "is not whole" },
	{ "a whole answer of half a document",
	  { JSON "Content-Length: 20\r\n\r\n{\"status\":\"success\",", THEN_KEEP, 0 },
	  SAMPLE_ERROR,
	  "no whole JSON" },
	{ "silence", { NULL, THEN_HOLD, 0 }, SAMPLE_ERROR, "no answer from 127.0.0.1" },
	{ "silence in the document",
	  { JSON "Content-Length: 107\r\n\r\n{\"status\":", THEN_HOLD, 0 },
	  SAMPLE_ERROR,
	  "127.0.0.1" },
	/* newer than Debian's */
	{ "remarks beside the data",
	  { JSON "Content-Length: "
		 "120\r\n\r\n{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":["
		 "1795262400,\"1\"]},\"infos\":[\"PromQL info: may be no counter\"]}",
	    THEN_KEEP, 0 },
	  SAMPLE_OK,
	  "" },
};

struct line {
	struct desk desk;
	struct wire wire;
	struct metrics *metrics;
};

static void open_line(struct line *l, const struct move *moves, size_t n, const char *token_file)
{
	char base[64];
	struct prometheus_options o = { .base = base, .token_file = token_file, .timeout = 1500 };

	desk_open(&l->desk);
	wire_open(&l->wire, l->desk.loop, moves, n);
	snprintf(base, sizeof(base), "http://127.0.0.1:%d", l->wire.port);
	desk_connect(&l->desk, base, NULL, NULL);
	assert_int_equal(prometheus_open(&l->metrics, &l->desk.tap.http, &o, NULL), 0);
}

static void close_line(struct line *l)
{
	metrics_free(l->metrics);
	desk_hang_up(&l->desk);
	wire_close(&l->wire);
	desk_close(&l->desk);
}

static void test_rare(void **state maybe_unused)
{
	static const struct metrics_query q = { .expression = "x", .at = { END * 1000 } };

	for (size_t i = 0; i < countof(rare); i++) {
		struct line l;
		struct told t;

		open_line(&l, &rare[i].move, 1, NULL);
		desk_read(&l.desk, l.metrics, &t, &q);
		if (t.state != rare[i].state || !strstr(t.why, rare[i].why))
			fail_msg("%s: state %d, \"%s\"", rare[i].what, (int)t.state, t.why);
		close_line(&l);
	}
}

/* ---- whose token -------------------------------------------------------------------------------------------------------- */

static void write_token(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

/* It goes with each question as its file has it then, to the server and not to where the server points. */
static void test_token(void **state maybe_unused)
{
	static const struct metrics_query q = { .expression = "x", .at = { END * 1000 } };
	char dir[FOLDER_PATH], file[FOLDER_PATH + 16], away[160];
	struct move moves[] = { { GOOD, THEN_KEEP, 0 }, { GOOD, THEN_KEEP, 0 }, { away, THEN_KEEP, 0 } };
	struct wire stranger;
	struct line l;
	struct told t;

	snprintf(file, sizeof(file), "%s/token", folder_new(dir));
	write_token(file, TOKEN "\n");
	open_line(&l, moves, countof(moves), file);
	wire_open(&stranger, l.desk.loop, NULL, 0);
	snprintf(away, sizeof(away),
		 "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: "
		 "0\r\n\r\n",
		 stranger.port);
	desk_read(&l.desk, l.metrics, &t, &q);
	assert_int_equal(t.last.value, 500000);
	write_token(file, "the-next-one\n");
	desk_read(&l.desk, l.metrics, &t, &q);
	desk_read(&l.desk, l.metrics, &t, &q);
	assert_true(strstr(t.why, "which is not followed") != NULL);
	assert_true(wire_heard(&l.wire, 0, "\r\nAuthorization: Bearer " TOKEN "\r\n"));
	assert_true(wire_heard(&l.wire, 1, "\r\nAuthorization: Bearer the-next-one\r\n"));
	assert_int_equal(l.wire.connections_n, 1);
	desk_pause(&l.desk, 0);
	assert_int_equal(stranger.connections_n, 0);
	wire_close(&stranger);
	close_line(&l);
}

int fake_main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_rare),
		cmocka_unit_test(test_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
