#include "core/adapters/attest/bundle.h"

#include <string.h>

#include "base/text.h"

/* An SBOM of a large image has some ten thousand values. */
static const struct json_limits limits = { .bytes = ATTEST_BUNDLE_MAX, .depth = 64, .values = 120000 };

struct page {
	struct attest_statement *out;
	struct arena *a;
};

static const char *text_at(const struct page *p, const struct json *j, const char *path)
{
	return arena_strdup(p->a, json_str(j, path));
}

/* git+https://github.com/o/n@refs/tags/v1 apart. */
static void read_source(const struct page *p, const char *uri)
{
	const char *at = uri ? strstr(uri, "@refs/") : NULL;

	if (!uri || !text_starts(uri, "git+https://"))
		return;
	uri += strlen("git+");
	p->out->repo = at ? arena_strndup(p->a, uri, (size_t)(at - uri)) : arena_strdup(p->a, uri);
	p->out->ref = at ? arena_strdup(p->a, at + 1) : NULL;
}

/* ---- SLSA ------------------------------------------------------------------------------------------------------------- */

/* Whose first resolved dependency is the source that was built, by their documents; others may list anything first. */
static bool is_source_first(const char *build_type)
{
	static const char *const types[] = {
		"https://actions.github.io/buildtypes/workflow/v1",
		"https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
		"https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0",
	};

	for (size_t i = 0; build_type && i < countof(types); i++)
		if (strcmp(types[i], build_type) == 0)
			return true;
	return false;
}

static void read_slsa1(const struct page *p, const struct json *predicate)
{
	const struct json *definition = json_get(predicate, "buildDefinition"),
			  *workflow = json_get(definition, "externalParameters.workflow"),
			  *dependency = json_at(json_get(definition, "resolvedDependencies"), 0);
	struct attest_statement *s = p->out;

	s->build_type = text_at(p, definition, "buildType");
	s->builder = text_at(p, predicate, "runDetails.builder.id");
	s->invocation = text_at(p, predicate, "runDetails.metadata.invocationId");
	if (is_source_first(s->build_type)) {
		read_source(p, json_str(dependency, "uri"));
		s->commit = text_at(p, dependency, "digest.gitCommit");
	}
	if (workflow) {
		s->repo = text_at(p, workflow, "repository");
		s->ref = text_at(p, workflow, "ref");
		s->path = text_at(p, workflow, "path");
	}
}

static void read_slsa02(const struct page *p, const struct json *predicate)
{
	const struct json *source = json_get(predicate, "invocation.configSource");
	struct attest_statement *s = p->out;

	s->build_type = text_at(p, predicate, "buildType");
	s->builder = text_at(p, predicate, "builder.id");
	s->invocation = text_at(p, predicate, "metadata.buildInvocationId");
	read_source(p, json_str(source, "uri"));
	s->path = text_at(p, source, "entryPoint");
	s->commit = text_at(p, source, "digest.sha1");
}

/* ---- SBOM and releases ---------------------------------------------------------------------------------------------------- */

static void read_spdx(const struct page *p, const struct json *predicate)
{
	const char *version = json_str(predicate, "spdxVersion");

	p->out->sbom = version && text_starts(version, "SPDX-")
			       ? arena_printf(p->a, "SPDX %s", version + strlen("SPDX-"))
			       : "SPDX";
	p->out->sbom_components = (int64_t)json_size(json_get(predicate, "packages"));
}

static void read_cyclonedx(const struct page *p, const struct json *predicate)
{
	const char *version = json_str(predicate, "specVersion");

	p->out->sbom = version ? arena_printf(p->a, "CycloneDX %s", version) : "CycloneDX";
	p->out->sbom_components = (int64_t)json_size(json_get(predicate, "components"));
}

static void read_release(const struct page *p, const struct json *predicate)
{
	const struct json *id = json_get(predicate, "repositoryId");

	p->out->release_tag = text_at(p, predicate, "tag");
	p->out->release_repo = text_at(p, predicate, "repository");
	p->out->release_repo_id = json_type(id) == JSON_INT
					  ? arena_printf(p->a, "%" PRId64, json_int(id, "", 0))
					  : text_at(p, id, "");
}

