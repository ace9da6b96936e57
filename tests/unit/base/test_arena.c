#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/vec.h"

static void values_are_zeroed_and_aligned(void **state)
{
	static const size_t sizes[] = { 0, 1, 3, 15, 16, 17, 4095, 4096, 100000 };
	struct arena a = ARENA_INIT;

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < countof(sizes); i++) {
			char *p = arena_alloc(&a, sizes[i]);

			assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
			for (size_t k = 0; k < sizes[i]; k++)
				assert_int_equal(p[k], 0);
			memset(p, 0xa5, sizes[i]);
		}
		arena_reset(&a);
		assert_int_equal(a.used, 0);
	}
	arena_done(&a);
	arena_done(&a);
}

static void values_do_not_overlap(void **state)
{
	struct arena a = ARENA_INIT;
	char *kept[300];

	(void)state;
	for (size_t i = 0; i < countof(kept); i++) {
		kept[i] = arena_alloc(&a, i + 1);
		memset(kept[i], (int)(i & 0x7f), i + 1);
	}
	for (size_t i = 0; i < countof(kept); i++) {
		for (size_t k = 0; k <= i; k++)
			assert_int_equal(kept[i][k], i & 0x7f);
	}
	arena_done(&a);
}

/* Once an arena has seen a frame, the same frame again comes from the block that was kept. */
static void a_frame_that_repeats_settles_in_one_block(void **state)
{
	struct arena a = ARENA_INIT;
	struct arena_block *block = NULL;

	(void)state;
	for (int frame = 0; frame < 8; frame++) {
		for (int i = 0; i < 1000; i++)
			assert_non_null(arena_strdup(&a, "a value of some length in a frame"));
		if (frame > 1)
			assert_ptr_equal(a.head, block);
		block = a.head;
		arena_reset(&a);
	}
	arena_done(&a);
}

static void strings_are_copied(void **state)
{
	struct arena a = ARENA_INIT;
	char text[] = "lane";
	char *copy = arena_strdup(&a, text);

	(void)state;
	text[0] = 'X';
	assert_string_equal(copy, "lane");
	assert_null(arena_strdup(&a, NULL));
	assert_null(arena_strndup(&a, NULL, 3));
	assert_string_equal(arena_strndup(&a, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(&a, "ab\0def", 6), "ab");
	assert_string_equal(arena_strndup(&a, "ab", 100), "ab");
	assert_string_equal(arena_printf(&a, "%s-%05d", "run", 42), "run-00042");
	assert_string_equal(arena_printf(&a, "%s", ""), "");
	assert_int_equal(strlen(arena_printf(&a, "%9000s", "x")), 9000);
	arena_done(&a);
}

/* What has a length of its own keeps it: a NUL in it ends nothing. */
static void bytes_are_copied_whole(void **state)
{
	static const char text[] = "ab\0def";
	struct arena a = ARENA_INIT;

	(void)state;
	assert_memory_equal(arena_copy(&a, text, 6), text, sizeof(text));
	assert_string_equal(arena_copy(&a, text, 0), "");
	assert_string_equal(arena_copy(&a, NULL, 0), "");
	assert_int_equal(arena_copy(&a, NULL, 9)[8], 0);
	arena_done(&a);
}

static void what_is_adopted_stays_where_it_is(void **state)
{
	struct arena a = ARENA_INIT, b = ARENA_INIT, c = ARENA_INIT;
	const char *mine = arena_strdup(&a, "mine"), *far = arena_strdup(&c, "far"), *big, *theirs;
	size_t used;

	(void)state;
	big = arena_alloc(&b, 1 << 20);
	theirs = arena_strdup(&b, "theirs");
	arena_adopt(&b, &c);
	used = a.used + b.used;
	arena_adopt(&a, &b);
	assert_int_equal(a.used, used);
	assert_int_equal(b.used, 0);
	assert_null(b.head);
	assert_int_equal(big[(1 << 20) - 1], 0);
	assert_string_equal(arena_strdup(&a, "more"), "more");
	arena_done(&b);
	arena_done(&c);
	assert_string_equal(mine, "mine");
	assert_string_equal(theirs, "theirs");
	assert_string_equal(far, "far");
	arena_reset(&a);
	assert_null(a.adopted);
	arena_done(&a);
}

static void vectors_grow_and_keep_their_items(void **state)
{
	struct arena a = ARENA_INIT;
	VEC(int64_t) v = { 0 };
	int64_t sum = 0;

	(void)state;
	vec_each (none, &v)
		fail_msg("an empty vector has the item %ld", (long)*none);
	for (int64_t i = 0; i < 1000; i++) {
		int64_t *slot = i % 2 ? vec_push(&v, &a) : vec_push_raw(&v, sizeof(*slot), &a);

		assert_int_equal(*slot, 0);
		*slot = i;
	}
	assert_int_equal(v.n, 1000);
	vec_each (item, &v)
		sum += *item;
	assert_int_equal(sum, 999 * 1000 / 2);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_zeroed_and_aligned),
		cmocka_unit_test(values_do_not_overlap),
		cmocka_unit_test(a_frame_that_repeats_settles_in_one_block),
		cmocka_unit_test(strings_are_copied),
		cmocka_unit_test(bytes_are_copied_whole),
		cmocka_unit_test(what_is_adopted_stays_where_it_is),
		cmocka_unit_test(vectors_grow_and_keep_their_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
