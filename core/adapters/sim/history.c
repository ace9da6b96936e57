#include "core/adapters/sim/moves.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/*
 * The past: completed runs, from a list such as
 *
 *	- {workflow: production-rollout.yml, event: workflow_dispatch, release: v0.9.3, ref: v0.9.3, ago: 4d, by: kim}
 *	- {workflow: test.yml, event: push, ago: 2h, every: 5h, count: 30, fail: 10}      fail: percent
 *	- {workflow: test.yml, ago: 2h, title: "long ", times: 2000, conclusion: success}
 *	- {workflow: pipeline.yml, ref: main, ago: 2h, took: 30m, played: true, broke: verify}   its steps did what they say
 *
 * Lists come from several files in any order; sim_history_settle() puts them in order at the end and numbers them.
 */
enum { TITLE_MAX = 64 << 10 };

struct past {
	int64_t at;
	struct sim_workflow *workflow;
	const char *event, *release, *ref, *sha, *title;
	enum sim_conclusion conclusion;
	const struct sim_user *by;
	int64_t took; /* 0: some minutes */
	const char *broke;
	bool played;
};

static int64_t integer(const struct yaml *map, const char *key, int64_t fallback)
{
	int64_t n;

	return text_int64(&n, yaml_str(map, key, ""), 0, RUNS_MAX) == 0 ? n : fallback;
}

