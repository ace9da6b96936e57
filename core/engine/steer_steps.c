#include "core/engine/steer.h"

#include "base/json.h"
#include "base/text.h"
#include "core/engine/audit.h"

#include <string.h>

/* ---- templates --------------------------------------------------------------------------------------------------------- */

#define PERCENT "{percent}"

/* Whole percent: rungs of a profile are. NULL: it has the hole, and the rung is not known. */
static const char *fill(const char *template, int64_t weight_bp, struct arena *a)
{
	const char *hole = template ? strstr(template, PERCENT) : NULL;

	if (!hole)
		return template;
	if (weight_bp < 0)
		return NULL;
	return arena_printf(a, "%.*s%" PRId64 "%s", (int)(hole - template), template, weight_bp / 100,
			    hole + strlen(PERCENT));
}

const char *steer_gate(const struct profile_control *c, int64_t weight_bp, struct arena *a)
{
	return fill(c->environment, weight_bp, a);
}

static int64_t rung_by(const struct profile_canary *canary, const struct profile_control *c,
		       const char *environment, struct arena *a)
{
	int64_t percent = 0;

	if (c->by != CONTROL_GATE || !c->environment)
		return -1;
	if (text_eq(c->environment, environment))
		return 0;
	for (const char *const *s = canary->steps; s && *s; s++)
		if (text_int64(&percent, *s, 1, 100) == 0 &&
		    text_eq(fill(c->environment, percent * 100, a), environment))
			return percent * 100;
	return -1;
}

int64_t steer_rung_of(const struct profile_canary *c, const char *environment, struct arena *a)
{
	vec_each (l, &c->control) {
		int64_t bp = rung_by(c, l, environment, a);

		if (bp >= 0)
			return bp;
	}
	return -1;
}

const char *steer_value(struct ask *k, const struct profile_control *c)
{
	const struct steer *s = k->plan.steer;

	return fill(c->value, s->act == ROLLOUT_PROMOTE_FULL ? 10000 : s->next_bp, &k->arena);
}

struct rollout_name steer_rollout(const struct profile_control *c)
{
	return (struct rollout_name){
		.kind = c->by == CONTROL_ARGO ? ROLLOUT_ARGO : ROLLOUT_FLAGGER,
		.namespace_ = c->namespace,
		.name = c->name,
		.gate = c->gate,
	};
}

/* ---- promote --full by gates ------------------------------------------------------------------------------------------- */

static const char *const rung_fact = "rung ";

static void take_rung(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	f->value = arena_strdup(&k->arena, a->text ? a->text : "");
}

void steer_read_rungs(struct ask *k)
{
	struct steer *s = k->plan.steer;
	int64_t percent = 0;

	if (s->act != ROLLOUT_PROMOTE_FULL)
		return;
	for (const char *const *step = k->plan.lane->canary->steps; step && *step; step++) {
		const char *gate;

		if (text_int64(&percent, *step, 1, 100) != 0 || percent * 100 <= s->next_bp)
			continue;
		gate = steer_gate(s->by->c, percent * 100, &k->arena);
		*vec_push(&s->rungs, &k->arena) = gate;
		ask_read(
			k, arena_printf(&k->arena, "%s%s", rung_fact, gate), true,
			&(struct forge_read){ .kind = FORGE_ENVIRONMENT, .repo = k->plan.repo, .name = gate },
			take_rung);
	}
}

static bool asks(const struct json *env, const char *login)
{
	const struct json *list = json_get(env, "reviewers");

	for (size_t i = 0; i < json_size(list); i++) {
		const char *who = json_str(json_at(list, i), "");

		if (!who)
			who = json_str(json_at(list, i), "login");
		if (who && login && text_eq(who, login))
			return true;
	}
	return !json_size(list);
}

