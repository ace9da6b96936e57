#include "core/engine/tool.h"

#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "core/engine/roots.h"
#include "core/rules/proof.h"

/* `verify-bundle ...`: files in, a verdict out; no profile, no state, no network. What sigstore's conformance suite asks is a
 * part of this. */

#define ARTIFACT_MAX   ((size_t)1 << 30) /* larger ones by their digest */
#define MARGIN         ((size_t)1 << 20) /* one that is too large is told so, and not read to its end */
#define SUBJECTS_SHOWN 1000

struct asked {
	struct tooling *j;
	struct buf bundle, root, key, artifact;
	struct attest_question q;
	struct proof_policy p;
	struct attest_root *trusted;
	struct roots *roots; /* where no file is named */
	struct attest_facts facts;
	struct proof_checks checks;
	enum proof_status status;
	enum proof_reason reason;
	const char *detail;
};

static const char *option(const struct asked *k, enum option_id id)
{
	return k->j->c.opt[id];
}

/* ---- the words --------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *key;
	size_t at;
} policy_keys[] = {
#define KEY(word, member)                                   \
	{                                                   \
		word, offsetof(struct proof_policy, member) \
	}
	KEY("predicate", predicate), KEY("srcrepo", repo),    KEY("ref", ref),         KEY("signer", signer),
	KEY("runner", runner),       KEY("trigger", trigger), KEY("env", environment),
#undef KEY
};

static const char **policy_slot(struct proof_policy *p, const char *word, size_t n)
{
	for (size_t i = 0; i < countof(policy_keys); i++)
		if (strlen(policy_keys[i].key) == n && memcmp(policy_keys[i].key, word, n) == 0)
			return (const char **)((char *)p + policy_keys[i].at);
	return NULL;
}

/* K=V;K=V */
static int read_policy(struct asked *k, const char *words, struct err *e)
{
	while (*words) {
		size_t n = strcspn(words, ";"), key = strcspn(words, "=;");
		const char **slot = policy_slot(&k->p, words, key);

		if (!slot)
			err_set(e, ERR_INVALID, "--policy: no claim is called %.*s", (int)(key ? key : n),
				words);
		else if (key + 1 >= n)
			err_set(e, ERR_INVALID, "--policy: %.*s has no value", (int)key, words);
		if (!slot || key + 1 >= n)
			return err_hint(
				e, "KEY=VALUE;...: predicate, srcrepo, ref, signer, runner, trigger, env");
		if (*slot)
			return err_set(e, ERR_INVALID, "--policy: %.*s is given twice", (int)key, words);
		*slot = arena_strndup(k->j->t->arena, words + key + 1, n - key - 1);
		words += n + (words[n] == ';');
	}
	return 0;
}

static int read_kind(struct asked *k, struct err *e)
{
	const char *word = option(k, OPT_PROFILE_KIND);

	k->p.kind = option(k, OPT_KEY) ? PROOF_KEY : PROOF_PUBLIC;
	if (!word)
		return 0;
	if (strcmp(names_word(&proof_kind_names, names_value(&proof_kind_names, word)), word) != 0)
		return err_set(e, ERR_INVALID, "--profile-kind %s: public, github, release or key", word);
	if ((names_value(&proof_kind_names, word) == PROOF_KEY) != (option(k, OPT_KEY) != NULL))
		return err_set(e, ERR_INVALID, "--profile-kind key and --key go together");
	k->p.kind = names_value(&proof_kind_names, word);
	return 0;
}

