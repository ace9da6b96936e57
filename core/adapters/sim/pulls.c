#include "core/adapters/sim/moves.h"

#include <string.h>

/* Pull requests, and the issues that share their numbers. */

enum { LABELS_MAX = 100 };

struct sim_pull *sim_pull_find(const struct sim_repo *r, int64_t number)
{
	vec_each (it, &r->pulls) {
		if ((*it)->number == number)
			return *it;
	}
	return NULL;
}

struct sim_pull *sim_pull_between(const struct sim_repo *r, const char *head, const char *base)
{
	vec_each (it, &r->pulls) {
		if ((*it)->open && !(*it)->issue && strcmp((*it)->head, head) == 0 &&
		    strcmp((*it)->base, base) == 0)
			return *it;
	}
	return NULL;
}

const char *sim_pull_head(const struct sim_repo *r, const struct sim_pull *pull)
{
	const struct sim_ref *ref = pull->open ? sim_branch_find(r, pull->head) : NULL;

	return ref ? ref->sha : pull->head_sha;
}

struct sim_pull *sim_pull_open(struct world *w, struct sim_repo *r, const struct sim_pull *given)
{
	struct sim_pull *pull;

	if (r->pulls.n >= PULLS_MAX)
		return NULL;
	pull = arena_new(&w->arena, struct sim_pull);
	*pull = *given;
	pull->number = r->pulls.n ? r->pulls.items[r->pulls.n - 1]->number + 1 : given->number;
	pull->number = pull->number ? pull->number : 1;
	pull->title = arena_strdup(&w->arena, given->title);
	pull->body = arena_strdup(&w->arena, given->body);
	pull->head = arena_strdup(&w->arena, given->head);
	pull->base = arena_strdup(&w->arena, given->base);
	pull->open = true;
	pull->created = given->created ? given->created : w->now;
	pull->updated = pull->created;
	pull->head_sha = pull->issue ? "" : sim_pull_head(r, pull);
	*vec_push(&r->pulls, &w->arena) = pull;
	sim_pull_event(w, r, pull, "opened", pull->author);
	return pull;
}

static long label_at(const struct sim_pull *pull, const char *label)
{
	for (size_t i = 0; i < pull->labels.n; i++)
		if (strcmp(pull->labels.items[i], label) == 0)
			return (long)i;
	return -1;
}

/* A label that is there already is no event. The newest stands last. */
void sim_pull_label(struct world *w, struct sim_repo *r, struct sim_pull *pull, const char *label,
		    const struct sim_user *by)
{
	if (label_at(pull, label) >= 0 || pull->labels.n >= LABELS_MAX)
		return;
	*vec_push(&pull->labels, &w->arena) = arena_strdup(&w->arena, label);
	pull->updated = w->now;
	if (pull->open)
		sim_pull_event(w, r, pull, "labeled", by);
}

bool sim_pull_unlabel(struct sim_pull *pull, const char *label)
{
	long at = label_at(pull, label);

	if (at < 0)
		return false;
	memmove(pull->labels.items + at, pull->labels.items + at + 1,
		(pull->labels.n - (size_t)at - 1) * sizeof(*pull->labels.items));
	pull->labels.n--;
	return true;
}

/* A merge commit has two parents; squash and rebase leave one commit of the head's content. */
long sim_pull_merge(struct world *w, struct sim_repo *r, struct sim_pull *pull, const char *method,
		    const char *title, const struct sim_user *by)
{
	long base = sim_branch_tip(r, pull->base), head = sim_branch_tip(r, pull->head), made;
	const struct sim_file *files;

	if (base < 0 || head < 0 || !sim_merge(w, r, base, head, &files))
		return -1;
	made = sim_commit_add(w, r,
			      &(struct sim_change){
				      .branch = pull->base,
				      .subject = arena_strdup(&w->arena, title),
				      .author = by,
				      .at = w->now,
				      .merged = strcmp(method, "merge") == 0 ? head : -1,
				      .files = files,
			      });
	if (made < 0)
		return -1;
	pull->head_sha = r->commits.items[head].sha;
	pull->merge_sha = r->commits.items[made].sha;
	pull->open = false;
	pull->merged = true;
	pull->closed = pull->updated = w->now;
	sim_pushed(w, &(struct sim_push){ r, pull->base, base, made, by });
	return made;
}
