/*
 * standard.h - descriptors 0, 1 and 2, which a program may inherit closed, and what its end says on them.
 *
 * The next file or socket that is opened would get the free number, and what is printed would be written into it. So the
 * first thing that each program does is to fill them: nothing is read from a standard input that was closed, and writing
 * to a standard output that was closed goes on to fail.
 */
#pragma once

#include "base/err.h"

void standard_keep(void);
/* Why a program ends: one sentence on stderr and below it what to do, or one document on stdout. Its exit status. */
int standard_fail(const char *program, const struct err *e, bool json);
