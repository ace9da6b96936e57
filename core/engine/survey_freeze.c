/*
 * survey_freeze.c - whether the line of a system is stopped, one row a source, and which lanes that holds. What cannot be
 * read is not known, never open: it holds nothing by itself, and what it held before it still holds.
 */
#include "core/engine/survey.h"

#include "base/json.h"
#include "base/text.h"
#include "core/rules/evidence.h"
#include "store/holds.h"

#include <string.h>

struct source {
	const struct profile_freeze *what;
	struct freeze row;
	const char *override; /* words of a file that would lift it, "" none */
	struct hold hold;     /* what it is to a lane, when it is frozen */
};
struct sources {
	struct VEC_OF(struct source *) all;
	struct VEC_OF(struct freeze) old;
};

static void unread(struct look *k, struct source *s, const struct err *err)
{
	s->row.state = FREEZE_UNKNOWN;
	s->row.detail = look_failed(k, err);
	s->row.at = WHEN_NONE;
}

/* Of all refs that begin like the tag, for a list that stays empty costs nothing when it is read again. */
static void take_tag(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct source *s = ctx;
	const struct git_ref *refs = a ? a->items : NULL;
	const char *wanted = arena_printf(&k->arena, "tags/%s", s->what->name);

	if (err) {
		unread(k, s, err);
		return;
	}
	s->row.state = a->cut || a->damaged ? FREEZE_UNKNOWN : FREEZE_OPEN;
	s->row.detail = a->cut       ? "more refs begin like it than were read"
			: a->damaged ? "a part of the list of refs could not be read"
				     : s->row.detail;
	for (size_t i = 0; i < a->n; i++)
		if (text_eq(refs[i].name, wanted)) {
			s->row.state = FREEZE_FROZEN;
			s->row.detail =
				arena_printf(&k->arena, "it points at %.7s", refs[i].sha ? refs[i].sha : "?");
		}
}

static void take_labelled(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct source *s = ctx;
	const struct pull *first;

	if (err) {
		unread(k, s, err);
		return;
	}
	s->row.state = a->n ? FREEZE_FROZEN : FREEZE_OPEN;
	first = a->items;
	if (a->n)
		s->row.detail = arena_printf(&k->arena, "#%" PRId64 " %s, by %s%s", first->number,
					     first->title, first->author, a->n > 1 ? ", and others" : "");
}

static struct json *parse_answer(struct look *k, const struct forge_answer *a, const char **why)
{
	struct json *doc = NULL;
	struct err e = ERR_INIT;

	if (json_parse(&doc, a->text ? a->text : "", a->number > 0 ? (size_t)a->number : 0, SURVEY_TEXT, &e) <
	    0)
		*why = arena_printf(&k->arena, "it is damaged: %s", e.message);
	return doc;
}

static struct when time_in(struct look *k, const struct json *doc, const char *pointer)
{
	struct when at = WHEN_NONE;
	const char *word = pointer ? evidence_word(evidence_at(doc, pointer), &k->arena) : NULL;

	return word && when_parse(&at, word) >= 0 ? at : WHEN_NONE;
}

/* Who, why and how long, where the file says so: the forge's clock becomes ours. */
static void take_terms(struct look *k, struct source *s, const struct json *doc)
{
	const char *by = json_str(doc, "set_by"), *reason = json_str(doc, "reason");
	struct when until = time_in(k, doc, s->what->expires);

	s->hold.owner = by ? arena_strdup(&k->arena, by) : "";
	if (reason && *reason)
		s->hold.reason = arena_printf(&k->arena, "%s: %s", s->row.source, reason);
	s->hold.since = time_in(k, doc, "/set_at");
	if (when_known(until))
		s->hold.until = (struct when){ until.ms - k->s->en->skew_ms };
}

static void take_file(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct source *s = ctx;
	struct when server = { look_now(k).ms + k->s->en->skew_ms };
	autofree(json) struct json *doc = NULL;
	const char *why = NULL;

	if (err) {
		unread(k, s, err);
		return;
	}
	doc = parse_answer(k, a, &why);
	if (!doc) {
		s->row.detail = why;
		return;
	}
	evidence_freeze(&s->row, doc, s->what->pointer, s->what->expires, server, &k->arena);
	take_terms(k, s, doc);
}

/* Another file may lift the freeze for a while. It is told beside it and lifts nothing here. */
static void take_override(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct source *s = ctx;
	struct when server = { look_now(k).ms + k->s->en->skew_ms };
	struct freeze lifted = { .detail = "" };
	autofree(json) struct json *doc = NULL;
	const char *why = NULL;

	doc = err ? NULL : parse_answer(k, a, &why);
	if (!doc)
		return;
	evidence_freeze(&lifted, doc, s->what->override_pointer, s->what->override_expires, server,
			&k->arena);
	if (lifted.state == FREEZE_FROZEN)
		s->override = arena_printf(&k->arena, "; %s says it is lifted%s%s", s->what->override_path,
					   *lifted.detail ? " " : "", lifted.detail);
}

static void read_file(struct look *k, const char *path, const char *ref, look_take taken, struct source *s)
{
	look_read(k,
		  &(struct forge_read){
			  .kind = FORGE_FILE, .repo = k->profile->repo, .name = path, .name2 = ref },
		  taken, s);
}

