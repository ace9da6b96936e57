#include "core/engine/reconcile.h"

#include "base/hash.h"
#include "base/text.h"
#include "core/rules/rollout.h"

#include <string.h>

/* What the steps of an act have left on the forge: refs, files, pull requests, labels, images. */

static void found(struct open_intent *o, const char *words)
{
	o->state = INTENT_DONE;
	o->words = words;
}

static void another_was_first(struct open_intent *o, const char *words)
{
	o->state = INTENT_REFUSED;
	o->words = words;
}

void look_saw_ref(struct open_intent *o, const struct forge_answer *a)
{
	const char *ref = json_str(o->step, "ref");

	if (!a)
		return;
	if (text_eq(a->text, json_str(o->step, "sha")))
		found(o, arena_printf(&o->look, "%s is there", ref));
	else
		another_was_first(o, arena_printf(&o->look, "%s is at %.7s", ref, a->text ? a->text : "?"));
}

void look_saw_no_ref(struct open_intent *o, const struct forge_answer *a)
{
	if (!a)
		found(o, arena_printf(&o->look, "%s is gone", json_str(o->step, "ref")));
}

/* Time enough for a request that was under way: a link that arrives later still needs the parent it names at the head. */
#define CHAIN_WAIT_MS 20000

/* Our link at the head: won. The link before it: not there, or not yet. Anything else: another was first, or has taken it
 * since; either way it is not ours. */
void look_saw_chain(struct open_intent *o, const struct forge_answer *a)
{
	const struct git_ref *ref = a && a->n ? a->items : NULL;
	const char *was = json_str(o->step, "parent"), *place = json_str(o->step, "ref");

	if (ref && text_eq(ref->sha, json_str(o->step, "sha"))) {
		found(o,
		      arena_printf(&o->look, "refs/%s is at our link%s", place,
				   o->in.done + 1 < o->in.steps ? "; what comes after it was not sent" : ""));
		o->in.done = o->in.steps - 1;
	} else if (ref && !text_eq(ref->sha, was)) {
		another_was_first(o, arena_printf(&o->look,
						  "refs/%s is at %.7s, which is not ours: another was first",
						  place, ref->sha));
		o->in.done = 0;
	} else if (when_diff(o->began, open_server_sent(o)) > CHAIN_WAIT_MS) {
		o->state = INTENT_NOT_SENT;
		o->words = arena_printf(&o->look, "refs/%s has not moved: it did not arrive", place);
	}
}

/* What the act is has happened before; this only says what else did. */
void look_saw_tail(struct open_intent *o, const struct forge_answer *a)
{
	const struct git_ref *ref = a && a->n ? a->items : NULL;
	const char *sha = json_str(o->step, "sha"), *place = json_str(o->step, "ref");
	bool as_meant = sha ? ref && text_eq(ref->sha, sha) : !ref;

	found(o, arena_printf(&o->look, "%srefs/%s is %s",
			      as_meant ? "" : "it is done, but not all of it: ", place,
			      !ref       ? "not there"
			      : as_meant ? "at our link"
					 : arena_printf(&o->look, "at %.7s", ref->sha)));
}

/* Whether an object was made or not: no ref leads to it, and none was asked to. */
void look_saw_object(struct open_intent *o, const struct forge_answer *a maybe_unused)
{
	o->state = INTENT_NOT_SENT;
	o->words = "only an object was made, which nothing leads to: nothing has changed";
}

/* A file with other content may be the answer of a moment ago: it proves nothing. */
void look_saw_file(struct open_intent *o, const struct forge_answer *a)
{
	struct hash h = HASH_INIT;
	char hex[33];

	if (!a)
		return;
	hash_add(&h, a->text ? a->text : "", a->number > 0 ? (size_t)a->number : 0);
	if (text_eq(hash_hex(&h, hex), json_str(o->step, "hash")))
		found(o, arena_printf(&o->look, "%s on %s is as it was sent", json_str(o->step, "path"),
				      json_str(o->step, "branch")));
}

/* When the act was planned there was no open one; a forge takes one for each pair of branches. */
void look_saw_pulls(struct open_intent *o, const struct forge_answer *a)
{
	const struct pull *list = a->items;

	o->short_list = a->damaged || a->cut;
	for (size_t i = 0; i < a->n; i++) {
		const struct pull *p = &list[i];

		if (!text_eq(p->head, json_str(o->step, "head")) ||
		    when_diff(p->created, open_server_sent(o)) < -SKEW_ALLOWED_MS)
			continue;
		o->run_url = arena_strdup(&o->look, p->url);
		if (look_sent_by(&o->in, p->author))
			found(o, arena_printf(&o->look, "pull request #%" PRId64, p->number));
		else
			another_was_first(o,
					  arena_printf(&o->look, "pull request #%" PRId64 " of %s was first",
						       p->number, p->author ? p->author : "?"));
		return;
	}
}

