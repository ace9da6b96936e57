/*
 * survey_proof.c - looks for evidence about what a lane has released, what goes next, and what it would go back to: the
 * releases, their assets and images, the digests of those, the bundles that are kept for them, what each says, and then
 * the rows.
 */
#include "core/engine/proofs.h"
#include "core/engine/survey_fleet.h"

#include "base/json.h"
#include "base/text.h"
#include "core/engine/asset.h"
#include "core/rules/evidence.h"

#include <stdlib.h>
#include <string.h>

#define RELEASES_MAX 4
#define THINGS_MAX   256
#define ASKED_FOR_MS INT64_C(3600000)         /* rows of a release that a plan asked about stay so long */
#define FAILED_MS    (INT64_C(720) * 3600000) /* and what failed a month: an outage must not make it unchecked */

struct proving {
	struct proof_release releases[RELEASES_MAX];
	size_t releases_n;
	struct VEC_OF(struct proof_thing *) things;
	bool left_out; /* there are more things than are taken */
	struct proof_books rows;
	const char *key, *key_why; /* PEM of a key */
	const char *policy;        /* its name: proof_policy_name() */
	const char *only;          /* a release that somebody asked about; NULL: a round */
	survey_done done;
	void *ctx;
};

/* ---- releases ----------------------------------------------------------------------------------------------------------- */

static void add_release(struct look *k, const char *tag, const char *sha)
{
	struct proving *v = k->own;

	if (!tag || !*tag || v->releases_n == RELEASES_MAX)
		return;
	for (size_t i = 0; i < v->releases_n; i++)
		if (text_eq(v->releases[i].tag, tag))
			return;
	v->releases[v->releases_n++] = (struct proof_release){ .tag = tag, .sha = sha ? sha : "" };
}

static void choose_releases(struct look *k)
{
	struct proving *v = k->own;
	const struct known *known = k->known;
	size_t n = 0;

	add_release(k, known->row.live, known->row.live_sha);
	add_release(k, known->row.next, NULL);
	if (known->back)
		add_release(k, known->back->release, known->back->head_sha);
	if (!v->only)
		return;
	v->releases_n = v->releases_n == RELEASES_MAX ? RELEASES_MAX - 1 : v->releases_n;
	add_release(k, v->only, NULL);
	while (n < v->releases_n && !text_eq(v->releases[n].tag, v->only))
		n++;
	v->releases[0] = v->releases[n];
	v->releases_n = 1;
}

static void take_release(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct proof_release *r = ctx;

	if (err && err->kind != ERR_MISSING) {
		r->why = look_failed(k, err);
	} else if (err || !a->n) {
		r->absent = true;
	} else {
		struct release *row = arena_new(&k->arena, struct release);

		rec_dup(&rec_release, row, a->items, &k->arena);
		r->row = row;
	}
}

static bool has_assets(const struct profile_proof *p)
{
	vec_each (s, &p->subjects)
		if (s->asset)
			return true;
	return false;
}

static void read_releases(struct look *k)
{
	struct proving *v = k->own;

	for (size_t i = 0; i < v->releases_n && has_assets(k->lane->proof); i++)
		look_read(k,
			  &(struct forge_read){ .kind = FORGE_RELEASE,
						.repo = k->profile->repo,
						.name = v->releases[i].tag },
			  take_release, &v->releases[i]);
}

/* ---- assets ------------------------------------------------------------------------------------------------------------- */

static struct proof_thing *thing_add(struct look *k, const struct profile_subject *of,
				     const struct proof_release *r, const char *name)
{
	struct proving *v = k->own;
	struct proof_thing *x = arena_new(&k->arena, struct proof_thing);

	*x = (struct proof_thing){ .of = of, .release = r, .name = name };
	if (v->things.n < THINGS_MAX)
		*vec_push(&v->things, &k->arena) = x;
	else
		v->left_out = true;
	return x;
}

