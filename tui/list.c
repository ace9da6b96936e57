#include "tui/list.h"

#include <stdio.h>
#include <string.h>

static void remember(struct list *l, const void *rows, int n, list_id id)
{
	char text[160];
	if (n == 0) {
		l->cursor = 0;
		return;
	}
	if (l->cursor >= n)
		l->cursor = n - 1;
	if (l->cursor < 0)
		l->cursor = 0;
	snprintf(l->id, sizeof(l->id), "%s", id(rows, l->cursor, text));
}

void list_follow(struct list *l, const void *rows, int n, list_id id)
{
	char text[160];
	l->measured = false;
	for (int i = 0; l->id[0] && i < n; i++)
		if (!strcmp(id(rows, i, text), l->id)) {
			l->cursor = i;
			return;
		}
	remember(l, rows, n, id);
}

void list_move(struct list *l, int by, const void *rows, int n, list_id id)
{
	int64_t to = (int64_t)l->cursor + by;
	l->moved = true;
	l->cursor = to < 0 ? 0 : to >= n ? n - 1 : (int)to;
	remember(l, rows, n, id);
}

int list_scroll(struct list *l, int n, int height)
{
	if (height < 1)
		height = 1;
	if (l->cursor < l->top)
		l->top = l->cursor;
	if (l->cursor >= l->top + height)
		l->top = l->cursor - height + 1;
	if (l->top > n - height)
		l->top = n - height;
	if (l->top < 0)
		l->top = 0;
	return l->top;
}
