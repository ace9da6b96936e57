/*
 * content.h - what a repository of the simulated forge holds beside its runs: commits with their files, refs, pull
 * requests, artifacts, deployments; and the images of the registry. Private to this folder.
 *
 * The files of a commit are a chain of changes that it shares with the commits before it: looking for a path takes the
 * newest change that names it. Commits are known by their place in the repository's list, -1 for none.
 */
#pragma once

#include "base/vec.h"
#include "core/adapters/sim/workflow.h"

struct sim_user;

struct sim_file {
	const char *path, *content, *sha; /* content NULL: it is gone */
	const struct sim_file *older;
};
struct sim_files VEC_OF(const struct sim_file *);
struct sim_commit {
	const char *sha, *subject;
	const struct sim_user *author;
	int64_t at;
	long parent, merged; /* merged: the other parent of a merge */
	const struct sim_file *files;
	const char *message;           /* the whole; NULL: the subject is all */
	const struct sim_object *tree; /* of files; NULL until somebody asks */
};
/* A blob or a tree that is known by its content. */
struct sim_object {
	const char *sha, *type; /* blob, tree */
	const char *content;
	const struct sim_file *files;
};
struct sim_change {                         /* a commit to be made */
	const char *branch, *subject, *sha; /* sha NULL: made up */
	const struct sim_user *author;
	int64_t at;
	long merged;
	const struct sim_file *files; /* the chain as it shall be */
};
struct sim_ref {
	const char *name, *sha; /* name: tags/x, heads/x, or anything else that somebody made */
};

struct sim_pull {
	int64_t number, created, updated, closed;
	const char *title, *body, *head, *base;
	const char *head_sha, *merge_sha; /* head_sha: of a closed one; an open one has its branch's */
	const struct sim_user *author;
	bool open, merged, issue; /* issue: no pull request, only something to talk about */
	VEC(const char *) labels;
};

struct sim_entry {
	const char *name, *text;
};
struct sim_entries VEC_OF(struct sim_entry);
struct sim_artifact {
	int64_t id, created, expires;
	const char *name;
	struct sim_run *run;
	struct sim_entries entries;
	const char *zip, *digest; /* made when somebody asks; NULL until then */
	size_t zip_n;
};

struct sim_deployment_status {
	const char *state, *at, *description; /* at: ISO time */
};
struct sim_deployment {
	int64_t id, created;
	struct sim_run *run;
	const char *environment, *description, *payload; /* payload: JSON; the forge's own have "{}" */
	bool payload_text;                               /* its payload is JSON in a string */
	VEC(struct sim_deployment_status) states;
};

struct sim_manifest {
	const char *digest, *type, *bytes;
};
struct sim_tag {
	const char *name, *digest;
};
struct sim_image {
	const char *name; /* owner/name as below /v2/ */
	VEC(struct sim_manifest) manifests;
	VEC(struct sim_manifest) blobs; /* of evidence; nobody uploads layers here */
	VEC(struct sim_tag) tags;
};
