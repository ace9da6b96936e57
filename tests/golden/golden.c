/*
 * golden.c - every screen in every state of the world, compared with the text that a person looked at and agreed to.
 *
 * The console itself runs here, without a terminal: keys go in at app_key(), cells come out of app_draw_to(). A golden
 * file holds one screen in one state at several sizes; at 80x24 the roles stand below the text, one letter a cell.
 * GENERATE=1 writes the files instead; a file that is missing is a failure.
 */
#include "tests/fault/hostile.h"
#include "tests/golden/world_canaries.h"
#include "tests/golden/world_evidence.h"
#include "tests/golden/world_fill.h"
#include "tests/golden/world_fleet.h"
#include "tests/golden/world_proof.h"

#include "base/path.h"
#include "base/text.h"
#include "tui/app.h"
#include "tui/screens/wall.h"

enum state { NORMAL, EMPTY, STALE, OVERFLOW, ATTACKED, STATES };

static const char *const state_names[STATES] = { "normal", "empty", "stale", "overflow", "hostile" };

static const struct {
	int cols, rows;
} sizes[] = { { 40, 12 }, { 80, 24 }, { 120, 40 }, { 200, 60 } };

static const char plan_text[] =
	"{\"plan_id\":\"7c1e93f0\",\"act\":\"dispatch\",\"lane\":\"easy/prod\",\"release\":\"v0.9.4\","
	"\"sha\":\"77ab31c0de77ab31c0de77ab31c0de77ab31c0de\",\"verdict\":\"%s\",\"confirm\":\"%s\","
	"\"made\":\"2026-11-21T14:02:09Z\",\"ahead\":14,\"behind\":0,\"production\":true,"
	"\"requests\":[{\"request\":\"POST "
	"/repos/acme/easy/actions/workflows/production-rollout.yml/dispatches\","
	"\"body\":{\"ref\":\"main\",\"inputs\":{\"release_tag\":\"v0.9.4\",\"rc_intent\":\"(drawn at "
	"confirm)\"}}}%s],"
	"\"inputs\":[{\"name\":\"release_tag\",\"type\":\"string\",\"required\":true,\"default\":\"\","
	"\"description\":\"The release to roll out\",\"options\":[],\"value\":\"v0.9.4\",\"note\":\"\","
	"\"fixed\":true},{\"name\":\"skip_tests\",\"type\":\"boolean\",\"required\":false,"
	"\"default\":\"false\",\"description\":\"An exception: say why\",\"options\":[],\"value\":\"false\","
	"\"note\":\"\",\"fixed\":false},{\"name\":\"region\",\"type\":\"choice\",\"required\":true,"
	"\"default\":\"eu\",\"description\":\"\",\"options\":[\"eu\",\"us\"],\"value\":\"eu\","
	"\"note\":\"not in the profile\",\"fixed\":false},{\"name\":\"ticket\",\"type\":\"string\","
	"\"required\":true,\"default\":\"\",\"description\":\"Of the change\",\"options\":[],\"value\":null,"
	"\"note\":\"not in the "
	"profile\",\"fixed\":false},{\"name\":\"rc_intent\",\"value\":\"(drawn at confirm)\",\"note\":"
	"\"the file does not declare it: it is our contract with it\",\"fixed\":true}],"
	"\"changes\":[{\"sha\":\"77ab31c0de\",\"title\":\"cp: pin gcp image by project and name\","
	"\"author\":\"kim\",\"at\":\"2026-11-19T14:02:09Z\"},{\"sha\":\"90ce12f0de\",\"title\":"
	"\"\\u5b89\\u5168 fix the fallback of the trust store when the clock is wrong by more than an hour\","
	"\"author\":\"a-name-of-some-length\",\"at\":\"2026-11-20T14:02:09Z\"}],"
	"\"checks\":[{\"name\":\"release\",\"status\":\"ok\",\"detail\":\"v0.9.4 is published, points at "
	"77ab31c\","
	"\"at\":\"2026-11-21T14:02:09Z\",\"source\":\"forge\"},"
	"{\"name\":\"asset:trusted_values\",\"status\":\"ok\",\"detail\":\"trusted_values.v0.9.4.json\"},"
	"{\"name\":\"asset:example-images\",\"status\":\"%s\",\"detail\":\"example-images.v0.9.4.json is not "
	"in "
	"the release, and production cannot start without it\",\"fix\":\"run release-example-images for "
	"v0.9.4\"},"
	"{\"name\":\"in_flight\",\"status\":\"ok\",\"detail\":\"no run of production-rollout is under way\"},"
	"{\"name\":\"policy:min_version\",\"status\":\"ok\",\"detail\":\"declared strict, and the file at "
	"main "
	"says off; accepted: incident 4411\"},"
	"{\"name\":\"note:attested\",\"status\":\"unchecked\",\"detail\":\"not checked\"},"
	"{\"name\":\"contract\",\"status\":\"unchecked\",\"at\":\"2026-11-21T14:02:04Z\",\"detail\":"
	"\"not guarded against an old lock; job resolve refuses a used nonce, a moved tag\",\"fix\":\"put "
	"the "
	"contract into the workflow: `pilothouse profile contract` prints it\"}],"
	"\"back\":\"v0.9.3 is there: assets present, took 11m the last "
	"time\",\"note\":\"%s\",\"undo\":\"cancel the run while it waits\",\"command\":\"%s\"}";

