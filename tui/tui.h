/*
 * tui.h - the full-screen console and the wall: one loop, pure screens, painting last.
 *
 * Input is drained before every paint, so two hundred typed-ahead keys cost one frame. Screens are pure functions from a
 * view and a size to a grid of cells with roles; the theme turns roles into attributes when the grid is painted. The
 * console reads the cache read-only and asks the engine over core/client; nothing that matters ever waits for the
 * terminal. The wall is the same screens over the cache with no client at all.
 */
#pragma once

#include "base/err.h"
#include "base/when.h"

struct tui_options {
	const char *cache_path; /* cache.db */
	const char *state_dir;
	const char *socket_path;
	const char *const *globals; /* to start an engine with, NULL-terminated */
	const char *address;        /* "screen:lanes", "lane:easy/prod@runs", "run:123"; NULL: lanes */
	const char *theme;          /* built-in name or file; NULL: dark */
	bool ascii;                 /* even where the locale has more */
	bool mono, read_only;
	const char *drill; /* scenario when started by `drill`, else NULL (the cache tells too) */
	const char *brief; /* of the drill, shown once as a sheet */
	const char *who;   /* "ana@bastion" */
	bool kiosk, once;  /* wall only */
};

/* Returns an exit status; the terminal is restored on every way out. */
int tui_run(const struct tui_options *o, struct err *e) must_check;
int wall_run(const struct tui_options *o, struct err *e) must_check;
