#include "tui/cli/print.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/view/actline.h"
#include "core/view/plan.h"
#include "core/view/view.h"

static const char *safe(struct cli *c, const struct json *j, const char *key)
{
	return text_safe_dup(c->arena, json_str(j, key), 0);
}

/* Without the blanks before a last column that is empty. */
static void put_line(struct buf *o, const char *line)
{
	size_t n = strlen(line);

	while (n && line[n - 1] == ' ')
		n--;
	buf_add(o, line, n);
	buf_chr(o, '\n');
}

/* Of the datum that stands against an act, or does not tell. */
static void print_age(const struct check_row *k, struct buf *o)
{
	if (!strcmp(k->age, "-"))
		buf_str(o, " (age not known)");
	else
		buf_fmt(o, " (read %s ago)", k->age);
}

static void print_checks(const struct plan_view *p, struct buf *o)
{
	static const char *const words[] = { "--  ", "ok  ", "BAD ", "MISS" };
	buf_str(o, "checks\n");
	for (int i = 0; i < p->checks_n; i++) {
		const struct check_row *k = &p->checks[i];
		buf_fmt(o, "  %s  %-22s %s", words[k->status], k->name, k->detail);
		if (k->status != CHECK_OK)
			print_age(k, o);
		buf_chr(o, '\n');
		if (k->status != CHECK_OK && *k->fix)
			buf_fmt(o, "        fix: %s\n", k->fix);
	}
}

static void print_verdict(struct cli *c, const struct plan_view *p, struct buf *o)
{
	if (!p->go) {
		buf_fmt(o, "verdict %s: nothing was sent\n", p->verdict);
		return;
	}
	buf_fmt(o, "verdict go: nothing was sent yet\n");
	if (*p->confirm && c->command->info->kind == COMMAND_ACT)
		buf_fmt(o, "to send it: add --confirm \"%s\"\n", p->confirm);
}

/* A plan of several requests says what each is for; what happens elsewhere is printed as it is typed. */
static void print_requests(const struct plan_view *p, struct buf *o)
{
	for (int i = 0; i < p->requests_n; i++) {
		const struct request_row *r = &p->requests[i];
		if (p->requests_n > 1)
			buf_fmt(o, "  request %d of %d: %s\n", i + 1, p->requests_n, r->what);
		buf_fmt(o, "  %s\n", r->request);
		if (*r->body)
			buf_fmt(o, "  %s\n", r->body);
	}
	if (*p->command)
		buf_fmt(o, "run it yourself; nothing is sent from here:\n  %s\n", p->command);
}

/* One line a lane, then what stands against the act: whether it would go is not what was asked. */
static void print_effects(struct cli *c, const struct plan_view *p, struct buf *o)
{
	put_line(o, arena_printf(c->arena, "what if: %s %s %s", p->act, p->lane, p->release));
	if (!p->effects_n)
		buf_str(o, "  no lane of this system is known to change\n");
	for (int i = 0; i < p->effects_n; i++) {
		const struct effect_row *f = &p->effects[i];
		const char *to = f->to_value == f->from_value ? "stays"
				 : *f->to                     ? arena_printf(c->arena, "-> %s", f->to)
							      : "-> ?";
		put_line(o, arena_printf(c->arena, "  %-20s %-5s %-8s %s", f->lane, f->from, to, f->why));
	}
	for (int i = 0; i < p->checks_n; i++)
		if (check_rank(&p->checks[i]) == RANK_AGAINST)
			buf_fmt(o, "  %s: %s: %s\n", p->go ? "in doubt" : "against it", p->checks[i].name,
				p->checks[i].detail);
	buf_fmt(o, "verdict %s; nothing was sent\n", p->verdict);
}

void cli_print_why(struct buf *o, const struct why_rows *v)
{
	static const char *const words[] = { "--   ", "ok   ", "BAD  ", "MISS " };
	vec_each (row, v) {
		bool unknown = !strcmp(row->age, "-");
		buf_fill(o, ' ', (size_t)row->depth * 2);
		buf_fmt(o, "%s%s  (%s%s%s%s)\n", row->status < 0 ? "" : words[row->status & 3], row->text,
			row->source, *row->age ? ", " : "", unknown ? "age not known" : row->age,
			*row->age && !unknown ? " old" : "");
		if (!*row->fix)
			continue;
		buf_fill(o, ' ', (size_t)row->depth * 2 + 2);
		buf_fmt(o, "to clear: %s\n", row->fix);
	}
}

/* Each condition with its datum, its age, where it comes from, and what would clear it. */
static void print_tree(struct cli *c, const struct plan_view *p, struct buf *o)
{
	struct why_rows rows = { 0 };
	view_why_plan(&rows, p, c->arena);
	cli_print_why(o, &rows);
}

static void print_plan(struct cli *c, const struct json *result, struct buf *o)
{
	struct plan_view p;
	struct err e = ERR_INIT;
	if (view_plan(&p, result, clock_wall(c->clock), c->arena, &e) < 0) {
		cli_fail(c, &e);
		return;
	}
	if (c->as_tree || json_get(result, "effects")) {
		(c->as_tree ? print_tree : print_effects)(c, &p, o);
		return;
	}
	put_line(o, arena_printf(c->arena, "plan %.8s  %s %s %s %.7s", p.plan_id, p.act, p.lane, p.release,
				 p.sha));
	print_requests(&p, o);
	if (p.ahead >= 0)
		buf_fmt(o, "changes: %" PRId64 " ahead of what is live%s\n", p.ahead,
			p.behind >= 0 ? arena_printf(c->arena, ", %" PRId64 " behind", p.behind) : "");
	for (int i = 0; i < p.changes_n && i < 10; i++)
		buf_fmt(o, "  %s\n", p.changes[i]);
	if (p.changes_n > 10)
		buf_fmt(o, "  and %d more\n", p.changes_n - 10);
	print_checks(&p, o);
	if (*p.back)
		buf_fmt(o, "back: %s\n", p.back);
	if (*p.note)
		buf_fmt(o, "note: %s\n", p.note);
	print_verdict(c, &p, o);
	if (*safe(c, result, "saved"))
		buf_fmt(o, "saved: %s\n", safe(c, result, "saved"));
}

