/*
 * badline.h - the line between the console's engine and the forge, and what is wrong with it.
 *
 * A process of its own listens on loopback, takes one whole request a connection, asks the forge behind it (unless the
 * request is to be lost) and delivers the answer as badly as it was told. The faults are the rows N1 to N14 of the
 * reliability reference that a peer can cause; TLS has a test of its own. What was heard is counted before anything
 * goes wrong, so "nothing was sent" and "sent once" are facts of the wire and not words of a program.
 *
 * What is told and what is counted lives in memory that both processes see; a change holds for the next request.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum ill {
	ILL_NONE,
	ILL_SILENT,    /* the request is read, and nothing comes back */
	ILL_LOST,      /* the same, and the forge never hears of it */
	ILL_SLOW,      /* a byte a second */
	ILL_CUT,       /* ends in the middle of the body */
	ILL_RESET,     /* RST in the middle of the body */
	ILL_PORTAL,    /* 200 with a page for people: a captive portal */
	ILL_NONSENSE,  /* 200, and the body is no JSON */
	ILL_EMPTY,     /* 200 with an object that has nothing of what was asked for */
	ILL_TOKEN,     /* 401 */
	ILL_FORBIDDEN, /* 403: a policy, no limit */
	ILL_LIMIT,     /* 403: no points left, the reset is an hour away */
	ILL_SECONDARY, /* 429 with Retry-After: 90 */
	ILL_GATEWAY,   /* 502 */
	ILL_TWICE,     /* the forge hears an act twice, and the second answer is delivered */
	ILL_RESERVE,   /* the forge's own answer, and it says that 3 points are left */
};

struct badline {
	int port; /* where we listen */
	pid_t pid;
	struct badline_shared {
		atomic_int ill;         /* enum ill */
		atomic_bool acts_only;  /* reads go through */
		atomic_int only;        /* this act alone, counted from 1; 0: all */
		atomic_int reads, acts; /* requests heard */
	} * shared;
};

/* Between a new port of ours and `port` of the forge; prints why and ends the program when that cannot be. */
void badline_open(struct badline *l, int port);
void badline_close(struct badline *l);
void badline_ill(struct badline *l, enum ill ill, bool acts_only);
/* Reads go through, and so does every act but the n-th. */
void badline_ill_at(struct badline *l, enum ill ill, int n);
int badline_reads(const struct badline *l);
int badline_acts(const struct badline *l);
