/*
 * Each string of the hostile corpus at every way out that is no screen: what the verbs print as text and as JSON, what they
 * say on stderr, the engine's log, and messages of errors. Nothing of it may reach a terminal that obeys it.
 *
 *	fault_corpus [--every N]
 */
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "tests/fault/hostile.h"
#include "tests/golden/world_evidence.h"
#include "tests/golden/world_fill.h"
#include "tests/golden/world_fleet.h"
#include "tests/golden/world_proof.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static int every = 1;

/* ---- what a terminal would get -------------------------------------------------------------------------------------- */

static void must_be_inert(const char *where, const char *class, const char *s, size_t n)
{
	for (size_t at = 0; at < n;) {
		const char *end = memchr(s + at, '\n', n - at);
		size_t len = end ? (size_t)(end - s) - at : n - at;
		char *line = strndup(s + at, len);

		if (strlen(line) != len || !text_is_safe(line))
			fail_msg("%s, %s: %.300s", where, class, line);
		free(line);
		at += len + 1;
	}
}

static void run_to(const char *const *argv, int fd)
{
	pid_t pid = fork();

	if (!pid) {
		dup2(open("/dev/null", O_RDONLY), 0);
		dup2(fd, 1);
		dup2(fd, 2);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

/* stdout and stderr together, read back from a file: nothing can block. */
static void read_verb(const struct world *w, const char *const *words, struct buf *b)
{
	const char *argv[32] = { PH_BIN_DIR "/pilothouse", "--state-dir", w->dir, "--cache-dir", w->dir };
	char path[128];
	char chunk[65536];
	ssize_t n;

	for (size_t i = 0; words[i]; i++)
		argv[5 + i] = words[i];
	snprintf(path, sizeof(path), "%s.out", w->dir);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	run_to(argv, fd);
	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(b, chunk, (size_t)n);
	close(fd);
	unlink(path);
	assert_false(b->over);
	assert_true(b->n > 0);
}

static void run_verb(const struct world *w, const char *class, const char *const *words)
{
	struct buf b = BUF_INIT(16 << 20);

	read_verb(w, words, &b);
	must_be_inert(words[0], class, b.s, b.n);
	buf_done(&b);
}

/* ---- tests ------------------------------------------------------------------------------------------------------------ */

static void verbs_of(struct world *w, const char *class, const char *text)
{
	const char *first = arena_printf(&w->a, "0%s", text);
	const char *const verbs[][6] = {
		{ "lanes" },
		{ "runs" },
		{ "run", "7" },
		{ "gates" },
		{ "journal" },
		{ "outbox" },
		{ "drift" },
		{ "readiness" },
		{ "why", "gov/prod" },
		{ "lanes", "--json" },
		{ "runs", "--json" },
		{ "run", "7", "--json" },
		{ "gates", "--json" },
		{ "journal", "--json" },
		{ "drift", "--json" },
		{ "doctor" },
		{ "why", text },
		{ "runs", text },
		{ "run", text },
		{ text },
		{ "dispatch", text, text },
		{ "lanes", text },
		{ "runs", text, "--json" },
		{ "proof", text },
		{ "proof", text, "--json" },
		{ "proof", text, "--machines" },
		{ "proof", text, "--machines", "--json" },
		{ "proof", text, "--machine", text },
		{ "proof", text, "--machine", first },
		{ "proof", text, "--machine", first, "--json" },
		{ "proof", "gov/prod", "--machine", text },
	};

	for (size_t i = 0; i < countof(verbs); i++)
		run_verb(w, class, verbs[i]);
}

/* ---- evidence in files, each part of which says it ---------------------------------------------------------------------- */

static const char *file_of(struct world *w, const char *name, const char *s, size_t n)
{
	const char *path = arena_printf(&w->a, "%s.%s", w->dir, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(s, 1, n, f), n);
	fclose(f);
	return path;
}

/* {"KEY": text, ...}, and all of it within the list `list`, if it is named. */
static const char *json_of(struct world *w, const char *const *keys, const char *list, const char *text)
{
	struct buf out = BUF_INIT(4 << 20);
	struct jw j;
	const char *s;

	jw_init(&j, &out);
	if (list) {
		jw_open(&j, '{');
		jw_kopen(&j, list, '[');
	}
	jw_open(&j, '{');
	for (size_t i = 0; keys[i]; i++) {
		jw_key(&j, keys[i]);
		jw_raw_str(&j, text);
	}
	jw_close(&j, '}');
	if (list) {
		jw_close(&j, ']');
		jw_close(&j, '}');
	}
	s = arena_strndup(&w->a, out.s, out.n);
	buf_done(&out);
	return s;
}

/* A token of three parts whose header and claims say it. */
static const char *token_of(struct world *w, const char *text)
{
	static const char *const header[] = { "alg", "kid", "typ", "jku", NULL }, *const claims[] = {
		"iss", "tdx_mrtd", "attester_tcb_status", "jti", NULL
	};
	const char *const parts[] = { json_of(w, header, NULL, text), json_of(w, claims, NULL, text), text };
	struct buf out = BUF_INIT(8 << 20);
	const char *s;

	for (size_t i = 0; i < countof(parts); i++) {
		buf_str(&out, i ? "." : "");
		text_base64(&out, parts[i], strlen(parts[i]));
	}
	for (size_t i = 0; i < out.n; i++)
		out.s[i] = out.s[i] == '+' ? '-' : out.s[i] == '/' ? '_' : out.s[i];
	s = arena_strndup(&w->a, out.s, out.n);
	buf_done(&out);
	return s;
}

static void files_of(struct world *w, const char *class, const char *text)
{
	static const char *const keys[] = { "kty", "alg", "kid", "n", "e", NULL },
				 *const pins[] = { "release_tag", "mrtds", "git_sha", "digest", NULL },
				 *const parts[] = { "tcb_info", "qe_identity", "root_ca_crl", "pck_crl",
						    NULL };
	const char *token = token_of(w, text), *set = json_of(w, keys, "keys", text),
		   *values = json_of(w, pins, NULL, text), *published = json_of(w, parts, NULL, text);
	const char *raw = file_of(w, "raw", text, strlen(text)),
		   *jwt = file_of(w, "jwt", token, strlen(token)),
		   *jwks = file_of(w, "jwks", set, strlen(set)),
		   *pinned = file_of(w, "values", values, strlen(values)),
		   *collateral = file_of(w, "collateral", published, strlen(published));
	const char *const verbs[][16] = {
		{ "verify-quote", "--quote", raw, "--collateral", raw },
		{ "verify-quote", "--quote", raw, "--collateral", collateral, "--event-log", raw },
		{ "verify-quote", "--quote", raw, "--collateral", collateral, "--trusted-values", pinned,
		  "--release-tag", text, "--node-size", text, "--report-data", text },
		{ "verify-quote", "--quote", raw, "--collateral", collateral, "--root", raw },
		{ "verify-quote", "--quote", text, "--collateral", text, "--policy", text },
		{ "verify-token", "--token", raw, "--jwks", raw },
		{ "verify-token", "--token", jwt, "--jwks", jwks },
		{ "verify-token", "--token", jwt, "--jwks", jwks, "--root", raw },
		{ "verify-token", "--token", text, "--jwks", text, "--at", text },
	};

	for (size_t i = 0; i < countof(verbs); i++)
		run_verb(w, class, verbs[i]);
	unlink(raw), unlink(jwt), unlink(jwks), unlink(pinned), unlink(collateral);
}

static void test_verbs(void **state maybe_unused)
{
	struct buf text = BUF_INIT(1 << 20);
	int tried = 0;

	for (int n = 0; n < hostile_count(); n += every, tried++) {
		const char *class = hostile_make(&text, n);
		struct world w;

		if (text.n > 100000)
			continue; /* no system takes such an argument */
		world_open(&w);
		world_hostile_text = text.s;
		world_fill(&w, WORLD_HOSTILE, 4000);
		world_evidence(&w, WORLD_HOSTILE, 4000);
		world_proof(&w, WORLD_HOSTILE, 4000);
		world_fleet(&w, WORLD_HOSTILE, 4000);
		verbs_of(&w, class, text.s);
		files_of(&w, class, text.s);
		world_close(&w);
	}
	print_message("%d strings of %d\n", tried, hostile_count());
	buf_done(&text);
}

/* With a harmless word in place of each: the verbs do print what the worlds and the files hold. */
static void test_reach(void **state maybe_unused)
{
	static const struct {
		const char *words[6], *seen;
	} verbs[] = {
		{ { "proof", "azz" }, "azz" },
		{ { "proof", "azz", "--machines" }, "3 machines" },
		{ { "proof", "azz", "--machine", "0azz" }, "the control plane says verified" },
		{ { "proof", "azz", "--machine", "0azz", "--json" }, "\"complaint\":\"azz\"" },
	};
	struct world w;

	world_open(&w);
	world_hostile_text = "azz";
	world_fill(&w, WORLD_HOSTILE, 4000);
	world_proof(&w, WORLD_HOSTILE, 4000);
	world_fleet(&w, WORLD_HOSTILE, 4000);
	for (size_t i = 0; i < countof(verbs); i++) {
		struct buf b = BUF_INIT(1 << 20);

		read_verb(&w, verbs[i].words, &b);
		buf_chr(&b, '\0');
		if (!strstr(b.s, verbs[i].seen))
			fail_msg("%s %s: %s", verbs[i].words[1], verbs[i].words[2], b.s);
		buf_done(&b);
	}
	world_close(&w);
}

static void test_log_and_errors(void **state maybe_unused)
{
	struct buf text = BUF_INIT(1 << 20);
	struct clock clock;

	clock_manual(&clock, (struct when){ WORLD_NOW });
	for (int n = 0; n < hostile_count(); n++) {
		const char *class = hostile_make(&text, n);
		struct err e = ERR_INIT;
		char got[1 << 17];
		int ends[2];

		assert_int_equal(err_set(&e, ERR_SERVER, "%s", text.s), -ERR_SERVER);
		err_hint(&e, "%s", text.s);
		must_be_inert("message", class, e.message, strlen(e.message));
		must_be_inert("hint", class, e.hint, strlen(e.hint));
		assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
		fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
		log_line(&(struct log){ .fd = ends[1], .clock = &clock }, "corpus", "%s", text.s);
		ssize_t len = read(ends[0], got, sizeof(got));

		assert_true(len > 0);
		must_be_inert("log", class, got, (size_t)len);
		close(ends[0]);
		close(ends[1]);
	}
	buf_done(&text);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_reach), cmocka_unit_test(test_verbs),
					    cmocka_unit_test(test_log_and_errors) };

	if (argc > 2 && !strcmp(argv[1], "--every"))
		every = atoi(argv[2]);
	setenv("LC_ALL", "C.UTF-8", 1);
	return cmocka_run_group_tests_name("corpus", tests, NULL, NULL);
}
