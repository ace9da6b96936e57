/*
 * http_status.h - port: what an answer that is no success means, where the other side's own language says no more.
 *
 * Beside http.h for the adapters that speak over it. Pure.
 */
#pragma once

#include "base/text.h"
#include "core/port/http.h"

/* A 4xx is a refusal. What is none by its number is nothing that an act may be called failed for: ERR_UNKNOWN. 408 says
 * that the server gave up waiting, not what it did. */
static inline enum err_kind http_error_kind(int status, bool act)
{
	switch (status) {
	case 401:
		return ERR_AUTH;
	case 403:
		return ERR_FORBIDDEN;
	case 404:
		return ERR_MISSING;
	case 429:
		return ERR_RATE;
	default:
		return status >= 400 && status < 500 && status != 408 ? ERR_CONFLICT
		       : act                                          ? ERR_UNKNOWN
								      : ERR_SERVER;
	}
}

/* A wait that another side asks for, in milliseconds: at least a second, at most a day. */
static inline int64_t http_wait_within(int64_t ms)
{
	const int64_t second = 1000, day = 24 * 3600 * second;

	return ms < second ? second : ms > day ? day : ms;
}

/* Milliseconds that Retry-After asks for, in seconds or as a date (RFC 9110 10.2.3), within bounds. -1: it is not said. */
static inline int64_t http_retry_after(const struct http_answer *h, struct when now)
{
	const char *after = http_header(h, "retry-after");
	struct when until;
	int64_t seconds;

	if (after && !text_int64(&seconds, after, 0, INT64_MAX / 1000))
		return http_wait_within(seconds * 1000);
	if (after && !when_parse_http(&until, after))
		return http_wait_within(when_diff(until, now));
	return -1;
}
