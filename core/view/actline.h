/* actline.h - command lines that a person would type: of an act on a lane, and of what follows an act and its outcome. */
#pragma once

#include "base/json.h"
#include "core/command/command.h"
#include "store/store.h"

/* The command line of an act on a lane: its gate, its run or its system stand in it. 1: no such lane. ERR_INVALID: no act,
 * or one that needs words of its own; ERR_MISSING: no gate or no run is there. */
int view_act_line(const char **out, struct store *s, const char *lane, const char *act, struct arena *a,
		  struct err *e) must_check;
/* What became of an act, first as the engine answered, then as the cache tells it; safe to show. */
struct outcome {
	int64_t intent, run_id; /* 0: none */
	int state;              /* enum intent_state */
	const char *act, *lane, *note, *nonce;
};
void outcome_from(struct outcome *out, const struct json *result, struct arena *a);
/* 1: the cache does not have it, or is behind what is shown. Else *o is what the intent is now. */
int outcome_read(struct outcome *o, struct store *s, struct arena *a, struct err *e) must_check;
/* "dispatch easy/prod"; an act on no lane is called by its name alone. */
const char *outcome_title(const struct outcome *o, struct arena *a);
/* The command line that goes on from an act's outcome, "" nothing is left to do: a pull request that we opened is half
 * an act. */
const char *outcome_next(const struct command *c, const struct outcome *o, struct arena *a);
