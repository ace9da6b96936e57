/* Where the token comes from, for which host, and what a program that is asked for it gets to see (reliability 5.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "core/engine/options.h"
#include "tests/folder.h"

static char dir[64];

static const char *const variables[] = { "GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN",
					 "GITHUB_ENTERPRISE_TOKEN" };

static void put(const char *name, mode_t mode, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	chmod(path, mode);
}

static void take_away(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

static int enter(void **state maybe_unused)
{
	folder_new(dir);
	setenv("GH_CONFIG_DIR", dir, 1);
	setenv("HOME", dir, 1);
	setenv("PATH", dir, 1); /* no program but ours can be asked */
	for (size_t i = 0; i < countof(variables); i++)
		unsetenv(variables[i]);
	return 0;
}

static int leave(void **state maybe_unused)
{
	static const char *const names[] = { "hosts.yml", "gh", "git", "said", "token" };

	for (size_t i = 0; i < countof(names); i++)
		take_away(names[i]);
	setenv("PATH", "/usr/bin:/bin", 1);
	return rmdir(dir);
}

/* "SOURCE: TOKEN" */
static const char *token_of(const char *api, const char *file, struct arena *a)
{
	struct options o = { .api = api, .token_file = file };
	struct secret s = SECRET_INIT;
	struct err e = ERR_INIT;
	const char *source = "?", *all;
	int r = token_take(&s, &o, &source, a, &e);

	all = r < 0 ? arena_printf(a, "error: %s", e.message)
		    : arena_printf(a, "%s: %s", source, s.n ? s.bytes : "");
	secret_done(&s);
	return all;
}

static void must_be(const char *what, const char *got, const char *expected)
{
	if (strcmp(got, expected) != 0)
		fail_msg("%s: \"%s\" is not \"%s\"", what, got, expected);
}

#define HOSTS                                                                                 \
	"github.com:\n    oauth_token: gho_public\nghe.test:\n    oauth_token: gho_private\n" \
	"acme.ghe.com:\n    oauth_token: gho_cloud\n"

static void a_host_gets_its_own(void **state maybe_unused)
{
	static const struct {
		const char *api, *with_env, *with_file;
	} cases[] = {
		{ "https://api.github.com", "environment GH_TOKEN: ghp_public", "hosts.yml: gho_public" },
		{ "https://API.GitHub.com/", "environment GH_TOKEN: ghp_public", "hosts.yml: gho_public" },
		{ "https://api.acme.ghe.com", "environment GH_TOKEN: ghp_public", "hosts.yml: gho_cloud" },
		{ "https://ghe.test/api/v3", "environment GH_ENTERPRISE_TOKEN: ghp_private",
		  "hosts.yml: gho_private" },
		{ "https://api.github.com.evil.test", "environment GH_ENTERPRISE_TOKEN: ghp_private",
		  "none: " },
		{ "https://evil.test/api.github.com", "environment GH_ENTERPRISE_TOKEN: ghp_private",
		  "none: " },
		{ "https://evil-ghe.com", "environment GH_ENTERPRISE_TOKEN: ghp_private", "none: " },
		{ "https://github.com@evil.test", "environment GH_ENTERPRISE_TOKEN: ghp_private", "none: " },
		{ "https://api.github.com:444", "environment GH_ENTERPRISE_TOKEN: ghp_private", "none: " },
		{ "https://xn--github-com.test", "environment GH_ENTERPRISE_TOKEN: ghp_private", "none: " },
	};
	autofree(arena) struct arena a = ARENA_INIT;

	put("hosts.yml", 0600, HOSTS);
	for (size_t i = 0; i < countof(cases); i++) {
		setenv("GH_TOKEN", "ghp_public", 1);
		setenv("GH_ENTERPRISE_TOKEN", "ghp_private", 1);
		must_be(cases[i].api, token_of(cases[i].api, NULL, &a), cases[i].with_env);
		for (size_t k = 0; k < countof(variables); k++)
			assert_null(getenv(variables[k])); /* used or not */
		must_be(cases[i].api, token_of(cases[i].api, NULL, &a), cases[i].with_file);
	}
}

