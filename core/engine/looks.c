#include "core/engine/reconcile.h"

#include "base/json.h"
#include "base/text.h"

#include <string.h>

#define LOOK_PAGES 3

typedef void (*look_saw)(struct open_intent *o, const struct forge_answer *a);

/* ---- what is asked, by the kind of the last request --------------------------------------------------------------------- */

static void ask_runs(struct open_intent *o, struct forge_read *r)
{
	const struct profile_lane *l = profiles_lane(o->acts->en->o.profiles, o->in.lane, NULL);
	const char *file = json_str(o->step, "workflow");

	r->workflow = file ? file : l ? l->workflow : NULL;
	r->number = 100;
	r->pages = LOOK_PAGES;
}

static void ask_run(struct open_intent *o, struct forge_read *r)
{
	r->id = json_int(o->step, "run", 0);
	if (r->id <= 0 && text_int64(&r->id, o->in.subject, 1, INT64_MAX) < 0)
		r->id = o->in.run_id;
}

static void ask_ref(struct open_intent *o, struct forge_read *r)
{
	r->name = json_str(o->step, "ref");
}

static void ask_file(struct open_intent *o, struct forge_read *r)
{
	r->name = json_str(o->step, "path");
	r->name2 = json_str(o->step, "branch");
}

static void ask_pulls(struct open_intent *o, struct forge_read *r)
{
	r->name = json_str(o->step, "head");
	r->name2 = json_str(o->step, "base");
	r->number = 30;
}

static void ask_pull(struct open_intent *o, struct forge_read *r)
{
	r->id = json_int(o->step, "number", 0);
}

static void ask_variable(struct open_intent *o, struct forge_read *r)
{
	r->name = json_str(o->step, "path");
}

static void ask_label(struct open_intent *o, struct forge_read *r)
{
	r->name = json_str(o->step, "label");
}

static const struct look_read {
	const char *kind;
	enum forge_read_kind read;
	void (*ask)(struct open_intent *o, struct forge_read *r);
	look_saw saw;
	bool absence; /* "there is no such thing" is an answer */
} look_reads[] = {
	{ "dispatch", FORGE_RUNS, ask_runs, look_saw_runs, false },
	{ "review", FORGE_GATES, ask_run, look_saw_gates, false },
	{ "review", FORGE_REVIEWS, ask_run, look_saw_reviews, false },
	{ "review", FORGE_RUN, ask_run, look_saw_attempt, false },
	{ "cancel", FORGE_RUN, ask_run, look_saw_run, false },
	{ "rerun", FORGE_RUN, ask_run, look_saw_run, false },
	{ "ref_create", FORGE_COMMIT, ask_ref, look_saw_ref, true },
	{ "chain_move", FORGE_REF, ask_ref, look_saw_chain, true },
	{ "tail", FORGE_REF, ask_ref, look_saw_tail, true },
	{ "chain_object", FORGE_REF, ask_ref, look_saw_object, true },
	{ "ref_delete", FORGE_COMMIT, ask_ref, look_saw_no_ref, true },
	{ "file_put", FORGE_FILE, ask_file, look_saw_file, true },
	{ "pull_open", FORGE_PULLS, ask_pulls, look_saw_pulls, false },
	{ "pull_merge", FORGE_PULL, ask_pull, look_saw_pull, false },
	{ "variable_set", FORGE_VARIABLE, ask_variable, look_saw_variable, true },
	{ "variable_delete", FORGE_VARIABLE, ask_variable, look_saw_variable, true },
	{ "label_add", FORGE_LABELLED, ask_label, look_saw_bearers, false },
	{ "label_remove", FORGE_LABELLED, ask_label, look_saw_bearers, false },
};

/* Records that say no kind are of the acts that there were then. */
static const char *kind_of(const struct open_intent *o)
{
	static const char *const old[][2] = { { "dispatch", "dispatch" }, { "rollback", "dispatch" },
					      { "approve", "review" },    { "reject", "review" },
					      { "cancel", "cancel" },     { "rerun", "rerun" } };
	const char *kind = json_str(o->step, "kind");

	for (size_t i = 0; !kind && i < countof(old); i++)
		if (text_eq(o->in.act, old[i][0]))
			kind = old[i][1];
	return kind ? kind : "";
}

