#include "unit/fleet/asks.h"

#include "base/json.h"
#include "base/path.h"
#include "core/profile/profile.h"

/*
 * What EasyEnclave's own program answered, with synthetic evidence. The files are not in the project: PILOTHOUSE_VECTORS names
 * the folder, and without it what needs them says that it was skipped.
 */

static const char *recorded(struct arena *a, const char *name)
{
	autofree(buf) struct buf text = BUF_INIT((size_t)4 << 20);
	const char *root = getenv("PILOTHOUSE_VECTORS");

	if (!root || path_read(&text, arena_printf(a, "%s/systems/easyenclave/%s", root, name), NULL) < 0)
		return NULL;
	return arena_strdup(a, text.s);
}

static struct told ask_recorded(struct arena *a, const struct fleet_read *q, const char *name)
{
	const char *body = recorded(a, name);

	if (!body) {
		arena_done(a);
		skip();
	}
	return ask(q, body);
}

/* name, size, word, verified, complaint begins with: the table of the delivery-systems reference, 1.4 */
static const struct {
	const char *name, *size, *word;
	int verified;
	const char *complaint;
} machines[] = {
	{ "tdx-agent-tiny-01", "tiny", "undeployed", 1, NULL },
	{ "tdx-agent-llm-01", "llm", "undeployed", 1, NULL },
	{ "tdx-agent-tiny-02", "tiny", "undeployed", 0, "RTMR drift detected: rtmr1 changed" },
	{ "tdx-agent-std-01", "standard", "unverified", 0, "MRTD not in trusted list: b2f92f78" },
	{ "tdx-agent-tiny-04", "tiny", "undeployed", 1, NULL },
};

static void check_machine(const struct fleet_agent *m, size_t i)
{
	assert_string_equal(m->name, machines[i].name);
	assert_string_equal(m->size, machines[i].size);
	assert_string_equal(m->word, machines[i].word);
	assert_int_equal(m->verified, machines[i].verified);
	if (machines[i].complaint)
		assert_has(m->complaint, machines[i].complaint);
	else
		assert_null(m->complaint);
	assert_int_equal(strlen(m->mrtd), 96);
	for (size_t k = 0; k < QUOTE_RTMRS; k++)
		assert_int_equal(strlen(m->rtmr[k]), 96);
	assert_int_equal(strlen(m->quote), 848);
	assert_true(text_starts(m->token, "eyJ"));
	assert_string_equal(m->tcb, "UpToDate");
	assert_true(when_known(m->heard) && when_known(m->verified_at));
}

static void test_list(void **state maybe_unused)
{
	static const struct fleet_read q = { .kind = FLEET_AGENTS, .site = SITE };
	struct arena a = ARENA_INIT;
	struct told t = ask_recorded(&a, &q, "agents.json");

	assert_int_equal(t.a.agents_n, countof(machines));
	assert_int_equal(t.a.total, countof(machines));
	assert_int_equal(t.a.damaged, 0);
	for (size_t i = 0; i < countof(machines); i++)
		check_machine(&t.a.agents[i], i);
	told_done(&t);
	arena_done(&a);
}

/* The forged self-report: what the server keeps is what it was told, and the chain says the same. */
static void test_chains(void **state maybe_unused)
{
	struct arena a = ARENA_INIT;

	for (size_t i = 0; i < countof(machines); i++) {
		const char *file = arena_printf(&a, "agent-attestation.%s.json", machines[i].name);
		autofree(json) struct json *j = NULL;
		const char *body = recorded(&a, file);
		struct fleet_read q = { .kind = FLEET_CHAIN, .site = SITE };
		struct told t;

		if (body)
			assert_int_equal(json_parse(&j, body, strlen(body), 1 << 20, NULL), 0);
		q.id = json_str(j, "agent_id") ? json_str(j, "agent_id") : "1";
		t = ask_recorded(&a, &q, file);
		assert_true(t.ok);
		assert_string_equal(t.a.agents[0].name, machines[i].name);
		assert_string_equal(t.a.agents[0].rtmr[2], json_str(j, "rtmrs.rtmr2"));
		assert_int_equal(t.a.agents[0].verified, machines[i].verified);
		assert_string_equal(t.a.agents[0].tcb, "UpToDate");
		assert_null(t.a.agents[0].quote);
		told_done(&t);
	}
	arena_done(&a);
}

