#include "tui/cli/drill.h"

#include "base/path.h"
#include "base/standard.h"
#include "base/text.h"
#include "core/adapters/digest/digest.h"
#include "core/adapters/fleet/fleet.h"
#include "core/adapters/github/github.h"
#include "core/adapters/kube/kube.h"
#include "core/adapters/prometheus/prometheus.h"
#include "core/adapters/registry/registry.h"
#include "core/adapters/sim/sim.h"
#include "core/adapters/zip/zip.h"
#include "core/engine/engine.h"
#include "core/engine/options.h"
#include "core/model/canary.h"
#include "core/model/canary_guard.h"
#include "core/model/evidence.h"
#include "core/rules/lanestate.h"
#include "store/agents.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICK_MS   500                     /* how finely conditions are looked at */
#define ANSWER_MS (10 * 60 * 1000)        /* an act that takes longer has no answer */
#define UNTIL_MS  (2 * 60 * 60 * 1000)    /* a condition that never comes */
#define GOALS_MS  (60 * 60 * 1000)        /* after the last step: what is under way comes to its end */
#define ORIGIN    "https://drill.invalid" /* of everything in the world */
#define START     "2026-11-21T07:00:00Z"  /* the same in every play */
#define ROOT_NAME "trusted_root.json"
#define ROOTS_DIR "roots"
#define OUT_MAX   ((size_t)4 << 20)

struct played {
	const char *line, *expect, *message, *state;
	int exit_status;
	bool ok;
	struct when at;
};

struct headless {
	struct arena a;
	struct clock clock;
	struct when start;
	struct loop *loop;
	struct world *world;
	struct http *http;
	struct forge *forge;
	struct zip *zip;
	struct registry *registry;
	struct fleet *fleet;
	struct metrics *metrics; /* NULL: nobody counts in this world */
	struct rollout *rollout; /* NULL: it has no cluster */
	struct store *cache;
	struct journal *journal;
	struct profiles profiles;
	struct engine *engine;
	const char *dir;
	VEC(struct played) steps;
	struct goals goals;
	/* the answer waited for */
	bool answered;
	int exit_status;
	const char *state, *message, *plan; /* plan: of the last answer that had one */
};

/* ---- the stage ------------------------------------------------------------------------------------------------------- */

static int make_dir(struct headless *h, struct err *e)
{
	const char *parent = NULL;
	int r = path_runtime(&parent, NULL, &h->a, e);
	char *dir;

	if (r >= 0)
		r = path_private_dir(parent, 0700, e);
	if (r < 0)
		return r;
	dir = arena_printf(&h->a, "%s/drill-XXXXXX", parent);
	if (!mkdtemp(dir))
		return err_set(e, ERR_STORE, "cannot make %s: %s", dir, strerror(errno));
	h->dir = dir;
	return 0;
}

static void remove_roots(struct headless *h)
{
	const char *dir = path_join(&h->a, h->dir, ROOTS_DIR);
	const struct world_file *all;
	size_t n = h->world ? world_evidence_files(h->world, &all, &h->a) : 0;

	for (size_t i = 0; i < n; i++)
		(void)unlink(path_join(&h->a, dir, all[i].name));
	(void)rmdir(dir);
}

static void remove_dir(struct headless *h)
{
	static const char *const files[] = { "cache.db", "journal.db", ROOT_NAME }, *const tails[] = {
		"", "-wal", "-shm"
	};

	if (!h->dir)
		return;
	for (size_t i = 0; i < countof(files); i++) {
		for (size_t j = 0; j < countof(tails); j++)
			(void)unlink(arena_printf(&h->a, "%s/%s%s", h->dir, files[i], tails[j]));
	}
	remove_roots(h);
	(void)rmdir(h->dir);
}

