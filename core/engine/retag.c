#include "core/engine/ways.h"

#include "base/json.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/*
 * Moving an image's tag to another digest. A tag is a name that anybody may move: what is read is the manifest by its
 * digest, what it is compared with is the digest under the tag now, and what is sent is that very manifest. Another tag
 * given as the target is resolved when the plan is made, and the plan then speaks of the digest.
 */

enum { CANDIDATES = 8 }; /* staging tags that are looked at for a way back */

struct image {
	const char *ref; /* what was asked for */
	const char *digest, *type, *bytes;
	size_t bytes_n;
	VEC(struct registry_child) children;
};
struct candidate {
	const char *tag, *fact;
	struct image image;
};
struct retagging {
	const struct profile_probe *probe;
	const char *image; /* repository */
	const char *tag;   /* the live tag */
	struct image now, to;
	VEC(const char *) tags;
	bool cut;
	VEC(struct candidate) candidates; /* newest first */
	const char *back_by;              /* how the way back was found, in words */
};

static struct retagging *found_of(struct ask *k)
{
	return k->plan.found;
}

/* ---- reading a registry ---------------------------------------------------------------------------------------------------- */

typedef void (*image_take)(struct ask *k, struct fact *f, const struct registry_answer *a);
struct image_reading {
	struct ask *k;
	size_t slot;
	image_take taken;
};

static void image_done(void *ctx, const struct registry_answer *a, const struct err *err)
{
	struct image_reading *r = ctx;
	struct ask *k = r->k;

	if (!fact_answered(k, r->slot, err))
		return;
	if (!err) {
		k->plan.facts.items[r->slot].state = FACT_OK;
		r->taken(k, &k->plan.facts.items[r->slot], a);
	}
	fact_taken(k);
}

static void read_image(struct ask *k, const char *fact, bool pinned, const struct registry_read *q,
		       image_take taken)
{
	struct registry *reg = k->acts->en->o.registry;
	struct image_reading *r = arena_new(&k->arena, struct image_reading);
	struct err e = ERR_INIT;

	*r = (struct image_reading){ k, fact_reading(k, fact, pinned), taken };
	if (reg->ops->read(reg, q, image_done, r, &e) < 0)
		(void)fact_answered(k, r->slot, &e);
}

static void keep_image(struct ask *k, struct image *out, const struct registry_answer *a)
{
	out->digest = arena_strdup(&k->arena, a->digest);
	out->type = arena_strdup(&k->arena, a->type);
	out->bytes = arena_copy(&k->arena, a->bytes, a->bytes_n);
	out->bytes_n = a->bytes_n;
	for (size_t i = 0; i < a->children_n; i++) {
		struct registry_child *c = vec_push(&out->children, &k->arena);

		c->platform = arena_strdup(&k->arena, a->children[i].platform);
		c->digest = arena_strdup(&k->arena, a->children[i].digest);
	}
}

static void take_now(struct ask *k, struct fact *f, const struct registry_answer *a)
{
	keep_image(k, &found_of(k)->now, a);
	f->value = found_of(k)->now.digest;
}

static void take_to(struct ask *k, struct fact *f, const struct registry_answer *a)
{
	keep_image(k, &found_of(k)->to, a);
	f->value = found_of(k)->to.digest;
}

static void take_candidate(struct ask *k, struct fact *f, const struct registry_answer *a)
{
	vec_each (c, &found_of(k)->candidates)
		if (text_eq(c->fact, f->name))
			keep_image(k, &c->image, a);
	f->value = arena_strdup(&k->arena, a->digest);
}

static void take_tags(struct ask *k, struct fact *f, const struct registry_answer *a)
{
	for (size_t i = 0; i < a->tags_n; i++)
		*vec_push(&found_of(k)->tags, &k->arena) = arena_strdup(&k->arena, a->tags[i]);
	found_of(k)->cut = a->cut;
	f->value = arena_printf(&k->arena, "%zu tags", a->tags_n);
}

/* ---- the live tag -------------------------------------------------------------------------------------------------------------- */

/* Numbers by their value, and what stands between them as it is: 0.10.0 is newer than 0.9.1. */
static int compare_versions(const char *a, const char *b)
{
	while (*a && *b) {
		size_t x = strspn(a, "0123456789"), y = strspn(b, "0123456789");

		if (x && y) {
			unsigned long long m = strtoull(a, NULL, 10), n = strtoull(b, NULL, 10);

			if (m != n)
				return m < n ? -1 : 1;
			a += x;
			b += y;
		} else if (*a != *b) {
			return *a < *b ? -1 : 1;
		} else {
			a++;
			b++;
		}
	}
	return *a ? 1 : *b ? -1 : 0;
}

static bool is_version(const struct profile_lane *l, const char *tag, struct arena *a)
{
	struct profile_tag parts;

	return !l->grammar || profile_grammar_parse(l->grammar, tag, &parts, a);
}

