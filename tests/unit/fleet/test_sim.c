#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/adapters/fleet/fleet.h"
#include "core/adapters/http/http.h"
#include "core/adapters/sim/serve.h"

/* The same suite against the simulated control plane in-process and over a wire. */

enum { MACHINES = 6, STEPS = 2000 };

struct bench {
	struct clock clock;
	struct loop *loop;
	struct world *world;
	struct serve *serve; /* NULL: in-process */
	struct http *http;
	struct fleet *fleet;
	struct arena a;
	char site[96];
	/* the last answer */
	int calls;
	struct err err;
	size_t agents_n, facts_n, damaged;
	int64_t total;
	struct fleet_agent agents[MACHINES];
	const char *fact, *text, *boot_id;
};

static void keep(struct bench *b, const struct fleet_answer *a)
{
	b->agents_n = a->agents_n;
	b->facts_n = a->facts_n;
	b->damaged = a->damaged;
	b->total = a->total;
	for (size_t i = 0; i < a->agents_n && i < MACHINES; i++) {
		const struct fleet_agent *m = &a->agents[i];

		b->agents[i] = (struct fleet_agent){ .id = arena_strdup(&b->a, m->id),
						     .name = arena_strdup(&b->a, m->name),
						     .size = arena_strdup(&b->a, m->size),
						     .mrtd = arena_strdup(&b->a, m->mrtd),
						     .quote = arena_strdup(&b->a, m->quote),
						     .token = arena_strdup(&b->a, m->token),
						     .verified = m->verified,
						     .heard = m->heard };
		b->agents[i].rtmr[2] = arena_strdup(&b->a, m->rtmr[2]);
	}
	b->fact = a->facts_n ? arena_strdup(&b->a, a->facts[0].name) : NULL;
	b->text = arena_strdup(&b->a, a->text);
	b->boot_id = a->health ? arena_strdup(&b->a, a->health->boot_id) : NULL;
}

static void on_read(void *ctx, const struct fleet_answer *a, const struct err *err)
{
	struct bench *b = ctx;

	b->calls++;
	assert_true((a == NULL) != (err == NULL));
	if (err)
		b->err = *err;
	else
		keep(b, a);
}

static enum err_kind read_it(struct bench *b, enum fleet_read_kind kind, const char *id, const char *name)
{
	const struct fleet_read q = { .kind = kind, .site = b->site, .id = id, .name = name };

	b->calls = 0;
	b->err = (struct err)ERR_INIT;
	assert_int_equal(b->fleet->ops->read(b->fleet, &q, on_read, b, NULL), 0);
	for (int i = 0; i < STEPS && !b->calls; i++) {
		if (b->serve)
			loop_step(b->loop, 10);
		else
			loop_advance(b->loop, 10);
	}
	assert_int_equal(b->calls, 1);
	return b->err.kind;
}

static void open_bench(struct bench *b, bool served)
{
	static const struct world_options w = { .scenario = "fleet-mixed", .speed = 1 };
	static const struct serve_options s = { .port = 0, .prompt = true };
	const struct when start = { INT64_C(1795262400000) };
	struct http_options o = { .user_agent = "test", .bare = true };
	char base[64] = "https://world.invalid";
	int r;

	if (served)
		clock_real(&b->clock);
	else
		clock_manual(&b->clock, start);
	b->loop = loop_new(&b->clock);
	r = world_new(&b->world, &w, clock_wall(&b->clock), &b->err);
	if (r >= 0 && served) {
		r = serve_open(&b->serve, b->world, b->loop, &s, &b->err);
		snprintf(base, sizeof(base), "http://127.0.0.1:%d", r < 0 ? 0 : serve_port(b->serve));
	}
	o.base = base;
	if (r >= 0)
		r = served ? http_open(&b->http, b->loop, &o, &b->err)
			   : sim_http(&b->http, b->world, b->loop, &b->err);
	if (r >= 0)
		r = fleet_open(&b->fleet, b->http, 0, &b->err);
	if (r < 0)
		fail_msg("%s", b->err.message);
	snprintf(b->site, sizeof(b->site), "%s/probe/easy/prod", base);
}

static void close_bench(struct bench *b)
{
	fleet_free(b->fleet);
	http_free(b->http);
	if (b->serve)
		serve_close(b->serve);
	world_free(b->world);
	loop_free(b->loop);
	arena_done(&b->a);
}

/* Each machine's chain says of it what the list says; what the list alone has are quote and token. */
static void chains_agree(struct bench *b)
{
	struct fleet_agent all[MACHINES];
	size_t n = b->agents_n;

	memcpy(all, b->agents, sizeof(all));
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(read_it(b, FLEET_CHAIN, all[i].id, NULL), ERR_NONE);
		assert_string_equal(b->agents[0].name, all[i].name);
		assert_string_equal(b->agents[0].mrtd, all[i].mrtd);
		assert_string_equal(b->agents[0].rtmr[2], all[i].rtmr[2]);
		assert_int_equal(b->agents[0].verified, all[i].verified);
	}
}

static void suite(bool served)
{
	struct bench b = { 0 };

	open_bench(&b, served);
	assert_int_equal(read_it(&b, FLEET_HEALTH, NULL, NULL), ERR_NONE);
	assert_true(text_starts(b.boot_id, "bootstrap-"));
	assert_int_equal(read_it(&b, FLEET_AGENTS, NULL, NULL), ERR_NONE);
	assert_int_equal(b.damaged, 0);
	assert_true(b.agents_n >= MACHINES - 1 && b.agents_n <= MACHINES);
	assert_int_equal(b.total, b.agents_n);
	for (size_t i = 0; i < b.agents_n; i++) {
		assert_true(b.agents[i].quote && text_starts(b.agents[i].token, "eyJ"));
		assert_int_equal(strlen(b.agents[i].mrtd), 96);
		assert_true(when_known(b.agents[i].heard));
	}
	chains_agree(&b);
	assert_int_equal(read_it(&b, FLEET_CHAIN, "nobody", NULL), ERR_MISSING);
	assert_int_equal(read_it(&b, FLEET_TRUSTED, NULL, NULL), ERR_NONE);
	assert_true(b.facts_n >= 3 && strlen(b.fact) == 96);
	assert_int_equal(read_it(&b, FLEET_SETTINGS, NULL, "operational"), ERR_AUTH);
	assert_int_equal(read_it(&b, FLEET_CHALLENGE, NULL, "tdx-agent-tiny-01"), ERR_NONE);
	assert_int_equal(strlen(b.text), 32);
	snprintf(b.site + strlen(b.site) - strlen("prod"), sizeof("none"), "none");
	assert_int_equal(read_it(&b, FLEET_AGENTS, NULL, NULL), ERR_MISSING);
	close_bench(&b);
}

static void test_in_process(void **state)
{
	(void)state;
	suite(false);
}

static void test_served(void **state)
{
	(void)state;
	suite(true);
}

/* Nobody is at the other end: no empty fleet. */
static void test_offline(void **state)
{
	struct bench b = { 0 };

	(void)state;
	open_bench(&b, true);
	snprintf(b.site, sizeof(b.site), "http://127.0.0.1:1");
	assert_int_equal(read_it(&b, FLEET_AGENTS, NULL, NULL), ERR_OFFLINE);
	close_bench(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_process),
		cmocka_unit_test(test_served),
		cmocka_unit_test(test_offline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