static int open_world(struct headless *h, const char *scenario, struct err *e)
{
	struct world_options o = { .scenario = scenario, .speed = 1 };
	const struct scenario *s;
	int r = world_new(&h->world, &o, h->start, e);

	if (r < 0)
		return r;
	s = world_scenario(h->world);
	for (size_t i = 0; r >= 0 && i < s->profiles_n; i++)
		r = profile_load(&h->profiles, s->profiles[i], &h->a, e);
	if (r >= 0)
		r = sim_http(&h->http, h->world, h->loop, e);
	if (r >= 0)
		r = github_open(&h->forge, h->http, &h->clock, e);
	if (r >= 0)
		r = zip_open(&h->zip, e);
	if (r >= 0)
		r = registry_open(&h->registry, h->http, &h->clock, NULL, e);
	if (r >= 0)
		r = fleet_open(&h->fleet, h->http, 0, e);
	return r;
}

/* Running systems are part of the world: its own origin stands before their paths. */
static int open_sites(struct headless *h, struct sites *out, struct err *e)
{
	const char *const *all;
	size_t n = world_sites(h->world, &all, &h->a);
	int r = 0;

	for (size_t i = 0; i < n && r >= 0; i++) {
		const char *eq = strchr(all[i], '=');
		const char *lane = arena_strndup(&h->a, all[i], (size_t)(eq - all[i]));

		if (profiles_lane(&h->profiles, lane, NULL))
			r = sites_add(out, &h->profiles, lane, arena_printf(&h->a, ORIGIN "%s", eq + 1),
				      &h->a, e);
	}
	return r;
}

/* Its Prometheus and its cluster, for each lane that has a canary. */
static int open_meters(struct headless *h, struct engine_options *o, struct err *e)
{
	const struct prometheus_options m = { .base = ORIGIN "/prometheus" };
	const struct kube_options k = {
		.api = h->http, .base = ORIGIN "/kube", .gate = h->http, .clock = &h->clock
	};
	int r = world_metrics(h->world) ? prometheus_open(&h->metrics, h->http, &m, e) : 0;

	if (r >= 0 && world_has_kube(h->world))
		r = kube_open(&h->rollout, &k, e);
	vec_each (p, &h->profiles) {
		vec_each (lane, &p->lanes) {
			if (h->metrics && lane->canary)
				*vec_push(&o->meters, &h->a) = (struct meter){ lane->name, h->metrics };
			if (h->rollout && lane->canary)
				*vec_push(&o->movers, &h->a) = (struct mover){ lane->name, h->rollout };
		}
	}
	return r;
}

static int write_file(const char *path, const char *text, struct err *e)
{
	FILE *f = fopen(path, "wxe");
	bool good = f && fputs(text, f) >= 0;

	if (f && fclose(f) != 0)
		good = false;
	return good ? 0 : err_set(e, ERR_STORE, "cannot write %s: %s", path, strerror(errno));
}

/* The world signs for itself: who believes it is told by files, as for a served drill. */
static int write_roots(struct headless *h, struct engine_options *o, struct err *e)
{
	static const struct attest_ops attest = ATTEST_OPS;
	const struct world_file *all;
	size_t n = world_evidence_files(h->world, &all, &h->a);
	int r;

	o->attest = &attest;
	o->trusted_root = path_join(&h->a, h->dir, ROOT_NAME);
	o->roots_dir = path_join(&h->a, h->dir, ROOTS_DIR);
	r = write_file(o->trusted_root, world_trusted_root(h->world, &h->a), e);
	if (r >= 0)
		r = path_private_dir(o->roots_dir, 0700, e);
	for (size_t i = 0; i < n && r >= 0; i++)
		r = write_file(path_join(&h->a, o->roots_dir, all[i].name), all[i].text, e);
	return r;
}

static int open_engine(struct headless *h, struct err *e)
{
	struct engine_options o = { .loop = h->loop,
				    .forge = h->forge,
				    .http = h->http,
				    .zip = h->zip,
				    .registry = h->registry,
				    .fleet = h->fleet,
				    .quotes = &quote_ops,
				    .sha256 = digest_sha256,
				    .survey = true,
				    .profiles = &h->profiles,
				    .who = "captain@drill" };
	int r = open_sites(h, &o.sites, e);

	if (r >= 0)
		r = open_meters(h, &o, e);
	if (r >= 0)
		r = make_dir(h, e);
	if (r >= 0)
		r = write_roots(h, &o, e);
	if (r >= 0)
		r = store_open(&h->cache, path_join(&h->a, h->dir, "cache.db"), STORE_WRITE, e);
	if (r >= 0)
		r = journal_open(&h->journal, path_join(&h->a, h->dir, "journal.db"), e);
	o.cache = h->cache;
	o.journal = h->journal;
	if (r >= 0)
		r = engine_new(&h->engine, &o, e);
	if (r >= 0)
		engine_attach(h->engine, 1);
	return r;
}

