#include "core/engine/sentry_own.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "core/engine/act_reply.h"
#include "core/engine/audit.h"
#include "core/engine/planfile.h"
#include "core/engine/reconcile.h"
#include "core/engine/ways.h"
#include "core/view/guard.h"
#include "store/canaries.h"
#include "store/guards.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * `guard arm|disarm|show LANE`. Arming is an act with a plan of its own, in which the act that the guard may make is planned
 * as well: the captain reads what would leave, and what stands against it, before leaving it to a machine. Nothing is sent to
 * the forge; the intent is done with the row that it writes.
 */

enum word { WORD_ARM, WORD_DISARM, WORD_SHOW, WORDS };
static const char *const words[] = { "arm", "disarm", "show" };

struct wish {
	enum word word;
	struct canary_guard g;
	struct canary canary;
	bool known;       /* the cache has a row of the canary */
	const char *back; /* of what it would do, in one line */
	bool goes;
	bool answered;
};

static struct wish *wish_of(struct ask *k)
{
	return k->plan.found;
}

static const char *verb_of(const struct ask *k, int may)
{
	return guard_verb(k->acts->en, k->plan.lane->name, may);
}

static void check(struct ask *k, const char *name, enum verdict status, const char *detail, const char *fix)
{
	*(struct check *)vec_push(&k->plan.checks, &k->arena) = (struct check){
		.name = name,
		.status = (int)status,
		.detail = detail,
		.fix = status == CHECK_OK ? "" : fix,
		.source = "engine",
		.at = k->plan.made,
	};
}

/* ---- until when ------------------------------------------------------------------------------------------------------- */

#define DAY_MS INT64_C(86400000)

/* "16:00" or "16:00Z": today, or tomorrow when that has passed. */
static bool read_hour(struct when *out, const char *text, struct when now)
{
	int h, m, n = 0;

	if (sscanf(text, "%2d:%2d%n", &h, &m, &n) != 2 || h < 0 || h > 23 || m < 0 || m > 59 ||
	    (text[n] && strcmp(text + n, "Z") != 0))
		return false;
	out->ms = now.ms - now.ms % DAY_MS + (h * 60 + m) * INT64_C(60000);
	if (out->ms <= now.ms)
		out->ms += DAY_MS;
	return true;
}

static bool read_until(struct ask *k, struct when now, struct when *out)
{
	const char *text = k->cmd.opt[OPT_UNTIL];
	int64_t span = GUARD_DEFAULT_MS;

	if (!text || when_span(&span, text) >= 0) {
		out->ms = now.ms + span;
		return true;
	}
	if (read_hour(out, text, now) || (when_parse(out, text) >= 0 && when_known(*out)))
		return true;
	ask_fail(k, 2, "invalid", arena_printf(&k->arena, "--until %s is no time", text),
		 "such as 2h, 16:00Z or 2026-11-21T16:00:00Z");
	return false;
}

static bool read_samples(struct ask *k, struct canary_guard *g)
{
	const char *text = k->cmd.opt[OPT_SAMPLES];
	const char *slash = text ? strchr(text, '/') : NULL;

	g->needed = g->of = 1;
	if (!text)
		return true;
	if (slash && text_int64(&g->of, slash + 1, 1, GUARD_VOTES_MAX) >= 0 &&
	    text_int64(&g->needed, arena_strndup(&k->arena, text, (size_t)(slash - text)), 1, g->of) >= 0)
		return true;
	ask_fail(k, 2, "invalid", arena_printf(&k->arena, "--samples %s is not N/M", text),
		 arena_printf(&k->arena, "such as 3/5: N of the newest M judgements, M at most %d",
			      GUARD_VOTES_MAX));
	return false;
}

/* ---- judging ---------------------------------------------------------------------------------------------------------- */

static void judge_user(struct ask *k)
{
	const char *login = k->plan.pf.who_login;
	bool known = login && *login;

	check(k, "token", known ? CHECK_OK : CHECK_BAD,
	      arena_printf(&k->arena, "you are %s", known ? login : "nobody"),
	      "give a token that the forge accepts");
}

static bool is_under_way(const struct canary *c)
{
	return canary_is_live(c->phase);
}

