/*
 * survey_lock.c - which captain holds which lane, what the con stopped, and who has the con: the chains of the repository
 * (reflock.h), and the locks of branch-deploy where they count, as holds of its lanes. What cannot be read leaves what was known: a lock does not fall because a network did.
 */
#include "core/engine/survey.h"

#include "base/text.h"
#include "core/engine/reconcile.h"
#include "core/engine/reflock.h"
#include "store/holds.h"

#include <string.h>

/* Of branch-deploy, where the profile says that it counts. */
struct branch {
	const struct profile_lane *lane;
	struct branch_lock lock;
};
struct locks {
	struct reflocks chains;
	struct VEC_OF(struct branch) branches;
	bool failed, access_known, reads_only;
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

	all->failed =
		err || a->cut || a->damaged; /* what is not in the list may be among what was lost of it */
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

/* No branch, or no file on it: that tool holds nothing. */
static void take_branch(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct locks *all = k->own;
	struct branch *b = ctx;

	if (!err)
		branch_lock_read(&b->lock, a->text, a->number > 0 ? (size_t)a->number : 0, &k->arena);
	else if (err->kind != ERR_MISSING)
		all->unread++;
}

/* Not told, or not read: then what was known stays. */
static void take_access(struct look *k, void *ctx maybe_unused, const struct forge_answer *a,
			const struct err *err)
{
	struct locks *all = k->own;

	all->access_known = !err && a->number >= 0;
	all->reads_only = !err && a->number == 0;
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

static struct hold hold_of_branch(struct look *k, const struct branch *b)
{
	struct hold h = {
		.owner = b->lock.who,
		.reason = b->lock.why,
		.source = arena_printf(&k->arena, "branch %s", branch_lock_branch(b->lane, &k->arena)),
		.at = look_now(k),
	};
	struct when since = WHEN_NONE;

	if (when_parse(&since, b->lock.since) >= 0)
		h.since = local(k, since);
	return h;
}

static const struct branch *branch_of(const struct locks *all, const struct profile_lane *lane)
{
	vec_each (b, &all->branches)
		if (b->lane == lane && b->lock.there)
			return b;
	return NULL;
}

static bool by_us(const struct look *k, const struct branch *b)
{
	return k->s->en->login && text_eq(b->lock.who, k->s->en->login);
}

static int put_kind(struct look *k, const char *lane, enum hold_kind kind, const struct reflock *l,
		    const struct branch *b, struct err *e)
{
	struct hold rows[2];
	size_t n = 0;

	if (l)
		rows[n++] = hold_of(k, l);
	if (b)
		rows[n++] = hold_of_branch(k, b);
	return store_holds_put(look_cache(k), lane, kind, rows, n, e);
}

static int put_lane(struct look *k, const struct profile_lane *lane, struct err *e)
{
	const struct reflock *lock = chain_at(k->own, reflock_lane(lane->name, &k->arena));
	const struct reflock *line = chain_at(k->own, reflock_system(k->profile->system, &k->arena));
	const struct branch *b = branch_of(k->own, lane);
	const struct reflock *held = holds(k, lock) ? lock : NULL;
	bool ours = held && is_ours(k, lock), branch_ours;
	int r;

	if (b && branch_lock_mirrors(&b->lock, lock))
		b = NULL;
	branch_ours = b && by_us(k, b);
	r = put_kind(k, lane->name, HOLD_LOCK, ours ? held : NULL, branch_ours ? b : NULL, e);
	if (r >= 0)
		r = put_kind(k, lane->name, HOLD_FOREIGN, ours ? NULL : held, branch_ours ? NULL : b, e);
	if (r >= 0)
		r = put_kind(k, lane->name, HOLD_CON_FREEZE, holds(k, line) ? line : NULL, NULL, e);
	return r;
}

/* The con of the organisation stands in the repository of the first profile. */
static int put_con(struct look *k, struct err *e)
{
	const struct profiles *set = k->s->en->o.profiles;
	const struct reflock *con = chain_at(k->own, REFLOCK_CON);
	int r = 0;

	if (set->n && text_eq(set->items[0].repo, k->profile->repo))
		r = note_setting(k->s->en, "con",
				 !holds(k, con) ? ""
				 : con->damage  ? "damaged"
						: con->who,
				 e);
	return r < 0 ? r : 0;
}

/* For `why` and doctor: a setting of each repository, "" when holds are seen. */
static int put_access(struct look *k, struct err *e)
{
	const struct locks *all = k->own;
	int r;

	if (!all->access_known)
		return 0;
	r = note_setting(k->s->en, arena_printf(&k->arena, "advisory %s", k->profile->repo),
			 all->reads_only ? guard_advisory(k->profile->repo, &k->arena) : "", e);
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
	if (r >= 0)
		r = put_access(k, &e);
	vec_each (lane, &k->profile->lanes)
		if (r >= 0)
			r = put_lane(k, lane, &e);
	if (r >= 0)
		r = lanes_judge(k->s->en, k->profile->repo, &e);
	look_written(k, r, &e);
	look_end(k);
}

static void read_branches(struct look *k)
{
	struct locks *all = k->own;

	vec_each (lane, &k->profile->lanes)
		if (branch_lock_branch(lane, &k->arena))
			*(struct branch *)vec_push(&all->branches, &k->arena) =
				(struct branch){ .lane = lane };
	vec_each (b, &all->branches)
		look_read(k,
			  &(struct forge_read){ .kind = FORGE_FILE,
						.repo = k->profile->repo,
						.name = "lock.json",
						.name2 = branch_lock_branch(b->lane, &k->arena) },
			  take_branch, b);
}

static void read_links(struct look *k)
{
	struct locks *all = k->own;

	read_branches(k);
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
	look_read(k, &(struct forge_read){ .kind = FORGE_ACCESS, .repo = k->profile->repo }, take_access,
		  NULL);
	look_then(k, read_links);
}
