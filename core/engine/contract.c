#include "core/engine/contract.h"

#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"
#include "core/engine/reflock.h"
#include "core/engine/shield.h"
#include "core/engine/ways.h"

#include <string.h>

/*
 * The workflow file at the ref that is to be dispatched says what it takes; a profile only says what it once took. All five
 * delivery systems differ from their documents (delivery-systems reference), and the forge answers 422 to what a file does
 * not declare.
 */

static void take_file(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	size_t n = a->number > 0 ? (size_t)a->number : 0;
	char hex[DIGEST_HEX];

	k->plan.file = arena_strndup(&k->arena, a->text ? a->text : "", n);
	k->plan.file_n = strlen(k->plan.file);
	k->acts->en->o.sha256(a->text ? a->text : "", n, hex);
	f->value = arena_printf(&k->arena, "sha256:%s", hex);
}

void contract_read(struct ask *k)
{
	struct plan *p = &k->plan;
	struct forge_read r = { .kind = FORGE_FILE, .repo = p->repo, .name2 = p->ref };

	r.name = arena_printf(&k->arena, ".github/workflows/%s", p->workflow);
	ask_read(k, "file", true, &r, take_file);
}

/* NULL: it cannot be dispatched. `on: workflow_dispatch`, `on: [push, workflow_dispatch]`, and the map. */
const struct yaml *contract_dispatch(const struct yaml *file)
{
	const struct yaml *on = yaml_get(file, "on");

	if (!on)
		return NULL;
	if (on->kind == YAML_MAP)
		return yaml_get(on, "workflow_dispatch");
	if (on->kind == YAML_SCALAR)
		return text_eq(on->scalar, "workflow_dispatch") ? on : NULL;
	yaml_each(it, on)
	{
		if (text_eq(it->scalar, "workflow_dispatch"))
			return it;
	}
	return NULL;
}

static bool is_option(const struct yaml *input, const char *value)
{
	const struct yaml *options = yaml_get(input, "options");

	if (!options || !text_eq(yaml_str(input, "type", "string"), "choice"))
		return true;
	yaml_each(it, options)
	{
		if (text_eq(it->scalar, value))
			return true;
	}
	return false;
}

static const struct profile_input *ours(const struct ask *k, const char *name)
{
	const struct profile_inputs *in = &k->plan.lane->inputs;

	for (size_t i = 0; i < in->n; i++) {
		if (text_eq(in->items[i].name, name))
			return &in->items[i];
	}
	return NULL;
}

/* What is wrong with the inputs that would be sent, in words; NULL: nothing. */
static const char *sent_badly(struct ask *k, const struct yaml *inputs, const struct json *sent)
{
	for (size_t i = 0; i < json_size(sent); i++) {
		const char *name = NULL;
		const struct json *value = json_member(sent, i, &name);
		const struct yaml *declared = yaml_get(inputs, name);
		const struct profile_input *in = ours(k, name);

		if (!declared)
			return arena_printf(&k->arena, "%s at %s declares no input %s%s", k->plan.workflow,
					    k->plan.ref, name,
					    in && in->contract ? ", which is our contract with it" : "");
		if (!is_option(declared, json_str(value, "")))
			return arena_printf(&k->arena, "input %s takes no %s", name, json_str(value, ""));
	}
	return NULL;
}

static const char *not_sent(struct ask *k, const struct yaml *inputs, const struct json *sent)
{
	yaml_each(it, inputs)
	{
		const char *fallback = yaml_str(it, "default", "");

		if (text_eq(yaml_str(it, "required", "false"), "true") && !*fallback &&
		    !json_get(sent, it->key))
			return arena_printf(&k->arena, "%s at %s requires input %s", k->plan.workflow,
					    k->plan.ref, it->key);
	}
	return NULL;
}

/* ---- the form ----------------------------------------------------------------------------------------------------- */

static const char *options_json(const struct yaml *input, struct arena *a)
{
	autofree(buf) struct buf out = BUF_INIT(64 * 1024);
	struct jw w;

	jw_init(&w, &out);
	jw_open(&w, '[');
	yaml_each(it, yaml_get(input, "options"))
	{
		if (it->kind == YAML_SCALAR)
			jw_raw_str(&w, it->scalar);
	}
	jw_close(&w, ']');
	return arena_strdup(a, out.over ? "[]" : out.s);
}

