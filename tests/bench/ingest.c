/*
 * ingest.c - one page of runs into a cache, in the ways that are compared; counted from outside, instruction by
 * instruction.
 *
 *	ingest none|stream|tree PAGE.json CACHE.db PAGES
 *
 * stream is the product's way: the list is decoded from the stream by the adapter's own table. tree is a document tree by
 * jansson and the same columns out of it. Both put the same rows by the same statement, one transaction a page; none
 * opens the cache and does nothing, which is to be subtracted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/adapters/github/internal.h"
#include "core/model/model.h"
#include "store/store.h"
#include "tests/bench/tree.h"

#define PAGE_MAX (16 << 20)

noreturn_fn static void die(const char *what)
{
	fprintf(stderr, "ingest: %s\n", what);
	exit(2);
}

static void put(struct store *s, struct run *r, long page)
{
	struct err e = ERR_INIT;

	r->id += page * 100000000; /* every page brings new rows */
	r->repo = "acme/acme";
	r->lane = "easy/prod";
	r->release = "";
	if (store_run(s, Q_run_put, &rec_run, r, &e) < 0)
		die(e.message);
}

static size_t by_stream(struct store *s, const char *text, size_t n, long page)
{
	const struct endpoint *ep =
		endpoint_find(FORGE_RUNS, &(struct slots){ .repo = "acme/acme", .number = 100 });
	struct forge_answer answer = { 0 };
	struct arena a = { 0 };
	struct err e = ERR_INIT;
	size_t cap = 0;

	if (!ep || decode_page(ep, text, n, &answer, &cap, &a, &e) < 0)
		die(e.message);
	for (size_t i = 0; i < answer.n; i++) {
		struct run r = ((const struct run *)answer.items)[i];

		put(s, &r, page);
	}
	arena_done(&a);
	return answer.n;
}

struct tree {
	struct store *store;
	long page;
};

static void put_one(void *ctx, struct run *r)
{
	const struct tree *t = ctx;

	put(t->store, r, t->page);
}

static size_t read_file(const char *path, char **out)
{
	FILE *f = fopen(path, "re");
	size_t n;

	*out = x_alloc(PAGE_MAX);
	n = f ? fread(*out, 1, PAGE_MAX, f) : 0;
	if (!n)
		die("no page");
	fclose(f);
	return n;
}

int main(int argc, char **argv)
{
	struct store *s = NULL;
	struct err e = ERR_INIT;
	char *text;
	size_t rows = 0;

	if (argc != 5)
		die("ingest none|stream|tree PAGE.json CACHE.db PAGES");
	size_t n = read_file(argv[2], &text);
	if (store_open(&s, argv[3], STORE_WRITE, &e) < 0)
		die(e.message);
	for (long page = 0; strcmp(argv[1], "none") != 0 && page < atol(argv[4]); page++) {
		if (store_begin(s, &e) < 0)
			die(e.message);
		rows += strcmp(argv[1], "tree") == 0 ? tree_runs(text, n, put_one, &(struct tree){ s, page })
						     : by_stream(s, text, n, page);
		if (store_end(s, &e) < 0)
			die(e.message);
	}
	store_close(s);
	printf("rows %zu\n", rows);
	free(text);
	return 0;
}
