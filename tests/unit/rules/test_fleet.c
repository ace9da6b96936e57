/* Four sources of one machine: what is signed counts, what is pinned is held against it, and who says otherwise is named. And what
 * each comparison of a field with a source is worth: ignored or turned round, a case must come out otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/model/evidence.h"
#include "tests/unit/tdx/mutants.h"

#define RULES                         4 /* of a field; below FLEET_FIELDS what else is looked at stands as one more */
#define FLEET_TAMPER(of, rule, holds) tampered((size_t)(of)*RULES + (rule), holds)
static bool tampered(size_t row, bool holds)
{
	return tamper(row, holds ? CHECKED_FAIL : CHECKED_PASS) == CHECKED_FAIL;
}
#include "core/rules/fleet.c"

#define M  "aa"
#define R  "bb"
#define X  "cc"
#define RD "dd"

/* Good facts; a case changes some of them. */
struct machine {
	struct quote_facts quote;
	struct token_facts token;
	struct fleet_record record;
	struct trusted_size size;
	struct trusted_values values;
	struct fleet_question q;
	struct arena a;
};

static const char *const mrtds[] = { M };

static void check_add(struct proof_checks *checks, struct arena *a, const char *id)
{
	*vec_push(checks, a) =
		(struct proof_check){ .id = id, .result = CHECKED_PASS, .expected = "", .found = "" };
}

static void machine_make(struct machine *m)
{
	static const char *const ids[] = { "T5.level", "T7.level", "T8.level" };

	*m = (struct machine){
		.quote = { .quote_sha = "q",
			   .td = { .mrtd = M,
				   .rtmr = { R, R, R, R },
				   .report_data = RD,
				   .mr_config_id = "00",
				   .mr_owner = "00",
				   .mr_owner_config = "00",
				   .attributes = "0000001000000000" },
			   .level = { .status = TCB_UPTODATE },
			   .module = { .status = TCB_UPTODATE },
			   .enclave = { .status = TCB_UPTODATE } },
		.token = { .token_sha = "t",
			   .mrtd = M,
			   .rtmr = { R, R, R, R },
			   .report_data = RD,
			   .debuggable = 0,
			   .tcb = TCB_UPTODATE,
			   .tcb_word = "UpToDate" },
		.record = { .mrtd = M, .rtmr = { R, R, R, R }, .report_data = RD, .tcb = "UpToDate" },
		.size = { "tiny", M, { R, R, R, R } },
		.values = { .release_tag = "v1",
			    .mrtds = mrtds,
			    .mrtds_n = 1,
			    .sizes_n = 1,
			    .mrtds_by_size = true,
			    .rtmrs_by_size = true },
		.a = ARENA_INIT,
	};
	for (size_t i = 0; i < countof(ids); i++)
		check_add(&m->quote.checks, &m->a, ids[i]);
	check_add(&m->token.checks, &m->a, "J4");
	m->values.sizes = &m->size;
	m->q = (struct fleet_question){
		.quote = &m->quote,
		.token = &m->token,
		.has_token = true,
		.record = &m->record,
		.quote_wanted = true,
		.token_wanted = true,
		.quote_policy = { .strict = true,
				  .values = &m->values,
				  .release_tag = "v1",
				  .node_size = "tiny" },
		.token_policy = { .strict = true, .quote = &m->quote },
	};
}

