#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "base/path.h"
#include "base/secret.h"
#include "tests/folder.h"

#define TOKEN "tok-1234567890"

struct place {
	char dir[64];
	char file[80], link[80];
};

static int place_open(void **state)
{
	struct place *p = x_alloc(sizeof(*p));

	folder_new(p->dir);
	snprintf(p->file, sizeof(p->file), "%s/token", p->dir);
	snprintf(p->link, sizeof(p->link), "%s/link", p->dir);
	*state = p;
	return 0;
}

static int place_close(void **state)
{
	struct place *p = *state;

	free(p);
	return 0;
}

static void write_file(const char *path, const void *text, size_t n, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), n);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void values_that_would_change_a_request_are_refused(void **state)
{
	static const char *const bad[] = {
		NULL, "", " ", "a b", "a\n", "\ra", "a\r\nX-Evil: 1", "a\tb", "a\x7f", "caf\xc3\xa9"
	};
	struct secret s = SECRET_INIT;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(secret_set(&s, "kept", &e), 0);
	for (size_t i = 0; i < countof(bad); i++) {
		assert_int_equal(secret_set(&s, bad[i], &e), -ERR_INVALID);
		assert_null(strstr(e.message, "Evil")); /* the value is never told */
		assert_string_equal(s.bytes, "kept");
	}
	assert_int_equal(secret_set(&s, TOKEN, &e), 0);
	assert_string_equal(s.bytes, TOKEN);
	assert_int_equal(s.n, strlen(TOKEN));
	secret_done(&s);
	assert_null(s.bytes);
	secret_done(&s);
}

static void lengths_are_bounded(void **state)
{
	char longest[SECRET_MAX + 2];
	struct secret s = SECRET_INIT;

	(void)state;
	memset(longest, 'x', sizeof(longest));
	longest[SECRET_MAX + 1] = '\0';
	assert_int_equal(secret_set(&s, longest, NULL), -ERR_INVALID);
	assert_int_equal(secret_set(&s, longest + 1, NULL), 0);
	secret_done(&s);
}

static void files_give_their_one_line(void **state)
{
	static char longest[SECRET_MAX + 3];
	static const struct {
		const char *text;
		int result;
	} cases[] = {
		{ TOKEN, 0 },
		{ TOKEN "\n", 0 },
		{ TOKEN "\n\n", -ERR_INVALID },
		{ TOKEN "\r\n", -ERR_INVALID },
		{ TOKEN "\nsecond", -ERR_INVALID },
		{ "", -ERR_INVALID },
		{ "\n", -ERR_INVALID },
	};
	struct place *p = *state;
	struct secret s = SECRET_INIT;

	for (size_t i = 0; i < countof(cases); i++) {
		struct err e = ERR_INIT;

		write_file(p->file, cases[i].text, strlen(cases[i].text), 0600);
		assert_int_equal(secret_read_file(&s, p->file, &e), cases[i].result);
		assert_null(strstr(e.message, TOKEN));
		if (!cases[i].result)
			assert_string_equal(s.bytes, TOKEN);
		secret_done(&s);
	}
	write_file(p->file, "a\0b", 3, 0600);
	assert_int_equal(secret_read_file(&s, p->file, NULL), -ERR_INVALID);
	memset(longest, 'x', sizeof(longest));
	longest[SECRET_MAX] = '\n';
	write_file(p->file, longest, SECRET_MAX + 1, 0400);
	assert_int_equal(secret_read_file(&s, p->file, NULL), 0);
	assert_int_equal(s.n, SECRET_MAX);
	secret_done(&s);
	longest[SECRET_MAX] = 'x';
	assert_int_equal(unlink(p->file), 0);
	write_file(p->file, longest, sizeof(longest), 0600);
	assert_int_equal(secret_read_file(&s, p->file, NULL), -ERR_INVALID);
}

static void files_that_others_touch_are_refused(void **state)
{
	static const mode_t open_modes[] = { 0640, 0604, 0620, 0602, 0610, 0644, 0666 };
	struct place *p = *state;
	struct secret s = SECRET_INIT;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < countof(open_modes); i++) {
		write_file(p->file, TOKEN, strlen(TOKEN), open_modes[i]);
		assert_int_equal(secret_read_file(&s, p->file, &e), -ERR_INVALID);
		assert_non_null(strstr(e.message, "open to others"));
		assert_non_null(strstr(e.hint, "chmod 600"));
	}
	assert_int_equal(chmod(p->file, 0600), 0);
	assert_int_equal(symlink(p->file, p->link), 0);
	assert_int_equal(secret_read_file(&s, p->link, &e), -ERR_INVALID);
	assert_non_null(strstr(e.message, "symbolic link"));
	assert_int_equal(unlink(p->link), 0);
	assert_int_equal(mkfifo(p->link, 0600), 0);
	assert_int_equal(secret_read_file(&s, p->link, &e), -ERR_INVALID);
	assert_int_equal(secret_read_file(&s, p->dir, &e), -ERR_INVALID);
	assert_int_equal(secret_read_file(&s, "/nowhere/token", &e), -ERR_INVALID);
	if (geteuid() == 0) {
		assert_int_equal(chown(p->file, 12345, 12345), 0);
		assert_int_equal(secret_read_file(&s, p->file, &e), -ERR_INVALID);
		assert_non_null(strstr(e.message, "belongs to user 12345"));
	}
	assert_null(s.bytes);
}

