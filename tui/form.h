/*
 * form.h - the inputs of a planned act, to be changed before it is planned again. Pure, and never a way to send: all that
 * comes out of it is a command line, and what that line does is asked for in a plan of its own.
 *
 * A field is what the workflow file at the ref declares. Up, Down and Tab go from field to field; Left and Right go
 * through the choices of one that has them; anything else is typed. The nonce, the release and what the file does not
 * declare are shown and stay as they are. Text may be pasted; the end of a line in it does nothing.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "core/view/plan.h"
#include "tui/keys.h"

#define FORM_FIELDS 32  /* a workflow takes 25 (command.h); more rows are of a file that the forge refuses */
#define FORM_VALUE  512 /* bytes of a value that can be typed here; a longer one stays as it is */

enum form_outcome { FORM_OPEN, FORM_PLAN, FORM_LEAVE };

struct form_field {
	struct input_row in;
	char value[FORM_VALUE];
	bool fixed;
};

struct form {
	struct arena arena; /* rows and words */
	struct form_field fields[FORM_FIELDS];
	int n, at;
	const char *hint;         /* why the last key did nothing, "" */
	const char *title;        /* of the act */
	const char *const *words; /* of the act's command line, without globals */
	int words_n;
};

/* Copies what it takes of the plan, and the words of its command line. */
void form_open(struct form *f, const struct plan_view *p, const char *const *words, int words_n);
void form_done(struct form *f);
enum form_outcome form_key(struct form *f, const struct key_event *ev);
bool form_is_changed(const struct form *f, int field);
/* The command line with the values that were changed as its --input options, and the others as they were. */
void form_line(const struct form *f, struct buf *out);
