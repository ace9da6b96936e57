#include "core/adapters/authority/internal.h"

#include "base/text.h"

#include <openssl/objects.h>

#define STATEMENT_TYPE "application/vnd.in-toto+json"

enum { MINUTES = 60 * 1000, LIFE = 10 * MINUTES, MOMENT = 2000 };

static bool is(const struct made *m, enum authority_fault fault)
{
	return m->o->fault == fault;
}

/* DSSE's protocol.md. */
static struct bytes pae(const char *type, const char *payload, struct arena *a)
{
	const char *head = arena_printf(a, "DSSEv1 %zu %s %zu ", strlen(type), type, strlen(payload));

	return bytes_join(a,
			  (struct bytes[]){ { (const unsigned char *)head, strlen(head) },
					    { (const unsigned char *)payload, strlen(payload) } },
			  2);
}

static struct bytes message_digest(const struct made *m, struct bytes signs, struct arena *a)
{
	const struct authority_order *o = m->o;

	if (is(m, AUTHORITY_FAULT_digest))
		return bytes_from(a, "another artifact");
	if (signs.n)
		return bytes_sha256(a, signs.s, signs.n);
	return o->digest ? bytes_from_hex(a, o->digest) : bytes_sha256(a, o->artifact, o->artifact_n);
}

/* What is signed, and the signature; a spoilt one is spoilt before anybody attests it. */
static void sign(struct made *m, const struct key *k, struct bytes signs, struct arena *a)
{
	struct signing *s = &m->s;

	s->key = k;
	if (m->o->predicate == AUTHORITY_MESSAGE) {
		s->digest = message_digest(m, signs, a);
	} else {
		s->type = is(m, AUTHORITY_FAULT_payload_type) ? "application/json" : STATEMENT_TYPE;
		s->payload = statement_make(m->o, &m->id, a);
		s->pae = pae(s->type, s->payload, a);
		s->digest = bytes_sha256(a, s->pae.s, s->pae.n);
	}
	s->signature = key_sign_digest(k, s->digest.s, s->digest.n, a);
	if (is(m, AUTHORITY_FAULT_signature))
		s->signature = bytes_flip(a, s->signature, s->signature.n - 1);
	if (is(m, AUTHORITY_FAULT_payload)) {
		s->payload = arena_printf(a, "%s\n", s->payload);
		s->pae = pae(s->type, s->payload, a);
	}
}

static void certify(struct made *m, const struct authority *x, struct arena *a)
{
	struct leaf_order o = { .issuer = m->issuer,
				.key = &m->leaf_key,
				.ct = m->o->instance == AUTHORITY_PUBLIC ? &x->ct : NULL,
				.id = &m->id,
				.from = { m->at.ms - MOMENT },
				.seen = { m->at.ms - MOMENT / 2 },
				.fault = m->o->fault };

	if (is(m, AUTHORITY_FAULT_expired))
		o.from.ms = m->at.ms - 2 * LIFE;
	if (is(m, AUTHORITY_FAULT_early))
		o.from.ms = m->at.ms + LIFE;
	o.until.ms = o.from.ms + LIFE;
	m->s.leaf = cert_leaf(&o, a);
}

static const struct issuer *issuer_of(struct made *m, const struct authority *x)
{
	if (is(m, AUTHORITY_FAULT_ca_leaf)) {
		issuer_impostor(&m->impostor, &x->ca[m->o->instance], x->seed, x->since);
		return &m->impostor;
	}
	return is(m, AUTHORITY_FAULT_ca_other) ? &m->rogue->ca[m->o->instance] : &x->ca[m->o->instance];
}

