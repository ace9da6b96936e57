/*
 * sentry_own.h - what the files of the sentry share: sentry.c keeps guards and hears, sentry_go.c asks for their acts,
 * sentry_ask.c is the verb.
 */
#pragma once

#include "core/engine/act.h"
#include "core/engine/sentry.h"

/* One lane's guard. */
struct post {
	struct post *next;
	struct sentry *s;
	struct canary_guard g; /* as the journal has it, but for `would` */
	struct arena arena;    /* its strings */
	uint64_t fails;        /* judgements since it was armed by this engine, newest in bit 0 */
	int silents;           /* looks in a row without a number */
	msec heard;            /* monotonic: the last judgement, or when it was armed or taken over */
	msec interval;         /* between judgements, as the canary says */
	bool asking;           /* its act was asked for and is not answered */
	bool open;             /* its intent is: looked for, nothing is sent */
	bool half; /* a part of its act has happened: the rest is wanted, whatever the canary says by now */
	bool rehearsing;
	msec rehearse_at; /* when what it would do is planned again */
	msec again; /* when what the journal did not take, or a dead engine left, is tried again; 0 never */
	char breach[300];  /* what is tried then, "" none */
	char trouble[600]; /* why a person is wanted, "" nothing */
};

struct sentry {
	struct engine *en;
	struct post *posts;
	struct timer *tick;
	bool stopped;
};

#define REHEARSE_MS INT64_C(300000)
#define AGAIN_MS    2000
#define HALF_MS     30000

struct post *post_of(const struct sentry *s, const char *lane);
/* The same for a state and its reason. */
int post_end(struct post *p, enum guard_state state, const char *reason);
void post_trouble(struct post *p, const char *fmt, ...) format_printf(2, 3); /* "" ends it */
void post_touch(struct post *p); /* screens, alarms, and the clock */
/* Armed by a captain just now: *in is its intent, in the journal. 1: *there is up already. */
int post_arm(struct sentry *s, const struct canary_guard *g, const struct intent *in,
	     struct canary_guard *there, struct arena *a, struct err *e) must_check;
/* Taken away; by is the intent that does it, moved in the same transaction. */
int post_disarm(struct post *p, const char *reason, const struct intent *by, struct err *e) must_check;
msec sentry_mono(const struct sentry *s);

/* ---- sentry_go.c ---- */
/* Asks for what it may do, unless that is under way. */
void guard_go(struct post *p);
/* Plans it without sending, for p->g.would. */
void guard_rehearse(struct post *p);
/* The command that it is: "rollback LANE --reason WHY", with plan before it and a phrase behind it where wanted. */
struct guard_line {
	const char *argv[10];
	int argc; /* 0: there is no act for it */
};
/* A canary that something of ours can end is ended first, in the same act: else its run would go on beside the way back. */
struct guard_line guard_line(const struct engine *en, const char *lane, int may, const char *why);
struct guard_line guard_plan_line(struct guard_line act);
/* Its verb, for words; NULL: there is no act for it. */
const char *guard_verb(const struct engine *en, const char *lane, int may);
/* A plan's answer in one line: what would leave, or what stands against it (*goes is false then). In a. */
const char *guard_plan_words(const char *json, bool *goes, struct arena *a);
