/*
 * verify.c - the table of checks. Each row is one step of the client specification with a name, a reason and the rows that it
 * rests on. Rows run in order; each leaves one result, and one whose ground is gone is not run. What a row finds out is told
 * in the facts by that row alone, and only when it held.
 */
#include "core/adapters/attest/bundle.h"

#include <string.h>

#include "base/text.h"

/* A test's build may spoil one row at a time, to see that some test notices. */
#ifdef PH_MUTANT
#include PH_MUTANT
#else
#define MUTANT(id, result) (result)
#endif

struct log_of_entry {
	const struct attest_log *log;
	struct entry_body body;
	struct note note;
	unsigned char root[MERKLE_HASH];
};

struct verification {
	const struct attest_question *q;
	struct attest_facts *f;
	struct arena *a;
	struct bundle b;
	struct attest_cert *cert;
	struct attest_key *managed;
	const struct attest_key *key; /* of the leaf, or the managed one */
	struct attest_path path;
	struct span pae; /* of an envelope; made once */
	struct attest_time times[BUNDLE_TOKENS_MAX + BUNDLE_ENTRIES_MAX];
	size_t times_n;
	struct log_of_entry logs[BUNDLE_ENTRIES_MAX];
	/* of the row that runs */
	struct err why;
	const char *expected, *found;
};

/* What a row answers beside 0 and a proof_reason. */
enum { ABSENT = -1, NOT_RUN = -2 };

/* A refusal in our own words. */
static int refuse(struct verification *v, enum proof_reason reason, const char *expected, const char *found)
{
	v->expected = expected;
	v->found = found;
	return (int)reason;
}

/* ---- S0, S1 -------------------------------------------------------------------------------------------------------------- */

static int parse(struct verification *v)
{
	struct span json = { v->q->bundle, v->q->bundle_n };
	int r = bundle_read(&v->b, json, v->a, &v->why);

	if (r == 0) {
		v->f->media_type = v->b.media_type;
		v->f->message = v->b.message;
		if (!v->b.message)
			v->pae = dsse_pae(v->b.payload_type, v->b.payload, v->a);
	}
	return r;
}

/* The one whom the caller named, or else the leaf of a certificate; a bundle does not choose between them. */
static int take_key(struct verification *v)
{
	int r;

	if (v->b.managed != (v->q->key != NULL))
		return refuse(v, PROOF_SIG_BAD,
			      v->q->key ? "the managed key that was named" : "a certificate",
			      v->b.managed ? "a managed key" : "a certificate");
	if (v->b.managed && !v->b.message && *v->b.hint && *v->b.keyid && strcmp(v->b.hint, v->b.keyid) != 0)
		return refuse(v, PROOF_SIG_BAD, v->b.hint, v->b.keyid);
	if (v->b.managed)
		r = attest_key_pem(&v->managed, v->q->key, &v->why);
	else
		r = attest_cert_read(&v->cert, v->b.leaf, &v->why);
	if (r)
		return r;
	v->key = v->b.managed ? v->managed : attest_cert_key(v->cert);
	v->f->managed = v->b.managed;
	v->f->algorithm = arena_strdup(v->a, attest_key_algorithm(v->key));
	v->found = v->f->algorithm;
	return 0;
}

/* ---- S2: times --------------------------------------------------------------------------------------------------------------- */

static void tell_times(struct verification *v)
{
	struct attest_time *times = arena_array(v->a, struct attest_time, v->times_n + 1);

	memcpy(times, v->times, v->times_n * sizeof(*times));
	v->f->times = times;
	v->f->times_n = v->times_n;
}

static int check_tokens(struct verification *v)
{
	size_t n = v->times_n;

	if (!v->b.tokens_n)
		return ABSENT;
	if (!v->q->root)
		return NOT_RUN;
	for (size_t i = 0; i < v->b.tokens_n; i++) {
		struct attest_time t = { 0 };
		int r;

		for (size_t k = 0; k < i; k++)
			if (span_eq(v->b.tokens[i], v->b.tokens[k]))
				return refuse(v, PROOF_TSA_BAD, "timestamps that differ",
					      "the same one twice");
		r = attest_timestamp(&t, v->b.tokens[i], v->b.signature, v->q->root, &v->why);
		if (r)
			return r;
		t.authority = arena_strdup(v->a, t.authority);
		v->times[n++] = t;
	}
	v->times_n = n;
	tell_times(v);
	return 0;
}

