/*
 * fleet_judge.c - one machine, on the thread: its evidence is decoded and verified, the rules are asked, and its row and its tables
 * are written down. Touches the machine, the arena, and what does not change.
 */
#include "core/engine/fleets.h"

#include "base/json.h"
#include "base/text.h"

#include <string.h>

#define TREE_MAX ((size_t)256 << 10)

_Static_assert((int)HARD_STRICT == (int)QUOTE_STRICT && (int)HARD_WARN == (int)QUOTE_WARN &&
		       (int)HARD_OFF == (int)QUOTE_OFF,
	       "a profile's words for knobs are the rule's");
_Static_assert((int)BOUND_RAW == (int)QUOTE_BIND_RAW + 1 && (int)BOUND_SHA512 == (int)QUOTE_BIND_SHA512 + 1,
	       "a profile's words for bindings are the port's");

/* Everything about one machine while it is judged. */
struct judging {
	struct fleet_machine *m;
	const struct fleet_rules *rules;
	const struct quote_ops *ops;
	const struct evidence_box *box;
	sha256_fn sha256;
	char events_sha[DIGEST_HEX]; /* "" there is no log */
	struct arena *a;
	struct quote_facts quote;
	struct token_facts token;
	bool has_quote, has_token;
	struct quote_log log;
	bool has_log;
	char report_data[129];
	struct fleet_record record;
};

/* ---- what it depends on ------------------------------------------------------------------------------------------------- */

static void add_text(struct buf *b, const char *s)
{
	buf_str(b, s ? s : "-");
	buf_add(b, "", 1);
}

static void add_policy(struct buf *b, const struct fleet_rules *r)
{
	const struct profile_attestation *t = r->t;

	buf_fmt(b, "%d %d %d %d %d %d %d %d %d %d %d %d ", t->policy, t->tcb, t->nonce, t->rtmr, t->signature,
		t->td, t->age, t->binding, t->service_td, r->values_wanted, r->values_signed,
		r->values_signed_wanted);
	buf_fmt(b, "%" PRId64 " %d %d ", t->max_age_s, attestation_wants(t, "quote"),
		attestation_wants(t, "token"));
	for (const char *const *w = t->tcb_allowed; w && *w; w++)
		add_text(b, *w);
	for (const char *const *w = t->platforms; w && *w; w++)
		add_text(b, *w);
	add_text(b, t->issuer);
	add_text(b, r->release);
	add_text(b, r->values_sha);
	add_text(b, r->trust->collateral_sha);
	add_text(b, r->trust->keys_sha);
}

static void add_record(struct buf *b, const struct fleet_record *r)
{
	add_text(b, r->mrtd);
	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		add_text(b, r->rtmr[i]);
	add_text(b, r->tcb);
	add_text(b, r->said);
}

static void add_chain(struct buf *b, const struct known_chain *k)
{
	add_record(b, &k->chain.told);
	add_record(b, &k->chain.listed);
	add_text(b, k->chain.claimed_mrtd);
	add_text(b, k->chain.why);
	add_text(b, k->events);
	add_text(b, k->events_why);
	buf_fmt(b, "%" PRId64 " ", k->chain.at.ms);
}

static void print_of(const struct fleet_machine *m, const struct fleet_rules *r, sha256_fn sha256,
		     char out[DIGEST_HEX])
{
	const struct fleet_agent *in = m->in;
	struct buf b = BUF_INIT(EVENTLOG_MAX + TOKEN_MAX + 2 * QUOTE_MAX + (64 << 10));

	add_policy(&b, r);
	add_text(&b, in->size);
	add_text(&b, in->mrtd);
	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		add_text(&b, in->rtmr[i]);
	add_text(&b, in->tcb);
	add_text(&b, in->nonce);
	add_text(&b, in->quote);
	add_text(&b, in->token);
	add_text(&b, in->event_log);
	add_text(&b, m->quote_of);
	add_text(&b, m->token_of);
	if (r->t->chain) {
		buf_fmt(&b, "%d ", in->verified);
		add_chain(&b, &m->chain);
	}
	if (b.over)
		*out = 0; /* then nothing is remembered of it */
	else
		sha256(b.s, b.n, out);
	buf_done(&b);
}

