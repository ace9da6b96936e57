/*
 * ground_act.h - the forge of ground.h answers, and acts on itself: a ref that is there is a conflict, a file is replaced
 * only where its blob is named, a pull request is merged only at the head that was named.
 */
#pragma once

#include "ground_canary.h"

static inline bool answer_lists(struct ground *g, const struct ground_call *c, struct ground_room *room,
				struct forge_answer *a)
{
	const struct forge_read *r = &c->read;
	const struct pull *p;

	if (r->kind == FORGE_REFS) {
		a->n = 0;
	} else if (r->kind == FORGE_ACCESS) {
		a->number = 1;
	} else if (r->kind == FORGE_GATES) {
		a->items = g->gates;
		a->n = g->gates_n;
	} else if (r->kind == FORGE_REVIEWS) {
		a->items = g->reviews;
		a->n = g->reviews_n;
	} else if (r->kind == FORGE_PULLS || r->kind == FORGE_LABELLED) {
		list_pulls(g, c, room, a);
	} else if (r->kind == FORGE_TREE) {
		list_tree(g, c, room, a);
	} else if (r->kind == FORGE_ARTIFACTS) {
		list_artifacts(g, c, room, a);
	} else if (r->kind == FORGE_RUNS) {
		return list_runs(g, c, room, a);
	} else if (r->kind == FORGE_PULL) {
		p = ground_pull(g, r->id);
		a->items = p;
		a->n = p ? 1 : 0;
		return p != NULL;
	} else if (r->kind == FORGE_COMMITS) {
		for (size_t i = 0; i < g->lines_n; i++)
			if (!strcmp(g->lines[i].branch, c->name) &&
			    !strcmp(g->lines[i].path ? g->lines[i].path : "", c->name2)) {
				a->items = g->lines[i].list;
				a->n = g->lines[i].n;
			}
	} else if (r->kind == FORGE_RUN) {
		for (size_t i = 0; i < g->runs_n; i++)
			if (g->runs[i].id == r->id) {
				a->items = &g->runs[i];
				a->n = 1;
			}
		return a->n != 0;
	}
	return true;
}

static inline bool ground_answer(struct ground *g, const struct ground_call *c, struct ground_room *room,
				 struct forge_answer *a)
{
	const struct ground_file *file;

	if (c->read.kind == FORGE_USER) {
		a->text = g->login;
	} else if (c->read.kind == FORGE_WORKFLOW) {
		a->text = "active";
		return ground_has_workflow(g, c->name);
	} else if (c->read.kind == FORGE_COMMIT) {
		return answer_commit(g, c->name, a);
	} else if (c->read.kind == FORGE_FILE) {
		file = ground_file(g, c->name2, c->name);
		return answer_text(a, file ? file->text : NULL);
	} else if (c->read.kind == FORGE_COMPARE) {
		a->number = g->ahead;
		a->number2 = g->behind;
		a->text = "[]";
	} else if (c->read.kind == FORGE_ENVIRONMENT) {
		a->text = g->environment;
		return g->environment != NULL;
	} else if (c->read.kind == FORGE_VARIABLE) {
		return answer_text(a,
				   ground_variable(g, c->name) ? ground_variable(g, c->name)->value : NULL);
	} else if (c->read.kind == FORGE_ARTIFACT) {
		return answer_text(a, g->zips[c->read.id - 1]);
	} else {
		return answer_lists(g, c, room, a);
	}
	return true;
}

static inline void ground_read_fires(void *ctx)
{
	struct ground_call *c = ctx;
	struct ground_room room;
	struct forge_answer a = { .rate = { .limit = 5000, .remaining = 4990 },
				  .date = clock_wall(loop_clock(c->g->loop)) };
	enum err_kind fail = c->fail ? c->fail : c->g->fail[c->read.kind];
	struct err e = ERR_INIT;

	if (fail || !ground_answer(c->g, c, &room, &a))
		err_set(&e, fail ? fail : ERR_MISSING, fail ? "the read failed" : "there is no such thing");
	c->done(c->ctx, e.kind ? NULL : &a, e.kind ? &e : NULL);
	ground_call_free(c);
}

static inline int ground_read(struct forge *forge, const struct forge_read *r, forge_done done, void *ctx,
			      struct err *e maybe_unused)
{
	struct ground_call *c = ground_call_new((struct ground *)forge, ground_read_fires);

