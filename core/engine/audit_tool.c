#include "core/engine/audit.h"
#include "core/engine/tool.h"

#include <string.h>

#include "base/json_canonical.h"
#include "base/text.h"

/* `audit ...`: no engine, no network, no profile; the journal is only read, also while an engine writes it. */

#define LINE_MAX_BYTES ((size_t)16 << 20)

/* Condition 1: there is no journal, so nothing was ever done from here; that was told. */
static int open_journal(struct tooling *j, struct journal **out, int *status)
{
	struct err e = ERR_INIT;
	int r = journal_open_reader(out, j->t->journal_path, &e);

	if (r == STORE_ABSENT) {
		err_set(&e, ERR_MISSING, "there is no journal at %s, and so no chain", j->t->journal_path);
		err_hint(&e, "the first engine that is started makes it");
		*status = tool_fail(j, 1, &e);
		return 1;
	}
	if (r < 0)
		*status = tool_fail(j, err_exit_status(e.kind), &e);
	return r;
}

/* ---- verify --------------------------------------------------------------------------------------------------------------- */

/* The last line that a witness has seen as it is; what was written behind it is as it stands here. */
static int64_t confirmed(const struct audit_report *r)
{
	int64_t last = 0;

	vec_each (w, &r->asked)
		if (w->status == CHECK_OK && w->seq > last)
			last = w->seq;
	return last;
}

/* A log that never heard of it is no reason to doubt, and no witness either: one that has must be among those asked. */
static const char *verdict(const struct audit_report *r)
{
	if (r->findings.n || !r->lines)
		return r->findings.n ? "bad" : "missing";
	vec_each (w, &r->asked)
		if (w->status != CHECK_OK && !w->silent)
			return "unchecked";
	return r->asked.n && !confirmed(r) ? "unchecked" : "ok";
}

static void say_what_is_not_proved(struct buf *out, const struct audit_report *r)
{
	bool known = text_eq(verdict(r), "ok");
	int64_t last = confirmed(r);

	if (text_eq(verdict(r), "unchecked"))
		buf_str(out, last ? "not every witness could be asked" : "no witness confirms it");
	else if (known && r->asked.n && last < r->last.seq)
		buf_fmt(out, "witnesses confirm it up to line %" PRId64, last);
	else
		return;
	buf_fmt(out, ": that nothing %swas chained anew is not proved\n", known ? "after that " : "");
}