static void test_health(void **state maybe_unused)
{
	static const struct fleet_read q = { .kind = FLEET_HEALTH, .site = SITE };
	struct arena a = ARENA_INIT;
	struct told t = ask_recorded(&a, &q, "health.json");

	assert_string_equal(t.a.health->status, "healthy");
	assert_string_equal(t.a.health->boot_id, "bootstrap-22354297415-1");
	assert_string_equal(t.a.health->git_sha, "4f1c0de2a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4");
	assert_null(t.a.health->quote);
	told_done(&t);
	t = ask_recorded(&a, &q, "attestation-controlplane.no-tdx.json");
	assert_int_equal(t.err.kind, ERR_MISSING);
	assert_has(t.err.message, "TDX not available (control plane not in TEE)");
	arena_done(&a);
}

static void test_facts(void **state maybe_unused)
{
	static const struct fleet_read trusted = { .kind = FLEET_TRUSTED, .site = SITE },
				       settings = { .kind = FLEET_SETTINGS, .site = SITE },
				       challenge = { .kind = FLEET_CHALLENGE, .site = SITE, .name = "x" };
	static const struct {
		const char *name, *effective, *source;
	} want[] = { { "operational.tcb_enforcement_mode", "strict", "env" },
		     { "operational.nonce_enforcement_mode", "optional", "env" },
		     { "operational.rtmr_enforcement_mode", "warn", "env" },
		     { "operational.signature_verification_mode", "strict", "env" } };
	struct arena a = ARENA_INIT;
	struct told t = ask_recorded(&a, &trusted, "trusted-mrtds.json");

	assert_int_equal(t.a.facts_n, 3);
	assert_string_equal(t.a.facts[2].source, "agent");
	assert_true(text_starts(t.a.facts[2].name, "dc054552"));
	told_done(&t);
	t = ask_recorded(&a, &settings, "admin-settings.operational.json");
	for (size_t i = 0; i < countof(want); i++) {
		size_t k = 0;

		while (k < t.a.facts_n && !text_eq(t.a.facts[k].name, want[i].name))
			k++;
		assert_true(k < t.a.facts_n);
		assert_string_equal(t.a.facts[k].effective, want[i].effective);
		assert_string_equal(t.a.facts[k].source, want[i].source);
	}
	assert_int_equal(t.a.damaged, 0);
	told_done(&t);
	t = ask_recorded(&a, &challenge, "challenge.json");
	assert_string_equal(t.a.text, "a2953b32b11c3b8dfe947e4da71db368");
	assert_true(when_known(t.a.until));
	told_done(&t);
	arena_done(&a);
}

static const struct fleet_fact *fact_of(const struct told *t, const char *name)
{
	for (size_t i = 0; i < t->a.facts_n; i++)
		if (text_eq(t->a.facts[i].name, name))
			return &t->a.facts[i];
	return NULL;
}

static bool is_in(const char *const *words, const char *word)
{
	while (words && *words && !text_eq(*words, word))
		words++;
	return words && *words;
}

/* Each knob that the profile reads from the running system is a setting that it has, with a word that can be compared. */
static int check_knobs(const struct profile_lane *lane, const struct told *t)
{
	int n = 0;

	vec_each (k, &lane->knobs) {
		const struct fleet_fact *f;

		if (!k->live || !text_eq(k->live, "/api/v1/admin/settings?group=operational"))
			continue;
		f = fact_of(t, k->key);
		if (!f)
			fail_msg("%s: there is no setting %s", lane->name, k->key);
		if (!is_in(k->order, f->effective))
			fail_msg("%s: %s is in no order", k->key, f->effective);
		assert_true(text_eq(f->source, "env") || text_eq(f->source, "default"));
		n++;
	}
	return n;
}

static void test_knobs(void **state maybe_unused)
{
	static const struct fleet_read q = { .kind = FLEET_SETTINGS, .site = SITE };
	struct profiles profiles = { 0 };
	struct arena a = ARENA_INIT;
	struct told t = ask_recorded(&a, &q, "admin-settings.operational.json");
	int n = 0;

	assert_int_equal(profile_load(&profiles, "easyenclave=easyenclave/easyenclave", &a, NULL), 0);
	vec_each (p, &profiles)
		vec_each (lane, &p->lanes)
			n += check_knobs(lane, &t);
	assert_true(n >= 4);
	told_done(&t);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),  cmocka_unit_test(test_chains), cmocka_unit_test(test_health),
		cmocka_unit_test(test_facts), cmocka_unit_test(test_knobs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
