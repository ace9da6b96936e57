#include "core/adapters/sim/face.h"

#include "base/text.h"

#include <string.h>

/* Pull requests, issues and their labels. */

enum { TITLE_MAX = 256, BODY_TEXT_MAX = 1 << 16, LABEL_MAX = 50 };

static void put_labels(struct call *c, const struct sim_pull *pull)
{
	jw_kopen(&c->j, "labels", '[');
	vec_each (it, &pull->labels) {
		jw_open(&c->j, '{');
		jw_kint(&c->j, "id", (int64_t)strlen(*it) + 900100);
		put_str(&c->j, "name", *it);
		put_str(&c->j, "color", "ededed");
		jw_kbool(&c->j, "default", false);
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, ']');
}

static void put_facts(struct call *c, const struct sim_pull *pull)
{
	const char *word = pull->issue ? "issues" : "pulls";

	jw_kint(&c->j, "id", c->repo->id * 64 + pull->number);
	put_str(&c->j, "node_id", put_node(c, pull->issue ? "I" : "PR", pull->number));
	put_url(c, "url", "/%s/%" PRId64, word, pull->number);
	put_web(c, "html_url", "/%s/%" PRId64, pull->issue ? "issues" : "pull", pull->number);
	jw_kint(&c->j, "number", pull->number);
	put_str(&c->j, "state", pull->open ? "open" : "closed");
	jw_kbool(&c->j, "locked", false);
	put_str(&c->j, "title", pull->title);
	put_str(&c->j, "body", pull->body);
	put_user(c, "user", pull->author);
	put_labels(c, pull);
	put_time(&c->j, "created_at", pull->created);
	put_time(&c->j, "updated_at", pull->updated);
	put_time(&c->j, "closed_at", pull->closed);
}

static void put_side(struct call *c, const char *key, const char *branch, const char *sha)
{
	jw_kopen(&c->j, key, '{');
	put_str(&c->j, "label", arena_printf(c->a, "%s:%s", c->repo->owner, branch));
	put_str(&c->j, "ref", branch);
	put_str(&c->j, "sha", sha);
	put_repo(c, "repo", c->repo, true);
	jw_close(&c->j, '}');
}

static bool mergeable(struct call *c, const struct sim_pull *pull)
{
	const struct sim_file *files;
	long base = sim_branch_tip(c->repo, pull->base), head = sim_branch_tip(c->repo, pull->head);

	return base >= 0 && head >= 0 && sim_merge(c->w, c->repo, base, head, &files);
}

static void put_pull(struct call *c, const struct sim_pull *pull, bool whole)
{
	const struct sim_ref *base = sim_branch_find(c->repo, pull->base);

	jw_open(&c->j, '{');
	put_facts(c, pull);
	jw_kbool(&c->j, "draft", false);
	put_time(&c->j, "merged_at", pull->merged ? pull->closed : 0);
	put_str(&c->j, "merge_commit_sha", pull->merge_sha);
	put_side(c, "head", pull->head, sim_pull_head(c->repo, pull));
	put_side(c, "base", pull->base, base ? base->sha : "");
	if (whole) {
		jw_kbool(&c->j, "merged", pull->merged);
		jw_kbool(&c->j, "mergeable", pull->open && mergeable(c, pull));
		put_str(&c->j, "mergeable_state", pull->open ? "clean" : "unknown");
	}
	jw_close(&c->j, '}');
}

static bool state_fits(const struct sim_pull *pull, const char *state)
{
	return strcmp(state, "all") == 0 || pull->open == (strcmp(state, "open") == 0);
}

/* head=OWNER:BRANCH */
static bool pull_fits(struct call *c, const struct sim_pull *pull)
{
	const char *state = call_query(c, "state"), *head = call_query(c, "head"),
		   *base = call_query(c, "base");
	const char *colon = head ? strchr(head, ':') : NULL;

	return !pull->issue && state_fits(pull, state ? state : "open") &&
	       (!head || strcmp(colon ? colon + 1 : head, pull->head) == 0) &&
	       (!base || strcmp(base, pull->base) == 0);
}

