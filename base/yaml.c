#include "base/yaml.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { MAX_DEPTH = 64, MAX_NODES = 100000, MAX_BYTES = 1 << 20, MAX_WORD = 40 };

/* One parse. A level is an open list or map; its key waits for the value. */
struct reader {
	yaml_parser_t parser;
	const char *file, *text;
	struct arena *arena;
	struct err *e;
	struct yaml *root;
	int nodes;
	int depth; /* open levels */
	struct level {
		struct yaml *node;
		struct yaml **tail; /* where the next child goes */
		const char *key;    /* map: read, its value is still to come */
		int line, column;   /* of that key */
	} levels[MAX_DEPTH];
};

static format_printf(5, 0) int vfail(struct err *e, const char *file, int line, int column, const char *fmt,
				     va_list ap)
{
	autofree(buf) struct buf text = BUF_INIT(512);

	buf_vfmt(&text, fmt, ap);
	return err_set(e, ERR_INVALID, "%s:%d:%d: %s", file, line, column, text.s);
}

int yaml_error(struct err *e, const struct yaml *at, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = at ? vfail(e, at->file, at->line, at->column, fmt, ap) : err_vset(e, ERR_INVALID, fmt, ap);
	va_end(ap);
	return r;
}

static int format_printf(3, 4) fail_at(struct reader *r, yaml_mark_t at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfail(r->e, r->file, (int)at.line + 1, (int)at.column + 1, fmt, ap);
	va_end(ap);
	return -ERR_INVALID;
}

