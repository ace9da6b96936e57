/*
 * tidy.h - evidence that nothing names any more goes, so that STATE/evidence does not grow for ever.
 *
 * Named is what a row of the proofs rests on, what the prover remembers, and whatever stands as 64 hex digits in a journalled
 * intent or in a plan on disk: what somebody acted on, or may act on, stays for ever. A bundle that signs a payload (cosign)
 * names that too. What is not named goes when it is TIDY_AGE old, and while everything together is over TIDY_BYTES already when
 * it is TIDY_SOON old. Evidence of machines is trimmed with each look (fleet_keep.c); here go only folders of lanes that no
 * profile has any more.
 *
 * Done TIDY_FIRST after the start and then once a day, on the prover's thread and by a connection of its own to the journal.
 * When one of those that name cannot be read, nothing goes. What went wrong is logged once, not each day.
 */
#pragma once

#include "core/engine/internal.h"

#define TIDY_FIRST INT64_C(60000) /* a start has other things to do */
#define TIDY_DAY   INT64_C(86400000)
#define TIDY_AGE   (30 * TIDY_DAY)      /* a verdict that somebody saw in the last month can be exported */
#define TIDY_SOON  TIDY_DAY             /* what today's looks need is kept anew by them */
#define TIDY_BYTES (INT64_C(256) << 20) /* some thousand releases of a hundred bundles */

/* NULL: nothing is kept, or nothing says what is named. */
struct tidy *tidy_new(struct engine *en);
/* After prover_free(). NULL: nothing. */
void tidy_free(struct tidy *t);