static bool bears(const struct sim_pull *pull, const char *label)
{
	vec_each (it, &pull->labels) {
		if (strcmp(*it, label) == 0)
			return true;
	}
	return false;
}

static bool issue_fits(struct call *c, const struct sim_pull *pull)
{
	const char *state = call_query(c, "state"), *labels = call_query(c, "labels");

	for (const char *at = labels ? labels : ""; *at;) {
		size_t n = strcspn(at, ",");

		if (!bears(pull, arena_strndup(c->a, at, n)))
			return false;
		at += n + (at[n] == ',');
	}
	return state_fits(pull, state ? state : "open");
}

/* Newest first. */
static void list(struct call *c, bool (*fits)(struct call *c, const struct sim_pull *pull),
		 void (*put)(struct call *c, const struct sim_pull *pull))
{
	struct call_page p = call_page(c, 30, 100);
	size_t seen = 0;

	jw_open(&c->j, '[');
	for (size_t i = c->repo->pulls.n; i-- > 0;) {
		const struct sim_pull *pull = c->repo->pulls.items[i];

		if (!fits(c, pull))
			continue;
		if (seen >= p.from && seen < p.from + p.size)
			put(c, pull);
		seen++;
	}
	jw_close(&c->j, ']');
	call_link(c, &p, seen);
}

static void put_brief(struct call *c, const struct sim_pull *pull)
{
	put_pull(c, pull, false);
}

/* Pull requests are issues too, with a member that says so. */
static void put_issue(struct call *c, const struct sim_pull *pull)
{
	jw_open(&c->j, '{');
	put_facts(c, pull);
	if (!pull->issue) {
		jw_kbool(&c->j, "draft", false);
		jw_kopen(&c->j, "pull_request", '{');
		put_url(c, "url", "/pulls/%" PRId64, pull->number);
		put_web(c, "html_url", "/pull/%" PRId64, pull->number);
		put_time(&c->j, "merged_at", pull->merged ? pull->closed : 0);
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, '}');
}

void get_pulls(struct call *c)
{
	list(c, pull_fits, put_brief);
}

void get_issues(struct call *c)
{
	list(c, issue_fits, put_issue);
}

/* By its number, or NULL after a 404. */
static struct sim_pull *pull_of(struct call *c, bool issues_too)
{
	struct sim_pull *pull = sim_pull_find(c->repo, call_param_int(c, 0));

	if (pull && (issues_too || !pull->issue))
		return pull;
	call_missing(c);
	return NULL;
}

void get_pull(struct call *c)
{
	const struct sim_pull *pull = pull_of(c, false);

	if (pull)
		put_pull(c, pull, true);
}

void get_issue(struct call *c)
{
	const struct sim_pull *pull = pull_of(c, true);

	if (pull)
		put_issue(c, pull);
}

void get_pull_commits(struct call *c)
{
	const struct sim_pull *pull = pull_of(c, false);
	long base = pull ? sim_branch_tip(c->repo, pull->base) : -1, *list_of;
	long head = pull ? sim_commit_index(c->repo, sim_pull_head(c->repo, pull)) : -1;
	size_t n;

	if (!pull)
		return;
	n = sim_commits_list(c->repo, head, base, &list_of, c->a);
	jw_open(&c->j, '[');
	while (n-- > 0) /* oldest first */
		put_commit(c, &c->repo->commits.items[list_of[n]]);
	jw_close(&c->j, ']');
}

/* ---- acts --------------------------------------------------------------------------------------------------------- */

static bool opening_fits(struct call *c, const char *head, const char *base, const char *title)
{
	long top = head ? sim_branch_tip(c->repo, head) : -1,
	     below = base ? sim_branch_tip(c->repo, base) : -1;

	if (!title || !*title || top < 0 || below < 0)
		call_error(c, 422, "Validation Failed");
	else if (sim_commit_reaches(c->repo, below, top, c->a))
		call_error(c, 422, "Validation Failed: No commits between %s and %s", base, head);
	else if (sim_pull_between(c->repo, head, base))
		call_error(c, 422, "Validation Failed: A pull request already exists for %s:%s.",
			   c->repo->owner, head);
	else
		return true;
	return false;
}

