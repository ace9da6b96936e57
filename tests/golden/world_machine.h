/* world_machine.h - machines for the worlds of world.h: how one is put into the cache, with its tables. */
#pragma once

#include "base/json.h"
#include "core/model/evidence.h"
#include "store/agents.h"
#include "store/proofs.h"
#include "tests/golden/world.h"

#define FLEET_48(c) c c c c c c c c c c c c /* of eight digits: 96 */

static const char fleet_mrtd[] = FLEET_48("91eb2b44"), fleet_strange[] = FLEET_48("0badc0de");
static const char fleet_pin[] = FLEET_48("cd67cef0"), fleet_foreign[] = FLEET_48("e39c64b6");
static const char fleet_zero[] = FLEET_48("a1b2c3d4");
static const char fleet_collateral[] = "c011a7e2c011a7e2c011a7e2c011a7e2c011a7e2c011a7e2c011a7e2c011a7e2";

struct world_machine {
	const char *name, *size, *datacenter, *word;
	bool said;
	const char *complaint;
	int status, reason;
	const char *detail;
	int quote, quote_reason, token, token_reason;
	const char *differs, *tcb;
	const char *rtmr2[AGENT_SOURCES]; /* NULL: pinned */
	int64_t changed, token_left;      /* ms */
};

static inline void world_field(struct jw *w, const char *name, const char *const value[AGENT_SOURCES])
{
	bool agree = true;
	const char *first = NULL;

	jw_open(w, '{');
	jw_kstr(w, "name", name);
	for (int s = 0; s < AGENT_SOURCES; s++) {
		jw_key(w, names_word(&agent_source_names, s));
		jw_raw_str(w, value[s]);
		agree &= !value[s] || !first || !strcmp(value[s], first);
		first = first ? first : value[s];
	}
	jw_kbool(w, "agree", agree);
	jw_close(w, '}');
}

static inline void world_check(struct jw *w, const char *id, const char *name, int result, int reason,
			       const char *expected, const char *found)
{
	jw_open(w, '{');
	jw_kstr(w, "id", id);
	jw_kstr(w, "name", name);
	jw_kstr(w, "result", names_word(&check_result_names, result));
	jw_kstr(w, "reason", result == CHECKED_FAIL ? names_word(&proof_reason_names, reason) : "");
	jw_key(w, "expected");
	jw_raw_str(w, expected);
	jw_key(w, "found");
	jw_raw_str(w, found);
	jw_close(w, '}');
}

/* T0 to T12 of the quote, and of the token what fits on a screen. */
static inline void world_checks(struct jw *w, const struct world_machine *m, const char *rtmr2)
{
	static const char *const ids[][3] = {
		{ "T0.parse", "quote is read", "version 4, TD 1.0" },
		{ "T1.collateral", "collateral", "issued 2026-11-20T06:00:00Z, next 2026-12-20T06:00:00Z" },
		{ "T2.chain", "platform's certificate", "Intel SGX Root CA" },
		{ "T3.revoked", "revocation", "2 lists, of 2026-11-20T06:00:00Z" },
		{ "T4.qe", "quoting enclave's report", "signed by the platform" },
		{ "T5.key", "attestation key", "the enclave's" },
		{ "T6.signature", "quote's signature", "ecdsa-p256-sha256" },
		{ "T7.identity", "quoting enclave", "UpToDate" },
		{ "T8.module", "TDX module", "TDX_01, UpToDate" },
	};
	for (size_t i = 0; i < countof(ids); i++)
		world_check(w, ids[i][0], ids[i][1], CHECKED_PASS, PROOF_OK, "", ids[i][2]);
	world_check(w, "T9.tcb", "level of the platform",
		    strcmp(m->tcb, "UpToDate") ? CHECKED_FAIL : CHECKED_PASS, PROOF_TCB_OUTOFDATE, "UpToDate",
		    m->tcb);
	world_check(w, "T10.debug", "attributes", CHECKED_PASS, PROOF_OK, "no debug", "no debug");
	world_check(w, "T11.nonce", "report data", CHECKED_ABSENT, PROOF_OK, "", "no challenge was sent");
	world_check(w, "T12.mrtd", "MRTD", m->reason == PROOF_MRTD_UNKNOWN ? CHECKED_FAIL : CHECKED_PASS,
		    PROOF_MRTD_UNKNOWN, fleet_mrtd,
		    m->reason == PROOF_MRTD_UNKNOWN ? fleet_strange : fleet_mrtd);
	world_check(w, "T12.rtmr2", "RTMR2", strcmp(rtmr2, fleet_pin) ? CHECKED_FAIL : CHECKED_PASS,
		    PROOF_RTMR_DRIFT, fleet_pin, rtmr2);
	world_check(w, "J5.time", "token's time", m->token == PROOF_STALE ? CHECKED_FAIL : CHECKED_PASS,
		    PROOF_JWT_EXPIRED, "not over", m->token == PROOF_STALE ? "over" : "not over");
}