static int read_who(struct asked *k, struct err *e)
{
	bool any = option(k, OPT_ANY_IDENTITY) != NULL;

	k->p.identity = option(k, OPT_CERTIFICATE_IDENTITY);
	k->p.issuer = option(k, OPT_CERTIFICATE_OIDC_ISSUER);
	if (option(k, OPT_KEY) && (k->p.identity || k->p.issuer || any))
		return err_set(e, ERR_INVALID, "a key has no identity: --key or the certificate's options");
	if (any && k->p.identity && k->p.issuer)
		return err_set(e, ERR_INVALID, "--any-identity, and both are named");
	if (!option(k, OPT_KEY) && !any && !k->p.identity && !k->p.issuer) {
		err_set(e, ERR_INVALID, "nobody is named who should have signed");
		return err_hint(e, "--certificate-identity and --certificate-oidc-issuer, --key, or "
				   "--any-identity");
	}
	k->p.any_identity = any;
	return 0;
}

static int read_words(struct asked *k, struct err *e)
{
	const char *policy = option(k, OPT_POLICY);
	int r = 0;

	k->p.strict = true;
	k->p.any_provenance = true;
	if (!option(k, OPT_BUNDLE)) {
		err_set(e, ERR_INVALID, "no bundle is named");
		return err_hint(e, "--bundle FILE");
	}
	if (option(k, OPT_STAGING) && option(k, OPT_TRUSTED_ROOT))
		return err_set(e, ERR_INVALID, "--staging and --trusted-root name two roots");
	r = read_who(k, e);
	if (r >= 0)
		r = read_kind(k, e);
	if (r >= 0 && policy)
		r = read_policy(k, policy, e);
	return r;
}

/* ---- the files ----------------------------------------------------------------------------------------------------------------- */

/* sha256:HEX, sha512:HEX; anything else is a path. */
static int read_artifact(struct asked *k, const char *word, struct err *e)
{
	static const char *const algorithms[] = { "sha256", "sha384", "sha512" };
	static const size_t digits[] = { 64, 96, 128 };
	const char *colon = strchr(word, ':');

	for (size_t i = 0; colon && i < countof(algorithms); i++) {
		if (strlen(algorithms[i]) != (size_t)(colon - word) ||
		    memcmp(word, algorithms[i], (size_t)(colon - word)) != 0)
			continue;
		k->q.digest_algorithm = algorithms[i];
		k->q.digest = colon + 1;
		if (strlen(colon + 1) == digits[i] && strspn(colon + 1, "0123456789abcdef") == digits[i])
			return 0;
		return err_set(e, ERR_INVALID, "%s has not %zu hex digits in lower case", algorithms[i],
			       digits[i]);
	}
	k->q.artifact = "";
	if (path_read_named(&k->artifact, "the artifact", word, e) < 0)
		return k->artifact.over ? err_hint(e, "give its digest: sha256:HEX") : -(int)e->kind;
	k->q.artifact = k->artifact.s;
	k->q.artifact_n = k->artifact.n;
	return 0;
}

/* What is in the program; imported ones are state, and none is asked. Their age is no matter here. */
static int take_embedded(struct asked *k, struct err *e)
{
	const struct roots_from from = { .ops = k->j->t->attest };
	const char *note, *name = option(k, OPT_STAGING)                                    ? "staging"
				  : k->p.kind == PROOF_GITHUB || k->p.kind == PROOF_RELEASE ? "github"
											    : "public-good";
	const struct trusted *t;
	int r = roots_open(&k->roots, &from, &note, k->j->t->arena, e);

	if (r < 0)
		return r;
	t = roots_get(k->roots, name);
	if (!t)
		return err_set(e, ERR_MISSING, "the program has no root of %s", name);
	k->q.root = t->root;
	return 0;
}

