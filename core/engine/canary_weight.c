/*
 * canary_weight.c - who tells what share of the traffic is set: the sources of the profile in their order. What is not told
 * stays unknown, with the reason; a log says nothing before its job has ended.
 */
#include "core/engine/canary.h"

#include "base/json.h"
#include "base/text.h"
#include "core/rules/evidence.h"

#include <stdlib.h>
#include <string.h>

#define DEPLOYMENTS_ASKED 30
#define LOG_LINE          4096
#define BP_A_MILLIONTH    10000 /* a percent in millionths has so many for a hundredth of it */

static struct ladder *ladder_of(struct look *k)
{
	return k->own;
}

static const struct profile_weight *source_of(struct look *k)
{
	const struct ladder *l = k->own;

	return &l->c->weight.items[l->source];
}

struct when canary_local(const struct look *k, struct when forge)
{
	return when_known(forge) ? (struct when){ forge.ms - k->s->en->skew_ms } : forge;
}

/* A percent as text or number; -1: it is none. */
static int64_t percent_bp(const char *text)
{
	size_t n = text ? strlen(text) : 0;
	char digits[32];
	int64_t v = 0;

	if (!n || n >= sizeof(digits))
		return -1;
	memcpy(digits, text, n + 1);
	if (digits[n - 1] == '%')
		digits[n - 1] = 0;
	if (canary_value(&v, digits) < 0 || v < 0 || v > 100 * CANARY_SCALE)
		return -1;
	return (v + BP_A_MILLIONTH / 2) / BP_A_MILLIONTH;
}

static int64_t bp_at(const struct json *doc, const char *pointer, struct arena *a)
{
	struct buf text = BUF_INIT(64);
	const struct json *v = evidence_at(doc, pointer);
	const char *word = evidence_word(v, a);
	int64_t bp;

	if (json_type(v) == JSON_REAL)
		json_dump(&text, v);
	bp = percent_bp(word ? word : text.over ? NULL : text.s);
	buf_done(&text);
	return bp;
}

/* One more rung of the source at hand. */
static void tell(struct look *k, int64_t bp, struct when at)
{
	struct weight *w = &ladder_of(k)->next;

	*vec_push(&w->rungs, &k->arena) = (struct rung_told){ bp, at };
	w->bp = bp;
	w->at = at;
}

static void tell_not(struct look *k, const char *why)
{
	ladder_of(k)->next.why = why;
}

/* ---- deployments ------------------------------------------------------------------------------------------------------ */

/* What was deployed before the run began is of another canary. */
static void take_deployments(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct ladder *l = ctx;
	const struct deployment *list = err ? NULL : a->items;

	if (err) {
		tell_not(k, look_failed(k, err));
		return;
	}
	for (size_t i = 0; i < a->n; i++)
		if (when_diff(list[i].created, l->run->created) >= 0)
			rec_dup(&rec_deployment, vec_push(&l->deployments, &k->arena), &list[i], &k->arena);
	if (!l->deployments.n)
		tell_not(k, arena_printf(&k->arena, "the run has made no deployment to %s",
					 source_of(k)->environment));
}

static void read_deployments(struct look *k)
{
	look_read(k,
		  &(struct forge_read){ .kind = FORGE_DEPLOYMENTS,
					.repo = k->profile->repo,
					.name = source_of(k)->environment,
					.number = DEPLOYMENTS_ASKED },
		  take_deployments, ladder_of(k));
}

/* Oldest first; those that say nothing (the forge makes one of its own for each job with an environment) are passed by. */
static void hear_payloads(struct look *k)
{
	struct ladder *l = ladder_of(k);
	const struct profile_weight *w = source_of(k);

	for (size_t i = l->deployments.n; i-- > 0;) {
		const struct deployment *d = &l->deployments.items[i];
		autofree(json) struct json *doc = deployment_payload(d);
		int64_t bp = bp_at(doc, w->pointer, &k->arena);

		if (bp >= 0)
			tell(k, bp, canary_local(k, d->created));
	}
	l->next.from = "deployment payload";
	if (l->deployments.n && l->next.bp < 0)
		tell_not(k, arena_printf(&k->arena, "no payload of a deployment to %s has %s", w->environment,
					 w->pointer));
}

static void take_statuses(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	const struct profile_weight *w = source_of(k);
	const struct deployment_status *list = err ? NULL : a->items;

	(void)ctx;
	if (err && err->kind != ERR_MISSING)
		tell_not(k, look_failed(k, err));
	for (size_t i = err ? 0 : a->n; i-- > 0;) {
		int64_t bp = list[i].description
				     ? profile_percent_in(w->pattern, list[i].description, &k->arena)
				     : -1;

		if (bp >= 0)
			tell(k, bp, canary_local(k, list[i].created));
	}
}

