/*
 * survey_back.c - whether a lane can go back: what it would go back to, and each condition of that, looked at before it is
 * needed. The target depends on the kind of way back (survey_back_image.c finds those that are digests); what is not
 * looked at says so.
 */
#include "core/engine/survey_back.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"
#include "core/engine/asset.h"
#include "core/rules/evidence.h"

#include <stdlib.h>
#include <string.h>

/* A member of a release's manifest, wherever a system writes one. */
#define MIGRATES     "/requiresMigrations"
#define MIGRATION    "*migrations/*"
#define DURATION_MAX 20 /* newest successes that say how long it takes */

/* ---- rows ------------------------------------------------------------------------------------------------------------- */

void back_say(struct look *k, const char *name, enum verdict status, const char *detail, const char *fix,
	      const char *source)
{
	struct back *b = k->own;

	*vec_push(&b->rows, &k->arena) = (struct readiness){
		.lane = k->lane->name,
		.ordinal = (int64_t)b->rows.n - 1,
		.name = name,
		.status = (int)status,
		.detail = detail ? detail : "",
		.fix = status == CHECK_OK || !fix ? "" : fix,
		.source = source,
		.at = look_now(k),
	};
}

/* A reading that failed: known before, perhaps, but not now. */
void back_unread(struct look *k, const char *name, const char *why, const char *source)
{
	struct back *b = k->own;

	back_say(k, name, CHECK_UNCHECKED, why, "", source);
	b->rows.items[b->rows.n - 1].at = WHEN_NONE;
}

void back_target(struct look *k, enum verdict status, const char *detail, const char *source)
{
	struct back *b = k->own;

	if (status == CHECK_OK)
		b->target = detail;
	back_say(k, "target", status, detail, status == CHECK_MISSING ? "deliver once more" : "", source);
}

static int push_old(void *ctx, const void *row)
{
	struct look *k = ctx;
	struct back *b = k->own;

	*vec_push(&b->old, &k->arena) = *(const struct readiness *)row;
	return 0;
}

static void keep_age(struct look *k, struct readiness *row)
{
	const struct back *b = k->own;

	vec_each (old, &b->old) {
		if (when_known(row->at) || !text_eq(old->name, row->name))
			continue;
		row->at = old->at;
		if (old->status != CHECK_UNCHECKED)
			row->detail = arena_printf(&k->arena, "%s; it was %s", row->detail,
						   names_word(&verdict_names, old->status));
	}
}

void back_write(struct look *k)
{
	struct back *b = k->own;
	struct key key = { .name = k->lane->name };
	struct err e = ERR_INIT;
	int r = look_write(k, &e) ? 0 : -1;

	if (r >= 0)
		r = store_each(look_cache(k), Q_readiness_by_lane, &rec_key, &key, &rec_readiness, &k->arena,
			       push_old, k, &e);
	if (r >= 0)
		r = store_run(look_cache(k), Q_readiness_forget, &rec_key, &key, &e);
	vec_each (row, &b->rows) {
		keep_age(k, row);
		if (r >= 0)
			r = look_put(k, Q_readiness_put, &rec_readiness, row, &e);
	}
	look_written(k, r, &e);
	look_end(k);
}

/* ---- the release and its assets ----------------------------------------------------------------------------------------- */

static void take_release(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct back *b = ctx;

	if (err) {
		b->release_why = look_failed(k, err);
		b->release_absent = err->kind == ERR_MISSING;
		return;
	}
	if (!a->n) {
		b->release_absent = true;
		return;
	}
	b->release = arena_new(&k->arena, struct release);
	rec_dup(&rec_release, b->release, a->items, &k->arena);
}

static bool needs_release(const struct profile_lane *l)
{
	vec_each (need, &l->needs)
		if (!need->replay && (need->kind == NEED_RELEASE || need->kind == NEED_ASSET))
			return true;
	return false;
}

