#include "core/rules/preflight.h"

#include "base/json.h"
#include "base/text.h"

#include <string.h>

static const char *const plan_verdict_words[] = { "refused", "go", "stale" };
const struct names plan_verdict_names = NAMES(plan_verdict_words);

enum act_bits {
	A_DISPATCH = 1 << 0,
	A_ROLLBACK = 1 << 1,
	A_APPROVE = 1 << 2,
	A_REJECT = 1 << 3,
	A_CANCEL = 1 << 4,
	A_RERUN = 1 << 5,
	A_REPLAY = 1 << 6, /* also a rollback that is one */
	A_RELEASE_PR = 1 << 7,
	A_MERGE = 1 << 8, /* release-pr --merge, revert-pin --merge */
	A_LABEL = 1 << 9,
	A_RETAG = 1 << 10,
	A_REVERT_PIN = 1 << 11,
	A_FREEZE = 1 << 12,
	A_THAW = 1 << 13,
	A_OUTSIDE = 1 << 14, /* a way back that is no act of ours */
	A_HOLD = 1 << 15,    /* lock, unlock, con: a link of a chain */
	A_STEER =
		1 << 16, /* hold, resume, promote, abort of a canary by something else than a gate or a run */
	A_START = A_DISPATCH | A_ROLLBACK,
	A_DELIVER = A_START | A_REPLAY, /* a run of ours changes the lane */
	A_REVIEW = A_APPROVE | A_REJECT,
	A_RUN = A_REVIEW | A_CANCEL | A_RERUN,
	A_MOVE = A_RETAG | A_REVERT_PIN,
	A_ANY = A_DELIVER | A_RUN | A_RELEASE_PR | A_MERGE | A_LABEL | A_MOVE | A_FREEZE | A_THAW |
		A_OUTSIDE | A_HOLD | A_STEER,
};
static const struct {
	const char *verb;
	unsigned bit;
} acts[] = {
	{ "dispatch", A_DISPATCH }, { "rollback", A_ROLLBACK },
	{ "approve", A_APPROVE },   { "reject", A_REJECT },
	{ "cancel", A_CANCEL },     { "rerun", A_RERUN },
	{ "replay", A_REPLAY },     { "release-pr", A_RELEASE_PR },
	{ "retag", A_RETAG },       { "revert-pin", A_REVERT_PIN },
	{ "label", A_LABEL },       { "freeze", A_FREEZE },
	{ "thaw", A_THAW },         { "merge", A_MERGE },
	{ "outside", A_OUTSIDE },   { "lock", A_HOLD },
	{ "steer", A_STEER },
};

struct judge; /* what a rule sees */
struct rule {
	const char *name;
	unsigned acts;
	bool required;    /* anything but ok stops the act; else it only informs */
	const char *fact; /* the fact it rests on: when that could not be read the check is unchecked */
	void (*fn)(struct judge *j);
};
struct judge {
	const struct rule *rule;
	const struct preflight *p;
	const struct fact *fact; /* NULL: not read at all */
	struct checks *out;
	struct arena *a;
	unsigned act;
};

const struct fact *facts_find(const struct facts *f, const char *name)
{
	if (!f)
		return NULL;
	for (const struct fact *it = f->items; it && it < f->items + f->n; it++) {
		if (!strcmp(it->name, name))
			return it;
	}
	return NULL;
}

/* One check more. The detail follows by format; fix "" until say_fix(). */
static struct check *say(struct judge *j, enum verdict v, const char *fmt, ...) format_printf(3, 4);
static struct check *say(struct judge *j, enum verdict v, const char *fmt, ...)
{
	struct check *c = vec_push(j->out, j->a);
	va_list ap;

	va_start(ap, fmt);
	c->name = j->rule->name;
	c->status = (int)v;
	c->detail = arena_vprintf(j->a, fmt, ap);
	c->fix = "";
	c->source = j->rule->fact ? j->rule->fact : "profile";
	c->at = j->fact ? j->fact->at : j->p->now;
	va_end(ap);
	return c;
}

static bool absent(const struct judge *j)
{
	return j->fact && j->fact->state == FACT_ABSENT;
}

