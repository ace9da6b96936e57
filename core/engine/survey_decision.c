/*
 * survey_decision.c - what the newest finished runs of a lane wrote down about themselves. A run is asked once; again only
 * when its artifact could not be read. A green job is no decision, and neither is an artifact that is missing or expired.
 */
#include "core/engine/survey.h"

#include "base/json.h"
#include "base/text.h"
#include "core/rules/evidence.h"

#include <string.h>

#define RUNS_ASKED     3
#define ARTIFACTS_PAGE 100
#define LOG_LINE       4096

/* One decision of one run on its way. */
struct deciding {
	const struct run *run;
	const struct profile_decision *what;
	struct left *left;
	struct document doc;
	struct decision row;
	bool logged; /* row is filled from a log */
	bool jobs_known;
};
/* What a run has left, read once for all its decisions. */
struct left {
	const struct run *run;
	struct VEC_OF(struct artifact) list;
	struct VEC_OF(const char *) past; /* names of what earlier attempts left */
	bool cut, unread;
	const char *why;
};
struct decisions {
	struct VEC_OF(struct deciding *) all;
};

/* Lanes that share their runs have decisions about the same ones. */
static int64_t first_ordinal(const struct look *k)
{
	return (int64_t)(k->lane - k->profile->lanes.items) * DECISIONS_A_LANE;
}

struct rows_known {
	int64_t first; /* ordinals of this lane */
	size_t n, unread;
	struct when ended; /* the run, by our own clock: a new attempt makes old rows old */
};

static int count_row(void *ctx, const void *row)
{
	struct rows_known *n = ctx;
	const struct decision *d = row;

	if (d->ordinal < n->first || d->ordinal >= n->first + DECISIONS_A_LANE)
		return 0;
	n->n++;
	n->unread += (d->verdict == DECISION_UNKNOWN && !when_known(d->at)) || d->at.ms < n->ended.ms;
	return 0;
}

static bool is_open(struct look *k, const struct run *r)
{
	struct rows_known n = { .first = first_ordinal(k), .ended = { r->updated.ms - k->s->en->skew_ms } };
	struct key key = { .id = r->id };
	int rc = store_each(look_cache(k), Q_decisions_by_run, &rec_key, &key, &rec_decision, &k->arena,
			    count_row, &n, NULL);

	return rc >= 0 && (n.n < k->lane->decisions.n || n.unread);
}

/* ---- by a log ------------------------------------------------------------------------------------------------------- */

static bool line_fits(const char *const *globs, const char *line)
{
	for (; globs && *globs; globs++)
		if (text_glob(*globs, line))
			return true;
	return false;
}

/* One line that says no is no, whatever others say. */
static void judge_line(struct decision *row, const struct profile_decision *p, const char *line,
		       struct arena *a)
{
	int verdict = line_fits(p->no, line)    ? DECISION_NO
		      : line_fits(p->yes, line) ? DECISION_YES
		      : line_fits(p->na, line)  ? DECISION_NA
						: DECISION_UNKNOWN;

	if (verdict == DECISION_UNKNOWN || row->verdict == DECISION_NO ||
	    (row->verdict != DECISION_UNKNOWN && verdict != DECISION_NO))
		return;
	row->verdict = verdict;
	row->word = arena_strdup(a, line);
}

/* The forge puts a time before each line. */
static const char *after_time(const char *line)
{
	char word[WHEN_TEXT * 2];
	size_t n = strcspn(line, " ");
	struct when at;

	if (!line[n] || n >= sizeof(word))
		return line;
	memcpy(word, line, n);
	word[n] = 0;
	return when_parse(&at, word) == 0 ? line + n + 1 : line;
}

