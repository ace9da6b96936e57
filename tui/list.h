/*
 * list.h - a cursor over rows that may move under it: the selection follows the item, not the row.
 */
#pragma once

#include "base/base.h"

#define LIST_COLUMNS 12

struct list {
	char id[160];           /* of the selected item, "" none */
	bool moved;             /* by a person: until then a screen may choose what the cursor is on */
	int cursor;             /* its row now */
	int top;                /* first row shown */
	bool measured;          /* until the rows change */
	int want[LIST_COLUMNS]; /* how wide each column would like to be: of table.c, which measured it */
};

typedef const char *(*list_id)(const void *rows, int i, char out[160]);

/* After the rows changed: finds the item again, or stays near where it was. */
void list_follow(struct list *l, const void *rows, int n, list_id id);
void list_move(struct list *l, int by, const void *rows, int n, list_id id);
/* Scrolls so that the cursor is within `height` rows; returns the first row to draw. */
int list_scroll(struct list *l, int n, int height);
