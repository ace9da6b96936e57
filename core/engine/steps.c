#include "core/engine/steps.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "core/engine/reflock.h"
#include "core/engine/steer.h"
#include "core/engine/ways.h"

#include <string.h>

#define STEP_MAX (2 * 1024 * 1024) /* a file of 1 MiB, encoded */

/* As they stand in records; the forge's own names of its acts are no business of the journal. */
static const char *const kind_words[] = {
	[FORGE_DISPATCH] = "dispatch",
	[FORGE_REVIEW] = "review",
	[FORGE_CANCEL] = "cancel",
	[FORGE_RERUN] = "rerun",
	[FORGE_REF_CREATE] = "ref_create",
	[FORGE_REF_DELETE] = "ref_delete",
	[FORGE_FILE_PUT] = "file_put",
	[FORGE_PULL_OPEN] = "pull_open",
	[FORGE_PULL_MERGE] = "pull_merge",
	[FORGE_LABEL_ADD] = "label_add",
	[FORGE_LABEL_REMOVE] = "label_remove",
	[FORGE_BLOB_CREATE] = "blob_create",
	[FORGE_TREE_CREATE] = "tree_create",
	[FORGE_COMMIT_CREATE] = "commit_create",
	[FORGE_REF_UPDATE] = "ref_update",
	[FORGE_VARIABLE_CREATE] = "variable_set",
	[FORGE_VARIABLE_UPDATE] = "variable_set",
	[FORGE_VARIABLE_DELETE] = "variable_delete",
};

struct plan_step *step_add(struct ask *k, struct plan_steps *out, enum forge_act_kind kind, const char *words)
{
	struct plan_step *s = vec_push(out, &k->arena);

	*s = (struct plan_step){ .words = words, .act = { .kind = kind, .repo = k->plan.repo } };
	return s;
}

const char *step_branch(struct ask *k, const char *act, const char *nonce)
{
	if (text_eq(nonce, PLAN_NONCE))
		return arena_printf(&k->arena, "pilothouse/%s-drawn-at-confirm", act);
	return arena_printf(&k->arena, "pilothouse/%s-%.8s", act, nonce);
}

struct when step_time(const struct ask *k, const char *nonce)
{
	const struct intent *twin = k->plan.twin;

	if (text_eq(nonce, PLAN_NONCE))
		return WHEN_NONE;
	return twin && text_eq(nonce, twin->nonce) ? twin->created : k->intent.created;
}

/* ---- records ----------------------------------------------------------------------------------------------------- */

static void kstr_known(struct jw *w, const char *key, const char *value)
{
	if (!value)
		return;
	jw_key(w, key);
	jw_raw_str(w, value);
}

static void kint_known(struct jw *w, const char *key, int64_t value)
{
	if (value)
		jw_kint(w, key, value);
}

static void write_content(struct jw *w, const char *content)
{
	struct hash h = HASH_INIT;
	char hex[33];

	if (!content)
		return;
	hash_add(&h, content, strlen(content));
	jw_kstr(w, "hash", hash_hex(&h, hex));
}

/* Of a chain: moves of its ref are told by what it is at, and objects by nothing. */
static const char *kind_of(const struct forge_act *a)
{
	bool chain = a->ref && text_starts(a->ref, REFLOCK_ROOT "/");

	if (chain && (a->kind == FORGE_REF_CREATE || a->kind == FORGE_REF_UPDATE))
		return "chain_move";
	return chain ? "chain_object" : kind_words[a->kind];
}

static void write_forge(struct jw *w, const struct forge_act *a, bool tail)
{
	jw_kstr(w, "kind", tail ? "tail" : kind_of(a));
	kstr_known(w, "workflow", a->workflow);
	kstr_known(w, "ref", a->ref);
	kstr_known(w, "sha", a->sha);
	kstr_known(w, "parent", a->parent);
	kstr_known(w, "branch", a->branch);
	kstr_known(w, "path", a->path);
	kstr_known(w, "head", a->head);
	kstr_known(w, "base", a->base);
	kstr_known(w, "label", a->label);
	kint_known(w, "number", a->number);
	write_content(w, a->content);
}

/* Where the controller stood before is what it is told by afterwards. */
static void write_move(struct jw *w, const struct rollout_act *m)
{
	jw_kstr(w, "kind", "rollout");
	jw_kstr(w, "word", steer_act_word(m->kind));
	jw_kbool(w, "argo", m->name.kind == ROLLOUT_ARGO);
	kstr_known(w, "namespace", m->name.namespace_);
	kstr_known(w, "name", m->name.name);
	kstr_known(w, "gate", m->name.gate);
	jw_kint(w, "was", m->now.step);
	jw_kbool(w, "aborted", m->now.aborted);
	jw_kbool(w, "failed", m->now.phase == CANARY_FAILED);
	jw_kbool(w, "held", m->now.spec_paused);
	jw_kbool(w, "paused", m->now.has_pause);
	jw_kint(w, "part", m->step);
}

