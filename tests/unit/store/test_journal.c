/* Acknowledged means durable; a twin is refused; nothing closed opens again; damage stops everything. */
#include "fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "store/audit.h"

/* What a line says is the engine's: here it names the one before it, and the move. */
static int seal(void *ctx, const struct audit_event *ev, struct audit_line *out, struct arena *a,
		struct err *e)
{
	if (ctx && *(bool *)ctx)
		return err_set(e, ERR_CORRUPT, "the seal is broken");
	out->line = arena_printf(a, "%" PRId64 " %s %s", ev->last.seq, ev->last.seq ? ev->last.hash : "-",
				 ev->in ? names_word(&intent_state_names, ev->in->state) : "genesis");
	out->hash = arena_printf(a, "h%" PRId64, ev->last.seq + 1);
	return 0;
}

static int open_sealed(struct fixture *f, struct journal **j)
{
	int r = journal_open(j, f->path, &f->e);

	if (r)
		return r;
	audit_seal_with(*j, seal, NULL);
	return audit_begin(*j, (struct when){ 1 }, &f->e);
}

static struct journal *journal_of(struct fixture *f)
{
	struct journal *j = NULL;

	check_ok(f, open_sealed(f, &j));
	return j;
}

static struct intent intent_of(struct fixture *f, int n, const char *act, const char *lane)
{
	return (struct intent){
		.nonce = arena_printf(&f->a, "%032d", n),
		.plan_id = "0a1b2c3d",
		.act = act,
		.lane = lane,
		.repo = "a/b",
		.subject = "v1",
		.body = "{\"ref\":\"v1\"}",
		.created.ms = 1000 + n,
	};
}

static int add(struct fixture *f, struct journal *j, struct intent *in)
{
	struct intent twin = { 0 };

	return journal_add(j, in, &twin, &f->a, &f->e);
}

static void full_is_really_in_force(void **state)
{
	struct fixture *f = *state;
	struct journal *j = journal_of(f);
	int64_t v = 0;

	check_ok(f, store_number(journal_store(j), "PRAGMA synchronous", &v, &f->e));
	assert_int_equal(v, 2);
	check_ok(f, store_number(journal_store(j), "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &v,
				 &f->e));
	assert_int_equal(v, 1);
	assert_int_equal(file_mode(f->path, ""), 0600);
	assert_int_equal(file_mode(f->path, "-wal"), 0600);
	journal_close(j);
}

static void an_intent_survives_reopening(void **state)
{
	struct fixture *f = *state;
	struct journal *j = journal_of(f);
	struct intent in = intent_of(f, 1, "dispatch", "a/prod"), out;
	struct buf why = BUF_INIT(1024);

	in.state = INTENT_DONE; /* whatever the caller thinks: it is armed */
	check_ok(f, add(f, j, &in));
	assert_int_equal(in.state, INTENT_ARMED);
	assert_true(in.id > 0);
	journal_close(j);
	j = journal_of(f);
	check_ok(f, journal_get(j, in.id, &out, &f->a, &f->e));
	in.client = in.target = in.step = in.line = in.request = in.who = in.reason = in.relies_on =
		in.run_url = in.note = "";
	if (!rec_equal(&rec_intent, &in, &out, &why))
		fail_msg("%s", why.s);
	assert_int_equal(journal_get(j, in.id + 1, &out, &f->a, &f->e), 1);
	buf_done(&why);
	journal_close(j);
}

/* Of several requests the record names the last that left, and how many are known to have happened. */
static void steps_are_durable(void **state)
{
	struct fixture *f = *state;
	struct journal *j = journal_of(f);
	struct intent in = intent_of(f, 1, "revert-pin", "a/prod"), out;

	in.steps = 3;
	in.request = "POST /one";
	check_ok(f, add(f, j, &in));
	in.state = INTENT_SENT;
	in.request = "PUT /two";
	in.body = "{}";
	in.step = "{\"kind\":\"file_put\"}";
	in.done = 1;
	check_ok(f, journal_advance(j, &in, (struct when){ 5 }, &f->e));
	journal_close(j);
	j = journal_of(f);
	check_ok(f, journal_get(j, in.id, &out, &f->a, &f->e));
	assert_string_equal(out.request, "PUT /two");
	assert_string_equal(out.body, "{}");
	assert_string_equal(out.step, in.step);
	assert_int_equal(out.steps, 3);
	assert_int_equal(out.done, 1);
	journal_close(j);
}

