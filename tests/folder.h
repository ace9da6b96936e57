/*
 * folder.h - new folders of a test, gone with the process that made them.
 *
 * cmocka leaves a test that failed by a jump, past its own end; the end of the process is met either way. All folders of a
 * process lie in one, which is removed there, whatever lies in it. A rig that is made often gives its folder back before.
 * An engine outlives its console by a moment and makes its folder anew, parents and all: who is named by a folder ends first.
 */
#pragma once

#include <dirent.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"

#define FOLDER_PATH 64 /* short: sockets lie in them */

static maybe_unused struct {
	char path[FOLDER_PATH / 2];
	pid_t owner; /* a child that it forked removes nothing */
	unsigned made;
} folders;

static inline int folder_entry(const char *path, const struct stat *st maybe_unused, int what maybe_unused,
			       struct FTW *at maybe_unused)
{
	(void)remove(path); /* or somebody else did */
	return 0;
}

/* It and what is in it. A program that ends may still write there: the end is that it is gone, and the limit half a minute. */
static inline void folder_drop(const char *path)
{
	for (int looks = 0; looks < 600; looks++) {
		nftw(path, folder_entry, 16, FTW_DEPTH | FTW_PHYS);
		if (access(path, F_OK) < 0)
			return;
		nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	}
	fprintf(stderr, "%s cannot be removed\n", path);
	_exit(1);
}

/* The first process whose name and words hold both; 0 none. */
static inline maybe_unused pid_t find_process(const char *name, const char *word)
{
	DIR *d = opendir("/proc");
	struct dirent *de;
	pid_t found = 0;
	while (d && !found && (de = readdir(d))) {
		char path[300], words[8192];
		snprintf(path, sizeof(path), "/proc/%s/cmdline", de->d_name);
		FILE *f = de->d_name[0] >= '1' && de->d_name[0] <= '9' ? fopen(path, "r") : NULL;
		if (!f)
			continue;
		size_t n = fread(words, 1, sizeof(words) - 1, f);
		fclose(f);
		for (size_t i = 0; i < n; i++)
			words[i] = words[i] ? words[i] : ' ';
		words[n] = 0;
		const char *first = strstr(words, name);
		if (first && first < words + strcspn(words, " ") && strstr(words, word))
			found = (pid_t)strtol(de->d_name, NULL, 10);
	}
	if (d)
		closedir(d);
	return found;
}

/* Ends the programs that have the folder in their words, and returns when they are no more. A stopped one hears nothing else. */
static inline void folder_leave(const char *path)
{
	char in_it[FOLDER_PATH + 1];

	snprintf(in_it, sizeof(in_it), "%s/", path); /* 3 is not 31 */
	for (pid_t user; (user = find_process("pilothouse", in_it)) > 0;) {
		kill(user, SIGKILL);
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	}
}

static inline void folders_end(void)
{
	if (getpid() != folders.owner)
		return;
	folder_leave(folders.path);
	folder_drop(folders.path);
}

/* Its path, in out too. */
static inline maybe_unused const char *folder_new(char out[static FOLDER_PATH])
{
	if (!folders.owner) {
		snprintf(folders.path, sizeof(folders.path), "/tmp/pilothouse-test-XXXXXX");
		folders.owner = mkdtemp(folders.path) && !atexit(folders_end) ? getpid() : 0;
		(void)chmod(folders.path, 0711); /* what others may see is said by each folder itself */
	}
	snprintf(out, FOLDER_PATH, "%s/%u", folders.path, folders.made++);
	if (!folders.owner || mkdir(out, 0700) < 0) {
		perror(out);
		exit(1);
	}
	return out;
}