static void take_digest(struct look *k, void *ctx, const struct asset *a, const struct err *err)
{
	struct back_asset *x = ctx;

	if (err)
		x->why = look_failed(k, err);
	else
		memcpy(x->hex, a->hex, sizeof(x->hex));
}

/* An asset is replaceable under its name: its digest is held against the first that was ever seen. The forge lists one,
 * or the bytes are read. */
static void find_asset(struct look *k, const struct json *assets, const struct profile_need *need)
{
	struct back *b = k->own;
	struct back_asset *x = arena_new(&k->arena, struct back_asset);
	const struct json *one = asset_find(k, assets, need, b->target, &x->file);

	*vec_push(&b->assets, &k->arena) = x;
	x->need = need;
	x->found = one != NULL;
	if (one)
		asset_read(k, one, false, take_digest, x);
}

static void find_assets(struct look *k)
{
	const struct back *b = k->own;
	autofree(json) struct json *assets = NULL;
	const char *text = b->release && b->release->assets ? b->release->assets : "[]";

	if (!b->release || json_parse(&assets, text, strlen(text), SURVEY_TEXT * 4, NULL) < 0)
		return;
	vec_each (need, &k->lane->needs)
		if (need->kind == NEED_ASSET && !need->replay)
			find_asset(k, assets, need);
}

static void judge_release(struct look *k)
{
	const struct back *b = k->own;
	const struct release *r = b->release;

	if (!needs_release(k->lane))
		return;
	if (b->release_absent)
		back_say(k, "release", CHECK_MISSING,
			 arena_printf(&k->arena, "there is no release %s", b->target), "publish it again",
			 "releases");
	else if (!r)
		back_unread(k, "release", b->release_why, "releases");
	else
		back_say(k, "release", r->draft ? CHECK_BAD : CHECK_OK,
			 arena_printf(&k->arena, "%s is %s", b->target, r->draft ? "a draft" : "published"),
			 "publish it", "releases");
}

static void judge_digest(struct look *k, const char *name, const struct back_asset *x)
{
	struct journal *j = k->s->en->o.journal;
	struct asset_seen seen = { .repo = k->profile->repo,
				   .tag = ((struct back *)k->own)->target,
				   .name = x->file,
				   .sha256 = x->hex,
				   .first_seen = look_now(k) };
	struct asset_seen first = { 0 };
	struct err e = ERR_INIT;
	char at[WHEN_TEXT];

	if (!j || journal_asset_seen(j, &seen, &first, &k->arena, &e) < 0)
		back_say(
			k, name, CHECK_UNCHECKED,
			arena_printf(&k->arena, "%s is there; what it first held is not remembered", x->file),
			"", "release");
	else if (!text_eq(first.sha256, x->hex))
		back_say(k, name, CHECK_BAD,
			 arena_printf(&k->arena, "%s was replaced: %.7s when first seen at %s, %.7s now",
				      x->file, first.sha256, when_iso(first.first_seen, at), x->hex),
			 "find out who replaced it, and publish what was accepted", "release");
	else
		back_say(k, name, CHECK_OK, arena_printf(&k->arena, "%s sha256:%.7s", x->file, x->hex), "",
			 "release");
}

static void judge_asset(struct look *k, const struct back_asset *x)
{
	const char *name = arena_printf(&k->arena, "asset:%s", x->need->name);
	const char *fix = look_expand(k, x->need->fix, ((struct back *)k->own)->target, NULL);

	if (!x->found)
		back_say(k, name, CHECK_MISSING,
			 arena_printf(&k->arena, "%s is not in the release",
				      x->file ? x->file : x->need->name),
			 fix, "release");
	else if (x->why)
		back_unread(k, name, x->why, "release");
	else
		judge_digest(k, name, x);
}

/* ---- what starts it ------------------------------------------------------------------------------------------------------ */

