/*
 * stand.h - a test stand: one drill over loopback, one directory, and the real programs run against both.
 *
 * Each stand is a fresh world with a fresh state. The drill and every engine that stays behind are ended by their own
 * process number when the stand is closed. Nothing here knows what is being proved; sweep.c does.
 */
#pragma once

#include "base/buf.h"
#include "base/json.h"

struct stand {
	char dir[64];
	char api[64];
	char profile[128]; /* NAME=OWNER/NAME of the drill's first system */
	bool registry;     /* the drill is the registry too; set by whoever opened it */
	const char
		*pace; /* how many times as fast engines live, NULL as they are; set by whoever opened it */
	int port;
	pid_t drill; /* 0: a forge of the test's own serves it */
};

/* What the shim is told, as KEY=VALUE; NULL-terminated. Unused places are NULL. */
struct fault {
	const char *at, *how, *on, *path;
	const char *diary; /* record.h */
};

struct ran {
	int status; /* exit status, 128+signal, or -1 when it did not end */
	struct buf out, err;
};

/* Folder of the programs, and libfault.so; both borrowed. */
void stand_place(const char *bin, const char *shim);
/* Prints why and ends the program when the stand cannot be built: that is no finding. */
void stand_open(struct stand *s, const char *scenario, const char *speed);
void stand_open_unix(struct stand *s, const char *scenario,
		     const char *speed); /* on s->dir/s instead of a port */
void stand_close(struct stand *s);
/* The directory alone, with a token and an empty state: where it is served is the caller's business. */
void stand_make(struct stand *s);
/* A new folder, in memory where that can be. */
void stand_folder(char *out, size_t size);
/* What is in one folder, into another that may be new. */
void stand_copy(const char *from, const char *to);

/* Runs `pilothouse GLOBALS... words...`. fault may be NULL. The trace of the shim is s->dir/trace. */
void stand_run(struct stand *s, struct ran *r, const struct fault *fault, const char *const *words);
void ran_done(struct ran *r);
/* The same, with the answer as a document (NULL when it is none). */
struct json *stand_ask(struct stand *s, int *status, const char *const *words);
/* The engine that the state directory's lock names, 0 when none runs. */
pid_t stand_engine(const struct stand *s);
/* Ends the engine that the state directory's lock names, if one runs. */
void stand_end_engine(struct stand *s);
/* GET from the drill; the caller frees. */
struct json *stand_get(const struct stand *s, const char *path);
/* How many requests the drill has answered, this one included: it numbers them. */
int64_t stand_requests(const struct stand *s);
/* Asks the drill until its own clock has moved on by so many seconds: lists show a new run only after a delay. */
void stand_let_pass(const struct stand *s, int seconds);
/* The shim's last line: "57 fdatasync journal.db-wal", and how many calls were counted. */
long stand_trace(const struct stand *s, char *last, size_t size);
/* A folder and all that is in it. */
void stand_remove(const char *path);
noreturn_fn void stand_die(const char *fmt, ...) format_printf(1, 2);
