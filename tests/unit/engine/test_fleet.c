/* The machines of a lane: what is verified, what is remembered, what is written, and what is told when sources disagree. */
#include "fleet_bench.h"

#include <dirent.h>

/* ---- tests -------------------------------------------------------------------------------------------------------------- */

static void machines_are_judged_and_counted(void **state)
{
	struct bench *b = *state;
	struct agent_tree tree;
	struct err e = ERR_INIT;
	struct proof row;

	for (size_t i = 0; i < 40; i++)
		fleet_machine(b->fleet, i, FLEET_RTMR_HEX, now(b));
	fleet_machine(b->fleet, 33, FLEET_ODD_HEX, now(b)); /* forged: the record says what is pinned */
	round_of(b);
	assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK);
	assert_machine(b, 33, PROOF_FAILED, PROOF_RTMR_DRIFT);
	assert_true(machine_of(b, 33).said_verified);
	assert_string_equal(machine_of(b, 33).differs, "rtmr2 (server, pin, quote)");
	row = lane_row(b, "quote");
	assert_int_equal(row.status, PROOF_FAILED);
	assert_true(row.required && row.strict);
	assert_non_null(strstr(row.detail, "39 of 40: vm-00033: T12.rtmr2"));
	assert_non_null(
		strstr(alarm_text(b, "differ"), "1 machine of easy/prod: sources contradict each other"));
	assert_int_equal(store_agent_tree_read(&tree, b->r->cache, LANE, "agent-00033", &b->r->a, &e), 0);
	assert_non_null(strstr(tree.tree, "\"rtmr2\",\"quote\":\"" FLEET_ODD_HEX));
}

static void an_unchanged_fleet_is_not_verified_again(void **state)
{
	struct bench *b = *state;
	struct when changed;

	for (size_t i = 0; i < 5; i++)
		fleet_machine(b->fleet, i, FLEET_RTMR_HEX, now(b));
	round_of(b);
	assert_int_equal(fleets_judged(b->r->en->fleets), 5);
	changed = machine_of(b, 0).changed;
	assert_false(when_known(changed)); /* the first sight of it is no change */
	loop_advance(b->r->loop, 10000);
	for (size_t i = 0; i < 5; i++)
		b->fleet->agents[i].heard = now(b);
	b->fleet->agents[3].word = "retired";
	round_of(b);
	assert_int_equal(fleets_judged(b->r->en->fleets), 5);
	assert_int_equal(machine_of(b, 0).heard.ms, b->fleet->agents[0].heard.ms);
	assert_string_equal(machine_of(b, 3).word, "retired");
	fleet_machine(b->fleet, 2, FLEET_ODD_HEX, now(b));
	round_of(b);
	assert_int_equal(fleets_judged(b->r->en->fleets), 6);
	assert_machine(b, 2, PROOF_FAILED, PROOF_RTMR_DRIFT);
	assert_true(machine_of(b, 2).changed.ms >= b->fleet->agents[0].heard.ms);
	assert_int_equal(machine_of(b, 0).changed.ms, changed.ms);
}

/* What is above a token's key ends, too, and no machine's evidence says when. */
static void nothing_is_believed_for_long(void **state)
{
	struct bench *b = *state;

	b->t.wants = NULL;
	b->t.max_age_s = 0;
	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b))->token = NULL;
	b->fleet->agents[0].nonce = FLEET_NONCE;
	round_of(b);
	loop_advance(b->r->loop, 59 * MINUTE);
	round_of(b);
	assert_int_equal(fleets_judged(b->r->en->fleets), 1);
	loop_advance(b->r->loop, MINUTE);
	round_of(b);
	assert_int_equal(fleets_judged(b->r->en->fleets), 2);
	assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK);
}

/* Time alone changes the verdict: the token is over. */
static void a_token_that_is_over_has_a_state_of_its_own(void **state)
{
	struct bench *b = *state;

	b->t.max_age_s = 3600;
	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b));
	round_of(b);
	assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK);
	loop_advance(b->r->loop, 10 * MINUTE);
	round_of(b);
	assert_machine(b, 0, PROOF_STALE, PROOF_JWT_EXPIRED);
	assert_int_equal(machine_of(b, 0).quote, PROOF_VERIFIED);
	assert_int_equal(lane_row(b, "token").status, PROOF_STALE);
}

