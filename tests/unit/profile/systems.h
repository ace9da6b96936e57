/*
 * systems.h - the five built-in profiles loaded, and recordings of the systems they speak of: PILOTHOUSE_VECTORS names the
 * folder they are in, which is no part of the project; without it a test that asks for one is skipped.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/path.h"
#include "base/text.h"
#include "core/model/model.h"
#include "core/profile/profile.h"

enum { VECTOR_MAX = 1 << 20 };

static struct arena arena;
static struct profiles set;

static inline int load_all(void **state)
{
	static const char *const names[] = { "easyenclave", "theory-api", "mcp-server", "cloud-delivery",
					     "release-train" };

	(void)state;
	for (size_t i = 0; i < countof(names); i++) {
		struct err e = ERR_INIT;

		if (profile_load(&set, names[i], &arena, &e) != 0)
			fail_msg("%s: %s", names[i], e.message);
	}
	return 0;
}

static inline int forget_all(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

static inline const struct profile *system_named(const char *system)
{
	vec_each (p, &set)
		if (strcmp(p->system, system) == 0)
			return p;
	fail_msg("no profile has the system %s", system);
	return NULL;
}

static inline const struct profile_lane *lane(const char *name)
{
	const struct profile_lane *l = profiles_lane(&set, name, NULL);

	if (!l)
		fail_msg("there is no lane %s", name);
	return l;
}

/* The recording, or skips the test. */
static inline const char *vector(const char *file)
{
	const char *root = getenv("PILOTHOUSE_VECTORS");
	autofree(buf) struct buf text = BUF_INIT(VECTOR_MAX);
	struct err e = ERR_INIT;

	if (!root) {
		print_message("[  SKIP  ] PILOTHOUSE_VECTORS is not set\n");
		skip();
	}
	if (path_read(&text, path_join(&arena, path_join(&arena, root, "systems"), file), &e) != 0)
		fail_msg("%s: %s", file, e.message);
	return arena_strndup(&arena, text.s, text.n);
}

static inline struct json *vector_json(const char *file)
{
	const char *text = vector(file);
	struct json *doc = NULL;
	struct err e = ERR_INIT;

	if (json_parse(&doc, text, strlen(text), VECTOR_MAX, &e) != 0)
		fail_msg("%s: %s", file, e.message);
	return doc;
}
