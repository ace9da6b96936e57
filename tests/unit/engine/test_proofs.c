/* What is proved of a release: rows of the cache, and what a plan makes of them. The verifier is that of fake_attest.h. */
#include "rig.h"

#include "fake_attest.h"

#include "base/when.h"
#include "core/engine/proofs.h"

#include <sys/stat.h>

#define TRUST   "trusted_values.v0.9.4.json"
#define SIGNER  "https://github.com/" REPO "/.github/workflows/release-trust-bundle.yml@refs/tags/v0.9.4"
#define SLSA    "https://slsa.dev/provenance/v1"
#define DAY     INT64_C(86400000)
#define CHECK   "proof:" TRUST " provenance"
#define CONFIRM "dispatch easy/prod v0.9.4 --confirm \"easy/prod v0.9.4\""

static const char *const provenance[] = { "provenance", NULL };
static const char *const released[] = { "release", NULL };

struct bench {
	struct rig *r;
	char hex[DIGEST_HEX]; /* of what each asset holds */
	struct profile_subject subject;
	struct profile_proof proof;
	struct attestation_ref refs[4];
	size_t thing;
	struct engine_options o;
};

static size_t hashed; /* how often bytes of that many were */
static size_t hashed_n;

static void counting_sha256(const void *bytes, size_t n, char hex[DIGEST_HEX])
{
	hashed += n == hashed_n;
	digest_sha256(bytes, n, hex);
}

static void engine_up(struct bench *b)
{
	struct rig *r = b->r;
	struct err e = ERR_INIT;

	b->o = (struct engine_options){ .loop = r->loop,
					.forge = &r->fake.forge,
					.cache = r->cache,
					.journal = r->journal,
					.profiles = &r->profiles,
					.sha256 = counting_sha256,
					.attest = &fake_attest,
					.evidence_dir = rig_path(r, "evidence"),
					.plans_dir = rig_path(r, "plans"),
					.api = "https://forge.test",
					.survey = true,
					.who = "ana@bastion" };
	assert_int_equal(engine_new(&r->en, &b->o, &e), 0);
	engine_on_event(r->en, rig_event, r);
}

static void digest_assets(struct bench *b)
{
	struct call c = { .f = &b->r->fake };
	struct forge_answer a = { 0 };

	answer_asset(&b->r->fake, &c, &a);
	digest_sha256(a.text, (size_t)a.number, b->hex);
	arena_done(&c.answer);
}

/* n bundles for those bytes; each names who signed. */
static void attest(struct bench *b, size_t n, const char *const *bundles)
{
	struct fake *f = &b->r->fake;

	for (size_t i = 0; i < n; i++)
		b->refs[i] = (struct attestation_ref){ .bundle = bundles[i], .url = "", .initiator = "" };
	f->things[b->thing] = (struct fake_thing){ .kind = FORGE_ATTESTATIONS, .items = b->refs, .n = n };
}

static const char *bundle(struct bench *b, const char *san, const char *more)
{
	return arena_printf(&b->r->a, "{\"predicate\":\"" SLSA "\",\"digest\":\"%s\",\"san\":\"%s\"%s}",
			    b->hex, san, more);
}

static void attest_one(struct bench *b, const char *one)
{
	attest(b, one ? 1 : 0, &one);
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
	(void)unlink(rig_path(b->r, "journal.db"));
	(void)unlink(rig_path(b->r, "journal.db-wal"));
	(void)unlink(rig_path(b->r, "journal.db-shm"));
	rig_open_journal(b->r);
	assert_int_equal(store_proofs_put(b->r->cache, "easy/prod", NULL, 0, NULL), 0);
	digest_assets(b);
	b->subject = (struct profile_subject){ .asset = "trusted_values", .wants = provenance };
	b->proof = (struct profile_proof){ .identity = "https://github.com/{repo}/.github/workflows/"
						       "release-trust-bundle.yml@refs/tags/{release}",
					   .subjects = { &b->subject, 1, 1 } };
	for (size_t i = 0; i < b->r->profiles.items[0].lanes.n; i++)
		b->r->profiles.items[0].lanes.items[i].proof = NULL;
	b->r->profiles.items[0].lanes.items[1].proof = &b->proof;
	b->thing = b->r->fake.things_n++;
	attest_one(b, NULL);
	fake_attest_verified = 0;
	engine_up(b);
	*state = b;
	return 0;
}

