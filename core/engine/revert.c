#include "core/engine/ways.h"

#include "base/text.h"
#include "base/yaml.h"
#include "core/rules/pins.h"

#include <string.h>

/*
 * Taking the newest pin back: a branch of our own at the tip, the pinned files on it as they were before the pin, and a
 * pull request; merging that is an act of its own, when its checks have passed. What was in the files before is read from
 * the history of each file, and a file that was changed since its pin is left to people. Nothing is computed from what a
 * person says about digests.
 */

enum { FILES_MAX = 10, HISTORY = 20 };

struct text {
	const char *s;
	bool known, plain; /* plain: text without NUL */
};
struct pinned {
	const char *path, *blob;
	const char *history_fact, *now_fact, *before_fact, *ran_fact;
	VEC(struct history) history;
	const struct history *pin, *before;
	struct text now, then, ran;
	bool taken; /* the newest pin of all touched it */
};
struct reverting {
	struct merging m; /* first, for pulls.c */
	const struct profile_probe *probe;
	const char *tip;
	VEC(struct pinned) files;
	bool cut;
	const struct history *pin;
};

static struct reverting *found_of(struct ask *k)
{
	return k->plan.found;
}

/* ---- reading ------------------------------------------------------------------------------------------------------------- */

static void take_tip(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	f->value = arena_strdup(&k->arena, a->text ? a->text : "");
	found_of(k)->tip = f->value;
	k->plan.sha = f->value;
}

static bool is_pinned_file(const struct profile_probe *probe, const char *path)
{
	for (const char *const *g = probe->files; g && *g; g++)
		if (text_glob(*g, path))
			return true;
	return false;
}

static void take_tree(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct reverting *r = found_of(k);
	const struct tree_entry *list = a->items;

	r->cut = a->cut;
	for (size_t i = 0; i < a->n; i++) {
		struct pinned *file;

		if (!text_eq(list[i].type, "blob") || !is_pinned_file(r->probe, list[i].path))
			continue;
		r->cut = r->cut || r->files.n == FILES_MAX;
		if (r->files.n == FILES_MAX)
			break;
		file = vec_push(&r->files, &k->arena);
		file->path = arena_strdup(&k->arena, list[i].path);
		file->blob = arena_strdup(&k->arena, list[i].sha);
		file->history_fact = arena_printf(&k->arena, "history %s", file->path);
		file->now_fact = arena_printf(&k->arena, "file %s", file->path);
		file->before_fact = arena_printf(&k->arena, "before %s", file->path);
		file->ran_fact = arena_printf(&k->arena, "ran %s", file->path);
	}
	f->value = arena_printf(&k->arena, "%zu pinned files", r->files.n);
}

static struct pinned *by_fact(struct ask *k, const char *fact)
{
	vec_each (file, &found_of(k)->files)
		if (text_eq(file->history_fact, fact) || text_eq(file->now_fact, fact) ||
		    text_eq(file->before_fact, fact) || text_eq(file->ran_fact, fact))
			return file;
	return NULL;
}

static void take_history(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct pinned *file = by_fact(k, f->name);
	const struct history *list = a->items;

	for (size_t i = 0; i < a->n; i++)
		rec_dup(&rec_history, vec_push(&file->history, &k->arena), &list[i], &k->arena);
	(void)!pins_newest(file->history.items, file->history.n, found_of(k)->probe->subject, &file->pin,
			   &file->before);
	f->value = arena_printf(&k->arena, "newest %.7s", a->n ? list[0].sha : "none");
}

static void take_text(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct pinned *file = by_fact(k, f->name);
	struct text *t = text_eq(f->name, file->now_fact)      ? &file->now
			 : text_eq(f->name, file->before_fact) ? &file->then
							       : &file->ran;
	size_t n = a->number > 0 ? (size_t)a->number : 0;

	t->s = arena_strndup(&k->arena, a->text ? a->text : "", n);
	t->known = true;
	t->plain = strlen(t->s) == n;
	f->value = arena_printf(&k->arena, "%zu bytes", n);
}

/* ---- rounds -------------------------------------------------------------------------------------------------------------- */

/* The newest pin of all the files; those that it touched are taken back, the others stay. */
static void choose_pin(struct reverting *r)
{
	vec_each (file, &r->files)
		if (file->pin && (!r->pin || when_diff(file->pin->at, r->pin->at) > 0))
			r->pin = file->pin;
	vec_each (file, &r->files)
		file->taken = r->pin && file->pin && text_eq(file->pin->sha, r->pin->sha);
}

