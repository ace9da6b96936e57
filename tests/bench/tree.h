/*
 * tree.h - the other way to read a page of runs: a document tree by jansson, and the columns out of it. Apart from
 * ingest.c, because jansson's names and base/json.h's meet nowhere but in base/json.c.
 */
#pragma once

#include "core/model/model.h"

typedef void (*tree_run)(void *ctx, struct run *r); /* strings are borrowed from the tree */
/* Number of runs. */
size_t tree_runs(const char *text, size_t n, tree_run fn, void *ctx);
