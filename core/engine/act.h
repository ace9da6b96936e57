/*
 * act.h - one ask of a client on its way from a command line to its answer; shared by plan, act, facts, reconcile, joblog.
 *
 * An ask owns an arena and lives until its one reply. It moves in steps: a step starts reads (ask_read) and names the
 * next step (ask_then), which runs from the loop when all of them have answered. Nothing here blocks and nothing runs
 * inside engine_ask(). When the engine is freed first, an ask that waits for the forge is orphaned: its answers find
 * acts == NULL and only count down; no reply is made then, and a send under way stays SENT in the journal.
 *
 * A plan is made in the same steps whether it is only shown or committed, so that the commit reads the same facts.
 * PLAN_NONCE stands in a planned body where the nonce will be: a nonce is drawn when something is really sent.
 */
#pragma once

#include "base/json.h"
#include "core/engine/shield.h"
#include "core/engine/internal.h"
#include "core/engine/plandoc.h"
#include "core/engine/steps.h"

#define REPLY_MAX          ((size_t)1 << 20) /* a line of the socket */
#define PLAN_NONCE         "(drawn at confirm)"
#define PLAN_FACTS_MAX_AGE 5000 /* ms a precondition may be old when the request leaves (reliability K5) */
#define ACT_GAP_MS         1000 /* between two writes (GitHub reference 1.6) */
#define ACT_LINK_WAIT_MS   20000 /* an accepted dispatch without an id: how long the answer waits for its run */

struct ask;
struct open_intent;
struct need_state;
struct need_states VEC_OF(struct need_state);
struct stop;
struct guard;
struct stops VEC_OF(struct stop);
/* An input as the workflow file at the ref declares it. */
struct form_input {
	const char *name, *type, *fallback, *description;
	const char *options; /* JSON array of texts */
	bool required;
	bool ours; /* the profile names it too */
};
struct form VEC_OF(struct form_input);
struct judged VEC_OF(struct preflight_need);
typedef void (*ask_step)(struct ask *k);

struct way; /* ways.h */
struct plan {
	const char *act; /* verb */
	const struct way *way;
	void *found; /* what the way has read; in the arena */
	const struct profile *profile;
	const struct profile_lane *lane;
	const char *repo;
	const char *release;     /* tag; NULL none */
	const char *sha;         /* commit it would run, NULL unknown */
	const char *environment; /* approve, reject: the forge's name */
	const char *ref;         /* dispatch: expanded */
	struct facts facts;
	struct preflight pf;
	struct checks checks;
	enum plan_verdict verdict;
	struct plan_steps steps; /* as planned, with PLAN_NONCE; when committed, with the nonce */
	const char *request,
		*body; /* of the first, or of the one that makes a run; "" when none could be made */
	const char *confirm;
	const char *workflow;         /* file that is dispatched, or a run's own; NULL none */
	const char *const *workflows; /* files whose runs are the lane's; NULL-terminated */
	ask_step files_then, previous_then;
	VEC(struct run) lane_runs; /* newest of all of them */
	char id[DIGEST_HEX];       /* SHA-256 of the document */
	const char *document;      /* plandoc.h */
	const char *signers;       /* text of the list, NULL none */
	struct when made;
	msec began; /* monotonic */
	VEC(struct run) in_flight;
	VEC(struct run) own; /* runs this console started that are not completed */
	VEC(const char *) missing;
	struct need_states need_states; /* needs.c */
	ask_step needs_then;
	struct steer *steer;       /* steer.c; NULL: it is no act on a canary */
	struct guard *guard;       /* guard.c; NULL: the act needs none */
	VEC(const char *) links;   /* made by the steps that were sent: shas, "" none */
	struct stops stops;        /* stops.c */
	bool stops_wanted;         /* the act brings something new to the lane */
	struct proof_plan *proofs; /* proof_plan.c; NULL: nothing yet */
	const struct release *back_release;
	struct judged judged; /* checks that were made where their facts were read */
	const char *live, *live_sha,
		*previous;   /* releases of the lane's newest two successes that differ; "" unknown */
	const char *broken;  /* the run after live that failed or has not ended, in words; NULL none */
	const char *leaving; /* what that run brings, "" unknown; NULL without one */
	int64_t live_run;    /* that made live so; 0 none */
	int64_t undone;      /* commits of it that the way back leaves out */
	const char *file;    /* the workflow file at ref, NULL not read */
	size_t file_n;
	struct form form;       /* its inputs */
	bool form_known;        /* the file was read and understood */
	struct shield shield;   /* what the first job of the file checks */
	const char *lock_epoch; /* of the lane's lock, as the workflow's first job compares it; NULL none */
	const char *command;    /* of an act that happens elsewhere, as it is typed; NULL none */
	const char *changes, *not_included; /* JSON arrays, NULL not read */
	int64_t ahead, behind;
	const char *ref_sha; /* commit that ref is on, and so the run's; NULL not read */
	int64_t reviews_n;   /* that the gate has had already */
	int64_t exclude_run; /* newest run of the workflow that was there before */
	int64_t environment_ids[1];
	const struct intent *twin;
	bool repeats; /* twin is the same act, looked for and not found: the same nonce goes out once more */
	int reads, reads_failed;
	struct err first_error; /* of the reads */
};

