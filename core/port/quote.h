/*
 * quote.h - port: verifies TDX quotes and Trust Authority tokens, from bytes alone. No network, no store, no clock:
 * adapters/tdx does it with OpenSSL.
 *
 * Collateral is what Intel publishes about its platforms: levels, identities and revocation lists, each signed. It is parsed
 * and its signatures are verified once; then it never changes and is shared by any number of verifications, also by other
 * threads: a fleet is judged again in the time that three signatures a machine take. Dates are looked at in each verification,
 * which is told what time it is.
 *
 * Whatever comes in, a verification ends with a list of checks, each with what was expected and what was found. What policy
 * demands of the facts is decided by core/rules/quote.h, afterwards and without cryptography.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "core/model/quote.h"

#define QUOTE_MAX      ((size_t)64 << 10)
#define COLLATERAL_MAX ((size_t)4 << 20)
#define EVENTLOG_MAX   ((size_t)4 << 20)
#define TOKEN_MAX      ((size_t)256 << 10)
#define TOKEN_KEYS_MAX ((size_t)1 << 20)

/* ---- roots ---- */
/* Intel SGX Root CA, SHA-256 of its certificate (valid to 2049). */
#define QUOTE_INTEL_ROOT "44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3"
/* SHA-256 of the first certificate of a PEM text. ERR_INVALID: there is none. */
int quote_root_pin(char out[65], const void *pem, size_t n, struct err *e) must_check;
/* A root as somebody has it: PEM, perhaps with revocation lists beside it, or DER. */
struct quote_root {
	char sha[65];        /* of the certificate */
	const char *subject; /* raw */
	struct when until;
	const char *pem;
	size_t n;
};
/* In a. 1: these are no certificate's bytes; ERR_INVALID: a certificate, or PEM of another thing, that is no root, and why. */
int quote_root_read(struct quote_root *out, const void *text, size_t n, struct arena *a,
		    struct err *e) must_check;

/* ---- quotes ---- */
struct quote_collateral;
/* The JSON of quoting services: tcb_info, qe_identity (each as the exact text that was signed, or as the answer of Intel's
 * service with its signature), their chains, both revocation lists, perhaps pck_certificate_chain. root NULL: Intel's. What is
 * wrong with it is told by the verification, as checks; an error is only that it is larger than is read (ERR_INVALID). */
int quote_collateral_parse(struct quote_collateral **out, const void *json, size_t n, const char *root_sha,
			   struct err *e) must_check;
void quote_collateral_free(struct quote_collateral *c);             /* NULL: nothing */
const char *quote_collateral_sha(const struct quote_collateral *c); /* of its bytes; lives as it does */
struct when quote_collateral_until(
	const struct quote_collateral *c); /* the first nextUpdate; not known: damaged */

struct quote_question {
	const void *quote;
	size_t n;
	const struct quote_collateral
		*collateral; /* NULL: there is none, and the verdict is that it is missing */
	struct when at;      /* everything is judged as of this instant */
};
/* Fills *out as far as checks went; texts live in a. Thread-safe. Never fails: what is wrong is a check. */
void quote_verify(struct quote_facts *out, const struct quote_question *q, struct arena *a);

/* What nobody can change of a quote without its keys: where its signed part ends, and where the half of the signature ends that is
 * drawn anew in each signing. The other half has two forms that both hold, and what is behind it can be written anew. The bytes
 * may be a quote's first ones alone; both are 0 when they are none. */
#define QUOTE_CORE_MAX 768
struct quote_core {
	size_t body, whole;
	bool answers; /* report data is not empty */
};
void quote_core(struct quote_core *out, const void *bytes, size_t n);

/* A log of events: JSON (a list of {imr, event_type, digest, event, event_payload}) or a binary CCEL. ERR_CORRUPT with where. */
int quote_log_replay(struct quote_log *out, const void *log, size_t n, struct arena *a,
		     struct err *e) must_check;

/* What report data must be for our challenge: 64 bytes as hex. */
enum quote_binding {
	QUOTE_BIND_RAW,    /* the challenge's bytes, zeros behind */
	QUOTE_BIND_HEX,    /* its hex digits as ASCII, in lower case, zeros behind */
	QUOTE_BIND_SHA256, /* SHA-256(challenge || public key), zeros behind */
	QUOTE_BIND_SHA512, /* SHA-512(challenge || public key) */
};
extern const struct names quote_binding_names; /* raw hex sha256 sha512 */
/* ERR_INVALID: it does not fit into 64 bytes, or is no such form. */
int quote_bind(char out[129], int form, const void *challenge, size_t n, const void *key, size_t key_n,
	       struct err *e) must_check;

/* ---- tokens ---- */
struct token_keys;
/* A JWKS. root: PEM of the pinned root, with revocation lists beside it if there are any; then each key's chain must lead
 * there. NULL: the file itself is what is trusted. ERR_CORRUPT, ERR_INVALID (the root). */
int token_keys_parse(struct token_keys **out, const void *json, size_t n, const void *root, size_t root_n,
		     struct err *e) must_check;
void token_keys_free(struct token_keys *k);
/* How many of them have a chain that ends at the pinned root. */
size_t token_keys_led(const struct token_keys *k);

struct token_question {
	const void *token;
	size_t n;
	const struct token_keys *keys;
	struct when at;
};
/* As quote_verify(). A key's address in the token (jku) is never fetched. */
void token_verify(struct token_facts *out, const struct token_question *q, struct arena *a);

/* ---- all of it, for whoever must not name an adapter ---- */
struct quote_ops {
	void (*core)(struct quote_core *out, const void *bytes, size_t n);
	void (*verify)(struct quote_facts *out, const struct quote_question *q, struct arena *a);
	int (*collateral_parse)(struct quote_collateral **out, const void *json, size_t n,
				const char *root_sha, struct err *e);
	void (*collateral_free)(struct quote_collateral *c);
	const char *(*collateral_sha)(const struct quote_collateral *c);
	struct when (*collateral_until)(const struct quote_collateral *c);
	int (*root_pin)(char out[65], const void *pem, size_t n, struct err *e);
	int (*replay)(struct quote_log *out, const void *log, size_t n, struct arena *a, struct err *e);
	int (*bind)(char out[129], int form, const void *challenge, size_t n, const void *key, size_t key_n,
		    struct err *e);
	void (*token_verify)(struct token_facts *out, const struct token_question *q, struct arena *a);
	int (*keys_parse)(struct token_keys **out, const void *json, size_t n, const void *root,
			  size_t root_n, struct err *e);
	void (*keys_free)(struct token_keys *k);
	int (*root_read)(struct quote_root *out, const void *text, size_t n, struct arena *a, struct err *e);
	size_t (*keys_led)(const struct token_keys *k);
};
extern const struct quote_ops quote_ops; /* adapters/tdx */
