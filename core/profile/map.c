/*
 * map.c - from what the forge shows to what the profile says of it: a run's file to its lane, a job's end to its meaning,
 * an image's tag to its parts.
 */
#include "core/profile/keys.h"
#include "core/profile/profile.h"

#include "base/text.h"
#include "core/model/model.h"

#include <string.h>

#include <regex.h>

/* ---- runs to lanes ---- */

/* ".github/workflows/x.yml@refs/heads/main": the name of the file; the ref may hold slashes too. */
static size_t file_of(const char *path, const char **file)
{
	size_t n = strcspn(path, "@");

	*file = path;
	for (size_t i = 0; i < n; i++)
		if (path[i] == '/')
			*file = path + i + 1;
	return n - (size_t)(*file - path);
}

static bool is_file(const char *name, const char *const *aliases, const char *file, size_t n)
{
	if (name && strlen(name) == n && memcmp(name, file, n) == 0)
		return true;
	for (; aliases && *aliases; aliases++)
		if (strlen(*aliases) == n && memcmp(*aliases, file, n) == 0)
			return true;
	return false;
}

bool profile_is_workflow(const struct profile_lane *l, const char *path)
{
	const char *file = "";
	size_t n = path ? file_of(path, &file) : 0;

	return n && (is_file(l->workflow, l->aliases, file, n) ||
		     (l->replay && is_file(l->replay->workflow, l->replay->aliases, file, n)));
}

bool profile_is_file(const char *workflow, const char *path)
{
	const char *file = "";
	size_t n = path ? file_of(path, &file) : 0;

	return n && is_file(workflow, NULL, file, n);
}

/* On the branch of who asks, in a repository of theirs perhaps. */
static bool is_for_pull(const char *event)
{
	return event && text_starts(event, "pull_request");
}

static bool takes_event(const struct profile_lane *l, const char *event)
{
	if (!l->events)
		return !l->production || !is_for_pull(event);
	for (const char *const *one = l->events; event && *one; one++)
		if (text_eq(*one, event))
			return true;
	return false;
}

static bool has_branch(const struct profile_lane *l, const char *branch)
{
	for (const char *const *glob = l->branches; branch && glob && *glob; glob++)
		if (text_glob(*glob, branch))
			return true;
	return false;
}

static int closeness(const struct profile_lane *l)
{
	return (l->branches ? 4 : 0) + (l->events ? 2 : 0) + l->production;
}

const struct profile_lane *profile_lane_of_run(const struct profile *p, const struct profile_run *run)
{
	const struct profile_lane *best = NULL;
	const char *branch = is_for_pull(run->event) ? NULL : run->branch;

	vec_each (l, &p->lanes) {
		if (!profile_is_workflow(l, run->path) || !takes_event(l, run->event) ||
		    (l->branches && !has_branch(l, branch)))
			continue;
		if (!best || closeness(l) > closeness(best))
			best = l;
	}
	return best;
}

const struct profile_lane *profile_owner(const struct profile *p, const struct profile_lane *l)
{
	const struct profile_run any = { .path = l->workflow, .event = l->events ? l->events[0] : NULL };
	const struct profile_lane *owner = l->branches ? l : profile_lane_of_run(p, &any);

	return owner ? owner : l;
}

bool profile_is_shared(const struct profile *p, const struct profile_lane *l)
{
	vec_each (other, &p->lanes)
		if (other != l && profile_owner(p, other) == profile_owner(p, l))
			return true;
	return false;
}

int64_t profile_run_in(const struct profile_probe *probe, const char *text)
{
	static const char word[] = "{run}";
	const char *hole = probe->run_like ? strstr(probe->run_like, word) : NULL;
	size_t before = hole ? (size_t)(hole - probe->run_like) : 0, n;
	int64_t id = 0;
	char digits[20];

	if (!text || strncmp(text, probe->run_like ? probe->run_like : "", before) != 0)
		return 0;
	text += before;
	n = strspn(text, "0123456789");
	if (!n || n >= sizeof(digits) || !text_glob(hole ? hole + strlen(word) : "", text + n))
		return 0;
	memcpy(digits, text, n);
	digits[n] = 0;
	return text_int64(&id, digits, 1, INT64_MAX) == 0 ? id : 0;
}

/* ---- percents ---- */

enum { PERCENT_DIGITS = 8 }; /* "100.00" and no more */

