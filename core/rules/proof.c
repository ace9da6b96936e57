#include "core/rules/proof.h"

#include <string.h>

#include "base/text.h"

#define RELEASES "https://dotcom.releases.github.com" /* who signs GitHub's immutable releases */
#define FORGE    "https://github.com/"                /* whose they are */

static const char *const kind_words[] = { "public", "github", "release", "key" };
const struct names proof_kind_names = NAMES(kind_words);

struct judge {
	const struct attest_facts *f;
	const struct proof_subject *subject;
	const struct proof_policy *p;
	struct arena *a;
	const char *expected, *found; /* of the row that runs */
};

/* A test's build may spoil one row at a time, to see that some test notices. */
#ifdef PH_MUTANT
#include PH_MUTANT
#else
#define MUTANT_RESULT(id, result) (result)
#endif

/* ---- what both sides of a comparison come to ---------------------------------------------------------------------------- */

static enum check_result same(struct judge *j, const char *wanted, const char *found)
{
	j->expected = wanted;
	j->found = found;
	if (!wanted)
		return CHECKED_ABSENT; /* the policy does not ask, and the row says so */
	return found && strcmp(wanted, found) == 0 ? CHECKED_PASS : CHECKED_FAIL;
}

static enum check_result at_least_one(struct judge *j, bool wanted, int64_t n)
{
	j->expected = wanted ? "at least 1" : NULL;
	j->found = arena_printf(j->a, "%" PRId64, n);
	if (!wanted)
		return CHECKED_ABSENT;
	return n > 0 ? CHECKED_PASS : CHECKED_FAIL;
}

static bool is_kind(const struct judge *j, enum proof_kind kind)
{
	return j->p->kind == (int)kind;
}

/* ---- counts --------------------------------------------------------------------------------------------------------------- */

static enum check_result count_times(struct judge *j)
{
	return at_least_one(j, !is_kind(j, PROOF_KEY), (int64_t)j->f->times_n);
}

/* Distinct logs: one that promises twice is one (CVE-2026-49834). */
static enum check_result count_scts(struct judge *j)
{
	return at_least_one(j, is_kind(j, PROOF_PUBLIC), j->f->scts);
}

static enum check_result count_entries(struct judge *j)
{
	bool wanted = is_kind(j, PROOF_PUBLIC) || (is_kind(j, PROOF_KEY) && j->f->root_sha);

	return at_least_one(j, wanted, (int64_t)j->f->entries_n);
}

/* ---- S8: who --------------------------------------------------------------------------------------------------------------- */

static enum check_result is_form(struct judge *j)
{
	j->expected = is_kind(j, PROOF_KEY) ? "a managed key" : "a certificate";
	j->found = j->f->managed ? "a managed key" : "a certificate";
	return j->f->managed == is_kind(j, PROOF_KEY) ? CHECKED_PASS : CHECKED_FAIL;
}

static enum check_result is_somebody_named(struct judge *j)
{
	const struct proof_policy *p = j->p;

	if (is_kind(j, PROOF_KEY))
		return CHECKED_ABSENT;
	j->found = j->f->id.san;
	if (p->any_identity) {
		j->expected = "anybody";
		return CHECKED_PASS;
	}
	/* who may publish in a repository is known; the forge signs for everybody */
	if (is_kind(j, PROOF_RELEASE) && (p->repo || p->repo_id))
		return CHECKED_PASS;
	return p->identity || p->issuer || p->signer ? CHECKED_PASS : CHECKED_NOT;
}

static enum check_result is_identity(struct judge *j)
{
	const char *wanted = j->p->identity;

	if (is_kind(j, PROOF_KEY))
		return CHECKED_ABSENT;
	if (!wanted && is_kind(j, PROOF_RELEASE))
		wanted = RELEASES;
	return same(j, wanted, j->f->id.san);
}

static enum check_result is_issuer(struct judge *j)
{
	return is_kind(j, PROOF_KEY) ? CHECKED_ABSENT : same(j, j->p->issuer, j->f->id.issuer);
}

#define BINDING(name, member, oid_)                               \
	static enum check_result is_##name(struct judge *j)       \
	{                                                         \
		return same(j, j->p->member, j->f->id.oid[oid_]); \
	}
