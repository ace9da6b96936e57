#include "core/rules/quote.h"

#include "base/text.h"

/* A test that asks what each check is worth replaces this, and no program does. */
#ifndef RULE_TAMPER
#define RULE_TAMPER(row, result) (result)
#endif

static const char *const knob_words[] = { "policy", "strict", "warn", "off" };
const struct names quote_knob_names = NAMES(knob_words);

/* ---- T9: what the levels come to ------------------------------------------------------------------------------------------- */

/* Of platform and module, or of that and the quoting enclave: the second is only up to date, out of date or revoked. */
static enum tcb_status converge(enum tcb_status platform, enum tcb_status part)
{
	if (platform == TCB_UNKNOWN || part == TCB_UNKNOWN)
		return TCB_UNKNOWN;
	if (platform == TCB_REVOKED || part == TCB_REVOKED)
		return TCB_REVOKED;
	if (platform == TCB_NOTSUPPORTED || part == TCB_NOTSUPPORTED)
		return TCB_NOTSUPPORTED;
	if (part != TCB_OUTOFDATE)
		return part == TCB_UPTODATE ? platform : TCB_UNKNOWN; /* these have no other words */
	if (platform == TCB_CONFIG || platform == TCB_CONFIG_SWHARDENING)
		return TCB_OUTOFDATE_CONFIG;
	return platform == TCB_UPTODATE || platform == TCB_SWHARDENING ? TCB_OUTOFDATE : platform;
}

static bool is_old(enum tcb_status s)
{
	return s == TCB_OUTOFDATE || s == TCB_OUTOFDATE_CONFIG;
}

/* What it was launched with is old and what it runs on is not: launching it again is all that is needed. */
static enum tcb_status relaunch(const struct quote_facts *f, enum tcb_status launched)
{
	enum tcb_status now =
		converge((enum tcb_status)f->level_now.status, (enum tcb_status)f->module_now.status);

	if (!f->td15 || !is_old(launched) || f->enclave.status != TCB_UPTODATE)
		return launched;
	if (now == TCB_UPTODATE || now == TCB_SWHARDENING)
		return TCB_RELAUNCH;
	return now == TCB_CONFIG || now == TCB_CONFIG_SWHARDENING ? TCB_RELAUNCH_CONFIG : launched;
}

enum tcb_status quote_converge(const struct quote_facts *f)
{
	enum tcb_status s = converge((enum tcb_status)f->level.status, (enum tcb_status)f->module.status);

	return relaunch(f, converge(s, (enum tcb_status)f->enclave.status));
}

enum proof_reason tcb_reason(enum tcb_status s)
{
	static const enum proof_reason of[] = {
		[TCB_UNKNOWN] = PROOF_ATT_PARSE,
		[TCB_UPTODATE] = PROOF_OK,
		[TCB_SWHARDENING] = PROOF_TCB_SWHARDENING,
		[TCB_CONFIG] = PROOF_TCB_CONFIG,
		[TCB_CONFIG_SWHARDENING] = PROOF_TCB_CONFIG,
		[TCB_OUTOFDATE] = PROOF_TCB_OUTOFDATE,
		[TCB_OUTOFDATE_CONFIG] = PROOF_TCB_OUTOFDATE,
		[TCB_RELAUNCH] = PROOF_TCB_RELAUNCH,
		[TCB_RELAUNCH_CONFIG] = PROOF_TCB_RELAUNCH,
		[TCB_REVOKED] = PROOF_TCB_REVOKED,
		[TCB_NOTSUPPORTED] = PROOF_TCB_NOTSUPPORTED,
	};

	return (size_t)s < countof(of) ? of[s] : PROOF_ATT_PARSE;
}

/* ---- the checks ---------------------------------------------------------------------------------------------------------------- */

struct judging {
	const struct quote_facts *f;
	const struct quote_policy *p;
	struct arena *a;
	size_t i; /* the register that a row is about */
};
typedef enum check_result (*check_fn)(struct judging *j, struct proof_check *c);

static enum check_result absent(struct proof_check *c, const char *why)
{
	c->found = why;
	return CHECKED_ABSENT;
}

static enum check_result equal(struct proof_check *c, const char *want, const char *have)
{
	c->expected = want;
	c->found = have;
	return strcasecmp(want, have) == 0 ? CHECKED_PASS : CHECKED_FAIL;
}

