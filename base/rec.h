/*
 * rec.h - an entity is a plain struct and one table of its fields, and that is declared once.
 *
 *	struct run { int64_t id; const char *branch; int status; struct when created; bool canary; };
 *	static const struct field run_fields[] = {
 *		FIELD(run, id), FIELD(run, branch), FIELD_ENUM(run, status, &run_status_names), FIELD(run, created), ...
 *	};
 *	const struct rec rec_run = REC(struct run, run_fields, "run");
 *
 * Types are inferred from the members, so a table cannot disagree with its struct (a double is a compile error).
 * The table serves binding and reading SQL by column name, JSON output, decoding of our YAML and JSON, equality and
 * readable failures in tests. Strings of a decoded record belong to the arena that was given.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/names.h"
#include "base/when.h"

enum field_type { FIELD_INT64, FIELD_INT, FIELD_BOOL, FIELD_STRING, FIELD_WHEN };

enum field_flags {
	FIELD_REQUIRED = 1 << 0, /* decoding fails without it */
	FIELD_SECRET = 1 << 1,   /* never printed, never stored */
};

struct field {
	const char *name; /* member, column, JSON key and YAML key */
	size_t offset;
	const struct names *names; /* FIELD_INT that is an enum: words outside, numbers inside */
	enum field_type type;
	unsigned flags;
};

struct rec {
	const char *name;
	size_t size;
	const struct field *fields;
	int n;
};

/* clang-format off */
#define FIELD_TYPE_OF(x) _Generic((x), int64_t: FIELD_INT64, int: FIELD_INT, bool: FIELD_BOOL, \
	const char *: FIELD_STRING, struct when: FIELD_WHEN)
#define FIELD_FULL(s, m, nm, fl) { .name = #m, .type = FIELD_TYPE_OF(((struct s *)0)->m), \
	.offset = offsetof(struct s, m), .names = (nm), .flags = (fl) }
#define FIELD(s, m)          FIELD_FULL(s, m, NULL, 0)
#define FIELD_REQ(s, m)      FIELD_FULL(s, m, NULL, FIELD_REQUIRED)
#define FIELD_ENUM(s, m, nm) FIELD_FULL(s, m, nm, 0)
#define REC(type, table, word) { .name = (word), .size = sizeof(type), .fields = (table), .n = (int)countof(table) }
/* clang-format on */

const struct field *rec_field(const struct rec *r, const char *name); /* NULL when there is none */
/* Compares field by field; on difference describes the first one into why (may be NULL). */
bool rec_equal(const struct rec *r, const void *a, const void *b, struct buf *why);
/*
 * What every decoder (YAML, JSON tree, JSON stream) does with a value it has read. NULL when the member is set, else
 * what is wrong with the value, to stand after its name: "is no time". An enum takes its words only; which unknown
 * words are errors is the decoder's business (they become 0 here).
 */
const char *rec_put_int(const struct field *f, void *object, int64_t v) must_check;
/* Also an enum that has the words true and false: what is absent is told from what is false. */
const char *rec_put_bool(const struct field *f, void *object, bool v) must_check;
/* n bytes, copied to a when the member is a string. A NUL inside, or bytes that are no UTF-8, are refused. */
const char *rec_put_text(const struct field *f, void *object, const char *s, size_t n,
			 struct arena *a) must_check;
const char *rec_expects(const struct field *f); /* "is no number": what to say of a value of another type */

static inline const void *rec_at(const void *object, const struct field *f)
{
	return (const char *)object + f->offset;
}
static inline void *rec_at_mut(void *object, const struct field *f)
{
	return (char *)object + f->offset;
}