static void a_file_wins_and_must_be_ours(void **state maybe_unused)
{
	autofree(arena) struct arena a = ARENA_INIT;
	const char *file = arena_printf(&a, "%s/token", dir);

	setenv("GH_TOKEN", "ghp_public", 1);
	put("token", 0600, "ghp_file\n");
	must_be("file", token_of("https://api.github.com", file, &a), "token file: ghp_file");
	put("token", 0644, "ghp_file\n");
	assert_non_null(strstr(token_of("https://api.github.com", file, &a), "is open to others"));
	put("hosts.yml", 0644, HOSTS);
	must_be("hosts.yml that others read", token_of("https://api.github.com", NULL, &a), "none: ");
}

/* Writes down what it was given, then answers. */
#define SAYS "#!/bin/sh\n{ echo \"$0 $*\"; /usr/bin/env; ls /proc/$$/fd 2>/dev/null; } >>%s/said\n"

static void programs_are_asked_last(void **state maybe_unused)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct buf said = BUF_INIT(1 << 16);
	char chunk[4096];

	put("gh", 0700, arena_printf(&a, SAYS "echo gho_keyring\n", dir));
	put("git", 0700, arena_printf(&a, SAYS "read p; read h; echo \"password=ghp_of_$h\"\n", dir));
	setenv("GITHUB_ENTERPRISE_TOKEN", "ghp_bird", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "bird", 1);
	must_be("gh", token_of("https://api.github.com", NULL, &a), "gh auth token: gho_keyring");
	put("gh", 0700, "#!/bin/sh\nexit 1\n");
	must_be("git", token_of("https://ghe.test/api/v3", NULL, &a), "git credential: ghp_of_host=ghe.test");
	unsetenv("AWS_SECRET_ACCESS_KEY");
	FILE *f = fopen(arena_printf(&a, "%s/said", dir), "re");

	assert_non_null(f);
	for (size_t n; (n = fread(chunk, 1, sizeof(chunk), f)) > 0;)
		buf_add(&said, chunk, n);
	fclose(f);
	assert_non_null(strstr(said.s, "gh auth token --hostname github.com\n"));
	assert_non_null(strstr(said.s, "git credential fill\n"));
	assert_null(strstr(said.s, "bird"));
	assert_non_null(strstr(said.s, "GIT_TERMINAL_PROMPT=0\n"));
	buf_done(&said);
}

static void programs_may_fail(void **state maybe_unused)
{
	static const char *const scripts[] = { "exit 1",
					       "echo 'not logged in: try'",
					       "exec yes x",
					       "kill -9 $$",
					       "printf 'a\\033[2Jb\\n'",
					       "",
					       "echo gho_said; exec >&-; exec sleep 1000" };
	static const char *const hosts[] = { "http://127.0.0.1:4711", "https://-rf", "https://a b",
					     "https://h\nhost=evil", "https://localhost" };
	autofree(arena) struct arena a = ARENA_INIT;

	for (size_t i = 0; i < countof(scripts); i++) {
		put("gh", 0700, arena_printf(&a, "#!/bin/sh\nPATH=/usr/bin:/bin\n%s\n", scripts[i]));
		must_be(scripts[i], token_of("https://api.github.com", NULL, &a), "none: ");
	}
	put("gh", 0700, "#!/bin/sh\necho gho_keyring\n");
	for (size_t i = 0; i < countof(hosts); i++)
		must_be(hosts[i], token_of(hosts[i], NULL, &a), "none: ");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_host_gets_its_own),
		CASE(a_file_wins_and_must_be_ours),
		CASE(programs_are_asked_last),
		CASE(programs_may_fail),
	};

	return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}