static bool is_promised(const struct bundle_entry *en)
{
	return en->promise.n > 0;
}

/* A time that a log tells is one only with its promise (TOB-SIGSTORE-3). */
static int check_promises(struct verification *v)
{
	size_t n = v->times_n, promises = 0;

	for (size_t i = 0; i < v->b.entries_n; i++) {
		const struct bundle_entry *en = &v->b.entries[i];
		const struct attest_log *log;
		int r;

		if (!is_promised(en))
			continue;
		promises++;
		if (!v->q->root)
			return NOT_RUN;
		log = attest_root_tlog(v->q->root, en->log_id, en->integrated);
		if (!log || !when_known(en->integrated))
			return refuse(v, PROOF_SET_BAD, "a log of the root at that time",
				      span_hex(en->log_id, v->a));
		r = entry_promise_verify(en, log, v->a, &v->why);
		if (r)
			return r;
		v->times[n++] = (struct attest_time){ arena_strdup(v->a, log->name), true, en->integrated };
	}
	v->times_n = n;
	tell_times(v);
	return promises ? 0 : ABSENT;
}

static int count_times(struct verification *v)
{
	if (v->b.managed)
		return ABSENT;
	return v->times_n ? 0 : refuse(v, PROOF_TIME_NONE, "a timestamp, or a log's promise", "neither");
}

/* ---- S3, S4: certificates ------------------------------------------------------------------------------------------------- */

static int check_chain(struct verification *v)
{
	struct when times[BUNDLE_TOKENS_MAX + BUNDLE_ENTRIES_MAX];
	int r;

	if (v->b.managed)
		return ABSENT;
	if (!v->q->root || !v->cert)
		return NOT_RUN;
	for (size_t i = 0; i < v->times_n; i++)
		times[i] = v->times[i].at;
	r = attest_cert_chain(&v->path, v->cert, v->q->root, times, v->times_n, &v->why);
	if (r == 0)
		v->f->authority = v->found = arena_strdup(v->a, v->path.authority);
	return r;
}

static int take_identity(struct verification *v)
{
	struct attest_identity id = { 0 };
	int r;

	if (v->b.managed)
		return ABSENT;
	if (!v->cert)
		return NOT_RUN;
	r = attest_cert_identity(&id, v->cert, v->a, &v->why);
	if (r == 0) {
		v->f->id = id;
		v->found = id.san;
	}
	return r;
}

static int check_scts(struct verification *v)
{
	int64_t distinct = 0;
	int r;

	if (v->b.managed)
		return ABSENT;
	if (!v->path.issuer)
		return NOT_RUN;
	r = attest_cert_scts(&distinct, v->cert, &v->path, v->q->root, &v->why);
	if (r == PROOF_SCT_NONE)
		return ABSENT; /* what policy makes of it is policy's */
	if (r == 0)
		v->f->scts = distinct;
	return r;
}

/* ---- S5: the log ------------------------------------------------------------------------------------------------------------- */

/* Entries of a log of the second generation bear no time: one of the times of the signature must be the log's too. */
static const struct attest_log *log_of(const struct verification *v, const struct bundle_entry *en)
{
	if (is_promised(en) || !v->times_n)
		return attest_root_tlog(v->q->root, en->log_id, is_promised(en) ? en->integrated : WHEN_NONE);
	for (size_t i = 0; i < v->times_n; i++) {
		const struct attest_log *log = attest_root_tlog(v->q->root, en->log_id, v->times[i].at);

		if (log)
			return log;
	}
	return NULL;
}

