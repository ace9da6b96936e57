#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#define ZLIB_CONST
#include <zlib.h>

#include "core/adapters/zip/zip.h"
#include "unit/zip/packed.h"

enum { MAX = 1 << 20, ARCHIVE_MAX = 34 << 20, MEMORY = 64 << 20 };

static int entry_of(const struct buf *archive, const char *glob, size_t max, struct buf *out, struct err *e)
{
	struct zip *z = NULL;
	/* exactly its bytes: one too far is seen */
	char *copy = malloc(archive->n ? archive->n : 1);
	int r;

	assert_non_null(copy);
	memcpy(copy, archive->s, archive->n);
	assert_int_equal(zip_open(&z, e), 0);
	r = z->ops->entry(z, copy, archive->n, glob, max, out, e);
	z->ops->free(z);
	free(copy);
	return r;
}

/* ---- what is read --------------------------------------------------------------------------------------------------- */

/* "hello" deflated with fixed codes. */
static const char deflated[] = {
	(char)0xcb, (char)0x48, (char)0xcd, (char)0xc9, (char)0xc9, (char)0x07, 0x00
};
static const char longer[] = { (char)0xcb, (char)0x48, (char)0xcd, (char)0xc9,
			       (char)0xc9, (char)0x07, 0x00,       0x00 };
#define DEFLATED .packed = deflated, .packed_n = sizeof(deflated), .method = 8

#define EXTRA_TIME "UT\x05\0\x03\0\0\0"

static const struct good {
	struct part parts[4];
	struct ends ends;
	const char *glob, *text;
} goods[] = {
	{ { { "a.json", "{}" } }, { 0 }, "a.json", "{}" },
	{ { { "a.json", "{}" }, { "dir/b.json", "[1]" } }, { 0 }, "*b.json", "[1]" },
	{ { { "dir/", "", .mode = 0040755 }, { "dir/b", "x", .mode = 0100644 } }, { 0 }, "dir/*", "x" },
	{ { { "a", "hello", DEFLATED } }, { 0 }, "?", "hello" },
	{ { { "a", "hello", DEFLATED, .flags = 8 }, { "b", "", .flags = 8 } }, { 0 }, "a", "hello" },
	{ { { "a", "hello", DEFLATED, .flags = 8, .no_mark = true } }, { 0 }, "a", "hello" },
	{ { { "b", "", .flags = 8 }, { "a", "hello", DEFLATED, .flags = 2 } }, { 0 }, "b", "" },
	{ { { "a", "x", .extra = EXTRA_TIME "\0", .extra_n = 9 } }, { 0 }, "a", "x" },
	{ { { "a", "x" } }, { .comment = "0123456789abcdef" }, "a", "x" },
	{ { { "\xc3\xa9.json", "x", .flags = 1 << 11 } }, { 0 }, "*.json", "x" },
};

static void test_reads(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(goods); i++) {
		struct buf archive = BUF_INIT(ARCHIVE_MAX), out = BUF_INIT(MAX);
		struct err e = ERR_INIT;

		pack(&archive, goods[i].parts, &goods[i].ends);
		buf_str(&out, "+");
		if (entry_of(&archive, goods[i].glob, 5, &out, &e) < 0)
			fail_msg("archive %zu: %s", i, e.message);
		assert_string_equal(out.s + 1, goods[i].text);
		assert_int_equal(entry_of(&archive, "nothing*", 5, &out, &e), -ERR_MISSING);
		buf_done(&archive);
		buf_done(&out);
	}
}

/* ---- what is refused ------------------------------------------------------------------------------------------------ */

