/*
 * survey_artifact.c - one document out of an artifact: found by its name, read into memory, one entry of it.
 */
#include "core/engine/survey.h"

#include "base/json.h"
#include "base/text.h"
#include "core/port/zip.h"

#include <string.h>

#define ARTIFACTS_PAGE 100
#define MEMO_MAX       256
#define MEMO_TEXT      ((size_t)64 << 10)

static const char *memo_name(struct look *k, const struct document *d)
{
	return arena_printf(&k->arena, "artifact %s %" PRId64 " %s", k->profile->repo, d->id, d->entry);
}

static void take_zip(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct document *d = ctx;
	struct zip *zip = k->s->en->o.zip;
	struct buf text = BUF_INIT(SURVEY_TEXT);
	struct err e = ERR_INIT;

	if (err) {
		d->why = look_failed(k, err);
		d->unread = true;
	} else if (zip->ops->entry(zip, a->text, a->number > 0 ? (size_t)a->number : 0, d->entry, SURVEY_TEXT,
				   &text, &e) < 0) {
		d->why = arena_printf(&k->arena, "%s: %s", d->name, e.message);
	} else {
		d->text = arena_strndup(&k->arena, text.s, text.n);
		survey_remember(k->s, memo_name(k, d), text.s, text.n);
	}
	buf_done(&text);
}

static void read_zip(struct look *k, struct document *d)
{
	/* Our own copy: what is remembered goes when there is too much of it. */
	d->text = arena_strdup(&k->arena, survey_recall(k->s, memo_name(k, d)));
	if (d->text)
		return;
	if (!k->s->en->o.zip) {
		d->why = "nothing here can read an archive";
		return;
	}
	look_read(k, &(struct forge_read){ .kind = FORGE_ARTIFACT, .repo = k->profile->repo, .id = d->id },
		  take_zip, d);
}

/* The newest of that name that has not expired, else the newest. */
static const struct artifact *best_of(const struct document *d, const struct artifact *list, size_t n)
{
	const struct artifact *best = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!text_eq(list[i].name, d->name) || list[i].foreign ||
		    (d->run && list[i].run_id && list[i].run_id != d->run))
			continue;
		if (!best || (best->expired && !list[i].expired))
			best = &list[i];
	}
	return best;
}

void document_find(struct look *k, struct document *d, const struct artifact *list, size_t n, bool cut)
{
	const struct artifact *best = d->name ? best_of(d, list, n) : NULL;

	if (!best) {
		d->why = !d->name ? "which artifact is meant is not known"
				  : arena_printf(&k->arena, "there is no artifact %s%s", d->name,
						 cut ? " among the newest" : "");
		return;
	}
	d->id = best->id;
	d->of_run = best->run_id;
	d->expires = best->expires;
	d->expired =
		best->expired || (when_known(best->expires) && when_diff(best->expires, look_now(k)) <= 0);
	if (d->expired)
		d->why = arena_printf(&k->arena, "%s has expired", d->name);
	else if (d->entry)
		read_zip(k, d);
}

static void take_list(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct document *d = ctx;

	if (!err) {
		document_find(k, d, a->items, a->n, a->cut);
		return;
	}
	d->why = look_failed(k, err);
	d->unread = true;
}

void document_read(struct look *k, struct document *d)
{
	struct forge_read r = { .kind = FORGE_ARTIFACTS,
				.repo = k->profile->repo,
				.id = d->run,
				.name = d->name,
				.number = ARTIFACTS_PAGE };

	if (!d->name)
		d->why = "which artifact is meant is not known";
	else
		look_read(k, &r, take_list, d);
}

struct json *document_json(struct look *k, struct document *d)
{
	struct json *doc = NULL;
	struct err e = ERR_INIT;

	if (!d->text) {
		if (!d->why)
			d->why = "it was not read";
		return NULL;
	}
	if (json_parse(&doc, d->text, strlen(d->text), SURVEY_TEXT, &e) < 0) {
		d->why = arena_printf(&k->arena, "%s is damaged: %s", d->name, e.message);
		return NULL;
	}
	return doc;
}

/* ---- what is remembered ---------------------------------------------------------------------------------------------- */

const char *survey_recall(const struct survey *s, const char *name)
{
	vec_each (m, &s->memo)
		if (text_eq(m->name, name))
			return m->text;
	return NULL;
}

void survey_remember(struct survey *s, const char *name, const char *text, size_t n)
{
	if (n > MEMO_TEXT || memchr(text, '\0', n) || survey_recall(s, name)) /* a NUL would cut it */
		return;
	if (s->memo.n >= MEMO_MAX) {
		arena_reset(&s->memo_arena);
		memset(&s->memo, 0, sizeof(s->memo));
	}
	*vec_push(&s->memo, &s->memo_arena) = (struct memo){
		.name = arena_strdup(&s->memo_arena, name),
		.text = arena_strndup(&s->memo_arena, text, n),
	};
}