/* What is kept of it, by its names. */
static inline void world_kept(struct jw *w, struct when at, const char *events)
{
	jw_kopen(w, "evidence", '{');
	jw_kwhen(w, "at", at);
	jw_kopen(w, "kept", '{');
	jw_key(w, "events");
	jw_raw_str(w, events);
	jw_close(w, '}');
	jw_close(w, '}');
}

static inline const char *world_tree(struct world *w, const struct world_machine *m)
{
	struct buf out = BUF_INIT(1 << 18);
	struct jw j;
	const bool strange = m->reason == PROOF_MRTD_UNKNOWN;
	const char *const mrtd[] = { strange ? fleet_strange : fleet_mrtd, strange ? NULL : fleet_mrtd,
				     strange ? NULL : fleet_mrtd, fleet_mrtd };
	const char *const zero[] = { fleet_zero, fleet_zero, fleet_zero, fleet_zero };
	const char *const tcb[] = { NULL, m->tcb, NULL, NULL };
	const char *rtmr2[AGENT_SOURCES];

	for (int s = 0; s < AGENT_SOURCES; s++)
		rtmr2[s] = m->rtmr2[s] ? m->rtmr2[s] : fleet_pin;
	jw_init(&j, &out);
	jw_open(&j, '{');
	jw_kopen(&j, "fields", '[');
	world_field(&j, "mrtd", mrtd);
	world_field(&j, "rtmr0", zero);
	world_field(&j, "rtmr2", rtmr2);
	world_field(&j, "tcb", tcb);
	jw_close(&j, ']');
	jw_kopen(&j, "checks", '[');
	world_checks(&j, m, rtmr2[AGENT_QUOTE]);
	jw_close(&j, ']');
	if (m->token_left)
		world_kept(&j, world_ago(MINUTES), FLEET_48("6576656e"));
	jw_close(&j, '}');
	const char *text = arena_strdup(&w->a, out.s);
	buf_done(&out);
	return text;
}

static inline struct agent world_agent(struct world *w, const struct world_machine *m, int64_t age)
{
	return (struct agent){
		.id = arena_printf(&w->a, "agent-%s", m->name),
		.name = m->name,
		.size = m->size,
		.datacenter = m->datacenter,
		.word = m->word,
		.said_verified = m->said,
		.complaint = m->complaint,
		.status = m->status,
		.reason = m->reason,
		.detail = m->detail,
		.quote = m->quote,
		.quote_reason = m->quote_reason,
		.token = m->token,
		.token_reason = m->token_reason,
		.differs = m->differs,
		.tcb = m->tcb,
		.quote_sha = FLEET_48("4e6f7465"),
		.token_sha = FLEET_48("746f6b65"),
		.taken = world_ago(age + 2 * MINUTES),
		.token_until = m->token_left ? world_ago(-m->token_left) : WHEN_NONE,
		.heard = world_ago(age + MINUTES),
		.changed = world_ago(m->changed),
		.at = world_ago(age),
	};
}

