/*
 * log.h - the engine's log: JSON lines on a descriptor, one line a state change. Libraries below the engine never log.
 * Every value is neutralised, and redacted against the token.
 */
#pragma once

#include "base/secret.h"
#include "base/when.h"

struct log {
	int fd; /* -1: off */
	const struct clock *clock;
	const struct secret *secret;
};

void log_line(const struct log *l, const char *event, const char *fmt, ...) format_printf(3, 4);
