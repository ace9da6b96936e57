/*
 * Names that lie, on every screen: whatever the forge is made to say, the terminal is sent letters and what its description
 * can produce, and nothing else. Each byte that the program wrote is read, not what an emulator made of it.
 */
#include <signal.h>

#include "tests/pty/console.h"

/* ---- what may be sent to an xterm-256color ------------------------------------------------------------------------------ */

/* As its description has them; # is a number. Looks are put together of several: look_bytes(). */
static const char *const sequences[] = {
	"\r",          "\n",          "\b",        "\033[A",       "\033[C",       "\033[#A", /* moves */
	"\033[#B",     "\033[#C",     "\033[#D",   "\033[#G",      "\033[#d",      "\033[H",
	"\033[#;#H",   "\033[2J",     "\033[K",    "\033[#X",      "\033[#b",      /* cells */
	"\033[#;#r",   "\033M",       "\033[#S",   "\033[#T",      "\033(B",       /* rows */
	"\033[?1049h", "\033[?1049l", "\033[?7h",  "\033[22;0;0t", "\033[23;0;0t", /* coming and going */
	"\033[?25l",   "\033[?25h",   "\033[?12l", "\033[?2004h",  "\033[?2004l",
};

static const char *const look_codes[] = { "",   "0",  "1",  "2",  "4",  "7",  "30", "31",
					  "32", "33", "34", "35", "36", "37", "39" };

/* Not letters, or letters that nobody sees, or that turn the others round. */
static const struct {
	uint32_t first, last;
} forbidden[] = {
	{ 0x00, 0x1f },     { 0x7f, 0x9f },     { 0xad, 0xad },        { 0x61c, 0x61c },   { 0x180e, 0x180e },
	{ 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },    { 0xd800, 0xf8ff }, { 0xfeff, 0xfeff },
	{ 0xfff0, 0xfffc }, { 0xfffe, 0xffff }, { 0xe0000, 0x10ffff },
};

static size_t digits(const char *s, size_t n)
{
	size_t i = 0;
	while (i < n && i < 4 && s[i] >= '0' && s[i] <= '9')
		i++;
	return i;
}

static size_t sequence_bytes(const char *form, const char *s, size_t n)
{
	size_t i = 0;
	for (; *form; form++) {
		size_t k = *form == '#' ? digits(s + i, n - i) : i < n && s[i] == *form;
		if (!k)
			return 0;
		i += k;
	}
	return i;
}

static bool is_look_code(const char *s, size_t n)
{
	for (size_t i = 0; i < countof(look_codes); i++)
		if (strlen(look_codes[i]) == n && !memcmp(look_codes[i], s, n))
			return true;
	return false;
}

static size_t look_bytes(const char *s, size_t n)
{
	size_t i = 2;
	if (n < 3 || memcmp(s, "\033[", 2) != 0)
		return 0;
	for (;;) {
		size_t k = digits(s + i, n - i);
		if (i + k >= n || !is_look_code(s + i, k))
			return 0;
		i += k + 1;
		if (s[i - 1] != ';')
			return s[i - 1] == 'm' ? i : 0;
	}
}

/* One letter of UTF-8 in its only spelling. */
static size_t letter_bytes(const char *s, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)s[0];
	size_t len = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
	uint32_t c = len == 1 ? first : first & (0x7fu >> len);
	if (!len || len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	}
	for (size_t i = 0; i < countof(forbidden); i++)
		if (c >= forbidden[i].first && c <= forbidden[i].last)
			return 0;
	return c >= least[len] && c <= 0x10ffff ? len : 0;
}

/* Where the first thing is that may not be sent; n: nowhere. */
static size_t first_bad(const char *s, size_t n)
{
	for (size_t at = 0, k; at < n; at += k) {
		k = letter_bytes(s + at, n - at);
		for (size_t i = 0; !k && i < countof(sequences); i++)
			k = sequence_bytes(sequences[i], s + at, n - at);
		k = k ? k : look_bytes(s + at, n - at);
		if (!k)
			return at;
	}
	return n;
}

#define BYTES(s)                 \
	{                        \
		s, sizeof(s) - 1 \
	}