void contract_form(struct ask *k)
{
	struct plan *p = &k->plan;
	const struct fact *f = facts_find(&p->facts, "file");
	struct yaml *file = NULL;

	if (!f || f->state != FACT_OK ||
	    yaml_parse(&file, p->workflow, p->file, p->file_n, &k->arena, NULL) < 0)
		return;
	p->form_known = true;
	if (guard_epoch(k))
		p->lock_epoch = arena_printf(&k->arena, "%" PRId64, guard_epoch(k));
	yaml_each(it, yaml_map(contract_dispatch(file), "inputs"))
	{
		struct form_input *in = vec_push(&p->form, &k->arena);

		in->name = it->key;
		in->type = yaml_str(it, "type", "string");
		in->required = text_eq(yaml_str(it, "required", "false"), "true");
		in->fallback = yaml_str(it, "default", "");
		in->description = yaml_str(it, "description", "");
		in->options = options_json(it, &k->arena);
		in->ours = ours(k, it->key) != NULL;
	}
}

static const char *form_note(const struct ask *k, const char *name, bool declared)
{
	const struct profile_input *in = ours(k, name);

	if (!declared)
		return in && in->contract ? "the file does not declare it: it is our contract with it"
					  : "the file does not declare it";
	return in ? "" : "not in the profile";
}

/* The input that carries the nonce, or NULL. */
static const char *nonce_input(const struct plan *p)
{
	const char *ours = profile_nonce_input(p->lane);

	if (ours && (!p->form_known || contract_declares(p, ours)))
		return ours;
	return contract_declares(p, shield_part(0)->input) ? shield_part(0)->input : NULL;
}

/* The nonce is drawn when it is sent, and the release is what the act itself names. */
static bool is_fixed(const struct ask *k, const char *name)
{
	return text_eq(name, nonce_input(&k->plan)) || text_eq(name, inputs_release(&k->plan));
}

