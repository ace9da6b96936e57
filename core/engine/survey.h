/*
 * survey.h - looking for evidence: what runs wrote down, what runs against what was declared, whether a lane can go back,
 * whether the line is stopped. Shared by survey.c (when, and the readings) and survey_*.c (what, one file a kind).
 *
 * A subject is a lane, or a system for its freezes. It is due every twenty base intervals while somebody watches (a system,
 * for what captains hold, every five), soon after a run of it ended, and in every pass of `sync`. Its round is a handful of
 * looks. A look owns an arena and goes in steps like an ask: a step starts readings (look_read) and names the next step
 * (look_then), which runs from the loop when all have answered; the last one writes rows in one transaction and ends it. At
 * most SURVEY_FLIGHTS readings are under way; those to the forge wait for the governor. Metrics and cluster controllers are
 * asked at once: what watches a canary waits for nothing else.
 *
 * A round that the clock brought, and whose readings all say that nothing changed, makes its rows younger and tells nobody:
 * a screen reads the cache each minute by itself, and waking it more often would cost more than it shows.
 *
 * A reading that fails makes a row unknown, with the reason and with the age of what was known before: what could not be
 * read again is neither erased nor as good as new.
 */
#pragma once

#include "core/engine/act.h"
#include "core/engine/sync.h"
#include "core/model/evidence.h"
#include "core/port/registry.h"
#include "core/rules/pinned.h"

#define SURVEY_PACE      20            /* base intervals from round to round: 5 min at 15 s */
#define SURVEY_FIRST     INT64_C(5000) /* after the start: what is polled comes first */
#define SURVEY_SOON      INT64_C(3000) /* after a run ended: its artifacts are there by then */
#define SURVEY_FLIGHTS   4
#define SURVEY_ROUNDS    4                 /* subjects that are looked at together */
#define SURVEY_STUCK     INT64_C(5000)     /* a pass does not wait longer for the rate limit */
#define DECISIONS_A_LANE 100               /* ordinals: the n-th lane of a profile has those from n * 100 */
#define SURVEY_TEXT      ((size_t)1 << 20) /* largest document that is judged */

struct look;
struct pins_look;
typedef void (*look_step)(struct look *k);
typedef void (*look_take)(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err);
typedef void (*look_tags)(struct look *k, void *ctx, const struct registry_answer *a, const struct err *err);

/* A lane with a canary is three subjects: what is known of its ladder and what its metrics say have a pace of their own
 * while a canary is under way, and neither waits for the other. */
enum subject_of { OF_EVIDENCE, OF_LADDER, OF_SAMPLES };

struct subject {
	struct subject *next;
	enum subject_of of;
	msec pace; /* OF_LADDER, OF_SAMPLES: from round to round; 0: the ordinary one */
	const struct profile *profile;
	const struct profile_lane *lane; /* NULL: the system */
	msec due;
	bool owed;  /* by the pass under way */
	bool again; /* became due during its round */
	bool paced; /* it is due because time went by, and for no other reason */
	bool quiet; /* ... and so was the round under way: what only repeats what was known is not announced */
	bool set;   /* when it is due next was said during its round */
	int looks;  /* under way */
	int phase;  /* of the round, 0 none */
	int turns;  /* of a system: rounds so far */
	int state;  /* of the lane, as last noticed */
	int64_t live_run;
	int64_t run; /* that decides the lane's state, as last noticed */
};

struct look {
	struct look *next;
	struct survey *s;
	struct subject *subject;
	struct arena arena;
	const struct profile *profile;
	const struct profile_lane *lane;
	const struct profile_probe *probe; /* of a look at a probe */
	int64_t ordinal;                   /* of the probe */
	const struct known *known;         /* survey_known() */
	struct pins_look *pins;            /* pins_read() */
	int pending;
	size_t evidence; /* bytes of bundles that it has found */
	bool asked;      /* a person waits for it */
	bool heard;      /* an answer that was not a repetition, or none where there was to be one */
	look_step step;
	void *own; /* of its kind, in the arena */
};

/* What the cache knows of a lane when a look begins. */
struct known {
	struct lane row;
	struct VEC_OF(struct run) runs; /* completed ones, newest first, at most 100 */
	const struct run *open;         /* the newest that has not ended, NULL none */
	const struct run *live;         /* that brought what is live, NULL unknown */
	const struct run
		*previous; /* newest success before it with another release, and no decision that says no */
	const struct run *back; /* what a rollback goes to: previous, or live while a newer run is broken */
	const struct run *undoing; /* a newer run that itself goes back, under way or gone wrong; NULL none */
	bool broken;
};

struct memo {
	const char *name, *text;
};

struct survey {
	struct engine *en;
	struct timer *timer;
	struct subject *subjects;
	struct look *looks;
	struct reading *queue, *flying;
	struct port_reading *ports; /* survey_ports.c: under way */
	struct survey_wait *serving, *waiting;
	int flights, rounds;
	uint64_t unchanged;      /* readings that were answered 304, since the start */
	struct arena memo_arena; /* documents that never change, by their name */
	struct VEC_OF(struct memo) memo;
};

/* ---- survey.c ---- */
void look_read(struct look *k, const struct forge_read *r, look_take taken, void *ctx); /* strings: k's */
void look_registry(struct look *k, const struct registry_read *r, look_tags tags, void *ctx);
void ports_orphan(struct survey *s); /* their answers find nobody */
void survey_wake(struct survey *s);  /* a look may go on */
void look_then(struct look *k, look_step step);
void look_end(struct look *k);
struct when look_now(const struct look *k);
struct store *look_cache(const struct look *k);
/* Between the two the step writes rows; an error of writing is logged and nothing of the look remains. */
bool look_write(struct look *k, struct err *e);
int look_put(struct look *k, enum query q, const struct rec *rec, void *row,
	     struct err *e) must_check; /* cuts what is too long */