static bool has_level(const struct proof_checks *checks, const char *id)
{
	vec_each (c, checks)
		if (text_eq(c->id, id))
			return c->result == CHECKED_PASS;
	return false;
}

/* A level that was not found has told so itself. */
static enum check_result check_tcb(struct judging *j, struct proof_check *c)
{
	enum tcb_status s = quote_converge(j->f);
	bool allowed = s == TCB_UPTODATE || (s != TCB_REVOKED && s != TCB_UNKNOWN &&
					     (j->p->tcb == QUOTE_OFF || (j->p->tcb_allowed >> s & 1)));

	if (!has_level(&j->f->checks, "T8.level") || !has_level(&j->f->checks, "T7.level") ||
	    !has_level(&j->f->checks, "T5.level"))
		return CHECKED_NOT;
	c->expected = j->p->tcb_allowed ? "UpToDate, or a word that the policy allows" : "UpToDate";
	c->found = names_word(&tcb_status_names, s);
	c->reason = (int)tcb_reason(s);
	return allowed ? CHECKED_PASS : CHECKED_FAIL;
}

/* Bit n of the attributes: the first byte holds bits 0 to 7. */
static unsigned attribute_byte(const struct quote_facts *f, size_t i)
{
	const char digits[3] = { f->td.attributes[2 * i], f->td.attributes[2 * i + 1], 0 };

	return (unsigned)strtoul(digits, NULL, 16);
}

/* The first byte is "TD under debug": any bit of it means that somebody outside can look in. */
static enum check_result check_debug(struct judging *j, struct proof_check *c)
{
	c->expected = "attributes 0 to 7 clear";
	c->found = j->f->td.attributes;
	return attribute_byte(j->f, 0) ? CHECKED_FAIL : CHECKED_PASS;
}

/* LASS 27, SEPT_VE_DISABLE 28, MIGRATABLE 29, PKS 30, KL 31, TPA 62, PERFMON 63; the rest is reserved (TDX module, 3.4.1). */
static enum check_result check_reserved(struct judging *j, struct proof_check *c)
{
	static const unsigned known[8] = { 0xff, 0, 0, 0xf8, 0, 0, 0, 0xc0 };
	enum check_result r = CHECKED_PASS;

	c->expected = "no reserved attribute";
	c->found = j->f->td.attributes;
	for (size_t i = 0; i < countof(known); i++)
		if (attribute_byte(j->f, i) & ~known[i])
			r = CHECKED_FAIL;
	return r;
}

static enum check_result check_sept(struct judging *j, struct proof_check *c)
{
	if (!j->p->sept_ve)
		return absent(c, "not demanded");
	c->expected = "attribute 28 set";
	c->found = j->f->td.attributes;
	return attribute_byte(j->f, 3) & 0x10 ? CHECKED_PASS : CHECKED_FAIL;
}

static enum check_result check_service(struct judging *j, struct proof_check *c)
{
	const char *mr = j->f->td.mr_service_td;

	if (!mr || j->p->service_td)
		return absent(c, mr ? "allowed" : "a TD 1.0 has none");
	c->expected = "none";
	c->found = mr;
	return strspn(mr, "0") == strlen(mr) ? CHECKED_PASS : CHECKED_FAIL;
}

static enum check_result pinned(struct proof_check *c, const char *want, const char *have)
{
	return want ? equal(c, want, have) : absent(c, "not pinned");
}

static enum check_result check_config(struct judging *j, struct proof_check *c)
{
	return pinned(c, j->p->mr_config_id, j->f->td.mr_config_id);
}

static enum check_result check_owner(struct judging *j, struct proof_check *c)
{
	return pinned(c, j->p->mr_owner, j->f->td.mr_owner);
}

static enum check_result check_owner_config(struct judging *j, struct proof_check *c)
{
	return pinned(c, j->p->mr_owner_config, j->f->td.mr_owner_config);
}

static enum check_result check_platform(struct judging *j, struct proof_check *c)
{
	const struct quote_platform *p = &j->f->platform;

