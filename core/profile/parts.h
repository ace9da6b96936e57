/*
 * parts.h - the parts of a delivery system that go beyond a workflow and its inputs: what must hold before an act, what
 * a green job really means, where decisions are written down, what runs where, and the ways back.
 *
 * Every part is a section of the profile's file (keys.c) and plain data here; the engine asks what a lane has, never
 * which system it is. Lists of texts end in NULL and may be NULL. Templates hold {release} {sha} {sha7} {nonce} {ref}
 * {version} {repo}; globs know * and ? only. Hours and minutes are whole numbers. What a canary is: canary_parts.h.
 */
#pragma once

#include "base/names.h"
#include "base/vec.h"
#include "core/model/evidence.h"

/* ---- documents ---------------------------------------------------------------------------------------------------- */

/* What a value in a JSON document must be (value_kind_names); else it is bad, and absence is missing unless optional. */
struct profile_value {
	const char *pointer; /* RFC 6901 */
	int is;              /* enum value_kind */
	const char *equals;  /* template; NULL: any value of that kind */
	bool optional;
};
struct profile_values VEC_OF(struct profile_value);

/* ---- before an act ------------------------------------------------------------------------------------------------ */

enum need_kind {
	NEED_OTHER,
	NEED_RELEASE,  /* a published release of the tag */
	NEED_ASSET,    /* one of its assets, first of `files` that is there */
	NEED_ARTIFACT, /* an unexpired artifact of a run; `entry` of it passes `values` */
	NEED_FRESH, /* a success of `workflow` (on branch) not older than max_age_h, with `artifact` in it when named */
	NEED_FILE,  /* first of `files` in the repository at `ref` */
	NEED_LABEL, /* label `name` on no open pull request, or on one (absent: false) */
	NEED_TAG,   /* git tag `name` */
};
extern const struct names need_kind_names; /* release asset artifact fresh file label tag */
struct profile_need {
	int kind;
	const char *name;         /* short: trusted_values. LABEL, TAG: the label, the tag */
	const char *const *files; /* templates, in order of preference */
	const char *workflow;     /* FRESH; ARTIFACT: only of its runs; ASSET: the one that makes it */
	const char *artifact;     /* template */
	const char *entry;        /* glob of the one file in the artifact that is read */
	const char *ref;          /* FILE: template; NULL: the ref of the act */
	const char *branch;       /* FRESH; NULL any */
	int64_t max_age_h;
	bool absent;  /* FILE LABEL TAG: must not be there */
	bool informs; /* shown, never stops */
	bool replay;  /* of a replay only; else of every start of the lane */
	struct profile_values values;
	const char *fix; /* words, template */
};
struct profile_needs VEC_OF(struct profile_need);

/* ---- what a job means --------------------------------------------------------------------------------------------- */

extern const struct names meaning_kind_names; /* skipped not-required warned vacuous */
/* When a job that fits ended so, it did not do what its colour says. The first that fits counts. */
struct profile_meaning {
	const char *job;   /* glob */
	int conclusion;    /* enum conclusion; OTHER: any */
	int means;         /* enum meaning_kind */
	bool whole;        /* the whole run then did nothing */
	const char *words; /* shown instead of the colour's word */
};
struct profile_meanings VEC_OF(struct profile_meaning);

/* A decision that a run writes down, in an artifact as a rule: first pointer that is there counts; what is neither yes nor no nor
 * na is unknown. */
struct profile_decision {
	const char *name;                               /* acceptance */
	const char *artifact;                           /* template: acceptance-stage-{sha} */
	const char *entry;                              /* glob of the file in it */
	const char *const *pointers;                    /* /decision, /pass */
	const char *const *yes, *const *no, *const *na; /* words; true and false are words too */
	const char *reasons;                            /* pointer to a list of codes, or NULL */
	const char *stage;                              /* it decides, or NULL */
	/* Glob of a job: the decision stands in its log and nowhere else. Words are then globs over lines; one line that
	 * says no is no, whatever others say. artifact, entry and pointers are NULL. */
	const char *job;
};
struct profile_decisions VEC_OF(struct profile_decision);

