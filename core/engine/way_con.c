#include "core/engine/reflock.h"
#include "core/engine/reconcile.h"
#include "core/engine/ways.h"

#include "base/json.h"
#include "base/text.h"
#include "store/holds.h"

#include <stdlib.h>
#include <string.h>

/*
 * The con: who is captain now. It is one chain of the organisation, in the repository of the first profile. Giving it
 * writes down what is open (gates, holds, intents, a promise) and what was noted since he took it, and who takes it accepts that line by line: what he accepted
 * stands in his link.
 */

#define CON_SPAN   INT64_C(43200000) /* ms: a watch of twelve hours, unless --for says otherwise */
#define LINES_MAX  40                /* of a hand-over; more is told as how many more */
#define LINE_BYTES 160               /* of one line; the journal and the cache have all of it */
#define NOTES_BACK 500               /* acts of the journal among which notes are looked for */

struct con {
	bool takes;
	int64_t span;
	struct texts lines; /* of a hand-over: given, or to be accepted */
};

static struct con *found_of(struct ask *k)
{
	return k->plan.found;
}

static bool is_ours(struct ask *k, const struct reflock *l)
{
	return reflock_is_of(l, k->plan.pf.who_login, k->acts->en->o.who);
}

static enum reflock_state state_of(struct ask *k)
{
	return reflock_state(guard_chain(k, REFLOCK_CON), open_server_now(k->acts->en));
}

/* ---- what is open ------------------------------------------------------------------------------------------------------- */

static void line_add(struct ask *k, const char *text)
{
	struct texts *lines = &found_of(k)->lines;

	if (lines->n < LINES_MAX)
		*vec_push(lines, &k->arena) = text_head(&k->arena, text, LINE_BYTES);
	else if (lines->n == LINES_MAX)
		*vec_push(lines, &k->arena) = "and more than these: see gates, outbox and lanes";
}

static int gate_line(void *ctx, const void *row)
{
	struct ask *k = ctx;
	const struct gate *g = row;

	line_add(k, arena_printf(&k->arena, "gate: run %" PRId64 " waits for %s", g->run_id, g->environment));
	return 0;
}

/* What was noted while he had the con, oldest first: the journal's times are ours, the link's are the forge's. */
static void read_notes(struct ask *k)
{
	int64_t taken = guard_chain(k, REFLOCK_CON)->created.ms - k->acts->en->skew_ms;
	struct intents recent = { 0 };

	if (k->acts->en->o.journal)
		(void)!journal_recent(k->acts->en->o.journal, NOTES_BACK, &recent, &k->arena, NULL);
	for (size_t i = recent.n; i-- > 0;) {
		const struct intent *in = &recent.items[i];

		if (text_eq(in->act, "note") && in->created.ms / 1000 >= taken / 1000)
			line_add(k, arena_printf(&k->arena, "note: %s: %s, by %s", in->lane, in->reason,
						 in->who));
	}
}

/* What could not be read is a line as well: whoever takes the con must not take it for nothing. */
static void line_unread(struct ask *k, const char *what, const struct err *e)
{
	line_add(k, arena_printf(&k->arena, "not readable: %s: %s", what, e->message));
}

static void read_lines(struct ask *k)
{
	struct store *cache = k->acts->en->o.cache;
	struct intents open = { 0 };
	struct holds holds = { 0 };
	struct err e = ERR_INIT;

	if (store_each(cache, Q_gates, NULL, NULL, &rec_gate, &k->arena, gate_line, k, &e) < 0)
		line_unread(k, "gates", &e);
	if (store_holds_read(&holds, cache, NULL, &k->arena, &e) < 0)
		line_unread(k, "holds", &e);
	vec_each (h, &holds)
		if (hold_is_active(h, engine_now(k->acts->en)))
			line_add(k, arena_printf(&k->arena, "%s: %s, %s%s%s",
						 names_word(&hold_kind_names, h->kind), h->lane, h->owner,
						 *h->owner ? ": " : "", h->reason));
	if (k->acts->en->o.journal && journal_open_intents(k->acts->en->o.journal, &open, &k->arena, &e) < 0)
		line_unread(k, "intents", &e);
	vec_each (in, &open)
		line_add(k, arena_printf(&k->arena, "intent %" PRId64 ": %s %s is %s", in->id, in->act,
					 in->lane, names_word(&intent_state_names, in->state)));
	read_notes(k);
	if (plan_reason(k))
		line_add(k, arena_printf(&k->arena, "promise: %s", plan_reason(k)));
}

