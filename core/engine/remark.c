#include "core/engine/act.h"

#include "base/hash.h"
#include "base/text.h"
#include "core/engine/act_reply.h"
#include "core/engine/audit.h"
#include "core/engine/reconcile.h"
#include "core/engine/sync.h"

#include <string.h>

/*
 * `note LANE TEXT`: a line of a person about a lane. It asks the forge for nothing; it stands in the journal, and so in the
 * chain of acts, as something that is done, and whoever follows hears it.
 */

static const char *text_given(struct ask *k)
{
	const char *text = k->cmd.args[1];

	for (int i = 2; i < k->cmd.n; i++)
		text = arena_printf(&k->arena, "%s %s", text, k->cmd.args[i]);
	return text;
}

static int keep(struct ask *k, struct err *e)
{
	struct engine *en = k->acts->en;
	struct intent twin = { 0 };
	int r = act_add(k, &twin, e);

	if (r > 0)
		return err_set(e, ERR_CONFLICT, "another note on the lane is being written");
	if (r < 0)
		return r;
	k->intent.state = INTENT_DONE;
	k->intent.settled = engine_now(en);
	r = act_record_for(k, &k->intent, e);
	if (r < 0)
		reconcile_undone(k, e->message);
	if (r >= 0 && en->o.cache)
		(void)!note_event(en, k->intent.lane, arena_printf(&k->arena, "note: %s", k->intent.reason),
				  NULL);
	return r;
}

static void fill(struct ask *k, const struct profile_lane *lane, const char *repo)
{
	struct engine *en = k->acts->en;
	char nonce[33];

	k->intent = (struct intent){
		.nonce = arena_strdup(&k->arena, hash_random(nonce)),
		.plan_id = "",
		.act = "note",
		.lane = lane->name,
		.repo = repo ? repo : "",
		.subject = "",
		.line = command_line(&k->cmd, &k->arena),
		.request = "",
		.body = "",
		.who = arena_printf(&k->arena, "%s (%s)", en->o.who ? en->o.who : "?",
				    en->login ? en->login : "?"),
		.reason = text_given(k),
		.relies_on = "[]",
		.state = INTENT_ARMED,
		.run_url = "",
		.note = "",
		.step = "",
		.client = "",
		.target = "",
		.created = engine_now(en),
	};
}

void remark_ask(struct ask *k)
{
	const struct profile *profile = NULL;
	const struct profile_lane *lane = profiles_lane(k->acts->en->o.profiles, k->cmd.args[0], &profile);
	struct buf out = BUF_INIT(REPLY_MAX);
	struct err e = ERR_INIT;
	struct jw w;

	if (!lane) {
		ask_fail(k, 1, "missing", arena_printf(&k->arena, "there is no lane %s", k->cmd.args[0]),
			 "see `pilothouse lanes`");
		return;
	}
	if (!k->acts->en->o.journal) {
		ask_no_journal(k);
		return;
	}
	fill(k, lane, profile->repo);
	if (keep(k, &e) < 0) {
		ask_fail_err(k, &e);
		return;
	}
	jw_init(&w, &out);
	jw_open(&w, '{');
	act_write_intent(&w, k, &k->intent);
	jw_close(&w, '}');
	ask_reply(k, 0, &out);
}