/* Why this gate could not be approved when it comes; NULL: as far as its rules tell it could. */
static const char *rung_refuses(struct ask *k, const char *gate, int64_t *id)
{
	const struct fact *f = facts_find(&k->plan.facts, arena_printf(&k->arena, "%s%s", rung_fact, gate));
	const struct run *r = k->plan.pf.run;
	const char *me = k->plan.pf.who_login;
	autofree(json) struct json *env = NULL;

	if (!f || f->state == FACT_ABSENT)
		return "the forge has no such environment";
	if (f->state != FACT_OK || json_parse(&env, f->value, strlen(f->value), (size_t)1 << 20, NULL) < 0)
		return "its rules were not read";
	*id = json_int(env, "id", 0);
	if (!asks(env, me))
		return "it asks others than you";
	if (r && me && (text_eq(r->actor, me) || text_eq(r->triggering_actor, me)))
		return "you started the run: another must approve it";
	return *id > 0 ? NULL : "its id was not read";
}

void steer_judge_rungs(struct ask *k)
{
	struct steer *s = k->plan.steer;
	const char *list = "";

	if (s->act != ROLLOUT_PROMOTE_FULL || !s->by || s->by->c->by != CONTROL_GATE)
		return;
	vec_each (gate, &s->rungs) {
		int64_t id = 0;
		const char *why = rung_refuses(k, *gate, &id);

		*vec_push(&s->rung_ids, &k->arena) = id;
		if (why)
			plan_said(k, arena_printf(&k->arena, "gate:%s", *gate), CHECK_BAD,
				  arena_printf(&k->arena, "cannot promote fully: %s: %s", *gate, why),
				  "promote one rung at a time",
				  arena_printf(&k->arena, "%s%s", rung_fact, *gate));
		list = arena_printf(&k->arena, "%s%s%s", list, *list ? ", " : "", *gate);
	}
	if (!strstr(s->by->c->environment, PERCENT))
		plan_said(
			k, "gate:all", CHECK_BAD,
			"cannot promote fully: its rungs share one gate, and how often it comes is not told",
			"promote one rung at a time", "profile");
	else if (*list)
		plan_said(
			k, "note:gates", CHECK_UNCHECKED,
			arena_printf(&k->arena,
				     plan_reason(k)
					     ? "each of %s is approved as soon as it waits and nobody holds "
					       "it, whatever the verdict is by then: accepted: %s"
					     : "each of %s is approved when it waits, nobody holds it and "
					       "the rung before it passes; a rung that fails, or does not "
					       "pass in its time, stops it with an alarm",
				     list, plan_reason(k)),
			"", "profile");
}

/* ---- words ------------------------------------------------------------------------------------------------------------- */

static const char *gate_does(struct ask *k)
{
	const struct steer *s = k->plan.steer;
	const char *gate = steer_gate(s->by->c, s->next_bp, &k->arena);

	if (s->act == ROLLOUT_HOLD)
		return arena_printf(
			&k->arena,
			"by leaving %s%s of run %" PRId64
			" unapproved: nothing is sent, and from here it is not approved meanwhile",
			gate ? "gate " : "the gate of its next rung", gate ? gate : "", s->run);
	if (s->act == ROLLOUT_RESUME)
		return arena_printf(&k->arena,
				    "by taking the hold back: nothing is sent, and gates of run %" PRId64
				    " may be approved again",
				    s->run);
	return arena_printf(&k->arena, "by approving gate %s of run %" PRId64 "%s", gate, s->run,
			    s->act == ROLLOUT_PROMOTE_FULL ? ", and each gate that comes after it" : "");
}

static const char *variable_does(struct ask *k)
{
	const struct lever *l = k->plan.steer->by;
	const char *value = steer_value(k, l->c);

	if (!value)
		return arena_printf(&k->arena, "by deleting the variable %s (it is \"%s\")", l->c->name,
				    l->value ? l->value : "");
	return arena_printf(&k->arena, "by setting the variable %s to \"%s\" (%s%s%s)", l->c->name, value,
			    l->value ? "it is \"" : "there is none", l->value ? l->value : "",
			    l->value ? "\"" : "");
}

