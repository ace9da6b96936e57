/* Proofs are replaced lane by lane with their steps; counts say the worst; evidence is what its name says, or damage. */
#include "fixture.h"

#include "store/evidence.h"
#include "store/proofs.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct proof_book book(struct arena *a, const char *release, enum proof_status status, bool required,
			      int checks)
{
	struct proof_book b = { .row = { .release = release,
					 .subject = "trusted_values.v2.json",
					 .digest = "sha256:00",
					 .check = "provenance",
					 .required = required,
					 .strict = true,
					 .status = (int)status,
					 .reason = PROOF_ATT_NONE,
					 .detail = "",
					 .source = "",
					 .evidence = "e1",
					 .root = "",
					 .builder = "",
					 .commit = "",
					 .at = { 7 } } };

	for (int i = 0; i < checks; i++)
		*vec_push(&b.checks, a) = (struct proof_check){ .evidence = "e1",
								.id = arena_printf(a, "S%d", i),
								.name = "parse",
								.result = CHECKED_PASS,
								.expected = "x",
								.found = "x" };
	return b;
}

static void lane_put(struct fixture *f, struct store *s, const char *name)
{
	const struct lane row = { .name = name,
				  .system = "easy",
				  .environment = "prod",
				  .repo = "a/b",
				  .live = "v2",
				  .live_sha = "",
				  .next = "v3",
				  .progress = "",
				  .reasons = "" };

	check_ok(f, store_run(s, Q_lane_put, &rec_lane, &row, &f->e));
}

static void a_lane_is_replaced_whole_with_its_steps(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct proof_book first[] = { book(&f->a, "v2", PROOF_VERIFIED, true, 3),
				      book(&f->a, "v1", PROOF_FAILED, false, 2) },
			  other = book(&f->a, "v9", PROOF_MISSING, true, 1);
	struct proofs all = { 0 }, of_release = { 0 }, after = { 0 };
	struct proof_checks steps = { 0 }, none = { 0 };

	check_ok(f, store_proofs_put(s, "easy/prod", first, 2, &f->e));
	check_ok(f, store_proofs_put(s, "easy/staging", &other, 1, &f->e));
	check_ok(f, store_proofs_read(&all, s, NULL, NULL, &f->a, &f->e));
	assert_int_equal(all.n, 3);
	assert_string_equal(all.items[2].lane, "easy/staging");
	check_ok(f, store_proofs_read(&of_release, s, "easy/prod", "v1", &f->a, &f->e));
	assert_int_equal(of_release.n, 1);
	assert_int_equal(of_release.items[0].status, PROOF_FAILED);
	check_ok(f, store_proof_checks_read(&steps, s, &of_release.items[0], &f->a, &f->e));
	assert_int_equal(steps.n, 2);
	assert_string_equal(steps.items[1].id, "S1");
	check_ok(f, store_proofs_put(s, "easy/prod", NULL, 0, &f->e));
	check_ok(f, store_proof_checks_read(&none, s, &of_release.items[0], &f->a, &f->e));
	assert_int_equal(none.n, 0);
	check_ok(f, store_proofs_read(&after, s, NULL, NULL, &f->a, &f->e));
	assert_int_equal(after.n, 1);
	store_close(s);
}

static void counts_are_of_what_is_live_or_next_and_required(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct proof_book prod[] = { book(&f->a, "v2", PROOF_VERIFIED, true, 0),
				     book(&f->a, "v2", PROOF_WARN, true, 0),
				     book(&f->a, "v2", PROOF_STALE, true, 0),
				     book(&f->a, "v3", PROOF_FAILED, false, 0),
				     book(&f->a, "v1", PROOF_FAILED, true, 0) },
			  strange = book(&f->a, "v2", PROOF_VERIFIED, true, 0);
	struct proof_counts c = { 0 };

	lane_put(f, s, "easy/prod");
	lane_put(f, s, "x/strange");
	strange.row.status = 77;
	check_ok(f, store_proofs_put(s, "easy/prod", prod, countof(prod), &f->e));
	check_ok(f, store_proofs_put(s, "x/strange", &strange, 1, &f->e));
	check_ok(f, store_proof_counts_read(&c, s, &f->a, &f->e));
	assert_int_equal(c.n, 2);
	assert_string_equal(c.items[0].lane, "easy/prod");
	assert_int_equal(c.items[0].ok, 2);
	assert_int_equal(c.items[0].required, 3);
	assert_int_equal(c.items[0].worst, PROOF_STALE);
	assert_int_equal(c.items[1].ok, 0);
	assert_int_equal(c.items[1].worst, PROOF_FAILED);
	store_close(s);
}

static void proofs_of_lanes_that_are_gone_are_forgotten(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct proof_book one = book(&f->a, "v2", PROOF_VERIFIED, true, 2);
	struct proofs left = { 0 };

	lane_put(f, s, "easy/prod");
	check_ok(f, store_proofs_put(s, "easy/prod", &one, 1, &f->e));
	check_ok(f, store_proofs_put(s, "gone/prod", &one, 1, &f->e));
	check_ok(f, store_proofs_trim(s, &f->e));
	check_ok(f, store_proofs_read(&left, s, NULL, NULL, &f->a, &f->e));
	assert_int_equal(left.n, 1);
	assert_string_equal(left.items[0].lane, "easy/prod");
	store_close(s);
	assert_int_equal(raw_number(f->path, "SELECT count(*) FROM proof_check"), 2);
}

