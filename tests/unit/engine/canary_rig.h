/*
 * canary_rig.h - an engine that looks for evidence, over the forge of fake.h, metrics of one table and a controller of one
 * struct. A train is under way in shop/prod; a test says which of its jobs have begun and what the sources tell.
 */
#pragma once

#include "core/rules/lanestate.h"
#include "tests/folder.h"
#include "fake_act.h"
#include "fake_meter.h"
#include "store/canaries.h"

#define TRAIN  ".github/workflows/train.yml"
#define TAG    "v2.0.0"
#define MINUTE INT64_C(60000)

/* ---- the rig ------------------------------------------------------------------------------------------------------- */

struct canary_rig {
	struct arena a;
	struct clock clock;
	struct loop *loop;
	struct fake fake;
	struct fake_meter meter;
	struct fake_mover mover;
	char dir[64];
	struct store *cache;
	struct profiles profiles;
	struct engine *en;
	bool no_meter;
	struct rollout *port; /* instead of the mover; NULL: the mover */
	struct run *run;
};

#define LANE "shop/prod"
#define COUNTED                                                                                        \
	"      metrics:\n"                                                                             \
	"        - {name: errors, kind: errors, unit: '%', scale: '100', limit: '1',"                  \
	" control_total: stable_all, control_bad: stable_bad, canary_total: 'canary_all[{interval}]'," \
	" canary_bad: canary_bad}\n"

static inline void canary_up(struct canary_rig *r)
{
	struct err e = ERR_INIT;
	struct engine_options o = { .loop = r->loop,
				    .forge = &r->fake.forge,
				    .cache = r->cache,
				    .journal_why = "no journal in this test",
				    .profiles = &r->profiles,
				    .sha256 = rig_digest,
				    .survey = true,
				    .who = "ana@bastion" };

	*vec_push(&o.movers, &r->a) = (struct mover){ LANE, r->port ? r->port : &r->mover.rollout };
	if (!r->no_meter)
		*vec_push(&o.meters, &r->a) = (struct meter){ LANE, &r->meter.metrics };
	if (engine_new(&r->en, &o, &e) < 0)
		fail_msg("%s", e.message);
	engine_attach(r->en, 1);
}

static inline void canary_down(struct canary_rig *r)
{
	engine_free(r->en);
	r->en = NULL;
	fake_end(&r->fake.forge);
	while (r->meter.calls)
		meter_call_free(r->meter.calls);
	timer_stop(r->mover.timer);
}

static inline void canary_profile(struct canary_rig *r, const char *canary)
{
	struct profile p;
	struct err e = ERR_INIT;
	const char *text = arena_printf(
		&r->a,
		"name: shop\nsystem: shop\nrepo: " REPO "\nlanes:\n  - environment: prod\n"
		"    workflow: train.yml\n    production: true\n    start: dispatch\n    ref: main\n"
		"    release_from: branch\n    stages:\n      - {name: ship, jobs: ['canary*', ship]}\n"
		"    canary:\n      steps: [5, 25, 100]\n      window_s: 300\n      interval_s: 30\n%s",
		canary);

	if (profile_parse(&p, "shop.yml", text, strlen(text), &r->a, &e) != 0)
		fail_msg("%s", e.message);
	*vec_push(&r->profiles, &r->a) = p;
}

static inline struct canary_rig *canary_rig_new(const char *canary)
{
	struct canary_rig *r = x_alloc(sizeof(*r));
	struct when start = { INT64_C(1795244889000) };
	struct err e = ERR_INIT;

	clock_manual(&r->clock, start);
	r->loop = loop_new(&r->clock);
	r->fake.loop = r->meter.loop = r->mover.loop = r->loop;
	r->fake.forge.ops = &fake_ops;
	r->meter.metrics.ops = &meter_ops;
	r->mover.rollout.ops = &mover_ops;
	r->mover.timer = timer_new(r->loop, mover_fires, &r->mover);
	r->fake.login = "octo-ana";
	r->fake.tag_sha = SHA;
	r->fake.next_run = 70;
	folder_new(r->dir);
	if (store_open(&r->cache, arena_printf(&r->a, "%s/cache.db", r->dir), STORE_WRITE, &e) < 0)
		fail_msg("%s", e.message);
	canary_profile(r, canary);
	canary_up(r);
	return r;
}

static inline void canary_rig_free(struct canary_rig *r)
{

	canary_down(r);
	timer_free(r->mover.timer);
	store_close(r->cache);
	loop_free(r->loop);
	folder_drop(r->dir);
	arena_done(&r->fake.a);
	arena_done(&r->a);
	free(r);
}

/* kill -9 and a new engine: only what is on disk survives. */
static inline void canary_restart(struct canary_rig *r)
{
	canary_down(r);
	canary_up(r);
}

static inline void canary_wait(struct canary_rig *r, int64_t ms)
{
	for (int64_t i = 0; i < ms; i += 500)
		loop_advance(r->loop, 500);
}

static inline struct when canary_now(const struct canary_rig *r)
{
	return clock_wall(&r->clock);
}

/* ---- facts ---------------------------------------------------------------------------------------------------------- */

static inline void train_starts(struct canary_rig *r)
{
	(void)add_run(&r->fake, "Train", RUN_IN_PROGRESS, CONCLUSION_OTHER);
	r->run = &r->fake.runs[r->fake.runs_n - 1];
	r->run->path = TRAIN;
	r->run->branch = TAG;
	r->run->started = r->run->created;
}

static inline void train_ends(struct canary_rig *r, int conclusion)
{
	r->run->status = RUN_COMPLETED;
	r->run->conclusion = conclusion;
	r->run->updated = canary_now(r);
}

static inline struct job *train_job(struct canary_rig *r, const char *name, int status)
{
	struct job *job = NULL;

	for (size_t i = 0; i < r->fake.jobs_n; i++)
		if (!strcmp(r->fake.jobs[i].name, name))
			job = &r->fake.jobs[i];
	if (!job) {
		job = &r->fake.jobs[r->fake.jobs_n++];
		*job = (struct job){ .id = r->run->id * 100 + (int64_t)r->fake.jobs_n,
				     .run_id = r->run->id,
				     .attempt = 1,
				     .name = name };
	}
	job->status = status;
	job->conclusion = status == RUN_COMPLETED ? CONCLUSION_SUCCESS : CONCLUSION_OTHER;
	if (status != RUN_QUEUED && !when_known(job->started))
		job->started = canary_now(r);
	r->run->updated = canary_now(r);
	return job;
}

static inline struct canary_book book_of(struct canary_rig *r)
{
	struct canary_book book = { 0 };
	struct err e = ERR_INIT;

	if (store_canary_read(&book, r->cache, LANE, &r->a, &e) != 0)
		fail_msg("there is no canary");
	return book;
}

static inline struct lane lane_of(struct canary_rig *r)
{
	struct key key = { .name = LANE };
	struct lane lane = { 0 };

	assert_int_equal(store_one(r->cache, Q_lane_by_name, &rec_key, &key, &rec_lane, &lane, &r->a, NULL),
			 0);
	return lane;
}
