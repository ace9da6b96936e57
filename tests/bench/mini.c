/*
 * mini.c - the least that an ncurses program with such a table costs: the "ncurses limit" of the bars. Twenty columns'
 * worth of made-up rows, a marker at the cursor, a header and a key line. It reads nothing, knows nothing, and drains
 * its input before it paints. "mini clock" shows the time beside it, and does nothing else each minute: the least that an
 * ncurses program costs which idles with a clock on its screen.
 */
#include <curses.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROWS 200

static int top, cursor;
static bool clocked;

static void draw_clock(void)
{
	time_t now = time(NULL);

	mvprintw(0, 72, "%02d:%02dZ", (int)(now / 3600 % 24), (int)(now / 60 % 60));
}

/* Milliseconds until the minute is over. */
static int until_minute(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int)(60 - now.tv_sec % 60) * 1000 - (int)(now.tv_nsec / 1000000);
}

static void draw_row(int line, int i)
{
	static const char *const words[] = { "success", "failure", "success", "cancelled" };
	char text[512];

	snprintf(text, sizeof(text),
		 "%c %s %-11d %-14s %-12s %4dm   %2d:%02d  Say which measurement was expected %d",
		 i == cursor ? '*' : ' ', i % 7 ? " " : "!", 355317 + i,
		 i % 3 ? "easy/staging" : "theory/dev", words[i % 4], i * 3, i % 9, i % 60, i);
	mvaddnstr(line, 0, text, COLS);
	clrtoeol();
}

static void draw(void)
{
	int page = LINES - 3;

	if (cursor < top)
		top = cursor;
	if (cursor >= top + page)
		top = cursor - page + 1;
	attron(A_BOLD);
	mvaddstr(0, 0, " RUNS                                      RW ana  age <1m  api 4992");
	if (clocked)
		draw_clock();
	attroff(A_BOLD);
	attron(A_DIM);
	mvaddstr(1, 0, "    RUN         LANE           RESULT        AGE    TOOK  TITLE");
	attroff(A_DIM);
	for (int i = 0; i < page; i++)
		draw_row(2 + i, top + i);
	mvaddstr(LINES - 1, 0, " Enter open  1 2 3 7 screens  w why  / filter  : command  ? help  q quit");
	clrtoeol();
	refresh();
}

/* False: leave. */
static bool take_key(int c)
{
	if (c == 'j' && cursor < ROWS - 1)
		cursor++;
	if (c == 'k' && cursor > 0)
		cursor--;
	return c != 'q';
}

/* A minute went by. */
static void tick(void)
{
	attron(A_BOLD);
	draw_clock();
	attroff(A_BOLD);
	refresh();
}

int main(int argc, char **argv)
{
	struct pollfd in = { 0, POLLIN, 0 };
	bool on = true;
	int c, r;

	clocked = argc > 1 && !strcmp(argv[1], "clock");
	setlocale(LC_ALL, "");
	initscr();
	start_color();
	use_default_colors();
	cbreak();
	noecho();
	curs_set(0);
	nodelay(stdscr, TRUE);
	idlok(stdscr, TRUE);
	draw();
	while (on && (r = poll(&in, 1, clocked ? until_minute() : -1)) >= 0 && !(in.revents & POLLHUP)) {
		if (!r) {
			tick();
			continue;
		}
		while (on && (c = getch()) != ERR)
			on = take_key(c);
		draw();
	}
	endwin();
	return 0;
}
