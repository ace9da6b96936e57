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

/* ---- other lanes -------------------------------------------------------------------------------------------------------- */

#define STAGE "easy/stage"
#define HERE  "https://cp.test"
#define THERE "https://stage.test"

struct shows {
	const char *id, *quote, *token; /* NULL: it is not there */
};

/* One round of a lane: what machine `at` is told to be a copy of. */
static void compare(struct fleet_shown **shown, const char *lane, const char *site, const struct shows *all,
		    size_t n, struct fleet_copies *c, bool challenged)
{
	struct fleet_agent *agents;

	arena_done(&c->arena);
	*c = (struct fleet_copies){ .n = n,
				    .lane = lane,
				    .site = site,
				    .shown = shown,
				    .challenged = challenged,
				    .ops = &quote_ops,
				    .sha256 = digest_sha256 };
	agents = arena_array(&c->arena, struct fleet_agent, n + 1);
	for (size_t i = 0; i < n; i++)
		agents[i] = (struct fleet_agent){
			.id = all[i].id, .name = "", .quote = all[i].quote, .token = all[i].token
		};
	c->agents = agents;
	fleet_copies_find(c);
}

static const struct {
	const char *what, *site; /* of the other lane, which was read before */
	struct shows other[2];
	const char *quote, *token; /* said of vm-1, which shows q and t. */
} lanes[] = {
	{ "each its own", THERE, { { "vm-1", "r", "u." }, { "vm-2", "s", "v." } }, NULL, NULL },
	{ "a quote", THERE, { { "vm-8", "q", "u." } }, "vm-8 in " STAGE, NULL },
	{ "a token, signed anew", THERE, { { "vm-8", NULL, "t.x" } }, NULL, "vm-8 in " STAGE },
	{ "of two",
	  THERE,
	  { { "vm-8", "q", NULL }, { "vm-9", "q", NULL } },
	  "vm-8 in " STAGE " and 1 more",
	  NULL },
	{ "of the same id elsewhere", THERE, { { "vm-1", "q", NULL } }, "vm-1 in " STAGE, NULL },
	{ "the same control plane, the same machine", HERE, { { "vm-1", "q", "t." } }, NULL, NULL },
	{ "the same control plane, another machine",
	  HERE,
	  { { "vm-8", "q", "t." } },
	  "vm-8 in " STAGE,
	  "vm-8 in " STAGE },
	{ "itself and another",
	  HERE,
	  { { "vm-1", "q", NULL }, { "vm-8", "q", NULL } },
	  "vm-8 in " STAGE,
	  NULL },
	{ "another and itself",
	  HERE,
	  { { "vm-0", "q", NULL }, { "vm-1", "q", NULL } },
	  "vm-0 in " STAGE,
	  NULL },
	{ "no site is no site of both", NULL, { { "vm-8", "q", NULL } }, "vm-8 in " STAGE, NULL },
};

static void what_another_lane_has_shown_is_of_none(void **state maybe_unused)
{
	static const struct shows mine[] = { { "vm-1", "q", "t." }, { "vm-2", "own", "own." } };

	for (size_t i = 0; i < countof(lanes); i++) {
		struct fleet_shown *shown = NULL;
		struct fleet_copies c = { 0 };

		compare(&shown, STAGE, lanes[i].site, lanes[i].other, 1 + (lanes[i].other[1].id != NULL), &c,
			true);
		compare(&shown, LANE, HERE, mine, countof(mine), &c, true);
		if (!text_eq(c.quote[0], lanes[i].quote) || !text_eq(c.token[0], lanes[i].token))
			fail_msg("%s: %s, %s", lanes[i].what, c.quote[0], c.token[0]);
		assert_null(c.quote[1]);
		assert_null(c.token[1]);
		/* the other lane hears of it in its next round, and of nothing that is over */
		compare(&shown, STAGE, lanes[i].site, lanes[i].other, 1, &c, true);
		assert_true(!c.quote[0] ==
			    (!lanes[i].other[0].quote || strcmp(lanes[i].other[0].quote, "q") != 0 ||
			     (text_eq(lanes[i].site, HERE) && text_eq(lanes[i].other[0].id, "vm-1"))));
		compare(&shown, STAGE, lanes[i].site, NULL, 0, &c, true);
		compare(&shown, LANE, HERE, mine, countof(mine), &c, true);
		assert_null(c.quote[0]);
		assert_null(c.token[0]);
		arena_done(&c.arena);
		fleet_shown_free(shown);
	}
}

