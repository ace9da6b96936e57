#include "core/adapters/sim/proofs.h"

#include "base/text.h"
#include "core/adapters/sim/sha256.h"
#include "core/adapters/sim/sim.h"

#include <string.h>

/* The authority began so long before the world, in whole days: releases of the past are younger. */
enum { AUTHORITY_DAYS = 120 };

static const char *const where_words[] = { "forge", "referrers", "fallback", "cosign" };
static const struct names where_names = NAMES(where_words);
static const char *const want_words[] = { "signature", "provenance", "spdx", "cyclonedx", "release" };
static const struct names want_names = NAMES(want_words); /* enum authority_predicate */
static const char *const kind_words[] = { "public", "github", "key" };
static const struct names kind_names = NAMES(kind_words); /* enum authority_instance */

/* ---- reading ------------------------------------------------------------------------------------------------------- */

static int word_check(const struct yaml *at, const struct names *t, struct err *e)
{
	const char *word = at && at->scalar ? at->scalar : "";

	if (at && strcmp(names_word(t, names_value(t, word)), word) != 0)
		return yaml_error(e, at, "there is no %s here", word);
	return 0;
}

int sim_proofs_check(const struct yaml *rules, struct err *e)
{
	int r = 0;

	yaml_each(it, rules)
	{
		if (r == 0)
			r = word_check(yaml_get(it, "where"), &where_names, e);
		if (r == 0)
			r = word_check(yaml_get(it, "kind"), &kind_names, e);
		yaml_each(want, yaml_get(it, "wants"))
		{
			if (r == 0)
				r = word_check(want, &want_names, e);
		}
	}
	return r;
}

int sim_proofs_mark(struct world *w, struct sim_repo *r, const struct yaml *list, struct err *e)
{
	yaml_each(it, list)
	{
		int x = word_check(yaml_get(it, "fault"), &authority_fault_names, e);

		if (x == 0)
			x = word_check(yaml_get(it, "wants"), &want_names, e);
		if (x < 0)
			return x;
		*vec_push(&r->marks, &w->arena) = it;
	}
	return 0;
}

/* ---- finding ------------------------------------------------------------------------------------------------------- */

static bool marked(const struct yaml *mark, const struct sim_proof *p)
{
	const char *release = yaml_str(mark, "release", NULL), *wants = yaml_str(mark, "wants", NULL);

	if (release && (!p->release || strcmp(p->release->tag, release) != 0))
		return false;
	if (wants && names_value(&want_names, wants) != (int)p->predicate)
		return false;
	return text_glob(yaml_str(mark, "name", "*"), p->name);
}

static void push(struct world *w, struct sim_proofs *out, struct sim_proof p, struct arena *a)
{
	p.at = p.release ? p.release->published + 2 * MINUTE : w->start - DAY;
	if (p.at > w->now)
		return;
	vec_each (it, &p.repo->marks) {
		if (!marked(*it, &p))
			continue;
		if (strcmp(yaml_str(*it, "absent", ""), "true") == 0)
			return;
		p.from = yaml_str(*it, "from", NULL);
		p.fault = (enum authority_fault)names_value(&authority_fault_names,
							    yaml_str(*it, "fault", "good"));
	}
	*vec_push(out, a) = p;
}

static void push_all(struct world *w, struct sim_proofs *out, const struct sim_proof *base, struct arena *a)
{
	yaml_each(want, yaml_get(base->rule, "wants"))
	{
		struct sim_proof p = *base;

		p.predicate = (enum authority_predicate)names_value(&want_names, want->scalar);
		push(w, out, p, a);
	}
}

static bool has_digest(const struct sim_asset *asset, const char *digest, struct arena *a)
{
	if (asset->dropped || asset->replaced)
		return false;
	return strcmp(asset->digest ? asset->digest : sim_digest(a, asset->content, strlen(asset->content)),
		      digest) == 0;
}

static void find_assets(struct world *w, const struct sim_proof *base, struct sim_proofs *out,
			struct arena *a)
{
	const char *glob = yaml_str(base->rule, "asset", "");