static int find_logs(struct verification *v)
{
	if (!v->b.entries_n)
		return ABSENT;
	if (!v->q->root)
		return NOT_RUN;
	for (size_t i = 0; i < v->b.entries_n; i++) {
		v->logs[i].log = log_of(v, &v->b.entries[i]);
		if (!v->logs[i].log || !v->logs[i].log->key)
			return refuse(v, PROOF_TLOG_CHECKPOINT, "a log of the root at that time",
				      span_hex(v->b.entries[i].log_id, v->a));
	}
	v->found = v->logs[0].log->name;
	return 0;
}

/* What an entry must bring along is its bundle's version's to say: 0.1 the promise, later ones the proof. */
static int check_form(struct verification *v)
{
	for (size_t i = 0; i < v->b.entries_n; i++) {
		const struct bundle_entry *en = &v->b.entries[i];

		if (v->b.version == 1 && !is_promised(en))
			return refuse(v, PROOF_SET_BAD, "a promise of the log, in version 0.1", "none");
		if (v->b.version > 1 && !en->proof.is_there)
			return refuse(v, PROOF_TLOG_PROOF, "a proof of inclusion", "none");
		if (en->proof.is_there && !en->proof.checkpoint) /* who signed that root? */
			return refuse(v, PROOF_TLOG_CHECKPOINT, "a checkpoint", "none");
	}
	return v->b.entries_n ? 0 : ABSENT;
}

static int check_proofs(struct verification *v)
{
	size_t proofs = 0;

	for (size_t i = 0; i < v->b.entries_n; i++) {
		const struct bundle_entry *en = &v->b.entries[i];
		const struct bundle_proof *p = &en->proof;
		unsigned char leaf[MERKLE_HASH];
		struct span root = { v->logs[i].root, MERKLE_HASH };

		if (!p->is_there)
			continue;
		proofs++;
		/* nobody signs this index when there is no promise; of a log in one piece it is the proof's */
		if (!is_promised(en) && strcmp(en->version, "0.0.2") == 0 && en->index != p->index)
			return refuse(v, PROOF_TLOG_PROOF, arena_printf(v->a, "index %" PRId64, p->index),
				      arena_printf(v->a, "index %" PRId64, en->index));
		merkle_leaf(leaf, en->body);
		if (!merkle_root(v->logs[i].root, leaf, (uint64_t)p->index, (uint64_t)p->size, p->path,
				 p->path_n))
			return refuse(
				v, PROOF_TLOG_PROOF,
				arena_printf(v->a, "a path of %" PRId64 " in %" PRId64, p->index, p->size),
				arena_printf(v->a, "%zu hashes that are none", p->path_n));
		if (!span_eq(root, p->root))
			return refuse(v, PROOF_TLOG_PROOF, span_hex(p->root, v->a), span_hex(root, v->a));
	}
	return proofs ? 0 : ABSENT;
}

static int check_checkpoint(struct verification *v, size_t i)
{
	const struct bundle_proof *p = &v->b.entries[i].proof;
	struct log_of_entry *l = &v->logs[i];
	int r = l->log ? note_read(&l->note, p->checkpoint, v->a, &v->why) : NOT_RUN;

	if (r == 0)
		r = note_verify(&l->note, l->log, &v->why);
	if (r)
		return r;
	if (l->note.size != p->size)
		return refuse(v, PROOF_TLOG_CHECKPOINT, arena_printf(v->a, "size %" PRId64, p->size),
			      arena_printf(v->a, "size %" PRId64, l->note.size));
	if (!span_eq(l->note.root, (struct span){ l->root, MERKLE_HASH }))
		return refuse(v, PROOF_TLOG_CHECKPOINT, span_hex((struct span){ l->root, MERKLE_HASH }, v->a),
			      span_hex(l->note.root, v->a));
	return 0;
}

static int check_checkpoints(struct verification *v)
{
	size_t checkpoints = 0;

	for (size_t i = 0; i < v->b.entries_n; i++) {
		int r = v->b.entries[i].proof.checkpoint ? check_checkpoint(v, i) : 0;

		if (r)
			return r;
		checkpoints += v->b.entries[i].proof.checkpoint != NULL;
	}
	return checkpoints ? 0 : ABSENT;
}