static void nothing(struct machine *m)
{
	(void)m;
}
static void record_rtmr2(struct machine *m)
{
	m->record.rtmr[2] = X;
}
static void record_silent(struct machine *m)
{
	m->record = (struct fleet_record){ 0 };
}
static void record_upper_case(struct machine *m)
{
	m->record.mrtd = "AA";
}
static void record_tcb(struct machine *m)
{
	m->record.tcb = "OutOfDate";
}
static void all_drift(struct machine *m)
{
	m->quote.td.rtmr[1] = m->token.rtmr[1] = m->record.rtmr[1] = X;
}
static void drift_of_warn(struct machine *m)
{
	all_drift(m);
	m->q.quote_policy.rtmr = QUOTE_WARN;
}
static void drift_of_off(struct machine *m)
{
	all_drift(m);
	m->q.quote_policy.rtmr = QUOTE_OFF;
}
static void forged_report(struct machine *m)
{
	m->quote.td.rtmr[2] = m->token.rtmr[2] = X; /* the record says what is pinned */
}
static void token_other(struct machine *m)
{
	m->token.mrtd = X;
}
/* Both must say what the report data is: a token that does not could be of any other quote of such a machine. */
static void token_without_report(struct machine *m)
{
	m->token.report_data = NULL;
}
static void token_without_report_relaxed(struct machine *m)
{
	m->token.report_data = NULL;
	m->q.quote_policy.strict = m->q.token_policy.strict = false;
}
static void token_without_report_informs(struct machine *m)
{
	m->token.report_data = NULL;
	m->q.token_wanted = false;
}
static void token_only_drift(struct machine *m)
{
	all_drift(m);
	m->q.quote = NULL;
	m->q.quote_wanted = false;
	m->q.token_policy.quote = NULL;
}
static void token_only_unpinned(struct machine *m)
{
	m->q.quote = NULL;
	m->q.quote_wanted = false;
	m->q.token_policy.quote = NULL;
	m->size.rtmr[3] = NULL;
}
static void token_only_unsigned(struct machine *m)
{
	m->q.quote = NULL;
	m->q.quote_wanted = false;
	m->q.token_policy.quote = NULL;
	m->q.quote_policy.values_signed_wanted = true;
}
static void token_only_signed(struct machine *m)
{
	token_only_unsigned(m);
	m->q.quote_policy.values_signed = true;
}
static void token_only_warned(struct machine *m)
{
	token_only_unsigned(m);
	m->q.quote_policy.signature = QUOTE_WARN;
}
static void token_only_other_release(struct machine *m)
{
	token_only_signed(m);
	m->values.release_tag = "v2";
}
static void token_only_no_release(struct machine *m)
{
	token_only_signed(m);
	m->values.release_tag = NULL;
}
static void token_expired(struct machine *m)
{
	*vec_push(&m->token.checks, &m->a) = (struct proof_check){ .id = "J6.current",
								   .result = CHECKED_FAIL,
								   .reason = PROOF_JWT_EXPIRED,
								   .expected = "",
								   .found = "" };
}
static void expired_not_wanted(struct machine *m)
{
	token_expired(m);
	m->q.token_wanted = false;
}
static void no_quote(struct machine *m)
{
	m->q.quote = NULL;
	m->q.token_policy.quote = NULL;
}
static void no_token(struct machine *m)
{
	m->q.token = NULL;
	m->q.has_token = false;
	m->record.tcb = NULL;
}
static void no_keys(struct machine *m)
{
	m->q.token = NULL;
	m->q.token_why = "there are no keys";
}
static void no_values(struct machine *m)
{
	m->q.quote_policy.values = NULL;
}
static void nothing_wanted(struct machine *m)
{
	no_quote(m);
	m->q.quote_wanted = m->q.token_wanted = false;
}
static void debugged(struct machine *m)
{
	m->quote.td.attributes = "0100001000000000";
}
static void size_unknown(struct machine *m)
{
	m->q.quote_policy.node_size = "huge";
}

