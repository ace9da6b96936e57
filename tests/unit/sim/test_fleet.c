/* The simulated control plane: its shapes, what it believes, and evidence that says what machines truly are. */
#include "unit/sim/drive.h"

#include "base/buf.h"
#include "base/text.h"
#include "core/port/quote.h"
#include "core/rules/quote.h"

#include <strings.h>

#define SITE   "/probe/easy/prod"
#define AGENTS SITE "/api/v1/agents"

static const struct json *machine(struct drive *d, const char *name)
{
	const struct json *all = json_get(d->body, "agents");

	for (size_t i = 0; i < json_size(all); i++)
		if (strcmp(json_str(json_at(all, i), "vm_name"), name) == 0)
			return json_at(all, i);
	return NULL;
}

static const char *file_of(struct drive *d, const char *name)
{
	const struct world_file *all;
	size_t n = world_evidence_files(d->w, &all, &d->a);

	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].name, name) == 0)
			return all[i].text;
	fail_msg("there is no %s", name);
	return NULL;
}

/* As a release's trusted values pin it. */
static struct trusted_values pins(struct drive *d)
{
	struct trusted_values v;
	const struct json *rel;
	const char *url;

	assert_int_equal(drive_get(d, EASY "/releases/tags/v0.9.3"), 200);
	rel = json_at(json_get(d->body, "assets"), 0);
	url = arena_printf(&d->a, EASY "/releases/assets/%" PRId64, json_int(rel, "id", 0));
	d->accept = "application/octet-stream";
	drive_get(d, url);
	d->accept = NULL;
	assert_int_equal(d->last.http.status, 302);
	for (size_t i = 0; i < d->last.http.headers_n; i++)
		if (strcasecmp(d->last.http.headers[i].name, "location") == 0)
			url = strstr(d->last.http.headers[i].value, "/_logs");
	d->token = NULL; /* another origin */
	assert_int_equal(drive_get(d, url), 200);
	d->token = "Bearer x";
	assert_int_equal(trusted_values_parse(&v, d->last.http.body, d->last.http.body_n, &d->a, NULL), 0);
	return v;
}

/* What a console must say of its quote, and then of its token. */
static enum proof_reason quote_reason(struct drive *d, const struct json *m, const struct trusted_values *v,
				      int *status)
{
	const char *json = file_of(d, "tdx-collateral.json"), *pem = file_of(d, "tdx-root.pem"), *detail;
	struct buf raw autofree(buf) = BUF_INIT(QUOTE_MAX);
	const char *b64 = json_str(m, "attestation.tdx.quote_b64");
	struct quote_policy p = { .strict = true, .values = v, .release_tag = "v0.9.3" };
	struct quote_collateral *coll;
	struct proof_checks checks;
	enum proof_reason reason;
	struct quote_facts f;
	char pin[65];

	p.node_size = json_str(m, "node_size");
	assert_int_equal(quote_root_pin(pin, pem, strlen(pem), NULL), 0);
	assert_int_equal(quote_collateral_parse(&coll, json, strlen(json), pin, NULL), 0);
	assert_true(text_unbase64(&raw, b64, strlen(b64)));
	quote_verify(&f, &(struct quote_question){ raw.s, raw.n, coll, world_now(d->w) }, &d->a);
	*status = (int)quote_judge(&f, &p, &checks, &reason, &detail, &d->a);
	quote_collateral_free(coll);
	return reason;
}

static enum proof_reason token_reason(struct drive *d, const struct json *m, int *status)
{
	const char *jwks = file_of(d, "token-keys.json"), *root = file_of(d, "token-root.pem"), *detail;
	const char *token = json_str(m, "intel_ta_token");
	struct token_policy p = { .strict = true, .issuer = "https://portal.trustauthority.intel.com" };
	struct proof_checks checks;
	enum proof_reason reason;
	struct token_keys *keys;
	struct token_facts f;

	assert_int_equal(token_keys_parse(&keys, jwks, strlen(jwks), root, strlen(root), NULL), 0);
	token_verify(&f, &(struct token_question){ token, strlen(token), keys, world_now(d->w) }, &d->a);
	*status = (int)token_judge(&f, &p, &checks, &reason, &detail, &d->a);
	token_keys_free(keys);
	return reason;
}

