#include "core/rules/glass.h"

#include "base/text.h"
#include "core/rules/preflight.h"

#include <string.h>

/* What the request is made of, and what keeps it single and recorded. */
static const char *const never[] = { "token",    "start", "rollback", "reason",  "inputs",     "workflow",
				     "declared", "tag",   "run",      "attempt", "gate",       "reviewer",
				     "rerun",    "force", "twin",     "journal", "signatures", "chain" };
/* A rule of ours that an emergency may break although it said no. */
static const char *const named[] = { "self_review" };

static bool is_one(const char *name, const char *const *list, size_t n)
{
	size_t len = strcspn(name, ":");

	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]) == len && !strncmp(list[i], name, len))
			return true;
	return false;
}

static bool may_break(const struct check *c)
{
	if (is_one(c->name, never, countof(never)))
		return false;
	return c->status != CHECK_BAD || is_one(c->name, named, countof(named));
}

const char *glass_refuses(const struct checks *c)
{
	for (const struct check *it = c->items; it && it < c->items + c->n; it++)
		if (it->status != CHECK_OK && preflight_is_required(it->name) && !may_break(it))
			return it->name;
	return c->n ? NULL : "no check was made";
}

static bool within(int64_t ms, int64_t grain)
{
	return ms >= -grain && ms <= GLASS_MS;
}

bool glass_holds(struct when made, int64_t made_mono, struct when now, int64_t now_mono)
{
	return when_known(made) && within(when_diff(now, made), GLASS_GRAIN_MS) &&
	       within(now_mono - made_mono, 0);
}
