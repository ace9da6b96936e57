/*
 * fake_act.h - the acts of the forge of fake.h: what they would send, what they do to its facts, and how they may fail.
 */
#pragma once

#include "fake_read.h"

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
		.head_sha = f->run_sha ? f->run_sha : SHA,
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
	} else if (a->kind == FORGE_REVIEW && !f->deaf) {
		f->gates_n = 0;
		f->reviews[f->reviews_n++] = (struct review){ .state = a->approve ? "approved" : "rejected",
							      .user = f->login,
							      .comment = arena_strdup(&f->a, a->comment),
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
	if (f->late) {
		c->act = *a;
		timer_in(c->timer, LATENCY + f->late);
	} else if (!f->act_fail || f->act_first) {
		id = happen(f, a);
	}
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
