/*
 * wall.h - the wall's screen: what a person four metres away needs, and nothing else. Pure.
 *
 * FAIL, WAIT and UNKN rows come first, in capitals, with whom to talk to; then what runs; lanes that are OK share lines.
 * When there is no room for all, the rows after the failures turn pages; failures never do. A feed that stopped is not a
 * small mark: the whole screen is reversed and says how old it is and what starts it again.
 */
#pragma once

#include "core/view/alarms.h"
#include "core/view/journal.h"
#include "core/view/proof.h"
#include "core/view/view.h"
#include "tui/grid.h"

#define WALL_ACTS 3 /* last acts shown: experience reference 1.6 */

struct wall_view {
	const struct view_header *header; /* NULL: there is no cache */
	const struct lane_rows *lanes;
	const struct gate_rows *gates;
	const struct intent_rows *acts;
	const struct freeze_rows *freezes; /* said below the head: which line is stopped, */
	const struct alarm_rows *alarms;   /* what should have happened and did not: before all lanes */
	const struct drift_rows *drift;    /* and whether what runs is what was declared */
	const struct proof_rows *proofs;   /* the worst, how many of what, and the age of the oldest */
	struct when now;
	int page;            /* counts page turns; taken modulo the pages there are */
	int shift;           /* cells to the right, against burn-in: 0 or 1 */
	const char *trouble; /* why the cache cannot be read, "" */
};

/* Borrows arena a for lines of its own. Returns the number of pages there are. */
int screen_wall(struct grid *g, const struct wall_view *v, struct arena *a);
/* Rows that hold everything on one page. */
int wall_rows(const struct wall_view *v, int cols, struct arena *a);
