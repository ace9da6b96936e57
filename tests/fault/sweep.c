/*
 * sweep.c - an act, with the engine killed (or its disk full, or its line cut) at the N-th call; then the truth, asked
 * of the forge.
 *
 *	sweep BIN-FOLDER LIBFAULT.so ACT FAULT [--every N | --samples N | --only N]
 *
 * ACT is a row of `acts`; FAULT is a row of `kinds`, or `twice` for none at all. Each N gets a world
 * and a state of its own. What must hold, whatever N was:
 *	- the forge has never more than one effect of one intent, also after the act was tried a second time;
 *	- an effect at the forge has a record here, that names it after reconcile;
 *	- a record is never lost: either it is settled, or the outbox shows it and a twin is refused;
 *	- the exit status told the truth: 0 only when it happened, 1 4 5 6 130 only when it did not.
 * The sweep ends when a run gets through with fewer than N calls. Exit status: 0 all held, 1 not, 77 cannot run here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fault/stand.h"

#define PHRASE "easy/prod v0.9.4"
#define RUNS   "/repos/easyenclave/easyenclave/actions/workflows/production-rollout.yml/runs?per_page=100"

struct effects {
	int64_t n, run; /* count, and the newest run where runs are counted */
};

struct trial {
	struct stand stand;
	int64_t run; /* what approve is about */
	char run_text[32];
	struct effects before;
	struct ran ran;
	char at[128]; /* last call that was seen */
	long n, calls;
	bool hit; /* the N-th call was reached */
};

struct act {
	const char *name, *scenario;
	bool registry;
	void (*prepare)(struct trial *t);
	struct effects (*effects)(struct trial *t);
	const char *words[12];
	bool repeats; /* the rules allow it once more while the first is under way */
};

static const char *json_text(const struct json *j, const char *key)
{
	const char *s = json_str(j, key);

	return s ? s : "";
}

static const struct kind {
	const char *name;
	struct fault fault; /* at is filled for each N */
	const char *speed;
} kinds[] = {
	{ "kill", { NULL, "kill", NULL, NULL }, "60" },
	/* the same, only around what decides: dense where `kill` takes samples */
	{ "kill-journal", { NULL, "kill", NULL, "journal.db" }, "60" },
	{ "kill-line", { NULL, "kill", "connect,send,sendto,sendmsg", NULL }, "60" },
	{ "full-disk", { NULL, "enospc-forever", "write,pwrite64,ftruncate,fallocate", "journal.db" }, "60" },
	{ "full-cache", { NULL, "enospc-forever", "write,pwrite64,ftruncate,fallocate", "cache.db" }, "60" },
	{ "torn", { NULL, "short", "write,pwrite64", NULL }, "60" },
	{ "io-error", { NULL, "eio", "pwrite64,fsync,fdatasync,ftruncate", "journal.db" }, "60" },
	{ "cut", { NULL, "reset", "recv", "socket:inet" }, "60" },
	{ "cut-send", { NULL, "reset", "send,sendto,sendmsg", "socket:inet" }, "60" },
};

static int failures, second_tries, settled_open, settled_done, never;

static void say(const struct trial *t, const char *what, const char *state)
{
	failures++;
	printf("not ok - %s%s%s\n#   at call %s\n#   exit %d: %s%s\n", what, state ? ": " : "",
	       state ? state : "", t->at, t->ran.status, t->ran.out.s, t->ran.err.s);
}

/* ---- acts ---------------------------------------------------------------------------------------------------------- */

#define LIST_DELAY 5 /* seconds: the scenario's 2, 1.5 of its index, and a clock that shows whole ones */

static struct effects count_runs(struct trial *t)
{
	stand_let_pass(&t->stand, LIST_DELAY);
	struct json *doc = stand_get(&t->stand, RUNS "&event=workflow_dispatch");
	struct effects e = { json_int(doc, "total_count", -1),
			     json_int(json_at(json_get(doc, "workflow_runs"), 0), "id", 0) };