/* The control plane's word, and what is true. */
static const struct told {
	const char *drill, *name;
	bool verified;
	enum proof_reason quote, token;
} told[] = {
	{ "first-rollout", "tdx-agent-tiny-01", true, PROOF_OK, PROOF_OK },
	{ "first-rollout", "tdx-agent-std-02", true, PROOF_OK, PROOF_OK },
	{ "first-rollout", "tdx-agent-llm-01", true, PROOF_OK, PROOF_OK },
	{ "fleet-mixed", "tdx-agent-tiny-01", true, PROOF_OK, PROOF_OK },
	{ "fleet-mixed", "tdx-agent-tiny-02", false, PROOF_RTMR_DRIFT, PROOF_OK },
	{ "fleet-mixed", "tdx-agent-tiny-03", false, PROOF_OK, PROOF_OK }, /* refused: it has no row */
	{ "fleet-mixed", "tdx-agent-tiny-04", true, PROOF_RTMR_DRIFT, PROOF_OK },
	{ "fleet-mixed", "tdx-agent-std-01", false, PROOF_MRTD_UNKNOWN, PROOF_OK },
	{ "fleet-mixed", "tdx-agent-llm-01", true, PROOF_RTMR_DRIFT, PROOF_OK },
	{ "fleet-drifted-rtmr", "tdx-agent-llm-01", true, PROOF_RTMR_DRIFT, PROOF_OK },
	{ "fleet-forged-report", "tdx-agent-tiny-03", true, PROOF_RTMR_DRIFT, PROOF_OK },
	{ "fleet-expired-token", "tdx-agent-std-02", true, PROOF_OK, PROOF_JWT_EXPIRED },
	{ "fleet-stale-collateral", "tdx-agent-std-02", true, PROOF_COLL_EXPIRED, PROOF_OK },
	{ "fleet-unknown-mrtd", "tdx-agent-std-01", false, PROOF_MRTD_UNKNOWN, PROOF_OK },
	{ "fleet-debug-td", "tdx-agent-tiny-02", true, PROOF_TD_DEBUG, PROOF_TD_DEBUG },
	{ "fleet-two-answers", "tdx-agent-std-02", true, PROOF_OK, PROOF_OK },
	{ "fleet-trust-widened", "tdx-agent-std-02", false, PROOF_MRTD_UNKNOWN, PROOF_OK },
};

static void check_told(const struct told *t)
{
	struct trusted_values v;
	const struct json *m;
	struct drive d;
	int status;

	drive_open(&d, t->drill);
	drive_pass(&d, 61000);
	v = pins(&d);
	assert_int_equal(drive_get(&d, AGENTS), 200);
	m = machine(&d, t->name);
	if (!m) {
		assert_string_equal(t->name, "tdx-agent-tiny-03");
		drive_close(&d);
		return;
	}
	assert_int_equal(json_bool(m, "verified", !t->verified), t->verified);
	assert_int_equal(quote_reason(&d, m, &v, &status), t->quote);
	assert_int_equal(token_reason(&d, m, &status), t->token);
	drive_close(&d);
}

static void words_are_the_servers_and_truth_is_signed(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(told); i++)
		check_told(&told[i]);
}

/* In one machine of that drill, and in one register. */
static void a_chain_contradicts_the_list(void **state)
{
	static const char *const names[] = { "tdx-agent-std-01", "tdx-agent-std-02" };
	static const char *const said[] = { "mrtd", "rtmrs.rtmr0", "rtmrs.rtmr1", "rtmrs.rtmr2",
					    "rtmrs.rtmr3" };
	const char *listed[countof(names)][countof(said)], *ids[countof(names)];
	struct drive d;

	(void)state;
	drive_open(&d, "fleet-two-answers");
	assert_int_equal(drive_get(&d, AGENTS), 200);
	for (size_t i = 0; i < countof(names); i++) {
		ids[i] = arena_strdup(&d.a, json_str(machine(&d, names[i]), "agent_id"));
		for (size_t k = 0; k < countof(said); k++)
			listed[i][k] = arena_strdup(&d.a, json_str(machine(&d, names[i]), said[k]));
	}
	for (size_t i = 0; i < countof(names); i++) {
		assert_int_equal(drive_get(&d, arena_printf(&d.a, AGENTS "/%s/attestation", ids[i])), 200);
		for (size_t k = 0; k < countof(said); k++)
			assert_int_equal(strcmp(json_str(d.body, said[k]), listed[i][k]) != 0,
					 i == 1 && !strcmp(said[k], "rtmrs.rtmr2"));
	}
	drive_close(&d);
}

