#include "tui/cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/view/alarms.h"
#include "core/view/canary.h"
#include "core/view/guard.h"
#include "core/view/proof.h"
#include "core/view/view.h"
#include "tui/cli/follow.h"
#include "tui/cli/machines.h"
#include "tui/cli/print.h"
#include "tui/cli/table.h"

enum { NEVER = 1 }; /* nothing was ever read */

struct query_ctx {
	struct cli *cli;
	struct store *store;
	struct when now;
	struct buf out;
	struct err e;
};

/* A line that is stopped is told first, and before it that all of this is older than an act of ours. */
static const char *reason_or(const struct lane_row *row, struct arena *a)
{
	const char *reason = row->reasons_n ? row->reasons[0] : "";
	if (*row->again)
		reason = arena_printf(a, "%s%s%s", row->again, *reason ? "; " : "", reason);
	if (row->guard)
		reason = arena_printf(a, "%s%s%s", reason, *reason ? "; " : "", row->guard->brief);
	return arena_printf(a, "%s%s%s", row->freeze, *row->freeze && *reason ? "; " : "", reason);
}

/* A few in full: more of them are read where they are one screen, on the wall. */
#define ALARMS_TOLD 3

static int print_alarms(struct query_ctx *q)
{
	struct arena *a = q->cli->arena;
	struct alarm_rows rows = { 0 };
	int r = view_alarms(&rows, q->store, q->now, a, &q->e), n = 0;
	vec_each (one, &rows)
		if (n++ < ALARMS_TOLD)
			cli_note(arena_printf(a, "ALARM %s%s%s (%s)", one->lane, *one->lane ? ": " : "",
					      one->text, one->fix));
	if (n > ALARMS_TOLD)
		cli_note(arena_printf(a, "and %d more alarms", n - ALARMS_TOLD));
	return r;
}

/* Every text listing ends with how old it is: a calm table of yesterday must not look like now. */
static int print_age(struct query_ctx *q)
{
	struct view_header h;
	char words[WHEN_TEXT];
	int r = view_header(&h, q->store, q->now, q->cli->arena, &q->e);
	if (r < 0)
		return r;
	if (h.drill)
		cli_note(arena_printf(q->cli->arena, "DRILL %s: a simulated world", h.drill));
	if (h.age_ms < 0)
		cli_note("some lanes were never read from the forge");
	else
		cli_note(arena_printf(q->cli->arena, "facts are %s old", when_age(h.age_ms, words)));
	if (*h.banner)
		cli_note(h.banner);
	return h.alarms ? print_alarms(q) : 0;
}

static int lanes(struct query_ctx *q)
{
	static const char *const heads[] = {
		"STATE", "LANE", "LIVE", "NEXT", "PROGRESS", "SINCE", "WHY", NULL
	};
	struct lane_rows rows = { 0 };
	struct table t = { .heads = heads };
	int r = view_lanes(&rows, q->store, q->now, q->cli->arena, &q->e);
	if (r < 0)
		return r;
	if (q->cli->json) {
		struct jw w;
		jw_init(&w, &q->out);
		view_lanes_json(&w, &rows, q->now);
		return 0;
	}
	vec_each (row, &rows)
		*table_add(&t, q->cli->arena) =
			(struct table_row){ { names_word(&lane_state_names, row->state), row->name, row->live,
					      row->next, row->progress, row->since,
					      reason_or(row, q->cli->arena) } };
	table_print(&t, &q->out);
	vec_each (row, &rows)
		if (*row->again) {
			cli_note("some of this was read before your act: pilothouse sync --once reads it "
				 "again");
			break;
		}
	return print_age(q);
}

