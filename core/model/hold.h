/*
 * hold.h - what holds a lane now, and what should have happened and did not. Rows of the cache, one list a lane.
 *
 * A hold is somebody's decision that a lane takes nothing new: a freeze of the system, a lock of ours or of another
 * captain, the con. Several may stand at once, and each kind has one writer, who replaces all of his rows of a lane
 * together (store/holds.h): nobody wipes what another kind says. A hold that ran out holds nothing, though its row may
 * still be there. An alarm is open as long as its row is there; whoever raised it clears it.
 */
#pragma once

#include "base/rec.h"
#include "base/vec.h"

enum hold_kind {
	HOLD_OTHER,
	HOLD_FREEZE,     /* the line of the system is stopped: tag, label, state file */
	HOLD_LOCK,       /* a lock that we took */
	HOLD_FOREIGN,    /* a lock of another captain */
	HOLD_CON_FREEZE, /* whoever has the con stopped every lane */
};
extern const struct names hold_kind_names; /* other freeze lock foreign-lock con-freeze */

struct hold {
	const char *lane;   /* system/environment */
	int64_t ordinal;    /* of the lane's holds; store_holds_put() gives it */
	int kind;           /* enum hold_kind */
	const char *owner;  /* who; "" not known */
	const char *reason; /* one line */
	const char *source; /* where it stands: tag frozen/rollback */
	int64_t epoch;      /* of a lock: grows with each holder; 0 none */
	struct when since;  /* when it was first seen, or as it says itself */
	struct when until;  /* then it is over; not known: until somebody lifts it */
	bool advisory;      /* nothing but people's respect enforces it */
	struct when at;     /* local time it was read */
};
extern const struct rec rec_hold;
struct holds VEC_OF(struct hold);

/* It holds at that time: the forge's time and ours are not told apart here, for locks last minutes at least. */
bool hold_is_active(const struct hold *h, struct when now);

enum alarm_kind {
	ALARM_OTHER,
	ALARM_SILENCE, /* nothing came where something was due */
	ALARM_HEAD,    /* a run is of another commit than was meant */
	ALARM_EVICTED, /* a pending run was displaced by a newer one */
	ALARM_TWIN,    /* two runs carry the nonce of one intent */
	ALARM_GLASS,   /* an act went out by break-glass */
	ALARM_DOUBT,   /* whether something is wrong is not known: told, and not counted */
	ALARM_GUARD, /* a guard of a canary cannot do what it was left for, or does not know whether it did */
	ALARM_BACK,  /* a lane went back, and was not verified in its time */
	ALARM_HALF,  /* an act stopped between two of its requests: what was sent stands, the rest was not */
	ALARM_FLEET, /* machines: sources contradict each other, or somebody widened the trust or relaxed a policy */
};
extern const struct names
	alarm_kind_names; /* other silence head-mismatch evicted twin break-glass doubt guard not-verified half-done machines */

struct alarm {
	int kind;            /* enum alarm_kind */
	const char *subject; /* what it is about, one alarm of a kind each: a run id, a workflow */
	const char *lane;    /* "" of no lane */
	const char *text;    /* one line */
	const char *fix;     /* what to do; "" */
	struct when since;   /* when it was first raised: later ones of the same subject keep it */
	struct when at;      /* local time it was last seen to be so */
};
extern const struct rec rec_alarm;
struct alarms VEC_OF(struct alarm);