static void test_the_reader_bites(void **state maybe_unused)
{
	static const struct {
		const char *s;
		size_t n;
	} good[] = { BYTES("plain"), BYTES("\xc3\xa9 \xe8\xa1\xa8 \xf0\x9f\x9a\x80 e\xcc\x81"),
		     BYTES("\033[12;80H\033[K\033[0;1;31mred\033(B\033[m\r\n\033[39;4m_") },
	  bad[] = {
		  BYTES("\0"),
		  BYTES("\a"),
		  BYTES("\t"),
		  BYTES("\x0e"),
		  BYTES("\x7f"),
		  BYTES("\x85"),
		  BYTES("\x9b"),
		  BYTES("\xc2\x80"),
		  BYTES("\xc2\x85"),
		  BYTES("\xc2\x9b"),
		  BYTES("\xc2\x9f"),
		  BYTES("\xc2\xad"),
		  BYTES("\xe2\x80\x8b"),
		  BYTES("\xe2\x80\x8f"),
		  BYTES("\xe2\x80\xaa"),
		  BYTES("\xe2\x80\xae"),
		  BYTES("\xe2\x81\xa6"),
		  BYTES("\xe2\x81\xa9"),
		  BYTES("\xef\xbb\xbf"),
		  BYTES("\xf3\xa0\x80\x81"),
		  BYTES("\xf3\xa0\x81\xbf"),
		  BYTES("\xc0\xaf"),
		  BYTES("\xe0\x80\xaf"),
		  BYTES("\xed\xa0\x80"),
		  BYTES("\xf4\x90\x80\x80"),
		  BYTES("\xc3"),
		  BYTES("\xe2\x80"),
		  BYTES("\xff"),
		  BYTES("\033"),
		  BYTES("\033["),
		  BYTES("\033[2"),
		  BYTES("\033[6n"),
		  BYTES("\033[c"),
		  BYTES("\033c"),
		  BYTES("\033[;H"),
		  BYTES("\033[12345;1H"),
		  BYTES("\033[5m"),
		  BYTES("\033[31;8m"),
		  BYTES("\033[31"),
		  BYTES("\033[1;"),
		  BYTES("\033[?1000h"),
		  BYTES("\033[>c"),
		  BYTES("\033]0;owned\a"),
		  BYTES("\033]52;c;RA==\a"),
		  BYTES("\033P+q\033\\"),
		  BYTES("\033[3J"),
		  BYTES("\033[4h"),
		  BYTES("\033(0"),
	  };
	for (size_t i = 0; i < countof(good); i++)
		assert_int_equal(first_bad(good[i].s, good[i].n), good[i].n);
	for (size_t i = 0; i < countof(bad); i++) {
		char s[64] = "ok \033[1mok";
		size_t before = strlen(s);
		memcpy(s + before, bad[i].s, bad[i].n);
		if (first_bad(s, before + bad[i].n) != before)
			fail_msg("row %zu is let through", i);
	}
}

/* ---- the walk ----------------------------------------------------------------------------------------------------------- */

/* Keys of the one table; those that go on by other ways are left to steps. */
static const char *const keys[] = {
#define COMMAND(id, name, kind, key, ...) key,
#include "core/command/commands.def"
#undef COMMAND
};

/* In a field of ours: what is no letter is not taken. */
#define STRANGE      "exe\xe2\x80\xaegpj\xc2\x9b\xf3\xa0\x81\x81\xe8\xa1\xa8\x07"
#define STRANGE_KEPT "exegpj\xe8\xa1\xa8"