static const struct bad {
	const char *why;
	struct part parts[4];
	struct ends ends;
} bads[] = {
	{ "twice", { { "a", "1" }, { "a", "2" } }, { 0 } },
	{ "twice", { { "b", "1" }, { "a", "2" }, { "b/", "" } }, { 0 } },
	{ "leads elsewhere", { { "../a", "1" } }, { 0 } },
	{ "leads elsewhere", { { "a", "1" }, { "b/../../c", "1" } }, { 0 } },
	{ "leads elsewhere", { { "a/..", "1" } }, { 0 } },
	{ "leads elsewhere", { { "/etc/passwd", "1" } }, { 0 } },
	{ "leads elsewhere", { { "a//b", "1" } }, { 0 } },
	{ "leads elsewhere", { { "./a", "1" } }, { 0 } },
	{ "leads elsewhere", { { "C:\\a", "1" } }, { 0 } },
	{ "leads elsewhere", { { "a\nb", "1" } }, { 0 } },
	{ "leads elsewhere", { { "a\x1b[2J", "1" } }, { 0 } },
	{ "leads elsewhere", { { "\xff\xfe", "1" } }, { 0 } },
	{ "leads elsewhere", { { "", "1" } }, { 0 } },
	{ "leads elsewhere", { { "/", "" } }, { 0 } },
	{ "link", { { "a", "/etc/passwd", .mode = 0120777 } }, { 0 } },
	{ "link", { { "a", "", .mode = 0010644 } }, { 0 } },
	{ "link", { { "a", "", .mode = 0020644 } }, { 0 } },
	{ "link", { { "a", "", .mode = 0040755 } }, { 0 } },
	{ "folder has content", { { "a/", "x" } }, { 0 } },
	{ "encrypted", { { "a", "x", .flags = 1 } }, { 0 } },
	{ "encrypted", { { "a", "x", .flags = 1 << 6 | 1 } }, { 0 } },
	{ "encrypted", { { "a", "x", .flags = 1 << 13 } }, { 0 } },
	{ "flags", { { "a", "x", .flags = 1 << 5 } }, { 0 } },
	{ "other than deflate", { { "a", "x", .method = 12 } }, { 0 } },
	{ "other than deflate", { { "a", "x", .method = 99 } }, { 0 } },
	{ "contradict", { { "a", "x", .size = 2 } }, { 0 } },
	{ "not what the directory says", { { "a", "x", .local_name = "b" } }, { 0 } },
	{ "not what the directory says", { { "a", "x", .local_name = "ab" } }, { 0 } },
	{ "not what the directory says", { { "a", "x", .local_size = 7 } }, { 0 } },
	{ "not what the directory says", { { "a", "x", .local_method = 8 } }, { 0 } },
	{ "before its directory", { { "a", "x" }, { "a", "y", .hidden = true } }, { 0 } },
	{ "before, between", { { "a", "y", .hidden = true }, { "a", "x" } }, { 0 } },
	{ "before, between", { { "a", "x" }, { "b", "y", .before = "hidden" } }, { 0 } },
	{ "before, between", { { "a", "x", .before = "#!/bin/sh\n" } }, { 0 } },
	{ "before, between", { { "a", "x" }, { "b", "x", .again = true } }, { 0 } },
	{ "second header", { { "a", "x", .extra = "\x01\0\x08\0\x01\0\0\0\0\0\0", .extra_n = 12 } }, { 0 } },
	{ "second header", { { "a", "x", .extra = "up\x02\0ab", .extra_n = 6 } }, { 0 } },
	{ "second header", { { "a", "x", .extra = "UT\xff\0x", .extra_n = 5 } }, { 0 } },
	{ "second header", { { "a", "x", .extra = "UT", .extra_n = 2 } }, { 0 } },
	{ "zip64", { { "a", "x" } }, { .zip64 = true } },
	{ "zip64", { { "a", "x" } }, { .count_add = 65534 } },
	{ "more than", { { "a", "x" } }, { .count_add = 1000 } },
	{ "directory", { { "a", "x" } }, { .count_add = 1 } },
	{ "directory", { { "a", "x" }, { "b", "x" } }, { .count_add = -1 } },
	{ "not where it says", { { "a", "x" } }, { .size_add = 1 } },
	{ "not where it says", { { "a", "x" } }, { .size_add = -1 } },
	{ "not where it says", { { "a", "x" } }, { .offset_add = 1 } },
	{ "not where it says", { { "a", "x" } }, { .offset_add = 1 << 30 } },
	{ "cut short", { { "a", "x" } }, { .after = "trailing" } },
	{ "damaged", { { "*", "x", .crc_flip = 1 } }, { 0 } },
	{ "damaged", { { "*", "hello", DEFLATED, .crc_flip = 1 } }, { 0 } },
	{ "larger than it says", { { "*", "hello", DEFLATED, .size = 4 } }, { 0 } },
	{ "smaller than it says", { { "*", "hello", DEFLATED, .size = 6 } }, { 0 } },
	{ "damaged", { { "*", "hello", .packed = "\xff\xff\xff", .packed_n = 3, .method = 8 } }, { 0 } },
	{ "damaged", { { "*", "hello", .packed = deflated, .packed_n = 3, .method = 8 } }, { 0 } },
	{ "cut short", { { "*", "hello", .packed = deflated, .packed_n = 3, .method = 8 } }, { 0 } },
	{ "behind its end",
	  { { "*", "hello", .packed = longer, .packed_n = sizeof(longer), .method = 8 } },
	  { 0 } },
	{ "says that it has", { { "*", "hello", DEFLATED, .size = 0xfffffffe } }, { 0 } },
	{ "says that it has", { { "*", "hello", DEFLATED, .size = MAX + 1 } }, { 0 } },
	{ "several", { { "*a", "x" }, { "*b", "x" } }, { 0 } },
};

