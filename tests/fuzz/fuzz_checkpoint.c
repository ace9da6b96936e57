/* links: attest base */
/* A signed note: what is read has its three lines, a text that is signed is the beginning of what came, and reading is strict
 * enough that the same bytes in other lines are another note. */
#include <stdlib.h>
#include <string.h>

#include "core/adapters/attest/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	const char *text = arena_strndup(&a, (const char *)data, size);
	struct attest_log log = { .name = "x", .host = "rekor.sigstore.dev" };
	struct err e = ERR_INIT;
	struct note n;
	int r = note_read(&n, text, &a, &e);

	demand(r == 0 || (r == PROOF_TLOG_CHECKPOINT && e.message[0]));
	if (r == 0) {
		demand(n.origin[0] && n.size >= 0 && n.root.n == MERKLE_HASH);
		demand(n.lines_n > 0 && n.lines_n <= NOTE_LINES_MAX);
		demand(n.text.n < strlen(text) && memcmp(n.text.p, text, n.text.n) == 0);
		demand(n.text.p[n.text.n - 1] == '\n');
		for (size_t i = 0; i < n.lines_n; i++)
			demand(n.lines[i].name[0] && n.lines[i].signature.n > 0);
		/* a log whose key nobody has signs nothing, though its lines are here */
		log.note_id = (struct span){ n.lines[0].id, sizeof(n.lines[0].id) };
		log.host = n.lines[0].name;
		demand(note_verify(&n, &log, &e) == PROOF_TLOG_CHECKPOINT);
	}
	arena_done(&a);
	return 0;
}
