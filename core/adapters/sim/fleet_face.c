#include "core/adapters/sim/face.h"
#include "core/adapters/sim/fleet.h"

#include "base/text.h"

#include <string.h>
#include <time.h>

/*
 * EasyEnclave's HTTP API below a lane's place: the shapes of delivery-systems reference 1.3 and 1.4. Public, as the real one
 * is, but for the settings; and as the real one it hands out tunnel_token, a credential, to anybody.
 */

enum { NONCE_TTL = 300 };

/* 2026-11-21T05:46:04.882922: local time without saying so, as Python prints it; a zone where the real one has it. */
static void put_stamp(struct jw *j, const char *key, int64_t ms, const char *zone)
{
	char text[64];
	time_t s = (time_t)(ms / 1000);
	struct tm tm;

	if (!ms) {
		put_str(j, key, NULL);
		return;
	}
	BUG_IF(!gmtime_r(&s, &tm));
	(void)snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%06d%s", tm.tm_year + 1900,
		       tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		       (int)(ms % 1000) * 1000 + 417, zone);
	jw_kstr(j, key, text);
}

static void put_rtmrs(struct jw *j, const struct sim_measured *m)
{
	static const char *const names[QUOTE_RTMRS] = { "rtmr0", "rtmr1", "rtmr2", "rtmr3" };

	for (int i = 0; i < QUOTE_RTMRS; i++)
		jw_kstr(j, names[i], m->rtmr[i]);
}

static void nulls(struct jw *j, const char *const *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_str(j, keys[i], NULL);
}

/* ---- machines ------------------------------------------------------------------------------------------------------ */

#define ZEROS16 "00000000000000000000000000000000"
#define ZEROS48 ZEROS16 ZEROS16 ZEROS16

/* The machine's own report beside its quote: nobody has signed it. */
static void put_report(struct call *c, const struct sim_evidence *x)
{
	struct jw *j = &c->j;
	size_t n = strlen(x->report_data);

	jw_kopen(j, "measurements", '{');
	jw_kint(j, "quote_size", (int64_t)x->quote_n);
	jw_kint(j, "version", 4);
	jw_kstr(j, "tee_tcb_svn", "05010505050505050505050505050505");
	jw_kstr(j, "mrseam", ZEROS48);
	jw_kstr(j, "mrsigner_seam", ZEROS48);
	jw_kstr(j, "seam_attributes", "0000000000000000");
	jw_kstr(j, "td_attributes", "0000001000000000");
	jw_kstr(j, "xfam", "0000000000000000");
	jw_kstr(j, "mrtd", x->told.mrtd);
	jw_kstr(j, "mr_config_id", ZEROS48);
	jw_kstr(j, "mr_owner", ZEROS48);
	jw_kstr(j, "mr_owner_config", ZEROS48);
	put_rtmrs(j, &x->told);
	jw_kstr(j, "report_data",
		arena_printf(c->a, "%s%.*s", x->report_data, (int)(128 - n), ZEROS48 ZEROS16));
	jw_close(j, '}');
}

static void put_attestation(struct call *c, const struct sim_evidence *x)
{
	struct jw *j = &c->j;

	jw_kopen(j, "attestation", '{');
	jw_kopen(j, "tdx", '{');
	put_str(j, "quote_b64", x->quote);
	put_report(c, x);
	put_str(j, "intel_ta_token", x->token);
	jw_close(j, '}');
	jw_close(j, '}');
	jw_kstr(j, "mrtd", x->kept.mrtd);
	jw_kopen(j, "rtmrs", '{');
	put_rtmrs(j, &x->kept);
	jw_close(j, '}');
	put_str(j, "intel_ta_token", x->token);
}

/* What the control plane makes of a machine, as the published one does. */
struct word {
	bool trusted, verified;
	const char *error, *drift;
	int64_t registered, heard;
};

