/* What is said to a terminal makes the screen that was meant, whatever the terminal; and it is as short as a person would
 * write it. libvterm is the eye. */
#include "tui/redraw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/bench/screen.h"
#include "tests/folder.h"

#define E "\033"

/* Debian's own packages describe these without more; libvterm understands what each is told. */
static const char *const terminals[] = { "xterm-256color", "xterm-mono", "xterm-r6",      "xterm-vt220",
					 "tmux-256color",  "screen",     "linux",         "rxvt",
					 "rxvt-unicode",   "Eterm",      "vt220",         "vt100",
					 "ansi",           "pcansi",     "cygwin",        "wsvt25",
					 "hurd",           "mach-color", "mach-gnu-color" };

/* What none of those does: rows that move where a letter in the last cell moves them too, and moves that begin at the edge. */
static const char *const own_terminals[] = { "early", "edge", "endless" };
#define OWN_DESCRIPTIONS                                                                    \
	"early,use=xterm-xfree86,xenl@,\n"                                                  \
	"edge,use=xterm-xfree86,indn=\\E[%p1%dE,rin=\\E[%p1%dF,csr=\\E[%i%p1%02d;%p2%dr,\n" \
	"endless,use=xterm-xfree86,sgr0@,\n"

static uint32_t seed;

static uint32_t any(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* A terminal, what it was told so far, and the eye on it. */
struct stage {
	struct buf out;
	struct terminal *terminal;
	struct theme theme;
	struct looks looks;
	struct grid last, next;
	struct screen *screen;
	struct picture seen;
};

static void clear(struct stage *s, int rows, int cols)
{
	terminal_clear(s->terminal, rows, cols);
	grid_resize(&s->last, rows, cols);
	grid_resize(&s->next, rows, cols);
	redraw_empty(&s->last, 0, rows);
}

static void open_stage(struct stage *s, const char *name, int rows, int cols)
{
	struct err e = ERR_INIT;
	memset(s, 0, sizeof(*s));
	buf_init(&s->out, 1 << 24);
	if (terminal_open(&s->terminal, name, &s->out, &e) < 0)
		fail_msg("%s", e.message);
	for (int i = 0; i < ROLE_MAX_; i++)
		s->theme.styles[i] =
			(struct style){ .colour = i % 3 ? i % 8 : -1, .bits = (unsigned)i * 7 % 16 };
	if (any(4)) /* else nothing is as a cleared terminal has it */
		s->theme.styles[ROLE_TEXT] = (struct style){ .colour = -1 };
	looks_make(&s->looks, &s->theme, s->terminal);
	s->screen = screen_new(rows, cols);
	clear(s, rows, cols);
}

static void close_stage(struct stage *s)
{
	terminal_close(s->terminal);
	screen_free(s->screen);
	picture_done(&s->seen);
	grid_done(&s->last);
	grid_done(&s->next);
	buf_done(&s->out);
}

static void draw(struct stage *s)
{
	redraw(s->terminal, &s->looks, &s->last, &s->next, s->next.rows);
	assert_memory_equal(s->last.cells, s->next.cells,
			    (size_t)s->next.rows * (size_t)s->next.cols * sizeof(*s->next.cells));
}

/* ---- is it what was meant? -------------------------------------------------------------------------------------------- */

static struct look meant_look(const struct style *s)
{
	struct look l = { 0, s->colour < 0 ? LOOK_DEFAULT : s->colour, LOOK_DEFAULT };
	l.bits |= s->bits & STYLE_BOLD ? LOOK_BOLD : 0;
	l.bits |= s->bits & STYLE_DIM ? LOOK_FAINT : 0;
	l.bits |= s->bits & STYLE_UNDERLINE ? LOOK_UNDERLINE : 0;
	l.bits |= s->bits & STYLE_REVERSE ? LOOK_REVERSE : 0;
	return l;
}

/* The one cell that a terminal without a late wrap cannot have, and the other half of a wide letter there. */
static bool is_left_out(const struct stage *s, int row, int col)
{
	int end = s->next.cols;
	if (row < s->next.rows - 1 || !terminal_scrolls_at_end(s->terminal))
		return false;
	return col == end - 1 || (col == end - 2 && grid_at(&s->next, row, col)->width == 2);
}

static void check_cell(const struct stage *s, const char *name, int frame, int row, int col)
{
	const struct cell *meant = grid_at(&s->next, row, col);
	const struct spot *is = picture_at(&s->seen, row, col);
	const struct style *style = &s->looks.of[meant->role];
	struct look look = meant_look(style);
	bool empty = !strcmp(meant->s, " ") && !(style->bits & SEEN_ON_BLANKS);
	if (is_left_out(s, row, col)) {
		if (strcmp(is->s, " ") != 0)
			fail_msg("%s, frame %d: the last cell was written", name, frame);
		return;
	}
	/* no mark is drawn in the last column */
	size_t n = col == s->next.cols - 1 ? strlen(is->s) : CELL_BYTES;
	if (strncmp(is->s, meant->s, n) != 0 ||
	    (empty ? !look_is_plain_blank(is) : *is->s && !look_same(&is->look, &look)))
		fail_msg("%s, frame %d, row %d, column %d: \"%s\" %x %d, not \"%s\" %x %d", name, frame, row,
			 col, is->s, is->look.bits, is->look.fg, meant->s, look.bits, look.fg);
}

static void check(struct stage *s, const char *name, int frame)
{
	screen_feed(s->screen, s->out.s, s->out.n);
	buf_reset(&s->out);
	screen_take(s->screen, &s->seen);
	for (int row = 0; row < s->next.rows; row++)
		for (int col = 0; col < s->next.cols; col++)
			check_cell(s, name, frame, row, col);
}

/* ---- any screen --------------------------------------------------------------------------------------------------------- */

static void any_words(struct grid *g)
{
	static const char *const words[] = { "v2.14.0",
					     "lane",
					     "x",
					     "  ",
					     "--------------------",
					     "##|....",
					     "\xe6\x97\xa5\xe6\x9c\xac",
					     "e\xcc\x81t\xc3\xa9",
					     "\xe2\x96\x81\xe2\x96\x88",
					     "                                   ",
					     "~~~~~~~",
					     "a b c d e f" };
	int row = (int)any((uint32_t)g->rows), col = (int)any((uint32_t)g->cols + 3) - 3;
	grid_put(g, row, col, -1, (enum role)any(ROLE_MAX_), words[any(countof(words))]);
}

/* As a list's, a few up or down in a part of the screen. */
static void move_rows(struct grid *g)
{
	int top = (int)any((uint32_t)g->rows), rows = (int)any((uint32_t)(g->rows - top)) + 1;
	int n = (int)any((uint32_t)rows < 4 ? (uint32_t)rows : 4);
	bool up = any(2);
	memmove(grid_at(g, up ? top : top + n, 0), grid_at(g, up ? top + n : top, 0),
		(size_t)(rows - n) * (size_t)g->cols * sizeof(*g->cells));
}

static void any_change(struct grid *g)
{
	int row = (int)any((uint32_t)g->rows), width = (int)any((uint32_t)g->cols) + 1;
	switch (any(6)) {
	case 0:
		grid_fill(g, row, 0, -1, (enum role)any(ROLE_MAX_), "");
		break;
	case 1:
		grid_fill(g, row, (int)any((uint32_t)g->cols), width, ROLE_TEXT, "");
		break;
	case 2:
		move_rows(g);
		break;
	case 3:
		grid_rule(g, row, 0, g->cols, "title");
		break;
	default:
		for (int i = 0; i < 5; i++)
			any_words(g);
	}
}

static void play(const char *name, int rows, int cols, int frames)
{
	struct stage s;
	open_stage(&s, name, rows, cols);
	for (int frame = 0; frame < frames; frame++) {
		if (any(40) == 0)
			clear(&s, rows, cols);
		for (uint32_t i = any(12); i > 0; i--)
			any_change(&s.next);
		draw(&s);
		check(&s, name, frame);
	}
	close_stage(&s);
}

static void test_any_screen_on_any_terminal(void **state)
{
	static const struct {
		int rows, cols, frames;
	} sizes[] = { { 24, 80, 200 }, { 8, 40, 200 }, { 60, 200, 20 }, { 3, 7, 300 }, { 1, 1, 20 } };
	(void)state;
	for (size_t t = 0; t < countof(terminals); t++)
		for (size_t i = 0; i < countof(sizes); i++) {
			seed = (uint32_t)(t * 100 + i);
			play(terminals[t], sizes[i].rows, sizes[i].cols, sizes[i].frames);
		}
}

/* In a new folder, where libtinfo looks first. */
static void describe_own(const char *dir)
{
	char source[64];
	int status = -1;
	snprintf(source, sizeof(source), "%s/source", dir);
	FILE *f = fopen(source, "w");
	assert_non_null(f);
	fputs(OWN_DESCRIPTIONS, f);
	fclose(f);
	pid_t tic = fork();
	if (tic == 0) {
		execlp("tic", "tic", "-o", dir, source, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(tic, &status, 0), tic);
	assert_int_equal(status, 0);
	assert_int_equal(unlink(source), 0);
	setenv("TERMINFO", dir, 1);
}

static void test_any_screen_on_own_terminals(void **state)
{
	char dir[FOLDER_PATH];
	(void)state;
	folder_new(dir);
	describe_own(dir);
	for (size_t t = 0; t < countof(own_terminals); t++) {
		seed = (uint32_t)t;
		play(own_terminals[t], 24, 80, 200);
		play(own_terminals[t], 5, 12, 200);
	}
	unsetenv("TERMINFO");
}

/* Hexagrams are narrow for us and wide for the eye, and the filler of a syllable the other way round: what stands beside them
 * and below them stays. */
static void test_letters_of_disputed_width(void **state)
{
	static const char *const odd[] = { "\xe4\xb7\x80", "\xe1\x85\xa0" };
	(void)state;
	for (size_t i = 0; i < countof(odd); i++) {
		struct stage s;
		open_stage(&s, "xterm-256color", 4, 40);
		grid_put(&s.next, 1, 30, -1, ROLE_TEXT, "abcdef");
		grid_put(&s.next, 2, 0, -1, ROLE_TEXT, "next");
		draw(&s);
		for (int col = 10; col < 40; col += col == 29 ? 10 : 1)
			grid_put(&s.next, 1, col, 1, ROLE_TEXT, odd[i]);
		draw(&s);
		grid_put(&s.next, 1, 32, -1, ROLE_TEXT, "x");
		draw(&s);
		screen_feed(s.screen, s.out.s, s.out.n);
		screen_take(s.screen, &s.seen);
		for (int n = 0; n < 6; n++)
			assert_int_equal(picture_at(&s.seen, 1, 30 + n)->s[0], "abxdef"[n]);
		for (int n = 0; n < 4; n++)
			assert_int_equal(picture_at(&s.seen, 2, n)->s[0], "next"[n]);
		close_stage(&s);
	}
}

/* ---- given back ---------------------------------------------------------------------------------------------------------- */

/* Half of a frame was thrown away: the terminal may be left with a part that scrolls alone, and the cursor anywhere. */
static void test_left_in_the_middle_of_a_frame(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(terminals); i++) {
		struct stage s;
		open_stage(&s, terminals[i], 10, 40);
		buf_str(&s.out, E "[10;1H");
		terminal_enter(s.terminal);
		clear(&s, 10, 40);
		grid_put(&s.next, 9, 0, -1, ROLE_TEXT, "last");
		draw(&s);
		check(&s, terminals[i], 0);
		buf_str(&s.out, terminal_can_scroll(s.terminal) ? E "[3;6r" E "[5;7H" : E "[5;7H");
		terminal_leave(s.terminal, 10);
		buf_str(&s.out, "below\r\n"); /* what a shell says then, where there is no other screen */
		screen_feed(s.screen, s.out.s, s.out.n);
		screen_take(s.screen, &s.seen);
		if (s.seen.row != 9 || s.seen.col || !s.seen.cursor || picture_at(&s.seen, 8, 0)->s[0] != 'b')
			fail_msg("%s: at row %d, column %d", terminals[i], s.seen.row, s.seen.col);
		close_stage(&s);
	}
}

/* ---- and short ---------------------------------------------------------------------------------------------------------- */

static void must_say(struct stage *s, const char *bytes)
{
	draw(s);
	if (s->out.n != strlen(bytes) || memcmp(s->out.s, bytes, s->out.n) != 0) {
		for (size_t i = 0; i < s->out.n; i++)
			fprintf(stderr, s->out.s[i] < ' ' ? "<%d>" : "%c", s->out.s[i]);
		fail_msg("%zu bytes were said, not these %zu: %s", s->out.n, strlen(bytes), bytes + 1);
	}
	check(s, bytes + 1, 0);
}

static void test_what_is_said(void **state)
{
	struct stage s;
	(void)state;
	open_stage(&s, "xterm-256color", 24, 80);
	s.theme.styles[ROLE_TEXT] = (struct style){ .colour = -1 };
	s.theme.styles[ROLE_DIM] = (struct style){ .colour = -1, .bits = STYLE_DIM };
	s.theme.styles[ROLE_FAIL] = (struct style){ .colour = 1, .bits = STYLE_BOLD };
	s.theme.styles[ROLE_OK] = (struct style){ .colour = 2 };
	looks_make(&s.looks, &s.theme, s.terminal);
	check(&s, "clear", 0);
	grid_put(&s.next, 2, 1, -1, ROLE_TEXT, "*");
	grid_put(&s.next, 2, 5, -1, ROLE_FAIL, "FAIL 3");
	must_say(&s, E "[C\n\n*   " E "[1;31mFAIL 3");
	/* a marker moves down a row: no looks between */
	grid_put(&s.next, 2, 1, -1, ROLE_TEXT, " ");
	grid_put(&s.next, 3, 1, -1, ROLE_TEXT, "*");
	must_say(&s, E "[2G \b\n" E "[m*");
	/* two places near each other: what is between is written again */
	grid_put(&s.next, 3, 3, -1, ROLE_TEXT, "ab cd");
	must_say(&s, " ab cd");
	grid_put(&s.next, 3, 3, -1, ROLE_TEXT, "xb xd");
	must_say(&s, E "[5Dxb x");
	/* the same in another role that looks so, and dim blanks, are nothing */
	grid_put(&s.next, 5, 0, 20, ROLE_DIM, "          ");
	must_say(&s, "");
	/* more of a look is added, less begins anew */
	grid_put(&s.next, 6, 0, -1, ROLE_OK, "ok");
	grid_put(&s.next, 6, 2, -1, ROLE_FAIL, "no");
	grid_put(&s.next, 6, 4, -1, ROLE_DIM, "dim");
	must_say(&s, "\r\n\n\n" E "[32mok" E "[1;31mno" E "[0;2mdim");
	/* the end of a row goes at once */
	grid_put(&s.next, 6, 0, -1, ROLE_TEXT, "       ");
	must_say(&s, "\r" E "[K");
	/* many of one letter go by their number */
	grid_rule(&s.next, 7, 0, 80, "");
	must_say(&s, "\n-" E "[79b");
	/* some emulators wait for the end of the row a column too early behind such a number: then the cursor is set */
	grid_rule(&s.next, 8, 0, 79, "");
	grid_put(&s.next, 8, 79, 1, ROLE_DIM, "x");
	must_say(&s, "\r\n-" E "[78b" E "[9;80Hx");
	close_stage(&s);
}

/* A list of twenty that moves up by one under its head, the marker with it; beside it stands what does not move. */
static void draw_list(struct stage *s, int first, int marked)
{
	grid_clear(&s->next);
	grid_put(&s->next, 0, 3, -1, ROLE_TEXT, "LANE        STATE       RELEASE");
	for (int row = 1; row <= 20; row++) {
		int lane = first + row * 7919;
		grid_printf(&s->next, row, 1, 1, ROLE_TEXT, "%s", row == marked ? "*" : " ");
		grid_printf(&s->next, row, 3, -1, ROLE_TEXT, "lane-%05d  released    v%d",
			    (first + row) * 7919 % 99991, first + row);
		grid_put(&s->next, row, 60, -1, ROLE_TEXT, lane % 2 ? "| odd" : "|");
	}
}

static void test_a_list_that_moves(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(terminals); i++) {
		struct stage s;
		open_stage(&s, terminals[i], 24, 80);
		draw_list(&s, 0, 20);
		draw(&s);
		size_t whole = s.out.n;
		check(&s, terminals[i], 0);
		for (int first = 1; first < 30; first++) {
			draw_list(&s, first < 15 ? first : 30 - first, first < 15 ? 20 : 1);
			draw(&s);
			if (terminal_can_scroll(s.terminal))
				assert_in_range(s.out.n, 30, whole / 4);
			check(&s, terminals[i], first);
		}
		close_stage(&s);
	}
}

