/*
 * registry.h - the registry port: the OCI distribution API 1.1 (and docker's of before) over an http port.
 *
 * The credential is of the registry and of nobody else: "user:password" or a password alone (user "token" then), never
 * the forge's token. A registry says at GET /v2/ what it wants: nothing, Basic, or Bearer, whose tokens are asked for at
 * the address it names. Where there is a credential that is the registry's own origin or one that was allowed.
 */
#pragma once

#include "base/secret.h"
#include "base/when.h"
#include "core/port/http.h"
#include "core/port/registry.h"

/* Borrows http (bare, without a token of its own), clock and credential (NULL or empty: anonymous). */
int registry_open(struct registry **out, struct http *http, const struct clock *clock,
		  const struct secret *credential, struct err *e) must_check;
/* An origin ("https://auth.example", borrowed) that may be asked for tokens too; at most 8, more are not kept. */
void registry_allow(struct registry *r, const char *realm);
