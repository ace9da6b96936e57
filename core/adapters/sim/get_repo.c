#include "core/adapters/sim/face.h"

#include "base/text.h"

#include <string.h>

/* ---- people and quota --------------------------------------------------------------------------------------------- */

void get_root(struct call *c)
{
	jw_open(&c->j, '{');
	put_str(&c->j, "current_user_url", arena_printf(c->a, "%s/user", c->base));
	put_str(&c->j, "rate_limit_url", arena_printf(c->a, "%s/rate_limit", c->base));
	jw_close(&c->j, '}');
}

void get_user(struct call *c)
{
	put_user(c, NULL, c->user);
}

static void put_quota(struct call *c, const char *key, int64_t used)
{
	const struct sim_quota *q = &c->w->quotas[(size_t)(c->user - sim_users)];

	jw_key(&c->j, key);
	jw_open(&c->j, '{');
	jw_kint(&c->j, "limit", c->w->rate_limit);
	jw_kint(&c->j, "used", used);
	jw_kint(&c->j, "remaining", c->w->rate_limit - used);
	jw_kint(&c->j, "reset", q->reset / SECOND);
	jw_close(&c->j, '}');
}

void get_rate(struct call *c)
{
	int64_t used = c->w->quotas[(size_t)(c->user - sim_users)].used;

	jw_open(&c->j, '{');
	jw_key(&c->j, "resources");
	jw_open(&c->j, '{');
	put_quota(c, "core", used);
	put_quota(c, "graphql", 0);
	jw_close(&c->j, '}');
	put_quota(c, "rate", used);
	jw_close(&c->j, '}');
}

void get_permission(struct call *c)
{
	bool writes = !c->user->read_only;

	jw_open(&c->j, '{');
	put_str(&c->j, "permission", writes ? "write" : "read");
	put_str(&c->j, "role_name", writes ? "write" : "read");
	put_user(c, "user", c->user);
	jw_close(&c->j, '}');
}

void get_nothing(struct call *c)
{
	jw_json(&c->j, "[]");
}

void get_repo(struct call *c)
{
	put_repo(c, NULL, c->repo, false);
}

/* ---- environments and deployments --------------------------------------------------------------------------------- */

void get_environments(struct call *c)
{
	jw_open(&c->j, '{');
	jw_kint(&c->j, "total_count", (int64_t)c->repo->environments.n);
	jw_key(&c->j, "environments");
	jw_open(&c->j, '[');
	vec_each (it, &c->repo->environments)
		put_environment(c, it, false);
	jw_close(&c->j, ']');
	jw_close(&c->j, '}');
}

void get_environment(struct call *c)
{
	const struct sim_environment *env = sim_environment_find(c->repo, c->param[0]);

	if (env)
		put_environment(c, env, false);
	else
		call_missing(c);
}

void get_deployments(struct call *c)
{
	struct call_page p = call_page(c, 30, 100);
	const char *environment = call_query(c, "environment"), *ref = call_query(c, "ref");
	size_t seen = 0;

	jw_open(&c->j, '[');
	for (size_t i = c->repo->deployments.n; i-- > 0;) {
		const struct sim_deployment *d = c->repo->deployments.items[i];

		if ((environment && strcmp(environment, d->environment->name) != 0) ||
		    (ref && strcmp(ref, d->run->ref) != 0))
			continue;
		if (seen >= p.from && seen < p.from + p.size)
			put_deployment(c, d);
		seen++;
	}
	jw_close(&c->j, ']');
	call_link(c, &p, seen);
}

static const struct sim_deployment *deployment_of(struct call *c)
{
	int64_t id = call_param_int(c, 0);

	vec_each (it, &c->repo->deployments) {
		if ((*it)->id == id)
			return *it;
	}
	call_missing(c);
	return NULL;
}

void get_deployment(struct call *c)
{
	const struct sim_deployment *d = deployment_of(c);

	if (d)
		put_deployment(c, d);
}

void get_deployment_states(struct call *c)
{
	const struct sim_deployment *d = deployment_of(c);

	if (!d)
		return;
	jw_open(&c->j, '[');
	for (size_t i = d->states.n; i-- > 0;) {
		jw_open(&c->j, '{');
		jw_kint(&c->j, "id", d->id * 8 + (int64_t)i);
		put_str(&c->j, "state", d->states.items[i].name);
		put_str(&c->j, "environment", d->environment->name);
		put_str(&c->j, "description", "");
		put_web(c, "log_url", "/actions/runs/%" PRId64, d->run->id);
		put_web(c, "target_url", "/actions/runs/%" PRId64, d->run->id);
		put_user(c, "creator", sim_user_find("github-actions[bot]"));
		put_str(&c->j, "created_at", d->states.items[i].value);
		put_str(&c->j, "updated_at", d->states.items[i].value);
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, ']');
}

/* ---- releases ----------------------------------------------------------------------------------------------------- */

