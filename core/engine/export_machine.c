/*
 * export_machine.c - `proof export LANE --machine NAME`: one machine's verdict, its quote and token, and what they were verified
 * with, so that `verify-quote` and `verify-token` say the same of the files. The commands are written beside them.
 *
 * The profile's knobs and ages are not options of those verbs: where a lane has some of its own, the document says what was
 * decided, and the verbs say what strict or relaxed would have been.
 */
#include "core/engine/export.h"
#include "core/engine/fleets.h"

#include "base/text.h"
#include "core/view/proof.h"

/* Of each kind: its ending, and the option that takes it. */
static const struct way_out {
	const char *ending;
	enum { OF_QUOTE, OF_TOKEN } verb;
	const char *option;
} ways[KEPT_KINDS] = {
	[KEPT_QUOTE] = { ".bin", OF_QUOTE, "--quote" },
	[KEPT_TOKEN] = { ".jwt", OF_TOKEN, "--token" },
	[KEPT_EVENTS] = { ".json", OF_QUOTE, "--event-log" },
	[KEPT_COLLATERAL] = { ".json", OF_QUOTE, "--collateral" },
	[KEPT_COLLATERAL_ROOT] = { ".pem", OF_QUOTE, "--root" },
	[KEPT_KEYS] = { ".json", OF_TOKEN, "--jwks" },
	[KEPT_KEYS_ROOT] = { ".pem", OF_TOKEN, "--root" },
	[KEPT_VALUES] = { ".json", OF_QUOTE, "--trusted-values" },
};

static const struct piece *piece_of(const struct exporting *x, int kind)
{
	vec_each (p, &x->pieces)
		if (text_eq(p->kind, names_word(&fleet_kept_kinds, kind)))
			return p;
	return NULL;
}

/* NULL: the machine has none of that, or a line to copy cannot say it. */
static const char *command_of(const struct exporting *x, int verb, struct arena *a)
{
	const struct agent_evidence *v = &x->tree.evidence;
	autofree(buf) struct buf out = BUF_INIT(8192);
	bool whole = true;

	if (!piece_of(x, verb == OF_QUOTE ? KEPT_QUOTE : KEPT_TOKEN) ||
	    !piece_of(x, verb == OF_QUOTE ? KEPT_COLLATERAL : KEPT_KEYS))
		return NULL;
	buf_fmt(&out, "pilothouse %s --at %" PRId64 " --policy %s",
		verb == OF_QUOTE ? "verify-quote" : "verify-token", v->at.ms / 1000, v->policy);
	for (int i = 0; i < KEPT_KINDS; i++) {
		const struct piece *p = ways[i].verb == (unsigned)verb ? piece_of(x, i) : NULL;

		if (p)
			whole &= view_shell_option(&out, ways[i].option, export_name(p, a));
	}
	if (verb == OF_QUOTE && piece_of(x, KEPT_VALUES)) {
		whole &= view_shell_option(&out, "--release-tag", v->release);
		whole &= view_shell_option(&out, "--node-size", v->size);
	}
	if (verb == OF_QUOTE)
		whole &= view_shell_option(&out, "--report-data", v->report_data);
	return out.over || !whole ? NULL : arena_strdup(a, out.s);
}

static void write_machine(struct jw *w, const struct exporting *x)
{
	struct arena a = ARENA_INIT;

	jw_open(w, '{');
	jw_key(w, "machine");
	view_fleet_json(w, &x->fleet, &x->tree);
	jw_kopen(w, "verify", '[');
	for (int verb = OF_QUOTE; verb <= OF_TOKEN; verb++) {
		const char *command = command_of(x, verb, &a);

		if (command)
			jw_str(w, command);
	}
	jw_close(w, ']');
	jw_close(w, '}');
	arena_done(&a);
}

/* ---- reading ------------------------------------------------------------------------------------------------------------ */

static int read_view(struct exporting *x, struct store *s, const char *lane, const char *one, struct err *e)
{
	struct arena *a = x->j->t->arena;
	int r = view_fleet(&x->fleet, s, lane, x->now, a, e);

	if (r > 0) {
		err_set(e, ERR_MISSING, "there is no lane %s", lane);
		return err_hint(e, "see `pilothouse lanes`");
	}
	if (r < 0)
		return r;
	r = fleet_view_only(&x->fleet, one, e);
	if (r < 0)
		return r;
	r = view_agent_tree(&x->tree, s, lane, x->fleet.machines.items[0].id, x->now, a, e);
	if (r == 0 && !when_known(x->tree.evidence.at)) {
		err_set(e, ERR_MISSING, "no evidence of %.80s is kept", one);
		r = err_hint(e, "pilothouse sync --once");
	}
	return r > 0 ? err_set(e, ERR_MISSING, "%.80s was not checked", one) : r;
}

int export_read_machine(struct exporting *x, struct store *cache, struct err *e)
{
	const struct tool *t = x->j->t;
	const char *lane = x->j->c.args[1];
	const char *dir = fleet_kept_dir(t->evidence_dir, lane, t->sha256, t->arena);
	int r = store_begin(cache, e);

	x->verdicts = write_machine;
	if (r >= 0)
		r = read_view(x, cache, lane, x->j->c.opt[OPT_MACHINE], e);
	store_undo(cache);
	for (int i = 0; i < KEPT_KINDS && r >= 0; i++) {
		const char *kind = names_word(&fleet_kept_kinds, i);

		for (int k = 0; k < x->tree.evidence.kept_n && r >= 0; k++)
			if (text_eq(x->tree.evidence.kept[k].kind, kind))
				r = export_add(x, dir, kind, ways[i].ending, x->tree.evidence.kept[k].hex, e);
	}
	return r;
}
