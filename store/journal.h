/*
 * journal.h - the durable record of what we meant to do, written before it is done.
 *
 * WAL with synchronous=FULL: an intent that journal_add() acknowledged survives a power cut (NORMAL loses it: measured,
 * reliability reference 0.4). Only the engine opens it for writing, under the engine's lock. It is never rebuilt: a
 * damaged journal stops every act, names the file and says how to recover. Each change of state is one row of intent_log,
 * so nothing is overwritten; intent holds the present. With it a line of the audit chain is written (store/audit.h). Any failure to write is ERR_STORE and nothing may be sent.
 */
#pragma once

#include "core/model/model.h"
#include "store/store.h"

struct journal;

int journal_open(struct journal **out, const char *path, struct err *e) must_check;
/* To look at it beside the engine that writes it, or without one. STORE_ABSENT (2): there is none, *out is NULL. */
int journal_open_reader(struct journal **out, const char *path, struct err *e) must_check;
/* What a cache knows and its journal does not was lost with the journal's file, though nothing of the file tells so: then
 * ERR_CORRUPT, for one that began anew would send a twin. j: NULL, there is none at this path. */
int journal_holds_known(struct journal *j, const char *path, struct store *cache, struct err *e) must_check;
/* For acts: as journal_open(), unless something was lost; then no file is made, which would take the place of the one that
 * is put back. */
int journal_open_beside(struct journal **out, const char *path, struct store *cache,
			struct err *e) must_check;
/* What is read between them is of one moment. */
int journal_snapshot(struct journal *j, struct err *e) must_check;
void journal_snapshot_end(struct journal *j);
void journal_close(struct journal *j);
DEFINE_FREEP(struct journal *, journal, journal_close)

/* Writes a new intent (state ARMED), durable on return; sets in->id. Refuses (1) when an open intent with the same act
 * and lane (without a lane: same act, repo and subject), or any with the same nonce, exists: *twin is that one (in a).
 * A plain abort that is not found forbids none that goes back. */
int journal_add(struct journal *j, struct intent *in, struct intent *twin, struct arena *a,
		struct err *e) must_check;
/* Moves an intent on; durable on return. Copies state, request, body, step, done, run_id, run_url, note, sends, sent,
 * settled of *in. A closed one never opens again, for a twin may have gone since: ERR_CONFLICT. */
int journal_advance(struct journal *j, const struct intent *in, struct when at, struct err *e) must_check;
struct intents VEC_OF(struct intent);
/* A row of intent_log: an intent as it was at one moment. */
struct journal_log {
	int64_t id, intent;
	struct when at; /* local */
	int state;
	int64_t run_id;
	const char *run_url, *note;
	int64_t sends;
};
extern const struct rec rec_journal_log;
int journal_open_intents(struct journal *j, struct intents *out, struct arena *a, struct err *e) must_check;
int journal_recent(struct journal *j, int limit, struct intents *out, struct arena *a,
		   struct err *e) must_check;
/* All that were made of a plan, or whose run this is, newest first: however long ago. */
int journal_of_plan(struct journal *j, const char *plan_id, struct intents *out, struct arena *a,
		    struct err *e) must_check;
int journal_of_run(struct journal *j, int64_t run, struct intents *out, struct arena *a,
		   struct err *e) must_check;
int journal_get(struct journal *j, int64_t id, struct intent *out, struct arena *a,
		struct err *e) must_check; /* 1: none */
/* What an asset held when it was first read here. Adds *seen unless there is a word already; *first is the one that
 * counts (strings in a). Durable on return when it was new. */
struct asset_seen {
	const char *repo, *tag, *name;
	const char *sha256; /* 64 hex digits */
	struct when first_seen;
};
extern const struct rec rec_asset_seen;
int journal_asset_seen(struct journal *j, const struct asset_seen *seen, struct asset_seen *first,
		       struct arena *a, struct err *e) must_check;
/* True while the file we have open is still the one at its path (st_dev, st_ino): checked before every act. */
bool journal_in_place(struct journal *j);