/* ---- rules, in the order they are shown ------------------------------------------------------------------------ */

static void rule_token(struct judge *j)
{
	if (j->p->who_login && *j->p->who_login)
		say(j, CHECK_OK, "accepted, you are %s", j->p->who_login);
	else
		say(j, CHECK_BAD, "%s",
		    j->fact && j->fact->why ? j->fact->why : "the forge does not say who this token is")
			->fix = "give a token of a person that the forge accepts";
}

static void rule_start(struct judge *j)
{
	const struct preflight *p = j->p;

	if (p->can_start)
		say(j, CHECK_OK, "%s starts by dispatch", p->lane);
	else
		say(j, CHECK_BAD, "%s does not start by dispatch", p->lane)->fix =
			"a push or another workflow starts it; see start: in its profile";
}

static void rule_rollback(struct judge *j)
{
	if (j->p->rollback_ok)
		say(j, CHECK_OK, "going back is a dispatch of the earlier release");
	else
		say(j, CHECK_BAD, "the profile knows no way back by dispatch for %s", j->p->lane)->fix =
			"go back the way the system's runbook says";
}

static void rule_reason(struct judge *j)
{
	if (!j->fact)
		return;
	if (absent(j))
		say(j, CHECK_MISSING, "%s needs a reason", j->p->back ? "going back" : j->p->act)->fix =
			"add --reason \"why\"";
	else
		say(j, CHECK_OK, "%s", j->fact->value);
}

static void rule_inputs(struct judge *j)
{
	const char *const *m = j->p->missing_inputs;

	if (!m || !*m) {
		say(j, CHECK_OK, "every required input has a value");
		return;
	}
	for (; *m; m++)
		say(j, CHECK_MISSING, "required input %s has no value", *m)->fix =
			arena_printf(j->a, "add --input %s=VALUE", *m);
}

static void rule_workflow(struct judge *j)
{
	const struct preflight *p = j->p;

	if (absent(j))
		say(j, CHECK_MISSING, "there is no workflow %s, or no access to it", p->workflow)->fix =
			"check --repo and the profile's workflow";
	else if (text_eq(p->workflow_state, "active"))
		say(j, CHECK_OK, "%s is active", p->workflow);
	else
		say(j, CHECK_BAD, "%s is %s", p->workflow,
		    p->workflow_state ? p->workflow_state : "in an unknown state")
			->fix = "enable the workflow on the forge";
}

/* Informs only: a token may act and not read contents. */
static void rule_file(struct judge *j)
{
	if (!j->fact)
		return;
	if (absent(j))
		say(j, CHECK_UNCHECKED, "%s is not readable at the ref: what it takes is not known",
		    j->p->workflow)
			->fix = "let the token read contents";
	else
		say(j, CHECK_OK, "%s was read at the ref", j->p->workflow);
}

/* What whoever entered the fact found out: it holds, or why not and what would clear it. */
static void rule_said(struct judge *j)
{
	struct check *c;

	if (!j->fact)
		return;
	c = absent(j) ? say(j, CHECK_BAD, "%s", j->fact->why) : say(j, CHECK_OK, "%s", j->fact->value);
	c->fix = absent(j) && j->fact->fix ? j->fact->fix : "";
}

static void rule_nonce(struct judge *j)
{
	if (!j->fact)
		return;
	if (absent(j))
		say(j, CHECK_UNCHECKED, "%s: a lost answer is settled by time and ref only", j->fact->why)
			->fix = "put the input into the workflow's run-name";
	else
		say(j, CHECK_OK, "%s", j->fact->value);
}

/* Informs only: most workflows do without, and then a tag that moves after the send is found by the run's commit. */
static void rule_contract(struct judge *j)
{
	if (!j->fact)
		return;
	if (absent(j))
		say(j, CHECK_UNCHECKED, "%s", j->fact->why)->fix =
			"put the contract into the workflow: `pilothouse profile contract` prints it";
	else
		say(j, CHECK_OK, "%s", j->fact->value);
}

