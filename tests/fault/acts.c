#include "tests/fault/acts.h"

#include "base/path.h"
#include "base/text.h"
#include "tests/contract/badline.h"
#include "tests/plant.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#define PHRASE       "easy/prod v0.9.4"
#define EASY         "/repos/easyenclave/easyenclave/actions"
#define SUMMIT       "/repos/summit/summit/actions"
#define TRAIN_PHRASE "gov/prod v2.15.0"
#define TRAIN        SUMMIT "/workflows/release-train.yml/runs?per_page=100"
#define RUNS         "/repos/easyenclave/easyenclave/actions/workflows/production-rollout.yml/runs?per_page=100"

static const char *json_text(const struct json *j, const char *key)
{
	const char *s = json_str(j, key);

	return s ? s : "";
}

/* ---- what the forge knows ---------------------------------------------------------------------------------------- */

#define PACE       "4" /* the gaps that an engine leaves between two writes are waited for sooner */
#define LIST_DELAY 5   /* seconds: the scenario's 2, 1.5 of its index, and a clock that shows whole ones */

static struct effects count_runs(struct trial *t)
{
	trial_let_pass(t, LIST_DELAY);
	struct json *doc = stand_get(&t->stand, RUNS "&event=workflow_dispatch");
	struct effects e = { json_int(doc, "total_count", -1),
			     json_int(json_at(json_get(doc, "workflow_runs"), 0), "id", 0) };

	json_free(doc);
	return e;
}

/* Of the release train: what an abort goes back by. */
static struct effects count_trains(struct trial *t)
{
	trial_let_pass(t, LIST_DELAY);
	struct json *doc = stand_get(&t->stand, TRAIN "&event=workflow_dispatch");
	struct effects e = { json_int(doc, "total_count", -1),
			     json_int(json_at(json_get(doc, "workflow_runs"), 0), "id", 0) };

	json_free(doc);
	return e;
}

/* Of an act that sends nothing the journal is all there is. */
static struct effects count_done(struct trial *t)
{
	struct arena a = ARENA_INIT;
	struct intents list = { 0 };
	struct effects e = { 0, 0 };

	trial_records(t, &list, &a);
	vec_each (in, &list)
		e.n += text_eq(in->act, t->act->words[0]) && in->state == INTENT_DONE;
	arena_done(&a);
	return e;
}

static struct effects count_reviews(struct trial *t)
{
	char path[160];

	snprintf(path, sizeof(path), "/repos/easyenclave/easyenclave/actions/runs/%s/approvals", t->run_text);
	struct json *doc = stand_get(&t->stand, path);
	struct effects e = { (int64_t)json_size(doc), 0 };

	json_free(doc);
	return e;
}

#define THEORY "/repos/veyorokon/theory-api"
#define MCP    "/v2/luminosita/mcp"
#define TESTED "sha256:adad847e0d8b069fb323b912903cb7cf8f125ff4ac43f3df8703f7a515c2f4c5"

/* Pull requests whose head begins so. */
static int64_t pulls_from(struct trial *t, const char *head)
{
	struct json *doc = stand_get(&t->stand, THEORY "/pulls?state=all&per_page=100");
	int64_t n = 0;

	for (size_t i = 0; i < json_size(doc); i++)
		n += strncmp(json_text(json_at(doc, i), "head.ref"), head, strlen(head)) == 0;
	json_free(doc);
	return n;
}

static struct effects count_releases(struct trial *t)
{
	return (struct effects){ pulls_from(t, "staging"), 0 };
}

static struct effects count_reverts(struct trial *t)
{
	return (struct effects){ pulls_from(t, "pilothouse/revert-pin-"), 0 };
}

/* Whether the tag names the tested manifest. A tag that is moved to where it is already shows nothing, and changes nothing. */
static struct effects count_moves(struct trial *t)
{
	struct json *now = stand_get(&t->stand, MCP "/manifests/0.1.0");
	struct json *tested = stand_get(&t->stand, MCP "/manifests/" TESTED);
	struct buf a = BUF_INIT(65536), b = BUF_INIT(65536);
	struct effects e = { 0, 0 };

