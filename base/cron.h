/*
 * cron.h - when a schedule was due, as workflow files write it: five fields (minute hour day month weekday) in UTC, each
 * *, N, N-M, with /STEP, and commas between; months and weekdays by their English names too. Where day and weekday are
 * both given one of them suffices (POSIX crontab).
 */
#pragma once

#include "base/when.h"

/* The newest time that is not after `now` and fits. ERR_INVALID: it does not read so, or nothing fits within a leap
 * cycle. *out is untouched then. */
int cron_last(struct when *out, const char *expression, struct when now);
