#include "core/engine/steer.h"

#include "base/json.h"
#include "base/text.h"
#include "core/rules/after.h"

#include <string.h>

static struct steer *steer_of(const struct ask *k)
{
	return k->plan.steer;
}

static const struct profile_canary *canary_of(const struct ask *k)
{
	return k->plan.lane->canary;
}

/* ---- which act --------------------------------------------------------------------------------------------------------- */

static enum rollout_act_kind act_of(const struct ask *k)
{
	if (act_is(k, CMD_PROMOTE))
		return k->cmd.opt[OPT_FULL] ? ROLLOUT_PROMOTE_FULL : ROLLOUT_PROMOTE;
	return act_is(k, CMD_HOLD) ? ROLLOUT_HOLD : act_is(k, CMD_RESUME) ? ROLLOUT_RESUME : ROLLOUT_ABORT;
}

static bool wants_back(const struct ask *k)
{
	return act_is(k, CMD_ABORT) && k->cmd.opt[OPT_ROLLBACK];
}

bool steer_goes_back(const struct ask *k)
{
	const struct profile_lane *l = k->plan.lane;

	return wants_back(k) && l && l->rollback != BACK_EXTERNAL && l->rollback != BACK_NONE;
}

/* ---- reading: the run, and the levers ---------------------------------------------------------------------------------- */

/* An abort that has begun goes on with the run that it began with, whatever runs by now. */
static int64_t run_begun(struct ask *k)
{
	struct intents open = { 0 };
	struct journal *j = k->acts->en->o.journal;
	int64_t run = 0;

	if (!j || journal_open_intents(j, &open, &k->arena, NULL) < 0)
		return 0;
	vec_each (in, &open) {
		autofree(json) struct json *target = NULL;
		const char *text = in->target ? in->target : "";

		if (text_eq(in->act, "abort") && text_eq(in->lane, k->plan.lane->name) &&
		    json_parse(&target, text, strlen(text), (size_t)1 << 20, NULL) == 0)
			run = json_int(target, "run", 0);
	}
	return run;
}

static bool is_of_lane(const struct plan *p, const struct run *r)
{
	const struct profile_run what = { r->path && *r->path ? r->path : p->workflow, r->branch, r->event };
	const struct profile_lane *of = profile_lane_of_run(p->profile, &what);

	return of && profile_owner(p->profile, of) == profile_owner(p->profile, p->lane);
}

/* The one that the cache has seen a canary in, else the newest that is under way. */
static void take_carriers(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct steer *s = steer_of(k);
	const struct run *runs = a->items;
	int64_t newest = s->run;

	for (size_t i = 0; i < a->n; i++) {
		if (runs[i].status == RUN_COMPLETED || !is_of_lane(&k->plan, &runs[i]))
			continue;
		if (s->known && runs[i].id == s->row.run)
			newest = INT64_MAX;
		else if (runs[i].id > newest)
			newest = runs[i].id;
	}
	s->run = newest == INT64_MAX ? s->row.run : newest;
	f->value = arena_printf(&k->arena, "%" PRId64, s->run);
	if (a->cut && !s->run) {
		f->state = FACT_FAILED;
		f->why = "more runs than were read: which carries the canary is not known";
	}
}

static void find_run(struct ask *k)
{
	struct plan *p = &k->plan;
	struct steer *s = steer_of(k);
	struct forge_read r = { .kind = FORGE_RUNS, .repo = p->repo, .number = 50 };
	const char *const alone[] = { p->workflow, NULL };

	s->run = run_begun(k);
	if (s->run) {
		fact_local(k, "carriers", FACT_OK, "of the abort that has begun", NULL);
		return;
	}
	for (const char *const *w = p->workflows ? p->workflows : alone; *w; w++) {
		r.workflow = *w;
		ask_read(k, "carriers", false, &r, take_carriers);
	}
}

static struct lever *lever_by_fact(struct ask *k, const char *fact)
{
	vec_each (l, &steer_of(k)->levers)
		if (l->fact && text_eq(l->fact, fact))
			return l;
	return NULL;
}

static void take_value(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct lever *l = lever_by_fact(k, f->name);

	f->value = arena_strdup(&k->arena, a->text ? a->text : "");
	l->value = f->value;
}

static void take_tip(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	f->value = arena_strdup(&k->arena, a->text ? a->text : "");
	steer_of(k)->tip = f->value;
}

/* The branch that tags of ours are put on. */
static const char *base_of(const struct plan *p)
{
	return p->lane->ref && !strchr(p->lane->ref, '{') ? p->lane->ref : "main";
}