/* Line and column, in characters, of a byte of the text. */
static yaml_mark_t place_of(const char *text, size_t offset)
{
	yaml_mark_t at = { 0 };

	if (offset >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		at.index = 3; /* the mark of UTF-8 is no character */
	for (; at.index < offset; at.index++)
		if (text[at.index] == '\n') {
			at.line++;
			at.column = 0;
		} else {
			at.column += (text[at.index] & 0xc0) != 0x80;
		}
	return at;
}

/* libyaml's own complaint. A reader error (bad UTF-8, control characters) knows an offset only. */
static int fail_parser(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;

	if (p->error == YAML_READER_ERROR)
		return fail_at(r, place_of(r->text, p->problem_offset), "%s", p->problem);
	return fail_at(r, p->problem_mark, "%s%s%s", p->context ? p->context : "", p->context ? ": " : "",
		       p->problem ? p->problem : "not readable");
}

static int compare_keys(const void *a, const void *b)
{
	const struct yaml *x = *(const struct yaml *const *)a, *y = *(const struct yaml *const *)b;
	int order = strcmp(x->key, y->key);

	if (order == 0)
		order = x->line != y->line ? x->line - y->line : x->column - y->column;
	return order;
}

/* Sorted, because a hostile file may hold a hundred thousand keys in one map. */
static int check_duplicates(struct reader *r, const struct yaml *map)
{
	struct yaml **members;
	size_t n = 0;
	int result = 0;

	if (map->n < 2)
		return 0;
	members = x_alloc((size_t)map->n * sizeof(struct yaml *));
	for (struct yaml *it = map->child; it; it = it->next)
		members[n++] = it;
	qsort(members, n, sizeof(struct yaml *), compare_keys);
	for (size_t i = 1; i < n && result == 0; i++)
		if (strcmp(members[i - 1]->key, members[i]->key) == 0)
			result = yaml_error(r->e, members[i], "%s is here twice, first in line %d",
					    members[i]->key, members[i - 1]->line);
	free(members);
	return result;
}

/* A new node, linked where it belongs: the root, an element, or the member whose key was read. NULL: too many. */
static struct yaml *add_node(struct reader *r, enum yaml_kind kind, yaml_mark_t at)
{
	struct level *up = r->depth ? &r->levels[r->depth - 1] : NULL;
	struct yaml *y;

	if (++r->nodes > MAX_NODES) {
		fail_at(r, at, "more than %d nodes", MAX_NODES);
		return NULL;
	}
	y = arena_new(r->arena, struct yaml);
	*y = (struct yaml){
		.kind = kind, .file = r->file, .line = (int)at.line + 1, .column = (int)at.column + 1
	};
	if (!up) {
		r->root = y;
		return y;
	}
	if (up->node->kind == YAML_MAP) {
		y->key = up->key;
		y->line = up->line;
		y->column = up->column;
		up->key = NULL;
	}
	*up->tail = y;
	up->tail = &y->next;
	up->node->n++;
	return y;
}

static bool wants_key(const struct reader *r)
{
	return r->depth && r->levels[r->depth - 1].node->kind == YAML_MAP && !r->levels[r->depth - 1].key;
}

/* Anchors and tags can turn text into something else than it reads; nothing of ours needs them. */
static int check_plain(struct reader *r, const yaml_event_t *ev, const yaml_char_t *anchor,
		       const yaml_char_t *tag)
{
	if (anchor)
		return fail_at(r, ev->start_mark, "anchors are not allowed");
	if (tag)
		return fail_at(r, ev->start_mark, "tags are not allowed");
	return 0;
}

static int on_scalar(struct reader *r, const yaml_event_t *ev)
{
	const char *text = (const char *)ev->data.scalar.value;
	struct yaml *y;

	if (check_plain(r, ev, ev->data.scalar.anchor, ev->data.scalar.tag) != 0)
		return -ERR_INVALID;
	if (strlen(text) != ev->data.scalar.length)
		return fail_at(r, ev->start_mark, "a NUL in a string");
	text = arena_strdup(r->arena, text);
	if (wants_key(r)) {
		struct level *l = &r->levels[r->depth - 1];

		l->key = text;
		l->line = (int)ev->start_mark.line + 1;
		l->column = (int)ev->start_mark.column + 1;
		return 0;
	}
	y = add_node(r, YAML_SCALAR, ev->start_mark);
	if (!y)
		return -ERR_INVALID;
	y->scalar = text;
	y->quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	return 0;
}

static int on_open(struct reader *r, const yaml_event_t *ev, enum yaml_kind kind)
{
	struct yaml *y;

	if (r->depth == MAX_DEPTH)
		return fail_at(r, ev->start_mark, "nested deeper than %d", MAX_DEPTH);
	if (wants_key(r))
		return fail_at(r, ev->start_mark, "a key must be text");
	y = add_node(r, kind, ev->start_mark);
	if (!y)
		return -ERR_INVALID;
	r->levels[r->depth++] = (struct level){ .node = y, .tail = &y->child };
	return 0;
}

static int on_event(struct reader *r, const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		return on_scalar(r, ev);
	case YAML_SEQUENCE_START_EVENT:
		if (check_plain(r, ev, ev->data.sequence_start.anchor, ev->data.sequence_start.tag) != 0)
			return -ERR_INVALID;
		return on_open(r, ev, YAML_LIST);
	case YAML_MAPPING_START_EVENT:
		if (check_plain(r, ev, ev->data.mapping_start.anchor, ev->data.mapping_start.tag) != 0)
			return -ERR_INVALID;
		return on_open(r, ev, YAML_MAP);
	case YAML_SEQUENCE_END_EVENT:
		r->depth--;
		return 0;
	case YAML_MAPPING_END_EVENT:
		return check_duplicates(r, r->levels[--r->depth].node);
	case YAML_ALIAS_EVENT:
		return fail_at(r, ev->start_mark, "aliases are not allowed");
	case YAML_DOCUMENT_START_EVENT:
		if (r->root)
			return fail_at(r, ev->start_mark, "a second document in one file");
		return 0;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
	return 0;
}

/* Event by event: libyaml alone would spend seconds on nesting before it gives up. */
static int read_events(struct reader *r)
{
	int result = 0;
	bool end = false;

	while (result == 0 && !end) {
		yaml_event_t ev;

		if (!yaml_parser_parse(&r->parser, &ev))
			return fail_parser(r);
		end = ev.type == YAML_STREAM_END_EVENT;
		result = on_event(r, &ev);
		yaml_event_delete(&ev);
	}
	return result;
}

static bool is_nothing(const struct yaml *y)
{
	static const char *const words[] = { "", "~", "null" };

	if (y->kind != YAML_SCALAR || y->quoted)
		return false;
	for (size_t i = 0; i < countof(words); i++)
		if (strcmp(y->scalar, words[i]) == 0)
			return true;
	return false;
}

int yaml_parse(struct yaml **out, const char *file, const char *text, size_t n, struct arena *a,
	       struct err *e)
{
	struct reader r = { .file = arena_strdup(a, file), .text = text, .arena = a, .e = e };
	int result;

	*out = NULL;
	if (n > MAX_BYTES)
		return err_set(e, ERR_INVALID, "%s:1:1: larger than %d bytes", file, MAX_BYTES);
	if (!yaml_parser_initialize(&r.parser))
		return err_set(e, ERR_BUG, "%s: the YAML parser has no memory", file);
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, n);
	result = read_events(&r);
	yaml_parser_delete(&r.parser);
	if (result != 0)
		return result;
	if (!r.root || is_nothing(r.root)) {
		r.root = arena_new(a, struct yaml);
		*r.root = (struct yaml){ .kind = YAML_MAP, .file = r.file, .line = 1, .column = 1 };
	}
	*out = r.root;
	return 0;
}

const struct yaml *yaml_get(const struct yaml *map, const char *key)
{
	if (!map || map->kind != YAML_MAP)
		return NULL;
	yaml_each(it, map) if (strcmp(it->key, key) == 0) return it;
	return NULL;
}

const struct yaml *yaml_map(const struct yaml *map, const char *key)
{
	const struct yaml *y = yaml_get(map, key);

	return y && y->kind == YAML_MAP ? y : NULL;
}

const char *yaml_str(const struct yaml *map, const char *key, const char *fallback)
{
	const struct yaml *y = yaml_get(map, key);

	return y && y->kind == YAML_SCALAR && !is_nothing(y) ? y->scalar : fallback;
}

/* ---- records ---- */

