/* Bytes become events: a table of what terminals send, and of what nobody should act on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "tui/keys.h"

struct heard {
	char names[2048];
	size_t most_burst;
	int chars, pasted;
};

static void hear(void *ctx, const struct key_event *ev)
{
	struct heard *h = ctx;
	char name[16];
	size_t n = strlen(h->names);
	snprintf(h->names + n, sizeof(h->names) - n, "%s%s", n ? " " : "", key_name(ev, name));
	h->chars += ev->code == KEY_CHAR;
	h->pasted += ev->pasted;
	if (ev->burst > h->most_burst)
		h->most_burst = ev->burst;
	assert_true(text_is_utf8(ev->text, strlen(ev->text)));
}

static const struct {
	const char *bytes, *names;
} table[] = {
	{ "j", "j" },
	{ "jk G", "j k Space G" },
	{ "\r", "Enter" },
	{ "\n", "Enter" },
	{ "\t", "Tab" },
	{ "\x7f", "Backspace" },
	{ "\b", "Backspace" },
	{ "\x04\x15\x0c", "Ctrl-d Ctrl-u Ctrl-l" },
	{ "\033[A\033[B\033[C\033[D", "Up Down Right Left" },
	{ "\033OA\033OB\033OH\033OF", "Up Down Home End" },
	{ "\033[1~\033[4~\033[7~\033[8~", "Home End Home End" },
	{ "\033[5~\033[6~\033[3~", "PgUp PgDn Delete" },
	{ "\033OM", "Enter" },
	{ "\033\033", "Esc Esc" },
	{ "\033[1;5A", "" },     /* modified arrows are no arrows, and no letters either */
	{ "\033[15~", "" },      /* F5 */
	{ "\033OP", "" },        /* F1 */
	{ "\033[[A", "" },       /* F1 of the Linux console: its A must not approve */
	{ "\033[M !!j", "j" },   /* mouse of X10: three bytes of noise */
	{ "\033[<0;10;5M", "" }, /* mouse, SGR */
	{ "\033[I\033[O", "" },  /* focus */
	{ "\033A\033D", "" },    /* Alt-A, Alt-D: no acts */
	{ "\033[12\033[Aj", "Up j" },
	{ "\033]0;title\aj", "j" },
	{ "\033]0;title\033\\j", "j" },
	{ "\033P1$r0m\033\\j", "j" },
	{ "\033[?1;2cj", "j" }, /* a terminal's answer */
	{ "\303\251j", "\303\251 j" },
	{ "\xff\xfej", "j" },
	{ "\xc3jj", "j j" }, /* half a character is dropped and takes nothing with it */
	{ "\xe2\x80\xae"
	  "j",
	  "j" }, /* a bidirectional control is no key */
	{ "\xc2\x9b"
	  "Aj",
	  "A j" }, /* C1 as UTF-8 is dropped; what follows is what was typed */
	{ "\033[200~D\rE\033[201~j", "(paste) D \n E j" }, /* a line's end, and no Enter */
	{ "\033[200~D\r\nE\tF\033[201~j", "(paste) D \n \n E Space F j" },
	{ "\033[200~\033[A\033]0;x\a\033[201~", "(paste) [ A ] 0 ; x" },
};

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(table); i++) {
		struct keys k;
		struct heard h = { .names = "" };
		keys_init(&k);
		keys_feed(&k, table[i].bytes, strlen(table[i].bytes), hear, &h);
		keys_flush(&k, hear, &h);
		if (strcmp(h.names, table[i].names) != 0)
			fail_msg("row %zu: \"%s\", not \"%s\"", i, h.names, table[i].names);
	}
}

/* However the line cuts a sequence, the events are the same. */
static void test_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(table); i++) {
		struct keys k;
		struct heard h = { .names = "" };
		keys_init(&k);
		for (const char *p = table[i].bytes; *p; p++)
			keys_feed(&k, p, 1, hear, &h);
		keys_flush(&k, hear, &h);
		if (strcmp(h.names, table[i].names) != 0)
			fail_msg("row %zu cut: \"%s\", not \"%s\"", i, h.names, table[i].names);
	}
}

static void test_lone_escape_waits(void **state)
{
	struct keys k;
	struct heard h = { .names = "" };
	(void)state;
	keys_init(&k);
	keys_feed(&k, "\033", 1, hear, &h);
	assert_true(keys_waiting(&k));
	assert_string_equal(h.names, "");
	keys_flush(&k, hear, &h);
	assert_string_equal(h.names, "Esc");
	assert_false(keys_waiting(&k));
	keys_feed(&k, "\033[1", 3, hear, &h);
	assert_true(keys_waiting(&k));
	keys_flush(&k, hear, &h); /* an unfinished sequence is no Esc and no keys */
	assert_string_equal(h.names, "Esc");
}

