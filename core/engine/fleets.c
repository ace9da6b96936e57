#include "core/engine/fleets.h"

#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MEMORY_MAX (4 * AGENTS_MAX) /* a few fleets; then everything is judged once more */

/* What was found of one machine, under a hash of its lane and id. */
struct memory {
	char of[DIGEST_HEX], print[DIGEST_HEX];
	struct when again;
};

struct held {
	struct held *next;
	struct fleet_trust t;
	struct arena arena;
	struct quote_collateral *collateral;
	struct token_keys *keys;
	const char *key; /* the files it was read from */
	int users;
	bool current;
};

struct fleets {
	struct fleets_options o;
	struct jobs *jobs;
	struct held *held;
	struct chains *chains;
	struct fleet_shown *shown; /* by the machines of each lane; the thread's */
	struct memory *memory;     /* open addressing; room is a power of two */
	size_t room, n;
	uint64_t judged;
	char salt[33]; /* of the names in memory: ids are chosen by whoever tells of them */
};

/* ---- memory ------------------------------------------------------------------------------------------------------------- */

static void name_of(const struct fleets *f, const char *lane, const char *id, char out[DIGEST_HEX])
{
	struct buf text = BUF_INIT(1 << 16);

	buf_fmt(&text, "%s %s %s", f->salt, lane, id);
	f->o.sha256(text.s, text.n, out);
	buf_done(&text);
}

/* Where it is, or would be. */
static struct memory *slot(const struct fleets *f, const char *of)
{
	size_t i = strtoul((const char[]){ of[0], of[1], of[2], of[3], of[4], of[5], of[6], of[7], 0 }, NULL,
			   16);

	for (i &= f->room - 1; *f->memory[i].of && strcmp(f->memory[i].of, of) != 0;)
		i = (i + 1) & (f->room - 1);
	return &f->memory[i];
}

static void memory_grow(struct fleets *f)
{
	struct memory *old = f->memory;
	size_t room = f->room;

	f->room = room ? room * 2 : 256;
	f->memory = x_alloc(f->room * sizeof(*f->memory));
	for (size_t i = 0; i < room; i++)
		if (*old[i].of)
			*slot(f, old[i].of) = old[i];
	free(old);
}

static void remember(struct fleets *f, const char *of, const char *print, struct when again)
{
	struct memory *m;

	if (f->n >= MEMORY_MAX) {
		memset(f->memory, 0, f->room * sizeof(*f->memory));
		f->n = 0;
	}
	if (f->n * 2 >= f->room)
		memory_grow(f);
	m = slot(f, of);
	f->n += !*m->of;
	memcpy(m->of, of, DIGEST_HEX);
	memcpy(m->print, print, DIGEST_HEX);
	m->again = again;
}

void fleets_forget(struct fleets *f, const char *lane, const char *id)
{
	char of[DIGEST_HEX];

	name_of(f, lane, id, of);
	if (f->room && *slot(f, of)->of)
		*slot(f, of)->print = 0;
}

/* ---- trust -------------------------------------------------------------------------------------------------------------- */

/* On its way through the thread. */
struct errand {
	struct fleets *f;
	const char *key, *collateral_path, *keys_path, *root_path, *keys_root_path; /* in the arena */
	struct held *was; /* what is used by now; NULL none */
	struct held *now; /* what the thread made of the files */
	bool same;
	fleet_loaded done;
	void *ctx;
	struct arena arena;
};

static void held_free(struct fleets *f, struct held *h)
{
	if (!h)
		return;
	f->o.ops->collateral_free(h->collateral);
	f->o.ops->keys_free(h->keys);
	arena_done(&h->arena);
	free(h);
}

/* NULL: there is none, and *why says so. */
static struct buf *read_file(struct errand *x, const char *path, size_t max, const char *what,
			     const char **why)
{
	struct buf *text = arena_new(&x->now->arena, struct buf);
	struct err e = ERR_INIT;

	*text = (struct buf)BUF_INIT(max);
	*why = NULL;
	if (!path)
		*why = arena_printf(&x->now->arena, "there is no %s here: proof import-root FILE", what);
	else if (path_read(text, path, &e) == -ERR_MISSING)
		*why = arena_printf(&x->now->arena, "there is no %s: proof import-root FILE", what);
	else if (e.kind != ERR_NONE)
		*why = arena_printf(&x->now->arena, "the %s is not read: %s", what, e.message);
	if (!*why)
		return text;
	buf_done(text);
	return NULL;
}

