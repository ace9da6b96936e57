#include "unit/github/seen.h"

#include "core/adapters/snappy/snappy.h"

/* Attestations: a list of where bundles are, and bundles that lie with strangers. No credential is ever seen there. */

#define DIGEST "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LIST   "/repos/o/r/attestations/sha256%3A" HEX "?per_page=100"
#define URL    "https://bundles.store.test/b/1.json.sn?sig=x%2By&se=2026"
#define ITEM(n)                                                                                       \
	"{\"bundle\":null,\"repository_id\":7,\"bundle_url\":\"https://s.test/" n "\",\"initiator\":" \
	"\"user\"}"

static const struct forge_read list_read = { FORGE_ATTESTATIONS, .repo = "o/r", .name = DIGEST };
static const struct forge_read bundle_read = { FORGE_ATTESTATION_BUNDLE, .name = URL };

/* ---- lists -------------------------------------------------------------------------------------------------------------- */

static void check_two(const struct forge_answer *a)
{
	const struct attestation_ref *x = a->items;

	assert_int_equal(a->n, 2);
	assert_string_equal(x[0].url, "https://s.test/1");
	assert_string_equal(x[0].bundle, "");
	assert_string_equal(x[0].initiator, "user");
	assert_int_equal(x[0].repository_id, 7);
	assert_string_equal(x[1].bundle, "{\"mediaType\":\"m\",\"n\":[1,2]}");
	assert_string_equal(x[1].url, "");
}

static void check_none(const struct forge_answer *a)
{
	assert_int_equal(a->n, 0);
	assert_false(a->cut);
}

static void check_cut(const struct forge_answer *a)
{
	assert_int_equal(a->n, 1);
	assert_true(a->cut);
}

static void check_damaged(const struct forge_answer *a)
{
	assert_int_equal(a->n, 1);
	assert_int_equal(a->damaged, 2);
	assert_has(a->first_damage, "neither a bundle nor where it is");
}

static const struct list_case {
	const char *what;
	const struct forge_read *read;
	int pages;
	struct reply replies[2];
	size_t asked;
	void (*check)(const struct forge_answer *a); /* NULL: an error, of this kind */
	enum err_kind kind;
	const char *second; /* target */
} lists[] = {
	{ "a URL and an inline bundle",
	  &list_read,
	  0,
	  { { 200,
	      .body = "{\"attestations\":[" ITEM("1") ",{\"bundle\":{\"mediaType\":\"m\",\"n\":[1,2]}}]}" } },
	  1,
	  check_two },
	{ "none", &list_read, 0, { { 200, .body = "{\"attestations\":[]}" } }, 1, check_none },
	{ "none, as 404", &list_read, 0, { { 404, .body = "{\"message\":\"Not Found\"}" } }, 1, check_none },
	{ "404 of something between us",
	  &list_read,
	  0,
	  { { 404, .headers = "content-type: text/html", .body = "<html>" } },
	  1,
	  NULL,
	  ERR_MISSING },
	{ "a server in trouble", &list_read, 0, { { 503, .body = "{}" } }, 1, NULL, ERR_SERVER },
	{ "nobody answers", &list_read, 0, { { 0, .error = ERR_OFFLINE } }, 1, NULL, ERR_OFFLINE },
	{ "no access", &list_read, 0, { { 403, .body = "{\"message\":\"no\"}" } }, 1, NULL, ERR_FORBIDDEN },
	{ "no list", &list_read, 0, { { 200, .body = "{}" } }, 1, NULL, ERR_SERVER },
	{ "damaged ones are told",
	  &list_read,
	  0,
	  { { 200, .body = "{\"attestations\":[{\"bundle\":null}," ITEM("1") ",{\"bundle\":\"text\"}]}" } },
	  1,
	  check_damaged },
	{ "the second page fails",
	  &list_read,
	  0,
	  { { 200, .headers = "link: </repositories/7/attestations/x?after=c>; rel=\"next\"",
	      .body = "{\"attestations\":[" ITEM("1") "]}" },
	    { 404, .body = "{\"message\":\"Not Found\"}" } },
	  2,
	  NULL,
	  ERR_MISSING,
	  "/repositories/7/attestations/x?after=c" },
	{ "more than is read",
	  &list_read,
	  1,
	  { { 200, .headers = "link: </repositories/7/attestations/x?after=c>; rel=\"next\"",
	      .body = "{\"attestations\":[" ITEM("1") "]}" } },
	  1,
	  check_cut },
};

