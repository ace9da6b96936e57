#include "base/places.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/path.h"

/* The same directory under two spellings must give one socket. */
static const char *absolute(const char *dir, struct arena *a)
{
	char *real = realpath(dir, NULL);
	if (real) {
		const char *copy = arena_strdup(a, real);
		free(real);
		return copy;
	}
	if (dir[0] == '/')
		return dir;
	char *cwd = getcwd(NULL, 0);
	const char *joined = cwd ? path_join(a, cwd, dir) : dir;
	free(cwd);
	return joined;
}

static const char *socket_name(const char *state_dir, struct arena *a)
{
	struct hash h = HASH_INIT;
	char hex[33];
	hash_str(&h, state_dir);
	return arena_printf(a, "engine-%.12s.sock", hash_hex(&h, hex));
}

int places_find(struct places *out, const char *state_dir, const char *cache_dir, struct arena *a,
		struct err *e)
{
	struct places p = { .state_dir = state_dir, .cache_dir = cache_dir ? cache_dir : state_dir };
	int r = 0;
	if (!p.state_dir && (r = path_state(&p.state_dir, a, e)) < 0)
		return r;
	if (!p.cache_dir && (r = path_cache(&p.cache_dir, a, e)) < 0)
		return r;
	r = path_runtime(&p.runtime_dir, &p.runtime_why, a, e);
	if (r < 0)
		return r;
	p.state_dir = absolute(p.state_dir, a);
	p.cache_dir = absolute(p.cache_dir, a);
	p.cache_path = path_join(a, p.cache_dir, "cache.db");
	p.plans_dir = path_join(a, p.state_dir, "plans");
	p.evidence_dir = path_join(a, p.state_dir, "evidence");
	p.roots_dir = path_join(a, p.state_dir, "roots");
	p.journal_path = path_join(a, p.state_dir, "journal.db");
	p.lock_path = path_join(a, p.state_dir, "engine.lock");
	p.log_path = path_join(a, p.state_dir, "engine.log");
	p.socket_path = path_join(a, p.runtime_dir, socket_name(p.state_dir, a));
	*out = p;
	return 0;
}

#define LEAST_ROOM (1u << 20) /* a log that is written ahead, before it is put in its place */

int places_writable(const struct places *p, uint64_t *room, struct err *e)
{
	const char *const dirs[] = { p->state_dir, p->cache_dir };
	uint64_t least = 0;
	for (size_t i = 0; i < countof(dirs); i++) {
		uint64_t free_bytes = LEAST_ROOM;
		int r = path_writable_dir(dirs[i], &free_bytes, e);
		if (r < 0)
			return r;
		if (!i || (free_bytes && free_bytes < least))
			least = free_bytes;
	}
	*room = least;
	return 0;
}

int places_make(const struct places *p, struct err *e)
{
	const char *const dirs[] = { p->state_dir, p->cache_dir, p->runtime_dir };
	for (size_t i = 0; i < countof(dirs); i++) {
		int r = path_private_dir(dirs[i], 0700, e);
		if (r < 0)
			return r;
	}
	return 0;
}
