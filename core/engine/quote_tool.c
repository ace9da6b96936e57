#include "core/engine/tool.h"

#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "core/port/quote.h"
#include "core/rules/quote.h"

/* `verify-quote` and `verify-token`: no engine, no network, no profile, no state; files only. */

/* A file that an option names, whole, in the arena. */
static int read_named(struct tooling *j, enum option_id id, size_t max, struct buf *out, struct err *e)
{
	size_t n;
	struct buf text = BUF_INIT(max + 1);
	int r = path_read_named(&text, option_table(&n)[id].name, j->c.opt[id], e);

	*out = (struct buf)BUF_INIT(0);
	if (r >= 0) {
		out->s = arena_alloc(j->t->arena, text.n + 1);
		out->n = text.n;
		memcpy(out->s, text.s, text.n);
	}
	buf_done(&text);
	return r;
}

/* --at, or this machine's clock. */
static struct when as_of(const struct tooling *j)
{
	struct clock c;

	clock_real(&c);
	if (j->c.opt[OPT_AT])
		return (struct when){ command_number(&j->c, OPT_AT, 0) * 1000 };
	return clock_wall(&c);
}

static int read_policy(struct tooling *j, bool fallback, bool *strict, struct err *e)
{
	const char *word = j->c.opt[OPT_POLICY];

	*strict = word ? text_eq(word, "strict") : fallback;
	if (!word || *strict || text_eq(word, "relaxed"))
		return 0;
	return err_set(e, ERR_INVALID, "--policy is strict or relaxed, not %s", word);
}

static int demand(struct tooling *j, const enum option_id *ids, size_t n, struct err *e)
{
	size_t count;
	const struct option_info *options = option_table(&count);

	for (size_t i = 0; i < n; i++)
		if (!j->c.opt[ids[i]]) {
			err_set(e, ERR_INVALID, "%s names no %s", j->c.info->name, options[ids[i]].name);
			return err_hint(e, "%s %s", options[ids[i]].name, options[ids[i]].arg);
		}
	return 0;
}

/* ---- facts ------------------------------------------------------------------------------------------------------------ */

static void words(struct jw *w, const char *key, const char *const *list, size_t n)
{
	jw_kopen(w, key, '[');
	for (size_t i = 0; i < n; i++)
		jw_str(w, list[i]);
	jw_close(w, ']');
}

/* A level with its advisories: platform, module, enclave. */
static void level_json(struct jw *w, const char *key, const struct tcb_found *l)
{
	jw_kopen(w, key, '{');
	jw_kstr(w, "status", l->status ? names_word(&tcb_status_names, l->status) : NULL);
	jw_kwhen(w, "date", l->date);
	words(w, "advisories", l->advisories, l->advisories_n);
	jw_close(w, '}');
}

static const char *const rtmr_names[QUOTE_RTMRS] = { "rtmr0", "rtmr1", "rtmr2", "rtmr3" };

static void td_json(struct jw *w, const struct quote_td *td)
{
	jw_kstr(w, "mrtd", td->mrtd);
	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		jw_kstr(w, rtmr_names[i], td->rtmr[i]);
	jw_kstr(w, "report_data", td->report_data);
	jw_kstr(w, "td_attributes", td->attributes);
	jw_kstr(w, "xfam", td->xfam);
	jw_kstr(w, "mr_config_id", td->mr_config_id);
	jw_kstr(w, "mr_owner", td->mr_owner);
	jw_kstr(w, "mr_owner_config", td->mr_owner_config);
	jw_kstr(w, "mr_service_td", td->mr_service_td);
	jw_kstr(w, "mr_seam", td->mr_seam);
	jw_kstr(w, "mr_signer_seam", td->mr_signer_seam);
	jw_kstr(w, "tee_tcb_svn", td->tee_tcb_svn);
}

static void platform_json(struct jw *w, const struct quote_facts *f)
{
	jw_kstr(w, "fmspc", f->platform.fmspc);
	jw_kstr(w, "pceid", f->platform.pce_id);
	jw_kstr(w, "ppid", f->platform.ppid);
	jw_kint(w, "pcesvn", f->platform.pce_svn);
	level_json(w, "platform", &f->level);
	level_json(w, "module", &f->module);
	level_json(w, "enclave", &f->enclave);
}

struct quote_said {
	const struct quote_facts *f;
	const struct quote_log *log;
	bool leveled; /* the levels were looked for */
};