/* A root that somebody has pinned. NULL: nobody has, or *why says that it cannot be read: that is not the same, for what it pins is
 * believed by nobody else then. */
static struct buf *read_pinned(struct errand *x, const char *path, const char **why)
{
	struct err e = ERR_INIT;
	struct buf *text;

	if (!path)
		return NULL;
	text = arena_new(&x->now->arena, struct buf);
	*text = (struct buf)BUF_INIT(TOKEN_KEYS_MAX);
	if (path_read(text, path, &e) >= 0)
		return text;
	buf_done(text);
	if (e.kind != ERR_MISSING)
		*why = arena_printf(&x->now->arena, "the imported root is not read: %s", e.message);
	return NULL;
}

static struct buf *read_root(struct errand *x, char pin[65], const char **why)
{
	struct buf *pem = read_pinned(x, x->root_path, why);
	struct err e = ERR_INIT;

	*pin = 0;
	if (pem && x->f->o.ops->root_pin(pin, pem->s, pem->n, &e) < 0)
		*why = arena_printf(&x->now->arena, "the imported root is damaged: %s", e.message);
	return pem;
}

static void sum_of(struct errand *x, const struct buf *text, const char *beside, char out[DIGEST_HEX])
{
	struct buf both = BUF_INIT(1024);
	char of[DIGEST_HEX];

	x->f->o.sha256(text->s, text->n, of);
	buf_fmt(&both, "%s %s", of, beside);
	x->f->o.sha256(both.s, both.n, out);
	buf_done(&both);
}

/* What is read of each; NULL: it is not there. */
struct files {
	struct buf *collateral, *root, *keys, *keys_root;
	char pin[65];
};

static void read_files(struct errand *x, struct files *f)
{
	struct fleet_trust *t = &x->now->t;
	struct stat st;
	char of[DIGEST_HEX] = "";

	f->collateral = read_file(x, x->collateral_path, COLLATERAL_MAX, "collateral", &t->collateral_why);
	f->root = read_root(x, f->pin, &t->collateral_why);
	if (f->collateral)
		sum_of(x, f->collateral, t->collateral_why ? t->collateral_why : f->pin, t->collateral_sha);
	if (f->collateral && stat(x->collateral_path, &st) == 0)
		t->collateral_at.ms = (int64_t)st.st_mtime * 1000;
	f->keys = read_file(x, x->keys_path, TOKEN_KEYS_MAX, "keys of tokens", &t->keys_why);
	if (f->keys)
		f->keys_root = read_pinned(x, x->keys_root_path, &t->keys_why);
	if (f->keys_root)
		x->f->o.sha256(f->keys_root->s, f->keys_root->n, of);
	if (f->keys)
		sum_of(x, f->keys, t->keys_why ? t->keys_why : of, t->keys_sha);
}

static void parse_collateral(struct errand *x, const struct files *f)
{
	struct held *h = x->now;
	struct err e = ERR_INIT;

	if (!f->collateral || h->t.collateral_why)
		return;
	if (x->f->o.ops->collateral_parse(&h->collateral, f->collateral->s, f->collateral->n,
					  *f->pin ? f->pin : NULL, &e) < 0)
		h->t.collateral_why = arena_printf(&h->arena, "the collateral is not read: %s", e.message);
	else
		h->t.collateral_until = x->f->o.ops->collateral_until(h->collateral);
}

static void parse_keys(struct errand *x, const struct files *f)
{
	struct held *h = x->now;
	struct err e = ERR_INIT;

	if (f->keys && !h->t.keys_why &&
	    x->f->o.ops->keys_parse(&h->keys, f->keys->s, f->keys->n, f->keys_root ? f->keys_root->s : NULL,
				    f->keys_root ? f->keys_root->n : 0, &e) < 0)
		h->t.keys_why = arena_printf(&h->arena, "the keys of tokens are not read: %s", e.message);
}

