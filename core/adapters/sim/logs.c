#include "core/adapters/sim/face.h"

#include "base/text.h"
#include "core/adapters/sim/zip.h"

#include <string.h>

/* Log storage: signed places that live a minute and refuse the API's token (github reference 1.1). */

enum { LOG_MAX = 4 << 20 };

#define BOM "\xef\xbb\xbf" /* the forge's logs begin with a byte order mark */

const char *log_signature(struct call *c, const char *what, int64_t id, int64_t until)
{
	struct hash h = HASH_INIT;
	char hex[33];

	hash_add(&h, &c->w->seed, sizeof(c->w->seed));
	hash_str(&h, what);
	hash_add(&h, &id, sizeof(id));
	hash_add(&h, &until, sizeof(until));
	return arena_strdup(c->a, hash_hex(&h, hex));
}

/* ---- text --------------------------------------------------------------------------------------------------------- */

struct writer {
	struct call *c;
	struct buf *out;
	int64_t at; /* of the next line */
};

/* 2026-11-21T07:08:09.1234567Z, seven digits, in front of each line. */
static void format_printf(2, 3) line(struct writer *w, const char *fmt, ...)
{
	char iso[WHEN_TEXT];
	va_list ap;

	buf_fmt(w->out, "%.19s.%03d%04dZ ", when_iso((struct when){ w->at }, iso), (int)(w->at % SECOND),
		(int)(w->at * 7919 % 10000));
	va_start(ap, fmt);
	buf_vfmt(w->out, fmt, ap);
	va_end(ap);
	buf_chr(w->out, '\n');
	w->at += 40;
}

static void script_group(struct writer *w, const char *text)
{
	size_t first = strcspn(text, "\n");

	line(w, "##[group]Run %.*s", (int)first, text);
	for (const char *at = text; *at;) {
		size_t n = strcspn(at, "\n");

		line(w, "\033[36;1m%.*s\033[0m", (int)n, at);
		at += n + (at[n] == '\n');
	}
	line(w, "shell: /usr/bin/bash -e {0}");
	line(w, "##[endgroup]");
}

/* What the script says: its echo lines. */
static void script_output(struct writer *w, const char *text)
{
	for (const char *at = text; *at;) {
		size_t n = strcspn(at, "\n");

		if (text_starts(at, "echo \"") && n > 7)
			line(w, "%.*s", (int)(n - 7), at + 6);
		at += n + (at[n] == '\n');
	}
}

static void step_log(struct writer *w, const struct sim_run *run, const struct sim_job *job, int s)
{
	const struct sim_step *step = &job->steps[s];
	struct sim_context ctx = { .w = w->c->w, .run = run, .with = &job->spec->with, .job = job->spec };
	const char *text;

	if (!step->started || step->conclusion == SIM_SKIPPED)
		return;
	w->at = step->started;
	if (s == 0 || (size_t)s > job->spec->steps.n) {
		line(w, s == 0 ? "Current runner version: '2.330.0'" : "Cleaning up orphan processes");
		return;
	}
	text = sim_expand(w->c->a, job->spec->steps.items[s - 1].run, &ctx);
	script_group(w, text);
	script_output(w, text);
	vec_each (it, &step->said) {
		w->at = it->at;
		line(w, "%s", it->text);
	}
	if (step->conclusion == SIM_FAILURE) {
		line(w, "##[error]%s", step->why ? step->why : "the step failed");
		line(w, "##[error]Process completed with exit code 1.");
	}
	if (step->conclusion == SIM_CANCELLED)
		line(w, "##[error]The operation was canceled.");
}

static const char *job_log(struct call *c, const struct sim_run *run, const struct sim_job *job)
{
	autofree(buf) struct buf b = BUF_INIT(LOG_MAX);
	struct writer w = { .c = c, .out = &b };

	buf_str(&b, BOM);
	for (int s = 0; s < job->steps_n; s++)
		step_log(&w, run, job, s);
	return arena_strdup(c->a, b.s);
}

/* ---- one archive of all jobs --------------------------------------------------------------------------------------- */

/* A name as a part of a path; no slash stays in it. to 0: such letters are left out. */
static const char *file_name(struct call *c, const char *name, char to)
{
	char *out = arena_strdup(c->a, name), *at = out;

	for (const char *s = name; *s; s++)
		if (!strchr("\"*/:<>?\\|", *s))
			*at++ = *s;
		else if (to)
			*at++ = to;
	*at = 0;
	return out;
}

