/*
 * engine.h - owns the truth: one loop, one token, one journal; everything that changes the forge passes here.
 *
 * The engine is made of parts that know each other through this header's struct only:
 *	sync.c     what to ask next and when; cache writes; rate governor
 *	facts.c    reads the facts that a plan needs
 *	ways.h     how each act is planned: what it reads and would send; a file a way
 *	plan.c     command -> plan (requests, checks, phrase, id)
 *	act.c      commit: same facts again, journal, send once, outcome; steps.c: of several requests
 *	reconcile.c  what became of an intent that is open; looks.c: by what it would have made
 *	request.c  one line of a client -> one answer
 *	server.c   socket, peers, events;  lock.c  one engine per state directory, one poller per host
 *
 * Tests and headless drills run it inline on a manual clock over the simulated http port.
 */
#pragma once

#include "base/log.h"
#include "base/loop.h"
#include "core/command/command.h"
#include "core/port/attest.h"
#include "core/port/digest.h"
#include "core/port/fleet.h"
#include "core/port/forge.h"
#include "core/port/git.h"
#include "core/port/metrics.h"
#include "core/port/quote.h"
#include "core/port/registry.h"
#include "core/port/rollout.h"
#include "core/port/sign.h"
#include "core/port/witness.h"
#include "core/port/zip.h"
#include "core/profile/profile.h"
#include "core/rules/preflight.h"
#include "store/journal.h"
#include "store/store.h"

/* Where a running system can be asked itself: --site LANE=URL. */
struct site {
	const char *lane, *url; /* without a slash at its end */
};
struct sites VEC_OF(struct site);

/* Where the metrics of a lane's canary are asked. */
struct meter {
	const char *lane;
	struct metrics *metrics;
};
struct meters VEC_OF(struct meter);

/* Who moves the traffic of a lane by itself: the controllers in its cluster. */
struct mover {
	const char *lane;
	struct rollout *rollout;
};
struct movers VEC_OF(struct mover);

struct engine_options {
	struct loop *loop; /* borrowed, all of it */
	struct forge *forge;
	struct git *git;                 /* or NULL */
	struct http *http;               /* for counting; or NULL */
	struct zip *zip;                 /* or NULL: artifacts stay unchecked */
	struct registry *registry;       /* or NULL: images stay unchecked */
	struct meters meters;            /* a lane without one has samples without numbers */
	struct movers movers;            /* of a lane without one no controller is asked, or told anything */
	sha256_fn sha256;                /* mandatory where acts are planned */
	struct sign *sign;               /* or NULL: signatures stay missing */
	const struct attest_ops *attest; /* or NULL: proofs stay unchecked */
	struct fleet *fleet;             /* or NULL: machines stay unchecked */
	const char *roots_dir;           /* imported trusted roots; or NULL */
	const char *trusted_root;        /* a file instead of all of them; or NULL */
	const char *evidence_dir;        /* where evidence is kept; or NULL */
	struct store *cache;
	struct witness *witness;  /* or NULL: no log of this host hears of the audit chain */
	const char *journal_path; /* as the witness is told; NULL: then no evidence goes either (tidy.h) */
	const char *ledger;       /* OWNER/NAME of the shared ledger, or NULL */
	struct journal *journal;  /* NULL: acts are refused with journal_why */
	const char *journal_why, *journal_fix; /* and what to do; NULL: doctor knows more */
	const struct profiles *profiles;
	const struct log *log;       /* or NULL */
	const char *who;             /* "ana@bastion" */
	const char *api;             /* the forge's REST base: a plan is for one; or NULL */
	const char *plans_dir;       /* where plans are kept; or NULL */
	const char *allowed_signers; /* whose signatures count; or NULL */
	msec interval;               /* base polling interval; 0: 15 s */
	const char
		*seed; /* any text: what intervals differ by from another engine's; NULL: always the same */
	bool survey;   /* look for evidence: decisions, drift, ways back, freezes */
	struct sites sites;
	const struct quote_ops *quotes; /* or NULL: machines stay unchecked */
	bool read_only;
	bool stays;           /* somebody starts it again when it is killed: it is a service */
	bool lock_after_back; /* a lane that was rolled back is locked, until somebody says otherwise */
};

struct engine;
int engine_new(struct engine **out, const struct engine_options *o, struct err *e) must_check;
void engine_free(struct engine *en);
DEFINE_FREEP(struct engine *, engine, engine_free)

/* Someone watches (count of attached consoles): polling goes on. */
void engine_attach(struct engine *en, int delta);
/* Where the ask that follows comes from (SSH_CONNECTION), for the audit chain; NULL: from here. */
void engine_asks_from(struct engine *en, const char *client);
void engine_focus(struct engine *en, const char *lane, int64_t run);
bool engine_is_polling(const struct engine *en); /* somebody asked for it (`sync` without --once) */
/* It will not go on: who asked for polling (`sync` without --once) is told why, and not what the first pass found. */
void engine_end_polling(struct engine *en, const struct err *why);
/* Another engine of this user polls this forge: ask a quarter as often, and say so. */
void engine_follow(struct engine *en, bool follow);
/* Something holds the engine alive: an attached console, `sync`, an open intent, a request under way. */
bool engine_is_needed(const struct engine *en);
/* What became of an act is known here, and the journal has not taken it yet: who ends now takes it along. */
bool engine_is_behind(const struct engine *en);
/* A guard is armed, or about what it does: this engine must not end by itself. */
bool engine_is_guarding(const struct engine *en);
/* Acts are on their way to the shared ledger. */
bool engine_is_telling(const struct engine *en);

/* Answers one command. reply(ctx, exit status, JSON object text: result or {error:..}) exactly once, from the loop. */
typedef void (*engine_reply)(void *ctx, int exit_status, const char *json);
void engine_ask(struct engine *en, int argc, const char *const *argv, const char *plan_id, engine_reply reply,
		void *ctx);

/*
 * Whoever asked with this ctx has left or thinks better of it: an act that has no intent yet will have none, and is
 * answered 130. True: so it is, or it never would send. False: it was sent or may have been, or there is no such ask.
 */
bool engine_leave(struct engine *en, const void *ctx);

/* Told after each commit to the cache that changed what a screen shows; and notices in words. "token": it is refused;
 * "token-again": still, at every later try. */
typedef void (*engine_event)(void *ctx, const char *event, const char *text);
void engine_on_event(struct engine *en, engine_event fn, void *ctx);
