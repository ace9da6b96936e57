/*
 * binomial.h - the exact binomial distribution: how likely so many bad ones of so many are.
 *
 * One point by Loader's saddle-point form ("Fast and Accurate Computation of Binomial Probabilities", 2000), which loses no
 * digits where a difference of three large log-gammas would: at 1e9 requests those leave six. A tail is that point times a
 * sum of falling, positive terms, so nothing cancels. Good to about 1e-13 of the value up to 1e9 trials (the tests compare
 * with published tables and with whole-number arithmetic). A tail of a billion costs at most a
 * millisecond; of more trials it is the normal one, so that no number from outside can keep the engine busy.
 *
 * Impossible input (p outside 0..1 or NaN, fewer than no trials) gives NaN, which is below no bound.
 */
#pragma once

#include "base/base.h"

double binomial_upper(int64_t trials, int64_t hits, double p); /* P(X >= hits) */
/* The least count whose upper tail is at most `level`; trials + 1 when even all of them are not enough. */
int64_t binomial_critical(int64_t trials, double p, double level);
/*
 * The least number of trials in which a test at `level` of "p is p0" sees p1 > p0 with at least `power`, by exact power;
 * -1: more than `most`, or p1 is not above p0. Power goes up in teeth, because counts are whole: what is found is a
 * number of trials that has the power, and at most a tooth more than the very least.
 */
int64_t binomial_trials(double p0, double p1, double level, double power, int64_t most);
