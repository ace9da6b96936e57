/*
 * lock.h - one engine for each state directory.
 *
 * An flock on state_dir/engine.lock, held for the life of the process and let go by the kernel however it ends. The
 * file says who listens and where: "PID\nSOCKET\n". It is never deleted: a lock on a deleted file excludes nobody.
 *
 * What it covers: two engines of one user over one journal, on one host. What it does not: the same user polling the
 * same forge from two state directories (a drill beside the real thing is legitimate; both spend one rate limit, and
 * each governor sees the other's requests in the remaining points), other users, other hosts. On a network file system
 * flock may exclude this host only; the store refuses such places for its databases.
 */
#pragma once

#include "base/err.h"

struct lock {
	int fd; /* -1: not held */
};

/* 0 taken; 1 another engine holds it, *pid is its process (0 unknown). */
int lock_take(struct lock *l, const char *state_dir, pid_t *pid, struct err *e) must_check;
int lock_announce(struct lock *l, const char *socket_path, struct err *e) must_check;
void lock_release(struct lock *l);
