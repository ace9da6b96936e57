/*
 * ground_rig.h - the acts of the forge of ground.h, a registry of images beside it, and an engine over both.
 */
#pragma once

#include "ground_act.h"

/* ---- acts ---------------------------------------------------------------------------------------------------------- */

static inline enum err_kind ground_dispatch(struct ground *g, const struct forge_act *a,
					    struct forge_result *out)
{
	const struct ground_ref *ref = ground_ref(g, arena_printf(&g->a, "heads/%s", a->ref));

	out->run_id = 9000 + (int64_t)g->runs_n;
	g->runs[g->runs_n++] = (struct run){ .id = out->run_id,
					     .attempt = 1,
					     .path = arena_printf(&g->a, ".github/workflows/%s", a->workflow),
					     .title = g->titled ? arena_strdup(&g->a, a->inputs) : "Replay",
					     .event = "workflow_dispatch",
					     .branch = arena_strdup(&g->a, a->ref),
					     .head_sha = ref ? ref->sha : SHA("f"),
					     .status = RUN_QUEUED,
					     .actor = g->login,
					     .created = clock_wall(loop_clock(g->loop)),
					     .url = "https://forge.test/run" };
	return ERR_NONE;
}

static inline enum err_kind ground_happen(struct ground *g, const struct forge_act *a,
					  struct forge_result *out)
{
	switch (a->kind) {
	case FORGE_DISPATCH:
		return ground_dispatch(g, a, out);
	case FORGE_REF_CREATE:
		return create_ref(g, a);
	case FORGE_REF_DELETE:
		if (!ground_ref(g, a->ref))
			return ERR_MISSING;
		ground_set_ref(g, a->ref, NULL);
		return ERR_NONE;
	case FORGE_FILE_PUT:
		return put_file(g, a);
	case FORGE_PULL_OPEN:
		return open_pull(g, a, out);
	case FORGE_PULL_MERGE:
		return merge(g, a);
	case FORGE_LABEL_ADD:
	case FORGE_LABEL_REMOVE:
		return set_label(g, a);
	case FORGE_VARIABLE_CREATE:
	case FORGE_VARIABLE_UPDATE:
	case FORGE_VARIABLE_DELETE:
		return act_on_variable(g, a);
	case FORGE_REVIEW:
		return review(g, a);
	case FORGE_CANCEL:
		return cancel_run(g, a);
	case FORGE_RERUN:
	case FORGE_BLOB_CREATE:
	case FORGE_TREE_CREATE:
	case FORGE_COMMIT_CREATE:
	case FORGE_REF_UPDATE:
		break;
	}
	return ERR_MISSING;
}

static inline void ground_act_fires(void *ctx)
{
	struct ground_call *c = ctx;
	struct err e = ERR_INIT;

	if (c->fail)
		err_set(&e, c->fail, "the act failed: %s", err_word(c->fail));
	e.stands = c->stands;
	c->acted(c->ctx, c->fail ? NULL : &c->result, c->fail ? &e : NULL);
	ground_call_free(c);
}

static inline int ground_act(struct forge *forge, const struct forge_act *a, forge_acted done, void *ctx,
			     struct err *e maybe_unused)
{
	struct ground *g = (struct ground *)forge;
	struct ground_call *c = ground_call_new(g, ground_act_fires);
	struct buf rq = BUF_INIT(4096), body = BUF_INIT(65536);
	bool hit;

	assert_int_equal(ground_describe(forge, a, &rq, &body, NULL), 0);
	g->sent[g->sent_n++] = arena_strdup(&g->a, rq.s);
	hit = g->sent_n == g->fault_at;
	buf_done(&rq);
	buf_done(&body);
	c->acted = done;
	c->ctx = ctx;
	if (hit && (g->dead || g->fault) && !g->fault_after)
		c->fail = g->fault ? g->fault : ERR_UNKNOWN;
	else
		c->fail = ground_happen(g, a, &c->result);
	if (hit && g->fault_after && !c->fail)
		c->fail = g->fault;
	c->stands = hit && g->stands;
	if (hit && g->dead)
		timer_stop(c->timer);
	return 0;
}

static inline void ground_end(struct forge *forge)
{
	struct ground *g = (struct ground *)forge;

	while (g->calls) {
		g->calls->fail = g->calls->acted ? ERR_UNKNOWN : ERR_CANCELLED;
		(g->calls->acted ? ground_act_fires : ground_read_fires)(g->calls);
	}
}

static const struct forge_ops ground_ops = {
	.read = ground_read, .act = ground_act, .describe = ground_describe, .free = ground_end
};

/* ---- a zip holds one text, and that is what is in it --------------------------------------------------------------- */

static inline int ground_entry(struct zip *z maybe_unused, const void *bytes, size_t n,
			       const char *glob maybe_unused, size_t max, struct buf *out,
			       struct err *e maybe_unused)
{
	buf_add(out, bytes, n < max ? n : max);
	return 0;
}
static const struct zip_ops ground_zip_ops = { .entry = ground_entry };

/* ---- images ---------------------------------------------------------------------------------------------------------- */

struct ground_image {
	const char *tag, *digest; /* tag NULL: a manifest without one */
	const char *platforms;    /* "linux/amd64,linux/arm64" */
};
struct image_call;
struct images {
	struct registry registry;
	struct ground *g;
	struct ground_image list[16];
	size_t n;
	int puts;
	bool cut;          /* the list of tags */
	bool silent, lost; /* the put happens and does not answer; or does not happen */
	struct image_call *stuck;
};
struct image_call {
	struct timer *timer;
	struct images *reg;
	struct registry_read read;
	char ref[128];
	registry_done done;
	registry_acted acted;
	void *ctx;
};

static inline const struct ground_image *find_image(const struct images *reg, const char *ref)
{
	for (size_t i = reg->n; i-- > 0;)
		if ((reg->list[i].tag && !strcmp(reg->list[i].tag, ref)) || !strcmp(reg->list[i].digest, ref))
			return &reg->list[i];
	return NULL;
}

static inline void fill_image(struct images *reg, const struct ground_image *i, struct registry_child *room,
			      struct registry_answer *a)
{
	static const char *const known[] = { "linux/amd64", "linux/arm64" };

	for (size_t p = 0; p < countof(known); p++)
		if (i->platforms && review_names(i->platforms, known[p]))
			room[a->children_n++] = (struct registry_child){ known[p], i->digest };
	a->children = room;
	a->digest = i->digest;
	a->type = "application/vnd.oci.image.index.v1+json";
	a->bytes = arena_printf(&reg->g->a, "{\"of\":\"%s\"}", i->digest);
	a->bytes_n = strlen(a->bytes);
}

static inline void image_fires(void *ctx)
{
	struct image_call *c = ctx;
	const struct ground_image *i = find_image(c->reg, c->ref);
	struct registry_child room[2];
	const char *tags[16];
	struct registry_answer a = { 0 };
	struct err e = ERR_INIT;

	if (c->acted) {
		c->acted(c->ctx, 201, NULL);
	} else if (c->read.kind == REGISTRY_TAGS) {
		for (size_t n = 0; n < c->reg->n; n++)
			if (c->reg->list[n].tag)
				tags[a.tags_n++] = c->reg->list[n].tag;
		a.tags = tags;
		a.cut = c->reg->cut;
		c->done(c->ctx, &a, NULL);
	} else if (i) {
		fill_image(c->reg, i, room, &a);
		c->done(c->ctx, &a, NULL);
	} else {
		err_set(&e, ERR_MISSING, "there is no %s", c->ref);
		c->done(c->ctx, NULL, &e);
	}
	timer_free(c->timer);
	free(c);
}
