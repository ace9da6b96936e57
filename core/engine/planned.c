#include "core/engine/ways.h"

#include "base/json.h"
#include "base/text.h"
#include "core/engine/audit.h"
#include "core/engine/contract.h"

#include <string.h>

#define FACTS_MAX (256 * 1024)

static void write_facts(struct jw *w, const struct facts *fs)
{
	jw_open(w, '[');
	for (size_t i = 0; i < fs->n; i++) {
		const struct fact *f = &fs->items[i];

		jw_open(w, '{');
		jw_kstr(w, "name", f->name);
		jw_kstr(w, "value",
			f->state == FACT_OK       ? f->value
			: f->state == FACT_ABSENT ? "absent"
						  : "not readable");
		jw_kwhen(w, "at", f->at);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

const char *plan_relies_on(struct ask *k)
{
	autofree(buf) struct buf out = BUF_INIT(FACTS_MAX);
	struct jw w;

	jw_init(&w, &out);
	write_facts(&w, &k->plan.facts);
	return arena_strdup(&k->arena, out.over ? "[]" : out.s);
}

static void write_word(struct jw *w, const char *key, const char *s)
{
	jw_key(w, key);
	jw_raw_str(w, s);
}

static void write_environments(struct jw *w, const struct plan *p)
{
	jw_kopen(w, "environments", '[');
	if (p->environment_ids[0])
		jw_int(w, p->environment_ids[0]);
	jw_close(w, ']');
}

const char *plan_target(struct ask *k)
{
	const struct plan *p = &k->plan;
	autofree(buf) struct buf out = BUF_INIT(FACTS_MAX);
	struct jw w;

	jw_init(&w, &out);
	jw_open(&w, '{');
	write_word(&w, "workflow", p->workflow);
	write_word(&w, "release", p->release);
	write_word(&w, "ref", p->ref);
	write_word(&w, "sha", p->sha);
	write_word(&w, "environment", p->environment);
	write_environments(&w, p);
	jw_kint(&w, "run", p->pf.run ? p->pf.run->id : 0);
	jw_kint(&w, "attempt", p->pf.run ? p->pf.run->attempt : 0);
	write_word(&w, "audit", audit_head(k->acts->en, &k->arena));
	jw_close(&w, '}');
	return arena_strdup(&k->arena, out.over ? "" : out.s);
}

static void write_commits(struct jw *w, const char *key, const char *text)
{
	autofree(json) struct json *list = NULL;

	jw_kopen(w, key, '[');
	if (text && json_parse(&list, text, strlen(text), (size_t)4 << 20, NULL) == 0) {
		for (size_t i = 0; i < json_size(list); i++) {
			const struct json *c = json_at(list, i);
			const char *at = json_str(c, "at");

			jw_open(w, '{');
			jw_kstr(w, "sha", json_str(c, "sha"));
			jw_kstr(w, "title", json_str(c, "title"));
			jw_kstr(w, "author", json_str(c, "author"));
			jw_kstr(w, "at", at ? at : json_str(c, "date"));
			jw_close(w, '}');
		}
	}
	jw_close(w, ']');
}

static void write_checks(struct jw *w, const struct checks *c)
{
	jw_kopen(w, "checks", '[');
	for (size_t i = 0; i < c->n; i++) {
		jw_open(w, '{');
		jw_rec(w, &rec_check, &c->items[i]);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void write_body(struct jw *w, const struct plan_step *s)
{
	jw_key(w, "body");
	if (!*s->body)
		jw_null(w);
	else if (!s->image && text_is_safe(s->body))
		jw_json(w, s->body);
	else
		jw_str(w, s->body);
}

static void write_requests(struct jw *w, const struct plan *p)
{
	jw_kopen(w, "requests", '[');
	vec_each (s, &p->steps) {
		jw_open(w, '{');
		jw_kstr(w, "request", s->request);
		jw_kstr(w, "what", s->words);
		write_body(w, s);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static const char *back_words(const struct ask *k, struct arena *a)
{
	const struct plan *p = &k->plan;

	if (!way_has(k, WAY_RUN))
		return "";
	if (p->lane->rollback == BACK_NONE)
		return "the profile knows no way back for this lane";
	if (p->lane->rollback != BACK_DISPATCH)
		return arena_printf(a, "pilothouse rollback %s --reason WHY", p->lane->name);
	if (!p->live || !*p->live)
		return "no earlier release is known to go back to";
	return arena_printf(a, "to %s: pilothouse rollback %s %s --reason WHY", p->live, p->lane->name,
			    p->live);
}

static const char *undo_words(const struct ask *k)
{
	if (act_is(k, CMD_RERUN))
		return way_dispatch.undo;
	return k->plan.way && k->plan.way->undo ? k->plan.way->undo : "cannot be undone";
}

void plan_write(struct jw *w, const struct ask *k)
{
	const struct plan *p = &k->plan;
	struct arena a = ARENA_INIT;

	jw_kstr(w, "plan_id", p->id);
	jw_kstr(w, "act", p->act);
	jw_kstr(w, "lane", p->lane->name);
	jw_kstr(w, "release", p->release);
	jw_kstr(w, "sha", p->sha);
	jw_kbool(w, "production", p->lane->production);
	jw_kwhen(w, "made", p->made);
	jw_kstr(w, "verdict", names_word(&plan_verdict_names, (int)p->verdict));
	jw_kstr(w, "confirm", p->confirm);
	write_requests(w, p);
	jw_key(w, "relies_on");
	write_facts(w, &p->facts);
	write_checks(w, &p->checks);
	contract_write(w, k);
	contract_write_shield(w, k);
	write_commits(w, "changes", p->changes);
	jw_kint(w, "ahead", p->ahead);
	jw_kint(w, "behind", p->behind);
	write_commits(w, "not_included", p->not_included);
	jw_kstr(w, "back", back_words(k, &a));
	jw_kstr(w, "note", p->profile->note ? p->profile->note : "");
	jw_kstr(w, "live", p->live ? p->live : "");
	jw_kstr(w, "undo", undo_words(k));
	jw_kstr(w, "command", p->command);
	arena_done(&a);
}
