#include "core/adapters/attest/tuf_meta.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define KEYS_MAX       64 /* of a role */
#define SIGNATURES_MAX 128
#define KEY_HEX_MAX    ((size_t)1 << 10)
#define SIG_MAX        ((size_t)1 << 10)

static const struct {
	const char *name;
	size_t max;
} roles[TUF_ROLES] = {
	[TUF_ROOT] = { "root", (size_t)512 << 10 },
	[TUF_TIMESTAMP] = { "timestamp", (size_t)16 << 10 },
	[TUF_SNAPSHOT] = { "snapshot", (size_t)2 << 20 },
	[TUF_TARGETS] = { "targets", (size_t)5 << 20 },
};

const char *tuf_role_name(enum tuf_role role)
{
	return roles[role].name;
}

size_t tuf_role_max(enum tuf_role role)
{
	return roles[role].max;
}

const struct json *tuf_member(const struct json *object, const char *name)
{
	const char *key;

	for (size_t i = 0; json_type(object) == JSON_OBJECT && i < json_size(object); i++) {
		const struct json *value = json_member(object, i, &key);

		if (strcmp(key, name) == 0)
			return value;
	}
	return NULL;
}

/* ---- the canonical form ------------------------------------------------------------------------------------------------- */

static void write_string(struct buf *out, const char *s)
{
	buf_chr(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_chr(out, '\\');
		buf_chr(out, *s);
	}
	buf_chr(out, '"');
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct json_pair *)a)->key, ((const struct json_pair *)b)->key);
}

static bool write_object(struct buf *out, const struct json *j)
{
	size_t n = json_size(j);
	struct json_pair *pairs = x_alloc((n + 1) * sizeof(*pairs));
	bool good = true;

	json_pairs(j, pairs);
	qsort(pairs, n, sizeof(*pairs), by_key);
	buf_chr(out, '{');
	for (size_t i = 0; i < n && good; i++) {
		if (i)
			buf_chr(out, ',');
		write_string(out, pairs[i].key);
		buf_chr(out, ':');
		good = tuf_canonical(out, pairs[i].value);
	}
	buf_chr(out, '}');
	free(pairs);
	return good;
}

static bool write_array(struct buf *out, const struct json *j)
{
	bool good = true;

	buf_chr(out, '[');
	for (size_t i = 0; i < json_size(j) && good; i++) {
		if (i)
			buf_chr(out, ',');
		good = tuf_canonical(out, json_at(j, i));
	}
	buf_chr(out, ']');
	return good;
}