static int down(void **state)
{
	struct bench *b = *state;
	void *r = b->r;

	rig_teardown(&r);
	free(b);
	return 0;
}

static struct proof row_of(struct bench *b, const char *release)
{
	struct proofs rows = { 0 };
	struct err e = ERR_INIT;

	assert_int_equal(store_proofs_read(&rows, b->r->cache, "easy/prod", release, &b->r->a, &e), 0);
	if (!rows.n)
		fail_msg("%s has no proof", release);
	return rows.items[0];
}

static const char *check_of(struct bench *b, const char *name, const char *member)
{
	const struct json *checks = json_get(b->r->json, "checks");

	for (size_t i = 0; i < json_size(checks); i++)
		if (text_eq(json_str(json_at(checks, i), "name"), name))
			return json_str(json_at(checks, i), member);
	return NULL;
}

static void assert_check(struct bench *b, const char *name, const char *status, const char *says)
{
	const char *detail = check_of(b, name, "detail");

	if (!text_eq(check_of(b, name, "status"), status) || !detail || !strstr(detail, says))
		fail_msg("%s is not %s with \"%s\" but %s: %s", name, status, says,
			 check_of(b, name, "status"), detail);
}

static int plan(struct bench *b)
{
	return rig_ask(b->r, "plan dispatch easy/prod v0.9.4");
}

static int override(struct bench *b, const char *id)
{
	return rig_ask(b->r,
		       arena_printf(&b->r->a,
				    "override %s --confirm %s --reason \"the house is on fire and we know "
				    "it\"",
				    id, id));
}

/* ---- tests -------------------------------------------------------------------------------------------------------------- */

static void what_is_signed_by_whom_was_wanted_goes(void **state)
{
	struct bench *b = *state;
	struct proof row;

	attest_one(b, bundle(b, SIGNER, ""));
	assert_int_equal(plan(b), 0);
	assert_check(b, CHECK, "ok", "verified: signed by " SIGNER);
	row = row_of(b, "v0.9.4");
	assert_int_equal(row.status, PROOF_VERIFIED);
	assert_string_equal(row.subject, TRUST);
	assert_string_equal(row.builder, SIGNER);
	assert_true(row.required && row.strict && strlen(row.evidence) == 64 && strlen(row.root) == 64);
	assert_int_equal(access(rig_path(b->r, arena_printf(&b->r->a, "evidence/%s", row.evidence)), R_OK),
			 0);
	assert_int_equal(access(rig_path(b->r, arena_printf(&b->r->a, "evidence/%s", row.root)), R_OK), 0);
	if (rig_ask(b->r, CONFIRM))
		fail_msg("%s", b->r->text);
}

static void nothing_is_missing_and_stops_a_strict_lane_only(void **state)
{
	struct bench *b = *state;

	assert_int_equal(plan(b), 1);
	assert_check(b, CHECK, "missing", "there is no attestation for the digest");
	assert_int_equal(rig_ask(b->r, CONFIRM), 1);
	assert_int_equal(b->r->fake.sends, 0);
	b->proof.policy = PROOFS_RELAXED;
	loop_advance(b->r->loop, 61000);
	assert_int_equal(plan(b), 0);
	assert_check(b, "note:" CHECK, "ok", "warn");
}

static void another_signer_has_failed_and_no_glass_breaks_that(void **state)
{
	struct bench *b = *state;
	const char *id;

	attest_one(b, bundle(b, "https://github.com/mallory/x/.github/workflows/y.yml@refs/tags/v0.9.4", ""));
	assert_int_equal(plan(b), 1);
	assert_check(b, CHECK, "bad", "somebody else signed");
	id = arena_strdup(&b->r->a, rig_str(b->r, "plan_id"));
	assert_int_equal(override(b, id), 1);
	assert_non_null(strstr(b->r->text, "never let through"));
	assert_int_equal(rig_plan_ask(b->r, CONFIRM, id), 1);
	assert_int_equal(b->r->fake.sends, 0);
}

static void what_is_missing_goes_out_by_break_glass(void **state)
{
	struct bench *b = *state;
	const char *id;

	assert_int_equal(plan(b), 1);
	id = arena_strdup(&b->r->a, rig_str(b->r, "plan_id"));
	assert_int_equal(override(b, id), 0);
	if (rig_plan_ask(b->r, CONFIRM, id))
		fail_msg("%s", b->r->text);
	assert_int_equal(b->r->fake.sends, 1);
}

