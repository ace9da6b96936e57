/*
 * check_proof.c - the rules of what must be proved. A policy that binds nothing is refused: who signed is said, or it is said
 * that it does not matter.
 */
#include "core/profile/check.h"

#include <string.h>

enum { ROOT_DAYS_MAX = 3650, AGE_HOURS_MAX = 24 * 366, URI_MAX = 300, WHY_MAX = 300 };

/* ---- subject ---- */

static bool wants(const struct profile_subject *s, enum proof_want w)
{
	return check_in(s->wants, names_word(&proof_want_names, (int)w));
}

static int check_wants(const struct profile_subject *s, const struct yaml *map, struct err *e)
{
	if (!check_given(map, "wants"))
		return yaml_error(e, map, "subject: wants is missing");
	yaml_each(it, yaml_get(map, "wants"))
	{
		if (names_value(&proof_want_names, it->scalar) == WANT_OTHER)
			return yaml_error(e, it, "%s is none of provenance, sbom, release and signature",
					  it->scalar);
	}
	if (wants(s, WANT_RELEASE) && (!s->asset || s->pointers))
		return yaml_error(e, check_at(map, "wants"), "a release attestation is about assets");
	if (s->predicate && (s->wants[1] || wants(s, WANT_SIGNATURE)))
		return yaml_error(e, check_at(map, "predicate"),
				  "predicate needs one want that is a statement");
	return 0;
}

int profile_check_subject(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_subject *s = object;
	int r;

	(void)a;
	if (!s->asset == !s->probe)
		return yaml_error(e, map, "subject: one of asset and probe");
	if (s->pointers && !s->asset)
		return yaml_error(e, check_at(map, "pointers"), "pointers need an asset");
	r = check_wants(s, map, e);
	if (r == 0)
		r = check_pointers(map, "pointers", e);
	if (r == 0 && s->predicate && (strlen(s->predicate) > URI_MAX || !strstr(s->predicate, "://")))
		r = yaml_error(e, check_at(map, "predicate"), "%s is no URI", s->predicate);
	if (r == 0)
		r = check_template(check_at(map, "identity"), s->identity, NO_NONCE, e);
	return r == 0 ? check_template(check_at(map, "signer"), s->signer, NO_NONCE, e) : r;
}

/* ---- the whole ---- */

static const struct kind_keys kinds[] = {
	[SIGNER_PUBLIC] = { "", "issuer identity any_identity signer repo repo_id ref runner trigger "
				"environment commit" },
	[SIGNER_GITHUB] = { "", "issuer identity any_identity signer repo repo_id ref runner trigger "
				"environment commit" },
	[SIGNER_RELEASE] = { "", "identity repo repo_id" },
	[SIGNER_KEY] = { "key", "" },
};

static bool is_bound(const struct profile_proof *p)
{
	bool each = p->subjects.n > 0;

	vec_each (s, &p->subjects)
		each &= s->identity != NULL;
	return p->identity || p->any_identity || each;
}

static int check_signer(const struct profile_proof *p, const struct yaml *map, struct err *e)
{
	bool named = p->kind == SIGNER_PUBLIC || p->kind == SIGNER_GITHUB;

	if (named && !is_bound(p))
		return yaml_error(e, map, "proof: identity is missing: who must have signed");
	if (p->identity && p->any_identity)
		return yaml_error(e, check_at(map, "any_identity"), "identity is given");
	if (p->key && *p->key != '/')
		return yaml_error(e, check_at(map, "key"), "key must be an absolute path");
	if (p->repo_id && (!*p->repo_id || p->repo_id[strspn(p->repo_id, "0123456789")]))
		return yaml_error(e, check_at(map, "repo_id"), "%s is no number", p->repo_id);
	if (p->runner && strcmp(p->runner, "github-hosted") != 0 && strcmp(p->runner, "self-hosted") != 0)
		return yaml_error(e, check_at(map, "runner"), "runner must be github-hosted or self-hosted");
	return check_url(map, "issuer", p->issuer, e);
}

static int check_texts(const struct profile_proof *p, const struct yaml *map, struct err *e)
{
	const struct {
		const char *key, *text;
	} all[] = { { "identity", p->identity },
		    { "signer", p->signer },
		    { "repo", p->repo },
		    { "ref", p->ref },
		    { "commit", p->commit } };
	int r = 0;

	for (size_t i = 0; r == 0 && i < countof(all); i++)
		r = check_template(check_at(map, all[i].key), all[i].text, NO_NONCE, e);
	if (r == 0 && p->ref && strncmp(p->ref, "refs/", 5) != 0)
		r = yaml_error(e, check_at(map, "ref"), "ref must be whole: refs/tags/{release}");
	return r;
}

/* Nothing is looked for, so nothing else may stand there as if it were. */
static int check_none(const struct profile_proof *p, const struct yaml *map, struct err *e)
{
	static const struct kind_keys none = { "why", "" };
	int r = check_kind(map, "proof", "none", &none, "policy", e);

	if (r == 0 && (!*p->why || strlen(p->why) > WHY_MAX))
		r = yaml_error(e, check_at(map, "why"), "why must be a sentence of at most %d bytes",
			       WHY_MAX);
	return r;
}

int profile_check_proof(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_proof *p = object;
	int r;

	(void)a;
	if (p->policy == PROOFS_NONE)
		return check_none(p, map, e);
	r = check_kind(map, "proof", names_word(&proof_signer_names, p->kind), &kinds[p->kind],
		       "policy kind max_root_age_d max_age_h subjects", e);

	if (r == 0 && !p->subjects.n)
		r = yaml_error(e, check_at(map, "subjects"), "proof: subjects is missing");
	if (r == 0)
		r = check_signer(p, map, e);
	if (r == 0)
		r = check_texts(p, map, e);
	if (r == 0 && check_given(map, "max_root_age_d"))
		r = check_range(map, "max_root_age_d", p->max_root_age_d, 1, ROOT_DAYS_MAX, e);
	if (r == 0 && check_given(map, "max_age_h"))
		r = check_range(map, "max_age_h", p->max_age_h, 1, AGE_HOURS_MAX, e);
	return r;
}