static void judge_log(struct look *k, struct deciding *d, const char *text, size_t n)
{
	char line[LOG_LINE];

	for (const char *p = text, *end = text + n; p < end;) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((stop ? stop : end) - p);

		len = len < sizeof(line) ? len : sizeof(line) - 1;
		memcpy(line, p, len);
		line[len && line[len - 1] == '\r' ? len - 1 : len] = 0;
		judge_line(&d->row, d->what, after_time(line), &k->arena);
		p = stop ? stop + 1 : end;
	}
	if (d->row.verdict == DECISION_UNKNOWN)
		d->row.detail = "no line of the log says it";
}

static void take_log(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct deciding *d = ctx;

	d->logged = true;
	if (err) {
		d->row.detail = look_failed(k, err);
		return;
	}
	d->row.at = look_now(k);
	judge_log(k, d, a->text ? a->text : "", a->number > 0 ? (size_t)a->number : 0);
}

static int find_job(void *ctx, const void *row)
{
	struct deciding *d = ctx;
	const struct job *j = row;

	d->jobs_known = true;
	if (j->status == RUN_COMPLETED && j->conclusion != CONCLUSION_SKIPPED &&
	    text_glob(d->what->job, j->name))
		d->doc.id = j->id, d->doc.name = j->name;
	return d->doc.id != 0;
}

static void read_job(struct look *k, struct deciding *d)
{
	d->row.source = arena_printf(&k->arena, "log of %s", d->doc.id ? d->doc.name : d->what->job);
	if (d->doc.id) {
		look_read(
			k,
			&(struct forge_read){ .kind = FORGE_LOG, .repo = k->profile->repo, .id = d->doc.id },
			take_log, d);
		return;
	}
	d->logged = true;
	d->row.at = look_now(k);
	d->row.detail = arena_printf(&k->arena, "no job %s of the run has ended", d->what->job);
}

static void take_jobs(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct deciding *d = ctx;
	const struct job *list = err ? NULL : a->items;

	if (err) {
		d->logged = true;
		d->row.detail = look_failed(k, err);
		return;
	}
	for (size_t i = 0; i < a->n; i++)
		if (find_job(d, &list[i]))
			break;
	d->doc.name = arena_strdup(&k->arena, d->doc.name);
	read_job(k, d);
}

static void read_log(struct look *k, struct deciding *d)
{
	struct key key = { .id = d->run->id };

	(void)!store_each(look_cache(k), Q_jobs_by_run, &rec_key, &key, &rec_job, &k->arena, find_job, d,
			  NULL);
	if (d->jobs_known)
		read_job(k, d);
	else
		look_read(k,
			  &(struct forge_read){
				  .kind = FORGE_JOBS, .repo = k->profile->repo, .id = d->run->id },
			  take_jobs, d);
}

/* ---- by an artifact ------------------------------------------------------------------------------------------------- */

/* A run that delivers an older package again may name its artifacts by itself or by the package. */
static const char *artifact_name(struct look *k, const struct deciding *d, bool by_package)
{
	const char *package = *d->run->release ? d->run->release : d->run->head_sha;

	return look_expand(k, d->what->artifact, package, by_package ? package : d->run->head_sha);
}

static bool has_artifact(const struct left *l, const char *name)
{
	vec_each (a, &l->list)
		if (text_eq(a->name, name))
			return true;
	return false;
}

static void read_artifact(struct look *k, struct deciding *d)
{
	const struct left *l = d->left;
	const char *name = artifact_name(k, d, false);

	if (!has_artifact(l, name) && has_artifact(l, artifact_name(k, d, true)))
		name = artifact_name(k, d, true);
	d->doc = (struct document){
		.name = name, .entry = d->what->entry, .why = l->why, .unread = l->unread
	};
	d->row.source = arena_printf(&k->arena, "%s: %s", name ? name : d->what->artifact,
				     d->what->entry ? d->what->entry : "");
	if (!l->why)
		document_find(k, &d->doc, l->list.items, l->list.n, l->cut);
	vec_each (past, &l->past)
		if (!d->doc.id && d->doc.why && text_eq(*past, name))
			d->doc.why = arena_printf(&k->arena, "%s is of an earlier attempt", name);
}