static void test_lists(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(lists); i++) {
		const struct list_case *k = &lists[i];
		struct forge_read read = *k->read;
		struct seen s = { .check = k->check };
		struct canned c;

		read.pages = k->pages;
		canned_init(&c, k->replies, k->asked);
		ask(&s, &c, &read);
		if (s.ok != (k->check != NULL) || s.err.kind != k->kind)
			fail_msg("%s: %s", k->what, s.err.message);
		assert_int_equal(c.asked_n, k->asked);
		assert_string_equal(c.asked[0].target, LIST);
		if (k->second)
			assert_string_equal(c.asked[1].target, k->second);
		seen_done(&s, &c);
	}
}

/* ---- bundles ------------------------------------------------------------------------------------------------------------ */

static const char bundle_text[] =
	"{\"mediaType\":\"m\",\"pad\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}";

static void read_bundle(struct seen *s, struct canned *c, const struct reply *replies, size_t n)
{
	*s = (struct seen){ 0 };
	canned_init(c, replies, n);
	ask(s, c, &bundle_read);
	for (size_t i = 0; i < c->asked_n; i++) {
		assert_true(c->asked[i].foreign); /* which is how a port is told to add no token */
		assert_false(
			c->asked[i]
				.local); /* an answer named it: this machine only beside a forge that is here */
		assert_string_equal(c->asked[i].authorization, "");
		assert_string_equal(c->asked[i].if_none_match, "");
		assert_string_equal(c->asked[i].method, "GET");
		assert_int_equal(c->asked[i].max_body, 4 << 20);
	}
}

static void test_bundle_forms(void **state maybe_unused)
{
	struct buf packed = BUF_INIT(4096);

	snappy_pack(&packed, bundle_text, strlen(bundle_text));
	const struct reply forms[] = {
		{ 200, .headers = "content-type: application/x-snappy", .body = packed.s,
		  .body_n = packed.n },
		{ 200, .headers = "content-type: application/octet-stream", .body = packed.s,
		  .body_n = packed.n },
		{ 200, .headers = "content-type: application/json", .body = bundle_text },
	};
	for (size_t i = 0; i < countof(forms); i++) {
		struct seen s;
		struct canned c;

		read_bundle(&s, &c, &forms[i], 1);
		assert_true(s.ok);
		assert_string_equal(s.a.text, bundle_text);
		assert_int_equal(s.a.number, strlen(bundle_text));
		assert_string_equal(c.asked[0].target, URL);
		seen_done(&s, &c);
	}
	buf_done(&packed);
}

static const struct refusal {
	struct reply reply;
	enum err_kind kind;
	const char *words;
} refusals[] = {
	{ { 200, .headers = "content-type: application/x-snappy", .body = "\xff\xff\xff\xff\x0f" },
	  ERR_SERVER,
	  "unpacked it is 4294967295 bytes" },
	{ { 200, .headers = "content-type: application/x-snappy", .body = "\x81\x80\x80\x02 and so on" },
	  ERR_SERVER,
	  "unpacked it is 4194305 bytes, at most 4194304" },
	{ { 200, .headers = "content-type: application/x-snappy",
	    .body = "\x09\x08"
		    "abc" },
	  ERR_SERVER,
	  "bundles.store.test" },
	{ { 200, .headers = "content-type: application/x-snappy", .body = "" }, ERR_SERVER, "no Snappy" },
	{ { 200, .headers = "content-type: text/html", .body = "<html>" }, ERR_SERVER, "kind asked for" },
	{ { 404, .body = "" }, ERR_MISSING, "bundles.store.test" },
	{ { 403, .headers = "content-type: application/xml", .body = "<Error>expired" }, ERR_SERVER, "403" },
	{ { 401, .body = "{}" }, ERR_SERVER, "401" }, /* and not: our token is bad */
	{ { 503, .body = "" }, ERR_SERVER, "503" },
	{ { 302, .headers = "location: ftp://x.test/" }, ERR_SERVER, "redirect" },
	{ { 302, .headers = "location: http://10.0.0.1/" }, ERR_SERVER, "redirect" },
	{ { 302, .headers = "location: https://u:p@x.test/" }, ERR_SERVER, "redirect" },
	{ { 302 }, ERR_SERVER, "redirect" },
};