static void read_source(struct look *k, struct source *s)
{
	const struct profile_freeze *f = s->what;
	struct forge_read r = { .repo = k->profile->repo };

	switch ((enum freeze_kind)f->kind) {
	case FREEZE_TAG:
		r.kind = FORGE_REFS;
		r.name = arena_printf(&k->arena, "tags/%s", f->name);
		s->row.source = arena_printf(&k->arena, "tag %s", f->name);
		look_read(k, &r, take_tag, s);
		return;
	case FREEZE_LABEL:
		r.kind = FORGE_LABELLED;
		r.name = f->name;
		s->row.source = arena_printf(&k->arena, "label %s", f->name);
		look_read(k, &r, take_labelled, s);
		return;
	case FREEZE_FILE:
		s->row.source =
			arena_printf(&k->arena, "file %s at %s", f->path, f->ref ? f->ref : "its branch");
		read_file(k, f->path, f->ref, take_file, s);
		if (f->override_path)
			read_file(k, f->override_path, f->ref, take_override, s);
		return;
	case FREEZE_OTHER:
		break;
	}
	s->row.source = "other";
	s->row.detail = "it is of a kind that is not known";
}

/* ---- rows -------------------------------------------------------------------------------------------------------------- */

static void keep_old(struct look *k, struct freeze *row, const struct freeze *old)
{
	const char *said = strstr(old->detail, "it was ");

	row->at = old->at;
	if (old->state != FREEZE_UNKNOWN)
		said = arena_printf(&k->arena, "it was %s", names_word(&freeze_state_names, old->state));
	if (said)
		row->detail = arena_printf(&k->arena, "%s; %s", row->detail, said);
}

static int put_row(struct look *k, struct source *s, struct err *e)
{
	const struct sources *all = k->own;

	if (*s->override && s->row.state == FREEZE_FROZEN)
		s->row.detail = arena_printf(&k->arena, "%s%s", s->row.detail, s->override);
	vec_each (old, &all->old)
		if (!when_known(s->row.at) && text_eq(old->source, s->row.source))
			keep_old(k, &s->row, old);
	return look_put(k, Q_freeze_put, &rec_freeze, &s->row, e);
}

static const struct hold *hold_from(const struct holds *list, const char *source)
{
	vec_each (h, list)
		if (h->kind == HOLD_FREEZE && text_eq(h->source, source))
			return h;
	return NULL;
}

/* A source of this lane as a hold; what it was before lives on in its beginning, and whole when it was not read again. */
static bool hold_of(struct look *k, const struct source *s, const struct hold *old, struct hold *out)
{
	if (s->row.state == FREEZE_UNKNOWN && old)
		*out = *old;
	else if (s->row.state == FREEZE_FROZEN)
		*out = s->hold;
	else
		return false;
	out->source = s->row.source;
	out->at = s->row.at;
	if (!out->reason)
		out->reason = arena_printf(&k->arena, "%s%s%s", s->row.source, *s->row.detail ? ": " : "",
					   s->row.detail);
	if (!when_known(out->since))
		out->since = old ? old->since : look_now(k);
	return true;
}

static int hold_lane(struct look *k, const struct profile_lane *lane, struct err *e)
{
	const struct sources *all = k->own;
	struct holds old = { 0 }, now = { 0 };
	int r = store_holds_read(&old, look_cache(k), lane->name, &k->arena, e);

	vec_each (s, &all->all) {
		struct hold one = { 0 };

		if (!freeze_exempts(&(*s)->row, lane->environment) &&
		    hold_of(k, *s, hold_from(&old, (*s)->row.source), &one))
			*vec_push(&now, &k->arena) = one;
	}
	return r < 0 ? r : store_holds_put(look_cache(k), lane->name, HOLD_FREEZE, now.items, now.n, e);
}

static int hold_lanes(struct look *k, struct err *e)
{
	int r = 0;

	vec_each (lane, &k->profile->lanes)
		if (r >= 0)
			r = hold_lane(k, lane, e);
	return r < 0 ? r : lanes_judge(k->s->en, k->profile->repo, e);
}

static void freezes_write(struct look *k)
{
	struct sources *all = k->own;
	struct key key = { .name = k->profile->system };
	struct err e = ERR_INIT;
	int r = look_write(k, &e) ? 0 : -1;

	if (r >= 0)
		r = store_list(look_cache(k), Q_freezes_by_system, &rec_key, &key, &rec_freeze, &all->old,
			       &k->arena, &e);
	if (r >= 0)
		r = store_run(look_cache(k), Q_freeze_forget, &rec_key, &key, &e);
	vec_each (s, &all->all)
		if (r >= 0)
			r = put_row(k, *s, &e);
	if (r >= 0)
		r = hold_lanes(k, &e);
	look_written(k, r, &e);
	look_end(k);
}

static const char *exempt_list(struct look *k)
{
	const char *out = "";

	for (const char *const *e = k->profile->freeze_exempt; e && *e; e++)
		out = arena_printf(&k->arena, "%s%s%s", out, *out ? "," : "", *e);
	return out;
}

void look_at_freezes(struct look *k)
{
	struct sources *all = arena_new(&k->arena, struct sources);

	k->own = all;
	for (size_t i = 0; i < k->profile->freezes.n; i++) {
		struct source *s = arena_new(&k->arena, struct source);

		*vec_push(&all->all, &k->arena) = s;
		*s = (struct source){ .what = &k->profile->freezes.items[i], .override = "" };
		s->row = (struct freeze){ .system = k->profile->system,
					  .ordinal = (int64_t)i,
					  .detail = "",
					  .at = look_now(k),
					  .exempt = exempt_list(k) };
		read_source(k, s);
	}
	look_then(k, freezes_write);
}
