/* What must hold before an act, kind by kind: there, gone, expired, too old, replaced, unreadable; and what stands in its way. */
#include "rig.h"

#define PACKAGE "2222222222222222222222222222222222222222"

static const char shop[] =
	"name: shop\n"
	"system: shop\n"
	"repo: acme/shop\n"
	"freezes:\n"
	"  - {kind: tag, name: frozen/all}\n"
	"  - {kind: label, name: red}\n"
	"  - {kind: file, path: state/freeze.json, ref: main, pointer: /frozen, expires: /until,\n"
	"     override_path: state/override.json, override_pointer: /active, override_expires: /until}\n"
	"freeze_exempt: [test]\n"
	"lanes:\n"
	"  - environment: prod\n"
	"    production: true\n"
	"    workflow: ship.yml\n"
	"    start: dispatch\n"
	"    ref: main\n"
	"    release_input: tag\n"
	"    inputs:\n"
	"      - {name: tag, value: \"{release}\", required: true}\n"
	"      - {name: quick, value: \"no\", exception: the probes are left out}\n"
	"    release_title: \"Ship {release}\"\n"
	"    rollback: dispatch\n"
	"    needs:\n"
	"      - {kind: release}\n"
	"      - kind: asset\n"
	"        name: pins\n"
	"        files: [\"pins.{release}.json\", pins.json]\n"
	"        fix: publish pins for {release}\n"
	"        values:\n"
	"          - {pointer: /tag, is: text, equals: \"{release}\"}\n"
	"          - {pointer: /digest, is: sha256}\n"
	"      - kind: artifact\n"
	"        name: package\n"
	"        artifact: \"package-{sha}\"\n"
	"        workflow: ship.yml\n"
	"      - kind: fresh\n"
	"        name: probe\n"
	"        workflow: probe.yml\n"
	"        branch: main\n"
	"        max_age_h: 24\n"
	"        artifact: \"probe-{sha}\"\n"
	"      - {kind: file, name: policy, files: [policy/new.json, policy.json]}\n"
	"      - {kind: label, name: hold, absent: true}\n"
	"      - {kind: tag, name: blessed}\n"
	"    knobs:\n"
	"      - {name: tcb, declared: strict, file: ship.yml, pointer: /jobs/ship/with/tcb, order: [strict, "
	"warn, \"off\"]}\n"
	"    locks:\n"
	"      - {group: ground, workflows: [ship.yml, stage.yml]}\n"
	"  - environment: test\n"
	"    workflow: stage.yml\n"
	"    start: dispatch\n"
	"    ref: main\n";

static const char workflow[] = "on:\n  workflow_dispatch:\n    inputs:\n      tag: {required: true}\n"
			       "      quick: {default: \"no\"}\n"
			       "      region: {type: choice, options: [eu, us], default: eu}\n"
			       "jobs:\n  ship:\n    uses: ./x.yml\n    with: {tcb: strict}\n";

#define GOOD \
	"{\"tag\":\"v2\",\"digest\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}"

static struct artifact artifacts[3];
static struct pull pulls[2];
static struct run probe;
static struct release live;

static struct fake_thing *thing(struct fake *f, enum forge_read_kind kind, const char *name)
{
	struct fake_thing *t = &f->things[f->things_n++];

	*t = (struct fake_thing){ .kind = kind, .name = name };
	return t;
}