static const struct {
	const char *type;
	void (*read)(const struct page *p, const struct json *predicate);
} predicates[] = {
	{ "https://slsa.dev/provenance/v1", read_slsa1 },
	{ "https://slsa.dev/provenance/v0.2", read_slsa02 },
	{ "https://spdx.dev/Document", read_spdx },
	{ "https://spdx.dev/Document/v2.3", read_spdx },
	{ "https://cyclonedx.org/bom", read_cyclonedx },
	{ "https://in-toto.io/attestation/release/v0.1", read_release },
	{ "https://in-toto.io/attestation/release/v0.2", read_release },
};

/* ---- subjects ------------------------------------------------------------------------------------------------------------------ */

struct subjects VEC_OF(struct attest_subject);

/* One for each digest: a file may be named by several. */
static bool read_subject(struct subjects *out, const struct json *j, struct arena *a)
{
	const struct json *digests = json_get(j, "digest"), *name = json_get(j, "name");
	size_t n = json_size(digests);
	struct json_pair *pairs;

	if (json_type(j) != JSON_OBJECT || json_type(digests) != JSON_OBJECT ||
	    (name && json_type(name) != JSON_STRING))
		return false;
	pairs = arena_array(a, struct json_pair, n + 1);
	json_pairs(digests, pairs);
	for (size_t i = 0; i < n; i++) {
		const char *hex = json_str(pairs[i].value, "");

		if (!hex)
			return false;
		*vec_push(out, a) = (struct attest_subject){
			.name = name ? arena_strdup(a, json_str(name, "")) : "",
			.algorithm = arena_strdup(a, pairs[i].key),
			.hex = arena_strdup(a, hex),
		};
	}
	return true;
}

/* ---- the whole ----------------------------------------------------------------------------------------------------------------- */

static int refuse(struct err *why, enum proof_reason reason, const char *what)
{
	(void)err_set(why, ERR_CORRUPT, "the statement %s", what);
	return (int)reason;
}

static int read_body(const struct page *p, const struct json *j, struct err *why)
{
	const struct json *list = json_get(j, "subject");
	struct subjects subjects = { 0 };
	struct attest_statement *s = p->out;

	s->type = text_at(p, j, "_type");
	s->predicate = text_at(p, j, "predicateType");
	if (!s->type || !s->predicate || json_type(list) != JSON_ARRAY)
		return refuse(why, PROOF_ATT_PARSE, "lacks its type, its predicate's type or its subjects");
	if (strcmp(s->type, "https://in-toto.io/Statement/v0.1") != 0 &&
	    strcmp(s->type, "https://in-toto.io/Statement/v1") != 0)
		return refuse(why, PROOF_ATT_VERSION, "is of a type that is not known");
	for (size_t i = 0; i < json_size(list); i++)
		if (!read_subject(&subjects, json_at(list, i), p->a))
			return refuse(why, PROOF_ATT_PARSE, "has a subject that is none");
	s->subjects = subjects.items;
	s->subjects_n = subjects.n;
	for (size_t i = 0; i < countof(predicates); i++)
		if (strcmp(predicates[i].type, s->predicate) == 0)
			predicates[i].read(p, json_get(j, "predicate"));
	return 0;
}

int statement_read(struct attest_statement *out, struct span payload, struct arena *a, struct err *why)
{
	struct attest_statement s = { 0 };
	struct json *j = NULL;
	int r = json_parse_within(&j, (const char *)payload.p, payload.n, &limits, why);

	if (r)
		return r == JSON_OVER ? PROOF_ATT_LIMIT : PROOF_ATT_PARSE;
	r = json_type(j) == JSON_OBJECT ? read_body(&(struct page){ &s, a }, j, why)
					: refuse(why, PROOF_ATT_PARSE, "is no object");
	json_free(j);
	if (r == 0)
		*out = s;
	return r;
}
