#include "core/adapters/git/git.h"

#include <git2.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
	COUNT_MAX = 10000, /* port/git.h */
	SHORT_SHA = 7,
	SHA = GIT_OID_HEXSZ,
};

static const struct field commit_fields[] = {
	FIELD(commit, sha),
	FIELD(commit, title),
	FIELD(commit, author),
	FIELD(commit, at),
};
const struct rec rec_commit = REC(struct commit, commit_fields, "commit");

struct mirror {
	struct git git; /* first: git_ops get this */
	git_repository *repo;
};

DEFINE_FREEP(git_reference *, git_reference, git_reference_free)
DEFINE_FREEP(git_object *, git_object, git_object_free)
DEFINE_FREEP(git_commit *, git_commit, git_commit_free)
DEFINE_FREEP(git_revwalk *, git_revwalk, git_revwalk_free)
DEFINE_FREEP(git_remote *, git_remote, git_remote_free)
DEFINE_FREEP(git_config *, git_config, git_config_free)

static int fail(struct err *e, enum err_kind kind, const char *what)
{
	const git_error *last = git_error_last();

	return err_set(e, kind, "%s: %s", what,
		       last && last->message ? last->message : "git gives no reason");
}

/* ---- names to commits ------------------------------------------------------------------------------------------- */

static bool is_hex(const char *s)
{
	size_t n = strlen(s);

	return n >= SHORT_SHA && n <= SHA && strspn(s, "0123456789abcdef") == n;
}

static int by_sha(git_object **out, git_repository *repo, const char *ref)
{
	git_oid id;

	if (!is_hex(ref) || git_oid_fromstrn(&id, ref, strlen(ref)))
		return GIT_ENOTFOUND;
	return git_object_lookup_prefix(out, repo, &id, strlen(ref), GIT_OBJECT_COMMIT);
}

/* Only these places: git's own way of reading a name also searches messages, logs of refs and the working tree. */
static int by_name(git_object **out, git_repository *repo, const char *ref)
{
	static const char *const places[] = { "refs/tags/", "refs/heads/", "refs/" };
	struct arena a = ARENA_INIT;
	int r = GIT_ENOTFOUND;

	for (size_t i = 0; r && i < countof(places); i++) {
		autofree(git_reference) git_reference *found = NULL;
		const char *name = arena_printf(&a, "%s%s", places[i], ref);
		int valid = 0;

		if (!git_reference_name_is_valid(&valid, name) && valid &&
		    !git_reference_lookup(&found, repo, name))
			r = git_reference_peel(out, found, GIT_OBJECT_COMMIT);
	}
	arena_done(&a);
	return r;
}

static int find(git_oid *out, git_repository *repo, const char *ref, struct err *e)
{
	autofree(git_object) git_object *object = NULL;
	int r;

	if (!ref || !*ref)
		return err_set(e, ERR_INVALID, "a commit is asked for without a name");
	r = strlen(ref) == SHA ? by_sha(&object, repo, ref) : GIT_ENOTFOUND;
	if (r)
		r = by_name(&object, repo, ref);
	if (r)
		r = by_sha(&object, repo, ref);
	if (r == GIT_EAMBIGUOUS)
		return err_set(e, ERR_MISSING, "%s is the beginning of several commits", ref);
	if (r)
		return err_set(e, ERR_MISSING, "the mirror has no tag, branch or commit %s", ref);
	git_oid_cpy(out, git_object_id(object));
	return 0;
}

static int mirror_resolve(struct git *git, const char *ref, char out[65], struct err *e)
{
	git_oid id;
	int r = find(&id, ((struct mirror *)git)->repo, ref, e);

	if (r >= 0)
		git_oid_tostr(out, 65, &id);
	return r;
}

/* ---- ranges ------------------------------------------------------------------------------------------------------- */

static int add_commit(struct mirror *m, const git_oid *id, struct commits *out, struct arena *a,
		      struct err *e)
{
	autofree(git_commit) git_commit *commit = NULL;
	const git_signature *author;
	struct commit *c;
	char sha[SHA + 1];

	if (git_commit_lookup(&commit, m->repo, id))
		return fail(e, ERR_CORRUPT, "the mirror lacks a commit");
	author = git_commit_author(commit);
	c = vec_push(out, a);
	c->sha = arena_strdup(a, git_oid_tostr(sha, sizeof(sha), id));
	c->title = arena_strdup(a, git_commit_summary(commit) ? git_commit_summary(commit) : "");
	c->author = arena_strdup(a, author && author->name ? author->name : "");
	c->at.ms = git_commit_time(commit) * 1000;
	return 0;
}

/* No sorting is asked for: by time, libgit2 walks the whole history first (measured, performance reference 6); its own
 * order is newest first already. */
static int start_walk(git_revwalk **out, struct mirror *m, const char *from, const char *to, struct err *e)
{
	git_oid first, last;
	int r = find(&last, m->repo, to, e);

	if (r >= 0 && from && *from)
		r = find(&first, m->repo, from, e);
	if (r < 0)
		return r;
	if (git_revwalk_new(out, m->repo) || git_revwalk_push(*out, &last))
		return fail(e, ERR_CORRUPT, "the mirror's history cannot be walked");
	if (from && *from && git_revwalk_hide(*out, &first))
		return fail(e, ERR_CORRUPT, "the mirror's history cannot be walked");
	return 0;
}

