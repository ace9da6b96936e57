/* serve.h - the simulated forge on loopback TCP (127.0.0.1) or a Unix socket, plain HTTP, one loop, no threads. */
#pragma once

#include "core/adapters/sim/sim.h"

struct serve;
struct serve_options {
	int port;              /* 0: any free one */
	const char *unix_path; /* instead of a port, or NULL */
	bool prompt;           /* answers leave at once, without the scenario's latency */
};
int serve_open(struct serve **out, struct world *w, struct loop *loop, const struct serve_options *o,
	       struct err *e) must_check;
int serve_port(const struct serve *s);
void serve_close(struct serve *s);
