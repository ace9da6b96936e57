/*
 * tool.h - what the engine's program does for a verb without being an engine: no lock, nothing stored, nobody connected.
 *
 *	pilothouse-engine [GLOBAL options] profile list | show NAME | check FILE | init [--path DIR]
 *	pilothouse-engine [GLOBAL options] plan show PLAN | diff PLAN PLAN | sign PLAN | verify PLAN
 *	pilothouse-engine [GLOBAL options] proof import-root FILE [--force] | export LANE-or-RELEASE [--path DIR]
 *	pilothouse-engine [GLOBAL options] proof update-root INSTANCE [--mirror URL] [--root FILE] [--force]
 *	pilothouse-engine [GLOBAL options] audit verify [--anchors] | export
 *	pilothouse-engine [GLOBAL options] verify-quote --quote F --collateral F ... | verify-token --token F --jwks F ...
 *	pilothouse-engine [GLOBAL options] verify-bundle --bundle FILE ... FILE-or-DIGEST
 *
 * The console hands these words over because it knows neither profiles nor digests. They are printed here, as text or with --json as one
 * document, in the ways of the command-line reference: a sentence that goes wrong goes to stderr, and exit status 2 is
 * for what could not be asked.
 */
#pragma once

#include <stdio.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/loop.h"
#include "core/command/command.h"
#include "core/model/proof.h"
#include "core/port/attest.h"
#include "core/port/digest.h"
#include "core/port/forge.h"
#include "core/port/http.h"
#include "core/port/sign.h"
#include "core/port/tuf.h"
#include "core/port/witness.h"

struct tool {
	const char *const *words; /* the verb and what follows it */
	int words_n;
	const char *repo; /* --repo, or NULL */
	bool json;
	const char *journal_path, *ledger;
	const char *plans_dir, *allowed_signers; /* the latter may be NULL */
	sha256_fn sha256;
	const struct attest_ops *attest;
	const char *roots_dir; /* imported trusted roots */
	const char *mirror;    /* of them, or NULL */
	tuf_update_fn tuf;
	int (*open_mirror)(void *ctx, struct http **out, const char *base,
			   struct err *e); /* owned by the one who opens */
	const char *cache_path, *evidence_dir;
	struct sign *sign;
	struct witness *witness; /* or NULL */
	struct loop *loop;
	/* Opens the forge; asked only by what reads it. */
	int (*open)(void *ctx, struct forge **out, struct err *e);
	void *ctx;
	struct arena *arena;
};

/* True for words that are a tool's. */
bool tool_is(const char *word);
int tool_run(struct tool *t); /* the exit status */

/* ---- for the files of a verb ---- */
struct tooling {
	struct tool *t;
	struct command c;
	struct buf out;
	struct jw w; /* of out, with --json */
};
struct tool_action {
	const char *word, *args;
	int n; /* words with this one */
	int (*run)(struct tooling *j);
};
/* Prints what is in out, safe. Both return the exit status. */
int tool_finish(struct tooling *j, int status);
int tool_fail(struct tooling *j, int status, const struct err *e);
/* A text, made safe: as people read it, or as JSON. */
void tool_print(FILE *to, const char *s, size_t n, bool json);

/* ---- audit_tool.c ---- */
int ledger_show(struct tooling *j); /* ledger_tool.c */
const struct tool_action *audit_action(struct tooling *j, struct err *e);

/* ---- verdict_tool.c: what a verify verb prints, and its exit status: 0 verified or warned, 5 stale, 1 everything else ---- */
/* `facts` writes one JSON object; text is made of the checks alone. `note`: one line more, raw, or NULL. Returns the exit
 * status. */
int verdict_print(struct tooling *j, enum proof_status s, enum proof_reason reason, const char *note,
		  const struct proof_checks *checks, void (*facts)(struct jw *w, const void *of),
		  const void *of);

/* ---- quote_tool.c ---- */
const struct tool_action *quote_action(struct tooling *j, struct err *e);
/* ---- bundle_tool.c ---- */
const struct tool_action *bundle_action(struct tooling *j, struct err *e);

/* ---- roots_tool.c ---- */
const struct tool_action *roots_action(struct tooling *j, struct err *e);
extern const struct tool_action export_action; /* export_tool.c */
extern const struct tool_action update_action; /* roots_update.c */

/* ---- plantool.c ---- */
const struct tool_action *plan_action(struct tooling *j, struct err *e);

/* ---- sources.c: workflow files, from a folder or from the forge ---- */
struct draft_files;
/* *.yml and *.yaml of DIR/.github/workflows, or of DIR itself, by name. */
int sources_local(struct draft_files *out, const char *dir, struct arena *a, struct err *e) must_check;
int sources_forge(struct draft_files *out, struct forge *forge, struct loop *loop, const char *repo,
		  struct arena *a, struct err *e) must_check;