/* What was not looked at must not look like what was: it is a row of its own, and one that counts. */
static void tell_left_out(struct look *k)
{
	const struct profile_subjects *subjects = &k->lane->proof->subjects;
	struct proving *v = k->own;
	size_t of = 0;

	while (of + 1 < subjects->n && subjects->items[of].informs)
		of++;
	for (size_t i = 0; v->left_out && i < v->releases_n; i++) {
		struct proof_thing *x = arena_new(&k->arena, struct proof_thing);

		*x = (struct proof_thing){ .of = &subjects->items[of],
					   .release = &v->releases[i],
					   .name = "and more",
					   .why = "there is more than is looked at" };
		*vec_push(&v->things, &k->arena) = x;
	}
}

static void take_asset(struct look *k, void *ctx, const struct asset *a, const struct err *err)
{
	struct proof_thing *x = ctx;

	if (err) {
		x->why = look_failed(k, err);
		return;
	}
	memcpy(x->hex, a->hex, DIGEST_HEX);
	if (a->text)
		x->text = arena_strndup(&k->arena, a->text, a->n);
}

/* The digest that the forge lists is enough to look for attestations of it: a plan holds the bytes against it. */
static void find_asset(struct look *k, const struct profile_subject *s, const struct proof_release *r,
		       const struct json *assets)
{
	const char *name;
	const struct json *one = asset_find(k, assets, asset_need(k->lane, s->asset), r->tag, &name);
	struct proof_thing *x = thing_add(k, s, r, name ? name : s->asset);

	if (r->why)
		x->why = r->why;
	else if (!one)
		x->absent = arena_printf(&k->arena, "%s has no %s", r->tag, x->name);
	else
		asset_read(k, one, s->pointers != NULL, take_asset, x);
}

static void find_assets(struct look *k)
{
	struct proving *v = k->own;

	for (size_t i = 0; i < v->releases_n; i++) {
		const struct proof_release *r = &v->releases[i];
		const char *text = r->row && r->row->assets ? r->row->assets : "[]";
		autofree(json) struct json *assets = NULL;

		if (json_parse(&assets, text, strlen(text), SURVEY_TEXT * 4, NULL) < 0)
			v->releases[i].why = "the release's list of assets is damaged";
		vec_each (s, &k->lane->proof->subjects)
			if (s->asset)
				find_asset(k, s, r, assets);
	}
}

/* ---- images ------------------------------------------------------------------------------------------------------------- */

/* NAME@sha256:DIGEST, or the digest alone: then no registry can be asked. False: it is neither. */
static bool image_parse(struct look *k, struct proof_thing *x, const char *text, const char *image)
{
	const char *at = strstr(text, "sha256:");

	if (!at || !text_is_sha256(at) || (at > text && at[-1] != '@'))
		return false;
	memcpy(x->hex, at + 7, DIGEST_HEX);
	x->image = at > text ? arena_strndup(&k->arena, text, (size_t)(at - text) - 1) : image;
	if (!x->name)
		x->name = x->image ? x->image : text;
	return true;
}

static void image_of_asset(struct look *k, const struct proof_thing *from, const struct json *doc,
			   const char *pointer)
{
	const char *text = evidence_word(evidence_at(doc, pointer), &k->arena);
	struct proof_thing *x = thing_add(k, from->of, from->release, NULL);

	if (text && image_parse(k, x, text, NULL))
		return;
	x->name = arena_printf(&k->arena, "%s%s", from->name, pointer);
	x->absent = arena_printf(&k->arena, "%s names no image by its digest", x->name);
}

/* An asset that could not be read, or is not there, stands for its images. */
static void images_of_assets(struct look *k)
{
	struct proving *v = k->own;
	size_t n = v->things.n;

	for (size_t i = 0; i < n; i++) {
		struct proof_thing *x = v->things.items[i];
		autofree(json) struct json *doc = NULL;
		struct err e = ERR_INIT;

		if (!x->of->pointers || !x->text)
			continue;
		if (json_parse(&doc, x->text, strlen(x->text), SURVEY_TEXT, &e) < 0) {
			x->absent = arena_printf(&k->arena, "%s is damaged: %s", x->name, e.message);
			continue;
		}
		for (const char *const *p = x->of->pointers; *p; p++)
			image_of_asset(k, x, doc, *p);
		x->of = NULL; /* its images are there now */
	}
}

