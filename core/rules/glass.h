/*
 * glass.h - what break-glass may break: which failing checks of a plan a person may override, knowing what he does.
 *
 * Proof that is missing, too old or was not checked can be overridden in a production lane; what has failed never, and
 * neither what the request itself is made of or what keeps it from being sent twice. A named few may be broken although they
 * failed: that a second person approves (reliability reference 5.9, DESIGN 3.7). Pure.
 */
#pragma once

#include "core/model/model.h"

#define GLASS_REASON_MIN 20               /* characters */
#define GLASS_MS         (15 * 60 * 1000) /* how long an override may wait for its one use */
/* The server tells its time in whole seconds (RFC 9110, 5.6.7), and how long ago it did is known to a second or so: of two
 * readings the later may be the earlier by this. */
#define GLASS_GRAIN_MS 2000

/* NULL: every check that fails may be overridden. Else the name of the first that may not. */
const char *glass_refuses(const struct checks *c);
/* An override made at (server, mono) still holds now; both clocks must say so, and neither may have gone back, but for the
 * grain of the server's. */
bool glass_holds(struct when made, int64_t made_mono, struct when now, int64_t now_mono);