static const char second_step[] =
	",{\"request\":\"PUT /repos/acme/easy/pulls/7/merge\",\"what\":\"merge the pull request\","
	"\"body\":{\"sha\":\"77ab31c0de77ab31c0de77ab31c0de77ab31c0de\"}}";

struct stage {
	struct app app;
	struct tui_options o;
	struct arena a;
	struct err e;
	enum state state;
};

static void no_timer(void *ctx)
{
	(void)ctx;
}

static void press(struct stage *s, const char *keys)
{
	struct keys k;
	keys_init(&k);
	keys_feed(&k, keys, strlen(keys), app_key, &s->app);
	keys_flush(&k, app_key, &s->app);
	if (s->app.must_load)
		app_load(&s->app);
	app_settle(&s->app);
	if (s->app.must_load)
		app_load(&s->app);
}

static struct world worlds[STATES]; /* filled once: screens only read */

static int fill_worlds(void **unused)
{
	static const enum world_kind kinds[] = { [NORMAL] = WORLD_NORMAL,
						 [STALE] = WORLD_NORMAL,
						 [OVERFLOW] = WORLD_OVERFLOW,
						 [ATTACKED] = WORLD_HOSTILE };
	(void)unused;
	for (int i = 0; i < STATES; i++) {
		world_open(&worlds[i]);
		if (i == EMPTY)
			continue;
		world_fill(&worlds[i], kinds[i], i == STALE ? 2 * HOURS : 4000);
		world_evidence(&worlds[i], kinds[i], i == STALE ? 2 * HOURS : 4000);
		world_canary(&worlds[i], kinds[i], i == STALE ? 2 * HOURS : 4000);
		if (kinds[i] == WORLD_NORMAL)
			world_canary_back(&worlds[i], i == STALE ? 2 * HOURS : 4000);
		world_proof(&worlds[i], kinds[i], i == STALE ? 2 * HOURS : 4000);
		world_fleet(&worlds[i], kinds[i], i == STALE ? 2 * HOURS : 4000);
	}
	return 0;
}

static int close_worlds(void **unused)
{
	(void)unused;
	for (int i = 0; i < STATES; i++)
		world_close(&worlds[i]);
	return 0;
}

