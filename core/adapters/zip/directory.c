#include "core/adapters/zip/directory.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/port/zip.h"

enum {
	END_BYTES = 22,
	CENTRAL_BYTES = 46,
	LOCAL_BYTES = 30,
	MAX_COMMENT = 0xffff,
	WHOLE_16 = 0xffff, /* "see the zip64 record" */
	EXTRA_ZIP64 = 0x0001,
	EXTRA_NAME = 0x7075, /* another name, for those who look */
	FLAG_LATER = 1 << 3, /* sizes and CRC stand behind the data */
	/* what may be set: how well it was deflated, sizes later, names are UTF-8 */
	FLAGS_PLAIN = 1 << 1 | 1 << 2 | FLAG_LATER | 1 << 11,
	HOST_UNIX = 3,
	HOST_DARWIN = 19,
	MODE_TYPE = 0170000,
	MODE_FOLDER = 0040000,
	MODE_FILE = 0100000,
};

#define END_MARK     UINT32_C(0x06054b50)
#define CENTRAL_MARK UINT32_C(0x02014b50)
#define LOCAL_MARK   UINT32_C(0x04034b50)
#define WIDE_MARK    UINT32_C(0x07064b50) /* of what stands before the closing record of a zip64 */
#define LATER_MARK   UINT32_C(0x08074b50)
#define WHOLE_32     UINT32_C(0xffffffff)

/* The archive, and where its parts are. */
struct view {
	const unsigned char *s;
	size_t n;
	size_t central, end; /* of the directory, of its closing record */
};

static int refuse(struct err *e, const char *why)
{
	return err_set(e, ERR_CORRUPT, "the zip archive is refused: %s", why);
}

static uint16_t get16(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const unsigned char *p)
{
	return (uint32_t)get16(p) | (uint32_t)get16(p + 2) << 16;
}

/* ---- the closing record --------------------------------------------------------------------------------------------- */

/* It stands before a comment of unknown length: the one place where everything fits is it, and there may be but one. */
static int find_end(struct view *v, struct err *e)
{
	size_t found = 0;

	for (size_t tail = 0; tail <= MAX_COMMENT && v->n >= END_BYTES + tail; tail++) {
		size_t at = v->n - END_BYTES - tail;

		if (get32(v->s + at) != END_MARK || get16(v->s + at + 20) != tail)
			continue;
		v->end = at;
		found++;
	}
	if (found > 1)
		return refuse(e, "it ends in two ways");
	return found ? 0 : refuse(e, "it is no zip, or cut short");
}

static int read_end(struct view *v, size_t *count, struct err *e)
{
	const unsigned char *p;
	int r = find_end(v, e);

	if (r < 0)
		return r;
	p = v->s + v->end;
	*count = get16(p + 10);
	v->central = get32(p + 16);
	if ((v->end >= 20 && get32(p - 20) == WIDE_MARK) || *count == WHOLE_16 || get32(p + 12) == WHOLE_32 ||
	    get32(p + 16) == WHOLE_32)
		return refuse(e, "it is a zip64, which is for larger archives than ours may be");
	if (get16(p + 4) || get16(p + 6) || get16(p + 8) != *count)
		return refuse(e, "it is a part of several");
	if (*count > ZIP_ENTRIES)
		return err_set(e, ERR_CORRUPT, "the zip archive is refused: it has %zu entries, more than %d",
			       *count, (int)ZIP_ENTRIES);
	if (v->central > v->end || v->end - v->central != get32(p + 12))
		return refuse(e, "its directory is not where it says");
	return 0;
}

/* ---- entries -------------------------------------------------------------------------------------------------------- */

static bool is_segment(const char *s, size_t n)
{
	return n && !(n == 1 && s[0] == '.') && !(n == 2 && s[0] == '.' && s[1] == '.');
}

