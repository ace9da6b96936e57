#include "core/view/actline.h"

#include "base/text.h"
#include "core/model/model.h"

#include <string.h>

struct pick {
	const char *lane;
	struct gate gate;
	bool found;
};

static int pick_gate(void *ctx, const void *record)
{
	struct pick *p = ctx;
	const struct gate *g = record;

	if (!text_eq(g->lane, p->lane))
		return 0;
	p->gate = *g;
	p->found = true;
	return 1;
}

static int gate_words(struct buf *line, struct store *s, const struct lane *l, struct arena *a, struct err *e)
{
	struct pick p = { .lane = l->name };
	int r = store_each(s, Q_gates, NULL, NULL, &rec_gate, a, pick_gate, &p, e);

	if (r < 0)
		return r;
	if (!p.found)
		return err_set(e, ERR_MISSING, "no gate of %s waits for anybody", l->name);
	buf_fmt(line, "%" PRId64 " ", p.gate.run_id);
	command_quote(line, p.gate.environment);
	return 0;
}

static int run_words(struct buf *line, struct store *s, const struct lane *l, struct arena *a, struct err *e)
{
	(void)s, (void)a;
	if (!l->run_id)
		return err_set(e, ERR_MISSING, "no run of %s is known", l->name);
	buf_fmt(line, "%" PRId64, l->run_id);
	return 0;
}

static int lane_word(struct buf *line, struct store *s, const struct lane *l, struct arena *a, struct err *e)
{
	(void)s, (void)a, (void)e;
	command_quote(line, l->name);
	return 0;
}

static int system_word(struct buf *line, struct store *s, const struct lane *l, struct arena *a,
		       struct err *e)
{
	(void)s, (void)a, (void)e;
	command_quote(line, l->system);
	return 0;
}

/* By the synopsis of the registry, so that a new act needs no row here. */
static const struct {
	const char *args;
	bool whole; /* what is said behind it cannot be left out */
	int (*words)(struct buf *line, struct store *s, const struct lane *l, struct arena *a, struct err *e);
} kinds[] = {
	{ "RUN ENVIRONMENT", true, gate_words }, { "RUN", true, run_words },      { "LANE", true, lane_word },
	{ "LANE [", false, lane_word },          { "SYSTEM", true, system_word },
};

int view_act_line(const char **out, struct store *s, const char *lane, const char *act, struct arena *a,
		  struct err *e)
{
	const struct command_info *c = command_find(act);
	struct key key = { .name = lane };
	struct lane l;
	int r;

	if (!c || c->kind != COMMAND_ACT)
		return err_set(e, ERR_INVALID, "%.80s%s is no act", act, strlen(act) > 80 ? ".." : "");
	r = store_one(s, Q_lane_by_name, &rec_key, &key, &rec_lane, &l, a, e);
	for (size_t i = 0; r == 0 && i < countof(kinds); i++) {
		autofree(buf) struct buf line = BUF_INIT(4096);

		if (kinds[i].whole ? strcmp(c->args, kinds[i].args) != 0
				   : !text_starts(c->args, kinds[i].args))
			continue;
		buf_fmt(&line, "%s ", c->name);
		r = kinds[i].words(&line, s, &l, a, e);
		*out = arena_strdup(a, line.s);
		return r;
	}
	if (r)
		return r;
	err_set(e, ERR_INVALID, "%s needs words of its own: %s", c->name, c->args);
	return err_hint(e, "pilothouse plan %s %s", c->name, c->args);
}

void outcome_from(struct outcome *out, const struct json *r, struct arena *a)
{
	*out = (struct outcome){
		.intent = json_int(r, "intent", 0),
		.run_id = json_int(r, "run_id", 0),
		.state = names_value(&intent_state_names, json_str(r, "state")),
		.act = text_safe_dup(a, json_str(r, "act"), 0),
		.lane = text_safe_dup(a, json_str(r, "lane"), 0),
		.note = text_safe_dup(a, json_str(r, "note"), 0),
		.nonce = text_safe_dup(a, json_str(r, "nonce"), 0),
	};
}

int outcome_read(struct outcome *o, struct store *s, struct arena *a, struct err *e)
{
	struct key key = { .id = o->intent };
	struct intent in;
	int r = store_one(s, Q_intent_by_id, &rec_key, &key, &rec_intent, &in, a, e);

	if (r)
		return r;
	bool behind = in.state == INTENT_ARMED || in.state == INTENT_SENT ||
		      (intent_is_open(in.state) && !intent_is_open(o->state));
	if (behind || !text_eq(text_safe_dup(a, in.nonce, 0), o->nonce))
		return 1;
	o->run_id = in.run_id;
	o->state = in.state;
	o->note = text_safe_dup(a, in.note, 0);
	return 0;
}

const char *outcome_title(const struct outcome *o, struct arena *a)
{
	return text_eq(o->act, o->lane) ? o->act : arena_printf(a, "%s %s", o->act, o->lane);
}

const char *outcome_next(const struct command *c, const struct outcome *o, struct arena *a)
{
	if ((o->state != INTENT_DONE && o->state != INTENT_LINKED) || c->opt[OPT_MERGE] ||
	    (c->info->id != CMD_RELEASE_PR && c->info->id != CMD_REVERT_PIN))
		return "";
	return arena_printf(a, "%s %s --merge", c->info->name, o->lane);
}
