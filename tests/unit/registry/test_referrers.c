#include "unit/github/canned.h"

#include "core/adapters/digest/digest.h"
#include "core/adapters/registry/registry.h"

/* Referrers, with and without the API, and blobs: what is asked, with what credential, and what is believed. */

#define INDEX       "application/vnd.oci.image.index.v1+json"
#define HEX_A       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B       "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SHA_A       "sha256:" HEX_A
#define SHA_B       "sha256:" HEX_B
#define ABC         "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" /* FIPS 180-2 */
#define TYPE        "application/vnd.dev.sigstore.bundle.v0.3+json"
#define ITEM(type)  "{\"mediaType\":\"m\",\"digest\":\"" SHA_B "\",\"size\":9,\"artifactType\":\"" type "\"}"
#define LIST(items) "{\"schemaVersion\":2,\"mediaType\":\"" INDEX "\",\"manifests\":[" items "]}"
#define PAGE(items)                                                         \
	{                                                                   \
		200, .headers = "content-type: " INDEX, .body = LIST(items) \
	}
#define API  "/v2/o/app/referrers/" SHA_A "?artifactType=application%2Fvnd.dev.sigstore.bundle.v0.3%2Bjson"
#define TAG  "/v2/o/app/manifests/sha256-" HEX_A
#define BLOB "/v2/o/app/blobs/" ABC
#define OPEN                      \
	{                         \
		200, .body = "{}" \
	} /* GET /v2/: anybody may read */
#define LOCKED(scheme)                                                    \
	{                                                                 \
		401, .headers = "www-authenticate: " scheme, .body = "{}" \
	}
#define BEARER "Bearer realm=\"https://r.example.test/token\",service=\"s\""
#define MOVED(location)                               \
	{                                             \
		307, .headers = "location: " location \
	}

struct told {
	int calls;
	bool ok;
	struct err err;
	struct registry_answer a;
	char type[96], bytes[64];
};

static void on_read(void *ctx, const struct registry_answer *a, const struct err *err)
{
	struct told *t = ctx;

	t->calls++;
	t->ok = a != NULL;
	assert_true((a == NULL) != (err == NULL));
	if (err)
		t->err = *err;
	if (!a)
		return;
	t->a = *a;
	if (a->referrers_n) {
		canned_copy(t->type, sizeof(t->type), a->referrers[0].type);
		assert_string_equal(a->referrers[0].digest, SHA_B);
		assert_int_equal(a->referrers[0].size, 9);
	}
	if (a->bytes)
		canned_copy(t->bytes, sizeof(t->bytes), a->bytes);
}

static struct clock the_clock;

static void ask(struct canned *c, struct told *t, const struct registry_read *q, const struct reply *replies,
		size_t n, const struct secret *credential)
{
	struct registry *r = NULL;

	*t = (struct told){ 0 };
	canned_init(c, replies, n);
	c->http.base = "https://r.example.test";
	clock_manual(&the_clock, (struct when){ NOON });
	assert_int_equal(registry_open(&r, &c->http, &the_clock, credential, NULL), 0);
	assert_int_equal(r->ops->read(r, q, on_read, t, &t->err), 0);
	canned_pump(c);
	assert_int_equal(t->calls, 1);
	r->ops->free(r);
}

/* ---- referrers ---------------------------------------------------------------------------------------------------------- */

static const struct registry_read referrers = { REGISTRY_REFERRERS, "o/app", SHA_A, TYPE };

