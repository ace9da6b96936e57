#include "core/rules/pinned.h"

#include "base/text.h"
#include "base/yaml.h"

#include <string.h>

#define KEY_MAX 128

/* RFC 6901 over maps; a pin stands in no list. */
static const struct yaml *yaml_at(const struct yaml *y, const char *pointer)
{
	char key[KEY_MAX];

	while (y && *pointer == '/') {
		size_t n = strcspn(pointer + 1, "/");

		if (n >= sizeof(key))
			return NULL;
		memcpy(key, pointer + 1, n);
		key[n] = 0;
		y = yaml_get(y, key);
		pointer += n + 1;
	}
	return *pointer ? NULL : y;
}

static const struct yaml *first_of(const struct yaml *doc, const char *const *pointers)
{
	for (; pointers && *pointers; pointers++) {
		const struct yaml *y = yaml_at(doc, *pointers);

		if (y && (y->kind == YAML_MAP || (y->kind == YAML_SCALAR && *y->scalar)))
			return y;
	}
	return NULL;
}

static void add_pin(struct pinned *out, const char *component, const char *platform, const struct yaml *y,
		    struct arena *a)
{
	if (y->kind == YAML_SCALAR && strstr(y->scalar, "sha256:"))
		*vec_push(out, a) = (struct pin){ component, platform, y->scalar };
}

int pinned_parse(struct pinned *out, const char *path, const char *text, size_t n,
		 const char *const *pointers, struct arena *a, struct err *e)
{
	struct yaml *doc = NULL;
	const struct yaml *y;
	const char *component;
	int r = yaml_parse(&doc, path, text, n, a, e);

	if (r < 0)
		return r;
	y = first_of(doc, pointers);
	if (!y)
		return err_set(e, ERR_INVALID, "%s pins nothing", path);
	component = yaml_str(doc, "ref", NULL);
	component = component && *component ? component : path;
	if (y->kind == YAML_SCALAR)
		add_pin(out, component, "", y, a);
	yaml_each(it, y)
	{
		add_pin(out, component, it->key ? it->key : "", it, a);
	}
	return out->n ? 0 : err_set(e, ERR_INVALID, "%s pins no digest", path);
}

const char *pinned_image(const struct pinned *p, const char *component, const char *platform)
{
	vec_each (pin, p)
		if (text_eq(pin->component, component) && text_eq(pin->platform, platform))
			return pin->image;
	return NULL;
}
