/* Which evidence goes after a while, and which stays whatever its age. The clock is the test's: ages are set on the files. */
#include "rig.h"

#include "fake_attest.h"

#include "base/path.h"
#include "core/engine/fleets.h"
#include "core/engine/tidy.h"
#include "store/evidence.h"

#include <fcntl.h>
#include <sys/stat.h>

#define MONTH (31 * TIDY_DAY)

struct bench {
	struct rig *r;
	struct log log;
	struct evidence_box box;
};

static const char *at(struct bench *b, const char *name)
{
	return rig_path(b->r, name);
}

static void engine_up(struct bench *b)
{
	struct rig *r = b->r;
	struct err e = ERR_INIT;
	const struct engine_options o = { .loop = r->loop,
					  .forge = &r->fake.forge,
					  .cache = r->cache,
					  .journal = r->journal,
					  .journal_path = at(b, "journal.db"),
					  .profiles = &r->profiles,
					  .sha256 = digest_sha256,
					  .attest = &fake_attest,
					  .evidence_dir = b->box.dir,
					  .plans_dir = at(b, "plans"),
					  .log = &b->log,
					  .who = "ana@bastion" };

	assert_int_equal(engine_new(&r->en, &o, &e), 0);
}

static int up(void **state)
{
	struct bench *b = x_alloc(sizeof(*b));
	void *r = NULL;

	rig_setup(&r);
	b->r = r;
	engine_free(b->r->en);
	fake_end(&b->r->fake.forge);
	journal_close(b->r->journal); /* its chain was hashed by another function */
	(void)unlink(at(b, "journal.db"));
	(void)unlink(at(b, "journal.db-wal"));
	(void)unlink(at(b, "journal.db-shm"));
	rig_open_journal(b->r);
	b->box = (struct evidence_box){ .dir = at(b, "evidence"), .sha256 = digest_sha256 };
	b->log = (struct log){ .fd = open(at(b, "log"), O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0600),
			       .clock = &b->r->clock };
	assert_int_equal(mkdir(at(b, "plans"), 0700), 0);
	engine_up(b);
	*state = b;
	return 0;
}

static int down(void **state)
{
	struct bench *b = *state;
	void *r = b->r;

	close(b->log.fd);
	rig_teardown(&r);
	free(b);
	return 0;
}

/* Keeps it in the folder as if that had been so long ago; its name. */
static const char *keep_in(struct bench *b, const char *dir, const char *text, msec age)
{
	const struct evidence_box box = { .dir = dir, .sha256 = digest_sha256 };
	const time_t then = (time_t)((clock_wall(&b->r->clock).ms - age) / 1000);
	const struct timespec times[2] = { { .tv_sec = then }, { .tv_sec = then } };
	char hex[DIGEST_HEX];
	struct err e = ERR_INIT;

	if (evidence_keep(&box, text, strlen(text), hex, &e) < 0)
		fail_msg("%s", e.message);
	assert_int_equal(utimensat(AT_FDCWD, arena_printf(&b->r->a, "%s/%s", dir, hex), times, 0), 0);
	return arena_strdup(&b->r->a, hex);
}

static const char *keep(struct bench *b, const char *text, msec age)
{
	return keep_in(b, b->box.dir, text, age);
}

static bool is_kept(struct bench *b, const char *hex)
{
	return access(arena_printf(&b->r->a, "%s/%s", b->box.dir, hex), F_OK) == 0;
}

static void tidy_once(struct bench *b)
{
	loop_advance(b->r->loop, TIDY_FIRST + 1000);
}

static int logged(struct bench *b, const char *text)
{
	autofree(buf) struct buf all = BUF_INIT(65536);
	int n = 0;

	assert_int_equal(path_read(&all, at(b, "log"), NULL), 0);
	for (const char *p = all.n ? strstr(all.s, text) : NULL; p; p = strstr(p + 1, text))
		n++;
	return n;
}

static void put_row(struct bench *b, const char *evidence, const char *root)
{
	const struct proof_book book = { .row = { .lane = "easy/prod",
						  .release = "v0.9.4",
						  .subject = "s",
						  .check = "provenance",
						  .digest = "",
						  .detail = "",
						  .evidence = evidence,
						  .root = root,
						  .policy = "" } };
	struct err e = ERR_INIT;

	if (store_proofs_put(b->r->cache, "easy/prod", &book, 1, &e) < 0)
		fail_msg("%s", e.message);
}

static void put_intent(struct bench *b, const char *relies_on)
{
	struct intent in = { 0 }, twin = { 0 };
	struct err e = ERR_INIT;

	in.nonce = "0123456789abcdef0123456789abcdef";
	in.act = "dispatch";
	in.lane = "easy/prod";
	in.relies_on = relies_on;
	if (journal_add(b->r->journal, &in, &twin, &b->r->a, &e) != 0)
		fail_msg("%s", e.message);
}

/* ---- tests -------------------------------------------------------------------------------------------------------------- */

