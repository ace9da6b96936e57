#include "core/profile/keys.h"
#include "core/profile/profile.h"

#include "base/text.h"

#include <string.h>

enum { INPUTS_MAX = 25, TEXT_MAX = 4096, POLL_MIN_MS = 1000, DAY_MS = 86400 * 1000 };

static const struct yaml *at(const struct yaml *map, const char *key)
{
	const struct yaml *y = yaml_get(map, key);

	return y ? y : map;
}

/* ---- shapes ---- */

static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
static const char file_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

static bool is_made_of(const char *s, const char *letters, size_t max)
{
	size_t n = strlen(s);

	return n > 0 && n <= max && strspn(s, letters) == n;
}

static int check_word(const struct yaml *map, const char *key, const char *s, struct err *e)
{
	if (is_made_of(s, lower, 32) && *s != '-')
		return 0;
	return yaml_error(e, at(map, key), "%s must be lower case letters, digits and hyphens, at most 32",
			  key);
}

static bool is_workflow_file(const char *s)
{
	size_t n = strlen(s);

	return is_made_of(s, file_letters, 128) && *s != '.' &&
	       ((n > 4 && strcmp(s + n - 4, ".yml") == 0) || (n > 5 && strcmp(s + n - 5, ".yaml") == 0));
}

static int check_workflow(const struct yaml *where, const char *s, struct err *e)
{
	if (is_workflow_file(s))
		return 0;
	return yaml_error(e, where, "%s is no workflow file: a name like rollout.yml without a folder", s);
}

bool profile_is_repo(const char *s)
{
	const char *slash = strchr(s, '/');
	size_t owner = slash ? (size_t)(slash - s) : 0;

	return owner > 0 && owner <= 39 && strspn(s, file_letters) == owner && *s != '.' && *s != '-' &&
	       is_made_of(slash + 1, file_letters, 100) && strcmp(slash + 1, ".") != 0 &&
	       strcmp(slash + 1, "..") != 0;
}

/* ---- templates ---- */

size_t profile_placeholder(const char *at_brace, int *which)
{
	static const char *const words[] = {
		[WORD_RELEASE] = "{release}",
		[WORD_SHA] = "{sha}",
		[WORD_NONCE] = "{nonce}",
		[WORD_REF] = "{ref}",
	};

	for (int i = 0; i < WORD_MAX_; i++) {
		if (text_starts(at_brace, words[i])) {
			*which = i;
			return strlen(words[i]);
		}
	}
	return 0;
}

#define ONLY_RELEASE (1u << WORD_RELEASE)
#define ALL_WORDS    ((1u << WORD_MAX_) - 1)

static int check_template(const struct yaml *where, const char *tmpl, unsigned allowed, struct err *e)
{
	int which;

	for (const char *p = tmpl; p && *p;) {
		size_t n = *p == '{' ? profile_placeholder(p, &which) : 1;

		if (*p == '}' || n == 0 || (*p == '{' && !(allowed & (1u << which)))) {
			yaml_error(e, where, "%.*s is no placeholder here", (int)strcspn(p + 1, "}{ ") + 2,
				   p);
			return err_hint(e, "%s",
					allowed == ALL_WORDS ? "known are {release} {sha} {nonce} {ref}"
							     : "only {release} may stand here");
		}
		p += n;
	}
	return 0;
}

static int count_placeholders(const char *tmpl)
{
	int n = 0;

	for (; tmpl && *tmpl; tmpl++)
		n += *tmpl == '{';
	return n;
}

/* ---- sections ---- */

int profile_check_input(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_input *in = object;

	(void)a;
	if (strchr(in->name, '=') || strchr(in->name, ' '))
		return yaml_error(e, at(map, "name"), "%s is no name of an input", in->name);
	if (in->pattern && in->value && !count_placeholders(in->value) && !text_glob(in->pattern, in->value))
		return yaml_error(e, at(map, "value"), "%s does not match the pattern %s", in->value,
				  in->pattern);
	return check_template(at(map, "value"), in->value, ALL_WORDS, e);
}

