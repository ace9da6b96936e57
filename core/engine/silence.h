/*
 * silence.h - the engine's side of core/rules/silence.h: what the profiles expect, and what the cache knows of it, as
 * alarms. It looks whenever lanes are judged, and when the next limit passes though nothing was read (lanes_touch).
 */
#pragma once

#include "core/engine/internal.h"

/* Raises and clears the alarms of this repository (NULL: of all). Before its lanes are judged, which tell them. */
int silence_look(struct engine *en, const char *repo, struct err *e) must_check;
/* The name of the poll row that remembers the head of a branch: its commit as etag, and as changed the time (the forge's)
 * at which it was seen to move there; not known: it was there when it was first read. In the arena. */
const char *silence_head_name(const char *repo, const char *branch, struct arena *a);