	if (!j->p->platforms_n)
		return absent(c, "not pinned");
	c->expected = "a pinned FMSPC or PPID";
	c->found = arena_printf(j->a, "FMSPC %s, PPID %s", p->fmspc, p->ppid);
	for (size_t i = 0; i < j->p->platforms_n; i++)
		if (!strcasecmp(j->p->platforms[i], p->fmspc) || !strcasecmp(j->p->platforms[i], p->ppid))
			return CHECKED_PASS;
	return CHECKED_FAIL;
}

static enum check_result check_nonce(struct judging *j, struct proof_check *c)
{
	const char *have = j->f->td.report_data;

	if (j->p->report_data)
		return equal(c, j->p->report_data, have);
	if (!j->p->fresh)
		return absent(c, "no challenge was named");
	c->expected = "an answer to our challenge";
	c->found = have;
	c->reason = PROOF_NONCE_NONE;
	return CHECKED_FAIL;
}

#define AHEAD_MS \
	INT64_C(120000) /* clocks differ (attestation reference, 3); what is further ahead is of no known age */

static enum check_result check_age(struct judging *j, struct proof_check *c)
{
	const struct quote_policy *p = j->p;
	char limit[WHEN_TEXT], age[WHEN_TEXT];
	int64_t old = when_diff(p->now, p->taken);

	if (!p->max_age)
		return absent(c, "no limit");
	c->expected = arena_printf(j->a, "at most %s old", when_age(p->max_age, limit));
	c->found = when_known(p->taken) ? arena_strdup(j->a, when_age(old, age)) : "of unknown age";
	return when_known(p->taken) && old >= -AHEAD_MS && old <= p->max_age ? CHECKED_PASS : CHECKED_FAIL;
}

/* ---- T12: what the release has pinned --------------------------------------------------------------------------------------------- */

static const struct trusted_size *size_named(const struct trusted_values *v, const char *size)
{
	for (size_t i = 0; i < v->sizes_n; i++)
		if (text_eq(v->sizes[i].size, size))
			return &v->sizes[i];
	return NULL;
}

const char *trusted_mrtd(const struct trusted_values *v, const char *size)
{
	const struct trusted_size *s = size ? size_named(v, size) : NULL;

	if (size && v->mrtds_by_size)
		return s ? s->mrtd : NULL;
	return v->mrtds_n == 1 ? v->mrtds[0] : NULL;
}

const char *trusted_rtmr(const struct trusted_values *v, const char *size, size_t i)
{
	const struct trusted_size *s = size ? size_named(v, size) : NULL;

	if (size && v->rtmrs_by_size)
		return s ? s->rtmr[i] : NULL;
	return v->rtmr[i];
}

bool trusted_is_listed(const struct trusted_values *v, const char *mrtd)
{
	for (size_t i = 0; mrtd && i < v->mrtds_n; i++)
		if (text_eq(v->mrtds[i], mrtd))
			return true;
	return false;
}

static enum check_result check_signed(struct judging *j, struct proof_check *c)
{
	if (!j->p->values || !j->p->values_signed_wanted)
		return absent(c, j->p->values ? "not looked for" : "no trusted values");
	c->expected = "a valid attestation over the trusted values";
	c->found = j->p->values_signed ? "verified" : "none";
	return j->p->values_signed ? CHECKED_PASS : CHECKED_FAIL;
}

/* A tag that the file does not say is not ours. */
static enum check_result check_tag(struct judging *j, struct proof_check *c)
{
	if (!j->p->values || !j->p->release_tag)
		return absent(c, j->p->values ? "no release was named" : "no trusted values");
	c->expected = j->p->release_tag;
	c->found = j->p->values->release_tag ? j->p->values->release_tag : "the file names no release";
	return text_eq(j->p->release_tag, j->p->values->release_tag) ? CHECKED_PASS : CHECKED_FAIL;
}

/* In the list, and where the file pins by size the one of this size. */
static enum check_result check_mrtd(struct judging *j, struct proof_check *c)
{
	const struct trusted_values *v = j->p->values;
	const char *want;

