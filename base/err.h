/*
 * err.h - the one error value. It travels in the call: there is no last error and nothing logs in a library.
 *
 * A function that can fail returns int and takes struct err *e last: 0 is success, a positive value is a
 * documented condition of that one function (dbus-broker's rule), and a negative value is -enum err_kind: the
 * operation failed and *e says why. The function that discovers the failure fills *e once; callers forward it
 * (return r;) and may add a hint, never overwrite. The message is one sentence without prefix or full stop;
 * the hint says what to do next. Both are already neutralised: err_set() passes every byte through
 * text_safe(). e may be NULL (not interested).
 */
#pragma once

#include <stdarg.h>

#include "base/base.h"

enum err_kind {
	ERR_NONE,
	ERR_OFFLINE,   /* nothing reached the other side: refused, no route, DNS */
	ERR_UNKNOWN,   /* sent, and no trustworthy answer: timeout, reset, 5xx after sending */
	ERR_SERVER,    /* a read answered 5xx or nonsense */
	ERR_AUTH,      /* 401: the token is not accepted */
	ERR_FORBIDDEN, /* 403 */
	ERR_RATE,      /* rate limit: err.retry_ms says how long to wait */
	ERR_CONFLICT,  /* 409, 422: the other side refuses this now */
	ERR_MISSING,   /* 404, no such thing */
	ERR_INVALID,   /* bad input from a person or a file */
	ERR_CORRUPT,   /* our files or the other side's data are damaged */
	ERR_STORE,     /* local state cannot be written: full disk, read-only, permissions */
	ERR_STALE,     /* facts too old to decide on */
	ERR_POLICY,    /* a rule refuses */
	ERR_CANCELLED, /* given up by us before anything was sent */
	ERR_BUG,
	ERR_MAX_
};

struct err {
	enum err_kind kind;
	int64_t retry_ms; /* ERR_RATE: milliseconds to wait, 0 unknown */
	int status;       /* HTTP status where there was one, else 0 */
	bool stands;      /* of an act: refused because it is so already, in the other side's own words */
	char message[384];
	char hint[192];
};

#define ERR_INIT  \
	{         \
		0 \
	}

/* Fills *e and returns -kind, so: return err_set(e, ERR_MISSING, "there is no lane %s", name); */
int err_set(struct err *e, enum err_kind kind, const char *fmt, ...) format_printf(3, 4);
int err_vset(struct err *e, enum err_kind kind, const char *fmt, va_list ap) format_printf(3, 0);
/* Adds what to do next, if nobody deeper did. Returns -e->kind; where e may be NULL, return the kind yourself. */
int err_hint(struct err *e, const char *fmt, ...) format_printf(2, 3);
void err_clear(struct err *e);
const char *err_word(enum err_kind kind); /* "offline", "rate", ... for JSON error.code */
/* The exit status of reference command-line: 0 1 refused, 2 usage, 3 unknown, 4 network, 5 stale, 6 local
 * state. */
int err_exit_status(enum err_kind kind);