static void sooner(struct when *again, struct when t, struct when now)
{
	if (when_known(t) && when_diff(t, now) > 0 && (!when_known(*again) || when_diff(t, *again) < 0))
		*again = t;
}

/* ---- verifying ---------------------------------------------------------------------------------------------------------- */

static void verify_quote(struct judging *j)
{
	const char *text = j->m->in->quote;
	struct buf bytes = BUF_INIT(QUOTE_MAX);

	j->has_quote = text && *text;
	if (!j->has_quote)
		return;
	if (!text_unbase64(&bytes, text, strlen(text)))
		buf_reset(&bytes); /* the verifier says that these are no quote */
	j->ops->verify(&j->quote,
		       &(struct quote_question){ .quote = bytes.s,
						 .n = bytes.n,
						 .collateral = j->rules->trust->collateral,
						 .at = j->rules->now },
		       j->a);
	fleet_keep_bytes(j->box, bytes.s, bytes.n);
	buf_done(&bytes);
}

static void verify_token(struct judging *j)
{
	const char *text = j->m->in->token;

	j->has_token = text && *text && j->rules->trust->keys;
	if (j->has_token)
		j->ops->token_verify(&j->token,
				     &(struct token_question){ .token = text,
							       .n = strlen(text),
							       .keys = j->rules->trust->keys,
							       .at = j->rules->now },
				     j->a);
	if (j->has_token)
		fleet_keep_bytes(j->box, text, strlen(text));
}

static const char *events_of(const struct judging *j)
{
	return j->m->in->event_log ? j->m->in->event_log : j->m->chain.events;
}

static void replay_log(struct judging *j)
{
	const char *text = events_of(j);
	struct err e = ERR_INIT;

	j->has_log = text && *text && j->ops->replay(&j->log, text, strlen(text), j->a, &e) >= 0;
	if (text && *text) {
		fleet_keep_bytes(j->box, text, strlen(text));
		j->sha256(text, strlen(text), j->events_sha);
	}
	if (text && *text && !j->has_log) { /* a damaged log explains nothing */
		j->has_log = true;
		j->log = (struct quote_log){ .sha = "",
					     .rtmr = { "damaged", "damaged", "damaged", "damaged" } };
	}
}

static unsigned digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

static const char *challenge_of(const struct judging *j)
{
	const char *said = j->m->in->nonce;

	if (said && *said)
		return said;
	return j->has_token && j->token.mrtd ? j->token.held_data : NULL;
}

/* What report data must be: of the challenge that the control plane tells, else of the one that the token vouches for. NULL: no
 * challenge is known. */
static const char *bound(struct judging *j)
{
	const char *hex = challenge_of(j);
	size_t n = hex ? strlen(hex) : 0;
	unsigned char bytes[64];
	struct err e = ERR_INIT;

	if (j->rules->t->binding == BOUND_NONE || !n || n % 2 || n > 2 * sizeof(bytes) ||
	    strspn(hex, "0123456789abcdefABCDEF") != n)
		return NULL;
	for (size_t i = 0; i < n / 2; i++)
		bytes[i] = (unsigned char)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
	if (j->ops->bind(j->report_data, j->rules->t->binding - 1, bytes, n / 2, NULL, 0, &e) < 0)
		return NULL;
	return j->report_data;
}

/* ---- the questions ------------------------------------------------------------------------------------------------------ */

static unsigned allowed_of(const struct profile_attestation *t)
{
	unsigned bits = 0;

	for (const char *const *w = t->tcb_allowed; w && *w; w++)
		bits |= 1u << names_value(&tcb_status_names, *w);
	return bits & ~(1u << TCB_UNKNOWN) & ~(1u << TCB_REVOKED);
}

