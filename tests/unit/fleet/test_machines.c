#include "unit/fleet/asks.h"

#include "base/buf.h"

static const struct fleet_read list = { .kind = FLEET_AGENTS, .site = SITE },
			       chain = { .kind = FLEET_CHAIN, .site = SITE, .id = "1" };

static void test_values(void **state maybe_unused)
{
	struct told t = ask(
		&list,
		"{\"total\":9,\"agents\":[{\"agent_id\":\"1\",\"vm_name\":\"tdx-1\",\"status\":\"never heard "
		"of\","
		"\"node_size\":\"tiny\",\"datacenter\":\"dc\",\"verified\":true,\"verification_error\":\"\","
		"\"attestation_error\":\"drift\",\"mrtd\":\"aa\",\"rtmrs\":{\"rtmr0\":\"b0\",\"rtmr3\":"
		"\"b3\"},"
		"\"attestation\":{\"tdx\":{\"quote_b64\":\"BAAC\",\"intel_ta_token\":\"e.y.J\","
		"\"measurements\":"
		"{\"rtmr1\":\"claimed\",\"mrtd\":\"claimed\"}}},\"intel_ta_token\":\"other\",\"tcb_status\":"
		"\"UpToDate\","
		"\"last_heartbeat\":\"2026-11-21T12:00:00.000000\"},"
		"{\"agent_id\":\"2\",\"verified\":false,\"rtmrs\":null,\"attestation\":null,"
		"\"intel_ta_token\":\"own\",\"last_heartbeat\":\"yesterday\"},{\"agent_id\":\"3\"}]}");
	const struct fleet_agent *m = t.a.agents;

	assert_int_equal(t.a.agents_n, 3);
	assert_int_equal(t.a.damaged, 0);
	assert_int_equal(t.a.total, 9); /* more than it lists */
	assert_string_equal(m[0].word, "never heard of");
	assert_string_equal(m[0].complaint, "drift");
	assert_string_equal(m[0].rtmr[0], "b0");
	assert_null(m[0].rtmr[1]); /* the machine's own report is no record of the server's */
	assert_string_equal(m[0].mrtd, "aa");
	assert_string_equal(m[0].quote, "BAAC");
	assert_string_equal(m[0].token, "e.y.J");
	assert_int_equal(m[0].heard.ms, NOON);
	assert_int_equal(m[0].verified, 1);
	assert_int_equal(m[1].verified, 0);
	assert_string_equal(m[1].token, "own");
	assert_false(when_known(m[1].heard));
	assert_null(m[1].quote);
	assert_int_equal(m[2].verified, -1);
	told_done(&t);
}

/* A damaged record is counted, the first is named, and the others are there. */
static void test_damaged(void **state maybe_unused)
{
	static const struct {
		const char *record, *words;
	} cases[] = {
		{ "{\"vm_name\":\"x\"}", "x: machine: agent_id is missing" },
		{ "{\"agent_id\":\"\"}", "no. 2: machine: agent_id is empty" },
		{ "{\"agent_id\":null}", "agent_id is missing" },
		{ "{\"agent_id\":7}", "agent_id is no string" },
		{ "{\"agent_id\":\"1\",\"mrtd\":[]}", "mrtd is no string" },
		{ "{\"agent_id\":\"1\",\"rtmrs\":[\"a\"]}", "rtmrs is no object" },
		{ "{\"agent_id\":\"1\",\"verified\":1}", "verified is no word" },
		{ "{\"agent_id\":\"1\",\"agent_id\":\"4\"}", "agent_id is there twice" },
		{ "{\"agent_id\":\"1\",\"attestation\":\"x\"}", "attestation is no object" },
		{ "{\"agent_id\":\"1\",\"vm_name\":\"\\ud800\"}", "half a surrogate" },
		{ "{\"agent_id\":\"1\",\"vm_name\":\"a\\u0000b\"}", "NUL" },
		{ "7", "is no object" },
		{ "null", "is no object" },
	};
	char body[512];

	for (size_t i = 0; i < countof(cases); i++) {
		struct told t;

		snprintf(body, sizeof(body),
			 "{\"agents\":[{\"agent_id\":\"2\"},%s,{\"agent_id\":\"3\"}],\"total\":3}",
			 cases[i].record);
		t = ask(&list, body);
		assert_true(t.ok);
		assert_int_equal(t.a.agents_n, 2);
		assert_int_equal(t.a.damaged, 1);
		assert_int_equal(t.a.total, 3);
		assert_has(t.a.first_damage, cases[i].words);
		told_done(&t);
	}
}

