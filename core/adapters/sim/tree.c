#include "core/adapters/sim/moves.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* Commits, their files, and branches that grow. */

const struct sim_file *sim_file_find(const struct sim_file *files, const char *path)
{
	for (const struct sim_file *f = files; f; f = f->older)
		if (strcmp(f->path, path) == 0)
			return f->content ? f : NULL;
	return NULL;
}

const struct sim_file *sim_file_add(struct world *w, const struct sim_file *files, const char *path,
				    const char *content)
{
	struct sim_file *f = arena_new(&w->arena, struct sim_file);

	*f = (struct sim_file){ .path = path, .content = content, .older = files };
	f->sha = content ? sim_sha(w, content, (int64_t)strlen(content)) : NULL;
	return f;
}

static int by_path(const void *a, const void *b)
{
	const struct sim_file *x = *(const struct sim_file *const *)a,
			      *y = *(const struct sim_file *const *)b;

	return strcmp(x->path, y->path);
}

void sim_files_list(const struct sim_file *files, struct sim_files *out, struct arena *a)
{
	for (const struct sim_file *f = files; f; f = f->older)
		if (sim_file_find(files, f->path) == f)
			*vec_push(out, a) = f;
	if (out->n)
		qsort(out->items, out->n, sizeof(*out->items), by_path);
}

struct sim_ref *sim_branch_find(const struct sim_repo *r, const char *branch)
{
	vec_each (it, &r->refs) {
		if (text_starts(it->name, "heads/") && strcmp(it->name + strlen("heads/"), branch) == 0)
			return it;
	}
	return NULL;
}

long sim_branch_tip(const struct sim_repo *r, const char *branch)
{
	const struct sim_ref *ref = sim_branch_find(r, branch);

	return ref ? sim_commit_index(r, ref->sha) : -1;
}

const struct sim_file *sim_files_at(const struct sim_repo *r, long commit)
{
	return commit < 0 ? NULL : r->commits.items[commit].files;
}

/* The branch moves; nobody is told (sim_pushed). */
long sim_commit_add(struct world *w, struct sim_repo *r, const struct sim_change *ch)
{
	struct sim_ref *ref = sim_branch_find(r, ch->branch);
	long parent = ref ? sim_commit_index(r, ref->sha) : -1;
	struct sim_commit *c;

	if (!ref || r->commits.n >= COMMITS_MAX)
		return -1;
	c = vec_push(&r->commits, &w->arena);
	*c = (struct sim_commit){
		.sha = ch->sha ? ch->sha : sim_sha(w, r->full, (int64_t)r->commits.n),
		.subject = ch->subject,
		.author = ch->author,
		.at = ch->at,
		.parent = parent,
		.merged = ch->merged,
		.files = ch->files,
	};
	ref->sha = c->sha;
	return (long)r->commits.n - 1;
}

/* ---- ancestry ----------------------------------------------------------------------------------------------------- */

/* Parents stand before their children, so one walk down marks them all. */
static bool *ancestors(const struct sim_repo *r, long top, struct arena *a)
{
	bool *in = arena_array(a, bool, r->commits.n + 1);

	if (top >= 0)
		in[top] = true;
	for (long i = top; i >= 0; i--) {
		const struct sim_commit *c = &r->commits.items[i];

		if (in[i] && c->parent >= 0)
			in[c->parent] = true;
		if (in[i] && c->merged >= 0)
			in[c->merged] = true;
	}
	return in;
}

bool sim_commit_reaches(const struct sim_repo *r, long top, long below, struct arena *a)
{
	return top >= 0 && below >= 0 && ancestors(r, top, a)[below];
}

struct dated {
	int64_t at;
	long index;
};

static int newest_first(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? 1 : -1;
	return (x->index < y->index) - (x->index > y->index);
}

/* Reachable from top and not from `without` (-1 none). */
size_t sim_commits_list(const struct sim_repo *r, long top, long without, long **out, struct arena *a)
{
	const bool *in = ancestors(r, top, a), *not = ancestors(r, without, a);
	struct dated *found = arena_array(a, struct dated, r->commits.n + 1);
	size_t n = 0;

	for (long i = 0; i <= top; i++)
		if (in[i] && !not [i])
			found[n++] = (struct dated){ r->commits.items[i].at, i };
	qsort(found, n, sizeof(*found), newest_first);
	*out = arena_array(a, long, n + 1);
	for (size_t i = 0; i < n; i++)
		(*out)[i] = found[i].index;
	return n;
}

long sim_merge_base(const struct sim_repo *r, long one, long other, struct arena *a)
{
	const bool *left = ancestors(r, one, a), *right = ancestors(r, other, a);
	long best = -1;

	for (long i = 0; i <= one && i <= other; i++)
		if (left[i] && right[i] && (best < 0 || r->commits.items[i].at >= r->commits.items[best].at))
			best = i;
	return best;
}

/* ---- merging ------------------------------------------------------------------------------------------------------ */

static bool same(const struct sim_file *a, const struct sim_file *b)
{
	return a == b || (a && b && strcmp(a->sha, b->sha) == 0);
}

struct sides {
	const struct sim_file *root, *base, *head;
};

/* Three ways, whole files. False: both sides changed it, and not alike. */
static bool merge_path(struct world *w, const struct sides *s, const char *path, const struct sim_file **out)
{
	const struct sim_file *root = sim_file_find(s->root, path), *base = sim_file_find(s->base, path),
			      *head = sim_file_find(s->head, path);

	if (same(head, root) || same(head, base))
		return true;
	if (!same(base, root))
		return false;
	*out = sim_file_add(w, *out, path, head ? head->content : NULL);
	return true;
}

bool sim_merge(struct world *w, const struct sim_repo *r, long base, long head, const struct sim_file **out)
{
	struct arena a = ARENA_INIT;
	struct sides s = { sim_files_at(r, sim_merge_base(r, base, head, &a)), sim_files_at(r, base),
			   sim_files_at(r, head) };
	struct sim_files paths = { 0 };
	bool whole = true;

	*out = s.base;
	sim_files_list(s.head, &paths, &a);
	sim_files_list(s.root, &paths, &a);
	vec_each (it, &paths)
		whole = whole && merge_path(w, &s, (*it)->path, out);
	arena_done(&a);
	return whole;
}

/* ---- what a push changed ------------------------------------------------------------------------------------------ */

static bool fits_any(const struct yaml *globs, const char *path)
{
	yaml_each(it, globs)
	{
		if (it->scalar && text_glob(it->scalar, path))
			return true;
	}
	return false;
}

static bool counts(const struct yaml *paths, const struct yaml *ignored, const char *path)
{
	return (!paths || fits_any(paths, path)) && !fits_any(ignored, path);
}

/* Some file that differs counts for the filter; without a filter everything does. */
bool sim_files_differ(const struct sim_file *before, const struct sim_file *after, const struct yaml *paths,
		      const struct yaml *ignored)
{
	struct arena a = ARENA_INIT;
	struct sim_files all = { 0 };
	bool differ = !paths && !ignored;

	sim_files_list(after, &all, &a);
	sim_files_list(before, &all, &a);
	vec_each (it, &all)
		differ = differ ||
			 (!same(sim_file_find(before, (*it)->path), sim_file_find(after, (*it)->path)) &&
			  counts(paths, ignored, (*it)->path));
	arena_done(&a);
	return differ;
}