static void print_outcome(struct cli *c, const struct json *r, struct buf *o)
{
	const char *url = safe(c, r, "run_url"), *next;
	struct outcome outcome;
	if (!*safe(c, r, "act"))
		return; /* refused before there was an act: the error says it all */
	outcome_from(&outcome, r, c->arena);
	buf_fmt(o, "%s: %s\n", outcome_title(&outcome, c->arena), safe(c, r, "state"));
	if (json_int(r, "run_id", 0))
		buf_fmt(o, "  run %" PRId64 " %s\n", json_int(r, "run_id", 0), url);
	if (*safe(c, r, "note"))
		buf_fmt(o, "  %s\n", safe(c, r, "note"));
	next = outcome_next(c->command, &outcome, c->arena);
	if (*next)
		buf_fmt(o, "  next: pilothouse %s\n", next);
	if (json_int(r, "intent", 0)) /* else nothing was recorded: it was refused before */
		buf_fmt(o, "  intent %" PRId64 " nonce %s\n", json_int(r, "intent", 0), safe(c, r, "nonce"));
}

static void print_sum(struct cli *c, const struct json *r, struct buf *o)
{
	(void)c;
	buf_fmt(o, "%" PRId64 " requests, %" PRId64 " unchanged, %" PRId64 " bytes, %" PRId64 " runs",
		json_int(r, "requests", 0), json_int(r, "not_modified", 0), json_int(r, "bytes", 0),
		json_int(r, "runs", 0));
	if (json_int(r, "api.limit", -1) >= 0)
		buf_fmt(o, "; api %" PRId64 " of %" PRId64 " left", json_int(r, "api.remaining", 0),
			json_int(r, "api.limit", 0));
	buf_chr(o, '\n');
}

static void print_log(struct cli *c, const struct json *r, struct buf *o)
{
	const struct json *lines = json_get(r, "lines");
	bool errors_only = c->command->opt[OPT_ERRORS] != NULL;
	int64_t step = -1;
	if (*view_log_cut(r))
		buf_fmt(o, "-- %s\n", view_log_cut(r));
	for (size_t i = 0; i < json_size(lines); i++) {
		const struct json *l = json_at(lines, i);
		bool is_error = json_bool(l, "error", false);
		if (errors_only && !is_error)
			continue;
		if (json_int(l, "step", 0) != step) {
			step = json_int(l, "step", 0);
			buf_fmt(o, "-- step %" PRId64 " %s\n", step, view_step_name(r, step, c->arena));
		}
		buf_fmt(o, "%s %s\n", is_error ? "!" : " ", safe(c, l, "text"));
	}
}

static void print_texts(const struct json *list, const char *word, struct cli *c, struct buf *o)
{
	for (size_t i = 0; i < json_size(list); i++) {
		const char *text = json_str(json_at(list, i), "");
		buf_fmt(o, "  %s %zu: %s\n", word, i + 1, text_safe_dup(c->arena, text ? text : "", 0));
	}
}

/* Who has the con, and what the last captain handed over with it. */
static void print_con(struct cli *c, const struct json *r, struct buf *o)
{
	if (!*safe(c, r, "who")) {
		bool free = text_eq(json_str(r, "state"), "free");
		buf_fmt(o, "con: %s\n",
			free ? "nobody has had it yet" : "what its chain says cannot be read");
		return;
	}
	buf_fmt(o, "con: %s, %s (%s), since %s", safe(c, r, "state"), safe(c, r, "who"), safe(c, r, "host"),
		safe(c, r, "since"));
	if (*safe(c, r, "until"))
		buf_fmt(o, ", until %s", safe(c, r, "until"));
	buf_fmt(o, "%s%s\n", *safe(c, r, "purpose") ? ": " : "", safe(c, r, "purpose"));
	print_texts(json_get(r, "lines"), "line", c, o);
	print_texts(json_get(r, "accepted"), "accepted", c, o);
}

static void print_items(struct cli *c, const struct json *r, struct buf *o)
{
	const struct json *items = json_get(r, "items");
	if (!json_size(items))
		buf_str(o, "no intent is open\n");
	for (size_t i = 0; i < json_size(items); i++) {
		const struct json *it = json_at(items, i);
		buf_fmt(o, "intent %" PRId64 ": %s", json_int(it, "intent", 0), safe(c, it, "state"));
		if (json_int(it, "run_id", 0))
			buf_fmt(o, ", run %" PRId64, json_int(it, "run_id", 0));
		buf_fmt(o, "  %s\n", safe(c, it, "note"));
	}
}

/* The shape of an answer is told by the member that only it has. */
static const struct {
	const char *member;
	void (*print)(struct cli *c, const struct json *result, struct buf *out);
} shapes[] = {
	{ "checks", print_plan }, { "accepted", print_con },   { "lines", print_log },
	{ "items", print_items }, { "intent", print_outcome }, { "requests", print_sum },
};

void cli_print_result(struct cli *c, const struct json *result, int status)
{
	struct buf out = BUF_INIT(64 << 20);
	(void)status;
	for (size_t i = 0; i < countof(shapes); i++)
		if (json_get(result, shapes[i].member)) {
			shapes[i].print(c, result, &out);
			break;
		}
	if (out.n)
		(void)cli_print(&out, false);
	buf_done(&out);
}
