/*
 * drill.h - the faces of pilothouse-drill: drill_main.c parses the words, drill_headless.c plays a scenario by itself.
 */
#pragma once

#include "base/base.h"

/*
 * Plays the scenario's script in compressed time: world, forge adapter and engine in this process on one manual clock,
 * with cache and journal in a private directory that is removed. Prints each step, the goals and the verdict on stdout.
 * Exit status: 0 passed, 1 not, 2 no such scenario, 6 local state.
 */
int drill_headless(const char *scenario, bool json);
