/*
 * sign.h - port: detached signatures over a document, made by keys that an agent holds, and checked here.
 *
 * A private key is never seen: the agent is asked to sign. Making needs the agent, checking needs nothing. What is checked
 * is foreign in every byte: it is parsed strictly, or not at all.
 *
 * That a signature is good says that one key made it over these bytes, for this purpose (the name space). Whose key that is
 * says a list of signers; who of them counts for what is a rule (core/rules/signed.h).
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "core/model/signer.h"

/* In a signature, that it was made over a plan of ours and for nothing else: a signature of a commit or a file by the same
 * key is none, and ours is none elsewhere. */
#define SIGN_NAMESPACE "plan@pilothouse"
#define SIGN_MAX       ((size_t)64 << 10) /* bytes of an armoured signature */
#define SIGNERS_MAX    256                /* lines that name somebody */

/* A public key. Strings and bytes in the arena of whoever asked; comments are raw. */
struct sign_key {
	const char *type;        /* ssh-ed25519 */
	const char *fingerprint; /* SHA256:..., as ssh-keygen -l prints it */
	const char *comment;
	const void *blob;
	size_t n;
};
struct sign_keys VEC_OF(struct sign_key);

struct sign;
struct sign_ops {
	/* The agent's keys that can sign here. ERR_OFFLINE: no agent; ERR_CORRUPT: it talks nonsense, or too long. */
	int (*keys)(struct sign *s, struct sign_keys *out, struct arena *a, struct err *e);
	/* An armoured signature of the key over the bytes. Waits as long as a person may need to confirm it to the agent.
	 * ERR_FORBIDDEN: the agent refused. */
	int (*make)(struct sign *s, const struct sign_key *key, const void *bytes, size_t n,
		    struct buf *armoured, struct err *e);
	/* Is it a signature over the bytes in SIGN_NAMESPACE? 0: yes, by *key; 1: it is well formed, and not over these;
	 * ERR_CORRUPT, ERR_INVALID: no signature, or of a kind that is not accepted. */
	int (*check)(struct sign *s, const char *armoured, size_t armoured_n, const void *bytes, size_t n,
		     struct sign_key *key, struct arena *a, struct err *e);
	/* Reads a list of signers; each line that is not empty becomes one. ERR_INVALID: more than SIGNERS_MAX. */
	int (*signers)(struct sign *s, const char *text, size_t n, struct signers *out, struct arena *a,
		       struct err *e);
	void (*free)(struct sign *s);
};
struct sign {
	const struct sign_ops *ops;
};
