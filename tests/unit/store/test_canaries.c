/* One canary a lane with its rungs and metrics; of samples the newest of each metric are kept. */
#include "fixture.h"

#include "base/text.h"
#include "store/canaries.h"
#include "tests/past.h"

static struct canary_book book_of(struct fixture *f, struct store *s, const char *lane)
{
	struct canary_book out = { 0 };

	check_ok(f, store_canary_read(&out, s, lane, &f->a, &f->e));
	return out;
}

static struct canary_book two_rungs(struct arena *a)
{
	struct canary_book b = { .row = { .lane = "a/b",
					  .release = "v1",
					  .phase = CANARY_WATCHING,
					  .step = 1,
					  .steps = 2,
					  .set_bp = 500,
					  .seen_bp = -1,
					  .seen_why = "no metric counts it" } };

	*vec_push(&b.rungs, a) = (struct canary_rung){ .weight_bp = 500, .window_s = 300, .by = "ana" };
	*vec_push(&b.rungs, a) = (struct canary_rung){ .weight_bp = 10000, .window_s = 300, .ordinal = 9 };
	*vec_push(&b.metrics, a) = (struct canary_metric){ .name = "errors", .control = CANARY_NONE_VALUE };
	*vec_push(&b.metrics, a) = (struct canary_metric){ .name = "p95", .limit = 1500 * CANARY_SCALE };
	return b;
}

static void what_is_put_replaces_what_was(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct canary_book in = two_rungs(&f->a), out;

	assert_int_equal(store_canary_read(&out, s, "a/b", &f->a, &f->e), 1);
	check_ok(f, store_canary_put(s, &in, &f->e));
	out = book_of(f, s, "a/b");
	assert_int_equal(out.row.seen_bp, -1);
	assert_int_equal(out.rungs.n, 2);
	assert_int_equal(out.rungs.items[1].ordinal, 2);
	assert_string_equal(out.rungs.items[0].by, "ana");
	assert_true(out.metrics.items[0].control == CANARY_NONE_VALUE);
	assert_int_equal(out.metrics.items[1].ordinal, 1);
	in.rungs.n = in.metrics.n = 1;
	in.row.set_bp = 2500;
	check_ok(f, store_canary_put(s, &in, &f->e));
	out = book_of(f, s, "a/b");
	assert_int_equal(out.row.set_bp, 2500);
	assert_int_equal(out.rungs.n, 1);
	assert_int_equal(out.metrics.n, 1);
	assert_string_equal(out.metrics.items[0].name, "errors");
	store_close(s);
}

static void add_sample(struct fixture *f, struct store *s, int64_t metric, int64_t at, int64_t value)
{
	const struct canary_sample one = { .metric = metric, .at = { at }, .canary = value };

	check_ok(f, store_canary_samples_add(s, "a/b", &one, 1, &f->e));
}

static void the_newest_samples_of_each_metric_are_kept(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct canary_book in = two_rungs(&f->a), out;

	check_ok(f, store_canary_put(s, &in, &f->e));
	add_sample(f, s, 1, 5, 77);
	check_ok(f, store_begin(s, &f->e));
	for (int64_t i = 0; i < CANARY_SAMPLES + 40; i++)
		add_sample(f, s, 0, 1000 + i, i);
	check_ok(f, store_end(s, &f->e));
	add_sample(f, s, 0, 1000 + CANARY_SAMPLES + 39, -1); /* the same time: it is said again */
	out = book_of(f, s, "a/b");
	assert_int_equal(out.samples.n, CANARY_SAMPLES + 1);
	assert_int_equal(out.samples.items[0].at.ms, 1040);
	assert_int_equal(out.samples.items[CANARY_SAMPLES - 1].canary, -1);
	assert_int_equal(out.samples.items[CANARY_SAMPLES].canary, 77);
	check_ok(f, store_canary_samples_forget(s, "a/b", &f->e));
	assert_int_equal(book_of(f, s, "a/b").samples.n, 0);
	store_close(s);
}

static void a_lane_that_is_gone_has_none(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct canary_book kept = two_rungs(&f->a), gone = kept, out;
	const struct canary_sample one = { .at = { 5 } };
	struct canaries all = { 0 };

	gone.row.lane = "a/c";
	check_ok(f, store_run(s, Q_lane_put, &rec_lane, &(struct lane){ .name = "a/b" }, &f->e));
	check_ok(f, store_canary_put(s, &gone, &f->e));
	check_ok(f, store_canary_put(s, &kept, &f->e));
	check_ok(f, store_canary_samples_add(s, "a/b", &one, 1, &f->e));
	check_ok(f, store_canary_samples_add(s, "a/c", &one, 1, &f->e));
	check_ok(f, store_canaries_read(&all, s, &f->a, &f->e));
	assert_int_equal(all.n, 2);
	check_ok(f, store_canaries_trim(s, &f->e));
	assert_int_equal(store_canary_read(&out, s, "a/c", &f->a, &f->e), 1);
	out = book_of(f, s, "a/b");
	assert_int_equal(out.rungs.n + out.metrics.n + out.samples.n, 5);
	check_ok(f, store_canary_put(s, &(struct canary_book){ .row = { .lane = "a/c" } }, &f->e));
	assert_int_equal(book_of(f, s, "a/c").samples.n, 0);
	store_close(s);
}

static void a_past_one_stays_as_it_was(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_writer(f);
	struct canary_book in = two_rungs(&f->a), out;

	check_ok(f, store_canary_put(s, &in, &f->e));
	assert_int_equal(past_canary(&out, s, "a/b", &f->a, &f->e), 1);
	check_ok(f, store_canary_past_keep(s, "a/b", &f->e));
	check_ok(f, store_canary_past_keep(s, "a/b", &f->e)); /* the last one only */
	in.row.release = "v2";
	in.rungs.n = in.metrics.n = 1;
	check_ok(f, store_canary_put(s, &in, &f->e));
	check_ok(f, past_canary(&out, s, "a/b", &f->a, &f->e));
	assert_string_equal(out.row.release, "v1");
	assert_int_equal(out.rungs.n, 2);
	assert_string_equal(out.metrics.items[1].name, "p95");
	check_ok(f, store_canary_past_forget(s, "a/b", &f->e));
	assert_int_equal(past_canary(&out, s, "a/b", &f->a, &f->e), 1);
	check_ok(f, store_canary_past_keep(s, "a/b", &f->e));
	check_ok(f, store_canaries_trim(s, &f->e)); /* no such lane */
	assert_int_equal(past_canary(&out, s, "a/b", &f->a, &f->e), 1);
	store_close(s);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_is_put_replaces_what_was),
		TEST(the_newest_samples_of_each_metric_are_kept),
		TEST(a_lane_that_is_gone_has_none),
		TEST(a_past_one_stays_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
