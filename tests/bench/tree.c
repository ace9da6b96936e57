#include "tests/bench/tree.h"

#include <jansson.h>
#include <stdlib.h>

static const char *member(json_t *j, const char *name)
{
	const char *v = json_string_value(json_object_get(j, name));

	return v ? v : "";
}

static struct when moment(json_t *j, const char *name)
{
	struct when w = { 0 };

	if (when_parse(&w, member(j, name)) != 0)
		abort(); /* the page is the drill's */
	return w;
}

static void run_of(json_t *j, struct run *r)
{
	*r = (struct run){ .id = json_integer_value(json_object_get(j, "id")),
			   .attempt = json_integer_value(json_object_get(j, "run_attempt")),
			   .number = json_integer_value(json_object_get(j, "run_number")),
			   .workflow_id = json_integer_value(json_object_get(j, "workflow_id")),
			   .workflow = member(j, "name"),
			   .path = member(j, "path"),
			   .title = member(j, "display_title"),
			   .event = member(j, "event"),
			   .branch = member(j, "head_branch"),
			   .head_sha = member(j, "head_sha"),
			   .status = names_value(&run_status_names, member(j, "status")),
			   .conclusion = names_value(&conclusion_names, member(j, "conclusion")),
			   .actor = member(json_object_get(j, "actor"), "login"),
			   .triggering_actor = member(json_object_get(j, "triggering_actor"), "login"),
			   .created = moment(j, "created_at"),
			   .started = moment(j, "run_started_at"),
			   .updated = moment(j, "updated_at"),
			   .url = member(j, "html_url") };
}

size_t tree_runs(const char *text, size_t n, tree_run fn, void *ctx)
{
	json_t *doc = json_loadb(text, n, 0, NULL), *list = json_object_get(doc, "workflow_runs"), *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		struct run r;

		run_of(one, &r);
		fn(ctx, &r);
	}
	json_decref(doc);
	return i;
}
