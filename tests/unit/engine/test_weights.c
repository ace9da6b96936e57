/* The weight of a canary as a controller in the simulated cluster tells it, from the API server to the rows of the cache. */
#include "canary_rig.h"

#include "core/adapters/kube/kube.h"
#include "core/adapters/sim/sim.h"

#define ARGO "      weight: [{from: argo, namespace: shop, name: web}]\n"
#define FLAGGER                                                             \
	"      weight: [{from: flagger, namespace: shop, name: web, gate: " \
	"\"https://drill.invalid/kube/loadtester\"}]\n"

static struct {
	struct world *world;
	struct http *http;
	struct rollout *port;
} cluster;

static struct canary_rig *open_rig(const char *weight, const char *objects)
{
	struct canary_rig *r = canary_rig_new(weight);
	struct kube_options o = { .clock = &r->clock, .base = "https://drill.invalid/kube" };
	struct err e = ERR_INIT;

	if (world_new(&cluster.world, &(struct world_options){ 0 }, clock_wall(&r->clock), &e) < 0 ||
	    world_kube(cluster.world, objects, &e) < 0)
		fail_msg("%s", e.message);
	assert_int_equal(sim_http(&cluster.http, cluster.world, r->loop, &e), 0);
	o.api = o.gate = cluster.http;
	assert_int_equal(kube_open(&cluster.port, &o, &e), 0);
	r->port = cluster.port;
	canary_restart(r);
	return r;
}

static void close_rig(struct canary_rig *r)
{
	canary_down(r);
	rollout_free(cluster.port);
	http_free(cluster.http);
	world_free(cluster.world);
	r->port = NULL;
	canary_rig_free(r);
}

static void check(struct canary_rig *r, int phase, int64_t set_bp, const char *from, const char *seen_why)
{
	const struct canary row = book_of(r).row;

	if (row.phase != phase || row.set_bp != set_bp ||
	    !text_eq(set_bp < 0 ? row.set_why : row.set_from, from) || row.seen_bp != -1 ||
	    !text_eq(row.seen_why, seen_why))
		fail_msg("%s, set %" PRId64 " from %s, %s; seen %" PRId64 ", %s",
			 names_word(&canary_phase_names, row.phase), row.set_bp, row.set_from, row.set_why,
			 row.seen_bp, row.seen_why);
}

static void steps_of_a_plain_rollout(void **state maybe_unused)
{
	struct canary_rig *r =
		open_rig(ARGO, "kube:\n- {kind: argo, namespace: shop, name: web, steps: [{weight: 5}, "
			       "{pause: 3m}, {weight: 25}, {pause: forever}]}\n");

	canary_wait(r, MINUTE);
	check(r, CANARY_WATCHING, 500, "argo shop/web, by its steps", "no traffic routing");
	canary_wait(r, 4 * MINUTE);
	check(r, CANARY_HELD, 2500, "argo shop/web, by its steps", "no traffic routing");
	close_rig(r);
}

static void weights_of_a_router(void **state maybe_unused)
{
	struct canary_rig *r =
		open_rig(ARGO, "kube:\n- {kind: argo, namespace: shop, name: web, routed: true, steps: "
			       "[{weight: 5}, {pause: 3m}, {weight: 25}, {analysis: Failed, takes: 5m}]}\n");

	canary_wait(r, MINUTE);
	check(r, CANARY_WATCHING, 500, "argo shop/web", "its traffic router verifies no weights");
	canary_wait(r, 4 * MINUTE);
	check(r, CANARY_WATCHING, 2500, "argo shop/web", "its traffic router verifies no weights");
	canary_wait(r, 6 * MINUTE);
	check(r, CANARY_ABORTED, 0, "argo shop/web", "its traffic router verifies no weights");
	close_rig(r);
}

static void steps_of_flagger(void **state maybe_unused)
{
	static const char why[] = "Flagger tells what it set, and verifies nothing";
	struct canary_rig *r =
		open_rig(FLAGGER, "kube:\n- {kind: flagger, namespace: shop, name: web, interval: 4m, "
				  "step: 20, max: 40, gate: open, asks: [promotion]}\n");

	canary_wait(r, 10 * MINUTE);
	check(r, CANARY_WATCHING, 2000, "flagger shop/web", why);
	canary_wait(r, 4 * MINUTE);
	check(r, CANARY_WATCHING, 4000, "flagger shop/web", why);
	canary_wait(r, 4 * MINUTE);
	check(r, CANARY_WATCHING, -1, "Flagger tells no weight in this phase", why);
	canary_wait(r, 8 * MINUTE);
	check(r, CANARY_DONE, 10000, "flagger shop/web", why);
	close_rig(r);
}

static void a_cluster_that_refuses(void **state maybe_unused)
{
	struct canary_rig *r =
		open_rig(ARGO, "kube:\n- {kind: argo, namespace: shop, name: web, steps: [{weight: 5}, "
			       "{pause: forever}]}\n");

	canary_wait(r, MINUTE);
	check(r, CANARY_HELD, 500, "argo shop/web, by its steps", "no traffic routing");
	world_arm(cluster.world,
		  &(struct world_fault_rule){ .match = "GET /kube/*",
					      .status = 403,
					      .body = "{\"kind\":\"Status\",\"message\":\"rollouts is "
						      "forbidden\",\"reason\":\"Forbidden\"}",
					      .count = -1 });
	canary_wait(r, 2 * MINUTE);
	assert_int_equal(book_of(r).row.set_bp, -1);
	assert_non_null(strstr(book_of(r).row.set_why, "rollouts is forbidden"));
	close_rig(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_of_a_plain_rollout),
		cmocka_unit_test(weights_of_a_router),
		cmocka_unit_test(steps_of_flagger),
		cmocka_unit_test(a_cluster_that_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
