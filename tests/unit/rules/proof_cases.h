/*
 * proof_cases.h - facts as they are when everything is good, and one change at a time with what it must come to. Run by
 * test_proof, and by the adapter's mutation test against rules that were spoilt.
 */
#pragma once

#include "proof_made.h"

#define DO(name, ...)                                           \
	static inline void do_##name(struct proof_case_made *m) \
	{                                                       \
		__VA_ARGS__;                                    \
	}
DO(nothing, (void)m)
DO(no_time, m->facts.times_n = 0)
DO(no_sct, m->facts.scts = 0)
DO(no_sct_github, m->facts.scts = 0; m->facts.entries_n = 0; m->policy.kind = PROOF_GITHUB)
DO(no_entry, m->facts.entries_n = 0)
DO(managed, m->facts.managed = true)
DO(cert_for_key, m->policy.kind = PROOF_KEY)
DO(key, m->policy = (struct proof_policy){ .kind = PROOF_KEY, .strict = m->policy.strict };
   m->facts.managed = true; m->facts.id = (struct attest_identity){ 0 }; m->facts.times_n = 0;
   m->facts.scts = 0)
DO(key_unlogged, do_key(m); m->facts.entries_n = 0)
DO(key_rootless, do_key_unlogged(m); m->facts.root_sha = NULL)
DO(nobody, m->policy.identity = m->policy.issuer = m->policy.signer = NULL)
DO(anybody, do_nobody(m); m->policy.any_identity = true)
DO(prefix_san, m->policy.identity = "https://w@refs/tags/v")
DO(pattern_san, m->policy.identity = "https://.*@refs/tags/v1")
DO(longer_san, m->policy.identity = "https://w@refs/tags/v11")
DO(no_san, m->facts.id.san = NULL)
DO(issuer, m->policy.issuer = "https://issuer/")
DO(only_issuer, m->policy.identity = m->policy.signer = NULL)
DO(signer, m->facts.id.oid[ATTEST_OID_SIGNER] = "https://x@refs/tags/v1";
   m->facts.statement.builder = "https://x@refs/tags/v1")
DO(repo, m->facts.id.oid[ATTEST_OID_REPO] = "https://o/nn"; m->facts.statement.repo = "https://o/nn")
DO(repo_id, m->facts.id.oid[ATTEST_OID_REPO_ID] = "8")
DO(no_repo_id, m->facts.id.oid[ATTEST_OID_REPO_ID] = NULL)
DO(ref, m->facts.id.oid[ATTEST_OID_REF] = "refs/tags/v1x"; m->facts.statement.ref = "refs/tags/v1x")
DO(commit, m->facts.id.oid[ATTEST_OID_COMMIT] = "c2"; m->facts.statement.commit = "c2")
DO(runner, m->facts.id.oid[ATTEST_OID_RUNNER] = "self-hosted")
DO(trigger, m->facts.id.oid[ATTEST_OID_TRIGGER] = "pull_request_target")
DO(environment, m->facts.id.oid[ATTEST_OID_ENVIRONMENT] = "staging")
DO(no_environment, m->facts.id.oid[ATTEST_OID_ENVIRONMENT] = NULL)
DO(subject, m->subject.digest = "00")
DO(first_subject, m->subject.digest = OTHER)
DO(algorithm, m->subject.algorithm = "sha512")
DO(no_subjects, m->facts.statement.subjects_n = 0)
DO(no_digest, m->subject.digest = NULL)
DO(predicate, m->policy.predicate = "https://spdx.dev/Document")
DO(no_predicate, m->facts.statement.predicate = NULL)
DO(message_for_statement, m->facts.message = true; m->facts.digest_algorithm = "sha256";
   m->facts.digest = HEX)
DO(message, do_message_for_statement(m); m->facts.statement = (struct attest_statement){ 0 };
   m->policy.predicate = NULL; m->policy.release_tag = NULL)
