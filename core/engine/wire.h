/*
 * wire.h - what main() makes of the addresses in profiles: ports that belong to one lane. Closed after the engine is gone.
 */
#pragma once

#include "core/engine/options.h"
#include "core/port/http.h"

struct source { /* of one lane */
	struct http *http;
	struct metrics *metrics;
};
struct sources VEC_OF(struct source);

/* One for each lane whose canary has a source of metrics, in its profile or by --metrics. Of tokens as below. */
int sources_open(struct sources *out, struct meters *meters, struct loop *loop, const struct options *o,
		 struct arena *a, struct err *e) must_check;
void sources_close(struct sources *s);

struct cluster { /* of one lane */
	struct http *api, *gate;
	struct rollout *rollout;
};
struct clusters VEC_OF(struct cluster);

/*
 * One for each lane whose canary names a controller (argo, flagger) and whose cluster has an address, in its profile or by
 * --cluster. A profile's token goes to the address that the profile names and to no other. Of gates that a lane names the
 * first is reached, and an act on another is refused by name.
 */
int clusters_open(struct clusters *out, struct movers *movers, struct loop *loop, const struct options *o,
		  struct arena *a, struct err *e) must_check;
void clusters_close(struct clusters *c);

/* One for all lanes, as each read names its site; NULL when no lane has machines that prove anything. Borrows http: what a
 * fleet is asked goes out without the forge's token. */
int fleet_wire(struct fleet **out, struct http *http, const struct options *o, struct err *e) must_check;