static void the_best_of_several_counts_and_a_broken_one_alone_fails(void **state)
{
	struct bench *b = *state;
	const char *broken = bundle(b, SIGNER, ",\"broken\":\"SIG_BAD\"");
	const char *const both[] = { broken, bundle(b, SIGNER, "") };

	attest(b, 2, both);
	assert_int_equal(plan(b), 0);
	assert_int_equal(row_of(b, "v0.9.4").status, PROOF_VERIFIED);
	attest_one(b, broken);
	loop_advance(b->r->loop, 2 * DAY);
	assert_int_equal(plan(b), 1);
	assert_check(b, CHECK, "bad", "failed");
	assert_int_equal(row_of(b, "v0.9.4").reason, PROOF_SIG_BAD);
}

static void what_speaks_of_something_else_is_no_provenance(void **state)
{
	struct bench *b = *state;

	attest_one(b,
		   arena_printf(
			   &b->r->a,
			   "{\"predicate\":\"https://spdx.dev/Document\",\"digest\":\"%s\",\"san\":\"" SIGNER
			   "\"}",
			   b->hex));
	assert_int_equal(plan(b), 1);
	assert_check(b, CHECK, "missing", "no attestation");
}

static void a_forge_that_does_not_answer_makes_nothing_missing(void **state)
{
	struct bench *b = *state;
	struct proof row;

	b->r->fake.fail[FORGE_ATTESTATIONS] = ERR_SERVER;
	assert_int_equal(plan(b), 5);
	assert_check(b, CHECK, "unchecked", "not read");
	b->r->fake.fail[FORGE_ATTESTATIONS] = 0;
	attest_one(b, bundle(b, SIGNER, ""));
	assert_int_equal(plan(b), 0); /* what was not read is asked for again at once */
	row = row_of(b, "v0.9.4");
	b->r->fake.fail[FORGE_ATTESTATIONS] = ERR_SERVER;
	assert_int_equal(rig_ask(b->r, "sync --once"), 0);
	assert_int_equal(row_of(b, "v0.9.4").status, PROOF_VERIFIED);
	assert_int_equal(row_of(b, "v0.9.4").at.ms, row.at.ms); /* its age is that of the last look */
	loop_advance(b->r->loop, DAY + 60000);
	assert_int_equal(plan(b), 5);
	assert_check(b, CHECK, "unchecked", "older than its limit");
}

/* What is remembered is known again by its digest, and that is all that the loop does with its bytes. The forge of the tests
 * gives it for each release. */
static void a_bundle_is_hashed_once_a_round(void **state)
{
	struct bench *b = *state;
	struct proofs rows = { 0 };
	const char *one = bundle(b, SIGNER, ",\"pad\":\"a length that nothing else here has\"");

	attest_one(b, one);
	assert_int_equal(plan(b), 0);
	hashed = 0;
	hashed_n = strlen(one);
	assert_int_equal(rig_ask(b->r, "sync --once"), 0);
	assert_int_equal(store_proofs_read(&rows, b->r->cache, "easy/prod", NULL, &b->r->a, NULL), 0);
	assert_true(rows.n > 0);
	assert_int_equal(hashed, rows.n);
	assert_int_equal(row_of(b, "v0.9.4").status, PROOF_VERIFIED);
	hashed_n = 0;
}

/* A clock that was wrong dated it: for how long it is known nobody knows, so screens call it old as plans do. */
static void a_look_that_is_yet_to_come_is_old(void **state)
{
	struct bench *b = *state;
	struct proof_book book = { 0 };

	attest_one(b, bundle(b, SIGNER, ""));
	assert_int_equal(plan(b), 0);
	book.row = row_of(b, "v0.9.4");
	book.row.at.ms += DAY;
	assert_int_equal(store_proofs_put(b->r->cache, "easy/prod", &book, 1, NULL), 0);
	b->r->fake.fail[FORGE_ATTESTATIONS] = ERR_SERVER;
	assert_int_equal(rig_ask(b->r, "sync --once"), 0);
	assert_int_equal(row_of(b, "v0.9.4").status, PROOF_STALE);
	assert_int_equal(row_of(b, "v0.9.4").reason, PROOF_EVID_OLD);
}

