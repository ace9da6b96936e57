#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/model/model.h"
#include "core/model/proof.h"

static size_t field_size(const struct field *f)
{
	static const size_t sizes[] = {
		[FIELD_INT64] = sizeof(int64_t),    [FIELD_INT] = sizeof(int),
		[FIELD_BOOL] = sizeof(bool),        [FIELD_STRING] = sizeof(const char *),
		[FIELD_WHEN] = sizeof(struct when),
	};

	return sizes[f->type];
}

static const struct field *field_from(const struct rec *r, size_t offset)
{
	const struct field *next = NULL;

	for (int i = 0; i < r->n; i++)
		if (r->fields[i].offset >= offset && (!next || r->fields[i].offset < next->offset))
			next = &r->fields[i];
	return next;
}

/* A member that is missing from the table leaves a hole larger than alignment explains. */
static void tables_name_every_member(void **state)
{
	static const struct rec *const recs[] = { &rec_run,     &rec_job,           &rec_step, &rec_gate,
						  &rec_release, &rec_review,        &rec_lane, &rec_check,
						  &rec_event,   &rec_journal_intent };

	(void)state;
	for (size_t i = 0; i < countof(recs); i++) {
		size_t end = 0;
		for (const struct field *f; (f = field_from(recs[i], end)); end = f->offset + field_size(f))
			if (f->offset - end >= 4 && f->offset - end != (8 - end % 8) % 8)
				fail_msg("%s: no field before %s", recs[i]->name, f->name);
		if (recs[i]->size - end >= 8)
			fail_msg("%s: no field at the end", recs[i]->name);
	}
}

static void field_names_are_unique(void **state)
{
	static const struct rec *const recs[] = { &rec_run,     &rec_job,  &rec_gate,
						  &rec_release, &rec_lane, &rec_intent };

	(void)state;
	for (size_t i = 0; i < countof(recs); i++)
		for (int k = 0; k < recs[i]->n; k++)
			assert_ptr_equal(rec_field(recs[i], recs[i]->fields[k].name), &recs[i]->fields[k]);
}

static void words_and_values_are_inverse(void **state)
{
	static const struct {
		const struct names *names;
		int n;
		const char *first;
	} tables[] = {
		{ &run_status_names, RUN_COMPLETED + 1, "other" },
		{ &conclusion_names, CONCLUSION_STARTUP_FAILURE + 1, "other" },
		{ &lane_state_names, LANE_OK + 1, "FAIL" },
		{ &intent_state_names, INTENT_ABANDONED + 1, "other" },
		{ &verdict_names, CHECK_MISSING + 1, "unchecked" },
	};

	(void)state;
	for (size_t i = 0; i < countof(tables); i++) {
		assert_int_equal(tables[i].names->n, tables[i].n);
		assert_string_equal(names_word(tables[i].names, 0), tables[i].first);
		assert_int_equal(names_value(tables[i].names, "a word of tomorrow"), 0);
		for (int v = 0; v < tables[i].n; v++)
			assert_int_equal(names_value(tables[i].names, names_word(tables[i].names, v)), v);
	}
}

static void a_lane_state_has_its_glyph(void **state)
{
	static const char glyphs[] = "!?~>=- ";

	(void)state;
	for (int s = LANE_FAIL; s <= LANE_OK; s++)
		assert_int_equal(lane_state_glyph((enum lane_state)s), glyphs[s]);
	assert_int_equal(lane_state_glyph((enum lane_state)99), '!');
}

static void only_settled_intents_are_closed(void **state)
{
	static const int closed[] = { INTENT_LINKED, INTENT_DONE, INTENT_REFUSED, INTENT_NOT_SENT,
				      INTENT_ABANDONED };
	int n = 0;

	(void)state;
	for (int s = INTENT_OTHER; s <= INTENT_ABANDONED; s++)
		n += !intent_is_open(s);
	for (size_t i = 0; i < countof(closed); i++)
		assert_false(intent_is_open(closed[i]));
	assert_int_equal(n, countof(closed));
	assert_true(intent_is_open(99));
}

/* A number that is no status is never good, and is no place in a table. */
static void a_status_that_is_none_is_failed(void **state)
{
	static const int none[] = { -1, PROOF_FAILED + 1, 77, INT_MIN, INT_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		enum proof_status s = (enum proof_status)none[i];

		assert_int_equal(proof_worse(s, PROOF_VERIFIED), PROOF_FAILED);
		assert_int_equal(proof_worse(PROOF_MISSING, s), PROOF_FAILED);
		assert_int_equal(proof_both(s, PROOF_UNCHECKED), PROOF_FAILED);
		assert_int_equal(proof_verdict(s), CHECK_BAD);
	}
	assert_int_equal(proof_both(PROOF_WARN, PROOF_UNCHECKED), PROOF_UNCHECKED);
	assert_int_equal(proof_both(PROOF_UNCHECKED, PROOF_STALE), PROOF_STALE);
	assert_int_equal(proof_both(PROOF_VERIFIED, PROOF_WARN), PROOF_WARN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_status_that_is_none_is_failed),
		cmocka_unit_test(tables_name_every_member),
		cmocka_unit_test(field_names_are_unique),
		cmocka_unit_test(words_and_values_are_inverse),
		cmocka_unit_test(a_lane_state_has_its_glyph),
		cmocka_unit_test(only_settled_intents_are_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
