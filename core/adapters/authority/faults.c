#include "core/adapters/authority/internal.h"

#include "base/text.h"

static const char *const fault_words[] = {
	"good",
#define FAULT(name, needs, message, statement, meaning) #name,
#include "core/adapters/authority/faults.def"
#undef FAULT
};
const struct names authority_fault_names = NAMES(fault_words);

static const struct fault {
	unsigned needs;
	enum proof_reason message, statement;
	const char *meaning;
} faults[] = {
	{ 0, PROOF_OK, PROOF_OK, "" },
#define FAULT(name, needs, message, statement, meaning) \
	{ needs, PROOF_##message, PROOF_##statement, meaning },
#include "core/adapters/authority/faults.def"
#undef FAULT
};

static const char *const predicate_words[] = { "message", "provenance", "spdx", "cyclonedx", "release" };
const struct names authority_predicate_names = NAMES(predicate_words);

static const char *const predicate_uris[] = {
	NULL,
	"https://slsa.dev/provenance/v1",
	"https://spdx.dev/Document/v2.3",
	"https://cyclonedx.org/bom",
	"https://in-toto.io/attestation/release/v0.2",
};

const char *authority_predicate_uri(enum authority_predicate p)
{
	return (size_t)p < countof(predicate_uris) ? predicate_uris[p] : NULL;
}

unsigned order_has(const struct authority_order *o)
{
	bool log = o->instance != AUTHORITY_GITHUB, first = log && o->log != 2;
	bool stamped = o->instance == AUTHORITY_GITHUB || o->log == 2 || o->stamp,
	     old = o->version == 1 || o->version == 2;
	unsigned has = 0;

	has |= o->instance != AUTHORITY_KEY ? NEEDS_CERT : 0;
	has |= o->instance == AUTHORITY_PUBLIC ? NEEDS_SCT : 0;
	has |= log ? NEEDS_PUBLIC | NEEDS_LOG : 0;
	has |= first && !stamped ? NEEDS_LOG1 : 0;
	has |= log && o->version != 1 ? NEEDS_PROOF : 0;
	has |= stamped ? NEEDS_TSA : 0;
	has |= stamped && !first ? NEEDS_TSA_ONLY : 0;
	has |= o->instance != AUTHORITY_KEY && old ? NEEDS_CHAIN : 0;
	has |= o->predicate == AUTHORITY_PROVENANCE && o->instance != AUTHORITY_KEY ? NEEDS_PROVENANCE : 0;
	return has;
}

bool authority_fits(const struct authority_order *o, enum authority_fault fault)
{
	const struct fault *f = &faults[fault];
	enum proof_reason r = o->predicate == AUTHORITY_MESSAGE ? f->message : f->statement;

	if ((f->needs & order_has(o)) != f->needs)
		return false;
	return r != PROOF_OK || fault == AUTHORITY_GOOD || fault == AUTHORITY_FAULT_scts_twice;
}

enum proof_reason authority_expects(const struct authority_order *o)
{
	const struct fault *f = &faults[o->fault];

	return o->predicate == AUTHORITY_MESSAGE ? f->message : f->statement;
}

int order_check(const struct authority *x, const struct authority_order *o, struct err *e)
{
	bool message = o->predicate == AUTHORITY_MESSAGE, github = o->instance == AUTHORITY_GITHUB;

	if (o->version < 0 || o->version > 3 || o->log < 0 || o->log > 2)
		return err_set(e, ERR_INVALID, "there is no bundle 0.%d in a log of generation %d",
			       o->version, o->log);
	if ((o->version == 1 || o->version == 2) && (o->log == 2 || github || o->instance == AUTHORITY_KEY))
		return err_set(e, ERR_INVALID, "only the public instance's first log has bundles 0.%d",
			       o->version);
	if (o->instance != AUTHORITY_KEY && !o->id.san)
		return err_set(e, ERR_INVALID, "the order does not say who signs");
	if (message && !o->artifact && (!o->digest || strlen(o->digest) != 64))
		return err_set(e, ERR_INVALID, "the order does not say what is signed");
	if (o->at.ms < x->since.ms + AUTHORITY_GAP || o->at.ms > x->until.ms)
		return err_set(e, ERR_INVALID, "the order is of a time when the authority did not sign");
	if (!authority_fits(o, o->fault))
		return err_set(e, ERR_INVALID, "the order cannot have the fault %s",
			       names_word(&authority_fault_names, (int)o->fault));
	return 0;
}

/* ---- identities ----------------------------------------------------------------------------------------------------- */

static const char *on_branch(const char *identity, struct arena *a)
{
	const char *at = identity ? strrchr(identity, '@') : NULL;

	return at ? arena_printf(a, "%.*s@refs/heads/main", (int)(at - identity), identity) : identity;
}

/* Which extension a fault replaces, and by what. */
static const struct {
	enum authority_fault fault;
	int oid;
	const char *value;
} replaced[] = {
	{ AUTHORITY_FAULT_repo, ATTEST_OID_REPO, "https://github.com/mallory/lookalike" },
	{ AUTHORITY_FAULT_repo_id, ATTEST_OID_REPO_ID, "666666666" },
	{ AUTHORITY_FAULT_ref, ATTEST_OID_REF, "refs/heads/main" },
	{ AUTHORITY_FAULT_runner, ATTEST_OID_RUNNER, "own-hosted" },
	{ AUTHORITY_FAULT_environment, ATTEST_OID_ENVIRONMENT, "playground" },
	{ AUTHORITY_FAULT_builder, ATTEST_OID_SIGNER,
	  "https://github.com/mallory/lookalike/.github/workflows/build.yml@refs/heads/main" },
};

struct attest_identity order_identity(const struct authority_order *o, struct arena *a)
{
	struct attest_identity id = o->id;

	for (size_t i = 0; i < countof(replaced); i++)
		if (o->fault == replaced[i].fault)
			id.oid[replaced[i].oid] = replaced[i].value;
	if (o->fault == AUTHORITY_FAULT_runner && o->id.oid[ATTEST_OID_RUNNER])
		id.oid[ATTEST_OID_RUNNER] = text_eq(o->id.oid[ATTEST_OID_RUNNER], "github-hosted")
						    ? "self-hosted"
						    : "github-hosted";
	if (o->fault == AUTHORITY_FAULT_issuer)
		id.issuer = "https://accounts.example.com";
	if (o->fault == AUTHORITY_FAULT_san)
		id.san = "https://github.com/mallory/lookalike/.github/workflows/build.yml@refs/heads/main";
	if (o->fault == AUTHORITY_FAULT_san_ref) {
		id.san = on_branch(id.san, a);
		id.oid[ATTEST_OID_SIGNER] = on_branch(id.oid[ATTEST_OID_SIGNER], a);
		id.oid[ATTEST_OID_CONFIG] = on_branch(id.oid[ATTEST_OID_CONFIG], a);
		id.oid[ATTEST_OID_REF] = "refs/heads/main";
	}
	return id;
}

void authority_identity(struct attest_identity *out, const struct authority_workflow *w, struct arena *a)
{
	const char *repo = arena_printf(a, "https://github.com/%s", w->repo);
	const char *signer = arena_printf(a, "%s/%s@%s", repo, w->path, w->ref);
	const char *owner = arena_strndup(a, repo, (size_t)(strrchr(repo, '/') - repo));

	*out = (struct attest_identity){ .san = signer,
					 .san_kind = ATTEST_SAN_URI,
					 .issuer = "https://token.actions.githubusercontent.com" };
	out->oid[ATTEST_OID_SIGNER] = signer;
	out->oid[ATTEST_OID_SIGNER_SHA] = w->commit;
	out->oid[ATTEST_OID_RUNNER] = w->self_hosted ? "self-hosted" : "github-hosted";
	out->oid[ATTEST_OID_REPO] = repo;
	out->oid[ATTEST_OID_COMMIT] = w->commit;
	out->oid[ATTEST_OID_REF] = w->ref;
	out->oid[ATTEST_OID_REPO_ID] = arena_printf(a, "%" PRId64, w->repo_id);
	out->oid[ATTEST_OID_OWNER] = owner;
	out->oid[ATTEST_OID_OWNER_ID] = arena_printf(a, "%" PRId64, w->owner_id);
	out->oid[ATTEST_OID_CONFIG] = signer;
	out->oid[ATTEST_OID_CONFIG_SHA] = w->commit;
	out->oid[ATTEST_OID_TRIGGER] = w->event;
	out->oid[ATTEST_OID_RUN] = arena_printf(a, "%s/actions/runs/%" PRId64 "/attempts/%" PRId64, repo,
						w->run, w->attempt ? w->attempt : 1);
	out->oid[ATTEST_OID_VISIBILITY] = w->private_ ? "private" : "public";
	out->oid[ATTEST_OID_ENVIRONMENT] = w->environment;
	out->oid[ATTEST_OID_SUB] =
		w->environment ? arena_printf(a, "repo:%s:environment:%s", w->repo, w->environment)
			       : arena_printf(a, "repo:%s:ref:%s", w->repo, w->ref);
}

void authority_releases(struct attest_identity *out)
{
	*out = (struct attest_identity){ .san = "https://dotcom.releases.github.com",
					 .san_kind = ATTEST_SAN_URI };
}
