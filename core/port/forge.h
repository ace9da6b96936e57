/*
 * forge.h - port: what the engine asks of a forge, in the product's nouns. adapters/github implements it on an http port.
 *
 * One read function and one act function, each with a kind: an endpoint is a row of a table in the adapter, not a
 * function of its own here. done() is called exactly once, from the loop, never from inside the call. The answer and
 * everything in it is borrowed for the duration of done(): copy what must stay.
 *
 * Reads may be repeated freely. Acts are sent once and never retried; err.kind then says what is known:
 * ERR_OFFLINE / ERR_CANCELLED nothing left; ERR_AUTH ERR_FORBIDDEN ERR_CONFLICT ERR_MISSING ERR_RATE the forge answered
 * 4xx and refused; everything else (5xx, timeout, reset, nonsense) is ERR_UNKNOWN. err.stands: refused because it is so
 * already; only then may a refusal count as done.
 */
#pragma once

#include "base/loop.h"
#include "core/model/model.h"
#include "core/model/repo.h"

enum forge_read_kind {
	FORGE_RUNS,     /* repo [workflow]: newest first, list of struct run. number = page size (<=100) */
	FORGE_RUN,      /* repo id: one struct run */
	FORGE_JOBS,     /* repo id [number=attempt, 0: the latest]: all pages joined, struct job */
	FORGE_GATES,    /* repo id: pending deployments, struct gate (run_id, attempt, since left 0) */
	FORGE_REVIEWS,  /* repo id: struct review */
	FORGE_RELEASES, /* repo: newest 30 first, struct release */
	FORGE_RELEASE,  /* repo name=tag: struct release */
	FORGE_COMMIT, /* repo name=ref ("tags/v1", "heads/main", sha): text = commit sha, text2 = first line of message */
	FORGE_COMPARE, /* repo name=base name2=head: number = ahead_by, number2 = behind_by, text = JSON [{sha,title,author,date}] newest first, cut at 250 */
	FORGE_ENVIRONMENT, /* repo name: text = JSON {id,name,reviewers:[..],prevent_self_review,wait_timer,branch_policy,can_admins_bypass}; ERR_MISSING when absent */
	FORGE_WORKFLOW,    /* repo name=file: number = id, text = state, text2 = name */
	FORGE_USER,        /* text = login */
	FORGE_LOG, /* repo id=job: text = raw log bytes, number = length. Follows one redirect, without token. Above 16 MiB: ERR_SERVER */
	FORGE_RATE, /* fills answer.rate */
	FORGE_FILE, /* repo name=path name2=ref: text = raw bytes, number = length */
	FORGE_ASSET, /* repo id=asset: text = raw bytes, number = length. Like FORGE_LOG; above 4 MiB: ERR_SERVER */
	FORGE_ARTIFACTS, /* repo [id=run] [name=exact name] number = page size: struct artifact, newest first */
	FORGE_ARTIFACT, /* repo id: text = bytes of the zip, number = length. Like FORGE_LOG; above 32 MiB: ERR_SERVER */
	FORGE_DEPLOYMENTS, /* repo [name=environment] number = page size: struct deployment, newest first */
	FORGE_DEPLOYMENT, /* repo id: of its newest status text = state, text2 = URL of its log, else of the environment; ERR_MISSING when it has none. All of them as struct deployment_status, newest first */
	FORGE_TREE, /* repo name=commit, branch or tag: struct tree_entry of the whole tree; cut when the forge cut it */
	FORGE_PULLS, /* repo [name=branch of ours that is the head] [name2=base] number = page size, newest first: struct pull */
	FORGE_PULL,      /* repo id=number: one struct pull */
	FORGE_LABELLED,  /* repo name=label: open issues and pull requests that bear it, as struct pull */
	FORGE_COMMITS,   /* repo name=ref [name2=path] number = page size: struct history, newest first */
	FORGE_WORKFLOWS, /* repo: struct workflow_file */
	FORGE_PROBE, /* name = an absolute URL of the system itself: text = bytes, number = length, sent without a token;
		      * https, or http to this machine; redirects are followed within that origin only. Above 1 MiB, or a
		      * status other than 200: ERR_SERVER (404, 410: ERR_MISSING) */
	FORGE_REF, /* repo name=ref ("heads/x", "pilothouse/x"): one struct git_ref; ERR_MISSING when it is not there */
	FORGE_REFS, /* repo name=how refs begin, no slash at the end: struct git_ref; none is an empty list */
	FORGE_GIT_COMMIT, /* repo name=sha: one struct git_commit with its whole message */
	FORGE_GROUP, /* repo name=concurrency group: struct group_member, who holds it first; ERR_MISSING: nobody is in it,
		      * or an older server that does not tell */
	FORGE_VARIABLE, /* repo name: of Actions: text = its value, text2 = when it was set; ERR_MISSING: there is none, or no
			 * access to any */
	FORGE_ACCESS, /* repo: number = 1 who asks may write to it, 0 may not, -1 not told. What he may, his token may not */
	FORGE_ATTESTATIONS, /* repo name=digest ("sha256:.."), all pages joined: struct attestation_ref. None, or a forge that
			     * knows of none (404): an empty list; whatever else went wrong is an error and no list */
	FORGE_ATTESTATION_BUNDLE, /* name=attestation_ref.url: text = the bundle's JSON, number = length. Storage of somebody else:
				   * https, no token even at the forge's own origin, redirects without one too. Above 4 MiB,
				   * packed or unpacked: ERR_SERVER; what does not unpack: ERR_SERVER */
	FORGE_READ_MAX_
};

