/*
 * repo.h - nouns of a repository beside its runs: artifacts, deployments, files, pull requests, history. Same rules as
 * model.h: foreign strings are raw, times are the forge's, ids are 64-bit.
 */
#pragma once

#include "base/rec.h"
#include "base/vec.h"

struct artifact {
	int64_t id;
	const char *name;
	int64_t size; /* bytes of the zip */
	bool expired;
	struct when created, expires;
	const char *digest; /* sha256:.. of the zip, "" not said */
	int64_t run_id;
	const char *branch, *head_sha; /* of its run */
	bool foreign; /* a run for a fork's pull request made it: anybody may have written it, under any name */
};
extern const struct rec rec_artifact;

struct deployment {
	int64_t id;
	const char *sha, *ref, *environment, *description;
	const char *payload; /* JSON text; "" none */
	const char *creator;
	struct when created;
};
extern const struct rec rec_deployment;

struct deployment_status {
	int64_t id;
	const char *state, *description;
	struct when created;
};
extern const struct rec rec_deployment_status;

struct tree_entry {
	const char *path, *sha, *type; /* type: blob, tree, commit */
	int64_t size;
};
extern const struct rec rec_tree_entry;

struct pull {
	int64_t number;
	const char *title, *state; /* open, closed */
	bool merged, draft;
	const char *head, *head_sha, *base, *merge_sha; /* branches; commit it became, "" none */
	const char *labels;                             /* comma-separated */
	const char *
		mergeable; /* the forge's own word of one pull request: clean, unstable, blocked, behind, dirty,
				* draft, unknown; "" in lists. Only clean says that every required check has passed */
	const char *author, *url;
	struct when created, updated;
};
extern const struct rec rec_pull;

/* One commit of a list. */
struct history {
	const char *sha, *title, *author;
	struct when at;
};
extern const struct rec rec_history;

struct workflow_file {
	int64_t id;
	const char *path, *name, *state;
};
extern const struct rec rec_workflow_file;

struct git_ref {
	const char *name, *sha, *type; /* name without "refs/"; type: commit, tag */
};
extern const struct rec rec_git_ref;

/* A commit as git has it. */
struct git_commit {
	const char *sha, *message, *tree;
	const char *parent; /* the first; "" of a root */
	const char *author; /* as it was given, which proves nothing */
	struct when at;     /* when it was committed */
};
extern const struct rec rec_git_commit;

/* A run, or one job of it, that holds a concurrency group or waits for it. */
struct group_member {
	int64_t run_id, job_id;    /* job_id 0: the whole run */
	const char *name, *status; /* status: in_progress, pending */
};
extern const struct rec rec_group_member;

/* One attestation that a forge keeps for a digest: where its bundle is. The forge's word for it and no more; what it says
 * is for the verifier. */
struct attestation_ref {
	const char *bundle;    /* JSON, when it came along; "" */
	const char *url;       /* of the bundle; "" */
	int64_t repository_id; /* 0 not told */
	const char *initiator; /* user, github; "" */
};
extern const struct rec rec_attestation_ref;
