/*
 * mutants.h - what each check of a table is worth: with its result ignored, or turned round, some case must come out otherwise.
 * A test includes the source that is to be tampered with behind this; each mutant runs in a process of its own, for a check that
 * is ignored may let later ones read what is not there, and that is noticed too.
 */
#pragma once

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/model/proof.h"

enum mutation { MUTANT_NONE, MUTANT_IGNORED, MUTANT_TURNED };
static struct {
	enum mutation how;
	size_t row;
} mutant;

static enum check_result tamper(size_t row, enum check_result r)
{
	if (row != mutant.row || mutant.how == MUTANT_NONE)
		return r;
	if (mutant.how == MUTANT_IGNORED)
		return r == CHECKED_FAIL ? CHECKED_PASS : r;
	return r == CHECKED_FAIL ? CHECKED_PASS : CHECKED_FAIL;
}

/* Exit statuses: below it a sanitizer's or a signal's, at it no case, above it the case that saw the mutant. */
#define MUTANT_UNSEEN 9

/* Runs the cases with the mutant: the number of the case that saw it, -1 none, -2 it fell over. */
static int mutant_run(enum mutation how, size_t row, int (*first_failing)(void *ctx), void *ctx)
{
	int status = 0, null;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		dup2(null, 1);
		dup2(null, 2);
		mutant.how = how;
		mutant.row = row;
		_exit(first_failing(ctx) + 1 + MUTANT_UNSEEN);
	}
	waitpid(pid, &status, 0);
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	return status >= MUTANT_UNSEEN ? status - MUTANT_UNSEEN - 1 : -2;
}

/* Prints the table; how many mutants nobody noticed. */
static int mutants_of(size_t rows, const char *(*name)(size_t row), int (*first_failing)(void *ctx),
		      void *ctx)
{
	static const char *const how[] = { "", "ignored", "turned round" };
	int alive = 0;

	for (size_t i = 0; i < rows; i++)
		for (int k = MUTANT_IGNORED; k <= MUTANT_TURNED; k++) {
			int by = mutant_run((enum mutation)k, i, first_failing, ctx);

			printf("%-28s %-13s %s", name(i), how[k],
			       by == -1   ? "NOBODY\n"
			       : by == -2 ? "fell over\n"
					  : "case ");
			if (by >= 0)
				printf("%d\n", by);
			alive += by == -1;
		}
	printf("%zu checks, %zu mutants, %d alive\n", rows, 2 * rows, alive);
	return alive;
}
