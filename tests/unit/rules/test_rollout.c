#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/rules/rollout.h"

/* What a read must say before an act counts as done. */

static const struct rollout_name argo = { ROLLOUT_ARGO, "prod", "web", NULL };
static const struct rollout_name flagger = { ROLLOUT_FLAGGER, "prod", "web", "https://g" };

#define NOW .word = "Progressing", .settled = true, .step = 2, .set_bp = 2500

static const struct {
	const struct rollout_name *name;
	enum rollout_act_kind act;
	struct rollout_answer before, now;
	bool shows;
} cases[] = {
	{ &argo, ROLLOUT_HOLD, { NOW }, { NOW, .spec_paused = true }, true },
	{ &argo, ROLLOUT_HOLD, { NOW }, { NOW }, false },
	{ &argo, ROLLOUT_HOLD, { NOW }, { .word = "Paused", .spec_paused = true }, false }, /* not settled */
	{ &argo, ROLLOUT_RESUME, { NOW, .spec_paused = true }, { NOW }, true },
	{ &argo, ROLLOUT_RESUME, { NOW, .spec_paused = true }, { NOW, .spec_paused = true }, false },
	{ &argo, ROLLOUT_RESUME, { NOW, .aborted = true }, { NOW }, true },
	{ &argo, ROLLOUT_RESUME, { NOW, .aborted = true }, { NOW, .aborted = true }, false },
	{ &argo, ROLLOUT_PROMOTE, { NOW }, { .word = "Progressing", .settled = true, .step = 3 }, true },
	{ &argo, ROLLOUT_PROMOTE, { NOW }, { NOW }, false },
	{ &argo,
	  ROLLOUT_PROMOTE,
	  { NOW },
	  { .word = "Healthy", .settled = true, .promoted = true, .step = -1 },
	  true },
	{ &argo,
	  ROLLOUT_PROMOTE,
	  { NOW },
	  { .word = "Degraded", .settled = true, .aborted = true, .step = 3 },
	  false },
	{ &argo,
	  ROLLOUT_PROMOTE_FULL,
	  { NOW },
	  { .word = "Progressing", .settled = true, .step = 5 },
	  false },
	{ &argo,
	  ROLLOUT_PROMOTE_FULL,
	  { NOW },
	  { .word = "Healthy", .settled = true, .promoted = true },
	  true },
	{ &argo,
	  ROLLOUT_ABORT,
	  { NOW },
	  { .word = "Degraded", .settled = true, .phase = CANARY_ABORTED },
	  true },
	{ &argo,
	  ROLLOUT_ABORT,
	  { NOW },
	  { NOW, .phase = CANARY_ABORTED },
	  false }, /* a router has traffic on it yet */
	{ &argo, ROLLOUT_ABORT, { NOW }, { NOW, .phase = CANARY_FAILED }, false },
	{ &argo,
	  ROLLOUT_ABORT,
	  { NOW },
	  { .word = "Degraded", .settled = true, .phase = CANARY_ABORTED, .set_bp = -1, .spec_paused = true },
	  false }, /* nothing was scaled */
	{ &argo, ROLLOUT_NOTHING, { NOW }, { NOW }, false },
	{ &flagger, ROLLOUT_HOLD, { NOW }, { NOW, .gate = ROLLOUT_GATE_SHUT }, true },
	{ &flagger, ROLLOUT_HOLD, { NOW }, { NOW }, false }, /* nobody could ask the gate */
	{ &flagger, ROLLOUT_RESUME, { NOW }, { NOW, .gate = ROLLOUT_GATE_OPEN }, true },
	{ &flagger,
	  ROLLOUT_RESUME,
	  { NOW, .phase = CANARY_FAILED },
	  { NOW, .rollback = ROLLOUT_GATE_SHUT },
	  true },
	{ &flagger,
	  ROLLOUT_RESUME,
	  { NOW, .phase = CANARY_FAILED },
	  { NOW, .gate = ROLLOUT_GATE_OPEN },
	  false },
	{ &flagger, ROLLOUT_PROMOTE, { NOW }, { .word = "Promoting", .settled = true }, true },
	{ &flagger,
	  ROLLOUT_PROMOTE,
	  { NOW },
	  { .word = "Succeeded", .settled = true, .promoted = true },
	  true },
	{ &flagger, ROLLOUT_PROMOTE, { NOW }, { .word = "WaitingPromotion", .settled = true }, false },
	{ &flagger, ROLLOUT_PROMOTE_FULL, { NOW }, { .word = "Finalising", .settled = true }, false },
	{ &flagger,
	  ROLLOUT_PROMOTE_FULL,
	  { NOW },
	  { .word = "Succeeded", .settled = true, .promoted = true },
	  true },
	{ &flagger,
	  ROLLOUT_ABORT,
	  { NOW },
	  { .word = "Failed", .settled = true, .phase = CANARY_FAILED },
	  true },
	{ &flagger,
	  ROLLOUT_ABORT,
	  { NOW },
	  { NOW, .rollback = ROLLOUT_GATE_OPEN },
	  false }, /* it was told, no more */
	{ &(const struct rollout_name){ ROLLOUT_OTHER, "", "", NULL },
	  ROLLOUT_HOLD,
	  { NOW },
	  { NOW, .spec_paused = true },
	  false },
};

