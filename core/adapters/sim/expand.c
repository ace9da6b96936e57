#include "core/adapters/sim/moves.h"

#include "base/text.h"
#include "core/adapters/sim/sha256.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/*
 * Templates and conditions of workflow files: ${{ expression }} with || && == != ! ( ) 'text', the contexts inputs,
 * github and needs, the functions of the forge that ours use, and some of the drill's own (the table `functions`). All
 * values are text; "" and "false" do not hold. What is not known is empty, as a missing context is at the forge.
 */

enum { EXPAND_MAX = 1 << 17, EXPRESSION_MAX = 1024, DEPTH_MAX = 16, ARGUMENTS = 8 };

struct reader {
	const char *at;
	struct arena *a;
	const struct sim_context *c;
	int depth;
};

const char *sim_pair(const struct sim_pairs *p, const char *name)
{
	const char *value = NULL;

	vec_each (it, p) {
		if (strcmp(it->name, name) == 0)
			value = it->value;
	}
	return value;
}

static bool holds(const char *s)
{
	return *s && strcmp(s, "false") != 0;
}

static const char *truth(bool yes)
{
	return yes ? "true" : "";
}

/* ---- contexts ----------------------------------------------------------------------------------------------------- */

static const char *input(struct arena *a, const char *name, const struct sim_context *c)
{
	const char *v = c->with ? sim_pair(c->with, name) : NULL;

	if (v) { /* what the caller gave is a template of the caller's */
		struct sim_context outer = { .w = c->w, .run = c->run, .job = c->job };

		return sim_expand(a, v, &outer);
	}
	v = sim_pair(&c->run->inputs, name);
	return v ? v : "";
}

static const char *labels_of(struct arena *a, const struct sim_pull *pull)
{
	const char *all = ",";

	vec_each (it, &pull->labels)
		all = arena_printf(a, "%s%s,", all, *it);
	return all;
}

static const char *subject_of(const struct sim_run *run)
{
	long i = sim_commit_index(run->workflow->repo, run->sha);

	return i < 0 ? "" : run->workflow->repo->commits.items[i].subject;
}

static const char *event(struct arena *a, const char *name, const struct sim_run *run)
{
	if (run->pull && strcmp(name, "pull_request.labels.*.name") == 0)
		return labels_of(a, run->pull);
	if (run->pull && strcmp(name, "label.name") == 0)
		return run->pull->labels.n ? run->pull->labels.items[run->pull->labels.n - 1] : "";
	if (strcmp(name, "head_commit.message") == 0)
		return subject_of(run);
	if (run->pull && strcmp(name, "number") == 0)
		return arena_printf(a, "%" PRId64, run->pull->number);
	if (text_starts(name, "inputs.") && sim_pair(&run->inputs, name + strlen("inputs.")))
		return sim_pair(&run->inputs, name + strlen("inputs."));
	return "";
}

static const char *number(struct arena *a, int64_t n)
{
	return arena_printf(a, "%" PRId64, n);
}

static const char *github(struct arena *a, const char *name, const struct sim_run *run)
{
	if (strcmp(name, "ref") == 0)
		return arena_printf(a, "refs/%s/%s", run->tag ? "tags" : "heads", run->ref);
	if (strcmp(name, "ref_name") == 0 || strcmp(name, "head_ref") == 0)
		return run->ref;
	if (strcmp(name, "sha") == 0)
		return run->sha;
	if (strcmp(name, "run_id") == 0)
		return number(a, run->id);
	if (strcmp(name, "run_number") == 0)
		return number(a, run->number);
	if (strcmp(name, "run_attempt") == 0)
		return number(a, run->attempt);
	if (strcmp(name, "workflow") == 0)
		return run->workflow->name;
	if (strcmp(name, "repository") == 0)
		return run->workflow->repo->full;
	if (strcmp(name, "event_name") == 0)
		return run->event;
	if (strcmp(name, "actor") == 0)
		return run->actor->login;
	if (text_starts(name, "event."))
		return event(a, name + strlen("event."), run);
	return "";
}

/* The worst of the jobs of that key, as needs.KEY.result says it. */
static enum sim_conclusion result_of(const struct sim_run *run, const char *key)
{
	const struct sim_attempt *att = run->attempts.n ? &run->attempts.items[run->attempts.n - 1] : NULL;
	enum sim_conclusion worst = SIM_NONE;

	for (int i = 0; att && i < att->jobs_n; i++) {
		if (strcmp(att->jobs[i].spec->key, key) == 0 && (worst == SIM_NONE || worst == SIM_SUCCESS))
			worst = att->jobs[i].conclusion;
	}
	return worst;
}

static const char *needs(struct arena *a, const char *name, const struct sim_run *run)
{
	size_t n = strcspn(name, ".");
	const char *key = arena_strndup(a, name, n), *rest = name + n, *v;

	if (strcmp(rest, ".result") == 0)
		return names_word(&sim_conclusion_names, (int)result_of(run, key));
	if (!text_starts(rest, ".outputs."))
		return "";
	v = sim_pair(&run->outputs, arena_printf(a, "%s.%s", key, rest + strlen(".outputs.")));
	return v ? v : "";
}

