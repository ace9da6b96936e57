/*
 * plandoc.h - a plan as a document: what it is named by, compared by, saved and signed as.
 *
 * The document is canonical JSON (base/json_canonical.h) of the exact requests, in order, and of everything they rely on:
 *
 *	format      "pilothouse-plan/1"
 *	api repo lane act command confirm production release sha    what it is about, and the words that ask for it
 *	profile     {name, sha256}: of what the profile says, whatever its file looks like
 *	requests    [{request, body, what}]: exactly as they would leave, PLAN_NONCE where the nonce will be
 *	relies_on   {NAME: {state, value}}: each pinned fact
 *	limits      {facts_ms, needs: {NAME: hours}}: how old a fact may be when the first request leaves, and evidence
 *
 * Its SHA-256 is the plan's name. Ages are in it as limits and never as values; nor is when it was made, nor what the
 * rules said, for they are run again. So the same world gives the same name, and another name says that something moved:
 * plan_diff() then says what, one line a difference. `sha256sum ID.json` prints the ID.
 *
 * Whoever commits a plan makes its document again from facts that are at most PLAN_FACTS_MAX_AGE old.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "core/port/digest.h"

#define PLAN_FORMAT       "pilothouse-plan/1"
#define PLAN_DOCUMENT_MAX ((size_t)4 << 20)
#define PLAN_SHOWN        8 /* hex digits of its name that people read; as many at least find it again */

struct ask;
/* k's document into plan.document and its name into plan.id. */
int plan_name(struct ask *k, struct err *e) must_check;
/* True when the person meant this plan: its name, or at least PLAN_SHOWN digits from its beginning. */
bool plan_is_named(const char *id, const char *given);
bool plan_is_name(const char *given); /* it could be that of any plan */

struct plan_lines VEC_OF(const char *);
/* What differs between two documents, in the order of their members; facts first, as "tag moved: A -> B". The words are
 * raw. A text that is no document is one line that says so. */
void plan_diff(const char *was, const char *is, struct plan_lines *out, struct arena *a);
