#include "core/adapters/journald/journald.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

#define MESSAGE_MAX \
	((size_t)16 << 10) /* far below the socket's buffer; larger ones need a file to be passed */
#define ANSWER_MAX ((size_t)64 << 20)

struct journald {
	struct witness witness;
	char *socket, *reader;
};

/* ---- telling -------------------------------------------------------------------------------------------------------- */

static void put_length(struct buf *out, size_t n)
{
	for (int i = 0; i < 8; i++)
		buf_chr(out, (char)(n >> (8 * i) & 0xff));
}

static void put(struct buf *out, const char *name, const char *value)
{
	bool lines = strchr(value, '\n');

	buf_str(out, name);
	buf_chr(out, lines ? '\n' : '=');
	if (lines)
		put_length(out, strlen(value));
	buf_str(out, value);
	buf_chr(out, '\n');
}

void journald_write(struct buf *out, const struct witness_word *w)
{
	char seq[24];

	(void)snprintf(seq, sizeof(seq), "%" PRId64, w->seq);
	put(out, "MESSAGE", w->text);
	put(out, "PRIORITY", "5");
	put(out, "SYSLOG_IDENTIFIER", "pilothouse");
	put(out, "PILOTHOUSE_JOURNAL", w->journal);
	put(out, "PILOTHOUSE_SEQ", seq);
	put(out, "PILOTHOUSE_HASH", w->hash);
}

static int send_it(int fd, const struct sockaddr_un *to, const struct buf *b, struct err *e)
{
	if (sendto(fd, b->s, b->n, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)to, sizeof(*to)) >=
	    0)
		return 0;
	if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR)
		return 1;
	return err_set(e, ERR_STORE, "journald took no word: %s", strerrordesc_np(errno));
}

static int tell(struct witness *w, const struct witness_word *word, struct err *e)
{
	const struct journald *j = (const struct journald *)w;
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	autofree(buf) struct buf b = BUF_INIT(MESSAGE_MAX);
	int fd, r;

	journald_write(&b, word);
	if (b.over || strlen(j->socket) >= sizeof(to.sun_path))
		return err_set(e, ERR_INVALID, "the word for journald is longer than %zu bytes", MESSAGE_MAX);
	memcpy(to.sun_path, j->socket, strlen(j->socket));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(e, ERR_STORE, "no socket for journald: %s", strerrordesc_np(errno));
	r = send_it(fd, &to, &b, e);
	close(fd);
	return r;
}

/* ---- reading what it gives back ---------------------------------------------------------------------------------------- */

struct entry {
	char journal[4096], seq[24], hash[72];
};

static void keep(char *to, size_t size, const char *value, size_t n)
{
	if (n < size) {
		memcpy(to, value, n);
		to[n] = '\0';
	}
}

static void take_field(struct entry *en, const char *name, size_t name_n, const char *value, size_t n)
{
	const struct {
		const char *name;
		char *to;
		size_t size;
	} fields[] = {
		{ "PILOTHOUSE_JOURNAL", en->journal, sizeof(en->journal) },
		{ "PILOTHOUSE_SEQ", en->seq, sizeof(en->seq) },
		{ "PILOTHOUSE_HASH", en->hash, sizeof(en->hash) },
	};

	for (size_t i = 0; i < countof(fields); i++)
		if (strlen(fields[i].name) == name_n && !memcmp(fields[i].name, name, name_n))
			keep(fields[i].to, fields[i].size, value, n);
}

/* One field at the beginning of text, taken; its length with the newline, 0 when it is damaged. */
static size_t field(struct entry *en, const char *text, size_t left)
{
	const char *end = memchr(text, '\n', left);
	const char *equals = end ? memchr(text, '=', (size_t)(end - text)) : NULL;
	size_t name_n, n = 0;

	if (!end)
		return 0;
	if (equals) {
		take_field(en, text, (size_t)(equals - text), equals + 1, (size_t)(end - equals) - 1);
		return (size_t)(end - text) + 1;
	}
	name_n = (size_t)(end - text);
	left -= name_n + 1;
	if (left < 8)
		return 0;
	for (int i = 7; i >= 0; i--)
		n = n << 8 | (unsigned char)end[1 + i];
	if (n >= left - 8 || end[9 + n] != '\n')
		return 0;
	take_field(en, text, name_n, end + 9, n);
	return name_n + 1 + 8 + n + 1;
}