/* JOB/NUMBER_STEP.txt for each step that ran, by which clients know whose line it is. */
static void step_files(struct sim_entries *entries, struct call *c, const struct sim_run *run,
		       const struct sim_job *job)
{
	const char *folder = file_name(c, job->spec->name, 0);

	for (int s = 0; s < job->steps_n; s++) {
		autofree(buf) struct buf b = BUF_INIT(LOG_MAX);
		struct writer w = { .c = c, .out = &b };

		step_log(&w, run, job, s);
		if (b.n)
			*vec_push(entries, c->a) =
				(struct sim_entry){ arena_printf(c->a, "%s/%d_%s.txt", folder, s + 1,
								 file_name(c, step_name(job, s), 0)),
						    arena_printf(c->a, BOM "%s", b.s) };
	}
}

/* "0_Bootstrap production control plane _ bootstrap.txt" is the whole job, as the forge names it; its folder is called
 * without the stroke. */
static void archive(struct call *c, const struct sim_run *run, const struct sim_attempt *att)
{
	struct sim_entries entries = { 0 };

	for (int i = 0; i < att->jobs_n; i++) {
		const struct sim_job *job = &att->jobs[i];

		if (!job->visible || job->conclusion == SIM_SKIPPED)
			continue;
		*vec_push(&entries, c->a) =
			(struct sim_entry){ arena_printf(c->a, "%d_%s.txt", i,
							 file_name(c, job->spec->name, '_')),
					    job_log(c, run, job) };
		step_files(&entries, c, run, job);
	}
	sim_zip(&c->out, &entries);
}

/* ---- the door ----------------------------------------------------------------------------------------------------- */

static void refuse(struct call *c, int status, const char *code)
{
	c->type = "application/xml";
	c->status = status;
	buf_fmt(&c->out,
		"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>%s</Code></Error>", code);
}

/* KIND-ID, split; the kind keeps its dash. */
static const char *kind_of(struct call *c, int64_t *id)
{
	const char *name = c->path + strlen("/_logs/");
	size_t n = strcspn(name, "-");

	*id = 0;
	if (name[n] == '-' && text_int64(id, name + n + 1, 1, INT64_MAX) != 0)
		*id = 0;
	return arena_strndup(c->a, name, n + (name[n] == '-'));
}

/* The id of a job, and that of a run's archive, which is its first job's. */
static const struct sim_attempt *attempt_of(struct call *c, int64_t id, struct sim_run **run)
{
	const struct sim_attempt *att;

	vec_each (it, &c->w->repos) {
		*run = sim_run_find(*it, id / JOB_SLOTS / ATTEMPT_SLOTS);
		att = *run ? sim_run_attempt(c->w, *run, (int)(id / JOB_SLOTS % ATTEMPT_SLOTS)) : NULL;
		if (att)
			return id % JOB_SLOTS < att->jobs_n ? att : NULL;
	}
	return NULL;
}

static bool serve(struct call *c, const char *kind, int64_t id)
{
	struct sim_run *run = NULL;
	bool whole = strcmp(kind, "run-") == 0;
	const struct sim_attempt *att;

	if (!whole && strcmp(kind, "job-") != 0)
		return storage_serve(c, kind, id);
	att = attempt_of(c, id, &run);
	if (!att)
		return false;
	c->type = whole ? "application/zip" : "text/plain; charset=utf-8";
	if (whole)
		archive(c, run, att);
	else
		buf_str(&c->out, job_log(c, run, &att->jobs[id % JOB_SLOTS]));
	return true;
}

void log_serve(struct call *c)
{
	int64_t id, until = call_query_int(c, "exp", 0, 0, INT64_MAX);
	const char *sig = call_query(c, "sig"), *kind = kind_of(c, &id);

	if (c->rq->authorization)
		refuse(c, 400, "InvalidAuthenticationInfo");
	else if (!id || !sig || until < c->w->now || strcmp(sig, log_signature(c, kind, id, until)) != 0 ||
		 !serve(c, kind, id))
		refuse(c, 403, "AuthenticationFailed");
}
