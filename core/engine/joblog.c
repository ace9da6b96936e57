#include "core/engine/act.h"

#include "base/json.h"
#include "base/text.h"

#include <string.h>

#define LOG_LINES_MAX 20000
#define LOG_BYTES_MAX ((size_t)900 << 10) /* of answer: a line of the socket holds 1 MiB */
#define LINE_BYTES    4000
#define LINE_COST     80 /* the keys around one line */

struct log_line_ref {
	const char *text; /* after time and marker; not terminated */
	size_t n;
	struct when time;
	int64_t number;
	int step; /* index into steps */
	bool error, group, dropped;
};

struct joblog {
	VEC(struct job) jobs;
	const struct job *job;
	VEC(struct step) steps;
	VEC(struct log_line_ref) lines;
	const char *text;
	size_t n;
};

static const struct jmap step_map[] = {
	{ "number", "number", 0 },         { "name", "name", 0 },          { "status", "status", 0 },
	{ "conclusion", "conclusion", 0 }, { "started_at", "started", 0 }, { "completed_at", "completed", 0 },
};

static void take_jobs(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct joblog *l = k->extra;
	const struct job *jobs = a->items;

	for (size_t i = 0; i < a->n; i++)
		rec_dup(&rec_job, vec_push(&l->jobs, &k->arena), &jobs[i], &k->arena);
	f->value = "read";
}

static void take_log(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct joblog *l = k->extra;

	l->n = a->number > 0 ? (size_t)a->number : 0;
	char *copy = arena_array(&k->arena, char, l->n + 1);

	if (l->n)
		memcpy(copy, a->text, l->n);
	l->text = copy;
	f->value = "read";
}

/* ---- reading the text ----------------------------------------------------------------------------------------------------- */

static bool cut_prefix(struct log_line_ref *r, const char *prefix)
{
	size_t n = strlen(prefix);

	if (r->n < n || memcmp(r->text, prefix, n) != 0)
		return false;
	r->text += n;
	r->n -= n;
	return true;
}

/* "2026-11-21T07:08:09.1234567Z text": the forge stamps every line. */
static void cut_time(struct log_line_ref *r)
{
	const char *end = memchr(r->text, ' ', r->n < 40 ? r->n : 40);
	size_t len = end ? (size_t)(end - r->text) : r->n < 40 ? r->n : 40;
	char stamp[41];

	if (len < 20)
		return;
	memcpy(stamp, r->text, len);
	stamp[len] = '\0';
	if (when_parse(&r->time, stamp) < 0)
		return;
	r->text += len + (end ? 1 : 0);
	r->n -= len + (end ? 1 : 0);
}

static void cut_marker(struct log_line_ref *r)
{
	if (cut_prefix(r, "##[error]"))
		r->error = true;
	else if (cut_prefix(r, "##[group]"))
		r->group = true;
	else if (cut_prefix(r, "##[endgroup]"))
		r->dropped = true;
}

static void split_lines(struct ask *k, struct joblog *l)
{
	const char *s = l->text, *end = l->text + l->n;

	if (l->n >= 3 && !memcmp(s, "\xef\xbb\xbf", 3))
		s += 3;
	for (int64_t number = 1; s < end; number++) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		const char *stop = nl ? nl : end;
		struct log_line_ref *r = vec_push(&l->lines, &k->arena);

		r->text = s;
		r->n = (size_t)(stop - s);
		r->number = number;
		if (r->n && r->text[r->n - 1] == '\r')
			r->n--;
		cut_time(r);
		cut_marker(r);
		s = stop + 1;
	}
}

static int take_step(void *ctx, void *rec, const struct err *damaged)
{
	struct ask *k = ctx;
	struct joblog *l = k->extra;

	if (!damaged)
		*vec_push(&l->steps, &k->arena) = *(struct step *)rec;
	return 0;
}