static void a_twin_is_refused(void **state)
{
	static const struct {
		const char *what;
		int nonce, state;
		const char *act, *lane, *subject;
		bool twin;
	} cases[] = {
		{ "the same act and lane", 2, INTENT_ARMED, "dispatch", "a/prod", "v2", true },
		{ "the same while unknown", 2, INTENT_UNKNOWN, "dispatch", "a/prod", "v2", true },
		{ "the same, not found yet", 2, INTENT_NOT_FOUND, "dispatch", "a/prod", "v2", true },
		{ "the same in a state of tomorrow", 2, INTENT_OTHER, "dispatch", "a/prod", "v2", true },
		{ "the same, settled", 2, INTENT_LINKED, "dispatch", "a/prod", "v2", false },
		{ "the same, given up", 2, INTENT_ABANDONED, "dispatch", "a/prod", "v2", false },
		{ "the same nonce, settled", 1, INTENT_DONE, "approve", "x/y", "v2", true },
		{ "another act", 2, INTENT_SENT, "approve", "a/prod", "v1", false },
		{ "another lane", 2, INTENT_SENT, "dispatch", "b/prod", "v1", false },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < countof(cases); i++) {
		struct journal *j;
		struct intent first = intent_of(f, 1, "dispatch", "a/prod"), second, twin = { 0 };

		snprintf(f->path, sizeof(f->path), "%s/%zu.db", f->dir, i);
		j = journal_of(f);
		check_ok(f, add(f, j, &first));
		first.state = cases[i].state;
		check_ok(f, journal_advance(j, &first, (struct when){ 5 }, &f->e));
		second = intent_of(f, cases[i].nonce, cases[i].act, cases[i].lane);
		second.subject = cases[i].subject;
		if (journal_add(j, &second, &twin, &f->a, &f->e) != cases[i].twin)
			fail_msg("%s: %s", cases[i].what, cases[i].twin ? "was added" : "was refused");
		assert_int_equal(second.id != 0, !cases[i].twin);
		assert_int_equal(twin.id, cases[i].twin ? first.id : 0);
		journal_close(j);
	}
}

static void without_a_lane_the_subject_counts(void **state)
{
	struct fixture *f = *state;
	struct journal *j = journal_of(f);
	struct intent one = intent_of(f, 1, "cancel", ""), two = intent_of(f, 2, "cancel", ""),
		      three = intent_of(f, 3, "cancel", NULL);

	two.subject = "v2";
	check_ok(f, add(f, j, &one));
	check_ok(f, add(f, j, &two));
	assert_int_equal(add(f, j, &three), 1);
	journal_close(j);
}

static void an_intent_needs_an_act_and_a_nonce(void **state)
{
	struct fixture *f = *state;
	struct journal *j = journal_of(f);
	struct intent in = intent_of(f, 1, "dispatch", "l");

	in.nonce = "";
	assert_int_equal(add(f, j, &in), -ERR_BUG);
	in = intent_of(f, 1, NULL, "l");
	assert_int_equal(add(f, j, &in), -ERR_BUG);
	journal_close(j);
}

