/*
 * quotes.c - how fast machines are judged, on one core: a quote against collateral that was parsed before, the collateral itself,
 * and a fleet. The quote is a seed of the fuzzers, made by an authority of the tests. Prints the rows of a Markdown table.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/path.h"
#include "core/port/quote.h"
#include "core/rules/quote.h"

#define SEEDS  PH_SOURCE_DIR "/tests/fuzz/corpus"
#define AS_OF  INT64_C(1767225600000) /* 2026-01-01, when the seeds were made */
#define FLEET  5000
#define ROUNDS 200

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what)
{
	fprintf(stderr, "quotes: %s\n", what);
	exit(2);
}

static void read_seed(struct buf *out, const char *name)
{
	struct err e = ERR_INIT;

	if (path_read(out, name, &e) < 0)
		die(e.message);
}

/* The root of the seed is the last certificate of its chain. */
static void find_pin(char pin[65], const struct buf *collateral)
{
	autofree(json) struct json *j = NULL;
	const char *chain, *last = NULL;

	if (json_parse(&j, collateral->s, collateral->n, COLLATERAL_MAX, NULL) < 0)
		die("the seed is no JSON");
	chain = json_str(j, "pck_crl_issuer_chain");
	for (const char *p = chain; p && (p = strstr(p, "-----BEGIN")); p++)
		last = p;
	if (!last || quote_root_pin(pin, last, strlen(last), NULL) < 0)
		die("the seed has no root");
}

/* As the engine would: verified, and judged by the policy of production. */
static void judge(const struct buf *quote, const struct quote_collateral *c, struct arena *a)
{
	struct proof_checks checks;
	enum proof_reason reason;
	struct quote_facts f;
	const char *detail;

	quote_verify(&f, &(struct quote_question){ quote->s, quote->n, c, { AS_OF } }, a);
	if (quote_judge(&f, &(struct quote_policy){ .strict = true }, &checks, &reason, &detail, a) !=
	    PROOF_VERIFIED)
		die(detail);
	arena_reset(a);
}

static double fleet_s(const struct buf *quote, const struct quote_collateral *c)
{
	struct arena a = ARENA_INIT;
	double from = cpu_s();

	for (int i = 0; i < FLEET; i++)
		judge(quote, c, &a);
	arena_done(&a);
	return cpu_s() - from;
}

static double collateral_s(const struct buf *text, const char *pin)
{
	double from = cpu_s();

	for (int i = 0; i < ROUNDS; i++) {
		struct quote_collateral *c;

		if (quote_collateral_parse(&c, text->s, text->n, pin, NULL) < 0)
			die("the seed is not read");
		quote_collateral_free(c);
	}
	return cpu_s() - from;
}

int main(void)
{
	struct buf quote = BUF_INIT(QUOTE_MAX), text = BUF_INIT(COLLATERAL_MAX);
	struct quote_collateral *c;
	double fleet, parse;
	char pin[65];

	read_seed(&quote, SEEDS "/quote/v4");
	read_seed(&text, SEEDS "/collateral/whole");
	find_pin(pin, &text);
	if (quote_collateral_parse(&c, text.s, text.n, pin, NULL) < 0)
		die("the seed is not read");
	fleet = fleet_s(&quote, c);
	parse = collateral_s(&text, pin);
	printf("| verified and judged a second, collateral shared | %.0f | >= 1000 |\n", FLEET / fleet);
	printf("| %d of them, s of CPU | %.2f | |\n", FLEET, fleet);
	printf("| collateral read and verified a second | %.0f | |\n", ROUNDS / parse);
	quote_collateral_free(c);
	buf_done(&quote);
	buf_done(&text);
	return 0;
}
