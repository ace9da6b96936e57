/* verify-quote and verify-token as a person types them: first line and exit status of the engine's program. */
#include "tests/unit/tdx/cases.h"
#include "tests/unit/tdx/token_cases.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "tests/folder.h"

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

/* Files of one made case: what a person has at hand. */
struct case_files {
	const char *quote, *collateral, *root;
};

static struct case_files case_files(struct place *p, enum tdx_fault fault)
{
	const struct when now = { MK_NOW * 1000L };
	autofree(foundry) struct foundry *f = mk_foundry();
	const struct quote_order order = { .mrtd = MK_MRTD,
					   .rtmr = { MK_48("20"), MK_48("21"), MK_48("22"), MK_48("23") },
					   .report_data = MK_REPORT,
					   .at = now,
					   .fault = fault };
	const char *collateral = foundry_collateral(f, now, fault, &p->a), *root = foundry_root(f, &p->a);
	size_t n;
	const unsigned char *quote = foundry_quote(f, &order, &n, &p->a);

	return (struct case_files){ file_of(p, "quote", quote, n),
				    file_of(p, "collateral", collateral, strlen(collateral)),
				    file_of(p, "root.pem", root, strlen(root)) };
}

#define AT "1767225600"
static void a_quote_is_judged(void **state)
{
	static const struct {
		enum tdx_fault fault;
		const char *policy, *report_data, *line;
		int status;
	} cases[] = {
		{ TDX_FAULT_good, "strict", NULL, "verified OK", 0 },
		{ TDX_FAULT_good, "strict", MK_REPORT, "verified OK", 0 },
		{ TDX_FAULT_good, "strict", "5a5a", "failed NONCE_BAD", 1 },
		{ TDX_FAULT_good, "relaxed", "5a5a", "warn NONCE_BAD", 0 },
		{ TDX_FAULT_debug, "strict", NULL, "failed TD_DEBUG", 1 },
		{ TDX_FAULT_debug, "relaxed", NULL, "warn TD_DEBUG", 0 },
		{ TDX_FAULT_flipped, "relaxed", NULL, "failed TDX_QSIG", 1 },
		{ TDX_FAULT_expired, "strict", NULL, "stale COLL_EXPIRED", 5 },
		{ TDX_FAULT_good, "lax", NULL, "", 2 },
		{ TDX_FAULT_good, "strict", "xyz", "", 2 },
	};
	autofree(buf) struct buf out = BUF_INIT(1 << 20);
	struct place p = { .a = ARENA_INIT };

	(void)state;
	folder_new(p.dir);
	for (size_t i = 0; i < countof(cases); i++) {
		struct case_files q = case_files(&p, cases[i].fault);
		const char *const words[] = { "verify-quote",
					      "--quote",
					      q.quote,
					      "--collateral",
					      q.collateral,
					      "--root",
					      q.root,
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
	struct place p = { .a = ARENA_INIT };
	struct case_files q;
	const char *words[] = {
		"verify-quote", "--quote",       NULL,      "--collateral",     NULL, "--root",
		NULL,           "--at",          AT,        "--trusted-values", NULL, "--release-tag",
		"v1",           "--report-data", MK_REPORT, "--json",           NULL
	};
	autofree(json) struct json *j = NULL;

	(void)state;
	folder_new(p.dir);
	q = case_files(&p, TDX_FAULT_good);
	words[2] = q.quote;
	words[4] = q.collateral;
	words[6] = q.root;
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
		{ TOKEN_FAULT_good, "strict", "verified OK", 0 },
		{ TOKEN_FAULT_expired, "strict", "stale JWT_EXPIRED", 5 },
		{ TOKEN_FAULT_signature, "relaxed", "failed JWT_SIG", 1 },
		{ TOKEN_FAULT_tcb, "strict", "failed TCB_OUTOFDATE", 1 },
		{ TOKEN_FAULT_tcb, "relaxed", "warn TCB_OUTOFDATE", 0 },
		{ TOKEN_FAULT_good, "lax", "", 2 },
	};
	autofree(buf) struct buf out = BUF_INIT(1 << 20);
	autofree(foundry) struct foundry *f = mk_foundry();
	struct place p = { .a = ARENA_INIT };

	(void)state;
	folder_new(p.dir);
	for (size_t i = 0; i < countof(cases); i++) {
		const struct when now = { MK_NOW * 1000L };
		const struct token_order order = {
			.mrtd = MK_MRTD,
			.at = { now.ms - token_fault_verdict(cases[i].fault)->age * 1000 },
			.fault = cases[i].fault,
		};
		const char *text = foundry_token(f, &order, &p.a),
			   *keys = foundry_jwks(f, now, cases[i].fault, &p.a),
			   *root = foundry_token_root(f, now, cases[i].fault, &p.a);
		const char *const words[] = { "verify-token",
					      "--token",
					      file_of(&p, "token", text, strlen(text)),
					      "--jwks",
					      file_of(&p, "keys", keys, strlen(keys)),
					      "--root",
					      file_of(&p, "root.pem", root, strlen(root)),
					      "--at",
					      AT,
					      "--policy",
					      cases[i].policy,
					      NULL };

		assert_int_equal(run(&p, words, &out), cases[i].status);
		if (cases[i].status != 2)
			begins(&out, cases[i].line);
	}
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
	struct place p = { .a = ARENA_INIT };

	(void)state;
	folder_new(p.dir);
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
