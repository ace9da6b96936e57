#include "core/adapters/sim/face.h"

#include "base/text.h"

#include <string.h>

enum {
	FILTERED_MAX = 1000,  /* results of a list with any filter (github reference 1.1) */
	FILTER_LAG_MS = 1500, /* filtered lists come from an index that lags a little more */
};

/* The run of param 0, or NULL after a 404. */
static struct sim_run *run_of(struct call *c)
{
	struct sim_run *run = sim_run_find(c->repo, call_param_int(c, 0));

	if (!run)
		call_missing(c);
	return run;
}

static struct sim_workflow *workflow_of(struct call *c)
{
	struct sim_workflow *wf = sim_workflow_find(c->repo, c->param[0]);

	if (!wf)
		call_missing(c);
	return wf;
}

static void list_open(struct call *c, size_t total, const char *name)
{
	jw_open(&c->j, '{');
	jw_kint(&c->j, "total_count", (int64_t)total);
	jw_kopen(&c->j, name, '[');
}

static void list_close(struct call *c)
{
	jw_close(&c->j, ']');
	jw_close(&c->j, '}');
}

/* ---- workflows ---------------------------------------------------------------------------------------------------- */

void get_workflows(struct call *c)
{
	struct call_page p = call_page(c, 30, 100);

	call_link(c, &p, c->repo->workflows.n);
	list_open(c, c->repo->workflows.n, "workflows");
	for (size_t i = p.from; i < c->repo->workflows.n && i < p.from + p.size; i++)
		put_workflow(c, c->repo->workflows.items[i]);
	list_close(c);
}

void get_workflow(struct call *c)
{
	const struct sim_workflow *wf = workflow_of(c);

	if (wf)
		put_workflow(c, wf);
}

static void set_disabled(struct call *c, bool disabled)
{
	struct sim_workflow *wf = workflow_of(c);

	if (!wf)
		return;
	if (disabled && wf->disabled) {
		call_error(c, 403, "Unable to disable a workflow that is not active.");
		return;
	}
	wf->disabled = disabled;
	c->status = 204;
}

void put_enable(struct call *c)
{
	set_disabled(c, false);
}

void put_disable(struct call *c)
{
	set_disabled(c, true);
}

/* ---- lists of runs ------------------------------------------------------------------------------------------------ */

struct filter {
	const char *branch, *event, *status, *actor, *sha;
	int64_t from, until; /* of creation */
	bool any;
};

static int64_t time_of(struct call *c, const char *s, size_t n)
{
	struct when t;
	const char *text = arena_strndup(c->a, s, n);

	if (n == strlen("2026-01-02"))
		text = arena_printf(c->a, "%sT00:00:00Z", text);
	return when_parse(&t, text) == 0 ? t.ms : 0;
}

/* created: >=T >T <=T <T A..B, or one day */
static void filter_created(struct call *c, struct filter *f)
{
	const char *s = call_query(c, "created"), *dots = s ? strstr(s, "..") : NULL;

	f->until = INT64_MAX;
	if (!s)
		return;
	if (dots) {
		f->from = time_of(c, s, (size_t)(dots - s));
		f->until = strcmp(dots + 2, "*") == 0 ? INT64_MAX : time_of(c, dots + 2, strlen(dots + 2));
	} else if (*s == '>') {
		s += 1 + (s[1] == '=');
		f->from = time_of(c, s, strlen(s));
	} else if (*s == '<') {
		s += 1 + (s[1] == '=');
		f->until = time_of(c, s, strlen(s));
	} else {
		f->from = time_of(c, s, strlen(s));
		f->until = f->from + DAY;
	}
}

static struct filter filter_of(struct call *c)
{
	struct filter f = {
		.branch = call_query(c, "branch"),
		.event = call_query(c, "event"),
		.status = call_query(c, "status"),
		.actor = call_query(c, "actor"),
		.sha = call_query(c, "head_sha"),
	};

	filter_created(c, &f);
	f.any = f.branch || f.event || f.status || f.actor || f.sha || call_query(c, "created");
	return f;
}

static bool is(const char *wanted, const char *have)
{
	return !wanted || strcmp(wanted, have) == 0;
}

static bool passes(const struct filter *f, const struct sim_run *run)
{
	const char *status = names_word(&sim_status_names, (int)run->status);
	const char *conclusion = names_word(&sim_conclusion_names, (int)run->conclusion);

	return is(f->branch, run->ref) && is(f->event, run->event) && is(f->actor, run->actor->login) &&
	       is(f->sha, run->sha) && (is(f->status, status) || is(f->status, conclusion)) &&
	       run->created >= f->from && run->created <= f->until;
}

static void runs_write(struct call *c, struct sim_run *const *runs, size_t n, const struct call_page *p,
		       size_t total)
{
	call_link(c, p, total);
	list_open(c, total, "workflow_runs");
	for (size_t i = 0; i < n; i++)
		put_run(c, runs[i], 0);
	list_close(c);
}

