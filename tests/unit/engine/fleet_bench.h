/*
 * fleet_bench.h - an engine with one lane of machines whose evidence is a foundry's, verified by the adapter that verifies Intel's.
 */
#pragma once

#include "rig.h"

#include "fake_fleet.h"

#include "base/path.h"
#include "core/adapters/digest/digest.h"
#include "core/engine/fleets.h"
#include "core/engine/internal.h"
#include "core/port/quote.h"
#include "store/agents.h"
#include "store/holds.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#define LANE   "easy/prod"
#define MINUTE INT64_C(60000)

static const char *const wants_both[] = { "quote", "token", NULL };

struct bench {
	struct rig *r;
	struct fake_fleet *fleet;
	struct profile_attestation t;
	struct release live;
	struct site sites[2];
	size_t sites_n;
};

static maybe_unused void write_text(struct bench *b, const char *name, const char *text)
{
	struct err e = ERR_INIT;
	int fd = path_private_open(rig_path(b->r, arena_printf(&b->r->a, "roots/%s", name)),
				   O_WRONLY | O_CREAT | O_TRUNC, 0600, &e);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static maybe_unused void import_trust(struct bench *b, struct when at)
{
	struct foundry *f = b->fleet->foundry;
	struct arena *a = &b->r->a;
	struct err e = ERR_INIT;

	assert_true(path_private_dir(rig_path(b->r, "roots"), 0700, &e) >= 0);
	write_text(b, FLEET_COLLATERAL, foundry_collateral(f, at, (enum tdx_fault)0, a));
	write_text(b, FLEET_ROOT, foundry_root(f, a));
	write_text(b, FLEET_KEYS, foundry_jwks(f, at, (enum token_fault)0, a));
	write_text(b, FLEET_KEYS_ROOT, foundry_token_root(f, at, (enum token_fault)0, a));
}

static maybe_unused const char *values_of(struct bench *b, const char *rtmr2)
{
	return arena_printf(&b->r->a,
			    "{\"release_tag\":\"v0.9.3\",\"mrtds\":\"" FLEET_MRTD_HEX
			    "\",\"mrtds_by_size\":{\"tiny\":\"" FLEET_MRTD_HEX
			    "\"},\"rtmrs_by_size\":{\"tiny\":{\"rtmr0\":\"" FLEET_RTMR_HEX
			    "\",\"rtmr1\":\"" FLEET_RTMR_HEX "\",\"rtmr2\":\"%s\",\"rtmr3\":\"" FLEET_RTMR_HEX
			    "\"}}}",
			    rtmr2);
}

static maybe_unused void add_thing(struct bench *b, struct fake_thing t)
{
	b->r->fake.things[b->r->fake.things_n++] = t;
}

static maybe_unused void engine_up(struct bench *b)
{
	struct rig *r = b->r;
	struct err e = ERR_INIT;
	const struct engine_options o = { .loop = r->loop,
					  .forge = &r->fake.forge,
					  .cache = r->cache,
					  .journal = r->journal,
					  .profiles = &r->profiles,
					  .sha256 = digest_sha256,
					  .fleet = &b->fleet->fleet,
					  .quotes = &quote_ops,
					  .roots_dir = rig_path(r, "roots"),
					  .plans_dir = rig_path(r, "plans"),
					  .evidence_dir = rig_path(r, "evidence"),
					  .sites = { b->sites, b->sites_n, countof(b->sites) },
					  .api = "https://forge.test",
					  .survey = true,
					  .who = "ana@bastion" };

	assert_int_equal(engine_new(&r->en, &o, &e), 0);
	engine_on_event(r->en, rig_event, r);
}

static maybe_unused struct when now(const struct bench *b)
{
	return clock_wall(&b->r->clock);
}

static maybe_unused int up(void **state)
{
	struct bench *b = x_alloc(sizeof(*b));
	struct profile_lane *lane;
	void *r = NULL;

	rig_setup(&r);
	b->r = r;
	engine_free(b->r->en);
	fake_end(&b->r->fake.forge);
	b->fleet = x_alloc(sizeof(*b->fleet));
	b->fleet->fleet.ops = &fake_fleet_ops;
	b->fleet->loop = b->r->loop;
	b->fleet->foundry = foundry_new("fleet", (struct when){ now(b).ms - 30 * 24 * 60 * MINUTE });
	b->sites[b->sites_n++] = (struct site){ LANE, "https://cp.test" };
	lane = &b->r->profiles.items[0].lanes.items[1];
	b->r->profiles.items[0].lanes.items[0].attestation = NULL;
	lane->proof = NULL;
	b->t = *lane->attestation;
	b->t.wants = wants_both;
	lane->attestation = &b->t;
	b->live = (struct release){ .id = 2,
				    .tag = "v0.9.3",
				    .assets = "[{\"id\":7,\"name\":\"trusted_values.v0.9.3.json\"}]" };
	add_thing(b,
		  (struct fake_thing){ .kind = FORGE_RELEASE, .name = "v0.9.3", .items = &b->live, .n = 1 });
	add_thing(b,
		  (struct fake_thing){ .kind = FORGE_ASSET, .id = 7, .text = values_of(b, FLEET_RTMR_HEX) });
	import_trust(b, now(b));
	engine_up(b);
	*state = b;
	return 0;
}

static maybe_unused const char *kept_folder(struct bench *b)
{
	return fleet_kept_dir("evidence", LANE, digest_sha256, &b->r->a);
}

static maybe_unused int down(void **state)
{
	struct bench *b = *state;
	void *r = b->r;

	engine_free(b->r->en);
	b->r->en = NULL;
	fake_fleet_end(&b->fleet->fleet);
	free(b->fleet);
	rig_teardown(&r);
	free(b);
	return 0;
}

static maybe_unused void round_of(struct bench *b)
{
	assert_int_equal(rig_ask(b->r, "sync --once"), 0);
}

static maybe_unused struct agent machine_of(struct bench *b, size_t i)
{
	struct agent row = { 0 };
	struct err e = ERR_INIT;

	if (store_agent_read(&row, b->r->cache, LANE, b->fleet->agents[i].id, &b->r->a, &e) != 0)
		fail_msg("there is no machine %zu", i);
	return row;
}

static maybe_unused void assert_machine(struct bench *b, size_t i, enum proof_status status,
					enum proof_reason reason)
{
	struct agent row = machine_of(b, i);

	if (row.status != (int)status || row.reason != (int)reason)
		fail_msg("%s: %s %s: %s", row.name, names_word(&proof_status_names, row.status),
			 names_word(&proof_reason_names, row.reason), row.detail);
}

static maybe_unused struct proof lane_row(struct bench *b, const char *check)
{
	struct proofs rows = { 0 };
	struct err e = ERR_INIT;

	assert_int_equal(store_proofs_read(&rows, b->r->cache, LANE, "v0.9.3", &b->r->a, &e), 0);
	vec_each (row, &rows)
		if (text_eq(row->subject, "machines") && text_eq(row->check, check))
			return *row;
	fail_msg("there is no row of %s", check);
	return (struct proof){ 0 };
}

static maybe_unused const char *alarm_text(struct bench *b, const char *about)
{
	struct alarms open = { 0 };
	struct err e = ERR_INIT;
	const char *subject = arena_printf(&b->r->a, "machines " LANE " %s", about);

	assert_true(store_alarms_read(&open, b->r->cache, LANE, &b->r->a, &e) >= 0);
	vec_each (one, &open)
		if (one->kind == ALARM_FLEET && text_eq(one->subject, subject))
			return one->text;
	return NULL;
}

static maybe_unused const char *step_of(struct bench *b, size_t i, const char *id, const char *member)
{
	autofree(json) struct json *doc = NULL;
	struct agent_tree tree;
	struct err e = ERR_INIT;
	const struct json *steps;

	assert_int_equal(
		store_agent_tree_read(&tree, b->r->cache, LANE, b->fleet->agents[i].id, &b->r->a, &e), 0);
	assert_int_equal(json_parse(&doc, tree.tree, strlen(tree.tree), 1 << 20, &e), 0);
	steps = json_get(doc, "checks");
	for (size_t k = 0; k < json_size(steps); k++)
		if (text_eq(json_str(json_at(steps, k), "id"), id))
			return arena_strdup(&b->r->a, json_str(json_at(steps, k), member));
	return NULL;
}