const char *steer_does(struct ask *k)
{
	const struct steer *s = k->plan.steer;
	const struct profile_control *c = s->by->c;

	switch ((enum control_kind)c->by) {
	case CONTROL_GATE:
		return gate_does(k);
	case CONTROL_VARIABLE:
		return variable_does(k);
	case CONTROL_TAG:
		return arena_printf(&k->arena,
				    s->act == ROLLOUT_RESUME ? "by deleting the tag %s"
							     : "by making the tag %s",
				    c->name);
	case CONTROL_ARGO:
	case CONTROL_FLAGGER:
		return arena_printf(&k->arena, "by telling %s %s in the cluster: %s",
				    c->by == CONTROL_ARGO ? "the Argo rollout" : "Flagger's gate of", c->name,
				    steer_act_word(s->act));
	case CONTROL_CANCEL:
		return arena_printf(&k->arena, "by cancelling run %" PRId64 "%s", s->run,
				    s->back ? ", and when it has ended going back" : "");
	case CONTROL_OTHER:
		break;
	}
	return "";
}

/* What an abort does not do by itself: argo-rollouts cmd/abort, flagger's rollback webhook. */
static const char *moves_leaves(int by, enum rollout_act_kind act)
{
	if (act != ROLLOUT_ABORT)
		return "it counts when a later read of the controller shows it";
	return by == CONTROL_ARGO ? "the traffic goes back, and what is declared stays: resume tries it "
				    "again, and only the "
				    "release before it, declared anew, ends it"
				  : "its rollback gate stays open, and the next release would be taken back "
				    "at once: resume "
				    "shuts it";
}

const char *steer_leaves(struct ask *k)
{
	const struct steer *s = k->plan.steer;

	switch ((enum control_kind)s->by->c->by) {
	case CONTROL_GATE:
		return s->act == ROLLOUT_HOLD || s->act == ROLLOUT_RESUME
			       ? "it binds this console only: on the forge whoever may can still approve; "
				 "`lock` tells the others"
			       : "what the workflow does behind the gate is its own";
	case CONTROL_VARIABLE:
		return "a job that has read the variable already does not read it again";
	case CONTROL_TAG:
		return "the workflow sees the tag when it looks for it, not before";
	case CONTROL_ARGO:
	case CONTROL_FLAGGER:
		return moves_leaves(s->by->c->by, s->act);
	case CONTROL_CANCEL:
		return s->back ? "what the run changed by then stays until the way back has undone it"
			       : "what the run changed by then stays, traffic among it; steps of always() "
				 "still "
				 "run";
	case CONTROL_OTHER:
		break;
	}
	return "";
}

/* ---- requests ---------------------------------------------------------------------------------------------------------- */

static void add_review(struct ask *k, const char *nonce, const char *gate, const int64_t *id, int64_t before,
		       struct plan_steps *out)
{
	struct plan_step *s =
		step_add(k, out, FORGE_REVIEW, arena_printf(&k->arena, "approve gate %s", gate));
	const struct run *r = k->plan.pf.run;
	const char *reason = plan_reason(k);

	s->act.approve = true;
	s->act.environment_ids = id;
	s->act.environment_ids_n = *id ? 1 : 0;
	s->act.comment = arena_printf(&k->arena, "%s%s[pilothouse %s]%s", reason ? reason : "",
				      reason && *reason ? " " : "", nonce, audit_remark(k, nonce));
	s->act.run = r ? r->id : 0;
	s->act.sha = r ? r->head_sha : NULL;
	s->attempt = r ? r->attempt : 0;
	s->before = before;
	s->gate = gate;
}

#define GATE_LATE_MS INT64_C(600000) /* beyond the rung's window */

static void add_gates(struct ask *k, const char *nonce, struct plan_steps *out)
{
	struct steer *s = k->plan.steer;
	const struct profile_canary *c = k->plan.lane->canary;

	if (s->act == ROLLOUT_HOLD || s->act == ROLLOUT_RESUME)
		return;
	add_review(k, nonce, k->plan.environment, k->plan.environment_ids, k->plan.reviews_n, out);
	for (size_t i = 0; i < s->rungs.n && i < s->rung_ids.n; i++) {
		add_review(k, nonce, s->rungs.items[i], &s->rung_ids.items[i], 0, out);
		out->items[out->n - 1].awaits = (struct awaited){
			.gate = s->rungs.items[i],
			.run = s->run,
			.attempt = k->plan.pf.run ? k->plan.pf.run->attempt : 0,
			.limit_ms = c->window_s * 1000 + GATE_LATE_MS,
		};
	}
}