/* ---- S6: the entry is about this bundle (CVE-2022-36056, CVE-2026-22703) ---------------------------------------------------- */

static int read_bodies(struct verification *v)
{
	for (size_t i = 0; i < v->b.entries_n; i++) {
		int r = entry_read(&v->logs[i].body, &v->b.entries[i], v->b.message, v->a, &v->why);

		if (r)
			return r;
	}
	return v->b.entries_n ? 0 : ABSENT;
}

static struct span hash_of(const struct verification *v, const char *algorithm, struct span of)
{
	unsigned char *p = arena_alloc(v->a, ATTEST_HASH_MAX);

	return (struct span){ p, attest_hash(algorithm, of, p) };
}

/* What the bundle is over, by that algorithm; nothing: it cannot be told. */
static struct span digest_of(const struct verification *v, const struct entry_body *body)
{
	struct span none = { 0 };

	if (!body->algorithm)
		return none;
	if (v->b.message && v->b.digest_algorithm)
		return strcmp(v->b.digest_algorithm, body->algorithm) == 0 ? v->b.digest : none;
	if (v->b.message)
		return v->q->artifact ? hash_of(v, body->algorithm,
						(struct span){ v->q->artifact, v->q->artifact_n })
				      : none;
	if (!body->is_pae)
		return hash_of(v, body->algorithm, v->b.payload);
	return hash_of(v, body->algorithm, v->pae);
}

static int bind_digest(struct verification *v)
{
	for (size_t i = 0; i < v->b.entries_n; i++) {
		struct span ours = digest_of(v, &v->logs[i].body), its = v->logs[i].body.digest;

		if (!ours.n || !span_eq(ours, its))
			return refuse(v, PROOF_TLOG_BIND, span_hex(ours, v->a), span_hex(its, v->a));
	}
	return v->b.entries_n ? 0 : ABSENT;
}

static int bind_signature(struct verification *v)
{
	for (size_t i = 0; i < v->b.entries_n; i++) {
		struct span its = v->logs[i].body.signature;

		if (!its.n || !span_eq(v->b.signature, its))
			return refuse(v, PROOF_TLOG_BIND, span_hex(v->b.signature, v->a),
				      span_hex(its, v->a));
	}
	return v->b.entries_n ? 0 : ABSENT;
}

static bool is_own_key(const struct verification *v, const struct entry_body *body)
{
	autofree(attest_key) struct attest_key *key = NULL;
	struct err e = ERR_INIT;

	if (body->is_cert)
		return !v->b.managed && span_eq(body->verifier, v->b.leaf);
	return v->b.managed && v->key && attest_key_spki(&key, body->verifier, &e) == 0 &&
	       attest_key_same(key, v->key);
}

static int bind_key(struct verification *v)
{
	for (size_t i = 0; i < v->b.entries_n; i++)
		if (!is_own_key(v, &v->logs[i].body))
			return refuse(v, PROOF_TLOG_BIND,
				      v->b.managed ? "the managed key" : "the certificate",
				      v->logs[i].body.is_cert ? "another certificate" : "another key");
	return v->b.entries_n ? 0 : ABSENT;
}

/* Every check of every entry has held; one that stands there twice is one. */
static int tell_entries(struct verification *v)
{
	struct attest_entry *out = arena_array(v->a, struct attest_entry, v->b.entries_n + 1);
	size_t n = 0;

	for (size_t i = 0; i < v->b.entries_n; i++) {
		const struct bundle_entry *en = &v->b.entries[i];
		bool twice = false;

		for (size_t k = 0; k < i; k++)
			twice |= span_eq(en->log_id, v->b.entries[k].log_id) &&
				 en->index == v->b.entries[k].index;
		if (twice || !v->logs[i].log)
			continue;
		out[n++] = (struct attest_entry){
			.log = arena_strdup(v->a, v->logs[i].log->name),
			.index = is_promised(en) ? en->index : en->proof.index,
			.kind = arena_printf(v->a, "%s %s", en->kind, en->version),
			.at = is_promised(en) ? en->integrated : WHEN_NONE,
		};
	}
	v->f->entries = out;
	v->f->entries_n = n;
	v->found = arena_printf(v->a, "%zu", n);
	return n ? 0 : ABSENT;
}