static void close_all(struct headless *h)
{
	engine_free(h->engine);
	if (h->zip)
		h->zip->ops->free(h->zip);
	if (h->registry)
		h->registry->ops->free(h->registry);
	fleet_free(h->fleet);
	metrics_free(h->metrics);
	rollout_free(h->rollout);
	forge_free(h->forge);
	http_free(h->http);
	journal_close(h->journal);
	store_close(h->cache);
	remove_dir(h);
	world_free(h->world);
	loop_free(h->loop);
	arena_done(&h->a);
}

/* ---- time ------------------------------------------------------------------------------------------------------------- */

static struct when now(const struct headless *h)
{
	return clock_wall(&h->clock);
}

/* Lets time pass until the condition holds; false when it does not within the span. */
static bool pass(struct headless *h, msec span, bool (*holds)(struct headless *h, const void *ctx),
		 const void *ctx)
{
	for (msec gone = 0; gone <= span; gone += TICK_MS) {
		if (holds && holds(h, ctx))
			return true;
		loop_advance(h->loop, span - gone < TICK_MS ? span - gone : TICK_MS);
		world_advance(h->world, now(h));
	}
	return !holds;
}

static bool is_answered(struct headless *h, const void *ctx)
{
	(void)ctx;
	return h->answered;
}

struct drift_wanted {
	int verdict;
	bool found;
};

static int drift_row(void *ctx, const void *row)
{
	const struct drift *d = row;
	struct drift_wanted *w = ctx;

	w->found = w->found || d->verdict == w->verdict;
	return 0;
}

/* Some component of the lane differs so. */
static bool drift_is(struct headless *h, const char *lane, const char *word, struct arena *a)
{
	struct key key = { .name = lane };
	struct drift_wanted wanted = { .verdict = names_value(&drift_verdict_names, word) };

	return store_each(h->cache, Q_drifts_by_lane, &rec_key, &key, &rec_drift, a, drift_row, &wanted,
			  NULL) == 0 &&
	       wanted.found;
}

static bool live_is(struct headless *h, const char *name, const char *release, struct arena *a)
{
	struct key key = { .name = name };
	struct lane lane;

	return store_one(h->cache, Q_lane_by_name, &rec_key, &key, &rec_lane, &lane, a, NULL) == 0 &&
	       text_eq(lane.live, release);
}

static bool state_is(struct headless *h, const char *name, const char *word, struct arena *a)
{
	struct key key = { .name = name };
	struct lane lane;

	return store_one(h->cache, Q_lane_by_name, &rec_key, &key, &rec_lane, &lane, a, NULL) == 0 &&
	       text_eq(names_word(&lane_state_names, (int)lane_shown(&lane, now(h))), word);
}

static bool why_has(struct headless *h, const char *name, const char *words, struct arena *a)
{
	struct key key = { .name = name };
	struct lane lane;

	return store_one(h->cache, Q_lane_by_name, &rec_key, &key, &rec_lane, &lane, a, NULL) == 0 &&
	       text_has(lane.reasons, words);
}

/* By its phase or by its verdict. */
static bool canary_is(struct headless *h, const char *name, const char *word, struct arena *a)
{
	struct key key = { .name = name };
	struct canary c;

	return store_one(h->cache, Q_canary_by_lane, &rec_key, &key, &rec_canary, &c, a, NULL) == 0 &&
	       (text_eq(names_word(&canary_phase_names, c.phase), word) ||
		text_eq(names_word(&canary_verdict_names, c.verdict), word));
}