/* A drill's clock may run at a speed of its own, and ours may be wrong: evidence is of a time when it is of the forge's. */
static void evidence_is_of_the_forges_time(void **state)
{
	static const struct {
		int64_t skew, made; /* minutes */
		enum proof_status status;
		enum proof_reason reason;
	} cases[] = {
		{ 0, 0, PROOF_VERIFIED, PROOF_OK },         { 0, 10, PROOF_FAILED, PROOF_JWT_FUTURE },
		{ 10, 10, PROOF_VERIFIED, PROOF_OK },       { 10, 13, PROOF_FAILED, PROOF_JWT_FUTURE },
		{ 10, 0, PROOF_STALE, PROOF_JWT_EXPIRED },  { -10, -10, PROOF_VERIFIED, PROOF_OK },
		{ -10, 0, PROOF_FAILED, PROOF_JWT_FUTURE },
	};
	struct bench *b = *state;

	b->t.max_age_s = 3600;
	for (size_t i = 0; i < countof(cases); i++) {
		b->r->fake.ahead_ms = cases[i].skew * MINUTE;
		fleet_machine(b->fleet, 0, FLEET_RTMR_HEX,
			      (struct when){ now(b).ms + cases[i].made * MINUTE });
		b->fleet->agents[0].nonce = FLEET_NONCE;
		round_of(b);
		if (machine_of(b, 0).token_reason != (int)cases[i].reason)
			fail_msg("%zu: %s", i, machine_of(b, 0).detail);
		assert_machine(b, 0, cases[i].status, cases[i].reason);
	}
}

static void without_collateral_or_with_old_one_nothing_is_good(void **state)
{
	struct bench *b = *state;

	b->t.wants = NULL; /* the quote */
	b->t.max_age_s = 0;
	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b));
	assert_int_equal(unlink(rig_path(b->r, "roots/" FLEET_COLLATERAL)), 0);
	round_of(b);
	assert_machine(b, 0, PROOF_STALE, PROOF_COLL_NONE);
	import_trust(b, now(b));
	round_of(b);
	assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK);
	loop_advance(b->r->loop, 40 * 24 * 60 * MINUTE);
	round_of(b);
	assert_machine(b, 0, PROOF_STALE, PROOF_COLL_EXPIRED);
}

/* What is pinned and cannot be read is not what is not pinned: a folder is no file, whoever asks. */
static void a_root_that_cannot_be_read_pins_all_the_same(void **state)
{
	static const char *const roots[] = { FLEET_ROOT, FLEET_KEYS_ROOT };
	struct bench *b = *state;
	struct err e = ERR_INIT;

	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b));
	round_of(b);
	assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK);
	for (size_t i = 0; i < countof(roots); i++) {
		const char *path = rig_path(b->r, arena_printf(&b->r->a, "roots/%s", roots[i]));

		assert_int_equal(unlink(path), 0);
		assert_true(path_private_dir(path, 0700, &e) >= 0);
		round_of(b);
		assert_int_not_equal(machine_of(b, 0).status, PROOF_VERIFIED);
		if (i == 0)
			assert_int_equal(machine_of(b, 0).quote, PROOF_STALE);
		else
			assert_int_equal(machine_of(b, 0).token, PROOF_UNCHECKED);
		assert_int_equal(rmdir(path), 0);
		import_trust(b, now(b));
		round_of(b);
		assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK);
	}
}

/* As long as it is, and not as long as a string of it. */
static void a_nul_in_what_is_read_is_damage(void **state)
{
	static const char *const files[] = { FLEET_COLLATERAL, FLEET_ROOT, FLEET_KEYS, FLEET_KEYS_ROOT };
	enum { LONG = 1 << 17 };
	struct bench *b = *state;
	char *text = arena_alloc(&b->r->a, LONG);

	*text = '{';
	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b));
	for (size_t i = 0; i < countof(files); i++) {
		const char *path = rig_path(b->r, arena_printf(&b->r->a, "roots/%s", files[i]));

		assert_int_equal(truncate(path, 1), 0);
		assert_int_equal(truncate(path, LONG / 2), 0); /* zeroes behind it */
		round_of(b);
		assert_int_not_equal(machine_of(b, 0).status, PROOF_VERIFIED);
		import_trust(b, now(b));
		round_of(b);
		assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK);
	}
	add_thing(b, (struct fake_thing){ .kind = FORGE_ASSET, .id = 7, .text = text, .text_n = LONG });
	round_of(b);
	assert_machine(b, 0, PROOF_UNCHECKED, PROOF_OK);
}

