/* Each check that policy adds to a quote, ignored and turned round. */
#include "tests/unit/tdx/cases.h"
#include "tests/unit/tdx/mutants.h"

#define RULE_TAMPER(row, result) tamper((row), (result))
#include "core/rules/quote.c"

/* A good quote under a policy that it meets in all but one thing. */
struct policy_case {
	const char *name;
	enum tdx_fault fault;
	void (*spoil)(struct quote_policy *p, struct trusted_values *v, struct quote_log *l);
	enum proof_status strict, relaxed;
	enum proof_reason reason;
};

#define SPOIL(name, what)                                                                                    \
	static void spoil_##name(struct quote_policy *p maybe_unused, struct trusted_values *v maybe_unused, \
				 struct quote_log *l maybe_unused)                                           \
	{                                                                                                    \
		what;                                                                                        \
	}
SPOIL(nothing, (void)0)
SPOIL(sept, p->sept_ve = true)
SPOIL(config, p->mr_config_id = MK_48("22"))
SPOIL(owner, p->mr_owner = MK_48("22"))
SPOIL(owner_config, p->mr_owner_config = MK_48("22"))
SPOIL(platform, p->platforms_n = 1)
SPOIL(nonce, p->report_data = MK_64("5b"))
SPOIL(no_nonce, p->report_data = NULL)
SPOIL(age, p->taken.ms -= 2000)
SPOIL(no_age, p->taken = WHEN_NONE)
SPOIL(ahead, p->taken.ms = p->now.ms + 121000)
SPOIL(unsigned_, p->values_signed = false)
SPOIL(tag, v->release_tag = "v2")
SPOIL(no_tag, v->release_tag = NULL)
SPOIL(mrtd, v->sizes[0].mrtd = MK_48("22"))
SPOIL(size, p->node_size = "huge")
SPOIL(list, v->mrtds_n = 0; p->node_size = NULL)
SPOIL(rtmr0, v->sizes[0].rtmr[0] = MK_48("22"))
SPOIL(rtmr1, v->sizes[0].rtmr[1] = MK_48("22"))
SPOIL(rtmr2, v->sizes[0].rtmr[2] = MK_48("20"))
SPOIL(rtmr3, v->sizes[0].rtmr[3] = MK_48("22"))
SPOIL(absent, v->sizes[0].rtmr[3] = NULL)
SPOIL(log0, l->rtmr[0] = MK_48("22"))
SPOIL(log1, l->rtmr[1] = MK_48("22"))
SPOIL(log2, l->rtmr[2] = MK_48("20"))
SPOIL(log3, l->rtmr[3] = MK_48("22"))
SPOIL(warned, p->rtmr = QUOTE_WARN; v->sizes[0].rtmr[3] = NULL)
SPOIL(strictly, p->nonce = QUOTE_STRICT; p->report_data = NULL)
SPOIL(off, p->rtmr = QUOTE_OFF; v->sizes[0].rtmr[3] = NULL)
SPOIL(allowed, p->tcb_allowed = 1U << TCB_OUTOFDATE)
SPOIL(never, p->tcb = QUOTE_OFF; p->tcb_allowed = ~0U)