/* "12", "12.5", "12.25" in hundredths; -1: it is no percent. */
static int64_t percent_of(const char *digits, size_t n)
{
	int64_t whole = 0, part = 0;
	size_t i = 0, places = 0;

	for (; i < n && digits[i] != '.'; i++)
		whole = whole * 10 + (digits[i] - '0');
	for (i++; i < n && places < 2; i++, places++)
		part = part * 10 + (digits[i] - '0');
	part = places == 1 ? part * 10 : part;
	return i < n || whole * 100 + part > 10000 ? -1 : whole * 100 + part;
}

static size_t number_span(const char *s)
{
	static const char digits[] = "0123456789";
	size_t n = strspn(s, digits), more;

	if (n && s[n] == '.' && (more = strspn(s + n + 1, digits)) > 0)
		n += 1 + more;
	return n;
}

int64_t profile_percent_in(const char *glob, const char *text, struct arena *a)
{
	static const char word[] = "{percent}";
	const char *hole = strstr(glob, word);
	int64_t found = -1;
	size_t n;

	for (const char *s = text; hole && *s; s += n ? n : 1) {
		int64_t bp;

		n = number_span(s);
		bp = n && n <= PERCENT_DIGITS ? percent_of(s, n) : -1;
		if (bp < 0 || bp == found ||
		    !text_glob(arena_printf(a, "%.*s%.*s%s", (int)(hole - glob), glob, (int)n, s,
					    hole + strlen(word)),
			       text))
			continue;
		if (found >= 0)
			return -1;
		found = bp;
	}
	return found;
}

/* ---- jobs to meanings ---- */

const struct profile_meaning *profile_meaning_of(const struct profile_lane *l, const char *job,
						 int conclusion)
{
	vec_each (m, &l->meanings)
		if (conclusion != CONCLUSION_OTHER && text_glob(m->job, job) &&
		    (m->conclusion == CONCLUSION_OTHER || m->conclusion == conclusion))
			return m;
	return NULL;
}

const struct profile_meaning *profile_meaning_shared(const struct profile *p,
						     const struct profile_lane *owner, const char *job,
						     int conclusion)
{
	const struct profile_meaning *m = profile_meaning_of(owner, job, conclusion);

	vec_each (l, &p->lanes)
		if (!m && profile_owner(p, l) == owner)
			m = profile_meaning_of(l, job, conclusion);
	return m;
}

/* ---- tags ---- */

int profile_group(const char *word)
{
	static const char *const words[] = {
		[GROUP_VERSION] = "version", [GROUP_DATE] = "date", [GROUP_TIME] = "time",
		[GROUP_SHA] = "sha",         [GROUP_SKIP] = "skip",
	};

	for (int i = 0; i < GROUP_MAX_; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

enum { TAG_MAX = 128, GROUPS = 17 }; /* a tag of the registry; the expression's groups and the whole */

static void take_groups(const struct profile_grammar *g, const char *tag, const regmatch_t *m,
			struct profile_tag *out, struct arena *a)
{
	const char **const places[] = {
		[GROUP_VERSION] = &out->version,
		[GROUP_DATE] = &out->date,
		[GROUP_TIME] = &out->time,
		[GROUP_SHA] = &out->sha,
	};

	*out = (struct profile_tag){ "", "", "", "" };
	for (size_t i = 0; g->groups[i] && i + 1 < GROUPS; i++) {
		int which = profile_group(g->groups[i]);

		if (which >= 0 && which < GROUP_SKIP && m[i + 1].rm_so >= 0)
			*places[which] = arena_strndup(a, tag + m[i + 1].rm_so,
						       (size_t)(m[i + 1].rm_eo - m[i + 1].rm_so));
	}
}

bool profile_grammar_parse(const struct profile_grammar *g, const char *tag, struct profile_tag *out,
			   struct arena *a)
{
	regmatch_t m[GROUPS];
	regex_t re;
	bool whole;

	*out = (struct profile_tag){ "", "", "", "" };
	if (!tag || strlen(tag) > TAG_MAX || regcomp(&re, g->tag, REG_EXTENDED) != 0)
		return false;
	whole = regexec(&re, tag, GROUPS, m, 0) == 0 && m[0].rm_so == 0 && (size_t)m[0].rm_eo == strlen(tag);
	if (whole)
		take_groups(g, tag, m, out, a);
	regfree(&re);
	return whole;
}