static int runs(struct query_ctx *q)
{
	static const char *const heads[] = { "RUN",  "LANE",  "STATUS", "RESULT", "AGE",
					     "TOOK", "ACTOR", "TITLE",  NULL };
	struct run_rows rows = { 0 };
	struct table t = { .heads = heads };
	const char *lane = q->cli->command->n ? q->cli->command->args[0] : NULL;
	struct key key = { .name = lane };
	struct lane known;
	int r = lane ? store_one(q->store, Q_lane_by_name, &rec_key, &key, &rec_lane, &known, q->cli->arena,
				 &q->e)
		     : 0;
	if (r)
		return r < 0 ? r : cli_no_lane(lane, &q->e);
	r = view_runs(&rows, q->store, lane, 0, command_number(q->cli->command, OPT_LIMIT, 50), q->now,
		      q->cli->arena, &q->e);
	if (r < 0)
		return r;
	if (q->cli->json) {
		struct jw w;
		jw_init(&w, &q->out);
		view_runs_json(&w, &rows, q->now);
		return 0;
	}
	vec_each (row, &rows)
		*table_add(&t, q->cli->arena) =
			(struct table_row){ { table_number(q->cli->arena, row->id), row->lane, row->status,
					      row->conclusion, row->age, row->duration, row->actor,
					      row->title } };
	table_print(&t, &q->out);
	return print_age(q);
}

static void print_run(struct query_ctx *q, const struct run_view *v)
{
	struct buf *o = &q->out;
	buf_fmt(o, "run %" PRId64 " attempt %" PRId64 "  %s  %s %s\n", v->run.id, v->run.attempt, v->run.lane,
		v->run.status, v->run.conclusion);
	buf_fmt(o, "  %s\n  %s on %s at %s by %s, %s ago, took %s\n", v->run.title, v->run.event,
		v->run.branch, v->run.sha, v->run.actor, v->run.age, v->run.duration);
	if (*v->intent)
		buf_fmt(o, "  intent: %s\n", v->intent);
	for (int i = 0; i < v->jobs_n; i++) {
		const struct job_row *j = &v->jobs[i];
		buf_fmt(o, "  %-12s %-10s %6s  %s%s%s%s\n", j->status, j->conclusion, j->duration, j->name,
			*j->meaning ? "  (" : "", j->meaning, *j->meaning ? ")" : "");
		for (int k = 0; k < j->steps_n; k++)
			buf_fmt(o, "      %-12s %-10s %6s  %s\n", j->steps[k].status, j->steps[k].conclusion,
				j->steps[k].duration, j->steps[k].name);
	}
	for (int i = 0; i < v->decisions_n; i++) {
		const struct decision_row *d = &v->decisions[i];
		buf_fmt(o, "  decision %s: %s%s%s%s%s  (%s, %s old)\n", d->name, d->verdict,
			*d->reasons ? ", " : "", d->reasons, *d->detail ? ": " : "", d->detail, d->source,
			d->age);
	}
	vec_each (g, &v->gates)
		buf_fmt(o, "  waits at %s for %s, %s\n", g->environment, g->reviewers,
			g->can_approve ? "you may approve" : g->why_not);
}

static int run(struct query_ctx *q)
{
	struct run_view v;
	int64_t id;
	const char *word = q->cli->command->args[0];
	if (text_int64(&id, word, 1, INT64_MAX) < 0) {
		err_set(&q->e, ERR_INVALID, "%s is no run id", word);
		return err_hint(&q->e, "see `pilothouse runs`");
	}
	int r = view_run(&v, q->store, id, q->now, q->cli->arena, &q->e);
	if (r > 0) {
		err_set(&q->e, ERR_MISSING, "the cache has no run %" PRId64, id);
		return err_hint(&q->e, "see `pilothouse runs`");
	}
	if (r < 0)
		return r;
	if (q->cli->json) {
		struct jw w;
		jw_init(&w, &q->out);
		view_run_json(&w, &v, q->now);
		return 0;
	}
	print_run(q, &v);
	return print_age(q);
}

static int gates(struct query_ctx *q)
{
	static const char *const heads[] = { "LANE",      "RUN", "ENVIRONMENT", "SINCE",
					     "REVIEWERS", "YOU", "TITLE",       NULL };
	struct gate_rows rows = { 0 };
	struct table t = { .heads = heads };
	int r = view_gates(&rows, q->store, q->cli->command->opt[OPT_MINE] != NULL, q->now, q->cli->arena,
			   &q->e);
	if (r < 0)
		return r;
	if (q->cli->json) {
		struct jw w;
		jw_init(&w, &q->out);
		view_gates_json(&w, &rows, q->now);
		return 0;
	}
	vec_each (row, &rows)
		*table_add(&t, q->cli->arena) =
			(struct table_row){ { row->lane, table_number(q->cli->arena, row->run_id),
					      row->environment, row->since, row->reviewers,
					      row->can_approve ? "may approve" : row->why_not, row->title } };
	table_print(&t, &q->out);
	return print_age(q);
}