	json_free(doc);
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

static struct effects count_nothing(struct trial *t)
{
	(void)t;
	return (struct effects){ 0, 0 };
}

static void prepare_nothing(struct trial *t)
{
	(void)t;
}

static bool gate_waits(struct trial *t)
{
	char path[160];

	snprintf(path, sizeof(path), "/repos/easyenclave/easyenclave/actions/runs/%s/pending_deployments",
		 t->run_text);
	struct json *doc = stand_get(&t->stand, path);
	bool waits = json_type(doc) == JSON_ARRAY && json_size(doc) > 0; /* a refusal is an object */

	json_free(doc);
	return waits;
}

/* A rollout that stands at its gate. The world moves when it is asked; once a second of its own, since the act that
 * follows lives on the same budget of requests. */
static void prepare_gate(struct trial *t)
{
	static const char *const words[] = { "dispatch", "easy/prod", "v0.9.4", "--confirm", PHRASE, NULL };
	struct ran r;

	stand_run(&t->stand, &r, NULL, words);
	if (r.status != 0)
		stand_die("the dispatch before it: exit %d: %s%s", r.status, r.out.s, r.err.s);
	ran_done(&r);
	t->run = count_runs(t).run;
	snprintf(t->run_text, sizeof(t->run_text), "%lld", (long long)t->run);
	for (int i = 0; i < 600 && !gate_waits(t); i++)
		stand_let_pass(&t->stand, 1);
	if (!gate_waits(t))
		stand_die("run %s never came to its gate", t->run_text);
}

/* clang-format off */
static const struct act acts[] = {
	{ "dispatch", "first-rollout", false, prepare_nothing, count_runs,
	  { "dispatch", "easy/prod", "v0.9.4", "--confirm", PHRASE, NULL }, false },
	{ "rollback", "first-rollout", false, prepare_nothing, count_runs,
	  { "rollback", "easy/prod", "v0.9.2", "--reason", "drill", "--confirm", "easy/prod", NULL }, true },
	{ "approve", "first-rollout", false, prepare_gate, count_reviews,
	  { "approve", "@run", "production", "--comment", "checked", "--confirm", PHRASE, NULL }, false },
	{ "release-pr", "theory-release", false, prepare_nothing, count_releases,
	  { "release-pr", "theory/main", "--confirm", "theory/main", NULL }, false },
	{ "revert-pin", "theory-release", false, prepare_nothing, count_reverts,
	  { "revert-pin", "theory/main", "--reason", "drill", "--confirm", "theory/main", NULL }, false },
	{ "retag", "mcp-promote", true, prepare_nothing, count_moves,
	  { "retag", "mcp/prod", TESTED, "--confirm", "mcp/prod", NULL }, false },
	{ "sync", "first-rollout", false, prepare_nothing, count_nothing, { "sync", "--once", NULL }, false },
};
/* clang-format on */

/* ---- what must hold ------------------------------------------------------------------------------------------------ */

static void words_of(const struct trial *t, const struct act *a, const char **out)
{
	size_t i = 0;

	for (; a->words[i]; i++)
		out[i] = strcmp(a->words[i], "@run") == 0 ? t->run_text : a->words[i];
	out[i] = NULL;
}

/* The newest record of the act, as the journal shows it. */
static struct json *journal(struct trial *t, const struct act *a, const struct json **item)
{
	static const char *const words[] = { "journal", NULL };
	int status;
	struct json *doc = stand_ask(&t->stand, &status, words);
	const struct json *items = json_get(doc, "items");

