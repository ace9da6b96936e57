/*
 * readiness.h - whether a lane can go back, from the conditions that were looked at. Pure.
 *
 * Rows come in order, the first is `target`. A condition that is bad or missing means no; one that was not checked means
 * not known, but for those that only inform (`attested`, `migrations`, `duration`): they have a place of their own on
 * screens and stop nothing by being unknown. Evidence that is too old is not known.
 */
#pragma once

#include "core/model/evidence.h"
#include "core/model/model.h"

#define READINESS_MAX_AGE INT64_C(1800000) /* as DRIFT_MAX_AGE */

/* CHECK_OK it would work, CHECK_BAD it would not, CHECK_UNCHECKED it is not known. *why: the row that decides, NULL none. */
enum verdict readiness_judge(const struct readiness *rows, size_t n, struct when now,
			     const struct readiness **why);
/* What it goes back to, "" not known. */
const char *readiness_target(const struct readiness *rows, size_t n);