static void hear_statuses(struct look *k)
{
	struct ladder *l = ladder_of(k);

	l->next.from = "deployment status";
	if (l->next.bp < 0 && !l->next.why)
		tell_not(k, "no status of the deployment says it");
}

/* ---- jobs and steps ----------------------------------------------------------------------------------------------------- */

static bool has_begun(int status, int conclusion)
{
	return status == RUN_IN_PROGRESS || (status == RUN_COMPLETED && conclusion != CONCLUSION_SKIPPED);
}

static void hear_name(struct look *k, const char *what, const char *name, struct when started)
{
	struct weight *w = &ladder_of(k)->next;
	int64_t bp = profile_percent_in(source_of(k)->jobs, name, &k->arena);
	size_t i;

	if (bp < 0)
		return;
	(void)vec_push(&w->rungs, &k->arena);
	for (i = w->rungs.n - 1; i > 0 && w->rungs.items[i - 1].bp > bp; i--)
		w->rungs.items[i] = w->rungs.items[i - 1];
	w->rungs.items[i] = (struct rung_told){ bp, canary_local(k, started) };
	if (bp < w->bp)
		return;
	w->bp = bp;
	w->at = canary_local(k, started);
	w->from = arena_printf(&k->arena, "%s %s", what, name);
}

static void hear_steps(struct look *k, const struct job *job)
{
	autofree(json) struct json *steps = NULL;

	if (!job->steps || !*job->steps ||
	    json_parse(&steps, job->steps, strlen(job->steps), SURVEY_TEXT, NULL) < 0)
		return;
	for (size_t i = 0; i < json_size(steps); i++) {
		const struct json *s = json_at(steps, i);
		const char *name = json_str(s, "name"), *at = json_str(s, "started_at");
		int status = names_value(&run_status_names, json_str(s, "status"));
		int conclusion = names_value(&conclusion_names, json_str(s, "conclusion"));
		struct when started = WHEN_NONE;

		if (!name || !has_begun(status, conclusion))
			continue;
		if (at && when_parse(&started, at) < 0)
			started = WHEN_NONE;
		hear_name(k, "step", name, started);
	}
}

/* The highest rung that began: one that failed had begun too. */
static void hear_jobs(struct look *k)
{
	struct ladder *l = ladder_of(k);

	vec_each (job, &l->jobs) {
		if (!has_begun(job->status, job->conclusion))
			continue;
		hear_name(k, "job", job->name, job->started);
		hear_steps(k, job);
	}
	if (l->next.bp < 0)
		tell_not(k, arena_printf(&k->arena, "no job %s has begun", source_of(k)->jobs));
}

/* ---- an artifact -------------------------------------------------------------------------------------------------------- */

static void read_artifact(struct look *k)
{
	struct ladder *l = ladder_of(k);
	const struct profile_weight *w = source_of(k);

	l->doc = (struct document){ .name = look_expand(k, w->artifact, l->run->release, l->run->head_sha),
				    .entry = w->entry,
				    .run = l->run->id };
	document_read(k, &l->doc);
}

static void hear_artifact(struct look *k)
{
	struct ladder *l = ladder_of(k);
	autofree(json) struct json *doc = document_json(k, &l->doc);
	int64_t bp = doc ? bp_at(doc, source_of(k)->pointer, &k->arena) : -1;

	l->next.from = arena_printf(&k->arena, "artifact %s", l->doc.name ? l->doc.name : "");
	if (bp >= 0)
		tell(k, bp, WHEN_NONE);
	else
		tell_not(k, doc ? arena_printf(&k->arena, "%s has no %s", l->doc.name, source_of(k)->pointer)
				: l->doc.why);
}

/* ---- a log -------------------------------------------------------------------------------------------------------------- */

/* The forge puts a time before each line. */
static const char *split_time(const char *line, struct when *at)
{
	char word[WHEN_TEXT * 2];
	size_t n = strcspn(line, " ");

	*at = WHEN_NONE;
	if (!line[n] || n >= sizeof(word))
		return line;
	memcpy(word, line, n);
	word[n] = 0;
	return when_parse(at, word) == 0 ? line + n + 1 : line;
}

static void hear_line(struct look *k, const char *line, struct arena *scratch)
{
	const struct weight *w = &ladder_of(k)->next;
	struct when at;
	const char *words = split_time(line, &at);

	for (const char *const *glob = source_of(k)->lines; *glob; glob++) {
		int64_t bp = profile_percent_in(*glob, words, scratch);

		if (bp < 0)
			continue;
		/* a rung that is told again and again began when it was told first */
		if (!w->rungs.n || bp != w->bp)
			tell(k, bp, canary_local(k, at));
		return;
	}
}

