#include "core/engine/prover.h"

#include "base/jobs.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What facts depend on. */
struct key {
	char bundle[DIGEST_HEX], artifact[DIGEST_HEX], root[DIGEST_HEX], pem[DIGEST_HEX];
};
struct memory {
	struct key key;
	struct arena arena;
	struct attest_facts facts;
	struct when at;
};
struct prover {
	struct prover_options o;
	struct evidence_box box;
	struct jobs *jobs;
	struct memory *memory[PROVER_FACTS];
	size_t next; /* where the next is remembered: the oldest goes */
};

/* One verification, on its way through the thread. */
struct errand {
	struct prover *p;
	struct key key;
	struct arena arena;
	struct prover_question q; /* copies */
	const struct trusted *root;
	struct attest_facts facts;
	struct err err, kept;
	prover_done done;
	void *ctx;
};

/* ---- copies ------------------------------------------------------------------------------------------------------------- */

/* NULs and all: what is malformed is for the verifier to say. */
static void *copy_bytes(const void *bytes, size_t n, struct arena *a)
{
	char *copy = arena_alloc(a, n + 1);

	memcpy(copy, bytes, n);
	copy[n] = 0;
	return copy;
}

static void copy_texts(const char **texts, size_t n, struct arena *a)
{
	for (size_t i = 0; i < n; i++)
		texts[i] = arena_strdup(a, texts[i]);
}
#define COPY_TEXTS(a, ...)                                        \
	do {                                                      \
		const char **const all_[] = { __VA_ARGS__ };      \
		for (size_t i_ = 0; i_ < countof(all_); i_++)     \
			*all_[i_] = arena_strdup((a), *all_[i_]); \
	} while (0)

static void copy_statement(struct attest_statement *s, struct arena *a)
{
	struct attest_subject *subjects = arena_array(a, struct attest_subject, s->subjects_n + 1);

	for (size_t i = 0; i < s->subjects_n; i++) {
		subjects[i] = s->subjects[i];
		COPY_TEXTS(a, &subjects[i].name, &subjects[i].algorithm, &subjects[i].hex);
	}
	s->subjects = subjects;
	COPY_TEXTS(a, &s->type, &s->predicate, &s->build_type, &s->builder, &s->repo, &s->ref, &s->path,
		   &s->commit, &s->invocation, &s->sbom, &s->release_tag, &s->release_repo,
		   &s->release_repo_id);
}

static void copy_checks(struct proof_checks *to, const struct proof_checks *from, struct arena *a)
{
	*to = (struct proof_checks){ 0 };
	vec_each (check, from) {
		struct proof_check *c = vec_push(to, a);

		*c = *check;
		COPY_TEXTS(a, &c->lane, &c->evidence, &c->id, &c->name, &c->expected, &c->found);
	}
}

static void copy_log(struct attest_facts *f, struct arena *a)
{
	struct attest_time *times = arena_array(a, struct attest_time, f->times_n + 1);
	struct attest_entry *entries = arena_array(a, struct attest_entry, f->entries_n + 1);

	for (size_t i = 0; i < f->times_n; i++) {
		times[i] = f->times[i];
		COPY_TEXTS(a, &times[i].authority);
	}
	for (size_t i = 0; i < f->entries_n; i++) {
		entries[i] = f->entries[i];
		COPY_TEXTS(a, &entries[i].log, &entries[i].kind);
	}
	f->times = times;
	f->entries = entries;
}

static void copy_artifacts(struct attest_facts *f, struct arena *a)
{
	struct attest_subject *artifacts = arena_array(a, struct attest_subject, f->artifacts_n + 1);

	for (size_t i = 0; i < f->artifacts_n; i++) {
		artifacts[i] = f->artifacts[i];
		COPY_TEXTS(a, &artifacts[i].name, &artifacts[i].algorithm, &artifacts[i].hex);
	}
	f->artifacts = artifacts;
}

void facts_copy(struct attest_facts *to, const struct attest_facts *from, struct arena *a)
{
	*to = *from;
	COPY_TEXTS(a, &to->bundle_sha, &to->root_sha, &to->media_type, &to->algorithm, &to->id.san,
		   &to->id.issuer, &to->id.serial, &to->authority, &to->digest_algorithm, &to->digest);
	copy_texts(to->id.oid, ATTEST_OIDS, a);
	copy_log(to, a);
	copy_artifacts(to, a);
	copy_statement(&to->statement, a);
	copy_checks(&to->checks, &from->checks, a);
}

/* ---- memory ------------------------------------------------------------------------------------------------------------- */

static const struct memory *recall(const struct prover *p, const struct key *key)
{
	for (size_t i = 0; i < PROVER_FACTS && p->memory[i]; i++)
		if (!memcmp(&p->memory[i]->key, key, sizeof(*key)))
			return p->memory[i];
	return NULL;
}

static void forget(struct memory *m)
{
	if (!m)
		return;
	arena_done(&m->arena);
	free(m);
}

/* A copy: what the verification needed beside its facts goes with its arena. */
static const struct memory *remember(struct prover *p, const struct errand *x)
{
	struct memory *m = x_alloc(sizeof(*m));

	m->key = x->key;
	m->at = clock_wall(loop_clock(p->o.loop));
	facts_copy(&m->facts, &x->facts, &m->arena);
	forget(p->memory[p->next]);
	p->memory[p->next] = m;
	p->next = (p->next + 1) % PROVER_FACTS;
	return m;
}

/* ---- the errand --------------------------------------------------------------------------------------------------------- */

