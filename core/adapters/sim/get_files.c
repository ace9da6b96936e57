#include "core/adapters/sim/face.h"

#include "base/text.h"

#include <string.h>

/* Files of a repository at a ref: contents and trees, and a commit that writes one file. */

enum { FILE_MAX = 1 << 20, PATH_TEXT_MAX = 512, SUBJECT_MAX = 500 };

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* RFC 4648, broken into lines of 60 as the forge does. */
const char *call_base64(struct call *c, const char *s)
{
	autofree(buf) struct buf b = BUF_INIT(4 << 20);
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)(unsigned char)s[i] << 16;

		v |= i + 1 < n ? (uint32_t)(unsigned char)s[i + 1] << 8 : 0;
		v |= i + 2 < n ? (uint32_t)(unsigned char)s[i + 2] : 0;
		buf_chr(&b, digits[v >> 18 & 63]);
		buf_chr(&b, digits[v >> 12 & 63]);
		buf_chr(&b, i + 1 < n ? digits[v >> 6 & 63] : '=');
		buf_chr(&b, i + 2 < n ? digits[v & 63] : '=');
		if (i % 45 == 42)
			buf_chr(&b, '\n');
	}
	return arena_strdup(c->a, b.s);
}

/* Blanks and line breaks are passed over; NULL when something else stands there. */
const char *call_unbase64(struct arena *a, const char *s)
{
	char *out = arena_alloc(a, strlen(s) / 4 * 3 + 4);
	uint32_t bits = 0;
	size_t n = 0;
	int have = 0;

	for (; *s && *s != '='; s++) {
		const char *at = strchr(digits, *s);

		if (*s == '\n' || *s == '\r' || *s == ' ')
			continue;
		if (!at)
			return NULL;
		bits = bits << 6 | (uint32_t)(at - digits);
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		out[n++] = (char)(bits >> have & 0xff);
	}
	out[n] = '\0';
	return out;
}

/* ---- contents ----------------------------------------------------------------------------------------------------- */

static void put_facts(struct call *c, const char *type, const char *path, const char *sha, size_t size)
{
	const char *slash = strrchr(path, '/');

	put_str(&c->j, "type", type);
	put_str(&c->j, "name", slash ? slash + 1 : path);
	put_str(&c->j, "path", path);
	put_str(&c->j, "sha", sha);
	jw_kint(&c->j, "size", (int64_t)size);
	put_url(c, "url", "/contents/%s", path);
	put_web(c, "html_url", "/blob/%s/%s", c->repo->branch, path);
	put_str(&c->j, "download_url", NULL);
}

static void put_file(struct call *c, const struct sim_file *f, bool content)
{
	jw_open(&c->j, '{');
	put_facts(c, "file", f->path, f->sha, strlen(f->content));
	if (content) {
		put_str(&c->j, "encoding", "base64");
		put_str(&c->j, "content", call_base64(c, f->content));
	}
	jw_close(&c->j, '}');
}

/* The folder right below `path` that f is in, or NULL when it is itself right there. */
static const char *folder_of(struct call *c, const struct sim_file *f, size_t below)
{
	const char *rest = f->path + below, *slash = strchr(rest, '/');

	return slash ? arena_strndup(c->a, f->path, (size_t)(slash - f->path)) : NULL;
}

/* False when there is no such folder. */
static bool put_folder(struct call *c, const struct sim_files *files, const char *path)
{
	size_t below = *path ? strlen(path) + 1 : 0;
	const char *last = "";
	bool any = false;

	jw_open(&c->j, '[');
	vec_each (it, files) {
		const char *folder;

		if (below && (strncmp((*it)->path, path, below - 1) != 0 || (*it)->path[below - 1] != '/'))
			continue;
		any = true;
		folder = folder_of(c, *it, below);
		if (!folder) {
			put_file(c, *it, false);
		} else if (strcmp(folder, last) != 0) {
			jw_open(&c->j, '{');
			put_facts(c, "dir", folder, sim_sha(c->w, folder, 0), 0);
			jw_close(&c->j, '}');
			last = folder;
		}
	}
	jw_close(&c->j, ']');
	return any;
}

static long commit_at(struct call *c, const char *ref)
{
	bool tag;
	const char *sha = sim_ref_sha(c->repo, ref, &tag);

	return sha ? sim_commit_index(c->repo, sha) : -1;
}

void get_contents(struct call *c)
{
	const char *path = c->param[0] ? c->param[0] : "", *ref = call_query(c, "ref");
	long at = commit_at(c, ref ? ref : c->repo->branch);
	const struct sim_file *files = sim_files_at(c->repo, at), *f = sim_file_find(files, path);
	struct sim_files all = { 0 };

	if (at < 0) {
		call_error(c, 404, "No commit found for the ref %s", ref ? ref : c->repo->branch);
		return;
	}
	if (f && c->rq->accept && strstr(c->rq->accept, "raw")) {
		c->type = "application/vnd.github.raw+json; charset=utf-8";
		buf_str(&c->out, f->content);
		return;
	}
	if (f) {
		put_file(c, f, true);
		return;
	}
	sim_files_list(files, &all, c->a);
	if (!put_folder(c, &all, path))
		call_missing(c);
}

