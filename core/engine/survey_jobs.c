/*
 * survey_jobs.c - the jobs of finished runs that were never followed: a green run that skipped its work delivered nothing,
 * and only its jobs say so. Read once for the newest of a lane; what is live is judged again by them.
 */
#include "core/engine/survey.h"

#include "base/text.h"

#define RUNS_TOLD 6 /* newest successes; what is live and what came before it are among them */

struct told {
	struct VEC_OF(struct job) jobs;
};
struct jobs_read {
	struct told *told;
	const struct run *run;
};

static int stop_at_first(void *ctx, const void *row)
{
	(void)row;
	*(bool *)ctx = true;
	return 1;
}

static bool has_jobs(struct look *k, int64_t run)
{
	struct key key = { .id = run };
	bool has = false;
	int r = store_each(look_cache(k), Q_jobs_by_run, &rec_key, &key, &rec_job, &k->arena, stop_at_first,
			   &has, NULL);

	return r < 0 || has;
}

static const char *stage_of(const struct look *k, const char *job)
{
	const char *stage = profile_stage_of(k->lane, job);

	vec_each (lane, &k->profile->lanes)
		if (!*stage && profile_owner(k->profile, lane) == k->lane)
			stage = profile_stage_of(lane, job);
	return stage;
}

static void say_meaning(const struct look *k, struct job *row)
{
	const struct profile_meaning *m = NULL;

	if (row->status == RUN_COMPLETED)
		m = profile_meaning_shared(k->profile, k->lane, row->name, row->conclusion);
	row->means = m ? m->means : MEANS_OTHER;
	row->meaning = m ? m->words : "";
}

static void take_jobs(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct jobs_read *r = ctx;
	const struct job *list = err ? NULL : a->items;

	for (size_t i = 0; !err && i < a->n; i++) {
		struct job *row = vec_push(&r->told->jobs, &k->arena);

		rec_dup(&rec_job, row, &list[i], &k->arena);
		row->run_id = r->run->id;
		row->attempt = row->attempt ? row->attempt : r->run->attempt;
		row->stage = stage_of(k, row->name);
		say_meaning(k, row);
		row->seen = look_now(k);
	}
}

static void jobs_write(struct look *k)
{
	const struct told *t = k->own;
	struct err e = ERR_INIT;
	int r = look_write(k, &e) ? 0 : -1;

	vec_each (row, &t->jobs)
		if (r >= 0)
			r = store_run(look_cache(k), Q_job_put, &rec_job, row, &e);
	if (r >= 0)
		r = lanes_judge(k->s->en, k->profile->repo, &e);
	look_written(k, r, &e);
	look_end(k);
}

bool jobs_matter(const struct profile *p, const struct profile_lane *l)
{
	if (profile_owner(p, l) != l)
		return false;
	if (profile_is_shared(p, l))
		return true;
	vec_each (m, &l->meanings)
		if (m->whole)
			return true;
	return false;
}

void look_at_jobs(struct look *k)
{
	struct told *t = arena_new(&k->arena, struct told);
	struct err e = ERR_INIT;
	int looked = 0;

	k->own = t;
	if (survey_known(k, &e)) {
		look_end(k);
		return;
	}
	vec_each (run, &k->known->runs) {
		if (run->conclusion != CONCLUSION_SUCCESS || looked++ >= RUNS_TOLD || has_jobs(k, run->id))
			continue;
		struct jobs_read *r = arena_new(&k->arena, struct jobs_read);

		*r = (struct jobs_read){ t, run };
		look_read(k,
			  &(struct forge_read){ .kind = FORGE_JOBS, .repo = k->profile->repo, .id = run->id },
			  take_jobs, r);
	}
	if (k->pending)
		look_then(k, jobs_write);
	else
		look_end(k);
}
