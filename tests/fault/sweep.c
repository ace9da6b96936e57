/*
 * sweep.c - an act, with the engine killed (or its disk full, or its line cut) at the N-th call; then the truth, asked
 * of the forge.
 *
 *	sweep BIN-FOLDER LIBFAULT.so ACT FAULT [--every N | --samples N | --only N]
 *
 * ACT is a row of acts.c; FAULT is a row of `kinds`, or `twice` for none at all, or `race` for two consoles that ask at the
 * same instant, N times. Each N gets a world and a state of its own. What must hold, whatever N was:
 *	- the forge has never more than one effect of one intent, also after the act was tried a second time;
 *	- an effect at the forge has a record here, that names it after reconcile;
 *	- a record is never lost: either it is settled, or the outbox shows it and a twin is refused;
 *	- the audit chain is whole and agrees with the records, before anything is repaired and after;
 *	- a guard that is armed goes back once, whoever was killed meanwhile, or says what it waits for;
 *	- the exit status told the truth: 0 only when it happened, 1 4 5 6 130 only when it did not.
 * The sweep ends when a run gets through with fewer than N calls. Exit status: 0 all held, 1 not, 77 cannot run here.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/contract/badline.h"
#include "tests/fault/acts.h"

static const struct kind {
	const char *name;
	struct fault fault; /* at is filled for each N */
	const char *speed;
	enum ill ill; /* not NONE: no call fails, but the line, at the N-th act on it */
} kinds[] = {
	{ "kill", { .how = "kill" }, "60", ILL_NONE },
	/* the same, only around what decides: dense where `kill` takes samples */
	{ "kill-journal", { .how = "kill", .path = "journal.db" }, "60", ILL_NONE },
	{ "kill-line", { .how = "kill", .on = "connect,send,sendto,sendmsg" }, "60", ILL_NONE },
	{ "full-disk",
	  { .how = "enospc-forever", .on = "write,pwrite64,ftruncate,fallocate", .path = "journal.db" },
	  "60",
	  ILL_NONE },
	{ "full-cache",
	  { .how = "enospc-forever", .on = "write,pwrite64,ftruncate,fallocate", .path = "cache.db" },
	  "60",
	  ILL_NONE },
	/* half of the bytes, then nothing any more; and half of them, which whoever writes must see */
	{ "torn", { .how = "tear", .on = "write,pwrite64" }, "60", ILL_NONE },
	{ "short", { .how = "short", .on = "write,pwrite64" }, "60", ILL_NONE },
	{ "io-error",
	  { .how = "eio", .on = "pwrite64,fsync,fdatasync,ftruncate", .path = "journal.db" },
	  "60",
	  ILL_NONE },
	{ "cut", { .how = "reset", .on = "recv", .path = "socket:inet" }, "60", ILL_NONE },
	{ "cut-send",
	  { .how = "reset", .on = "send,sendto,sendmsg", .path = "socket:inet" },
	  "60",
	  ILL_NONE },
	/* no memory for the N-th request, or from it on; not under sanitizers, which have their own */
	{ "memory", { .how = "memory" }, "60", ILL_NONE },
	{ "memory-forever", { .how = "memory-forever" }, "60", ILL_NONE },
	{ "read-only",
	  { .how = "erofs-forever",
	    .on = "open,write,pwrite64,ftruncate,fallocate,mkdir,rename,unlink,chmod",
	    .path = "/state/" },
	  "60",
	  ILL_NONE },
	{ "line-silent", { 0 }, "20", ILL_SILENT }, /* a timeout after the act */
	{ "line-lost", { 0 }, "20", ILL_LOST },     /* and before it */
	{ "line-cut", { 0 }, "20", ILL_CUT },
	{ "line-reset", { 0 }, "20", ILL_RESET },
	{ "line-502", { 0 }, "20", ILL_GATEWAY },
	{ "line-portal", { 0 }, "20", ILL_PORTAL },
};

static int failures, second_tries, settled_open, settled_done, never, chains;

static void say(const struct trial *t, const char *what, const char *state)
{
	failures++;
	printf("not ok - %s%s%s\n#   at call %s\n#   exit %d: %s%s\n", what, state ? ": " : "",
	       state ? state : "", t->at, t->ran.status, t->ran.out.s, t->ran.err.s);
}

