#include "core/engine/override.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "core/engine/act_reply.h"
#include "core/engine/audit.h"
#include "core/engine/planfile.h"
#include "core/engine/reconcile.h"
#include "core/engine/ways.h"
#include "core/rules/after.h"
#include "core/rules/glass.h"

#include <string.h>

#define RECENT 500

/* ---- one that is there ---------------------------------------------------------------------------------------------- */

/* Server time and our monotonic clock at its making, as intent.step keeps them. */
static bool holds_now(struct ask *k, const struct intent *in)
{
	const struct engine *en = k->acts->en;
	autofree(json) struct json *step = NULL;
	const char *text = in->step ? in->step : "";
	struct when made = WHEN_NONE;

	if (json_parse(&step, text, strlen(text), 65536, NULL) < 0 || json_int(step, "mono", -1) < 0)
		return false;
	made.ms = json_int(step, "server_ms", made.ms);
	return glass_holds(made, json_int(step, "mono", 0), open_server_now(en),
			   clock_mono(loop_clock(en->o.loop)));
}

/* The newest override of this plan, unless an act of the plan came after it. 1: there is none. */
static int find(struct ask *k, const char *id, struct intent *out, struct err *e)
{
	struct intents recent = { 0 };
	int r = k->acts->en->o.journal ? journal_recent(k->acts->en->o.journal, RECENT, &recent, &k->arena, e)
				       : 1;

	if (r)
		return r;
	vec_each (in, &recent) {
		if (!text_eq(in->plan_id, id))
			continue;
		if (!text_eq(in->act, "override") || in->state != INTENT_DONE || !holds_now(k, in))
			return 1;
		*out = *in;
		return 0;
	}
	return 1;
}

static void say(struct ask *k, const char *detail, const char *fix)
{
	*(struct check *)vec_push(&k->plan.checks, &k->arena) = (struct check){
		.name = "break-glass",
		.status = CHECK_BAD, /* red wherever it is shown: nothing about it is well */
		.detail = detail,
		.fix = fix,
		.source = "journal",
		.at = k->plan.made,
	};
}

void override_apply(struct ask *k)
{
	struct plan *p = &k->plan;
	struct intent in;
	const char *keeps;

	k->glass = NULL;
	if (p->verdict == PLAN_GO || p->repeats || find(k, p->id, &in, NULL) != 0)
		return;
	keeps = p->lane->production ? glass_refuses(&p->checks) : "lane";
	if (keeps) {
		say(k,
		    arena_printf(&k->arena,
				 "override %" PRId64 " of %s does not reach it: %s cannot be overridden",
				 in.id, in.who, keeps),
		    "clear it");
		return;
	}
	k->glass = arena_strdup(&k->arena, in.reason);
	k->glass_id = in.id;
	p->verdict = PLAN_GO;
	say(k,
	    arena_printf(&k->arena, "BREAK-GLASS by %s: %s; once, and within 15 minutes of override %" PRId64,
			 in.who, in.reason, in.id),
	    "");
}

int override_claim(struct ask *k, struct err *e)
{
	struct intent in;
	int r = k->glass ? find(k, k->plan.id, &in, e) : 0;

	return r < 0 ? r : r > 0 || (k->glass && in.id != k->glass_id);
}

const char *override_reason(struct ask *k, const char *reason)
{
	if (!k->glass)
		return reason ? reason : "";
	return arena_printf(&k->arena, BREAK_GLASS "%s%s%s", k->glass, reason && *reason ? "; " : "",
			    reason ? reason : "");
}

/* ---- a new one ------------------------------------------------------------------------------------------------------ */

static size_t characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

/* As it was shown here, or as it was saved by any engine of this state: one that is started for one verb has shown nothing. */
static int find_plan(struct ask *k, struct plan_file *out, struct err *e)
{
	const struct engine_options *o = &k->acts->en->o;

	for (int i = 0; i < SHOWN_PLANS; i++) {
		const struct shown_plan *s = &k->acts->shown[i];

		if (!s->id[0] || !s->document || !plan_is_named(s->id, k->cmd.args[0]))
			continue;
		memcpy(out->id, s->id, sizeof(out->id));
		out->document = arena_strdup(&k->arena, s->document);
		out->n = strlen(out->document);
		return 0;
	}
	return plan_file_find(out, o->plans_dir, k->cmd.args[0], o->sha256, &k->arena, e);
}

static void check(struct ask *k, const char *name, bool ok, const char *detail, const char *fix)
{
	*(struct check *)vec_push(&k->plan.checks, &k->arena) = (struct check){
		.name = name,
		.status = ok ? CHECK_OK : CHECK_BAD,
		.detail = detail,
		.fix = ok ? "" : fix,
		.source = "journal",
		.at = k->plan.made,
	};
}

static void judge(struct ask *k)
{
	const char *command = k->plan.found;
	struct plan *p = &k->plan;
	const char *reason = plan_reason(k);
	struct intent in;
	bool there = find(k, p->id, &in, NULL) == 0;

	check(k, "token", p->pf.who_login && *p->pf.who_login,
	      arena_printf(&k->arena, "you are %s", p->pf.who_login ? p->pf.who_login : "nobody"),
	      "give a token that the forge accepts");
	check(k, "plan", p->lane->production, command, "only a production lane has a glass to break");
	check(k, "reason", reason && characters(reason) >= GLASS_REASON_MIN,
	      reason ? reason : "no reason is given",
	      arena_printf(&k->arena, "add --reason with at least %d characters", GLASS_REASON_MIN));
	check(k, "override", !there,
	      there ? arena_printf(&k->arena, "override %" PRId64 " of %s is there already", in.id, in.who)
		    : "nobody has overridden it",
	      "use it, or wait until it is void");
	p->verdict = preflight_verdict(&p->checks);
}