static void test_bundle_refused(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(refusals); i++) {
		struct seen s;
		struct canned c;

		read_bundle(&s, &c, &refusals[i].reply, 1);
		assert_false(s.ok);
		if (s.err.kind != refusals[i].kind)
			fail_msg("case %zu: %s", i, s.err.message);
		assert_has(s.err.message, refusals[i].words);
		assert_int_equal(c.asked_n, 1);
		seen_done(&s, &c);
	}
}

/* To other storage, to a place beside it, and never with anything of ours; without end it ends. */
static void test_bundle_redirects(void **state maybe_unused)
{
	static const struct reply there[] = {
		{ 302, .headers = "location: https://elsewhere.test/x" },
		{ 307, .headers = "location: /y?z" },
		{ 200, .headers = "content-type: application/json", .body = "{}" },
	};
	static const struct reply round = { 302, .headers = "location: https://elsewhere.test/x" };
	const struct reply rounds[] = { round, round, round, round, round, round };
	struct seen s;
	struct canned c;

	read_bundle(&s, &c, there, countof(there));
	assert_true(s.ok);
	assert_string_equal(c.asked[1].target, "https://elsewhere.test/x");
	assert_string_equal(c.asked[2].target, "https://elsewhere.test/y?z");
	seen_done(&s, &c);
	read_bundle(&s, &c, rounds, countof(rounds));
	assert_false(s.ok);
	assert_has(s.err.message, "redirects without end");
	assert_int_equal(c.asked_n, 4);
	seen_done(&s, &c);
}

/* The forge's own origin gets no token with it either. */
static void test_bundle_at_the_forge(void **state maybe_unused)
{
	static const struct reply reply = { 200, .body = "{}" };
	const struct forge_read read = { FORGE_ATTESTATION_BUNDLE,
					 .name = "https://api.example.test/repos/o/r/b" };
	struct seen s = { 0 };
	struct canned c;

	canned_init(&c, &reply, 1);
	ask(&s, &c, &read);
	assert_true(s.ok);
	assert_true(c.asked[0].foreign);
	assert_string_equal(c.asked[0].target, read.name);
	seen_done(&s, &c);
}

static const struct forge_read refused[] = {
	{ FORGE_ATTESTATIONS, .repo = "o/r" },
	{ FORGE_ATTESTATIONS, .repo = "o/r", .name = "../x" },
	{ FORGE_ATTESTATION_BUNDLE },
	{ FORGE_ATTESTATION_BUNDLE, .name = "/b" },
	{ FORGE_ATTESTATION_BUNDLE, .name = "http://s.test/b" },
	{ FORGE_ATTESTATION_BUNDLE, .name = "file:///etc/passwd" },
	{ FORGE_ATTESTATION_BUNDLE, .name = "https://a@s.test/b" },
	{ FORGE_ATTESTATION_BUNDLE, .name = "https://s.test/b\r\nX: y" },
};

static void nobody(void *ctx maybe_unused, const struct forge_answer *a maybe_unused,
		   const struct err *err maybe_unused)
{
	fail();
}

static void test_refused(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(refused); i++) {
		struct forge *f = NULL;
		struct canned c;
		struct err e = ERR_INIT;

		canned_init(&c, NULL, 0);
		clock_manual(&the_clock, (struct when){ NOON });
		assert_int_equal(github_open(&f, &c.http, &the_clock, NULL), 0);
		assert_int_equal(forge_read(f, &refused[i], nobody, NULL, &e), -ERR_INVALID);
		assert_int_equal(c.asked_n, 0);
		forge_free(f);
		canned_done(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_bundle_forms),
		cmocka_unit_test(test_bundle_refused),
		cmocka_unit_test(test_bundle_redirects),
		cmocka_unit_test(test_bundle_at_the_forge),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
