/*
 * lock.h - one engine for each state directory.
 *
 * An flock on state_dir/engine.lock, held for the life of the process and let go by the kernel however it ends. The
 * file says who listens and where: "PID\nSOCKET\n". It is never deleted: a lock on a deleted file excludes nobody.
 *
 * What it covers: two engines of one user over one journal, on one host. On a network file system flock may exclude this
 * host only; the store refuses such places for its databases.
 *
 * The lease is the same thing for polling: of all engines of one user that watch one forge on this host (each for a
 * state directory of its own, each with a cache to keep), one is the poller. The others keep their screens alive at a
 * quarter of the pace, say so, and take over when the poller ends: they share one rate limit.
 */
#pragma once

#include "base/err.h"

struct lock {
	int fd; /* -1: not held */
};

/* 0 taken; 1 another engine holds it, *pid is its process (0 unknown). */
int lock_take(struct lock *l, const char *state_dir, pid_t *pid, struct err *e) must_check;
int lock_announce(struct lock *l, const char *socket_path, struct err *e) must_check;
/* The poller's lease for a forge, in the runtime directory. 0 taken; 1 another engine has it; <0 it cannot be told. */
int lock_lease(struct lock *l, const char *runtime_dir, const char *api, struct err *e) must_check;
void lock_release(struct lock *l);
