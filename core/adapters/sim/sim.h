/*
 * sim.h - one deterministic world on a clock: a simulated forge for drills, tests and training.
 *
 * world_new() builds the scenario's organisation. world_answer() is the whole face: a request in, an answer out, pure
 * but for the world; sim_http() wraps it as the http port in-process (answers come by timer on the loop, after the
 * scenario's latency), and serve.h puts it on loopback with libmicrohttpd. Time moves only when world_advance() is told
 * the present, so a drill of an hour takes milliseconds.
 */
#pragma once

#include "base/arena.h"
#include "base/json.h"
#include "base/vec.h"
#include "base/vec.h"
#include "base/yaml.h"
#include "core/port/http.h"

struct world;

struct world_options {
	const char *scenario; /* built-in name; NULL: "first-rollout" */
	int lanes, runs;      /* a large world beside the scenario; 0 none */
	double speed;         /* world milliseconds per clock millisecond; 1 real time */
	bool calm; /* colleagues push nothing by themselves, which a loaded machine meets in mid-act */
};

int world_new(struct world **out, const struct world_options *o, struct when start, struct err *e) must_check;
void world_free(struct world *w);
DEFINE_FREEP(struct world *, world, world_free)
void world_advance(struct world *w, struct when now); /* moves jobs, gates, delayed lists; never backwards */
/* Goes on from where it stands, whatever passed on the clock since it was last advanced. */
void world_resume(struct world *w, struct when now);
struct when world_now(const struct world *w);
/* When something will happen by itself next, on the clock that world_advance() is told; not known: never. */
struct when world_next(const struct world *w);

/* What the other end of the wire sees. `how` tells a face to misbehave after acting. */
enum world_fault { WORLD_OK, WORLD_RESET, WORLD_TIMEOUT, WORLD_TRUNCATE, WORLD_REFUSE };
struct world_answer {
	struct http_answer http; /* in the given arena */
	enum world_fault how;
	msec latency;
};
/* headers of the request that matter: authorization, if-none-match, accept, user-agent */
struct world_request {
	const char *method, *target; /* as on the wire; /api/v3 prefix accepted */
	const char *authorization, *if_none_match, *accept, *user_agent;
	const char *host;    /* of absolute URLs in answers: http://HOST/...; NULL: https://drill.invalid */
	const char *storage; /* host of the log storage, which is another origin; NULL: that of the answers */
	const char *body;
	size_t body_n;
};
void world_answer(struct world *w, const struct world_request *rq, struct world_answer *out, struct arena *a);

/* Faults a test or scenario can arm: the next `count` requests whose "METHOD path" match the glob misbehave. */
struct world_fault_rule {
	const char *match; /* "POST *dispatches" */
	enum world_fault how;
	int status;       /* nonzero: answer this status instead, e.g. 502, 403 */
	bool act_first;   /* the world acts before misbehaving */
	const char *body; /* with status; NULL: an HTML page */
	int retry_after;  /* seconds, 0: no header */
	int count;        /* -1 for ever */
};
void world_arm(struct world *w, const struct world_fault_rule *r);

/* For scores and tests. */
int world_count_runs(const struct world *w, const char *repo, const char *workflow, const char *event);
int world_count_requests(const struct world *w, const char *match); /* glob over "METHOD path" */
const char *world_live(const struct world *w, const char *lane);    /* release that is live, "" none */
struct goal {
	const char *text;
	bool met;
};
struct goals VEC_OF(struct goal);
void world_score(const struct world *w, struct goals *out, struct arena *a);

/* Scenario facts for the drill's front end. All borrowed from the world. */
struct drill_step { /* of `play:`: what the scripted captain does, headless */
	/* A command line, e.g. dispatch easy/prod v0.9.4 --confirm "easy/prod v0.9.4". {run} and {intent} stand for those
	 * that the act before has answered. "": only wait. */
	const char *line;
	const char *expect; /* exit status or state words: "0", "1", "unknown" */
	int64_t wait_ms;    /* world time to let pass before it */
	const char *until;  /* lane=state or lane.live=release to wait for before it, or NULL */
};
struct scenario {
	const char *name, *title, *brief;
	const struct drill_step *play;
	size_t play_n;
	const char *const *profiles; /* "easyenclave=easyenclave/easyenclave" */
	size_t profiles_n;
};
const struct scenario *world_scenario(const struct world *w);
/* The repositories there are, with the profile that fits each, as "profile=owner/name". */
size_t world_repos(const struct world *w, const char *const **out, struct arena *a);
/* Lanes whose running systems can be asked, as "lane=/path", below the origin of the face. */
size_t world_sites(const struct world *w, const char *const **out, struct arena *a);
/* Path below the origin where a Prometheus has counted the world's requests; NULL: nobody counts. */
const char *world_metrics(const struct world *w);
struct scenario_title {
	const char *name, *title;
};
size_t world_list(const struct scenario_title **out, struct arena *a); /* the built-in scenarios */

/* The file to believe, so that what the world attests can be verified: trusted_root.json. Made when it is asked for. */
const char *world_trusted_root(struct world *w, struct arena *a);
/* The same of its machines: tdx-collateral.json, tdx-root.pem, token-keys.json and token-root.pem, as an engine has them in STATE/roots;
 * none where it has no machines. */
struct world_file {
	const char *name, *text;
};
size_t world_evidence_files(struct world *w, const struct world_file **out, struct arena *a);
/* How every tunnel_token of its machines begins: a credential that must never be seen again. */
#define WORLD_CANARY "tunnel-canary-"

/* A cluster below /kube, and its gates below /kube/loadtester: objects of a text as a scenario's `kube:` list. */
int world_kube(struct world *w, const char *yaml, struct err *e) must_check;
bool world_has_kube(const struct world *w);

/* The in-process http port; borrows world and loop. Advances the world to the loop's clock on every request. */
int sim_http(struct http **out, struct world *w, struct loop *loop, struct err *e) must_check;
