/* The project's own bundles: each form verifies, and each fault in each form is refused by the reason that is its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/attest/ordered.h"

static void every_fault_has_its_reason(void **state)
{
	struct ordered o;
	size_t n = 0, wrong = 0;
	const char *bad = ordered_begin(&o);

	(void)state;
	if (bad)
		fail_msg("%s", bad);
	for (size_t i = 0; i < countof(ordered_forms); i++)
		for (int fault = 0; fault < AUTHORITY_FAULTS_; fault++) {
			struct authority_order order = ordered_make(&o, &ordered_forms[i]);
			struct ordered_outcome out = { 0 };
			struct arena a = ARENA_INIT;
			enum proof_reason expected;

			order.fault = (enum authority_fault)fault;
			if (ordered_fits(&order, order.fault)) {
				expected = authority_expects(&order);
				bad = ordered_judge(&out, &o, &order, &a);
				n++;
				if (bad || out.reason != expected ||
				    (out.status == PROOF_VERIFIED) != (expected == PROOF_OK)) {
					wrong++;
					print_error("form %zu, %s: %s %s %s, expected %s\n", i,
						    names_word(&authority_fault_names, fault),
						    names_word(&proof_status_names, (int)out.status),
						    names_word(&proof_reason_names, (int)out.reason),
						    bad ? bad : out.detail,
						    names_word(&proof_reason_names, (int)expected));
				}
			}
			arena_done(&a);
		}
	print_message("%zu bundles, %zu not as expected\n", n, wrong);
	ordered_end(&o);
	assert_int_equal(wrong, 0);
	assert_true(n > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_has_its_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