static void pins_decide_and_must_be_there(void **state)
{
	struct bench *b = *state;
	struct fake_thing *asset = &b->r->fake.things[b->r->fake.things_n - 1];

	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b));
	asset->text = values_of(b, FLEET_ODD_HEX);
	round_of(b);
	assert_machine(b, 0, PROOF_FAILED, PROOF_RTMR_DRIFT);
	asset->text = "{";
	round_of(b);
	assert_machine(b, 0, PROOF_UNCHECKED, PROOF_OK);
	assert_string_equal(machine_of(b, 0).detail, "what the release has pinned is not known");
	asset->text = values_of(b, FLEET_RTMR_HEX);
	b->t.signature = HARD_STRICT; /* and their provenance was not verified */
	round_of(b);
	assert_machine(b, 0, PROOF_FAILED, PROOF_REL_ASSET_UNSIGNED);
}

/* What an id holds does not change: storage is asked for it once, and again when the list tells of it otherwise. */
static void pins_are_read_once(void **state)
{
	struct bench *b = *state;
	struct fake *f = &b->r->fake;
	int first, second;

	b->live.assets = "[{\"id\":7,\"name\":\"trusted_values.v0.9.3.json\",\"updated_at\":\"a\"}]";
	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b));
	round_of(b);
	first = f->reads[FORGE_ASSET]; /* other releases' lists tell no times: their files are read each time */
	f->things[f->things_n - 1].text = values_of(b, FLEET_ODD_HEX);
	round_of(b);
	second = f->reads[FORGE_ASSET] - first;
	assert_int_equal(second, first - 1);
	assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK);
	b->live.assets = "[{\"id\":7,\"name\":\"trusted_values.v0.9.3.json\",\"updated_at\":\"b\"}]";
	round_of(b);
	assert_int_equal(f->reads[FORGE_ASSET], first + second + first);
	assert_machine(b, 0, PROOF_FAILED, PROOF_RTMR_DRIFT);
}

/* Where tokens alone are wanted, they answer the challenge. */
static void a_token_of_another_challenge_is_none(void **state)
{
	static const char *const token[] = { "token", NULL };
	struct bench *b = *state;

	b->t.wants = token;
	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b));
	fleet_machine(b->fleet, 1, FLEET_RTMR_HEX, now(b));
	b->fleet->agents[1].nonce = "ff" FLEET_NONCE;
	round_of(b);
	assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK);
	assert_machine(b, 1, PROOF_FAILED, PROOF_NONCE_BAD);
	b->fleet->agents[0].nonce = "no challenge";
	round_of(b);
	assert_machine(b, 0, PROOF_FAILED, PROOF_NONCE_NONE);
}

/* In a relaxed lane one machine is warned of and another one's token cannot be looked at: that is no good lane. */
static void a_warning_hides_no_machine_that_was_not_checked(void **state)
{
	static const char *const token[] = { "token", NULL };
	struct bench *b = *state;

	b->t.policy = PROOFS_RELAXED;
	b->t.wants = token;
	b->t.binding = BOUND_NONE;
	assert_int_equal(unlink(rig_path(b->r, "roots/" FLEET_KEYS)), 0);
	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b));
	fleet_machine(b->fleet, 1, FLEET_RTMR_HEX, now(b))->token = NULL;
	round_of(b);
	assert_machine(b, 0, PROOF_UNCHECKED, PROOF_OK);
	assert_machine(b, 1, PROOF_WARN, PROOF_ATT_NONE);
	assert_int_equal(lane_row(b, "token").status, PROOF_UNCHECKED);
}

/* Nor does one hide that nobody knows what is pinned. */
static void a_warning_hides_no_missing_pins(void **state)
{
	struct bench *b = *state;
	struct fake_thing *asset = &b->r->fake.things[b->r->fake.things_n - 1];

	b->t.policy = PROOFS_RELAXED;
	b->t.wants = NULL;
	asset->text = "{";
	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b))->rtmr[1] = FLEET_ODD_HEX;
	round_of(b);
	assert_machine(b, 0, PROOF_UNCHECKED, PROOF_OK);
	assert_string_equal(machine_of(b, 0).detail, "what the release has pinned is not known");
}

static void limit_files(rlim_t most)
{
	struct rlimit l;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &l), 0);
	l.rlim_cur = most;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
}

static void disk_is_full(void)
{
	limit_files(1);
}

