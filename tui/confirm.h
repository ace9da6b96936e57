/*
 * confirm.h - the field where an act is confirmed: typed, exactly, by a person, in time. Pure; time is handed in.
 *
 * Nothing counts during the arming delay (700 ms, the command-line reference) and what was typed ahead is thrown away;
 * Enter counts only when the whole phrase stands there; a paste, bracketed or not (four or more characters in one read or
 * within 8 ms: no finger does that), empties the field and says so; when the dialog does not fit the screen, Enter does
 * nothing. After 60 s from its opening the plan is void, whatever was typed or scrolled meanwhile. The field then stays
 * and swallows what is still being typed, which would otherwise be keys of the screen below: one Enter plans again, Esc
 * leaves. The default is leaving.
 */
#pragma once

#include "base/when.h"
#include "tui/keys.h"

#define CONFIRM_ARMING_MS   700
#define CONFIRM_TIMEOUT_MS  60000
#define CONFIRM_PASTE_BYTES 4
#define CONFIRM_PASTE_MS    8
#define CONFIRM_MAX         200

enum confirm_outcome { CONFIRM_OPEN, CONFIRM_COMMIT, CONFIRM_LEAVE, CONFIRM_AGAIN };

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
/* w with nothing typed, unless the phrase begins with it, and Ctrl-w always: the plan's other face, and no part of it. */
bool confirm_asks_why(const struct confirm *c, const struct key_event *ev, msec now);
const char *confirm_why_key(const struct confirm *c);
enum confirm_outcome confirm_key(struct confirm *c, const struct key_event *ev, msec now);
/* Milliseconds until the plan is void; <= 0: it is. */
msec confirm_left(const struct confirm *c, msec now);
/* From 60 s after its opening nothing confirms it any more. */
bool confirm_void(const struct confirm *c, msec now);
bool confirm_armed(const struct confirm *c, msec now);
