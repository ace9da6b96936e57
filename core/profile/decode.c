#include "core/profile/keys.h"
#include "core/profile/profile.h"

enum { KEYS_MAX = 64 };

/* A list of texts as a NULL-terminated array. Absent leaves NULL: "none given" and "none" are the same. */
static int decode_texts(const struct profile_key *k, const struct yaml *list, void *object, struct arena *a,
			struct err *e)
{
	const char **texts;
	int n = 0;

	if (list->kind != YAML_LIST)
		return yaml_error(e, list, "%s must be a list of texts", k->field.name);
	if (list->n > PROFILE_LIST_MAX)
		return yaml_error(e, list, "%s has more than %d elements", k->field.name, PROFILE_LIST_MAX);
	texts = arena_array(a, const char *, (size_t)list->n + 1);
	yaml_each(it, list)
	{
		if (it->kind != YAML_SCALAR || !*it->scalar)
			return yaml_error(e, it, "%s must be a list of texts, and this is none",
					  k->field.name);
		texts[n++] = it->scalar;
	}
	*(const char *const **)rec_at_mut(object, &k->field) = texts;
	return 0;
}

static int decode_maps(const struct profile_key *k, const struct yaml *list, void *object, struct arena *a,
		       struct err *e)
{
	if (list->kind != YAML_LIST)
		return yaml_error(e, list, "%s must be a list of %s maps", k->field.name, k->section->name);
	if (list->n > PROFILE_LIST_MAX)
		return yaml_error(e, list, "%s has more than %d elements", k->field.name, PROFILE_LIST_MAX);
	yaml_each(it, list)
	{
		int r = profile_decode(k->section, it, k->push(object, a), a, e);

		if (r != 0)
			return r;
	}
	return 0;
}

static int decode_map(const struct profile_key *k, const struct yaml *map, void *object, struct arena *a,
		      struct err *e)
{
	void *inner = arena_alloc(a, k->section->size);

	*(const void **)rec_at_mut(object, &k->field) = inner;
	return profile_decode(k->section, map, inner, a, e);
}

/* Plain values go to the shared decoder; it also refuses keys that the section does not have. */
static int decode_values(const struct profile_section *s, const struct yaml *map, void *out, struct arena *a,
			 struct err *e)
{
	struct field fields[KEYS_MAX];
	const char *others[KEYS_MAX + 1] = { 0 };
	struct rec rec = { .name = s->name, .size = s->size, .fields = fields };
	int others_n = 0;

	BUG_IF(s->n > KEYS_MAX);
	for (int i = 0; i < s->n; i++) {
		if (s->keys[i].kind == KEY_VALUE)
			fields[rec.n++] = s->keys[i].field;
		else
			others[others_n++] = s->keys[i].field.name;
	}
	return yaml_rec(map, &rec, out, others, a, e);
}

bool profile_is_given(const struct yaml *y)
{
	return y && !(y->kind == YAML_SCALAR && !y->quoted && !*y->scalar) &&
	       !(y->kind == YAML_LIST && y->n == 0);
}

static int decode_key(const struct profile_key *k, const struct yaml *y, void *out, struct arena *a,
		      struct err *e)
{
	switch (k->kind) {
	case KEY_VALUE:
		return 0;
	case KEY_TEXTS:
		return decode_texts(k, y, out, a, e);
	case KEY_SECTION:
		return decode_maps(k, y, out, a, e);
	case KEY_MAP:
		return decode_map(k, y, out, a, e);
	}
	return 0;
}

int profile_decode(const struct profile_section *s, const struct yaml *map, void *out, struct arena *a,
		   struct err *e)
{
	int r = decode_values(s, map, out, a, e);

	for (int i = 0; r == 0 && i < s->n; i++) {
		const struct yaml *y = yaml_get(map, s->keys[i].field.name);

		if (profile_is_given(y))
			r = decode_key(&s->keys[i], y, out, a, e);
	}
	if (r != 0)
		return r;
	if (s->line_at >= 0)
		*(int *)(void *)((char *)out + s->line_at) = map->line;
	return s->check(out, map, a, e);
}

int profile_parse(struct profile *out, const char *file, const char *text, size_t n, struct arena *a,
		  struct err *e)
{
	struct yaml *root;
	size_t sections;
	int r = yaml_parse(&root, file, text, n, a, e);

	*out = (struct profile){ 0 };
	return r == 0 ? profile_decode(profile_sections(&sections)[0], root, out, a, e) : r;
}
