/* zip.h - writes an archive of stored entries (PKWARE APPNOTE 4.3): logs of a run, artifacts. Private to this folder. */
#pragma once

#include "base/buf.h"
#include "core/adapters/sim/content.h"

void sim_zip(struct buf *out, const struct sim_entries *entries);