struct probing {
	struct look *k;
	const struct profile_subject *of;
	const struct profile_probe *probe;
	int64_t ordinal;
};

static int take_drift(void *ctx, const void *row)
{
	struct probing *g = ctx;
	struct look *k = g->k;
	const struct drift *d = row;
	const struct proving *v = k->own;
	const char *text = *d->live ? d->live : d->declared;
	struct proof_thing *x;

	if (d->probe != g->ordinal)
		return 0;
	x = thing_add(k, g->of, &v->releases[0],
		      *d->platform ? arena_printf(&k->arena, "%s@%s", d->component, d->platform)
				   : arena_strdup(&k->arena, d->component));
	if (!image_parse(k, x, text, look_expand(k, g->probe->image, v->releases[0].tag, NULL)))
		x->why = arena_printf(&k->arena, "the digest of %s is not known", x->name);
	return 0;
}

/* What runs is of the release that is live. */
static void images_of_probes(struct look *k)
{
	const struct proving *v = k->own;
	const struct key key = { .name = k->lane->name };

	if (!v->releases_n || !text_eq(v->releases[0].tag, k->known->row.live))
		return;
	vec_each (s, &k->lane->proof->subjects)
		for (size_t i = 0; s->probe && i < k->lane->probes.n; i++) {
			const struct profile_probe *probe = &k->lane->probes.items[i];
			struct probing g = { k, s, probe, (int64_t)i };

			if (text_eq(names_word(&probe_kind_names, probe->kind), s->probe))
				(void)!store_each(look_cache(k), Q_drifts_by_lane, &rec_key, &key, &rec_drift,
						  &k->arena, take_drift, &g, NULL);
		}
}

/* ---- evidence ----------------------------------------------------------------------------------------------------------- */

static void read_key(struct look *k)
{
	struct proving *v = k->own;

	v->key = proof_key_read(k->lane->proof, &v->key_why, &k->arena);
	v->policy = proof_policy_name(k->lane->proof, v->key, k->s->en->o.sha256, &k->arena);
}

/* ghcr.io/o/n is o/n in its registry: what is before the first slash is a host when it has a dot or a port. */
static const char *in_registry(const char *image)
{
	size_t host = strcspn(image, "/");

	return image[host] && strcspn(image, ".:") < host ? image + host + 1 : image;
}

/* The forge keeps statements: a signature over the bytes alone lies beside its image. */
static bool wants_statement(const struct profile_subject *of)
{
	for (const char *const *w = of->wants; *w; w++)
		if (!text_eq(*w, "signature"))
			return true;
	return false;
}

static void seek(struct look *k, struct proof_thing *x)
{
	const char *digest = arena_printf(&k->arena, "sha256:%s", x->hex);

	if (!x->image || wants_statement(x->of))
		attestations_of_digest(k, k->profile->repo, digest, &x->found);
	if (x->image)
		attestations_of_image(k, in_registry(x->image), digest, NULL, &x->beside);
}

static void took_facts(void *ctx, const struct attest_facts *facts, struct when at, const struct err *err)
{
	struct proof_witness *w = ctx;

	w->k->pending--;
	if (err) {
		w->why = arena_strdup(&w->k->arena, err->message);
	} else {
		facts_copy(&w->facts, facts, &w->k->arena);
		w->known = true;
		w->at = at;
	}
	survey_wake(w->k->s);
}

/* In the loop, so each once, by how many roots it is ever verified. */
static void hash_once(struct look *k, struct attestation *it)
{
	if (!*it->sha)
		k->s->en->o.sha256(it->bundle, it->bundle_n, it->sha);
	if (it->payload && !*it->payload_sha)
		k->s->en->o.sha256(it->payload, it->payload_n, it->payload_sha);
}

