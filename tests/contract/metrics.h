/*
 * metrics.h - questions that any Prometheus must answer in the same class, and a desk to ask them from.
 *
 * The same table is asked of a peer that gives the answers written beside the questions, and of a real Prometheus that has
 * the recorded hour of metrics.sh: two tracks, a sample each 15 s, whose last one is at `end`; for the last ten minutes
 * the canary fails 5 % of its requests instead of 0.1 %, and is slow.
 */
#pragma once

#include "unit/http/wire.h"

#include "core/adapters/prometheus/prometheus.h"

/* Puts itself between the adapter and the wire: for what only a broken adapter would ask, and for who asks. */
struct tap {
	struct http http; /* first */
	struct http *wire;
	const char *from, *to;     /* NULL, or once in the form */
	const char *authorization; /* NULL, or where the adapter has none */
};

struct desk {
	struct clock clock;
	struct loop *loop;
	struct http *wire;
	struct tap tap;
	struct metrics *metrics, *lost; /* lost: at an address of the same server where nothing is */
	int64_t end_s;
};

struct told {
	bool done, given_up;
	struct err err;
	enum sample_state state;
	char why[512];
	struct metrics_point first, last;
	size_t n;
	struct when date;
};

struct canned {
	int status;              /* 0: 200 */
	const char *type, *body; /* type NULL: JSON. '@' and a number in body: so many seconds from `at` */
};

struct question {
	const char *what, *expression;
	int64_t after_s; /* asked about, from the end of the recorded hour */
	int64_t span_s;  /* of a range; 0: an instant */
	int64_t step_s, stale_after_s;
	const char *from, *to; /* of the tap */
	bool lost;
	enum sample_state state;
	const char *why;   /* is in it */
	int64_t low, high; /* of the last point, where n is not 0 */
	size_t n;
	struct canned canned[2];
};

extern const struct question questions[];
extern const size_t questions_n;

void desk_open(struct desk *d);
/* As the person would name it; ca_file, authorization may be NULL. */
void desk_connect(struct desk *d, const char *base, const char *ca_file, const char *authorization);
void desk_hang_up(struct desk *d);
void desk_close(struct desk *d);
/* Anything but an answer fails the test. */
void desk_read(struct desk *d, struct metrics *m, struct told *t, const struct metrics_query *q);
void desk_wait(struct desk *d, const struct told *t);
/* Serves whoever asks us, for so long. */
void desk_pause(struct desk *d, msec ms);
void desk_ask(struct desk *d, const struct question *q, struct told *t);
void desk_check(const struct question *q, const struct told *t);
/* The callback of a read; ctx is a struct told. */
void told_read(void *ctx, const struct metrics_answer *a, const struct err *err);

/* metrics_server.c: a Prometheus in a folder, with its log there; it ends with us. web NULL: anybody may ask, without TLS. */
void server_config(const char *dir, const char *scrape);
pid_t server_start(const char *dir, const char *web);
int server_port(const char *dir); /* 0: it has not said yet */
void server_stop(pid_t server);   /* 0 none */

/* metrics_profiles.c */
void check_profiles(struct desk *d);

int fake_main(void);
int real_main(const char *dir);
int stand_main(const char *dir);