/* What an earlier attempt wrote says nothing of this one, also where this one ran the other jobs only: then it wrote no
 * decision. An artifact without a time is of no attempt that is known. */
static bool is_of_attempt(const struct run *r, const struct artifact *a)
{
	return r->attempt <= 1 ||
	       (when_known(a->created) && when_known(r->started) && when_diff(a->created, r->started) >= 0);
}

static void take_left(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct left *l = ctx;
	const struct artifact *list = err ? NULL : a->items;

	if (err) {
		l->why = look_failed(k, err);
		l->unread = true;
		return;
	}
	l->cut = a->cut;
	for (size_t i = 0; i < a->n; i++) {
		if (is_of_attempt(l->run, &list[i]))
			rec_dup(&rec_artifact, vec_push(&l->list, &k->arena), &list[i], &k->arena);
		else
			*vec_push(&l->past, &k->arena) = arena_strdup(&k->arena, list[i].name);
	}
}

static void judge_document(struct look *k, struct deciding *d)
{
	const struct profile_decision *p = d->what;
	const struct decision_terms t = {
		.pointers = p->pointers, .yes = p->yes, .no = p->no, .na = p->na, .reasons = p->reasons
	};
	autofree(json) struct json *doc = document_json(k, &d->doc);

	if (!d->doc.unread)
		d->row.at = look_now(k);
	if (doc)
		evidence_decision(&d->row, doc, &t, &k->arena);
	else
		d->row.detail = d->doc.why;
}

/* ---- the look --------------------------------------------------------------------------------------------------------- */

static void decisions_write(struct look *k)
{
	const struct decisions *all = k->own;
	struct err e = ERR_INIT;
	int r = look_write(k, &e) ? 0 : -1;

	for (size_t i = 0; i < all->all.n && r >= 0; i++) {
		struct deciding *d = all->all.items[i];

		if (!d->logged)
			judge_document(k, d);
		r = look_put(k, Q_decision_put, &rec_decision, &d->row, &e);
	}
	look_written(k, r, &e);
	look_end(k);
}

static void decisions_read(struct look *k)
{
	const struct decisions *all = k->own;

	vec_each (d, &all->all)
		if (!(*d)->what->job)
			read_artifact(k, *d);
	look_then(k, decisions_write);
}

static void begin_one(struct look *k, struct left *left, size_t i)
{
	struct decisions *all = k->own;
	struct deciding *d = arena_new(&k->arena, struct deciding);

	*vec_push(&all->all, &k->arena) = d;
	d->left = left;
	d->run = left->run;
	d->what = &k->lane->decisions.items[i];
	d->row = (struct decision){ .run_id = d->run->id,
				    .ordinal = first_ordinal(k) + (int64_t)i,
				    .name = d->what->name,
				    .word = "",
				    .reasons = "",
				    .detail = "" };
	if (d->what->job)
		read_log(k, d);
}

static void begin_run(struct look *k, const struct run *run)
{
	struct left *left = arena_new(&k->arena, struct left);
	bool by_artifact = false;

	left->run = run;
	for (size_t i = 0; i < k->lane->decisions.n; i++) {
		begin_one(k, left, i);
		by_artifact |= !k->lane->decisions.items[i].job;
	}
	if (by_artifact)
		look_read(k,
			  &(struct forge_read){ .kind = FORGE_ARTIFACTS,
						.repo = k->profile->repo,
						.id = run->id,
						.number = ARTIFACTS_PAGE },
			  take_left, left);
}

void look_at_decisions(struct look *k)
{
	struct decisions *all = arena_new(&k->arena, struct decisions);
	struct err e = ERR_INIT;
	int asked = 0;

	if (survey_known(k, &e)) {
		look_end(k);
		return;
	}
	k->own = all;
	vec_each (run, &k->known->runs) {
		if (asked++ == RUNS_ASKED)
			break;
		if (is_open(k, run))
			begin_run(k, run);
	}
	if (all->all.n)
		look_then(k, decisions_read);
	else
		look_end(k);
}