static void judge_canary(struct ask *k, const struct wish *w)
{
	const struct canary *c = &w->canary;
	const char *phase = names_word(&canary_phase_names, c->phase);

	if (!w->known)
		check(k, "canary", CHECK_MISSING, "no canary of this lane was ever seen",
		      "wait until one is under way; see `pilothouse lanes`");
	else if (!is_under_way(c) || !*c->release)
		check(k, "canary", CHECK_BAD,
		      arena_printf(&k->arena, "the canary of %s is %s",
				   *c->release ? c->release : "an unknown release", phase),
		      "a guard is for one release whose canary is under way");
	else
		check(k, "canary", CHECK_OK,
		      arena_printf(&k->arena, "%s is %s, rung %" PRId64 " of %" PRId64, c->release, phase,
				   c->step, c->steps),
		      "");
}

static void judge_deadline(struct ask *k, const struct wish *w)
{
	int64_t left = when_diff(w->g.deadline, open_server_now(k->acts->en));
	char iso[WHEN_TEXT];
	const char *at = when_iso(w->g.deadline, iso);

	if (left <= 0)
		check(k, "deadline", CHECK_BAD, arena_printf(&k->arena, "%s is over", at),
		      "name a time to come");
	else if (left > GUARD_LONGEST_MS)
		check(k, "deadline", CHECK_BAD, arena_printf(&k->arena, "%s is more than a day away", at),
		      "a guard is armed a day at most: arm it again");
	else
		check(k, "deadline", CHECK_OK,
		      arena_printf(&k->arena, "it is armed until %s, by the forge's clock", at), "");
}

static void judge_other(struct ask *k)
{
	const struct canary_guard *g = sentry_of(k->acts->en, k->plan.lane->name);

	if (g && guard_is_up(g))
		check(k, "armed", CHECK_BAD,
		      arena_printf(&k->arena, "%s has one %s for %s", g->armed_by,
				   names_word(&guard_state_names, g->state), g->release),
		      arena_printf(&k->arena, "`pilothouse guard disarm %s`", g->lane));
	else
		check(k, "armed", CHECK_OK, "the lane has none", "");
}

/* The newest rollback of ours that brought what the canary is now. */
static bool came_back(struct ask *k, const struct canary *c, struct intent *out)
{
	struct intents of_run = { 0 };

	if (!c->run || journal_of_run(k->acts->en->o.journal, c->run, &of_run, &k->arena, NULL) < 0)
		return false;
	vec_each (in, &of_run) {
		bool back = text_eq(in->act, "rollback") || text_eq(in->act, "revert-pin") ||
			    text_eq(in->act, "abort");

		if (!back || !text_eq(in->lane, c->lane))
			continue;
		*out = *in;
		return true;
	}
	return false;
}

static void judge_origin(struct ask *k, const struct wish *w)
{
	struct intent in;

	if (w->known && came_back(k, &w->canary, &in))
		check(k, "origin", CHECK_BAD,
		      arena_printf(&k->arena, "%s came by the %s of intent %" PRId64, w->canary.release,
				   in.act, in.id),
		      "no guard goes back from where one has gone back to: watch it yourself");
}

/* It may still be wanted: what refuses it now may be gone when it is needed. */
static void judge_back(struct ask *k, const struct wish *w)
{
	const char *reason = plan_reason(k), *verb = verb_of(k, w->g.may);
	const char *detail = w->back;

	if (!verb) {
		check(k, "back", CHECK_OK, "it can only say so", "");
		return;
	}
	if (!w->goes && reason)
		detail = arena_printf(&k->arena, "%s would be refused now: %s; accepted: %s", verb, w->back,
				      reason);
	else if (!w->goes)
		detail = arena_printf(&k->arena, "%s would be refused now: %s", verb, w->back);
	check(k, "back", w->goes || reason ? CHECK_OK : CHECK_BAD, detail,
	      "clear it, or add --reason \"why\" to arm it knowingly");
}

static const char *when_words(struct ask *k, const struct canary_guard *g)
{
	const char *silence =
		g->silence ? arena_printf(&k->arena, ", or after %d looks without a number", GUARD_SILENT_MAX)
			   : "; what is missing or old moves it to nothing";

	if (g->of <= 1)
		return arena_printf(&k->arena, "at the first judgement that fails%s", silence);
	return arena_printf(&k->arena, "when %" PRId64 " of the newest %" PRId64 " judgements fail%s",
			    g->needed, g->of, silence);
}

static const char *cannot_words(struct ask *k, const struct canary_guard *g)
{
	const char *command = k->plan.lane->back_command;

	if (g->may == GUARD_MAY_ROLLBACK)
		return NULL;
	return arena_printf(&k->arena, "it cannot roll back: %s%s",
			    command ? "that is done elsewhere: " : "the profile knows no way back",
			    command ? command : "");
}

