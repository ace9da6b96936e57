#include "core/adapters/authority/internal.h"

#include "base/text.h"

enum { STATEMENT_MAX = 4 << 20 };

static void put(struct jw *w, const char *key, const char *value)
{
	if (!value)
		return;
	jw_key(w, key);
	jw_raw_str(w, value);
}

static void open(struct jw *w, const char *key, char bracket)
{
	jw_key(w, key);
	jw_open(w, bracket);
}

static const char *purl(const struct authority_order *o, struct arena *a)
{
	return arena_printf(a, "pkg:github/%s@%s", o->repo ? o->repo : "", o->tag ? o->tag : "");
}

static void subject(struct jw *w, const char *kind, const char *name, const char *algorithm, const char *hex)
{
	jw_open(w, '{');
	put(w, kind, name);
	open(w, "digest", '{');
	put(w, algorithm, hex);
	jw_close(w, '}');
	jw_close(w, '}');
}

static void subjects(struct jw *w, const struct authority_order *o, struct arena *a)
{
	open(w, "subject", '[');
	if (o->predicate == AUTHORITY_RELEASE && o->fault != AUTHORITY_FAULT_no_subjects)
		subject(w, "uri", purl(o, a), "sha1", o->commit);
	for (size_t i = 0; i < o->subjects_n && o->fault != AUTHORITY_FAULT_no_subjects; i++) {
		const struct attest_subject *s = &o->subjects[i];
		const char *algorithm = s->algorithm ? s->algorithm : "sha256", *hex = s->hex;

		if (o->fault == AUTHORITY_FAULT_algorithm)
			algorithm = "sha512";
		if (o->fault == AUTHORITY_FAULT_digest)
			hex = bytes_hex(a, bytes_from(a, arena_printf(a, "instead of %s", s->name)));
		subject(w, "name", s->name, algorithm, hex);
	}
	jw_close(w, ']');
}

/* The workflow's path out of https://github.com/O/R/PATH@REF. */
static const char *path_of(const struct attest_identity *id, struct arena *a)
{
	const char *config = id->oid[ATTEST_OID_CONFIG], *repo = id->oid[ATTEST_OID_REPO], *at;

	if (!config || !repo || !text_starts(config, repo))
		return NULL;
	at = strrchr(config, '@');
	config += strlen(repo) + 1;
	return at > config ? arena_strndup(a, config, (size_t)(at - config)) : NULL;
}

/* Of what the certificate says, one thing may be told otherwise. */
static const char *told(const struct authority_order *o, enum authority_fault fault, const char *truth,
			const char *lie)
{
	return o->fault == fault ? lie : truth;
}

static void provenance(struct jw *w, const struct authority_order *o, const struct attest_identity *id,
		       struct arena *a)
{
	const char *repo = told(o, AUTHORITY_FAULT_contradicts_repo, id->oid[ATTEST_OID_REPO],
				"https://github.com/mallory/lookalike");
	const char *ref =
		told(o, AUTHORITY_FAULT_contradicts_ref, id->oid[ATTEST_OID_REF], "refs/heads/elsewhere");
	const char *commit = told(o, AUTHORITY_FAULT_contradicts_commit, id->oid[ATTEST_OID_COMMIT],
				  "0123456789abcdef0123456789abcdef01234567");

	open(w, "buildDefinition", '{');
	put(w, "buildType", "https://actions.github.io/buildtypes/workflow/v1");
	open(w, "externalParameters", '{');
	open(w, "workflow", '{');
	put(w, "ref", ref);
	put(w, "repository", repo);
	put(w, "path", path_of(id, a));
	jw_close(w, '}');
	jw_close(w, '}');
	open(w, "internalParameters", '{');
	open(w, "github", '{');
	put(w, "event_name", id->oid[ATTEST_OID_TRIGGER]);
	put(w, "repository_id", id->oid[ATTEST_OID_REPO_ID]);
	put(w, "repository_owner_id", id->oid[ATTEST_OID_OWNER_ID]);
	put(w, "runner_environment", id->oid[ATTEST_OID_RUNNER]);
	jw_close(w, '}');
	jw_close(w, '}');
	open(w, "resolvedDependencies", '[');
	subject(w, "uri", arena_printf(a, "git+%s@%s", repo ? repo : "", ref ? ref : ""), "gitCommit",
		commit);
	jw_close(w, ']');
	jw_close(w, '}');
	open(w, "runDetails", '{');
	open(w, "builder", '{');
	put(w, "id",
	    told(o, AUTHORITY_FAULT_contradicts_builder, id->oid[ATTEST_OID_SIGNER],
		 "https://builder.example/nobody"));
	jw_close(w, '}');
	open(w, "metadata", '{');
	put(w, "invocationId", id->oid[ATTEST_OID_RUN]);
	jw_close(w, '}');
	jw_close(w, '}');
}

static void spdx(struct jw *w, const struct authority_order *o)
{
	put(w, "spdxVersion", "SPDX-2.3");
	put(w, "dataLicense", "CC0-1.0");
	put(w, "SPDXID", "SPDXRef-DOCUMENT");
	put(w, "name", o->subjects_n ? o->subjects[0].name : "nothing");
	open(w, "packages", '[');
	for (size_t i = 0; i < o->subjects_n; i++) {
		jw_open(w, '{');
		put(w, "name", o->subjects[i].name);
		put(w, "SPDXID", "SPDXRef-Package");
		put(w, "downloadLocation", "NOASSERTION");
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void cyclonedx(struct jw *w, const struct authority_order *o)
{
	put(w, "bomFormat", "CycloneDX");
	put(w, "specVersion", "1.5");
	jw_kint(w, "version", 1);
	open(w, "components", '[');
	for (size_t i = 0; i < o->subjects_n; i++) {
		jw_open(w, '{');
		put(w, "type", "file");
		put(w, "name", o->subjects[i].name);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void release(struct jw *w, const struct authority_order *o, struct arena *a)
{
	put(w, "ownerId", o->owner_id);
	put(w, "purl", purl(o, a));
	put(w, "repository", o->repo);
	put(w, "repositoryId", o->repo_id);
	put(w, "tag", o->tag);
}

static void predicate(struct jw *w, const struct authority_order *o, const struct attest_identity *id,
		      struct arena *a)
{
	switch (o->predicate) {
	case AUTHORITY_MESSAGE:
		break;
	case AUTHORITY_PROVENANCE:
		provenance(w, o, id, a);
		break;
	case AUTHORITY_SPDX:
		spdx(w, o);
		break;
	case AUTHORITY_CYCLONEDX:
		cyclonedx(w, o);
		break;
	case AUTHORITY_RELEASE:
		release(w, o, a);
		break;
	}
}

const char *statement_make(const struct authority_order *o, const struct attest_identity *id, struct arena *a)
{
	struct buf text autofree(buf) = BUF_INIT(STATEMENT_MAX);
	struct jw w;

	jw_init(&w, &text);
	jw_open(&w, '{');
	put(&w, "_type", "https://in-toto.io/Statement/v1");
	subjects(&w, o, a);
	put(&w, "predicateType",
	    told(o, AUTHORITY_FAULT_predicate, authority_predicate_uri(o->predicate),
		 "https://example.com/weather/v1"));
	open(&w, "predicate", '{');
	predicate(&w, o, id, a);
	jw_close(&w, '}');
	jw_close(&w, '}');
	BUG_IF(text.over);
	return arena_strdup(a, text.s);
}
