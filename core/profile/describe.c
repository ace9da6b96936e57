#include "core/profile/profile.h"

#include "base/text.h"
#include "core/model/model.h"

#include <string.h>

enum { LABEL = 14 };

static void line(struct buf *out, const char *label, const char *value)
{
	if (!value || !*value)
		return;
	buf_fmt(out, "  %-*s", LABEL, label);
	text_safe(out, value, strlen(value), TEXT_ONE_LINE);
	buf_chr(out, '\n');
}

static void joined(struct buf *out, const char *label, const char *const *list, const char *between)
{
	autofree(buf) struct buf all = BUF_INIT(65536);

	for (; list && *list; list++)
		buf_fmt(&all, "%s%s", all.n ? between : "", *list);
	line(out, label, all.s);
}

static void describe_start(struct buf *out, const struct profile_lane *l)
{
	autofree(buf) struct buf text = BUF_INIT(8192);

	buf_str(&text, l->workflow);
	if (l->start == START_DISPATCH)
		buf_fmt(&text, ", dispatched on %s", l->ref);
	else
		buf_str(&text, l->start == START_AUTO ? ", started by the forge" : ", not started from here");
	line(out, "workflow", text.s);
}

static void describe_inputs(struct buf *out, const struct profile_lane *l)
{
	vec_each (in, &l->inputs) {
		autofree(buf) struct buf text = BUF_INIT(8192);

		buf_str(&text, in->name);
		if (in->value)
			buf_fmt(&text, " = %s", in->value);
		buf_fmt(&text, "%s%s", in->required ? ", required" : "", in->contract ? ", contract" : "");
		line(out, "input", text.s);
	}
}

static void describe_needs(struct buf *out, const struct profile_lane *l)
{
	vec_each (need, &l->needs) {
		autofree(buf) struct buf text = BUF_INIT(8192);

		buf_fmt(&text, "%s%s", names_word(&need_kind_names, need->kind),
			need->absent ? " absent" : "");
		if (need->name)
			buf_fmt(&text, " %s", need->name);
		for (const char *const *f = need->files; f && *f; f++)
			buf_fmt(&text, "%s%s", f == need->files ? ": " : ", else ", *f);
		line(out, "needs", text.s);
	}
}

static void describe_runs(struct buf *out, const struct profile_lane *l)
{
	vec_each (s, &l->stages) {
		autofree(buf) struct buf text = BUF_INIT(8192);

		buf_fmt(&text, "%s:", s->name);
		for (const char *const *glob = s->jobs; *glob; glob++)
			buf_fmt(&text, "%s %s", glob == s->jobs ? "" : ",", *glob);
		line(out, "stage", text.s);
	}
	vec_each (f, &l->follows) {
		autofree(buf) struct buf text = BUF_INIT(8192);

		buf_fmt(&text, "%s (%s), not covered by a green run", f->name, f->workflow);
		line(out, "starts", text.s);
	}
	vec_each (m, &l->meanings) {
		autofree(buf) struct buf text = BUF_INIT(8192);

		buf_fmt(&text, "%s that ends %s: %s%s%s%s", m->job,
			m->conclusion ? names_word(&conclusion_names, m->conclusion) : "at all",
			names_word(&meaning_kind_names, m->means),
			m->whole ? ", the run did nothing: \"" : ": \"", m->words, "\"");
		line(out, "means", text.s);
	}
}

static void describe_lane(struct buf *out, const struct profile_lane *l)
{
	buf_fmt(out, "\n%s%s\n", l->name, l->production ? " (production)" : "");
	describe_start(out, l);
	describe_inputs(out, l);
	describe_needs(out, l);
	line(out, "gate", l->gate);
	vec_each (k, &l->locks)
		line(out, "lock", k->group);
	joined(out, "not beside", l->exclusive, ", ");
	describe_runs(out, l);
	line(out, "release from", l->release_title ? l->release_title : l->release_from);
	line(out, "way back", names_word(&rollback_kind_names, l->rollback));
}

int profile_describe(struct buf *out, const struct profile *p)
{
	buf_fmt(out, "%s\n", p->name);
	line(out, "title", p->title);
	line(out, "repository", p->repo ? p->repo : "not named");
	joined(out, "never kept", p->redact, ", ");
	line(out, "note", p->note);
	vec_each (l, &p->lanes) {
		describe_lane(out, l);
	}
	return out->over ? -1 : 0;
}