static void rule_tag(struct judge *j)
{
	const struct preflight *p = j->p;

	if (!p->release)
		say(j, p->tag_sha ? CHECK_OK : CHECK_MISSING, "%s",
		    p->tag_sha ? p->tag_sha : "the ref names no commit");
	else if (!text_is_plain_ref(p->release))
		say(j, CHECK_BAD, "%s is not a plain tag name: it may hide or imitate characters", p->release)
			->fix = "tag the commit again with letters, digits and . _ + / -";
	else if (absent(j) || !p->tag_sha || !*p->tag_sha)
		say(j, CHECK_MISSING, "there is no tag %s", p->release)->fix = "name a tag that exists";
	else
		say(j, CHECK_OK, "%s is %.7s", p->release, p->tag_sha);
}

/* Who made and signed the tag is in its object: what it was pinned on says nothing, but that it was not read stops. */
static void rule_tag_object(struct judge *j maybe_unused)
{
}

static void rule_release(struct judge *j)
{
	const struct release *r = j->p->rel;

	if (!j->fact)
		return;
	if (absent(j) || !r)
		say(j, CHECK_MISSING, "%s is a tag without a published release", j->p->release)->fix =
			"publish the release, or name one that is";
	else if (r->draft)
		say(j, CHECK_BAD, "%s is a draft", j->p->release)->fix = "publish the release";
	else
		say(j, CHECK_OK, "published%s%s", r->prerelease ? ", a prerelease" : "",
		    r->immutable ? ", immutable" : "");
}

/* Each prerequisite was judged where it was read; here it becomes a check of its own. */
static void rule_needs(struct judge *j)
{
	const struct preflight *p = j->p;

	for (size_t i = 0; i < p->needs_n; i++) {
		const struct preflight_need *n = &p->needs[i];
		struct check *c = say(j, n->status, "%s", n->detail);

		c->name = n->name;
		c->source = n->source;
		c->at = n->at;
		c->fix = n->status != CHECK_OK && n->fix ? n->fix : "";
	}
}

static const char *file_of(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "";
}

static bool of_lane(const struct preflight *p, const struct run *r)
{
	const char *const alone[] = { p->workflow, NULL };

	for (const char *const *w = p->workflows ? p->workflows : alone; *w; w++)
		if (text_eq(file_of(r->path), *w))
			return true;
	return false;
}

static const char *run_words(struct judge *j, const struct run *r)
{
	return arena_printf(j->a, "run %" PRId64 " %s%s%s", r->id, names_word(&run_status_names, r->status),
			    r->release && *r->release ? " " : "", r->release ? r->release : "");
}

/* At a gate it may stand for days. */
static const char *ended_by(struct judge *j, const struct run *r)
{
	return arena_printf(j->a, ", which `pilothouse cancel %" PRId64 "` ends", r->id);
}

/* A forge keeps one run waiting per concurrency group: a newer one evicts it (reliability reference 0.8). */
static void rule_in_flight(struct judge *j)
{
	const struct preflight *p = j->p;
	const struct run *busy = NULL, *queued = NULL;

	if (absent(j)) {
		say(j, CHECK_MISSING, "the forge lists no runs of %s, or no access to them", p->workflow)
			->fix = "check the profile's workflow";
		return;
	}
	for (size_t i = 0; i < p->in_flight_n; i++) {
		const struct run *r = &p->in_flight[i];

		if (!of_lane(p, r) || (p->run && r->id == p->run->id))
			continue;
		if (r->status == RUN_PENDING || r->status == RUN_QUEUED || r->status == RUN_REQUESTED)
			queued = r;
		else
			busy = r;
	}
	if (!busy && !queued)
		say(j, CHECK_OK, "nothing is in flight on %s", p->lane);
	else if (j->p->back)
		say(j, CHECK_OK, "it would wait behind %s%s%s%s", run_words(j, busy ? busy : queued),
		    busy && queued ? " and evict " : "", busy && queued ? run_words(j, queued) : "",
		    busy && busy->status == RUN_WAITING ? ended_by(j, busy) : "");
	else if (queued)
		say(j, CHECK_BAD, "%s would be evicted%s%s", run_words(j, queued), busy ? ", behind " : "",
		    busy ? run_words(j, busy) : "")
			->fix = "wait until it is done";
	else
		say(j, CHECK_BAD, "%s is in flight", run_words(j, busy))->fix = arena_printf(
			j->a, "wait until it is done, or `pilothouse cancel %" PRId64 "`", busy->id);
}

