/*
 * witness.h - port: a log of this host that keeps what it is told, and that this account cannot rewrite.
 *
 * It hears of each head of an audit chain and gives back what it has heard. It is never waited for, and that there is none
 * is an ordinary answer (condition 1): then nobody has seen the head there, and that is said.
 */
#pragma once

#include "base/err.h"

struct witness_word {
	const char *journal; /* path of the journal: which chain it is */
	int64_t seq;
	const char *hash; /* of that line, 64 hex digits */
	const char *text; /* one line for people, raw */
};
/* Oldest first; strings are valid during the call. Nonzero ends it. */
typedef int (*witness_fn)(void *ctx, const struct witness_word *w);

struct witness;
struct witness_ops {
	int (*tell)(struct witness *w, const struct witness_word *word, struct err *e);
	/* All that it has heard of that journal. Blocks: for one-shot verbs. */
	int (*ask)(struct witness *w, const char *journal, witness_fn fn, void *ctx, struct err *e);
	void (*free)(struct witness *w);
};
struct witness {
	const struct witness_ops *ops;
};
