#include "core/profile/profile.h"

#include "core/profile/keys.h"

#include "base/embed.h"
#include "base/path.h"
#include "base/text.h"

#include <string.h>

enum { FILE_MAX = 1 << 20, RELEASE_MAX = 128 }; /* the longest plain ref, base/text.h */

/* ---- loading ---- */

static bool is_file_name(const char *s)
{
	size_t n = strlen(s);

	return strchr(s, '/') || (n > 4 && strcmp(s + n - 4, ".yml") == 0) ||
	       (n > 5 && strcmp(s + n - 5, ".yaml") == 0);
}

static const struct embedded *find_built_in(const char *name)
{
	for (const struct embedded *f = profile_files; f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

static int fail_no_profile(const char *name, struct err *e)
{
	autofree(buf) struct buf names = BUF_INIT(160);

	for (const struct embedded *f = profile_files; f->name; f++)
		buf_fmt(&names, "%s%s", names.n ? ", " : "", f->name);
	err_set(e, ERR_INVALID, "there is no profile %s", name);
	return err_hint(e, "built in are %s; a file is named with a slash or .yml", names.s);
}

int profile_text(struct buf *out, const char **file, const char *name, struct arena *a, struct err *e)
{
	const struct embedded *f = find_built_in(name);

	*file = f ? arena_printf(a, "%s.yml", f->name) : name;
	if (f)
		buf_add(out, f->data, f->size);
	else
		return is_file_name(name) ? path_read(out, name, e) : fail_no_profile(name, e);
	return 0;
}

static int load(struct profile *out, const char *name, struct arena *a, struct err *e)
{
	autofree(buf) struct buf text = BUF_INIT(FILE_MAX);
	const char *file;
	int r = profile_text(&text, &file, name, a, e);

	return r == 0 ? profile_parse(out, file, text.s, text.n, a, e) : r;
}

/* Lane names are what people type: two profiles of one system would make every one of them ambiguous. */
static int check_distinct(const struct profiles *set, const struct profile *p, struct err *e)
{
	vec_each (other, set) {
		if (strcmp(other->system, p->system) != 0)
			continue;
		err_set(e, ERR_INVALID, "two profiles have the system %s: %s and %s", p->system, other->name,
			p->name);
		return err_hint(e, "copy one to a file and give it another system");
	}
	return 0;
}

int profile_load(struct profiles *set, const char *name_or_file, struct arena *a, struct err *e)
{
	const char *equals = strrchr(name_or_file, '=');
	const char *repo = equals ? arena_strdup(a, equals + 1) : NULL;
	const char *name =
		equals ? arena_strndup(a, name_or_file, (size_t)(equals - name_or_file)) : name_or_file;
	struct profile p = { 0 };
	int r;

	if (repo && !profile_is_repo(repo))
		return err_set(e, ERR_INVALID, "--profile %s: %s is not OWNER/NAME", name_or_file, repo);
	r = load(&p, name, a, e);
	if (r != 0)
		return r;
	if (repo)
		p.repo = repo;
	if (!p.repo) {
		err_set(e, ERR_INVALID, "profile %s names no repository", p.name);
		return err_hint(e, "--profile %s=OWNER/NAME", name);
	}
	r = check_distinct(set, &p, e);
	if (r == 0)
		*vec_push(set, a) = p;
	return r;
}

const struct profile_lane *profiles_lane(const struct profiles *set, const char *lane,
					 const struct profile **owner)
{
	vec_each (p, set) {
		vec_each (l, &p->lanes) {
			if (strcmp(l->name, lane) != 0)
				continue;
			if (owner)
				*owner = p;
			return l;
		}
	}
	return NULL;
}

/* ---- templates ---- */

static const char *short_sha(struct arena *a, const char *sha)
{
	return sha && strlen(sha) >= 7 ? arena_strndup(a, sha, 7) : NULL;
}

const char *profile_expand(struct arena *a, const char *tmpl, const struct profile_words *w)
{
	const char *const words[] = {
		[WORD_RELEASE] = w->release, [WORD_SHA] = w->sha, [WORD_SHA7] = short_sha(a, w->sha),
		[WORD_NONCE] = w->nonce,     [WORD_REF] = w->ref, [WORD_VERSION] = w->version,
		[WORD_REPO] = w->repo,
	};
	autofree(buf) struct buf out = BUF_INIT(65536);
	int which = 0;

	if (!tmpl)
		return NULL;
	while (*tmpl) {
		size_t n = *tmpl == '{' ? profile_placeholder(tmpl, &which) : 0;

		if (n == 0) {
			buf_chr(&out, *tmpl++);
			continue;
		}
		if (!words[which])
			return NULL;
		buf_str(&out, words[which]);
		tmpl += n;
	}
	return out.over ? NULL : arena_strndup(a, out.s, out.n);
}

const char *profile_nonce_input(const struct profile_lane *l)
{
	vec_each (in, &l->inputs) {
		if (in->value && strstr(in->value, "{nonce}"))
			return in->name;
	}
	return NULL;
}

const char *profile_stage_of(const struct profile_lane *l, const char *job)
{
	vec_each (s, &l->stages) {
		for (const char *const *glob = s->jobs; *glob; glob++)
			if (text_glob(*glob, job))
				return s->name;
	}
	return "";
}

/* ---- the release of a run ---- */

/* Letters that a release in a title may be made of: those of a plain ref. */
static size_t release_span(const char *s)
{
	return strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+/-");
}

/* Before a wildcard the release is all that could be one: a part of a longer word would be another release. */
static size_t least_span(const char *after, size_t span)
{
	return *after == '*' || *after == '?' ? span : 1;
}

static const char *release_from_title(const char *tmpl, const char *title, struct arena *a)
{
	static const char word[] = "{release}";
	const char *hole = tmpl ? strstr(tmpl, word) : NULL;
	const char *after = hole ? hole + strlen(word) : NULL;
	size_t before = hole ? (size_t)(hole - tmpl) : 0, span;
	char release[RELEASE_MAX + 1];

	if (!hole || !title || strncmp(title, tmpl, before) != 0)
		return NULL;
	title += before;
	span = release_span(title);
	for (size_t n = span; n > 0 && n >= least_span(after, span); n--) {
		if (n > RELEASE_MAX || !text_glob(after, title + n))
			continue;
		memcpy(release, title, n);
		release[n] = 0;
		if (text_is_plain_ref(release))
			return arena_strdup(a, release);
	}
	return NULL;
}

static const char *known_or_null(const char *s)
{
	return s && *s ? s : NULL;
}

const char *profile_release_of(const struct profile_lane *l, const char *title, const char *branch,
			       const char *sha, struct arena *a)
{
	if (strcmp(l->release_from, "input") == 0)
		return release_from_title(l->release_title, title, a);
	return known_or_null(strcmp(l->release_from, "branch") == 0 ? branch : sha);
}