/* ---- S7: the signature ------------------------------------------------------------------------------------------------------- */

/* The artifact's digest by that algorithm; nothing: it was given neither in bytes nor by this algorithm. */
static struct span artifact_digest(const struct verification *v, const char *algorithm)
{
	const struct attest_question *q = v->q;
	size_t n = q->digest ? strlen(q->digest) / 2 : 0;
	unsigned char *p;

	if (q->artifact)
		return hash_of(v, algorithm, (struct span){ q->artifact, q->artifact_n });
	if (!n || !text_eq(q->digest_algorithm, algorithm))
		return (struct span){ 0 };
	p = arena_alloc(v->a, n + 1);
	for (size_t i = 0; i < n; i++) {
		unsigned octet = 0;

		(void)sscanf(q->digest + 2 * i, "%2x", &octet);
		p[i] = (unsigned char)octet;
	}
	return (struct span){ p, n };
}

/* What a bundle says of its artifact is a hint; it must not contradict. */
static int check_artifact(struct verification *v)
{
	struct span ours;

	if (!v->b.message)
		return ABSENT;
	if (!v->q->artifact && !v->q->digest)
		return NOT_RUN;
	if (!v->b.digest_algorithm)
		return ABSENT;
	ours = artifact_digest(v, v->b.digest_algorithm);
	if (!span_eq(ours, v->b.digest))
		return refuse(v, PROOF_SIG_BAD, ours.n ? span_hex(ours, v->a) : "a digest of this algorithm",
			      span_hex(v->b.digest, v->a));
	return 0;
}

/* The key's, but that some sign with ECDSA on larger curves over SHA-256, and say so. NULL: the key signs no digests. */
static const char *message_algorithm(const struct verification *v)
{
	const char *of_key = attest_key_hash(v->key);

	if (of_key && v->b.digest_algorithm && text_starts(attest_key_algorithm(v->key), "ecdsa-"))
		return v->b.digest_algorithm;
	return of_key;
}

static int check_message(struct verification *v)
{
	const char *algorithm = message_algorithm(v);
	struct span digest;
	int r;

	if (!v->q->artifact && !v->q->digest)
		return NOT_RUN;
	if (!algorithm) { /* a key that signs messages; what it signed is told by the usual digest */
		if (!v->q->artifact)
			return refuse(v, PROOF_SIG_BAD, "the artifact itself", "its digest");
		algorithm = "sha256";
		r = attest_key_verify(v->key, v->b.signature,
				      (struct span){ v->q->artifact, v->q->artifact_n }, &v->why);
		digest = artifact_digest(v, algorithm);
	} else {
		digest = artifact_digest(v, algorithm);
		if (!digest.n)
			return refuse(v, PROOF_SIG_BAD, algorithm, v->q->digest_algorithm);
		r = attest_key_verify_digest(v->key, v->b.signature, digest, &v->why);
	}
	if (r == 0) {
		v->f->digest_algorithm = algorithm;
		v->f->digest = v->found = span_hex(digest, v->a);
	}
	return r;
}

static int check_signature(struct verification *v)
{
	if (!v->key)
		return NOT_RUN;
	if (v->b.message)
		return check_message(v);
	return attest_key_verify(v->key, v->b.signature, v->pae, &v->why);
}

/* ---- S9: what it says ---------------------------------------------------------------------------------------------------------- */

static int check_payload(struct verification *v)
{
	if (v->b.message)
		return ABSENT;
	if (strcmp(v->b.payload_type, STATEMENT_TYPE) != 0)
		return refuse(v, PROOF_PAYLOAD_TYPE, STATEMENT_TYPE, v->b.payload_type);
	return 0;
}

