#include "core/engine/ways.h"

#include "base/json.h"
#include "base/text.h"
#include "core/engine/contract.h"
#include "core/engine/reflock.h"
#include "core/rules/after.h"

#include <stdlib.h>
#include <string.h>

/* One read under way. Lives in the ask's arena. */
struct reading {
	struct ask *k;
	size_t fact;
	fact_take taken;
};

void rec_dup(const struct rec *rec, void *to, const void *from, struct arena *a)
{
	memcpy(to, from, rec->size);
	for (int i = 0; i < rec->n; i++) {
		const struct field *f = &rec->fields[i];

		if (f->type == FIELD_STRING)
			*(const char **)rec_at_mut(to, f) =
				arena_strdup(a, *(const char *const *)rec_at(from, f));
	}
}

/* ---- entering facts ----------------------------------------------------------------------------------------------- */

static size_t fact_slot(struct ask *k, const char *name, bool pinned)
{
	struct facts *fs = &k->plan.facts;

	for (size_t i = 0; i < fs->n; i++) {
		if (!strcmp(fs->items[i].name, name))
			return i;
	}
	/* the slot may have held another fact: a plan that finds its release first starts its list again */
	*(struct fact *)vec_push(fs, &k->arena) =
		(struct fact){ .name = name, .pinned = pinned, .state = FACT_UNREAD };
	return fs->n - 1;
}

void fact_local(struct ask *k, const char *name, enum fact_state state, const char *value, const char *why)
{
	size_t slot = fact_slot(k, name, false); /* may move the list */
	struct fact *f = &k->plan.facts.items[slot];

	f->state = state;
	f->value = value;
	f->why = why;
	f->at = engine_now(k->acts->en);
}

void fact_pinned(struct ask *k, const char *name, const char *value)
{
	(void)fact_slot(k, name, true);
	fact_local(k, name, FACT_OK, value, NULL);
}

void fact_fix(struct ask *k, const char *name, const char *fix)
{
	k->plan.facts.items[fact_slot(k, name, false)].fix = fix;
}

void fact_said(struct ask *k, const char *name, bool good, const char *words, const char *fix)
{
	fact_local(k, name, good ? FACT_OK : FACT_ABSENT, good ? words : NULL, good ? NULL : words);
	fact_fix(k, name, fix);
}

static void fact_failed(struct ask *k, struct fact *f, const struct err *err)
{
	struct plan *p = &k->plan;

	if (f->state == FACT_FAILED) {
		p->reads_failed++; /* another reading under the same name */
		return;
	}
	f->why = arena_strdup(&k->arena, err->message);
	f->state = err->kind == ERR_MISSING ? FACT_ABSENT : FACT_FAILED;
	if (!strcmp(f->name, "user") && (err->kind == ERR_AUTH || err->kind == ERR_FORBIDDEN))
		f->state = FACT_ABSENT; /* the forge did answer: this token is nobody */
	if (f->state == FACT_FAILED && !p->reads_failed++) {
		p->first_error = *err;
		if (err->kind == ERR_CORRUPT)
			p->first_error.kind =
				ERR_SERVER; /* what was sent to us is damaged, and nothing of ours */
	}
}

static void fact_arrived(struct ask *k, size_t slot, fact_take taken, const struct forge_answer *a)
{
	struct fact *f = &k->plan.facts.items[slot];
	bool absent = f->state == FACT_ABSENT;
	struct err e = ERR_INIT;

	if (f->state == FACT_FAILED)
		return; /* another read of the same fact failed: half a fact is none */
	f->state = FACT_OK;
	taken(k, f, a);
	f = &k->plan.facts.items[slot]; /* taking may have entered another fact, and the list moved */
	if (a->damaged && f->state == FACT_OK) {
		err_set(&e, ERR_SERVER, "damaged answer: %s",
			a->first_damage ? a->first_damage : "unreadable record");
		fact_failed(k, f, &e);
	} else if (absent) {
		f->state = FACT_ABSENT;
	}
}

size_t fact_reading(struct ask *k, const char *name, bool pinned)
{
	size_t slot = fact_slot(k, name, pinned);

	k->plan.reads++;
	k->pending++;
	return slot;
}

