/*
 * directory.h - what a zip archive in memory holds, read strictly; private to the zip adapter.
 *
 * A zip says everything twice: in a header before each entry, and in the directory at its end. Readers that go from the
 * front and readers that go from the back can be shown two different archives. Here both must say the same, and the
 * entries must lie one behind the other without gap or overlap from the first byte to the directory: nothing is hidden,
 * and no byte is inflated twice. Zip64, encryption, methods other than stored and deflated, and names that would be
 * another file for another reader are refused. What is packed is for zlib (zip.c). Layout: PKWARE APPNOTE.TXT 6.3.10, sections 4.3 and 4.4.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"

enum { ZIP_NAME = 1024 }; /* bytes of a name */

struct zip_item {
	const char *name; /* in the arena */
	size_t name_n;
	uint32_t offset; /* of its header */
	size_t data;     /* of its bytes as they are packed, all of them within the archive */
	uint32_t packed, size, crc;
	uint16_t flags, method;
	bool folder;
};

struct zip_directory {
	struct zip_item *entries; /* in the order in which they lie in the archive */
	size_t n;
};

/* ERR_CORRUPT with the reason for anything that is not plain. */
int directory_read(struct zip_directory *out, const void *bytes, size_t n, struct arena *a,
		   struct err *e) must_check;
