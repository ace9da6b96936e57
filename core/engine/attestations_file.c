/*
 * attestations_file.c - evidence that a person brings: a bundle, bundles one a line, or a directory of such files. Taken as
 * bytes; whether they are bundles is for the verifier to say.
 */
#include "core/engine/attestations.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/text.h"
#include "core/port/attest.h"

/* Some lines of a text; `name` is for people. */
struct part {
	const char *s, *name;
	size_t n;
};

static void trim(struct part *p)
{
	while (p->n && strchr(" \t\r\n", p->s[0]))
		p->s++, p->n--;
	while (p->n && strchr(" \t\r\n", p->s[p->n - 1]))
		p->n--;
}

static void add_part(struct attestations *out, struct part p, struct arena *a)
{
	const char *why = NULL;

	if (p.n > ATTEST_BUNDLE_MAX)
		why = "it is larger than a bundle may be";
	else if (p.s[0] != '{' || p.s[p.n - 1] != '}' || memchr(p.s, 0, p.n))
		why = "it is no JSON object";
	if (why) {
		attestations_damage(out, p.name, why, a);
		return;
	}
	attestations_add(out,
			 &(struct attestation){ .place = ATTESTATION_FILE,
						.where = p.name,
						.bundle = p.s,
						.bundle_n = p.n,
						.initiator = "" },
			 a);
}

/* The line at *at, without its end; moves *at behind it. */
static struct part next_line(const char **at, const char *end)
{
	const char *stop = memchr(*at, '\n', (size_t)(end - *at));
	struct part p = { .s = *at, .n = (size_t)((stop ? stop : end) - *at) };

	*at = stop ? stop + 1 : end;
	trim(&p);
	return p;
}

/* One whole object in its first line that is not empty: then every line is one. A document that is laid out over lines
 * begins with a line that is none. */
static bool is_a_line_each(const char *s, size_t n)
{
	const char *at = s, *end = s + n;

	while (at < end) {
		struct part p = next_line(&at, end);

		if (p.n)
			return p.s[0] == '{' && p.s[p.n - 1] == '}';
	}
	return false;
}

void attestations_of_text(struct attestations *out, const char *name, const char *s, size_t n,
			  struct arena *a)
{
	struct part whole = { arena_alloc(a, n + 1), arena_strdup(a, name), n };
	const char *at, *end;

	memcpy((char *)(uintptr_t)whole.s, s, n);
	at = whole.s;
	end = at + n;
	trim(&whole);
	if (whole.n && !is_a_line_each(whole.s, whole.n)) {
		add_part(out, whole, a);
		return;
	}
	for (int line = 1; at < end && !attestations_full(out); line++) {
		struct part p = next_line(&at, end);

		if (at == end && line == 1)
			p.name = whole.name;
		else
			p.name = arena_printf(a, "%s:%d", whole.name, line);
		if (p.n)
			add_part(out, p, a);
	}
}

static int read_file(struct attestations *out, const char *path, struct arena *a, struct err *e)
{
	struct buf text = BUF_INIT(ATTESTATIONS_BYTES);
	struct stat st;
	int r = 0;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		r = err_set(e, ERR_INVALID, "%s is no file", path); /* a pipe would hold us */
	if (r >= 0)
		r = path_read(&text, path, e);
	if (r >= 0)
		attestations_of_text(out, path, text.s, text.n, a);
	buf_done(&text);
	return r;
}

/* ---- directories -------------------------------------------------------------------------------------------------------- */

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), m = strlen(tail);

	return n > m && !strcmp(s + n - m, tail);
}

static int is_evidence(const struct dirent *d)
{
	static const char *const tails[] = { ".json", ".jsonl", ".sigstore" };

	for (size_t i = 0; i < countof(tails); i++)
		if (d->d_name[0] != '.' && ends_with(d->d_name, tails[i]))
			return 1;
	return 0;
}

/* A file that cannot be read is not none: it is said, and the others are read. */
static int read_directory(struct attestations *out, const char *dir, struct arena *a, struct err *e)
{
	struct dirent **names;
	int n = scandir(dir, &names, is_evidence, alphasort);

	if (n < 0)
		return err_set(e, ERR_INVALID, "cannot read the directory %s", dir);
	for (int i = 0; i < n; i++) {
		struct err why = ERR_INIT;

		if (!attestations_full(out) &&
		    read_file(out, path_join(a, dir, names[i]->d_name), a, &why) < 0 && !out->err.kind)
			out->err = why;
		free(names[i]);
	}
	free(names);
	return 0;
}

int attestations_of_file(struct attestations *out, const char *path, struct arena *a, struct err *e)
{
	struct stat st;

	*out = (struct attestations){ 0 };
	if (stat(path, &st) < 0)
		return err_set(e, ERR_MISSING, "there is no %s", path);
	return S_ISDIR(st.st_mode) ? read_directory(out, path, a, e) : read_file(out, path, a, e);
}
