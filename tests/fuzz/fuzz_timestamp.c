/* links: attest base */
/* An RFC 3161 response from anywhere, over the signature of the seeds: it is refused with a sentence, or it tells the time of
 * the one authority there is. */
#include "fuzz/attest_root.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char over[] = "signature bytes", other[] = "other bytes and";
	struct attest_time t;
	struct err why = ERR_INIT;
	int k = attest_timestamp(&t, (struct span){ data, size }, (struct span){ over, 15 }, fuzz_root(),
				 &why);

	if (k == 0)
		demand(strcmp(t.authority, "https://tsa.example") == 0 && when_known(t.at) && !t.log);
	else
		demand((k == PROOF_TSA_BAD || k == PROOF_ATT_LIMIT) && why.message[0] && !t.authority &&
		       !when_known(t.at));
	demand(attest_timestamp(&t, (struct span){ data, size }, (struct span){ other, 15 }, fuzz_root(),
				NULL));
	return 0;
}
