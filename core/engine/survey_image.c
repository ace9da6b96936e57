/*
 * survey_image.c - images in a registry: what the newest tag that is live holds, against the newest candidate of that
 * version. Tags move; what is compared is the digest under them. Candidates are told from live tags by the grammar.
 */
#include "core/engine/survey.h"

#include "base/text.h"
#include "core/rules/drift.h"

#include <string.h>

#define OLDER_READ 5 /* candidates behind the newest that are read for an order */

/* Candidates bear the day they were made; tags that are live do not. */
static bool is_of_candidates(const struct profile_grammar *g)
{
	for (const char *const *w = g ? g->groups : NULL; w && *w; w++)
		if (text_eq(*w, "date"))
			return true;
	return false;
}

static const struct profile_grammar *grammar_of(const struct look *k)
{
	vec_each (l, &k->profile->lanes)
		if (is_of_candidates(l->grammar))
			return l->grammar;
	return NULL;
}

/* 0.1.0, v2.14: digits and dots, at least one of each. */
static bool is_version(const char *tag)
{
	tag += *tag == 'v';
	return *tag >= '0' && *tag <= '9' && strchr(tag, '.') && !tag[strspn(tag, "0123456789.")];
}

static const char *bare(const char *version)
{
	return version + (*version == 'v');
}

/* By numbers, part by part: 0.10 is newer than 0.9. */
static int by_version(const char *x, const char *y)
{
	for (x = bare(x), y = bare(y); *x || *y;) {
		size_t nx = strcspn(x, "."), ny = strcspn(y, ".");
		int order = nx != ny ? (nx > ny) - (nx < ny) : strncmp(x, y, nx);

		if (order)
			return order;
		x += nx + (x[nx] == '.');
		y += ny + (y[ny] == '.');
	}
	return 0;
}

static int by_time(const struct candidate *x, const struct candidate *y)
{
	int order = strcmp(x->parts.date, y->parts.date);

	return order ? order : strcmp(x->parts.time, y->parts.time);
}

static int by_number(const struct candidate *x, const struct candidate *y)
{
	return by_version(x->tag, y->tag);
}

/* Newest first, by insertion: a registry lists a thousand tags at most. */
static void insert(struct look *k, struct candidates *list, const struct candidate *c,
		   int (*order)(const struct candidate *, const struct candidate *))
{
	size_t i;

	(void)vec_push(list, &k->arena);
	for (i = list->n - 1; i > 0 && order(&list->items[i - 1], c) < 0; i--)
		list->items[i] = list->items[i - 1];
	list->items[i] = *c;
}

static void sort_tag(struct look *k, struct image_tags *t, const char *raw)
{
	const struct profile_grammar *g = grammar_of(k);
	struct candidate c = { .tag = arena_strdup(&k->arena, raw) };

	if (g && profile_grammar_parse(g, c.tag, &c.parts, &k->arena)) {
		insert(k, &t->candidates, &c, by_time);
		return;
	}
	if (t->wanted && !text_glob(t->wanted, c.tag))
		return;
	if (is_version(c.tag))
		insert(k, &t->versions, &c, by_number);
	else if (!t->live)
		t->live = c.tag;
}

static void take_tags(struct look *k, void *ctx, const struct registry_answer *a, const struct err *err)
{
	struct image_tags *t = ctx;

	if (err) {
		t->why = look_failed(k, err);
		t->unread = true;
		return;
	}
	for (size_t i = 0; i < a->tags_n; i++)
		sort_tag(k, t, a->tags[i]);
	if (t->versions.n)
		t->live = t->versions.items[0].tag;
	if (a->cut)
		t->why = "the registry lists more tags than are read";
	else if (!t->live)
		t->why = arena_printf(&k->arena, "no tag is live (%s)", t->wanted ? t->wanted : "any");
}

void image_tags_read(struct look *k, const struct profile_probe *p, struct image_tags *t)
{
	*t = (struct image_tags){ .wanted = p->tag, .image = look_expand(k, p->image, NULL, NULL) };
	if (!t->image)
		t->why = "which image is meant is not known";
	else
		look_registry(k, &(struct registry_read){ .kind = REGISTRY_TAGS, .image = t->image },
			      take_tags, t);
}

