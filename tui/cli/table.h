/*
 * table.h - aligned text columns for one-shot verbs. Cells are safe text; the last column is not padded.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"

#define TABLE_COLUMNS 10

struct table_row {
	const char *cell[TABLE_COLUMNS];
};
struct table {
	const char *const *heads; /* NULL-terminated */
	struct VEC_OF(struct table_row) rows;
};

struct table_row *table_add(struct table *t, struct arena *a);
/* As a cell has it. */
const char *table_number(struct arena *a, int64_t n);
void table_print(const struct table *t, struct buf *out);