static void read_steps(struct ask *k, struct joblog *l)
{
	const char *text = l->job->steps ? l->job->steps : "[]";
	size_t damaged = 0;

	if (json_list(text, strlen(text), "", step_map, countof(step_map), &rec_step, &k->arena, take_step, k,
		      &damaged, NULL) < 0)
		l->steps.n = 0;
}

/*
 * A job's log does not say where its steps begin. The steps' times do, in whole seconds; when two share a second, a
 * group's head (every step opens one) decides.
 */
static void find_steps(struct joblog *l)
{
	int at = 0;

	for (size_t i = 0; i < l->lines.n; i++) {
		struct log_line_ref *r = &l->lines.items[i];
		int64_t second = r->time.ms - r->time.ms % 1000;

		while (when_known(r->time) && (size_t)at + 1 < l->steps.n) {
			const struct step *now = &l->steps.items[at], *next = &l->steps.items[at + 1];
			bool over = when_known(now->completed) && second > now->completed.ms;
			bool edge = when_known(now->completed) && second == now->completed.ms && r->group;

			if (!when_known(next->started) || second < next->started.ms || (!over && !edge))
				break;
			at++;
			if (edge && !over)
				break;
		}
		r->step = at;
	}
}

/* ---- answer ------------------------------------------------------------------------------------------------------------------ */

/* Colours go; every other escape sequence stays, to be made visible by jw_str(). */
static const char *plain(struct ask *k, const struct log_line_ref *r)
{
	size_t n = r->n < LINE_BYTES ? r->n : LINE_BYTES, w = 0;
	char *out = arena_array(&k->arena, char, n + 1);

	for (size_t i = 0; i < n; i++) {
		size_t j = i + 2;

		if (r->text[i] == '\033' && i + 1 < n && r->text[i + 1] == '[') {
			while (j < n && strchr("0123456789;:", r->text[j]))
				j++;
			if (j < n && (r->text[j] == 'm' || r->text[j] == 'K')) {
				i = j;
				continue;
			}
		}
		out[w++] = r->text[i] ? r->text[i]
				      : '\001'; /* a NUL would end the string: shown as a control character */
	}
	return out;
}

static bool wanted(const struct ask *k, const struct log_line_ref *r)
{
	return !r->dropped && (r->error || !k->cmd.opt[OPT_ERRORS]);
}

/* An upper bound of what a line takes in the answer: what is not plain may become \\xNN or <U+XXXX>. */
static size_t line_cost(const struct log_line_ref *r)
{
	size_t n = LINE_COST;

	for (size_t i = 0; i < r->n && i < LINE_BYTES; i++) {
		unsigned char c = (unsigned char)r->text[i];

		n += c == '"' || c == '\\' ? 2 : c >= ' ' && c < 0x7f ? 1 : 8;
	}
	return n;
}

/* The end of a log says what went wrong, so the last lines are kept. */
static size_t first_kept(const struct ask *k, const struct joblog *l)
{
	size_t bytes = 0, lines = 0, i = l->lines.n;

	while (i > 0) {
		const struct log_line_ref *r = &l->lines.items[i - 1];

		if (wanted(k, r)) {
			bytes += line_cost(r);
			if (++lines > LOG_LINES_MAX || bytes > LOG_BYTES_MAX)
				break;
		}
		i--;
	}
	return i;
}

