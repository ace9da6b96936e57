/*
 * sync.h - the inside of polling, shared by sync.c (when to ask), feed.c (one reading and what came of it), ingest.c
 * (answers into the cache), ages.c (answers without news) and note.c (facts about the engine for screens). Nothing else
 * includes it.
 *
 * A feed is one conditional reading that repeats: a repository's runs, its releases, or one run's jobs, gates or head.
 * Feeds of a run exist while the run is open, and once more after it ended (struct live). A feed is due at a monotonic
 * time; at most FLIGHTS_MAX are under way; the governor may hold all of them. A pass is one round in which every feed
 * is owed an answer, those that appear on the way too.
 */
#pragma once

#include "base/hash.h"
#include "core/engine/governor.h"
#include "core/engine/internal.h"

#include <sys/queue.h>

#define FLIGHTS_MAX   4 /* GitHub reference 4: one queue a credential, at most four in flight */
#define RUNS_PAGE     30 /* unfiltered, newest first: filters are served from a lagging index (reference 1.1) */
#define RUNS_PAGES    3  /* how far back the history of a new cache reaches */
#define LIVE_MAX      64 /* open runs followed one by one */
#define BACKOFF_MAX   INT64_C(300000)
#define REFUSED_RETRY INT64_C(60000)

enum feed_kind {
	FEED_USER,
	FEED_RUNS,
	FEED_HISTORY, /* older pages of the runs, once in the life of a cache; the first page has the ETag */
	FEED_RELEASES,
	FEED_RUN,
	FEED_JOBS,
	FEED_GATES
};

struct live;
struct sync_repo;

struct feed {
	enum feed_kind kind;
	struct sync_repo *repo; /* NULL: FEED_USER */
	struct live *live;      /* NULL: not of one run */
	bool on;                /* wanted at all */
	bool in_flight;
	bool owed;  /* the pass under way waits for it */
	bool again; /* something changed while it was in flight */
	bool whole; /* was read at least once by this process */
	msec due;
	char *etag;       /* heap, NULL none */
	int64_t failures; /* in a row */
	struct when checked, changed;
	struct when kept; /* what its row in the cache says of checked: ages.c */
	size_t damaged;   /* records refused in the last whole answer */
};

/* An open run of a known lane, or one whose jobs are to be read once. */
struct live {
	struct live *next;
	struct sync_repo *repo;
	int64_t id, attempt;
	int status; /* enum run_status, as last read */
	struct when updated;
	const struct profile_lane *lane; /* NULL until the run itself was read */
	bool watched;                    /* sync_watch_run: until it is completed */
	bool listed;                     /* was on the newest list */
	bool finished;                   /* completed: jobs once more, then it goes */
	bool dead;                       /* free it when nothing is in flight */
	int looks;                       /* readings of the jobs after the end */
	bool jobs_open, jobs_wait;       /* as last read: some are not completed; one waits at a gate */
	struct feed run, jobs, gates;
};

struct sync_repo {
	struct sync_repo *next;
	const char *name; /* borrowed from the profiles */
	struct live *lives;
	struct feed runs, history, releases;
	bool history_known; /* by this cache */
	bool younger;       /* facts were checked, and its lanes in the cache do not say so yet: ages.c */
	int64_t poll_ms;    /* idle interval, 0 default */
};

struct pass {
	struct pass *next;
	sync_done done;
	void *ctx;
};

struct sync {
	struct engine *en;
	struct sync_repo *repos;
	struct feed user;
	struct timer *timer;
	struct governor gov;
	int flying;
	/* trouble with the whole forge, not with one feed */
	int failures;    /* in a row, over all feeds */
	msec hold_until; /* nothing is asked before, and then one at a time */
	bool refused;    /* 401 */
	char why[400];   /* of refused */
	/* focus */
	char focus_lane[128];
	int64_t focus_run;
	/* passes: those being served, those that came while one was */
	struct pass *serving, *waiting;
	struct sync_total total;
	uint64_t requests0, bytes0;
	struct err worst;
	bool failed;
	uint64_t random;
	LIST_HEAD(, flight) flights;
	/* facts for screens, see note.c */
	struct when token_expires;
	char trouble[400];             /* newest failure of a reading, "" none */
	const struct feed *trouble_of; /* the reading that failed; its next success ends the trouble */
	bool trouble_general;          /* any success ends it */
	char damage[400];              /* "2 records of runs were damaged: ..", "" none */
	char store_trouble[400];
	struct hash noted;       /* of the settings as last written */
	struct hash noted_words; /* of those among them that a person waits for */
	int64_t told_skew;       /* ms, as last noted */
	bool is_dated;           /* an answer told the forge's time */
	/* ages.c */
	struct timer *ages_timer;
	msec ages_wait; /* how long an age may wait to be written */
	msec ages_at;   /* of the last commit of ages; 0 never */
	bool ends;      /* the last one */
	bool changed;   /* the answer at hand changed what a screen shows */
};

