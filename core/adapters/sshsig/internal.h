/* internal.h - what the parts of this adapter know of each other, and its fuzzer. */
#pragma once

#include "core/adapters/sshsig/sshsig.h"

#include <string.h>

/* ---- wire.c: SSH's binary encoding (RFC 4251, 5) ---- */

/* A place in foreign bytes. Once something was not there, everything after it is not there either. */
struct wire {
	const unsigned char *p;
	size_t n;
	bool bad;
};
struct bytes {
	const unsigned char *p;
	size_t n;
};
uint32_t wire_u32(struct wire *w);
struct bytes wire_string(struct wire *w); /* borrowed */
bool wire_is_done(const struct wire *w);  /* nothing was missing and nothing is left */
static inline struct wire wire_of(struct bytes b)
{
	return (struct wire){ b.p, b.n, false };
}
static inline bool bytes_are(struct bytes b, const char *s)
{
	return b.n == strlen(s) && memcmp(b.p, s, b.n) == 0;
}
void put_u32(struct buf *out, uint32_t v);
void put_string(struct buf *out, const void *p, size_t n);

/* ---- key.c ---- */
/* A public key that is accepted here: its type, its fingerprint and a copy of its blob. ERR_INVALID: not accepted. */
int key_read(struct sign_key *out, struct bytes blob, struct arena *a, struct err *e) must_check;
/* Is sig a signature of the key over the message? 0 yes, 1 no; ERR_CORRUPT, ERR_INVALID: neither. */
int key_verify(struct bytes blob, struct bytes sig, struct bytes message, struct err *e) must_check;

/* ---- armor.c ---- */
struct sshsig {
	struct bytes key, space, hash, signature; /* in the buffer given to sshsig_read() */
};
/* The parts of an armoured signature; raw holds its bytes and must outlive them. ERR_CORRUPT. */
int sshsig_read(struct sshsig *out, struct buf *raw, const char *text, size_t n, struct err *e) must_check;
/* What is signed: hash is "sha256" or "sha512", else ERR_INVALID. */
int sshsig_message(struct buf *out, struct bytes space, struct bytes hash, const void *bytes, size_t n,
		   struct err *e) must_check;
void sshsig_write(struct buf *armoured, const struct sshsig *s);

/* ---- signers.c ---- */
int signers_read(struct signers *out, const char *text, size_t n, struct arena *a, struct err *e) must_check;

/* ---- agent.c ---- */
#define AGENT_MESSAGE_MAX ((size_t)256 << 10) /* as OpenSSH's own client */
#define AGENT_KEYS_MAX    256
int agent_keys(const char *socket, const struct clock *c, struct sign_keys *out, struct arena *a,
	       struct err *e) must_check;
/* The signature's blob, appended. */
int agent_sign(const char *socket, const struct clock *c, const struct sign_key *key, const struct buf *data,
	       struct buf *signature, struct err *e) must_check;
/* Keys in the body of an answer, for agent_keys() and the fuzzer. */
int agent_read_keys(struct bytes body, struct sign_keys *out, struct arena *a, struct err *e) must_check;