static void read_tag(struct ask *k, struct lever *l)
{
	struct steer *s = steer_of(k);
	struct forge_read r = { .kind = FORGE_COMMIT, .repo = k->plan.repo };

	l->fact = arena_printf(&k->arena, "tag %s", l->c->name);
	r.name = arena_printf(&k->arena, "tags/%s", l->c->name);
	ask_read(k, l->fact, true, &r, take_value);
	s->base = base_of(&k->plan);
	r.name = arena_printf(&k->arena, "heads/%s", s->base);
	if (s->act != ROLLOUT_RESUME)
		ask_read(k, "tip", false, &r, take_tip);
}

struct moving {
	struct ask *k;
	struct lever *lever;
	size_t slot;
};

/* What stops a canary relies on no more than that there is one: a controller that goes on meanwhile, with a new version at
 * every look of its own, must not void an abort. */
static const char *moves_words(const struct rollout_answer *m, enum rollout_act_kind act, struct arena *a)
{
	const char *held = m->spec_paused ? ", held" : "";

	if (act == ROLLOUT_HOLD || act == ROLLOUT_ABORT)
		return arena_printf(a, "%s%s",
				    m->promoted  ? "promoted"
				    : m->aborted ? "aborted"
						 : "under way",
				    held);
	return arena_printf(a, "version %s, %s, step %" PRId64 ", %" PRId64 " bp set",
			    m->version ? m->version : "?", m->word ? m->word : "?", m->step, m->set_bp);
}

static struct rollout_answer *moves_keep(const struct rollout_answer *m, struct arena *a)
{
	struct rollout_answer *mine = arena_new(a, struct rollout_answer);
	struct rollout_step *steps = arena_array(a, struct rollout_step, m->steps_n ? m->steps_n : 1);

	*mine = *m;
	if (m->steps_n)
		memcpy(steps, m->steps, m->steps_n * sizeof(*steps));
	mine->steps = steps;
	mine->word = arena_strdup(a, m->word);
	mine->message = arena_strdup(a, m->message);
	mine->set_from = arena_strdup(a, m->set_from);
	mine->set_why = arena_strdup(a, m->set_why);
	mine->seen_why = arena_strdup(a, m->seen_why);
	mine->gate_why = arena_strdup(a, m->gate_why);
	mine->pause_reason = arena_strdup(a, m->pause_reason);
	mine->analysis = arena_strdup(a, m->analysis);
	mine->version = arena_strdup(a, m->version);
	return mine;
}

static void moves_read(void *ctx, const struct rollout_answer *answer, const struct err *err)
{
	struct moving *m = ctx;
	struct ask *k = m->k;

	if (!fact_answered(k, m->slot, err))
		return;
	if (!err) {
		struct fact *f = &k->plan.facts.items[m->slot];

		m->lever->moves = moves_keep(answer, &k->arena);
		f->state = FACT_OK;
		f->value = moves_words(m->lever->moves, steer_of(k)->act, &k->arena);
	}
	fact_taken(k);
}

static void read_moves(struct ask *k, struct lever *l)
{
	struct rollout *port = engine_mover(k->acts->en, k->plan.lane->name);
	struct moving *m = arena_new(&k->arena, struct moving);
	struct rollout_name name = steer_rollout(l->c);
	struct err e = ERR_INIT;

	l->fact = arena_printf(&k->arena, "rollout %s", l->c->name);
	if (!port) {
		fact_local(k, l->fact, FACT_FAILED, NULL, "no cluster is named for it");
		return;
	}
	*m = (struct moving){ k, l, fact_reading(k, l->fact, true) };
	if (port->ops->read(port, &name, moves_read, m, &e) < 0)
		(void)fact_answered(k, m->slot, &e);
}

static void read_lever(struct ask *k, struct lever *l)
{
	struct forge_read r = { .kind = FORGE_VARIABLE, .repo = k->plan.repo, .name = l->c->name };

	switch ((enum control_kind)l->c->by) {
	case CONTROL_VARIABLE:
		l->fact = arena_printf(&k->arena, "variable %s", l->c->name);
		ask_read(k, l->fact, true, &r, take_value);
		return;
	case CONTROL_TAG:
		read_tag(k, l);
		return;
	case CONTROL_ARGO:
	case CONTROL_FLAGGER:
		read_moves(k, l);
		return;
	case CONTROL_GATE:
	case CONTROL_CANCEL:
	case CONTROL_OTHER:
		return;
	}
}

