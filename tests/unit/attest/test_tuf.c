#include "tests/unit/attest/tuf_repo.h"
#include "tests/unit/attest/vectors.h"

/* What is expected: words of the refusal, or NULL when the update holds. */
static void expect(const struct repo_answer *got, const char *refused, const char *name)
{
	if (refused ? got->r >= 0 || !strstr(got->e.message, refused) : got->r != 0)
		print_message("%s: %d %s\n", name, got->r, got->e.message);
	if (!refused) {
		assert_int_equal(got->r, 0);
		return;
	}
	assert_true(got->r < 0);
	assert_non_null(strstr(got->e.message, refused));
}

/* ---- the vectors ---------------------------------------------------------------------------------------------------------- */

struct vector_case {
	const char *dir, *target, *refused;
	const char *file;      /* what the target holds */
	const char *cached[4]; /* of the template, as cache name and file */
	const char *now;       /* NULL: when the template was in force */
	bool alone;            /* nothing of the template is served */
	int64_t versions[4];   /* of those that are believed: root, timestamp, snapshot, targets */
};
static const struct vector_case vector_cases[] = {
	{ "test-template", "test.txt", .file = "test file\n", .versions = { 2, 3, 3, 3 } },
	{ "test-template", "test.txt.v2", .file = NULL, .versions = { 2, 3, 3, 3 } },
	{ "test-template", "test2.txt", .versions = { 2, 3, 3, 3 } },
	{ "test-template", "test3.txt", "do not name test3.txt" },
	{ "no-size-no-hash-snapshot-timestamp", "test.txt", .versions = { 2, 3, 3, 3 } },
	{ "root-unsigned", "test.txt", "signed by 0 keys of root 1 and 1 are needed" },
	{ "root-update-with-empty-signature", "test.txt", .versions = { 2, 3, 3, 3 } },
	{ "root-update-with-unknown-fields", "test.txt", "the mirror has no timestamp.json",
	  .now = "2026-06-01T00:00:00Z", .alone = true },
	{ "root-wrong-version", "test.txt", "follows version 1 says that it is 1" },
	{ "snapshot-invalid-hash", "test.txt", "3.snapshot.json is not the one that is announced" },
	/* their maker left the length of before in the timestamp, so it is refused even earlier; nothing_goes_back() has more */
	{ "snapshot-target-missing", "test.txt", "4.snapshot.json has 352 bytes, and 540 are announced" },
	{ "snapshot-target-missing", "test.txt", "4.snapshot.json has 352 bytes, and 540 are announced",
	  .cached = { "snapshot.json", "3.snapshot.json", "timestamp.json", "2.timestamp.json" } },
	{ "snapshot-version-mismatch", "test.txt", "says that it is version 2, and 3 is announced" },
	{ "targets-download-invalid-hash", "test.txt", "test.txt is not the one that is announced" },
	{ "targets-download-missing-target-metadata", "test.txt", "do not say how long test.txt is" },
	{ "targets-download-missing-target-metadata", "test2.txt", .versions = { 2, 3, 3, 3 } },
	{ "targets-expired", "test.txt", "version 3 of the targets expired at 2022-11-19T18:07:27Z" },
	{ "targets-sha256-or-sha512", "test.txt", .now = "2024-08-20T00:00:00Z", .alone = true,
	  .versions = { 2, 2, 2, 1 } },
	{ "targets-sha256-or-sha512", "test2.txt", .now = "2024-08-20T00:00:00Z", .alone = true,
	  .versions = { 2, 2, 2, 1 } },
	{ "targets-snapshot-version-mismatch", "test.txt", "says that it is version 2, and 3 is announced" },
	{ "timestamp-rollback-version", "test.txt", "the timestamp goes back from version 3 to 1",
	  .cached = { "timestamp.json", "timestamp.json" } },
};

struct vector_mirror {
	struct arena *a;
	const struct vector_case *c;
};

