/*
 * policy.h - a policy that was declared against the one that is in force, by the order of strictness of the profile. Pure.
 */
#pragma once

#include "core/model/evidence.h"

/* Fills verdict and reason from declared, live and what the profile says: order is strictest first (NULL: cannot be
 * compared). Equal is equal; stricter is ahead; relaxed is behind, and on a production lane another policy than was
 * declared. A value that the file computes is not known. A reason that is there already says why live is "". */
void policy_judge(struct drift *row, const char *const *order, bool production, struct arena *a);