static void policy_is_applied_again_without_verifying_again(void **state)
{
	struct bench *b = *state;

	attest_one(b, bundle(b, SIGNER, ""));
	assert_int_equal(plan(b), 0);
	assert_int_equal(fake_attest_verified, 1);
	b->proof.ref = "refs/tags/{release}";
	assert_int_equal(rig_ask(b->r, "sync --once"), 0);
	assert_int_equal(row_of(b, "v0.9.4").status, PROOF_FAILED);
	assert_int_equal(row_of(b, "v0.9.4").reason, PROOF_ID_REF);
	b->proof.policy = PROOFS_RELAXED;
	assert_int_equal(rig_ask(b->r, "sync --once"), 0);
	assert_int_equal(row_of(b, "v0.9.4").status, PROOF_WARN);
	assert_int_equal(fake_attest_verified, 1);
}

static void a_proof_that_changes_voids_the_plan(void **state)
{
	struct bench *b = *state;
	const char *id;

	attest_one(b, bundle(b, SIGNER, ""));
	assert_int_equal(plan(b), 0);
	id = arena_strdup(&b->r->a, rig_str(b->r, "plan_id"));
	attest_one(b, bundle(b, SIGNER, ",\"repo\":\"https://github.com/" REPO "\""));
	assert_int_equal(rig_ask(b->r, "sync --once"), 0);
	assert_int_not_equal(rig_plan_ask(b->r, CONFIRM, id), 0);
	if (!strstr(b->r->text, CHECK))
		fail_msg("it does not say what moved: %s", b->r->text);
	assert_int_equal(b->r->fake.sends, 0);
}

static void a_commit_that_is_not_known_is_not_any_commit(void **state)
{
	struct bench *b = *state;

	b->proof.commit = "{sha}";
	attest_one(b, bundle(b, SIGNER, ""));
	assert_int_equal(plan(b), 5);
	assert_check(b, CHECK, "unchecked", "the commit of v0.9.4 is not known");
}

static int of_a_proof(void *ctx, const void *row)
{
	const struct event *one = row;

	if (text_starts(one->text, "proof of "))
		(void)snprintf(((char *)ctx) + strlen(ctx), 400, "%s %.300s\n", one->lane, one->text);
	return 0;
}

static void who_follows_hears_of_a_change_once(void **state)
{
	struct bench *b = *state;
	const struct key after = { .id = 0, .limit = 1000 };
	char told[4096] = "";

	attest_one(b, bundle(b, SIGNER, ""));
	assert_int_equal(rig_ask(b->r, "sync --once"), 0);
	b->proof.ref = "refs/tags/{release}";
	for (int i = 0; i < 3; i++)
		assert_int_equal(rig_ask(b->r, "sync --once"), 0);
	assert_int_equal(store_each(b->r->cache, Q_events_after, &rec_key, &after, &rec_event, &b->r->a,
				    of_a_proof, told, NULL),
			 0);
	assert_true(
		text_starts(told, "easy/prod proof of v0.9.4: " TRUST " provenance is failed, was verified"));
	assert_ptr_equal(strchr(told, '\n') + 1, told + strlen(told));
}

/* A console cannot ask our OpenSSL, so what there is to say of it stands in the cache. */
static void what_the_verifier_runs_on_is_told(void **state)
{
	struct bench *b = *state;
	struct key key = { .name = "openssl" };
	struct setting row = { 0 };

	assert_int_equal(rig_ask(b->r, "sync --once"), 0);
	assert_int_equal(
		store_one(b->r->cache, Q_setting_by_name, &rec_key, &key, &rec_setting, &row, &b->r->a, NULL),
		0);
	assert_string_equal(row.value, fake_floor());
}

static const char *release_bundle(struct bench *b, const char *repo)
{
	return arena_printf(
		&b->r->a,
		"{\"predicate\":\"https://in-toto.io/attestation/release/v0.2\",\"digest\":\"%s\","
		"\"san\":\"https://dotcom.releases.github.com\",\"release\":\"v0.9.4\",\"of\":\"%s\"}",
		b->hex, repo);
}

