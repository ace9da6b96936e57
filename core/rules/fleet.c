#include "core/rules/fleet.h"

#include "base/text.h"
#include "core/rules/policy.h"

/* A test that asks what each comparison is worth replaces this, and no program does. of: a field; FLEET_FIELDS: what
 * else is weighed; one more: the chain. */
#ifndef FLEET_TAMPER
#define FLEET_TAMPER(of, rule, holds) (holds)
#endif

static const char *const field_words[] = { "mrtd",  "rtmr0",       "rtmr1", "rtmr2",
					   "rtmr3", "report_data", "tcb",   "debug" };
const struct names fleet_field_names = NAMES(field_words);

/* ---- what each source tells ------------------------------------------------------------------------------------------------ */

static bool has_levels(const struct quote_facts *f)
{
	return f->level.status != TCB_UNKNOWN && f->module.status != TCB_UNKNOWN &&
	       f->enclave.status != TCB_UNKNOWN;
}

static const char *set(const char *s)
{
	return s && *s ? s : NULL;
}

static void tell_quote(struct fleet_field *fields, const struct quote_facts *f)
{
	if (!f || !f->td.mrtd)
		return;
	fields[FLEET_FIELD_MRTD].by[AGENT_QUOTE] = f->td.mrtd;
	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		fields[FLEET_FIELD_RTMR0 + i].by[AGENT_QUOTE] = f->td.rtmr[i];
	fields[FLEET_FIELD_REPORT_DATA].by[AGENT_QUOTE] = f->td.report_data;
	if (has_levels(f))
		fields[FLEET_FIELD_TCB].by[AGENT_QUOTE] =
			names_word(&tcb_status_names, (int)quote_converge(f));
	if (f->td.attributes)
		fields[FLEET_FIELD_DEBUG].by[AGENT_QUOTE] =
			text_starts(f->td.attributes, "00") ? "no" : "yes";
}

/* A token that is over still says what was signed. */
static void tell_token(struct fleet_field *fields, const struct token_facts *f)
{
	static const char *const debug[] = { NULL, "no", "yes" };

	if (!f || !f->mrtd)
		return;
	fields[FLEET_FIELD_MRTD].by[AGENT_TOKEN] = f->mrtd;
	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		fields[FLEET_FIELD_RTMR0 + i].by[AGENT_TOKEN] = f->rtmr[i];
	fields[FLEET_FIELD_REPORT_DATA].by[AGENT_TOKEN] = f->report_data;
	fields[FLEET_FIELD_TCB].by[AGENT_TOKEN] = set(f->tcb_word);
	fields[FLEET_FIELD_DEBUG].by[AGENT_TOKEN] = debug[f->debuggable + 1];
}

static void tell_record(struct fleet_field *fields, const struct fleet_record *r)
{
	if (!r)
		return;
	fields[FLEET_FIELD_MRTD].by[AGENT_SERVER] = set(r->mrtd);
	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		fields[FLEET_FIELD_RTMR0 + i].by[AGENT_SERVER] = set(r->rtmr[i]);
	fields[FLEET_FIELD_REPORT_DATA].by[AGENT_SERVER] = set(r->report_data);
	fields[FLEET_FIELD_TCB].by[AGENT_SERVER] = set(r->tcb);
	fields[FLEET_FIELD_DEBUG].by[AGENT_SERVER] = set(r->debug);
}

static const char *signed_value(const struct fleet_field *f)
{
	return f->by[AGENT_QUOTE] ? f->by[AGENT_QUOTE] : f->by[AGENT_TOKEN];
}

static void tell_pins(struct fleet_field *fields, const struct quote_policy *p)
{
	struct fleet_field *mrtd = &fields[FLEET_FIELD_MRTD];
	const struct trusted_values *v = p->values;

	if (!v || p->rtmr == QUOTE_OFF)
		return;
	mrtd->by[AGENT_PIN] = trusted_mrtd(v, p->node_size);
	mrtd->listed = !mrtd->by[AGENT_PIN] && !(p->node_size && v->mrtds_by_size) &&
		       trusted_is_listed(v, signed_value(mrtd));
	if (mrtd->listed)
		mrtd->by[AGENT_PIN] = signed_value(mrtd);
	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		fields[FLEET_FIELD_RTMR0 + i].by[AGENT_PIN] = trusted_rtmr(v, p->node_size, i);
}

