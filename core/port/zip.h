/*
 * zip.h - port: one named entry of a zip archive, read into memory. Artifacts of a run are zips, and what is in them
 * is foreign: the limits are part of the question, and an archive that is not plain is refused whole.
 *
 * Refused, with err saying which: an entry twice under one name, a name that is absolute, has a backslash, a control
 * character or a ".." segment, symbolic links and other entries that are no files (folders may be there, and are
 * never found), encryption, zip64, a wrong CRC, sizes that lie, a directory that differs from what lies before it, more than ZIP_ENTRIES entries, an entry that is larger than max (counted while it is read, never believed).
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"

enum { ZIP_ENTRIES = 1000 };

struct zip;
struct zip_ops {
	/* The one entry whose name fits the glob, appended to out. *name (in out's caller's arena) is not kept. ERR_MISSING
	 * none fits; ERR_CORRUPT the archive is refused, or several fit. Synchronous; bounded by max and ZIP_ENTRIES. */
	int (*entry)(struct zip *z, const void *bytes, size_t n, const char *glob, size_t max,
		     struct buf *out, struct err *e);
	void (*free)(struct zip *z);
};
struct zip {
	const struct zip_ops *ops;
};
