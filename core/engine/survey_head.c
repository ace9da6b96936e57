/*
 * survey_head.c - where the branches stand whose pushes begin something (expects: push). The row of a branch says when it
 * was seen to move: where it stood at first is no push that anybody saw.
 */
#include "core/engine/survey.h"

#include "base/text.h"
#include "core/engine/reconcile.h"
#include "core/engine/silence.h"
#include "core/rules/silence.h"

struct head {
	const char *branch, *sha, *why;
	bool skipped; /* its message says that nothing is to begin */
};
struct heads VEC_OF(struct head);

static void take_head(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct head *h = ctx;

	if (err || !a->text || !*a->text) {
		h->why = err ? look_failed(k, err) : "has no commit";
		return;
	}
	h->sha = arena_strdup(&k->arena, a->text);
	h->skipped = silence_is_skipped(a->text2);
}

/* 1: it reads as it did, and nothing was written. */
static int put_head(struct look *k, const struct head *h, struct err *e)
{
	struct key key = { .name = silence_head_name(k->profile->repo, h->branch, &k->arena) };
	struct poll row = { .etag = "", .error = "" };
	int r = store_one(look_cache(k), Q_poll_by_name, &rec_key, &key, &rec_poll, &row, &k->arena, e);
	bool known = r == 0 && *row.etag;

	if (r < 0)
		return r;
	if (text_eq(row.error, h->why ? h->why : "") && (h->why || text_eq(h->sha, row.etag)))
		return 1;
	row.name = key.name;
	row.error = h->why ? h->why : "";
	if (h->sha && !text_eq(h->sha, row.etag)) {
		row.etag = h->sha;
		row.changed = known && !h->skipped ? open_server_now(k->s->en) : WHEN_NONE;
	}
	if (h->sha)
		row.checked = look_now(k);
	r = store_run(look_cache(k), Q_poll_put, &rec_poll, &row, e);
	return r < 0 ? r : 0;
}

static void heads_write(struct look *k)
{
	struct heads *all = k->own;
	struct err e = ERR_INIT;
	bool news = false;
	int r = look_write(k, &e) ? 0 : -1;

	vec_each (h, all) {
		r = r < 0 ? r : put_head(k, h, &e);
		news = news || r == 0;
	}
	if (r >= 0 && news)
		r = lanes_judge(k->s->en, k->profile->repo, &e);
	look_written(k, r < 0 ? r : 0, &e);
	look_end(k);
}

static bool has(const struct heads *all, const char *branch)
{
	vec_each (h, all)
		if (text_eq(h->branch, branch))
			return true;
	return false;
}

void look_at_heads(struct look *k)
{
	struct heads *all = arena_new(&k->arena, struct heads);

	k->own = all;
	vec_each (l, &k->profile->lanes)
		vec_each (x, &l->expects)
			if (x->kind == EXPECT_PUSH && !has(all, x->branch))
				((struct head *)vec_push(all, &k->arena))->branch = x->branch;
	vec_each (h, all)
		look_read(k,
			  &(struct forge_read){ .kind = FORGE_COMMIT,
						.repo = k->profile->repo,
						.name = arena_printf(&k->arena, "heads/%s", h->branch) },
			  take_head, h);
	look_then(k, heads_write);
}