/* ---- agreement ------------------------------------------------------------------------------------------------------------- */

static const struct field_rule {
	const char *name;
	enum proof_reason pin, absent; /* another value than is pinned; no value is pinned */
} field_rules[FLEET_FIELDS] = {
	[FLEET_FIELD_MRTD] = { "all say one MRTD", PROOF_MRTD_UNKNOWN, PROOF_MRTD_UNKNOWN },
	[FLEET_FIELD_RTMR0] = { "all say one RTMR0", PROOF_RTMR_DRIFT, PROOF_RTMR_ABSENT },
	[FLEET_FIELD_RTMR1] = { "all say one RTMR1", PROOF_RTMR_DRIFT, PROOF_RTMR_ABSENT },
	[FLEET_FIELD_RTMR2] = { "all say one RTMR2", PROOF_RTMR_DRIFT, PROOF_RTMR_ABSENT },
	[FLEET_FIELD_RTMR3] = { "all say one RTMR3", PROOF_RTMR_DRIFT, PROOF_RTMR_ABSENT },
	[FLEET_FIELD_REPORT_DATA] = { "all say one report data", PROOF_OK, PROOF_OK },
	[FLEET_FIELD_TCB] = { "all say one TCB status", PROOF_OK, PROOF_OK },
	[FLEET_FIELD_DEBUG] = { "all say whether it is debugged", PROOF_OK, PROOF_OK },
};

/* What was signed is what others are held against; where nothing was, what is pinned. */
static const char *basis(const struct fleet_field *f, enum agent_source *of)
{
	static const enum agent_source order[] = { AGENT_QUOTE, AGENT_TOKEN, AGENT_PIN };

	for (size_t i = 0; i < countof(order); i++)
		if (f->by[order[i]]) {
			*of = order[i];
			return f->by[order[i]];
		}
	return NULL;
}

static void compare(struct fleet_field *f)
{
	enum agent_source of = AGENT_QUOTE;
	const char *value = basis(f, &of);

	for (unsigned i = 0; value && i < AGENT_SOURCES; i++)
		if (f->by[i] && strcasecmp(f->by[i], value) != 0)
			f->differ |= 1u << i | 1u << of;
}

static bool differs_by(const struct fleet_field *f, enum agent_source s)
{
	const char *mine = f->by[s], *theirs = signed_value(f);

	return mine && theirs && strcasecmp(mine, theirs) != 0;
}

enum field_break { BREAK_UNPINNED, BREAK_PIN, BREAK_TOKEN, BREAK_RECORD };

/* The gravest of what a field's sources contradict each other in. */
static enum proof_reason reason_of(const struct fleet_field *f, size_t i, const struct quote_policy *p)
{
	bool pinned = field_rules[i].pin != PROOF_OK && p->values && p->rtmr != QUOTE_OFF;
	const struct {
		bool is;
		enum proof_reason reason;
	} breaks[] = {
		[BREAK_UNPINNED] = { pinned && signed_value(f) && !f->by[AGENT_PIN], field_rules[i].absent },
		[BREAK_PIN] = { differs_by(f, AGENT_PIN), field_rules[i].pin },
		[BREAK_TOKEN] = { differs_by(f, AGENT_TOKEN), PROOF_JWT_QUOTE_DIFF },
		[BREAK_RECORD] = { f->differ != 0, PROOF_SRC_DIFF },
	};

	for (size_t k = 0; k < countof(breaks); k++)
		if (FLEET_TAMPER(i, k, breaks[k].is))
			return breaks[k].reason;
	return PROOF_OK;
}

static const char *say(const struct fleet_field *f, unsigned which, struct arena *a)
{
	struct buf out = BUF_INIT(1024);
	const char *text;

	for (unsigned i = 0; i < AGENT_SOURCES; i++)
		if (which >> i & 1 && f->by[i])
			buf_fmt(&out, "%s%s %s", out.n ? ", " : "", names_word(&agent_source_names, (int)i),
				f->by[i]);
	text = arena_strndup(a, out.s ? out.s : "", out.n);
	buf_done(&out);
	return text;
}

static size_t tellers(const struct fleet_field *f)
{
	size_t n = 0;

	for (size_t i = 0; i < AGENT_SOURCES; i++)
		n += f->by[i] != NULL;
	return n;
}

