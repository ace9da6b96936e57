/*
 * reconcile.h - intents whose outcome is open: reconcile.c keeps the list and the clock, looks.c looks at the forge.
 *
 * A look reads what the intent's last request would have made, and never sends anything. It ends in look_judge(), which
 * settles the intent, or leaves it for the next look, or, when it was looked for long enough, for a person.
 */
#pragma once

#include "core/engine/act.h"

/* An intent whose outcome is open (or known, and not yet in the journal). Looked for until it is settled. */
struct open_intent {
	struct open_intent *next;
	struct acts *acts; /* NULL: the engine is gone, a look is still under way */
	struct arena arena;
	struct arena look; /* one look's values */
	struct intent in;
	struct ask *waiter;
	bool unrecorded; /* the journal has not taken the present state */
	bool sent_here;  /* by this process: then our monotonic clock bounds the wait too */
	msec sent_mono, interval, due;
	int pending;
	bool gone; /* settled or forgotten while a look was under way */

	/* What this look has found. */
	struct json *step; /* in.step, NULL: an older record, or damaged */
	bool failed, short_list;
	struct when began; /* server time */
	int64_t run_id, twin_id, probable_id, attempt;
	const char *run_url, *head_sha;
	int matches, probables;
	bool gate_waits;
	int state; /* enum intent_state the look proves, 0 nothing */
	const char *words;
};

#define LOOK_FIRST_MS   2000
#define LOOK_SLOWEST_MS 30000
#define LOOK_NEVER      INT64_MAX
#define NOT_FOUND_MS    (10 * 60 * 1000) /* reliability 5.8: the bound is ours, the forge gives none */
#define SKEW_ALLOWED_MS 120000           /* what is ours may seem made before we sent */

/* ---- reconcile.c ---- */
int reconcile_start(struct acts *a, struct err *e) must_check; /* leftovers of an engine that stopped */
void reconcile_stop(struct acts *a);
void reconcile_add(struct acts *a, const struct intent *in, struct ask *waiter);
/* The state of in is known and the journal did not take it: tried again until it does. */
void reconcile_unrecorded(struct acts *a, const struct intent *in);
/* k's intent stands in the journal, and what it is to say there cannot be written: then it says that it is none. */
void reconcile_undone(struct ask *k, const char *why);
/* Why nobody acts on what the journal has of it now: more is known here, or may be in a moment. NULL: somebody may. */
const char *reconcile_knows_more(struct acts *a, int64_t intent);
bool reconcile_busy(const struct acts *a);
bool reconcile_is_behind(const struct acts *a); /* what became of an act is known here, and nowhere else */
void reconcile_forget(struct acts *a, int64_t intent);
void reconcile_drop_ask(struct acts *a, const struct ask *k);
void reconcile_ask(struct ask *k); /* the verb */
/* Answers the verb with what is known of this intent. */
void reconcile_told(struct ask *k, int64_t intent);

/* ---- accept.c: a person's word ---- */
bool accept_wanted(const struct ask *k);
void accept_ask(struct ask *k, int64_t intent);

/* ---- reconcile.c, for looks ---- */
void open_free(struct open_intent *o);
struct open_intent *open_find(struct acts *a, int64_t intent); /* NULL: it is not in the list */
struct when open_server_now(const struct engine *en);
struct when open_server_sent(const struct open_intent *o);
void open_settle(struct open_intent *o, int state, const char *note);
void open_note(struct open_intent *o, const char *note);
/* ... and into the journal, once for as long as it is the same. */
void open_keep_note(struct open_intent *o, const char *note);
/* Somebody may wait for looks of all. */
void open_answer(struct acts *a);
/* A look is over: the clock is set for the next, and who waited is told. */
void open_looked(struct acts *a);

/* ---- looks.c ---- */
void look_start(struct open_intent *o);
/* By server time and ours since o->began: long enough for what is not seen not to be there. */
bool open_waited_out(const struct open_intent *o);

/* ---- what was seen; a NULL: the forge says that there is no such thing. It sets state and words, or what judge needs ---- */
/* look_runs.c */
void look_saw_runs(struct open_intent *o, const struct forge_answer *a);
void look_saw_gates(struct open_intent *o, const struct forge_answer *a);
void look_saw_reviews(struct open_intent *o, const struct forge_answer *a);
void look_saw_attempt(struct open_intent *o, const struct forge_answer *a);
void look_saw_run(struct open_intent *o, const struct forge_answer *a);
void look_judge_dispatch(struct open_intent *o);
void look_judge_review(struct open_intent *o);
/* Why this run cannot be the outcome of the dispatch, in words; NULL: it can. */
const char *look_impossible(struct open_intent *o, const struct run *r);
bool look_sent_by(const struct intent *in, const char *login);
/* look_steps.c */
void look_saw_ref(struct open_intent *o, const struct forge_answer *a);
void look_saw_no_ref(struct open_intent *o, const struct forge_answer *a);
void look_saw_chain(struct open_intent *o, const struct forge_answer *a);
void look_saw_tail(struct open_intent *o, const struct forge_answer *a);
void look_saw_object(struct open_intent *o, const struct forge_answer *a);
void look_saw_file(struct open_intent *o, const struct forge_answer *a);
void look_saw_pulls(struct open_intent *o, const struct forge_answer *a);
void look_saw_pull(struct open_intent *o, const struct forge_answer *a);
void look_saw_bearers(struct open_intent *o, const struct forge_answer *a);
void look_saw_variable(struct open_intent *o, const struct forge_answer *a);
void look_saw_moves(struct open_intent *o, const struct rollout_name *name, const struct rollout_answer *a);
void look_saw_manifest(struct open_intent *o, const struct registry_answer *a);
