/*
 * preflight.h - the rules that an act must pass, one row each, over facts that were read for it.
 *
 * Pure: no I/O, no clock but the one in the facts. Each rule turns facts into one check with one of four values; a
 * fact that could not be read is unchecked, and a production act goes only when every required rule is ok: absence of
 * proof is not proof. The plan stores what the rules relied on; at commit the same facts are read again and compared.
 */
#pragma once

#include "core/model/model.h"

enum fact_state {
	FACT_UNREAD,
	FACT_OK,
	FACT_ABSENT,
	FACT_FAILED
}; /* ABSENT: the forge says there is no such thing */

/* One thing read for a plan. value is canonical text: equal text, equal fact. */
struct fact {
	const char *name; /* workflow, release, tag, in_flight, environment, gate, run, compare, lane, user */
	enum fact_state state;
	const char *value;
	const char
		*why; /* FACT_FAILED: error in words; FACT_ABSENT of a fact that was judged: what is wrong */
	const char *fix; /* what would clear it, where that is known, or NULL */
	struct when at;  /* local time it was read */
	bool pinned;     /* compared again at commit; others only inform */
};
struct facts VEC_OF(struct fact);

const struct fact *facts_find(const struct facts *f, const char *name);

/* One prerequisite, judged where it was read. Named KIND:NAME, or note:NAME when it only informs. */
struct preflight_need {
	const char *name;
	enum verdict status;
	const char *detail, *source;
	const char *fix; /* or NULL */
	struct when at;
};

/* What the engine knows when it plans; strings borrowed. Decoded facts are typed here, their fact says if they hold. */
struct preflight {
	const char *
		act; /* verb whose rules apply: a rollback by replay is judged as a replay, a merge as `merge` */
	bool back;          /* a rollback, whatever it is made of: a freeze does not stop it */
	const char *reason; /* given by a person; NULL none */
	bool production;
	const char *lane;
	const char *release;   /* NULL: the act has none */
	const char *who_login; /* token's login, NULL unknown */
	struct when now;
	int64_t lane_age_ms; /* -1 never synced */
	const struct facts *facts;
	/* dispatch, rollback */
	bool can_start; /* profile: lane starts by dispatch */
	const char *workflow, *workflow_state;
	const char *const *workflows; /* files whose runs are the lane's; NULL: workflow alone */
	const char *tag_sha;          /* NULL unresolved */
	const struct release *rel;    /* NULL none */
	const struct preflight_need *needs;
	size_t needs_n;
	const struct run *in_flight; /* runs of the lane's and exclusive workflows that are not completed */
	size_t in_flight_n;
	const struct run *own; /* runs we started lately that are not completed, listed by the forge or not */
	size_t own_n;
	const char *gate;          /* environment that gates the lane, or NULL */
	const char *environment;   /* JSON of FORGE_ENVIRONMENT, or NULL */
	const char *live;          /* release live now, "" unknown */
	int64_t behind;            /* commits of live not in candidate: >0 means going back; -1 unknown */
	const struct intent *twin; /* open intent on this lane or run, or NULL */
	bool rollback_ok;          /* profile: rollback by dispatch */
	const char *const *missing_inputs; /* NULL-terminated names, or NULL */
	/* approve, reject, cancel, rerun */
	const struct run *run;       /* NULL none */
	const struct gate *gate_row; /* pending gate of the environment asked for, or NULL */
	const char *expected_attempt_sha;
};

/* All rules that apply to the act, in table order. */
void preflight_run(struct checks *out, const struct preflight *p, struct arena *a);
/* True when the gate's reviewers are this one person: nobody else could approve, not even of his own run. */
bool preflight_asks_only(const char *reviewers, const char *login);
enum plan_verdict { PLAN_REFUSED, PLAN_GO, PLAN_STALE };
extern const struct names plan_verdict_names; /* refused go stale */
enum plan_verdict preflight_verdict(const struct checks *c);
/* Anything but ok stops the act; else the check of that name only informs. */
bool preflight_is_required(const char *name);
