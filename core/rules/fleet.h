/*
 * fleet.h - one machine, four sources: is it the one that was released, and do all say the same? Facts go in, a row with its
 * tables comes out. Pure.
 *
 * A quote and a token are believed as far as their signatures hold; what the control plane recorded is believed in nothing, and
 * what the release has pinned is what the signed ones are compared with. Its word "verified" is shown and never weighed. Status is the worst of
 * the quote, the token where it is demanded, and agreement: a control plane that recorded another value than what was signed is
 * an alarm of its own, whoever of the two is wrong.
 */
#pragma once

#include "core/model/agent.h"
#include "core/rules/quote.h"

/* What the control plane recorded; NULL: it does not say. */
struct fleet_record {
	const char *mrtd, *rtmr[QUOTE_RTMRS], *report_data, *tcb;
	const char *debug; /* attributes or word; NULL */
	const char *said;  /* yes, no: its word "verified"; compared with itself alone */
};

/* A machine's own chain, which is read once in a while: what it tells, and what the list told of the machine then. What the list
 * leaves out is taken from it. Where the list tells another thing by now the chain is of before, and nothing is compared. */
struct fleet_chain {
	struct fleet_record told, listed;
	const char *claimed_mrtd; /* what it says that the token says; NULL */
	const char *why;          /* the last reading failed, and why; NULL it did not */
	struct when at;           /* not known: never read */
};

struct fleet_question {
	const struct quote_facts *quote; /* NULL: the machine has none */
	const struct token_facts *token; /* NULL: none, or no keys to verify one by */
	bool has_token;                  /* there is one, verified or not */
	const char *token_why;           /* not NULL: why it was not looked at */
	const struct fleet_record *record;
	const struct fleet_chain *chain; /* NULL: machines have none in this lane */
	const char *quote_of, *token_of; /* who shows the same quote, the same token; NULL: nobody else */
	bool quote_wanted, token_wanted;
	struct quote_policy quote_policy;
	struct token_policy token_policy;
};

enum fleet_field_id {
	FLEET_FIELD_MRTD,
	FLEET_FIELD_RTMR0,
	FLEET_FIELD_RTMR1,
	FLEET_FIELD_RTMR2,
	FLEET_FIELD_RTMR3,
	FLEET_FIELD_REPORT_DATA,
	FLEET_FIELD_TCB,
	FLEET_FIELD_DEBUG,
	FLEET_FIELDS
};
extern const struct names fleet_field_names; /* mrtd rtmr0 .. rtmr3 report_data tcb debug */

struct fleet_field {
	const char *by[AGENT_SOURCES]; /* by enum agent_source; NULL: it does not tell */
	bool listed;                   /* the pin is a list, and the signed value is in it */
	unsigned differ; /* bits 1 << source: those that contradict another one; 0: they agree */
};

struct fleet_verdict {
	struct fleet_field fields[FLEET_FIELDS];
	enum proof_status status, quote, token;
	enum proof_reason reason, quote_reason, token_reason;
	const char *detail, *differs; /* as in struct agent */
	const char *tcb;
	struct proof_checks
		checks; /* of the quote, of the token, P of pins where no quote is wanted; E0: copies; A0 to A7: agreement, a row a field; A8: the chain */
	const char *chain_differs; /* "rtmr2 (list, chain)"; "" nothing */
	const char *copied;        /* "quote (also of vm-2)"; "" nothing */
	const char *alarm;         /* sources contradict each other: one line; NULL they do not */
};
void fleet_judge(struct fleet_verdict *out, const struct fleet_question *q, struct arena *a);

/* What a control plane says of a policy, against what was declared. order: strictest first, or NULL. */
void fleet_policy_judge(struct fleet_fact *f, const char *const *order, bool production, struct arena *a);
/* A measurement that it trusts: pinned by the release, or a row that somebody has added. values NULL: not known. */
void fleet_mrtd_judge(struct fleet_fact *f, const struct trusted_values *values);