static void test_paste_is_marked(void **state)
{
	static const char paste[] = "\033[200~easy/prod v1\r\033[201~x";
	struct keys k;
	struct heard h = { .names = "" };
	(void)state;
	keys_init(&k);
	keys_feed(&k, paste, sizeof(paste) - 1, hear, &h);
	assert_null(strstr(h.names, "Enter"));
	assert_int_equal(h.pasted, h.chars - 1 + 1); /* every character but the x, and the paste itself */
}

static void test_lost_end_of_paste(void **state)
{
	struct keys k;
	struct heard h = { .names = "" };
	(void)state;
	keys_init(&k);
	keys_feed(&k, "\033[200~abc", 9, hear, &h);
	keys_feed(&k, "q", 1, hear, &h);
	assert_int_equal(h.pasted, 5);
	keys_feed(&k, "\003", 1, hear, &h);
	keys_feed(&k, "q", 1, hear, &h);
	assert_int_equal(h.pasted, 5);
	assert_string_equal(h.names, "(paste) a b c q Ctrl-c q");
}

static void test_burst(void **state)
{
	static const struct {
		const char *bytes;
		size_t burst;
	} rows[] = { { "a", 1 }, { "\303\251", 1 }, { "\033OM", 1 }, { "\033[A", 1 }, { "abcdef", 6 } };
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct keys k;
		struct heard h = { .names = "" };
		keys_init(&k);
		keys_feed(&k, rows[i].bytes, strlen(rows[i].bytes), hear, &h);
		assert_int_equal(h.most_burst, rows[i].burst);
	}
}

static void count(void *ctx, const struct key_event *ev)
{
	(void)ev;
	(*(size_t *)ctx)++;
}

/* Two megabytes of noise end, keep within the buffer and leave the decoder usable. */
static void test_noise(void **state)
{
	static char noise[4096];
	struct keys k;
	struct heard h = { .names = "" };
	size_t events = 0;
	uint32_t seed = 12345;
	(void)state;
	keys_init(&k);
	for (int round = 0; round < 512; round++) {
		for (size_t i = 0; i < sizeof(noise); i++) {
			seed = seed * 1664525u + 1013904223u;
			noise[i] = (char)(seed >> 24);
			if (seed >> 28 == 7)
				noise[i] = '\033';
		}
		keys_feed(&k, noise, sizeof(noise), count, &events);
		assert_true(k.n <= sizeof(k.pending));
	}
	assert_true(events < 512 * sizeof(noise));
	keys_feed(&k, "\033[201~", 6, count, &events);
	keys_flush(&k, count, &events);
	keys_feed(&k, "j", 1, hear, &h);
	assert_string_equal(h.names, "j");
}

/* A string sequence that never ends must not hold every key after it back. */
static void test_unfinished_string(void **state)
{
	struct keys k;
	struct heard h = { .names = "" };
	char flood[200];
	(void)state;
	keys_init(&k);
	memset(flood, ';', sizeof(flood));
	memcpy(flood, "\033]0", 3);
	keys_feed(&k, flood, sizeof(flood), hear, &h);
	keys_flush(&k, hear, &h);
	memset(h.names, 0, sizeof(h.names));
	keys_feed(&k, "j", 1, hear, &h);
	assert_string_equal(h.names, "j");
}

/* However long it is, and however it is cut: a string that ends is no key, and what follows it is. */
static void test_long_string(void **state)
{
	static const char *const begins[] = { "\033P", "\033]52;c;", "\033_G" };
	static const char *const ends[] = { "\033\\", "\a" };
	char flood[400];
	(void)state;
	for (size_t i = 0; i < countof(begins) * countof(ends); i++) {
		const char *begin = begins[i / countof(ends)], *end = ends[i % countof(ends)];
		memset(flood, 'q', sizeof(flood));
		memcpy(flood, begin, strlen(begin));
		snprintf(flood + sizeof(flood) - 8, 8, "%sj", end);
		for (size_t cut = 1; cut < strlen(flood); cut += 7) {
			struct keys k;
			struct heard h = { .names = "" };
			keys_init(&k);
			keys_feed(&k, flood, cut, hear, &h);
			keys_feed(&k, flood + cut, strlen(flood) - cut, hear, &h);
			keys_flush(&k, hear, &h);
			assert_string_equal(h.names, "j");
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_long_string),
		cmocka_unit_test(test_lone_escape_waits),
		cmocka_unit_test(test_paste_is_marked),
		cmocka_unit_test(test_lost_end_of_paste),
		cmocka_unit_test(test_burst),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_unfinished_string),
	};
	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