static int vector_read(void *ctx, const char *name, struct buf *out, struct err *e)
{
	const struct vector_mirror *m = ctx;
	size_t n = 0;
	const char *text = vector_file(m->a, arena_printf(m->a, "tuf/%s/%s", m->c->dir, name), &n);

	(void)e;
	if (!text && !m->c->alone)
		text = vector_file(m->a, arena_printf(m->a, "tuf/test-template/%s", name), &n);
	if (!text)
		return TUF_ABSENT;
	buf_add(out, text, n);
	return 0;
}

static const char *vector_anchor(const struct vector_case *c, struct arena *a, size_t *n)
{
	const char *first = strstr(c->dir, "unknown") ? "4.root.json" : "1.root.json";

	return vector_file(a, arena_printf(a, "tuf/%s/%s", c->alone ? c->dir : "test-template", first), n);
}

static void run_vector(const struct vector_case *c, struct arena *a)
{
	struct tuf_shelf kept = { .a = a };
	struct vector_mirror served = { a, c };
	const struct tuf_place mirror = { vector_read, NULL, &served },
			       cache = { shelf_read, shelf_write, &kept };
	struct tuf_from from = { .cache = &cache,
				 .mirror = &mirror,
				 .now = made_when(c->now ? c->now : "2022-11-20T00:00:00Z") };
	struct repo_answer got = { .e = ERR_INIT };
	size_t n;

	for (size_t i = 0; i < countof(c->cached) && c->cached[i]; i += 2) {
		const char *text =
			vector_file(a, arena_printf(a, "tuf/test-template/%s", c->cached[i + 1]), &n);

		assert_non_null(text);
		shelf_set(&kept, c->cached[i], text, n);
	}
	from.anchor = vector_anchor(c, a, &from.anchor_n);
	assert_non_null(from.anchor);
	got.r = attest_tuf_update(&got.found, &from, c->target, a, &got.e);
	expect(&got, c->refused, c->dir);
	if (!c->refused) {
		const int64_t have[] = { got.found.root, got.found.timestamp, got.found.snapshot,
					 got.found.targets };

		assert_memory_equal(have, c->versions, sizeof(have));
	}
	if (c->alone && c->refused) /* the root itself was believed */
		assert_non_null(shelf_get(&kept, "5.root.json").p);
}

static void the_vectors_are_judged_as_they_say(void **state)
{
	struct arena a = ARENA_INIT;

	(void)state;
	if (!vector_path(&a, "")) {
		print_message("PILOTHOUSE_VECTORS names no vectors\n");
		skip();
	}
	for (size_t i = 0; i < countof(vector_cases); i++)
		run_vector(&vector_cases[i], &a);
	arena_done(&a);
}

/* ---- roots ---------------------------------------------------------------------------------------------------------------- */

static const struct repo_root first = { .version = 1, .keys = "012", .threshold = 2, .by = "01" };
static const struct repo_state state1 = { .timestamp = 1, .snapshot = 1, .targets = 1 };

