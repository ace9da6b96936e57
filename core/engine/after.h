/*
 * after.h - an act that counts as done is looked after (core/rules/after.h says what for): once at once, for whoever waits
 * for its answer, and whenever lanes are judged, over what the cache has, so that nothing hangs on who started it or on an
 * engine that stays.
 */
#pragma once

#include "core/engine/act.h"

/* Raises and clears the alarms of acts on this repository. Before its lanes are judged, which tell them. */
int after_look(struct engine *en, const char *repo, struct err *e) must_check;
/* k->intent was linked to a run whose id the forge gave: reads its commit, then answers k. */
void after_linked(struct ask *k);