/* Newest first. Drafts are shown only to those who may write. */
void get_releases(struct call *c)
{
	struct call_page p = call_page(c, 30, 100);
	size_t seen = 0;

	jw_open(&c->j, '[');
	for (size_t i = c->repo->releases.n; i-- > 0;) {
		const struct sim_release *rel = &c->repo->releases.items[i];

		if (rel->draft && c->user->read_only)
			continue;
		if (seen >= p.from && seen < p.from + p.size)
			put_release(c, rel);
		seen++;
	}
	jw_close(&c->j, ']');
	call_link(c, &p, seen);
}

static void one_release(struct call *c, const struct sim_release *rel)
{
	if (rel)
		put_release(c, rel);
	else
		call_missing(c);
}

static const struct sim_release *release_of(struct call *c)
{
	int64_t id = call_param_int(c, 0);

	vec_each (it, &c->repo->releases) {
		if (it->id == id)
			return it;
	}
	return NULL;
}

void get_release(struct call *c)
{
	one_release(c, release_of(c));
}

void get_release_latest(struct call *c)
{
	one_release(c, sim_release_latest(c->repo));
}

void get_release_tag(struct call *c)
{
	const struct sim_release *rel = sim_release_find(c->repo, c->param[0]);

	one_release(c, rel && !rel->draft ? rel : NULL);
}

void get_assets(struct call *c)
{
	const struct sim_release *rel = release_of(c);

	if (!rel) {
		call_missing(c);
		return;
	}
	jw_open(&c->j, '[');
	vec_each (it, &rel->assets) {
		if (!it->dropped)
			put_asset(c, rel, it);
	}
	jw_close(&c->j, ']');
}

static void asset_answer(struct call *c, const struct sim_release *rel, const struct sim_asset *asset)
{
	if (!c->rq->accept || !strstr(c->rq->accept, "octet-stream")) {
		put_asset(c, rel, asset);
		return;
	}
	c->type = "application/octet-stream";
	buf_str(&c->out, asset->content);
}

void get_asset(struct call *c)
{
	int64_t id = call_param_int(c, 0);

	vec_each (rel, &c->repo->releases) {
		vec_each (it, &rel->assets) {
			if (it->id == id && !it->dropped) {
				asset_answer(c, rel, it);
				return;
			}
		}
	}
	call_missing(c);
}

/* ---- commits and refs --------------------------------------------------------------------------------------------- */

/* The commit a ref stands on, or -1 after an answer. */
static long commit_of(struct call *c, const char *ref)
{
	bool tag;
	const char *sha = sim_ref_sha(c->repo, ref, &tag);
	long i = sha ? sim_commit_index(c->repo, sha) : -1;

	if (i < 0)
		call_error(c, 422, "No commit found for SHA: %s", ref);
	return i;
}

void get_commits(struct call *c)
{
	struct call_page p = call_page(c, 30, 100);
	const char *from = call_query(c, "sha");
	long top = commit_of(c, from ? from : c->repo->branch);

	if (top < 0)
		return;
	call_link(c, &p, (size_t)top + 1);
	jw_open(&c->j, '[');
	for (size_t i = p.from; i <= (size_t)top && i < p.from + p.size; i++)
		put_commit(c, &c->repo->commits.items[(size_t)top - i]);
	jw_close(&c->j, ']');
}

/* Accept: application/vnd.github.sha answers nothing but the sha. */
void get_commit(struct call *c)
{
	long i = commit_of(c, c->param[0]);

	if (i < 0)
		return;
	if (c->rq->accept && strstr(c->rq->accept, "vnd.github.sha")) {
		c->type = "application/vnd.github.sha; charset=utf-8";
		buf_str(&c->out, c->repo->commits.items[i].sha);
		return;
	}
	put_commit(c, &c->repo->commits.items[i]);
}

static void put_compare(struct call *c, size_t base, size_t head, const struct call_page *p)
{
	size_t ahead = head > base ? head - base : 0, behind = base > head ? base - head : 0;

	call_link(c, p, ahead);
	jw_open(&c->j, '{');
	put_url(c, "url", "/compare/%s", c->param[0]);
	put_str(&c->j, "status", ahead ? "ahead" : behind ? "behind" : "identical");
	jw_kint(&c->j, "ahead_by", (int64_t)ahead);
	jw_kint(&c->j, "behind_by", (int64_t)behind);
	jw_kint(&c->j, "total_commits", (int64_t)ahead);
	jw_key(&c->j, "base_commit");
	put_commit(c, &c->repo->commits.items[base]);
	jw_key(&c->j, "merge_base_commit");
	put_commit(c, &c->repo->commits.items[base < head ? base : head]);
	jw_key(&c->j, "commits"); /* oldest first */
	jw_open(&c->j, '[');
	for (size_t i = p->from; i < ahead && i < p->from + p->size; i++)
		put_commit(c, &c->repo->commits.items[base + 1 + i]);
	jw_close(&c->j, ']');
	jw_key(&c->j, "files");
	jw_json(&c->j, "[]");
	jw_close(&c->j, '}');
}

