#include "core/adapters/sshsig/internal.h"

#include <stdlib.h>

struct ssh {
	struct sign sign;
	const char *socket;
	const struct clock *clock;
};

static const struct bytes our_space = { (const unsigned char *)SIGN_NAMESPACE, sizeof(SIGN_NAMESPACE) - 1 };
static const struct bytes our_hash = { (const unsigned char *)"sha512", 6 };

static struct bytes bytes_of(const struct buf *b)
{
	return (struct bytes){ (const unsigned char *)b->s, b->n };
}

static int keys(struct sign *s, struct sign_keys *out, struct arena *a, struct err *e)
{
	const struct ssh *ssh = (const struct ssh *)s;

	return agent_keys(ssh->socket, ssh->clock, out, a, e);
}

/* What the agent gives is believed no more than anything else: it is checked before it is handed on. */
static int make(struct sign *s, const struct sign_key *key, const void *bytes, size_t n, struct buf *armoured,
		struct err *e)
{
	const struct ssh *ssh = (const struct ssh *)s;
	autofree(buf) struct buf message = BUF_INIT(4096), raw = BUF_INIT(SIGN_MAX / 2);
	struct sshsig sig = { .key = { key->blob, key->n }, .space = our_space, .hash = our_hash };
	int r = sshsig_message(&message, our_space, our_hash, bytes, n, e);

	if (r >= 0)
		r = agent_sign(ssh->socket, ssh->clock, key, &message, &raw, e);
	if (r < 0)
		return r;
	r = key_verify(sig.key, bytes_of(&raw), bytes_of(&message), e);
	if (r > 0)
		r = err_set(e, ERR_CORRUPT, "what the agent gave is no signature of that key");
	if (r < 0)
		return r;
	sig.signature = bytes_of(&raw);
	sshsig_write(armoured, &sig);
	return 0;
}

static int check(struct sign *s maybe_unused, const char *armoured, size_t armoured_n, const void *bytes,
		 size_t n, struct sign_key *key, struct arena *a, struct err *e)
{
	autofree(buf) struct buf raw = BUF_INIT(SIGN_MAX), message = BUF_INIT(4096);
	struct sshsig sig;
	int r = sshsig_read(&sig, &raw, armoured, armoured_n, e);

	if (r >= 0 && !bytes_are(sig.space, SIGN_NAMESPACE))
		r = err_set(e, ERR_INVALID, "it was made for another purpose, not for " SIGN_NAMESPACE);
	if (r >= 0)
		r = key_read(key, sig.key, a, e);
	if (r >= 0)
		r = sshsig_message(&message, sig.space, sig.hash, bytes, n, e);
	return r < 0 ? r : key_verify(sig.key, sig.signature, bytes_of(&message), e);
}

static int signers(struct sign *s maybe_unused, const char *text, size_t n, struct signers *out,
		   struct arena *a, struct err *e)
{
	return signers_read(out, text, n, a, e);
}

static void ssh_free(struct sign *s)
{
	free(s);
}

int sshsig_open(struct sign **out, const char *socket, const struct clock *clock, struct err *e maybe_unused)
{
	static const struct sign_ops ops = { keys, make, check, signers, ssh_free };
	struct ssh *ssh = x_alloc(sizeof(*ssh));

	*ssh = (struct ssh){ .sign.ops = &ops, .socket = socket, .clock = clock };
	*out = &ssh->sign;
	return 0;
}