/* The disk was full when a machine was found to have drifted: the next round must not take the row of before for its verdict. */
static void what_was_not_kept_is_judged_again(void **state)
{
	struct bench *b = *state;

	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b));
	round_of(b);
	assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK);
	fleet_machine(b->fleet, 0, FLEET_ODD_HEX, now(b));
	signal(SIGXFSZ, SIG_IGN);
	b->fleet->answered = disk_is_full;
	(void)rig_ask(b->r, "sync --once");
	limit_files(RLIM_INFINITY);
	b->fleet->answered = NULL;
	assert_int_equal(fleets_judged(b->r->en->fleets), 2);
	assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK); /* nothing could be written */
	round_of(b);
	assert_machine(b, 0, PROOF_FAILED, PROOF_RTMR_DRIFT);
	assert_int_equal(lane_row(b, "quote").status, PROOF_FAILED);
}

static void an_unreadable_fleet_is_not_an_empty_one(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < 3; i++)
		fleet_machine(b->fleet, i, FLEET_RTMR_HEX, now(b));
	round_of(b);
	assert_int_equal(lane_row(b, "quote").status, PROOF_VERIFIED);
	b->fleet->fails = ERR_OFFLINE;
	round_of(b);
	assert_machine(b, 2, PROOF_VERIFIED, PROOF_OK);
	assert_int_equal(lane_row(b, "quote").status, PROOF_STALE);
	assert_non_null(strstr(lane_row(b, "quote").detail, "does not answer; 3 of 3"));
	b->fleet->fails = ERR_NONE;
	b->fleet->total = 9; /* six that nobody is told of */
	round_of(b);
	assert_int_equal(lane_row(b, "quote").status, PROOF_MISSING);
	b->fleet->total = 0;
	b->fleet->n = 2;
	round_of(b);
	assert_int_equal(lane_row(b, "quote").status, PROOF_VERIFIED);
	assert_non_null(strstr(lane_row(b, "quote").detail, "2 of 2"));
	b->fleet->n = 0;
	round_of(b);
	assert_int_equal(lane_row(b, "quote").status, PROOF_MISSING);
}

static void one_that_is_told_of_twice_hides_nothing(void **state)
{
	struct bench *b = *state;

	fleet_machine(b->fleet, 0, FLEET_ODD_HEX, now(b));
	fleet_machine(b->fleet, 1, FLEET_RTMR_HEX, now(b));
	b->fleet->agents[1].id = b->fleet->agents[0].id;
	round_of(b);
	assert_int_not_equal(lane_row(b, "quote").status, PROOF_VERIFIED);
}

static void widened_trust_and_relaxed_policy_raise_alarms(void **state)
{
	struct bench *b = *state;
	struct fleet_facts facts = { 0 };
	struct err e = ERR_INIT;

	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b));
	b->fleet->trusted[0] =
		(struct fleet_fact){ .kind = FLEET_MRTD, .name = FLEET_MRTD_HEX, .source = "agent" };
	b->fleet->trusted[1] =
		(struct fleet_fact){ .kind = FLEET_MRTD, .name = FLEET_ODD_HEX, .source = "agent" };
	b->fleet->trusted_n = 2;
	b->fleet->settings[0] = (struct fleet_fact){ .kind = FLEET_POLICY,
						     .name = "operational.rtmr_enforcement_mode",
						     .effective = "warn",
						     .source = "db" };
	b->fleet->settings_n = 1;
	round_of(b);
	assert_non_null(strstr(alarm_text(b, "trust"), "trusts 1 image that the release does not pin: abab"));
	assert_non_null(strstr(alarm_text(b, "policy"), "rtmr_enforcement_mode of easy/prod is warn"));
	assert_int_equal(store_fleet_facts_read(&facts, b->r->cache, LANE, &b->r->a, &e), 0);
	assert_true(facts.n >= 3);
	assert_int_equal(facts.items[0].kind, FLEET_POLICY);
	b->fleet->settings_fail = ERR_AUTH; /* not readable is not as declared: it stands */
	b->fleet->trusted_n = 1;
	b->fleet->trusted_damaged = 1; /* the other one is there, and nobody can say which it is */
	round_of(b);
	assert_non_null(alarm_text(b, "trust"));
	b->fleet->trusted_damaged = 0;
	round_of(b);
	assert_null(alarm_text(b, "trust"));
	assert_non_null(alarm_text(b, "policy"));
}

#define KNOB "operational.rtmr_enforcement_mode"