static const struct {
	const char *keys, *see;
} steps[] = {
	{ "1", "  LANES  " },
	{ "N", "note easy/prod: why?" },
	{ STRANGE, "why? " STRANGE_KEPT },
	{ "\r", "D dispatch" },
	{ "D", "Esc leaves; nothing was sent" },
	{ "w", "s old" },
	{ "\033", "LANE " },
	{ "w", "  WHY  " },
	{ "\033", "LANE " },
	{ "2", "  RUNS  " },
	{ "/" STRANGE, " /" STRANGE_KEPT },
	{ "\r", "Nothing here matches" },
	{ "\033", "<script>" },
	{ "/exe.", " /exe." },
	{ "\r", "  RUNS  /exe.  " },
	{ "\033", "<script>" },
	{ "3", "  GATES  " },
	{ "4", "  CANARY  " },
	{ "5", "  PROOF  " },
	{ "6", "  DRIFT  " },
	{ "7", "  JOURNAL  " },
	{ "?", "  HELP  " },
	{ "\033", "  JOURNAL  " },
	{ ":outbox\r", "  OUTBOX  " },
	{ ":attest easy/prod\r", "  ATTEST easy/prod" },
	{ ":runs easy/staging\r", "  RUNS easy/staging" },
	{ "1", "  LANES  " },
	{ "b", "  READINESS easy/" },
	{ "1", "  LANES  " },
	{ ":what-if freeze easy --reason red\r", "what if: freeze easy" },
};

static void take_steps(struct console *c)
{
	for (size_t i = 0; i < countof(steps); i++) {
		for (const char *k = steps[i].keys; *k; k++)
			pty_write(c->p, k, 1);
		must_see(c, steps[i].see);
	}
	key_until(c, "\033", "LANE ");
}

/* Each run of a strange name on its own screen, and its log. */
static void open_runs(struct console *c)
{
	pty_type(c->p, "2");
	must_see(c, "<script>");
	for (int run = 0; run < 6; run++) {
		pty_type(c->p, "g");
		for (int down = 0; down < run; down++)
			pty_type(c->p, "j");
		pty_type(c->p, "\r");
		must_see(c, "  RUN 3553");
		pty_type(c->p, run % 3 ? "G" : "l");
		must_see(c, run % 3 ? "  RUN 3553" : "  LOG  ");
		key_until(c, "\033", "RESULT");
	}
}

/* Every key of the table by itself, on what the cursor of the screen is on. What came of each is not waited for. */
static void press_all(struct console *c, const char *screen)
{
	for (size_t i = 0; i < countof(keys); i++) {
		if (strlen(keys[i]) != 1 || *keys[i] == 'q')
			continue;
		pty_type(c->p, screen);
		pty_type(c->p, keys[i]);
		pty_settle(c->p, FINGER);
		pty_type(c->p, "\033");
		pty_settle(c->p, 2 * FINGER);
	}
}

static void must_be_clean(struct console *c)
{
	const char *raw = pty_raw(c->p);
	size_t n = pty_raw_n(c->p), at = first_bad(raw, n);
	assert_int_equal(n, pty_bytes(c->p)); /* all of it is there */
	print_message("%zu bytes\n", n);
	for (size_t i = at > 40 ? at - 40 : 0; at < n && i < n && i < at + 20; i++)
		print_message(i == at ? " >%02x" : " %02x", (unsigned char)raw[i]);
	if (at < n)
		fail_msg("byte %zu of %zu is neither text nor of a sequence", at, n);
}

static void walk(int rows, int cols, const char *screen)
{
	const char *argv[] = { PROGRAM, "drill", "strange-names", "--speed", "1", NULL };
	struct console c;
	console_dir(&c);
	console_start(&c, argv, rows, cols);
	must_see(&c, "Esc close");
	pty_type(c.p, "\033");
	must_see(&c, "v0.9.3");
	go_to(&c, "easy/prod");
	take_steps(&c);
	pty_type(c.p, "7");
	must_see(&c, STRANGE_KEPT);
	open_runs(&c);
	press_all(&c, screen);
	kill(pty_pid(c.p), SIGTERM); /* whatever is open now */
	assert_true(pty_wait_exit(c.p, SOON, NULL));
	must_be_clean(&c);
	console_end(&c);
}

static void test_80x24(void **state maybe_unused)
{
	walk(24, 80, "1");
}

static void test_120x40(void **state maybe_unused)
{
	walk(40, 120, "2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_reader_bites),
		cmocka_unit_test(test_80x24),
		cmocka_unit_test(test_120x40),
	};
	return cmocka_run_group_tests_name("strange", tests, NULL, NULL);
}