static const char *record_of(struct ask *k, const struct plan_step *s)
{
	autofree(buf) struct buf out = BUF_INIT(16384);
	struct jw w;

	jw_init(&w, &out);
	jw_open(&w, '{');
	if (s->moves) {
		write_move(&w, &s->move);
	} else if (s->image) {
		jw_kstr(&w, "kind", "manifest_put");
		kstr_known(&w, "image", s->put.image);
		kstr_known(&w, "tag", s->put.tag);
		kstr_known(&w, "digest", s->put.digest);
	} else {
		write_forge(&w, &s->act, s->tail);
		kint_known(&w, "run", s->act.run);
		kint_known(&w, "attempt", s->attempt);
		kstr_known(&w, "gate", s->gate);
		kint_known(&w, "before", s->before);
		kint_known(&w, "environment", s->act.environment_ids_n ? s->act.environment_ids[0] : 0);
	}
	kint_known(&w, "at", (int64_t)s->at);
	jw_close(&w, '}');
	return out.over ? "" : arena_strdup(&k->arena, out.s);
}

/* ---- describing -------------------------------------------------------------------------------------------------- */

#define NO_CLUSTER "no cluster is named for it"

static int describe(struct ask *k, struct plan_step *s, struct err *e)
{
	const struct engine_options *o = &k->acts->en->o;
	autofree(buf) struct buf rq = BUF_INIT(8192);
	autofree(buf) struct buf text = BUF_INIT(STEP_MAX);
	struct rollout *mover = s->moves ? engine_mover(k->acts->en, k->plan.lane->name) : NULL;
	int r;

	if (s->image && !o->registry)
		return err_set(e, ERR_INVALID, "no registry is configured");
	if (s->moves && !mover)
		return err_set(e, ERR_INVALID, NO_CLUSTER);
	r = s->moves   ? rollout_describe(mover, &s->move, &rq, &text, e)
	    : s->image ? o->registry->ops->describe(o->registry, &s->put, &rq, &text, e)
		       : forge_describe(o->forge, &s->act, &rq, &text, e);
	if (r < 0)
		return r;
	if (rq.over || text.over)
		return err_set(e, ERR_INVALID, "the request is larger than %d bytes", STEP_MAX);
	s->request = arena_strdup(&k->arena, rq.s);
	s->body = arena_strdup(&k->arena, text.s);
	s->record = record_of(k, s);
	return 0;
}

int steps_make(struct ask *k, const char *nonce, struct plan_steps *out, struct err *e)
{
	*out = (struct plan_steps){ 0 };
	k->plan.way->steps(k, nonce, out);
	vec_each (s, out) {
		int r;

		s->at = out->n > 1 ? (size_t)(s - out->items) + 1 : 0;
		r = describe(k, s, e);

		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- sending ----------------------------------------------------------------------------------------------------- */

static const char *made_by(const struct ask *k, size_t step)
{
	return step && step <= k->plan.links.n ? k->plan.links.items[step - 1] : "";
}

int steps_fill(struct ask *k, struct plan_step *s, struct err *e)
{
	if (!s->tree_from && !s->sha_from)
		return 0;
	if (s->tree_from)
		s->act.tree = made_by(k, s->tree_from);
	if (s->sha_from)
		s->act.sha = made_by(k, s->sha_from);
	return describe(k, s, e);
}

bool steps_are_objects(const struct ask *k, int64_t n)
{
	const struct plan_steps *list = &k->plan.steps;

	for (size_t i = 0; i < list->n && (int64_t)i < n; i++)
		if (list->items[i].image || list->items[i].moves ||
		    !text_eq(kind_of(&list->items[i].act), "chain_object"))
			return false;
	return true;
}

bool steps_stand(const struct ask *k)
{
	int64_t done = k->intent.done;

	return done && !(way_has(k, WAY_CHAIN) && steps_are_objects(k, done));
}

const char *steps_left_words(struct ask *k, const char *how, const char *why)
{
	const struct intent *in = &k->intent;

	if (!in->done)
		return arena_printf(&k->arena, "the repeat %s: %s; the first was not found: %s", how, why,
				    intent_ways_on(in));
	return arena_printf(&k->arena,
			    "request %" PRId64 " of %" PRId64 " %s: %s; what came before it stands: %s",
			    in->done + 1, in->steps, how, why, intent_ways_on(in));
}

struct plan_step *steps_next(const struct ask *k)
{
	const struct plan_steps *list = &k->plan.steps;
	int64_t at = k->intent.done;

	return at >= 0 && (size_t)at < list->n ? &list->items[at] : NULL;
}

struct putting {
	forge_acted done;
	struct ask *k;
};

static void put_answered(void *ctx, int status, const struct err *err)
{
	const struct putting *p = ctx;
	const struct forge_result res = { .status = status };

	p->done(p->k, err ? NULL : &res, err);
}

int steps_send(struct ask *k, const struct plan_step *s, forge_acted done, struct err *e)
{
	const struct engine_options *o = &k->acts->en->o;
	struct rollout *mover = s->moves ? engine_mover(k->acts->en, k->plan.lane->name) : NULL;
	struct putting *p;

	if (!s->image && !s->moves)
		return forge_act(o->forge, &s->act, done, k, e);
	if (s->moves && !mover)
		return err_set(e, ERR_INVALID, NO_CLUSTER);
	p = arena_new(&k->arena, struct putting);
	*p = (struct putting){ done, k };
	if (mover)
		return rollout_act(mover, &s->move, put_answered, p, e);
	return o->registry->ops->act(o->registry, &s->put, put_answered, p, e);
}
