#include "base/text.h"
#include "core/view/proof.h"
#include "core/view/words.h"

void proof_step_json(struct jw *w, const struct proof_step_row *s)
{
	jw_open(w, '{');
	jw_kstr(w, "id", s->id);
	jw_kstr(w, "name", s->name);
	jw_kstr(w, "result", s->result);
	jw_ktext(w, "reason", s->reason);
	jw_ktext(w, "expected", s->expected);
	jw_ktext(w, "found", s->found);
	jw_close(w, '}');
}

static void steps_json(struct jw *w, const struct proof_row *row)
{
	jw_kopen(w, "steps", '[');
	for (int i = 0; i < row->steps_n; i++)
		proof_step_json(w, &row->steps[i]);
	jw_close(w, ']');
}

static void row_json(struct jw *w, const struct proof_row *row)
{
	jw_open(w, '{');
	jw_kstr(w, "lane", row->lane);
	jw_ktext(w, "release", row->release);
	jw_kstr(w, "subject", row->subject);
	jw_ktext(w, "digest", row->digest);
	jw_kstr(w, "check", row->check);
	jw_kstr(w, "status", names_word(&proof_status_names, row->status_value));
	jw_kstr(w, "reason", *row->reason ? row->reason : row->status_value == PROOF_VERIFIED ? "OK" : NULL);
	jw_ktext(w, "meaning", row->meaning);
	jw_ktext(w, "detail", row->detail);
	jw_ktext(w, "source", row->source);
	jw_kbool(w, "required", row->required);
	jw_kstr(w, "policy",
		text_eq(row->raw.policy, PROOF_POLICY_NONE) ? PROOF_POLICY_NONE
		: row->strict                               ? "strict"
							    : "relaxed");
	jw_ktext(w, "builder", row->builder);
	jw_ktext(w, "commit", row->commit);
	jw_ktext(w, "evidence", row->evidence);
	jw_ktext(w, "root", row->root);
	jw_key(w, "root_age_s");
	if (row->root_age_ms < 0)
		jw_null(w);
	else
		jw_int(w, row->root_age_ms / 1000);
	jw_ktext(w, "signed_at", row->signed_at);
	jw_ktext(w, "logged_at", row->logged_at);
	jw_ktext(w, "verified_at", row->verified_at);
	if (row->steps)
		steps_json(w, row);
	view_age_json(w, row->age_ms);
	jw_close(w, '}');
}

void proof_count_json(struct jw *w, const struct proof_count *c)
{
	jw_key(w, "proof");
	if (!c) {
		jw_null(w);
		return;
	}
	jw_open(w, '{');
	jw_kint(w, "ok", c->ok);
	jw_kint(w, "required", c->required);
	jw_kstr(w, "worst", names_word(&proof_status_names, c->worst));
	jw_close(w, '}');
}

void view_proofs_json(struct jw *w, const struct proof_rows *v, struct when now)
{
	view_items_open(w, now);
	vec_each (row, v)
		for (int i = 0; i < row->items_n; i++)
			row_json(w, &row->items[i]);
	view_items_close(w);
}
