/*
 * agent.h - one machine of a confidential fleet, and what four sources say of it. Rows of the cache.
 *
 * The sources are never merged: the quote (signed by the machine's platform), the token (signed by Trust Authority), what the
 * control plane recorded, and what the release has pinned for machines of that size. The control plane's word "verified" is
 * shown as its word and decides nothing: it takes measurements from the machine's own unsigned report, and keeps the word when
 * the token is long over. Our status is computed from the signed bytes (core/rules/quote.h), and every field in which two
 * sources contradict each other is named.
 *
 * A list of thousands reads `agent` alone; the tables of one machine are in `agent_tree`, written when they change.
 */
#pragma once

#include "core/model/quote.h"

#define AGENTS_MAX     20000      /* of one lane; more are counted and said */
#define AGENTS_SUBJECT "machines" /* of the lane's proofs that are about them */

enum agent_source { AGENT_QUOTE, AGENT_TOKEN, AGENT_SERVER, AGENT_PIN, AGENT_SOURCES };
extern const struct names agent_source_names; /* quote token server pin */

struct agent {
	const char *lane;
	const char *id; /* the control plane's */
	const char *name, *size, *datacenter;
	const char *word;      /* the control plane's status, as it stands */
	bool said_verified;    /* by the control plane */
	const char *complaint; /* the control plane's; "" none */
	int status,
		reason; /* ours: enum proof_status, enum proof_reason; the worst of quote, token and agreement */
	const char *detail;                           /* one line */
	int quote, quote_reason, token, token_reason; /* each for itself */
	const char *
		differs; /* fields in which sources contradict each other: "rtmr2 (server, quote)"; "" none */
	const char *tcb; /* word of the platform's level; "" not known */
	const char *quote_sha, *token_sha; /* evidence; "" none */
	struct when taken; /* when the evidence was made: the token's, else when the machine was last heard */
	struct when token_until, heard; /* heard: the control plane's last heartbeat */
	struct when changed; /* our status became what it is; not known: it was never seen to be another */
	struct when at;      /* local time it was looked at */
};
extern const struct rec rec_agent;
struct agents VEC_OF(struct agent);

/* One machine's tables as JSON text: {"fields":[{name, quote, token, server, pin, agree}], "checks":[{id, name, result, reason,
 * expected, found}]}. A member that a source does not tell is null. */
struct agent_tree {
	const char *lane, *id;
	const char *tree;
	struct when at;
};
extern const struct rec rec_agent_tree;

/* What the control plane says of itself: its policy as it is in force, and whom it trusts. */
enum fleet_fact_kind { FLEET_POLICY, FLEET_MRTD };
extern const struct names fleet_fact_kind_names; /* policy mrtd */
struct fleet_fact {
	const char *lane;
	int kind;              /* enum fleet_fact_kind */
	const char *name;      /* tcb_enforcement_mode; the measurement */
	const char *declared;  /* by the workflow file or the release; "" not */
	const char *effective; /* in force; "" not readable */
	const char *source;    /* db, env, default; of a measurement: its type */
	int verdict;           /* enum drift_verdict: another value, or one that nobody declared, is OTHER */
	const char *detail;
	struct when at;
};
extern const struct rec rec_fleet_fact;
struct fleet_facts VEC_OF(struct fleet_fact);