/* Whichever comes first: what a list tells twice is not what the first row says. */
static void a_setting_that_is_told_twice_is_no_good_one(void **state)
{
	static const struct {
		const char *first,
			*second; /* what the environment and what the administrator's row say; NULL no row */
		bool turned;     /* the latter stands first */
		const char *effective, *detail;
		bool alarm;
	} cases[] = {
		{ "strict", "warn", false, "warn", "told twice, also as strict (env): ", true },
		{ "strict", "warn", true, "warn", "told twice, also as strict (env): ", true },
		{ "warn", "strict", false, "warn", "told twice, also as strict (db): ", false },
		{ "strict", "", true, "", "told twice, also as strict (env): what is in force", false },
		{ "strict", "strict", false, "strict", "", false },
		{ "strict", NULL, false, "strict", "", false },
	};
	struct bench *b = *state;

	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b));
	for (size_t i = 0; i < countof(cases); i++) {
		struct fleet_facts facts = { 0 };
		const struct fleet_fact *is = NULL;
		struct err e = ERR_INIT;
		struct fleet_fact *to = b->fleet->settings;

		to[cases[i].turned] = (struct fleet_fact){
			.kind = FLEET_POLICY, .name = KNOB, .effective = cases[i].first, .source = "env"
		};
		to[!cases[i].turned] = (struct fleet_fact){
			.kind = FLEET_POLICY, .name = KNOB, .effective = cases[i].second, .source = "db"
		};
		b->fleet->settings_n = cases[i].second ? 2 : 1;
		round_of(b);
		assert_int_equal(store_fleet_facts_read(&facts, b->r->cache, LANE, &b->r->a, &e), 0);
		vec_each (f, &facts)
			if (f->kind == FLEET_POLICY && text_eq(f->name, KNOB)) {
				assert_null(is); /* one row, whatever was told */
				is = f;
			}
		assert_non_null(is);
		if (!text_eq(is->effective, cases[i].effective) || !strstr(is->detail, cases[i].detail) ||
		    (!*cases[i].detail && *is->detail) || (is->verdict == DRIFT_EQUAL) != !*cases[i].detail)
			fail_msg("%zu: %s, %d: %s", i, is->effective, is->verdict, is->detail);
		assert_int_equal(alarm_text(b, "policy") != NULL, cases[i].alarm);
	}
}

static int import(struct bench *b, const char *text, bool force, struct buf *said, struct err *e)
{
	const struct fleet_importing in = { &quote_ops, rig_path(b->r, "roots"), force, now(b) };

	*e = (struct err)ERR_INIT;
	buf_reset(said);
	write_text(b, "new", text);
	return fleet_import(&in, rig_path(b->r, "roots/new"), said, &b->r->a, e);
}

static void what_is_imported_must_hold_and_be_newer(void **state)
{
	struct bench *b = *state;
	struct foundry *f = b->fleet->foundry;
	autofree(buf) struct buf said = BUF_INIT(4096);
	struct when later = { now(b).ms + 5 * 24 * 60 * MINUTE },
		    long_ago = { now(b).ms - 26 * 24 * 60 * MINUTE };
	struct err e;

	assert_int_equal(import(b, "{\"mediaType\":\"x\"}", false, &said, &e), 1);
	assert_int_equal(import(b, "no json", false, &said, &e), 1);
	assert_int_equal(import(b, "{\"tcb_info\":\"{}\"}", false, &said, &e), -ERR_INVALID);
	if (import(b, foundry_collateral(f, later, (enum tdx_fault)0, &b->r->a), false, &said, &e) != 0)
		fail_msg("%s", e.message);
	assert_non_null(strstr(said.s, "collateral: was until "));
	assert_int_equal(
		import(b, foundry_collateral(f, now(b), (enum tdx_fault)0, &b->r->a), false, &said, &e),
		-ERR_CONFLICT);
	assert_non_null(strstr(e.message, "before the one that is used"));
	assert_int_equal(
		import(b, foundry_collateral(f, long_ago, (enum tdx_fault)0, &b->r->a), false, &said, &e),
		-ERR_CONFLICT);
	assert_non_null(strstr(e.message, "the collateral ended"));
	assert_int_equal(
		import(b, foundry_collateral(f, now(b), (enum tdx_fault)0, &b->r->a), true, &said, &e), 0);
	assert_int_equal(import(b, foundry_jwks(f, now(b), (enum token_fault)0, &b->r->a), false, &said, &e),
			 0);
	assert_non_null(strstr(said.s, "keys of tokens"));
}