	if (!v)
		return absent(c, "no trusted values");
	c->found = j->f->td.mrtd;
	c->expected = v->mrtds_n == 1 ? v->mrtds[0]
				      : arena_printf(j->a, "one of %zu pinned measurements", v->mrtds_n);
	if (j->p->node_size && v->mrtds_by_size) {
		want = trusted_mrtd(v, j->p->node_size);
		c->expected = want ? want : "no measurement is pinned for this size";
		if (!want || !text_eq(want, j->f->td.mrtd))
			return CHECKED_FAIL;
		return !v->mrtds_n || trusted_is_listed(v, want) ? CHECKED_PASS : CHECKED_FAIL;
	}
	return trusted_is_listed(v, j->f->td.mrtd) ? CHECKED_PASS : CHECKED_FAIL;
}

/* What is not pinned equals nothing. */
static enum check_result check_rtmr(struct judging *j, struct proof_check *c)
{
	const struct trusted_values *v = j->p->values;
	const char *want;

	if (!v)
		return absent(c, "no trusted values");
	want = trusted_rtmr(v, j->p->node_size, j->i);
	if (want)
		return equal(c, want, j->f->td.rtmr[j->i]);
	c->expected = "it is not pinned";
	c->found = j->f->td.rtmr[j->i];
	c->reason = PROOF_RTMR_ABSENT;
	return CHECKED_FAIL;
}

static enum check_result check_log(struct judging *j, struct proof_check *c)
{
	if (!j->p->log)
		return absent(c, j->p->log_why ? j->p->log_why : "no event log");
	return equal(c, j->p->log->rtmr[j->i], j->f->td.rtmr[j->i]);
}

/* ---- the table ---------------------------------------------------------------------------------------------------------------------- */

#define KNOB(member) offsetof(struct quote_policy, member)
static const struct row {
	const char *id, *name;
	enum proof_reason reason;
	size_t knob;
	check_fn run;
	size_t i;
} rows[] = {
	{ "T9.tcb", "TCB status", PROOF_ATT_PARSE, KNOB(tcb), check_tcb, 0 },
	{ "T10.debug", "nobody looks in", PROOF_TD_DEBUG, KNOB(td), check_debug, 0 },
	{ "T10.reserved", "reserved attributes", PROOF_TD_ATTRIBUTES, KNOB(td), check_reserved, 0 },
	{ "T10.sept-ve", "SEPT_VE_DISABLE", PROOF_TD_ATTRIBUTES, KNOB(td), check_sept, 0 },
	{ "T10.service", "no service TD", PROOF_TD_SERVICE, KNOB(td), check_service, 0 },
	{ "T10.config", "MRCONFIGID", PROOF_TD_ATTRIBUTES, KNOB(td), check_config, 0 },
	{ "T10.owner", "MROWNER", PROOF_TD_ATTRIBUTES, KNOB(td), check_owner, 0 },
	{ "T10.owner-config", "MROWNERCONFIG", PROOF_TD_ATTRIBUTES, KNOB(td), check_owner_config, 0 },
	{ "T10.platform", "a pinned platform", PROOF_TDX_PLATFORM, KNOB(td), check_platform, 0 },
	{ "T11.report-data", "answers our challenge", PROOF_NONCE_BAD, KNOB(nonce), check_nonce, 0 },
	{ "T11.age", "age of the evidence", PROOF_EVID_OLD, KNOB(age), check_age, 0 },
	{ "T12.signed", "trusted values attested", PROOF_REL_ASSET_UNSIGNED, KNOB(signature), check_signed,
	  0 },
	{ "T12.tag", "trusted values of the release", PROOF_REL_TAG, KNOB(signature), check_tag, 0 },
	{ "T12.mrtd", "MRTD", PROOF_MRTD_UNKNOWN, KNOB(rtmr), check_mrtd, 0 },
	{ "T12.rtmr0", "RTMR0", PROOF_RTMR_DRIFT, KNOB(rtmr), check_rtmr, 0 },
	{ "T12.rtmr1", "RTMR1", PROOF_RTMR_DRIFT, KNOB(rtmr), check_rtmr, 1 },
	{ "T12.rtmr2", "RTMR2", PROOF_RTMR_DRIFT, KNOB(rtmr), check_rtmr, 2 },
	{ "T12.rtmr3", "RTMR3", PROOF_RTMR_DRIFT, KNOB(rtmr), check_rtmr, 3 },
	{ "T12.log0", "RTMR0 by its events", PROOF_RTMR_DRIFT, KNOB(rtmr), check_log, 0 },
	{ "T12.log1", "RTMR1 by its events", PROOF_RTMR_DRIFT, KNOB(rtmr), check_log, 1 },
	{ "T12.log2", "RTMR2 by its events", PROOF_RTMR_DRIFT, KNOB(rtmr), check_log, 2 },
	{ "T12.log3", "RTMR3 by its events", PROOF_RTMR_DRIFT, KNOB(rtmr), check_log, 3 },
};