/* What will be sent, input by input, and how the file and the profile differ. */
void contract_write(struct jw *w, const struct ask *k)
{
	const struct plan *p = &k->plan;
	autofree(json) struct json *body = NULL;
	const struct json *sent;
	const char *name = NULL;

	jw_kopen(w, "inputs", '[');
	if (!p->body || !*p->body || json_parse(&body, p->body, strlen(p->body), (size_t)1 << 20, NULL) < 0 ||
	    !p->form.n) {
		jw_close(w, ']');
		return;
	}
	sent = json_get(body, "inputs");
	vec_each (in, &p->form) {
		jw_open(w, '{');
		jw_kstr(w, "name", in->name);
		jw_kstr(w, "type", in->type);
		jw_kbool(w, "required", in->required);
		jw_kstr(w, "default", in->fallback);
		jw_kstr(w, "description", in->description);
		jw_key(w, "options");
		jw_json(w, in->options);
		jw_kstr(w, "value", json_str(sent, in->name));
		jw_kstr(w, "note", form_note(k, in->name, true));
		jw_kbool(w, "fixed", is_fixed(k, in->name));
		jw_close(w, '}');
	}
	for (size_t i = 0; i < json_size(sent); i++) {
		const struct json *value = json_member(sent, i, &name);

		if (contract_declares(p, name))
			continue;
		jw_open(w, '{');
		jw_kstr(w, "name", name);
		jw_kstr(w, "value", json_str(value, ""));
		jw_kstr(w, "note", form_note(k, name, false));
		jw_kbool(w, "fixed", true);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

bool contract_declares(const struct plan *p, const char *name)
{
	vec_each (in, &p->form)
		if (text_eq(in->name, name))
			return true;
	return false;
}

/* ---- the contract -------------------------------------------------------------------------------------------------- */

bool contract_sends(const struct plan *p, const struct profile_input *in)
{
	return !in->contract || !p->form_known || contract_declares(p, in->name);
}

/* The nonce settles lost answers only if the run's name shows it. */
static void judge_nonce(struct ask *k, const struct yaml *file)
{
	const char *name = nonce_input(&k->plan);
	const char *run_name = yaml_str(file, "run-name", "");

	if (!name)
		fact_local(k, "nonce", FACT_ABSENT, NULL, "the workflow takes no nonce");
	else if (!strstr(run_name, arena_printf(&k->arena, "inputs.%s", name)))
		fact_local(k, "nonce", FACT_ABSENT, NULL,
			   arena_printf(&k->arena, "the run-name does not show %s", name));
	else
		fact_local(k, "nonce", FACT_OK, "the run's name shows it", NULL);
}

/* A part that the job checks, of an input that the file does not declare or that is not sent, is none. */
static void judge_guard(struct ask *k, const struct yaml *file, const struct json *sent)
{
	struct shield *g = &k->plan.shield;
	const char *holds, *lacks;

	shield_find(g, file, &k->arena);
	for (size_t i = 0; i < SHIELD_PARTS; i++)
		g->checks[i] = g->checks[i] && json_get(sent, shield_part(i)->input) != NULL;
	g->checks[0] = g->checks[0] && facts_find(&k->plan.facts, "nonce")->state == FACT_OK;
	holds = shield_words(g, true, &k->arena);
	lacks = shield_words(g, false, &k->arena);
	if (!*lacks)
		fact_local(k, "contract", FACT_OK,
			   arena_printf(&k->arena, "guarded: job %s refuses %s", g->job, holds), NULL);
	else
		fact_local(k, "contract", FACT_ABSENT, NULL,
			   *holds ? arena_printf(&k->arena, "not guarded against %s; job %s refuses %s",
						 lacks, g->job, holds)
				  : arena_printf(&k->arena, "not guarded: %s",
						 g->why ? g->why : "nothing of the contract is sent"));
}

/* Member `contract` of the open object. */
void contract_write_shield(struct jw *w, const struct ask *k)
{
	const struct shield *g = &k->plan.shield;
	bool all = g->job != NULL;

	jw_kopen(w, "contract", '{');
	for (size_t i = 0; i < SHIELD_PARTS; i++) {
		jw_kbool(w, shield_part(i)->input, g->checks[i]);
		all = all && g->checks[i];
	}
	jw_kbool(w, "guarded", all);
	jw_kstr(w, "job", g->job);
	jw_close(w, '}');
}

static void judge_declared(struct ask *k, const struct yaml *file, const struct json *sent)
{
	const struct yaml *dispatch = contract_dispatch(file), *inputs = yaml_map(dispatch, "inputs");
	const char *why;

	if (!dispatch)
		why = arena_printf(&k->arena, "%s at %s has no workflow_dispatch", k->plan.workflow,
				   k->plan.ref);
	else
		why = sent_badly(k, inputs, sent);
	if (!why)
		why = not_sent(k, inputs, sent);
	fact_said(k, "declared", !why,
		  why ? why
		      : arena_printf(&k->arena, "%s at %s takes what would be sent", k->plan.workflow,
				     k->plan.ref),
		  "the profile and the workflow differ: see `man pilothouse-profile`");
}

/* Enters the facts `declared` and `nonce`, where the file could be read; a file that our reader refuses stays unchecked. */
void contract_judge(struct ask *k)
{
	const struct fact *f = facts_find(&k->plan.facts, "file");
	autofree(json) struct json *body = NULL;
	const struct json *sent;
	struct yaml *file = NULL;
	struct err e = ERR_INIT;

	if (!f || f->state != FACT_OK)
		return;
	if (yaml_parse(&file, k->plan.workflow, k->plan.file, k->plan.file_n, &k->arena, &e) < 0) {
		fact_local(k, "file", FACT_FAILED, f->value, arena_strdup(&k->arena, e.message));
		return;
	}
	if (!*k->plan.body ||
	    json_parse(&body, k->plan.body, strlen(k->plan.body), (size_t)1 << 20, NULL) < 0)
		return;
	sent = json_get(body, "inputs");
	judge_declared(k, file, sent);
	judge_nonce(k, file);
	judge_guard(k, file, sent);
}
