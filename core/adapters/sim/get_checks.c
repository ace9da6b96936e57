#include "core/adapters/sim/face.h"

#include <string.h>

/* A commit's checks are the jobs of the runs that its push began. Nothing here posts commit statuses. */

enum { RUNS_LOOKED_AT = 2000, RUNS_SHOWN = 4 };

/* Newest first. */
static size_t runs_of(struct call *c, const char *sha, struct sim_run *out[RUNS_SHOWN])
{
	const struct sim_runs *all = &c->repo->runs;
	size_t n = 0;

	for (size_t i = 0; i < all->n && i < RUNS_LOOKED_AT && n < RUNS_SHOWN; i++) {
		struct sim_run *run = all->items[all->n - 1 - i];

		if (strcmp(run->event, "push") == 0 && strcmp(run->sha, sha) == 0)
			out[n++] = run;
	}
	return n;
}

static void put_check(struct call *c, struct sim_run *run, int index)
{
	const struct sim_job *job = &sim_run_last(run)->jobs[index];
	int64_t id = sim_job_id(run, run->attempt, index);

	jw_open(&c->j, '{');
	jw_kint(&c->j, "id", id);
	put_str(&c->j, "node_id", put_node(c, "CR", id));
	put_str(&c->j, "name", job->spec->name);
	put_str(&c->j, "head_sha", run->sha);
	put_str(&c->j, "status", names_word(&sim_status_names, (int)job->status));
	put_str(&c->j, "conclusion",
		job->conclusion ? names_word(&sim_conclusion_names, (int)job->conclusion) : NULL);
	put_time(&c->j, "started_at", job->started);
	put_time(&c->j, "completed_at", job->completed);
	put_web(c, "details_url", "/actions/runs/%" PRId64 "/job/%" PRId64, run->id, id);
	jw_key(&c->j, "app");
	jw_json(&c->j, "{\"id\":15368,\"slug\":\"github-actions\"}");
	jw_close(&c->j, '}');
}

static const char *sha_of(struct call *c)
{
	bool tag;
	const char *sha = sim_ref_sha(c->repo, c->param[0], &tag);

	if (!sha)
		call_error(c, 422, "No commit found for SHA: %s", c->param[0]);
	return sha;
}

void get_check_runs(struct call *c)
{
	const char *sha = sha_of(c);
	struct sim_run *runs[RUNS_SHOWN];
	size_t n = sha ? runs_of(c, sha, runs) : 0;
	int64_t total = 0;

	if (!sha)
		return;
	jw_open(&c->j, '{');
	jw_kopen(&c->j, "check_runs", '[');
	for (size_t i = 0; i < n; i++) {
		const struct sim_attempt *att = sim_run_attempt(c->w, runs[i], 0);

		for (int k = 0; k < att->jobs_n; k++) {
			if (!att->jobs[k].visible)
				continue;
			put_check(c, runs[i], k);
			total++;
		}
	}
	jw_close(&c->j, ']');
	jw_kint(&c->j, "total_count", total);
	jw_close(&c->j, '}');
}

/* Without statuses the forge says pending, which is not green (github reference 1.4: combine both). */
void get_commit_status(struct call *c)
{
	const char *sha = sha_of(c);

	if (!sha)
		return;
	jw_open(&c->j, '{');
	put_str(&c->j, "state", "pending");
	jw_kint(&c->j, "total_count", 0);
	put_str(&c->j, "sha", sha);
	jw_key(&c->j, "statuses");
	jw_json(&c->j, "[]");
	jw_close(&c->j, '}');
}