#define V PROOF_VERIFIED
#define W PROOF_WARN
#define F PROOF_FAILED
static const struct policy_case cases[] = {
	{ "all that is pinned", TDX_FAULT_good, spoil_nothing, V, V, PROOF_OK },
	{ "out of date", TDX_FAULT_out_of_date, spoil_nothing, F, W, PROOF_TCB_OUTOFDATE },
	{ "out of date is allowed", TDX_FAULT_out_of_date, spoil_allowed, V, V, PROOF_OK },
	{ "an unknown word never is", TDX_FAULT_word, spoil_never, F, F, PROOF_ATT_PARSE },
	{ "debug", TDX_FAULT_debug, spoil_nothing, F, W, PROOF_TD_DEBUG },
	{ "a reserved attribute", TDX_FAULT_reserved, spoil_nothing, F, W, PROOF_TD_ATTRIBUTES },
	{ "a service TD", TDX_FAULT_service, spoil_nothing, F, W, PROOF_TD_SERVICE },
	{ "SEPT_VE_DISABLE is there", TDX_FAULT_good, spoil_sept, V, V, PROOF_OK },
	{ "SEPT_VE_DISABLE is not", TDX_FAULT_sept, spoil_sept, F, W, PROOF_TD_ATTRIBUTES },
	{ "MRCONFIGID", TDX_FAULT_good, spoil_config, F, W, PROOF_TD_ATTRIBUTES },
	{ "MROWNER", TDX_FAULT_good, spoil_owner, F, W, PROOF_TD_ATTRIBUTES },
	{ "MROWNERCONFIG", TDX_FAULT_good, spoil_owner_config, F, W, PROOF_TD_ATTRIBUTES },
	{ "another platform", TDX_FAULT_good, spoil_platform, F, W, PROOF_TDX_PLATFORM },
	{ "another challenge", TDX_FAULT_good, spoil_nonce, F, W, PROOF_NONCE_BAD },
	{ "no challenge", TDX_FAULT_good, spoil_no_nonce, F, W, PROOF_NONCE_NONE },
	{ "old", TDX_FAULT_good, spoil_age, PROOF_STALE, W, PROOF_EVID_OLD },
	{ "of unknown age", TDX_FAULT_good, spoil_no_age, PROOF_STALE, W, PROOF_EVID_OLD },
	{ "of the future", TDX_FAULT_good, spoil_ahead, PROOF_STALE, W, PROOF_EVID_OLD },
	{ "values without attestation", TDX_FAULT_good, spoil_unsigned_, F, W, PROOF_REL_ASSET_UNSIGNED },
	{ "another release", TDX_FAULT_good, spoil_tag, F, F, PROOF_REL_TAG },
	{ "no release", TDX_FAULT_good, spoil_no_tag, F, F, PROOF_REL_TAG },
	{ "MRTD of a size", TDX_FAULT_good, spoil_mrtd, F, F, PROOF_MRTD_UNKNOWN },
	{ "no such size", TDX_FAULT_good, spoil_size, F, F, PROOF_MRTD_UNKNOWN },
	{ "MRTD in no list", TDX_FAULT_good, spoil_list, F, F, PROOF_MRTD_UNKNOWN },
	{ "RTMR0", TDX_FAULT_good, spoil_rtmr0, F, W, PROOF_RTMR_DRIFT },
	{ "RTMR1", TDX_FAULT_good, spoil_rtmr1, F, W, PROOF_RTMR_DRIFT },
	{ "RTMR2", TDX_FAULT_good, spoil_rtmr2, F, W, PROOF_RTMR_DRIFT },
	{ "RTMR3", TDX_FAULT_good, spoil_rtmr3, F, W, PROOF_RTMR_DRIFT },
	{ "RTMR3 is not pinned", TDX_FAULT_good, spoil_absent, F, W, PROOF_RTMR_ABSENT },
	{ "log of RTMR0", TDX_FAULT_good, spoil_log0, F, W, PROOF_RTMR_DRIFT },
	{ "log of RTMR1", TDX_FAULT_good, spoil_log1, F, W, PROOF_RTMR_DRIFT },
	{ "log of RTMR2", TDX_FAULT_good, spoil_log2, F, W, PROOF_RTMR_DRIFT },
	{ "log of RTMR3", TDX_FAULT_good, spoil_log3, F, W, PROOF_RTMR_DRIFT },
	{ "its knob warns", TDX_FAULT_good, spoil_warned, W, W, PROOF_RTMR_ABSENT },
	{ "its knob is strict", TDX_FAULT_good, spoil_strictly, F, F, PROOF_NONCE_NONE },
	{ "its knob is off", TDX_FAULT_good, spoil_off, V, V, PROOF_OK },
};

struct ground {
	struct arena a;
	struct quote_facts facts[countof(cases)];
};