/* ---- what must hold ------------------------------------------------------------------------------------------------ */

/* The record of the act: the newest of its verb that was not there before, or the one that it ends; NULL none. In a. */
static const struct intent *record_of(struct trial *t, struct arena *a)
{
	struct intents all;
	size_t of_verb = 0;

	trial_records(t, &all, a);
	if (t->act->closes)
		return all.n ? &all.items[0] : NULL;
	for (size_t i = all.n; i-- > 0;)
		if (text_eq(all.items[i].act, t->act->words[0]) && ++of_verb > t->recorded)
			return &all.items[i];
	return NULL;
}

static bool is_word(const char *state, const char *list)
{
	const char *at = state ? strstr(list, state) : NULL;

	return at && at[-1] == ' ' && at[strlen(state)] == ' ';
}

/* True when the record is settled: a second act is then a new one, which the rules judge by themselves. */
static bool check_record(struct trial *t, const struct effects *now)
{
	autofree(arena) struct arena a = ARENA_INIT;
	const struct intent *in = record_of(t, &a);
	const char *state = in ? names_word(&intent_state_names, in->state) : NULL;
	int64_t happened = now->n - t->before.n;
	bool settled = is_word(state, " linked done refused not_sent abandoned ");

	if (happened && !in)
		say(t, "it happened at the forge and there is no record of it", state);
	else if (happened && !is_word(state, " linked done unknown abandoned "))
		say(t, "it happened at the forge and the record denies it", state);
	else if (happened && now->run && is_word(state, " linked ") && in->run_id != now->run)
		say(t, "the record names another run", state);
	else if (!happened && is_word(state, " linked done abandoned "))
		say(t, "the record says that it happened and the forge knows nothing of it", state);
	if (!in)
		never++;
	else if (settled)
		settled_done++;
	else
		settled_open++;
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
	bool settled = check_record(t, &now);
	int64_t allowed = settled && a->repeats ? now.n - t->before.n + 1 : 1;
	trial_words(t, words);
	json_free(stand_ask(&t->stand, &status, words));
	second_tries += status == 0;
	now = a->effects(t);
	if (now.n - t->before.n > allowed)
		say(t, "the second try made a twin", NULL);
	stand_end_engine(&t->stand);
}

/* Armed by what was cut, or not: the next engine takes it over, and the breach is answered once. What had perhaps left and
 * is not found is waited for ten minutes, which no sweep does: then it is acting, and the outbox has its intent. */
static void check_guard(struct trial *t)
{
	static const char *const reconcile[] = { "reconcile", NULL }, *const outbox[] = { "outbox", NULL };
	const struct json *item;
	int status;

	stand_end_engine(&t->stand);
	json_free(stand_ask(&t->stand, &status, reconcile));
	trial_settle(t);
	struct json *doc = trial_guard(t, &item), *open = stand_ask(&t->stand, &status, outbox);
	const char *state = item ? json_str(item, "state") : "none";
	int64_t happened = t->act->effects(t).n - t->before.n;

	if (happened > 1)
		say(t, "a guard went back more than once", state);
	else if (happened == 1 && !is_word(state, " acted acting "))
		say(t, "a guard went back, and does not know it", state);
	else if (!happened && !is_word(state, " none acting "))
		say(t, "a guard did not go back", state);
	else if (text_eq(state, "acting") && !json_size(json_get(open, "items")))
		say(t, "a guard waits, and nothing is open", json_str(item, "reason"));
	settled_done += text_eq(state, "acted");
	settled_open += text_eq(state, "acting");
	never += text_eq(state, "none");
	if (t->ran.status == 0 && text_eq(state, "none"))
		say(t, "exit 0, and no guard is there", NULL);
	json_free(doc);
	json_free(open);
	stand_end_engine(&t->stand);
}

