#include "tui/app.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define TYPED_WHOLE (TYPED_MAX - 6) /* what is longer may have been cut, by as much as one character */

void prompt_open(struct app *app, enum prompt_kind kind, const char *text)
{
	app->prompt = kind;
	app->history_at = app->history_n;
	snprintf(app->typed, sizeof(app->typed), "%s", text);
	app->must_draw = true;
}

static void close_prompt(struct app *app)
{
	app->prompt = PROMPT_NONE;
	app->typed[0] = 0;
}

static void remember(struct app *app, const char *line)
{
	if (!*line || (app->history_n && !strcmp(app->history[app->history_n - 1], line)))
		return;
	if (app->history_n == HISTORY_MAX) {
		memmove(app->history[0], app->history[1], sizeof(app->history) - sizeof(app->history[0]));
		app->history_n--;
	}
	snprintf(app->history[app->history_n++], TYPED_MAX, "%s", line);
}

static void recall(struct app *app, int by)
{
	int at = app->history_at + by;
	if (app->prompt != PROMPT_COMMAND || at < 0 || at > app->history_n)
		return;
	app->history_at = at;
	snprintf(app->typed, sizeof(app->typed), "%s", at < app->history_n ? app->history[at] : "");
}

/* Tab: completes the last word as far as all candidates agree; several are listed. */
static void complete(struct app *app)
{
	struct arena a = ARENA_INIT;
	struct words lanes = { 0 }, releases = { 0 }, found = { 0 };
	vec_each (l, &app->shown.lanes) {
		*vec_push(&lanes, &a) = l->name;
		if (*l->next)
			*vec_push(&releases, &a) = l->next;
		if (*l->live)
			*vec_push(&releases, &a) = l->live;
	}
	command_complete(app->typed, &lanes, &releases, &found, &a);
	if (found.n == 0) {
		arena_done(&a);
		return;
	}
	size_t same = strlen(found.items[0]);
	struct buf all = BUF_INIT(300);
	vec_each (w, &found) {
		size_t n = 0;
		while (n < same && (*w)[n] == found.items[0][n])
			n++;
		same = n;
		buf_fmt(&all, "%s  ", *w);
	}
	const char *blank = strrchr(app->typed, ' ');
	size_t keep = blank ? (size_t)(blank - app->typed) + 1 : 0;
	snprintf(app->typed + keep, sizeof(app->typed) - keep, "%.*s%s", (int)same, found.items[0],
		 found.n == 1 ? " " : "");
	if (found.n > 1)
		app_say(app, ROLE_DIM, "%s", all.s);
	buf_done(&all);
	arena_done(&a);
}

/* The reason completes a line that waits for it. Of a review it is the comment as well; the journal keeps reasons only. */
static void with_reason(struct app *app, const char *reason)
{
	char line[TYPED_MAX * 6];
	struct buf quoted = BUF_INIT(TYPED_MAX * 4 + 4); /* were it apostrophes alone */
	if (!*reason && !text_starts(app->pending_line, "approve")) {
		app_say(app, ROLE_WAIT, "%s",
			text_starts(app->pending_line, "note ")
				? "nothing was noted"
				: "this act needs a reason; nothing was sent");
		return;
	}
	command_quote(&quoted, *reason ? reason : "approved");
	if (text_starts(app->pending_line, "note ")) { /* no act, and its words are all of it */
		snprintf(line, sizeof(line), "%s %s", app->pending_line, quoted.s);
		buf_done(&quoted);
		act_ask(app, line);
		return;
	}
	snprintf(line, sizeof(line), "%s %s %s", app->pending_line, *reason ? "--reason" : "--comment",
		 quoted.s);
	buf_done(&quoted);
	act_plan(app, line);
}

static void enter(struct app *app)
{
	char typed[TYPED_MAX];
	enum prompt_kind kind = app->prompt;
	snprintf(typed, sizeof(typed), "%s", app->typed);
	close_prompt(app);
	if (kind != PROMPT_FILTER && strlen(typed) > TYPED_WHOLE) {
		app_say(app, ROLE_WAIT,
			"that was too long, and its end is missing: at most %d bytes; nothing was done",
			TYPED_WHOLE);
	} else if (kind == PROMPT_FILTER) {
		snprintf(app->filter, sizeof(app->filter), "%.*s", (int)sizeof(app->filter) - 1, typed);
		app->must_load = app->other_rows = true;
	} else if (kind == PROMPT_REASON) {
		with_reason(app, typed);
	} else if (*typed) {
		remember(app, typed);
		app_line(app, typed);
	}
}

static void backspace(struct app *app)
{
	size_t n = strlen(app->typed);
	while (n && ((unsigned char)app->typed[n - 1] & 0xc0) == 0x80)
		n--;
	if (n)
		app->typed[n - 1] = 0;
	else
		close_prompt(app);
}

static void type(struct app *app, const struct key_event *ev)
{
	const char *text = ev->text;
	size_t n = strlen(app->typed);
	if (*text == '\n') /* the words of two lines stay two */
		text = app->prompt == PROMPT_REASON && n && app->typed[n - 1] != ' ' ? " " : "";
	if (ev->pasted && app->prompt == PROMPT_COMMAND) {
		app_say(app, ROLE_DIM, "pasted text is no command: type it");
		return;
	}
	if (n + strlen(text) + 1 < sizeof(app->typed))
		memcpy(app->typed + n, text, strlen(text) + 1);
}

void prompt_key(struct app *app, const struct key_event *ev)
{
	char key[16];
	key_name(ev, key);
	if (ev->code == KEY_CHAR)
		type(app, ev);
	else if (ev->code == KEY_ENTER)
		enter(app);
	else if (ev->code == KEY_BACKSPACE)
		backspace(app);
	else if (ev->code == KEY_TAB && app->prompt == PROMPT_COMMAND)
		complete(app);
	else if (ev->code == KEY_UP_ARROW)
		recall(app, -1);
	else if (ev->code == KEY_DOWN_ARROW)
		recall(app, 1);
	else if (!strcmp(key, "Ctrl-u"))
		app->typed[0] = 0;
	else if (ev->code == KEY_ESC || !strcmp(key, "Ctrl-c"))
		close_prompt(app);
}
