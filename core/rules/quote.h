/*
 * quote.h - is the machine that runs the one that was released? Facts and a policy go in, a status with its reason comes out.
 * Pure.
 *
 * What a published control plane got wrong is a check of its own here: a measurement that is not there equals nothing;
 * measurements come from the signed quote and from nowhere else; the trusted values must say which release they are of.
 * Every failing check has its own knob, and the status is the worst of what the knobs make of the failures; while a mandatory
 * check has not run and nothing else failed, there is no verdict (unchecked).
 */
#pragma once

#include "core/model/quote.h"

/* How hard one kind of failure is taken. */
enum quote_knob {
	QUOTE_AS_POLICY, /* by the table of reasons: strict or relaxed as the whole */
	QUOTE_STRICT,
	QUOTE_WARN,
	QUOTE_OFF, /* not compared, and the check says so */
};
extern const struct names quote_knob_names; /* policy strict warn off */

/* ---- what a release has pinned ---- */
#define TRUSTED_VALUES_MAX ((size_t)1 << 20)
struct trusted_size {
	const char *size, *mrtd, *rtmr[QUOTE_RTMRS]; /* NULL: not pinned */
};
struct trusted_values {
	const char *release_tag, *git_sha, *digest; /* NULL: does not say */
	const char *const *mrtds;
	size_t mrtds_n;
	const char *rtmr[QUOTE_RTMRS];
	struct trusted_size *sizes;
	size_t sizes_n;
	bool mrtds_by_size,
		rtmrs_by_size; /* the file pins by size: then a size that it does not name is not pinned */
};
/* trusted_values[.TAG].json of a release. ERR_CORRUPT: no such document, or a measurement that is none. */
int trusted_values_parse(struct trusted_values *out, const char *json, size_t n, struct arena *a,
			 struct err *e) must_check;

/* What is pinned for machines of that size; size NULL, or a file that does not pin by size: what is pinned for all. NULL: nothing,
 * and of measurements of images also where several are pinned. */
const char *trusted_mrtd(const struct trusted_values *v, const char *size);
const char *trusted_rtmr(const struct trusted_values *v, const char *size, size_t i);
/* mrtd NULL is in no list. */
bool trusted_is_listed(const struct trusted_values *v, const char *mrtd);

/* NULL and 0: not compared, and the check says so. */
struct quote_policy {
	bool strict;
	int tcb, nonce, rtmr, signature, td, age; /* enum quote_knob */
	unsigned tcb_allowed;    /* bits 1 << enum tcb_status besides UpToDate; revoked never */
	bool service_td;         /* a bound service TD is allowed */
	bool sept_ve;            /* SEPT_VE_DISABLE must be set */
	bool fresh;              /* demands an answer to a challenge */
	const char *report_data; /* what it must be, 128 hex digits; NULL: no challenge was sent */
	const char *mr_config_id, *mr_owner, *mr_owner_config;
	const char *const *platforms; /* FMSPC or PPID, hex in either case */
	size_t platforms_n;
	const struct trusted_values *values;
	const char *release_tag, *node_size;
	bool values_signed_wanted,
		values_signed;       /* an attestation over the trusted values is demanded; it was verified */
	const struct quote_log *log; /* NULL: none is held against it */
	const char *log_why;         /* there is one all the same, and why it is not; NULL there is none */
	struct when now,
		taken; /* for the age of the evidence; taken not known: when the policy has a limit, too old */
	msec max_age;
};

/* What platform, module and quoting enclave come to together (Intel's convergence; attestation reference, T9). */
enum tcb_status quote_converge(const struct quote_facts *f);
enum proof_reason tcb_reason(enum tcb_status s);

/* Appends T9-T12 to `checks` (a copy of the facts' own) and judges. *detail: one line, raw. */
enum proof_status quote_judge(const struct quote_facts *f, const struct quote_policy *p,
			      struct proof_checks *checks, enum proof_reason *reason, const char **detail,
			      struct arena *a);
/* The same of a token. issuer: what `iss` must be; nonce: what verifier_nonce.val must be; quote: facts of the raw quote, if it
 * is at hand: then both must agree. */
struct token_policy {
	bool strict;
	int tcb, nonce_knob, td; /* enum quote_knob */
	unsigned tcb_allowed;
	bool fresh; /* demands an answer to a challenge, as of a quote */
	const char *issuer, *nonce, *report_data;
	const struct quote_facts *quote;
};
enum proof_status token_judge(const struct token_facts *f, const struct token_policy *p,
			      struct proof_checks *checks, enum proof_reason *reason, const char **detail,
			      struct arena *a);
