#include "core/adapters/authority/internal.h"

#include <openssl/objects.h>
#include <openssl/sha.h>

/* A transparency log that keeps nothing: where an entry stands follows from its bytes, and the tree beside its path is
 * made up. Sizes are those of the public log, so that the proofs are as long as real ones. */

enum { FIRST = 4163431, SPREAD = 90000000, NEWER = 1000, ENTRY_MAX = 16 << 20 };

/* Of the first generation, and of a certificate log: the key's hash (RFC 6962 3.2). Of the second: C2SP signed-note. */
struct bytes log_id(const struct log *l, struct arena *a)
{
	struct bytes spki = key_spki(&l->key, a), whole;

	if (l->generation == 1)
		return bytes_sha256(a, spki.s, spki.n);
	whole = bytes_join(a,
			   (struct bytes[]){ { (const unsigned char *)l->name, strlen(l->name) },
					     { (const unsigned char *)"\n\1", 2 },
					     key_raw(&l->key, a) },
			   3);
	return bytes_sha256(a, whole.s, whole.n);
}

struct place {
	int64_t index, size;
	struct bytes root;
	VEC(struct bytes) path;
};

static struct bytes hash(struct arena *a, unsigned char prefix, struct bytes x, struct bytes y)
{
	struct bytes whole = bytes_join(a, (struct bytes[]){ { &prefix, 1 }, x, y }, 3);

	return bytes_sha256(a, whole.s, whole.n);
}

/* RFC 9162 2.1.3.2, told backwards: the hashes are chosen, the root follows. */
static void place_make(struct place *p, struct bytes body, struct arena *a)
{
	struct bytes leaf = hash(a, 0, body, (struct bytes){ 0 });
	uint32_t chance;
	int64_t fn, sn;

	memcpy(&chance, leaf.s, sizeof(chance));
	*p = (struct place){ .index = chance % SPREAD, .root = leaf };
	p->size = p->index + 1 + chance % NEWER;
	for (fn = p->index, sn = p->size - 1; sn; fn >>= 1, sn >>= 1) {
		struct bytes beside = hash(a, 2, p->root, leaf);

		*vec_push(&p->path, a) = beside;
		if (!(fn & 1) && fn != sn) {
			p->root = hash(a, 1, p->root, beside);
			continue;
		}
		p->root = hash(a, 1, beside, p->root);
		while (!(fn & 1) && fn) {
			fn >>= 1;
			sn >>= 1;
		}
	}
}

static const char *checkpoint(const struct entry_order *o, const struct place *p, struct arena *a)
{
	const struct log *l = o->log;
	struct bytes root =
		o->fault == AUTHORITY_FAULT_checkpoint_root ? bytes_from(a, "another tree") : p->root;
	const char *origin =
		l->generation == 1 ? arena_printf(a, "%s - 1193050959916656506", l->name) : l->name;
	const char *signer = o->fault == AUTHORITY_FAULT_checkpoint_name ? "elsewhere.invalid" : l->name;
	const char *text = arena_printf(a, "%s\n%" PRId64 "\n%s\n", origin, p->size, bytes_base64(a, root));
	struct bytes sig = key_sign(&l->key, text, strlen(text), a), id = log_id(l, a);

	if (o->fault == AUTHORITY_FAULT_checkpoint_bad)
		sig = bytes_flip(a, sig, sig.n - 1);
	return arena_printf(a, "%s\n\xe2\x80\x94 %s %s\n", text, signer,
			    bytes_base64(a, bytes_join(a, (struct bytes[]){ { id.s, 4 }, sig }, 2)));
}