static void stage_open(struct stage *s, enum state state, int cols, int rows)
{
	memset(s, 0, sizeof(*s));
	s->state = state;
	s->o = (struct tui_options){ .cache_path =
					     state == EMPTY ? "/nonexistent/cache.db" : worlds[state].path,
				     .who = "ana@bastion" };
	s->app = (struct app){ .o = &s->o, .limit = 200 };
	clock_manual(&s->app.clock, (struct when){ WORLD_NOW });
	s->app.clock.mono = 100000;
	s->app.loop = loop_new(&s->app.clock);
	s->app.rest = timer_new(s->app.loop, no_timer, NULL);
	s->app.settle = timer_new(s->app.loop, no_timer, NULL);
	s->app.confirm_timer = timer_new(s->app.loop, no_timer, NULL);
	grid_resize(&s->app.grid, rows, cols);
	app_load(&s->app);
}

static void stage_close(struct stage *s)
{
	store_close(s->app.store);
	timer_free(s->app.rest);
	timer_free(s->app.settle);
	timer_free(s->app.confirm_timer);
	loop_free(s->app.loop);
	grid_done(&s->app.grid);
	arena_done(&s->app.arena);
	arena_done(&s->app.sheet_arena);
	arena_done(&s->app.pane_arena);
	arena_done(&s->app.act_arena);
	form_done(&s->app.form);
	arena_done(&s->app.kept);
	arena_done(&s->a);
}

/* ---- the screens, as a person gets to them ---- */

static void go_lanes(struct stage *s)
{
	press(s, "jj");
}

static void go_runs(struct stage *s)
{
	press(s, "2jjj");
}

static void go_run(struct stage *s)
{
	press(s, s->state == OVERFLOW   ? ":run 35531727338\r"
		 : s->state == ATTACKED ? ":run 7\r"
					: ":run 35531727001\r");
	press(s, "jj");
}

static void go_gates(struct stage *s)
{
	press(s, "3");
}

static void go_drift(struct stage *s)
{
	press(s, "6jj");
}

static void go_proof(struct stage *s)
{
	press(s, "5");
}

/* All verified: by its address. */
static void go_proved(struct stage *s)
{
	press(s, ":lane:gov/prod@proof\r");
}

/* A lane whose profile asks for none. */
static void go_unproved(struct stage *s)
{
	press(s, ":proof mcp/prod\r");
}

static void go_proof_steps(struct stage *s)
{
	go_proof(s);
	press(s, "\r");
}

static void go_ascii_proof(struct stage *s)
{
	s->app.grid.ascii = true;
	press(s, "5jj");
}

/* By the name as it is stored: an address is typed, and what is typed is not this. */
static void go_hostile_machines(struct stage *s)
{
	app_go(&s->app, SCREEN_ATTEST, HOSTILE, 0);
	press(s, "");
}

/* The machines of a lane: from the line in PROOF, which the worst of them makes the first or nearly so; by address. */
static void go_machines(struct stage *s)
{
	if (s->state == OVERFLOW)
		press(s, ":lane:a-system-with-a-long-name-1/production-europe-west@attest\r");
	else if (s->state == ATTACKED)
		go_hostile_machines(s);
	else
		press(s, ":attest easy/prod\r");
}

static void go_all_good(struct stage *s)
{
	press(s, ":lane:gov/prod@attest\r");
}

static void go_never_looked(struct stage *s)
{
	press(s, ":lane:mcp/prod@attest\r");
}

/* The control plane has not answered for hours: what is known is old, and says so. */
static void go_silent(struct stage *s)
{
	press(s, ":lane:cloud/prod@attest\r");
}

static void go_one_machine(struct stage *s)
{
	go_machines(s);
	press(s, s->state == OVERFLOW ? "G\r" : "\r");
}

static void go_fleet(struct stage *s)
{
	go_machines(s);
	press(s, "z");
}

static void go_ascii_machines(struct stage *s)
{
	s->app.grid.ascii = true;
	go_machines(s);
	press(s, "/state:failed !llm\r");
}

/* The failed lane's, from the lanes. */
static void go_readiness(struct stage *s)
{
	press(s, s->state == OVERFLOW || s->state == ATTACKED ? ":screen:readiness\r" : "b");
	press(s, "jj");
}

