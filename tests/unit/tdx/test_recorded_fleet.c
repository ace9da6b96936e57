/*
 * The recorded machines get the verdict that is true, whatever their control plane says of them. Each is judged four times:
 *
 *	token	the recorded token alone is demanded
 *	as is	production: quote and token are demanded as they were recorded
 *	quote	production, quote alone demanded: the recorded fields in a quote that the drill's authority has signed, the
 *		recorded token beside it
 *	both	production: quote and token signed by the drill's authority over the recorded fields
 *
 * What cannot be shown: that a recorded quote is good. Nobody signed one, so "as is" none is verified and each fails for its
 * form; nor what their platforms were, for the foundry's stand in for them. The recorded tokens are signed by a key that was
 * thrown away and leads to no root: their keys are believed because they are pinned; their issuer is not Intel. They do not tell report data,
 * which the policy demands where a quote is beside them: "both" says it for them. No evidence that vouches for the recorded trusted
 * values is there: that they are attested is given, and where it is not, each fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "core/adapters/authority/tdx.h"
#include "core/port/quote.h"
#include "core/rules/fleet.h"
#include "tests/unit/tdx/vectors.h"

#define FOLDER "systems/easyenclave"

struct recorded {
	struct arena a;
	const char *dir;
	struct json *agents;
	struct token_keys *keys;
	struct trusted_values values;
};

static const char *folder(struct arena *a)
{
	const char *tdx = vectors_dir(a);

	return tdx ? arena_printf(a, "%s/../../" FOLDER, tdx) : NULL;
}

static bool open_recorded(struct recorded *r)
{
	const struct buf *text, *keys, *values;
	struct err e = ERR_INIT;

	r->dir = folder(&r->a);
	if (!r->dir)
		return false;
	text = vector_file(&r->a, r->dir, "agents.json");
	keys = vector_file(&r->a, r->dir, "ita-jwks.synthetic.json");
	values = vector_file(&r->a, r->dir, "trusted_values.v0.1.12.json");
	assert_true(json_parse(&r->agents, text->s, text->n, 1 << 20, &e) >= 0);
	assert_true(token_keys_parse(&r->keys, keys->s, keys->n, NULL, 0, &e) >= 0);
	assert_true(trusted_values_parse(&r->values, values->s, values->n, &r->a, &e) >= 0);
	return true;
}

static void close_recorded(struct recorded *r)
{
	json_free(r->agents);
	token_keys_free(r->keys);
	arena_done(&r->a);
}

static const struct json *agent_named(const struct recorded *r, const char *name)
{
	const struct json *list = json_get(r->agents, "agents");

	for (size_t i = 0; i < json_size(list); i++)
		if (text_eq(json_str(json_at(list, i), "vm_name"), name))
			return json_at(list, i);
	return NULL;
}

static void record_of(struct fleet_record *out, const struct json *agent)
{
	static const char *const names[] = { "rtmr0", "rtmr1", "rtmr2", "rtmr3" };
	const struct json *rtmrs = json_get(agent, "rtmrs");

	*out = (struct fleet_record){ .mrtd = json_str(agent, "mrtd"), .tcb = json_str(agent, "tcb_status") };
	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		out->rtmr[i] = json_str(rtmrs, names[i]);
}

/* ---- evidence: recorded, or its fields signed again ------------------------------------------------------------------------- */

#define ISSUED INT64_C(1795239964000) /* the recorded tokens */
#define BODY   48                     /* of a quote of version 4 begins here */

enum mode { TOKEN, AS_IS, QUOTE, BOTH, MODES };

struct evidence {
	const char *mrtd, *rtmr[QUOTE_RTMRS], *report_data, *held;
	const unsigned char *quote;
	size_t quote_n;
	const char *token;
	struct quote_collateral *collateral;
	struct token_keys *keys;
};

