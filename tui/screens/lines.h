/* lines.h - lines of sheets: wrapped where they are made, drawn as they stand. Inside tui/screens only. */
#pragma once

#include "tui/screens/screens.h"

struct line *line_add(struct lines *out, enum role role, const char *text, struct arena *a);
/* A rule with a title over the whole width. */
void line_rule(struct lines *out, const char *title, struct arena *a);
/* Steps of a verification: of those that failed what was expected and found, and a line each. */
struct proof_step_row;
void sheet_failures(struct lines *out, const struct proof_step_row *steps, int n, int cols, struct arena *a);
void sheet_step(struct lines *out, const struct proof_step_row *s, int cols, struct arena *a);
void line_wrap(struct lines *out, enum role role, int indent, const char *text, int cols, struct arena *a);
/* A marked line whose text goes on below itself, not below the mark. */
struct line *line_marked(struct lines *out, int indent, const char *mark, enum role mark_role, enum role role,
			 const char *text, int cols, struct arena *a);