static void each_state_is_kept(void **state)
{
	static const int states[] = { INTENT_SENT, INTENT_UNKNOWN, INTENT_LINKED };
	struct fixture *f = *state;
	struct journal *j = journal_of(f);
	struct intent in = intent_of(f, 1, "dispatch", "a/prod"), out;
	struct intents open = { 0 };
	char sql[160];

	check_ok(f, add(f, j, &in));
	for (size_t i = 0; i < countof(states); i++) {
		in.state = states[i];
		in.sends = 1;
		in.sent.ms = 7;
		in.run_id = states[i] == INTENT_LINKED ? INT64_C(99999999999) : 0;
		in.note = "noted";
		in.act = "never copied";
		check_ok(f, journal_advance(j, &in, (struct when){ 2000 + (int64_t)i }, &f->e));
	}
	check_ok(f, journal_get(j, in.id, &out, &f->a, &f->e));
	assert_int_equal(out.state, INTENT_LINKED);
	assert_int_equal(out.run_id, INT64_C(99999999999));
	assert_string_equal(out.note, "noted");
	assert_string_equal(out.act, "dispatch");
	check_ok(f, journal_open_intents(j, &open, &f->a, &f->e));
	assert_int_equal(open.n, 0);
	journal_close(j);
	snprintf(sql, sizeof(sql),
		 "SELECT group_concat(state, '') = '%d%d%d%d' AND max(at) = 2002 FROM intent_log WHERE "
		 "intent = %d",
		 INTENT_ARMED, INTENT_SENT, INTENT_UNKNOWN, INTENT_LINKED, (int)in.id);
	assert_int_equal(raw_number(f->path, sql), 1);
}

static void what_is_closed_never_opens_again(void **state)
{
	struct fixture *f = *state;
	struct journal *j = journal_of(f);
	struct intent in = intent_of(f, 1, "dispatch", "a/prod"), out;

	check_ok(f, add(f, j, &in));
	in.state = INTENT_NOT_SENT;
	check_ok(f, journal_advance(j, &in, (struct when){ 5 }, &f->e));
	in.state = INTENT_SENT;
	assert_int_equal(journal_advance(j, &in, (struct when){ 6 }, &f->e), -ERR_CONFLICT);
	check_ok(f, journal_get(j, in.id, &out, &f->a, &f->e));
	assert_int_equal(out.state, INTENT_NOT_SENT);
	in.state = INTENT_ABANDONED; /* from closed to closed: a correction */
	check_ok(f, journal_advance(j, &in, (struct when){ 7 }, &f->e));
	in.id = 77;
	err_clear(&f->e);
	assert_int_equal(journal_advance(j, &in, (struct when){ 8 }, &f->e), -ERR_MISSING);
	journal_close(j);
}

static void the_newest_come_first_and_the_open_in_order(void **state)
{
	static const char *const lanes[] = { "a", "b", "c", "d" };
	struct fixture *f = *state;
	struct journal *j = journal_of(f);
	struct intents list = { 0 }, open = { 0 };

	for (size_t i = 0; i < countof(lanes); i++) {
		struct intent in = intent_of(f, (int)i, "dispatch", lanes[i]);
		check_ok(f, add(f, j, &in));
		in.state = i == 1 ? INTENT_DONE : INTENT_SENT;
		check_ok(f, journal_advance(j, &in, (struct when){ 5 }, &f->e));
	}
	check_ok(f, journal_recent(j, 2, &list, &f->a, &f->e));
	assert_int_equal(list.n, 2);
	assert_string_equal(list.items[0].lane, "d");
	check_ok(f, journal_open_intents(j, &open, &f->a, &f->e));
	assert_int_equal(open.n, 3);
	assert_string_equal(open.items[1].lane, "c");
	journal_close(j);
}

/* Whatever was done since: what was signed is found spent, and what came by a rollback is known to have. */
static void what_was_done_long_ago_is_found_by_its_key(void **state)
{
	struct fixture *f = *state;
	struct journal *j = journal_of(f);
	struct intents list = { 0 };

	for (int i = 0; i < 1500; i++) {
		struct intent in = intent_of(f, i, "dispatch", "a");

		in.plan_id = i == 3 ? "spent" : "other";
		check_ok(f, add(f, j, &in));
		in.state = INTENT_LINKED;
		in.run_id = 100 + i;
		check_ok(f, journal_advance(j, &in, (struct when){ 5 }, &f->e));
	}
	check_ok(f, journal_of_plan(j, "spent", &list, &f->a, &f->e));
	assert_int_equal(list.n, 1);
	assert_int_equal(list.items[0].run_id, 103);
	list = (struct intents){ 0 };
	check_ok(f, journal_of_run(j, 107, &list, &f->a, &f->e));
	assert_int_equal(list.n, 1);
	assert_int_equal(list.items[0].id, 8);
	list = (struct intents){ 0 };
	check_ok(f, journal_of_plan(j, "never", &list, &f->a, &f->e));
	assert_int_equal(list.n, 0);
	journal_close(j);
}