/* BASE...HEAD, or OWNER:BASE...OWNER:HEAD within this repository; at most 250 commits without paging. */
void get_compare(struct call *c)
{
	const char *dots = strstr(c->param[0], "..."), *colon;
	struct call_page p = call_page(c, 250, 250);
	const char *base;
	long b, h;

	if (!dots) {
		call_missing(c);
		return;
	}
	base = arena_strndup(c->a, c->param[0], (size_t)(dots - c->param[0]));
	colon = strchr(base, ':');
	b = commit_of(c, colon ? colon + 1 : base);
	colon = strchr(dots, ':');
	h = b < 0 ? -1 : commit_of(c, colon ? colon + 1 : dots + 3);
	if (b < 0 || h < 0)
		call_missing(c);
	else
		put_compare(c, (size_t)b, (size_t)h, &p);
}

static void put_ref(struct call *c, const char *name, const char *sha)
{
	jw_open(&c->j, '{');
	put_str(&c->j, "ref", arena_printf(c->a, "refs/%s", name));
	put_str(&c->j, "node_id", arena_printf(c->a, "REF_kwDO%.12s", sha));
	put_url(c, "url", "/git/refs/%s", name);
	jw_key(&c->j, "object");
	jw_open(&c->j, '{');
	put_str(&c->j, "sha", sha);
	put_str(&c->j, "type", "commit");
	put_url(c, "url", "/git/commits/%s", sha);
	jw_close(&c->j, '}');
	jw_close(&c->j, '}');
}

void get_ref(struct call *c)
{
	bool tag, full = text_starts(c->param[0], "tags/") || text_starts(c->param[0], "heads/");
	const char *sha = full ? sim_ref_sha(c->repo, c->param[0], &tag) : NULL;

	call_header(c, "x-poll-interval", "300");
	if (sha)
		put_ref(c, c->param[0], sha);
	else
		call_missing(c);
}

void get_matching_refs(struct call *c)
{
	jw_open(&c->j, '[');
	vec_each (rel, &c->repo->releases) {
		const char *name = arena_printf(c->a, "tags/%s", rel->tag);

		if (!rel->draft && text_starts(name, c->param[0]))
			put_ref(c, name, rel->sha);
	}
	vec_each (it, &c->repo->refs) {
		if (it->sha && text_starts(it->name, c->param[0]))
			put_ref(c, it->name, it->sha);
	}
	jw_close(&c->j, ']');
}

void get_branch(struct call *c)
{
	if (strcmp(c->param[0], c->repo->branch) != 0) {
		call_error(c, 404, "Branch not found");
		return;
	}
	jw_open(&c->j, '{');
	put_str(&c->j, "name", c->repo->branch);
	jw_key(&c->j, "commit");
	put_commit(c, &c->repo->commits.items[c->repo->commits.n - 1]);
	jw_kbool(&c->j, "protected", true);
	jw_close(&c->j, '}');
}

/* ---- contents: the workflow files, the same at every ref ----------------------------------------------------------- */

/* RFC 4648, broken into lines of 60 as the forge does. */
static const char *base64(struct call *c, const char *s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
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

static void put_file(struct call *c, const struct sim_workflow *wf, bool content)
{
	jw_open(&c->j, '{');
	put_str(&c->j, "type", "file");
	put_str(&c->j, "name", wf->file);
	put_str(&c->j, "path", wf->path);
	put_str(&c->j, "sha", put_node(c, "blob", wf->id));
	jw_kint(&c->j, "size", (int64_t)strlen(wf->text));
	put_url(c, "url", "/contents/%s", wf->path);
	put_web(c, "html_url", "/blob/%s/%s", c->repo->branch, wf->path);
	put_str(&c->j, "download_url", NULL);
	if (content) {
		put_str(&c->j, "encoding", "base64");
		put_str(&c->j, "content", base64(c, wf->text));
	}
	jw_close(&c->j, '}');
}

static void contents_folder(struct call *c)
{
	jw_open(&c->j, '[');
	vec_each (it, &c->repo->workflows)
		put_file(c, *it, false);
	jw_close(&c->j, ']');
}

void get_contents(struct call *c)
{
	static const char folder[] = ".github/workflows";
	const char *path = c->param[0], *ref = call_query(c, "ref");
	const struct sim_workflow *wf = NULL;
	bool tag;

	if (text_starts(path, folder) && path[strlen(folder)] == '/')
		wf = sim_workflow_find(c->repo, path + strlen(folder) + 1);
	if (ref && !sim_ref_sha(c->repo, ref, &tag)) {
		call_error(c, 404, "No commit found for the ref %s", ref);
	} else if (strcmp(path, folder) == 0) {
		contents_folder(c);
	} else if (!wf) {
		call_missing(c);
	} else if (c->rq->accept && strstr(c->rq->accept, "raw")) {
		c->type = "application/vnd.github.raw+json; charset=utf-8";
		buf_str(&c->out, wf->text);
	} else {
		put_file(c, wf, true);
	}
}
