#include "core/profile/profile.h"

#include "base/json.h"
#include "core/profile/keys.h"

/* The tables that decode a profile write it as well: no key can be forgotten. */

static void write_section(struct jw *w, const struct profile_section *s, const void *object);

static void write_text(struct jw *w, const char *name, const char *value)
{
	if (value)
		jw_kstr(w, name, value);
}

static void write_number(struct jw *w, const struct field *f, int64_t value)
{
	if (f->names)
		jw_kstr(w, f->name, names_word(f->names, (int)value));
	else if (value)
		jw_kint(w, f->name, value);
}

static void write_value(struct jw *w, const struct field *f, const void *object)
{
	const void *at = rec_at(object, f);

	switch (f->type) {
	case FIELD_STRING:
		write_text(w, f->name, *(const char *const *)at);
		break;
	case FIELD_INT:
		write_number(w, f, *(const int *)at);
		break;
	case FIELD_INT64:
		write_number(w, f, *(const int64_t *)at);
		break;
	case FIELD_BOOL:
		if (*(const bool *)at)
			jw_kbool(w, f->name, true);
		break;
	case FIELD_WHEN:
		jw_kwhen(w, f->name, *(const struct when *)at);
		break;
	}
}

static void write_texts(struct jw *w, const char *name, const char *const *list)
{
	if (!list)
		return;
	jw_kopen(w, name, '[');
	for (; *list; list++)
		jw_str(w, *list);
	jw_close(w, ']');
}

/* Every list of maps is a VEC_OF(its struct): items, n, cap. */
struct any_list VEC_OF(char);

static void write_maps(struct jw *w, const struct profile_key *k, const void *object)
{
	const struct any_list *list = rec_at(object, &k->field);

	if (!list->n)
		return;
	jw_kopen(w, k->field.name, '[');
	for (size_t i = 0; i < list->n; i++)
		write_section(w, k->section, list->items + i * k->section->size);
	jw_close(w, ']');
}

static void write_key(struct jw *w, const struct profile_key *k, const void *object)
{
	const void *inner;

	switch (k->kind) {
	case KEY_VALUE:
		write_value(w, &k->field, object);
		break;
	case KEY_TEXTS:
		write_texts(w, k->field.name, *(const char *const *const *)rec_at(object, &k->field));
		break;
	case KEY_SECTION:
		write_maps(w, k, object);
		break;
	case KEY_MAP:
		inner = *(const void *const *)rec_at(object, &k->field);
		if (!inner)
			break;
		jw_key(w, k->field.name);
		write_section(w, k->section, inner);
		break;
	}
}

static void write_section(struct jw *w, const struct profile_section *s, const void *object)
{
	jw_open(w, '{');
	for (int i = 0; i < s->n; i++)
		write_key(w, &s->keys[i], object);
	jw_close(w, '}');
}

void profile_proof_json(struct jw *w, const struct profile_proof *p)
{
	write_section(w, profile_section_proof(), p);
}

void profile_json(struct jw *w, const struct profile *p)
{
	size_t n;

	write_section(w, profile_sections(&n)[0], p);
}