BINDING(signer, signer, ATTEST_OID_SIGNER)
BINDING(commit, commit, ATTEST_OID_COMMIT)
BINDING(ref, ref, ATTEST_OID_REF)
BINDING(runner, runner, ATTEST_OID_RUNNER)
BINDING(trigger, trigger, ATTEST_OID_TRIGGER)
BINDING(environment, environment, ATTEST_OID_ENVIRONMENT)

/* Every release of the forge is attested by one signer, so its certificate tells no repository: the statement does. */
static enum check_result is_repo(struct judge *j)
{
	const char *name = j->f->statement.release_repo;

	if (is_kind(j, PROOF_RELEASE))
		return same(j, j->p->repo, name ? arena_printf(j->a, FORGE "%s", name) : NULL);
	return same(j, j->p->repo, j->f->id.oid[ATTEST_OID_REPO]);
}

static enum check_result is_repo_id(struct judge *j)
{
	return same(j, j->p->repo_id,
		    is_kind(j, PROOF_RELEASE) ? j->f->statement.release_repo_id
					      : j->f->id.oid[ATTEST_OID_REPO_ID]);
}

/* ---- S9: what --------------------------------------------------------------------------------------------------------------- */

static const char *spell(struct judge *j, const char *algorithm, const char *hex)
{
	return arena_printf(j->a, "%s:%s", algorithm, hex);
}

static bool is_subject(const struct proof_subject *s, const char *algorithm, const char *hex)
{
	return text_eq(s->algorithm, algorithm) && text_eq(s->digest, hex);
}

struct proof_subject proof_subject_of(const struct attest_facts *f)
{
	const struct attest_statement *st = &f->statement;

	for (size_t i = 0; i < f->artifacts_n; i++) {
		struct proof_subject s = { f->artifacts[i].algorithm, f->artifacts[i].hex };

		if (f->message && text_eq(s.algorithm, f->digest_algorithm))
			return s;
		for (size_t k = 0; !f->message && k < st->subjects_n; k++)
			if (is_subject(&s, st->subjects[k].algorithm, st->subjects[k].hex))
				return s;
	}
	if (!f->artifacts_n)
		return (struct proof_subject){ 0 };
	return (struct proof_subject){ f->artifacts[0].algorithm, f->artifacts[0].hex };
}

/* Any of the statement's, by the algorithm's name too: the same digits of another algorithm are another thing. */
static enum check_result has_subject(struct judge *j)
{
	const struct attest_statement *st = &j->f->statement;
	const struct proof_subject *s = j->subject;

	if (!s || !s->algorithm || !s->digest)
		return CHECKED_NOT;
	j->expected = spell(j, s->algorithm, s->digest);
	if (j->f->message) {
		j->found = j->f->digest ? spell(j, j->f->digest_algorithm, j->f->digest) : NULL;
		return is_subject(s, j->f->digest_algorithm, j->f->digest) ? CHECKED_PASS : CHECKED_FAIL;
	}
	for (size_t i = 0; i < st->subjects_n; i++)
		if (is_subject(s, st->subjects[i].algorithm, st->subjects[i].hex)) {
			j->found = st->subjects[i].name;
			return CHECKED_PASS;
		}
	j->found = st->subjects_n == 1 ? spell(j, st->subjects[0].algorithm, st->subjects[0].hex)
				       : arena_printf(j->a, "%zu other subjects", st->subjects_n);
	return CHECKED_FAIL;
}

static enum check_result is_predicate(struct judge *j)
{
	const char *found = j->f->message ? "a signature without a statement" : j->f->statement.predicate;

	if (is_kind(j, PROOF_RELEASE) && !j->p->predicate) {
		j->expected = "https://in-toto.io/attestation/release/";
		j->found = found;
		return found && text_starts(found, j->expected) ? CHECKED_PASS : CHECKED_FAIL;
	}
	return same(j, j->p->predicate, found);
}

/* Only what both say can contradict: older certificates lack the extensions, and predicates say what they like. */
static enum check_result agrees(struct judge *j, const char *said, const char *certified)
{
	const struct proof_policy *p = j->p;
	bool wanted = p->repo || p->repo_id || p->ref || p->commit || p->signer ||
		      (p->predicate && text_starts(p->predicate, "https://slsa.dev/provenance/"));