/* The same machines are told by two control planes: then by one, of which two lanes are. */
static void two_lanes_are_of_one_control_plane_or_their_machines_are_copies(void **state)
{
	struct bench *b = *state;
	struct profile_lane *other = &b->r->profiles.items[0].lanes.items[0];

	other->attestation = &b->t;
	b->sites[b->sites_n++] = (struct site){ other->name, THERE };
	engine_free(b->r->en);
	engine_up(b);
	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b));
	round_of(b);
	loop_advance(b->r->loop, 1000);
	round_of(b);
	assert_machine(b, 0, PROOF_FAILED, PROOF_EVID_COPIED);
	assert_string_equal(machine_of(b, 0).differs,
			    arena_printf(&b->r->a,
					 "quote (also of vm-00000 in %s), token (also of vm-00000 in %s)",
					 other->name, other->name));
	b->sites[1].url = b->sites[0].url;
	engine_free(b->r->en);
	engine_up(b);
	round_of(b);
	loop_advance(b->r->loop, 1000);
	round_of(b);
	assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK);
}

/* Production asks challenges and staging none: a quote has a name in each, and another form of its signature is no other quote. */
static void a_lane_that_asks_nothing_is_compared_too(void **state)
{
	struct bench *b = *state;
	struct profile_lane *other = &b->r->profiles.items[0].lanes.items[0];
	struct profile_attestation lax = b->t;
	const char *const wants[] = { "quote", NULL };
	struct fleet_copies here = { 0 }, there = { 0 };
	struct fleet_shown *shown = NULL;
	struct shows mine, theirs[2];

	b->t.wants = lax.wants = wants;
	lax.binding = BOUND_NONE;
	lax.nonce = HARD_OFF;
	other->attestation = &lax;
	b->sites[b->sites_n++] = (struct site){ other->name, THERE };
	engine_free(b->r->en);
	engine_up(b);
	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b));
	round_of(b);
	loop_advance(b->r->loop, 1000);
	round_of(b);
	assert_machine(b, 0, PROOF_FAILED, PROOF_EVID_COPIED);
	assert_true(text_starts(machine_of(b, 0).differs, "quote (also of vm-00000 in "));
	mine = (struct shows){ "vm-1", b->fleet->agents[0].quote, NULL };
	theirs[0] = (struct shows){ "vm-8", altered(b, mine.quote), NULL };
	theirs[1] = (struct shows){ "vm-9", fleet_machine(b->fleet, 1, FLEET_RTMR_HEX, now(b))->quote, NULL };
	compare(&shown, LANE, HERE, &mine, 1, &here, true);
	compare(&shown, STAGE, THERE, theirs, 2, &there, false);
	assert_string_equal(there.quote[0], "vm-1 in " LANE);
	assert_null(there.quote[1]);
	compare(&shown, LANE, HERE, &mine, 1, &here, true);
	assert_string_equal(here.quote[0], "vm-8 in " STAGE);
	arena_done(&here.arena);
	arena_done(&there.arena);
	fleet_shown_free(shown);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, up, down)
	const struct CMUnitTest tests[] = {
		TEST(evidence_of_several_machines_is_of_none),
		TEST(machines_that_are_alike_are_no_copies),
		cmocka_unit_test(what_another_lane_has_shown_is_of_none),
		TEST(a_lane_that_asks_nothing_is_compared_too),
		TEST(two_lanes_are_of_one_control_plane_or_their_machines_are_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