static int knob_of(const struct quote_policy *p, const struct row *row)
{
	return *(const int *)(const void *)((const char *)p + row->knob);
}

/* A row that is switched off is told as not compared. Nothing is compared with what nobody signed. */
static void run_row(struct judging *j, size_t n, struct proof_checks *checks)
{
	const struct row *row = &rows[n];
	struct proof_check *c = vec_push(checks, j->a);

	*c = (struct proof_check){ .evidence = j->f->quote_sha,
				   .ordinal = (int64_t)checks->n - 1,
				   .id = row->id,
				   .name = row->name,
				   .reason = (int)row->reason,
				   .expected = "",
				   .found = "" };
	j->i = row->i;
	if (knob_of(j->p, row) == QUOTE_OFF && row->run != check_tcb) /* which revoked ones do not escape */
		c->result = absent(c, "switched off");
	else if (j->f->td.mrtd)
		c->result = RULE_TAMPER(n, row->run(j, c));
	if (c->result != CHECKED_FAIL)
		c->reason = PROOF_OK;
}

/* ---- the verdict ----------------------------------------------------------------------------------------------------------------------- */

static enum proof_status status_by(int knob, bool strict, const struct proof_check *c)
{
	enum proof_reason r = (enum proof_reason)c->reason;

	if (knob == QUOTE_STRICT || knob == QUOTE_WARN)
		return proof_reason_status(r, knob == QUOTE_STRICT);
	return proof_reason_status(r, strict);
}

struct tally {
	enum proof_status worst;
	const struct proof_check *by; /* the first of the worst */
	bool unrun;
};

static void count(struct tally *t, const struct proof_check *c, int knob, bool strict)
{
	enum proof_status s;

	t->unrun |= c->result == CHECKED_NOT;
	if (c->result != CHECKED_FAIL)
		return;
	s = status_by(knob, strict, c);
	if (t->by && proof_worse(t->worst, s) == t->worst)
		return;
	t->worst = s;
	t->by = c;
}

/* Without a failure every check must have run. A failure explains why what follows from it was not run; but a warning does
 * not excuse that, for nothing was found good. */
static enum proof_status conclude(const struct tally *t, enum proof_reason *reason, const char **detail,
				  struct arena *a)
{
	const struct proof_check *c = t->by;

	*reason = c ? (enum proof_reason)c->reason : PROOF_OK;
	*detail = !c ? t->unrun ? "a check was not run" : "every check holds"
		     : arena_printf(a, "%s: %s: expected %s, found %s", c->id, proof_reason_meaning(*reason),
				    c->expected, c->found);
	if (c)
		return t->worst;
	return t->unrun ? PROOF_UNCHECKED : PROOF_VERIFIED;
}

static int knob_of_id(const struct quote_policy *p, const char *id)
{
	return text_starts(id, "T5.level") || text_starts(id, "T7.level") || text_starts(id, "T8.")
		       ? p->tcb
		       : QUOTE_AS_POLICY;
}

enum proof_status quote_judge(const struct quote_facts *f, const struct quote_policy *p,
			      struct proof_checks *checks, enum proof_reason *reason, const char **detail,
			      struct arena *a)
{
	struct judging j = { .f = f, .p = p, .a = a };
	struct tally t = { 0 };
	enum proof_status s;
	size_t first;

	*checks = (struct proof_checks){ 0 };
	vec_each (c, &f->checks)
		*vec_push(checks, a) = *c;
	first = checks->n;
	for (size_t i = 0; i < countof(rows); i++)
		run_row(&j, i, checks);
	for (size_t i = 0; i < checks->n; i++)
		count(&t, &checks->items[i],
		      i < first ? knob_of_id(p, checks->items[i].id) : knob_of(p, &rows[i - first]),
		      p->strict);
	s = conclude(&t, reason, detail, a);
	return s == PROOF_WARN && !f->td.mrtd ? PROOF_UNCHECKED
					      : s; /* no warning stands for what nobody signed */
}