static inline void world_machines(struct world *w, const char *lane, const struct world_machine *all,
				  size_t n, int64_t age)
{
	struct agent *rows = arena_array(&w->a, struct agent, n);
	int r = 0;

	for (size_t i = 0; i < n; i++)
		rows[i] = world_agent(w, &all[i], age);
	r = store_agents_put(w->store, lane, rows, n, NULL, &w->e);
	for (size_t i = 0; i < n && i < 64 && r >= 0; i++)
		r = store_agent_tree_put(w->store,
					 &(struct agent_tree){ .lane = lane,
							       .id = rows[i].id,
							       .tree = world_tree(w, &all[i]),
							       .at = world_ago(age) },
					 &w->e);
	if (r < 0)
		fail_msg("%s", w->e.message);
}

static inline void world_facts(struct world *w, const char *lane, bool widened, int64_t age)
{
	const struct when at = world_ago(age);
	const struct fleet_fact facts[] = {
		{ NULL, FLEET_POLICY, "tcb_enforcement_mode", "strict", "strict", "env", DRIFT_EQUAL, "",
		  at },
		{ NULL, FLEET_POLICY, "nonce_enforcement_mode", "required", "optional", "env", DRIFT_OTHER,
		  "a missing challenge passes", at },
		{ NULL, FLEET_POLICY, "rtmr_enforcement_mode", "strict", widened ? "warn" : "strict",
		  widened ? "db" : "env", widened ? DRIFT_OTHER : DRIFT_EQUAL,
		  widened ? "an admin has set it after the deploy" : "", at },
		{ NULL, FLEET_POLICY, "signature_verification_mode", "strict", "", "", DRIFT_UNKNOWN,
		  "401: it is told to admins only", at },
		{ NULL, FLEET_MRTD, fleet_mrtd, fleet_mrtd, "trusted", "agent", DRIFT_EQUAL, "", at },
		{ NULL, FLEET_MRTD, fleet_strange, "", "trusted", "agent", DRIFT_OTHER,
		  "somebody has added it: no release pins it", at },
	};
	if (store_fleet_facts_put(w->store, lane, facts, countof(facts) - !widened, &w->e) < 0)
		fail_msg("%s", w->e.message);
}

/* The lane's proofs of them, beside those of what it released. */
static inline void world_machines_proved(struct world *w, const char *lane, int quote, int token,
					 const char *detail, int64_t age)
{
	struct proofs old = { 0 };
	struct proof_books books = { 0 };
	char at[WHEN_TEXT];
	int r = store_proofs_read(&old, w->store, lane, NULL, &w->a, &w->e);

	world_setting(w, arena_printf(&w->a, ROOT_SETTING "%s", fleet_collateral),
		      when_iso(world_ago(age + 49 * HOURS), at));
	for (size_t i = 0; i < old.n && r >= 0; i++) {
		struct proof_book *b = vec_push(&books, &w->a);

		b->row = old.items[i];
		r = store_proof_checks_read(&b->checks, w->store, &b->row, &w->a, &w->e);
	}
	for (int i = 0; i < 2; i++)
		vec_push(&books, &w->a)->row = (struct proof){
			.release = "v0.9.4",
			.subject = AGENTS_SUBJECT,
			.digest = "",
			.check = i ? "token" : "quote",
			.required = true,
			.strict = true,
			.status = i ? token : quote,
			.reason = (i ? token : quote) == PROOF_FAILED ? PROOF_RTMR_DRIFT : PROOF_OK,
			.detail = detail,
			.source = "/api/v1/agents",
			.root = fleet_collateral,
			.verified_at = world_ago(age),
			.at = world_ago(age),
		};
	if (r < 0 || store_proofs_put(w->store, lane, books.items, books.n, &w->e) < 0)
		fail_msg("%s", w->e.message);
}
