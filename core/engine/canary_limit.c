/*
 * canary_limit.c - where the limits of a canary's metrics stand: in the profile, or in a file of the repository at the
 * commit of the release that is judged by it. A file at a commit never changes and is read once; a limit that could not be
 * read is not known, and never the one of another commit.
 */
#include "core/engine/canary.h"
#include "core/engine/ways.h"

#include "base/text.h"
#include "base/yaml.h"
#include "core/rules/policy.h"

#include <string.h>

static const char *memo_commit(const struct look *k, const char *release, struct arena *a)
{
	return arena_printf(a, "commit %s tags/%s", k->profile->repo, release);
}

static const char *memo_file(const struct look *k, const char *release, const char *file, struct arena *a)
{
	return arena_printf(a, "limits %s %s %s", k->profile->repo, release, file);
}

#define ABSENT_MS INT64_C(600000) /* it may have been a token that did not see it */

static const char *memo_absent(const struct look *k, const char *release, const char *file, struct arena *a)
{
	return arena_printf(a, "no limits %s %s %s %" PRId64, k->profile->repo, release, file,
			    look_now(k).ms / ABSENT_MS);
}

/* It was looked for a while ago, and is not there. */
static bool is_absent(struct look *k, const char *release, const char *file)
{
	return survey_recall(k->s, memo_absent(k, release, file, &k->arena));
}

static struct ladder *ladder_of(struct look *k)
{
	return k->own;
}

/* ---- reading ------------------------------------------------------------------------------------------------------------ */

/* What was read under the name of a release is kept, and so is why it could not be. */
static void take_file(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	const char *release = ladder_of(k)->run->release;

	if (!err && a->text)
		survey_remember(k->s, memo_file(k, release, ctx, &k->arena), a->text,
				a->number > 0 ? (size_t)a->number : 0);
	else if (err && err->kind == ERR_MISSING)
		survey_remember(k->s, memo_absent(k, release, ctx, &k->arena), "", 0);
}

static bool is_wanted(const struct ladder *l, size_t metric)
{
	const struct profile_metric *all = l->c->metrics.items;

	for (size_t i = 0; i < metric; i++)
		if (text_eq(all[i].limit_file, all[metric].limit_file))
			return false;
	return all[metric].limit_file != NULL;
}

static void read_files(struct look *k)
{
	const struct ladder *l = k->own;

	for (size_t i = 0; i < l->c->metrics.n && l->commit; i++) {
		const char *file = l->c->metrics.items[i].limit_file;

		if (!is_wanted(l, i) || survey_recall(k->s, memo_file(k, l->run->release, file, &k->arena)) ||
		    is_absent(k, l->run->release, file))
			continue;
		look_read(k,
			  &(struct forge_read){ .kind = FORGE_FILE,
						.repo = k->profile->repo,
						.name = file,
						.name2 = l->commit },
			  take_file, (void *)(uintptr_t)file);
	}
	look_then(k, l->then);
}

static void take_commit(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct ladder *l = ctx;

	if (err)
		return;
	l->commit = arena_strdup(&k->arena, a->text);
	survey_remember(k->s, memo_commit(k, l->run->release, &k->arena), a->text, strlen(a->text));
}

static bool wants_files(const struct profile_canary *c)
{
	vec_each (m, &c->metrics)
		if (m->limit_file)
			return true;
	return false;
}

/* A run may have been dispatched on another ref than the tag that it delivers. */
void limits_read(struct look *k, look_step then)
{
	struct ladder *l = ladder_of(k);
	const char *release = l->run ? l->run->release : "";

	l->then = then;
	if (!*release || !wants_files(l->c)) {
		look_then(k, then);
		return;
	}
	l->commit =
		text_is_hex(release, 40)
			? release
			: arena_strdup(&k->arena, survey_recall(k->s, memo_commit(k, release, &k->arena)));
	if (!l->commit)
		look_read(k,
			  &(struct forge_read){ .kind = FORGE_COMMIT,
						.repo = k->profile->repo,
						.name = arena_printf(&k->arena, "tags/%s", release) },
			  take_commit, l);
	look_then(k, read_files);
}

/* ---- values ------------------------------------------------------------------------------------------------------------- */

static int64_t decimal(const char *text, int64_t otherwise)
{
	int64_t v = 0;

	return text && canary_value(&v, text) == 0 ? v : otherwise;
}

static int64_t limit_in(struct look *k, const struct profile_metric *m, const char *text, const char **why)
{
	struct yaml *doc = NULL;
	struct err e = ERR_INIT;
	const char *word = NULL;
	int64_t v = CANARY_NONE_VALUE;

	if (yaml_parse(&doc, m->limit_file, text, strlen(text), &k->arena, &e) >= 0 && doc)
		word = policy_at(doc, m->limit_pointer, &k->arena);
	else
		*why = arena_printf(&k->arena, "%s cannot be read: %s", m->limit_file, e.message);
	if (doc && !word)
		*why = arena_printf(&k->arena, "%s has no %s", m->limit_file, m->limit_pointer);
	else if (word && canary_value(&v, word) < 0)
		*why = arena_printf(&k->arena, "%s of %s is no number: %s", m->limit_pointer, m->limit_file,
				    word);
	return canary_times(v, decimal(m->limit_scale, CANARY_SCALE));
}

int64_t limit_of(struct look *k, const char *release, const struct profile_metric *m, const char **why)
{
	const char *text;

	*why = "";
	if (!m->limit_file)
		return decimal(m->limit, CANARY_NONE_VALUE);
	text = survey_recall(k->s, memo_file(k, release, m->limit_file, &k->arena));
	if (text)
		return limit_in(k, m, arena_strdup(&k->arena, text), why);
	*why = arena_printf(&k->arena,
			    is_absent(k, release, m->limit_file) ? "there is no %s in %s"
								 : "%s of %s was not read",
			    m->limit_file, *release ? release : "the release");
	return CANARY_NONE_VALUE;
}

int64_t limit_at_source(const struct profile_metric *m, int64_t limit)
{
	return canary_over(limit, decimal(m->scale, CANARY_SCALE));
}