static const char *name_value(struct reader *r, const char *name)
{
	if (strcmp(name, "true") == 0 || strcmp(name, "false") == 0)
		return name;
	if (text_starts(name, "inputs."))
		return input(r->a, name + strlen("inputs."), r->c);
	if (text_starts(name, "matrix."))
		return input(r->a, name + strlen("matrix."), r->c);
	if (text_starts(name, "github."))
		return github(r->a, name + strlen("github."), r->c->run);
	if (text_starts(name, "needs."))
		return needs(r->a, name + strlen("needs."), r->c->run);
	return "";
}

/* ---- functions ---------------------------------------------------------------------------------------------------- */

struct arguments {
	const char *v[ARGUMENTS];
	int n;
};

static const char *call_format(struct reader *r, const struct arguments *g)
{
	autofree(buf) struct buf b = BUF_INIT(EXPAND_MAX);

	for (const char *at = g->v[0]; *at; at++) {
		int i = at[0] == '{' && at[1] >= '0' && at[1] <= '9' && at[2] == '}' ? at[1] - '0' : -1;

		if (i < 0)
			buf_chr(&b, *at);
		else if (i + 1 < g->n)
			buf_str(&b, g->v[i + 1]);
		at += i < 0 ? 0 : 2;
	}
	return arena_strdup(r->a, b.s);
}

/* A list of labels is ",a,b,": only whole ones are in it. */
static const char *call_contains(struct reader *r, const struct arguments *g)
{
	const char *what = g->v[0][0] == ',' ? arena_printf(r->a, ",%s,", g->v[1]) : g->v[1];

	return truth(strstr(g->v[0], what) != NULL);
}

static const char *call_starts(struct reader *r, const struct arguments *g)
{
	(void)r;
	return truth(text_starts(g->v[0], g->v[1]));
}

static bool any_need(const struct sim_context *c, enum sim_conclusion wanted)
{
	const struct sim_attempt *att =
		c->run->attempts.n ? &c->run->attempts.items[c->run->attempts.n - 1] : NULL;

	for (int i = 0; att && c->job && i < att->jobs_n; i++)
		if (c->job->needs >> i & 1 && att->jobs[i].conclusion == wanted)
			return true;
	return false;
}

static const char *call_always(struct reader *r, const struct arguments *g)
{
	(void)r, (void)g;
	return truth(true);
}

static const char *call_failure(struct reader *r, const struct arguments *g)
{
	(void)g;
	return truth(any_need(r->c, SIM_FAILURE));
}

static const char *call_cancelled(struct reader *r, const struct arguments *g)
{
	(void)g;
	return truth(r->c->run->cancelling);
}

static const char *call_success(struct reader *r, const struct arguments *g)
{
	(void)g;
	return truth(!r->c->run->cancelling && !any_need(r->c, SIM_FAILURE) && !any_need(r->c, SIM_SKIPPED) &&
		     !any_need(r->c, SIM_CANCELLED));
}

/* digest('api', x): of what can be made of these words, always the same. */
static const char *call_digest(struct reader *r, const struct arguments *g)
{
	const char *all = "";

	for (int i = 0; i < g->n; i++)
		all = arena_printf(r->a, "%s%s\n", all, g->v[i]);
	return sim_digest(r->a, all, strlen(all));
}

static const char *call_now(struct reader *r, const struct arguments *g)
{
	(void)g;
	return when_iso((struct when){ r->c->w->now }, arena_alloc(r->a, WHEN_TEXT));
}

/* 20251015-143052, in UTC */
static const char *call_stamp(struct reader *r, const struct arguments *g)
{
	const char *iso = call_now(r, g);

	return arena_printf(r->a, "%.4s%.2s%.2s-%.2s%.2s%.2s", iso, iso + 5, iso + 8, iso + 11, iso + 14,
			    iso + 17);
}

static const char *call_short(struct reader *r, const struct arguments *g)
{
	return arena_strndup(r->a, g->v[0], 7);
}

/* pin('path', 'amd64'): the digest that the file names, at the tip of the run's branch. */
static const char *call_pin(struct reader *r, const struct arguments *g)
{
	const struct sim_repo *repo = r->c->run->workflow->repo;
	const struct sim_file *f =
		sim_file_find(sim_files_at(repo, sim_branch_tip(repo, r->c->run->ref)), g->v[0]);

	return f ? sim_pin_read(r->a, f->content, g->v[1]) : "";
}

/* tip('main'): the commit that a branch is on now. */
static const char *call_tip(struct reader *r, const struct arguments *g)
{
	const struct sim_ref *ref = sim_branch_find(r->c->run->workflow->repo, g->v[0]);

	return ref ? ref->sha : "";
}

/* yes('a b'): YES when all these jobs succeeded, else NO. */
static const char *call_yes(struct reader *r, const struct arguments *g)
{
	for (const char *at = g->v[0]; *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");

		if (result_of(r->c->run, arena_strndup(r->a, at, n)) != SIM_SUCCESS)
			return "NO";
		at += n;
	}
	return "YES";
}