struct guard_wanted {
	const char *lane;
	int state;
	bool found;
};

static int guard_row(void *ctx, const void *row)
{
	const struct canary_guard *g = row;
	struct guard_wanted *w = ctx;

	w->found = w->found || (g->state == w->state && text_eq(g->lane, w->lane));
	return 0;
}

static bool guard_is(struct headless *h, const char *name, const char *word, struct arena *a)
{
	struct guard_wanted wanted = { .lane = name, .state = names_value(&guard_state_names, word) };

	return store_each(h->cache, Q_guards, NULL, NULL, &rec_canary_guard, a, guard_row, &wanted, NULL) ==
		       0 &&
	       wanted.found;
}

/* "tdx-agent-llm-01 RTMR_DRIFT": our verdict of that machine, its quote or its token has that reason. believed: although its control plane calls it verified. */
static bool verdict_is(struct headless *h, const char *lane, const char *words, bool believed,
		       struct arena *a)
{
	const char *name = arena_strndup(a, words, strcspn(words, " "));
	const char *reason = words + strlen(name) + (words[strlen(name)] == ' ');
	struct agent_filter f = { .lane = lane, .status = -1, .holds = name, .limit = 1 };
	struct agents found = { 0 };
	const struct agent *m;
	int want;

	if (store_agents_read(&found, h->cache, &f, a, NULL) < 0 || !found.n)
		return false;
	m = found.items;
	want = names_value(&proof_reason_names, reason);
	return text_eq(m->name, name) && (!believed || m->said_verified) &&
	       (m->reason == want ||
		(want != PROOF_OK && (m->quote_reason == want || m->token_reason == want)));
}

static bool machine_is(struct headless *h, const char *lane, const char *words, struct arena *a)
{
	return verdict_is(h, lane, words, false, a);
}

static bool believed_is(struct headless *h, const char *lane, const char *words, struct arena *a)
{
	return verdict_is(h, lane, words, true, a);
}

/* "easy/prod=WAIT", "easy/prod.live=v0.9.4", "theory/main.drift=other", "easy/staging.why=skipped", "gov/prod.canary=fail",
 * "gov/prod.guard=acted", "easy/prod.machine=NAME REASON", "easy/prod.believed=NAME REASON" (and yet the control plane calls it
 * verified), as the captain's own cache shows it. */
static bool lane_is(struct headless *h, const void *ctx)
{
	static const struct {
		const char *member;
		bool (*holds)(struct headless *h, const char *lane, const char *word, struct arena *a);
	} members[] = { { ".live=", live_is },         { ".drift=", drift_is }, { ".why=", why_has },
			{ ".canary=", canary_is },     { ".guard=", guard_is }, { ".machine=", machine_is },
			{ ".believed=", believed_is }, { "=", state_is } };
	struct arena a = ARENA_INIT;
	const char *cond = ctx;
	bool held = false;

	for (size_t i = 0; i < countof(members); i++) {
		const char *at = strstr(cond, members[i].member);

		if (!at)
			continue;
		held = members[i].holds(h, arena_strndup(&a, cond, (size_t)(at - cond)),
					at + strlen(members[i].member), &a);
		break;
	}
	arena_done(&a);
	return held;
}

static bool goals_met(struct headless *h, const void *ctx)
{
	(void)ctx;
	h->goals = (struct goals){ 0 };
	world_score(h->world, &h->goals, &h->a);
	for (size_t i = 0; i < h->goals.n; i++) {
		if (!h->goals.items[i].met)
			return false;
	}
	return true;
}

/* ---- steps ------------------------------------------------------------------------------------------------------------ */