void post_pull(struct call *c)
{
	const char *head = json_str(c->body, "head"), *base = json_str(c->body, "base"),
		   *title = json_str(c->body, "title"), *body = json_str(c->body, "body");
	const char *colon = head ? strchr(head, ':') : NULL;
	struct sim_pull *pull;

	head = colon ? colon + 1 : head;
	if (!opening_fits(c, head, base, title))
		return;
	pull = sim_pull_open(c->w, c->repo,
			     &(struct sim_pull){ .head = head,
						 .base = base,
						 .title = arena_strndup(c->a, title, TITLE_MAX),
						 .body = body ? arena_strndup(c->a, body, BODY_TEXT_MAX) : "",
						 .author = c->user });
	if (!pull) {
		call_error(c, 403, "Repository is full");
		return;
	}
	c->status = 201;
	put_pull(c, pull, true);
}

static void merge(struct call *c, struct sim_pull *pull)
{
	const char *method = json_str(c->body, "merge_method"), *title = json_str(c->body, "commit_title");
	long made;

	if (!title)
		title = arena_printf(c->a, "Merge pull request #%" PRId64 " from %s/%s", pull->number,
				     c->repo->owner, pull->head);
	made = sim_pull_merge(c->w, c->repo, pull, method ? method : "merge", title, c->user);
	if (made < 0) {
		call_error(c, 405, "Pull Request is not mergeable");
		return;
	}
	jw_open(&c->j, '{');
	put_str(&c->j, "sha", c->repo->commits.items[made].sha);
	jw_kbool(&c->j, "merged", true);
	put_str(&c->j, "message", "Pull Request successfully merged");
	jw_close(&c->j, '}');
}

/* With a sha, only that head is merged. */
void put_merge(struct call *c)
{
	struct sim_pull *pull = pull_of(c, false);
	const char *sha = json_str(c->body, "sha");

	if (!pull)
		return;
	if (!pull->open)
		call_error(c, 405, "Pull Request is not mergeable");
	else if (sha && strcmp(sha, sim_pull_head(c->repo, pull)) != 0)
		call_error(c, 409, "Head branch was modified. Review and try the merge again.");
	else
		merge(c, pull);
}

void patch_pull(struct call *c)
{
	struct sim_pull *pull = pull_of(c, true);
	const char *state = json_str(c->body, "state"), *title = json_str(c->body, "title");

	if (!pull)
		return;
	if (title)
		pull->title = arena_strndup(&c->w->arena, title, TITLE_MAX);
	if (state && strcmp(state, "closed") == 0 && pull->open) {
		pull->head_sha = pull->issue ? "" : sim_pull_head(c->repo, pull);
		pull->open = false;
		pull->closed = pull->updated = c->w->now;
	}
	put_pull(c, pull, true);
}

void get_labels(struct call *c)
{
	const struct sim_pull *pull = pull_of(c, true);

	if (!pull)
		return;
	jw_open(&c->j, '[');
	vec_each (it, &pull->labels) {
		jw_open(&c->j, '{');
		put_str(&c->j, "name", *it);
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, ']');
}

void post_labels(struct call *c)
{
	struct sim_pull *pull = pull_of(c, true);
	const struct json *labels = json_get(c->body, "labels");

	if (!pull)
		return;
	if (json_size(labels) == 0) {
		call_error(c, 422, "Invalid request.\n\n\"labels\" wasn't supplied.");
		return;
	}
	for (size_t i = 0; i < json_size(labels); i++) {
		const char *label = json_str(json_at(labels, i), "");

		if (label && *label && strlen(label) <= LABEL_MAX)
			sim_pull_label(c->w, c->repo, pull, label, c->user);
	}
	get_labels(c);
}

void delete_label(struct call *c)
{
	struct sim_pull *pull = pull_of(c, true);

	if (!pull)
		return;
	if (sim_pull_unlabel(pull, c->param[1]))
		get_labels(c);
	else
		call_error(c, 404, "Label does not exist");
}
