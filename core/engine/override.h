/*
 * override.h - break-glass: a person overrides the checks of one plan that stop it (core/rules/glass.h says which may be).
 *
 * `override PLAN-ID --reason T --confirm PLAN-ID` is an entry of the journal like any act, though nothing is sent: who, why,
 * when by the forge's clock, for which plan. The plan is known by its name alone, so it must be the very one: what moves
 * meanwhile makes another plan, which nobody has overridden. The first act of that plan uses it up, whatever comes of it; a
 * quarter of an hour later it is void. The act's reason begins with BREAK_GLASS for ever.
 */
#pragma once

#include "core/engine/act.h"

void override_ask(struct ask *k);
/* After the rules: a plan that they stopped goes when it was overridden, and says so in a check of its own. */
void override_apply(struct ask *k);
/* Just before the act is armed: 1 when what let it go was used meanwhile, or is void now. */
int override_claim(struct ask *k, struct err *e) must_check;
/* The act's own reason, marked when it goes out by break-glass. */
const char *override_reason(struct ask *k, const char *reason);