/* ---- ground that is shared ---------------------------------------------------------------------------------------- */

struct profile_lock {
	const char *group;            /* template */
	const char *const *jobs;      /* globs: held by these only; NULL: by the whole run */
	const char *const *workflows; /* files that share it; NULL: the lane's own */
	bool cancels;                 /* a newcomer cancels the run that holds it */
	int64_t queue; /* how many may wait; the next evicts the oldest of them. 1 on the forge by default */
};
struct profile_locks VEC_OF(struct profile_lock);

struct profile_approval {
	const char *environment;
	const char *const *jobs; /* globs it stands before */
	int64_t rounds;          /* how often one release is asked for; 0: 1 */
	int64_t wanted;          /* approvers the organisation wants; the forge needs one. 0: 1 */
	int64_t signatures; /* of a plan, by others than who starts it: this console's own rule; 0 none */
	int64_t wait_min;   /* timer the profile expects */
	const char *const *branches; /* globs: the only refs that may deploy there; NULL any */
	bool planned;                /* the document says so and the forge has none */
};
struct profile_approvals VEC_OF(struct profile_approval);

/* A policy as the document declares it and where the effective one stands. */
struct profile_knob {
	const char *name, *declared;
	const char *file;    /* workflow file, or with a slash any file of the repository (YAML or JSON) */
	const char *pointer; /* into it; `${{ }}` is not resolved: shown as it is */
	const char *const *order; /* strictest first; what is not in it cannot be compared */
	const char *
		live; /* path below the site whose answer lists settings as {key, value, source}, or NULL: the
			   * running system may have been relaxed after the deploy, without any run */
	const char *key; /* the setting in that answer */
};
struct profile_knobs VEC_OF(struct profile_knob);

/* ---- what runs, and what it is called ------------------------------------------------------------------------------ */

/* How an image's tag reads: a POSIX extended expression and what its groups are. */
struct profile_grammar {
	const char *tag;
	const char *const *groups; /* one each: version date time sha, or skip: not kept */
};
struct profile_component {
	const char *name, *pointer;
};
struct profile_components VEC_OF(struct profile_component);

enum probe_kind { PROBE_OTHER, PROBE_DEPLOYMENTS, PROBE_URL, PROBE_PINS, PROBE_IMAGE };
extern const struct names probe_kind_names; /* deployments url pins image */
/* Where it can be read what a lane runs. What is declared is read from `declared`, what runs from the probe itself. */
struct profile_probe {
	int kind;
	const char *name;        /* component; PINS: taken from the file's ref or path */
	const char *environment; /* DEPLOYMENTS */
	const char *url;         /* URL: absolute, or a path below the site; the site is given by
				      * --site LANE=URL, without it nothing is known. NULL: the site itself */
	const char *pointer;     /* URL: the datum in the answer, /git_sha */
	const char *run_pointer; /* URL: where the answer names its run, or NULL */
	const char *run_like; /* URL: how it does, {run} once: "bootstrap-{run}-*"; NULL: the number alone */
	const char *const *files;    /* PINS: globs in the tree */
	const char *const *pointers; /* PINS: alternatives; a map below gives one row each platform */
	const char *ref;             /* PINS: branch */
	const char *subject;  /* PINS: glob of the subject of pin commits; NULL: any that touches them */
	const char *image;    /* IMAGE: repository in the registry, template */
	const char *realm;    /* IMAGE: origin that gives the registry's tokens, NULL: its own */
	const char *tag;      /* IMAGE: glob of the tags that are live; the newest version counts */
	const char *platform; /* of what runs, when the system knows only one */
	struct profile_components components; /* DEPLOYMENTS: members of the payload that are compared */
	const char *declared_artifact, *declared_entry; /* DEPLOYMENTS: manifest of the live release */
	struct profile_components declared;             /* its members by the same names */
};
struct profile_probes VEC_OF(struct profile_probe);

/* ---- other ways to act -------------------------------------------------------------------------------------------- */

