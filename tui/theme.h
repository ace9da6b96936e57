/*
 * theme.h - roles to attributes. Built-in: dark, light, mono; a file may change some roles only.
 *
 *	name: dusk
 *	roles: { fail: bold red, wait: yellow, key: underline, title: reverse }
 *
 * Words: default black red green yellow blue magenta cyan white, bold dim underline reverse. In mono (or with NO_COLOR)
 * colours are left out; meaning never rests on colour alone, because every state is also a word and a glyph.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "tui/role.h"

enum style_bits { STYLE_BOLD = 1, STYLE_DIM = 2, STYLE_UNDERLINE = 4, STYLE_REVERSE = 8 };

struct style {
	int colour; /* 0..7, -1 default */
	unsigned bits;
};
struct theme {
	const char *name;
	struct style styles[ROLE_MAX_];
};

/* NAME or FILE; NULL is dark. */
int theme_load(struct theme *out, const char *name_or_file, struct arena *a, struct err *e) must_check;
int theme_parse(struct theme *out, const char *file, const char *text, size_t n, struct arena *a,
		struct err *e) must_check;
void theme_drop_colours(struct theme *t);
