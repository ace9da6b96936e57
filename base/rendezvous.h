/*
 * rendezvous.h - what a console and the engine of a state directory know of each other's socket.
 *
 * base/places.h names the socket. engine.lock in the state directory says who listens and where: "PID\nPATH\n", so that
 * a client which computed another place (another XDG_RUNTIME_DIR) still finds it. A path that does not fit in a socket
 * address (108 bytes) is reached through /proc/self/fd of its directory.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/base.h"

#define RENDEZVOUS_LOCK "engine.lock"

/* Fills an address for path. *dirfd is >= 0 when a descriptor must stay open until bind or connect is done. */
static inline maybe_unused int rendezvous_address(struct sockaddr_un *un, const char *path, int *dirfd)
{
	const char *base = strrchr(path, '/');
	char dir[4096];
	int n;

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
	n = snprintf(un->sun_path, sizeof(un->sun_path), "/proc/self/fd/%d%s", *dirfd, base);
	if (n < 0 || (size_t)n >= sizeof(un->sun_path)) {
		close(*dirfd);
		return -ENAMETOOLONG;
	}
	return 0;
}