/* The forge's list may be late; the run that our own journal knows is not. */
static void rule_own_run(struct judge *j)
{
	const struct preflight *p = j->p;

	if (!j->fact)
		return; /* nothing was started from here lately */
	if (!p->own_n && absent(j))
		say(j, CHECK_UNCHECKED, "a run that was started from here is not there yet, or not any more")
			->fix = "try again in a minute";
	else if (!p->own_n)
		say(j, CHECK_OK, "what was started from here is done");
	else if (j->p->back)
		say(j, CHECK_OK, "it would wait behind %s", run_words(j, &p->own[0]));
	else
		say(j, CHECK_BAD, "%s, started from here, is not done", run_words(j, &p->own[0]))->fix =
			arena_printf(j->a, "wait until it is done, or `pilothouse cancel %" PRId64 "`",
				     p->own[0].id);
}

static void rule_exclusive(struct judge *j)
{
	const struct preflight *p = j->p;

	if (!j->fact)
		return; /* the lane excludes nothing */
	if (absent(j)) {
		say(j, CHECK_MISSING,
		    "a workflow that excludes %s is not there: whether it runs is not known", p->lane)
			->fix = "check `exclusive` in the profile";
		return;
	}
	for (size_t i = 0; i < p->in_flight_n; i++) {
		const struct run *r = &p->in_flight[i];

		if (of_lane(p, r))
			continue;
		say(j, CHECK_BAD, "%s of %s is in flight and shares the ground with %s", run_words(j, r),
		    file_of(r->path), p->lane)
			->fix = "wait until it is done";
		return;
	}
	say(j, CHECK_OK, "no workflow that excludes this one is in flight");
}

static bool rules_of(const struct judge *j, struct json **out)
{
	const char *text = j->p->environment;

	return text && json_parse(out, text, strlen(text), (size_t)1 << 20, NULL) == 0;
}

static const char *reviewer_list(struct judge *j, const struct json *list)
{
	const char *s = "";

	for (size_t i = 0; i < json_size(list); i++) {
		const char *who = json_str(json_at(list, i), "");

		if (!who)
			who = json_str(json_at(list, i), "login");
		if (who)
			s = arena_printf(j->a, "%s%s%s", s, *s ? ", " : "", who);
	}
	return s;
}

/* "ben, kim; 30 min; the starter may approve on the forge; administrators may bypass it": what protects it, and what does not. */
static const char *protection(struct judge *j, const struct json *env)
{
	const struct json *reviewers = json_get(env, "reviewers");
	int64_t timer = json_int(env, "wait_timer", 0);
	const char *s = json_size(reviewers) ? reviewer_list(j, reviewers) : "nobody is asked";

	if (timer > 0)
		s = arena_printf(j->a, "%s; waits %" PRId64 " min", s, timer);
	if (json_size(reviewers))
		s = arena_printf(j->a, "%s; %s", s,
				 json_bool(env, "prevent_self_review", false)
					 ? "another than who started it"
					 : "the forge lets who started it approve");
	if (json_bool(env, "can_admins_bypass", false))
		s = arena_printf(j->a, "%s; administrators may bypass it", s);
	return s;
}

/* A production lane that nothing on the forge protects is not refused for it, and not passed over either. */
static void no_gate(struct judge *j)
{
	if (j->p->production)
		say(j, CHECK_UNCHECKED, "no environment of the forge protects %s: nobody else is asked",
		    j->p->lane)
			->name = "note:two_persons";
}

