/*
 * rig.h - an engine over a forge made of one struct, on a manual clock: what the tests of plans, acts and reconciling share.
 *
 * The forge answers 50 ms after it is asked. A test sets the facts, arms at most one fault for the next act, and asks by
 * command line. The journal is a real file in a directory of the test's own, so that an engine can die and come back.
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
#include "core/engine/internal.h"

#define LATENCY 50
#define REPO    "easyenclave/easyenclave"
#define SHA     "1111111111111111111111111111111111111111"
#define ROLLOUT ".github/workflows/production-rollout.yml"

struct call {
	struct call *next;
	struct fake *f;
	struct timer *timer;
	struct forge_read read;
	char name[128], workflow[128];
	forge_done done;
	forge_acted acted;
	void *ctx;
	bool silent;
	enum err_kind fail;
	int64_t run_id;
	char url[64];
};

struct fake {
	struct forge forge;
	struct loop *loop;
	struct call *calls;
	struct arena a;
	const char *login, *workflow_state, *tag_sha, *environment, *log;
	struct release release;
	bool no_release, no_tag, no_environment;
	struct run runs[24];
	size_t runs_n;
	struct gate gates[4];
	size_t gates_n;
	struct review reviews[4];
	size_t reviews_n;
	struct job jobs[4];
	size_t jobs_n;
	int64_t ahead, behind;
	enum err_kind fail[FORGE_READ_MAX_]; /* while set, such reads fail so */
	int reads[FORGE_READ_MAX_];
	/* the next acts */
	enum err_kind act_fail;
	bool act_first; /* with act_fail: it happens, and the answer is lost */
	bool no_run_id; /* accepted without saying which run */
	bool silent;    /* never answers */
	bool hide_runs; /* new runs are not listed yet */
	int doubles;    /* runs more that one dispatch makes */
	int sends;
	char body[4096]; /* of the last act */
	int64_t next_run;
};

/* ---- the forge --------------------------------------------------------------------------------------------------- */

static inline void call_free(struct call *c)
{
	for (struct call **p = &c->f->calls; *p; p = &(*p)->next) {
		if (*p == c) {
			*p = c->next;
			break;
		}
	}
	timer_free(c->timer);
	free(c);
}

