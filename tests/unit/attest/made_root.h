/*
 * made_root.h - the trusted root of a made world, as a file and as what is parsed from it.
 */
#pragma once

#include "tests/unit/attest/made.h"

/* ---- the trusted root --------------------------------------------------------------------------------------------------- */

static inline void made_base64(struct buf *out, struct span s)
{
	text_base64(out, (const char *)s.p, s.n);
}

/* `,"validFor":{...}` as an authority has it; until NULL: it has no end. */
static inline void made_window(struct buf *out, const char *from, const char *until)
{
	buf_fmt(out, "\"validFor\":{\"start\":\"%s\"", from);
	if (until)
		buf_fmt(out, ",\"end\":\"%s\"", until);
	buf_str(out, "}");
}

struct made_authority {
	const char *uri, *from, *until;
	X509 *chain[4];
};
static inline void made_put_authority(struct buf *out, const struct made_authority *m, struct arena *a)
{
	buf_fmt(out, "{\"uri\":\"%s\",\"certChain\":{\"certificates\":[", m->uri);
	for (size_t i = 0; i < countof(m->chain) && m->chain[i]; i++) {
		buf_str(out, i ? ",{\"rawBytes\":\"" : "{\"rawBytes\":\"");
		made_base64(out, made_der(m->chain[i], a));
		buf_str(out, "\"}");
	}
	buf_str(out, "]},");
	made_window(out, m->from, m->until);
	buf_str(out, "}");
}

struct made_log {
	const char *url, *details, *from, *until;
	EVP_PKEY *key;
};
static inline void made_put_log(struct buf *out, const struct made_log *m, struct arena *a)
{
	unsigned char id[ATTEST_HASH_MAX];
	struct span spki = made_spki(m->key, a);

	(void)attest_hash("sha256", spki, id);
	buf_fmt(out, "{\"baseUrl\":\"%s\",\"hashAlgorithm\":\"SHA2_256\",\"publicKey\":{\"rawBytes\":\"",
		m->url);
	made_base64(out, spki);
	buf_fmt(out, "\",\"keyDetails\":\"%s\",", m->details);
	made_window(out, m->from, m->until);
	buf_str(out, "},\"logId\":{\"keyId\":\"");
	made_base64(out, made_span(id, 32));
	buf_str(out, "\"}}");
}

struct made_root {
	struct made_log tlogs[4], ctlogs[4];
	struct made_authority cas[3], tsas[3];
};
#define MADE_MEDIA "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
#define MADE_LIST(name, list, mark, put)                                           \
	do {                                                                       \
		buf_fmt(out, ",\"%s\":[", name);                                   \
		for (size_t i_ = 0; i_ < countof(list) && (list)[i_].mark; i_++) { \
			buf_str(out, i_ ? "," : "");                               \
			put(out, &(list)[i_], a);                                  \
		}                                                                  \
		buf_str(out, "]");                                                 \
	} while (0)
static inline void made_root_text(struct buf *out, const struct made_root *m, struct arena *a)
{
	buf_str(out, "{\"mediaType\":\"" MADE_MEDIA "\"");
	MADE_LIST("tlogs", m->tlogs, key, made_put_log);
	MADE_LIST("ctlogs", m->ctlogs, key, made_put_log);
	MADE_LIST("certificateAuthorities", m->cas, uri, made_put_authority);
	MADE_LIST("timestampAuthorities", m->tsas, uri, made_put_authority);
	buf_str(out, "}");
	assert_false(out->over);
}

static inline struct attest_root *made_parse(const struct made_root *m)
{
	struct arena a = ARENA_INIT;
	autofree(buf) struct buf text = BUF_INIT(ATTEST_ROOT_MAX);
	struct attest_root *r = NULL;
	struct err e = ERR_INIT;

	made_root_text(&text, m, &a);
	if (attest_root_parse(&r, text.s, text.n, &e))
		fail_msg("%s", e.message);
	arena_done(&a);
	return r;
}
