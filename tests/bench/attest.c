/*
 * attest.c - what verifying costs: bundles a second beside bare P-384 verifications in the same run, a release of a hundred
 * artifacts, hostile bundles, and the memory of the largest bundle that is read. Prints a Markdown table; bench runs it.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/attest/cases.h"

#define SECONDS   2.0
#define ARTIFACTS 100

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* As a worker does: one arena, reset. */
static enum proof_reason judge(const struct cases *c, const struct made_case *m)
{
	static struct arena a;
	struct case_outcome o = case_run(c, m, &a);

	arena_reset(&a);
	return o.status == PROOF_VERIFIED ? PROOF_OK : o.reason;
}

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "attest: %s\n", what);
	exit(1);
}

/* ---- a second's worth ----------------------------------------------------------------------------------------------------- */

static double bundles_a_second(const struct cases *c, const struct made_case *m)
{
	double began, took;
	long n = 0;

	must(judge(c, m) == PROOF_OK, "a good bundle is refused");
	began = cpu_s();
	do
		must(judge(c, m) == PROOF_OK, "a good bundle is refused");
	while (++n && (took = cpu_s() - began) < SECONDS);
	return (double)n / took;
}

static double p384_a_second(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-384");
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[256];
	size_t sig_n = sizeof(sig);
	double began, took;
	long n = 0;

	must(EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, key) == 1 &&
		     EVP_DigestSign(ctx, sig, &sig_n, (const unsigned char *)"x", 1) == 1,
	     "no P-384");
	began = cpu_s();
	do {
		EVP_MD_CTX_reset(ctx);
		must(EVP_DigestVerifyInit(ctx, NULL, EVP_sha384(), NULL, key) == 1 &&
			     EVP_DigestVerify(ctx, sig, sig_n, (const unsigned char *)"x", 1) == 1,
		     "P-384 refuses");
	} while (++n && (took = cpu_s() - began) < SECONDS);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return (double)n / took;
}

/* ---- a release -------------------------------------------------------------------------------------------------------------- */

static double release_ms(struct cases *c)
{
	struct authority_order o = ordered_make(&c->world, &ordered_forms[4]);
	size_t first = c->list.n, n;
	const char *bad = NULL;
	double began;

	for (int i = 0; i < ARTIFACTS; i++) {
		struct attest_subject s = { arena_printf(&c->world.a, "asset-%d", i), "sha256", ORDERED_HEX };

		o.subjects = &s;
		o.subjects_n = 1;
		case_add(c, "artifact", case_sign(c, &o, &n, &bad), 0, &o, PROOF_OK);
		must(!bad, "an artifact cannot be signed");
		c->list.items[c->list.n - 1].n = n;
	}
	began = cpu_s();
	for (size_t i = first; i < c->list.n; i++)
		must(judge(c, &c->list.items[i]) == PROOF_OK, "an artifact is refused");
	return (cpu_s() - began) * 1e3;
}

/* ---- hostile -------------------------------------------------------------------------------------------------------------------- */

static const char *repeat(struct arena *a, const char *before, const char *each, size_t n, const char *after)
{
	struct buf b = BUF_INIT((size_t)16 << 20);
	const char *out;

	buf_str(&b, before);
	for (size_t i = 0; i < n; i++)
		buf_str(&b, each);
	buf_str(&b, after);
	out = arena_strdup(a, b.s);
	buf_done(&b);
	return out;
}

/* As many entries as are read, each of them good: the most work that a bundle of this form can ask for. */
static const char *crowded(struct cases *c, const struct authority_order *o)
{
	const char *bad = NULL, *good, *from, *to, *entry;
	size_t n;

	good = case_sign(c, o, &n, &bad);
	from = strstr(good, "\"tlogEntries\":[") + strlen("\"tlogEntries\":[");
	entry = case_without(&c->world.a, good, "tlogEntries");
	to = good + strlen(good) - (strlen(entry) - (size_t)(strstr(good, ",\"tlogEntries\"") - good)) - 1;
	entry = arena_printf(&c->world.a, ",%.*s", (int)(to - from), from);
	return arena_printf(&c->world.a, "%.*s%s", (int)(to - good), good,
			    repeat(&c->world.a, "", entry, 15, to));
}

