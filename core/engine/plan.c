#include "core/engine/reflock.h"
#include "core/engine/ways.h"

#include "base/text.h"
#include "core/engine/contract.h"
#include "core/engine/override.h"
#include "core/engine/steer.h"

#include <string.h>

bool act_is(const struct ask *k, enum command_id id)
{
	return k->cmd.info->id == id;
}

const char *plan_reason(const struct ask *k)
{
	const char *r = k->cmd.opt[OPT_REASON];

	return r && *r ? r : NULL;
}

void plan_said(struct ask *k, const char *name, enum verdict status, const char *detail, const char *fix,
	       const char *source)
{
	const struct fact *f = facts_find(&k->plan.facts, source);

	*(struct preflight_need *)vec_push(&k->plan.judged, &k->arena) = (struct preflight_need){
		.name = name,
		.status = status,
		.detail = detail,
		.fix = fix,
		.source = source,
		.at = f ? f->at : engine_now(k->acts->en),
	};
}

void plan_said_unless_accepted(struct ask *k, const char *name, const char *detail, const char *fix,
			       const char *source)
{
	const char *reason = plan_reason(k);

	if (reason)
		plan_said(k, name, CHECK_OK, arena_printf(&k->arena, "%s; accepted: %s", detail, reason), "",
			  source);
	else
		plan_said(k, name, CHECK_BAD, detail,
			  arena_printf(&k->arena, "%s, or add --reason \"why\" to go on knowingly", fix),
			  source);
}

void plan_said_warnings(struct ask *k)
{
	for (const char *const *w = k->plan.lane->back_warns; w && *w; w++)
		plan_said(k, "note:back", CHECK_UNCHECKED, *w, "", "profile");
}

bool plan_is_rollback(const struct ask *k)
{
	return act_is(k, CMD_ROLLBACK) || steer_goes_back(k);
}

bool plan_goes_back(const struct ask *k)
{
	return plan_is_rollback(k) || act_is(k, CMD_REVERT_PIN);
}

/* ---- judging --------------------------------------------------------------------------------------------------------- */

static void local_facts(struct ask *k)
{
	const char *reason = plan_reason(k);

	if (act_is(k, CMD_ROLLBACK) || act_is(k, CMD_FREEZE) || act_is(k, CMD_LOCK))
		fact_local(k, "reason", reason ? FACT_OK : FACT_ABSENT, reason, NULL);
	else if (steer_goes_back(k) && reason)
		fact_local(k, "reason", FACT_OK, reason, NULL);
	if (act_is(k, CMD_CANCEL) && k->cmd.opt[OPT_FORCE])
		fact_local(k, "force", FACT_OK, "asked for", NULL);
	twin_find(k);
}

static void fill_preflight(struct ask *k)
{
	struct plan *p = &k->plan;
	const struct fact *runs = facts_find(&p->facts, "in_flight");
	struct preflight *pf = &p->pf;

	pf->act = p->way->rules ? p->way->rules : p->act;
	pf->back = plan_goes_back(k);
	pf->reason = plan_reason(k);
	pf->lane = p->lane->name;
	pf->production = p->lane->production;
	pf->release = p->release;
	pf->now = engine_now(k->acts->en);
	pf->facts = &p->facts;
	pf->can_start = p->lane->start == START_DISPATCH;
	pf->rollback_ok = p->lane->rollback == BACK_DISPATCH;
	pf->workflow = p->workflow;
	pf->workflows = p->workflows;
	pf->needs = p->judged.items;
	pf->needs_n = p->judged.n;
	pf->in_flight = p->in_flight.items;
	pf->in_flight_n = p->in_flight.n;
	pf->own = p->own.items;
	pf->own_n = p->own.n;
	pf->gate = p->environment ? p->environment : p->lane->gate;
	pf->live = p->live ? p->live : "";
	pf->twin = p->twin;
	pf->behind = p->behind;
	pf->lane_age_ms = runs && runs->state == FACT_OK ? when_diff(pf->now, runs->at) : -1;
}

/* Nothing answered: that is the network's exit status, not a plan full of "unchecked". */
static bool unreachable(const struct plan *p)
{
	return p->reads && p->reads_failed == p->reads;
}

static int make_requests(struct ask *k, struct err *e)
{
	struct plan *p = &k->plan;
	int r = steps_make(k, PLAN_NONCE, &p->steps, e);

	p->request = p->body = "";
	if (r < 0) {
		p->steps.n = 0; /* a part of an act is none */
	} else if (p->steps.n) {
		size_t told = way_has(k, WAY_RUN) ? p->steps.n - 1 : 0;

		p->request = p->steps.items[told].request;
		p->body = p->steps.items[told].body;
	}
	return r;
}