/* ---- faults ---- */

static void damage_stops_and_says_how_to_recover(void **state)
{
	static const struct {
		off_t at;
		bool cut;
	} spoils[] = { { 0, false }, { 4096, false }, { 8192, false }, { 6000, true } };
	struct fixture *f = *state;

	for (size_t i = 0; i < countof(spoils); i++) {
		struct journal *j;
		struct intent in = intent_of(f, 1, "dispatch", "a/prod");

		snprintf(f->path, sizeof(f->path), "%s/%zu.db", f->dir, i);
		j = journal_of(f);
		check_ok(f, add(f, j, &in));
		journal_close(j);
		file_spoil(f->path, spoils[i].at, spoils[i].cut);
		err_clear(&f->e);
		if (journal_open(&j, f->path, &f->e) != -ERR_CORRUPT)
			fail_msg("damage %zu was not seen: %s", i, f->e.message);
		assert_null(j);
		assert_non_null(strstr(f->e.message, f->path));
		assert_non_null(strstr(f->e.hint, ".recover"));
		assert_int_equal(file_mode(f->path, ".damaged"), 0);
		assert_int_equal(file_mode(f->path, ""), 0600);
	}
}

/* Statements were proven against the schema when we were built: a file that lacks a part of it is damaged too. */
static void a_journal_that_lacks_a_table_is_damaged(void **state)
{
	static const char *const lacks[] = { "DROP TABLE guard", "DROP TABLE audit",
					     "ALTER TABLE intent DROP COLUMN note" };
	struct fixture *f = *state;

	for (size_t i = 0; i < countof(lacks); i++) {
		struct journal *j;

		snprintf(f->path, sizeof(f->path), "%s/%zu.db", f->dir, i);
		journal_close(journal_of(f));
		raw_exec(f->path, lacks[i]);
		for (int reads = 0; reads < 2; reads++) {
			err_clear(&f->e);
			assert_int_equal(reads ? journal_open_reader(&j, f->path, &f->e)
					       : journal_open(&j, f->path, &f->e),
					 -ERR_CORRUPT);
			assert_null(j);
			assert_non_null(strstr(f->e.message, f->path));
			assert_non_null(strstr(f->e.hint, ".recover"));
		}
	}
}

static void a_lost_journal_is_not_replaced_in_silence(void **state)
{
	static const char *const says[] = { "gone", "empty" };
	struct fixture *f = *state;
	char log[128];

	for (size_t i = 0; i < countof(says); i++) {
		struct journal *j;
		struct intent in = intent_of(f, 1, "dispatch", "a/prod");

		snprintf(f->path, sizeof(f->path), "%s/%zu.db", f->dir, i);
		j = journal_of(f);
		check_ok(f, add(f, j, &in));
		journal_close(j);
		assert_int_equal(i ? truncate(f->path, 0) : unlink(f->path), 0);
		for (int reads = 0; reads < 2; reads++) {
			err_clear(&f->e);
			assert_int_equal(reads ? journal_open_reader(&j, f->path, &f->e)
					       : journal_open(&j, f->path, &f->e),
					 -ERR_CORRUPT);
			assert_non_null(strstr(f->e.message, says[i]));
		}
		snprintf(log, sizeof(log), "%s-wal", f->path);
		assert_int_equal(unlink(log), 0); /* what the hint says */
		journal_close(journal_of(f));
	}
}

