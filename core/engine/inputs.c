#include "core/engine/ways.h"

#include "base/json.h"
#include "base/text.h"
#include "core/engine/audit.h"
#include "core/engine/contract.h"

#include <string.h>

#define INPUTS_MAX (256 * 1024) /* 25 inputs of the forge's 65,535 characters would be refused there anyway */

const char *inputs_release(const struct plan *p)
{
	return text_eq(p->way->rules, "replay") ? p->lane->replay->input : p->lane->release_input;
}

static const char *given_input(const struct ask *k, const char *name)
{
	size_t n = strlen(name);

	for (int i = 0; i < k->cmd.inputs_n; i++) {
		if (!strncmp(k->cmd.inputs[i], name, n) && k->cmd.inputs[i][n] == '=')
			return k->cmd.inputs[i] + n + 1;
	}
	return NULL;
}

static const struct profile_input *input_named(const struct profile_lane *l, const char *name, size_t n)
{
	for (size_t i = 0; i < l->inputs.n; i++) {
		if (strlen(l->inputs.items[i].name) == n && !strncmp(l->inputs.items[i].name, name, n))
			return &l->inputs.items[i];
	}
	return NULL;
}

static const char *input_value(struct ask *k, const struct profile_input *in,
			       const struct profile_words *words)
{
	const char *given = given_input(k, in->name);

	if (given)
		return given;
	if (in->value)
		return profile_expand(&k->arena, in->value, words);
	return text_eq(in->name, inputs_release(&k->plan)) ? words->release : NULL;
}

/* What the contract has, whether the profile knows of it or not: the nonce, the commit of what is released, the lock. */
static bool is_free(const struct ask *k, const char *name)
{
	return contract_declares(&k->plan, name) && !given_input(k, name) &&
	       !input_named(k->plan.lane, name, strlen(name));
}

static void write_contract(struct jw *w, struct ask *k, const struct profile_words *words)
{
	const struct plan *p = &k->plan;
	const char *values[SHIELD_PARTS] = { words->nonce,
					     text_eq(p->way->rules, "replay") ? NULL : words->sha,
					     p->lock_epoch };

	for (size_t i = 0; i < SHIELD_PARTS; i++) {
		const char *name = shield_part(i)->input;

		if (!values[i] || !is_free(k, name))
			continue;
		jw_key(w, name);
		jw_raw_str(w, values[i]);
	}
	if (is_free(k, AUDIT_INPUT)) {
		jw_key(w, AUDIT_INPUT);
		jw_raw_str(w, audit_mark(k, words->nonce));
	}
}

/* Every input is sent, so that a default which changes between plan and run changes nothing. */
static const char *form_default(const struct ask *k, const char *name)
{
	vec_each (in, &k->plan.form)
		if (text_eq(in->name, name) && *in->fallback)
			return in->fallback;
	return NULL;
}

static bool of_contract(const struct ask *k, const char *name)
{
	for (size_t i = 0; i < SHIELD_PARTS; i++)
		if (text_eq(shield_part(i)->input, name))
			return i != 2 || k->plan.lock_epoch;
	return text_eq(name, AUDIT_INPUT);
}

static void write_defaults(struct jw *w, const struct ask *k)
{
	vec_each (in, &k->plan.form) {
		if (!*in->fallback || in->ours || of_contract(k, in->name) || given_input(k, in->name) ||
		    text_eq(in->name, inputs_release(&k->plan)))
			continue;
		jw_key(w, in->name);
		jw_raw_str(w, in->fallback);
	}
}

/* The inputs object: the profile's in its order, the release where no input names it, then what a person added. */
const char *inputs_json(struct ask *k, const char *nonce)
{
	const struct profile_lane *l = k->plan.lane;
	const struct profile_words words = {
		.release = k->plan.release, .sha = k->plan.sha, .nonce = nonce, .ref = k->plan.ref
	};
	autofree(buf) struct buf out = BUF_INIT(INPUTS_MAX);
	struct jw w;

	jw_init(&w, &out);
	jw_open(&w, '{');
	for (size_t i = 0; i < l->inputs.n; i++) {
		const char *v = contract_sends(&k->plan, &l->inputs.items[i])
					? input_value(k, &l->inputs.items[i], &words)
					: NULL;

		if (!v)
			v = form_default(k, l->inputs.items[i].name);
		if (!v)
			continue;
		jw_key(&w, l->inputs.items[i].name);
		jw_raw_str(&w, v);
	}
	if (inputs_release(&k->plan) && k->plan.release &&
	    !input_named(l, inputs_release(&k->plan), strlen(inputs_release(&k->plan)))) {
		jw_key(&w, inputs_release(&k->plan));
		jw_raw_str(&w, k->plan.release);
	}
	for (int i = 0; i < k->cmd.inputs_n; i++) {
		const char *eq = strchr(k->cmd.inputs[i], '=');

		if (!eq || input_named(l, k->cmd.inputs[i], (size_t)(eq - k->cmd.inputs[i])))
			continue;
		jw_key(&w, arena_strndup(&k->arena, k->cmd.inputs[i], (size_t)(eq - k->cmd.inputs[i])));
		jw_raw_str(&w, eq + 1);
	}
	write_contract(&w, k, &words);
	write_defaults(&w, k);
	jw_close(&w, '}');
	return arena_strdup(&k->arena, out.s);
}

/* Names what is missing; a value that does not fit its pattern is an error at once. */
bool inputs_check(struct ask *k)
{
	const struct profile_lane *l = k->plan.lane;
	const struct profile_words words = {
		.release = k->plan.release, .sha = k->plan.sha, .nonce = PLAN_NONCE, .ref = k->plan.ref
	};

	for (size_t i = 0; i < l->inputs.n; i++) {
		const struct profile_input *in = &l->inputs.items[i];
		const char *v = input_value(k, in, &words);

		if (in->required && (!v || !*v))
			*vec_push(&k->plan.missing, &k->arena) = in->name;
		if (v && *v && in->pattern && !text_glob(in->pattern, v)) {
			ask_fail(k, 1, "policy",
				 arena_printf(&k->arena, "input %s is \"%s\" and must match %s", in->name, v,
					      in->pattern),
				 arena_printf(&k->arena, "add --input %s=VALUE", in->name));
			return false;
		}
	}
	*vec_push(&k->plan.missing, &k->arena) = NULL;
	k->plan.pf.missing_inputs = k->plan.missing.items;
	return true;
}

/* A value that sets a policy aside is sent knowingly or not at all. */
void inputs_exceptions(struct ask *k)
{
	const struct profile_words words = {
		.release = k->plan.release, .sha = k->plan.sha, .nonce = PLAN_NONCE, .ref = k->plan.ref
	};

	vec_each (in, &k->plan.lane->inputs) {
		const char *usual = in->value ? profile_expand(&k->arena, in->value, &words) : NULL;
		const char *v = in->exception ? given_input(k, in->name) : NULL;

		if (!v || text_eq(v, usual))
			continue;
		plan_said_unless_accepted(k, arena_printf(&k->arena, "exception:%s", in->name),
					  arena_printf(&k->arena, "%s is %s: %s", in->name, v, in->exception),
					  arena_printf(&k->arena, "leave %s at %s", in->name,
						       usual && *usual ? usual : "its default"),
					  "profile");
	}
}
