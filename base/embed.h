/* embed.h - a data file compiled into the program; tables end with a NULL name. data is NUL-terminated. */
#pragma once

#include <stddef.h>

struct embedded {
	const char *name; /* file name without extension */
	const char *data;
	size_t size;
};

extern const struct embedded contract_files[];
extern const struct embedded profile_files[];
extern const struct embedded drill_files[];
extern const struct embedded theme_files[];
extern const struct embedded trusted_root_files[];
extern const struct embedded tuf_anchor_files[];