static const char *lane_word(const struct query_ctx *q)
{
	return q->cli->command->n ? q->cli->command->args[0] : NULL;
}

static int drift(struct query_ctx *q)
{
	static const char *const heads[] = { "VERDICT", "LANE", "COMPONENT", "PLATFORM", "DECLARED",
					     "LIVE",    "AGE",  "WHY",       NULL };
	struct drift_rows rows = { 0 };
	struct table t = { .heads = heads };
	int r = view_drift(&rows, q->store, lane_word(q), q->now, q->cli->arena, &q->e);
	if (r)
		return r < 0 ? r : cli_no_lane(lane_word(q), &q->e);
	if (q->cli->json) {
		struct jw w;
		jw_init(&w, &q->out);
		view_drift_json(&w, &rows, q->now);
		return 0;
	}
	vec_each (row, &rows)
		*table_add(&t, q->cli->arena) =
			(struct table_row){ { row->verdict, row->lane, row->component, row->platform,
					      row->declared_short, row->live_short, row->age, row->reason } };
	if (rows.n)
		table_print(&t, &q->out);
	else
		buf_fmt(&q->out,
			"nothing of %s is compared: its profile does not say where what runs is asked, or "
			"nobody has looked yet\n",
			lane_word(q) ? lane_word(q) : "these lanes");
	return print_age(q);
}

static void print_back(struct query_ctx *q, const struct readiness_row *row)
{
	static const char *const words[] = { "--  ", "ok  ", "BAD ", "MISS" };
	struct buf *o = &q->out;
	buf_fmt(o, "%s  %s\n", row->lane, row->back);
	for (int i = 0; i < row->checks_n; i++) {
		const struct check_row *c = &row->checks[i];
		buf_fmt(o, "  %s  %-22s %s  (%s, %s old)\n", words[c->status], c->name, c->detail, c->source,
			c->age);
		if (c->status != CHECK_OK && *c->fix)
			buf_fmt(o, "        fix: %s\n", c->fix);
	}
}

static int readiness(struct query_ctx *q)
{
	struct readiness_rows rows = { 0 };
	int r = view_readiness(&rows, q->store, lane_word(q), q->now, q->cli->arena, &q->e);
	if (r)
		return r < 0 ? r : cli_no_lane(lane_word(q), &q->e);
	if (q->cli->json) {
		struct jw w;
		jw_init(&w, &q->out);
		view_readiness_json(&w, &rows, q->now);
		return 0;
	}
	vec_each (row, &rows)
		print_back(q, row);
	if (!rows.n)
		buf_fmt(&q->out, "%s no way back by the profile: there is nothing to be ready\n",
			lane_word(q) ? arena_printf(q->cli->arena, "%s has", lane_word(q))
				     : "no lane of this cache has");
	return print_age(q);
}

static int print_no_proof(struct query_ctx *q, const char *word)
{
	buf_fmt(&q->out,
		"%s\n  what is wanted stands under `proof:` of a lane in its profile: man "
		"pilothouse-profile\n",
		view_proof_none(q->store, word, q->cli->arena));
	return print_age(q);
}