static void agree_row(struct fleet_verdict *v, size_t i, const struct fleet_question *q, struct arena *a)
{
	const struct fleet_field *f = &v->fields[i];
	struct proof_check *c = vec_push(&v->checks, a);
	enum proof_reason reason = reason_of(f, i, &q->quote_policy);
	enum agent_source of = AGENT_QUOTE;
	const char *value = basis(f, &of);

	*c = (struct proof_check){ .evidence = "",
				   .ordinal = (int64_t)v->checks.n - 1,
				   .id = arena_printf(a, "A%zu.%s", i,
						      names_word(&fleet_field_names, (int)i)),
				   .name = field_rules[i].name,
				   .reason = (int)reason,
				   .expected = value ? value : "",
				   .found = "",
				   .result = reason != PROOF_OK ? CHECKED_FAIL
					     : tellers(f) > 1   ? CHECKED_PASS
								: CHECKED_ABSENT };
	if (reason != PROOF_OK && !f->differ)
		c->expected = "it is not pinned";
	c->found = f->differ                     ? say(f, f->differ, a)
		   : c->result == CHECKED_ABSENT ? "one source alone"
						 : value;
}

/* Which knob a failure is taken by: what is pinned is measured, who vouches for pins is signed, the rest is as the policy as a
 * whole. */
static bool taken_strictly(enum proof_reason r, const struct quote_policy *p)
{
	bool pin = r == PROOF_MRTD_UNKNOWN || r == PROOF_RTMR_DRIFT || r == PROOF_RTMR_ABSENT;
	bool vouched = r == PROOF_REL_ASSET_UNSIGNED || r == PROOF_REL_TAG;
	int knob = pin ? p->rtmr : vouched ? p->signature : QUOTE_AS_POLICY;

	return knob == QUOTE_STRICT || (knob != QUOTE_WARN && p->strict);
}

/* ---- the verdict --------------------------------------------------------------------------------------------------------------- */

static void worsen(struct fleet_verdict *v, enum proof_status s, enum proof_reason reason, const char *detail)
{
	if (proof_both(v->status, s) == v->status)
		return;
	v->status = s;
	v->reason = reason;
	v->detail = detail;
}

static void judge_agreement(struct fleet_verdict *v, const struct fleet_question *q, struct arena *a)
{
	size_t first = v->checks.n;

	for (size_t i = 0; i < FLEET_FIELDS; i++) {
		compare(&v->fields[i]);
		agree_row(v, i, q, a);
	}
	for (size_t i = first; i < v->checks.n; i++) {
		const struct proof_check *c = &v->checks.items[i];
		enum proof_reason r = (enum proof_reason)c->reason;

		if (c->result == CHECKED_FAIL)
			worsen(v, proof_reason_status(r, taken_strictly(r, &q->quote_policy)), r,
			       arena_printf(a, "%s: %s: expected %s, found %s", c->id,
					    proof_reason_meaning(r), c->expected, c->found));
	}
}

/* ---- the chain ------------------------------------------------------------------------------------------------------------- */

#define CHAINED 7
static const char *const chained_names[CHAINED] = { "mrtd",  "rtmr0", "rtmr1",   "rtmr2",
						    "rtmr3", "tcb",   "verified" };

static void values_of(const struct fleet_record *r, const char *out[CHAINED])
{
	const char *const all[CHAINED] = { r->mrtd,    r->rtmr[0], r->rtmr[1], r->rtmr[2],
					   r->rtmr[3], r->tcb,     r->said };

	for (size_t i = 0; i < CHAINED; i++)
		out[i] = set(all[i]);
}

static bool same_value(const char *a, const char *b)
{
	return a && b ? !strcasecmp(a, b) : a == b;
}

static bool is_current(const struct fleet_question *q)
{
	const char *now[CHAINED], *then[CHAINED];
	bool same = q->chain && q->record && when_known(q->chain->at);

	if (!same)
		return false;
	values_of(q->record, now);
	values_of(&q->chain->listed, then);
	for (size_t i = 0; i < CHAINED; i++)
		same &= same_value(now[i], then[i]);
	return same;
}

/* What the list leaves out. */
static struct fleet_record with_chain(const struct fleet_question *q)
{
	struct fleet_record r = q->record ? *q->record : (struct fleet_record){ 0 };
	const struct fleet_record *more = is_current(q) ? &q->chain->told : NULL;

