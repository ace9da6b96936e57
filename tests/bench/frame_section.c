/* Frames of screens, measured by a program of its own: here nothing of the screens is linked. */
#include <stdio.h>

#include "tests/bench/bench.h"

void section_frame(struct bench *b)
{
	char program[600];
	struct buf rows = BUF_INIT(65536);

	snprintf(program, sizeof(program), "%s/frame", b->tools);
	const char *const argv[] = { program, b->dir, NULL };
	if (run_words(argv, &rows) != 0)
		bench_die("%s: %s", program, rows.s);
	buf_fmt(&b->report,
		"\n## A frame of the largest screens, 200x60\n\n| frame | CPU ms | times the unit |\n| --- | "
		"---: | "
		"---: |\n%s",
		rows.s);
	buf_done(&rows);
}

/* The same of verifying: a program of its own, for its memory is measured. */
void section_attest(struct bench *b)
{
	char program[600];
	struct buf rows = BUF_INIT(65536);

	snprintf(program, sizeof(program), "%s/attest", b->tools);
	const char *const argv[] = { program, NULL };
	if (run_words(argv, &rows) != 0)
		bench_die("%s: %s", program, rows.s);
	buf_fmt(&b->report, "\n## Verifying what is released\n\n%s", rows.s);
	buf_done(&rows);
}