/* The one tag of the probe, or the newest version that fits its glob. */
static const char *live_tag(struct ask *k)
{
	const struct retagging *r = found_of(k);
	const char *best = NULL;

	if (!strpbrk(r->probe->tag, "*?"))
		return r->probe->tag;
	vec_each (t, &r->tags)
		if (text_glob(r->probe->tag, *t) && is_version(k->plan.lane, *t, &k->arena) &&
		    (!best || compare_versions(best, *t) < 0))
			best = *t;
	return best;
}

/* ---- the way back ---------------------------------------------------------------------------------------------------------------- */

struct move {
	const char *from, *to; /* digests */
	bool back;
};
struct digests VEC_OF(const char *);

/* What was written down of a tag that was absent or not readable is no digest. */
static const char *digest_of(const char *value, struct arena *a)
{
	return text_starts(value ? value : "", "sha256:") ? arena_strdup(a, value) : NULL;
}

/* False: the intent moved another tag, or nothing. */
static bool move_of(struct move *m, const struct intent *in, const char *image, const char *tag,
		    struct arena *a)
{
	autofree(json) struct json *step = NULL, *facts = NULL;

	if (in->state != INTENT_DONE ||
	    json_parse(&step, in->step, strlen(in->step), (size_t)1 << 20, NULL) < 0 ||
	    !text_eq(json_str(step, "image"), image) || !text_eq(json_str(step, "tag"), tag) ||
	    json_parse(&facts, in->relies_on, strlen(in->relies_on), (size_t)1 << 20, NULL) < 0)
		return false;
	*m = (struct move){ .to = arena_strdup(a, json_str(step, "digest")),
			    .back = text_eq(in->act, "rollback") };
	for (size_t i = 0; i < json_size(facts); i++)
		if (text_eq(json_str(json_at(facts, i), "name"), "image_tag"))
			m->from = digest_of(json_str(json_at(facts, i), "value"), a);
	return true;
}

/* What was under the tag, oldest first, without what was taken back: a move to one of them, or by a rollback, drops what is
 * above. Otherwise going back twice would bring the bad one again. */
static void follow(struct digests *under, const struct move *m, struct arena *a)
{
	for (size_t i = 0; i < under->n; i++)
		if (text_eq(under->items[i], m->to)) {
			under->n = i + 1;
			return;
		}
	if (m->back || !m->from || (under->n && !text_eq(under->items[under->n - 1], m->from)))
		under->n = 0; /* others moved it as well */
	if (!m->back && m->from && !under->n)
		*vec_push(under, a) = m->from;
	*vec_push(under, a) = m->to;
}

const char *retag_before(const struct engine *en, const char *lane, const char *image, const char *tag,
			 const char *digest, struct arena *a)
{
	struct intents recent = { 0 };
	struct digests under = { 0 };

	if (!en->o.journal || journal_recent(en->o.journal, 100, &recent, a, NULL) < 0)
		return NULL;
	for (size_t i = recent.n; i-- > 0;) {
		struct move m;

		if (text_eq(recent.items[i].lane, lane) && move_of(&m, &recent.items[i], image, tag, a))
			follow(&under, &m, a);
	}
	return under.n > 1 && text_eq(under.items[under.n - 1], digest) ? under.items[under.n - 2] : NULL;
}

/* Tags with a date, by any lane of the system that says how they read. */
static bool parse_dated(struct ask *k, const char *tag, struct profile_tag *out)
{
	vec_each (l, &k->plan.profile->lanes)
		if (l->grammar && profile_grammar_parse(l->grammar, tag, out, &k->arena) && *out->date)
			return true;
	return false;
}

struct dated {
	const char *tag, *key;
};

static int newest_date_first(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;

	return strcmp(y->key, x->key);
}

static void read_candidates(struct ask *k)
{
	struct retagging *r = found_of(k);
	struct registry_read q = { .kind = REGISTRY_MANIFEST, .image = r->image };
	VEC(struct dated) dated = { 0 };
	struct profile_tag parts;

	vec_each (t, &r->tags)
		if (parse_dated(k, *t, &parts))
			*(struct dated *)vec_push(&dated, &k->arena) =
				(struct dated){ *t, arena_printf(&k->arena, "%s%s", parts.date, parts.time) };
	if (dated.n)
		qsort(dated.items, dated.n, sizeof(struct dated), newest_date_first);
	for (size_t i = 0; i < dated.n && i < CANDIDATES; i++) {
		struct candidate *c = vec_push(&r->candidates, &k->arena);

		c->tag = dated.items[i].tag;
		c->fact = arena_printf(&k->arena, "tag %s", c->tag);
	}
	vec_each (c, &r->candidates) {
		q.ref = c->tag;
		read_image(k, c->fact, false, &q, take_candidate);
	}
}

