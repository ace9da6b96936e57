/* Two consoles, one ledger on the forge, over the real adapter and the simulated wire. */
#include "simrig.h"

#include "core/engine/audit.h"
#include "core/engine/ledger.h"
#include "store/private.h"

struct console {
	struct engine *en;
	struct journal *journal;
	char path[180];
};

static void console_up(struct simrig *s, struct console *c, const char *who)
{
	struct err e = ERR_INIT;
	struct engine_options o = { .loop = s->loop,
				    .forge = s->forge,
				    .http = &s->tap->http,
				    .sha256 = digest_sha256,
				    .cache = s->cache,
				    .profiles = &s->profiles,
				    .ledger = EASY,
				    .who = who };

	if (!c->path[0])
		snprintf(c->path, sizeof(c->path), "%s/%s.db", s->dir, who);
	must(journal_open(&c->journal, c->path, &e), &e);
	o.journal = c->journal;
	must(engine_new(&c->en, &o, &e), &e);
}

static void console_down(struct console *c)
{
	engine_free(c->en);
	journal_close(c->journal);
	c->en = NULL;
}

static void console_end(struct console *c)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	char path[200];

	if (c->en)
		console_down(c);
	for (size_t i = 0; i < countof(tails); i++) {
		snprintf(path, sizeof(path), "%s%s", c->path, tails[i]);
		unlink(path);
	}
}

/* A move of an intent, as an act would write it; the ledger hears of it. */
static void do_act(struct simrig *s, struct console *c, int n)
{
	struct intent twin, in = { .nonce = arena_printf(&s->a, "%032d", n),
				   .act = "dispatch",
				   .lane = arena_printf(&s->a, "lane%d", n),
				   .repo = EASY,
				   .subject = "v1",
				   .who = "kim (kim)",
				   .created = { 1000 } };
	struct err e = ERR_INIT;

	must(journal_add(c->journal, &in, &twin, &s->a, &e), &e);
	audit_told(c->en, &in);
}

static void pass(struct simrig *s, int seconds)
{
	for (int i = 0; i < 10 * seconds; i++)
		loop_advance(s->loop, 100);
}

struct seen {
	struct simrig *s;
	const char *next;
	int commits, acts;
	struct buf hosts;
};

static void on_head(void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct seen *seen = ctx;

	seen->next = err ? NULL : arena_strdup(&seen->s->a, ((const struct git_ref *)a->items)->sha);
}

static void on_link(void *ctx, const struct forge_answer *a, const struct err *err)
{
	const struct git_commit *c = err ? NULL : a->items;
	struct seen *seen = ctx;
	struct json *j = NULL;

	assert_non_null(c);
	must(json_parse(&j, c->message, strlen(c->message), 1 << 20, NULL), NULL);
	seen->commits++;
	seen->acts += (int)json_size(json_get(j, "acts"));
	buf_fmt(&seen->hosts, "%s ", json_str(j, "host"));
	seen->next = *c->parent ? arena_strdup(&seen->s->a, c->parent) : NULL;
	json_free(j);
}

/* Newest first: "ben@b ana@a ". */
static struct seen look(struct simrig *s)
{
	struct seen seen = { .s = s, .hosts = BUF_INIT(4096) };
	struct forge_read r = { .kind = FORGE_REF, .repo = EASY, .name = LEDGER_REF };

	assert_int_equal(forge_read(s->forge, &r, on_head, &seen, NULL), 0);
	pass(s, 2);
	while (seen.next) {
		r = (struct forge_read){ .kind = FORGE_GIT_COMMIT, .repo = EASY, .name = seen.next };
		assert_int_equal(forge_read(s->forge, &r, on_link, &seen, NULL), 0);
		pass(s, 2);
	}
	return seen;
}

static void check(struct simrig *s, int acts, const char *hosts)
{
	struct seen seen = look(s);

	assert_string_equal(seen.hosts.s, hosts);
	assert_int_equal(seen.acts, acts);
	buf_done(&seen.hosts);
}

struct rig {
	struct simrig *s;
	struct console a, b;
};

static int setup(void **state)
{
	struct rig *r = x_alloc(sizeof(*r));

	r->s = sim_rig_new(NULL, NULL);
	sim_engine_down(r->s);
	console_up(r->s, &r->a, "ana@a");
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;

	console_end(&r->a);
	if (r->b.path[0])
		console_end(&r->b);
	pass(r->s, 5);
	sim_rig_free(r->s);
	free(r);
	return 0;
}