static void rule_environment(struct judge *j)
{
	const struct preflight *p = j->p;
	autofree(json) struct json *env = NULL;
	bool nobody;

	if (!p->gate) {
		no_gate(j);
		return;
	}
	if (absent(j)) {
		say(j, CHECK_MISSING, "the profile says environment %s gates %s, and the forge has none",
		    p->gate, p->lane)
			->fix = "make the environment, with reviewers";
		return;
	}
	if (!rules_of(j, &env)) {
		say(j, CHECK_UNCHECKED, "the rules of environment %s are not readable", p->gate);
		return;
	}
	nobody = !json_size(json_get(env, "reviewers")) && json_int(env, "wait_timer", 0) <= 0;
	if (nobody && p->reason && (p->back || j->act == A_REPLAY))
		say(j, CHECK_OK, "environment %s has no reviewers: nobody would be asked; accepted: %s",
		    p->gate, p->reason);
	else if (nobody)
		say(j, CHECK_BAD, "environment %s has no reviewers: nobody would be asked", p->gate)->fix =
			j->act == A_REPLAY ? "add required reviewers to it, or add --reason \"why\""
					   : "add required reviewers to the environment";
	else
		say(j, CHECK_OK, "gate %s: %s", p->gate, protection(j, env));
}

/* What protects the gate that is answered: it waits already, so this informs. */
static void rule_protection(struct judge *j)
{
	autofree(json) struct json *env = NULL;

	if (absent(j) || !rules_of(j, &env))
		say(j, CHECK_UNCHECKED, "the rules of the environment are not readable");
	else
		say(j, CHECK_OK, "%s", protection(j, env));
}

static void rule_fresh(struct judge *j)
{
	char age[WHEN_TEXT];

	if (j->p->lane_age_ms < 0)
		say(j, CHECK_UNCHECKED, "the lane's runs were not read")->fix = "sync and try again";
	else if (j->p->lane_age_ms > 5000)
		say(j, CHECK_UNCHECKED, "the lane's runs are %s old", when_age(j->p->lane_age_ms, age))->fix =
			"sync and try again";
	else
		say(j, CHECK_OK, "the lane's runs were read just now");
}

static void rule_live(struct judge *j)
{
	const struct preflight *p = j->p;
	const char *mine = p->release ? p->release : p->tag_sha;
	const struct fact *broken = facts_find(p->facts, "broken");

	if (!j->fact)
		say(j, CHECK_UNCHECKED, "what is live was not read")->fix = "try again";
	else if (!p->live || !*p->live)
		say(j, CHECK_OK, "no successful run tells what is live");
	else if (mine && text_eq(mine, p->live) && broken && j->p->back)
		say(j, CHECK_OK, "%s ran well last; since then %s", p->live, broken->value);
	else if (mine && text_eq(mine, p->live) && j->act == A_REPLAY && p->reason)
		say(j, CHECK_OK, "%s is live already, and delivered again: %s", p->live, p->reason);
	else if (mine && text_eq(mine, p->live))
		say(j, CHECK_BAD, "%s is live already", p->live)->fix =
			j->act == A_REPLAY ? "name another package, or add --reason \"why\""
					   : "name another release";
	else
		say(j, CHECK_OK, "%s is live now", p->live);
}

static void rule_order(struct judge *j)
{
	const struct preflight *p = j->p;

	if (!p->live || !*p->live || !j->fact || text_eq(p->live, p->release))
		return;
	if (p->behind < 0)
		say(j, CHECK_UNCHECKED, "whether it is older than %s could not be told", p->live);
	else if (p->behind > 0 && j->act == A_REPLAY && p->reason)
		say(j, CHECK_OK, "goes back: it undoes %" PRId64 " commits of %s; accepted: %s", p->behind,
		    p->live, p->reason);
	else if (p->behind > 0 && !j->p->back)
		say(j, CHECK_BAD, "it lacks %" PRId64 " commits of %s: going back. A rollback?", p->behind,
		    p->live)
			->fix = arena_printf(j->a, "`pilothouse rollback %s %s --reason WHY`", p->lane,
					     p->release ? p->release : "");
	else if (p->behind == 0 && j->p->back)
		say(j, CHECK_BAD, "%s has every commit of %s: not going back. A dispatch?",
		    p->release ? p->release : "it", p->live)
			->fix = arena_printf(j->a, "`pilothouse %s %s %s`",
					     j->act == A_REPLAY ? "replay" : "dispatch", p->lane,
					     p->release ? p->release : "");
	else if (p->behind > 0)
		say(j, CHECK_OK, "goes back: it undoes %" PRId64 " commits of %s", p->behind, p->live);
	else
		say(j, CHECK_OK, "it has every commit of %s", p->live);
}