static struct word word_of(struct call *c, const struct sim_fleet *f, const struct sim_machine *m,
			   const struct sim_evidence *x)
{
	const char *drifted = yaml_str(m->fault, "drifted", NULL);
	struct word o = { .trusted = sim_fleet_trusts(c->w, f, x->kept.mrtd, c->a),
			  .registered = f->since + m->number % 60 * SECOND };
	int64_t silent = 0;

	o.verified = o.trusted && !drifted;
	if (!o.trusted)
		o.error = arena_printf(c->a, "MRTD not in trusted list: %.32s...", x->kept.mrtd);
	if (drifted)
		o.drift = arena_printf(c->a, "RTMR drift detected: %s changed", drifted);
	if (sim_span_of(&silent, m->fault, "silent", 0, NULL) == 0 && silent)
		o.heard = c->w->start - silent;
	else
		o.heard = c->w->now - (int64_t)(m->number * 7 % 30) * SECOND;
	return o;
}

static void put_health(struct call *c, const struct sim_machine *m, const struct word *o)
{
	static const char *const none[] = { "current_deployment_id", "service_url" }, *const later[] = {
		"last_health_check", "unhealthy_since", "stats"
	};
	struct jw *j = &c->j;

	put_str(j, "tunnel_id", arena_printf(c->a, "tunnel-%.8s", m->id));
	put_str(j, "hostname", arena_printf(c->a, "%s.drill.invalid", m->name));
	put_str(j, "tunnel_token", arena_printf(c->a, WORLD_CANARY "%s", m->id));
	nulls(j, none, countof(none));
	put_str(j, "health_endpoint", "/health");
	put_str(j, "health_status", "unknown");
	nulls(j, later, countof(later));
	put_stamp(j, "registered_at", o->registered, "");
	put_stamp(j, "last_heartbeat", o->heard, "");
	put_str(j, "version", "1.0.0");
	jw_kbool(j, "verified", o->verified);
	put_str(j, "verification_error", o->error);
	put_str(j, "tunnel_error", NULL);
}

static void put_machine(struct call *c, struct sim_fleet *f, const struct sim_machine *m)
{
	const struct sim_evidence *x = sim_fleet_evidence(c->w, f, m);
	struct word o = word_of(c, f, m, x);
	struct jw *j = &c->j;

	jw_open(j, '{');
	jw_kstr(j, "agent_id", m->id);
	jw_kstr(j, "vm_name", m->name);
	jw_kstr(j, "status", o.trusted ? "undeployed" : "unverified");
	put_attestation(c, x);
	put_health(c, m, &o);
	put_stamp(j, "last_attestation_check", o.drift ? x->at : 0, "");
	jw_kbool(j, "attestation_valid", !o.drift);
	put_str(j, "attestation_error", o.drift);
	put_str(j, "account_id", NULL);
	jw_key(j, "sla_tiers");
	jw_json(j, "[]");
	jw_key(j, "machine_sizes");
	jw_json(j, "[]");
	jw_kstr(j, "tcb_status", yaml_str(m->fault, "tcb", "UpToDate"));
	put_stamp(j, "tcb_verified_at", o.registered, "");
	jw_kstr(j, "node_size", m->size);
	jw_kstr(j, "datacenter", m->datacenter);
	put_str(j, "github_owner", NULL);
	put_str(j, "deployed_app", NULL);
	jw_close(j, '}');
}

static void put_machines(struct call *c, struct sim_fleet *f)
{
	int64_t total = 0;

	jw_open(&c->j, '{');
	jw_kopen(&c->j, "agents", '[');
	vec_each (m, &f->machines) {
		if (!sim_fleet_lets_in(f, m))
			continue;
		put_machine(c, f, m);
		total++;
	}
	jw_close(&c->j, ']');
	jw_kint(&c->j, "total", total);
	jw_close(&c->j, '}');
}

/* ---- one machine's chain ------------------------------------------------------------------------------------------- */

