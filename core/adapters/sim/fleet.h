/*
 * fleet.h - the machines of a simulated control plane, with evidence that holds. Private to this folder.
 *
 * An organisation's file has one for a lane, and a scenario's `changes` and `others` change it; nothing is signed before
 * somebody asks:
 *
 *	fleet:
 *	  lane: easy/prod
 *	  renew: 2m                      how often machines are attested again
 *	  admin: open                    settings can be read without an administrator's session
 *	  collateral: FAULT              of tdx_faults.def, of the file that the drill writes
 *	  machines: [{name: N, size: S, datacenter: D, count: 3}]     N-01, N-02, ...; replaces those that are there
 *	  trusts:   [TEXT]               an administrator's measurements, beside those of the release
 *	  settings: [{key: K, value: V, source: env, default: D, about: T}]; one that is there takes value and source
 *	  faults:   [{name: GLOB, ...}]  each machine has the last one that names it
 *
 * Machines measure what the trusted values of the lane's release pin for their size, but for their fault's
 *
 *	measures: {mrtd: TEXT, rtmr2: TEXT}  another measurement, made of the text
 *	reports: pinned                it tells the control plane what is pinned all the same, and is believed
 *	drifted: rtmr1                 it changed after it was registered: the control plane noticed, and keeps the old ones
 *	chained: {rtmr2: TEXT}         its chain tells another measurement than the list does
 *	quote, token: FAULT            of tdx_faults.def and token_faults.def; quote: none and token: none leave it out
 *	tcb: OutOfDate                 what the token says of its platform
 *	challenge: none                it answers none: neither quote nor token say when they were made
 *	refused: KEY                   the control plane does not let it in while that setting is strict or required
 *	silent: 3h                     it was last heard so long ago, and has been attested then
 *
 * The control plane believes as the published one does: measurements from the machine's own report, `verified` as long as the
 * MRTD is in its list. What it says is never wrong by a key of its own; it is wrong because it asks too little.
 */
#pragma once

#include "core/adapters/authority/tdx.h"
#include "core/adapters/sim/moves.h"

/* As hex; what machines show of themselves. */
struct sim_measured {
	const char *mrtd, *rtmr[QUOTE_RTMRS];
};
struct sim_machine {
	const char *id, *name, *size, *datacenter;
	unsigned number;
	const struct yaml *fault; /* NULL none */
};
struct sim_setting {
	const char *key, *value, *source, *fallback, *about;
};
struct sim_evidence {
	const char *size;
	const struct yaml *fault;
	unsigned number;
	struct sim_measured pinned, shown, told, kept,
		chained; /* in the quote; in its own report; by the control plane: in its list, in the chain */
	const char *nonce, *report_data;    /* "" none */
	const char *quote, *token, *claims; /* base64, JWT, JSON; NULL none */
	size_t quote_n;
	int64_t at; /* when it was made */
};
struct sim_pins {
	const char *size;
	struct sim_measured m;
};
struct sim_fleet {
	struct sim_repo *repo;
	struct sim_lane *lane;
	int64_t renew, since; /* since: when machines were registered */
	bool open;
	enum tdx_fault collateral;
	VEC(struct sim_machine) machines;
	VEC(struct sim_setting) settings;
	VEC(const char *) trusts;        /* measurements */
	VEC(const struct yaml *) faults; /* in the order of their coming */
	struct arena made;               /* evidence, until machines are attested again */
	struct sim_evidence **evidence;  /* of each machine, in it; NULL: nobody has asked for it */
	VEC(struct sim_pins) pins;       /* of each size, in it */
	int64_t slot;
	const char *release; /* it was made for */
};

/* Reads a `fleet:` of an organisation, or of a change; NULL: nothing. by: the source of settings: env, or db. */
int sim_fleet_change(struct world *w, struct sim_repo *r, const struct yaml *map, const char *by,
		     struct err *e) must_check;
void sim_fleet_free(struct sim_fleet *f);                                           /* NULL: nothing */
struct sim_fleet *sim_fleet_of(const struct world *w, const struct sim_lane *lane); /* NULL: it has none */

const struct sim_evidence *sim_fleet_evidence(struct world *w, struct sim_fleet *f,
					      const struct sim_machine *m);
/* A quote of the control plane itself over these 64 bytes at most, as base64. */
const char *sim_fleet_own(struct world *w, struct sim_fleet *f, const char *report_data,
			  struct sim_measured *m, struct arena *a);
bool sim_fleet_lets_in(const struct sim_fleet *f, const struct sim_machine *m);
bool sim_fleet_trusts(struct world *w, const struct sim_fleet *f, const char *mrtd, struct arena *a);
/* The list, release first. */
size_t sim_fleet_trusted(struct world *w, const struct sim_fleet *f, const char *const **out,
			 struct arena *a);