static void begin_reading(struct ask *k)
{
	struct steer *s = steer_of(k);

	s->begun = true;
	if (!facts_find(&k->plan.facts, "user"))
		facts_read_user(k);
	steer_read_row(k);
	find_run(k);
	if (wants_back(k) && !s->inner)
		facts_read_history(k);
	vec_each (c, &canary_of(k)->control)
		if (steer_has_act(c, s->act))
			*(struct lever *)vec_push(&s->levers, &k->arena) = (struct lever){ .c = c };
	vec_each (l, &s->levers)
		read_lever(k, l);
}

/* ---- reading: the gates of that run ------------------------------------------------------------------------------------ */

static void take_waiting(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct steer *s = steer_of(k);
	const struct gate *g = a->items;

	f->value = "";
	for (size_t i = 0; i < a->n; i++) {
		rec_dup(&rec_gate, vec_push(&s->gates, &k->arena), &g[i], &k->arena);
		f->value = arena_printf(&k->arena, "%s%s%s", f->value, i ? ", " : "", g[i].environment);
	}
}

static void read_run(struct ask *k)
{
	struct steer *s = steer_of(k);
	struct forge_read r = { .kind = FORGE_RUN, .repo = k->plan.repo, .id = s->run };

	s->asked = true;
	if (!s->run)
		return;
	ask_read(k, "run", true, &r, take_run);
	r.kind = FORGE_GATES;
	ask_read(k, "waiting", false, &r, take_waiting);
}

/* ---- choosing ---------------------------------------------------------------------------------------------------------- */

/* The gate that waits says it best; else the rung after the one that was last seen. */
static void find_next(struct ask *k)
{
	struct steer *s = steer_of(k);
	const char *const *steps = canary_of(k)->steps;
	int64_t n = 0;

	s->next_bp = -1;
	while (steps && steps[n])
		n++;
	if (s->known && s->row.step >= 0 && s->row.step < n && (s->row.step || s->row.set_bp == 0))
		s->next_bp = steer_bp(steps[s->row.step]);
	vec_each (g, &s->gates) {
		int64_t bp = steer_rung_of(canary_of(k), g->environment, &k->arena);

		if (bp > 0)
			s->next_bp = bp;
	}
}

static const struct gate *waiting_gate(struct ask *k, const char *environment)
{
	vec_each (g, &steer_of(k)->gates)
		if (text_eq(g->environment, environment))
			return g;
	return NULL;
}

static bool is_over(const struct ask *k)
{
	const struct run *r = k->plan.pf.run;

	return r && r->status == RUN_COMPLETED;
}

static const char *why_no_run(struct ask *k)
{
	const struct fact *f = facts_find(&k->plan.facts, "carriers");

	if (f && f->state == FACT_FAILED)
		return f->why;
	return "no run of the lane is under way";
}

static const char *why_not_gate(struct ask *k, const struct profile_control *c)
{
	struct steer *s = steer_of(k);
	const char *gate = steer_gate(c, s->next_bp, &k->arena);

	if (!s->run || !k->plan.pf.run || is_over(k))
		return why_no_run(k);
	if (s->act == ROLLOUT_RESUME)
		return s->held ? NULL : "no gate is held";
	if (s->act == ROLLOUT_HOLD)
		return NULL;
	if (!gate)
		return "which rung is next is not known, and no gate of a rung waits";
	return waiting_gate(k, gate) ? NULL : arena_printf(&k->arena, "gate %s does not wait yet", gate);
}

static const char *why_not_moves(struct ask *k, const struct lever *l)
{
	struct steer *s = steer_of(k);
	struct rollout *port = engine_mover(k->acts->en, k->plan.lane->name);
	struct rollout_act act = { .kind = s->act, .name = steer_rollout(l->c) };
	struct err e = ERR_INIT;

	if (!l->moves)
		return "its controller was not read";
	act.now = *l->moves;
	return port->ops->requests(port, &act, &e) > 0 ? NULL : arena_strdup(&k->arena, e.message);
}

static const char *why_not(struct ask *k, struct lever *l)
{
	const struct fact *f = l->fact ? facts_find(&k->plan.facts, l->fact) : NULL;

	if (f && f->state != FACT_OK && f->state != FACT_ABSENT) {
		l->unread = true;
		return f->why ? f->why : "it was not read";
	}
	switch ((enum control_kind)l->c->by) {
	case CONTROL_GATE:
		return why_not_gate(k, l->c);
	case CONTROL_ARGO:
	case CONTROL_FLAGGER:
		return why_not_moves(k, l);
	case CONTROL_CANCEL:
		return steer_of(k)->run && k->plan.pf.run ? NULL : why_no_run(k);
	case CONTROL_VARIABLE:
	case CONTROL_TAG:
		return NULL;
	case CONTROL_OTHER:
		break;
	}
	return "the profile names a lever that is not known here";
}

