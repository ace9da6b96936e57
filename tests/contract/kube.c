/*
 * kube.c - our adapter against the simulated cluster, every story twice: in the process, and over HTTP on loopback.
 *
 * The world's time is told by hand: it is moved far ahead of the clock that the wire needs, and so stands still between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/adapters/http/http.h"
#include "core/adapters/kube/kube.h"
#include "core/adapters/sim/serve.h"
#include "core/rules/rollout.h"
#include "tests/folder.h"

#define CLUSTER                                                                                             \
	"kube:\n"                                                                                           \
	"- {kind: argo, namespace: prod, name: routed, routed: true, steps: [{weight: 5}, {pause: 5m}, "    \
	"{weight: 25}, {pause: forever}, {weight: 50}, {analysis: Successful, takes: 1m}]}\n"               \
	"- {kind: argo, namespace: prod, name: plain, steps: [{weight: 20}, {pause: forever}, {weight: "    \
	"60}, "                                                                                             \
	"{pause: forever}]}\n"                                                                              \
	"- {kind: argo, namespace: prod, name: doubt, steps: [{weight: 20}, {analysis: Inconclusive, "      \
	"takes: 10s}, "                                                                                     \
	"{weight: 60}, {pause: forever}]}\n"                                                                \
	"- {kind: argo, namespace: prod, name: bad, steps: [{weight: 20}, {analysis: Failed, takes: "       \
	"10s}]}\n"                                                                                          \
	"- {kind: argo, namespace: prod, name: quick, steps: [{weight: 20}, {pause: 30s}, {weight: 40}, "   \
	"{pause: 30s}, {weight: 60}, {pause: forever}]}\n"                                                  \
	"- {kind: flagger, namespace: prod, name: web, interval: 10s, step: 20, max: 40, "                  \
	"asks: [rollout, increase, promotion, rollback]}\n"                                                 \
	"- {kind: flagger, namespace: prod, name: breach, interval: 10s, step: 20, max: 40, threshold: 2, " \
	"breach: 35s, asks: [rollback]}\n"

struct bench {
	struct clock clock;
	struct loop *loop;
	struct world *world;
	struct serve *serve; /* NULL: in the process */
	struct http *api;
	struct rollout *r;
	char gate[64], token[FOLDER_PATH + 16];
	int64_t at; /* the world's time, in the clock's */
	/* the last thing that was told */
	bool done, ok;
	int status;
	struct err err;
	struct rollout_answer a, planned;
	struct rollout_step steps[100];
	char word[64], pause[64], version[32], analysis[32], planned_version[32], planned_word[64];
};

/* ---- the bench -------------------------------------------------------------------------------------------------------- */

static void pass(struct bench *b, int64_t seconds)
{
	b->at += seconds * 1000;
	world_advance(b->world, (struct when){ b->at });
}

static void open_rollout(struct bench *b, const char *base, const char *token)
{
	struct kube_options o = { .api = b->api, .gate = b->api, .clock = &b->clock, .base = base };
	FILE *f;

	if (token) {
		char dir[FOLDER_PATH];

		snprintf(b->token, sizeof(b->token), "%s/token", folder_new(dir));
		f = fopen(b->token, "we");
		assert_non_null(f);
		fprintf(f, "%s\n", token);
		fclose(f);
		o.token_file = b->token;
	}
	assert_int_equal(kube_open(&b->r, &o, &b->err), 0);
}

