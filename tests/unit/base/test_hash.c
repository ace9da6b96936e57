#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

static void digest(const char *text, char out[33])
{
	struct hash h = HASH_INIT;

	hash_str(&h, text);
	hash_hex(&h, out);
}

/* Journals keep these digests: a change of the function is a change of the format. */
static void digests_never_change(void **state)
{
	char hex[33];

	(void)state;
	digest("abc", hex);
	assert_string_equal(hex, "9edb126d9e6b024df30420b4ae6e7f09");
}

static void pieces_do_not_matter_but_borders_do(void **state)
{
	struct hash whole = HASH_INIT, parts = HASH_INIT, ab_c = HASH_INIT, a_bc = HASH_INIT;

	(void)state;
	hash_add(&whole, "abcdef", 6);
	hash_add(&parts, "ab", 2);
	hash_add(&parts, "", 0);
	hash_add(&parts, "cdef", 4);
	assert_memory_equal(&whole, &parts, sizeof(whole));
	hash_str(&ab_c, "ab");
	hash_str(&ab_c, "c");
	hash_str(&a_bc, "a");
	hash_str(&a_bc, "bc");
	assert_memory_not_equal(&ab_c, &a_bc, sizeof(ab_c));
}

/* One changed bit changes about half of the digits' bits, in both halves. */
static void every_bit_counts(void **state)
{
	char text[] = "deploy v1.2.3 to api/production";
	struct hash first = HASH_INIT;
	char one[33], two[33];

	(void)state;
	hash_str(&first, text);
	hash_hex(&first, one);
	for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
		struct hash h = HASH_INIT;
		int same = 0;

		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		hash_add(&h, text, sizeof(text));
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		hash_hex(&h, two);
		for (int i = 0; i < 32; i++)
			same += one[i] == two[i];
		assert_in_range(same, 0, 12);
	}
}

static void nonces_are_32_digits_and_differ(void **state)
{
	char one[33], two[33];

	(void)state;
	assert_ptr_equal(hash_random(one), one);
	hash_random(two);
	assert_int_equal(strlen(one), 32);
	assert_int_equal(strspn(one, "0123456789abcdef"), 32);
	assert_string_not_equal(one, two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_never_change),
		cmocka_unit_test(pieces_do_not_matter_but_borders_do),
		cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(nonces_are_32_digits_and_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
