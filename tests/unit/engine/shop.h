/*
 * shop.h - a system with a lane for every way to act, and a forge in which all of them would go.
 */
#pragma once

#include "ground_engine.h"

/* clang-format off */
static const char shop_profile[] =
	"name: shop\nsystem: shop\nrepo: acme/shop\n"
	"freezes:\n"
	"  - {kind: tag, name: frozen/all}\n"
	"  - {kind: label, name: red}\n"
	"  - {kind: file, path: state/freeze.json, ref: main, pointer: /freeze_mode}\n"
	"lanes:\n"
	"  - environment: staging\n"
	"    workflow: staging-pipeline.yml\n"
	"    aliases: [staging.yml]\n"
	"    start: auto\n"
	"    release_from: sha\n"
	"    probes:\n"
	"      - {kind: pins, files: [\"tools/*/registry.yaml\"], pointers: [/image/platforms], ref: staging, subject: \"*pin*\"}\n"
	"    grammar: {tag: \"staging-v(.+)-([0-9]{8})-([0-9]{6})-([0-9a-f]{7})\", groups: [version, date, time, sha]}\n"
	"  - environment: main\n"
	"    production: true\n"
	"    workflow: main-pipeline.yml\n"
	"    aliases: [main.yml]\n"
	"    start: merge\n"
	"    release_from: sha\n"
	"    release_pr: {head: staging, base: main, title: \"Promote @ {sha7}\", validated: shop/staging, method: merge}\n"
	"    probes:\n"
	"      - {kind: pins, files: [\"tools/*/registry.yaml\"], pointers: [/image/platforms], ref: main, subject: \"*pin*\"}\n"
	"    rollback: revert-pin\n"
	"    back_warns: [code that was merged with the pin stays]\n"
	"    labels:\n"
	"      - {name: deploy-now, words: deploys the pull request}\n"
	"  - environment: image\n"
	"    production: true\n"
	"    workflow: image.yml\n"
	"    start: none\n"
	"    release_from: sha\n"
	"    probes:\n"
	"      - {kind: image, name: server, image: \"{repo}\", tag: \"*.*.*\"}\n"
	"    grammar: {tag: \"([0-9]+[.][0-9]+[.][0-9]+)\", groups: [version]}\n"
	"    rollback: retag\n"
	"  - environment: pack\n"
	"    production: true\n"
	"    workflow: pipeline.yml\n"
	"    start: auto\n"
	"    release_from: sha\n"
	"    replay: {workflow: replay.yml, ref: main, input: package, package: \"package-{release}\"}\n"
	"    decisions:\n"
	"      - {name: accepted, artifact: \"accept-{sha}\", entry: result.json, pointers: [/decision], yes: [\"YES\"], no: [\"NO\"], reasons: /why}\n"
	"    rollback: replay\n"
	"  - environment: helm\n"
	"    production: true\n"
	"    workflow: helm.yml\n"
	"    start: auto\n"
	"    release_from: branch\n"
	"    rollback: external\n"
	"    back_command: \"helm rollback shop {release}\"\n";
/* clang-format on */

#define MAIN   SHA("1") /* tip of main */
#define STAGED SHA("2") /* merged into staging, its run is green */
#define PINNED SHA("3") /* the pin on it: tip of staging */
#define PIN_A  SHA("4") /* newest pin on main */
#define PIN_B  SHA("5") /* the one before */
#define PACK_A SHA("a") /* live package */
#define PACK_B SHA("b") /* the one before */

#define DIGEST(c)  "sha256:" SHA(c) c c c c c c c c c c c c c c c c c c c c c c c c
#define REGISTRY   "tools/llm/registry.yaml"
#define PINS(d, e) "ref: llm@1\nimage:\n  platforms:\n    amd64: x/llm@" d "\n    arm64: x/llm@" e "\n"

static const struct history shop_staging[] = { { PINNED, "pin: digests (staging)", "pin-bot", { 0 } },
					       { STAGED, "Merge dev", "ana", { 0 } },
					       { SHA("6"), "older", "ana", { 0 } } };
static const struct history shop_registry[] = { { PIN_A, "pin: digests (a)", "pin-bot", { 0 } },
						{ PIN_B, "pin: digests (b)", "pin-bot", { 0 } } };