static void take_answer(void *ctx, int exit_status, const char *text)
{
	struct headless *h = ctx;
	autofree(json) struct json *doc = NULL;
	const struct json *item;
	const char *state, *message;

	h->answered = true;
	h->exit_status = exit_status;
	h->state = h->message = "";
	if (json_parse(&doc, text, strlen(text), OUT_MAX, NULL) < 0)
		return;
	item = json_at(json_get(doc, "items"), 0); /* reconcile answers a list */
	state = json_str(item ? item : doc, "state");
	message = json_str(doc, "error.message");
	if (!state)
		state = json_str(doc, "verdict");
	if (!message && json_get(doc, "intent"))
		message = json_str(doc, "note");
	h->state = arena_strdup(&h->a, state ? state : "");
	h->message = arena_strdup(&h->a, message ? message : "");
	if (json_str(doc, "plan_id"))
		h->plan = arena_strdup(&h->a, json_str(doc, "plan_id"));
}

/* In a line, @easy/prod stands for the newest run of that lane that the captain's cache knows. */
static const char *with_run(struct headless *h, const char *line)
{
	const char *at = strchr(line, '@');
	size_t n = at ? strcspn(at, " ") : 0;
	struct key key = { .limit = 1 };
	struct run run;

	if (!at || (at > line && at[-1] != ' '))
		return line;
	key.name = arena_strndup(&h->a, at + 1, n - 1);
	if (store_one(h->cache, Q_runs_by_lane, &rec_key, &key, &rec_run, &run, &h->a, NULL) != 0)
		return line;
	return arena_printf(&h->a, "%.*s%" PRId64 "%s", (int)(at - line), line, run.id, at + n);
}

static const char *with_plan(struct headless *h, const char *line)
{
	const char *at;

	while ((at = strstr(line, "{plan}")) && h->plan)
		line = arena_printf(&h->a, "%.*s%s%s", (int)(at - line), line, h->plan,
				    at + strlen("{plan}"));
	return line;
}

static const char *replaced(struct arena *a, const char *line, const char *mark, int64_t value)
{
	const char *at = strstr(line, mark);

	if (!at)
		return line;
	return arena_printf(a, "%.*s%" PRId64 "%s", (int)(at - line), line, value, at + strlen(mark));
}

/* {run} and {intent} are those of the newest act; its run may have been found long after its answer. */
static const char *with_act(struct headless *h, const char *line)
{
	struct intents newest = { 0 };
	const struct intent none = { 0 }, *in = &none;

	if (journal_recent(h->journal, 1, &newest, &h->a, NULL) == 0 && newest.n)
		in = &newest.items[0];
	line = with_plan(h, line);
	return replaced(&h->a, replaced(&h->a, line, "{run}", in->run_id), "{intent}", in->id);
}

/* A query looks at the cache only: for a script it is something to wait before. */
static bool only_looks(const char *verb)
{
	const struct command_info *c = command_find(verb);

	return c && c->kind == COMMAND_QUERY;
}

static bool as_expected(const struct headless *h, const char *expect)
{
	int64_t status;

	if (text_int64(&status, expect, 0, 255) == 0)
		return h->exit_status == status;
	return text_eq(h->state, expect);
}

static void ask(struct headless *h, struct played *p)
{
	const char **argv;
	int argc = 0;
	struct err e = ERR_INIT;

	if (command_split(&argv, &argc, p->line, &h->a, &e) < 0) {
		p->message = arena_strdup(&h->a, e.message);
		return;
	}
	if (argc && only_looks(argv[0])) {
		p->exit_status = 0;
		p->ok = true;
		return;
	}
	h->answered = false;
	engine_ask(h->engine, argc, argv, NULL, take_answer, h);
	if (!pass(h, ANSWER_MS, is_answered, NULL)) {
		p->message = "no answer";
		return;
	}
	p->exit_status = h->exit_status;
	p->state = h->state;
	p->message = h->message;
	p->ok = as_expected(h, p->expect);
}

static void step(struct headless *h, const struct drill_step *s)
{
	struct played p = {
		.line = s->line, .expect = s->expect, .message = "", .state = "", .exit_status = -1
	};

	if (s->wait_ms)
		(void)pass(h, s->wait_ms, NULL, NULL);
	if (!*s->line)
		p.line = s->until ? s->until : "wait";
	if (s->until && !pass(h, UNTIL_MS, lane_is, s->until)) {
		p.message = arena_printf(&h->a, "waited in vain for %s", s->until);
	} else if (!*s->line) {
		p.ok = true;
		p.exit_status = 0;
	} else {
		p.line = with_run(h, with_act(h, s->line));
		ask(h, &p);
	}
	p.at = now(h);
	*vec_push(&h->steps, &h->a) = p;
}

