/*
 * places.h - where the files of one console live; the engine and the screens must agree, so it is computed here only.
 *
 *	STATE/plans/  STATE/evidence/  STATE/roots/  STATE/journal.db  STATE/engine.lock  STATE/engine.log      $XDG_STATE_HOME/pilothouse, or --state-dir
 *	CACHE/cache.db                                             $XDG_CACHE_HOME/pilothouse, or --cache-dir
 *	RUNTIME/engine-HASH.sock                                   $XDG_RUNTIME_DIR/pilothouse; HASH is of STATE's path
 *
 * The socket is named after the state directory because there is one engine for each (user, state directory). With
 * --state-dir and no --cache-dir the cache lies in the state directory, so that one option makes a world of its own.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"

struct places {
	const char *state_dir, *cache_dir, *runtime_dir;
	const char *cache_path, *journal_path, *lock_path, *log_path, *socket_path, *plans_dir;
	const char *evidence_dir, *roots_dir;
	const char *runtime_why; /* why it is not in $XDG_RUNTIME_DIR, or NULL: path_runtime() */
};

/* Computes names; creates nothing. state_dir and cache_dir may be NULL: the XDG defaults. */
int places_find(struct places *out, const char *state_dir, const char *cache_dir, struct arena *a,
		struct err *e) must_check;
/* Whether what the engine keeps can be written: the directories can be made or are ours, and there is room. Makes nothing.
 * *room: bytes free, of the fuller disk; 0 not known. */
int places_writable(const struct places *p, uint64_t *room, struct err *e) must_check;
/* Makes the directories, 0700, and checks whose they are. */
int places_make(const struct places *p, struct err *e) must_check;