static void quote_json(struct jw *w, const void *of)
{
	const struct quote_said *s = of;
	const struct quote_facts *f = s->f;

	jw_open(w, '{');
	jw_kstr(w, "quote", f->quote_sha);
	jw_kstr(w, "collateral", f->collateral_sha);
	jw_kstr(w, "root", f->root_sha);
	jw_kint(w, "version", f->version);
	jw_kstr(w, "td", !f->version ? NULL : f->td15 ? "1.5" : "1.0");
	jw_kint(w, "trailing", f->trailing);
	jw_kbool(w, "trailing_zero", f->trailing_zero);
	jw_kstr(w, "tcb_status", s->leveled ? names_word(&tcb_status_names, (int)quote_converge(f)) : NULL);
	jw_kwhen(w, "collateral_from", f->collateral_from);
	jw_kwhen(w, "collateral_until", f->collateral_until);
	td_json(w, &f->td);
	platform_json(w, f);
	if (s->log) {
		jw_kint(w, "events", s->log->events);
		words(w, "replayed", s->log->rtmr, QUOTE_RTMRS);
	}
	jw_close(w, '}');
}

static void token_json(struct jw *w, const void *of)
{
	const struct token_facts *f = of;

	jw_open(w, '{');
	jw_kstr(w, "token", f->token_sha);
	jw_kstr(w, "keys", f->keys_sha);
	jw_ktext(w, "root", f->root_sha);
	jw_kstr(w, "algorithm", f->algorithm);
	jw_kstr(w, "key", f->key);
	jw_kstr(w, "issuer", f->issuer);
	jw_kstr(w, "id", f->id);
	jw_kwhen(w, "issued", f->issued);
	jw_kwhen(w, "from", f->from);
	jw_kwhen(w, "until", f->until);
	jw_kstr(w, "mrtd", f->mrtd);
	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		jw_kstr(w, rtmr_names[i], f->rtmr[i]);
	jw_kstr(w, "report_data", f->report_data);
	jw_kstr(w, "mr_signer_seam", f->mr_signer_seam);
	jw_kstr(w, "held_data", f->held_data);
	jw_kstr(w, "nonce", f->nonce);
	jw_kstr(w, "debuggable", f->debuggable < 0 ? NULL : f->debuggable ? "yes" : "no");
	jw_ktext(w, "tcb_status", f->tcb_word);
	jw_kwhen(w, "tcb_date", f->tcb_date);
	words(w, "advisories", f->advisories, f->advisories_n);
	words(w, "policies", f->policies, f->policies_n);
	words(w, "policies_unmatched", f->policies_unmatched, f->policies_unmatched_n);
	jw_close(w, '}');
}

/* ---- verify-quote -------------------------------------------------------------------------------------------------------- */

struct asked {
	struct buf quote, collateral, root, values_text, log_text;
	char pin[65], report_data[129];
	struct trusted_values values;
	struct quote_log log;
	struct quote_policy policy;
	struct proof_checks damaged; /* what policy was to be compared with, and is no such thing */
};

/* Whole or the beginning of it, with zeros behind; an empty one is no challenge. */
static int read_report_data(struct tooling *j, struct asked *q, struct err *e)
{
	const char *s = j->c.opt[OPT_REPORT_DATA];
	size_t n = s ? strlen(s) : 0;

	if (!n)
		return 0;
	if (n % 2 || n > 128 || strspn(s, "0123456789abcdefABCDEF") != n)
		return err_set(e, ERR_INVALID, "--report-data is at most 64 bytes in hex");
	memset(q->report_data, '0', 128);
	memcpy(q->report_data, s, n);
	q->policy.report_data = q->report_data;
	return 0;
}

static void note_damage(struct tooling *j, struct asked *q, const char *id, const char *name,
			const struct err *e)
{
	*vec_push(&q->damaged, j->t->arena) = (struct proof_check){
		.id = id,
		.name = name,
		.result = CHECKED_FAIL,
		.reason = PROOF_ATT_PARSE,
		.expected = "",
		.found = arena_strdup(j->t->arena, e->message),
	};
}

static int read_values(struct tooling *j, struct asked *q, struct err *e)
{
	struct err why = ERR_INIT;
	int r;

	if (!j->c.opt[OPT_TRUSTED_VALUES]) {
		if (!j->c.opt[OPT_RELEASE_TAG] && !j->c.opt[OPT_NODE_SIZE])
			return 0;
		return err_set(e, ERR_INVALID,
			       "a release and a size are of --trusted-values, which is not there");
	}
	r = read_named(j, OPT_TRUSTED_VALUES, TRUSTED_VALUES_MAX, &q->values_text, e);
	if (r < 0)
		return r;
	if (trusted_values_parse(&q->values, q->values_text.s, q->values_text.n, j->t->arena, &why) < 0)
		note_damage(j, q, "T12.values", "trusted values", &why);
	q->policy.values = &q->values;
	q->policy.release_tag = j->c.opt[OPT_RELEASE_TAG];
	q->policy.node_size = j->c.opt[OPT_NODE_SIZE];
	q->policy.fresh = true; /* whether it is the machine of a release is asked of now */
	return 0;
}

