/* git.h - the git port over libgit2: a bare mirror on disk, never executing anything the repository says. */
#pragma once

#include "core/port/git.h"

/* Opens (or, with url, creates by mirroring) the bare repository at path. */
int git_open(struct git **out, const char *path, const char *url, struct err *e) must_check;