static void a_root_needs_the_old_keys_and_its_own(void **state)
{
	static const struct {
		struct repo_root next;
		const char *refused;
	} cases[] = {
		{ { 2, "012", 2, .by = "12" }, NULL },
		{ { 2, "012", 2, .by = "!012" }, NULL }, /* an empty one is passed over */
		{ { 2, "034", 2, .by = "0134" }, NULL },
		{ { 2, "034", 2, .by = "012" }, "signed by 1 keys of root 2 and 2 are needed" },
		{ { 2, "034", 2, .by = "034" }, "signed by 1 keys of root 1 and 2 are needed" },
		{ { 2, "012", 2, .by = "00" }, "signed by 1 keys" },
		{ { 2, "0011", 3, .by = "01" }, "signed by 2 keys of root 2 and 3" },
		{ { 2, "012", 2, .by = "~01" }, "signed by 1 keys" },
		{ { 2, "012", 0, .by = "01" }, "its root is missing or not as it must be" },
		{ { 3, "012", 2, .by = "01" }, "follows version 1 says that it is 3" },
		{ { 2, "012", 2, .expires = TUF_NOW, .by = "01" }, "version 2 of the root expired" },
		{ { 2, "012", 2, .expires = "soon", .by = "01" }, "its expires is" },
	};
	struct arena a = ARENA_INIT;
	struct tuf_repo repo;
	const char *anchor;

	(void)state;
	repo_open(&repo, &a);
	anchor = repo_root(&repo, &first);
	repo_publish(&repo, &state1);
	for (size_t i = 0; i < countof(cases); i++) {
		struct repo_answer got;

		repo.cache.n = 0;
		shelf_text(&repo.mirror, "2.root.json", repo_root(&repo, &cases[i].next));
		got = repo_update(&repo, anchor, "t.json", TUF_NOW, true);
		expect(&got, cases[i].refused, cases[i].next.by);
		assert_true(got.r < 0 || got.found.root == 2);
	}
	repo_close(&repo);
	arena_done(&a);
}

/* An expired one on the way is no matter, the same key under two names is one, and the walk ends somewhere. */
static void roots_are_walked(void **state)
{
	struct arena a = ARENA_INIT;
	struct tuf_repo repo;
	struct repo_answer got;
	const char *anchor;

	(void)state;
	repo_open(&repo, &a);
	anchor = repo_root(&repo,
			   &(struct repo_root){ 1, "0", 1, .by = "0", .expires = "2020-01-01T00:00:00Z" });
	repo_publish(&repo, &state1);
	got = repo_update(&repo, anchor, "t.json", TUF_NOW, true);
	expect(&got, "version 1 of the root expired", "old anchor");
	for (int v = 2; v < 6; v++)
		shelf_text(&repo.mirror, arena_printf(&a, "%d.root.json", v),
			   repo_root(&repo, &(struct repo_root){ v, "0", 1, .by = "0",
								 .expires = v < 5 ? "2020-01-01T00:00:00Z"
										  : NULL }));
	got = repo_update(&repo, anchor, "t.json", TUF_NOW, true);
	expect(&got, NULL, "walk");
	assert_int_equal(got.found.root, 5);
	assert_int_equal(got.found.root_before, 1);
	got = repo_update(&repo, anchor, "t.json", TUF_NOW, true);
	assert_int_equal(got.found.root_before, 5);
	EVP_PKEY_free(repo.key[1]);
	repo.key[1] = repo.key[0];
	assert_int_equal(EVP_PKEY_up_ref(repo.key[0]), 1);
	shelf_text(&repo.mirror, "6.root.json",
		   repo_root(&repo, &(struct repo_root){ 6, "01", 2, .by = "01" }));
	got = repo_update(&repo, anchor, "t.json", TUF_NOW, true);
	expect(&got, "signed by 1 keys of root 6 and 2 are needed", "one key, two ids");
	repo_close(&repo);
	arena_done(&a);
}

static void every_kind_of_key_signs(void **state)
{
	static const struct {
		const char *group, *scheme;
		bool hex;
	} kinds[] = {
		{ "P-256", "ecdsa-sha2-nistp256", false }, { "P-256", "ecdsa-sha2-nistp256", true },
		{ "P-384", "ecdsa-sha2-nistp384", false }, { "ED25519", "ed25519", true },
		{ "ED25519", "ed25519", false },           { "RSA", "rsassa-pss-sha256", false },
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(kinds); i++) {
		struct tuf_repo repo;
		struct repo_answer got;
		const char *anchor;

		repo_open(&repo, &a);
		EVP_PKEY_free(repo.key[3]);
		repo.key[3] = made_key(kinds[i].group);
		repo.scheme[3] = kinds[i].scheme;
		repo.hex[3] = kinds[i].hex;
		anchor = repo_root(&repo, &first);
		repo_publish(&repo, &state1);
		got = repo_update(&repo, anchor, "t.json", TUF_NOW, true);
		expect(&got, NULL, kinds[i].scheme);
		repo.scheme[3] = "ecdsa-sha2-nistp521"; /* nobody's: it signs nothing */
		repo.cache.n = 0;
		got = repo_update(&repo, repo_root(&repo, &first), "t.json", TUF_NOW, true);
		expect(&got, "signed by 0 keys", kinds[i].scheme);
		repo_close(&repo);
	}
	arena_done(&a);
}