static size_t kept_files(struct bench *b)
{
	DIR *d = opendir(rig_path(b->r, kept_folder(b)));
	const struct dirent *one;
	size_t n = 0;

	while (d && (one = readdir(d)))
		n += one->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

static bool is_kept(struct bench *b, const char *hex)
{
	const struct evidence_box box = { .dir = rig_path(b->r, kept_folder(b)), .sha256 = digest_sha256 };
	autofree(buf) struct buf bytes = BUF_INIT(EVIDENCE_MAX);
	struct err e = ERR_INIT;

	return evidence_read(&box, hex, &bytes, &e) == 0;
}

/* The newest of each machine, what it was verified with, and nothing else. */
static void evidence_is_kept_until_it_is_renewed(void **state)
{
	enum { SHARED = FLEET_FILES + 1 }; /* collateral, keys, their roots; the values */
	struct bench *b = *state;
	const char *quote, *token;
	struct agent_tree tree;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < 3; i++)
		fleet_machine(b->fleet, i, FLEET_RTMR_HEX, now(b));
	round_of(b);
	assert_int_equal(kept_files(b), 3 + 3 + SHARED);
	quote = machine_of(b, 1).quote_sha;
	token = machine_of(b, 1).token_sha;
	assert_true(is_kept(b, quote) && is_kept(b, token));
	assert_int_equal(store_agent_tree_read(&tree, b->r->cache, LANE, "agent-00001", &b->r->a, &e), 0);
	assert_non_null(strstr(tree.tree, arena_printf(&b->r->a, "\"quote\":\"%s\"", quote)));
	fleet_machine(b->fleet, 1, FLEET_ODD_HEX, now(b));
	round_of(b);
	assert_false(is_kept(b, quote));
	assert_false(is_kept(b, token));
	assert_true(is_kept(b, machine_of(b, 1).quote_sha) && is_kept(b, machine_of(b, 0).quote_sha));
	b->fleet->total = 9; /* who is not told of may come back: nothing goes */
	b->fleet->n = 1;
	round_of(b);
	assert_int_equal(kept_files(b), 3 + 3 + SHARED);
	b->fleet->total = 0;
	round_of(b);
	assert_int_equal(kept_files(b), 2 + SHARED);
}

/* What a machine's own chain tells is held against the list, and fills in what the list leaves out. */
static void a_chain_that_contradicts_the_list_is_an_alarm(void **state)
{
	struct bench *b = *state;
	struct fleet_agent told;

	for (size_t i = 0; i < 3; i++)
		fleet_machine(b->fleet, i, FLEET_RTMR_HEX, now(b));
	told = b->fleet->agents[1];
	told.rtmr[2] = FLEET_ODD_HEX;
	b->fleet->told = &told;
	round_of(b);
	assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK);
	assert_string_equal(step_of(b, 0, "A8.chain", "result"), "pass");
	assert_machine(b, 1, PROOF_FAILED, PROOF_SRC_DIFF);
	assert_string_equal(machine_of(b, 1).differs, "rtmr2 (list, chain)");
	assert_string_equal(step_of(b, 1, "A8.chain", "found"), FLEET_ODD_HEX);
	assert_non_null(strstr(alarm_text(b, "differ"), "rtmr2 (list, chain)"));
	/* the list changed: the chain is of before, and is read again next time */
	told = b->fleet->agents[1];
	told.rtmr[2] = NULL;
	b->fleet->agents[2].rtmr[2] = NULL;
	loop_advance(b->r->loop, FLEET_CHAIN_AGE);
	for (size_t i = 0; i < 3; i++)
		fleet_machine(b->fleet, i, FLEET_RTMR_HEX, now(b));
	round_of(b);
	assert_machine(b, 1, PROOF_VERIFIED, PROOF_OK);
	assert_null(alarm_text(b, "differ"));
}

/* The list is silent, and the chain tells what the quote does not. */
static void what_the_list_leaves_out_the_chain_tells(void **state)
{
	struct bench *b = *state;
	struct fleet_agent told;

	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b));
	told = b->fleet->agents[0];
	told.rtmr[1] = FLEET_ODD_HEX;
	told.event_log = "[]";
	b->fleet->agents[0].rtmr[1] = NULL;
	b->fleet->told = &told;
	round_of(b);
	assert_string_equal(machine_of(b, 0).differs, "rtmr1 (server, quote)");
	assert_machine(b, 0, PROOF_FAILED, PROOF_RTMR_DRIFT);
	assert_non_null(strstr(machine_of(b, 0).detail, "T12.log0")); /* its log explains nothing */
	assert_true(kept_files(b) == FLEET_KEPT + FLEET_FILES + 1);
	round_of(b);
	assert_string_equal(machine_of(b, 0).differs, "rtmr1 (server, quote)");
	assert_true(kept_files(b) == FLEET_KEPT + FLEET_FILES + 1);
	b->fleet->agents[0].verified = 0; /* it changed: what the chain told is of before */
	b->fleet->chainless = true;
	loop_advance(b->r->loop, 1000);
	round_of(b); /* and explains nothing of what is there now */
	assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK);
	assert_string_equal(step_of(b, 0, "A8.chain", "found"), "the list has changed since it was read");
	b->fleet->told = NULL;
	b->fleet->chainless = false;
	loop_advance(b->r->loop, 1000);
	round_of(b);
	assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK);
}

