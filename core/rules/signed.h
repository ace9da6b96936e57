/*
 * signed.h - n of m: whose signatures under a plan count. Pure.
 *
 * Everybody who may sign is in a list of signers. Lines that share a name or a key are one person. A person counts once, by
 * a good signature of a key whose line is valid now and for this name space, and never for an act that they start
 * themselves: whoever starts it must be in the list by their login, or it could not be told which signatures are theirs.
 */
#pragma once

#include "core/model/model.h"
#include "core/model/signer.h"

/* One signature file, as far as mathematics goes. */
struct signing {
	const char *fingerprint; /* of the key that made it; "" unknown */
	const char *why;         /* NULL: it is good; else why not, in words */
};
struct signings VEC_OF(struct signing);

struct signed_question {
	const struct signers *signers;
	const struct signings *signings;
	const char *starter; /* login of whoever starts the act; NULL unknown */
	const char *space;
	struct when now;
	int64_t wanted;
};
struct signed_answer {
	enum verdict status; /* ok or missing */
	int64_t counted;
	const char *detail, *fix;
};
void signed_judge(struct signed_answer *out, const struct signed_question *q, struct arena *a);
/* Whether the line is good at this moment and for this; else why not, in words. NULL: it is. */
const char *signer_refused(const struct signer *s, const char *space, struct when now);
/* The line of this key, the first that is good or else the first; NULL: it is nobody's. */
const struct signer *signer_of(const struct signers *list, const char *fingerprint, const char *space,
			       struct when now);
