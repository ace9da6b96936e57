/*
 * alarms.h - open alarms of the cache as whoever looks after something finds them: what is new is told (an event for
 * `follow`, a notice for a console), what is over is told and goes, what is open stays and keeps its time. Inside the
 * caller's transaction.
 */
#pragma once

#include "core/engine/internal.h"
#include "core/model/hold.h"

#define ALARM_TOLD "ALARM: "      /* how the event begins that tells one */
#define ALARM_OVER "alarm over: " /* ... and that it is over */

typedef bool (*alarm_claim)(const char *subject); /* whoever asks made this one */

/* now: all that is so, of repo (NULL: of all). Of the open ones those that are claimed, of that repository and not among
 * now, go. */
int alarms_settle(struct engine *en, const char *repo, const struct alarms *now, alarm_claim claims,
		  struct err *e) must_check;
