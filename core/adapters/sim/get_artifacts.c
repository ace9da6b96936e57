#include "core/adapters/sim/face.h"

#include "base/text.h"
#include "core/adapters/sim/sha256.h"
#include "core/adapters/sim/zip.h"

#include <string.h>

/* Artifacts of runs and assets of releases: lists, and places in the storage where their bytes are. */

enum { ARCHIVE_MAX = 8 << 20 };

static void archive_make(struct world *w, struct sim_artifact *art)
{
	autofree(buf) struct buf b = BUF_INIT(ARCHIVE_MAX);
	char *bytes;

	if (art->zip)
		return;
	sim_zip(&b, &art->entries);
	bytes = arena_alloc(&w->arena, b.n + 1);
	memcpy(bytes, b.s, b.n);
	art->zip = bytes;
	art->zip_n = b.n;
	art->digest = sim_digest(&w->arena, bytes, b.n);
}

static void put_artifact(struct call *c, struct sim_artifact *art)
{
	archive_make(c->w, art);
	jw_open(&c->j, '{');
	jw_kint(&c->j, "id", art->id);
	put_str(&c->j, "node_id", put_node(c, "MDg", art->id));
	put_str(&c->j, "name", art->name);
	jw_kint(&c->j, "size_in_bytes", (int64_t)art->zip_n);
	put_url(c, "url", "/actions/artifacts/%" PRId64, art->id);
	put_url(c, "archive_download_url", "/actions/artifacts/%" PRId64 "/zip", art->id);
	jw_kbool(&c->j, "expired", c->w->now >= art->expires);
	put_str(&c->j, "digest", art->digest);
	put_time(&c->j, "created_at", art->created);
	put_time(&c->j, "updated_at", art->created);
	put_time(&c->j, "expires_at", art->expires);
	jw_kopen(&c->j, "workflow_run", '{');
	jw_kint(&c->j, "id", art->run->id);
	jw_kint(&c->j, "repository_id", c->repo->id);
	jw_kint(&c->j, "head_repository_id", c->repo->id);
	put_str(&c->j, "head_branch", art->run->ref);
	put_str(&c->j, "head_sha", art->run->sha);
	jw_close(&c->j, '}');
	jw_close(&c->j, '}');
}

/* Of the repository, or of the run that the path names. */
void get_artifacts(struct call *c)
{
	const struct sim_run *run = c->param[0] ? sim_run_find(c->repo, call_param_int(c, 0)) : NULL;
	const char *name = call_query(c, "name");
	struct call_page p = call_page(c, 30, 100);
	struct sim_artifact **found = arena_array(c->a, struct sim_artifact *, c->repo->artifacts.n + 1);
	size_t n = 0;

	if (c->param[0] && !run) {
		call_missing(c);
		return;
	}
	for (size_t i = c->repo->artifacts.n; i-- > 0;) {
		struct sim_artifact *art = c->repo->artifacts.items[i];

		if ((!run || art->run == run) && (!name || strcmp(art->name, name) == 0))
			found[n++] = art;
	}
	call_link(c, &p, n);
	jw_open(&c->j, '{');
	jw_kint(&c->j, "total_count", (int64_t)n);
	jw_kopen(&c->j, "artifacts", '[');
	for (size_t i = p.from; i < n && i < p.from + p.size; i++)
		put_artifact(c, found[i]);
	jw_close(&c->j, ']');
	jw_close(&c->j, '}');
}

static struct sim_artifact *artifact_of(const struct sim_repo *r, int64_t id)
{
	vec_each (it, &r->artifacts) {
		if ((*it)->id == id)
			return *it;
	}
	return NULL;
}

void get_artifact(struct call *c)
{
	struct sim_artifact *art = artifact_of(c->repo, call_param_int(c, 0));

	if (art)
		put_artifact(c, art);
	else
		call_missing(c);
}

void get_artifact_zip(struct call *c)
{
	struct sim_artifact *art = artifact_of(c->repo, call_param_int(c, 0));

	if (!art || strcmp(c->param[1], "zip") != 0)
		call_missing(c);
	else if (c->w->now >= art->expires)
		call_error(c, 410, "Artifact has expired");
	else
		call_storage(c, "artifact-", art->id);
}

/* ---- storage ------------------------------------------------------------------------------------------------------ */

static const struct sim_asset *asset_of(const struct sim_repo *r, int64_t id)
{
	vec_each (rel, &r->releases) {
		vec_each (it, &rel->assets) {
			if (it->id == id && !it->dropped)
				return it;
		}
	}
	return NULL;
}

static bool serve_asset(struct call *c, const struct sim_repo *r, int64_t id)
{
	const struct sim_asset *asset = asset_of(r, id);

	if (!asset)
		return false;
	c->type = "application/octet-stream";
	buf_str(&c->out, asset->content);
	return true;
}

static bool serve_artifact(struct call *c, const struct sim_repo *r, int64_t id)
{
	struct sim_artifact *art = artifact_of(r, id);

	if (!art)
		return false;
	archive_make(c->w, art);
	c->type = "application/zip";
	buf_add(&c->out, art->zip, art->zip_n);
	return true;
}

/* False when there is nothing of that kind and id. */
bool storage_serve(struct call *c, const char *kind, int64_t id)
{
	vec_each (it, &c->w->repos) {
		if (strcmp(kind, "asset-") == 0 && serve_asset(c, *it, id))
			return true;
		if (strcmp(kind, "artifact-") == 0 && serve_artifact(c, *it, id))
			return true;
	}
	return false;
}