/* ---- going back, standing still --------------------------------------------------------------------------------------------- */

static void nothing_goes_back(void **state)
{
	static const struct {
		const char *name;
		struct repo_state next;
		const char *refused;
	} cases[] = {
		{ "newer", { 6, 6, 6 }, NULL },
		{ "timestamp", { 4, 5, 5 }, "the timestamp goes back from version 5 to 4" },
		{ "snapshot", { 6, 4, 5 }, "names goes back from version 5 to 4" },
		{ "targets", { 6, 6, 4 }, "targets.json goes back from version 5 to 4" },
		{ "one gone", { 6, 6, 6, .extra = "" }, "does not name more.json" },
		{ "one older",
		  { 6, 6, 6, .extra = ",\"more.json\":{\"version\":1}" },
		  "more.json goes back" },
		{ "timestamp expired",
		  { 6, 6, 6, .expires = TUF_NOW, .expires_of = "t" },
		  "of the timestamp expired" },
		{ "snapshot expired",
		  { 6, 6, 6, .expires = TUF_NOW, .expires_of = "s" },
		  "of the snapshot expired" },
		{ "targets expired",
		  { 6, 6, 6, .expires = TUF_NOW, .expires_of = "g" },
		  "of the targets expired" },
		{ "by another", { 6, 6, 6, .by = "4" }, "the timestamp is signed by 0 keys" },
	};
	static const char more[] = ",\"more.json\":{\"version\":2}";
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct repo_state next = cases[i].next;
		struct tuf_repo repo;
		struct repo_answer got;
		const char *anchor;

		repo_open(&repo, &a);
		anchor = repo_root(&repo, &first);
		repo_publish(&repo, &(struct repo_state){ 5, 5, 5, .extra = more });
		got = repo_update(&repo, anchor, "t.json", TUF_NOW, true);
		expect(&got, NULL, "before");
		next.extra = next.extra ? next.extra : more;
		next.file = "another file";
		repo_publish(&repo, &next);
		got = repo_update(&repo, anchor, "t.json", TUF_NOW, true);
		expect(&got, cases[i].refused, cases[i].name);
		repo_close(&repo);
	}
	arena_done(&a);
}

/* The same timestamp again changes nothing, and holds until it expires: then standing still is refused. */
static void a_frozen_mirror_is_refused(void **state)
{
	struct arena a = ARENA_INIT;
	struct tuf_repo repo;
	struct repo_answer got;
	const char *anchor;

	(void)state;
	repo_open(&repo, &a);
	anchor = repo_root(&repo, &first);
	repo_publish(&repo, &state1);
	got = repo_update(&repo, anchor, "t.json", TUF_NOW, true);
	expect(&got, NULL, "first");
	assert_int_equal(when_diff(got.found.until, made_when("2026-06-08T00:00:00Z")), 0);
	repo.mirror.asked = 0;
	got = repo_update(&repo, anchor, "t.json", "2026-06-07T23:59:59Z", true);
	expect(&got, NULL, "again");
	assert_string_equal(got.found.bytes, "the file");
	assert_int_equal(repo.mirror.asked, 2); /* the next root, the timestamp */
	got = repo_update(&repo, anchor, "t.json", "2026-06-08T00:00:00Z", true);
	expect(&got, "version 1 of the timestamp expired at 2026-06-08T00:00:00Z", "frozen");
	repo_close(&repo);
	arena_done(&a);
}