/* Of one lane, by its address; the hostile world's only one is shown without one. */
static void go_lane_canary(struct stage *s, const char *lane)
{
	if (s->state == OVERFLOW)
		press(s, ":lane:a-system-with-a-long-name-1/production-europe-west@canary\r");
	else
		press(s, s->state == ATTACKED ? "4" : arena_printf(&s->a, ":canary %s\r", lane));
}

static void go_canary(struct stage *s)
{
	go_lane_canary(s, "gov/prod");
	press(s, "jj");
}

static void go_watching(struct stage *s)
{
	go_lane_canary(s, "theory/main");
}

static void go_back(struct stage *s)
{
	go_lane_canary(s, "mcp/staging");
}

/* On this screen alone: a guard stands in the head of every other. */
static void go_guarded(struct stage *s)
{
	if (s->state == NORMAL || s->state == STALE)
		world_guard(&worlds[s->state], true, s->state == STALE ? 2 * HOURS : 4000);
	s->app.must_load = true;
	go_lane_canary(s, "theory/main");
	if (s->state == NORMAL || s->state == STALE)
		world_guard(&worlds[s->state], false, 0);
}

static void go_idle(struct stage *s)
{
	go_lane_canary(s, "mcp/prod");
}

static void go_canaries(struct stage *s)
{
	press(s, ":screen:canary\rj");
}

static void go_plot(struct stage *s)
{
	go_lane_canary(s, "gov/prod");
	press(s, "z");
}

static void go_ascii_canary(struct stage *s)
{
	s->app.grid.ascii = true;
	go_canary(s);
}

static void go_ascii_plot(struct stage *s)
{
	s->app.grid.ascii = true;
	go_plot(s);
}

static void go_journal(struct stage *s)
{
	press(s, "7j");
}

static void go_why(struct stage *s)
{
	press(s, "w");
}

static void go_help(struct stage *s)
{
	press(s, "?");
}

/* The plan comes from the engine; here its answer is written down. STALE: refused. EMPTY: a field half typed. */
static void go_plan(struct stage *s)
{
	struct app *app = &s->app;
	bool refused = s->state == STALE;
	struct json *j = NULL;
	const char *text =
		arena_printf(&s->a, plan_text, refused ? "refused" : "go", refused ? "" : "easy/prod v0.9.4",
			     s->state == OVERFLOW ? second_step : "", refused ? "missing" : "ok",
			     s->state == OVERFLOW ? "two commits on main are newer and not in it" : "",
			     refused ? "helm rollback summit 41 --namespace summit --wait  --timeout 5m0s "
				       "--kube-context gov-production-europe-west"
				     : "");
	if (json_parse(&j, text, strlen(text), 1 << 20, &s->e) < 0 ||
	    view_plan(&app->plan, j, clock_wall(&app->clock), &app->act_arena, &s->e) < 0)
		fail_msg("%s", s->e.message);
	json_free(j);
	act_lines(app);
	sheet_open(app, SHEET_PLAN);
	if (refused)
		return;
	confirm_open(&app->confirm, app->plan.confirm, 100000);
	app->prompt = PROMPT_CONFIRM;
	if (s->state != EMPTY)
		return;
	for (const char *p = "easy/prod v0"; *p; p++) {
		clock_advance(&app->clock, 1000);
		press(s, (char[]){ *p, 0 });
	}
}

/* The same plan's conditions, one by one. */
static void go_tree(struct stage *s)
{
	go_plan(s);
	clock_advance(&s->app.clock, CONFIRM_ARMING_MS);
	press(s, s->state == EMPTY ? "\027" : "w");
}

/* A minute later, and the rest of the phrase goes on being typed: it reaches no screen. STALE: a refused one stays. */
static void go_void(struct stage *s)
{
	go_plan(s);
	clock_advance(&s->app.clock, CONFIRM_TIMEOUT_MS);
	if (s->state != STALE)
		press(s, "v0.9.4 q7D");
}