static void good_forge(struct rig *r)
{
	struct fake *f = &r->fake;
	struct when now = clock_wall(&r->clock);

	f->file = workflow;
	f->release =
		(struct release){ .id = 3, .tag = "v2", .assets = "[{\"name\":\"pins.v2.json\",\"id\":41}]" };
	live = (struct release){ .id = 2, .tag = "v1", .assets = "[{\"name\":\"pins.v1.json\",\"id\":40}]" };
	f->runs_n = 0;
	f->runs[f->runs_n++] = (struct run){ .id = 900,
					     .path = ".github/workflows/ship.yml",
					     .title = "Ship v1",
					     .status = RUN_COMPLETED,
					     .conclusion = CONCLUSION_SUCCESS,
					     .head_sha = SHA,
					     .branch = "main",
					     .created = now };
	probe = (struct run){ .id = 910,
			      .path = ".github/workflows/probe.yml",
			      .status = RUN_COMPLETED,
			      .conclusion = CONCLUSION_SUCCESS,
			      .branch = "main",
			      .updated = { now.ms - 3600000 },
			      .created = now,
			      .head_sha = SHA };
	f->runs[f->runs_n++] = probe;
	artifacts[0] = (struct artifact){
		.id = 71, .name = "package-" SHA, .run_id = 900, .expires = { now.ms + 86400000 }
	};
	artifacts[1] = (struct artifact){ .id = 72, .name = "probe-" SHA, .run_id = 910 };
	f->things_n = 0;
	*thing(f, FORGE_RELEASE, "v1") =
		(struct fake_thing){ .kind = FORGE_RELEASE, .name = "v1", .items = &live, .n = 1 };
	thing(f, FORGE_ASSET, NULL)->text = GOOD;
	thing(f, FORGE_ARTIFACTS, NULL)->items = artifacts;
	f->things[f->things_n - 1].n = 2;
	thing(f, FORGE_FILE, "policy/new.json")->gone = true;
	thing(f, FORGE_FILE, "policy.json")->text = "{}";
	thing(f, FORGE_FILE, "state/freeze.json")->text = "{\"frozen\":false}";
	thing(f, FORGE_COMMIT, "tags/frozen/all")->gone = true;
	r->fake.environment = NULL;
}

static int shop_setup(void **state)
{
	struct rig *r;
	struct err e = ERR_INIT;

	rig_setup(state);
	r = *state;
	engine_free(r->en);
	r->profiles = (struct profiles){ 0 };
	if (profile_parse(vec_push(&r->profiles, &r->a), "shop.yml", shop, sizeof(shop) - 1, &r->a, &e) < 0)
		fail_msg("%s", e.message);
	rig_up(r);
	good_forge(r);
	return 0;
}

static const char *detail(struct rig *r, const char *name)
{
	const struct json *checks = json_get(r->json, "checks");

	for (size_t i = 0; i < json_size(checks); i++)
		if (!strcmp(json_str(json_at(checks, i), "name"), name))
			return json_str(json_at(checks, i), "detail");
	return "";
}

static void all_of_it_holds(void **state)
{
	static const char *const names[] = { "asset:pins", "artifact:package", "fresh:probe", "file:policy",
					     "label:hold", "tag:blessed",      "policy:tcb",  "lock:ground",
					     "freeze:tag", "freeze:label",     "freeze:file", "back" };
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "plan dispatch shop/prod v2"), 0);
	for (size_t i = 0; i < countof(names); i++)
		if (strcmp(rig_check(r, names[i]), "ok") != 0)
			fail_msg("%s is %s: %s", names[i], rig_check(r, names[i]), detail(r, names[i]));
	assert_int_equal(r->fake.reads[FORGE_ASSET], 1);
}

/* ---- one thing is not as it should be ------------------------------------------------------------------------------------ */

