/*
 * world.h - small organisations at a fixed minute, put into a real cache through the store: for views and for screens.
 *
 * NORMAL is an afternoon with a failure, gates, runs and acts; HOSTILE puts text that attacks a terminal into every
 * field; OVERFLOW is three hundred lanes and runs with names that are too long and too wide.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "core/model/model.h"
#include "store/store.h"
#include "tests/folder.h"

#define WORLD_NOW 1795269737000 /* 2026-11-21T14:02:17Z */
#define MINUTES   ((int64_t)60000)
#define HOURS     (60 * MINUTES)

enum world_kind { WORLD_NORMAL, WORLD_HOSTILE, WORLD_OVERFLOW };

/* Escapes, C1, bidirectional and invisible characters, bad bytes, a forged second line, marks without end. */
#define HOSTILE_TEXT                                                        \
	"a\033]0;x\a\033[2J\033[31m\rOK\n\tb\x7f\xc2\x9b\x31m\xe2\x80\xae"  \
	"drawer\xe2\x80\x8b\xe2\x81\xa6\xff\xc0\xaf\xef\xbb\xbf"            \
	"e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81" \
	"\xf3\xa0\x81\x81\xed\xa0\x80"

/* What stands in each field of a hostile world: this, or one of a corpus. */
static const char *world_hostile_text maybe_unused = HOSTILE_TEXT;
#define HOSTILE world_hostile_text

struct world {
	char dir[64], path[96];
	struct store *store;
	struct arena a;
	struct err e;
};

static inline struct when world_ago(int64_t ms)
{
	return (struct when){ WORLD_NOW - ms };
}

static inline void world_put(struct world *w, enum query q, const struct rec *rec, const void *row)
{
	if (store_run(w->store, q, rec, row, &w->e) < 0)
		fail_msg("%s: %s", rec->name, w->e.message);
}

static inline void world_setting(struct world *w, const char *name, const char *value)
{
	struct setting s = { .name = name, .value = value, .at = world_ago(0) };
	world_put(w, Q_setting_put, &rec_setting, &s);
}

static inline void world_open(struct world *w)
{
	memset(w, 0, sizeof(*w));
	folder_new(w->dir);
	snprintf(w->path, sizeof(w->path), "%s/cache.db", w->dir);
	if (store_open(&w->store, w->path, STORE_WRITE, &w->e) < 0)
		fail_msg("%s", w->e.message);
}

static inline void world_close(struct world *w)
{
	store_close(w->store);
	folder_drop(w->dir);
	arena_done(&w->a);
}

static inline void world_lane(struct world *w, const struct lane *from, int64_t ordinal, int64_t age)
{
	struct lane l = *from;
	const char *slash = strchr(l.name, '/');
	l.system = arena_strndup(&w->a, l.name, slash ? (size_t)(slash - l.name) : strlen(l.name));
	l.environment = slash ? slash + 1 : "";
	l.repo = arena_printf(&w->a, "acme/%s", l.system);
	l.live_sha = "77ab31c0de77ab31c0de77ab31c0de77ab31c0de";
	l.ordinal = ordinal;
	l.since = world_ago(from->since.ms);
	l.checked = world_ago(age);
	l.stale_after = 5 * MINUTES;
	world_put(w, Q_lane_put, &rec_lane, &l);
}

static inline void world_run(struct world *w, int64_t id, const char *lane, int status, int conclusion,
			     const char *title, const char *actor, int64_t age, int64_t took)
{
	struct run r = { .id = id,
			 .repo = "acme/easy",
			 .lane = lane,
			 .attempt = 1,
			 .number = id % 1000,
			 .workflow_id = 7,
			 .workflow = "production-rollout",
			 .path = ".github/workflows/p.yml",
			 .title = title,
			 .event = "workflow_dispatch",
			 .branch = "main",
			 .head_sha = "77ab31c0de77ab31c0de77ab31c0de77ab31c0de",
			 .status = status,
			 .conclusion = conclusion,
			 .actor = actor,
			 .triggering_actor = actor,
			 .created = world_ago(age),
			 .started = world_ago(age - 2000),
			 .updated = world_ago(age - took),
			 .url = "https://forge.example/acme/easy/runs/1",
			 .release = "v0.9.4",
			 .seen = world_ago(4000) };
	world_put(w, Q_run_put, &rec_run, &r);
}

static inline void world_job(struct world *w, int64_t run, int64_t id, const char *name, const char *stage,
			     int status, int conclusion, const char *steps)
{
	struct job j = { .id = id,
			 .run_id = run,
			 .attempt = 1,
			 .name = name,
			 .stage = stage,
			 .status = status,
			 .conclusion = conclusion,
			 .started = world_ago(12 * MINUTES),
			 .completed = status == RUN_COMPLETED ? world_ago(9 * MINUTES) : WHEN_NONE,
			 .steps = steps,
			 .seen = world_ago(4000) };
	world_put(w, Q_job_put, &rec_job, &j);
}

static inline void world_gate(struct world *w, int64_t run, const char *lane, const char *environment,
			      bool mine)
{
	struct gate g = { .run_id = run,
			  .attempt = 1,
			  .lane = lane,
			  .environment_id = run + 1,
			  .environment = environment,
			  .since = world_ago(12 * MINUTES),
			  .reviewers = "kim, ben",
			  .can_approve = mine,
			  .why_not = mine ? "" : "you are not among its reviewers",
			  .seen = world_ago(4000) };
	world_put(w, Q_gate_put, &rec_gate, &g);
}

static inline void world_intent(struct world *w, int64_t id, const char *act, const char *lane,
				const char *subject, int state, const char *reason, const char *note,
				int64_t age)
{
	struct intent in = { .id = id,
			     .nonce = arena_printf(&w->a, "%032d", (int)id),
			     .plan_id = "7c1e93f0",
			     .act = act,
			     .lane = lane,
			     .repo = "acme/easy",
			     .subject = subject,
			     .line = "dispatch easy/prod v0.9.4",
			     .request = "POST /x",
			     .body = "{}",
			     .who = "ana@bastion (octo-ana)",
			     .reason = reason,
			     .relies_on = "{}",
			     .state = state,
			     .run_id = state == INTENT_LINKED ? 35531727001 : 0,
			     .run_url = "",
			     .note = note,
			     .sends = 1,
			     .created = world_ago(age),
			     .sent = world_ago(age),
			     .settled = intent_is_open(state) ? WHEN_NONE : world_ago(age - 1000) };
	world_put(w, Q_intent_mirror_put, &rec_intent, &in);
}

static inline void world_event(struct world *w, const char *lane, const char *text, int64_t age)
{
	struct key k = { .at = world_ago(age), .name = lane, .text = text };
	world_put(w, Q_event_put, &rec_key, &k);
}
