/*
 * frame.c - what the largest screens cost: 200x60 cells, CPU of this process. A canary of twenty metrics of three hundred
 * samples, and five thousand machines.
 *
 *	frame DIR
 *
 * Prints rows of a Markdown table: a frame drawn into cells from rows that are there, the same zoomed and in ASCII, and a
 * frame that reads the rows from the cache first, as after a sample. Beside them the plain lanes, as the unit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "store/agents.h"
#include "store/canaries.h"
#include "tui/app.h"

#define METRICS  20
#define ROUNDS   400
#define LANE     "gov/prod"
#define MACHINES 5000

noreturn_fn static void die(const char *what)
{
	fprintf(stderr, "frame: %s\n", what);
	exit(2);
}

static void fill_metric(struct canary_book *b, struct arena *a, int i, struct when now)
{
	*vec_push(&b->metrics, a) = (struct canary_metric){ .name = arena_printf(a, "metric %d", i),
							    .unit = "ms",
							    .kind = "gauge",
							    .control = 100 * CANARY_SCALE,
							    .canary = 140 * CANARY_SCALE,
							    .limit = 150 * CANARY_SCALE,
							    .verdict = i % 4,
							    .reason = "3 of 5 over 150",
							    .bad = i % 5,
							    .of = 5,
							    .at = now };
	for (int k = 0; k < CANARY_SAMPLES; k++)
		*vec_push(&b->samples, a) = (struct canary_sample){
			.metric = i,
			.at = { now.ms - (int64_t)(CANARY_SAMPLES - 1 - k) * 30000 },
			.control = (90 + (k * 37 + i) % 20) * CANARY_SCALE,
			.canary = k % 29 == 7 ? CANARY_NONE_VALUE : (90 + (k * 53 + i) % 80) * CANARY_SCALE,
			.state = k % 29 == 7 ? SAMPLE_EMPTY : SAMPLE_OK,
			.control_n = 1000,
			.canary_n = 300,
			.why = "",
		};
}

static void fill(const char *path, struct when now)
{
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct store *s = NULL;
	struct lane lane = { .name = LANE,
			     .system = "gov",
			     .environment = "prod",
			     .checked = now,
			     .stale_after = 300000,
			     .reasons = "[]" };
	struct canary_book b = { .row = { .lane = LANE,
					  .release = "v2.15.0",
					  .phase = CANARY_WATCHING,
					  .step = 2,
					  .steps = 4,
					  .set_bp = 2500,
					  .seen_bp = 2460,
					  .started = { now.ms - 200000 },
					  .interval_s = 30,
					  .sampled = now,
					  .at = now } };
	for (int i = 0; i < 4; i++)
		*vec_push(&b.rungs, &a) = (struct canary_rung){
			.weight_bp = (i + 1) * 2500,
			.window_s = 900,
			.entered = { i < 2 ? now.ms - (2 - i) * 900000 : 0 },
		};
	for (int i = 0; i < METRICS; i++)
		fill_metric(&b, &a, i, now);
	if (store_open(&s, path, STORE_WRITE, &e) < 0 || store_begin(s, &e) < 0 ||
	    store_run(s, Q_lane_put, &rec_lane, &lane, &e) < 0 || store_canary_put(s, &b, &e) < 0 ||
	    store_canary_samples_add(s, LANE, b.samples.items, b.samples.n, &e) < 0 || store_end(s, &e) < 0)
		die(e.message);
	store_close(s);
	arena_done(&a);
}

static void fill_machines(const char *path, struct when now)
{
	static const char *const sizes[] = { "tiny", "standard", "large", "llm" };
	static struct agent rows[MACHINES];
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct store *s = NULL;
	for (int i = 0; i < MACHINES; i++) {
		const int status = i % 997 == 13 ? PROOF_FAILED : PROOF_VERIFIED;
		rows[i] = (struct agent){
			.id = arena_printf(&a, "agent-%08x", (unsigned)i * 2654435761u),
			.name = arena_printf(&a, "node-%04d", i),
			.size = sizes[i % 4],
			.datacenter = arena_printf(&a, "dc-%02d", i % 23),
			.word = "deployed",
			.said_verified = true,
			.complaint = "",
			.status = status,
			.reason = status == PROOF_FAILED ? PROOF_RTMR_DRIFT : PROOF_OK,
			.detail = "",
			.quote = status,
			.token = PROOF_VERIFIED,
			.differs = status == PROOF_FAILED ? "rtmr2 (quote, pin)" : "",
			.tcb = "UpToDate",
			.quote_sha = "5ca9ea7c5feb2ec58fe2fca8a21c8bee8b51d6eb5ca9ea7c5feb2ec58fe2fca8",
			.token_sha = "5ca9ea7c5feb2ec58fe2fca8a21c8bee8b51d6eb5ca9ea7c5feb2ec58fe2fca8",
			.taken = now,
			.token_until = { now.ms + 200000 },
			.heard = now,
			.changed = { now.ms - 7200000 },
			.at = now
		};
	}
	if (store_open(&s, path, STORE_WRITE, &e) < 0 || store_begin(s, &e) < 0 ||
	    store_agents_put(s, LANE, rows, MACHINES, NULL, &e) < 0 || store_end(s, &e) < 0)
		die(e.message);
	store_close(s);
	arena_done(&a);
}

static double cpu_ms(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

/* CPU of one frame, ms. */
static double measure(struct app *app, bool with_load)
{
	app_load(app);
	app_draw_to(app, &app->grid);
	double before = cpu_ms();
	for (int i = 0; i < ROUNDS; i++) {
		if (with_load)
			app_load(app);
		app_draw_to(app, &app->grid);
	}
	return (cpu_ms() - before) / ROUNDS;
}

static void row(const char *what, double ms, double unit)
{
	printf("| %s | %.3f | %.1f |\n", what, ms, unit > 0 ? ms / unit : 0);
}

static void measure_all(struct app *app)
{
	double lanes = measure(app, false);
	row("lanes, one row: the unit", lanes, lanes);
	app_go(app, SCREEN_CANARY, LANE, 0);
	row("canary, 20 metrics x 300 samples (bar 2 ms)", measure(app, false), lanes);
	app_place(app)->zoomed = true;
	row("its plot on the whole screen", measure(app, false), lanes);
	app->grid.ascii = true;
	row("the same in ASCII", measure(app, false), lanes);
	app->grid.ascii = app_place(app)->zoomed = false;
	row("canary, read from the cache and drawn", measure(app, true), lanes);
	app_go(app, SCREEN_ATTEST, LANE, 0);
	row("5,000 machines (bar 2 ms)", measure(app, false), lanes);
	row("the same read from the cache and drawn", measure(app, true), lanes);
	snprintf(app->filter, sizeof(app->filter), "state:failed size:tiny");
	row("the same, filtered", measure(app, true), lanes);
}

int main(int argc, char **argv)
{
	static struct app app;
	char path[512];
	if (argc != 2)
		die("usage: frame DIR");
	snprintf(path, sizeof(path), "%s/frame.db", argv[1]);
	struct tui_options o = { .cache_path = path, .who = "ana@bastion" };
	app = (struct app){ .o = &o, .limit = 200 };
	clock_manual(&app.clock, (struct when){ 1795269737000 });
	app.clock.mono = 100000;
	fill(path, clock_wall(&app.clock));
	fill_machines(path, clock_wall(&app.clock));
	grid_resize(&app.grid, 60, 200);
	measure_all(&app);
	return 0;
}
