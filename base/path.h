/*
 * path.h - places on disk and files that only we may read.
 *
 * Directories are made 0700, files 0600, whatever the umask says. A directory that belongs to someone else or that
 * others may write is refused, by name and mode. Nothing is ever put under /tmp by name.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* XDG base directories: $XDG_STATE_HOME/pilothouse and so on; the fallback of the specification below $HOME. */
int path_state(const char **out, struct arena *a, struct err *e) must_check;
int path_cache(const char **out, struct arena *a, struct err *e) must_check;
/* $XDG_RUNTIME_DIR/pilothouse, else the state directory: also where the specification's demand is not met, that the
 * directory is ours and its mode 0700. *why says so, or is NULL; why itself may be. One that is missing is made so later. */
int path_runtime(const char **out, const char **why, struct arena *a, struct err *e) must_check;
const char *path_join(struct arena *a, const char *dir, const char *name) must_check;
/* Makes the directory with the mode, and missing parents with 0700; then, made or found, it must be a directory and no
 * link, ours, and not writable by others. A directory that exists keeps its mode. */
int path_private_dir(const char *dir, mode_t mode, struct err *e) must_check;
/* Whether the above would be good and a file could then be written there; makes nothing. Less room than *room bytes is an
 * error too; *room is then, or else, what is free, and 0 where the filesystem does not tell. */
int path_writable_dir(const char *dir, uint64_t *room, struct err *e) must_check;
/* Opens with the flags and O_NOFOLLOW|O_CLOEXEC; the file must be regular, ours, not writable by others, and have one
 * name. With O_CREAT it gets exactly this mode, new or old; O_TRUNC cuts after the checks. Returns fd or <0,
 * -ERR_MISSING when there is no such file. */
int path_private_open(const char *path, int flags, mode_t mode, struct err *e) must_check;
/* A whole file of ours, which is opened as path_private_open() does. */
int path_private_read(struct buf *out, const char *path, struct err *e) must_check;
/* Whole file into out (bounded by out->max). A pipe without a writer is an error and no wait. */
int path_read(struct buf *out, const char *path, struct err *e) must_check;
/* The same of a file that a person named: all that is wrong with it is ERR_INVALID, told after `what` it was to be. */
int path_read_named(struct buf *out, const char *what, const char *path, struct err *e) must_check;
/* What is left to read of an open file, which was looked at before; path is for words. */
int path_read_open(struct buf *out, int fd, const char *path, struct err *e) must_check;
/* The folder of the running program, for finding its siblings; never NULL. */
const char *path_program_dir(struct arena *a);