static void hold_file(struct errand *x, enum fleet_kept_kind kind, struct buf *text)
{
	struct fleet_trust *t = &x->now->t;
	struct fleet_file *f = &t->files[t->files_n];

	if (!text)
		return;
	*f = (struct fleet_file){ .kind = names_word(&fleet_kept_kinds, (int)kind),
				  .bytes = arena_copy(&x->now->arena, text->s, text->n),
				  .n = text->n };
	x->f->o.sha256(f->bytes, f->n, f->sha);
	t->files_n++;
}

static void files_done(struct files *f)
{
	struct buf *const all[] = { f->collateral, f->root, f->keys, f->keys_root };

	for (size_t i = 0; i < countof(all); i++)
		if (all[i])
			buf_done(all[i]);
}

/* Same bytes as before: what was parsed then is used again. */
static void load_work(void *ctx)
{
	struct errand *x = ctx;
	struct files f = { 0 };

	read_files(x, &f);
	x->same = x->was && !strcmp(x->was->t.collateral_sha, x->now->t.collateral_sha) &&
		  !strcmp(x->was->t.keys_sha, x->now->t.keys_sha);
	if (!x->same) {
		parse_collateral(x, &f);
		parse_keys(x, &f);
		hold_file(x, KEPT_COLLATERAL, f.collateral);
		hold_file(x, KEPT_COLLATERAL_ROOT, f.root);
		hold_file(x, KEPT_KEYS, f.keys);
		hold_file(x, KEPT_KEYS_ROOT, f.keys_root);
	}
	files_done(&f);
}

static void retire(struct fleets *f, const char *key)
{
	for (struct held **at = &f->held, *h; (h = *at);) {
		h->current = h->current && !text_eq(h->key, key);
		if (!h->current && !h->users) {
			*at = h->next;
			held_free(f, h);
		} else {
			at = &h->next;
		}
	}
}

static struct held *keep(struct fleets *f, struct errand *x)
{
	struct held *h = x->now;

	retire(f, x->key);
	h->key = arena_strdup(&h->arena, x->key);
	h->current = true;
	h->t.collateral = h->collateral;
	h->t.keys = h->keys;
	h->next = f->held;
	f->held = h;
	return h;
}

static void load_done(void *ctx, bool ran)
{
	struct errand *x = ctx;
	struct held *h = NULL;

	if (x->was)
		x->was->users--;
	if (ran && !x->same)
		h = keep(x->f, x);
	else if (ran)
		h = x->was;
	if (!ran || x->same)
		held_free(x->f, x->now);
	if (h)
		h->users++;
	x->done(x->ctx, h ? &h->t : NULL);
	arena_done(&x->arena);
	free(x);
}

static const char *imported(const struct fleets *f, const char *name, struct arena *a)
{
	return f->o.dir ? path_join(a, f->o.dir, name) : NULL;
}

bool fleets_load(struct fleets *f, const struct profile_attestation *t, fleet_loaded done, void *ctx)
{
	struct errand *x = x_alloc(sizeof(*x));

	*x = (struct errand){ .f = f, .done = done, .ctx = ctx, .now = x_alloc(sizeof(*x->now)) };
	x->collateral_path = t->collateral ? arena_strdup(&x->arena, t->collateral)
					   : imported(f, FLEET_COLLATERAL, &x->arena);
	x->keys_path =
		t->token_keys ? arena_strdup(&x->arena, t->token_keys) : imported(f, FLEET_KEYS, &x->arena);
	x->root_path = imported(f, FLEET_ROOT, &x->arena);
	x->keys_root_path = imported(f, FLEET_KEYS_ROOT, &x->arena);
	x->key = arena_printf(&x->arena, "%s\n%s", x->collateral_path ? x->collateral_path : "",
			      x->keys_path ? x->keys_path : "");
	for (struct held *h = f->held; h; h = h->next)
		if (h->current && text_eq(h->key, x->key))
			x->was = h;
	if (x->was)
		x->was->users++;
	if (jobs_add(f->jobs, load_work, load_done, x))
		return true;
	if (x->was)
		x->was->users--;
	held_free(f, x->now);
	arena_done(&x->arena);
	free(x);
	return false;
}

void fleets_release(struct fleets *f, const struct fleet_trust *trust)
{
	for (struct held *h = f->held; h; h = h->next)
		if (&h->t == trust)
			h->users--;
}

