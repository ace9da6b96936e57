/*
 * ages.c - most answers say that nothing changed, and all that is left to write is how young the facts are. Screens show
 * that in minutes, so ages of many answers share a commit: the first is written at once, what follows within the wait goes
 * with the next. A pass, news of any kind and the end of the engine take along what waits; only a kill loses it, and then
 * a lane looks a few seconds older than it is, never younger.
 */
#include "core/engine/sync.h"

#define AGES_WAIT INT64_C(10000)
#define ROW_WAIT  INT64_C(600000)

static bool ends_trouble(const struct sync *s, const struct feed *f)
{
	return s->trouble[0] && (s->trouble_general || s->trouble_of == f);
}

bool ages_suffice(const struct sync *s, const struct feed *f, const struct forge_answer *a)
{
	return a->not_modified && !f->failures && !s->failures && !s->store_trouble[0] &&
	       !ends_trouble(s, f) && !note_is_pressing(s);
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

struct putting {
	int r;
	struct err *e;
};

/* The row of a reading is for the next engine only: it is written with news, at the end, and every now and then. */
static bool row_is_due(const struct sync *s, const struct feed *f)
{
	int64_t behind = when_diff(f->checked, f->kept);

	return !f->live && (behind >= ROW_WAIT || (s->ends && behind));
}

static void put_one(struct sync *s, struct feed *f, void *ctx)
{
	struct putting *p = ctx;

	if (p->r >= 0 && row_is_due(s, f))
		p->r = feed_keep(s, f, f->damaged ? s->damage : "", p->e);
}

int ages_put(struct sync *s, struct err *e)
{
	struct putting p = { .e = e };

	sync_each_feed(s, put_one, &p);
	for (struct sync_repo *r = s->repos; r && p.r >= 0; r = r->next)
		if (r->younger)
			p.r = lanes_touch(s->en, r->name, e);
	return p.r;
}

void ages_done(struct sync *s)
{
	for (struct sync_repo *r = s->repos; r; r = r->next)
		r->younger = false;
	s->ages_at = sync_mono(s);
	timer_stop(s->ages_timer);
}

static void is_waiting(struct sync *s, struct feed *f, void *ctx)
{
	*(bool *)ctx |= row_is_due(s, f) || (f->repo && f->repo->younger);
}

void ages_flush(struct sync *s)
{
	struct err e = ERR_INIT;
	bool any = false;
	int r;

	sync_each_feed(s, is_waiting, &any);
	if (!any)
		return;
	r = store_begin(s->en->o.cache, &e);
	if (r >= 0)
		r = ages_put(s, &e);
	if (r >= 0)
		r = note_settings(s, &e);
	if (r >= 0)
		r = store_end(s->en->o.cache, &e);
	if (r < 0)
		feed_store_failed(s, &e);
	else
		ages_done(s);
}

/* ---- when ----------------------------------------------------------------------------------------------------------- */

/* What failed is tried again with the next answer, which is then written whole. */
static void waited(void *ctx)
{
	ages_flush(ctx);
}

static msec wait_left(const struct sync *s)
{
	msec left = s->ages_at ? s->ages_at + s->ages_wait - sync_mono(s) : 0;

	/* A pass is written as one, before it is answered. */
	return s->serving && left <= 0 ? s->ages_wait : left;
}

void ages_note(struct sync *s, struct feed *f)
{
	msec left = wait_left(s);

	if (!f->repo)
		return;
	f->repo->younger = true;
	if (left <= 0)
		ages_flush(s);
	else if (!timer_armed(s->ages_timer))
		timer_in(s->ages_timer, left);
}

void ages_open(struct sync *s)
{
	s->ages_wait = AGES_WAIT;
	s->ages_timer = timer_new(s->en->o.loop, waited, s);
}

void ages_close(struct sync *s)
{
	s->ends = true;
	if (s->en->sync == s)
		ages_flush(s);
	timer_free(s->ages_timer);
}
