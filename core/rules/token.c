#include "core/rules/quote.h"

#include "base/text.h"

#ifndef TOKEN_RULE_TAMPER
#define TOKEN_RULE_TAMPER(row, result) (result)
#endif

struct judging {
	const struct token_facts *f;
	const struct token_policy *p;
	struct arena *a;
};

static enum check_result absent(struct proof_check *c, const char *why)
{
	c->found = why;
	return CHECKED_ABSENT;
}

static enum check_result equal(struct proof_check *c, const char *want, const char *have)
{
	c->expected = want;
	c->found = have ? have : "it does not say";
	return have && !strcmp(want, have) ? CHECKED_PASS : CHECKED_FAIL;
}

static enum check_result check_issuer(struct judging *j, struct proof_check *c)
{
	return j->p->issuer ? equal(c, j->p->issuer, j->f->issuer) : absent(c, "no issuer was named");
}

static enum check_result check_tcb(struct judging *j, struct proof_check *c)
{
	enum tcb_status s = (enum tcb_status)j->f->tcb;
	bool allowed = s == TCB_UPTODATE || (s != TCB_REVOKED && s != TCB_UNKNOWN &&
					     (j->p->tcb == QUOTE_OFF || (j->p->tcb_allowed >> s & 1)));

	c->expected = "UpToDate";
	c->found = *j->f->tcb_word ? j->f->tcb_word : "it does not say";
	c->reason = (int)tcb_reason(s);
	return allowed ? CHECKED_PASS : CHECKED_FAIL;
}

/* A token that does not say counts as debuggable. */
static enum check_result check_debug(struct judging *j, struct proof_check *c)
{
	static const char *const words[] = { "it does not say", "no", "yes" };

	c->expected = "no";
	c->found = words[j->f->debuggable + 1];
	return j->f->debuggable == 0 ? CHECKED_PASS : CHECKED_FAIL;
}

static enum check_result check_nonce(struct judging *j, struct proof_check *c)
{
	return j->p->nonce ? equal(c, j->p->nonce, j->f->nonce) : absent(c, "no challenge was named");
}

static enum check_result check_report_data(struct judging *j, struct proof_check *c)
{
	if (j->p->report_data)
		return equal(c, j->p->report_data, j->f->report_data);
	if (!j->p->fresh)
		return absent(c, "no report data was named");
	c->expected = "an answer to our challenge";
	c->found = j->f->report_data ? j->f->report_data : "it does not say";
	c->reason = PROOF_NONCE_NONE;
	return CHECKED_FAIL;
}

/* A quote that does not hold is nothing to agree with; its own verdict says why. */
static enum check_result check_quote(struct judging *j, struct proof_check *c)
{
	const struct quote_facts *q = j->p->quote;
	enum check_result r;

	if (!q)
		return absent(c, "no quote at hand");
	if (!q->td.mrtd) {
		c->found = "the quote does not hold";
		return CHECKED_FAIL;
	}
	r = equal(c, q->td.mrtd, j->f->mrtd);
	for (size_t i = 0; i < QUOTE_RTMRS && r == CHECKED_PASS; i++)
		r = equal(c, q->td.rtmr[i], j->f->rtmr[i]);
	return r == CHECKED_PASS ? equal(c, q->td.report_data, j->f->report_data) : r;
}

/* A row without a knob is taken as the policy as a whole, and is never switched off: who issued it and whether it contradicts
 * the quote is nothing that a word for levels could excuse. */
#define KNOB(member) offsetof(struct token_policy, member)
#define NO_KNOB      SIZE_MAX
static const struct row {
	const char *id, *name;
	enum proof_reason reason;
	size_t knob;
	enum check_result (*run)(struct judging *j, struct proof_check *c);
} rows[] = {
	{ "J7.issuer", "who issued it", PROOF_ID_ISSUER, NO_KNOB, check_issuer },
	{ "J8.tcb", "TCB status", PROOF_ATT_PARSE, KNOB(tcb), check_tcb },
	{ "J8.debug", "nobody looks in", PROOF_TD_DEBUG, KNOB(td), check_debug },
	{ "J9.nonce", "answers our challenge", PROOF_NONCE_BAD, KNOB(nonce_knob), check_nonce },
	{ "J9.report-data", "and so does its report", PROOF_NONCE_BAD, KNOB(nonce_knob), check_report_data },
	{ "J10.quote", "agrees with the quote", PROOF_JWT_QUOTE_DIFF, NO_KNOB, check_quote },
};

static int knob_of(const struct token_policy *p, const struct row *row)
{
	return row->knob == NO_KNOB ? (int)QUOTE_AS_POLICY
				    : *(const int *)(const void *)((const char *)p + row->knob);
}

/* check_tcb asks itself: a revoked level does not escape. */
static bool is_off(const struct token_policy *p, const struct row *row)
{
	return knob_of(p, row) == QUOTE_OFF && row->knob != KNOB(tcb);
}

static void run_row(struct judging *j, size_t n, struct proof_checks *checks)
{
	struct proof_check *c = vec_push(checks, j->a);

	*c = (struct proof_check){ .evidence = j->f->token_sha,
				   .ordinal = (int64_t)checks->n - 1,
				   .id = rows[n].id,
				   .name = rows[n].name,
				   .reason = (int)rows[n].reason,
				   .expected = "",
				   .found = "" };
	if (is_off(j->p, &rows[n]))
		c->result = absent(c, "switched off");
	else if (j->f->mrtd)
		c->result = TOKEN_RULE_TAMPER(n, rows[n].run(j, c));
	if (c->result != CHECKED_FAIL)
		c->reason = PROOF_OK;
}

static bool strictly(const struct token_policy *p, size_t i, size_t first)
{
	int knob = i < first ? QUOTE_AS_POLICY : knob_of(p, &rows[i - first]);

	return knob == QUOTE_STRICT || (knob != QUOTE_WARN && p->strict);
}

enum proof_status token_judge(const struct token_facts *f, const struct token_policy *p,
			      struct proof_checks *checks, enum proof_reason *reason, const char **detail,
			      struct arena *a)
{
	struct judging j = { f, p, a };
	enum proof_status worst = PROOF_VERIFIED;
	const struct proof_check *by = NULL;
	bool unrun = false;
	size_t first;

	*checks = (struct proof_checks){ 0 };
	vec_each (c, &f->checks)
		*vec_push(checks, a) = *c;
	first = checks->n;
	for (size_t i = 0; i < countof(rows); i++)
		run_row(&j, i, checks);
	for (size_t i = 0; i < checks->n; i++) {
		const struct proof_check *c = &checks->items[i];
		enum proof_status s =
			proof_reason_status((enum proof_reason)c->reason, strictly(p, i, first));

		unrun |= c->result == CHECKED_NOT;
		if (c->result != CHECKED_FAIL || (by && proof_worse(worst, s) == worst))
			continue;
		worst = s;
		by = c;
	}
	*reason = by ? (enum proof_reason)by->reason : PROOF_OK;
	*detail = !by ? "every check holds"
		      : arena_printf(a, "%s: %s: expected %s, found %s", by->id,
				     proof_reason_meaning(*reason), by->expected, by->found);
	if (!by && unrun)
		*detail = "a check was not run";
	return unrun && (!by || worst == PROOF_WARN) ? PROOF_UNCHECKED : worst;
}