/* Each order has a key of its own, as each signing by a workflow has. */
static void leaf(struct made *m, const struct authority *x, struct bytes signs, struct arena *a)
{
	const struct authority_order *o = m->o;
	const char *about = o->subjects_n ? o->subjects[0].hex : o->digest;
	struct bytes artifact =
		bytes_sha256(a, signs.n ? signs.s : o->artifact, signs.n ? signs.n : o->artifact_n);

	key_make(&m->leaf_key, NID_X9_62_prime256v1, x->seed,
		 arena_printf(a, "leaf/%s/%s/%s/%" PRId64, m->id.san, about ? about : "",
			      bytes_hex(a, artifact), m->at.ms));
	m->issuer = issuer_of(m, x);
	certify(m, x, a);
}

/* What the log was told, which a fault may make something else than the bundle has. */
static struct signing logged(struct made *m, const struct authority *x, struct arena *a)
{
	struct signing s = m->s;

	if (is(m, AUTHORITY_FAULT_body_artifact)) {
		s.digest = bytes_from(a, "another artifact");
		s.payload = s.payload ? "another payload" : NULL;
		s.pae = s.digest;
	}
	if (is(m, AUTHORITY_FAULT_body_signature))
		s.signature = key_sign(&x->managed, "something", strlen("something"), a);
	if (is(m, AUTHORITY_FAULT_body_key)) {
		key_make(&m->second, NID_X9_62_prime256v1, x->seed, "another key");
		s.key = &m->second;
		s.leaf = (struct bytes){ 0 };
	}
	return s;
}

static void log_it(struct made *m, const struct authority *x, struct arena *a)
{
	struct signing s;

	if (m->o->instance == AUTHORITY_GITHUB || is(m, AUTHORITY_FAULT_log_none))
		return;
	s = logged(m, x, a);
	m->entry = (struct entry_order){ .log = &x->logs[m->o->log == 2],
					 .at = m->at,
					 .proof = m->o->version != 1,
					 .fault = m->o->fault };
	m->entry.body = body_make(m->o, &s, a, &m->entry.kind, &m->entry.version);
}

static void stamp_it(struct made *m, const struct authority *x, struct arena *a)
{
	const struct stamper *t = &x->tsa[m->o->instance == AUTHORITY_GITHUB];
	struct bytes over = m->s.signature;
	struct when at = m->at;

	if (!(order_has(m->o) & NEEDS_TSA) || is(m, AUTHORITY_FAULT_time_none))
		return;
	if (is(m, AUTHORITY_FAULT_tsa_borrowed))
		t = &x->former;
	if (is(m, AUTHORITY_FAULT_tsa_other))
		t = &m->rogue->tsa[m->o->instance == AUTHORITY_GITHUB];
	if (is(m, AUTHORITY_FAULT_tsa_imprint))
		over = bytes_from(a, "another signature");
	if (is(m, AUTHORITY_FAULT_tsa_late))
		at.ms += 3600000;
	m->stamps[m->stamps_n++] = stamp_make(t, over, at, is(m, AUTHORITY_FAULT_tsa_bad), a);
	if (is(m, AUTHORITY_FAULT_tsa_twice))
		m->stamps[m->stamps_n++] = m->stamps[0];
}

void make(struct made *m, const struct authority *x, const struct authority_order *o, struct bytes signs,
	  struct arena *a)
{
	*m = (struct made){ .o = o, .at = { o->at.ms / 1000 * 1000 } };
	if (is(m, AUTHORITY_FAULT_tsa_window))
		m->at.ms = x->since.ms + AUTHORITY_GAP / 2;
	if (is(m, AUTHORITY_FAULT_ca_other) || is(m, AUTHORITY_FAULT_tsa_other))
		m->rogue = authority_new(arena_printf(a, "%s/rogue", x->seed), x->since);
	if (o->instance != AUTHORITY_KEY) {
		m->id = order_identity(o, a);
		leaf(m, x, signs, a);
	}
	sign(m, o->instance == AUTHORITY_KEY ? &x->managed : &m->leaf_key, signs, a);
	log_it(m, x, a);
	stamp_it(m, x, a);
}

void made_drop(struct made *m)
{
	key_drop(&m->leaf_key);
	key_drop(&m->second);
	issuer_drop(&m->impostor);
	authority_free(m->rogue);
}