	if (!more)
		return r;
	r.mrtd = set(r.mrtd) ? r.mrtd : more->mrtd;
	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		r.rtmr[i] = set(r.rtmr[i]) ? r.rtmr[i] : more->rtmr[i];
	r.tcb = set(r.tcb) ? r.tcb : more->tcb;
	return r;
}

static bool differ(const char *a, const char *b)
{
	return a && b && strcasecmp(a, b) != 0;
}

static void differ_by(struct proof_check *c, struct buf *names, const char *name, const char *who,
		      const char *expected, const char *found)
{
	if (c->result != CHECKED_FAIL) {
		c->result = CHECKED_FAIL;
		c->reason = PROOF_SRC_DIFF;
		c->expected = expected;
		c->found = found;
	}
	buf_fmt(names, "%s%s (%s)", names->n ? ", " : "", name, who);
}

static void compare_chain(struct fleet_verdict *v, const struct fleet_question *q, struct proof_check *c,
			  struct arena *a)
{
	const char *listed[CHAINED], *told[CHAINED];
	struct buf names = BUF_INIT(1024);

	values_of(q->record, listed);
	values_of(&q->chain->told, told);
	for (size_t i = 0; i < CHAINED; i++)
		if (FLEET_TAMPER(FLEET_FIELDS + 1, i, differ(listed[i], told[i])))
			differ_by(c, &names, chained_names[i], "list, chain", listed[i], told[i]);
	if (FLEET_TAMPER(FLEET_FIELDS + 1, CHAINED,
			 q->token && differ(q->token->mrtd, set(q->chain->claimed_mrtd))))
		differ_by(c, &names, "mrtd", "chain, token", q->token->mrtd, set(q->chain->claimed_mrtd));
	v->chain_differs = arena_strndup(a, names.s ? names.s : "", names.n);
	buf_done(&names);
}

static void judge_chain(struct fleet_verdict *v, const struct fleet_question *q, struct arena *a)
{
	struct proof_check *c;
	char at[WHEN_TEXT];

	v->chain_differs = "";
	if (!q->chain)
		return;
	c = vec_push(&v->checks, a);
	*c = (struct proof_check){ .evidence = "",
				   .ordinal = (int64_t)v->checks.n - 1,
				   .id = "A8.chain",
				   .name = "its chain says what the list says",
				   .result = CHECKED_ABSENT,
				   .expected = "",
				   .found = q->chain->why ? q->chain->why : "it was not read yet" };
	if (is_current(q)) {
		c->result = CHECKED_PASS;
		c->found = arena_printf(a, "as of %s%s%s", when_iso(q->chain->at, at),
					q->chain->why ? "; then " : "", q->chain->why ? q->chain->why : "");
		compare_chain(v, q, c, a);
	} else if (when_known(q->chain->at)) {
		c->found = "the list has changed since it was read";
	}
	if (c->result == CHECKED_FAIL)
		worsen(v, proof_reason_status(PROOF_SRC_DIFF, q->quote_policy.strict), PROOF_SRC_DIFF,
		       arena_printf(a, "A8.chain: the control plane contradicts itself: %s",
				    v->chain_differs));
}

/* ---- copies ---------------------------------------------------------------------------------------------------------------- */

/* Evidence is of one machine. Where several show it, one of them is proved at most, and nobody can say which. The challenge that
 * it answers does not help: it is the control plane that says who was asked. */
static void judge_copies(struct fleet_verdict *v, const struct fleet_question *q, struct arena *a)
{
	const char *quote = FLEET_TAMPER(FLEET_FIELDS + 1, CHAINED + 1, true) ? q->quote_of : NULL;
	const char *token = FLEET_TAMPER(FLEET_FIELDS + 1, CHAINED + 2, true) ? q->token_of : NULL;
	struct proof_check *c = vec_push(&v->checks, a);

	v->copied = "";
	*c = (struct proof_check){ .evidence = "",
				   .ordinal = (int64_t)v->checks.n - 1,
				   .id = "E0.copy",
				   .name = "no other machine shows its evidence",
				   .result = q->quote || q->has_token ? CHECKED_PASS : CHECKED_ABSENT,
				   .expected = "",
				   .found = "" };
	if (!quote && !token)
		return;
	v->copied = arena_printf(a, "%s%s%s%s%s%s%s", quote ? "quote (also of " : "", quote ? quote : "",
				 quote ? ")" : "", quote && token ? ", " : "", token ? "token (also of " : "",
				 token ? token : "", token ? ")" : "");
	c->result = CHECKED_FAIL;
	c->reason = PROOF_EVID_COPIED;
	c->expected = "shown by this machine alone";
	c->found = v->copied;
	worsen(v, proof_reason_status(PROOF_EVID_COPIED, q->quote_policy.strict), PROOF_EVID_COPIED,
	       arena_printf(a, "E0.copy: %s: %s", proof_reason_meaning(PROOF_EVID_COPIED), v->copied));
}