static void write_proof(struct jw *w, const struct entry_order *o, const struct place *p, struct arena *a)
{
	int64_t index = o->fault == AUTHORITY_FAULT_proof_index ? p->size : p->index;
	struct bytes root = o->fault == AUTHORITY_FAULT_proof_root ? bytes_from(a, "another root") : p->root;

	jw_kopen(w, "inclusionProof", '{');
	jw_kstr(w, "logIndex", arena_printf(a, "%" PRId64, index));
	jw_kstr(w, "rootHash", bytes_base64(a, root));
	jw_kstr(w, "treeSize", arena_printf(a, "%" PRId64, p->size));
	jw_kopen(w, "hashes", '[');
	for (size_t i = 0; i < p->path.n; i++) {
		bool flip = i == 0 && o->fault == AUTHORITY_FAULT_proof_hash;

		jw_raw_str(w, bytes_base64(a, flip ? bytes_flip(a, p->path.items[i], 0) : p->path.items[i]));
	}
	if (o->fault == AUTHORITY_FAULT_proof_long)
		jw_raw_str(w, bytes_base64(a, bytes_from(a, "one more")));
	jw_close(w, ']');
	jw_kopen(w, "checkpoint", '{');
	jw_key(w, "envelope");
	jw_raw_str(w, checkpoint(o, p, a));
	jw_close(w, '}');
	jw_close(w, '}');
}

/* The promise of the first generation: RFC 8785 order of its four members. */
static struct bytes promise(const struct entry_order *o, int64_t index, const char *body, struct arena *a)
{
	int64_t at = o->at.ms / 1000;
	const char *text = arena_printf(a,
					"{\"body\":\"%s\",\"integratedTime\":%" PRId64
					",\"logID\":\"%s\",\"logIndex\":%" PRId64 "}",
					body, o->fault == AUTHORITY_FAULT_set_time ? at + 60 : at,
					bytes_hex(a, log_id(o->log, a)), index);
	struct bytes sig = key_sign(&o->log->key, text, strlen(text), a);

	return o->fault == AUTHORITY_FAULT_set_bad ? bytes_flip(a, sig, sig.n - 1) : sig;
}

const char *entry_promise(const struct entry_order *o, struct arena *a)
{
	struct bytes body = { (const unsigned char *)o->body, strlen(o->body) };
	const char *base64 = bytes_base64(a, body);
	struct place p;

	place_make(&p, body, a);
	return arena_printf(
		a,
		"{\"SignedEntryTimestamp\":\"%s\",\"Payload\":{\"body\":\"%s\",\"integratedTime\":%" PRId64
		",\"logIndex\":%" PRId64 ",\"logID\":\"%s\"}}",
		bytes_base64(a, promise(o, FIRST + p.index, base64, a)), base64, o->at.ms / 1000,
		FIRST + p.index, bytes_hex(a, log_id(o->log, a)));
}

static void write_promise(struct jw *w, const struct entry_order *o, int64_t index, const char *body,
			  struct arena *a)
{
	jw_kstr(w, "integratedTime", arena_printf(a, "%" PRId64, o->at.ms / 1000));
	if (o->fault == AUTHORITY_FAULT_set_none)
		return;
	jw_kopen(w, "inclusionPromise", '{');
	jw_kstr(w, "signedEntryTimestamp", bytes_base64(a, promise(o, index, body, a)));
	jw_close(w, '}');
}

void entry_write(struct jw *w, const struct entry_order *o, struct arena *a)
{
	struct bytes body = { (const unsigned char *)o->body, strlen(o->body) };
	const char *base64 = bytes_base64(a, body);
	struct place p;
	int64_t index;

	place_make(&p, body, a);
	index = o->log->generation == 1 ? FIRST + p.index : p.index; /* the first was cut into shards */
	jw_open(w, '{');
	jw_kstr(w, "logIndex", arena_printf(a, "%" PRId64, index));
	jw_kopen(w, "logId", '{');
	jw_kstr(w, "keyId", bytes_base64(a, log_id(o->log, a)));
	jw_close(w, '}');
	jw_kopen(w, "kindVersion", '{');
	jw_kstr(w, "kind", o->kind);
	jw_kstr(w, "version", o->version);
	jw_close(w, '}');
	if (o->log->generation == 1)
		write_promise(w, o, index, base64, a);
	if (o->proof)
		write_proof(w, o, &p, a);
	jw_kstr(w, "canonicalizedBody", base64);
	jw_close(w, '}');
}
