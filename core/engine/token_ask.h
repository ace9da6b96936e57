/*
 * token_ask.h - the token from a program that keeps it: `gh auth token --hostname H` (a keyring), then `git credential
 * fill` (whatever helper git has). Asked last (reliability reference 5.1), about exactly one host, and never about this
 * machine's own.
 *
 * The program gets words that we made, an environment of a few names that say where a home is and nothing that could hold
 * a secret, no descriptor but three, no terminal to prompt on, and five seconds of silence at most.
 */
#pragma once

#include "base/arena.h"
#include "base/secret.h"

/* host as people type it: github.com. 0, or 1 when nobody has one; *source: words for the log. */
int token_ask(struct secret *out, const char *host, const char **source, struct arena *a) must_check;