/* Newest first; the newest are not listed for a while after they began. */
static void runs_plain(struct call *c, struct sim_run **all, size_t n)
{
	struct call_page p = call_page(c, 30, 100);
	struct sim_run *page[100];
	size_t m = 0;

	while (n && all[n - 1]->listed > c->w->now)
		n--;
	for (size_t i = p.from; i < n && m < p.size; i++)
		page[m++] = all[n - 1 - i];
	runs_write(c, page, m, &p, n);
}

static void runs_filtered(struct call *c, struct sim_run **all, size_t n, const struct filter *f)
{
	struct call_page p = call_page(c, 30, 100);
	struct sim_run *page[100];
	size_t total = 0, m = 0;

	for (size_t i = n; i-- > 0 && total < FILTERED_MAX && all[i]->created >= f->from;) {
		if (all[i]->listed + FILTER_LAG_MS > c->w->now || !passes(f, all[i]))
			continue;
		if (total >= p.from && m < p.size)
			page[m++] = all[i];
		total++;
	}
	runs_write(c, page, m, &p, total);
}

static void runs_list(struct call *c, struct sim_run **all, size_t n)
{
	struct filter f = filter_of(c);

	if (f.any)
		runs_filtered(c, all, n, &f);
	else
		runs_plain(c, all, n);
}

void get_runs(struct call *c)
{
	runs_list(c, c->repo->runs.items, c->repo->runs.n);
}

void get_workflow_runs(struct call *c)
{
	const struct sim_workflow *wf = workflow_of(c);

	if (wf)
		runs_list(c, wf->runs.items, wf->runs.n);
}

/* ---- one run ------------------------------------------------------------------------------------------------------ */

/* The attempt that the path or nothing names; 0 after a 404. */
static int attempt_of(struct call *c, struct sim_run *run)
{
	int64_t n = c->param[1] ? call_param_int(c, 1) : run->attempt;

	if (n >= 1 && n <= run->attempt)
		return (int)n;
	call_missing(c);
	return 0;
}

void get_run(struct call *c)
{
	struct sim_run *run = run_of(c);
	int attempt = run ? attempt_of(c, run) : 0;

	if (attempt)
		put_run(c, run, c->param[1] ? attempt : 0);
}

static size_t visible(const struct sim_attempt *att)
{
	size_t n = 0;

	for (int i = 0; i < att->jobs_n; i++)
		n += att->jobs[i].visible;
	return n;
}

static void put_jobs(struct call *c, struct sim_run *run, int attempt, const struct call_page *p,
		     size_t *seen)
{
	const struct sim_attempt *att = sim_run_attempt(c->w, run, attempt);

	for (int i = 0; i < att->jobs_n; i++) {
		if (!att->jobs[i].visible)
			continue;
		if (*seen >= p->from && *seen < p->from + p->size)
			put_job(c, run, attempt, i);
		++*seen;
	}
}

void get_jobs(struct call *c)
{
	struct sim_run *run = run_of(c);
	struct call_page p = call_page(c, 30, 100);
	int last = run ? attempt_of(c, run) : 0, first = last;
	size_t total = 0, seen = 0;

	if (!last)
		return;
	if (!c->param[1] && call_query(c, "filter") && strcmp(call_query(c, "filter"), "all") == 0)
		first = 1;
	for (int i = first; i <= last; i++)
		total += visible(sim_run_attempt(c->w, run, i));
	call_link(c, &p, total);
	list_open(c, total, "jobs");
	for (int i = last; i >= first; i--)
		put_jobs(c, run, i, &p, &seen);
	list_close(c);
}

/* A job's id names its run, attempt and place. */
static struct sim_run *job_of(struct call *c, int *attempt, int *index)
{
	int64_t id = call_param_int(c, 0);
	struct sim_run *run = sim_run_find(c->repo, id / JOB_SLOTS / ATTEMPT_SLOTS);
	const struct sim_attempt *att;

	*index = (int)(id % JOB_SLOTS);
	*attempt = (int)(id / JOB_SLOTS % ATTEMPT_SLOTS);
	att = run && *attempt ? sim_run_attempt(c->w, run, *attempt) : NULL;
	if (att && *index < att->jobs_n && att->jobs[*index].visible)
		return run;
	call_missing(c);
	return NULL;
}

void get_job(struct call *c)
{
	int attempt, index;
	struct sim_run *run = job_of(c, &attempt, &index);

	if (run)
		put_job(c, run, attempt, index);
}

void get_annotations(struct call *c)
{
	int attempt, index;
	struct sim_run *run = job_of(c, &attempt, &index);
	const struct sim_job *job = run ? &sim_run_attempt(c->w, run, attempt)->jobs[index] : NULL;

	if (!run)
		return;
	jw_open(&c->j, '[');
	for (int s = 0; s < job->steps_n; s++) {
		if (!job->steps[s].why)
			continue;
		jw_open(&c->j, '{');
		put_str(&c->j, "path", ".github");
		jw_kint(&c->j, "start_line", 1);
		jw_kint(&c->j, "end_line", 1);
		put_str(&c->j, "annotation_level", "failure");
		put_str(&c->j, "title", "");
		put_str(&c->j, "message", job->steps[s].why);
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, ']');
}

