#include "core/adapters/sim/moves.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

/*
 * Templates of workflow files: ${{ inputs.x }}, ${{ github.ref }} and a few more, ${{ a && b }}, and
 * ${{ format('text {0}', a) }}. An expression that is not known is empty, as a missing context is at the forge.
 */

enum { EXPAND_MAX = 8192, EXPRESSION_MAX = 256 };

const char *sim_pair(const struct sim_pairs *p, const char *name)
{
	vec_each (it, p) {
		if (strcmp(it->name, name) == 0)
			return it->value;
	}
	return NULL;
}

static const char *input(struct arena *a, const char *name, const struct sim_context *c)
{
	const char *v = c->with ? sim_pair(c->with, name) : NULL;

	if (v) { /* what the caller gave is a template of the caller's */
		struct sim_context outer = { .run = c->run };

		return sim_expand(a, v, &outer);
	}
	v = sim_pair(&c->run->inputs, name);
	return v ? v : "";
}

static const char *github(struct arena *a, const char *name, const struct sim_run *run)
{
	if (strcmp(name, "ref") == 0)
		return arena_printf(a, "refs/%s/%s", run->tag ? "tags" : "heads", run->ref);
	if (strcmp(name, "ref_name") == 0)
		return run->ref;
	if (strcmp(name, "sha") == 0)
		return run->sha;
	if (strcmp(name, "run_id") == 0)
		return arena_printf(a, "%" PRId64, run->id);
	if (strcmp(name, "workflow") == 0)
		return run->workflow->name;
	if (strcmp(name, "actor") == 0)
		return run->actor->login;
	return "";
}

static const char *evaluate(struct arena *a, const char *x, const struct sim_context *c);

/* format('text {0}', expression) */
static const char *format_call(struct arena *a, const char *x, const struct sim_context *c)
{
	const char *text = x + strlen("format('"), *end = strstr(text, "',"), *close = strrchr(x, ')');
	const char *hole, *value;

	if (!end || !close || close < end)
		return "";
	text = arena_strndup(a, text, (size_t)(end - text));
	value = evaluate(a, arena_strndup(a, end + 2, (size_t)(close - end - 2)), c);
	hole = strstr(text, "{0}");
	return hole ? arena_printf(a, "%.*s%s%s", (int)(hole - text), text, value, hole + 3) : text;
}

static const char *evaluate(struct arena *a, const char *x, const struct sim_context *c)
{
	const char *both = strstr(x, " && ");
	size_t n;

	while (*x == ' ')
		x++;
	if (both) {
		const char *left = evaluate(a, arena_strndup(a, x, (size_t)(both - x)), c);

		return *left ? evaluate(a, both + 4, c) : "";
	}
	for (n = strlen(x); n && x[n - 1] == ' ';)
		n--;
	x = arena_strndup(a, x, n);
	if (text_starts(x, "format('"))
		return format_call(a, x, c);
	if (text_starts(x, "inputs."))
		return input(a, x + strlen("inputs."), c);
	if (text_starts(x, "github."))
		return github(a, x + strlen("github."), c->run);
	return "";
}

const char *sim_expand(struct arena *a, const char *template, const struct sim_context *c)
{
	autofree(buf) struct buf out = BUF_INIT(EXPAND_MAX);
	const char *at = template, *open;

	while ((open = strstr(at, "${{")) != NULL) {
		const char *close = strstr(open, "}}");

		if (!close || close - open > EXPRESSION_MAX)
			break;
		buf_add(&out, at, (size_t)(open - at));
		buf_str(&out, evaluate(a, arena_strndup(a, open + 3, (size_t)(close - open - 3)), c));
		at = close + 2;
	}
	buf_str(&out, at);
	return arena_strdup(a, out.s);
}
