#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A sanitized build makes memory that no value owns unreadable, so that a value used after arena_reset() is
 * found. */
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif

#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
#define memory_hide(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define memory_show(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define memory_hide(p, n) ((void)(p), (void)(n))
#define memory_show(p, n) ((void)(p), (void)(n))
#endif

#define ARENA_ALIGN       _Alignof(max_align_t)
#define ARENA_FIRST_BLOCK 4096

struct arena_block {
	struct arena_block *next; /* older */
	size_t size;              /* bytes in data */
	size_t used;
	_Alignas(max_align_t) char data[];
};

static size_t blocks_size(const struct arena *a)
{
	size_t have = 0;

	for (const struct arena_block *b = a->head; b; b = b->next)
		have += b->size;
	return have;
}

/* Each block is at least as large as all before it together: growth stays linear. */
static struct arena_block *block_add(struct arena *a, size_t n)
{
	size_t size = blocks_size(a);
	struct arena_block *b;

	if (size < ARENA_FIRST_BLOCK - sizeof(*b))
		size = ARENA_FIRST_BLOCK - sizeof(*b);
	if (size < n)
		size = n;
	BUG_IF(size > SIZE_MAX / 2);
	b = x_realloc(NULL, sizeof(*b) + size);
	*b = (struct arena_block){ .next = a->head, .size = size };
	memory_hide(b->data, size);
	a->head = b;
	return b;
}

void *arena_alloc(struct arena *a, size_t n)
{
	struct arena_block *b = a->head;
	size_t rounded;
	void *p;

	BUG_IF(n > SIZE_MAX / 4);
	rounded = ((n ? n : 1) + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
	if (!b || b->size - b->used < rounded)
		b = block_add(a, rounded);
	p = b->data + b->used;
	b->used += rounded;
	a->used += rounded;
	memory_show(p, n);
	return memset(p, 0, n);
}

void *arena_alloc_array(struct arena *a, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		bug_at(__FILE__, __LINE__, "the size of an array overflows");
	return arena_alloc(a, n);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	size_t len;
	char *copy;

	if (!s)
		return NULL;
	len = strnlen(s, n);
	copy = arena_alloc(a, len + 1);
	memcpy(copy, s, len);
	return copy;
}

char *arena_copy(struct arena *a, const void *bytes, size_t n)
{
	char *copy = arena_alloc(a, n + 1);

	if (bytes)
		memcpy(copy, bytes, n);
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *text;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	BUG_IF(n < 0);
	text = arena_alloc(a, (size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	return text;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return text;
}

static void blocks_free(struct arena_block **head)
{
	struct arena_block *next;

	for (struct arena_block *b = *head; b; b = next) {
		next = b->next;
		memory_show(b->data, b->size);
		free(b);
	}
	*head = NULL;
}

static void adopt(struct arena *a, struct arena_block **from)
{
	struct arena_block **end = from;

	while (*end)
		end = &(*end)->next;
	*end = a->adopted;
	a->adopted = *from;
	*from = NULL;
}

void arena_adopt(struct arena *a, struct arena *from)
{
	adopt(a, &from->head);
	adopt(a, &from->adopted);
	a->used += from->used;
	from->used = 0;
}

/* Several blocks become one as large as they were together, so that the same values fit into it next time. */
static void blocks_merge(struct arena *a)
{
	size_t size = blocks_size(a);

	blocks_free(&a->head);
	block_add(a, size);
}

void arena_reset(struct arena *a)
{
	a->used = 0;
	blocks_free(&a->adopted);
	if (!a->head)
		return;
	if (a->head->next)
		blocks_merge(a);
	a->head->used = 0;
	memory_hide(a->head->data, a->head->size);
}

void arena_done(struct arena *a)
{
	blocks_free(&a->head);
	blocks_free(&a->adopted);
	a->used = 0;
}
