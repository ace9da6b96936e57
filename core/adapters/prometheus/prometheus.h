/*
 * prometheus.h - the metrics port over the HTTP API of Prometheus (and of what speaks it: Thanos, Mimir, VictoriaMetrics).
 *
 * Every read is one POST of a form (/api/v1/query, /api/v1/query_range), because an expression may be longer than an
 * address may be; where an instant has no series a second one asks whether it had one lately. Nothing is ever followed to
 * another place. The bearer's token is read from its file for each request, since such tokens rotate, by the rules of
 * base/secret.h; it goes to the http port's one origin and is taken out of whatever the server says back.
 */
#pragma once

#include "core/port/http.h"
#include "core/port/metrics.h"

struct prometheus_options {
	const char *base;       /* of the http port's origin, maybe with more path; NULL: the port's own */
	const char *token_file; /* or NULL: nobody is asked who we are */
	msec timeout;           /* of one request; 0: 10 s. The server is told to give up a little earlier */
};

/* Borrows http (bare, without a token of its own); copies the options. ERR_INVALID: base is elsewhere than http. */
int prometheus_open(struct metrics **out, struct http *http, const struct prometheus_options *o,
		    struct err *e) must_check;
