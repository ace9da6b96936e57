/* links: base */
/* Whatever comes in, what goes out is valid UTF-8, safe, stable when it passes again, and a beginning when it must be
 * cut; copies, widths and cuts of it keep their promises. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

#define SAFE_MAX (1u << 22)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

/* What a terminal acts upon must be gone, asked without the code under test. */
static void demand_no_control(const struct buf *b, enum text_flags flags)
{
	for (size_t i = 0; i < b->n; i++) {
		unsigned char c = (unsigned char)b->s[i];

		demand(c >= 0x20 || (c == '\n' && (flags & TEXT_KEEP_NEWLINES)));
		demand(c != 0x7f);
		demand(c != 0xc2 || (unsigned char)b->s[i + 1] >= 0xa0);
		demand(c < 0x80 || !(flags & TEXT_ASCII));
	}
}

static void check_flags(const char *s, size_t n, enum text_flags flags)
{
	autofree(buf) struct buf once = BUF_INIT(SAFE_MAX), twice = BUF_INIT(SAFE_MAX);

	text_safe(&once, s, n, flags);
	demand(!once.over);
	demand_no_control(&once, flags);
	demand(text_is_utf8(once.s, once.n));
	text_safe(&twice, once.s, once.n, flags);
	demand(once.n == twice.n && !memcmp(once.s, twice.s, once.n));
	if (!(flags & TEXT_KEEP_NEWLINES))
		demand(text_is_safe(once.s));
}

static void check_bounded(const char *s, size_t n, const struct buf *whole, size_t max)
{
	autofree(buf) struct buf part = BUF_INIT(max);

	text_safe(&part, s, n, TEXT_ONE_LINE);
	demand(part.n <= max && part.over == (whole->n > max));
	demand(!memcmp(part.s, whole->s, part.n) && text_is_safe(part.s));
}

static void check_cuts(struct arena *a, const char *safe, int cells)
{
	const char *end = text_cut(a, safe, cells);
	const char *middle = text_cut_middle(a, safe, cells);

	demand(text_width(end) <= cells && text_width(middle) <= cells);
	demand(text_is_safe(end) && text_is_safe(middle));
	if (text_width(safe) <= cells)
		demand(text_eq(end, safe) && text_eq(middle, safe));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree(buf) struct buf whole = BUF_INIT(SAFE_MAX);
	struct arena a = ARENA_INIT;
	const char *raw = (const char *)data;
	size_t limit = size ? data[0] : 0;
	const char *copy;

	if (size > 65536)
		return 0;
	for (unsigned flags = 0; flags < 8; flags++)
		check_flags(raw, size, flags);
	text_safe(&whole, raw, size, TEXT_ONE_LINE);
	check_bounded(raw, size, &whole, limit);
	check_cuts(&a, whole.s, (int)limit);
	copy = arena_strndup(&a, raw ? raw : "", size);
	demand(text_is_safe(copy) == text_eq(copy, text_safe_dup(&a, copy, 0)));
	demand(text_is_safe(text_safe_dup(&a, copy, limit)));
	demand(!text_is_plain_ref(copy) || text_is_safe(copy));
	demand(text_glob("*", copy) && text_has(copy, copy));
	arena_done(&a);
	return 0;
}
