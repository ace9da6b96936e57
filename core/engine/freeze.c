#include "core/engine/ways.h"

#include "base/json.h"
#include "base/text.h"

#include <string.h>

/*
 * Stopping the line, and letting it go on: a tag, a label on every open pull request, or the state file, as the profile says
 * where the system looks. Freeze takes one of them, thaw undoes all that are found frozen. What the file is to hold is the
 * organisation's own form (delivery-systems reference 5.2).
 */

enum { STEPS_MAX = 20, PULLS = 100 };

struct source {
	const struct profile_freeze *fz;
	struct freeze now;
	const char *fact;      /* of stops.c */
	const char *list_fact; /* pull requests, or the tree */
	VEC(int64_t) pulls;    /* that bear it (thaw), or that are open (freeze) */
	const char *blob;      /* of the file, NULL none */
};
struct freezing {
	VEC(struct source) sources; /* that the act is about */
	const char *base, *tip;
	bool many;
};

static struct freezing *found_of(struct ask *k)
{
	return k->plan.found;
}

static bool freezes(const struct ask *k)
{
	return act_is(k, CMD_FREEZE);
}

/* ---- reading ------------------------------------------------------------------------------------------------------------- */

static struct source *by_fact(struct ask *k, const char *fact)
{
	vec_each (s, &found_of(k)->sources)
		if (text_eq(s->list_fact, fact))
			return s;
	return NULL;
}

static void take_tip(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	f->value = arena_strdup(&k->arena, a->text ? a->text : "");
	found_of(k)->tip = f->value;
}

static void take_pulls(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct source *s = by_fact(k, f->name);
	const struct pull *list = a->items;

	f->value = "";
	for (size_t i = 0; i < a->n; i++) {
		if (!text_eq(list[i].state, "open") ||
		    (freezes(k) && !text_eq(list[i].base, found_of(k)->base)))
			continue;
		*vec_push(&s->pulls, &k->arena) = list[i].number;
		f->value = arena_printf(&k->arena, "%s #%" PRId64, f->value, list[i].number);
	}
	found_of(k)->many = found_of(k)->many || a->cut || s->pulls.n > STEPS_MAX;
}

static void take_tree(struct ask *k, struct fact *f, const struct forge_answer *a)
{
	struct source *s = by_fact(k, f->name);
	const struct tree_entry *list = a->items;

	for (size_t i = 0; i < a->n; i++)
		if (text_eq(list[i].path, s->fz->path))
			s->blob = arena_strdup(&k->arena, list[i].sha);
	f->value = s->blob ? s->blob : "no such file";
	if (!s->blob && a->cut)
		f->value = "cut"; /* it may be in the part that was not given */
}

static void read_source(struct ask *k, struct source *s)
{
	struct forge_read r = { .repo = k->plan.repo };

	switch ((enum freeze_kind)s->fz->kind) {
	case FREEZE_TAG:
		if (!freezes(k))
			return;
		r.kind = FORGE_COMMIT;
		r.name = arena_printf(&k->arena, "heads/%s", found_of(k)->base);
		ask_read(k, "tip", false, &r, take_tip);
		return;
	case FREEZE_LABEL:
		r.kind = freezes(k) ? FORGE_PULLS : FORGE_LABELLED;
		r.name = freezes(k) ? NULL : s->fz->name;
		r.name2 = freezes(k) ? found_of(k)->base : NULL;
		r.number = PULLS;
		ask_read(k, s->list_fact, true, &r, take_pulls);
		return;
	case FREEZE_FILE:
		r.kind = FORGE_TREE;
		r.name = s->fz->ref ? s->fz->ref : found_of(k)->base;
		ask_read(k, s->list_fact, true, &r, take_tree);
		return;
	case FREEZE_OTHER:
		return;
	}
}

/* ---- which system, and by what --------------------------------------------------------------------------------------------- */

const struct profile *freeze_system(const struct ask *k)
{
	const char *name = k->cmd.args[0];

	vec_each (pr, k->acts->en->o.profiles)
		if (text_eq(pr->system, name) || text_eq(pr->name, name))
			return pr;
	return NULL;
}

static void sources_known(struct ask *k)
{
	vec_each (s, &found_of(k)->sources)
		freeze_judge(k, s->fz, &s->now);
	plan_judge(k);
}

/* The branch that production follows. */
static const char *base_of(const struct profile *pr)
{
	vec_each (l, &pr->lanes) {
		if (!l->production)
			continue;
		if (l->release_pr)
			return l->release_pr->base;
		if (l->ref && !strchr(l->ref, '{'))
			return l->ref;
	}
	return "main";
}

/* A system is no lane; for the journal, the rules and the phrase it stands where a lane stands. */
static const struct profile_lane *lane_for(struct ask *k, const struct profile *pr)
{
	struct profile_lane *l = arena_new(&k->arena, struct profile_lane);

	l->name = pr->system;
	l->environment = "";
	l->production = true;
	return l;
}