static void rule_run(struct judge *j)
{
	const struct run *r = j->p->run;
	bool done = r && r->status == RUN_COMPLETED;

	if (absent(j) || !r) {
		say(j, CHECK_MISSING, "there is no such run, or no access to it")->fix =
			"see `pilothouse runs`";
		return;
	}
	if (j->act & A_REVIEW && done)
		say(j, CHECK_BAD, "run %" PRId64 " is over: %s", r->id,
		    names_word(&conclusion_names, r->conclusion))
			->fix = "nothing waits there any more";
	else if (j->act == A_CANCEL && done)
		say(j, CHECK_BAD, "run %" PRId64 " is over: %s", r->id,
		    names_word(&conclusion_names, r->conclusion))
			->fix = "there is nothing to cancel";
	else if (j->act == A_RERUN && !done)
		say(j, CHECK_BAD, "run %" PRId64 " is %s", r->id, names_word(&run_status_names, r->status))
			->fix = "wait until it is done, or cancel it";
	else
		say(j, CHECK_OK, "run %" PRId64 " attempt %" PRId64 " is %s", r->id, r->attempt,
		    done ? names_word(&conclusion_names, r->conclusion)
			 : names_word(&run_status_names, r->status));
}

#define DAY_MS INT64_C(86400000)

/* The forge's own limits: 30 days after the run, 50 attempts (GitHub reference 1.1). */
static void rule_rerun(struct judge *j)
{
	const struct run *r = j->p->run;

	if (!r)
		return;
	if (when_known(r->created) && when_diff(j->p->now, r->created) > 30 * DAY_MS)
		say(j, CHECK_BAD, "the run is more than 30 days old")->fix = "dispatch again instead";
	else if (r->attempt >= 50)
		say(j, CHECK_BAD, "the run had 50 attempts")->fix = "dispatch again instead";
	else
		say(j, CHECK_OK, "attempt %" PRId64 " of the same commit %.7s", r->attempt + 1,
		    r->head_sha ? r->head_sha : "");
}

static const char *disposed(const struct judge *j)
{
	const struct fact *f = facts_find(j->p->facts, "reviews");

	return f && f->state == FACT_OK && f->value && *f->value ? f->value : NULL;
}

static void rule_gate(struct judge *j)
{
	const struct gate *g = j->p->gate_row;

	if (!g) {
		const char *by = disposed(j);

		say(j, CHECK_BAD, "no gate %s is waiting%s%s", j->p->gate ? j->p->gate : "", by ? ": " : "",
		    by ? by : "")
			->fix = "see `pilothouse gates`";
	} else {
		say(j, CHECK_OK, "gate %s waits", g->environment);
	}
}

static void rule_reviewer(struct judge *j)
{
	const struct gate *g = j->p->gate_row;

	if (!g)
		return;
	if (g->can_approve)
		say(j, CHECK_OK, "the forge lets you review it");
	else
		say(j, CHECK_BAD, "%s",
		    g->why_not && *g->why_not ? g->why_not : "the forge does not let you review it")
			->fix = g->reviewers && *g->reviewers ? arena_printf(j->a, "ask %s", g->reviewers)
							      : "ask a reviewer of the environment";
}

static bool is_mine(const struct preflight *p)
{
	return p->run && p->who_login &&
	       (text_eq(p->run->actor, p->who_login) || text_eq(p->run->triggering_actor, p->who_login));
}

bool preflight_asks_only(const char *reviewers, const char *login)
{
	return login && *login && text_eq(reviewers, login);
}

/* The gate asks this one person, and the environment's rules were read and allow it. */
static bool nobody_else(const struct judge *j)
{
	autofree(json) struct json *env = NULL;

	return j->p->gate_row && preflight_asks_only(j->p->gate_row->reviewers, j->p->who_login) &&
	       rules_of(j, &env) && !json_bool(env, "prevent_self_review", true);
}