static void take_workflow(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct back_start *s = ctx;

	if (err) {
		s->why = look_failed(k, err);
		s->absent = err->kind == ERR_MISSING;
	} else {
		s->state = arena_strdup(&k->arena, a->text ? a->text : "");
	}
}

static void ask_workflow(struct look *k, const char *file)
{
	struct back *b = k->own;
	struct back_start *s;

	if (!file || b->starts_n == STARTS_MAX)
		return;
	s = &b->starts[b->starts_n++];
	s->file = file;
	look_read(k, &(struct forge_read){ .kind = FORGE_WORKFLOW, .repo = k->profile->repo, .name = file },
		  take_workflow, s);
}

static void ask_workflows(struct look *k)
{
	const struct profile_replay *replay = k->lane->rollback == BACK_REPLAY ? k->lane->replay : NULL;
	const char *const *aliases = replay ? replay->aliases : k->lane->aliases;

	ask_workflow(k, replay ? replay->workflow : k->lane->workflow);
	for (; aliases && *aliases; aliases++)
		ask_workflow(k, *aliases);
}

/* The first name that the forge has; NULL: none, or one could not be asked for. */
static struct back_start *start_of(struct back *b)
{
	for (int i = 0; i < b->starts_n; i++)
		if (!b->starts[i].absent)
			return b->starts[i].state ? &b->starts[i] : NULL;
	return NULL;
}

static void take_file(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct back_start *s = ctx;
	struct yaml *doc = NULL;
	struct err e = ERR_INIT;

	s->read = !err;
	if (err)
		s->why = look_failed(k, err);
	else if (yaml_parse(&doc, s->file, a->text ? a->text : "", a->number > 0 ? (size_t)a->number : 0,
			    &k->arena, &e) < 0)
		s->why = arena_strdup(&k->arena, e.message);
	else
		s->dispatchable = contract_dispatch(doc) != NULL;
}

static bool is_dispatched(const struct profile_lane *l)
{
	return l->rollback == BACK_DISPATCH || l->rollback == BACK_REPLAY;
}

static void ask_file(struct look *k)
{
	struct back *b = k->own;
	struct back_start *s = start_of(b);
	const char *ref =
		k->lane->rollback == BACK_REPLAY && k->lane->replay ? k->lane->replay->ref : k->lane->ref;

	if (!s || !is_dispatched(k->lane))
		return;
	s->ref = look_expand(k, ref, b->target, NULL);
	if (s->ref)
		look_read(k,
			  &(struct forge_read){
				  .kind = FORGE_FILE,
				  .repo = k->profile->repo,
				  .name = arena_printf(&k->arena, ".github/workflows/%s", s->file),
				  .name2 = s->ref },
			  take_file, s);
}

static void judge_dispatch(struct look *k, const struct back_start *s)
{
	const char *where =
		arena_printf(&k->arena, "%s at %s", s->file, s->ref ? s->ref : "a ref that is not known");

	if (s->why && !s->read)
		back_unread(k, "start", s->why, where);
	else if (s->why || !s->ref)
		back_say(k, "start", CHECK_UNCHECKED, s->why ? s->why : where, "", where);
	else
		back_say(k, "start", s->dispatchable ? CHECK_OK : CHECK_BAD,
			 arena_printf(&k->arena, "%s %s", where,
				      s->dispatchable ? "is active and can be dispatched"
						      : "has no workflow_dispatch"),
			 "dispatch it on a ref that has one", "workflow");
}

static void judge_start(struct look *k)
{
	struct back *b = k->own;
	const struct back_start *s = start_of(b), *first = &b->starts[0];

	if (!s && b->starts_n && first->absent && b->starts[b->starts_n - 1].absent)
		back_say(k, "start", CHECK_MISSING,
			 arena_printf(&k->arena, "the forge has no %s", first->file),
			 "name what the repository calls it in the profile", "workflows");
	else if (!s)
		back_unread(k, "start", first->why ? first->why : "not checked", "workflows");
	else if (!text_eq(s->state, "active"))
		back_say(k, "start", CHECK_BAD, arena_printf(&k->arena, "%s is %s", s->file, s->state),
			 arena_printf(&k->arena, "enable %s", s->file), "workflows");
	else if (is_dispatched(k->lane))
		judge_dispatch(k, s);
	else
		back_say(k, "start", CHECK_OK, arena_printf(&k->arena, "%s is active", s->file), "",
			 "workflows");
}

