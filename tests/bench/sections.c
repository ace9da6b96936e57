/* What is measured by programs of their own: their memory is measured too, or they link what is not linked here. */
#include <stdio.h>

#include "tests/bench/bench.h"

/* The rows that it prints, under that head; arg NULL: none. */
static void rows_of(struct bench *b, const char *name, const char *arg, const char *head)
{
	char program[600];
	struct buf rows = BUF_INIT(65536);

	snprintf(program, sizeof(program), "%s/%s", b->tools, name);
	const char *const argv[] = { program, arg, NULL };
	if (run_words(argv, &rows) != 0)
		bench_die("%s: %s", program, rows.s);
	buf_fmt(&b->report, "\n%s%s", head, rows.s);
	buf_done(&rows);
}

void section_frame(struct bench *b)
{
	rows_of(b, "frame", b->dir,
		"| a frame of the largest screens, 200x60 | CPU ms | times the unit |\n| --- | --- | --- "
		"|\n");
}

void section_quotes(struct bench *b)
{
	rows_of(b, "quotes", NULL, "| TDX quotes, on one core | measured | bar |\n| --- | --- | --- |\n");
}

void section_fleet(struct bench *b)
{
	rows_of(b, "fleet", NULL,
		"| a fleet is judged | CPU, s | bar | the loop was held at most, ms | wall, s |\n"
		"| --- | --- | --- | --- | --- |\n");
}

void section_attest(struct bench *b)
{
	rows_of(b, "attest", NULL, "");
}
