/*
 * `pilothouse verify-bundle` as a script sees it: words in, exit status and first line out. Bundles come from the project's own
 * authority.
 *
 *	contract_verify_bundle BIN
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"
#include "tests/folder.h"
#include "tests/unit/attest/ordered.h"

static const char *bin;
static char folder[FOLDER_PATH];
static struct ordered world;

static const char *at(const char *name)
{
	return arena_printf(&world.a, "%s/%s", folder, name);
}

static void put(const char *name, const char *text, size_t n)
{
	FILE *f = fopen(at(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	fclose(f);
}

static void put_bundle(const char *name, size_t form, enum authority_fault fault)
{
	struct authority_order o = ordered_make(&world, &ordered_forms[form]);
	struct err e = ERR_INIT;
	const char *text;
	size_t n;

	o.fault = fault;
	if (authority_sign(world.x, &o, &world.a, &text, &n, &e) != 0)
		fail_msg("%s", e.message);
	put(name, text, n);
}

/* Words with blanks between; a leading @ is a file of ours, and I and U stand for who signed. */
static int run(const char *words, struct buf *out)
{
	const char *argv[32] = { arena_printf(&world.a, "%s/pilothouse", bin), "verify-bundle" };
	char *copy = arena_strdup(&world.a, words), *keep = NULL;
	char chunk[4096];
	size_t n = 2;
	int fds[2], status;
	ssize_t got;
	pid_t pid;

	for (char *w = strtok_r(copy, " ", &keep); w; w = strtok_r(NULL, " ", &keep))
		argv[n++] = *w == '@'             ? at(w + 1)
			    : strcmp(w, "I") == 0 ? world.workflow.san
			    : strcmp(w, "U") == 0 ? world.workflow.issuer
						  : w;
	argv[n] = NULL;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		static char home[] = "HOME=/nonexistent", lang[] = "LC_ALL=C.UTF-8";
		char *env[] = { home, lang, NULL };

		dup2(fds[1], 1);
		dup2(fds[1], 2);
		execve(argv[0], (char *const *)(uintptr_t)argv, env);
		_exit(127);
	}
	close(fds[1]);
	buf_reset(out);
	while ((got = read(fds[0], chunk, sizeof(chunk))) > 0)
		buf_add(out, chunk, (size_t)got);
	close(fds[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define WHO "--certificate-identity I --certificate-oidc-issuer U "

static const struct {
	const char *words;
	int status;
	const char *first, *holds; /* the first line; a text somewhere, or NULL */
} rows[] = {
	{ WHO "--bundle @good --trusted-root @root @artifact", 0, "verified OK", NULL },
	{ "--bundle @good " WHO "--trusted-root @root sha256:" ORDERED_HEX, 0, "verified OK", NULL },
	{ WHO "--bundle @bound --trusted-root @root @artifact", 1, "failed TLOG_BIND", "S6.signature" },
	{ WHO "--bundle @good --trusted-root @root @other", 1, "failed SIG_BAD", NULL },
	{ WHO "--bundle @good --trusted-root @root @good", 1, "failed SIG_BAD", NULL },
	{ WHO "--bundle @other --trusted-root @root @artifact", 1, "failed ATT_PARSE", NULL },
	{ WHO "--bundle @large --trusted-root @root @artifact", 1, "failed ATT_LIMIT", NULL },
	{ WHO "--bundle @good --trusted-root @noroot @artifact", 1, "failed ATT_PARSE", "trusted root" },
	{ WHO "--bundle @github --profile-kind github --trusted-root @root @artifact", 0, "verified OK",
	  NULL },
	{ WHO "--bundle @github --trusted-root @root @artifact", 1, "failed SCT_NONE", NULL },
	{ "--certificate-identity I --bundle @good --trusted-root @root @artifact", 0, "verified OK",
	  "the issuer is not compared" },
	{ "--certificate-oidc-issuer U --bundle @good --trusted-root @root @artifact", 0, "verified OK",
	  "the identity is not compared" },
	{ "--certificate-identity U --bundle @good --trusted-root @root @artifact", 1, "failed ID_SAN",
	  NULL },
	{ "--any-identity --bundle @good --trusted-root @root @artifact", 0, "verified OK",
	  "--any-identity" },
	{ "--key @key --bundle @keyed --trusted-root @root @artifact", 0, "verified OK", NULL },
	{ "--key @key --bundle @good --trusted-root @root @artifact", 1, "failed SIG_BAD", NULL },
	{ "--key @artifact --bundle @keyed --trusted-root @root @artifact", 1, "failed SIG_BAD", NULL },
	{ WHO "--policy ref=refs/tags/v0.9.4;env=release --bundle @good --trusted-root @root @artifact", 0,
	  "verified OK", NULL },
	{ WHO "--policy ref=refs/tags/v0.9 --bundle @good --trusted-root @root @artifact", 1, "failed ID_REF",
	  "refs/tags/v0.9.4" },
	/* the roots in the program believe no authority of ours */
	{ WHO "--bundle @good @artifact", 1, "failed SET_BAD", NULL },
	{ WHO "--staging --bundle @good @artifact", 1, "failed SET_BAD", NULL },
	{ WHO "--profile-kind github --bundle @github @artifact", 1, "failed TSA_BAD", NULL },
	/* usage, and what cannot be read */
	{ WHO "--policy rev=1 --bundle @good --trusted-root @root @artifact", 2, NULL,
	  "no claim is called rev\n" },
	{ WHO "--policy =1 --bundle @good --trusted-root @root @artifact", 2, NULL,
	  "no claim is called =1\n" },
	{ WHO "--policy ref= --bundle @good --trusted-root @root @artifact", 2, NULL, "ref has no value\n" },
	{ WHO "--policy ref;env=a --bundle @good --trusted-root @root @artifact", 2, NULL,
	  "ref has no value\n" },
	{ WHO "--policy ref=a;ref=a --bundle @good --trusted-root @root @artifact", 2, NULL, "twice" },
	{ "--bundle @good --trusted-root @root @artifact", 2, NULL, "--any-identity" },
	{ "--any-identity " WHO "--bundle @good --trusted-root @root @artifact", 2, NULL, "both are named" },
	{ "--key @key " WHO "--bundle @keyed --trusted-root @root @artifact", 2, NULL, "no identity" },
	{ WHO "--profile-kind key --bundle @good --trusted-root @root @artifact", 2, NULL, "go together" },
	{ WHO "--profile-kind secret --bundle @good --trusted-root @root @artifact", 2, NULL, "public" },
	{ WHO "--trusted-root @root @artifact", 2, NULL, "--bundle" },
	{ WHO "--bundle @good --trusted-root @root", 2, NULL, "FILE-or-DIGEST" },
	{ WHO "--bundle @none --trusted-root @root @artifact", 2, NULL, "No such file" },
	{ WHO "--bundle @good --trusted-root @none @artifact", 2, NULL, "No such file" },
	{ WHO "--bundle @good --trusted-root @artifact @artifact", 2, NULL, NULL },
	{ WHO "--bundle @good --trusted-root @root @none", 2, NULL, "No such file" },
	{ WHO "--bundle @good --trusted-root @root sha256:00", 2, NULL, "64 hex digits" },
	{ WHO "--staging --bundle @good --trusted-root @root @artifact", 2, NULL, "two roots" },
};

static void statuses_and_first_lines(void **state)
{
	autofree(buf) struct buf out = BUF_INIT(1 << 20);

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		int status = run(rows[i].words, &out);
		size_t n = strcspn(out.s, "\n");

		if (status != rows[i].status ||
		    (rows[i].first &&
		     (strlen(rows[i].first) != n || strncmp(out.s, rows[i].first, n) != 0)) ||
		    (rows[i].holds && !strstr(out.s, rows[i].holds)))
			fail_msg("%s: %d\n%s", rows[i].words, status, out.s);
	}
}

static void json_has_every_check(void **state)
{
	autofree(buf) struct buf out = BUF_INIT(1 << 20);
	autofree(json) struct json *j = NULL;

	(void)state;
	assert_int_equal(run(WHO "--json --bundle @bound --trusted-root @root @artifact", &out), 1);
	assert_int_equal(json_parse(&j, out.s, out.n, 1 << 20, NULL), 0);
	assert_string_equal(json_str(j, "status"), "failed");
	assert_string_equal(json_str(j, "reason"), "TLOG_BIND");
	assert_true(json_size(json_get(j, "checks")) > 15);
	for (size_t i = 0; i < json_size(json_get(j, "checks")); i++) {
		const struct json *c = json_at(json_get(j, "checks"), i);

		assert_non_null(json_str(c, "id"));
		assert_non_null(json_str(c, "name"));
		assert_non_null(json_str(c, "result"));
		assert_int_not_equal(json_type(json_get(c, "expected")), JSON_ABSENT);
		assert_int_not_equal(json_type(json_get(c, "found")), JSON_ABSENT);
	}
	assert_string_equal(json_str(j, "facts.identity.san"), world.workflow.san);
}

static int begin(void **state)
{
	const char *bad = ordered_begin(&world), *root = authority_trusted_root(world.x, &world.a);
	char *large = calloc(1, (size_t)6 << 20);

	(void)state;
	if (bad || !large)
		return -1;
	folder_new(folder);
	memset(large, '[', (size_t)6 << 20);
	put("root", root, strlen(root));
	put("noroot", "{}", 2);
	put("key", world.key, strlen(world.key));
	put("artifact", "test", 4);
	put("other", "tesu", 4);
	put("large", large, (size_t)6 << 20);
	put_bundle("good", 0, AUTHORITY_GOOD);
	put_bundle("bound", 0, AUTHORITY_FAULT_body_signature);
	put_bundle("github", 11, AUTHORITY_GOOD);
	put_bundle("keyed", 13, AUTHORITY_GOOD);
	free(large);
	return 0;
}

static int end(void **state)
{
	(void)state;
	ordered_end(&world);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statuses_and_first_lines),
		cmocka_unit_test(json_has_every_check),
	};

	if (argc != 2)
		return 2;
	bin = argv[1];
	return cmocka_run_group_tests(tests, begin, end);
}
