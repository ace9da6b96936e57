/*
 * fleet.h - the fleet port over EasyEnclave's HTTP API (delivery-systems reference, 1.3 and 1.4).
 *
 * What is asked is public, and is asked as anybody would: no token of ours goes with it. A site is https, or http to this
 * machine; where an answer sends us on, only within the site's own origin. A path that is not given is the one that
 * EasyEnclave has: /health, /api/v1/agents, /api/v1/agents/{id}/attestation, /api/v1/trusted-mrtds, /api/v1/admin/settings,
 * /api/v1/agents/challenge.
 *
 * Decoders take what they know and nothing else, so a credential in an answer has no way out; those that are known by name
 * (tunnel_token, tunnel_id, agent_api_secret, and what a read names) are also looked for in the texts that are taken.
 */
#pragma once

#include "core/port/fleet.h"
#include "core/port/http.h"

/* Borrows http. timeout: of one request; 0: 30 s, a list 60 s. */
int fleet_open(struct fleet **out, struct http *http, msec timeout, struct err *e) must_check;
