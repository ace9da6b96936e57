/* github.h - the forge port in GitHub's REST language, version 2022-11-28, over any http port. */
#pragma once

#include "core/port/forge.h"
#include "core/port/http.h"

/* Borrows http and clock; both must outlive it. */
int github_open(struct forge **out, struct http *http, const struct clock *clock, struct err *e) must_check;
