/*
 * pinned.h - digests that a repository pins in YAML files. Pure. (Which commit brought them: pins.h.)
 *
 * A file holds a map from platform to image, or one image; the file's `ref` says which component it is, else its path
 * does. The first of the pointers that is there counts: files have changed their shape. Strings are in the arena, raw.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

struct pin {
	const char *component, *platform; /* platform "": for all */
	const char *image;                /* as it stands there */
};
struct pinned VEC_OF(struct pin);
/* ERR_INVALID: no YAML, or nothing at any of the pointers. A value that names no digest is left out. */
int pinned_parse(struct pinned *out, const char *path, const char *text, size_t n,
		 const char *const *pointers, struct arena *a, struct err *e) must_check;
/* The image of that component and platform; NULL none. */
const char *pinned_image(const struct pinned *p, const char *component, const char *platform);
