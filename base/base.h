/*
 * base.h - included first everywhere: attributes, cleanup, and the functions nobody may call.
 *
 * Memory has one rule. *Values* live in an arena and die with it; *resources* (files, sockets, databases)
 * have one owner and a _free or _close; nothing else. autofree(x) names the cleanup of a local, take(p) moves
 * a pointer out of it. Running out of memory ends the process: every input is bounded, and an act is
 * journalled before it is sent, so a restart is safe.
 */
#pragma once

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/* before the bans: with _FORTIFY_SOURCE these define the banned names themselves */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#define countof(a)          (sizeof(a) / sizeof((a)[0]))
#define must_check          __attribute__((warn_unused_result))
#define format_printf(f, a) __attribute__((format(printf, f, a)))
#define maybe_unused        __attribute__((unused))
#define noreturn_fn         __attribute__((noreturn))

/* autofree(name): run name_freep(&variable) when the variable leaves its block. */
#define autofree(name) __attribute__((cleanup(name##_freep)))
/* DEFINE_FREEP(struct json *, json_free): the cleanup that autofree(json) calls. */
#define DEFINE_FREEP(type, name, fn)                          \
	static inline maybe_unused void name##_freep(type *p) \
	{                                                     \
		if (*p)                                       \
			fn(*p);                               \
	}

/* Moves a pointer out of an autofree variable: the caller owns it now. */
#define take(p)                             \
	__extension__({                     \
		__typeof__(p) taken_ = (p); \
		(p) = NULL;                 \
		taken_;                     \
	})

/* malloc family that aborts when memory is gone. Zeroed. */
void *x_alloc(size_t n) must_check;
void *x_realloc(void *p, size_t n) must_check;
char *x_strdup(const char *s) must_check;

/* Always false at run time in a released program; a BUG is an assertion about our own code, never about
 * input. */
noreturn_fn void bug_at(const char *file, int line, const char *what);
#define BUG_IF(cond)                                       \
	do {                                               \
		if (cond)                                  \
			bug_at(__FILE__, __LINE__, #cond); \
	} while (0)

/* Misuse is a compile error (git's banned.h): each has a bounded or re-entrant counterpart in base/. */
#define BANNED(f) banned_##f##_use_base_instead
#undef strcpy
#define strcpy(x, y) BANNED(strcpy)
#undef strcat
#define strcat(x, y) BANNED(strcat)
#undef strncpy
#define strncpy(x, y, n) BANNED(strncpy)
#undef strncat
#define strncat(x, y, n) BANNED(strncat)
#undef strtok
#define strtok(x, y) BANNED(strtok)
#undef sprintf
#define sprintf(...) BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf)
#undef gmtime
#define gmtime(t) BANNED(gmtime)
#undef localtime
#define localtime(t) BANNED(localtime)
#undef ctime
#define ctime(t) BANNED(ctime)
#undef mktemp
#define mktemp(x) BANNED(mktemp)
#undef system
#define system(x) BANNED(system)
#undef popen
#define popen(x, y) BANNED(popen)