static int take_statement(struct verification *v)
{
	int r;

	if (v->b.message)
		return ABSENT;
	r = statement_read(&v->f->statement, v->b.payload, v->a, &v->why);
	if (r == 0)
		v->found = v->f->statement.predicate;
	return r;
}

/* ---- the table ------------------------------------------------------------------------------------------------------------------ */

enum row_id {
	R_PARSE,
	R_KEY,
	R_TOKENS,
	R_PROMISES,
	R_TIMES,
	R_CHAIN,
	R_IDENTITY,
	R_SCTS,
	R_LOGS,
	R_FORM,
	R_PROOFS,
	R_CHECKPOINTS,
	R_KIND,
	R_DIGEST,
	R_SIGNATURE,
	R_VERIFIER,
	R_ENTRIES,
	R_ARTIFACT,
	R_SIGNED,
	R_PAYLOAD,
	R_STATEMENT,
	ROWS
};

#define ON(row) (1u << (row))
#define ENTRY                                                                                          \
	(ON(R_LOGS) | ON(R_FORM) | ON(R_PROOFS) | ON(R_CHECKPOINTS) | ON(R_DIGEST) | ON(R_SIGNATURE) | \
	 ON(R_VERIFIER))
#define READABLE ON(R_PARSE)

static const struct row {
	const char *id, *name;
	unsigned needs;                     /* rows that must have held, or had nothing to check */
	int (*run)(struct verification *v); /* 0, a proof_reason, ABSENT or NOT_RUN */
} rows[ROWS] = {
	[R_PARSE] = { "S0.parse", "bundle is read", 0, parse },
	[R_KEY] = { "S1.key", "signer's key", READABLE, take_key },
	[R_TOKENS] = { "S2.timestamps", "timestamps", READABLE, check_tokens },
	[R_PROMISES] = { "S2.promises", "promises of the log", READABLE, check_promises },
	[R_TIMES] = { "S2.times", "time of signing", ON(R_TOKENS) | ON(R_PROMISES), count_times },
	[R_CHAIN] = { "S3.chain", "certificate chain", ON(R_KEY) | ON(R_TIMES), check_chain },
	[R_IDENTITY] = { "S3.identity", "identity is read", ON(R_CHAIN), take_identity },
	[R_SCTS] = { "S4.promises", "promises of certificate logs", ON(R_CHAIN), check_scts },
	[R_LOGS] = { "S5.log", "log is known", READABLE | ON(R_TIMES), find_logs },
	[R_FORM] = { "S5.form", "form of log entries", READABLE, check_form },
	[R_PROOFS] = { "S5.proof", "proof of inclusion", READABLE | ON(R_FORM), check_proofs },
	[R_CHECKPOINTS] = { "S5.checkpoint", "checkpoint", ON(R_LOGS) | ON(R_PROOFS), check_checkpoints },
	[R_KIND] = { "S6.kind", "kind of log entry", READABLE, read_bodies },
	[R_DIGEST] = { "S6.digest", "log entry's digest", ON(R_KIND), bind_digest },
	[R_SIGNATURE] = { "S6.signature", "log entry's signature", ON(R_KIND), bind_signature },
	[R_VERIFIER] = { "S6.key", "log entry's key", ON(R_KIND) | ON(R_KEY), bind_key },
	[R_ENTRIES] = { "S6.entries", "log entries that hold", ENTRY, tell_entries },
	[R_ARTIFACT] = { "S7.artifact", "digest of the artifact", READABLE, check_artifact },
	[R_SIGNED] = { "S7.signature", "signature", ON(R_KEY), check_signature },
	[R_PAYLOAD] = { "S9.payload", "type of payload", ON(R_SIGNED), check_payload },
	[R_STATEMENT] = { "S9.statement", "statement is read", ON(R_PAYLOAD), take_statement },
};

static enum check_result result_of(int r)
{
	return r == 0         ? CHECKED_PASS
	       : r == ABSENT  ? CHECKED_ABSENT
	       : r == NOT_RUN ? CHECKED_NOT
			      : CHECKED_FAIL;
}

