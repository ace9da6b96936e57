#include "core/adapters/sim/zip.h"

#include <string.h>

enum {
	LOCAL_MARK = 0x04034b50,
	DIRECTORY_MARK = 0x02014b50,
	END_MARK = 0x06054b50,
	LOCAL_SIZE = 30, /* of a local header without its name */
	VERSION = 20,
	UTF8_NAMES = 0x800,
	DAY_ONE = 0x21, /* 1980-01-01 */
};

static uint32_t crc32_of(const char *s, size_t n)
{
	uint32_t crc = ~UINT32_C(0);

	for (size_t i = 0; i < n; i++) {
		crc ^= (unsigned char)s[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
	}
	return ~crc;
}

static void little(struct buf *b, uint32_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_chr(b, (char)(v >> 8 * i & 0xff));
}

/* The part that local header and directory share. */
static void entry_facts(struct buf *b, const struct sim_entry *e, uint32_t crc)
{
	uint32_t size = (uint32_t)strlen(e->text);

	little(b, VERSION, 2);
	little(b, UTF8_NAMES, 2);
	little(b, 0, 2); /* stored */
	little(b, 0, 2);
	little(b, DAY_ONE, 2);
	little(b, crc, 4);
	little(b, size, 4);
	little(b, size, 4);
	little(b, (uint32_t)strlen(e->name), 2);
	little(b, 0, 2);
}

static void directory_entry(struct buf *b, const struct sim_entry *e, uint32_t crc, uint32_t at)
{
	little(b, DIRECTORY_MARK, 4);
	little(b, VERSION, 2);
	entry_facts(b, e, crc);
	little(b, 0, 2);
	little(b, 0, 4);
	little(b, 0, 4);
	little(b, at, 4);
	buf_str(b, e->name);
}

void sim_zip(struct buf *out, const struct sim_entries *entries)
{
	uint32_t at = (uint32_t)out->n, start, size;

	vec_each (e, entries) {
		little(out, LOCAL_MARK, 4);
		entry_facts(out, e, crc32_of(e->text, strlen(e->text)));
		buf_str(out, e->name);
		buf_str(out, e->text);
	}
	start = (uint32_t)out->n;
	vec_each (e, entries) {
		directory_entry(out, e, crc32_of(e->text, strlen(e->text)), at);
		at += LOCAL_SIZE + (uint32_t)(strlen(e->name) + strlen(e->text));
	}
	size = (uint32_t)out->n - start;
	little(out, END_MARK, 4);
	little(out, 0, 4);
	little(out, (uint32_t)entries->n, 2);
	little(out, (uint32_t)entries->n, 2);
	little(out, size, 4);
	little(out, start, 4);
	little(out, 0, 2);
}
