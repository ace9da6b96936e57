/*
 * drift.h - what is declared against what runs. Pure.
 *
 * Never EQUAL unless both sides were read. AHEAD and BEHIND are said of what runs, and need an order that somebody kept:
 * the history of a pin, the times of tags, the numbers of runs. Without one two values that differ are OTHER.
 */
#pragma once

#include "core/model/evidence.h"

/* Older evidence decides nothing: it is shown as unknown, with what it was. Six rounds of the survey. */
#define DRIFT_MAX_AGE INT64_C(1800000)

/* The same thing: equal texts; images by their digest alone, wherever they are stored; commits when one is a beginning
 * of the other with 7 hex digits or more. Empty is the same as nothing. */
bool drift_same(const char *x, const char *y);
/* "sha256:1f2e.." in an image's name, or the text itself. Borrowed. */
const char *drift_digest(const char *value);

/* Fills verdict, and reason where it has something to add, from declared and live. order: values newest first, may be
 * NULL; unit: what one step of it is called ("pin"). A reason that stands there says why a side was not read, and is kept. */
void drift_judge(struct drift *d, const char *const *order, size_t n, const char *unit, struct arena *a);
/* As it may be shown now: what is too old is unknown, and says what it was. */
void drift_aged(struct drift *d, struct when now, struct arena *a);
