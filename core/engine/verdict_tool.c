#include "core/engine/tool.h"

#include <string.h>

#include "base/text.h"

/* What the verify verbs print: STATUS REASON, then a line a check; the same as JSON with the facts. */

static int exit_of(enum proof_status s)
{
	static const int of[] = {
		[PROOF_UNCHECKED] = 1, [PROOF_VERIFIED] = 0, [PROOF_WARN] = 0,
		[PROOF_STALE] = 5,     [PROOF_MISSING] = 1,  [PROOF_FAILED] = 1,
	};

	return (size_t)s < countof(of) ? of[s] : 1;
}

/* What was found may be a stranger's: a line break of it would be a check that nobody made. */
static void put(struct buf *out, const char *before, const char *s)
{
	if (!s || !*s)
		return;
	buf_str(out, before);
	text_safe(out, s, strlen(s), TEXT_ONE_LINE);
}

static void check_text(struct buf *out, const struct proof_check *c)
{
	buf_fmt(out, "%-24s %-7s ", c->id, names_word(&check_result_names, c->result));
	put(out, "", c->name);
	if (c->result == CHECKED_FAIL) {
		buf_fmt(out, ": %s", names_word(&proof_reason_names, c->reason));
		put(out, ": expected ", c->expected);
		put(out, ", found ", c->found);
	} else {
		put(out, ": ", c->found);
		buf_str(out, c->result == CHECKED_ABSENT && c->found ? " (not compared)" : "");
	}
	buf_chr(out, '\n');
}

static void check_json(struct jw *w, const struct proof_check *c)
{
	jw_open(w, '{');
	jw_kstr(w, "id", c->id);
	jw_kstr(w, "name", c->name);
	jw_kstr(w, "result", names_word(&check_result_names, c->result));
	jw_kstr(w, "expected", c->expected);
	jw_kstr(w, "found", c->found);
	jw_close(w, '}');
}

int verdict_print(struct tooling *j, enum proof_status s, enum proof_reason reason, const char *note,
		  const struct proof_checks *checks, void (*facts)(struct jw *w, const void *of),
		  const void *of)
{
	const char *status = names_word(&proof_status_names, (int)s),
		   *word = names_word(&proof_reason_names, (int)reason);
	struct jw *w = &j->w;

	if (!j->t->json) {
		buf_fmt(&j->out, "%s %s\n", status, word);
		put(&j->out, "", note);
		buf_str(&j->out, note ? "\n" : "");
		vec_each (c, checks)
			check_text(&j->out, c);
		return tool_finish(j, exit_of(s));
	}
	jw_open(w, '{');
	jw_kstr(w, "status", status);
	jw_kstr(w, "reason", word);
	jw_kstr(w, "note", note);
	jw_kopen(w, "checks", '[');
	vec_each (c, checks)
		check_json(w, c);
	jw_close(w, ']');
	jw_key(w, "facts");
	facts(w, of);
	jw_close(w, '}');
	return tool_finish(j, exit_of(s));
}