/* Two persons, whatever the forge allows: an environment may not say so, an administrator may pass it, and a run that was
 * started again has two who started it (reliability 5.9, experience 3). Where nobody else is asked there is no second
 * person to wait for: that is said, and the environment's own rule alone decides. */
static void rule_self_review(struct judge *j)
{
	const struct preflight *p = j->p;
	const struct run *r = p->run;

	if (r && r->status == RUN_COMPLETED) /* it waits at no gate: rule_run says so */
		return;
	if (!r || !r->actor || !*r->actor)
		say(j, CHECK_UNCHECKED, "who started the run is not known")->fix = "try again";
	else if (!is_mine(p))
		say(j, CHECK_OK, "%s started it%s%s, and you are %s", r->actor,
		    text_eq(r->actor, r->triggering_actor) || !r->triggering_actor ? "" : ", again by ",
		    text_eq(r->actor, r->triggering_actor) || !r->triggering_actor ? "" : r->triggering_actor,
		    p->who_login ? p->who_login : "?");
	else if (nobody_else(j))
		say(j, CHECK_OK, "you started it, and nobody but you is asked: no second person looks at it");
	else
		say(j, CHECK_BAD, "you %s: another must approve",
		    text_eq(r->actor, p->who_login) ? "started it" : "started it again")
			->fix = p->gate_row && p->gate_row->reviewers && *p->gate_row->reviewers
					? arena_printf(j->a, "ask another of %s", p->gate_row->reviewers)
					: "ask another reviewer of the environment";
}

/* An approval belongs to one attempt at one commit: a re-run in between is another thing (reliability K8). */
static void rule_attempt(struct judge *j)
{
	const struct preflight *p = j->p;

	if (!p->expected_attempt_sha || !p->run)
		return;
	const char *now = arena_printf(j->a, "%" PRId64 " %s", p->run->attempt,
				       p->run->head_sha ? p->run->head_sha : "");

	if (text_eq(now, p->expected_attempt_sha))
		say(j, CHECK_OK, "the attempt and commit that you read");
	else
		say(j, CHECK_BAD, "the run was started again: attempt and commit were %s, are %s",
		    p->expected_attempt_sha, now)
			->fix = "read the plan again";
}

static void rule_force(struct judge *j)
{
	if (j->fact)
		say(j, CHECK_BAD,
		    "force skips always() steps, a rollback job among them: the environment may be left half "
		    "changed")
			->fix = "cancel without --force first";
}

static void rule_twin(struct judge *j)
{
	const struct intent *t = j->p->twin;

	if (!t)
		say(j, CHECK_OK, "no intent is open on %s", j->p->lane);
	else if (j->fact && j->fact->state == FACT_OK)
		say(j, CHECK_OK, "repeats intent %" PRId64 ", looked for and not found, under the same nonce",
		    t->id);
	else
		say(j, CHECK_BAD, "intent %" PRId64 " (%s %s by %s) is %s", t->id, t->act,
		    t->subject ? t->subject : "", t->who ? t->who : "?",
		    names_word(&intent_state_names, t->state))
			->fix = t->state == INTENT_NOT_FOUND
					? arena_printf(j->a, "`pilothouse abandon %" PRId64 "`: %s", t->id,
						       intent_ways_on(t))
					: "`pilothouse reconcile`, then see `pilothouse outbox`";
}

static void rule_journal(struct judge *j)
{
	if (j->fact && j->fact->state == FACT_OK)
		say(j, CHECK_OK, "the journal can be written");
	else
		say(j, CHECK_BAD, "the journal cannot be written: %s",
		    j->fact && j->fact->why ? j->fact->why : "unknown")
			->fix = j->fact && j->fact->fix ? j->fact->fix : "see `pilothouse doctor`";
}