static void open_bench(struct bench *b, bool wire, const char *token)
{
	static const struct serve_options s = { .port = 0 };
	char origin[32] = "https://drill.invalid", base[64];

	*b = (struct bench){ 0 };
	clock_real(&b->clock);
	b->loop = loop_new(&b->clock);
	b->at = clock_wall(&b->clock).ms;
	assert_int_equal(world_new(&b->world, &(struct world_options){ 0 }, (struct when){ b->at }, &b->err),
			 0);
	pass(b, 3600);
	assert_int_equal(world_kube(b->world, CLUSTER, &b->err), 0);
	if (wire) {
		assert_int_equal(serve_open(&b->serve, b->world, b->loop, &s, &b->err), 0);
		snprintf(origin, sizeof(origin), "http://127.0.0.1:%d", serve_port(b->serve));
		assert_int_equal(
			http_open(&b->api, b->loop,
				  &(struct http_options){ .base = origin, .user_agent = "t", .bare = true },
				  &b->err),
			0);
	} else {
		assert_int_equal(sim_http(&b->api, b->world, b->loop, &b->err), 0);
	}
	snprintf(b->gate, sizeof(b->gate), "%s/kube/loadtester", origin);
	snprintf(base, sizeof(base), "%s/kube", origin);
	open_rollout(b, base, token);
}

static void close_bench(struct bench *b)
{
	rollout_free(b->r);
	http_free(b->api);
	if (b->serve)
		serve_close(b->serve);
	world_free(b->world);
	loop_free(b->loop);
}

static void wait_for(struct bench *b)
{
	while (!b->done)
		assert_true(loop_step(b->loop, -1) >= 0);
}

static void keep(char *to, size_t n, const char **from)
{
	snprintf(to, n, "%s", *from);
	*from = to;
}

static void on_read(void *ctx, const struct rollout_answer *a, const struct err *err)
{
	struct bench *b = ctx;

	b->done = true;
	b->ok = a != NULL;
	if (err)
		b->err = *err;
	if (!a)
		return;
	b->a = *a;
	memcpy(b->steps, a->steps, a->steps_n * sizeof(*a->steps));
	b->a.steps = b->steps;
	keep(b->word, sizeof(b->word), &b->a.word);
	keep(b->pause, sizeof(b->pause), &b->a.pause_reason);
	keep(b->version, sizeof(b->version), &b->a.version);
	keep(b->analysis, sizeof(b->analysis), &b->a.analysis);
}

static void on_act(void *ctx, int status, const struct err *err)
{
	struct bench *b = ctx;

	b->done = true;
	b->ok = !err;
	b->status = status;
	if (err)
		b->err = *err;
}

static struct rollout_name named(const struct bench *b, const char *name)
{
	bool flagger = !strcmp(name, "web") || !strcmp(name, "breach");

	return (struct rollout_name){ flagger ? ROLLOUT_FLAGGER : ROLLOUT_ARGO, "prod", name,
				      flagger ? b->gate : NULL };
}

static void read_it(struct bench *b, const char *name)
{
	struct rollout_name n = named(b, name);

	b->done = false;
	b->err = (struct err){ 0 };
	assert_int_equal(rollout_read(b->r, &n, on_read, b, &b->err), 0);
	wait_for(b);
}

static void expect(struct bench *b, const char *name, enum canary_phase phase, int64_t set_bp)
{
	read_it(b, name);
	if (!b->ok || b->a.phase != phase || b->a.set_bp != set_bp)
		fail_msg("%s: %s%s %s, set %" PRId64 " at step %" PRId64, name, b->err.message, b->a.word,
			 names_word(&canary_phase_names, b->a.phase), b->a.set_bp, b->a.step);
}

/* Plans on what is read now, and sends one request of the act. */
static struct rollout_act plan(struct bench *b, const char *name, enum rollout_act_kind kind, int requests)
{
	struct rollout_act act = { .kind = kind, .name = named(b, name) };
	int n;

	read_it(b, name);
	assert_true(b->ok);
	b->planned = b->a;
	keep(b->planned_version, sizeof(b->planned_version), &b->planned.version);
	keep(b->planned_word, sizeof(b->planned_word), &b->planned.word);
	act.now = b->planned;
	n = rollout_requests(b->r, &act, &b->err);
	if (n != requests)
		fail_msg("%s of %s: %d requests, %s", names_word(&rollout_act_names, (int)kind), name, n,
			 b->err.message);
	return act;
}