/* The forge signs releases of all repositories by one name. */
static void a_release_of_another_repository_is_not_this_one(void **state)
{
	static const int kinds[] = { SIGNER_PUBLIC, SIGNER_GITHUB, SIGNER_RELEASE };
	struct bench *b = *state;

	b->subject.wants = released;
	for (size_t i = 0; i < countof(kinds); i++) {
		b->proof.kind = kinds[i];
		if (kinds[i] == SIGNER_RELEASE)
			b->proof.identity = NULL;
		attest_one(b, release_bundle(b, REPO));
		assert_int_equal(rig_ask(b->r, "sync --once"), 0);
		assert_int_equal(row_of(b, "v0.9.4").status, PROOF_VERIFIED);
		attest_one(b, release_bundle(b, "mallory/easyenclave"));
		assert_int_equal(rig_ask(b->r, "sync --once"), 0);
		assert_int_equal(row_of(b, "v0.9.4").status, PROOF_FAILED);
		assert_int_equal(row_of(b, "v0.9.4").reason, PROOF_ID_REPO);
	}
}

static const struct proof *row_named(struct bench *b, const char *subject, const char *check)
{
	struct proofs *rows = arena_new(&b->r->a, struct proofs);
	struct err e = ERR_INIT;

	*rows = (struct proofs){ 0 };
	assert_int_equal(store_proofs_read(rows, b->r->cache, "easy/prod", "v0.9.4", &b->r->a, &e), 0);
	vec_each (row, rows)
		if (text_eq(row->subject, subject) && text_eq(row->check, check))
			return row;
	fail_msg("there is no row %s %s", subject, check);
	return NULL;
}

static void each_want_is_verified_by_the_root_of_its_instance(void **state)
{
	static const char *const both[] = { "provenance", "release", NULL };
	struct bench *b = *state;
	const char *const bundles[] = { bundle(b, SIGNER, ""), release_bundle(b, REPO) };

	b->subject.wants = both;
	attest(b, 2, bundles);
	assert_int_equal(rig_ask(b->r, "sync --once"), 0);
	assert_int_equal(row_named(b, TRUST, "provenance")->status, PROOF_VERIFIED);
	assert_int_equal(row_named(b, TRUST, "release")->status, PROOF_VERIFIED);
	assert_string_not_equal(row_named(b, TRUST, "provenance")->root,
				row_named(b, TRUST, "release")->root);
}

static void what_was_left_out_counts_as_not_looked_at(void **state)
{
	struct bench *b = *state;
	const char *pointers[300] = { 0 };
	const struct proof *row;

	for (size_t i = 0; i + 1 < countof(pointers); i++)
		pointers[i] = arena_printf(&b->r->a, "/image-%zu", i);
	b->subject.pointers = pointers;
	assert_int_equal(rig_ask(b->r, "sync --once"), 0);
	row = row_named(b, "and more", "provenance");
	assert_true(row->required && row->status == PROOF_UNCHECKED);
}

/* The file that names the images was replaced after they were looked at. */
static void images_are_those_that_the_file_names_now(void **state)
{
	static const char *const pointers[] = { "/hello_tdx_image", NULL };
	struct bench *b = *state;

	b->subject.pointers = pointers;
	memcpy(b->hex, HEX64, sizeof(b->hex));
	attest_one(b, bundle(b, SIGNER, ""));
	assert_int_not_equal(plan(b), 2);
	assert_check(b, "proof:h/a provenance", "ok", "verified");
	b->r->fake.asset_hex = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
	(void)plan(b);
	assert_check(b, "proof:h/a provenance", "bad", "something else");
	b->r->fake.asset_hex = NULL;
	(void)plan(b);
	assert_check(b, "proof:h/a provenance", "ok", "verified");
	b->r->fake.fail[FORGE_ATTESTATIONS] = ERR_SERVER; /* nothing can be looked at again */
	b->r->fake.asset_hex = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";
	(void)plan(b);
	assert_check(b, "proof:h/a provenance", "unchecked", "not read");
}

static void what_a_relaxed_policy_let_through_is_not_good_for_a_strict_one(void **state)
{
	struct bench *b = *state;

	b->proof.policy = PROOFS_RELAXED;
	assert_int_equal(plan(b), 0);
	assert_check(b, "note:" CHECK, "ok", "warn");
	b->proof.policy = PROOFS_STRICT;
	b->r->fake.fail[FORGE_ATTESTATIONS] = ERR_SERVER;
	(void)plan(b);
	assert_check(b, CHECK, "unchecked", "");
	assert_int_equal(rig_ask(b->r, "sync --once"), 0);
	assert_int_equal(row_of(b, "v0.9.4").status, PROOF_UNCHECKED);
}

