/*
 * ground_engine.h - an engine over the forge and the images of ground_rig.h, asked by command line. The journal is a real
 * file, so that an engine can die and come back.
 */
#pragma once

#include "core/adapters/digest/digest.h"

#include "tests/folder.h"
#include "ground_rig.h"

static inline struct image_call *image_call_new(struct images *reg)
{
	struct image_call *c = x_alloc(sizeof(*c));

	c->reg = reg;
	c->timer = timer_new(reg->g->loop, image_fires, c);
	timer_in(c->timer, LATENCY);
	return c;
}

static inline int image_read(struct registry *r, const struct registry_read *q, registry_done done, void *ctx,
			     struct err *e maybe_unused)
{
	struct image_call *c = image_call_new((struct images *)r);

	c->read = *q;
	(void)snprintf(c->ref, sizeof(c->ref), "%s", q->ref ? q->ref : "");
	c->done = done;
	c->ctx = ctx;
	return 0;
}

static inline int image_act(struct registry *r, const struct registry_act *a, registry_acted done, void *ctx,
			    struct err *e maybe_unused)
{
	struct images *reg = (struct images *)r;
	const struct ground_image *is = find_image(reg, a->digest);
	struct image_call *c = image_call_new(reg);

	reg->puts++;
	if (!reg->lost)
		for (size_t i = 0; i < reg->n; i++)
			if (reg->list[i].tag && !strcmp(reg->list[i].tag, a->tag)) {
				reg->list[i].digest = is->digest;
				reg->list[i].platforms = is->platforms;
			}
	c->acted = done;
	c->ctx = ctx;
	if (reg->silent) {
		timer_stop(c->timer);
		reg->stuck = c;
	}
	return 0;
}

static inline int image_describe(struct registry *r maybe_unused, const struct registry_act *a,
				 struct buf *rq, struct buf *body, struct err *e maybe_unused)
{
	buf_fmt(rq, "PUT /v2/%s/manifests/%s", a->image, a->tag);
	buf_str(body, a->digest);
	return 0;
}
static const struct registry_ops image_ops = { .read = image_read,
					       .act = image_act,
					       .describe = image_describe };

/* ---- the engine ------------------------------------------------------------------------------------------------------ */

struct rig {
	struct arena a;
	struct clock clock;
	struct loop *loop;
	struct ground g;
	struct images images;
	struct zip zip;
	char dir[64];
	struct store *cache;
	struct journal *journal;
	struct profiles profiles;
	struct engine *en;
	struct rollout *rollout; /* or NULL; borrowed */
	bool locks_back;
	int answers, status;
	struct json *json;
	const char *text;
};

static inline void rig_up(struct rig *r)
{
	struct engine_options o = { .loop = r->loop,
				    .forge = &r->g.forge,
				    .registry = &r->images.registry,
				    .zip = &r->zip,
				    .sha256 = digest_sha256,
				    .cache = r->cache,
				    .journal = r->journal,
				    .profiles = &r->profiles,
				    .lock_after_back = r->locks_back,
				    .who = "ana@bastion" };
	struct err e = ERR_INIT;

	if (r->rollout)
		*vec_push(&o.movers, &r->a) = (struct mover){ "shop/prod", r->rollout };
	assert_int_equal(engine_new(&r->en, &o, &e), 0);
}

static inline const char *rig_path(struct rig *r, const char *name)
{
	return arena_printf(&r->a, "%s/%s", r->dir, name);
}

static inline void rig_open_journal(struct rig *r)
{
	struct err e = ERR_INIT;

	if (journal_open(&r->journal, rig_path(r, "journal.db"), &e) != 0)
		fail_msg("%s", e.message);
}

/* kill -9 and a new engine: only what is on disk survives, and answers under way find nobody. */
static inline void rig_crash(struct rig *r)
{
	engine_free(r->en);
	ground_end(&r->g.forge);
	if (r->images.stuck)
		image_fires(r->images.stuck);
	r->images.stuck = NULL;
	journal_close(r->journal);
	rig_open_journal(r);
	r->answers = 0;
	rig_up(r);
}

static inline int rig_setup_with(void **state, const char *profile)
{
	struct rig *r = x_alloc(sizeof(*r));
	struct when start = { INT64_C(1795244889000) };
	struct err e = ERR_INIT;

	*state = r;
	clock_manual(&r->clock, start);
	r->loop = loop_new(&r->clock);
	r->g.loop = r->loop;
	r->g.login = "octo-ana";
	r->g.forge.ops = &ground_ops;
	r->images.g = &r->g;
	r->images.registry.ops = &image_ops;
	r->zip.ops = &ground_zip_ops;
	folder_new(r->dir);
	assert_true(store_open(&r->cache, rig_path(r, "cache.db"), STORE_WRITE, &e) >= 0);
	rig_open_journal(r);
	if (profile_parse(vec_push(&r->profiles, &r->a), "shop.yml", profile, strlen(profile), &r->a, &e) < 0)
		fail_msg("%s", e.message);
	rig_up(r);
	return 0;
}

static inline int rig_teardown(void **state)
{
	struct rig *r = *state;

	engine_free(r->en);
	ground_end(&r->g.forge);
	loop_advance(r->loop, 1000); /* answers of the registry that still come */
	if (r->images.stuck) {
		timer_free(r->images.stuck->timer);
		free(r->images.stuck);
	}
	journal_close(r->journal);
	store_close(r->cache);
	loop_free(r->loop);
	json_free(r->json);
	folder_drop(r->dir);
	arena_done(&r->g.a);
	arena_done(&r->a);
	free(r);
	return 0;
}

static inline void rig_reply(void *ctx, int status, const char *text)
{
	struct rig *r = ctx;

	json_free(r->json);
	r->json = NULL;
	r->answers++;
	r->status = status;
	r->text = arena_strdup(&r->a, text);
	assert_int_equal(json_parse(&r->json, text, strlen(text), (size_t)4 << 20, NULL), 0);
}

static inline void rig_begin(struct rig *r, const char *line)
{
	const char **argv;
	int argc;

	r->answers = 0;
	assert_int_equal(command_split(&argv, &argc, line, &r->a, NULL), 0);
	engine_ask(r->en, argc, argv, NULL, rig_reply, r);
}

/* Asks and waits for the answer; its exit status. */
static inline int rig_ask(struct rig *r, const char *line)
{
	rig_begin(r, line);
	for (int i = 0; i < 6000 && !r->answers; i++)
		loop_advance(r->loop, 20);
	assert_int_equal(r->answers, 1);
	return r->status;
}

static inline void rig_pass(struct rig *r, int seconds)
{
	for (int i = 0; i < seconds; i++)
		loop_advance(r->loop, 1000);
}

static inline const char *rig_str(struct rig *r, const char *path)
{
	const char *s = json_str(r->json, path);

	return s ? s : "";
}

/* The check of the last plan, "status detail"; "" when it is not there. */
static inline const char *rig_check(struct rig *r, const char *name)
{
	const struct json *checks = json_get(r->json, "checks");

	for (size_t i = 0; i < json_size(checks); i++) {
		const struct json *c = json_at(checks, i);

		if (!strcmp(json_str(c, "name"), name))
			return arena_printf(&r->a, "%s %s", json_str(c, "status"), json_str(c, "detail"));
	}
	return "";
}

static inline const struct intent *rig_intent(struct rig *r)
{
	struct intents list = { 0 };

	assert_int_equal(journal_recent(r->journal, 1, &list, &r->a, NULL), 0);
	return list.n ? &list.items[0] : NULL;
}
