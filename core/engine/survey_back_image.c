/*
 * survey_back_image.c - the digest that a lane would go back to, as a rollback would choose it: what our own journal moved
 * the tag away from, or the candidate before the one that is live; or what was pinned before the newest pin. That it is
 * still in the registry is a condition of its own.
 */
#include "core/engine/survey_back.h"

#include "base/text.h"
#include "core/rules/drift.h"
#include "core/rules/pins.h"

#include <string.h>

#define TAGS_READ 8 /* newest candidates whose digests are looked at for the one before */
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

/* The newest of the list behind the live digest that holds another one; none when one on the way could not be read. */
static const struct candidate *before_live(const struct back *b, const struct candidates *list)
{
	bool seen = false;

	for (size_t i = 0; i < list->n && i < TAGS_READ; i++) {
		const struct candidate *c = &list->items[i];

		if (!c->manifest.digest)
			return NULL;
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
	const struct candidate *c = b->live.digest ? before_live(b, &b->tags.candidates) : NULL;
	const char *moved = b->live.digest ? retag_before(k->s->en, k->lane->name, b->image, b->tags.live,
							  b->live.digest, &k->arena)
					   : NULL;

	if (moved) {
		back_target(k, CHECK_OK, moved, "our own journal");
		manifest_read(k, b->image, moved, &b->manifest);
		look_then(k, manifest_then);
	} else if (!b->live.digest) {
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

/* The newest pin of the file and what was pinned before it; NULL: not among the newest commits. */
static const char *pin_before(const struct look *k, const struct pin_file *f, const struct history **pin)
{
	const struct history *list = f->commits.items, *before = NULL;
	size_t at;

	if (!pins_newest(list, f->commits.n, k->pins->probe->subject, pin, &before) || !before)
		return NULL;
	at = (size_t)(before - list);
	if (!f->have[at])
		return NULL;
	vec_each (p, &f->past[at])
		if (!drift_same(p->image, pinned_image(&f->tip, p->component, p->platform)))
			return p->image;
	return NULL;
}

static void no_pin(struct look *k, bool read)
{
	back_target(k, read ? CHECK_MISSING : CHECK_UNCHECKED,
		    read ? "no earlier pin is among the newest commits" : "the pins could not be read",
		    "pins");
	back_write(k);
}

static void pin_choose(struct look *k)
{
	struct back *b = k->own;
	const struct pin_file *file = NULL;
	const struct history *newest = NULL;
	const char *image = NULL;
	bool read = false;

	vec_each (at, &k->pins->files) {
		const struct history *pin = NULL;
		const char *before = pin_before(k, *at, &pin);

		read |= !(*at)->why;
		if (!before || (newest && when_diff(pin->at, newest->at) <= 0))
			continue;
		image = before, file = *at, newest = pin;
	}
	if (!image) {
		no_pin(k, read);
		return;
	}
	back_target(k, CHECK_OK, arena_strdup(&k->arena, drift_digest(image)), file->path);
	if (text_starts(newest->title, PINS_REVERT))
		back_say(k, "pin", CHECK_BAD,
			 arena_printf(&k->arena, "%.7s \"%s\" went back already: not again to what it left",
				      newest->sha, newest->title),
			 arena_printf(&k->arena, "if that is meant: `pilothouse revert-pin %s`",
				      k->lane->name),
			 file->path);
	else
		back_say(k, "pin", CHECK_OK,
			 arena_printf(&k->arena, "revert %.7s \"%s\" by %s", newest->sha, newest->title,
				      newest->author),
			 "", file->path);
	b->image = path_of(k, image);
	manifest_read(k, b->image, b->target, &b->manifest);
	look_then(k, manifest_then);
}

/* The pin is one of the newest commits as a rule; what lies before it is read with them. */
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
