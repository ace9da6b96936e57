/*
 * yaml.h - the one configuration language, read as events with limits and kept as a tree of nodes with places.
 *
 * Profiles, drills, themes, configuration and workflow files are YAML. libyaml parses; we stop at depth 64, 100,000
 * nodes, 1 MiB, and refuse aliases, anchors, tags and duplicate keys: a file of "[[[[" ends in a millisecond. Every
 * node knows its line and column, so that every message reads file:line:column: what is wrong. Nodes live in the
 * arena. Scalars are text; quoting is remembered because `on:` and "yes" matter in workflow files.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/rec.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml {
	enum yaml_kind kind;
	const char *key;    /* in a map: this member's key */
	const char *scalar; /* YAML_SCALAR, never NULL then */
	bool quoted;
	int line, column; /* from 1; of the key when it has one */
	const char *file;
	struct yaml *child; /* first member or element */
	struct yaml *next;  /* sibling */
	int n;              /* children */
};

/* file is only the name used in messages. An empty document is an empty map. */
int yaml_parse(struct yaml **out, const char *file, const char *text, size_t n, struct arena *a,
	       struct err *e) must_check;
const struct yaml *yaml_get(const struct yaml *map, const char *key); /* NULL when absent, or y is no map */
/* The same when it is a map, whose members all have keys; NULL when it is anything else. */
const struct yaml *yaml_map(const struct yaml *map, const char *key);
const char *yaml_str(const struct yaml *map, const char *key, const char *fallback);
/* err_set with file:line:column in front of the sentence. Returns -ERR_INVALID. */
int yaml_error(struct err *e, const struct yaml *at, const char *fmt, ...) format_printf(3, 4);
/* Fills a record from a map by the field table. An empty value, ~ and null count as absent. A word that an enum does
 * not know is an error too (in our own files a person mistyped it). Unknown keys are errors, with the nearest known key
 * as hint, unless they are named in `others` (NULL-terminated; members the caller reads itself). */
int yaml_rec(const struct yaml *map, const struct rec *rec, void *out, const char *const *others,
	     struct arena *a, struct err *e) must_check;
#define yaml_each(it, y) for (const struct yaml *it = (y) ? (y)->child : NULL; it; it = it->next)