static void other_tag(struct rig *r)
{
	thing(&r->fake, FORGE_ASSET, NULL)->text =
		"{\"tag\":\"v1\",\"digest\":"
		"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}";
}
static void no_digest(struct rig *r)
{
	thing(&r->fake, FORGE_ASSET, NULL)->text = "{\"tag\":\"v2\"}";
}
static void no_json(struct rig *r)
{
	thing(&r->fake, FORGE_ASSET, NULL)->text = "<html>";
}
static void no_asset(struct rig *r)
{
	r->fake.release.assets = "[{\"name\":\"pins.v1.json\",\"id\":40}]";
}
static void listed_otherwise(struct rig *r)
{
	r->fake.release.assets = "[{\"name\":\"pins.v2.json\",\"id\":41,\"digest\":\"sha256:" PACKAGE
				 "222222222222222222222222\"}]";
}
static void unread_asset(struct rig *r)
{
	r->fake.fail[FORGE_ASSET] = ERR_SERVER;
}
static void expired(struct rig *r)
{
	(void)r;
	artifacts[0].expired = true;
}
static void no_artifact(struct rig *r)
{
	(void)r;
	artifacts[0].name = "package-of-another";
}
static void of_a_fork(struct rig *r)
{
	(void)r;
	artifacts[0].foreign = true;
}
static void of_another_workflow(struct rig *r)
{
	(void)r;
	artifacts[0].run_id = 910;
}
static void of_a_pull_request(struct rig *r)
{
	r->fake.runs[0].event = "pull_request";
}
static void of_nobody(struct rig *r)
{
	(void)r;
	artifacts[0].run_id = 0;
}
static void of_a_lost_run(struct rig *r)
{
	(void)r;
	artifacts[0].run_id = 77;
}
static void probe_of_a_pull_request(struct rig *r)
{
	r->fake.runs[1].event = "pull_request";
}
/* The forge's clock is right: by ours the record is 23 h old, by the forge's 25 h. */
static void clock_behind(struct rig *r)
{
	r->fake.runs[1].updated.ms -= 22 * INT64_C(3600000);
	r->fake.ahead_ms = 2 * INT64_C(3600000);
}
/* By our clock it is over; by the forge's it is not. */
static void clock_ahead(struct rig *r)
{
	char until[WHEN_TEXT];
	struct when end = { clock_wall(&r->clock).ms - 3600000 };

	r->fake.ahead_ms = -2 * INT64_C(3600000);
	artifacts[0].expires.ms = 0;
	thing(&r->fake, FORGE_FILE, "state/freeze.json")->text = arena_printf(
		&r->a, "{\"frozen\":true,\"reason\":\"budget\",\"until\":\"%s\"}", when_iso(end, until));
}
/* The one pull request that bears it is a record that cannot be read. */
static void labels_damaged(struct rig *r)
{
	r->fake.damaged[FORGE_LABELLED] = 1;
}
static void artifacts_damaged(struct rig *r)
{
	r->fake.damaged[FORGE_ARTIFACTS] = 1;
}
static void no_list_of_labels(struct rig *r)
{
	thing(&r->fake, FORGE_LABELLED, "red")->gone = true;
}
static void old_probe(struct rig *r)
{
	r->fake.runs[1].updated.ms -= 24 * INT64_C(3600000);
}
static void failed_probe(struct rig *r)
{
	r->fake.runs[1].conclusion = CONCLUSION_FAILURE;
}
static void other_branch(struct rig *r)
{
	r->fake.runs[1].branch = "topic";
}
static void other_probe(struct rig *r)
{
	(void)r;
	artifacts[1].name = "probe-" PACKAGE;
}
static void no_file(struct rig *r)
{
	thing(&r->fake, FORGE_FILE, "policy.json")->gone = true;
}
static void held(struct rig *r)
{
	struct fake_thing *t = thing(&r->fake, FORGE_LABELLED, "hold");

	pulls[0].number = 5;
	t->items = pulls, t->n = 1;
}
static void not_blessed(struct rig *r)
{
	thing(&r->fake, FORGE_COMMIT, "tags/blessed")->gone = true;
}
static void frozen_tag(struct rig *r)
{
	r->fake.things[r->fake.things_n - 1].gone = false;
	r->fake.things[r->fake.things_n - 1].text = SHA;
}
static void frozen_label(struct rig *r)
{
	struct fake_thing *t = thing(&r->fake, FORGE_LABELLED, "red");

	t->items = pulls, t->n = 1;
}
static void frozen_file(struct rig *r)
{
	thing(&r->fake, FORGE_FILE, "state/freeze.json")->text = "{\"frozen\":true,\"reason\":\"budget\"}";
}
static void no_freeze_file(struct rig *r)
{
	thing(&r->fake, FORGE_FILE, "state/freeze.json")->gone = true;
}
static void labels_unread(struct rig *r)
{
	r->fake.fail[FORGE_LABELLED] = ERR_SERVER;
}
static void relaxed(struct rig *r)
{
	r->fake.file =
		"on:\n  workflow_dispatch:\n    inputs:\n      tag: {required: true}\n      quick: {}\n"
		"jobs:\n  ship:\n    with: {tcb: warn}\n";
}
static void policy_gone(struct rig *r)
{
	r->fake.file = "on:\n  workflow_dispatch:\n    inputs:\n      tag: {required: true}\n      quick: "
		       "{}\njobs: {}\n";
}
static void computed(struct rig *r)
{
	r->fake.file =
		"on:\n  workflow_dispatch:\n    inputs:\n      tag: {required: true}\n      quick: {}\n"
		"jobs:\n  ship:\n    with: {tcb: \"${{ vars.TCB }}\"}\n";
}
static void pending_neighbour(struct rig *r)
{
	r->fake.runs[r->fake.runs_n++] = (struct run){ .id = 930,
						       .path = ".github/workflows/stage.yml",
						       .title = "Stage",
						       .status = RUN_PENDING,
						       .head_sha = SHA };
}
static void no_way_back(struct rig *r)
{
	(void)r;
	live.assets = "[]";
}

