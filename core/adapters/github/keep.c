#include "core/adapters/github/keep.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char *const headers[] = { "etag", "content-type", "link" };
enum { TARGET, ACCEPT, HEADERS, TEXTS = HEADERS + countof(headers) };

/* One block: the struct, the texts, the body. */
struct kept {
	struct kept *next;
	size_t size; /* of the block */
	const char *text[TEXTS];
	const char *body;
	size_t body_n;
};

static bool is_it(const struct kept *x, const char *target, const char *accept)
{
	return text_eq(x->text[TARGET], target) && text_eq(x->text[ACCEPT], accept ? accept : "");
}

static void forget(struct keep *k, struct kept **at)
{
	struct kept *x = *at;

	*at = x->next;
	k->bytes -= x->size;
	free(x);
}

/* Moves it to the front. */
static struct kept *find(struct keep *k, const char *target, const char *accept)
{
	for (struct kept **at = &k->first; *at; at = &(*at)->next) {
		struct kept *x = *at;

		if (!is_it(x, target, accept))
			continue;
		*at = x->next;
		x->next = k->first;
		k->first = x;
		return x;
	}
	return NULL;
}

const char *keep_etag(struct keep *k, const char *target, const char *accept)
{
	const struct kept *x = find(k, target, accept);

	return x ? x->text[HEADERS] : NULL;
}

static void make_room(struct keep *k, size_t size)
{
	while (k->first && k->bytes + size > KEEP_ALL) {
		struct kept **last = &k->first;

		while ((*last)->next)
			last = &(*last)->next;
		forget(k, last);
	}
}

static struct kept *kept_new(const char *const *text, const char *body, size_t body_n)
{
	size_t size = sizeof(struct kept) + body_n + 1;

	for (size_t i = 0; i < TEXTS; i++)
		size += strlen(text[i]) + 1;
	struct kept *x = x_alloc(size);
	char *to = (char *)(x + 1);
	x->size = size;
	for (size_t i = 0; i < TEXTS; i++) {
		size_t n = strlen(text[i]) + 1;

		x->text[i] = memcpy(to, text[i], n);
		to += n;
	}
	x->body = memcpy(to, body, body_n);
	x->body_n = body_n;
	to[body_n] = '\0';
	return x;
}

void keep_put(struct keep *k, const char *target, const char *accept, const struct http_answer *h)
{
	const char *text[TEXTS] = { target, accept ? accept : "" };

	if (find(k, target, accept))
		forget(k, &k->first);
	for (size_t i = 0; i < countof(headers); i++) {
		const char *value = http_header(h, headers[i]);

		text[HEADERS + i] = value ? value : "";
	}
	if (!*text[HEADERS] || h->body_n > KEEP_ONE)
		return;
	struct kept *x = kept_new(text, h->body, h->body_n);
	make_room(k, x->size);
	x->next = k->first;
	k->first = x;
	k->bytes += x->size;
}

bool keep_replay(struct keep *k, const char *target, const char *accept, const char *etag,
		 struct kept_answer *out)
{
	const struct kept *x = find(k, target, accept);
	size_t n = 0;

	if (!x || !text_eq(x->text[HEADERS], etag))
		return false;
	for (size_t i = 0; i < countof(headers); i++)
		if (*x->text[HEADERS + i])
			out->headers[n++] = (struct http_header){ headers[i], x->text[HEADERS + i] };
	out->answer = (struct http_answer){
		.status = 200, .headers = out->headers, .headers_n = n, .body = x->body, .body_n = x->body_n
	};
	return true;
}

void keep_done(struct keep *k)
{
	while (k->first)
		forget(k, &k->first);
}
