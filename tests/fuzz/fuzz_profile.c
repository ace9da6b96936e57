/* links: profile */
/* A profile that is taken keeps what its rules promise; a refusal names file, line and column. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/profile/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static void check_lane(const struct profile *p, const struct profile_lane *l, struct arena *a)
{
	const struct profile_words words = { .release = "v1", .sha = "77ab31c", .nonce = "n", .ref = "main" };

	demand(l->workflow && l->environment && l->release_from && l->line > 0);
	demand(text_starts(l->name, p->system) && strchr(l->name, '/') != NULL);
	demand(l->start == START_DISPATCH ? l->ref != NULL : l->ref == NULL && l->inputs.n == 0);
	demand(!l->rollback || l->start == START_DISPATCH);
	vec_each (in, &l->inputs) {
		demand(!in->value || profile_expand(a, in->value, &words) != NULL);
	}
	vec_each (need, &l->needs) {
		demand(need->kind == NEED_RELEASE ||
		       (need->kind == NEED_ASSET && need->name && need->files[0]));
	}
	demand(profile_stage_of(l, "build / test") != NULL);
	(void)profile_release_of(l, "Rollout v1 (v2)", "main", "77ab31c", a);
}

static void check_profile(const struct profile *p, struct arena *a)
{
	struct profiles set = { .items = (struct profile *)p, .n = 1, .cap = 1 };
	struct buf text = BUF_INIT(1 << 22);

	demand(p->name && p->system && p->title && p->lanes.n > 0);
	vec_each (l, &p->lanes) {
		check_lane(p, l, a);
		demand(profiles_lane(&set, l->name, NULL) == l);
	}
	demand(profile_describe(&text, p) != 0 || text.n > 0);
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
	arena_done(&a);
	return 0;
}
