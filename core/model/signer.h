/* signer.h - somebody whose signature may count: one line of an allowed_signers file (ssh-keygen(1), ALLOWED SIGNERS). */
#pragma once

#include "base/vec.h"
#include "base/when.h"

struct signer {
	const char *const *principals; /* NULL-terminated, raw */
	const char *const *spaces;     /* globs of name spaces, NULL-terminated; NULL: all */
	struct when after, before;     /* not known: no limit */
	const char *fingerprint;       /* SHA256:..., of the key */
	int64_t line;
	const char *refused; /* why this line names nobody, in words; NULL: it does */
};
struct signers VEC_OF(struct signer);
