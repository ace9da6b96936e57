/*
 * fake.h - a forge made of one struct: a test sets its facts and faults, and it answers 50 ms after it is asked. Reading is
 * here; acts are in fake_act.h.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "core/engine/act.h"
#include "core/engine/internal.h"

#define LATENCY 50
#define REPO    "easyenclave/easyenclave"
#define SHA     "1111111111111111111111111111111111111111"
#define ROLLOUT ".github/workflows/production-rollout.yml"

struct call {
	struct call *next;
	struct fake *f;
	struct timer *timer;
	struct forge_read read;
	char name[128], workflow[128];
	forge_done done;
	forge_acted acted;
	struct forge_act act; /* of one that is late */
	void *ctx;
	bool silent;
	enum err_kind fail;
	int64_t run_id;
	char url[64];
	struct arena answer;
};

/* One more thing that the forge has; the last that fits answers. */
struct fake_thing {
	enum forge_read_kind kind;
	const char *name; /* NULL: any */
	int64_t id;       /* 0: any */
	const void *items;
	size_t n;
	const char *text, *text2;
	size_t text_n; /* 0: of the text as a string */
	bool gone;     /* there is no such thing */
	bool cut;      /* there are more than these */
};

struct fake {
	struct forge forge;
	struct loop *loop;
	struct call *calls;
	struct arena a;
	const char *login, *workflow_state, *tag_sha, *environment, *log, *file;
	const char *branch_sha; /* of every branch; NULL: SHA */
	const char *tag_object; /* of an annotated tag; NULL: the tag is at the commit itself */
	const char *asset_tag;  /* the release that the contents of assets name */
	const char *asset_hex;  /* of the image that they name first; NULL: HEX64 */
	struct release release, earlier;
	bool no_release, no_tag, no_environment;
	struct run runs[24];
	size_t runs_n;
	size_t page, page_of_status; /* runs on a page of a list, of one asked for by status; 0: all */
	struct gate gates[4];
	size_t gates_n;
	struct review reviews[4];
	size_t reviews_n;
	struct job jobs[4];
	size_t jobs_n;
	struct fake_thing things[48];
	size_t things_n;
	int64_t ahead, behind;
	enum err_kind fail[FORGE_READ_MAX_]; /* while set, such reads fail so */
	size_t damaged[FORGE_READ_MAX_];     /* records that such answers lost */
	int64_t ahead_ms;                    /* its clock of ours */
	msec slow;                           /* reads that are asked for now are answered so much later */
	int reads[FORGE_READ_MAX_];
	/* the next acts */
	enum err_kind act_fail;
	bool act_first; /* with act_fail: it happens, and the answer is lost */
	bool no_run_id; /* accepted without saying which run */
	bool silent;    /* never answers */
	msec late;      /* they are answered so much later, and happen not when they are sent, but then */
	bool hide_runs; /* new runs are not listed yet */
	const char *run_sha; /* commit of new runs; NULL: SHA */
	int doubles;         /* runs more that one dispatch makes */
	bool deaf;           /* reviews are accepted, and nothing comes of them */
	int sends;
	char body[4096]; /* of the last act */
	int64_t next_run;
};

/* ---- the forge --------------------------------------------------------------------------------------------------- */

static inline void call_free(struct call *c)
{
	for (struct call **p = &c->f->calls; *p; p = &(*p)->next) {
		if (*p == c) {
			*p = c->next;
			break;
		}
	}
	timer_free(c->timer);
	arena_done(&c->answer);
	free(c);
}

/* Digests for tests: what differs, differs. */
static inline void rig_digest(const void *bytes, size_t n, char hex[DIGEST_HEX])
{
	struct hash h = HASH_INIT;
	char half[33];

	hash_add(&h, bytes, n);
	hash_hex(&h, half);
	memcpy(hex, half, 32);
	memcpy(hex + 32, half, 33);
}
