#include "core/engine/sentry_own.h"

#include "base/json.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/*
 * The act of a guard, by the door of all acts: what is asked here is what the captain would have typed, and goes through the
 * same plan, rules and intent. Two things are the guard's own: the nonce, and who it says it is.
 */

static bool can_end(const struct profile_canary *c)
{
	if (!c || !command_find("abort"))
		return false;
	vec_each (by, &c->control)
		for (const char *const *act = by->acts; act && *act; act++)
			if (text_eq(*act, "abort"))
				return true;
	return false;
}

static bool ends_first(const struct engine *en, const char *lane)
{
	const struct profile_lane *l = profiles_lane(en->o.profiles, lane, NULL);

	return l && can_end(l->canary) && option_find("--rollback");
}

const char *guard_verb(const struct engine *en, const char *lane, int may)
{
	const struct profile_lane *l = profiles_lane(en->o.profiles, lane, NULL);

	if (may == GUARD_MAY_ROLLBACK)
		return ends_first(en, lane) ? "abort" : "rollback";
	return may == GUARD_MAY_ABORT && l && can_end(l->canary) ? "abort" : NULL;
}

struct guard_line guard_line(const struct engine *en, const char *lane, int may, const char *why)
{
	const char *verb = guard_verb(en, lane, may);
	struct guard_line line = { .argv = { verb, lane, "--reason", why }, .argc = verb ? 4 : 0 };

	if (verb && may == GUARD_MAY_ROLLBACK && ends_first(en, lane))
		line.argv[line.argc++] = "--rollback";
	return line;
}

/* One ask under way. The guard may have been armed anew before it is answered. */
struct errand {
	struct post *p;
	int64_t arming;
	void (*answered)(struct post *p, int status, const char *json);
};

static void answered(void *ctx, int status, const char *json)
{
	struct errand *er = ctx;
	struct post *p = er->p;
	bool same = er->arming == p->g.arming && !p->s->stopped;

	if (same)
		er->answered(p, status, json);
	free(er);
}

static int ask(struct post *p, int argc, const char *const *argv, const char *plan_id,
	       const struct ask_as *as, void (*fn)(struct post *p, int status, const char *json),
	       struct err *e)
{
	struct errand *er;
	struct command c;
	int r = command_parse(&c, argc, argv, e);

	if (r < 0)
		return r;
	er = x_alloc(sizeof(*er));
	*er = (struct errand){ p, p->g.arming, fn };
	acts_ask_as(p->s->en->acts, &c, plan_id, as, answered, er);
	return 0;
}

/* ---- what a plan says ------------------------------------------------------------------------------------------------- */

/* The first check that stops it. */
static const char *against(const struct json *doc, struct arena *a)
{
	const struct json *checks = json_get(doc, "checks");

	for (size_t i = 0; i < json_size(checks); i++) {
		const struct json *c = json_at(checks, i);
		const char *name = json_str(c, "name"), *status = json_str(c, "status");

		if (name && status && preflight_is_required(name) && strcmp(status, "ok") != 0)
			return arena_printf(a, "%s: %s", name,
					    json_str(c, "detail") ? json_str(c, "detail") : "");
	}
	return NULL;
}

/* Where it leads: an abort goes back only when more than the abort is sent. */
static const char *to_words(const struct json *doc, struct arena *a)
{
	const char *to = json_str(doc, "release");
	bool ends = text_eq(json_str(doc, "act"), "abort");

	if (!to || (ends && json_size(json_get(doc, "requests")) < 2))
		return "";
	return arena_printf(a, ends ? ", and back to %s" : " to %s", to);
}

const char *guard_plan_words(const char *json, bool *goes, struct arena *a)
{
	autofree(json) struct json *doc = NULL;
	const struct json *requests;
	const char *verdict, *message, *what;

	*goes = false;
	if (json_parse(&doc, json, strlen(json), REPLY_MAX, NULL) < 0)
		return "the plan cannot be read";
	verdict = json_str(doc, "verdict");
	message = json_str(doc, "error.message");
	what = against(doc, a);
	*goes = !message && text_eq(verdict, "go");
	if (!*goes)
		return what ? what : message ? arena_strdup(a, message) : "it would not go";
	requests = json_get(doc, "requests");
	what = json_str(json_at(requests, 0), "request");
	return arena_printf(
		a, "%s%s: %s%s", json_str(doc, "act"), to_words(doc, a), what ? what : "nothing is sent",
		json_size(requests) > 1 ? arena_printf(a, " and %zu more", json_size(requests) - 1) : "");
}

struct guard_line guard_plan_line(struct guard_line act)
{
	struct guard_line line = { .argv = { "plan" }, .argc = act.argc ? act.argc + 1 : 0 };

	memcpy(line.argv + 1, act.argv, (size_t)act.argc * sizeof(*act.argv));
	return line;
}

