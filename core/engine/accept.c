#include "core/engine/reconcile.h"

#include "base/text.h"
#include "core/engine/ways.h"
#include "core/rules/after.h"

/*
 * A person's word about an outcome that only a person can tell: `reconcile INTENT --accept RUN`, or `--none`.
 *
 * Without a nonce in the run's name the forge shows who, at which ref and when, and that is probable at best (reliability
 * 5.8). What is accepted must at least be possible: a run of that workflow, dispatched after the intent was, not known to
 * be another's. "None of them" needs the whole wait as well: a run may appear late.
 */

static const char *speaker(struct ask *k)
{
	const char *reason = plan_reason(k), *who = k->acts->en->o.who;

	return arena_printf(&k->arena, "%s%s%s", who ? who : "?", reason ? ": " : "", reason ? reason : "");
}

static void refuse(struct ask *k, const char *why, const char *fix)
{
	ask_fail(k, 1, "refused", why, fix);
}

static struct open_intent *unsettled(struct ask *k, int64_t id)
{
	struct open_intent *o = open_find(k->acts, id);
	struct intent in;

	if (o && !o->unrecorded && (o->in.state == INTENT_UNKNOWN || o->in.state == INTENT_NOT_FOUND))
		return o;
	if (o ||
	    (journal_get(k->acts->en->o.journal, id, &in, &k->arena, NULL) == 0 && intent_is_open(in.state)))
		refuse(k, arena_printf(&k->arena, "the request of intent %" PRId64 " is still under way", id),
		       "try again when it has been answered");
	else
		refuse(k, arena_printf(&k->arena, "intent %" PRId64 " is not open", id),
		       "see `pilothouse outbox`");
	return NULL;
}

/* ---- none of them -------------------------------------------------------------------------------------------------- */

static void none_of_them(struct ask *k, int64_t id)
{
	struct open_intent *o = unsettled(k, id);

	if (!o)
		return;
	o->began = open_server_now(k->acts->en);
	if (!open_waited_out(o)) {
		ask_fail(k, 3, "unknown",
			 arena_printf(&k->arena, "a run of intent %" PRId64 " may still appear", id),
			 "say so ten minutes after it was sent");
		return;
	}
	open_settle(o, INTENT_NOT_FOUND,
		    arena_printf(&k->arena, "no run is it, says %s: %s", speaker(k), intent_ways_on(&o->in)));
	reconcile_told(k, id);
}

/* ---- this one ------------------------------------------------------------------------------------------------------ */

struct accepting {
	struct ask *k;
	int64_t intent, run;
};

static const char *other_intent_of(struct ask *k, const struct accepting *c)
{
	struct intents recent = { 0 };

	if (journal_recent(k->acts->en->o.journal, 500, &recent, &k->arena, NULL) < 0)
		return "the journal cannot be read";
	vec_each (in, &recent)
		if (in->run_id == c->run && in->id != c->intent)
			return arena_printf(&k->arena, "run %" PRId64 " is that of intent %" PRId64, c->run,
					    in->id);
	return NULL;
}

static void accept_run(struct ask *k, const struct accepting *c, const struct run *r)
{
	struct open_intent *o = unsettled(k, c->intent);
	const char *why = o ? look_impossible(o, r) : NULL, *wrong;

	if (!o)
		return;
	if (!why)
		why = other_intent_of(k, c);
	if (why) {
		refuse(k, why, "see `pilothouse runs`; `--none` when none of them is it");
		return;
	}
	wrong = after_wrong_head(&o->in, r->id, r->head_sha, &k->arena);
	o->in.run_id = r->id;
	o->in.run_url = arena_strdup(&o->arena, r->url ? r->url : "");
	open_settle(o, INTENT_LINKED,
		    arena_printf(&k->arena, "%s%s%srun %" PRId64 " accepted by %s; it carries no nonce",
				 wrong ? AFTER_ALARM : "", wrong ? wrong : "", wrong ? "; " : "", r->id,
				 speaker(k)));
	reconcile_told(k, c->intent);
}

static void run_read(void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct accepting *c = ctx;
	struct ask *k = c->k;

	k->pending--;
	if (!k->acts) {
		ask_then(k, NULL);
		return;
	}
	engine_note_answer(k->acts->en, a, err);
	if (err && err->kind != ERR_MISSING)
		ask_fail_err(k, err);
	else if (err || !a->n || a->damaged)
		ask_fail(k, 1, "missing",
			 arena_printf(&k->arena, "there is no run %" PRId64 ", or no access to it", c->run),
			 "see `pilothouse runs`");
	else
		accept_run(k, c, a->items);
}

static void this_one(struct ask *k, int64_t id)
{
	struct accepting *c = arena_new(&k->arena, struct accepting);
	const struct open_intent *o = unsettled(k, id);
	struct forge_read r = { .kind = FORGE_RUN };
	struct err e = ERR_INIT;

	if (!o)
		return;
	r.repo = arena_strdup(&k->arena, o->in.repo);
	r.id = command_number(&k->cmd, OPT_ACCEPT, 0);
	*c = (struct accepting){ k, id, r.id };
	k->pending++;
	if (engine_read(k->acts->en, &r, run_read, c, &e) >= 0)
		return;
	k->pending--;
	ask_fail_err(k, &e);
}

bool accept_wanted(const struct ask *k)
{
	return k->cmd.opt[OPT_ACCEPT] || k->cmd.opt[OPT_NONE];
}

void accept_ask(struct ask *k, int64_t id)
{
	if (k->acts->en->o.read_only)
		ask_fail(k, 2, "usage", "to settle an intent is an act, and this engine is read-only",
			 "start it without --read-only");
	else if (k->cmd.opt[OPT_NONE])
		none_of_them(k, id);
	else
		this_one(k, id);
}
