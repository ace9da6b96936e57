#include "core/engine/reconcile.h"

#include "base/json.h"
#include "base/text.h"
#include "core/rules/after.h"

#include <string.h>

/* ---- looking: dispatch --------------------------------------------------------------------------------------------------- */

static bool sends_nonce(const struct intent *in)
{
	return in->nonce && in->body && strstr(in->body, in->nonce);
}

/* "ana@bastion (octo-ana)": the login that sent it. */
bool look_sent_by(const struct intent *in, const char *actor)
{
	const char *open = in->who ? strrchr(in->who, '(') : NULL;
	size_t n = actor ? strlen(actor) : 0;

	return open && n && !strncmp(open + 1, actor, n) && open[1 + n] == ')';
}

static bool same_ref(const struct intent *in, const char *branch)
{
	autofree(json) struct json *body = NULL;

	if (json_parse(&body, in->body, strlen(in->body), (size_t)1 << 20, NULL) < 0)
		return false;
	return text_eq(json_str(body, "ref"), branch);
}

static bool has_hex32(const char *s)
{
	size_t n = 0;

	for (; s && *s && n < 32; s++)
		n = strchr("0123456789abcdef", *s) ? n + 1 : 0;
	return n >= 32;
}

/* Without the nonce: who, what ref, when, which release. A title with another nonce is another intent's run. */
static bool is_probable(struct open_intent *o, const struct run *r)
{
	const struct engine *en = o->acts->en;
	const struct profile_lane *l = profiles_lane(en->o.profiles, o->in.lane, NULL);
	bool own = l && !text_eq(o->in.act, "replay") &&
		   !(text_eq(o->in.act, "rollback") && l->rollback == BACK_REPLAY);
	/* a replay's commit is not the one that it delivers */
	const char *rel = own ? profile_release_of(l, r->title, r->branch, r->head_sha, &o->look) : NULL;

	if (has_hex32(r->title) || !look_sent_by(&o->in, r->actor) || !same_ref(&o->in, r->branch))
		return false;
	if (when_diff(r->created, open_server_sent(o)) > NOT_FOUND_MS)
		return false;
	return !rel || !o->in.subject || !*o->in.subject || text_eq(rel, o->in.subject);
}

static bool is_after(const struct open_intent *o, const struct run *r)
{
	return text_eq(r->event, "workflow_dispatch") && r->id > o->in.exclude_run &&
	       when_known(r->created) && when_diff(open_server_sent(o), r->created) <= SKEW_ALLOWED_MS;
}

const char *look_impossible(struct open_intent *o, const struct run *r)
{
	autofree(json) struct json *step = NULL;
	const char *text = o->in.step ? o->in.step : "", *file;
	bool labelled = text_eq(o->in.act, "label"); /* which files a label starts is not known */

	if (json_parse(&step, text, strlen(text), (size_t)1 << 20, NULL) < 0 ||
	    (!labelled && !text_eq(json_str(step, "kind"), "dispatch")))
		return "what was sent is no dispatch: the forge itself shows what became of it";
	file = json_str(step, "workflow");
	if (!labelled && (!file || !text_eq(plan_file_of(r->path), file)))
		return arena_printf(&o->look, "run %" PRId64 " is of %s", r->id, plan_file_of(r->path));
	if (!is_after(o, r))
		return arena_printf(&o->look, "run %" PRId64 " was not dispatched after the intent", r->id);
	if (has_hex32(r->title) && !strstr(r->title, o->in.nonce))
		return arena_printf(&o->look, "run %" PRId64 " carries the nonce of another act", r->id);
	return NULL;
}

static void consider(struct open_intent *o, const struct run *r)
{
	if (!is_after(o, r))
		return;
	if (sends_nonce(&o->in) && r->title && strstr(r->title, o->in.nonce)) {
		o->matches++;
		if (o->run_id && o->run_id < r->id) {
			o->twin_id = r->id;
			return;
		}
		o->twin_id = o->run_id;
		o->run_id = r->id;
		o->head_sha = arena_strdup(&o->look, r->head_sha);
		o->run_url = arena_strdup(&o->look, r->url);
	} else if (is_probable(o, r)) {
		o->probables++;
		o->probable_id = r->id;
		if (!o->run_url)
			o->run_url = arena_strdup(&o->look, r->url);
	}
}

