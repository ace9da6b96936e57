#include "tui/theme.h"

#include <string.h>

#include "base/embed.h"
#include "base/path.h"
#include "base/yaml.h"

static const char *const colours[] = {
	"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"
};
static const char *const attributes[] = { "bold", "dim", "underline", "reverse" };

static int index_of(const char *const *words, size_t n, const char *word, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(words[i]) == len && !memcmp(words[i], word, len))
			return (int)i;
	return -1;
}

static int read_style(struct style *out, const struct yaml *y, struct err *e)
{
	struct style s = { .colour = -1 };
	for (const char *p = y->scalar; *p;) {
		size_t n = strcspn(p, " ");
		int colour = index_of(colours, countof(colours), p, n);
		int bit = index_of(attributes, countof(attributes), p, n);
		if (colour >= 0)
			s.colour = colour;
		else if (bit >= 0)
			s.bits |= 1u << bit;
		else if (n != 7 || memcmp(p, "default", 7) != 0)
			return yaml_error(e, y, "%.*s is no colour or attribute", (int)n, p);
		p += n + (p[n] == ' ');
	}
	*out = s;
	return 0;
}

static int read_roles(struct theme *out, const struct yaml *roles, struct err *e)
{
	yaml_each(y, roles)
	{
		int role = index_of(role_names, ROLE_MAX_, y->key, strlen(y->key));
		if (role < 0)
			return yaml_error(e, y, "there is no role %s", y->key);
		if (y->kind != YAML_SCALAR)
			return yaml_error(e, y, "the role %s takes words, for example: bold red", y->key);
		int r = read_style(&out->styles[role], y, e);
		if (r < 0)
			return r;
	}
	return 0;
}

int theme_parse(struct theme *out, const char *file, const char *text, size_t n, struct arena *a,
		struct err *e)
{
	struct yaml *doc;
	int r = yaml_parse(&doc, file, text, n, a, e);
	if (r < 0)
		return r;
	yaml_each(y, doc)
	{
		if (strcmp(y->key, "name") != 0 && strcmp(y->key, "roles") != 0)
			return yaml_error(e, y, "a theme has name and roles, not %s", y->key);
	}
	out->name = yaml_str(doc, "name", out->name ? out->name : file);
	return read_roles(out, yaml_get(doc, "roles"), e);
}

static const struct embedded *built_in(const char *name)
{
	for (const struct embedded *f = theme_files; f->name; f++)
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}

static int load_built_in(struct theme *out, const char *name, struct arena *a, struct err *e)
{
	const struct embedded *f = built_in(name);
	if (!f)
		return err_set(e, ERR_INVALID, "there is no theme %s", name);
	for (int i = 0; i < ROLE_MAX_; i++)
		out->styles[i] = (struct style){ .colour = -1 };
	return theme_parse(out, f->name, f->data, f->size, a, e);
}

int theme_load(struct theme *out, const char *name, struct arena *a, struct err *e)
{
	*out = (struct theme){ 0 };
	if (!name || built_in(name))
		return load_built_in(out, name ? name : "dark", a, e);
	if (!strchr(name, '/') && !strchr(name, '.')) {
		err_set(e, ERR_INVALID, "there is no theme %s", name);
		return err_hint(e, "built in: dark, light, mono; or a file");
	}
	struct buf text = BUF_INIT(65536);
	int r = path_read_named(&text, "the theme", name, e);
	if (r == 0)
		r = load_built_in(out, "dark", a, e);
	if (r == 0)
		r = theme_parse(out, name, text.s, text.n, a, e);
	buf_done(&text);
	return r;
}

void theme_drop_colours(struct theme *t)
{
	for (int i = 0; i < ROLE_MAX_; i++)
		t->styles[i].colour = -1;
}