/* ---- judging ---------------------------------------------------------------------------------------------------------------- */

bool open_waited_out(const struct open_intent *o)
{
	msec here = clock_mono(loop_clock(o->acts->en->o.loop)) - o->sent_mono;
	bool by_server = when_diff(o->began, open_server_sent(o)) >= NOT_FOUND_MS;
	bool by_us = !o->sent_here || here >= NOT_FOUND_MS;

	return by_server && by_us;
}

static bool happened(int state)
{
	return state == INTENT_DONE || state == INTENT_LINKED;
}

/* A step that happened, or was refused, is not the act: what is left of it is a person's to say. */
static void settle_step(struct open_intent *o)
{
	struct intent *in = &o->in;
	const char *words = o->words ? o->words : "";

	if (o->state == INTENT_NOT_SENT) {
		open_settle(o, o->state, words);
		return;
	}
	if (happened(o->state) ? in->done + 1 >= in->steps : in->done == 0) {
		open_settle(o, o->state, words);
		return;
	}
	words = happened(o->state)
			? arena_printf(&o->look,
				       "request %" PRId64 " of %" PRId64
				       " is there%s%s, the next was not sent",
				       in->done + 1, in->steps, *words ? ": " : "", words)
			: arena_printf(&o->look, "request %" PRId64 " of %" PRId64 " did not happen: %s",
				       in->done + 1, in->steps, words);
	in->done += happened(o->state);
	open_settle(o, INTENT_NOT_FOUND, arena_printf(&o->look, "%s: %s", words, intent_ways_on(in)));
}

static void settle_found(struct open_intent *o)
{
	if (o->run_id)
		o->in.run_id = o->run_id;
	if (o->run_url)
		o->in.run_url = arena_strdup(&o->arena, o->run_url);
	settle_step(o);
}

static void settle_nothing(struct open_intent *o)
{
	bool nowhere = !o->failed && !o->short_list && !o->probables && open_waited_out(o);

	if (o->words && o->probables)
		open_keep_note(o, o->words); /* a person is asked, wherever he looks */
	else if (o->words)
		open_note(o, o->words);
	if (nowhere && o->in.state == INTENT_UNKNOWN)
		open_settle(o, INTENT_NOT_FOUND,
			    arena_printf(&o->look, "looked for during 10 minutes and not there: %s",
					 intent_ways_on(&o->in)));
}

static void look_judge(struct open_intent *o)
{
	struct acts *a = o->acts;
	const char *kind = kind_of(o);

	o->due = clock_mono(loop_clock(a->en->o.loop)) + o->interval;
	o->interval = o->interval * 3 / 2 > LOOK_SLOWEST_MS ? LOOK_SLOWEST_MS : o->interval * 3 / 2;
	if (!o->failed && text_eq(kind, "review"))
		look_judge_review(o);
	else if (!o->failed && text_eq(kind, "dispatch"))
		look_judge_dispatch(o);
	if (o->failed || !o->state)
		settle_nothing(o);
	else
		settle_found(o);
	open_looked(a);
}

/* ---- looking ---------------------------------------------------------------------------------------------------------------- */

struct looking {
	struct open_intent *o;
	const struct look_read *row;
};

/* False: nobody wants the answer any more. */
static bool still_wanted(struct open_intent *o)
{
	struct acts *acts = o->acts;

	o->pending--;
	if (!o->gone && acts)
		return true;
	if (!o->pending)
		open_free(o);
	if (acts)
		open_answer(acts);
	return false;
}

static void look_failed(struct open_intent *o, const struct err *err)
{
	o->failed = true;
	o->words = arena_printf(&o->look, "could not be looked for: %s", err->message);
}

static void look_done(void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct looking *l = ctx;
	struct open_intent *o = l->o;

	if (o->acts)
		engine_note_answer(o->acts->en, a, err);
	if (!still_wanted(o))
		return;
	if (!err || (err->kind == ERR_MISSING && l->row->absence))
		l->row->saw(o, a);
	else
		look_failed(o, err);
	if (!o->pending)
		look_judge(o);
}