/* ---- the package ----------------------------------------------------------------------------------------------------------- */

static const struct profile_need *package_need(const struct profile_lane *l)
{
	vec_each (need, &l->needs)
		if (need->kind == NEED_ARTIFACT && need->replay && l->replay &&
		    text_eq(need->artifact, l->replay->package))
			return need;
	return NULL;
}

static void ask_package(struct look *k, struct document *d, const char *release)
{
	const struct profile_need *need = package_need(k->lane);

	*d = (struct document){ .name = k->lane->replay
						? look_expand(k, k->lane->replay->package, release, release)
						: NULL,
				.entry = need ? need->entry : NULL };
	document_read(k, d);
}

static void judge_manifest(struct look *k, struct document *d, const char *there)
{
	const struct profile_need *need = package_need(k->lane);
	struct expected *x = arena_array(&k->arena, struct expected, need->values.n + 1);
	autofree(json) struct json *doc = document_json(k, d);
	enum verdict v = CHECK_BAD;
	const char *why = d->why;

	for (size_t i = 0; i < need->values.n; i++)
		x[i] = (struct expected){ need->values.items[i].pointer, need->values.items[i].is,
					  look_expand(k, need->values.items[i].equals,
						      ((struct back *)k->own)->target, NULL),
					  need->values.items[i].optional };
	if (doc)
		v = evidence_values(doc, x, need->values.n, &why, &k->arena);
	back_say(k, "package", v, v == CHECK_OK ? there : why, look_expand(k, need->fix, NULL, NULL),
		 d->name);
}

static void judge_package(struct look *k)
{
	struct document *d = &((struct back *)k->own)->package;
	const char *there;
	char left[WHEN_TEXT];

	when_age(when_diff(d->expires, look_now(k)), left);
	there = arena_printf(&k->arena, "%s of run %" PRId64 "%s%s", d->name ? d->name : "it", d->of_run,
			     when_known(d->expires) ? ", expires in " : "",
			     when_known(d->expires) ? left : "");
	if (d->unread)
		back_unread(k, "package", d->why, "artifacts");
	else if (d->expired)
		back_say(k, "package", CHECK_BAD, d->why, "choose a package that has not expired",
			 "artifacts");
	else if (!d->id)
		back_say(k, "package", CHECK_MISSING, d->why, "choose a package that is there", "artifacts");
	else if (d->entry && package_need(k->lane))
		judge_manifest(k, d, there);
	else
		back_say(k, "package", CHECK_OK, there, "", "artifacts");
}

/* ---- migrations -------------------------------------------------------------------------------------------------------------- */

static void take_tree(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct back_tree *t = ctx;
	const struct tree_entry *list = err ? NULL : a->items;

	if (err || a->cut) {
		t->why = err ? look_failed(k, err) : "the list of its files is cut";
		return;
	}
	t->read = true;
	t->sum = (struct hash)HASH_INIT;
	for (size_t i = 0; i < a->n; i++) {
		if (!text_eq(list[i].type, "blob") || !text_glob(MIGRATION, list[i].path))
			continue;
		hash_str(&t->sum, list[i].path);
		hash_str(&t->sum, list[i].sha);
		t->n++;
	}
}

static void ask_tree(struct look *k, struct back_tree *t, const char *ref)
{
	look_read(k, &(struct forge_read){ .kind = FORGE_TREE, .repo = k->profile->repo, .name = ref },
		  take_tree, t);
}