/* Relative, and the same path for everybody who reads it. A folder's name ends in a slash. */
static bool is_name(const char *s, size_t n)
{
	size_t end = n && s[n - 1] == '/' ? n - 1 : n;

	if (!n || n > ZIP_NAME || !text_is_utf8(s, n))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f || s[i] == '\\')
			return false;
	for (size_t i = 0; i <= end;) {
		const char *slash = i < end ? memchr(s + i, '/', end - i) : NULL;
		size_t len = slash ? (size_t)(slash - s) - i : end - i;

		if (!is_segment(s + i, len))
			return false;
		i += len + 1;
	}
	return true;
}

/* Fields of (id, length, bytes) that end exactly where they should, and none that says the header anew. */
static bool is_extra(const unsigned char *p, size_t n)
{
	while (n) {
		size_t len = n < 4 ? n : get16(p + 2);

		if (n < 4 || len > n - 4 || get16(p) == EXTRA_ZIP64 || get16(p) == EXTRA_NAME)
			return false;
		p += 4 + len;
		n -= 4 + len;
	}
	return true;
}

static int check_kind(const struct zip_item *x, unsigned host, uint32_t mode, struct err *e)
{
	if (x->flags & 1 || x->flags & 1 << 6 || x->flags & 1 << 13)
		return refuse(e, "it is encrypted");
	if (x->flags & ~FLAGS_PLAIN)
		return refuse(e, "an entry has flags that nobody sets");
	if (x->method != 0 && x->method != 8)
		return refuse(e, "an entry is packed in a way other than deflate");
	if (x->method == 0 && x->packed != x->size)
		return refuse(e, "an entry's sizes contradict each other");
	if (x->folder && (x->size || x->method))
		return refuse(e, "a folder has content");
	mode &= MODE_TYPE;
	if ((host == HOST_UNIX || host == HOST_DARWIN) && mode &&
	    mode != (x->folder ? MODE_FOLDER : MODE_FILE))
		return refuse(e, "an entry is a link or another thing that is no file");
	return 0;
}

/* The directory's record at *at; moves *at behind it. */
static int read_central(struct zip_item *out, const struct view *v, size_t *at, struct arena *a,
			struct err *e)
{
	const unsigned char *p = v->s + *at;
	size_t left = v->end - *at, name_n, extra_n;

	if (left < CENTRAL_BYTES || get32(p) != CENTRAL_MARK)
		return refuse(e, "its directory is damaged");
	name_n = get16(p + 28);
	extra_n = get16(p + 30);
	if (CENTRAL_BYTES + name_n + extra_n + get16(p + 32) > left)
		return refuse(e, "its directory is cut short");
	*out = (struct zip_item){ .flags = get16(p + 8),
				  .method = get16(p + 10),
				  .crc = get32(p + 16),
				  .packed = get32(p + 20),
				  .size = get32(p + 24),
				  .offset = get32(p + 42),
				  .name_n = name_n };
	if (!is_name((const char *)p + CENTRAL_BYTES, name_n))
		return refuse(e, "an entry has a name that leads elsewhere or cannot be shown");
	if (!is_extra(p + CENTRAL_BYTES + name_n, extra_n))
		return refuse(e, "an entry has a second header (zip64, another name) or a damaged one");
	if (get16(p + 34))
		return refuse(e, "it is a part of several");
	out->name = arena_strndup(a, (const char *)p + CENTRAL_BYTES, name_n);
	out->folder = out->name[name_n - 1] == '/';
	*at += CENTRAL_BYTES + name_n + extra_n + get16(p + 32);
	return check_kind(out, p[5], get32(p + 38) >> 16, e);
}

/* ---- what stands before and behind the data --------------------------------------------------------------------------- */

/* What comes later may be zero for now. */
static bool is_said(const unsigned char *p, uint32_t value, bool later)
{
	return get32(p) == value || (later && !get32(p));
}

/* The header before the data says the same as the directory. */
static bool is_same(const struct zip_item *x, const unsigned char *p)
{
	bool later = x->flags & FLAG_LATER;

	if (get16(p + 6) != x->flags || get16(p + 8) != x->method || get16(p + 26) != x->name_n)
		return false;
	if (memcmp(p + LOCAL_BYTES, x->name, x->name_n) != 0)
		return false;
	return is_said(p + 14, x->crc, later) && is_said(p + 18, x->packed, later) &&
	       is_said(p + 22, x->size, later);
}

