#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define REDACTED     "[redacted]"
#define OTHERS_ANY   (S_IRWXG | S_IRWXO)
#define CREDENTIAL_N 8 /* a shorter word after Bearer or Basic is prose */

static int check_value(const char *value, size_t n, struct err *e)
{
	if (!n)
		return err_set(e, ERR_INVALID, "the token is empty");
	if (n > SECRET_MAX)
		return err_set(e, ERR_INVALID, "the token is longer than %d bytes", SECRET_MAX);
	for (size_t i = 0; i < n; i++) {
		if (value[i] <= ' ' || value[i] >= 0x7f)
			return err_set(e, ERR_INVALID,
				       "the token contains a blank, a control character or a "
				       "character that is not ASCII");
	}
	return 0;
}

static int set(struct secret *s, const char *value, size_t n, struct err *e)
{
	int r = check_value(value, n, e);

	if (r)
		return r;
	secret_done(s);
	s->bytes = x_alloc(n + 1);
	memcpy(s->bytes, value, n);
	s->n = n;
	return 0;
}

int secret_set(struct secret *s, const char *value, struct err *e)
{
	return set(s, value, value ? strlen(value) : 0, e);
}

static int check_file(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_set(e, ERR_INVALID, "cannot examine the token file %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_INVALID, "the token file %s is not a regular file", path);
	if (st.st_uid != geteuid())
		return err_set(e, ERR_INVALID, "the token file %s belongs to user %u, not to us", path,
			       (unsigned)st.st_uid);
	if (st.st_mode & OTHERS_ANY) {
		err_set(e, ERR_INVALID, "the token file %s is open to others (mode %04o)", path,
			(unsigned)st.st_mode & 0777u);
		err_hint(e, "chmod 600 it; if others could read it, replace the token too");
		return -ERR_INVALID;
	}
	return 0;
}

static int read_value(struct secret *s, int fd, const char *path, struct err *e)
{
	char text[SECRET_MAX + 2]; /* the longest value, its newline, and one byte that shows there is more */
	size_t n = 0;
	ssize_t got;
	int r;

	do {
		got = read(fd, text + n, sizeof(text) - n);
		if (got > 0)
			n += (size_t)got;
	} while (n < sizeof(text) && (got > 0 || (got < 0 && errno == EINTR)));
	if (got < 0) {
		r = err_set(e, ERR_INVALID, "cannot read the token file %s: %s", path, strerror(errno));
	} else {
		if (n && text[n - 1] == '\n')
			n--;
		r = set(s, text, n, e);
	}
	explicit_bzero(text, sizeof(text));
	return r;
}

int secret_read_file(struct secret *s, const char *path, struct err *e)
{
	/* Not blocking: a fifo of that name is refused, not waited for. */
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	int r;

	if (fd < 0 && errno == ELOOP)
		return err_set(e, ERR_INVALID, "the token file %s is a symbolic link", path);
	if (fd < 0)
		return err_set(e, ERR_INVALID, "cannot open the token file %s: %s", path, strerror(errno));
	r = check_file(fd, path, e);
	if (!r)
		r = read_value(s, fd, path, e);
	close(fd);
	return r;
}

int secret_take_env(struct secret *s, const char *name, struct err *e)
{
	char *value = getenv(name);
	int r;

	if (!value)
		return 1;
	r = *value ? secret_set(s, value, e) : 1;
	/* /proc/PID/environ shows this very memory to whoever may read it. */
	explicit_bzero(value, strlen(value));
	unsetenv(name);
	return r;
}

void secret_done(struct secret *s)
{
	if (s->bytes) {
		explicit_bzero(s->bytes, s->n);
		free(s->bytes);
	}
	*s = (struct secret)SECRET_INIT;
}

/* Shapes that are a credential whoever issued it. The shape's own text stays, what follows goes. */
static const struct {
	const char *start;
	const char *alphabet; /* beyond letters and digits */
	size_t least;         /* fewer characters are no credential */
	bool any_case;
} shapes[] = {
	{ "ghp_", "_", 1, false },
	{ "gho_", "_", 1, false },
	{ "ghu_", "_", 1, false },
	{ "ghs_", "_.-", 1, false },
	{ "ghr_", "_", 1, false },
	{ "github_pat_", "_", 1, false },
	{ "Bearer ", "-._~+/=", CREDENTIAL_N, true }, /* token68 of RFC 9110, 11.2 */
	{ "Basic ", "-._~+/=", CREDENTIAL_N, true },
};

static size_t run_of(const char *s, const char *extra)
{
	size_t n = 0;

	while ((s[n] >= '0' && s[n] <= '9') || (s[n] >= 'A' && s[n] <= 'Z') || (s[n] >= 'a' && s[n] <= 'z') ||
	       (s[n] && strchr(extra, s[n])))
		n++;
	return n;
}

/* Bytes at text to leave out after `*keep` bytes that stay; 0 when nothing secret begins here. */
static size_t secret_at(const char *text, const struct secret *s, size_t *keep)
{
	*keep = 0;
	if (s && s->n && !strncmp(text, s->bytes, s->n))
		return s->n;
	for (size_t i = 0; i < countof(shapes); i++) {
		size_t n = strlen(shapes[i].start);
		size_t run;

		if (shapes[i].any_case ? strncasecmp(text, shapes[i].start, n)
				       : strncmp(text, shapes[i].start, n))
			continue;
		n += strspn(text + n, " ");
		run = run_of(text + n, shapes[i].alphabet);
		if (run < shapes[i].least)
			continue;
		*keep = n;
		return run;
	}
	return 0;
}

void secret_redact(struct buf *out, const char *text, const struct secret *s)
{
	const char *from = text;

	while (*text) {
		size_t keep;
		size_t n = secret_at(text, s, &keep);

		if (!n) {
			text++;
			continue;
		}
		buf_add(out, from, (size_t)(text - from) + keep);
		buf_str(out, REDACTED);
		text += keep + n;
		from = text;
	}
	buf_add(out, from, (size_t)(text - from));
}
