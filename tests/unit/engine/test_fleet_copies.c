/* Evidence that several machines show: by whom, and what is none. */
#include "fleet_bench.h"

/* The other form of a signature that holds as well, and another end: what anybody can make of a quote. */
static const char *altered(struct bench *b, const char *text)
{
	struct buf bytes = BUF_INIT(QUOTE_MAX), out = BUF_INIT(1 << 17);
	const char *made;

	assert_true(text_unbase64(&bytes, text, strlen(text)));
	bytes.s[636 + 40] ^= 1; /* s */
	buf_add(&bytes, "\0\0\0", 3);
	text_base64(&out, bytes.s, bytes.n);
	made = arena_strndup(&b->r->a, out.s, out.n);
	buf_done(&bytes);
	buf_done(&out);
	return made;
}

/* One machine answers for several: each challenge is the right one, and all of them are told. */
static void evidence_of_several_machines_is_of_none(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < 6; i++)
		fleet_machine(b->fleet, i, FLEET_RTMR_HEX, now(b));
	b->fleet->agents[6] = b->fleet->agents[0]; /* told of twice, and no copy of itself */
	b->fleet->n = 7;
	round_of(b);
	for (size_t i = 0; i < 6; i++)
		assert_machine(b, i, PROOF_VERIFIED, PROOF_OK);
	b->fleet->agents[1].quote = b->fleet->agents[3].quote;
	b->fleet->agents[1].token = b->fleet->agents[3].token;
	b->fleet->agents[5].token = b->fleet->agents[3].token;
	b->fleet->agents[2].quote = altered(b, b->fleet->agents[4].quote);
	round_of(b);
	assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK);
	for (size_t i = 1; i < 6; i++)
		assert_int_equal(machine_of(b, i).status, PROOF_FAILED);
	assert_machine(b, 1, PROOF_FAILED, PROOF_EVID_COPIED);
	assert_machine(b, 3, PROOF_FAILED, PROOF_EVID_COPIED);
	assert_machine(b, 4, PROOF_FAILED, PROOF_EVID_COPIED);
	assert_string_equal(machine_of(b, 1).differs,
			    "quote (also of vm-00003), token (also of vm-00003 and 1 more)");
	assert_string_equal(machine_of(b, 4).differs, "quote (also of vm-00002)");
	assert_string_equal(step_of(b, 3, "E0.copy", "result"), "fail");
	assert_non_null(strstr(alarm_text(b, "differ"), "5 machines of " LANE));
	/* it is over as soon as each shows its own */
	for (size_t i = 0; i < 6; i++)
		fleet_machine(b->fleet, i, FLEET_RTMR_HEX, now(b));
	round_of(b);
	assert_machine(b, 3, PROOF_VERIFIED, PROOF_OK);
	assert_null(alarm_text(b, "differ"));
}

/* Without challenges machines that are alike sign the same, each with its own key: only a copy has the same signature. */
static void machines_that_are_alike_are_no_copies(void **state)
{
	struct bench *b = *state;
	const char *const wants[] = { "quote", NULL };

	b->t.wants = wants;
	b->t.binding = BOUND_NONE;
	b->t.nonce = HARD_OFF;
	for (size_t i = 0; i < 3; i++)
		fleet_machine_asked(b->fleet, i, "", FLEET_RTMR_HEX, now(b))->token = NULL;
	round_of(b);
	for (size_t i = 0; i < 3; i++)
		assert_machine(b, i, PROOF_VERIFIED, PROOF_OK);
	b->fleet->agents[2].quote = b->fleet->agents[1].quote;
	round_of(b);
	assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK);
	assert_machine(b, 1, PROOF_FAILED, PROOF_EVID_COPIED);
	assert_machine(b, 2, PROOF_FAILED, PROOF_EVID_COPIED);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, up, down)
	const struct CMUnitTest tests[] = {
		TEST(evidence_of_several_machines_is_of_none),
		TEST(machines_that_are_alike_are_no_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