/* Bytes of the record behind the data, which may or may not begin with a mark; 0 when it is not the directory's. */
static size_t later_bytes(const struct zip_item *x, const unsigned char *p, size_t left)
{
	size_t mark = left >= 16 && get32(p) == LATER_MARK ? 4 : 0;

	if (left < 12 + mark)
		return 0;
	p += mark;
	return get32(p) == x->crc && get32(p + 4) == x->packed && get32(p + 8) == x->size ? 12 + mark : 0;
}

/* Where the entry ends, or 0 when something about it is not as the directory says. Fills x->data. */
static size_t entry_end(struct zip_item *x, const struct view *v)
{
	const unsigned char *p = v->s + x->offset;
	size_t left, head, later;

	if (x->offset > v->central || v->central - x->offset < LOCAL_BYTES || get32(p) != LOCAL_MARK)
		return 0;
	left = v->central - x->offset;
	head = LOCAL_BYTES + get16(p + 26) + get16(p + 28);
	if (head > left || x->packed > left - head || !is_same(x, p) ||
	    !is_extra(p + LOCAL_BYTES + x->name_n, get16(p + 28)))
		return 0;
	x->data = x->offset + head;
	left -= head + x->packed;
	if (!(x->flags & FLAG_LATER))
		return x->data + x->packed;
	later = later_bytes(x, p + head + x->packed, left);
	return later ? x->data + x->packed + later : 0;
}

static int by_offset(const void *a, const void *b)
{
	const struct zip_item *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int check_layout(const struct zip_directory *d, const struct view *v, struct err *e)
{
	size_t at = 0;

	for (size_t i = 0; i < d->n; i++) {
		if (d->entries[i].offset != at)
			return refuse(e, "there is something before, between or inside its entries");
		at = entry_end(&d->entries[i], v);
		if (!at)
			return refuse(e, "an entry is not what the directory says of it");
	}
	return at == v->central ? 0 : refuse(e, "there is something before its directory");
}

/* ---- names ---------------------------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	const struct zip_item *x = *(const struct zip_item *const *)a;
	const struct zip_item *y = *(const struct zip_item *const *)b;
	size_t n = x->name_n - x->folder, m = y->name_n - y->folder;
	int order = memcmp(x->name, y->name, n < m ? n : m);

	return order ? order : n < m ? -1 : n > m;
}

/* A file and a folder of one name are twins too. */
static int check_twins(const struct zip_directory *d, struct arena *a, struct err *e)
{
	const struct zip_item **sorted = arena_array(a, const struct zip_item *, d->n + 1);

	for (size_t i = 0; i < d->n; i++)
		sorted[i] = &d->entries[i];
	qsort(sorted, d->n, sizeof(*sorted), by_name);
	for (size_t i = 1; i < d->n; i++)
		if (!by_name(&sorted[i - 1], &sorted[i]))
			return err_set(e, ERR_CORRUPT, "the zip archive is refused: %s is in it twice",
				       sorted[i]->name);
	return 0;
}

int directory_read(struct zip_directory *out, const void *bytes, size_t n, struct arena *a, struct err *e)
{
	struct view v = { .s = bytes, .n = n };
	size_t at, count;
	int r = read_end(&v, &count, e);

	if (r < 0)
		return r;
	out->n = count;
	out->entries = arena_array(a, struct zip_item, count + 1);
	at = v.central;
	for (size_t i = 0; i < count; i++) {
		r = read_central(&out->entries[i], &v, &at, a, e);
		if (r < 0)
			return r;
	}
	if (at != v.end)
		return refuse(e, "its directory has more than its entries");
	qsort(out->entries, count, sizeof(*out->entries), by_offset);
	r = check_layout(out, &v, e);
	return r < 0 ? r : check_twins(out, a, e);
}