static void what_is_named_stays_whatever_its_age(void **state)
{
	struct bench *b = *state;
	const char *of_row = keep(b, "a row's", MONTH), *root = keep(b, "its root", MONTH),
		   *acted = keep(b, "relied on", MONTH), *planned = keep(b, "planned", MONTH),
		   *loose = keep(b, "nobody's", MONTH), *young = keep(b, "young", TIDY_DAY);
	FILE *f = fopen(arena_printf(&b->r->a, "%s/%s.json", at(b, "plans"), root), "w");

	put_row(b, of_row, root);
	put_intent(b, arena_printf(&b->r->a, "[{\"name\":\"proof\",\"value\":\"bundle%s\"}]", acted));
	assert_non_null(f);
	fprintf(f, "{\"facts\":[\"proof %s root -\"]}", planned);
	fclose(f);
	tidy_once(b);
	assert_true(is_kept(b, of_row));
	assert_true(is_kept(b, root));
	assert_true(is_kept(b, acted));
	assert_true(is_kept(b, planned));
	assert_true(is_kept(b, young));
	assert_false(is_kept(b, loose));
	assert_int_equal(logged(b, "1 that nothing names any more removed"), 1);
	loop_advance(b->r->loop, MONTH);
	assert_true(is_kept(b, acted));
	assert_false(is_kept(b, young)); /* it has grown old, and nobody has named it */
}

/* cosign's signature is over a small document, without which nobody can verify the bundle again. */
static void a_payload_stays_with_its_bundle(void **state)
{
	struct bench *b = *state;
	const char *payload = keep(b, "{\"critical\":{}}", MONTH), *other = keep(b, "{}", MONTH), *bundle;
	autofree(buf) struct buf sum = BUF_INIT(64);
	char raw[32];

	for (int i = 0; i < 32; i++) {
		const char two[3] = { payload[2 * i], payload[2 * i + 1] };

		raw[i] = (char)strtol(two, NULL, 16);
	}
	text_base64(&sum, raw, sizeof(raw));
	bundle = keep(b,
		      arena_printf(&b->r->a, "{\"messageSignature\":{\"messageDigest\":{\"digest\":\"%s\"}}}",
				   sum.s),
		      MONTH);
	put_row(b, bundle, "");
	tidy_once(b);
	assert_true(is_kept(b, bundle));
	assert_true(is_kept(b, payload));
	assert_false(is_kept(b, other));
}

/* A bundle that is named and cannot be read may name a payload. */
static void a_bundle_that_cannot_be_read_may_name_anything(void **state)
{
	struct bench *b = *state;
	const char *payload = keep(b, "{}", MONTH), *bundle = keep(b, "{\"messageSignature\":{}}", MONTH);
	const char *path = arena_printf(&b->r->a, "%s/%s", b->box.dir, bundle);

	put_row(b, bundle, "");
	assert_int_equal(chmod(path, 0666), 0); /* whose writing is not only ours is not read */
	tidy_once(b);
	assert_true(is_kept(b, payload));
	assert_int_equal(logged(b, "old evidence stays"), 1);
	assert_int_equal(chmod(path, 0600), 0);
	loop_advance(b->r->loop, TIDY_DAY + 1000);
	assert_false(is_kept(b, payload));
}

static void what_names_must_be_readable_or_nothing_goes(void **state)
{
	struct bench *b = *state;
	const char *loose = keep(b, "nobody's", MONTH);

	assert_int_equal(rmdir(at(b, "plans")), 0);
	close(open(at(b, "plans"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	tidy_once(b);
	assert_true(is_kept(b, loose));
	assert_int_equal(logged(b, "old evidence stays"), 1);
	loop_advance(b->r->loop, TIDY_DAY + 1000);
	assert_true(is_kept(b, loose));
	assert_int_equal(logged(b, "old evidence stays"), 1); /* once, not each day */
	(void)unlink(at(b, "plans"));
	loop_advance(b->r->loop, TIDY_DAY + 1000);
	assert_false(is_kept(b, loose));
}

static void folders_of_lanes_that_are_gone_go(void **state)
{
	struct bench *b = *state;
	struct arena *a = &b->r->a;
	const char *left = arena_printf(a, "%s/" FLEET_FOLDER "0123456789abcdef", b->box.dir),
		   *young = arena_printf(a, "%s/" FLEET_FOLDER "1123456789abcdef", b->box.dir),
		   *used = fleet_kept_dir(b->box.dir, "easy/prod", digest_sha256, a),
		   *foreign = arena_printf(a, "%s/foreign", b->box.dir);

	keep_in(b, left, "a quote", MONTH);
	keep_in(b, young, "a quote", TIDY_DAY);
	keep_in(b, used, "a quote", MONTH);
	keep_in(b, foreign, "a quote", MONTH);
	tidy_once(b);
	assert_int_equal(access(left, F_OK), -1);
	assert_int_equal(access(young, F_OK), 0);
	assert_int_equal(access(used, F_OK), 0);
	assert_int_equal(access(foreign, F_OK), 0);
}

/* Over the bound in bytes a day is enough. */
static void too_much_goes_sooner(void **state)
{
	struct bench *b = *state;
	const char *loose = keep(b, "nobody's", 2 * TIDY_DAY), *young = keep(b, "young", 1000);
	const char *hole = arena_printf(&b->r->a, "%s/%064d", b->box.dir, 0);
	int fd;

	tidy_once(b);
	assert_true(is_kept(b, loose));
	fd = open(hole, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(ftruncate(fd, TIDY_BYTES), 0); /* no disk is filled by it */
	close(fd);
	engine_free(b->r->en);
	engine_up(b);
	tidy_once(b);
	assert_false(is_kept(b, loose));
	assert_true(is_kept(b, young));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, up, down)
	const struct CMUnitTest tests[] = {
		TEST(what_is_named_stays_whatever_its_age),
		TEST(a_payload_stays_with_its_bundle),
		TEST(a_bundle_that_cannot_be_read_may_name_anything),
		TEST(what_names_must_be_readable_or_nothing_goes),
		TEST(folders_of_lanes_that_are_gone_go),
		TEST(too_much_goes_sooner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
