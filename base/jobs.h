/*
 * jobs.h - work that takes long and waits for nothing of the loop: one thread, one bounded queue, results back in the loop.
 *
 * A job is two functions over one context. `work` runs on the thread and may touch its context and what never changes, and
 * nothing else: no arena, store or log of the loop's. `done` runs in the loop, once, always: also when the job never ran
 * because the queue was given up, and then says so. Between the two nobody else may touch the context.
 *
 * On a manual clock there is no thread: the work is done inside jobs_add(), and `done` comes from the loop as ever, so a
 * test is the same each time. The thread begins with the first job and is joined by jobs_free().
 */
#pragma once

#include "base/loop.h"

#define JOBS_MAX 256 /* waiting; more are refused, and whoever adds them keeps them for later */

struct jobs;

typedef void (*job_work)(void *ctx);
typedef void (*job_done)(void *ctx, bool ran);

struct jobs *jobs_new(struct loop *l) must_check; /* borrowed, and outlives it */
/* Waits for the job that runs; those that wait are told that they never ran. NULL: nothing. */
void jobs_free(struct jobs *j);
DEFINE_FREEP(struct jobs *, jobs, jobs_free)
/* False: the queue is full, or no thread could be made; neither function will be called. */
bool jobs_add(struct jobs *j, job_work work, job_done done, void *ctx) must_check;