static void judge_trees(struct look *k)
{
	const struct back *b = k->own;
	const struct back_tree *live = &b->tree_live, *back = &b->tree_back;

	if (!live->read || !back->read)
		back_unread(k, "migrations",
			    live->why   ? live->why
			    : back->why ? back->why
					: "not read",
			    "tree");
	else if (live->n == back->n && live->sum.a == back->sum.a && live->sum.b == back->sum.b)
		back_say(k, "migrations", CHECK_OK,
			 live->n ? "none since" : "neither release has files of migrations", "", "tree");
	else
		back_say(k, "migrations", CHECK_BAD,
			 arena_printf(&k->arena,
				      "%s and %s differ in files of migrations: going back undoes none",
				      b->target, k->known->row.live),
			 "see what they changed first", "tree");
}

static void judge_migrates(struct look *k)
{
	struct back *b = k->own;
	autofree(json) struct json *doc = document_json(k, &b->live_package);
	const struct json *v = evidence_at(doc, MIGRATES);

	if (b->live_package.unread)
		back_unread(k, "migrations", b->live_package.why, "artifacts");
	else if (json_type(v) != JSON_BOOL)
		back_say(k, "migrations", CHECK_UNCHECKED,
			 doc ? "the live package does not say whether it migrated" : b->live_package.why, "",
			 "live package");
	else if (json_bool(v, "", true))
		back_say(k, "migrations", CHECK_BAD,
			 "the live package migrated the database: going back does not undo that",
			 "see what it changed first", "live package");
	else
		back_say(k, "migrations", CHECK_OK, "the live package needed none", "", "live package");
}

static void judge_migrations(struct look *k)
{
	if (k->known->broken && is_dispatched(k->lane)) {
		back_say(k, "migrations", CHECK_UNCHECKED, "what the newer run migrated is not known", "",
			 "runs");
		return;
	}
	if (k->lane->rollback == BACK_REPLAY)
		judge_migrates(k);
	else if (k->lane->rollback == BACK_DISPATCH || k->lane->rollback == BACK_EXTERNAL)
		judge_trees(k);
	else
		back_say(k, "migrations", CHECK_UNCHECKED, "an image does not say what it migrated", "",
			 "image");
}

/* ---- how long it takes ---------------------------------------------------------------------------------------------------------- */

static int by_number(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return (a > b) - (a < b);
}

static bool counts(const struct look *k, const struct run *r, bool replays)
{
	const struct profile_replay *replay = replays ? k->lane->replay : NULL;
	const struct profile_lane by = { .workflow = replay ? replay->workflow : k->lane->workflow,
					 .aliases = replay ? replay->aliases : k->lane->aliases };

	return r->conclusion == CONCLUSION_SUCCESS && when_known(r->started) &&
	       r->updated.ms > r->started.ms && profile_is_workflow(&by, r->path);
}

static size_t durations(const struct look *k, int64_t *took, bool replays)
{
	size_t n = 0;

	vec_each (r, &k->known->runs)
		if (n < DURATION_MAX && counts(k, r, replays))
			took[n++] = when_diff(r->updated, r->started);
	qsort(took, n, sizeof(took[0]), by_number);
	return n;
}

/* A replay takes another time than what it repeats; where none was made, that is all that is known. */
static void judge_duration(struct look *k)
{
	int64_t took[DURATION_MAX];
	char half[WHEN_TEXT], worst[WHEN_TEXT];
	bool replays = k->lane->rollback == BACK_REPLAY && k->lane->replay;
	size_t n = replays ? durations(k, took, true) : 0;
	const char *of = n ? "replay" : "run";

	n = n ? n : durations(k, took, false);
	if (!n) {
		back_say(k, "duration", CHECK_UNCHECKED, "no run that went well is known", "", "runs");
		return;
	}
	back_say(k, "duration", CHECK_OK,
		 arena_printf(&k->arena, "p50 %s, at most %s, of %zu %s%s", when_age(took[n / 2], half),
			      when_age(took[n - 1], worst), n, of, n == 1 ? "" : "s"),
		 "", "runs");
}

