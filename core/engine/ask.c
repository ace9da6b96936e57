#include "core/engine/override.h"

#include "base/json.h"
#include "core/engine/act_reply.h"
#include "core/engine/plandoc.h"
#include "core/engine/reconcile.h"
#include "core/engine/sentry.h"

#include <stdlib.h>
#include <string.h>

static void ask_free(struct ask *k)
{
	timer_free(k->timer);
	arena_done(&k->arena);
	free(k);
}

static void ask_unlink(struct ask *k)
{
	for (struct ask **p = &k->acts->asks; *p; p = &(*p)->next) {
		if (*p == k) {
			*p = k->next;
			return;
		}
	}
}

static void ask_tick(void *ctx)
{
	struct ask *k = ctx;
	ask_step step = k->step;

	k->step = NULL;
	if (step)
		step(k);
}

void ask_in(struct ask *k, msec delay, ask_step step)
{
	k->step = step;
	timer_in(k->timer, delay);
}

void ask_then(struct ask *k, ask_step step)
{
	if (!k->acts) {
		if (!k->pending)
			ask_free(k);
		return;
	}
	k->step = step;
	if (!k->pending)
		timer_in(k->timer, 0);
}

/* The answer is the last thing that happens to an ask. It may ask the next thing from inside reply(). */
void ask_reply(struct ask *k, int exit_status, struct buf *json)
{
	engine_reply reply = k->reply;
	void *ctx = k->reply_ctx;

	reconcile_drop_ask(k->acts, k);
	ask_unlink(k);
	ask_free(k);
	if (json->over)
		reply(ctx, err_exit_status(ERR_BUG),
		      "{\"error\":{\"code\":\"bug\",\"message\":\"the answer is too long\",\"fix\":null}}");
	else
		reply(ctx, exit_status, json->s);
	buf_done(json);
}

#define QUOTED_MAX 200 /* bytes of a word: longer ones are nobody's names, and would fill the screen */

static bool within_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Sentences quote what a person typed: of a word without end its beginning stays, whole characters only. */
static void add_sentence(struct buf *out, const char *s)
{
	while (*s) {
		size_t n = strcspn(s, " "), keep = n > QUOTED_MAX ? QUOTED_MAX : n;

		while (keep < n && keep && within_character(s[keep]))
			keep--;
		buf_add(out, s, keep);
		buf_str(out, keep < n ? ".." : "");
		s += n;
		n = strspn(s, " ");
		buf_add(out, s, n);
		s += n;
	}
}

void act_write_error(struct jw *w, const char *code, const char *message, const char *fix)
{
	const char *words = message ? message : "", *way = fix ? fix : "";
	autofree(buf) struct buf said = BUF_INIT(2 * strlen(words) + 1);
	autofree(buf) struct buf clear = BUF_INIT(2 * strlen(way) + 1);

	add_sentence(&said, words);
	add_sentence(&clear, way);
	jw_kerror(w, code, said.s, clear.s);
}

void ask_fail(struct ask *k, int exit_status, const char *code, const char *message, const char *fix)
{
	struct buf out = BUF_INIT(REPLY_MAX);
	struct jw w;

	jw_init(&w, &out);
	jw_open(&w, '{');
	act_write_error(&w, code, message, fix);
	if (k->cmd.info->kind == COMMAND_ACT && !k->dry)
		act_write_nothing(&w, exit_status);
	jw_close(&w, '}');
	ask_reply(k, exit_status, &out);
}

void ask_no_journal(struct ask *k)
{
	struct err e = ERR_INIT;

	if (engine_journal(k->acts->en, &e) < 0)
		ask_fail_err(k, &e);
}

void ask_fail_err(struct ask *k, const struct err *e)
{
	struct err copy = *e; /* e may live in the ask */

	ask_fail(k, err_exit_status(copy.kind), err_word(copy.kind), copy.message, copy.hint);
}

static void copy_command(struct ask *k, const struct command *c)
{
	struct arena *a = &k->arena;

	k->cmd = *c;
	for (int i = 0; i < c->n; i++)
		k->cmd.args[i] = arena_strdup(a, c->args[i]);
	for (int i = 0; i < c->inputs_n; i++)
		k->cmd.inputs[i] = arena_strdup(a, c->inputs[i]);
	for (int i = 0; i < OPT_MAX_; i++)
		k->cmd.opt[i] = arena_strdup(a, c->opt[i]);
}

