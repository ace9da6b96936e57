/*
 * cli.h - one-shot verbs: the same command table, views and engine as the console, printed once as text or JSON.
 *
 * A query reads the cache and nothing else. A verb that asks the engine goes to the one that runs, or to one of its own
 * for the length of the verb. Text is printed from the rows that the screens draw. The exit status is the contract of the
 * command-line reference.
 */
#pragma once

#include "base/json.h"
#include "base/places.h"
#include "core/command/command.h"
#include "store/store.h"

struct cli {
	const struct command *command;
	const struct places *places;
	const char *const *globals; /* to start an engine with, NULL-terminated */
	struct arena *arena;
	struct clock *clock;
	bool json;
	bool as_tree; /* a plan is printed as the tree of its conditions: `why LANE ACT` */
};

/* Runs one verb; prints; returns the exit status. */
int cli_run(struct cli *c);

/* Parts. Each prints and returns an exit status. */
int cli_query(struct cli *c);   /* lanes runs run gates canary drift readiness why follow */
int cli_acts(struct cli *c);    /* journal outbox */
int cli_ask(struct cli *c);     /* sync plan what-if log reconcile and the acts */
int cli_why_act(struct cli *c); /* why LANE ACT */
int cli_doctor(struct cli *c);
int cli_drill(struct cli *c);
int cli_hand_over(struct cli *c); /* hands over to pilothouse-engine */

/* One JSON document, or one sentence on stderr. */
int cli_fail(const struct cli *c, const struct err *e);
int cli_fail_status(const struct cli *c, int status, const char *code, const char *message, const char *fix);
/*
 * Prints a finished text or JSON document and its newline; outside UTF-8 locales in ASCII: <U+XXXX> or \uXXXX.
 * 0, or the exit status of an output that cannot be written, after one sentence about it.
 */
int cli_print(const struct buf *out, bool json);
int cli_flush(void);
/* One line, or a few, on stderr. */
void cli_note(const char *sentence);
/* How old the facts in the cache are: "facts are 3m old". *age_ms: of the oldest, -1 when some, or all, were never read. */
const char *cli_age(const struct cli *c, int64_t *age_ms);
/* Exit status 5, or 6 where no sync could keep anything, after the sentence that says so. */
int cli_never_read(const struct cli *c);
/* -ERR_MISSING: no lane of the cache is called so. */
int cli_no_lane(const char *word, struct err *e);
/* Opens the cache for reading: 0, or prints why not and returns an exit status in *status. */
int cli_cache(const struct cli *c, struct store **out, int *status);