static int read_log(struct tooling *j, struct asked *q, struct err *e)
{
	struct err why = ERR_INIT;
	int r;

	if (!j->c.opt[OPT_EVENT_LOG])
		return 0;
	r = read_named(j, OPT_EVENT_LOG, EVENTLOG_MAX, &q->log_text, e);
	if (r < 0)
		return r;
	if (quote_log_replay(&q->log, q->log_text.s, q->log_text.n, j->t->arena, &why) < 0)
		note_damage(j, q, "T12.log", "event log", &why);
	else
		q->policy.log = &q->log;
	return 0;
}

static int read_asked(struct tooling *j, struct asked *q, struct err *e)
{
	static const enum option_id needed[] = { OPT_QUOTE, OPT_COLLATERAL };
	int r = demand(j, needed, countof(needed), e);

	if (r >= 0)
		r = read_policy(j, true, &q->policy.strict, e);
	if (r >= 0)
		r = read_report_data(j, q, e);
	if (r >= 0)
		r = read_named(j, OPT_QUOTE, QUOTE_MAX, &q->quote, e);
	if (r >= 0)
		r = read_named(j, OPT_COLLATERAL, COLLATERAL_MAX, &q->collateral, e);
	if (r >= 0 && j->c.opt[OPT_ROOT]) {
		r = read_named(j, OPT_ROOT, COLLATERAL_MAX, &q->root, e);
		if (r >= 0)
			r = quote_root_pin(q->pin, q->root.s, q->root.n, e);
	}
	if (r >= 0)
		r = read_values(j, q, e);
	return r < 0 ? r : read_log(j, q, e);
}

static int do_quote(struct tooling *j)
{
	struct asked q = { 0 };
	struct quote_collateral *collateral = NULL;
	struct proof_checks checks;
	struct quote_facts f;
	struct err e = ERR_INIT;
	enum proof_reason reason;
	enum proof_status s;
	const char *detail;

	if (read_asked(j, &q, &e) < 0 || quote_collateral_parse(&collateral, q.collateral.s, q.collateral.n,
								*q.pin ? q.pin : NULL, &e) < 0)
		return tool_fail(j, 2, &e);
	quote_verify(&f, &(struct quote_question){ q.quote.s, q.quote.n, collateral, as_of(j) }, j->t->arena);
	quote_collateral_free(collateral);
	s = quote_judge(&f, &q.policy, &checks, &reason, &detail, j->t->arena);
	vec_each (c, &q.damaged)
		*vec_push(&checks, j->t->arena) = *c;
	if (q.damaged.n && s != PROOF_FAILED) {
		s = PROOF_FAILED;
		reason = PROOF_ATT_PARSE;
	}
	return verdict_print(j, s, reason, NULL, &checks, quote_json,
			     &(struct quote_said){ &f, q.policy.log, f.module.status != TCB_UNKNOWN });
}

/* ---- verify-token -------------------------------------------------------------------------------------------------------- */

static int read_keys(struct tooling *j, struct buf *token, struct token_keys **keys, struct err *e)
{
	static const enum option_id needed[] = { OPT_TOKEN, OPT_JWKS };
	struct buf jwks = { 0 }, root = { 0 };
	int r = demand(j, needed, countof(needed), e);

	if (r >= 0)
		r = read_named(j, OPT_TOKEN, TOKEN_MAX, token, e);
	if (r >= 0)
		r = read_named(j, OPT_JWKS, TOKEN_KEYS_MAX, &jwks, e);
	if (r >= 0 && j->c.opt[OPT_ROOT])
		r = read_named(j, OPT_ROOT, COLLATERAL_MAX, &root, e);
	if (r >= 0)
		r = token_keys_parse(keys, jwks.s, jwks.n, root.s, root.n, e);
	return r < 0 ? err_hint(e, "--jwks FILE, and beside a root --root FILE") : r;
}

/* Without --policy what the token says of the platform only warns: asked was whether the token holds. */
static int do_token(struct tooling *j)
{
	struct token_policy policy = { 0 };
	struct token_keys *keys = NULL;
	struct proof_checks checks;
	struct token_facts f;
	struct err e = ERR_INIT;
	struct buf token = { 0 };
	enum proof_reason reason;
	enum proof_status s;
	const char *detail;

	if (read_policy(j, false, &policy.strict, &e) < 0 || read_keys(j, &token, &keys, &e) < 0)
		return tool_fail(j, 2, &e);
	token_verify(&f, &(struct token_question){ token.s, token.n, keys, as_of(j) }, j->t->arena);
	token_keys_free(keys);
	s = token_judge(&f, &policy, &checks, &reason, &detail, j->t->arena);
	return verdict_print(j, s, reason, NULL, &checks, token_json, &f);
}

const struct tool_action *quote_action(struct tooling *j, struct err *e maybe_unused)
{
	static const struct tool_action quote = { "verify-quote", "", 0, do_quote },
					token = { "verify-token", "", 0, do_token };

	return j->c.info->id == CMD_VERIFY_QUOTE ? &quote : &token;
}