/* Every refusal has its reason and leaves nothing in the buffer. */
static void refuse_one(size_t i)
{
	struct buf archive = BUF_INIT(ARCHIVE_MAX), out = BUF_INIT(MAX);
	struct err e = ERR_INIT;
	struct bad bad = bads[i];

	pack(&archive, bad.parts, &bad.ends);
	if (entry_of(&archive, "*", MAX, &out, &e) != -ERR_CORRUPT)
		fail_msg("archive %zu (%s) was read: %s", i, bad.why, out.s);
	if (!strstr(e.message, bad.why))
		fail_msg("archive %zu: \"%s\" does not hold \"%s\"", i, e.message, bad.why);
	assert_int_equal(out.n, 0);
	buf_done(&archive);
	buf_done(&out);
}

static void test_refuses(void **state maybe_unused)
{
	for (size_t i = 0; i < countof(bads); i++)
		refuse_one(i);
}

static void test_no_zip(void **state maybe_unused)
{
	static const char *const texts[] = { "", "PK", "{\"message\":\"Gone\"}", "<html>sign in</html>",
					     "PK\x03\x04 and then nothing that would be one" };

	for (size_t i = 0; i < countof(texts); i++) {
		struct buf archive = BUF_INIT(MAX), out = BUF_INIT(MAX);
		struct err e = ERR_INIT;

		buf_str(&archive, texts[i]);
		assert_int_equal(entry_of(&archive, "*", MAX, &out, &e), -ERR_CORRUPT);
		assert_non_null(strstr(e.message, "no zip"));
		buf_done(&archive);
		buf_done(&out);
	}
}

/* A comment that is an end of its own: who looks from the back finds another archive than who looks for the longest. */
static void test_two_ends(void **state maybe_unused)
{
	static const struct ends ends = { .comment = "0123456789012345678901" };
	struct buf archive = BUF_INIT(MAX), out = BUF_INIT(MAX);
	struct err e = ERR_INIT;

	pack(&archive, goods[0].parts, &ends);
	memset(archive.s + archive.n - 22, 0, 22);
	memcpy(archive.s + archive.n - 22, "PK\5\6", 4);
	assert_int_equal(entry_of(&archive, "*", MAX, &out, &e), -ERR_CORRUPT);
	assert_non_null(strstr(e.message, "two ways"));
	buf_done(&archive);
	buf_done(&out);
}

/* A beginning of an archive is no archive, and no byte beyond its end is looked at. */
static void test_truncated(void **state maybe_unused)
{
	struct buf archive = BUF_INIT(MAX), out = BUF_INIT(MAX);

	pack(&archive, goods[4].parts, &goods[4].ends);
	for (size_t n = archive.n; n-- > 0;) {
		struct err e = ERR_INIT;

		buf_cut(&archive, n);
		assert_int_equal(entry_of(&archive, "a", MAX, &out, &e), -ERR_CORRUPT);
	}
	buf_done(&archive);
	buf_done(&out);
}