/* Member by member and in the order of the recorded answers. */
static void check_members(const struct json *j, const char *const *keys, size_t n)
{
	assert_int_equal(json_size(j), n);
	for (size_t i = 0; i < n; i++) {
		const char *key;

		json_member(j, i, &key);
		assert_string_equal(key, keys[i]);
	}
}

static const char *const row[] = { "agent_id",
				   "vm_name",
				   "status",
				   "attestation",
				   "mrtd",
				   "rtmrs",
				   "intel_ta_token",
				   "tunnel_id",
				   "hostname",
				   "tunnel_token",
				   "current_deployment_id",
				   "service_url",
				   "health_endpoint",
				   "health_status",
				   "last_health_check",
				   "unhealthy_since",
				   "stats",
				   "registered_at",
				   "last_heartbeat",
				   "version",
				   "verified",
				   "verification_error",
				   "tunnel_error",
				   "last_attestation_check",
				   "attestation_valid",
				   "attestation_error",
				   "account_id",
				   "sla_tiers",
				   "machine_sizes",
				   "tcb_status",
				   "tcb_verified_at",
				   "node_size",
				   "datacenter",
				   "github_owner",
				   "deployed_app" };
static const char *const chain[] = { "agent_id",
				     "vm_name",
				     "mrtd",
				     "mrtd_type",
				     "rtmrs",
				     "verified",
				     "verification_error",
				     "intel_ta_verified",
				     "intel_ta_details",
				     "intel_ta_claims",
				     "hostname",
				     "tunnel_id",
				     "registered_at" };
static const char *const own[] = { "timestamp", "nonce", "quote_b64", "measurements" };
static const char *const challenge[] = { "nonce", "ttl_seconds", "issued_at" };

static void shapes_are_the_recorded_ones(void **state)
{
	const char *id;
	struct drive d;

	(void)state;
	drive_open(&d, "first-rollout");
	assert_int_equal(drive_get(&d, AGENTS), 200);
	assert_int_equal(json_int(d.body, "total", 0), 6);
	check_members(json_at(json_get(d.body, "agents"), 0), row, countof(row));
	id = arena_strdup(&d.a, json_str(json_at(json_get(d.body, "agents"), 0), "agent_id"));
	assert_int_equal(drive_get(&d, drive_path(&d, AGENTS "/%s", id)), 200);
	check_members(d.body, row, countof(row));
	assert_true(text_starts(json_str(d.body, "tunnel_token"), WORLD_CANARY));
	assert_int_equal(drive_get(&d, drive_path(&d, AGENTS "/%s/attestation", id)), 200);
	check_members(d.body, chain, countof(chain));
	assert_string_equal(json_str(d.body, "mrtd_type"), "agent");
	assert_int_equal(drive_get(&d, SITE "/api/v1/attestation?nonce=a1b2c3d4"), 200);
	check_members(d.body, own, countof(own));
	assert_int_equal(drive_get(&d, AGENTS "/challenge?vm_name=x"), 200);
	check_members(d.body, challenge, countof(challenge));
	assert_int_equal(strlen(json_str(d.body, "nonce")), 32);
	assert_int_equal(drive_get(&d, AGENTS "/challenge"), 422);
	assert_int_equal(drive_get(&d, AGENTS "/nobody"), 404);
	assert_int_equal(drive_get(&d, SITE "/api/v1/deployments"), 200);
	assert_int_equal(drive_get(&d, SITE "/api/v1/admin/settings?group=operational"), 401);
	assert_int_equal(drive_get(&d, "/probe/easy/staging/api/v1/agents"), 404);
	assert_int_equal(drive_get(&d, SITE "/health"), 200);
	assert_non_null(json_str(d.body, "attestation.quote_b64"));
	drive_close(&d);
}

