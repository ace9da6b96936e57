/*
 * survey_fleet.h - looking at the machines of a lane: who they are and what they prove, whom their control plane trusts and by
 * which policy, held against what the release has pinned. survey_fleet.c reads and judges, fleet_rows.c writes what is told of the
 * lane as a whole.
 *
 * One look is one round over the fleet. Machines are judged on the thread in batches (fleets.h), and a batch's rows are written
 * when it is done, so the loop is never held for longer than those. A list that cannot be read leaves all rows as they are, with
 * their age, and the lane's row of machines unknown: an unreadable fleet is never an empty one.
 */
#pragma once

#include "core/engine/fleets.h"
#include "core/engine/survey.h"
#include "store/agents.h"
#include "store/proofs.h"

#define FLEET_SUBJECT "machines" /* of the lane's proofs; their checks are quote and token */

typedef void (*look_machines)(struct look *k, void *ctx, const struct fleet_answer *a, const struct err *err);
/* The engine has a fleet port. */
void look_fleet(struct look *k, const struct fleet_read *q, look_machines taken, void *ctx);
void look_at_machines(struct look *k);

struct fleet_sum {
	int64_t n, ok;
	enum proof_status worst;
	const char *worst_text; /* "vm-7: a measurement differs from the pinned one"; NULL none */
	enum proof_reason reason;
};

/* What is found in one round. */
struct watching {
	const struct fleet_agent *agents; /* NULL: not read, and why */
	size_t n, next;                   /* next: of whom no batch knows yet */
	int64_t total;                    /* as the control plane says */
	const char *why, *damage;
	struct fleet_facts facts; /* trusted measurements, then settings */
	const char *trusted_why, *settings_why;
	bool has_trusted, asked_settings;
	/* pins */
	const char *asset; /* the file's name */
	const char *values_why;
	struct trusted_values values;
	char values_hex[DIGEST_HEX];
	const char *values_text;
	size_t values_n;
	bool has_values;
	/* chains that are read in this round: places in agents */
	size_t chains[FLEET_CHAINS], chains_n, chains_next;
	/* judging */
	struct fleet_rules rules;
	struct fleet_copies *copies;
	struct fleet_batch *batch;
	struct fleet_sum quote, token; /* the first of those that are wanted stands for the whole machine */
	char (*kept)[DIGEST_HEX]; /* names of the evidence of those that were judged; in the look's arena */
	size_t kept_n;
	size_t gone_at;        /* how far it was looked for who is gone, in agents */
	const char *gone_from; /* and in the cache; NULL: from the first */
	int64_t differ;
	const char *differs; /* the first that does: "vm-7: rtmr2 (server, quote)" */
};

/* ---- fleet_rows.c: inside the transaction ---- */
int fleet_rows_put(struct look *k, struct err *e) must_check;
/* A row of a proof that is about machines: whoever writes the lane's other proofs leaves it. */
bool is_of_machines(const struct proof *row);
