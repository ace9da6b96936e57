#include "core/adapters/sim/moves.h"

#include "base/text.h"

#include <string.h>

/*
 * What an organisation's file says of the ground: `files` of every commit, and then, in a scenario's changes too,
 *
 *	branches: [{name: staging, from: main, behind: 4}]
 *	log:      oldest first, one commit each: branch, ago, by, subject, sha, and what it does
 *	          files: [{path: P, content: TEXT}], edit: {path: P, from: A, to: B}, merge: BRANCH,
 *	          pin: {path: P, image: I, key: K, platforms: [amd64]}: image K is pushed and its digests pinned
 *	pulls:    number, title, head, base, by, ago, labels, issue (no pull request), closed
 *	images:   [{name: I, pushed: [{key: K, tags: [a, b]}]}]
 *	running:  [{lane: theory/main, image: I, key: K, platform: amd64}], or value: TEXT: what the system says it runs
 *	tags:     [{name: frozen/rollback}]: git tags that are no releases, on the newest commit of the default branch
 */

static int64_t number(const struct yaml *map, const char *key)
{
	int64_t n;

	return text_int64(&n, yaml_str(map, key, ""), 0, INT32_MAX) == 0 ? n : 0;
}

static bool yes(const struct yaml *map, const char *key)
{
	return strcmp(yaml_str(map, key, ""), "true") == 0;
}

static const struct sim_file *files_load(struct world *w, const struct sim_file *files,
					 const struct yaml *list)
{
	yaml_each(it, list)
	{
		const struct yaml *content = yaml_get(it, "content");

		files = sim_file_add(w, files, yaml_str(it, "path", ""),
				     content && content->scalar ? content->scalar : NULL);
	}
	return files;
}

/* ---- branches and commits ----------------------------------------------------------------------------------------- */

static int branches_load(struct world *w, struct sim_repo *r, const struct yaml *list, struct err *e)
{
	yaml_each(it, list)
	{
		long at = sim_branch_tip(r, yaml_str(it, "from", r->branch));

		for (int64_t i = number(it, "behind"); i > 0 && at >= 0; i--)
			at = r->commits.items[at].parent;
		if (at < 0)
			return yaml_error(e, it, "there is nothing to branch from");
		*vec_push(&r->refs, &w->arena) = (struct sim_ref){
			arena_printf(&w->arena, "heads/%s", yaml_str(it, "name", "")),
			r->commits.items[at].sha,
		};
	}
	return 0;
}

static int edit(struct world *w, const struct yaml *map, const struct sim_file **files, struct err *e)
{
	const char *path = yaml_str(map, "path", ""), *from = yaml_str(map, "from", ""),
		   *to = yaml_str(map, "to", "");
	const struct sim_file *f = sim_file_find(*files, path);
	const char *at = f ? strstr(f->content, from) : NULL;

	if (!at)
		return yaml_error(e, map, "%s has no \"%s\"", path, from);
	*files = sim_file_add(w, *files, path,
			      arena_printf(&w->arena, "%.*s%s%s", (int)(at - f->content), f->content, to,
					   at + strlen(from)));
	return 0;
}

static int pin(struct world *w, const struct yaml *map, const struct sim_file **files, struct err *e)
{
	struct sim_image *im = sim_image_find(w, yaml_str(map, "image", ""));
	const char *path = yaml_str(map, "path", ""), *key = yaml_str(map, "key", "");

	(void)sim_image_push(w, im, key);
	yaml_each(it, yaml_get(map, "platforms"))
	{
		const char *platform = it->scalar ? it->scalar : "";
		const struct sim_file *f = sim_file_find(*files, path);
		const char *text = f ? sim_pin_write(&w->arena, f->content, platform,
						     sim_image_child(w, im, key, platform))
				     : NULL;

		if (!text)
			return yaml_error(e, it, "%s has no pin for %s", path, platform);
		*files = sim_file_add(w, *files, path, text);
	}
	return 0;
}

static int content_of(struct world *w, struct sim_repo *r, const struct yaml *it, struct sim_change *ch,
		      struct err *e)
{
	long tip = sim_branch_tip(r, ch->branch);
	const struct yaml *merge = yaml_get(it, "merge");
	int result = 0;

	if (tip < 0)
		return yaml_error(e, it, "there is no branch %s", ch->branch);
	ch->files = sim_files_at(r, tip);
	ch->merged = merge ? sim_branch_tip(r, merge->scalar ? merge->scalar : "") : -1;
	if (merge && (ch->merged < 0 || !sim_merge(w, r, tip, ch->merged, &ch->files)))
		return yaml_error(e, merge, "that does not merge");
	ch->files = files_load(w, ch->files, yaml_get(it, "files"));
	if (yaml_get(it, "edit"))
		result = edit(w, yaml_get(it, "edit"), &ch->files, e);
	if (result == 0 && yaml_get(it, "pin"))
		result = pin(w, yaml_get(it, "pin"), &ch->files, e);
	return result;
}

int sim_ground_commit(struct world *w, struct sim_repo *r, const struct yaml *it, const struct sim_user *by,
		      int64_t at, struct err *e)
{
	struct sim_change ch = {
		.branch = yaml_str(it, "branch", r->branch),
		.subject = yaml_str(it, "subject", "Tidy up"),
		.sha = yaml_str(it, "sha", NULL),
		.author = by,
		.at = at,
	};
	int result = content_of(w, r, it, &ch, e);

	if (result == 0)
		(void)sim_commit_add(w, r, &ch);
	return result;
}