static void another_profile_is_asked_anew(void **state)
{
	struct bench *b = *state;

	attest_one(b, bundle(b, SIGNER, ""));
	assert_int_equal(plan(b), 0);
	engine_free(b->r->en);
	loop_advance(b->r->loop, 1000);
	b->proof.ref = "refs/tags/{release}";
	engine_up(b);
	assert_int_equal(plan(b), 1);
	assert_check(b, CHECK, "bad", "another ref");
}

/* The forge is out of reach since before the start: what was good under one policy is not good under another. */
static void a_row_of_another_policy_is_not_checked(void **state)
{
	struct bench *b = *state;

	attest_one(b, bundle(b, SIGNER, ""));
	assert_int_equal(plan(b), 0);
	assert_int_equal(row_of(b, "v0.9.4").status, PROOF_VERIFIED);
	b->r->fake.fail[FORGE_ATTESTATIONS] = ERR_SERVER;
	for (int i = 0; i < 2; i++) {
		engine_free(b->r->en);
		engine_up(b);
		assert_int_equal(row_of(b, "v0.9.4").status, i ? PROOF_UNCHECKED : PROOF_VERIFIED);
		assert_int_equal(rig_ask(b->r, "sync --once"), 0);
		assert_int_equal(row_of(b, "v0.9.4").status, i ? PROOF_UNCHECKED : PROOF_VERIFIED);
		b->proof.repo_id = "77"; /* what it binds, and nothing that a row shows */
	}
	(void)plan(b);
	assert_check(b, CHECK, "unchecked", "");
	b->r->fake.fail[FORGE_ATTESTATIONS] = ERR_NONE;
	b->proof.repo_id = NULL;
	engine_free(b->r->en);
	engine_up(b);
	assert_int_equal(plan(b), 0);
	assert_int_equal(row_of(b, "v0.9.4").status, PROOF_VERIFIED);
}

/* The same outage: what failed would become what a glass breaks, by a restart with other terms. */
static void what_failed_stays_failed_under_another_policy(void **state)
{
	struct bench *b = *state;
	const char *id;

	attest_one(b, bundle(b, "https://github.com/mallory/x/.github/workflows/y.yml@refs/tags/v0.9.4", ""));
	assert_int_equal(plan(b), 1);
	assert_int_equal(row_of(b, "v0.9.4").status, PROOF_FAILED);
	b->r->fake.fail[FORGE_ATTESTATIONS] = ERR_SERVER;
	b->proof.repo_id = "77";
	for (int i = 0; i < 2; i++) {
		engine_free(b->r->en);
		engine_up(b);
		assert_int_equal(row_of(b, "v0.9.4").status, PROOF_FAILED);
		assert_int_equal(rig_ask(b->r, "sync --once"), 0);
		assert_int_equal(row_of(b, "v0.9.4").status, PROOF_FAILED);
	}
	assert_int_equal(plan(b), 1);
	assert_check(b, CHECK, "bad", "somebody else signed");
	id = arena_strdup(&b->r->a, rig_str(b->r, "plan_id"));
	assert_int_equal(override(b, id), 1);
	assert_non_null(strstr(b->r->text, "never let through"));
	assert_int_equal(rig_plan_ask(b->r, CONFIRM, id), 1);
	assert_int_equal(b->r->fake.sends, 0);
	b->r->fake.fail[FORGE_ATTESTATIONS] = ERR_NONE; /* and it is looked at again */
	b->proof.repo_id = NULL;
	attest_one(b, bundle(b, SIGNER, ""));
	engine_free(b->r->en);
	engine_up(b);
	assert_int_equal(plan(b), 0);
	assert_int_equal(row_of(b, "v0.9.4").status, PROOF_VERIFIED);
}

