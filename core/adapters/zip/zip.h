/*
 * zip.h - the zip port over libarchive.
 *
 * What an archive holds is settled by our own strict reading of its directory (directory.h), before libarchive, which
 * only inflates and proves the CRC of the one entry, sees a byte. So two readers never disagree about what is in it.
 */
#pragma once

#include "core/port/zip.h"

int zip_open(struct zip **out, struct err *e) must_check;
