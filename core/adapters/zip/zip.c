#include "core/adapters/zip/zip.h"

#include <stdlib.h>
#define ZLIB_CONST /* its input is read only */
#include <zlib.h>

#include "base/text.h"
#include "core/adapters/zip/directory.h"

enum { PIECE = 16384 };

/* ---- which entry ---------------------------------------------------------------------------------------------------- */

static int choose(size_t *out, const struct zip_directory *d, const char *glob, struct err *e)
{
	size_t found = 0;

	for (size_t i = 0; i < d->n; i++) {
		if (d->entries[i].folder || !text_glob(glob, d->entries[i].name))
			continue;
		if (found++)
			return err_set(e, ERR_CORRUPT, "several entries of the zip archive fit %s: %s, %s",
				       glob, d->entries[*out].name, d->entries[i].name);
		*out = i;
	}
	return found ? 0 : err_set(e, ERR_MISSING, "no entry of the zip archive fits %s", glob);
}

/* ---- its bytes ------------------------------------------------------------------------------------------------------ */

static int damaged(const struct zip_item *x, const char *why, struct err *e)
{
	return err_set(e, ERR_CORRUPT, "%s in the zip archive is damaged: %s", x->name, why);
}

/* What zlib asks for it gets, or the program ends. */
static void *give(void *ctx maybe_unused, uInt n, uInt size)
{
	return x_alloc((size_t)n * size);
}

static void take_back(void *ctx maybe_unused, void *p)
{
	free(p);
}

/* Counted, never believed: what inflates to more than it said is refused at the first byte too many. */
static int inflate_pieces(z_stream *z, const struct zip_item *x, struct buf *out, struct err *e)
{
	Bytef piece[PIECE];
	int r = Z_OK;

	while (r == Z_OK) {
		z->next_out = piece;
		z->avail_out = sizeof(piece);
		r = inflate(z, Z_NO_FLUSH);
		if (z->total_out > x->size)
			return err_set(e, ERR_CORRUPT, "%s in the zip archive is larger than it says",
				       x->name);
		buf_add(out, piece, sizeof(piece) - z->avail_out);
	}
	if (r != Z_STREAM_END)
		return damaged(x, z->msg ? z->msg : "it is cut short", e);
	return z->avail_in ? damaged(x, "there is something behind its end", e) : 0;
}

static int inflate_entry(const unsigned char *data, const struct zip_item *x, struct buf *out, struct err *e)
{
	z_stream z = { .next_in = data, .avail_in = x->packed, .zalloc = give, .zfree = take_back };
	int r = inflateInit2(&z, -MAX_WBITS); /* without a header of zlib's own */

	BUG_IF(r != Z_OK);
	r = inflate_pieces(&z, x, out, e);
	inflateEnd(&z);
	return r;
}

static int read_entry(const unsigned char *bytes, const struct zip_item *x, struct buf *out, struct err *e)
{
	const unsigned char *data = bytes + x->data;
	size_t before = out->n;
	int r = 0;

	if (x->method == 0)
		buf_add(out, data, x->packed);
	else
		r = inflate_entry(data, x, out, e);
	if (r >= 0 && out->over)
		return err_set(e, ERR_CORRUPT, "%s in the zip archive is too large", x->name);
	if (r >= 0 && out->n - before != x->size)
		r = err_set(e, ERR_CORRUPT, "%s in the zip archive is smaller than it says", x->name);
	if (r >= 0 && crc32_z(0, (const Bytef *)out->s + before, x->size) != x->crc)
		r = damaged(x, "its checksum is of other bytes", e);
	if (r < 0 && !out->over)
		buf_cut(out, before);
	return r;
}

/* ---- the port ------------------------------------------------------------------------------------------------------- */

static int zip_entry(struct zip *z maybe_unused, const void *bytes, size_t n, const char *glob, size_t max,
		     struct buf *out, struct err *e)
{
	struct arena a = ARENA_INIT;
	struct zip_directory d = { 0 };
	size_t index = 0;
	int r = directory_read(&d, bytes, n, &a, e);

	if (r >= 0)
		r = choose(&index, &d, glob, e);
	if (r >= 0 && d.entries[index].size > max)
		r = err_set(e, ERR_CORRUPT, "%s in the zip archive says that it has %u bytes, more than %zu",
			    d.entries[index].name, d.entries[index].size, max);
	if (r >= 0)
		r = read_entry(bytes, &d.entries[index], out, e);
	arena_done(&a);
	return r;
}

static void zip_free(struct zip *z)
{
	free(z);
}

static const struct zip_ops ops = { .entry = zip_entry, .free = zip_free };

int zip_open(struct zip **out, struct err *e maybe_unused)
{
	*out = x_alloc(sizeof(**out));
	(*out)->ops = &ops;
	return 0;
}