static void look_one(struct open_intent *o, const struct look_read *row)
{
	struct looking *k = arena_new(&o->look, struct looking);
	struct forge_read r = { .kind = row->read, .repo = o->in.repo };
	struct err e = ERR_INIT;

	row->ask(o, &r);
	k->o = o;
	k->row = row;
	o->pending++;
	if (forge_read(o->acts->en->o.forge, &r, look_done, k, &e) >= 0)
		return;
	o->pending--;
	look_failed(o, &e);
}

static void image_done(void *ctx, const struct registry_answer *a, const struct err *err)
{
	struct open_intent *o = ctx;

	if (!still_wanted(o))
		return;
	if (!err || err->kind == ERR_MISSING)
		look_saw_manifest(o, err ? NULL : a);
	else
		look_failed(o, err);
	if (!o->pending)
		look_judge(o);
}

static void look_at_image(struct open_intent *o)
{
	struct registry *reg = o->acts->en->o.registry;
	const struct registry_read q = { .kind = REGISTRY_MANIFEST,
					 .image = json_str(o->step, "image"),
					 .ref = json_str(o->step, "tag") };
	struct err e = ERR_INIT;
	int r = reg ? 0 : err_set(&e, ERR_INVALID, "no registry is configured");

	o->pending++;
	if (r >= 0)
		r = reg->ops->read(reg, &q, image_done, o, &e);
	if (r >= 0)
		return;
	o->pending--;
	look_failed(o, &e);
}

static struct rollout_name told(const struct open_intent *o)
{
	return (struct rollout_name){ .kind = json_bool(o->step, "argo", true) ? ROLLOUT_ARGO
									       : ROLLOUT_FLAGGER,
				      .namespace_ = json_str(o->step, "namespace"),
				      .name = json_str(o->step, "name"),
				      .gate = json_str(o->step, "gate") };
}

static void moves_done(void *ctx, const struct rollout_answer *a, const struct err *err)
{
	struct open_intent *o = ctx;
	struct rollout_name name;

	if (!still_wanted(o))
		return;
	name = told(o);
	if (err)
		look_failed(o, err);
	else
		look_saw_moves(o, &name, a);
	if (!o->pending)
		look_judge(o);
}

static void look_at_moves(struct open_intent *o)
{
	struct rollout *port = engine_mover(o->acts->en, o->in.lane);
	const struct rollout_name name = told(o);
	struct err e = ERR_INIT;
	int r = port ? 0 : err_set(&e, ERR_INVALID, "no cluster is named for it");

	o->pending++;
	if (r >= 0)
		r = port->ops->read(port, &name, moves_done, o, &e);
	if (r >= 0)
		return;
	o->pending--;
	look_failed(o, &e);
}

/* No reading has begun, and none may ever: that stands in the journal, where the outbox shows it. */
static void look_nowhere(struct open_intent *o)
{
	const char *why = o->words
				  ? o->words
				  : "could not be looked for: what was sent is of no kind that is known here";

	o->due = clock_mono(loop_clock(o->acts->en->o.loop)) + LOOK_SLOWEST_MS;
	if (o->in.state == INTENT_UNKNOWN)
		open_keep_note(o, why);
}

/* The record is of a step that is counted already: a look at it would count it once more. */
static bool is_counted(const struct open_intent *o)
{
	int64_t at = json_int(o->step, "at", 0);

	return at > 0 && at <= o->in.done;
}

void look_start(struct open_intent *o)
{
	arena_reset(&o->look);
	json_free(o->step);
	o->step = NULL;
	if (o->in.step && *o->in.step)
		(void)!json_parse(&o->step, o->in.step, strlen(o->in.step), (size_t)1 << 20, NULL);
	o->failed = o->short_list = o->gate_waits = false;
	o->run_id = o->twin_id = o->probable_id = 0;
	o->run_url = o->words = o->head_sha = NULL;
	o->matches = o->probables = o->state = 0;
	o->attempt = 0;
	o->began = open_server_now(o->acts->en);
	if (is_counted(o) && o->in.state == INTENT_NOT_FOUND)
		return;
	for (size_t i = 0; i < countof(look_reads); i++)
		if (text_eq(look_reads[i].kind, kind_of(o)))
			look_one(o, &look_reads[i]);
	if (text_eq(kind_of(o), "manifest_put"))
		look_at_image(o);
	if (text_eq(kind_of(o), "rollout"))
		look_at_moves(o);
	if (!o->pending)
		look_nowhere(o);
}