static const struct {
	const char *what;
	void (*change)(struct machine *m);
	enum proof_status status;
	enum proof_reason reason;
	const char *differs;
} cases[] = {
	{ "good", nothing, PROOF_VERIFIED, PROOF_OK, "" },
	{ "the record differs", record_rtmr2, PROOF_FAILED, PROOF_SRC_DIFF, "rtmr2 (server, quote)" },
	{ "the record is silent", record_silent, PROOF_VERIFIED, PROOF_OK, "" },
	{ "the record is in upper case", record_upper_case, PROOF_VERIFIED, PROOF_OK, "" },
	{ "the record's level", record_tcb, PROOF_FAILED, PROOF_SRC_DIFF, "tcb (server, quote)" },
	{ "drift", all_drift, PROOF_FAILED, PROOF_RTMR_DRIFT, "rtmr1 (pin, quote)" },
	{ "drift, warned of", drift_of_warn, PROOF_WARN, PROOF_RTMR_DRIFT, "rtmr1 (pin, quote)" },
	{ "drift, not compared", drift_of_off, PROOF_VERIFIED, PROOF_OK, "" },
	{ "a forged report", forged_report, PROOF_FAILED, PROOF_RTMR_DRIFT, "rtmr2 (server, pin, quote)" },
	{ "the token differs", token_other, PROOF_FAILED, PROOF_JWT_QUOTE_DIFF, "mrtd (token, quote)" },
	{ "a token without report data", token_without_report, PROOF_FAILED, PROOF_JWT_QUOTE_DIFF, "" },
	{ "a token without report data, relaxed", token_without_report_relaxed, PROOF_FAILED,
	  PROOF_JWT_QUOTE_DIFF, "" },
	{ "a token without report data that is not wanted", token_without_report_informs, PROOF_VERIFIED,
	  PROOF_OK, "" },
	{ "drift by a token alone", token_only_drift, PROOF_FAILED, PROOF_RTMR_DRIFT, "rtmr1 (pin, token)" },
	{ "not pinned, by a token alone", token_only_unpinned, PROOF_FAILED, PROOF_RTMR_ABSENT, "" },
	{ "unsigned pins, by a token alone", token_only_unsigned, PROOF_FAILED, PROOF_REL_ASSET_UNSIGNED,
	  "" },
	{ "signed pins, by a token alone", token_only_signed, PROOF_VERIFIED, PROOF_OK, "" },
	{ "unsigned pins, warned of", token_only_warned, PROOF_WARN, PROOF_REL_ASSET_UNSIGNED, "" },
	{ "another release's pins, by a token alone", token_only_other_release, PROOF_FAILED, PROOF_REL_TAG,
	  "" },
	{ "pins of no release, by a token alone", token_only_no_release, PROOF_FAILED, PROOF_REL_TAG, "" },
	{ "expired", token_expired, PROOF_STALE, PROOF_JWT_EXPIRED, "" },
	{ "expired, not wanted", expired_not_wanted, PROOF_VERIFIED, PROOF_OK, "" },
	{ "no quote", no_quote, PROOF_MISSING, PROOF_ATT_NONE, "" },
	{ "no token", no_token, PROOF_MISSING, PROOF_ATT_NONE, "" },
	{ "no keys", no_keys, PROOF_UNCHECKED, PROOF_OK, "" },
	{ "nothing is pinned", no_values, PROOF_VERIFIED, PROOF_OK, "" },
	{ "nothing is wanted", nothing_wanted, PROOF_MISSING, PROOF_ATT_NONE, "" },
	{ "debugged", debugged, PROOF_FAILED, PROOF_TD_DEBUG, "debug (token, quote)" },
	{ "a size that is not pinned", size_unknown, PROOF_FAILED, PROOF_MRTD_UNKNOWN, "" },
};

static bool case_holds(size_t i, struct buf *why)
{
	struct machine m;
	struct fleet_verdict v;
	bool holds;

	machine_make(&m);
	cases[i].change(&m);
	fleet_judge(&v, &m.q, &m.a);
	holds = v.status == cases[i].status && v.reason == cases[i].reason &&
		!strcmp(v.differs, cases[i].differs) && (v.alarm != NULL) == (*v.differs != 0);
	for (size_t k = v.checks.n - FLEET_FIELDS; k < v.checks.n; k++)
		holds &= v.checks.items[k].ordinal == (int64_t)k;
	holds &= text_eq(v.checks.items[v.checks.n - 1].id, "A7.debug");
	if (!holds && why)
		buf_fmt(why, "%s: %s %s, %s: %s\n", cases[i].what,
			names_word(&proof_status_names, (int)v.status),
			names_word(&proof_reason_names, (int)v.reason), v.differs, v.detail);
	arena_done(&m.a);
	return holds;
}

static void the_worst_of_quote_token_and_agreement(void **state)
{
	autofree(buf) struct buf why = BUF_INIT(65536);

	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		case_holds(i, &why);
	assert_string_equal(why.n ? why.s : "", "");
}

/* ---- each field against each source ---------------------------------------------------------------------------------------- */

static const char *const rule_words[RULES] = { "unpinned", "against pin", "against token", "against record" };