static void test_unknown_terminals(void **state)
{
	struct terminal *t;
	struct buf out = BUF_INIT(64);
	struct err e = ERR_INIT;
	(void)state;
	assert_int_equal(terminal_open(&t, "no-such-terminal", &out, &e), -ERR_INVALID);
	assert_non_null(strstr(e.message, "no-such-terminal"));
	assert_int_equal(terminal_open(&t, "dumb", &out, &e), -ERR_INVALID);
	assert_non_null(strstr(e.message, "cannot be drawn on"));
	buf_done(&out);
}

/* Who does not speak ECMA-48 would show the request. */
static void test_brackets_of_pastes(void **state)
{
	static const struct {
		const char *name;
		bool brackets;
	} rows[] = { { "xterm-256color", true },
		     { "tmux-256color", true },
		     { "linux", true },
		     { "vt100", true },
		     { "vt52", false } };
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct buf out = BUF_INIT(1 << 16);
		struct terminal *t;
		struct err e = ERR_INIT;
		assert_int_equal(terminal_open(&t, rows[i].name, &out, &e), 0);
		terminal_bracket_pastes(t, true);
		terminal_bracket_pastes(t, false);
		assert_int_equal(out.n, rows[i].brackets ? 16 : 0);
		assert_memory_equal(out.s, E "[?2004h" E "[?2004l", out.n);
		terminal_close(t);
		buf_done(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_screen_on_any_terminal),
		cmocka_unit_test(test_any_screen_on_own_terminals),
		cmocka_unit_test(test_letters_of_disputed_width),
		cmocka_unit_test(test_left_in_the_middle_of_a_frame),
		cmocka_unit_test(test_what_is_said),
		cmocka_unit_test(test_a_list_that_moves),
		cmocka_unit_test(test_unknown_terminals),
		cmocka_unit_test(test_brackets_of_pastes),
	};
	return cmocka_run_group_tests_name("redraw", tests, NULL, NULL);
}