static void one_thing_stops_it(void **state)
{
	static const struct {
		void (*spoil)(struct rig *r);
		const char *check, *status, *words;
		int exit_status;
	} cases[] = {
		{ other_tag, "asset:pins", "bad", "/tag is v1, not v2", 1 },
		{ no_digest, "asset:pins", "missing", "/digest is missing", 1 },
		{ no_json, "asset:pins", "bad", "damaged", 1 },
		{ no_asset, "asset:pins", "missing", "v2 has no pins.v2.json", 1 },
		{ listed_otherwise, "asset:pins", "bad", "the forge lists", 1 },
		{ unread_asset, "asset:pins", "unchecked", "the read failed", 5 },
		{ expired, "artifact:package", "bad", "has expired", 1 },
		{ no_artifact, "artifact:package", "missing", "no artifact package-1111", 1 },
		{ of_a_fork, "artifact:package", "missing", "no artifact package-1111", 1 },
		{ of_another_workflow, "artifact:package", "bad", "by run 910 of probe.yml", 1 },
		{ of_a_pull_request, "artifact:package", "bad", "(pull_request), and not by ship.yml", 1 },
		{ of_nobody, "artifact:package", "unchecked", "which run made package-1111", 5 },
		{ of_a_lost_run, "artifact:package", "missing", "no such thing", 1 },
		{ probe_of_a_pull_request, "fresh:probe", "missing", "no success", 1 },
		{ clock_behind, "fresh:probe", "bad", "h old, the limit is 24h", 1 },
		{ clock_ahead, "freeze:file", "bad", "budget", 1 },
		{ labels_damaged, "label:hold", "unchecked", "damaged", 5 },
		{ labels_damaged, "freeze:label", "unchecked", "damaged", 5 },
		{ artifacts_damaged, "artifact:package", "unchecked", "damaged", 5 },
		{ no_list_of_labels, "freeze:label", "unchecked", "no such thing", 5 },
		{ old_probe, "fresh:probe", "bad", "h old, the limit is 24h", 1 },
		{ failed_probe, "fresh:probe", "missing", "no success", 1 },
		{ other_branch, "fresh:probe", "missing", "no success", 1 },
		{ other_probe, "fresh:probe", "missing", "no artifact probe-1111", 1 },
		{ no_file, "file:policy", "missing", "not there", 1 },
		{ held, "label:hold", "bad", "label hold is there", 1 },
		{ not_blessed, "tag:blessed", "missing", "not there", 1 },
		{ frozen_tag, "freeze:tag", "bad", "frozen by tag frozen/all", 1 },
		{ frozen_label, "freeze:label", "bad", "1 open pull requests", 1 },
		{ frozen_file, "freeze:file", "bad", "budget", 1 },
		{ no_freeze_file, "freeze:file", "unchecked", "not known", 5 },
		{ labels_unread, "freeze:label", "unchecked", "the read failed", 5 },
		{ relaxed, "policy:tcb", "bad", "declared strict", 1 },
		{ policy_gone, "policy:tcb", "bad", "does not say it", 1 },
		{ computed, "policy:tcb", "bad", "computes it", 1 },
		{ pending_neighbour, "lock:ground", "bad", "would evict run 930", 1 },
		{ no_way_back, "back", "bad", "no way back to v1: its asset pins is gone", 1 },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r;

		rig_teardown(state);
		shop_setup(state);
		r = *state;
		cases[i].spoil(r);
		if (rig_ask(r, "plan dispatch shop/prod v2") != cases[i].exit_status ||
		    strcmp(rig_check(r, cases[i].check), cases[i].status) != 0 ||
		    !strstr(detail(r, cases[i].check), cases[i].words))
			fail_msg("case %zu: exit %d, %s is %s: %s", i, r->status, cases[i].check,
				 rig_check(r, cases[i].check), detail(r, cases[i].check));
		rig_ask(r, "dispatch shop/prod v2 --confirm \"shop/prod v2\"");
		assert_int_equal(r->fake.sends, 0);
	}
}

