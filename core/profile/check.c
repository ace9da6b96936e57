#include "core/profile/check.h"

#include "base/text.h"

#include <string.h>

const struct yaml *check_at(const struct yaml *map, const char *key)
{
	const struct yaml *y = yaml_get(map, key);

	return y ? y : map;
}

bool check_given(const struct yaml *map, const char *key)
{
	return profile_is_given(yaml_get(map, key));
}

bool check_in(const char *const *list, const char *s)
{
	for (; list && *list; list++)
		if (strcmp(*list, s) == 0)
			return true;
	return false;
}

/* ---- shapes ---- */

static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
static const char file_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

static bool is_made_of(const char *s, const char *letters, size_t max)
{
	size_t n = strlen(s);

	return n > 0 && n <= max && strspn(s, letters) == n;
}

int check_word(const struct yaml *map, const char *key, const char *s, struct err *e)
{
	if (is_made_of(s, lower, 32) && *s != '-')
		return 0;
	return yaml_error(e, check_at(map, key),
			  "%s must be lower case letters, digits and hyphens, at most 32", key);
}

static bool is_workflow_file(const char *s)
{
	size_t n = strlen(s);

	return is_made_of(s, file_letters, 128) && *s != '.' &&
	       ((n > 4 && strcmp(s + n - 4, ".yml") == 0) || (n > 5 && strcmp(s + n - 5, ".yaml") == 0));
}

int check_workflow(const struct yaml *where, const char *s, struct err *e)
{
	if (!s || is_workflow_file(s))
		return 0;
	return yaml_error(e, where, "%s is no workflow file: a name like rollout.yml without a folder", s);
}

int check_workflows(const struct yaml *map, const char *key, struct err *e)
{
	int r = 0;

	yaml_each(it, yaml_get(map, key))
	{
		if (r == 0)
			r = check_workflow(it, it->scalar, e);
	}
	return r;
}

int check_path(const struct yaml *map, const char *key, const char *s, struct err *e)
{
	if (!s || (*s && *s != '/' && strlen(s) <= 256 && !strstr(s, "..") && !strchr(s, '\\')))
		return 0;
	return yaml_error(e, check_at(map, key), "%s is no file of a repository", s);
}

int check_plain_ref(const struct yaml *map, const char *key, const char *s, struct err *e)
{
	if (!s || text_is_plain_ref(s))
		return 0;
	return yaml_error(e, check_at(map, key), "%s is no branch and no tag", s);
}

bool profile_is_repo(const char *s)
{
	const char *slash = strchr(s, '/');
	size_t owner = slash ? (size_t)(slash - s) : 0;

	return owner > 0 && owner <= 39 && strspn(s, file_letters) == owner && *s != '.' && *s != '-' &&
	       is_made_of(slash + 1, file_letters, 100) && strcmp(slash + 1, ".") != 0 &&
	       strcmp(slash + 1, "..") != 0;
}

int check_pointer(const struct yaml *where, const char *s, struct err *e)
{
	bool ok = !s || !*s || *s == '/';

	for (const char *p = s ? strchr(s, '~') : NULL; ok && p; p = strchr(p + 1, '~'))
		ok = p[1] == '0' || p[1] == '1';
	return ok ? 0 : yaml_error(e, where, "%s is no JSON pointer: it reads like /a/b", s);
}

int check_pointers(const struct yaml *map, const char *key, struct err *e)
{
	int r = 0;

	yaml_each(it, yaml_get(map, key))
	{
		if (r == 0)
			r = check_pointer(it, it->scalar, e);
	}
	return r;
}

int check_range(const struct yaml *map, const char *key, int64_t v, int64_t min, int64_t max, struct err *e)
{
	if (v >= min && v <= max)
		return 0;
	return yaml_error(e, check_at(map, key), "%s must be between %" PRId64 " and %" PRId64, key, min,
			  max);
}

/* ---- templates ---- */

static const char *const placeholders[] = {
	[WORD_RELEASE] = "{release}", [WORD_SHA] = "{sha}", [WORD_SHA7] = "{sha7}",
	[WORD_NONCE] = "{nonce}",     [WORD_REF] = "{ref}", [WORD_VERSION] = "{version}",
	[WORD_REPO] = "{repo}",
};