static void read_texts(struct ask *k, const struct pinned *file)
{
	struct forge_read r = { .kind = FORGE_FILE, .repo = k->plan.repo, .name = file->path };
	const char *ran = k->plan.previous;

	r.name2 = found_of(k)->tip;
	ask_read(k, file->now_fact, false, &r, take_text);
	r.name2 = file->before->sha;
	ask_read(k, file->before_fact, false, &r, take_text);
	if (!ran || strlen(ran) != 40)
		return;
	r.name2 = ran;
	ask_read(k, file->ran_fact, false, &r, take_text);
}

static void histories_known(struct ask *k)
{
	struct reverting *r = found_of(k);

	choose_pin(r);
	vec_each (file, &r->files)
		if (file->taken && file->before && r->tip)
			read_texts(k, file);
	ask_then(k, plan_judge);
}

static void tree_known(struct ask *k)
{
	struct forge_read r = { .kind = FORGE_COMMITS, .repo = k->plan.repo, .number = HISTORY };

	r.name = found_of(k)->probe->ref;
	vec_each (file, &found_of(k)->files) {
		r.name2 = file->path;
		ask_read(k, file->history_fact, true, &r, take_history);
	}
	ask_then(k, histories_known);
}

static void read_all(struct ask *k)
{
	struct forge_read r = { .kind = FORGE_COMMIT, .repo = k->plan.repo };

	facts_read_lane(k);
	r.name = arena_printf(&k->arena, "heads/%s", found_of(k)->probe->ref);
	ask_read(k, "tip", true, &r, take_tip);
	r = (struct forge_read){ .kind = FORGE_TREE, .repo = k->plan.repo, .name = found_of(k)->probe->ref };
	ask_read(k, "tree", false, &r, take_tree);
	merging_list(k);
	ask_then(k, tree_known);
}

static const struct profile_probe *pins_probe(const struct profile_lane *l)
{
	vec_each (probe, &l->probes)
		if (probe->kind == PROBE_PINS && probe->ref && probe->subject)
			return probe;
	return NULL;
}

static bool prepare(struct ask *k)
{
	struct reverting *r = arena_new(&k->arena, struct reverting);

	if (!plan_find_lane(k))
		return false;
	r->probe = pins_probe(k->plan.lane);
	k->plan.found = r;
	if (!r->probe || k->cmd.n > 1) {
		ask_fail(k, 1, "policy",
			 arena_printf(&k->arena,
				      r->probe ? "%s goes back pin by pin, and takes no release"
					       : "%s has no pins",
				      k->plan.lane->name),
			 r->probe ? "leave it out" : "see `probes` in man pilothouse-profile");
		return false;
	}
	r->m = (struct merging){
		.head = "pilothouse/revert-pin-*",
		.base = r->probe->ref,
		.method = k->plan.lane->release_pr ? k->plan.lane->release_pr->method : NULL,
		.open_with = arena_printf(&k->arena, "pilothouse revert-pin %s", k->plan.lane->name),
	};
	return true;
}

static void begin(struct ask *k)
{
	if (prepare(k))
		files_find(k, read_all);
}

static void merge_known(struct ask *k)
{
	merging_read(k);
	ask_then(k, plan_judge);
}

static void merge_files(struct ask *k)
{
	facts_read_lane(k);
	merging_list(k);
	ask_then(k, merge_known);
}

static void begin_merge(struct ask *k)
{
	if (prepare(k))
		files_find(k, merge_files);
}

/* ---- digests --------------------------------------------------------------------------------------------------------------- */

static const struct yaml *yaml_node(const struct yaml *y, const char *pointer, struct arena *a)
{
	while (y && *pointer == '/') {
		size_t n = strcspn(pointer + 1, "/");

		y = yaml_get(y, arena_strndup(a, pointer + 1, n));
		pointer += n + 1;
	}
	return y;
}

static const struct yaml *pins_in(struct ask *k, const struct pinned *file, const char *text)
{
	struct yaml *doc = NULL;

	if (yaml_parse(&doc, file->path, text, strlen(text), &k->arena, NULL) < 0)
		return NULL;
	for (const char *const *p = found_of(k)->probe->pointers; p && *p; p++) {
		const struct yaml *node = yaml_node(doc, *p, &k->arena);

		if (node)
			return node;
	}
	return NULL;
}