/* The newest of the tags that are older than the one that is live, with another digest. */
static const char *before_by_tags(struct ask *k)
{
	struct retagging *r = found_of(k);
	bool live_seen = false;

	if (r->cut)
		return NULL; /* the one may be among those that were not read */
	vec_each (c, &r->candidates) {
		if (!c->image.digest)
			return NULL; /* one that could not be read may be the one */
		if (live_seen && !text_eq(c->image.digest, r->now.digest)) {
			r->back_by = arena_printf(&k->arena, "by %s, the tag before", c->tag);
			return c->image.digest;
		}
		live_seen = live_seen || text_eq(c->image.digest, r->now.digest);
	}
	return NULL;
}

/* ---- rounds -------------------------------------------------------------------------------------------------------------------------- */

static void read_target(struct ask *k, const char *ref)
{
	struct retagging *r = found_of(k);
	const struct registry_read q = { .kind = REGISTRY_MANIFEST, .image = r->image, .ref = ref };

	r->to.ref = ref;
	read_image(k, "manifest", true, &q, take_to);
	ask_then(k, plan_judge);
}

static void candidates_read(struct ask *k)
{
	const char *digest = before_by_tags(k);

	if (digest)
		read_target(k, digest);
	else
		ask_fail(k, 1, "missing",
			 arena_printf(&k->arena, "which digest %s had before is not known", found_of(k)->tag),
			 "name the digest to go back to");
}

static void now_known(struct ask *k)
{
	struct retagging *r = found_of(k);
	const char *digest;

	if (!r->now.digest && facts_find(&k->plan.facts, "image_tag")->state == FACT_FAILED) {
		ask_fail_err(k, &k->plan.first_error);
		return;
	}
	if (k->cmd.n > 1) {
		read_target(k, k->cmd.args[1]);
		return;
	}
	digest = r->now.digest ? retag_before(k->acts->en, k->plan.lane->name, r->image, r->tag,
					      r->now.digest, &k->arena)
			       : NULL;
	if (digest) {
		r->back_by = "by our own journal";
		read_target(k, digest);
		return;
	}
	read_candidates(k);
	ask_then(k, candidates_read);
}

static void tags_known(struct ask *k)
{
	struct retagging *r = found_of(k);
	struct registry_read q = { .kind = REGISTRY_MANIFEST, .image = r->image };

	r->tag = live_tag(k);
	if (facts_find(&k->plan.facts, "tags")->state == FACT_FAILED) {
		ask_fail_err(k, &k->plan.first_error);
	} else if (r->cut && strpbrk(r->probe->tag, "*?")) {
		ask_fail(k, 1, "missing",
			 arena_printf(&k->arena,
				      "%s has more tags than are read: which is the newest is not known",
				      r->image),
			 "remove tags that nobody needs, or name one in the profile");
	} else if (!r->tag) {
		ask_fail(k, 1, "missing",
			 arena_printf(&k->arena, "no tag of %s looks like %s", r->image, r->probe->tag),
			 "see `probes` in the profile");
	} else {
		q.ref = r->tag;
		read_image(k, "image_tag", true, &q, take_now);
		ask_then(k, now_known);
	}
}

static void read_all(struct ask *k)
{
	const struct registry_read q = { .kind = REGISTRY_TAGS, .image = found_of(k)->image };

	facts_read_user(k);
	read_image(k, "tags", false, &q, take_tags);
	k->plan.stops_wanted = act_is(k, CMD_RETAG);
	if (k->plan.stops_wanted)
		stops_read(k);
	ask_then(k, tags_known);
}

static const struct profile_probe *image_probe(const struct profile_lane *l)
{
	vec_each (probe, &l->probes)
		if (probe->kind == PROBE_IMAGE)
			return probe;
	return NULL;
}