/* ---- writing one file ---------------------------------------------------------------------------------------------- */

struct writing {
	const char *path, *branch, *message, *content, *sha;
	long tip;
	const struct sim_file *old;
};

static bool writing_read(struct call *c, struct writing *x)
{
	const char *encoded = json_str(c->body, "content");

	x->path = c->param[0];
	x->message = json_str(c->body, "message");
	x->sha = json_str(c->body, "sha");
	x->branch = json_str(c->body, "branch");
	x->branch = x->branch ? x->branch : c->repo->branch;
	x->content = encoded ? call_unbase64(c->a, encoded) : NULL;
	if (c->w->arena.used - c->w->loaded > WRITTEN_MAX) {
		call_error(c, 403, "Repository is full");
	} else if (!x->message || !encoded) {
		call_error(c, 422, "Invalid request.\n\n\"%s\" wasn't supplied.",
			   x->message ? "content" : "message");
	} else if (!x->content) {
		call_error(c, 422, "content is not valid Base64");
	} else if (strlen(x->content) > FILE_MAX || strlen(x->path) > PATH_TEXT_MAX) {
		call_error(c, 422, "the file is too large");
	} else {
		return true;
	}
	return false;
}

/* The blob that the writer has seen must be the one that stands there: a compare-and-swap of one file. */
static bool writing_allowed(struct call *c, struct writing *x)
{
	x->tip = sim_branch_tip(c->repo, x->branch);
	x->old = sim_file_find(sim_files_at(c->repo, x->tip), x->path);
	if (x->tip < 0)
		call_error(c, 404, "Branch %s not found", x->branch);
	else if (x->old && !x->sha)
		call_error(c, 422, "Invalid request.\n\n\"sha\" wasn't supplied.");
	else if (x->sha && (!x->old || strcmp(x->old->sha, x->sha) != 0))
		call_error(c, 409, "%s does not match %s", x->path, x->sha);
	else
		return true;
	return false;
}

void put_contents(struct call *c)
{
	struct world *w = c->w;
	struct writing x = { 0 };
	const struct sim_file *file;
	long made;

	if (!writing_read(c, &x) || !writing_allowed(c, &x))
		return;
	file = sim_file_add(w, sim_files_at(c->repo, x.tip), arena_strdup(&w->arena, x.path),
			    arena_strdup(&w->arena, x.content));
	made = sim_commit_add(w, c->repo,
			      &(struct sim_change){
				      .branch = x.branch,
				      .subject = arena_strndup(&w->arena, x.message, SUBJECT_MAX),
				      .author = c->user,
				      .at = w->now,
				      .merged = -1,
				      .files = file,
			      });
	if (made < 0) {
		call_error(c, 403, "Repository is full");
		return;
	}
	c->status = x.old ? 200 : 201;
	jw_open(&c->j, '{');
	jw_key(&c->j, "content");
	put_file(c, file, false);
	jw_key(&c->j, "commit");
	put_commit(c, &c->repo->commits.items[made]);
	jw_close(&c->j, '}');
	sim_pushed(w, &(struct sim_push){ c->repo, arena_strdup(&w->arena, x.branch), x.tip, made, c->user });
}

/* ---- trees -------------------------------------------------------------------------------------------------------- */

static void put_entry(struct call *c, const char *path, const struct sim_file *f)
{
	const char *sha = f ? f->sha : sim_sha(c->w, path, 0);

	jw_open(&c->j, '{');
	put_str(&c->j, "path", path);
	put_str(&c->j, "mode", f ? "100644" : "040000");
	put_str(&c->j, "type", f ? "blob" : "tree");
	put_str(&c->j, "sha", sha);
	if (f)
		jw_kint(&c->j, "size", (int64_t)strlen(f->content));
	put_url(c, "url", "/git/%s/%s", f ? "blobs" : "trees", sha);
	jw_close(&c->j, '}');
}

/* Folders before what is in them; those of the file before have been written. */
static void put_folders(struct call *c, const char *path, const char *before)
{
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t n = (size_t)(slash - path) + 1;

		if (strncmp(path, before, n) != 0)
			put_entry(c, arena_strndup(c->a, path, n - 1), NULL);
	}
}

/* Recursive or not: ours is always whole. */
void get_tree(struct call *c)
{
	long at = commit_at(c, c->param[0]);
	const struct sim_object *tree =
		at < 0 ? sim_object_find(c->repo, "tree", c->param[0]) : sim_tree_of(c->w, c->repo, at);
	struct sim_files files = { 0 };
	const char *before = "";

	if (!tree) {
		call_missing(c);
		return;
	}
	sim_files_list(tree->files, &files, c->a);
	jw_open(&c->j, '{');
	put_str(&c->j, "sha", tree->sha);
	put_url(c, "url", "/git/trees/%s", tree->sha);
	jw_kopen(&c->j, "tree", '[');
	vec_each (it, &files) {
		put_folders(c, (*it)->path, before);
		put_entry(c, (*it)->path, *it);
		before = (*it)->path;
	}
	jw_close(&c->j, ']');
	jw_kbool(&c->j, "truncated", false);
	jw_close(&c->j, '}');
}
