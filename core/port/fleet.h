/*
 * fleet.h - port: what a control plane of confidential machines tells: its health, its machines with their evidence, whom it
 * trusts and by which policy. adapters/fleet speaks EasyEnclave's HTTP API over the http port; drills have the simulated one.
 *
 * Every answer is foreign and public, and is read as such: sizes and counts are bounded, and fields that are credentials
 * (tunnel_token and whatever a read names) are dropped where the answer is decoded: they never reach a caller, a log or the
 * cache. No token of ours is sent. Contract of done() as in forge.h; a read that fails says ERR_OFFLINE, ERR_AUTH (401, 403:
 * settings want an administrator), ERR_MISSING, ERR_SERVER or ERR_CORRUPT, and is never an empty fleet.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/when.h"
#include "core/model/agent.h"

#define FLEET_DROPS 16

enum fleet_read_kind {
	FLEET_HEALTH, /* one struct fleet_health */
	FLEET_AGENTS, /* struct fleet_agent, AGENTS_MAX at most; total says how many there are, with those that are
		       * damaged or not told: more than agents_n means that the fleet is not known whole */
	FLEET_CHAIN, /* id: one struct fleet_agent, from its attestation chain: what the list did not tell, and event_log */
	FLEET_TRUSTED,  /* struct fleet_fact (FLEET_MRTD): name, source */
	FLEET_SETTINGS, /* name = group: struct fleet_fact (FLEET_POLICY): name, effective, source */
	FLEET_CHALLENGE, /* name = machine: text = nonce, until. Makes a new one, which may take the place of one that the
			  * machine is about to answer: never in a survey */
};
struct fleet_read {
	enum fleet_read_kind kind;
	const char *site; /* base URL: https, or http to this machine */
	const char *path; /* below it, from the profile; NULL: where EasyEnclave has it */
	const char *id, *name;
	const char *size_pointer; /* JSON pointer into a machine's record; NULL: /node_size */
	const char *const
		*drop; /* members that are credentials, besides those that the adapter knows; FLEET_DROPS at
				   * most, NULL-terminated; or NULL */
};

struct fleet_health {
	const char *status, *version, *git_sha, *boot_id;
	const char *quote; /* base64 of its own, or NULL */
};
/* As the control plane tells it: unsigned, but for what is in quote and token. */
struct fleet_agent {
	const char *id, *name, *size, *datacenter, *word;
	int verified;          /* 1, 0, -1 not said */
	const char *complaint; /* verification_error, else attestation_error; NULL none */
	const char *mrtd, *rtmr[QUOTE_RTMRS], *tcb; /* what it recorded */
	const char *quote, *token;                  /* base64, JWT; NULL none */
	const char *event_log;                      /* JSON text; NULL none */
	const char *claimed_mrtd;                   /* what a chain says that the token says; NULL not told */
	const char *nonce;                          /* hex, the challenge it says it sent; NULL not told */
	struct when heard, verified_at;
};
struct fleet_answer {
	const struct fleet_health *health;
	const struct fleet_agent *agents;
	size_t agents_n, damaged; /* damaged: records refused, with the first in words */
	const char *first_damage;
	int64_t total;
	const struct fleet_fact *facts;
	size_t facts_n;
	const char *text;
	struct when until, date;
	struct arena *
		own; /* all of it is in there, and whoever is told may adopt it; NULL: it must be copied. A list of thousands
			    * is tens of megabytes, and nothing may be held for as long as that takes to copy */
};
typedef void (*fleet_done)(void *ctx, const struct fleet_answer *answer, const struct err *err);

struct fleet;
struct fleet_ops {
	int (*read)(struct fleet *f, const struct fleet_read *q, fleet_done done, void *ctx, struct err *e);
	void (*free)(struct fleet *f);
};
struct fleet {
	const struct fleet_ops *ops;
};
static inline void fleet_free(struct fleet *f)
{
	if (f)
		f->ops->free(f);
}
