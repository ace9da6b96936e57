/* One machine's tables: JSON of the cache to rows. Whatever is not as it should be is said, and never read as agreement. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "core/view/attest.h"
#include "core/view/words.h"

#define TREE_MAX ((size_t)1 << 20)

static const char *text_at(const struct json *j, const char *path, struct arena *a)
{
	const char *s = json_str(j, path);

	return s ? view_safe(a, s) : "";
}

/* Without a word on it two values that are not the same to the byte contradict each other. */
static bool field_differs(const struct json *j, const struct agent_field_row *row)
{
	const struct json *agree = json_get(j, "agree");
	const char *first = NULL;
	bool differs = false;

	for (int s = 0; s < AGENT_SOURCES; s++) {
		if (row->value[s] && first)
			differs |= strcmp(row->value[s], first) != 0;
		first = first ? first : row->value[s];
	}
	return json_type(agree) == JSON_BOOL ? !json_bool(j, "agree", false) : differs;
}

static void field_from(struct agent_field_row *row, const struct json *j, struct arena *a)
{
	*row = (struct agent_field_row){ .name = text_at(j, "name", a) };
	for (int s = 0; s < AGENT_SOURCES; s++) {
		const char *value = json_str(j, names_word(&agent_source_names, s));

		row->value[s] = value ? view_safe(a, value) : NULL;
	}
	row->differs = field_differs(j, row);
}

static void step_from(struct proof_step_row *row, const struct json *j, struct arena *a)
{
	const char *result = json_str(j, "result");
	int value = names_value(&check_result_names, result);
	int reason = names_value(&proof_reason_names, json_str(j, "reason"));
	bool failed = value == CHECKED_FAIL;

	*row = (struct proof_step_row){
		.id = text_at(j, "id", a),
		.name = text_at(j, "name", a),
		.result = names_word(&check_result_names, value),
		.reason = failed ? text_at(j, "reason", a) : "",
		.meaning = failed ? proof_reason_meaning((enum proof_reason)reason) : "",
		.expected = text_at(j, "expected", a),
		.found = text_at(j, "found", a),
		.result_value = value,
	};
}

static void evidence_from(struct agent_evidence *v, const struct json *j, struct arena *a)
{
	const struct json *kept = json_get(j, "kept"), *one;
	const char *at = json_str(j, "at"), *kind;

	*v = (struct agent_evidence){
		.policy = text_at(j, "policy", a),
		.size = text_at(j, "size", a),
		.release = text_at(j, "release", a),
		.challenge = text_at(j, "challenge", a),
		.report_data = text_at(j, "report_data", a),
	};
	if (!at || when_parse(&v->at, at) < 0)
		v->at = WHEN_NONE;
	for (size_t i = 0; v->kept_n < AGENT_KEPT_MAX && (one = json_member(kept, i, &kind)); i++)
		v->kept[v->kept_n++] =
			(struct agent_kept){ view_safe(a, kind),
					     view_safe(a, json_str(one, "") ? json_str(one, "") : "") };
}

static void tree_from(struct agent_tree_rows *t, const struct json *j, struct arena *a)
{
	const struct json *fields = json_get(j, "fields"), *checks = json_get(j, "checks");
	size_t fields_n = json_type(fields) == JSON_ARRAY ? json_size(fields) : 0;
	size_t checks_n = json_type(checks) == JSON_ARRAY ? json_size(checks) : 0;
	struct proof_step_row *steps = arena_array(a, struct proof_step_row, checks_n + 1);

	if (!fields_n || !checks_n)
		t->damage = "its tables are not whole in the cache";
	t->fields = arena_array(a, struct agent_field_row, fields_n + 1);
	t->fields_n = (int)fields_n;
	for (size_t i = 0; i < fields_n; i++)
		field_from(&t->fields[i], json_at(fields, i), a);
	for (size_t i = 0; i < checks_n; i++)
		step_from(&steps[i], json_at(checks, i), a);
	t->steps = steps;
	t->steps_n = (int)checks_n;
	evidence_from(&t->evidence, json_get(j, "evidence"), a);
}

int view_agent_tree(struct agent_tree_rows *out, struct store *s, const char *lane, const char *id,
		    struct when now, struct arena *a, struct err *e)
{
	autofree(json) struct json *j = NULL;
	struct agent_tree row = { 0 };
	struct err why = ERR_INIT;
	int r = store_agent_tree_read(&row, s, lane, id, a, e);

	*out = (struct agent_tree_rows){ .damage = "", .age = "-" };
	if (r)
		return r;
	out->age = view_age_minutes(a, row.at, now);
	if (json_parse(&j, row.tree, strlen(row.tree), TREE_MAX, &why))
		out->damage =
			arena_printf(a, "its tables are damaged in the cache: %s", view_safe(a, why.message));
	else
		tree_from(out, j, a);
	return 0;
}