int profile_check_need(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_need *n = object;
	const struct yaml *files = yaml_get(map, "files");
	int r = 0;

	(void)a;
	if (n->kind == NEED_OTHER)
		return yaml_error(e, at(map, "kind"), "need: kind must be release or asset");
	if (n->kind == NEED_RELEASE && (n->name || files))
		return yaml_error(e, at(map, files ? "files" : "name"),
				  "a release has no name and no files here");
	if (n->kind == NEED_ASSET && !n->name)
		return yaml_error(e, map, "need: name is missing");
	if (n->kind == NEED_ASSET && (!n->files || !n->files[0]))
		return yaml_error(e, at(map, "files"), "asset %s: files is missing", n->name);
	yaml_each(it, files)
	{
		if (r == 0)
			r = check_template(it, it->scalar, ONLY_RELEASE, e);
		if (r == 0 && strchr(it->scalar, '/'))
			r = yaml_error(e, it, "%s is no name of an asset", it->scalar);
	}
	return r == 0 ? check_template(at(map, "fix"), n->fix, ONLY_RELEASE, e) : r;
}

int profile_check_stage(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	const struct profile_stage *s = object;

	(void)a;
	if (!s->jobs || !s->jobs[0])
		return yaml_error(e, at(map, "jobs"), "stage %s: jobs is missing", s->name);
	return 0;
}

int profile_check_follow(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	struct profile_follow *f = object;

	(void)a;
	if (!f->name)
		f->name = f->workflow;
	return check_workflow(at(map, "workflow"), f->workflow, e);
}

/* ---- lane ---- */

static const struct profile_input *find_input(const struct profile_lane *l, const char *name)
{
	vec_each (in, &l->inputs)
		if (strcmp(in->name, name) == 0)
			return in;
	return NULL;
}

/* The elements of a list beside their maps, so that a duplicate is named where it stands. */
static int check_twice(const struct yaml *list, const char *key, struct err *e)
{
	yaml_each(it, list)
	{
		const char *name = yaml_str(it, key, "");

		for (const struct yaml *before = list->child; before != it; before = before->next)
			if (strcmp(yaml_str(before, key, ""), name) == 0)
				return yaml_error(e, at(it, key), "%s is here twice, first in line %d", name,
						  before->line);
	}
	return 0;
}

static int check_inputs(const struct profile_lane *l, const struct yaml *map, struct err *e)
{
	if (l->inputs.n && l->start != START_DISPATCH)
		return yaml_error(e, at(map, "inputs"), "inputs need start: dispatch");
	if (l->inputs.n > INPUTS_MAX)
		return yaml_error(e, at(map, "inputs"), "a dispatch takes at most %d inputs", INPUTS_MAX);
	if (l->release_input && !find_input(l, l->release_input))
		return yaml_error(e, at(map, "release_input"), "%s is not among the inputs",
				  l->release_input);
	return check_twice(yaml_get(map, "inputs"), "name", e);
}

static int check_ref(const struct profile_lane *l, const struct yaml *map, struct err *e)
{
	if (!l->ref)
		return l->start == START_DISPATCH ? yaml_error(e, map, "lane: start: dispatch needs a ref")
						  : 0;
	if (l->start != START_DISPATCH)
		return yaml_error(e, at(map, "ref"), "ref needs start: dispatch");
	if (strcmp(l->ref, "{release}") != 0 && !text_is_plain_ref(l->ref))
		return yaml_error(e, at(map, "ref"), "ref must be a branch, a tag or {release}");
	return 0;
}

/* Going back is dispatching an older release: it must be possible to say which. */
static int check_rollback(const struct profile_lane *l, const struct yaml *map, struct err *e)
{
	if (l->rollback != BACK_DISPATCH)
		return 0;
	if (l->start != START_DISPATCH)
		return yaml_error(e, at(map, "rollback"), "rollback needs start: dispatch");
	if (!l->release_input && strcmp(l->ref, "{release}") != 0)
		return yaml_error(e, at(map, "rollback"),
				  "rollback needs a release_input, or {release} as ref");
	return 0;
}