bool fact_answered(struct ask *k, size_t slot, const struct err *err)
{
	struct fact *f = &k->plan.facts.items[slot];

	k->pending--;
	if (!k->acts) {
		ask_then(k, NULL);
		return false;
	}
	f->at = engine_now(k->acts->en);
	if (err)
		fact_failed(k, f, err);
	return true;
}

void fact_taken(struct ask *k)
{
	if (!k->pending && k->step)
		ask_then(k, k->step);
}

static void reading_done(void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct reading *r = ctx;
	struct ask *k = r->k;

	if (k->acts)
		engine_note_answer(k->acts->en, a, err);
	if (!fact_answered(k, r->fact, err))
		return;
	if (!err)
		fact_arrived(k, r->fact, r->taken, a);
	fact_taken(k);
}

void ask_read(struct ask *k, const char *name, bool pinned, const struct forge_read *rd, fact_take taken)
{
	struct reading *r = arena_new(&k->arena, struct reading);
	struct err e = ERR_INIT;

	r->k = k;
	r->fact = fact_reading(k, name, pinned);
	r->taken = taken;
	if (engine_read(k->acts->en, rd, reading_done, r, &e) >= 0)
		return;
	k->pending--;
	k->plan.facts.items[r->fact].at = engine_now(k->acts->en);
	fact_failed(k, &k->plan.facts.items[r->fact], &e);
}

/* ---- taking answers ----------------------------------------------------------------------------------------------- */

static void take_user(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	f->value = arena_strdup(&k->arena, a->text ? a->text : "");
	k->plan.pf.who_login = f->value;
}

static void take_workflow(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	f->value = arena_strdup(&k->arena, a->text ? a->text : "");
	k->plan.pf.workflow_state = f->value;
}

/* "id 7 published; trusted_values.json 1f2e3d..": an asset can be replaced under its name, so its digest counts. */
const char *fact_release(struct ask *k, const struct release *r)
{
	autofree(json) struct json *assets = NULL;
	const char *text = r->assets ? r->assets : "[]";
	const char *s =
		arena_printf(&k->arena, "id %" PRId64 " %s%s%s", r->id, r->draft ? "draft" : "published",
			     r->prerelease ? " prerelease" : "", r->immutable ? " immutable" : "");

	if (json_parse(&assets, text, strlen(text), (size_t)4 << 20, NULL) < 0)
		return arena_printf(&k->arena, "%s; assets damaged", s);
	for (size_t i = 0; i < json_size(assets); i++) {
		const struct json *one = json_at(assets, i);
		const char *name = json_str(one, "name"), *digest = json_str(one, "digest");

		if (!digest)
			digest = json_str(one, "updated_at");
		s = arena_printf(&k->arena, "%s; %s %s", s, name ? name : "?", digest ? digest : "?");
	}
	return s;
}

static void take_release(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	if (!a->n) {
		f->state = FACT_ABSENT;
		return;
	}
	struct release *r = arena_new(&k->arena, struct release);

	rec_dup(&rec_release, r, a->items, &k->arena);
	k->plan.pf.rel = r;
	f->value = fact_release(k, r);
}

static void take_commit(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	f->value = arena_strdup(&k->arena, a->text ? a->text : "");
	k->plan.pf.tag_sha = f->value;
	k->plan.sha = f->value;
}

static void take_ref(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	k->plan.ref_sha = arena_strdup(&k->arena, a->text ? a->text : "");
	/* by its name: what moved is told to a person */
	f->value = arena_printf(&k->arena, "%s %s", k->plan.ref ? k->plan.ref : "?", k->plan.ref_sha);
}

static void take_environment(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	f->value = arena_strdup(&k->arena, a->text ? a->text : "");
	k->plan.pf.environment = f->value;
}

static void join_value(struct ask *k, struct fact *f, const char *more)
{
	f->value = f->value && *f->value ? arena_printf(&k->arena, "%s; %s", f->value, more) : more;
}

static const char *release_of(struct ask *k, const struct run *r)
{
	const struct profile_lane *l = k->plan.lane;
	const char *rel = lane_is_replay(l, r->path)
				  ? NULL
				  : profile_release_of(l, r->title, r->branch, r->head_sha, &k->arena);
	struct run cached;

	if (rel && *rel)
		return arena_strdup(&k->arena,
				    rel); /* it may be a part of the run, which goes with its answer */
	if (plan_cached_run(k, r->id, &cached) && cached.release && *cached.release)
		return cached.release;
	return "";
}