/* From the plan by Tab; the second choice taken, the ticket half typed. EMPTY: an act without inputs. */
static void go_inputs(struct stage *s)
{
	go_plan(s);
	if (s->state == EMPTY)
		s->app.plan.inputs_n = 0;
	press(s, s->state == STALE ? "i" : "\t");
	press(s, "\033[B\033[C\033[BCHG-44");
}

static void draw_wall(struct stage *s, struct grid *g)
{
	struct shown *v = &s->app.shown;
	struct freeze_rows freezes = { 0 };
	struct alarm_rows alarms = { 0 };
	struct proof_rows proofs = { 0 };
	struct wall_view wall = { .header = v->has_header ? &v->header : NULL,
				  .lanes = &v->lanes,
				  .gates = &v->gates,
				  .acts = &v->intents,
				  .freezes = &freezes,
				  .drift = &v->drift,
				  .alarms = &alarms,
				  .proofs = &proofs,
				  .now = { WORLD_NOW },
				  .trouble = "" };
	if (s->app.store &&
	    (view_journal(&v->intents, s->app.store, 200, false, wall.now, &s->app.arena, &s->e) < 0 ||
	     view_freeze(&freezes, s->app.store, NULL, wall.now, &s->app.arena, &s->e) < 0 ||
	     view_drift(&v->drift, s->app.store, NULL, wall.now, &s->app.arena, &s->e) < 0 ||
	     view_alarms(&alarms, s->app.store, wall.now, &s->app.arena, &s->e) < 0 ||
	     view_proofs(&proofs, s->app.store, NULL, wall.now, &s->app.arena, &s->e) < 0))
		fail_msg("%s", s->e.message);
	screen_wall(g, &wall, &s->a);
}

static const struct {
	const char *name;
	void (*go)(struct stage *s);
	void (*draw)(struct stage *s, struct grid *g);
} screens[] = {
	{ "lanes", go_lanes, NULL },
	{ "runs", go_runs, NULL },
	{ "run", go_run, NULL },
	{ "gates", go_gates, NULL },
	{ "journal", go_journal, NULL },
	{ "plan", go_plan, NULL },
	{ "tree", go_tree, NULL },
	{ "why", go_why, NULL },
	{ "help", go_help, NULL },
	{ "wall", NULL, draw_wall },
	{ "void", go_void, NULL },
	{ "inputs", go_inputs, NULL },
	{ "drift", go_drift, NULL },
	{ "readiness", go_readiness, NULL },
	{ "canary", go_canary, NULL },
	{ "canary_ascii", go_ascii_canary, NULL },
	{ "plot", go_plot, NULL },
	{ "plot_ascii", go_ascii_plot, NULL },
	{ "canaries", go_canaries, NULL },
	{ "canary_unknown", go_watching, NULL },
	{ "canary_idle", go_idle, NULL },
	{ "canary_back", go_back, NULL },
	{ "canary_guarded", go_guarded, NULL },
	{ "proof", go_proof, NULL },
	{ "proved", go_proved, NULL },
	{ "unproved", go_unproved, NULL },
	{ "proof_steps", go_proof_steps, NULL },
	{ "proof_ascii", go_ascii_proof, NULL },
	{ "attest", go_machines, NULL },
	{ "attest_ascii", go_ascii_machines, NULL },
	{ "attest_good", go_all_good, NULL },
	{ "attest_none", go_never_looked, NULL },
	{ "attest_silent", go_silent, NULL },
	{ "attest_machine", go_one_machine, NULL },
	{ "attest_fleet", go_fleet, NULL },
};

static void add_size(struct buf *out, size_t screen, enum state state, int cols, int rows)
{
	static struct stage s;
	stage_open(&s, state, cols, rows);
	if (screens[screen].go)
		screens[screen].go(&s);
	if (screens[screen].draw)
		screens[screen].draw(&s, &s.app.grid);
	else
		app_draw_to(&s.app, &s.app.grid);
	buf_fmt(out, "%s %s %dx%d\n", screens[screen].name, state_names[state], cols, rows);
	if (cols == 80) {
		paint_text(out, &s.app.grid, true);
	} else {
		paint_text(out, &s.app.grid, false);
		buf_str(out, "=\n");
	}
	stage_close(&s);
}

