/*
 * pty.h - the real program in a pseudo-terminal, with a terminal emulator (libvterm) as the eye.
 *
 * A test types keys, waits until something is on the screen, and reads rows. Waiting is for a condition with a generous
 * limit, never for a time. Bytes written by the program are counted, because bytes repeat exactly.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pty;

/* argv[0] is the program's path. env: NULL-terminated KEY=VALUE additions. */
struct pty *pty_start(const char *const *argv, const char *const *env, int rows, int cols);
void pty_free(struct pty *p); /* kills what still runs */
void pty_type(struct pty *p, const char *bytes);
void pty_write(struct pty *p, const char *bytes, size_t n);
void pty_resize(struct pty *p, int rows, int cols);
/* Reads until `text` is on the screen or the limit is over. */
bool pty_wait_text(struct pty *p, const char *text, int limit_ms);
bool pty_wait_gone(struct pty *p, const char *text, int limit_ms);
/* Reads until nothing came for quiet_ms. */
void pty_settle(struct pty *p, int quiet_ms);
bool pty_has(struct pty *p, const char *text);
const char *pty_row(struct pty *p, int row); /* UTF-8, right-trimmed; valid until the next call */
void pty_print(struct pty *p);               /* the screen, for failures */
size_t pty_bytes(const struct pty *p);       /* written by the program so far */
const char *pty_raw(const struct pty *p);    /* those bytes (the newest MiB), for escape hunting */
size_t pty_raw_n(const struct pty *p);
void pty_hold(struct pty *p, bool hold); /* true: do not read, like Ctrl-S or a stalled line */
bool pty_wait_exit(struct pty *p, int limit_ms, int *status); /* exit status, or 128+signal */
bool pty_wait_stopped(struct pty *p, int limit_ms);           /* by a signal that stops, Ctrl-z's */
bool pty_line_mode(const struct pty *p);                      /* lines and echo, as a shell wants them */
bool pty_line_full(const struct pty *p);                      /* it takes nothing more, as nobody reads */
size_t pty_line_holds(void); /* bytes that a line takes which nobody reads: the most over sizes of writes */
bool pty_alt_screen(const struct pty *p);
bool pty_cursor_visible(const struct pty *p);
pid_t pty_pid(const struct pty *p);
void pty_hangup(struct pty *p); /* closes the terminal's other end */
