/*
 * zip.h - the zip port: our own strict reading of what an archive holds (directory.h), then zlib, which only inflates the one
 * entry, within the bytes that were found for it. The archive is read once, so no two readings can differ about it.
 */
#pragma once

#include "core/port/zip.h"

int zip_open(struct zip **out, struct err *e) must_check;
