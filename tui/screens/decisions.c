#include "tui/screens/screens.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "core/model/evidence.h"

#define VERDICT_CELLS 8

static const struct {
	const char *word;
	enum role role;
} verdicts[] = {
	[DECISION_UNKNOWN] = { "unknown", ROLE_UNKN },
	[DECISION_YES] = { "YES", ROLE_OK },
	[DECISION_NO] = { "NO", ROLE_FAIL },
	[DECISION_NA] = { "n/a", ROLE_DIM },
};

static size_t verdict_of(const struct decision_row *d)
{
	return (size_t)d->verdict_value < countof(verdicts) ? (size_t)d->verdict_value : DECISION_UNKNOWN;
}

/* What the run wrote, where it is not the verdict itself. */
static bool says_more(const struct decision_row *d)
{
	return *d->word && strcasecmp(d->word, verdicts[verdict_of(d)].word) != 0;
}

static void said(const struct decision_row *d, char *out, size_t n)
{
	bool quoted = says_more(d);
	snprintf(out, n, "%s%s%s%s%s%s%s", quoted ? "\"" : "", quoted ? d->word : "", quoted ? "\" " : "",
		 d->reasons, *d->reasons && *d->detail ? "; " : "", d->detail,
		 quoted || *d->reasons || *d->detail ? "  " : "");
}

static void draw_row(struct grid *g, struct rect r, int row, int names, const struct decision_row *d)
{
	char text[1024], from[512];
	struct arena a = ARENA_INIT;
	int col = r.col + 2, end = r.col + r.cols - 1;
	grid_put(g, row, col, VERDICT_CELLS, verdicts[verdict_of(d)].role, verdicts[verdict_of(d)].word);
	col += VERDICT_CELLS;
	grid_put(g, row, col, names, ROLE_TITLE, text_cut_middle(&a, d->name, names));
	col += names + 2;
	said(d, text, sizeof(text));
	snprintf(from, sizeof(from), "%s, %s old", d->source, d->age);
	if (end > col)
		col += grid_put(g, row, col, -1, ROLE_TEXT, text_cut(&a, text, end - col));
	if (end > col + 12)
		grid_put(g, row, col, -1, ROLE_DIM, text_cut(&a, from, end - col));
	arena_done(&a);
}

static int name_cells(const struct run_view *v, int cols)
{
	int widest = 0, most = cols / 4;
	for (int i = 0; i < v->decisions_n; i++)
		if (text_width(v->decisions[i].name) > widest)
			widest = text_width(v->decisions[i].name);
	return widest < most ? widest : most;
}

/* Where not all fit, what is not yes is what one must see. */
static const int strip_order[] = { DECISION_NO, DECISION_UNKNOWN, DECISION_YES, DECISION_NA };

int strip_decisions(struct grid *g, struct rect r, const struct run_view *v)
{
	char title[64] = "decisions";
	int n = v->decisions_n, most = r.rows - 1;
	if (!n || most < 1 || r.cols < 30)
		return 0;
	if (n > most)
		snprintf(title, sizeof(title), "decisions, %d of %d; a wider screen shows all", most, n);
	grid_rule(g, r.row, r.col, r.cols, title);
	int names = name_cells(v, r.cols), row = 0;
	for (size_t k = 0; k < countof(strip_order); k++)
		for (int i = 0; i < n && row < most; i++)
			if (verdict_of(&v->decisions[i]) == (size_t)strip_order[k])
				draw_row(g, r, r.row + 1 + row++, names, &v->decisions[i]);
	return 1 + (n < most ? n : most);
}

static int draw_whole(struct grid *g, struct rect r, int row, const struct decision_row *d)
{
	char text[1024];
	int start = row, end = r.row + r.rows, width = r.cols - 4;
	int col = r.col + 1 +
		  grid_put(g, row, r.col + 1, VERDICT_CELLS, verdicts[verdict_of(d)].role,
			   verdicts[verdict_of(d)].word);
	grid_put(g, row++, col + 1, r.cols - (col + 1 - r.col) - 1, ROLE_TITLE, d->name);
	said(d, text, sizeof(text));
	if (row < end)
		row += grid_wrap(g, row, r.col + 3, width, end - row, ROLE_TEXT, text);
	snprintf(text, sizeof(text), "%s, read %s ago", d->source, d->age);
	if (row < end)
		row += grid_wrap(g, row, r.col + 3, width, end - row, ROLE_DIM, text);
	return row - start;
}

void pane_decisions(struct grid *g, struct rect r, const struct run_view *v)
{
	char more[48];
	int row = r.row + 1, i = 0;
	grid_rule(g, r.row, r.col, r.cols, "decisions");
	if (!v->decisions_n)
		grid_wrap(g, row, r.col + 1, r.cols - 2, r.rows - 1, ROLE_DIM,
			  "None is known: this run wrote nothing down that the profile names, or it was not "
			  "read yet. The colours of jobs prove nothing.");
	for (; i < v->decisions_n && row + 1 < r.row + r.rows; i++)
		row += draw_whole(g, r, row, &v->decisions[i]);
	snprintf(more, sizeof(more), "%d more", v->decisions_n - i);
	if (i < v->decisions_n)
		grid_put(g, r.row + r.rows - 1, r.col + 1, r.cols - 2, ROLE_STALE, more);
}
