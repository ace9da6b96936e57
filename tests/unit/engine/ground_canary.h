/*
 * ground_canary.h - what moves a canary in the forge of ground.h: variables, gates, and runs that end when they are told to.
 */
#pragma once

#include "ground.h"

static inline struct ground_variable *ground_variable(struct ground *g, const char *name)
{
	for (size_t i = g->variables_n; i-- > 0;)
		if (!strcmp(g->variables[i].name, name))
			return g->variables[i].value ? &g->variables[i] : NULL;
	return NULL;
}

static inline void ground_set_variable(struct ground *g, const char *name, const char *value)
{
	g->variables[g->variables_n++] =
		(struct ground_variable){ arena_strdup(&g->a, name),
					  value ? arena_strdup(&g->a, value) : NULL };
}

static inline struct run *ground_run(struct ground *g, int64_t id)
{
	for (size_t i = 0; i < g->runs_n; i++)
		if (g->runs[i].id == id)
			return &g->runs[i];
	return NULL;
}

static inline enum err_kind act_on_variable(struct ground *g, const struct forge_act *a)
{
	bool there = ground_variable(g, a->path) != NULL;

	if (there == (a->kind == FORGE_VARIABLE_CREATE))
		return there ? ERR_CONFLICT : ERR_MISSING;
	ground_set_variable(g, a->path, a->kind == FORGE_VARIABLE_DELETE ? NULL : a->content);
	return ERR_NONE;
}

/* A gate that is opened waits no more; the review keeps its comment. */
static inline enum err_kind review(struct ground *g, const struct forge_act *a)
{
	for (size_t i = 0; i < g->gates_n; i++)
		if (g->gates[i].environment_id == a->environment_ids[0]) {
			g->reviews[g->reviews_n++] = (struct review){
				.state = a->approve ? "approved" : "rejected",
				.user = g->login,
				.comment = arena_strdup(&g->a, a->comment),
				.environments = g->gates[i].environment,
			};
			g->gates[i] = g->gates[--g->gates_n];
			return ERR_NONE;
		}
	return ERR_CONFLICT;
}

/* The run ends when it is told to, unless it is deaf for a while. */
static inline enum err_kind cancel_run(struct ground *g, const struct forge_act *a)
{
	struct run *r = ground_run(g, a->run);

	if (!r || r->status == RUN_COMPLETED)
		return r ? ERR_CONFLICT : ERR_MISSING;
	if (!g->deaf) {
		r->status = RUN_COMPLETED;
		r->conclusion = CONCLUSION_CANCELLED;
	}
	return ERR_NONE;
}
