/*
 * internal.h - the parts of the github adapter, for each other only.
 *
 * An endpoint is a row (endpoints.c): where it is, where its records are, and a map from JSON to a record. What a map
 * cannot say about one record (nested arrays) is a function of the row. A call (github.c, act.c) is one read or act
 * from request to done(); everything that it decodes lives in its arena. Paths and URLs are path.c's, what a status
 * means is status.c's, what an act sends is bodies.c's.
 */
#pragma once

#include "base/json.h"
#include "core/adapters/github/github.h"
#include "core/adapters/github/keep.h"

#include <sys/queue.h>

struct call;

struct github {
	struct forge forge; /* first: forge_ops get this */
	struct http *http;
	const struct clock *clock;
	LIST_HEAD(, call) live;
	struct keep keep;
};

/* ---- path.c: what goes into a URL and what may come out of one --------------------------------------------------- */

/* Values of the placeholders of a path template; NULL and 0 are absent. */
struct slots {
	const char *repo, *workflow, *name, *name2, *created;
	const char *head; /* owner:branch */
	const char *status;
	int64_t id, number;
};

/* True when every placeholder of the template has a value. */
bool path_fits(const char *template, const struct slots *s);
/* Expands {repo} {workflow} {id} {number} {name} {name2}, {+name} (slashes kept), {&created} and other parameters
 * (nothing when absent), {*name} (a whole URL: nothing but it).
 * ERR_INVALID for a value that could name something else: control characters, empty or ".." segments. */
int path_expand(struct buf *out, const char *template, const struct slots *s, struct err *e) must_check;
/* A URL from an answer as a target of ours, or NULL: another origin, or no place below /repos/ or /repositories/. */
const char *path_ours(const struct github *g, const char *url);
/* The target of rel="next" in a Link header, or NULL. *more: there is one, ours or not. */
const char *path_next(const struct github *g, const char *link, bool *more, struct arena *a);
/* The forge's host for messages. */
const char *path_host(const struct github *g, struct arena *a);
/* A URL that may be asked without being the forge's: https anywhere, http to this machine. */
bool path_is_probe(const char *url);
/* Where a redirect from `url` leads when it stays at the same scheme, host and port; else NULL. */
const char *path_beside(const char *url, const char *location, struct arena *a);
/* The host of an absolute URL, for messages. */
const char *path_host_of(const char *url, struct arena *a);

/* ---- endpoints.c: the table ------------------------------------------------------------------------------------- */

/* Completes one record from its whole JSON. */
typedef int (*complete_fn)(const struct json *j, void *record, struct arena *a, struct err *e);
/* Puts one record right that the map has filled: no tree is made for it (a tree costs ten times the stream). */
typedef void (*finish_fn)(void *record, struct arena *a);
/* Reads a document that is no record of the model. */
typedef int (*document_fn)(const struct json *j, struct forge_answer *out, struct arena *a, struct err *e);

struct endpoint {
	enum forge_read_kind kind;
	const char *path;
	const char *
		list; /* member that holds the array, "" for a root array; NULL: the document is one record */
	const struct jmap *map;
	size_t map_n;
	const struct rec *rec;
	complete_fn complete; /* NULL: the map says everything */
	finish_fn finish;     /* or NULL */
	document_fn document; /* instead of map and rec */
	const char *accept;   /* not NULL: bytes, not JSON */
	const char *cut;      /* member of the root that says that the list is not whole */
	bool none;            /* 404 says that there is none, and is an empty list */
	bool packed;          /* bytes that may be Snappy */
	bool stranger;        /* elsewhere from the beginning: never with a token, wherever it is or leads */
	size_t max;           /* bytes of an answer; 0: the http port's own limit */
	bool storage;         /* may be redirected to storage anywhere, once and without token */
	int pages;            /* when the caller does not say; 0: 1 */
};

/* The row for a kind whose placeholders all have values, or NULL. */
const struct endpoint *endpoint_find(enum forge_read_kind kind, const struct slots *s);
extern const struct endpoint endpoints[];
extern const size_t endpoints_n;

/* ---- documents.c: completers and documents of the table ----------------------------------------------------------- */

void finish_run(void *record, struct arena *a);
void finish_ref(void *record, struct arena *a);
int complete_job(const struct json *j, void *record, struct arena *a, struct err *e) must_check;
int complete_gate(const struct json *j, void *record, struct arena *a, struct err *e) must_check;
int complete_review(const struct json *j, void *record, struct arena *a, struct err *e) must_check;
int complete_release(const struct json *j, void *record, struct arena *a, struct err *e) must_check;
int complete_artifact(const struct json *j, void *record, struct arena *a, struct err *e) must_check;
int complete_deployment(const struct json *j, void *record, struct arena *a, struct err *e) must_check;
int complete_pull(const struct json *j, void *record, struct arena *a, struct err *e) must_check;
int complete_history(const struct json *j, void *record, struct arena *a, struct err *e) must_check;
int complete_git_commit(const struct json *j, void *record, struct arena *a, struct err *e) must_check;
int complete_attestation(const struct json *j, void *record, struct arena *a, struct err *e) must_check;
int document_deployment(const struct json *j, struct forge_answer *out, struct arena *a,
			struct err *e) must_check;