static bool is_queued(const struct run *r)
{
	return r->status == RUN_PENDING || r->status == RUN_QUEUED || r->status == RUN_REQUESTED;
}

static int newest_first(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	return (x->id < y->id) - (x->id > y->id); /* ids of a forge grow */
}

static bool is_ours(const struct plan *p, const struct run *r)
{
	return !r->path || !*r->path || profile_is_workflow(p->lane, r->path);
}

static bool has_run(const struct plan *p, int64_t id)
{
	vec_each (r, &p->in_flight)
		if (r->id == id)
			return true;
	return false;
}

/* Ids make the fact, in order, whichever answer came first, and which of them are in the queue: what has left it would be
 * waited for and not evicted any more. Other changes of state move nothing for us. */
static const char *in_flight_words(struct ask *k, bool ours)
{
	struct plan *p = &k->plan;
	const char *ids = "";

	if (p->in_flight.n)
		qsort(p->in_flight.items, p->in_flight.n, sizeof(struct run), newest_first);
	vec_each (r, &p->in_flight)
		if (is_ours(p, r) == ours)
			ids = arena_printf(&k->arena, "%s%s%" PRId64 "%s", ids, *ids ? ", " : "", r->id,
					   is_queued(r) ? " queued" : "");
	return *ids ? ids : "none";
}

/* Copies what is not completed. */
static const char *keep_in_flight(struct ask *k, const struct forge_answer *a, bool ours)
{
	const struct run *runs = a->items;

	for (size_t i = 0; i < a->n; i++) {
		if (runs[i].status == RUN_COMPLETED || has_run(&k->plan, runs[i].id))
			continue;
		struct run *r = vec_push(&k->plan.in_flight, &k->arena);

		rec_dup(&rec_run, r, &runs[i], &k->arena);
		r->release = release_of(k, r);
	}
	return in_flight_words(k, ours);
}

/* It may have changed something before it ended. */
static bool went_wrong(int conclusion)
{
	return conclusion != CONCLUSION_SUCCESS && conclusion != CONCLUSION_SKIPPED &&
	       conclusion != CONCLUSION_NEUTRAL && conclusion != CONCLUSION_STARTUP_FAILURE &&
	       conclusion != CONCLUSION_ACTION_REQUIRED;
}

/* What a replay brings is not told by its run, but by our own journal where it is ours; "" unknown. */
static const char *release_sent(struct ask *k, const struct run *r)
{
	struct intents of_run = { 0 };

	if (*r->release)
		return r->release;
	if (k->acts->en->o.journal &&
	    journal_of_run(k->acts->en->o.journal, r->id, &of_run, &k->arena, NULL) < 0)
		return "";
	vec_each (in, &of_run)
		if (after_delivers(in) && in->subject)
			return in->subject;
	return "";
}

static void judge_run(struct plan *p, struct ask *k, const struct run *r)
{
	bool ended = r->status == RUN_COMPLETED;

	if (!p->live && !p->broken && (!ended || went_wrong(r->conclusion))) {
		p->leaving = release_sent(k, r);
		p->broken = arena_printf(&k->arena, "run %" PRId64 " %s %s", r->id, p->leaving,
					 ended ? names_word(&conclusion_names, r->conclusion) : "has begun");
	}
	if (!ended || r->conclusion != CONCLUSION_SUCCESS)
		return;
	if (!p->live) {
		p->live = r->release;
		p->live_sha = r->head_sha;
		p->live_run = r->id;
	} else if (!p->previous && *r->release && strcmp(r->release, p->live) != 0) {
		p->previous = r->release;
	}
}

/* Another lane may have runs of the same file: a pull request's, those of other branches. What they brought is not live
 * here. */
static bool is_of_lane(const struct plan *p, const struct run *r)
{
	const struct profile_run what = { r->path && *r->path ? r->path : p->workflow, r->branch, r->event };
	const struct profile_lane *of = profile_lane_of_run(p->profile, &what);

	return of && profile_owner(p->profile, of) == profile_owner(p->profile, p->lane);
}

/* Live is what the newest successful run brought; a success whose release cannot be told makes live unknown, not older.
 * A lane may have runs of several files: each answer is put among the others. */