/* ---- batches ------------------------------------------------------------------------------------------------------------ */

static void batch_work(void *ctx)
{
	struct fleet_batch *b = ctx;

	const struct fleets_options *o = &b->f->o;
	const struct evidence_box box = {
		.dir = fleet_kept_dir(o->evidence_dir, b->lane, o->sha256, &b->arena),
		.sha256 = o->sha256,
		.renewed = true,
	};
	const struct fleet_judging by = { b->rules, o->ops, o->sha256, &box };

	if (b->first)
		fleet_keep_files(&box, b->rules);
	for (size_t i = 0; i < b->n; i++)
		fleet_machine_judge(&b->machines[i], &by, &b->arena);
}

static void batch_done(void *ctx, bool ran)
{
	struct fleet_batch *b = ctx;

	for (size_t i = 0; i < b->n && ran; i++)
		b->f->judged += !b->machines[i].same;
	b->done(b->ctx, ran);
}

void fleets_kept(struct fleets *f, const struct fleet_batch *b)
{
	char of[DIGEST_HEX];

	for (size_t i = 0; i < b->n; i++) {
		const struct fleet_machine *m = &b->machines[i];

		if (m->same)
			continue;
		name_of(f, b->lane, m->in->id, of);
		remember(f, of, m->print, m->again);
	}
}

bool fleets_judge(struct fleets *f, struct fleet_batch *b, fleet_judged done, void *ctx)
{
	char of[DIGEST_HEX];

	b->f = f;
	b->done = done;
	b->ctx = ctx;
	for (size_t i = 0; i < b->n && b->rules->t->chain; i++)
		chains_find(&b->machines[i].chain, f->chains, b->lane, b->machines[i].in, &b->arena);
	for (size_t i = 0; i < b->n && f->room; i++) {
		const struct memory *m;

		name_of(f, b->lane, b->machines[i].in->id, of);
		m = slot(f, of);
		memcpy(b->machines[i].known, m->print, DIGEST_HEX);
		b->machines[i].known_again = m->again;
	}
	return jobs_add(f->jobs, batch_work, batch_done, b);
}

static void compare_work(void *ctx)
{
	fleet_copies_find(ctx);
}

static void compare_done(void *ctx, bool ran)
{
	struct fleet_copies *c = ctx;

	c->done(c->ctx, ran);
}

bool fleets_compare(struct fleets *f, struct fleet_copies *c, fleet_judged done, void *ctx)
{
	c->shown = &f->shown;
	c->ops = f->o.ops;
	c->sha256 = f->o.sha256;
	c->done = done;
	c->ctx = ctx;
	return jobs_add(f->jobs, compare_work, compare_done, c);
}

void fleets_trim(struct fleets *f, const char *lane, char (*names)[DIGEST_HEX], size_t n)
{
	struct arena a = ARENA_INIT;
	const struct evidence_box box = {
		.dir = fleet_kept_dir(f->o.evidence_dir, lane, f->o.sha256, &a),
		.sha256 = f->o.sha256,
	};

	fleet_trim_in(f->jobs, &box, names, n);
	arena_done(&a);
}

struct chains *fleets_chains(struct fleets *f)
{
	return f->chains;
}

static void nothing(void *ctx)
{
	(void)ctx;
}

bool fleets_pause(struct fleets *f, fleet_judged done, void *ctx)
{
	return jobs_add(f->jobs, nothing, done, ctx);
}

/* ---- life --------------------------------------------------------------------------------------------------------------- */

struct fleets *fleets_new(const struct fleets_options *o)
{
	struct fleets *f = x_alloc(sizeof(*f));

	f->o = *o;
	f->jobs = jobs_new(o->loop);
	f->chains = chains_new();
	hash_random(f->salt);
	return f;
}

void fleets_free(struct fleets *f)
{
	struct held *next;

	if (!f)
		return;
	jobs_free(f->jobs);
	for (struct held *h = f->held; h; h = next) {
		next = h->next;
		held_free(f, h);
	}
	free(f->memory);
	chains_free(f->chains);
	fleet_shown_free(f->shown);
	free(f);
}

uint64_t fleets_judged(const struct fleets *f)
{
	return f->judged;
}
