/* proof_best.c - which of the bundles that were found for a thing is the best one, by the lane's policy. */
#include "core/engine/proofs.h"

#include "base/text.h"

#include <string.h>

_Static_assert((int)SIGNER_PUBLIC == PROOF_PUBLIC && (int)SIGNER_GITHUB == PROOF_GITHUB &&
		       (int)SIGNER_RELEASE == PROOF_RELEASE && (int)SIGNER_KEY == PROOF_KEY,
	       "profiles name the kinds of core/rules/proof.h");

#define HOUR INT64_C(3600000)

int64_t proof_max_age(const struct profile_proof *p)
{
	int64_t hours = p->policy == PROOFS_STRICT ? PROOF_AGE_STRICT_H : PROOF_AGE_RELAXED_H;

	return (p->max_age_h ? p->max_age_h : hours) * HOUR;
}

static int kind_of(const struct profile_proof *p, enum proof_want want)
{
	return want == WANT_RELEASE ? (int)PROOF_RELEASE : p->kind;
}

const char *proof_root_name(const struct profile_proof *p, enum proof_want want)
{
	static const char *const names[] = { [PROOF_PUBLIC] = "public-good",
					     [PROOF_GITHUB] = "github",
					     [PROOF_RELEASE] = "github",
					     [PROOF_KEY] = NULL };

	return names[kind_of(p, want)];
}

/* ---- which bundles speak of what is wanted ------------------------------------------------------------------------------- */

/* How types of statements begin that are a want. cosign signs images by a statement of its own since its third version. */
static const struct {
	enum proof_want want;
	const char *begins;
} predicates[] = {
	{ WANT_PROVENANCE, "https://slsa.dev/provenance/" },
	{ WANT_SBOM, "https://spdx.dev/Document" },
	{ WANT_SBOM, "https://cyclonedx.org/bom" },
	{ WANT_RELEASE, "https://in-toto.io/attestation/release/" },
	{ WANT_SIGNATURE, "https://sigstore.dev/cosign/sign/" },
};

static bool is_said(enum proof_want want, const char *predicate)
{
	for (size_t i = 0; i < countof(predicates); i++)
		if (predicates[i].want == want && text_starts(predicate, predicates[i].begins))
			return true;
	return false;
}

/* What does not hold says nothing that could be believed, so it may have been meant for any of them. */
static bool speaks(const struct proof_witness *w, const struct proof_thing *x, enum proof_want want,
		   const char *root)
{
	const char *predicate = w->facts.statement.predicate;

	if (!w->known || !text_eq(w->root, root))
		return false;
	if (w->facts.message)
		return want == WANT_SIGNATURE;
	if (!predicate)
		return w->facts.broken != PROOF_OK;
	return x->of->predicate ? text_eq(x->of->predicate, predicate) : is_said(want, predicate);
}

/* ---- the policy ------------------------------------------------------------------------------------------------------------ */

/* A template that cannot be filled must not become "any": *lacks says so. */
static const char *fill(struct look *k, const struct proof_release *r, const char *template,
			const char **lacks)
{
	const char *s = look_expand(k, template, r->tag, r->sha);

	if (template && !s)
		*lacks = arena_printf(&k->arena, "the commit of %s is not known, which %s needs", r->tag,
				      template);
	return s;
}

static void bind_signer(struct proof_policy *out, struct look *k, const struct proof_thing *x,
			const char **lacks)
{
	const struct profile_proof *p = k->lane->proof;
	const struct proof_release *r = x->release;

	out->identity = fill(k, r, x->of->identity ? x->of->identity : p->identity, lacks);
	out->issuer = p->issuer ? p->issuer : PROOF_ISSUER;
	out->any_identity = p->any_identity && !x->of->identity;
	out->signer = fill(k, r, x->of->signer ? x->of->signer : p->signer, lacks);
	out->repo = fill(k, r, p->repo, lacks);
	out->repo_id = p->repo_id;
	out->ref = fill(k, r, p->ref, lacks);
	out->commit = fill(k, r, p->commit, lacks);
	out->runner = p->runner;
	out->trigger = p->trigger;
	out->environment = p->environment;
}

/* The forge attests everybody's releases by one name: only what it says of the repository tells ours from another's. */
static void bind_release(struct proof_policy *out, struct look *k, const struct proof_thing *x,
			 const char **lacks)
{
	const struct profile_proof *p = k->lane->proof;
	const struct proof_release *r = x->release;

	if (p->kind == SIGNER_RELEASE)
		out->identity = fill(k, r, x->of->identity ? x->of->identity : p->identity, lacks);
	out->repo = p->repo ? fill(k, r, p->repo, lacks)
			    : arena_printf(&k->arena, "https://github.com/%s", k->profile->repo);
	out->repo_id = p->repo_id;
}

/* NULL, or why it cannot be said what is wanted. */
static const char *policy_of(struct proof_policy *out, struct look *k, const struct proof_thing *x,
			     enum proof_want want, const struct trusted *root)
{
	const struct profile_proof *p = k->lane->proof;
	const struct attest_ops *ops = k->s->en->o.attest;
	const char *lacks = NULL;

