#include "core/engine/act_reply.h"

#include "base/json.h"
#include "base/text.h"
#include "core/engine/planfile.h"
#include "core/engine/steer.h"
#include "core/rules/after.h"

#include <string.h>

void act_write_intent(struct jw *w, const struct ask *k, const struct intent *in)
{
	jw_kint(w, "intent", in->id);
	jw_kstr(w, "nonce", in->nonce);
	jw_kstr(w, "state", names_word(&intent_state_names, in->state));
	jw_key(w, "run_id");
	if (in->run_id)
		jw_int(w, in->run_id);
	else
		jw_null(w);
	jw_ktext(w, "run_url", in->run_url);
	jw_kstr(w, "plan_id", in->plan_id);
	jw_kstr(w, "act", in->act);
	jw_kstr(w, "lane", in->lane);
	jw_kstr(w, "release", k->plan.release);
	jw_kstr(w, "note", in->note);
}

/* It would go but for signatures, which come after a plan was saved. */
static bool lacks_signatures_only(struct ask *k)
{
	struct checks others = { 0 };

	vec_each (c, &k->plan.checks)
		if (strcmp(c->name, "signatures") != 0)
			*vec_push(&others, &k->arena) = *c;
	return preflight_verdict(&others) == PLAN_GO;
}

void act_reply_plan(struct ask *k, int go)
{
	static const int others[] = { [PLAN_REFUSED] = 1, [PLAN_STALE] = 5 };
	int status = k->plan.verdict == PLAN_GO ? go : others[k->plan.verdict];
	struct buf out = BUF_INIT(REPLY_MAX);
	const char *saved = NULL;
	struct err e = ERR_INIT;
	struct jw w;

	if (k->save && plan_file_save(k->acts->en->o.plans_dir, k->plan.id, k->plan.document, &saved,
				      &k->arena, &e) < 0) {
		ask_fail_err(k, &e);
		return;
	}
	jw_init(&w, &out);
	jw_open(&w, '{');
	plan_write(&w, k);
	if (k->foresees)
		foresee_write(&w, k);
	if (saved)
		jw_kstr(&w, "saved", saved);
	if (saved && lacks_signatures_only(k))
		status = 0;
	jw_close(&w, '}');
	ask_reply(k, status, &out);
}

void act_write_nothing(struct jw *w, int status)
{
	jw_key(w, "intent");
	jw_null(w);
	jw_key(w, "nonce");
	jw_null(w);
	jw_kstr(w, "state", status == 1 ? "refused" : "not_sent");
	jw_key(w, "run_id");
	jw_null(w);
	jw_key(w, "run_url");
	jw_null(w);
}

void act_reply_stopped(struct ask *k, int status, const char *code, const char *message, const char *fix)
{
	const struct plan *p = &k->plan;

	if (k->continues) {
		act_stays_open(k, message);
		return;
	}
	bool by_rule = !strcmp(code, "refused") || !strcmp(code, "stale");
	struct buf out = BUF_INIT(REPLY_MAX);
	struct jw w;

	jw_init(&w, &out);
	jw_open(&w, '{');
	act_write_error(&w, code, message, fix);
	act_write_nothing(&w, status);
	if (by_rule) {
		plan_write(&w, k);
	} else {
		jw_kstr(&w, "plan_id", p->id);
		jw_kstr(&w, "act", p->act);
		jw_kstr(&w, "lane", p->lane->name);
		jw_kstr(&w, "release", p->release);
		jw_kstr(&w, "verdict", names_word(&plan_verdict_names, (int)p->verdict));
		jw_kstr(&w, "confirm", p->confirm);
		jw_kstr(&w, "note", message);
	}
	jw_close(&w, '}');
	ask_reply(k, status, &out);
}

void act_reply_stopped_err(struct ask *k, const struct err *e)
{
	int status = err_exit_status(e->kind);

	act_reply_stopped(k, status, err_word(e->kind), e->message, e->hint);
}

static int intent_exit(int state)
{
	switch ((enum intent_state)state) {
	case INTENT_LINKED:
	case INTENT_DONE:
		return 0;
	case INTENT_REFUSED:
	case INTENT_ABANDONED:
		return 1;
	case INTENT_NOT_SENT:
		return 4;
	case INTENT_OTHER:
	case INTENT_ARMED:
	case INTENT_SENT:
	case INTENT_UNKNOWN:
	case INTENT_NOT_FOUND:
		break;
	}
	return 3;
}

void act_settled(struct ask *k, const struct intent *in)
{
	bool alarm = text_starts(in->note ? in->note : "", AFTER_ALARM);
	int status = intent_exit(in->state);
	struct buf out = BUF_INIT(REPLY_MAX);
	struct jw w;

	jw_init(&w, &out);
	jw_open(&w, '{');
	if (alarm && !status)
		act_write_error(&w, "alarm", in->note, "look at the run, and cancel it: nobody meant it so");
	status = alarm && !status ? 3 : status; /* it happened, and is not what was meant */
	if (status && !alarm)
		act_write_error(&w, names_word(&intent_state_names, in->state), in->note,
				status == 3 ? "see `pilothouse outbox`; nothing is sent again meanwhile"
					    : "");
	act_write_intent(&w, k, in);
	jw_close(&w, '}');
	ask_reply(k, status, &out);
}
