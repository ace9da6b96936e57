/*
 * lane_lock.h - the words and the clock of two captains at one lane: what the tests of its lock share.
 */
#pragma once

#include "captains.h"
#include "core/engine/reflock.h"
#include "store/holds.h"

#define LOCK   "lock easy/prod --reason 'incident 4411' --confirm easy/prod"
#define UNLOCK "unlock easy/prod --confirm easy/prod"
#define SHIP   "dispatch easy/prod v0.9.4 --confirm 'easy/prod v0.9.4'"
#define NOW    "2026-11-21T07:00:00Z"

static int setup(void **state)
{
	*state = captains_new("first-rollout", NOW);
	return 0;
}

static int teardown(void **state)
{
	captains_free(*state);
	return 0;
}

static inline void lets_pass(struct captains *b, int64_t ms)
{
	loop_advance(b->loop, ms);
}

/* Of what the captain's cache says of the lane; empty words: none. */
static inline struct hold first_hold(struct captain *c, const char *lane)
{
	struct holds list = { 0 };
	struct err e = ERR_INIT;

	must(store_holds_read(&list, c->cache, lane, &c->a, &e), &e);
	return list.n ? list.items[0] : (struct hold){ .owner = "", .reason = "" };
}