static const struct rule rules[] = {
	{ "token", A_ANY, true, "user", rule_token },
	{ "start", A_START, true, NULL, rule_start },
	{ "rollback", A_ROLLBACK, true, NULL, rule_rollback },
	{ "reason", A_ANY, true, "reason", rule_reason },
	{ "inputs", A_START, true, NULL, rule_inputs },
	{ "workflow", A_DELIVER, true, "workflow", rule_workflow },
	{ "workflow_file", A_DELIVER, false, "file", rule_file },
	{ "declared", A_DELIVER, true, "declared", rule_said },
	{ "nonce", A_DELIVER, false, "nonce", rule_nonce },
	{ "contract", A_DELIVER, false, "contract", rule_contract },
	{ "tag", A_START, true, "tag", rule_tag },
	{ "tag_object", A_START, true, "tag_object", rule_tag_object },
	{ "release", A_START, true, "release", rule_release },
	{ "need", A_ANY, true, NULL, rule_needs },
	{ "note", 0, false, NULL, NULL }, /* needs that only inform are named note:... */
	{ "run", A_RUN, true, "run", rule_run },
	{ "attempt", A_RUN, true, "run", rule_attempt },
	{ "gate", A_REVIEW, true, "gate", rule_gate },
	{ "reviewer", A_REVIEW, true, "gate", rule_reviewer },
	{ "self_review", A_APPROVE, true, "run", rule_self_review },
	{ "rerun", A_RERUN, true, "run", rule_rerun },
	{ "in_flight", A_DELIVER | A_MERGE | A_RERUN, true, "in_flight", rule_in_flight },
	{ "own_run", A_DELIVER, true, "own_run", rule_own_run },
	{ "exclusive", A_DELIVER | A_MERGE | A_RERUN, true, "exclusive", rule_exclusive },
	{ "fresh", A_DELIVER | A_MERGE, true, "in_flight", rule_fresh },
	{ "live", A_DELIVER, true, "live", rule_live },
	{ "order", A_DELIVER, true, "compare", rule_order },
	{ "environment", A_DELIVER, true, "environment", rule_environment },
	{ "protection", A_REVIEW, false, "environment", rule_protection },
	{ "force", A_CANCEL, false, "force", rule_force },
	{ "twin", A_ANY, true, "twin", rule_twin },
	{ "journal", A_ANY, true, "journal", rule_journal },
};

static unsigned act_bit(const char *verb)
{
	for (size_t i = 0; i < countof(acts); i++) {
		if (text_eq(acts[i].verb, verb))
			return acts[i].bit;
	}
	return 0;
}

/* A refused token is not "could not be read": no later look helps before there is another one. */
static void say_unread(struct judge *j)
{
	const char *why = j->fact->why ? j->fact->why : "it was not read";

	/* A name that cannot be asked for is refused, not asked for later. */
	bool hides = !strcmp(j->rule->name, "tag") && j->p->release && !text_is_plain_ref(j->p->release);

	if (!strcmp(j->rule->name, "journal") || hides)
		j->rule->fn(j);
	else
		say(j, CHECK_UNCHECKED, "%s", why)->fix = "try again";
}

void preflight_run(struct checks *out, const struct preflight *p, struct arena *a)
{
	unsigned act = act_bit(p->act);

	for (size_t i = 0; i < countof(rules); i++) {
		struct judge j = { .rule = &rules[i], .p = p, .out = out, .a = a, .act = act };

		if (!(rules[i].acts & act))
			continue;
		j.fact = rules[i].fact ? facts_find(p->facts, rules[i].fact) : NULL;
		if (j.fact && (j.fact->state == FACT_FAILED || j.fact->state == FACT_UNREAD))
			say_unread(&j);
		else
			rules[i].fn(&j);
	}
}

bool preflight_is_required(const char *name)
{
	size_t n = strcspn(name, ":");

	for (size_t i = 0; i < countof(rules); i++) {
		if (strlen(rules[i].name) == n && !strncmp(rules[i].name, name, n))
			return rules[i].required;
	}
	return true;
}

enum plan_verdict preflight_verdict(const struct checks *c)
{
	enum plan_verdict v = PLAN_GO;

	if (!c->n)
		return PLAN_REFUSED;
	for (const struct check *it = c->items; it && it < c->items + c->n; it++) {
		if (it->status == CHECK_OK || !preflight_is_required(it->name))
			continue;
		if (it->status == CHECK_BAD || it->status == CHECK_MISSING)
			return PLAN_REFUSED;
		v = PLAN_STALE;
	}
	return v;
}
