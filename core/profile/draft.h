/*
 * draft.h - a first profile of a repository, from nothing but its workflow files: one lane a file that something starts.
 *
 * What the files say is taken: triggers, inputs, jobs, environments, locks. What they cannot say stands in the draft as a
 * comment: which lane is production, what a release is called, what must be there first, what green means, how to go back.
 * The draft is a profile that profile_parse() takes as it is.
 */
#pragma once

#include "base/vec.h"
#include "base/yaml.h"

struct draft_file {
	const char *name; /* rollout.yml */
	const char *text;
	size_t n;
};
struct draft_files VEC_OF(struct draft_file);

/* Appends the YAML to out; *lanes is how many it has. repo: OWNER/NAME, or NULL. 1: no file starts anything, and nothing
 * was written. A file that is no YAML, or has no triggers, is a comment. */
int profile_draft(struct buf *out, const struct draft_files *files, const char *repo, size_t *lanes,
		  struct arena *a, struct err *e) must_check;
