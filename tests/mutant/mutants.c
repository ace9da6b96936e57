/*
 * Is each check looked at by a test? The adapter's table and the policy's are built with a spoilt row, one at a time, and the
 * project's own cases are run: a mutant that none of them notices is a hole that nobody would see. One line a mutant: the row, how
 * it was spoilt, what noticed it and how.
 *
 *	mutants [EVERY]	every mutant, or each EVERY-th
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/mutant/mutant.h"
#include "tests/unit/attest/cases.h"
#include "tests/unit/rules/proof_cases.h"

enum mutant_kind mutant_kind;
const char *mutant_id = "";

static const char *const kind_words[] = { "", "dropped", "inverted" };

/* ---- cases ------------------------------------------------------------------------------------------------------------------ */

static struct cases all;
static struct case_outcome *expected;

static const char *how(const struct case_outcome *was, const struct case_outcome *is)
{
	if (was->status != is->status)
		return is->status == PROOF_VERIFIED ? "a bad one is verified" : "another status";
	if (was->reason != is->reason)
		return "another reason";
	return strcmp(was->first, is->first) != 0 ? "another check refuses" : NULL;
}

/* What notices the mutant that is set, or NULL. */
static const char *noticed(const char **words)
{
	for (size_t i = 0; i < countof(proof_cases); i++)
		for (int strict = 0; strict < 2; strict++)
			if (proof_case_wrong(&proof_cases[i], strict)) {
				*words = "of the policy";
				return proof_cases[i].name;
			}
	for (size_t i = 0; i < all.n; i++) {
		struct arena a = ARENA_INIT;
		struct case_outcome o = case_run(&all, &all.items[i], &a);

		arena_done(&a);
		*words = how(&expected[i], &o);
		if (*words)
			return all.items[i].name;
	}
	return NULL;
}

/* ---- rows: whatever a good bundle and a good proof were checked by -------------------------------------------------------- */

struct rows {
	const char *ids[128];
	size_t n;
};

static void add_rows(struct rows *out, const struct proof_checks *checks)
{
	vec_each (c, checks) {
		bool known = false;

		for (size_t i = 0; i < out->n; i++)
			known |= strcmp(out->ids[i], c->id) == 0;
		if (!known && strcmp(c->name, "crypto") != 0 && out->n < countof(out->ids))
			out->ids[out->n++] = c->id;
	}
}

/* A row that only tells what others found has no refusal to drop. */
static bool is_mutant(const char *id, int kind)
{
	return kind != MUTANT_DROP || strcmp(id, "S6.entries") != 0;
}

static int run(const struct rows *rows, size_t every)
{
	size_t survivors = 0, n = 0, at = 0;

	for (size_t i = 0; i < rows->n; i++)
		for (int kind = MUTANT_DROP; kind <= MUTANT_INVERT; kind++) {
			const char *words = "", *by;

			if (!is_mutant(rows->ids[i], kind) || at++ % every)
				continue;
			mutant_id = rows->ids[i];
			mutant_kind = (enum mutant_kind)kind;
			by = noticed(&words);
			mutant_kind = MUTANT_NONE;
			n++;
			survivors += !by;
			printf("%-15s %-9s %s%s%s\n", rows->ids[i], kind_words[kind], by ? by : "SURVIVES",
			       by ? ": " : "", by ? words : "");
			fflush(stdout);
		}
	printf("%zu mutants, %zu survive\n", n, survivors);
	return survivors ? 1 : 0;
}

int main(int argc, char **argv)
{
	size_t every = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
	const char *bad = cases_make(&all);
	struct rows rows = { 0 };
	struct arena a = ARENA_INIT;
	int status = 2;

	if (bad) {
		fprintf(stderr, "mutants: %s\n", bad);
		return 2;
	}
	expected = x_alloc(all.n * sizeof(*expected));
	for (size_t i = 0; i < all.n; i++) {
		expected[i] = case_run(&all, &all.items[i], &a);
		if (expected[i].reason != all.items[i].expected)
			fprintf(stderr, "mutants: %s is %s\n", all.items[i].name,
				names_word(&proof_reason_names, (int)expected[i].reason));
		if (expected[i].reason == PROOF_OK)
			add_rows(&rows, &expected[i].checks);
	}
	status = run(&rows, every ? every : 1);
	arena_done(&a);
	free(expected);
	cases_done(&all);
	return status;
}