	j->expected = certified;
	j->found = said;
	if (!wanted || p->any_provenance || !said || !certified)
		return CHECKED_ABSENT;
	return strcmp(said, certified) == 0 ? CHECKED_PASS : CHECKED_FAIL;
}

static enum check_result agrees_repo(struct judge *j)
{
	return agrees(j, j->f->statement.repo, j->f->id.oid[ATTEST_OID_REPO]);
}

static enum check_result agrees_ref(struct judge *j)
{
	return agrees(j, j->f->statement.ref, j->f->id.oid[ATTEST_OID_REF]);
}

static enum check_result agrees_commit(struct judge *j)
{
	return agrees(j, j->f->statement.commit, j->f->id.oid[ATTEST_OID_COMMIT]);
}

/* Other build types call a machine or a tool their builder, and not the workflow that signs. */
static enum check_result agrees_builder(struct judge *j)
{
	static const char *const types[] = {
		"https://actions.github.io/buildtypes/workflow/v1",
		"https://github.com/slsa-framework/slsa-github-generator/generic@v1",
	};
	const char *said = NULL;

	for (size_t i = 0; i < countof(types); i++)
		if (text_eq(j->f->statement.build_type, types[i]))
			said = j->f->statement.builder;
	return agrees(j, said, j->f->id.oid[ATTEST_OID_SIGNER]);
}

static enum check_result agrees_run(struct judge *j)
{
	const char *said = j->f->statement.invocation;

	return agrees(j, said && text_starts(said, "https://") ? said : NULL, j->f->id.oid[ATTEST_OID_RUN]);
}

static enum check_result is_release(struct judge *j)
{
	return same(j, j->p->release_tag, j->f->statement.release_tag);
}

/* ---- S10: by whom it is believed --------------------------------------------------------------------------------------------------- */

static enum check_result is_root_young(struct judge *j)
{
	const struct proof_policy *p = j->p;
	char at[WHEN_TEXT];

	if (!p->root_max_age || !when_known(p->root_read) || !when_known(p->now))
		return CHECKED_ABSENT;
	j->expected = arena_printf(j->a, "at most %" PRId64 " days", p->root_max_age / 86400000);
	j->found = arena_printf(j->a, "read %s", when_iso(p->root_read, at));
	return when_diff(p->now, p->root_read) <= p->root_max_age ? CHECKED_PASS : CHECKED_FAIL;
}

static enum check_result is_root_alive(struct judge *j)
{
	const struct proof_policy *p = j->p;
	char at[WHEN_TEXT];

	if (!when_known(p->root_until) || !when_known(p->now))
		return CHECKED_ABSENT;
	j->found = arena_printf(j->a, "until %s", when_iso(p->root_until, at));
	return when_diff(p->now, p->root_until) <= 0 ? CHECKED_PASS : CHECKED_FAIL;
}

/* ---- the table ---------------------------------------------------------------------------------------------------------------------- */

static const struct rule {
	const char *id, *name;
	enum proof_reason reason;
	enum check_result (*run)(struct judge *j);
} rules[] = {
	{ "S2.count", "times of signing", PROOF_TIME_NONE, count_times },
	{ "S4.count", "certificate logs", PROOF_SCT_NONE, count_scts },
	{ "S5.count", "transparency log entries", PROOF_TLOG_NONE, count_entries },
	{ "S8.form", "form of signer", PROOF_SIG_BAD, is_form },
	{ "S8.named", "a signer is named", PROOF_ID_SAN, is_somebody_named },
	{ "S8.identity", "identity", PROOF_ID_SAN, is_identity },
	{ "S8.issuer", "issuer", PROOF_ID_ISSUER, is_issuer },
	{ "S8.signer", "signing workflow", PROOF_ID_BUILDER, is_signer },
	{ "S8.repo", "repository", PROOF_ID_REPO, is_repo },
	{ "S8.repo-id", "repository's number", PROOF_ID_REPO, is_repo_id },
	{ "S8.ref", "ref", PROOF_ID_REF, is_ref },
	{ "S8.commit", "commit", PROOF_ID_REF, is_commit },
	{ "S8.runner", "runner", PROOF_ID_RUNNER, is_runner },
	{ "S8.trigger", "trigger", PROOF_ID_BUILDER, is_trigger },
	{ "S8.environment", "environment", PROOF_ID_ENV, is_environment },
	{ "S9.subject", "subject", PROOF_SUBJ_DIGEST, has_subject },
	{ "S9.predicate", "predicate", PROOF_PRED_TYPE, is_predicate },
	{ "S9.repo", "provenance: repository", PROOF_PROV_MISMATCH, agrees_repo },
	{ "S9.ref", "provenance: ref", PROOF_PROV_MISMATCH, agrees_ref },
	{ "S9.commit", "provenance: commit", PROOF_PROV_MISMATCH, agrees_commit },
	{ "S9.builder", "provenance: builder", PROOF_PROV_MISMATCH, agrees_builder },
	{ "S9.run", "provenance: run", PROOF_PROV_MISMATCH, agrees_run },
	{ "S9.release", "release", PROOF_REL_TAG, is_release },
	{ "S10.age", "age of the trusted root", PROOF_ROOT_OLD, is_root_young },
	{ "S10.end", "end of the trusted root", PROOF_ROOT_EXPIRED, is_root_alive },
};

