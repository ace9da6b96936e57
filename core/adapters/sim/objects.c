#include "core/adapters/sim/face.h"

#include "base/text.h"

#include <string.h>

/*
 * Git's objects: blobs, trees and commits that no ref leads to yet. They are known by their content, as git knows them: who
 * makes the same thing twice, or two who make the same thing, get one object. Times in a commit have whole seconds.
 */

enum { OBJECTS_MAX = 20000, BLOB_MAX = 1 << 20, MESSAGE_MAX = 65536, ENTRIES_MAX = 100, NAME_MAX_ = 512 };

const struct sim_object *sim_object_find(const struct sim_repo *r, const char *type, const char *sha)
{
	vec_each (it, &r->objects)
		if (strcmp((*it)->sha, sha) == 0 && strcmp((*it)->type, type) == 0)
			return *it;
	return NULL;
}

static const struct sim_object *keep(struct world *w, struct sim_repo *r, const struct sim_object *given)
{
	const struct sim_object *there = sim_object_find(r, given->type, given->sha);
	struct sim_object *o;

	if (there)
		return there;
	o = arena_new(&w->arena, struct sim_object);
	*o = *given;
	*vec_push(&r->objects, &w->arena) = o;
	return o;
}

static const struct sim_object *tree_keep(struct world *w, struct sim_repo *r, const struct sim_file *files)
{
	struct arena a = ARENA_INIT;
	struct sim_files list = { 0 };
	struct hash h = HASH_INIT;
	char hex[33];

	sim_files_list(files, &list, &a);
	vec_each (f, &list) {
		hash_str(&h, (*f)->path);
		hash_str(&h, (*f)->sha);
	}
	arena_done(&a);
	return keep(w, r,
		    &(struct sim_object){
			    .sha = sim_sha(w, hash_hex(&h, hex), 0), .type = "tree", .files = files });
}

const struct sim_object *sim_tree_of(struct world *w, struct sim_repo *r, long commit)
{
	struct sim_commit *c = &r->commits.items[commit];

	if (!c->tree)
		c->tree = tree_keep(w, r, c->files);
	return c->tree;
}

static bool full(struct call *c)
{
	bool is = c->w->arena.used - c->w->loaded > WRITTEN_MAX || c->repo->objects.n >= OBJECTS_MAX ||
		  c->repo->commits.n >= COMMITS_MAX;

	if (is)
		call_error(c, 403, "Repository is full");
	return is;
}

static void put_made(struct call *c, const char *what, const char *sha)
{
	put_str(&c->j, "sha", sha);
	put_url(c, "url", "/git/%s/%s", what, sha);
}

/* ---- blobs -------------------------------------------------------------------------------------------------------- */

void get_blob(struct call *c)
{
	const struct sim_object *blob = sim_object_find(c->repo, "blob", c->param[0]);

	if (!blob) {
		call_missing(c);
		return;
	}
	jw_open(&c->j, '{');
	put_made(c, "blobs", blob->sha);
	jw_kint(&c->j, "size", (int64_t)strlen(blob->content));
	put_str(&c->j, "encoding", "base64");
	put_str(&c->j, "content", call_base64(c, blob->content));
	jw_close(&c->j, '}');
}

/* NULL: it was answered. */
static const struct sim_object *blob_keep(struct call *c, const char *content)
{
	if (!content || strlen(content) > BLOB_MAX) {
		call_error(c, 422, "content is missing, damaged or too large");
		return NULL;
	}
	return keep(c->w, c->repo,
		    &(struct sim_object){ .sha = sim_sha(c->w, content, (int64_t)strlen(content)),
					  .type = "blob",
					  .content = arena_strdup(&c->w->arena, content) });
}

void post_blob(struct call *c)
{
	const char *content = json_str(c->body, "content"), *encoding = json_str(c->body, "encoding");
	const struct sim_object *blob;

	if (full(c))
		return;
	if (content && text_eq(encoding, "base64"))
		content = call_unbase64(c->a, content);
	blob = blob_keep(c, content);
	if (!blob)
		return;
	c->status = 201;
	jw_open(&c->j, '{');
	put_made(c, "blobs", blob->sha);
	jw_close(&c->j, '}');
}

/* ---- trees -------------------------------------------------------------------------------------------------------- */

static const struct sim_object *tree_find(struct call *c, const char *sha)
{
	const struct sim_object *tree = sim_object_find(c->repo, "tree", sha);

	for (size_t i = c->repo->commits.n; !tree && i-- > 0;) {
		const struct sim_object *its = sim_tree_of(c->w, c->repo, (long)i);

		if (strcmp(its->sha, sha) == 0 || strcmp(c->repo->commits.items[i].sha, sha) == 0)
			tree = its;
	}
	return tree;
}

/* NULL: it was answered. */
static const struct sim_file *entry_add(struct call *c, const struct sim_file *files,
					const struct json *entry)
{
	const char *path = json_str(entry, "path"), *sha = json_str(entry, "sha");
	const char *content = json_str(entry, "content");
	const struct sim_object *blob;

	if (!path || !*path || strlen(path) > NAME_MAX_ || !text_eq(json_str(entry, "mode"), "100644")) {
		call_error(c, 422, "tree.path or tree.mode is missing or not known here");
		return NULL;
	}
	blob = content ? blob_keep(c, content) : sha ? sim_object_find(c->repo, "blob", sha) : NULL;
	if (!blob && c->status < 400)
		call_error(c, 422, "tree.sha %s is not a valid blob", sha ? sha : "");
	if (!blob)
		return NULL;
	return sim_file_add(c->w, files, arena_strdup(&c->w->arena, path), blob->content);
}

