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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_shows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
