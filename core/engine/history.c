/*
 * history.c - what a local mirror can say of the commits between live and candidate, so that the forge need not be asked.
 *
 * The mirror (a bare clone in the cache directory that somebody keeps fresh) is believed only where it agrees with the
 * forge on what the candidate is: a mirror that is behind, or in which a tag points elsewhere, answers nothing.
 */
#include "core/engine/ways.h"

#include "base/json.h"
#include "base/text.h"

#define SHOWN_COMMITS 250 /* as many as one comparison of the forge holds (GitHub reference 1.4) */

static const char *commits_json(const struct commits *list, struct arena *a)
{
	autofree(buf) struct buf out = BUF_INIT((size_t)1 << 20);
	struct jw w;

	jw_init(&w, &out);
	jw_open(&w, '[');
	vec_each (c, list) {
		jw_open(&w, '{');
		jw_key(&w, "sha");
		jw_raw_str(&w, c->sha);
		jw_key(&w, "title");
		jw_raw_str(&w, c->title);
		jw_key(&w, "author");
		jw_raw_str(&w, c->author);
		jw_kwhen(&w, "date", c->at);
		jw_close(&w, '}');
	}
	jw_close(&w, ']');
	return out.over ? NULL : arena_strdup(a, out.s);
}

static int count_range(struct ask *k, const char *from, const char *to, struct commits *list, int64_t *total)
{
	struct git *g = k->acts->en->o.git;

	return g->ops->range(g, from, to, SHOWN_COMMITS, list, total, &k->arena, NULL);
}

static bool mirror_agrees(struct ask *k, const char *candidate)
{
	struct git *g = k->acts->en->o.git;
	char sha[65];

	return g->ops->resolve(g, candidate, sha, NULL) == 0 && text_eq(sha, k->plan.sha);
}

static bool compare_live(struct ask *k)
{
	struct plan *p = &k->plan;
	struct commits in = { 0 }, out = { 0 };

	if (!p->live || !*p->live || text_eq(p->live, p->release))
		return true; /* nothing to compare */
	if (count_range(k, p->live, p->sha, &in, &p->ahead) < 0 ||
	    count_range(k, p->sha, p->live, &out, &p->behind) < 0)
		return false;
	p->pf.behind = p->behind;
	p->changes = commits_json(&in, &k->arena);
	fact_pinned(k, "compare",
		    arena_printf(&k->arena, "%" PRId64 " ahead, %" PRId64 " behind, by the local mirror",
				 p->ahead, p->behind));
	return true;
}

bool history_compare(struct ask *k, const char *candidate, const char *branch)
{
	struct plan *p = &k->plan;
	struct commits later = { 0 };
	int64_t n = 0;

	if (!k->acts->en->o.git || !mirror_agrees(k, candidate) || !compare_live(k))
		return false;
	if (count_range(k, p->sha, branch, &later, &n) == 0) {
		p->not_included = commits_json(&later, &k->arena);
		fact_local(k, "not_included", FACT_OK, arena_printf(&k->arena, "%" PRId64 " commits", n),
			   NULL);
	}
	return true;
}