/* When the con was taken stands in its chain, which is read first. */
static void read_open(struct ask *k)
{
	if (guard_reads(k, read_open))
		return;
	read_lines(k);
	plan_judge(k);
}

/* ---- reading ------------------------------------------------------------------------------------------------------------ */

static void write_con(struct jw *w, struct ask *k)
{
	const struct reflock *l = guard_chain(k, REFLOCK_CON);

	jw_kstr(w, "state", names_word(&reflock_state_names, (int)state_of(k)));
	jw_kstr(w, "who", l->sha && !l->damage ? l->who : NULL);
	jw_kstr(w, "host", l->sha && !l->damage ? l->host : NULL);
	jw_kstr(w, "purpose", l->sha && !l->damage ? l->purpose : NULL);
	jw_kwhen(w, "since", l->created);
	jw_kwhen(w, "until", l->expires);
	jw_kint(w, "epoch", l->epoch);
	jw_key(w, "lines");
	reflock_write_texts(w, &l->lines);
	jw_key(w, "accepted");
	reflock_write_texts(w, &l->accepted);
}

static void show(struct ask *k)
{
	struct buf out = BUF_INIT(REPLY_MAX);
	const struct fact *f = facts_find(&k->plan.facts, "con");
	struct jw w;

	if (guard_reads(k, show))
		return;
	if (!f || f->state != FACT_OK) {
		ask_fail_err(k, &k->plan.first_error);
		return;
	}
	jw_init(&w, &out);
	jw_open(&w, '{');
	write_con(&w, k);
	jw_close(&w, '}');
	ask_reply(k, 0, &out);
}

static void find_place(struct ask *k)
{
	struct profile_lane *lane = arena_new(&k->arena, struct profile_lane);

	lane->name = "con";
	lane->environment = "";
	lane->production = true;
	k->plan.profile = &k->acts->en->o.profiles->items[0];
	k->plan.lane = lane;
	k->plan.repo = k->plan.profile->repo;
	k->subject = k->cmd.args[0];
}

static void begin(struct ask *k)
{
	struct con *con = arena_new(&k->arena, struct con);
	const char *word = k->cmd.args[0], *span = k->cmd.opt[OPT_FOR];

	k->plan.found = con;
	con->takes = text_eq(word, "take");
	con->span = CON_SPAN;
	if (span && when_span(&con->span, span) < 0) {
		ask_fail(k, 2, "invalid", arena_printf(&k->arena, "--for %s is no time", span),
			 "such as 30m, 2h or 1d");
		return;
	}
	if (!k->acts->en->o.profiles->n) {
		ask_fail(k, 2, "invalid", "there is no profile, and so no repository", "add --profile NAME");
		return;
	}
	find_place(k);
	facts_read_user(k);
	ask_then(k, text_eq(word, "show") ? show : con->takes ? plan_judge : read_open);
}

/* ---- judging ------------------------------------------------------------------------------------------------------------ */

static void said(struct ask *k, enum verdict v, const char *detail, const char *fix)
{
	plan_said(k, "con", v, detail, fix, "con");
}

static bool accepts(const struct ask *k, size_t line)
{
	const char *list = k->cmd.opt[OPT_LINES];
	char number[24];

	snprintf(number, sizeof(number), "%zu", line);
	return list && (text_eq(list, "all") || review_names(list, number));
}

/* What the last captain left, a check each. */
static void judge_lines(struct ask *k, const struct reflock *l)
{
	found_of(k)->lines = l->lines;
	for (size_t i = 0; i < l->lines.n; i++) {
		const char *name = arena_printf(&k->arena, "line:%zu", i + 1);

		if (accepts(k, i + 1))
			plan_said(k, name, CHECK_OK,
				  arena_printf(&k->arena, "accepted: %s", l->lines.items[i]), "", "con");
		else
			plan_said(k, name, CHECK_BAD, l->lines.items[i],
				  arena_printf(&k->arena, "accept it: --lines %zu, or --lines all", i + 1),
				  "con");
	}
}