struct forge_read {
	enum forge_read_kind kind;
	const char *repo;     /* owner/name */
	const char *workflow; /* file name, or NULL */
	int64_t id;
	int64_t number;
	const char *name, *name2;
	const char *etag;   /* of the previous whole answer, or NULL: then not_modified may come */
	int pages;          /* list reads: at most this many pages (0: 1); cut says when there was more */
	const char *status; /* FORGE_RUNS: only runs of that status; FORGE_PULLS: open or closed; NULL: any */
	const char *created_from; /* FORGE_RUNS: ISO time, runs created at or after, or NULL */
	bool keep; /* will be asked again: the adapter may keep the answer and ask whether it still holds. Not
		    * with etag; bytes from storage and probes are read whole all the same */
};

struct forge_rate {
	int64_t limit, remaining; /* -1 unknown */
	struct when reset;
};

struct forge_answer {
	bool not_modified; /* 304: nothing else is filled but rate and date */
	bool replayed;     /* keep: 304 all through, and filled from what was kept: it cost nothing */
	const char *etag;  /* NULL none */
	struct forge_rate rate;
	struct when date;          /* server's clock */
	struct when token_expires; /* not known: none */
	const char *drill;         /* scenario name when the other side is a drill, else NULL */
	const void *items;         /* array of the kind's record */
	size_t n;
	size_t damaged; /* records refused, with first_damage in words */
	const char *first_damage;
	bool cut; /* more pages than asked for */
	int64_t number, number2;
	const char *text, *text2;
};

typedef void (*forge_done)(void *ctx, const struct forge_answer *answer,
			   const struct err *err); /* one of them NULL */

