/* links: attest rules authority base */
/* A bundle of a stranger under a root that is good and a policy that asks for somebody. Whatever comes, each row has one result,
 * nothing is verified that nobody signed, and facts are told by rows that held. */
#include <stdlib.h>
#include <string.h>

#include "core/adapters/attest/bundle.h"
#include "core/adapters/authority/authority.h"
#include "core/rules/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static const struct attest_root *root_of(void)
{
	static struct attest_root *root;
	struct arena a = ARENA_INIT;
	struct authority *x;
	const char *json;

	if (root)
		return root;
	x = authority_new("fuzz", (struct when){ INT64_C(1735689600000) });
	json = authority_trusted_root(x, &a);
	demand(attest_root_parse(&root, json, strlen(json), NULL) == 0);
	authority_free(x);
	arena_done(&a);
	return root;
}

static void check_facts(const struct attest_facts *f)
{
	bool failed = false;

	demand(f->checks.n > 0);
	vec_each (c, &f->checks) {
		demand(c->id && c->name);
		demand((c->result == CHECKED_FAIL) == (c->reason != PROOF_OK));
		failed |= c->result == CHECKED_FAIL;
		if (strcmp(c->id, "S3.identity") == 0 && c->result != CHECKED_PASS)
			demand(!f->id.san && !f->id.issuer);
		if (strcmp(c->id, "S6.entries") == 0 && c->result != CHECKED_PASS)
			demand(!f->entries_n);
		if (strcmp(c->id, "S9.statement") == 0 && c->result != CHECKED_PASS)
			demand(!f->statement.type && !f->statement.subjects_n);
	}
	demand(failed == (f->broken != PROOF_OK));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct attest_question q = {
		.bundle = data, .bundle_n = size, .root = root_of(), .artifact = "x", .artifact_n = 1
	};
	struct proof_policy p = { .identity = "https://nobody" };
	struct proof_subject s;
	struct proof_checks checks;
	struct arena a = ARENA_INIT;
	enum proof_reason reason;
	const char *detail;
	struct attest_facts f;

	demand(attest_verify(&f, &q, &a, NULL) == 0);
	check_facts(&f);
	s = proof_subject_of(&f);
	for (p.kind = PROOF_PUBLIC; p.kind <= PROOF_KEY; p.kind++)
		demand(proof_judge(&f, &s, &p, &checks, &reason, &detail, &a) != PROOF_VERIFIED);
	arena_done(&a);
	return 0;
}