static void take_manifest(struct look *k, void *ctx, const struct registry_answer *a, const struct err *err)
{
	struct manifest *m = ctx;

	if (err) {
		m->why = look_failed(k, err);
		m->absent = err->kind == ERR_MISSING;
	} else {
		m->digest = arena_strdup(&k->arena, a->digest);
	}
}

void manifest_read(struct look *k, const char *image, const char *ref, struct manifest *m)
{
	look_registry(k, &(struct registry_read){ .kind = REGISTRY_MANIFEST, .image = image, .ref = ref },
		      take_manifest, m);
}

/* Newest candidate of what is live; one of another version is no candidate for it. */
static bool is_candidate(const struct image_tags *t, const struct candidate *c)
{
	return !is_version(t->live) || text_eq(bare(c->parts.version), bare(t->live));
}

/* ---- the look ------------------------------------------------------------------------------------------------------------ */

struct image_look {
	struct image_tags tags;
	struct manifest live;
	struct VEC_OF(struct candidate *) of_live; /* newest first; the first declares */
};

static void image_judge(struct look *k)
{
	struct image_look *l = k->own;
	const struct image_tags *t = &l->tags;
	const struct candidate *newest = l->of_live.n ? l->of_live.items[0] : NULL;
	const char **order = arena_array(&k->arena, const char *, l->of_live.n + 1);
	struct drifts rows = { 0 };
	struct drift *row = vec_push(&rows, &k->arena);
	size_t n = 0;

	vec_each (c, &l->of_live)
		if ((*c)->manifest.digest)
			order[n++] = (*c)->manifest.digest;
	*row = (struct drift){
		.component = k->probe->name ? k->probe->name : t->image,
		.platform = k->probe->platform ? k->probe->platform : "",
		.declared = newest && newest->manifest.digest ? newest->manifest.digest : "",
		.live = l->live.digest ? l->live.digest : "",
		.reason = l->live.why            ? l->live.why
			  : !newest              ? "no candidate of this version has a tag"
			  : newest->manifest.why ? newest->manifest.why
						 : "",
		.source = arena_printf(&k->arena, "%s:%s; %s", t->image, t->live,
				       newest ? newest->tag : "no candidate"),
		.at = l->live.digest && (!newest || newest->manifest.digest) ? look_now(k) : WHEN_NONE,
	};
	drift_judge(row, order, n, "candidate", &k->arena);
	drift_write(k, &rows, "");
}

static void image_order(struct look *k)
{
	struct image_look *l = k->own;
	const struct candidate *newest = l->of_live.n ? l->of_live.items[0] : NULL;

	if (newest && newest->manifest.digest && l->live.digest &&
	    !text_eq(newest->manifest.digest, l->live.digest))
		for (size_t i = 1; i < l->of_live.n && i <= OLDER_READ; i++)
			manifest_read(k, l->tags.image, l->of_live.items[i]->tag,
				      &l->of_live.items[i]->manifest);
	look_then(k, image_judge);
}

static void image_manifests(struct look *k)
{
	struct image_look *l = k->own;
	struct image_tags *t = &l->tags;
	struct drifts none = { 0 };

	if (t->why) {
		drift_write(k, &none, t->why);
		return;
	}
	manifest_read(k, t->image, t->live, &l->live);
	vec_each (c, &t->candidates)
		if (is_candidate(t, c))
			*vec_push(&l->of_live, &k->arena) = c;
	if (l->of_live.n)
		manifest_read(k, t->image, l->of_live.items[0]->tag, &l->of_live.items[0]->manifest);
	look_then(k, image_order);
}

void look_at_image(struct look *k)
{
	struct image_look *l = arena_new(&k->arena, struct image_look);

	k->own = l;
	image_tags_read(k, k->probe, &l->tags);
	look_then(k, image_manifests);
}