static bool is_measured(size_t field)
{
	return field <= FLEET_FIELD_RTMR3;
}

/* Where a source says it. A token says in a number of its own whether it is debugged, and is told apart. */
static const char **slot(struct machine *m, size_t field, int rule)
{
	const size_t r = field - FLEET_FIELD_RTMR0;

	switch ((enum fleet_field_id)field) {
	case FLEET_FIELD_MRTD:
		return rule == BREAK_TOKEN    ? &m->token.mrtd
		       : rule == BREAK_RECORD ? &m->record.mrtd
					      : &m->size.mrtd;
	case FLEET_FIELD_RTMR0:
	case FLEET_FIELD_RTMR1:
	case FLEET_FIELD_RTMR2:
	case FLEET_FIELD_RTMR3:
		return rule == BREAK_TOKEN    ? &m->token.rtmr[r]
		       : rule == BREAK_RECORD ? &m->record.rtmr[r]
					      : &m->size.rtmr[r];
	case FLEET_FIELD_REPORT_DATA:
		return rule == BREAK_TOKEN ? &m->token.report_data : &m->record.report_data;
	case FLEET_FIELD_TCB:
		return rule == BREAK_TOKEN ? &m->token.tcb_word : &m->record.tcb;
	case FLEET_FIELD_DEBUG:
		return rule == BREAK_TOKEN ? NULL : &m->record.debug;
	case FLEET_FIELDS:
		break;
	}
	return NULL;
}

static enum proof_reason reason_wanted(size_t field, int rule)
{
	const enum proof_reason of[RULES] = {
		[BREAK_UNPINNED] = field == FLEET_FIELD_MRTD ? PROOF_MRTD_UNKNOWN : PROOF_RTMR_ABSENT,
		[BREAK_PIN] = field == FLEET_FIELD_MRTD ? PROOF_MRTD_UNKNOWN : PROOF_RTMR_DRIFT,
		[BREAK_TOKEN] = PROOF_JWT_QUOTE_DIFF,
		[BREAK_RECORD] = PROOF_SRC_DIFF,
	};

	return of[rule];
}

/* That row fails for that reason, no other does, and with it the machine. */
static bool field_holds(size_t field, int rule)
{
	static const char *const others[] = { "server", "pin", "token" };
	const char *const who[RULES] = { "", others[1], others[2], others[0] };
	struct machine m;
	struct fleet_verdict v;
	bool holds;

	machine_make(&m);
	if (slot(&m, field, rule))
		*slot(&m, field, rule) = rule == BREAK_UNPINNED ? NULL : X;
	else
		m.token.debuggable = 1;
	fleet_judge(&v, &m.q, &m.a);
	holds = v.status == PROOF_FAILED;
	for (size_t i = 0; i < FLEET_FIELDS; i++) {
		int reason = v.checks.items[v.checks.n - FLEET_FIELDS + i].reason;

		holds &= reason == (i == field ? (int)reason_wanted(field, rule) : (int)PROOF_OK);
	}
	holds &= !strcmp(v.differs,
			 rule == BREAK_UNPINNED
				 ? ""
				 : arena_printf(&m.a, "%s (%s, quote)",
						names_word(&fleet_field_names, (int)field), who[rule]));
	arena_done(&m.a);
	return holds;
}

/* ---- each value of the chain ---------------------------------------------------------------------------------------------------- */

#define CHAIN_ROW (((size_t)FLEET_FIELDS + 1) * RULES)

static bool chain_holds(size_t i)
{
	struct machine m;
	struct fleet_verdict v;
	struct fleet_chain chain;
	bool holds;

	machine_make(&m);
	m.record.said = "yes";
	chain = (struct fleet_chain){ .told = m.record, .listed = m.record, .at = { 1 }, .claimed_mrtd = M };
	const char **const told[CHAINED + 1] = {
		&chain.told.mrtd,    &chain.told.rtmr[0], &chain.told.rtmr[1], &chain.told.rtmr[2],
		&chain.told.rtmr[3], &chain.told.tcb,     &chain.told.said,    &chain.claimed_mrtd,
	};
	*told[i] = X;
	m.q.chain = &chain;
	fleet_judge(&v, &m.q, &m.a);
	holds = v.status == PROOF_FAILED && v.reason == PROOF_SRC_DIFF &&
		!strcmp(v.chain_differs, i < CHAINED
						 ? arena_printf(&m.a, "%s (list, chain)", chained_names[i])
						 : "mrtd (chain, token)");
	arena_done(&m.a);
	return holds;
}

