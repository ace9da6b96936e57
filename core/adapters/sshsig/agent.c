/*
 * agent.c - two questions to an agent (draft-ietf-sshm-ssh-agent): which keys it has, and a signature.
 *
 * Whoever listens there may be anybody: an answer is at most AGENT_MESSAGE_MAX long, comes before its time is over however
 * it dribbles, and is parsed to its last byte. One connection a question.
 */
#include "core/adapters/sshsig/internal.h"

#include "base/rendezvous.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { REQUEST_IDENTITIES = 11, IDENTITIES_ANSWER = 12, SIGN_REQUEST = 13, SIGN_RESPONSE = 14 };
enum { RSA_SHA2_512 = 4 };

#define LIST_MS 5000
#define SIGN_MS 60000 /* a person may have to touch or confirm a key */

struct talk {
	int fd;
	const struct clock *clock;
	msec until;
};

static int offline(struct err *e, const char *what)
{
	err_set(e, ERR_OFFLINE, "%s", what);
	return err_hint(e, "start ssh-agent and ssh-add a key, or forward yours");
}

/* 0 when the descriptor is ready. */
static int wait_for(const struct talk *t, short events, struct err *e)
{
	struct pollfd p = { .fd = t->fd, .events = events };
	msec left = t->until - clock_mono(t->clock);
	int n = left > 0 ? poll(&p, 1, (int)left) : 0;

	if (n > 0 || (n < 0 && errno == EINTR))
		return 0;
	return err_set(e, ERR_OFFLINE, "the agent does not answer");
}

static int say(const struct talk *t, const struct buf *message, struct err *e)
{
	for (size_t done = 0; done < message->n;) {
		ssize_t n = send(t->fd, message->s + done, message->n - done, MSG_NOSIGNAL | MSG_DONTWAIT);
		int r = n < 0 && errno == EAGAIN ? wait_for(t, POLLOUT, e) : 0;

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			r = offline(e, "the agent hung up");
		if (r < 0)
			return r;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int hear(const struct talk *t, struct buf *out, size_t want, struct err *e)
{
	unsigned char chunk[4096];

	while (out->n < want) {
		size_t left = want - out->n;
		ssize_t n = recv(t->fd, chunk, left < sizeof(chunk) ? left : sizeof(chunk), MSG_DONTWAIT);
		int r = n < 0 && errno == EAGAIN ? wait_for(t, POLLIN, e) : 0;

		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			r = err_set(e, ERR_OFFLINE, "the agent hung up");
		if (r < 0)
			return r;
		if (n > 0)
			buf_add(out, chunk, (size_t)n);
	}
	return 0;
}

/* Never waits: where the line of those who wait is full, this agent hears nobody. */
static int call(struct talk *t, const char *path, struct err *e)
{
	struct sockaddr_un un;
	int dirfd, r = rendezvous_address(&un, path, &dirfd);
	bool busy = false;

	t->fd = r < 0 ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t->fd >= 0 && connect(t->fd, (const struct sockaddr *)&un, sizeof(un)) < 0) {
		busy = errno == EAGAIN;
		close(t->fd);
		t->fd = -1;
	}
	if (r >= 0 && dirfd >= 0)
		close(dirfd);
	if (busy)
		return err_set(e, ERR_OFFLINE, "the agent does not answer");
	return t->fd < 0 ? offline(e, "no agent listens at SSH_AUTH_SOCK") : 0;
}

/* The body of its answer, without type; the type must be the one wanted. */
static int exchange(const char *path, const struct clock *c, msec patience, const struct buf *question,
		    unsigned char wanted, struct buf *answer, struct err *e)
{
	struct talk t = { .clock = c, .until = clock_mono(c) + patience };
	autofree(buf) struct buf message = BUF_INIT(AGENT_MESSAGE_MAX + 4);
	struct wire w;
	size_t n;
	int r;

	if (!path || !*path)
		return offline(e, "SSH_AUTH_SOCK is not set");
	r = call(&t, path, e);
	if (r < 0)
		return r;
	put_string(&message, question->s, question->n);
	r = message.over ? err_set(e, ERR_INVALID, "too long for an agent") : say(&t, &message, e);
	buf_reset(&message);
	if (r >= 0)
		r = hear(&t, &message, 4, e);
	w = (struct wire){ (const unsigned char *)message.s, message.n, false };
	n = wire_u32(&w);
	if (r >= 0 && (!n || n > AGENT_MESSAGE_MAX))
		r = err_set(e, ERR_CORRUPT, "the agent's answer has no sensible length");
	if (r >= 0)
		r = hear(&t, &message, 4 + n, e);
	close(t.fd);
	if (r >= 0 && (unsigned char)message.s[4] != wanted)
		r = err_set(e, ERR_FORBIDDEN, "the agent refused");
	if (r >= 0)
		buf_add(answer, message.s + 5, message.n - 5);
	return r;
}

/* What signs in no way that is accepted here (certificates, hardware keys of other kinds) is left out. */
int agent_read_keys(struct bytes body, struct sign_keys *out, struct arena *a, struct err *e)
{
	struct wire w = wire_of(body);
	uint32_t n = wire_u32(&w);

	if (n > AGENT_KEYS_MAX)
		return err_set(e, ERR_CORRUPT, "the agent says that it has %u keys", (unsigned)n);
	for (uint32_t i = 0; i < n && !w.bad; i++) {
		struct bytes blob = wire_string(&w), comment = wire_string(&w);
		struct sign_key key;

		if (w.bad || key_read(&key, blob, a, NULL) < 0)
			continue;
		key.comment = arena_strndup(a, (const char *)comment.p, comment.n);
		*vec_push(out, a) = key;
	}
	return wire_is_done(&w) ? 0 : err_set(e, ERR_CORRUPT, "the agent's answer is damaged");
}

int agent_keys(const char *socket, const struct clock *c, struct sign_keys *out, struct arena *a,
	       struct err *e)
{
	autofree(buf) struct buf question = BUF_INIT(16), answer = BUF_INIT(AGENT_MESSAGE_MAX);
	int r;

	buf_chr(&question, REQUEST_IDENTITIES);
	r = exchange(socket, c, LIST_MS, &question, IDENTITIES_ANSWER, &answer, e);
	if (r < 0)
		return r;
	return agent_read_keys((struct bytes){ (const unsigned char *)answer.s, answer.n }, out, a, e);
}

int agent_sign(const char *socket, const struct clock *c, const struct sign_key *key, const struct buf *data,
	       struct buf *signature, struct err *e)
{
	autofree(buf) struct buf question = BUF_INIT(AGENT_MESSAGE_MAX), answer = BUF_INIT(AGENT_MESSAGE_MAX);
	struct bytes sig;
	struct wire w;
	int r;

	buf_chr(&question, SIGN_REQUEST);
	put_string(&question, key->blob, key->n);
	put_string(&question, data->s, data->n);
	put_u32(&question, strcmp(key->type, "ssh-rsa") == 0 ? RSA_SHA2_512 : 0);
	r = exchange(socket, c, SIGN_MS, &question, SIGN_RESPONSE, &answer, e);
	if (r < 0)
		return r;
	w = (struct wire){ (const unsigned char *)answer.s, answer.n, false };
	sig = wire_string(&w);
	if (!wire_is_done(&w))
		return err_set(e, ERR_CORRUPT, "the agent's answer is damaged");
	buf_add(signature, sig.p, sig.n);
	return 0;
}
