#include "core/engine/act.h"

#include "base/text.h"
#include "core/engine/act_reply.h"
#include "core/engine/audit.h"
#include "core/engine/reconcile.h"

#include <string.h>

static void abandon_reply(struct ask *k, struct intent *in)
{
	struct err e = ERR_INIT;
	struct buf out = BUF_INIT((size_t)1 << 16);
	struct jw w;

	in->state = INTENT_ABANDONED;
	in->settled = engine_now(k->acts->en);
	in->note = k->cmd.opt[OPT_REASON] ? k->cmd.opt[OPT_REASON] : "abandoned by a person";
	if (act_record_for(k, in, &e) < 0) {
		ask_fail_err(k, &e);
		return;
	}
	reconcile_forget(k->acts, in->id);
	jw_init(&w, &out);
	jw_open(&w, '{');
	act_write_intent(&w, k, in);
	jw_close(&w, '}');
	ask_reply(k, 0, &out);
}

/* A plan without a request: the intent's own state is the one check. */
static void abandon_plan(struct ask *k, const struct intent *in)
{
	struct plan *p = &k->plan;
	struct profile_lane *lane = arena_new(&k->arena, struct profile_lane);
	struct profile *profile = arena_new(&k->arena, struct profile);
	struct check *c = vec_push(&p->checks, &k->arena);
	const struct profile_lane *known = profiles_lane(k->acts->en->o.profiles, in->lane, NULL);
	const char *late = reconcile_knows_more(k->acts, in->id);
	bool ok = in->state == INTENT_NOT_FOUND && !late;

	lane->name = in->lane;
	lane->production = !known || known->production;
	p->act = "abandon";
	p->lane = lane;
	p->profile = profile;
	p->made = engine_now(k->acts->en);
	p->request = p->body = "";
	p->ahead = p->behind = -1;
	p->release = in->subject;
	p->verdict = ok ? PLAN_GO : PLAN_REFUSED;
	memcpy(p->id, in->nonce, strnlen(in->nonce, 8));
	p->confirm = command_phrase(&k->cmd, lane->production, in->lane, in->subject, &k->arena);
	*c = (struct check){ .name = "intent",
			     .status = ok ? CHECK_OK : CHECK_BAD,
			     .detail = arena_printf(&k->arena, "intent %" PRId64 " is %s%s%s", in->id,
						    names_word(&intent_state_names, in->state),
						    late ? ", and " : "", late ? late : ""),
			     .fix = ok     ? ""
				    : late ? "wait for that, and try again"
				    : intent_is_open(in->state)
					    ? "`pilothouse reconcile`: it may still be found"
					    : "it is closed already",
			     .source = "journal",
			     .at = p->made };
}

void abandon_ask(struct ask *k)
{
	struct journal *j = k->acts->en->o.journal;
	struct intent *in = arena_new(&k->arena, struct intent);
	const char *phrase = k->cmd.opt[OPT_CONFIRM];
	struct err e = ERR_INIT;
	int64_t id = 0;
	int r = 1;

	if (j && text_int64(&id, k->cmd.args[0], 1, INT64_MAX) == 0)
		r = journal_get(j, id, in, &k->arena, &e);
	if (!j)
		ask_no_journal(k);
	else if (r < 0)
		ask_fail_err(k, &e);
	else if (r > 0)
		ask_fail(k, 1, "missing", arena_printf(&k->arena, "there is no intent %s", k->cmd.args[0]),
			 "see `pilothouse outbox`");
	if (!j || r)
		return;
	abandon_plan(k, in);
	if (k->dry || !phrase)
		act_planned(k);
	else if (!text_eq(phrase, k->plan.confirm))
		ask_fail(k, 1, "confirm", arena_printf(&k->arena, "the phrase is \"%s\"", k->plan.confirm),
			 "nothing was changed");
	else if (k->plan.verdict != PLAN_GO)
		ask_fail(k, 1, "refused", k->plan.checks.items[0].detail, k->plan.checks.items[0].fix);
	else
		abandon_reply(k, in);
}