static const struct list_case {
	const char *what;
	struct reply replies[4];
	size_t asked; /* with GET /v2/ */
	const char *last;
	enum err_kind kind;
	size_t n;
	bool fallback, cut;
} lists[] = {
	{ "one, and none of another type", { OPEN, PAGE(ITEM(TYPE) "," ITEM("x/y")) }, 2, API, 0, 1 },
	{ "a type that is not told may be it",
	  { OPEN, PAGE("{\"mediaType\":\"m\",\"digest\":\"" SHA_B "\",\"size\":9}") },
	  2,
	  API,
	  0,
	  1 },
	{ "none", { OPEN, PAGE("") }, 2, API, 0, 0 },
	{ "two pages",
	  { OPEN,
	    { 200,
	      .headers = "content-type: " INDEX "\nlink: </v2/o/app/referrers/" SHA_A "?n=2>; rel=\"next\"",
	      .body = LIST(ITEM(TYPE)) },
	    PAGE(ITEM(TYPE)) },
	  3,
	  "/v2/o/app/referrers/" SHA_A "?n=2",
	  0,
	  2 },
	{ "a next page that is elsewhere",
	  { OPEN,
	    { 200, .headers = "content-type: " INDEX "\nlink: </v2/o/other/referrers/x>; rel=\"next\"",
	      .body = LIST(ITEM(TYPE)) } },
	  2,
	  API,
	  0,
	  1,
	  .cut = true },
	{ "no API, a tag",
	  { OPEN, { 404, .body = "{}" }, PAGE(ITEM(TYPE)) },
	  3,
	  TAG,
	  0,
	  1,
	  .fallback = true },
	{ "no API, another word for it",
	  { OPEN, { 405 }, PAGE(ITEM(TYPE)) },
	  3,
	  TAG,
	  0,
	  1,
	  .fallback = true },
	{ "something else at its place",
	  { OPEN, { 200, .headers = "content-type: text/html", .body = "<html>" }, PAGE(ITEM(TYPE)) },
	  3,
	  TAG,
	  0,
	  1,
	  .fallback = true },
	{ "no API, no tag",
	  { OPEN, { 404, .body = "{}" }, { 404, .body = "{}" } },
	  3,
	  TAG,
	  0,
	  0,
	  .fallback = true },
	{ "no API, and the tag cannot be read", { OPEN, { 404 }, { 503 } }, 3, TAG, ERR_SERVER },
	{ "no API, and the tag is no index",
	  { OPEN,
	    { 404 },
	    { 200, .headers = "content-type: application/vnd.oci.image.manifest.v1+json", .body = "{}" } },
	  3,
	  TAG,
	  ERR_CORRUPT },
	{ "in trouble", { OPEN, { 503 } }, 2, API, ERR_SERVER },
	{ "the second page in trouble",
	  { OPEN,
	    { 200,
	      .headers = "content-type: " INDEX "\nlink: </v2/o/app/referrers/" SHA_A "?n=2>; rel=\"next\"",
	      .body = LIST(ITEM(TYPE)) },
	    { 404 } },
	  3,
	  "/v2/o/app/referrers/" SHA_A "?n=2",
	  ERR_MISSING },
	{ "nobody answers", { OPEN, { 0, .error = ERR_OFFLINE } }, 2, API, ERR_OFFLINE },
	{ "forbidden", { OPEN, { 403, .body = "{}" } }, 2, API, ERR_FORBIDDEN },
	{ "a digest that is none",
	  { OPEN, PAGE("{\"digest\":\"sha256:../../x\",\"size\":9,\"artifactType\":\"" TYPE "\"}") },
	  2,
	  API,
	  ERR_CORRUPT },
	{ "no size",
	  { OPEN, PAGE("{\"digest\":\"" SHA_B "\",\"artifactType\":\"" TYPE "\"}") },
	  2,
	  API,
	  ERR_CORRUPT },
	{ "no list",
	  { OPEN, { 200, .headers = "content-type: " INDEX, .body = "{\"schemaVersion\":2}" } },
	  2,
	  API,
	  ERR_CORRUPT },
	{ "an index by its header only",
	  { OPEN,
	    { 200, .headers = "content-type: " INDEX,
	      .body = "{\"schemaVersion\":2,\"mediaType\":\"x\",\"manifests\":[]}" } },
	  2,
	  API,
	  ERR_CORRUPT },
};

static void test_referrers(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(lists); i++) {
		const struct list_case *k = &lists[i];
		struct canned c;
		struct told t;

		ask(&c, &t, &referrers, k->replies, k->asked, NULL);
		if (t.err.kind != k->kind || t.a.referrers_n != k->n)
			fail_msg("%s: %zu, %s", k->what, t.a.referrers_n, t.err.message);
		assert_int_equal(c.asked_n, k->asked);
		assert_string_equal(c.asked[c.asked_n - 1].target, k->last);
		if (t.ok && (t.a.fallback != k->fallback || t.a.cut != k->cut))
			fail_msg("%s: fallback %d, cut %d", k->what, t.a.fallback, t.a.cut);
		canned_done(&c);
	}
}

/* ---- blobs -------------------------------------------------------------------------------------------------------------- */

static const struct registry_read blob = { REGISTRY_BLOB, "o/app", ABC, NULL };