static void put_claims(struct call *c, const struct sim_evidence *x)
{
	struct jw *j = &c->j;

	jw_kbool(j, "intel_ta_verified", x->token != NULL);
	jw_key(j, "intel_ta_details");
	jw_json(j, x->claims ? x->claims : "null");
	jw_key(j, "intel_ta_claims");
	if (!x->token) {
		jw_null(j);
		return;
	}
	jw_open(j, '{');
	jw_kstr(j, "attester_tcb_status", yaml_str(x->fault, "tcb", "UpToDate"));
	jw_kstr(j, "attester_type", "TDX");
	jw_kwhen(j, "token_expiry", (struct when){ x->at + FOUNDRY_LIFE });
	jw_kwhen(j, "token_issued", (struct when){ x->at });
	jw_kstr(j, "attester_held_data", x->nonce);
	jw_kstr(j, "tdx_mrtd", x->shown.mrtd);
	jw_close(j, '}');
}

static void put_chain(struct call *c, struct sim_fleet *f, const struct sim_machine *m)
{
	const struct sim_evidence *x = sim_fleet_evidence(c->w, f, m);
	struct word o = word_of(c, f, m, x);
	struct jw *j = &c->j;

	jw_open(j, '{');
	jw_kstr(j, "agent_id", m->id);
	jw_kstr(j, "vm_name", m->name);
	jw_kstr(j, "mrtd", x->chained.mrtd);
	put_str(j, "mrtd_type", o.trusted ? "agent" : NULL);
	jw_kopen(j, "rtmrs", '{');
	put_rtmrs(j, &x->chained);
	jw_close(j, '}');
	jw_kbool(j, "verified", o.verified);
	put_str(j, "verification_error", o.error);
	put_claims(c, x);
	put_str(j, "hostname", arena_printf(c->a, "%s.drill.invalid", m->name));
	put_str(j, "tunnel_id", arena_printf(c->a, "tunnel-%.8s", m->id));
	put_stamp(j, "registered_at", o.registered, "");
	jw_close(j, '}');
}

/* ---- the control plane itself -------------------------------------------------------------------------------------- */

static void refuse(struct call *c, int status, const char *words)
{
	c->status = status;
	jw_open(&c->j, '{');
	jw_kstr(&c->j, "detail", words);
	jw_close(&c->j, '}');
}

static void put_trusted(struct call *c, struct sim_fleet *f)
{
	const char *const *all;
	size_t n = sim_fleet_trusted(c->w, f, &all, c->a);

	jw_open(&c->j, '{');
	jw_kopen(&c->j, "trusted_mrtds", '[');
	for (size_t i = 0; i < n; i++) {
		jw_open(&c->j, '{');
		jw_kstr(&c->j, "mrtd", all[i]);
		jw_kstr(&c->j, "type", "agent");
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, ']');
	jw_kint(&c->j, "total", (int64_t)n);
	jw_close(&c->j, '}');
}