static int keep(struct ask *k, struct err *e)
{
	struct engine *en = k->acts->en;
	struct plan *p = &k->plan;
	struct intent twin = { 0 };
	char nonce[33];
	int r;

	k->intent = (struct intent){
		.nonce = arena_strdup(&k->arena, hash_random(nonce)),
		.plan_id = p->id,
		.act = p->act,
		.lane = p->lane->name,
		.repo = p->repo,
		.subject = k->subject,
		.line = command_line(&k->cmd, &k->arena),
		.who = arena_printf(&k->arena, "%s (%s)", en->o.who ? en->o.who : "?", p->pf.who_login),
		.reason = plan_reason(k),
		.relies_on = "[]",
		.client = k->client,
		.target = "{}",
		.request = "",
		.body = "",
		.run_url = "",
		.note = "",
		.created = engine_now(en),
		.step = arena_printf(&k->arena,
				     "{\"kind\":\"override\",\"server_ms\":%" PRId64 ",\"mono\":%" PRId64 "}",
				     open_server_now(en).ms, clock_mono(loop_clock(en->o.loop))),
		.steps = 1,
	};
	r = act_add(k, &twin, e);
	if (r > 0)
		return err_set(e, ERR_CONFLICT, "another override is being written");
	if (r < 0)
		return r;
	k->intent.state = INTENT_DONE;
	k->intent.done = 1;
	k->intent.settled = k->intent.created;
	k->intent.note = "for one act of that plan, within 15 minutes";
	r = act_record_for(k, &k->intent, e);
	if (r < 0)
		reconcile_undone(k, e->message);
	return r;
}

static void commit(struct ask *k)
{
	const struct plan *p = &k->plan;
	struct err e = ERR_INIT;

	vec_each (c, &p->checks)
		if (c->status != CHECK_OK) {
			ask_fail(k, 1, "refused", arena_printf(&k->arena, "%s: %s", c->name, c->detail),
				 c->fix);
			return;
		}
	if (!plan_is_named(p->id, k->cmd.opt[OPT_CONFIRM]))
		ask_fail(k, 1, "confirm", arena_printf(&k->arena, "the phrase is \"%s\"", p->confirm),
			 "nothing was overridden");
	else if (keep(k, &e) < 0)
		ask_fail_err(k, &e);
	else
		act_settled(k, &k->intent);
}

static void judged(struct ask *k)
{
	const struct fact *user = facts_find(&k->plan.facts, "user");

	if (!user || user->state == FACT_FAILED) {
		ask_fail_err(k, &k->plan.first_error);
		return;
	}
	judge(k);
	if (k->dry || !k->cmd.opt[OPT_CONFIRM])
		act_planned(k);
	else
		commit(k);
}

/* What failed is never let through in a strict lane: said now, and not when the act is refused although it was overridden. */
static void refuse_failed(struct ask *k, const struct json *relies_on)
{
	const struct profile_proof *proof = lane_terms(k->plan.lane);
	const struct json *fact;
	const char *name;

	for (size_t i = 0;
	     proof && proof->policy == PROOFS_STRICT && (fact = json_member(relies_on, i, &name)); i++) {
		const char *value = json_str(fact, "value");

		if (!text_starts(name, "proof:") || !value || !text_starts(value, "failed "))
			continue;
		check(k, arena_strdup(&k->arena, name), false,
		      "it has failed, and what failed is never let through",
		      "have it built and attested again");
		return;
	}
}

/* The plan that is meant into k->plan: an override is about its lane. */
static bool take_plan(struct ask *k, const struct plan_file *f)
{
	autofree(json) struct json *doc = NULL;
	struct plan *p = &k->plan;
	const char *lane, *command;

	if (json_parse(&doc, f->document, f->n, PLAN_DOCUMENT_MAX, NULL) < 0)
		return false;
	lane = json_str(doc, "lane");
	command = json_str(doc, "command");
	*p = (struct plan){ .act = "override", .ahead = -1, .behind = -1, .made = engine_now(k->acts->en) };
	p->lane = lane ? profiles_lane(k->acts->en->o.profiles, lane, &p->profile) : NULL;
	if (!p->lane)
		return false;
	p->repo = p->profile->repo;
	p->request = p->body = "";
	p->document = NULL;
	p->found = arena_strdup(&k->arena, command ? command : "?");
	memcpy(p->id, f->id, sizeof(p->id));
	p->confirm = arena_strndup(&k->arena, p->id, PLAN_SHOWN);
	k->subject = arena_printf(&k->arena, "%s %s", json_str(doc, "act") ? json_str(doc, "act") : "?",
				  p->confirm);
	refuse_failed(k, json_get(doc, "relies_on"));
	return true;
}

static void no_plan(struct ask *k, const struct err *e)
{
	bool here = e->kind && e->kind != ERR_MISSING;

	ask_fail(k, 1, here ? err_word(e->kind) : "missing",
		 here ? arena_strdup(&k->arena, e->message)
		      : arena_printf(&k->arena, "no plan %s was shown or saved here", k->cmd.args[0]),
		 "make it again: `pilothouse plan save ACT ...`");
}

void override_ask(struct ask *k)
{
	struct plan_file f = { .id = "" };
	struct err e = ERR_INIT;

	if (!k->acts->en->o.journal)
		ask_no_journal(k);
	else if (find_plan(k, &f, &e) < 0 || !take_plan(k, &f))
		no_plan(k, &e);
	else {
		facts_read_user(k);
		ask_then(k, judged);
	}
}