/* JSON that is no trusted root is a root that verifies nothing; anything else could not be read. Condition 1: told. */
static int read_root(struct asked *k, struct err *e)
{
	const char *file = option(k, OPT_TRUSTED_ROOT);
	const struct attest_ops *ops = k->j->t->attest;
	struct json *j = NULL;
	int r;

	if (!file)
		return take_embedded(k, e);
	r = path_read_named(&k->root, "--trusted-root", file, e);
	if (r < 0)
		return r;
	if (ops->root_parse(&k->trusted, k->root.s, k->root.n, e) == 0) {
		k->q.root = k->trusted;
		return 0;
	}
	r = json_parse(&j, k->root.s, k->root.n, ATTEST_ROOT_MAX, NULL);
	json_free(j);
	if (r < 0)
		return err_hint(e, "--trusted-root %s", file);
	k->status = PROOF_FAILED;
	k->reason = PROOF_ATT_PARSE;
	k->detail = arena_printf(k->j->t->arena, "the trusted root: %s", e->message);
	return 1;
}

static int read_files(struct asked *k, struct err *e)
{
	int r = path_read_named(&k->bundle, "--bundle", option(k, OPT_BUNDLE), e);

	if (r < 0 && !k->bundle.over)
		return r;
	k->q.bundle = k->bundle.s;
	k->q.bundle_n = k->bundle.n;
	if (option(k, OPT_KEY)) {
		r = path_read_named(&k->key, "--key", option(k, OPT_KEY), e);
		if (r < 0)
			return r;
		k->q.key = k->key.s;
	}
	r = read_artifact(k, k->j->c.args[0], e);
	return r < 0 ? r : read_root(k, e);
}

/* ---- printing ------------------------------------------------------------------------------------------------------------------- */

static const char *joined(const char *a, const char *b, struct arena *arena)
{
	if (!a || !*a)
		return b;
	return b ? arena_printf(arena, "%s; %s", a, b) : a;
}

/* What was not compared, and what compares, is said where nobody can miss it. */
static const char *note_of(const struct asked *k)
{
	bool keyed = option(k, OPT_KEY) != NULL;
	const char *who =
		k->p.any_identity          ? "whoever signed is accepted: --any-identity"
		: !keyed && !k->p.issuer   ? "the issuer is not compared: no --certificate-oidc-issuer"
		: !keyed && !k->p.identity ? "the identity is not compared: no --certificate-identity"
					   : NULL;

	return joined(joined(k->detail, who, k->j->t->arena), k->j->t->attest->openssl_floor(),
		      k->j->t->arena);
}

static void put_identity(struct jw *w, const struct attest_identity *id)
{
	jw_kopen(w, "identity", '{');
	jw_kstr(w, "san", id->san);
	jw_kstr(w, "kind", names_word(&attest_san_names, id->san_kind));
	jw_kstr(w, "issuer", id->issuer);
	jw_kwhen(w, "not_before", id->not_before);
	jw_kwhen(w, "not_after", id->not_after);
	jw_kstr(w, "serial", id->serial);
	jw_kopen(w, "extensions", '{');
	for (int i = 0; i < ATTEST_OIDS; i++) {
		char arc[8];

		snprintf(arc, sizeof(arc), "%d", i);
		if (id->oid[i])
			jw_kstr(w, arc, id->oid[i]);
	}
	jw_close(w, '}');
	jw_close(w, '}');
}