DO(other_message, do_message(m); m->facts.digest = OTHER)
DO(says_repo, m->facts.statement.repo = "https://o/other")
DO(says_ref, m->facts.statement.ref = "refs/heads/main")
DO(says_commit, m->facts.statement.commit = "c9")
DO(says_builder, m->facts.statement.builder = "https://evil")
DO(says_machine, do_says_builder(m); m->facts.statement.build_type = "https://github.com/npm/cli/gha/v2")
DO(says_run, m->facts.statement.invocation = "https://o/n/actions/runs/2/attempts/1")
DO(says_anything, do_says_repo(m); do_says_commit(m); m->policy.any_provenance = true)
DO(tag, m->policy.release_tag = "v2")
DO(no_tag, m->facts.statement.release_tag = NULL)
DO(release, m->policy.kind = PROOF_RELEASE; m->policy.identity = NULL; m->policy.predicate = NULL;
   m->facts.entries_n = 0; m->facts.scts = 0; m->facts.id.san = "https://dotcom.releases.github.com";
   m->facts.id.oid[ATTEST_OID_REPO] = m->facts.id.oid[ATTEST_OID_REPO_ID] = NULL;
   m->policy.repo = "https://github.com/o/n"; m->facts.statement.release_repo = "o/n";
   m->facts.statement.release_repo_id = "7";
   m->facts.statement.predicate = "https://in-toto.io/attestation/release/v0.2")
DO(release_elsewhere, do_release(m); m->facts.statement.release_repo = "mallory/n")
DO(release_nowhere, do_release(m); m->facts.statement.release_repo = NULL)
DO(release_renamed, do_release(m); m->facts.statement.release_repo_id = "8")
DO(release_by_number, do_release(m); m->policy.repo = m->policy.issuer = m->policy.signer = NULL;
   m->facts.id.issuer = NULL)
DO(release_of_anybody, do_release_by_number(m); m->policy.repo_id = m->policy.issuer = NULL;
   m->policy.signer = NULL)
DO(release_somebody, do_release(m); m->facts.id.san = "https://dotcom.releases.github.com.evil")
DO(release_predicate, do_release(m); m->facts.statement.predicate = PROVENANCE)
DO(old_root, m->policy.root_max_age = INT64_C(8) * 86400000)
DO(ended_root, m->policy.root_until.ms = INT64_C(9) * 86400000)
DO(old_root_unasked, do_old_root(m); m->policy.now = WHEN_NONE)
DO(old_and_wrong, do_old_root(m); do_subject(m))

