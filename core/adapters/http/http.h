/* http.h - the http port over libcurl's multi interface on our loop. */
#pragma once

#include "base/secret.h"
#include "core/port/http.h"

#define HTTP_TIMEOUT INT64_C(30000) /* ms, reliability reference 5.6 */

struct http_options {
	const char *
		base; /* https://api.github.com, http://127.0.0.1:4711/api/v3; https only, but for 127.0.0.1 and [::1] */
	const char *ca_file;     /* or NULL */
	const char *unix_socket; /* or NULL: plain HTTP over it */
	const char *user_agent;
	const struct secret *token; /* borrowed; may be empty; NULL none */
	bool bare;                  /* the other side is no forge: no header for its version */
	msec timeout; /* of one exchange; 0: HTTP_TIMEOUT. A read that stalls for half of it, or 15 s, is given up */
};

/* Checks base; loop and token are borrowed. */
int http_open(struct http **out, struct loop *loop, const struct http_options *o, struct err *e) must_check;
