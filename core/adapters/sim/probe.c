#include "core/adapters/sim/face.h"
#include "core/adapters/sim/fleet.h"

#include "base/text.h"

#include <string.h>

/*
 * What the systems themselves say, below /probe/SYSTEM/LANE: /health of a control plane names the commit and the run
 * that it was started by; /run of a tool answers an envelope that names the digest it was built from. Nobody asks who
 * is asking. What a control plane says of its machines is in fleet_face.c. (delivery-systems reference 1.3, 2.2)
 */

/* The lane whose name begins the place; *what is the rest of it. */
static const struct sim_lane *lane_of(struct call *c, const struct sim_repo **repo, const char **what)
{
	const char *place = c->path + strlen("/probe/");

	vec_each (r, &c->w->repos) {
		vec_each (it, &(*r)->lanes) {
			size_t n = strlen(it->name);

			if (strncmp(it->name, place, n) != 0 || place[n] != '/')
				continue;
			*repo = *r;
			*what = place + n;
			return it;
		}
	}
	*what = "";
	return NULL;
}

/* The newest success that was about the release; where none was, the newest. */
static const struct sim_run *run_of(const struct sim_repo *r, const struct sim_lane *lane)
{
	const struct sim_workflow *wf = sim_workflow_find(r, lane->workflow);
	const struct sim_run *newest = NULL;

	if (lane->by)
		return lane->by;
	for (size_t i = wf ? wf->runs.n : 0; i-- > 0;) {
		const struct sim_run *run = wf->runs.items[i];
		const char *about = run->inputs.n ? run->inputs.items[0].value : run->sha;

		if (run->conclusion != SIM_SUCCESS)
			continue;
		if (strcmp(lane->live, about) == 0 || strcmp(lane->live, run->sha) == 0)
			return run;
		newest = newest ? newest : run;
	}
	return newest;
}

static void put_health(struct call *c, const struct sim_repo *r, const struct sim_lane *lane)
{
	const struct sim_run *run = run_of(r, lane);
	bool tag;
	const char *sha = sim_ref_sha(r, lane->live, &tag);

	jw_open(&c->j, '{');
	put_str(&c->j, "status", "healthy");
	put_time(&c->j, "timestamp", c->w->now);
	put_str(&c->j, "version", "0.1.0");
	put_str(&c->j, "boot_id",
		run ? arena_printf(c->a, "bootstrap-%" PRId64 "-%d", run->id, run->attempt) : NULL);
	put_str(&c->j, "git_sha", *lane->running ? lane->running : sha ? sha : run ? run->sha : "");
	fleet_health(c, sim_fleet_of(c->w, lane));
	put_str(&c->j, "proxy_url", c->base);
	jw_kbool(&c->j, "gcp_project_configured", true);
	jw_kbool(&c->j, "gcp_service_account_key_configured", false);
	jw_kbool(&c->j, "gcp_capacity_fulfiller_enabled", false);
	jw_close(&c->j, '}');
}

static void put_envelope(struct call *c, const struct sim_lane *lane)
{
	const char *id = sim_sha(c->w, lane->name, c->w->now);
	const char *execution =
		arena_printf(c->a, "%.8s-%.4s-7%.3s-b%.3s-%.12s", id, id + 8, id + 12, id + 15, id + 18);

	jw_open(&c->j, '{');
	put_str(&c->j, "status", "success");
	put_str(&c->j, "execution_id", execution);
	jw_key(&c->j, "outputs");
	jw_json(&c->j, "[{\"path\":\"text/response.txt\"}]");
	put_str(&c->j, "index_path",
		arena_printf(c->a, "/artifacts/outputs/probe/%s/outputs.json", execution));
	jw_kopen(&c->j, "meta", '{');
	put_str(&c->j, "image_digest", lane->running);
	put_str(&c->j, "env_fingerprint", "cpu:1;memory:2Gi");
	jw_kint(&c->j, "duration_ms", 842);
	jw_close(&c->j, '}');
	jw_close(&c->j, '}');
}

void probe_serve(struct call *c)
{
	const struct sim_repo *r = NULL;
	const char *what;
	const struct sim_lane *lane = lane_of(c, &r, &what);

	if (lane && lane->down) {
		c->status = 503;
		c->type = "text/plain";
		buf_str(&c->out, "upstream connect error\n");
	} else if (lane && strcmp(what, "/health") == 0) {
		put_health(c, r, lane);
	} else if (lane && strcmp(what, "/run") == 0) {
		put_envelope(c, lane);
	} else if (lane && fleet_serve(c, sim_fleet_of(c->w, lane), what)) {
		return;
	} else if (lane && text_starts(what, "/api/v1/admin/")) {
		c->status = 401; /* an administrator's session, which a console has not */
		jw_json(&c->j, "{\"detail\":\"Not authenticated\"}");
	} else {
		c->status = 404;
		jw_json(&c->j, "{\"detail\":\"Not Found\"}");
	}
}

/* How often requests like `match` were heard, whatever was answered: for whoever tests a client against a served drill. */
void heard_serve(struct call *c)
{
	const char *match = call_query(c, "match");

	jw_open(&c->j, '{');
	jw_kint(&c->j, "count", world_count_requests(c->w, match ? match : "*"));
	jw_close(&c->j, '}');
}