static bool case_holds(const struct policy_case *c, const struct quote_facts *f, bool strict, struct buf *why)
{
	static const char *const mrtds[] = { MK_MRTD }, *const platforms[] = { "00906f000000",
									       "50806F000000" };
	struct trusted_size size = { "tiny",
				     MK_MRTD,
				     { MK_48("20"), MK_48("21"), MK_48("22"), MK_48("23") } };
	struct trusted_values v = { .release_tag = "v1",
				    .mrtds = mrtds,
				    .mrtds_n = 1,
				    .sizes = &size,
				    .sizes_n = 1,
				    .mrtds_by_size = true,
				    .rtmrs_by_size = true };
	struct quote_log log = { .rtmr = { MK_48("20"), MK_48("21"), MK_48("22"), MK_48("23") } };
	struct quote_policy p = {
		.strict = strict,
		.fresh = true,
		.report_data = MK_REPORT,
		.platforms = platforms,
		.platforms_n = 2,
		.mr_config_id = MK_48("00"),
		.mr_owner = MK_48("00"),
		.mr_owner_config = MK_48("00"),
		.values = &v,
		.release_tag = "v1",
		.node_size = "tiny",
		.values_signed_wanted = true,
		.values_signed = true,
		.log = &log,
		.now = { 10000 },
		.taken = { 9000 },
		.max_age = 2000,
	};
	struct arena a = ARENA_INIT;
	struct proof_checks checks;
	enum proof_reason reason;
	const char *detail;
	enum proof_status s;
	bool holds;

	for (size_t i = 0; i < QUOTE_RTMRS; i++)
		v.rtmr[i] = size.rtmr[i];
	c->spoil(&p, &v, &log);
	s = quote_judge(f, &p, &checks, &reason, &detail, &a);
	holds = s == (strict ? c->strict : c->relaxed) && reason == c->reason;
	if (!holds && why)
		buf_fmt(why, "%s: %s: %s\n", c->name, names_word(&proof_status_names, (int)s), detail);
	arena_done(&a);
	return holds;
}

static int first_failing(void *ctx)
{
	struct ground *g = ctx;

	for (size_t i = 0; i < countof(cases); i++)
		if (!case_holds(&cases[i], &g->facts[i], true, NULL) ||
		    !case_holds(&cases[i], &g->facts[i], false, NULL))
			return (int)i;
	return -1;
}

static void make_ground(struct ground *g)
{
	struct foundry *f autofree(foundry) = mk_foundry();

	*g = (struct ground){ 0 };
	for (size_t i = 0; i < countof(cases); i++) {
		struct built b = quote_build(f, cases[i].fault, &g->a);

		g->facts[i] = quote_facts_of(&b, &g->a);
		quote_collateral_free(b.collateral);
	}
}

static void every_policy_has_its_verdict(void **state)
{
	autofree(buf) struct buf why = BUF_INIT(65536);
	static struct ground g;

	(void)state;
	make_ground(&g);
	for (size_t i = 0; i < countof(cases); i++) {
		case_holds(&cases[i], &g.facts[i], true, &why);
		case_holds(&cases[i], &g.facts[i], false, &why);
	}
	assert_string_equal(why.s, "");
	arena_done(&g.a);
}

static const char *name_of(size_t row)
{
	return rows[row].id;
}

static void every_mutant_is_seen(void **state)
{
	static struct ground g;

	(void)state;
	make_ground(&g);
	assert_int_equal(mutants_of(countof(rows), name_of, first_failing, &g), 0);
	arena_done(&g.a);
}

/* Intel's convergence, word by word. */
static void levels_converge(void **state)
{
	static const struct {
		enum tcb_status level, module, enclave, want;
	} words[] = {
		{ TCB_UPTODATE, TCB_UPTODATE, TCB_UPTODATE, TCB_UPTODATE },
		{ TCB_SWHARDENING, TCB_OUTOFDATE, TCB_UPTODATE, TCB_OUTOFDATE },
		{ TCB_CONFIG, TCB_UPTODATE, TCB_OUTOFDATE, TCB_OUTOFDATE_CONFIG },
		{ TCB_CONFIG_SWHARDENING, TCB_OUTOFDATE, TCB_UPTODATE, TCB_OUTOFDATE_CONFIG },
		{ TCB_OUTOFDATE, TCB_REVOKED, TCB_UPTODATE, TCB_REVOKED },
		{ TCB_REVOKED, TCB_UPTODATE, TCB_OUTOFDATE, TCB_REVOKED },
		{ TCB_UPTODATE, TCB_UPTODATE, TCB_REVOKED, TCB_REVOKED },
		{ TCB_NOTSUPPORTED, TCB_OUTOFDATE, TCB_UPTODATE, TCB_NOTSUPPORTED },
		{ TCB_UPTODATE, TCB_CONFIG, TCB_UPTODATE, TCB_UNKNOWN },
		{ TCB_UNKNOWN, TCB_UPTODATE, TCB_UPTODATE, TCB_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < countof(words); i++) {
		struct quote_facts f = { .level.status = (int)words[i].level,
					 .module.status = (int)words[i].module,
					 .enclave.status = (int)words[i].enclave };

		assert_int_equal(quote_converge(&f), words[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_policy_has_its_verdict),
		cmocka_unit_test(every_mutant_is_seen),
		cmocka_unit_test(levels_converge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