struct ask {
	struct acts *acts; /* NULL: the engine is gone */
	struct ask *next;
	struct arena arena;
	struct command cmd;            /* the act itself; `plan` peeled off */
	bool dry, save;                /* asked as `plan ...` or `what-if ...`; as `plan save ...` */
	bool foresees;                 /* asked as `what-if ...` */
	const char *plan_id;           /* what the person read; NULL none given */
	const char *client;            /* SSH_CONNECTION of who asks; NULL none */
	const char *as_who, *as_nonce; /* of who asks in another's name (ask_as); NULL */
	const char *subject;           /* release or run id, as text */
	engine_reply reply;
	void *reply_ctx;
	int pending; /* reads and sends under way */
	ask_step step;
	struct timer *timer;
	int replans;
	const char *glass; /* the reason of override glass_id that lets it go; NULL: none is needed */
	int64_t glass_id;
	int appears;           /* times that its run was looked for and not there (after.c) */
	bool left;             /* who asked is gone or thought better of it: nothing is sent any more */
	bool armed;            /* an intent is in the journal: too late for that */
	bool sending;          /* ... and its first request has left */
	struct waiting *waits; /* between two of them */
	int64_t awaited;       /* as many steps had happened when what the next waits for was seen */
	bool continues;        /* planned again after that: the same act, with facts of now */
	ask_step found;        /* run acts: what to do when the run is known */
	size_t repo_at;        /* run acts: which of the profiles' repositories is being asked */
	struct plan plan;
	struct intent intent;
	bool waits_verb; /* the reconcile verb answers after one look */
	void *extra;     /* joblog */
};

/* Plans that were shown, to say what moved when their commit finds another world. */
struct shown_plan {
	char id[DIGEST_HEX];
	struct arena arena;
	const char *document;
};
#define SHOWN_PLANS 16

struct acts {
	struct engine *en;
	struct ask *asks;
	struct shown_plan shown[SHOWN_PLANS];
	int shown_next;
	int writing;                     /* requests that left and are not answered */
	msec last_write;                 /* when the last one left, or was answered: monotonic; 0 never */
	struct open_intent *open, *gone; /* gone: settled while a look was under way, which frees it */
	struct timer *tick;              /* reconcile */
	struct timer *echo;              /* polls again, some time after an act */
	int echoes;
	struct verify *verify; /* verify.c */
};

/* ---- ask.c ---- */
/* What a guard asks for: in whose name, and under which nonce, which the journal takes once. */
struct ask_as {
	const char *who, *nonce, *client;
};
void acts_ask_as(struct acts *a, const struct command *c, const char *plan_id, const struct ask_as *as,
		 engine_reply reply, void *ctx); /* as: NULL as acts_ask() */
void ask_orphan(struct ask *k);                  /* the engine stops */
void ask_then(struct ask *k, ask_step step);     /* when no read is pending; from the loop */
void ask_in(struct ask *k, msec delay, ask_step step);
void ask_reply(struct ask *k, int exit_status,
	       struct buf *json); /* answers, empties json, and ends the ask */
void ask_fail(struct ask *k, int exit_status, const char *code, const char *message, const char *fix);
void ask_no_journal(struct ask *k); /* fails: nothing can be kept, and why */
void ask_fail_err(struct ask *k,
		  const struct err *e); /* exit status by kind; what is missing is a "no" (1) */