static void every_value_of_the_chain_is_compared(void **state)
{
	(void)state;
	for (size_t i = 0; i <= CHAINED; i++)
		if (!chain_holds(i))
			fail_msg("the chain's value %zu", i);
}

/* ---- copies ---------------------------------------------------------------------------------------------------------------- */

#define COPIES 2
static const char *const copied_words[COPIES] = { "quote (also of vm-2)", "token (also of vm-2)" };

static bool copy_holds(size_t i)
{
	struct machine m;
	struct fleet_verdict v;
	bool holds = true;

	for (int relaxed = 0; relaxed < 2; relaxed++) {
		machine_make(&m);
		m.q.quote_policy.strict = m.q.token_policy.strict = !relaxed;
		*(i ? &m.q.token_of : &m.q.quote_of) = "vm-2";
		fleet_judge(&v, &m.q, &m.a);
		holds &= v.status == PROOF_FAILED && v.reason == PROOF_EVID_COPIED &&
			 !strcmp(v.differs, copied_words[i]) && v.alarm;
		arena_done(&m.a);
	}
	return holds;
}

static void evidence_of_two_machines_is_an_alarm(void **state)
{
	(void)state;
	for (size_t i = 0; i < COPIES; i++)
		if (!copy_holds(i))
			fail_msg("%s", copied_words[i]);
}

static bool is_rule(size_t row)
{
	if (row >= CHAIN_ROW)
		return row - CHAIN_ROW <= CHAINED + COPIES;

	size_t field = row / RULES, rule = row % RULES;

	return field == FLEET_FIELDS ? rule <= WANTED_RELEASE
				     : is_measured(field) || rule == BREAK_TOKEN || rule == BREAK_RECORD;
}

static void every_field_is_compared_with_every_source(void **state)
{
	(void)state;
	for (size_t row = 0; row < (size_t)FLEET_FIELDS * RULES; row++)
		if (is_rule(row) && !field_holds(row / RULES, (int)(row % RULES)))
			fail_msg("%s: %s", names_word(&fleet_field_names, (int)(row / RULES)),
				 rule_words[row % RULES]);
}

struct mutant_rows {
	size_t n, of[CHAIN_ROW + CHAINED + COPIES + 1];
};
static struct mutant_rows mutated;

/* Cases first, then fields. */
static int first_failing(void *ctx)
{
	(void)ctx;
	mutant.row = mutated.of[mutant.row];
	for (size_t i = 0; i < countof(cases); i++)
		if (!case_holds(i, NULL))
			return (int)i;
	for (size_t row = 0; row < (size_t)FLEET_FIELDS * RULES; row++)
		if (is_rule(row) && !field_holds(row / RULES, (int)(row % RULES)))
			return (int)(countof(cases) + row);
	for (size_t i = 0; i <= CHAINED; i++)
		if (!chain_holds(i))
			return (int)(countof(cases) + CHAIN_ROW + i);
	for (size_t i = 0; i < COPIES; i++)
		if (!copy_holds(i))
			return (int)(countof(cases) + CHAIN_ROW + CHAINED + 1 + i);
	return -1;
}

static const char *name_of(size_t i)
{
	static const char *const wants[] = { "the quote counts", "the token counts", "pins signed",
					     "pins of the release" };
	static char name[64];
	size_t row = mutated.of[i], field = row / RULES;

	if (row > CHAIN_ROW + CHAINED)
		return copied_words[row - CHAIN_ROW - CHAINED - 1];
	if (row >= CHAIN_ROW) {
		snprintf(name, sizeof(name), "A8.chain %s",
			 row - CHAIN_ROW < CHAINED ? chained_names[row - CHAIN_ROW] : "mrtd of the token");
		return name;
	}
	if (field == FLEET_FIELDS)
		return wants[row % RULES];
	snprintf(name, sizeof(name), "A%zu.%s %s", field, names_word(&fleet_field_names, (int)field),
		 rule_words[row % RULES]);
	return name;
}