/* Without one of these there is no verdict, whoever filled the facts. */
static const struct {
	const char *id;
	unsigned kinds;
} mandatory[] = {
#define OF(kind)       (1u << (kind))
#define SIGNED_BY_CERT (OF(PROOF_PUBLIC) | OF(PROOF_GITHUB) | OF(PROOF_RELEASE))
	{ "S0.parse", SIGNED_BY_CERT | OF(PROOF_KEY) },
	{ "S1.key", SIGNED_BY_CERT | OF(PROOF_KEY) },
	{ "S2.count", SIGNED_BY_CERT },
	{ "S3.chain", SIGNED_BY_CERT },
	{ "S3.identity", SIGNED_BY_CERT },
	{ "S4.count", OF(PROOF_PUBLIC) },
	{ "S5.count", OF(PROOF_PUBLIC) },
	{ "S7.signature", SIGNED_BY_CERT | OF(PROOF_KEY) },
	{ "S8.form", SIGNED_BY_CERT | OF(PROOF_KEY) },
	{ "S8.named", SIGNED_BY_CERT },
	{ "S9.subject", SIGNED_BY_CERT | OF(PROOF_KEY) },
};

static void run_rule(struct judge *j, const struct rule *r, struct proof_checks *checks)
{
	enum check_result result;

	j->expected = j->found = NULL;
	result = MUTANT_RESULT(r->id, r->run(j));
	*vec_push(checks, j->a) = (struct proof_check){
		.evidence = j->f->bundle_sha,
		.id = r->id,
		.name = r->name,
		.result = result,
		.reason = result == CHECKED_FAIL ? (int)r->reason : PROOF_OK,
		.expected = j->expected,
		.found = j->found,
	};
}

/* ---- the verdict -------------------------------------------------------------------------------------------------------------------- */

static int step(const struct proof_check *c)
{
	return atoi(c->id + 1);
}

/* By step, and within one as they were run. */
static void order(struct proof_checks *checks)
{
	for (size_t i = 1; i < checks->n; i++)
		for (size_t k = i; k > 0 && step(&checks->items[k]) < step(&checks->items[k - 1]); k--) {
			struct proof_check c = checks->items[k];

			checks->items[k] = checks->items[k - 1];
			checks->items[k - 1] = c;
		}
	for (size_t i = 0; i < checks->n; i++)
		checks->items[i].ordinal = (int64_t)i + 1;
}

static const char *missing_check(const struct proof_checks *checks, int kind)
{
	for (size_t i = 0; i < countof(mandatory); i++) {
		bool held = !(mandatory[i].kinds >> kind & 1);

		for (size_t k = 0; k < checks->n; k++)
			held |= strcmp(checks->items[k].id, mandatory[i].id) == 0 &&
				(checks->items[k].result == CHECKED_PASS ||
				 checks->items[k].result == CHECKED_FAIL);
		if (!held)
			return mandatory[i].id;
	}
	return NULL;
}