enum fleet_want { WANTED_QUOTE, WANTED_TOKEN, WANTED_SIGNED, WANTED_RELEASE };

/* A token alone is held against pins too, and no row of a quote asks then whose they are. */
static void judge_pins(struct fleet_verdict *v, const struct fleet_question *q, struct arena *a)
{
	const struct quote_policy *p = &q->quote_policy;
	const char *is = p->values && p->values->release_tag ? p->values->release_tag : "it names none";
	const struct {
		const char *id, *name, *expected, *found;
		enum proof_reason reason;
		bool bad;
	} rows[] = {
		{ "P0.signed", "trusted values attested", "a valid attestation over the trusted values",
		  p->values_signed ? "verified" : "none", PROOF_REL_ASSET_UNSIGNED,
		  FLEET_TAMPER(FLEET_FIELDS, WANTED_SIGNED, p->values_signed_wanted && !p->values_signed) },
		{ "P1.release", "trusted values of the release", p->release_tag, is, PROOF_REL_TAG,
		  FLEET_TAMPER(FLEET_FIELDS, WANTED_RELEASE,
			       p->release_tag && !text_eq(p->release_tag, is)) },
	};

	if (q->quote_wanted || !q->token_wanted || !p->values || p->rtmr == QUOTE_OFF ||
	    p->signature == QUOTE_OFF)
		return;
	for (size_t i = 0; i < countof(rows); i++) {
		struct proof_check *c = vec_push(&v->checks, a);

		*c = (struct proof_check){
			.evidence = "",
			.ordinal = (int64_t)v->checks.n - 1,
			.id = rows[i].id,
			.name = rows[i].name,
			.expected = rows[i].expected ? rows[i].expected : "",
			.found = rows[i].found,
			.reason = rows[i].bad ? (int)rows[i].reason : PROOF_OK,
			.result = rows[i].bad ? CHECKED_FAIL : CHECKED_PASS,
		};
		if (rows[i].bad)
			worsen(v, proof_reason_status(rows[i].reason, taken_strictly(rows[i].reason, p)),
			       rows[i].reason,
			       arena_printf(a, "%s: %s: expected %s, found %s", rows[i].id,
					    proof_reason_meaning(rows[i].reason), rows[i].expected,
					    rows[i].found));
	}
}

static void judge_quote(struct fleet_verdict *v, const struct fleet_question *q, const char **detail,
			struct arena *a)
{
	if (q->quote) {
		v->quote = quote_judge(q->quote, &q->quote_policy, &v->checks, &v->quote_reason, detail, a);
		return;
	}
	v->quote_reason = PROOF_ATT_NONE;
	v->quote = proof_reason_status(PROOF_ATT_NONE, q->quote_policy.strict);
	*detail = "the machine has no quote";
}

static void judge_token(struct fleet_verdict *v, const struct fleet_question *q, const char **detail,
			struct arena *a)
{
	struct proof_checks checks = { 0 };

	if (q->token) {
		v->token = token_judge(q->token, &q->token_policy, &checks, &v->token_reason, detail, a);
		vec_each (c, &checks) {
			c->ordinal = (int64_t)v->checks.n;
			*vec_push(&v->checks, a) = *c;
		}
	} else if (q->has_token) {
		v->token = PROOF_UNCHECKED;
		*detail = q->token_why ? q->token_why : "the token was not checked";
	} else {
		v->token_reason = PROOF_ATT_NONE;
		v->token = proof_reason_status(PROOF_ATT_NONE, q->token_policy.strict);
		*detail = "the machine has no token";
	}
}