static void acts_are_told_in_order_and_once(void **state)
{
	struct rig *r = *state;

	pass(r->s, 10);
	assert_int_equal(sim_count(r->s, "POST *git/commits"), 0); /* nothing was done */
	do_act(r->s, &r->a, 1);
	do_act(r->s, &r->a, 2);
	pass(r->s, 20);
	check(r->s, 2, "ana@a ");
	do_act(r->s, &r->a, 3);
	pass(r->s, 20);
	check(r->s, 3, "ana@a ana@a ");
}

static void two_consoles_write_one_chain(void **state)
{
	struct rig *r = *state;

	console_up(r->s, &r->b, "ben@b");
	for (int i = 0; i < 4; i++) {
		do_act(r->s, &r->a, i);
		do_act(r->s, &r->b, i);
		pass(r->s, 30);
	}
	pass(r->s, 120);
	struct seen seen = look(r->s);

	assert_int_equal(seen.acts, 8); /* none lost, none twice, whoever came first */
	assert_true(seen.commits >= 4);
	buf_done(&seen.hosts);
}

static void a_lost_answer_is_found_again(void **state)
{
	struct rig *r = *state;
	struct world_fault_rule lost = {
		.match = "*git/refs*", .how = WORLD_RESET, .act_first = true, .count = 1
	};

	do_act(r->s, &r->a, 1);
	pass(r->s, 20);
	lost.match = "PATCH *git/refs*";
	world_arm(r->s->world, &lost);
	do_act(r->s, &r->a, 2);
	pass(r->s, 200);
	check(r->s, 2, "ana@a ana@a ");
	assert_int_equal(sim_count(r->s, "PATCH *git/refs*"), 1);
}

/* What a person wrote may be of any length: what comes after it is told all the same. */
static void a_long_word_stops_nothing(void **state)
{
	struct rig *r = *state;
	struct intent twin, in = { .act = "note", .lane = "lane9", .repo = EASY, .who = "kim (kim)" };
	char *reason = arena_array(&r->s->a, char, 200001);

	memset(reason, 'x', 200000);
	reason[200000] = '\0';
	in.nonce = arena_printf(&r->s->a, "%032d", 9);
	in.reason = reason;
	assert_int_equal(journal_add(r->a.journal, &in, &twin, &r->s->a, NULL), 0);
	do_act(r->s, &r->a, 1);
	pass(r->s, 20);
	check(r->s, 2, "ana@a ");
}

static void what_was_not_told_is_told_after_a_restart(void **state)
{
	struct rig *r = *state;

	do_act(r->s, &r->a, 1);
	console_down(&r->a);
	pass(r->s, 10);
	assert_int_equal(sim_count(r->s, "POST *git/commits"), 0);
	console_up(r->s, &r->a, "ana@a");
	assert_true(engine_is_needed(r->a.en));
	pass(r->s, 20);
	check(r->s, 2, "ana@a "); /* the second: that it was never sent */
	assert_false(engine_is_needed(r->a.en));
}

struct reading {
	int asked, rows; /* statements about anchors, and the rows that they gave */
};

static int count_anchors(unsigned what, void *ctx, void *st, void *x)
{
	struct reading *n = ctx;

	(void)x;
	if (strstr(sqlite3_sql(st), "FROM anchor"))
		*(what == SQLITE_TRACE_ROW ? &n->rows : &n->asked) += 1;
	return 0;
}

/* What was told grows with the years: it is read when an engine starts, and never again. */
static void what_was_told_is_read_once(void **state)
{
	struct rig *r = *state;
	struct reading n = { 0 };

	for (int i = 1; i <= 5; i++) {
		do_act(r->s, &r->a, i);
		pass(r->s, 20);
	}
	console_down(&r->a);
	console_up(r->s, &r->a, "ana@a");
	sqlite3_trace_v2(journal_store(r->a.journal)->db, SQLITE_TRACE_STMT | SQLITE_TRACE_ROW, count_anchors,
			 &n);
	pass(r->s, 20);
	assert_int_equal(n.asked, 1);
	assert_true(n.rows >= 5);
	n.rows = 0;
	for (int i = 6; i <= 9; i++) {
		do_act(r->s, &r->a, i);
		pass(r->s, 20);
	}
	assert_int_equal(n.asked, 1);
	assert_int_equal(n.rows, 0);
	check(r->s, 14, "ana@a ana@a ana@a ana@a ana@a ana@a ana@a ana@a ana@a ana@a ");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(acts_are_told_in_order_and_once),
		TEST(two_consoles_write_one_chain),
		TEST(a_lost_answer_is_found_again),
		TEST(a_long_word_stops_nothing),
		TEST(what_was_not_told_is_told_after_a_restart),
		TEST(what_was_told_is_read_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