	c->read = *r;
	(void)snprintf(c->name, sizeof(c->name), "%s", r->name ? r->name : "");
	(void)snprintf(c->name2, sizeof(c->name2), "%s", r->name2 ? r->name2 : "");
	(void)snprintf(c->workflow, sizeof(c->workflow), "%s", r->workflow ? r->workflow : "");
	c->done = done;
	c->ctx = ctx;
	return 0;
}

/* ---- acts ---------------------------------------------------------------------------------------------------------- */

static inline int ground_describe(struct forge *forge maybe_unused, const struct forge_act *a, struct buf *rq,
				  struct buf *body, struct err *e maybe_unused)
{
	buf_fmt(rq, "act %d %s%s%s%s%s%s #%" PRId64, (int)a->kind, a->workflow ? a->workflow : "",
		a->ref ? a->ref : "", a->branch ? a->branch : "", a->path ? " " : "", a->path ? a->path : "",
		a->head ? a->head : "", a->number);
	buf_fmt(body, "{\"environment_ids\":[%" PRId64 "],",
		a->environment_ids_n ? a->environment_ids[0] : 0);
	buf_fmt(body, "\"ref\":\"%s\",\"sha\":\"%s\",\"old\":\"%s\",\"text\":\"%s%s\",\"inputs\":%s}",
		a->ref ? a->ref : "", a->sha ? a->sha : "", a->old_sha ? a->old_sha : "",
		a->title ? a->title : "", a->comment ? a->comment : "", a->inputs ? a->inputs : "{}");
	return 0;
}

static inline enum err_kind open_pull(struct ground *g, const struct forge_act *a, struct forge_result *out)
{
	for (size_t i = 0; i < g->pulls_n; i++)
		if (!strcmp(g->pulls[i].state, "open") && !strcmp(g->pulls[i].head, a->head))
			return ERR_CONFLICT;
	out->run_id = 100 + (int64_t)g->pulls_n;
	g->pulls[g->pulls_n++] =
		(struct pull){ .number = out->run_id,
			       .title = arena_strdup(&g->a, a->title),
			       .state = "open",
			       .head = arena_strdup(&g->a, a->head),
			       .head_sha = ground_ref(g, arena_printf(&g->a, "heads/%s", a->head))->sha,
			       .base = arena_strdup(&g->a, a->base),
			       .author = g->login,
			       .labels = "",
			       .mergeable = "clean",
			       .url = "https://forge.test/pull",
			       .created = clock_wall(loop_clock(g->loop)) };
	return ERR_NONE;
}

static inline enum err_kind merge(struct ground *g, const struct forge_act *a)
{
	struct pull *p = ground_pull(g, a->number);

	if (!p || strcmp(p->state, "open") != 0 || !a->sha || strcmp(p->head_sha, a->sha) != 0)
		return ERR_CONFLICT;
	p->merged = true;
	p->state = "closed";
	return ERR_NONE;
}

static inline enum err_kind put_file(struct ground *g, const struct forge_act *a)
{
	const struct ground_file *old = ground_file(g, a->branch, a->path);

	if (old ? !a->old_sha || strcmp(old->blob, a->old_sha) != 0 : a->old_sha != NULL)
		return ERR_CONFLICT;
	ground_set_file(g, a->branch, a->path, a->content);
	return ERR_NONE;
}

/* A new branch begins with the files of the branch that is at its commit. */
static inline enum err_kind create_ref(struct ground *g, const struct forge_act *a)
{
	size_t n = g->files_n;

	if (ground_ref(g, a->ref))
		return ERR_CONFLICT;
	ground_set_ref(g, a->ref, a->sha);
	for (size_t i = 0; i < n && text_starts(a->ref, "heads/"); i++) {
		const struct ground_ref *from =
			ground_ref(g, arena_printf(&g->a, "heads/%s", g->files[i].ref));

		if (from && !strcmp(from->sha, a->sha))
			ground_set_file(g, a->ref + strlen("heads/"), g->files[i].path, g->files[i].text);
	}
	return ERR_NONE;
}

static inline enum err_kind set_label(struct ground *g, const struct forge_act *a)
{
	struct pull *p = ground_pull(g, a->number);

	if (!p || (a->kind == FORGE_LABEL_REMOVE && !review_names(p->labels, a->label)))
		return ERR_MISSING;
	p->labels = a->kind == FORGE_LABEL_ADD ? arena_strdup(&g->a, a->label) : "";
	return ERR_NONE;
}