static void add_variable(struct ask *k, const struct lever *l, struct plan_steps *out)
{
	const char *value = steer_value(k, l->c);
	bool there = l->value != NULL;
	struct plan_step *s;

	if (!value && !there && !k->plan.repeats)
		return;
	s = step_add(k, out,
		     !value  ? FORGE_VARIABLE_DELETE
		     : there ? FORGE_VARIABLE_UPDATE
			     : FORGE_VARIABLE_CREATE,
		     value ? "set the variable" : "delete the variable");
	s->act.path = l->c->name;
	s->act.content = value;
}

static void add_tag(struct ask *k, const struct lever *l, struct plan_steps *out)
{
	const struct steer *s = k->plan.steer;
	bool gone = s->act == ROLLOUT_RESUME;
	struct plan_step *step = step_add(k, out, gone ? FORGE_REF_DELETE : FORGE_REF_CREATE,
					  gone ? "delete the tag" : "set the tag");

	step->act.ref = arena_printf(&k->arena, "tags/%s", l->c->name);
	step->act.sha = gone ? NULL : s->tip;
	step->stands = true;
}

static void add_moves(struct ask *k, const struct lever *l, struct plan_steps *out)
{
	const struct steer *s = k->plan.steer;
	struct rollout *port = engine_mover(k->acts->en, k->plan.lane->name);
	struct rollout_act act = { .kind = s->act, .name = steer_rollout(l->c), .now = *l->moves };
	struct err e = ERR_INIT;
	int n = port ? rollout_requests(port, &act, &e) : 0;

	for (int i = 0; i < n; i++) {
		struct plan_step *step = vec_push(out, &k->arena);

		act.step = i;
		*step = (struct plan_step){
			.words = arena_printf(&k->arena, "tell the controller: %s", steer_act_word(s->act)),
			.moves = true,
			.move = act,
		};
	}
}

static void add_cancel(struct ask *k, struct plan_steps *out)
{
	struct plan_step *s = step_add(k, out, FORGE_CANCEL, "cancel the run");
	const struct run *r = k->plan.pf.run;

	s->act.run = r ? r->id : 0;
	s->act.sha = r ? r->head_sha : NULL;
	s->attempt = r ? r->attempt : 0;
}

#define END_MS INT64_C(900000) /* jobs with always() may take their time; the forge gives no bound */

/* What the way back sends, once the canary is seen to have ended. */
static void add_back(struct ask *k, const char *nonce, struct plan_steps *out)
{
	struct steer *s = k->plan.steer;
	size_t first = out->n;

	s->inner->steps(k, nonce, out);
	if (out->n == first) {
		out->n = 0; /* half an act is none */
		return;
	}
	for (size_t i = first; i < out->n; i++) {
		struct plan_step *step = &out->items[i];

		step->tree_from += step->tree_from ? first : 0;
		step->sha_from += step->sha_from ? first : 0;
	}
	out->items[first].awaits = (struct awaited){ .run = s->by->c->by == CONTROL_CANCEL ? s->run : 0,
						     .moves = s->by->moves ? s->by->c : NULL,
						     .limit_ms = END_MS };
}

void steer_steps(struct ask *k, const char *nonce, struct plan_steps *out)
{
	const struct steer *s = k->plan.steer;

	if (!s->by)
		return;
	switch ((enum control_kind)s->by->c->by) {
	case CONTROL_GATE:
		add_gates(k, nonce, out);
		break;
	case CONTROL_VARIABLE:
		add_variable(k, s->by, out);
		break;
	case CONTROL_TAG:
		add_tag(k, s->by, out);
		break;
	case CONTROL_ARGO:
	case CONTROL_FLAGGER:
		add_moves(k, s->by, out);
		break;
	case CONTROL_CANCEL:
		add_cancel(k, out);
		break;
	case CONTROL_OTHER:
		return;
	}
	if (s->inner && out->n)
		add_back(k, nonce, out);
}