/* On another origin, for a minute, and only by whom this answer reached. */
void call_storage(struct call *c, const char *kind, int64_t id)
{
	int64_t until = c->w->now + MINUTE;
	const char *base = c->rq->storage ? arena_printf(c->a, "http://%s", c->rq->storage) : c->base;

	call_header(c, "location",
		    arena_printf(c->a, "%s/_logs/%s%" PRId64 "?exp=%" PRId64 "&sig=%s", base, kind, id, until,
				 log_signature(c, kind, id, until)));
	c->type = "text/html;charset=utf-8";
	c->status = 302;
}

void get_job_log(struct call *c)
{
	int attempt, index;
	struct sim_run *run = job_of(c, &attempt, &index);

	if (!run)
		return;
	if (sim_run_attempt(c->w, run, attempt)->jobs[index].status != SIM_COMPLETED)
		call_missing(c);
	else
		call_storage(c, "job-", call_param_int(c, 0));
}

void get_run_log(struct call *c)
{
	struct sim_run *run = run_of(c);
	int attempt = run ? attempt_of(c, run) : 0;

	if (!attempt)
		return;
	if (sim_run_attempt(c->w, run, attempt)->status != SIM_COMPLETED)
		call_missing(c);
	else
		call_storage(c, "run-", sim_job_id(run, attempt, 0));
}

void get_reviews(struct call *c)
{
	struct sim_run *run = run_of(c);

	if (!run)
		return;
	jw_open(&c->j, '[');
	vec_each (it, &run->reviews) {
		jw_open(&c->j, '{');
		put_str(&c->j, "state", it->state);
		put_str(&c->j, "comment", it->comment);
		jw_kopen(&c->j, "environments", '[');
		put_environment(c, it->environment, true);
		jw_close(&c->j, ']');
		put_user(c, "user", it->user);
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, ']');
}

static void put_gate(struct call *c, const struct sim_run *run, const struct sim_job *job)
{
	jw_open(&c->j, '{');
	jw_key(&c->j, "environment");
	put_environment(c, job->env, true);
	jw_kint(&c->j, "wait_timer", job->env->wait_minutes);
	put_time(&c->j, "wait_timer_started_at", job->env->wait_minutes ? job->created : 0);
	jw_kbool(&c->j, "current_user_can_approve", sim_gate_may(run, job->env, c->user));
	jw_kopen(&c->j, "reviewers", '[');
	for (int i = 0; i < job->env->reviewers_n; i++) {
		jw_open(&c->j, '{');
		put_str(&c->j, "type", "User");
		put_user(c, "reviewer", job->env->reviewers[i]);
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, ']');
	jw_close(&c->j, '}');
}

void get_gates(struct call *c)
{
	struct sim_run *run = run_of(c);
	const struct sim_attempt *att = run ? sim_run_last(run) : NULL;

	if (!run)
		return;
	jw_open(&c->j, '[');
	for (int i = 0; att && i < att->jobs_n; i++)
		if (att->jobs[i].status == SIM_WAITING)
			put_gate(c, run, &att->jobs[i]);
	jw_close(&c->j, ']');
}

/* ---- concurrency groups ------------------------------------------------------------------------------------------- */

static void put_member(struct call *c, const struct sim_member *m, const char *status)
{
	jw_open(&c->j, '{');
	jw_kint(&c->j, "run_id", m->run->id);
	put_str(&c->j, "run_name", m->run->title);
	if (m->job >= 0)
		jw_kint(&c->j, "job_id", sim_job_id(m->run, m->attempt, m->job));
	put_str(&c->j, "status", status);
	jw_close(&c->j, '}');
}

static void put_group(struct call *c, const struct sim_group *g)
{
	jw_open(&c->j, '{');
	put_str(&c->j, "group_name", g->name);
	jw_kopen(&c->j, "group_members", '[');
	put_member(c, &g->holder, "in_progress");
	if (g->pending.run)
		put_member(c, &g->pending, "pending");
	jw_close(&c->j, ']');
	jw_close(&c->j, '}');
}

void get_groups(struct call *c)
{
	list_open(c, c->repo->groups.n, "concurrency_groups");
	vec_each (it, &c->repo->groups)
		put_group(c, it);
	list_close(c);
}

void get_group(struct call *c)
{
	const struct sim_group *g = sim_group_find(c->repo, c->param[0]);

	if (g)
		put_group(c, g);
	else
		call_missing(c);
}

/* Its own group, and those of its jobs. */
void get_run_groups(struct call *c)
{
	struct sim_run *run = run_of(c);
	size_t n = 0;

	if (!run)
		return;
	vec_each (it, &c->repo->groups)
		n += it->holder.run == run || it->pending.run == run;
	list_open(c, n, "concurrency_groups");
	vec_each (it, &c->repo->groups) {
		if (it->holder.run == run || it->pending.run == run)
			put_group(c, it);
	}
	list_close(c);
}
