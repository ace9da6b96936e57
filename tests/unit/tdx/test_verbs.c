/* verify-quote and verify-token as a person types them: first line and exit status of the engine's program. */
#include "tests/unit/tdx/cases.h"
#include "tests/unit/tdx/token_cases.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"

#define ENGINE    PH_BIN_DIR "/pilothouse-engine"
#define WORDS_MAX 24

struct place {
	struct arena a;
	char dir[64];
};

static const char *file_of(struct place *p, const char *name, const void *bytes, size_t n)
{
	const char *path = arena_printf(&p->a, "%s/%s", p->dir, name);
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
	return path;
}

static void done(struct place *p)
{
	static const char *const names[] = { "quote", "collateral", "root.pem", "values", "token", "keys" };

	for (size_t i = 0; i < countof(names); i++)
		unlink(arena_printf(&p->a, "%s/%s", p->dir, names[i]));
	assert_int_equal(rmdir(p->dir), 0);
	arena_done(&p->a);
}

/* Exit status; what it printed into out. */
static int run(struct place *p, const char *const *words, struct buf *out)
{
	const char *argv[WORDS_MAX] = { ENGINE };
	char chunk[4096];
	int fds[2], status = 0, n = 1;
	ssize_t got;
	pid_t pid;

	for (; words[n - 1]; n++)
		argv[n] = words[n - 1];
	buf_reset(out);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		setenv("HOME", p->dir, 1);
		dup2(fds[1], 1);
		close(fds[0]);
		close(fds[1]);
		execv(ENGINE, (char *const *)argv);
		_exit(127);
	}
	close(fds[1]);
	while ((got = read(fds[0], chunk, sizeof(chunk))) > 0)
		buf_add(out, chunk, (size_t)got);
	close(fds[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void begins(const struct buf *out, const char *line)
{
	assert_memory_equal(out->s, line, strlen(line));
	assert_int_equal(out->s[strlen(line)], '\n');
}

/* The file of the root that a case is pinned to. */
static const char *root_file(struct place *p, const struct mk_quote *q)
{
	autofree(json) struct json *j = NULL;
	const char *last = NULL;

	assert_int_equal(json_parse(&j, q->collateral, strlen(q->collateral), 1 << 20, NULL), 0);
	for (const char *s = json_str(j, "pck_crl_issuer_chain"); (s = strstr(s, "-----BEGIN")); s++)
		last = s;
	return file_of(p, "root.pem", last, strlen(last));
}

#define AT "1767225600"
static void a_quote_is_judged(void **state)
{
	static const struct {
		enum fault fault;
		const char *policy, *report_data, *line;
		int status;
	} cases[] = {
		{ FAULT_NONE, "strict", NULL, "verified OK", 0 },
		{ FAULT_NONE, "strict", MK_REPORT, "verified OK", 0 },
		{ FAULT_NONE, "strict", "5a5a", "failed NONCE_BAD", 1 },
		{ FAULT_NONE, "relaxed", "5a5a", "warn NONCE_BAD", 0 },
		{ FAULT_DEBUG, "strict", NULL, "failed TD_DEBUG", 1 },
		{ FAULT_DEBUG, "relaxed", NULL, "warn TD_DEBUG", 0 },
		{ FAULT_FLIPPED, "relaxed", NULL, "failed TDX_QSIG", 1 },
		{ FAULT_EXPIRED, "strict", NULL, "stale COLL_EXPIRED", 5 },
		{ FAULT_NONE, "lax", NULL, "", 2 },
		{ FAULT_NONE, "strict", "xyz", "", 2 },
	};
	autofree(buf) struct buf out = BUF_INIT(1 << 20);
	struct place p = { .a = ARENA_INIT, .dir = "/tmp/verbs-XXXXXX" };

	(void)state;
	assert_non_null(mkdtemp(p.dir));
	for (size_t i = 0; i < countof(cases); i++) {
		const struct mk_quote *q = mk_quote(cases[i].fault, &p.a);
		const char *const words[] = { "verify-quote",
					      "--quote",
					      file_of(&p, "quote", q->bytes, q->n),
					      "--collateral",
					      file_of(&p, "collateral", q->collateral, strlen(q->collateral)),
					      "--root",
					      root_file(&p, q),
					      "--at",
					      AT,
					      "--policy",
					      cases[i].policy,
					      cases[i].report_data ? "--report-data" : NULL,
					      cases[i].report_data,
					      NULL };

		assert_int_equal(run(&p, words, &out), cases[i].status);
		if (cases[i].status == 2)
			assert_int_equal(out.n, 0);
		else
			begins(&out, cases[i].line);
	}
	done(&p);
}

/* With trusted values it is asked whether this is the machine of a release: then a challenge is demanded. */
static void a_release_is_compared(void **state)
{
	static const char values[] =
		"{\"mrtds\":\"" MK_48("11") "\",\"rtmrs\":{\"rtmr0\":\"" MK_48("20") "\",\"rtmr1\":\"" MK_48(
			"21") "\",\"rtmr2\":\"" MK_48("22") "\",\"rtmr3\":\"" MK_48("23") "\"},\"release_"
											  "tag\":\"v1\"}";
	autofree(buf) struct buf out = BUF_INIT(1 << 20);
	struct place p = { .a = ARENA_INIT, .dir = "/tmp/verbs-XXXXXX" };
	const struct mk_quote *q = mk_quote(FAULT_NONE, &p.a);
	const char *words[] = {
		"verify-quote", "--quote",       NULL,      "--collateral",     NULL, "--root",
		NULL,           "--at",          AT,        "--trusted-values", NULL, "--release-tag",
		"v1",           "--report-data", MK_REPORT, "--json",           NULL
	};
	autofree(json) struct json *j = NULL;

	(void)state;
	assert_non_null(mkdtemp(p.dir));
	words[2] = file_of(&p, "quote", q->bytes, q->n);
	words[4] = file_of(&p, "collateral", q->collateral, strlen(q->collateral));
	words[6] = root_file(&p, q);
	words[10] = file_of(&p, "values", values, strlen(values));
	assert_int_equal(run(&p, words, &out), 0);
	assert_int_equal(json_parse(&j, out.s, out.n, 1 << 20, NULL), 0);
	assert_string_equal(json_str(j, "status"), "verified");
	assert_string_equal(json_str(j, "reason"), "OK");
	assert_string_equal(json_str(j, "facts.mrtd"), MK_MRTD);
	assert_string_equal(json_str(j, "facts.tcb_status"), "UpToDate");
	assert_true(json_size(json_get(j, "checks")) > 50);
	words[12] = "v2";
	words[15] = NULL;
	assert_int_equal(run(&p, words, &out), 1);
	begins(&out, "failed REL_TAG");
	words[12] = "v1";
	words[13] = NULL;
	assert_int_equal(run(&p, words, &out), 1);
	begins(&out, "failed NONCE_NONE");
	done(&p);
}

static void a_token_is_judged(void **state)
{
	static const struct {
		enum token_fault fault;
		const char *policy, *line;
		int status;
	} cases[] = {
		{ TF_NONE, "strict", "verified OK", 0 },
		{ TF_EXPIRED, "strict", "stale JWT_EXPIRED", 5 },
		{ TF_SIGNATURE, "relaxed", "failed JWT_SIG", 1 },
		{ TF_TCB, "strict", "failed TCB_OUTOFDATE", 1 },
		{ TF_TCB, "relaxed", "warn TCB_OUTOFDATE", 0 },
		{ TF_NONE, "lax", "", 2 },
	};
	autofree(buf) struct buf out = BUF_INIT(1 << 20), root = BUF_INIT(1 << 16);
	struct place p = { .a = ARENA_INIT, .dir = "/tmp/verbs-XXXXXX" };
	struct token_pki pki;

	(void)state;
	assert_non_null(mkdtemp(p.dir));
	token_pki_make(&pki);
	mk_pem(&root, pki.root);
	for (size_t i = 0; i < countof(cases); i++) {
		const char *text = token_text(&p.a, &pki, cases[i].fault),
			   *keys = token_jwks(&p.a, &pki, cases[i].fault);
		const char *const words[] = { "verify-token",
					      "--token",
					      file_of(&p, "token", text, strlen(text)),
					      "--jwks",
					      file_of(&p, "keys", keys, strlen(keys)),
					      "--root",
					      file_of(&p, "root.pem", root.s, root.n),
					      "--at",
					      AT,
					      "--policy",
					      cases[i].policy,
					      NULL };

		assert_int_equal(run(&p, words, &out), cases[i].status);
		if (cases[i].status != 2)
			begins(&out, cases[i].line);
	}
	token_pki_done(&pki);
	done(&p);
}

static void what_cannot_be_asked_is_usage(void **state)
{
	static const char *const lines[][6] = {
		{ "verify-quote", NULL },
		{ "verify-quote", "--quote", "/nowhere/q", "--collateral", "/nowhere/c", NULL },
		{ "verify-token", "--token", "/nowhere/t", NULL },
	};
	autofree(buf) struct buf out = BUF_INIT(1 << 20);
	struct place p = { .a = ARENA_INIT, .dir = "/tmp/verbs-XXXXXX" };

	(void)state;
	assert_non_null(mkdtemp(p.dir));
	for (size_t i = 0; i < countof(lines); i++)
		assert_int_equal(run(&p, lines[i], &out), 2);
	done(&p);
}

static int is_built(void **state)
{
	(void)state;
	return access(ENGINE, X_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quote_is_judged),
		cmocka_unit_test(a_release_is_compared),
		cmocka_unit_test(a_token_is_judged),
		cmocka_unit_test(what_cannot_be_asked_is_usage),
	};

	return cmocka_run_group_tests(tests, is_built, NULL);
}