static void write_steps(struct jw *w, const struct joblog *l)
{
	jw_kopen(w, "steps", '[');
	for (size_t s = 0; s < l->steps.n; s++) {
		int64_t first = 0;

		for (size_t i = 0; i < l->lines.n && !first; i++) {
			if (l->lines.items[i].step == (int)s)
				first = l->lines.items[i].number;
		}
		jw_open(w, '{');
		jw_kint(w, "n", l->steps.items[s].number);
		jw_kstr(w, "name", l->steps.items[s].name);
		jw_kint(w, "first_line", first);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void write_lines(struct jw *w, struct ask *k, const struct joblog *l, size_t from)
{
	jw_kopen(w, "lines", '[');
	for (size_t i = from; i < l->lines.n; i++) {
		const struct log_line_ref *r = &l->lines.items[i];

		if (!wanted(k, r))
			continue;
		jw_open(w, '{');
		jw_kint(w, "step", (size_t)r->step < l->steps.n ? l->steps.items[r->step].number : 0);
		jw_kint(w, "n", r->number);
		jw_kwhen(w, "time", r->time);
		jw_kstr(w, "text", plain(k, r));
		jw_kbool(w, "error", r->error);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void log_read(struct ask *k)
{
	struct joblog *l = k->extra;
	const struct fact *f = facts_find(&k->plan.facts, "log");
	struct buf out = BUF_INIT((size_t)1 << 20);
	struct jw w;
	size_t from;

	if (f->state == FACT_ABSENT) {
		ask_fail(k, 1, "missing",
			 l->job->status == RUN_COMPLETED
				 ? "the log of this job is not there any more"
				 : "the job has not finished: its log comes when it has",
			 l->job->status == RUN_COMPLETED ? "logs are deleted after a while"
							 : "try again then");
		return;
	}
	if (f->state != FACT_OK) {
		ask_fail_err(k, &k->plan.first_error);
		return;
	}
	split_lines(k, l);
	read_steps(k, l);
	find_steps(l);
	from = first_kept(k, l);
	jw_init(&w, &out);
	jw_open(&w, '{');
	jw_kint(&w, "run", k->plan.pf.run->id);
	jw_kint(&w, "job", l->job->id);
	jw_kstr(&w, "name", l->job->name);
	write_steps(&w, l);
	write_lines(&w, k, l, from);
	jw_kbool(&w, "cut", from > 0);
	jw_close(&w, '}');
	ask_reply(k, 0, &out);
}

static bool went_wrong(const struct job *j)
{
	return j->conclusion == CONCLUSION_FAILURE || j->conclusion == CONCLUSION_TIMED_OUT ||
	       j->conclusion == CONCLUSION_STARTUP_FAILURE;
}

static const struct job *pick_job(const struct joblog *l, const char *want)
{
	int64_t id = 0;

	if (want && text_int64(&id, want, 1, INT64_MAX) < 0)
		id = 0;
	for (size_t i = 0; i < l->jobs.n; i++) {
		const struct job *j = &l->jobs.items[i];

		if (want ? (id ? j->id == id : text_eq(j->name, want)) : went_wrong(j))
			return j;
	}
	return want || !l->jobs.n ? NULL : &l->jobs.items[0];
}

static void log_jobs(struct ask *k)
{
	struct joblog *l = k->extra;
	struct forge_read r = { .kind = FORGE_LOG, .repo = k->plan.repo };
	const char *want = k->cmd.n > 1 ? k->cmd.args[1] : NULL;

	if (facts_find(&k->plan.facts, "jobs")->state == FACT_FAILED) {
		ask_fail_err(k, &k->plan.first_error);
		return;
	}
	l->job = pick_job(l, want);
	if (!l->job) {
		ask_fail(k, 1, "missing",
			 want ? arena_printf(&k->arena, "run %s has no job %s", k->subject, want)
			      : "the run has no jobs yet",
			 "see `pilothouse run`");
		return;
	}
	r.id = l->job->id;
	ask_read(k, "log", false, &r, take_log);
	ask_then(k, log_read);
}

static void log_run(struct ask *k)
{
	struct forge_read r = { .kind = FORGE_JOBS, .repo = k->plan.repo, .id = k->plan.pf.run->id };

	ask_read(k, "jobs", false, &r, take_jobs);
	ask_then(k, log_jobs);
}

void joblog_ask(struct ask *k)
{
	k->extra = arena_new(&k->arena, struct joblog);
	plan_find_run(k, log_run);
}