static void choose_lever(struct ask *k)
{
	struct steer *s = steer_of(k);

	s->why_none = "";
	vec_each (l, &s->levers) {
		l->why = why_not(k, l);
		if (!l->why && !s->by)
			s->by = l;
		else if (l->why)
			s->why_none =
				arena_printf(&k->arena, "%s%s%s: %s", s->why_none, *s->why_none ? "; " : "",
					     names_word(&control_kind_names, l->c->by), l->why);
	}
}

static void find_held(struct ask *k)
{
	struct intent *in = arena_new(&k->arena, struct intent);
	struct steer *s = steer_of(k);
	struct err e = ERR_INIT;
	int r = s->run ? steer_held(k->acts->en, k->plan.lane->name, s->run, in, &k->arena, &e) : 1;

	s->held = r == 0 ? in : NULL;
	if (r < 0)
		fact_local(k, "held", FACT_FAILED, NULL, arena_strdup(&k->arena, e.message));
	else
		fact_pinned(k, "held",
			    s->held ? arena_printf(&k->arena, "by intent %" PRId64, in->id) : "no");
}

/* What the plan relies on of the canary itself. An abort does not wait until a verdict stands still. */
static void pin_row(struct ask *k)
{
	const struct steer *s = steer_of(k);
	bool onward = s->act == ROLLOUT_PROMOTE || s->act == ROLLOUT_PROMOTE_FULL;
	const char *value = "not known";

	if (s->known)
		value = arena_printf(&k->arena,
				     "run %" PRId64 ", rung %" PRId64 " of %" PRId64 ", %" PRId64
				     " bp set (%s)",
				     s->row.run, s->row.step, s->row.steps, s->row.set_bp,
				     s->row.set_from ? s->row.set_from : "");
	if (s->known && onward)
		value = arena_printf(&k->arena, "%s, verdict %s", value,
				     names_word(&canary_verdict_names, s->row.verdict));
	fact_pinned(k, "canary", value);
}

/* ---- judging ----------------------------------------------------------------------------------------------------------- */

static void judge_lever(struct ask *k)
{
	struct steer *s = steer_of(k);
	const char *word = steer_act_word(s->act);
	bool unread = false;

	if (s->by) {
		plan_said(k, "mechanism", CHECK_OK, steer_does(k), "", s->by->fact ? s->by->fact : "run");
		plan_said(k, "note:mechanism", CHECK_UNCHECKED, steer_leaves(k), "", "profile");
		return;
	}
	vec_each (l, &s->levers)
		unread = unread || l->unread;
	if (!s->levers.n)
		plan_said(k, "mechanism", CHECK_BAD,
			  arena_printf(&k->arena,
				       "cannot %s: the workflow has no gate, variable or tag for it", word),
			  "see `control` of the lane's canary in man pilothouse-profile", "profile");
	else
		plan_said(k, "mechanism", unread ? CHECK_UNCHECKED : CHECK_BAD,
			  arena_printf(&k->arena, "cannot %s: %s", word, s->why_none),
			  unread ? "make it readable, or try again" : "wait until it can", "run");
}

static void judge_held(struct ask *k)
{
	struct steer *s = steer_of(k);
	const struct fact *f = facts_find(&k->plan.facts, "held");
	bool onward = s->act == ROLLOUT_PROMOTE || s->act == ROLLOUT_PROMOTE_FULL;

	if (f && f->state != FACT_OK)
		plan_said(k, "held", CHECK_UNCHECKED, f->why, "see `pilothouse doctor`", "held");
	else if (s->held && onward)
		steer_said_held(k, CHECK_BAD, s->held,
				arena_printf(&k->arena, "`pilothouse resume %s`", k->plan.lane->name));
	else if (s->held && s->act == ROLLOUT_HOLD && s->by && s->by->c->by == CONTROL_GATE)
		steer_said_held(k, CHECK_BAD, s->held, "it is held already");
}