/* "rtmr2 (server, quote)": all who contradict each other, what was signed last. */
static void name_differences(struct fleet_verdict *v, struct arena *a)
{
	static const enum agent_source order[] = { AGENT_SERVER, AGENT_PIN, AGENT_TOKEN, AGENT_QUOTE };
	struct buf out = BUF_INIT(1024);

	for (size_t i = 0; i < FLEET_FIELDS; i++) {
		const char *between = "";

		if (!v->fields[i].differ)
			continue;
		buf_fmt(&out, "%s%s (", out.n ? ", " : "", names_word(&fleet_field_names, (int)i));
		for (size_t k = 0; k < countof(order); k++)
			if (v->fields[i].differ >> order[k] & 1) {
				buf_fmt(&out, "%s%s", between,
					names_word(&agent_source_names, (int)order[k]));
				between = ", ";
			}
		buf_str(&out, ")");
	}
	if (*v->chain_differs)
		buf_fmt(&out, "%s%s", out.n ? ", " : "", v->chain_differs);
	if (*v->copied)
		buf_fmt(&out, "%s%s", out.n ? ", " : "", v->copied);
	v->differs = arena_strndup(a, out.s ? out.s : "", out.n);
	buf_done(&out);
	if (*v->differs)
		v->alarm = arena_printf(a, "sources contradict each other: %s", v->differs);
}

/* What is good is so without its log, and nobody is to take it for one that its log explains. */
static void tell_unjudged(struct fleet_verdict *v, const struct fleet_question *q, struct arena *a)
{
	if (q->quote_policy.log_why && proof_verdict(v->status) == CHECK_OK)
		v->detail = arena_printf(a, "%s; %s", v->detail, q->quote_policy.log_why);
}

/* A policy that wants nothing is none: then it wants a quote. */
void fleet_judge(struct fleet_verdict *out, const struct fleet_question *q, struct arena *a)
{
	struct fleet_verdict v = { .status = PROOF_VERIFIED, .detail = "every check holds" };
	const struct fleet_record record = with_chain(q);
	const char *quote_why = "", *token_why = "";

	judge_quote(&v, q, &quote_why, a);
	judge_token(&v, q, &token_why, a);
	if (FLEET_TAMPER(FLEET_FIELDS, WANTED_QUOTE, q->quote_wanted || !q->token_wanted))
		worsen(&v, v.quote, v.quote_reason, quote_why);
	if (FLEET_TAMPER(FLEET_FIELDS, WANTED_TOKEN, q->token_wanted))
		worsen(&v, v.token, v.token_reason, token_why);
	tell_quote(v.fields, q->quote);
	tell_token(v.fields, q->token);
	tell_record(v.fields, &record);
	tell_pins(v.fields, &q->quote_policy);
	judge_pins(&v, q, a);
	judge_copies(&v, q, a);
	judge_agreement(&v, q, a);
	judge_chain(&v, q, a);
	name_differences(&v, a);
	tell_unjudged(&v, q, a);
	v.tcb = signed_value(&v.fields[FLEET_FIELD_TCB]);
	v.tcb = v.tcb ? v.tcb : "";
	*out = v;
}

/* ---- facts about the control plane -------------------------------------------------------------------------------------------- */

void fleet_policy_judge(struct fleet_fact *f, const char *const *order, bool production, struct arena *a)
{
	struct drift row = { .declared = f->declared, .live = f->effective, .reason = set(f->detail) };

	policy_judge(&row, order, production, a);
	f->verdict = row.verdict;
	f->detail = row.reason;
	if (text_eq(f->source, "db") && (row.verdict == DRIFT_OTHER || row.verdict == DRIFT_BEHIND))
		f->detail = arena_printf(a, "an administrator set it in the running system: %s", row.reason);
}

void fleet_mrtd_judge(struct fleet_fact *f, const struct trusted_values *values)
{
	bool pinned = values && trusted_is_listed(values, f->name);

	for (size_t i = 0; values && i < values->sizes_n; i++)
		pinned |= values->sizes[i].mrtd && !strcasecmp(values->sizes[i].mrtd, f->name);
	f->declared = pinned ? f->name : "";
	f->verdict = !values ? DRIFT_UNKNOWN : pinned ? DRIFT_EQUAL : DRIFT_OTHER;
	f->detail = !values  ? "what the release has pinned is not known"
		    : pinned ? ""
			     : "it is trusted there, and the release does not pin it";
}