int document_commit(const struct json *j, struct forge_answer *out, struct arena *a,
		    struct err *e) must_check;
int document_compare(const struct json *j, struct forge_answer *out, struct arena *a,
		     struct err *e) must_check;
int document_environment(const struct json *j, struct forge_answer *out, struct arena *a,
			 struct err *e) must_check;
int document_workflow(const struct json *j, struct forge_answer *out, struct arena *a,
		      struct err *e) must_check;
int document_variable(const struct json *j, struct forge_answer *out, struct arena *a,
		      struct err *e) must_check;
int document_access(const struct json *j, struct forge_answer *out, struct arena *a,
		    struct err *e) must_check;
int document_user(const struct json *j, struct forge_answer *out, struct arena *a, struct err *e) must_check;
int document_rate(const struct json *j, struct forge_answer *out, struct arena *a, struct err *e) must_check;

/* ---- decode.c: bytes -> records ----------------------------------------------------------------------------------- */

/* Appends a page's records to the answer (items, n, damaged, first_damage); *cap is the capacity of items. */
int decode_page(const struct endpoint *ep, const char *text, size_t n, struct forge_answer *out, size_t *cap,
		struct arena *a, struct err *e) must_check;

/* ---- status.c: what an answer that is not a plain success means ------------------------------------------------------ */

/* Rate limit, date, token's end, drill. */
void status_facts(const struct http_answer *h, struct forge_answer *out, struct arena *a);
/* Fills *e for any status that is no success. `what` is the target, for messages. Returns <0. */
int status_error(const struct github *g, const struct http_answer *h, bool act, const char *what,
		 struct err *e) must_check;
/* The same for an answer that is not the forge's: what its host refuses says nothing about our token. */
int status_foreign(const struct http_answer *h, const char *host, struct err *e) must_check;
bool status_is_json(const struct http_answer *h);

/* ---- bodies.c: what an act sends, and what it refuses to -------------------------------------------------------------- */

/* Writes the body, or nothing when the act has none. ERR_INVALID for what must not be asked. plain: without what an
 * old server does not know. */
typedef int (*body_fn)(struct jw *w, const struct forge_act *a, bool plain, struct err *e);
int body_dispatch(struct jw *w, const struct forge_act *a, bool plain, struct err *e) must_check;
int body_review(struct jw *w, const struct forge_act *a, bool plain, struct err *e) must_check;
int body_ref(struct jw *w, const struct forge_act *a, bool plain, struct err *e) must_check;
int body_variable(struct jw *w, const struct forge_act *a, bool plain, struct err *e) must_check;
int body_forward(struct jw *w, const struct forge_act *a, bool plain, struct err *e) must_check;
int body_blob(struct jw *w, const struct forge_act *a, bool plain, struct err *e) must_check;
int body_tree(struct jw *w, const struct forge_act *a, bool plain, struct err *e) must_check;
int body_commit(struct jw *w, const struct forge_act *a, bool plain, struct err *e) must_check;
int body_no_ref(struct jw *w, const struct forge_act *a, bool plain, struct err *e) must_check;
int body_file(struct jw *w, const struct forge_act *a, bool plain, struct err *e) must_check;
int body_pull(struct jw *w, const struct forge_act *a, bool plain, struct err *e) must_check;
int body_merge(struct jw *w, const struct forge_act *a, bool plain, struct err *e) must_check;
int body_label(struct jw *w, const struct forge_act *a, bool plain, struct err *e) must_check;

/* ---- calls -------------------------------------------------------------------------------------------------------- */

struct call {
	LIST_ENTRY(call) link;
	struct github *g; /* NULL: the adapter is gone, and done() was called */
	struct arena arena;
	void *ctx;
	const char *target; /* of the request under way */
	const char *method; /* of an act */

	/* reads: github.c */
	forge_done done;
	const struct endpoint *ep;
	const char *etag;
	int pages, page, redirects;
	bool foreign;
	bool keep, fresh;      /* forge_read.keep; a page of it was not replayed */
	const char *kept_etag; /* sent from the memory with the request under way */
	bool local;            /* a probe: the address was given to us, not answered by the forge */
	struct forge_answer answer;
	size_t cap;

	/* acts: act.c */
	forge_acted acted;
	enum forge_act_kind act;
	const char *body;
	const char *retry_body; /* without what an old server does not know; NULL none */
};

struct call *call_new(struct github *g, void *ctx);
void call_free(struct call *c);

int act_start(struct forge *f, const struct forge_act *a, forge_acted done, void *ctx,
	      struct err *e) must_check;
int act_describe(struct forge *f, const struct forge_act *a, struct buf *request, struct buf *body,
		 struct err *e) must_check;
