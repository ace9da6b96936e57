/*
 * internal.h - what the parts of the engine know of each other. Nothing outside core/engine/ includes it.
 */
#pragma once

#include "core/engine/engine.h"

#include <string.h>

struct sync;   /* sync.c: polling */
struct acts;   /* act.c: plans in memory, acts under way */
struct survey; /* survey.c: evidence */
struct prover; /* prover.c: verifying */
struct fleets; /* fleets.c: judging machines */
struct tidy;   /* tidy.c: old evidence */
struct sentry; /* sentry.c: guards of canaries */

struct engine {
	struct engine_options o;
	struct sync *sync;
	struct acts *acts;
	struct survey *survey; /* NULL: not wanted */
	struct prover *prover; /* NULL: nothing here can verify */
	struct tidy *tidy;     /* NULL: nothing is kept */
	struct fleets *fleets; /* NULL: nothing here can judge machines */
	struct roots *roots;   /* that it believes */
	struct when began;     /* what was judged before was judged by the policy of that time */
	struct sentry *sentry;
	int attached;
	bool keep_polling; /* `sync` without --once */
	bool follows;      /* another engine of this user is the poller of this forge */
	engine_event on_event;
	void *on_event_ctx;
	struct when holds_end;   /* lanes are judged anew then, if nothing else makes them: lanes.c */
	struct when silence_end; /* the same for what is awaited: silence.c */
	int64_t skew_ms;         /* server clock minus ours, from the newest Date; 0 unknown */
	const char *login;       /* token's login, heap; NULL unknown */
	char *drill;             /* scenario name, heap; NULL: the real thing */
	struct ledger *ledger;   /* or NULL: none is told */
	struct err no_chain;     /* why there is no audit chain */
	char *asks_from;         /* engine_asks_from(), heap; NULL */
	const char *caller;      /* the same, of the ask that is being written down; NULL none */
	struct asked *asked;     /* engine.c: answers that are not delivered yet */
};

static inline struct when engine_now(const struct engine *en)
{
	return clock_wall(loop_clock(en->o.loop));
}
/* Somebody or something wants facts that are young: a console, `sync`, a guard. */
bool engine_is_watched(const struct engine *en);
/* The controller that moves this lane's traffic; NULL: no cluster is named for it. */
static inline struct rollout *engine_mover(const struct engine *en, const char *lane)
{
	for (size_t i = 0; i < en->o.movers.n; i++)
		if (!strcmp(en->o.movers.items[i].lane, lane))
			return en->o.movers.items[i].rollout;
	return NULL;
}
/* 0: what is done can be written down; else why it cannot, and what to do about it. */
int engine_journal(const struct engine *en, struct err *e) must_check;
void engine_emit(struct engine *en, const char *event, const char *text);
/* Every answer passes here: rate budget, skew, drill mark, token expiry. Defined in sync.c. */
void engine_note_answer(struct engine *en, const struct forge_answer *a, const struct err *err);
/* True when the token was refused (401) and acts are locked until it works again; why in words. */
bool engine_token_refused(const struct engine *en, const char **why);

/* ---- sync.c ---- */
int sync_new(struct sync **out, struct engine *en, struct err *e) must_check;
void sync_free(struct sync *s);
/* One pass over everything that is due (all: over everything), then done(ctx, worst error or NULL). */
struct sync_total {
	int64_t requests, not_modified, bytes, runs;
};
typedef void (*sync_done)(void *ctx, const struct sync_total *total, const struct err *err);
void sync_now(struct sync *s, sync_done done, void *ctx);
void sync_focus(struct sync *s, const char *lane, int64_t run);
void sync_wake(struct sync *s); /* something changed (an act was sent): poll that soon */
void sync_watch_run(struct sync *s, const char *repo,
		    int64_t run); /* read this run often until it is completed */
bool sync_busy(const struct sync *s);
/* Milliseconds to wait before the rate limit lets us ask, 0: now. for_act: the reserve may be used. */
int64_t sync_rate_wait(const struct sync *s, bool for_act);
/* forge_read() for a person or an open intent: ERR_RATE, and nothing is asked, while the forge wants to be left alone. */
int engine_read(struct engine *en, const struct forge_read *r, forge_done done, void *ctx,
		struct err *e) must_check;

/* ---- act.c, plan.c, facts.c, reconcile.c ---- */
int acts_new(struct acts **out, struct engine *en,
	     struct err *e) must_check; /* reads open intents; SENT becomes UNKNOWN */
void acts_free(struct acts *a);
/* The run of this file delivers a package again: its commit is not the one that it delivers. */
bool lane_is_replay(const struct profile_lane *l, const char *path);
bool acts_leave(struct acts *a, const void *reply_ctx); /* engine_leave() */
bool acts_busy(const struct acts *a); /* an act or plan is under way, or an intent is open */
/* plan and act verbs (dispatch approve reject rollback cancel rerun abandon, plan, reconcile, log). */
void acts_ask(struct acts *a, const struct command *c, const char *plan_id, engine_reply reply, void *ctx);
/* Mirrors an intent into the cache for screens. */
int acts_mirror(struct engine *en, const struct intent *in, struct err *e) must_check;
/* Judges every lane of a repo again from the cache (runs, jobs, gates, open intents); defined in lanes.c (sync side). */
int lanes_judge(struct engine *en, const char *repo, struct err *e) must_check;

/* ---- survey.c ---- */
struct survey *survey_new(struct engine *en) must_check;
void survey_free(struct survey *s);
/* Looks at everything once, then done(ctx); also when the engine ends before. What failed stands in the rows. */
typedef void (*survey_done)(void *ctx);
void survey_now(struct survey *s, survey_done done, void *ctx);
uint64_t survey_unchanged(const struct survey *s); /* readings that were answered 304 so far */
bool survey_busy(const struct survey *s);          /* somebody waits for it; s may be NULL */
void survey_notice(struct survey *s); /* the cache changed: a run may have ended; s may be NULL */
/* By its jobs, as far as they were read: the green run skipped its work. */
bool survey_did_nothing(const struct engine *en, const struct profile_lane *l, int64_t run);
/* Looks at the proofs of one release of the lane now, then done(ctx), once; also when the engine ends before. False: nothing
 * here looks. s may be NULL. */
bool survey_prove(struct survey *s, const struct profile_lane *lane, const char *release, survey_done done,
		  void *ctx) must_check;
void survey_soon(struct survey *s, const char *repo); /* something was done to it; s may be NULL */

/* ---- retag.c ---- */
/* What our own journal says stood under the lane's tag before the move that made it `digest`; NULL: it does not say. */
const char *retag_before(const struct engine *en, const char *lane, const char *image, const char *tag,
			 const char *digest, struct arena *a);

/* ---- contract.c ---- */
struct yaml;
/* What a workflow file says below workflow_dispatch, or the word itself; NULL: it cannot be dispatched. */
const struct yaml *contract_dispatch(const struct yaml *file);
