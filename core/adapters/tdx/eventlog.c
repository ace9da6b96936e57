#include "core/adapters/tdx/internal.h"

#include "base/json.h"
#include "base/text.h"

/* RTMR_i = SHA-384(RTMR_i || digest), from 48 zero bytes. Two forms of a log: JSON as guest agents write it, and the CCEL table
 * of the firmware (TCG PC Client Platform Firmware Profile 10.2, measured registers 1 to 4 are RTMR0 to 3). */

#define MR             48
#define EVENTS_MAX     100000
#define EV_NO_ACTION   3
#define EV_RUNTIME     0x08000001 /* a guest agent's own: its digest follows from what it says */
#define ALG_SHA384     0x000c
#define ALGORITHMS_MAX 8

struct replay {
	unsigned char rtmr[QUOTE_RTMRS][MR];
	struct quote_log *out;
	struct arena *a;
	struct err *e;
};

static void hash(unsigned char out[MR], const void *p, size_t n)
{
	BUG_IF(!EVP_Digest(p, n, out, NULL, EVP_sha384(), NULL));
}

static void extend(struct replay *r, size_t i, const unsigned char digest[MR])
{
	unsigned char both[2 * MR];

	memcpy(both, r->rtmr[i], MR);
	memcpy(both + MR, digest, MR);
	hash(r->rtmr[i], both, sizeof(both));
	r->out->events++;
}

static int damaged(struct replay *r, size_t n, const char *what)
{
	return err_set(r->e, ERR_CORRUPT, "event %zu of the log: %s", n, what);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------------- */

/* What a runtime event's digest must be; its recorded one is not believed. */
static bool runtime_digest(unsigned char out[MR], const struct json *event, struct arena *a)
{
	autofree(buf) struct buf text = BUF_INIT(EVENTLOG_MAX);
	const char *name = json_str(event, "event");
	struct bytes payload;
	unsigned char type[4];

	for (size_t i = 0; i < sizeof(type); i++)
		type[i] = (unsigned char)(EV_RUNTIME >> 8 * i);
	if (!name || !tdx_unhex_all(&payload, json_str(event, "event_payload"), a))
		return false;
	buf_add(&text, type, sizeof(type));
	buf_fmt(&text, ":%s:", name);
	buf_add(&text, payload.p, payload.n);
	hash(out, text.s, text.n);
	return !text.over;
}

static int json_event(struct replay *r, const struct json *event, size_t n)
{
	int64_t imr = json_int(event, "imr", -1), type = json_int(event, "event_type", -1);
	unsigned char recorded[MR], digest[MR];

	if (imr < 0 || imr >= QUOTE_RTMRS)
		return damaged(r, n, "its register is none of 0 to 3");
	if (type < 0 || type > UINT32_MAX)
		return damaged(r, n, "its type is no number");
	if (!tdx_unhex(recorded, MR, json_str(event, "digest")))
		return damaged(r, n, "its digest is none of SHA-384");
	if (type == EV_RUNTIME) {
		if (!runtime_digest(digest, event, r->a))
			return damaged(r, n, "what it says is missing or damaged");
		r->out->runtime++;
		r->out->lies += memcmp(digest, recorded, MR) != 0;
	} else {
		memcpy(digest, recorded, MR);
	}
	extend(r, (size_t)imr, digest);
	return 0;
}

static int replay_json(struct replay *r, struct bytes text)
{
	autofree(json) struct json *list = NULL;
	int bad = json_parse(&list, (const char *)text.p, text.n, EVENTLOG_MAX, r->e);

	if (bad < 0)
		return bad;
	if (json_type(list) != JSON_ARRAY || json_size(list) > EVENTS_MAX)
		return err_set(r->e, ERR_CORRUPT, "the log is no list of events");
	for (size_t i = 0; i < json_size(list) && bad == 0; i++)
		bad = json_event(r, json_at(list, i), i);
	return bad;
}

/* ---- CCEL ------------------------------------------------------------------------------------------------------------------ */

struct cursor {
	const unsigned char *p;
	size_t n;
	bool bad;
};

static const unsigned char *get(struct cursor *c, size_t n)
{
	const unsigned char *p = c->p;

	if (c->bad || c->n < n) {
		c->bad = true;
		return NULL;
	}
	c->p += n;
	c->n -= n;
	return p;
}

static uint32_t number(struct cursor *c, size_t n)
{
	const unsigned char *p = get(c, n);
	uint32_t v = 0;

	for (size_t i = n; p && i-- > 0;)
		v = v << 8 | p[i];
	return v;
}

struct algorithms {
	struct {
		uint32_t id, size;
	} at[ALGORITHMS_MAX];
	uint32_t n;
};

/* The first event says in the old form which digests the others have. */
static int read_first(struct replay *r, struct cursor *c, struct algorithms *out)
{
	static const char mark[16] = "Spec ID Event03";
	struct cursor in = { 0 };

	get(c, 4 + 4 + 20);
	in.n = number(c, 4);
	in.p = get(c, in.n);
	in.bad = c->bad;
	if (in.bad || in.n < sizeof(mark) || memcmp(get(&in, sizeof(mark)), mark, sizeof(mark)) != 0)
		return damaged(r, 0, "it does not say what the log is");
	get(&in, 4 + 4);
	out->n = number(&in, 4);
	if (in.bad || !out->n || out->n > ALGORITHMS_MAX)
		return damaged(r, 0, "it names no digests, or too many");
	for (uint32_t i = 0; i < out->n; i++) {
		out->at[i].id = number(&in, 2);
		out->at[i].size = number(&in, 2);
	}
	return in.bad ? damaged(r, 0, "it is cut off") : 0;
}

/* The SHA-384 of an event; NULL: none, or something is not there. */
static const unsigned char *read_digests(struct cursor *c, const struct algorithms *known)
{
	const unsigned char *found = NULL;

	for (uint32_t n = number(c, 4); n && !c->bad; n--) {
		uint32_t id = number(c, 2), size = 0;
		const unsigned char *p;

		for (uint32_t i = 0; i < known->n; i++)
			if (known->at[i].id == id)
				size = known->at[i].size;
		c->bad |= !size;
		p = get(c, size);
		if (id == ALG_SHA384 && size == MR)
			found = p;
	}
	return c->bad ? NULL : found;
}

static bool all_are(struct bytes b, unsigned char v)
{
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] != v)
			return false;
	return true;
}

