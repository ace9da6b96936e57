#include "core/adapters/snappy/snappy.h"

#include <stdlib.h>

#include <snappy-c.h>

int snappy_unpack(struct buf *out, const void *packed, size_t n, struct err *e)
{
	size_t said = 0, room = out->max > out->n ? out->max - out->n : 0;
	char *bytes;
	int r = 0;

	if (snappy_uncompressed_length(packed, n, &said) != SNAPPY_OK)
		return err_set(e, ERR_CORRUPT, "the bytes are no Snappy");
	if (said > room)
		return err_set(e, ERR_INVALID, "unpacked it is %zu bytes, at most %zu are taken", said, room);
	bytes = x_alloc(said + 1);
	if (snappy_uncompress(packed, n, bytes, &said) == SNAPPY_OK)
		buf_add(out, bytes, said);
	else
		r = err_set(e, ERR_CORRUPT, "the Snappy ends early, or is damaged");
	free(bytes);
	return r;
}

void snappy_pack(struct buf *out, const void *bytes, size_t n)
{
	size_t most = snappy_max_compressed_length(n);
	char *packed = x_alloc(most);

	BUG_IF(snappy_compress(bytes, n, packed, &most) != SNAPPY_OK);
	buf_add(out, packed, most);
	free(packed);
}
