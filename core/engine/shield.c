#include "core/engine/shield.h"

#include "base/text.h"

#include <string.h>

static const struct shield_part parts[SHIELD_PARTS] = {
	{ "rc_intent", "a used nonce" },
	{ "expected_sha", "a moved tag" },
	{ "lock_epoch", "an old lock" },
};

const struct shield_part *shield_part(size_t i)
{
	return &parts[i];
}

/* ---- what a job looks at -------------------------------------------------------------------------------------------- */

static bool says_true(const struct yaml *map, const char *key)
{
	const char *s = yaml_str(map, key, NULL);

	return s && !text_eq(s, "false");
}

/* A name is for people; a step that may fail checks nothing. */
static bool reads_input(const struct yaml *y, const char *input, struct arena *a)
{
	const char *at;

	if (y->kind == YAML_MAP && says_true(y, "continue-on-error"))
		return false;
	if (y->kind != YAML_SCALAR) {
		yaml_each(it, y)
		{
			if (!text_eq(it->key, "name") && reads_input(it, input, a))
				return true;
		}
		return false;
	}
	at = strstr(y->scalar, arena_printf(a, "inputs.%s", input));
	return at && !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-",
			     at[strlen("inputs.") + strlen(input)]);
}

/* Which of the jobs stand behind the first, over any number of needs. */
struct line {
	const struct yaml *jobs, *first;
	bool behind[SHIELD_JOBS];
};

static bool is_behind(const struct line *l, const char *need)
{
	int i = 0;

	yaml_each(it, l->jobs)
	{
		if (text_eq(it->key, need))
			return it == l->first || l->behind[i];
		i++;
	}
	return false;
}

static bool needs_the_first(const struct line *l, const struct yaml *job)
{
	const struct yaml *needs = yaml_get(job, "needs");
	int n = 0;

	if (!needs)
		return false;
	if (needs->kind == YAML_SCALAR)
		return is_behind(l, needs->scalar);
	yaml_each(it, needs)
	{
		if (n++ < SHIELD_JOBS && it->kind == YAML_SCALAR && is_behind(l, it->scalar))
			return true;
	}
	return false;
}

static bool line_up(struct line *l)
{
	bool moved = false;
	int i = 0;

	yaml_each(it, l->jobs)
	{
		if (!l->behind[i] && needs_the_first(l, it))
			l->behind[i] = moved = true;
		i++;
	}
	return moved;
}

/* The forge runs it although what it needs has failed. */
static bool runs_always(const struct yaml *job)
{
	static const char *const words[] = { "always()", "failure()", "cancelled()" };
	const char *when = yaml_str(job, "if", "");

	for (size_t i = 0; i < countof(words); i++)
		if (strstr(when, words[i]))
			return true;
	return false;
}

static const char *escapes(const struct yaml *jobs, const struct yaml *first)
{
	struct line l = { .jobs = jobs, .first = first };
	int i = 0;

	while (line_up(&l))
		;
	yaml_each(it, jobs)
	{
		if (it != first && (!l.behind[i] || runs_always(it)))
			return it->key;
		i++;
	}
	return NULL;
}

/* ---- judging ---------------------------------------------------------------------------------------------------------- */

static bool can_be_first(const struct yaml *job)
{
	return job->kind == YAML_MAP && !yaml_get(job, "needs") && !yaml_get(job, "if") &&
	       !says_true(job, "continue-on-error");
}

static int count_checks(const struct yaml *job, bool checks[SHIELD_PARTS], struct arena *a)
{
	int n = 0;

	for (size_t i = 0; i < SHIELD_PARTS; i++) {
		checks[i] = reads_input(job, parts[i].input, a);
		n += checks[i];
	}
	return n;
}

static void no_job(struct shield *out, struct arena *a, const struct yaml *first, const char *escaping)
{
	out->why = escaping ? arena_printf(a, "job %s runs whatever job %s says", escaping, first->key)
			    : "no first job reads rc_intent, expected_sha or lock_epoch";
}

void shield_find(struct shield *out, const struct yaml *file, struct arena *a)
{
	const struct yaml *jobs = yaml_map(file, "jobs"), *near = NULL;
	const char *escaping = NULL;
	int best = 0;

	*out = (struct shield){ 0 };
	if (jobs && jobs->n > SHIELD_JOBS) {
		out->why = "it has more jobs than are looked through";
		return;
	}
	yaml_each(it, jobs)
	{
		bool checks[SHIELD_PARTS];
		int n = can_be_first(it) ? count_checks(it, checks, a) : 0;
		const char *free = n > best ? escapes(jobs, it) : NULL;

		if (free) {
			near = it;
			escaping = free;
		}
		if (free || n <= best)
			continue;
		best = n;
		out->job = it->key;
		memcpy(out->checks, checks, sizeof(checks));
	}
	if (!out->job)
		no_job(out, a, near, escaping);
}

const char *shield_words(const struct shield *g, bool whole, struct arena *a)
{
	const char *s = "";

	for (size_t i = 0; i < SHIELD_PARTS; i++)
		if (g->checks[i] == whole)
			s = arena_printf(a, "%s%s%s", s, *s ? ", " : "", parts[i].refuses);
	return s;
}
