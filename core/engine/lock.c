#include "core/engine/lock.h"

#include "base/hash.h"
#include "base/path.h"
#include "base/rendezvous.h"

#include <stdlib.h>
#include <sys/file.h>

static pid_t read_holder(int fd)
{
	char text[64] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	return n > 0 ? (pid_t)strtol(text, NULL, 10) : 0;
}

int lock_take(struct lock *l, const char *state_dir, pid_t *pid, struct err *e)
{
	struct arena a = ARENA_INIT;
	const char *path = path_join(&a, state_dir, RENDEZVOUS_LOCK);
	int fd = path_private_open(path, O_RDWR | O_CREAT, 0600, e), r = 0;

	*l = (struct lock){ .fd = -1 };
	*pid = 0;
	arena_done(&a);
	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		l->fd = fd;
		return lock_announce(l, "", e);
	}
	if (errno == EWOULDBLOCK) {
		*pid = read_holder(fd);
		r = 1;
	} else {
		r = err_set(e, ERR_STORE, "%s/%s cannot be locked: %s", state_dir, RENDEZVOUS_LOCK,
			    strerror(errno));
	}
	close(fd);
	return r;
}

int lock_announce(struct lock *l, const char *socket_path, struct err *e)
{
	char text[4200];
	int n = snprintf(text, sizeof(text), "%d\n%s\n", (int)getpid(), socket_path);

	if (n < 0 || (size_t)n >= sizeof(text))
		return err_set(e, ERR_STORE, "the path of the socket is too long");
	/* One write over what was there, then the tail is cut: a reader never sees an empty file. */
	if (pwrite(l->fd, text, (size_t)n, 0) != n || ftruncate(l->fd, n) < 0)
		return err_set(e, ERR_STORE, "%s cannot be written: %s", RENDEZVOUS_LOCK, strerror(errno));
	return 0;
}

/* One byte of one file for each forge: nothing is left behind for forges that are no more. */
int lock_lease(struct lock *l, const char *runtime_dir, const char *api, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct hash h = HASH_INIT;
	int fd = path_private_open(path_join(&a, runtime_dir, "pollers.lease"), O_RDWR | O_CREAT, 0600, e),
	    r = 0;

	arena_done(&a);
	*l = (struct lock){ .fd = -1 };
	if (fd < 0)
		return fd;
	hash_str(&h, api);
	struct flock byte = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)(h.a & INT64_MAX >> 1), .l_len = 1
	};
	if (fcntl(fd, F_OFD_SETLK, &byte) == 0)
		l->fd = fd;
	else if (errno == EAGAIN || errno == EACCES)
		r = 1;
	else
		r = err_set(e, ERR_STORE, "pollers.lease cannot be locked: %s", strerror(errno));
	if (r)
		close(fd);
	return r;
}

void lock_release(struct lock *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}