/* `plan dispatch LANE`, or what-if, is the act `dispatch LANE` that is only shown. */
static bool peel_plan(struct ask *k)
{
	enum plan_word word = command_plan_word(&k->cmd);
	struct command act;

	k->dry = true;
	k->foresees = act_is(k, CMD_WHAT_IF);
	k->save = word == PLAN_SAVE;
	if (word > PLAN_SAVE || command_planned(&act, &k->cmd, NULL) < 0)
		return false;
	k->cmd = act;
	return k->cmd.n >= act.info->min && k->cmd.n <= act.info->max;
}

static void bad_plan(struct ask *k)
{
	autofree(buf) struct buf usage = BUF_INIT(4096);

	if (k->cmd.info->kind == COMMAND_ACT)
		command_usage(&usage, k->cmd.info);
	ask_fail(k, 2, "invalid", "plan wants an act and its arguments",
		 usage.n ? usage.s : "plan ACT ARGS...");
}

static void hidden_act(struct ask *k)
{
	ask_fail(k, 2, "usage", "this engine is read-only: it has no acts", "start it without --read-only");
}

static void bad_plan_name(struct ask *k)
{
	ask_fail(k, 2, "invalid", arena_printf(&k->arena, "--plan %s is no name of a plan", k->plan_id),
		 "its digest, or the first eight digits of it, as `pilothouse plan` shows them");
}

static ask_step first_step(struct ask *k)
{
	if (k->plan_id && *k->plan_id && !plan_is_name(k->plan_id))
		return bad_plan_name;
	if (act_is(k, CMD_LOG))
		return joblog_ask;
	if (act_is(k, CMD_RECONCILE))
		return reconcile_ask;
	if (command_takes_act(k->cmd.info) && !peel_plan(k))
		return bad_plan;
	if (!k->dry && command_changes(&k->cmd) && k->acts->en->o.read_only)
		return hidden_act;
	if (act_is(k, CMD_OVERRIDE))
		return override_ask;
	if (act_is(k, CMD_NOTE))
		return remark_ask;
	if (act_is(k, CMD_GUARD))
		return sentry_ask;
	return act_is(k, CMD_ABANDON) ? abandon_ask : plan_begin;
}

void acts_ask(struct acts *a, const struct command *c, const char *plan_id, engine_reply reply, void *ctx)
{
	acts_ask_as(a, c, plan_id, NULL, reply, ctx);
}

void acts_ask_as(struct acts *a, const struct command *c, const char *plan_id, const struct ask_as *as,
		 engine_reply reply, void *ctx)
{
	struct ask *k = x_alloc(sizeof(*k));

	k->acts = a;
	k->next = a->asks;
	a->asks = k;
	k->reply = reply;
	k->reply_ctx = ctx;
	copy_command(k, c);
	k->plan_id = arena_strdup(&k->arena, plan_id && *plan_id ? plan_id : k->cmd.opt[OPT_PLAN]);
	k->client = arena_strdup(&k->arena, as ? as->client : a->en->asks_from);
	k->as_who = arena_strdup(&k->arena, as ? as->who : NULL);
	k->as_nonce = arena_strdup(&k->arena, as ? as->nonce : NULL);
	k->timer = timer_new(a->en->o.loop, ask_tick, k);
	ask_in(k, 0, first_step(k));
}

/* The client hears that we stop; an answer of the forge that still comes finds nobody. */
void ask_orphan(struct ask *k)
{
	bool sent = k->sending || k->intent.state == INTENT_SENT || k->intent.state == INTENT_UNKNOWN;

	ask_unlink(k);
	timer_free(k->timer);
	k->timer = NULL;
	k->acts = NULL;
	if (sent)
		k->reply(k->reply_ctx, 3,
			 "{\"error\":{\"code\":\"unknown\",\"message\":\"the engine stopped before the "
			 "outcome was known\",\"fix\":\"see the outbox\"}}");
	else
		k->reply(k->reply_ctx, 4,
			 "{\"error\":{\"code\":\"cancelled\",\"message\":\"the engine stopped, nothing was "
			 "sent\",\"fix\":\"try again\"}}");
	if (!k->pending)
		ask_free(k);
}

bool acts_leave(struct acts *a, const void *reply_ctx)
{
	for (struct ask *k = a->asks; k; k = k->next)
		if (k->reply_ctx == reply_ctx) {
			k->left = true;
			return !k->armed;
		}
	return false;
}
