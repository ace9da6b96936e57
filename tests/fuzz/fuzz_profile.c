/* links: profile */
/* A profile that is taken keeps what its rules promise; a refusal names file, line and column. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "core/model/model.h"
#include "core/profile/draft.h"
#include "core/profile/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

/* What each kind of need cannot be read without. */
static bool need_is_whole(const struct profile_need *n)
{
	switch ((enum need_kind)n->kind) {
	case NEED_OTHER:
		return false;
	case NEED_RELEASE:
		return true;
	case NEED_ASSET:
	case NEED_FILE:
		return n->name && n->files && n->files[0];
	case NEED_ARTIFACT:
		return n->name && n->artifact && !n->values.n == !n->entry;
	case NEED_FRESH:
		return n->name && n->workflow && n->max_age_h > 0;
	case NEED_LABEL:
	case NEED_TAG:
		return n->name != NULL;
	}
	return false;
}

static bool has_probe(const struct profile_lane *l, int kind)
{
	vec_each (p, &l->probes)
		if (p->kind == kind)
			return true;
	return false;
}

static bool back_is_whole(const struct profile_lane *l)
{
	switch ((enum rollback_kind)l->rollback) {
	case BACK_NONE:
		return !l->back_command && !l->back_warns;
	case BACK_DISPATCH:
		return l->start == START_DISPATCH;
	case BACK_REPLAY:
		return l->replay != NULL;
	case BACK_RETAG:
		return has_probe(l, PROBE_IMAGE);
	case BACK_REVERT_PIN:
		return has_probe(l, PROBE_PINS);
	case BACK_EXTERNAL:
		return l->back_command != NULL;
	}
	return false;
}

static void check_parts(const struct profile_lane *l, struct arena *a)
{
	struct profile_tag tag;

	vec_each (n, &l->needs)
		demand(need_is_whole(n));
	vec_each (m, &l->meanings)
		demand(m->means != MEANS_OTHER && m->words);
	vec_each (d, &l->decisions)
		demand(d->yes && d->yes[0] && (d->job || (d->artifact && d->entry && d->pointers)));
	vec_each (k, &l->locks)
		demand(k->queue >= 1 && !(k->cancels && k->queue > 1));
	vec_each (k, &l->knobs)
		demand((k->file || k->live) && !k->file == !k->pointer && !k->live == !k->key);
	demand(back_is_whole(l));
	demand(!l->release_pr == (l->start != START_MERGE));
	if (l->grammar && profile_grammar_parse(l->grammar, "staging-v1.2-20260101-abcdef0", &tag, a))
		demand(tag.version && tag.date && tag.time && tag.sha);
	(void)profile_meaning_of(l, "build / test", CONCLUSION_SKIPPED);
}

static void check_lane(const struct profile *p, const struct profile_lane *l, struct arena *a)
{
	const struct profile_words words = { .release = "v1",
					     .sha = "77ab31c77ab31c77ab31c77ab31c77ab31c77ab31c",
					     .nonce = "n",
					     .ref = "main",
					     .version = "1",
					     .repo = "o/n" };

	demand(l->workflow && l->environment && l->release_from && l->line > 0);
	demand(text_starts(l->name, p->system) && strchr(l->name, '/') != NULL);
	demand(l->start == START_DISPATCH ? l->ref != NULL : l->ref == NULL && l->inputs.n == 0);
	vec_each (in, &l->inputs) {
		demand(!in->value || profile_expand(a, in->value, &words) != NULL);
	}
	check_parts(l, a);
	demand(profile_is_workflow(l, l->workflow) && profile_owner(p, l) != NULL);
	demand(profile_stage_of(l, "build / test") != NULL);
	(void)profile_release_of(l, "Rollout v1 (v2)", "main", "77ab31c", a);
}

static void check_profile(const struct profile *p, struct arena *a)
{
	struct profiles set = { .items = (struct profile *)p, .n = 1, .cap = 1 };
	struct buf text = BUF_INIT(1 << 22);
	struct jw w;

	demand(p->name && p->system && p->title && p->lanes.n > 0);
	vec_each (l, &p->lanes) {
		check_lane(p, l, a);
		demand(profiles_lane(&set, l->name, NULL) == l);
	}
	jw_init(&w, &text);
	profile_json(&w, p);
	buf_done(&text);
}

/* The same bytes as a workflow file: whatever is drafted from them is a profile. */
static void check_draft(const uint8_t *data, size_t size, struct arena *a)
{
	struct draft_file file = { .name = "w.yml", .text = (const char *)data, .n = size };
	const struct draft_files files = { .items = &file, .n = 1 };
	struct buf text = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	struct profile p;
	size_t lanes;
	int r = profile_draft(&text, &files, "o/n", &lanes, a, &e);

	demand(r == 0 || r == 1 || strstr(e.message, "too long"));
	if (r == 0)
		demand(profile_parse(&p, "d", text.s, text.n, a, &e) == 0 && p.lanes.n == 1);
	buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct profile p;

	if (profile_parse(&p, "f", (const char *)data, size, &a, &e) == 0)
		check_profile(&p, &a);
	else
		demand(e.kind == ERR_INVALID && strncmp(e.message, "f:", 2) == 0 && text_is_safe(e.message));
	check_draft(data, size, &a);
	arena_done(&a);
	return 0;
}
