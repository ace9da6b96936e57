/*
 * confirm.h - the field where an act is confirmed: typed, exactly, by a person, in time. Pure; time is handed in.
 *
 * Nothing counts during the arming delay (700 ms, the command-line reference) and what was typed ahead is thrown away;
 * Enter counts only when the whole phrase stands there; a paste, bracketed or not (four or more characters in one read or
 * within 8 ms: no finger does that), empties the field and says so; after 60 s, or when the dialog does not fit the screen any more,
 * it closes and nothing was sent. The default is leaving.
 */
#pragma once

#include "base/when.h"
#include "tui/keys.h"

#define CONFIRM_ARMING_MS   700
#define CONFIRM_TIMEOUT_MS  60000
#define CONFIRM_PASTE_BYTES 4
#define CONFIRM_PASTE_MS    8
#define CONFIRM_MAX         200

enum confirm_outcome { CONFIRM_OPEN, CONFIRM_COMMIT, CONFIRM_LEAVE };

struct confirm {
	char phrase[CONFIRM_MAX];
	char typed[CONFIRM_MAX];
	size_t n;
	msec opened;
	msec came[CONFIRM_PASTE_BYTES]; /* when the last characters came, newest first */
	bool fits;                      /* the dialog's text is wholly visible: set at every draw */
	const char *hint;               /* why the last key did nothing, "" */
};

void confirm_open(struct confirm *c, const char *phrase, msec now);
enum confirm_outcome confirm_key(struct confirm *c, const struct key_event *ev, msec now);
/* Milliseconds until it closes by itself; <= 0: it is over. */
msec confirm_left(const struct confirm *c, msec now);
bool confirm_armed(const struct confirm *c, msec now);
