/* Quotes, verified by a program of its own: here no OpenSSL is linked. */
#include <stdio.h>

#include "tests/bench/bench.h"

void section_fleet(struct bench *b)
{
	char program[600];
	struct buf rows = BUF_INIT(65536);

	snprintf(program, sizeof(program), "%s/fleet", b->tools);
	const char *const argv[] = { program, NULL };
	if (run_words(argv, &rows) != 0)
		bench_die("%s: %s", program, rows.s);
	buf_fmt(&b->report,
		"\n## A fleet is judged\n\n| round | CPU | the loop was held | wall |\n"
		"| --- | ---: | ---: | ---: |\n%s",
		rows.s);
	buf_done(&rows);
}

void section_quotes(struct bench *b)
{
	char program[600];
	struct buf rows = BUF_INIT(65536);

	snprintf(program, sizeof(program), "%s/quotes", b->tools);
	const char *const argv[] = { program, NULL };
	if (run_words(argv, &rows) != 0)
		bench_die("%s: %s", program, rows.s);
	buf_fmt(&b->report,
		"\n## Proof of what runs, on one core\n\n| TDX quotes | CPU |\n| --- | ---: |\n%s", rows.s);
	buf_done(&rows);
}
