/* What is told is a datagram that journald would take; what it gives back is read without trust. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "core/adapters/journald/journald.h"
#include "tests/folder.h"

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

struct heard {
	int n;
	int64_t seq;
	char journal[64];
};

static int hear(void *ctx, const struct witness_word *w)
{
	struct heard *h = ctx;

	h->n++;
	h->seq = w->seq;
	(void)snprintf(h->journal, sizeof(h->journal), "%s", w->journal);
	assert_string_equal(w->hash, HASH);
	return 0;
}

static const struct witness_word word = {
	.journal = "/s/journal.db", .seq = 12, .hash = HASH, .text = "line 12"
};

static void a_word_is_a_datagram(void **state)
{
	char dir[FOLDER_PATH], got[4096] = "";
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct witness *w;
	struct err e = ERR_INIT;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)state;
	folder_new(dir);
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s/socket", dir);
	w = journald_new(at.sun_path, "/nonexistent");
	assert_int_equal(w->ops->tell(w, &word, &e), 1); /* nobody is there */
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(w->ops->tell(w, &word, &e), 0);
	assert_true(recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT) > 0);
	assert_string_equal(got, "MESSAGE=line 12\nPRIORITY=5\nSYSLOG_IDENTIFIER=pilothouse\n"
				 "PILOTHOUSE_JOURNAL=/s/journal.db\nPILOTHOUSE_SEQ=12\nPILOTHOUSE_HASH=" HASH
				 "\n");
	close(fd);
	assert_int_equal(w->ops->tell(w, &word, &e), 1); /* it has gone */
	w->ops->free(w);
}

/* A value of several lines cannot pass for another field. */
static void lines_in_a_value_are_framed(void **state)
{
	struct witness_word bad = word;
	autofree(buf) struct buf b = BUF_INIT(4096);
	struct heard h = { 0 };

	(void)state;
	bad.journal = "/a\nPILOTHOUSE_SEQ=99";
	journald_write(&b, &bad);
	assert_int_equal(journald_parse(b.s, b.n, hear, &h, NULL), 0);
	assert_int_equal(h.n, 1);
	assert_int_equal(h.seq, 12);
	assert_string_equal(h.journal, bad.journal);
}

static void exports_are_read_without_trust(void **state)
{
#define FRAMED "PILOTHOUSE_JOURNAL\n\x02\0\0\0\0\0\0\0/s\nPILOTHOUSE_SEQ=3\nPILOTHOUSE_HASH=" HASH "\n"
	static const struct {
		const char *text;
		size_t n;
		int result, heard;
	} cases[] = {
#define CASE(text, result, heard) { text, sizeof(text) - 1, result, heard }
		CASE("", 0, 0),
		CASE("\n\n\n", 0, 0),
		CASE("MESSAGE=other\n\n", 0, 0),
		CASE(FRAMED, 0, 1),
		CASE(FRAMED "\n" FRAMED "\n", 0, 2),
		CASE("PILOTHOUSE_JOURNAL=/s\nPILOTHOUSE_SEQ=x\nPILOTHOUSE_HASH=" HASH "\n", 0, 0),
		CASE("PILOTHOUSE_JOURNAL=/s\nPILOTHOUSE_SEQ=1\nPILOTHOUSE_HASH=short\n", 0, 0),
		CASE("no end", -ERR_CORRUPT, 0),
		CASE("MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xff", -ERR_CORRUPT, 0),
		CASE("MESSAGE\n\x03\0\0\0\0\0\0\0ab", -ERR_CORRUPT, 0),
		CASE("MESSAGE\n\x01\0", -ERR_CORRUPT, 0),
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct heard h = { 0 };

		assert_int_equal(journald_parse(cases[i].text, cases[i].n, hear, &h, NULL), cases[i].result);
		assert_int_equal(h.n, cases[i].heard);
	}
}

/* A reader that says what journalctl would, and one that fails. */
static void the_reader_is_asked(void **state)
{
	static const struct {
		const char *script;
		int result, heard;
	} cases[] = {
		{ "#!/bin/sh\nprintf '%s\\nPILOTHOUSE_SEQ=7\\nPILOTHOUSE_HASH=" HASH "\\n\\n' \"$4\"\n", 0,
		  1 },
		{ "#!/bin/sh\nexit 1\n", 0, 0 }, /* journalctl's own way to say that nothing matches */
		{ "#!/bin/sh\nexit 3\n", -ERR_SERVER, 0 },
	};
	char dir[FOLDER_PATH], path[FOLDER_PATH + 16];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/reader", folder_new(dir));
	for (size_t i = 0; i < countof(cases); i++) {
		struct heard h = { 0 };
		struct witness *w = journald_new("/nonexistent", path);

		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
		assert_int_equal(write(fd, cases[i].script, strlen(cases[i].script)),
				 strlen(cases[i].script));
		assert_int_equal(fchmod(fd, 0700), 0);
		close(fd);
		assert_int_equal(w->ops->ask(w, "/s/journal.db", hear, &h, NULL), cases[i].result);
		assert_int_equal(h.n, cases[i].heard);
		if (h.n)
			assert_string_equal(h.journal, "/s/journal.db");
		w->ops->free(w);
	}
}

static void without_a_reader_nobody_is_asked(void **state)
{
	struct witness *w = journald_new("/nonexistent", "/nonexistent/journalctl");
	struct heard h = { 0 };

	(void)state;
	assert_int_equal(w->ops->ask(w, "/s", hear, &h, NULL), 1);
	w->ops->free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_is_a_datagram),
		cmocka_unit_test(lines_in_a_value_are_framed),
		cmocka_unit_test(exports_are_read_without_trust),
		cmocka_unit_test(the_reader_is_asked),
		cmocka_unit_test(without_a_reader_nobody_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