/* Any one byte wrong: read as it was, or refused; never something else. */
static void test_flipped(void **state maybe_unused)
{
	struct buf archive = BUF_INIT(MAX), out = BUF_INIT(MAX);

	pack(&archive, goods[4].parts, &goods[4].ends);
	for (size_t i = 0; i < archive.n; i++) {
		for (int bit = 0; bit < 8; bit++) {
			struct err e = ERR_INIT;
			int r;

			archive.s[i] = (char)(archive.s[i] ^ 1 << bit);
			buf_reset(&out);
			r = entry_of(&archive, "a", MAX, &out, &e);
			if (r >= 0)
				assert_string_equal(out.s, "hello");
			else
				assert_true(r == -ERR_CORRUPT || r == -ERR_MISSING);
			archive.s[i] = (char)(archive.s[i] ^ 1 << bit);
		}
	}
	buf_done(&archive);
	buf_done(&out);
}

static void test_many(void **state maybe_unused)
{
	for (int count = ZIP_ENTRIES; count <= ZIP_ENTRIES + 1; count++) {
		struct buf archive = BUF_INIT(MAX), directory = BUF_INIT(MAX), out = BUF_INIT(MAX);
		struct err e = ERR_INIT;
		uint32_t central;

		for (int i = 0; i < count; i++) {
			char name[16];
			struct part p = { name, "x" };
			struct said s;

			snprintf(name, sizeof(name), "file-%d", i);
			s = packed_say(&p);
			s.offset = (uint32_t)archive.n;
			put_local(&archive, &p, s);
			put_central(&directory, &p, s);
		}
		central = (uint32_t)archive.n;
		buf_add(&archive, directory.s, directory.n);
		put_end(&archive, &(struct ends){ 0 }, (uint32_t)count, central);
		assert_int_equal(entry_of(&archive, "file-999", MAX, &out, &e),
				 count <= ZIP_ENTRIES ? 0 : -ERR_CORRUPT);
		buf_done(&archive);
		buf_done(&directory);
		buf_done(&out);
	}
}

/* ---- bombs, and the memory they cost ---------------------------------------------------------------------------------- */

/* n zeros, deflated; the crc of them. */
static uint32_t deflate_zeros(struct buf *out, size_t n)
{
	static const Bytef zeros[1 << 16];
	Bytef piece[4096];
	z_stream z = { 0 };
	uLong crc = crc32(0, NULL, 0);
	int r = deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);

	for (size_t left = n; r == Z_OK;) {
		if (!z.avail_in && left) {
			z.next_in = zeros;
			z.avail_in = (uInt)(left < sizeof(zeros) ? left : sizeof(zeros));
			crc = crc32(crc, zeros, z.avail_in);
			left -= z.avail_in;
		}
		z.next_out = piece;
		z.avail_out = sizeof(piece);
		r = deflate(&z, left ? Z_NO_FLUSH : Z_FINISH);
		buf_add(out, piece, sizeof(piece) - z.avail_out);
	}
	assert_int_equal(r, Z_STREAM_END);
	assert_int_equal(deflateEnd(&z), Z_OK);
	return (uint32_t)crc;
}

/* A zip of one entry of zeros. */
static void write_zeros(struct buf *out, const char *name, size_t n)
{
	struct buf packed = BUF_INIT(ARCHIVE_MAX);
	uint32_t crc = deflate_zeros(&packed, n);
	struct said said = { crc, (uint32_t)packed.n, (uint32_t)n, 0 };
	struct part part = { name, "", .packed = packed.s, .packed_n = packed.n, .method = 8 };
	uint32_t central;

	assert_false(packed.over);
	put_local(out, &part, said);
	central = (uint32_t)out->n;
	put_central(out, &part, said);
	put_end(out, &(struct ends){ 0 }, 1, central);
	buf_done(&packed);
}