/* The line was stopped, or a need was no longer met, between plan and commit: one of each kind that a profile can name. */
static void a_line_that_stops_voids_the_plan(void **state)
{
	static const struct {
		void (*spoil)(struct rig *r);
		const char *words;
	} cases[] = {
		{ frozen_tag, "changed: freeze tag frozen/all moved: absent -> 1111111" },
		{ frozen_label, "changed: freeze label red moved: on 0 -> on 1" },
		{ frozen_file, "changed: freeze file state/freeze.json moved: " },
		{ no_freeze_file, "changed: freeze file state/freeze.json moved: " },
		{ held, "changed: label:hold moved: on none -> #5" },
		{ not_blessed,
		  "changed: tag:blessed moved: 1111111111111111111111111111111111111111 -> absent" },
		{ failed_probe, "changed: fresh:probe moved: run 910 -> none" },
		{ no_file, "changed: file:policy (2) moved: policy.json " },
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r;
		const char *id;

		rig_teardown(state);
		shop_setup(state);
		r = *state;
		assert_int_equal(rig_ask(r, "plan dispatch shop/prod v2"), 0);
		id = arena_strdup(&r->a, rig_str(r, "plan_id"));
		cases[i].spoil(r);
		assert_int_equal(rig_plan_ask(r, "dispatch shop/prod v2 --confirm \"shop/prod v2\"", id), 1);
		assert_string_equal(rig_str(r, "error.code"), "changed");
		if (!text_starts(rig_str(r, "error.message"), cases[i].words))
			fail_msg("case %zu: %s", i, rig_str(r, "error.message"));
		assert_int_equal(r->fake.sends, 0);
	}
}

/* What a person may do knowingly goes with a reason, and only that. */
static void a_reason_accepts_what_it_may(void **state)
{
	static const struct {
		void (*spoil)(struct rig *r);
		const char *check;
		bool accepted;
	} cases[] = { { relaxed, "policy:tcb", true },
		      { policy_gone, "policy:tcb", true },
		      { no_way_back, "back", true },
		      { frozen_file, "freeze:file", false },
		      { old_probe, "fresh:probe", false } };

	for (size_t i = 0; i < countof(cases); i++) {
		struct rig *r;

		rig_teardown(state);
		shop_setup(state);
		r = *state;
		cases[i].spoil(r);
		assert_int_equal(rig_ask(r, "plan dispatch shop/prod v2 --reason \"it burns\""),
				 cases[i].accepted ? 0 : 1);
		assert_int_equal(strstr(detail(r, cases[i].check), "accepted: it burns") != NULL,
				 cases[i].accepted);
	}
}