enum forge_act_kind {
	FORGE_DISPATCH, /* repo workflow ref inputs: run_id where the forge says it */
	FORGE_REVIEW,   /* repo run environment_ids approve comment */
	FORGE_CANCEL,   /* repo run [force] */
	FORGE_RERUN,    /* repo run [failed_only] */
	FORGE_REF_CREATE, /* repo ref ("heads/x", "tags/x", "pilothouse/x") sha; 422 when it is there: ERR_CONFLICT */
	FORGE_REF_DELETE,   /* repo ref; 422 when it is not there: ERR_MISSING */
	FORGE_FILE_PUT,     /* repo branch path content old_sha (blob it replaces, NULL: new) title=message */
	FORGE_PULL_OPEN,    /* repo head base title comment=body: number of the new pull request as run_id */
	FORGE_PULL_MERGE,   /* repo number sha (its head must be this) method */
	FORGE_LABEL_ADD,    /* repo number label */
	FORGE_LABEL_REMOVE, /* repo number label; 404: ERR_MISSING */
	/* Objects: they change nothing until a ref leads to them, and the same object twice is one. */
	FORGE_BLOB_CREATE, /* repo content: sha */
	FORGE_TREE_CREATE, /* repo path [content, else old_sha of a blob] [tree: what it is added to]: sha */
	FORGE_COMMIT_CREATE, /* repo title=message tree [parent]: sha */
	/* repo ref sha, forward only: the forge's compare-and-swap. ERR_CONFLICT when sha does not descend from what the ref
	 * is at, or there is no such ref. */
	FORGE_REF_UPDATE,
	/* repo path=name [content=value]: variables of Actions, which workflows read as vars.NAME. They have no version: what was
	 * read may have changed when the request arrives. CREATE of one that is there: ERR_CONFLICT; UPDATE or DELETE of one
	 * that is not: ERR_MISSING. */
	FORGE_VARIABLE_CREATE,
	FORGE_VARIABLE_UPDATE,
	FORGE_VARIABLE_DELETE,
};
extern const struct names
	forge_act_names; /* dispatch review ... label_remove: of a multi-step plan's records */

struct forge_act {
	enum forge_act_kind kind;
	const char *repo;
	const char *workflow, *ref;
	const char *inputs; /* JSON object text of string values */
	int64_t run;
	const int64_t *environment_ids;
	size_t environment_ids_n;
	bool approve; /* false: reject */
	const char *comment;
	bool force, failed_only;
	const char *sha, *old_sha;
	const char *branch, *path,
		*content; /* content: text as it shall stand there; the adapter encodes it */
	const char *head, *base, *title, *method, *label;
	const char *tree, *parent; /* shas */
	int64_t number;            /* pull request or issue */
};

struct forge_result {
	int64_t run_id;      /* 0: accepted, and no id was given */
	const char *run_url; /* or NULL */
	const char *
		sha; /* what was made: commit of REF_CREATE, REF_UPDATE, FILE_PUT, PULL_OPEN (its head), PULL_MERGE,
			  * COMMIT_CREATE; blob, tree; or NULL */
	int status; /* HTTP status */
	struct when date;
};

typedef void (*forge_acted)(void *ctx, const struct forge_result *result, const struct err *err);

struct forge;
struct forge_ops {
	int (*read)(struct forge *f, const struct forge_read *r, forge_done done, void *ctx,
		    struct err *e); /* mandatory */
	int (*act)(struct forge *f, const struct forge_act *a, forge_acted done, void *ctx,
		   struct err *e); /* mandatory */
	/* mandatory, synchronous, no I/O: "POST /repos/..." and the exact body that act() would send. */
	int (*describe)(struct forge *f, const struct forge_act *a, struct buf *request, struct buf *body,
			struct err *e);
	void (*free)(struct forge *f);
};
struct forge {
	const struct forge_ops *ops;
};

static inline int forge_read(struct forge *f, const struct forge_read *r, forge_done done, void *ctx,
			     struct err *e)
{
	return f->ops->read(f, r, done, ctx, e);
}
static inline int forge_act(struct forge *f, const struct forge_act *a, forge_acted done, void *ctx,
			    struct err *e)
{
	return f->ops->act(f, a, done, ctx, e);
}
static inline int forge_describe(struct forge *f, const struct forge_act *a, struct buf *rq, struct buf *body,
				 struct err *e)
{
	return f->ops->describe(f, a, rq, body, e);
}
static inline void forge_free(struct forge *f)
{
	if (f)
		f->ops->free(f);
}