/* ---- evidence ------------------------------------------------------------------------------------------------------------ */

/* Stands for SHA-256: the store takes whatever it is given. */
static void sum(const void *bytes, size_t n, char hex[65])
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n; i++)
		h = (h ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001b3);
	for (size_t i = 0; i < 4; i++)
		snprintf(hex + i * 16, 17, "%016" PRIx64, h + i);
}

static void evidence_is_kept_under_its_name_and_hashed_when_read(void **state)
{
	struct fixture *f = *state;
	struct evidence_box box = { .dir = arena_printf(&f->a, "%s/evidence", f->dir), .sha256 = sum };
	autofree(buf) struct buf out = BUF_INIT(EVIDENCE_MAX + 1);
	char hex[65], again[65];
	const char *path;

	check_ok(f, evidence_keep(&box, "bundle", 6, hex, &f->e));
	check_ok(f, evidence_keep(&box, "bundle", 6, again, &f->e));
	assert_string_equal(hex, again);
	path = arena_printf(&f->a, "%s/%s", box.dir, hex);
	assert_int_equal(file_mode(path, ""), 0600);
	check_ok(f, evidence_read(&box, hex, &out, &f->e));
	assert_string_equal(out.s, "bundle");
	file_spoil(path, 3, true);
	assert_int_equal(evidence_read(&box, hex, &out, &f->e), -ERR_CORRUPT);
	assert_non_null(strstr(f->e.message, "damaged"));
	assert_string_equal(out.s, "bundle"); /* nothing was added */
	check_ok(f, evidence_keep(&box, "bundle", 6, again, &f->e));
	buf_reset(&out);
	check_ok(f, evidence_read(&box, hex, &out, &f->e));
	assert_string_equal(out.s, "bundle");
}

static void what_is_no_evidence_is_refused(void **state)
{
	struct fixture *f = *state;
	struct evidence_box box = { .dir = arena_printf(&f->a, "%s/evidence", f->dir), .sha256 = sum },
			    nowhere = { 0 };
	autofree(buf) struct buf out = BUF_INIT(EVIDENCE_MAX + 1);
	char hex[65], *large = x_alloc(EVIDENCE_MAX + 1);

	assert_int_equal(evidence_read(&box, "../journal.db", &out, &f->e), -ERR_INVALID);
	sum("x", 1, hex);
	assert_int_equal(evidence_read(&box, hex, &out, &f->e), -ERR_MISSING);
	assert_int_equal(evidence_keep(&nowhere, "x", 1, hex, &f->e), -ERR_STORE);
	assert_int_equal(evidence_keep(&box, large, EVIDENCE_MAX + 1, hex, &f->e), -ERR_INVALID);
	check_ok(f, evidence_keep(&box, large, EVIDENCE_MAX, hex, &f->e));
	check_ok(f, evidence_read(&box, hex, &out, &f->e));
	assert_int_equal(out.n, EVIDENCE_MAX);
	free(large);
}

static bool is_named(void *ctx, const char *hex)
{
	return !strcmp(ctx, hex);
}

static void only_what_nobody_names_and_is_old_goes(void **state)
{
	struct fixture *f = *state;
	struct evidence_box box = { .dir = arena_printf(&f->a, "%s/evidence", f->dir), .sha256 = sum };
	autofree(buf) struct buf out = BUF_INIT(EVIDENCE_MAX + 1);
	const struct when never = { 1 }, ever = { INT64_MAX };
	char kept[65], loose[65];
	int64_t n = -1;

	check_ok(f, evidence_keep(&box, "kept", 4, kept, &f->e));
	check_ok(f, evidence_keep(&box, "loose", 5, loose, &f->e));
	check_ok(f, evidence_trim(&box, never, is_named, kept, &n, &f->e));
	assert_int_equal(n, 0);
	check_ok(f, evidence_trim(&box, ever, is_named, kept, &n, &f->e));
	assert_int_equal(n, 1);
	check_ok(f, evidence_read(&box, kept, &out, &f->e));
	assert_int_equal(evidence_read(&box, loose, &out, &f->e), -ERR_MISSING);
}

/* Whoever keeps bytes that are there already has not named them yet. */
static void what_is_kept_anew_is_not_old(void **state)
{
	struct fixture *f = *state;
	struct evidence_box box = { .dir = arena_printf(&f->a, "%s/evidence", f->dir), .sha256 = sum };
	const struct timespec past[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	const struct when before = { 2000000 };
	char hex[65];
	int64_t n = -1;

	check_ok(f, evidence_keep(&box, "seen", 4, hex, &f->e));
	assert_int_equal(utimensat(AT_FDCWD, arena_printf(&f->a, "%s/%s", box.dir, hex), past, 0), 0);
	check_ok(f, evidence_keep(&box, "seen", 4, hex, &f->e));
	check_ok(f, evidence_trim(&box, before, is_named, (char[]){ "" }, &n, &f->e));
	assert_int_equal(n, 0);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_lane_is_replaced_whole_with_its_steps),
		TEST(counts_are_of_what_is_live_or_next_and_required),
		TEST(proofs_of_lanes_that_are_gone_are_forgotten),
		TEST(evidence_is_kept_under_its_name_and_hashed_when_read),
		TEST(what_is_no_evidence_is_refused),
		TEST(only_what_nobody_names_and_is_old_goes),
		TEST(what_is_kept_anew_is_not_old),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
