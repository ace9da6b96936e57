/*
 * bytes.c - what programs write when something happens, over what a good encoder needs for the same two screens. Bytes
 * repeat exactly; each program is on its own, and does what it can do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/bench/bench.h"
#include "tests/bench/encoder.h"
#include "tests/bench/term.h"

#define QUIET_MS   80
#define ANSWER_MS  1500
#define EVENTS_MAX 40
#define ESC        "\033"
#define TEN        "jjjjjjjjjj"

struct happening {
	const char *event; /* NULL: nobody counts it */
	const char *keys;  /* NULL: something else happens */
	int times;
	const char *back, *back_keys;     /* after each time; NULL: nothing */
	void (*happens)(struct bench *b); /* and the next minute shows it: no engine tells the console */
};

/* Other states each time round, or nothing would change at the second size. */
static void lanes_change(struct bench *b)
{
	static const enum lane_state states[] = { LANE_FAIL, LANE_OK, LANE_RUN };
	static unsigned turn;
	char path[160];

	snprintf(path, sizeof(path), "%s/changing", b->dir);
	for (int i = 0; i < 3; i++)
		fill_lane(path, 3 + i, states[(turn + (unsigned)i) % countof(states)]);
	turn++;
}

static void nothing(struct bench *b)
{
	(void)b;
}

#define CURSOR    "the cursor moves"
#define SCROLLS   "the list moves with it"
#define TOGETHER  "ten keys at once"
#define PAGE_DOWN "a page down"
#define PAGE_UP   "a page up"
#define SHEET     "a sheet opens"
#define SHEET_END "and closes"
#define SCREEN    "another screen"
#define HELP      "help"
#define HELP_END  "no help"
#define LETTER    "a letter is typed"

static const struct happening of_console[] = {
	{ CURSOR, "j", 5, CURSOR, "k", NULL },
	{ SHEET, "\r", 3, SHEET_END, ESC, NULL },
	{ "why", "w", 2, "no why", ESC, NULL },
	{ HELP, "?", 2, HELP_END, ESC, NULL },
	{ "the command line", ":", 2, "no command line", ESC, NULL },
	{ SCREEN, "2", 2, SCREEN, "1", NULL },
	{ SCREEN, "7", 2, SCREEN, "3", NULL },
	{ SCREEN, "2", 1, NULL, NULL, NULL },
	{ CURSOR, "j", 5, NULL, NULL, NULL },
	{ SHEET, "\r", 2, SHEET_END, ESC, NULL },
	{ NULL, TEN TEN TEN TEN TEN TEN TEN, 1, NULL, NULL, NULL },
	{ SCROLLS, "j", 5, NULL, NULL, NULL },
	{ TOGETHER, TEN, 3, NULL, NULL, NULL },
	{ PAGE_UP, ESC "[5~", 2, NULL, NULL, NULL },
	{ PAGE_DOWN, ESC "[6~", 2, NULL, NULL, NULL },
	{ "a filter begins", "/", 1, NULL, NULL, NULL },
	{ LETTER, "e", 1, LETTER, "a", NULL },
	{ LETTER, "s", 1, LETTER, "y", NULL },
	{ "the filter is kept", "\r", 1, "and cleared", ESC, NULL },
	{ NULL, "1", 1, NULL, NULL, NULL },
	{ "a minute, three lanes change", NULL, 1, NULL, NULL, lanes_change },
	{ "a minute, nothing else", NULL, 1, NULL, NULL, nothing },
	{ 0 },
};

static const struct happening of_limit[] = {
	{ CURSOR, "j", 5, CURSOR, "k", NULL },
	{ NULL, TEN TEN TEN TEN TEN TEN TEN, 1, NULL, NULL, NULL },
	{ SCROLLS, "j", 5, NULL, NULL, NULL },
	{ TOGETHER, TEN, 3, NULL, NULL, NULL },
	{ 0 },
};

static const struct happening of_tig[] = {
	{ CURSOR, "j", 5, CURSOR, "k", NULL },
	{ SHEET, "\r", 3, SHEET_END, "q", NULL },
	{ HELP, "h", 2, HELP_END, "q", NULL },
	{ NULL, TEN TEN TEN TEN TEN TEN TEN, 1, NULL, NULL, NULL },
	{ SCROLLS, "j", 5, NULL, NULL, NULL },
	{ TOGETHER, TEN, 3, NULL, NULL, NULL },
	{ PAGE_UP, ESC "[5~", 2, NULL, NULL, NULL },
	{ PAGE_DOWN, ESC "[6~", 2, NULL, NULL, NULL },
	{ 0 },
};

static const struct script {
	const char *rival; /* its name begins so */
	const struct happening *what;
} scripts[] = { { "pilothouse, few", of_console }, { "ncurses limit", of_limit }, { "tig", of_tig } };

struct sums {
	const char *event;
	size_t ours[countof(scripts)], best[countof(scripts)];
};

struct table {
	struct sums rows[EVENTS_MAX];
	size_t n;
};

static struct sums *sums_of(struct table *t, const char *event)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->rows[i].event, event) == 0)
			return &t->rows[i];
	if (t->n == EVENTS_MAX)
		bench_die("more than %d events", EVENTS_MAX);
	t->rows[t->n] = (struct sums){ .event = event };
	return &t->rows[t->n++];
}

/* A program and what is seen of it; its bytes are kept from the first. */
struct watched {
	struct bench *b;
	struct term t;
	struct screen *eye;
	size_t seen; /* of its bytes, by the eye */
	int rows, cols;
};

