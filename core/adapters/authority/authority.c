#include "core/adapters/authority/internal.h"

#include <openssl/objects.h>

enum { DAYS = 24 * 3600 };

static const struct {
	const char *label, *usage;
	struct ca_names names;
} instances[] = {
	[AUTHORITY_PUBLIC] = { "public",
			       "codeSigning",
			       { "drill.invalid", "drill-root", "drill-intermediate" } },
	[AUTHORITY_GITHUB] = { "github",
			       "codeSigning",
			       { "Drill, Inc.", "Internal Drill Root", "Drill Intermediate l1" } },
};

static const struct {
	const char *label, *uri;
	int nid;
	bool sha384, embeds;
	struct ca_names names;
} stampers[] = {
	[AUTHORITY_PUBLIC] = { "public tsa",
			       "https://timestamp.drill.invalid/api/v1/timestamp",
			       NID_X9_62_prime256v1,
			       false,
			       true,
			       { "drill.invalid", "drill-tsa-root", "drill-tsa-intermediate" } },
	[AUTHORITY_GITHUB] = { "github tsa",
			       "timestamp.drill.invalid",
			       NID_secp384r1,
			       true,
			       false,
			       { "Drill, Inc.", "Internal Drill Root", "Drill Timestamping l1" } },
};

/* believed_from, believed_until: of the trusted root; its certificates are good all along. */
static void stamper_make(struct stamper *t, const struct authority *x, enum authority_instance which,
			 const char *label, struct when begins)
{
	key_make(&t->key, stampers[which].nid, x->seed, label);
	issuer_make(&t->ca, stampers[which].nid, x->seed, label, &stampers[which].names, begins,
		    "critical,timeStamping");
	t->cert = cert_stamper(&t->ca, &t->key, label, begins);
	t->sha384 = stampers[which].sha384;
	t->embeds = stampers[which].embeds;
	t->uri = stampers[which].uri;
	t->from = (struct when){ x->since.ms + AUTHORITY_GAP };
	t->until = x->until;
}

struct authority *authority_new(const char *seed, struct when since)
{
	struct authority *x = x_alloc(sizeof(*x));

	x->seed = arena_strdup(&x->arena, seed);
	x->since = (struct when){ since.ms / 1000 * 1000 };
	x->until = (struct when){ x->since.ms + (int64_t)9 * 365 * DAYS * 1000 };
	for (int i = AUTHORITY_PUBLIC; i <= AUTHORITY_GITHUB; i++) {
		issuer_make(&x->ca[i], NID_secp384r1, x->seed, instances[i].label, &instances[i].names,
			    x->since, instances[i].usage);
		stamper_make(&x->tsa[i], x, i, stampers[i].label, x->since);
	}
	stamper_make(&x->former, x, AUTHORITY_PUBLIC, "former tsa", x->since);
	x->former.from = (struct when){ x->since.ms - (int64_t)2 * 365 * DAYS * 1000 };
	x->former.until = (struct when){ x->since.ms - (int64_t)365 * DAYS * 1000 };
	key_make(&x->ct, NID_X9_62_prime256v1, x->seed, "ct");
	key_make(&x->managed, NID_X9_62_prime256v1, x->seed, "managed");
	x->logs[0] = (struct log){ .name = "rekor.drill.invalid", .generation = 1 };
	x->logs[1] = (struct log){ .name = "log2.rekor.drill.invalid", .generation = 2 };
	key_make(&x->logs[0].key, NID_X9_62_prime256v1, x->seed, "rekor");
	key_make(&x->logs[1].key, NID_ED25519, x->seed, "rekor 2");
	return x;
}

static void stamper_drop(struct stamper *t)
{
	issuer_drop(&t->ca);
	key_drop(&t->key);
	X509_free(t->cert);
}

void authority_free(struct authority *x)
{
	if (!x)
		return;
	for (int i = AUTHORITY_PUBLIC; i <= AUTHORITY_GITHUB; i++) {
		issuer_drop(&x->ca[i]);
		stamper_drop(&x->tsa[i]);
		key_drop(&x->logs[i].key);
	}
	stamper_drop(&x->former);
	key_drop(&x->ct);
	key_drop(&x->managed);
	arena_done(&x->arena);
	free(x);
}

const char *authority_key(const struct authority *x, struct arena *a)
{
	return key_pem(&x->managed, a);
}