static inline const char *file_part(const char *path)
{
	return strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

static inline void list_runs(struct fake *f, const struct call *c, struct run *out, struct forge_answer *a)
{
	for (size_t i = f->runs_n; i-- > 0;) {
		if (*c->workflow && strcmp(file_part(f->runs[i].path), c->workflow) != 0)
			continue;
		if (f->hide_runs && f->runs[i].id >= 5000)
			continue;
		out[a->n++] = f->runs[i];
	}
	a->items = out;
}

static inline bool find_run(struct fake *f, int64_t id, struct forge_answer *a)
{
	for (size_t i = 0; i < f->runs_n; i++) {
		if (f->runs[i].id == id) {
			a->items = &f->runs[i];
			a->n = 1;
			return true;
		}
	}
	return false;
}

/* False: there is no such thing. */
static inline bool answer_read(struct fake *f, const struct call *c, struct run *room, struct forge_answer *a)
{
	switch (c->read.kind) {
	case FORGE_USER:
		a->text = f->login;
		return true;
	case FORGE_WORKFLOW:
		a->number = 7;
		a->text = f->workflow_state;
		return true;
	case FORGE_COMMIT:
		a->text = f->tag_sha;
		a->text2 = "the commit";
		return !f->no_tag;
	case FORGE_RELEASE:
	case FORGE_RELEASES:
		a->items = &f->release;
		a->n = 1;
		return !f->no_release;
	case FORGE_RUNS:
		list_runs(f, c, room, a);
		return true;
	case FORGE_RUN:
		return find_run(f, c->read.id, a);
	case FORGE_JOBS:
		a->items = f->jobs;
		a->n = f->jobs_n;
		return true;
	case FORGE_GATES:
		a->items = f->gates;
		a->n = f->gates_n;
		return true;
	case FORGE_REVIEWS:
		a->items = f->reviews;
		a->n = f->reviews_n;
		return true;
	case FORGE_ENVIRONMENT:
		a->text = f->environment;
		return !f->no_environment;
	case FORGE_COMPARE:
		a->number = f->ahead;
		a->number2 = f->behind;
		a->text = "[{\"sha\":\"" SHA
			  "\",\"title\":\"a change\",\"author\":\"ana\",\"date\":\"2026-11-21T00:00:00Z\"}]";
		return true;
	case FORGE_LOG:
		a->text = f->log;
		a->number = f->log ? (int64_t)strlen(f->log) : 0;
		return f->log != NULL;
	case FORGE_RATE:
	case FORGE_FILE:
	case FORGE_READ_MAX_:
		break;
	}
	return false;
}

static inline void read_fires(void *ctx)
{
	struct call *c = ctx;
	struct fake *f = c->f;
	struct run room[24];
	struct forge_answer a = { .rate = { .limit = 5000, .remaining = 4990 },
				  .date = clock_wall(loop_clock(f->loop)) };
	struct err e = ERR_INIT;
	enum err_kind fail = c->fail ? c->fail : f->fail[c->read.kind];

	if (fail || !answer_read(f, c, room, &a))
		err_set(&e, fail ? fail : ERR_MISSING, fail ? "the read failed" : "there is no such thing");
	c->done(c->ctx, e.kind ? NULL : &a, e.kind ? &e : NULL);
	call_free(c);
}

static inline void act_fires(void *ctx)
{
	struct call *c = ctx;
	struct forge_result r = { .run_id = c->run_id, .run_url = c->run_id ? c->url : NULL, .status = 200 };
	struct err e = ERR_INIT;

	if (c->fail)
		err_set(&e, c->fail, "the act failed: %s", err_word(c->fail));
	c->acted(c->ctx, c->fail ? NULL : &r, c->fail ? &e : NULL);
	call_free(c);
}

static inline struct call *call_new(struct fake *f, timer_fn fn)
{
	struct call *c = x_alloc(sizeof(*c));

	c->f = f;
	c->next = f->calls;
	f->calls = c;
	c->timer = timer_new(f->loop, fn, c);
	timer_in(c->timer, LATENCY);
	return c;
}

static inline int fake_read(struct forge *forge, const struct forge_read *r, forge_done done, void *ctx,
			    struct err *e)
{
	struct fake *f = (struct fake *)forge;
	struct call *c = call_new(f, read_fires);

	(void)e;
	f->reads[r->kind]++;
	c->read = *r;
	(void)snprintf(c->name, sizeof(c->name), "%s", r->name ? r->name : "");
	(void)snprintf(c->workflow, sizeof(c->workflow), "%s", r->workflow ? r->workflow : "");
	c->done = done;
	c->ctx = ctx;
	return 0;
}

static inline int fake_describe(struct forge *forge, const struct forge_act *a, struct buf *rq,
				struct buf *body, struct err *e)
{
	(void)forge;
	(void)e;
	switch (a->kind) {
	case FORGE_DISPATCH:
		buf_fmt(rq, "POST /repos/%s/actions/workflows/%s/dispatches", a->repo, a->workflow);
		buf_fmt(body, "{\"ref\":\"%s\",\"inputs\":%s}", a->ref, a->inputs);
		break;
	case FORGE_REVIEW:
		buf_fmt(rq, "POST /repos/%s/actions/runs/%" PRId64 "/pending_deployments", a->repo, a->run);
		buf_fmt(body, "{\"environment_ids\":[%" PRId64 "],\"state\":\"%s\",\"comment\":\"%s\"}",
			a->environment_ids_n ? a->environment_ids[0] : 0,
			a->approve ? "approved" : "rejected", a->comment);
		break;
	case FORGE_CANCEL:
		buf_fmt(rq, "POST /repos/%s/actions/runs/%" PRId64 "/%s", a->repo, a->run,
			a->force ? "force-cancel" : "cancel");
		break;
	case FORGE_RERUN:
		buf_fmt(rq, "POST /repos/%s/actions/runs/%" PRId64 "/rerun", a->repo, a->run);
		break;
	}
	return 0;
}

static inline int64_t add_run(struct fake *f, const char *title, int status, int conclusion)
{
	int64_t id = f->next_run++;

	f->runs[f->runs_n++] = (struct run){
		.id = id,
		.attempt = 1,
		.workflow_id = 7,
		.path = ROLLOUT,
		.workflow = "Production Rollout",
		.title = arena_strdup(&f->a, title),
		.event = "workflow_dispatch",
		.branch = "main",
		.head_sha = SHA,
		.status = status,
		.conclusion = conclusion,
		.actor = "octo-ana",
		.triggering_actor = "octo-ana",
		.created = clock_wall(loop_clock(f->loop)),
		.updated = clock_wall(loop_clock(f->loop)),
		.url = arena_printf(&f->a, "https://forge.test/runs/%" PRId64, id),
	};
	return id;
}

/* The world's side of an act. */
static inline int64_t happen(struct fake *f, const struct forge_act *a)
{
	autofree(json) struct json *in = NULL;
	int64_t id = 0;

	if (a->kind == FORGE_DISPATCH) {
		assert_int_equal(json_parse(&in, a->inputs, strlen(a->inputs), 65536, NULL), 0);
		const char *release = json_str(in, "release_tag"), *nonce = json_str(in, "rc_intent");
		const char *title = arena_printf(&f->a, "Production Rollout %s %s", release ? release : "",
						 nonce ? nonce : "");

		id = add_run(f, title, RUN_WAITING, CONCLUSION_OTHER);
		for (int i = 0; i < f->doubles; i++)
			add_run(f, title, RUN_QUEUED, CONCLUSION_OTHER);
	} else if (a->kind == FORGE_REVIEW) {
		f->gates_n = 0;
		f->reviews[f->reviews_n++] = (struct review){ .state = a->approve ? "approved" : "rejected",
							      .user = f->login,
							      .comment = "",
							      .environments = "production" };
	}
	for (size_t i = 0; i < f->runs_n; i++) {
		if (f->runs[i].id != a->run)
			continue;
		if (a->kind == FORGE_CANCEL) {
			f->runs[i].status = RUN_COMPLETED;
			f->runs[i].conclusion = CONCLUSION_CANCELLED;
		} else if (a->kind == FORGE_RERUN) {
			f->runs[i].status = RUN_QUEUED;
			f->runs[i].attempt++;
		}
	}
	return id;
}

static inline int fake_act(struct forge *forge, const struct forge_act *a, forge_acted done, void *ctx,
			   struct err *e)
{
	struct fake *f = (struct fake *)forge;
	struct call *c = call_new(f, act_fires);
	struct buf rq = BUF_INIT(4096), body = BUF_INIT(sizeof(f->body) - 1);
	int64_t id = 0;

	(void)e;
	f->sends++;
	assert_int_equal(fake_describe(forge, a, &rq, &body, NULL), 0);
	memcpy(f->body, body.s, body.n + 1);
	buf_done(&rq);
	buf_done(&body);
	c->acted = done;
	c->ctx = ctx;
	c->fail = f->act_fail;
	if (!f->act_fail || f->act_first)
		id = happen(f, a);
	c->run_id = f->no_run_id ? 0 : id;
	(void)snprintf(c->url, sizeof(c->url), "https://forge.test/runs/%" PRId64, id);
	if (f->silent)
		timer_stop(c->timer);
	return 0;
}

static inline void fake_end(struct forge *forge)
{
	struct fake *f = (struct fake *)forge;

	while (f->calls) {
		f->calls->fail = f->calls->acted ? ERR_UNKNOWN : ERR_CANCELLED;
		(f->calls->acted ? act_fires : read_fires)(f->calls);
	}
}

static const struct forge_ops fake_ops = {
	.read = fake_read, .act = fake_act, .describe = fake_describe, .free = fake_end
};

/* ---- the rig ------------------------------------------------------------------------------------------------------ */

struct rig {
	struct arena a;
	struct clock clock;
	struct loop *loop;
	struct fake fake;
	char dir[64];
	struct store *cache;
	struct journal *journal;
	struct profiles profiles;
	struct engine *en;
	bool read_only;
	const char *notice; /* the last */
	/* last answer */
	int answers, status;
	struct json *json;
	const char *text;
};

static inline void rig_event(void *ctx, const char *event, const char *text)
{
	struct rig *r = ctx;

	if (!strcmp(event, "notice"))
		r->notice = arena_strdup(&r->a, text);
}

static inline void rig_up(struct rig *r)
{
	struct engine_options o = { .loop = r->loop,
				    .forge = &r->fake.forge,
				    .cache = r->cache,
				    .journal = r->journal,
				    .journal_why = "it is on a read-only file system",
				    .profiles = &r->profiles,
				    .read_only = r->read_only,
				    .who = "ana@bastion" };
	struct err e = ERR_INIT;

	assert_int_equal(engine_new(&r->en, &o, &e), 0);
	engine_on_event(r->en, rig_event, r);
}

static inline const char *rig_path(struct rig *r, const char *name)
{
	return arena_printf(&r->a, "%s/%s", r->dir, name);
}

static inline void rig_open_journal(struct rig *r)
{
	struct err e = ERR_INIT;

	if (journal_open(&r->journal, rig_path(r, "journal.db"), &e) != 0)
		fail_msg("%s", e.message);
}

/* kill -9 and a new engine: only what is on disk survives. Answers of the forge still under way find nobody. */
static inline void rig_crash(struct rig *r)
{
	engine_free(r->en);
	fake_end(&r->fake.forge);
	journal_close(r->journal);
	rig_open_journal(r);
	rig_up(r);
}

static inline void rig_facts(struct fake *f)
{
	f->forge.ops = &fake_ops;
	f->login = "octo-ana";
	f->workflow_state = "active";
	f->tag_sha = SHA;
	f->environment =
		"{\"id\":99,\"name\":\"production\",\"reviewers\":[\"ben\"],\"prevent_self_review\":false,"
		"\"wait_timer\":0}";
	f->release = (struct release){
		.id = 3,
		.tag = "v0.9.4",
		.assets = "[{\"name\":\"trusted_values.v0.9.4.json\",\"digest\":\"sha256:aa\"},"
			  "{\"name\":\"gcp-image.v0.9.4.json\"},{\"name\":\"example-images.v0.9.4.json\"}]",
	};
	f->ahead = 5;
	f->next_run = 1000;
	add_run(f, "Production Rollout v0.9.2", RUN_COMPLETED, CONCLUSION_SUCCESS);
	add_run(f, "Production Rollout v0.9.3", RUN_COMPLETED, CONCLUSION_SUCCESS);
	f->next_run = 5000;
}

static inline int rig_setup(void **state)
{
	struct rig *r = x_alloc(sizeof(*r));
	struct when start = { INT64_C(1795244889000) };
	struct err e = ERR_INIT;

	*state = r;
	clock_manual(&r->clock, start);
	r->loop = loop_new(&r->clock);
	r->fake.loop = r->loop;
	rig_facts(&r->fake);
	memcpy(r->dir, "/tmp/rig-XXXXXX", sizeof("/tmp/rig-XXXXXX"));
	assert_non_null(mkdtemp(r->dir));
	assert_true(store_open(&r->cache, rig_path(r, "cache.db"), STORE_WRITE, &e) >= 0);
	rig_open_journal(r);
	if (profile_load(&r->profiles, "easyenclave", &r->a, &e) < 0)
		fail_msg("%s", e.message);
	rig_up(r);
	return 0;
}

static inline int rig_teardown(void **state)
{
	struct rig *r = *state;
	static const char *const files[] = { "cache.db",   "cache.db-wal",   "cache.db-shm",
					     "journal.db", "journal.db-wal", "journal.db-shm" };

	engine_free(r->en);
	fake_end(&r->fake.forge);
	journal_close(r->journal);
	store_close(r->cache);
	loop_free(r->loop);
	json_free(r->json);
	for (size_t i = 0; i < countof(files); i++)
		(void)unlink(rig_path(r, files[i]));
	(void)rmdir(r->dir);
	arena_done(&r->fake.a);
	arena_done(&r->a);
	free(r);
	return 0;
}

/* ---- asking -------------------------------------------------------------------------------------------------------- */

static inline void rig_reply(void *ctx, int status, const char *text)
{
	struct rig *r = ctx;
	struct err e = ERR_INIT;

	json_free(r->json);
	r->json = NULL;
	r->answers++;
	r->status = status;
	r->text = arena_strdup(&r->a, text);
	if (json_parse(&r->json, text, strlen(text), (size_t)4 << 20, &e) < 0)
		fail_msg("the answer is no JSON: %s: %s", e.message, text);
}

static inline void rig_begin(struct rig *r, const char *line, const char *plan_id)
{
	const char **argv;
	int argc;

	assert_int_equal(command_split(&argv, &argc, line, &r->a, NULL), 0);
	engine_ask(r->en, argc, argv, plan_id, rig_reply, r);
}

static inline void rig_wait(struct rig *r, int answers)
{
	for (int i = 0; i < 4000 && r->answers < answers; i++)
		loop_advance(r->loop, 20);
	assert_int_equal(r->answers, answers);
}

/* Asks and waits for the answer; its exit status. */
static inline int rig_plan_ask(struct rig *r, const char *line, const char *plan_id)
{
	int want = r->answers + 1;

	rig_begin(r, line, plan_id);
	rig_wait(r, want);
	return r->status;
}

static inline int rig_ask(struct rig *r, const char *line)
{
	return rig_plan_ask(r, line, NULL);
}

static inline const char *rig_str(struct rig *r, const char *path)
{
	const char *s = json_str(r->json, path);

	return s ? s : "";
}

/* Status word of a check of the last plan, "" when it is not there. */
static inline const char *rig_check(struct rig *r, const char *name)
{
	const struct json *checks = json_get(r->json, "checks");

	for (size_t i = 0; i < json_size(checks); i++) {
		if (!strcmp(json_str(json_at(checks, i), "name"), name))
			return json_str(json_at(checks, i), "status");
	}
	return "";
}

static inline int rig_intents(struct rig *r, struct intents *out)
{
	*out = (struct intents){ 0 };
	assert_int_equal(journal_recent(r->journal, 100, out, &r->a, NULL), 0);
	return (int)out->n;
}

#define DISPATCH "dispatch easy/prod v0.9.4 --confirm \"easy/prod v0.9.4\""
