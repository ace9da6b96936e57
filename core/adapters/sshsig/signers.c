/*
 * signers.c - an allowed_signers file (ssh-keygen(1)), line by line:
 *
 *	ana@example.org,octo-ana namespaces="plan@pilothouse",valid-before="20270101Z" ssh-ed25519 AAAA... comment
 *
 * Stricter than OpenSSH where a doubt would let somebody in: a line with an option that is not known, a certificate
 * authority, a pattern instead of a person, or a time without its Z (it would mean another moment on another machine) names
 * nobody, and says so.
 */
#include "core/adapters/sshsig/internal.h"

#include "base/text.h"

#define BLOB_MAX ((size_t)16 << 10)

struct line {
	const char *s;
	size_t n;
	struct signer *to;
	struct arena *a;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void skip_blanks(struct line *l)
{
	while (l->n && is_blank(*l->s))
		l->s++, l->n--;
}

/* Up to the next blank that is in no quotes. */
static const char *take_word(struct line *l)
{
	const char *from = l->s;
	bool quoted = false;

	skip_blanks(l);
	from = l->s;
	while (l->n && (quoted || !is_blank(*l->s))) {
		quoted ^= *l->s == '"';
		l->s++, l->n--;
	}
	return arena_strndup(l->a, from, (size_t)(l->s - from));
}

/* "a,b,c" apart; an empty part becomes "". */
static const char *const *apart(const char *list, struct arena *a)
{
	VEC(const char *) parts = { 0 };

	for (;;) {
		size_t n = strcspn(list, ",");

		*vec_push(&parts, a) = arena_strndup(a, list, n);
		if (!list[n])
			break;
		list += n + 1;
	}
	*vec_push(&parts, a) = NULL;
	return parts.items;
}

static void refuse(struct line *l, const char *why)
{
	if (!l->to->refused)
		l->to->refused = why;
}

static void read_principals(struct line *l, const char *word)
{
	size_t n = strlen(word);

	if (n >= 2 && word[0] == '"' && word[n - 1] == '"')
		word = arena_strndup(l->a, word + 1, n - 2);
	l->to->principals = apart(word, l->a);
	for (const char *const *p = l->to->principals; *p; p++)
		if (!**p || strpbrk(*p, "*?!\""))
			refuse(l, "it names a pattern and no person");
}

/* 20270101Z, 202701011530Z or 20270101153059Z. */
static void read_time(struct line *l, struct when *out, const char *value)
{
	size_t n = strspn(value, "0123456789");
	const char *s, *iso;

	if ((n != 8 && n != 12 && n != 14) || strcmp(value + n, "Z") != 0) {
		refuse(l, "it has a time that is not YYYYMMDD[HHMM[SS]]Z");
		return;
	}
	s = arena_printf(l->a, "%.*s000000", (int)n, value);
	iso = arena_printf(l->a, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", s, s + 4, s + 6, s + 8, s + 10, s + 12);
	if (when_parse(out, iso) < 0)
		refuse(l, "it has a time that there is not");
}

static void read_option(struct line *l, const char *name, const char *value)
{
	if (!strcmp(name, "namespaces") && value)
		l->to->spaces = apart(value, l->a);
	else if (!strcmp(name, "valid-after") && value)
		read_time(l, &l->to->after, value);
	else if (!strcmp(name, "valid-before") && value)
		read_time(l, &l->to->before, value);
	else
		refuse(l, arena_printf(l->a, "it has the option %.40s, which is not known here", name));
}

/* name or name="value", comma after comma. */
static void read_options(struct line *l, const char *s)
{
	while (*s && !l->to->refused) {
		size_t n = strcspn(s, "=,");
		const char *name = arena_strndup(l->a, s, n), *value = NULL;

		s += n;
		if (s[0] == '=' && s[1] == '"') {
			n = strcspn(s + 2, "\"");
			value = arena_strndup(l->a, s + 2, n);
			s += 2 + n;
			if (*s++ != '"')
				refuse(l, "a quote is not closed"), s--;
		}
		if (*s && *s != ',')
			refuse(l, "its options are damaged");
		s += *s == ',';
		read_option(l, name, value);
	}
}

static void read_key(struct line *l, const char *type, const char *digits)
{
	autofree(buf) struct buf blob = BUF_INIT(BLOB_MAX);
	struct sign_key key;
	struct err e = ERR_INIT;

	if (!text_unbase64(&blob, digits, strlen(digits)))
		refuse(l, "its key is no base64, cut off or damaged");
	else if (key_read(&key, (struct bytes){ (const unsigned char *)blob.s, blob.n }, l->a, &e) < 0)
		refuse(l, arena_strdup(l->a, e.message));
	else if (strcmp(key.type, type) != 0)
		refuse(l, "its key is not of the type it says");
	else
		l->to->fingerprint = key.fingerprint;
}

static bool is_type(const char *word)
{
	return text_starts(word, "ssh-") || text_starts(word, "ecdsa-") || text_starts(word, "sk-");
}

static void read_line(struct line *l)
{
	const char *word;

	l->to->fingerprint = "";
	read_principals(l, take_word(l));
	word = take_word(l);
	if (!is_type(word)) {
		read_options(l, word);
		word = take_word(l);
	}
	if (!l->to->refused)
		read_key(l, word, take_word(l));
}

int signers_read(struct signers *out, const char *text, size_t n, struct arena *a, struct err *e)
{
	int64_t number = 0;

	while (n) {
		const char *end = memchr(text, '\n', n);
		size_t length = end ? (size_t)(end - text) : n;
		struct line l = { .s = text, .n = length, .a = a };

		text += length + (end != NULL);
		n -= length + (end != NULL);
		number++;
		if (l.n && l.s[l.n - 1] == '\r')
			l.n--;
		skip_blanks(&l);
		if (!l.n || *l.s == '#')
			continue;
		if (out->n == SIGNERS_MAX)
			return err_set(e, ERR_INVALID, "more than %d lines name signers", SIGNERS_MAX);
		l.to = vec_push(out, a);
		l.to->line = number;
		read_line(&l);
	}
	return 0;
}