static void every_mutant_is_seen(void **state)
{
	(void)state;
	for (size_t row = 0; row < countof(mutated.of); row++)
		if (is_rule(row))
			mutated.of[mutated.n++] = row;
	assert_int_equal(mutants_of(mutated.n, name_of, first_failing, NULL), 0);
}

/* On a relaxed lane a record that differs is a warning, and broken cryptography is not. */
static void relaxed_warns_of_what_is_recorded(void **state)
{
	struct machine m;
	struct fleet_verdict v;

	(void)state;
	machine_make(&m);
	record_rtmr2(&m);
	m.q.quote_policy.strict = m.q.token_policy.strict = false;
	fleet_judge(&v, &m.q, &m.a);
	assert_int_equal(v.status, PROOF_WARN);
	assert_int_equal(v.reason, PROOF_SRC_DIFF);
	*vec_push(&m.quote.checks, &m.a) = (struct proof_check){
		.id = "T6", .result = CHECKED_FAIL, .reason = PROOF_TDX_QSIG, .expected = "", .found = ""
	};
	fleet_judge(&v, &m.q, &m.a);
	assert_int_equal(v.status, PROOF_FAILED);
	assert_int_equal(v.reason, PROOF_TDX_QSIG);
	arena_done(&m.a);
}

/* A warning excuses nothing that was not looked at. */
static void a_warning_hides_nothing_unchecked(void **state)
{
	struct machine m;
	struct fleet_verdict v;

	(void)state;
	machine_make(&m);
	record_rtmr2(&m);
	no_keys(&m);
	m.q.quote_policy.strict = m.q.token_policy.strict = false;
	fleet_judge(&v, &m.q, &m.a);
	assert_int_equal(v.quote, PROOF_VERIFIED);
	assert_int_equal(v.token, PROOF_UNCHECKED);
	assert_int_equal(v.status, PROOF_UNCHECKED);
	arena_done(&m.a);
}

static const struct chain_case {
	const char *name;
	const char *rtmr2, *tcb, *said, *claimed,
		*then; /* as the chain tells it; then: of rtmr2, by the list when it was read */
	bool relaxed;
	enum check_result result;
	enum proof_status status;
	const char *differs;
} chain_cases[] = {
	{ "as the list", R, "UpToDate", "yes", M, R, false, CHECKED_PASS, PROOF_VERIFIED, "" },
	{ "in upper case", "BB", "UpToDate", "yes", "AA", R, false, CHECKED_PASS, PROOF_VERIFIED, "" },
	{ "silent", NULL, NULL, NULL, NULL, R, false, CHECKED_PASS, PROOF_VERIFIED, "" },
	{ "a measurement", X, "UpToDate", "yes", M, R, false, CHECKED_FAIL, PROOF_FAILED,
	  "rtmr2 (list, chain)" },
	{ "relaxed", X, "UpToDate", "yes", M, R, true, CHECKED_FAIL, PROOF_WARN, "rtmr2 (list, chain)" },
	{ "a level", R, "OutOfDate", "yes", M, R, false, CHECKED_FAIL, PROOF_FAILED, "tcb (list, chain)" },
	{ "its word", R, "UpToDate", "no", M, R, false, CHECKED_FAIL, PROOF_FAILED,
	  "verified (list, chain)" },
	{ "what the token says", R, "UpToDate", "yes", X, R, false, CHECKED_FAIL, PROOF_FAILED,
	  "mrtd (chain, token)" },
	{ "of before", X, "UpToDate", "yes", M, X, false, CHECKED_ABSENT, PROOF_VERIFIED, "" },
};