static void add_sources(struct ask *k, int by)
{
	vec_each (fz, &k->plan.profile->freezes) {
		struct source *s;

		if ((by && fz->kind != by) || (freezes(k) && found_of(k)->sources.n))
			continue;
		s = vec_push(&found_of(k)->sources, &k->arena);
		s->fz = fz;
		s->fact = arena_printf(&k->arena, "freeze %s", freeze_source(fz, &k->arena));
		s->list_fact = arena_printf(&k->arena, "list of %s", freeze_source(fz, &k->arena));
	}
}

bool freeze_find_system(struct ask *k)
{
	struct plan *p = &k->plan;

	p->profile = freeze_system(k);
	if (!p->profile) {
		ask_fail(k, 1, "missing", arena_printf(&k->arena, "there is no system %s", k->cmd.args[0]),
			 "see `pilothouse lanes`");
		return false;
	}
	p->repo = p->profile->repo;
	p->lane = lane_for(k, p->profile);
	k->subject = p->profile->system;
	return true;
}

static void begin(struct ask *k)
{
	struct plan *p = &k->plan;
	const char *word = k->cmd.opt[OPT_BY];
	int by = word ? names_value(&freeze_kind_names, word) : 0;

	p->found = arena_new(&k->arena, struct freezing);
	if (word && by <= FREEZE_OTHER) {
		ask_fail(k, 2, "invalid", arena_printf(&k->arena, "--by %s is not tag, label or file", word),
			 "");
		return;
	}
	if (!freeze_find_system(k))
		return;
	if (freezes(k) && k->cmd.opt[OPT_FOR]) {
		ask_fail(k, 1, "policy",
			 arena_printf(&k->arena,
				      "the freeze of %s is its own workflows' and does not lift by itself",
				      p->profile->system),
			 "freeze without --for, and thaw it");
		return;
	}
	add_sources(k, by);
	if (!found_of(k)->sources.n) {
		ask_fail(k, 1, "policy",
			 arena_printf(&k->arena, "%s has no freeze%s%s", p->profile->system,
				      word ? " by " : "", word ? word : ""),
			 "see `freezes` in man pilothouse-profile");
		return;
	}
	found_of(k)->base = base_of(p->profile);
	facts_read_user(k);
	freezes_read(k);
	vec_each (s, &found_of(k)->sources)
		read_source(k, s);
	ask_then(k, sources_known);
}

/* ---- judging --------------------------------------------------------------------------------------------------------------- */

static bool is_writable(const struct profile_freeze *fz)
{
	return fz->pointer && fz->pointer[0] == '/' && fz->pointer[1] && !strchr(fz->pointer + 1, '/');
}

static bool was_read(struct ask *k, const char *fact)
{
	const struct fact *f = facts_find(&k->plan.facts, fact);

	return f && f->state == FACT_OK;
}

/* What keeps the source from being changed, in words; NULL: nothing. */
static const char *in_the_way(struct ask *k, const struct source *s)
{
	switch ((enum freeze_kind)s->fz->kind) {
	case FREEZE_TAG:
		return freezes(k) && !was_read(k, "tip") ? "the branch was not read" : NULL;
	case FREEZE_LABEL:
		return !was_read(k, s->list_fact) ? "the pull requests were not read"
		       : freezes(k) && !s->pulls.n
			       ? arena_printf(&k->arena, "no pull request into %s is open to bear it",
					      found_of(k)->base)
			       : NULL;
	case FREEZE_FILE:
		return !is_writable(s->fz) ? "the file's form is not known: it is not written from here"
		       : !was_read(k, s->list_fact) ||
				       text_eq(facts_find(&k->plan.facts, s->list_fact)->value, "cut")
			       ? "the file was not found in the tree"
			       : NULL;
	case FREEZE_OTHER:
		break;
	}
	return "the profile does not say how";
}

static void judge_source(struct ask *k, const struct source *s)
{
	const char *name = arena_printf(&k->arena, "freeze:%s", names_word(&freeze_kind_names, s->fz->kind));
	const char *way = in_the_way(k, s);
	bool wanted = s->now.state == (freezes(k) ? FREEZE_OPEN : FREEZE_FROZEN);
	/* a file that is gone is made again */
	bool lost = freezes(k) && s->fz->kind == FREEZE_FILE && s->now.state == FREEZE_UNKNOWN && !s->blob;

	if (way && (wanted || lost))
		plan_said(k, name, CHECK_BAD, way, "use another source with --by", s->fact);
	else if (wanted || lost)
		plan_said(k, name, CHECK_OK,
			  arena_printf(&k->arena, "%s is %s", s->now.source,
				       lost         ? "not there, and is made"
				       : freezes(k) ? "open"
						    : "frozen"),
			  "", s->fact);
	else if (s->now.state == FREEZE_UNKNOWN)
		plan_said(k, freezes(k) ? name : arena_printf(&k->arena, "note:%s", name), CHECK_UNCHECKED,
			  arena_printf(&k->arena, "%s: %s", s->now.source, s->now.detail), "make it readable",
			  s->fact);
	else if (freezes(k) && !k->plan.repeats)
		plan_said(k, name, CHECK_BAD,
			  arena_printf(&k->arena, "frozen already by %s%s%s", s->now.source,
				       *s->now.detail ? ": " : "", s->now.detail),
			  arena_printf(&k->arena, "`pilothouse thaw %s`", k->plan.lane->name), s->fact);
	else
		plan_said(k, arena_printf(&k->arena, "note:%s", name), CHECK_OK,
			  arena_printf(&k->arena, "%s is %s", s->now.source,
				       names_word(&freeze_state_names, s->now.state)),
			  "", s->fact);
}