static int keep_bytes(const struct errand *x, struct err *e)
{
	const struct evidence_box *box = &x->p->box;
	char hex[DIGEST_HEX];
	int r = evidence_keep(box, x->q.bundle, x->q.bundle_n, hex, e);

	if (r >= 0 && x->q.payload)
		r = evidence_keep(box, x->q.payload, x->q.payload_n, hex, e);
	if (r >= 0 && x->root)
		r = evidence_keep(box, x->root->json, x->root->n, hex, e);
	return r;
}

/* On the thread: touches the errand, and what never changes of the prover. */
static void errand_work(void *ctx)
{
	struct errand *x = ctx;
	const struct attest_question q = {
		.bundle = x->q.bundle,
		.bundle_n = x->q.bundle_n,
		.root = x->root ? x->root->root : NULL,
		.key = x->q.key,
		.artifact = x->q.payload,
		.artifact_n = x->q.payload_n,
		.digest_algorithm = x->q.payload ? NULL : "sha256",
		.digest = x->q.payload ? NULL : x->q.digest,
	};

	(void)!x->p->o.ops->verify(&x->facts, &q, &x->arena, &x->err);
	if (x->p->box.dir)
		(void)!keep_bytes(x, &x->kept);
}

static void errand_free(struct errand *x)
{
	arena_done(&x->arena);
	free(x);
}

static void errand_done(void *ctx, bool ran)
{
	struct errand *x = ctx;
	struct prover *p = x->p;

	if (!ran)
		err_set(&x->err, ERR_CANCELLED, "it was not verified: the engine is shutting down");
	if (x->kept.kind != ERR_NONE && p->o.log)
		log_line(p->o.log, "evidence", "%s", x->kept.message);
	if (x->err.kind == ERR_NONE) {
		const struct memory *m = remember(p, x);

		x->done(x->ctx, &m->facts, m->at, NULL);
	} else {
		x->done(x->ctx, NULL, WHEN_NONE, &x->err);
	}
	errand_free(x);
}

static void key_make(const struct prover *p, struct key *key, const struct prover_question *q,
		     const struct trusted *root)
{
	memset(key, 0, sizeof(*key));
	snprintf(key->bundle, sizeof(key->bundle), "%s", q->bundle_sha);
	if (q->payload)
		snprintf(key->artifact, sizeof(key->artifact), "%s", q->digest);
	else
		p->o.sha256(q->digest, strlen(q->digest), key->artifact);
	if (root)
		snprintf(key->root, sizeof(key->root), "%s", p->o.ops->root_sha(root->root));
	if (q->key)
		p->o.sha256(q->key, strlen(q->key), key->pem);
}

static void errand_start(struct prover *p, const struct prover_question *q, const struct key *key,
			 const struct trusted *root, prover_done done, void *ctx)
{
	struct errand *x = x_alloc(sizeof(*x));
	struct err e = ERR_INIT;

	x->p = p;
	x->key = *key;
	x->root = root;
	x->done = done;
	x->ctx = ctx;
	x->q = (struct prover_question){
		.bundle = copy_bytes(q->bundle, q->bundle_n, &x->arena),
		.bundle_n = q->bundle_n,
		.digest = arena_strdup(&x->arena, q->digest),
		.key = arena_strdup(&x->arena, q->key),
		.payload = q->payload ? copy_bytes(q->payload, q->payload_n, &x->arena) : NULL,
		.payload_n = q->payload_n,
	};
	if (jobs_add(p->jobs, errand_work, errand_done, x))
		return;
	err_set(&e, ERR_CANCELLED, "too much is being verified: it is looked at in the next round");
	errand_free(x);
	done(ctx, NULL, WHEN_NONE, &e);
}

void prover_ask(struct prover *p, const struct prover_question *q, prover_done done, void *ctx)
{
	const struct trusted *root = q->root ? roots_get(p->o.roots, q->root) : NULL;
	const struct memory *m;
	struct err e = ERR_INIT;
	struct key key;

	if (!root && !q->key) {
		err_set(&e, ERR_MISSING, "there is no trusted root %s", q->root ? q->root : "");
		done(ctx, NULL, WHEN_NONE, &e);
		return;
	}
	key_make(p, &key, q, root);
	m = recall(p, &key);
	if (m)
		done(ctx, &m->facts, m->at, NULL);
	else
		errand_start(p, q, &key, root, done, ctx);
}

/* ---- life --------------------------------------------------------------------------------------------------------------- */

struct prover *prover_new(const struct prover_options *o)
{
	struct prover *p = x_alloc(sizeof(*p));

	p->o = *o;
	p->box = (struct evidence_box){ .dir = o->evidence_dir, .sha256 = o->sha256 };
	p->jobs = jobs_new(o->loop);
	return p;
}

void prover_free(struct prover *p)
{
	if (!p)
		return;
	jobs_free(p->jobs);
	for (size_t i = 0; i < PROVER_FACTS; i++)
		forget(p->memory[i]);
	free(p);
}

void prover_names(const struct prover *p, void (*fn)(void *ctx, const char *hex), void *ctx)
{
	for (size_t i = 0; i < PROVER_FACTS && p->memory[i]; i++) {
		fn(ctx, p->memory[i]->key.bundle);
		fn(ctx, p->memory[i]->key.artifact);
		fn(ctx, p->memory[i]->key.root);
	}
}

struct jobs *prover_jobs(struct prover *p)
{
	return p->jobs;
}

const struct roots *prover_roots(const struct prover *p)
{
	return p->o.roots;
}