static const char *component(struct ask *k, const struct pinned *file)
{
	struct yaml *doc = NULL;
	const char *ref = NULL;

	if (file->now.known &&
	    yaml_parse(&doc, file->path, file->now.s, strlen(file->now.s), &k->arena, NULL) == 0)
		ref = yaml_str(doc, "ref", NULL);
	return ref ? ref : file->path;
}

/* "sha256:ed242f2f6c76" of an image by digest; else the whole word. */
static const char *short_digest(struct ask *k, const char *image)
{
	const char *at = image ? strstr(image, "@sha256:") : NULL;

	return at ? arena_printf(&k->arena, "%.19s", at + 1) : image ? image : "nothing";
}

static void say_platform(struct ask *k, const struct pinned *file, const char *platform, const char *was,
			 const char *becomes)
{
	bool same = text_eq(was, becomes);

	plan_said(k, arena_printf(&k->arena, "note:%s %s", component(k, file), platform), CHECK_OK,
		  same ? arena_printf(&k->arena, "stays %s", short_digest(k, was))
		       : arena_printf(&k->arena, "%s becomes %s again", short_digest(k, was),
				      short_digest(k, becomes)),
		  "", file->now_fact);
}

static void say_digests(struct ask *k, const struct pinned *file)
{
	const struct yaml *now = pins_in(k, file, file->now.s), *then = pins_in(k, file, file->then.s);

	if (!now || !then) {
		plan_said(k, arena_printf(&k->arena, "note:%s", file->path), CHECK_UNCHECKED,
			  "its digests cannot be read", "look at the file", file->now_fact);
	} else if (now->kind == YAML_SCALAR && then->kind == YAML_SCALAR) {
		say_platform(k, file, "image", now->scalar, then->scalar);
	} else {
		yaml_each(it, now) say_platform(k, file, it->key ? it->key : "?", it->scalar,
						yaml_str(then, it->key ? it->key : "", NULL));
	}
}

/* ---- judging --------------------------------------------------------------------------------------------------------------- */

static void judge_file(struct ask *k, const struct pinned *file)
{
	const char *name = arena_printf(&k->arena, "file:%s", file->path);

	if (!text_eq(file->history.items[0].sha, file->pin->sha))
		plan_said(k, name, CHECK_BAD,
			  arena_printf(&k->arena, "%.7s \"%s\" changed it after the pin",
				       file->history.items[0].sha, file->history.items[0].title),
			  "take the pin back by hand", file->history_fact);
	else if (!file->before)
		plan_said(k, name, CHECK_BAD, "there was no such file before the pin",
			  "take the pin back by hand", file->history_fact);
	else if (!file->now.known || !file->then.known)
		plan_said(k, name, CHECK_UNCHECKED, "its texts were not read", "try again", file->now_fact);
	else if (!file->now.plain || !file->then.plain)
		plan_said(k, name, CHECK_BAD, "it is no text", "take the pin back by hand", file->now_fact);
	else if (!strcmp(file->now.s, file->then.s))
		plan_said(k, name, CHECK_BAD, "it is as it was before the pin",
			  "there is nothing to take back", file->now_fact);
	else
		plan_said(k, name, CHECK_OK,
			  arena_printf(&k->arena, "as at %.7s, before the pin", file->before->sha), "",
			  file->before_fact);
	if (!file->now.known || !file->then.known)
		return;
	say_digests(k, file);
	if (file->ran.known && strcmp(file->ran.s, file->then.s) != 0)
		plan_said(k, arena_printf(&k->arena, "note:ran %s", file->path), CHECK_BAD,
			  arena_printf(&k->arena, "the release before, %.7s, ran with other pins",
				       k->plan.previous),
			  "compare the digests", file->ran_fact);
}

static void judge_pull(struct ask *k)
{
	const struct fact *f = facts_find(&k->plan.facts, "pulls");
	bool own = k->plan.repeats;

	if (f->state == FACT_FAILED)
		plan_said(k, "pull_request", CHECK_UNCHECKED, f->why, "try again", "pulls");
	else if (found_of(k)->m.open && !own)
		plan_said(k, "pull_request", CHECK_BAD,
			  arena_printf(&k->arena, "one is open already: %s", f->value),
			  arena_printf(&k->arena, "`pilothouse revert-pin %s --merge`, or close it",
				       k->plan.lane->name),
			  "pulls");
	else
		plan_said(k, "pull_request", CHECK_OK, "none is open", "", "pulls");
}