	*item = NULL;
	for (size_t i = 0; i < json_size(items) && !*item; i++) {
		const char *act = json_str(json_at(items, i), "act");

		if (act && strcmp(act, a->name) == 0)
			*item = json_at(items, i);
	}
	return doc;
}

static bool is_word(const char *state, const char *list)
{
	const char *at = state ? strstr(list, state) : NULL;

	return at && at[-1] == ' ' && at[strlen(state)] == ' ';
}

/* True when the record is settled: a second act is then a new one, which the rules judge by themselves. */
static bool check_record(struct trial *t, const struct act *a, const struct effects *now)
{
	bool settled;
	const struct json *item;
	struct json *doc = journal(t, a, &item);
	const char *state = json_str(item, "state");
	int64_t happened = now->n - t->before.n;

	if (happened && !item)
		say(t, "it happened at the forge and there is no record of it", state);
	else if (happened && !is_word(state, " linked done unknown "))
		say(t, "it happened at the forge and the record denies it", state);
	else if (happened && now->run && is_word(state, " linked ") &&
		 json_int(item, "run_id", 0) != now->run)
		say(t, "the record names another run", state);
	else if (!happened && is_word(state, " linked done "))
		say(t, "the record says that it happened and the forge knows nothing of it", state);
	settled = is_word(state, " linked done refused not_sent ");
	if (!item)
		never++;
	else if (settled)
		settled_done++;
	else
		settled_open++;
	json_free(doc);
	return settled;
}

static void check_status(struct trial *t, const struct effects *now)
{
	int64_t happened = now->n - t->before.n;
	int s = t->ran.status;

	if (s == 0 && happened != 1)
		say(t, "exit 0, and it did not happen", NULL);
	if ((s == 1 || s == 2 || s == 4 || s == 5 || s == 6 || s == 130) && happened)
		say(t, "the exit status says that nothing was sent, and it happened", NULL);
	if (s < 0 || s > 6)
		say(t, "an exit status that is not of the contract", NULL);
}

/* Looks once; then the same act a second time, as an impatient person would. */
static void check_again(struct trial *t, const struct act *a)
{
	static const char *const reconcile[] = { "reconcile", NULL };
	const char *words[16];
	struct effects now;
	int status;

	stand_end_engine(&t->stand);
	json_free(stand_ask(&t->stand, &status, reconcile));
	now = a->effects(t);
	if (now.n - t->before.n > 1)
		say(t, "it happened more than once", NULL);
	bool settled = check_record(t, a, &now);
	int64_t allowed = settled && a->repeats ? now.n - t->before.n + 1 : 1;
	words_of(t, a, words);
	json_free(stand_ask(&t->stand, &status, words));
	second_tries += status == 0;
	now = a->effects(t);
	if (now.n - t->before.n > allowed)
		say(t, "the second try made a twin", NULL);
	stand_end_engine(&t->stand);
}

static void check_full(struct trial *t, const struct effects *now)
{
	if (t->ran.status != 6 || now->n != t->before.n)
		say(t, "a disk that is full from the first write on, and not exit 6 with nothing sent", NULL);
	if (!strstr(t->ran.out.s, "full"))
		say(t, "the message does not say that the disk is full", NULL);
}

static void check_act(struct trial *t, const struct act *a, const struct kind *k)
{
	struct effects now = a->effects(t);

	check_status(t, &now);
	if (now.n - t->before.n > 1)
		say(t, "it happened more than once", NULL);
	/* no durable record, no request */
	if (strcmp(k->name, "full-disk") == 0 && t->n == 1)
		check_full(t, &now);
	check_again(t, a);
}

/* Nothing acted: what must hold is that the cache still opens and fills. */
static void check_sync(struct trial *t)
{
	static const char *const sync[] = { "sync", "--once", NULL }, *const lanes[] = { "lanes", NULL };
	int status;

	stand_end_engine(&t->stand);
	json_free(stand_ask(&t->stand, &status, sync));
	if (status != 0)
		say(t, "a second sync fails", NULL);
	struct json *doc = stand_ask(&t->stand, &status, lanes);
	if (status != 0 || json_size(json_get(doc, "items")) == 0)
		say(t, "no lanes after a second sync", NULL);
	json_free(doc);
}

/* ---- the sweep ----------------------------------------------------------------------------------------------------- */

static void open_for(struct trial *t, const struct act *a, const char *speed)
{
	stand_open(&t->stand, a->scenario, speed);
	t->stand.registry = a->registry;
}

static bool try_at(const struct act *a, const struct kind *k, long n)
{
	struct trial t = { .run_text = "", .n = n };
	struct fault fault = k->fault;
	const char *words[16];
	char at[32];
	int before = failures;

	snprintf(at, sizeof(at), "%ld", n);
	fault.at = at;
	open_for(&t, a, k->speed);
	a->prepare(&t);
	stand_end_engine(&t.stand);
	t.before = a->effects(&t);
	words_of(&t, a, words);
	stand_run(&t.stand, &t.ran, &fault, words);
	t.calls = stand_trace(&t.stand, t.at, sizeof(t.at));
	t.hit = n > 0 && t.calls >= n;
	if (strcmp(a->name, "sync") == 0)
		check_sync(&t);
	else
		check_act(&t, a, k);
	if (failures == before)
		printf("ok - %s\n#   exit %d\n", t.at, t.ran.status);
	ran_done(&t.ran);
	stand_close(&t.stand);
	return t.hit;
}

/* How many calls there are, by a run that is only counted. */
static long count_calls(const struct act *a, const struct kind *k)
{
	struct trial t = { .run_text = "" };
	struct fault fault = k->fault;
	const char *words[16];

	fault.at = "0";
	open_for(&t, a, k->speed);
	a->prepare(&t);
	stand_end_engine(&t.stand);
	words_of(&t, a, words);
	stand_run(&t.stand, &t.ran, &fault, words);
	t.calls = stand_trace(&t.stand, t.at, sizeof(t.at));
	if (t.ran.status != 0)
		stand_die("without a fault: exit %d: %s%s", t.ran.status, t.ran.out.s, t.ran.err.s);
	ran_done(&t.ran);
	stand_close(&t.stand);
	return t.calls;
}

static const struct act *find_act(const char *name)
{
	for (size_t i = 0; i < countof(acts); i++)
		if (strcmp(acts[i].name, name) == 0)
			return &acts[i];
	stand_die("no such act: %s", name);
}

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < countof(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	stand_die("no such fault: %s", name);
}

struct range {
	long from, stride;
	bool one;
};

/* No fault, and no patience: the same act again before the forge lists what the first one made. */
static int try_twice(const struct act *a)
{
	struct trial t = { .run_text = "" };
	const char *words[16];
	int status;

	open_for(&t, a, "1");
	a->prepare(&t);
	t.before = a->effects(&t);
	words_of(&t, a, words);
	stand_run(&t.stand, &t.ran, NULL, words);
	json_free(stand_ask(&t.stand, &status, words));
	struct effects now = a->effects(&t);
	if (t.ran.status != 0 || now.n - t.before.n != 1)
		say(&t, "twice at once is not once", NULL);
	if (status != 1)
		say(&t, "the second one was not refused", NULL);
	printf("# %s, twice: exit %d, then %d, and it happened %lld times\n", a->name, t.ran.status, status,
	       (long long)(now.n - t.before.n));
	ran_done(&t.ran);
	stand_close(&t.stand);
	return failures ? 1 : 0;
}

static struct range read_range(int argc, char **argv, long total)
{
	struct range r = { 1, 1, false };
	long n = argc > 6 ? atol(argv[6]) : 0;