static void keep_history(struct ask *k, const struct forge_answer *a)
{
	const struct run *runs = a->items;
	struct plan *p = &k->plan;

	for (size_t i = 0; i < a->n; i++) {
		struct run *r = vec_push(&p->lane_runs, &k->arena);

		rec_dup(&rec_run, r, &runs[i], &k->arena);
		r->release = release_of(k, r);
		if (r->conclusion == CONCLUSION_SUCCESS && survey_did_nothing(k->acts->en, p->lane, r->id))
			r->conclusion = CONCLUSION_SKIPPED;
		if (r->id > p->exclude_run)
			p->exclude_run = r->id;
	}
	if (p->lane_runs.n)
		qsort(p->lane_runs.items, p->lane_runs.n, sizeof(struct run), newest_first);
	p->live = p->live_sha = p->previous = p->broken = p->leaving = NULL;
	p->live_run = 0;
	vec_each (r, &p->lane_runs)
		if (is_of_lane(p, r))
			judge_run(p, k, r);
}

/* With the run that made it so: the same release delivered once more is another moment. */
static const char *live_words(struct ask *k)
{
	const struct plan *p = &k->plan;

	return p->live ? arena_printf(&k->arena, "%s by run %" PRId64 " at %s",
				      *p->live ? p->live : "unknown", p->live_run,
				      p->live_sha ? p->live_sha : "?")
		       : "";
}

/* A page of the newest was not all: what waits at a gate may be older than a hundred that ended since. Those are asked for
 * by their status, from an index that lags, but not by as much as they are older. */
static void take_older(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	f->value = keep_in_flight(k, a, text_eq(f->name, "in_flight"));
	if (!a->cut)
		return;
	f->state = FACT_FAILED;
	f->why = "more runs are under way than can be read";
}

static void read_older(struct ask *k, const char *fact, const char *workflow)
{
	for (int status = RUN_REQUESTED; status < RUN_COMPLETED; status++)
		ask_read(k, fact, true,
			 &(struct forge_read){ .kind = FORGE_RUNS,
					       .repo = k->plan.repo,
					       .workflow = workflow,
					       .status = names_word(&run_status_names, status),
					       .number = 100,
					       .keep = true },
			 take_older);
}

static const char *file_of_runs(struct ask *k, const struct forge_answer *a)
{
	const struct run *first = a->items;
	const char *path = a->n && first->path ? first->path : "", *slash;

	path = arena_strndup(&k->arena, path, strcspn(path, "@"));
	slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static void take_lane_runs(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	f->value = keep_in_flight(k, a, true);
	if (a->cut)
		read_older(k, "in_flight", file_of_runs(k, a));
	keep_history(k, a);
	fact_pinned(k, "live", live_words(k));
	if (k->plan.broken)
		fact_pinned(k, "broken", k->plan.broken);
}

static void take_exclusive(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	f->value = keep_in_flight(k, a, false);
	if (a->cut)
		read_older(k, "exclusive", file_of_runs(k, a));
}

static void take_history(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	keep_history(k, a);
	f->value = k->plan.live ? k->plan.live : "";
}

static void take_releases(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	const struct release *r = a->items;

	f->state = FACT_ABSENT;
	for (size_t i = 0; i < a->n; i++) {
		if (r[i].draft || r[i].prerelease || !r[i].tag)
			continue;
		f->state = FACT_OK;
		f->value = arena_strdup(&k->arena, r[i].tag);
		return;
	}
}

void take_run(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	if (!a->n) {
		f->state = FACT_ABSENT;
		return;
	}
	struct run *r = arena_new(&k->arena, struct run);

	rec_dup(&rec_run, r, a->items, &k->arena);
	k->plan.pf.run = r;
	f->value = arena_printf(
		&k->arena, "attempt %" PRId64 " of %s is %s%s%s", r->attempt, r->head_sha ? r->head_sha : "?",
		names_word(&run_status_names, r->status), r->status == RUN_COMPLETED ? " " : "",
		r->status == RUN_COMPLETED ? names_word(&conclusion_names, r->conclusion) : "");
}

static void take_gates(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	const struct gate *g = a->items;

	f->value = "none";
	for (size_t i = 0; i < a->n; i++) {
		if (!text_eq(g[i].environment, k->plan.environment))
			continue;
		struct gate *mine = arena_new(&k->arena, struct gate);

		rec_dup(&rec_gate, mine, &g[i], &k->arena);
		k->plan.pf.gate_row = mine;
		k->plan.environment_ids[0] = mine->environment_id;
		f->value = arena_printf(&k->arena, "environment %" PRId64 " waits, %s", mine->environment_id,
					mine->can_approve ? "you may review" : "you may not review");
		return;
	}
}

bool review_names(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *s = list; s && *s;) {
		size_t len = strcspn(s, ",");

		if (len == n && !strncmp(s, name, n))
			return true;
		s += len;
		s += strspn(s, ", ");
	}
	return false;
}