static void witnesses_json(struct jw *w, const struct audit_report *r)
{
	jw_kopen(w, "anchors", '[');
	vec_each (asked, &r->asked) {
		jw_open(w, '{');
		jw_kstr(w, "witness", asked->witness);
		jw_kstr(w, "place", asked->place);
		jw_kint(w, "line", asked->seq);
		jw_kstr(w, "status", names_word(&verdict_names, asked->status));
		jw_kstr(w, "detail", asked->detail);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void verify_json(struct tooling *j, const struct audit_report *r)
{
	struct jw *w = &j->w;

	jw_open(w, '{');
	jw_kstr(w, "verdict", verdict(r));
	jw_kint(w, "lines", r->lines);
	jw_kint(w, "acts_before", r->acts_before);
	jw_kint(w, "confirmed", confirmed(r));
	jw_key(w, "head");
	if (r->last.seq) {
		jw_open(w, '{');
		jw_kint(w, "seq", r->last.seq);
		jw_kstr(w, "hash", r->last.hash);
		jw_close(w, '}');
	} else {
		jw_null(w);
	}
	jw_kopen(w, "items", '[');
	vec_each (f, &r->findings) {
		jw_open(w, '{');
		jw_kstr(w, "tamper", names_word(&audit_tamper_names, (int)f->kind));
		jw_kint(w, "line", f->seq);
		jw_kstr(w, "detail", f->words);
		jw_close(w, '}');
	}
	jw_close(w, ']');
	witnesses_json(w, r);
	jw_close(w, '}');
}

static void verify_text(struct tooling *j, const struct audit_report *r)
{
	vec_each (f, &r->findings) {
		if (f->seq)
			buf_fmt(&j->out, "line %" PRId64 ": ", f->seq);
		buf_fmt(&j->out, "%s: %s\n", names_word(&audit_tamper_names, (int)f->kind), f->words);
	}
	vec_each (w, &r->asked)
		buf_fmt(&j->out, "%s %s: %s: %s\n", w->witness, w->place,
			names_word(&verdict_names, w->status), w->detail);
	if (!r->lines)
		buf_str(&j->out, "the chain has no line\n");
	else if (r->findings.n)
		buf_fmt(&j->out, "the chain was tampered with: %" PRId64 " lines, head %.8s..\n", r->lines,
			r->last.hash);
	else
		buf_fmt(&j->out, "the chain is whole: %" PRId64 " lines, head %" PRId64 " %.8s..\n", r->lines,
			r->last.seq, r->last.hash);
	say_what_is_not_proved(&j->out, r);
	if (r->acts_before)
		buf_fmt(&j->out, "%" PRId64 " acts are older than the chain; it holds their hash\n",
			r->acts_before);
}

static int do_verify(struct tooling *j)
{
	struct journal *journal = NULL;
	struct audit_report report;
	struct err e = ERR_INIT;
	int status = 0, r;

	if (open_journal(j, &journal, &status))
		return status;
	r = audit_verify(journal, j->t->sha256, &report, j->t->arena, &e);
	if (r >= 0 && j->c.opt[OPT_ANCHORS])
		r = audit_ask_witnesses(j->t, journal, &report, &e);
	if (r < 0) {
		journal_close(journal);
		return tool_fail(j, err_exit_status(e.kind), &e);
	}
	if (j->t->json)
		verify_json(j, &report);
	else
		verify_text(j, &report);
	journal_close(journal);
	return tool_finish(j, !text_eq(verdict(&report), "ok"));
}

/* ---- export --------------------------------------------------------------------------------------------------------------- */

/* {"hash":H,"line":L}: the canonical form of L has the hash H. What a terminal could act on is escaped, which changes no
 * value; a line that is no JSON any more is a string. */
static int export_line(void *ctx maybe_unused, const void *row)
{
	const struct audit_line *line = row;
	autofree(buf) struct buf out = BUF_INIT(2 * LINE_MAX_BYTES), safe = BUF_INIT(6 * LINE_MAX_BYTES);
	size_t n = strlen(line->line);
	struct jw w;

	jw_init(&w, &out);
	jw_open(&w, '{');
	jw_kstr(&w, "hash", line->hash);
	jw_key(&w, "line");
	if (json_is_canonical(line->line, n))
		jw_json(&w, line->line);
	else
		jw_raw_str(&w, line->line);
	jw_close(&w, '}');
	json_inert(&safe, out.s, out.n);
	tool_print(stdout, safe.s, safe.n, true);
	return ferror(stdout);
}

static int do_export(struct tooling *j)
{
	struct journal *journal = NULL;
	struct err e = ERR_INIT;
	int status = 0, r;

	if (open_journal(j, &journal, &status))
		return status;
	r = audit_each(journal, export_line, NULL, &e);
	journal_close(journal);
	if (r < 0)
		return tool_fail(j, err_exit_status(e.kind), &e);
	return fflush(stdout) || ferror(stdout) ? err_exit_status(ERR_STORE) : 0;
}

const struct tool_action *audit_action(struct tooling *j, struct err *e)
{
	static const struct tool_action actions[] = {
		{ "verify", " [--anchors]", 1, do_verify },
		{ "export", "", 1, do_export },
		{ "ledger", "", 1, ledger_show },
	};

	for (size_t i = 0; i < countof(actions); i++)
		if (!strcmp(actions[i].word, j->c.args[0]) &&
		    (!j->c.opt[OPT_ANCHORS] || actions[i].run == do_verify))
			return &actions[i];
	err_set(e, ERR_INVALID, "audit %s takes no --anchors", j->c.args[0]);
	err_hint(e, "usage: pilothouse audit verify --anchors");
	return NULL;
}
