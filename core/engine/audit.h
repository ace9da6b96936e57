/*
 * audit.h - what a line of the audit chain says, and how the chain is proved. store/audit.h keeps the lines.
 *
 * A line is one JSON object in its canonical form, hashed by SHA-256 as it stands:
 *	v, seq, kind ("genesis" or "act"), prev (hash of the line before; zeros for the first), at, server_at
 *	by      who wrote it: user (ana@bastion), uid, login of the token, client (SSH_CONNECTION of who asked just now)
 *	log     the row of intent_log it was written with
 *	intent  what never changes of the act: nonce, act, lane, repo, subject, command, reason, who, client, target, plan id
 *	        and the SHA-256 of the facts it relied on
 *	move    state, run, sends and the words of this moment
 *	sent    the request that left last: its first line, and the SHA-256 of body and record
 * The genesis line has no intent: it counts and hashes (each row's form after the hash so far) what the journal held before.
 *
 * A chain that was rewritten from some line to its end is whole again. So its head is shown to others: witnesses that cannot
 * be rewritten from here. A mark is "SEQ HASH", the hash cut to AUDIT_MARK_HEX digits (128 bits: to hit one of them with
 * another line is out of reach, and short enough for a comment).
 */
#pragma once

#include "core/port/digest.h"
#include "store/audit.h"

struct engine;
struct jw;

#define AUDIT_MARK_HEX 32
#define AUDIT_ZEROS    "0000000000000000000000000000000000000000000000000000000000000000"

/* Begins the chain where there is none, and makes this engine its writer. An error says why nothing may be sent. */
int audit_start(struct engine *en, struct err *e) must_check;
void audit_stop(struct engine *en);
/* The mark of the head, or "" when there is no chain that could be read. In a. */
const char *audit_head(const struct engine *en, struct arena *a);

/* ---- act.c, planned.c ---- */
struct ask;
/* act_record() of what k does just now: its line says where that was asked. */
/* Enters k->intent, armed, into journal and chain. 1: a twin is open, see *twin. */
int act_add(struct ask *k, struct intent *twin, struct err *e) must_check;
int act_record_for(struct ask *k, const struct intent *in, struct err *e) must_check;
/* What k's act aims at, as JSON, and the mark of the head as it was then. In its arena. */
const char *plan_target(struct ask *k);

/* ---- audit_mark.c: the head goes where others see it ---- */
#define AUDIT_INPUT "audit_head" /* of a workflow that declares it */
/* The mark that goes out with k's act: of the head before it, the same whenever it is repeated; PLAN_NONCE in a plan, ""
 * for acts from before the chain. In k's arena. */
const char *audit_mark(struct ask *k, const char *nonce);
/* " [pilothouse audit SEQ HASH]" for a comment, or "". */
const char *audit_remark(struct ask *k, const char *nonce);
/* The first mark in a text as audit_remark() writes it. False: there is none. */
bool audit_mark_in(const char *text, int64_t *seq, char hash[AUDIT_MARK_HEX + 1]);
/* After a move that is in the journal: a comment that holds a mark is remembered as an anchor, and the host's own log hears
 * of the head. What cannot be told is in the log; nothing waits for it. */
void audit_told(struct engine *en, const struct intent *in);

/* ---- audit_form.c: the parts of a line, from rows; verifying makes them again ------------------------------------------ */
struct audit_part {
	const char *key; /* "intent", "move", "sent" */
	void (*write)(struct jw *w, const struct intent *in, sha256_fn sha);
};
extern const struct audit_part audit_identity, audit_move, audit_sent;
/* The canonical text of a part, for *in; NULL when it has none. In a. */
const char *audit_part_text(const struct audit_part *part, const struct intent *in, sha256_fn sha,
			    struct arena *a);
/* intent_log's part of an intent. */
struct intent audit_of_log(const struct journal_log *log);

/* What the genesis line says of the rows up to the given ids (INT64_MAX: all). */
struct audit_past {
	int64_t intents, logs;         /* how many */
	int64_t last_intent, last_log; /* largest ids */
	char hash[DIGEST_HEX];
};
int audit_past(struct journal *j, int64_t last_intent, int64_t last_log, sha256_fn sha,
	       struct audit_past *out, struct err *e) must_check;
/* "2026-11-21T07:08:09.123Z" */
#define AUDIT_TIME 40
const char *audit_time(struct when t, char out[AUDIT_TIME]);

/* ---- audit_verify.c ------------------------------------------------------------------------------------------------------ */

enum audit_tamper {
	AUDIT_EDITED,    /* a line is not what was hashed, or not what the next line follows */
	AUDIT_DELETED,   /* lines are missing before others */
	AUDIT_SWAPPED,   /* two lines have changed places */
	AUDIT_INSERTED,  /* a line that nothing made */
	AUDIT_TRUNCATED, /* lines are missing at the end */
	AUDIT_RECHAINED, /* whole, but not what a witness saw */
	AUDIT_DISAGREES, /* whole, but the journal's rows say otherwise */
};
extern const struct names
	audit_tamper_names; /* edited deleted swapped inserted truncated rechained disagrees */

struct audit_finding {
	enum audit_tamper kind;
	int64_t seq; /* the first line it is about */
	const char *words;
};
struct audit_findings VEC_OF(struct audit_finding);

/* A witness that was to be asked. */
struct audit_asked {
	const char *witness, *place;
	int64_t seq; /* line that it has seen, 0 none */
	int status;  /* enum verdict */
	const char *detail;
	bool silent; /* it was never told of this chain, as far as can be known: not checked, and no gap in the proof */
};

struct audit_report {
	struct audit_findings findings; /* by line */
	VEC(struct audit_asked) asked;  /* empty unless they were to be */
	int64_t lines;
	struct audit_line last; /* the head; seq 0: there is no chain */
	int64_t acts_before;    /* intents that were there before the chain */
};
/* Proves the chain and holds it against intent and intent_log. A chain with findings is no error; damage of the file is. */
int audit_verify(struct journal *j, sha256_fn sha, struct audit_report *out, struct arena *a,
		 struct err *e) must_check;
/* ---- audit_anchors.c ---- */
struct tool;
/* Asks the host's log and every anchor; findings and asked grow. */
int audit_ask_witnesses(struct tool *t, struct journal *j, struct audit_report *out,
			struct err *e) must_check;

/* Holds a mark that a witness has seen against the chain; adds a finding when it does not fit. True when it fits. */
bool audit_mark_fits(struct journal *j, int64_t seq, const char *hash, const char *witness,
		     struct audit_report *out, struct arena *a);
