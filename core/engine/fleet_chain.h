/*
 * fleet_chain.h - the chains of single machines: what a control plane tells of one beside its list. The list is read in each
 * round, chains are not: a fleet of thousands has thousands. A round reads at most FLEET_CHAINS of them, FLEET_CHAIN_PAGE at a
 * time: first those of machines whose row or whose verdict has changed since theirs was read, the newest change first, then the
 * ones that were read longest ago, and none twice within FLEET_CHAIN_AGE.
 *
 * What was read is remembered here, and judged with the machine in each round (core/rules/fleet.h, A8); the cache has it in the
 * machine's tables. An engine that begins anew reads them anew.
 */
#pragma once

#include "core/port/fleet.h"
#include "core/rules/fleet.h"

#define FLEET_CHAINS     128 /* in a round: all of a fleet of 5,000 in some three hours */
#define FLEET_CHAIN_PAGE 16
#define FLEET_CHAIN_AGE  INT64_C(3600000)
#define FLEET_EVENTS_ONE \
	((size_t)64 << 10) /* a log of events that is longer is not kept in memory, nor judged */
#define FLEET_EVENTS_ALL ((size_t)8 << 20)

struct chains;
struct chains *chains_new(void) must_check;
void chains_free(struct chains *c);

/* What is known of it: in a, with the log of events; why and at say how. Where the list tells another thing by now, the log is of
 * before, and explains nothing of what is there now: then there is none. */
struct known_chain {
	struct fleet_chain chain;
	const char *events;     /* JSON; NULL none, or none that is judged */
	const char *events_why; /* there is one, and why it is not kept; NULL */
};
void chains_find(struct known_chain *out, struct chains *c, const char *lane,
		 const struct fleet_agent *listed, struct arena *a);
/* told NULL: it was not read, and why; what was known before stands. listed: as the list told of it in this round. */
void chains_put(struct chains *c, const char *lane, const struct fleet_agent *listed,
		const struct fleet_agent *told, const char *why, struct when at);
/* Its verdict became another. */
void chains_changed(struct chains *c, const char *lane, const char *id, struct when at);
/* Places of those that are to be read now, at most FLEET_CHAINS. */
size_t chains_due(struct chains *c, const char *lane, const struct fleet_agent *agents, size_t n,
		  struct when now, size_t out[FLEET_CHAINS], struct arena *a);
/* What a list's record says, to be compared. */
struct fleet_record chains_record(const struct fleet_agent *in);
