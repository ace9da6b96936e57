/* proof_made.h - facts, a policy and a subject as they are when everything is good. */
#pragma once

#include <string.h>

#include "core/rules/proof.h"

#define PROVENANCE "https://slsa.dev/provenance/v1"
#define HEX        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define OTHER      "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"

struct proof_case_made {
	struct attest_facts facts;
	struct proof_policy policy;
	struct proof_subject subject;
	struct attest_subject subjects[3];
	struct attest_time time;
	struct attest_entry entry;
};

static inline void proof_case_make(struct proof_case_made *m, struct arena *a)
{
	static const char *const passed[] = { "S0.parse", "S1.key", "S3.chain", "S3.identity",
					      "S7.signature" };

	*m = (struct proof_case_made){
		.subjects = { { "tag", "sha1", HEX },
			      { "other", "sha256", OTHER },
			      { "file", "sha256", HEX } },
		.time = { "log", true, { 1000 } },
		.entry = { .log = "log", .index = 1, .kind = "dsse 0.0.1", .at = { 1000 } },
		.subject = { "sha256", HEX },
	};
	m->facts = (struct attest_facts){
		.root_sha = OTHER,
		.times = &m->time,
		.times_n = 1,
		.entries = &m->entry,
		.entries_n = 1,
		.scts = 1,
		.id = { .san = "https://w@refs/tags/v1", .issuer = "https://issuer" },
		.statement = { .predicate = PROVENANCE,
			       .subjects = m->subjects,
			       .subjects_n = 3,
			       .build_type = "https://actions.github.io/buildtypes/workflow/v1",
			       .builder = "https://w@refs/tags/v1",
			       .repo = "https://o/n",
			       .ref = "refs/tags/v1",
			       .commit = "c1",
			       .invocation = "https://o/n/actions/runs/1/attempts/1",
			       .release_tag = "v1" },
	};
	m->facts.id.oid[ATTEST_OID_SIGNER] = "https://w@refs/tags/v1";
	m->facts.id.oid[ATTEST_OID_RUNNER] = "github-hosted";
	m->facts.id.oid[ATTEST_OID_REPO] = "https://o/n";
	m->facts.id.oid[ATTEST_OID_REPO_ID] = "7";
	m->facts.id.oid[ATTEST_OID_REF] = "refs/tags/v1";
	m->facts.id.oid[ATTEST_OID_COMMIT] = "c1";
	m->facts.id.oid[ATTEST_OID_TRIGGER] = "push";
	m->facts.id.oid[ATTEST_OID_RUN] = "https://o/n/actions/runs/1/attempts/1";
	m->facts.id.oid[ATTEST_OID_ENVIRONMENT] = "production";
	m->policy = (struct proof_policy){
		.strict = true,
		.identity = "https://w@refs/tags/v1",
		.issuer = "https://issuer",
		.signer = "https://w@refs/tags/v1",
		.repo = "https://o/n",
		.repo_id = "7",
		.ref = "refs/tags/v1",
		.commit = "c1",
		.runner = "github-hosted",
		.trigger = "push",
		.environment = "production",
		.predicate = PROVENANCE,
		.release_tag = "v1",
		.now = { 10 * INT64_C(86400000) },
		.root_read = { 1 * INT64_C(86400000) },
		.root_max_age = 20 * INT64_C(86400000),
		.root_until = { 11 * INT64_C(86400000) },
	};
	for (size_t i = 0; i < countof(passed); i++)
		*vec_push(&m->facts.checks, a) =
			(struct proof_check){ .id = passed[i], .name = "crypto", .result = CHECKED_PASS };
}