static bool play(struct headless *h)
{
	const struct scenario *s = world_scenario(h->world);
	bool ok = true;

	for (size_t i = 0; i < s->play_n; i++) {
		step(h, &s->play[i]);
		ok = h->steps.items[i].ok && ok;
	}
	return pass(h, GOALS_MS, goals_met, NULL) && ok;
}

/* ---- score ------------------------------------------------------------------------------------------------------------ */

static void print_json(struct headless *h, bool passed)
{
	struct buf out = BUF_INIT(OUT_MAX);
	struct jw w;

	jw_init(&w, &out);
	jw_open(&w, '{');
	jw_kstr(&w, "scenario", world_scenario(h->world)->name);
	jw_kbool(&w, "passed", passed);
	jw_kopen(&w, "steps", '[');
	for (size_t i = 0; i < h->steps.n; i++) {
		const struct played *p = &h->steps.items[i];

		jw_open(&w, '{');
		jw_kstr(&w, "line", p->line);
		jw_kstr(&w, "expect", p->expect);
		jw_kint(&w, "exit", p->exit_status);
		jw_kstr(&w, "state", p->state);
		jw_kbool(&w, "ok", p->ok);
		jw_kstr(&w, "message", p->message);
		jw_kwhen(&w, "at", p->at);
		jw_close(&w, '}');
	}
	jw_close(&w, ']');
	jw_kopen(&w, "goals", '[');
	for (size_t i = 0; i < h->goals.n; i++) {
		jw_open(&w, '{');
		jw_kstr(&w, "text", h->goals.items[i].text);
		jw_kbool(&w, "met", h->goals.items[i].met);
		jw_close(&w, '}');
	}
	jw_close(&w, ']');
	jw_kint(&w, "requests", (int64_t)h->http->requests);
	jw_kint(&w, "elapsed_s", when_diff(now(h), h->start) / 1000);
	jw_close(&w, '}');
	(void)puts(out.s);
	buf_done(&out);
}

static void print_text(struct headless *h, bool passed)
{
	const struct scenario *s = world_scenario(h->world);
	char hms[WHEN_TEXT], age[WHEN_TEXT];

	(void)printf("drill %s: %s\n", s->name, text_safe_dup(&h->a, s->title, 0));
	for (size_t i = 0; i < h->steps.n; i++) {
		const struct played *p = &h->steps.items[i];

		(void)printf("  %s  %s  %s\n", p->ok ? "ok  " : "FAIL", when_hms(p->at, hms),
			     text_safe_dup(&h->a, p->line, 0));
		if (!p->ok)
			(void)printf("        expected %s, exit %d %s: %s\n", p->expect, p->exit_status,
				     p->state, text_safe_dup(&h->a, p->message, 0));
	}
	(void)puts("goals");
	for (size_t i = 0; i < h->goals.n; i++)
		(void)printf("  %s  %s\n", h->goals.items[i].met ? "met " : "MISS",
			     text_safe_dup(&h->a, h->goals.items[i].text, 0));
	(void)printf("drill %s in %s, %" PRIu64 " requests\n", passed ? "passed" : "failed",
		     when_age(when_diff(now(h), h->start), age), h->http->requests);
}

int drill_headless(const char *scenario, bool json)
{
	struct headless h = { 0 };
	struct err e = ERR_INIT;
	bool passed = false;
	int r;

	(void)when_parse(&h.start, START);
	clock_manual(&h.clock, h.start);
	h.loop = loop_new(&h.clock);
	r = open_world(&h, scenario, &e);
	if (r >= 0)
		r = open_engine(&h, &e);
	if (r >= 0) {
		passed = play(&h);
		(json ? print_json : print_text)(&h, passed);
	}
	close_all(&h);
	return r < 0 ? standard_fail("pilothouse-drill", &e, json) : passed ? 0 : 1;
}