/* Its log is gone with it, or was emptied as well: nothing but the cache remembers that there was one. Refused, it leaves no
 * file in the place of the one that is put back. */
static void what_the_cache_knows_is_in_the_journal(void **state)
{
	struct fixture *f = *state;
	struct intent in = intent_of(f, 7, "dispatch", "a/prod"), closed = intent_of(f, 8, "note", "a/prod");
	struct store *cache = NULL;
	struct journal *j = journal_of(f);
	const char *path = f->path, *away = arena_printf(&f->a, "%s/away.db", f->dir);

	check_ok(f, store_open(&cache, arena_printf(&f->a, "%s/cache.db", f->dir), STORE_WRITE, &f->e));
	check_ok(f, add(f, j, &in));
	check_ok(f, add(f, j, &closed));
	closed.state = INTENT_DONE;
	check_ok(f, journal_advance(j, &closed, (struct when){ 9 }, &f->e));
	journal_close(j);
	for (int open = 0; open < 2; open++) {
		check_ok(f, store_run(cache, Q_intent_mirror_put, &rec_intent, open ? &in : &closed, &f->e));
		check_ok(f, journal_open_beside(&j, path, cache, &f->e));
		journal_close(j);
		assert_int_equal(rename(path, away), 0);
		assert_int_equal(unlink(arena_printf(&f->a, "%s-wal", path)), 0);
		assert_int_equal(journal_open_beside(&j, path, cache, &f->e), -ERR_CORRUPT);
		assert_null(j);
		assert_non_null(strstr(f->e.message, path));
		assert_non_null(strstr(f->e.message, open ? "intent 1:" : "intent 2:"));
		assert_non_null(strstr(f->e.hint, "cache.db away"));
		assert_int_equal(access(path, F_OK), -1);
		/* another began there by itself, and knows nothing of it */
		journal_close(journal_of(f));
		assert_int_equal(journal_open_beside(&j, path, cache, &f->e), -ERR_CORRUPT);
		assert_int_equal(unlink(arena_printf(&f->a, "%s-wal", path)), 0);
		assert_int_equal(rename(away, path), 0);
	}
	check_ok(f, journal_open_beside(&j, path, cache, &f->e));
	journal_close(j);
	store_close(cache);
}

static void a_cache_is_no_journal(void **state)
{
	struct fixture *f = *state;
	struct journal *j = NULL;

	store_close(store_writer(f));
	assert_int_equal(journal_open(&j, f->path, &f->e), -ERR_CORRUPT);
}

static void a_full_disk_refuses_the_intent(void **state)
{
	struct fixture *f = *state;
	struct journal *j = journal_of(f);
	struct intent in = intent_of(f, 1, "dispatch", "a/prod");
	struct intents open = { 0 };
	char *big = x_alloc(100001);
	int64_t pages = 0;
	char sql[64];

	memset(big, 'x', 100000);
	check_ok(f, store_number(journal_store(j), "PRAGMA page_count", &pages, &f->e));
	snprintf(sql, sizeof(sql), "PRAGMA max_page_count=%d", (int)pages + 1);
	check_ok(f, store_number(journal_store(j), sql, &pages, &f->e));
	in.relies_on = big;
	assert_int_equal(add(f, j, &in), -ERR_STORE);
	assert_int_equal(in.id, 0);
	assert_non_null(strstr(f->e.message, "full"));
	check_ok(f, journal_open_intents(j, &open, &f->a, &f->e));
	assert_int_equal(open.n, 0);
	in.relies_on = "";
	check_ok(f, add(f, j, &in)); /* and it works again when there is room */
	journal_close(j);
	free(big);
}

/* The kernel itself refuses to let the log grow. */
static int add_under_a_limit(struct fixture *f)
{
	struct journal *j = NULL;
	struct rlimit limit = { .rlim_cur = 40000, .rlim_max = 40000 };
	int r = open_sealed(f, &j), n = 0;

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	for (; !r && n < 100; n++) {
		char lane[16];
		snprintf(lane, sizeof(lane), "l%d", n);
		struct intent in = intent_of(f, n, "dispatch", lane);
		r = add(f, j, &in);
	}
	journal_close(j);
	arena_done(&f->a);
	return r == -ERR_STORE && strstr(f->e.message, f->path) ? n - 1 : 255;
}

