/*
 * face.h - the REST face of the simulated forge: one request being answered. Private to this folder.
 *
 * answer.c admits the request (faults, identity, quota), routes.c finds the row of the table that fits, a handler
 * writes JSON through c->j or calls call_error(), and answer.c puts the headers on. Values live in the caller's arena;
 * only what changes the world goes into the world's.
 */
#pragma once

#include "core/adapters/sim/moves.h"

enum { CALL_PARAMS = 4 };

struct call {
	struct world *w;
	const struct world_request *rq;
	struct arena *a;
	const char *path, *query; /* decoded no further than the wire; query "" none */
	const char *base;         /* https://host, for URLs in answers */
	const char *token;
	const struct sim_user *user;
	struct sim_repo *repo;
	const char *rest;               /* of a repository: path below it */
	const char *param[CALL_PARAMS]; /* percent-decoded */
	struct json *body;              /* of POST; NULL none or no JSON */
	struct buf out;
	struct jw j;
	int status;
	const char *type; /* content type */
	VEC(struct http_header) headers;
};
typedef void (*call_fn)(struct call *c);

/* ---- answer.c ---- */
void call_error(struct call *c, int status, const char *fmt, ...) format_printf(3, 4);
void call_missing(struct call *c);
void call_header(struct call *c, const char *name, const char *value);
const char *call_query(struct call *c, const char *name); /* decoded; NULL absent */
int64_t call_query_int(struct call *c, const char *name, int64_t fallback, int64_t min, int64_t max);
int64_t call_param_int(const struct call *c, int i); /* 0 when it is no number */
struct call_page {
	size_t from, size, page;
};
struct call_page call_page(struct call *c, int64_t size_default, int64_t size_max);
void call_link(struct call *c, const struct call_page *p, size_t total);
const char *call_decode(struct arena *a, const char *s, size_t n);
/* get_files.c: RFC 4648; NULL: it is none */
const char *call_base64(struct call *c, const char *s);
const char *call_unbase64(struct arena *a, const char *s);
void call_storage(struct call *c, const char *kind, int64_t id); /* a redirect to bytes elsewhere */

/* ---- routes.c ---- */
void call_route(struct call *c);

/* ---- render.c: one object of the forge each ---- */
void put_str(struct jw *j, const char *key, const char *s);
void put_time(struct jw *j, const char *key, int64_t ms);
void put_url(struct call *c, const char *key, const char *fmt, ...)
	format_printf(3, 4); /* below the repository */
void put_web(struct call *c, const char *key, const char *fmt, ...)
	format_printf(3, 4); /* the page people see */
const char *put_node(struct call *c, const char *prefix, int64_t id);
void put_user(struct call *c, const char *key, const struct sim_user *u);
void put_run(struct call *c, struct sim_run *run, int attempt);
void put_job(struct call *c, struct sim_run *run, int attempt, int index);
const char *step_name(const struct sim_job *job, int s);
void put_workflow(struct call *c, const struct sim_workflow *wf);
void put_environment(struct call *c, const struct sim_environment *env, bool brief);
void put_deployment(struct call *c, const struct sim_deployment *d);
void put_release(struct call *c, const struct sim_release *rel);
void put_asset(struct call *c, const struct sim_release *rel, const struct sim_asset *asset);
void put_person(struct call *c, const char *key, const struct sim_commit *commit);
void put_parents(struct call *c, const struct sim_commit *commit);
void put_commit(struct call *c, const struct sim_commit *commit);
void put_repo(struct call *c, const char *key, const struct sim_repo *r, bool brief);

/* ---- handlers ---- */
void get_user(struct call *c);
void get_rate(struct call *c);
void get_root(struct call *c);
void post_graphql(struct call *c);
void get_repo(struct call *c);
void get_workflows(struct call *c);
void get_workflow(struct call *c);
void get_runs(struct call *c);
void get_workflow_runs(struct call *c);
void get_run(struct call *c);
void get_jobs(struct call *c);
void get_job(struct call *c);
void get_job_log(struct call *c);
void get_run_log(struct call *c);
void get_artifacts(struct call *c);
void get_artifact(struct call *c);
void get_artifact_zip(struct call *c);
void get_reviews(struct call *c);
void get_gates(struct call *c);
void get_groups(struct call *c);
void get_group(struct call *c);
void get_run_groups(struct call *c);
void get_environments(struct call *c);
void get_environment(struct call *c);
void get_deployments(struct call *c);
void get_deployment(struct call *c);
void get_deployment_states(struct call *c);
void get_releases(struct call *c);
void get_release(struct call *c);
void get_release_latest(struct call *c);
void get_release_tag(struct call *c);
void get_assets(struct call *c);
void get_asset(struct call *c);
void get_commits(struct call *c);
void get_commit(struct call *c);
void get_compare(struct call *c);
void get_ref(struct call *c);
void get_matching_refs(struct call *c);
void get_branch(struct call *c);
void get_branches(struct call *c);
void get_contents(struct call *c);
void get_tree(struct call *c);
void get_pulls(struct call *c);
void get_pull(struct call *c);
void get_pull_commits(struct call *c);
void get_issues(struct call *c);
void get_issue(struct call *c);
void get_labels(struct call *c);
void get_check_runs(struct call *c);
void get_annotations(struct call *c);
void get_commit_status(struct call *c);
void get_permission(struct call *c);
void get_nothing(struct call *c); /* an empty list */
void post_dispatch(struct call *c);
void post_gates(struct call *c);
void post_cancel(struct call *c);
void post_force_cancel(struct call *c);
void post_rerun(struct call *c);
void post_rerun_failed(struct call *c);
void get_blob(struct call *c);
void post_blob(struct call *c);
void post_tree(struct call *c);
void get_git_commit(struct call *c);
void post_git_commit(struct call *c);
void post_ref(struct call *c);
void patch_ref(struct call *c);
void delete_ref(struct call *c);
void post_pull(struct call *c);
void put_merge(struct call *c);
void patch_pull(struct call *c);
void post_labels(struct call *c);
void delete_label(struct call *c);
void put_contents(struct call *c);
void get_variables(struct call *c);
void get_variable(struct call *c);
void post_variable(struct call *c);
void patch_variable(struct call *c);
void delete_variable(struct call *c);
void get_attestations(struct call *c);
void get_org_attestations(struct call *c);
void post_attestations(struct call *c);
void put_enable(struct call *c);
void put_disable(struct call *c);

/* ---- logs.c: storage behind /_logs/; get_artifacts.c: other bytes that are there ---- */
void log_serve(struct call *c);
const char *log_signature(struct call *c, const char *what, int64_t id, int64_t until);
bool storage_serve(struct call *c, const char *kind, int64_t id);

/* ---- v2.c, probe.c, metrics.c, kube.c: what is no forge ---- */
void registry_serve(struct call *c);
void registry_referrers(struct call *c, const char *image, const char *digest);
void registry_blob(struct call *c, const char *image, const char *digest);
void bundle_serve(struct call *c); /* /_bundles/..., another place: no token belongs there */
void probe_serve(struct call *c);
void metrics_serve(struct call *c); /* /prometheus/... */
void kube_serve(struct call *c);    /* /kube/... */
struct sim_fleet;
/* fleet_face.c; f NULL: the lane has no machines. False: there is no such place. */
bool fleet_serve(struct call *c, struct sim_fleet *f, const char *what);
void fleet_health(struct call *c, struct sim_fleet *f); /* its own quote, a member of /health */
void heard_serve(struct call *c);                       /* /_heard?match=GLOB over "METHOD path" */
