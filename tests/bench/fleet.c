/*
 * A fleet of FLEET_SIZE machines with signed evidence of their own, judged by an engine on a real clock: CPU of the first
 * round, of one in which nothing changed, and how long the loop was held at most.
 */
#include "tests/unit/engine/rig.h"

#include "tests/unit/engine/fake_fleet.h"

#include "base/path.h"
#include "core/adapters/digest/digest.h"
#include "core/engine/fleets.h"
#include "core/engine/internal.h"
#include "store/agents.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>

#define FLEET_SIZE 5000
#define LANE       "easy/prod"

static struct rig rig;
static struct fake_fleet fleet;
static struct release live = { .id = 2,
			       .tag = "v0.9.3",
			       .assets = "[{\"id\":7,\"name\":\"trusted_values.v0.9.3.json\"}]" };
static const char values[] =
	"{\"release_tag\":\"v0.9.3\",\"mrtds\":\"" FLEET_MRTD_HEX
	"\",\"mrtds_by_size\":{\"tiny\":\"" FLEET_MRTD_HEX
	"\"},\"rtmrs_by_size\":{\"tiny\":{\"rtmr0\":\"" FLEET_RTMR_HEX "\",\"rtmr1\":\"" FLEET_RTMR_HEX
	"\",\"rtmr2\":\"" FLEET_RTMR_HEX "\",\"rtmr3\":\"" FLEET_RTMR_HEX "\"}}}";

static double seconds(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(rig_path(&rig, name), "we");

	assert_true(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void answered(void *ctx, int status, const char *json)
{
	(void)status;
	(void)json;
	*(bool *)ctx = true;
}

struct cost {
	double cpu, held, wall;
};

static struct cost round_of(void)
{
	const char *const words[] = { "sync", "--once" };
	struct cost c = { seconds(CLOCK_PROCESS_CPUTIME_ID), 0, seconds(CLOCK_MONOTONIC) };
	bool done = false;

	engine_ask(rig.en, 2, words, NULL, answered, &done);
	while (!done) {
		double before = seconds(CLOCK_THREAD_CPUTIME_ID), took;

		loop_step(rig.loop, 1000);
		took = seconds(CLOCK_THREAD_CPUTIME_ID) - before;
		c.held = took > c.held ? took : c.held;
	}
	c.cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - c.cpu;
	c.wall = seconds(CLOCK_MONOTONIC) - c.wall;
	return c;
}

static void print(const char *what, struct cost c)
{
	printf("| %d machines, %s | %.2f | < 6 | %.1f | %.2f |\n", FLEET_SIZE, what, c.cpu, c.held * 1e3,
	       c.wall);
}

static void fill(struct when at)
{
	struct arena *a = &rig.a;
	struct err e = ERR_INIT;

	fleet.fleet.ops = &fake_fleet_ops;
	fleet.loop = rig.loop;
	fleet.foundry = foundry_new("fleet", (struct when){ at.ms - INT64_C(2592000000) });
	assert_true(path_private_dir(rig_path(&rig, "roots"), 0700, &e) >= 0);
	put("roots/" FLEET_COLLATERAL, foundry_collateral(fleet.foundry, at, (enum tdx_fault)0, a));
	put("roots/" FLEET_ROOT, foundry_root(fleet.foundry, a));
	put("roots/" FLEET_KEYS, foundry_jwks(fleet.foundry, at, (enum token_fault)0, a));
	put("roots/" FLEET_KEYS_ROOT, foundry_token_root(fleet.foundry, at, (enum token_fault)0, a));
	for (size_t i = 0; i < FLEET_SIZE; i++)
		fleet_machine(&fleet, i, FLEET_RTMR_HEX, at);
	rig.fake.things[rig.fake.things_n++] =
		(struct fake_thing){ .kind = FORGE_RELEASE, .name = "v0.9.3", .items = &live, .n = 1 };
	rig.fake.things[rig.fake.things_n++] =
		(struct fake_thing){ .kind = FORGE_ASSET, .id = 7, .text = values };
}

static void engine_up(void)
{
	static struct site site = { LANE, "https://cp.test" };
	struct err e = ERR_INIT;
	const struct engine_options o = { .loop = rig.loop,
					  .forge = &rig.fake.forge,
					  .cache = rig.cache,
					  .profiles = &rig.profiles,
					  .sha256 = digest_sha256,
					  .fleet = &fleet.fleet,
					  .quotes = &quote_ops,
					  .roots_dir = rig_path(&rig, "roots"),
					  .sites = { &site, 1, 1 },
					  .survey = true,
					  .journal_why = "none is needed",
					  .who = "bench" };

	assert_int_equal(engine_new(&rig.en, &o, &e), 0);
}

int main(void)
{
	const struct agent_filter verified = { .lane = LANE, .status = PROOF_VERIFIED, .limit = INT64_MAX };
	struct agents all = { 0 };
	struct err e = ERR_INIT;
	struct cost first, again;

	clock_real(&rig.clock);
	rig.loop = loop_new(&rig.clock);
	rig.fake.loop = rig.loop;
	rig_facts(&rig.fake);
	memcpy(rig.dir, "/tmp/fleet-XXXXXX", sizeof("/tmp/fleet-XXXXXX"));
	assert_non_null(mkdtemp(rig.dir));
	assert_true(store_open(&rig.cache, rig_path(&rig, "cache.db"), STORE_WRITE, &e) >= 0);
	assert_true(profile_load(&rig.profiles, "easyenclave", &rig.a, &e) >= 0);
	vec_each (l, &rig.profiles.items[0].lanes)
		l->proof = NULL;
	fill(clock_wall(&rig.clock));
	engine_up();
	fake_fleet_decode(&fleet);
	first = round_of();
	fake_fleet_decode(&fleet);
	again = round_of();
	assert_true(store_agents_read(&all, rig.cache, &verified, &rig.a, &e) >= 0);
	assert_int_equal(all.n, FLEET_SIZE);
	print("each verified", first);
	print("nothing changed", again);
	engine_free(rig.en);
	fake_fleet_end(&fleet.fleet);
	store_close(rig.cache);
	return 0;
}