static void a_log_that_cannot_grow_keeps_what_it_promised(void **state)
{
	struct fixture *f = *state;
	struct journal *j = journal_of(f);
	int status = 0;
	pid_t pid;

	journal_close(j);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(add_under_a_limit(f));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 255);
	journal_close(journal_of(f));
	assert_int_equal(raw_number(f->path, "SELECT count(*) FROM intent"), WEXITSTATUS(status));
	assert_int_equal(raw_number(f->path, "SELECT count(*) FROM intent_log"), WEXITSTATUS(status));
}

static noreturn_fn void add_for_ever(struct fixture *f, int out)
{
	struct journal *j = NULL;

	if (open_sealed(f, &j))
		_exit(1);
	for (int n = 0;; n++) {
		char lane[16];
		snprintf(lane, sizeof(lane), "l%d", n);
		struct intent in = intent_of(f, n, "dispatch", lane);
		if (add(f, j, &in) || write(out, &in.id, sizeof(in.id)) != sizeof(in.id))
			_exit(1);
	}
}

static void kill_keeps_every_acknowledged_intent(void **state)
{
	enum { ROUNDS = 4 };
	struct fixture *f = *state;

	for (int round = 0; round < ROUNDS; round++) {
		int64_t id = 0, last = 0;
		int ends[2], status;
		pid_t pid;

		snprintf(f->path, sizeof(f->path), "%s/%d.db", f->dir, round);
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			add_for_ever(f, ends[1]);
		close(ends[1]);
		for (int i = 0; i < 3 + round * 5; i++)
			assert_int_equal(read(ends[0], &id, sizeof(id)), sizeof(id));
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		do
			last = id;
		while (read(ends[0], &id, sizeof(id)) == sizeof(id));
		close(ends[0]);
		journal_close(journal_of(f));
		assert_true(raw_number(f->path, "SELECT count(*) FROM intent") >= last);
		assert_int_equal(raw_number(f->path, "SELECT count(*) FROM intent WHERE state <> 1"), 0);
		assert_int_equal(
			raw_number(f->path,
				   "SELECT count(*) - (SELECT count(*) FROM intent) FROM intent_log"),
			0);
		assert_int_equal(
			raw_number(f->path,
				   "SELECT count(*) - 1 - (SELECT count(*) FROM intent_log) FROM audit"),
			0);
	}
}

static void a_replaced_file_is_noticed(void **state)
{
	struct fixture *f = *state;
	struct journal *j = journal_of(f);
	char other[128];

	assert_true(journal_in_place(j));
	snprintf(other, sizeof(other), "%s.old", f->path);
	assert_int_equal(rename(f->path, other), 0);
	assert_false(journal_in_place(j));
	struct intent lost =
		intent_of(f, 1, "note", "a/prod"); /* it would go with the file that has no name */
	assert_int_equal(add(f, j, &lost), -ERR_STORE);
	assert_int_equal(lost.id, 0);
	close(open(f->path, O_CREAT | O_RDWR | O_CLOEXEC, 0600));
	assert_false(journal_in_place(j));
	assert_int_equal(rename(other, f->path), 0);
	assert_true(journal_in_place(j));
	assert_int_equal(truncate(f->path, 0), 0);
	assert_false(journal_in_place(j));
	journal_close(j);
}

static void a_second_writer_waits_and_is_told(void **state)
{
	struct fixture *f = *state;
	struct journal *j = journal_of(f), *k = journal_of(f);
	struct intent in = intent_of(f, 1, "dispatch", "a/prod");

	check_ok(f, store_begin(journal_store(k), &f->e));
	sqlite3_busy_timeout(journal_store(j)->db, 1);
	assert_int_equal(add(f, j, &in), -ERR_STORE);
	assert_non_null(strstr(f->e.message, "locked by another process"));
	store_undo(journal_store(k));
	check_ok(f, add(f, j, &in));
	journal_close(j);
	journal_close(k);
}

