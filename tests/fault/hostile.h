/*
 * hostile.h - text that attacks whoever shows it: about 300 strings in the classes of reliability reference 5.11, made by
 * rules rather than listed, so that a class is whole. What a string must become is text.h's business; here it is only
 * made. Each begins and ends with letters, so that a cut or an empty answer is not mistaken for a good one.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

struct hostile_class {
	const char *name;
	const char *before, *after; /* around each; NULL: nothing */
	int first, last;            /* bytes, where `each` is NULL */
	const char *const *each;    /* NULL-terminated */
};

/* clang-format off */
static const char *const hostile_csi[] = { "2J", "3J", "H", "1;1H", "31m", "8m", "7m", "6n", "5n", "c", ">c", "?1049h",
	"?1049l", "?25l", "?1000h", "?1003h", "?2004l", "1;5r", "s", "u", "9A", "99D", "5@", "5L", "5M", "5P", "5X",
	"8;1;1t", "21t", "!p", "2 q", "4h", "20h", "1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1m", "", "?", NULL };
static const char *const hostile_osc[] = { "0;owned", "1;owned", "2;owned", "4;1;?", "7;file:///etc", "8;;http://x.test",
	"9;note", "10;?", "11;#000000", "12;red", "52;c;cm0gLXJmIC8=", "52;c;?", "104", "133;A", "777;notify;a;b",
	"1337;File=:AAAA", NULL };
static const char *const hostile_esc[] = { "c", "7", "8", "D", "E", "M", "H", "N", "O", "Z", "=", ">", "(0", ")0", "*0",
	"#8", "%G", "%@", "n", "o", "|", "\033", "", NULL };
static const char *const hostile_dcs[] = { "P+q544e\033\\", "P$q\"p\033\\", "Pq#0;2;0;0;0~\033\\", "P", "_Gf=24\033\\",
	"_", "^x\033\\", "^", "Xx\033\\", "X", "k\xd0\xb0title\033\\", "]0;no end", "]52;c;no end", NULL };
static const char *const hostile_hidden[] = { "\u061c", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d",
	"\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad",
	"\u034f", "\u115f", "\u1160", "\u3164", "\uffa0", "\u2028", "\u2029", "\u206a", "\u206f", "\u180e", "\ufe0f",
	"\ufff9", "\ufffb", "\ufdd0", "\ue000", "\uf8ff", "\U000e0001", "\U000e0041", "\U000e007f", "\U000e0100",
	"\U000f0000", "\U0010fffd", "\U0001d173", NULL };
static const char *const hostile_bytes[] = { "\xff", "\xfe", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf",
	"\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xc3", "\xe2\x80", "\xf0\x9f\x98",
	"\xc0\x9b[2J", "\xe0\x82\x9b[2J", "\xc2", "\xe2\x80\x1b[2J", "\xf0\x9f\x1b[m", "\xc2\x1b[m", "\x80\x80\x80", NULL };
static const char *const hostile_spoof[] = { "\rok", "fail\rdone", "fail\b\b\b\bgood", "\tprod", "\nok 1\n", "\r\nHost: x",
	"\n\n\nverdict go", "\v\v", "\f", "a\x0e" "b\x0f", "\x05", "\x18", "\x1a", "\x9b" "2J\x9d" "0;x\x9c", "\r\033[K> ", NULL };
static const char *const hostile_marks[] = { "e\u0301\u0301\u0301\u0301\u0301\u0301", "\u0301", "\u20dd\u20dd\u20dd",
	"\u0489\u0489\u0489\u0489", "\u0e33\u0e33", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea",
	"\uff37\uff29\uff24\uff25", NULL };
static const char *const hostile_alike[] = { "v1.2.3\u0430", "pr\u043ed", "\u0440roduction", "v1\u20242", "\uff0e\uff0e/x",
	"main\u2215x", "v1.2.3\u00a0", "\u2024\u2024", NULL };
static const char *const hostile_code[] = { "%s%s%n", "%1000000d", "\\x1b[2J", "$(id)", "`id`", "; rm -rf ~", "' OR 1=1 --",
	"\"}],\"x\":[{", "</script>", "../../etc/passwd", "..%2f..", "-rf", "--token-file=/x", "a\\u001b[2J", "{{7*7}}", "${X}", NULL };

static const struct hostile_class hostile_classes[] = {
	{ "C0 and DEL", NULL, NULL, 0x01, 0x1f, NULL }, { "DEL", NULL, NULL, 0x7f, 0x7f, NULL },
	{ "C1, raw", NULL, "2J", 0x80, 0x9f, NULL },    { "C1, in UTF-8", "\xc2", "2J", 0x80, 0x9f, NULL },
	{ "CSI", "\033[", NULL, 0, 0, hostile_csi },    { "ESC", "\033", NULL, 0, 0, hostile_esc },
	{ "OSC, BEL", "\033]", "\a", 0, 0, hostile_osc },
	{ "OSC, ST", "\033]", "\033\\", 0, 0, hostile_osc },
	{ "OSC, C1", "\xc2\x9d", "\xc2\x9c", 0, 0, hostile_osc },
	{ "DCS and its kin", "\033", NULL, 0, 0, hostile_dcs },
	{ "hidden", NULL, NULL, 0, 0, hostile_hidden },
	{ "bad UTF-8", NULL, NULL, 0, 0, hostile_bytes },
	{ "spoof", NULL, NULL, 0, 0, hostile_spoof },
	{ "marks", NULL, NULL, 0, 0, hostile_marks },
	{ "look-alikes", NULL, NULL, 0, 0, hostile_alike },
	{ "code", NULL, NULL, 0, 0, hostile_code },
};
/* clang-format on */

static inline int hostile_class_count(const struct hostile_class *c)
{
	int n = 0;

	if (!c->each)
		return c->last - c->first + 1;
	while (c->each[n])
		n++;
	return n;
}

enum { HOSTILE_LONG = 3 }; /* one line of 200 KB, 5000 hidden characters, a mark repeated 5000 times */

static inline int hostile_count(void)
{
	int n = HOSTILE_LONG;

	for (size_t i = 0; i < countof(hostile_classes); i++)
		n += hostile_class_count(&hostile_classes[i]);
	return n;
}

static inline const char *hostile_long(struct buf *out, int which)
{
	static const char *const pieces[] = { "x\033[2Jy", "\u200b", "\u0301" };

	for (int i = which ? 5000 : 40000; i-- > 0;)
		buf_str(out, pieces[which]);
	return which == 0 ? "a long line" : which == 1 ? "5000 hidden" : "5000 marks";
}

/* The i-th; returns its class. */
static inline const char *hostile_make(struct buf *out, int i)
{
	const char *name = NULL;

	buf_reset(out);
	buf_str(out, "a");
	for (size_t k = 0; k < countof(hostile_classes) && !name; k++) {
		const struct hostile_class *c = &hostile_classes[k];
		int n = hostile_class_count(c);

		if (i < n) {
			buf_str(out, c->before ? c->before : "");
			if (c->each)
				buf_str(out, c->each[i]);
			else
				buf_chr(out, (char)(c->first + i));
			buf_str(out, c->after ? c->after : "");
			name = c->name;
		}
		i -= n;
	}
	if (!name)
		name = hostile_long(out, i);
	buf_str(out, "z");
	return name;
}
