/*
 * snappy.h - raw Snappy (no frames), which is how a forge keeps bundles (reference github.md 0.5), over libsnappy.
 *
 * What is packed says first how long it is. That is a stranger's word: it is looked at before a byte is set aside for it.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"

/* Appends what `packed` holds to *out, at most out->max bytes of text with what is there. ERR_INVALID: it says that it is
 * larger; ERR_CORRUPT: it is no Snappy. *out is then as it was. */
int snappy_unpack(struct buf *out, const void *packed, size_t n, struct err *e) must_check;
/* Appends it packed. */
void snappy_pack(struct buf *out, const void *bytes, size_t n);