static void run_row(struct verification *v, const struct row *row, unsigned *held)
{
	bool grounded = (row->needs & ~*held) == 0;
	struct proof_check *c;
	int r = NOT_RUN;

	v->why = (struct err)ERR_INIT;
	v->expected = v->found = NULL;
	if (grounded)
		r = MUTANT(row->id, row->run(v));
	c = vec_push(&v->f->checks, v->a);
	*c = (struct proof_check){
		.evidence = v->f->bundle_sha,
		.ordinal = (int64_t)v->f->checks.n,
		.id = row->id,
		.name = row->name,
		.result = result_of(r),
		.reason = r > 0 ? r : PROOF_OK,
		.expected = v->expected,
		.found = v->found,
	};
	if (r > 0 && !c->found)
		c->found = arena_strdup(v->a, v->why.message);
	if (r > 0 && v->f->broken == PROOF_OK)
		v->f->broken = (enum proof_reason)r;
	if (c->result == CHECKED_PASS || c->result == CHECKED_ABSENT)
		*held |= 1u << (row - rows);
}

/* ---- the question ------------------------------------------------------------------------------------------------------------------ */

static int check_question(const struct attest_question *q, struct err *e)
{
	unsigned char out[ATTEST_HASH_MAX];
	size_t n = q->digest_algorithm ? attest_hash(q->digest_algorithm, (struct span){ out, 0 }, out) : 0;

	if (!q->root && !q->key)
		return err_set(e, ERR_INVALID, "neither a trusted root nor a key was given");
	if (!q->digest)
		return 0;
	if (!n)
		return err_set(e, ERR_INVALID, "%s is no digest that is known here",
			       q->digest_algorithm ? q->digest_algorithm : "this");
	if (strlen(q->digest) != 2 * n || strspn(q->digest, "0123456789abcdef") != 2 * n)
		return err_set(e, ERR_INVALID, "the digest has not %zu hex digits in lower case", 2 * n);
	return 0;
}

static bool is_named_by(const struct attest_facts *f, const char *algorithm)
{
	if (f->message)
		return text_eq(f->digest_algorithm, algorithm);
	for (size_t i = 0; i < f->statement.subjects_n; i++)
		if (strcmp(f->statement.subjects[i].algorithm, algorithm) == 0)
			return true;
	return false;
}

static void tell_artifact(struct verification *v)
{
	static const char *const algorithms[] = { "sha256", "sha384", "sha512" };
	const struct attest_question *q = v->q;
	struct attest_subject *out = arena_array(v->a, struct attest_subject, countof(algorithms));
	size_t n = 0;

	if (!q->artifact && q->digest)
		out[n++] = (struct attest_subject){ "", arena_strdup(v->a, q->digest_algorithm),
						    arena_strdup(v->a, q->digest) };
	for (size_t i = 0; q->artifact && i < countof(algorithms); i++)
		if (i == 0 || is_named_by(v->f, algorithms[i]))
			out[n++] =
				(struct attest_subject){ "", algorithms[i],
							 span_hex(artifact_digest(v, algorithms[i]), v->a) };
	v->f->artifacts = out;
	v->f->artifacts_n = n;
}

int attest_verify(struct attest_facts *out, const struct attest_question *q, struct arena *a, struct err *e)
{
	struct verification *v = arena_new(a, struct verification);
	unsigned char digest[ATTEST_HASH_MAX];
	unsigned held = 0;
	size_t n;
	int r = check_question(q, e);

	*out = (struct attest_facts){ 0 };
	if (r < 0)
		return r;
	*v = (struct verification){ .q = q, .f = out, .a = a };
	n = attest_hash("sha256", (struct span){ q->bundle, q->bundle_n }, digest);
	out->bundle_sha = span_hex((struct span){ digest, n }, a);
	out->root_sha = q->root ? arena_strdup(a, attest_root_sha(q->root)) : NULL;
	for (size_t i = 0; i < ROWS; i++)
		run_row(v, &rows[i], &held);
	tell_artifact(v);
	attest_cert_free(v->cert);
	attest_key_free(v->managed);
	return 0;
}
