/*
 * alarms.h - open alarms as rows: what the engine raised, oldest first, and before it what no engine can raise, that
 * nothing reads the forge (told by the age of the data alone).
 */
#pragma once

#include "core/view/view.h"

struct alarm_row {
	const char *kind; /* "silence", "evicted", .. */
	const char *lane; /* "" of no lane */
	const char *text, *fix, *age;
};
struct alarm_rows VEC_OF(struct alarm_row);
/* Without doubts: those are in the reasons of their lanes. */
int view_alarms(struct alarm_rows *out, struct store *s, struct when now, struct arena *a,
		struct err *e) must_check;