/* operational.tcb_enforcement_mode: TCB_ENFORCEMENT_MODE; billing.enabled: BILLING_ENABLED */
static const char *variable_of(struct call *c, const char *key)
{
	char *out = arena_strdup(c->a, text_starts(key, "operational.") ? key + strlen("operational.") : key);

	for (char *p = out; *p; p++)
		*p = (char)(*p == '.' ? '_' : *p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
	return out;
}

static void put_settings(struct call *c, struct sim_fleet *f)
{
	const char *group = call_query(c, "group");

	if (!f->open) {
		refuse(c, 401, "Not authenticated");
		return;
	}
	jw_open(&c->j, '{');
	jw_kopen(&c->j, "settings", '[');
	vec_each (s, &f->settings) {
		if (group && strcmp(group, "operational") != 0) /* billing's are among them */
			continue;
		jw_open(&c->j, '{');
		jw_kstr(&c->j, "key", s->key);
		jw_kstr(&c->j, "value", s->value);
		jw_kstr(&c->j, "source", s->source);
		jw_kbool(&c->j, "is_secret", false);
		jw_kstr(&c->j, "description", s->about);
		jw_kstr(&c->j, "group", "operational");
		jw_kstr(&c->j, "env_var", variable_of(c, s->key));
		jw_kstr(&c->j, "default", s->fallback);
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, ']');
	jw_close(&c->j, '}');
}

static void put_challenge(struct call *c, struct sim_fleet *f)
{
	const char *name = call_query(c, "vm_name");

	if (!name || !*name) {
		refuse(c, 422, "vm_name is missing");
		return;
	}
	jw_open(&c->j, '{');
	jw_kstr(&c->j, "nonce", arena_printf(c->a, "%.32s", sim_sha(c->w, name, c->w->now + f->slot)));
	jw_kint(&c->j, "ttl_seconds", NONCE_TTL);
	put_stamp(&c->j, "issued_at", c->w->now, "+00:00");
	jw_close(&c->j, '}');
}

/* Its own quote, over the challenge as the digits that were sent: another form than its machines'. */
static void put_own(struct call *c, struct sim_fleet *f)
{
	const char *nonce = call_query(c, "nonce");
	char hex[129] = "";
	struct sim_measured m;
	const char *quote;

	for (size_t i = 0; nonce && nonce[i] && i < 64; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", (unsigned char)nonce[i]);
	quote = sim_fleet_own(c->w, f, hex, &m, c->a);
	jw_open(&c->j, '{');
	put_stamp(&c->j, "timestamp", c->w->now, "+00:00");
	put_str(&c->j, "nonce", nonce);
	jw_kstr(&c->j, "quote_b64", quote);
	jw_kopen(&c->j, "measurements", '{');
	jw_kstr(&c->j, "mrtd", m.mrtd);
	put_rtmrs(&c->j, &m);
	jw_close(&c->j, '}');
	jw_close(&c->j, '}');
}

static void put_deployments(struct call *c, struct sim_fleet *f)
{
	(void)f;
	jw_json(&c->j, "{\"deployments\":[],\"total\":0}");
}

void fleet_health(struct call *c, struct sim_fleet *f)
{
	struct sim_measured m;
	const char *quote = f ? sim_fleet_own(c->w, f, "", &m, c->a) : NULL;

	if (!quote) {
		put_str(&c->j, "attestation", NULL);
		return;
	}
	jw_kopen(&c->j, "attestation", '{');
	jw_kstr(&c->j, "quote_b64", quote);
	jw_kstr(&c->j, "mrtd", m.mrtd);
	put_stamp(&c->j, "generated_at", c->w->now, "+00:00");
	jw_close(&c->j, '}');
}

/* ---- routes -------------------------------------------------------------------------------------------------------- */

/* what: behind /api/v1/agents/ */
static void machine_serve(struct call *c, struct sim_fleet *f, const char *what)
{
	size_t n = strcspn(what, "/");

	vec_each (m, &f->machines) {
		if (strlen(m->id) != n || strncmp(m->id, what, n) != 0 || !sim_fleet_lets_in(f, m))
			continue;
		if (!what[n])
			put_machine(c, f, m);
		else if (strcmp(what + n, "/attestation") == 0)
			put_chain(c, f, m);
		else
			refuse(c, 404, "Not Found");
		return;
	}
	refuse(c, 404, "Agent not found");
}

bool fleet_serve(struct call *c, struct sim_fleet *f, const char *what)
{
	static const struct {
		const char *path;
		void (*put)(struct call *c, struct sim_fleet *f);
	} routes[] = {
		{ "/api/v1/agents", put_machines },       { "/api/v1/agents/challenge", put_challenge },
		{ "/api/v1/trusted-mrtds", put_trusted }, { "/api/v1/admin/settings", put_settings },
		{ "/api/v1/attestation", put_own },       { "/api/v1/deployments", put_deployments },
	};

	if (!f)
		return false;
	for (size_t i = 0; i < countof(routes); i++)
		if (strcmp(routes[i].path, what) == 0) {
			routes[i].put(c, f);
			return true;
		}
	if (!text_starts(what, "/api/v1/agents/"))
		return false;
	machine_serve(c, f, what + strlen("/api/v1/agents/"));
	return true;
}
