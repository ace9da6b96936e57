/*
 * frame.h - what surrounds every screen: header, message line, key line. Pure.
 *
 * The header always says how old the newest facts are, whether this console may act, what is left of the API budget and
 * that a drill is a drill. The key line shows what can be done in this place, whichever row the cursor is on.
 */
#pragma once

#include "core/view/view.h"
#include "tui/grid.h"

struct key_hint {
	const char *key, *what;
};

struct frame {
	const struct view_header *header; /* NULL: nothing was ever read */
	const char *place;                /* breadcrumb: LANES, RUN 35531727338 */
	const char *who;
	bool read_only;
	struct when now;
	const char *filter;  /* active filter, "" none */
	const char *engine;  /* words when the engine is not up, "" when it is */
	const char *message; /* newest word to the captain, "" none */
	enum role message_role;
	const char *prompt; /* ":" or "/" while something is typed, NULL otherwise */
	const char *typed;
	const struct key_hint *keys;
	int keys_n;
};

/* Draws the frame and returns the room for the screen. */
struct rect frame_draw(struct grid *g, const struct frame *f);
/* The header alone, over what stands there. */
void frame_header(struct grid *g, const struct frame *f);
/* True when the terminal is too small for any screen: one line was drawn instead. */
bool frame_tiny(struct grid *g, const struct frame *f);
enum role role_of_state(enum lane_state s);
enum role role_of_run(int status, int conclusion);
