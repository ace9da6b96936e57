/* Which workflow files count as guarded: the job must be first, nothing may pass it, and it must look at the input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/embed.h"
#include "core/engine/shield.h"

static void find(struct shield *out, const char *text, struct arena *a)
{
	struct err e = ERR_INIT;
	struct yaml *file;

	if (yaml_parse(&file, "w.yml", text, strlen(text), a, &e) < 0)
		fail_msg("%s", e.message);
	shield_find(out, file, a);
}

#define READS "{run: 'x ${{ inputs.rc_intent }} ${{ inputs.expected_sha }}'}"

static void only_a_first_job_guards(void **state)
{
	static const struct {
		const char *file, *job, *why;
	} cases[] = {
		{ "jobs: {g: {steps: [" READS "]}, d: {needs: g}}", "g", NULL },
		{ "jobs: {g: {steps: [" READS "]}, d: {needs: [g]}, e: {needs: d}, f: {needs: [d, e]}}", "g",
		  NULL },
		{ "jobs: {e: {needs: d}, d: {needs: g}, g: {steps: [" READS "]}}", "g", NULL },
		{ "jobs: {g: {steps: [" READS "]}}", "g", NULL },
		{ "jobs: {g: {uses: ./guard.yml, with: {i: '${{ inputs.rc_intent }}'}}, d: {needs: g}}", "g",
		  NULL },
		{ "jobs: {g: {env: {I: '${{ inputs.rc_intent }}'}}, d: {needs: g}}", "g", NULL },
		{ "jobs: {g: {steps: [" READS "]}, d: {}}", NULL, "job d runs whatever job g says" },
		{ "jobs: {g: {steps: [" READS "]}, d: {needs: g, if: 'always()'}}", NULL,
		  "job d runs whatever job g says" },
		{ "jobs: {g: {steps: [" READS "]}, d: {needs: [g], if: '!cancelled()'}}", NULL,
		  "job d runs whatever job g says" },
		{ "jobs: {g: {if: x, steps: [" READS "]}, d: {needs: g}}", NULL,
		  "no first job reads rc_intent, expected_sha or lock_epoch" },
		{ "jobs: {g: {continue-on-error: true, steps: [" READS "]}, d: {needs: g}}", NULL,
		  "no first job reads rc_intent, expected_sha or lock_epoch" },
		{ "jobs: {g: {steps: [{continue-on-error: true, run: '${{ inputs.rc_intent }}'}]}}", NULL,
		  "no first job reads rc_intent, expected_sha or lock_epoch" },
		{ "jobs: {g: {steps: [{name: '${{ inputs.rc_intent }}'}]}}", NULL,
		  "no first job reads rc_intent, expected_sha or lock_epoch" },
		{ "jobs: {g: {steps: [{run: '${{ inputs.rc_intentional }}'}]}}", NULL,
		  "no first job reads rc_intent, expected_sha or lock_epoch" },
		{ "jobs: {a: {needs: b}, b: {needs: a}, g: {steps: [" READS "]}}", NULL,
		  "job a runs whatever job g says" },
		{ "jobs: [g]", NULL, "no first job reads rc_intent, expected_sha or lock_epoch" },
		{ "name: x", NULL, "no first job reads rc_intent, expected_sha or lock_epoch" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		struct shield g;

		find(&g, cases[i].file, &a);
		if (!g.job != !cases[i].job || (g.job && strcmp(g.job, cases[i].job) != 0) ||
		    (g.why && strcmp(g.why, cases[i].why) != 0))
			fail_msg("case %zu: job %s, %s", i, g.job ? g.job : "-", g.why ? g.why : "-");
		assert_false(g.checks[2]);
	}
}

/* What we hand out is what we look for. */
static void our_own_contract_is_guarded(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct shield g;

	(void)state;
	find(&g, contract_files[0].data, &a);
	assert_string_equal(g.job, "guard");
	assert_string_equal(shield_words(&g, true, &a), "a used nonce, a moved tag, an old lock");
	assert_string_equal(shield_words(&g, false, &a), "");
}

/* 300 jobs that all need each other are not followed to the end of days. */
static void a_hostile_file_ends(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	autofree(buf) struct buf text = BUF_INIT((size_t)1 << 20);
	struct shield g;

	(void)state;
	buf_str(&text, "jobs:\n  g: {steps: [" READS "]}\n");
	for (int i = 0; i < 300; i++)
		buf_fmt(&text, "  j%d: {needs: [j%d, j%d, j%d]}\n", i, (i + 1) % 300, (i + 7) % 300,
			(i + 50) % 300);
	find(&g, text.s, &a);
	assert_null(g.job);
	assert_string_equal(g.why, "it has more jobs than are looked through");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_first_job_guards),
		cmocka_unit_test(our_own_contract_is_guarded),
		cmocka_unit_test(a_hostile_file_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