static double hostile_ms(struct cases *c)
{
	struct authority_order o = ordered_make(&c->world, &ordered_forms[4]);
	struct arena *a = &c->world.a;
	const char *texts[] = {
		repeat(a, "", "[", (size_t)4 << 20, ""),
		repeat(a, "[", "0,", (size_t)2 << 20, "0]"),
		repeat(a, "[", "0,", 19000, "0]"),
		repeat(a, "{\"x\":\"", "0123456789abcdef", (size_t)255 << 10, "\"}"),
		repeat(a, "{\"mediaType\":\"", "\\u0041", (size_t)650 << 10, "\"}"),
		crowded(c, &o),
	};
	double worst = 0;

	for (size_t i = 0; i < countof(texts); i++) {
		double began, took;

		case_add(c, "hostile", texts[i], strlen(texts[i]), &o, PROOF_ATT_LIMIT);
		began = cpu_s();
		(void)judge(c, &c->list.items[c->list.n - 1]);
		took = (cpu_s() - began) * 1e3;
		worst = took > worst ? took : worst;
	}
	return worst;
}

/* ---- memory ----------------------------------------------------------------------------------------------------------------------- */

static long status_kib(const char *field)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long kib = 0;

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, field, strlen(field)) == 0)
			kib = strtol(line + strlen(field), NULL, 10);
	if (f)
		fclose(f);
	return kib;
}

/* MiB that verifying takes at its peak, with the bundle itself: a statement of as many values as are read. */
static double peak_mib(struct cases *c)
{
	struct authority_order o = { .instance = AUTHORITY_KEY, .predicate = AUTHORITY_MESSAGE };
	const char *payload = repeat(
		&c->world.a,
		"{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"https://"
		"spdx.dev/Document\",\"subject\":[" CASE_SUBJECT
		"],\"predicate\":{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[",
		"{\"name\":\"0123456789abcdefghij\",\"v\":\"0123456789abcdef0123456789abcdef01234567\"},",
		37000, "{}]}}");
	const char *bundle = case_envelope(c, CASE_INTOTO, payload);
	struct made_case m = {
		.name = "large", .bundle = bundle, .n = strlen(bundle), .order = o, .key = c->own_pem
	};
	double mib = 0;
	int fds[2];

	must(pipe(fds) == 0, "no pipe");
	if (fork() == 0) {
		FILE *f = fopen("/proc/self/clear_refs", "w");
		long before = status_kib("VmRSS:");
		double out;

		if (f) {
			fputs("5", f);
			fclose(f);
		}
		must(judge(c, &m) == PROOF_OK, "a large bundle is refused");
		out = (double)(status_kib("VmHWM:") - before) / 1024 + (double)m.n / (1 << 20);
		must(write(fds[1], &out, sizeof(out)) == (ssize_t)sizeof(out), "no pipe");
		_exit(0);
	}
	close(fds[1]);
	must(read(fds[0], &mib, sizeof(mib)) == (ssize_t)sizeof(mib), "no answer");
	close(fds[0]);
	wait(NULL);
	printf("| largest bundle, MiB: %.1f; peak memory, MiB | %.1f | < 32 |\n",
	       (double)strlen(bundle) / (1 << 20), mib);
	return mib;
}

int main(void)
{
	static const struct {
		size_t form;
		const char *name;
	} forms[] = { { 0, "message, first log" },
		      { 4, "statement, first log" },
		      { 6, "statement, second log and timestamp" },
		      { 11, "GitHub's own" } };
	struct cases c = { 0 };
	const char *bad = ordered_begin(&c.world);
	double p384;

	must(!bad && !case_own_key(&c), "no authority");
	puts("| verifying | measured | bar |\n| --- | --- | --- |");
	p384 = p384_a_second();
	printf("| P-384 verifications a second | %.0f | |\n", p384);
	for (size_t i = 0; i < countof(forms); i++) {
		struct authority_order o = ordered_make(&c.world, &ordered_forms[forms[i].form]);
		size_t n = 0;
		const char *bundle = case_sign(&c, &o, &n, &bad);
		double rate;

		case_add(&c, forms[i].name, bundle, n, &o, PROOF_OK);
		rate = bundles_a_second(&c, &c.list.items[c.list.n - 1]);
		printf("| bundles a second, %s | %.0f (%.2f of P-384) | %s |\n", forms[i].name, rate,
		       rate / p384, i < 2 ? ">= 500 and 0.40" : "");
	}
	printf("| %d artifacts of a release, ms | %.0f | < 500 |\n", ARTIFACTS, release_ms(&c));
	printf("| worst hostile bundle, ms | %.1f | < 50 |\n", hostile_ms(&c));
	(void)peak_mib(&c);
	cases_done(&c);
	return 0;
}