/* Digests and identities in full: a line of text has no width. */
static int proof(struct query_ctx *q)
{
	static const char *const heads[] = { "STATUS", "LANE", "RELEASE", "SUBJECT", "CHECK",
					     "REASON", "AGE",  "DIGEST",  "WHY",     NULL };
	const char *word = q->cli->command->args[0];
	struct proof_rows rows = { 0 };
	struct table t = { .heads = heads };
	if (q->cli->command->opt[OPT_MACHINES] || q->cli->command->opt[OPT_MACHINE]) {
		int told = cli_machines(q->cli, q->store, q->now, &q->out, &q->e);
		return told < 0 || q->cli->json ? told : print_age(q);
	}
	int r = view_proofs(&rows, q->store, word, q->now, q->cli->arena, &q->e);
	if (r > 0) {
		err_set(&q->e, ERR_MISSING, "there is no lane and no release %s", word);
		return err_hint(&q->e, "see `pilothouse lanes`");
	}
	if (r < 0)
		return r;
	if (q->cli->json) {
		struct jw w;
		vec_each (row, &rows)
			if (r >= 0)
				r = view_proof_steps(row, q->store, q->cli->arena, &q->e);
		jw_init(&w, &q->out);
		view_proofs_json(&w, &rows, q->now);
		return r;
	}
	vec_each (row, &rows)
		for (int i = 0; i < row->items_n; i++) {
			const struct proof_row *p = &row->items[i];
			*table_add(&t, q->cli->arena) =
				(struct table_row){ { p->status, p->lane, p->release, p->subject, p->check,
						      *p->reason ? p->reason : "-", p->age, p->digest,
						      *p->detail ? p->detail : p->meaning } };
		}
	if (!rows.n)
		return print_no_proof(q, word);
	table_print(&t, &q->out);
	return print_age(q);
}

static void print_ladder(struct query_ctx *q, const struct canary_view *v)
{
	static const char *const words[] = { [RUNG_AHEAD] = "", [RUNG_NOW] = " now", [RUNG_DONE] = " done" };
	struct buf *o = &q->out;
	for (int i = 0; i < v->rungs_n; i++) {
		const struct canary_rung_row *r = &v->rungs[i];
		buf_fmt(o, "%s%s%s%s%s", i ? " | " : "  ", r->weight, words[r->state], *r->clock ? " " : "",
			r->clock);
	}
	if (v->rungs_n)
		buf_chr(o, '\n');
}

static void print_canary_metrics(struct query_ctx *q, const struct canary_view *v)
{
	static const char *const heads[] = { "METRIC", "UNIT",    "CONTROL", "CANARY",
					     "LIMIT",  "VERDICT", "WHY",     NULL };
	struct table t = { .heads = heads };
	vec_each (m, &v->metrics)
		*table_add(&t, q->cli->arena) = (struct table_row){ { m->name, m->unit, m->control, m->canary,
								      m->limit, m->verdict, m->reason } };
	table_print(&t, &q->out);
}

static void print_canary(struct query_ctx *q, const struct canary_view *v)
{
	struct buf *o = &q->out;
	buf_fmt(o, "%s  %s  %s", v->lane, v->release, v->phase_word);
	if (v->steps > 0)
		buf_fmt(o, "  rung %" PRId64 " of %" PRId64, v->step, v->steps);
	buf_fmt(o, "\n  %s set%s%s, %s seen%s%s\n", v->set, *v->set_from ? " by " : "", v->set_from, v->seen,
		*v->seen_from ? " by " : "", v->seen_from);
	print_ladder(q, v);
	if (*v->ahead)
		buf_fmt(o, "  %s\n", v->ahead);
	buf_fmt(o, "  %s%s%s; %s, %s\n", v->verdict_word, *v->reason ? ": " : "", v->reason, v->sampled,
		v->freshness);
	if (v->metrics.n)
		print_canary_metrics(q, v);
	buf_fmt(o, "  %s\n", v->cost);
	if (*v->mechanism)
		buf_fmt(o, "  %s\n", v->mechanism);
	if (*v->guard)
		buf_fmt(o, "  %s\n", v->guard);
	if (*v->last)
		buf_fmt(o, "  last: %s\n", v->last);
	if (*v->back)
		buf_fmt(o, "  %s%s%s\n", v->back, *v->back_took ? "; it took " : "", v->back_took);
	if (!v->past)
		return;
	buf_fmt(o, "%s\n", v->past_line);
	print_ladder(q, v->past);
	if (v->past->metrics.n)
		print_canary_metrics(q, v->past);
	buf_fmt(o, "  %s\n", v->past->cost);
}