static const char *memo_log(const struct look *k, int64_t job, struct arena *a)
{
	return arena_printf(a, "canary log %s %" PRId64, k->profile->repo, job);
}

/* What one log told, a line a rung: it has ended and says nothing else when it is read again. */
static void remember_log(struct look *k, int64_t job)
{
	const struct weight *w = &ladder_of(k)->next;
	struct buf text = BUF_INIT(SURVEY_TEXT);

	vec_each (t, &w->rungs)
		buf_fmt(&text, "%" PRId64 " %" PRId64 "\n", t->bp, t->at.ms);
	buf_str(&text, "\n");
	survey_remember(k->s, memo_log(k, job, &k->arena), text.s, text.n);
	buf_done(&text);
}

static bool recall_log(struct look *k, int64_t job)
{
	const char *text = survey_recall(k->s, memo_log(k, job, &k->arena));

	for (const char *p = text; p && *p && *p != '\n'; p = strchr(p, '\n') + 1) {
		char *rest = NULL;
		int64_t bp = strtoll(p, &rest, 10);

		tell(k, bp, (struct when){ strtoll(rest, NULL, 10) });
	}
	return text;
}

static void take_log(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	const struct job *job = ctx;
	struct arena scratch = ARENA_INIT; /* a log may have a million lines, and each many numbers */
	char line[LOG_LINE];
	const char *end;

	if (err) {
		tell_not(k, look_failed(k, err));
		return;
	}
	end = a->text + (a->text && a->number > 0 ? a->number : 0);
	for (const char *p = a->text; p && p < end;) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((stop ? stop : end) - p);

		n = n < sizeof(line) ? n : sizeof(line) - 1;
		memcpy(line, p, n);
		line[n && line[n - 1] == '\r' ? n - 1 : n] = 0;
		hear_line(k, line, &scratch);
		arena_reset(&scratch);
		p = stop ? stop + 1 : end;
	}
	arena_done(&scratch);
	remember_log(k, job->id);
}

/* The job that began last. While one of them runs, what an earlier one wrote may be over. */
static void read_log(struct look *k)
{
	const struct ladder *l = k->own;
	struct job *last = NULL;

	vec_each (job, &l->jobs) {
		if (!text_glob(source_of(k)->job, job->name) || !has_begun(job->status, job->conclusion))
			continue;
		if (!last || when_diff(job->started, last->started) > 0)
			last = job;
	}
	if (!last)
		tell_not(k, arena_printf(&k->arena, "no job %s has begun", source_of(k)->job));
	else if (last->status != RUN_COMPLETED)
		tell_not(k, "unknown (job running)");
	else if (!recall_log(k, last->id))
		look_read(k,
			  &(struct forge_read){ .kind = FORGE_LOG, .repo = k->profile->repo, .id = last->id },
			  take_log, last);
}

static void hear_log(struct look *k)
{
	struct ladder *l = ladder_of(k);

	l->next.from = "job log";
	if (l->next.bp < 0 && !l->next.why)
		tell_not(k, "no line of the log says it");
}

/* ---- a controller, a metric ------------------------------------------------------------------------------------------------ */

static void take_moves(struct look *k, void *ctx, const struct rollout_answer *a, const struct err *err)
{
	struct weight *w = ctx;

	if (err) {
		tell_not(k, look_failed(k, err));
		return;
	}
	w->phase = (int)a->phase;
	w->seen_bp = a->seen_bp;
	w->seen_why = arena_strdup(&k->arena, a->seen_why);
	if (text_eq(a->set_from,
		    "steps")) /* nobody was asked for it by weight: it is what its steps add up to */
		w->from = arena_printf(&k->arena, "%s, by its steps", w->from);
	if (a->set_bp >= 0)
		tell(k, a->set_bp, WHEN_NONE);
	else
		tell_not(k,
			 arena_strdup(&k->arena, a->set_why && *a->set_why ? a->set_why
									   : "the controller does not say"));
}

static void read_moves(struct look *k)
{
	const struct profile_weight *w = source_of(k);
	const struct rollout_name name = { .kind = w->from == WEIGHT_ARGO ? ROLLOUT_ARGO : ROLLOUT_FLAGGER,
					   .namespace_ = w->namespace,
					   .name = w->name,
					   .gate = w->gate };

	ladder_of(k)->next.from = arena_printf(&k->arena, "%s %s/%s", names_word(&weight_kind_names, w->from),
					       w->namespace, w->name);
	look_rollout(k, &name, take_moves, &ladder_of(k)->next);
}