/* seconds('a'): how long that job took. */
static const char *call_seconds(struct reader *r, const struct arguments *g)
{
	const struct sim_run *run = r->c->run;
	int64_t ms = 0;

	for (int i = 0; run->attempts.n && i < run->attempts.items[run->attempts.n - 1].jobs_n; i++) {
		const struct sim_job *job = &run->attempts.items[run->attempts.n - 1].jobs[i];

		if (strcmp(job->spec->key, g->v[0]) == 0 && job->completed > job->started)
			ms += job->completed - job->started;
	}
	return number(r->a, ms / SECOND);
}

static const char *call_elapsed(struct reader *r, const struct arguments *g)
{
	(void)g;
	return number(r->a, (r->c->w->now - r->c->run->started) / SECOND);
}

static const char *call_live(struct reader *r, const struct arguments *g)
{
	return world_live(r->c->w, g->v[0]);
}

static const struct {
	const char *name;
	int least;
	const char *(*fn)(struct reader *r, const struct arguments *g);
} functions[] = {
	{ "format", 1, call_format },   { "contains", 2, call_contains }, { "startsWith", 2, call_starts },
	{ "always", 0, call_always },   { "failure", 0, call_failure },   { "cancelled", 0, call_cancelled },
	{ "success", 0, call_success }, { "digest", 1, call_digest },     { "now", 0, call_now },
	{ "stamp", 0, call_stamp },     { "short", 1, call_short },       { "pin", 2, call_pin },
	{ "yes", 1, call_yes },         { "seconds", 1, call_seconds },   { "live", 1, call_live },
	{ "tip", 1, call_tip },         { "elapsed", 0, call_elapsed },
};

/* ---- grammar ------------------------------------------------------------------------------------------------------ */

static const char *either(struct reader *r);

static bool eat(struct reader *r, const char *word)
{
	r->at += strspn(r->at, " \n");
	if (!text_starts(r->at, word))
		return false;
	r->at += strlen(word);
	return true;
}

static const char *call(struct reader *r, const char *name)
{
	struct arguments g = { .n = 0 };

	while (*r->at && !eat(r, ")")) {
		const char *v = either(r);

		if (g.n < ARGUMENTS)
			g.v[g.n++] = v;
		if (!eat(r, ",") && *r->at != ')')
			break;
	}
	for (size_t i = 0; i < countof(functions); i++)
		if (strcmp(functions[i].name, name) == 0 && g.n >= functions[i].least)
			return functions[i].fn(r, &g);
	return "";
}

static const char *quoted(struct reader *r)
{
	size_t n = strcspn(r->at, "'");
	const char *s = arena_strndup(r->a, r->at, n);

	r->at += n + (r->at[n] == '\'');
	return s;
}

static const char *one(struct reader *r)
{
	const char *v, *name;
	size_t n = 0;

	if (++r->depth > DEPTH_MAX) {
		r->at += strlen(r->at);
		return "";
	}
	if (eat(r, "!")) {
		v = truth(!holds(one(r)));
	} else if (eat(r, "(")) {
		v = either(r);
		(void)eat(r, ")");
	} else if (eat(r, "'")) {
		v = quoted(r);
	} else {
		while (isalnum((unsigned char)r->at[n]) || (r->at[n] && strchr("_-.*", r->at[n])))
			n++;
		name = arena_strndup(r->a, r->at, n);
		r->at += n ? n : *r->at != '\0';
		v = eat(r, "(") ? call(r, name) : name_value(r, name);
	}
	r->depth--;
	return v;
}

static const char *compared(struct reader *r)
{
	const char *left = one(r);

	if (eat(r, "=="))
		return truth(strcasecmp(left, one(r)) == 0);
	if (eat(r, "!="))
		return truth(strcasecmp(left, one(r)) != 0);
	return left;
}

static const char *both(struct reader *r)
{
	const char *left = compared(r);

	while (eat(r, "&&")) {
		const char *right = compared(r);

		left = holds(left) ? right : "";
	}
	return left;
}

static const char *either(struct reader *r)
{
	const char *left = both(r);

	while (eat(r, "||")) {
		const char *right = both(r);

		left = holds(left) ? left : right;
	}
	return left;
}

bool sim_holds(const char *expression, const struct sim_context *c)
{
	struct arena a = ARENA_INIT;
	struct reader r = { .at = expression, .a = &a, .c = c };
	bool yes = holds(either(&r));

	arena_done(&a);
	return yes;
}

const char *sim_expand(struct arena *a, const char *template, const struct sim_context *c)
{
	autofree(buf) struct buf out = BUF_INIT(EXPAND_MAX);
	const char *at = template, *open;

	while ((open = strstr(at, "${{")) != NULL) {
		const char *close = strstr(open, "}}");
		struct reader r = { .a = a, .c = c };

		if (!close || close - open > EXPRESSION_MAX)
			break;
		r.at = arena_strndup(a, open + 3, (size_t)(close - open - 3));
		buf_add(&out, at, (size_t)(open - at));
		buf_str(&out, either(&r));
		at = close + 2;
	}
	buf_str(&out, at);
	return arena_strdup(a, out.s);
}