static const char *verb_of(const struct post *p)
{
	return guard_verb(p->s->en, p->g.lane, p->g.may);
}

/* ---- going ------------------------------------------------------------------------------------------------------------ */

static void acted(struct post *p, int status, const char *json)
{
	autofree(json) struct json *doc = NULL;
	const char *message, *fix;

	p->asking = false;
	if (p->g.state != GUARD_ACTING || p->open || !status)
		return; /* its intent has said what there is to say */
	if (json_parse(&doc, json, strlen(json), REPLY_MAX, NULL) < 0)
		return;
	message = json_str(doc, "error.message");
	fix = json_str(doc, "error.fix");
	if (p->half) /* no judgement comes any more that would try it again */
		p->again = sentry_mono(p->s) + HALF_MS;
	post_trouble(p, "its %s is refused: %s%s%s", verb_of(p), message ? message : "?",
		     fix && *fix ? "; " : "", fix ? fix : "");
	post_touch(p);
}

static const char *who_words(const struct post *p, struct arena *a)
{
	return arena_printf(a, "guard, armed by %s", p->g.armed_by);
}

/* A part of the plan's name: the same words whenever the same breach is answered. */
static const char *why_words(const struct post *p, struct arena *a)
{
	return arena_printf(a, "%s: %s", who_words(p, a), text_head(a, p->g.reason, 1000));
}

static void send(struct post *p, const char *plan_id)
{
	struct arena a = ARENA_INIT;
	struct guard_line line = guard_line(p->s->en, p->g.lane, p->g.may, why_words(p, &a));
	const struct ask_as as = { .who = who_words(p, &a), .nonce = p->g.nonce, .client = p->g.client };
	struct err e = ERR_INIT;

	line.argv[line.argc++] = "--confirm";
	line.argv[line.argc++] = p->g.lane;
	p->asking = true;
	if (ask(p, line.argc, line.argv, plan_id, &as, acted, &e) < 0) {
		p->asking = false;
		post_trouble(p, "it cannot ask: %s", e.message);
		post_touch(p);
	}
	arena_done(&a);
}

/* The forge refused a plan: sent is only another one. */
static void compared(struct post *p, int status maybe_unused, const char *json)
{
	autofree(json) struct json *doc = NULL;
	struct arena a = ARENA_INIT;
	const char *id, *words;
	bool goes;

	p->asking = false;
	words = guard_plan_words(json, &goes, &a);
	if (p->g.state == GUARD_ACTING && !p->open &&
	    json_parse(&doc, json, strlen(json), REPLY_MAX, NULL) == 0) {
		id = json_str(doc, "plan_id");
		if (!goes) {
			post_trouble(p, "its %s is refused: %s", verb_of(p), words);
			post_touch(p);
		} else if (id && !text_eq(id, p->g.refused)) {
			send(p, id);
		}
	}
	arena_done(&a);
}

static bool plan(struct post *p, void (*fn)(struct post *p, int status, const char *json))
{
	struct arena a = ARENA_INIT;
	const struct guard_line line =
		guard_plan_line(guard_line(p->s->en, p->g.lane, p->g.may, why_words(p, &a)));
	struct err e = ERR_INIT;
	int r = ask(p, line.argc, line.argv, NULL, NULL, fn, &e);

	arena_done(&a);
	return r >= 0;
}

void guard_go(struct post *p)
{
	if (p->g.state != GUARD_ACTING || p->asking || p->open || p->s->stopped)
		return;
	if (!verb_of(p)) {
		struct arena a = ARENA_INIT;

		(void)!post_end(p, GUARD_ACTED,
				arena_printf(&a, "ALARM, which is all that it may: %s", p->g.reason));
		arena_done(&a);
	} else if (*p->g.refused) {
		p->asking = plan(p, compared);
	} else {
		send(p, NULL);
	}
}

/* ---- rehearsing ------------------------------------------------------------------------------------------------------- */

static void rehearsed(struct post *p, int status maybe_unused, const char *json)
{
	struct arena a = ARENA_INIT;
	bool goes;
	const char *words = guard_plan_words(json, &goes, &a);

	p->rehearsing = false;
	if (p->g.state != GUARD_ARMED) {
		arena_done(&a);
		return;
	}
	p->g.would = arena_strdup(&p->arena, words);
	if (!goes)
		post_trouble(p, "its %s would be refused now: %s", verb_of(p), words);
	else if (strstr(p->trouble, " would be refused now: "))
		post_trouble(p, "%s", "");
	post_touch(p);
	arena_done(&a);
}

void guard_rehearse(struct post *p)
{
	p->rehearse_at = sentry_mono(p->s) + REHEARSE_MS;
	if (verb_of(p) && !p->rehearsing && !p->s->stopped)
		p->rehearsing = plan(p, rehearsed);
}
