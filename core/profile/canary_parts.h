/*
 * canary_parts.h - the share of the traffic that grows in steps: who says what it is, what it is judged by, who can be told
 * to stop it. Plain data, as parts.h.
 *
 * Numbers that need not be whole stand as text and are decimal ("0.01"): canary_value() of core/model/canary.h reads them.
 * Expressions are PromQL with two holes, {interval} ("30s") and {limit} (the metric's limit in the source's own unit).
 */
#pragma once

#include "base/arena.h"
#include "base/names.h"
#include "base/vec.h"

enum weight_kind {
	WEIGHT_OTHER,
	WEIGHT_DEPLOYMENT, /* payload of the newest deployment to `environment` */
	WEIGHT_STATUS,     /* description of that deployment's newest status */
	WEIGHT_JOBS,       /* a job or a step for each rung */
	WEIGHT_ARTIFACT,   /* JSON of the run */
	WEIGHT_LOG,        /* of a job, when it has ended */
	WEIGHT_ARGO,
	WEIGHT_FLAGGER,
	WEIGHT_METRIC, /* share of the traffic, 0..1 */
};
extern const struct names weight_kind_names; /* deployment status jobs artifact log argo flagger metric */
/* Who tells what share of the traffic was set. */
struct profile_weight {
	int from;                /* enum weight_kind */
	const char *environment; /* DEPLOYMENT STATUS */
	const char *pointer;     /* DEPLOYMENT: into the payload; ARTIFACT: into its entry. A percent */
	const char *pattern;     /* STATUS: glob with {percent} once */
	const char *jobs;        /* JOBS: glob with {percent} once, over names of jobs and of their steps */
	const char *artifact, *entry; /* ARTIFACT: template, glob */
	const char *job;              /* LOG: glob */
	const char *const
		*lines; /* LOG: globs over its lines, {percent} once each; the last that fits counts */
	const char *namespace, *name; /* ARGO FLAGGER */
	const char *gate;             /* FLAGGER: base URL of the load tester's gates, NULL none */
	const char *query;            /* METRIC */
};
struct profile_weights VEC_OF(struct profile_weight);

/* What share of the traffic really goes there, 0..1. */
struct profile_seen {
	const char *query;
};

/* A service that is asked over HTTP. */
struct profile_service {
	const char *url;     /* NULL: the engine's option says it, or nobody */
	const char *ca_file; /* absolute; NULL: the system's authorities */
	const char
		*token_file; /* absolute, 0600, ours, no link: sent to that one origin; NULL: none is sent */
};

enum canary_metric_kind { METRIC_OTHER, METRIC_ERRORS, METRIC_LATENCY, METRIC_GAUGE };
extern const struct names canary_metric_kind_names; /* errors latency gauge */
enum metric_worse { WORSE_HIGHER, WORSE_LOWER };
extern const struct names metric_worse_names; /* higher lower */
struct profile_metric {
	const char *name, *unit;
	int kind;          /* enum canary_metric_kind */
	const char *scale; /* what the source's values are multiplied by to be in the unit; NULL: 1 */
	const char *limit; /* in the unit; NULL: limit_file, or none */
	const char *limit_file, *limit_pointer; /* YAML or JSON of the repository at the release's commit */
	const char *limit_scale;                /* what stands there times this is in the unit; NULL: 1 */
	int worse;                              /* GAUGE: enum metric_worse */
	bool raw;                               /* GAUGE: each value is one observation, no average */
	const char *baseline; /* ERRORS LATENCY: share of bad ones that is normal, NULL: control's own */
	/* ERRORS: NULL, both: the share of the bad ones, times scale */
	const char *control, *canary;             /* value expressions */
	const char *control_total, *canary_total; /* ERRORS LATENCY: requests in {interval} */
	const char *control_bad, *canary_bad;     /* and those that were bad, */
	const char *control_good, *canary_good;   /* or those that were not */
};
struct profile_metrics VEC_OF(struct profile_metric);

struct profile_budget {
	const char *objective; /* percent of good ones that is promised */
	int64_t window_d;
};

enum control_kind {
	CONTROL_OTHER,
	CONTROL_GATE,     /* the next rung's environment is left unapproved, or approved */
	CONTROL_VARIABLE, /* a variable of the repository that the workflow reads */
	CONTROL_TAG,      /* a git tag that it looks for: made, and by resume taken away */
	CONTROL_ARGO,
	CONTROL_FLAGGER,
	CONTROL_CANCEL, /* of the run */
};
extern const struct names control_kind_names; /* gate variable tag argo flagger cancel */
/* What can be told to stop, to go on or to go back; the first that has the act and can do it now is used. */
struct profile_control {
	int by;                       /* enum control_kind */
	const char *const *acts;      /* of hold resume promote promote-full abort */
	const char *environment;      /* GATE: with {percent} of the next rung, or without */
	const char *name;             /* VARIABLE TAG; ARGO FLAGGER: the object */
	const char *value;            /* VARIABLE: what is written; {percent} of the next rung */
	const char *namespace, *gate; /* ARGO FLAGGER; FLAGGER */
};
struct profile_controls VEC_OF(struct profile_control);

struct profile_canary {
	const char *const *steps; /* "5", "25": percent, rising */
	int64_t window_s;         /* what is watched after each step */
	int64_t interval_s;       /* between samples */
	struct profile_weights weight;
	const struct profile_seen *seen;                /* NULL: nothing says it */
	const struct profile_service *source, *cluster; /* metrics; Kubernetes. NULL: as without a url */
	struct profile_metrics metrics;
	const struct profile_budget *budget; /* NULL none */
	struct profile_controls control;
	const char *decision; /* decision of the lane that says promote or go back, or NULL */
};

/* The percent that stands in text where the glob has {percent}, in hundredths of a percent; -1: it does not fit, or fits
 * with two different numbers. At most two decimals, at most 100. */
int64_t profile_percent_in(const char *glob, const char *text, struct arena *a);
