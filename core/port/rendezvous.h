/*
 * rendezvous.h - where a console and the engine of a state directory meet. Both sides compute it here.
 *
 * With a runtime directory: engine.sock in it, or engine-HASH.sock when the state directory is not the default one.
 * Without: engine.sock in the state directory itself. engine.lock in the state directory says who listens and where:
 * "PID\nPATH\n", so that a client which computed another place still finds it. A path that does not fit in a socket
 * address (108 bytes) is reached through /proc/self/fd of its directory.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/path.h"

#define RENDEZVOUS_LOCK "engine.lock"

/* state_dir: value of --state-dir, or NULL for the default. */
static inline maybe_unused int rendezvous_socket(const char **out, const char *state_dir, struct arena *a,
						 struct err *e)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR"), *dir, *real;
	struct hash h = HASH_INIT;
	char hex[33];
	int r;

	if (!state_dir || !runtime || runtime[0] != '/') {
		r = state_dir ? 0 : path_runtime(&dir, a, e);
		*out = r < 0 ? NULL : path_join(a, state_dir ? state_dir : dir, "engine.sock");
		return r;
	}
	r = path_runtime(&dir, a, e);
	if (r < 0)
		return r;
	real = realpath(state_dir, NULL);
	hash_str(&h, real ? real : state_dir);
	free((char *)(uintptr_t)real);
	*out = path_join(a, dir, arena_printf(a, "engine-%.16s.sock", hash_hex(&h, hex)));
	return 0;
}

/* Fills an address for path. *dirfd is >= 0 when a descriptor must stay open until bind or connect is done. */
static inline maybe_unused int rendezvous_address(struct sockaddr_un *un, const char *path, int *dirfd)
{
	const char *base = strrchr(path, '/');
	char dir[4096];

	*un = (struct sockaddr_un){ .sun_family = AF_UNIX };
	*dirfd = -1;
	if (strlen(path) < sizeof(un->sun_path)) {
		memcpy(un->sun_path, path, strlen(path) + 1);
		return 0;
	}
	if (!base || (size_t)(base - path) >= sizeof(dir))
		return -ENAMETOOLONG;
	snprintf(dir, sizeof(dir), "%.*s", (int)(base - path), path);
	*dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*dirfd < 0)
		return -errno;
	if ((size_t)snprintf(un->sun_path, sizeof(un->sun_path), "/proc/self/fd/%d%s", *dirfd, base) >=
	    sizeof(un->sun_path)) {
		close(*dirfd);
		return -ENAMETOOLONG;
	}
	return 0;
}
