/* links: attest base */
/* A statement, or behind a first byte of 'E' the body of a log entry of each kind: what is read is whole, what is refused has a
 * reason, and nothing is told of what was refused. */
#include <stdlib.h>
#include <string.h>

#include "core/adapters/attest/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static void an_entry(struct span body)
{
	static const char *const kinds[][2] = { { "hashedrekord", "0.0.1" },
						{ "dsse", "0.0.1" },
						{ "intoto", "0.0.2" },
						{ "hashedrekord", "0.0.2" },
						{ "dsse", "0.0.2" } };

	for (size_t i = 0; i < countof(kinds); i++)
		for (int message = 0; message < 2; message++) {
			struct bundle_entry en = { .kind = kinds[i][0],
						   .version = kinds[i][1],
						   .body = body };
			struct entry_body out;
			struct arena a = ARENA_INIT;
			struct err e = ERR_INIT;
			int r = entry_read(&out, &en, message, &a, &e);

			demand(r == 0 || (r == PROOF_TLOG_KIND && e.message[0]));
			if (r == 0)
				demand(i != 4 && out.algorithm && out.digest.n && out.signature.n &&
				       out.verifier.n);
			arena_done(&a);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct attest_statement s = { 0 };
	struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	int r;

	if (size && *data == 'E') {
		an_entry((struct span){ data + 1, size - 1 });
		return 0;
	}
	r = statement_read(&s, (struct span){ data, size }, &a, &e);
	demand(r == 0 ||
	       ((r == PROOF_ATT_PARSE || r == PROOF_ATT_VERSION || r == PROOF_ATT_LIMIT) && e.message[0]));
	if (r == 0) {
		demand(s.type && s.predicate);
		for (size_t i = 0; i < s.subjects_n; i++)
			demand(s.subjects[i].name && s.subjects[i].algorithm && s.subjects[i].hex);
	} else {
		demand(!s.type && !s.subjects_n);
	}
	arena_done(&a);
	return 0;
}