static void the_environment_forgets(void **state)
{
	struct secret s = SECRET_INIT;
	const char *memory;

	(void)state;
	assert_int_equal(setenv("TEST_TOKEN", TOKEN, 1), 0);
	memory = getenv("TEST_TOKEN");
	assert_non_null(memory);
	assert_int_equal(secret_take_env(&s, "TEST_TOKEN", NULL), 0);
	assert_string_equal(s.bytes, TOKEN);
	assert_null(getenv("TEST_TOKEN"));
	for (size_t i = 0; memory && i < strlen(TOKEN); i++)
		assert_int_equal(memory[i], 0);
	assert_int_equal(secret_take_env(&s, "TEST_TOKEN", NULL), 1);
	setenv("TEST_TOKEN", "", 1);
	assert_int_equal(secret_take_env(&s, "TEST_TOKEN", NULL), 1);
	setenv("TEST_TOKEN", "bad value", 1);
	assert_int_equal(secret_take_env(&s, "TEST_TOKEN", NULL), -ERR_INVALID);
	assert_null(getenv("TEST_TOKEN"));
	assert_string_equal(s.bytes, TOKEN);
	secret_done(&s);
}

static void redaction_knows_the_token_and_the_shapes(void **state)
{
	static const struct {
		const char *text, *clean;
	} cases[] = {
		{ "", "" },
		{ "nothing here", "nothing here" },
		{ TOKEN, "[redacted]" },
		{ "a " TOKEN TOKEN " b", "a [redacted][redacted] b" },
		{ "tok-123456789", "tok-123456789" },
		{ "use ghp_abcDEF123 now", "use ghp_[redacted] now" },
		{ "gho_a ghu_b ghs_c.d-e ghr_f",
		  "gho_[redacted] ghu_[redacted] ghs_[redacted] ghr_[redacted]" },
		{ "github_pat_11AB_cd\n", "github_pat_[redacted]\n" },
		{ "Authorization: Bearer eyJh.b-_~+/c=", "Authorization: Bearer [redacted]" },
		{ "authorization: bearer  abcdefgh\"", "authorization: bearer  [redacted]\"" },
		{ "Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [redacted]" },
		{ "Bearer " TOKEN, "Bearer [redacted]" },
		{ "Basic checks", "Basic checks" },
		{ "ghp_", "ghp_" },
		{ "ghp_ ", "ghp_ " },
	};
	autofree(buf) struct buf out = BUF_INIT(1000);
	struct secret s = SECRET_INIT, none = SECRET_INIT;

	(void)state;
	assert_int_equal(secret_set(&s, TOKEN, NULL), 0);
	for (size_t i = 0; i < countof(cases); i++) {
		buf_reset(&out);
		secret_redact(&out, cases[i].text, &s);
		assert_string_equal(out.s, cases[i].clean);
	}
	buf_reset(&out);
	secret_redact(&out, "ghp_a " TOKEN, &none);
	secret_redact(&out, " ghp_b", NULL);
	assert_string_equal(out.s, "ghp_[redacted] " TOKEN " ghp_[redacted]");
	secret_done(&s);
}

/* A log line is one JSON object, whatever is put into it, and the token is not in it. */
static void log_lines_are_json_without_secrets(void **state)
{
	struct place *p = *state;
	autofree(buf) struct buf text = BUF_INIT(100000);
	struct secret s = SECRET_INIT;
	struct clock clock;
	struct json *line;
	struct log log = { .fd = open(p->file, O_RDWR | O_CREAT, 0600), .clock = &clock, .secret = &s };

	clock_manual(&clock, (struct when){ 1795244889000 });
	assert_int_equal(secret_set(&s, TOKEN, NULL), 0);
	log_line(&log, "poll", "said \"%s\" with %s", "\x1b[2J\nx", TOKEN);
	close(log.fd);
	assert_int_equal(path_read(&text, p->file, NULL), 0);
	assert_null(strstr(text.s, TOKEN));
	assert_ptr_equal(strchr(text.s, '\n'), text.s + text.n - 1);
	assert_int_equal(json_parse(&line, text.s, text.n, text.n, NULL), 0);
	assert_string_equal(json_str(line, "time"), "2026-11-21T07:08:09Z");
	assert_string_equal(json_str(line, "event"), "poll");
	assert_string_equal(json_str(line, "detail"), "said \"\\x1b[2J\\x0ax\" with [redacted]");
	json_free(line);
	log.fd = -1;
	log_line(&log, "off", "%s", "nothing");
	log_line(NULL, "off", "%s", "nothing");
	secret_done(&s);
}

static void long_log_lines_are_bounded(void **state)
{
	struct place *p = *state;
	autofree(buf) struct buf text = BUF_INIT(100000);
	static char hostile[5000];
	struct clock clock;
	struct log log = { .fd = open(p->file, O_RDWR | O_CREAT, 0600), .clock = &clock };
	int lines = 0;

	clock_manual(&clock, (struct when){ 1795244889000 });
	memset(hostile, '\x01', sizeof(hostile) - 1);
	log_line(&log, "long", "%s", hostile);
	log_line(&log, "longer", "%s%s", hostile, hostile);
	close(log.fd);
	assert_int_equal(path_read(&text, p->file, NULL), 0);
	for (char *line = text.s, *end; (end = strchr(line, '\n')); line = end + 1, lines++) {
		struct json *j;

		assert_int_equal(json_parse(&j, line, (size_t)(end - line), 100000, NULL), 0);
		assert_non_null(json_str(j, "detail"));
		json_free(j);
	}
	assert_int_equal(lines, 2);
}

#define place_test(f) cmocka_unit_test_setup_teardown(f, place_open, place_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_that_would_change_a_request_are_refused),
		cmocka_unit_test(lengths_are_bounded),
		place_test(files_give_their_one_line),
		place_test(files_that_others_touch_are_refused),
		cmocka_unit_test(the_environment_forgets),
		cmocka_unit_test(redaction_knows_the_token_and_the_shapes),
		place_test(log_lines_are_json_without_secrets),
		place_test(long_log_lines_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
