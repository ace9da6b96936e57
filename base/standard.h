/*
 * standard.h - descriptors 0, 1 and 2, which a program may inherit closed.
 *
 * The next file or socket that is opened would get the free number, and what is printed would be written into it. So the
 * first thing that each program does is to fill them: nothing is read from a standard input that was closed, and writing
 * to a standard output that was closed goes on to fail.
 */
#pragma once

void standard_keep(void);