	json_dump(&a, now);
	json_dump(&b, tested);
	e.n = a.n && a.n == b.n && memcmp(a.s, b.s, a.n) == 0;
	buf_done(&a);
	buf_done(&b);
	json_free(now);
	json_free(tested);
	return e;
}

static int64_t heard(struct trial *t, const char *what)
{
	struct buf path = BUF_INIT(256);

	buf_str(&path, "/_heard?match=");
	text_percent(&path, what);
	struct json *doc = stand_get(&t->stand, path.s);
	int64_t n = json_int(doc, "count", -1);

	buf_done(&path);
	json_free(doc);
	return n;
}

/* A lane that is held here, and seen to be held there: the second ref is no second lock. */
static struct effects count_mirrored(struct trial *t)
{
	struct json *there = stand_get(
		&t->stand, "/repos/easyenclave/easyenclave/git/ref/heads/production-branch-deploy-lock");
	struct effects e = { heard(t, t->act->heard) - (json_get(there, "object") != NULL), 0 };

	json_free(there);
	return e;
}

/* A glass that is broken, a note: it asks nothing of the forge, and what it did is its record. */
static struct effects count_written(struct trial *t)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct effects e = { 0, 0 };
	struct intents all;

	trial_records(t, &all, &a);
	vec_each (in, &all)
		e.n += text_eq(in->act, t->act->words[0]) && in->state == INTENT_DONE;
	return e;
}

static struct effects count_abandoned(struct trial *t)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct effects e = { 0, 0 };
	struct intents all;

	trial_records(t, &all, &a);
	vec_each (in, &all)
		e.n += in->state == INTENT_ABANDONED;
	return e;
}

static struct effects count_nothing(struct trial *t)
{
	(void)t;
	return (struct effects){ 0, 0 };
}

/* Acts that change nothing a second time are counted by what was asked, not by what is. */
static struct effects count_heard(struct trial *t)
{
	struct effects e = { heard(t, t->act->heard), 0 };

	return e;
}

/* ---- what must be before ------------------------------------------------------------------------------------------- */

static void be_served(struct trial *t)
{
	t->stand.port = t->forge.port;
	snprintf(t->stand.api, sizeof(t->stand.api), "http://127.0.0.1:%d", t->forge.port);
}

static void must_do(struct trial *t, const char *const *words)
{
	struct ran r;

	stand_run(&t->stand, &r, NULL, words);
	if (r.status != 0)
		stand_die("the %s before it: exit %d: %s%s", words[0], r.status, r.out.s, r.err.s);
	ran_done(&r);
}

static bool gate_waits(struct trial *t, const char *actions)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/runs/%s/pending_deployments", actions, t->run_text);
	struct json *doc = stand_get(&t->stand, path);
	bool waits = json_type(doc) == JSON_ARRAY && json_size(doc) > 0; /* a refusal is an object */

	json_free(doc);
	return waits;
}

static void wait_for_gate(struct trial *t, const char *actions)
{
	for (int i = 0; i < 900 && !gate_waits(t, actions); i++)
		trial_let_pass(t, 1);
	if (!gate_waits(t, actions))
		stand_die("run %s never came to its gate", t->run_text);
}

static void name_run(struct trial *t, int64_t run)
{
	t->run = run;
	snprintf(t->run_text, sizeof(t->run_text), "%lld", (long long)run);
}

/* A rollout that stands at its gate, whose one reviewer is the captain. The world moves when it is asked; once a second of
 * its own, since the act that follows lives on the same budget of requests. */
static void prepare_gate(struct trial *t)
{
	static const char *const words[] = { "dispatch", "easy/prod", "v0.9.4", "--confirm", PHRASE, NULL };
	must_do(t, words);
	name_run(t, count_runs(t).run);
	wait_for_gate(t, EASY);
}