/* What the archive says of its size, in header, directory and behind the data, becomes another number. */
static void restate(struct buf *archive, uint32_t from, uint32_t to)
{
	for (size_t i = 0; i + 4 <= archive->n; i++) {
		const unsigned char *p = (const unsigned char *)archive->s + i;
		uint32_t v =
			(uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;

		for (int k = 0; v == from && k < 4; k++)
			archive->s[i + (size_t)k] = (char)(to >> 8 * k & 255);
	}
}

/* Peak memory of a child that does the work, in bytes, and its exit status. */
static long peak_of(void (*work)(const struct buf *), const struct buf *archive)
{
	struct rusage used = { 0 };
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
#if !defined(__SANITIZE_ADDRESS__)
		struct rlimit limit = { MEMORY + 2 * archive->n, MEMORY + 2 * archive->n };

		setrlimit(RLIMIT_DATA, &limit);
#endif
		if (work)
			work(archive);
		_exit(0);
	}
	assert_int_equal(wait4(pid, &status, 0, &used), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return used.ru_maxrss * 1024;
}

static void must_refuse(const struct buf *archive)
{
	struct buf out = BUF_INIT(16 << 20);
	struct err e = ERR_INIT;

	if (entry_of(archive, "*", 8 << 20, &out, &e) != -ERR_CORRUPT || !e.message[0]) {
		print_message("it was read: %zu bytes\n", out.n);
		_exit(1);
	}
	buf_done(&out);
}

static void must_read(const struct buf *archive)
{
	struct buf out = BUF_INIT(16 << 20);
	struct err e = ERR_INIT;

	if (entry_of(archive, "*", 8 << 20, &out, &e) < 0 || out.n != 8 << 20) {
		print_message("%s\n", e.message);
		_exit(1);
	}
	buf_done(&out);
}

static void test_bombs(void **state maybe_unused)
{
	static const struct {
		size_t zeros;
		uint32_t says; /* 0: the truth */
		void (*work)(const struct buf *);
	} cases[] = {
		{ 8 << 20, 0, must_read },            /* 1000:1, and within the limit */
		{ 200 << 20, 0, must_refuse },        /* says that it is too large */
		{ 200 << 20, 8 << 20, must_refuse },  /* lies: inflates to more */
		{ 1 << 20, 0xfffffff0, must_refuse }, /* 4 GB declared */
		{ 200 << 20, 1, must_refuse },
	};
	struct buf empty = BUF_INIT(1);
	long before = peak_of(NULL, &empty);

	for (size_t i = 0; i < countof(cases); i++) {
		struct buf archive = BUF_INIT(ARCHIVE_MAX);
		long peak;

		write_zeros(&archive, "zeros.json", cases[i].zeros);
		if (cases[i].says)
			restate(&archive, (uint32_t)cases[i].zeros, cases[i].says);
		peak = peak_of(cases[i].work, &archive);
		if (peak - before > MEMORY)
			fail_msg("bomb %zu took %ld bytes", i, peak - before);
		buf_done(&archive);
	}
}

/* A zip in a zip is bytes: nothing opens it. */
static void test_nested(void **state maybe_unused)
{
	struct buf inner = BUF_INIT(MAX), archive = BUF_INIT(ARCHIVE_MAX), out = BUF_INIT(MAX);
	struct part parts[] = { { "inner.zip", "", .method = 0 }, { 0 } };
	struct err e = ERR_INIT;

	write_zeros(&inner, "zeros", 100 << 20);
	for (size_t i = 0; i < inner.n; i++)
		if (!inner.s[i])
			inner.s[i] = 1; /* the builder's bodies are text */
	parts[0].body = inner.s;
	pack(&archive, parts, NULL);
	assert_int_equal(entry_of(&archive, "*.zip", MAX, &out, &e), 0);
	assert_int_equal(out.n, inner.n);
	assert_memory_equal(out.s, inner.s, inner.n);
	buf_done(&inner);
	buf_done(&archive);
	buf_done(&out);
}

/* All that is refused is refused in little memory, too. */
static void refuse_all(const struct buf *none maybe_unused)
{
	for (size_t i = 0; i < countof(bads); i++)
		refuse_one(i);
}

static void test_memory(void **state maybe_unused)
{
	struct buf empty = BUF_INIT(1);
	long before = peak_of(NULL, &empty);

	assert_true(peak_of(refuse_all, &empty) - before <= MEMORY);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),     cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_no_zip),    cmocka_unit_test(test_two_ends),
		cmocka_unit_test(test_truncated), cmocka_unit_test(test_flipped),
		cmocka_unit_test(test_many),      cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_nested),    cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
