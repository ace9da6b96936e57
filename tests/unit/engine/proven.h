/*
 * proven.h - what a look would have found of the releases of easy/prod. The engines of rig.h have no verifier and look at
 * nothing, and without proofs none of them lets production go (without_proofs_nothing_goes of test_plan.c).
 */
#pragma once

#include "fake_act.h"

#include "core/adapters/digest/digest.h"
#include "store/proofs.h"

/* Of what the fake forge holds when its assets are of that release; rigs hash by either function. */
static inline void proven_digest(const char *release, sha256_fn sha256, char out[7 + DIGEST_HEX])
{
	struct fake f = { .asset_tag = release };
	struct call c = { .f = &f };
	struct forge_answer a = { 0 };

	answer_asset(&f, &c, &a);
	memcpy(out, "sha256:", 7);
	sha256(a.text, (size_t)a.number, out + 7);
	arena_done(&c.answer);
}

static inline void proven(struct store *cache, int status, struct when at)
{
	static const char *const releases[] = { "v0.9.2", "v0.9.3", "v0.9.4" };
	static const char *const subjects[] = { "trusted_values", "gcp-image", "example-images" };
	static const sha256_fn functions[] = { rig_digest, digest_sha256 };
	struct proof_book books[countof(releases) * (countof(subjects) * countof(functions) + 1)];
	char digests[countof(functions) * countof(releases) + 1][7 + DIGEST_HEX];
	struct err e = ERR_INIT;
	size_t n = 0;

	/* a row for whatever release the test has the assets be of */
	memcpy(digests[countof(digests) - 1], "sha256:" HEX64, 7 + DIGEST_HEX); /* of the images */
	for (size_t i = 0; i < countof(digests) - 1; i++)
		proven_digest(releases[i / 2], functions[i % 2], digests[i]);
	for (size_t i = 0; i < countof(releases); i++)
		for (size_t j = 0; j < countof(digests); j++)
			books[n++] = (struct proof_book){
				.row = { .release = releases[i],
					 .subject = subjects[j % countof(subjects)],
					 .digest = digests[j],
					 .check = "provenance",
					 .required = true,
					 .strict = true,
					 .status = status,
					 .reason = status == PROOF_VERIFIED ? PROOF_OK : PROOF_ATT_NONE,
					 .detail = status == PROOF_VERIFIED ? "" : "nothing vouches for it",
					 .source = "the forge",
					 .evidence = "",
					 .root = "",
					 .builder = "rollout.yml@refs/tags/v0.9.4",
					 .commit = "",
					 .at = at },
			};
	if (store_proofs_put(cache, "easy/prod", books, n, &e) < 0)
		fail_msg("%s", e.message);
}