void look_saw_pull(struct open_intent *o, const struct forge_answer *a)
{
	const struct pull *p = a->items;

	o->short_list = !a->n || a->damaged;
	if (!a->n)
		return;
	o->run_url = arena_strdup(&o->look, p->url);
	if (p->merged && p->head_sha && *p->head_sha && !text_eq(p->head_sha, json_str(o->step, "sha")))
		another_was_first(o, arena_printf(&o->look, "pull request #%" PRId64 " was merged at %.7s",
						  p->number, p->head_sha));
	else if (p->merged)
		found(o, arena_printf(&o->look, "pull request #%" PRId64 " is merged", p->number));
	else if (!text_eq(p->state, "open"))
		another_was_first(o, arena_printf(&o->look,
						  "pull request #%" PRId64 " was closed without a merge",
						  p->number));
}

/* A label that starts something may be taken away by the run it started: that nobody bears it proves nothing, and to set it
 * again would start it twice. */
static void label_is_gone(struct open_intent *o, int64_t number)
{
	o->probables++;
	o->words = arena_printf(
		&o->look,
		"#%" PRId64 " does not bear %s, and the run that it starts may have taken it away: look for "
		"it, then `pilothouse reconcile %" PRId64 " --accept RUN`, or `--none`",
		number, json_str(o->step, "label"), o->in.id);
}

void look_saw_bearers(struct open_intent *o, const struct forge_answer *a)
{
	const struct pull *list = a->items;
	int64_t number = json_int(o->step, "number", 0);
	bool wanted = text_eq(json_str(o->step, "kind"), "label_add"), bears = false;

	o->short_list = a->damaged || a->cut;
	for (size_t i = 0; i < a->n; i++)
		bears = bears || list[i].number == number;
	if (bears == wanted && (bears || !o->short_list))
		found(o, arena_printf(&o->look, "#%" PRId64 " %s %s", number,
				      bears ? "bears" : "does not bear", json_str(o->step, "label")));
	else if (wanted && !o->short_list && text_eq(o->in.act, "label"))
		label_is_gone(o, number);
}

void look_saw_manifest(struct open_intent *o, const struct registry_answer *a)
{
	const char *tag = json_str(o->step, "tag");

	if (a && text_eq(a->digest, json_str(o->step, "digest")))
		found(o, arena_printf(&o->look, "%s is %s", tag, a->digest));
	else
		o->words = arena_printf(&o->look, "%s is %s", tag, a && a->digest ? a->digest : "not there");
}

/* Another value may be the answer of a moment ago, and a variable has no version: it proves nothing. */
void look_saw_variable(struct open_intent *o, const struct forge_answer *a)
{
	const char *name = json_str(o->step, "path");
	bool set = text_eq(json_str(o->step, "kind"), "variable_set");
	struct hash h = HASH_INIT;
	char hex[33];

	if (!a && !set) {
		found(o, arena_printf(&o->look, "the variable %s is gone", name));
	} else if (a && set) {
		hash_add(&h, a->text ? a->text : "", a->text ? strlen(a->text) : 0);
		if (text_eq(hash_hex(&h, hex), json_str(o->step, "hash")))
			found(o, arena_printf(&o->look, "the variable %s is as it was sent", name));
		else
			o->words = arena_printf(&o->look, "the variable %s has another value", name);
	}
}

/* By what the controller says of itself, never by what was sent; and what it was told from says what is new. */
void look_saw_moves(struct open_intent *o, const struct rollout_name *name, const struct rollout_answer *a)
{
	const struct rollout_answer before = {
		.word = "",
		.step = json_int(o->step, "was", 0),
		.aborted = json_bool(o->step, "aborted", false),
		.phase = json_bool(o->step, "failed", false) ? CANARY_FAILED : CANARY_OTHER,
		.spec_paused = json_bool(o->step, "held", false),
		.has_pause = json_bool(o->step, "paused", false),
	};
	enum rollout_act_kind act =
		(enum rollout_act_kind)names_value(&rollout_act_names, json_str(o->step, "word"));
	bool first = rollout_is_two(name, act, &before) && json_int(o->step, "part", 0) == 0;
	const char *says = arena_printf(&o->look, "the controller says %s%s", *a->word ? a->word : "nothing",
					a->settled ? "" : ", and has not looked at it yet");

	if (first ? rollout_took(a, name, act, &before) : rollout_shows(a, name, act, &before))
		found(o, says);
	else
		o->words = says;
}