/* A release that only a plan asked about is in no round, and its rows go after an hour: but for what failed. */
static void what_failed_stays_failed_in_no_round(void **state)
{
	static const char line[] = "plan dispatch easy/prod v0.9.1";
	struct bench *b = *state;
	struct fake *f = &b->r->fake;
	const char *id;

	f->things[f->things_n++] =
		(struct fake_thing){ .kind = FORGE_RELEASE, .name = "v0.9.1", .items = &f->earlier, .n = 1 };
	attest_one(b, bundle(b, "https://github.com/mallory/x/.github/workflows/y.yml@refs/tags/v0.9.1", ""));
	assert_int_equal(rig_ask(b->r, line), 1);
	assert_int_equal(row_of(b, "v0.9.1").status, PROOF_FAILED);
	f->fail[FORGE_ATTESTATIONS] = ERR_SERVER;
	for (int i = 0; i < 3; i++) {
		loop_advance(b->r->loop, INT64_C(3600000));
		assert_int_equal(rig_ask(b->r, "sync --once"), 0);
		assert_int_equal(row_of(b, "v0.9.1").status, PROOF_FAILED);
	}
	assert_int_equal(rig_ask(b->r, line), 1);
	assert_int_equal(row_of(b, "v0.9.1").status, PROOF_FAILED);
	id = arena_strdup(&b->r->a, rig_str(b->r, "plan_id"));
	assert_int_equal(override(b, id), 1);
	assert_non_null(strstr(b->r->text, "never let through"));
}

/* Shown, counted nowhere and in nobody's way; and gone when the profile says otherwise. */
static void where_nothing_is_attested_that_is_said(void **state)
{
	struct bench *b = *state;
	const struct profile_proof terms = b->proof;
	struct proofs rows = { 0 };
	struct proof_counts counts = { 0 };
	struct err e = ERR_INIT;

	b->proof = (struct profile_proof){ .policy = PROOFS_NONE, .why = "nobody signs anything" };
	engine_free(b->r->en);
	engine_up(b);
	assert_true(store_proofs_read(&rows, b->r->cache, "easy/prod", NULL, &b->r->a, &e) >= 0);
	assert_int_equal(rows.n, 1);
	assert_int_equal(rows.items[0].status, PROOF_UNCHECKED);
	assert_false(rows.items[0].required);
	assert_string_equal(rows.items[0].policy, PROOF_POLICY_NONE);
	assert_string_equal(rows.items[0].detail, "not attested: nobody signs anything");
	assert_true(store_proof_counts_read(&counts, b->r->cache, &b->r->a, &e) >= 0);
	assert_int_equal(counts.n, 0);
	assert_int_equal(plan(b), 0);
	assert_check(b, "note:proof", "unchecked", "not attested: nobody signs anything");
	b->proof = terms;
	engine_free(b->r->en);
	engine_up(b);
	rows.n = 0;
	assert_true(store_proofs_read(&rows, b->r->cache, "easy/prod", NULL, &b->r->a, &e) >= 0);
	assert_int_equal(rows.n, 0);
}

/* A pipe holds whoever opens it, and a file may be endless. */
static void a_key_is_read_at_once_or_not_at_all(void **state)
{
	struct bench *b = *state;
	struct profile_proof p = { .key = rig_path(b->r, "key.pem") };
	const char *why;
	FILE *f;

	assert_null(proof_key_read(&p, &why, &b->r->a));
	assert_non_null(strstr(why, "No such file"));
	assert_int_equal(mkfifo(p.key, 0600), 0);
	assert_null(proof_key_read(&p, &why, &b->r->a));
	assert_non_null(strstr(why, "no regular file"));
	assert_int_equal(unlink(p.key), 0);
	f = fopen(p.key, "w");
	assert_non_null(f);
	for (size_t i = 0; i <= PROOF_KEY_MAX; i++)
		fputc('x', f);
	fclose(f);
	assert_null(proof_key_read(&p, &why, &b->r->a));
	assert_non_null(strstr(why, "larger than"));
	assert_int_equal(unlink(p.key), 0);
}

static void put_machines(struct bench *b, const char *release, int status)
{
	const struct proof_book book = { .row = { .release = release,
						  .subject = "machines",
						  .digest = "",
						  .check = "quote",
						  .required = true,
						  .strict = true,
						  .status = status,
						  .detail = "1 of 2: vm-1 drifted",
						  .source = "/api/v1/agents",
						  .evidence = "",
						  .root = "",
						  .builder = "",
						  .commit = "",
						  .at = clock_wall(&b->r->clock) } };
	struct proof_books all = { 0 };
	struct proofs rows = { 0 };
	struct err e = ERR_INIT;

	assert_true(store_proofs_read(&rows, b->r->cache, "easy/prod", NULL, &b->r->a, &e) >= 0);
	vec_each (row, &rows)
		if (strcmp(row->subject, "machines") != 0)
			*vec_push(&all, &b->r->a) = (struct proof_book){ .row = *row };
	*vec_push(&all, &b->r->a) = book;
	assert_int_equal(store_proofs_put(b->r->cache, "easy/prod", all.items, all.n, &e), 0);
}