static void take_reviews(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	const struct review *v = a->items;

	f->value = "";
	for (size_t i = 0; i < a->n; i++) {
		if (!review_names(v[i].environments, k->plan.environment))
			continue;
		const char *one =
			arena_printf(&k->arena, "%s by %s%s%s", v[i].state ? v[i].state : "reviewed",
				     v[i].user ? v[i].user : "?", v[i].comment && *v[i].comment ? ": " : "",
				     v[i].comment ? v[i].comment : "");
		join_value(k, f, one);
		k->plan.reviews_n++;
	}
}

static void take_compare(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	k->plan.ahead = a->number;
	k->plan.behind = a->number2;
	k->plan.pf.behind = a->number2;
	k->plan.changes = arena_strdup(&k->arena, a->text);
	f->value = arena_printf(&k->arena, "%" PRId64 " ahead, %" PRId64 " behind", a->number, a->number2);
}

static void take_not_included(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	k->plan.not_included = arena_strdup(&k->arena, a->text);
	f->value = arena_printf(&k->arena, "%" PRId64 " commits", a->number);
}

/* ---- what each act reads ------------------------------------------------------------------------------------------- */

#define LANE_RUNS 50 /* enough to hold the newest two successes of a lane that is not on fire */

void facts_read_user(struct ask *k)
{
	ask_read(k, "user", true, &(struct forge_read){ .kind = FORGE_USER }, take_user);
	guard_begin(k);
}

/* Runs of every file that is the lane's. */
static void read_lane_runs(struct ask *k, const char *fact, bool pinned, fact_take taken)
{
	struct plan *p = &k->plan;
	struct forge_read r = { .kind = FORGE_RUNS, .repo = p->repo, .number = LANE_RUNS };
	const char *const alone[] = { p->workflow, NULL };

	p->lane_runs.n = 0;
	for (const char *const *w = p->workflows ? p->workflows : alone; *w; w++) {
		r.workflow = *w;
		ask_read(k, fact, pinned, &r, taken);
	}
}

static void read_in_flight(struct ask *k)
{
	struct plan *p = &k->plan;
	struct forge_read r = { .kind = FORGE_RUNS, .repo = p->repo, .number = LANE_RUNS };

	read_lane_runs(k, "in_flight", true, take_lane_runs);
	for (const char *const *w = p->lane->exclusive; w && *w; w++) {
		if (profile_is_workflow(p->lane, *w))
			continue;
		r.workflow = *w;
		ask_read(k, "exclusive", true, &r, take_exclusive);
	}
}

void facts_read_lane(struct ask *k)
{
	facts_read_user(k);
	read_in_flight(k);
}

static void read_environment(struct ask *k, const char *name)
{
	struct forge_read r = { .kind = FORGE_ENVIRONMENT, .repo = k->plan.repo, .name = name };

	ask_read(k, "environment", true, &r, take_environment);
}

/* A run that this console started a moment ago may not be in the forge's list yet (the list lags: GitHub reference 1.1), so
 * what the journal knows is asked for by its id: the same release must not go out twice because a list was late. */
#define OWN_RUNS_MS ((int64_t)60 * 60 * 1000)

static void take_own_run(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	const struct run *r = a->items;

	if (!a->n)
		return;
	if (r->status != RUN_COMPLETED)
		rec_dup(&rec_run, vec_push(&k->plan.own, &k->arena), r, &k->arena);
	join_value(k, f,
		   arena_printf(&k->arena, "%" PRId64 " %s", r->id,
				r->status == RUN_COMPLETED ? "completed" : "under way"));
}

static bool started_run(const struct ask *k, const struct intent *in)
{
	return in->state == INTENT_LINKED && in->run_id && text_eq(in->lane, k->plan.lane->name) &&
	       after_delivers(in) && when_diff(engine_now(k->acts->en), in->sent) < OWN_RUNS_MS;
}

