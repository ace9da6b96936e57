/*
 * survey_pins.c - digests that are pinned in files of a branch, against what runs. The branch's tip declares; the history
 * of each file gives the order, and how long a platform has not been pinned. What runs is read from the lane's url probes:
 * where nothing can be asked it is not known, and the last run's place in that history is only told.
 */
#include "core/engine/survey.h"

#include "base/text.h"
#include "core/rules/drift.h"
#include "core/rules/pins.h"

#include <string.h>

#define FILES_MAX  8
#define PINS_ORDER 8 /* commits whose pins are compared one by one when what runs is not the newest */
#define PINS_FAR   7 /* and one farther back, for the age of a pin */

struct past_read {
	struct pin_file *file;
	size_t commit;
};

/* ---- the tip ------------------------------------------------------------------------------------------------------------ */

static bool is_pin_file(const struct look *k, const struct tree_entry *t)
{
	if (!text_eq(t->type, "blob"))
		return false;
	for (const char *const *f = k->pins->probe->files; f && *f; f++)
		if (text_glob(*f, t->path))
			return true;
	return false;
}

static void take_tree(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct pins_look *p = ctx;
	const struct tree_entry *list = err ? NULL : a->items;

	if (err) {
		p->why = look_failed(k, err);
		return;
	}
	for (size_t i = 0; i < a->n && p->files.n < FILES_MAX; i++) {
		if (!is_pin_file(k, &list[i]))
			continue;
		struct pin_file *f = arena_new(&k->arena, struct pin_file);

		*vec_push(&p->files, &k->arena) = f;
		f->path = arena_strdup(&k->arena, list[i].path);
		f->blob = arena_strdup(&k->arena, list[i].sha);
		f->past = arena_array(&k->arena, struct pinned, PINS_PAGE);
		f->have = arena_array(&k->arena, bool, PINS_PAGE);
	}
	if (!p->files.n)
		p->why = arena_printf(&k->arena, "no file of %s pins anything%s", k->pins->probe->ref,
				      a->cut ? ", as far as its list goes" : "");
}

static const char *blob_name(struct look *k, const struct pin_file *f)
{
	return arena_printf(&k->arena, "blob %s", f->blob);
}

static void take_tip(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct pin_file *f = ctx;

	if (err) {
		f->why = look_failed(k, err);
		f->unread = true;
		return;
	}
	f->text = arena_strndup(&k->arena, a->text ? a->text : "", a->number > 0 ? (size_t)a->number : 0);
	survey_remember(k->s, blob_name(k, f), f->text, strlen(f->text));
}

static void take_commits(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct pin_file *f = ctx;
	const struct history *list = err ? NULL : a->items;

	/* Without a history there is no order: values that differ are then just different. */
	for (size_t i = 0; !err && i < a->n && i < PINS_PAGE; i++)
		rec_dup(&rec_history, vec_push(&f->commits, &k->arena), &list[i], &k->arena);
}

static void read_tip(struct look *k, struct pin_file *f)
{
	const char *known = *f->blob ? survey_recall(k->s, blob_name(k, f)) : NULL;

	if (known)
		f->text = arena_strdup(&k->arena, known);
	else
		look_read(k,
			  &(struct forge_read){ .kind = FORGE_FILE,
						.repo = k->profile->repo,
						.name = f->path,
						.name2 = k->pins->tip },
			  take_tip, f);
	look_read(k,
		  &(struct forge_read){ .kind = FORGE_COMMITS,
					.repo = k->profile->repo,
					.name = k->pins->tip,
					.name2 = f->path,
					.number = PINS_PAGE },
		  take_commits, f);
}

/* ---- the past ------------------------------------------------------------------------------------------------------------- */

static void keep_past(struct look *k, struct pin_file *f, size_t commit, const char *text, size_t n)
{
	struct err e = ERR_INIT;

	/* A file that pinned nothing then is not in the order. */
	if (pinned_parse(&f->past[commit], f->path, text, n, k->pins->probe->pointers, &k->arena, &e) >= 0)
		f->have[commit] = true;
}

static const char *past_name(struct look *k, const struct pin_file *f, size_t commit)
{
	return arena_printf(&k->arena, "file %s %s %s", k->profile->repo, f->path,
			    f->commits.items[commit].sha);
}

static void take_past(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct past_read *r = ctx;
	size_t n = !err && a->number > 0 ? (size_t)a->number : 0;

	if (err)
		return;
	survey_remember(k->s, past_name(k, r->file, r->commit), a->text, n);
	keep_past(k, r->file, r->commit, a->text, n);
}