/* NULL: none failed. */
static const struct proof_check *worst_check(const struct proof_checks *checks, bool strict)
{
	const struct proof_check *worst = NULL;
	enum proof_status status = PROOF_VERIFIED;

	for (size_t i = 0; i < checks->n; i++) {
		const struct proof_check *c = &checks->items[i];
		enum proof_status s;

		if (c->result != CHECKED_FAIL)
			continue;
		/* a failure without a reason is our mistake, and never good */
		s = c->reason == PROOF_OK ? PROOF_FAILED
					  : proof_reason_status((enum proof_reason)c->reason, strict);
		if (worst && proof_worse(status, s) == status)
			continue;
		worst = c;
		status = s;
	}
	return worst;
}

static const char *say(const struct proof_check *c, struct arena *a)
{
	const char *meaning = proof_reason_meaning((enum proof_reason)c->reason);

	if (c->expected && c->found)
		return arena_printf(a, "%s: %s is %s and not %s", meaning, c->name, c->found, c->expected);
	if (c->found || c->expected)
		return arena_printf(a, "%s: %s%s", meaning, c->found ? "" : "wanted is ",
				    c->found ? c->found : c->expected);
	return meaning;
}

/* What does not hold as cryptography is failed, whatever a relaxed policy thinks of its reason: what is bound to it was not
 * even looked at. And there is no warning, nor staleness, while something mandatory was not run. */
static enum proof_status weigh(const struct attest_facts *f, const struct proof_check *worst,
			       const char *lacking, bool strict)
{
	enum proof_status s;

	if (f->broken != PROOF_OK)
		return PROOF_FAILED;
	if (!worst)
		return lacking ? PROOF_UNCHECKED : PROOF_VERIFIED;
	s = proof_reason_status((enum proof_reason)worst->reason, strict);
	if (worst->reason == PROOF_OK)
		return PROOF_FAILED;
	return lacking && s != PROOF_FAILED ? PROOF_UNCHECKED : s;
}

enum proof_status proof_judge(const struct attest_facts *f, const struct proof_subject *subject,
			      const struct proof_policy *p, struct proof_checks *checks,
			      enum proof_reason *reason, const char **detail, struct arena *a)
{
	struct judge j = { .f = f, .subject = subject, .p = p, .a = a };
	const struct proof_check *worst;
	const char *lacking;

	*checks = (struct proof_checks){ 0 };
	vec_each (c, &f->checks)
		*vec_push(checks, a) = *c;
	/* of facts whose cryptography does not hold nothing is bound */
	for (size_t i = 0; f->broken == PROOF_OK && i < countof(rules); i++)
		run_rule(&j, &rules[i], checks);
	order(checks);
	worst = worst_check(checks, p->strict);
	lacking = missing_check(checks, p->kind);
	*reason = f->broken != PROOF_OK ? f->broken : worst ? (enum proof_reason)worst->reason : PROOF_OK;
	*detail = worst ? say(worst, a) : lacking ? arena_printf(a, "%s was not checked", lacking) : "";
	return weigh(f, worst, lacking, p->strict);
}

enum proof_status proof_now(const struct proof *row, const struct proof_terms_now *t)
{
	enum proof_status s = (enum proof_status)row->status;
	int64_t age = when_diff(t->now, row->at);

	if ((unsigned)row->status > PROOF_FAILED)
		return PROOF_FAILED;
	if (proof_verdict(s) != CHECK_OK)
		return s;
	if (row->strict != t->strict)
		return PROOF_UNCHECKED;
	return when_known(row->at) && age >= 0 && age <= t->max_age
		       ? s
		       : proof_reason_status(PROOF_EVID_OLD, t->strict);
}

bool proof_stands(const struct proofs *rows, const char *subject, const char *digest,
		  const struct proof_terms_now *t)
{
	size_t n = 0;

	vec_each (row, rows) {
		if (!text_eq(row->subject, subject) || !text_eq(row->digest, digest))
			continue;
		if (proof_now(row, t) != (enum proof_status)row->status ||
		    proof_verdict((enum proof_status)row->status) != CHECK_OK)
			return false;
		n++;
	}
	return n > 0;
}

enum proof_status proof_none(const struct proof_policy *p, enum proof_reason *reason)
{
	*reason = PROOF_ATT_NONE;
	return proof_reason_status(PROOF_ATT_NONE, p->strict);
}