/* ---- the look ----------------------------------------------------------------------------------------------------------------------- */

void back_judge(struct look *k)
{
	struct back *b = k->own;
	bool outside = k->lane->rollback == BACK_EXTERNAL;

	if (k->lane->rollback == BACK_DISPATCH || outside)
		judge_release(k);
	vec_each (x, &b->assets)
		judge_asset(k, *x);
	if (k->lane->rollback == BACK_REPLAY)
		judge_package(k);
	if (outside)
		back_say(k, "start", CHECK_UNCHECKED,
			 arena_printf(&k->arena, "outside of the forge: %s",
				      k->lane->back_command ? k->lane->back_command : "by hand"),
			 "", "profile");
	else if (k->lane->rollback != BACK_RETAG)
		judge_start(k);
	back_attested(k);
	judge_migrations(k);
	if (k->lane->rollback != BACK_RETAG)
		judge_duration(k);
	back_write(k);
}

static void back_second(struct look *k)
{
	find_assets(k);
	ask_file(k);
	look_then(k, back_judge);
}

void back_ask(struct look *k)
{
	struct back *b = k->own;
	const char *live = k->known->row.live;

	if (!b->target) {
		back_write(k);
		return;
	}
	if (k->lane->rollback == BACK_DISPATCH || k->lane->rollback == BACK_EXTERNAL) {
		if (needs_release(k->lane))
			look_read(k,
				  &(struct forge_read){ .kind = FORGE_RELEASE,
							.repo = k->profile->repo,
							.name = b->target },
				  take_release, b);
		ask_tree(k, &b->tree_back, b->target);
		ask_tree(k, &b->tree_live, live);
	}
	if (k->lane->rollback == BACK_REPLAY) {
		ask_package(k, &b->package, b->target);
		ask_package(k, &b->live_package, live);
	}
	if (k->lane->rollback != BACK_EXTERNAL && k->lane->rollback != BACK_RETAG)
		ask_workflows(k);
	look_then(k, back_second);
}

static void target_of_runs(struct look *k)
{
	const struct run *back = k->known->back;
	const char *live = k->known->row.live;

	if (!*live)
		back_target(k, CHECK_UNCHECKED, "which release is live is not known", "runs");
	else if (k->known->undoing)
		back_target(k, CHECK_MISSING,
			    arena_printf(&k->arena,
					 "run %" PRId64 " goes back to %s already: %s is what it leaves",
					 k->known->undoing->id, k->known->undoing->release, live),
			    "runs");
	else if (!back || !*back->release)
		back_target(k, CHECK_MISSING, "no earlier release that went well is known", "runs");
	else
		back_target(k, CHECK_OK, back->release,
			    arena_printf(&k->arena, "run %" PRId64 "%s", back->id,
					 k->known->broken ? ", which ran before the newer one" : ""));
	back_ask(k);
}

void look_at_way_back(struct look *k)
{
	static const look_step kinds[] = { [BACK_DISPATCH] = target_of_runs,  [BACK_REPLAY] = target_of_runs,
					   [BACK_EXTERNAL] = target_of_runs,  [BACK_RETAG] = back_find_digest,
					   [BACK_REVERT_PIN] = back_find_pin, [BACK_NONE] = NULL };
	look_step step = (size_t)k->lane->rollback < countof(kinds) ? kinds[k->lane->rollback] : NULL;
	struct err e = ERR_INIT;

	k->own = arena_new(&k->arena, struct back);
	if (survey_known(k, &e)) {
		look_end(k);
	} else if (!step) {
		back_target(k, CHECK_MISSING, "the profile knows no way back", "profile");
		back_write(k);
	} else {
		step(k);
	}
}