/* Nothing that moves a cursor, colours, reorders or hides: only what a row is made of. */
static void check_inert(const struct buf *out)
{
	for (size_t i = 0; i < out->n; i++) {
		unsigned char c = (unsigned char)out->s[i];
		assert_true(c == '\n' || (c >= 0x20 && c != 0x7f));
		assert_false(c == 0xc2 && (unsigned char)out->s[i + 1] < 0xa0); /* C1 */
	}
	assert_true(text_is_utf8(out->s, out->n));
	assert_null(strstr(out->s, "\xe2\x80\xae"));
	assert_null(strstr(out->s, "\xe2\x80\x8b"));
	assert_null(strstr(out->s, "\xe2\x81\xa6"));
	assert_null(strstr(out->s, "\xef\xbb\xbf"));
}

static bool lines_are_safe(char *s)
{
	for (char *save = NULL, *line = strtok_r(s, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (!text_is_safe(line))
			return false;
	return true;
}

/* The first line that differs is what a person wants to read. */
static void compare(const char *path, const struct buf *want, const struct buf *got)
{
	const char *a = want->s, *b = got->s;
	for (int line = 1; *a || *b; line++) {
		size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");
		if (n != m || memcmp(a, b, n))
			fail_msg("%s:%d\n  golden: %.*s\n  screen: %.*s", path, line, (int)n, a, (int)m, b);
		a += n + (a[n] == '\n');
		b += m + (b[m] == '\n');
	}
}

static void test_screen(size_t screen, enum state state)
{
	char path[512];
	struct buf got = BUF_INIT(1 << 20), want = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	snprintf(path, sizeof(path), "%s/tests/golden/%s-%s.txt", PH_SOURCE_DIR, screens[screen].name,
		 state_names[state]);
	for (size_t i = 0; i < countof(sizes); i++)
		add_size(&got, screen, state, sizes[i].cols, sizes[i].rows);
	assert_false(got.over);
	check_inert(&got);
	if (getenv("GENERATE")) {
		FILE *f = fopen(path, "w");
		assert_non_null(f);
		assert_int_equal(fwrite(got.s, 1, got.n, f), got.n);
		assert_int_equal(fclose(f), 0);
	} else {
		if (path_read(&want, path, &e) < 0)
			fail_msg("%s", e.message);
		compare(path, &want, &got);
	}
	buf_done(&got);
	buf_done(&want);
}

static void test_state(void **state)
{
	enum state which = (enum state)(size_t)*state;
	for (size_t i = 0; i < countof(screens); i++)
		test_screen(i, which);
}

/* Reading thousands of machines once for each size would take minutes, and one of their screens is like the others. */
static bool is_slow(size_t screen, enum state state)
{
	return state == OVERFLOW && (screens[screen].go == go_fleet || screens[screen].go == go_one_machine ||
				     screens[screen].go == go_ascii_machines);
}

/* No screen may break at any size: what is drawn is safe text within the grid, whatever the world holds. */
static void test_every_size(void **state)
{
	static const enum state states[] = { NORMAL, EMPTY, OVERFLOW, ATTACKED };
	(void)state;
	for (size_t i = 0; i < countof(screens); i++)
		for (size_t k = 0; k < countof(states); k++)
			for (int cols = is_slow(i, states[k]) ? 201 : 1; cols <= 200; cols = cols * 3 / 2 + 1)
				for (int rows = 1; rows <= 60; rows = rows * 2 + 1) {
					struct buf out = BUF_INIT(1 << 20);
					add_size(&out, i, states[k], cols, rows);
					check_inert(&out);
					buf_done(&out);
				}
}

/* Each string of the corpus in every field, on every screen; every sixth of them daily. */
static void test_corpus(void **state)
{
	struct world *w = &worlds[ATTACKED];
	struct buf text = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
	int stride = getenv("CORPUS") ? 1 : 6, tried = 0;
	(void)state;
	for (int n = 0; n < hostile_count(); n += stride, tried++) {
		const char *class = hostile_make(&text, n);
		size_t size = (size_t)tried % countof(sizes);
		world_close(w);
		world_open(w);
		world_hostile_text = text.s;
		world_fill(w, WORLD_HOSTILE, 4000);
		world_evidence(w, WORLD_HOSTILE, 4000);
		world_canary(w, WORLD_HOSTILE, 4000);
		world_proof(w, WORLD_HOSTILE, 4000);
		world_fleet(w, WORLD_HOSTILE, 4000);
		for (size_t i = 0; i < countof(screens); i++) {
			buf_reset(&out);
			add_size(&out, i, ATTACKED, sizes[size].cols, sizes[size].rows);
			check_inert(&out);
			if (!lines_are_safe(out.s))
				fail_msg("%s, string %d (%s)", screens[i].name, n, class);
		}
	}
	print_message("%d strings, %zu screens\n", tried, countof(screens));
	world_hostile_text = HOSTILE_TEXT;
	buf_done(&text);
	buf_done(&out);
}

/* The address that the program is started with may be a stranger's: what it names is named harmlessly. */
static void test_addresses(void **state)
{
	static const char *const places[] = { "runs", "attest", "proof", "canary", "drift", "readiness" };
	static const char *const names[] = { "a\xd8\x9c"
					     "b/c",
					     "a\xe2\x80\xae"
					     "b/c",
					     "\xe2\x80\x8b", "\xff\033[2J" };
	(void)state;
	for (size_t i = 0; i < countof(places); i++)
		for (size_t k = 0; k < countof(names); k++) {
			static struct stage s;
			struct buf out = BUF_INIT(1 << 20);
			stage_open(&s, NORMAL, 80, 24);
			app_address(&s.app, arena_printf(&s.a, "lane:%s@%s", names[k], places[i]));
			press(&s, "");
			app_draw_to(&s.app, &s.app.grid);
			paint_text(&out, &s.app.grid, false);
			check_inert(&out);
			if (!lines_are_safe(out.s))
				fail_msg("%s of %zu", places[i], k);
			buf_done(&out);
			stage_close(&s);
		}
}

/* From wherever one is, and whatever a filter hides, to the one gate that this captain may open. */
static void test_needs_me(void **state)
{
	static const char *const from[] = { "1",
					    "2",
					    "3",
					    "4",
					    "5",
					    "6",
					    "7",
					    ":run 35531727338\r",
					    ":screen:readiness\r",
					    ":screen:canary\r",
					    ":attest easy/prod\r",
					    "w",
					    "?" };
	static const char *const filters[] = { "", "/gov\r", "/no such gate\r", "/state:others\r",
					       "/!easy\r" };
	(void)state;
	for (size_t i = 0; i < countof(from); i++)
		for (size_t k = 0; k < countof(filters); k++) {
			static struct stage s;
			stage_open(&s, NORMAL, 80, 24);
			press(&s, from[i]);
			press(&s, s.app.sheet ? "\033" : filters[k]);
			press(&s, ".");
			const struct place *p = app_here(&s.app);
			if (p->screen != SCREEN_RUN || p->run != INT64_C(35531727001))
				fail_msg("%s %s: run %" PRId64 ", %s", from[i], filters[k], p->run,
					 s.app.message);
			stage_close(&s);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_state, (void *)(size_t)NORMAL),
		cmocka_unit_test_prestate(test_state, (void *)(size_t)EMPTY),
		cmocka_unit_test_prestate(test_state, (void *)(size_t)STALE),
		cmocka_unit_test_prestate(test_state, (void *)(size_t)OVERFLOW),
		cmocka_unit_test_prestate(test_state, (void *)(size_t)ATTACKED),
		cmocka_unit_test(test_needs_me),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_every_size),
		cmocka_unit_test(test_corpus),
	};
	return cmocka_run_group_tests_name("golden", tests, fill_worlds, close_worlds);
}
