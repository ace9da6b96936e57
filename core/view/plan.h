/*
 * plan.h - what the engine answers, made safe for screens: a plan, and the log of a job. Nothing here is read from the cache:
 * a plan is of this moment, and of facts that were read for it.
 */
#pragma once

#include "core/view/view.h"

/* One request of a plan: what it does, its first line, its body as text. */
struct request_row {
	const char *what, *request, *body; /* what, body: "" none */
};
/* One input of a workflow: as its file declares it, and what would be sent. */
struct input_row {
	const char *name, *type, *fallback, *description;
	const char *value, *note; /* note: how file and profile differ, "" they do not */
	const char *const *options;
	int options_n;
	bool required, sent, fixed; /* fixed: made by the act itself, or not for the file to take */
};

/* What an act would do to a lane, of `what-if`. */
struct effect_row {
	const char *lane, *from, *to, *why; /* to "": only a reading will tell */
	int from_value, to_value;           /* enum lane_state; to_value -1 */
};

/* A plan as the engine answers it, made safe for screens: from the JSON of `plan ...`. */
struct plan_view {
	const char *plan_id, *act, *lane, *release, *sha, *verdict, *confirm, *made;
	const char *release_short;    /* a digest by its first digits */
	const char *age;              /* since it was made */
	struct request_row *requests; /* in the order in which they would leave */
	int requests_n;
	struct input_row *inputs;
	int inputs_n;
	const char *command; /* of an act that happens elsewhere, exactly; "" none */
	const char *undo;    /* how it is taken back, "" not said */
	struct effect_row *effects;
	int effects_n;
	struct check_row *checks;
	int checks_n;
	const char *const *changes; /* commits: "+ 77ab31c title  author  2d" */
	int changes_n;
	int64_t ahead, behind; /* -1 unknown */
	const char *back;      /* BACK line */
	const char *note;
	bool production, go;
};
int view_plan(struct plan_view *out, const struct json *result, struct when now, struct arena *a,
	      struct err *e) must_check;

/* Name of the step with this number in an answer of `log`; "" unknown. Numbers have gaps: what cleans up is counted apart. */
const char *view_step_name(const struct json *log, int64_t number, struct arena *a);
/* What an answer of `log` does not have of the log; "" when it is whole. */
const char *view_log_cut(const struct json *log);
