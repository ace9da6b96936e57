#include "core/adapters/sim/face.h"

#include "base/text.h"

#include <string.h>
#include <strings.h>

/* Variables of Actions: names are stored in capitals and compared without case, and have no version. */

enum { VARIABLES_MAX = 500, VALUE_MAX = 48 * 1024 };

static struct sim_variable *find(struct sim_repo *r, const char *name)
{
	vec_each (v, &r->variables)
		if (name && strcasecmp(v->name, name) == 0)
			return v;
	return NULL;
}

const char *sim_variable(const struct sim_repo *r, const char *name)
{
	vec_each (v, &r->variables)
		if (strcasecmp(v->name, name) == 0)
			return v->value;
	return NULL;
}

static void put_variable(struct call *c, const struct sim_variable *v)
{
	jw_open(&c->j, '{');
	put_str(&c->j, "name", v->name);
	put_str(&c->j, "value", v->value);
	put_time(&c->j, "created_at", v->created);
	put_time(&c->j, "updated_at", v->updated);
	jw_close(&c->j, '}');
}

void get_variables(struct call *c)
{
	struct call_page p = call_page(c, 10, 30);

	jw_open(&c->j, '{');
	jw_kint(&c->j, "total_count", (int64_t)c->repo->variables.n);
	jw_kopen(&c->j, "variables", '[');
	for (size_t i = p.from; i < c->repo->variables.n && i < p.from + p.size; i++)
		put_variable(c, &c->repo->variables.items[i]);
	jw_close(&c->j, ']');
	jw_close(&c->j, '}');
	call_link(c, &p, c->repo->variables.n);
}

void get_variable(struct call *c)
{
	const struct sim_variable *v = find(c->repo, c->param[0]);

	if (v)
		put_variable(c, v);
	else
		call_missing(c);
}

static bool is_name(const char *s)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

	return s && *s && (*s < '0' || *s > '9') && strspn(s, allowed) == strlen(s);
}

/* The value of a body that says one, or NULL: that was answered. */
static const char *given(struct call *c)
{
	const char *value = json_str(c->body, "value");

	if (!value || strlen(value) > VALUE_MAX)
		call_error(c, 422, "Invalid request.\n\n\"value\" wasn't supplied.");
	return value && strlen(value) <= VALUE_MAX ? value : NULL;
}

static const char *capitals(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s);

	for (char *p = out; *p; p++)
		*p = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
	return out;
}

void post_variable(struct call *c)
{
	const char *name = json_str(c->body, "name"), *value = given(c);

	if (!value)
		return;
	if (!is_name(name)) {
		call_error(c, 422, "Variable names can only contain alphanumeric characters and underscores");
	} else if (find(c->repo, name)) {
		call_error(c, 409, "Already exists - Variable already exists");
	} else if (c->repo->variables.n >= VARIABLES_MAX) {
		call_error(c, 422, "Limit reached");
	} else {
		*(struct sim_variable *)vec_push(&c->repo->variables, &c->w->arena) = (struct sim_variable){
			.name = capitals(&c->w->arena, name),
			.value = arena_strdup(&c->w->arena, value),
			.created = c->w->now,
			.updated = c->w->now,
		};
		c->status = 201;
		jw_json(&c->j, "{}");
	}
}

void patch_variable(struct call *c)
{
	struct sim_variable *v = find(c->repo, c->param[0]);
	const char *value = v ? given(c) : NULL;

	if (!v)
		call_missing(c);
	if (!v || !value)
		return;
	v->value = arena_strdup(&c->w->arena, value);
	v->updated = c->w->now;
	c->status = 204;
}

void delete_variable(struct call *c)
{
	struct sim_variable *v = find(c->repo, c->param[0]);

	if (!v) {
		call_missing(c);
		return;
	}
	*v = c->repo->variables.items[--c->repo->variables.n];
	c->status = 204;
}