static int log_load(struct world *w, struct sim_repo *r, const struct yaml *list, struct err *e)
{
	yaml_each(it, list)
	{
		const struct sim_user *by = sim_user_find(yaml_str(it, "by", "ana-ruiz"));
		int64_t ago;

		if (sim_span_of(&ago, it, "ago", 0, e) < 0 ||
		    sim_ground_commit(w, r, it, by, w->start - ago, e) < 0)
			return -ERR_INVALID;
	}
	return 0;
}

/* ---- pull requests, images, tags ---------------------------------------------------------------------------------- */

static int pulls_load(struct world *w, struct sim_repo *r, const struct yaml *list, struct err *e)
{
	yaml_each(it, list)
	{
		struct sim_pull *pull = arena_new(&w->arena, struct sim_pull);
		int64_t ago;

		if (sim_span_of(&ago, it, "ago", HOUR, e) < 0)
			return -ERR_INVALID;
		*pull = (struct sim_pull){
			.number = r->pulls.n ? r->pulls.items[r->pulls.n - 1]->number + 1 : 1,
			.title = yaml_str(it, "title", ""),
			.body = "",
			.head = yaml_str(it, "head", ""),
			.base = yaml_str(it, "base", r->branch),
			.author = sim_user_find(yaml_str(it, "by", "ana-ruiz")),
			.created = w->start - ago,
			.updated = w->start - ago,
			.issue = yes(it, "issue"),
			.open = true,
		};
		if (yaml_get(it, "number"))
			pull->number = number(it, "number");
		pull->head_sha = pull->issue ? "" : sim_pull_head(r, pull);
		pull->open = !yes(it, "closed");
		yaml_each(label, yaml_get(it, "labels")) * vec_push(&pull->labels, &w->arena) = label->scalar;
		*vec_push(&r->pulls, &w->arena) = pull;
	}
	return 0;
}

static void images_load(struct world *w, const struct yaml *list)
{
	yaml_each(it, list)
	{
		struct sim_image *im = sim_image_find(w, yaml_str(it, "name", ""));

		yaml_each(push, yaml_get(it, "pushed"))
		{
			const char *digest = sim_image_push(w, im, yaml_str(push, "key", ""));

			yaml_each(tag, yaml_get(push, "tags"))(void)
				sim_image_tag(w, im, tag->scalar ? tag->scalar : "", digest);
		}
	}
}

static struct sim_lane *lane_of(const struct sim_repo *r, const char *name)
{
	vec_each (it, &r->lanes) {
		if (strcmp(it->name, name) == 0)
			return it;
	}
	return NULL;
}

int sim_ground_running(struct world *w, struct sim_repo *r, const struct yaml *list, struct err *e)
{
	yaml_each(it, list)
	{
		struct sim_lane *lane = lane_of(r, yaml_str(it, "lane", ""));
		struct sim_image *im;

		if (!lane)
			return yaml_error(e, it, "there is no such lane");
		lane->down = yes(it, "down");
		lane->running = yaml_str(it, "value", lane->running);
		if (!yaml_get(it, "image"))
			continue;
		im = sim_image_find(w, yaml_str(it, "image", ""));
		lane->running =
			sim_image_child(w, im, yaml_str(it, "key", ""), yaml_str(it, "platform", "amd64"));
	}
	return 0;
}

/* A lane that began with "@main" runs what is on that branch now. */
static void lanes_settle(struct sim_repo *r)
{
	vec_each (it, &r->lanes) {
		long tip = it->live[0] == '@' ? sim_branch_tip(r, it->live + 1) : -1;

		if (tip >= 0)
			it->live = r->commits.items[tip].sha;
	}
}

static void tags_load(struct world *w, struct sim_repo *r, const struct yaml *list)
{
	yaml_each(it, list)
	{
		*vec_push(&r->refs, &w->arena) = (struct sim_ref){
			arena_printf(&w->arena, "tags/%s", yaml_str(it, "name", "")),
			r->commits.items[sim_branch_tip(r, r->branch)].sha,
		};
	}
}

int sim_ground_add(struct world *w, struct sim_repo *r, const struct yaml *map, struct err *e)
{
	int result = branches_load(w, r, yaml_get(map, "branches"), e);

	if (result == 0)
		result = log_load(w, r, yaml_get(map, "log"), e);
	if (result == 0)
		result = pulls_load(w, r, yaml_get(map, "pulls"), e);
	images_load(w, yaml_get(map, "images"));
	tags_load(w, r, yaml_get(map, "tags"));
	if (result == 0)
		result = sim_ground_running(w, r, yaml_get(map, "running"), e);
	return result;
}

/* Every commit that there is has the same files: those of the organisation, and its workflows. */
int sim_ground_load(struct world *w, struct sim_repo *r, const struct yaml *map, struct err *e)
{
	const struct sim_file *files = NULL;

	vec_each (it, &r->workflows)
		files = sim_file_add(w, files, (*it)->path, (*it)->text);
	files = files_load(w, files, yaml_get(map, "files"));
	vec_each (it, &r->commits)
		it->files = files;
	r->refs.items[0].sha = r->commits.items[r->commits.n - 1].sha;
	if (sim_ground_add(w, r, map, e) < 0)
		return -ERR_INVALID;
	lanes_settle(r);
	return 0;
}
