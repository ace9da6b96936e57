/* A guard and the line that says so are one write; one guard a lane; the cache's rows are the journal's. */
#include "fixture.h"

#include "store/audit.h"
#include "store/guards.h"

static int seal(void *ctx, const struct audit_event *ev, struct audit_line *out, struct arena *a,
		struct err *e)
{
	if (*(bool *)ctx)
		return err_set(e, ERR_CORRUPT, "the seal is broken");
	out->line = arena_printf(a, "%" PRId64 " %s", ev->last.seq, ev->in ? ev->in->note : "genesis");
	out->hash = arena_printf(a, "h%" PRId64, ev->last.seq + 1);
	return 0;
}

static struct journal *journal_of(struct fixture *f, bool *broken)
{
	struct journal *j = NULL;

	check_ok(f, journal_open(&j, f->path, &f->e));
	audit_seal_with(j, seal, broken);
	check_ok(f, audit_begin(j, (struct when){ 1 }, &f->e));
	return j;
}

/* Its intent is there, ARMED, and is moved to DONE with it. */
static struct intent arming_of(struct fixture *f, struct journal *j, int n)
{
	struct intent twin, in = { .nonce = arena_printf(&f->a, "%032d", n),
				   .plan_id = "0a1b2c3d",
				   .act = "guard",
				   .lane = "gov/prod",
				   .repo = "a/b",
				   .subject = "v2",
				   .note = "armed" };

	check_ok(f, journal_add(j, &in, &twin, &f->a, &f->e));
	in.state = INTENT_DONE;
	return in;
}

static struct canary_guard guard(const char *nonce)
{
	return (struct canary_guard){ .lane = "gov/prod",
				      .release = "v2",
				      .may = GUARD_MAY_ROLLBACK,
				      .state = GUARD_ARMED,
				      .reason = "armed",
				      .nonce = nonce,
				      .needed = 1,
				      .of = 1 };
}

static struct canary_guard the_one(struct fixture *f, struct journal *j)
{
	struct canary_guards all = { 0 };

	check_ok(f, journal_guards(j, &all, &f->a, &f->e));
	assert_int_equal(all.n, 1);
	return all.items[0];
}

static const char *last_line(struct fixture *f, struct journal *j)
{
	struct audit_line last = { 0 };

	check_ok(f, audit_last(j, &last, &f->a, &f->e));
	return last.line;
}

static void one_guard_a_lane_and_a_line_for_each_change(void **state)
{
	struct fixture *f = *state;
	bool broken = false;
	struct journal *j = journal_of(f, &broken);
	struct intent first = arming_of(f, j, 1), told, second;
	struct canary_guard g = guard("n1"), other = guard("n2"), there;
	struct when at = { 7 };

	check_ok(f, journal_guard_arm(j, &g, &first, &there, at, &f->a, &f->e));
	assert_int_equal(the_one(f, j).arming, first.id);
	assert_string_equal(last_line(f, j), "2 armed");
	second = arming_of(f, j, 2);
	assert_int_equal(journal_guard_arm(j, &other, &second, &there, at, &f->a, &f->e), 1);
	assert_string_equal(there.nonce, "n1");
	assert_string_equal(the_one(f, j).nonce, "n1");
	assert_int_equal(journal_guard_move(j, &other, NULL, &told, at, &f->a, &f->e), 1);
	g.state = GUARD_EXPIRED;
	g.reason = "its time is over";
	check_ok(f, journal_guard_move(j, &g, NULL, &told, at, &f->a, &f->e));
	assert_int_equal(told.id, first.id);
	assert_non_null(strstr(last_line(f, j), "its time is over"));
	check_ok(f, journal_guard_arm(j, &other, &second, &there, at, &f->a, &f->e));
	assert_string_equal(the_one(f, j).nonce, "n2");
	journal_close(j);
}

static void without_a_line_nothing_changes(void **state)
{
	struct fixture *f = *state;
	bool broken = false;
	struct journal *j = journal_of(f, &broken);
	struct intent in = arming_of(f, j, 1), told;
	struct canary_guard g = guard("n1"), there;

	check_ok(f, journal_guard_arm(j, &g, &in, &there, (struct when){ 7 }, &f->a, &f->e));
	broken = true;
	g.state = GUARD_ACTING;
	assert_int_equal(journal_guard_move(j, &g, NULL, &told, (struct when){ 8 }, &f->a, &f->e),
			 -ERR_CORRUPT);
	assert_int_equal(the_one(f, j).state, GUARD_ARMED);
	journal_close(j);
}

static void the_cache_has_the_same_rows(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct canary_guard g = guard("n1");
	struct canary_guards out = { 0 }, none = { 0 };

	check_ok(f, store_guards_put(s, &g, 1, &f->e));
	check_ok(f, store_guards_read(&out, s, &f->a, &f->e));
	assert_int_equal(out.n, 1);
	assert_string_equal(out.items[0].nonce, "n1");
	check_ok(f, store_guards_put(s, NULL, 0, &f->e));
	check_ok(f, store_guards_read(&none, s, &f->a, &f->e));
	assert_int_equal(none.n, 0);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_guard_a_lane_and_a_line_for_each_change, fixture_setup,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(without_a_line_nothing_changes, fixture_setup,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(the_cache_has_the_same_rows, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