/* It contradicts the quote, and nobody looks: then the row says so, and so does the step. */
static void a_log_that_is_too_long_is_told_of(void **state)
{
	static const char why[] = "its log of events is too long to be judged";
	struct bench *b = *state;
	char *log = arena_alloc(&b->r->a, FLEET_EVENTS_ONE + 3);
	struct fleet_agent told;

	memset(log, ' ', FLEET_EVENTS_ONE + 2);
	log[0] = '[';
	log[FLEET_EVENTS_ONE + 1] = ']';
	log[FLEET_EVENTS_ONE + 2] = 0;
	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b));
	told = b->fleet->agents[0];
	told.event_log = log;
	b->fleet->told = &told;
	round_of(b);
	assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK);
	assert_true(text_starts(machine_of(b, 0).detail, "every check holds; "));
	assert_non_null(strstr(machine_of(b, 0).detail, why));
	assert_string_equal(step_of(b, 0, "T12.log2", "found"), why);
	assert_string_equal(step_of(b, 0, "T12.log2", "result"), "absent");
	log[FLEET_EVENTS_ONE - 1] = ']';
	log[FLEET_EVENTS_ONE] = 0;
	loop_advance(b->r->loop, FLEET_CHAIN_AGE);
	round_of(b);
	assert_machine(b, 0, PROOF_FAILED, PROOF_RTMR_DRIFT); /* now it is */
	loop_advance(b->r->loop, FLEET_CHAIN_AGE);
	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b));
	told = b->fleet->agents[0];
	round_of(b);
	assert_string_equal(machine_of(b, 0).detail, "every check holds");
	assert_string_equal(step_of(b, 0, "T12.log2", "found"), "no event log");
}

static void chains_are_read_by_turns(void **state)
{
	struct bench *b = *state;
	const size_t n = FLEET_CHAINS + 20;

	for (size_t i = 0; i < n; i++)
		fleet_machine(b->fleet, i, FLEET_RTMR_HEX, now(b));
	round_of(b);
	assert_int_equal(b->fleet->chains, FLEET_CHAINS);
	assert_string_equal(step_of(b, n - 1, "A8.chain", "found"), "it was not read yet");
	round_of(b);
	assert_int_equal(b->fleet->chains, n);
	assert_string_equal(step_of(b, n - 1, "A8.chain", "result"), "pass");
	round_of(b);
	assert_int_equal(b->fleet->chains, n); /* none is read twice in an hour */
	fleet_machine(b->fleet, 5, FLEET_ODD_HEX, now(b));
	round_of(b); /* this one finds that it changed */
	round_of(b); /* and this one looks why */
	assert_int_equal(b->fleet->chains, n + 1);
	b->fleet->fails = ERR_OFFLINE;
	round_of(b);
	assert_int_equal(b->fleet->chains, n + 1);
}

/* Keys without a root are what is trusted themselves, and a root takes that from them. */
static void the_root_of_tokens_is_a_certificate_of_either_form(void **state)
{
	struct bench *b = *state;
	struct foundry *f = b->fleet->foundry;
	autofree(buf) struct buf said = BUF_INIT(4096);
	const char *pem = foundry_token_root(f, now(b), (enum token_fault)0, &b->r->a);
	const char *other = foundry_root(f, &b->r->a);
	struct err e;

	assert_int_equal(unlink(rig_path(b->r, "roots/" FLEET_KEYS_ROOT)), 0);
	assert_int_equal(import(b, other, false, &said, &e), -ERR_CONFLICT);
	assert_string_equal(e.message, "no key of tokens that is here leads to it");
	assert_int_equal(import(b, pem, false, &said, &e), 0);
	assert_non_null(strstr(said.s, "root of tokens: "));
	assert_int_equal(access(rig_path(b->r, "roots/" FLEET_KEYS_ROOT), R_OK), 0);
	fleet_machine(b->fleet, 0, FLEET_RTMR_HEX, now(b));
	round_of(b);
	assert_machine(b, 0, PROOF_VERIFIED, PROOF_OK);
	assert_int_equal(import(b, other, true, &said, &e), 0);
	round_of(b);
	assert_int_equal(machine_of(b, 0).token_reason, PROOF_JWT_ROOT);
	assert_int_equal(machine_of(b, 0).status, PROOF_FAILED);
	assert_int_equal(import(b, foundry_jwks(f, now(b), (enum token_fault)0, &b->r->a), false, &said, &e),
			 -ERR_CONFLICT);
}