static size_t count(const char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

/* When the evidence was made: a token says so itself. */
static struct when taken(const struct judging *j)
{
	return j->has_token && j->token.mrtd && when_known(j->token.issued) ? j->token.issued
									    : j->m->in->heard;
}

static struct quote_policy quote_policy(struct judging *j, const char *report_data)
{
	const struct fleet_rules *r = j->rules;
	const struct profile_attestation *t = r->t;

	return (struct quote_policy){
		.strict = t->policy == PROOFS_STRICT,
		.tcb = t->tcb,
		.nonce = t->nonce,
		.rtmr = t->rtmr,
		.signature = t->signature,
		.td = t->td,
		.age = t->age,
		.tcb_allowed = allowed_of(t),
		.service_td = t->service_td,
		.fresh = t->binding != BOUND_NONE,
		.report_data = report_data,
		.platforms = t->platforms,
		.platforms_n = count(t->platforms),
		.values = r->values,
		.release_tag = r->values ? r->release : NULL,
		.node_size =
			j->m->in->size ? j->m->in->size : "", /* a machine without one fits no pin by size */
		.values_signed_wanted = r->values_signed_wanted,
		.values_signed = r->values_signed,
		.log = j->has_log ? &j->log : NULL,
		.log_why = j->has_log ? NULL : j->m->chain.events_why,
		.now = r->now,
		.taken = taken(j),
		.max_age = t->max_age_s * 1000,
	};
}

static struct token_policy token_policy(const struct judging *j, bool quote_wanted, const char *report_data)
{
	const struct profile_attestation *t = j->rules->t;
	bool held = j->has_quote && j->quote.td.mrtd;

	return (struct token_policy){
		.strict = t->policy == PROOFS_STRICT,
		.tcb = t->tcb,
		.nonce_knob = t->nonce,
		.td = t->td,
		.tcb_allowed = allowed_of(t),
		.issuer = t->issuer,
		.fresh = t->binding != BOUND_NONE,
		.report_data = report_data,
		.quote = held || (quote_wanted && j->has_quote) ? &j->quote : NULL,
	};
}

/* Pins are wanted and are not known: then nothing was compared, and nobody may take that for good. */
static void lack_pins(struct fleet_verdict *v, const struct fleet_rules *r)
{
	if (!r->values_wanted || r->values || r->t->rtmr == QUOTE_OFF ||
	    proof_both(v->status, PROOF_UNCHECKED) != PROOF_UNCHECKED)
		return;
	v->status = PROOF_UNCHECKED;
	v->reason = PROOF_OK;
	v->detail = "what the release has pinned is not known";
}

static void ask(struct judging *j, struct fleet_verdict *v)
{
	const struct profile_attestation *t = j->rules->t;
	bool quote_wanted = attestation_wants(t, "quote");
	const struct fleet_agent *in = j->m->in;
	const char *answer = bound(j);
	struct fleet_question q = {
		.quote = j->has_quote ? &j->quote : NULL,
		.token = j->has_token ? &j->token : NULL,
		.has_token = in->token && *in->token,
		.token_why = j->rules->trust->keys_why,
		.record = &j->record,
		.chain = t->chain ? &j->m->chain.chain : NULL,
		.quote_of = j->m->quote_of,
		.token_of = j->m->token_of,
		.quote_wanted = quote_wanted,
		.token_wanted = attestation_wants(t, "token"),
		.quote_policy = quote_policy(j, answer),
		.token_policy = token_policy(j, quote_wanted, answer),
	};

	j->record = chains_record(in);
	fleet_judge(v, &q, j->a);
	lack_pins(v, j->rules);
}

/* ---- what comes out ----------------------------------------------------------------------------------------------------- */

/* As it is: what is foreign is made safe where it is shown. */
static void kraw(struct jw *w, const char *key, const char *s)
{
	jw_key(w, key);
	if (s)
		jw_raw_str(w, s);
	else
		jw_null(w);
}

/* What another verifier is given to come to the same verdict. */
static void evidence_json(struct jw *w, const struct judging *j)
{
	const struct fleet_rules *r = j->rules;

	jw_kopen(w, "evidence", '{');
	jw_kwhen(w, "at", r->now);
	jw_kstr(w, "policy", names_word(&proof_strictness_names, r->t->policy));
	kraw(w, "size", j->m->in->size);
	kraw(w, "release", r->values ? r->release : NULL);
	kraw(w, "challenge", challenge_of(j));
	jw_ktext(w, "report_data", j->report_data);
	jw_kopen(w, "kept", '{');
	if (j->has_quote)
		jw_kstr(w, "quote", j->quote.quote_sha);
	if (j->has_token)
		jw_kstr(w, "token", j->token.token_sha);
	if (*j->events_sha)
		jw_kstr(w, "events", j->events_sha);
	if (r->values_text)
		jw_kstr(w, "values", r->values_sha);
	for (size_t i = 0; i < r->trust->files_n; i++)
		jw_kstr(w, r->trust->files[i].kind, r->trust->files[i].sha);
	jw_close(w, '}');
	jw_close(w, '}');
}

static const char *tree_of(const struct judging *j, const struct fleet_verdict *v, struct arena *a)
{
	struct buf out = BUF_INIT(TREE_MAX);
	struct jw w;
	const char *text;

	jw_init(&w, &out);
	jw_open(&w, '{');
	jw_kopen(&w, "fields", '[');
	for (size_t i = 0; i < FLEET_FIELDS; i++) {
		jw_open(&w, '{');
		jw_kstr(&w, "name", names_word(&fleet_field_names, (int)i));
		for (size_t k = 0; k < AGENT_SOURCES; k++)
			kraw(&w, names_word(&agent_source_names, (int)k), v->fields[i].by[k]);
		jw_kbool(&w, "agree", !v->fields[i].differ);
		jw_close(&w, '}');
	}
	jw_close(&w, ']');
	jw_kopen(&w, "checks", '[');
	vec_each (c, &v->checks) {
		jw_open(&w, '{');
		jw_kstr(&w, "id", c->id);
		jw_kstr(&w, "name", c->name);
		jw_kstr(&w, "result", names_word(&check_result_names, c->result));
		jw_kstr(&w, "reason", c->reason ? names_word(&proof_reason_names, c->reason) : NULL);
		kraw(&w, "expected", c->expected);
		kraw(&w, "found", c->found);
		jw_close(&w, '}');
	}
	jw_close(&w, ']');
	if (j->box->dir)
		evidence_json(&w, j);
	jw_close(&w, '}');
	text = out.over ? "{}" : arena_strndup(a, out.s, out.n);
	buf_done(&out);
	return text;
}

static void fill_row(struct judging *j, const struct fleet_verdict *v)
{
	struct agent *row = &j->m->row;

	row->status = (int)v->status;
	row->reason = (int)v->reason;
	row->detail = v->detail;
	row->quote = (int)v->quote;
	row->quote_reason = (int)v->quote_reason;
	row->token = (int)v->token;
	row->token_reason = (int)v->token_reason;
	row->differs = v->differs;
	row->tcb = v->tcb;
	row->quote_sha = j->has_quote ? j->quote.quote_sha : "";
	row->token_sha = j->has_token ? j->token.token_sha : "";
	row->taken = taken(j);
	row->token_until = j->has_token ? j->token.until : WHEN_NONE;
}

/* Not all that ends is known here: the certificates and the revocation lists above a token's key, those above a platform's. */
#define BELIEVED_MS INT64_C(3600000)

static void next_change(struct judging *j)
{
	const struct fleet_rules *r = j->rules;
	struct when *again = &j->m->again, made = taken(j);

	*again = (struct when){ r->now.ms + BELIEVED_MS };
	sooner(again, r->trust->collateral_until, r->now);
	if (j->has_quote) {
		sooner(again, j->quote.collateral_from, r->now);
		sooner(again, j->quote.collateral_until, r->now);
		sooner(again, j->quote.platform.certificate_until, r->now);
	}
	if (j->has_token) {
		sooner(again, j->token.from, r->now);
		sooner(again, j->token.until, r->now);
	}
	if (when_known(made) && r->t->max_age_s)
		sooner(again, (struct when){ made.ms + r->t->max_age_s * 1000 + 1 }, r->now);
}

void fleet_machine_judge(struct fleet_machine *m, const struct fleet_judging *by, struct arena *a)
{
	const struct fleet_rules *rules = by->rules;
	struct judging j = {
		.m = m, .rules = rules, .ops = by->ops, .box = by->box, .sha256 = by->sha256, .a = a
	};
	struct fleet_verdict v;

	print_of(m, rules, by->sha256, m->print);
	m->same = *m->print && !strcmp(m->print, m->known) &&
		  (!when_known(m->known_again) || when_diff(rules->now, m->known_again) < 0);
	if (m->same)
		return;
	verify_quote(&j);
	verify_token(&j);
	replay_log(&j);
	ask(&j, &v);
	fill_row(&j, &v);
	next_change(&j);
	m->alarm = v.alarm;
	m->tree = tree_of(&j, &v, a);
}
