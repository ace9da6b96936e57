#include "core/view/attest.h"
#include "core/view/words.h"

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
	jw_kopen(w, key, '[');
	vec_each (g, groups) {
		jw_open(w, '{');
		jw_ktext(w, "name", g->name);
		jw_key(w, "machines");
		counts_json(w, &g->counts);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void facts_json(struct jw *w, const char *key, const struct fleet_fact_rows *facts)
{
	jw_kopen(w, key, '[');
	vec_each (f, facts) {
		jw_open(w, '{');
		jw_kstr(w, "name", f->name);
		jw_ktext(w, "declared", f->declared);
		jw_ktext(w, "effective", f->effective);
		jw_ktext(w, "source", f->source);
		jw_kstr(w, "verdict", f->verdict);
		jw_ktext(w, "detail", f->detail);
		view_age_json(w, f->age_ms);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void fields_json(struct jw *w, const struct agent_tree_rows *t)
{
	jw_kopen(w, "fields", '[');
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

static void evidence_json(struct jw *w, const struct agent_evidence *v)
{
	jw_key(w, "evidence");
	if (!when_known(v->at)) {
		jw_null(w);
		return;
	}
	jw_open(w, '{');
	jw_kwhen(w, "at", v->at);
	jw_ktext(w, "policy", v->policy);
	jw_ktext(w, "size", v->size);
	jw_ktext(w, "release", v->release);
	jw_ktext(w, "challenge", v->challenge);
	jw_ktext(w, "report_data", v->report_data);
	for (int i = 0; i < v->kept_n; i++)
		jw_ktext(w, v->kept[i].kind, v->kept[i].hex);
	jw_close(w, '}');
}

static void tree_json(struct jw *w, const struct agent_tree_rows *t)
{
	jw_ktext(w, "damage", t->damage);
	fields_json(w, t);
	jw_kopen(w, "steps", '[');
	for (int i = 0; i < t->steps_n; i++)
		proof_step_json(w, &t->steps[i]);
	jw_close(w, ']');
	evidence_json(w, &t->evidence);
}

static void part_json(struct jw *w, const char *key, int status, const char *reason, const char *sha)
{
	jw_kopen(w, key, '{');
	jw_kstr(w, "status", names_word(&proof_status_names, status));
	jw_ktext(w, "reason", reason);
	jw_ktext(w, "sha256", sha);
	jw_close(w, '}');
}

static void agent_json(struct jw *w, const struct fleet_view *v, const struct agent_row *row,
		       const struct agent_tree_rows *tree)
{
	jw_open(w, '{');
	jw_kstr(w, "lane", v->lane);
	jw_kstr(w, "subject", row->name);
	jw_kstr(w, "id", row->id);
	jw_ktext(w, "size", row->size);
	jw_ktext(w, "datacenter", row->datacenter);
	jw_kstr(w, "check", "machine");
	jw_kstr(w, "status", names_word(&proof_status_names, row->status_value));
	jw_ktext(w, "reason", row->reason);
	jw_ktext(w, "meaning", row->meaning);
	jw_ktext(w, "detail", row->detail);
	jw_ktext(w, "differs", row->differs);
	jw_ktext(w, "tcb", row->tcb);
	part_json(w, "quote", row->quote_value, row->quote_reason, row->quote_sha);
	part_json(w, "token", row->token_value, row->token_reason, row->token_sha);
	jw_kwhen(w, "token_until", row->token_until);
	jw_kopen(w, "control_plane_says", '{');
	jw_kbool(w, "verified", row->said_verified);
	jw_ktext(w, "status", row->word);
	jw_ktext(w, "complaint", row->complaint);
	jw_kwhen(w, "heard_at", row->heard_at);
	jw_close(w, '}');
	jw_kwhen(w, "taken_at", row->taken_at);
	jw_kwhen(w, "changed_at", row->changed_at);
	if (tree)
		tree_json(w, tree);
	view_age_json(w, row->age_ms);
	jw_close(w, '}');
}

static void collateral_json(struct jw *w, const struct fleet_view *v)
{
	jw_kopen(w, "collateral", '{');
	jw_ktext(w, "sha256", v->collateral);
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
	jw_kopen(w, "items", '[');
	for (size_t i = 0; i < v->machines.n; i++) {
		struct agent_row row;

		arena_reset(&a);
		view_agent_row(&row, v, i, &a);
		agent_json(w, v, &row, trees ? &trees[i] : NULL);
	}
	view_items_close(w);
	arena_done(&a);
}
