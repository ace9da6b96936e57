#include "core/view/attest.h"
#include "core/view/words.h"

static void text_json(struct jw *w, const char *key, const char *s)
{
	jw_kstr(w, key, s && *s ? s : NULL);
}

static void counts_json(struct jw *w, const struct fleet_counts *c)
{
	jw_open(w, '{');
	jw_kint(w, "total", c->total);
	for (int s = 0; s <= PROOF_FAILED; s++)
		jw_kint(w, names_word(&proof_status_names, s), c->of[s]);
	jw_close(w, '}');
}

static void groups_json(struct jw *w, const char *key, const struct fleet_groups *groups)
{
	jw_key(w, key);
	jw_open(w, '[');
	vec_each (g, groups) {
		jw_open(w, '{');
		text_json(w, "name", g->name);
		jw_key(w, "machines");
		counts_json(w, &g->counts);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void facts_json(struct jw *w, const char *key, const struct fleet_fact_rows *facts)
{
	jw_key(w, key);
	jw_open(w, '[');
	vec_each (f, facts) {
		jw_open(w, '{');
		jw_kstr(w, "name", f->name);
		text_json(w, "declared", f->declared);
		text_json(w, "effective", f->effective);
		text_json(w, "source", f->source);
		jw_kstr(w, "verdict", f->verdict);
		text_json(w, "detail", f->detail);
		view_age_json(w, f->age_ms);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void fields_json(struct jw *w, const struct agent_tree_rows *t)
{
	jw_key(w, "fields");
	jw_open(w, '[');
	for (int i = 0; i < t->fields_n; i++) {
		const struct agent_field_row *f = &t->fields[i];

		jw_open(w, '{');
		jw_kstr(w, "name", f->name);
		for (int s = 0; s < AGENT_SOURCES; s++)
			jw_kstr(w, names_word(&agent_source_names, s), f->value[s]);
		jw_kbool(w, "agree", !f->differs);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void when_json(struct jw *w, const char *key, struct when at)
{
	jw_key(w, key);
	if (when_known(at))
		jw_when(w, at);
	else
		jw_null(w);
}

static void evidence_json(struct jw *w, const struct agent_evidence *v)
{
	jw_key(w, "evidence");
	if (!when_known(v->at)) {
		jw_null(w);
		return;
	}
	jw_open(w, '{');
	when_json(w, "at", v->at);
	text_json(w, "policy", v->policy);
	text_json(w, "size", v->size);
	text_json(w, "release", v->release);
	text_json(w, "challenge", v->challenge);
	text_json(w, "report_data", v->report_data);
	for (int i = 0; i < v->kept_n; i++)
		text_json(w, v->kept[i].kind, v->kept[i].hex);
	jw_close(w, '}');
}

static void tree_json(struct jw *w, const struct agent_tree_rows *t)
{
	text_json(w, "damage", t->damage);
	fields_json(w, t);
	jw_key(w, "steps");
	jw_open(w, '[');
	for (int i = 0; i < t->steps_n; i++)
		proof_step_json(w, &t->steps[i]);
	jw_close(w, ']');
	evidence_json(w, &t->evidence);
}

static void part_json(struct jw *w, const char *key, int status, const char *reason, const char *sha)
{
	jw_key(w, key);
	jw_open(w, '{');
	jw_kstr(w, "status", names_word(&proof_status_names, status));
	text_json(w, "reason", reason);
	text_json(w, "sha256", sha);
	jw_close(w, '}');
}

static void agent_json(struct jw *w, const struct fleet_view *v, const struct agent_row *row,
		       const struct agent_tree_rows *tree)
{
	jw_open(w, '{');
	jw_kstr(w, "lane", v->lane);
	jw_kstr(w, "subject", row->name);
	jw_kstr(w, "id", row->id);
	text_json(w, "size", row->size);
	text_json(w, "datacenter", row->datacenter);
	jw_kstr(w, "check", "machine");
	jw_kstr(w, "status", names_word(&proof_status_names, row->status_value));
	text_json(w, "reason", row->reason);
	text_json(w, "meaning", row->meaning);
	text_json(w, "detail", row->detail);
	text_json(w, "differs", row->differs);
	text_json(w, "tcb", row->tcb);
	part_json(w, "quote", row->quote_value, row->quote_reason, row->quote_sha);
	part_json(w, "token", row->token_value, row->token_reason, row->token_sha);
	when_json(w, "token_until", row->token_until);
	jw_key(w, "control_plane_says");
	jw_open(w, '{');
	jw_kbool(w, "verified", row->said_verified);
	text_json(w, "status", row->word);
	text_json(w, "complaint", row->complaint);
	when_json(w, "heard_at", row->heard_at);
	jw_close(w, '}');
	when_json(w, "taken_at", row->taken_at);
	when_json(w, "changed_at", row->changed_at);
	if (tree)
		tree_json(w, tree);
	view_age_json(w, row->age_ms);
	jw_close(w, '}');
}

static void collateral_json(struct jw *w, const struct fleet_view *v)
{
	jw_key(w, "collateral");
	jw_open(w, '{');
	text_json(w, "sha256", v->collateral);
	view_age_json(w, v->collateral_age_ms);
	jw_close(w, '}');
}

void view_fleet_json(struct jw *w, const struct fleet_view *v, const struct agent_tree_rows *trees)
{
	struct arena a = ARENA_INIT;

	jw_open(w, '{');
	jw_kwhen(w, "as_of", v->now);
	jw_kstr(w, "lane", v->lane);
	jw_key(w, "machines");
	counts_json(w, &v->counts);
	jw_kint(w, "belied", v->belied);
	jw_kint(w, "differing", v->differing);
	groups_json(w, "sizes", &v->sizes);
	groups_json(w, "datacenters", &v->places);
	facts_json(w, "policy", &v->policy);
	facts_json(w, "trusted", &v->list);
	collateral_json(w, v);
	jw_key(w, "items");
	jw_open(w, '[');
	for (size_t i = 0; i < v->machines.n; i++) {
		struct agent_row row;

		arena_reset(&a);
		view_agent_row(&row, v, i, &a);
		agent_json(w, v, &row, trees ? &trees[i] : NULL);
	}
	view_items_close(w);
	arena_done(&a);
}