static const char *hex(const struct buf *quote, size_t at, size_t n, struct arena *a)
{
	char *out = arena_alloc(a, 2 * n + 1);

	assert_true(BODY + at + n <= quote->n);
	for (size_t i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", (unsigned char)quote->s[BODY + at + i]);
	return out;
}

static void read_recorded(struct evidence *v, const struct json *agent, struct arena *a)
{
	const struct json *tdx = json_get(json_get(agent, "attestation"), "tdx");
	const char *text = json_str(tdx, "quote_b64");
	struct buf *quote = arena_new(a, struct buf);

	*quote = (struct buf)BUF_INIT(QUOTE_MAX);
	assert_true(text_unbase64(quote, text, strlen(text)));
	v->quote = arena_alloc(a, quote->n);
	memcpy((void *)(uintptr_t)v->quote, quote->s, quote->n);
	v->quote_n = quote->n;
	v->mrtd = hex(quote, 136, 48, a);
	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		v->rtmr[i] = hex(quote, 328 + 48 * i, 48, a);
	v->report_data = hex(quote, 520, 64, a);
	v->token = json_str(agent, "intel_ta_token");
	buf_done(quote);
}

static void sign_quote(struct evidence *v, const struct foundry *f, struct arena *a)
{
	const struct when at = { ISSUED };
	const char *json = foundry_collateral(f, at, TDX_FAULT_good, a);
	struct quote_order o = { .mrtd = v->mrtd, .report_data = v->report_data, .at = at };

	memcpy(o.rtmr, v->rtmr, sizeof(o.rtmr));
	v->quote = foundry_quote(f, &o, &v->quote_n, a);
	assert_int_equal(
		quote_collateral_parse(&v->collateral, json, strlen(json), foundry_root_sha(f, a), NULL), 0);
}

static void sign_token(struct evidence *v, const struct foundry *f, const char *held, struct arena *a)
{
	const struct when at = { ISSUED };
	const char *jwks = foundry_jwks(f, at, TOKEN_FAULT_good, a),
		   *root = foundry_token_root(f, at, TOKEN_FAULT_good, a);
	struct token_order o = { .mrtd = v->mrtd, .report_data = v->report_data, .held = held, .at = at };

	memcpy(o.rtmr, v->rtmr, sizeof(o.rtmr));
	v->token = foundry_token(f, &o, a);
	assert_int_equal(token_keys_parse(&v->keys, jwks, strlen(jwks), root, strlen(root), NULL), 0);
}

/* ---- judging ------------------------------------------------------------------------------------------------------------------- */

/* The challenge is what the token vouches for, and report data is its bytes (binding: raw). */
static const char *bound(const char *held, struct arena *a)
{
	return held && *held ? arena_printf(a, "%s%0*d", held, (int)(128 - strlen(held)), 0) : NULL;
}

/* As the profile of the system demands it of production: strict, fresh, pinned by size, at most five minutes old. */
static struct quote_policy production(const struct recorded *r, const struct json *agent,
				      const struct token_facts *token, struct when at, bool vouched,
				      struct arena *a)
{
	return (struct quote_policy){ .strict = true,
				      .fresh = true,
				      .report_data = bound(token->held_data, a),
				      .values = &r->values,
				      .release_tag = "v0.1.12",
				      .node_size = json_str(agent, "node_size"),
				      .values_signed_wanted = true,
				      .values_signed = vouched,
				      .now = at,
				      .taken = token->issued,
				      .max_age = 300000 };
}

static void take_evidence(struct evidence *v, struct recorded *r, const struct foundry *f,
			  const struct json *agent, enum mode mode)
{
	struct token_facts token;

	*v = (struct evidence){ 0 };
	read_recorded(v, agent, &r->a);
	token_verify(&token, &(struct token_question){ v->token, strlen(v->token), r->keys, { ISSUED } },
		     &r->a);
	if (mode >= QUOTE)
		sign_quote(v, f, &r->a);
	if (mode == BOTH)
		sign_token(v, f, token.held_data, &r->a);
}

static void judge(struct fleet_verdict *v, struct recorded *r, const struct foundry *f, const char *name,
		  struct when at, enum mode mode, bool vouched)
{
	const struct json *agent = agent_named(r, name);
	struct evidence ev;
	struct quote_facts qf;
	struct token_facts tf;
	struct fleet_record record;
	struct fleet_question q = { .quote = &qf,
				    .token = &tf,
				    .has_token = true,
				    .record = &record,
				    .quote_wanted = mode != TOKEN,
				    .token_wanted = mode != QUOTE };

	take_evidence(&ev, r, f, agent, mode);
	quote_verify(&qf, &(struct quote_question){ ev.quote, ev.quote_n, ev.collateral, at }, &r->a);
	token_verify(&tf,
		     &(struct token_question){ ev.token, strlen(ev.token), ev.keys ? ev.keys : r->keys, at },
		     &r->a);
	record_of(&record, agent);
	q.quote_policy = production(r, agent, &tf, at, vouched, &r->a);
	q.token_policy = (struct token_policy){ .strict = true,
						.issuer = mode == BOTH ? FOUNDRY_ISSUER
								       : "Intel Trust Authority (SYNTHETIC)",
						.quote = qf.td.mrtd || mode != TOKEN ? &qf : NULL };
	fleet_judge(v, &q, &r->a);
	quote_collateral_free(ev.collateral);
	token_keys_free(ev.keys);
}

/* ---- the truth ------------------------------------------------------------------------------------------------------------------ */

#define VERIFIED(reason)                       \
	{                                      \
		PROOF_VERIFIED, PROOF_##reason \
	}
#define STALE(reason)                       \
	{                                   \
		PROOF_STALE, PROOF_##reason \
	}
#define FAILED(reason)                       \
	{                                    \
		PROOF_FAILED, PROOF_##reason \
	}
static const struct truth {
	const char *name;
	int minutes; /* after the tokens were issued */
	const char *truth;
	bool said; /* "verified", by the control plane */
	struct {
		enum proof_status status;
		enum proof_reason reason;
	} ours[MODES];
	const char *by_token,
		*by_all; /* which sources disagree, where the token is the only one that is signed, and where both are */
} truths[] = {
	{ "tdx-agent-tiny-01",
	  1,
	  "good",
	  true,
	  { VERIFIED(OK), FAILED(TDX_PARSE), VERIFIED(OK), VERIFIED(OK) },
	  "",
	  "" },
	{ "tdx-agent-tiny-01",
	  6,
	  "good, a while ago",
	  true,
	  { STALE(JWT_EXPIRED), FAILED(TDX_PARSE), STALE(EVID_OLD), STALE(EVID_OLD) },
	  "",
	  "" },
	{ "tdx-agent-llm-01",
	  1,
	  "RTMR2 is not the release's",
	  true,
	  { FAILED(RTMR_DRIFT), FAILED(TDX_PARSE), FAILED(RTMR_DRIFT), FAILED(RTMR_DRIFT) },
	  "rtmr2 (pin, token)",
	  "rtmr2 (pin, quote)" },
	{ "tdx-agent-tiny-02",
	  1,
	  "RTMR1 changed since",
	  false,
	  { FAILED(RTMR_DRIFT), FAILED(TDX_PARSE), FAILED(NONCE_NONE), FAILED(NONCE_NONE) },
	  "rtmr1 (server, pin, token)",
	  "rtmr1 (server, pin, quote)" },
	{ "tdx-agent-std-01",
	  1,
	  "MRTD is nobody's",
	  false,
	  { FAILED(MRTD_UNKNOWN), FAILED(TDX_PARSE), FAILED(MRTD_UNKNOWN), FAILED(MRTD_UNKNOWN) },
	  "mrtd (pin, token)",
	  "mrtd (pin, quote)" },
	{ "tdx-agent-tiny-04",
	  1,
	  "RTMR2 forged in its report",
	  true,
	  { FAILED(RTMR_DRIFT), FAILED(TDX_PARSE), FAILED(RTMR_DRIFT), FAILED(RTMR_DRIFT) },
	  "rtmr2 (server, pin, token)",
	  "rtmr2 (server, pin, quote)" },
	{ "tdx-agent-tiny-04",
	  600,
	  "the same, and old",
	  true,
	  { FAILED(RTMR_DRIFT), FAILED(TDX_PARSE), FAILED(RTMR_DRIFT), FAILED(RTMR_DRIFT) },
	  "rtmr2 (server, pin, token)",
	  "rtmr2 (server, pin, quote)" },
};

static const char *said_of(const struct fleet_verdict *v, struct arena *a)
{
	return arena_printf(a, "%s %s", names_word(&proof_status_names, (int)v->status),
			    v->reason == PROOF_OK ? "" : names_word(&proof_reason_names, (int)v->reason));
}

static void check_truth(const struct truth *t, struct recorded *r, const struct foundry *f)
{
	struct when at = { ISSUED + t->minutes * INT64_C(60000) };
	const char *line = "";

	assert_int_equal(json_bool(agent_named(r, t->name), "verified", false), t->said);
	for (int mode = TOKEN; mode < MODES; mode++) {
		const char *differs = mode < QUOTE ? t->by_token : t->by_all;
		struct fleet_verdict v, bare;

		judge(&v, r, f, t->name, at, (enum mode)mode, true);
		line = arena_printf(&r->a, "%s%-20s", line, said_of(&v, &r->a));
		if (v.status != t->ours[mode].status || v.reason != t->ours[mode].reason ||
		    strcmp(v.differs, differs) != 0)
			fail_msg("%s, mode %d: %s, %s: %s", t->name, mode, said_of(&v, &r->a), v.differs,
				 v.detail);
		assert_int_equal(v.alarm != NULL, *differs != 0);
		judge(&bare, r, f, t->name, at, (enum mode)mode, false);
		assert_int_equal(bare.status, PROOF_FAILED); /* nobody vouches for the trusted values */
	}
	print_message("%-18s %3d  %-9s %-27s %s\n", t->name, t->minutes, t->said ? "verified" : "no",
		      t->truth, line);
}

static void the_truth_and_not_what_the_server_says(void **state)
{
	struct recorded r = { .a = ARENA_INIT };
	struct foundry *f autofree(foundry) = NULL;

	(void)state;
	if (!open_recorded(&r)) {
		arena_done(&r.a);
		skip();
	}
	f = foundry_new("recorded", (struct when){ ISSUED - INT64_C(365) * 86400000 });
	print_message("%-18s min  %-9s %-27s %-20s%-20s%-20s%s\n", "machine", "server", "truth", "token",
		      "as is", "quote", "both");
	for (size_t i = 0; i < countof(truths); i++)
		check_truth(&truths[i], &r, f);
	close_recorded(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_truth_and_not_what_the_server_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