/* As the registry's own rules have it: a tag has up to 128 characters (OCI distribution, pulling manifests). */
static bool is_ref(const char *ref)
{
	static const char tag[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.-";
	size_t n = strlen(ref);

	if (text_starts(ref, "sha256:"))
		return text_is_sha256(ref);
	return n <= 128 && *ref != '.' && *ref != '-' && strspn(ref, tag) == n;
}

static void begin(struct ask *k)
{
	struct retagging *r = arena_new(&k->arena, struct retagging);
	const struct profile_probe *probe;

	if (!plan_find_lane(k))
		return;
	probe = image_probe(k->plan.lane);
	k->plan.found = r;
	k->subject = k->cmd.n > 1 ? k->cmd.args[1] : "";
	if (!probe) {
		ask_fail(k, 1, "policy", arena_printf(&k->arena, "%s has no image", k->plan.lane->name),
			 "see `probes` in man pilothouse-profile");
	} else if (!k->acts->en->o.registry) {
		ask_fail(k, 1, "policy", "no registry is configured", "add --registry URL");
	} else if (k->cmd.n > 1 && !is_ref(k->cmd.args[1])) {
		ask_fail(k, 2, "invalid",
			 arena_printf(&k->arena, "%.80s is no tag and no digest", k->cmd.args[1]),
			 "a digest is sha256: and 64 of 0-9a-f");
	} else {
		const struct profile_words w = { .repo = k->plan.repo };

		r->probe = probe;
		r->image = profile_expand(&k->arena, probe->image, &w);
		read_all(k);
	}
}

/* ---- judging ------------------------------------------------------------------------------------------------------------------------- */

static const char *platforms(struct ask *k, const struct image *i)
{
	const char *s = "";

	vec_each (c, &i->children)
		s = arena_printf(&k->arena, "%s%s%s", s, *s ? ", " : "", c->platform);
	return *s ? s : "one platform, not named";
}

static bool has_platform(const struct image *i, const char *platform)
{
	vec_each (c, &i->children)
		if (text_eq(c->platform, platform))
			return true;
	return false;
}

static bool same_platforms(const struct image *a, const struct image *b)
{
	if (!a->children.n != !b->children.n)
		return false;
	vec_each (c, &a->children)
		if (!has_platform(b, c->platform))
			return false;
	vec_each (c, &b->children)
		if (!has_platform(a, c->platform))
			return false;
	return true;
}

static void judge_platforms(struct ask *k)
{
	const struct retagging *r = found_of(k);

	if (!r->now.digest || !r->to.digest)
		return;
	if (same_platforms(&r->now, &r->to))
		plan_said(k, "platforms", CHECK_OK, platforms(k, &r->to), "", "manifest");
	else
		plan_said_unless_accepted(k, "platforms",
					  arena_printf(&k->arena, "it is for %s, and %s now is for %s",
						       platforms(k, &r->to), r->tag, platforms(k, &r->now)),
					  "name a digest for the same platforms", "manifest");
}

static void judge(struct ask *k)
{
	const struct retagging *r = found_of(k);
	const struct fact *to = facts_find(&k->plan.facts, "manifest"),
			  *now = facts_find(&k->plan.facts, "image_tag");
	bool by_digest = text_starts(r->to.ref, "sha256:");

	if (to->state == FACT_ABSENT)
		plan_said(k, "manifest", CHECK_MISSING,
			  arena_printf(&k->arena, "%s has no %s", r->image, r->to.ref),
			  "name a digest that is there", "manifest");
	else if (to->state != FACT_OK)
		plan_said(k, "manifest", CHECK_UNCHECKED, to->why ? to->why : "it was not read", "try again",
			  "manifest");
	else if (by_digest && !text_eq(r->to.digest, r->to.ref))
		plan_said(k, "manifest", CHECK_BAD, "the registry gave another manifest than was asked for",
			  "do not trust this registry", "manifest");
	else
		plan_said(k, "manifest", CHECK_OK,
			  arena_printf(&k->arena, "%s%s%s%s%s", r->to.digest, by_digest ? "" : ", under ",
				       by_digest ? "" : r->to.ref, r->back_by ? ", " : "",
				       r->back_by ? r->back_by : ""),
			  "", "manifest");
	if (now->state == FACT_OK && text_eq(r->now.digest, r->to.digest))
		plan_said(k, "image_tag", CHECK_BAD, arena_printf(&k->arena, "%s is that already", r->tag),
			  "name another digest", "image_tag");
	else if (now->state == FACT_OK)
		plan_said(k, "image_tag", CHECK_OK,
			  arena_printf(&k->arena, "%s is %s now", r->tag, r->now.digest), "", "image_tag");
	else
		plan_said(k, "image_tag", now->state == FACT_ABSENT ? CHECK_MISSING : CHECK_UNCHECKED,
			  now->why ? now->why : "it was not read", "try again", "image_tag");
	judge_platforms(k);
	k->plan.release = r->to.digest;
	if (!*k->subject && r->to.digest)
		k->subject = r->to.digest; /* a way back is asked for by its lane alone */
}

static void steps(struct ask *k, const char *nonce maybe_unused, struct plan_steps *out)
{
	const struct retagging *r = found_of(k);
	struct plan_step *s;

	if (!r->to.digest)
		return;
	s = vec_push(out, &k->arena);
	*s = (struct plan_step){ .words = "move the tag", .image = true };
	s->put = (struct registry_act){ .image = r->image,
					.tag = r->tag,
					.digest = r->to.digest,
					.type = r->to.type,
					.bytes = r->to.bytes,
					.bytes_n = r->to.bytes_n };
}

const struct way way_retag = {
	.rules = "retag",
	.traits = WAY_VERIFIED,
	.begin = begin,
	.judge = judge,
	.steps = steps,
	.undo = "move the tag back to the digest that it has now",
};