static void what_is_no_root_is_said_in_a_sentence(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n",
		  "there is no whole certificate in this PEM" },
		{ "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		  "there is no whole certificate in this PEM" },
		{ "-----BEGIN CERTIFICATE-----", "there is no whole certificate in this PEM" },
	};
	struct bench *b = *state;
	autofree(buf) struct buf said = BUF_INIT(4096);
	const char *root = foundry_root(b->fleet->foundry, &b->r->a);
	struct err e;

	for (size_t i = 0; i < countof(cases); i++) {
		assert_int_equal(import(b, cases[i].text, true, &said, &e), -ERR_INVALID);
		assert_string_equal(e.message, cases[i].says);
	}
	assert_int_equal(import(b, arena_printf(&b->r->a, "%s%s", root, root), true, &said, &e),
			 -ERR_INVALID);
	assert_string_equal(e.message, "there are 2 certificates in it, and a root is one");
}

/* The adapter's memory becomes the round's, and nothing of it is copied. */
static void a_list_that_is_given_away_is_judged_as_any(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < 5; i++)
		fleet_machine(b->fleet, i, i == 3 ? FLEET_ODD_HEX : FLEET_RTMR_HEX, now(b));
	fake_fleet_decode(b->fleet);
	round_of(b);
	assert_null(b->fleet->ready_agents);
	assert_null(b->fleet->ready.head);
	assert_machine(b, 2, PROOF_VERIFIED, PROOF_OK);
	assert_machine(b, 3, PROOF_FAILED, PROOF_RTMR_DRIFT);
	round_of(b);
	assert_int_equal(fleets_judged(b->r->en->fleets), 5);
}

static void the_loop_goes_on_between_batches(void **state)
{
	struct bench *b = *state;
	const struct agent_filter verified = { .lane = LANE, .status = PROOF_VERIFIED, .limit = INT64_MAX };
	const struct agent_filter any = { .lane = LANE, .status = -1, .limit = INT64_MAX };
	struct agents all = { 0 }, good = { 0 };
	struct err e = ERR_INIT;

	for (size_t i = 0; i < 3 * FLEET_BATCH + 1; i++)
		fleet_machine(b->fleet, i, FLEET_RTMR_HEX, now(b));
	round_of(b);
	assert_int_equal(store_agents_read(&all, b->r->cache, &any, &b->r->a, &e), 0);
	assert_int_equal(store_agents_read(&good, b->r->cache, &verified, &b->r->a, &e), 0);
	assert_int_equal(all.n, 3 * FLEET_BATCH + 1);
	assert_int_equal(good.n, all.n);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, up, down)
	const struct CMUnitTest tests[] = {
		TEST(machines_are_judged_and_counted),
		TEST(an_unchanged_fleet_is_not_verified_again),
		TEST(nothing_is_believed_for_long),
		TEST(a_token_that_is_over_has_a_state_of_its_own),
		TEST(evidence_is_of_the_forges_time),
		TEST(without_collateral_or_with_old_one_nothing_is_good),
		TEST(a_root_that_cannot_be_read_pins_all_the_same),
		TEST(a_nul_in_what_is_read_is_damage),
		TEST(pins_decide_and_must_be_there),
		TEST(pins_are_read_once),
		TEST(a_token_of_another_challenge_is_none),
		TEST(a_warning_hides_no_machine_that_was_not_checked),
		TEST(a_warning_hides_no_missing_pins),
		TEST(what_was_not_kept_is_judged_again),
		TEST(an_unreadable_fleet_is_not_an_empty_one),
		TEST(one_that_is_told_of_twice_hides_nothing),
		TEST(widened_trust_and_relaxed_policy_raise_alarms),
		TEST(a_setting_that_is_told_twice_is_no_good_one),
		TEST(what_is_imported_must_hold_and_be_newer),
		TEST(a_chain_that_contradicts_the_list_is_an_alarm),
		TEST(what_the_list_leaves_out_the_chain_tells),
		TEST(a_log_that_is_too_long_is_told_of),
		TEST(chains_are_read_by_turns),
		TEST(evidence_is_kept_until_it_is_renewed),
		TEST(the_root_of_tokens_is_a_certificate_of_either_form),
		TEST(what_is_no_root_is_said_in_a_sentence),
		TEST(a_list_that_is_given_away_is_judged_as_any),
		TEST(the_loop_goes_on_between_batches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
