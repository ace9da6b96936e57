#include "core/adapters/sim/face.h"

#include "base/text.h"

#include <string.h>

/* Log storage: signed places that live a minute and refuse the API's token (github reference 1.1). */

enum { LOG_MAX = 4 << 20 };

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
	struct sim_context ctx = { .run = run, .with = &job->spec->with };
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

	buf_str(&b, "\xef\xbb\xbf"); /* the forge's logs begin with a byte order mark */
	for (int s = 0; s < job->steps_n; s++)
		step_log(&w, run, job, s);
	return arena_strdup(c->a, b.s);
}

/* ---- one archive of all jobs: stored, not compressed (PKWARE APPNOTE 4.3) ------------------------------------------- */

static uint32_t crc32_of(const char *s, size_t n)
{
	uint32_t crc = ~UINT32_C(0);

	for (size_t i = 0; i < n; i++) {
		crc ^= (unsigned char)s[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
	}
	return ~crc;
}

static void little(struct buf *b, uint32_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_chr(b, (char)(v >> 8 * i & 0xff));
}

struct entry {
	const char *name, *text;
	uint32_t crc, size, at;
};

/* The part that local header and directory share. */
static void entry_facts(struct buf *b, const struct entry *e)
{
	little(b, 20, 2);                   /* version 2.0 */
	little(b, 0x800, 2);                /* names are UTF-8 */
	little(b, 0, 2);                    /* stored */
	little(b, UINT32_C(0x21) << 16, 4); /* 1980-01-01 00:00 */
	little(b, e->crc, 4);
	little(b, e->size, 4);
	little(b, e->size, 4);
	little(b, (uint32_t)strlen(e->name), 2);
	little(b, 0, 2);
}

static void entry_add(struct buf *b, struct entry *e)
{
	e->at = (uint32_t)b->n;
	e->size = (uint32_t)strlen(e->text);
	e->crc = crc32_of(e->text, e->size);
	little(b, 0x04034b50, 4);
	entry_facts(b, e);
	buf_str(b, e->name);
	buf_str(b, e->text);
}

static void directory(struct buf *b, const struct entry *entries, size_t n)
{
	uint32_t start = (uint32_t)b->n, size;

	for (size_t i = 0; i < n; i++) {
		little(b, 0x02014b50, 4);
		little(b, 20, 2);
		entry_facts(b, &entries[i]);
		little(b, 0, 2);
		little(b, 0, 4);
		little(b, 0, 4);
		little(b, entries[i].at, 4);
		buf_str(b, entries[i].name);
	}
	size = (uint32_t)b->n - start;
	little(b, 0x06054b50, 4);
	little(b, 0, 4);
	little(b, (uint32_t)n, 2);
	little(b, (uint32_t)n, 2);
	little(b, size, 4);
	little(b, start, 4);
	little(b, 0, 2);
}

/* "0_Bootstrap production control plane _ bootstrap.txt", as the forge names them; each step's own file too, because
 * clients look for "JOB/1_Set up job.txt". */
static void archive(struct call *c, const struct sim_run *run, const struct sim_attempt *att)
{
	struct entry entries[JOB_SLOTS * 2];
	size_t n = 0;

	for (int i = 0; i < att->jobs_n; i++) {
		const struct sim_job *job = &att->jobs[i];
		char *name;

		if (!job->visible || job->conclusion == SIM_SKIPPED)
			continue;
		name = arena_strdup(c->a, job->spec->name);
		for (char *slash = strchr(name, '/'); slash; slash = strchr(slash, '/'))
			*slash = '_';
		entries[n] = (struct entry){ .name = arena_printf(c->a, "%d_%s.txt", i, name),
					     .text = job_log(c, run, job) };
		entry_add(&c->out, &entries[n]);
		n++;
		entries[n] = (struct entry){ .name = arena_printf(c->a, "%s/1_Set up job.txt", name),
					     .text = entries[n - 1].text };
		entry_add(&c->out, &entries[n]);
		n++;
	}
	directory(&c->out, entries, n);
}

/* ---- the door ----------------------------------------------------------------------------------------------------- */

static void refuse(struct call *c, int status, const char *code)
{
	c->type = "application/xml";
	c->status = status;
	buf_fmt(&c->out,
		"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>%s</Code></Error>", code);
}

/* job-ID or run-ID; sets what it names. The id of a run's archive is that of its first job. */
static struct sim_run *named(struct call *c, bool *whole, int64_t *id)
{
	const char *name = c->path + strlen("/_logs/");

	*whole = text_starts(name, "run-");
	if (!*whole && !text_starts(name, "job-"))
		return NULL;
	if (text_int64(id, name + strlen("run-"), 1, INT64_MAX) != 0)
		return NULL;
	vec_each (it, &c->w->repos) {
		struct sim_run *run = sim_run_find(*it, *id / JOB_SLOTS / ATTEMPT_SLOTS);

		if (run)
			return run;
	}
	return NULL;
}

void log_serve(struct call *c)
{
	int64_t id = 0, until = call_query_int(c, "exp", 0, 0, INT64_MAX);
	const char *sig = call_query(c, "sig");
	bool whole = false;
	struct sim_run *run = named(c, &whole, &id);
	const struct sim_attempt *att =
		run ? sim_run_attempt(c->w, run, (int)(id / JOB_SLOTS % ATTEMPT_SLOTS)) : NULL;

	if (c->rq->authorization) {
		refuse(c, 400, "InvalidAuthenticationInfo");
	} else if (!att || !sig || until < c->w->now || id % JOB_SLOTS >= att->jobs_n ||
		   strcmp(sig, log_signature(c, whole ? "run-" : "job-", id, until)) != 0) {
		refuse(c, 403, "AuthenticationFailed");
	} else if (whole) {
		c->type = "application/zip";
		archive(c, run, att);
	} else {
		c->type = "text/plain; charset=utf-8";
		buf_str(&c->out, job_log(c, run, &att->jobs[id % JOB_SLOTS]));
	}
}