/* Behind the last event the table is filled with ones, or with zeros. */
static bool is_end(const struct cursor *c)
{
	struct bytes left = { c->p, c->n }, head = { c->p, c->n < 8 ? c->n : 8 };

	return !c->n || all_are(head, 0xff) || all_are(left, 0);
}

static int replay_ccel(struct replay *r, struct bytes text)
{
	struct cursor c = { text.p, text.n, false };
	struct algorithms known = { 0 };
	int bad = read_first(r, &c, &known);

	for (size_t i = 1; bad == 0 && !is_end(&c); i++) {
		uint32_t mr = number(&c, 4), type = number(&c, 4);
		const unsigned char *digest = read_digests(&c, &known);

		get(&c, number(&c, 4));
		if (c.bad || i > EVENTS_MAX)
			return damaged(r, i, "it is cut off");
		if (type == EV_NO_ACTION)
			continue;
		if (mr < 1 || mr > QUOTE_RTMRS || !digest)
			return damaged(r, i, "it is of no register, or has no SHA-384");
		extend(r, mr - 1, digest);
	}
	return bad;
}

/* ---- both -------------------------------------------------------------------------------------------------------------------- */

int quote_log_replay(struct quote_log *out, const void *log, size_t n, struct arena *a, struct err *e)
{
	struct replay r = { .out = out, .a = a, .e = e };
	struct bytes text = { log, n };
	size_t blank = 0;
	int bad;

	*out = (struct quote_log){ 0 };
	if (n > EVENTLOG_MAX)
		return err_set(e, ERR_CORRUPT, "the log has %zu bytes, more than %zu", n, EVENTLOG_MAX);
	out->sha = tdx_sha256(log, n, a);
	while (blank < n && text.p[blank] && strchr(" \t\r\n", text.p[blank]))
		blank++;
	bad = blank < n && text.p[blank] == '[' ? replay_json(&r, text) : replay_ccel(&r, text);
	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		out->rtmr[i] = tdx_hex((struct bytes){ r.rtmr[i], MR }, a);
	return bad;
}

/* ---- the answer to a challenge --------------------------------------------------------------------------------------------------- */

static const char *const binding_words[] = { "raw", "hex", "sha256", "sha512" };
const struct names quote_binding_names = NAMES(binding_words);

int quote_bind(char out[129], int form, const void *challenge, size_t n, const void *key, size_t key_n,
	       struct err *e)
{
	struct arena a = ARENA_INIT;
	unsigned char data[64] = { 0 };
	size_t need = form == QUOTE_BIND_HEX ? 2 * n : n;
	EVP_MD_CTX *ctx;

	if (form < 0 || form >= (int)countof(binding_words) || !n)
		return err_set(e, ERR_INVALID, "there is no challenge, or no such form of an answer");
	if (form <= QUOTE_BIND_HEX && need > sizeof(data))
		return err_set(e, ERR_INVALID, "a challenge of %zu bytes does not fit into report data", n);
	if (form == QUOTE_BIND_RAW) {
		memcpy(data, challenge, n);
	} else if (form == QUOTE_BIND_HEX) {
		memcpy(data, tdx_hex((struct bytes){ challenge, n }, &a), need);
	} else {
		ctx = EVP_MD_CTX_new();
		BUG_IF(!ctx ||
		       !EVP_DigestInit_ex(ctx, form == QUOTE_BIND_SHA256 ? EVP_sha256() : EVP_sha512(),
					  NULL) ||
		       !EVP_DigestUpdate(ctx, challenge, n) || !EVP_DigestUpdate(ctx, key, key_n) ||
		       !EVP_DigestFinal_ex(ctx, data, NULL));
		EVP_MD_CTX_free(ctx);
	}
	memcpy(out, tdx_hex((struct bytes){ data, sizeof(data) }, &a), 129);
	arena_done(&a);
	return 0;
}