/* Wherever it was cut: the chain of acts is whole, and says what the journal says. */
static void check_chain(struct trial *t)
{
	static const char *const verify[] = { "audit", "verify", NULL };
	struct ran r;

	stand_run(&t->stand, &r, NULL, verify);
	/* killed before there was a first line: no act either; while the file was made, a reader cannot finish it */
	if (r.status != 0 && !strstr(r.out.s, "\"missing\"") &&
	    !(t->ran.status == 6 && strstr(r.out.s, "in the middle of a write")))
		say(t, "the audit chain does not hold", r.out.n ? r.out.s : r.err.s);
	chains += r.status == 0;
	ran_done(&r);
}

static void check_no_disk(struct trial *t, const struct effects *now, const char *word)
{
	if (t->ran.status != 6 || now->n != t->before.n)
		say(t, "a disk that takes nothing from the first write on, and not exit 6 with nothing sent",
		    NULL);
	if (!strcasestr(t->ran.out.s, word))
		say(t, "the message does not name what is wrong with the disk", word);
}

static void check_act(struct trial *t, const struct act *a, const struct kind *k)
{
	struct effects now = a->effects(t);

	if (act_is_late(a)) {
		check_guard(t);
		check_chain(t);
		return;
	}
	check_status(t, &now);
	if (now.n - t->before.n > 1)
		say(t, "it happened more than once", NULL);
	/* no durable record, no request */
	if (strcmp(k->name, "full-disk") == 0 && t->n == 1)
		check_no_disk(t, &now, "full");
	if (strcmp(k->name, "read-only") == 0 && t->n == 1)
		check_no_disk(t, &now, "read-only");
	check_again(t, a);
	check_chain(t);
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

/* Instead of thirty seconds, of which four pass in one of ours. */
static void be_impatient(const struct trial *t)
{
	static const char *const folders[] = { ".config", ".config/pilothouse" };
	char path[160];
	FILE *f;

	for (size_t i = 0; i < countof(folders); i++) {
		snprintf(path, sizeof(path), "%s/%s", t->stand.dir, folders[i]);
		mkdir(path, 0700);
	}
	snprintf(path, sizeof(path), "%s/.config/pilothouse/config.yml", t->stand.dir);
	f = fopen(path, "we");
	if (!f || fputs("timeout: 6\n", f) < 0 || fclose(f))
		stand_die("%s cannot be written", path);
}

/* The act on a line that spoils the N-th of its requests; 0: none. */
static void run_on_line(struct trial *t, const struct kind *k, const char *const *words)
{
	struct badline line;
	char api[sizeof(t->stand.api)];

	be_impatient(t);
	badline_open(&line, t->stand.port);
	memcpy(api, t->stand.api, sizeof(api));
	snprintf(t->stand.api, sizeof(t->stand.api), "http://127.0.0.1:%d", line.port);
	if (t->n)
		badline_ill_at(&line, k->ill, (int)t->n);
	stand_run(&t->stand, &t->ran, NULL, words);
	trial_settle(t);
	t->calls = badline_acts(&line);
	snprintf(t->at, sizeof(t->at), "%ld of the acts on the line", t->n);
	badline_close(&line);
	/* what is left of the engine still believes in the other line */
	stand_end_engine(&t->stand);
	memcpy(t->stand.api, api, sizeof(api));
}

static bool is_memory(const struct kind *k)
{
	return k->fault.how && text_starts(k->fault.how, "memory");
}

static void run_faulty(struct trial *t, const struct kind *k)
{
	struct fault fault = k->fault;
	const char *words[16];
	char at[32];

	snprintf(at, sizeof(at), "%ld", t->n);
	fault.at = at;
	trial_words(t, words);
	if (k->ill) {
		run_on_line(t, k, words);
		return;
	}
	stand_run(&t->stand, &t->ran, &fault, words);
	trial_settle(t);
	for (int i = 0; i < 500 && is_memory(k) && stand_engine(&t->stand); i++)
		poll(NULL, 0, 10); /* how many there were it says at its end */
	t->calls = stand_trace(&t->stand, t->at, sizeof(t->at));
	if (is_memory(k))
		t->calls = atol(t->at);
	if (is_memory(k) && strstr(t->at, "crash"))
		say(t, "it went on with memory that it did not get", NULL);
}

static bool try_at(const struct trial *mold, const struct kind *k, long n)
{
	const struct act *a = mold->act;
	struct trial t = { .run_text = "", .n = n };
	int before = failures;

	trial_open(&t, mold);
	run_faulty(&t, k);
	t.hit = n > 0 && t.calls >= n;
	if (strcmp(a->name, "sync") == 0)
		check_sync(&t);
	else
		check_act(&t, a, k);
	if (failures == before)
		printf("ok - %s\n#   exit %d\n", t.at, t.ran.status);
	ran_done(&t.ran);
	trial_close(&t);
	return t.hit;
}

/* How many calls there are, by a run that is only counted. */
static long count_calls(const struct trial *mold, const struct kind *k)
{
	struct trial t = { .run_text = "" };

	trial_open(&t, mold);
	run_faulty(&t, k);
	if (t.ran.status != 0)
		stand_die("without a fault: exit %d: %s%s", t.ran.status, t.ran.out.s, t.ran.err.s);
	ran_done(&t.ran);
	trial_close(&t);
	return t.calls;
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

	trial_prepare(&t, a, "1", true);
	trial_words(&t, words);
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
	trial_close(&t);
	return failures ? 1 : 0;
}

/* Another console of the same person, as a process of its own. */
static pid_t ask_beside(struct trial *t, const char *const *words)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	stand_run(&t->stand, &t->ran, NULL, words);
	_exit(t->ran.status);
}

