#include "core/engine/act.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"

#include <string.h>

/*
 * The workflow file at the ref that is to be dispatched says what it takes; a profile only says what it once took. All five
 * delivery systems differ from their documents (delivery-systems reference), and the forge answers 422 to what a file does
 * not declare.
 */

static void take_file(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct hash h = HASH_INIT;
	size_t n = a->number > 0 ? (size_t)a->number : 0;
	char hex[33];

	k->plan.file = arena_strndup(&k->arena, a->text ? a->text : "", n);
	k->plan.file_n = strlen(k->plan.file);
	hash_add(&h, a->text ? a->text : "", n);
	f->value = arena_strdup(&k->arena, hash_hex(&h, hex));
}

void contract_read(struct ask *k)
{
	struct plan *p = &k->plan;
	struct forge_read r = { .kind = FORGE_FILE, .repo = p->repo, .name2 = p->ref };

	r.name = arena_printf(&k->arena, ".github/workflows/%s", p->lane->workflow);
	ask_read(k, "file", true, &r, take_file);
}

/* NULL: it cannot be dispatched. `on: workflow_dispatch`, `on: [push, workflow_dispatch]`, and the map. */
static const struct yaml *dispatch_of(const struct yaml *file)
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
			return arena_printf(&k->arena, "%s at %s declares no input %s%s",
					    k->plan.lane->workflow, k->plan.ref, name,
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
			return arena_printf(&k->arena, "%s at %s requires input %s", k->plan.lane->workflow,
					    k->plan.ref, it->key);
	}
	return NULL;
}

/* The nonce settles lost answers only if the run's name shows it. */
static void judge_nonce(struct ask *k, const struct yaml *file)
{
	const char *name = profile_nonce_input(k->plan.lane);
	const char *run_name = yaml_str(file, "run-name", "");

	if (!name)
		fact_local(k, "nonce", FACT_ABSENT, NULL, "the profile has no input for a nonce");
	else if (!strstr(run_name, arena_printf(&k->arena, "inputs.%s", name)))
		fact_local(k, "nonce", FACT_ABSENT, NULL,
			   arena_printf(&k->arena, "the run-name does not show %s", name));
	else
		fact_local(k, "nonce", FACT_OK, "the run's name shows it", NULL);
}

static void judge_declared(struct ask *k, const struct yaml *file, const struct json *sent)
{
	const struct yaml *dispatch = dispatch_of(file), *inputs = yaml_get(dispatch, "inputs");
	const char *why;

	if (!dispatch)
		why = arena_printf(&k->arena, "%s at %s has no workflow_dispatch", k->plan.lane->workflow,
				   k->plan.ref);
	else
		why = sent_badly(k, inputs, sent);
	if (!why)
		why = not_sent(k, inputs, sent);
	fact_said(k, "declared", !why,
		  why ? why
		      : arena_printf(&k->arena, "%s at %s takes what would be sent", k->plan.lane->workflow,
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
	if (yaml_parse(&file, k->plan.lane->workflow, k->plan.file, k->plan.file_n, &k->arena, &e) < 0) {
		fact_local(k, "file", FACT_FAILED, f->value, arena_strdup(&k->arena, e.message));
		return;
	}
	if (!*k->plan.body ||
	    json_parse(&body, k->plan.body, strlen(k->plan.body), (size_t)1 << 20, NULL) < 0)
		return;
	sent = json_get(body, "inputs");
	judge_declared(k, file, sent);
	judge_nonce(k, file);
}