static int mirror_range(struct git *git, const char *from, const char *to, size_t max, struct commits *out,
			int64_t *total, struct arena *a, struct err *e)
{
	autofree(git_revwalk) git_revwalk *walk = NULL;
	struct mirror *m = (struct mirror *)git;
	git_oid id;
	int r = start_walk(&walk, m, from, to, e), end = 0;

	*total = 0;
	while (r >= 0 && *total < COUNT_MAX && !(end = git_revwalk_next(&id, walk)))
		if ((size_t)(*total)++ < max)
			r = add_commit(m, &id, out, a, e);
	if (r >= 0 && end && end != GIT_ITEROVER)
		r = fail(e, ERR_CORRUPT, "the mirror's history is damaged");
	return r;
}

/* ---- fetching ----------------------------------------------------------------------------------------------------- */

/* A mirror follows what was deleted and what was forced; the refs of pull requests would be most of its weight. */
static const char *const refspecs[] = { "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*" };

/* https, or a place on this machine: no other transport starts programs or speaks in the clear for us. */
static bool url_ok(const char *url)
{
	return text_is_safe(url) && !strchr(url, '@') &&
	       (text_starts(url, "https://") || text_starts(url, "file:///") || url[0] == '/');
}

#define ORIGIN "remote.origin.url"

/* A remote without a name: looking one up applies the user's rewriting of addresses (url.*.insteadOf), which could lead
 * anywhere, and with PCRE2 each look at it loses 20 KiB for good (libgit2 1.5.1, measured). */
static int open_origin(git_remote **out, git_repository *repo, struct err *e)
{
	autofree(git_config) git_config *config = NULL;
	git_remote_create_options o;
	const char *url;

	git_remote_create_options_init(&o, GIT_REMOTE_CREATE_OPTIONS_VERSION);
	o.repository = repo;
	o.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF | GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC;
	if (git_repository_config_snapshot(&config, repo) || git_config_get_string(&url, config, ORIGIN))
		return fail(e, ERR_INVALID, "the mirror does not say where it comes from");
	if (!url_ok(url))
		return err_set(e, ERR_INVALID,
			       "the mirror comes from an address that is not fetched from: %s", url);
	if (git_remote_create_with_opts(out, url, &o))
		return fail(e, ERR_INVALID, "the mirror's origin cannot be used");
	return 0;
}

static int mirror_fetch(struct git *git, struct err *e)
{
	autofree(git_remote) git_remote *remote = NULL;
	git_fetch_options o;
	char *specs[countof(refspecs)];
	git_strarray list = { .strings = specs, .count = countof(refspecs) };
	int r = open_origin(&remote, ((struct mirror *)git)->repo, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < countof(refspecs); i++)
		memcpy(&specs[i], &refspecs[i], sizeof(specs[i]));
	git_fetch_options_init(&o, GIT_FETCH_OPTIONS_VERSION);
	o.prune = GIT_FETCH_PRUNE;
	o.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE; /* the second refspec brings them, moved ones too */
	o.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
	if (git_remote_fetch(remote, &list, &o, NULL))
		return fail(e, ERR_OFFLINE, "the mirror cannot be fetched");
	return 0;
}

/* ---- opening ------------------------------------------------------------------------------------------------------ */

static void mirror_free(struct git *git)
{
	struct mirror *m = (struct mirror *)git;

	git_repository_free(m->repo);
	free(m);
	git_libgit2_shutdown();
}

static const struct git_ops ops = {
	.resolve = mirror_resolve,
	.range = mirror_range,
	.fetch = mirror_fetch,
	.free = mirror_free,
};

static int create(git_repository **out, const char *path, const char *url, struct err *e)
{
	autofree(git_config) git_config *config = NULL;
	git_repository_init_options o;

	if (!url_ok(url))
		return err_set(e, ERR_INVALID, "a mirror is made from an https address without a user in it");
	git_repository_init_options_init(&o, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
	o.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH | GIT_REPOSITORY_INIT_NO_REINIT;
	o.mode = 0700;
	if (git_repository_init_ext(out, path, &o) || git_repository_config(&config, *out) ||
	    git_config_set_string(config, ORIGIN, url))
		return fail(e, ERR_STORE, "the mirror cannot be made");
	return 0;
}

/* libgit2 1.5 says of a stranger's directory that it lacks a configuration value (reliability reference 1b). */
static int open_error(int code, const char *path, struct err *e)
{
	const git_error *last = git_error_last();

	if (code == GIT_EOWNER || (last && last->message && strstr(last->message, "safe.directory"))) {
		err_set(e, ERR_STORE, "the git mirror %s belongs to another user and is not read", path);
		return err_hint(e, "give it to the user who runs the engine, or make a new one");
	}
	if (code == GIT_ENOTFOUND)
		return err_set(e, ERR_MISSING, "there is no git mirror at %s", path);
	return fail(e, ERR_CORRUPT, "the git mirror cannot be opened");
}

static int open_or_create(struct mirror *m, const char *path, const char *url, struct err *e)
{
	/* Not git_repository_open_bare(): that one does not ask whose directory it is. */
	int code = git_repository_open_ext(&m->repo, path,
					   GIT_REPOSITORY_OPEN_NO_SEARCH | GIT_REPOSITORY_OPEN_BARE, NULL);
	int r;

	if (!code)
		return 0;
	if (code != GIT_ENOTFOUND || !url)
		return open_error(code, path, e);
	r = create(&m->repo, path, url, e);
	return r < 0 ? r : mirror_fetch(&m->git, e);
}

int git_open(struct git **out, const char *path, const char *url, struct err *e)
{
	struct mirror *m;
	int r;

	if (git_libgit2_init() < 0)
		return fail(e, ERR_BUG, "libgit2 does not start");
	m = x_alloc(sizeof(*m));
	m->git.ops = &ops;
	r = open_or_create(m, path, url, e);
	if (r < 0) {
		mirror_free(&m->git);
		return r;
	}
	*out = &m->git;
	return 0;
}