/* F: failed under both policies. */
#define F PROOF_FAILED
#define W PROOF_WARN
#define V PROOF_VERIFIED
#define S PROOF_STALE
static const struct proof_case {
	const char *name;
	void (*change)(struct proof_case_made *m);
	enum proof_status strict, relaxed;
	enum proof_reason reason;
} proof_cases[] = {
	{ "good", do_nothing, V, V, PROOF_OK },
	{ "no time", do_no_time, F, F, PROOF_TIME_NONE },
	{ "no promise of a certificate log", do_no_sct, F, F, PROOF_SCT_NONE },
	{ "GitHub's own has no logs", do_no_sct_github, V, V, PROOF_OK },
	{ "no entry", do_no_entry, F, W, PROOF_TLOG_NONE },
	{ "a key where a certificate is wanted", do_managed, F, F, PROOF_SIG_BAD },
	{ "a certificate where a key is wanted", do_cert_for_key, F, F, PROOF_SIG_BAD },
	{ "a key", do_key, V, V, PROOF_OK },
	{ "a key and no entry", do_key_unlogged, F, W, PROOF_TLOG_NONE },
	{ "a key and no root", do_key_rootless, V, V, PROOF_OK },
	{ "nobody is named", do_nobody, PROOF_UNCHECKED, PROOF_UNCHECKED, PROOF_OK },
	{ "anybody", do_anybody, V, V, PROOF_OK },
	{ "a beginning of the identity", do_prefix_san, F, W, PROOF_ID_SAN },
	{ "an identity is no pattern", do_pattern_san, F, W, PROOF_ID_SAN },
	{ "a longer identity", do_longer_san, F, W, PROOF_ID_SAN },
	{ "no identity in the certificate", do_no_san, F, W, PROOF_ID_SAN },
	{ "issuer with a slash", do_issuer, F, W, PROOF_ID_ISSUER },
	{ "only the issuer is named", do_only_issuer, V, V, PROOF_OK },
	{ "another workflow", do_signer, F, W, PROOF_ID_BUILDER },
	{ "another repository", do_repo, F, W, PROOF_ID_REPO },
	{ "another repository of the same name", do_repo_id, F, W, PROOF_ID_REPO },
	{ "a repository without number", do_no_repo_id, F, W, PROOF_ID_REPO },
	{ "another ref", do_ref, F, W, PROOF_ID_REF },
	{ "another commit", do_commit, F, W, PROOF_ID_REF },
	{ "another runner", do_runner, F, W, PROOF_ID_RUNNER },
	{ "another trigger", do_trigger, F, W, PROOF_ID_BUILDER },
	{ "another environment", do_environment, F, W, PROOF_ID_ENV },
	{ "no environment", do_no_environment, F, W, PROOF_ID_ENV },
	{ "no such subject", do_subject, F, F, PROOF_SUBJ_DIGEST },
	{ "one of several subjects", do_first_subject, V, V, PROOF_OK },
	{ "the digits under another algorithm", do_algorithm, F, F, PROOF_SUBJ_DIGEST },
	{ "no subjects at all", do_no_subjects, F, F, PROOF_SUBJ_DIGEST },
	{ "nothing to look for", do_no_digest, PROOF_UNCHECKED, PROOF_UNCHECKED, PROOF_OK },
	{ "another predicate", do_predicate, F, W, PROOF_PRED_TYPE },
	{ "no predicate", do_no_predicate, F, W, PROOF_PRED_TYPE },
	{ "a message where a statement is wanted", do_message_for_statement, F, W, PROOF_PRED_TYPE },
	{ "a message", do_message, V, V, PROOF_OK },
	{ "a message about something else", do_other_message, F, F, PROOF_SUBJ_DIGEST },
	{ "provenance of another repository", do_says_repo, F, W, PROOF_PROV_MISMATCH },
	{ "provenance of another ref", do_says_ref, F, W, PROOF_PROV_MISMATCH },
	{ "provenance of another commit", do_says_commit, F, W, PROOF_PROV_MISMATCH },
	{ "provenance of another builder", do_says_builder, F, W, PROOF_PROV_MISMATCH },
	{ "a build type whose builder is a machine", do_says_machine, V, V, PROOF_OK },
	{ "provenance of another run", do_says_run, F, W, PROOF_PROV_MISMATCH },
	{ "provenance that is not asked", do_says_anything, V, V, PROOF_OK },
	{ "another release", do_tag, F, F, PROOF_REL_TAG },
	{ "no release", do_no_tag, F, F, PROOF_REL_TAG },
	{ "a release", do_release, V, V, PROOF_OK },
	{ "a release by somebody", do_release_somebody, F, W, PROOF_ID_SAN },
	{ "a release of another repository", do_release_elsewhere, F, W, PROOF_ID_REPO },
	{ "a release of no repository", do_release_nowhere, F, W, PROOF_ID_REPO },
	{ "a release of another repository of the same name", do_release_renamed, F, W, PROOF_ID_REPO },
	{ "a release of a repository by its number", do_release_by_number, V, V, PROOF_OK },
	{ "a release of anybody", do_release_of_anybody, PROOF_UNCHECKED, PROOF_UNCHECKED, PROOF_OK },
	{ "a release that is provenance", do_release_predicate, F, W, PROOF_PRED_TYPE },
	{ "an old root", do_old_root, S, W, PROOF_ROOT_OLD },
	{ "a root that has ended", do_ended_root, S, W, PROOF_ROOT_EXPIRED },
	{ "an old root whose age is not asked", do_old_root_unasked, V, V, PROOF_OK },
	{ "an old root does not hide a failure", do_old_and_wrong, F, F, PROOF_SUBJ_DIGEST },
};
#undef F
#undef W
#undef V
#undef S

/* NULL: it comes to what it should. */
static inline const char *proof_case_wrong(const struct proof_case *c, bool strict)
{
	static char words[160];
	struct proof_case_made m;
	struct arena a = ARENA_INIT;
	struct proof_checks checks;
	enum proof_reason reason;
	enum proof_status status, wanted = strict ? c->strict : c->relaxed;
	const char *detail;

	proof_case_make(&m, &a);
	m.policy.strict = strict;
	c->change(&m);
	status = proof_judge(&m.facts, &m.subject, &m.policy, &checks, &reason, &detail, &a);
	snprintf(words, sizeof(words), "%s %s and not %s %s", names_word(&proof_status_names, (int)status),
		 names_word(&proof_reason_names, (int)reason), names_word(&proof_status_names, (int)wanted),
		 names_word(&proof_reason_names, (int)c->reason));
	arena_done(&a);
	return status == wanted && reason == c->reason ? NULL : words;
}