void act_write_error(struct jw *w, const char *code, const char *message,
		     const char *fix); /* member `error` */

/* ---- act.c: keeping ---- */
/* Journal, cache mirror, lanes, and a notice to the screens. Errors are the journal's. */
int act_record(struct acts *a, const struct intent *in, struct err *e) must_check;
/* A record whose strings live in the arena. */
void rec_dup(const struct rec *rec, void *to, const void *from, struct arena *a);

/* ---- facts.c ---- */
typedef void (*fact_take)(struct ask *k, struct fact *f, const struct forge_answer *a);
/* Reads and enters the fact `name`. Several reads under one name make one fact: any failure spoils it, values join. */
void ask_read(struct ask *k, const char *name, bool pinned, const struct forge_read *r, fact_take taken);
/* A reading of another port: its place in the facts; then, when it has answered, false when nobody wants it any more, and
 * with an error the fact has failed or is absent; fact_taken() ends it. */
size_t fact_reading(struct ask *k, const char *name, bool pinned);
bool fact_answered(struct ask *k, size_t slot, const struct err *err);
void fact_taken(struct ask *k);
void fact_local(struct ask *k, const char *name, enum fact_state state, const char *value, const char *why);
/* One that was concluded from what was read, and is compared at commit. */
void fact_pinned(struct ask *k, const char *name, const char *value);
/* "id 7 published immutable; trusted_values.json sha256:..": a release as a fact. */
const char *fact_release(struct ask *k, const struct release *r);
/* What would clear it, for as long as the fact does not hold; NULL: it is not known. */
void fact_fix(struct ask *k, const char *name, const char *fix);
/* A fact that was judged here: it holds, or words say why not and fix what would clear it. */
void fact_said(struct ask *k, const char *name, bool good, const char *words, const char *fix);
void facts_read_user(struct ask *k);
void facts_read_lane(struct ask *k);    /* who you are, and what is in flight on the lane */
void facts_read_start(struct ask *k);   /* dispatch, rollback: everything but comparisons */
void facts_read_compare(struct ask *k); /* what needs live and candidate */
void facts_read_run(struct ask *k);     /* approve, reject, cancel, rerun: beside the run itself */
bool review_names(const char *list, const char *environment); /* "staging,production" names production */
void take_run(struct ask *k, struct fact *f, const struct forge_answer *a);
void facts_read_gate(struct ask *k);     /* of plan.environment in plan.pf.run: gate, reviews, rules */
void facts_read_releases(struct ask *k); /* newest published release becomes plan.release */
void facts_read_history(struct ask *k);  /* live and previous only */

/* ---- plan.c ---- */
void plan_begin(struct ask *k); /* ends in act_planned() or in a failure's reply */
bool act_is(const struct ask *k, enum command_id id);

/* ---- find.c ---- */
const struct profile_lane *plan_lane_of_run(struct ask *k, const struct run *r, const char *environment);
/* Finds k's run (args[0]) in the profiles' repositories, then runs `found`; answers the ask itself when there is none. */
void plan_find_run(struct ask *k, ask_step found);
bool plan_cached_run(struct ask *k, int64_t id, struct run *out);
const char *plan_file_of(const char *path); /* what stands behind the last slash */

/* ---- twin.c ---- */
/* Enters the facts journal and twin, and whether the plan repeats what was looked for and not found. */
void twin_find(struct ask *k);
/* Just before it is armed, by the journal's present word: 1 when another intent stands in the way (*twin), also when what
 * was to be repeated is not as it was. */
int twin_claim(struct ask *k, struct intent *twin, struct err *e) must_check;

/* ---- planned.c ---- */
const char *plan_relies_on(struct ask *k);          /* facts as JSON, for the journal */
void plan_write(struct jw *w, const struct ask *k); /* members of the open object */
void foresee_write(struct jw *w, struct ask *k);    /* "effects" of it, for what-if */

/* ---- act.c: commit ---- */
void act_planned(struct ask *k);

/* ---- abandon.c, remark.c, joblog.c ---- */
void abandon_ask(struct ask *k);
void remark_ask(struct ask *k);
void joblog_ask(struct ask *k);
