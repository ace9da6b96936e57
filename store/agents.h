/*
 * agents.h - rows of core/model/agent.h in the cache: the machines of a lane, the tables of each, and what its control
 * plane says of its policy. The engine puts them, readers get a window of a lane's machines, or one of them.
 *
 * A fleet has thousands of machines that are looked at every few minutes and hardly ever change, so putting writes only
 * rows that are not what is stored. A row that is the same but for when it was looked at counts as such, until that is older than
 * AGENT_AT_MS. Nothing here begins or commits a transaction.
 */
#pragma once

#include "core/model/agent.h"
#include "store/store.h"

#define AGENT_AT_MS INT64_C(600000)

/* n rows of one lane, which is set here; any part of its machines: who is gone is forgotten one by one. *written: how many
 * were not what was stored; may be NULL. */
int store_agents_put(struct store *s, const char *lane, const struct agent *rows, size_t n, size_t *written,
		     struct err *e) must_check;
int store_agent_forget(struct store *s, const char *lane, const char *id, struct err *e) must_check;
/* Of lanes that the cache has no row of any more. */
int store_agents_trim(struct store *s, struct err *e) must_check;

/* Written when it is another text. */
int store_agent_tree_put(struct store *s, const struct agent_tree *row, struct err *e) must_check;

/* Replaces all facts of the lane. */
int store_fleet_facts_put(struct store *s, const char *lane, const struct fleet_fact *rows, size_t n,
			  struct err *e) must_check;

/* ---- reading: strings in a ---------------------------------------------------------------------------------------------------- */

struct agent_filter {
	const char *lane;
	int status;                    /* enum proof_status; -1: all, the worst first */
	const char *size, *datacenter; /* NULL or "": any */
	const char *holds;             /* part of the name or of the id, as it stands; NULL or "": any */
	int64_t skip, limit;           /* a window into them, by status and then by name */
};
extern const struct rec rec_agent_filter;
int store_agents_read(struct agents *out, struct store *s, const struct agent_filter *f, struct arena *a,
		      struct err *e) must_check;
/* At most `limit` machines of the lane behind that id ("" from the first): to go through all of them in parts. */
int store_agents_after(struct agents *out, struct store *s, const char *lane, const char *id, int64_t limit,
		       struct arena *a, struct err *e) must_check;
/* 1: there is none. */
int store_agent_read(struct agent *out, struct store *s, const char *lane, const char *id, struct arena *a,
		     struct err *e) must_check;
int store_agent_tree_read(struct agent_tree *out, struct store *s, const char *lane, const char *id,
			  struct arena *a, struct err *e) must_check;

/* lane NULL: of all; by lane, kind and name. */
int store_fleet_facts_read(struct fleet_facts *out, struct store *s, const char *lane, struct arena *a,
			   struct err *e) must_check;