/* ---- sync.c ---- */
void sync_schedule(struct sync *s); /* arms the timer for what is due next */
msec sync_interval(const struct sync *s, const struct feed *f);
msec sync_jitter(struct sync *s, msec interval); /* 90 % to 110 % */
msec sync_mono(const struct sync *s);
struct when sync_server_now(const struct sync *s);
void sync_pass_failed(struct sync *s, const struct err *err, bool give_up);
struct live *live_find(const struct sync_repo *r, int64_t id);
struct live *live_add(struct sync_repo *r, int64_t id); /* NULL: too many */
void live_end(struct live *l);
void sync_sweep(struct sync *s); /* frees dead lives */

/* ---- feed.c ---- */
void feed_init(struct feed *f, enum feed_kind kind, struct sync_repo *r, struct live *l);
void feed_done(struct feed *f);
typedef void (*feed_fn)(struct sync *s, struct feed *f, void *ctx);
void sync_each_feed(struct sync *s, feed_fn fn, void *ctx);
int feed_keep(struct sync *s, struct feed *f, const char *error,
	      struct err *e) must_check; /* its poll row, inside a transaction */
/* A transaction failed: it is rolled back and told, and the settings are written again with the next. */
void feed_store_failed(struct sync *s, const struct err *err);
void feed_start(struct sync *s, struct feed *f);
void feed_soon(struct sync *s, struct feed *f, msec delay);
void feed_remember(struct sync *s, struct feed *f); /* takes over etag and ages of the last process */
void flights_orphan(struct sync *s);

/* ---- ingest.c: inside a transaction ---- */
int ingest_runs(struct sync *s, struct sync_repo *r, const struct forge_answer *a, struct err *e) must_check;
int ingest_history(struct sync *s, struct sync_repo *r, const struct forge_answer *a,
		   struct err *e) must_check;
int ingest_run(struct sync *s, struct live *l, const struct forge_answer *a, struct err *e) must_check;
int ingest_jobs(struct sync *s, struct live *l, const struct forge_answer *a, struct err *e) must_check;
void ingest_jobs_seen(struct sync *s,
		      struct live *l); /* what the jobs as last read call for; also after a 304 */
int ingest_gates(struct sync *s, struct live *l, const struct forge_answer *a, struct err *e) must_check;
int ingest_releases(struct sync *s, struct sync_repo *r, const struct forge_answer *a,
		    struct err *e) must_check;
/* Takes up what the cache says is open: runs that fell off the newest page. */
int ingest_resume(struct sync *s, struct sync_repo *r, struct err *e) must_check;

/* ---- ages.c ---- */
/* Nothing changed but that facts are younger: that may wait. Everything else is written when it is known. */
bool ages_suffice(const struct sync *s, const struct feed *f, const struct forge_answer *a);
void ages_note(struct sync *s, struct feed *f);         /* after such an answer; writes, or arms the timer */
int ages_put(struct sync *s, struct err *e) must_check; /* all that wait, inside a transaction */
void ages_done(struct sync *s);                         /* it was committed */
void ages_flush(struct sync *s);                        /* all that wait, in a transaction of their own */
void ages_open(struct sync *s);
void ages_close(struct sync *s);

/* ---- note.c ---- */
bool note_is_pressing(
	const struct sync *s); /* a setting changed that a person waits for: trouble, drill, login */
int note_settings(struct sync *s, struct err *e) must_check; /* writes the settings that changed */
int note_setting(struct engine *en, const char *name, const char *value, struct err *e) must_check;
int note_event(struct engine *en, const char *lane, const char *text, struct err *e) must_check;
void note_login(struct sync *s, const char *login);

/* ---- lanes.c ---- */
/* The lane that a run of this workflow path is stored under: production first; NULL: no lane of ours. */
const struct profile_lane *lanes_owner(const struct engine *en, const char *repo, const struct run *run);
int lanes_declare(struct engine *en, struct err *e) must_check; /* one row each, before anything is known */

/* ---- proof_terms.c ---- */
/* Behind that: what another policy judged is not checked any more, what nobody wants is forgotten, and of lanes whose system
 * attests nothing that stands there. */
int proofs_declare(struct engine *en, struct err *e) must_check;
/* A 304: the facts are as old as now. */
int lanes_touch(struct engine *en, const char *repo, struct err *e) must_check;
/* Local time of the oldest fact that a lane of this repo rests on; run: the one that decides, or 0. */
struct when sync_facts_age(const struct sync *s, const char *repo, int64_t run);
bool sync_follows_runs(const struct sync *s, const char *repo); /* runs of it are read one by one */