/* The lists with times around now; what is older is further down. */
static inline const struct history *shop_dated(struct rig *r, const struct history *list, size_t n)
{
	struct history *copy = arena_array(&r->a, struct history, n);
	int64_t now = clock_wall(&r->clock).ms;

	for (size_t i = 0; i < n; i++) {
		copy[i] = list[i];
		copy[i].at.ms = now - (int64_t)(i + 1) * 600000;
	}
	return copy;
}

static inline void shop_run(struct rig *r, int64_t id, const char *file, const char *branch, const char *sha)
{
	struct when then = clock_wall(&r->clock);

	then.ms -= 1500000;
	r->g.runs[r->g.runs_n++] = (struct run){ .id = id,
						 .attempt = 1,
						 .path = arena_printf(&r->a, ".github/workflows/%s", file),
						 .title = "run",
						 .event = "push",
						 .branch = branch,
						 .head_sha = sha,
						 .status = RUN_COMPLETED,
						 .conclusion = CONCLUSION_SUCCESS,
						 .created = then,
						 .updated = clock_wall(&r->clock),
						 .url = "https://forge.test/run" };
}

static inline void shop_forge(struct rig *r)
{
	static const char *const files[] = { "staging.yml",  "main.yml",   "image.yml",
					     "pipeline.yml", "replay.yml", "helm.yml" };
	struct ground *g = &r->g;

	memcpy(g->workflows, files, sizeof(files));
	g->ahead = 3;
	ground_set_ref(g, "heads/main", MAIN);
	ground_set_ref(g, "heads/staging", PINNED);
	g->lines[0] = (struct ground_line){ "staging", NULL, shop_dated(r, shop_staging, 3), 3 };
	g->lines[1] = (struct ground_line){ "main", REGISTRY, shop_dated(r, shop_registry, 2), 2 };
	g->lines[2] = (struct ground_line){ "staging", REGISTRY, shop_dated(r, shop_staging, 1), 1 };
	g->lines_n = 3;
	ground_set_file(g, "staging", REGISTRY, PINS(DIGEST("a"), DIGEST("c")));
	ground_set_file(g, "main", REGISTRY, PINS(DIGEST("a"), DIGEST("c")));
	ground_set_file(g, MAIN, REGISTRY, PINS(DIGEST("a"), DIGEST("c")));
	ground_set_file(g, PIN_B, REGISTRY, PINS(DIGEST("b"), DIGEST("c")));
	ground_set_file(g, "main", "state/freeze.json", "{\"freeze_mode\": false}");
	ground_set_file(g, "main", ".github/workflows/replay.yml",
			"on:\n  workflow_dispatch:\n    inputs:\n      package: {required: true}\n");
	shop_run(r, 10, "staging.yml", "staging", STAGED);
	shop_run(r, 11, "main.yml", "main", SHA("7"));
	shop_run(r, 12, "pipeline.yml", "main", PACK_B);
	shop_run(r, 13, "pipeline.yml", "main", PACK_A);
	shop_run(r, 14, "helm.yml", "v1", MAIN);
	shop_run(r, 15, "helm.yml", "v2", MAIN);
	g->artifacts[0] =
		(struct artifact){ .id = 1, .name = "package-" PACK_B, .head_sha = PACK_B, .run_id = 12 };
	g->artifacts[1] =
		(struct artifact){ .id = 2, .name = "accept-" PACK_B, .head_sha = PACK_B, .run_id = 12 };
	g->artifacts_n = 2;
	g->zips[1] = "{\"decision\":\"NO\",\"why\":[\"SLOW\"]}";
	g->pulls[g->pulls_n++] = (struct pull){ .number = 7,
						.title = "a change",
						.state = "open",
						.head = "feature",
						.head_sha = SHA("8"),
						.base = "main",
						.author = "ben",
						.labels = "" };
	r->images.list[0] = (struct ground_image){ "0.9.1", DIGEST("9"), "linux/amd64" };
	r->images.list[1] = (struct ground_image){ "0.10.0", DIGEST("a"), "linux/amd64" };
	r->images.list[2] =
		(struct ground_image){ "staging-v0.10-20251015-120000-1234567", DIGEST("a"), "linux/amd64" };
	r->images.list[3] =
		(struct ground_image){ "staging-v0.10-20251014-120000-1234567", DIGEST("b"), "linux/amd64" };
	r->images.list[4] = (struct ground_image){ "wide", DIGEST("d"), "linux/amd64,linux/arm64" };
	r->images.n = 5;
}

static inline int shop_setup(void **state)
{
	int r = rig_setup_with(state, shop_profile);

	shop_forge(*state);
	return r;
}