static void send(struct bench *b, const struct rollout_act *act)
{
	b->done = false;
	b->err = (struct err){ 0 };
	assert_int_equal(rollout_act(b->r, act, on_act, b, &b->err), 0);
	wait_for(b);
}

static bool shows(struct bench *b, const struct rollout_act *act)
{
	read_it(b, act->name.name);
	return b->ok && rollout_shows(&b->a, &act->name, act->kind, &b->planned);
}

/* All of its requests; done when the controller has looked, and not before. */
static void do_it(struct bench *b, const char *name, enum rollout_act_kind kind, int requests)
{
	struct rollout_act act = plan(b, name, kind, requests);

	for (act.step = 0; act.step < requests; act.step++) {
		send(b, &act);
		if (!b->ok)
			fail_msg("%s: %s", name, b->err.message);
	}
	if (act.name.kind == ROLLOUT_ARGO && kind != ROLLOUT_PROMOTE)
		assert_false(shows(b, &act));
	pass(b, act.name.kind == ROLLOUT_ARGO ? 2 : 11);
	assert_true(shows(b, &act));
}

/* ---- Argo ------------------------------------------------------------------------------------------------------------- */

static void argo_to_the_end(struct bench *b)
{
	expect(b, "routed", CANARY_WATCHING, 500);
	assert_string_equal(b->a.word, "Progressing");
	pass(b, 10);
	expect(b, "routed", CANARY_WATCHING, 500); /* a pause of 5 minutes is a window */
	assert_string_equal(b->a.word, "Paused");
	assert_string_equal(b->a.pause_reason, "CanaryPauseStep");
	pass(b, 310);
	expect(b, "routed", CANARY_HELD, 2500);
	do_it(b, "routed", ROLLOUT_PROMOTE, 1);
	expect(b, "routed", CANARY_WATCHING, 5000);
	pass(b, 10);
	expect(b, "routed", CANARY_WATCHING, 5000);
	assert_string_equal(b->a.analysis, "Running");
	pass(b, 120);
	expect(b, "routed", CANARY_DONE, 10000);
	assert_true(b->a.promoted && b->a.settled);
}

static void argo_held(struct bench *b)
{
	pass(b, 10);
	do_it(b, "routed", ROLLOUT_HOLD, 1);
	expect(b, "routed", CANARY_HELD, 500);
	pass(b, 3600); /* the pause has run out long ago */
	expect(b, "routed", CANARY_HELD, 500);
	do_it(b, "routed", ROLLOUT_RESUME, 1);
	pass(b, 5);
	expect(b, "routed", CANARY_HELD, 2500); /* at the pause that waits for somebody */
	do_it(b, "routed", ROLLOUT_HOLD, 1);
	do_it(b, "routed", ROLLOUT_PROMOTE, 2);
	pass(b, 3);
	expect(b, "routed", CANARY_WATCHING, 5000);
}

static void argo_aborted(struct bench *b)
{
	pass(b, 10);
	expect(b, "plain", CANARY_HELD, 2000);
	assert_int_equal(b->a.seen_bp, -1);
	expect(b, "bad", CANARY_WATCHING, 2000);
	do_it(b, "plain", ROLLOUT_HOLD, 1);
	do_it(b, "plain", ROLLOUT_ABORT, 2); /* a held one scales nothing back */
	expect(b, "plain", CANARY_ABORTED, 0);
	do_it(b, "plain", ROLLOUT_RESUME, 1); /* retried */
	pass(b, 5);
	expect(b, "plain", CANARY_HELD, 2000);
	do_it(b, "routed", ROLLOUT_ABORT, 1);
	expect(b, "routed", CANARY_ABORTED, 0);
	pass(b, 30);
	expect(b, "bad", CANARY_ABORTED, 0); /* by its own analysis */
}

