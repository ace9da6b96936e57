/*
 * journald.h - the witness port over systemd's journal.
 *
 * Telling is one datagram in the native protocol (systemd, "Native Journal Protocol"): NAME=value lines, and for values of
 * several lines NAME, a length of 8 bytes little-endian, and the bytes. Asking is journalctl's export format, which is the
 * same without the equals sign's limits, entries ended by an empty line. Fields: PILOTHOUSE_JOURNAL PILOTHOUSE_SEQ
 * PILOTHOUSE_HASH, beside MESSAGE PRIORITY SYSLOG_IDENTIFIER.
 */
#pragma once

#include "core/port/witness.h"

#define JOURNALD_SOCKET "/run/systemd/journal/socket"
#define JOURNALD_READER "/usr/bin/journalctl"

/* socket and reader: paths; a test gives its own. Opens nothing yet. */
struct witness *journald_new(const char *socket, const char *reader) must_check;

/* ---- for tests and the fuzzer ---- */
struct buf;
void journald_write(struct buf *out, const struct witness_word *w);
/* Entries that name a journal, a line and a hash, of any text; a damaged rest is ERR_CORRUPT. A condition is fn's. */
int journald_parse(const char *text, size_t n, witness_fn fn, void *ctx, struct err *e) must_check;