static const char *artifact_of(const struct attestation *from, const struct proof_thing *x,
			       struct proof_witness *w)
{
	if (from->payload)
		memcpy(w->digest, from->payload_sha, DIGEST_HEX);
	else if (text_is_sha256(from->digest))
		memcpy(w->digest, from->digest + 7, DIGEST_HEX);
	else
		memcpy(w->digest, x->hex, DIGEST_HEX);
	return w->digest;
}

static void ask_one(struct look *k, struct proof_thing *x, struct attestation *from, const char *root)
{
	const struct proving *v = k->own;
	struct proof_witness *w = arena_new(&k->arena, struct proof_witness);

	*w = (struct proof_witness){ .from = from, .root = root, .k = k };
	hash_once(k, from);
	memcpy(w->sha, from->sha, DIGEST_HEX);
	*vec_push(&x->witnesses, &k->arena) = w;
	k->pending++;
	prover_ask(k->s->en->prover,
		   &(struct prover_question){ .root = root,
					      .key = root ? NULL : v->key,
					      .bundle = from->bundle,
					      .bundle_n = from->bundle_n,
					      .bundle_sha = w->sha,
					      .digest = artifact_of(from, x, w),
					      .payload = from->payload,
					      .payload_n = from->payload_n },
		   took_facts, w);
}

static void ask_each(struct look *k, struct proof_thing *x, const struct attestations *found,
		     const char *root)
{
	for (size_t i = 0; i < found->found.n; i++)
		ask_one(k, x, &found->found.items[i], root);
}

/* A release attestation has its own root, whoever vouches for the rest. */
static void ask_all(struct look *k, struct proof_thing *x, const struct attestations *found)
{
	const char *ours = proof_root_name(k->lane->proof, WANT_PROVENANCE),
		   *forges = proof_root_name(k->lane->proof, WANT_RELEASE);
	bool release = false, others = false;

	for (const char *const *w = x->of->wants; *w; w++) {
		release |= text_eq(*w, "release");
		others |= !text_eq(*w, "release");
	}
	if (others)
		ask_each(k, x, found, ours);
	if (release && !(others && text_eq(ours, forges)))
		ask_each(k, x, found, forges);
}

/* ---- rows ----------------------------------------------------------------------------------------------------------------- */

static const struct proof *find_old(const struct proofs *old, const struct proof *row)
{
	vec_each (o, old)
		if (text_eq(o->release, row->release) && text_eq(o->subject, row->subject) &&
		    text_eq(o->check, row->check))
			return o;
	return NULL;
}

static bool holds(const struct proof *row)
{
	return proof_verdict((enum proof_status)row->status) == CHECK_OK;
}

/* "...; not read: the forge does not answer": once, however often. */
static const char *and_not_read(struct look *k, const char *detail, const char *why)
{
	const char *end = strstr(detail, "; not read: ");

	if (text_starts(detail, "not read: "))
		return why;
	if (end)
		detail = arena_strndup(&k->arena, detail, (size_t)(end - detail));
	return *detail ? arena_printf(&k->arena, "%s; %s", detail, why) : why;
}

/* The bytes may be other ones, or another policy was in force: then nothing is known. But what failed was not looked at again by
 * a look that read nothing. */
static bool says_still(const struct proof *was, const struct proof *now, const char *policy)
{
	if (!was || (*now->digest && !text_eq(now->digest, was->digest)))
		return false;
	return was->status == PROOF_FAILED ||
	       (was->status != PROOF_UNCHECKED && text_eq(was->policy, policy));
}

