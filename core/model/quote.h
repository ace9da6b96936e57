/*
 * quote.h - what a TDX quote, and a token about one, were found to say. Facts, no opinion.
 *
 * A quote is what a machine says of itself, signed by a key that Intel has certified for its processor: which image it was
 * started from (MRTD), what was measured since (RTMR0-3), and 64 bytes that whoever asked has chosen. A token is what Intel's
 * Trust Authority says of the same. Members are filled only when every signature above them holds, so that a rule cannot lean
 * on what nobody signed; NULL is "not authenticated, or not there". Measurements are whole, hex in lower case.
 *
 * A quote that holds was signed by a platform that Intel has certified. It does not prove that nobody has opened that
 * machine: the owner of a machine with a memory interposer has extracted such keys (TEE.fail, WireTap, 2025).
 */
#pragma once

#include "core/model/proof.h"

#define QUOTE_RTMRS 4

/* Words of Intel's collateral and of its verification library, and what follows from several of them. */
enum tcb_status {
	TCB_UNKNOWN, /* a word that is not known: never good */
	TCB_UPTODATE,
	TCB_SWHARDENING,
	TCB_CONFIG,
	TCB_CONFIG_SWHARDENING,
	TCB_OUTOFDATE,
	TCB_OUTOFDATE_CONFIG,
	TCB_RELAUNCH, /* only what it was launched with is old (TD 1.5) */
	TCB_RELAUNCH_CONFIG,
	TCB_REVOKED,
	TCB_NOTSUPPORTED, /* below every level that the collateral names */
	TCB_STATUSES_
};
extern const struct names tcb_status_names; /* unknown UpToDate SWHardeningNeeded ... as Intel writes them */

/* One level that was found to fit: of the platform, of the TDX module, of the quoting enclave. */
struct tcb_found {
	int status;       /* enum tcb_status; TCB_UNKNOWN also: not looked for */
	struct when date; /* tcbDate */
	const char *const *advisories;
	size_t advisories_n;
};

/* The machine as the quote describes it. */
struct quote_td {
	const char *mrtd, *rtmr[QUOTE_RTMRS];
	const char *report_data; /* 64 bytes */
	const char *mr_config_id, *mr_owner, *mr_owner_config;
	const char *mr_service_td; /* NULL: a TD 1.0, which has none */
	const char *mr_seam, *mr_signer_seam, *seam_attributes;
	const char *attributes, *xfam;          /* 8 bytes each, as they stand */
	const char *tee_tcb_svn, *tee_tcb_svn2; /* the latter NULL: a TD 1.0 */
};

/* The processor that signed. */
struct quote_platform {
	const char *fmspc, *pce_id, *ppid;
	int64_t pce_svn;
	struct when certificate_until;
};

struct quote_facts {
	const char *quote_sha, *collateral_sha, *root_sha; /* SHA-256, hex; "" there is none */
	int64_t version;                                   /* 4, 5; 0: not even that could be read */
	bool td15;
	int64_t trailing;   /* bytes behind the quote: buffers are often longer; nobody signs them */
	bool trailing_zero; /* all of them are zero */
	struct quote_td td; /* every signature holds */
	struct quote_platform platform;
	struct tcb_found level, module, enclave;       /* by what the machine was launched with */
	struct tcb_found level_now, module_now;        /* by what it runs on now: TD 1.5 */
	struct when collateral_from, collateral_until; /* issued, next update: the narrowest of all parts */
	int64_t tcb_evaluation;                        /* tcbEvaluationDataNumber */
	struct proof_checks checks;
	enum proof_reason
		broken; /* the first failure of cryptography; PROOF_OK none. Old collateral breaks nothing. */
};

/* What a log of events comes to, replayed from 48 zero bytes. */
struct quote_log {
	const char *sha;               /* SHA-256 of its bytes */
	const char *rtmr[QUOTE_RTMRS]; /* where they would end */
	int64_t events, runtime; /* runtime: whose digest was computed from what they say, not believed */
	int64_t lies;            /* runtime events whose recorded digest is not theirs */
};

/* A token of Intel's Trust Authority. */
struct token_facts {
	const char *token_sha, *keys_sha, *root_sha;
	const char *algorithm, *key; /* PS384; the key's id */
	const char *issuer, *id;     /* iss, jti */
	struct when issued, from, until;
	const char *mrtd, *rtmr[QUOTE_RTMRS], *report_data, *mr_signer_seam;
	const char *held_data, *nonce; /* attester_held_data, verifier_nonce.val: as they stand */
	int debuggable;                /* 1 yes, 0 no, -1 the token does not say */
	int tcb;                       /* enum tcb_status */
	const char *tcb_word;          /* as it stands, "" not said */
	struct when tcb_date;
	const char *const *advisories;
	size_t advisories_n;
	const char *const *policies, *const *policies_unmatched; /* ids */
	size_t policies_n, policies_unmatched_n;
	struct proof_checks checks;
	enum proof_reason broken; /* the first failure; JWT_EXPIRED only when all else holds */
};