/* Levenshtein's distance of short words; anything longer is far away. */
static int edit_distance(const char *a, const char *b)
{
	int row[MAX_WORD + 1];
	size_t n = strlen(b);

	if (n > MAX_WORD || strlen(a) > MAX_WORD)
		return MAX_WORD;
	for (size_t j = 0; j <= n; j++)
		row[j] = (int)j;
	for (size_t i = 0; a[i]; i++) {
		int diagonal = row[0];

		row[0] = (int)i + 1;
		for (size_t j = 0; j < n; j++) {
			int best = diagonal + (a[i] != b[j]);

			diagonal = row[j + 1];
			best = row[j] + 1 < best ? row[j] + 1 : best;
			row[j + 1] = diagonal + 1 < best ? diagonal + 1 : best;
		}
	}
	return row[n];
}

/* A guess: at most two letters off, and not the whole word. */
struct guess {
	const char *word;
	int distance;
};

static void guess_try(struct guess *g, const char *typed, const char *known)
{
	int d = edit_distance(typed, known);

	if (d <= 2 && d < (int)strlen(typed) && (!g->word || d < g->distance))
		*g = (struct guess){ .word = known, .distance = d };
}

static int guess_hint(struct err *e, const struct guess *g)
{
	return g->word ? err_hint(e, "did you mean %s?", g->word) : -ERR_INVALID;
}

static int check_known(const struct yaml *member, const struct rec *rec, const char *const *others,
		       struct err *e)
{
	struct guess g = { 0 };

	if (rec_field(rec, member->key))
		return 0;
	for (int i = 0; i < rec->n; i++)
		guess_try(&g, member->key, rec->fields[i].name);
	for (; others && *others; others++) {
		if (strcmp(*others, member->key) == 0)
			return 0;
		guess_try(&g, member->key, *others);
	}
	yaml_error(e, member, "%s has no key %s", rec->name, member->key);
	return guess_hint(e, &g);
}

/* What it may be instead: the nearest word, else all. The first one is what foreign words become. */
static int words_hint(struct err *e, const struct names *t, const char *word)
{
	autofree(buf) struct buf all = BUF_INIT(512);
	struct guess g = { 0 };

	for (int i = 0; i < t->n; i++)
		guess_try(&g, word, t->words[i]);
	for (int i = 0; i < t->n; i++)
		if (i > 0 || (*t->words[i] && strcmp(t->words[i], "other") != 0))
			buf_fmt(&all, " %s", t->words[i]);
	return g.word ? guess_hint(e, &g) : err_hint(e, "known are%s", all.s);
}

/* A word that a person wrote into our file must be one we know; only foreign data may have others. */
static int put_word(const struct yaml *y, const struct field *f, void *out, struct err *e)
{
	int value = names_value(f->names, y->scalar);

	if (value == 0 && strcmp(y->scalar, f->names->words[0]) != 0) {
		yaml_error(e, y, "%s cannot be %s", f->name, y->scalar);
		return words_hint(e, f->names, y->scalar);
	}
	*(int *)rec_at_mut(out, f) = value;
	return 0;
}

static const char *put_scalar(const struct yaml *y, const struct field *f, void *out, struct arena *a)
{
	int64_t number;

	if (f->type == FIELD_STRING || f->type == FIELD_WHEN)
		return rec_put_text(f, out, y->scalar, strlen(y->scalar), a);
	if (y->quoted)
		return rec_expects(f);
	if (f->type == FIELD_BOOL) {
		bool yes = strcmp(y->scalar, "true") == 0;

		return yes || strcmp(y->scalar, "false") == 0 ? rec_put_bool(f, out, yes) : rec_expects(f);
	}
	if (text_int64(&number, y->scalar + (*y->scalar == '-'), 0, INT64_MAX) != 0)
		return rec_expects(f);
	return rec_put_int(f, out, *y->scalar == '-' ? -number : number);
}

static int read_field(const struct yaml *y, const struct field *f, void *out, struct arena *a, struct err *e)
{
	const char *wrong;

	if (!y || is_nothing(y))
		return 0;
	if (y->kind != YAML_SCALAR)
		return yaml_error(e, y, "%s %s", f->name, rec_expects(f));
	if (f->names)
		return put_word(y, f, out, e);
	wrong = put_scalar(y, f, out, a);
	return wrong ? yaml_error(e, y, "%s %s", f->name, wrong) : 0;
}

int yaml_rec(const struct yaml *map, const struct rec *rec, void *out, const char *const *others,
	     struct arena *a, struct err *e)
{
	if (map->kind != YAML_MAP)
		return yaml_error(e, map, "%s must be a map of keys and values", rec->name);
	yaml_each(it, map) if (check_known(it, rec, others, e) != 0) return -ERR_INVALID;
	for (int i = 0; i < rec->n; i++) {
		const struct field *f = &rec->fields[i];
		const struct yaml *y = yaml_get(map, f->name);

		if ((!y || is_nothing(y)) && (f->flags & FIELD_REQUIRED))
			return yaml_error(e, map, "%s: %s is missing", rec->name, f->name);
		if (read_field(y, f, out, a, e) != 0)
			return -ERR_INVALID;
	}
	return 0;
}