#define COUNT_ALL                                                                                   \
	"SELECT (SELECT count(*) FROM intent) * 10000 + (SELECT count(*) FROM intent_log) * 100 + " \
	"(SELECT count(*) FROM audit)"

/* No act without a line, and no line without an act. */
static void what_cannot_be_sealed_is_not_entered(void **state)
{
	struct fixture *f = *state;
	struct journal *j = journal_of(f);
	struct intent in = intent_of(f, 1, "dispatch", "a/prod"), other = intent_of(f, 2, "retag", "a/prod");
	bool broken = true;

	check_ok(f, add(f, j, &in));
	audit_seal_with(j, seal, &broken);
	assert_int_equal(add(f, j, &other), -ERR_CORRUPT);
	assert_int_equal(other.id, 0);
	in.state = INTENT_SENT;
	assert_int_equal(journal_advance(j, &in, (struct when){ 5 }, &f->e), -ERR_CORRUPT);
	audit_seal_with(j, NULL, NULL);
	err_clear(&f->e);
	assert_int_equal(journal_advance(j, &in, (struct when){ 5 }, &f->e), -ERR_BUG);
	assert_int_equal(raw_number(f->path, COUNT_ALL), 10102);
	audit_seal_with(j, seal, NULL);
	check_ok(f, journal_advance(j, &in, (struct when){ 5 }, &f->e));
	check_ok(f, add(f, j, &other));
	assert_int_equal(raw_number(f->path, COUNT_ALL), 20304);
	journal_close(j);
}

/* Each line is made for the head that is there when it is written, whoever else writes. */
static void two_writers_make_one_chain(void **state)
{
	struct fixture *f = *state;
	struct journal *j = journal_of(f), *k = journal_of(f);

	for (int n = 0; n < 20; n++) {
		struct intent in = intent_of(f, n, "dispatch", arena_printf(&f->a, "l%d", n));

		check_ok(f, add(f, n % 3 ? j : k, &in));
	}
	journal_close(j);
	journal_close(k);
	assert_int_equal(raw_number(f->path, "SELECT count(*) FROM audit"), 21);
	assert_int_equal(raw_number(f->path, "SELECT count(*) FROM audit b JOIN audit a ON b.seq = a.seq + 1 "
					     "WHERE b.line LIKE a.seq || ' ' || a.hash || ' %'"),
			 20);
}

/* Two programs at once: each waits for the other, and no head has two lines that follow it. */
static noreturn_fn void add_some(struct fixture *f, int from, int n)
{
	struct journal *j = NULL;

	if (open_sealed(f, &j))
		_exit(1);
	for (int i = from; i < from + n; i++) {
		struct intent in = intent_of(f, i, "dispatch", arena_printf(&f->a, "l%d", i));

		if (add(f, j, &in))
			_exit(2);
		in.state = INTENT_SENT;
		if (journal_advance(j, &in, (struct when){ 5 }, &f->e))
			_exit(3);
	}
	journal_close(j);
	arena_done(&f->a);
	_exit(0);
}