	vec_each (rel, &base->repo->releases) {
		vec_each (asset, &rel->assets) {
			struct sim_proof p = *base;

			if (rel->draft || !text_glob(glob, asset->name) ||
			    !has_digest(asset, base->digest, a))
				continue;
			p.release = rel;
			p.name = asset->name;
			push_all(w, out, &p, a);
		}
	}
}

/* The release one of whose assets says NAME@DIGEST; NULL none. */
static const struct sim_release *named_by(const struct sim_repo *r, const char *image, const char *digest,
					  struct arena *a)
{
	const char *reference = arena_printf(a, "/%s@%s", image, digest);

	vec_each (rel, &r->releases) {
		vec_each (asset, &rel->assets) {
			if (!rel->draft && strstr(asset->content, reference))
				return rel;
		}
	}
	return NULL;
}

static bool was_pushed(const struct world *w, const char *image, const char *digest)
{
	vec_each (it, &w->images) {
		vec_each (m, &(*it)->manifests) {
			if (strcmp((*it)->name, image) == 0 && strcmp(m->digest, digest) == 0 &&
			    !strstr(m->bytes, "\"subject\""))
				return true;
		}
	}
	return false;
}

static void find_image(struct world *w, const struct sim_proof *base, const char *image,
		       struct sim_proofs *out, struct arena *a)
{
	struct sim_proof p = *base;

	if (!text_glob(yaml_str(base->rule, "image", ""), image))
		return;
	p.name = image;
	p.release = named_by(base->repo, image, base->digest, a);
	if (p.release || was_pushed(w, image, base->digest))
		push_all(w, out, &p, a);
}

static int where_of(const struct yaml *rule)
{
	return names_value(&where_names, yaml_str(rule, "where", "forge"));
}

void sim_proofs_forge(struct world *w, struct sim_repo *r, const char *digest, struct sim_proofs *out,
		      struct arena *a)
{
	yaml_each(rule, r->attestations)
	{
		struct sim_proof base = { .repo = r, .rule = rule, .digest = digest };

		if (where_of(rule) != WHERE_FORGE)
			continue;
		if (yaml_get(rule, "asset"))
			find_assets(w, &base, out, a);
		for (size_t i = 0; yaml_get(rule, "image") && i < w->images.n; i++)
			find_image(w, &base, w->images.items[i]->name, out, a);
	}
}

void sim_proofs_image(struct world *w, const char *image, const char *digest, struct sim_proofs *out,
		      struct arena *a)
{
	vec_each (r, &w->repos) {
		yaml_each(rule, (*r)->attestations)
		{
			struct sim_proof base = {
				.repo = *r, .rule = rule, .digest = digest, .where = where_of(rule)
			};

			if (base.where != WHERE_FORGE && yaml_get(rule, "image"))
				find_image(w, &base, image, out, a);
		}
	}
}

/* ---- signing ------------------------------------------------------------------------------------------------------- */

static struct authority *authority_of(struct world *w)
{
	if (!w->authority) {
		struct arena a autofree(arena) = ARENA_INIT;
		int64_t since = w->start / DAY * DAY - (int64_t)AUTHORITY_DAYS * DAY;

		w->authority =
			authority_new(arena_printf(&a, "drill %" PRIu64, w->seed), (struct when){ since });
	}
	return w->authority;
}

const char *world_trusted_root(struct world *w, struct arena *a)
{
	return authority_trusted_root(authority_of(w), a);
}

/* Runs have numbers: the one that brought it out, or one that nobody can look at any more. */
static int64_t run_of(const struct sim_proof *p, const char *file)
{
	for (size_t i = p->repo->runs.n; i-- > 0;) {
		const struct sim_run *run = p->repo->runs.items[i];

		if (strcmp(run->workflow->file, file) == 0 &&
		    (!p->release || strcmp(run->ref, p->release->tag) == 0))
			return run->id;
	}
	return p->repo->id;
}

