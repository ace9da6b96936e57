/* sha256.h - FIPS 180-4 SHA-256, for the digests that the simulated forge and its registry say. Private to this folder. */
#pragma once

#include "base/arena.h"

const char *sim_sha256(struct arena *a, const void *bytes, size_t n); /* 64 hex digits */
const char *sim_digest(struct arena *a, const void *bytes, size_t n); /* "sha256:" before them */