/* A train whose canary has its first rung, and waits at the gate of the second. */
static void prepare_rung(struct trial *t)
{
	static const char *const start[] = { "dispatch",  "gov/prod",   "v2.15.0",
					     "--confirm", TRAIN_PHRASE, NULL };
	const char *approve[] = { "approve", t->run_text, "prod",       "--comment",
				  "go",      "--confirm", TRAIN_PHRASE, NULL };

	must_do(t, start);
	name_run(t, count_trains(t).run);
	wait_for_gate(t, SUMMIT);
	must_do(t, approve);
	wait_for_gate(t, SUMMIT);
}

/* The captain's own dispatch waits for another person: the plan to approve it is made, and refused. */
static void prepare_refused(struct trial *t)
{
	const char *const words[] = { "plan",       "save",      "approve", t->run_text,
				      "production", "--comment", "checked", NULL };
	int status;

	prepare_gate(t);
	struct json *doc = stand_ask(&t->stand, &status, words);

	if (status != 1 || strlen(json_text(doc, "plan_id")) < 8)
		stand_die("an approval of one's own is not refused: exit %d", status);
	snprintf(t->run_text, sizeof(t->run_text), "%.8s", json_text(doc, "plan_id"));
	json_free(doc);
}

/* A rollout of production that ended, whose release is the one that is live. */
static void prepare_ended(struct trial *t)
{
	struct json *doc = stand_get(&t->stand, RUNS "&status=completed");

	name_run(t, json_int(json_at(json_get(doc, "workflow_runs"), 0), "id", 0));
	json_free(doc);
	if (!t->run)
		stand_die("no rollout has ended");
}

static void prepare_frozen(struct trial *t)
{
	static const char *const words[] = { "freeze", "gov", "--reason", "drill", "--confirm", "gov", NULL };

	must_do(t, words);
	trial_let_pass(t, LIST_DELAY);
}

static void prepare_locked(struct trial *t)
{
	static const char *const words[] = { "lock",      "easy/prod", "--reason", "drill",
					     "--confirm", "easy/prod", NULL };

	must_do(t, words);
}

/* The built-in profile, and the lock of another tool counts. */
static void prepare_mirrored(struct trial *t)
{
	static const char *const sync[] = { "sync", "--once", NULL };
	static const char lane[] = "  - environment: prod\n";
	char path[80];
	struct buf text = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;

	if (path_read(&text, PH_SOURCE_DIR "/core/profile/data/easyenclave.yml", &e) < 0)
		stand_die("no profile: %s", e.message);
	const char *at = strstr(text.s, lane);

	snprintf(path, sizeof(path), "%s/easy.yml", t->stand.dir);
	FILE *f = at ? fopen(path, "we") : NULL;
	if (!f ||
	    fprintf(f, "%.*s%s    lock: branch-deploy\n%s", (int)(at - text.s), text.s, lane,
		    at + strlen(lane)) < 0 ||
	    fclose(f))
		stand_die("%s cannot be written", path);
	snprintf(t->stand.profile, sizeof(t->stand.profile), "%s=easyenclave/easyenclave", path);
	buf_done(&text);
	must_do(t, sync);
}

static void prepare_release(struct trial *t)
{
	static const char *const words[] = { "release-pr", "theory/main", "--confirm", "theory/main", NULL };

	must_do(t, words);
	trial_let_pass(t, 30); /* its checks run */
}

static void prepare_revert(struct trial *t)
{
	static const char *const words[] = { "revert-pin", "theory/main", "--reason", "drill",
					     "--confirm",  "theory/main", NULL };

	must_do(t, words);
	trial_let_pass(t, 40);
}

/* Until another captain has made the probe that the replay wants to see. */
static void prepare_probe(struct trial *t)
{
	trial_let_pass(t, 420);
}