static void test_shows(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(cases); i++)
		if (rollout_shows(&cases[i].now, cases[i].name, cases[i].act, &cases[i].before) !=
		    cases[i].shows)
			fail_msg("case %zu: %s", i, names_word(&rollout_act_names, (int)cases[i].act));
}

#define HELD NOW, .spec_paused = true, .has_pause = true

/* The first of two requests, of one that is held: what it asked for stands, and nothing of it has happened yet. */
static void test_took(void **state maybe_unused)
{
	static const struct {
		enum rollout_act_kind act;
		struct rollout_answer before, now;
		bool two, took;
	} halves[] = {
		{ ROLLOUT_ABORT, { HELD }, { HELD, .aborted = true }, true, true },
		{ ROLLOUT_ABORT, { HELD }, { HELD }, true, false },
		{ ROLLOUT_ABORT, { HELD }, { HELD, .promoted = true }, true, false },
		{ ROLLOUT_PROMOTE_FULL, { HELD }, { HELD, .promoting = true }, true, true },
		{ ROLLOUT_PROMOTE_FULL, { HELD }, { HELD, .promoted = true }, true, true },
		{ ROLLOUT_PROMOTE_FULL, { HELD }, { HELD }, true, false },
		{ ROLLOUT_PROMOTE, { HELD }, { NOW, .spec_paused = true }, true, true },
		{ ROLLOUT_PROMOTE, { HELD }, { HELD }, true, false },
		{ ROLLOUT_PROMOTE, { NOW, .spec_paused = true }, { NOW, .spec_paused = true }, true, false },
		{ ROLLOUT_PROMOTE, { HELD }, { .word = "", .step = 3 }, true, true },
		{ ROLLOUT_HOLD, { NOW }, { HELD }, false, false },
		{ ROLLOUT_RESUME, { HELD }, { NOW }, false, false },
		{ ROLLOUT_ABORT, { NOW }, { NOW, .aborted = true }, false, false },
	};

	for (size_t i = 0; i < countof(halves); i++)
		if (rollout_is_two(&argo, halves[i].act, &halves[i].before) != halves[i].two ||
		    rollout_took(&halves[i].now, &argo, halves[i].act, &halves[i].before) != halves[i].took)
			fail_msg("half %zu: %s", i, names_word(&rollout_act_names, (int)halves[i].act));
	assert_false(rollout_is_two(&flagger, ROLLOUT_ABORT, &halves[0].before));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_shows), cmocka_unit_test(test_took) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