void look_saw_runs(struct open_intent *o, const struct forge_answer *a)
{
	const struct run *runs = a->items;

	for (size_t i = 0; i < a->n; i++)
		consider(o, &runs[i]);
	/* A damaged record, or a list that ends before the time we sent, may hide the run. */
	o->short_list =
		a->damaged || (a->cut && (!a->n || when_diff(runs[a->n - 1].created, open_server_sent(o)) >
							   -SKEW_ALLOWED_MS));
}

static const char *linked_words(struct open_intent *o)
{
	const char *wrong = after_wrong_head(&o->in, o->run_id, o->head_sha, &o->look);

	if (o->matches > 1)
		return arena_printf(&o->look,
				    AFTER_ALARM "runs %" PRId64 " and %" PRId64
						" carry this one intent: cancel the later",
				    o->run_id, o->twin_id);
	return wrong ? arena_printf(&o->look, AFTER_ALARM "%s: `pilothouse cancel %" PRId64 "`", wrong,
				    o->run_id)
		     : "";
}

void look_judge_dispatch(struct open_intent *o)
{
	struct arena *a = &o->look;

	if (!o->matches && !o->probables)
		return;
	if (o->matches) {
		o->state = INTENT_LINKED;
		o->words = linked_words(o);
	} else {
		o->words = arena_printf(
			a,
			"probable: %s %" PRId64 " by you, at that ref and time, without a nonce: "
			"`pilothouse reconcile %" PRId64 " --accept RUN`, or `--none`",
			o->probables == 1 ? "run" : "several runs, among them run", o->probable_id, o->in.id);
	}
}

/* ---- looking: acts on a run ------------------------------------------------------------------------------------------------- */

static int64_t asked_environment(const struct intent *in)
{
	autofree(json) struct json *body = NULL;

	if (json_parse(&body, in->body, strlen(in->body), (size_t)1 << 20, NULL) < 0)
		return 0;
	return json_int(json_at(json_get(body, "environment_ids"), 0), "", 0);
}

void look_saw_gates(struct open_intent *o, const struct forge_answer *a)
{
	const struct gate *g = a->items;
	int64_t id = asked_environment(&o->in);

	for (size_t i = 0; i < a->n; i++)
		o->gate_waits = o->gate_waits || g[i].environment_id == id;
	o->short_list = o->short_list || a->damaged;
}

/* The gate that was meant, from the command line that was journalled; NULL: it cannot be told. */
static const char *asked_gate(struct open_intent *o)
{
	const struct profile_lane *l = profiles_lane(o->acts->en->o.profiles, o->in.lane, NULL);
	const char **argv;
	struct command c;
	int argc;

	if (text_eq(o->in.act, "promote"))
		return json_str(o->step, "gate");
	if (!o->in.line || command_split(&argv, &argc, o->in.line, &o->look, NULL) < 0 ||
	    command_parse(&c, argc, argv, NULL) < 0 || c.n < 2)
		return NULL;
	return l && l->gate && text_eq(c.args[1], l->environment) ? l->gate : c.args[1];
}

/* Of older records: "attempt 2 of 77ab31c.. is completed success", as facts.c wrote it. */
static int64_t attempt_before(struct open_intent *o)
{
	autofree(json) struct json *facts = NULL;
	int64_t n = json_int(o->step, "attempt", 0);

	if (n > 0 || !o->in.relies_on ||
	    json_parse(&facts, o->in.relies_on, strlen(o->in.relies_on), (size_t)1 << 20, NULL) < 0)
		return n;
	for (size_t i = 0; i < json_size(facts); i++) {
		const char *value = json_str(json_at(facts, i), "value");

		if (!text_eq(json_str(json_at(facts, i), "name"), "run") ||
		    !text_starts(value ? value : "", "attempt "))
			continue;
		value += strlen("attempt ");
		if (text_int64(&n, arena_strndup(&o->look, value, strcspn(value, " ")), 0, INT64_MAX) < 0)
			n = 0;
	}
	return n;
}