/* A dispatch of what runs may be what mends it: machines are told of, and the proof of what goes out decides. */
static void machines_that_run_stop_nothing_unless_the_profile_says_so(void **state)
{
	static const char name[] = "proof:machines quote", told[] = "note:proof:machines quote";
	struct bench *b = *state;
	struct profile_lane *lane = &b->r->profiles.items[0].lanes.items[1];
	struct profile_attestation t = *lane->attestation;

	lane->attestation = &t;
	attest_one(b, bundle(b, SIGNER, ""));
	put_machines(b, "v0.9.4", PROOF_FAILED);
	assert_int_equal(plan(b), 0); /* and the release itself is looked at, although it has a row */
	assert_check(b, CHECK, "ok", "verified");
	assert_check(b, told, "bad", "what runs now is failed: 1 of 2: vm-1 drifted");
	t.stops = true;
	assert_int_equal(plan(b), 1);
	assert_check(b, name, "bad", "what runs now is failed");
	t.policy = PROOFS_RELAXED;
	put_machines(b, "v0.9.4", PROOF_WARN);
	assert_int_equal(plan(b), 0);
	t.policy = PROOFS_STRICT;
	put_machines(b, "v0.9.4", PROOF_VERIFIED);
	assert_int_equal(plan(b), 0);
	assert_check(b, name, "ok", "what runs now is verified");
	lane->proof = NULL; /* of what is released nothing is wanted, of what runs it is */
	put_machines(b, "v0.9.4", PROOF_FAILED);
	assert_int_equal(plan(b), 1);
	assert_check(b, name, "bad", "what runs now is failed");
}

static void copies_of_facts_are_whole(void **state maybe_unused)
{
	struct arena from = ARENA_INIT, to = ARENA_INIT;
	struct attest_facts facts = { 0 }, copy;
	struct attest_subject *s = arena_new(&from, struct attest_subject);

	*s = (struct attest_subject){ arena_strdup(&from, "it"), arena_strdup(&from, "sha256"),
				      arena_strdup(&from, "aa") };
	facts.artifacts = facts.statement.subjects = s;
	facts.artifacts_n = facts.statement.subjects_n = 1;
	facts_copy(&copy, &facts, &to);
	arena_done(&from);
	assert_string_equal(proof_subject_of(&copy).digest, "aa");
	arena_done(&to);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, up, down)
	const struct CMUnitTest tests[] = {
		TEST(what_is_signed_by_whom_was_wanted_goes),
		TEST(nothing_is_missing_and_stops_a_strict_lane_only),
		TEST(another_signer_has_failed_and_no_glass_breaks_that),
		TEST(what_is_missing_goes_out_by_break_glass),
		TEST(the_best_of_several_counts_and_a_broken_one_alone_fails),
		TEST(what_speaks_of_something_else_is_no_provenance),
		TEST(a_forge_that_does_not_answer_makes_nothing_missing),
		TEST(a_bundle_is_hashed_once_a_round),
		TEST(a_look_that_is_yet_to_come_is_old),
		TEST(policy_is_applied_again_without_verifying_again),
		TEST(a_proof_that_changes_voids_the_plan),
		TEST(a_commit_that_is_not_known_is_not_any_commit),
		TEST(who_follows_hears_of_a_change_once),
		TEST(what_the_verifier_runs_on_is_told),
		TEST(a_release_of_another_repository_is_not_this_one),
		TEST(each_want_is_verified_by_the_root_of_its_instance),
		TEST(what_was_left_out_counts_as_not_looked_at),
		TEST(images_are_those_that_the_file_names_now),
		TEST(what_a_relaxed_policy_let_through_is_not_good_for_a_strict_one),
		TEST(another_profile_is_asked_anew),
		TEST(a_row_of_another_policy_is_not_checked),
		TEST(what_failed_stays_failed_under_another_policy),
		TEST(what_failed_stays_failed_in_no_round),
		TEST(where_nothing_is_attested_that_is_said),
		TEST(a_key_is_read_at_once_or_not_at_all),
		TEST(machines_that_run_stop_nothing_unless_the_profile_says_so),
		TEST(copies_of_facts_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
