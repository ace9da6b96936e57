/*
 * ledger.h - the shared ledger: what each console of the organisation has done, where all of them can read it.
 *
 * refs/pilothouse/ledger of one repository (--ledger) leads to a chain of commits; each says in its message what one console
 * has done since its last: JSON with id, host, from, to, audit (the mark of its own audit chain, so that the ledger is a
 * witness of it) and acts. It grows forward only: the forge takes one of two that saw the same commit, and the other tries
 * again on top. Nothing waits for it, and an act never fails by it: what is not written yet is what the audit chain has
 * beyond the last anchor "ledger", also after a restart. The id is the hash of the last line it tells, so that a commit whose
 * answer was lost is found again, and not written twice.
 */
#pragma once

#include "core/engine/internal.h"

#define LEDGER_REF "pilothouse/ledger"

struct ledger;
struct ledger *ledger_new(struct engine *en) must_check;
void ledger_free(struct ledger *l);          /* NULL: nothing */
bool ledger_is_busy(const struct ledger *l); /* something is to be told; l may be NULL */
void ledger_wake(struct ledger *l);          /* the chain has grown; l may be NULL */