static void put_tree_made(struct call *c, const struct sim_object *tree)
{
	struct sim_files list = { 0 };

	sim_files_list(tree->files, &list, c->a);
	c->status = 201;
	jw_open(&c->j, '{');
	put_made(c, "trees", tree->sha);
	jw_kopen(&c->j, "tree", '[');
	vec_each (f, &list) {
		jw_open(&c->j, '{');
		put_str(&c->j, "path", (*f)->path);
		put_str(&c->j, "sha", (*f)->sha);
		put_str(&c->j, "type", "blob");
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, ']');
	jw_close(&c->j, '}');
}

void post_tree(struct call *c)
{
	const struct json *list = json_get(c->body, "tree");
	const char *base = json_str(c->body, "base_tree");
	const struct sim_object *below = base ? tree_find(c, base) : NULL;
	const struct sim_file *files = below ? below->files : NULL;

	if (full(c))
		return;
	if (json_type(list) != JSON_ARRAY || !json_size(list) || json_size(list) > ENTRIES_MAX) {
		call_error(c, 422, "Invalid tree info");
		return;
	}
	if (base && !below) {
		call_error(c, 422, "base_tree is not a valid tree oid");
		return;
	}
	for (size_t i = 0; i < json_size(list); i++) {
		files = entry_add(c, files, json_at(list, i));
		if (!files)
			return;
	}
	put_tree_made(c, tree_keep(c->w, c->repo, files));
}

/* ---- commits ------------------------------------------------------------------------------------------------------ */

static void put_git_commit(struct call *c, long at)
{
	const struct sim_object *tree = sim_tree_of(c->w, c->repo, at);
	const struct sim_commit *commit = &c->repo->commits.items[at];

	jw_open(&c->j, '{');
	put_made(c, "commits", commit->sha);
	put_person(c, "author", commit);
	put_person(c, "committer", commit);
	put_str(&c->j, "message", commit->message ? commit->message : commit->subject);
	jw_kopen(&c->j, "tree", '{');
	put_made(c, "trees", tree->sha);
	jw_close(&c->j, '}');
	put_parents(c, commit);
	jw_close(&c->j, '}');
}

void get_git_commit(struct call *c)
{
	long at = strlen(c->param[0]) == 40 ? sim_commit_index(c->repo, c->param[0]) : -1;

	if (at < 0)
		call_missing(c);
	else
		put_git_commit(c, at);
}

/* The place of a parent; -1 none. False: it was answered. */
static bool parents_read(struct call *c, long out[2])
{
	const struct json *list = json_get(c->body, "parents");

	out[0] = out[1] = -1;
	for (size_t i = 0; i < json_size(list); i++) {
		const char *sha = json_str(json_at(list, i), "");

		if (i < 2)
			out[i] = sha && strlen(sha) == 40 ? sim_commit_index(c->repo, sha) : -1;
		if (i >= 2 || out[i] < 0) {
			call_error(c, 422, "Parent SHA does not exist or is not a commit object");
			return false;
		}
	}
	return true;
}

static const char *commit_sha(struct call *c, const struct sim_object *tree, const char *message,
			      const long parents[2])
{
	int64_t second = c->w->now / SECOND;
	struct hash h = HASH_INIT;
	char hex[33];

	hash_str(&h, tree->sha);
	hash_str(&h, message);
	hash_str(&h, c->user->login);
	for (int i = 0; i < 2; i++)
		hash_str(&h, parents[i] < 0 ? "" : c->repo->commits.items[parents[i]].sha);
	return sim_sha(c->w, hash_hex(&h, hex), second);
}

static long commit_keep(struct call *c, const struct sim_object *tree, const char *message,
			const long parents[2])
{
	const char *sha = commit_sha(c, tree, message, parents);
	long at = sim_commit_index(c->repo, sha);
	struct arena *a = &c->w->arena;

	if (at >= 0)
		return at;
	*vec_push(&c->repo->commits, a) = (struct sim_commit){
		.sha = sha,
		.subject = arena_strndup(a, message, strcspn(message, "\n")),
		.message = arena_strdup(a, message),
		.author = c->user,
		.at = c->w->now / SECOND * SECOND,
		.parent = parents[0],
		.merged = parents[1],
		.files = tree->files,
		.tree = tree,
	};
	return (long)c->repo->commits.n - 1;
}

void post_git_commit(struct call *c)
{
	const char *message = json_str(c->body, "message"), *sha = json_str(c->body, "tree");
	const struct sim_object *tree = sha ? tree_find(c, sha) : NULL;
	long parents[2];

	if (full(c))
		return;
	if (!message || !*message || strlen(message) > MESSAGE_MAX) {
		call_error(c, 422, "Invalid request.\n\n\"message\" wasn't supplied.");
	} else if (!tree) {
		call_error(c, 422, "Tree SHA does not exist");
	} else if (parents_read(c, parents)) {
		c->status = 201;
		put_git_commit(c, commit_keep(c, tree, message, parents));
	}
}