static void read_own_runs(struct ask *k)
{
	struct intents recent = { 0 };

	if (!k->acts->en->o.journal ||
	    journal_recent(k->acts->en->o.journal, 20, &recent, &k->arena, NULL) < 0)
		return; /* a journal that cannot be read stops the act by a rule of its own */
	vec_each (in, &recent)
		if (started_run(k, in))
			ask_read(k, "own_run", true,
				 &(struct forge_read){
					 .kind = FORGE_RUN, .repo = k->plan.repo, .id = in->run_id },
				 take_own_run);
}

/* An annotated tag is an object of its own, and can be made anew over the same commit: who made and signed it is in there. */
static void take_tag_object(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	const struct git_ref *ref = a->items;

	if (!a->n)
		f->state = FACT_ABSENT;
	else
		f->value = arena_printf(&k->arena, "%s %s", ref->type && *ref->type ? ref->type : "object",
					ref->sha);
}

static void read_tag_object(struct ask *k)
{
	const struct plan *p = &k->plan;
	struct forge_read r = { .kind = FORGE_REF, .repo = p->repo };

	if (!p->release || text_is_hex(p->release, 40))
		return;
	r.name = arena_printf(&k->arena, "tags/%s", p->release);
	ask_read(k, "tag_object", true, &r, take_tag_object);
}

void facts_read_start(struct ask *k)
{
	struct plan *p = &k->plan;
	struct forge_read r = { .kind = FORGE_WORKFLOW, .repo = p->repo, .name = p->workflow };

	facts_read_user(k);
	ask_read(k, "workflow", true, &r, take_workflow);
	r = (struct forge_read){ .kind = FORGE_COMMIT, .repo = p->repo };
	r.name = p->release ? (text_is_hex(p->release, 40) ? p->release
							   : arena_printf(&k->arena, "tags/%s", p->release))
			    : arena_printf(&k->arena, "heads/%s", p->ref);
	ask_read(k, "tag", true, &r, take_commit);
	read_tag_object(k);
	/* The run is of the commit that ref is on when it begins: that is what it is held against (reliability 0.7). */
	r.name = text_eq(p->ref, p->release) ? arena_printf(&k->arena, "tags/%s", p->ref)
					     : arena_printf(&k->arena, "heads/%s", p->ref);
	ask_read(k, "ref", true, &r, take_ref);
	contract_read(k);
	if (p->release && p->lane->needs.n && !text_is_hex(p->release, 40)) {
		r = (struct forge_read){ .kind = FORGE_RELEASE, .repo = p->repo, .name = p->release };
		ask_read(k, "release", true, &r, take_release);
	}
	read_in_flight(k);
	read_own_runs(k);
	if (p->lane->gate)
		read_environment(k, p->lane->gate);
}

void facts_read_compare(struct ask *k)
{
	struct plan *p = &k->plan;
	const char *candidate = p->release ? p->release : p->sha;
	const char *branch = p->lane->ref && !strchr(p->lane->ref, '{') ? p->lane->ref : "main";
	struct forge_read r = { .kind = FORGE_COMPARE, .repo = p->repo, .name2 = candidate };

	if (!candidate || !p->sha || history_compare(k, candidate, branch))
		return;
	if (p->live && *p->live && strcmp(p->live, candidate) != 0) {
		r.name = p->live;
		ask_read(k, "compare", true, &r, take_compare);
	}
	r.name = candidate;
	r.name2 = branch;
	ask_read(k, "not_included", false, &r, take_not_included);
}

void facts_read_run(struct ask *k)
{
	facts_read_user(k);
	if (act_is(k, CMD_RERUN))
		read_in_flight(k);
	if (k->plan.environment)
		facts_read_gate(k);
}

void facts_read_gate(struct ask *k)
{
	struct plan *p = &k->plan;
	struct forge_read r = { .kind = FORGE_GATES, .repo = p->repo, .id = p->pf.run->id };

	ask_read(k, "gate", true, &r, take_gates);
	r.kind = FORGE_REVIEWS;
	ask_read(k, "reviews", true, &r, take_reviews);
	read_environment(k, p->environment);
}

void facts_read_releases(struct ask *k)
{
	struct forge_read r = { .kind = FORGE_RELEASES, .repo = k->plan.repo };

	ask_read(k, "newest", false, &r, take_releases);
}

void facts_read_history(struct ask *k)
{
	read_lane_runs(k, "history", false, take_history);
}