void pins_read_past(struct look *k, struct pin_file *f, size_t commit)
{
	const char *known;
	struct past_read *r;

	if (commit >= f->commits.n || f->have[commit])
		return;
	known = survey_recall(k->s, past_name(k, f, commit));
	if (known) {
		keep_past(k, f, commit, known, strlen(known));
		return;
	}
	r = arena_new(&k->arena, struct past_read);
	*r = (struct past_read){ f, commit };
	look_read(k,
		  &(struct forge_read){ .kind = FORGE_FILE,
					.repo = k->profile->repo,
					.name = f->path,
					.name2 = f->commits.items[commit].sha },
		  take_past, r);
}

/* ---- rows ------------------------------------------------------------------------------------------------------------------- */

/* By the component's own name, or by that of its image: ghcr.io/owner/name@sha256:.. is called name. */
static bool is_called(const struct pin *pin, const char *name)
{
	const char *at = strchr(pin->image, '@'), *base = pin->image;
	size_t n = strlen(name);

	for (const char *p = pin->image; p < at; p++)
		base = *p == '/' ? p + 1 : base;
	return text_glob(name, pin->component) || (at && (size_t)(at - base) == n && !strncmp(base, name, n));
}

/* What was said of this component and platform; NULL: nothing is asked of it. */
static const struct site_answer *site_for(const struct pins_look *p, const struct pin_file *f,
					  const struct pin *pin)
{
	for (size_t i = 0; i < p->sites_n; i++) {
		const struct profile_probe *probe = p->sites[i].probe;

		if (probe->name && !is_called(pin, probe->name))
			continue;
		if (probe->platform ? text_eq(probe->platform, pin->platform) : pin == f->tip.items)
			return &p->sites[i];
	}
	return NULL;
}

static bool is_pin_commit(const struct look *k, const char *title)
{
	const char *like = k->pins->probe->subject;

	return !like || text_glob(like, title);
}

/* How long the platform has had this pin, as far as was looked. */
static const char *age_words(struct look *k, const struct pin_file *f, const struct pin *pin)
{
	size_t same = 0, other = f->commits.n;
	const struct history *at;
	char age[WHEN_TEXT];

	for (size_t i = 0; i < f->commits.n; i++) {
		const char *image =
			f->have[i] ? pinned_image(&f->past[i], pin->component, pin->platform) : NULL;

		if (f->have[i] && !drift_same(image, pin->image)) {
			other = i;
			break;
		}
		same = f->have[i] ? i : same;
	}
	if (!f->commits.n)
		return "";
	at = &f->commits.items[same];
	when_age(when_diff(look_now(k), at->at), age);
	if (other == same + 1 && other < f->commits.n)
		return arena_printf(&k->arena, "pinned %s ago by %.7s%s", age, at->sha,
				    is_pin_commit(k, at->title) ? "" : ", which is no pin commit");
	return arena_printf(&k->arena, "pinned %s ago or before, %zu commit%s back", age, same,
			    same == 1 ? "" : "s");
}

/* What the last run that went well must have deployed: told, never taken for what runs. */
static const char *run_words(struct look *k, const struct pin_file *f)
{
	const struct run *run = k->known->live;

	for (size_t i = 0; run && i < f->commits.n; i++) {
		if (!when_known(f->commits.items[i].at) || f->commits.items[i].at.ms > run->updated.ms)
			continue;
		return i ? arena_printf(&k->arena,
					"; run %" PRId64 " ended before the newest %zu change%s of it",
					run->id, i, i == 1 ? "" : "s")
			 : arena_printf(&k->arena, "; run %" PRId64 " ended after its newest change",
					run->id);
	}
	return "";
}

static size_t order_of(struct look *k, const struct pin_file *f, const struct pin *pin, const char **order)
{
	size_t n = 0;

	order[n++] = pin->image;
	for (size_t i = 0; i < f->commits.n; i++) {
		const char *image =
			f->have[i] ? pinned_image(&f->past[i], pin->component, pin->platform) : NULL;

		if (image && !drift_same(image, order[n - 1]))
			order[n++] = image;
	}
	(void)k;
	return n;
}

static void pin_row(struct look *k, struct drifts *rows, const struct pin_file *f, const struct pin *pin)
{
	const struct pins_look *p = k->pins;
	const struct site_answer *site = site_for(p, f, pin);
	const char **order = arena_array(&k->arena, const char *, PINS_PAGE + 1);
	size_t n = order_of(k, f, pin, order);
	const char *age = age_words(k, f, pin);
	struct drift *row = vec_push(rows, &k->arena);

	*row = (struct drift){
		.component = pin->component,
		.platform = pin->platform,
		.declared = pin->image,
		.live = site && site->datum ? site->datum : "",
		.source = arena_printf(&k->arena, "%s at %s; %s", f->path, k->pins->probe->ref,
				       site && site->url ? site->url : "nothing that runs"),
		.at = site && site->url ? site->at : look_now(k),
	};
	if (!site)
		row->reason = arena_printf(&k->arena, "nothing says what runs%s%s%s",
					   *pin->platform ? " on " : "", pin->platform, run_words(k, f));
	else if (!site->datum)
		row->reason = arena_printf(&k->arena, "%s%s", site->why, run_words(k, f));
	else
		row->reason = "";
	drift_judge(row, order, n, "pin", &k->arena);
	if (*age)
		row->reason = arena_printf(&k->arena, "%s%s%s", row->reason, *row->reason ? "; " : "", age);
}

