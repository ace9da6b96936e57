/*
 * survey_lock.c - which captain holds which lane, what the con stopped, and who has the con: the chains of the repository
 * (reflock.h) as holds of its lanes. What cannot be read leaves what was known: a lock does not fall because a network did.
 */
#include "core/engine/survey.h"

#include "base/text.h"
#include "core/engine/reconcile.h"
#include "core/engine/reflock.h"
#include "store/holds.h"

#include <string.h>

struct locks {
	struct reflocks chains;
	bool failed;
	size_t unread;
};

/* Only what names a lane or the line of this system, and the con. */
static bool concerns(struct look *k, const char *place)
{
	vec_each (l, &k->profile->lanes)
		if (text_eq(place, reflock_lane(l->name, &k->arena)))
			return true;
	return text_eq(place, reflock_system(k->profile->system, &k->arena)) || text_eq(place, REFLOCK_CON);
}

static void take_refs(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct locks *all = ctx;
	const struct git_ref *list = a ? a->items : NULL;

	all->failed = err != NULL;
	for (size_t i = 0; a && i < a->n; i++)
		if (concerns(k, list[i].name))
			*(struct reflock *)vec_push(&all->chains, &k->arena) =
				(struct reflock){ .place = arena_strdup(&k->arena, list[i].name),
						  .sha = arena_strdup(&k->arena, list[i].sha) };
}

static void take_link(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct locks *all = k->own;
	struct reflock *l = ctx;

	if (err || !a->n)
		all->unread++;
	else
		reflock_read(l, a->items, &k->arena);
}

/* ---- rows -------------------------------------------------------------------------------------------------------------- */

static struct when local(const struct look *k, struct when server)
{
	return when_known(server) ? (struct when){ server.ms - k->s->en->skew_ms } : WHEN_NONE;
}

static bool is_ours(const struct look *k, const struct reflock *l)
{
	return reflock_is_of(l, k->s->en->login, k->s->en->o.who);
}

static const struct reflock *chain_at(const struct locks *all, const char *place)
{
	vec_each (l, &all->chains)
		if (text_eq(l->place, place))
			return l;
	return NULL;
}

/* Its end, and the grace after it, are part of the row: it falls by itself. */
static struct hold hold_of(struct look *k, const struct reflock *l)
{
	struct hold h = { .owner = "",
			  .reason = l->damage ? l->damage : l->purpose,
			  .source = arena_printf(&k->arena, "refs/%s", l->place),
			  .epoch = l->epoch,
			  .since = local(k, l->created),
			  .until = local(k, l->expires),
			  .at = look_now(k) };

	if (!l->damage)
		h.owner = arena_printf(&k->arena, "%s (%s)", l->who, l->host);
	if (when_known(h.until))
		h.until.ms += REFLOCK_GRACE;
	return h;
}

static bool holds(struct look *k, const struct reflock *l)
{
	enum reflock_state s = l ? reflock_state(l, open_server_now(k->s->en)) : REFLOCK_FREE;

	return s == REFLOCK_HELD || s == REFLOCK_DAMAGED;
}

static int put_kind(struct look *k, const char *lane, enum hold_kind kind, const struct reflock *l,
		    bool wanted, struct err *e)
{
	struct hold h = { .owner = "" };

	if (wanted)
		h = hold_of(k, l);
	return store_holds_put(look_cache(k), lane, kind, &h, wanted ? 1 : 0, e);
}

static int put_lane(struct look *k, const struct profile_lane *lane, struct err *e)
{
	const struct reflock *lock = chain_at(k->own, reflock_lane(lane->name, &k->arena));
	const struct reflock *line = chain_at(k->own, reflock_system(k->profile->system, &k->arena));
	bool held = holds(k, lock), ours = held && is_ours(k, lock);
	int r = put_kind(k, lane->name, HOLD_LOCK, lock, ours, e);

	if (r >= 0)
		r = put_kind(k, lane->name, HOLD_FOREIGN, lock, held && !ours, e);
	if (r >= 0)
		r = put_kind(k, lane->name, HOLD_CON_FREEZE, line, holds(k, line), e);
	return r;
}

/* The con of the organisation stands in the repository of the first profile. */
static int put_con(struct look *k, struct err *e)
{
	const struct profiles *set = k->s->en->o.profiles;
	const struct reflock *con = chain_at(k->own, REFLOCK_CON);
	int r = 0;

	if (set->n && text_eq(set->items[0].repo, k->profile->repo))
		r = note_setting(k->s->en, "con", holds(k, con) && !con->damage ? con->who : "", e);
	return r < 0 ? r : 0;
}

static void locks_write(struct look *k)
{
	struct locks *all = k->own;
	struct err e = ERR_INIT;
	int r;

	if (all->failed || all->unread) {
		look_end(k);
		return;
	}
	r = look_write(k, &e) ? put_con(k, &e) : -1;
	vec_each (lane, &k->profile->lanes)
		if (r >= 0)
			r = put_lane(k, lane, &e);
	if (r >= 0)
		r = lanes_judge(k->s->en, k->profile->repo, &e);
	look_written(k, r, &e);
	look_end(k);
}

static void read_links(struct look *k)
{
	struct locks *all = k->own;

	vec_each (l, &all->chains)
		look_read(k,
			  &(struct forge_read){
				  .kind = FORGE_GIT_COMMIT, .repo = k->profile->repo, .name = l->sha },
			  take_link, l);
	look_then(k, locks_write);
}

void look_at_locks(struct look *k)
{
	struct locks *all = arena_new(&k->arena, struct locks);

	k->own = all;
	look_read(k,
		  &(struct forge_read){ .kind = FORGE_REFS, .repo = k->profile->repo, .name = REFLOCK_ROOT },
		  take_refs, all);
	look_then(k, read_links);
}