static void judge(struct ask *k)
{
	size_t frozen = 0;

	vec_each (s, &found_of(k)->sources) {
		frozen += s->now.state == FREEZE_FROZEN;
		judge_source(k, s);
	}
	if (!freezes(k) && !frozen)
		plan_said(k, "frozen", CHECK_BAD, "nothing that could be read is frozen",
			  "there is nothing to thaw", "profile");
	if (found_of(k)->many)
		plan_said(k, "many", CHECK_BAD,
			  arena_printf(&k->arena, "more than %d pull requests: that is not done from here",
				       (int)STEPS_MAX),
			  "use another source with --by", "profile");
}

/* ---- sending --------------------------------------------------------------------------------------------------------------- */

static void put_text(struct buf *out, const char *key, const char *value, const char *end)
{
	struct jw w;

	buf_fmt(out, "  \"%s\": ", key);
	jw_init(&w, out);
	if (value)
		jw_raw_str(&w, value);
	else
		jw_null(&w);
	buf_str(out, end);
}

static const char *content(struct ask *k, const struct source *s, const char *nonce)
{
	struct when at = step_time(k, nonce);
	const char *reason = plan_reason(k), *who = k->acts->en->o.who;
	autofree(buf) struct buf out = BUF_INIT(65536);
	char iso[WHEN_TEXT];

	buf_fmt(&out, "{\n  \"%s\": %s,\n", s->fz->pointer + 1, freezes(k) ? "true" : "false");
	put_text(&out, "set_at", when_known(at) ? when_iso(at, iso) : PLAN_NONCE, ",\n");
	put_text(&out, "reason", reason ? reason : "thawed", ",\n");
	put_text(&out, "set_by", "human", ",\n");
	put_text(&out, "tier", NULL, ",\n");
	put_text(&out, "expires_at", NULL, ",\n");
	put_text(&out, "note", arena_printf(&k->arena, "by %s through pilothouse", who ? who : "?"), "\n}\n");
	return arena_strdup(&k->arena, out.s);
}

static void put_file(struct ask *k, const struct source *s, const char *nonce, struct plan_steps *out)
{
	const char *reason = plan_reason(k);
	struct plan_step *step =
		step_add(k, out, FORGE_FILE_PUT, freezes(k) ? "write the freeze" : "write the thaw");

	step->act.branch = s->fz->ref ? s->fz->ref : found_of(k)->base;
	step->act.path = s->fz->path;
	step->act.old_sha = s->blob;
	step->act.content = content(k, s, nonce);
	step->act.title = arena_printf(&k->arena, "%s: %s", freezes(k) ? "freeze" : "thaw",
				       reason ? reason : k->plan.lane->name);
}

static void put_tag(struct ask *k, const struct source *s, struct plan_steps *out)
{
	struct plan_step *step = step_add(k, out, freezes(k) ? FORGE_REF_CREATE : FORGE_REF_DELETE,
					  freezes(k) ? "set the tag" : "delete the tag");

	step->act.ref = arena_printf(&k->arena, "tags/%s", s->fz->name);
	step->act.sha = freezes(k) ? found_of(k)->tip : NULL;
	step->stands = true;
}

static void put_labels(struct ask *k, const struct source *s, struct plan_steps *out)
{
	vec_each (number, &s->pulls) {
		struct plan_step *step = step_add(k, out, freezes(k) ? FORGE_LABEL_ADD : FORGE_LABEL_REMOVE,
						  arena_printf(&k->arena, "%s the label %s #%" PRId64,
							       freezes(k) ? "set" : "take",
							       freezes(k) ? "on" : "off", *number));

		step->act.number = *number;
		step->act.label = s->fz->name;
		step->stands = !freezes(k);
	}
}

static void steps(struct ask *k, const char *nonce, struct plan_steps *out)
{
	vec_each (s, &found_of(k)->sources) {
		if (!freezes(k) && s->now.state != FREEZE_FROZEN)
			continue;
		if (in_the_way(k, s))
			continue;
		if (s->fz->kind == FREEZE_TAG)
			put_tag(k, s, out);
		else if (s->fz->kind == FREEZE_LABEL)
			put_labels(k, s, out);
		else
			put_file(k, s, nonce, out);
	}
	if (out->n > STEPS_MAX)
		out->n = 0; /* refused: a part of it would be worse */
}

const struct way way_freeze = {
	.rules = "freeze", .begin = begin, .judge = judge, .steps = steps, .undo = "thaw the system"
};
const struct way way_thaw = {
	.rules = "thaw", .begin = begin, .judge = judge, .steps = steps, .undo = "freeze the system again"
};