static const struct json *setting(struct drive *d, const char *key)
{
	const struct json *all = json_get(d->body, "settings");

	for (size_t i = 0; i < json_size(all); i++)
		if (strcmp(json_str(json_at(all, i), "key"), key) == 0)
			return json_at(all, i);
	return NULL;
}

static void an_administrator_widens_trust(void **state)
{
	static const struct {
		int64_t after;
		int64_t trusted, machines;
		bool verified;
		const char *tcb, *source;
	} moments[] = {
		{ 0, 3, 5, false, "strict", "env" },
		{ 150000, 4, 6, true, "warn", "db" },
	};
	struct drive d;

	(void)state;
	drive_open(&d, "fleet-trust-widened");
	for (size_t i = 0; i < countof(moments); i++) {
		const struct json *s;

		drive_pass(&d, moments[i].after);
		assert_int_equal(drive_get(&d, SITE "/api/v1/trusted-mrtds"), 200);
		assert_int_equal(json_int(d.body, "total", 0), moments[i].trusted);
		assert_int_equal(drive_get(&d, SITE "/api/v1/admin/settings?group=operational"), 200);
		s = setting(&d, "operational.tcb_enforcement_mode");
		assert_string_equal(json_str(s, "value"), moments[i].tcb);
		assert_string_equal(json_str(s, "source"), moments[i].source);
		assert_string_equal(json_str(s, "env_var"), "TCB_ENFORCEMENT_MODE");
		assert_int_equal(drive_get(&d, AGENTS), 200);
		assert_int_equal(json_int(d.body, "total", 0), moments[i].machines);
		assert_int_equal(json_bool(machine(&d, "tdx-agent-std-02"), "verified", !moments[i].verified),
				 moments[i].verified);
	}
	drive_close(&d);
}

/* Evidence is made again while time passes; until then it is the same bytes. */
static void machines_are_attested_again(void **state)
{
	const char *first, *again, *later;
	struct drive d;
	int status;

	(void)state;
	drive_open(&d, "first-rollout");
	drive_get(&d, AGENTS);
	first = arena_strdup(&d.a, json_str(machine(&d, "tdx-agent-tiny-01"), "intel_ta_token"));
	drive_pass(&d, 5000);
	drive_get(&d, AGENTS);
	again = arena_strdup(&d.a, json_str(machine(&d, "tdx-agent-tiny-01"), "intel_ta_token"));
	assert_string_equal(first, again);
	drive_pass(&d, 3600000);
	drive_get(&d, AGENTS);
	later = json_str(machine(&d, "tdx-agent-tiny-01"), "intel_ta_token");
	assert_string_not_equal(first, later);
	assert_int_equal(token_reason(&d, machine(&d, "tdx-agent-tiny-01"), &status), PROOF_OK);
	drive_close(&d);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each of thousands shows a quote and a token of its own. */
static void none_of_thousands_shows_what_another_does(void **state)
{
	static const char *const members[] = { "attestation.tdx.quote_b64", "intel_ta_token" };
	autofree(json) struct json *doc = NULL; /* larger than what a drive parses */
	const char **all;
	struct drive d;

	(void)state;
	drive_open(&d, "fleet-thousands");
	assert_int_equal(drive_get(&d, AGENTS), 200);
	assert_int_equal(json_parse(&doc, d.last.http.body, d.last.http.body_n, (size_t)1 << 28, NULL), 0);
	assert_int_equal(json_int(doc, "total", 0), 5000);
	all = arena_array(&d.a, const char *, 5000);
	for (size_t i = 0; i < countof(members); i++) {
		for (size_t k = 0; k < 5000; k++)
			all[k] = json_str(json_at(json_get(doc, "agents"), k), members[i]);
		qsort(all, 5000, sizeof(*all), by_text);
		for (size_t k = 1; k < 5000; k++)
			assert_string_not_equal(all[k - 1], all[k]);
	}
	drive_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_the_servers_and_truth_is_signed),
		cmocka_unit_test(a_chain_contradicts_the_list),
		cmocka_unit_test(shapes_are_the_recorded_ones),
		cmocka_unit_test(an_administrator_widens_trust),
		cmocka_unit_test(machines_are_attested_again),
		cmocka_unit_test(none_of_thousands_shows_what_another_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
