/*
 * Readings that repeat: asked with what was kept, filled from it when nothing changed, and never without asking.
 */
#include "unit/github/canned.h"

#include "core/adapters/github/keep.h"

#define REPLY(etag, json)                                                                   \
	{                                                                                   \
		200, .headers = "etag: " etag "\nx-ratelimit-remaining: 40", .body = (json) \
	}
#define SAME(etag)                                                          \
	{                                                                   \
		304, .headers = "etag: " etag "\nx-ratelimit-remaining: 39" \
	}
#define SHA(c)    c "3456789012345678901234567890123456789"
#define COMMIT(c) "{\"sha\":\"" SHA(c) "\",\"commit\":{\"message\":\"x\"}}"

struct rig {
	struct canned c;
	struct clock clock;
	struct forge *f;
	int calls;
	struct err err;
	bool ok, replayed, not_modified, cut;
	int64_t remaining;
	size_t n;
	char text[64];
};

static void rig_up(struct rig *r, const struct reply *replies, size_t n)
{
	*r = (struct rig){ 0 };
	canned_init(&r->c, replies, n);
	clock_manual(&r->clock, (struct when){ NOON });
	assert_int_equal(github_open(&r->f, &r->c.http, &r->clock, NULL), 0);
}

static void rig_down(struct rig *r)
{
	forge_free(r->f);
	canned_done(&r->c);
}

static void landed(void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct rig *r = ctx;

	r->calls++;
	r->ok = a != NULL;
	r->err = err ? *err : (struct err)ERR_INIT;
	if (!a)
		return;
	r->replayed = a->replayed;
	r->not_modified = a->not_modified;
	r->remaining = a->rate.remaining;
	r->cut = a->cut;
	r->n = a->n;
	snprintf(r->text, sizeof(r->text), "%s", a->text ? a->text : "");
}

static const struct forge_read tip = { FORGE_COMMIT, .repo = "o/r", .name = "heads/main", .keep = true };

static void start(struct rig *r, const struct forge_read *q)
{
	struct err e = ERR_INIT;

	r->calls = 0;
	assert_int_equal(forge_read(r->f, q, landed, r, &e), 0);
}

static const struct asked *ask(struct rig *r, const struct forge_read *q)
{
	start(r, q);
	canned_pump(&r->c);
	assert_int_equal(r->calls, 1);
	return &r->c.asked[r->c.asked_n - 1];
}

static void what_did_not_change_is_filled_from_what_was_kept(void **state maybe_unused)
{
	static const struct reply replies[] = {
		REPLY("W/\"1\"", COMMIT("aaa")),
		SAME("\"1\""),
		REPLY("W/\"2\"", COMMIT("bbb")),
		SAME("\"2\""),
		{ 502, .body = "" },
		{ 0, ERR_OFFLINE },
		SAME("\"2\""),
	};
	struct rig r;

	rig_up(&r, replies, countof(replies));
	assert_string_equal(ask(&r, &tip)->if_none_match, "");
	assert_true(r.ok && !r.replayed);
	assert_string_equal(ask(&r, &tip)->if_none_match, "W/\"1\"");
	assert_true(r.ok && r.replayed && !r.not_modified);
	assert_string_equal(r.text, SHA("aaa"));
	assert_int_equal(r.remaining, 39); /* of this answer, not of the one that was kept */
	ask(&r, &tip);
	assert_true(r.ok && !r.replayed);
	assert_string_equal(r.text, SHA("bbb"));
	assert_string_equal(ask(&r, &tip)->if_none_match, "W/\"2\"");
	assert_string_equal(r.text, SHA("bbb"));
	/* an error is an error, and what was kept stays */
	for (int i = 0; i < 2; i++) {
		ask(&r, &tip);
		assert_false(r.ok);
	}
	ask(&r, &tip);
	assert_true(r.ok && r.replayed);
	assert_string_equal(r.text, SHA("bbb"));
	rig_down(&r);
}

/* Plans read whole; so does who did not ask for it, and who brings an ETag is told of a 304 himself. */
static void only_who_asks_for_it(void **state maybe_unused)
{
	static const struct reply replies[] = {
		REPLY("\"1\"", COMMIT("aaa")),
		REPLY("\"1\"", COMMIT("aaa")),
		SAME("\"mine\""),
		SAME("\"1\""),
	};
	struct forge_read plain = tip, own = tip;
	struct rig r;

	plain.keep = false;
	own.etag = "\"mine\"";
	rig_up(&r, replies, countof(replies));
	ask(&r, &tip);
	assert_string_equal(ask(&r, &plain)->if_none_match, "");
	assert_true(r.ok && !r.replayed);
	assert_string_equal(ask(&r, &own)->if_none_match, "\"mine\"");
	assert_true(r.ok && r.not_modified && !r.replayed);
	ask(&r, &plain); /* a 304 that nobody asked for */
	assert_false(r.ok);
	rig_down(&r);
}