void look_written(struct look *k, int r, const struct err *e);
/* "not read: the forge does not answer" */
const char *look_failed(struct look *k, const struct err *err);
const char *look_expand(struct look *k, const char *template, const char *release, const char *sha);
/* A document that cannot change (a file at a commit, an entry of an artifact): NULL when it is not remembered. */
const char *survey_recall(const struct survey *s, const char *name);
void survey_remember(struct survey *s, const char *name, const char *text, size_t n);

/* ---- survey_known.c ---- */
int survey_known(struct look *k, struct err *e) must_check; /* fills k->known; 1: the lane has no row */

/* ---- survey_artifact.c: one document out of an artifact of a known name ---- */
struct document {
	const char *name;  /* of the artifact */
	const char *entry; /* glob of the file in it */
	int64_t run;       /* only of this run, 0 any */
	const char *text;  /* NULL: it could not be had */
	const char *why;   /* then why, in words */
	bool unread;       /* ... because a reading failed, not because it is not there */
	bool expired;
	struct when expires;
	int64_t id, of_run;
};
/* Reads it; d lives in the look's arena, and is filled when the next step runs. */
void document_read(struct look *k, struct document *d);
/* The same, out of a list of artifacts that was read already. */
void document_find(struct look *k, struct document *d, const struct artifact *list, size_t n, bool cut);
/* Parses it: NULL after writing why. The caller frees. */
struct json *document_json(struct look *k, struct document *d);

/* ---- survey_drift.c ---- */
/* The document of its payload, which may be text that holds JSON; NULL: it has none. The caller frees. */
struct json *deployment_payload(const struct deployment *d);

/* ---- survey_url.c: what the running system says ---- */
struct site_answer {
	const struct profile_probe *probe;
	const char *url;   /* NULL: not known */
	const char *datum; /* NULL: it could not be had */
	const char *why;   /* then why, in words */
	int64_t run;       /* that it names, 0 none */
	struct when at;    /* not known: not read */
};
void site_read(struct look *k, const struct profile_probe *probe, struct site_answer *out);

/* ---- survey_pins.c: digests pinned in files of a branch, and their history ---- */
#define PINS_PAGE 30
#define SITES_MAX 8
struct pin_file {
	const char *path, *blob;
	const char *why; /* it could not be read */
	bool unread;
	struct pinned tip;
	const char *text;
	struct VEC_OF(struct history) commits;
	struct pinned *past; /* PINS_PAGE of them: the pins after that commit */
	bool *have;
};
struct pins_look {
	const struct profile_probe *probe;
	look_step then;
	struct VEC_OF(struct pin_file *) files;
	const char *tip; /* commit of the branch that all is read at */
	const char *why;
	struct site_answer sites[SITES_MAX];
	size_t sites_n;
};
/* Fills k->pins, then goes on with `then`: the tip of each file, its commits, and the pins after some of them. */
void pins_read(struct look *k, const struct profile_probe *probe, look_step then);
/* The pins after that commit of the file too, if there is such a commit. */
void pins_read_past(struct look *k, struct pin_file *f, size_t commit);

/* ---- survey_image.c: tags and manifests of a registry ---- */
struct manifest {
	const char *digest; /* NULL: it could not be had */
	const char *why;    /* then why */
	bool absent;        /* the registry says there is none */
};
struct candidate {
	const char *tag;
	struct profile_tag parts;
	struct manifest manifest; /* when it was read */
};
struct candidates VEC_OF(struct candidate);
struct image_tags {
	const char *image, *wanted;
	const char *live; /* newest version among the tags that are live, else the first of them */
	struct candidates candidates; /* newest first; told from live tags by the grammar */
	struct candidates versions;   /* live tags that are versions, newest first */
	const char *why;              /* not NULL: not to be relied on */
	bool unread;
};
void image_tags_read(struct look *k, const struct profile_probe *p, struct image_tags *out);
void manifest_read(struct look *k, const char *image, const char *ref, struct manifest *out);

/* The lane's runs may be green and have done nothing. */
bool jobs_matter(const struct profile *p, const struct profile_lane *l);

/* ---- one file a kind: each begins a look that look_end()s itself ---- */
void look_at_jobs(struct look *k);
void look_at_decisions(struct look *k);
void look_at_deployments(struct look *k);
void look_at_url(struct look *k);
void look_at_pins(struct look *k);
void look_at_image(struct look *k);
void look_at_way_back(struct look *k);
void look_at_freezes(struct look *k);
void look_at_policies(struct look *k);
void look_at_locks(struct look *k);
void look_at_heads(struct look *k);
void look_at_ladder(struct look *k);
void look_at_samples(struct look *k);

/* ---- survey_proof.c ---- */
void look_at_proofs(struct look *k);
void look_at_release(struct look *k, const char *release, survey_done done,
		     void *ctx);    /* of a look without a step */
void proofs_orphan(struct look *k); /* it will not end */
/* ---- survey_drift.c: rows of one probe ---- */
struct drifts VEC_OF(struct drift);
/* Replaces the probe's rows and ends the look. A row that is unknown because something was not read keeps what its
 * predecessor knew, and its age. No rows at all: one that says why. */
void drift_write(struct look *k, struct drifts *rows, const char *why);