void plan_judge(struct ask *k)
{
	struct plan *p = &k->plan;
	struct err e = ERR_INIT;
	int r;

	if (unreachable(p)) {
		ask_fail_err(k, &p->first_error);
		return;
	}
	if (guard_reads(k, plan_judge) || steer_reads(k, plan_judge) || proofs_read(k, plan_judge))
		return;
	if (way_has(k, WAY_RUN)) {
		contract_form(k);
		if (!inputs_check(k))
			return;
		inputs_exceptions(k);
	}
	needs_judge(k);
	stops_judge(k);
	guard_judge(k);
	proofs_judge(k);
	local_facts(k);
	if (plan_goes_back(k))
		plan_said_warnings(k);
	if (p->way->judge)
		p->way->judge(k);
	r = make_requests(k, &e);
	if (way_has(k, WAY_RUN))
		contract_judge(k);
	p->confirm = command_phrase(&k->cmd, p->lane->production, p->lane->name,
				    p->release ? p->release : p->sha, &k->arena);
	signers_pin(k);
	if (plan_name(k, &e) < 0) {
		ask_fail_err(k, &e);
		return;
	}
	signatures_judge(k);
	fill_preflight(k);
	preflight_run(&p->checks, &p->pf, &k->arena);
	p->verdict = preflight_verdict(&p->checks);
	override_apply(k);
	if (r < 0 && p->verdict == PLAN_GO) {
		ask_fail_err(k, &e);
		return;
	}
	act_planned(k);
}

/* ---- where an act begins ----------------------------------------------------------------------------------------------- */

bool plan_find_lane(struct ask *k)
{
	struct plan *p = &k->plan;
	const char *name = k->cmd.args[0];

	p->lane = profiles_lane(k->acts->en->o.profiles, name, &p->profile);
	if (!p->lane) {
		ask_fail(k, 1, "missing", arena_printf(&k->arena, "there is no lane %s", name),
			 "see `pilothouse lanes`");
		return false;
	}
	p->repo = p->profile->repo;
	k->subject = "";
	if (p->repo && p->lane->workflow)
		return true;
	ask_fail(k, 2, "invalid", "the profile does not say which repository", "add --repo OWNER/NAME");
	return false;
}

/* Refused before anything is read: there is no request that a plan could show. */
static void refuse_back(struct ask *k)
{
	if (plan_find_lane(k))
		ask_fail(k, 1, "policy", arena_printf(&k->arena, "%s has no way back", k->plan.lane->name),
			 "go back the way the system's runbook says; see rollback: in its profile");
}

static const struct way way_nowhere = { .begin = refuse_back };

const struct way *plan_way_back(const struct ask *k)
{
	static const struct way *const ways[] = {
		[BACK_NONE] = &way_nowhere,          [BACK_DISPATCH] = &way_dispatch,
		[BACK_REPLAY] = &way_replay,         [BACK_RETAG] = &way_retag,
		[BACK_REVERT_PIN] = &way_revert_pin, [BACK_EXTERNAL] = &way_outside,
	};
	const struct profile_lane *l = profiles_lane(k->acts->en->o.profiles, k->cmd.args[0], NULL);

	return ways[l ? l->rollback : BACK_NONE];
}

/* Where the system has no freeze of its own a chain stops its line. */
static const struct way *way_line(const struct ask *k, const struct way *own, const struct way *chain)
{
	const struct profile *pr = freeze_system(k);

	return pr && !pr->freezes.n && pr->repo ? chain : own;
}

static const struct way *way_of(const struct ask *k)
{
	static const enum command_id steered[] = { CMD_HOLD, CMD_RESUME, CMD_PROMOTE, CMD_ABORT };
	static const struct {
		enum command_id id;
		const struct way *way, *merge;
	} rows[] = {
		{ CMD_DISPATCH, &way_dispatch, NULL },
		{ CMD_APPROVE, &way_review, NULL },
		{ CMD_REJECT, &way_review, NULL },
		{ CMD_CANCEL, &way_run, NULL },
		{ CMD_RERUN, &way_run, NULL },
		{ CMD_REPLAY, &way_replay, NULL },
		{ CMD_RELEASE_PR, &way_release_pr, &way_merge_release },
		{ CMD_LABEL, &way_label, NULL },
		{ CMD_RETAG, &way_retag, NULL },
		{ CMD_REVERT_PIN, &way_revert_pin, &way_merge_revert },
		{ CMD_LOCK, &way_lock, NULL },
		{ CMD_UNLOCK, &way_unlock, NULL },
		{ CMD_CON, &way_con, NULL },
	};

	for (size_t i = 0; i < countof(steered); i++)
		if (act_is(k, steered[i]))
			return &way_steer;
	for (size_t i = 0; i < countof(rows); i++)
		if (act_is(k, rows[i].id))
			return k->cmd.opt[OPT_MERGE] && rows[i].merge ? rows[i].merge : rows[i].way;
	if (act_is(k, CMD_FREEZE))
		return way_line(k, &way_freeze, &way_line_freeze);
	if (act_is(k, CMD_THAW))
		return way_line(k, &way_thaw, &way_line_thaw);
	return plan_way_back(k);
}

void plan_begin(struct ask *k)
{
	struct plan *p = &k->plan;

	*p = (struct plan){
		.act = k->cmd.info->name,
		.way = way_of(k),
		.ahead = -1,
		.behind = -1,
		.made = engine_now(k->acts->en),
		.began = clock_mono(loop_clock(k->acts->en->o.loop)),
	};
	p->pf.behind = -1;
	p->way->begin(k);
}
