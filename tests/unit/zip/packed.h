/*
 * packed.h - zip archives made by hand for tests, byte by byte, so that every field can lie.
 *
 * An archive is a list of parts; each says what stands in its header and what in the directory. Entries are stored
 * unless `packed` gives raw deflated bytes.
 */
#pragma once

#include <string.h>

#include "base/buf.h"

struct part {
	const char *name, *body;
	const char *packed; /* deflated body, of packed_n bytes */
	size_t packed_n;
	uint32_t size;          /* said, when not 0 */
	uint32_t crc_flip;      /* xor of the true one */
	const char *local_name; /* when it differs */
	uint32_t local_size;    /* when it differs */
	uint16_t flags, method, local_method;
	uint32_t mode; /* unix */
	const char *extra;
	size_t extra_n;
	const char *before; /* bytes in front of its header */
	bool hidden;        /* not in the directory */
	bool again;         /* at the previous part's place: no bytes of its own */
	bool no_mark;       /* of the record behind the data */
};

struct ends {
	const char *comment, *after;
	int count_add, size_add, offset_add;
	bool zip64;
};

static inline uint32_t packed_crc(const char *s, size_t n)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < n; i++) {
		crc ^= (unsigned char)s[i];
		for (int k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static inline void put16(struct buf *b, uint32_t v)
{
	buf_chr(b, (char)(v & 255));
	buf_chr(b, (char)(v >> 8 & 255));
}

static inline void put32(struct buf *b, uint32_t v)
{
	put16(b, v & 0xffff);
	put16(b, v >> 16);
}

struct said {
	uint32_t crc, packed, size, offset;
};

static inline struct said packed_say(const struct part *p)
{
	size_t n = strlen(p->body);

	return (struct said){ .crc = packed_crc(p->body, n) ^ p->crc_flip,
			      .packed = (uint32_t)(p->packed ? p->packed_n : n),
			      .size = p->size ? p->size : (uint32_t)n };
}

static inline void put_local(struct buf *b, const struct part *p, struct said s)
{
	const char *name = p->local_name ? p->local_name : p->name;
	bool later = p->flags & 8;

	buf_str(b, p->before);
	put32(b, 0x04034b50);
	put16(b, 20);
	put16(b, p->flags);
	put16(b, p->local_method ? p->local_method : p->method);
	put32(b, 0x58210000);
	put32(b, later ? 0 : s.crc);
	put32(b, later ? 0 : s.packed);
	put32(b, later ? 0 : p->local_size ? p->local_size : s.size);
	put16(b, (uint32_t)strlen(name));
	put16(b, (uint32_t)p->extra_n);
	buf_str(b, name);
	buf_add(b, p->extra, p->extra_n);
	buf_add(b, p->packed ? p->packed : p->body, s.packed);
	if (!later)
		return;
	if (!p->no_mark)
		put32(b, 0x08074b50);
	put32(b, s.crc);
	put32(b, s.packed);
	put32(b, s.size);
}

static inline void put_central(struct buf *b, const struct part *p, struct said s)
{
	put32(b, 0x02014b50);
	put16(b, p->mode ? 3 << 8 | 20 : 20);
	put16(b, 20);
	put16(b, p->flags);
	put16(b, p->method);
	put32(b, 0x58210000);
	put32(b, s.crc);
	put32(b, s.packed);
	put32(b, s.size);
	put16(b, (uint32_t)strlen(p->name));
	put16(b, (uint32_t)p->extra_n);
	put16(b, 0);
	put32(b, 0);
	put32(b, p->mode << 16);
	put32(b, s.offset);
	buf_str(b, p->name);
	buf_add(b, p->extra, p->extra_n);
}

static inline void put_end(struct buf *b, const struct ends *ends, uint32_t count, uint32_t central)
{
	uint32_t size = (uint32_t)b->n - central;

	put32(b, 0x06054b50);
	put32(b, 0);
	put16(b, count + (uint32_t)ends->count_add);
	put16(b, count + (uint32_t)ends->count_add);
	put32(b, ends->zip64 ? 0xffffffff : size + (uint32_t)ends->size_add);
	put32(b, ends->zip64 ? 0xffffffff : central + (uint32_t)ends->offset_add);
	put16(b, (uint32_t)(ends->comment ? strlen(ends->comment) : 0));
	buf_str(b, ends->comment);
	buf_str(b, ends->after);
}

/* The parts end with one that has no name. */
static inline void pack(struct buf *b, const struct part *parts, const struct ends *ends)
{
	static const struct ends plain;
	struct said said[64];
	uint32_t central, count = 0;
	size_t n = 0;

	for (; parts[n].name; n++) {
		said[n] = packed_say(&parts[n]);
		said[n].offset = parts[n].again
					 ? said[n - 1].offset
					 : (uint32_t)(b->n + (parts[n].before ? strlen(parts[n].before) : 0));
		if (!parts[n].again)
			put_local(b, &parts[n], said[n]);
	}
	central = (uint32_t)b->n;
	for (size_t i = 0; i < n; i++) {
		if (parts[i].hidden)
			continue;
		put_central(b, &parts[i], said[i]);
		count++;
	}
	put_end(b, ends ? ends : &plain, count, central);
}
