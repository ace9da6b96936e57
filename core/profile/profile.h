/*
 * profile.h - one delivery system as data: which workflows are its lanes, how production starts, what must be there
 * first, what its stages are called, how it goes back. Profiles are YAML (pilothouse-profile(5)); code asks what a
 * profile can do, never which profile it is.
 *
 * Values live in the profile's arena; a set owns its profiles. Every error reads file:line:column: what is wrong.
 */
#pragma once

#include "base/names.h"
#include "base/vec.h"
#include "base/yaml.h"
#include "core/profile/canary_parts.h"
#include "core/profile/parts.h"
#include "core/profile/proof_parts.h"

/* Where the values that a person may choose from stand. FREE: anything. */
enum source_kind { SOURCE_FREE, SOURCE_RELEASES, SOURCE_PACKAGES, SOURCE_BRANCHES, SOURCE_COMMITS };
extern const struct names source_kind_names; /* free releases packages branches commits */
/* As workflow files say it; the first is the forge's default. */
enum input_type { INPUT_STRING, INPUT_BOOLEAN, INPUT_CHOICE, INPUT_NUMBER, INPUT_ENVIRONMENT };
extern const struct names input_type_names; /* string boolean choice number environment */

/* An input of the dispatch; value is a template: {release} {sha} {nonce} {ref}, or text. */
struct profile_input {
	const char *name;
	const char *value;   /* sent when the person gives nothing; NULL: not sent */
	bool required;       /* a dispatch without a value is refused */
	const char *pattern; /* glob the value must match, or NULL */
	bool contract; /* asked for by us, not by the system: an organisation may not have it (says the note) */
	int type;      /* enum input_type */
	const char *const *choices; /* CHOICE; NULL-terminated, may be NULL */
	int source;                 /* enum source_kind */
	const char *exception;      /* words: a value other than `value` sets a policy aside; NULL: none */
	int line;
};
struct profile_inputs VEC_OF(struct profile_input);

/* Jobs of one stage, by globs over job names ("caller / callee" for reusable workflows, * for matrix). */
struct profile_stage {
	const char *name;
	const char *const *jobs; /* NULL-terminated */
};
struct profile_stages VEC_OF(struct profile_stage);

/* A run that another run starts and does not wait for. */
struct profile_follow {
	const char *workflow;
	const char *name;
	const char *ref;    /* template: the ref it runs on; NULL any */
	int64_t window_min; /* it begins within; 0: 60 */
};
struct profile_follows VEC_OF(struct profile_follow);

/* What begins a run of the lane without a person: a push to the branch, a schedule of the workflow file on the branch, the
 * good end of a run of `from` on it. When it does not come, an alarm does (core/rules/silence.h). */
enum expect_kind { EXPECT_OTHER, EXPECT_PUSH, EXPECT_SCHEDULE, EXPECT_RUN };
extern const struct names expect_kind_names; /* push schedule run */
struct profile_expect {
	int kind;
	const char *workflow; /* that begins; NULL: the lane's */
	const char *branch;   /* RUN: NULL any */
	const char *from;     /* RUN: workflow file */
	const char *cron;     /* SCHEDULE: base/cron.h */
	int64_t within_min;   /* 0: the detector's limit */
};
struct profile_expects VEC_OF(struct profile_expect);

/* AUTO: a push, a schedule or another run; MERGE: of the release pull request. */
enum start_kind { START_NONE, START_AUTO, START_DISPATCH, START_MERGE };
extern const struct names start_kind_names; /* none auto dispatch merge */

/* A lock of somebody else's tool that counts here. BRANCH_DEPLOY: the branch ENVIRONMENT-branch-deploy-lock. */
enum lane_lock { LANE_LOCK_NONE, LANE_LOCK_BRANCH_DEPLOY };
extern const struct names lane_lock_names; /* none branch-deploy */

struct profile_lane {
	const char *name;        /* easy/prod */
	const char *environment; /* prod */
	bool production;
	const char *workflow;        /* production-rollout.yml, as the document calls it */
	const char *display;         /* the name inside the file: "Production Rollout"; or NULL */
	const char *const *aliases;  /* what the repository calls it instead; NULL-terminated, may be NULL */
	const char *const *branches; /* globs: only runs on these are the lane's; NULL any */
	const char *const
		*events; /* only runs of these are the lane's; NULL: any, in production but pull requests */
	int start;       /* enum start_kind */
	const char *ref; /* dispatch ref template: "main", "{release}" */
	const char *release_input; /* input that carries the release */
	struct profile_inputs inputs;
	struct profile_needs needs;
	struct profile_stages stages;
	struct profile_follows follows;
	struct profile_expects expects;
	const char *gate; /* forge environment that gates the lane, or NULL */
	const char *const
		*exclusive; /* workflow files that must not be in flight; NULL-terminated, may be NULL */
	int rollback;       /* enum rollback_kind */
	const char *back_command;            /* EXTERNAL: shown, never run; template */
	const char *const *back_warns;       /* words */
	int64_t back_dwell_min;              /* signals stay normal for so long before it counts; 0 none */
	const struct profile_replay *replay; /* NULL none */
	const struct profile_release_pr *release_pr; /* NULL none */
	struct profile_meanings meanings;
	struct profile_decisions decisions;
	struct profile_locks locks;
	int lock; /* enum lane_lock */
	struct profile_approvals approvals;
	struct profile_knobs knobs;
	struct profile_probes probes;
	const struct profile_grammar *grammar; /* NULL none */
	struct profile_labels labels;          /* that `label` may set, and what that does */
	const char *release_from;  /* where a run's release is read: "input" (title/nonce), "branch", "sha" */
	const char *release_title; /* glob-like title template "Production Rollout {release}*", or NULL */
	const struct profile_canary *canary;           /* NULL none */
	const struct profile_attestation *attestation; /* NULL none */
	const struct profile_proof *proof;             /* NULL: nothing need be proved; lane_terms() */
	int64_t poll_ms;                               /* interval when idle; 0 default */
	int64_t stale_ms;                              /* 0: default 15 min */
	int line;
};
struct profile_lanes VEC_OF(struct profile_lane);
/* What must be proved of what it releases; NULL: nothing need be, or nothing can be (policy none). */
static inline const struct profile_proof *lane_terms(const struct profile_lane *l)
{
	return l->proof && l->proof->policy != PROOFS_NONE ? l->proof : NULL;
}
/* Why nothing of what it releases is attested; NULL: that is not so. */
static inline const char *lane_unattested(const struct profile_lane *l)
{
	return l->proof && l->proof->policy == PROOFS_NONE ? l->proof->why : NULL;
}