/* What the name of a member says may be too much of it. */
static void test_bounds(void **state maybe_unused)
{
	static const struct {
		const char *member;
		size_t max;
	} cases[] = { { "vm_name", 256 }, { "node_size", 256 },  { "status", 256 },
		      { "mrtd", 128 },    { "tcb_status", 256 }, { "intel_ta_token", 256 << 10 } };
	struct buf body = BUF_INIT((size_t)1 << 20);

	for (size_t i = 0; i < 2 * countof(cases); i++) {
		bool over = i % 2;
		struct told t;

		buf_reset(&body);
		buf_fmt(&body, "{\"agents\":[{\"agent_id\":\"1\",\"%s\":\"", cases[i / 2].member);
		buf_fill(&body, 'a', cases[i / 2].max + over);
		buf_str(&body, "\"}]}");
		t = ask(&list, body.s);
		assert_int_equal(t.a.damaged, over);
		assert_int_equal(t.a.agents_n, !over);
		told_done(&t);
	}
	buf_reset(&body);
	buf_str(&body, "{\"agents\":[{\"agent_id\":\"1\",\"verification_error\":\"");
	buf_fill(&body, 'e', 70000);
	buf_str(&body, "\"}]}");
	{
		struct told t = ask(&list, body.s);

		assert_int_equal(t.a.agents_n, 1);
		assert_true(strlen(t.a.agents[0].complaint) <= 1026);
		told_done(&t);
	}
	buf_done(&body);
}

static void test_twins(void **state maybe_unused)
{
	struct told t = ask(&list, "{\"agents\":[{\"agent_id\":\"1\",\"vm_name\":\"a\"},{\"agent_id\":\"2\"},"
				   "{\"agent_id\":\"1\",\"vm_name\":\"b\"}]}");

	assert_int_equal(t.a.agents_n, 1);
	assert_string_equal(t.a.agents[0].id, "2");
	assert_int_equal(t.a.damaged, 2);
	assert_has(t.a.first_damage, "a: machine: agent_id is there twice");
	told_done(&t);
}

/* No byte of a credential in what comes out. */
static void no_canary(const struct fleet_answer *a)
{
	for (size_t i = 0; i < a->agents_n; i++) {
		const struct fleet_agent *m = &a->agents[i];
		const char *const all[] = { m->id,      m->name,      m->size,      m->datacenter,
					    m->word,    m->complaint, m->mrtd,      m->rtmr[0],
					    m->rtmr[1], m->rtmr[2],   m->rtmr[3],   m->tcb,
					    m->quote,   m->token,     m->event_log, m->nonce };

		for (size_t k = 0; k < countof(all); k++)
			assert_true(!all[k] || !strstr(all[k], CANARY));
	}
	assert_true(!a->first_damage || !strstr(a->first_damage, CANARY));
}

static void test_credentials(void **state maybe_unused)
{
	static const char *const drop[] = { "join_key", "datacenter", NULL };
	static const struct {
		const char *members;
		bool damaged;
	} cases[] = {
		{ "\"tunnel_token\":\"" CANARY "\"", false },
		{ "\"tunnel_id\":\"" CANARY "\",\"hostname\":\"" CANARY ".example.test\"", false },
		{ "\"agent_api_secret\":\"" CANARY "\",\"stats\":{\"tunnel_token\":\"" CANARY "\"}", false },
		{ "\"join_key\":\"" CANARY "\",\"datacenter\":\"" CANARY "\"", false },
		{ "\"tunnel_token\":\"" CANARY "\",\"verification_error\":\"bad token " CANARY "\"", false },
		{ "\"join_key\":\"" CANARY "\",\"attestation_error\":\"" CANARY "\"", false },
		{ "\"vm_name\":\"" CANARY "\",\"tunnel_token\":\"" CANARY "\"", true },
		{ "\"join_key\":\"" CANARY "\",\"status\":\"x" CANARY "\"", true },
		{ "\"tunnel_token\":{\"value\":\"" CANARY "\"}", true },
	};
	char body[1024];

	for (size_t i = 0; i < 2 * countof(cases); i++) {
		struct fleet_read q = i % 2 ? chain : list;
		struct reply reply = { .status = 200, .body = body };
		struct told t = { 0 };
		struct canned c;
		struct fleet *f = NULL;

		snprintf(body, sizeof(body),
			 i % 2 ? "{\"agent_id\":\"1\",%s}" : "{\"agents\":[{\"agent_id\":\"1\",%s}]}",
			 cases[i / 2].members);
		t.look = no_canary;
		q.drop = drop;
		canned_init(&c, &reply, 1);
		assert_int_equal(fleet_open(&f, &c.http, 0, NULL), 0);
		assert_int_equal(f->ops->read(f, &q, on_read, &t, NULL), 0);
		canned_pump(&c);
		assert_null(strstr(t.err.message, CANARY));
		assert_int_equal(t.ok ? t.a.agents_n : 0, !cases[i / 2].damaged);
		fleet_free(f);
		canned_done(&c);
		told_done(&t);
	}
}

