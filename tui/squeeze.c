#include "tui/squeeze.h"

#include <string.h>

#define ESC  '\033'
#define SI   '\017' /* back to the plain character set, as screen and tmux have it */
#define LOOK 64     /* digits and semicolons; a longer one is not held back */

/* What stands between "ESC [" and "m", from a reset on; "" is plain. */
struct look {
	char words[LOOK];
	size_t n;
};

struct squeezing {
	char *s;
	size_t n;                  /* kept so far */
	bool known;                /* a reset was seen: what is set is known */
	struct look shown, wanted; /* by the terminal as it stands; by what comes next */
};

/* Bytes of "ESC [ digits and semicolons final"; 0: it is no such sequence, or cut. */
static size_t sequence_length(const char *s, size_t n)
{
	size_t i = 2;

	if (n < 3 || s[0] != ESC || s[1] != '[')
		return 0;
	while (i < n && ((s[i] >= '0' && s[i] <= '9') || s[i] == ';'))
		i++;
	return i < n && s[i] >= '@' && s[i] <= '~' ? i + 1 : 0;
}

/* Bytes of a return to the plain character set; 0: it is none. */
static size_t charset_length(const char *s, size_t n)
{
	if (*s == SI)
		return 1;
	return n >= 3 && !memcmp(s, "\033(B", 3) ? 3 : 0;
}

/* Bytes until something may begin that is known by name; the first of them was looked at. */
static size_t run_length(const char *s, size_t n)
{
	size_t i = 1;

	while (i < n && s[i] != ESC && s[i] != SI)
		i++;
	return i;
}

static void keep(struct squeezing *q, const char *s, size_t n)
{
	memmove(q->s + q->n, s, n);
	q->n += n;
}

/* ---- looks ---------------------------------------------------------------------------------------------------------- */

/* What was asked for is said now: something is drawn. There is room for it: what is said is never longer than all that asked
 * for it, of which nothing was kept. */
static void say_look(struct squeezing *q)
{
	const struct look *w = &q->wanted, *h = &q->shown;
	bool more = w->n > h->n && !memcmp(w->words, h->words, h->n) && (!h->n || w->words[h->n] == ';');
	size_t skip = more && h->n ? h->n + 1 : 0;

	if (!q->known || (w->n == h->n && !memcmp(w->words, h->words, w->n)))
		return;
	keep(q, "\033[", 2);
	if (w->n && !more)
		keep(q, "0;", 2);
	keep(q, w->words + skip, w->n - skip);
	keep(q, "m", 1);
	q->shown = q->wanted;
}

static bool is_reset(const char *words, size_t n)
{
	return !n || (words[0] == '0' && (n == 1 || words[1] == ';'));
}

/* As it stands: from here on nothing is known until the next reset. */
static void keep_look(struct squeezing *q, const char *s, size_t n, bool reset)
{
	if (!reset)
		say_look(q);
	q->known = false;
	keep(q, s, n);
}

static void take_look(struct squeezing *q, const char *s, size_t n)
{
	const char *words = s + 2;
	size_t words_n = n - 3;
	bool reset = is_reset(words, words_n);
	struct look *w = &q->wanted;

	if ((!reset && !q->known) || (reset ? 0 : w->n + 1) + words_n >= LOOK) {
		keep_look(q, s, n, reset);
		return;
	}
	if (reset) {
		size_t zero = words_n < 2 ? words_n : 2;

		if (!q->known)
			q->shown.n = LOOK; /* as no look is: the first is said */
		q->known = true;
		w->n = 0;
		words += zero;
		words_n -= zero;
	}
	if (w->n && words_n)
		w->words[w->n++] = ';';
	memcpy(w->words + w->n, words, words_n);
	w->n += words_n;
}

/* ---- the frame ------------------------------------------------------------------------------------------------------ */

static bool is_move(char final)
{
	return strchr("ABCDGHdf", final) != NULL;
}

/* The next of it: how many bytes are taken. */
static size_t take_next(struct squeezing *q, const char *s, size_t n)
{
	size_t sequence = sequence_length(s, n), charset = charset_length(s, n);
	bool moves = *s == '\r' || *s == '\b';

	if (charset)
		return charset;
	if (sequence && s[sequence - 1] == 'm') {
		take_look(q, s, sequence);
		return sequence;
	}
	if (sequence)
		moves = is_move(s[sequence - 1]);
	else
		sequence = moves ? 1 : run_length(s, n);
	if (!moves)
		say_look(q);
	keep(q, s, sequence);
	return sequence;
}

size_t squeeze(char *s, size_t n)
{
	struct squeezing q = { .s = s };

	for (size_t at = 0; at < n;)
		at += take_next(&q, s + at, n - at);
	say_look(&q); /* what comes with the next frame goes on from it */
	return q.n;
}