static const struct blob_case {
	const char *what;
	struct reply replies[6];
	size_t asked;
	const char *last;
	bool foreign;
	enum err_kind kind; /* 0: "abc" came */
} blobs[] = {
	{ "here", { OPEN, { 200, .body = "abc" } }, 2, BLOB },
	{ "other bytes", { OPEN, { 200, .body = "abd" } }, 2, BLOB, .kind = ERR_CORRUPT },
	{ "no bytes", { OPEN, { 200 } }, 2, BLOB, .kind = ERR_CORRUPT },
	{ "gone", { OPEN, { 404 } }, 2, BLOB, .kind = ERR_MISSING },
	{ "in trouble", { OPEN, { 502 } }, 2, BLOB, .kind = ERR_SERVER },
	{ "in storage",
	  { OPEN, MOVED("https://s.test/b?sig=1"), { 200, .body = "abc" } },
	  3,
	  "https://s.test/b?sig=1",
	  true },
	{ "other bytes in storage",
	  { OPEN, MOVED("https://s.test/b"), { 200, .body = "x" } },
	  3,
	  "https://s.test/b",
	  true,
	  ERR_CORRUPT },
	{ "refused by storage",
	  { OPEN, MOVED("https://s.test/b"), { 401, .body = "{}" } },
	  3,
	  "https://s.test/b",
	  true,
	  ERR_SERVER },
	{ "gone from storage",
	  { OPEN, MOVED("https://s.test/b"), { 404 } },
	  3,
	  "https://s.test/b",
	  true,
	  ERR_SERVER },
	{ "storage sends us on",
	  { OPEN, MOVED("https://s.test/b"), MOVED("https://t.test/b") },
	  3,
	  "https://s.test/b",
	  true,
	  ERR_SERVER },
	{ "elsewhere in the registry",
	  { OPEN, MOVED("/v2/mirror/b"), { 200, .body = "abc" } },
	  3,
	  "/v2/mirror/b" },
	{ "elsewhere in the registry, in full",
	  { OPEN, MOVED("https://r.example.test/v2/mirror/b"), { 200, .body = "abc" } },
	  3,
	  "/v2/mirror/b" },
	{ "a host that begins like ours",
	  { OPEN, MOVED("https://r.example.test.evil.test/b"), { 200, .body = "abc" } },
	  3,
	  "https://r.example.test.evil.test/b",
	  true },
	{ "a host without scheme",
	  { OPEN, MOVED("//evil.test/b"), { 200, .body = "abc" } },
	  3,
	  "//evil.test/b",
	  true },
	{ "round and round",
	  { OPEN, MOVED("/a"), MOVED("/b"), MOVED("/c"), MOVED("/d"), { 200, .body = "abc" } },
	  5,
	  "/c",
	  .kind = ERR_SERVER },
	{ "nowhere", { OPEN, { 307 } }, 2, BLOB, .kind = ERR_SERVER },
};

static void test_blobs(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(blobs); i++) {
		const struct blob_case *k = &blobs[i];
		struct canned c;
		struct told t;

		ask(&c, &t, &blob, k->replies, countof(k->replies), NULL);
		if (t.err.kind != k->kind || (t.ok && strcmp(t.bytes, "abc") != 0))
			fail_msg("%s: %s, %s", k->what, t.bytes, t.err.message);
		if (c.asked_n != k->asked)
			fail_msg("%s: asked %zu times", k->what, c.asked_n);
		assert_string_equal(c.asked[c.asked_n - 1].target, k->last);
		assert_int_equal(c.asked[c.asked_n - 1].foreign, k->foreign);
		assert_int_equal(c.asked[c.asked_n - 1].max_body, 4 << 20);
		canned_done(&c);
	}
}

/* ---- who hears the credential --------------------------------------------------------------------------------------- */

/* The registry and its token service hear it; storage hears nothing at all. */
static void test_canary(void **state maybe_unused)
{
	static const struct reply replies[] = {
		LOCKED(BEARER),
		{ 200, .body = "{\"token\":\"tok-canary\"}" },
		MOVED("https://s.test/b"),
		{ 200, .body = "abc" },
	};
	struct secret credential = SECRET_INIT;
	struct canned c;
	struct told t;

	assert_int_equal(secret_set(&credential, "ana:word-canary", NULL), 0);
	ask(&c, &t, &blob, replies, countof(replies), &credential);
	assert_true(t.ok);
	assert_int_equal(c.asked_n, 4);
	assert_string_equal(c.asked[0].authorization, "");
	assert_has(c.asked[1].target, "https://r.example.test/token?scope=repository%3Ao%2Fapp%3Apull");
	assert_has(c.asked[1].authorization, "Basic ");
	assert_string_equal(c.asked[2].authorization, "Bearer tok-canary");
	assert_string_equal(c.asked[2].target, BLOB);
	assert_true(c.asked[3].foreign);
	assert_string_equal(c.asked[3].authorization, "");
	secret_done(&credential);
	canned_done(&c);
}

static const struct registry_read refused[] = {
	{ REGISTRY_REFERRERS, "o/app", "latest", NULL }, { REGISTRY_REFERRERS, "o/../app", SHA_A, NULL },
	{ REGISTRY_REFERRERS, "o/app", NULL, NULL },     { REGISTRY_BLOB, "o/app", "latest", NULL },
	{ REGISTRY_BLOB, "o/app", "sha256:AA", NULL },   { REGISTRY_BLOB, "", SHA_A, NULL },
};

static void test_refused(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(refused); i++) {
		struct registry *r = NULL;
		struct told t = { 0 };
		struct canned c;

		canned_init(&c, NULL, 0);
		assert_int_equal(registry_open(&r, &c.http, &the_clock, NULL, NULL), 0);
		assert_int_equal(r->ops->read(r, &refused[i], on_read, &t, &t.err), -ERR_INVALID);
		assert_int_equal(t.calls, 0);
		assert_int_equal(c.asked_n, 0);
		r->ops->free(r);
		canned_done(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_referrers),
		cmocka_unit_test(test_blobs),
		cmocka_unit_test(test_canary),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