static void file_rows(struct look *k, struct drifts *rows, const struct pin_file *f)
{
	if (f->why)
		*vec_push(rows, &k->arena) = (struct drift){ .component = f->path,
							     .platform = "",
							     .declared = "",
							     .live = "",
							     .reason = f->why,
							     .source = k->pins->probe->ref,
							     .at = f->unread ? WHEN_NONE : look_now(k) };
	vec_each (pin, &f->tip)
		pin_row(k, rows, f, pin);
}

static void pins_judge(struct look *k)
{
	const struct pins_look *p = k->pins;
	struct drifts rows = { 0 };

	vec_each (f, &p->files)
		file_rows(k, &rows, *f);
	drift_write(k, &rows, "nothing is pinned");
}

/* ---- the look ------------------------------------------------------------------------------------------------------------------ */

static bool is_elsewhere(const struct pins_look *p, const struct pin_file *f)
{
	vec_each (pin, &f->tip) {
		const struct site_answer *site = site_for(p, f, pin);

		if (site && site->datum && !drift_same(site->datum, pin->image))
			return true;
	}
	return false;
}

static void pins_order(struct look *k)
{
	const struct pins_look *p = k->pins;

	vec_each (at, &p->files)
		for (size_t i = 1; is_elsewhere(p, *at) && i <= PINS_ORDER; i++)
			pins_read_past(k, *at, i);
	look_then(k, pins_judge);
}

static void parse_tip(struct look *k, struct pin_file *f)
{
	struct err e = ERR_INIT;

	if (f->why || pinned_parse(&f->tip, f->path, f->text ? f->text : "", f->text ? strlen(f->text) : 0,
				   k->pins->probe->pointers, &k->arena, &e) >= 0)
		return;
	f->why = arena_strdup(&k->arena, e.message);
	f->tip = (struct pinned){ 0 };
}

static void pins_past(struct look *k)
{
	const struct pins_look *p = k->pins;

	vec_each (at, &p->files) {
		struct pin_file *f = *at;

		parse_tip(k, f);
		if (f->why || !f->commits.n)
			continue;
		f->past[0] = f->tip;
		f->have[0] = true;
		pins_read_past(k, f, 1);
		pins_read_past(k, f, PINS_FAR);
		pins_read_past(k, f, f->commits.n - 1);
	}
	look_then(k, p->then);
}

static void pins_files(struct look *k)
{
	struct pins_look *p = k->pins;

	if (p->why) {
		p->then(k);
		return;
	}
	vec_each (f, &p->files)
		read_tip(k, *f);
	look_then(k, pins_past);
}

static void take_commit(struct look *k, void *ctx, const struct forge_answer *a, const struct err *err)
{
	struct pins_look *p = ctx;

	if (err)
		p->why = look_failed(k, err);
	else
		p->tip = arena_strdup(&k->arena, a->text ? a->text : "");
}

/* The tree, its files and their history are of one commit: a push in between would give one blob the text of another. */
static void pins_tree(struct look *k)
{
	struct pins_look *p = k->pins;

	if (!p->why)
		look_read(
			k,
			&(struct forge_read){ .kind = FORGE_TREE, .repo = k->profile->repo, .name = p->tip },
			take_tree, p);
	look_then(k, pins_files);
}

void pins_read(struct look *k, const struct profile_probe *probe, look_step then)
{
	struct pins_look *p = arena_new(&k->arena, struct pins_look);

	k->pins = p;
	p->probe = probe;
	p->then = then;
	look_read(k,
		  &(struct forge_read){ .kind = FORGE_COMMIT,
					.repo = k->profile->repo,
					.name = arena_printf(&k->arena, "heads/%s", probe->ref) },
		  take_commit, p);
	look_then(k, pins_tree);
}

static void pins_began(struct look *k)
{
	struct drifts none = { 0 };

	if (k->pins->why)
		drift_write(k, &none, k->pins->why);
	else
		pins_order(k);
}

void look_at_pins(struct look *k)
{
	struct err e = ERR_INIT;

	if (survey_known(k, &e)) {
		look_end(k);
		return;
	}
	pins_read(k, k->probe, pins_began);
	vec_each (probe, &k->lane->probes)
		if (probe->kind == PROBE_URL && k->pins->sites_n < SITES_MAX)
			site_read(k, probe, &k->pins->sites[k->pins->sites_n++]);
}