/* What could not be read again is what it was, with its age. */
static void keep_old(struct look *k, struct proof_book *b, const struct proofs *old, const char *why)
{
	const struct proving *v = k->own;
	const struct proof *was = find_old(old, &b->row);
	struct err e = ERR_INIT;

	if (!says_still(was, &b->row, v->policy)) {
		b->row.status = PROOF_UNCHECKED;
		b->row.reason = PROOF_OK;
		b->row.detail = why;
		b->row.at = was ? was->at : WHEN_NONE;
		return;
	}
	b->checks = (struct proof_checks){ 0 };
	(void)!store_proof_checks_read(&b->checks, look_cache(k), was, &k->arena, &e);
	b->row = *was;
	b->row.detail = and_not_read(k, was->detail, why);
}

static void grow_old(struct look *k, struct proof *row)
{
	const struct profile_proof *p = k->lane->proof;
	const struct proof_terms_now now = { p->policy == PROOFS_STRICT, proof_max_age(p), look_now(k) };
	enum proof_status is = proof_now(row, &now);

	if ((enum proof_status)row->status == is)
		return;
	row->status = (int)is;
	row->reason = PROOF_EVID_OLD;
	row->detail = arena_printf(&k->arena, "%s%s%s", proof_reason_meaning(PROOF_EVID_OLD),
				   *row->detail ? "; " : "", row->detail);
}

static const char *not_read(struct look *k, const struct proof_thing *x)
{
	const struct proving *v = k->own;
	const struct attestations *const places[] = { &x->found, &x->beside };

	if (x->why || v->key_why)
		return x->why ? x->why : v->key_why;
	for (size_t i = 0; i < countof(places); i++)
		if (places[i]->err.kind != ERR_NONE)
			return look_failed(k, &places[i]->err);
	return x->found.cut || x->beside.cut ? "not read: there is more evidence than is looked at" : NULL;
}

static void write_thing(struct look *k, const struct proof_thing *x, const struct proofs *old)
{
	struct proving *v = k->own;
	const struct prover *prover = k->s->en->prover;

	for (const char *const *w = x->of->wants; *w; w++) {
		enum proof_want want = (enum proof_want)names_value(&proof_want_names, *w);
		const char *root = proof_root_name(k->lane->proof, want), *why = not_read(k, x);
		struct proof_book *b = vec_push(&v->rows, &k->arena);

		proof_best(b, k, x, want, root && prover ? roots_get(prover_roots(prover), root) : NULL);
		if (why && !holds(&b->row) && b->row.status != PROOF_FAILED)
			keep_old(k, b, old, why);
		b->row.required = !x->of->informs;
		b->row.policy = v->policy;
		grow_old(k, &b->row);
	}
}

/* Rows of other releases stay: in a round those that a plan asked about lately, else all. */
static void keep_others(struct look *k, const struct proofs *old)
{
	struct proving *v = k->own;
	struct err e = ERR_INIT;

	vec_each (o, old) {
		bool ours = false;
		struct proof_book *b;

		for (size_t i = 0; i < v->releases_n; i++)
			ours |= text_eq(v->releases[i].tag, o->release);
		if (is_of_machines(o))
			ours = false; /* survey_fleet.c's */
		else if (ours || (!v->only && when_diff(look_now(k), o->at) >
						      (o->status == PROOF_FAILED ? FAILED_MS : ASKED_FOR_MS)))
			continue;
		b = vec_push(&v->rows, &k->arena);
		b->row = *o;
		(void)!store_proof_checks_read(&b->checks, look_cache(k), o, &k->arena, &e);
	}
}

static void finish(struct look *k)
{
	const struct proving *v = k->own;
	survey_done done = v ? v->done : NULL;
	void *ctx = v ? v->ctx : NULL;

	look_end(k);
	if (done)
		done(ctx);
}

/* How old a root is, for whoever reads a verdict that rests on it. */
static int note_root(struct look *k, const struct proof *row, struct err *e)
{
	const struct prover *prover = k->s->en->prover;
	enum proof_want want = (enum proof_want)names_value(&proof_want_names, row->check);
	const char *name = proof_root_name(k->lane->proof, want);
	const struct trusted *root = prover && name ? roots_get(prover_roots(prover), name) : NULL;
	char hex[DIGEST_HEX], at[WHEN_TEXT];

	if (!root || !*row->root || !when_known(root->taken))
		return 0;
	k->s->en->o.sha256(root->json, root->n, hex);
	return text_eq(hex, row->root)
		       ? note_setting(k->s->en, arena_printf(&k->arena, ROOT_SETTING "%s", hex),
				      when_iso(root->taken, at), e)
		       : 0;
}