static void a_control_plane_may_contradict_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(chain_cases); i++) {
		const struct chain_case *c = &chain_cases[i];
		const struct proof_check *last;
		struct fleet_verdict v;
		struct fleet_chain chain;
		struct machine m;

		machine_make(&m);
		m.record.said = "yes";
		chain = (struct fleet_chain){
			.told = m.record, .listed = m.record, .claimed_mrtd = c->claimed, .at = { 1000 }
		};
		chain.told.rtmr[2] = c->rtmr2;
		chain.told.tcb = c->tcb;
		chain.told.said = c->said;
		chain.listed.rtmr[2] = c->then;
		m.q.chain = &chain;
		if (c->relaxed)
			m.q.quote_policy.strict = m.q.token_policy.strict = false;
		fleet_judge(&v, &m.q, &m.a);
		last = &v.checks.items[v.checks.n - 1];
		if (strcmp(last->id, "A8.chain") != 0 || last->result != (int)c->result ||
		    v.status != c->status || strcmp(v.differs, c->differs) != 0)
			fail_msg("%s: %s %s %s: %s", c->name, last->id,
				 names_word(&check_result_names, last->result),
				 names_word(&proof_status_names, (int)v.status), v.differs);
		arena_done(&m.a);
	}
}

/* A chain that was never read compares nothing, and says why. */
static void a_chain_that_was_not_read_says_so(void **state)
{
	struct fleet_chain chain = { .why = "the control plane has no chain of it", .at = WHEN_NONE };
	struct fleet_verdict v;
	struct machine m;

	(void)state;
	machine_make(&m);
	m.q.chain = &chain;
	fleet_judge(&v, &m.q, &m.a);
	assert_int_equal(v.status, PROOF_VERIFIED);
	assert_string_equal(v.checks.items[v.checks.n - 1].found, chain.why);
	assert_int_equal(v.checks.items[v.checks.n - 1].result, CHECKED_ABSENT);
	arena_done(&m.a);
}

static void what_an_administrator_relaxed_is_told(void **state)
{
	static const char *const order[] = { "strict", "warn", "disabled", NULL };
	static const struct {
		const char *declared, *effective, *source;
		enum drift_verdict verdict;
		const char *detail;
	} rows[] = {
		{ "strict", "strict", "env", DRIFT_EQUAL, "" },
		{ "strict", "warn", "db", DRIFT_OTHER,
		  "an administrator set it in the running system: relaxed: strict is declared" },
		{ "strict", "warn", "env", DRIFT_OTHER, "relaxed: strict is declared" },
		{ "strict", "", "", DRIFT_UNKNOWN, "what is in force was not read" },
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct fleet_fact f = { .declared = rows[i].declared,
					.effective = rows[i].effective,
					.source = rows[i].source,
					.detail = "" };

		fleet_policy_judge(&f, order, true, &a);
		assert_int_equal(f.verdict, rows[i].verdict);
		assert_string_equal(f.detail, rows[i].detail);
	}
	arena_done(&a);
}

static void extra_measurements_are_flagged(void **state)
{
	const struct trusted_size size = { "llm", X, { NULL } };
	const struct trusted_values values = {
		.mrtds = mrtds, .mrtds_n = 1, .sizes = (struct trusted_size *)&size, .sizes_n = 1
	};
	static const struct {
		const char *name;
		enum drift_verdict verdict;
	} rows[] = { { M, DRIFT_EQUAL }, { X, DRIFT_EQUAL }, { "ff", DRIFT_OTHER } };
	struct fleet_fact f = { .name = M };

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		f.name = rows[i].name;
		fleet_mrtd_judge(&f, &values);
		assert_int_equal(f.verdict, rows[i].verdict);
	}
	fleet_mrtd_judge(&f, NULL);
	assert_int_equal(f.verdict, DRIFT_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worst_of_quote_token_and_agreement),
		cmocka_unit_test(every_field_is_compared_with_every_source),
		cmocka_unit_test(every_value_of_the_chain_is_compared),
		cmocka_unit_test(evidence_of_two_machines_is_an_alarm),
		cmocka_unit_test(every_mutant_is_seen),
		cmocka_unit_test(relaxed_warns_of_what_is_recorded),
		cmocka_unit_test(a_warning_hides_nothing_unchecked),
		cmocka_unit_test(a_control_plane_may_contradict_itself),
		cmocka_unit_test(a_chain_that_was_not_read_says_so),
		cmocka_unit_test(what_an_administrator_relaxed_is_told),
		cmocka_unit_test(extra_measurements_are_flagged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