static bool histories_were_read(struct ask *k)
{
	vec_each (file, &found_of(k)->files)
		if (facts_find(&k->plan.facts, file->history_fact)->state != FACT_OK)
			return false;
	return facts_find(&k->plan.facts, "tree")->state == FACT_OK &&
	       facts_find(&k->plan.facts, "tip")->state == FACT_OK;
}

/* Going back twice would otherwise bring again what was left. */
static void judge_pin(struct ask *k)
{
	const struct history *pin = found_of(k)->pin;

	if (plan_is_rollback(k) && text_starts(pin->title, PINS_REVERT))
		plan_said(
			k, "pins", CHECK_BAD,
			arena_printf(&k->arena,
				     "the newest, %.7s \"%s\", went back already: not again to what it left",
				     pin->sha, pin->title),
			arena_printf(&k->arena, "if that is meant: `pilothouse revert-pin %s`",
				     k->plan.lane->name),
			"tree");
	else
		plan_said(k, "pins", CHECK_OK,
			  arena_printf(&k->arena, "%.7s \"%s\" of %s", pin->sha, pin->title,
				       pin->author && *pin->author ? pin->author : "?"),
			  "", "tree");
}

static void judge(struct ask *k)
{
	struct reverting *r = found_of(k);

	judge_pull(k);
	if (!histories_were_read(k)) {
		plan_said(k, "pins", CHECK_UNCHECKED, "the branch or its files were not read", "try again",
			  "tree");
	} else if (r->cut) {
		plan_said(k, "pins", CHECK_UNCHECKED, "there are more pinned files than are looked at",
			  "take the pin back by hand", "tree");
	} else if (!r->pin) {
		plan_said(k, "pins", CHECK_MISSING,
			  arena_printf(&k->arena, "none of the newest commits of %s is a pin", r->probe->ref),
			  "take it back by hand", "tree");
	} else {
		k->subject = r->pin->sha;
		judge_pin(k);
		vec_each (file, &r->files)
			if (file->taken)
				judge_file(k, file);
	}
}

/* ---- sending --------------------------------------------------------------------------------------------------------------- */

static const char *title_of(struct ask *k)
{
	const struct reverting *r = found_of(k);
	const char *names = "";

	vec_each (file, &r->files)
		if (file->taken)
			names = arena_printf(&k->arena, "%s%s%s", names, *names ? ", " : "",
					     component(k, file));
	return arena_printf(&k->arena, PINS_REVERT "%s (%.7s)", names, r->pin->sha);
}

static void put_files(struct ask *k, const char *branch, struct plan_steps *out)
{
	vec_each (file, &found_of(k)->files) {
		struct plan_step *s;

		if (!file->taken || !file->then.known)
			continue;
		s = step_add(k, out, FORGE_FILE_PUT, arena_printf(&k->arena, "put %s back", file->path));
		s->act.branch = branch;
		s->act.path = file->path;
		s->act.content = file->then.s;
		s->act.old_sha = file->blob;
		s->act.title = arena_printf(&k->arena, PINS_REVERT "%s (%.7s)", component(k, file),
					    found_of(k)->pin->sha);
	}
}

static void steps(struct ask *k, const char *nonce, struct plan_steps *out)
{
	const struct reverting *r = found_of(k);
	const char *branch = step_branch(k, "revert-pin", nonce), *reason = plan_reason(k);
	struct plan_step *s;

	if (!r->pin || !r->tip)
		return;
	s = step_add(k, out, FORGE_REF_CREATE, "make a branch");
	s->act.ref = arena_printf(&k->arena, "heads/%s", branch);
	s->act.sha = r->tip;
	put_files(k, branch, out);
	s = step_add(k, out, FORGE_PULL_OPEN, "open the pull request");
	s->act.head = branch;
	s->act.base = r->probe->ref;
	s->act.title = title_of(k);
	s->act.comment = reason ? reason : "";
}

const struct way way_revert_pin = {
	.rules = "revert-pin",
	.begin = begin,
	.judge = judge,
	.steps = steps,
	.undo = "close the pull request and delete its branch on the forge",
};
const struct way way_merge_revert = {
	.rules = "merge",
	.begin = begin_merge,
	.judge = merging_judge,
	.steps = merging_steps,
	.undo = "cannot be undone; a new pin replaces it",
};
