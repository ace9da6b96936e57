/* links: attest base */
/* A certificate from anywhere: read, identified, followed to an authority, its promises verified. What is refused has its
 * sentence; what is told is whole. */
#include "base/text.h"

#include "fuzz/attest_root.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void identify(const struct attest_cert *c)
{
	struct arena a = ARENA_INIT;
	struct attest_identity id;
	struct err why = ERR_INIT;
	int k = attest_cert_identity(&id, c, &a, &why);

	demand((k == 0) == (id.san && id.san_kind != ATTEST_SAN_NONE));
	demand(k == 0 || why.message[0]);
	demand(!id.san || text_is_utf8(id.san, strlen(id.san)));
	for (int i = 0; i < ATTEST_OIDS; i++)
		demand(!id.oid[i] || (id.oid[i][0] && text_is_utf8(id.oid[i], strlen(id.oid[i]))));
	arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct when at = { INT64_C(1780315500000) }; /* 2026-06-01T12:05:00Z */
	struct span der = { data, size };
	struct attest_cert *c = NULL;
	struct attest_path path;
	struct err why = ERR_INIT;
	int64_t distinct;
	int k = attest_cert_read(&c, der, &why);

	demand(attest_cert_hint(der, NULL) >= 0);
	demand((k == 0) == (c != NULL) && (k == 0 || why.message[0]));
	if (!c)
		return 0;
	demand(span_eq(attest_cert_der(c), der) && attest_key_algorithm(attest_cert_key(c)));
	identify(c);
	k = attest_cert_chain(&path, c, fuzz_root(), &at, 1, &why);
	demand((k == 0) == (path.issuer != NULL));
	if (!path.issuer)
		path.issuer = attest_cert_key(c); /* the list is read all the same */
	k = attest_cert_scts(&distinct, c, &path, fuzz_root(), &why);
	demand((k == 0) == (distinct > 0));
	attest_cert_free(c);
	return 0;
}