static void identify(struct attest_identity *out, const struct sim_proof *p, struct arena *a)
{
	const char *file = yaml_str(p->rule, "workflow", "release.yml");
	const char *branch = arena_printf(a, "refs/heads/%s", p->repo->branch);
	const char *ref = p->release ? arena_printf(a, "refs/tags/%s", p->release->tag) : branch;
	const struct authority_workflow flow = {
		.repo = p->from ? p->from : p->repo->full,
		.path = arena_printf(a, ".github/workflows/%s", file),
		.ref = yaml_str(p->rule, "ref", ref),
		.commit = p->release ? p->release->sha : p->repo->refs.items[0].sha,
		.event = yaml_str(p->rule, "event", "release"),
		.environment = yaml_str(p->rule, "environment", NULL),
		.repo_id = p->from ? p->repo->id + 1 : p->repo->id,
		.owner_id = p->repo->id / (p->from ? 11 : 7),
		.run = run_of(p, file),
		.self_hosted = strcmp(yaml_str(p->rule, "runner", ""), "self-hosted") == 0,
	};

	if (p->predicate == AUTHORITY_RELEASE)
		authority_releases(out);
	else
		authority_identity(out, &flow, a);
}

static void subjects_of(struct authority_order *o, const struct sim_proof *p, struct arena *a)
{
	struct VEC_OF(struct attest_subject) all = { 0 };

	if (p->predicate != AUTHORITY_RELEASE)
		*vec_push(&all, a) =
			(struct attest_subject){ p->name, "sha256", p->digest + strlen("sha256:") };
	for (size_t i = 0; p->predicate == AUTHORITY_RELEASE && p->release && i < p->release->assets.n; i++) {
		const struct sim_asset *asset = &p->release->assets.items[i];
		const char *digest =
			asset->digest ? asset->digest : sim_digest(a, asset->content, strlen(asset->content));

		if (!asset->dropped && !asset->replaced)
			*vec_push(&all, a) =
				(struct attest_subject){ asset->name, "sha256", digest + strlen("sha256:") };
	}
	o->subjects = all.items;
	o->subjects_n = all.n;
}

static struct authority_order order_of(struct world *w, const struct sim_proof *p, struct arena *a)
{
	int64_t first = w->start / DAY * DAY - (int64_t)AUTHORITY_DAYS * DAY + HOUR;
	bool release = p->predicate == AUTHORITY_RELEASE;
	struct authority_order o = {
		.instance = release ? AUTHORITY_GITHUB
				    : (enum authority_instance)names_value(
					      &kind_names, yaml_str(p->rule, "kind", "public")),
		.predicate = p->predicate,
		.log = strcmp(yaml_str(p->rule, "log", "1"), "2") == 0 ? 2 : 1,
		.at = { p->at > first ? p->at : first },
		.digest = p->digest + strlen("sha256:"),
		.tag = p->release ? p->release->tag : NULL,
		.repo = p->repo->full,
		.repo_id = arena_printf(a, "%" PRId64, p->repo->id),
		.owner_id = arena_printf(a, "%" PRId64, p->repo->id / 7),
		.commit = p->release ? p->release->sha : NULL,
	};

	identify(&o.id, p, a);
	subjects_of(&o, p, a);
	if (authority_fits(&o, p->fault))
		o.fault = p->fault;
	return o;
}

const char *sim_proof_bundle(struct world *w, const struct sim_proof *p, size_t *n, struct arena *a)
{
	struct authority_order o = order_of(w, p, a);
	const char *bundle = NULL;

	*n = 0;
	return authority_sign(authority_of(w), &o, a, &bundle, n, NULL) == 0 ? bundle : NULL;
}

bool sim_proof_cosign(struct world *w, const struct sim_proof *p, struct authority_cosign *out,
		      struct arena *a)
{
	struct authority_order o = order_of(w, p, a);

	return authority_cosign(authority_of(w), &o, arena_printf(a, "ghcr.io/%s", p->name), p->digest, a,
				out, NULL) == 0;
}