/* Delivering an existing package again, by another workflow. */
struct profile_replay {
	const char *workflow;
	const char *const *aliases; /* what the repository calls it instead */
	const char *ref, *input;    /* input carries {release} */
	const char *package;        /* artifact, template with {release} */
};
/* Production starts when a pull request is merged. */
struct profile_release_pr {
	const char *head, *base;
	const char *title;     /* template with {sha} or {sha7} */
	const char *validated; /* lane whose newest success says which commit may go */
	const char *method;    /* merge, squash, rebase; NULL merge */
};
struct profile_label {
	const char *name, *words;
};
struct profile_labels VEC_OF(struct profile_label);

enum rollback_kind { BACK_NONE, BACK_DISPATCH, BACK_REPLAY, BACK_RETAG, BACK_REVERT_PIN, BACK_EXTERNAL };
extern const struct names rollback_kind_names; /* none dispatch replay retag revert-pin external */

/* ---- stopping the line --------------------------------------------------------------------------------------------- */

enum freeze_kind { FREEZE_OTHER, FREEZE_TAG, FREEZE_LABEL, FREEZE_FILE };
extern const struct names freeze_kind_names; /* tag label file */
struct profile_freeze {
	int kind;
	const char *name;    /* tag, label */
	const char *path;    /* FILE */
	const char *ref;     /* FILE: branch */
	const char *pointer; /* FILE: true there means frozen; unreadable means not known, never not frozen */
	const char *expires; /* FILE: pointer to a time after which it is over, or NULL */
	/* FILE: another file that lifts it for a while; true at the pointer and not yet expired. Never taken on trust:
	 * shown beside the freeze, which stands. NULL none */
	const char *override_path, *override_pointer, *override_expires;
};
struct profile_freezes VEC_OF(struct profile_freeze);

/* ---- watching ----------------------------------------------------------------------------------------------------- */

/* The values of enum quote_knob (core/rules/quote.h): how hard one kind of failure is taken. */
enum hardness { HARD_POLICY, HARD_STRICT, HARD_WARN, HARD_OFF };
extern const struct names hardness_names; /* policy strict warn off */
/* What a machine's report data must be, of the challenge that it was sent: values of enum quote_binding (core/port/quote.h), one higher. */
enum attest_binding { BOUND_NONE, BOUND_RAW, BOUND_HEX, BOUND_SHA256, BOUND_SHA512 };
extern const struct names attest_binding_names; /* none raw hex sha256 sha512 */

/* Where the machines of a confidential system are listed, what they must measure to, and how hard that is taken. */
struct profile_attestation {
	const char *list, *chain; /* paths below the site; {id} in chain */
	const char *pins;         /* need (an asset) that pins the measurements */
	const char *pins_pointer; /* into it: /mrtds */
	const char *by_size;      /* into it: a map by node size, /rtmrs_by_size */
	const char *size_pointer; /* into a machine: /node_size */
	const char *jwks;         /* URL of the keys that sign tokens */
	int64_t max_age_s;        /* of a machine's evidence */
	const char *signer;       /* identity that signs images: template */
	const char *trusted;      /* path below the site: whom the control plane trusts; NULL not asked */
	int policy;               /* enum proof_strictness */
	const char *const *wants; /* quote, token: what must be there and hold; NULL: the quote */
	int tcb, nonce, rtmr, signature, td, age; /* enum hardness */
	const char *const *tcb_allowed;           /* words of tcb_status_names besides UpToDate */
	int binding;                              /* enum attest_binding */
	const char *issuer;                       /* of tokens; NULL: any */
	const char *const *platforms;             /* FMSPC or PPID; NULL: any */
	bool service_td;                          /* a bound service machine is allowed */
	bool stops; /* strict: machines that do not hold stop what brings the release that they run, too */
	const char *const *drop; /* members that are credentials, besides tunnel_token: never kept */
	const char *collateral;  /* absolute path of a file, instead of what was imported; NULL */
	const char *token_keys;  /* the same of the keys of tokens */
};
bool attestation_wants(const struct profile_attestation *t, const char *word);