struct profile {
	const char *name;   /* easyenclave */
	const char *system; /* easy: first half of lane names */
	const char *title;
	const char *repo; /* owner/name, may be overridden */
	const char *note; /* what differs from the real repository, in words; shown by plan and man page */
	const char *const *redact; /* field names never cached; NULL-terminated */
	struct profile_freezes freezes;
	const char *const
		*freeze_exempt; /* environments that a freeze does not stop; NULL-terminated, may be NULL */
	struct profile_lanes lanes;
};

struct profiles VEC_OF(struct profile);

/* Parses and validates one text. repo may be absent. Strings are in the arena, none in text. */
int profile_parse(struct profile *out, const char *file, const char *text, size_t n, struct arena *a,
		  struct err *e) must_check;
/* NAME or FILE, with an optional =OWNER/NAME. Built-in names first; anything with a slash or .yml is a file. A profile
 * without a repository, or with a system that the set has already, is refused. Built-in names: base/embed.h. */
int profile_load(struct profiles *set, const char *name_or_file, struct arena *a, struct err *e) must_check;
/* "easy/prod"; NULL when no profile has it. *owner may be NULL. */
const struct profile_lane *profiles_lane(const struct profiles *set, const char *lane,
					 const struct profile **owner);
/* The lane's workflow file, the one that replays into it, or one of their aliases. path may have folders before it and
 * "@ref" behind. */
bool profile_is_workflow(const struct profile_lane *l, const char *path);
/* The same of one workflow file that may be no lane's. */
bool profile_is_file(const char *workflow, const char *path);
/* {release} {sha} {sha7} {nonce} {ref} {version} {repo} replaced; NULL when one that is needed is NULL, or tmpl is: never a hole that looks
 * like a value. Unknown placeholders were refused by profile_parse. */
struct profile_words {
	const char *release, *sha, *nonce, *ref, *version, *repo; /* {sha7} is of sha */
};
const char *profile_expand(struct arena *a, const char *tmpl, const struct profile_words *w);
/* The input that carries the nonce, or NULL: then a lost answer can be settled by time and ref only. */
const char *profile_nonce_input(const struct profile_lane *l);
/* The stage a job belongs to, or "". */
const char *profile_stage_of(const struct profile_lane *l, const char *job);
/* What it means that the job ended so (enum conclusion); NULL: what its colour says, or it has not ended. */
const struct profile_meaning *profile_meaning_of(const struct profile_lane *l, const char *job,
						 int conclusion);
/* The same for runs that lanes share: the owner's own meaning, else the first of those whose runs it keeps. */
const struct profile_meaning *profile_meaning_shared(const struct profile *p,
						     const struct profile_lane *owner, const char *job,
						     int conclusion);
/* What a run is told by: path as in profile_is_workflow; branch and event may be NULL, not known. */
struct profile_run {
	const char *path, *branch, *event;
};
/* The lane that a run belongs to: of those whose workflow fits and whose `branches` and `events` have it, one that names
 * branches, else one that names events, else the others; of equals the production lane, else the first. A run for a pull
 * request is on no branch of ours, and of no production lane that does not name its event. NULL: none has it. */
const struct profile_lane *profile_lane_of_run(const struct profile *p, const struct profile_run *run);
/* The lane that l's runs are kept under: itself, or the one it shares its workflow with. */
const struct profile_lane *profile_owner(const struct profile *p, const struct profile_lane *l);
/* Another lane has the same runs: each is then judged by the jobs of its own stages. */
bool profile_is_shared(const struct profile *p, const struct profile_lane *l);
/* The id of the run that a probe's answer names (run_like), 0: none. */
int64_t profile_run_in(const struct profile_probe *probe, const char *text);
/* An image's tag taken apart; what the tag does not hold is "". All in the arena. */
struct profile_tag {
	const char *version; /* 0.1.0 */
	const char *date;    /* 20251015 */
	const char *time;    /* 142530, of an unnamed zone */
	const char *sha;     /* 7 to 40 hex digits, as claimed */
};
/* False: the tag does not read so. */
bool profile_grammar_parse(const struct profile_grammar *g, const char *tag, struct profile_tag *out,
			   struct arena *a);
/* The release a run is about, by release_title (with {release}) or branch or sha, as release_from says; NULL when it
 * cannot be told: never a guess from another source. */
const char *profile_release_of(const struct profile_lane *l, const char *title, const char *branch,
			       const char *sha, struct arena *a);
/* All that it says as one JSON object, by the keys of the file; what is not given is left out. */
struct jw;
void profile_json(struct jw *w, const struct profile *p);
void profile_proof_json(struct jw *w, const struct profile_proof *p); /* that part alone */
/* The text of a built-in profile, or of a file, as profile_load() finds it; *file is what messages call it. */
int profile_text(struct buf *out, const char **file, const char *name_or_file, struct arena *a,
		 struct err *e) must_check;