/* A revert whose branch was made, and whose second request was refused: what stands is a person's to go on with, or to end. */
static void prepare_half(struct trial *t)
{
	static const char *const words[] = { "revert-pin", "theory/main", "--reason", "drill",
					     "--confirm",  "theory/main", NULL };
	struct badline line;
	struct ran r;

	badline_open(&line, t->forge.port);
	badline_ill_at(&line, ILL_FORBIDDEN, 2);
	snprintf(t->stand.api, sizeof(t->stand.api), "http://127.0.0.1:%d", line.port);
	stand_run(&t->stand, &r, NULL, words);
	if (r.status != 3 || !strstr(r.out.s, "not_found"))
		stand_die("half a revert: exit %d: %s%s", r.status, r.out.s, r.err.s);
	ran_done(&r);
	stand_end_engine(&t->stand);
	badline_close(&line);
	be_served(t);
	name_run(t, 1);
}

/* ---- a guard ------------------------------------------------------------------------------------------------------- */

/* A canary that fails already: whoever arms a guard now has it act at once. */
static void prepare_canary(struct trial *t)
{
	static const char *const words[] = { "sync", "--once", NULL };
	char path[128];

	must_do(t, words);
	stand_end_engine(&t->stand);
	snprintf(path, sizeof(path), "%s/state/cache.db", t->stand.dir);
	plant_canary(path, VERDICT_FAIL);
}

struct json *trial_guard(struct trial *t, const struct json **item)
{
	static const char *const words[] = { "guard", "show", NULL };
	int status;
	struct json *doc = stand_ask(&t->stand, &status, words);

	*item = json_at(json_get(doc, "items"), 0);
	return doc;
}

bool act_is_late(const struct act *a)
{
	return strcmp(a->words[0], "guard") == 0;
}

/* What left and has no known outcome is looked for during ten minutes, and nothing is sent meanwhile. *marks: of what the
 * journal has, to see whether it moves. */
static bool looks_for_it(struct trial *t, int64_t *marks)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct intents all;
	bool looks = false;

	trial_records(t, &all, &a);
	*marks = 0;
	vec_each (in, &all) {
		looks = looks || in->state == INTENT_UNKNOWN;
		*marks += 1 + in->id * (in->state + in->sends + in->done);
	}
	return looks;
}

#define LOOK_EVERY 5 /* tenths of a second */
#define QUIET      40

/* What it does comes after the answer; an engine that has done it, and locked the lane, ends by itself. One that waits for
 * what it cannot know, or cannot write, stays: nothing more comes of it here. */
void trial_settle(struct trial *t)
{
	int64_t was = -1, now;

	for (int i = 1, quiet = 0; act_is_late(t->act) && quiet < QUIET && i < 300; i++) {
		if (!stand_engine(&t->stand))
			return;
		poll(NULL, 0, 100);
		if (i % LOOK_EVERY)
			continue;
		if (looks_for_it(t, &now))
			return;
		quiet = now == was ? quiet + LOOK_EVERY : 0;
		was = now;
	}
}

#define PACKAGE "5b2e8f1c9a7d4036b8c1e2d3f4a5968778695a4b"

