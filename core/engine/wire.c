#include "core/engine/wire.h"

#include "base/text.h"
#include "core/adapters/fleet/fleet.h"
#include "core/adapters/http/http.h"
#include "core/adapters/kube/kube.h"
#include "core/adapters/prometheus/prometheus.h"

#ifndef PH_VERSION
#define PH_VERSION "0.1.0"
#endif

static int open_http(struct http **out, struct loop *loop, const char *base, const char *ca_file,
		     const struct options *o, struct err *e)
{
	const struct http_options h = {
		.base = base,
		.ca_file = ca_file ? ca_file : o->ca_file,
		.user_agent = "pilothouse/" PH_VERSION,
		.timeout = o->timeout,
		.bare = true,
	};

	return http_open(out, loop, &h, e);
}

/* ---- metrics -------------------------------------------------------------------------------------------------------- */

static int source_open(struct source *out, const struct profile_service *s, struct loop *loop,
		       const struct options *o, struct err *e)
{
	bool ours = o->metrics != NULL;
	const char *base = ours ? o->metrics : s ? s->url : NULL;
	const char *token_file = ours ? o->metrics_token_file : s ? s->token_file : NULL;
	const struct prometheus_options p = { .token_file = token_file, .timeout = o->timeout };
	int r;

	if (!base)
		return 0;
	r = open_http(&out->http, loop, base, s ? s->ca_file : NULL, o, e);
	return r < 0 ? r : prometheus_open(&out->metrics, out->http, &p, e);
}

int sources_open(struct sources *out, struct meters *meters, struct loop *loop, const struct options *o,
		 struct arena *a, struct err *e)
{
	vec_each (profile, &o->profiles)
		vec_each (lane, &profile->lanes) {
			struct source *s;
			int r;

			if (!lane->canary)
				continue;
			s = vec_push(out, a);
			r = source_open(s, lane->canary->source, loop, o, e);
			if (r < 0)
				return err_hint(e, "canary of %s: source of its profile, or --metrics",
						lane->name);
			if (s->metrics)
				*vec_push(meters, a) = (struct meter){ lane->name, s->metrics };
		}
	return 0;
}

void sources_close(struct sources *s)
{
	vec_each (it, s) {
		metrics_free(it->metrics);
		http_free(it->http);
	}
	s->n = 0;
}

/* ---- clusters ------------------------------------------------------------------------------------------------------- */

/* The first gate that the canary names; NULL none. *any: a controller is named at all. */
static const char *gate_of(const struct profile_canary *c, bool *any)
{
	const char *gate = NULL;

	*any = false;
	vec_each (w, &c->weight) {
		*any |= w->from == WEIGHT_ARGO || w->from == WEIGHT_FLAGGER;
		gate = gate ? gate : w->gate;
	}
	vec_each (k, &c->control) {
		*any |= k->by == CONTROL_ARGO || k->by == CONTROL_FLAGGER;
		gate = gate ? gate : k->gate;
	}
	return gate;
}

static int cluster_open(struct cluster *out, const struct profile_canary *c, struct loop *loop,
			const struct options *o, struct err *e)
{
	const struct profile_service *s = c->cluster;
	bool any, ours = o->cluster != NULL;
	const char *base = ours ? o->cluster : s ? s->url : NULL, *gate = gate_of(c, &any);
	struct kube_options k = { .clock = loop_clock(loop),
				  .base = base,
				  .token_file = ours ? o->cluster_token_file
						: s  ? s->token_file
						     : NULL };
	int r;

	if (!any || !base)
		return 0;
	r = open_http(&out->api, loop, base, s ? s->ca_file : NULL, o, e);
	if (r >= 0 && gate)
		r = open_http(&out->gate, loop, gate, s ? s->ca_file : NULL, o, e);
	k.api = out->api;
	k.gate = out->gate;
	return r < 0 ? r : kube_open(&out->rollout, &k, e);
}

int clusters_open(struct clusters *out, struct movers *movers, struct loop *loop, const struct options *o,
		  struct arena *a, struct err *e)
{
	vec_each (profile, &o->profiles)
		vec_each (lane, &profile->lanes) {
			struct cluster *c;
			int r;

			if (!lane->canary)
				continue;
			c = vec_push(out, a);
			r = cluster_open(c, lane->canary, loop, o, e);
			if (r < 0)
				return err_hint(e, "canary of %s: cluster and gate of its profile",
						lane->name);
			if (c->rollout)
				*vec_push(movers, a) = (struct mover){ lane->name, c->rollout };
		}
	return 0;
}

void clusters_close(struct clusters *c)
{
	vec_each (it, c) {
		rollout_free(it->rollout);
		http_free(it->api);
		http_free(it->gate);
	}
	c->n = 0;
}

/* ---- machines ------------------------------------------------------------------------------------------------------- */

int fleet_wire(struct fleet **out, struct http *http, const struct options *o, struct err *e)
{
	*out = NULL;
	vec_each (profile, &o->profiles)
		vec_each (lane, &profile->lanes)
			if (lane->attestation)
				return fleet_open(out, http, o->timeout, e);
	return 0;
}
