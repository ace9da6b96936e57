/*
 * world_fleet.h - the machines of the worlds of world.h: a fleet that is good, the six recorded cases of a published
 * control plane, one that has fallen silent, five thousand, and one whose every word is hostile.
 */
#pragma once

#include "tests/golden/world_recorded.h"

static inline void world_fleet_normal(struct world *w, int64_t age)
{
	struct world_machine good[12], silent[3];

	for (int i = 0; i < (int)countof(good); i++) {
		good[i] = world_recorded[0];
		good[i].name = arena_printf(&w->a, "node-%02d", i + 1);
		good[i].size = i % 3 ? "standard" : "large";
		good[i].datacenter = i % 2 ? "eu-west" : "eu-north";
	}
	for (int i = 0; i < (int)countof(silent); i++) {
		silent[i] = world_recorded[4];
		silent[i].name = arena_printf(&w->a, "cell-%d", i + 1);
		silent[i].status = silent[i].quote = PROOF_STALE;
		silent[i].reason = silent[i].quote_reason = PROOF_EVID_OLD;
		silent[i].complaint = "";
		silent[i].said = true;
		silent[i].detail = "the control plane does not answer: connection refused";
	}
	world_machines(w, "easy/prod", world_recorded, countof(world_recorded), age);
	world_facts(w, "easy/prod", true, age);
	world_machines_proved(w, "easy/prod", PROOF_FAILED, PROOF_FAILED, "2 of 6: llm-01: RTMR2 differs",
			      age);
	world_machines_proved(w, "gov/prod", PROOF_VERIFIED, PROOF_VERIFIED, "12 of 12", age);
	world_machines(w, "gov/prod", good, countof(good), age);
	world_facts(w, "gov/prod", false, age);
	world_machines(w, "cloud/prod", silent, countof(silent), age + 3 * HOURS);
}

#define FLEET_THOUSANDS 5000

static inline void world_fleet_overflow(struct world *w, int64_t age)
{
	static const char *const sizes[] = { "tiny", "standard", "large", "llm" };
	struct world_machine *all = arena_array(&w->a, struct world_machine, FLEET_THOUSANDS);

	for (int i = 0; i < FLEET_THOUSANDS; i++) {
		bool bad = i % 997 == 13;

		all[i] = (struct world_machine){
			.name = arena_printf(&w->a, "a-machine-with-a-name-of-length-%04d", i),
			.size = sizes[i % 4],
			.datacenter = arena_printf(&w->a, "a-datacenter-far-away-%02d", i % 23),
			.word = "deployed",
			.said = true,
			.complaint = "",
			.status = bad            ? PROOF_FAILED
				  : i % 501 == 7 ? PROOF_STALE
						 : PROOF_VERIFIED,
			.reason = bad            ? PROOF_RTMR_DRIFT
				  : i % 501 == 7 ? PROOF_EVID_OLD
						 : PROOF_OK,
			.detail = "",
			.quote = bad ? PROOF_FAILED : PROOF_VERIFIED,
			.token = PROOF_VERIFIED,
			.differs = bad ? "rtmr2 (quote, token, server, pin), mrtd (server, quote)" : "",
			.tcb = "UpToDate",
			.changed = bad ? MINUTES : 30 * HOURS,
			.token_left = 3 * MINUTES,
		};
	}
	world_machines(w, "a-system-with-a-long-name-1/production-europe-west", all, FLEET_THOUSANDS, age);
}

static inline void world_fleet_hostile(struct world *w, int64_t age)
{
	static const char *const words[] = { "T9.tcb", NULL };
	struct buf out = BUF_INIT(1 << 20);
	struct jw j;
	const char *const all[] = { HOSTILE, HOSTILE, arena_printf(&w->a, "a%s", HOSTILE), NULL };
	struct agent rows[3] = { 0 };

	jw_init(&j, &out);
	jw_open(&j, '{');
	jw_kopen(&j, "fields", '[');
	world_field(&j, "mrtd", all);
	world_field(&j, arena_printf(&w->a, "%.40s", "tcb"), all);
	jw_close(&j, ']');
	jw_kopen(&j, "checks", '[');
	for (int i = 0; i < 4; i++)
		world_check(&j, words[0], "level", i, 9999, HOSTILE, HOSTILE);
	jw_close(&j, ']');
	world_kept(&j, world_ago(age), HOSTILE);
	jw_close(&j, '}');
	for (size_t i = 0; i < countof(rows); i++) {
		rows[i] = (struct agent){ .id = arena_printf(&w->a, "%zu%s", i, HOSTILE),
					  .name = HOSTILE,
					  .size = HOSTILE,
					  .datacenter = HOSTILE,
					  .word = HOSTILE,
					  .said_verified = true,
					  .complaint = HOSTILE,
					  .status = i ? 99 : PROOF_FAILED,
					  .reason = i ? 9999 : PROOF_RTMR_DRIFT,
					  .detail = HOSTILE,
					  .quote = 99,
					  .quote_reason = -4,
					  .token = -7,
					  .token_reason = 9999,
					  .differs = HOSTILE,
					  .tcb = HOSTILE,
					  .quote_sha = HOSTILE,
					  .token_sha = HOSTILE,
					  .changed = world_ago(MINUTES),
					  .at = world_ago(age) };
		const struct agent_tree tree = { HOSTILE, rows[i].id,
						 i == 2 ? HOSTILE : arena_strdup(&w->a, out.s),
						 world_ago(age) };
		if (store_agent_tree_put(w->store, &tree, &w->e) < 0)
			fail_msg("%s", w->e.message);
	}
	buf_done(&out);
	const struct fleet_fact facts[] = {
		{ NULL, FLEET_POLICY, HOSTILE, HOSTILE, HOSTILE, HOSTILE, 99, HOSTILE, world_ago(age) },
		{ NULL, FLEET_MRTD, HOSTILE, "", HOSTILE, HOSTILE, DRIFT_OTHER, HOSTILE, world_ago(age) },
	};
	if (store_agents_put(w->store, HOSTILE, rows, countof(rows), NULL, &w->e) < 0 ||
	    store_fleet_facts_put(w->store, HOSTILE, facts, countof(facts), &w->e) < 0)
		fail_msg("%s", w->e.message);
}

/* After world_fill(), in a transaction of its own. */
static inline void world_fleet(struct world *w, enum world_kind kind, int64_t age)
{
	static void (*const fill[])(struct world * w, int64_t age) = {
		[WORLD_NORMAL] = world_fleet_normal,
		[WORLD_HOSTILE] = world_fleet_hostile,
		[WORLD_OVERFLOW] = world_fleet_overflow,
	};
	if (store_begin(w->store, &w->e) < 0)
		fail_msg("%s", w->e.message);
	fill[kind](w, age);
	if (store_end(w->store, &w->e) < 0)
		fail_msg("%s", w->e.message);
}
