/*
 * ranks.h - Mann and Whitney's test: do the values of one arm tend to be higher than those of the other?
 *
 * It asks for single observations. Averages of a scrape interval are none (their spread is not that of what they average),
 * so nobody may come here with them; one that follows from the one before it is none either.
 *
 * Without ties and with at most RANKS_EXACT values an arm the probability is exact: the number of arrangements for every U
 * (Mann and Whitney, "On a Test of Whether one of Two Random Variables is Stochastically Larger than the Other", 1947) are
 * the coefficients of a Gaussian binomial, whole numbers below 2^53 up to there. With ties or more values it is the normal
 * approximation with its variance corrected for ties and half a step for continuity, as R's wilcox.test does it.
 */
#pragma once

#include "base/arena.h"

#define RANKS_EXACT 25

struct ranks {
	double u; /* pairs in which the first arm is higher; equal ones count half */
	double p; /* probability of at least that under equal arms; 1 when an arm is empty or all are equal */
	bool exact;
};
/* Is the first arm higher? Scratch in the arena; the values stay as they are. */
struct ranks ranks_higher(const int64_t *first, size_t m, const int64_t *second, size_t n, struct arena *a);
/* The least probability that so many values each can show: one in (m + n choose m). */
double ranks_least(size_t m, size_t n);