/* Whoever had the online key counted far ahead; with a new key the numbers begin anew. */
static void new_keys_recover_from_a_fast_forward(void **state)
{
	struct arena a = ARENA_INIT;
	struct tuf_repo repo;
	struct repo_answer got;
	const char *anchor;

	(void)state;
	repo_open(&repo, &a);
	anchor = repo_root(&repo, &first);
	repo_publish(&repo, &(struct repo_state){ 90000, 90000, 90000 });
	got = repo_update(&repo, anchor, "t.json", TUF_NOW, true);
	expect(&got, NULL, "ahead");
	shelf_text(&repo.mirror, "2.root.json",
		   repo_root(&repo, &(struct repo_root){ 2, "012", 2, .by = "01" }));
	repo_publish(&repo, &(struct repo_state){ 2, 2, 2 });
	got = repo_update(&repo, anchor, "t.json", TUF_NOW, true);
	expect(&got, "the timestamp goes back", "the same keys");
	shelf_text(&repo.mirror, "3.root.json",
		   repo_root(&repo, &(struct repo_root){ 3, "012", 2, .online = "4", .by = "01" }));
	repo_publish(&repo, &(struct repo_state){ 2, 2, 2, .by = "4" });
	got = repo_update(&repo, anchor, "t.json", TUF_NOW, true);
	expect(&got, NULL, "new keys");
	assert_int_equal(got.found.timestamp, 2);
	repo_close(&repo);
	arena_done(&a);
}

/* ---- the cache --------------------------------------------------------------------------------------------------------------- */

/* TOB-SIGSTORE-10: without a mirror everything is verified all the same. */
static void the_cache_is_verified_when_it_is_used(void **state)
{
	static const char *const parts[] = { "timestamp.json", "snapshot.json", "targets.json", "target" };
	struct arena a = ARENA_INIT;
	struct tuf_repo repo;
	struct repo_answer got;
	const char *anchor;

	(void)state;
	repo_open(&repo, &a);
	anchor = repo_root(&repo, &first);
	got = repo_update(&repo, anchor, "t.json", TUF_NOW, false);
	expect(&got, "there is no timestamp.json that holds in the cache", "empty");
	shelf_text(&repo.mirror, "2.root.json",
		   repo_root(&repo, &(struct repo_root){ 2, "12", 2, .by = "012" }));
	repo_publish(&repo, &state1);
	got = repo_update(&repo, anchor, "t.json", TUF_NOW, true);
	expect(&got, NULL, "fetched");
	got = repo_update(&repo, anchor, "t.json", TUF_NOW, false);
	expect(&got, NULL, "offline");
	assert_int_equal(got.found.root, 2);
	got = repo_update(&repo, anchor, "t.json", "2026-07-01T00:00:00Z", false);
	expect(&got, "expired", "offline and late");
	for (size_t i = 0; i < countof(parts); i++) {
		struct span good = shelf_get(&repo.cache, parts[i]);
		char *bad = memcpy(arena_alloc(&a, good.n + 1), good.p, good.n);

		for (char *p = bad; p < bad + good.n; p++)
			*p = *p == '1' || *p == 'f' ? '9' : *p;
		shelf_set(&repo.cache, parts[i], bad, good.n);
		got = repo_update(&repo, anchor, "t.json", TUF_NOW, false);
		expect(&got, i < 3 ? "that holds in the cache" : "the cache has no", parts[i]);
		got = repo_update(&repo, anchor, "t.json", TUF_NOW, true); /* and is fetched again */
		expect(&got, NULL, parts[i]);
	}
	repo_close(&repo);
	arena_done(&a);
}

/* ---- sizes, names, form ------------------------------------------------------------------------------------------------------ */

