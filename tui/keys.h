/*
 * keys.h - bytes from a terminal become key events; whatever is no key is dropped, never acted on.
 *
 * Printable UTF-8 is KEY_CHAR; escape sequences of xterm, vt and rxvt become named keys; unknown ones are swallowed whole.
 * A bracketed paste becomes one KEY_PASTE event that carries no text: nothing in the console takes pasted text but its
 * prompts and the form, and they get it as KEY_CHAR events flagged `pasted`. Of those the end of a line is a "\n", and
 * never an Enter. Ctrl-c alone in a read ends a paste whose end was lost. A lone ESC is known to be one only when nothing
 * follows: keys_flush() after KEYS_ESC_MS says so. `burst` is how many bytes came in the same read: a person types
 * few at once, so a confirm field can refuse what arrives like a paste without brackets.
 */
#pragma once

#include "base/base.h"

#define KEYS_ESC_MS 25

enum key_code {
	KEY_NOTHING,
	KEY_CHAR,
	KEY_ESC,
	KEY_ENTER,
	KEY_TAB,
	KEY_BACKSPACE,
	KEY_UP_ARROW,
	KEY_DOWN_ARROW,
	KEY_LEFT_ARROW,
	KEY_RIGHT_ARROW,
	KEY_HOME_,
	KEY_END_,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_DELETE,
	KEY_CTRL, /* ch: the letter, lower case */
	KEY_PASTE,
};

struct key_event {
	enum key_code code;
	char text[8]; /* KEY_CHAR: the character; KEY_CTRL: the letter */
	bool pasted;
	size_t burst;
};

struct keys {
	char pending[64];
	size_t n;
	bool pasting;
	bool in_string; /* OSC, DCS and friends: until BEL, ST or a pause */
	size_t burst;
};

typedef void (*key_fn)(void *ctx, const struct key_event *ev);

void keys_init(struct keys *k);
void keys_feed(struct keys *k, const char *bytes, size_t n, key_fn fn, void *ctx);
/* True while a beginning of something waits: arm a timer of KEYS_ESC_MS. */
bool keys_waiting(const struct keys *k);
void keys_flush(struct keys *k, key_fn fn, void *ctx);
/* "D", "Ctrl-r", "Enter", "Esc", "." as the command table writes keys. */
const char *key_name(const struct key_event *ev, char out[16]);
