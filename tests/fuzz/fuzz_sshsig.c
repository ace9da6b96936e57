/* links: sshsig base */
/* The first byte says what follows: S an armoured signature, L a list of signers, A what an agent answers. Whatever comes, a
 * refusal has its reason, a key that is accepted has its fingerprint, and nothing of it signs what it was not made over. */
#include <stdlib.h>

#include "core/adapters/sshsig/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static void a_signature(const char *text, size_t n)
{
	autofree(buf) struct buf raw = BUF_INIT(SIGN_MAX), again = BUF_INIT(4 * SIGN_MAX),
				 raw2 = BUF_INIT(SIGN_MAX);
	struct arena a = ARENA_INIT;
	struct clock clock;
	struct sign *s = NULL;
	struct sshsig sig, twice;
	struct sign_key key = { 0 };
	struct err e = ERR_INIT;
	int r = sshsig_read(&sig, &raw, text, n, &e);

	demand(r == 0 || (r == -ERR_CORRUPT && e.message[0]));
	if (r == 0) {
		sshsig_write(&again, &sig);
		demand(sshsig_read(&twice, &raw2, again.s, again.n, &e) == 0);
		demand(twice.key.n == sig.key.n && twice.signature.n == sig.signature.n);
	}
	clock_manual(&clock, (struct when){ 1 });
	demand(sshsig_open(&s, NULL, &clock, &e) == 0);
	r = s->ops->check(s, text, n, "another plan", 12, &key, &a, &e);
	demand(r != 0);
	s->ops->free(s);
	arena_done(&a);
}

static void a_list(const char *text, size_t n)
{
	struct arena a = ARENA_INIT;
	struct signers list = { 0 };
	struct err e = ERR_INIT;
	int r = signers_read(&list, text, n, &a, &e);

	demand(r == 0 || (r == -ERR_INVALID && e.message[0]));
	demand(list.n <= SIGNERS_MAX);
	vec_each (s, &list) {
		demand(s->principals && s->principals[0] && s->line > 0);
		demand(s->refused || (s->fingerprint[0] && s->principals[0][0]));
	}
	arena_done(&a);
}

static void an_agent(const uint8_t *p, size_t n)
{
	struct arena a = ARENA_INIT;
	struct sign_keys keys = { 0 };
	struct err e = ERR_INIT;
	int r = agent_read_keys((struct bytes){ p, n }, &keys, &a, &e);

	demand(r == 0 || (r == -ERR_CORRUPT && e.message[0]));
	vec_each (k, &keys)
		demand(k->n && k->type && !strncmp(k->fingerprint, "SHA256:", 7) && k->comment);
	arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && data[0] == 'S')
		a_signature((const char *)data + 1, size - 1);
	else if (size && data[0] == 'L')
		a_list((const char *)data + 1, size - 1);
	else if (size && data[0] == 'A')
		an_agent(data + 1, size - 1);
	return 0;
}