#define RUN                                                                                     \
	"{\"id\":1,\"head_sha\":\"a\",\"status\":\"queued\",\"created_at\":\"2026-11-21T11:00:" \
	"00Z\"}"
#define RUNS "{\"workflow_runs\":[" RUN "]}"
#define MORE "\nlink: <https://api.example.test/repositories/7/actions/runs?page=2>; rel=\"next\""

/* The link to the next page is of the answer that was kept: a 304 does not repeat it. */
static void pages_are_kept_one_by_one(void **state maybe_unused)
{
	static const struct reply replies[] = {
		{ 200, .headers = "etag: \"p1\"" MORE, .body = RUNS },
		REPLY("\"p2\"", RUNS),
		SAME("\"p1\""),
		SAME("\"p2\""),
		SAME("\"p1\""),
		REPLY("\"p3\"", "{\"workflow_runs\":[" RUN "," RUN "]}"),
	};
	static const struct forge_read runs = { FORGE_RUNS, .repo = "o/r", .pages = 5, .keep = true };
	struct rig r;

	rig_up(&r, replies, countof(replies));
	ask(&r, &runs);
	assert_int_equal(r.n, 2);
	assert_string_equal(ask(&r, &runs)->if_none_match, "\"p2\"");
	assert_int_equal(r.n, 2);
	assert_true(r.replayed && !r.cut);
	ask(&r, &runs);
	assert_int_equal(r.n, 3);
	assert_false(r.replayed); /* one page cost a point */
	rig_down(&r);
}

/* Forgotten between the question and the answer: asked again, not guessed. */
static void what_is_gone_is_asked_for_again(void **state maybe_unused)
{
	static const struct reply replies[] = {
		REPLY("\"1\"", COMMIT("aaa")),
		REPLY("\"2\"", COMMIT("bbb")),
		SAME("\"1\""), /* to whom asked with the first ETag, while the second has taken its place */
		SAME("\"2\""),
	};
	struct rig r;

	rig_up(&r, replies, countof(replies));
	ask(&r, &tip);
	start(&r, &tip);
	start(&r, &tip);
	canned_pump(&r.c);
	assert_int_equal(r.calls, 2);
	assert_string_equal(r.c.asked[2].if_none_match, "\"1\"");
	assert_string_equal(r.c.asked[3].if_none_match, "\"2\"");
	assert_true(r.ok);
	assert_string_equal(r.text, SHA("bbb"));
	rig_down(&r);
}

/* ---- the memory itself ------------------------------------------------------------------------------------------------- */

static void put(struct keep *k, const char *target, const char *accept, const char *etag, size_t n)
{
	const struct http_header h = { "etag", etag };
	char *body = x_alloc(n + 1);

	memset(body, 'x', n);
	keep_put(
		k, target, accept,
		&(struct http_answer){
			.status = 200, .headers = &h, .headers_n = etag != NULL, .body = body, .body_n = n });
	free(body);
}

static void the_memory_is_bounded(void **state maybe_unused)
{
	struct keep k = { 0 };
	struct kept_answer out;
	char name[32];

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "/%d", i);
		put(&k, name, NULL, "\"e\"", 30000);
		assert_non_null(keep_etag(&k, "/0", NULL)); /* what is asked for stays */
		assert_true(k.bytes <= KEEP_ALL);
	}
	assert_null(keep_etag(&k, "/1", NULL));
	assert_non_null(keep_etag(&k, "/99", NULL));
	assert_true(keep_replay(&k, "/99", NULL, "\"e\"", &out));
	assert_int_equal(out.answer.body_n, 30000);
	assert_false(keep_replay(&k, "/99", NULL, "\"f\"", &out));
	/* the form asked for is part of the name; what is too large or has no ETag takes the place of nothing */
	assert_null(keep_etag(&k, "/99", "text/plain"));
	put(&k, "/99", NULL, "\"g\"", KEEP_ONE + 1);
	assert_null(keep_etag(&k, "/99", NULL));
	put(&k, "/98", NULL, NULL, 10);
	assert_null(keep_etag(&k, "/98", NULL));
	keep_done(&k);
	assert_int_equal(k.bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_did_not_change_is_filled_from_what_was_kept),
		cmocka_unit_test(only_who_asks_for_it),
		cmocka_unit_test(pages_are_kept_one_by_one),
		cmocka_unit_test(what_is_gone_is_asked_for_again),
		cmocka_unit_test(the_memory_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