/* Nobody starts an engine again that a console or a verb has started. */
static void judge_keeper(struct ask *k)
{
	if (k->acts->en->o.stays)
		check(k, "note:engine", CHECK_OK,
		      "this engine is a service: it is started again when it dies", "");
	else
		check(k, "note:engine", CHECK_UNCHECKED,
		      "when this engine is killed, the guard goes on only with the next that somebody starts",
		      "`systemctl --user enable --now pilothouse-engine`");
}

static void judge_arm(struct ask *k)
{
	struct wish *w = wish_of(k);
	const char *cannot = cannot_words(k, &w->g);

	judge_user(k);
	judge_canary(k, w);
	judge_origin(k, w);
	judge_deadline(k, w);
	judge_other(k);
	judge_back(k, w);
	check(k, "note:acts", CHECK_OK, when_words(k, &w->g), "");
	judge_keeper(k);
	if (cannot)
		check(k, "note:cannot", CHECK_UNCHECKED, cannot, "");
}

static void judge_disarm(struct ask *k)
{
	const struct canary_guard *g = sentry_of(k->acts->en, k->plan.lane->name);

	judge_user(k);
	if (g && (guard_is_up(g) || guard_still_says(g)))
		check(k, "armed", CHECK_OK,
		      arena_printf(&k->arena, "%s, by %s", names_word(&guard_state_names, g->state),
				   g->armed_by),
		      "");
	else
		check(k, "armed", CHECK_BAD, "no guard is armed here", "there is nothing to disarm");
	if (g && g->state == GUARD_ACTING)
		check(k, "note:acting", CHECK_UNCHECKED, "what it has sent is not taken back", "");
}

/* ---- keeping ---------------------------------------------------------------------------------------------------------- */

static void fill(struct ask *k)
{
	struct engine *en = k->acts->en;
	const struct wish *w = wish_of(k);
	char nonce[33];

	k->intent = (struct intent){
		.nonce = arena_strdup(&k->arena, hash_random(nonce)),
		.plan_id = k->plan.id,
		.act = "guard",
		.lane = k->plan.lane->name,
		.repo = k->plan.repo ? k->plan.repo : "",
		.subject = w->word == WORD_ARM ? w->g.release : "",
		.line = command_line(&k->cmd, &k->arena),
		.who = arena_printf(&k->arena, "%s (%s)", en->o.who ? en->o.who : "?",
				    k->plan.pf.who_login ? k->plan.pf.who_login : "?"),
		.reason = plan_reason(k) ? plan_reason(k) : "",
		.relies_on = plan_relies_on(k),
		.client = k->client,
		.target = "{}",
		.request = "",
		.body = "",
		.run_url = "",
		.note = "",
		.step = "",
		.created = engine_now(en),
		.steps = 1,
	};
}

static void done(struct ask *k, const char *note)
{
	k->intent.state = INTENT_DONE;
	k->intent.done = 1;
	k->intent.settled = engine_now(k->acts->en);
	k->intent.note = note;
}

static int arm(struct ask *k, struct err *e)
{
	struct wish *w = wish_of(k);
	struct canary_guard there;
	char nonce[33], iso[WHEN_TEXT];
	int r;

	w->g.armed = engine_now(k->acts->en);
	w->g.at = w->g.armed;
	w->g.armed_by = k->intent.who;
	w->g.client = k->client ? k->client : "";
	w->g.uid = (int64_t)getuid();
	w->g.nonce = arena_strdup(&k->arena, hash_random(nonce));
	w->g.reason =
		arena_printf(&k->arena, "armed for %s until %s", w->g.release, when_iso(w->g.deadline, iso));
	done(k, w->g.reason);
	r = post_arm(k->acts->en->sentry, &w->g, &k->intent, &there, &k->arena, e);
	return r > 0 ? err_set(e, ERR_CONFLICT, "%s has armed a guard meanwhile", there.armed_by) : r;
}