/* clang-format off */
static const struct act acts[] = {
	{ "dispatch", "first-rollout", false, NULL, count_runs, NULL,
	  { "dispatch", "easy/prod", "v0.9.4", "--confirm", PHRASE, NULL }, false, false },
	{ "rollback", "first-rollout", false, NULL, count_runs, NULL,
	  { "rollback", "easy/prod", "v0.9.2", "--reason", "drill", "--confirm", "easy/prod", NULL }, true, false },
	{ "approve", "first-rollout", false, prepare_gate, count_reviews, NULL,
	  { "approve", "@run", "production", "--comment", "checked", "--confirm", PHRASE, NULL }, false, false },
	{ "reject", "first-rollout", false, prepare_gate, count_reviews, NULL,
	  { "reject", "@run", "production", "--comment", "no", "--confirm", "easy/prod", NULL }, false, false },
	{ "cancel", "first-rollout", false, prepare_gate, count_heard, "POST *cancel",
	  { "cancel", "@run", "--confirm", "easy/prod", NULL }, true, false },
	{ "rerun", "first-rollout", false, prepare_ended, count_heard, "POST *rerun",
	  { "rerun", "@run", "--confirm", "easy/prod", NULL }, false, false },
	{ "replay", "replay", false, prepare_probe, count_heard, "POST *cloud-delivery-replay.yml/dispatches",
	  { "replay", "cloud/prod", PACKAGE, "--reason", "drill", "--confirm", "cloud/prod 5b2e8f1", NULL }, false, false },
	{ "label", "mcp-promote", true, NULL, count_heard, "POST *labels",
	  { "label", "31", "deploy-to-staging", "--confirm", "mcp/staging", NULL }, false, false },
	{ "freeze", "train-and-back", false, NULL, count_heard, "POST *git/refs",
	  { "freeze", "gov", "--reason", "drill", "--confirm", "gov", NULL }, false, false },
	{ "thaw", "train-and-back", false, prepare_frozen, count_heard, "DELETE *frozen*",
	  { "thaw", "gov", "--reason", "drill", "--confirm", "gov", NULL }, false, false },
	{ "release-pr", "theory-release", false, NULL, count_releases, NULL,
	  { "release-pr", "theory/main", "--confirm", "theory/main", NULL }, false, false },
	{ "release-merge", "theory-release", false, prepare_release, count_heard, "PUT *merge",
	  { "release-pr", "theory/main", "--merge", "--confirm", "theory/main", NULL }, false, false },
	{ "revert-pin", "theory-release", false, NULL, count_reverts, NULL,
	  { "revert-pin", "theory/main", "--reason", "drill", "--confirm", "theory/main", NULL }, false, false },
	{ "revert-merge", "theory-release", false, prepare_revert, count_heard, "PUT *merge",
	  { "revert-pin", "theory/main", "--merge", "--reason", "drill", "--confirm", "theory/main", NULL }, false, false },
	{ "retag", "mcp-promote", true, NULL, count_moves, NULL,
	  { "retag", "mcp/prod", TESTED, "--confirm", "mcp/prod", NULL }, false, false },
	{ "lock", "first-rollout", false, NULL, count_heard, "POST *git/refs",
	  { "lock", "easy/prod", "--reason", "drill", "--confirm", "easy/prod", NULL }, false, false },
	{ "unlock", "first-rollout", false, prepare_locked, count_heard, "PATCH *refs/pilothouse*",
	  { "unlock", "easy/prod", "--confirm", "easy/prod", NULL }, false, false },
	{ "lock-mirror", "first-rollout", false, prepare_mirrored, count_mirrored, "POST *git/refs",
	  { "lock", "easy/prod", "--reason", "drill", "--confirm", "easy/prod", NULL }, false, false },
	{ "override", "break-glass", false, prepare_refused, count_written, NULL,
	  { "override", "@run", "--reason", "incident 4411, nobody else is here", "--confirm", "@run", NULL }, false, false },
	{ "note", "first-rollout", false, NULL, count_written, NULL,
	  { "note", "easy/prod", "odd latency since noon", NULL }, true, false },
	{ "abandon", "theory-release", false, prepare_half, count_abandoned, NULL,
	  { "abandon", "@run", "--reason", "drill", "--confirm", "theory/main", NULL }, false, true },
	{ "guard", "first-rollout", false, prepare_canary, count_runs, NULL,
	  { "guard", "arm", "easy/prod", "--confirm", "easy/prod", NULL }, false, false },
	{ "hold", "canary-happy", false, prepare_rung, count_done, NULL,
	  { "hold", "gov/prod", "--reason", "drill", "--confirm", "gov/prod", NULL }, true, false },
	{ "promote", "canary-happy", false, prepare_rung, count_heard, "POST *pending_deployments",
	  { "promote", "gov/prod", "--reason", "drill", "--confirm", TRAIN_PHRASE, NULL }, true, false },
	{ "abort", "canary-happy", false, prepare_rung, count_heard, "POST *cancel",
	  { "abort", "gov/prod", "--confirm", "gov/prod", NULL }, true, false },
	{ "abort-back", "canary-happy", false, prepare_rung, count_trains, NULL,
	  { "abort", "gov/prod", "--rollback", "--reason", "drill", "--confirm", "gov/prod", NULL }, false, false },
	{ "con", "first-rollout", false, NULL, count_heard, "POST *git/refs",
	  { "con", "take", "--reason", "drill", NULL }, false, false },
	{ "sync", "first-rollout", false, NULL, count_nothing, NULL, { "sync", "--once", NULL }, false, false },
};
/* clang-format on */