static const struct sim_commit *commit_at(const struct sim_repo *r, int64_t at)
{
	const struct sim_commit *c = &r->commits.items[0];

	for (size_t lo = 0, hi = r->line; lo < hi;) {
		size_t mid = (lo + hi) / 2;

		if (r->commits.items[mid].at <= at) {
			c = &r->commits.items[mid];
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	return c;
}

/* The newest of a branch that was there by then. */
static const struct sim_commit *commit_on(const struct sim_repo *r, const char *branch, int64_t at)
{
	long i = sim_branch_tip(r, branch);

	while (i >= 0 && r->commits.items[i].at > at && r->commits.items[i].parent >= 0)
		i = r->commits.items[i].parent;
	return i < 0 ? NULL : &r->commits.items[i];
}

static void broke_set(struct world *w, struct sim_run *run, const struct past *p)
{
	const struct sim_job_specs *jobs = &run->plan->jobs;

	if (p->conclusion == SIM_FAILURE && jobs->n && !p->broke)
		run->broke = &jobs->items[sim_random(w) % jobs->n];
	vec_each (it, jobs) {
		if (p->broke && strcmp(it->key, p->broke) == 0)
			run->broke = it;
	}
}

static void past_add(struct world *w, struct sim_repo *r, const struct past *p)
{
	long named = p->sha ? sim_commit_index(r, p->sha) : -1;
	const struct sim_commit *on = named >= 0 ? &r->commits.items[named]
				      : p->ref   ? commit_on(r, p->ref, p->at)
						 : NULL;
	const struct sim_commit *c = on ? on : commit_at(r, p->at);
	struct sim_pairs inputs = { 0 };
	struct sim_run *run;
	bool tag = false;
	const char *sha = p->ref && !on ? sim_ref_sha(r, p->ref, &tag) : NULL;

	if (p->release && p->workflow->inputs.n)
		*vec_push(&inputs, &w->arena) =
			(struct sim_pair){ p->workflow->inputs.items[0].name, p->release };
	run = sim_run_add(w, &(struct sim_start){
				     .workflow = p->workflow,
				     .event = p->event,
				     .ref = p->ref ? p->ref : r->branch,
				     .tag = tag,
				     .sha = sha ? sha : c->sha,
				     .title = p->title                                     ? p->title
					      : strcmp(p->event, "workflow_dispatch") == 0 ? NULL
											   : c->subject,
				     .actor = p->by,
				     .inputs = &inputs,
			     });
	if (!run)
		return;
	run->created = run->listed = run->started = p->at;
	run->updated = p->at + (p->took ? p->took : 2 * MINUTE + (int64_t)(sim_random(w) % (6 * MINUTE)));
	run->played = p->played;
	run->status = SIM_COMPLETED;
	run->conclusion = p->conclusion;
	broke_set(w, run, p);
}

static const char *repeated(struct world *w, const char *text, int64_t times)
{
	autofree(buf) struct buf b = BUF_INIT(TITLE_MAX);

	while (times-- > 0)
		buf_str(&b, text);
	return arena_strdup(&w->arena, b.s);
}

static int item_load(struct world *w, struct sim_repo *r, const struct yaml *it, struct err *e)
{
	const char *by = yaml_str(it, "by", NULL);
	struct past p = {
		.workflow = sim_workflow_find(r, yaml_str(it, "workflow", "")),
		.event = yaml_str(it, "event", "push"),
		.release = yaml_str(it, "release", NULL),
		.ref = yaml_str(it, "ref", NULL),
		.sha = yaml_str(it, "sha", NULL),
		.title = yaml_str(it, "title", NULL),
		.broke = yaml_str(it, "broke", NULL),
		.played = strcmp(yaml_str(it, "played", ""), "true") == 0,
	};
	int64_t times = integer(it, "times", 1);
	int word = names_value(&sim_conclusion_names, yaml_str(it, "conclusion", "success"));
	int64_t ago, every;

	if (!p.workflow)
		return yaml_error(e, it, "there is no workflow %s", yaml_str(it, "workflow", ""));
	if (sim_span_of(&ago, it, "ago", HOUR, e) < 0 || sim_span_of(&every, it, "every", HOUR, e) < 0 ||
	    sim_span_of(&p.took, it, "took", 0, e) < 0)
		return -ERR_INVALID;
	if (p.title && times > 1)
		p.title = repeated(w, p.title, times);
	for (int64_t i = 0; i < integer(it, "count", 1); i++) {
		p.at = w->start - ago - i * every;
		p.by = by ? sim_user_find(by) : &sim_users[4 + (size_t)i % 3];
		p.conclusion = (int64_t)(sim_random(w) % 100) < integer(it, "fail", 0)
				       ? SIM_FAILURE
				       : (enum sim_conclusion)word;
		past_add(w, r, &p);
	}
	return 0;
}

int sim_history_load(struct world *w, struct sim_repo *r, const struct yaml *list, struct err *e)
{
	yaml_each(it, list)
	{
		int result = item_load(w, r, it, e);

		if (result < 0)
			return result;
	}
	return 0;
}

/* Older than all that a scenario tells of: the newest of these is a month old. */
void sim_history_many(struct world *w, struct sim_repo *r, int n)
{
	for (int i = 0; i < n; i++) {
		struct past p = {
			.at = w->start - INT64_C(30) * DAY - (int64_t)i * 7 * MINUTE,
			.workflow = r->workflows.items[(size_t)i % r->workflows.n],
			.event = "push",
			.by = &sim_users[4 + (size_t)i % 3],
			.conclusion = sim_random(w) % 20 == 0 ? SIM_FAILURE : SIM_SUCCESS,
		};

		past_add(w, r, &p);
	}
}

static int by_time(const void *a, const void *b)
{
	const struct sim_run *x = *(struct sim_run *const *)a, *y = *(struct sim_run *const *)b;

	if (x->created != y->created)
		return x->created < y->created ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

void sim_history_settle(struct world *w, struct sim_repo *r)
{
	if (r->runs.n)
		qsort(r->runs.items, r->runs.n, sizeof(*r->runs.items), by_time);
	vec_each (wf, &r->workflows)
		(*wf)->runs.n = 0;
	vec_each (it, &r->runs) {
		struct sim_run *run = *it;

		run->id = sim_id(w);
		*vec_push(&run->workflow->runs, &w->arena) = run;
		run->number = (int)run->workflow->runs.n;
		run->workflow->runs_n = run->number;
	}
	for (size_t i = 0; i < r->runs.n; i++)
		if (r->runs.items[i]->played)
			sim_run_play(w, r->runs.items[i]);
}
