/*
 * looker.h - an engine that looks for evidence in a simulated organisation, with a registry and a journal.
 */
#pragma once

#include "simrig.h"

#include "core/adapters/registry/registry.h"
#include "core/adapters/sim/sim.h"
#include "core/engine/options.h"
#include "core/port/attest.h"
#include "store/journal.h"

struct looker {
	struct simrig *r;
	struct registry *registry;
	struct journal *journal;
	struct sites sites;
};

/* The world signs for itself; who believes it is told by a file. */
static inline const char *looker_root(struct simrig *r)
{
	const char *path = arena_printf(&r->a, "%s/root.json", r->dir);
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(world_trusted_root(r->world, &r->a), f) >= 0);
	assert_int_equal(fclose(f), 0);
	return path;
}

static inline void looker_up(struct looker *l)
{
	static const struct attest_ops attest = ATTEST_OPS;
	struct simrig *r = l->r;
	struct err e = ERR_INIT;
	struct engine_options o = { .loop = r->loop,
				    .forge = r->forge,
				    .http = &r->tap->http,
				    .zip = r->zip,
				    .registry = l->registry,
				    .sha256 = digest_sha256,
				    .attest = &attest,
				    .trusted_root = looker_root(r),
				    .cache = r->cache,
				    .journal = l->journal,
				    .profiles = &r->profiles,
				    .who = "ana@bastion",
				    .survey = true,
				    .sites = l->sites };

	must(engine_new(&r->en, &o, &e), &e);
	engine_on_event(r->en, sim_event, r);
}

static inline struct looker *looker_new(const char *scenario, const char *profile, const char *lane,
					const char *url)
{
	const char *const profiles[] = { profile, NULL };
	struct looker *l = x_alloc(sizeof(*l));
	struct simrig *r = sim_rig_new(scenario, profiles);
	struct err e = ERR_INIT;

	l->r = r;
	sim_engine_down(r);
	must(journal_open(&l->journal, arena_printf(&r->a, "%s/journal.db", r->dir), &e), &e);
	must(registry_open(&l->registry, &r->tap->http, &r->clock, NULL, &e), &e);
	if (lane)
		must(sites_add(&l->sites, &r->profiles, lane, url, &r->a, &e), &e);
	looker_up(l);
	return l;
}

static inline void looker_free(struct looker *l)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	struct simrig *r = l->r;

	sim_engine_down(r);
	l->registry->ops->free(l->registry);
	journal_close(l->journal);
	for (size_t i = 0; i < countof(tails); i++)
		unlink(arena_printf(&r->a, "%s/journal.db%s", r->dir, tails[i]));
	unlink(arena_printf(&r->a, "%s/root.json", r->dir));
	sim_rig_free(r);
	free(l);
}