static void two_processes_make_one_chain(void **state)
{
	enum { EACH = 15 };
	struct fixture *f = *state;
	pid_t pids[2];
	int status;

	for (int i = 0; i < 2; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			add_some(f, 100 * i, EACH);
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(raw_number(f->path, "SELECT count(*) FROM audit"), 1 + 4 * EACH);
	assert_int_equal(raw_number(f->path, "SELECT count(*) FROM audit b JOIN audit a ON b.seq = a.seq + 1 "
					     "WHERE b.line LIKE a.seq || ' ' || a.hash || ' %'"),
			 4 * EACH);
}

/* A file half made by another program is neither a loss nor damage: who comes second waits. */
static void makers_wait_for_each_other(void **state)
{
	enum { ROUNDS = 12, MAKERS = 3 };
	struct fixture *f = *state;
	pid_t pids[MAKERS];
	int status;

	for (int round = 0; round < ROUNDS; round++) {
		snprintf(f->path, sizeof(f->path), "%s/%d.db", f->dir, round);
		for (int i = 0; i < MAKERS; i++) {
			pids[i] = fork();
			assert_true(pids[i] >= 0);
			if (pids[i] == 0)
				add_some(f, 100 * i, 1);
		}
		for (int i = 0; i < MAKERS; i++) {
			assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
			assert_int_equal(status, 0);
		}
		assert_int_equal(raw_number(f->path, "SELECT count(*) FROM audit"), 1 + 2 * MAKERS);
	}
}

static void a_chain_that_is_gone_is_not_begun_again(void **state)
{
	struct fixture *f = *state;
	struct journal *j = journal_of(f);
	struct audit_line last;

	check_ok(f, audit_last(j, &last, &f->a, &f->e));
	assert_string_equal(last.line, "0 - genesis");
	journal_close(j);
	raw_exec(f->path, "DELETE FROM audit");
	assert_int_equal(open_sealed(f, &j), -ERR_CORRUPT);
	assert_non_null(strstr(f->e.message, "had 1 lines"));
	journal_close(j);
}

/* A second word about the same asset never replaces the first. */
static void the_first_bytes_of_an_asset_count(void **state)
{
	struct fixture *f = *state;
	struct asset_seen seen = { "o/n", "v1", "pins.json", "aa", { 1000 } }, first = { 0 };
	struct journal *j = NULL;

	check_ok(f, journal_open(&j, f->path, &f->e));
	check_ok(f, journal_asset_seen(j, &seen, &first, &f->a, &f->e));
	assert_string_equal(first.sha256, "aa");
	seen.sha256 = "bb", seen.first_seen.ms = 2000;
	check_ok(f, journal_asset_seen(j, &seen, &first, &f->a, &f->e));
	assert_string_equal(first.sha256, "aa");
	assert_int_equal(first.first_seen.ms, 1000);
	journal_close(j);
	check_ok(f, journal_open(&j, f->path, &f->e));
	check_ok(f, journal_asset_seen(j, &seen, &first, &f->a, &f->e));
	assert_string_equal(first.sha256, "aa");
	seen.tag = "v2";
	check_ok(f, journal_asset_seen(j, &seen, &first, &f->a, &f->e));
	assert_string_equal(first.sha256, "bb");
	journal_close(j);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(full_is_really_in_force),
		TEST(an_intent_survives_reopening),
		TEST(steps_are_durable),
		TEST(a_twin_is_refused),
		TEST(without_a_lane_the_subject_counts),
		TEST(an_intent_needs_an_act_and_a_nonce),
		TEST(each_state_is_kept),
		TEST(what_is_closed_never_opens_again),
		TEST(the_newest_come_first_and_the_open_in_order),
		TEST(what_was_done_long_ago_is_found_by_its_key),
		TEST(damage_stops_and_says_how_to_recover),
		TEST(a_journal_that_lacks_a_table_is_damaged),
		TEST(a_lost_journal_is_not_replaced_in_silence),
		TEST(what_the_cache_knows_is_in_the_journal),
		TEST(a_cache_is_no_journal),
		TEST(a_full_disk_refuses_the_intent),
		TEST(a_log_that_cannot_grow_keeps_what_it_promised),
		TEST(kill_keeps_every_acknowledged_intent),
		TEST(a_replaced_file_is_noticed),
		TEST(a_second_writer_waits_and_is_told),
		TEST(what_cannot_be_sealed_is_not_entered),
		TEST(two_writers_make_one_chain),
		TEST(two_processes_make_one_chain),
		TEST(makers_wait_for_each_other),
		TEST(a_chain_that_is_gone_is_not_begun_again),
		TEST(the_first_bytes_of_an_asset_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