/* An asset that was replaced between two plans, or between plan and commit. */
static void the_first_bytes_count(void **state)
{
	struct rig *r = *state;
	const char *plan;

	assert_int_equal(rig_ask(r, "plan dispatch shop/prod v2"), 0);
	plan = arena_strdup(&r->a, rig_str(r, "plan_id"));
	thing(&r->fake, FORGE_ASSET, NULL)->text =
		"{\"tag\":\"v2\",\"digest\":"
		"\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"}";
	assert_int_equal(rig_plan_ask(r, "dispatch shop/prod v2 --confirm \"shop/prod v2\"", plan), 1);
	assert_int_equal(r->fake.sends, 0);
	assert_int_equal(rig_ask(r, "plan dispatch shop/prod v2"), 1);
	assert_non_null(strstr(detail(r, "asset:pins"), "it was replaced"));
	rig_crash(r);
	assert_int_equal(rig_ask(r, "plan dispatch shop/prod v2"), 1);
	assert_non_null(strstr(detail(r, "asset:pins"), "it was replaced"));
}

/* A frozen line takes nothing new and never stands in the way back; an exempt lane is not stopped. */
static void a_freeze_does_not_stop_the_way_back(void **state)
{
	struct rig *r = *state;

	frozen_file(r);
	r->fake.behind = 2;
	rig_ask(r, "plan rollback shop/prod v2 --reason x");
	assert_string_equal(rig_check(r, "freeze:file"), "");
	rig_ask(r, "plan dispatch shop/test");
	assert_string_equal(rig_check(r, "freeze:file"), "");
}

static void add_ship(struct rig *r, int64_t id, const char *title, int conclusion)
{
	const struct run run = { .id = id,
				 .attempt = 1,
				 .repo = REPO,
				 .path = ".github/workflows/ship.yml",
				 .title = title,
				 .event = "workflow_dispatch",
				 .branch = "main",
				 .head_sha = SHA,
				 .status = RUN_COMPLETED,
				 .conclusion = conclusion };

	r->fake.runs[r->fake.runs_n++] = run;
}

/* Neither does a gate or a rerun take something new past it; what was delivered before goes back. */
static void a_freeze_stops_a_run_that_brings_new(void **state)
{
	struct rig *r = *state;
	struct run old = { .id = 800,
			   .lane = "shop/prod",
			   .repo = "acme/shop",
			   .release = "v3",
			   .status = RUN_COMPLETED,
			   .conclusion = CONCLUSION_SUCCESS };
	struct err e = ERR_INIT;

	frozen_file(r);
	add_ship(r, 940, "Ship v3", CONCLUSION_FAILURE);
	rig_ask(r, "plan rerun 940");
	assert_string_equal(rig_check(r, "freeze:file"), "bad");
	rig_ask(r, "plan approve 940 prod");
	assert_string_equal(rig_check(r, "freeze:file"), "bad");
	rig_ask(r, "plan reject 940 prod");
	assert_string_equal(rig_check(r, "freeze:file"), "");
	rig_ask(r, "plan cancel 940");
	assert_string_equal(rig_check(r, "freeze:file"), "");
	if (store_run(r->cache, Q_run_put, &rec_run, &old, &e) < 0)
		fail_msg("%s", e.message);
	rig_ask(r, "plan rerun 940");
	assert_string_equal(rig_check(r, "freeze:file"), "");
	rig_ask(r, "plan approve 940 prod");
	assert_string_equal(rig_check(r, "freeze:file"), "");
}

static const struct json *input(struct rig *r, const char *name)
{
	const struct json *list = json_get(r->json, "inputs");

	for (size_t i = 0; i < json_size(list); i++)
		if (!strcmp(json_str(json_at(list, i), "name"), name))
			return json_at(list, i);
	return NULL;
}

