#include "core/adapters/zip/zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

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

static int damaged(struct archive *z, const struct zip_item *x, struct err *e)
{
	const char *why = archive_error_string(z);

	if (!why)
		why = "it cannot be read";
	return err_set(e, ERR_CORRUPT, "%s in the zip archive is damaged: %.*s", x->name,
		       (int)strcspn(why, "\n"), why);
}

/* Counted, never believed: what inflates to more than it said is refused at the first byte too many. */
static int inflate_entry(struct archive *z, const struct zip_item *x, struct buf *out, struct err *e)
{
	char piece[PIECE];
	size_t total = 0;
	la_ssize_t n;

	while ((n = archive_read_data(z, piece, sizeof(piece))) > 0) {
		total += (size_t)n;
		if (total > x->size)
			return err_set(e, ERR_CORRUPT, "%s in the zip archive is larger than it says",
				       x->name);
		buf_add(out, piece, (size_t)n);
	}
	if (n < 0)
		return damaged(z, x, e);
	if (total != x->size)
		return err_set(e, ERR_CORRUPT, "%s in the zip archive is smaller than it says", x->name);
	return out->over ? err_set(e, ERR_CORRUPT, "%s in the zip archive is too large", x->name) : 0;
}

/* libarchive goes through the entries in the order in which they lie. Its warnings are about names and dates, which we
 * do not take from it. */
static int skip_to(struct archive *z, const struct zip_directory *d, size_t index, struct err *e)
{
	const struct zip_item *x = &d->entries[index];
	struct archive_entry *head = NULL;

	for (size_t i = 0; i <= index; i++) {
		int r = archive_read_next_header(z, &head);

		if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
			return damaged(z, x, e);
	}
	if (!archive_entry_size_is_set(head) || (uint64_t)archive_entry_size(head) != x->size)
		return err_set(e, ERR_CORRUPT, "two readings of the zip archive differ about %s", x->name);
	return 0;
}

static int read_entry(const void *bytes, size_t n, const struct zip_directory *d, size_t index,
		      struct buf *out, struct err *e)
{
	struct archive *z = archive_read_new();
	size_t before = out->n;
	int r = 0;

	BUG_IF(!z);
	if (archive_read_support_format_zip_seekable(z) != ARCHIVE_OK ||
	    archive_read_open_memory(z, bytes, n) != ARCHIVE_OK)
		r = damaged(z, &d->entries[index], e);
	if (r >= 0)
		r = skip_to(z, d, index, e);
	if (r >= 0)
		r = inflate_entry(z, &d->entries[index], out, e);
	archive_read_free(z);
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
		r = read_entry(bytes, n, &d, index, out, e);
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
