/*
 * bench.h - how fast it is, in one sitting, as ratios and counts.
 *
 * bench.c is the one command; each section measures one thing for every program that is here and appends a Markdown table
 * to the report. Programs are measured in turns, so that a busy neighbour hurts all alike. What repeats exactly is counted
 * (bytes, wake-ups, instructions); time and CPU are medians, and only their ratios mean something. Not a test: nothing
 * here fails because a machine is slow.
 */
#pragma once

#include "base/buf.h"
#include "core/model/model.h"

struct bench {
	const char *bin;   /* the programs under measure */
	const char *tools; /* mini, ingest, curl304: beside bench */
	char dir[64];      /* ours, removed at the end */
	long runs_small, runs_large;
	int rounds;       /* of what is timed */
	int idle_seconds; /* watched while idle: whole minutes */
	struct buf report;
};

/* ---- fill.c: a cache without a forge ---- */
#define FILL_LANES 20
/* DIR/cache.db with so many finished runs over twenty quiet lanes, newest a minute ago. */
void fill_cache(const char *dir, long runs);
/* One of the twenty lanes is so now. */
void fill_lane(const char *dir, int i, enum lane_state state);

/* ---- the sections ---- */
void section_start(struct bench *b);
void section_keys(struct bench *b);
void section_idle(struct bench *b);
void section_queries(struct bench *b);
void section_ingest(struct bench *b);
void section_polls(struct bench *b);
void section_frame(struct bench *b);
void section_canary(struct bench *b);
void section_quotes(struct bench *b);
void section_fleet(struct bench *b);
void section_attest(struct bench *b);
void section_ssh(struct bench *b);
void section_bytes(struct bench *b);

/* ---- what they share ---- */
/* The programs that are measured side by side; argv[0] NULL: not here. */
struct rival {
	const char *name;
	const char *argv[20];
	const char *marker;  /* is on the screen when the first paint is complete, drawn last */
	const char *to_list; /* keys that lead to a list of more than a page */
	const char *down;
	const char *quit;
	const char *cwd; /* or NULL */
};
/* Small and large caches are made at the first call. `out` has room for RIVALS_MAX. */
enum { RIVALS_MAX = 10 };
size_t rivals(struct bench *b, struct rival *out);
double median(double *v, size_t n);
double percentile(double *v, size_t n, double p);
/* "1.3" with as many digits as make sense. */
const char *number(double v, char *out, size_t size);
/* Runs a program to its end; its first MAX bytes of output (both streams) into out. Exit status, 128+signal, -1. */
int run_words(const char *const *argv, struct buf *out);
/* Its path, by PATH; false: not there. */
bool find_program(const char *name, char *out, size_t size);
noreturn_fn void bench_die(const char *fmt, ...) format_printf(1, 2);
