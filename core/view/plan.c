#include "core/view/plan.h"

#include <string.h>

#include "base/text.h"
#include "core/view/words.h"

static struct when when_of(const struct json *j, const char *key)
{
	struct when t = WHEN_NONE;
	const char *s = json_str(j, key);
	if (s && when_parse(&t, s) < 0)
		return WHEN_NONE;
	return t;
}

static const char *text_of(const struct json *j, const char *key, struct arena *a)
{
	return view_safe(a, json_str(j, key));
}

static void read_checks(struct plan_view *out, const struct json *list, struct when now, struct arena *a)
{
	size_t n = json_size(list);
	out->checks = arena_array(a, struct check_row, n ? n : 1);
	for (size_t i = 0; i < n; i++) {
		const struct json *c = json_at(list, i);
		out->checks[out->checks_n++] = (struct check_row){
			.name = text_of(c, "name", a),
			.detail = text_of(c, "detail", a),
			.fix = text_of(c, "fix", a),
			.source = text_of(c, "source", a),
			.age = view_age(a, when_of(c, "at"), now),
			.status = (enum verdict)names_value(&verdict_names, json_str(c, "status")),
		};
	}
}

static void read_effects(struct plan_view *out, const struct json *list, struct arena *a)
{
	size_t n = json_size(list);
	out->effects = arena_array(a, struct effect_row, n ? n : 1);
	for (size_t i = 0; i < n; i++) {
		const struct json *f = json_at(list, i);
		const char *to = json_str(f, "to");
		out->effects[out->effects_n++] = (struct effect_row){
			.lane = text_of(f, "lane", a),
			.from = text_of(f, "from", a),
			.to = text_of(f, "to", a),
			.why = text_of(f, "why", a),
			.from_value = names_value(&lane_state_names, json_str(f, "from")),
			.to_value = to ? names_value(&lane_state_names, to) : -1,
		};
	}
}

static const char *body_text(const struct json *body, struct arena *a)
{
	autofree(buf) struct buf text = BUF_INIT(65536);
	if (json_type(body) == JSON_STRING)
		buf_str(&text, json_str(body, ""));
	else if (body && json_type(body) != JSON_NULL)
		json_dump(&text, body);
	return view_safe(a, text.n ? text.s : "");
}

static void read_requests(struct plan_view *out, const struct json *list, struct arena *a)
{
	size_t n = json_size(list);
	out->requests = arena_array(a, struct request_row, n ? n : 1);
	for (size_t i = 0; i < n; i++) {
		const struct json *r = json_at(list, i);
		out->requests[out->requests_n++] = (struct request_row){
			.what = text_of(r, "what", a),
			.request = text_of(r, "request", a),
			.body = body_text(json_get(r, "body"), a),
		};
	}
}

static void read_options(struct input_row *row, const struct json *list, struct arena *a)
{
	size_t n = json_size(list);
	const char **options = arena_array(a, const char *, n + 1);
	for (size_t i = 0; i < n; i++)
		options[row->options_n++] = view_safe(a, json_str(json_at(list, i), ""));
	row->options = options;
}

static void read_inputs(struct plan_view *out, const struct json *list, struct arena *a)
{
	size_t n = json_size(list);
	out->inputs = arena_array(a, struct input_row, n ? n : 1);
	for (size_t i = 0; i < n; i++) {
		const struct json *in = json_at(list, i);
		struct input_row *row = &out->inputs[out->inputs_n++];
		*row = (struct input_row){
			.name = text_of(in, "name", a),
			.type = text_of(in, "type", a),
			.fallback = text_of(in, "default", a),
			.description = text_of(in, "description", a),
			.value = text_of(in, "value", a),
			.note = text_of(in, "note", a),
			.required = json_bool(in, "required", false),
			.sent = json_str(in, "value") != NULL,
			.fixed = json_bool(in, "fixed", true),
		};
		read_options(row, json_get(in, "options"), a);
	}
}

static void read_changes(struct plan_view *out, const struct json *list, struct when now, struct arena *a)
{
	size_t n = json_size(list);
	const char **lines = arena_array(a, const char *, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct json *c = json_at(list, i);
		lines[out->changes_n++] =
			arena_printf(a, "+ %.7s %s  %s  %s", text_of(c, "sha", a), text_of(c, "title", a),
				     text_of(c, "author", a), view_age(a, when_of(c, "at"), now));
	}
	out->changes = lines;
}

int view_plan(struct plan_view *out, const struct json *result, struct when now, struct arena *a,
	      struct err *e)
{
	const char *verdict = json_str(result, "verdict");
	if (!verdict || !json_str(result, "plan_id"))
		return err_set(e, ERR_BUG, "the engine's answer is no plan");
	*out = (struct plan_view){
		.plan_id = text_of(result, "plan_id", a),
		.act = text_of(result, "act", a),
		.lane = text_of(result, "lane", a),
		.release = text_of(result, "release", a),
		.sha = text_of(result, "sha", a),
		.verdict = view_safe(a, verdict),
		.confirm = text_of(result, "confirm", a),
		.made = text_of(result, "made", a),
		.release_short = view_value(a, json_str(result, "release")),
		.age = view_age(a, when_of(result, "made"), now),
		.ahead = json_int(result, "ahead", -1),
		.behind = json_int(result, "behind", -1),
		.back = text_of(result, "back", a),
		.note = text_of(result, "note", a),
		.command = text_of(result, "command", a),
		.undo = text_of(result, "undo", a),
		.production = json_bool(result, "production", true),
		.go = text_of(result, "confirm", a)[0] && !strcmp(verdict, "go"),
	};
	read_requests(out, json_get(result, "requests"), a);
	read_inputs(out, json_get(result, "inputs"), a);
	read_effects(out, json_get(result, "effects"), a);
	read_checks(out, json_get(result, "checks"), now, a);
	read_changes(out, json_get(result, "changes"), now, a);
	return 0;
}

const char *view_step_name(const struct json *log, int64_t number, struct arena *a)
{
	const struct json *steps = json_get(log, "steps");

	for (size_t i = 0; i < json_size(steps); i++)
		if (json_int(json_at(steps, i), "n", 0) == number)
			return text_safe_dup(a, json_str(json_at(steps, i), "name"), 0);
	return "";
}

const char *view_log_cut(const struct json *log)
{
	return json_bool(log, "cut", false)
		       ? "the log is longer: its beginning is left out here, errors and all"
		       : "";
}