static void argo_in_doubt(struct bench *b)
{
	pass(b, 30);
	expect(b, "doubt", CANARY_HELD, 2000);
	assert_string_equal(b->a.analysis, "Inconclusive");
	assert_string_equal(b->a.pause_reason, "InconclusiveAnalysisRun");
	do_it(b, "doubt", ROLLOUT_PROMOTE, 1);
	pass(b, 5);
	expect(b, "doubt", CANARY_HELD, 6000);
	do_it(b, "doubt", ROLLOUT_PROMOTE_FULL, 1);
	expect(b, "doubt", CANARY_DONE, 10000);
	do_it(b, "plain", ROLLOUT_HOLD, 1);
	do_it(b, "plain", ROLLOUT_PROMOTE_FULL, 2);
	expect(b, "plain", CANARY_DONE, 10000);
}

/* Planned at one pause and sent at the next: refused, and no step is skipped. */
static void argo_moved_meanwhile(struct bench *b)
{
	struct rollout_act act;

	pass(b, 10);
	act = plan(b, "quick", ROLLOUT_PROMOTE, 1);
	pass(b, 35);
	read_it(b, "quick");
	assert_int_equal(b->a.step, 3);
	send(b, &act);
	assert_false(b->ok);
	assert_int_equal(b->err.kind, ERR_CONFLICT);
	assert_int_equal(b->status, 409);
	pass(b, 5);
	read_it(b, "quick");
	assert_int_equal(b->a.step, 3);
}

/* ---- Flagger ---------------------------------------------------------------------------------------------------------- */

static void flagger_to_the_end(struct bench *b)
{
	expect(b, "web", CANARY_ABSENT, 0);
	pass(b, 11);
	expect(b, "web", CANARY_HELD, 0); /* the first gate is shut */
	assert_string_equal(b->a.word, "Waiting");
	do_it(b, "web", ROLLOUT_RESUME, 1);
	pass(b, 10);
	expect(b, "web", CANARY_WATCHING, 2000);
	do_it(b, "web", ROLLOUT_HOLD, 1);
	expect(b, "web", CANARY_HELD, 2000);
	assert_string_equal(b->a.word, "Progressing");
	pass(b, 600);
	expect(b, "web", CANARY_HELD, 2000);
	do_it(b, "web", ROLLOUT_RESUME, 1);
	expect(b, "web", CANARY_WATCHING, 4000);
	do_it(b, "web", ROLLOUT_HOLD, 1);
	expect(b, "web", CANARY_HELD, 4000);
	assert_string_equal(b->a.word, "WaitingPromotion");
	do_it(b, "web", ROLLOUT_PROMOTE, 1);
	pass(b, 30);
	expect(b, "web", CANARY_DONE, 10000);
}

static void flagger_aborted(struct bench *b)
{
	pass(b, 11);
	do_it(b, "web", ROLLOUT_RESUME, 1);
	pass(b, 10);
	do_it(b, "web", ROLLOUT_ABORT, 1);
	expect(b, "web", CANARY_FAILED, 0);
	assert_int_equal(b->a.rollback, ROLLOUT_GATE_OPEN);
	do_it(b, "web", ROLLOUT_RESUME, 1); /* so that the next release is not rolled back at once */
	assert_int_equal(b->a.rollback, ROLLOUT_GATE_SHUT);
	pass(b, 60);
	expect(b, "breach", CANARY_FAILED, 0); /* by its own checks */
}

/* ---- what goes wrong -------------------------------------------------------------------------------------------------- */

static void arm(struct bench *b, const char *match, enum world_fault how, int status, bool act_first)
{
	world_arm(b->world, &(struct world_fault_rule){
				    .match = match,
				    .how = how,
				    .status = status,
				    .act_first = act_first,
				    .body = status ? "{\"kind\":\"Status\",\"message\":\"etcd\"}" : NULL,
				    .count = 1 });
}

/* Whether it happened, a read says: yes after `act_first`, else no. It went out once. */
static void lost(struct bench *b, enum world_fault how, int status, bool act_first)
{
	int before = world_count_requests(b->world, "PATCH *plain*");
	struct rollout_act act;

	pass(b, 10);
	act = plan(b, "plain", ROLLOUT_PROMOTE, 1);
	arm(b, "PATCH *plain*", how, status, act_first);
	send(b, &act);
	assert_false(b->ok);
	assert_int_equal(b->err.kind, ERR_UNKNOWN);
	pass(b, 5);
	assert_int_equal(shows(b, &act), act_first);
	assert_int_equal(world_count_requests(b->world, "PATCH *plain*"), before + 1);
}

