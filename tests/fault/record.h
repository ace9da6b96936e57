/*
 * record.h - the diary that the shim keeps of a program, when FAULT_DIARY names a file: what it wrote into databases and
 * when it asked for that to last, and what it said on sockets, all in their order. power.c cuts the power at any place
 * of it and has the disk keep as much as a disk may.
 *
 * A record is a struct record, then the path, then the data; lengths are in the record. Only files with ".db" in their
 * names are of interest, and folders when they are made to last. What lies in shared memory is no business of a disk: of
 * the files beside a database "-shm" is left out.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

enum record_what {
	RECORD_CREATE = 1, /* a name that was not there; at: 1 when it was cut to nothing */
	RECORD_WRITE,      /* at: offset */
	RECORD_CUT,        /* ftruncate; at: the new size */
	RECORD_SYNC,       /* fsync, fdatasync; of a folder: its names last */
	RECORD_UNLINK,
	RECORD_RENAME, /* data: the new name */
	RECORD_NET,    /* sent to a peer elsewhere */
	RECORD_USER,   /* sent to a console on this machine */
};

struct record {
	uint32_t what, path_n;
	uint64_t at, n;
};

#ifdef FAULT_SHIM
void diary_open(const char *path);
void diary_note(enum record_what what, const char *path, uint64_t at, const void *data, uint64_t n);
/* The same, by a descriptor; sockets become NET or USER. */
void diary_fd(enum record_what what, int fd, uint64_t at, const void *data, uint64_t n);
#endif