size_t profile_placeholder(const char *at_brace, int *which)
{
	for (int i = 0; i < WORD_MAX_; i++) {
		if (text_starts(at_brace, placeholders[i])) {
			*which = i;
			return strlen(placeholders[i]);
		}
	}
	return 0;
}

static int hint_words(struct err *e, unsigned allowed)
{
	autofree(buf) struct buf text = BUF_INIT(160);

	for (int i = 0; i < WORD_MAX_; i++)
		if (allowed & (1u << i))
			buf_fmt(&text, " %s", placeholders[i]);
	if (allowed == ALL_WORDS)
		return err_hint(e, "known are%s", text.s);
	return err_hint(e, "only%s may stand here", text.s);
}

int check_template(const struct yaml *where, const char *tmpl, unsigned allowed, struct err *e)
{
	int which = 0;

	for (const char *p = tmpl; p && *p;) {
		size_t n = *p == '{' ? profile_placeholder(p, &which) : 1;

		if (*p == '}' || n == 0 || (*p == '{' && !(allowed & (1u << which)))) {
			yaml_error(e, where, "%.*s is no placeholder here", (int)strcspn(p + 1, "}{ ") + 2,
				   p);
			return hint_words(e, allowed);
		}
		p += n;
	}
	return 0;
}

int check_templates(const struct yaml *map, const char *key, unsigned allowed, struct err *e)
{
	int r = 0;

	yaml_each(it, yaml_get(map, key))
	{
		if (r == 0)
			r = check_template(it, it->scalar, allowed, e);
	}
	return r;
}

int check_once(const struct yaml *where, const char *key, const char *s, const char *what, struct err *e)
{
	const char *first = s ? strstr(s, what) : NULL;

	if (!s || (first && !strstr(first + 1, what)))
		return 0;
	return yaml_error(e, where, "%s must hold %s once", key, what);
}

/* ---- keys beside keys ---- */

/* The elements of a list beside their maps, so that a duplicate is named where it stands. */
int check_twice(const struct yaml *list, const char *key, struct err *e)
{
	yaml_each(it, list)
	{
		const char *name = yaml_str(it, key, NULL);

		for (const struct yaml *before = list->child; name && before != it; before = before->next)
			if (strcmp(yaml_str(before, key, ""), name) == 0)
				return yaml_error(e, check_at(it, key), "%s is here twice, first in line %d",
						  name, before->line);
	}
	return 0;
}

int check_pair(const struct yaml *map, const char *one, const char *other, struct err *e)
{
	bool a = check_given(map, one), b = check_given(map, other);

	if (a == b)
		return 0;
	return yaml_error(e, check_at(map, a ? one : other), "%s needs %s", a ? one : other, a ? other : one);
}

static bool has_word(const char *words, const char *key)
{
	size_t n = strlen(key);

	for (const char *p = strstr(words, key); p; p = strstr(p + 1, key))
		if ((p == words || p[-1] == ' ') && (p[n] == ' ' || !p[n]))
			return true;
	return false;
}

static int check_musts(const struct yaml *map, const char *section, const char *kind, const char *must,
		       struct err *e)
{
	char key[64];

	for (const char *p = must; *p;) {
		size_t n = strcspn(p, " ");

		BUG_IF(n >= sizeof(key));
		memcpy(key, p, n);
		key[n] = 0;
		if (!check_given(map, key))
			return yaml_error(e, check_at(map, key), "a %s of kind %s needs %s", section, kind,
					  key);
		p += n + strspn(p + n, " ");
	}
	return 0;
}

int check_kind(const struct yaml *map, const char *section, const char *kind, const struct kind_keys *k,
	       const char *common, struct err *e)
{
	yaml_each(it, map)
	{
		if (!profile_is_given(it) || has_word(k->must, it->key) || has_word(k->may, it->key) ||
		    has_word(common, it->key))
			continue;
		return yaml_error(e, it, "a %s of kind %s has no %s", section, kind, it->key);
	}
	return check_musts(map, section, kind, k->must, e);
}