static void put_logged(struct jw *w, const struct attest_facts *f)
{
	jw_kopen(w, "times", '[');
	for (size_t i = 0; i < f->times_n; i++) {
		jw_open(w, '{');
		jw_kstr(w, "authority", f->times[i].authority);
		jw_kbool(w, "log", f->times[i].log);
		jw_kwhen(w, "at", f->times[i].at);
		jw_close(w, '}');
	}
	jw_close(w, ']');
	jw_kint(w, "scts", f->scts);
	jw_kopen(w, "entries", '[');
	for (size_t i = 0; i < f->entries_n; i++) {
		jw_open(w, '{');
		jw_kstr(w, "log", f->entries[i].log);
		jw_kint(w, "index", f->entries[i].index);
		jw_kstr(w, "kind", f->entries[i].kind);
		jw_kwhen(w, "at", f->entries[i].at);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void put_statement(struct jw *w, const struct attest_statement *s)
{
	jw_kopen(w, "statement", '{');
	jw_kstr(w, "type", s->type);
	jw_kstr(w, "predicate", s->predicate);
	jw_kstr(w, "build_type", s->build_type);
	jw_kstr(w, "builder", s->builder);
	jw_kstr(w, "repo", s->repo);
	jw_kstr(w, "ref", s->ref);
	jw_kstr(w, "path", s->path);
	jw_kstr(w, "commit", s->commit);
	jw_kstr(w, "invocation", s->invocation);
	jw_kstr(w, "sbom", s->sbom);
	jw_kint(w, "sbom_components", s->sbom_components);
	jw_kstr(w, "release_tag", s->release_tag);
	jw_kstr(w, "release_repo", s->release_repo);
	jw_kstr(w, "release_repo_id", s->release_repo_id);
	jw_kint(w, "subjects_n", (int64_t)s->subjects_n);
	jw_kopen(w, "subjects", '[');
	for (size_t i = 0; i < s->subjects_n && i < SUBJECTS_SHOWN; i++) {
		jw_open(w, '{');
		jw_kstr(w, "name", s->subjects[i].name);
		jw_kstr(w, "algorithm", s->subjects[i].algorithm);
		jw_kstr(w, "digest", s->subjects[i].hex);
		jw_close(w, '}');
	}
	jw_close(w, ']');
	jw_close(w, '}');
}

static void put_facts(struct jw *w, const void *of)
{
	const struct attest_facts *f = of;

	jw_open(w, '{');
	jw_kstr(w, "bundle_sha256", f->bundle_sha);
	jw_kstr(w, "root_sha256", f->root_sha);
	jw_kstr(w, "media_type", f->media_type);
	jw_kbool(w, "message", f->message);
	jw_kbool(w, "managed", f->managed);
	jw_kstr(w, "algorithm", f->algorithm);
	jw_kstr(w, "authority", f->authority);
	put_identity(w, &f->id);
	put_logged(w, f);
	put_statement(w, &f->statement);
	jw_kstr(w, "digest_algorithm", f->digest_algorithm);
	jw_kstr(w, "digest", f->digest);
	jw_close(w, '}');
}

/* ---- the verb --------------------------------------------------------------------------------------------------------------------- */

static int judge(struct asked *k, struct err *e)
{
	struct proof_subject subject;
	int r = k->j->t->attest->verify(&k->facts, &k->q, k->j->t->arena, e);

	if (r < 0)
		return r;
	subject = proof_subject_of(&k->facts);
	k->status =
		proof_judge(&k->facts, &subject, &k->p, &k->checks, &k->reason, &k->detail, k->j->t->arena);
	return 0;
}

static int verify(struct asked *k)
{
	struct err e = ERR_INIT;
	int r = read_words(k, &e);

	if (r >= 0)
		r = read_files(k, &e);
	if (r == 0)
		r = judge(k, &e);
	if (r < 0)
		return tool_fail(k->j, 2, &e);
	return verdict_print(k->j, k->status, k->reason, note_of(k), &k->checks, put_facts, &k->facts);
}

static int do_verify_bundle(struct tooling *j)
{
	struct asked k = {
		.j = j,
		.bundle = BUF_INIT(ATTEST_BUNDLE_MAX + MARGIN),
		.root = BUF_INIT(ATTEST_ROOT_MAX),
		.key = BUF_INIT(64 << 10),
		.artifact = BUF_INIT(ARTIFACT_MAX),
	};
	int status = verify(&k);

	j->t->attest->root_free(k.trusted);
	roots_free(k.roots);
	buf_done(&k.bundle);
	buf_done(&k.root);
	buf_done(&k.key);
	buf_done(&k.artifact);
	return status;
}

const struct tool_action *bundle_action(struct tooling *j maybe_unused, struct err *e maybe_unused)
{
	static const struct tool_action action = { "verify-bundle", "", 1, do_verify_bundle };

	return &action;
}
