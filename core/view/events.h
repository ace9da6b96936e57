/* events.h - what the engine says in plain lines: a change an event, and one line of trouble, the banner. */
#pragma once

#include "base/arena.h"

/* What the banner says where there is no trouble: nothing is wrong, and facts are older than they would be. */
#define FOLLOWS_WORDS "another engine of yours polls this forge: this one asks a quarter as often"

/* What an event says, safe, with commits cut to seven digits and digests to twelve, as in every column. */
const char *view_event_words(struct arena *a, const char *text);
