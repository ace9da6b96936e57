#include "core/engine/steer.h"

#include "base/json.h"
#include "base/text.h"
#include "core/rules/rollout.h"

#include <string.h>

/*
 * Between two steps of one act something must have been seen: that a run has ended, that a gate waits, that a controller
 * has taken its canary back. It is looked for again and again; what is not seen in time is a person's to say. Nothing is
 * sent meanwhile, and the journal holds the step that left: an engine that dies here finds it, and the act is repeated from
 * there under its own nonce.
 */

#define AWAIT_EVERY_MS 3000

struct waiting {
	struct ask *k;
	const struct awaited *w;
	ask_step then;
	msec began;
	int64_t step;    /* in.done when it began */
	const char *why; /* the newest look, in words */
};

static void look(struct ask *k);

static msec mono(const struct ask *k)
{
	return clock_mono(loop_clock(k->acts->en->o.loop));
}

static const char *words_of(struct ask *k, const struct awaited *w)
{
	if (w->gate)
		return arena_printf(&k->arena,
				    "gate %s of run %" PRId64 " waits and the rung before it passes", w->gate,
				    w->run);
	if (w->moves)
		return arena_printf(&k->arena, "%s is back at what was live", w->moves->name);
	return arena_printf(&k->arena, "run %" PRId64 " has ended", w->run);
}

/* Of a repeat the journal may have the step that is waited for: it left once, and was not found. */
static bool left_already(const struct intent *in)
{
	autofree(json) struct json *step = NULL;
	const char *text = in->step ? in->step : "";

	return json_parse(&step, text, strlen(text), (size_t)1 << 20, NULL) >= 0 &&
	       json_int(step, "at", 0) > in->done;
}

/* The step that left stands in the journal, and so does what is waited for. */
static void note_wait(struct waiting *w)
{
	struct ask *k = w->k;
	struct intent in = k->intent;
	struct err e = ERR_INIT;

	in.done -= !left_already(&in);
	in.state = k->intent.state = INTENT_SENT;
	in.note = arena_printf(&k->arena,
			       "request %" PRId64 " of %" PRId64 " has happened; the next leaves when %s",
			       k->intent.done, in.steps, words_of(k, w->w));
	if (act_record(k->acts, &in, &e) < 0 && k->acts->en->o.log)
		log_line(k->acts->en->o.log, "intent", "%" PRId64 " waits, and the journal does not know: %s",
			 in.id, e.message);
}

static void again(struct waiting *w, const char *why)
{
	struct ask *k = w->k;

	w->why = arena_strdup(&k->arena, why);
	if (mono(k) - w->began < w->w->limit_ms)
		ask_in(k, AWAIT_EVERY_MS, look);
	else
		act_stays_open(
			k, arena_printf(&k->arena, "it was not seen that %s: %s", words_of(k, w->w), w->why));
}

static void seen(struct waiting *w)
{
	struct ask *k = w->k;

	k->awaited = w->step;
	k->waits = NULL;
	ask_in(k, 0, w->then);
}

/* False: the engine is gone. */
static bool still_there(struct ask *k)
{
	k->pending--;
	if (k->acts)
		return true;
	ask_then(k, NULL);
	return false;
}

/* What was measured meanwhile says whether it is opened: a failure ends the act, and what is not sure yet is waited for. */
static void judge_rung(struct waiting *w)
{
	bool failed;
	const char *why = steer_stops(w->k, w->w->gate, w->w->run, &failed);

	if (!why)
		seen(w);
	else if (failed)
		act_stays_open(w->k, arena_printf(&w->k->arena, "gate %s waits, and %s", w->w->gate, why));
	else
		again(w, why);
}

/* The gate is there. A hold that came meanwhile leaves it alone; one that cannot be read does too. */
static void gate_waits(struct waiting *w)
{
	struct ask *k = w->k;
	struct intent hold;
	struct err e = ERR_INIT;
	int r = steer_held(k->acts->en, k->intent.lane, w->w->run, &hold, &k->arena, &e);

	if (r > 0)
		judge_rung(w);
	else
		act_stays_open(k, r < 0 ? e.message
					: arena_printf(&k->arena, "held by %s: %s", hold.who ? hold.who : "?",
						       hold.reason && *hold.reason ? hold.reason
										   : "no reason was given"));
}

