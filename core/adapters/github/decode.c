#include "core/adapters/github/internal.h"

#include <string.h>

#include "base/vec.h"
#include "core/adapters/snappy/snappy.h"

enum { MAX_TEXT = 64 << 20 };

/* ---- bytes ---------------------------------------------------------------------------------------------------------- */

static void keep_bytes(struct forge_answer *out, const char *bytes, size_t n, struct arena *a)
{
	out->text = arena_alloc(a, n + 1);
	memcpy((char *)(uintptr_t)out->text, bytes, n);
	out->number = (int64_t)n;
}

/* Raw Snappy begins with a length in base 128: one that begins like JSON would be of 123 bytes, which no bundle is. */
static int unpack(const struct endpoint *ep, const char *text, size_t n, struct forge_answer *out,
		  struct arena *a, struct err *e)
{
	struct buf whole = BUF_INIT(ep->max);
	int r = snappy_unpack(&whole, text, n, e);

	if (r >= 0)
		keep_bytes(out, whole.s, whole.n, a);
	buf_done(&whole);
	return r;
}

/* ---- records --------------------------------------------------------------------------------------------------------- */

/* Strings that the forge left out are "", so that nobody behind this door meets NULL. */
static void fill_strings(const struct rec *rec, void *record)
{
	for (int i = 0; i < rec->n; i++) {
		const char **s = rec_at_mut(record, &rec->fields[i]);

		if (rec->fields[i].type == FIELD_STRING && !*s)
			*s = "";
	}
}

static void note_damage(struct forge_answer *out, const struct err *why, struct arena *a)
{
	if (!out->damaged++)
		out->first_damage = arena_strdup(a, why->message);
}

/* ---- the text of each element ------------------------------------------------------------------------------------- */

/* The stream has proved the text to be JSON by its grammar, so brackets and quotes are all that is left to count. */
static const char *value_end(const char *p, const char *end)
{
	int depth = 0;
	bool quoted = false;

	for (; p < end; p++) {
		if (quoted) {
			if (*p == '\\')
				p++;
			else if (*p == '"')
				quoted = false;
		} else if (*p == '"') {
			quoted = true;
		} else if (*p == '{' || *p == '[') {
			depth++;
		} else if (*p == '}' || *p == ']') {
			if (!depth)
				return p;
			if (!--depth)
				return p + 1;
		} else if (*p == ',' && !depth) {
			return p;
		}
	}
	return end;
}

#define SPACE " \t\r\n"

static const char *skip(const char *p, const char *end, const char *set)
{
	while (p < end && strchr(set, *p))
		p++;
	return p;
}

/* Behind the opening quote at p: the closing one. */
static const char *string_end(const char *p, const char *end)
{
	while (p < end && *p != '"')
		p += *p == '\\' ? 2 : 1;
	return p < end ? p : end;
}

/* The value of a member of the root object. The end when there is none: the stream is not yet done, and will say so
 * itself. */
static const char *find_member(const char *text, const char *end, const char *name)
{
	const char *p = skip(text, end, SPACE);
	size_t n = strlen(name);

	for (p++; p < end;) {
		const char *key = skip(p, end, SPACE ",") + 1;
		const char *quote = string_end(key, end);
		const char *value = skip(quote + 1, end, SPACE ":");

		if (value >= end)
			break;
		if ((size_t)(quote - key) == n && !memcmp(key, name, n))
			return value;
		p = value_end(value, end);
	}
	return end;
}

/* Behind the '[' of the member `list` of the root object, or of the root array when list is "". */
static const char *find_array(const char *text, const char *end, const char *list)
{
	const char *p = *list ? find_member(text, end, list) : skip(text, end, SPACE);

	return p < end ? p + 1 : end;
}

/* ---- pages -------------------------------------------------------------------------------------------------------- */

struct page {
	const struct endpoint *ep;
	struct forge_answer *out;
	void *items;
	size_t n, *cap;
	const char *p, *end; /* the next element's text */
	struct arena *arena;
};

static int complete(const struct page *page, const char *text, size_t n, void *record, struct err *e)
{
	autofree(json) struct json *j = NULL;
	int r = json_parse(&j, text, n, MAX_TEXT, e);

	return r < 0 ? r : page->ep->complete(j, record, page->arena, e);
}

static int on_element(void *ctx, void *record, const struct err *damaged)
{
	struct page *page = ctx;
	const struct rec *rec = page->ep->rec;
	struct err e = ERR_INIT;
	const char *text = NULL;

	if (page->ep->complete) {
		text = skip(page->p, page->end, SPACE ",");
		page->p = value_end(text, page->end);
	}
	if (!damaged && text && complete(page, text, (size_t)(page->p - text), record, &e) < 0)
		damaged = &e;
	if (damaged) {
		note_damage(page->out, damaged, page->arena);
		return 0;
	}
	fill_strings(rec, record);
	if (page->ep->finish)
		page->ep->finish(record, page->arena);
	if (page->n == *page->cap)
		page->items = vec_grow_(page->arena, page->items, page->n, page->cap, rec->size);
	memcpy((char *)page->items + page->n++ * rec->size, record, rec->size);
	return 0;
}

static int decode_list(const struct endpoint *ep, const char *text, size_t n, struct forge_answer *out,
		       size_t *cap, struct arena *a, struct err *e)
{
	struct page page = { .ep = ep, .out = out, .n = out->n, .cap = cap, .end = text + n, .arena = a };
	size_t damaged;
	int r;

	memcpy(&page.items, &out->items, sizeof(page.items));
	page.p = ep->complete ? find_array(text, page.end, ep->list) : text;
	r = json_list(text, n, ep->list, ep->map, ep->map_n, ep->rec, a, on_element, &page, &damaged, e);
	out->items = page.items;
	out->n = page.n;
	if (r >= 0 && ep->cut)
		out->cut = find_member(text, page.end, ep->cut)[0] == 't';
	return r;
}

static int decode_record(const struct endpoint *ep, const struct json *j, struct forge_answer *out,
			 struct arena *a, struct err *e)
{
	void *record = arena_alloc(a, ep->rec->size);
	int r = json_map(j, ep->map, ep->map_n, ep->rec, record, a, e);

	if (r >= 0 && ep->complete)
		r = ep->complete(j, record, a, e);
	if (r < 0)
		return r;
	fill_strings(ep->rec, record);
	if (ep->finish)
		ep->finish(record, a);
	out->items = record;
	out->n = 1;
	return 0;
}

int decode_page(const struct endpoint *ep, const char *text, size_t n, struct forge_answer *out, size_t *cap,
		struct arena *a, struct err *e)
{
	autofree(json) struct json *j = NULL;
	int r;

	if (ep->packed && (!n || text[0] != '{'))
		return unpack(ep, text, n, out, a, e);
	if (ep->accept) {
		keep_bytes(out, text, n, a);
		return 0;
	}
	if (ep->list)
		return decode_list(ep, text, n, out, cap, a, e);
	r = json_parse(&j, text, n, MAX_TEXT, e);
	if (r < 0)
		return r;
	return ep->document ? ep->document(j, out, a, e) : decode_record(ep, j, out, a, e);
}