static void look(struct watched *w, struct picture *out)
{
	screen_feed(w->eye, w->t.raw + w->seen, w->t.raw_n - w->seen);
	w->seen = w->t.raw_n;
	screen_take(w->eye, out);
}

/* An encoder that lies is worth nothing: its bytes, after all that the program had written, make the same screen. What
 * the program left of a scrolling region is no part of a picture. */
static void must_replay(const struct watched *w, size_t until, const struct picture *from,
			const struct buf *bytes, const struct picture *to, const char *event)
{
	struct screen *twin = screen_new(w->rows, w->cols);
	struct picture is = { 0 };
	char whole[48];
	int n = snprintf(whole, sizeof(whole), ESC "[r" ESC "[%d;%dH", from->row + 1, from->col + 1);

	screen_feed(twin, w->t.raw, until);
	screen_feed(twin, whole, (size_t)n);
	screen_feed(twin, bytes->s, bytes->n);
	screen_take(twin, &is);
	if (!picture_same(&is, to))
		bench_die("%s: the encoder made another screen", event);
	picture_done(&is);
	screen_free(twin);
}

/* Everything of the minute that begins next; 2 s later it is painted. */
static void wait_minute(struct watched *w)
{
	int64_t end = now_ns() + (int64_t)(62 - time(NULL) % 60) * 1000000000, left;

	while ((left = end - now_ns()) > 0)
		if (!term_take(&w->t, (int)(left / 1000000) + 1) && w->t.ended)
			return;
}

static void wait_for(struct watched *w, const struct happening *s, const char *keys)
{
	if (!keys) {
		s->happens(w->b);
		wait_minute(w);
		return;
	}
	term_type(&w->t, keys, strlen(keys));
	term_answer(&w->t, ANSWER_MS, QUIET_MS);
}

static void count_event(struct watched *w, const struct happening *s, const char *event, const char *keys,
			struct table *t, size_t program)
{
	struct picture from = { 0 }, to = { 0 };
	struct buf bytes = BUF_INIT(1 << 20);
	size_t before = w->t.raw_n;

	look(w, &from);
	wait_for(w, s, keys);
	look(w, &to);
	encode(&from, &to, HAS_XTERM, &bytes);
	must_replay(w, before, &from, &bytes, &to, event ? event : s->keys);
	if (event) {
		struct sums *row = sums_of(t, event);
		row->ours[program] += w->t.raw_n - before;
		row->best[program] += bytes.n;
	}
	picture_done(&from);
	picture_done(&to);
	buf_done(&bytes);
}

static void play(struct watched *w, const struct happening *what, struct table *t, size_t program)
{
	for (const struct happening *s = what; s->times; s++)
		for (int i = 0; i < s->times; i++) {
			count_event(w, s, s->event, s->keys, t, program);
			if (s->back)
				count_event(w, s, s->back, s->back_keys, t, program);
		}
}

static void watch_program(struct bench *b, const struct rival *r, size_t program, struct table *t, int rows,
			  int cols)
{
	struct watched w = { .b = b, .eye = screen_new(rows, cols), .rows = rows, .cols = cols };

	term_start(&w.t, r->argv, r->cwd, rows, cols);
	if (term_until(&w.t, r->marker, 400, 5000))
		play(&w, scripts[program].what, t, program);
	term_end(&w.t, r->quit);
	screen_free(w.eye);
}

/* ---- the table ------------------------------------------------------------------------------------------------------- */

static void put_sums(struct bench *b, const struct sums *s)
{
	buf_fmt(&b->report, "| %s |", s->event);
	for (size_t i = 0; i < countof(scripts); i++)
		if (s->best[i])
			buf_fmt(&b->report, " %zu / %zu | %.2f |", s->ours[i], s->best[i],
				(double)s->ours[i] / (double)s->best[i]);
		else
			buf_str(&b->report, s->ours[i] ? " for nothing | |" : " | |");
	buf_chr(&b->report, '\n');
}

static void put_table(struct bench *b, const struct table *t, int rows, int cols)
{
	struct sums all = { .event = "all of them" };

	buf_fmt(&b->report,
		"\n| bytes / what a good encoder needs, %dx%d | pilothouse | x | ncurses limit | x | tig | x "
		"|\n"
		"| --- | --- | --- | --- | --- | --- | --- |\n",
		cols, rows);
	for (size_t i = 0; i < t->n; i++) {
		put_sums(b, &t->rows[i]);
		for (size_t k = 0; k < countof(scripts); k++) {
			all.ours[k] += t->rows[i].ours[k];
			all.best[k] += t->rows[i].best[k];
		}
	}
	put_sums(b, &all);
}

static void bytes_at(struct bench *b, const struct rival *all, size_t n, int rows, int cols)
{
	struct table t = { .n = 0 };
	char state[160];

	snprintf(state, sizeof(state), "%s/changing", b->dir);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < countof(scripts); k++) {
			struct rival r = all[i];

			if (strncmp(r.name, scripts[k].rival, strlen(scripts[k].rival)) != 0)
				continue;
			if (k == 0)
				r.argv[2] = state; /* lanes change: a cache of its own */
			watch_program(b, &r, k, &t, rows, cols);
		}
	put_table(b, &t, rows, cols);
}

void section_bytes(struct bench *b)
{
	struct rival all[RIVALS_MAX];
	size_t n = rivals(b, all);
	char path[160];

	snprintf(path, sizeof(path), "%s/changing", b->dir);
	fill_cache(path, b->runs_small);
	bytes_at(b, all, n, 24, 80);
	bytes_at(b, all, n, 60, 200);
}
