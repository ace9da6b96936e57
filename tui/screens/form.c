#include "tui/screens/screens.h"

#include <stdio.h>

#include "base/text.h"
#include "tui/form.h"
#include "tui/screens/table.h"

#define PANE_ROWS 6

static int widest_name(const struct form *f, int most)
{
	int widest = 0;
	for (int i = 0; i < f->n; i++)
		if (text_width(f->fields[i].in.name) > widest)
			widest = text_width(f->fields[i].in.name);
	return widest < most ? widest : most;
}

static void draw_value(struct grid *g, int row, int col, int width, const struct form *f, int i,
		       struct arena *a)
{
	const struct form_field *x = &f->fields[i];
	bool here = i == f->at, choice = x->in.options_n > 0;
	enum role role = x->fixed                ? ROLE_DIM
			 : here                  ? ROLE_INPUT
			 : form_is_changed(f, i) ? ROLE_WAIT
						 : ROLE_TEXT;
	const char *value = x->fixed ? x->in.value : x->value;
	const char *words = choice && here ? arena_printf(a, "< %s >", value)
			    : here         ? arena_printf(a, "%s_", value)
			    : *value       ? value
					   : "-";
	/* while it is typed, its end is what one must see */
	while (here && !choice && text_width(words) > width && *words)
		words += text_next(words, strlen(words), &(uint32_t){ 0 }, &(int){ 0 });
	grid_put(g, row, col, width, role, text_cut(a, words, width));
}

static void draw_field(struct grid *g, struct rect r, int row, const struct form *f, int i, int names)
{
	struct arena a = ARENA_INIT;
	const struct form_field *x = &f->fields[i];
	int col = r.col + 2 + names + 2, end = r.col + r.cols - 1;
	const char *words = input_words(&x->in, &a);
	int right = text_width(words), room = end - col - right - 2;
	table_marker(g, row, r.col, i == f->at);
	grid_put(g, row, r.col + 2, names, x->fixed ? ROLE_DIM : ROLE_TITLE,
		 text_cut_middle(&a, x->in.name, names));
	if (room >= 20)
		grid_put_right(g, row, r.col, r.cols - 1, ROLE_DIM, words);
	draw_value(g, row, col, room >= 20 ? room : end - col, f, i, &a);
	arena_done(&a);
}

static void draw_pane(struct grid *g, struct rect r, const struct form *f)
{
	struct arena a = ARENA_INIT;
	const struct form_field *x = &f->fields[f->at];
	int row = r.row, end = r.row + r.rows;
	struct buf options = BUF_INIT(4096);
	for (int i = 0; i < x->in.options_n; i++)
		buf_fmt(&options, "%s%s", i ? ", " : "one of ", x->in.options[i]);
	const struct {
		enum role role;
		const char *text;
	} lines[] = {
		{ ROLE_TEXT, x->in.description },
		{ ROLE_DIM, options.n ? options.s : "" },
		{ ROLE_DIM,
		  form_is_changed(f, f->at)
			  ? arena_printf(&a, "was planned as \"%s\"; Delete puts that back", x->in.value)
			  : "" },
		{ ROLE_WAIT, x->in.note },
		{ ROLE_WAIT, f->hint },
	};
	grid_rule(g, row++, r.col, r.cols, arena_printf(&a, "%s: %s", x->in.name, input_words(&x->in, &a)));
	for (size_t i = 0; i < countof(lines) && row < end; i++)
		row += grid_wrap(g, row, r.col + 1, r.cols - 2, end - row, lines[i].role, lines[i].text);
	buf_done(&options);
	arena_done(&a);
}

void screen_form(struct grid *g, struct rect r, const struct form *f)
{
	int pane = r.rows >= 12 ? PANE_ROWS : 0, rows = r.rows - 1 - pane;
	grid_put(g, r.row, r.col + 1, r.cols - 2, ROLE_TITLE, f->title);
	if (!f->n) {
		screen_empty(g, r, "This act has no inputs.");
		return;
	}
	int names = widest_name(f, r.cols / 3), top = f->at >= rows ? f->at - rows + 1 : 0;
	for (int i = 0; i < rows && top + i < f->n; i++)
		draw_field(g, r, r.row + 1 + i, f, top + i, names);
	if (pane)
		draw_pane(g, (struct rect){ r.row + r.rows - pane, r.col, pane, r.cols }, f);
}