/* The same of texts that are no JSON, or say that something went wrong. */
static void test_credentials_in_errors(void **state maybe_unused)
{
	static const char *const bodies[] = {
		"{\"tunnel_token\":\"" CANARY "\",\"error\":\"cannot use " CANARY "\"}",
		"{\"tunnel_token\":\"" CANARY "\" x",
		"{\"tunnel_token\":\"" CANARY "\",\"tunnel_token\":\"" CANARY "\"}",
		"{\"" CANARY "\":1,\"" CANARY "\":2}",
		"{\"agents\":[{\"agent_id\":\"" CANARY "\"," CANARY "}]}",
		"{\"agent_id\":\"" CANARY "\",\"tunnel_token\":\"" CANARY "\"}",
		CANARY,
		"\"" CANARY "\"",
	};

	for (int kind = FLEET_HEALTH; kind <= FLEET_CHALLENGE; kind++)
		for (size_t i = 0; i < countof(bodies); i++) {
			const struct fleet_read q = {
				(enum fleet_read_kind)kind, SITE, NULL, "1", "n", NULL
			};
			struct told t = ask(&q, bodies[i]);

			assert_false(t.ok);
			assert_true(t.err.message[0]);
			assert_null(strstr(t.err.message, CANARY));
			assert_null(strstr(t.err.hint, CANARY));
		}
}

static void test_chain(void **state maybe_unused)
{
	struct told t =
		ask(&chain, "{\"agent_id\":\"1\",\"mrtd\":\"aa\",\"verified\":true,\"intel_ta_claims\":{"
			    "\"attester_tcb_status\":\"OutOfDate\",\"tdx_mrtd\":\"claimed\"},"
			    "\"event_log\":[{\"imr\":0,\"digest\":\"aa\"}]}");

	assert_string_equal(t.a.agents[0].tcb, "OutOfDate");
	assert_string_equal(t.a.agents[0].event_log, "[{\"imr\":0,\"digest\":\"aa\"}]");
	told_done(&t);
	t = ask(&chain, "{\"agent_id\":\"2\",\"mrtd\":\"aa\"}");
	assert_int_equal(t.err.kind, ERR_CORRUPT);
	assert_has(t.err.message, "another machine");
}

static void test_size_elsewhere(void **state maybe_unused)
{
	static const struct fleet_read q = { .kind = FLEET_AGENTS,
					     .site = SITE,
					     .size_pointer = "/labels/size" };
	struct told t = ask(&q, "{\"agents\":[{\"agent_id\":\"1\",\"node_size\":\"tiny\",\"labels\":"
				"{\"size\":\"llm\"}}]}");

	assert_string_equal(t.a.agents[0].size, "llm");
	told_done(&t);
}

static void put_machine(struct buf *body, int i, size_t quote)
{
	buf_fmt(body, "%s{\"agent_id\":\"m-%05d\",\"vm_name\":\"tdx-%d\",\"tunnel_token\":\"" CANARY "\",",
		i ? "," : "", i, i);
	buf_str(body, "\"attestation\":{\"tdx\":{\"quote_b64\":\"");
	buf_fill(body, 'A', quote);
	buf_str(body, "\"}}}");
}

/* A large fleet is read whole; what is beyond the limit is counted. */
static void test_many(void **state maybe_unused)
{
	struct buf body = BUF_INIT((size_t)64 << 20);
	struct told t;

	buf_str(&body, "{\"agents\":[");
	for (int i = 0; i < 2000; i++)
		put_machine(&body, i, 10924);
	buf_str(&body, "],\"total\":2000}");
	t = ask(&list, body.s);
	assert_int_equal(t.a.agents_n, 2000);
	assert_int_equal(strlen(t.a.agents[1999].quote), 10924);
	told_done(&t);
	buf_reset(&body);
	buf_str(&body, "{\"agents\":[");
	for (int i = 0; i < AGENTS_MAX + 5; i++)
		put_machine(&body, i, 4);
	buf_str(&body, "]}");
	t = ask(&list, body.s);
	assert_int_equal(t.a.agents_n, AGENTS_MAX);
	assert_int_equal(t.a.total, AGENTS_MAX + 5);
	assert_int_equal(t.a.damaged, 0);
	told_done(&t);
	buf_done(&body);
}

/* How much may come is said to whoever takes it from the wire. */
static void test_cap(void **state maybe_unused)
{
	struct canned c;
	struct told t = ask_with(&list, NULL, 0, &c);

	assert_int_equal(c.asked[0].max_body, 96 << 20);
	canned_done(&c);
	told_done(&t);
	t = ask_with(&chain, NULL, 0, &c);
	assert_int_equal(c.asked[0].max_body, 4 << 20);
	canned_done(&c);
	told_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),      cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_bounds),      cmocka_unit_test(test_twins),
		cmocka_unit_test(test_credentials), cmocka_unit_test(test_credentials_in_errors),
		cmocka_unit_test(test_chain),       cmocka_unit_test(test_size_elsewhere),
		cmocka_unit_test(test_many),        cmocka_unit_test(test_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
