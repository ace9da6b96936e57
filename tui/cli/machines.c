/* The machines of a lane as text and JSON: `proof LANE --machines`, and `--machine NAME` one of them with its tree. */
#include "tui/cli/machines.h"

#include <string.h>

#include "base/text.h"
#include "tui/cli/table.h"

static void print_list(const struct fleet_view *v, struct arena *a, struct buf *out)
{
	static const char *const heads[] = { "STATUS", "MACHINE", "SIZE",   "DATACENTER", "CONTROL PLANE",
					     "TOKEN",  "SINCE",   "REASON", "WHY",        NULL };
	struct table t = { .heads = heads };

	for (size_t i = 0; i < v->machines.n; i++) {
		struct agent_row m;

		view_agent_row(&m, v, i, a);
		*table_add(&t, a) = (struct table_row){
			{ m.status, *m.name ? m.name : m.id, m.size, m.datacenter, m.says,
			  arena_printf(a, "%s%s%s", m.token, *m.token_words ? ", " : "", m.token_words),
			  m.changed, *m.reason ? m.reason : "-",
			  *m.differs ? arena_printf(a, "%s%ssources disagree on %s", m.detail,
						    *m.detail ? "; " : "", m.differs)
				     : m.detail }
		};
	}
	table_print(&t, out);
}

static void print_facts(const struct fleet_fact_rows *facts, struct buf *out)
{
	vec_each (f, facts)
		buf_fmt(out, "  %-8s %s: declared %s, in force %s%s%s%s%s\n", f->extra ? "EXTRA" : f->verdict,
			f->name, *f->declared ? f->declared : "-", *f->effective ? f->effective : "not known",
			*f->source ? " by " : "", f->source, *f->detail ? "; " : "", f->detail);
}

static void print_fleet(const struct fleet_view *v, struct arena *a, struct buf *out)
{
	buf_fmt(out, "%s  %s of %" PRId64 " machines\n", v->lane, fleet_counts_words(&v->counts, true, a),
		v->counts.total);
	print_facts(&v->policy, out);
	print_facts(&v->list, out);
	print_list(v, a, out);
}

static void print_field(const struct agent_field_row *f, struct buf *out)
{
	buf_fmt(out, "  %s  %s\n", f->differs ? "DIFFERS" : "agree  ", f->name);
	for (int s = 0; s < AGENT_SOURCES; s++)
		if (f->value[s])
			buf_fmt(out, "             %-6s %s\n", names_word(&agent_source_names, s),
				f->value[s]);
}

static void print_step(const struct proof_step_row *s, struct buf *out)
{
	buf_fmt(out, "  %-7s  %s %s%s%s", s->result_value == CHECKED_FAIL ? "FAIL" : s->result, s->id,
		s->name, *s->reason ? "  " : "", s->reason);
	if (s->result_value == CHECKED_FAIL)
		buf_fmt(out, "\n             expected %s\n             found    %s",
			*s->expected ? s->expected : "-", *s->found ? s->found : "-");
	else if (*s->found)
		buf_fmt(out, "  %s", s->found);
	buf_chr(out, '\n');
}

static void print_machine(const struct fleet_view *v, size_t i, const struct agent_tree_rows *t,
			  struct arena *a, struct buf *out)
{
	struct agent_row m;

	view_agent_row(&m, v, i, a);
	buf_fmt(out, "%s  %s  %s %s %s\n", m.status, *m.name ? m.name : m.id, v->lane, m.size, m.datacenter);
	if (*m.reason)
		buf_fmt(out, "  %s: %s%s%s\n", m.reason, m.meaning, *m.detail ? "; " : "", m.detail);
	if (*m.differs)
		buf_fmt(out, "  sources disagree on %s\n", m.differs);
	buf_fmt(out, "  quote %s%s%s, token %s%s%s%s%s\n", m.quote, *m.quote_reason ? " " : "",
		m.quote_reason, m.token, *m.token_reason ? " " : "", m.token_reason,
		*m.token_words ? ", " : "", m.token_words);
	buf_fmt(out, "  the control plane says %s%s%s\n", m.said_verified ? "verified" : "not verified",
		*m.complaint ? ": " : "", m.complaint);
	buf_fmt(out, "  %s\n", fleet_limits);
	if (*t->damage)
		buf_fmt(out, "  %s\n", t->damage);
	for (int k = 0; k < t->fields_n; k++)
		print_field(&t->fields[k], out);
	for (int k = 0; k < t->steps_n; k++)
		print_step(&t->steps[k], out);
	for (int k = 0; k < t->evidence.kept_n; k++)
		buf_fmt(out, "%s%-15s sha256:%s\n", k ? "             " : "  kept       ",
			t->evidence.kept[k].kind, t->evidence.kept[k].hex);
}

static int read_trees(struct agent_tree_rows **out, const struct fleet_view *v, struct store *s,
		      const char *lane, struct arena *a, struct err *e)
{
	struct agent_tree_rows *trees = arena_array(a, struct agent_tree_rows, v->machines.n + 1);
	int r = 0;

	for (size_t i = 0; i < v->machines.n && r >= 0; i++)
		r = view_agent_tree(&trees[i], s, lane, v->machines.items[i].id, v->now, a, e);
	*out = trees;
	return r < 0 ? r : 0;
}

static int find(struct fleet_view *v, struct store *s, const char *lane, const char *one, struct when now,
		struct arena *a, struct err *e)
{
	int r = view_fleet(v, s, lane, now, a, e);

	if (r)
		return r < 0 ? r : cli_no_lane(lane, e);
	return one ? fleet_view_named(v, one, e) : 0;
}

int cli_machines(const struct cli *c, struct store *s, struct when now, struct buf *out, struct err *e)
{
	const char *lane = c->command->args[0], *one = c->command->opt[OPT_MACHINE];
	struct agent_tree_rows *trees = NULL;
	struct fleet_view v;
	struct jw w;
	int r = find(&v, s, lane, one, now, c->arena, e);

	if (r == 0 && one)
		r = read_trees(&trees, &v, s, lane, c->arena, e);
	if (r < 0)
		return r;
	jw_init(&w, out);
	if (c->json)
		view_fleet_json(&w, &v, trees);
	else if (one)
		for (size_t i = 0; i < v.machines.n; i++)
			print_machine(&v, i, &trees[i], c->arena, out);
	else if (v.counts.total)
		print_fleet(&v, c->arena, out);
	else
		buf_fmt(out, "no machine of %s was ever looked at: nothing is proved of what runs there\n",
			v.lane);
	return 0;
}
