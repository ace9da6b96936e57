/*
 * act_reply.h - how an act answers: the plan, what became of the intent, or that nothing was sent and why.
 *
 * Each ends the ask with one JSON document and its exit status (the command-line contract, exits.def): 0 it is done, 1 a
 * no, 3 it is not known, 4 not sent, 5 facts too old, 6 the journal. Whatever the outcome, the keys of an act are there.
 */
#pragma once

#include "core/engine/act.h"

/* The plan, saved where that was asked for; `go` is the status of one that may go. */
void act_reply_plan(struct ask *k, int go);
/* What is known of the intent. One that is done and raised an alarm is 3: it happened, and is not what was meant. */
void act_settled(struct ask *k, const struct intent *in);
/* Nothing was sent: why, and what to do. What a rule stopped carries the whole plan with its checks. In the middle of an
 * act of several requests the intent stays open instead. */
void act_reply_stopped(struct ask *k, int status, const char *code, const char *message, const char *fix);
void act_reply_stopped_err(struct ask *k, const struct err *e);

/* Keys of the open object: of an intent, and of an act that sent nothing. */
void act_write_intent(struct jw *w, const struct ask *k, const struct intent *in);
void act_write_nothing(struct jw *w, int status);
