/*
 * survey_back_image.c - the digest that a lane would go back to: of the version before, or of the candidate before the one
 * that is live; or of the pin before the newest. That it is still in the registry is a condition of its own.
 */
#include "core/engine/survey_back.h"

#include "base/text.h"
#include "core/rules/drift.h"

#include <string.h>

#define TAGS_READ 6 /* newest tags whose digests are looked at for the one before */
#define PINS_READ 4 /* newest commits of a pin file likewise */

static const struct profile_probe *probe_of(const struct look *k, int kind)
{
	vec_each (p, &k->lane->probes)
		if (p->kind == kind)
			return p;
	return NULL;
}

static void judge_manifest(struct look *k)
{
	struct back *b = k->own;
	const char *what = arena_printf(&k->arena, "%s@%.19s", b->image, drift_digest(b->target));

	if (b->manifest.digest)
		back_say(k, "manifest", CHECK_OK, arena_printf(&k->arena, "%s is in the registry", what), "",
			 "registry");
	else if (b->manifest.absent && k->s->en->o.registry)
		back_say(k, "manifest", CHECK_MISSING,
			 arena_printf(&k->arena, "%s is not in the registry", what), "choose another digest",
			 "registry");
	else
		back_unread(k, "manifest", b->manifest.why, "registry");
}

static void manifest_then(struct look *k)
{
	judge_manifest(k);
	back_ask(k);
}

/* The registry's own path: ghcr.io/owner/name@sha256:.. is owner/name there. */
static const char *path_of(struct look *k, const char *image)
{
	size_t n = strcspn(image, "@"), host = strcspn(image, "/");

	if (host < n && memchr(image, '.', host))
		return arena_strndup(&k->arena, image + host + 1, n - host - 1);
	return arena_strndup(&k->arena, image, n);
}

/* ---- of a tag -------------------------------------------------------------------------------------------------------------- */

/* The newest of the list behind the live digest that holds another one. */
static const struct candidate *before_live(const struct back *b, const struct candidates *list)
{
	bool seen = false;

	vec_each (c, list) {
		if (!c->manifest.digest)
			continue;
		if (text_eq(c->manifest.digest, b->live.digest))
			seen = true;
		else if (seen)
			return c;
	}
	return NULL;
}

static void digest_choose(struct look *k)
{
	struct back *b = k->own;
	const struct candidate *c = b->live.digest ? before_live(b, &b->tags.versions) : NULL;

	c = c || !b->live.digest ? c : before_live(b, &b->tags.candidates);
	if (!b->live.digest) {
		back_unread(k, "target", b->live.why, "registry");
		back_write(k);
	} else if (!c) {
		back_target(k, CHECK_MISSING, "no older digest has a tag among the newest", "registry");
		back_write(k);
	} else {
		b->manifest = c->manifest;
		back_target(k, CHECK_OK, c->manifest.digest, arena_printf(&k->arena, "tag %s", c->tag));
		manifest_then(k);
	}
}

static void read_some(struct look *k, struct candidates *list)
{
	const struct back *b = k->own;

	for (size_t i = 0; i < list->n && i < TAGS_READ; i++)
		manifest_read(k, b->image, list->items[i].tag, &list->items[i].manifest);
}

static void digest_tags(struct look *k)
{
	struct back *b = k->own;

	if (b->tags.why) {
		if (b->tags.unread)
			back_unread(k, "target", b->tags.why, "registry");
		else
			back_target(k, CHECK_UNCHECKED, b->tags.why, "registry");
		back_write(k);
		return;
	}
	manifest_read(k, b->image, b->tags.live, &b->live);
	read_some(k, &b->tags.versions);
	read_some(k, &b->tags.candidates);
	look_then(k, digest_choose);
}

void back_find_digest(struct look *k)
{
	struct back *b = k->own;

	b->probe = probe_of(k, PROBE_IMAGE);
	if (!b->probe) {
		back_target(k, CHECK_UNCHECKED, "the profile names no image to look at", "profile");
		back_write(k);
		return;
	}
	image_tags_read(k, b->probe, &b->tags);
	b->image = b->tags.image;
	look_then(k, digest_tags);
}

/* ---- of a pin ----------------------------------------------------------------------------------------------------------------- */

/* The pin before the newest that differs from it; *commit: which brought the newest. */
static const char *pin_before(const struct pin_file *f, const struct pin *pin, size_t *commit)
{
	*commit = 0;
	for (size_t i = 1; i < f->commits.n && i <= PINS_READ; i++) {
		const char *image =
			f->have[i] ? pinned_image(&f->past[i], pin->component, pin->platform) : NULL;

		if (image && !drift_same(image, pin->image)) {
			*commit = i - 1;
			return image;
		}
	}
	return NULL;
}

static const char *any_pin_before(const struct look *k, const struct pin_file **file, size_t *commit)
{
	vec_each (f, &k->pins->files)
		vec_each (pin, &(*f)->tip) {
			const char *image = pin_before(*f, pin, commit);

			*file = *f;
			if (image)
				return image;
		}
	return NULL;
}

static void pin_choose(struct look *k)
{
	struct back *b = k->own;
	const struct pin_file *f = NULL;
	size_t commit = 0;
	const char *image = any_pin_before(k, &f, &commit);
	const struct history *h;

	if (!image) {
		back_target(k, f ? CHECK_MISSING : CHECK_UNCHECKED,
			    f && !f->why ? "no earlier pin is among the newest commits"
					 : "the pins could not be read",
			    "pins");
		back_write(k);
		return;
	}
	h = &f->commits.items[commit];
	back_target(k, CHECK_OK, arena_strdup(&k->arena, drift_digest(image)), f->path);
	back_say(k, "pin", CHECK_OK,
		 arena_printf(&k->arena, "revert %.7s \"%s\" by %s", h->sha, h->title, h->author), "",
		 f->path);
	b->image = path_of(k, image);
	manifest_read(k, b->image, b->target, &b->manifest);
	look_then(k, manifest_then);
}

static void pin_past(struct look *k)
{
	if (k->pins->why) {
		back_unread(k, "target", k->pins->why, "pins");
		back_write(k);
		return;
	}
	vec_each (f, &k->pins->files)
		for (size_t i = 1; !(*f)->why && i <= PINS_READ; i++)
			pins_read_past(k, *f, i);
	look_then(k, pin_choose);
}

void back_find_pin(struct look *k)
{
	const struct profile_probe *probe = probe_of(k, PROBE_PINS);

	if (!probe) {
		back_target(k, CHECK_UNCHECKED, "the profile names no pins to look at", "profile");
		back_write(k);
		return;
	}
	pins_read(k, probe, pin_past);
}
