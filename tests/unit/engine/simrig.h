/*
 * simrig.h - a whole engine over the simulated forge, in process and on a manual clock: what the tests of polling share.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/text.h"
#include "core/adapters/digest/digest.h"
#include "core/adapters/github/github.h"
#include "core/adapters/sim/sim.h"
#include "core/adapters/zip/zip.h"
#include "core/engine/internal.h"
#include "core/engine/sync.h"
#include "core/rules/lanestate.h"
#include "tests/folder.h"
#include "tap.h"

#define EASY "easyenclave/easyenclave"

struct simrig {
	struct clock clock;
	struct loop *loop;
	struct arena a;
	struct world *world;
	struct tap *tap;
	struct http *http; /* the simulated one, inside the tap */
	struct forge *forge;
	struct zip *zip;
	struct store *cache;
	struct profiles profiles;
	struct engine *en;
	char dir[64], path[128];
	/* the last answer */
	int status;
	struct json *json;
	bool answered;
	int changed; /* events */
	char notice[400];
};

static inline void must(int r, const struct err *e)
{
	if (r < 0)
		fail_msg("%s", e->message);
}

static inline void sim_event(void *ctx, const char *event, const char *text)
{
	struct simrig *r = ctx;

	r->changed += !strcmp(event, "changed");
	if (strcmp(event, "changed"))
		snprintf(r->notice, sizeof(r->notice), "%s", text);
}

static inline void sim_engine_up(struct simrig *r)
{
	struct err e = ERR_INIT;
	struct engine_options o = {
		.loop = r->loop,
		.forge = r->forge,
		.http = &r->tap->http,
		.zip = r->zip,
		.sha256 = digest_sha256,
		.cache = r->cache,
		.journal_why = "no journal in this test",
		.profiles = &r->profiles,
		.who = "ana@bastion",
	};

	must(engine_new(&r->en, &o, &e), &e);
	engine_on_event(r->en, sim_event, r);
}

static inline void sim_engine_down(struct simrig *r)
{
	engine_free(r->en);
	r->en = NULL;
}

/* An engine does not say goodbye when it is killed: the cache is all that is left. */
static inline void sim_restart(struct simrig *r)
{
	struct err e = ERR_INIT;

	sim_engine_down(r);
	store_close(r->cache);
	must(store_open(&r->cache, r->path, STORE_WRITE, &e), &e);
	sim_engine_up(r);
}

static inline struct simrig *sim_rig_new(const char *scenario, const char *const *profiles)
{
	static const char *const standard[] = { "easyenclave=" EASY, NULL };
	struct simrig *r = x_alloc(sizeof(*r));
	struct world_options w = { .scenario = scenario ? scenario : "break-glass", .speed = 1 };
	struct err e = ERR_INIT;
	struct when start;

	folder_new(r->dir);
	snprintf(r->path, sizeof(r->path), "%s/cache.db", r->dir);
	when_parse(&start, "2026-11-21T07:00:00Z");
	clock_manual(&r->clock, start);
	r->loop = loop_new(&r->clock);
	must(world_new(&r->world, &w, start, &e), &e);
	must(sim_http(&r->http, r->world, r->loop, &e), &e);
	r->tap = tap_new(r->http, r->loop);
	must(github_open(&r->forge, &r->tap->http, &r->clock, &e), &e);
	must(zip_open(&r->zip, &e), &e);
	must(store_open(&r->cache, r->path, STORE_WRITE, &e), &e);
	for (const char *const *p = profiles ? profiles : standard; *p; p++)
		must(profile_load(&r->profiles, *p, &r->a, &e), &e);
	sim_engine_up(r);
	return r;
}

static inline void sim_rig_free(struct simrig *r)
{
	static const char *const tails[] = { "", "-wal", "-shm" };

	engine_free(r->en);
	r->zip->ops->free(r->zip);
	forge_free(r->forge);
	http_free(&r->tap->http);
	world_free(r->world);
	store_close(r->cache);
	loop_free(r->loop);
	arena_done(&r->a);
	json_free(r->json);
	folder_drop(r->dir);
	free(r);
}

static inline void sim_reply(void *ctx, int status, const char *json)
{
	struct simrig *r = ctx;
	struct err e = ERR_INIT;

	assert_false(r->answered);
	r->answered = true;
	r->status = status;
	json_free(r->json);
	r->json = NULL;
	must(json_parse(&r->json, json, strlen(json), 1 << 20, &e), &e);
}

/* Asks and lets at most a minute pass; the exit status. */
static inline int sim_ask(struct simrig *r, const char *const *argv, int argc)
{
	r->answered = false;
	engine_ask(r->en, argc, argv, NULL, sim_reply, r);
	assert_false(r->answered);
	for (int i = 0; i < 600 && !r->answered; i++)
		loop_advance(r->loop, 100);
	assert_true(r->answered);
	return r->status;
}

static inline int sim_sync(struct simrig *r)
{
	static const char *const argv[] = { "sync", "--once" };

	return sim_ask(r, argv, 2);
}

static inline struct lane sim_lane(struct simrig *r, const char *name)
{
	struct key key = { .name = name };
	struct lane lane = { 0 };
	struct err e = ERR_INIT;

	assert_int_equal(store_one(r->cache, Q_lane_by_name, &rec_key, &key, &rec_lane, &lane, &r->a, &e), 0);
	return lane;
}

static inline const char *sim_setting(struct simrig *r, const char *name)
{
	struct key key = { .name = name };
	struct setting row = { .value = "" };
	struct err e = ERR_INIT;

	must(store_one(r->cache, Q_setting_by_name, &rec_key, &key, &rec_setting, &row, &r->a, &e), &e);
	return row.value;
}

/* A request of a captain's own, past the engine: dispatching in the forge's web pages. */
static inline int sim_post(struct simrig *r, const char *target, const char *body)
{
	struct world_request rq = {
		.method = "POST",
		.target = target,
		.authorization = "Bearer x",
		.user_agent = "test",
		.body = body,
		.body_n = strlen(body),
	};
	struct world_answer out = { 0 };

	world_advance(r->world, clock_wall(&r->clock));
	world_answer(r->world, &rq, &out, &r->a);
	return out.http.status;
}

static inline int sim_dispatch(struct simrig *r, const char *release)
{
	char body[256];

	snprintf(body, sizeof(body), "{\"ref\":\"main\",\"inputs\":{\"release_tag\":\"%s\"}}", release);
	return sim_post(r, "/repos/" EASY "/actions/workflows/production-rollout.yml/dispatches", body);
}

static inline int sim_count(struct simrig *r, const char *match)
{
	return world_count_requests(r->world, match);
}