/* The form comes from the file at the ref, and every input of it is sent. */
static void every_input_is_sent(void **state)
{
	struct rig *r = *state;
	const struct json *rq;

	assert_int_equal(rig_ask(r, "plan dispatch shop/prod v2"), 0);
	rq = json_at(json_get(r->json, "requests"), 0);
	assert_string_equal(json_str(rq, "body.inputs.region"), "eu");
	assert_string_equal(json_str(input(r, "region"), "type"), "choice");
	assert_string_equal(json_str(input(r, "region"), "note"), "not in the profile");
	assert_int_equal(json_size(json_get(input(r, "region"), "options")), 2);
	assert_true(json_bool(input(r, "tag"), "required", false));
	assert_string_equal(json_str(input(r, "tag"), "value"), "v2");
	assert_true(json_bool(input(r, "tag"), "fixed", false)); /* the release is the act's own word */
	assert_false(json_bool(input(r, "region"), "fixed", true));
	assert_int_equal(rig_ask(r, "plan dispatch shop/prod v2 --input region=us"), 0);
	assert_string_equal(json_str(input(r, "region"), "value"), "us");
	assert_int_equal(rig_ask(r, "plan dispatch shop/prod v2 --input region=mars"), 1);
	assert_string_equal(rig_check(r, "declared"), "bad");
	assert_int_equal(rig_ask(r, "plan dispatch shop/prod v2 --input colour=red"), 1);
	assert_string_equal(json_str(input(r, "colour"), "note"), "the file does not declare it");
	assert_true(json_bool(input(r, "colour"), "fixed", false));
	r->fake.file = "on:\n  workflow_dispatch:\n    inputs: [tag, {quick: x}]\njobs: [ship]\n";
	assert_int_equal(rig_ask(r, "plan dispatch shop/prod v2"), 1);
	assert_string_equal(rig_check(r, "declared"), "bad");
}

/* The organisation's override is told beside the freeze and lifts nothing. */
static void an_override_is_no_thaw(void **state)
{
	struct rig *r = *state;

	frozen_file(r);
	thing(&r->fake, FORGE_FILE, "state/override.json")->text =
		"{\"active\":true,\"until\":\"2100-01-01T00:00:00Z\"}";
	assert_int_equal(rig_ask(r, "plan dispatch shop/prod v2 --reason x"), 1);
	assert_non_null(
		strstr(detail(r, "freeze:file"), "state/override.json would lift it, and is not taken"));
	thing(&r->fake, FORGE_FILE, "state/override.json")->text =
		"{\"active\":true,\"until\":\"2001-01-01T00:00:00Z\"}";
	assert_int_equal(rig_ask(r, "plan dispatch shop/prod v2 --reason x"), 1);
	assert_null(strstr(detail(r, "freeze:file"), "would lift it"));
}

/* A value that sets a policy aside goes with a reason, and is shown as an exception. */
static void an_exception_is_shown(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_ask(r, "plan dispatch shop/prod v2 --input quick=no"), 0);
	assert_string_equal(rig_check(r, "exception:quick"), "");
	assert_int_equal(rig_ask(r, "plan dispatch shop/prod v2 --input quick=yes"), 1);
	assert_string_equal(rig_check(r, "exception:quick"), "bad");
	assert_non_null(strstr(detail(r, "exception:quick"), "quick is yes: the probes are left out"));
	assert_int_equal(rig_ask(r, "plan dispatch shop/prod v2 --input quick=yes --reason hurry"), 0);
	assert_non_null(strstr(detail(r, "exception:quick"), "accepted: hurry"));
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, shop_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(all_of_it_holds),
		T(one_thing_stops_it),
		T(a_line_that_stops_voids_the_plan),
		T(a_reason_accepts_what_it_may),
		T(the_first_bytes_count),
		T(a_freeze_stops_a_run_that_brings_new),
		T(a_freeze_does_not_stop_the_way_back),
		T(every_input_is_sent),
		T(an_override_is_no_thaw),
		T(an_exception_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