bool tuf_canonical(struct buf *out, const struct json *j)
{
	switch (json_type(j)) {
	case JSON_OBJECT:
		return write_object(out, j);
	case JSON_ARRAY:
		return write_array(out, j);
	case JSON_STRING:
		write_string(out, json_str(j, ""));
		return true;
	case JSON_INT:
		buf_fmt(out, "%" PRId64, json_int(j, "", 0));
		return true;
	case JSON_BOOL:
		buf_str(out, json_bool(j, "", false) ? "true" : "false");
		return true;
	case JSON_NULL:
		buf_str(out, "null");
		return true;
	case JSON_ABSENT:
	case JSON_REAL:
		return false;
	}
	return false;
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

static bool is_role(const struct json *role)
{
	const struct json *ids = json_get(role, "keyids");
	int64_t threshold = json_int(role, "threshold", 0);

	if (json_type(ids) != JSON_ARRAY || json_size(ids) > KEYS_MAX || threshold < 1 ||
	    threshold > KEYS_MAX)
		return false;
	for (size_t i = 0; i < json_size(ids); i++)
		if (!json_str(json_at(ids, i), ""))
			return false;
	return true;
}

/* What a role must have beside what all have; NULL: it has. */
static const char *lacks(const struct tuf_meta *m)
{
	const struct json *all = json_get(m->body, "roles");
	enum json_type snapshot;

	switch (m->role) {
	case TUF_ROOT:
		for (size_t i = 0; i < TUF_ROLES; i++)
			if (!is_role(json_get(all, roles[i].name)))
				return roles[i].name;
		snapshot = json_type(json_get(m->body, "consistent_snapshot"));
		if (snapshot != JSON_BOOL && snapshot != JSON_ABSENT)
			return "consistent_snapshot";
		return json_type(json_get(m->body, "keys")) == JSON_OBJECT ? NULL : "keys";
	case TUF_TIMESTAMP:
	case TUF_SNAPSHOT:
		return json_type(json_get(m->body, "meta")) == JSON_OBJECT ? NULL : "meta";
	case TUF_TARGETS:
		return json_type(json_get(m->body, "targets")) == JSON_OBJECT ? NULL : "targets";
	case TUF_ROLES:
		break;
	}
	return "_type";
}

static const char *read_common(struct tuf_meta *m)
{
	const char *type = json_str(m->body, "_type"), *spec = json_str(m->body, "spec_version");
	const char *expires = json_str(m->body, "expires");

	if (!text_eq(type, roles[m->role].name))
		return "_type";
	if (!spec || !text_starts(spec, "1."))
		return "spec_version";
	m->version = json_int(m->body, "version", 0);
	if (m->version < 1)
		return "version";
	if (!expires || when_parse(&m->expires, expires) < 0)
		return "expires";
	if (json_type(json_get(m->doc, "signatures")) != JSON_ARRAY ||
	    json_size(json_get(m->doc, "signatures")) > SIGNATURES_MAX)
		return "signatures";
	return lacks(m);
}

int tuf_meta_read(struct tuf_meta *out, enum tuf_role role, struct span bytes, struct err *e)
{
	const struct json_limits limits = { .bytes = roles[role].max, .depth = 24, .values = 200000 };
	struct err why = ERR_INIT;
	const char *wrong;

	*out = (struct tuf_meta){ .role = role, .bytes = bytes };
	if (json_parse_within(&out->doc, (const char *)bytes.p, bytes.n, &limits, &why) != 0)
		return err_set(e, ERR_POLICY, "the %s is not JSON that is accepted: %s", roles[role].name,
			       why.message);
	out->body = json_get(out->doc, "signed");
	wrong = read_common(out);
	if (!wrong)
		return 0;
	tuf_meta_done(out);
	return err_set(e, ERR_POLICY, "the %s is damaged: its %s is missing or not as it must be",
		       roles[role].name, wrong);
}

void tuf_meta_done(struct tuf_meta *m)
{
	json_free(m->doc);
	*m = (struct tuf_meta){ .role = m->role };
}

/* ---- keys --------------------------------------------------------------------------------------------------------------- */

static bool unhex(struct span *out, const char *digits, size_t max, struct arena *a)
{
	size_t n = digits ? strlen(digits) : 0;
	unsigned char *bytes;

	if (!n || n % 2 || n / 2 > max || strspn(digits, "0123456789abcdefABCDEF") != n)
		return false;
	bytes = arena_array(a, unsigned char, n / 2);
	for (size_t i = 0; i < n / 2; i++) {
		char pair[3] = { digits[2 * i], digits[2 * i + 1], 0 };

		bytes[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	*out = (struct span){ bytes, n / 2 };
	return true;
}

/* How a scheme's keys are written: a PEM, or hex of the whole SubjectPublicKeyInfo, or hex of the point or key alone, to which
 * `spki` is what stands before it in one. */
static const struct scheme {
	const char *name, *keytype, *algorithm;
	bool pss;
	size_t raw;
	const char *spki;
} schemes[] = {
	{ "ecdsa-sha2-nistp256", "ecdsa", "ecdsa-p256-sha256", false, 65,
	  "3059301306072a8648ce3d020106082a8648ce3d030107034200" },
	{ "ecdsa-sha2-nistp384", "ecdsa", "ecdsa-p384-sha384", false, 97,
	  "3076301006072a8648ce3d020106052b81040022036200" },
	{ "ed25519", "ed25519", "ed25519", false, 32, "302a300506032b6570032100" },
	{ "rsassa-pss-sha256", "rsa", "rsa-pkcs1-sha256", true, 0, NULL },
};

static int key_of(struct attest_key **out, const struct scheme *s, const char *public, struct arena *a)
{
	struct err why = ERR_INIT;
	struct span given;

	*out = NULL;
	if (strstr(public, "-----BEGIN"))
		return attest_key_pem(out, public, &why);
	if (!unhex(&given, public, KEY_HEX_MAX, a))
		return PROOF_SIG_BAD;
	if (s->raw && given.n == s->raw &&
	    !unhex(&given, arena_printf(a, "%s%s", s->spki, public), KEY_HEX_MAX, a))
		return PROOF_SIG_BAD;
	return attest_key_spki(out, given, &why);
}

/* NULL: of a scheme that is not known, or damaged; then it signs nothing. */
static struct attest_key *usable_key(const struct json *key, const struct scheme **how, struct arena *a)
{
	const char *type = json_str(key, "keytype"), *name = json_str(key, "scheme");
	const char *public = json_str(key, "keyval.public");
	struct attest_key *k;

	for (size_t i = 0; type && name && public && i < countof(schemes); i++) {
		const struct scheme *s = &schemes[i];

		if (strcmp(s->name, name) != 0 ||
		    (strcmp(s->keytype, type) != 0 && strcmp(s->name, type) != 0))
			continue;
		if (key_of(&k, s, public, a) != 0)
			return NULL;
		*how = s;
		if (strcmp(attest_key_algorithm(k), s->algorithm) == 0)
			return k;
		attest_key_free(k);
	}
	return NULL;
}

/* ---- signatures --------------------------------------------------------------------------------------------------------- */

/* The first of that id; an empty one says that its owner has not signed yet. */
static const char *signature_of(const struct tuf_meta *m, const char *id)
{
	const struct json *all = json_get(m->doc, "signatures");

	for (size_t i = 0; i < json_size(all); i++)
		if (text_eq(json_str(json_at(all, i), "keyid"), id))
			return json_str(json_at(all, i), "sig");
	return NULL;
}

struct count {
	struct arena arena;
	struct span message;
	unsigned char seen[KEYS_MAX][32]; /* keys that signed */
	size_t n;
};

static void count_key(struct count *c, const struct attest_key *k, const struct scheme *s, const char *sig)
{
	struct err why = ERR_INIT;
	struct span raw;

	for (size_t i = 0; i < c->n; i++)
		if (memcmp(c->seen[i], attest_key_sha256(k), 32) == 0)
			return;
	if (!unhex(&raw, sig, SIG_MAX, &c->arena))
		return;
	if (s->pss ? attest_key_verify_pss(k, raw, c->message, &why)
		   : attest_key_verify(k, raw, c->message, &why))
		return;
	memcpy(c->seen[c->n++], attest_key_sha256(k), 32);
}

static void count_all(struct count *c, const struct tuf_meta *m, const struct tuf_meta *root,
		      const struct json *ids)
{
	const struct json *keys = json_get(root->body, "keys");

	for (size_t i = 0; i < json_size(ids); i++) {
		const char *id = json_str(json_at(ids, i), ""), *sig = signature_of(m, id);
		const struct scheme *how = NULL;
		struct attest_key *k = sig && *sig ? usable_key(tuf_member(keys, id), &how, &c->arena) : NULL;

		if (k)
			count_key(c, k, how, sig);
		attest_key_free(k);
	}
}

int tuf_meta_signed(const struct tuf_meta *m, const struct tuf_meta *root, struct err *e)
{
	const char *name = roles[m->role].name;
	const struct json *role = json_get(json_get(root->body, "roles"), name);
	autofree(buf) struct buf text = BUF_INIT(8 * roles[m->role].max);
	int64_t need = json_int(role, "threshold", 0);
	struct count c = { .n = 0 };

	if (!tuf_canonical(&text, m->body) || text.over)
		return err_set(e, ERR_POLICY, "the %s has no canonical form: there is a fraction in it",
			       name);
	c.message = (struct span){ (const unsigned char *)text.s, text.n };
	count_all(&c, m, root, json_get(role, "keyids"));
	arena_done(&c.arena);
	if (need >= 1 && (int64_t)c.n >= need)
		return 0;
	return err_set(e, ERR_POLICY,
		       "version %" PRId64 " of the %s is signed by %zu keys of root %" PRId64 " and %" PRId64
		       " are needed",
		       m->version, name, c.n, root->version, need);
}

bool tuf_same_keys(const struct tuf_meta *root, const struct tuf_meta *other, enum tuf_role role)
{
	const struct tuf_meta *const both[] = { root, other };
	struct buf text[2] = { BUF_INIT(roles[TUF_ROOT].max * 8), BUF_INIT(roles[TUF_ROOT].max * 8) };
	bool same;

	for (size_t i = 0; i < 2; i++) {
		const struct json *r = json_get(json_get(both[i]->body, "roles"), roles[role].name);
		const struct json *ids = json_get(r, "keyids");

		buf_fmt(&text[i], "%" PRId64, json_int(r, "threshold", 0));
		for (size_t k = 0; k < json_size(ids); k++) {
			const char *id = json_str(json_at(ids, k), "");

			buf_str(&text[i], id);
			(void)tuf_canonical(
				&text[i],
				json_get(tuf_member(json_get(both[i]->body, "keys"), id), "keyval"));
		}
	}
	same = text[0].n == text[1].n && memcmp(text[0].s, text[1].s, text[0].n) == 0;
	buf_done(&text[0]);
	buf_done(&text[1]);
	return same;
}

/* ---- what one file says of another ---------------------------------------------------------------------------------------- */

int tuf_file_read(struct tuf_file *out, const struct json *j, const char *name, struct err *e)
{
	const struct json *length = json_get(j, "length"), *version = json_get(j, "version");

	*out = (struct tuf_file){ .version = json_int(j, "version", 0),
				  .length = json_int(j, "length", -1),
				  .hashes = json_get(j, "hashes") };
	if (json_type(j) != JSON_OBJECT || (length && out->length < 0) || (version && out->version < 1) ||
	    (out->hashes && json_type(out->hashes) != JSON_OBJECT))
		return err_set(e, ERR_POLICY, "what is said of %s is damaged", name);
	return 0;
}

static const char *const hash_names[] = { "sha256", "sha512", "sha384" };

const char *tuf_file_hash(const struct tuf_file *f, const char *algorithm)
{
	unsigned char any[ATTEST_HASH_MAX];
	const char *hex = json_str(f->hashes, algorithm);
	size_t n = attest_hash(algorithm, (struct span){ NULL, 0 }, any);

	return hex && n && strlen(hex) == 2 * n && strspn(hex, "0123456789abcdef") == 2 * n ? hex : NULL;
}

int tuf_file_matches(const struct tuf_file *f, struct span bytes, const char *name, struct err *e)
{
	struct arena a = ARENA_INIT;
	size_t matched = 0, differ = 0;

	if (f->length >= 0 && (uint64_t)f->length != bytes.n)
		return err_set(e, ERR_POLICY, "%s has %zu bytes, and %" PRId64 " are announced", name,
			       bytes.n, f->length);
	for (size_t i = 0; f->hashes && i < countof(hash_names); i++) {
		unsigned char hash[ATTEST_HASH_MAX];
		const char *told = tuf_file_hash(f, hash_names[i]);
		size_t n = attest_hash(hash_names[i], bytes, hash);

		if (told && strcmp(told, span_hex((struct span){ hash, n }, &a)) == 0)
			matched++;
		else if (json_get(f->hashes, hash_names[i]))
			differ++;
	}
	arena_done(&a);
	if (differ || (f->hashes && !matched))
		return err_set(e, ERR_POLICY, "%s is not the one that is announced: its hash differs", name);
	return 0;
}