static int give(struct entry *en, witness_fn fn, void *ctx)
{
	struct witness_word w = { .journal = en->journal, .hash = en->hash, .text = "" };
	int r = 0;

	if (*en->journal && strlen(en->hash) == 64 && text_int64(&w.seq, en->seq, 1, INT64_MAX) == 0)
		r = fn(ctx, &w);
	*en = (struct entry){ .journal = "" };
	return r;
}

int journald_parse(const char *text, size_t n, witness_fn fn, void *ctx, struct err *e)
{
	struct entry *en = x_alloc(sizeof(*en));
	int r = 0;

	while (n && !r) {
		size_t step = *text == '\n' ? 1 : field(en, text, n);

		if (!step)
			r = err_set(e, ERR_CORRUPT, "what journalctl exports is damaged");
		else if (*text == '\n')
			r = give(en, fn, ctx);
		text += step;
		n -= step;
	}
	if (!r)
		r = give(en, fn, ctx);
	free(en);
	return r;
}

static int read_all(int fd, struct buf *out, struct err *e)
{
	char chunk[65536];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			buf_add(out, chunk, (size_t)n);
	if (n < 0 || out->over)
		return err_set(e, ERR_CORRUPT, "journalctl says more than %zu bytes", out->max);
	return 0;
}

/* Anyone may say anything to journald; whose word it was journald adds itself. Condition 1: there is no such program. */
static int start(const struct journald *j, const char *match, int ends[2], pid_t *pid, struct err *e)
{
	char user[32];
	const char *const argv[] = { "journalctl", "--quiet", "--no-pager", "--output=export",
				     match,        user,      NULL };
	const char *const env[] = { "LC_ALL=C", NULL };
	posix_spawn_file_actions_t actions;
	int rc;

	if (access(j->reader, X_OK))
		return 1;
	(void)snprintf(user, sizeof(user), "_UID=%u", (unsigned)getuid());
	if (pipe2(ends, O_CLOEXEC))
		return err_set(e, ERR_STORE, "no pipe: %s", strerrordesc_np(errno));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	rc = posix_spawn(pid, j->reader, &actions, NULL, (char *const *)argv, (char *const *)env);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (!rc)
		return 0;
	close(ends[0]);
	return err_set(e, ERR_STORE, "%s cannot be run: %s", j->reader, strerrordesc_np(rc));
}

static int ask(struct witness *w, const char *journal, witness_fn fn, void *ctx, struct err *e)
{
	const struct journald *j = (const struct journald *)w;
	autofree(buf) struct buf out = BUF_INIT(ANSWER_MAX);
	struct arena a = ARENA_INIT;
	int ends[2], status = 0, r;
	pid_t pid;

	r = start(j, arena_printf(&a, "PILOTHOUSE_JOURNAL=%s", journal), ends, &pid, e);
	arena_done(&a);
	if (r)
		return r;
	r = read_all(ends[0], &out, e);
	close(ends[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!r && (!WIFEXITED(status) || WEXITSTATUS(status) > 1))
		r = err_set(e, ERR_SERVER, "journalctl failed (status %x)", (unsigned)status);
	return r ? r : journald_parse(out.s, out.n, fn, ctx, e);
}

static void done(struct witness *w)
{
	struct journald *j = (struct journald *)w;

	free(j->socket);
	free(j->reader);
	free(j);
}

static const struct witness_ops ops = { .tell = tell, .ask = ask, .free = done };

struct witness *journald_new(const char *socket, const char *reader)
{
	struct journald *j = x_alloc(sizeof(*j));

	j->witness.ops = &ops;
	j->socket = x_strdup(socket);
	j->reader = x_strdup(reader);
	return &j->witness;
}