static int check_release_from(struct profile_lane *l, const struct yaml *map, struct err *e)
{
	static const char *const words[] = { "input", "branch", "sha" };

	if (l->release_title && count_placeholders(l->release_title) != 1)
		return yaml_error(e, at(map, "release_title"), "release_title must hold {release} once");
	if (!l->release_from)
		l->release_from = words[l->release_title ? 0 : 2];
	for (size_t i = 0; i < countof(words); i++) {
		if (strcmp(words[i], l->release_from) != 0)
			continue;
		if (i == 0 && !l->release_title)
			return yaml_error(e, at(map, "release_from"),
					  "release_from: input needs a release_title");
		return check_template(at(map, "release_title"), l->release_title, ONLY_RELEASE, e);
	}
	return yaml_error(e, at(map, "release_from"), "release_from must be input, branch or sha");
}

static int check_times(const struct profile_lane *l, const struct yaml *map, struct err *e)
{
	if (l->poll_ms && (l->poll_ms < POLL_MIN_MS || l->poll_ms > DAY_MS))
		return yaml_error(e, at(map, "poll_ms"), "poll_ms must be between %d and %d", POLL_MIN_MS,
				  DAY_MS);
	if (l->stale_ms && (l->stale_ms < POLL_MIN_MS || l->stale_ms > 7LL * DAY_MS))
		return yaml_error(e, at(map, "stale_ms"), "stale_ms must be between %d and %lld", POLL_MIN_MS,
				  7LL * DAY_MS);
	return 0;
}

static int check_words(const struct profile_lane *l, const struct yaml *map, struct err *e)
{
	int r = check_word(map, "environment", l->environment, e);

	if (r == 0)
		r = check_workflow(at(map, "workflow"), l->workflow, e);
	yaml_each(it, yaml_get(map, "exclusive"))
	{
		if (r == 0)
			r = check_workflow(it, it->scalar, e);
	}
	if (r == 0 && l->skipped_words && !l->skipped_means)
		r = yaml_error(e, at(map, "skipped_words"), "skipped_words needs skipped_means");
	return r == 0 ? check_template(at(map, "lock_group"), l->lock_group, ONLY_RELEASE, e) : r;
}

int profile_check_lane(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	static int (*const rules[])(const struct profile_lane *, const struct yaml *, struct err *) = {
		check_words, check_inputs, check_ref, check_rollback, check_times,
	};
	struct profile_lane *l = object;
	int r = 0;

	for (size_t i = 0; r == 0 && i < countof(rules); i++)
		r = rules[i](l, map, e);
	if (r == 0)
		r = check_twice(yaml_get(map, "stages"), "name", e);
	if (r == 0)
		r = check_release_from(l, map, e);
	if (r == 0 && l->skipped_means && !l->skipped_words)
		l->skipped_words = arena_printf(a, "skipped: %s", l->skipped_means);
	return r;
}

int profile_check_profile(void *object, const struct yaml *map, struct arena *a, struct err *e)
{
	struct profile *p = object;
	int r = check_word(map, "name", p->name, e);

	if (r == 0)
		r = check_word(map, "system", p->system, e);
	if (r == 0 && p->repo && !profile_is_repo(p->repo))
		r = yaml_error(e, at(map, "repo"), "%s is not OWNER/NAME", p->repo);
	if (r == 0 && p->note && strlen(p->note) > TEXT_MAX)
		r = yaml_error(e, at(map, "note"), "note is longer than %d bytes", TEXT_MAX);
	if (r == 0 && p->lanes.n == 0)
		r = yaml_error(e, at(map, "lanes"), "a profile has at least one lane");
	if (r == 0)
		r = check_twice(yaml_get(map, "lanes"), "environment", e);
	vec_each (l, &p->lanes)
		l->name = arena_printf(a, "%s/%s", p->system, l->environment);
	if (!p->title)
		p->title = p->name;
	return r;
}