static void answers_lost(struct bench *b)
{
	lost(b, WORLD_OK, 500, false);
	lost(b, WORLD_RESET, 0, true);
}

static void answers_cut(struct bench *b)
{
	lost(b, WORLD_TRUNCATE, 0, true);
	lost(b, WORLD_OK, 504, true);
}

static void answers_cut_at_gates(struct bench *b)
{
	struct rollout_act act;

	pass(b, 11);
	act = plan(b, "web", ROLLOUT_RESUME, 1);
	arm(b, "POST *gate/open", WORLD_RESET, 0, true);
	send(b, &act);
	assert_int_equal(b->err.kind, ERR_UNKNOWN);
	assert_true(shows(b, &act));
	assert_int_equal(world_count_requests(b->world, "POST *gate/open"), 1);
}

static void refusals(struct bench *b)
{
	struct rollout_act act = plan(b, "plain", ROLLOUT_ABORT, 1);

	arm(b, "PATCH *plain*", WORLD_OK, 409, false);
	send(b, &act);
	assert_int_equal(b->err.kind, ERR_CONFLICT);
	arm(b, "GET *plain", WORLD_OK, 503, false);
	read_it(b, "plain");
	assert_int_equal(b->err.kind, ERR_SERVER);
	read_it(b, "nobody");
	assert_int_equal(b->err.kind, ERR_MISSING);
	assert_non_null(strstr(b->err.message, "\"nobody\" not found"));
}

static void readers(struct bench *b)
{
	struct rollout_act act = plan(b, "plain", ROLLOUT_ABORT, 1);

	send(b, &act);
	assert_int_equal(b->err.kind, ERR_FORBIDDEN);
	assert_non_null(strstr(b->err.message, "rollouts/status"));
	expect(b, "plain", CANARY_WATCHING, 2000);
}

static void revoked(struct bench *b)
{
	read_it(b, "plain");
	assert_int_equal(b->err.kind, ERR_AUTH);
}

/* ---- both faces ------------------------------------------------------------------------------------------------------- */

#define STORY(name, token)                                 \
	static void name##_here(void **state maybe_unused) \
	{                                                  \
		struct bench b;                            \
		open_bench(&b, false, token);              \
		name(&b);                                  \
		close_bench(&b);                           \
	}                                                  \
	static void name##_wire(void **state maybe_unused) \
	{                                                  \
		struct bench b;                            \
		open_bench(&b, true, token);               \
		name(&b);                                  \
		close_bench(&b);                           \
	}
#define BOTH(name) cmocka_unit_test(name##_here), cmocka_unit_test(name##_wire)

STORY(argo_to_the_end, "captain")
STORY(argo_held, "captain")
STORY(argo_aborted, "captain")
STORY(argo_in_doubt, "captain")
STORY(argo_moved_meanwhile, "captain")
STORY(flagger_to_the_end, "captain")
STORY(flagger_aborted, "captain")
STORY(answers_lost, "captain")
STORY(answers_cut, "captain")
STORY(answers_cut_at_gates, "captain")
STORY(refusals, "captain")
STORY(readers, "reader")
STORY(revoked, "revoked")

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(argo_to_the_end),
		BOTH(argo_held),
		BOTH(argo_aborted),
		BOTH(argo_in_doubt),
		BOTH(argo_moved_meanwhile),
		BOTH(flagger_to_the_end),
		BOTH(flagger_aborted),
		BOTH(answers_lost),
		BOTH(answers_cut),
		BOTH(answers_cut_at_gates),
		BOTH(refusals),
		BOTH(readers),
		BOTH(revoked),
	};

	umask(077);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
