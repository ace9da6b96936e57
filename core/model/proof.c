#include "core/model/proof.h"

#include "core/model/attest.h"

static const char *const status_words[] = { "unchecked", "verified", "warn", "stale", "missing", "failed" };
const struct names proof_status_names = NAMES(status_words);

/* A number from a cache that another program wrote may be none of these: what it means is not known, and never good. */
static enum proof_status known(enum proof_status s)
{
	return (unsigned)s <= PROOF_FAILED ? s : PROOF_FAILED;
}

enum proof_status proof_worse(enum proof_status a, enum proof_status b)
{
	static const int severity[] = {
		[PROOF_VERIFIED] = 0, [PROOF_UNCHECKED] = 1, [PROOF_WARN] = 2,
		[PROOF_STALE] = 3,    [PROOF_MISSING] = 4,   [PROOF_FAILED] = 5,
	};

	return severity[known(a)] >= severity[known(b)] ? known(a) : known(b);
}

enum proof_status proof_both(enum proof_status a, enum proof_status b)
{
	enum proof_status worst = proof_worse(a, b);
	bool unchecked = a == PROOF_UNCHECKED || b == PROOF_UNCHECKED;

	return worst == PROOF_WARN && unchecked ? PROOF_UNCHECKED : worst;
}

enum verdict proof_verdict(enum proof_status s)
{
	static const enum verdict of[] = {
		[PROOF_UNCHECKED] = CHECK_UNCHECKED,
		[PROOF_VERIFIED] = CHECK_OK,
		[PROOF_WARN] = CHECK_OK,
		[PROOF_STALE] = CHECK_UNCHECKED,
		[PROOF_MISSING] = CHECK_MISSING,
		[PROOF_FAILED] = CHECK_BAD,
	};

	return of[known(s)];
}

static const char *const reason_words[] = {
	"OK",
#define REASON(code, meaning, strict, relaxed) #code,
#include "core/model/proof_reasons.def"
#undef REASON
};
const struct names proof_reason_names = NAMES(reason_words);

static const struct {
	const char *meaning;
	enum proof_status strict, relaxed;
} reasons[] = {
	{ "", PROOF_VERIFIED, PROOF_VERIFIED },
#define REASON(code, meaning, strict, relaxed) { meaning, PROOF_##strict, PROOF_##relaxed },
#include "core/model/proof_reasons.def"
#undef REASON
};

const char *proof_reason_meaning(enum proof_reason r)
{
	return (size_t)r < countof(reasons) ? reasons[r].meaning : "a reason that is not known";
}

enum proof_status proof_reason_status(enum proof_reason r, bool strict)
{
	if ((size_t)r >= countof(reasons))
		return PROOF_FAILED;
	return strict ? reasons[r].strict : reasons[r].relaxed;
}

static const char *const result_words[] = { "not-run", "pass", "fail", "absent" };
const struct names check_result_names = NAMES(result_words);
static const char *const san_words[] = { "none", "uri", "email", "other" };
const struct names attest_san_names = NAMES(san_words);

static const struct field check_fields[] = {
	FIELD(proof_check, lane),
	FIELD(proof_check, proof),
	FIELD(proof_check, evidence),
	FIELD(proof_check, ordinal),
	FIELD(proof_check, id),
	FIELD(proof_check, name),
	FIELD_ENUM(proof_check, result, &check_result_names),
	FIELD_ENUM(proof_check, reason, &proof_reason_names),
	FIELD(proof_check, expected),
	FIELD(proof_check, found),
};
const struct rec rec_proof_check = REC(struct proof_check, check_fields, "proof_check");

static const struct field proof_fields[] = {
	FIELD(proof, lane),
	FIELD(proof, ordinal),
	FIELD(proof, release),
	FIELD(proof, subject),
	FIELD(proof, digest),
	FIELD(proof, check),
	FIELD(proof, required),
	FIELD(proof, strict),
	FIELD_ENUM(proof, status, &proof_status_names),
	FIELD_ENUM(proof, reason, &proof_reason_names),
	FIELD(proof, detail),
	FIELD(proof, source),
	FIELD(proof, evidence),
	FIELD(proof, root),
	FIELD(proof, builder),
	FIELD(proof, commit),
	FIELD(proof, signed_at),
	FIELD(proof, logged_at),
	FIELD(proof, verified_at),
	FIELD(proof, at),
	FIELD(proof, policy),
};
const struct rec rec_proof = REC(struct proof, proof_fields, "proof");
