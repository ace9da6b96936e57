/* The recorded machines get the verdict that is true, whatever their control plane says of them. Their quotes were never signed,
 * so the tokens alone are demanded here; where quotes are demanded too, none of them is good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
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

static void judge(struct fleet_verdict *v, struct recorded *r, const char *name, struct when at,
		  bool quote_wanted)
{
	const struct json *agent = agent_named(r, name);
	const char *token = json_str(agent, "intel_ta_token"),
		   *text = json_str(json_get(json_get(agent, "attestation"), "tdx"), "quote_b64");
	struct buf quote = BUF_INIT(QUOTE_MAX);
	struct quote_facts qf;
	struct token_facts tf;
	struct fleet_record record;
	struct fleet_question q = { .quote = &qf, .token = &tf, .has_token = true, .record = &record };

	assert_true(text_unbase64(&quote, text, strlen(text)));
	quote_verify(&qf, &(struct quote_question){ quote.s, quote.n, NULL, at }, &r->a);
	token_verify(&tf, &(struct token_question){ token, strlen(token), r->keys, at }, &r->a);
	record_of(&record, agent);
	q.quote_wanted = quote_wanted;
	q.token_wanted = true;
	q.quote_policy = (struct quote_policy){ .strict = true,
						.values = &r->values,
						.release_tag = "v0.1.12",
						.node_size = json_str(agent, "node_size"),
						.now = at };
	q.token_policy = (struct token_policy){ .strict = true, .quote = qf.td.mrtd ? &qf : NULL };
	fleet_judge(v, &q, &r->a);
	buf_done(&quote);
}

static const struct truth {
	const char *name;
	int minutes; /* after the tokens were issued */
	enum proof_status status;
	enum proof_reason reason;
	const char *differs;
	bool said; /* "verified", by the control plane */
} truths[] = {
	{ "tdx-agent-tiny-01", 1, PROOF_VERIFIED, PROOF_OK, "", true },
	{ "tdx-agent-tiny-01", 6, PROOF_STALE, PROOF_JWT_EXPIRED, "", true },
	{ "tdx-agent-llm-01", 1, PROOF_FAILED, PROOF_RTMR_DRIFT, "rtmr2 (pin, token)", true },
	{ "tdx-agent-tiny-02", 1, PROOF_FAILED, PROOF_RTMR_DRIFT, "rtmr1 (server, pin, token)", false },
	{ "tdx-agent-std-01", 1, PROOF_FAILED, PROOF_MRTD_UNKNOWN, "mrtd (pin, token)", false },
	{ "tdx-agent-tiny-04", 1, PROOF_FAILED, PROOF_RTMR_DRIFT, "rtmr2 (server, pin, token)", true },
	{ "tdx-agent-tiny-04", 600, PROOF_FAILED, PROOF_RTMR_DRIFT, "rtmr2 (server, pin, token)", true },
};

static void the_truth_and_not_what_the_server_says(void **state)
{
	struct recorded r = { .a = ARENA_INIT };

	(void)state;
	if (!open_recorded(&r)) {
		arena_done(&r.a);
		skip();
	}
	for (size_t i = 0; i < countof(truths); i++) {
		const struct truth *t = &truths[i];
		struct when at = { INT64_C(1795239964000) + t->minutes * INT64_C(60000) };
		struct fleet_verdict v;

		assert_int_equal(json_bool(agent_named(&r, t->name), "verified", false), t->said);
		judge(&v, &r, t->name, at, false);
		if (v.status != t->status || v.reason != t->reason)
			fail_msg("%s: %s %s: %s", t->name, names_word(&proof_status_names, (int)v.status),
				 names_word(&proof_reason_names, (int)v.reason), v.detail);
		assert_string_equal(v.differs, t->differs);
		assert_int_equal(v.alarm != NULL, *t->differs != 0);
		judge(&v, &r, t->name, at, true);
		assert_int_equal(v.status, PROOF_FAILED); /* nobody signed the quote */
	}
	close_recorded(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_truth_and_not_what_the_server_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