static int disarm(struct ask *k, struct err *e)
{
	struct post *p = post_of(k->acts->en->sentry, k->plan.lane->name);
	const char *reason = plan_reason(k);
	int r;

	if (!p || (!guard_is_up(&p->g) && !guard_still_says(&p->g)))
		return err_set(e, ERR_CONFLICT, "no guard is armed on %s any more", k->plan.lane->name);
	done(k, arena_printf(&k->arena, "the guard for %s stood down", p->g.release));
	r = post_disarm(p,
			arena_printf(&k->arena, "disarmed by %s%s%s", k->intent.who, reason ? ": " : "",
				     reason ? reason : ""),
			&k->intent, e);
	return r;
}

static void keep(struct ask *k)
{
	struct engine *en = k->acts->en;
	struct intent twin;
	struct err e = ERR_INIT;
	int r;

	fill(k);
	r = act_add(k, &twin, &e);
	if (r == 0) {
		en->caller = k->client;
		r = wish_of(k)->word == WORD_ARM ? arm(k, &e) : disarm(k, &e);
		en->caller = NULL;
		if (r < 0)
			reconcile_undone(k, e.message);
	} else if (r > 0) {
		r = err_set(&e, ERR_CONFLICT, "another act about the lane's guard is being written");
	}
	if (r < 0) {
		ask_fail_err(k, &e);
		return;
	}
	(void)!acts_mirror(en, &k->intent, NULL);
	act_settled(k, &k->intent);
}

/* ---- the plan --------------------------------------------------------------------------------------------------------- */

static const struct way way_arm = { .rules = "guard", .undo = "pilothouse guard disarm LANE" };
static const struct way way_disarm = { .rules = "guard", .undo = "arm it again" };

static void commit(struct ask *k)
{
	const struct plan *p = &k->plan;

	vec_each (c, &p->checks)
		if (c->status != CHECK_OK && preflight_is_required(c->name)) {
			ask_fail(k, 1, "refused", arena_printf(&k->arena, "%s: %s", c->name, c->detail),
				 c->fix);
			return;
		}
	if (!text_eq(k->cmd.opt[OPT_CONFIRM], p->confirm))
		ask_fail(k, 1, "confirm", arena_printf(&k->arena, "the phrase is \"%s\"", p->confirm),
			 "nothing was changed");
	else if (k->plan_id && *k->plan_id && !plan_is_named(p->id, k->plan_id))
		ask_fail(k, 1, "changed", "the guard would not be what you read", "read the plan again");
	else if (k->left)
		ask_fail(k, 130, "cancelled", "interrupted before anything was written", "");
	else
		keep(k);
}

/* What a captain agrees to; the time that is left changes with each look and is in the command. */
static void pin(struct ask *k)
{
	const struct wish *w = wish_of(k);
	const struct canary_guard *g = sentry_of(k->acts->en, k->plan.lane->name);

	if (w->word == WORD_ARM)
		fact_pinned(k, "guard",
			    arena_printf(&k->arena, "%s for %s; %s", names_word(&guard_may_names, w->g.may),
					 w->g.release, w->goes ? w->back : "refused now"));
	else
		fact_pinned(k, "guard",
			    arena_printf(&k->arena, "arming %" PRId64, g ? g->arming : INT64_C(0)));
}

static void judged(struct ask *k)
{
	const struct fact *user = facts_find(&k->plan.facts, "user");
	struct plan *p = &k->plan;
	struct err e = ERR_INIT;

	if (!user || user->state == FACT_FAILED) {
		ask_fail_err(k, &p->first_error);
		return;
	}
	if (wish_of(k)->word == WORD_ARM)
		judge_arm(k);
	else
		judge_disarm(k);
	pin(k);
	p->confirm = command_phrase(&k->cmd, p->lane->production, p->lane->name, NULL, &k->arena);
	if (plan_name(k, &e) < 0) {
		ask_fail_err(k, &e);
		return;
	}
	p->verdict = preflight_verdict(&p->checks);
	if (k->dry || !k->cmd.opt[OPT_CONFIRM])
		act_planned(k);
	else
		commit(k);
}

/* ---- what it would do ------------------------------------------------------------------------------------------------- */

static void back_planned(void *ctx, int status maybe_unused, const char *json)
{
	struct ask *k = ctx;
	struct wish *w;

	k->pending--;
	if (!k->acts) {
		ask_then(k, NULL);
		return;
	}
	w = wish_of(k);
	w->back = guard_plan_words(json, &w->goes, &k->arena);
	w->g.would = w->back;
	ask_then(k, judged);
}