const struct act *act_find(const char *name)
{
	for (size_t i = 0; i < countof(acts); i++)
		if (strcmp(acts[i].name, name) == 0)
			return &acts[i];
	stand_die("no such act: %s", name);
}

void trial_records(struct trial *t, struct intents *out, struct arena *a)
{
	char path[128];
	struct journal *j = NULL;
	struct err e = ERR_INIT;

	*out = (struct intents){ 0 };
	snprintf(path, sizeof(path), "%s/state/journal.db", t->stand.dir);
	if (journal_open_reader(&j, path, &e) == 0 && journal_recent(j, 100, out, a, &e) != 0)
		printf("# the journal cannot be read: %s\n", e.message);
	journal_close(j);
}

static size_t count_records(struct trial *t)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct intents all;
	size_t n = 0;

	trial_records(t, &all, &a);
	vec_each (in, &all)
		n += text_eq(in->act, t->act->words[0]);
	return n;
}

/* Begins with nothing on disk: what makes the databases is tried with these, and not once more with every other act. */
static bool is_cold(const struct act *a)
{
	return strcmp(a->name, "dispatch") == 0 || strcmp(a->name, "sync") == 0;
}

void trial_prepare(struct trial *t, const struct act *a, const char *speed, bool slow)
{
	static const char *const sync[] = { "sync", "--once", NULL };
	char root[128];

	t->act = a;
	stand_make(&t->stand);
	snprintf(root, sizeof(root), "%s/root.json", t->stand.dir);
	forge_open(&t->forge, a->scenario, speed, slow, root, t->stand.profile, sizeof(t->stand.profile));
	be_served(t);
	t->stand.registry = a->registry;
	t->stand.pace = slow ? NULL : PACE;
	if (a->prepare)
		a->prepare(t);
	else if (!is_cold(a))
		must_do(t, sync);
	t->recorded = count_records(t);
	stand_end_engine(&t->stand);
	t->before = a->effects(t);
}

void trial_open(struct trial *t, const struct trial *mold)
{
	t->act = mold->act;
	t->run = mold->run;
	memcpy(t->run_text, mold->run_text, sizeof(t->run_text));
	t->before = mold->before;
	t->recorded = mold->recorded;
	stand_make(&t->stand);
	stand_remove(t->stand.dir);
	stand_copy(mold->stand.dir, t->stand.dir);
	memcpy(t->stand.profile, mold->stand.profile, sizeof(t->stand.profile));
	t->stand.registry = mold->stand.registry;
	t->stand.pace = mold->stand.pace;
	forge_copy(&mold->forge, &t->forge);
	be_served(t);
}

void trial_close(struct trial *t)
{
	forge_close(&t->forge);
	stand_close(&t->stand);
}

void trial_let_pass(const struct trial *t, int seconds)
{
	forge_let_pass(&t->forge, seconds);
}

void trial_words(const struct trial *t, const char **out)
{
	size_t i = 0;

	for (; t->act->words[i]; i++)
		out[i] = strcmp(t->act->words[i], "@run") == 0 ? t->run_text : t->act->words[i];
	out[i] = NULL;
}
