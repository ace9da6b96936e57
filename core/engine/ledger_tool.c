#include "core/engine/ledger.h"
#include "core/engine/tool.h"

#include <string.h>

#include "base/text.h"

/* `audit ledger`: what the consoles of the organisation have told, newest commits first. What they say is foreign text. */

#define COMMITS_MAX 50

struct showing {
	struct tooling *j;
	struct err err;
	const char *next; /* sha of the commit to read, NULL: no more */
	int commits, damaged, acts;
	bool none; /* the ref is not there, or may not be seen: the forge says the same of both */
};

static void on_ref(void *ctx, const struct forge_answer *answer, const struct err *err)
{
	const struct git_ref *ref = answer && answer->n ? answer->items : NULL;
	struct showing *s = ctx;

	if (err)
		s->err = *err;
	s->none = err && err->kind == ERR_MISSING;
	if (ref)
		s->next = arena_strdup(s->j->t->arena, ref->sha);
	loop_stop(s->j->t->loop);
}

static const char *word(const struct json *j, const char *key)
{
	const char *v = json_str(j, key);

	return v ? v : "";
}

/* A word of a stranger, in its place in a line: a line break of his would make a line that nobody told. */
static void put_word(struct buf *out, const char *before, const char *s)
{
	if (!*s)
		return;
	buf_str(out, before);
	text_safe(out, s, strlen(s), TEXT_ONE_LINE);
}

static void show_text(struct buf *out, const struct json *act, const char *host)
{
	put_word(out, "", word(act, "at"));
	put_word(out, "  ", word(act, "act"));
	put_word(out, " ", word(act, "lane"));
	put_word(out, " ", word(act, "subject"));
	put_word(out, ": ", word(act, "state"));
	put_word(out, ", by ", word(act, "who"));
	put_word(out, " on ", host);
	put_word(out, ": ", word(act, "reason"));
	buf_chr(out, '\n');
}

static void show_act(struct tooling *j, const struct json *act, const char *host)
{
	static const char *const members[] = { "at", "act", "lane", "subject", "state", "who", "reason" };

	if (!j->t->json) {
		show_text(&j->out, act, host);
		return;
	}
	jw_open(&j->w, '{');
	for (size_t i = 0; i < countof(members); i++)
		jw_kstr(&j->w, members[i], json_str(act, members[i]));
	jw_kint(&j->w, "run", json_int(act, "run", 0));
	jw_kstr(&j->w, "host", host);
	jw_close(&j->w, '}');
}

static void show_commit(struct showing *s, const struct git_commit *c)
{
	autofree(json) struct json *doc = NULL;
	const struct json *acts;

	s->commits++;
	if (!c->message || json_parse(&doc, c->message, strlen(c->message), 1 << 20, NULL) < 0 ||
	    json_type(json_get(doc, "acts")) != JSON_ARRAY) {
		s->damaged++;
		return;
	}
	acts = json_get(doc, "acts");
	s->acts += (int)json_size(acts);
	for (size_t i = json_size(acts); i-- > 0;)
		show_act(s->j, json_at(acts, i), word(doc, "host"));
}

static void on_commit(void *ctx, const struct forge_answer *answer, const struct err *err)
{
	const struct git_commit *c = answer && answer->n ? answer->items : NULL;
	struct showing *s = ctx;

	s->next = NULL;
	if (err)
		s->err = *err;
	if (c) {
		show_commit(s, c);
		if (c->parent && *c->parent)
			s->next = arena_strdup(s->j->t->arena, c->parent);
	}
	loop_stop(s->j->t->loop);
}

static void walk(struct showing *s, struct forge *forge)
{
	struct forge_read r = { .kind = FORGE_REF, .repo = s->j->t->ledger, .name = LEDGER_REF };
	struct loop *loop = s->j->t->loop;

	if (forge_read(forge, &r, on_ref, s, &s->err) < 0)
		return;
	loop_run(loop);
	while (s->next && !s->err.kind && s->commits < COMMITS_MAX) {
		r = (struct forge_read){ .kind = FORGE_GIT_COMMIT, .repo = r.repo, .name = s->next };
		if (forge_read(forge, &r, on_commit, s, &s->err) < 0)
			return;
		loop_run(loop);
	}
}

static void end_text(struct showing *s)
{
	if (s->damaged)
		buf_fmt(&s->j->out, "%d commits say nothing that is understood\n", s->damaged);
	else if (!s->acts)
		buf_fmt(&s->j->out,
			"no act was told to the ledger of %s yet: the next act with --ledger %s is\n",
			s->j->t->ledger, s->j->t->ledger);
}

/* Before the first telling there is no ref; the forge's own words would name only its path. */
static int fail(struct showing *s)
{
	struct err none = ERR_INIT;

	if (!s->none)
		return tool_fail(s->j, s->err.kind == ERR_MISSING ? 1 : err_exit_status(s->err.kind),
				 &s->err);
	err_set(&none, ERR_MISSING, "nothing was told to the ledger of %s yet, or the token may not read it",
		s->j->t->ledger);
	err_hint(&none,
		 "the next act with --ledger %s tells it; `pilothouse doctor` shows what the token may",
		 s->j->t->ledger);
	return tool_fail(s->j, 1, &none);
}

int ledger_show(struct tooling *j)
{
	struct showing s = { .j = j };
	struct forge *forge = NULL;

	if (!j->t->ledger) {
		err_set(&s.err, ERR_INVALID, "no ledger is named");
		err_hint(&s.err, "--ledger OWNER/NAME, or ledger: in the configuration");
		return tool_fail(j, 2, &s.err);
	}
	if (j->t->json)
		jw_open(&j->w, '{'), jw_key(&j->w, "items"), jw_open(&j->w, '[');
	if (j->t->open(j->t->ctx, &forge, &s.err) >= 0)
		walk(&s, forge);
	if (s.err.kind)
		return fail(&s);
	if (j->t->json) {
		jw_close(&j->w, ']');
		jw_kint(&j->w, "damaged", s.damaged);
		jw_kbool(&j->w, "more", s.next != NULL);
		jw_close(&j->w, '}');
	} else {
		end_text(&s);
	}
	return tool_finish(j, 0);
}