/* A line that is not there was never read by who accepts it. */
static void judge_accepted(struct ask *k, const struct reflock *l)
{
	const char *list = k->cmd.opt[OPT_LINES];

	for (const char *s = list && !text_eq(list, "all") ? list : ""; *s;) {
		size_t len = strcspn(s, ",");
		const char *one = arena_strndup(&k->arena, s, len);
		unsigned long n = strspn(one, "0123456789") == len ? strtoul(one, NULL, 10) : 0;

		if (n < 1 || n > l->lines.n)
			plan_said(k, "lines", CHECK_BAD,
				  arena_printf(&k->arena, "there is no line %s: it has %zu", one, l->lines.n),
				  "--lines takes numbers with commas between them, or all", "con");
		s += len;
		s += strspn(s, ", ");
	}
}

static void judge_take(struct ask *k, const struct reflock *l, enum reflock_state s, const char *words)
{
	if (s == REFLOCK_FREE) {
		said(k, CHECK_OK,
		     l->sha ? arena_printf(&k->arena, "given by %s", words) : "nobody has had it yet", "");
		judge_lines(k, l);
		judge_accepted(k, l);
	} else if (s == REFLOCK_EXPIRED || is_ours(k, l)) {
		said(k, CHECK_OK,
		     arena_printf(&k->arena, "%s: %s", s == REFLOCK_EXPIRED ? "it ran out" : "yours", words),
		     "");
	} else if (k->cmd.opt[OPT_FORCE] && plan_reason(k)) {
		said(k, CHECK_OK, arena_printf(&k->arena, "taken by force from %s", words), "");
	} else {
		said(k, CHECK_BAD, arena_printf(&k->arena, "with %s", words),
		     arena_printf(&k->arena,
				  "ask %s to give it, or: `pilothouse con take --force --reason WHY`",
				  l->who));
	}
}

/* Who had it is not known, nor what he left. */
static void judge_damaged(struct ask *k, const char *words)
{
	if (found_of(k)->takes && k->cmd.opt[OPT_FORCE] && plan_reason(k))
		said(k, CHECK_OK, arena_printf(&k->arena, "taken by force from nobody knows whom: %s", words),
		     "");
	else
		said(k, CHECK_BAD, words,
		     "mend refs/" REFLOCK_CON
		     " on the forge, or: `pilothouse con take --force --reason WHY`");
}

static void judge(struct ask *k)
{
	const struct fact *f = facts_find(&k->plan.facts, "con");
	const struct reflock *l = guard_chain(k, REFLOCK_CON);
	const char *words = l->sha ? reflock_words(l, &k->arena) : "";
	enum reflock_state s = state_of(k);

	if (!f || f->state != FACT_OK)
		said(k, CHECK_UNCHECKED, "who has it is not known",
		     "let the token read contents, or try again");
	else if (s == REFLOCK_DAMAGED)
		judge_damaged(k, words);
	else if (found_of(k)->takes)
		judge_take(k, l, s, words);
	else if (s == REFLOCK_HELD && is_ours(k, l))
		said(k, CHECK_OK, arena_printf(&k->arena, "yours: %s", words), "");
	else
		said(k, CHECK_BAD,
		     l->sha ? arena_printf(&k->arena, "not yours to give: %s", words) : "nobody has it",
		     "take it first");
}

/* ---- sending ------------------------------------------------------------------------------------------------------------ */

static void steps(struct ask *k, const char *nonce, struct plan_steps *out)
{
	const struct con *con = found_of(k);
	const char *reason = plan_reason(k);
	struct reflock next = { .place = REFLOCK_CON, .purpose = reason ? reason : "", .held = con->takes };

	if (con->takes)
		next.accepted = con->lines;
	else
		next.lines = con->lines;
	chain_steps(k, nonce, &next, con->takes ? con->span : 0, out);
}

const struct way way_con = { .rules = "lock",
			     .traits = WAY_CHAIN,
			     .begin = begin,
			     .judge = judge,
			     .steps = steps,
			     .undo = "take it again, or give it back",
			     .refused = chain_refused };