static void gates_read(void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct waiting *w = ctx;

	if (!still_there(w->k))
		return;
	engine_note_answer(w->k->acts->en, a, err);
	for (size_t i = 0; !err && i < a->n; i++) {
		const struct gate *g = a->items;

		if (text_eq(g[i].environment, w->w->gate)) {
			gate_waits(w);
			return;
		}
	}
	again(w, err ? err->message : "it does not wait yet");
}

static void read_gates(struct waiting *w)
{
	struct forge_read r = { .kind = FORGE_GATES, .repo = w->k->intent.repo, .id = w->w->run };
	struct err e = ERR_INIT;

	w->k->pending++;
	if (engine_read(w->k->acts->en, &r, gates_read, w, &e) >= 0)
		return;
	w->k->pending--;
	again(w, e.message);
}

/* A gate is one attempt's: that of another is another gate, and a run that is over has none. */
static void run_goes_on(struct waiting *w, const struct run *r)
{
	struct ask *k = w->k;

	if (r->attempt != w->w->attempt)
		act_stays_open(k, arena_printf(&k->arena,
					       "run %" PRId64 " was started again: it is at attempt %" PRId64,
					       r->id, r->attempt));
	else if (r->status == RUN_COMPLETED)
		act_stays_open(k, arena_printf(&k->arena, "run %" PRId64 " is over: %s", r->id,
					       names_word(&conclusion_names, r->conclusion)));
	else
		read_gates(w);
}

static void run_read(void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct waiting *w = ctx;
	const struct run *r;

	if (!still_there(w->k))
		return;
	engine_note_answer(w->k->acts->en, a, err);
	r = !err && a->n && !a->damaged ? a->items : NULL;
	if (r && w->w->gate)
		run_goes_on(w, r);
	else if (r && r->status == RUN_COMPLETED)
		seen(w);
	else
		again(w, r     ? names_word(&run_status_names, r->status)
			 : err ? err->message
			       : "it was not read");
}

static void moves_read(void *ctx, const struct rollout_answer *answer, const struct err *err)
{
	struct waiting *w = ctx;

	struct rollout_name name = { 0 };

	if (!still_there(w->k))
		return;
	name = steer_rollout(w->w->moves);
	if (!err && rollout_shows(answer, &name, ROLLOUT_ABORT, answer))
		seen(w);
	else
		again(w, err ? err->message : *answer->word ? answer->word : "its state is not told");
}

static int ask_forge(struct waiting *w, struct err *e)
{
	struct forge_read r = { .kind = FORGE_RUN, .repo = w->k->intent.repo, .id = w->w->run };

	return engine_read(w->k->acts->en, &r, run_read, w, e);
}

static int ask_cluster(struct waiting *w, struct err *e)
{
	struct rollout *port = engine_mover(w->k->acts->en, w->k->intent.lane);
	struct rollout_name name = steer_rollout(w->w->moves);

	return port ? port->ops->read(port, &name, moves_read, w, e)
		    : err_set(e, ERR_INVALID, "no cluster is named for it");
}

static void look(struct ask *k)
{
	struct waiting *w = k->waits;
	struct err e = ERR_INIT;

	k->pending++;
	if ((w->w->moves ? ask_cluster(w, &e) : ask_forge(w, &e)) >= 0)
		return;
	k->pending--;
	again(w, e.message);
}

bool await_begin(struct ask *k, const struct plan_step *s, ask_step then)
{
	struct waiting *w;

	if ((!s->awaits.run && !s->awaits.moves) || k->awaited == k->intent.done)
		return false;
	w = arena_new(&k->arena, struct waiting);
	*w = (struct waiting){ k, &s->awaits, then, mono(k), k->intent.done, "" };
	k->waits = w;
	note_wait(w);
	look(k);
	return true;
}