/* It is so already: asked for twice it is not sent twice. */
static void judge_already(struct ask *k)
{
	const struct steer *s = steer_of(k);
	const struct lever *l = s->by;
	const char *want;

	if (!l || (k->plan.repeats))
		return;
	if (l->c->by == CONTROL_TAG && (s->act == ROLLOUT_RESUME) == !l->value)
		plan_said(k, "already", CHECK_BAD,
			  arena_printf(&k->arena, "the tag %s is %s already", l->c->name,
				       l->value ? "there" : "gone"),
			  "nothing is left to do", l->fact);
	if (l->c->by != CONTROL_VARIABLE)
		return;
	want = steer_value(k, l->c);
	if (want ? text_eq(l->value, want) : !l->value)
		plan_said(k, "already", CHECK_BAD,
			  arena_printf(&k->arena,
				       want ? "the variable %s is \"%s\" already"
					    : "the variable %s is gone already",
				       l->c->name, want),
			  "nothing is left to do", l->fact);
}

/* The act of ours that began this run to go back; 0: none. */
static int64_t went_back_by(struct ask *k, int64_t run)
{
	struct journal *j = k->acts->en->o.journal;
	struct intents of_run = { 0 };

	if (!j || !run || journal_of_run(j, run, &of_run, &k->arena, NULL) < 0)
		return 0;
	vec_each (in, &of_run)
		if (after_went_back(in))
			return in->id;
	return 0;
}

/* A way back is not taken back by a second press of the same key. */
static void judge_back(struct ask *k)
{
	const struct steer *s = steer_of(k);
	int64_t by = wants_back(k) && !k->plan.repeats ? went_back_by(k, s->run) : 0;

	if (by)
		plan_said(k, "once", CHECK_BAD,
			  arena_printf(&k->arena, "run %" PRId64 " is a way back itself, by intent %" PRId64,
				       s->run, by),
			  arena_printf(&k->arena, "watch it, or `pilothouse cancel %" PRId64 "`", s->run),
			  "run");
}

static void judge_run(struct ask *k)
{
	const struct run *r = k->plan.pf.run;

	if (!steer_of(k)->by || steer_of(k)->by->c->by != CONTROL_CANCEL || !wants_back(k))
		return;
	if (is_over(k) && !k->plan.repeats)
		plan_said(
			k, "carrier", CHECK_BAD,
			arena_printf(&k->arena, "run %" PRId64 " is over: %s", r->id,
				     names_word(&conclusion_names, r->conclusion)),
			arena_printf(&k->arena, "`pilothouse rollback %s --reason WHY`", k->plan.lane->name),
			"run");
	else if (r)
		plan_said(k, "carrier", CHECK_OK,
			  arena_printf(&k->arena, "run %" PRId64 " attempt %" PRId64 " is %s", r->id,
				       r->attempt, names_word(&run_status_names, r->status)),
			  "", "run");
}

/* The way back is a command that somebody types elsewhere: the abort is all that is done here. */
static void judge_outside(struct ask *k)
{
	struct plan *p = &k->plan;
	const struct profile_words w = { .release = p->live, .repo = p->repo };

	if (!wants_back(k) || steer_goes_back(k))
		return;
	if (p->lane->rollback != BACK_EXTERNAL) {
		plan_said(k, "outside", CHECK_BAD,
			  arena_printf(&k->arena, "%s has no way back by its profile", p->lane->name),
			  "leave out --rollback", "profile");
		return;
	}
	p->command = profile_expand(&k->arena, p->lane->back_command, &w);
	plan_said(k, "note:outside", CHECK_UNCHECKED,
		  p->command ? arena_printf(&k->arena,
					    "only the abort is done here; going back is this command: %s",
					    p->command)
			     : "only the abort is done here; how to go back is not known here",
		  "", "profile");
	plan_said_warnings(k);
}

static void judge(struct ask *k)
{
	struct steer *s = steer_of(k);

	judge_lever(k);
	judge_held(k);
	judge_already(k);
	judge_run(k);
	judge_back(k);
	judge_outside(k);
	steer_judge_rungs(k);
	if (s->act == ROLLOUT_PROMOTE || s->act == ROLLOUT_PROMOTE_FULL)
		steer_judge_verdict(k);
	if (s->inner && s->inner->judge)
		s->inner->judge(k);
}

/* ---- the ways ---------------------------------------------------------------------------------------------------------- */

#define BY_HAND .judge = judge, .steps = steer_steps

