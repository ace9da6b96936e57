/* drive.h - a world under test: requests with little ceremony, and time that moves in steps. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "core/adapters/sim/sim.h"

#define EASY     "/repos/easyenclave/easyenclave"
#define PROD     EASY "/actions/workflows/production-rollout.yml"
#define START_MS INT64_C(1795244400000) /* 2026-11-21T07:00:00Z */

struct drive {
	struct world *w;
	struct arena a;
	struct world_answer last;
	struct json *body;
	int64_t now;
	const char *token, *etag, *accept;
};

static inline void drive_open(struct drive *d, const char *scenario)
{
	struct world_options o = { .scenario = scenario, .speed = 1 };
	struct err e = ERR_INIT;

	*d = (struct drive){ .now = START_MS, .token = "Bearer x" };
	if (world_new(&d->w, &o, (struct when){ d->now }, &e) < 0)
		fail_msg("%s", e.message);
}

static inline void drive_close(struct drive *d)
{
	json_free(d->body);
	world_free(d->w);
	arena_done(&d->a);
}

static inline void drive_pass(struct drive *d, int64_t ms)
{
	d->now += ms;
	world_advance(d->w, (struct when){ d->now });
}

/* Returns the status; the JSON, if it is some, is in d->body. */
static inline int drive_send(struct drive *d, const char *method, const char *target, const char *body)
{
	struct world_request rq = {
		.method = method,
		.target = target,
		.authorization = d->token,
		.user_agent = "test",
		.if_none_match = d->etag,
		.accept = d->accept,
		.body = body,
		.body_n = body ? strlen(body) : 0,
	};

	world_answer(d->w, &rq, &d->last, &d->a);
	json_free(d->body);
	d->body = NULL;
	if (json_parse(&d->body, d->last.http.body, d->last.http.body_n, 16 << 20, NULL) < 0)
		d->body = NULL;
	return d->last.http.status;
}

static inline int drive_get(struct drive *d, const char *target)
{
	return drive_send(d, "GET", target, NULL);
}

static inline const char *drive_path(struct drive *d, const char *fmt, ...) format_printf(2, 3);
static inline const char *drive_path(struct drive *d, const char *fmt, ...)
{
	va_list ap;
	const char *s;

	va_start(ap, fmt);
	s = arena_vprintf(&d->a, fmt, ap);
	va_end(ap);
	return s;
}

static inline int64_t drive_dispatch(struct drive *d, const char *tag)
{
	const char *body =
		drive_path(d,
			   "{\"ref\":\"main\",\"return_run_details\":true,\"inputs\":{\"release_tag\":\"%s\","
			   "\"rc_intent\":\"n0nce-%s\"}}",
			   tag, tag);

	assert_int_equal(drive_send(d, "POST", PROD "/dispatches", body), 200);
	return json_int(d->body, "workflow_run_id", 0);
}

static inline const char *drive_status(struct drive *d, int64_t run)
{
	assert_int_equal(drive_get(d, drive_path(d, EASY "/actions/runs/%" PRId64, run)), 200);
	return json_str(d->body, "status");
}

/* Steps of half a second, at most ten minutes. */
static inline void drive_until(struct drive *d, int64_t run, const char *status)
{
	for (int i = 0; i < 1200; i++) {
		if (strcmp(drive_status(d, run), status) == 0)
			return;
		drive_pass(d, 500);
	}
	fail_msg("the run never was %s", status);
}

static inline int drive_approve(struct drive *d, int64_t run, const char *state)
{
	drive_get(d, drive_path(d, EASY "/actions/runs/%" PRId64 "/pending_deployments", run));
	return drive_send(
		d, "POST", drive_path(d, EASY "/actions/runs/%" PRId64 "/pending_deployments", run),
		drive_path(d, "{\"environment_ids\":[%" PRId64 "],\"state\":\"%s\",\"comment\":\"ok\"}",
			   json_int(json_at(d->body, 0), "environment.id", 0), state));
}
