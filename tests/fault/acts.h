/*
 * acts.h - the acts that the sweeps try: how each is prepared, in which words it is asked for, and how its effects are
 * counted at the forge. A trial is one of them in a world and a state of its own.
 */
#pragma once

#include "store/journal.h"
#include "tests/fault/forge.h"
#include "tests/fault/stand.h"

struct effects {
	int64_t n, run; /* count, and the newest run where runs are counted */
};

struct act;
struct trial {
	struct stand stand;
	struct forge forge;
	const struct act *act;
	int64_t run; /* what approve and its kin are about */
	char run_text[32];
	struct effects before;
	size_t recorded; /* records of the same verb in the journal, before */
	struct ran ran;
	char at[128]; /* last call that was seen */
	long n, calls;
	bool hit; /* the N-th call was reached */
};

struct act {
	const char *name; /* of the sweep; the verb is words[0] */
	const char *scenario;
	bool registry;
	void (*prepare)(struct trial *t); /* NULL: nothing to do */
	struct effects (*effects)(struct trial *t);
	const char *heard;     /* of requests that are counted: "POST *cancel" */
	const char *words[12]; /* @run: the run that was prepared, or the plan that was refused */
	/* Once the first is settled the rules may allow it once more: a run that is being cancelled can be asked again, and
	 * where a rung passes in a second the next gate waits already. While the first is open nothing is. */
	bool repeats;
	bool closes; /* it makes no record of its own: it ends the newest that was there before */
};

/* Ends the program when there is no such act. */
const struct act *act_find(const char *name);
/* Opens the world of the act at a speed, prepares it and a state, ends its engine and counts what is there. What comes of
 * it is tried itself, or is the mold of many trials. slow: with the latency of its scenario. */
void trial_prepare(struct trial *t, const struct act *a, const char *speed, bool slow);
/* A copy of a mold: of the world as it stood, and of the state. */
void trial_open(struct trial *t, const struct trial *mold);
void trial_close(struct trial *t);
/* So much time passes in the world: lists show a new run only after a delay. */
void trial_let_pass(const struct trial *t, int seconds);
/* The verb is answered before the act happens, which the engine does by itself. */
bool act_is_late(const struct act *a);
/* Waits for that: until it has happened, or the engine is gone. */
void trial_settle(struct trial *t);
/* `pilothouse guard show`: its one item into *item, NULL none; the caller frees. */
struct json *trial_guard(struct trial *t, const struct json **item);
/* The records in the journal, newest first; none when there is no journal that can be read. */
void trial_records(struct trial *t, struct intents *out, struct arena *a);
/* The words that ask for the act, NULL-terminated; out has room for 16. */
void trial_words(const struct trial *t, const char **out);
