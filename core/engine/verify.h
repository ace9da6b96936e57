/*
 * verify.h - the engine's side of core/rules/verify.h: acts that went back are looked after until they are verified, from the
 * journal and the cache, so that nothing hangs on the engine that sent them. What is found is a note of the act, in the
 * journal and on every screen; what is not reached is an alarm.
 */
#pragma once

#include "core/engine/act.h"

struct verify;
struct verify *verify_new(struct acts *a) must_check;
void verify_free(struct verify *v);
/* Something has gone back, or may have: soon, from the loop. */
void verify_soon(struct verify *v);
/* A lane went back and is not verified yet: its signals are wanted. */
bool verify_wants(const struct engine *en, const char *lane);