static void plan_back(struct ask *k)
{
	struct wish *w = wish_of(k);
	const struct guard_line line =
		guard_plan_line(guard_line(k->acts->en, k->plan.lane->name, w->g.may, "a guard"));
	struct err e = ERR_INIT;
	struct command c;

	w->back = "it says so, and sends nothing";
	w->g.would = w->back;
	if (line.argc && command_parse(&c, line.argc, line.argv, &e) >= 0) {
		k->pending++;
		acts_ask(k->acts, &c, NULL, back_planned, k);
	}
}

static int may_of(const struct ask *k)
{
	const struct profile_lane *l = k->plan.lane;

	if (l->rollback != BACK_NONE && l->rollback != BACK_EXTERNAL)
		return GUARD_MAY_ROLLBACK;
	return verb_of(k, GUARD_MAY_ABORT) ? GUARD_MAY_ABORT : GUARD_MAY_ALARM;
}

static bool begin_arm(struct ask *k, struct wish *w)
{
	struct store *cache = k->acts->en->o.cache;
	struct canary_book book = { 0 };

	w->known = cache && store_canary_read(&book, cache, k->plan.lane->name, &k->arena, NULL) == 0;
	w->canary = book.row;
	w->g = (struct canary_guard){
		.lane = k->plan.lane->name,
		.release = w->known ? book.row.release : "",
		.run = book.row.run,
		.may = may_of(k),
		.silence = k->cmd.opt[OPT_SILENCE] != NULL,
		.state = GUARD_ARMED,
		.refused = "",
	};
	if (!read_until(k, open_server_now(k->acts->en), &w->g.deadline) || !read_samples(k, &w->g))
		return false;
	k->plan.release = *w->g.release ? w->g.release : NULL;
	plan_back(k);
	return true;
}

static void begin(struct ask *k, enum word word, const struct profile_lane *lane,
		  const struct profile *profile)
{
	struct wish *w = arena_new(&k->arena, struct wish);

	w->word = word;
	k->subject = "";
	k->plan = (struct plan){ .act = "guard",
				 .way = word == WORD_ARM ? &way_arm : &way_disarm,
				 .found = w,
				 .lane = lane,
				 .profile = profile,
				 .repo = profile->repo ? profile->repo : "",
				 .request = "",
				 .body = "",
				 .ahead = -1,
				 .behind = -1,
				 .made = engine_now(k->acts->en) };
	if (word == WORD_ARM && !begin_arm(k, w))
		return;
	facts_read_user(k);
	ask_then(k, judged);
}

/* ---- the verb --------------------------------------------------------------------------------------------------------- */

static void show(struct ask *k)
{
	struct buf out = BUF_INIT(REPLY_MAX);
	struct guard_rows rows = { 0 };
	struct err e = ERR_INIT;
	struct jw w;

	if (view_guards(&rows, k->acts->en->o.cache, k->cmd.n > 1 ? k->cmd.args[1] : NULL,
			engine_now(k->acts->en), &k->arena, &e) < 0) {
		ask_fail_err(k, &e);
		return;
	}
	jw_init(&w, &out);
	view_guards_json(&w, &rows, engine_now(k->acts->en));
	ask_reply(k, 0, &out);
}

static enum word word_of(const struct ask *k)
{
	enum word w = WORD_ARM;

	while (w < WORDS && !text_eq(k->cmd.args[0], words[w]))
		w++;
	return w;
}

void sentry_ask(struct ask *k)
{
	const struct profile *profile = NULL;
	const struct profile_lane *lane = NULL;
	const char *name = k->cmd.n > 1 ? k->cmd.args[1] : NULL;
	enum word word = word_of(k);

	if (name)
		lane = profiles_lane(k->acts->en->o.profiles, name, &profile);
	if (word == WORDS || (word == WORD_SHOW && k->dry))
		ask_fail(k, 2, "invalid",
			 arena_printf(&k->arena, "guard %s is nothing to plan", k->cmd.args[0]),
			 "plan guard arm LANE, or plan guard disarm LANE");
	else if (name && !lane)
		ask_fail(k, 1, "missing", arena_printf(&k->arena, "there is no lane %s", name),
			 "see `pilothouse lanes`");
	else if (word == WORD_SHOW)
		show(k);
	else if (!name)
		ask_fail(k, 2, "invalid", arena_printf(&k->arena, "guard %s needs LANE", words[word]),
			 "usage: pilothouse guard arm|disarm LANE");
	else if (!k->acts->en->o.journal)
		ask_no_journal(k);
	else
		begin(k, word, lane, profile);
}