	*out = (struct proof_policy){ .kind = kind_of(p, want),
				      .strict = p->policy == PROOFS_STRICT,
				      .now = look_now(k) };
	if (out->kind == PROOF_PUBLIC || out->kind == PROOF_GITHUB)
		bind_signer(out, k, x, &lacks);
	if (out->kind == PROOF_RELEASE)
		bind_release(out, k, x, &lacks);
	if (want == WANT_RELEASE)
		out->release_tag = x->release->tag;
	if (root) {
		out->root_read = root->taken;
		out->root_max_age =
			(p->max_root_age_d ? p->max_root_age_d : PROOF_ROOT_AGE_D) * INT64_C(24) * HOUR;
		out->root_until = ops->root_until(root->root);
	}
	return lacks;
}

/* ---- the row ----------------------------------------------------------------------------------------------------------------- */

static void say_who(struct proof *row, const struct proof_witness *w)
{
	const struct attest_facts *f = &w->facts;

	row->evidence = w->sha;
	row->root = f->root_sha ? f->root_sha : "";
	row->source = w->from->where ? w->from->where : "";
	row->builder = f->managed ? "a managed key" : f->id.san ? f->id.san : "";
	row->commit = f->id.oid[ATTEST_OID_COMMIT] ? f->id.oid[ATTEST_OID_COMMIT] : "";
	row->signed_at = f->times_n ? f->times[0].at : WHEN_NONE;
	row->logged_at = f->entries_n ? f->entries[0].at : WHEN_NONE;
	row->verified_at = w->at;
}

static void judge_one(struct proof_book *out, struct look *k, const struct proof_witness *w,
		      enum proof_want want, const struct proof_policy *given)
{
	struct proof_policy p = *given;
	const struct proof_subject subject = { "sha256", w->digest };
	enum proof_reason reason;
	struct proof_checks checks = { 0 };
	const char *detail = "";

	p.predicate = want == WANT_SIGNATURE ? NULL : w->facts.statement.predicate;
	out->row.status = (int)proof_judge(&w->facts, &subject, &p, &checks, &reason, &detail, &k->arena);
	out->row.reason = (int)reason;
	out->row.detail = detail;
	out->checks = checks;
	say_who(&out->row, w);
}

static bool is_better(int a, int b)
{
	return a != b && (int)proof_worse((enum proof_status)a, (enum proof_status)b) == b;
}

/* The first of those that are best. */
static bool judge_all(struct proof_book *out, struct look *k, const struct proof_thing *x,
		      enum proof_want want, const struct proof_policy *p)
{
	const char *root = proof_root_name(k->lane->proof, want);
	bool any = false;

	vec_each (w, &x->witnesses) {
		struct proof_book one = *out;

		if (!speaks(*w, x, want, root))
			continue;
		judge_one(&one, k, *w, want, p);
		if (!any || is_better(one.row.status, out->row.status))
			*out = one;
		any = true;
	}
	return any;
}

/* Of what is not there nothing is proved. */
static void gone(struct proof_book *out, const struct proof_thing *x, const struct proof_policy *p)
{
	enum proof_reason reason;

	out->row.status = (int)proof_none(p, &reason);
	out->row.reason = (int)reason;
	out->row.detail = x->absent;
}

static void unchecked(struct proof_book *out, const char *why)
{
	out->row.status = PROOF_UNCHECKED;
	out->row.reason = PROOF_OK;
	out->row.detail = why;
}

static const char *unverified(const struct proof_thing *x)
{
	vec_each (w, &x->witnesses)
		if (!(*w)->known)
			return (*w)->why;
	return NULL;
}

static void none_found(struct proof_book *out, struct look *k, const struct proof_thing *x,
		       const struct proof_policy *p)
{
	const char *damage = x->found.damaged ? x->found.first_damage : x->beside.first_damage;
	enum proof_reason reason;

	if (unverified(x)) {
		unchecked(out, unverified(x));
		return;
	}
	out->row.status = (int)proof_none(p, &reason);
	out->row.reason = (int)reason;
	out->row.detail = damage ? arena_printf(&k->arena, "what is there cannot be read: %s", damage)
				 : proof_reason_meaning(reason);
}

void proof_best(struct proof_book *out, struct look *k, const struct proof_thing *x, enum proof_want want,
		const struct trusted *root)
{
	struct proof_policy p;
	const char *lacks = policy_of(&p, k, x, want, root);

	*out = (struct proof_book){
		.row = { .release = x->release->tag,
			 .subject = x->name,
			 .digest = *x->hex ? arena_printf(&k->arena, "sha256:%s", x->hex) : "",
			 .check = names_word(&proof_want_names, (int)want),
			 .strict = p.strict,
			 .detail = "",
			 .source = "",
			 .evidence = "",
			 .root = "",
			 .builder = "",
			 .commit = "",
			 .at = look_now(k) },
	};
	if (x->why || lacks)
		unchecked(out, x->why ? x->why : lacks);
	else if (x->absent)
		gone(out, x, &p);
	else if (!judge_all(out, k, x, want, &p))
		none_found(out, k, x, &p);
}
