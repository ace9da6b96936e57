#include "tui/confirm.h"

#include <stdio.h>
#include <string.h>

void confirm_open(struct confirm *c, const char *phrase, msec now)
{
	*c = (struct confirm){ .opened = now, .fits = true, .hint = "" };
	snprintf(c->phrase, sizeof(c->phrase), "%s", phrase);
}

bool confirm_armed(const struct confirm *c, msec now)
{
	return now - c->opened >= CONFIRM_ARMING_MS;
}

msec confirm_left(const struct confirm *c, msec now)
{
	return c->opened + CONFIRM_TIMEOUT_MS - now;
}

bool confirm_void(const struct confirm *c, msec now)
{
	return confirm_left(c, now) <= 0;
}

static void empty(struct confirm *c, const char *why)
{
	c->typed[0] = 0;
	c->n = 0;
	c->hint = why;
}

/* Too many characters at once for fingers; also when a slow line cut a paste into single bytes. */
static bool too_fast(struct confirm *c, msec now)
{
	memmove(c->came + 1, c->came, sizeof(c->came) - sizeof(c->came[0]));
	c->came[0] = now;
	msec oldest = c->came[CONFIRM_PASTE_BYTES - 1];
	return oldest && now - oldest < CONFIRM_PASTE_MS;
}

static void add(struct confirm *c, const struct key_event *ev, msec now)
{
	size_t len = strlen(ev->text);
	if (too_fast(c, now) || ev->pasted || ev->burst >= CONFIRM_PASTE_BYTES) {
		empty(c, "pasted text does not confirm: type it");
		return;
	}
	if (c->n + len < sizeof(c->typed)) {
		memcpy(c->typed + c->n, ev->text, len + 1);
		c->n += len;
	}
	c->hint = "";
}

static void backspace(struct confirm *c)
{
	while (c->n && ((unsigned char)c->typed[c->n - 1] & 0xc0) == 0x80)
		c->n--;
	if (c->n)
		c->n--;
	c->typed[c->n] = 0;
}

static enum confirm_outcome enter(struct confirm *c, const struct key_event *ev)
{
	if (!c->n)
		c->hint = "Enter alone sends nothing: type the phrase";
	else if (strcmp(c->typed, c->phrase) != 0)
		c->hint = "that is not the phrase; nothing was sent";
	else if (!c->fits)
		c->hint = "not all of this dialog is on the screen: make it larger, or wait";
	else if (ev->burst > 1)
		empty(c, "too fast for a person: type it again");
	else
		return CONFIRM_COMMIT;
	return CONFIRM_OPEN;
}

const char *confirm_why_key(const struct confirm *c)
{
	return c->n || c->phrase[0] == 'w' ? "Ctrl-w" : "w";
}

bool confirm_asks_why(const struct confirm *c, const struct key_event *ev, msec now)
{
	if (ev->pasted || ev->burst > 1 || !confirm_armed(c, now) || confirm_void(c, now))
		return false;
	if (ev->code == KEY_CTRL && !strcmp(ev->text, "w"))
		return true;
	return ev->code == KEY_CHAR && !strcmp(ev->text, "w") && !c->n && c->phrase[0] != 'w';
}

enum confirm_outcome confirm_key(struct confirm *c, const struct key_event *ev, msec now)
{
	if (ev->code == KEY_ESC || (ev->code == KEY_CTRL && ev->text[0] == 'c'))
		return CONFIRM_LEAVE;
	if (confirm_void(c, now)) {
		empty(c, "");
		return ev->code == KEY_ENTER && !ev->pasted && ev->burst <= 1 ? CONFIRM_AGAIN : CONFIRM_OPEN;
	}
	if (!confirm_armed(c, now)) {
		empty(c, "");
		return CONFIRM_OPEN;
	}
	if (ev->code == KEY_PASTE)
		empty(c, "pasted text does not confirm: type it");
	else if (ev->code == KEY_CHAR)
		add(c, ev, now);
	else if (ev->code == KEY_BACKSPACE)
		backspace(c);
	else if (ev->code == KEY_ENTER)
		return enter(c, ev);
	return CONFIRM_OPEN;
}