static void sizes_and_names_are_bounded(void **state)
{
	static const char *const names[] = { "",     "../t.json", "/t.json", "a//b", "a/./b",
					     "a/..", "a\\b",      "a b",     "t%2e" };
	struct arena a = ARENA_INIT;
	struct tuf_repo repo;
	struct repo_answer got;
	const char *anchor;
	char *big = arena_alloc(&a, 20000);

	(void)state;
	repo_open(&repo, &a);
	anchor = repo_root(&repo, &first);
	repo_publish(&repo, &state1);
	for (size_t i = 0; i < countof(names); i++) {
		got = repo_update(&repo, anchor, names[i], TUF_NOW, true);
		expect(&got, "no file of a mirror can have the name", names[i]);
	}
	memset(big, ' ', 20000);
	shelf_set(&repo.mirror, "timestamp.json", big, 20000);
	got = repo_update(&repo, anchor, "t.json", TUF_NOW, true);
	expect(&got, "timestamp.json has more than 16384 bytes", "big");
	repo_publish(&repo, &state1);
	shelf_text(&repo.mirror, arena_printf(&a, "targets/%s.t.json", repo_sha256(&repo, "the file")),
		   "the file!");
	got = repo_update(&repo, anchor, "t.json", TUF_NOW, true);
	expect(&got, "has more than 8 bytes", "long");
	got = repo_update(&repo, "{}", "t.json", TUF_NOW, true);
	assert_int_equal(got.r, -ERR_CORRUPT);
	got = repo_update(&repo, repo_root(&repo, &(struct repo_root){ 1, "012", 2, .by = "0" }), "t.json",
			  TUF_NOW, true);
	assert_int_equal(got.r, -ERR_CORRUPT);
	repo_close(&repo);
	arena_done(&a);
}

static void a_mirror_without_consistent_snapshots_works(void **state)
{
	struct arena a = ARENA_INIT;
	struct tuf_repo repo;
	struct repo_answer got;
	struct repo_root loose = first;

	(void)state;
	repo_open(&repo, &a);
	loose.loose = true;
	repo_publish(&repo, &(struct repo_state){ 1, 1, 1, .loose = true });
	got = repo_update(&repo, repo_root(&repo, &loose), "t.json", TUF_NOW, true);
	expect(&got, NULL, "loose");
	repo_close(&repo);
	arena_done(&a);
}

static void the_canonical_form_is_olpcs(void **state)
{
	static const struct {
		const char *text, *form;
	} cases[] = {
		{ "{\"b\": [1, -2,true ,null], \"a\":\"x\\n\\u00e9\\\"\\\\/\"}",
		  "{\"a\":\"x\n\xc3\xa9\\\"\\\\/\",\"b\":[1,-2,true,null]}" },
		{ "{\"a.b\":{},\"B\":[],\"a\":false}", "{\"B\":[],\"a\":false,\"a.b\":{}}" },
		{ "[1.5]", NULL },
		{ "{\"a\":[1e3]}", NULL },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf out = BUF_INIT(1000);
		struct json *j = NULL;

		assert_int_equal(json_parse(&j, cases[i].text, strlen(cases[i].text), 1000, NULL), 0);
		assert_int_equal(tuf_canonical(&out, j), cases[i].form != NULL);
		if (cases[i].form)
			assert_string_equal(out.s, cases[i].form);
		json_free(j);
		buf_done(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_are_judged_as_they_say),
		cmocka_unit_test(a_root_needs_the_old_keys_and_its_own),
		cmocka_unit_test(roots_are_walked),
		cmocka_unit_test(every_kind_of_key_signs),
		cmocka_unit_test(nothing_goes_back),
		cmocka_unit_test(a_frozen_mirror_is_refused),
		cmocka_unit_test(new_keys_recover_from_a_fast_forward),
		cmocka_unit_test(the_cache_is_verified_when_it_is_used),
		cmocka_unit_test(sizes_and_names_are_bounded),
		cmocka_unit_test(a_mirror_without_consistent_snapshots_works),
		cmocka_unit_test(the_canonical_form_is_olpcs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
