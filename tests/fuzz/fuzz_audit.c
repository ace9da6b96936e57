/* links: engine digest */
/*
 * A journal whose chain is whatever somebody wrote into it, hashed as it should be or not: verifying only reads, and does not
 * call whole what is not chained. A line of input is a line of the chain; one that begins with '!' bears a wrong hash.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/adapters/digest/digest.h"
#include "core/engine/audit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const char *at;
	size_t left;
	bool spoilt; /* a hash that was given is wrong */
};

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static int seal(void *ctx, const struct audit_event *ev, struct audit_line *out, struct arena *a,
		struct err *e)
{
	struct input *in = ctx;
	const char *end = memchr(in->at, '\n', in->left);
	size_t n = end ? (size_t)(end - in->at) : in->left;
	char *hash = arena_alloc(a, DIGEST_HEX);
	bool wrong = n && *in->at == '!';

	(void)ev, (void)e;
	out->line = arena_strndup(a, in->at + wrong, n - wrong);
	digest_sha256(out->line, strlen(out->line), hash);
	if (wrong)
		hash[0] = hash[0] == 'f' ? 'e' : 'f';
	out->hash = hash;
	in->spoilt = in->spoilt || wrong;
	in->at += n + (end != NULL);
	in->left -= n + (end != NULL);
	return 0;
}

static void fill(struct journal *j, struct input *in, struct arena *a)
{
	demand(audit_begin(j, (struct when){ 1 }, NULL) == 0);
	for (int i = 0; in->left && i < 16; i++) {
		struct intent twin, act = { .nonce = arena_printf(a, "%032d", i),
					    .act = "dispatch",
					    .lane = arena_printf(a, "l%d", i),
					    .created = { 1 } };

		demand(journal_add(j, &act, &twin, a, NULL) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const tails[] = { "journal.db", "journal.db-wal", "journal.db-shm" };
	struct input in = { (const char *)data, size, false };
	char memory[] = "/dev/shm/fuzz-audit-XXXXXX", disk[] = "/tmp/fuzz-audit-XXXXXX";
	const char *dir = mkdtemp(memory); /* each journal is flushed: a disk would be most of the time */
	struct audit_report report;
	struct arena a = ARENA_INIT;
	struct journal *j = NULL;
	struct err e = ERR_INIT;

	dir = dir ? dir : mkdtemp(disk);
	demand(dir != NULL);
	demand(journal_open(&j, arena_printf(&a, "%s/%s", dir, tails[0]), &e) == 0);
	audit_seal_with(j, seal, &in);
	fill(j, &in, &a);
	demand(audit_verify(j, digest_sha256, &report, &a, &e) == 0);
	demand(!in.spoilt || report.findings.n > 0);
	journal_close(j);
	for (size_t i = 0; i < countof(tails); i++)
		unlink(arena_printf(&a, "%s/%s", dir, tails[i]));
	rmdir(dir);
	arena_done(&a);
	return 0;
}