static int canary(struct query_ctx *q)
{
	struct canary_view v;
	const char *lane = q->cli->command->args[0];
	const struct canary_wish wish = { .metric = -1, .samples = q->cli->json ? CANARY_SAMPLES : 0 };
	int r = view_canary(&v, q->store, lane, &wish, q->now, q->cli->arena, &q->e);
	if (r == CANARY_NO_LANE)
		return cli_no_lane(lane, &q->e);
	if (r == CANARY_NEVER) {
		err_set(&q->e, ERR_MISSING, "%s never had a canary", lane);
		return err_hint(&q->e, "its profile must name a ladder: pilothouse profile show");
	}
	if (r < 0)
		return r;
	if (q->cli->json) {
		struct jw w;
		jw_init(&w, &q->out);
		view_canary_json(&w, &v, q->now);
		return 0;
	}
	print_canary(q, &v);
	return print_age(q);
}

static int why(struct query_ctx *q)
{
	struct why_rows rows = { 0 };
	const struct command *c = q->cli->command;
	const char *lane = c->args[0];
	int r = view_why(&rows, q->store, lane, q->now, q->cli->arena, &q->e);
	if (r)
		return r < 0 ? r : cli_no_lane(lane, &q->e);
	if (q->cli->json) {
		struct jw w;
		jw_init(&w, &q->out);
		view_why_json(&w, &rows, q->now);
		return 0;
	}
	cli_print_why(&q->out, &rows);
	return 0;
}

/* `guard show`: also what became of those that are not up any more. */
static int guard(struct query_ctx *q)
{
	static const char *const heads[] = { "LANE", "STATE", "RELEASE", "UNTIL", "GUARD", NULL };
	const char *lane = q->cli->command->n > 1 ? q->cli->command->args[1] : NULL;
	struct guard_rows rows = { 0 };
	struct table t = { .heads = heads };
	int r = view_guards(&rows, q->store, lane, q->now, q->cli->arena, &q->e);
	if (r)
		return r < 0 ? r : cli_no_lane(lane, &q->e);
	if (q->cli->json) {
		struct jw w;
		jw_init(&w, &q->out);
		view_guards_json(&w, &rows, q->now);
		return 0;
	}
	vec_each (row, &rows)
		*table_add(&t, q->cli->arena) =
			(struct table_row){ { row->lane, row->state, row->release,
					      row->until_iso ? row->until_iso : "-", row->words } };
	table_print(&t, &q->out);
	return print_age(q);
}

static const struct {
	enum command_id id;
	int (*run)(struct query_ctx *q);
} queries[] = {
	{ CMD_LANES, lanes }, { CMD_RUNS, runs },           { CMD_RUN, run }, { CMD_GATES, gates },
	{ CMD_DRIFT, drift }, { CMD_READINESS, readiness }, { CMD_WHY, why }, { CMD_CANARY, canary },
	{ CMD_GUARD, guard }, { CMD_PROOF, proof },
};

/* A list without a row would look calm. A guard is of here, and needs no forge to be told. */
static int needs_facts(struct query_ctx *q)
{
	enum command_id id = q->cli->command->info->id;
	struct view_header h;
	if (id == CMD_GUARD)
		return 0;
	int r = view_header(&h, q->store, q->now, q->cli->arena, &q->e);
	return r < 0 ? r : h.lanes_read ? 0 : NEVER;
}

/* 0, or NEVER when nothing was ever read. */
static int answer(struct query_ctx *q)
{
	int r = store_begin(q->store, &q->e);
	if (r < 0)
		return r;
	r = needs_facts(q);
	for (size_t i = 0; i < countof(queries); i++)
		if (r == 0 && queries[i].id == q->cli->command->info->id)
			r = queries[i].run(q);
	store_undo(q->store);
	return r;
}

int cli_query(struct cli *c)
{
	int status = 0;
	autofree(store) struct store *store = NULL;
	if (cli_cache(c, &store, &status) < 0)
		return status;
	if (c->command->info->id == CMD_FOLLOW)
		return cli_follow(c, store);
	struct query_ctx q = {
		.cli = c, .store = store, .now = clock_wall(c->clock), .out = BUF_INIT(64 << 20)
	};
	int r = answer(&q);
	if (r < 0)
		status = cli_fail(c, &q.e);
	else if (r == NEVER)
		status = cli_never_read(c);
	else
		status = cli_print(&q.out, c->json);
	buf_done(&q.out);
	return status;
}