static void race_once(const struct trial *mold, int *first_won)
{
	const struct act *a = mold->act;
	struct trial t = { .run_text = "" };
	const char *words[16];
	int other = 0;

	trial_open(&t, mold);
	trial_words(&t, words);
	pid_t pid = ask_beside(&t, words);
	stand_run(&t.stand, &t.ran, NULL, words);
	waitpid(pid, &other, 0);
	other = WEXITSTATUS(other);
	struct effects now = a->effects(&t);
	int64_t happened = now.n - t.before.n;
	int lost = t.ran.status ? t.ran.status : other;
	/* on a loaded machine the one is settled before the other asks */
	bool in_turn = a->repeats && t.ran.status == 0 && other == 0 && happened == 2;
	if (happened != 1 && !in_turn)
		say(&t, "two at the same instant are not one", NULL);
	/* refused by the rules, because an intent is open, or because what it met has just moved: 1, 3 or 5 */
	if (!in_turn && ((t.ran.status == 0) == (other == 0) || (lost != 1 && lost != 3 && lost != 5)))
		say(&t, "one of two was not sent, or the other not refused", other ? "other refused" : "");
	*first_won += t.ran.status == 0;
	ran_done(&t.ran);
	trial_close(&t);
}

static int try_race(const struct act *a, int races)
{
	struct trial mold = { .run_text = "" };
	int first_won = 0;

	trial_prepare(&mold, a, "10", true);
	for (int i = 0; i < races; i++)
		race_once(&mold, &first_won);
	trial_close(&mold);
	printf("# %s: %d races, %d won by the first, %d findings\n", a->name, races, first_won, failures);
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
	const struct act *a = act_find(argv[3]);
	if (strcmp(argv[4], "twice") == 0)
		return try_twice(a);
	if (strcmp(argv[4], "race") == 0)
		return try_race(a, argc > 6 ? atoi(argv[6]) : 1);
	const struct kind *k = find_kind(argv[4]);
#ifdef __SANITIZE_ADDRESS__
	if (is_memory(k)) {
		puts("# skipped: a sanitizer has its own allocator");
		return 77;
	}
#endif
	struct trial mold = { .run_text = "" };

	trial_prepare(&mold, a, k->speed, false);
	long points = 0, total = count_calls(&mold, k);
	if (total == 0)
		stand_die("no call was counted: the shim is not in the engine");
	struct range range = read_range(argc, argv, total);
	for (long n = range.from; try_at(&mold, k, n) && !range.one; n += range.stride)
		points++;
	trial_close(&mold);
	printf("# %s, %s: %ld calls, %ld points taken, %d findings\n", a->name, k->name, total, points,
	       failures);
	printf("# %d times the audit chain was whole\n", chains);
	printf("# records: %d settled, %d still open and shown, %d never made; %d second tries went "
	       "through\n",
	       settled_done, settled_open, never, second_tries);
	return failures ? 1 : 0;
}