static const struct way way_none = { .rules = "steer", BY_HAND };
static const struct way way_here = { .rules = "steer", .traits = WAY_LOCAL, BY_HAND };
static const struct way way_lever = { .rules = "steer", BY_HAND };
static const struct way way_gate = { .rules = "approve", .traits = WAY_VERIFIED, BY_HAND };
static const struct way way_moves = { .rules = "steer", .traits = WAY_VERIFIED, BY_HAND };
static const struct way way_cancel = { .rules = "cancel", BY_HAND };

static const char *undo_of(enum rollout_act_kind act)
{
	switch (act) {
	case ROLLOUT_HOLD:
		return "resume the canary";
	case ROLLOUT_RESUME:
		return "hold the canary again";
	case ROLLOUT_PROMOTE:
	case ROLLOUT_PROMOTE_FULL:
		return "abort the canary; what was served by then stays served";
	case ROLLOUT_ABORT:
	case ROLLOUT_NOTHING:
		break;
	}
	return "cannot be undone: dispatch the release again";
}

static const struct way *way_by(const struct steer *s)
{
	bool leaves = s->act == ROLLOUT_HOLD || s->act == ROLLOUT_RESUME;

	switch ((enum control_kind)(s->by ? s->by->c->by : CONTROL_OTHER)) {
	case CONTROL_GATE:
		return leaves ? &way_here : &way_gate;
	case CONTROL_VARIABLE:
	case CONTROL_TAG:
		return &way_lever;
	case CONTROL_ARGO:
	case CONTROL_FLAGGER:
		return &way_moves;
	case CONTROL_CANCEL:
		return &way_cancel;
	case CONTROL_OTHER:
		break;
	}
	return &way_none;
}

static void choose_way(struct ask *k)
{
	struct steer *s = steer_of(k);
	struct plan *p = &k->plan;
	struct way *mine = arena_new(&k->arena, struct way);

	*mine = *way_by(s);
	mine->undo = undo_of(s->act);
	if (s->inner) {
		mine->rules = s->inner->rules ? s->inner->rules : "rollback";
		mine->traits = s->inner->traits;
		mine->undo = s->inner->undo;
		mine->refused = s->inner->refused;
	}
	p->way = mine;
	if (s->run && p->pf.run && !s->inner) {
		p->release = profile_release_of(p->lane, p->pf.run->title, p->pf.run->branch,
						p->pf.run->head_sha, &k->arena);
		p->sha = p->pf.run->head_sha;
	}
	if (!p->release && s->known && *s->row.release && !s->inner)
		p->release = s->row.release;
	if (!s->inner)
		k->subject =
			s->run ? arena_printf(&k->arena, "%" PRId64, s->run) : (p->release ? p->release : "");
}

/* The last round: what the rules of approve want to know of this gate. */
static void read_gate(struct ask *k)
{
	struct steer *s = steer_of(k);

	if (!s->by || s->by->c->by != CONTROL_GATE || s->act == ROLLOUT_HOLD || s->act == ROLLOUT_RESUME ||
	    k->plan.environment)
		return;
	k->plan.environment = steer_gate(s->by->c, s->next_bp, &k->arena);
	facts_read_gate(k);
	steer_read_rungs(k);
}

bool steer_reads(struct ask *k, ask_step then)
{
	struct steer *s = steer_of(k);

	if (!s)
		return false;
	if (!s->begun) {
		begin_reading(k);
		ask_then(k, then);
		return true;
	}
	if (!s->asked) {
		read_run(k);
		ask_then(k, then);
		return true;
	}
	if (!s->why_none) {
		find_held(k);
		find_next(k);
		choose_lever(k);
		pin_row(k);
		choose_way(k);
		if (run_brings_new(k))
			stops_read_freezes(k);
		read_gate(k);
	}
	if (!k->pending)
		return false;
	ask_then(k, then);
	return true;
}

static void begin(struct ask *k)
{
	struct plan *p = &k->plan;
	struct steer *s;

	if (!plan_find_lane(k))
		return;
	if (!canary_of(k)) {
		ask_fail(k, 1, "policy",
			 arena_printf(&k->arena, "%s has no canary by its profile", p->lane->name),
			 "see `canary` in man pilothouse-profile");
		return;
	}
	s = arena_new(&k->arena, struct steer);
	s->act = act_of(k);
	s->next_bp = -1;
	s->back = steer_goes_back(k);
	s->inner = s->back ? plan_way_back(k) : NULL;
	p->steer = s;
	if (s->inner)
		s->inner->begin(k);
	else
		files_find(k, plan_judge);
}

/* Before it is known by what lever. */
const struct way way_steer = { .rules = "steer", .begin = begin, BY_HAND };