/* A line for who follows: of what was looked at before and is something else now. */
static int note_news(struct look *k, const struct proof *is, const struct proofs *old, struct err *e)
{
	const struct proof *was = find_old(old, is);

	if (!was || was->status == is->status)
		return 0;
	return note_event(k->s->en, k->lane->name,
			  arena_printf(&k->arena, "proof of %s: %s %s is %s, was %s%s%s", is->release,
				       is->subject, is->check, names_word(&proof_status_names, is->status),
				       names_word(&proof_status_names, was->status), *is->detail ? ": " : "",
				       is->detail),
			  e);
}

static int write_rows(struct look *k, const struct proofs *old, struct err *e)
{
	const struct proving *v = k->own;
	const char *root = "";
	int r = 0;

	vec_each (b, &v->rows) {
		if (r >= 0)
			r = note_news(k, &b->row, old, e);
		if (r >= 0 && !text_eq(root, b->row.root))
			r = note_root(k, &b->row, e);
		root = b->row.root;
	}
	return r < 0 ? r : store_proofs_put(look_cache(k), k->lane->name, v->rows.items, v->rows.n, e);
}

static void proofs_write(struct look *k)
{
	struct proving *v = k->own;
	struct proofs old = { 0 };
	struct err e = ERR_INIT;
	int r = store_proofs_read(&old, look_cache(k), k->lane->name, NULL, &k->arena, &e);

	vec_each (x, &v->things)
		if ((*x)->of)
			write_thing(k, *x, &old);
	keep_others(k, &old);
	if (r >= 0)
		r = look_write(k, &e) ? 0 : -1;
	if (r >= 0)
		r = write_rows(k, &old, &e);
	look_written(k, r, &e);
	finish(k);
}

/* ---- steps ---------------------------------------------------------------------------------------------------------------- */

static void proofs_verify(struct look *k)
{
	const struct proving *v = k->own;

	vec_each (it, &v->things) {
		struct proof_thing *x = *it;

		if (x->of && !k->s->en->prover)
			x->why = "nothing here can verify evidence";
		if (!x->of || x->why)
			continue;
		ask_all(k, x, &x->found);
		ask_all(k, x, &x->beside);
	}
	look_then(k, proofs_write);
}

static void proofs_seek(struct look *k)
{
	const struct proving *v = k->own;

	images_of_assets(k);
	images_of_probes(k);
	tell_left_out(k);
	read_key(k);
	vec_each (x, &v->things)
		if ((*x)->of && *(*x)->hex && !(*x)->why && !(*x)->absent)
			seek(k, *x);
	look_then(k, proofs_verify);
}

static void proofs_assets(struct look *k)
{
	find_assets(k);
	look_then(k, proofs_seek);
}

static void proofs_begin(struct look *k)
{
	struct err e = ERR_INIT;

	if (survey_known(k, &e) || !k->s->en->o.sha256) {
		finish(k);
		return;
	}
	choose_releases(k);
	read_releases(k);
	look_then(k, proofs_assets);
}

void look_at_proofs(struct look *k)
{
	k->own = arena_new(&k->arena, struct proving);
	proofs_begin(k);
}

void look_at_release(struct look *k, const char *release, survey_done done, void *ctx)
{
	struct proving *v = arena_new(&k->arena, struct proving);

	v->only = arena_strdup(&k->arena, release);
	v->done = done;
	v->ctx = ctx;
	k->own = v;
	k->asked = true;
	look_then(k, proofs_begin);
}

void proofs_orphan(struct look *k)
{
	const struct proving *v = k->own;

	if (k->asked && v && v->done)
		v->done(v->ctx);
}
