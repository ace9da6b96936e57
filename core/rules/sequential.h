/*
 * sequential.h - how improbable a difference must be at each look, so that looking after every sample does not cheat.
 *
 * The chance of one false alarm over the whole ladder is LADDER_ALPHA. It is divided by rungs and metrics, and in a rung it
 * is spent in equal parts over the planned looks: the power family of Kim and DeMets ("Design and analysis of group
 * sequential tests based on the type I error spending rate function", 1987) with exponent 1, close to Pocock's. O'Brien and
 * Fleming's keeps almost all for the last look; whoever guards a canary pays for every sample that he waits, and at a rung's
 * last look the difference is 0.4 of a standard deviation.
 *
 * The parts are added and not integrated over the joint distribution of the looks (Lan and DeMets, "Discrete sequential
 * boundaries for clinical trials", 1983). The sum is a bound whatever the distribution is: it needs no normal
 * approximation, which is wrong for the counts that matter here (six errors), and with exact tests at each look the
 * false alarms are at most LADDER_ALPHA by proof. The price for ten looks is a quarter of a standard deviation at 2.5 %
 * (Pocock's table, in the tests) and less at smaller levels.
 *
 * A rung that is held beyond its window goes on being looked at. Each further window of as many looks begins anew, with the
 * samples of itself alone (a fault that begins after three quiet hours must not drown in them), and window w = 0, 1, ... has
 * 1/((w+1)(w+2)) of the rung's part: half for the one that was planned, and the sum of all of them is 1.
 */
#pragma once

#include "base/base.h"

#define LADDER_ALPHA 0.01 /* issue 5: false rollbacks of equal arms, at most, over a whole ladder */
#define RUNGS_USUAL  4    /* 5, 25, 50, 100 */

struct sequence {
	int64_t looks;   /* planned in a rung's window, 1.. */
	int64_t rungs;   /* of the ladder; 0: RUNGS_USUAL */
	int64_t metrics; /* that are judged side by side; 0: 1 */
};
int64_t sequence_window(const struct sequence *s, int64_t look); /* of look 1.., from 0 */
/* A test at `look` (1..), the one before it having been at `before` (0 none): what p must not be above. Looks that were
 * left out since then, in the same window, leave it their part. */
double sequence_level(const struct sequence *s, int64_t before, int64_t look);
