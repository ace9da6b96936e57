/*
 * fake_read.h - what the forge of fake.h answers: its facts, and above them the things that a test has laid out.
 */
#pragma once

#include "fake.h"

static inline const char *file_part(const char *path)
{
	return strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

/* As from a real forge: what is not copied is gone after the callback. */
static inline void list_runs(struct fake *f, struct call *c, struct run *out, struct forge_answer *a)
{
	size_t page = c->read.status ? f->page_of_status : f->page;

	for (size_t i = f->runs_n; i-- > 0;) {
		if (*c->workflow && strcmp(file_part(f->runs[i].path), c->workflow) != 0)
			continue;
		if (f->hide_runs && f->runs[i].id >= 5000)
			continue;
		if (c->read.status &&
		    strcmp(c->read.status, names_word(&run_status_names, f->runs[i].status)) != 0)
			continue;
		if (page && a->n == page) {
			a->cut = true;
			break;
		}
		rec_dup(&rec_run, &out[a->n++], &f->runs[i], &c->answer);
	}
	a->items = out;
}

static inline bool find_run(struct fake *f, int64_t id, struct forge_answer *a)
{
	for (size_t i = 0; i < f->runs_n; i++) {
		if (f->runs[i].id == id) {
			a->items = &f->runs[i];
			a->n = 1;
			return true;
		}
	}
	return false;
}

static inline const struct fake_thing *find_thing(struct fake *f, const struct call *c)
{
	for (size_t i = f->things_n; i-- > 0;) {
		const struct fake_thing *t = &f->things[i];

		if (t->kind == c->read.kind && (!t->name || !strcmp(t->name, c->name)) &&
		    (!t->id || t->id == c->read.id))
			return t;
	}
	return NULL;
}

static inline bool answer_thing(const struct fake_thing *t, struct forge_answer *a)
{
	a->items = t->items;
	a->n = t->n;
	a->text = t->text;
	a->text2 = t->text2;
	a->cut = t->cut;
	a->number = t->text_n ? (int64_t)t->text_n : t->text ? (int64_t)strlen(t->text) : 0;
	return !t->gone;
}

#define HEX64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX96 HEX64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* All that the three assets of EasyEnclave must say, in one document. */
static inline bool answer_asset(struct fake *f, struct call *c, struct forge_answer *a)
{
	a->text = arena_printf(&c->answer,
			       "{\"release_tag\":\"%s\",\"git_sha\":\"" SHA "\",\"digest\":\"" HEX64
			       "\",\"mrtd\":\"" HEX96 "\",\"mrtds\":\"" HEX96
			       "\",\"mrtds_by_size\":{\"tiny\":\"" HEX96 "\"},\"rtmrs\":{\"rtmr0\":\"" HEX96
			       "\"},\"rtmrs_by_size\":{\"tiny\":{\"rtmr0\":\"" HEX96
			       "\"}},\"generated_at\":\"2026-11-21T00:00:00Z\",\"image_project\":\"p\","
			       "\"image_name\":\"n\",\"image_family\":\"f\",\"source_image_project\":\"p\","
			       "\"source_image_family\":\"f\",\"hello_tdx_image\":\"h/a@sha256:%s"
			       "\",\"private_llm_ollama_image\":\"h/b@sha256:" HEX64
			       "\",\"private_llm_model_loader_image\":\"h/c@sha256:" HEX64 "\"}",
			       f->asset_tag, f->asset_hex ? f->asset_hex : HEX64);
	a->number = (int64_t)strlen(a->text);
	return true;
}

static inline bool answer_compare(const struct fake *f, struct forge_answer *a)
{
	a->number = f->ahead;
	a->number2 = f->behind;
	a->text = "[{\"sha\":\"" SHA
		  "\",\"title\":\"a change\",\"author\":\"ana\",\"date\":\"2026-11-21T00:00:00Z\"}]";
	return true;
}

static inline bool answer_bytes(const char *text, struct forge_answer *a)
{
	a->text = text;
	a->number = text ? (int64_t)strlen(text) : 0;
	return text != NULL;
}

/* A tag of its own object: what it is made of may be another though the commit is the same. */
static inline bool answer_ref(struct fake *f, struct call *c, struct forge_answer *a)
{
	struct git_ref *ref = arena_new(&c->answer, struct git_ref);

	*ref = (struct git_ref){ .name = arena_strdup(&c->answer, c->name),
				 .sha = f->tag_object ? f->tag_object : f->tag_sha,
				 .type = f->tag_object ? "tag" : "commit" };
	a->items = ref;
	a->n = 1;
	return text_starts(c->name, "tags/") && !f->no_tag;
}

static const bool is_list[FORGE_READ_MAX_] = {
	[FORGE_ARTIFACTS] = true, [FORGE_DEPLOYMENTS] = true, [FORGE_TREE] = true,
	[FORGE_REFS] = true,      [FORGE_PULLS] = true,       [FORGE_LABELLED] = true,
	[FORGE_COMMITS] = true,   [FORGE_WORKFLOWS] = true,   [FORGE_ATTESTATIONS] = true,
};

/* False: there is no such thing. */
static inline bool answer_read(struct fake *f, struct call *c, struct run *room, struct forge_answer *a)
{
	const struct fake_thing *t = find_thing(f, c);

	if (t)
		return answer_thing(t, a);
	switch ((int)c->read.kind) { /* of the rest the lists are empty, and nothing else is there */
	case FORGE_USER:
		a->text = f->login;
		return true;
	case FORGE_WORKFLOW:
		a->number = 7, a->text = f->workflow_state;
		return true;
	case FORGE_COMMIT:
		a->text = text_starts(c->name, "heads/") ? (f->branch_sha ? f->branch_sha : SHA) : f->tag_sha;
		a->text2 = "the commit";
		return !f->no_tag;
	case FORGE_RELEASE:
	case FORGE_RELEASES:
		a->items = &f->release, a->n = 1;
		return !f->no_release;
	case FORGE_RUNS:
		list_runs(f, c, room, a);
		return true;
	case FORGE_RUN:
		return find_run(f, c->read.id, a);
	case FORGE_JOBS:
		a->items = f->jobs, a->n = f->jobs_n;
		return true;
	case FORGE_GATES:
		a->items = f->gates, a->n = f->gates_n;
		return true;
	case FORGE_REVIEWS:
		a->items = f->reviews, a->n = f->reviews_n;
		return true;
	case FORGE_ENVIRONMENT:
		a->text = f->environment;
		return !f->no_environment;
	case FORGE_COMPARE:
		return answer_compare(f, a);
	case FORGE_LOG:
		return answer_bytes(f->log, a);
	case FORGE_FILE:
		return answer_bytes(f->file, a);
	case FORGE_REF:
		return answer_ref(f, c, a);
	case FORGE_ASSET:
		return answer_asset(f, c, a);
	}
	return is_list[c->read.kind];
}

static inline void read_fires(void *ctx)
{
	struct call *c = ctx;
	struct fake *f = c->f;
	struct run room[24];
	struct forge_answer a = { .rate = { .limit = 5000, .remaining = 4990 },
				  .date = clock_wall(loop_clock(f->loop)) };
	struct err e = ERR_INIT;
	enum err_kind fail = c->fail ? c->fail : f->fail[c->read.kind];

	a.date.ms += f->ahead_ms;
	a.damaged = f->damaged[c->read.kind];

	if (fail || !answer_read(f, c, room, &a))
		err_set(&e, fail ? fail : ERR_MISSING, fail ? "the read failed" : "there is no such thing");
	c->done(c->ctx, e.kind ? NULL : &a, e.kind ? &e : NULL);
	call_free(c);
}

static inline int64_t happen(struct fake *f, const struct forge_act *a);

static inline void act_fires(void *ctx)
{
	struct call *c = ctx;
	if (c->act.repo)
		c->run_id = happen(c->f, &c->act);
	struct forge_result r = { .run_id = c->run_id, .run_url = c->run_id ? c->url : NULL, .status = 200 };
	struct err e = ERR_INIT;

	if (c->fail)
		err_set(&e, c->fail, "the act failed: %s", err_word(c->fail));
	c->acted(c->ctx, c->fail ? NULL : &r, c->fail ? &e : NULL);
	call_free(c);
}

static inline struct call *call_new(struct fake *f, timer_fn fn)
{
	struct call *c = x_alloc(sizeof(*c));

	c->f = f;
	c->next = f->calls;
	f->calls = c;
	c->timer = timer_new(f->loop, fn, c);
	timer_in(c->timer, LATENCY);
	return c;
}

static inline int fake_read(struct forge *forge, const struct forge_read *r, forge_done done, void *ctx,
			    struct err *e)
{
	struct fake *f = (struct fake *)forge;
	struct call *c = call_new(f, read_fires);

	(void)e;
	f->reads[r->kind]++;
	timer_in(c->timer, LATENCY + f->slow);
	c->read = *r;
	(void)snprintf(c->name, sizeof(c->name), "%s", r->name ? r->name : "");
	(void)snprintf(c->workflow, sizeof(c->workflow), "%s", r->workflow ? r->workflow : "");
	c->done = done;
	c->ctx = ctx;
	return 0;
}