static void take_share(struct look *k, void *ctx, const struct metrics_answer *a)
{
	int64_t v = a->n ? a->points[a->n - 1].value : CANARY_NONE_VALUE;

	(void)ctx;
	if (a->state != SAMPLE_OK)
		tell_not(k, arena_printf(&k->arena, "%s", a->why));
	else if (v < 0 || v > CANARY_SCALE)
		tell_not(k, "the metric is no share from 0 to 1");
	else
		tell(k, (v + 50) / 100, WHEN_NONE);
}

static void read_share(struct look *k)
{
	const struct ladder *l = k->own;

	ladder_of(k)->next.from = "metric";
	look_metrics(k,
		     canary_expression(source_of(k)->query, l->c->interval_s, CANARY_NONE_VALUE, &k->arena),
		     2 * l->c->interval_s, take_share, NULL);
}

/* ---- one after the other ---------------------------------------------------------------------------------------------------- */

static void hear_nothing(struct look *k)
{
	(void)k;
}

static void read_nothing(struct look *k)
{
	(void)k;
}

static void hear_deployed(struct look *k);

static const struct {
	look_step read, hear;
	bool of_run; /* without a run there is nothing to ask */
} sources[] = {
	[WEIGHT_OTHER] = { read_nothing, hear_nothing, false },
	[WEIGHT_DEPLOYMENT] = { read_deployments, hear_payloads, true },
	[WEIGHT_STATUS] = { read_deployments, hear_deployed, true },
	[WEIGHT_JOBS] = { read_nothing, hear_jobs, true },
	[WEIGHT_ARTIFACT] = { read_artifact, hear_artifact, true },
	[WEIGHT_LOG] = { read_log, hear_log, true },
	[WEIGHT_ARGO] = { read_moves, hear_nothing, false },
	[WEIGHT_FLAGGER] = { read_moves, hear_nothing, false },
	[WEIGHT_METRIC] = { read_share, hear_nothing, false },
};

static void source_next(struct look *k);
static void source_heard(struct look *k);

/* The second reading of one source: the statuses of the run's newest deployment. */
static void statuses_heard(struct look *k)
{
	hear_statuses(k);
	source_heard(k);
}

static void hear_deployed(struct look *k)
{
	struct ladder *l = ladder_of(k);

	l->next.from = "deployment status";
	if (!l->deployments.n)
		return;
	look_read(k,
		  &(struct forge_read){ .kind = FORGE_DEPLOYMENT,
					.repo = k->profile->repo,
					.id = l->deployments.items[0].id },
		  take_statuses, NULL);
	look_then(k, statuses_heard);
}

/* A reading that failed is the reason to show, else that of the last who was asked. */
static void source_heard(struct look *k)
{
	struct ladder *l = ladder_of(k);

	if (l->next.phase >= 0)
		l->told.phase = l->next.phase;
	if (l->next.seen_bp >= 0)
		l->told.seen_bp = l->next.seen_bp;
	if (l->next.bp >= 0) {
		int phase = l->told.phase;
		int64_t seen = l->told.seen_bp;

		l->told = l->next;
		l->told.phase = phase;
		l->told.seen_bp = seen;
		l->told.why = "";
		l->source = l->c->weight.n;
	} else if (!l->told.why || !text_starts(l->told.why, "not read:")) {
		l->told.why = l->next.why;
	}
	l->source += l->source < l->c->weight.n;
	source_next(k);
}

static void source_landed(struct look *k)
{
	sources[source_of(k)->from].hear(k);
	if (!k->step)
		source_heard(k);
}

static void source_next(struct look *k)
{
	struct ladder *l = ladder_of(k);

	while (l->source < l->c->weight.n && sources[source_of(k)->from].of_run && !l->run)
		l->source++;
	if (l->source >= l->c->weight.n) {
		look_then(k, l->then);
		return;
	}
	l->next = (struct weight){ .bp = -1, .seen_bp = -1, .phase = -1, .from = "" };
	l->deployments.n = 0;
	look_then(k, source_landed);
	sources[source_of(k)->from].read(k);
}

void weight_read(struct look *k, look_step then)
{
	struct ladder *l = ladder_of(k);

	l->then = then;
	l->told = (struct weight){ .bp = -1, .seen_bp = -1, .phase = -1, .from = "" };
	if (!l->c->weight.n)
		l->told.why = "the profile names nobody who tells it";
	else if (!l->run)
		l->told.why = "nothing is under way";
	source_next(k);
}