/* A run may have several gates, and each its reviews, those of earlier attempts among them. Ours carries our nonce; of an
 * older intent, which sent none, the person and the word must do. */
void look_saw_reviews(struct open_intent *o, const struct forge_answer *a)
{
	const struct review *v = a->items, *other = NULL;
	const char *want = text_eq(o->in.act, "reject") ? "rejected" : "approved", *gate = asked_gate(o);
	int64_t others = 0;

	o->short_list = o->short_list || a->damaged;
	for (size_t i = 0; gate && i < a->n; i++) {
		bool ours = sends_nonce(&o->in) ? v[i].comment && strstr(v[i].comment, o->in.nonce)
						: look_sent_by(&o->in, v[i].user);

		if (!review_names(v[i].environments, gate))
			continue;
		if (ours && text_eq(v[i].state, want)) {
			o->state = INTENT_DONE;
			o->words = text_eq(v[i].environments, gate)
					   ? "found in the reviews"
					   : arena_printf(&o->look, AFTER_ALARM "it opened more than %s: %s",
							  gate, v[i].environments);
			return;
		}
		others++;
		other = &v[i];
	}
	if (others <= json_int(o->step, "before", 0))
		return;
	o->state = INTENT_REFUSED;
	o->words = arena_printf(&o->look, "%s by %s was first", other->state ? other->state : "reviewed",
				other->user ? other->user : "?");
}

void look_saw_attempt(struct open_intent *o, const struct forge_answer *a)
{
	const struct run *r = a->items;

	o->short_list = o->short_list || !a->n;
	o->attempt = a->n ? r->attempt : 0;
}

/* Another attempt has gates of its own: what waits or was reviewed there says nothing of the one that was meant. */
static void judge_other_attempt(struct open_intent *o, int64_t meant)
{
	if (o->state == INTENT_DONE)
		return;
	o->state = 0;
	o->words = arena_printf(&o->look,
				"the run is at attempt %" PRId64 ": the gate of attempt %" PRId64
				" is gone, and no review of it by this act is listed",
				o->attempt, meant);
}

/* The reviews tell who; without our nonce only a gate that waits no more tells that it happened. */
void look_judge_review(struct open_intent *o)
{
	int64_t meant = attempt_before(o);

	if (meant && o->attempt > meant) {
		judge_other_attempt(o, meant);
	} else if (o->gate_waits && (o->state != INTENT_DONE || !sends_nonce(&o->in))) {
		o->state = 0;
		o->words = "the gate still waits";
	} else if (!o->state) {
		o->words = "the gate is gone, and no review of it is listed yet";
		o->short_list = true;
	}
}

void look_saw_run(struct open_intent *o, const struct forge_answer *a)
{
	const struct run *r = a->items;
	bool cancel = !o->step || !json_str(o->step, "kind") ? text_eq(o->in.act, "cancel")
							     : text_eq(json_str(o->step, "kind"), "cancel");

	o->short_list = !a->n; /* no run, no proof */
	if (!a->n)
		return;
	o->run_id = r->id;
	o->run_url = arena_strdup(&o->look, r->url);
	if (!cancel && attempt_before(o) <= 0) {
		o->words = "which attempt it was then is not known: a person must look";
		o->short_list = true;
	} else if (!cancel && r->attempt > attempt_before(o)) {
		o->state = INTENT_DONE;
		o->words = arena_printf(&o->look, "attempt %" PRId64 " was started", r->attempt);
	} else if (cancel && r->status == RUN_COMPLETED) {
		o->state = r->conclusion == CONCLUSION_CANCELLED ? INTENT_DONE : INTENT_REFUSED;
		o->words = arena_printf(&o->look, "the run ended: %s",
					names_word(&conclusion_names, r->conclusion));
	}
}