	if (argc > 6 && strcmp(argv[5], "--every") == 0)
		r.stride = n;
	else if (argc > 6 && strcmp(argv[5], "--samples") == 0 && n > 0)
		r.stride = total / n;
	else if (argc > 6 && strcmp(argv[5], "--only") == 0)
		r = (struct range){ n, 1, true };
	if (r.stride < 1)
		r.stride = 1;
	return r;
}

int main(int argc, char **argv)
{
	if (argc < 5)
		stand_die("sweep BIN-FOLDER LIBFAULT.so ACT FAULT [--every N | --samples N | --only N]");
	stand_place(argv[1], argv[2]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	const struct act *a = find_act(argv[3]);
	if (strcmp(argv[4], "twice") == 0)
		return try_twice(a);
	const struct kind *k = find_kind(argv[4]);
	long points = 0, total = count_calls(a, k);
	if (total == 0)
		stand_die("no call was counted: the shim is not in the engine");
	struct range range = read_range(argc, argv, total);
	for (long n = range.from; try_at(a, k, n) && !range.one; n += range.stride)
		points++;
	printf("# %s, %s: %ld calls, %ld points taken, %d findings\n", a->name, k->name, total, points,
	       failures);
	printf("# records: %d settled, %d still open and shown, %d never made; %d second tries went "
	       "through\n",
	       settled_done, settled_open, never, second_tries);
	return failures ? 1 : 0;
}
